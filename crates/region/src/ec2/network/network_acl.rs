//! Network ACLs and which subnets use them. Their entries are in [`super::network_acl_entry`].
//!
//! Each VPC has a default one, which allows everything both ways until somebody edits it; a new one denies everything. A
//! subnet uses exactly one.

use super::block::Block;
use super::lookup::{ASSOCIATION_CODES, Listing, find, many, one, required};
use super::network_acl_entry::{ICMP, ICMP6, to_ec2_entries, to_wire};
use super::quota;
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{AclEntry, NetworkAcl, Subnet, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::{AccountId, Ipv4Cidr, Ipv6Cidr, NetworkAclAssociationId, NetworkAclId, VpcId};
use wire::net::NetworkAclConfig;

const FILTERS: &[&str] = &[
    "association.association-id",
    "association.network-acl-id",
    "association.subnet-id",
    "default",
    "entry.cidr",
    "entry.egress",
    "entry.icmp.code",
    "entry.icmp.type",
    "entry.ipv6-cidr",
    "entry.port-range.from",
    "entry.port-range.to",
    "entry.protocol",
    "entry.rule-action",
    "entry.rule-number",
    "network-acl-id",
    "owner-id",
    "vpc-id",
];

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateNetworkAclRequest>(&["VpcId"], &["network-acl"], create);
    table.op::<ec2::DeleteNetworkAclRequest>(&["NetworkAclId"], &[], delete);
    table.op::<ec2::DescribeNetworkAclsRequest>(&["NetworkAclId.N"], &[], describe);
    table.op::<ec2::ReplaceNetworkAclAssociationRequest>(&["AssociationId", "NetworkAclId"], &[], replace_association);
}

fn allow_all(egress: bool, number: u16, cidr: Block) -> AclEntry {
    AclEntry { egress, number, allow: true, protocol: "-1".to_owned(), cidr, ports: None, icmp: None }
}

/// The VPC got IPv6: directions of its default ACL that nobody has changed allow it too.
pub(super) fn open_default6(db: &mut Db, vpc: &Vpc) {
    db.update::<NetworkAcl>(&vpc.account, vpc.default_network_acl, |a| {
        for egress in [false, true] {
            let same_way: Vec<&AclEntry> = a.entries.iter().filter(|e| e.egress == egress).collect();
            if same_way == [&allow_all(egress, 100, Ipv4Cidr::ALL.into())] {
                a.entries.push(allow_all(egress, 101, Ipv6Cidr::ALL.into()));
            }
        }
        a.entries.sort_by_key(|e| (e.egress, e.number));
    });
}

/// The VPC's own, which allows everything.
pub(super) fn new_default_acl(db: &mut Db, vpc: &Vpc) {
    db.put(NetworkAcl {
        account: vpc.account.clone(),
        id: vpc.default_network_acl,
        vpc: vpc.id,
        is_default: true,
        entries: [false, true].map(|egress| allow_all(egress, 100, Ipv4Cidr::ALL.into())).to_vec(),
    });
}

/// VPCs of before there were rows of network ACLs get the one that they have had. Called at start-up.
pub fn ensure_default_acls(db: &mut Db) {
    for vpc in db.all::<Vpc>().collect::<Vec<_>>() {
        if db.get::<NetworkAcl>(&vpc.account, vpc.default_network_acl).is_none() {
            new_default_acl(db, &vpc);
        }
    }
}

/// The one that judges a subnet's packets. `None` only for a subnet whose VPC is gone.
pub fn acl_of(db: &Db, subnet: &Subnet) -> Option<NetworkAclId> {
    subnet.network_acl.or_else(|| db.get::<Vpc>(&subnet.account, subnet.vpc).map(|v| v.default_network_acl))
}

/// A VPC's network ACLs for the switch.
pub fn acls_to_wire(db: &Db, account: &AccountId, vpc: VpcId) -> Vec<NetworkAclConfig> {
    let acls = db.list::<NetworkAcl>(account).filter(|a| a.vpc == vpc);
    acls.map(|a| NetworkAclConfig {
        id: a.id,
        entries: a.entries.iter().filter_map(|e| to_wire(e, e.cidr.v4()?, ICMP)).collect(),
        entries6: a.entries.iter().filter_map(|e| to_wire(e, e.cidr.v6()?, ICMP6)).collect(),
    })
    .collect()
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateNetworkAclRequest>) -> OpResult<ec2::CreateNetworkAclResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    if ctx.db.list::<NetworkAcl>(&vpc.account).filter(|a| a.vpc == vpc.id).count() >= ctx.quota(&quota::NETWORK_ACLS_PER_VPC) {
        let message = "The maximum number of network ACLs has been reached.";
        return Err(AwsError::new("NetworkAclLimitExceeded", message).into());
    }
    let acl = NetworkAcl {
        account: vpc.account.clone(),
        id: ctx.new_id(NetworkAclId::from_random),
        vpc: vpc.id,
        is_default: false,
        entries: Vec::new(),
    };
    ctx.tag(acl.id, tags::specified(&req.tag_specifications, "network-acl")?)?;
    ctx.db.put(acl.clone());
    Ok(ec2::CreateNetworkAclResult { client_token: req.client_token.clone(), network_acl: Some(to_ec2_acl(ctx, &acl)) })
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteNetworkAclRequest>) -> OpResult<()> {
    let acl = find::<NetworkAcl>(ctx, required(&req.network_acl_id, "NetworkAclId")?)?;
    if acl.is_default {
        let message = format!("cannot delete default network ACL {}", acl.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    if subnets(ctx, &acl).next().is_some() {
        let message = format!("The networkAcl '{}' has dependencies and cannot be deleted.", acl.id);
        return Err(AwsError::dependency_violation(message).into());
    }
    ctx.untag(acl.id);
    ctx.db.delete::<NetworkAcl>(&acl.account, acl.id);
    Ok(())
}

fn replace_association(
    ctx: &mut Ctx,
    req: Authorized<ec2::ReplaceNetworkAclAssociationRequest>,
) -> OpResult<ec2::ReplaceNetworkAclAssociationResult> {
    let id = required(&req.association_id, "AssociationId")?;
    let acl = find::<NetworkAcl>(ctx, required(&req.network_acl_id, "NetworkAclId")?)?;
    let parsed: NetworkAclAssociationId = ASSOCIATION_CODES.parse(id)?;
    let subnet = ctx.db.list::<Subnet>(&ctx.caller.account).find(|s| s.network_acl_association == parsed);
    let subnet = subnet.ok_or_else(|| ASSOCIATION_CODES.not_found(id))?;
    if subnet.vpc != acl.vpc {
        let message = format!("Network acl {} and subnet {} belong to different networks", acl.id, subnet.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    let new = ctx.new_id(NetworkAclAssociationId::from_random);
    ctx.db.update::<Subnet>(&subnet.account, subnet.id, |s| {
        s.network_acl = Some(acl.id);
        s.network_acl_association = new;
    });
    Ok(ec2::ReplaceNetworkAclAssociationResult { new_association_id: Some(new.to_string()) })
}

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeNetworkAclsRequest>) -> OpResult<ec2::DescribeNetworkAclsResult> {
    let listing =
        Listing { ids: &req.network_acl_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let (rows, next_token) = listing.rows::<NetworkAcl>(ctx, FILTERS, |a, name| {
        let entries = || to_ec2_entries(ctx, a).into_iter();
        match name {
            "association.association-id" => many(subnets(ctx, a).map(|s| s.network_acl_association)),
            "association.network-acl-id" => many(subnets(ctx, a).map(|_| a.id)),
            "association.subnet-id" => many(subnets(ctx, a).map(|s| s.id)),
            "default" => one(a.is_default),
            "entry.cidr" => many(entries().filter_map(|e| e.cidr_block)),
            "entry.ipv6-cidr" => many(entries().filter_map(|e| e.ipv6_cidr_block)),
            "entry.egress" => many(entries().filter_map(|e| e.egress)),
            "entry.icmp.code" => many(entries().filter_map(|e| e.icmp_type_code?.code)),
            "entry.icmp.type" => many(entries().filter_map(|e| e.icmp_type_code?.r#type)),
            "entry.port-range.from" => many(entries().filter_map(|e| e.port_range?.from)),
            "entry.port-range.to" => many(entries().filter_map(|e| e.port_range?.to)),
            "entry.protocol" => many(entries().filter_map(|e| e.protocol)),
            "entry.rule-action" => many(entries().filter_map(|e| e.rule_action)),
            "entry.rule-number" => many(entries().filter_map(|e| e.rule_number)),
            "network-acl-id" => one(a.id),
            "owner-id" => one(&a.account),
            "vpc-id" => one(a.vpc),
            name if FILTERS.contains(&name) => many::<String>([]),
            _ => None,
        }
    })?;
    Ok(ec2::DescribeNetworkAclsResult { network_acls: Some(rows.iter().map(|a| to_ec2_acl(ctx, a)).collect()), next_token })
}

/// Those that use it.
fn subnets<'a>(ctx: &'a Ctx, acl: &'a NetworkAcl) -> impl Iterator<Item = Rc<Subnet>> + 'a {
    let uses = |s: &Rc<Subnet>| s.vpc == acl.vpc && s.network_acl.map_or(acl.is_default, |id| id == acl.id);
    ctx.db.list::<Subnet>(&acl.account).filter(uses)
}

fn to_ec2_acl(ctx: &Ctx, a: &NetworkAcl) -> ec2::NetworkAcl {
    let associations = subnets(ctx, a).map(|s| ec2::NetworkAclAssociation {
        network_acl_association_id: Some(s.network_acl_association.to_string()),
        network_acl_id: Some(a.id.to_string()),
        subnet_id: Some(s.id.to_string()),
    });
    ec2::NetworkAcl {
        associations: Some(associations.collect()),
        entries: Some(to_ec2_entries(ctx, a)),
        is_default: Some(a.is_default),
        network_acl_id: Some(a.id.to_string()),
        owner_id: Some(a.account.to_string()),
        tags: ctx.tag_list(a.id),
        vpc_id: Some(a.vpc.to_string()),
    }
}
