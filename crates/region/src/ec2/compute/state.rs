//! The life of an instance, as one function.
//!
//! ```text
//!  launch ─► pending ──seen running──► running ──stop──► stopping ──seen stopped──► stopped ──start──► pending
//!               │                         │  ▲                                         │
//!               │     guest shut down ────┤  └ reboot                                  │
//!               └────────────┬────────────┴───────────────── terminate ────────────────┘
//!                            ▼
//!                      shutting-down ──seen gone──► terminated
//! ```
//! Users' events come from operations; seen events from what cells report ([`super::observe`]), where an illegal one is an
//! old report and is ignored.

use crate::rows::InstanceState;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Start,
    Stop,
    Reboot,
    Terminate,
    SeenRunning,
    /// It is down, as was asked.
    SeenStopped,
    /// It switched itself off; the shutdown behaviour is `stop`.
    GuestStopped,
    /// It switched itself off; the shutdown behaviour is `terminate`.
    GuestTerminated,
    /// The host gave up its first start: there is nothing to keep.
    LaunchFailed,
    /// The host gave up a later start: the disk is kept.
    StartFailed,
    /// Nothing of it is left on the host.
    SeenGone,
    /// Its cell ends it, a spot instance, to terminate it ...
    Interrupted,
    /// ... or to stop it.
    InterruptedStop,
}

impl Event {
    pub const ALL: [Event; 13] = [
        Self::Start,
        Self::Stop,
        Self::Reboot,
        Self::Terminate,
        Self::SeenRunning,
        Self::SeenStopped,
        Self::GuestStopped,
        Self::GuestTerminated,
        Self::LaunchFailed,
        Self::StartFailed,
        Self::SeenGone,
        Self::Interrupted,
        Self::InterruptedStop,
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} does not apply to an instance that is {}", from.name())]
pub struct Illegal {
    pub from: InstanceState,
    pub event: Event,
}

/// The state after `event`. The same state: nothing is to be done, and that is no error (asking again is idempotent).
pub fn transition(from: InstanceState, event: Event) -> Result<InstanceState, Illegal> {
    use Event as E;
    use InstanceState::{Pending, Running, ShuttingDown, Stopped, Stopping, Terminated};
    let illegal = Err(Illegal { from, event });
    match (event, from) {
        (E::Start, Stopped) => Ok(Pending),
        (E::Start, Pending | Running) => Ok(from),
        (E::Start, Stopping | ShuttingDown | Terminated) => illegal,

        (E::Stop, Running) => Ok(Stopping),
        (E::Stop, Stopping | Stopped) => Ok(from),
        (E::Stop, Pending | ShuttingDown | Terminated) => illegal,

        // "Requests to reboot terminated instances are ignored" (RebootInstances).
        (E::Reboot, Running | ShuttingDown | Terminated) => Ok(from),
        (E::Reboot, Pending | Stopping | Stopped) => illegal,

        (E::Terminate, Terminated) => Ok(Terminated),
        (E::Terminate, Pending | Running | Stopping | Stopped | ShuttingDown) => Ok(ShuttingDown),

        (E::SeenRunning, Pending | Running) => Ok(Running),
        (E::SeenRunning, Stopping | Stopped | ShuttingDown | Terminated) => illegal,

        (E::SeenStopped, Stopping | Stopped) => Ok(Stopped),
        (E::SeenStopped, Pending | Running | ShuttingDown | Terminated) => illegal,

        (E::GuestStopped, Pending | Running | Stopping | Stopped) => Ok(Stopped),
        (E::GuestStopped, ShuttingDown | Terminated) => illegal,

        (E::GuestTerminated, Pending | Running) => Ok(ShuttingDown),
        // The user had asked to stop it before it went down by itself.
        (E::GuestTerminated, Stopping | Stopped) => Ok(Stopped),
        (E::GuestTerminated, ShuttingDown | Terminated) => illegal,

        (E::LaunchFailed, Pending) => Ok(ShuttingDown),
        (E::LaunchFailed, Running | Stopping | Stopped | ShuttingDown | Terminated) => illegal,

        (E::StartFailed, Pending | Running | Stopping) => Ok(Stopped),
        (E::StartFailed, Stopped | ShuttingDown | Terminated) => illegal,

        (E::Interrupted, Pending | Running) => Ok(ShuttingDown),
        (E::InterruptedStop, Pending | Running) => Ok(Stopping),
        (E::Interrupted | E::InterruptedStop, Stopping | Stopped | ShuttingDown | Terminated) => illegal,

        // While it is wanted the host makes it (again): only the end that was asked for is an end.
        (E::SeenGone, ShuttingDown | Terminated) => Ok(Terminated),
        (E::SeenGone, Pending | Running | Stopping | Stopped) => illegal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: events; columns: pending, running, shutting-down, terminated, stopping, stopped. `-` is illegal.
    const TABLE: &[(Event, &str)] = &[
        (Event::Start, "PR---P"),
        (Event::Stop, "-S--SD"),
        (Event::Reboot, "-RXT--"),
        (Event::Terminate, "XXXTXX"),
        (Event::SeenRunning, "RR----"),
        (Event::SeenStopped, "----DD"),
        (Event::GuestStopped, "DD--DD"),
        (Event::GuestTerminated, "XX--DD"),
        (Event::LaunchFailed, "X-----"),
        (Event::StartFailed, "DD--D-"),
        (Event::SeenGone, "--TT--"),
        (Event::Interrupted, "XX----"),
        (Event::InterruptedStop, "SS----"),
    ];

    fn letter(s: InstanceState) -> char {
        match s {
            InstanceState::Pending => 'P',
            InstanceState::Running => 'R',
            InstanceState::ShuttingDown => 'X',
            InstanceState::Terminated => 'T',
            InstanceState::Stopping => 'S',
            InstanceState::Stopped => 'D',
        }
    }

    #[test]
    fn every_pair_is_as_in_the_table() {
        assert_eq!(TABLE.iter().map(|(e, _)| *e).collect::<Vec<_>>(), Event::ALL);
        for (event, row) in TABLE {
            let got: String = InstanceState::ALL.iter().map(|s| transition(*s, *event).map_or('-', letter)).collect();
            assert_eq!(got, *row, "{event:?}");
        }
    }

    #[test]
    fn terminated_is_the_end() {
        for event in Event::ALL {
            assert_eq!(
                transition(InstanceState::Terminated, event).unwrap_or(InstanceState::Terminated),
                InstanceState::Terminated
            );
        }
    }
}
