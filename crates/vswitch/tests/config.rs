//! What a configuration may not say, and what stays the same from one to the next.

mod common;
use common::*;
use types::*;
use vswitch::*;
use wire::net::*;

type Edit = Box<dyn Fn(&mut NetConfig)>;

#[test]
fn a_wrong_configuration_is_refused_whole() {
    let a = net().nic("a").clone();
    let b = net().nic("b").clone();
    let vpc = VpcId::from_random(0);
    let absent = VpcId::from_random(77);
    // (row, what is made wrong, the error)
    let rows: Vec<(&str, Edit, ConfigError)> = vec![
        ("format", Box::new(|c| c.format = 9), ConfigError::Format { found: 9, known: wire::FORMAT }),
        ("a system VNI", Box::new(|c| c.vpcs[0].vni = Vni::INTERNET), ConfigError::Vni { vpc, vni: Vni::INTERNET }),
        (
            "one VNI for two",
            Box::new(|c| c.vpcs[1].vni = c.vpcs[0].vni),
            ConfigError::Vni { vpc: VpcId::from_random(1), vni: Vni::try_from(5000).unwrap() },
        ),
        ("no CIDR", Box::new(|c| c.vpcs[0].cidrs.clear()), ConfigError::NoCidr { vpc }),
        (
            "an address twice",
            Box::new(|c| c.vpcs[0].interfaces[1].ipv4 = c.vpcs[0].interfaces[0].ipv4.clone()),
            ConfigError::DuplicateAddress { vpc, address: a.ip().into() },
        ),
        (
            "a link address twice",
            Box::new(|c| c.vpcs[0].interfaces[1].mac = c.vpcs[0].interfaces[0].mac),
            ConfigError::DuplicateMac { vpc, mac: a.mac },
        ),
        (
            "the router's link address",
            Box::new(|c| c.ports[0].mac = ROUTER_MAC),
            ConfigError::DuplicateMac { vpc, mac: ROUTER_MAC },
        ),
        (
            "two ports with one link address",
            Box::new(|c| c.ports[1].mac = c.ports[0].mac),
            ConfigError::DuplicateMac { vpc, mac: a.mac },
        ),
        ("a port twice", Box::new(|c| c.ports.push(c.ports[0].clone())), ConfigError::DuplicatePort { port: a.id() }),
        (
            "a VPC that is not there",
            Box::new(move |c| c.ports[0].vpc = absent),
            ConfigError::UnknownVpc { port: a.id(), vpc: absent },
        ),
        (
            "a table that is not there",
            Box::new(|c| c.ports[0].route_table = RouteTableId::from_random(9)),
            ConfigError::UnknownRouteTable { port: a.id(), table: RouteTableId::from_random(9) },
        ),
        (
            "a group that is not there",
            Box::new(|c| c.ports[0].groups.push(group(99))),
            ConfigError::UnknownGroup { port: a.id(), group: group(99) },
        ),
        (
            "no address",
            Box::new(|c| c.ports[0].ipv4.clear()),
            ConfigError::NoAddress { port: a.id(), subnet: cidr("10.0.1.0/24") },
        ),
        (
            "an address of another subnet",
            Box::new(|c| c.ports[0].ipv4 = vec![ip("10.0.2.5")]),
            ConfigError::NoAddress { port: a.id(), subnet: cidr("10.0.1.0/24") },
        ),
        ("a tiny MTU", Box::new(|c| c.ports[1].mtu = 100), ConfigError::Mtu { port: b.id(), mtu: 100 }),
        (
            "a public address twice",
            Box::new(|c| c.ports[2].public[0].public = c.ports[0].public[0].public),
            ConfigError::PublicMapping { public: ip("198.18.0.5") },
        ),
        (
            "a public address of another's private one",
            Box::new(|c| c.ports[0].public[0].private = ip("10.0.1.6")),
            ConfigError::PublicMapping { public: ip("198.18.0.5") },
        ),
    ];
    let mut w = World::new(net());
    let generation = w.switches[&HOST1].generation();
    for (row, edit, error) in rows {
        let mut config = w.net.config(HOST1);
        config.generation = Generation(99);
        edit(&mut config);
        assert_eq!(w.switches.get_mut(&HOST1).unwrap().configure(&config, 0), Err(error), "{row}");
        assert_eq!(w.switches[&HOST1].generation(), generation, "{row}");
        w.expect(row, "a", &w.udp("a", "10.0.2.8", (1, 2), b""), Verdict::Deliver("d"));
    }
}

#[test]
fn indexes_counters_and_flows_stay_with_the_interface() {
    let mut w = World::new(net());
    let (a, b, x) = (w.index("a"), w.index("b"), w.index("x"));
    w.expect("flow", "b", &w.udp("b", "10.0.2.8", (1, 2), b""), Verdict::Deliver("d"));
    let gone = w.net.nics.remove(0);
    w.apply();
    assert_eq!((w.index("b"), w.index("x")), (b, x));
    assert!(w.switches[&HOST1].port(gone.id()).is_none() && w.switches[&HOST1].port_stats(a).is_none());
    w.net.nics.push(nic("new", HOST1, 0, "10.0.1.50", &[1]));
    w.apply();
    assert_eq!((w.index("new"), w.index("b")), (a, b), "a free index is used again");
    assert_eq!((w.stats("b").tx_frames, w.stats("new").tx_frames), (1, 0));
    let flows: Vec<FlowView> = w.switches[&HOST1].port_flows(b).collect();
    assert_eq!((flows.len(), flows[0].remote, flows[0].out_packets, flows[0].state), (1, any_ip("10.0.2.8"), 1, "new"));
    w.switches.get_mut(&HOST1).unwrap().forget_flows(b);
    assert_eq!(w.switches[&HOST1].flows(), 0);
}

#[test]
fn a_large_vpc_compiles_in_bounded_time() {
    let mut n = net();
    n.nics.retain(|n| n.name == "a");
    let mut config = n.config(HOST1);
    let entry = config.vpcs[0].interfaces[0].clone();
    for i in 0..50_000u32 {
        let mut other = entry.clone();
        other.id = InterfaceId::from_random(u128::from(i) << 64 | 5);
        other.mac = MacAddr::from_random(u64::from(i) | 1 << 32);
        other.ipv4 = vec![std::net::Ipv4Addr::from(0x0a01_0000 + i)];
        other.underlay = Some(std::net::Ipv4Addr::from(0x7f02_0000 + i / 50));
        other.groups = vec![group(3)];
        config.vpcs[0].interfaces.push(other);
    }
    config.ports[0].groups = vec![group(3)];
    let mut s = Switch::new(Options::new(1));
    let begun = std::time::Instant::now();
    s.configure(&config, 0).unwrap();
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    eprintln!("50,000 interfaces: {:?}", begun.elapsed());
}

#[test]
fn names_of_reasons_are_kebab_case_and_different() {
    let names: std::collections::BTreeSet<&str> = DropReason::ALL.iter().map(|r| r.name()).collect();
    assert_eq!(names.len(), DropReason::COUNT);
    assert!(names.iter().all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')));
}
