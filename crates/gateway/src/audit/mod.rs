//! The audit trail: one line for every call that is answered, chained by hashes, written before the answer leaves.
//!
//! ```text
//!  a call is answered ─► event (redacted) ─► chained line in memory ─► one write(2) for all of the loop's turn ─► the answer
//!                                                  every second: fsync, the chain's head to the control plane
//! ```
//!
//! A killed process loses no answered call; a power cut at most what the last second brought. A disk that takes no more
//! does not stop the answers: lines wait in memory up to a limit, what is over it is counted, and the trail says so.
//! `sequence` numbers every line; [`verify()`] names the first place where a line was removed, changed or moved. Whoever can
//! write the files could write a new chain, which shows against the heads that the control plane keeps.
//!
//! There are two chains, so that many calls on objects do not push the others out: management events, and data events with
//! three quarters of the room. The first is told every second where the second stands.
//!
//! Readers ([`search`], [`verify()`], [`lookup`], [`tail`]) need nothing but the files.

pub(crate) mod chain;
mod event;
mod lookup;
mod record;
mod redact;
mod report;
pub mod search;
pub(crate) mod segment;
pub(crate) mod tail;
#[cfg(test)]
mod tests;
mod verify;
mod xml;

pub(crate) use record::{Call, From, ObjectCall, Outcome};
pub use verify::{Finding, Summary, Whole, verify};

use chain::Kind;
use event::Event;
use platform::{Clock, DataDir, Rng, SystemClock, SystemRng};
use report::Uses;
use segment::{Limits, Segments};
use std::cell::{Cell, RefCell};
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use wire::audit::{AuditHead, AuditStatus};

/// Between two fsyncs: what a power cut may take.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// Refusals a second of requests that came too often or that are of no account's, neither their caller's nor the owner's of
/// what they ask for; further ones are counted, not written: nobody
/// who has no right to anything can push the trail's older segments out.
const REFUSALS_A_SECOND_MAX: u32 = 100;

/// Within the trail's directory.
pub(crate) const MANAGEMENT: &str = "management";
pub(crate) const DATA: &str = "data";

/// A line that was chained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    data: bool,
    sequence: u64,
}

pub struct Audit {
    dir: PathBuf,
    region: String,
    management: RefCell<Segments>,
    data: RefCell<Segments>,
    clock: SystemClock,
    rng: RefCell<SystemRng>,
    /// Reused for each line.
    scratch: RefCell<String>,
    /// The second that is counted in, and the refusals in it.
    refusals: Cell<(u64, u32)>,
    skipped: Cell<u64>,
    /// The newest line of the management events that is on the disk for good.
    durable: RefCell<Option<AuditHead>>,
    /// The newest line of the data events that the other chain was told of.
    told: Cell<u64>,
    uses: RefCell<Uses>,
    /// LookupEvents that read the trail now.
    lookups: Cell<usize>,
}

impl Audit {
    pub fn open(dir: &DataDir, region: &str, mib_max: u32) -> io::Result<Self> {
        let clock = SystemClock::new();
        let open = |name: &str, bytes_max: u64| {
            let limits = Limits { segment_bytes_max: segment::SEGMENT_BYTES_MAX, bytes_max };
            Segments::open(&dir.audit().join(name), limits, clock.wall().0).map(RefCell::new)
        };
        let quarter = u64::from(mib_max) << 18;
        Ok(Self {
            dir: dir.audit(),
            region: region.to_owned(),
            management: open(MANAGEMENT, quarter)?,
            data: open(DATA, 3 * quarter)?,
            clock,
            rng: RefCell::new(SystemRng::new()),
            scratch: RefCell::default(),
            refusals: Cell::default(),
            skipped: Cell::new(0),
            durable: RefCell::default(),
            told: Cell::new(0),
            uses: RefCell::default(),
            lookups: Cell::new(0),
        })
    }

    fn chain(&self, data: bool) -> &RefCell<Segments> {
        if data { &self.data } else { &self.management }
    }

    pub fn status(&self) -> AuditStatus {
        let (management, data) = (self.management.borrow(), self.data.borrow());
        AuditStatus {
            sequence: management.sequence(),
            lost: management.lost_events() + data.lost_events(),
            skipped: self.skipped.get(),
            problem: management.problem.clone().or_else(|| data.problem.clone()),
        }
    }

    /// Whether one more refusal of an unproven or too frequent request is written.
    fn admits_refusal(&self) -> bool {
        let second = self.clock.wall().0 / 1000;
        let (counted, count) = self.refusals.get();
        let count = if counted == second { count } else { 0 };
        if count >= REFUSALS_A_SECOND_MAX {
            self.skipped.set(self.skipped.get() + 1);
            return false;
        }
        self.refusals.set((second, count + 1));
        true
    }

    fn add(&self, event: &Event) -> Option<Line> {
        let mut members = self.scratch.borrow_mut();
        members.clear();
        event.write(&mut members);
        let kind = if event.data { Kind::Data } else { Kind::Management };
        let sequence = self.chain(event.data).borrow_mut().add(kind, event.at.0, &members)?;
        Some(Line { data: event.data, sequence })
    }

    fn event_id(&self) -> String {
        crate::handle::uuid(self.rng.borrow_mut().u128())
    }

    /// Returns when the line is where a killed process leaves it. The first of a loop's turn to get here writes all lines.
    pub async fn written(&self, line: Option<Line>) {
        let Some(Line { data, sequence }) = line else { return };
        if !self.chain(data).borrow().is_written(sequence) {
            // The others that are ready in this turn add theirs.
            tokio::task::yield_now().await;
        }
        let mut chain = self.chain(data).borrow_mut();
        if !chain.is_written(sequence)
            && let Err(error) = chain.write()
        {
            tracing::error!(%error, "the audit trail cannot be written");
        }
    }

    /// Makes lines durable, for as long as the process lives.
    pub async fn keep_syncing(self: Rc<Self>) {
        let mut told = None;
        loop {
            tokio::time::sleep(SYNC_EVERY).await;
            let outcome = self.sync().await;
            let problem = outcome.err().map(|e| e.to_string());
            if problem != told {
                if let Some(error) = &problem {
                    tracing::error!(error, "the audit trail cannot be made durable");
                }
                told = problem;
            }
        }
    }

    async fn sync(&self) -> io::Result<()> {
        let (sequence, hash) = self.sync_chain(true).await?;
        let at = self.clock.wall();
        if self.told.replace(sequence) != sequence {
            let members = format!(",\"sequence\":{sequence},\"hash\":\"{hash}\"");
            self.management.borrow_mut().add(Kind::Objects, at.0, &members);
        }
        if self.durable.borrow().as_ref().is_some_and(|h| h.sequence == self.management.borrow().sequence()) {
            return Ok(());
        }
        let (sequence, hash) = self.sync_chain(false).await?;
        *self.durable.borrow_mut() = Some(AuditHead { sequence, hash, at });
        Ok(())
    }

    /// The newest line that is durable now, and its hash.
    async fn sync_chain(&self, data: bool) -> io::Result<(u64, String)> {
        let chain = self.chain(data);
        chain.borrow_mut().write()?;
        let (file, sequence, hash) = chain.borrow().sync_point()?;
        let synced = tokio::task::spawn_blocking(move || file.sync_data()).await;
        synced.map_err(|_| io::Error::other("the sync was given up"))??;
        let mut chain = chain.borrow_mut();
        if chain.is_full() {
            chain.follow(self.clock.wall().0)?;
        }
        Ok((sequence, hash))
    }
}
