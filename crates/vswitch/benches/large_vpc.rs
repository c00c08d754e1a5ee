//! What a VPC of 10, 1K, 100K and 1M interfaces costs a host with 20 ports that talk to 100 of them: pushed whole, and asked
//! for. `cargo bench -p vswitch --bench large_vpc`. Each row is a process of its own, so that its memory is its own.

#[path = "../tests/common/mod.rs"]
mod common;

use common::*;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;
use types::*;
use vswitch::{FrameBuf, Options, Switch, vxlan};
use wire::directory::{Answer, DirectoryPart, DirectoryPush, Holder, Message, PartName, part_of, parts_of};
use wire::net::*;

const PORTS: u32 = 20;
const PEERS: u32 = 100;
const PER_HOST: u32 = 50;
const DIRECTORY: Ipv4Addr = Ipv4Addr::new(127, 0, 8, 1);
const SIZES: [u32; 4] = [10, 1000, 100_000, 1_000_000];

fn address(n: u32) -> Ipv4Addr {
    Ipv4Addr::from(0x0a00_0000 + 256 + n)
}

fn entry(n: u32) -> InterfaceEntry {
    let [a, b, c, d] = n.to_be_bytes();
    // The first are this host's.
    let host = if n < PORTS { HOST1 } else { Ipv4Addr::from(0x0ac0_0000 + n / PER_HOST) };
    InterfaceEntry {
        id: InterfaceId::from_random(n.into()),
        mac: MacAddr([6, 0, a, b, c, d]),
        ipv4: vec![address(n)],
        ipv6: vec![],
        groups: vec![group(u128::from(n % 4 + 1)), group(3)],
        underlay: Some(host),
    }
}

fn holder(n: u32) -> Holder {
    let e = entry(n);
    Holder { interface: e.id, mac: e.mac, underlay: e.underlay, groups: e.groups }
}

fn config(n: u32, asks: bool, generation: u64) -> NetConfig {
    let ports = PORTS.min(n);
    let mut net = net();
    net.generation = generation;
    let template = net.config(HOST1);
    let of = |i: u32| {
        let e = entry(i);
        let port = template.ports[0].clone();
        PortConfig {
            id: e.id,
            mac: e.mac,
            ipv4: e.ipv4,
            groups: e.groups,
            subnet_cidr: cidr("10.0.0.0/8"),
            public: vec![],
            ..port
        }
    };
    let mut vpc = vpc_at(0, 5000, "10.0.0.0/8");
    vpc.interfaces = (0..if asks { ports } else { n }).map(entry).collect();
    vpc.directories = if asks { vec![DIRECTORY] } else { vec![] };
    NetConfig { vpcs: vec![vpc], ports: (0..ports).map(of).collect(), ..template }
}

fn resident_bytes() -> i64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<i64>().ok()).unwrap_or(0) * 4096
}

fn ms(f: impl FnOnce()) -> f64 {
    let t = Instant::now();
    f();
    t.elapsed().as_secs_f64() * 1e3
}

/// SYNs of all ports to the peers; what is asked is answered. Microseconds a first packet, the median.
fn talk(s: &mut Switch, n: u32) -> f64 {
    let (mut out, mut took) = (Recorder::default(), vec![]);
    for k in 0..PEERS.min(n.saturating_sub(PORTS)) {
        let peer = PORTS + (k * 7919) % (n - PORTS);
        let from = entry(k % PORTS);
        let port = s.port(from.id).unwrap();
        let frame = tcp(from.mac, from.ipv4[0], address(peer), (1000, 80), "S");
        let t = Instant::now();
        s.from_port(port, &mut FrameBuf::from_slice(&frame), 1000 + u64::from(k) * 10, &mut out);
        let (to, sent, _) = out.underlay.pop().unwrap();
        if to == DIRECTORY {
            let Some(Message::Query { vni, address }) = Message::decode(&sent[vxlan::HEADER_BYTES..]) else { panic!() };
            let answer = Answer { vni, address, version: Generation(1), lease_ms: 60_000, holder: Some(holder(peer)) };
            let mut datagram = vxlan::header(Vni::DIRECTORY).to_vec();
            datagram.extend(Message::Answer(answer).encode());
            s.from_underlay(DIRECTORY, &mut FrameBuf::from_slice(&datagram), 1000 + u64::from(k) * 10, &mut out);
            out.underlay.pop().unwrap();
        }
        took.push(t.elapsed().as_secs_f64() * 1e6);
    }
    took.sort_by(f64::total_cmp);
    took.get(took.len() / 2).copied().unwrap_or(0.0)
}

fn row(n: u32, asks: bool) {
    let before = resident_bytes();
    let mut s = Switch::new(Options::new(1));
    let (mut bytes, mut encode, mut decode, mut apply) = (0, f64::MAX, f64::MAX, f64::MAX);
    let mut held = None;
    for generation in 1..=if n >= 100_000 && !asks { 2 } else { 20 } {
        let document = config(n, asks, generation);
        let mut text = Vec::new();
        encode = encode.min(ms(|| text = serde_json::to_vec(&document).unwrap()));
        drop(document);
        bytes = text.len();
        let mut received = None;
        decode = decode.min(ms(|| received = serde_json::from_slice::<NetConfig>(&text).ok()));
        let received = received.unwrap();
        apply = apply.min(ms(|| s.configure(&received, 0).unwrap()));
        // A card keeps what it was sent.
        held = Some(received);
    }
    let first = talk(&mut s, n);
    let memory = resident_bytes() - before;
    let (stats, way) = (s.resolve_stats(), if asks { "asked" } else { "whole" });
    println!(
        "{n:>9} {way}  {:>9.1} KiB  {:>11} B  {encode:>9.2} {decode:>9.2} {apply:>9.2} ms  {first:>6.1} us  {:>3} known, {} B",
        memory as f64 / 1024.0,
        bytes,
        stats.entries,
        stats.bytes,
    );
    drop(held);
}

/// One interface moves: what goes to each directory.
fn change(n: u32) {
    let of = parts_of(n as usize);
    let name = |part| PartName { vni: Vni::FIRST_VPC, part, of, digest: "0123456789abcdef0123456789abcdef".into() };
    let mut made = f64::MAX;
    let moved = part_of(IpAddr::from(address(n / 2)), of);
    let entries: Vec<_> = (0..n)
        .filter(|i| part_of(IpAddr::from(address(*i)), of) == moved)
        .map(|i| (IpAddr::from(address(i)), holder(i)))
        .collect();
    let mut bytes = 0;
    for _ in 0..10 {
        made = made.min(ms(|| {
            let part = DirectoryPart { vni: Vni::FIRST_VPC, part: moved, of, entries: entries.clone() };
            let push = DirectoryPush::new(Generation(1), (0..of).map(name).collect(), vec![part]);
            bytes = serde_json::to_vec(&push).unwrap().len();
        }));
    }
    println!(
        "{n:>9} interfaces, one moves: {of} parts, {} entries in its part, {bytes} B to each directory, {made:.2} ms",
        entries.len()
    );
}

fn main() {
    if let Ok(one) = std::env::var("LARGE_VPC_ROW") {
        let (n, way) = one.split_once(' ').unwrap();
        return row(n.parse().unwrap(), way == "asked");
    }
    println!("interfaces        card's memory   document      encode    decode    apply       first packet");
    for n in SIZES {
        for way in ["whole", "asked"] {
            let me = std::env::current_exe().unwrap();
            let status = std::process::Command::new(me).env("LARGE_VPC_ROW", format!("{n} {way}")).status().unwrap();
            assert!(status.success());
        }
    }
    SIZES.into_iter().for_each(change);
}
