//! Ports beside each other: how much each is served in a turn, and what becomes of what exceeds a rate. Counts, not times.

use card::device::Limits;
use card::imds::token::Tokens;
use card::keeping::Keeping;
use card::poller::{Poller, Token};
use card::port::Attachment;
use card::share::Share;
use card::testing::{Front, FrontOptions, TestGuest, net_config};
use card::worker::{WorkerHandle, WorkerOptions};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};
use vswitch::{FrameBuf, ROUTER_MAC};
use wire::net::RateLimit;

const WAIT: Duration = Duration::from_secs(20);

fn front(path: &Path) -> Front {
    Front::connect(path, FrontOptions { queue_size: 256, rx_buffer_bytes: 9216, ..FrontOptions::default() }).unwrap()
}

#[test]
fn in_each_turn_every_ring_is_served_its_share() {
    const FRAMES: [usize; 3] = [64, 1514, 9015];
    let dir = tempfile::tempdir().unwrap();
    let poller = Poller::new().unwrap();
    let paths: Vec<_> = (0..3).map(|n| dir.path().join(format!("p{n}"))).collect();
    let mut ports: Vec<_> = (0u32..3).zip(&paths).map(|(n, path)| Attachment::listen(n, path, &poller).unwrap()).collect();
    let guests = std::thread::spawn(move || paths.iter().map(|p| front(p)).collect::<Vec<_>>());
    let (mut ready, end) = (Vec::new(), Instant::now() + WAIT);
    while !ports.iter().all(|p| p.device.backend.usable()) {
        assert!(Instant::now() < end, "the rings come up");
        poller.wait(20, &mut ready).unwrap();
        for token in &ready {
            match *token {
                Token::Listener(n) => _ = ports[n as usize].accept(&poller),
                Token::Control(n) => _ = ports[n as usize].serve(&poller),
                _ => {}
            }
        }
    }
    // Their last message may wait for its acknowledgement.
    while !guests.is_finished() {
        assert!(Instant::now() < end, "the guests are there");
        for port in &mut ports {
            port.serve(&poller);
        }
    }
    let mut guests = guests.join().unwrap();
    let mut frames: Vec<_> = (0..64).map(|_| FrameBuf::new(9216)).collect();
    let (mut shares, mut served) = ([Share::default(); 3], [0; 3]);
    for turn in 1..=200 {
        for n in 0..3 {
            let bytes = vec![n as u8; FRAMES[n]];
            while guests[n].queue(&bytes) {}
            if !shares[n].begin() {
                continue;
            }
            let taken = ports[n].device.take_frames(&mut frames, Limits { share: &mut shares[n], rate: None });
            shares[n].end();
            assert!(taken.more && taken.waits.is_none() && taken.frames > 0);
            assert!(frames[..taken.frames].iter().all(|f| f.as_slice() == bytes));
            served[n] += taken.frames;
        }
        // 266,240 units a turn; a frame is its bytes and 4,096.
        let due = FRAMES.map(|bytes| turn * 266_240 / (4096 + bytes));
        for n in 0..3 {
            assert!(served[n].abs_diff(due[n]) <= 1, "turn {turn}: {served:?} of {due:?}");
        }
    }
    assert_eq!(served, [12_800, 9492, 4062]);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn datagram(from: &TestGuest, to: &TestGuest, n: u32, bytes: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut payload = vec![0; bytes - 42];
    payload[..4].copy_from_slice(&n.to_be_bytes());
    etherparse::PacketBuilder::ethernet2(from.mac().0, ROUTER_MAC.0)
        .ipv4(from.ip().octets(), to.ip().octets(), 64)
        .udp(1000, 9)
        .write(&mut out, &payload)
        .unwrap();
    out
}

#[test]
fn what_exceeds_a_rate_waits_in_the_ring_and_what_always_would_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let (sockets, id) = (dir.path().to_owned(), std::process::id());
    let worker = WorkerHandle::spawn(WorkerOptions {
        port_socket: Box::new(move |id| sockets.join(id.to_string())),
        balancer_socket: Box::new(|id| format!("/nowhere/{id}").into()),
        forward_socket: dir.path().join("fwd"),
        tokens: Tokens::new(&[1; 32]),
        flows: std::sync::mpsc::sync_channel(1).0,
        handed: tokio::sync::mpsc::channel(1).0,
        kept: None,
        keeping: Keeping::default(),
        links: None,
    })
    .unwrap();
    // Nothing leaves the host: whether the address can be bound is no matter.
    let underlay = Ipv4Addr::new(127, 92, (id >> 8) as u8, id as u8 | 1);
    let guests: Vec<TestGuest> = (0..3).map(|n| TestGuest { vpc: 1, n, underlay }).collect();
    let mut config = net_config(&"a1-h1".parse().unwrap(), 1, underlay, &guests);
    // The first two are of one instance.
    for port in &mut config.ports[..2] {
        port.rate =
            Some(RateLimit { bytes_per_second: 1_000_000, burst_bytes: 3000, packets_per_second: 1000, burst_packets: 10 });
        port.rate_of = Some(guests[0].instance());
    }
    runtime().block_on(worker.configure(config)).unwrap();
    let mut fronts: Vec<Front> = guests.iter().map(|g| front(&dir.path().join(g.interface().to_string()))).collect();
    let mut next = [0, 0];
    for frame in 0..60 {
        // One of them sends one that is longer than the bucket.
        if frame == 30 {
            assert!(fronts[0].queue(&datagram(&guests[0], &guests[2], 1 << 31, 3500)));
        }
        for n in 0..2 {
            assert!(fronts[n].queue(&datagram(&guests[n], &guests[2], frame, 1000)));
        }
    }
    fronts[..2].iter_mut().for_each(Front::kick);
    // All of the others arrive, each guest's in order.
    while next != [60, 60] {
        let got = fronts[2].receive(WAIT).unwrap_or_else(|| panic!("no more after {next:?}"));
        if got.len() != 1000 {
            continue;
        }
        let from = usize::from(got[29] - guests[0].ip().octets()[3]);
        assert_eq!(got[42..46], u32::to_be_bytes(next[from]));
        next[from] += 1;
    }
    let status = runtime().block_on(worker.status()).unwrap();
    let drops = |n: usize| status.ports.iter().find(|p| p.id == guests[n].interface()).unwrap().drops.clone();
    assert_eq!(drops(0).into_iter().collect::<Vec<_>>(), [("rate-limited".to_owned(), 1)]);
    assert!(drops(1).is_empty() && drops(2).is_empty());
}
