//! RunInstances: check, addresses, room, rows. Nothing after the answer of a cell can fail for another reason than a lack of
//! room, so that a claim is not held in vain.

use super::capacity::{self, Usable};
use super::launch_interfaces::{self, Made};
use super::launch_options::{self, Options};
use super::placement;
use super::profile;
use super::room::{self, Wanted};
use super::{spot, view};
use crate::context::{Authorized, Ctx, OpError, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::interface::interfaces_of;
use crate::ec2::network::{delete_interface, launch_zones};
use crate::rows::{GroupPlace, Instance, InstanceState, InstanceTenancy, StateReason};
use crate::sts::instance;
use ::types::{InstanceId, ReservationId, SpotRequestId, VolumeId};
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use wire::host::Reachability;

/// The parameters of a launch that a template can hold, under a name, after those of the operation itself.
macro_rules! launch_parameters {
    ([$($own:literal),*] $under:literal) => {
        &[
            $($own,)*
            concat!($under, "ImageId"),
            concat!($under, "InstanceType"),
            concat!($under, "SecurityGroupId.N"),
            concat!($under, "SecurityGroup.N"),
            concat!($under, "KeyName"),
            concat!($under, "UserData"),
            concat!($under, "Placement.AvailabilityZone"),
            concat!($under, "Placement.Tenancy"),
            concat!($under, "Placement.HostId"),
            concat!($under, "Placement.Affinity"),
            concat!($under, "Placement.GroupName"),
            concat!($under, "Placement.GroupId"),
            concat!($under, "Placement.PartitionNumber"),
            concat!($under, "CapacityReservationSpecification.CapacityReservationPreference"),
            concat!($under, "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId"),
            concat!($under, "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn"),
            concat!($under, "InstanceMarketOptions.MarketType"),
            concat!($under, "InstanceMarketOptions.SpotOptions.MaxPrice"),
            concat!($under, "InstanceMarketOptions.SpotOptions.SpotInstanceType"),
            concat!($under, "InstanceMarketOptions.SpotOptions.ValidUntil"),
            concat!($under, "InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior"),
            concat!($under, "InstanceInitiatedShutdownBehavior"),
            concat!($under, "DisableApiTermination"),
            concat!($under, "DisableApiStop"),
            concat!($under, "EbsOptimized"),
            concat!($under, "Monitoring.Enabled"),
            concat!($under, "CreditSpecification.CpuCredits"),
            concat!($under, "MetadataOptions.*"),
            concat!($under, "NetworkInterface.N.DeviceIndex"),
            concat!($under, "NetworkInterface.N.NetworkCardIndex"),
            concat!($under, "NetworkInterface.N.NetworkInterfaceId"),
            concat!($under, "NetworkInterface.N.SubnetId"),
            concat!($under, "NetworkInterface.N.PrivateIpAddress"),
            concat!($under, "NetworkInterface.N.PrivateIpAddresses.N.Primary"),
            concat!($under, "NetworkInterface.N.PrivateIpAddresses.N.PrivateIpAddress"),
            concat!($under, "NetworkInterface.N.SecondaryPrivateIpAddressCount"),
            concat!($under, "NetworkInterface.N.Ipv6AddressCount"),
            concat!($under, "NetworkInterface.N.Ipv6Addresses.N.Ipv6Address"),
            concat!($under, "NetworkInterface.N.SecurityGroupId.N"),
            concat!($under, "NetworkInterface.N.AssociatePublicIpAddress"),
            concat!($under, "NetworkInterface.N.Description"),
            concat!($under, "NetworkInterface.N.DeleteOnTermination"),
            concat!($under, "IamInstanceProfile.Arn"),
            concat!($under, "IamInstanceProfile.Name"),
            concat!($under, "BlockDeviceMapping.N.DeviceName"),
            concat!($under, "BlockDeviceMapping.N.Ebs.VolumeSize"),
            concat!($under, "BlockDeviceMapping.N.Ebs.VolumeType"),
            concat!($under, "BlockDeviceMapping.N.Ebs.DeleteOnTermination"),
        ]
    };
}

/// Of operations that make templates.
macro_rules! template_parameters {
    ($($own:literal),*) => {
        $crate::ec2::compute::launch::launch_parameters!(
            [
                $($own,)*
                "LaunchTemplateData.TagSpecification.N.ResourceType",
                "LaunchTemplateData.TagSpecification.N.Tag.N.Key",
                "LaunchTemplateData.TagSpecification.N.Tag.N.Value"
            ] "LaunchTemplateData."
        )
    };
}

pub(super) use {launch_parameters, template_parameters};

pub fn register(table: &mut Table) {
    table.op::<ec2::RunInstancesRequest>(
        launch_parameters!(
            [
                "MinCount",
                "MaxCount",
                "SubnetId",
                "PrivateIpAddress",
                "Ipv6AddressCount",
                "Ipv6Address.N.Ipv6Address",
                "LaunchTemplate.LaunchTemplateId",
                "LaunchTemplate.LaunchTemplateName",
                "LaunchTemplate.Version",
                "MaintenanceOptions.AutoRecovery"
            ] ""
        ),
        &["instance", "volume", "network-interface", "spot-instances-request"],
        run,
    );
}

struct New {
    id: InstanceId,
    volume: VolumeId,
    interfaces: Made,
}

/// The request has what its template says already: the dispatcher has put it under what the caller said.
fn run(ctx: &mut Ctx, r: Authorized<ec2::RunInstancesRequest>) -> OpResult<ec2::Reservation> {
    run_asked(ctx, &r, &By::default())
}

/// On whose behalf a launch is made.
#[derive(Default)]
pub struct By {
    /// Of the service that launches.
    pub tags: BTreeMap<String, String>,
    /// The spot request that it fulfils; else a launch of spot instances makes its own.
    pub request: Option<SpotRequestId>,
}

/// A launch that may be made. Spot instances have to go for it only when there is room nowhere else.
pub fn run_asked(ctx: &mut Ctx, r: &ec2::RunInstancesRequest, by: &By) -> OpResult<ec2::Reservation> {
    let mut zones = if launch_options::leaves_zone_open(r) { launch_zones(ctx) } else { Vec::new() };
    // A reservation that is named says where.
    if let Some(zone) = capacity::zone_of(ctx, capacity::choice(r.capacity_reservation_specification.as_ref())?) {
        zones.retain(|z| *z == zone);
    }
    if let Some(zones_with) = placement::asked(r.placement.as_ref())?.zones(ctx, r.instance_type.as_deref().unwrap_or_default()) {
        let has = zones.iter().any(|z| zones_with.contains(z));
        zones.retain(|z| zones_with.contains(z) || !has);
    }
    let zones: Vec<Option<&str>> = if zones.is_empty() { vec![None] } else { zones.iter().map(|z| Some(z.as_str())).collect() };
    let preempt = if spot::may_preempt(ctx, r) { &[false, true][..] } else { &[false] };
    let tries: Vec<(bool, Option<&str>)> = preempt.iter().flat_map(|p| zones.iter().map(|z| (*p, *z))).collect();
    for (n, (preempt, zone)) in tries.iter().enumerate() {
        match launch(ctx, r, *zone, by, *preempt) {
            // Full, or its cells are down: another zone does as well. Nothing of this try stays.
            Err(OpError::Aws(e)) if n + 1 < tries.len() && FULL.iter().any(|code| e.is(code)) => ctx.db.rollback(),
            outcome => return outcome,
        }
    }
    Err(AwsError::internal("There is no zone.").into())
}

/// Errors that may end otherwise in another zone.
const FULL: [&str; 4] = ["InsufficientInstanceCapacity", "InsufficientCapacityOnHost", "Unavailable", "SpotMaxPriceTooLow"];

fn launch(ctx: &mut Ctx, r: &ec2::RunInstancesRequest, zone: Option<&str>, by: &By, preempt: bool) -> OpResult<ec2::Reservation> {
    let options = launch_options::read(ctx, r, zone)?;
    // The most that may come, so that the quota does not depend on what there is room for.
    room::check_instances(ctx, options.count_max)?;
    let az = options.interfaces[0].subnet.az.clone();
    let slots = match &options.spot {
        // Spot instances are in no reservation.
        Some(_) => Usable::default(),
        None => capacity::usable(ctx, options.place.tenancy, options.capacity, options.size.name, &az, options.count_min)?,
    };
    match &options.spot {
        Some(_) => room::check_spot_vcpus(ctx, options.size, options.count_max)?,
        None if options.place.tenancy == InstanceTenancy::Host => {}
        None => room::check_vcpus(ctx, options.size, options.count_max, slots.free)?,
    }
    if options.spot.is_some() && by.request.is_none() {
        spot::check_requests(ctx, options.count_max)?;
    }
    if options.spot.is_some() && options.place.tenancy == InstanceTenancy::Host {
        return Err(AwsError::invalid_parameter_combination("Spot instances cannot be of the tenancy host.").into());
    }
    let place = options.place.allowed(ctx, options.size.name, &az)?;
    let reservation = ctx.new_id(ReservationId::from_random);
    let mut new = interfaces(ctx, &options)?;
    let wanted = Wanted {
        instances: new.iter().map(|n| n.id).collect(),
        count_min: options.count_min,
        size: options.size,
        root_disk_gib: options.root_disk_gib,
        group: options.group.as_ref(),
        slots,
        again: false,
        place,
        market: options.spot.as_ref().map_or(spot::on_demand(preempt), spot::Market::claim),
    };
    let primary = options.interfaces[0].subnet.clone();
    let (room::Chosen { cell, why: cell_why }, placed) = room::place(ctx, &primary.az, &wanted)?;
    for place in &placed {
        placement::check_neighbours(ctx.db, place.instance, &wanted.place.tenancy, &place.host)?;
    }

    let account = ctx.caller.account.clone();
    let mut rows = Vec::new();
    for n in new.drain(..) {
        let Some(place) = placed.iter().find(|p| p.instance == n.id) else {
            n.interfaces.new.iter().for_each(|i| delete_interface(ctx.db, &account, *i));
            continue;
        };
        ctx.tag(n.id, options.instance_tags.clone())?;
        ctx.tag(n.id, template_tags(r).chain(by.tags.clone()).collect())?;
        ctx.tag(n.volume, options.volume_tags.clone())?;
        for interface in &n.interfaces.new {
            ctx.tag(*interface, options.interface_tags.clone())?;
        }
        let spot = options.spot.as_ref().map(|market| spot::launched(ctx, r, market, by.request, n.id, &az)).transpose()?;
        let row = Instance {
            account: account.clone(),
            id: n.id,
            reservation,
            launch_index: rows.len() as u32,
            image: options.image.id.to_owned(),
            instance_type: options.size.name.to_owned(),
            key_name: options.key_name.clone(),
            state: InstanceState::Pending,
            state_reason: Some(StateReason { code: "pending".into(), message: "pending".into() }),
            transition_reason: String::new(),
            user_data: options.user_data.clone(),
            launched: ctx.now,
            client_token: r.client_token.clone(),
            az: primary.az.clone(),
            vpc: primary.vpc,
            subnet: primary.id,
            interfaces: n.interfaces.all,
            cell: cell.clone(),
            host: place.host.clone(),
            underlay: place.underlay,
            hold: place.hold,
            cell_why: cell_why.clone(),
            placed_why: place.why.clone(),
            root_volume: n.volume,
            root_disk_gib: options.root_disk_gib,
            volume_type: options.volume_type.clone(),
            cpu_credits: options.cpu_credits.clone(),
            hostname_type: options.hostname_type.clone(),
            boot: 1,
            reboot: 0,
            shutdown_behavior: options.shutdown_behavior.clone(),
            disable_api_termination: options.disable_api_termination,
            disable_api_stop: options.disable_api_stop,
            monitoring: options.monitoring,
            metadata: options.metadata.clone(),
            profile: options.profile.as_ref().map(|p| profile::association(ctx, p)),
            capacity: options.capacity,
            slot_of: place.reservation,
            tenancy: options.place.tenancy,
            affinity: options.place.affinity,
            spot,
            group: options.group.as_ref().map(|g| GroupPlace { group: g.row.id, partition: place.partition }),
            reachability: Reachability::Initializing,
            reachability_since: ctx.now,
            host_reports: true,
            host_reports_since: ctx.now,
            terminated: None,
            recovery_disabled: options.recovery_disabled,
            recovered: None,
            disk_on: Vec::new(),
        };
        ctx.db.put(row.clone());
        instance::refresh(ctx, &row);
        rows.push(row);
    }
    tracing::info!(reservation = %reservation, count = rows.len(), instance_type = options.size.name, cell = %cell, "launched");
    Ok(view::reservation(ctx, &rows.iter().collect::<Vec<_>>()))
}

/// What EC2 tags instances of a template with.
fn template_tags(r: &ec2::RunInstancesRequest) -> impl Iterator<Item = (String, String)> {
    let template = r.launch_template.iter();
    template.flat_map(|t| {
        let tag =
            |name: &str, value: &Option<String>| value.as_ref().map(|v| (format!("aws:ec2launchtemplate:{name}"), v.clone()));
        [tag("id", &t.launch_template_id), tag("version", &t.version)].into_iter().flatten()
    })
}

/// Errors that end the making of interfaces when there are enough.
const ADDRESSES_SHORT: [&str; 3] =
    ["InsufficientFreeAddressesInSubnet", "InsufficientAddressCapacity", "NetworkInterfaceLimitExceeded"];

/// An id and an interface for each instance: as many as there are addresses for, up to MaxCount.
fn interfaces(ctx: &mut Ctx, options: &Options) -> OpResult<Vec<New>> {
    let mut new = Vec::new();
    for index in 0..options.count_max {
        let id = ctx.new_id(InstanceId::from_random);
        let volume = ctx.new_id(VolumeId::from_random);
        match launch_interfaces::make(ctx, &options.interfaces, id) {
            Ok(interfaces) => new.push(New { id, volume, interfaces }),
            Err(OpError::Aws(e)) if index >= options.count_min && ADDRESSES_SHORT.contains(&e.code.as_ref()) => {
                // Those that were made already are too many. None is an existing one: these come with one instance only.
                let account = ctx.caller.account.clone();
                for left in interfaces_of(ctx.db, &account, id) {
                    delete_interface(ctx.db, &account, left.id);
                }
                break;
            }
            Err(e) => return Err(e),
        }
    }
    Ok(new)
}
