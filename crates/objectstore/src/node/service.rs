//! A node's calls, answered. One thread writes (group commit: whatever waits becomes one fdatasync); reads run on the role's
//! own thread when they are small and in the blocking pool when not.
//!
//! ```text
//!  a small put, alone  ─► committed where it is: two wake-ups less, which are as long as a fast disk's sync
//!  any other change    ─► queue ─► writer: all that waits in one batch ─► answers; room for the next
//! ```

use super::digest::states_to_bytes;
use super::log::{Counters, Log, LogError, Op};
use super::repair::Ledger;
use crate::id::ShardId;
use crate::layout::SHARDS_MAX;
use crate::message::{NodeAnswer, NodeCall, NodeStat, SHARDS_PER_CALL_MAX, node_code, pack, unpack};
use crate::offload::Offload;
use bytes::Bytes;
use platform::bulk::Parcel;
use platform::clock::Clock;
use platform::rpc::RpcError;
use platform::shared::Room;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use tokio::sync::{mpsc, oneshot, watch};

/// Changes that wait for the writer; further callers wait for room.
const QUEUE_OPS_MAX: usize = 1024;
/// Changes and bytes of one batch.
const BATCH_OPS_MAX: usize = 1024;
const BATCH_BYTES_MAX: usize = 16 << 20;
/// Reads up to this are answered without changing threads.
const INLINE_BYTES_MAX: u32 = 64 << 10;
/// Ids in one page of a listing.
const LIST_MAX: u32 = 10_000;

/// Puts up to this are committed on the role's own thread when nothing else happens.
const ALONE_BYTES_MAX: usize = 80 << 10;
/// A commit there that took longer ...
const ALONE_US_MAX: u64 = 2_000;
/// ... sends so many to the writer: who calls meanwhile is not to wait for a slow disk.
const SLOW_COMMITS: u32 = 64;

/// A change; none: only to make room.
type Job = Option<Change>;

struct Change {
    op: Op,
    done: oneshot::Sender<Result<(), LogError>>,
}

/// A call under way, counted.
struct Call(Arc<AtomicUsize>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A node's log, its writer, and its answers. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    pub log: Arc<Log>,
    pub clock: Arc<dyn Clock>,
    pub ledger: Arc<Mutex<Ledger>>,
    pub scrubbed_bytes: Arc<AtomicU64>,
    pub scrub_rounds: Arc<AtomicU64>,
    pub offload: Offload,
    queue: mpsc::Sender<Job>,
    fail: Weak<watch::Sender<Option<LogError>>>,
    failed: watch::Receiver<Option<LogError>>,
    calls: Arc<AtomicUsize>,
    /// Commits that are not to be tried on the role's thread.
    slow: Arc<AtomicU32>,
}

impl Service {
    /// Starts the writer's thread. It ends when all clones of the service are gone.
    pub fn start(log: Arc<Log>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (service, writing) = Self::over(log, clock, Offload::Pool);
        std::thread::Builder::new().name("writer".to_owned()).spawn(move || writing.run_blocking())?;
        Ok(service)
    }

    /// Changes are carried out by whoever runs the second part.
    pub fn over(log: Arc<Log>, clock: Arc<dyn Clock>, offload: Offload) -> (Self, Writing) {
        let (queue, jobs) = mpsc::channel(QUEUE_OPS_MAX);
        let (fail, failed) = watch::channel(None);
        let fail = Arc::new(fail);
        let (ledger, scrubbed_bytes, scrub_rounds, calls, slow) = Default::default();
        let service = Self {
            log: log.clone(),
            clock,
            ledger,
            scrubbed_bytes,
            scrub_rounds,
            offload,
            queue,
            fail: Arc::downgrade(&fail),
            failed,
            calls,
            slow,
        };
        (service, Writing { log, jobs, fail })
    }

    pub fn now_ms(&self) -> u64 {
        self.clock.wall().0
    }

    /// Carries out a change; answered when it is durable.
    pub async fn apply(&self, op: Op) -> Result<(), LogError> {
        let (done, answer) = oneshot::channel();
        let stopped = || LogError::Failed("the writer has ended".to_owned());
        self.queue.send(Some(Change { op, done })).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    fn call(&self) -> Call {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Call(self.calls.clone())
    }

    /// A put of a call, which is under way.
    async fn put(&self, id: ShardId, payload: Bytes) -> Result<(), LogError> {
        let op = Op::Put { id, payload };
        if matches!(&op, Op::Put { payload, .. } if payload.len() <= ALONE_BYTES_MAX) {
            // The others of this turn show themselves.
            tokio::task::yield_now().await;
            if let Some(answer) = self.put_alone(&op) {
                return answer;
            }
        }
        self.apply(op).await
    }

    /// Carries out a change here and now, if no other call is under way and nobody writes.
    fn put_alone(&self, op: &Op) -> Option<Result<(), LogError>> {
        let is_alone = self.calls.load(Ordering::Relaxed) == 1 && self.queue.capacity() == self.queue.max_capacity();
        let is_slow = || self.slow.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
        if !is_alone || is_slow() {
            return None;
        }
        let begun = self.clock.monotonic_us();
        let answer = self.log.try_commit(std::slice::from_ref(op))?.pop()?;
        if self.clock.monotonic_us() - begun > ALONE_US_MAX {
            self.slow.store(SLOW_COMMITS, Ordering::Relaxed);
        }
        Counters::add(&self.log.counters.commits_alone, 1);
        if let (Err(e @ LogError::Failed(_)), Some(fail)) = (&answer, self.fail.upgrade()) {
            fail.send_replace(Some(e.clone()));
        }
        if self.log.is_unprepared() {
            // The writer's affair, while the answer leaves. If its queue is full, it has other cares.
            let _ = self.queue.try_send(None);
        }
        Some(answer)
    }

    /// Waits until nothing can be promised any more.
    pub async fn failure(&self) -> LogError {
        let mut failed = self.failed.clone();
        match failed.wait_for(Option::is_some).await {
            Ok(e) => e.clone().unwrap_or_else(|| LogError::Failed(String::new())),
            Err(_) => LogError::Failed("the writer has ended".to_owned()),
        }
    }

    /// Laid down in the caller's room if it fits.
    pub async fn get(&self, id: ShardId, offset: u32, length: u32, room: Option<Room>) -> Result<(Bytes, u32), LogError> {
        let large = length.min(self.log.length(id).unwrap_or(0)) > INLINE_BYTES_MAX;
        let (log, now_ms) = (self.log.clone(), self.now_ms());
        if !large {
            return log.get_in(id, offset, length, now_ms, room);
        }
        self.offload.run(move || log.get_in(id, offset, length, now_ms, room)).await
    }

    pub fn stat(&self) -> NodeStat {
        let full = self.log.is_full();
        let free_bytes = self.log.free_bytes();
        let ledger = self.ledger.lock().unwrap_or_else(|e| e.into_inner());
        let state = self.log.state();
        let mut counters = self.log.counters.all();
        counters.extend(ledger.counters());
        counters.push(("foreign-shards".to_owned(), state.digests.foreign_count() as u64));
        counters.push(("graves".to_owned(), state.graves.len() as u64));
        NodeStat {
            shards: state.live.len() as u64,
            live_bytes: state.live_bytes(),
            file_bytes: state.file_bytes(),
            free_bytes,
            full,
            segments: state.segments.len() as u64,
            scrubbed_bytes: self.scrubbed_bytes.load(Ordering::Relaxed),
            scrub_rounds: self.scrub_rounds.load(Ordering::Relaxed),
            corrupt_found: self.log.counters.corrupt_found.load(Ordering::Relaxed),
            repaired: ledger.repaired,
            quarantined: state.quarantine.len() as u64,
            repair_backlog: ledger.backlog() as u64,
            last_repair_ms: ledger.last_repair_ms,
            counters,
        }
    }

    /// Of these, the ones that a delete must be remembered for: those that are here and those that belong here.
    fn concerned(&self, shards: Vec<ShardId>) -> Vec<ShardId> {
        let state = self.log.state();
        let belongs = |id: &ShardId| state.digests.placement().is_none_or(|p| p.is_home(*id));
        shards.into_iter().filter(|id| state.live.contains_key(&id.to_bytes()) || belongs(id)).collect()
    }

    fn position(&self, peer: &str) -> Result<usize, RpcError> {
        let state = self.log.state();
        let nodes = state.digests.placement().map(|p| p.topology.nodes());
        let found = nodes.and_then(|nodes| nodes.iter().position(|n| n.id.as_str() == peer));
        found.ok_or_else(|| RpcError::remote(node_code::BAD, format!("there is no node {peer:?} here")))
    }

    pub async fn answer(&self, parcel: Parcel) -> Result<Parcel, RpcError> {
        self.carry_out(unpack(&parcel)?, parcel.payload, None).await
    }

    /// `room`: where the caller would have the answer's payload.
    pub async fn carry_out(&self, call: NodeCall, payload: Bytes, room: Option<Room>) -> Result<Parcel, RpcError> {
        let _under_way = self.call();
        let answer = match call {
            NodeCall::Put { shard } => {
                check_id(shard)?;
                self.put(shard, payload).await.map_err(refusal)?;
                NodeAnswer::Done
            }
            NodeCall::Get { shard, offset, length } => {
                let (payload, total) = self.get(shard, offset, length, room).await.map_err(refusal)?;
                return pack(&NodeAnswer::Bytes { total }, payload);
            }
            NodeCall::Delete { shards } => {
                check_count(&shards)?;
                self.apply(Op::Delete { ids: self.concerned(shards), at_ms: self.now_ms() }).await.map_err(refusal)?;
                NodeAnswer::Done
            }
            NodeCall::Has { shards } => {
                check_count(&shards)?;
                NodeAnswer::Has(shards.into_iter().map(|s| self.log.has(s)).collect())
            }
            NodeCall::List { after, limit } => NodeAnswer::Shards(self.log.list(after, limit.min(LIST_MAX) as usize)),
            NodeCall::Stat => NodeAnswer::Stat(self.stat()),
            NodeCall::Digest { peer } => {
                let peer = self.position(&peer)?;
                let sums = self.log.state().digests.sums(peer, self.now_ms());
                NodeAnswer::Digest(sums.ok_or_else(|| RpcError::remote(node_code::BUSY, "the sums are being computed"))?)
            }
            NodeCall::Bucket { peer, bucket, after } => {
                let peer = self.position(&peer)?;
                let (states, next) = self.log.state().bucket(peer, bucket, after, self.now_ms());
                return pack(&NodeAnswer::Bucket { next }, states_to_bytes(&states).into());
            }
        };
        pack(&answer, Bytes::new())
    }
}

fn check_id(id: ShardId) -> Result<(), RpcError> {
    let shards = id.layout.shards();
    if id.layout.data == 0 || shards > SHARDS_MAX || usize::from(id.shard) >= shards {
        return Err(RpcError::remote(node_code::BAD, format!("there is no shard {id} in {:?}", id.layout)));
    }
    Ok(())
}

fn check_count(shards: &[ShardId]) -> Result<(), RpcError> {
    if shards.len() > SHARDS_PER_CALL_MAX {
        return Err(RpcError::remote(node_code::BAD, format!("{} shards; at most {SHARDS_PER_CALL_MAX}", shards.len())));
    }
    shards.iter().try_for_each(|s| check_id(*s))
}

pub fn refusal(e: LogError) -> RpcError {
    let code = match &e {
        LogError::NotFound => node_code::NOT_FOUND,
        LogError::Corrupt => node_code::CORRUPT,
        LogError::Different => node_code::DIFFERENT,
        LogError::Deleted => node_code::DELETED,
        LogError::Full => node_code::FULL,
        LogError::Range { .. } | LogError::TooLarge(_) => node_code::BAD,
        LogError::Failed(_) => node_code::IO,
    };
    RpcError::remote(code, e.to_string())
}

/// The other end of the queue: takes all that waits, commits it, answers. Ends when all clones of the service are gone.
pub struct Writing {
    log: Arc<Log>,
    jobs: mpsc::Receiver<Job>,
    fail: Arc<watch::Sender<Option<LogError>>>,
}

impl Writing {
    /// In a thread of its own.
    pub fn run_blocking(mut self) {
        while let Some(first) = self.jobs.blocking_recv() {
            self.commit(first);
        }
    }

    /// In the caller's thread, which waits for the disk.
    pub async fn run(mut self) {
        while let Some(first) = self.jobs.recv().await {
            self.commit(first);
        }
    }

    fn commit(&mut self, first: Job) {
        let (mut ops, mut waiting, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut next = Some(first);
        while let Some(job) = next {
            if let Some(Change { op, done }) = job {
                bytes += match &op {
                    Op::Put { payload, .. } => payload.len(),
                    Op::Delete { ids, .. } | Op::Forget { ids } => ids.len() * 64,
                };
                ops.push(op);
                waiting.push(done);
            }
            next = if bytes < BATCH_BYTES_MAX && ops.len() < BATCH_OPS_MAX { self.jobs.try_recv().ok() } else { None };
        }
        let answers = self.log.commit(&ops);
        let failed = answers.iter().find_map(|a| a.as_ref().err().filter(|e| matches!(e, LogError::Failed(_))).cloned());
        // Freed before the callers go on, who may reuse the payloads' buffers.
        drop(ops);
        for (done, answer) in waiting.into_iter().zip(answers) {
            // A caller that went away does not ask.
            let _ = done.send(answer);
        }
        // Nobody waits: room for the next.
        let failed = failed.or_else(|| self.jobs.is_empty().then(|| self.log.prepare().err()).flatten());
        if failed.is_some() {
            self.fail.send_replace(failed);
        }
    }
}
