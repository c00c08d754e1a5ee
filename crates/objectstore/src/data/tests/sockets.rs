//! The real way to the nodes: the same calls over unix sockets.

use super::fake::{FakeNodes, pattern};
use super::topology;
use crate::data::nodes::QUEUE_BYTES_MAX;
use crate::data::{BulkNodes, CHUNK_BYTES, DataClient, DataKey, DataOptions, Nodes, ReadError, Trouble};
use crate::id::{BlobId, ChunkId, SessionId, ShardId};
use crate::layout::Layout;
use crate::message::{NodeCall, pack, unpack};
use crate::record::BlobRef;
use bytes::Bytes;
use platform::rpc::RpcError;
use platform::tls::Role;
use platform::tls::testing::identity;
use platform::{Identity, bulk};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

#[tokio::test]
async fn blobs_travel_over_sockets() {
    let dir = tempfile::tempdir().unwrap();
    let topology = Arc::new(topology(3, 2));
    let count = topology.nodes().len();
    let fake = FakeNodes::new(count);
    let sockets: Vec<_> = (0..count).map(|n| dir.path().join(format!("storage-n{n}.sock"))).collect();
    let local = tokio::task::LocalSet::new();
    // The last has no server.
    for (n, socket) in sockets.iter().enumerate().take(count - 1) {
        let fake = fake.clone();
        let handler = move |_, parcel: bulk::Parcel| {
            let fake = fake.clone();
            async move {
                let call = unpack(&parcel)?;
                let (answer, payload) = fake.call(n, call, parcel.payload, Duration::from_secs(5)).await?;
                pack(&answer, payload)
            }
        };
        let (listener, me) = (platform::rpc::bind(socket).unwrap(), identity(&dir, &format!("storage-n{n}")));
        local.spawn_local(async move { bulk::serve(listener, me, &[Role::Gateway.any()], handler).await });
    }
    local
        .run_until(async {
            let client = DataClient::new(topology, BulkNodes::new(&identity(&dir, "gateway"), sockets), DataOptions::default());
            let key = DataKey::new([5; 32]);
            for (number, layout) in (0..).zip([Layout::REPLICATED, Layout { data: 3, parity: 3 }]) {
                let bytes = pattern(2 * CHUNK_BYTES + 1234);
                let id = BlobId { session: SessionId(9), number };
                let mut writer = client.writer(id, layout, &key);
                writer.write(Bytes::from(bytes.clone())).await.unwrap();
                let written = writer.finish().await.unwrap();
                let blob = BlobRef { id, bytes: written.bytes, layout, sealed_key: Vec::new() };
                for range in [0..written.bytes, 5..6, 1_000_000..1_200_000] {
                    let mut reader = client.reader(&blob, &key, range.clone());
                    let mut read = Vec::new();
                    while let Some(piece) = reader.next().await {
                        read.extend_from_slice(&piece.unwrap());
                    }
                    assert!(read == bytes[range.start as usize..range.end as usize], "{layout:?} {range:?}");
                }
                client.settle().await;
                // The one without a server could not be asked to delete.
                assert_eq!(client.delete(&blob).await.unwrap_err().troubles.len(), 1);
                let error = client.reader(&blob, &key, 0..1).next().await.unwrap().unwrap_err();
                assert!(matches!(error, ReadError::Unavailable { .. }), "{error}");
            }
        })
        .await;
    assert!(fake.holders().is_empty());
}

/// Counts what is alive of it.
struct Tracked(Vec<u8>, Arc<AtomicUsize>);

impl AsRef<[u8]> for Tracked {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A node that takes the first call, and from then on neither reads nor answers until it is released; then it goes.
fn stuck_node(socket: &Path, me: Identity) -> (std::sync::mpsc::Sender<()>, JoinHandle<()>) {
    let socket = socket.to_owned();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (listens, listening) = std::sync::mpsc::channel();
    let node = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let gone = std::rc::Rc::new(tokio::sync::Notify::new());
        let going = gone.clone();
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let listener = platform::rpc::bind(&socket).unwrap();
            listens.send(()).unwrap();
            let handler = move |_, _| {
                let _ = released.recv();
                going.notify_one();
                std::future::pending()
            };
            let callers = [Role::Gateway.any()];
            tokio::select! {
                () = bulk::serve(listener, me, &callers, handler) => {}
                () = gone.notified() => {}
            }
        });
    });
    listening.recv().unwrap();
    (release, node)
}

#[tokio::test]
async fn a_node_that_does_not_read_holds_little() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("storage-n.sock");
    let (release, node) = stuck_node(&socket, identity(&dir, "storage-n"));
    let nodes = BulkNodes::new(&identity(&dir, "gateway"), vec![socket]);
    let alive = Arc::new(AtomicUsize::new(0));
    let shard = ShardId {
        chunk: ChunkId { blob: BlobId { session: SessionId(1), number: 1 }, index: 0 },
        shard: 0,
        layout: Layout::REPLICATED,
    };
    let stuck = nodes.call(0, NodeCall::Stat, Bytes::new(), Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(Trouble::of(&stuck), Trouble::Silent), "{stuck}");
    for _ in 0..12 {
        alive.fetch_add(1, Ordering::SeqCst);
        let payload = Bytes::from_owner(Tracked(vec![1; CHUNK_BYTES], alive.clone()));
        let error = nodes.call(0, NodeCall::Put { shard }, payload, Duration::from_millis(20)).await.unwrap_err();
        assert!(matches!(Trouble::of(&error), Trouble::Silent | Trouble::Unreachable), "{error}");
    }
    assert_eq!(alive.load(Ordering::SeqCst), QUEUE_BYTES_MAX / CHUNK_BYTES);
    // It goes: so does what waited for it.
    drop(release);
    node.join().unwrap();
    let payload = Bytes::from(vec![1; CHUNK_BYTES]);
    let error = nodes.call(0, NodeCall::Put { shard }, payload, Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(error, RpcError::Unreachable { .. } | RpcError::Unknown { .. }), "{error}");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}
