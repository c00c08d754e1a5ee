//! What a cell reports of an instance, applied to its row. Idempotent, and safe against reports that are older than the row:
//! a report speaks of the run whose `boot` and `reboot` counters it carries, and only the row's present run counts.

use super::capacity;
use super::state::{Event, transition};
use crate::db::Db;
use crate::ec2::network::{interface_attach, release_auto_public_ip};
use crate::rows::{Account, Instance, InstanceSession, InstanceState, Interface, StateReason, TagSet};
use ::types::{AccountId, InstanceId, TimestampMs};
use std::rc::Rc;
use wire::cell::CellInstanceReport;
use wire::host::{Reachability, VmState};

/// Terminated instances are described for an hour.
pub const TERMINATED_SHOWN_MS: u64 = 3600 * 1000;

const GUEST_SHUTDOWN: &str = "Client.InstanceInitiatedShutdown";
const INTERNAL_ERROR: &str = "Server.InternalError";
const NO_ROOM: &str = "Server.InsufficientInstanceCapacity";

/// The row, whoever's it is.
pub(super) fn find(db: &Db, id: InstanceId) -> Option<Rc<Instance>> {
    let accounts: Vec<AccountId> = db.all::<Account>().map(|a| a.id.clone()).collect();
    accounts.iter().find_map(|a| db.get::<Instance>(a, id)).or_else(|| db.all::<Instance>().find(|i| i.id == id))
}

pub fn observe(db: &mut Db, now: TimestampMs, report: &CellInstanceReport) {
    let Some(row) = find(db, report.id) else { return };
    if row.state == InstanceState::Terminated {
        return;
    }
    if report.host != row.host {
        tracing::debug!(instance = %row.id, host = %report.host, wanted = %row.host, "a report from another host is ignored");
        return;
    }
    let row = see_recovery(db, now, row, report);
    let recovering = row.recovered.as_ref().is_some_and(|r| r.running.is_none());
    see_host(db, now, &row, report.current && !recovering);
    see_reachability(db, now, &row, report);
    if let Some((event, reason)) = event_of(&row, report) {
        let code = if report.no_room { NO_ROOM } else { INTERNAL_ERROR };
        apply(db, now, &row, event, reason.map(|r| StateReason { code: code.into(), message: format!("{code}: {r}") }));
    }
    see_interfaces(db, &row, report);
}

/// Interfaces that came and went while it ran; while it does not, nothing is under way.
fn see_interfaces(db: &mut Db, row: &Instance, report: &CellInstanceReport) {
    let Some(row) = db.get::<Instance>(&row.account, row.id) else { return };
    match row.state {
        InstanceState::Stopped => interface_attach::observe(db, &row, None),
        InstanceState::Running if report.state == VmState::Running && report.boot == row.boot => {
            interface_attach::observe(db, &row, Some(&report.interfaces));
        }
        _ => {}
    }
}

/// What a report says of the row's present run, and the sentence for the user if something went wrong.
fn event_of(row: &Instance, report: &CellInstanceReport) -> Option<(Event, Option<String>)> {
    let this_run = report.boot == row.boot;
    let event = match &report.state {
        VmState::Starting | VmState::Stopping => return None,
        VmState::Running if this_run => Event::SeenRunning,
        VmState::Running => return None,
        VmState::Stopped { by_guest: true } if this_run => match row.shutdown_behavior.as_str() {
            "terminate" => Event::GuestTerminated,
            _ => Event::GuestStopped,
        },
        // 0: the host knows of no run, for instance because it was restarted after the stop.
        VmState::Stopped { by_guest: false } if this_run || report.boot == 0 => Event::SeenStopped,
        VmState::Stopped { .. } => return None,
        VmState::Gone => Event::SeenGone,
        // Before the first run there is no older one that this could speak of.
        VmState::Failed { reason } if this_run || row.boot == 1 => {
            let first = row.boot == 1 && row.state == InstanceState::Pending;
            let event = if first { Event::LaunchFailed } else { Event::StartFailed };
            return Some((event, Some(reason.clone())));
        }
        VmState::Failed { .. } => return None,
    };
    Some((event, None))
}

pub(super) fn apply(db: &mut Db, now: TimestampMs, row: &Instance, event: Event, failure: Option<StateReason>) {
    let after = match transition(row.state, event) {
        Ok(after) if after != row.state => after,
        Ok(_) => return,
        Err(illegal) => {
            tracing::trace!(instance = %row.id, %illegal, "an old report is ignored");
            return;
        }
    };
    tracing::info!(instance = %row.id, from = row.state.name(), to = after.name(), failure = failure.as_ref().map(|f| &f.message), "observed");
    let by_guest = matches!(event, Event::GuestStopped | Event::GuestTerminated) && row.state != InstanceState::Stopping;
    match after {
        InstanceState::Stopped => release_addresses(db, row),
        InstanceState::Terminated => delete_parts(db, row),
        InstanceState::Pending | InstanceState::Running | InstanceState::ShuttingDown | InstanceState::Stopping => {}
    }
    db.update::<Instance>(&row.account, row.id, |i| {
        i.state = after;
        if let Some(failure) = failure {
            i.transition_reason = failure.code.clone();
            i.state_reason = Some(failure);
        } else if by_guest {
            i.state_reason = Some(StateReason {
                code: GUEST_SHUTDOWN.into(),
                message: format!("{GUEST_SHUTDOWN}: Instance initiated shutdown"),
            });
            i.transition_reason = String::new();
        } else if after == InstanceState::Running {
            i.state_reason = None;
        }
        if !capacity::keeps_slot(after) {
            i.slot_of = None;
        }
        match after {
            InstanceState::Stopped => i.reachability = Reachability::NotApplicable,
            InstanceState::Terminated => {
                i.reachability = Reachability::NotApplicable;
                i.interfaces.clear();
                i.terminated = Some(now);
            }
            InstanceState::Pending | InstanceState::Running | InstanceState::ShuttingDown | InstanceState::Stopping => {}
        }
    });
}

/// Of an instance that was placed on another host: whether it has come to run there, with its disk.
fn see_recovery(db: &mut Db, now: TimestampMs, row: Rc<Instance>, report: &CellInstanceReport) -> Rc<Instance> {
    let waits = !row.disk_on.is_empty() || row.recovered.as_ref().is_some_and(|r| r.running.is_none());
    if !waits || report.boot != row.boot {
        return row;
    }
    db.update::<Instance>(&row.account, row.id, |i| {
        // The host counts the run only when it has the disk.
        i.disk_on.clear();
        if let Some(r) = i.recovered.as_mut().filter(|_| report.state == VmState::Running) {
            r.running.get_or_insert(now);
        }
    });
    db.get::<Instance>(&row.account, row.id).unwrap_or(row)
}

/// The status check of the system: whether its host is heard.
fn see_host(db: &mut Db, now: TimestampMs, row: &Instance, current: bool) {
    if row.host_reports != current {
        db.update::<Instance>(&row.account, row.id, |i| {
            i.host_reports = current;
            i.host_reports_since = now;
        });
    }
}

/// The status check of the instance. What was true before a reboot or start says nothing of the guest after it.
fn see_reachability(db: &mut Db, now: TimestampMs, row: &Instance, report: &CellInstanceReport) {
    let this_run = report.boot == row.boot && report.reboot == row.reboot;
    let up = matches!(row.state, InstanceState::Pending | InstanceState::Running);
    if this_run && up && row.reachability != report.reachability {
        db.update::<Instance>(&row.account, row.id, |i| {
            i.reachability = report.reachability;
            i.reachability_since = now;
        });
    }
}

fn release_addresses(db: &mut Db, row: &Instance) {
    for id in &row.interfaces {
        if let Some(interface) = db.get::<Interface>(&row.account, id) {
            release_auto_public_ip(db, &interface);
        }
    }
}

fn delete_parts(db: &mut Db, row: &Instance) {
    interface_attach::release_all(db, row);
    db.delete::<TagSet>(&row.account, row.root_volume);
    db.delete::<InstanceSession>(&row.account, row.id);
}

/// Forgets instances that have been terminated for an hour. Called now and then by the service.
pub fn forget_terminated(db: &mut Db, now: TimestampMs) {
    let old: Vec<_> =
        db.all::<Instance>().filter(|i| i.terminated.is_some_and(|at| now.0 >= at.0 + TERMINATED_SHOWN_MS)).collect();
    for row in old {
        db.delete::<TagSet>(&row.account, row.id);
        db.delete::<Instance>(&row.account, row.id);
    }
}
