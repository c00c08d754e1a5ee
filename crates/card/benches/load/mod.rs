//! The load of both benches: one thread that sends UDP flows in at one end and counts them at the other, and the CPU time
//! that this cost, thread by thread. The same for our card and for its peers, so that only the ends differ.

use std::path::Path;
use std::time::{Duration, Instant};

/// (Ethernet frame without the frame check sequence, UDP flows)
pub const CASES: [(usize, usize); 5] = [(64, 1), (64, 65_536), (1514, 1), (1514, 65_536), (9015, 64)];
const ROUND: Duration = Duration::from_millis(1000);
/// The best of so many is printed: what another process takes from the machine is not the switch's cost.
const ROUNDS: usize = 4;
/// Frames handed over at once, whatever the number of flows.
const BATCH: usize = 64;
/// Single frames sent one after the other, for the time that one takes.
const PROBES: usize = 20_000;
/// Where the load goes; more than 50,000 flows go to the next port, too.
pub const TARGET_PORT: u16 = 9;
/// Frames under way at most: what is measured is forwarding, not dropping.
const WINDOW: u64 = 128;
/// Nothing arrived for so long: what is under way is lost.
const LOST_AFTER: Duration = Duration::from_millis(20);

pub trait Ends {
    /// Sends some of `frames` (all of one size), in order; says how many were taken.
    fn send(&mut self, frames: &[Vec<u8>]) -> usize;
    /// Frames that have arrived since the last call.
    fn receive(&mut self) -> u64;
    /// Sends some of `frames` the other way; says how many were taken.
    fn answer(&mut self, frames: &[Vec<u8>]) -> usize;
}

pub struct Addresses {
    pub source_mac: [u8; 6],
    pub target_mac: [u8; 6],
    /// The far end's own, and what it sends its answers to.
    pub far_mac: [u8; 6],
    pub answer_mac: [u8; 6],
    pub source: [u8; 4],
    pub target: [u8; 4],
}

/// Which threads count as the switch: those with this name in a process.
pub struct SwitchThreads {
    pub pid: u32,
    pub name: Option<&'static str>,
}

pub fn header() {
    println!(
        "{:<34} {:>6} {:>6} {:>10} {:>8} {:>9} {:>10} {:>9} {:>6} {:>8} {:>8}",
        "path", "bytes", "flows", "frames/s", "Gbit/s", "ns/frame", "switch CPU", "all CPU", "lost", "p50 us", "p99 us"
    );
}

struct Round {
    received: u64,
    lost: u64,
    seconds: f64,
    switch_ns: u64,
    /// Switch, generator and the kernel's deferred work.
    all_ns: u64,
}

impl Round {
    fn rate(&self) -> f64 {
        self.received as f64 / self.seconds
    }
}

/// Warms up, runs the rounds and prints the one with the highest rate, and how long single frames take.
pub fn run(
    path: &str,
    (bytes, flows): (usize, usize),
    addresses: &Addresses,
    ends: &mut dyn Ends,
    switch: Option<&SwitchThreads>,
) {
    let frames: Vec<Vec<u8>> = (0..flows.max(BATCH)).map(|n| frame(addresses, bytes, n % flows, false)).collect();
    blast(ends, &frames, ROUND / 2);
    answer(ends, addresses, flows);
    let rounds = (0..ROUNDS).map(|_| round(ends, &frames, switch));
    let Some(best) = rounds.max_by(|a, b| a.rate().total_cmp(&b.rate())) else { return };
    let each = |ns: u64| ns as f64 / best.received.max(1) as f64;
    let switch_text = switch.map_or("-".to_owned(), |_| format!("{:.0}", each(best.switch_ns)));
    let (rate, all, lost) = (best.rate(), each(best.all_ns), best.lost);
    let (gbits, ns) = (rate * bytes as f64 * 8.0 / 1e9, 1e9 / rate);
    let (p50, p99) = latency(ends, &frames);
    println!(
        "{path:<34} {bytes:>6} {flows:>6} {rate:>10.0} {gbits:>8.2} {ns:>9.0} {switch_text:>10} {all:>9.0} {lost:>6} {p50:>8.1} {p99:>8.1}"
    );
}

fn round(ends: &mut dyn Ends, frames: &[Vec<u8>], switch: Option<&SwitchThreads>) -> Round {
    let cpu = || (switch.map_or(0, threads_ns), thread_ns(Path::new("/proc/thread-self")) + ksoftirqd_ns());
    let before = cpu();
    let (received, lost, seconds) = blast(ends, frames, ROUND);
    let after = cpu();
    let switch_ns = after.0 - before.0;
    Round { received, lost, seconds, switch_ns, all_ns: switch_ns + after.1 - before.1 }
}

/// Median and 99th percentile of the microseconds from one end to the other, one frame at a time. Lost ones are left out.
fn latency(ends: &mut dyn Ends, frames: &[Vec<u8>]) -> (f64, f64) {
    let mut taken: Vec<f64> = Vec::with_capacity(PROBES);
    for frame in frames.iter().cycle().take(PROBES) {
        let start = Instant::now();
        if ends.send(std::slice::from_ref(frame)) == 0 {
            continue;
        }
        while start.elapsed() < LOST_AFTER {
            if ends.receive() > 0 {
                taken.push(start.elapsed().as_secs_f64() * 1e6);
                break;
            }
            std::thread::yield_now();
        }
    }
    taken.sort_by(f64::total_cmp);
    let at = |share: f64| taken.get((taken.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN);
    (at(0.5), at(0.99))
}

/// One small answer to each flow: until then connection tracking everywhere takes each packet for the first of its flow, and
/// asks the rules again.
fn answer(ends: &mut dyn Ends, addresses: &Addresses, flows: usize) {
    let frames: Vec<Vec<u8>> = (0..flows).map(|flow| frame(addresses, 64, flow, true)).collect();
    let (mut sent, start) = (0, Instant::now());
    while sent < frames.len() && start.elapsed() < ROUND * 5 {
        sent += ends.answer(&frames[sent..(sent + 32).min(flows)]);
        ends.receive();
        std::thread::yield_now();
    }
    std::thread::sleep(LOST_AFTER);
}

fn frame(a: &Addresses, bytes: usize, flow: usize, answer: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let (source, target) = (10_000 + (flow % 50_000) as u16, TARGET_PORT + (flow / 50_000) as u16);
    let (macs, ips, ports) = match answer {
        false => ((a.source_mac, a.target_mac), (a.source, a.target), (source, target)),
        true => ((a.far_mac, a.answer_mac), (a.target, a.source), (target, source)),
    };
    etherparse::PacketBuilder::ethernet2(macs.0, macs.1)
        .ipv4(ips.0, ips.1, 64)
        .udp(ports.0, ports.1)
        .write(&mut out, &vec![0; bytes - 42])
        .expect("a frame");
    out
}

/// (received, lost, seconds)
fn blast(ends: &mut dyn Ends, frames: &[Vec<u8>], time: Duration) -> (u64, u64, f64) {
    let (start, mut sent, mut received, mut lost, mut i) = (Instant::now(), 0u64, 0u64, 0u64, 0);
    let mut last = start;
    while start.elapsed() < time {
        let room = (WINDOW.saturating_sub(sent - received - lost) as usize).min(frames.len() - i);
        let taken = ends.send(&frames[i..i + room]);
        sent += taken as u64;
        i = (i + taken) % frames.len();
        match ends.receive() {
            0 if last.elapsed() > LOST_AFTER => (lost, last) = (sent - received, Instant::now()),
            0 => std::thread::yield_now(),
            // A frame that was given up may still come.
            n => (received, last) = ((received + n).min(sent - lost), Instant::now()),
        }
    }
    (received, lost, start.elapsed().as_secs_f64())
}

/// CPU time of one thread: the first number of its schedstat, in nanoseconds.
fn thread_ns(task: &Path) -> u64 {
    let text = std::fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn comm(task: &Path) -> String {
    std::fs::read_to_string(task.join("comm")).unwrap_or_default().trim().to_owned()
}

fn threads_ns(switch: &SwitchThreads) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", switch.pid)).into_iter().flatten().flatten();
    tasks.map(|t| t.path()).filter(|t| switch.name.is_none_or(|n| comm(t) == n)).map(|t| thread_ns(&t)).sum()
}

/// Deferred network work of the kernel; the rest of it runs within the thread that caused it.
fn ksoftirqd_ns() -> u64 {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|p| p.path());
    all.filter(|p| comm(p).starts_with("ksoftirqd/")).map(|p| thread_ns(&p)).sum()
}
