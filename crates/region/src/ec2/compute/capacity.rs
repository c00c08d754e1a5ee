//! Capacity reservations: room for instances of one type that is kept for an account, used or not.
//!
//! ```text
//!  Create ─ cell/Reserve ─► active ─Cancel─► cancelled      shown for an hour, then forgotten
//!                             └─EndDate────► expired
//! ```
//!
//! The slots of a reservation are on hosts of one cell, and the row says on which: the cell keeps them by its document. An
//! instance is in a slot from its launch or start until it has stopped or ended ([`Instance::slot_of`]).
//!
//! Source of rules: "On-Demand Capacity Reservations", EC2 User Guide.

use super::launch_options::instance_type;
use super::room::{self, SLOT_HOLD_MS};
use super::{names, types};
use crate::cells::Wanted;
use crate::context::{Answer, Authorized, Ctx, OpResult, Question};
use crate::db::Db;
use crate::dispatch::Table;
use crate::ec2::network::lookup::{self, Listing, one};
use crate::ec2::network::zone;
use crate::rows::{CapacityChoice, CapacityReservation, CapacityState, Instance, InstanceState, InstanceTenancy};
use crate::tags;
use ::types::{AzName, CapacityReservationId, CellId, HostId, TimestampMs};
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use std::rc::Rc;
use wire::cell::{CellReservation, ReserveReply, ReserveRequest};

/// Of an account, ended ones that are still shown among them.
const RESERVATIONS_MAX: usize = 500;
/// "The number of instances for which to reserve capacity. Valid range: 1 - 1000".
const INSTANCES_MAX: i32 = 1000;
/// As terminated instances.
const SHOWN_MS: u64 = 3600 * 1000;
const PLATFORM: &str = "Linux/UNIX";

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateCapacityReservationRequest>(
        &[
            "InstanceType",
            "InstancePlatform",
            "AvailabilityZone",
            "AvailabilityZoneId",
            "Tenancy",
            "InstanceCount",
            "EbsOptimized",
            "EphemeralStorage",
            "EndDate",
            "EndDateType",
            "InstanceMatchCriteria",
        ],
        &["capacity-reservation"],
        create,
    );
    table.op::<ec2::CancelCapacityReservationRequest>(&["CapacityReservationId"], &[], cancel);
    table.op::<ec2::ModifyCapacityReservationRequest>(
        &["CapacityReservationId", "InstanceCount", "EndDate", "EndDateType", "InstanceMatchCriteria"],
        &[],
        modify,
    );
    table.op::<ec2::DescribeCapacityReservationsRequest>(&["CapacityReservationId.N"], &[], describe);
    table.op::<ec2::GetCapacityReservationUsageRequest>(&["CapacityReservationId"], &[], usage);
}

fn members(db: &Db, row: &CapacityReservation) -> impl Iterator<Item = Rc<Instance>> {
    let id = row.id;
    db.list::<Instance>(&row.account).filter(move |i| i.slot_of == Some(id)).collect::<Vec<_>>().into_iter()
}

/// The hosts of the free slots.
fn free_slots(db: &Db, row: &CapacityReservation) -> Vec<HostId> {
    if row.state != CapacityState::Active {
        return Vec::new();
    }
    let mut slots = row.slots.clone();
    for member in members(db, row) {
        if let Some(at) = slots.iter().position(|h| *h == member.host) {
            slots.swap_remove(at);
        }
    }
    slots
}

/// vCPUs that the account's reservations keep, used or not.
pub fn reserved_vcpus(ctx: &Ctx) -> u32 {
    let active = ctx.db.list::<CapacityReservation>(&ctx.caller.account).filter(|r| r.state == CapacityState::Active);
    active.map(|r| slot_size(&r.instance_type).map_or(0, |s| s.vcpus) * r.slots.len() as u32).sum()
}

/// What a launch or start may use.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usable {
    /// With a free slot: the ones to use, the oldest first.
    pub reservations: Vec<(CapacityReservationId, CellId)>,
    /// In one of them or nowhere.
    pub only: bool,
    pub free: u32,
}

/// # Errors
/// The reservation that is asked for does not exist, is of another type or zone, or has fewer than `min` free slots.
pub fn usable(
    ctx: &Ctx,
    tenancy: InstanceTenancy,
    choice: CapacityChoice,
    instance_type: &str,
    az: &AzName,
    min: u32,
) -> Result<Usable, AwsError> {
    let fits = |r: &CapacityReservation| r.state == CapacityState::Active && r.instance_type == instance_type && r.az == *az;
    match choice {
        CapacityChoice::None => Ok(Usable::default()),
        // All reservations are of the tenancy default.
        CapacityChoice::Open if tenancy != InstanceTenancy::Default => Ok(Usable::default()),
        CapacityChoice::Target(id) if tenancy != InstanceTenancy::Default => Err(AwsError::invalid_parameter_value(format!(
            "The Capacity Reservation {id} is for instances of the tenancy default, not {}.",
            tenancy.name()
        ))),
        CapacityChoice::Open => {
            let all = ctx.db.list::<CapacityReservation>(&ctx.caller.account).filter(|r| r.open && fits(r));
            let mut free: Vec<_> = all.map(|r| (r.created, r.id, r.cell.clone(), free_slots(ctx.db, &r).len())).collect();
            free.retain(|(.., slots)| *slots > 0);
            free.sort();
            Ok(Usable {
                free: free.iter().map(|(.., slots)| *slots as u32).sum(),
                reservations: free.into_iter().map(|(_, id, cell, _)| (id, cell)).collect(),
                only: false,
            })
        }
        CapacityChoice::Target(id) => {
            let row = active(ctx, &id.to_string())?;
            if !fits(&row) {
                return Err(AwsError::invalid_parameter_value(format!(
                    "The Capacity Reservation {id} is for {} instances in {}, not for {instance_type} in {az}.",
                    row.instance_type, row.az
                )));
            }
            let free = free_slots(ctx.db, &row).len() as u32;
            if free < min.max(1) {
                return Err(AwsError::new(
                    "ReservationCapacityExceeded",
                    format!(
                        "The requested reservation does not have sufficient compatible and available capacity for this request: {free} of {} are free.",
                        row.slots.len()
                    ),
                ));
            }
            Ok(Usable { reservations: vec![(id, row.cell.clone())], only: true, free })
        }
    }
}

/// The zone of the reservation that a launch names.
pub fn zone_of(ctx: &Ctx, choice: CapacityChoice) -> Option<AzName> {
    let CapacityChoice::Target(id) = choice else { return None };
    ctx.db.get::<CapacityReservation>(&ctx.caller.account, id).map(|r| r.az.clone())
}

/// What a launch says of reservations.
pub fn choice(asked: Option<&ec2::CapacityReservationSpecification>) -> Result<CapacityChoice, AwsError> {
    let Some(asked) = asked else { return Ok(CapacityChoice::Open) };
    let target = asked.capacity_reservation_target.as_ref();
    if target.is_some_and(|t| t.capacity_reservation_resource_group_arn.is_some()) {
        return Err(AwsError::unsupported_operation(
            "CapacityReservationResourceGroupArn is not supported by this region: there are no resource groups.",
        ));
    }
    let id = target.and_then(|t| t.capacity_reservation_id.as_deref());
    match (asked.capacity_reservation_preference.as_deref(), id) {
        (None, Some(id)) | (Some("capacity-reservations-only"), Some(id)) => {
            Ok(CapacityChoice::Target(<CapacityReservation as lookup::Resource>::CODES.parse(id)?))
        }
        (None | Some("open"), None) => Ok(CapacityChoice::Open),
        (Some("none"), None) => Ok(CapacityChoice::None),
        (Some("open" | "none"), Some(_)) => Err(AwsError::invalid_parameter_combination(
            "CapacityReservationPreference and CapacityReservationTarget cannot be specified together.",
        )),
        (Some("capacity-reservations-only"), None) => Err(AwsError::unsupported_operation(
            "The preference capacity-reservations-only is supported with a CapacityReservationId only.",
        )),
        (Some(other), _) => Err(AwsError::invalid_value("CapacityReservationPreference", other, "Expected open or none.")),
    }
}

/// As DescribeInstances says it.
pub fn chosen(choice: CapacityChoice) -> ec2::CapacityReservationSpecificationResponse {
    let preference = match choice {
        CapacityChoice::Open => Some("open"),
        CapacityChoice::None => Some("none"),
        CapacityChoice::Target(_) => None,
    };
    ec2::CapacityReservationSpecificationResponse {
        capacity_reservation_preference: preference.map(str::to_owned),
        capacity_reservation_target: match choice {
            CapacityChoice::Target(id) => Some(ec2::CapacityReservationTargetResponse {
                capacity_reservation_id: Some(id.to_string()),
                ..Default::default()
            }),
            CapacityChoice::Open | CapacityChoice::None => None,
        },
    }
}

pub fn documents(db: &Db, cell: &CellId) -> Vec<CellReservation> {
    let here = db.all::<CapacityReservation>().filter(|r| r.cell == *cell && r.state == CapacityState::Active);
    here.filter_map(|r| {
        let size = slot_size(&r.instance_type)?;
        Some(CellReservation { id: r.id, size, slots: r.slots.clone(), hold: r.hold })
    })
    .collect()
}

fn slot_size(instance_type: &str) -> Option<wire::host::Capacity> {
    types::find(instance_type).map(|(_, size)| room::capacity(size, 0))
}

/// Ends those whose time is over, and forgets what ended an hour ago. Called now and then by the service.
pub fn tick(db: &mut Db, now: TimestampMs) {
    let all: Vec<_> = db.all::<CapacityReservation>().collect();
    for row in all {
        if row.state == CapacityState::Active && row.end.is_some_and(|end| end <= now) {
            end(db, now, &row, CapacityState::Expired);
        } else if row.ended.is_some_and(|at| now.0 >= at.0 + SHOWN_MS) {
            db.delete::<crate::rows::TagSet>(&row.account, row.id);
            db.delete::<CapacityReservation>(&row.account, row.id);
        }
    }
}

/// Instances that are in its slots go on without.
fn end(db: &mut Db, now: TimestampMs, row: &CapacityReservation, state: CapacityState) {
    let members: Vec<_> = members(db, row).collect();
    for member in members {
        db.update::<Instance>(&member.account, member.id, |i| i.slot_of = None);
    }
    db.update::<CapacityReservation>(&row.account, row.id, |r| (r.state, r.ended) = (state, Some(now)));
}

fn active(ctx: &Ctx, id: &str) -> Result<Rc<CapacityReservation>, AwsError> {
    let row = lookup::find::<CapacityReservation>(ctx, id)?;
    match row.state {
        CapacityState::Active => Ok(row),
        CapacityState::Cancelled | CapacityState::Expired => Err(AwsError::new(
            "InvalidCapacityReservationState",
            format!("The Capacity Reservation {id} is {}.", row.state.name()),
        )),
    }
}

fn create(ctx: &mut Ctx, r: Authorized<ec2::CreateCapacityReservationRequest>) -> OpResult<ec2::CreateCapacityReservationResult> {
    let (_, size) = instance_type(lookup::required(&r.instance_type, "InstanceType")?)?;
    match lookup::required(&r.instance_platform, "InstancePlatform")? {
        PLATFORM => {}
        other => {
            return Err(AwsError::unsupported_operation(format!(
                "The platform '{}' is not supported by this region: it has images of {PLATFORM} only.",
                super::lists::clip(other)
            ))
            .into());
        }
    }
    match r.tenancy.as_deref() {
        None | Some("default") => {}
        Some("dedicated") => {
            return Err(AwsError::unsupported_operation("The tenancy 'dedicated' is not supported by this region.").into());
        }
        Some(other) => return Err(AwsError::invalid_value("Tenancy", other, "Expected default.").into()),
    }
    let az = zone::asked(ctx, r.availability_zone.as_deref(), r.availability_zone_id.as_deref())?;
    let count = asked_count(r.instance_count.ok_or_else(|| AwsError::missing_parameter("InstanceCount"))?)?;
    let end = asked_end(ctx.now, r.end_date_type.as_deref(), r.end_date)?;
    let open = asked_open(r.instance_match_criteria.as_deref())?.unwrap_or(true);
    if ctx.db.list::<CapacityReservation>(&ctx.caller.account).count() >= RESERVATIONS_MAX {
        let message = format!("You may have at most {RESERVATIONS_MAX} Capacity Reservations.");
        return Err(AwsError::new("ResourceCountExceeded", message).into());
    }
    room::check_vcpus(ctx, size, count, 0)?;
    let id = ctx.new_id(CapacityReservationId::from_random);
    let tags = tags::specified(&r.tag_specifications, "capacity-reservation")?;
    let wanted = |slots: u32| ReserveRequest { id, size: room::capacity(size, 0), count: slots, known: 0, hold_ms: SLOT_HOLD_MS };
    let (cell, slots, hold) = reserve(ctx, &az, new_cells(ctx, &az, &wanted(count))?, size.name, wanted(count))?;
    let row = CapacityReservation {
        account: ctx.caller.account.clone(),
        id,
        instance_type: size.name.to_owned(),
        az,
        cell,
        slots,
        hold,
        open,
        ebs_optimized: r.ebs_optimized.unwrap_or(false),
        ephemeral_storage: r.ephemeral_storage.unwrap_or(false),
        end,
        state: CapacityState::Active,
        created: ctx.now,
        ended: None,
    };
    ctx.tag(id, tags)?;
    ctx.db.put(row.clone());
    Ok(ec2::CreateCapacityReservationResult { capacity_reservation: Some(shown(ctx, &row)) })
}

/// The cells that may have a new reservation, in this order. None in an impaired zone: it is refused before any is asked.
fn new_cells(ctx: &Ctx, az: &AzName, wanted: &ReserveRequest) -> OpResult<Vec<CellId>> {
    if crate::zones::is_impaired(ctx.db, az) {
        return Ok(Vec::new());
    }
    let (account, zone) = (ctx.caller.account.clone(), az.clone());
    let (size, count, only) = (wanted.size, wanted.count, None);
    let order = ctx.cells_for(Wanted { first: wanted.id.to_string(), account, zone, size, count, only })?;
    Ok(order.into_iter().map(|c| c.cell).collect())
}

fn asked_count(given: i32) -> Result<u32, AwsError> {
    match given {
        1..=INSTANCES_MAX => Ok(given as u32),
        other => Err(AwsError::invalid_value("InstanceCount", &other.to_string(), "It must be from 1 to 1000.")),
    }
}

fn asked_open(given: Option<&str>) -> Result<Option<bool>, AwsError> {
    match given {
        None => Ok(None),
        Some("open") => Ok(Some(true)),
        Some("targeted") => Ok(Some(false)),
        Some(other) => Err(AwsError::invalid_value("InstanceMatchCriteria", other, "Expected open or targeted.")),
    }
}

/// `None`: it does not end by itself.
fn asked_end(now: TimestampMs, kind: Option<&str>, date: Option<TimestampMs>) -> Result<Option<TimestampMs>, AwsError> {
    match (kind, date) {
        (None | Some("unlimited"), None) => Ok(None),
        (None | Some("limited"), Some(date)) if date > now => Ok(Some(date)),
        (None | Some("limited"), Some(_)) => Err(AwsError::invalid_parameter_value("EndDate must be in the future.")),
        (Some("limited"), None) => Err(AwsError::missing_parameter("EndDate")),
        (Some("unlimited"), Some(_)) => {
            Err(AwsError::invalid_parameter_combination("EndDate cannot be specified with the EndDateType unlimited."))
        }
        (Some(other), _) => Err(AwsError::invalid_value("EndDateType", other, "Expected unlimited or limited.")),
    }
}

/// Slots in the first of the cells that has room for all of them.
fn reserve(
    ctx: &Ctx,
    az: &AzName,
    cells: Vec<CellId>,
    name: &str,
    request: ReserveRequest,
) -> OpResult<(CellId, Vec<HostId>, u64)> {
    let count = request.count;
    if crate::zones::is_impaired(ctx.db, az) {
        let message = format!("The Availability Zone {az} is impaired and takes no new reservations.");
        return Err(AwsError::insufficient_instance_capacity(message).into());
    }
    let (mut short, mut placeable_most, mut silent) = (Vec::new(), 0, Vec::new());
    for cell in cells {
        let question = Question::Reserve { cell: cell.clone(), request: request.clone() };
        match ctx.ask(question)? {
            Answer::Reserve(ReserveReply::Reserved { slots, hold }) => return Ok((cell, slots, hold)),
            Answer::Reserve(ReserveReply::Insufficient { short_of, placeable }) => {
                placeable_most = placeable_most.max(placeable);
                short.push(format!("cell {cell}: {short_of}"));
            }
            Answer::Unavailable(why) => silent.push(format!("cell {cell}: {why}")),
            _ => return Err(AwsError::internal("This is no answer to a reservation.").into()),
        }
    }
    if short.is_empty() {
        return Err(AwsError::unavailable(format!(
            "No cell of {az} answers, so that nothing can be reserved there now. Try again shortly ({}).",
            silent.join("; ")
        ))
        .into());
    }
    Err(AwsError::insufficient_instance_capacity(format!(
        "We currently do not have sufficient {name} capacity in the Availability Zone you requested ({az}): {}. There is room for {placeable_most} of the {count} requested.",
        short.join(" and ")
    ))
    .into())
}

fn cancel(ctx: &mut Ctx, r: Authorized<ec2::CancelCapacityReservationRequest>) -> OpResult<ec2::CancelCapacityReservationResult> {
    let row = active(ctx, lookup::required(&r.capacity_reservation_id, "CapacityReservationId")?)?;
    end(ctx.db, ctx.now, &row, CapacityState::Cancelled);
    Ok(ec2::CancelCapacityReservationResult { r#return: Some(true) })
}

fn modify(ctx: &mut Ctx, r: Authorized<ec2::ModifyCapacityReservationRequest>) -> OpResult<ec2::ModifyCapacityReservationResult> {
    let row = active(ctx, lookup::required(&r.capacity_reservation_id, "CapacityReservationId")?)?;
    let mut new = (*row).clone();
    if r.end_date_type.is_some() || r.end_date.is_some() {
        new.end = asked_end(ctx.now, r.end_date_type.as_deref(), r.end_date)?;
    }
    new.open = asked_open(r.instance_match_criteria.as_deref())?.unwrap_or(row.open);
    if let Some(count) = r.instance_count {
        let (count, has) = (asked_count(count)? as usize, row.slots.len());
        let used = members(ctx.db, &row).count();
        if count < used {
            return Err(AwsError::invalid_parameter_value(format!(
                "InstanceCount {count} is less than the {used} instances that run in the Capacity Reservation."
            ))
            .into());
        }
        if count > has {
            let (_, size) = instance_type(&row.instance_type)?;
            let more = (count - has) as u32;
            room::check_vcpus(ctx, size, more, 0)?;
            let size_of_slot = room::capacity(size, 0);
            let request = ReserveRequest { id: row.id, size: size_of_slot, count: more, known: row.hold, hold_ms: SLOT_HOLD_MS };
            let (_, slots, hold) = reserve(ctx, &row.az, vec![row.cell.clone()], size.name, request)?;
            new.slots.extend(slots);
            new.hold = hold;
        }
        for host in free_slots(ctx.db, &row).iter().take(has.saturating_sub(count)) {
            if let Some(at) = new.slots.iter().position(|h| h == host) {
                new.slots.remove(at);
            }
        }
    }
    ctx.db.put(new);
    Ok(ec2::ModifyCapacityReservationResult { r#return: Some(true) })
}

const FILTERS: &[&str] = &[
    "availability-zone",
    "end-date",
    "end-date-type",
    "instance-match-criteria",
    "instance-platform",
    "instance-type",
    "outpost-arn",
    "owner-id",
    "placement-group-arn",
    "start-date",
    "state",
    "tenancy",
];

fn describe(
    ctx: &mut Ctx,
    r: Authorized<ec2::DescribeCapacityReservationsRequest>,
) -> OpResult<ec2::DescribeCapacityReservationsResult> {
    let listing =
        Listing { ids: &r.capacity_reservation_ids, filters: &r.filters, max_results: r.max_results, next_token: &r.next_token };
    let field = |row: &CapacityReservation, name: &str| match name {
        "availability-zone" => one(&row.az),
        "end-date" => Some(row.end.map(names::iso).into_iter().collect()),
        "end-date-type" => one(end_type(row)),
        "instance-match-criteria" => one(criteria(row)),
        "instance-platform" => one(PLATFORM),
        "instance-type" => one(&row.instance_type),
        "owner-id" => one(&row.account),
        "start-date" => one(names::iso(row.created)),
        "state" => one(row.state.name()),
        "tenancy" => one("default"),
        "outpost-arn" | "placement-group-arn" => Some(Vec::new()),
        _ => None,
    };
    let (rows, next_token) = listing.rows::<CapacityReservation>(ctx, FILTERS, field)?;
    let capacity_reservations = Some(rows.iter().map(|row| shown(ctx, row)).collect());
    Ok(ec2::DescribeCapacityReservationsResult { next_token, capacity_reservations })
}

fn usage(
    ctx: &mut Ctx,
    r: Authorized<ec2::GetCapacityReservationUsageRequest>,
) -> OpResult<ec2::GetCapacityReservationUsageResult> {
    let id = lookup::required(&r.capacity_reservation_id, "CapacityReservationId")?;
    let row = lookup::find::<CapacityReservation>(ctx, id)?;
    let mut used: BTreeMap<String, i32> = BTreeMap::new();
    members(ctx.db, &row).for_each(|i| *used.entry(i.account.to_string()).or_default() += 1);
    let usages =
        used.into_iter().map(|(account, n)| ec2::InstanceUsage { account_id: Some(account), used_instance_count: Some(n) });
    Ok(ec2::GetCapacityReservationUsageResult {
        capacity_reservation_id: Some(row.id.to_string()),
        instance_type: Some(row.instance_type.clone()),
        total_instance_count: Some(row.slots.len() as i32),
        available_instance_count: Some(free_slots(ctx.db, &row).len() as i32),
        state: Some(row.state.name().to_owned()),
        instance_usages: Some(usages.collect()),
        ..Default::default()
    })
}

fn end_type(row: &CapacityReservation) -> &'static str {
    if row.end.is_some() { "limited" } else { "unlimited" }
}

fn criteria(row: &CapacityReservation) -> &'static str {
    if row.open { "open" } else { "targeted" }
}

fn shown(ctx: &Ctx, row: &CapacityReservation) -> ec2::CapacityReservation {
    let text = |s: &str| Some(s.to_owned());
    ec2::CapacityReservation {
        capacity_reservation_id: Some(row.id.to_string()),
        owner_id: Some(row.account.to_string()),
        capacity_reservation_arn: Some(ctx.arn(&format!("capacity-reservation/{}", row.id))),
        availability_zone: Some(row.az.to_string()),
        availability_zone_id: Some(zone::zone_id(ctx.settings, &row.az)),
        instance_type: text(&row.instance_type),
        instance_platform: text(PLATFORM),
        tenancy: text("default"),
        total_instance_count: Some(row.slots.len() as i32),
        available_instance_count: Some(free_slots(ctx.db, row).len() as i32),
        ebs_optimized: Some(row.ebs_optimized),
        ephemeral_storage: Some(row.ephemeral_storage),
        state: text(row.state.name()),
        start_date: Some(row.created),
        create_date: Some(row.created),
        end_date: row.end,
        end_date_type: text(end_type(row)),
        instance_match_criteria: text(criteria(row)),
        reservation_type: text("default"),
        tags: ctx.tag_list(row.id),
        ..Default::default()
    }
}

/// Whether an instance in this state has its slot.
pub fn keeps_slot(state: InstanceState) -> bool {
    !matches!(state, InstanceState::Stopped | InstanceState::Terminated)
}
