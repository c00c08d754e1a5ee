//! What it costs to end TCP in the card: bytes from a guest to a process and back, and short connections.
//!
//! One guest (smoltcp on the rings, MTU 9,001), the card, a process that swallows, pours or echoes. CPU is by thread, from
//! /proc: `card` is the switch, `terminator` the stack; `guest` and `process` are the load's own.

use card::imds::token::Tokens;
use card::testing::{Front, FrontOptions, Guest, TestGuest, net_config};
use card::worker::{WorkerHandle, WorkerOptions};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};
use wire::card::Entered;
use wire::net::TerminatorConfig;

const SWALLOW: u16 = 80;
const POUR: u16 = 81;
const ECHO: u16 = 82;
const BYTES: usize = 1 << 30;
const SHORT: usize = 5_000;

fn main() {
    let dir = tempfile::tempdir().expect("a directory");
    let underlay = Ipv4Addr::new(127, 77, 3, 9);
    let guests = [0, 2].map(|n| TestGuest { vpc: 1, n, underlay });
    let (ports, door) = (dir.path().to_owned(), dir.path().join("door"));
    let doors = door.clone();
    let worker = WorkerHandle::spawn(WorkerOptions {
        port_socket: Box::new(move |id| ports.join(id.to_string())),
        balancer_socket: Box::new(move |_| doors.clone()),
        forward_socket: dir.path().join("fwd"),
        tokens: Tokens::new(&[1; 32]),
        flows: std::sync::mpsc::sync_channel(1).0,
        handed: tokio::sync::mpsc::channel(1).0,
        kept: None,
        keeping: card::keeping::Keeping::default(),
        links: None,
    })
    .expect("a card");
    let mut config = net_config(&"a1-h1".parse().expect("a name"), 1, underlay, &guests);
    config.ports[1].metadata = None;
    config.ports[1].terminator = Some(TerminatorConfig { listen: vec![SWALLOW, POUR, ECHO] });
    runtime().block_on(worker.configure(config)).expect("a good configuration");
    let (up, is_up) = std::sync::mpsc::channel();
    let process = std::thread::Builder::new().name("process".into());
    process.spawn(move || runtime().block_on(tokio::task::LocalSet::new().run_until(serve(door, up)))).expect("a thread");
    is_up.recv().expect("the process");
    let (socket, node) = (dir.path().join(guests[0].interface().to_string()), guests[1].ip());
    let front = Front::connect(&socket, FrontOptions::default()).expect("rings");
    let mut guest = Guest::new(front, guests[0].mac(), guests[0].ip());

    measure("guest to process", BYTES, || {
        let handle = guest.connect(node, SWALLOW);
        let (chunk, mut sent) = (vec![7; 65_535], 0);
        while sent < BYTES {
            guest.poll();
            let socket = guest.tcp(handle);
            if socket.can_send() {
                sent += socket.send_slice(&chunk).expect("room");
            }
        }
        guest.tcp(handle).close();
        while guest.tcp(handle).send_queue() > 0 {
            guest.poll();
        }
    });
    measure("process to guest", BYTES, || {
        let handle = guest.connect(node, POUR);
        let mut got = 0;
        while got < BYTES {
            guest.poll();
            let socket = guest.tcp(handle);
            while socket.can_recv() {
                got += socket.recv(|b| (b.len(), b.len())).expect("bytes");
            }
        }
        guest.tcp(handle).close();
    });
    let began = Instant::now();
    let before = cpu();
    for _ in 0..SHORT {
        guest.exchange(node, ECHO, b"a request of a few bytes", Duration::from_secs(5)).expect("an answer");
    }
    let (took, after) = (began.elapsed(), cpu());
    let each = |name: &str| (spent(&before, &after, name) / SHORT as f64 * 1e6).round();
    println!(
        "short connections: {:.0}/s; us of CPU each: card {} terminator {} process {}",
        SHORT as f64 / took.as_secs_f64(),
        each("card"),
        each("terminator"),
        each("process")
    );
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

async fn serve(door: std::path::PathBuf, up: std::sync::mpsc::Sender<()>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = platform::rpc::bind(&door).expect("a socket");
    up.send(()).expect("somebody waits");
    platform::handover::serve_passed(listener, |word: Entered, mut stream| {
        tokio::task::spawn_local(async move {
            let mut buffer = vec![0; 128 << 10];
            match word.local.port() {
                SWALLOW => while stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {},
                POUR => while stream.write_all(&buffer).await.is_ok() {},
                _ => {
                    let n = stream.read(&mut buffer).await.unwrap_or(0);
                    let _ = stream.write_all(&buffer[..n]).await;
                }
            }
        });
    })
    .await;
}

fn measure(what: &str, bytes: usize, run: impl FnOnce()) {
    let (began, before) = (Instant::now(), cpu());
    run();
    let (took, after) = (began.elapsed().as_secs_f64(), cpu());
    let gib = bytes as f64 / (1 << 30) as f64;
    let each = |name: &str| spent(&before, &after, name) / gib;
    println!(
        "{what}: {:.0} MiB/s; s of CPU a GiB: card {:.2} terminator {:.2} process {:.2}",
        bytes as f64 / (1 << 20) as f64 / took,
        each("card"),
        each("terminator"),
        each("process")
    );
}

fn spent(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>, name: &str) -> f64 {
    after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0)
}

/// Seconds of CPU of this process's threads, by name.
fn cpu() -> BTreeMap<String, f64> {
    let mut all = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").expect("/proc").flatten() {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        let ns: f64 = text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0.0);
        *all.entry(name.trim().to_owned()).or_default() += ns / 1e9;
    }
    all
}
