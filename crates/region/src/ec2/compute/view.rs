//! Instances as replies show them: whole, and as a change of state.

use super::{capacity, groups, hosts, images, maintenance, metadata, names, profile, types};
use crate::context::Ctx;
use crate::ec2::network::zone::zone_id;
use crate::ec2::network::{public_ip_of, to_instance_interface};
use crate::rows::{Instance, InstanceState, InstanceTenancy, Interface, Vpc};
use aws_protocol::ec2;
use std::net::Ipv4Addr;
use std::rc::Rc;

pub fn state(s: InstanceState) -> ec2::InstanceState {
    ec2::InstanceState { code: Some(s.code()), name: Some(s.name().to_owned()) }
}

pub fn change(row: &Instance, before: InstanceState, after: InstanceState) -> ec2::InstanceStateChange {
    ec2::InstanceStateChange {
        instance_id: Some(row.id.to_string()),
        previous_state: Some(state(before)),
        current_state: Some(state(after)),
    }
}

/// By device index.
pub fn interfaces(ctx: &Ctx, row: &Instance) -> Vec<Rc<Interface>> {
    row.interfaces.iter().filter_map(|id| ctx.db.get::<Interface>(&row.account, id)).collect()
}

/// The instances of one launch.
pub fn reservation(ctx: &Ctx, rows: &[&Instance]) -> ec2::Reservation {
    ec2::Reservation {
        // EC2-Classic's groups of a launch: in a VPC they are the instances'.
        groups: Some(Vec::new()),
        instances: Some(rows.iter().map(|row| instance(ctx, row)).collect()),
        owner_id: Some(ctx.caller.account.to_string()),
        requester_id: None,
        reservation_id: rows.first().map(|r| r.reservation.to_string()),
    }
}

pub struct Addresses {
    pub private: Option<Ipv4Addr>,
    pub public: Option<Ipv4Addr>,
    pub private_name: String,
    /// Empty unless the VPC names public addresses (enableDnsHostnames).
    pub public_name: String,
}

pub fn addresses(ctx: &Ctx, row: &Instance, interfaces: &[Rc<Interface>]) -> Addresses {
    let first = interfaces.first();
    let private = first.and_then(|i| i.ipv4.first().copied());
    let public = first.and_then(|i| public_ip_of(ctx.db, i));
    let named = ctx.db.get::<Vpc>(&row.account, row.vpc).is_some_and(|v| v.dns_hostnames && v.dns_support);
    Addresses {
        private,
        public,
        private_name: private.map(|ip| names::private_name(ctx.settings, row, ip)).unwrap_or_default(),
        public_name: public.filter(|_| named).map(|ip| names::public_dns(ctx.settings, ip)).unwrap_or_default(),
    }
}

fn is_sandbox(row: &Instance) -> bool {
    types::find(&row.instance_type).is_some_and(|(f, _)| f.sandbox)
}

/// EC2 says xen of Nitro instances too.
pub fn hypervisor(row: &Instance) -> &'static str {
    if is_sandbox(row) { "sandbox" } else { "xen" }
}

pub fn virtualization_type(row: &Instance) -> &'static str {
    if is_sandbox(row) { "sandbox" } else { "hvm" }
}

pub fn instance(ctx: &Ctx, row: &Instance) -> ec2::Instance {
    let text = |s: &str| Some(s.to_owned());
    let gone = row.state == InstanceState::Terminated;
    let interfaces = interfaces(ctx, row);
    let at = addresses(ctx, row, &interfaces);
    let shown: Vec<ec2::InstanceNetworkInterface> = interfaces.iter().map(|i| interface(ctx, i, &at)).collect();
    let group = groups::of_instance(ctx, row);
    let kind = types::find(&row.instance_type);
    let nitro = kind.is_some_and(|(f, _)| f.nitro);
    let root = images::by_id(&row.image).map_or("/dev/xvda", |i| i.root_device);
    ec2::Instance {
        ami_launch_index: Some(row.launch_index as i32),
        architecture: text("x86_64"),
        block_device_mappings: Some(if gone { Vec::new() } else { vec![block_device(row, root)] }),
        boot_mode: None,
        capacity_reservation_id: row.slot_of.map(|id| id.to_string()),
        capacity_reservation_specification: Some(capacity::chosen(row.capacity)),
        client_token: Some(row.client_token.clone().unwrap_or_default()),
        cpu_options: kind.map(|(f, s)| ec2::CpuOptions {
            core_count: Some(s.vcpus as i32 / f.threads_per_core),
            threads_per_core: Some(f.threads_per_core),
            ..Default::default()
        }),
        current_instance_boot_mode: (!is_sandbox(row)).then(|| "legacy-bios".to_owned()),
        ebs_optimized: Some(false),
        ena_support: Some(true),
        enclave_options: Some(ec2::EnclaveOptions { enabled: Some(false) }),
        hibernation_options: Some(ec2::HibernationOptions { configured: Some(false) }),
        hypervisor: text(hypervisor(row)),
        iam_instance_profile: row.profile.as_ref().filter(|_| !gone).map(profile::shown),
        image_id: text(&row.image),
        instance_id: Some(row.id.to_string()),
        instance_lifecycle: row.spot.as_ref().map(|_| "spot".to_owned()),
        spot_instance_request_id: row.spot.as_ref().map(|s| s.request.to_string()),
        instance_type: text(&row.instance_type),
        ipv6_address: interfaces.first().and_then(|i| i.ipv6.first()).map(|ip| ip.to_string()),
        key_name: row.key_name.clone(),
        launch_time: Some(row.launched),
        maintenance_options: Some(ec2::InstanceMaintenanceOptions {
            auto_recovery: text(maintenance::auto_recovery(row)),
            ..Default::default()
        }),
        metadata_options: Some(metadata::to_wire(&row.metadata)),
        monitoring: Some(ec2::Monitoring { state: text(if row.monitoring { "enabled" } else { "disabled" }) }),
        network_performance_options: nitro
            .then(|| ec2::InstanceNetworkPerformanceOptions { bandwidth_weighting: text("default") }),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        placement: Some(ec2::Placement {
            availability_zone: Some(row.az.to_string()),
            availability_zone_id: Some(zone_id(ctx.settings, &row.az)),
            group_name: Some(group.as_ref().map(|g| g.name.clone()).unwrap_or_default()),
            group_id: group.as_ref().map(|g| g.id.to_string()),
            partition_number: row.group.as_ref().and_then(|g| g.partition).map(i32::from),
            tenancy: text(row.tenancy.name()),
            affinity: (row.tenancy == InstanceTenancy::Host).then(|| if row.affinity { "host" } else { "default" }.to_owned()),
            host_id: hosts::of_instance(ctx.db, row).map(|h| h.id.to_string()),
            ..Default::default()
        }),
        platform_details: text("Linux/UNIX"),
        private_dns_name: Some(at.private_name),
        private_dns_name_options: (!gone).then(|| ec2::PrivateDnsNameOptionsResponse {
            enable_resource_name_dns_aaaa_record: Some(false),
            enable_resource_name_dns_a_record: Some(row.hostname_type == "resource-name"),
            hostname_type: text(&row.hostname_type),
        }),
        private_ip_address: at.private.map(|ip| ip.to_string()),
        product_codes: Some(Vec::new()),
        public_dns_name: Some(at.public_name),
        public_ip_address: at.public.map(|ip| ip.to_string()),
        root_device_name: text(root),
        root_device_type: text("ebs"),
        security_groups: Some(shown.first().and_then(|i| i.groups.clone()).unwrap_or_default()),
        source_dest_check: interfaces.first().map(|i| i.source_dest_check),
        state: Some(state(row.state)),
        state_reason: row.state_reason.as_ref().map(|r| ec2::StateReason { code: text(&r.code), message: text(&r.message) }),
        state_transition_reason: text(&row.transition_reason),
        subnet_id: (!gone).then(|| row.subnet.to_string()),
        tags: ctx.tag_list(row.id),
        usage_operation: text("RunInstances"),
        usage_operation_update_time: Some(row.launched),
        virtualization_type: text(virtualization_type(row)),
        vpc_id: (!gone).then(|| row.vpc.to_string()),
        network_interfaces: Some(shown),
        ..Default::default()
    }
}

/// As the network module shows it, with the public name that the instance has.
fn interface(ctx: &Ctx, i: &Interface, at: &Addresses) -> ec2::InstanceNetworkInterface {
    let mut shown = to_instance_interface(ctx, i);
    let public = at.public.map(|ip| ip.to_string());
    let primary = shown.private_ip_addresses.iter_mut().flatten().filter_map(|a| a.association.as_mut());
    for association in shown.association.iter_mut().chain(primary) {
        if association.public_ip == public {
            association.public_dns_name = Some(at.public_name.clone());
        }
    }
    shown
}

fn block_device(row: &Instance, device: &str) -> ec2::InstanceBlockDeviceMapping {
    ec2::InstanceBlockDeviceMapping {
        device_name: Some(device.to_owned()),
        ebs: Some(ec2::EbsInstanceBlockDevice {
            attach_time: Some(row.launched),
            delete_on_termination: Some(true),
            status: Some("attached".to_owned()),
            volume_id: Some(row.root_volume.to_string()),
            ..Default::default()
        }),
    }
}
