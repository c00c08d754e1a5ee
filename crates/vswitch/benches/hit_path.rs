//! Nanoseconds a packet, one core: `cargo bench -p vswitch`. Each packet is a 64-byte frame that is copied into the buffer
//! first, as the card does from a ring. Best of seven rounds; flows are visited in a shuffled order, so that with 64 k flows
//! the table does not fit into the nearer caches. Also counts allocations: a hit makes none. `-- decap` measures only what
//! has that in its name.

#[path = "../tests/common/mod.rs"]
mod common;

use common::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;
use vswitch::{FrameBuf, Options, PortIndex, Sink, Switch};

#[derive(Default)]
struct Count {
    delivered: u64,
    underlay: u64,
}

impl Sink for Count {
    fn deliver(&mut self, _: PortIndex, frame: &[u8]) {
        self.delivered += 1;
        black_box(frame);
    }
    fn underlay(&mut self, _: Ipv4Addr, datagram: &[u8], _: u16) {
        self.underlay += 1;
        black_box(datagram);
    }
    fn local(&mut self, _: PortIndex, _: &[u8]) {}
}

/// The system's allocator, counted.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is handed on unchanged to the system's allocator, which upholds the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: the caller's obligations are the same.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's obligations are the same.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const FLOWS: usize = 65_536;
const ROUNDS: usize = 7;

fn switch(net: &Net) -> Switch {
    let mut options = Options::new(42);
    options.flows_per_port_max = 2 * FLOWS;
    let mut s = Switch::new(options);
    s.configure(&net.config(HOST1), 0).unwrap();
    s
}

/// `n` frames of as many flows, each of 60 bytes (64 with the frame check sequence).
fn frames(n: usize, make: impl Fn(u16, u16) -> Vec<u8>) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (0..n)
        .map(|i| {
            let mut f = make((i % 60_000) as u16 + 1, (i / 60_000) as u16 + 80);
            // IPv6 and TCP take 74.
            f.resize(f.len().clamp(60, 74), 0);
            let (at, total) = if f[12] == 0x86 { (18, f.len() - 54) } else { (16, f.len() - 14) };
            f[at..at + 2].copy_from_slice(&(total as u16).to_be_bytes());
            f
        })
        .collect();
    let mut x = 1u64;
    for i in (1..all.len()).rev() {
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        all.swap(i, (x >> 33) as usize % (i + 1));
    }
    // Copied in their new order: the frames come from memory that is read in sequence, as a ring's buffers are.
    all.iter().map(|f| f.to_vec()).collect()
}

fn measure(name: &str, packets: usize, mut round: impl FnMut(usize, &mut Count)) {
    if std::env::args().skip(1).find(|a| !a.starts_with('-')).is_some_and(|part| !name.contains(&part)) {
        return;
    }
    let mut best = f64::MAX;
    let mut count = Count::default();
    let mut allocations = 0;
    for n in 0..ROUNDS {
        let before = ALLOCATIONS.load(Relaxed);
        let start = Instant::now();
        round(n, &mut count);
        allocations = ALLOCATIONS.load(Relaxed) - before;
        best = best.min(start.elapsed().as_nanos() as f64 / packets as f64);
    }
    assert_eq!(count.delivered + count.underlay, (packets * ROUNDS) as u64, "{name}: every packet must pass");
    if name.starts_with("hit") {
        assert_eq!(allocations, 0, "{name}: a hit allocates nothing");
    }
    println!("{name:<58} {best:>7.1} ns/packet {:>7.2} Mpps", 1000.0 / best);
}

/// A network load balancer's node, whose clients are outside and whose hundred targets are ports of d, on another host.
fn balancer(buf: &mut FrameBuf) {
    use wire::net::{NetworkBalancer, NetworkListener, NetworkTarget, TargetState, Transport};
    let mut net = net();
    let mut node = in_subnet(nic("n", HOST1, 0, "10.0.3.9", &[]), "10.0.3.0/24");
    (node.public, node.metadata) = (Some(ip("198.18.0.99")), false);
    net.nics.push(node);
    let target = |n: u16| NetworkTarget { address: ip("10.0.2.8"), port: 9000 + n, weight: 1, state: TargetState::Healthy };
    let listener = |port| NetworkListener {
        protocol: Transport::Tcp,
        port,
        idle_seconds: 350,
        by_client: false,
        keeps_client: true,
        ends_removed: false,
        ends_unhealthy: true,
        targets: (0..100).map(target).collect(),
    };
    let interface = net.nic("n").id();
    net.vpcs[0].balancers = vec![NetworkBalancer { interface, seed: [1, 2], listeners: vec![listener(80), listener(81)] }];
    let outside_mac = types::MacAddr([2, 9, 9, 9, 9, 9]);
    let datagrams = |flags: &'static str| -> Vec<Vec<u8>> {
        let client = |sport, dport| tcp(outside_mac, ip("203.0.113.20"), ip("198.18.0.99"), (sport, dport), flags);
        frames(FLOWS, client).iter().map(|f| encapsulate(1, vswitch::ROUTER_MAC, f)).collect()
    };
    let (opening, going_on) = (datagrams("S"), datagrams("A"));
    let run = |s: &mut Switch, from: Ipv4Addr, all: &[Vec<u8>], buf: &mut FrameBuf, out: &mut Count| {
        for d in all {
            buf.set(d);
            s.from_underlay(from, buf, 1000, out);
        }
    };
    let mut switches: Vec<Switch> = (0..ROUNDS).map(|_| switch(&net)).collect();
    measure("miss: a node's new connection with each packet", FLOWS, |n, out| run(&mut switches[n], EDGE, &opening, buf, out));
    let mut s = switches.remove(0);
    // Whether or not the rows above were measured.
    let mut sent = Sent::default();
    for d in &opening {
        buf.set(d);
        s.from_underlay(EDGE, buf, 1000, &mut sent);
    }
    measure("hit, load balancer's node to a target, 65536 flows", FLOWS, |_, out| run(&mut s, EDGE, &going_on, buf, out));
    // What the targets answer: addresses and ports the other way round.
    let answers: Vec<Vec<u8>> = sent
        .0
        .iter()
        .map(|d| {
            let ports = |at: usize| u16::from_be_bytes([d[8 + at], d[9 + at]]);
            let mut f = tcp(net.nic("d").mac, ip("10.0.2.8"), ip("203.0.113.20"), (ports(36), ports(34)), "A");
            f.resize(60, 0);
            encapsulate(5000, net.nic("n").mac, &f)
        })
        .collect();
    measure("hit, target to a load balancer's node, 65536 flows", FLOWS, |_, out| run(&mut s, HOST2, &answers, buf, out));
    for n in [10u64, 100, 1000] {
        let members: Vec<_> = (0..n).map(|i| vswitch::maglev::Member { key: (0x0a00_0000 + i) << 16 | 80, weight: 1 }).collect();
        let best = (0..ROUNDS).map(|_| {
            let start = Instant::now();
            black_box(vswitch::maglev::Table::build(black_box(&members)));
            start.elapsed().as_micros()
        });
        println!("{:<58} {:>7.2} ms", format!("table of {n} targets"), best.min().unwrap_or_default() as f64 / 1000.0);
    }
}

/// Keeps what is sent.
#[derive(Default)]
struct Sent(Vec<Vec<u8>>);

impl Sink for Sent {
    fn deliver(&mut self, _: PortIndex, _: &[u8]) {}
    fn underlay(&mut self, _: Ipv4Addr, datagram: &[u8], _: u16) {
        self.0.push(datagram.to_vec());
    }
    fn local(&mut self, _: PortIndex, _: &[u8]) {}
}

fn main() {
    let mut net = net();
    net.nic_mut("b").groups = vec![group(1)];
    let (a_mac, a) = (net.nic("a").mac, net.nic("a").ip());
    let to_d = |sport, dport| tcp(a_mac, a, ip("10.0.2.8"), (sport, dport), "A");
    let port = |s: &Switch, name: &str| s.port(net.nic(name).id()).unwrap();
    let mut buf = FrameBuf::new(2048);

    for flows in [1, 1_000, FLOWS] {
        let frames = frames(flows, to_d);
        let mut s = switch(&net);
        let p = port(&s, "a");
        let laps = FLOWS / flows;
        measure(&format!("hit, conntrack + VXLAN encapsulation, {flows} flows"), flows * laps, |_, out| {
            for _ in 0..laps {
                for f in &frames {
                    buf.set(f);
                    s.from_port(p, &mut buf, 1000, out);
                }
            }
        });
    }
    {
        let d_mac = net.nic("d").mac;
        let datagrams: Vec<Vec<u8>> = frames(FLOWS, |sport, dport| tcp(d_mac, ip("10.0.2.8"), a, (sport, dport), "A"))
            .iter()
            .map(|f| encapsulate(5000, a_mac, f))
            .collect();
        let mut s = switch(&net);
        measure("hit, VXLAN decapsulation + conntrack, 65536 flows", FLOWS, |_, out| {
            for d in &datagrams {
                buf.set(d);
                s.from_underlay(HOST2, &mut buf, 1000, out);
            }
        });
    }
    {
        let frames = frames(FLOWS, |sport, dport| tcp(a_mac, a, ip("10.0.1.6"), (sport, dport), "A"));
        let mut s = switch(&net);
        let p = port(&s, "a");
        measure("hit, port to port (both conntracks), 65536 flows", FLOWS, |_, out| {
            for f in &frames {
                buf.set(f);
                s.from_port(p, &mut buf, 1000, out);
            }
        });
    }
    {
        let frames = frames(FLOWS, |sport, dport| tcp(a_mac, a, ip(OUTSIDE), (sport, dport), "A"));
        let mut s = switch(&net);
        let p = port(&s, "a");
        measure("hit, conntrack + NAT + VXLAN encapsulation, 65536 flows", FLOWS, |_, out| {
            for f in &frames {
                buf.set(f);
                s.from_port(p, &mut buf, 1000, out);
            }
        });
    }
    {
        let net = six::net6();
        let (a, d, mac) = (net.nic("a").ip6(), net.nic("d").ip6(), net.nic("a").mac);
        for flows in [1, 1_000, FLOWS] {
            let frames = frames(flows, |sport, dport| six::tcp6(mac, a, d, (sport, dport), "A"));
            let mut s = switch(&net);
            let p = port(&s, "a");
            let laps = FLOWS / flows;
            measure(&format!("hit, IPv6, conntrack + VXLAN encapsulation, {flows} flows"), flows * laps, |_, out| {
                for _ in 0..laps {
                    for f in &frames {
                        buf.set(f);
                        s.from_port(p, &mut buf, 1000, out);
                    }
                }
            });
        }
    }
    {
        let frames = frames(FLOWS, to_d);
        let mut switches: Vec<Switch> = (0..ROUNDS).map(|_| switch(&net)).collect();
        let p = port(&switches[0], "a");
        measure("miss: a new flow with each packet", FLOWS, |n, out| {
            for f in &frames {
                buf.set(f);
                switches[n].from_port(p, &mut buf, 1000, out);
            }
        });
        let mut s = switches.remove(0);
        measure("stale: the first packet after a change (65536 flows)", FLOWS, |_, out| {
            s.configure(&net.config(HOST1), 1000).unwrap();
            for f in &frames {
                buf.set(f);
                s.from_port(p, &mut buf, 1000, out);
            }
        });
    }
    balancer(&mut buf);
    println!("a flow takes {} bytes, one of IPv6 {}", vswitch::FLOW_BYTES, vswitch::FLOW6_BYTES);
}
