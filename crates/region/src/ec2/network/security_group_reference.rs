//! Groups across VPCs: which refer to which over peerings, which references are stale, which groups a VPC has.

use super::lookup::{Listing, find, many, one, required};
use super::{peering, permission};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{RulePeer, SecurityGroup, SecurityGroupRule, Vpc};
use aws_protocol::ec2;
use std::collections::BTreeSet;

pub fn register(table: &mut Table) {
    table.op::<ec2::GetSecurityGroupsForVpcRequest>(&["VpcId"], &[], for_vpc);
    table.op::<ec2::DescribeStaleSecurityGroupsRequest>(&["VpcId"], &[], stale);
    table.op::<ec2::DescribeSecurityGroupReferencesRequest>(&["GroupId.N"], &[], references);
}

/// Whether the rule names a group that is not reached any more: no packet matches it.
pub fn is_stale(db: &Db, rule: &SecurityGroupRule) -> bool {
    let RulePeer::PeerGroup { group, account, peering, .. } = &rule.peer else { return false };
    !peering::get(db, *peering).is_some_and(|p| p.is_active()) || db.get::<SecurityGroup>(account, group).is_none()
}

const FILTERS: &[&str] = &["description", "group-id", "group-name", "owner-id", "primary-vpc-id"];

fn for_vpc(ctx: &mut Ctx, req: Authorized<ec2::GetSecurityGroupsForVpcRequest>) -> OpResult<ec2::GetSecurityGroupsForVpcResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let listing = Listing { ids: &None, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let groups: Vec<_> = ctx.db.list::<SecurityGroup>(&vpc.account).filter(|g| g.vpc == vpc.id).collect();
    let field = |g: &std::rc::Rc<SecurityGroup>, name: &str| match name {
        "description" => one(&g.description),
        "group-id" => one(g.id),
        "group-name" => one(&g.name),
        "owner-id" => one(&g.account),
        "primary-vpc-id" => one(g.vpc),
        name if FILTERS.contains(&name) => many::<String>([]),
        _ => None,
    };
    let (rows, next_token) = listing.select(groups, |g| ctx.tags(g.id), FILTERS, field, |g| g.id.to_string())?;
    let shown = rows.iter().map(|g| ec2::SecurityGroupForVpc {
        description: Some(g.description.clone()),
        group_id: Some(g.id.to_string()),
        group_name: Some(g.name.clone()),
        owner_id: Some(g.account.to_string()),
        primary_vpc_id: Some(g.vpc.to_string()),
        tags: ctx.tag_list(g.id),
    });
    Ok(ec2::GetSecurityGroupsForVpcResult { security_group_for_vpcs: Some(shown.collect()), next_token })
}

fn stale(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeStaleSecurityGroupsRequest>,
) -> OpResult<ec2::DescribeStaleSecurityGroupsResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let listing = Listing { ids: &None, filters: &None, max_results: req.max_results, next_token: &req.next_token };
    let has_stale = |g: &std::rc::Rc<SecurityGroup>| g.vpc == vpc.id && g.rules.iter().any(|r| is_stale(ctx.db, r));
    let groups: Vec<_> = ctx.db.list::<SecurityGroup>(&vpc.account).filter(has_stale).collect();
    let (rows, next_token) = listing.select(groups, |_| Default::default(), &[], |_, _| None, |g| g.id.to_string())?;
    let shown = rows.iter().map(|g| ec2::StaleSecurityGroup {
        description: Some(g.description.clone()),
        group_id: Some(g.id.to_string()),
        group_name: Some(g.name.clone()),
        stale_ip_permissions: Some(stale_permissions(ctx, g, false)),
        stale_ip_permissions_egress: Some(stale_permissions(ctx, g, true)),
        vpc_id: Some(g.vpc.to_string()),
    });
    Ok(ec2::DescribeStaleSecurityGroupsResult { stale_security_group_set: Some(shown.collect()), next_token })
}

fn stale_permissions(ctx: &Ctx, g: &SecurityGroup, egress: bool) -> Vec<ec2::StaleIpPermission> {
    let rules = g.rules.iter().filter(|r| r.egress == egress && is_stale(ctx.db, r));
    let permissions = permission::to_ip_permissions(ctx, g, rules).into_iter();
    permissions
        .map(|p| ec2::StaleIpPermission {
            from_port: p.from_port,
            ip_protocol: p.ip_protocol,
            ip_ranges: Some(Vec::new()),
            prefix_list_ids: Some(Vec::new()),
            to_port: p.to_port,
            user_id_group_pairs: p.user_id_group_pairs,
        })
        .collect()
}

/// Which VPCs on other sides of peerings have rules that name the groups.
fn references(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeSecurityGroupReferencesRequest>,
) -> OpResult<ec2::DescribeSecurityGroupReferencesResult> {
    let mut wanted = BTreeSet::new();
    for id in req.group_id.iter().flatten() {
        wanted.insert(find::<SecurityGroup>(ctx, id)?.id);
    }
    if wanted.is_empty() {
        return Err(aws_protocol::AwsError::missing_parameter("GroupId").into());
    }
    let mut found = BTreeSet::new();
    for g in ctx.db.all::<SecurityGroup>() {
        for rule in g.rules.iter().filter(|r| !is_stale(ctx.db, r)) {
            if let RulePeer::PeerGroup { group, peering, .. } = &rule.peer
                && wanted.contains(group)
            {
                found.insert((*group, g.vpc, *peering));
            }
        }
    }
    let shown = found.into_iter().map(|(group, vpc, peering)| ec2::SecurityGroupReference {
        group_id: Some(group.to_string()),
        referencing_vpc_id: Some(vpc.to_string()),
        vpc_peering_connection_id: Some(peering.to_string()),
        ..Default::default()
    });
    Ok(ec2::DescribeSecurityGroupReferencesResult { security_group_reference_set: Some(shown.collect()) })
}
