//! Frames a second from guest to guest, in-process front ends in place of VMs: `cargo bench -p card --bench ports`.
//!
//! One generator thread drives both guests' rings (its cost is in the figures) and each card has its own thread, so on a
//! machine with two cores the path through VXLAN shares them three ways. Every packet is tracked (UDP flows).

use card::imds::token::Tokens;
use card::testing::{Front, FrontOptions, Layout, TestGuest, net_config};
use card::worker::{WorkerHandle, WorkerOptions};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

const RUN: Duration = Duration::from_millis(1500);

fn card(dir: &std::path::Path, host: &str, underlay: Ipv4Addr, guests: &[TestGuest]) -> WorkerHandle {
    let ports = dir.to_owned();
    let worker = WorkerHandle::spawn(WorkerOptions {
        port_socket: Box::new(move |id| ports.join(id.to_string())),
        forward_socket: dir.join(format!("{host}.fwd")),
        tokens: Tokens::new(&[1; 32]),
    })
    .expect("a card");
    let config = net_config(&host.parse().expect("a host's name"), 1, underlay, guests);
    let rt = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    rt.block_on(worker.configure(config)).expect("a good configuration");
    worker
}

fn frame(from: &TestGuest, to: &TestGuest, bytes: usize, flow: u16) -> Vec<u8> {
    let mut out = Vec::new();
    etherparse::PacketBuilder::ethernet2(from.mac().0, vswitch::ROUTER_MAC.0)
        .ipv4(from.ip().octets(), to.ip().octets(), 64)
        .udp(10_000 + flow, 9)
        .write(&mut out, &vec![0; bytes - 42])
        .expect("a frame");
    out
}

/// (sent, received, seconds)
fn blast(a: &mut Front, b: &mut Front, frames: &[Vec<u8>]) -> (u64, u64, f64) {
    let (start, mut sent, mut received, mut i) = (Instant::now(), 0u64, 0u64, 0);
    // In flight at most as much as the receiver's ring holds, so that what is measured is forwarding, not dropping.
    let window = 100;
    let mut last = start;
    while start.elapsed() < RUN {
        while sent - received < window && a.queue(&frames[i % frames.len()]) {
            sent += 1;
            i += 1;
        }
        a.kick();
        let before = received;
        b.rx.reap(&b.memory, |_, _| received += 1);
        b.rx.refill(&b.memory);
        match received == before {
            // A lost datagram must not stop the run.
            true if last.elapsed() > Duration::from_millis(20) => (sent, last) = (received, Instant::now()),
            true => std::thread::yield_now(),
            false => last = Instant::now(),
        }
    }
    (sent, received, start.elapsed().as_secs_f64())
}

fn main() {
    println!("{:<28} {:>6} {:>10} {:>9} {:>9}", "path", "bytes", "frames/s", "ns/frame", "Gbit/s");
    for (path, two_hosts) in [("one card", false), ("two cards, VXLAN over UDP", true)] {
        let dir = tempfile::tempdir().expect("a directory");
        let address = |n: u8| Ipv4Addr::new(127, 90, (std::process::id() >> 8) as u8, (std::process::id() as u8 & 0x7f) * 2 + n);
        let (here, there) = (address(0), if two_hosts { address(1) } else { address(0) });
        let guests = [TestGuest { vpc: 1, n: 0, underlay: here }, TestGuest { vpc: 1, n: 1, underlay: there }];
        let _first = card(dir.path(), "a1-h1", here, &guests);
        let _second = two_hosts.then(|| card(dir.path(), "a1-h2", there, &guests));
        let front = |g: &TestGuest| {
            let options =
                FrontOptions { tx_layout: Layout::Single, rx_buffer_bytes: 9216, queue_size: 256, ..FrontOptions::default() };
            Front::connect(&dir.path().join(g.interface().to_string()), options).expect("a front end")
        };
        let (mut a, mut b) = (front(&guests[0]), front(&guests[1]));
        for bytes in [64, 1514, 9014] {
            let frames: Vec<_> = (0..64).map(|flow| frame(&guests[0], &guests[1], bytes, flow)).collect();
            blast(&mut a, &mut b, &frames);
            let (_, received, seconds) = blast(&mut a, &mut b, &frames);
            let rate = received as f64 / seconds;
            println!("{path:<28} {bytes:>6} {rate:>10.0} {:>9.0} {:>9.2}", 1e9 / rate, rate * bytes as f64 * 8.0 / 1e9);
        }
    }
}
