//! Automatic recovery: an instance whose host is confirmed off is started on another host of its zone, with its id, its
//! interfaces and addresses, and its disk. What its memory held is lost.
//!
//! ```text
//!  cell: host off ─► room elsewhere (claim) ─► that run is over for good (EndRun, in the old host's cell) ─► the row, one commit
//! ```
//! A failure anywhere leaves the instance where it was, and the next report begins again. After the third step the old host is
//! never told to run it by this boot, so that whoever comes back when, there is one copy (docs/decisions/0015).
//!
//! Source: "Automatic instance recovery", EC2 User Guide (simplified automatic recovery).

use super::groups::{self, Grouped};
use super::room::{self, Wanted};
use super::{capacity, launch_options, placement};
use crate::context::{Answer, Ctx, OpResult, Question};
use crate::db::Db;
use crate::rows::{Instance, InstanceState, Recovered};
use ::types::{AccountId, CellId, HostId};
use aws_protocol::AwsError;
use std::collections::{BTreeMap, BTreeSet};
use wire::cell::{CellReport, ClaimMarket, RunRef};
use wire::host::Reachability;

fn run_of(i: &Instance) -> RunRef {
    RunRef { instance: i.id, host: i.host.clone(), boot: i.boot }
}

/// Spot instances are not recovered: they wait for their host.
fn is_wanted(i: &Instance) -> bool {
    matches!(i.state, InstanceState::Pending | InstanceState::Running) && i.spot.is_none()
}

/// Runs that should be followed by one on another host: their host is off, or they are over already.
pub fn due(db: &Db, reports: &BTreeMap<CellId, CellReport>) -> Vec<(AccountId, RunRef)> {
    let off: BTreeSet<&HostId> = reports.values().flat_map(|r| &r.hosts).filter(|h| h.off).map(|h| &h.host).collect();
    let ended: BTreeSet<&RunRef> = reports.values().flat_map(|r| &r.ended_runs).collect();
    if off.is_empty() && ended.is_empty() {
        return Vec::new();
    }
    let is_due = |i: &Instance| ended.contains(&run_of(i)) || (off.contains(&i.host) && !i.recovery_disabled);
    let mut due: Vec<_> =
        db.all::<Instance>().filter(|i| is_wanted(i) && is_due(i)).map(|i| (i.account.clone(), run_of(&i))).collect();
    due.sort();
    due
}

/// Places the instance of that run again, by the rules of its launch.
///
/// # Errors
/// There is no room in its zone, or the run may not be said to be over.
pub fn recover(ctx: &mut Ctx, run: &RunRef) -> OpResult<()> {
    let account = ctx.caller.account.clone();
    let row = ctx.db.get::<Instance>(&account, run.instance).filter(|i| is_wanted(i) && run_of(i) == *run);
    let Some(row) = row else { return Ok(()) };
    let (_, size) = launch_options::instance_type(&row.instance_type)?;
    let slots = capacity::usable(ctx, row.tenancy, row.capacity, &row.instance_type, &row.az, 1)?;
    let partition = row.group.as_ref().and_then(|g| g.partition);
    let group = groups::of_instance(ctx, &row).map(|g| Grouped { row: g, partition, again: Some(row.id) });
    let wanted = Wanted {
        instances: vec![row.id],
        count_min: 1,
        size,
        root_disk_gib: row.root_disk_gib,
        group: group.as_ref(),
        slots,
        again: true,
        place: placement::again(ctx.db, &row)?,
        market: ClaimMarket::OnDemand,
    };
    let (room::Chosen { cell, why: cell_why }, placed) = room::place_somewhere(ctx, &row.az, &wanted)?;
    let place = placed.into_iter().next().ok_or_else(|| AwsError::internal("The cell placed nothing."))?;
    match ctx.ask(Question::EndRun { cell: row.cell.clone(), run: run.clone() })? {
        Answer::Ended => {}
        Answer::Unavailable(why) => return Err(AwsError::unavailable(why).into()),
        _ => return Err(AwsError::internal("This is no answer to the end of a run.").into()),
    }
    tracing::warn!(instance = %row.id, from = %row.host, to = %place.host, "placed again: its host is off");
    let now = ctx.now;
    // Nobody was told that it runs: there is nothing of the user's on its disk.
    let has_disk = row.boot > 1 || row.state == InstanceState::Running;
    ctx.db.update::<Instance>(&account, row.id, |i| {
        if has_disk && !i.disk_on.contains(&row.host) {
            i.disk_on.push(row.host.clone());
        }
        let failed = if row.host_reports { now } else { row.host_reports_since };
        i.recovered = Some(Recovered { from: row.host.clone(), failed, placed: now, running: None });
        if i.host_reports {
            (i.host_reports, i.host_reports_since) = (false, now);
        }
        (i.cell, i.host, i.underlay) = (cell.clone(), place.host.clone(), place.underlay);
        (i.hold, i.slot_of) = (place.hold, place.reservation);
        i.cell_why = cell_why.clone();
        i.placed_why = format!("{} (its host {} failed)", place.why, row.host);
        if let Some(group) = &mut i.group {
            group.partition = place.partition;
        }
        i.boot += 1;
        (i.reachability, i.reachability_since) = (Reachability::Initializing, now);
    });
    Ok(())
}
