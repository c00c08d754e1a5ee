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
    println!("a flow takes {} bytes, one of IPv6 {}", vswitch::FLOW_BYTES, vswitch::FLOW6_BYTES);
}
