//! VPCs: making one makes its main route table, default group and default network ACL; deleting one takes them with it.

use super::block::parse_cidr;
use super::lookup::{Listing, find, many, one, required};
use super::{endpoint, network_acl, peering, quota, security_group, vpc_cidr, vpc_ipv6};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::system_account;
use crate::dispatch::Table;
use crate::rows::{
    Counter, EgressOnlyGateway, Interface, InternetGateway, NetworkAcl, RouteRow, RouteRowTarget, RouteTable,
    RouteTableAssociation, SecurityGroup, Subnet, TransitAttachment, Vpc, VpcCidr, VpcEndpoint,
};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{
    DhcpOptionsId, Ipv4Cidr, NetworkAclId, RouteTableAssociationId, RouteTableId, SecurityGroupId, Vni, VpcCidrAssociationId,
    VpcId,
};

pub use super::default_vpc::create_default_vpc;
pub use super::security_group::resolve_groups;
pub use super::subnet::find_launch_subnet;

/// The sizes that a VPC or a subnet may have.
pub const BLOCK_LENGTHS: std::ops::RangeInclusive<u8> = 16..=28;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateVpcRequest>(
        &["CidrBlock", "InstanceTenancy", "AmazonProvidedIpv6CidrBlock", "Ipv6CidrBlockNetworkBorderGroup"],
        &["vpc"],
        create,
    );
    table.op::<ec2::ModifyVpcTenancyRequest>(&["VpcId", "InstanceTenancy"], &[], modify_tenancy);
    table.op::<ec2::DeleteVpcRequest>(&["VpcId"], &[], delete);
    table.op::<ec2::DescribeVpcsRequest>(&["VpcId.N"], &[], describe);
    table.op::<ec2::DescribeVpcAttributeRequest>(&["VpcId", "Attribute"], &[], describe_attribute);
    table.op::<ec2::ModifyVpcAttributeRequest>(
        &["VpcId", "EnableDnsHostnames.Value", "EnableDnsSupport.Value", "EnableNetworkAddressUsageMetrics.Value"],
        &[],
        modify_attribute,
    );
    table.op::<ec2::DescribeVpcClassicLinkRequest>(&["VpcId.N"], &[], describe_classic_link);
    table.op::<ec2::DescribeVpcClassicLinkDnsSupportRequest>(&["VpcIds.N"], &[], describe_classic_link_dns);
}

/// "You can change the instance tenancy attribute of a VPC to default only." Instances that there are stay as they are.
fn modify_tenancy(ctx: &mut Ctx, req: Authorized<ec2::ModifyVpcTenancyRequest>) -> OpResult<ec2::ModifyVpcTenancyResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    match required(&req.instance_tenancy, "InstanceTenancy")? {
        "default" => {}
        other => return Err(AwsError::invalid_value("instanceTenancy", other, "Expected default.").into()),
    }
    if vpc.tenancy == "default" {
        let message = format!("The tenancy of the VPC '{}' is default and cannot be modified.", vpc.id);
        return Err(AwsError::new("InvalidTenancy", message).into());
    }
    ctx.db.update::<Vpc>(&vpc.account, vpc.id, |v| v.tenancy = "default".to_owned());
    Ok(ec2::ModifyVpcTenancyResult { return_value: Some(true) })
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateVpcRequest>) -> OpResult<ec2::CreateVpcResult> {
    let cidr = parse_cidr(required(&req.cidr_block, "CidrBlock")?, "cidrBlock")?.canonical();
    let tenancy = match req.instance_tenancy.as_deref().unwrap_or("default") {
        known @ ("default" | "dedicated") => known,
        other => return Err(AwsError::invalid_value("instanceTenancy", other, "Expected default or dedicated.").into()),
    };
    let border_group = req.ipv6_cidr_block_network_border_group.as_deref();
    let ipv6 = vpc_ipv6::wanted(ctx, req.amazon_provided_ipv6_cidr_block, border_group)?;
    let vpc = Vpc { tenancy: tenancy.to_owned(), ..new_vpc(ctx, cidr, false)? };
    ctx.db.put(vpc.clone());
    ctx.tag(vpc.id, tags::specified(&req.tag_specifications, "vpc")?)?;
    let mut shown = to_ec2_vpc(ctx, &vpc);
    if ipv6 {
        let block = vpc_ipv6::associate(ctx, &vpc)?;
        shown.ipv6_cidr_block_association_set = Some(vec![vpc_ipv6::to_ec2(ctx, &block, "associating")]);
    }
    Ok(ec2::CreateVpcResult { vpc: Some(shown) })
}

/// What may be a block of a VPC at all.
pub(super) fn check_block(ctx: &Ctx, cidr: Ipv4Cidr) -> Result<(), AwsError> {
    // Link-local, loopback, multicast and this network cannot be routed in a guest; a VPC inside the public pool could
    // not tell its own addresses from the world's.
    let no_network = [
        (Ipv4Addr::new(0, 0, 0, 0), 8),
        (Ipv4Addr::LOCALHOST, 8),
        // Where S3 is for gateway endpoints.
        (endpoint::S3_ADDRESSES[0], 24),
        (Ipv4Addr::new(169, 254, 0, 0), 16),
        (Ipv4Addr::new(224, 0, 0, 0), 3),
    ];
    let reserved = no_network.into_iter().filter_map(|(ip, len)| Ipv4Cidr::new(ip, len));
    if !BLOCK_LENGTHS.contains(&cidr.prefix_len()) || reserved.chain([ctx.settings.public_pool]).any(|r| r.overlaps(cidr)) {
        return Err(AwsError::new("InvalidVpc.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    Ok(())
}

/// Checks and writes a VPC with its main route table, default group and default network ACL.
pub(super) fn new_vpc(ctx: &mut Ctx, cidr: Ipv4Cidr, is_default: bool) -> Result<Vpc, AwsError> {
    let account = ctx.caller.account.clone();
    check_block(ctx, cidr)?;
    if ctx.db.list::<Vpc>(&account).count() >= ctx.quota(&quota::VPCS) {
        return Err(AwsError::new("VpcLimitExceeded", "The maximum number of VPCs has been reached."));
    }
    let vpc = Vpc {
        id: ctx.new_id(VpcId::from_random),
        cidr,
        cidr_association: ctx.new_id(VpcCidrAssociationId::from_random),
        more_cidrs: Vec::new(),
        ipv6: Vec::new(),
        is_default,
        vni: next_vni(ctx)?,
        dhcp_options: Some(default_dhcp_options(&account)),
        dns_support: true,
        dns_hostnames: is_default,
        address_usage_metrics: false,
        tenancy: "default".to_owned(),
        main_route_table: ctx.new_id(RouteTableId::from_random),
        default_security_group: ctx.new_id(SecurityGroupId::from_random),
        default_network_acl: ctx.new_id(NetworkAclId::from_random),
        account: account.clone(),
    };
    let main = RouteTableAssociation { id: ctx.new_id(RouteTableAssociationId::from_random), subnet: None };
    ctx.db.put(RouteTable {
        account,
        id: vpc.main_route_table,
        vpc: vpc.id,
        routes: vec![RouteRow { destination: cidr.into(), target: RouteRowTarget::Local }],
        prefix_routes: Vec::new(),
        associations: vec![main],
    });
    ctx.db.put(vpc.clone());
    security_group::new_default_group(ctx, &vpc);
    network_acl::new_default_acl(ctx.db, &vpc);
    Ok(vpc)
}

/// Network identifiers are never given twice: a packet that is still on its way must not end in another VPC.
fn next_vni(ctx: &mut Ctx) -> Result<Vni, AwsError> {
    const COUNTER: &str = "vni";
    let next = ctx.db.get::<Counter>(&system_account(), COUNTER).map_or(u64::from(Vni::FIRST_VPC.get()), |c| c.value);
    let vni = u32::try_from(next).ok().and_then(|n| Vni::try_from(n).ok());
    let vni = vni.ok_or_else(|| AwsError::internal("All network identifiers of the region have been used."))?;
    ctx.db.put(Counter { name: COUNTER.to_owned(), value: next + 1 });
    Ok(vni)
}

/// The account's one set, which there always is: derived, not stored.
pub(super) fn default_dhcp_options(account: &types::AccountId) -> DhcpOptionsId {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("dhcp-options/{account}").as_bytes());
    let number = digest.as_ref().iter().take(16).fold(0u128, |n, b| (n << 8) | u128::from(*b));
    DhcpOptionsId::from_random(number)
}

pub(super) fn default_vpc(ctx: &Ctx) -> Option<Rc<Vpc>> {
    ctx.db.list::<Vpc>(&ctx.caller.account).find(|v| v.is_default)
}

pub(super) fn no_default_vpc() -> AwsError {
    AwsError::new(
        "VPCIdNotSpecified",
        "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
    )
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteVpcRequest>) -> OpResult<()> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let left = left_in(ctx, &vpc);
    if !left.is_empty() {
        let shown = left.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
        let message = format!("The vpc '{}' has dependencies and cannot be deleted. Left in it: {shown}", vpc.id);
        return Err(AwsError::dependency_violation(message).into());
    }
    let rules: Vec<_> =
        ctx.db.get::<SecurityGroup>(&vpc.account, vpc.default_security_group).iter().flat_map(|g| g.rules.clone()).collect();
    for rule in rules {
        ctx.untag(rule.id);
    }
    ctx.db.delete::<SecurityGroup>(&vpc.account, vpc.default_security_group);
    ctx.db.delete::<RouteTable>(&vpc.account, vpc.main_route_table);
    ctx.db.delete::<NetworkAcl>(&vpc.account, vpc.default_network_acl);
    ctx.db.delete::<Vpc>(&vpc.account, vpc.id);
    peering::vpc_is_gone(ctx, vpc.id);
    for id in [vpc.id.to_string(), vpc.default_security_group.to_string(), vpc.main_route_table.to_string()] {
        ctx.untag(id);
    }
    ctx.untag(vpc.default_network_acl);
    Ok(())
}

/// What must go before the VPC can.
fn left_in(ctx: &Ctx, vpc: &Vpc) -> Vec<String> {
    let (db, account) = (&*ctx.db, &vpc.account);
    let mut left = Vec::new();
    left.extend(db.list::<Interface>(account).filter(|i| i.vpc == vpc.id).map(|i| i.id.to_string()));
    left.extend(db.list::<Subnet>(account).filter(|s| s.vpc == vpc.id).map(|s| s.id.to_string()));
    left.extend(db.list::<InternetGateway>(account).filter(|g| g.vpc == Some(vpc.id)).map(|g| g.id.to_string()));
    left.extend(db.list::<EgressOnlyGateway>(account).filter(|g| g.vpc == vpc.id).map(|g| g.id.to_string()));
    let tables = db.list::<RouteTable>(account).filter(|t| t.vpc == vpc.id && t.id != vpc.main_route_table);
    left.extend(tables.map(|t| t.id.to_string()));
    left.extend(db.list::<VpcEndpoint>(account).filter(|e| e.vpc == vpc.id).map(|e| e.id.to_string()));
    left.extend(db.list::<TransitAttachment>(account).filter(|a| a.vpc == vpc.id).map(|a| a.id.to_string()));
    let acls = db.list::<NetworkAcl>(account).filter(|a| a.vpc == vpc.id && !a.is_default);
    left.extend(acls.map(|a| a.id.to_string()));
    left.extend(peering::active_of(db, vpc.id).map(|(id, _)| id.to_string()));
    let groups = db.list::<SecurityGroup>(account).filter(|g| g.vpc == vpc.id && g.id != vpc.default_security_group);
    left.extend(groups.map(|g| g.id.to_string()));
    left
}

const FILTERS: &[&str] = &[
    "cidr",
    "cidr-block",
    "cidrBlock",
    "cidr-block-association.association-id",
    "cidr-block-association.cidr-block",
    "cidr-block-association.state",
    "dhcp-options-id",
    "dhcpOptionsId",
    "instance-tenancy",
    "ipv6-cidr-block-association.association-id",
    "ipv6-cidr-block-association.ipv6-cidr-block",
    "ipv6-cidr-block-association.ipv6-pool",
    "ipv6-cidr-block-association.state",
    "is-default",
    "isDefault",
    "owner-id",
    "state",
    "vpc-id",
];

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeVpcsRequest>) -> OpResult<ec2::DescribeVpcsResult> {
    let listing = Listing { ids: &req.vpc_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let (rows, next_token) = listing.rows::<Vpc>(ctx, FILTERS, |v, name| match name {
        "cidr" | "cidr-block" | "cidrBlock" => one(v.cidr),
        "cidr-block-association.cidr-block" => many(v.cidrs()),
        "cidr-block-association.association-id" => many(associations(v).into_iter().map(|c| c.association)),
        "cidr-block-association.state" => one("associated"),
        "ipv6-cidr-block-association.association-id" => many(v.ipv6.iter().map(|c| c.association)),
        "ipv6-cidr-block-association.ipv6-cidr-block" => many(v.cidrs6()),
        "ipv6-cidr-block-association.ipv6-pool" => many(v.ipv6.iter().map(|_| "Amazon")),
        "ipv6-cidr-block-association.state" => many(v.ipv6.iter().map(|_| "associated")),
        "dhcp-options-id" | "dhcpOptionsId" => one(dhcp_options_text(v)),
        "instance-tenancy" => one(&v.tenancy),
        "is-default" | "isDefault" => one(v.is_default),
        "owner-id" => one(&v.account),
        "state" => one("available"),
        "vpc-id" => one(v.id),
        name if FILTERS.contains(&name) => many::<String>([]),
        _ => None,
    })?;
    let vpcs = rows.iter().map(|v| to_ec2_vpc(ctx, v)).collect();
    Ok(ec2::DescribeVpcsResult { vpcs: Some(vpcs), next_token })
}

/// Of all its blocks.
fn associations(v: &Vpc) -> Vec<VpcCidr> {
    let first = VpcCidr { association: v.cidr_association, cidr: v.cidr };
    std::iter::once(first).chain(v.more_cidrs.iter().cloned()).collect()
}

fn dhcp_options_text(v: &Vpc) -> String {
    v.dhcp_options.map_or_else(|| "default".to_owned(), |id| id.to_string())
}

pub(super) fn to_ec2_vpc(ctx: &Ctx, v: &Vpc) -> ec2::Vpc {
    ec2::Vpc {
        block_public_access_states: Some(ec2::BlockPublicAccessStates { internet_gateway_block_mode: Some("off".to_owned()) }),
        cidr_block: Some(v.cidr.to_string()),
        cidr_block_association_set: Some(associations(v).iter().map(|c| vpc_cidr::to_ec2(c, "associated")).collect()),
        dhcp_options_id: Some(dhcp_options_text(v)),
        instance_tenancy: Some(v.tenancy.clone()),
        ipv6_cidr_block_association_set: Some(v.ipv6.iter().map(|c| vpc_ipv6::to_ec2(ctx, c, "associated")).collect()),
        is_default: Some(v.is_default),
        owner_id: Some(v.account.to_string()),
        state: Some("available".to_owned()),
        tags: ctx.tag_list(v.id),
        vpc_id: Some(v.id.to_string()),
        ..Default::default()
    }
}

fn describe_attribute(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeVpcAttributeRequest>,
) -> OpResult<ec2::DescribeVpcAttributeResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let mut reply = ec2::DescribeVpcAttributeResult { vpc_id: Some(vpc.id.to_string()), ..Default::default() };
    let value = |v| Some(ec2::AttributeBooleanValue { value: Some(v) });
    match required(&req.attribute, "Attribute")? {
        "enableDnsSupport" => reply.enable_dns_support = value(vpc.dns_support),
        "enableDnsHostnames" => reply.enable_dns_hostnames = value(vpc.dns_hostnames),
        "enableNetworkAddressUsageMetrics" => reply.enable_network_address_usage_metrics = value(vpc.address_usage_metrics),
        other => return Err(AwsError::invalid_value("attribute", other, "Unknown attribute.").into()),
    }
    Ok(reply)
}

fn modify_attribute(ctx: &mut Ctx, req: Authorized<ec2::ModifyVpcAttributeRequest>) -> OpResult<()> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let value = |v: &Option<ec2::AttributeBooleanValue>| v.as_ref().and_then(|v| v.value);
    let hostnames = value(&req.enable_dns_hostnames);
    let support = value(&req.enable_dns_support);
    let metrics = value(&req.enable_network_address_usage_metrics);
    match [hostnames, support, metrics].iter().flatten().count() {
        0 => return Err(AwsError::invalid_parameter_combination("No attributes specified.").into()),
        1 => {}
        _ => return Err(AwsError::invalid_parameter_combination("Fields for multiple attribute types specified.").into()),
    }
    ctx.db.update::<Vpc>(&vpc.account, vpc.id, |v| {
        v.dns_hostnames = hostnames.unwrap_or(v.dns_hostnames);
        v.dns_support = support.unwrap_or(v.dns_support);
        v.address_usage_metrics = metrics.unwrap_or(v.address_usage_metrics);
    });
    Ok(())
}

/// EC2-Classic is no more, and never was here: no VPC is linkable. Tools still ask for each VPC.
fn describe_classic_link(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeVpcClassicLinkRequest>,
) -> OpResult<ec2::DescribeVpcClassicLinkResult> {
    let listing = Listing { ids: &req.vpc_ids, filters: &req.filters, max_results: None, next_token: &None };
    listing.rows::<Vpc>(ctx, &["is-classic-link-enabled"], |_, name| match name {
        "is-classic-link-enabled" => one(false),
        _ => None,
    })?;
    Ok(ec2::DescribeVpcClassicLinkResult { vpcs: Some(Vec::new()) })
}

fn describe_classic_link_dns(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeVpcClassicLinkDnsSupportRequest>,
) -> OpResult<ec2::DescribeVpcClassicLinkDnsSupportResult> {
    for id in req.vpc_ids.iter().flatten() {
        find::<Vpc>(ctx, id)?;
    }
    Ok(ec2::DescribeVpcClassicLinkDnsSupportResult { vpcs: Some(Vec::new()), next_token: None })
}
