//! Placement groups: how the instances of a group stand to each other. The region keeps groups and members; which hosts that
//! leaves is decided by the cell, which knows what is free ([`wire::cell::ClaimGroup`]).
//!
//! Source of rules and limits: "Placement groups for your Amazon EC2 instances", EC2 User Guide.

use super::lists;
use super::types::Family;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::lookup::{self, Listing, one};
use crate::rows::{Instance, InstanceState, PlacementGroup};
use crate::tags;
use ::types::{AzName, CellId, InstanceId, PlacementGroupId};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use wire::cell::{ClaimGroup, GroupMember, GroupStrategy};

/// "500 placement groups per account in each Region".
const GROUPS_MAX: usize = 500;
const NAME_CHARS_MAX: usize = 255;
const PARTITIONS_MAX: i32 = 7;
const PARTITIONS_USUAL: i32 = 2;
/// "A maximum of seven running instances per Availability Zone per group", of groups that spread over racks.
const SPREAD_RACKS_MAX: usize = 7;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreatePlacementGroupRequest>(
        &["GroupName", "Strategy", "PartitionCount", "SpreadLevel"],
        &["placement-group"],
        create,
    );
    table.op::<ec2::DeletePlacementGroupRequest>(&["GroupName"], &[], delete);
    table.op::<ec2::DescribePlacementGroupsRequest>(&["GroupId.N", "GroupName.N"], &[], describe);
}

pub fn by_name(ctx: &Ctx, name: &str) -> Option<Rc<PlacementGroup>> {
    ctx.db.list::<PlacementGroup>(&ctx.caller.account).find(|g| g.name == name)
}

fn named(ctx: &Ctx, name: &str) -> Result<Rc<PlacementGroup>, AwsError> {
    by_name(ctx, name).ok_or_else(|| {
        AwsError::new("InvalidPlacementGroup.Unknown", format!("The Placement Group '{}' is unknown.", lists::clip(name)))
    })
}

/// Its name in the API.
pub fn strategy(s: GroupStrategy) -> &'static str {
    match s {
        GroupStrategy::Cluster => "cluster",
        GroupStrategy::SpreadHost | GroupStrategy::SpreadRack => "spread",
        GroupStrategy::Partition { .. } => "partition",
    }
}

/// The group of an instance, if it is in one.
pub fn of_instance(ctx: &Ctx, row: &Instance) -> Option<Rc<PlacementGroup>> {
    ctx.db.get::<PlacementGroup>(&row.account, row.group.as_ref()?.group)
}

/// Instances of a group that have, or will want, their place.
fn members<'c>(ctx: &'c Ctx, group: PlacementGroupId) -> impl Iterator<Item = Rc<Instance>> + 'c {
    let is_it = move |i: &Rc<Instance>| i.group.as_ref().is_some_and(|g| g.group == group);
    ctx.db.list::<Instance>(&ctx.caller.account).filter(move |i| i.state != InstanceState::Terminated && is_it(i))
}

/// The group that a launch is into.
pub struct Grouped {
    pub row: Rc<PlacementGroup>,
    pub partition: Option<u8>,
    /// A member that is placed again: it is not in its own way.
    pub again: Option<InstanceId>,
}

impl Grouped {
    pub fn claim(&self, ctx: &Ctx, az: &AzName) -> ClaimGroup {
        let rack = |i: &Instance| ctx.settings.host(&i.host).map_or(i.host.to_string(), |(_, h)| h.rack().to_owned());
        let member = |i: Rc<Instance>| GroupMember {
            host: i.host.clone(),
            rack: rack(&i),
            partition: i.group.as_ref().and_then(|g| g.partition),
        };
        let members = self.others(ctx).filter(|i| i.az == *az).map(member).collect();
        ClaimGroup { id: self.row.id, strategy: self.row.strategy, partition: self.partition, members }
    }

    /// The cell that the group is bound to: a cluster stays where its first instance came to be.
    pub fn cell(&self, ctx: &Ctx) -> Option<CellId> {
        if self.row.strategy != GroupStrategy::Cluster {
            return None;
        }
        self.others(ctx).next().map(|i| i.cell.clone())
    }

    fn others<'c>(&self, ctx: &'c Ctx) -> impl Iterator<Item = Rc<Instance>> + 'c {
        let again = self.again;
        members(ctx, self.row.id).filter(move |i| Some(i.id) != again)
    }

    /// Whether an instance, which stays where it is, may be of the group.
    pub fn check_joins(&self, ctx: &Ctx, row: &Instance) -> Result<(), AwsError> {
        let others: Vec<Rc<Instance>> = members(ctx, self.row.id).filter(|i| i.id != row.id).collect();
        let rack = |i: &Instance| ctx.settings.host(&i.host).map_or(i.host.to_string(), |(_, h)| h.rack().to_owned());
        let partition = |i: &Instance| i.group.as_ref().and_then(|g| g.partition);
        let at = |i: &Rc<Instance>| i.az == row.az && rack(i) == rack(row);
        let why = match self.row.strategy {
            GroupStrategy::Cluster if others.iter().any(|i| i.cell != row.cell) => "its instances are elsewhere",
            GroupStrategy::SpreadHost if others.iter().any(|i| i.host == row.host) => "it has an instance on this one's host",
            GroupStrategy::SpreadRack if others.iter().any(at) => "it has an instance in this one's rack",
            GroupStrategy::Partition { .. } if self.partition.is_none() => "a PartitionNumber is needed",
            GroupStrategy::Partition { .. } if others.iter().any(|i| at(i) && partition(i) != self.partition) => {
                "another of its partitions is in this one's rack"
            }
            _ => return self.check(ctx, &row.az, u32::from(row.group.as_ref().is_none_or(|g| g.group != self.row.id))),
        };
        Err(AwsError::unsupported_operation(format!(
            "The instance {} cannot be in the placement group '{}' where its volume is: {why}.",
            row.id, self.row.name
        )))
    }

    /// Whether the group may have so many more in the zone.
    pub fn check(&self, ctx: &Ctx, az: &AzName, more: u32) -> Result<(), AwsError> {
        let here = self.others(ctx).filter(|i| i.az == *az).count();
        if self.row.strategy == GroupStrategy::SpreadRack && here + more as usize > SPREAD_RACKS_MAX {
            return Err(AwsError::insufficient_instance_capacity(format!(
                "The spread placement group '{}' has {here} instances in {az}: it may have at most {SPREAD_RACKS_MAX} in a zone.",
                self.row.name
            )));
        }
        Ok(())
    }
}

/// What a launch says of a group.
///
/// # Errors
/// No such group, or the group and the rest of the request do not go together.
pub fn of_launch(ctx: &Ctx, placement: Option<&ec2::Placement>, family: &Family) -> Result<Option<Grouped>, AwsError> {
    let Some(p) = placement else { return Ok(None) };
    let row = match (p.group_name.as_deref().filter(|n| !n.is_empty()), p.group_id.as_deref()) {
        (Some(_), Some(_)) => {
            return Err(AwsError::invalid_parameter_combination("GroupName and GroupId cannot be specified together."));
        }
        (Some(name), None) => named(ctx, name)?,
        (None, Some(id)) => lookup::find::<PlacementGroup>(ctx, id)?,
        (None, None) if p.partition_number.is_some() => {
            return Err(AwsError::invalid_parameter_combination(
                "PartitionNumber needs a placement group of strategy partition.",
            ));
        }
        (None, None) => return Ok(None),
    };
    if row.strategy == GroupStrategy::Cluster && family.burstable {
        return Err(AwsError::invalid_parameter_combination(format!(
            "Cluster placement groups are not supported by the '{}' instance types. Specify a supported instance type or change the placement group strategy, and try again.",
            family.name
        )));
    }
    let partition = match (p.partition_number, row.strategy) {
        (None, _) => None,
        (Some(n), GroupStrategy::Partition { count }) => match u8::try_from(n) {
            Ok(n) if (1..=count).contains(&n) => Some(n),
            _ => {
                let wanted = format!("The placement group has partitions 1 to {count}.");
                return Err(AwsError::invalid_value("PartitionNumber", &n.to_string(), &wanted));
            }
        },
        (Some(_), _) => {
            return Err(AwsError::invalid_parameter_combination(
                "PartitionNumber needs a placement group of strategy partition.",
            ));
        }
    };
    Ok(Some(Grouped { row, partition, again: None }))
}

fn create(ctx: &mut Ctx, r: Authorized<ec2::CreatePlacementGroupRequest>) -> OpResult<ec2::CreatePlacementGroupResult> {
    let name = lookup::required(&r.group_name, "GroupName")?.to_owned();
    if name.len() > NAME_CHARS_MAX || !name.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        let message = format!("A placement group's name has 1 to {NAME_CHARS_MAX} ASCII characters.");
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    let strategy = asked_strategy(&r)?;
    if by_name(ctx, &name).is_some() {
        let message = format!("The Placement Group '{name}' already exists.");
        return Err(AwsError::new("InvalidPlacementGroup.Duplicate", message).into());
    }
    if ctx.db.list::<PlacementGroup>(&ctx.caller.account).count() >= GROUPS_MAX {
        let message = format!("You may have at most {GROUPS_MAX} placement groups.");
        return Err(AwsError::new("PlacementGroupLimitExceeded", message).into());
    }
    let id = ctx.new_id(PlacementGroupId::from_random);
    let row = PlacementGroup { account: ctx.caller.account.clone(), id, name, strategy, created: ctx.now };
    ctx.tag(id, tags::specified(&r.tag_specifications, "placement-group")?)?;
    ctx.db.put(row.clone());
    Ok(ec2::CreatePlacementGroupResult { placement_group: Some(shown(ctx, &row)) })
}

fn asked_strategy(r: &ec2::CreatePlacementGroupRequest) -> Result<GroupStrategy, AwsError> {
    let given = r.strategy.as_deref().unwrap_or("cluster");
    let misplaced = |parameter: &str, of: &str| {
        AwsError::invalid_parameter_combination(format!("{parameter} is of placement groups with the strategy {of}."))
    };
    if r.partition_count.is_some() && given != "partition" {
        return Err(misplaced("PartitionCount", "partition"));
    }
    if r.spread_level.is_some() && given != "spread" {
        return Err(misplaced("SpreadLevel", "spread"));
    }
    match (given, r.spread_level.as_deref(), r.partition_count.unwrap_or(PARTITIONS_USUAL)) {
        ("cluster", ..) => Ok(GroupStrategy::Cluster),
        ("spread", None | Some("rack"), _) => Ok(GroupStrategy::SpreadRack),
        ("spread", Some("host"), _) => Ok(GroupStrategy::SpreadHost),
        ("spread", Some(other), _) => Err(AwsError::invalid_value("SpreadLevel", other, "Expected rack or host.")),
        ("partition", _, n) if (1..=PARTITIONS_MAX).contains(&n) => Ok(GroupStrategy::Partition { count: n as u8 }),
        ("partition", _, n) => Err(AwsError::invalid_value("PartitionCount", &n.to_string(), "It must be from 1 to 7.")),
        (other, ..) => Err(AwsError::invalid_value("Strategy", other, "Expected cluster, spread or partition.")),
    }
}

fn delete(ctx: &mut Ctx, r: Authorized<ec2::DeletePlacementGroupRequest>) -> OpResult<()> {
    let group = named(ctx, lookup::required(&r.group_name, "GroupName")?)?;
    if members(ctx, group.id).next().is_some() {
        let message = format!("The placement group '{}' is in use and may not be deleted.", group.name);
        return Err(AwsError::new("InvalidPlacementGroup.InUse", message).into());
    }
    ctx.db.delete::<PlacementGroup>(&group.account, group.id);
    ctx.untag(group.id);
    Ok(())
}

const FILTERS: &[&str] = &["group-arn", "group-name", "spread-level", "state", "strategy"];

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribePlacementGroupsRequest>) -> OpResult<ec2::DescribePlacementGroupsResult> {
    let mut ids = r.group_ids.clone().unwrap_or_default();
    for name in r.group_names.iter().flatten() {
        ids.push(named(ctx, name)?.id.to_string());
    }
    let ids = Some(ids);
    let listing = Listing { ids: &ids, filters: &r.filters, max_results: None, next_token: &None };
    let arn = |g: &PlacementGroup| ctx.arn(&format!("placement-group/{}", g.name));
    let field = |g: &PlacementGroup, name: &str| match name {
        "group-arn" => one(arn(g)),
        "group-name" => one(&g.name),
        "spread-level" => Some(spread_level(g.strategy).map(str::to_owned).into_iter().collect()),
        "state" => one("available"),
        "strategy" => one(strategy(g.strategy)),
        _ => None,
    };
    let (rows, _) = listing.rows::<PlacementGroup>(ctx, FILTERS, field)?;
    Ok(ec2::DescribePlacementGroupsResult { placement_groups: Some(rows.iter().map(|g| shown(ctx, g)).collect()) })
}

fn spread_level(s: GroupStrategy) -> Option<&'static str> {
    match s {
        GroupStrategy::SpreadHost => Some("host"),
        GroupStrategy::SpreadRack => Some("rack"),
        GroupStrategy::Cluster | GroupStrategy::Partition { .. } => None,
    }
}

fn shown(ctx: &Ctx, g: &PlacementGroup) -> ec2::PlacementGroup {
    let partitions = match g.strategy {
        GroupStrategy::Partition { count } => Some(i32::from(count)),
        _ => None,
    };
    ec2::PlacementGroup {
        group_arn: Some(ctx.arn(&format!("placement-group/{}", g.name))),
        group_id: Some(g.id.to_string()),
        group_name: Some(g.name.clone()),
        partition_count: partitions,
        spread_level: spread_level(g.strategy).map(str::to_owned),
        state: Some("available".to_owned()),
        strategy: Some(strategy(g.strategy).to_owned()),
        tags: ctx.tag_list(g.id),
        ..Default::default()
    }
}
