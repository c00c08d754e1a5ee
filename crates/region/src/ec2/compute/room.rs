//! Room for instances: quotas of the account, and claims with the cells.

use super::capacity::{self, Usable};
use super::groups::Grouped;
use super::placement::Allowed;
use super::spot::{self, price};
use super::types::{Size, find};
use crate::cells::Candidate;
use crate::context::{Answer, Ctx, OpResult, Question};
use crate::quota::table as quota;
use crate::rows::{Instance, InstanceState, InstanceTenancy};
use aws_protocol::AwsError;
use std::collections::BTreeSet;
use std::rc::Rc;
use types::{AzName, CellId, HostId, InstanceId};
use wire::cell::{ClaimMarket, ClaimReply, ClaimRequest, Placement, Tenancy};
use wire::host::Capacity;

/// Rows that are not terminated, of an account.
pub const INSTANCES_PER_ACCOUNT_MAX: usize = 2000;
/// A claim is dropped by the cell unless the instances come to it within this time.
const HOLD_MS: u64 = 30_000;
/// The same for slots of capacity reservations.
pub const SLOT_HOLD_MS: u64 = HOLD_MS;

/// What an instance needs, as the cells count it.
pub fn capacity(size: &Size, root_disk_gib: u32) -> Capacity {
    Capacity { vcpus: kept_vcpus(size.name), memory_mib: size.memory_mib, disk_gib: root_disk_gib }
}

fn kept_vcpus(instance_type: &str) -> u32 {
    find(instance_type).map_or(0, |(family, size)| family.isolation().kept_vcpus(size.vcpus))
}

fn uses_vcpus(state: InstanceState) -> bool {
    match state {
        InstanceState::Pending | InstanceState::Running => true,
        InstanceState::ShuttingDown | InstanceState::Terminated | InstanceState::Stopping | InstanceState::Stopped => false,
    }
}

/// Reserved capacity counts whether it is used or not; `in_slots` of the new ones may run in some that counts already.
pub fn check_vcpus(ctx: &Ctx, size: &Size, count: u32, in_slots: u32) -> Result<(), AwsError> {
    let asked = kept_vcpus(size.name).saturating_mul(count.saturating_sub(in_slots));
    // Of dedicated hosts the hosts are counted.
    let is_other = |i: &Instance| i.slot_of.is_some() || i.spot.is_some() || i.tenancy == InstanceTenancy::Host;
    let outside = |i: &Rc<Instance>| uses_vcpus(i.state) && !is_other(i);
    let instances = ctx.db.list::<Instance>(&ctx.caller.account).filter(outside);
    let running: u32 = instances.map(|i| kept_vcpus(&i.instance_type)).sum();
    let running = running.saturating_add(capacity::reserved_vcpus(ctx));
    let limit = ctx.quota(&quota::VCPUS);
    if asked > 0 && running.saturating_add(asked) as usize > limit {
        return Err(AwsError::new(
            "VcpuLimitExceeded",
            format!(
                "You have requested more vCPU capacity than your current vCPU limit of {limit} allows for the instance bucket that the specified instance type belongs to."
            ),
        ));
    }
    Ok(())
}

/// Of spot instances.
pub fn check_spot_vcpus(ctx: &Ctx, size: &Size, count: u32) -> Result<(), AwsError> {
    let asked = kept_vcpus(size.name).saturating_mul(count);
    let spot = |i: &Rc<Instance>| uses_vcpus(i.state) && i.spot.is_some();
    let running: u32 = ctx.db.list::<Instance>(&ctx.caller.account).filter(spot).map(|i| kept_vcpus(&i.instance_type)).sum();
    if asked > 0 && running.saturating_add(asked) as usize > ctx.quota(&quota::SPOT_VCPUS) {
        return Err(spot::too_many());
    }
    Ok(())
}

pub fn check_instances(ctx: &Ctx, count: u32) -> Result<(), AwsError> {
    let here = ctx.db.list::<Instance>(&ctx.caller.account).filter(|i| i.state != InstanceState::Terminated).count();
    if here + count as usize > INSTANCES_PER_ACCOUNT_MAX {
        return Err(AwsError::new(
            "InstanceLimitExceeded",
            format!(
                "You have requested more instances ({}) than your current instance limit of {INSTANCES_PER_ACCOUNT_MAX} allows.",
                here + count as usize
            ),
        ));
    }
    Ok(())
}

/// What to claim room for.
pub struct Wanted<'a> {
    pub instances: Vec<InstanceId>,
    pub count_min: u32,
    pub size: &'a Size,
    pub root_disk_gib: u32,
    pub group: Option<&'a Grouped>,
    pub slots: Usable,
    /// See [`ClaimRequest::again`].
    pub again: bool,
    pub place: Allowed,
    pub market: ClaimMarket,
}

impl Wanted<'_> {
    fn claim(&self, ctx: &Ctx, az: &AzName, cell: &CellId, on_host: Option<HostId>) -> ClaimRequest {
        ClaimRequest {
            instances: self.instances.clone(),
            size: capacity(self.size, self.root_disk_gib),
            count_min: self.count_min,
            hold_ms: HOLD_MS,
            apart_from: Vec::new(),
            on_host,
            group: self.group.map(|g| g.claim(ctx, az)),
            reservations: self.slots.reservations.iter().filter(|(_, c)| c == cell).map(|(id, _)| *id).collect(),
            reserved_only: self.slots.only,
            again: self.again,
            tenancy: self.place.tenancy.clone(),
            dedicated_hosts: self.place.hosts.iter().filter(|(_, c)| c == cell).map(|(host, _)| host.clone()).collect(),
            market: self.market,
        }
    }
}

/// A cell that had room, and why it was asked.
pub type Chosen = Candidate;

/// A new placement in a zone: the first of the account's cells that has room ([`crate::cells`]), of those that the placement
/// group leaves; before all others those where the launch has slots. None in an impaired zone: AWS answers InsufficientInstanceCapacity for what it does not place (EC2 API reference, error codes).
pub fn place(ctx: &Ctx, az: &AzName, wanted: &Wanted) -> OpResult<(Chosen, Vec<Placement>)> {
    if crate::zones::is_impaired(ctx.db, az) {
        let open = |z: &&&AzName| !crate::zones::is_impaired(ctx.db, z);
        let others: Vec<&str> = ctx.settings.zones().iter().filter(open).map(|z| z.as_str()).collect();
        let elsewhere = if others.is_empty() {
            String::new()
        } else {
            format!(
                " You can currently get {} capacity by not specifying an Availability Zone in your request or choosing {}.",
                wanted.size.name,
                others.join(", ")
            )
        };
        return Err(AwsError::insufficient_instance_capacity(format!(
            "We currently do not have sufficient {} capacity in the Availability Zone you requested ({az}): the zone is impaired and takes no new instances.{elsewhere}",
            wanted.size.name
        ))
        .into());
    }
    place_somewhere(ctx, az, wanted)
}

/// The same, in an impaired zone too: for what is placed again in its zone.
pub fn place_somewhere(ctx: &Ctx, az: &AzName, wanted: &Wanted) -> OpResult<(Chosen, Vec<Placement>)> {
    if let Some(group) = wanted.group {
        group.check(ctx, az, wanted.count_min)?;
    }
    let only = wanted.group.and_then(|g| g.cell(ctx));
    let reserves = |c: &CellId| wanted.slots.reservations.iter().any(|(_, r)| r == c);
    // Slots and dedicated hosts stay where they are when the account's shard moves.
    let kept: BTreeSet<&CellId> = wanted.place.hosts.iter().map(|(_, cell)| cell).collect();
    let slots: BTreeSet<&CellId> = wanted.slots.reservations.iter().map(|(_, cell)| cell).collect();
    let there = |c: &CellId, what: &str| Candidate { cell: c.clone(), why: format!("{c}: the account has a {what} there") };
    let may = |c: &&CellId| only.as_ref().is_none_or(|o| o == *c);
    let mut cells: Vec<Candidate> = slots.into_iter().filter(may).map(|c| there(c, "capacity reservation")).collect();
    cells.extend(kept.iter().copied().filter(may).map(|c| there(c, "dedicated host")));
    if !wanted.slots.only && kept.is_empty() {
        let order = ctx.cells_for(crate::cells::Wanted {
            first: wanted.instances.first().map(InstanceId::to_string).unwrap_or_default(),
            account: ctx.caller.account.clone(),
            zone: az.clone(),
            size: capacity(wanted.size, wanted.root_disk_gib),
            count: wanted.instances.len() as u32,
            only,
        })?;
        cells.extend(order.into_iter().filter(|c| !reserves(&c.cell)));
    }
    claim(ctx, az, cells, wanted, None)
}

/// Room again where the disk is.
pub fn place_again(ctx: &Ctx, row: &Instance, wanted: &Wanted) -> OpResult<Placement> {
    let there = Candidate { cell: row.cell.clone(), why: String::new() };
    let (_, placed) = claim(ctx, &row.az, vec![there], wanted, Some(row.host.clone()))?;
    placed.into_iter().next().ok_or_else(|| AwsError::internal("The cell placed nothing.").into())
}

fn claim(
    ctx: &Ctx,
    az: &AzName,
    cells: Vec<Candidate>,
    wanted: &Wanted,
    on_host: Option<HostId>,
) -> OpResult<(Chosen, Vec<Placement>)> {
    let (mut short, mut placeable_most, mut silent, mut dear) = (Vec::new(), 0, Vec::new(), None);
    let mut refused: Vec<String> = Vec::new();
    for Candidate { cell, why } in cells {
        let question = Question::Claim { cell: cell.clone(), request: wanted.claim(ctx, az, &cell, on_host.clone()) };
        match ctx.ask(question)? {
            Answer::Claim(ClaimReply::Placed(mut placed)) => {
                placed.retain(|p| wanted.instances.contains(&p.instance));
                if placed.len() >= wanted.count_min.max(1) as usize {
                    let why = if refused.is_empty() { why } else { format!("{why} ({} had none for it)", refused.join(", ")) };
                    return Ok((Candidate { cell, why }, placed));
                }
                short.push("hosts".to_owned());
            }
            Answer::Claim(ClaimReply::Insufficient { short_of, placeable }) => {
                placeable_most = placeable_most.max(placeable);
                if !short.contains(&short_of) {
                    short.push(short_of);
                }
            }
            Answer::Claim(ClaimReply::PriceTooLow { now }) => dear = Some(dear.map_or(now, |d: u32| d.min(now))),
            Answer::Unavailable(why) => silent.push(format!("cell {cell}: {why}")),
            _ => {
                return Err(AwsError::internal("This is no answer to a claim.").into());
            }
        }
        refused.push(cell.to_string());
    }
    if let (Some(now), ClaimMarket::Spot { price_max }, true) = (dear, wanted.market, short.is_empty()) {
        return Err(price::too_low(wanted.size, price_max, now).into());
    }
    if short.is_empty() && !silent.is_empty() {
        return Err(AwsError::unavailable(format!(
            "No cell of {az} answers, so that nothing can be placed there now. Try again shortly, or in another zone ({}).",
            silent.join("; ")
        ))
        .into());
    }
    if short.is_empty() {
        short.push(match wanted.group {
            Some(_) => "the instances of the placement group, which is a cluster, are in another zone".to_owned(),
            None => "hosts".to_owned(),
        });
    }
    let message = format!(
        "We currently do not have sufficient {} capacity in the Availability Zone you requested ({az}): {}. There is room for {placeable_most} of the {} requested.",
        wanted.size.name,
        short.join(" and "),
        wanted.count_min,
    );
    Err(match wanted.place.tenancy {
        Tenancy::Shared | Tenancy::Dedicated(_) => AwsError::insufficient_instance_capacity(message),
        Tenancy::Host(_) => AwsError::new("InsufficientCapacityOnHost", message),
    }
    .into())
}
