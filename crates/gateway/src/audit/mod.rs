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
//! Readers ([`search`], [`verify()`], [`lookup`]) need nothing but the files.

mod chain;
mod event;
mod lookup;
mod record;
mod redact;
mod report;
pub mod search;
mod segment;
#[cfg(test)]
mod tests;
mod verify;
mod xml;

pub(crate) use record::{Call, From, ObjectCall, Outcome};
pub use verify::{Finding, Summary, verify};

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

pub struct Audit {
    dir: PathBuf,
    region: String,
    segments: RefCell<Segments>,
    clock: SystemClock,
    rng: RefCell<SystemRng>,
    /// Reused for each line.
    scratch: RefCell<String>,
    /// The second that is counted in, and the refusals in it.
    refusals: Cell<(u64, u32)>,
    skipped: Cell<u64>,
    /// The newest line that is on the disk for good.
    durable: RefCell<Option<AuditHead>>,
    uses: RefCell<Uses>,
    /// LookupEvents that read the trail now.
    lookups: Cell<usize>,
}

impl Audit {
    pub fn open(dir: &DataDir, region: &str, mib_max: u32) -> io::Result<Self> {
        let limits = Limits { segment_bytes_max: segment::SEGMENT_BYTES_MAX, bytes_max: u64::from(mib_max) << 20 };
        let clock = SystemClock::new();
        Ok(Self {
            dir: dir.audit(),
            region: region.to_owned(),
            segments: RefCell::new(Segments::open(&dir.audit(), limits, clock.wall().0)?),
            clock,
            rng: RefCell::new(SystemRng::new()),
            scratch: RefCell::default(),
            refusals: Cell::default(),
            skipped: Cell::new(0),
            durable: RefCell::default(),
            uses: RefCell::default(),
            lookups: Cell::new(0),
        })
    }

    pub fn status(&self) -> AuditStatus {
        let segments = self.segments.borrow();
        AuditStatus {
            sequence: segments.sequence(),
            lost: segments.lost(),
            skipped: self.skipped.get(),
            problem: segments.problem.clone(),
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

    fn add(&self, event: &Event) -> Option<u64> {
        let mut members = self.scratch.borrow_mut();
        members.clear();
        event.write(&mut members);
        let kind = if event.data { Kind::Data } else { Kind::Management };
        self.segments.borrow_mut().add(kind, event.at.0, &members)
    }

    fn event_id(&self) -> String {
        crate::handle::uuid(self.rng.borrow_mut().u128())
    }

    /// Returns when the line is where a killed process leaves it. The first of a loop's turn to get here writes all lines.
    pub async fn written(&self, line: Option<u64>) {
        let Some(line) = line else { return };
        if !self.segments.borrow().is_written(line) {
            // The others that are ready in this turn add theirs.
            tokio::task::yield_now().await;
        }
        let mut segments = self.segments.borrow_mut();
        if !segments.is_written(line)
            && let Err(error) = segments.write()
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
        self.segments.borrow_mut().write()?;
        let (file, sequence, hash) = self.segments.borrow().sync_point()?;
        if self.durable.borrow().as_ref().is_some_and(|h| h.sequence == sequence) {
            return Ok(());
        }
        let synced = tokio::task::spawn_blocking(move || file.sync_data()).await;
        synced.map_err(|_| io::Error::other("the sync was given up"))??;
        let at = self.clock.wall();
        *self.durable.borrow_mut() = Some(AuditHead { sequence, hash, at });
        let mut segments = self.segments.borrow_mut();
        if segments.is_full() {
            segments.follow(at.0)?;
        }
        Ok(())
    }
}
