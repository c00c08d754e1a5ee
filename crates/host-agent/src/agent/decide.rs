//! The pure core: the one next thing to do for an instance, from what is wanted, remembered and seen.
//!
//! [`decide`] picks an [`Action`]; [`before`] and [`after`] say what is written to the state file around it. The shell
//! ([`super::drive`]) writes, acts, looks again. Since every intention is written before its effect, and every effect is
//! idempotent, an agent that dies anywhere goes on where it was.

use super::state::{Persisted, Phase};
use super::vmm::{Seen, VmmError};
use types::InterfaceId;
use wire::host::{Desired, InstanceConfig, VmState};

/// How long a guest may take to switch itself off.
pub const SHUTDOWN_MS_MAX: u64 = 20_000;
/// Definite failures in a row before giving up.
pub const TRIES_MAX: u32 = 5;
const BACKOFF_MS_MIN: u64 = 200;
const BACKOFF_MS_MAX: u64 = 5_000;
/// A run that ends sooner died young: the next one waits.
const YOUNG_MS: u64 = 10_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Until something changes.
    Nothing,
    /// Until then (wall clock), or until something changes.
    WaitUntil(u64),
    /// Only the state file changes.
    Record(Phase),
    /// Directory and state file.
    Create,
    /// Directory, disk and state file of another host, which failed.
    TakeOver,
    Prepare,
    Start,
    AskShutdown,
    Kill,
    Reset,
    /// An interface came to a running guest.
    Plug(InterfaceId),
    /// One was taken from it.
    Unplug(InterfaceId),
    /// Kill, remove everything, then the directory.
    Destroy,
}

/// Waits in the state file are bounded, so that a clock that was set back cannot stretch them.
fn wait(until_ms: u64, longest_ms: u64, now_ms: u64) -> Option<Action> {
    (now_ms < until_ms && until_ms <= now_ms + longest_ms).then_some(Action::WaitUntil(until_ms))
}

/// `awaited`: what it has on a disk is in the directory of another host. `ports_ready`: the card has applied a configuration that contains all the instance's interfaces.
pub fn decide(
    desired: Option<&InstanceConfig>,
    persisted: Option<&Persisted>,
    seen: Seen,
    awaited: bool,
    ports_ready: bool,
    now_ms: u64,
) -> Action {
    let Some(p) = persisted else {
        return match desired.map(|d| d.desired) {
            Some(Desired::Running) if awaited => Action::TakeOver,
            Some(Desired::Running) => Action::Create,
            _ => Action::Nothing,
        };
    };
    // Ordered once is ordered: also when the document no longer names it.
    if p.phase == Phase::Terminating {
        return Action::Destroy;
    }
    // An instance that the document does not name is somebody's all the same.
    let Some(d) = desired else { return Action::Nothing };
    match d.desired {
        Desired::Terminated => Action::Destroy,
        _ if p.phase == Phase::Damaged => Action::Nothing,
        Desired::Stopped => stopped(p, seen, now_ms),
        Desired::Running => running(d, p, seen, ports_ready, now_ms),
    }
}

fn stopped(p: &Persisted, seen: Seen, now_ms: u64) -> Action {
    match (seen, &p.phase) {
        (Seen::Running { .. } | Seen::Paused { .. }, Phase::Stopping { kill_at_ms }) => {
            wait(*kill_at_ms, SHUTDOWN_MS_MAX, now_ms).unwrap_or(Action::Kill)
        }
        (Seen::Running { .. } | Seen::Paused { .. }, _) => Action::AskShutdown,
        (Seen::GuestShutdown, _) => Action::Kill,
        (Seen::NotRunning, Phase::Starting | Phase::Running | Phase::Stopping { .. }) => {
            Action::Record(Phase::Stopped { by_guest: false })
        }
        (Seen::NotRunning, _) => Action::Nothing,
    }
}

fn running(d: &InstanceConfig, p: &Persisted, seen: Seen, ports_ready: bool, now_ms: u64) -> Action {
    let due = d.boot > p.boot;
    match (seen, &p.phase) {
        // A stop that began is finished, whatever is wanted now.
        (Seen::Running { .. } | Seen::Paused { .. }, Phase::Stopping { kill_at_ms }) => {
            wait(*kill_at_ms, SHUTDOWN_MS_MAX, now_ms).unwrap_or(Action::Kill)
        }
        (Seen::Running { .. }, Phase::Starting) => Action::Record(Phase::Running),
        // Still on its way: looked at again soon.
        (Seen::Paused { .. }, Phase::Starting) => Action::Nothing,
        // Stopped and started again while nobody told us: this run is not the one that is asked for.
        (Seen::Running { .. } | Seen::Paused { .. }, Phase::Running) if due => Action::AskShutdown,
        (Seen::Running { .. } | Seen::Paused { .. }, Phase::Running) if d.reboot > p.reboot => Action::Reset,
        (Seen::Running { .. }, Phase::Running) => cards(d, p, ports_ready),
        (Seen::Paused { .. }, Phase::Running) => Action::Nothing,
        // A process where none can be.
        (Seen::Running { .. } | Seen::Paused { .. }, _) => Action::Kill,
        // Written before the leftover process is killed: after the kill it would look like a crash.
        (Seen::GuestShutdown, Phase::Starting | Phase::Running) => Action::Record(Phase::Stopped { by_guest: true }),
        (Seen::GuestShutdown, _) => Action::Kill,
        (Seen::NotRunning, Phase::Stopping { .. }) => Action::Record(Phase::Stopped { by_guest: false }),
        (Seen::NotRunning, Phase::Stopped { .. } | Phase::Failed { .. }) if !due => Action::Nothing,
        // Its disk may never have been made.
        (Seen::NotRunning, Phase::Failed { .. }) => Action::Record(Phase::Preparing),
        (Seen::NotRunning, Phase::Preparing) => wait(p.retry_at_ms, BACKOFF_MS_MAX, now_ms).unwrap_or(Action::Prepare),
        (Seen::NotRunning, _) if !ports_ready => Action::Nothing,
        // A new boot does not wait for the failures of the last one.
        (Seen::NotRunning, _) if due => Action::Start,
        (Seen::NotRunning, _) => wait(p.retry_at_ms, BACKOFF_MS_MAX, now_ms).unwrap_or(Action::Start),
    }
}

/// The network cards of a guest that runs: what must go goes first, to make room.
fn cards(d: &InstanceConfig, p: &Persisted, ports_ready: bool) -> Action {
    let gone = p.interfaces.iter().find(|i| !d.interfaces.contains(i));
    let new = d.interfaces.iter().find(|i| !p.interfaces.contains(i));
    match (gone, new) {
        (Some(gone), _) => Action::Unplug(*gone),
        (None, Some(new)) if ports_ready => Action::Plug(*new),
        (None, _) => Action::Nothing,
    }
}

/// What is written before `action` is taken; `None`: nothing changes.
pub fn before(action: &Action, desired: Option<&InstanceConfig>, p: &Persisted, now_ms: u64) -> Option<Persisted> {
    let mut next = p.clone();
    match action {
        Action::Nothing | Action::WaitUntil(_) | Action::TakeOver => {}
        Action::Kill | Action::Reset | Action::Plug(_) | Action::Unplug(_) => {}
        Action::Record(phase) => {
            match phase {
                Phase::Running => next.tries = 0,
                Phase::Preparing => (next.tries, next.deaths, next.retry_at_ms) = (0, 0, 0),
                _ => {}
            }
            next.phase = phase.clone();
        }
        Action::AskShutdown => next.phase = Phase::Stopping { kill_at_ms: now_ms + SHUTDOWN_MS_MAX },
        Action::Destroy => next.phase = Phase::Terminating,
        Action::Create | Action::Prepare => take(&mut next, desired),
        Action::Start => {
            // It ran, and nobody stopped it: it died.
            if p.phase == Phase::Running {
                let young = now_ms.saturating_sub(p.started_ms) < YOUNG_MS;
                next.deaths = if young { p.deaths.saturating_add(1) } else { 0 };
                if next.deaths > 1 {
                    next.retry_at_ms = now_ms + backoff_ms(next.deaths - 1);
                }
            }
            next.phase = Phase::Starting;
            take(&mut next, desired);
            if let Some(d) = desired {
                if d.boot > p.boot {
                    next.tries = 0;
                    next.deaths = 0;
                    next.retry_at_ms = 0;
                }
                next.boot = d.boot.max(p.boot);
                next.reboot = d.reboot.max(p.reboot);
            }
        }
    }
    (next != *p).then_some(next)
}

fn take(p: &mut Persisted, desired: Option<&InstanceConfig>) {
    if let Some(d) = desired {
        p.image = d.image.clone();
        p.size = d.size();
        p.interfaces = d.interfaces.clone();
    }
}

/// What is written when `action` has ended; `None`: nothing changes. `serial` is the end of the guest's console.
pub fn after(
    action: &Action,
    desired: Option<&InstanceConfig>,
    p: &Persisted,
    outcome: Result<(), &VmmError>,
    serial: &str,
    now_ms: u64,
) -> Option<Persisted> {
    let mut next = p.clone();
    match (action, outcome) {
        (Action::Prepare, Ok(())) => {
            next.phase = Phase::Ready;
            next.tries = 0;
        }
        (Action::Start, Ok(())) => {
            next.phase = Phase::Running;
            next.tries = 0;
            next.started_ms = now_ms;
        }
        (Action::Reset, Ok(())) => next.reboot = desired.map_or(p.reboot, |d| d.reboot.max(p.reboot)),
        (Action::Plug(interface), Ok(())) => next.interfaces.push(*interface),
        (Action::Unplug(interface), Ok(())) => next.interfaces.retain(|i| i != interface),
        (Action::Prepare | Action::Start, Err(VmmError::Unknown(_))) => next.retry_at_ms = now_ms + BACKOFF_MS_MIN,
        (Action::Prepare | Action::Start, Err(e)) => {
            next.tries = p.tries.saturating_add(1);
            next.retry_at_ms = now_ms + backoff_ms(next.tries);
            if next.tries >= TRIES_MAX {
                let serial = serial.trim();
                let reason = if serial.is_empty() { e.to_string() } else { format!("{e}; last serial output: {serial}") };
                // The boot that failed is answered for.
                next.boot = desired.map_or(p.boot, |d| d.boot.max(p.boot));
                next.phase = Phase::Failed { reason };
            }
        }
        _ => {}
    }
    (next != *p).then_some(next)
}

/// 200 ms, 400 ms, … 5 s.
fn backoff_ms(tries: u32) -> u64 {
    (BACKOFF_MS_MIN << tries.saturating_sub(1).min(10)).min(BACKOFF_MS_MAX)
}

/// What is reported; `None`: nothing is known of it and nothing is wanted.
pub fn view(desired: Option<&InstanceConfig>, persisted: Option<&Persisted>, seen: Option<Seen>) -> Option<VmState> {
    let wanted = desired.map(|d| d.desired);
    let Some(p) = persisted else {
        return Some(match wanted? {
            Desired::Running => VmState::Starting,
            Desired::Stopped => VmState::Stopped { by_guest: false },
            Desired::Terminated => VmState::Gone,
        });
    };
    // Not looked at yet: as remembered.
    let alive = seen.map_or(matches!(p.phase, Phase::Running | Phase::Stopping { .. }), |s| s.process().is_some());
    let due = desired.is_some_and(|d| d.desired == Desired::Running && d.boot > p.boot);
    Some(match &p.phase {
        Phase::Terminating => VmState::Stopping,
        _ if wanted == Some(Desired::Terminated) => VmState::Stopping,
        Phase::Damaged => VmState::Failed { reason: "the host cannot read its record of the instance".to_owned() },
        _ if wanted == Some(Desired::Stopped) && alive => VmState::Stopping,
        Phase::Stopped { by_guest } if !due => VmState::Stopped { by_guest: *by_guest },
        Phase::Failed { reason } if !due && wanted != Some(Desired::Stopped) => VmState::Failed { reason: reason.clone() },
        _ if wanted == Some(Desired::Stopped) => VmState::Stopped { by_guest: false },
        Phase::Stopping { .. } if alive => VmState::Stopping,
        Phase::Running if seen == Some(Seen::GuestShutdown) && !due => VmState::Stopped { by_guest: true },
        Phase::Running if alive && !due => VmState::Running,
        _ if wanted.is_none() && !alive => VmState::Stopped { by_guest: false },
        _ => VmState::Starting,
    })
}

#[cfg(test)]
mod tests;
