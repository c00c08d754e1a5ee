//! A million flows: bytes a flow, rates of insertion, lookup and expiry, the longest single packet while the table grows;
//! what a flooding port costs; what a successor costs; new flows under 10 and 1,000 rules; a NAT gateway. `cargo bench -p vswitch --bench tables`.

#[path = "../tests/common/mod.rs"]
mod common;

use common::*;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};
use vswitch::{FrameBuf, KeptWords, Options, PortIndex, Sink, Switch, kept_bytes};
use wire::net::{Direction, PeerMatch, ProtocolMatch, RateLimit};

#[derive(Default)]
struct Count(u64);

impl Sink for Count {
    fn deliver(&mut self, _: PortIndex, frame: &[u8]) {
        self.0 += 1;
        black_box(frame);
    }
    fn underlay(&mut self, _: Ipv4Addr, datagram: &[u8], _: u16) {
        self.0 += 1;
        black_box(datagram);
    }
    fn local(&mut self, _: PortIndex, _: &[u8]) {}
}

const FLOWS: u32 = 1 << 20;

/// The frame of the n-th of many flows: ports are written into a frame that is made once.
fn nth(frame: &mut [u8], n: u32) {
    frame[34..36].copy_from_slice(&((n & 0xffff) as u16).to_be_bytes());
    frame[36..38].copy_from_slice(&((n >> 16) as u16 + 1000).to_be_bytes());
}

fn switch(net: &Net, options: Options) -> Switch {
    let mut s = Switch::new(options);
    s.configure(&net.config(HOST1), 0).unwrap();
    s
}

fn per(d: Duration, n: u32) -> f64 {
    d.as_nanos() as f64 / f64::from(n)
}

fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

fn million() {
    let net = net();
    let n = FLOWS as usize;
    let (mac, own) = (net.nic("a").mac, net.nic("a").ip());
    let mut frame = udp(mac, own, ip("10.0.2.8"), (1, 2), b"0123456789");
    let (mut buf, mut out) = (FrameBuf::new(2048), Count::default());
    // Of each packet the shortest of three fillings: what another process took in between happens to one of them.
    let mut shortest = vec![u32::MAX; n];
    let mut fill = f64::MAX;
    let mut filled = None;
    for _ in 0..3 {
        drop(filled.take());
        let before = resident_bytes();
        let mut s = switch(&net, Options { flows_per_port_max: n, flows_max: n, ..Options::new(42) });
        let p = s.port(net.nic("a").id()).unwrap();
        let start = Instant::now();
        let mut last = start;
        for i in 0..FLOWS {
            nth(&mut frame, i);
            buf.set(&frame);
            s.from_port(p, &mut buf, 1000, &mut out);
            let now = Instant::now();
            let took = &mut shortest[i as usize];
            *took = (*took).min((now - last).as_nanos() as u32);
            last = now;
        }
        fill = fill.min(per(start.elapsed(), FLOWS));
        assert_eq!(s.flows(), u64::from(FLOWS));
        filled = Some((s, p, resident_bytes() - before));
    }
    let Some((mut s, p, resident)) = filled else { return };
    shortest.sort_unstable();
    let us = |at: usize| f64::from(shortest[n - at]) / 1e3;
    println!(
        "1M flows: {:.1} bytes a flow with the index ({:.1} resident)",
        s.flow_bytes() as f64 / n as f64,
        resident as f64 / n as f64
    );
    println!("insert  {fill:>7.1} ns/packet; the longest {:.0} us, the hundredth longest {:.0} us", us(1), us(100));
    let start = Instant::now();
    for i in 0..FLOWS {
        // Visits all in an order that no cache foresees.
        nth(&mut frame, i.wrapping_mul(0x9e37_79b1) % FLOWS);
        buf.set(&frame);
        s.from_port(p, &mut buf, 1001, &mut out);
    }
    println!("lookup  {:>7.1} ns/packet, random order", per(start.elapsed(), FLOWS));
    let mut frame = udp(mac, own, ip("10.0.2.7"), (1, 2), b"0123456789");
    let start = Instant::now();
    for i in 0..FLOWS {
        nth(&mut frame, i);
        buf.set(&frame);
        s.from_port(p, &mut buf, 2000, &mut out);
    }
    println!("full    {:>7.1} ns/packet: each new flow pushes one out", per(start.elapsed(), FLOWS));
    assert_eq!(s.flows(), u64::from(FLOWS));
    let start = Instant::now();
    let mut looked_at = 0;
    while s.flows() > 0 {
        looked_at += s.expire(100_000, 50_000) as u32;
    }
    println!("expire  {:>7.1} ns/flow", per(start.elapsed(), looked_at));
}

/// Packets of b while a sends ten times as many, most of them over its rate: what b's packets and a's excess cost.
fn flood() {
    let mut net = net();
    net.nic_mut("b").groups = vec![group(1)];
    net.nic_mut("a").rate =
        Some(RateLimit { bytes_per_second: 1_000_000, burst_bytes: 100_000, packets_per_second: 1000, burst_packets: 1000 });
    let mut s = switch(&net, Options::new(42));
    let port = |s: &Switch, n: &str| s.port(net.nic(n).id()).unwrap();
    let (a, b) = (port(&s, "a"), port(&s, "b"));
    let (fa, fb) = (
        udp(net.nic("a").mac, net.nic("a").ip(), ip("10.0.2.8"), (1, 2), b"0123456789"),
        udp(net.nic("b").mac, net.nic("b").ip(), ip("10.0.2.8"), (1, 2), b"0123456789"),
    );
    let (mut buf, mut out) = (FrameBuf::new(2048), Count::default());
    let mut run = |s: &mut Switch, excess: u32| {
        (0..7)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..20_000 {
                    buf.set(&fb);
                    s.from_port(b, &mut buf, 1000, &mut out);
                    for _ in 0..excess {
                        buf.set(&fa);
                        s.from_port(a, &mut buf, 1000, &mut out);
                    }
                }
                per(start.elapsed(), 20_000)
            })
            .fold(f64::MAX, f64::min)
    };
    let alone = run(&mut s, 0);
    let flooded = run(&mut s, 10);
    println!("flood   {alone:>7.1} ns for a packet of b alone; a packet over a's rate costs {:.1} ns", (flooded - alone) / 10.0);
}

fn rules() {
    for count in [10u16, 1000] {
        let mut net = net();
        let peer = |n: u16| {
            let [a, b] = n.to_be_bytes();
            PeerMatch::Cidr(cidr(&format!("172.{}.{b}.0/24", 16 + a)))
        };
        let tcp = |n: u16| ProtocolMatch::Tcp { from: 1 + n * 7, to: 5 + n * 7 };
        let mut list: Vec<_> = (0..count).map(|n| rule(Direction::Egress, tcp(n), peer(n))).collect();
        list.push(rule(Direction::Egress, ProtocolMatch::Udp { from: 0, to: 65_535 }, PeerMatch::Cidr(cidr("10.0.0.0/16"))));
        net.vpcs[0].security_groups[4].rules = list;
        net.nic_mut("a").groups = vec![group(5)];
        let (mac, own) = (net.nic("a").mac, net.nic("a").ip());
        let mut frame = udp(mac, own, ip("10.0.2.8"), (1, 2), b"0123456789");
        let (mut buf, mut out) = (FrameBuf::new(2048), Count::default());
        let mut best = [f64::MAX; 2];
        for _ in 0..7 {
            let mut s = switch(&net, Options::new(42));
            let p = s.port(net.nic("a").id()).unwrap();
            for time in &mut best {
                let start = Instant::now();
                for i in 0..50_000 {
                    nth(&mut frame, i);
                    buf.set(&frame);
                    s.from_port(p, &mut buf, 1000, &mut out);
                }
                *time = time.min(per(start.elapsed(), 50_000));
            }
        }
        println!("{count:>4} rules: {:>7.1} ns for a flow's first packet, {:.1} ns for its later ones", best[0], best[1]);
    }
}

/// From a guest through a NAT gateway of the same host to the edge: two flow tables' work and a translation.
fn nat() {
    let mut net = net();
    net.nics.push(in_subnet(nat_gateway("n", HOST1, 0, "10.0.3.9", Some("198.18.0.99"), 1), "10.0.3.0/24"));
    let to = wire::net::RouteTarget::NatGateway(net.nic("n").id());
    let local = wire::net::RouteTarget::Local;
    net.vpcs[0].route_tables.push(table(3, &[("10.0.0.0/16", local), ("0.0.0.0/0", to)]));
    net.nic_mut("b").table = 3;
    let mut s = switch(&net, Options::new(42));
    let (b, n) = (s.port(net.nic("b").id()).unwrap(), s.port(net.nic("n").id()).unwrap());
    let (mac, own) = (net.nic("b").mac, net.nic("b").ip());
    let mut frame = udp(mac, own, ip(OUTSIDE), (1, 2), b"0123456789");
    let (mut buf, mut out) = (FrameBuf::new(2048), Count::default());
    let mut times = Vec::new();
    for (flows, laps) in [(50_000, 1), (50_000, 5), (1, 50_000)] {
        let mut best = f64::MAX;
        for _ in 0..laps.min(7) {
            let start = Instant::now();
            for i in 0..50_000 {
                nth(&mut frame, i % flows);
                buf.set(&frame);
                s.from_port(b, &mut buf, 1000, &mut out);
            }
            best = best.min(per(start.elapsed(), 50_000));
        }
        times.push(best);
    }
    assert_eq!(s.nat_stats(n).unwrap().translations, 50_000);
    println!(
        "NAT     {:>7.1} ns for a first packet, {:.1} ns for later ones of 50,000, {:.1} ns of one",
        times[0], times[1], times[2]
    );
}

/// What stands still while a card is replaced, and what keeping flows for the case of a kill costs.
fn successor() {
    let net = net();
    let config = net.config(HOST1);
    let mut frame = udp(net.nic("a").mac, net.nic("a").ip(), ip("10.0.2.8"), (1, 2), b"0123456789");
    let (mut buf, mut out) = (FrameBuf::new(2048), Count::default());
    let ms = |start: Instant| start.elapsed().as_micros() as f64 / 1e3;
    for flows in [1000u32, 65_536, FLOWS] {
        let n = flows as usize;
        let options = || Options { flows_per_port_max: n, flows_max: n, ..Options::new(42) };
        let fill = |s: &mut Switch, buf: &mut FrameBuf, frame: &mut [u8], out: &mut Count| {
            let p = s.port(net.nic("a").id()).unwrap();
            let start = Instant::now();
            for i in 0..flows {
                nth(frame, i);
                buf.set(frame);
                s.from_port(p, buf, 1000, out);
            }
            per(start.elapsed(), flows)
        };
        let mut best = [f64::MAX; 7];
        for _ in 0..3 {
            let mut plain = switch(&net, options());
            let without = fill(&mut plain, &mut buf, &mut frame, &mut out);
            let words: Vec<std::sync::atomic::AtomicU64> =
                std::iter::repeat_with(|| 0.into()).take(kept_bytes(8192) / 8).collect();
            let words: KeptWords = std::sync::Arc::new(words);
            let mut s = switch(&net, options());
            s.keep_in(words.clone());
            let with = fill(&mut s, &mut buf, &mut frame, &mut out);
            let start = Instant::now();
            let state = s.export();
            let export = ms(start);
            let mut next = switch(&net, options());
            next.configure(&config, 0).unwrap();
            let start = Instant::now();
            let mut next = next.import(&state).unwrap();
            let import = ms(start);
            assert_eq!(next.flows(), u64::from(flows));
            let mut killed = switch(&net, options());
            let start = Instant::now();
            assert_eq!(killed.recover(&words, 1000), n);
            let recover = ms(start);
            let start = Instant::now();
            next.keep_in(words);
            let keep = ms(start);
            let found = [without, with, export, import, recover, keep, state.len() as f64 / f64::from(flows)];
            best.iter_mut().zip(found).for_each(|(b, f)| *b = b.min(f));
        }
        let [without, with, export, import, recover, keep, bytes] = best;
        println!(
            "{flows:>7} flows: a new one {without:.1} ns, kept {with:.1} ns; export {export:.1} ms ({bytes:.0} B a flow), import {import:.1} ms"
        );
        println!("               after a kill: recover {recover:.1} ms, keep again {keep:.1} ms");
    }
}

fn main() {
    nat();
    successor();
    million();
    flood();
    rules();
}
