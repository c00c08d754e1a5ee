//! The data path over real storage nodes, each on a thread of its own: a zone goes, comes back, and is made whole.

use super::fake::pattern;
use super::topology;
use crate::data::{BulkNodes, CHUNK_BYTES, DataClient, DataKey, DataOptions};
use crate::id::{BlobId, SessionId, ShardId};
use crate::index::collector::NodeLister;
use crate::layout::{Layout, Topology};
use crate::node::{NodeError, NodeOptions, RepairPace, ScrubPace, run_with};
use crate::record::BlobRef;
use bytes::Bytes;
use platform::tls::testing::identity;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

const WAIT: Duration = Duration::from_secs(60);

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), NodeError>>,
}

impl Running {
    fn start(dir: &Path, topology: &Topology, node: usize) -> Self {
        let path = |n: usize| dir.join(format!("storage-{}", topology.nodes()[n].id));
        let socket = path(node).with_extension("sock");
        let _ = std::fs::remove_file(&socket);
        let options = NodeOptions {
            identity: identity(dir, &format!("storage-{}", topology.nodes()[node].id)),
            dir: path(node),
            socket: socket.clone(),
            id: topology.nodes()[node].id.clone(),
            topology: topology.clone(),
            peers: (0..topology.nodes().len())
                .map(|n| (topology.nodes()[n].id.clone(), path(n).with_extension("sock")))
                .collect(),
            limit_bytes: None,
            scrub: ScrubPace::default(),
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
        let begun = Instant::now();
        // A socket that is there may not be listened to yet.
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            assert!(begun.elapsed() < WAIT && !thread.is_finished(), "the node listens");
            std::thread::yield_now();
        }
        Self { stop, thread }
    }

    fn stop(self) {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap().unwrap();
    }
}

fn stop(nodes: &mut [Option<Running>]) {
    nodes.iter_mut().filter_map(Option::take).for_each(Running::stop);
}

struct Writer {
    client: DataClient,
    /// The same nodes as the index sees them: only it may list what they hold.
    lister: DataClient,
    key: DataKey,
    written: Vec<(BlobRef, Vec<u8>)>,
}

impl Writer {
    async fn write(&mut self, layout: Layout, length: usize) {
        let (number, bytes) = (self.written.len() as u32, pattern(length));
        let id = BlobId { session: SessionId(3), number };
        let mut writer = self.client.writer(id, layout, &self.key);
        for piece in bytes.chunks(150_000) {
            writer.write(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        let written = writer.finish().await.unwrap();
        self.written.push((BlobRef { id, bytes: written.bytes, layout, sealed_key: Vec::new() }, bytes));
    }

    async fn check(&self) {
        for (blob, bytes) in &self.written {
            let mut reader = self.client.reader(blob, &self.key, 0..blob.bytes);
            let mut read = Vec::new();
            while let Some(piece) = reader.next().await {
                read.extend_from_slice(&piece.unwrap());
            }
            assert!(read == *bytes, "{} of {}", blob.id, blob.bytes);
        }
    }

    async fn shards(&self) -> Vec<Vec<ShardId>> {
        let mut all = Vec::new();
        for node in self.client.nodes() {
            all.push(self.lister.list(&node, None, 10_000).await.unwrap());
        }
        all
    }

    /// Every shard is at home, and nowhere else.
    async fn is_at_home(&self) -> bool {
        let topology = self.client.topology();
        let shards = self.shards().await;
        let expected: usize =
            self.written.iter().map(|(b, _)| b.bytes.div_ceil(CHUNK_BYTES as u64) as usize * b.layout.shards()).sum();
        let at_home = |(node, shards): (usize, &Vec<ShardId>)| shards.iter().all(|s| topology.home(s.chunk, s.shard) == node);
        shards.iter().map(Vec::len).sum::<usize>() == expected && shards.iter().enumerate().all(at_home)
    }

    async fn wait_at_home(&self) {
        let begun = Instant::now();
        while !self.is_at_home().await {
            assert!(begun.elapsed() < WAIT, "all shards are at home");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_zone_goes_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let topology = Arc::new(topology(3, 3));
    let coded = Layout::erasure(&topology);
    assert_eq!(coded, Layout { data: 5, parity: 4 });
    let mut running: Vec<Option<Running>> = (0..9).map(|n| Some(Running::start(dir.path(), &topology, n))).collect();
    let sockets: Vec<_> = topology.nodes().iter().map(|n| dir.path().join(format!("storage-{}.sock", n.id))).collect();
    let client_of = |process| {
        let nodes = BulkNodes::new(&identity(&dir, process), sockets.clone());
        DataClient::new(topology.clone(), nodes, DataOptions::default())
    };
    let mut w =
        Writer { client: client_of("gateway"), lister: client_of("index-a"), key: DataKey::new([1; 32]), written: Vec::new() };
    let sizes = [10, 70_000, 2 * CHUNK_BYTES + 5];
    for layout in [Layout::REPLICATED, coded] {
        for size in sizes {
            w.write(layout, size).await;
        }
    }
    w.check().await;
    w.wait_at_home().await;

    // The second zone stops: reading and writing go on.
    stop(&mut running[3..6]);
    w.check().await;
    for layout in [Layout::REPLICATED, coded] {
        for size in sizes {
            w.write(layout, size).await;
        }
    }
    w.check().await;
    assert!(w.client.counts().stand_in_puts > 0 && w.client.counts().degraded_reads > 0, "{:?}", w.client.counts());

    // It comes back, one of its nodes empty: what it missed and what it lost is brought home.
    std::fs::remove_dir_all(dir.path().join(format!("storage-{}", topology.nodes()[4].id))).unwrap();
    (3..6).for_each(|n| running[n] = Some(Running::start(dir.path(), &topology, n)));
    w.wait_at_home().await;
    // Another zone goes for good: nothing was only there.
    stop(&mut running[0..3]);
    w.check().await;
    (0..3).for_each(|n| running[n] = Some(Running::start(dir.path(), &topology, n)));

    let blobs: Vec<BlobRef> = w.written.drain(..).map(|(blob, _)| blob).collect();
    w.client.delete_all(&blobs).await.unwrap();
    assert_eq!(w.shards().await.concat(), []);
    stop(&mut running);
}
