//! The load of both benches: one thread that sends UDP flows in at one end and counts them at the other, and the CPU time
//! that this cost, thread by thread. The same for our card and for its peers, so that only the ends differ.

use std::path::Path;
use std::time::{Duration, Instant};

/// Ethernet frames without the frame check sequence.
pub const SIZES: [usize; 3] = [64, 1514, 9015];
const RUN: Duration = Duration::from_millis(2000);
const FLOWS: u16 = 64;
/// Frames under way at most: what is measured is forwarding, not dropping.
const WINDOW: u64 = 128;
/// Nothing arrived for so long: what is under way is lost.
const LOST_AFTER: Duration = Duration::from_millis(20);

pub trait Ends {
    /// Sends some of `frames` (all of one size), in order; says how many were taken.
    fn send(&mut self, frames: &[Vec<u8>]) -> usize;
    /// Frames that have arrived since the last call.
    fn receive(&mut self) -> u64;
}

pub struct Addresses {
    pub source_mac: [u8; 6],
    pub target_mac: [u8; 6],
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
        "{:<34} {:>6} {:>10} {:>8} {:>9} {:>10} {:>9} {:>6}",
        "path", "bytes", "frames/s", "Gbit/s", "ns/frame", "switch CPU", "all CPU", "lost"
    );
}

/// Runs twice (the first run warms up) and prints the second.
pub fn run(path: &str, bytes: usize, addresses: &Addresses, ends: &mut dyn Ends, switch: Option<&SwitchThreads>) {
    let frames: Vec<Vec<u8>> = (0..FLOWS).map(|flow| frame(addresses, bytes, flow)).collect();
    blast(ends, &frames, RUN / 4);
    let cpu = || (switch.map_or(0, threads_ns), thread_ns(Path::new("/proc/thread-self")), ksoftirqd_ns());
    let before = cpu();
    let (received, lost, seconds) = blast(ends, &frames, RUN);
    let after = cpu();
    let each = |ns: u64| ns as f64 / received.max(1) as f64;
    let switch_ns = after.0 - before.0;
    let all = each(switch_ns + (after.1 - before.1) + (after.2 - before.2));
    let switch_text = switch.map_or("-".to_owned(), |_| format!("{:.0}", each(switch_ns)));
    let rate = received as f64 / seconds;
    let gbits = rate * bytes as f64 * 8.0 / 1e9;
    let ns = 1e9 / rate;
    println!("{path:<34} {bytes:>6} {rate:>10.0} {gbits:>8.2} {ns:>9.0} {switch_text:>10} {all:>9.0} {lost:>6}");
}

fn frame(a: &Addresses, bytes: usize, flow: u16) -> Vec<u8> {
    let mut out = Vec::new();
    etherparse::PacketBuilder::ethernet2(a.source_mac, a.target_mac)
        .ipv4(a.source, a.target, 64)
        .udp(10_000 + flow, 9)
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
