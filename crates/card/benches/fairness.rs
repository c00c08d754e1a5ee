//! What a flooding neighbour costs two other guests of its card: `cargo bench -p card --bench fairness`.
//!
//! Two victims send 1,514 bytes each 20 us to a third guest, through real rings, while the flooder's ring is kept full.
//! Printed are what arrives of the victims' frames and how long they take, without and with the flooder, and the ratio. One
//! thread drives all guests, so on two cores the card's thread has one to itself.

use card::imds::token::Tokens;
use card::keeping::Keeping;
use card::testing::{Front, FrontOptions, Layout, TestGuest, net_config};
use card::worker::{WorkerHandle, WorkerOptions};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};
use vswitch::ROUTER_MAC;
use wire::net::RateLimit;

const ROUND: Duration = Duration::from_millis(400);
/// Of each kind, one after the other; the medians are printed.
const ROUNDS: usize = 5;
/// Of each victim.
const PACE: Duration = Duration::from_micros(20);
const VICTIM_BYTES: usize = 1514;
/// A victim that fell behind does not make up for more than this.
const BEHIND_MAX: Duration = Duration::from_millis(1);
const FLOOD_BATCH: usize = 64;
/// Where the time of sending stands: behind Ethernet, IP and UDP.
const TIME_AT: usize = 42;
/// The virtio header in front of a received frame.
const HEADER_BYTES: usize = 12;

/// Guests by number.
const VICTIM: usize = 0;
const OTHER: usize = 1;
const SINK: usize = 2;
const FLOODER: usize = 3;
const DRAIN: usize = 4;

struct Case {
    name: &'static str,
    /// Of the flooder's frames.
    bytes: usize,
    /// They go to a guest, or to an address that nobody has.
    to_guest: bool,
    rate: Option<RateLimit>,
}

/// t3.nano's baseline with its burst used up (crates/region: `ec2/compute/types.rs`).
const T3_NANO: RateLimit =
    RateLimit { bytes_per_second: 4_000_000, burst_bytes: 400_000, packets_per_second: 500_000, burst_packets: 500_000 };

const CASES: [Case; 5] = [
    Case { name: "64 bytes, t3.nano's rate", bytes: 64, to_guest: true, rate: Some(T3_NANO) },
    Case { name: "1514 bytes, t3.nano's rate", bytes: 1514, to_guest: true, rate: Some(T3_NANO) },
    Case { name: "64 bytes, no rate", bytes: 64, to_guest: true, rate: None },
    Case { name: "9015 bytes, no rate", bytes: 9015, to_guest: true, rate: None },
    Case { name: "64 bytes, to nobody, no rate", bytes: 64, to_guest: false, rate: None },
];

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

fn card(dir: &Path, guests: &[TestGuest], rate: Option<RateLimit>) -> WorkerHandle {
    let ports = dir.to_owned();
    let worker = WorkerHandle::spawn(WorkerOptions {
        port_socket: Box::new(move |id| ports.join(id.to_string())),
        balancer_socket: Box::new(|id| std::path::PathBuf::from(format!("/nowhere/{id}"))),
        forward_socket: dir.join("fwd"),
        tokens: Tokens::new(&[1; 32]),
        flows: std::sync::mpsc::sync_channel(1).0,
        handed: tokio::sync::mpsc::channel(1).0,
        kept: None,
        keeping: Keeping::default(),
        links: None,
    })
    .expect("a card");
    let mut config = net_config(&"a1-h1".parse().expect("a host's name"), 1, guests[0].underlay, guests);
    config.ports[FLOODER].rate = rate;
    runtime().block_on(worker.configure(config)).expect("a good configuration");
    worker
}

fn frame(from: &TestGuest, to: Ipv4Addr, bytes: usize) -> Vec<u8> {
    let mut out = Vec::new();
    etherparse::PacketBuilder::ethernet2(from.mac().0, ROUTER_MAC.0)
        .ipv4(from.ip().octets(), to.octets(), 64)
        .udp(1000, 9)
        .write(&mut out, &vec![0; bytes - TIME_AT])
        .expect("a frame");
    // No checksum (RFC 768): the payload changes.
    out[40..42].fill(0);
    out
}

#[derive(Default)]
struct Round {
    sent: u64,
    received: u64,
    flood: u64,
    /// Microseconds of each frame.
    took: Vec<f64>,
}

impl Round {
    fn at(&mut self, share: f64) -> f64 {
        self.took.sort_by(f64::total_cmp);
        self.took.get((self.took.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN)
    }
}

fn round(fronts: &mut [Front], guests: &[TestGuest], flood: Option<&[u8]>) -> Round {
    let mut r = Round::default();
    let start = Instant::now();
    let now_ns = || start.elapsed().as_nanos() as u64;
    let mut frames = [VICTIM, OTHER].map(|v| (v, frame(&guests[v], guests[SINK].ip(), VICTIM_BYTES), Duration::ZERO));
    while start.elapsed() < ROUND {
        for (v, frame, due) in &mut frames {
            let now = start.elapsed();
            *due = (*due).max(now.saturating_sub(BEHIND_MAX));
            if *due > now {
                continue;
            }
            *due += PACE;
            frame[TIME_AT..TIME_AT + 8].copy_from_slice(&now_ns().to_le_bytes());
            r.sent += 1;
            fronts[*v].queue(frame);
            fronts[*v].kick();
        }
        if let Some(flood) = flood {
            let front = &mut fronts[FLOODER];
            r.flood += (0..FLOOD_BATCH).take_while(|_| front.queue(flood)).count() as u64;
            front.kick();
        }
        for n in [SINK, DRAIN] {
            let front = &mut fronts[n];
            let memory = &front.memory;
            front.rx.reap(memory, |at, bytes| {
                if n == SINK && bytes == HEADER_BYTES + VICTIM_BYTES {
                    let mut sent = [0; 8];
                    memory.read(at + HEADER_BYTES + TIME_AT, &mut sent);
                    r.received += 1;
                    r.took.push(now_ns().saturating_sub(u64::from_le_bytes(sent)) as f64 / 1e3);
                }
            });
            front.rx.refill(memory);
        }
    }
    // What is under way is not the next round's.
    std::thread::sleep(Duration::from_millis(20));
    fronts[SINK].rx.reap(&fronts[SINK].memory, |_, bytes| r.received += u64::from(bytes == HEADER_BYTES + VICTIM_BYTES));
    fronts[SINK].rx.refill(&fronts[SINK].memory);
    r
}

fn median(mut v: Vec<f64>) -> f64 {
    v.sort_by(f64::total_cmp);
    v[v.len() / 2]
}

fn main() {
    println!(
        "{:<30} {:>10} {:>10} {:>12} {:>12} {:>7} {:>8} {:>8} {:>8} {:>8}",
        "flooder", "alone /s", "beside /s", "arrives", "flood /s", "ratio", "p50 us", "beside", "p99 us", "beside"
    );
    for case in CASES {
        let dir = tempfile::tempdir().expect("a directory");
        let id = std::process::id();
        let underlay = Ipv4Addr::new(127, 91, (id >> 8) as u8, id as u8 | 1);
        let guests: Vec<TestGuest> = (0..5).map(|n| TestGuest { vpc: 1, n, underlay }).collect();
        let card = card(dir.path(), &guests, case.rate);
        let mut fronts: Vec<Front> = guests
            .iter()
            .map(|g| {
                let options = FrontOptions {
                    tx_layout: Layout::Single,
                    rx_buffer_bytes: 9216,
                    queue_size: 4096,
                    ..FrontOptions::default()
                };
                Front::connect(&dir.path().join(g.interface().to_string()), options).expect("a front end")
            })
            .collect();
        let to = if case.to_guest { guests[DRAIN].ip() } else { Ipv4Addr::new(10, 0, 0, 200) };
        let flood = frame(&guests[FLOODER], to, case.bytes);
        // The burst goes first.
        round(&mut fronts, &guests, Some(&flood));
        let rounds: Vec<[Round; 2]> =
            (0..ROUNDS).map(|_| [round(&mut fronts, &guests, None), round(&mut fronts, &guests, Some(&flood))]).collect();
        let of = |what: fn(&Round) -> u64, which: usize| {
            median(rounds.iter().map(|r| what(&r[which]) as f64 / ROUND.as_secs_f64()).collect())
        };
        let (alone, beside, flooded) = (of(|r| r.received, 0), of(|r| r.received, 1), of(|r| r.flood, 1));
        // Of what the victims sent: the thread that drives them has the flooder to drive, too.
        let share = |which: usize| median(rounds.iter().map(|r| r[which].received as f64 / r[which].sent as f64).collect());
        let (arrives, ratio) = (share(1), share(1) / share(0));
        let mut rounds = rounds;
        let mut time = |share: f64, which: usize| median(rounds.iter_mut().map(|r| r[which].at(share)).collect());
        let times = [time(0.5, 0), time(0.5, 1), time(0.99, 0), time(0.99, 1)];
        println!(
            "{:<30} {alone:>10.0} {beside:>10.0} {arrives:>12.4} {flooded:>12.0} {ratio:>7.3} {:>8.1} {:>8.1} {:>8.1} {:>8.1}",
            case.name, times[0], times[1], times[2], times[3]
        );
        drop(card);
    }
}
