//! Network ACLs: each VPC has its default one, which allows everything both ways; derived from the VPC and its subnets.

use super::lookup::{Listing, NETWORK_ACL_CODES, many, one};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Subnet, Vpc};
use aws_protocol::ec2;
use std::collections::BTreeSet;
use std::rc::Rc;
use types::NetworkAclId;

/// The rule that is behind all others and denies.
const LAST_RULE: i32 = 32767;
const ALLOW_RULE: i32 = 100;

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
    table.op::<ec2::DescribeNetworkAclsRequest>(&["NetworkAclId.N"], &[], describe);
}

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeNetworkAclsRequest>) -> OpResult<ec2::DescribeNetworkAclsResult> {
    let listing =
        Listing { ids: &req.network_acl_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let mut vpcs: Vec<Rc<Vpc>> = ctx.db.list::<Vpc>(&ctx.caller.account).collect();
    vpcs.sort_by_key(|v| v.default_network_acl);
    if listing.names_ids() {
        let mut ids = BTreeSet::new();
        for id in req.network_acl_ids.iter().flatten() {
            let parsed: NetworkAclId = NETWORK_ACL_CODES.parse(id)?;
            if !vpcs.iter().any(|v| v.default_network_acl == parsed) {
                return Err(NETWORK_ACL_CODES.not_found(id).into());
            }
            ids.insert(parsed);
        }
        vpcs.retain(|v| ids.contains(&v.default_network_acl));
    }
    let field = |v: &Rc<Vpc>, name: &str| match name {
        "association.association-id" => many(subnets(ctx, v).map(|s| s.network_acl_association)),
        "association.network-acl-id" => many(subnets(ctx, v).map(|_| v.default_network_acl)),
        "association.subnet-id" => many(subnets(ctx, v).map(|s| s.id)),
        "default" => one(true),
        "entry.cidr" => one("0.0.0.0/0"),
        "entry.egress" => many([true, false]),
        "entry.protocol" => one("-1"),
        "entry.rule-action" => many(["allow", "deny"]),
        "entry.rule-number" => many([ALLOW_RULE, LAST_RULE]),
        "network-acl-id" => one(v.default_network_acl),
        "owner-id" => one(&v.account),
        "vpc-id" => one(v.id),
        name if FILTERS.contains(&name) => many::<String>([]),
        _ => None,
    };
    let tags = |v: &Rc<Vpc>| ctx.tags(v.default_network_acl);
    let (vpcs, next_token) = listing.select(vpcs, tags, FILTERS, field, |v| v.default_network_acl.to_string())?;
    Ok(ec2::DescribeNetworkAclsResult { network_acls: Some(vpcs.iter().map(|v| default_acl(ctx, v)).collect()), next_token })
}

fn subnets(ctx: &Ctx, vpc: &Vpc) -> impl Iterator<Item = Rc<Subnet>> {
    let id = vpc.id;
    ctx.db.list::<Subnet>(&vpc.account).filter(move |s| s.vpc == id)
}

fn default_acl(ctx: &Ctx, v: &Vpc) -> ec2::NetworkAcl {
    let associations = subnets(ctx, v).map(|s| ec2::NetworkAclAssociation {
        network_acl_association_id: Some(s.network_acl_association.to_string()),
        network_acl_id: Some(v.default_network_acl.to_string()),
        subnet_id: Some(s.id.to_string()),
    });
    let entry = |egress, rule_number, action: &str| ec2::NetworkAclEntry {
        cidr_block: Some("0.0.0.0/0".to_owned()),
        egress: Some(egress),
        protocol: Some("-1".to_owned()),
        rule_action: Some(action.to_owned()),
        rule_number: Some(rule_number),
        ..Default::default()
    };
    ec2::NetworkAcl {
        associations: Some(associations.collect()),
        entries: Some(vec![
            entry(true, ALLOW_RULE, "allow"),
            entry(true, LAST_RULE, "deny"),
            entry(false, ALLOW_RULE, "allow"),
            entry(false, LAST_RULE, "deny"),
        ]),
        is_default: Some(true),
        network_acl_id: Some(v.default_network_acl.to_string()),
        owner_id: Some(v.account.to_string()),
        tags: ctx.tag_list(v.default_network_acl),
        vpc_id: Some(v.id.to_string()),
    }
}
