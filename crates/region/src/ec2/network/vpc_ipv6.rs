//! The IPv6 blocks of VPCs: each a /56 of the region's pool, unique among all accounts' VPCs.
//!
//! Source: AssociateVpcCidrBlock in the API reference; "IPv6 support for your VPC" in the VPC user guide for what a VPC's
//! default group, default network ACL and route tables get with the block.

use super::block::Block;
use super::{network_acl, quota, security_group, vpc_cidr};
use crate::context::Ctx;
use crate::db::system_account;
use crate::rows::{Counter, Subnet, Vpc, VpcIpv6};
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeSet;
use std::rc::Rc;
use types::{Ipv6Cidr, VpcCidrAssociationId};

const VPC_LENGTH: u8 = 56;
/// Where the search for a free block goes on.
const CURSOR: &str = "ipv6-block-cursor";

/// Whether a request wants a block. The group of zones that announces it is the region.
pub(super) fn wanted(ctx: &Ctx, amazon: Option<bool>, border_group: Option<&str>) -> Result<bool, AwsError> {
    let wanted = amazon == Some(true);
    match border_group {
        Some(_) if !wanted => Err(AwsError::invalid_parameter_combination(
            "Ipv6CidrBlockNetworkBorderGroup can be specified only when AmazonProvidedIpv6CidrBlock is true.",
        )),
        Some(group) if group != ctx.settings.region.as_str() => {
            let sentence = format!("Expected {}.", ctx.settings.region);
            Err(AwsError::invalid_value("ipv6CidrBlockNetworkBorderGroup", group, &sentence))
        }
        _ => Ok(wanted),
    }
}

/// A free block, to which the VPC's tables have no route (of a peer that was). One that was just given back is the last to be
/// given again.
fn take(ctx: &mut Ctx, vpc: &Vpc) -> Result<Ipv6Cidr, AwsError> {
    let pool = ctx.settings.ipv6_pool;
    let routed = vpc_cidr::tables(ctx, vpc).into_iter().flat_map(|t| t.routes.clone()).filter_map(|r| r.destination.v6());
    let in_blocks = routed.filter(|d| d.prefix_len() >= VPC_LENGTH).filter_map(|d| Ipv6Cidr::new(d.addr(), VPC_LENGTH));
    let given = ctx.db.all::<Vpc>().flat_map(|v| v.cidrs6());
    let taken: BTreeSet<Ipv6Cidr> = in_blocks.map(Ipv6Cidr::canonical).chain(given).collect();
    let count = 1u64 << VPC_LENGTH.saturating_sub(pool.prefix_len()).min(63);
    let start = ctx.db.get::<Counter>(&system_account(), CURSOR).map_or(0, |c| c.value);
    // Among one more than are taken, one is free.
    for step in 0..count.min(taken.len() as u64 + 1) {
        let index = (start + step) % count;
        let block = pool.subnet(VPC_LENGTH, index.into()).filter(|b| !taken.contains(b));
        if let Some(block) = block {
            ctx.db.put(Counter { name: CURSOR.to_owned(), value: (index + 1) % count });
            return Ok(block);
        }
    }
    Err(AwsError::receiver("InsufficientAddressCapacity", "The region's pool of IPv6 blocks is used up.", 503))
}

/// Gives the VPC a block, with what comes with it: local routes and, where nobody has changed them, rules of IPv6 that say
/// what those of IPv4 say.
pub(super) fn associate(ctx: &mut Ctx, vpc: &Vpc) -> Result<VpcIpv6, AwsError> {
    let max = ctx.quota(&quota::IPV6_CIDRS_PER_VPC);
    if vpc.ipv6.len() >= max {
        let message = format!("This network '{}' has met its maximum number of allowed CIDRs: {max}", vpc.id);
        return Err(AwsError::new("CidrLimitExceeded", message));
    }
    let block = VpcIpv6 { association: ctx.new_id(VpcCidrAssociationId::from_random), cidr: take(ctx, vpc)? };
    vpc_cidr::add_local_routes(ctx, vpc, Block::V6(block.cidr));
    ctx.db.update::<Vpc>(&vpc.account, vpc.id, |v| v.ipv6.push(block.clone()));
    security_group::open_egress6(ctx, vpc);
    network_acl::open_default6(ctx.db, vpc);
    Ok(block)
}

pub(super) fn disassociate(ctx: &mut Ctx, vpc: &Vpc, block: &VpcIpv6) -> Result<(), AwsError> {
    let inside = |s: Rc<Subnet>| s.vpc == vpc.id && s.ipv6.as_ref().is_some_and(|c| block.cidr.contains_cidr(c.cidr));
    if ctx.db.list::<Subnet>(&vpc.account).any(inside) {
        let message = format!("The vpc {} currently has a subnet within CIDR block {}", vpc.id, block.cidr);
        return Err(AwsError::new("InvalidCidrBlock.InUse", message));
    }
    vpc_cidr::drop_routes(ctx, vpc, Block::V6(block.cidr));
    ctx.db.update::<Vpc>(&vpc.account, vpc.id, |v| v.ipv6.retain(|c| c.association != block.association));
    Ok(())
}

pub(super) fn to_ec2(ctx: &Ctx, block: &VpcIpv6, state: &str) -> ec2::VpcIpv6CidrBlockAssociation {
    ec2::VpcIpv6CidrBlockAssociation {
        association_id: Some(block.association.to_string()),
        ip_source: Some("amazon".to_owned()),
        ipv6_address_attribute: Some("public".to_owned()),
        ipv6_cidr_block: Some(block.cidr.to_string()),
        ipv6_cidr_block_state: Some(ec2::VpcCidrBlockState { state: Some(state.to_owned()), status_message: None }),
        ipv6_pool: Some("Amazon".to_owned()),
        network_border_group: Some(ctx.settings.region.to_string()),
    }
}
