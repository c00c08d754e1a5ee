//! The storage nodes as the index's collector sees them: blobs to remove, shards to list.

use super::client::DataClient;
use super::nodes::Nodes;
use crate::id::ShardId;
use crate::index::collector::{BlobDeleter, NodeLister};
use crate::message::{NodeAnswer, NodeCall, SHARDS_PER_CALL_MAX};
use crate::record::BlobRef;

impl<N: Nodes> DataClient<N> {
    async fn named(&self, node: &str, call: NodeCall) -> Result<NodeAnswer, String> {
        let position = self.topology().nodes().iter().position(|n| n.id.as_str() == node);
        let position = position.ok_or_else(|| format!("there is no storage node {node}"))?;
        self.call(position, call).await.map_err(|e| e.to_string())
    }
}

impl<N: Nodes> BlobDeleter for DataClient<N> {
    async fn delete(&self, blob: &BlobRef) -> Result<(), String> {
        self.delete_all(std::slice::from_ref(blob)).await.map_err(|e| e.to_string())
    }
}

impl<N: Nodes> NodeLister for DataClient<N> {
    fn nodes(&self) -> Vec<String> {
        self.topology().nodes().iter().map(|n| n.id.as_str().to_owned()).collect()
    }

    async fn list(&self, node: &str, after: Option<ShardId>, limit: u32) -> Result<Vec<ShardId>, String> {
        match self.named(node, NodeCall::List { after, limit }).await? {
            NodeAnswer::Shards(shards) => Ok(shards),
            other => Err(format!("an unexpected answer: {other:?}")),
        }
    }

    async fn remove(&self, node: &str, shards: Vec<ShardId>) -> Result<(), String> {
        for shards in shards.chunks(SHARDS_PER_CALL_MAX) {
            self.named(node, NodeCall::Delete { shards: shards.to_vec() }).await?;
        }
        Ok(())
    }
}
