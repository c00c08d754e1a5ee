//! What to do about one instance: a pure function of what is wanted, what is seen, and the time.
//!
//! ```text
//!  wanted Running     no disk ─ Prepare ─► disk, dead ─ Start ─► mute ─► running ── reboot or a newer boot: PressPower, Kill, Start
//!                                             ▲ died unasked ─┘            └─ guest switched itself off: Kill (remembered), stays off
//!  wanted Stopped     running ─ PressPower ─► … off, or patience ends ─ Kill ─► dead, disk kept
//!  wanted Terminated  Kill, then Destroy
//!  not wanted         nothing: a missing line in a document never destroys a machine
//! ```

use crate::hypervisor::Seen;
use crate::record::Record;
use wire::host::{Desired, InstanceConfig, Reachability, VmState};

/// How long a guest may take to switch itself off before it is cut off.
pub const STOP_PATIENCE_MS: u64 = 30_000;
/// The same for a reboot.
pub const REBOOT_PATIENCE_MS: u64 = 10_000;
/// A process that does not get as far as running its guest within this time is given up (the card may be down for a while).
pub const START_PATIENCE_MS: u64 = 90_000;
/// A run this long counts as a success: failures before it are forgotten.
pub const PROVEN_AFTER_MS: u64 = 60_000;
/// Failures in a row before an instance is reported as failed and left alone until it is started anew.
pub const FAILURES_MAX: u32 = 4;
const BACKOFF_FIRST_MS: u64 = 500;
const BACKOFF_MAX_MS: u64 = 30_000;
/// A guest that runs this long without having taken its address is impaired.
pub const INITIALIZING_MS: u64 = 300_000;

/// Everything known about one instance on this host. Times are milliseconds of the agent's monotonic clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// What is on disk; `None`: nothing, or a half-made directory.
    pub record: Option<Record>,
    pub seen: Seen,
    /// When the agent started (or adopted) the present process.
    pub process_since: u64,
    /// The present process has been seen running.
    pub has_run: bool,
    /// When the power button was pressed for the present stop or reboot.
    pub pressed_at: Option<u64>,
    /// Failures in a row, the last one's time and words, and for which boot.
    pub failures: Failures,
    /// Its ports' sockets are there and the image is ready (or known to be impossible): a start makes sense now.
    pub startable: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    pub count: u32,
    pub boot: u64,
    pub last_at: u64,
    pub reason: String,
}

impl Failures {
    pub fn add(&mut self, boot: u64, now: u64, reason: String) {
        if self.boot != boot {
            *self = Self { boot, ..Self::default() };
        }
        self.count += 1;
        self.last_at = now;
        self.reason = reason;
    }

    /// Enough of them for this boot.
    fn given_up(&self, boot: u64) -> bool {
        self.boot == boot && self.count >= FAILURES_MAX
    }

    fn backing_off(&self, boot: u64, now: u64) -> bool {
        let pause = (BACKOFF_FIRST_MS << self.count.saturating_sub(1).min(10)).min(BACKOFF_MAX_MS);
        self.boot == boot && self.count > 0 && now < self.last_at + pause
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Make the directory, the root disk and the record.
    Prepare,
    /// Start the process for the configured boot and reboot.
    Start,
    PressPower,
    /// End the process.
    Kill(Why),
    /// Remove everything.
    Destroy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The guest switched itself off and nobody had asked: remember that it is to stay off.
    GuestOff,
    /// Asked for, done or overdue.
    Asked,
    /// It did not come to life: a failure.
    NeverRan,
}

pub fn decide(wanted: Option<&InstanceConfig>, seen: &Observed, now: u64) -> Option<Action> {
    let wanted = wanted?;
    match wanted.desired {
        Desired::Terminated => match (seen.seen, &seen.record) {
            (Seen::Dead, None) => None,
            (Seen::Dead, Some(_)) => Some(Action::Destroy),
            (Seen::Mute | Seen::Running | Seen::Off | Seen::Broken, _) => Some(Action::Kill(Why::Asked)),
        },
        Desired::Stopped => match seen.seen {
            Seen::Dead => None,
            Seen::Off | Seen::Broken => Some(Action::Kill(Why::Asked)),
            Seen::Running => power_off(seen, now, STOP_PATIENCE_MS),
            // Not seen running: nothing in it can be lost. Otherwise it is busy; it gets the same patience.
            Seen::Mute if !seen.has_run => Some(Action::Kill(Why::Asked)),
            Seen::Mute => power_off(seen, now, STOP_PATIENCE_MS),
        },
        Desired::Running => keep_running(wanted, seen, now),
    }
}

fn keep_running(wanted: &InstanceConfig, seen: &Observed, now: u64) -> Option<Action> {
    let Some(record) = &seen.record else {
        return match seen.seen {
            Seen::Dead => may_start(wanted, seen, now).then_some(Action::Prepare),
            // A process whose disk is gone.
            Seen::Mute | Seen::Running | Seen::Off | Seen::Broken => Some(Action::Kill(Why::Asked)),
        };
    };
    // A document with a smaller counter is of an older controller state: the run that is there stands.
    let again = wanted.boot > record.boot || wanted.reboot > record.reboot;
    match seen.seen {
        Seen::Dead if record.off_by_guest && wanted.boot <= record.boot => None,
        Seen::Dead => may_start(wanted, seen, now).then_some(Action::Start),
        Seen::Off if again => Some(Action::Kill(Why::Asked)),
        Seen::Off => Some(Action::Kill(Why::GuestOff)),
        Seen::Running if again => power_off(seen, now, REBOOT_PATIENCE_MS),
        Seen::Running => None,
        Seen::Broken if again => Some(Action::Kill(Why::Asked)),
        // An error of the disk below: the guest is paused, not lost. It is reported as impaired.
        Seen::Broken => None,
        Seen::Mute if seen.has_run && again => power_off(seen, now, REBOOT_PATIENCE_MS),
        // A running guest on a host that is too busy to answer is left alone.
        Seen::Mute if seen.has_run => None,
        Seen::Mute => (now >= seen.process_since + START_PATIENCE_MS).then_some(Action::Kill(Why::NeverRan)),
    }
}

fn may_start(wanted: &InstanceConfig, seen: &Observed, now: u64) -> bool {
    seen.startable && !seen.failures.given_up(wanted.boot) && !seen.failures.backing_off(wanted.boot, now)
}

fn power_off(seen: &Observed, now: u64, patience: u64) -> Option<Action> {
    match seen.pressed_at {
        None => Some(Action::PressPower),
        Some(at) if now >= at + patience => Some(Action::Kill(Why::Asked)),
        Some(_) => None,
    }
}

/// What to report of an instance.
pub fn state(wanted: Option<&InstanceConfig>, seen: &Observed) -> VmState {
    let desired = wanted.map(|w| w.desired);
    match (desired, seen.seen, &seen.record) {
        (Some(Desired::Terminated), Seen::Dead, None) => VmState::Gone,
        (Some(Desired::Terminated), _, _) => VmState::Stopping,
        (Some(Desired::Stopped), Seen::Dead, _) => VmState::Stopped { by_guest: false },
        (Some(Desired::Stopped), _, _) => VmState::Stopping,
        (Some(Desired::Running), Seen::Dead, record) => {
            let boot = wanted.map_or(0, |w| w.boot);
            match record {
                Some(r) if r.off_by_guest && boot <= r.boot => VmState::Stopped { by_guest: true },
                _ if seen.failures.given_up(boot) => VmState::Failed { reason: seen.failures.reason.clone() },
                _ => VmState::Starting,
            }
        }
        (Some(Desired::Running), Seen::Mute, _) if !seen.has_run => VmState::Starting,
        (None, Seen::Dead, Some(r)) => VmState::Stopped { by_guest: r.off_by_guest },
        (None, Seen::Dead, None) => VmState::Gone,
        (Some(Desired::Running) | None, Seen::Off, _) => VmState::Stopping,
        (Some(Desired::Running) | None, Seen::Mute | Seen::Running | Seen::Broken, _) => VmState::Running,
    }
}

/// The status check, from the card's view of the instance's first port.
pub fn reachability(
    state: &VmState,
    seen: &Observed,
    port: Option<&wire::card::PortStatus>,
    running_ms: u64,
) -> Reachability {
    if *state != VmState::Running {
        return Reachability::NotApplicable;
    }
    let was_reachable = seen.record.as_ref().is_some_and(|r| r.reachable);
    match port {
        _ if seen.seen == Seen::Broken => Reachability::Impaired,
        Some(p) if p.link_up && (p.guest_configured || was_reachable) => Reachability::Ok,
        // The card was restarted, or is away: it has nothing to say yet, and says nothing against the guest.
        None if was_reachable => Reachability::Ok,
        _ if running_ms < INITIALIZING_MS => Reachability::Initializing,
        _ => Reachability::Impaired,
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
