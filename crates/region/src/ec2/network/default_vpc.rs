//! The default VPC, which every new account has, and default subnets.

use super::vpc::{self, new_vpc};
use super::zone::{zone_list, zone_named, zone_with_id};
use super::{internet_gateway, subnet};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{RouteRow, RouteRowTarget, RouteTable, Subnet, Vpc};
use aws_protocol::{AwsError, ec2};
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{AzName, Ipv4Cidr};

const DEFAULT_SUBNET_LENGTH: u8 = 20;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateDefaultVpcRequest>(&[], &[], create);
    table.op::<ec2::CreateDefaultSubnetRequest>(&["AvailabilityZone", "AvailabilityZoneId"], &[], create_subnet);
}

fn create(ctx: &mut Ctx, _: Authorized<ec2::CreateDefaultVpcRequest>) -> OpResult<ec2::CreateDefaultVpcResult> {
    let vpc = create_default_vpc(ctx)?;
    Ok(ec2::CreateDefaultVpcResult { vpc: Some(vpc::to_ec2_vpc(ctx, &vpc)) })
}

/// 172.31.0.0/16 with a /20 for each zone, an internet gateway and the route to it: instances are reachable at once.
pub fn create_default_vpc(ctx: &mut Ctx) -> OpResult<Vpc> {
    if vpc::default_vpc(ctx).is_some() {
        let message = "A Default VPC already exists for this account in this region.";
        return Err(AwsError::new("DefaultVpcAlreadyExists", message).into());
    }
    let cidr = Ipv4Cidr::new(Ipv4Addr::new(172, 31, 0, 0), 16).ok_or_else(|| AwsError::internal("172.31.0.0/16"))?;
    let vpc = new_vpc(ctx, cidr, true)?;
    let zones: Vec<AzName> = ctx.settings.zones().into_iter().cloned().collect();
    for az in zones {
        new_default_subnet(ctx, &vpc, az)?;
    }
    let gateway = internet_gateway::new_gateway(ctx, Some(vpc.id))?;
    ctx.db.update::<RouteTable>(&vpc.account, vpc.main_route_table, |t| {
        t.routes.push(RouteRow { destination: Ipv4Cidr::ALL.into(), target: RouteRowTarget::InternetGateway(gateway.id) });
    });
    Ok(vpc)
}

/// In the first /20 of the VPC that is free.
fn new_default_subnet(ctx: &mut Ctx, vpc: &Vpc, az: AzName) -> Result<Subnet, AwsError> {
    let step = 1u64 << (32 - DEFAULT_SUBNET_LENGTH);
    let others: Vec<Rc<Subnet>> = ctx.db.list::<Subnet>(&vpc.account).filter(|s| s.vpc == vpc.id).collect();
    let blocks = (0..vpc.cidr.size() / step).filter_map(|i| Ipv4Cidr::new(vpc.cidr.nth(i * step)?, DEFAULT_SUBNET_LENGTH));
    let free = blocks
        .into_iter()
        .find(|b| !others.iter().any(|o| o.cidr.overlaps(*b)))
        .ok_or_else(|| AwsError::new("InvalidSubnet.Conflict", format!("The default VPC '{}' has no free /20 block.", vpc.id)))?;
    let mut subnet = subnet::new_subnet(ctx, vpc, free, az)?;
    subnet.default_for_az = true;
    subnet.map_public_ip_on_launch = true;
    ctx.db.put(subnet.clone());
    Ok(subnet)
}

fn create_subnet(ctx: &mut Ctx, req: Authorized<ec2::CreateDefaultSubnetRequest>) -> OpResult<ec2::CreateDefaultSubnetResult> {
    let (given, zone) = match (req.availability_zone.as_deref(), req.availability_zone_id.as_deref()) {
        (Some(name), None) => (name, zone_named(ctx, name)),
        (None, Some(id)) => (id, zone_with_id(ctx, id)),
        (None, None) => return Err(AwsError::missing_parameter("AvailabilityZone").into()),
        (Some(_), Some(_)) => {
            let message = "Only one of AvailabilityZone and AvailabilityZoneId may be specified.";
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
    };
    let zone = zone.ok_or_else(|| {
        let zones = zone_list(ctx);
        let sentence = format!("Subnets can currently only be created in the following availability zones: {zones}.");
        AwsError::invalid_value("availabilityZone", given, &sentence)
    })?;
    let message = "No default VPC exists for this account in this region.";
    let vpc = vpc::default_vpc(ctx).ok_or_else(|| AwsError::new("DefaultVpcDoesNotExist", message))?;
    let there = |s: &Rc<Subnet>| s.vpc == vpc.id && s.az == zone && s.default_for_az;
    if let Some(subnet) = ctx.db.list::<Subnet>(&vpc.account).find(there) {
        let message = format!("'{}' is already the default subnet in {zone}.", subnet.id);
        return Err(AwsError::new("DefaultSubnetAlreadyExistsInAvailabilityZone", message).into());
    }
    let subnet = new_default_subnet(ctx, &vpc, zone)?;
    Ok(ec2::CreateDefaultSubnetResult { subnet: Some(subnet::to_ec2_subnet(ctx, &subnet, 0)) })
}
