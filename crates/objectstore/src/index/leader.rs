//! The shell around the decisions while this process leads: locks, snapshots, commits, events' numbers.
//!
//! ```text
//!  change:  locks -> [ snapshot: epoch still ours? apply ] -> commit -> durable -> answer
//!                 ^______________ a row changed meanwhile ___|
//!  reading: snapshot: epoch still ours? apply -> answer
//! ```
//!
//! A snapshot in which the epoch is ours is one before which nobody else could commit, so it holds everything that was
//! acknowledged before the call came: reads are linearizable without asking anybody. Everything runs on the role's thread
//! but commits (the store's writer thread) and listings (a few reader threads).

use super::client::CallError;
use super::collector::CollectorCounters;
use super::core::{self, Step};
use super::locks::{Held, Locks};
use super::map::{self, Extent, Led, Number, Spot};
use super::shard::{Shard, SqliteShard};
use super::{Stop, StoreFile};
use crate::message::{IndexAnswer, IndexCall, IndexError, IndexRequest};
use platform::{Clock, Rng, SeededRng, SystemClock, SystemRng};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use store::{Epoch, Error, Key, Outcome, StoreRead};
use tokio::sync::Notify;

/// How often a call decides again because a row changed between its snapshot and its commit.
const DECISIONS_MAX: u32 = 32;

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing happened.
    #[error("{0}")]
    Refused(#[from] IndexError),
    /// Nothing happened, and this process leads no longer.
    #[error("deposed")]
    Deposed,
    /// Nothing happened: the bucket's other shards must be frozen first.
    #[error("the bucket is in several shards")]
    Shared,
    /// It may have happened.
    #[error("unknown: {0}")]
    Unknown(String),
}

/// The other shards, as this one asks them.
pub trait Peers {
    /// One shard's part of the answer, and where it goes on.
    fn ask(&self, at: Spot, call: IndexCall) -> Asked<'_, (IndexAnswer, Option<Spot>)>;

    /// As any client calls.
    fn call(&self, call: IndexCall) -> Asked<'_, IndexAnswer>;
}

pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, CallError>> + 'a>>;

pub struct Leader<S = SqliteShard> {
    shard: S,
    epoch: Epoch,
    extent: RefCell<Extent>,
    /// None: there is only this shard.
    peers: Option<Rc<dyn Peers>>,
    /// Nobody decides until it is opened: the end of a split.
    closed: Cell<bool>,
    opened: Notify,
    /// Keys of commits since a split began to copy.
    touched: RefCell<Option<BTreeSet<Key>>>,
    /// Buckets of this home that are being changed in all their shards.
    pub(super) changing: RefCell<BTreeSet<String>>,
    /// A bucket was frozen, or is no longer being changed.
    pub(super) froze: Notify,
    locks: Locks,
    rng: RefCell<Box<dyn Rng>>,
    clock: Arc<dyn Clock>,
    last_event: Cell<u64>,
    /// Numbers up to here are given out by nobody else, also after a restart: see [`core::EVENTS_AHEAD`].
    events_reserved: Cell<u64>,
    counters: Counters,
    pub(super) collected: CollectorCounters,
}

#[derive(Default)]
struct Counters {
    changes: Cell<u64>,
    reads: Cell<u64>,
    decided_again: Cell<u64>,
    refused: Cell<u64>,
}

fn count(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}

impl Leader {
    /// Takes the store: whoever led before is fenced. Blocks for the time of an fsync, or up to the file's busy timeout.
    pub fn take(file: &StoreFile, owner: &str) -> Result<Self, Stop> {
        Self::over(SqliteShard::take(file, owner)?, Box::new(SystemRng::new()), Arc::new(SystemClock::new()), None)
    }
}

impl<S: Shard> Leader<S> {
    /// Leads a store that was taken.
    pub fn over(shard: S, rng: Box<dyn Rng>, clock: Arc<dyn Clock>, peers: Option<Rc<dyn Peers>>) -> Result<Self, Stop> {
        let events_reserved = shard.snapshot(core::events_reserved)??;
        Ok(Self {
            epoch: shard.epoch(),
            extent: RefCell::new(shard.snapshot(core::extent)??),
            peers,
            closed: Cell::new(false),
            opened: Notify::new(),
            touched: RefCell::default(),
            changing: RefCell::default(),
            froze: Notify::new(),
            shard,
            locks: Locks::default(),
            rng: RefCell::new(rng),
            clock,
            last_event: Cell::new(events_reserved),
            events_reserved: Cell::new(events_reserved),
            counters: Counters::default(),
            collected: CollectorCounters::default(),
        })
    }

    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// What it decides on: as of its last own change of it, which nobody else makes.
    pub fn extent(&self) -> Extent {
        self.extent.borrow().clone()
    }

    pub fn led(&self) -> Led {
        Led { extent: self.extent(), epoch: self.epoch.0 }
    }

    pub(super) fn peers(&self) -> Option<Rc<dyn Peers>> {
        self.peers.clone()
    }

    pub fn used_bytes(&self) -> Result<u64, Error> {
        self.shard.used_bytes()
    }

    pub fn now(&self) -> types::TimestampMs {
        self.clock.wall()
    }

    /// Has nobody else taken the store?
    pub fn leads_still(&self) -> Result<bool, Error> {
        Ok(self.shard.snapshot(|store| store.epoch())?? == self.epoch)
    }

    /// Returns when nothing can be committed any more.
    pub async fn failed(&self) -> Error {
        self.shard.failed().await
    }

    /// Can nothing be committed any more?
    pub fn has_failed(&self) -> bool {
        let mut failed = std::pin::pin!(self.shard.failed());
        failed.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    pub async fn call(&self, request: IndexRequest) -> Result<IndexAnswer, Failure> {
        let outcome = if request.call.is_change() {
            count(&self.counters.changes);
            self.change(request).await
        } else {
            count(&self.counters.reads);
            self.read(request).await
        };
        if matches!(outcome, Err(Failure::Refused(_))) {
            count(&self.counters.refused);
        }
        outcome
    }

    async fn change(&self, request: IndexRequest) -> Result<IndexAnswer, Failure> {
        let _held = self.lock(&request.call).await;
        if let IndexCall::AckEvents { .. } = request.call {
            // In commits of bounded size, until nothing is left to do.
            while self.commit(|store, rng| core::apply_once(store, &request, self.clock.wall(), rng)).await?.1 {}
            return Ok(IndexAnswer::Done);
        }
        let decided = self.commit(|store, rng| core::apply_once(store, &request, self.clock.wall(), rng)).await;
        match (decided, request.call.bucket_changed()) {
            (Err(Failure::Shared), Some(name)) => self.change_shared(&request, name).await,
            (Err(Failure::Shared), None) => Err(IndexError::Busy("nobody changes this bucket".to_owned()).into()),
            (decided, _) => {
                if matches!(request.call, IndexCall::Freeze { .. }) {
                    self.froze.notify_one();
                }
                Ok(decided?.0)
            }
        }
    }

    /// Decides and commits; again, when a row changed in between. Answers also whether anything changed.
    pub(super) async fn commit(
        &self,
        decide: impl Fn(&dyn StoreRead, &mut dyn Rng) -> Result<Step, Stop>,
    ) -> Result<(IndexAnswer, bool), Failure> {
        self.commit_as(false, decide).await
    }

    /// `closing`: also while nobody else may.
    async fn commit_as(
        &self,
        closing: bool,
        decide: impl Fn(&dyn StoreRead, &mut dyn Rng) -> Result<Step, Stop>,
    ) -> Result<(IndexAnswer, bool), Failure> {
        for _ in 0..DECISIONS_MAX {
            while self.closed.get() && !closing {
                self.opened.notified().await;
            }
            let step = self.snapshot(|store| decide(store, &mut **self.rng.borrow_mut()))?;
            if step.muts.is_empty() {
                return Ok((step.answer, false));
            }
            // No await from here to the submission: the order of events is the order of commits.
            let Step { answer, pre, mut muts, events } = step;
            for draft in events {
                let seq = (self.clock.wall().0 * 1000).max(self.last_event.get() + 1);
                self.last_event.set(seq);
                muts.push(core::event_mutation(seq, draft).map_err(failure)?);
            }
            let reserves = self.last_event.get() > self.events_reserved.get();
            let upto = self.last_event.get() + core::EVENTS_AHEAD;
            if reserves {
                muts.push(core::events_reservation(upto).map_err(failure)?);
            }
            if let Some(touched) = &mut *self.touched.borrow_mut() {
                touched.extend(muts.iter().map(|m| m.key().to_vec()));
            }
            match self.shard.submit(pre, muts).map_err(store_failure)?.await {
                Ok(_) => {
                    if reserves {
                        self.events_reserved.set(upto.max(self.events_reserved.get()));
                    }
                    return Ok((answer, true));
                }
                Err(Error::Conflict { .. }) => count(&self.counters.decided_again),
                Err(other) => return Err(store_failure(other)),
            }
        }
        Err(IndexError::Busy("others change the same rows".to_owned()).into())
    }

    async fn lock(&self, call: &IndexCall) -> Held {
        match call {
            IndexCall::CreateBucket { bucket } | IndexCall::UpdateBucket { bucket, .. } => self.locks.alone(&bucket.name).await,
            IndexCall::DeleteBucket { name } => self.locks.alone(name).await,
            IndexCall::Freeze { bucket, .. } => self.locks.alone(bucket).await,
            IndexCall::Put { bucket, key, .. }
            | IndexCall::Change { bucket, key, .. }
            | IndexCall::Replicate { bucket, key, .. }
            | IndexCall::CompleteUpload { bucket, key, .. } => self.locks.keys(bucket, [key.as_str()]).await,
            IndexCall::Delete { bucket, items, .. } => self.locks.keys(bucket, items.iter().map(|i| i.key.as_str())).await,
            IndexCall::CreateUpload { bucket, .. }
            | IndexCall::PutPart { bucket, .. }
            | IndexCall::AbortUpload { bucket, .. } => self.locks.keys(bucket, []).await,
            // Rare, or no changes at all.
            _ => Held::default(),
        }
    }

    async fn read(&self, request: IndexRequest) -> Result<IndexAnswer, Failure> {
        let call = &request.call;
        let short = matches!(call, IndexCall::Lookup { .. } | IndexCall::GetBucket { .. } | IndexCall::GetUpload { .. });
        let now = self.clock.wall();
        if short {
            return Ok(self.snapshot(|store| core::apply_once(store, &request, now, &mut **self.rng.borrow_mut()))?.answer);
        }
        // Readings throw no dice.
        let mut answer = self.listing(move |store| core::apply_once(store, &request, now, &mut SeededRng::new(0))).await?.answer;
        if let Some(status) = answer.status_mut() {
            status.leader = true;
            let stats = self.shard.stats();
            status.counters = [
                ("changes", self.counters.changes.get()),
                ("reads", self.counters.reads.get()),
                ("refused", self.counters.refused.get()),
                ("decided_again", self.counters.decided_again.get()),
                ("commits", stats.committed),
                ("commits_failed", stats.failed),
                ("batches", stats.batches),
                ("queue_full", stats.refused),
                ("blobs_removed", self.collected.blobs_removed.get()),
                ("removals_failed", self.collected.removals_failed.get()),
                ("garbage_rows_done", self.collected.garbage_rows_done.get()),
                ("orphan_shards_removed", self.collected.orphan_shards_removed.get()),
                ("orphan_rounds", self.collected.orphan_rounds.get()),
                ("orphan_failures", self.collected.orphan_failures.get()),
            ]
            .map(|(name, n)| (name.to_owned(), n))
            .into();
        }
        Ok(answer)
    }

    /// Long readings, where they hold nobody up.
    pub(super) async fn listing<T: Send + 'static>(
        &self,
        f: impl FnOnce(&dyn StoreRead) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Failure> {
        let epoch = self.epoch;
        self.shard.listing(move |store| ours(store, epoch, f)).await.map_err(store_failure)?.map_err(failure)
    }

    pub(super) fn snapshot<T>(&self, f: impl FnOnce(&dyn StoreRead) -> Result<T, Stop>) -> Result<T, Failure> {
        self.shard.snapshot(|store| ours(store, self.epoch, f)).map_err(store_failure)?.map_err(failure)
    }
}

// ------------------------------------------------------------------------------------------- buckets of several shards

/// A change of a bucket that goes on; when it ends, however it does, what is left of it is put right.
struct Changing<'a, S> {
    leader: &'a Leader<S>,
    name: &'a str,
}

impl<S> Drop for Changing<'_, S> {
    fn drop(&mut self) {
        self.leader.changing.borrow_mut().remove(self.name);
        self.leader.froze.notify_one();
    }
}

impl<S: Shard> Leader<S> {
    /// Freezes the bucket here, then in all shards behind, then decides: see [`core::begin`].
    async fn change_shared(&self, request: &IndexRequest, name: &str) -> Result<IndexAnswer, Failure> {
        let busy = |why: String| Failure::Refused(IndexError::Busy(why));
        let peers = self.peers.as_ref().ok_or_else(|| busy("the bucket's other shards are not known".to_owned()))?;
        let change = u128::from(self.rng.borrow_mut().u64()) << 64 | u128::from(self.epoch.0);
        self.changing.borrow_mut().insert(name.to_owned());
        let _changing = Changing { leader: self, name };
        let goes_on = Cell::new(false);
        let begun = self.commit(|store, rng| {
            let (step, frozen) = core::begin(store, request, name, change, self.clock.wall(), rng)?;
            goes_on.set(frozen);
            Ok(step)
        });
        let (answer, _) = begun.await?;
        if !goes_on.get() {
            return Ok(answer);
        }
        let empty = matches!(request.call, IndexCall::DeleteBucket { .. });
        let mut next = self.extent().end.filter(|end| end.hash == map::hash(name));
        while let Some(at) = next {
            let call = IndexCall::Freeze { bucket: name.to_owned(), change, empty };
            next = match peers.ask(at, call).await {
                Ok((_, next)) => next,
                Err(CallError::Refused(refusal)) => return Err(refusal.into()),
                Err(e) => return Err(busy(e.to_string())),
            };
        }
        let finish =
            |store: &dyn StoreRead, rng: &mut dyn Rng| core::finish(store, request, name, change, self.clock.wall(), rng);
        Ok(self.commit(finish).await?.0)
    }
}

// ------------------------------------------------------------------------------------------------------------ splits

/// Nobody decides while it lives.
pub(super) struct Closed<'a, S>(&'a Leader<S>);

impl<S> Drop for Closed<'_, S> {
    fn drop(&mut self) {
        self.0.closed.set(false);
        self.0.opened.notify_waiters();
    }
}

impl<S: Shard> Leader<S> {
    /// From now on, keys of commits are remembered; false: they are already.
    pub(super) fn track(&self) -> bool {
        let mut touched = self.touched.borrow_mut();
        touched.is_none() && touched.insert(BTreeSet::new()).is_empty()
    }

    pub(super) fn track_no_more(&self) {
        *self.touched.borrow_mut() = None;
    }

    pub(super) fn touched_count(&self) -> usize {
        self.touched.borrow().as_ref().map_or(0, BTreeSet::len)
    }

    /// Those of commits that were queued so far. They are durable when a commit that is queued later is.
    pub(super) fn take_touched(&self) -> BTreeSet<Key> {
        self.touched.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn close(&self) -> Closed<'_, S> {
        self.closed.set(true);
        Closed(self)
    }

    /// When it returns, everything that was queued before is durable or was refused.
    pub(super) async fn barrier(&self, child: Number) -> Result<(), Failure> {
        self.commit_as(true, |store, rng| core::barrier(store, child, self.now(), rng)).await.map(drop)
    }

    pub(super) async fn cut_over(&self, child: Number) -> Result<(), Failure> {
        self.commit_as(true, |store, rng| core::cut_over(store, child, self.now(), rng)).await?;
        let extent = self.snapshot(core::extent)?;
        *self.extent.borrow_mut() = extent;
        Ok(())
    }
}

/// Reads while nobody else can have committed.
fn ours<T>(store: &dyn StoreRead, epoch: Epoch, f: impl FnOnce(&dyn StoreRead) -> Result<T, Stop>) -> Result<T, Stop> {
    if store.epoch()? == epoch { f(store) } else { Err(Stop::Store(Error::Stopped)) }
}

fn failure(stop: Stop) -> Failure {
    match stop {
        Stop::Refused(refusal) => Failure::Refused(refusal),
        Stop::Store(error) => store_failure(error),
        Stop::Shared => Failure::Shared,
        Stop::Late => Failure::Unknown("the call is too old".to_owned()),
        Stop::Damaged(detail) => {
            tracing::error!(detail, "a row of the index is damaged");
            Failure::Refused(IndexError::Busy("a row is damaged".to_owned()))
        }
    }
}

fn store_failure(error: Error) -> Failure {
    match &error {
        Error::Busy | Error::DiskFull => Failure::Refused(IndexError::Busy(error.to_string())),
        Error::TooLarge { what, max, .. } => Failure::Refused(IndexError::TooMany { what: (*what).to_owned(), max: *max as u64 }),
        _ if error.outcome() == Outcome::Definite => Failure::Deposed,
        _ => Failure::Unknown(error.to_string()),
    }
}
