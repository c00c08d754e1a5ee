//! How the collector reaches the storage nodes of a region: by a data client of its own.

use super::collector::{BlobDeleter, NodeLister};
use crate::data::{BulkNodes, DataClient, DataOptions, Nodes};
use crate::id::ShardId;
use crate::layout::Topology;
use crate::message::{NodeAnswer, NodeCall};
use crate::record::BlobRef;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long one node may take to list a page or to remove one.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The collector buffers nothing: it moves no objects.
const BUFFER_BYTES: usize = crate::data::budget::BUFFER_BYTES_MIN;

/// All storage nodes, for [`super::run`].
pub struct StorageNodes {
    client: DataClient<BulkNodes>,
    nodes: BulkNodes,
}

impl StorageNodes {
    /// `sockets`: in the topology's order.
    pub fn new(topology: Arc<Topology>, sockets: Vec<PathBuf>) -> Self {
        let nodes = BulkNodes::new(sockets);
        let options = DataOptions { buffer_bytes_max: BUFFER_BYTES, ..DataOptions::default() };
        Self { client: DataClient::new(topology, nodes.clone(), options), nodes }
    }

    async fn call(&self, node: &str, call: NodeCall) -> Result<NodeAnswer, String> {
        let at = self.client.topology().nodes().iter().position(|n| n.id.as_str() == node);
        let at = at.ok_or_else(|| format!("there is no storage node {node}"))?;
        match self.nodes.call(at, call, Default::default(), TIMEOUT).await {
            Ok((answer, _)) => Ok(answer),
            Err(e) => Err(e.to_string()),
        }
    }
}

impl BlobDeleter for StorageNodes {
    async fn delete(&self, blob: &BlobRef) -> Result<(), String> {
        self.client.delete(blob).await.map_err(|e| e.to_string())
    }
}

impl NodeLister for StorageNodes {
    fn nodes(&self) -> Vec<String> {
        self.client.topology().nodes().iter().map(|n| n.id.to_string()).collect()
    }

    async fn list(&self, node: &str, after: Option<ShardId>, limit: u32) -> Result<Vec<ShardId>, String> {
        match self.call(node, NodeCall::List { after, limit }).await? {
            NodeAnswer::Shards(shards) => Ok(shards),
            other => Err(format!("{node} answered {other:?}")),
        }
    }

    async fn remove(&self, node: &str, shards: Vec<ShardId>) -> Result<(), String> {
        self.call(node, NodeCall::Delete { shards }).await.map(|_| ())
    }
}
