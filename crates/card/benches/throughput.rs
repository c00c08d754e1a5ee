//! Frames a second from guest to guest, in-process front ends in place of VMs: `cargo bench -p card --bench throughput`.
//!
//! One generator thread drives both guests' rings and each card has its own thread, so on a machine with two cores the
//! path through VXLAN shares them three ways. Security groups are on and every packet is tracked (64 UDP flows).

mod load;

use card::imds::token::Tokens;
use card::testing::{Front, FrontOptions, Layout, TestGuest, net_config};
use card::worker::{WorkerHandle, WorkerOptions};
use load::{Addresses, Ends, SIZES, SwitchThreads};
use std::net::Ipv4Addr;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

fn card(dir: &std::path::Path, host: &str, underlay: Ipv4Addr, guests: &[TestGuest]) -> WorkerHandle {
    let ports = dir.to_owned();
    let worker = WorkerHandle::spawn(WorkerOptions {
        port_socket: Box::new(move |id| ports.join(id.to_string())),
        forward_socket: dir.join(format!("{host}.fwd")),
        tokens: Tokens::new(&[1; 32]),
        flows: std::sync::mpsc::sync_channel(1).0,
        handed: tokio::sync::mpsc::channel(1).0,
        kept: None,
    })
    .expect("a card");
    let config = net_config(&host.parse().expect("a host's name"), 1, underlay, guests);
    runtime().block_on(worker.configure(config)).expect("a good configuration");
    worker
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
}

fn main() {
    // Of several sizes, only these: for a profile of one path.
    let only: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let path_only = std::env::var("BENCH_PATH").ok();
    load::header();
    for (path, two_hosts) in [("card, port to port", false), ("card, VXLAN, card", true)] {
        if path_only.as_ref().is_some_and(|p| p != path) {
            continue;
        }
        let dir = tempfile::tempdir().expect("a directory");
        let address = |n: u8| Ipv4Addr::new(127, 90, (std::process::id() >> 8) as u8, (std::process::id() as u8 & 0x7f) * 2 + n);
        let (here, there) = (address(0), if two_hosts { address(1) } else { address(0) });
        let guests = [TestGuest { vpc: 1, n: 0, underlay: here }, TestGuest { vpc: 1, n: 1, underlay: there }];
        let mut cards = vec![card(dir.path(), "a1-h1", here, &guests)];
        if two_hosts {
            cards.push(card(dir.path(), "a1-h2", there, &guests));
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
            source: guests[0].ip().octets(),
            target: guests[1].ip().octets(),
        };
        let switch = SwitchThreads { pid: std::process::id(), name: Some("card") };
        for bytes in SIZES.into_iter().filter(|s| only.is_empty() || only.contains(s)) {
            load::run(path, bytes, &addresses, &mut rings, Some(&switch));
        }
        for card in &cards {
            let status = runtime().block_on(card.status()).expect("a status");
            if !status.drops.is_empty() {
                println!("  drops: {:?}", status.drops);
            }
        }
    }
}
