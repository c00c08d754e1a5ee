//! SetSecurityGroups, SetSubnets, SetIpAddressType.

use super::arn::find_balancer;
use super::balancer::{ip_address_type, zones};
use super::check::{invalid, unsupported, validation};
use super::nodes;
use super::rows::{Kind, LoadBalancer};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::Interface;
use aws_protocol::elbv2 as api;

pub fn register(table: &mut Table) {
    table.op::<api::SetSecurityGroupsInput>(&["LoadBalancerArn", "SecurityGroups.member.N"], &[], set_groups);
    table.op::<api::SetSubnetsInput>(
        &[
            "LoadBalancerArn",
            "IpAddressType",
            "Subnets.member.N",
            "SubnetMappings.member.N.SubnetId",
            "SubnetMappings.member.N.AllocationId",
            "SubnetMappings.member.N.PrivateIPv4Address",
        ],
        &[],
        set_subnets,
    );
    table.op::<api::SetIpAddressTypeInput>(&["LoadBalancerArn", "IpAddressType"], &[], set_ip_address_type);
}

fn set_groups(ctx: &mut Ctx, r: Authorized<api::SetSecurityGroupsInput>) -> OpResult<api::SetSecurityGroupsOutput> {
    let b = find_balancer(ctx, &r.load_balancer_arn)?;
    let groups = nodes::groups(ctx, b.vpc, r.security_groups.as_deref().unwrap_or_default())?;
    if groups.is_empty() {
        return Err(validation("At least one security group must be specified").into());
    }
    if b.kind == Kind::Network && b.groups.is_empty() {
        let sentence = "Security groups cannot be set for a network load balancer that was created without any";
        return Err(invalid(sentence).into());
    }
    for node in nodes::of(ctx.db, &b) {
        ctx.db.update::<Interface>(&b.account, node.interface, |i| i.groups.clone_from(&groups));
    }
    let security_group_ids = Some(groups.iter().map(ToString::to_string).collect());
    ctx.db.update::<LoadBalancer>(&b.account, &b.id, |b| b.groups = groups);
    Ok(api::SetSecurityGroupsOutput { security_group_ids, ..Default::default() })
}

/// Nodes of subnets that stay are left alone.
fn set_subnets(ctx: &mut Ctx, r: Authorized<api::SetSubnetsInput>) -> OpResult<api::SetSubnetsOutput> {
    let b = find_balancer(ctx, &r.load_balancer_arn)?;
    ip_address_type(r.ip_address_type.as_deref())?;
    let there = nodes::of(ctx.db, &b);
    // An address that a node has already is not one in use by others.
    let mut mappings = r.subnet_mappings.clone();
    for m in mappings.iter_mut().flatten() {
        let is_it = |n: &crate::rows::BalancerNode| {
            m.subnet_id.as_deref() == Some(n.subnet.to_string().as_str())
                && m.allocation_id.as_deref() == n.allocation.map(|a| a.to_string()).as_deref()
        };
        if there.iter().any(|n| is_it(n)) {
            m.allocation_id = None;
        }
    }
    let wanted = nodes::wanted(ctx, b.kind, b.internet_facing, &r.subnets, &mappings)?;
    if wanted[0].subnet.vpc != b.vpc {
        return Err(invalid(format!("All subnets must belong to the same VPC: '{}'", b.vpc)).into());
    }
    for w in &wanted {
        match there.iter().find(|n| n.subnet == w.subnet.id) {
            Some(_) if w.address.is_some() || w.private_ip.is_some() => {
                return Err(unsupported("SubnetMappings", "the addresses of a node that is there cannot be changed.").into());
            }
            Some(_) => {}
            None => nodes::make(ctx, &b, w)?,
        }
    }
    let dropped: Vec<_> = there.into_iter().filter(|n| wanted.iter().all(|w| w.subnet.id != n.subnet)).collect();
    nodes::dismiss(ctx, &b, &dropped);
    let availability_zones = Some(zones(ctx, &b));
    Ok(api::SetSubnetsOutput { availability_zones, ip_address_type: Some("ipv4".to_owned()), ..Default::default() })
}

fn set_ip_address_type(ctx: &mut Ctx, r: Authorized<api::SetIpAddressTypeInput>) -> OpResult<api::SetIpAddressTypeOutput> {
    find_balancer(ctx, &r.load_balancer_arn)?;
    ip_address_type(r.ip_address_type.as_deref())?;
    Ok(api::SetIpAddressTypeOutput { ip_address_type: Some("ipv4".to_owned()) })
}
