//! Getting some frames of one chunk from whoever has them: the quickest first, a second one when it is slow, all when the
//! shards are not where they belong. Called by [`super::read`]; opens what it gets, so that a wrong tag is one more reason
//! to ask another.

use super::client::Shared;
use super::health::Size;
use super::nodes::{Nodes, Trouble};
use super::seal::{self, Sealer};
use super::write::INLINE_BYTES;
use crate::id::{ChunkId, ShardId};
use crate::layout::Layout;
use crate::message::{NodeAnswer, NodeCall};
use bytes::Bytes;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// How long a slow node is waited for when there may be no hedge.
const SLOW: Duration = Duration::from_secs(1);
/// How long one node may take.
const GET_TIMEOUT: Duration = Duration::from_secs(5);
/// All nodes are asked again once: a repair may have moved the shard meanwhile.
const SEARCHES_MAX: u32 = 2;
/// Busy nodes are asked again after a rest, doubled each time, instead of everybody else at once.
const RESTS_MAX: u32 = 6;
const REST: Duration = Duration::from_millis(20);
/// How long a node may take to say what it has.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(2);

/// One failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// Position in the topology.
    pub node: usize,
    /// None: it was asked what it has.
    pub shard: Option<u8>,
    pub trouble: Trouble,
}

/// Why bytes could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Every node answered, and too few have it.
    #[error("chunk {chunk} is on no storage node ({tried:?})")]
    Missing { chunk: ChunkId, tried: Vec<Tried> },
    /// Every node answered, and what they have is not what was written.
    #[error("chunk {chunk} is corrupt on every storage node that has it ({tried:?})")]
    Corrupt { chunk: ChunkId, tried: Vec<Tried> },
    /// Some node that may have it did not answer.
    #[error("chunk {chunk} cannot be read now ({tried:?})")]
    Unavailable { chunk: ChunkId, tried: Vec<Tried> },
}

impl ReadError {
    pub(super) fn of(chunk: ChunkId, tried: Vec<Tried>, late: bool, corrupt: bool) -> Self {
        let definite = |t: &Tried| matches!(t.trouble, Trouble::NotFound | Trouble::Corrupt);
        if late || !tried.iter().all(definite) {
            Self::Unavailable { chunk, tried }
        } else if corrupt || tried.iter().any(|t| t.trouble == Trouble::Corrupt) {
            Self::Corrupt { chunk, tried }
        } else {
            Self::Missing { chunk, tried }
        }
    }
}

/// Frames of one chunk.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) chunk: ChunkId,
    pub(super) layout: Layout,
    /// Plain bytes of the whole chunk.
    pub(super) plain: usize,
    pub(super) frames: Range<usize>,
    /// It is the blob's last chunk.
    pub(super) last: bool,
}

impl Wanted {
    /// In the sealed chunk.
    pub(super) fn range(&self) -> Range<usize> {
        seal::sealed_range(self.plain, &self.frames)
    }

    pub(super) fn sealed_bytes(&self) -> usize {
        seal::sealed_bytes(self.plain)
    }

    pub(super) async fn open<N>(&self, sealer: &Arc<Sealer>, sealed: Bytes, shared: &Shared<N>) -> Option<Vec<Bytes>> {
        let end = self.last && self.frames.end == seal::frames(self.plain);
        let (chunk, first) = (self.chunk, self.frames.start);
        if sealed.len() <= INLINE_BYTES {
            return sealer.open(chunk, first, sealed, end, &shared.plain).ok();
        }
        let (sealer, buffers) = (sealer.clone(), shared.plain.clone());
        shared.options.offload.run(move || sealer.open(chunk, first, sealed, end, &buffers).ok()).await
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) shard: u8,
    pub(super) node: usize,
}

pub(super) enum Event {
    Got {
        source: Source,
        range: Range<usize>,
        outcome: Result<Bytes, Trouble>,
    },
    /// Which shards of the chunk a node has.
    Found {
        node: usize,
        outcome: Result<Vec<bool>, Trouble>,
    },
}

/// The calls for one piece, and what came of them. Dropping it gives them up.
pub(super) struct Calls<N: Nodes> {
    shared: Arc<Shared<N>>,
    wanted: Wanted,
    deadline: Instant,
    tasks: JoinSet<Event>,
    /// Nodes that are to send bytes.
    waiting: Vec<usize>,
    pub(super) asked: usize,
    pub(super) searches: u32,
    rests: u32,
    pub(super) tried: Vec<Tried>,
    /// Something did not pass its authentication, it is not known whose.
    pub(super) corrupt: bool,
}

impl<N: Nodes> Calls<N> {
    pub(super) fn new(shared: &Arc<Shared<N>>, wanted: &Wanted) -> Self {
        Self {
            deadline: Instant::now() + shared.options.read_deadline,
            shared: shared.clone(),
            wanted: wanted.clone(),
            tasks: JoinSet::new(),
            waiting: Vec::new(),
            asked: 0,
            searches: 0,
            rests: 0,
            tried: Vec::new(),
            corrupt: false,
        }
    }

    /// Asks for a range of a shard of `total` bytes.
    pub(super) fn get(&mut self, source: Source, range: Range<usize>, total: usize, second: bool) {
        let reading = Reading::begin(&self.shared, source.node, Size::of(range.len()), !second);
        let (shared, timeout) = (self.shared.clone(), self.deadline.saturating_duration_since(Instant::now()).min(GET_TIMEOUT));
        let shard = ShardId { chunk: self.wanted.chunk, shard: source.shard, layout: self.wanted.layout };
        self.waiting.push(source.node);
        self.tasks.spawn(async move {
            let call = NodeCall::Get { shard, offset: range.start as u32, length: range.len() as u32 };
            let outcome = match shared.nodes.call(source.node, call, Bytes::new(), timeout).await {
                Ok((NodeAnswer::Bytes { total: t }, bytes)) if t as usize == total && bytes.len() == range.len() => Ok(bytes),
                // Another length than was written.
                Ok((NodeAnswer::Bytes { .. }, _)) => Err(Trouble::Corrupt),
                Ok(_) => Err(Trouble::Broken),
                Err(e) => Err(Trouble::of(&e)),
            };
            reading.end(outcome.is_ok());
            Event::Got { source, range, outcome }
        });
    }

    /// Does somebody still have to send bytes?
    pub(super) fn are_open(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whoever has not answered by now is silent.
    fn silence(&self) {
        for node in &self.waiting {
            if self.shared.health().silent(*node, Instant::now()) {
                self.shared.counters.add(&self.shared.counters.silent_nodes);
            }
        }
    }

    /// Asks every node which shards of the chunk it has. False: that was done often enough.
    pub(super) fn search(&mut self) -> bool {
        if self.searches >= SEARCHES_MAX {
            return false;
        }
        self.searches += 1;
        self.shared.counters.add(&self.shared.counters.searches);
        let (chunk, layout) = (self.wanted.chunk, self.wanted.layout);
        let shards: Vec<ShardId> = (0..layout.shards() as u8).map(|shard| ShardId { chunk, shard, layout }).collect();
        for node in 0..self.shared.topology.nodes().len() {
            let (shared, call) = (self.shared.clone(), NodeCall::Has { shards: shards.clone() });
            self.asked += 1;
            self.tasks.spawn(async move {
                let outcome = match shared.nodes.call(node, call, Bytes::new(), SEARCH_TIMEOUT).await {
                    Ok((NodeAnswer::Has(has), _)) if has.len() == layout.shards() => Ok(has),
                    Ok(_) => Err(Trouble::Broken),
                    Err(e) => Err(Trouble::of(&e)),
                };
                Event::Found { node, outcome }
            });
        }
        true
    }

    /// Whom to ask again, as they were only busy; after a rest.
    pub(super) async fn rest(&mut self) -> Vec<Source> {
        let busy =
            |t: &Tried| (t.trouble == Trouble::Busy).then_some(t.shard.map(|shard| Source { shard, node: t.node })).flatten();
        let again: Vec<Source> = self.tried.iter().filter_map(busy).collect();
        if again.is_empty() || self.rests >= RESTS_MAX {
            return Vec::new();
        }
        sleep_until((Instant::now() + REST * 2_u32.pow(self.rests)).min(self.deadline)).await;
        self.rests += 1;
        self.tried.retain(|t| t.trouble != Trouble::Busy);
        again
    }

    /// The next event; none when `timer` is over.
    pub(super) async fn next(&mut self, timer: Option<Instant>) -> Result<Option<Event>, ReadError> {
        let wake = timer.map_or(self.deadline, |t| t.min(self.deadline));
        tokio::select! {
            biased;
            Some(event) = self.tasks.join_next() => {
                let event = event.unwrap_or_else(|e| std::panic::resume_unwind(e.into_panic()));
                match &event {
                    Event::Got { source, outcome, .. } => {
                        let at = self.waiting.iter().position(|n| *n == source.node);
                        at.map(|at| self.waiting.swap_remove(at));
                        if let Err(trouble) = outcome {
                            self.shared.counters.add(&self.shared.counters.failed_gets);
                            self.note(source.node, Some(source.shard), *trouble);
                        }
                    }
                    Event::Found { node, outcome } => {
                        self.asked -= 1;
                        if let Err(trouble) = outcome {
                            self.note(*node, None, *trouble);
                        }
                    }
                }
                Ok(Some(event))
            }
            () = sleep_until(wake) => {
                if Instant::now() >= self.deadline {
                    return Err(self.error(true));
                }
                Ok(None)
            }
        }
    }

    pub(super) fn note(&mut self, node: usize, shard: Option<u8>, trouble: Trouble) {
        if trouble == Trouble::Silent && self.shared.health().silent(node, Instant::now()) {
            self.shared.counters.add(&self.shared.counters.silent_nodes);
        }
        self.tried.push(Tried { node, shard, trouble });
    }

    pub(super) fn error(&mut self, late: bool) -> ReadError {
        ReadError::of(self.wanted.chunk, std::mem::take(&mut self.tried), late, self.corrupt)
    }
}

/// Waiting before a second call: the usual, then without a hedge to spare for longer.
pub(super) struct Patience {
    at: Instant,
    forced: bool,
}

impl Patience {
    pub(super) fn new<N: Nodes>(shared: &Shared<N>, size: Size) -> Self {
        Self { at: Instant::now() + shared.health().hedge_delay(size), forced: false }
    }

    pub(super) fn at(&self) -> Instant {
        self.at
    }

    /// It is over. May somebody else be asked?
    pub(super) fn over<N: Nodes>(&mut self, shared: &Shared<N>, calls: &Calls<N>) -> bool {
        if self.forced {
            calls.silence();
        } else if !shared.health().take_hedge() {
            shared.counters.add(&shared.counters.hedges_refused);
            self.forced = true;
            self.at = Instant::now() + SLOW;
            return false;
        }
        shared.counters.add(&shared.counters.hedges);
        true
    }
}

/// One replica's bytes are enough.
pub(super) async fn replicated<N: Nodes>(
    shared: &Arc<Shared<N>>,
    sealer: &Arc<Sealer>,
    wanted: &Wanted,
) -> Result<Vec<Bytes>, ReadError> {
    let (range, total) = (wanted.range(), wanted.sealed_bytes());
    let size = Size::of(range.len());
    let mut calls = Calls::new(shared, wanted);
    let mut homes: Vec<Source> = (0..wanted.layout.shards() as u8)
        .map(|shard| Source { shard, node: shared.topology.home(wanted.chunk, shard) })
        .collect();
    shared.health().rank(&mut homes, |s| s.node, size, Instant::now());
    let mut queue = VecDeque::from(homes);
    let mut asked: Vec<Source> = Vec::new();
    // Is another one to be asked, beside those that are?
    let mut more = true;
    let mut patience = Patience::new(shared, size);
    loop {
        if more {
            if let Some(source) = queue.pop_front() {
                calls.get(source, range.clone(), total, !asked.is_empty());
                asked.push(source);
                (more, patience) = (false, Patience::new(shared, size));
            } else if calls.asked == 0 {
                if !calls.are_open() {
                    queue.extend(calls.rest().await);
                    if !queue.is_empty() {
                        continue;
                    }
                }
                // A second search only for what was seen and has moved.
                let worth = calls.searches == 0 || calls.tried.iter().any(|t| t.trouble == Trouble::NotFound);
                if (!worth || !calls.search()) && !calls.are_open() {
                    return Err(calls.error(false));
                }
            }
        }
        let timer = (!more && calls.are_open()).then(|| patience.at());
        match calls.next(timer).await? {
            None => more = patience.over(shared, &calls),
            Some(Event::Got { outcome: Err(_), .. }) => more = true,
            Some(Event::Got { source, outcome: Ok(sealed), .. }) => match wanted.open(sealer, sealed, shared).await {
                Some(frames) => return Ok(frames),
                None => {
                    shared.counters.add(&shared.counters.corrupt_tags);
                    calls.note(source.node, Some(source.shard), Trouble::Corrupt);
                    more = true;
                }
            },
            Some(Event::Found { node, outcome }) => {
                for (shard, has) in (0_u8..).zip(outcome.unwrap_or_default()) {
                    let source = Source { shard, node };
                    let failed = |t: &Tried| (t.node, t.shard) == (node, Some(shard)) && t.trouble != Trouble::NotFound;
                    if has && !queue.contains(&source) && !calls.tried.iter().any(failed) {
                        queue.push_back(source);
                    }
                }
            }
        }
    }
}

/// Tells the health of a read that ends, also when it is dropped.
struct Reading<N: Nodes> {
    shared: Arc<Shared<N>>,
    node: usize,
    size: Size,
    begun: Instant,
    ended: bool,
}

impl<N: Nodes> Reading<N> {
    fn begin(shared: &Arc<Shared<N>>, node: usize, size: Size, first: bool) -> Self {
        let begun = Instant::now();
        shared.health().reading(node, first, begun);
        Self { shared: shared.clone(), node, size, begun, ended: false }
    }

    fn end(mut self, good: bool) {
        self.ended = true;
        self.shared.health().read(self.node, self.size, good.then(|| self.begun.elapsed()));
    }
}

impl<N: Nodes> Drop for Reading<N> {
    fn drop(&mut self) {
        if !self.ended {
            self.shared.health().abandoned(self.node, self.size, self.begun.elapsed());
        }
    }
}
