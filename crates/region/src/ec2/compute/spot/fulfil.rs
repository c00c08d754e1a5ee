//! The service's part of spot requests: launches what is asked for, again and again until there is room for it.

use super::requests;
use crate::context::{Ctx, OpError, OpResult};
use crate::db::Db;
use crate::ec2::compute::launch::{self, By};
use crate::ec2::compute::lifecycle;
use crate::rows::{Instance, InstanceState, SpotRequest, SpotState};
use ::types::{AccountId, SpotRequestId, TimestampMs};

/// Looked at in one turn.
const DUE_MAX: usize = 64;
/// What another time may end otherwise, and what the request then says.
const LATER: [(&str, &str); 8] = [
    ("InsufficientInstanceCapacity", "capacity-not-available"),
    ("Unavailable", "capacity-not-available"),
    ("InsufficientFreeAddressesInSubnet", "capacity-not-available"),
    ("SpotMaxPriceTooLow", "price-too-low"),
    ("MaxSpotInstanceCountExceeded", "limit-exceeded"),
    ("InstanceLimitExceeded", "limit-exceeded"),
    ("NetworkInterfaceLimitExceeded", "limit-exceeded"),
    ("InternalError", "system-error"),
];

/// The requests to look at: new ones, and with `again` those for which there was nothing.
pub fn due(db: &Db, now: TimestampMs, again: bool) -> Vec<(AccountId, SpotRequestId)> {
    let may = |r: &SpotRequest| match r.state {
        SpotState::Open => r.valid_from.is_none_or(|from| from <= now) && (again || is_new(r)),
        SpotState::Disabled => again && r.status != "instance-stopped-by-user",
        SpotState::Active | SpotState::Closed | SpotState::Cancelled | SpotState::Failed => false,
    };
    // The one whose status is the oldest first.
    let mut due: Vec<_> = db.all::<SpotRequest>().filter(|r| may(r)).map(|r| (r.status_at, r.account.clone(), r.id)).collect();
    due.sort();
    due.into_iter().take(DUE_MAX).map(|(_, account, id)| (account, id)).collect()
}

fn is_new(r: &SpotRequest) -> bool {
    matches!(r.status.as_str(), "pending-evaluation" | "not-scheduled-yet")
}

/// Looks at one request, as its account.
///
/// # Errors
/// Only questions to cells: what cannot be launched is said by the request.
pub fn fulfil(ctx: &mut Ctx, id: SpotRequestId) -> OpResult<()> {
    let account = ctx.caller.account.clone();
    let Some(row) = ctx.db.get::<SpotRequest>(&account, id) else { return Ok(()) };
    let before = ctx.db.begin_part();
    let outcome = match row.state {
        SpotState::Open => requests::launch_of(&row)
            .map_err(OpError::from)
            .and_then(|request| launch::run_asked(ctx, &request, &By { request: Some(id), ..By::default() }).map(drop)),
        SpotState::Disabled => resume(ctx, &row),
        SpotState::Active | SpotState::Closed | SpotState::Cancelled | SpotState::Failed => Ok(()),
    };
    let Err(OpError::Aws(error)) = outcome else {
        ctx.db.end_part(before);
        return outcome;
    };
    ctx.db.rollback();
    ctx.db.end_part(before);
    if row.state == SpotState::Disabled {
        return Ok(());
    }
    let now = ctx.now;
    let later = LATER.iter().find(|(code, _)| error.is(code));
    ctx.db.update::<SpotRequest>(&account, id, |r| match later {
        Some((_, status)) => r.turn(now, SpotState::Open, status),
        None => {
            r.turn(now, SpotState::Failed, "bad-parameters");
            r.fault = Some((error.code.to_string(), error.message.clone()));
        }
    });
    Ok(())
}

/// Starts an instance that an interruption had stopped.
fn resume(ctx: &mut Ctx, row: &SpotRequest) -> OpResult<()> {
    let instance = row.instance.and_then(|id| ctx.db.get::<Instance>(&row.account, id));
    match instance {
        Some(i) if i.state == InstanceState::Stopped && i.spot.as_ref().is_some_and(|s| s.notice.is_some()) => {
            lifecycle::begin(ctx, &i)
        }
        _ => Ok(()),
    }
}
