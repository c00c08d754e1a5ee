//! RunInstances: check, addresses, room, rows. Nothing after the answer of a cell can fail for another reason than a lack of
//! room, so that a claim is not held in vain.

use super::launch_interfaces::{self, Made};
use super::launch_options::{self, Options};
use super::profile;
use super::room::{self, Wanted};
use super::view;
use crate::context::{Authorized, Ctx, OpError, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::interface::interfaces_of;
use crate::ec2::network::{delete_interface, launch_zones};
use crate::rows::{Instance, InstanceState, StateReason};
use crate::sts::instance;
use ::types::{InstanceId, ReservationId, VolumeId};
use aws_protocol::ec2;
use wire::host::Reachability;

pub fn register(table: &mut Table) {
    table.op::<ec2::RunInstancesRequest>(
        &[
            "ImageId",
            "InstanceType",
            "MinCount",
            "MaxCount",
            "SubnetId",
            "PrivateIpAddress",
            "Ipv6AddressCount",
            "Ipv6Address.N.Ipv6Address",
            "SecurityGroupId.N",
            "SecurityGroup.N",
            "KeyName",
            "UserData",
            "Placement.AvailabilityZone",
            "Placement.Tenancy",
            "InstanceInitiatedShutdownBehavior",
            "DisableApiTermination",
            "DisableApiStop",
            "EbsOptimized",
            "Monitoring.Enabled",
            "CreditSpecification.CpuCredits",
            "MetadataOptions.*",
            "NetworkInterface.N.DeviceIndex",
            "NetworkInterface.N.NetworkCardIndex",
            "NetworkInterface.N.NetworkInterfaceId",
            "NetworkInterface.N.SubnetId",
            "NetworkInterface.N.PrivateIpAddress",
            "NetworkInterface.N.PrivateIpAddresses.N.Primary",
            "NetworkInterface.N.PrivateIpAddresses.N.PrivateIpAddress",
            "NetworkInterface.N.SecondaryPrivateIpAddressCount",
            "NetworkInterface.N.Ipv6AddressCount",
            "NetworkInterface.N.Ipv6Addresses.N.Ipv6Address",
            "NetworkInterface.N.SecurityGroupId.N",
            "NetworkInterface.N.AssociatePublicIpAddress",
            "NetworkInterface.N.Description",
            "NetworkInterface.N.DeleteOnTermination",
            "IamInstanceProfile.Arn",
            "IamInstanceProfile.Name",
            "BlockDeviceMapping.N.DeviceName",
            "BlockDeviceMapping.N.Ebs.VolumeSize",
            "BlockDeviceMapping.N.Ebs.VolumeType",
            "BlockDeviceMapping.N.Ebs.DeleteOnTermination",
        ],
        &["instance", "volume", "network-interface"],
        run,
    );
}

struct New {
    id: InstanceId,
    volume: VolumeId,
    interfaces: Made,
}

fn run(ctx: &mut Ctx, r: Authorized<ec2::RunInstancesRequest>) -> OpResult<ec2::Reservation> {
    let zones = if launch_options::leaves_zone_open(&r) { launch_zones(ctx) } else { Vec::new() };
    let Some((last, others)) = zones.split_last() else { return launch(ctx, &r, None) };
    for zone in others {
        match launch(ctx, &r, Some(zone.as_str())) {
            // Full, or its cells are down: another zone does as well. Nothing of this try stays.
            Err(OpError::Aws(e)) if e.is("InsufficientInstanceCapacity") || e.is("Unavailable") => ctx.db.rollback(),
            outcome => return outcome,
        }
    }
    launch(ctx, &r, Some(last.as_str()))
}

fn launch(ctx: &mut Ctx, r: &ec2::RunInstancesRequest, zone: Option<&str>) -> OpResult<ec2::Reservation> {
    let options = launch_options::read(ctx, r, zone)?;
    // The most that may come, so that the quota does not depend on what there is room for.
    room::check_instances(ctx, options.count_max)?;
    room::check_vcpus(ctx, options.size, options.count_max)?;
    let reservation = ctx.new_id(ReservationId::from_random);
    let mut new = interfaces(ctx, &options)?;
    let wanted = Wanted {
        instances: new.iter().map(|n| n.id).collect(),
        count_min: options.count_min,
        size: options.size,
        root_disk_gib: options.root_disk_gib,
    };
    let primary = options.interfaces[0].subnet.clone();
    let (cell, placed) = room::place(ctx, &primary.az, &wanted)?;

    let account = ctx.caller.account.clone();
    let mut rows = Vec::new();
    for n in new.drain(..) {
        let Some(place) = placed.iter().find(|p| p.instance == n.id) else {
            n.interfaces.new.iter().for_each(|i| delete_interface(ctx.db, &account, *i));
            continue;
        };
        ctx.tag(n.id, options.instance_tags.clone())?;
        ctx.tag(n.volume, options.volume_tags.clone())?;
        for interface in &n.interfaces.new {
            ctx.tag(*interface, options.interface_tags.clone())?;
        }
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
            reachability: Reachability::Initializing,
            reachability_since: ctx.now,
            host_reports: true,
            host_reports_since: ctx.now,
            terminated: None,
        };
        ctx.db.put(row.clone());
        instance::refresh(ctx, &row);
        rows.push(row);
    }
    tracing::info!(reservation = %reservation, count = rows.len(), instance_type = options.size.name, cell = %cell, "launched");
    Ok(view::reservation(ctx, &rows.iter().collect::<Vec<_>>()))
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
