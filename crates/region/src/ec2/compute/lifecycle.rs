//! Start, stop, reboot, terminate: each is all or nothing over the instances it names, by the rules of [`super::state`].

use super::capacity::Usable;
use super::room::{self, Wanted};
use super::state::{Event, transition};
use super::types::Size;
use super::{capacity, launch_options, lists, names, placement, spot, view};
use crate::context::{Authorized, Ctx, OpError, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::assign_auto_public_ip;
use crate::rows::{Instance, InstanceState, InstanceTenancy, StateReason};
use ::types::TimestampMs;
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use wire::cell::{ClaimMarket, Placement};
use wire::host::Reachability;

pub fn register(table: &mut Table) {
    table.op::<ec2::StartInstancesRequest>(&["InstanceId.N"], &[], start);
    // Force is kept without being asked for: the host agent waits for the guest only a bounded time.
    table.op::<ec2::StopInstancesRequest>(&["InstanceId.N", "Force", "Hibernate"], &[], stop);
    table.op::<ec2::RebootInstancesRequest>(&["InstanceId.N"], &[], reboot);
    table.op::<ec2::TerminateInstancesRequest>(&["InstanceId.N", "Force"], &[], terminate);
}

pub const USER_SHUTDOWN: &str = "Client.UserInitiatedShutdown";

/// `User initiated (2026-01-01 00:00:00 GMT)`
fn user_initiated(now: TimestampMs) -> String {
    format!("User initiated ({})", names::gmt(now))
}

fn user_shutdown() -> Option<StateReason> {
    Some(StateReason { code: USER_SHUTDOWN.into(), message: format!("{USER_SHUTDOWN}: User initiated shutdown") })
}

fn named(ctx: &Ctx, ids: &Option<Vec<String>>) -> Result<Vec<Rc<Instance>>, AwsError> {
    let ids = ids.as_deref().unwrap_or_default();
    if ids.is_empty() {
        return Err(AwsError::missing_parameter("InstanceId"));
    }
    lists::instances(ctx, ids)
}

fn wrong_state(row: &Instance, verb: &str) -> AwsError {
    AwsError::incorrect_instance_state(format!("The instance '{}' is not in a state from which it can be {verb}.", row.id))
}

fn start(ctx: &mut Ctx, r: Authorized<ec2::StartInstancesRequest>) -> OpResult<ec2::StartInstancesResult> {
    let rows = named(ctx, &r.instance_ids)?;
    let mut changes = Vec::new();
    for row in &rows {
        let after = transition(row.state, Event::Start).map_err(|_| wrong_state(row, "started"))?;
        changes.push(view::change(row, row.state, after));
    }
    for row in rows.iter().filter(|r| r.state == InstanceState::Stopped) {
        spot::check_start(ctx, row)?;
        begin(ctx, row)?;
    }
    Ok(ec2::StartInstancesResult { starting_instances: Some(changes) })
}

/// Starts one that is stopped.
pub fn begin(ctx: &mut Ctx, row: &Instance) -> OpResult<()> {
    let (_, size) = launch_options::instance_type(&row.instance_type)?;
    let (slots, markets) = match &row.spot {
        Some(spot) => {
            room::check_spot_vcpus(ctx, size, 1)?;
            (Usable::default(), vec![ClaimMarket::Spot { price_max: spot.price_max }])
        }
        None => {
            let mut slots = capacity::usable(ctx, row.tenancy, row.capacity, &row.instance_type, &row.az, 1)?;
            slots.reservations.retain(|(_, cell)| *cell == row.cell);
            if row.tenancy != InstanceTenancy::Host {
                room::check_vcpus(ctx, size, 1, slots.free)?;
            }
            let preempt = spot::is_in(ctx.db, &row.cell).then_some(spot::on_demand(true));
            (slots, [spot::on_demand(false)].into_iter().chain(preempt).collect())
        }
    };
    // An instance with several interfaces gets no automatic address ("Public IPv4 addresses", EC2 User Guide).
    if let [only] = row.interfaces[..] {
        assign_auto_public_ip(ctx, only)?;
    }
    // The row before the claim: the next one's quota counts it.
    let mut new = row.clone();
    new.state = InstanceState::Pending;
    new.state_reason = Some(StateReason { code: "pending".into(), message: "pending".into() });
    new.transition_reason = String::new();
    new.launched = ctx.now;
    new.boot += 1;
    new.reachability = Reachability::Initializing;
    new.reachability_since = ctx.now;
    new.spot.iter_mut().for_each(|s| s.notice = None);
    ctx.db.put(new);
    let placed = place_again(ctx, row, size, slots, &markets)?;
    if placed.host != row.host {
        tracing::error!(instance = %row.id, wanted = %row.host, got = %placed.host, "the cell placed it away from its disk");
        return Err(AwsError::internal("The instance could not be placed where its disk is.").into());
    }
    placement::check_neighbours(ctx.db, row.id, &placement::to_wire(row), &row.host)?;
    let account = ctx.caller.account.clone();
    ctx.db.update::<Instance>(&account, row.id, |i| {
        (i.underlay, i.hold) = (placed.underlay, placed.hold);
        i.cell_why = format!("{}: its disk is there", i.cell);
        i.placed_why = placed.why.clone();
        i.slot_of = placed.reservation;
    });
    Ok(())
}

/// In the first of the markets in which there is room where the disk is.
fn place_again(ctx: &Ctx, row: &Instance, size: &Size, slots: Usable, markets: &[ClaimMarket]) -> OpResult<Placement> {
    for (n, market) in markets.iter().enumerate() {
        let (root_disk_gib, slots) = (row.root_disk_gib, slots.clone());
        let (instances, place) = (vec![row.id], placement::again(ctx.db, row)?);
        let wanted =
            Wanted { instances, count_min: 1, size, root_disk_gib, group: None, slots, again: false, place, market: *market };
        match room::place_again(ctx, row, &wanted) {
            Err(OpError::Aws(e)) if n + 1 < markets.len() && e.is("InsufficientInstanceCapacity") => {}
            outcome => return outcome,
        }
    }
    Err(AwsError::internal("There is no market.").into())
}

fn stop(ctx: &mut Ctx, r: Authorized<ec2::StopInstancesRequest>) -> OpResult<ec2::StopInstancesResult> {
    let rows = named(ctx, &r.instance_ids)?;
    if r.hibernate == Some(true) {
        return Err(AwsError::new(
            "UnsupportedHibernationConfiguration",
            "The instances were not launched with hibernation: it is not supported by this region.",
        )
        .into());
    }
    let mut changes = Vec::new();
    for row in rows {
        let after = transition(row.state, Event::Stop).map_err(|_| wrong_state(&row, "stopped"))?;
        spot::check_stop(&row)?;
        if row.disable_api_stop && row.state == InstanceState::Running {
            return Err(AwsError::new(
                "OperationNotPermitted",
                format!(
                    "The instance '{}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.",
                    row.id
                ),
            )
            .into());
        }
        changes.push(view::change(&row, row.state, after));
        if after != row.state {
            let reason = user_initiated(ctx.now);
            ctx.db.update::<Instance>(&row.account, row.id, |i| {
                i.state = after;
                i.state_reason = user_shutdown();
                i.transition_reason = reason;
            });
        }
    }
    Ok(ec2::StopInstancesResult { stopping_instances: Some(changes) })
}

fn reboot(ctx: &mut Ctx, r: Authorized<ec2::RebootInstancesRequest>) -> OpResult<()> {
    for row in named(ctx, &r.instance_ids)? {
        transition(row.state, Event::Reboot).map_err(|_| {
            AwsError::incorrect_instance_state(format!("This instance '{}' is not in the 'running' state.", row.id))
        })?;
        if row.state == InstanceState::Running {
            let now = ctx.now;
            ctx.db.update::<Instance>(&row.account, row.id, |i| {
                i.reboot += 1;
                i.reachability = Reachability::Initializing;
                i.reachability_since = now;
            });
        }
    }
    Ok(())
}

fn terminate(ctx: &mut Ctx, r: Authorized<ec2::TerminateInstancesRequest>) -> OpResult<ec2::TerminateInstancesResult> {
    let rows = named(ctx, &r.instance_ids)?;
    let mut changes = Vec::new();
    for row in rows {
        let after = transition(row.state, Event::Terminate).map_err(|_| wrong_state(&row, "terminated"))?;
        if row.disable_api_termination && after != row.state {
            return Err(AwsError::new(
                "OperationNotPermitted",
                format!(
                    "The instance '{}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.",
                    row.id
                ),
            )
            .into());
        }
        changes.push(view::change(&row, row.state, after));
        if after != row.state {
            let reason = user_initiated(ctx.now);
            ctx.db.update::<Instance>(&row.account, row.id, |i| {
                i.state = after;
                i.state_reason = user_shutdown();
                i.transition_reason = reason;
            });
        }
    }
    Ok(ec2::TerminateInstancesResult { terminating_instances: Some(changes) })
}
