//! Subnets: a zone's part of a VPC's addresses.

use super::block::parse_cidr;
use super::interface::{RESERVED_ADDRESSES, addresses_used};
use super::lookup::{Listing, find, many, one, required};
use super::zone::{zone_id, zone_list, zone_named, zone_with_id};
use super::{quota, subnet_ipv6, vpc};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Interface, RouteTable, Subnet, TransitAttachment, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use std::rc::Rc;
use types::{AzName, Ipv4Cidr, NetworkAclAssociationId, SubnetId};

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateSubnetRequest>(
        &["VpcId", "CidrBlock", "Ipv6CidrBlock", "AvailabilityZone", "AvailabilityZoneId"],
        &["subnet"],
        create,
    );
    table.op::<ec2::DeleteSubnetRequest>(&["SubnetId"], &[], delete);
    table.op::<ec2::DescribeSubnetsRequest>(&["SubnetId.N"], &[], describe);
    table.op::<ec2::ModifySubnetAttributeRequest>(
        &[
            "SubnetId",
            "MapPublicIpOnLaunch.Value",
            "PrivateDnsHostnameTypeOnLaunch",
            "EnableResourceNameDnsARecordOnLaunch.Value",
            "AssignIpv6AddressOnCreation.Value",
            // Only to be switched off, which they are.
            "EnableDns64.Value",
            "EnableResourceNameDnsAAAARecordOnLaunch.Value",
            "MapCustomerOwnedIpOnLaunch.Value",
        ],
        &[],
        modify,
    );
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateSubnetRequest>) -> OpResult<ec2::CreateSubnetResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let cidr = parse_cidr(required(&req.cidr_block, "CidrBlock")?, "cidrBlock")?.canonical();
    let az = match (req.availability_zone.as_deref(), req.availability_zone_id.as_deref()) {
        (Some(_), Some(_)) => {
            let message = "Only one of AvailabilityZone and AvailabilityZoneId may be specified.";
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
        (Some(name), None) => zone_named(ctx, name).ok_or_else(|| no_such_zone(ctx, name, "availabilityZone"))?,
        (None, Some(id)) => zone_with_id(ctx, id).ok_or_else(|| no_such_zone(ctx, id, "availabilityZoneId"))?,
        (None, None) => emptiest_zone(ctx, &vpc)?,
    };
    let ipv6 = req.ipv6_cidr_block.as_deref().map(|text| subnet_ipv6::new_block(ctx, &vpc, text)).transpose()?;
    let mut subnet = new_subnet(ctx, &vpc, cidr, az)?;
    subnet.ipv6 = ipv6;
    ctx.db.put(subnet.clone());
    ctx.tag(subnet.id, tags::specified(&req.tag_specifications, "subnet")?)?;
    let mut shown = to_ec2_subnet(ctx, &subnet, 0);
    shown.ipv6_cidr_block_association_set = Some(subnet.ipv6.iter().map(|c| subnet_ipv6::to_ec2(c, "associating")).collect());
    Ok(ec2::CreateSubnetResult { subnet: Some(shown) })
}

fn no_such_zone(ctx: &Ctx, given: &str, parameter: &str) -> AwsError {
    let zones = zone_list(ctx);
    let sentence = format!("Subnets can currently only be created in the following availability zones: {zones}.");
    AwsError::invalid_value(parameter, given, &sentence)
}

/// Where the VPC has the fewest subnets.
fn emptiest_zone(ctx: &Ctx, vpc: &Vpc) -> Result<AzName, AwsError> {
    let count = |az: &AzName| ctx.db.list::<Subnet>(&vpc.account).filter(|s| s.vpc == vpc.id && s.az == *az).count();
    let zone = ctx.settings.zones().into_iter().min_by_key(|az| count(az));
    zone.cloned().ok_or_else(|| AwsError::internal("The region has no zone."))
}

/// Checks and writes a subnet that has no special attributes.
pub(super) fn new_subnet(ctx: &mut Ctx, vpc: &Vpc, cidr: Ipv4Cidr, az: AzName) -> Result<Subnet, AwsError> {
    if !vpc::BLOCK_LENGTHS.contains(&cidr.prefix_len()) || !vpc.cidrs().iter().any(|c| c.contains_cidr(cidr)) {
        return Err(AwsError::new("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    let mut count = 0;
    for other in ctx.db.list::<Subnet>(&vpc.account).filter(|s| s.vpc == vpc.id) {
        count += 1;
        if other.cidr.overlaps(cidr) {
            return Err(AwsError::new("InvalidSubnet.Conflict", format!("The CIDR '{cidr}' conflicts with another subnet")));
        }
    }
    if count >= ctx.quota(&quota::SUBNETS_PER_VPC) {
        let message = format!("The maximum number of subnets for VPC '{}' has been reached.", vpc.id);
        return Err(AwsError::new("SubnetLimitExceeded", message));
    }
    let subnet = Subnet {
        account: vpc.account.clone(),
        id: ctx.new_id(SubnetId::from_random),
        vpc: vpc.id,
        az,
        cidr,
        ipv6: None,
        assign_ipv6: false,
        map_public_ip_on_launch: false,
        default_for_az: false,
        network_acl: None,
        network_acl_association: ctx.new_id(NetworkAclAssociationId::from_random),
        hostname_type: "ip-name".to_owned(),
        resource_name_dns_a: false,
    };
    ctx.db.put(subnet.clone());
    Ok(subnet)
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteSubnetRequest>) -> OpResult<()> {
    let subnet = find::<Subnet>(ctx, required(&req.subnet_id, "SubnetId")?)?;
    if ctx.db.list::<Interface>(&subnet.account).any(|i| i.subnet == subnet.id) {
        let message = format!("The subnet '{}' has dependencies and cannot be deleted.", subnet.id);
        return Err(AwsError::dependency_violation(message).into());
    }
    if ctx.db.list::<TransitAttachment>(&subnet.account).any(|a| a.subnets.contains(&subnet.id)) {
        let message = format!("The subnet '{}' has dependencies and cannot be deleted.", subnet.id);
        return Err(AwsError::dependency_violation(message).into());
    }
    let explicit = |t: &Rc<RouteTable>| t.associations.iter().any(|a| a.subnet == Some(subnet.id));
    let tables: Vec<_> = ctx.db.list::<RouteTable>(&subnet.account).filter(explicit).collect();
    for table in tables {
        let gone = |t: &mut RouteTable| t.associations.retain(|a| a.subnet != Some(subnet.id));
        ctx.db.update::<RouteTable>(&table.account, table.id, gone);
    }
    ctx.untag(subnet.id);
    ctx.db.delete::<Subnet>(&subnet.account, subnet.id);
    Ok(())
}

const FILTERS: &[&str] = &[
    "availability-zone",
    "availabilityZone",
    "availability-zone-id",
    "availabilityZoneId",
    "available-ip-address-count",
    "cidr",
    "cidr-block",
    "cidrBlock",
    "customer-owned-ipv4-pool",
    "default-for-az",
    "defaultForAz",
    "enable-dns64",
    "ipv6-cidr-block-association.association-id",
    "ipv6-cidr-block-association.ipv6-cidr-block",
    "ipv6-cidr-block-association.state",
    "ipv6-native",
    "map-customer-owned-ip-on-launch",
    "map-public-ip-on-launch",
    "outpost-arn",
    "owner-id",
    "private-dns-name-options-on-launch.hostname-type",
    "private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
    "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record",
    "state",
    "subnet-arn",
    "subnet-id",
    "vpc-id",
];

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeSubnetsRequest>) -> OpResult<ec2::DescribeSubnetsResult> {
    let listing =
        Listing { ids: &req.subnet_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    // Counted once for all subnets.
    let mut used: BTreeMap<SubnetId, u64> = BTreeMap::new();
    for i in ctx.db.list::<Interface>(&ctx.caller.account) {
        *used.entry(i.subnet).or_default() += i.ipv4.len() as u64;
    }
    let used_of = |s: &Subnet| used.get(&s.id).copied().unwrap_or_default();
    let (rows, next_token) = listing.rows::<Subnet>(ctx, FILTERS, |s, name| match name {
        "availability-zone" | "availabilityZone" => one(&s.az),
        "availability-zone-id" | "availabilityZoneId" => one(zone_id(ctx.settings, &s.az)),
        "available-ip-address-count" => one(available(s, used_of(s))),
        "cidr" | "cidr-block" | "cidrBlock" => one(s.cidr),
        "default-for-az" | "defaultForAz" => one(s.default_for_az),
        "ipv6-cidr-block-association.association-id" => many(s.ipv6.iter().map(|c| c.association)),
        "ipv6-cidr-block-association.ipv6-cidr-block" => many(s.ipv6.iter().map(|c| c.cidr)),
        "ipv6-cidr-block-association.state" => many(s.ipv6.iter().map(|_| "associated")),
        "enable-dns64" | "ipv6-native" | "map-customer-owned-ip-on-launch" => one(false),
        "map-public-ip-on-launch" => one(s.map_public_ip_on_launch),
        "owner-id" => one(&s.account),
        "private-dns-name-options-on-launch.hostname-type" => one(&s.hostname_type),
        "private-dns-name-options-on-launch.enable-resource-name-dns-a-record" => one(s.resource_name_dns_a),
        "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record" => one(false),
        "state" => one("available"),
        "subnet-arn" => one(ctx.arn(&format!("subnet/{}", s.id))),
        "subnet-id" => one(s.id),
        "vpc-id" => one(s.vpc),
        name if FILTERS.contains(&name) => many::<String>([]),
        _ => None,
    })?;
    let subnets = rows.iter().map(|s| to_ec2_subnet(ctx, s, used_of(s))).collect();
    Ok(ec2::DescribeSubnetsResult { subnets: Some(subnets), next_token })
}

fn available(s: &Subnet, used: u64) -> i32 {
    s.cidr.size().saturating_sub(RESERVED_ADDRESSES + used) as i32
}

pub(super) fn to_ec2_subnet(ctx: &Ctx, s: &Subnet, used: u64) -> ec2::Subnet {
    ec2::Subnet {
        assign_ipv6_address_on_creation: Some(s.assign_ipv6),
        availability_zone: Some(s.az.to_string()),
        availability_zone_id: Some(zone_id(ctx.settings, &s.az)),
        available_ip_address_count: Some(available(s, used)),
        block_public_access_states: Some(ec2::BlockPublicAccessStates { internet_gateway_block_mode: Some("off".to_owned()) }),
        cidr_block: Some(s.cidr.to_string()),
        default_for_az: Some(s.default_for_az),
        enable_dns64: Some(false),
        ipv6_cidr_block_association_set: Some(s.ipv6.iter().map(|c| subnet_ipv6::to_ec2(c, "associated")).collect()),
        ipv6_native: Some(false),
        map_customer_owned_ip_on_launch: Some(false),
        map_public_ip_on_launch: Some(s.map_public_ip_on_launch),
        owner_id: Some(s.account.to_string()),
        private_dns_name_options_on_launch: Some(ec2::PrivateDnsNameOptionsOnLaunch {
            enable_resource_name_dns_aaaa_record: Some(false),
            enable_resource_name_dns_a_record: Some(s.resource_name_dns_a),
            hostname_type: Some(s.hostname_type.clone()),
        }),
        state: Some("available".to_owned()),
        subnet_arn: Some(ctx.arn(&format!("subnet/{}", s.id))),
        subnet_id: Some(s.id.to_string()),
        tags: ctx.tag_list(s.id),
        vpc_id: Some(s.vpc.to_string()),
        ..Default::default()
    }
}

fn modify(ctx: &mut Ctx, req: Authorized<ec2::ModifySubnetAttributeRequest>) -> OpResult<()> {
    let subnet = find::<Subnet>(ctx, required(&req.subnet_id, "SubnetId")?)?;
    let value = |v: &Option<ec2::AttributeBooleanValue>| v.as_ref().and_then(|v| v.value);
    let never = [
        ("EnableDns64", value(&req.enable_dns64)),
        ("EnableResourceNameDnsAAAARecordOnLaunch", value(&req.enable_resource_name_dns_aaaa_record_on_launch)),
        ("MapCustomerOwnedIpOnLaunch", value(&req.map_customer_owned_ip_on_launch)),
    ];
    if let Some((name, _)) = never.iter().find(|(_, v)| *v == Some(true)) {
        return Err(AwsError::unsupported_operation(format!("{name} cannot be switched on in this region.")).into());
    }
    let map_public = value(&req.map_public_ip_on_launch);
    let assign_ipv6 = value(&req.assign_ipv6_address_on_creation);
    let dns_a = value(&req.enable_resource_name_dns_a_record_on_launch);
    let hostname_type = req.private_dns_hostname_type_on_launch.clone();
    let given = never.iter().filter(|(_, v)| v.is_some()).count()
        + usize::from(map_public.is_some())
        + usize::from(assign_ipv6.is_some())
        + usize::from(dns_a.is_some())
        + usize::from(hostname_type.is_some());
    if given != 1 {
        let message = "Exactly one attribute of the subnet must be specified.";
        return Err(AwsError::invalid_parameter_combination(message).into());
    }
    if assign_ipv6 == Some(true) && subnet.ipv6.is_none() {
        let message = format!(
            "Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation to true unless the subnet ({}) has an IPv6 CIDR block associated with it.",
            subnet.id
        );
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    if let Some(kind) = hostname_type.as_deref().filter(|k| !matches!(*k, "ip-name" | "resource-name")) {
        return Err(AwsError::invalid_value("privateDnsHostnameTypeOnLaunch", kind, "Expected ip-name or resource-name.").into());
    }
    ctx.db.update::<Subnet>(&subnet.account, subnet.id, |s| {
        s.map_public_ip_on_launch = map_public.unwrap_or(s.map_public_ip_on_launch);
        s.assign_ipv6 = assign_ipv6.unwrap_or(s.assign_ipv6);
        s.resource_name_dns_a = dns_a.unwrap_or(s.resource_name_dns_a);
        s.hostname_type = hostname_type.unwrap_or_else(|| s.hostname_type.clone());
    });
    Ok(())
}

/// Where an instance goes: the named subnet, or the default VPC's default subnet of the zone (of the one with most room if
/// no zone is named).
pub fn find_launch_subnet(ctx: &Ctx, subnet: Option<&str>, az: Option<&str>) -> OpResult<Rc<Subnet>> {
    let zone = match az {
        None => None,
        Some(name) => Some(zone_named(ctx, name).ok_or_else(|| {
            AwsError::invalid_parameter_value(format!(
                "Invalid availability zone: [{}]",
                name.chars().take(64).collect::<String>()
            ))
        })?),
    };
    if let Some(id) = subnet {
        let subnet = find::<Subnet>(ctx, id)?;
        if let Some(zone) = zone.filter(|z| *z != subnet.az) {
            let message = format!("The subnet '{}' is in availability zone {}, not in {zone}.", subnet.id, subnet.az);
            return Err(AwsError::invalid_parameter_value(message).into());
        }
        return Ok(subnet);
    }
    let vpc = vpc::default_vpc(ctx).ok_or_else(vpc::no_default_vpc)?;
    let candidates = default_subnets(ctx, &vpc);
    if let Some(zone) = zone {
        let message = || format!("No default subnet for availability zone: '{zone}'.");
        let here = candidates.into_iter().find(|s| s.az == zone);
        return here.ok_or_else(|| AwsError::new("MissingInput", message()).into());
    }
    candidates.into_iter().next().ok_or_else(|| {
        let message = format!("No subnets found for the default VPC '{}'. Please specify a subnet.", vpc.id);
        AwsError::new("MissingInput", message).into()
    })
}

/// The default VPC's default subnets, the one with most room first, then by zone.
fn default_subnets(ctx: &Ctx, vpc: &Vpc) -> Vec<Rc<Subnet>> {
    let mut subnets: Vec<_> = ctx.db.list::<Subnet>(&vpc.account).filter(|s| s.vpc == vpc.id && s.default_for_az).collect();
    let room = |s: &Rc<Subnet>| available(s, addresses_used(ctx.db, &s.account, s.id));
    subnets.sort_by_key(|s| (std::cmp::Reverse(room(s)), s.az.clone()));
    subnets
}

/// The zones to try, in order, for an instance whose launcher leaves the zone open. Zones where none of the account's cells reports come
/// late, and those that are impaired last: where there is no other, the launch fails as one into them does.
pub fn launch_zones(ctx: &Ctx) -> Vec<AzName> {
    let Some(vpc) = vpc::default_vpc(ctx) else { return Vec::new() };
    let mut zones: Vec<AzName> = default_subnets(ctx, &vpc).iter().map(|s| s.az.clone()).collect();
    let shard = |az: &AzName| ctx.db.cells.shard(&ctx.caller.account, az, ctx.now);
    let dark = |az: &AzName| shard(az).iter().all(|c| ctx.db.cells.is_impaired(c, ctx.now));
    zones.sort_by_key(|az| (crate::zones::is_impaired(ctx.db, az), dark(az)));
    zones
}
