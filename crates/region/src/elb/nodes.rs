//! A load balancer's nodes: one a subnet, each an interface that the user sees and cannot change.

use super::attributes::{of_balancer, of_group};
use super::check::{invalid, validation};
use super::rows::{BalancerNode, Drain, Kind, LoadBalancer, NodeState, TargetGroup};
use super::{compile, usage};
use crate::context::{Ctx, OpResult};
use crate::db::Db;
use crate::ec2::network::interface::{NewInterface, RESERVED_ADDRESSES, addresses_used, delete_interface, make_interface};
use crate::ec2::network::interface_addresses::Addresses;
use crate::ec2::network::interface_ipv6::Wanted6;
use crate::rows::{Address, AddressAssociation, Interface, InternetGateway, Subnet};
use aws_protocol::{AwsError, elbv2 as api};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{AddressAssociationId, TimestampMs, VpcId};

/// "Each subnet must have at least eight free IP addresses."
const FREE_ADDRESSES_MIN: u64 = 8;
const ZONES_MIN: usize = 2;

/// A subnet that a request names.
pub struct Wanted {
    pub subnet: Rc<Subnet>,
    pub private_ip: Option<Ipv4Addr>,
    pub address: Option<Rc<Address>>,
}

/// The subnets of a request, checked against each other.
pub fn wanted(
    ctx: &Ctx,
    kind: Kind,
    internet_facing: bool,
    subnets: &Option<Vec<String>>,
    mappings: &Option<Vec<api::SubnetMapping>>,
) -> Result<Vec<Wanted>, AwsError> {
    let (plain, mapped) = (subnets.as_deref().unwrap_or_default(), mappings.as_deref().unwrap_or_default());
    let out: Vec<Wanted> = match (!plain.is_empty(), !mapped.is_empty()) {
        (true, true) => return Err(validation("Only one of either subnets or subnet mappings can be specified")),
        (false, false) => return Err(validation("At least one subnet must be specified")),
        (true, false) => {
            let find = |id: &String| Ok(Wanted { subnet: subnet(ctx, id)?, private_ip: None, address: None });
            plain.iter().map(find).collect::<Result<_, AwsError>>()?
        }
        (false, true) => mapped.iter().map(|m| mapping(ctx, kind, internet_facing, m)).collect::<Result<_, AwsError>>()?,
    };
    let vpc = out[0].subnet.vpc;
    if out.iter().any(|w| w.subnet.vpc != vpc) {
        return Err(invalid(format!("All subnets must belong to the same VPC: '{vpc}'")));
    }
    let zones: BTreeSet<_> = out.iter().map(|w| &w.subnet.az).collect();
    if zones.len() < out.len() {
        return Err(invalid("A load balancer cannot be attached to multiple subnets in the same Availability Zone"));
    }
    if kind == Kind::Application && zones.len() < ZONES_MIN {
        return Err(validation("At least two subnets in two different Availability Zones must be specified"));
    }
    if internet_facing && !ctx.db.list::<InternetGateway>(&ctx.caller.account).any(|g| g.vpc == Some(vpc)) {
        return Err(AwsError::new("InvalidSubnet", format!("VPC {vpc} has no internet gateway")));
    }
    Ok(out)
}

fn subnet(ctx: &Ctx, id: &str) -> Result<Rc<Subnet>, AwsError> {
    let found = ctx.db.get::<Subnet>(&ctx.caller.account, id);
    found.ok_or_else(|| AwsError::new("SubnetNotFound", format!("The subnet ID '{id}' is not valid")))
}

fn mapping(ctx: &Ctx, kind: Kind, internet_facing: bool, m: &api::SubnetMapping) -> Result<Wanted, AwsError> {
    let subnet = subnet(ctx, m.subnet_id.as_deref().unwrap_or_default())?;
    if kind == Kind::Application && (m.allocation_id.is_some() || m.private_ipv4_address.is_some()) {
        return Err(invalid("Subnet mappings of application load balancers name subnets only"));
    }
    if m.allocation_id.is_some() && !internet_facing {
        return Err(invalid("Elastic IP addresses are not supported for load balancers with scheme 'internal'"));
    }
    if m.private_ipv4_address.is_some() && internet_facing {
        return Err(invalid("Private IPv4 addresses are only supported for load balancers with scheme 'internal'"));
    }
    let address = m.allocation_id.as_deref().map(|id| {
        let found = ctx.db.get::<Address>(&ctx.caller.account, id);
        let found =
            found.ok_or_else(|| AwsError::new("AllocationIdNotFound", format!("The allocation ID '{id}' is not valid")))?;
        if found.association.is_some() {
            return Err(AwsError::new("ResourceInUse", format!("The allocation ID '{id}' is in use")));
        }
        Ok(found)
    });
    let private_ip = m.private_ipv4_address.as_deref().map(|ip| {
        let parsed: Option<Ipv4Addr> = ip.parse().ok().filter(|ip| subnet.cidr.contains(*ip));
        parsed.ok_or_else(|| invalid(format!("The IP address '{ip}' is not within the subnet '{}'", subnet.id)))
    });
    Ok(Wanted { address: address.transpose()?, private_ip: private_ip.transpose()?, subnet })
}

pub fn of(db: &Db, b: &LoadBalancer) -> Vec<Rc<BalancerNode>> {
    let mut nodes: Vec<_> = db.list::<BalancerNode>(&b.account).filter(|n| n.balancer == b.id && n.state.is_wanted()).collect();
    nodes.sort_by(|a, b| a.az.cmp(&b.az));
    nodes
}

/// One more node, with its interface.
pub fn make(ctx: &mut Ctx, b: &LoadBalancer, w: &Wanted) -> OpResult<()> {
    let free = w.subnet.cidr.size().saturating_sub(RESERVED_ADDRESSES + addresses_used(ctx.db, &b.account, w.subnet.id));
    if free < FREE_ADDRESSES_MIN {
        let sentence = format!(
            "Not enough IP space available in {}. ELB requires at least {FREE_ADDRESSES_MIN} free IP addresses in each subnet.",
            w.subnet.id
        );
        return Err(AwsError::new("InvalidSubnet", sentence).into());
    }
    let path = b.path();
    let new = NewInterface {
        subnet: w.subnet.clone(),
        addresses: Addresses { primary: w.private_ip, ..Default::default() },
        // There are only addresses of IPv4, whatever the subnet gives to others.
        ipv6: Wanted6 { named: Vec::new(), count: Some(0) },
        groups: b.groups.clone(),
        description: format!("ELB {path}"),
        source_dest_check: b.kind == Kind::Application,
        associate_public_ip: b.internet_facing && w.address.is_none(),
        attachment: None,
    };
    let made = make_interface(ctx, new)?;
    ctx.db.update::<Interface>(&b.account, made.id, |i| {
        i.load_balancer = Some(path);
        i.groups.clone_from(&b.groups);
    });
    if let (Some(address), Some(private_ip)) = (&w.address, made.ipv4.first()) {
        let id = ctx.new_id(AddressAssociationId::from_random);
        let association = AddressAssociation { id, interface: made.id, private_ip: *private_ip };
        ctx.db.update::<Address>(&b.account, address.allocation, |a| a.association = Some(association));
    }
    ctx.db.put(BalancerNode {
        account: b.account.clone(),
        interface: made.id,
        balancer: b.id.clone(),
        kind: b.kind,
        subnet: w.subnet.id,
        az: w.subnet.az.clone(),
        allocation: w.address.as_ref().map(|a| a.allocation),
        state: NodeState::Pending,
        place: None,
        drain: None,
    });
    Ok(())
}

/// Nodes that are not wanted any more: requests under way may end, within the longest deregistration delay of the load
/// balancer's target groups; then a node is gone once its host says so. Asked for while listeners still name the groups.
pub fn dismiss(ctx: &mut Ctx, b: &LoadBalancer, nodes: &[Rc<BalancerNode>]) {
    let groups = usage::group_rows(ctx.db, b);
    let delay = |g: &Rc<TargetGroup>| of_group(g).number("deregistration_delay.timeout_seconds");
    let seconds = groups.iter().map(delay).max().unwrap_or(0);
    let until = TimestampMs(ctx.now.0 + u64::from(seconds) * 1000);
    for node in nodes {
        if node.place.is_none() {
            remove(ctx.db, node);
            continue;
        }
        // Flows through the switch are not its process's to end.
        let drains = node.kind == Kind::Application && node.state == NodeState::Up;
        let attributes = || compile::attributes(ctx.db, ctx.settings, b, node, &of_balancer(b));
        let drain = drains.then(|| Drain { until, name: b.path(), attributes: attributes() });
        ctx.db.update::<BalancerNode>(&node.account, node.interface, |n| {
            n.state = if drains { NodeState::Draining } else { NodeState::Ending };
            n.drain = drain;
        });
    }
}

pub fn remove(db: &mut Db, node: &BalancerNode) {
    delete_interface(db, &node.account, node.interface);
    db.delete::<BalancerNode>(&node.account, node.interface);
    db.balancers.forget(node.interface);
}

/// The security groups of a request: of the VPC, each once.
pub fn groups(ctx: &Ctx, vpc: VpcId, ids: &[String]) -> Result<Vec<types::SecurityGroupId>, AwsError> {
    let mut out = Vec::new();
    for id in ids {
        let found = ctx.db.get::<crate::rows::SecurityGroup>(&ctx.caller.account, id);
        let sentence = || format!("The security group ID '{id}' is not valid for VPC '{vpc}'");
        let found = found.filter(|g| g.vpc == vpc).ok_or_else(|| AwsError::new("InvalidSecurityGroup", sentence()))?;
        if !out.contains(&found.id) {
            out.push(found.id);
        }
    }
    let max = ctx.quota(&crate::quota::table::SECURITY_GROUPS_PER_INTERFACE);
    if out.len() > max {
        return Err(invalid(format!("A load balancer cannot have more than {max} security groups")));
    }
    Ok(out)
}
