//! Dedicated hosts: whole hosts that are kept for an account.
//!
//! ```text
//!  Allocate ─ cell/Allocate ─► available ─Release─► released        shown for an hour, then forgotten
//!                                └─the cell had given it to others─► permanent-failure
//! ```
//!
//! A row says which host it is: the cell keeps that one by its document. How many instances of a type a host holds follows from the
//! host; on AWS it follows from the type. Where instances may go: [`super::placement`].
//!
//! Source of rules: "Amazon EC2 Dedicated Hosts", EC2 User Guide.

use super::launch_options::instance_type;
use super::types::{self, Family, Size};
use super::{lists, room};
use crate::cells::Wanted;
use crate::context::{Answer, Authorized, Ctx, OpResult, Question};
use crate::db::Db;
use crate::dispatch::Table;
use crate::ec2::network::lookup::{self, Listing, Resource, one};
use crate::ec2::network::zone;
use crate::quota::table as quota;
use crate::rows::{DedicatedHost, Instance, InstanceState, InstanceTenancy};
use crate::tags;
use ::types::{AzName, CellId, DedicatedHostId, TimestampMs};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use wire::cell::{AllocateReply, AllocateRequest, CellDedicatedHost, CellReport, HostAllocation};
use wire::host::Capacity;

/// Of one AllocateHosts.
const QUANTITY_MAX: i32 = 100;
/// As terminated instances.
const SHOWN_MS: u64 = 3600 * 1000;
const HOLD_MS: u64 = room::SLOT_HOLD_MS;

pub fn register(table: &mut Table) {
    table.op::<ec2::AllocateHostsRequest>(
        &[
            "AutoPlacement",
            "AvailabilityZone",
            "AvailabilityZoneId",
            "HostMaintenance",
            "HostRecovery",
            "InstanceFamily",
            "InstanceType",
            "Quantity",
        ],
        &["dedicated-host"],
        allocate,
    );
    table.op::<ec2::DescribeHostsRequest>(&["HostId.N"], &[], describe);
    table.op::<ec2::ModifyHostsRequest>(
        &["HostId.N", "AutoPlacement", "HostMaintenance", "HostRecovery", "InstanceFamily", "InstanceType"],
        &[],
        modify,
    );
    table.op::<ec2::ReleaseHostsRequest>(&["HostId.N"], &[], release);
}

/// What may run on a host: one type, or all of a family.
struct Kind {
    family: &'static Family,
    size: Option<&'static Size>,
}

impl Kind {
    fn sizes(&self) -> impl Iterator<Item = &'static Size> {
        let only = self.size.map(|s| s.name);
        self.family.sizes.iter().filter(move |s| only.is_none_or(|o| o == s.name))
    }

    fn of(row: &DedicatedHost) -> Option<Self> {
        let family = types::FAMILIES.iter().find(|f| f.name == row.family)?;
        let size = row.instance_type.as_deref().and_then(types::find).map(|(_, size)| size);
        Some(Self { family, size })
    }

    /// Its least.
    fn least(&self) -> Capacity {
        let least = self.sizes().map(|s| room::capacity(s, 0)).min_by_key(|c| (c.vcpus, c.memory_mib));
        least.unwrap_or_default()
    }
}

fn kind(instance: Option<&str>, family: Option<&str>) -> Result<Option<Kind>, AwsError> {
    let kind = match (instance, family) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(AwsError::invalid_parameter_combination("InstanceType and InstanceFamily cannot be specified together."));
        }
        (Some(name), None) => {
            let (family, size) = instance_type(name)?;
            Kind { family, size: Some(size) }
        }
        (None, Some(name)) => {
            let family = types::FAMILIES.iter().find(|f| f.name == name);
            let unknown = || AwsError::invalid_value("InstanceFamily", &lists::clip(name), "It is not a family of this region.");
            Kind { family: family.ok_or_else(unknown)?, size: None }
        }
    };
    if !kind.family.dedicated_hosts {
        let message = format!("There are no Dedicated Hosts for the instance family {}.", kind.family.name);
        return Err(AwsError::new("InvalidHostConfiguration", message));
    }
    Ok(Some(kind))
}

fn switch(given: Option<&str>, name: &str) -> Result<Option<bool>, AwsError> {
    match given {
        None => Ok(None),
        Some("on") => Ok(Some(true)),
        Some("off") => Ok(Some(false)),
        Some(other) => Err(AwsError::invalid_value(name, &lists::clip(other), "Expected on or off.")),
    }
}

/// What only has the value off here.
fn refuse_on(given: Option<&str>, name: &str) -> Result<(), AwsError> {
    match switch(given, name)? {
        Some(true) => Err(AwsError::unsupported_operation(format!(
            "{name}=on is not supported by this region: instances of a host that fails are not moved to another one."
        ))),
        Some(false) | None => Ok(()),
    }
}

fn quota_of(family: &Family) -> Option<&'static quota::Quota> {
    let name = format!("Running Dedicated {} Hosts", family.name);
    quota::ALL.iter().find(|q| q.name == name)
}

/// Hosts of the account, those that have ended not among them.
pub fn available<'c>(ctx: &'c Ctx) -> impl Iterator<Item = Rc<DedicatedHost>> + 'c {
    ctx.db.list::<DedicatedHost>(&ctx.caller.account).filter(|h| h.is_available())
}

/// The dedicated host that an instance is on.
pub fn of_instance(db: &Db, row: &Instance) -> Option<Rc<DedicatedHost>> {
    let on = |h: &Rc<DedicatedHost>| h.is_available() && h.host == row.host;
    let there = row.tenancy == InstanceTenancy::Host && row.state != InstanceState::Terminated;
    there.then(|| db.list::<DedicatedHost>(&row.account).find(on)).flatten()
}

/// Instances that run there, or are on their way up or down.
fn occupants(db: &Db, host: &DedicatedHost) -> Vec<Rc<Instance>> {
    if !host.is_available() {
        return Vec::new();
    }
    let gone = |s: InstanceState| matches!(s, InstanceState::Stopped | InstanceState::Terminated);
    db.list::<Instance>(&host.account).filter(|i| i.host == host.host && !gone(i.state)).collect()
}

pub fn documents(db: &Db, cell: &CellId) -> Vec<CellDedicatedHost> {
    let here = db.all::<DedicatedHost>().filter(|h| h.cell == *cell && h.is_available());
    here.map(|h| CellDedicatedHost { id: h.id, account: h.account.clone(), host: h.host.clone(), hold: h.hold }).collect()
}

/// Hosts that a cell could not keep are the accounts' no more.
pub fn observe(db: &mut Db, report: &CellReport) {
    for id in &report.dedicated_hosts_refused {
        let row = db.all::<DedicatedHost>().find(|h| h.id == *id && h.is_available());
        if let Some(row) = row {
            tracing::warn!(dedicated_host = %id, host = %row.host, "the cell had given it to others: permanent-failure");
            db.update::<DedicatedHost>(&row.account, row.id, |h| h.failed = true);
        }
    }
}

/// Forgets what was released an hour ago.
pub fn forget_released(db: &mut Db, now: TimestampMs) {
    let over: Vec<_> = db.all::<DedicatedHost>().filter(|h| h.released.is_some_and(|at| now.0 >= at.0 + SHOWN_MS)).collect();
    for row in over {
        db.delete::<crate::rows::TagSet>(&row.account, row.id);
        db.delete::<DedicatedHost>(&row.account, row.id);
    }
}

fn allocate(ctx: &mut Ctx, r: Authorized<ec2::AllocateHostsRequest>) -> OpResult<ec2::AllocateHostsResult> {
    let Some(kind) = kind(r.instance_type.as_deref(), r.instance_family.as_deref())? else {
        return Err(AwsError::missing_parameter("InstanceType").into());
    };
    refuse_on(r.host_recovery.as_deref(), "HostRecovery")?;
    refuse_on(r.host_maintenance.as_deref(), "HostMaintenance")?;
    let auto_placement = switch(r.auto_placement.as_deref(), "AutoPlacement")?.unwrap_or(true);
    let az = zone::asked(ctx, r.availability_zone.as_deref(), r.availability_zone_id.as_deref())?;
    let count = match r.quantity.unwrap_or(1) {
        n @ 1..=QUANTITY_MAX => n as usize,
        other => {
            let wanted = format!("It must be from 1 to {QUANTITY_MAX}.");
            return Err(AwsError::invalid_value("Quantity", &other.to_string(), &wanted).into());
        }
    };
    let has = available(ctx).filter(|h| h.family == kind.family.name).count();
    let limit = quota_of(kind.family).map_or(0, |q| ctx.quota(q));
    if has + count > limit {
        let family = kind.family.name;
        let message = format!("You have requested more {family} hosts ({}) than your limit of {limit} allows.", has + count);
        return Err(AwsError::new("HostLimitExceeded", message).into());
    }
    let ids: Vec<_> = (0..count).map(|_| ctx.new_id(DedicatedHostId::from_random)).collect();
    let size = kind.size.map_or_else(|| kind.least(), |s| room::capacity(s, 0));
    let places = find(ctx, &az, &ids, size)?;
    let tags = tags::specified(&r.tag_specifications, "dedicated-host")?;
    for (cell, place) in places {
        let owned = ctx.db.all::<DedicatedHost>().any(|h| h.is_available() && h.host == place.host);
        if owned || ctx.db.all::<Instance>().any(|i| i.host == place.host && i.state != InstanceState::Terminated) {
            let message = format!("The host {} has been given to others meanwhile. Try again.", place.host);
            return Err(AwsError::unavailable(message).into());
        }
        ctx.tag(place.id, tags.clone())?;
        ctx.db.put(DedicatedHost {
            account: ctx.caller.account.clone(),
            id: place.id,
            az: az.clone(),
            cell,
            host: place.host,
            hold: place.hold,
            family: kind.family.name.to_owned(),
            instance_type: kind.size.map(|s| s.name.to_owned()),
            auto_placement,
            client_token: r.client_token.clone(),
            allocated: ctx.now,
            released: None,
            failed: false,
        });
    }
    Ok(ec2::AllocateHostsResult { host_ids: Some(ids.iter().map(ToString::to_string).collect()) })
}

/// Empty hosts: all of one cell if one has them, else of several.
fn find(ctx: &Ctx, az: &AzName, ids: &[DedicatedHostId], size: Capacity) -> OpResult<Vec<(CellId, HostAllocation)>> {
    let few = |why: String| {
        AwsError::new(
            "InsufficientHostCapacity",
            format!("There is not enough capacity to fulfill your Dedicated Host request in {az}: {why}."),
        )
    };
    if crate::zones::is_impaired(ctx.db, az) {
        return Err(few("the zone is impaired".to_owned()).into());
    }
    let ask = |cell: &CellId, ids: &[DedicatedHostId]| {
        let (ids, account) = (ids.to_vec(), ctx.caller.account.clone());
        let request = AllocateRequest { ids, account, size, hold_ms: HOLD_MS };
        ctx.ask(Question::Allocate { cell: cell.clone(), request })
    };
    let (mut short, mut silent, mut some) = (Vec::new(), Vec::new(), Vec::new());
    let first = ids.first().map(DedicatedHostId::to_string).unwrap_or_default();
    let (account, zone, count) = (ctx.caller.account.clone(), az.clone(), ids.len() as u32);
    let cells = ctx.cells_for(Wanted { first, account, zone, size, count, only: None })?;
    for cell in cells.into_iter().map(|c| c.cell) {
        match ask(&cell, ids)? {
            Answer::Allocate(AllocateReply::Allocated(places)) => {
                return Ok(places.into_iter().map(|p| (cell.clone(), p)).collect());
            }
            Answer::Allocate(AllocateReply::Insufficient { short_of, placeable }) => {
                short.push(format!("cell {cell}: {short_of}"));
                some.push((cell, placeable as usize));
            }
            Answer::Unavailable(why) => silent.push(format!("cell {cell}: {why}")),
            _ => return Err(AwsError::internal("This is no answer to an allocation.").into()),
        }
    }
    if short.is_empty() {
        let why = silent.join("; ");
        let message = format!("No cell of {az} answers, so that no host can be allocated there now. Try again shortly ({why}).");
        return Err(AwsError::unavailable(message).into());
    }
    let there: usize = some.iter().map(|(_, n)| n).sum();
    let (mut left, mut out) = (ids, Vec::new());
    if there >= ids.len() {
        for (cell, n) in some.iter().filter(|(_, n)| *n > 0) {
            let (these, rest) = left.split_at((*n).min(left.len()));
            if these.is_empty() {
                break;
            }
            if let Answer::Allocate(AllocateReply::Allocated(places)) = ask(cell, these)? {
                out.extend(places.into_iter().map(|p| (cell.clone(), p)));
                left = rest;
            }
        }
    }
    match left {
        [] => Ok(out),
        _ => Err(few(short.join(" and ")).into()),
    }
}

fn state(ctx: &Ctx, h: &DedicatedHost) -> &'static str {
    match (h.failed, h.released.is_some()) {
        (true, true) => "released-permanent-failure",
        (true, false) => "permanent-failure",
        (false, true) => "released",
        (false, false) if ctx.db.cells.is_silent(&h.cell, &h.host, ctx.now) => "under-assessment",
        (false, false) => "available",
    }
}

const FILTERS: &[&str] =
    &["auto-placement", "availability-zone", "client-token", "host-reservation-id", "instance-type", "state"];

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeHostsRequest>) -> OpResult<ec2::DescribeHostsResult> {
    let listing = Listing { ids: &r.host_ids, filters: &r.filter, max_results: r.max_results, next_token: &r.next_token };
    let field = |h: &DedicatedHost, name: &str| match name {
        "auto-placement" => one(on(h.auto_placement)),
        "availability-zone" => one(&h.az),
        "client-token" => Some(h.client_token.clone().into_iter().collect()),
        "host-reservation-id" => Some(Vec::new()),
        "instance-type" => Some(h.instance_type.clone().into_iter().collect()),
        "state" => one(state(ctx, h)),
        _ => None,
    };
    let (rows, next_token) = listing.rows::<DedicatedHost>(ctx, FILTERS, field)?;
    Ok(ec2::DescribeHostsResult { hosts: Some(rows.iter().map(|h| shown(ctx, h)).collect()), next_token })
}

fn on(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn times(room: Capacity, size: Capacity) -> i32 {
    let of = |room: u32, size: u32| room.checked_div(size).unwrap_or(u32::MAX);
    of(room.vcpus, size.vcpus).min(of(room.memory_mib, size.memory_mib)) as i32
}

fn shown(ctx: &Ctx, h: &DedicatedHost) -> ec2::Host {
    let text = |s: &str| Some(s.to_owned());
    let there = occupants(ctx.db, h);
    let total = ctx.settings.host(&h.host).map_or(Capacity::default(), |(_, s)| Capacity {
        vcpus: s.vcpus,
        memory_mib: s.memory_mib,
        disk_gib: s.disk_gib,
    });
    let used = there.iter().filter_map(|i| types::find(&i.instance_type)).map(|(_, size)| room::capacity(size, 0));
    let free = used.fold(total, |free, used| Capacity {
        vcpus: free.vcpus.saturating_sub(used.vcpus),
        memory_mib: free.memory_mib.saturating_sub(used.memory_mib),
        ..free
    });
    let kind = Kind::of(h);
    let capacity = |size: &Size| ec2::InstanceCapacity {
        instance_type: text(size.name),
        total_capacity: Some(times(total, room::capacity(size, 0))),
        available_capacity: Some(times(free, room::capacity(size, 0))),
    };
    let threads = kind.as_ref().map_or(1, |k| k.family.threads_per_core.max(1));
    ec2::Host {
        host_id: Some(h.id.to_string()),
        owner_id: Some(h.account.to_string()),
        availability_zone: Some(h.az.to_string()),
        availability_zone_id: Some(zone::zone_id(ctx.settings, &h.az)),
        allocation_time: Some(h.allocated),
        release_time: h.released,
        allows_multiple_instance_types: text(on(h.instance_type.is_none())),
        auto_placement: text(on(h.auto_placement)),
        host_maintenance: text("off"),
        host_recovery: text("off"),
        client_token: h.client_token.clone(),
        available_capacity: h.is_available().then(|| ec2::AvailableCapacity {
            available_instance_capacity: Some(kind.iter().flat_map(Kind::sizes).map(capacity).collect()),
            available_v_cpus: Some(free.vcpus as i32),
        }),
        host_properties: Some(ec2::HostProperties {
            cores: Some(total.vcpus as i32 / threads),
            instance_family: text(&h.family),
            instance_type: h.instance_type.clone(),
            sockets: Some(1),
            total_v_cpus: Some(total.vcpus as i32),
        }),
        instances: Some(
            there
                .iter()
                .map(|i| ec2::HostInstance {
                    instance_id: Some(i.id.to_string()),
                    instance_type: text(&i.instance_type),
                    owner_id: Some(i.account.to_string()),
                })
                .collect(),
        ),
        member_of_service_linked_resource_group: Some(false),
        state: text(state(ctx, h)),
        tags: ctx.tag_list(h.id),
        ..Default::default()
    }
}

type Outcome = (Vec<String>, Vec<ec2::UnsuccessfulItem>);

/// Each by itself: what is refused of one host is said beside what was done to others.
fn each(
    ctx: &mut Ctx,
    ids: &Option<Vec<String>>,
    act: impl Fn(&mut Ctx, &DedicatedHost) -> Result<(), AwsError>,
) -> Result<Outcome, AwsError> {
    let ids = ids.as_deref().unwrap_or_default();
    if ids.is_empty() {
        return Err(AwsError::missing_parameter("HostId"));
    }
    for id in ids {
        DedicatedHost::CODES.parse::<DedicatedHostId>(id)?;
    }
    let (mut done, mut not) = (Vec::new(), Vec::new());
    for id in ids {
        match lookup::find::<DedicatedHost>(ctx, id).and_then(|row| act(ctx, &row)) {
            Ok(()) => done.push(id.clone()),
            Err(e) => not.push(ec2::UnsuccessfulItem {
                error: Some(ec2::UnsuccessfulItemError { code: Some(format!("Client.{}", e.code)), message: Some(e.message) }),
                resource_id: Some(id.clone()),
            }),
        }
    }
    Ok((done, not))
}

/// # Errors
/// It has been released, or has failed.
pub fn check_available(h: &DedicatedHost) -> Result<(), AwsError> {
    match h.is_available() {
        true => Ok(()),
        false => {
            let message = format!("The Dedicated Host '{}' must be in the available state to complete the operation.", h.id);
            Err(AwsError::new("InvalidHostState", message))
        }
    }
}

fn modify(ctx: &mut Ctx, r: Authorized<ec2::ModifyHostsRequest>) -> OpResult<ec2::ModifyHostsResult> {
    refuse_on(r.host_recovery.as_deref(), "HostRecovery")?;
    refuse_on(r.host_maintenance.as_deref(), "HostMaintenance")?;
    let auto_placement = switch(r.auto_placement.as_deref(), "AutoPlacement")?;
    let kind = kind(r.instance_type.as_deref(), r.instance_family.as_deref())?;
    let (successful, unsuccessful) = each(ctx, &r.host_ids, |ctx, row| {
        check_available(row)?;
        let mut new = row.clone();
        new.auto_placement = auto_placement.unwrap_or(row.auto_placement);
        if let Some(kind) = &kind {
            check_kind(ctx, row, kind)?;
            new.instance_type = kind.size.map(|s| s.name.to_owned());
        }
        ctx.db.put(new);
        Ok(())
    })?;
    Ok(ec2::ModifyHostsResult { successful: Some(successful), unsuccessful: Some(unsuccessful) })
}

fn check_kind(ctx: &Ctx, row: &DedicatedHost, kind: &Kind) -> Result<(), AwsError> {
    let refuse = |why: String| Err(AwsError::new("InvalidHostConfiguration", format!("The Dedicated Host '{}' {why}.", row.id)));
    if kind.family.name != row.family {
        return refuse(format!("is of the instance family {} and stays so", row.family));
    }
    let others = |i: &Rc<Instance>| kind.size.is_some_and(|s| s.name != i.instance_type);
    if let Some(other) = occupants(ctx.db, row).into_iter().find(others) {
        return refuse(format!("has the instance {} of type {}", other.id, other.instance_type));
    }
    let (size, host) = (kind.size.map(|s| room::capacity(s, 0)), ctx.settings.host(&row.host));
    if let (Some(size), Some((_, host))) = (size, host)
        && (host.vcpus < size.vcpus || host.memory_mib < size.memory_mib)
    {
        return refuse("is too small for this instance type".to_owned());
    }
    Ok(())
}

fn release(ctx: &mut Ctx, r: Authorized<ec2::ReleaseHostsRequest>) -> OpResult<ec2::ReleaseHostsResult> {
    let (successful, unsuccessful) = each(ctx, &r.host_ids, |ctx, row| {
        if row.released.is_some() {
            check_available(row)?;
        }
        if !occupants(ctx.db, row).is_empty() {
            let message = format!("Dedicated host '{}' cannot be released as it is occupied", row.id);
            return Err(AwsError::new("InvalidHost.Occupied", message));
        }
        let now = ctx.now;
        ctx.db.update::<DedicatedHost>(&row.account, row.id, |h| h.released = Some(now));
        Ok(())
    })?;
    Ok(ec2::ReleaseHostsResult { successful: Some(successful), unsuccessful: Some(unsuccessful) })
}
