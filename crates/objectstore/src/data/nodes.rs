//! The seam to the storage nodes: one call to one of them, and why it failed.

use crate::message::{NodeAnswer, NodeCall, node_code, pack, unpack};
use bytes::Bytes;
use platform::bulk::{BulkClient, Parcel};
use platform::rpc::RpcError;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Calls to storage nodes by their position in the topology. A call that is dropped may still have happened.
pub trait Nodes: Clone + Send + Sync + 'static {
    fn call(
        &self,
        node: usize,
        call: NodeCall,
        payload: Bytes,
        timeout: Duration,
    ) -> impl Future<Output = Result<(NodeAnswer, Bytes), RpcError>> + Send;
}

/// Nodes behind their unix sockets.
#[derive(Clone, Debug)]
pub struct BulkNodes {
    clients: Arc<[BulkClient]>,
}

impl BulkNodes {
    /// A socket a node, in the topology's order.
    pub fn new(sockets: Vec<PathBuf>) -> Self {
        Self { clients: sockets.into_iter().map(BulkClient::new).collect() }
    }
}

impl Nodes for BulkNodes {
    async fn call(
        &self,
        node: usize,
        call: NodeCall,
        payload: Bytes,
        timeout: Duration,
    ) -> Result<(NodeAnswer, Bytes), RpcError> {
        let client = self.clients.get(node).ok_or_else(|| RpcError::Unreachable {
            role: format!("storage node {node}"),
            cause: "it has no socket".to_owned(),
        })?;
        let answer = client.call(pack(&call, payload)?, timeout).await?;
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
    Unreachable,
    /// It was called and did not answer in time, or the connection was lost meanwhile.
    Silent,
    /// Its disk fails, or it answers nonsense.
    Broken,
}

impl Trouble {
    pub fn of(error: &RpcError) -> Self {
        match error {
            RpcError::Unreachable { .. } => Self::Unreachable,
            RpcError::Unknown { .. } => Self::Silent,
            RpcError::Remote { code, .. } => match code.as_str() {
                node_code::NOT_FOUND => Self::NotFound,
                node_code::CORRUPT => Self::Corrupt,
                node_code::FULL => Self::Full,
                node_code::BUSY => Self::Busy,
                node_code::DIFFERENT => Self::Different,
                _ => Self::Broken,
            },
        }
    }
}
