//! Rollouts of another program, as decisions: which processes are in which wave, which program a process starts from, what
//! comes next. Pure; the supervisor keeps the state, looks, and does what [`next`] says.
//!
//! ```text
//!            all of the wave answer           time over, well        (approved)
//!  Updating ───────────────────────► Baking ─────────────────► Awaiting ──────► Updating the next wave … Done
//!     └──────────── a threshold, missing metrics, abort ────────────┘
//!                                │
//!                                ▼            all have the old program
//!                          RollingBack ─────────────────────────────► RolledBack
//! ```

mod decide;
mod metrics;
mod waves;

pub use decide::{Step, apply, next};
pub use metrics::{Api, Look, Metrics, Seen};
pub use waves::waves;

use serde::{Deserialize, Serialize};
use wire::rollout::{Program, Rollout};

/// Rollouts that are remembered; the oldest go.
const KEPT_MAX: usize = 32;

/// What is kept on disk (`rollouts.json`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Book {
    pub format: u16,
    /// The SHA-256 of the supervisor's own program, of which everything here holds.
    pub own: String,
    /// What all run since the last rollout that was completed; `None`: the supervisor's own program.
    pub base: Option<Program>,
    /// Oldest first; at most the last is under way.
    pub rollouts: Vec<Rollout>,
}

impl Book {
    pub const FORMAT: u16 = 1;

    pub fn new(own: String) -> Self {
        Self { format: Self::FORMAT, own, base: None, rollouts: Vec::new() }
    }

    pub fn active(&self) -> Option<&Rollout> {
        self.rollouts.last().filter(|r| !r.phase.is_over())
    }

    pub fn active_mut(&mut self) -> Option<&mut Rollout> {
        self.rollouts.last_mut().filter(|r| !r.phase.is_over())
    }

    /// What `process` starts from; `None`: the supervisor's own program.
    pub fn program_of(&self, process: &str) -> Option<&Program> {
        match self.active() {
            Some(r) if r.updated.iter().any(|p| p == process) => Some(&r.program),
            _ => self.base.as_ref(),
        }
    }

    pub fn begin(&mut self, rollout: Rollout) {
        self.rollouts.push(rollout);
        let over = self.rollouts.len().saturating_sub(KEPT_MAX);
        self.rollouts.drain(..over);
    }

    /// Takes a step of the active rollout.
    pub fn take(&mut self, step: &Step, now_ms: u64) {
        let Some(active) = self.active_mut() else { return };
        apply(active, step, now_ms);
        if active.phase == wire::rollout::Phase::Done {
            self.base = Some(active.program.clone());
        }
    }

    /// What a supervisor finds that has just started: a wave under way is watched anew. One of another program begins with its own.
    pub fn resume(&mut self, own: &str, now_ms: u64) {
        use wire::rollout::Phase::{Baking, RolledBack, RollingBack, Updating};
        let other = self.own != own;
        if let Some(active) = self.active_mut() {
            match &mut active.phase {
                phase if other => {
                    *phase = RolledBack;
                    active.updated.clear();
                    active.ended_ms = Some(now_ms);
                    active.reason = Some("the region was started by another program, which all run now".to_owned());
                }
                Updating { since_ms, .. } | Baking { since_ms, .. } | RollingBack { since_ms } => *since_ms = now_ms,
                _ => {}
            }
        }
        if other {
            (self.base, self.own) = (None, own.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::rollout::{Phase, RolloutPlan};

    pub(super) fn rollout(updated: &[&str], phase: Phase) -> Rollout {
        Rollout {
            id: 1,
            program: Program { sha256: "new".into(), version: "2".into() },
            before: None,
            plan: RolloutPlan::default(),
            waves: vec![],
            phase,
            updated: updated.iter().map(|p| (*p).to_owned()).collect(),
            approved: false,
            started_ms: 0,
            ended_ms: None,
            reason: None,
        }
    }

    #[test]
    fn a_process_starts_from_what_its_rollout_says() {
        let mut book = Book::new("own".into());
        assert_eq!(book.program_of("gateway"), None);
        book.begin(rollout(&["card-a1-h1"], Phase::Updating { wave: 0, since_ms: 5 }));
        assert_eq!(book.program_of("gateway"), None);
        assert_eq!(book.program_of("card-a1-h1").unwrap().sha256, "new");
        let written = serde_json::to_vec(&book).unwrap();
        assert_eq!(serde_json::from_slice::<Book>(&written).unwrap(), book);

        let mut resumed = book.clone();
        resumed.resume("own", 70);
        assert_eq!(resumed.active().unwrap().phase, Phase::Updating { wave: 0, since_ms: 70 });
        assert_eq!(resumed.program_of("card-a1-h1").unwrap().sha256, "new");
        let mut done = book.clone();
        done.take(&Step::Finish, 80);
        assert!(done.active().is_some() && done.base.is_none(), "not before the end");
        done.active_mut().unwrap().phase = Phase::Baking { wave: 0, since_ms: 0 };
        done.take(&Step::Finish, 80);
        assert!(done.active().is_none() && done.rollouts[0].ended_ms == Some(80));
        assert_eq!(done.program_of("gateway").unwrap().sha256, "new");

        // Another supervisor's program wins over both.
        for mut book in [book, done] {
            book.resume("other", 90);
            assert!(book.active().is_none() && book.program_of("card-a1-h1").is_none() && book.own == "other");
        }
    }

    #[test]
    fn old_rollouts_go() {
        let mut book = Book::new("own".into());
        (0..40).for_each(|id| book.begin(Rollout { id, ..rollout(&[], Phase::Done) }));
        assert_eq!((book.rollouts.len(), book.rollouts[0].id), (32, 8));
    }
}
