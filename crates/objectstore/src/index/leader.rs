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

use super::collector::CollectorCounters;
use super::core::{self, Step};
use super::locks::{Held, Locks};
use super::shard::{Shard, SqliteShard};
use super::{Stop, StoreFile};
use crate::message::{IndexAnswer, IndexCall, IndexError, IndexRequest};
use platform::{Clock, Rng, SeededRng, SystemClock, SystemRng};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use store::{Epoch, Error, Outcome, StoreRead};

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
    /// It may have happened.
    #[error("unknown: {0}")]
    Unknown(String),
}

pub struct Leader<S = SqliteShard> {
    shard: S,
    epoch: Epoch,
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
        Self::over(SqliteShard::take(file, owner)?, Box::new(SystemRng::new()), Arc::new(SystemClock::new()))
    }
}

impl<S: Shard> Leader<S> {
    /// Leads a store that was taken.
    pub fn over(shard: S, rng: Box<dyn Rng>, clock: Arc<dyn Clock>) -> Result<Self, Stop> {
        let events_reserved = shard.snapshot(core::events_reserved)??;
        Ok(Self {
            epoch: shard.epoch(),
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

    pub async fn call(&self, request: IndexRequest) -> Result<IndexAnswer, Failure> {
        let outcome = if request.call.is_change() {
            count(&self.counters.changes);
            self.change(request).await
        } else {
            count(&self.counters.reads);
            self.read(request.call).await
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
        Ok(self.commit(|store, rng| core::apply_once(store, &request, self.clock.wall(), rng)).await?.0)
    }

    /// Decides and commits; again, when a row changed in between. Answers also whether anything changed.
    pub(super) async fn commit(
        &self,
        decide: impl Fn(&dyn StoreRead, &mut dyn Rng) -> Result<Step, Stop>,
    ) -> Result<(IndexAnswer, bool), Failure> {
        for _ in 0..DECISIONS_MAX {
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

    async fn read(&self, call: IndexCall) -> Result<IndexAnswer, Failure> {
        let short = matches!(call, IndexCall::Lookup { .. } | IndexCall::GetBucket { .. } | IndexCall::GetUpload { .. });
        let now = self.clock.wall();
        if short {
            return Ok(self.snapshot(|store| core::apply(store, &call, now, &mut **self.rng.borrow_mut()))?.answer);
        }
        let epoch = self.epoch;
        // Readings throw no dice.
        let listing = self.shard.listing(move |store| ours(store, epoch, |s| core::apply(s, &call, now, &mut SeededRng::new(0))));
        let mut answer = listing.await.map_err(store_failure)?.map_err(failure)?.answer;
        if let IndexAnswer::Status(status) = &mut answer {
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

    pub(super) fn snapshot<T>(&self, f: impl FnOnce(&dyn StoreRead) -> Result<T, Stop>) -> Result<T, Failure> {
        self.shard.snapshot(|store| ours(store, self.epoch, f)).map_err(store_failure)?.map_err(failure)
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
