//! The client of all storage nodes: what readers and writers of one process share, and deletion.

use super::budget::{BUFFER_BYTES_DEFAULT, Budget};
use super::counters::{DataCounters, DataCounts};
use super::health::Health;
use super::nodes::{BulkNodes, Nodes, Trouble};
use super::plain::Buffers;
use super::read::BlobReader;
use super::seal::{self, DataKey};
use super::write::BlobWriter;
use crate::id::{BlobId, ChunkId, ShardId};
use crate::layout::{Layout, Topology};
use crate::message::{NodeAnswer, NodeCall, SHARDS_PER_CALL_MAX};
use crate::offload::Offload;
use crate::record::BlobRef;
use bytes::Bytes;
use platform::rpc::RpcError;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::task::JoinSet;

#[derive(Clone, Debug)]
pub struct DataOptions {
    /// Of all readers and writers together; see [`super::budget`]. At least [`super::budget::BUFFER_BYTES_MIN`].
    pub buffer_bytes_max: usize,
    /// How long a chunk may take to become safe.
    pub write_deadline: Duration,
    /// How long a piece of a chunk may take to be read.
    pub read_deadline: Duration,
    /// How long one node may take to delete or to list a batch.
    pub delete_timeout: Duration,
    /// Of reads, the share that may be sent to a second node.
    pub hedge_share: f64,
    /// Chunks of one writer that wait for their nodes.
    pub write_chunks_max: usize,
    /// Chunks of one reader that are read before they are asked for.
    pub read_ahead_chunks_max: usize,
    pub offload: Offload,
}

impl Default for DataOptions {
    fn default() -> Self {
        Self {
            buffer_bytes_max: BUFFER_BYTES_DEFAULT,
            write_deadline: Duration::from_secs(10),
            read_deadline: Duration::from_secs(10),
            delete_timeout: Duration::from_secs(10),
            hedge_share: 0.1,
            write_chunks_max: 4,
            read_ahead_chunks_max: 2,
            offload: Offload::Pool,
        }
    }
}

/// Reads, writes and deletes blobs. Cheap to clone; clones share memory budget, latencies and counters.
pub struct DataClient<N: Nodes = BulkNodes> {
    shared: Arc<Shared<N>>,
}

pub(super) struct Shared<N> {
    pub(super) topology: Arc<Topology>,
    pub(super) nodes: N,
    pub(super) options: DataOptions,
    pub(super) budget: Budget,
    pub(super) counters: DataCounters,
    pub(super) plain: Buffers,
    pub(super) chunks_under_way: Arc<AtomicUsize>,
    health: Mutex<Health>,
}

impl<N> Shared<N> {
    pub(super) fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl<N: Nodes> Clone for DataClient<N> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<N: Nodes> fmt::Debug for DataClient<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataClient({} nodes)", self.shared.topology.nodes().len())
    }
}

/// Some nodes did not delete. The others did; the same call again is fine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not deleted on some storage nodes ({troubles:?})")]
pub struct DeleteError {
    /// By the node's position in the topology.
    pub troubles: BTreeMap<usize, Trouble>,
}

impl<N: Nodes> DataClient<N> {
    /// `nodes` calls them by their position in `topology`.
    pub fn new(topology: Arc<Topology>, nodes: N, options: DataOptions) -> Self {
        let shared = Shared {
            budget: Budget::new(options.buffer_bytes_max),
            health: Mutex::new(Health::new(topology.nodes().len(), options.hedge_share)),
            counters: DataCounters::default(),
            plain: Buffers::default(),
            chunks_under_way: Arc::default(),
            topology,
            nodes,
            options,
        };
        Self { shared: Arc::new(shared) }
    }

    pub fn topology(&self) -> &Arc<Topology> {
        &self.shared.topology
    }

    /// Writes a blob that nobody has written before, sealed by a key that no other blob has. Within a tokio runtime.
    pub fn writer(&self, blob: BlobId, layout: Layout, key: &DataKey) -> BlobWriter<N> {
        BlobWriter::new(self.shared.clone(), blob, layout, key)
    }

    /// Reads `range` of a blob's plain bytes, cut to what there is. Within a tokio runtime.
    pub fn reader(&self, blob: &BlobRef, key: &DataKey, range: Range<u64>) -> BlobReader<N> {
        BlobReader::new(self.shared.clone(), blob, key, range)
    }

    /// Removes a blob from every node that may hold a piece of it.
    pub async fn delete(&self, blob: &BlobRef) -> Result<(), DeleteError> {
        self.delete_all(std::slice::from_ref(blob)).await
    }

    /// Removes blobs, in batches of [`SHARDS_PER_CALL_MAX`] shards. A node that fails is not asked for further batches.
    pub async fn delete_all(&self, blobs: &[BlobRef]) -> Result<(), DeleteError> {
        let mut troubles = BTreeMap::new();
        let mut batch = Vec::new();
        for blob in blobs {
            for index in 0..seal::chunks(blob.bytes) as u32 {
                let chunk = ChunkId { blob: blob.id, index };
                let shards = blob.layout.shards();
                if batch.len() + shards > SHARDS_PER_CALL_MAX {
                    self.delete_batch(std::mem::take(&mut batch), &mut troubles).await;
                }
                batch.extend((0..shards as u8).map(|shard| ShardId { chunk, shard, layout: blob.layout }));
            }
        }
        if !batch.is_empty() {
            self.delete_batch(batch, &mut troubles).await;
        }
        if troubles.is_empty() { Ok(()) } else { Err(DeleteError { troubles }) }
    }

    /// Any node may stand in for any, so all are asked.
    async fn delete_batch(&self, shards: Vec<ShardId>, troubles: &mut BTreeMap<usize, Trouble>) {
        let mut calls = JoinSet::new();
        for node in (0..self.shared.topology.nodes().len()).filter(|n| !troubles.contains_key(n)) {
            let (shared, call) = (self.shared.clone(), NodeCall::Delete { shards: shards.clone() });
            calls.spawn(async move { (node, shared.nodes.call(node, call, Bytes::new(), shared.options.delete_timeout).await) });
        }
        while let Some(outcome) = calls.join_next().await {
            match outcome {
                Ok((_, Ok(_))) => {}
                Ok((node, Err(e))) => drop(troubles.insert(node, Trouble::of(&e))),
                Err(e) => std::panic::resume_unwind(e.into_panic()),
            }
        }
    }

    /// Calls one node by its position.
    pub(super) async fn call(&self, node: usize, call: NodeCall) -> Result<NodeAnswer, RpcError> {
        let answer = self.shared.nodes.call(node, call, Bytes::new(), self.shared.options.delete_timeout).await;
        answer.map(|(answer, _)| answer)
    }

    /// Waits until no acknowledged chunk is still being completed. For an orderly end.
    pub async fn settle(&self) {
        self.shared.budget.settled().await;
    }

    pub fn counts(&self) -> DataCounts {
        self.shared.counters.read()
    }

    /// Bytes of the budget that are taken now.
    pub fn buffered_bytes(&self) -> usize {
        self.shared.budget.used()
    }
}
