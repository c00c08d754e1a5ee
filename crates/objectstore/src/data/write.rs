//! Writing a blob: frames into chunks, chunks sealed, their shards sent until they are safe. The decisions are
//! [`super::place`]'s and [`super::health`]'s; here is what waits.
//!
//! A writer holds at most `write_chunks_max` chunks under way and one that fills, each with its parity, all within the
//! process's budget: 5 MiB with three copies, less than 15 MiB with any code. Dropping a writer stops it; what it wrote
//! is garbage for the collector. An acknowledged chunk is completed in the background even so.

use super::budget::Held;
use super::client::Shared;
use super::erasure;
use super::nodes::{BulkNodes, Nodes, Trouble};
use super::place::{Placement, Send};
use super::seal::{ChunkBuffer, DataKey, SEALED_FRAME_BYTES, Sealer, sealed_bytes};
use super::{CHUNK_BYTES, FRAME_BYTES};
use crate::id::{BlobId, ChunkId, ShardId};
use crate::layout::{Layout, Topology};
use crate::message::{NodeAnswer, NodeCall};
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

/// More than this is sealed on a thread of its own.
pub(super) const INLINE_BYTES: usize = SEALED_FRAME_BYTES;
/// What a small chunk counts as in the background, so that their number is bounded too.
const BACKGROUND_BYTES_MIN: usize = 4 << 10;
/// How long one put may take. The node may store it even so; another round is worth more than waiting on.
const PUT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a small chunk's last replica is kept back, unless the others are stored, or one of them fails, before.
const KEPT_BACK: Duration = Duration::from_millis(2);
/// Chunks under way up to which that is done.
const KEPT_BACK_CHUNKS_MAX: usize = 2;
/// Between rounds in which all candidates failed.
const ROUND_MIN: Duration = Duration::from_millis(50);
const ROUND_MAX: Duration = Duration::from_secs(1);

/// Why a blob was not written. Nothing of it may be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    #[error("chunk {chunk}: {held} of {shards} shards are durable, not enough ({troubles:?})")]
    Unavailable { chunk: ChunkId, held: usize, shards: usize, troubles: BTreeMap<Trouble, u32> },
    /// So many nodes refuse writes that the chunk finds no place.
    #[error("chunk {chunk}: storage nodes are full")]
    Full { chunk: ChunkId },
    /// The blob's id was used before, or the blob was deleted meanwhile.
    #[error("chunk {chunk} exists with other bytes, or was deleted")]
    Conflict { chunk: ChunkId },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Plain bytes.
    pub bytes: u64,
}

pub struct BlobWriter<N: Nodes = BulkNodes> {
    shared: Arc<Shared<N>>,
    blob: BlobId,
    layout: Layout,
    sealer: Arc<Sealer>,
    buffer: ChunkBuffer,
    held: Held,
    /// Of the chunk that fills.
    index: u32,
    bytes: u64,
    flight: JoinSet<Result<(), WriteError>>,
    failed: Option<WriteError>,
}

impl<N: Nodes> BlobWriter<N> {
    pub(super) fn new(shared: Arc<Shared<N>>, blob: BlobId, layout: Layout, key: &DataKey) -> Self {
        Self {
            shared,
            blob,
            layout,
            sealer: Arc::new(Sealer::new(blob, key)),
            buffer: ChunkBuffer::default(),
            held: Held::default(),
            index: 0,
            bytes: 0,
            flight: JoinSet::new(),
            failed: None,
        }
    }

    /// Takes more bytes; waits while there is no room. After an error, or when the call was dropped, the writer is of no
    /// use any more.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<(), WriteError> {
        while let Some(done) = self.flight.try_join_next() {
            self.note(done);
        }
        while !bytes.is_empty() {
            if self.buffer.is_full() {
                // More follows, so it is not the last.
                self.dispatch().await;
            }
            if let Some(e) = &self.failed {
                return Err(e.clone());
            }
            self.make_room().await;
            let before = bytes.len();
            self.buffer.take(&mut bytes);
            self.bytes += (before - bytes.len()) as u64;
        }
        Ok(())
    }

    /// A chunk's first frame is small change, for small objects; with the second comes the whole chunk's buffer.
    async fn make_room(&mut self) {
        let bytes = match self.buffer.plain() {
            0 => SEALED_FRAME_BYTES,
            FRAME_BYTES => sealed_bytes(CHUNK_BYTES) - SEALED_FRAME_BYTES,
            _ => return,
        };
        let with_parity = match self.layout.is_replicated() {
            true => bytes,
            false => (bytes * self.layout.shards()).div_ceil(usize::from(self.layout.data).max(1)),
        };
        self.shared.budget.grow(&mut self.held, with_parity).await;
    }

    /// Returns when every chunk is safe: durable so that no zone's loss takes it. What is missing then is completed in the
    /// background.
    pub async fn finish(mut self) -> Result<Written, WriteError> {
        if self.buffer.plain() > 0 && self.failed.is_none() {
            let last = self.next_chunk(true);
            last.await?;
        }
        while let Some(done) = self.flight.join_next().await {
            self.note(done);
        }
        match self.failed.take() {
            Some(e) => Err(e),
            None => Ok(Written { bytes: self.bytes }),
        }
    }

    fn note(&mut self, done: Result<Result<(), WriteError>, JoinError>) {
        if let Err(e) = done.unwrap_or_else(|e| std::panic::resume_unwind(e.into_panic())) {
            self.failed.get_or_insert(e);
        }
    }

    async fn dispatch(&mut self) {
        while self.flight.len() >= self.shared.options.write_chunks_max.max(1) {
            match self.flight.join_next().await {
                Some(done) => self.note(done),
                None => break,
            }
        }
        let chunk = self.next_chunk(false);
        self.flight.spawn(chunk);
    }

    fn next_chunk(&mut self, last: bool) -> impl Future<Output = Result<(), WriteError>> + use<N> {
        let chunk = ChunkId { blob: self.blob, index: self.index };
        self.index += 1;
        let (plain, held) = (self.buffer.close(), std::mem::take(&mut self.held));
        write_chunk(self.shared.clone(), self.sealer.clone(), chunk, self.layout, plain, last, held)
    }
}

/// `plain`: with room for the tags.
async fn write_chunk<N: Nodes>(
    shared: Arc<Shared<N>>,
    sealer: Arc<Sealer>,
    chunk: ChunkId,
    layout: Layout,
    plain: BytesMut,
    last: bool,
    held: Held,
) -> Result<(), WriteError> {
    let heavy = plain.len() > INLINE_BYTES;
    let lending = shared.clone();
    let work = move || {
        let mut sealed = plain;
        sealer.seal(chunk.index, &mut sealed, last);
        if !layout.is_replicated() {
            return erasure::split(layout, sealed);
        }
        let lent = lending.nodes.lend(&sealed);
        if lent.is_some() {
            lending.counters.add(&lending.counters.chunks_lent);
        }
        vec![lent.unwrap_or_else(|| sealed.freeze()); layout.shards()]
    };
    let shards = if heavy { shared.options.offload.run(work).await } else { work() };
    let bytes = if layout.is_replicated() { shards[0].len() } else { shards.iter().map(Bytes::len).sum() };
    let room = || shared.budget.background(bytes.max(BACKGROUND_BYTES_MIN));
    let mut write = ChunkWrite::new(shared.clone(), chunk, layout, shards);
    // What is kept back is sent afterwards for certain.
    let kept = if !heavy && write.is_quiet_time() { room() } else { None };
    write.keeps_back = kept.is_some();
    write.until_safe().await?;
    shared.counters.add(&shared.counters.chunks_written);
    if !write.placement.is_complete() {
        match kept.or_else(room) {
            Some(room) => {
                shared.counters.add(&shared.counters.background_chunks);
                tokio::spawn(async move {
                    write.send_kept();
                    write.until_complete().await;
                    drop(room);
                });
            }
            None => shared.counters.add(&shared.counters.background_dropped),
        }
    }
    drop(held);
    Ok(())
}

struct ChunkWrite<N: Nodes> {
    shared: Arc<Shared<N>>,
    chunk: ChunkId,
    layout: Layout,
    shards: Vec<Bytes>,
    placement: Placement,
    sends: JoinSet<(Send, Result<Duration, Trouble>)>,
    deadline: Instant,
    conflict: bool,
    /// Of a small chunk, when not much else happens, two of three replicas go first: the third's work would only be in the way
    /// of theirs. It goes when they are stored, one fails, or they take long. Of a large one the first two of three are
    /// sooner there than two that were chosen (1 MiB: a fifth).
    keeps_back: bool,
    kept: Option<(Send, Instant)>,
    _under_way: UnderWay,
}

/// Counts the chunks under way of one client.
struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why waiting ended before its goal.
enum Stopped {
    /// Every candidate was asked, and nobody's answer is worth waiting for; or the pause is over.
    Quiet,
    Deadline,
    /// Somebody wrote other bytes under this id, or deleted it.
    Conflict,
}

impl<N: Nodes> ChunkWrite<N> {
    fn new(shared: Arc<Shared<N>>, chunk: ChunkId, layout: Layout, shards: Vec<Bytes>) -> Self {
        let placement = Placement::new(&shared.topology, chunk, layout);
        let deadline = Instant::now() + shared.options.write_deadline;
        shared.chunks_under_way.fetch_add(1, Ordering::Relaxed);
        let _under_way = UnderWay(shared.chunks_under_way.clone());
        let (sends, conflict, keeps_back, kept) = (JoinSet::new(), false, false, None);
        Self { shared, chunk, layout, shards, placement, sends, deadline, conflict, keeps_back, kept, _under_way }
    }

    fn is_quiet_time(&self) -> bool {
        self.shared.chunks_under_way.load(Ordering::Relaxed) <= KEPT_BACK_CHUNKS_MAX
    }

    /// Takes one of three replicas out of those to be sent, if the others are safe without it; each in its turn.
    fn keep_back(&mut self, sends: &mut Vec<Send>) {
        if !self.layout.is_replicated() || sends.len() != 3 || sends.iter().any(|s| s.stand_in) {
            return;
        }
        let kept = sends.remove(self.chunk.blob.number as usize % sends.len());
        let first: Vec<Option<usize>> = sends.iter().map(|s| Some(s.node)).collect();
        if self.shared.topology.is_safe(self.layout, &first) {
            self.kept = Some((kept, Instant::now() + KEPT_BACK));
        } else {
            sends.push(kept);
        }
    }

    fn send_kept(&mut self) {
        if let Some((send, _)) = self.kept.take() {
            self.send(send);
        }
    }

    async fn until_safe(&mut self) -> Result<(), WriteError> {
        let mut length = ROUND_MIN;
        let mut spread = false;
        self.round(|p, _, at, pass_over| p.start(at, pass_over));
        loop {
            if self.reached_safety(None).await? {
                return Ok(());
            }
            if !spread && self.placement.is_complete() {
                // All are stored, but too many in one zone: on at once.
                spread = true;
            } else {
                // Nodes that are full will say the same again.
                let troubles = self.placement.troubles();
                if !troubles.is_empty() && troubles.keys().all(|t| *t == Trouble::Full) {
                    return Err(self.error());
                }
                if self.reached_safety(Some(Instant::now() + length)).await? {
                    return Ok(());
                }
                length = (length * 2).min(ROUND_MAX);
                self.shared.counters.add(&self.shared.counters.write_rounds);
            }
            self.round(|p, topology, at, pass_over| p.again(topology, at, pass_over));
        }
    }

    /// False: there is no use in waiting any longer, or the pause is over.
    async fn reached_safety(&mut self, pause: Option<Instant>) -> Result<bool, WriteError> {
        match self.until(|p, shared| p.is_safe(&shared.topology), pause).await {
            Ok(()) => Ok(true),
            Err(Stopped::Quiet) => Ok(false),
            Err(Stopped::Conflict) => Err(WriteError::Conflict { chunk: self.chunk }),
            Err(Stopped::Deadline) => Err(self.error()),
        }
    }

    /// One round only: what then is missing, the nodes' repair completes.
    async fn until_complete(&mut self) {
        if self.until(|p, _| p.is_complete(), None).await.is_err() {
            self.shared.counters.add(&self.shared.counters.background_dropped);
        }
    }

    async fn until(&mut self, goal: impl Fn(&Placement, &Shared<N>) -> bool, pause: Option<Instant>) -> Result<(), Stopped> {
        while !goal(&self.placement, &self.shared) {
            if self.conflict {
                return Err(Stopped::Conflict);
            }
            if pause.map_or_else(|| self.placement.is_quiet(), |until| Instant::now() >= until) {
                return Err(Stopped::Quiet);
            }
            let kept_until = self.kept.map(|(_, until)| until);
            let wake = [self.placement.impatient_at(), pause, kept_until].into_iter().flatten().fold(self.deadline, Instant::min);
            tokio::select! {
                biased;
                Some(done) = self.sends.join_next() => {
                    let (send, outcome) = done.unwrap_or_else(|e| std::panic::resume_unwind(e.into_panic()));
                    self.answered(send, outcome);
                }
                () = sleep_until(wake) => {
                    if Instant::now() >= self.deadline {
                        return Err(Stopped::Deadline);
                    }
                    if kept_until.is_some_and(|until| Instant::now() >= until) {
                        self.send_kept();
                    }
                    self.impatient();
                }
            }
        }
        Ok(())
    }

    fn round(&mut self, begin: impl FnOnce(&mut Placement, &Topology, Instant, &dyn Fn(usize) -> bool) -> Vec<Send>) {
        let now = Instant::now();
        let mut sends = {
            let health = self.shared.health();
            begin(&mut self.placement, &self.shared.topology, now + health.patience(), &|n| health.is_passed_over(n, now))
        };
        if std::mem::take(&mut self.keeps_back) {
            self.keep_back(&mut sends);
        }
        sends.into_iter().for_each(|s| self.send(s));
    }

    fn answered(&mut self, send: Send, outcome: Result<Duration, Trouble>) {
        let now = Instant::now();
        match outcome {
            Ok(took) => {
                self.shared.health().put(send.node, took);
                self.placement.stored(send.shard, send.node);
            }
            Err(trouble) => {
                self.send_kept();
                self.shared.counters.add(&self.shared.counters.failed_puts);
                self.conflict |= matches!(trouble, Trouble::Different | Trouble::Deleted);
                let next = {
                    let health = self.shared.health();
                    let impatient = now + health.patience();
                    self.placement.failed(send.shard, send.node, trouble, impatient, |n| health.is_passed_over(n, now))
                };
                next.into_iter().for_each(|s| self.send(s));
            }
        }
    }

    fn impatient(&mut self) {
        let now = Instant::now();
        let mut sends = Vec::new();
        {
            let mut health = self.shared.health();
            for (shard, node) in self.placement.silent(now) {
                if health.silent(node, now) {
                    self.shared.counters.add(&self.shared.counters.silent_nodes);
                }
                let impatient = now + health.patience();
                sends.extend(self.placement.instead(shard, impatient, |n| health.is_passed_over(n, now)));
            }
        }
        sends.into_iter().for_each(|s| self.send(s));
    }

    fn send(&mut self, send: Send) {
        if send.stand_in {
            self.shared.counters.add(&self.shared.counters.stand_in_puts);
        }
        let shared = self.shared.clone();
        let call = NodeCall::Put { shard: ShardId { chunk: self.chunk, shard: send.shard, layout: self.layout } };
        let payload = self.shards[usize::from(send.shard)].clone();
        let timeout = self.deadline.saturating_duration_since(Instant::now()).min(PUT_TIMEOUT);
        self.sends.spawn(async move {
            let begun = Instant::now();
            let outcome = match shared.nodes.call(send.node, call, payload, timeout).await {
                Ok((NodeAnswer::Done, _)) => Ok(begun.elapsed()),
                Ok(_) => Err(Trouble::Broken),
                Err(e) => Err(Trouble::of(&e)),
            };
            (send, outcome)
        });
    }

    fn error(&self) -> WriteError {
        let troubles = self.placement.troubles();
        if troubles.contains_key(&Trouble::Full) {
            WriteError::Full { chunk: self.chunk }
        } else {
            let shards = self.layout.shards();
            WriteError::Unavailable { chunk: self.chunk, held: self.placement.held(), shards, troubles: troubles.clone() }
        }
    }
}
