//! DescribeInstances: reservations, filters, pages.

use super::{groups, lists, maintenance, names, view};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::zone::zone_id;
use crate::filter::Filters;
use crate::page::page;
use crate::rows::{Address, Instance, Interface};
use aws_protocol::ec2;
use std::rc::Rc;

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeInstancesRequest>(&["InstanceId.N", "IncludeManagedResources"], &[], describe);
}

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeInstancesRequest>) -> OpResult<ec2::DescribeInstancesResult> {
    let ids = r.instance_ids.clone().unwrap_or_default();
    let rows = if ids.is_empty() { ctx.db.list::<Instance>(&ctx.caller.account).collect() } else { lists::instances(ctx, &ids)? };
    let filters = Filters::new(&r.filters)?;
    let mut rows = filters.select(rows, |i| ctx.tags(i.id), |i, name| field(ctx, i, name), FILTERS)?;
    // Pages are of instances, in an order that keeps a reservation's together.
    let key = |i: &Rc<Instance>| format!("{}/{:06}/{}", i.reservation, i.launch_index, i.id);
    rows.sort_by_cached_key(key);
    let (rows, next_token) = page(rows, r.max_results, &r.next_token, !ids.is_empty(), key)?;
    let rows: Vec<&Instance> = rows.iter().map(Rc::as_ref).collect();
    let reservations = rows.chunk_by(|a, b| a.reservation == b.reservation).map(|of| view::reservation(ctx, of)).collect();
    Ok(ec2::DescribeInstancesResult { next_token, reservations: Some(reservations) })
}

pub const FILTERS: &[&str] = &[
    "affinity",
    "architecture",
    "availability-zone",
    "availability-zone-id",
    "block-device-mapping.attach-time",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.status",
    "block-device-mapping.volume-id",
    "client-token",
    "dns-name",
    "ebs-optimized",
    "ena-support",
    "enclave-options.enabled",
    "hibernation-options.configured",
    "host-id",
    "hypervisor",
    "iam-instance-profile.arn",
    "iam-instance-profile.id",
    "image-id",
    "instance-id",
    "instance-lifecycle",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "instance.group-id",
    "instance.group-name",
    "ip-address",
    "ipv6-address",
    "kernel-id",
    "key-name",
    "launch-index",
    "launch-time",
    "maintenance-options.auto-recovery",
    "metadata-options.http-endpoint",
    "metadata-options.http-put-response-hop-limit",
    "metadata-options.http-tokens",
    "metadata-options.instance-metadata-tags",
    "monitoring-state",
    "network-interface.addresses.association.public-ip",
    "network-interface.addresses.association.ip-owner-id",
    "network-interface.addresses.primary",
    "network-interface.addresses.private-ip-address",
    "network-interface.association.allocation-id",
    "network-interface.association.association-id",
    "network-interface.association.ip-owner-id",
    "network-interface.association.public-ip",
    "network-interface.attachment.attach-time",
    "network-interface.attachment.attachment-id",
    "network-interface.attachment.delete-on-termination",
    "network-interface.attachment.device-index",
    "network-interface.attachment.instance-id",
    "network-interface.attachment.instance-owner-id",
    "network-interface.attachment.status",
    "network-interface.availability-zone",
    "network-interface.description",
    "network-interface.group-id",
    "network-interface.group-name",
    "network-interface.ipv6-addresses.ipv6-address",
    "network-interface.mac-address",
    "network-interface.network-interface-id",
    "network-interface.owner-id",
    "network-interface.private-dns-name",
    "network-interface.private-ip-address",
    "network-interface.requester-id",
    "network-interface.requester-managed",
    "network-interface.source-dest-check",
    "network-interface.status",
    "network-interface.subnet-id",
    "network-interface.vpc-id",
    "operator.managed",
    "outpost-arn",
    "owner-id",
    "placement-group-name",
    "placement-partition-number",
    "platform",
    "platform-details",
    "private-dns-name",
    "private-dns-name-options.hostname-type",
    "private-ip-address",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "reason",
    "requester-id",
    "reservation-id",
    "root-device-name",
    "root-device-type",
    "source-dest-check",
    "spot-instance-request-id",
    "state-reason-code",
    "state-reason-message",
    "subnet-id",
    "tenancy",
    "usage-operation",
    "usage-operation-update-time",
    "virtualization-type",
    "vpc-id",
];

/// The values that an instance has for a filter. What the whole reply shows is taken from there, so that a filter and a
/// reply cannot differ.
pub fn field(ctx: &Ctx, row: &Rc<Instance>, name: &str) -> Option<Vec<String>> {
    if let Some(rest) = name.strip_prefix("network-interface.") {
        let mut values = Vec::new();
        for i in view::interfaces(ctx, row) {
            values.extend(interface_field(ctx, &i, rest)?);
        }
        return Some(values);
    }
    let switch = |on: bool| lists::one(if on { "enabled" } else { "disabled" });
    // The cheap ones, which are asked for most, without the whole.
    Some(match name {
        "availability-zone" => lists::one(&row.az),
        "availability-zone-id" => lists::one(zone_id(ctx.settings, &row.az)),
        "block-device-mapping.attach-time" => lists::one(names::iso(row.launched)),
        "block-device-mapping.volume-id" => lists::one(row.root_volume),
        "client-token" => lists::some(row.client_token.as_ref()),
        "image-id" => lists::one(&row.image),
        "instance-id" => lists::one(row.id),
        "instance-state-code" => lists::one(row.state.code()),
        "instance-state-name" => lists::one(row.state.name()),
        "instance-type" => lists::one(&row.instance_type),
        "key-name" => lists::some(row.key_name.as_ref()),
        "launch-index" => lists::one(row.launch_index),
        "launch-time" | "usage-operation-update-time" => lists::one(names::iso(row.launched)),
        "metadata-options.http-endpoint" => switch(row.metadata.enabled),
        "metadata-options.http-put-response-hop-limit" => lists::one(row.metadata.hop_limit),
        "metadata-options.http-tokens" => lists::one(if row.metadata.tokens_required { "required" } else { "optional" }),
        "metadata-options.instance-metadata-tags" => switch(row.metadata.instance_tags),
        "monitoring-state" => switch(row.monitoring),
        "owner-id" => lists::one(&row.account),
        "private-dns-name-options.hostname-type" => lists::one(&row.hostname_type),
        "reason" => lists::one(&row.transition_reason),
        "reservation-id" => lists::one(row.reservation),
        "state-reason-code" => lists::some(row.state_reason.as_ref().map(|r| &r.code)),
        "state-reason-message" => lists::some(row.state_reason.as_ref().map(|r| &r.message)),
        "architecture" => lists::one("x86_64"),
        "block-device-mapping.delete-on-termination" | "ena-support" => lists::one(true),
        "block-device-mapping.status" => lists::one("attached"),
        "ebs-optimized" | "enclave-options.enabled" | "hibernation-options.configured" | "operator.managed" => lists::one(false),
        "hypervisor" => lists::one(view::hypervisor(row)),
        "maintenance-options.auto-recovery" => lists::one(maintenance::auto_recovery(row)),
        "tenancy" => lists::one(row.tenancy.name()),
        "placement-group-name" => lists::some(groups::of_instance(ctx, row).map(|g| g.name.clone())),
        "placement-partition-number" => lists::some(row.group.as_ref().and_then(|g| g.partition)),
        "platform-details" => lists::one("Linux/UNIX"),
        "root-device-type" => lists::one("ebs"),
        "iam-instance-profile.arn" => lists::some(row.profile.as_ref().map(|p| &p.profile_arn)),
        "iam-instance-profile.id" => lists::some(row.profile.as_ref().map(|p| &p.profile_id)),
        "instance-lifecycle" => lists::some(row.spot.as_ref().map(|_| "spot")),
        "spot-instance-request-id" => lists::some(row.spot.as_ref().map(|s| s.request)),
        "usage-operation" => lists::one("RunInstances"),
        "virtualization-type" => lists::one(view::virtualization_type(row)),
        "kernel-id" | "outpost-arn" | "platform" | "product-code" | "product-code.type" | "ramdisk-id" | "requester-id" => {
            Vec::new()
        }
        _ => return whole_field(ctx, row, name),
    })
}

fn whole_field(ctx: &Ctx, row: &Instance, name: &str) -> Option<Vec<String>> {
    let i = view::instance(ctx, row);
    let groups = i.security_groups.as_deref().unwrap_or_default();
    Some(match name {
        "affinity" => lists::some(i.placement.and_then(|p| p.affinity)),
        "host-id" => lists::some(i.placement.and_then(|p| p.host_id)),
        "block-device-mapping.device-name" | "root-device-name" => lists::some(i.root_device_name),
        "dns-name" => lists::some(i.public_dns_name.filter(|n| !n.is_empty())),
        "instance.group-id" => groups.iter().filter_map(|g| g.group_id.clone()).collect(),
        "instance.group-name" => groups.iter().filter_map(|g| g.group_name.clone()).collect(),
        "ip-address" => lists::some(i.public_ip_address),
        // Of all its interfaces.
        "ipv6-address" => view::interfaces(ctx, row).iter().flat_map(|i| i.ipv6.iter().map(|ip| ip.to_string())).collect(),
        "private-dns-name" => lists::some(i.private_dns_name),
        "private-ip-address" => lists::some(i.private_ip_address),
        "source-dest-check" => lists::some(i.source_dest_check),
        "subnet-id" => lists::some(i.subnet_id),
        "vpc-id" => lists::some(i.vpc_id),
        _ => return None,
    })
}

fn interface_field(ctx: &Ctx, row: &Interface, name: &str) -> Option<Vec<String>> {
    let i = view_of(ctx, row);
    let groups = i.groups.as_deref().unwrap_or_default();
    let attachment = i.attachment.as_ref();
    let association = i.association.as_ref();
    let addresses = i.private_ip_addresses.as_deref().unwrap_or_default();
    let elastic = || ctx.db.list::<Address>(&row.account).find(|a| a.association.as_ref().is_some_and(|x| x.interface == row.id));
    Some(match name {
        "addresses.association.public-ip" => addresses.iter().filter_map(|a| a.association.as_ref()?.public_ip.clone()).collect(),
        "addresses.association.ip-owner-id" => {
            addresses.iter().filter_map(|a| a.association.as_ref()?.ip_owner_id.clone()).collect()
        }
        "addresses.primary" => addresses.iter().filter_map(|a| a.primary.map(|p| p.to_string())).collect(),
        "addresses.private-ip-address" => addresses.iter().filter_map(|a| a.private_ip_address.clone()).collect(),
        "association.allocation-id" => lists::some(elastic().map(|a| a.allocation)),
        "association.association-id" => lists::some(elastic().and_then(|a| a.association.as_ref().map(|x| x.id))),
        "association.ip-owner-id" => lists::some(association.and_then(|a| a.ip_owner_id.as_ref())),
        "association.public-ip" => lists::some(association.and_then(|a| a.public_ip.as_ref())),
        "attachment.attach-time" => lists::some(attachment.and_then(|a| a.attach_time).map(names::iso)),
        "attachment.attachment-id" => lists::some(attachment.and_then(|a| a.attachment_id.as_ref())),
        "attachment.delete-on-termination" => lists::some(attachment.and_then(|a| a.delete_on_termination)),
        "attachment.device-index" => lists::some(attachment.and_then(|a| a.device_index)),
        "attachment.instance-id" => lists::some(row.attachment.as_ref().map(|a| a.instance)),
        "attachment.instance-owner-id" | "owner-id" => lists::some(i.owner_id.as_ref()),
        "attachment.status" => lists::some(attachment.and_then(|a| a.status.as_ref())),
        "availability-zone" => lists::one(&row.az),
        "description" => lists::some(i.description.as_ref()),
        "group-id" => groups.iter().filter_map(|g| g.group_id.clone()).collect(),
        "group-name" => groups.iter().filter_map(|g| g.group_name.clone()).collect(),
        "mac-address" => lists::some(i.mac_address.as_ref()),
        "network-interface-id" => lists::one(row.id),
        "private-dns-name" => lists::some(i.private_dns_name.as_ref()),
        "private-ip-address" => lists::some(i.private_ip_address.as_ref()),
        "requester-managed" => lists::one(false),
        "source-dest-check" => lists::one(row.source_dest_check),
        "status" => lists::some(i.status.as_ref()),
        "subnet-id" => lists::one(row.subnet),
        "vpc-id" => lists::one(row.vpc),
        "ipv6-addresses.ipv6-address" => row.ipv6.iter().map(|ip| ip.to_string()).collect(),
        "requester-id" => Vec::new(),
        _ => return None,
    })
}

fn view_of(ctx: &Ctx, row: &Interface) -> ec2::InstanceNetworkInterface {
    crate::ec2::network::to_instance_interface(ctx, row)
}
