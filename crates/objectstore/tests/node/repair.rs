//! Nodes that repair each other: real files, real sockets, each node on a thread with a runtime of its own.

use bytes::Bytes;
use objectstore::data::erasure;
use objectstore::layout::Node;
use objectstore::message::{NodeAnswer, NodeCall, NodeStat, node_code, pack, unpack};
use objectstore::node::{NodeError, NodeOptions, RepairPace, ScrubPace, run_with};
use objectstore::{BlobId, ChunkId, Layout, SessionId, ShardId, Topology};
use platform::bulk::BulkClient;
use platform::rpc::RpcError;
use platform::tls::testing::identity;
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

const WAIT: Duration = Duration::from_secs(30);

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), NodeError>>,
}

struct Cluster {
    dir: tempfile::TempDir,
    topology: Topology,
    running: Vec<Option<Running>>,
    /// A connection a node as the gateway, and one as the operator, new with each start of it.
    clients: Vec<[BulkClient; 2]>,
    scrub: ScrubPace,
    runtime: tokio::runtime::Runtime,
}

impl Cluster {
    fn new(zones: u8, per_zone: u8) -> Self {
        let node = |z: u8, n| {
            let letter = char::from(b'a' + z);
            Node { id: format!("{letter}{n}").parse().unwrap(), az: format!("us-east-1{letter}").parse().unwrap() }
        };
        let topology = Topology::new((0..zones).flat_map(|z| (1..=per_zone).map(move |n| node(z, n))).collect());
        let mut cluster = Self {
            dir: tempfile::tempdir().unwrap(),
            running: topology.nodes().iter().map(|_| None).collect(),
            clients: Vec::new(),
            topology,
            scrub: ScrubPace { bytes_per_s: 1 << 30, period: Duration::from_millis(20), ..ScrubPace::default() },
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        };
        cluster.clients = (0..cluster.running.len()).map(|n| cluster.clients(n)).collect();
        (0..cluster.running.len()).for_each(|n| cluster.start(n));
        cluster
    }

    fn path(&self, node: usize) -> PathBuf {
        self.dir.path().join(self.topology.nodes()[node].id.as_str())
    }

    fn socket(&self, node: usize) -> PathBuf {
        self.dir.path().join(format!("storage-{}.sock", self.topology.nodes()[node].id))
    }

    fn clients(&self, node: usize) -> [BulkClient; 2] {
        ["gateway", "operator"].map(|caller| BulkClient::new(&identity(&self.dir, caller), self.socket(node)))
    }

    fn start(&mut self, node: usize) {
        let socket = self.socket(node);
        let _ = std::fs::remove_file(&socket);
        let nodes = self.topology.nodes();
        let options = NodeOptions {
            identity: identity(&self.dir, &format!("storage-{}", nodes[node].id)),
            dir: self.path(node),
            socket: socket.clone(),
            id: nodes[node].id.clone(),
            topology: self.topology.clone(),
            peers: (0..nodes.len()).map(|n| (nodes[n].id.clone(), self.socket(n))).collect(),
            limit_bytes: None,
            scrub: self.scrub,
            repair: RepairPace { period: Duration::from_millis(40), ..RepairPace::default() },
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            tokio::task::LocalSet::new().block_on(&runtime, async {
                tokio::select! {
                    ended = run_with(options) => ended,
                    _ = stopped => Ok(()),
                }
            })
        });
        self.running[node] = Some(Running { stop, thread });
        wait("the node listens", || UnixStream::connect(&socket).is_ok());
        self.clients[node] = self.clients(node);
    }

    fn stop(&mut self, node: usize) -> Result<(), NodeError> {
        let Running { stop, thread } = self.running[node].take().unwrap();
        // It may have ended by itself.
        let _ = stop.send(());
        thread.join().unwrap()
    }

    fn call(&self, node: usize, call: &NodeCall, payload: Bytes) -> Result<(NodeAnswer, Bytes), RpcError> {
        self.runtime.block_on(async {
            let client = &self.clients[node][usize::from(matches!(call, NodeCall::Stat))];
            let answer = client.call(pack(call, payload)?, WAIT).await?;
            Ok((unpack(&answer)?, answer.payload))
        })
    }

    fn put(&self, node: usize, shard: ShardId, bytes: &Bytes) {
        assert_eq!(self.call(node, &NodeCall::Put { shard }, bytes.clone()).unwrap().0, NodeAnswer::Done);
    }

    fn get(&self, node: usize, shard: ShardId) -> Result<Bytes, String> {
        let got = self.call(node, &NodeCall::Get { shard, offset: 0, length: u32::MAX }, Bytes::new());
        got.map(|(_, bytes)| bytes).map_err(|e| e.code().to_owned())
    }

    fn has(&self, node: usize, shards: &[ShardId]) -> usize {
        match self.call(node, &NodeCall::Has { shards: shards.to_vec() }, Bytes::new()) {
            Ok((NodeAnswer::Has(has), _)) => has.into_iter().filter(|h| *h).count(),
            other => panic!("{other:?}"),
        }
    }

    fn delete(&self, node: usize, shards: &[ShardId]) {
        self.call(node, &NodeCall::Delete { shards: shards.to_vec() }, Bytes::new()).unwrap();
    }

    fn stat(&self, node: usize) -> NodeStat {
        match self.call(node, &NodeCall::Stat, Bytes::new()).unwrap().0 {
            NodeAnswer::Stat(stat) => stat,
            other => panic!("{other:?}"),
        }
    }

    fn home(&self, id: ShardId) -> usize {
        self.topology.home(id.chunk, id.shard)
    }

    /// All shards of a chunk, at home. Returns them.
    fn put_chunk(&self, number: u32, layout: Layout) -> Vec<(ShardId, Bytes)> {
        let chunk = ChunkId { blob: BlobId { session: SessionId(3), number }, index: 0 };
        let length = [100, 5_000, 70_000, 300_000][number as usize % 4];
        let bytes: Vec<u8> = (0..length).map(|i: u32| (i * 31 + i / 253 + number) as u8).collect();
        let shards: Vec<Bytes> = if layout.is_replicated() {
            vec![bytes.into(); 3]
        } else {
            let mut shards: Vec<Vec<u8>> = erasure::split(layout, bytes[..].into()).into_iter().map(|s| s.to_vec()).collect();
            shards.resize(layout.shards(), vec![0; shards[0].len()]);
            erasure::encode(layout, &mut shards).unwrap();
            shards.into_iter().map(Bytes::from).collect()
        };
        let all = shards.into_iter().enumerate().map(|(n, b)| (ShardId { chunk, shard: n as u8, layout }, b));
        all.inspect(|(id, b)| self.put(self.home(*id), *id, b)).collect()
    }

    /// What of these belongs to a node.
    fn of(&self, node: usize, all: &[(ShardId, Bytes)]) -> Vec<(ShardId, Bytes)> {
        all.iter().filter(|(id, _)| self.home(*id) == node).cloned().collect()
    }

    fn wipe(&self, node: usize) {
        std::fs::remove_dir_all(self.path(node)).unwrap();
    }

    fn wait_restored(&self, node: usize, all: &[(ShardId, Bytes)]) {
        let mine = self.of(node, all);
        let ids: Vec<ShardId> = mine.iter().map(|(id, _)| *id).collect();
        wait("all shards are back", || self.has(node, &ids) == ids.len());
        for (id, bytes) in mine {
            assert!(self.get(node, id) == Ok(bytes), "{id}");
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for running in self.running.iter_mut().filter_map(Option::take) {
            let _ = running.stop.send(());
            let _ = running.thread.join();
        }
    }
}

#[track_caller]
fn wait(what: &str, mut condition: impl FnMut() -> bool) {
    let until = Instant::now() + WAIT;
    while !condition() {
        assert!(Instant::now() < until, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn ids(all: &[(ShardId, Bytes)]) -> Vec<ShardId> {
    all.iter().map(|(id, _)| *id).collect()
}

#[test]
fn a_wiped_node_is_refilled_by_its_peers() {
    let mut cluster = Cluster::new(3, 1);
    let all: Vec<_> = (0..200).flat_map(|n| cluster.put_chunk(n, Layout::REPLICATED)).collect();
    let before = [cluster.stat(0).repaired, cluster.stat(2).repaired];
    cluster.stop(1).unwrap();
    cluster.wipe(1);
    cluster.start(1);
    cluster.wait_restored(1, &all);
    wait("the repair is over", || cluster.stat(1).last_repair_ms > 0);
    let stat = cluster.stat(1);
    assert_eq!((stat.repaired, stat.repair_backlog, stat.shards), (200, 0, 200));
    // The others had nothing to do.
    assert_eq!([cluster.stat(0).repaired, cluster.stat(2).repaired], before);
}

#[test]
fn a_wiped_node_gets_its_coded_shards_rebuilt() {
    let mut cluster = Cluster::new(3, 2);
    let layout = Layout::erasure(&cluster.topology);
    assert_eq!((layout.data, layout.parity), (3, 3));
    let all: Vec<_> = (0..40).flat_map(|n| cluster.put_chunk(n, layout)).collect();
    // With another one away, four of six are left.
    cluster.stop(0).unwrap();
    cluster.stop(3).unwrap();
    cluster.wipe(3);
    cluster.start(3);
    cluster.wait_restored(3, &all);
}

/// Flips a bit of a shard's payload in the node's segment file.
fn flip(dir: &Path, bytes: &[u8]) {
    let path = dir.join("seg-00000001");
    let raw = std::fs::read(&path).unwrap();
    let at = raw.windows(bytes.len()).position(|w| w == bytes).unwrap() + bytes.len() / 2;
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&[raw[at] ^ 16], at as u64).unwrap();
}

#[test]
fn a_flipped_bit_is_found_by_scrubbing_or_reading_and_repaired() {
    let mut cluster = Cluster::new(3, 1);
    let all: Vec<_> = (0..8).flat_map(|n| cluster.put_chunk(n, Layout::REPLICATED)).collect();
    let (id, bytes) = cluster.of(0, &all).into_iter().find(|(_, b)| b.len() == 70_000).unwrap();
    flip(&cluster.path(0), &bytes);
    wait("scrubbing finds it and repair mends it", || cluster.stat(0).repaired == 1);
    assert_eq!(cluster.get(0, id), Ok(bytes));
    let stat = cluster.stat(0);
    assert_eq!((stat.corrupt_found, stat.quarantined), (1, 0));

    // Without the scrubber a read finds it.
    cluster.stop(2).unwrap();
    cluster.scrub.period = Duration::from_secs(3600);
    cluster.start(2);
    wait("the only round is over", || cluster.stat(2).scrub_rounds == 1);
    let (id, bytes) = cluster.of(2, &all).into_iter().find(|(_, b)| b.len() == 5_000).unwrap();
    flip(&cluster.path(2), &bytes);
    assert_eq!(cluster.get(2, id), Err(node_code::CORRUPT.to_owned()));
    wait("repair mends it", || cluster.get(2, id) == Ok(bytes.clone()));
    assert_eq!(cluster.stat(2).corrupt_found, 1);
}

#[test]
fn what_cannot_be_repaired_is_quarantined_and_reported() {
    let mut cluster = Cluster::new(3, 1);
    let all = cluster.put_chunk(1, Layout::REPLICATED);
    cluster.stop(1).unwrap();
    cluster.stop(2).unwrap();
    let (id, bytes) = cluster.of(0, &all).remove(0);
    flip(&cluster.path(0), &bytes);
    wait("it is in quarantine", || cluster.stat(0).quarantined == 1);
    assert_eq!(cluster.get(0, id), Err(node_code::CORRUPT.to_owned()));
    cluster.start(1);
    wait("a peer came back", || cluster.get(0, id) == Ok(bytes.clone()));
}

#[test]
fn what_a_stand_in_holds_goes_home() {
    let mut cluster = Cluster::new(3, 2);
    let chunk = ChunkId { blob: BlobId { session: SessionId(9), number: 1 }, index: 0 };
    let id = ShardId { chunk, shard: 1, layout: Layout::REPLICATED };
    let home = cluster.home(id);
    let stand_in = cluster.topology.candidates(chunk, 1)[1];
    cluster.stop(home).unwrap();
    let bytes = Bytes::from_static(b"kept for another");
    cluster.put(stand_in, id, &bytes);
    cluster.start(home);
    wait("it is at home", || cluster.get(home, id) == Ok(bytes.clone()));
    wait("and only there", || cluster.get(stand_in, id) == Err(node_code::NOT_FOUND.to_owned()));
    // It may come again.
    cluster.put(stand_in, id, &bytes);
    wait("forgotten again", || cluster.has(stand_in, &[id]) == 0);
    assert_eq!(cluster.get(home, id), Ok(bytes));
}

#[test]
fn deletes_win_over_repair() {
    let mut cluster = Cluster::new(3, 1);
    let all: Vec<_> = (0..20).flat_map(|n| cluster.put_chunk(n, Layout::REPLICATED)).collect();
    let (gone, kept) = all.split_at(30);
    cluster.stop(2).unwrap();
    for node in [0, 1] {
        cluster.delete(node, &ids(gone));
    }
    // One that knows of the deletes forgets everything, and the one that does not comes back.
    cluster.stop(0).unwrap();
    cluster.wipe(0);
    cluster.start(2);
    cluster.start(0);
    wait("the absent one hears of the deletes", || cluster.has(2, &ids(&cluster.of(2, gone))) == 0);
    cluster.wait_restored(0, kept);
    cluster.wait_restored(2, kept);
    wait("all is quiet", || {
        (0..3).all(|n| cluster.stat(n).repair_backlog == 0 && cluster.stat(n).shards == kept.len() as u64 / 3)
    });
    for node in 0..3 {
        for (id, bytes) in cluster.of(node, gone) {
            let refused = cluster.call(node, &NodeCall::Put { shard: id }, bytes).map_err(|e| e.code().to_owned());
            assert_eq!(refused.unwrap_err(), node_code::DELETED, "{id} on {node}");
        }
    }
}

#[test]
fn a_node_without_its_directory_ends() {
    let mut cluster = Cluster::new(1, 1);
    cluster.wipe(0);
    wait("it ends", || cluster.running[0].as_ref().unwrap().thread.is_finished());
    assert!(matches!(cluster.stop(0), Err(NodeError::Gone(_))));
    cluster.start(0);
    assert_eq!(cluster.stat(0).shards, 0);
}

#[test]
fn a_full_node_refuses_to_write_and_still_deletes() {
    let cluster = Cluster::new(1, 1);
    let chunk = |number| ChunkId { blob: BlobId { session: SessionId(1), number }, index: 0 };
    let id = |number| ShardId { chunk: chunk(number), shard: 0, layout: Layout::REPLICATED };
    let bytes = Bytes::from_static(b"12345");
    cluster.put(0, id(1), &bytes);
    let limit = cluster.path(0).join("limit");
    std::fs::write(&limit, "0").unwrap();
    wait("it is full", || cluster.stat(0).full);
    let refused = cluster.call(0, &NodeCall::Put { shard: id(2) }, bytes.clone());
    assert_eq!(refused.unwrap_err().code(), node_code::FULL);
    assert_eq!(cluster.get(0, id(1)), Ok(bytes.clone()));
    cluster.delete(0, &[id(1)]);
    assert_eq!(cluster.get(0, id(1)), Err(node_code::NOT_FOUND.to_owned()));
    std::fs::remove_file(&limit).unwrap();
    wait("it is not full any more", || !cluster.stat(0).full);
    cluster.put(0, id(2), &bytes);
}
