//! What a storage node does on this machine's disk: `cargo bench -p objectstore --bench node [-- DIRECTORY]`.
//!
//! Durable puts and verified gets over the node's socket with 1 and 64 callers, the log without the socket, and the time to
//! open a log of 100,000 shards. Prints operations and bytes a second, the median and 99th percentile of one call, and the
//! process's CPU time an operation (node and callers together). Not a comparison with other systems: that is the product's.

use bytes::Bytes;
use objectstore::layout::Node;
use objectstore::message::{NodeAnswer, NodeCall, pack, unpack};
use objectstore::node::digest::Digests;
use objectstore::node::disk::RealDisk;
use objectstore::node::log::{Log, LogOptions, Op};
use objectstore::node::{NodeOptions, RepairPace, ScrubPace, run_with};
use objectstore::{BlobId, ChunkId, Layout, SessionId, ShardId, Topology};
use platform::bulk::BulkClient;
use platform::tls::testing::identity;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(60);
const CLOCK_TICKS_PER_S: f64 = 100.0;

fn id(session: u64, number: u32) -> ShardId {
    let blob = BlobId { session: SessionId(session), number };
    ShardId { chunk: ChunkId { blob, index: 0 }, shard: 0, layout: Layout::REPLICATED }
}

fn payload(bytes: usize, seed: u32) -> Bytes {
    let mut x = u64::from(seed) | 1;
    let mut next = || {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (x >> 33) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

/// User and system time of this process, in seconds.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / CLOCK_TICKS_PER_S
}

fn report(name: &str, bytes: usize, wall: Duration, cpu_s: f64, mut took: Vec<Duration>) {
    took.sort_unstable();
    let n = took.len();
    let at = |part: f64| took[((n as f64 * part) as usize).min(n - 1)].as_nanos() as f64 / 1000.0;
    let s = wall.as_secs_f64();
    println!(
        "{name:36} {:9.0}/s {:8.1} MB/s   p50 {:8.1} us  p99 {:8.1} us   CPU {:7.1} us",
        n as f64 / s,
        (n * bytes) as f64 / s / 1e6,
        at(0.5),
        at(0.99),
        cpu_s * 1e6 / n as f64,
    );
}

async fn call(client: &BulkClient, call: NodeCall, payload: Bytes) -> (NodeAnswer, Bytes) {
    let answer = client.call(pack(&call, payload).expect("it packs"), TIMEOUT).await.expect("the node answers");
    (unpack(&answer).expect("an answer"), answer.payload)
}

/// `callers` at once, `each` calls of each.
async fn load<F, Fut>(name: &str, bytes: usize, callers: u32, each: u32, one: F)
where
    F: Fn(u32) -> Fut + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let one = Rc::new(one);
    let (begun, cpu_before) = (Instant::now(), cpu());
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let one = one.clone();
            tokio::task::spawn_local(async move {
                let mut took = Vec::with_capacity(each as usize);
                for n in 0..each {
                    let begun = Instant::now();
                    one(caller * each + n).await;
                    took.push(begun.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.expect("a caller"));
    }
    report(name, bytes, begun.elapsed(), cpu() - cpu_before, took);
}

fn over_the_socket(dir: &Path) {
    let id_of_node: types::StorageId = "a1".parse().expect("an id");
    let node = Node { id: id_of_node.clone(), az: "us-east-1a".parse().expect("a zone") };
    let socket = dir.join("storage-a1.sock");
    let options = NodeOptions {
        identity: identity(dir, "storage-a1"),
        dir: dir.join("a1"),
        socket: socket.clone(),
        id: id_of_node,
        topology: Topology::new(vec![node]),
        peers: Vec::new(),
        limit_bytes: None,
        scrub: ScrubPace { bytes_per_s: 1, ..ScrubPace::default() },
        repair: RepairPace::default(),
    };
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        tokio::task::LocalSet::new().block_on(&runtime, run_with(options)).expect("the node runs");
    });
    while UnixStream::connect(&socket).is_err() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let client = BulkClient::new(&identity(dir, "gateway"), &socket);
        let mut session = 0;
        for (bytes, callers, each) in [
            (4 << 10, 1, 2000),
            (4 << 10, 64, 500),
            (64 << 10, 1, 1000),
            (64 << 10, 64, 100),
            (1 << 20, 1, 200),
            (1 << 20, 64, 8),
        ] {
            session += 1;
            let body = payload(bytes, session as u32);
            let sent = client.clone();
            let name = |what: &str| format!("{what} {} KiB, {callers} callers", bytes >> 10);
            load(&name("put"), bytes, callers, each, move |n| {
                let (client, body) = (sent.clone(), body.clone());
                async move {
                    call(&client, NodeCall::Put { shard: id(session, n) }, body).await;
                }
            })
            .await;
            let asked = client.clone();
            load(&name("get"), bytes, callers, each, move |n| {
                let client = asked.clone();
                async move {
                    let get = NodeCall::Get { shard: id(session, n), offset: 0, length: bytes as u32 };
                    assert_eq!(call(&client, get, Bytes::new()).await.1.len(), bytes);
                }
            })
            .await;
        }
    });
}

fn without_the_socket(dir: &Path) {
    std::fs::create_dir_all(dir).expect("a directory");
    let open = || {
        let disk = Arc::new(RealDisk::new(dir).expect("a disk"));
        Log::open(disk, LogOptions::new(5), Digests::default()).expect("a log")
    };
    let log = open();
    for (bytes, at_once, batches) in [(4usize << 10, 64u32, 400u32), (64 << 10, 64, 40), (1 << 20, 16, 40)] {
        let body = payload(bytes, 9);
        let (begun, cpu_before) = (Instant::now(), cpu());
        let mut took = Vec::new();
        for batch in 0..batches {
            let begun = Instant::now();
            let op = |n| Op::Put { id: id(100 + bytes as u64, batch * at_once + n), payload: body.clone() };
            let ops: Vec<Op> = (0..at_once).map(op).collect();
            assert!(log.commit(&ops).iter().all(Result::is_ok));
            took.extend(std::iter::repeat_n(begun.elapsed(), at_once as usize));
        }
        report(&format!("log: batches of {at_once} x {} KiB", bytes >> 10), bytes, begun.elapsed(), cpu() - cpu_before, took);
    }
    let body = payload(4 << 10, 9);
    for batch in 0..100 {
        let ops: Vec<Op> = (0..1000).map(|n| Op::Put { id: id(7, batch * 1000 + n), payload: body.clone() }).collect();
        assert!(log.commit(&ops).iter().all(Result::is_ok));
    }
    drop(log);
    let reopen = |what: &str| {
        let (begun, cpu_before) = (Instant::now(), cpu());
        let log = open();
        let shards = log.state().live.len();
        println!(
            "open {shards} shards, {what}: {:.1} ms, CPU {:.0} ms",
            begun.elapsed().as_secs_f64() * 1e3,
            (cpu() - cpu_before) * 1e3
        );
    };
    reopen("with index files");
    for entry in std::fs::read_dir(dir).expect("the directory").flatten() {
        if entry.path().extension().is_some_and(|e| e == "idx") {
            std::fs::remove_file(entry.path()).expect("it goes");
        }
    }
    reopen("all scanned");
}

fn main() {
    let place = std::env::args().skip(1).find(|a| !a.starts_with('-')).map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::Builder::new().prefix("node-bench").tempdir_in(place).expect("a directory");
    over_the_socket(dir.path());
    without_the_socket(&dir.path().join("log"));
}
