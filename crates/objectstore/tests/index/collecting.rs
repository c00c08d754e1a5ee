//! The collector of a running leader, with nodes in memory.

use crate::role::{options, session};
use crate::support::*;
use objectstore::Layout;
use objectstore::id::{BlobId, ChunkId, ShardId};
use objectstore::index::{BlobDeleter, CollectorOptions, IndexOptions, NodeLister, run};
use objectstore::message::*;
use objectstore::record::*;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::LocalSet;

#[derive(Default)]
struct Memory {
    shards: RefCell<BTreeSet<ShardId>>,
    away: Cell<bool>,
    refused: Cell<u32>,
    changed: Notify,
}

#[derive(Clone, Default)]
struct Nodes(Rc<Memory>);

fn shard(blob: BlobId) -> ShardId {
    ShardId { chunk: ChunkId { blob, index: 0 }, shard: 0, layout: Layout::REPLICATED }
}

impl Nodes {
    fn write(&self, blob: &BlobRef) {
        self.0.shards.borrow_mut().insert(shard(blob.id));
    }

    /// Waits until exactly these blobs are left.
    async fn left(&self, blobs: &[BlobRef]) {
        let wanted: BTreeSet<ShardId> = blobs.iter().map(|b| shard(b.id)).collect();
        let done = async {
            while *self.0.shards.borrow() != wanted {
                self.0.changed.notified().await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(20), done).await.is_ok(), "{:?}", self.0.shards.borrow());
    }
}

impl BlobDeleter for Nodes {
    async fn delete(&self, blob: &BlobRef) -> Result<(), String> {
        if self.0.away.get() {
            self.0.refused.set(self.0.refused.get() + 1);
            self.0.changed.notify_waiters();
            return Err("away".into());
        }
        self.0.shards.borrow_mut().remove(&shard(blob.id));
        self.0.changed.notify_waiters();
        Ok(())
    }
}

impl NodeLister for Nodes {
    fn nodes(&self) -> Vec<String> {
        vec!["a1".into()]
    }

    async fn list(&self, _: &str, after: Option<ShardId>, limit: u32) -> Result<Vec<ShardId>, String> {
        let shards = self.0.shards.borrow();
        Ok(shards.iter().filter(|s| after.is_none_or(|a| **s > a)).take(limit as usize).copied().collect())
    }

    async fn remove(&self, _: &str, shards: Vec<ShardId>) -> Result<(), String> {
        self.0.shards.borrow_mut().retain(|s| !shards.contains(s));
        self.0.changed.notify_waiters();
        Ok(())
    }
}

fn quick() -> CollectorOptions {
    let ms = Duration::from_millis;
    CollectorOptions { grace_ms: 0, idle: ms(10), orphan_pause: ms(1), orphan_round: ms(20) }
}

#[tokio::test]
async fn garbage_and_orphans_go_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (dir, nodes) = (dir.path().to_owned(), Nodes::default());
    let options = IndexOptions { collector: quick(), ..options(&dir, 0) };
    let local = LocalSet::new();
    let outcome = local.run_until(async move {
        let served = nodes.clone();
        let role = tokio::task::spawn_local(run(options, served));
        let client = crate::role::index_client(&dir);
        let s = session(&client).await.0;
        client.call(IndexCall::CreateBucket { bucket: bucket("b") }).await.unwrap();
        let blobs: Vec<BlobRef> = (0..12).map(|n| blob(s, n)).collect();
        blobs.iter().for_each(|b| nodes.write(b));
        nodes.0.away.set(true);
        client.call(put("b", s, "k", object("0", blobs[0].clone()))).await.unwrap();
        client.call(put("b", s, "k", object("1", blobs[1].clone()))).await.unwrap();
        // It is refused, put down again, and tried until the node is back.
        while nodes.0.refused.get() < 3 {
            nodes.0.changed.notified().await;
        }
        nodes.0.away.set(false);
        nodes.left(&blobs[1..]).await;
        let id = UploadId::new(types::TimestampMs(T0), 1);
        client.call(IndexCall::CreateUpload { bucket: "b".into(), upload: upload_record(id, "m") }).await.unwrap();
        for n in 2..6_u16 {
            client.call(put_part("b", s, "m", id, part(n, "e", blobs[usize::from(n)].clone()))).await.unwrap();
        }
        client.call(complete("b", s, "m", id, &[(2, "e"), (4, "e")], "m-2")).await.unwrap();
        let kept = |ids: &[usize]| ids.iter().map(|n| blobs[*n].clone()).collect::<Vec<_>>();
        nodes.left(&kept(&[1, 2, 4, 6, 7, 8, 9, 10, 11])).await;
        client.call(delete("b", vec![item("m", None)])).await.unwrap();
        nodes.left(&kept(&[1, 6, 7, 8, 9, 10, 11])).await;
        // The rest was never named. It stays as long as its session may name it.
        client.call(put("b", s, "last", object("e", blobs[11].clone()))).await.unwrap();
        let next = session(&client).await.0;
        nodes.write(&blob(next, 0));
        let mut left = kept(&[1, 11]);
        left.push(blob(next, 0));
        nodes.left(&left).await;
        match client.call(IndexCall::Status).await.unwrap() {
            IndexAnswer::Status(status) => {
                let counter = |name: &str| status.counters.iter().find(|(n, _)| n == name).unwrap().1;
                assert_eq!((counter("blobs_removed"), counter("orphan_shards_removed")), (5, 5));
                assert!(counter("removals_failed") >= 3);
            }
            other => panic!("{other:?}"),
        }
        role.abort();
    });
    outcome.await;
}
