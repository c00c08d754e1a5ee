//! The tree from full answers, and from what is left when the controllers are dead.

use super::*;
use crate::setup::tests::example;
use types::Generation;
use wire::api::InstanceSummary;
use wire::cell::{CellInstanceReport, HostSummary};
use wire::host::{Capacity, HostReport, InstanceReport};

fn id() -> InstanceId {
    "i-0123456789abcdef0".parse().unwrap()
}

fn silent() -> Answers {
    Answers {
        supervisor: Err("gone".into()),
        region: Err("gone".into()),
        edge: Err("gone".into()),
        cells: BTreeMap::new(),
        agents: BTreeMap::new(),
        ledgers: BTreeMap::new(),
        storage: BTreeMap::new(),
        index: BTreeMap::new(),
        refusals: BTreeMap::new(),
        root_key: "in a file of mode 0600".into(),
    }
}

fn agent(host: &str) -> AgentStatus {
    let report = HostReport {
        balancers: Vec::new(),
        format: 1,
        host: host.parse().unwrap(),
        incarnation: 1,
        sequence: 1,
        applied: Generation(4),
        card_applied: Generation(4),
        capacity: Capacity::default(),
        instances: vec![InstanceReport {
            id: id(),
            state: VmState::Running,
            boot: 1,
            reboot: 0,
            reachability: Reachability::Ok,
            started_ms: 1,
            pid: Some(1),
            size: Capacity::default(),
            interfaces: vec![],
        }],
        acceleration: "tcg".into(),
        problems: vec![],
    };
    AgentStatus { report, cell_reachable: false }
}

fn ledger(host: &str) -> HostConfig {
    let config = serde_json::json!({
        "format": 1, "host": host, "cell": "a1", "generation": 4,
        "instances": [{
            "id": id(), "desired": "running", "image": "micro", "vcpus": 1, "memory_mib": 64, "root_disk_gib": 1,
            "interfaces": ["eni-0123456789abcdef0"], "boot": 1, "reboot": 0, "on_guest_shutdown": "stop"
        }],
        "net": {
            "format": 1, "host": host, "generation": 4, "underlay": "127.64.0.1", "vpcs": [],
            "ports": [{
                "id": "eni-0123456789abcdef0", "vpc": "vpc-0123456789abcdef0", "subnet": "subnet-0123456789abcdef0",
                "subnet_cidr": "10.0.0.0/24", "mac": "06:00:00:00:00:01", "ipv4": ["10.0.0.5"],
                "public": [{"private": "10.0.0.5", "public": "198.18.7.9"}], "groups": [],
                "route_table": "rtb-0123456789abcdef0", "source_dest_check": true, "mtu": 1500,
                "dhcp": {"hostname": "h", "domain": "d", "dns_servers": [], "lease_seconds": 60}, "metadata": null
            }],
            "internet": {"pool": null, "addresses": [], "edge": null}
        }
    });
    serde_json::from_value(config).unwrap()
}

#[test]
fn everything_silent_still_draws_the_tree() {
    let settings = example(3, 1, 2);
    let tree = build(&settings, &silent());
    let text = draw(&tree);
    assert_eq!(text.lines().filter(|l| l.contains("host ") && l.contains("silent")).count(), 6, "{text}");
    assert!(text.contains("control plane does not answer") && text.contains("└─ us-east-1c"), "{text}");
}

#[test]
fn a_dead_control_plane_and_cell_leave_agents_ledgers_and_edge() {
    let settings = example(1, 1, 1);
    let mut a = silent();
    let cell: CellId = "a1".parse().unwrap();
    let host: HostId = "a1-h1".parse().unwrap();
    a.cells.insert(cell, Err("connection refused".into()));
    a.agents.insert(host.clone(), Ok(agent("a1-h1")));
    a.ledgers.insert(host, ledger("a1-h1"));
    a.edge = Ok(EdgeStatus {
        generation: Generation(1),
        aliases: vec![
            AliasStatus {
                public: "198.18.7.9".parse().unwrap(),
                instance: None,
                alias: "127.18.7.9".parse().unwrap(),
                tcp: vec![(22, 10022), (8080, 8080)],
                udp: vec![],
            },
            AliasStatus {
                public: "2001:db8:5c00::9".parse().unwrap(),
                instance: Some("i-0123456789abcdef0".parse().unwrap()),
                alias: "127.20.7.44".parse().unwrap(),
                tcp: vec![(80, 80)],
                udp: vec![(53, 53)],
            },
        ],
        host_route: None,
        connections: 0,
        drops: BTreeMap::new(),
        problems: vec![],
    });
    let text = draw(&build(&settings, &a));
    let line = text.lines().find(|l| l.contains("i-0123")).unwrap();
    let four = "running (ok)  10.0.0.5  198.18.7.9  alias 127.18.7.9 (ports 22 at 10022, 8080)";
    assert!(line.ends_with(&format!("{four}  2001:db8:5c00::9  alias 127.20.7.44 (ports 80, 53/udp)")), "{text}");
    assert!(text.contains("hosts were asked themselves") && text.contains("host a1-h1  healthy"), "{text}");
}

#[test]
fn what_every_host_says_is_said_once() {
    let settings = example(1, 1, 2);
    let mut a = silent();
    for host in ["a1-h1", "a1-h2"] {
        let mut status = agent(host);
        status.report.problems = vec!["no kernel".into(), format!("only {host}")];
        a.agents.insert(host.parse().unwrap(), Ok(status));
    }
    let text = draw(&build(&settings, &a));
    assert_eq!((text.matches("no kernel").count(), text.matches("! only a1-h1").count()), (1, 1), "{text}");
}

#[test]
fn the_region_names_what_the_cell_reports() {
    let settings = example(1, 1, 1);
    let mut a = silent();
    let summary = HostSummary {
        host: "a1-h1".parse().unwrap(),
        underlay: "127.64.0.1".parse().unwrap(),
        health: HostHealth::Silent,
        capacity: Capacity::default(),
        free: Capacity { vcpus: 3, memory_mib: 100, disk_gib: 1 },
        applied: Generation(6),
        card_applied: Generation(5),
        wanted: Generation(7),
        acceleration: String::new(),
        problems: vec![],
        off: false,
    };
    let report = CellReport {
        dedicated_hosts_refused: Vec::new(),
        spot_price: None,
        notices: Vec::new(),
        balancers: Vec::new(),
        ended_runs: vec![],
        room: None,
        format: 1,
        cell: "a1".parse().unwrap(),
        az: "us-east-1a".parse().unwrap(),
        applied: Generation(9),
        hosts: vec![summary],
        instances: vec![CellInstanceReport {
            id: id(),
            host: "a1-h1".parse().unwrap(),
            state: VmState::Running,
            boot: 1,
            reboot: 0,
            reachability: Reachability::Impaired,
            started_ms: 0,
            current: false,
            no_room: false,
            interfaces: vec![],
        }],
    };
    a.cells.insert("a1".parse().unwrap(), Ok(report));
    a.region = Ok(RegionStatus {
        accounts: vec![],
        cells: vec![],
        instances: vec![InstanceSummary {
            account: "123456789012".parse().unwrap(),
            instance: id(),
            interface: None,
            state: "running".into(),
            host: Some("a1-h1".parse().unwrap()),
            private_ip: Some("10.0.0.5".parse().unwrap()),
            public_ip: None,
            name: Some("web".into()),
            volume: None,
            cell_why: String::new(),
            interrupted: None,
            placed_why: String::new(),
        }],
        impaired: vec!["us-east-1a".parse().unwrap()],
        impaired_cells: vec!["a1".parse().unwrap()],
        routers: vec![],
        balancers: vec![],
    });
    let text = draw(&build(&settings, &a));
    assert!(text.contains("silent  127.64.9.2  generation 6 of 7 (card 5)  free 3 vCPUs, 100 MiB"), "{text}");
    assert!(text.contains("running (last known)  10.0.0.5  web"), "{text}");
    assert!(text.contains("us-east-1a  impaired: takes no new instances"), "{text}");
    assert!(text.contains("impaired: launches go elsewhere\n"), "{text}");
}
