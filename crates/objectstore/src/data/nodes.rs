//! The seam to the storage nodes: one call to one of them, and why it failed.

use super::CHUNK_BYTES;
use super::seal::sealed_bytes;
use crate::message::{NodeAnswer, NodeCall, node_code, pack, unpack};
use bytes::Bytes;
use platform::bulk::{BulkClient, Parcel};
use platform::rpc::RpcError;
use platform::shared::Lender;
use platform::tls::Identity;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Calls to storage nodes by their position in the topology. A call that is dropped may still have happened.
pub trait Nodes: Clone + Send + Sync + 'static {
    fn call(
        &self,
        node: usize,
        call: NodeCall,
        payload: Bytes,
        timeout: Duration,
    ) -> impl Future<Output = Result<(NodeAnswer, Bytes), RpcError>> + Send;

    /// A copy of what several nodes are about to be sent, where all of them can read it. None: it is not worth it, or there
    /// is no such place now.
    fn lend(&self, _bytes: &[u8]) -> Option<Bytes> {
        None
    }
}

/// Payloads that wait in one node's connection, in bytes. A node that does not read holds no more than that, also when its
/// calls were given up long ago.
pub const QUEUE_BYTES_MAX: usize = 4 << 20;
/// Smaller ones are bounded by the connection's own limit of frames.
const QUEUE_COUNTS_FROM_BYTES: usize = 64 << 10;

/// What is smaller goes through the sockets.
const LENT_FROM_BYTES: usize = 32 << 10;
/// Chunks that are lent at a time, and those for which room is lent; further ones go through the sockets.
const LENT_CHUNKS_MAX: usize = 48;

/// Nodes behind their unix sockets.
#[derive(Clone, Debug)]
pub struct BulkNodes {
    lender: Lender,
    nodes: Arc<[BulkNode]>,
}

#[derive(Debug)]
struct BulkNode {
    client: BulkClient,
    queue: Arc<Semaphore>,
}

/// A payload that gives its place in the queue back when the last of it is written or dropped.
struct Queued {
    bytes: Bytes,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Queued {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl BulkNodes {
    /// A socket a node, called as `me`, in the topology's order.
    pub fn new(me: &Identity, sockets: Vec<PathBuf>) -> Self {
        let lender = Lender::new(sealed_bytes(CHUNK_BYTES), LENT_CHUNKS_MAX);
        let rooms = Lender::new(sealed_bytes(CHUNK_BYTES), LENT_CHUNKS_MAX);
        let node = |socket| BulkNode {
            client: BulkClient::new(me, socket).lending(lender.clone()).with_rooms(rooms.clone()),
            queue: Arc::new(Semaphore::new(QUEUE_BYTES_MAX)),
        };
        Self { nodes: sockets.into_iter().map(node).collect(), lender }
    }
}

impl BulkNode {
    async fn queued(&self, bytes: Bytes, is_lent: bool, timeout: Duration) -> Result<Bytes, RpcError> {
        if bytes.len() < QUEUE_COUNTS_FROM_BYTES || is_lent {
            return Ok(bytes);
        }
        let place = self.queue.clone().acquire_many_owned(bytes.len().min(QUEUE_BYTES_MAX) as u32);
        match tokio::time::timeout(timeout, place).await {
            Ok(place) => Ok(Bytes::from_owner(Queued { bytes, _place: place.expect("never closed") })),
            Err(_) => Err(RpcError::Unreachable {
                role: self.client.role().to_owned(),
                cause: format!("its queue did not move for {timeout:?}"),
            }),
        }
    }
}

impl Nodes for BulkNodes {
    fn lend(&self, bytes: &[u8]) -> Option<Bytes> {
        if bytes.len() < LENT_FROM_BYTES { None } else { self.lender.copy(bytes) }
    }

    async fn call(
        &self,
        node: usize,
        call: NodeCall,
        payload: Bytes,
        timeout: Duration,
    ) -> Result<(NodeAnswer, Bytes), RpcError> {
        let node = self.nodes.get(node).ok_or_else(|| RpcError::Unreachable {
            role: format!("storage node {node}"),
            cause: "it has no socket".to_owned(),
        })?;
        if let NodeCall::Get { length, .. } = call
            && length as usize >= LENT_FROM_BYTES
        {
            let answer = node.client.call_with_room(pack(&call, Bytes::new())?.head, timeout).await?;
            return Ok((unpack(&answer)?, answer.payload));
        }
        let begun = Instant::now();
        let is_lent = self.lender.has(&payload);
        let payload = node.queued(payload, is_lent, timeout).await?;
        let answer = node.client.call(pack(&call, payload)?, timeout.saturating_sub(begun.elapsed())).await?;
        let head = unpack(&answer)?;
        // The head goes before the payload is used: then its buffer is held once, and is opened in place.
        let Parcel { payload, .. } = answer;
        Ok((head, payload))
    }
}

/// Why a node did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// The shard is not there.
    NotFound,
    /// What is there is not what was written, by the node's checksum or by ours.
    Corrupt,
    /// Its disk is full.
    Full,
    /// It is overloaded.
    Busy,
    /// It holds other bytes under this id.
    Different,
    /// The shard was deleted before; ids are never used again.
    Deleted,
    Unreachable,
    /// It was called and did not answer in time, or the connection was lost meanwhile.
    Silent,
    /// Its disk fails, or it answers nonsense.
    Broken,
}

impl Trouble {
    pub fn of(error: &RpcError) -> Self {
        match error {
            RpcError::Unreachable { .. } | RpcError::Untrusted { .. } => Self::Unreachable,
            RpcError::Unknown { .. } => Self::Silent,
            RpcError::Remote { code, .. } => match code.as_str() {
                node_code::NOT_FOUND => Self::NotFound,
                node_code::CORRUPT => Self::Corrupt,
                node_code::FULL => Self::Full,
                node_code::BUSY => Self::Busy,
                node_code::DIFFERENT => Self::Different,
                node_code::DELETED => Self::Deleted,
                _ => Self::Broken,
            },
        }
    }
}
