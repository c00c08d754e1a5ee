//! Network interfaces as replies show them: DescribeNetworkInterfaces, and the part of DescribeInstances.

use super::address::{self, AssociatedAddress};
use super::lookup::{Listing, many, one};
use super::zone::{private_dns_name, zone_id};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Interface, SecurityGroup, Vpc};
use aws_protocol::ec2;
use std::net::{Ipv4Addr, Ipv6Addr};

const FILTERS: &[&str] = &[
    "addresses.association.owner-id",
    "addresses.association.public-ip",
    "addresses.primary",
    "addresses.private-ip-address",
    "association.allocation-id",
    "association.association-id",
    "association.ip-owner-id",
    "association.public-dns-name",
    "association.public-ip",
    "attachment.attach-time",
    "attachment.attachment-id",
    "attachment.delete-on-termination",
    "attachment.device-index",
    "attachment.instance-id",
    "attachment.instance-owner-id",
    "attachment.nat-gateway-id",
    "attachment.status",
    "availability-zone",
    "availability-zone-id",
    "description",
    "group-id",
    "group-name",
    "interface-type",
    "ipv6-addresses.ipv6-address",
    "mac-address",
    "network-interface-id",
    "operator.managed",
    "operator.principal",
    "owner-id",
    "private-dns-name",
    "private-ip-address",
    "requester-id",
    "requester-managed",
    "source-dest-check",
    "status",
    "subnet-id",
    "vpc-id",
];

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeNetworkInterfacesRequest>(&["NetworkInterfaceId.N", "IncludeManagedResources"], &[], describe);
}

fn describe(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeNetworkInterfacesRequest>,
) -> OpResult<ec2::DescribeNetworkInterfacesResult> {
    let listing = Listing {
        ids: &req.network_interface_ids,
        filters: &req.filters,
        max_results: req.max_results,
        next_token: &req.next_token,
    };
    let (rows, next_token) = listing.rows::<Interface>(ctx, FILTERS, |i, name| field(ctx, i, name))?;
    let network_interfaces = Some(rows.iter().map(|i| to_ec2_interface(ctx, i)).collect());
    Ok(ec2::DescribeNetworkInterfacesResult { network_interfaces, next_token })
}

fn field(ctx: &Ctx, i: &Interface, name: &str) -> Option<Vec<String>> {
    let attachment = i.attachment.as_ref();
    let associations = || i.ipv4.iter().filter_map(|ip| address::associated(ctx.db, i, *ip));
    match name {
        "addresses.association.owner-id" | "association.ip-owner-id" => many(associations().map(|a| ip_owner(ctx, i, &a))),
        "addresses.association.public-ip" | "association.public-ip" => many(associations().map(|a| a.public_ip)),
        "addresses.primary" => many((0..i.ipv4.len()).map(|n| n == 0)),
        "addresses.private-ip-address" => many(&i.ipv4),
        "association.allocation-id" => many(associations().filter_map(|a| a.elastic.map(|(allocation, _)| allocation))),
        "association.association-id" => many(associations().filter_map(|a| a.elastic.map(|(_, association)| association))),
        "attachment.attach-time" => many(attachment.map(|a| time_text(a.attached))),
        "attachment.attachment-id" => many(attachment.map(|a| a.id)),
        "attachment.delete-on-termination" => many(attachment.map(|a| a.delete_on_termination)),
        "attachment.device-index" => many(attachment.map(|a| a.device_index)),
        "attachment.instance-id" => many(attachment.map(|a| a.instance)),
        "attachment.instance-owner-id" => many(attachment.map(|_| &i.account)),
        "attachment.status" => many(attachment.map(|a| a.status.name()).or(i.is_managed().then_some("attached"))),
        "attachment.nat-gateway-id" => many(i.nat_gateway),
        "availability-zone" => one(&i.az),
        "availability-zone-id" => one(zone_id(ctx.settings, &i.az)),
        "description" => one(&i.description),
        "group-id" => many(&i.groups),
        "group-name" => many(groups(ctx, i).into_iter().filter_map(|g| g.group_name)),
        "interface-type" => one(kind(i)),
        "ipv6-addresses.ipv6-address" => many(&i.ipv6),
        "mac-address" => one(i.mac),
        "network-interface-id" => one(i.id),
        "operator.managed" => one(false),
        "requester-id" => many(requester(i)),
        "requester-managed" => one(i.is_managed()),
        "owner-id" => one(&i.account),
        "private-dns-name" => many(dns_name(ctx, i)),
        "private-ip-address" => many(i.ipv4.first()),
        "source-dest-check" => one(i.source_dest_check),
        "status" => one(status(i)),
        "subnet-id" => one(i.subnet),
        "vpc-id" => one(i.vpc),
        // Nothing here has one.
        name if FILTERS.contains(&name) => Some(Vec::new()),
        _ => None,
    }
}

/// As replies spell a time.
pub(super) fn time_text(at: types::TimestampMs) -> String {
    jiff::Timestamp::from_millisecond(at.0 as i64).map(|t| format!("{t:.3}")).unwrap_or_default()
}

fn status(i: &Interface) -> &'static str {
    if i.attachment.is_some() || i.is_managed() { "in-use" } else { "available" }
}

fn kind(i: &Interface) -> &'static str {
    match &i.load_balancer {
        _ if i.nat_gateway.is_some() => "nat_gateway",
        Some(path) if path.starts_with("net/") => "network_load_balancer",
        _ => "interface",
    }
}

/// The service that keeps it.
fn requester(i: &Interface) -> Option<&'static str> {
    if i.load_balancer.is_some() { Some("amazon-elb") } else { i.nat_gateway.map(|_| "amazon-aws") }
}

/// What EC2 shows of an interface that a service keeps, which is attached to no instance of anybody's.
fn managed_attachment(i: &Interface) -> Option<ec2::NetworkInterfaceAttachment> {
    requester(i).map(|owner| ec2::NetworkInterfaceAttachment {
        attachment_id: Some(i.id.to_string().replace("eni-", "ela-attach-")),
        delete_on_termination: Some(false),
        device_index: Some(1),
        instance_owner_id: Some(owner.to_owned()),
        status: Some("attached".to_owned()),
        ..Default::default()
    })
}

pub fn groups(ctx: &Ctx, i: &Interface) -> Vec<ec2::GroupIdentifier> {
    i.groups
        .iter()
        .map(|id| ec2::GroupIdentifier {
            group_id: Some(id.to_string()),
            group_name: ctx.db.get::<SecurityGroup>(&i.account, id).map(|g| g.name.clone()),
        })
        .collect()
}

/// Interfaces have a name where the VPC gives host names.
fn dns_name(ctx: &Ctx, i: &Interface) -> Option<String> {
    let vpc = ctx.db.get::<Vpc>(&i.account, i.vpc)?;
    let ip = i.ipv4.first().filter(|_| vpc.dns_hostnames)?;
    Some(private_dns_name(ctx.settings, *ip))
}

fn ip_owner(ctx: &Ctx, i: &Interface, a: &AssociatedAddress) -> String {
    match (&a.elastic, &i.load_balancer) {
        (Some(_), _) => ctx.caller.account.to_string(),
        (None, Some(_)) => "amazon-elb".to_owned(),
        (None, None) => "amazon".to_owned(),
    }
}

pub fn attachment(i: &Interface) -> Option<ec2::NetworkInterfaceAttachment> {
    i.attachment.as_ref().map(|a| ec2::NetworkInterfaceAttachment {
        attach_time: Some(a.attached),
        attachment_id: Some(a.id.to_string()),
        delete_on_termination: Some(a.delete_on_termination),
        device_index: Some(a.device_index as i32),
        instance_id: Some(a.instance.to_string()),
        instance_owner_id: Some(i.account.to_string()),
        network_card_index: Some(0),
        status: Some(a.status.name().to_owned()),
        ..Default::default()
    })
}

fn operator() -> ec2::OperatorResponse {
    ec2::OperatorResponse { managed: Some(false), ..Default::default() }
}

/// For DescribeNetworkInterfaces. Public names are empty: nobody would resolve them.
pub fn to_ec2_interface(ctx: &Ctx, i: &Interface) -> ec2::NetworkInterface {
    let association = |ip: &Ipv4Addr| {
        address::associated(ctx.db, i, *ip).map(|a| ec2::NetworkInterfaceAssociation {
            allocation_id: a.elastic.map(|(allocation, _)| allocation.to_string()),
            association_id: a.elastic.map(|(_, association)| association.to_string()),
            ip_owner_id: Some(ip_owner(ctx, i, &a)),
            public_dns_name: Some(String::new()),
            public_ip: Some(a.public_ip.to_string()),
            ..Default::default()
        })
    };
    let address6 = |ip: &Ipv6Addr| ec2::NetworkInterfaceIpv6Address {
        ipv6_address: Some(ip.to_string()),
        is_primary_ipv6: Some(false),
        ..Default::default()
    };
    let name = dns_name(ctx, i);
    let addresses = i.ipv4.iter().enumerate().map(|(n, ip)| ec2::NetworkInterfacePrivateIpAddress {
        association: association(ip),
        primary: Some(n == 0),
        private_dns_name: name.as_ref().map(|_| private_dns_name(ctx.settings, *ip)),
        private_ip_address: Some(ip.to_string()),
    });
    ec2::NetworkInterface {
        association: i.ipv4.first().and_then(association),
        attachment: attachment(i).or_else(|| managed_attachment(i)),
        availability_zone: Some(i.az.to_string()),
        availability_zone_id: Some(zone_id(ctx.settings, &i.az)),
        description: Some(i.description.clone()),
        groups: Some(groups(ctx, i)),
        interface_type: Some(kind(i).to_owned()),
        ipv6_address: i.ipv6.first().map(Ipv6Addr::to_string),
        ipv6_addresses: Some(i.ipv6.iter().map(address6).collect()),
        mac_address: Some(i.mac.to_string()),
        network_interface_id: Some(i.id.to_string()),
        operator: Some(operator()),
        owner_id: Some(i.account.to_string()),
        private_dns_name: name.clone(),
        private_ip_address: i.ipv4.first().map(Ipv4Addr::to_string),
        private_ip_addresses: Some(addresses.collect()),
        requester_id: requester(i).map(str::to_owned),
        requester_managed: Some(i.is_managed()),
        source_dest_check: Some(i.source_dest_check),
        status: Some(status(i).to_owned()),
        subnet_id: Some(i.subnet.to_string()),
        tag_set: ctx.tag_list(i.id),
        vpc_id: Some(i.vpc.to_string()),
        ..Default::default()
    }
}

/// For DescribeInstances.
pub fn to_instance_interface(ctx: &Ctx, i: &Interface) -> ec2::InstanceNetworkInterface {
    let association = |ip: &Ipv4Addr| {
        address::associated(ctx.db, i, *ip).map(|a| ec2::InstanceNetworkInterfaceAssociation {
            ip_owner_id: Some(ip_owner(ctx, i, &a)),
            public_dns_name: Some(String::new()),
            public_ip: Some(a.public_ip.to_string()),
            ..Default::default()
        })
    };
    let address6 = |ip: &Ipv6Addr| ec2::InstanceIpv6Address { ipv6_address: Some(ip.to_string()), is_primary_ipv6: Some(false) };
    let name = dns_name(ctx, i);
    let addresses = i.ipv4.iter().enumerate().map(|(n, ip)| ec2::InstancePrivateIpAddress {
        association: association(ip),
        primary: Some(n == 0),
        private_dns_name: name.as_ref().map(|_| private_dns_name(ctx.settings, *ip)),
        private_ip_address: Some(ip.to_string()),
    });
    ec2::InstanceNetworkInterface {
        association: i.ipv4.first().and_then(association),
        attachment: i.attachment.as_ref().map(|a| ec2::InstanceNetworkInterfaceAttachment {
            attach_time: Some(a.attached),
            attachment_id: Some(a.id.to_string()),
            delete_on_termination: Some(a.delete_on_termination),
            device_index: Some(a.device_index as i32),
            network_card_index: Some(0),
            status: Some(a.status.name().to_owned()),
            ..Default::default()
        }),
        description: Some(i.description.clone()),
        groups: Some(groups(ctx, i)),
        interface_type: Some("interface".to_owned()),
        ipv6_addresses: Some(i.ipv6.iter().map(address6).collect()),
        mac_address: Some(i.mac.to_string()),
        network_interface_id: Some(i.id.to_string()),
        operator: Some(operator()),
        owner_id: Some(i.account.to_string()),
        private_dns_name: name.clone(),
        private_ip_address: i.ipv4.first().map(Ipv4Addr::to_string),
        private_ip_addresses: Some(addresses.collect()),
        source_dest_check: Some(i.source_dest_check),
        status: Some(status(i).to_owned()),
        subnet_id: Some(i.subnet.to_string()),
        vpc_id: Some(i.vpc.to_string()),
        ..Default::default()
    }
}
