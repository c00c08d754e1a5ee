//! Frames a second from guest to guest, in-process front ends in place of VMs: `cargo bench -p card --bench throughput`.
//!
//! One generator thread drives both guests' rings and each card has its own thread, so on a machine with two cores the
//! path through VXLAN shares them three ways. Security groups are on (10 rules, then 1,000, of which one allows the load) and
//! every packet is tracked.

mod load;

use card::imds::token::Tokens;
use card::testing::{Front, FrontOptions, Layout, TestGuest, net_config};
use card::worker::{WorkerHandle, WorkerOptions};
use load::{Addresses, CASES, Ends, SwitchThreads, TARGET_PORT};
use std::net::Ipv4Addr;
use types::{Ipv4Cidr, SecurityGroupRuleId};
use wire::net::{Direction, PeerMatch, ProtocolMatch, SecurityRule};

/// Rules of the security group.
const RULES: [usize; 2] = [10, 1000];

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

fn card(dir: &std::path::Path, host: &str, underlay: Ipv4Addr, guests: &[TestGuest], rules: usize) -> WorkerHandle {
    let ports = dir.to_owned();
    let worker = WorkerHandle::spawn(WorkerOptions {
        port_socket: Box::new(move |id| ports.join(id.to_string())),
        balancer_socket: Box::new(|id| std::path::PathBuf::from(format!("/nowhere/{id}"))),
        forward_socket: dir.join(format!("{host}.fwd")),
        tokens: Tokens::new(&[1; 32]),
        flows: std::sync::mpsc::sync_channel(1).0,
        handed: tokio::sync::mpsc::channel(1).0,
        kept: None,
        keeping: card::keeping::Keeping::default(),
        links: None,
    })
    .expect("a card");
    let mut config = net_config(&host.parse().expect("a host's name"), 1, underlay, guests);
    config.vpcs[0].security_groups[0].rules = security_rules(rules);
    runtime().block_on(worker.configure(config)).expect("a good configuration");
    worker
}

/// `count` rules in, of different sources and ports, the last of which allows the load; everything may go out.
fn security_rules(count: usize) -> Vec<SecurityRule> {
    let rule = |n: usize, direction, protocol, peer| SecurityRule {
        id: SecurityGroupRuleId::from_random(n as u128),
        direction,
        protocol,
        peer: PeerMatch::Cidr(peer),
    };
    let decoy = |n: usize| {
        let port = 20_000 + n as u16;
        let peer = Ipv4Cidr::host(Ipv4Addr::from(0xc0a8_0000 + n as u32));
        rule(n, Direction::Ingress, ProtocolMatch::Udp { from: port, to: port }, peer)
    };
    let load = ProtocolMatch::Udp { from: TARGET_PORT, to: TARGET_PORT + 1 };
    let ends = [
        rule(count, Direction::Ingress, load, Ipv4Cidr::ALL),
        rule(count + 1, Direction::Egress, ProtocolMatch::All, Ipv4Cidr::ALL),
    ];
    (1..count).map(decoy).chain(ends).collect()
}

/// Two guests' front ends.
struct Rings {
    a: Front,
    b: Front,
}

impl Ends for Rings {
    fn send(&mut self, frames: &[Vec<u8>]) -> usize {
        let taken = frames.iter().take_while(|f| self.a.queue(f)).count();
        self.a.kick();
        taken
    }

    fn receive(&mut self) -> u64 {
        let mut n = 0;
        self.b.rx.reap(&self.b.memory, |_, _| n += 1);
        self.b.rx.refill(&self.b.memory);
        n
    }

    fn answer(&mut self, frames: &[Vec<u8>]) -> usize {
        let taken = frames.iter().take_while(|f| self.b.queue(f)).count();
        self.b.kick();
        self.a.rx.reap(&self.a.memory, |_, _| ());
        self.a.rx.refill(&self.a.memory);
        taken
    }
}

fn main() {
    // Of several sizes, only these: for a profile of one path.
    let only: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let path_only = std::env::var("BENCH_PATH").ok();
    load::header();
    let paths = [("card, port to port", false), ("card, VXLAN, card", true)];
    for (path, two_hosts, rules) in paths.into_iter().flat_map(|(path, two)| RULES.map(|rules| (path, two, rules))) {
        if path_only.as_ref().is_some_and(|p| p != path) {
            continue;
        }
        let dir = tempfile::tempdir().expect("a directory");
        let address = |n: u8| Ipv4Addr::new(127, 90, (std::process::id() >> 8) as u8, (std::process::id() as u8 & 0x7f) * 2 + n);
        let (here, there) = (address(0), if two_hosts { address(1) } else { address(0) });
        let guests = [TestGuest { vpc: 1, n: 0, underlay: here }, TestGuest { vpc: 1, n: 1, underlay: there }];
        let mut cards = vec![card(dir.path(), "a1-h1", here, &guests, rules)];
        if two_hosts {
            cards.push(card(dir.path(), "a1-h2", there, &guests, rules));
        }
        let front = |g: &TestGuest| {
            let options =
                FrontOptions { tx_layout: Layout::Single, rx_buffer_bytes: 9216, queue_size: 512, ..FrontOptions::default() };
            Front::connect(&dir.path().join(g.interface().to_string()), options).expect("a front end")
        };
        let mut rings = Rings { a: front(&guests[0]), b: front(&guests[1]) };
        let addresses = Addresses {
            source_mac: guests[0].mac().0,
            target_mac: vswitch::ROUTER_MAC.0,
            far_mac: guests[1].mac().0,
            answer_mac: vswitch::ROUTER_MAC.0,
            source: guests[0].ip().octets(),
            target: guests[1].ip().octets(),
        };
        let switch = SwitchThreads { pid: std::process::id(), name: Some("card") };
        for case in CASES.into_iter().filter(|(bytes, _)| only.is_empty() || only.contains(bytes)) {
            load::run(&format!("{path}, {rules} rules"), case, &addresses, &mut rings, Some(&switch));
        }
        for card in &cards {
            let status = runtime().block_on(card.status()).expect("a status");
            if !status.drops.is_empty() {
                println!("  drops: {:?}", status.drops);
            }
        }
    }
}
