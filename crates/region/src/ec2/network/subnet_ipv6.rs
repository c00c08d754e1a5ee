//! The IPv6 block of a subnet: a /64 of one of its VPC's, or none.
//!
//! Source: CreateSubnet, AssociateSubnetCidrBlock and DisassociateSubnetCidrBlock in the EC2 API reference.

use super::block::parse_cidr;
use super::lookup::{IdCodes, find, required};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{Interface, Subnet, SubnetIpv6, Vpc};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::{AccountId, Ipv6Cidr, SubnetCidrAssociationId};

pub const LENGTH: u8 = 64;

const CODES: IdCodes = IdCodes {
    prefix: SubnetCidrAssociationId::PREFIX,
    noun: "subnet CIDR block association ID",
    not_found: "InvalidSubnetCidrBlockAssociationID.NotFound",
    malformed: Some("InvalidSubnetCidrBlockAssociationId.Malformed"),
};

pub fn register(table: &mut Table) {
    table.op::<ec2::AssociateSubnetCidrBlockRequest>(&["SubnetId", "Ipv6CidrBlock"], &[], associate);
    table.op::<ec2::DisassociateSubnetCidrBlockRequest>(&["AssociationId"], &[], disassociate);
}

/// A block that a subnet of the VPC can get.
pub(super) fn new_block(ctx: &mut Ctx, vpc: &Vpc, text: &str) -> Result<SubnetIpv6, AwsError> {
    let cidr: Ipv6Cidr = parse_cidr(text, "ipv6CidrBlock")?.canonical();
    if cidr.prefix_len() != LENGTH {
        let message = format!("invalid value for parameter ipv6-cidr-block: {cidr}. The block of a subnet is a /{LENGTH}.");
        return Err(AwsError::invalid_parameter_value(message));
    }
    if !vpc.ipv6.iter().any(|c| c.cidr.contains_cidr(cidr)) {
        return Err(AwsError::new("InvalidSubnet.Range", format!("The IPv6 CIDR '{cidr}' is invalid.")));
    }
    let taken = |s: Rc<Subnet>| s.vpc == vpc.id && s.ipv6.as_ref().is_some_and(|c| c.cidr.overlaps(cidr));
    if ctx.db.list::<Subnet>(&vpc.account).any(taken) {
        return Err(AwsError::new("InvalidSubnet.Conflict", format!("The IPv6 CIDR '{cidr}' conflicts with another subnet")));
    }
    Ok(SubnetIpv6 { association: ctx.new_id(SubnetCidrAssociationId::from_random), cidr })
}

fn associate(
    ctx: &mut Ctx,
    req: Authorized<ec2::AssociateSubnetCidrBlockRequest>,
) -> OpResult<ec2::AssociateSubnetCidrBlockResult> {
    let subnet = find::<Subnet>(ctx, required(&req.subnet_id, "SubnetId")?)?;
    let text = required(&req.ipv6_cidr_block, "Ipv6CidrBlock")?;
    let vpc = find::<Vpc>(ctx, &subnet.vpc.to_string())?;
    let block = new_block(ctx, &vpc, text)?;
    if let Some(there) = &subnet.ipv6 {
        let message = format!("The subnet '{}' has the IPv6 CIDR block {}, and can have one only.", subnet.id, there.cidr);
        return Err(AwsError::new("CidrLimitExceeded", message).into());
    }
    ctx.db.update::<Subnet>(&subnet.account, subnet.id, |s| s.ipv6 = Some(block.clone()));
    Ok(ec2::AssociateSubnetCidrBlockResult {
        ipv6_cidr_block_association: Some(to_ec2(&block, "associating")),
        subnet_id: Some(subnet.id.to_string()),
    })
}

/// The subnet with that association.
pub fn owner(db: &Db, account: &AccountId, id: SubnetCidrAssociationId) -> Option<Rc<Subnet>> {
    db.list::<Subnet>(account).find(|s| s.ipv6.as_ref().is_some_and(|c| c.association == id))
}

fn disassociate(
    ctx: &mut Ctx,
    req: Authorized<ec2::DisassociateSubnetCidrBlockRequest>,
) -> OpResult<ec2::DisassociateSubnetCidrBlockResult> {
    let id = required(&req.association_id, "AssociationId")?;
    let subnet = owner(ctx.db, &ctx.caller.account, CODES.parse(id)?).ok_or_else(|| CODES.not_found(id))?;
    let in_use = |why: &str| {
        let message = format!("The subnet IPv6 CIDR block with association ID {id} may not be disassociated, because {why}.");
        AwsError::new("InvalidCidrBlock.InUse", message)
    };
    if subnet.assign_ipv6 {
        return Err(in_use("its subnet has assign-ipv6-address-on-creation set to true").into());
    }
    if ctx.db.list::<Interface>(&subnet.account).any(|i| i.subnet == subnet.id && !i.ipv6.is_empty()) {
        return Err(in_use("network interfaces of its subnet have IPv6 addresses").into());
    }
    ctx.db.update::<Subnet>(&subnet.account, subnet.id, |s| s.ipv6 = None);
    Ok(ec2::DisassociateSubnetCidrBlockResult {
        ipv6_cidr_block_association: subnet.ipv6.as_ref().map(|c| to_ec2(c, "disassociating")),
        subnet_id: Some(subnet.id.to_string()),
    })
}

pub(super) fn to_ec2(block: &SubnetIpv6, state: &str) -> ec2::SubnetIpv6CidrBlockAssociation {
    ec2::SubnetIpv6CidrBlockAssociation {
        association_id: Some(block.association.to_string()),
        ip_source: Some("amazon".to_owned()),
        ipv6_address_attribute: Some("public".to_owned()),
        ipv6_cidr_block: Some(block.cidr.to_string()),
        ipv6_cidr_block_state: Some(ec2::SubnetCidrBlockState { state: Some(state.to_owned()), status_message: None }),
    }
}
