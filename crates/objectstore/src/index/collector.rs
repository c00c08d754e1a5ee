//! What runs beside the leader: blobs that nothing names any more go from the storage nodes.
//!
//! * **Garbage** is known: rows put down by the commits that made it. After a grace, for those who are still reading, the
//!   shards go, then the rows. What cannot be removed now (a node is away) is put down again for later.
//! * **Orphans** are found: shards on the nodes whose blob no row names and whose session is closed, so that none ever will.
//!   A walk over every node, one page after the other with pauses; a new leader begins anew.
//! * **What splits gave away** goes when its time has come, and buckets that are frozen get to know what they have become.
//!
//! All do things that may be done twice, so a leader that was deposed in between does no harm: it removes only what the
//! store said, at a moment when it led, will never be named again.

use super::client::CallError;
use super::core::{self, Due};
use super::leader::{Failure, Leader};
use super::map::Spot;
use super::row::Garbage;
use super::shard::Shard;
use crate::id::{BlobId, ShardId};
use crate::message::{IndexAnswer, IndexCall, IndexError, IndexRequest};
use crate::record::BlobRef;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::Future;
use std::rc::{Rc, Weak};
use std::time::Duration;
use store::Key;
use tokio::task::JoinSet;
use types::TimestampMs;

/// Rows of garbage that are worked on before the next are read.
const GARBAGE_ROWS_MAX: usize = 64;
/// Blobs that are removed at once.
const DELETIONS_MAX: usize = 8;
/// Shards of one page of a node's list.
const SHARDS_PAGE_MAX: u32 = 1000;

/// Between questions to the home of a bucket that is frozen.
const THAW_PAUSE: Duration = Duration::from_millis(5);
/// Between looks for frozen buckets, if nobody says that there are some.
const THAW_IDLE: Duration = Duration::from_millis(500);

/// Removes blobs from the storage nodes.
pub trait BlobDeleter {
    /// All shards of the blob, wherever they are. Not there is fine. An error: not all nodes could be asked; it will be
    /// called again. May be called again after success too.
    fn delete(&self, blob: &BlobRef) -> impl Future<Output = Result<(), String>>;
}

/// Tells what is on the storage nodes.
pub trait NodeLister {
    fn nodes(&self) -> Vec<String>;

    /// Shards on one node behind `after`, in order, at most `limit`.
    fn list(&self, node: &str, after: Option<ShardId>, limit: u32) -> impl Future<Output = Result<Vec<ShardId>, String>>;

    /// Removes shards from one node.
    fn remove(&self, node: &str, shards: Vec<ShardId>) -> impl Future<Output = Result<(), String>>;
}

/// There are no nodes to ask: garbage waits.
#[derive(Clone, Copy, Debug)]
pub struct NoNodes;

impl BlobDeleter for NoNodes {
    async fn delete(&self, _: &BlobRef) -> Result<(), String> {
        Err("no storage nodes are known".to_owned())
    }
}

impl NodeLister for NoNodes {
    fn nodes(&self) -> Vec<String> {
        Vec::new()
    }

    async fn list(&self, _: &str, _: Option<ShardId>, _: u32) -> Result<Vec<ShardId>, String> {
        Ok(Vec::new())
    }

    async fn remove(&self, _: &str, _: Vec<ShardId>) -> Result<(), String> {
        Ok(())
    }
}

#[derive(Clone, Debug)]
pub struct CollectorOptions {
    /// How long garbage stays. Not below [`core::CALL_AGE_MS_MAX`] where callers repeat calls: a blob's row is what tells
    /// that a repeated call was applied.
    pub grace_ms: u64,
    /// Between looks for garbage when there was none, and before what failed is tried again.
    pub idle: Duration,
    /// Between pages of the search for orphans.
    pub orphan_pause: Duration,
    /// Between two searches.
    pub orphan_round: Duration,
}

impl CollectorOptions {
    pub fn usual() -> Self {
        Self {
            grace_ms: super::GRACE_MS,
            idle: Duration::from_secs(1),
            orphan_pause: Duration::from_millis(100),
            orphan_round: Duration::from_secs(600),
        }
    }
}

/// Since this process leads.
#[derive(Default)]
pub struct CollectorCounters {
    pub blobs_removed: Cell<u64>,
    pub removals_failed: Cell<u64>,
    pub garbage_rows_done: Cell<u64>,
    pub orphan_shards_removed: Cell<u64>,
    pub orphan_rounds: Cell<u64>,
    pub orphan_failures: Cell<u64>,
}

fn add(counter: &Cell<u64>, n: usize) {
    counter.set(counter.get() + n as u64);
}

/// Starts the collector's tasks; they end with the leader. Needs a `LocalSet`.
pub fn start<S: Shard, N: BlobDeleter + NodeLister + 'static>(leader: &Rc<Leader<S>>, options: &CollectorOptions, nodes: &Rc<N>) {
    let (weak, options) = (Rc::downgrade(leader), options.clone());
    tokio::task::spawn_local(garbage(weak.clone(), options.clone(), nodes.clone()));
    if leader.extent().number == 0 {
        tokio::task::spawn_local(orphans(weak.clone(), options.clone(), nodes.clone()));
    }
    tokio::task::spawn_local(slots(weak.clone(), options.clone()));
    tokio::task::spawn_local(given(weak.clone(), options));
    tokio::task::spawn_local(thaw(weak));
}

/// Takes away what splits gave to other shards.
async fn given<S: Shard>(leader: Weak<Leader<S>>, options: CollectorOptions) {
    while let Some(leader) = leader.upgrade() {
        let more = Cell::new(false);
        let outcome = leader
            .commit(|store, rng| {
                let now = leader.now();
                let before = TimestampMs(now.0.saturating_sub(options.grace_ms));
                let (step, goes_on) = core::clean(store, before, now, rng)?;
                more.set(goes_on);
                Ok(step)
            })
            .await;
        drop(leader);
        match outcome {
            Err(Failure::Deposed) => return,
            Ok(_) if more.get() => {}
            _ => tokio::time::sleep(options.idle).await,
        }
    }
}

/// Buckets that are frozen: one whose change came to nothing is given back, of others the home is asked what became of them.
async fn thaw<S: Shard>(leader: Weak<Leader<S>>) {
    while let Some(leader) = leader.upgrade() {
        let frozen = match leader.snapshot(core::frozen) {
            Ok(frozen) => frozen,
            Err(Failure::Deposed) => return,
            Err(_) => Vec::new(),
        };
        let mut waits = frozen.is_empty();
        for bucket in frozen {
            if bucket.home {
                if !leader.changing.borrow().contains(&bucket.name) {
                    let reverted = leader.commit(|store, rng| core::revert(store, &bucket.name, leader.now(), rng)).await;
                    waits |= reverted.is_err();
                }
                continue;
            }
            let Some(peers) = leader.peers() else { continue };
            let state = match peers.ask(Spot::home(&bucket.name), IndexCall::GetBucket { name: bucket.name.clone() }).await {
                Ok((IndexAnswer::Bucket(state), _)) => Some(state),
                Err(CallError::Refused(IndexError::NoSuchBucket)) => None,
                // Not yet decided, or not to be learned now.
                _ => continue,
            };
            let thawed = leader.commit(|store, rng| core::thaw(store, &bucket, state.as_ref(), leader.now(), rng)).await;
            waits |= thawed.is_err();
        }
        if waits {
            tokio::select! {
                () = leader.froze.notified() => {}
                () = tokio::time::sleep(THAW_IDLE) => {}
            }
        } else {
            drop(leader);
            tokio::time::sleep(THAW_PAUSE).await;
        }
    }
}

async fn garbage<S: Shard, N: BlobDeleter + 'static>(leader: Weak<Leader<S>>, options: CollectorOptions, nodes: Rc<N>) {
    while let Some(leader) = leader.upgrade() {
        let before = TimestampMs(leader.now().0.saturating_sub(options.grace_ms));
        let due = match leader.snapshot(|store| core::due(store, before, GARBAGE_ROWS_MAX)) {
            Ok(due) => due,
            Err(Failure::Deposed) => return,
            Err(error) => {
                tracing::error!(%error, "the garbage cannot be read");
                Vec::new()
            }
        };
        let mut idle = due.is_empty();
        for work in due {
            match settle(&leader, &nodes, work).await {
                Ok(done) => idle |= !done,
                Err(Failure::Deposed) => return,
                Err(error) => {
                    idle = true;
                    tracing::warn!(%error, "garbage stays for now");
                }
            }
        }
        drop(leader);
        if idle {
            tokio::time::sleep(options.idle).await;
        }
    }
}

/// Removes the blobs of one row's next step, and then what the index knows of them. False: not all could be removed.
async fn settle<S: Shard, N: BlobDeleter + 'static>(leader: &Leader<S>, nodes: &Rc<N>, mut work: Due) -> Result<bool, Failure> {
    let counters = &leader.collected;
    let (mut running, mut removed) = (JoinSet::new(), Vec::new());
    let mut waiting = leader.snapshot(|store| core::blobs(store, &work))?.into_iter();
    let mut failed = false;
    loop {
        while running.len() < DELETIONS_MAX
            && let Some(blob) = waiting.next()
        {
            let nodes = nodes.clone();
            running.spawn_local(async move { nodes.delete(&blob).await.map(|()| blob) });
        }
        match running.join_next().await {
            None => break,
            Some(Ok(Ok(blob))) => removed.push(blob),
            Some(outcome) => {
                failed = true;
                add(&counters.removals_failed, 1);
                if let Ok(Err(cause)) = outcome {
                    tracing::debug!(cause, "a blob cannot be removed now");
                }
            }
        }
    }
    add(&counters.blobs_removed, removed.len());
    work.blobs = removed;
    // What is left of an upload is tried again with the rest of it; a blob by itself has nothing to settle.
    if !failed || !matches!(work.work, Garbage::Blob(_)) {
        leader.commit(|store, rng| core::settle(store, &work, leader.now(), rng)).await?;
        add(&counters.garbage_rows_done, 1);
    }
    if failed {
        leader.commit(|store, rng| core::postpone(store, &work, leader.now(), rng)).await?;
    }
    Ok(!failed)
}

async fn orphans<S: Shard, N: NodeLister>(leader: Weak<Leader<S>>, options: CollectorOptions, nodes: Rc<N>) {
    loop {
        for node in nodes.nodes() {
            let mut after = None;
            loop {
                let Some(leader) = leader.upgrade() else { return };
                match orphan_page(&leader, &*nodes, &node, after).await {
                    Ok(Some(last)) => after = Some(last),
                    Ok(None) => break,
                    Err(cause) => {
                        // The node's turn comes again with the next round.
                        add(&leader.collected.orphan_failures, 1);
                        tracing::debug!(cause, node, "the search for orphans stops here");
                        break;
                    }
                }
                drop(leader);
                tokio::time::sleep(options.orphan_pause).await;
            }
        }
        let Some(leader) = leader.upgrade() else { return };
        add(&leader.collected.orphan_rounds, 1);
        drop(leader);
        tokio::time::sleep(options.orphan_round).await;
    }
}

/// The last shard of the page; none: the node has no more.
async fn orphan_page<S: Shard, N: NodeLister>(
    leader: &Leader<S>,
    nodes: &N,
    node: &str,
    after: Option<ShardId>,
) -> Result<Option<ShardId>, String> {
    let shards = nodes.list(node, after, SHARDS_PAGE_MAX).await?;
    let Some(last) = shards.last().copied() else { return Ok(None) };
    let mut blobs: Vec<BlobId> = shards.iter().map(|s| s.chunk.blob).collect();
    blobs.dedup();
    let call = IndexCall::Garbage { blobs };
    let answer = match leader.peers() {
        Some(peers) => peers.call(call).await.map_err(|e| e.to_string())?,
        None => {
            let to = Default::default();
            let request = IndexRequest { caller: 0, slot: 0, number: 0, first_sent: leader.now(), to, call };
            leader.call(request).await.map_err(|e| e.to_string())?
        }
    };
    let IndexAnswer::Garbage(garbage) = answer else {
        return Err("the index answers something else".to_owned());
    };
    let garbage: BTreeSet<BlobId> = garbage.into_iter().collect();
    let doomed: Vec<ShardId> = shards.into_iter().filter(|s| garbage.contains(&s.chunk.blob)).collect();
    if !doomed.is_empty() {
        let count = doomed.len();
        nodes.remove(node, doomed).await?;
        add(&leader.collected.orphan_shards_removed, count);
    }
    Ok(Some(last))
}

/// Forgets callers that are long gone.
async fn slots<S: Shard>(leader: Weak<Leader<S>>, options: CollectorOptions) {
    let mut from: Option<Key> = None;
    loop {
        tokio::time::sleep(10 * options.idle).await;
        let Some(leader) = leader.upgrade() else { return };
        let next = Cell::new(None);
        let outcome = leader
            .commit(|store, rng| {
                let (step, more) = core::forget_slots(store, from.clone(), leader.now(), rng)?;
                next.set(more);
                Ok(step)
            })
            .await;
        if let Err(Failure::Deposed) = outcome {
            return;
        }
        from = next.take();
    }
}
