//! Further CIDR blocks of a VPC.
//!
//! Source: "IPv4 CIDR block association restrictions" in the VPC user guide.

use super::block::{Block, parse_cidr};
use super::lookup::{find, required};
use super::{peering, quota, vpc, vpc_ipv6};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{RouteRow, RouteRowTarget, RouteTable, Subnet, Vpc, VpcCidr, VpcIpv6};
use aws_protocol::{AwsError, ec2};
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{Ipv4Cidr, VpcCidrAssociationId};

pub fn register(table: &mut Table) {
    table.op::<ec2::AssociateVpcCidrBlockRequest>(
        &["VpcId", "CidrBlock", "AmazonProvidedIpv6CidrBlock", "Ipv6CidrBlockNetworkBorderGroup"],
        &[],
        associate,
    );
    table.op::<ec2::DisassociateVpcCidrBlockRequest>(&["AssociationId"], &[], disassociate);
}

fn associate(ctx: &mut Ctx, req: Authorized<ec2::AssociateVpcCidrBlockRequest>) -> OpResult<ec2::AssociateVpcCidrBlockResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let border_group = req.ipv6_cidr_block_network_border_group.as_deref();
    if vpc_ipv6::wanted(ctx, req.amazon_provided_ipv6_cidr_block, border_group)? {
        if req.cidr_block.is_some() {
            let message = "Only one of CidrBlock and AmazonProvidedIpv6CidrBlock may be specified.";
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
        let block = vpc_ipv6::associate(ctx, &vpc)?;
        return Ok(ec2::AssociateVpcCidrBlockResult {
            ipv6_cidr_block_association: Some(vpc_ipv6::to_ec2(ctx, &block, "associating")),
            vpc_id: Some(vpc.id.to_string()),
            ..Default::default()
        });
    }
    let cidr = parse_cidr(required(&req.cidr_block, "CidrBlock")?, "cidrBlock")?.canonical();
    vpc::check_block(ctx, cidr)?;
    if vpc.cidrs().len() >= ctx.quota(&quota::CIDRS_PER_VPC) {
        let message = format!(
            "This network '{}' has met its maximum number of allowed CIDRs: {}",
            vpc.id,
            ctx.quota(&quota::CIDRS_PER_VPC)
        );
        return Err(AwsError::new("CidrLimitExceeded", message).into());
    }
    check_conflicts(ctx, &vpc, cidr)?;
    check_restricted(&vpc, cidr)?;
    let block = VpcCidr { association: ctx.new_id(VpcCidrAssociationId::from_random), cidr };
    add_local_routes(ctx, &vpc, cidr.into());
    ctx.db.update::<Vpc>(&vpc.account, vpc.id, |v| v.more_cidrs.push(block.clone()));
    Ok(ec2::AssociateVpcCidrBlockResult {
        cidr_block_association: Some(to_ec2(&block, "associating")),
        vpc_id: Some(vpc.id.to_string()),
        ..Default::default()
    })
}

pub(super) fn tables(ctx: &Ctx, vpc: &Vpc) -> Vec<Rc<RouteTable>> {
    ctx.db.list::<RouteTable>(&vpc.account).filter(|t| t.vpc == vpc.id).collect()
}

pub(super) fn add_local_routes(ctx: &mut Ctx, vpc: &Vpc, destination: Block) {
    for table in tables(ctx, vpc) {
        ctx.db.update::<RouteTable>(&table.account, table.id, |t| {
            // After the other local routes.
            let at = t.routes.iter().take_while(|r| r.target == RouteRowTarget::Local).count();
            t.routes.insert(at, RouteRow { destination, target: RouteRowTarget::Local });
        });
    }
}

/// The local routes of the block, with those of its subnets through interfaces.
pub(super) fn drop_routes(ctx: &mut Ctx, vpc: &Vpc, block: Block) {
    for table in tables(ctx, vpc) {
        let gone = |t: &mut RouteTable| t.routes.retain(|r| !block.contains_cidr(r.destination));
        ctx.db.update::<RouteTable>(&table.account, table.id, gone);
    }
}

fn block(a: u8, b: u8, c: u8, d: u8, len: u8) -> Option<Ipv4Cidr> {
    Ipv4Cidr::new(Ipv4Addr::new(a, b, c, d), len)
}

/// From which ranges no block may be, by where the VPC's first one is: the rows of the user guide's table.
fn check_restricted(vpc: &Vpc, cidr: Ipv4Cidr) -> Result<(), AwsError> {
    let ten = block(10, 0, 0, 0, 8);
    let twelve = block(172, 16, 0, 0, 12);
    let home = block(192, 168, 0, 0, 16);
    let benchmark = block(198, 19, 0, 0, 16);
    let within = |range: Option<Ipv4Cidr>| range.is_some_and(|r| r.contains_cidr(vpc.cidr));
    let restricted = if within(ten) {
        let first = if within(block(10, 0, 0, 0, 15)) { block(10, 0, 0, 0, 16) } else { None };
        [twelve, home, benchmark, first]
    } else if within(twelve) {
        [ten, home, benchmark, block(172, 31, 0, 0, 16)]
    } else if within(home) {
        [ten, twelve, benchmark, None]
    } else if within(benchmark) {
        [ten, twelve, home, None]
    } else {
        [ten, twelve, home, benchmark]
    };
    if restricted.into_iter().flatten().any(|r| r.overlaps(cidr)) {
        let message = format!(
            "The CIDR '{cidr}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR."
        );
        return Err(AwsError::new("InvalidVpc.Range", message));
    }
    Ok(())
}

fn conflict(cidr: Ipv4Cidr, with: String) -> AwsError {
    AwsError::new("CidrConflict", format!("The CIDR '{cidr}' conflicts with {with}"))
}

fn check_conflicts(ctx: &Ctx, vpc: &Vpc, cidr: Ipv4Cidr) -> Result<(), AwsError> {
    if let Some(own) = vpc.cidrs().into_iter().find(|c| c.overlaps(cidr)) {
        return Err(conflict(cidr, format!("the block {own} of the VPC")));
    }
    for (id, side) in peering::active_of(ctx.db, vpc.id) {
        let peer = ctx.db.get::<Vpc>(&side.account, side.vpc);
        if peer.is_some_and(|p| peering::overlap(&p.cidrs(), &[cidr])) {
            return Err(conflict(cidr, format!("a block of the VPC on the other side of {id}")));
        }
    }
    // "The CIDR block must not be the same or larger than a destination CIDR range in a route."
    for table in tables(ctx, vpc) {
        if let Some(r) = table.routes.iter().find(|r| Block::V4(cidr).contains_cidr(r.destination)) {
            return Err(conflict(cidr, format!("the route to {} in {}", r.destination, table.id)));
        }
    }
    Ok(())
}

fn disassociate(
    ctx: &mut Ctx,
    req: Authorized<ec2::DisassociateVpcCidrBlockRequest>,
) -> OpResult<ec2::DisassociateVpcCidrBlockResult> {
    let id = required(&req.association_id, "AssociationId")?;
    let (vpc, block) = owner(ctx, id)
        .ok_or_else(|| AwsError::not_found("InvalidVpcCidrBlockAssociationID.NotFound", "vpc CIDR block association ID", id))?;
    let block = match block {
        Owned::Ipv6(block) => {
            vpc_ipv6::disassociate(ctx, &vpc, &block)?;
            return Ok(ec2::DisassociateVpcCidrBlockResult {
                ipv6_cidr_block_association: Some(vpc_ipv6::to_ec2(ctx, &block, "disassociating")),
                vpc_id: Some(vpc.id.to_string()),
                ..Default::default()
            });
        }
        Owned::Further(block) => block,
        Owned::First => {
            let message = format!(
                "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC"
            );
            return Err(AwsError::new("OperationNotPermitted", message).into());
        }
    };
    let inside = |s: Rc<Subnet>| s.vpc == vpc.id && block.cidr.contains_cidr(s.cidr);
    if ctx.db.list::<Subnet>(&vpc.account).any(inside) {
        let message = format!("The vpc CIDR block with association ID {id} has dependencies and may not be disassociated.");
        return Err(AwsError::dependency_violation(message).into());
    }
    drop_routes(ctx, &vpc, block.cidr.into());
    ctx.db.update::<Vpc>(&vpc.account, vpc.id, |v| v.more_cidrs.retain(|c| c.association != block.association));
    Ok(ec2::DisassociateVpcCidrBlockResult {
        cidr_block_association: Some(to_ec2(&block, "disassociating")),
        vpc_id: Some(vpc.id.to_string()),
        ..Default::default()
    })
}

/// A block by its association.
pub enum Owned {
    First,
    Further(VpcCidr),
    Ipv6(VpcIpv6),
}

/// The VPC with that association.
pub fn owner(ctx: &Ctx, id: &str) -> Option<(Rc<Vpc>, Owned)> {
    let id: VpcCidrAssociationId = id.parse().ok()?;
    ctx.db.list::<Vpc>(&ctx.caller.account).find_map(|v| {
        if v.cidr_association == id {
            return Some((v, Owned::First));
        }
        if let Some(block) = v.ipv6.iter().find(|c| c.association == id).cloned() {
            return Some((v, Owned::Ipv6(block)));
        }
        let block = v.more_cidrs.iter().find(|c| c.association == id).cloned()?;
        Some((v, Owned::Further(block)))
    })
}

pub(super) fn to_ec2(block: &VpcCidr, state: &str) -> ec2::VpcCidrBlockAssociation {
    ec2::VpcCidrBlockAssociation {
        association_id: Some(block.association.to_string()),
        cidr_block: Some(block.cidr.to_string()),
        cidr_block_state: Some(ec2::VpcCidrBlockState { state: Some(state.to_owned()), status_message: None }),
    }
}
