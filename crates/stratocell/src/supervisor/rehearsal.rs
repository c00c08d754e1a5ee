//! From a fault to its end: heals what has had its time, looks at the region while anything is broken, and keeps the
//! timeline (`fault-timeline.jsonl`, which survives this process).

use super::Supervisor;
use crate::faults::{self, Hold};
use crate::timeline::{By, Event, Happened, Known};
use platform::{Clock, DataDir, SystemClock};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::rc::Rc;
use std::time::Duration;
use types::HostId;
use wire::Empty;
use wire::cell::{CellReport, GetCellStatus};
use wire::supervisor::FaultStatus;

const LOOK_EVERY: Duration = Duration::from_millis(250);
const LOOK_TIMEOUT: Duration = Duration::from_millis(500);
/// Without a fault and not well for this long: no longer watched.
const GIVE_UP_AFTER_MS: u64 = 600_000;
/// Of one timeline; landmarks are kept beyond it, which the number of faults limits.
const EVENTS_MAX: usize = 5_000;
/// Clocks are looked at this often even when nothing is due: they may have been set.
const CLOCK_LOOK_MAX: Duration = Duration::from_secs(5);

/// What is remembered of a timeline.
#[derive(Default)]
pub struct Rehearsal {
    /// Between a fault and the end.
    open: bool,
    known: Known,
    events: usize,
    /// When the last fault was healed, or the last one seen in force.
    calm_since_ms: u64,
}

impl Rehearsal {
    /// Goes on with what a predecessor began.
    pub fn resume(dir: &DataDir, now_ms: u64) -> Self {
        let events = read(dir).unwrap_or_default();
        let open = events.last().is_some_and(|e| !e.what.ends());
        Self { open, events: events.len(), calm_since_ms: now_ms, ..Self::default() }
    }
}

/// The events of the last timeline.
pub fn read(dir: &DataDir) -> std::io::Result<Vec<Event>> {
    let text = match std::fs::read_to_string(dir.fault_timeline()) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text?,
    };
    // A line that a crash cut short is left out.
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

impl Supervisor {
    /// Before a fault strikes: what there was, for the comparison. A new timeline, unless one is open.
    pub(super) async fn before_fault(&self) {
        if self.rehearsal.borrow().open {
            return;
        }
        let mut known = Known::default();
        known.look(&self.processes(), &self.look_at_cells().await, |_| false);
        if let Err(e) = platform::disk::remove_file(&self.dir.fault_timeline()) {
            tracing::warn!(error = %e, "the old timeline stays");
        }
        *self.rehearsal.borrow_mut() = Rehearsal { open: true, known, ..Rehearsal::default() };
    }

    /// The fault is in force.
    pub(super) fn note_injected(&self, fault: &FaultStatus, processes: usize, hosts: Vec<HostId>, hold: Option<Hold>) {
        let strike = |hold| self.rehearsal.borrow_mut().known.strike(&hosts, hold == Hold::Kill);
        let struck = hold.map(strike).unwrap_or_default();
        let injected = Happened::Injected { fault: fault.clone(), processes, hosts };
        self.note(std::iter::once(injected).chain(struck));
        self.watching.notify_one();
    }

    pub(super) fn note_healed(&self, healed: &[FaultStatus], by: By) {
        self.note(healed.iter().map(|f| Happened::Healed { fault: f.clone(), by }));
    }

    /// Writes events down. What cannot be written is told in the log: faults do not depend on it.
    fn note(&self, what: impl IntoIterator<Item = Happened>) {
        let at_ms = SystemClock::new().wall().0;
        let mut rehearsal = self.rehearsal.borrow_mut();
        let mut lines = Vec::new();
        for what in what {
            if what.ends() {
                rehearsal.open = false;
            }
            if rehearsal.events < EVENTS_MAX || what.is_landmark() {
                rehearsal.events += 1;
                // Names, numbers and enums.
                let _ = serde_json::to_writer(&mut lines, &Event { at_ms, what });
                lines.push(b'\n');
            }
        }
        if lines.is_empty() {
            return;
        }
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(self.dir.fault_timeline());
        if let Err(e) = file.and_then(|mut f| f.write_all(&lines)) {
            tracing::warn!(error = %e, "the timeline of the faults is not written");
        }
    }

    fn processes(&self) -> Vec<wire::supervisor::ProcessStatus> {
        self.children.iter().map(|c| c.status()).collect()
    }

    /// All at once; `None` for those that do not answer.
    pub(super) async fn look_at_cells(&self) -> Vec<Option<CellReport>> {
        let asked: Vec<_> = self
            .cells
            .iter()
            .map(|client| {
                let client = client.clone();
                tokio::task::spawn_local(async move { client.call::<GetCellStatus>(&Empty {}, LOOK_TIMEOUT).await.ok() })
            })
            .collect();
        let mut reports = Vec::new();
        for task in asked {
            reports.push(task.await.ok().flatten());
        }
        reports
    }

    /// Looks again and again while a timeline is open.
    pub(super) async fn watch_rehearsals(self: Rc<Self>) {
        loop {
            if !self.rehearsal.borrow().open {
                self.watching.notified().await;
                continue;
            }
            tokio::time::sleep(LOOK_EVERY).await;
            let cells = self.look_at_cells().await;
            let now = SystemClock::new().wall().0;
            let mut changes = {
                let held = faults::holds(&self.faults.borrow(), &self.settings, &self.names).vm_hosts;
                let mut rehearsal = self.rehearsal.borrow_mut();
                let changes = rehearsal.known.look(&self.processes(), &cells, |host| held.contains_key(host));
                if !self.faults.borrow().is_empty() || self.changing.try_lock().is_err() {
                    rehearsal.calm_since_ms = now;
                }
                changes
            };
            let calm = {
                let rehearsal = self.rehearsal.borrow();
                let calm = now > rehearsal.calm_since_ms;
                calm.then(|| (rehearsal.known.is_well(), now - rehearsal.calm_since_ms))
            };
            match calm {
                Some((true, _)) => changes.push(Happened::Recovered),
                Some((false, ms)) if ms > GIVE_UP_AFTER_MS => changes.push(Happened::GivenUp),
                _ => {}
            }
            self.note(changes);
        }
    }

    /// Heals the faults whose time is over, for the life of the supervisor.
    pub(super) async fn heal_in_time(self: Rc<Self>) {
        loop {
            let now = SystemClock::new().wall().0;
            let due = |f: &FaultStatus| f.until_ms.is_some_and(|until| until <= now);
            if self.faults.borrow().iter().any(due)
                && let Err(e) = self.heal_those(due, By::Time).await
            {
                tracing::error!(error = %e, "a fault whose time is over is not healed; tried again");
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            }
            let next = self.faults.borrow().iter().filter_map(|f| f.until_ms).min();
            let pause = next.map(|until| Duration::from_millis(until.saturating_sub(now)).min(CLOCK_LOOK_MAX));
            tokio::select! {
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
                () = self.timed.notified() => {}
            }
        }
    }
}
