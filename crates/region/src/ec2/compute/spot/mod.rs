//! Spot instances: room that nobody pays in full for, until somebody does.
//!
//! ```text
//!  RunInstances ──────────────────────────► active ─┬─ interrupted, ended ─► closed      (one-time)
//!  RequestSpotInstances ─► open ─ fulfilled ─┘  ▲   │                    └─► open again  (persistent)
//!       │ too dear, no room: status          │  └───┴─ stopped ─► disabled ─ room again ─► active
//!       └─ ValidUntil ─► closed, Cancel ─► cancelled, never to be launched ─► failed
//! ```
//!
//! A request is for one instance. Prices and interruptions are the cells' (docs/scheduling.md); what they say becomes rows
//! here ([`hear`]), what follows for the requests is [`settle`]'s. Source of rules: "Spot Instances" and "Spot request
//! status", EC2 User Guide.

mod fulfil;
mod market;
pub mod price;
mod requests;

pub use fulfil::{due, fulfil};
pub use market::{Market, asked, check_start, check_stop, is_in, may_preempt, on_demand};

use super::names;
use super::observe::{apply, find};
use super::state::Event;
use crate::context::Ctx;
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{Instance, InstanceState, SpotLaunch, SpotRequest, SpotState, StateReason, TagSet};
use crate::tags;
use ::types::{AzName, InstanceId, SpotRequestId, TimestampMs};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use wire::cell::{CellReport, CellSpot, SpotCause, SpotEnd, SpotNotice};

/// Of an account, ended ones that are still shown among them.
const REQUESTS_MAX: usize = 2000;
/// Ended requests are described for two days.
const SHOWN_MS: u64 = 48 * 3600 * 1000;
const PLATFORM: &str = "Linux/UNIX";
const TAGGED: &str = "spot-instances-request";

pub fn register(table: &mut Table) {
    requests::register(table);
    price::register(table);
}

pub fn too_many() -> AwsError {
    AwsError::new("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
}

/// Whether the account may have so many requests more.
pub fn check_requests(ctx: &Ctx, count: u32) -> Result<(), AwsError> {
    let here = ctx.db.list::<SpotRequest>(&ctx.caller.account).count();
    if here + count as usize > REQUESTS_MAX { Err(too_many()) } else { Ok(()) }
}

pub fn to_wire(spot: &SpotLaunch) -> CellSpot {
    CellSpot { price_max: spot.price_max, on_interruption: spot.on_interruption, notice: spot.notice }
}

/// What a launched instance's row says; its request is `given`, or is made here.
pub fn launched(
    ctx: &mut Ctx,
    r: &ec2::RunInstancesRequest,
    market: &Market,
    given: Option<SpotRequestId>,
    instance: InstanceId,
    az: &AzName,
) -> Result<SpotLaunch, AwsError> {
    let request = match given {
        Some(id) => id,
        None => {
            let id = ctx.new_id(SpotRequestId::from_random);
            let row = requests::row(ctx, id, r, market)?;
            ctx.tag(id, tags::specified(&r.tag_specifications, TAGGED)?)?;
            ctx.db.put(row);
            id
        }
    };
    let (account, now) = (ctx.caller.account.clone(), ctx.now);
    ctx.db.update::<SpotRequest>(&account, request, |row| {
        row.turn(now, SpotState::Active, "fulfilled");
        (row.instance, row.az) = (Some(instance), Some(az.clone()));
    });
    let (price_max, persistent, on_interruption) = (market.price_max, market.persistent, market.on_interruption);
    Ok(SpotLaunch { request, price_max, persistent, on_interruption, notice: None })
}

impl SpotRequest {
    fn turn(&mut self, now: TimestampMs, state: SpotState, status: &str) {
        if (self.state, self.status.as_str()) != (state, status) {
            (self.state, self.status, self.status_at) = (state, status.to_owned(), now);
        }
        let over = matches!(state, SpotState::Closed | SpotState::Cancelled | SpotState::Failed);
        self.ended = over.then(|| self.ended.unwrap_or(now));
    }
}

/// What a cell says of prices and notices.
pub fn hear(db: &mut Db, now: TimestampMs, report: &CellReport) {
    price::hear(db, now, report);
    for (id, notice) in &report.notices {
        let Some(row) = find(db, *id).filter(|i| i.cell == report.cell && i.hold == notice.hold) else { continue };
        let Some(spot) = &row.spot else { continue };
        if !matches!(row.state, InstanceState::Pending | InstanceState::Running) {
            continue;
        }
        if spot.notice != Some(*notice) {
            db.update::<Instance>(&row.account, row.id, |i| {
                i.spot.iter_mut().for_each(|s| s.notice = Some(*notice));
            });
            tracing::info!(instance = %row.id, at_ms = notice.at_ms, ended = notice.ended, "interrupted by its cell");
        }
        if notice.ended {
            let (event, code, sentence) = match spot.on_interruption {
                SpotEnd::Terminate => (Event::Interrupted, "Server.SpotInstanceTermination", "Spot instance termination"),
                SpotEnd::Stop => (Event::InterruptedStop, "Server.SpotInstanceShutdown", "Spot instance shutdown"),
            };
            let reason = StateReason { code: code.into(), message: format!("{code}: {sentence}") };
            apply(db, now, &row, event, Some(reason));
        }
    }
}

/// What became of the instances of requests.
pub fn settle(db: &mut Db, now: TimestampMs) {
    let may_change = |r: &Rc<SpotRequest>| match r.state {
        SpotState::Open | SpotState::Active | SpotState::Disabled => true,
        SpotState::Cancelled => r.instance.is_some() && !r.status.starts_with("instance-terminated"),
        SpotState::Closed | SpotState::Failed => false,
    };
    let rows: Vec<Rc<SpotRequest>> = db.all::<SpotRequest>().filter(may_change).collect();
    for row in rows {
        let mut new = (*row).clone();
        follow(db, now, &mut new);
        if new != *row {
            tracing::info!(request = %row.id, state = new.state.name(), status = new.status, "spot request");
            db.put(new);
        }
    }
}

fn follow(db: &Db, now: TimestampMs, row: &mut SpotRequest) {
    let late = row.valid_until.is_some_and(|until| until <= now);
    let Some(id) = row.instance else {
        if late {
            row.turn(now, SpotState::Closed, "schedule-expired");
        }
        return;
    };
    let instance = db.get::<Instance>(&row.account, id);
    let state = instance.as_ref().map_or(InstanceState::Terminated, |i| i.state);
    let notice = instance.as_ref().and_then(|i| i.spot.as_ref()?.notice);
    let ended = notice.filter(|n| n.ended);
    let cancelled = row.state == SpotState::Cancelled;
    match state {
        InstanceState::Pending | InstanceState::Running => {
            let status = match (notice, row.on_interruption) {
                (None, _) if cancelled => "request-canceled-and-instance-running",
                (None, _) => "fulfilled",
                (Some(_), SpotEnd::Terminate) => "marked-for-termination",
                (Some(_), SpotEnd::Stop) => "marked-for-stop",
            };
            row.turn(now, if cancelled { SpotState::Cancelled } else { SpotState::Active }, status);
        }
        InstanceState::Stopping | InstanceState::Stopped => {
            let state = if cancelled { SpotState::Cancelled } else { SpotState::Disabled };
            row.turn(now, state, &format!("instance-stopped-{}", by(ended)));
        }
        InstanceState::ShuttingDown | InstanceState::Terminated => {
            let failed = instance.as_ref().and_then(|i| i.state_reason.as_ref()).is_some_and(|r| r.code.starts_with("Server."));
            let why = if failed && ended.is_none() { "no-capacity" } else { by(ended) };
            let again = row.persistent && !cancelled && !late;
            let state = match (cancelled, again) {
                (true, _) => SpotState::Cancelled,
                (false, true) => SpotState::Open,
                (false, false) => SpotState::Closed,
            };
            row.turn(now, state, &format!("instance-terminated-{why}"));
            if again {
                row.instance = None;
            }
        }
    }
}

fn by(notice: Option<SpotNotice>) -> &'static str {
    match notice.map(|n| n.cause) {
        Some(SpotCause::Price { .. }) => "by-price",
        Some(SpotCause::Room { .. }) => "no-capacity",
        None => "by-user",
    }
}

/// Forgets requests that ended two days ago. Called now and then by the service.
pub fn forget(db: &mut Db, now: TimestampMs) {
    let old: Vec<_> = db.all::<SpotRequest>().filter(|r| r.ended.is_some_and(|at| now.0 >= at.0 + SHOWN_MS)).collect();
    for row in old {
        db.delete::<TagSet>(&row.account, row.id);
        db.delete::<SpotRequest>(&row.account, row.id);
    }
}

/// For the operator: why the instance was told to go, and for whose launch.
pub fn story(db: &Db, row: &Instance) -> Option<String> {
    let notice = row.spot.as_ref()?.notice?;
    let why = match notice.cause {
        SpotCause::Price { now, max } => format!(
            "the spot price of its hosts is {}.{} % of the on-demand price, above the {}.{} % that it pays",
            now / 10,
            now % 10,
            max / 10,
            max % 10
        ),
        SpotCause::Room { of } => {
            let whose = find(db, of).map_or(String::new(), |i| format!(" of account {}", i.account));
            format!("its room was needed for the launch of {of}{whose}")
        }
    };
    let at = names::gmt(TimestampMs(notice.at_ms));
    let told = names::gmt(TimestampMs(notice.told_ms));
    let what = row.spot.as_ref().map_or("", |s| s.on_interruption.name());
    Some(format!("{why}: told at {told} ({what} at {at}{})", if notice.ended { ", which is over" } else { "" }))
}
