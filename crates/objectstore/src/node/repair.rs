//! Repair among nodes, without an index of what is where: each node refills itself.
//!
//! ```text
//!  every 2 s, with each peer in turn:
//!    Digest ─► 256 sums, equal: nothing to do
//!           └► different: Bucket ─► the peer's list of chunks ─► judge: what belongs here and is not?
//!      by the same amount                 live there, unknown here ─► restore: a copy, or rebuilt from `data` others
//!      as a round ago                     deleted there            ─► deleted here too
//!  what is broken here (quarantine)                        ─► restore
//!  what is held for another node                           ─► offered to it; once it has it durably, forgotten here
//! ```
//! What is just being written makes sums differ by another amount in each round; what is missing, by the same. So nothing that
//! is still on its way is copied, and nothing is listed because of it.
//!
//! An empty node finds all of its shards missing in the second round and has them back as fast as its rate limit allows.
//!
//! **Deletes win.** A deleted chunk leaves a grave on each of its home nodes for seven days ([`super::digest::GRAVE_HOURS`]).
//! A node that was away meanwhile hears of it in its first round (digests count graves) and deletes; nobody takes a chunk
//! back of which it has the grave. The limit: a node that was away for more than seven days may offer chunks which all
//! others have deleted and forgotten; they come back then, as garbage that the index's collector finds by listing. The same
//! holds if all nodes that have the grave lose their disks before the absent one returns.
//!
//! A peer that cannot be reached costs a timeout a round, and only until it is passed over for a growing while.

use super::digest::{ChunkState, Placement, is_recent, states_from_bytes};
use super::log::{LogError, Op};
use super::service::Service;
use crate::data::{Nodes, erasure};
use crate::id::ShardId;
use crate::message::{NodeAnswer, NodeCall, node_code};
use bytes::Bytes;
use platform::rpc::RpcError;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::task::JoinSet;

/// Shards known to be missing; what does not fit is found again by a later round.
const QUEUE_MAX: usize = 100_000;
/// Shards restored at the same time; with the memory for their sources.
const AT_ONCE: usize = 8;
/// Shards offered to their homes in one round.
const HANDOFF_MAX: usize = 2_000;
const HANDOFF_BATCH: usize = 200;
const BACKOFF_MS: u64 = 500;
const BACKOFF_MS_MAX: u64 = 60_000;
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// Stand-ins asked for a shard that is not at home.
const STAND_INS: usize = 2;
/// A round takes at most one part in so many of the time.
const ROUND_SHARE: u32 = 4;

#[derive(Clone, Copy, Debug)]
pub struct RepairPace {
    /// Between rounds; longer when rounds are long.
    pub period: Duration,
    /// Of bytes fetched.
    pub bytes_per_s: u64,
}

impl Default for RepairPace {
    fn default() -> Self {
        Self { period: Duration::from_secs(2), bytes_per_s: 400 << 20 }
    }
}

/// What is to be done and was done; pure.
#[derive(Debug, Default)]
pub struct Ledger {
    queue: BTreeMap<ShardId, Job>,
    /// By peer and bucket: how much its sum differed in the last round, and since when it does.
    differences: HashMap<(usize, u16), (u64, u64)>,
    /// When the first of what is missing now was noticed, and when the last of it was restored.
    episode: Option<(u64, u64)>,
    pub last_repair_ms: u64,
    pub repaired: u64,
    pub failed: u64,
    pub buried: u64,
    pub handed_off: u64,
    pub rounds: u64,
    pub fetched_bytes: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Job {
    attempts: u32,
    not_before_ms: u64,
    running: bool,
}

/// What follows from a peer's list.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Belongs here and is not.
    pub missing: Vec<ShardId>,
    /// Was deleted, when, and is not known to be here.
    pub buried: Vec<(u64, Vec<ShardId>)>,
}

/// What this node knows of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    Not,
    Live,
    Deleted,
}

pub fn judge(placement: &Placement, theirs: &[ChunkState], known: impl Fn(ShardId) -> Known, now_ms: u64) -> Verdict {
    let mut verdict = Verdict::default();
    for state in theirs {
        let mine = placement.mine(state.chunk, state.layout);
        if state.deleted_ms == 0 {
            verdict.missing.extend(mine.into_iter().filter(|id| known(*id) == Known::Not));
        } else if is_recent(state.deleted_ms, now_ms) {
            let left: Vec<ShardId> = mine.into_iter().filter(|id| known(*id) != Known::Deleted).collect();
            if !left.is_empty() {
                verdict.buried.push((state.deleted_ms, left));
            }
        }
    }
    verdict
}

impl Ledger {
    pub fn backlog(&self) -> usize {
        self.queue.len()
    }

    fn enqueue(&mut self, id: ShardId, noticed_ms: u64) {
        if self.queue.len() < QUEUE_MAX && !self.queue.contains_key(&id) {
            self.queue.insert(id, Job::default());
            let (start, _) = self.episode.get_or_insert((noticed_ms, 0));
            *start = noticed_ms.min(*start);
        }
    }

    /// The buckets in which a peer's sums differ by as much as a round ago, and since when they differ.
    pub fn persistent(&mut self, peer: usize, theirs: &[u64], ours: &[u64], now_ms: u64) -> Vec<(u16, u64)> {
        let mut out = Vec::new();
        for (bucket, (theirs, ours)) in (0_u16..).zip(theirs.iter().zip(ours)) {
            let difference = theirs.wrapping_sub(*ours);
            if difference == 0 {
                self.differences.remove(&(peer, bucket));
                continue;
            }
            let (before, since_ms) = self.differences.entry((peer, bucket)).or_insert((0, now_ms));
            if *before == difference {
                out.push((bucket, *since_ms));
            }
            *before = difference;
        }
        out
    }

    fn enqueue_all(&mut self, ids: &[ShardId], noticed_ms: u64) {
        ids.iter().for_each(|id| self.enqueue(*id, noticed_ms));
    }

    /// A peer could not be compared with: what it may have is not known.
    fn lost_sight(&mut self, peer: usize) {
        self.differences.retain(|(p, _), _| *p != peer);
    }

    /// A round is over. `broken`: shards in quarantine, and since when; `compared`: with somebody.
    fn round(&mut self, broken: &[(ShardId, u64)], compared: bool) {
        self.rounds += 1;
        broken.iter().for_each(|(id, since_ms)| self.enqueue(*id, *since_ms));
        if compared
            && self.differences.is_empty()
            && self.queue.is_empty()
            && let Some((start, end)) = self.episode.take().filter(|(_, end)| *end > 0)
        {
            self.last_repair_ms = end.saturating_sub(start).max(1);
        }
    }

    /// The next that is due; it is running from then on.
    fn next(&mut self, now_ms: u64) -> Option<ShardId> {
        let (id, job) = self.queue.iter_mut().find(|(_, job)| !job.running && job.not_before_ms <= now_ms)?;
        job.running = true;
        Some(*id)
    }

    fn finished(&mut self, id: ShardId, outcome: Result<bool, ()>, now_ms: u64) {
        match outcome {
            Ok(restored) => {
                self.queue.remove(&id);
                if restored {
                    self.repaired += 1;
                    if let Some((_, end)) = &mut self.episode {
                        *end = now_ms;
                    }
                }
            }
            Err(()) => {
                self.failed += 1;
                if let Some(job) = self.queue.get_mut(&id) {
                    let wait = BACKOFF_MS << job.attempts.min(10);
                    job.attempts += 1;
                    job.not_before_ms = now_ms + wait.min(BACKOFF_MS_MAX);
                    job.running = false;
                }
            }
        }
    }
}

/// Repairs one node. Everything that runs shares it.
pub struct Repair<N> {
    service: Service,
    placement: Placement,
    nodes: N,
    pace: RepairPace,
    ledger: Arc<Mutex<Ledger>>,
    /// Failures in a row of each peer, and until when it is passed over.
    away: Mutex<BTreeMap<usize, (u32, u64)>>,
}

impl<N: Nodes> Repair<N> {
    pub fn new(service: Service, placement: Placement, nodes: N, pace: RepairPace) -> Self {
        let ledger = service.ledger.clone();
        Self { service, placement, nodes, pace, ledger, away: Mutex::default() }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Runs for ever. Needs a `LocalSet`.
    pub async fn run(self) {
        while !self.service.log.state().build_digests(2_000) {
            tokio::task::yield_now().await;
        }
        let this = Arc::new(self);
        let restoring = {
            let this = this.clone();
            async move { this.restore_all().await }
        };
        let comparing = async move {
            loop {
                let begun = tokio::time::Instant::now();
                this.round().await;
                tokio::time::sleep(this.pace.period.max(begun.elapsed() * (ROUND_SHARE - 1))).await;
            }
        };
        tokio::join!(restoring, comparing);
    }

    /// One comparison with all peers.
    pub async fn round(&self) {
        let now_ms = self.service.now_ms();
        let mut compared = 0;
        for peer in (0..self.placement.topology.nodes().len()).filter(|n| *n != self.placement.me) {
            if self.away().get(&peer).is_some_and(|(_, until)| *until > now_ms) {
                continue;
            }
            match self.compare(peer).await {
                Ok(()) => {
                    compared += 1;
                    self.away().remove(&peer);
                }
                Err(e) => {
                    self.ledger().lost_sight(peer);
                    tracing::debug!(peer, error = %e, "a peer could not be compared with");
                    if !matches!(e, RpcError::Remote { .. }) {
                        let mut away = self.away();
                        let (failures, until) = away.entry(peer).or_default();
                        *failures += 1;
                        // The first failures are cheap and the peer may be back at once.
                        let wait = self.pace.period.as_millis() as u64 * u64::from(failures.saturating_sub(3).min(5));
                        *until = now_ms + wait;
                    }
                }
            }
        }
        let broken: Vec<(ShardId, u64)> = {
            let state = self.service.log.state();
            state.quarantine.iter().take(QUEUE_MAX).map(|(k, at)| (ShardId::from_bytes(*k), *at)).collect()
        };
        self.ledger().round(&broken, compared > 0);
        self.hand_off().await;
    }

    fn away(&self) -> MutexGuard<'_, BTreeMap<usize, (u32, u64)>> {
        self.away.lock().unwrap_or_else(|e| e.into_inner())
    }

    async fn call(&self, node: usize, call: NodeCall, payload: Bytes) -> Result<(NodeAnswer, Bytes), RpcError> {
        self.nodes.call(node, call, payload, CALL_TIMEOUT).await
    }

    async fn compare(&self, peer: usize) -> Result<(), RpcError> {
        let me = self.placement.topology.nodes()[self.placement.me].id.as_str().to_owned();
        let unexpected = || RpcError::remote(node_code::BAD, "an unexpected answer");
        let theirs = match self.call(peer, NodeCall::Digest { peer: me.clone() }, Bytes::new()).await?.0 {
            NodeAnswer::Digest(sums) => sums,
            _ => return Err(unexpected()),
        };
        let Some(ours) = self.service.log.state().digests.sums(peer, self.service.now_ms()) else { return Ok(()) };
        let different = self.ledger().persistent(peer, &theirs, &ours, self.service.now_ms());
        for (bucket, since_ms) in different {
            let mut after = None;
            loop {
                let call = NodeCall::Bucket { peer: me.clone(), bucket, after };
                let (answer, payload) = self.call(peer, call, Bytes::new()).await?;
                let NodeAnswer::Bucket { next } = answer else { return Err(unexpected()) };
                let states = states_from_bytes(&payload).ok_or_else(unexpected)?;
                self.take(&states, since_ms).await;
                match next {
                    Some(id) => after = Some(id),
                    None => break,
                }
            }
        }
        Ok(())
    }

    /// Acts on a page of a peer's list.
    async fn take(&self, states: &[ChunkState], since_ms: u64) {
        let now_ms = self.service.now_ms();
        let verdict = {
            let state = self.service.log.state();
            let known = |id: ShardId| {
                let key = id.to_bytes();
                match () {
                    () if state.graves.get(&key).is_some_and(|g| !g.forget) => Known::Deleted,
                    () if state.live.contains_key(&key) => Known::Live,
                    () => Known::Not,
                }
            };
            judge(&self.placement, states, known, now_ms)
        };
        self.ledger().enqueue_all(&verdict.missing, since_ms);
        for (at_ms, ids) in verdict.buried {
            let count = ids.len() as u64;
            match self.service.apply(Op::Delete { ids, at_ms }).await {
                Ok(()) => self.ledger().buried += count,
                Err(e) => tracing::warn!(error = %e, "a delete heard from a peer was not carried out"),
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ restoring

    async fn restore_all(self: Arc<Self>) {
        let mut running: JoinSet<(ShardId, Result<bool, ()>, u64)> = JoinSet::new();
        loop {
            let now_ms = self.service.now_ms();
            let next = if running.len() < AT_ONCE { self.ledger().next(now_ms) } else { None };
            if let Some(id) = next {
                let this = self.clone();
                running.spawn_local(async move {
                    let mut fetched = 0;
                    let outcome = this.restore(id, &mut fetched).await;
                    let outcome = outcome.map_err(|e| tracing::debug!(shard = %id, error = %e, "a shard was not restored"));
                    // The limit is on all together.
                    let share = this.pace.bytes_per_s.max(1) / AT_ONCE as u64;
                    tokio::time::sleep(Duration::from_micros(fetched * 1_000_000 / share.max(1))).await;
                    (id, outcome, fetched)
                });
                continue;
            }
            let ended = tokio::select! {
                biased;
                ended = running.join_next(), if !running.is_empty() => ended,
                () = tokio::time::sleep(self.pace.period / 8) => None,
            };
            match ended {
                Some(Ok((id, outcome, fetched))) => {
                    let mut ledger = self.ledger();
                    ledger.fetched_bytes += fetched;
                    ledger.finished(id, outcome, self.service.now_ms());
                }
                Some(Err(e)) => std::panic::resume_unwind(e.into_panic()),
                None => {}
            }
        }
    }

    /// Gets the bytes of a shard from others and keeps them. False: it is there meanwhile, or deleted.
    async fn restore(&self, id: ShardId, fetched: &mut u64) -> Result<bool, RestoreError> {
        {
            let state = self.service.log.state();
            let key = id.to_bytes();
            let whole = state.live.contains_key(&key) && !state.quarantine.contains_key(&key);
            if whole || state.graves.get(&key).is_some_and(|g| !g.forget) {
                return Ok(false);
            }
        }
        let payload = if id.layout.is_replicated() { self.copy(id, fetched).await? } else { self.rebuild(id, fetched).await? };
        match self.service.apply(Op::Put { id, payload }).await {
            Ok(()) => Ok(true),
            // Somebody was quicker, in one way or the other.
            Err(LogError::Deleted) => Ok(false),
            Err(e) => Err(RestoreError::Keep(e)),
        }
    }

    /// Those that may have a shard: its home and the first that stand in, without this node.
    fn holders(&self, id: ShardId) -> impl Iterator<Item = usize> + use<N> {
        let (me, all) = (self.placement.me, self.placement.topology.candidates(id.chunk, id.shard));
        all.into_iter().take(1 + STAND_INS).filter(move |n| *n != me)
    }

    async fn fetch(&self, node: usize, shard: ShardId, fetched: &mut u64) -> Option<Bytes> {
        let call = NodeCall::Get { shard, offset: 0, length: u32::MAX };
        match self.call(node, call, Bytes::new()).await {
            Ok((NodeAnswer::Bytes { total }, bytes)) if bytes.len() == total as usize => {
                *fetched += bytes.len() as u64;
                Some(bytes)
            }
            _ => None,
        }
    }

    /// Homes of all shards first, then stand-ins.
    fn sources(&self, id: ShardId) -> Vec<(usize, ShardId)> {
        let shards = (0..id.layout.shards() as u8).map(|shard| ShardId { shard, ..id });
        let mut ranked: Vec<(usize, usize, ShardId)> =
            shards.flat_map(|s| self.holders(s).enumerate().map(move |(rank, node)| (rank, node, s))).collect();
        // Rank 0 of one's own shard is a stand-in.
        ranked.sort_by_key(|(rank, _, s)| (rank + usize::from(*s == id), s.shard));
        ranked.into_iter().map(|(_, node, s)| (node, s)).collect()
    }

    async fn copy(&self, id: ShardId, fetched: &mut u64) -> Result<Bytes, RestoreError> {
        for (node, shard) in self.sources(id) {
            if let Some(bytes) = self.fetch(node, shard, fetched).await {
                return Ok(bytes);
            }
        }
        Err(RestoreError::TooFew { have: 0, need: 1 })
    }

    async fn rebuild(&self, id: ShardId, fetched: &mut u64) -> Result<Bytes, RestoreError> {
        let need = usize::from(id.layout.data);
        let mut have: BTreeMap<u8, Bytes> = BTreeMap::new();
        for (node, shard) in self.sources(id) {
            if have.len() >= need {
                break;
            }
            // What this node holds itself of the chunk costs nothing.
            if have.contains_key(&shard.shard) {
                continue;
            }
            let own =
                if shard == id { None } else { self.service.get(shard, 0, u32::MAX, None).await.ok().map(|(bytes, _)| bytes) };
            let bytes = match own {
                Some(bytes) => Some(bytes),
                None => self.fetch(node, shard, fetched).await,
            };
            match bytes {
                // A stand-in has the very shard.
                Some(bytes) if shard == id => return Ok(bytes),
                Some(bytes) => drop(have.insert(shard.shard, bytes)),
                None => {}
            }
        }
        if have.len() < need {
            return Err(RestoreError::TooFew { have: have.len(), need });
        }
        let rebuilt = self.service.offload.run(move || {
            let have: Vec<(u8, &[u8])> = have.iter().map(|(n, b)| (*n, &**b)).collect();
            let mut out = vec![0; have[0].1.len()];
            erasure::recover(id.layout, &have, &mut [(id.shard, &mut out)]).map(|()| Bytes::from(out))
        });
        rebuilt.await.map_err(|e| RestoreError::Code(e.to_string()))
    }

    // ------------------------------------------------------------------------------------------------ hand-off

    /// Offers what belongs elsewhere to where it belongs.
    async fn hand_off(&self) {
        let mut by_home: BTreeMap<usize, Vec<ShardId>> = BTreeMap::new();
        let foreign = self.service.log.state().digests.foreign(None, HANDOFF_MAX);
        for id in foreign.into_iter().map(ShardId::from_bytes) {
            by_home.entry(self.placement.topology.home(id.chunk, id.shard)).or_default().push(id);
        }
        let now_ms = self.service.now_ms();
        by_home.retain(|home, _| self.away().get(home).is_none_or(|(_, until)| *until <= now_ms));
        for (home, ids) in by_home {
            for ids in ids.chunks(HANDOFF_BATCH) {
                if let Err(e) = self.offer(home, ids).await {
                    tracing::debug!(home, error = %e, "shards held for a node could not be handed over");
                    break;
                }
            }
        }
    }

    async fn offer(&self, home: usize, ids: &[ShardId]) -> Result<(), RpcError> {
        let (answer, _) = self.call(home, NodeCall::Has { shards: ids.to_vec() }, Bytes::new()).await?;
        let NodeAnswer::Has(has) = answer else { return Err(RpcError::remote(node_code::BAD, "an unexpected answer")) };
        let mut settled = Vec::new();
        for (id, has) in ids.iter().zip(has) {
            let there = has || {
                // What is broken here is repaired first.
                let Ok((bytes, total)) = self.service.get(*id, 0, u32::MAX, None).await else { continue };
                let pause = u64::from(total) * 1_000_000 / self.pace.bytes_per_s.max(1);
                tokio::time::sleep(Duration::from_micros(pause)).await;
                match self.call(home, NodeCall::Put { shard: *id }, bytes).await {
                    Ok(_) => true,
                    Err(RpcError::Remote { code, .. }) if code == node_code::DELETED => true,
                    Err(e) => return Err(e),
                }
            };
            if there {
                settled.push(*id);
            }
        }
        let count = settled.len() as u64;
        match self.service.apply(Op::Forget { ids: settled }).await {
            Ok(()) => self.ledger().handed_off += count,
            Err(e) => tracing::warn!(error = %e, "shards that are at home now are still kept"),
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum RestoreError {
    #[error("{have} shards of {need} could be had")]
    TooFew { have: usize, need: usize },
    #[error("it cannot be rebuilt: {0}")]
    Code(String),
    #[error("it cannot be kept")]
    Keep(#[source] LogError),
}

impl Ledger {
    pub fn counters(&self) -> Vec<(String, u64)> {
        [
            ("repair-rounds", self.rounds),
            ("repair-failures", self.failed),
            ("repair-fetched-bytes", self.fetched_bytes),
            ("deletes-from-peers", self.buried),
            ("handed-off", self.handed_off),
        ]
        .map(|(name, n)| (name.to_owned(), n))
        .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{BlobId, ChunkId, SessionId};
    use crate::layout::{Layout, Node, Topology};

    fn id(number: u32, shard: u8) -> ShardId {
        let blob = BlobId { session: SessionId(1), number };
        ShardId { chunk: ChunkId { blob, index: 0 }, shard, layout: Layout::REPLICATED }
    }

    #[test]
    fn only_a_difference_that_stays_is_looked_into() {
        let mut ledger = Ledger::default();
        let mut compare = |theirs: u64, ours: u64, now_ms| ledger.persistent(1, &[0, theirs], &[0, ours], now_ms);
        // (theirs, ours, now) -> since when, if it stayed
        for (theirs, ours, now_ms, since) in [
            (5, 5, 0, None),
            (6, 5, 10, None),
            (8, 6, 20, None),
            (12, 10, 30, Some(10)),
            (13, 11, 40, Some(10)),
            (11, 11, 50, None),
            (9, 11, 60, None),
            (9, 11, 70, Some(60)),
        ] {
            assert_eq!(compare(theirs, ours, now_ms), since.map(|s| (1, s)).into_iter().collect::<Vec<_>>(), "{now_ms}");
        }
        ledger.lost_sight(1);
        assert!(ledger.persistent(1, &[9], &[1], 80).is_empty(), "seen anew");
    }

    #[test]
    fn a_peers_list_says_what_is_missing_and_what_was_deleted() {
        let node = |n: u8| {
            let letter = char::from(b'a' + n);
            Node { id: format!("{letter}1").parse().unwrap(), az: format!("us-east-1{letter}").parse().unwrap() }
        };
        let placement = Placement { topology: Arc::new(Topology::new((0..3).map(node).collect())), me: 1 };
        let hour = 3_600_000;
        let now_ms = 1000 * hour;
        let list: Vec<ChunkState> = [(1, 0), (2, 0), (3, 0), (4, now_ms - hour), (5, now_ms - hour), (6, now_ms - 200 * hour)]
            .map(|(n, deleted_ms)| ChunkState { chunk: id(n, 0).chunk, layout: Layout::REPLICATED, deleted_ms })
            .to_vec();
        let known = |id: ShardId| match id.chunk.blob.number {
            2 | 4 | 6 => Known::Live,
            3 => Known::Deleted,
            _ => Known::Not,
        };
        let verdict = judge(&placement, &list, known, now_ms);
        assert_eq!(verdict.missing, [id(1, 1)], "not what is deleted here");
        assert_eq!(verdict.buried, [(now_ms - hour, vec![id(4, 1)]), (now_ms - hour, vec![id(5, 1)])], "not what is long ago");
    }

    #[test]
    fn failures_back_off_and_the_time_of_a_repair_is_from_notice_to_end() {
        let mut ledger = Ledger::default();
        ledger.enqueue_all(&[id(1, 0), id(2, 0)], 1_000);
        ledger.enqueue_all(&[id(1, 0)], 500);
        assert_eq!(ledger.next(2_000), Some(id(1, 0)));
        assert_eq!(ledger.next(2_000), Some(id(2, 0)));
        assert_eq!(ledger.next(2_000), None, "both are running");
        ledger.finished(id(1, 0), Ok(true), 3_000);
        ledger.finished(id(2, 0), Err(()), 3_000);
        for (now_ms, due) in [(3_499, false), (3_500, true)] {
            assert_eq!(ledger.next(now_ms).is_some(), due, "{now_ms}");
        }
        ledger.finished(id(2, 0), Err(()), 4_000);
        assert_eq!((ledger.next(4_999), ledger.backlog()), (None, 1));
        assert_eq!(ledger.next(5_000), Some(id(2, 0)));
        ledger.round(&[], true);
        assert_eq!(ledger.last_repair_ms, 0, "not over");
        ledger.finished(id(2, 0), Ok(true), 6_000);
        ledger.round(&[], true);
        assert_eq!((ledger.last_repair_ms, ledger.backlog(), ledger.repaired), (5_000, 0, 2));
        // Again and again, but never more rarely than once a minute.
        ledger.enqueue_all(&[id(3, 0)], 0);
        let mut now_ms = 0;
        for _ in 0..40 {
            now_ms += BACKOFF_MS_MAX;
            assert!(ledger.next(now_ms).is_some());
            ledger.finished(id(3, 0), Err(()), now_ms);
        }
    }
}
