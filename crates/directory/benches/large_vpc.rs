//! A directory with a VPC of a million interfaces: memory, answers, a part that changes; and how long a card's question takes
//! over UDP on loopback. `cargo bench -p directory`.

use directory::core::{Directory, FOLLOWERS_MAX};
use std::collections::HashSet;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::time::Instant;
use types::{Generation, InterfaceId, MacAddr, SecurityGroupId, Vni};
use vswitch::vxlan;
use wire::directory::{DirectoryPart, Holder, Message, part_of, parts_of};

const N: u32 = 1_000_000;
const VNI: Vni = Vni::FIRST_VPC;
const HOST: Ipv4Addr = Ipv4Addr::LOCALHOST;

fn address(n: u32) -> IpAddr {
    Ipv4Addr::from(0x0a00_0000 + n).into()
}

fn holder(n: u32, host: u8) -> Holder {
    let [a, b, c, d] = n.to_be_bytes();
    let groups = vec![SecurityGroupId::from_random(u128::from(n % 40)), SecurityGroupId::from_random(99)];
    let underlay = Some(Ipv4Addr::new(127, 1, 1, host));
    Holder { interface: InterfaceId::from_random(n.into()), mac: MacAddr([6, 0, a, b, c, d]), underlay, groups }
}

fn resident_bytes() -> i64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<i64>().ok()).unwrap_or(0) * 4096
}

fn main() {
    let (of, all) = (parts_of(N as usize), HashSet::from([VNI]));
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); of.into()];
    (0..N).for_each(|n| members[usize::from(part_of(address(n), of))].push(n));
    let before = resident_bytes();
    let mut d = Directory::new([HOST], FOLLOWERS_MAX);
    let part = |p: u16, host| {
        let entries = members[usize::from(p)].iter().map(|n| (address(*n), holder(*n, host))).collect();
        DirectoryPart { vni: VNI, part: p, of, entries }
    };
    let t = Instant::now();
    (0..of).for_each(|p| drop(d.put(vec![(part(p, 1), Generation(1))], &all, 0)));
    let (took, memory) = (t.elapsed(), resident_bytes() - before);
    println!(
        "{} entries in {of} parts: {} B an entry, put in {:.0} ms",
        d.entries(),
        memory / i64::from(N),
        took.as_secs_f64() * 1e3
    );
    let t = Instant::now();
    for n in 0..N {
        black_box(d.query(HOST, VNI, address(n.wrapping_mul(7919) % N), 1).ok());
    }
    println!(
        "a query {:.0} ns, {} followers, {} MiB",
        t.elapsed().as_secs_f64() * 1e9 / f64::from(N),
        d.followers(),
        (resident_bytes() - before) >> 20
    );
    let changed = part(7, 2);
    let t = Instant::now();
    let told = d.put(vec![(changed, Generation(2))], &all, 2).len();
    println!("a part with {told} changes, each of which somebody follows: {:.2} ms", t.elapsed().as_secs_f64() * 1e3);
    over_loopback(d);
}

/// A question and its answer between two sockets; the directory's thread does what the role does.
fn over_loopback(mut d: Directory) {
    let server = UdpSocket::bind((HOST, 0)).expect("a socket");
    let to = server.local_addr().expect("an address");
    let socket = UdpSocket::bind((HOST, 0)).expect("a socket");
    let frame = |m: &Message| [&vxlan::header(Vni::DIRECTORY)[..], &m.encode()].concat();
    const QUERIES: u32 = 20_000;
    let thread = std::thread::spawn(move || {
        let mut buffer = [0; 2048];
        for _ in 0..QUERIES {
            let Ok((len, from)) = server.recv_from(&mut buffer) else { return };
            let Some(Message::Query { vni, address }) = Message::decode(&buffer[vxlan::HEADER_BYTES..len]) else { continue };
            if let Ok(answer) = d.query(HOST, vni, address, 3) {
                let _ = server.send_to(&[&vxlan::header(Vni::DIRECTORY)[..], &Message::Answer(answer).encode()].concat(), from);
            }
        }
    });
    let (mut took, mut buffer) = (Vec::new(), [0; 2048]);
    for n in 0..QUERIES {
        let t = Instant::now();
        socket.send_to(&frame(&Message::Query { vni: VNI, address: address(n) }), to).expect("sent");
        let len = socket.recv(&mut buffer).expect("an answer");
        assert!(matches!(Message::decode(&buffer[vxlan::HEADER_BYTES..len]), Some(Message::Answer(_))));
        took.push(t.elapsed().as_secs_f64() * 1e6);
    }
    thread.join().expect("the directory's thread");
    took.sort_by(f64::total_cmp);
    println!("asked over loopback: median {:.0} us, p99 {:.0} us", took[took.len() / 2], took[took.len() * 99 / 100]);
}
