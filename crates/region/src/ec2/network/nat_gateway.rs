//! NAT gateways: an interface of a subnet that translates what others send through it, to public addresses or to its own.
//!
//! The API's part. [`super::nat_router`] says where one runs and when it is available or gone.
//! Source: "NAT gateways" and "Troubleshoot NAT gateways" in the VPC user guide, CreateNatGateway in the API reference.

use super::interface::{check_address, free_address};
use super::lookup::{Listing, find, many, one, required};
use super::{nat_router, quota};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Address, AddressAssociation, Interface, InternetGateway, NatAddress, NatGateway, NatState, Subnet};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{AddressAssociationId, InterfaceId, MacAddr, NatGatewayId};

/// A deleted or failed one is described for about an hour.
const ENDED_SHOWN_MS: u64 = 3600 * 1000;

/// Of one NAT gateway.
const ADDRESSES_MAX: usize = 8;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateNatGatewayRequest>(
        &[
            "SubnetId",
            "AllocationId",
            "ConnectivityType",
            "PrivateIpAddress",
            "SecondaryAllocationId.N",
            "SecondaryPrivateIpAddress.N",
            "SecondaryPrivateIpAddressCount",
        ],
        &["natgateway"],
        create,
    );
    table.op::<ec2::DeleteNatGatewayRequest>(&["NatGatewayId"], &[], delete);
    table.op::<ec2::DescribeNatGatewaysRequest>(&["NatGatewayId.N"], &[], describe);
}

/// What a request says of one address, primary first.
struct Wanted {
    private_ip: Option<Ipv4Addr>,
    address: Option<Rc<Address>>,
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateNatGatewayRequest>) -> OpResult<ec2::CreateNatGatewayResult> {
    let private = match req.connectivity_type.as_deref() {
        None | Some("public") => false,
        Some("private") => true,
        Some(other) => {
            return Err(AwsError::invalid_value("connectivityType", other, "Expected public or private.").into());
        }
    };
    let subnet = find::<Subnet>(ctx, required(&req.subnet_id, "SubnetId")?)?;
    let wanted = if private { private_addresses(&req)? } else { public_addresses(ctx, &req)? };
    if wanted.len() > ADDRESSES_MAX {
        let message = "The maximum number of private IP addresses of a NAT gateway has been reached.";
        return Err(AwsError::new("PrivateIpAddressLimitExceeded", message).into());
    }
    let in_zone = |g: &Rc<NatGateway>| {
        !matches!(g.state, NatState::Deleted | NatState::Failed)
            && ctx.db.get::<Subnet>(&g.account, g.subnet).is_some_and(|s| s.az == subnet.az)
    };
    if ctx.db.list::<NatGateway>(&subnet.account).filter(in_zone).count() >= ctx.quota(&quota::NAT_GATEWAYS_PER_ZONE) {
        let message = format!(
            "Performing this operation would exceed the limit of {} NAT gateways",
            ctx.quota(&quota::NAT_GATEWAYS_PER_ZONE)
        );
        return Err(AwsError::new("NatGatewayLimitExceeded", message).into());
    }
    let mut gateway = NatGateway {
        account: subnet.account.clone(),
        id: ctx.new_id(NatGatewayId::from_random),
        vpc: subnet.vpc,
        subnet: subnet.id,
        interface: None,
        private,
        state: NatState::Pending,
        failure: None,
        created: ctx.now,
        deleted: None,
        addresses: Vec::new(),
        place: None,
    };
    let private_ips = private_ips(ctx, &subnet, &wanted)?;
    let failure = failure(ctx, &gateway, &wanted).map(Err).unwrap_or(private_ips);
    match failure {
        Err((code, message)) => {
            let given = |w: &Wanted| NatAddress {
                private_ip: w.private_ip,
                allocation: w.address.as_ref().map(|a| a.allocation),
                public_ip: None,
            };
            gateway.addresses = wanted.iter().map(given).collect();
            gateway.state = NatState::Failed;
            gateway.failure = Some((code.to_owned(), message));
            gateway.deleted = Some(ctx.now);
        }
        Ok(ips) => {
            gateway.interface = Some(new_interface(ctx, &subnet, gateway.id, &ips));
            associate(ctx, &mut gateway, &wanted, &ips);
        }
    }
    ctx.tag(gateway.id, tags::specified(&req.tag_specifications, "natgateway")?)?;
    ctx.db.put(gateway.clone());
    // The reply is of the moment of the request: a failure shows in the next description.
    let mut shown = to_ec2_gateway(ctx, &gateway);
    if gateway.state == NatState::Failed {
        shown.state = Some(NatState::Pending.name().to_owned());
        (shown.failure_code, shown.failure_message, shown.delete_time) = (None, None, None);
    }
    Ok(ec2::CreateNatGatewayResult { client_token: req.client_token.clone(), nat_gateway: Some(shown) })
}

fn parse_ip(text: &str, parameter: &str) -> Result<Ipv4Addr, AwsError> {
    text.parse().map_err(|_| AwsError::invalid_value(parameter, text, "This is not an IPv4 address."))
}

fn primary_ip(req: &ec2::CreateNatGatewayRequest) -> Result<Option<Ipv4Addr>, AwsError> {
    req.private_ip_address.as_deref().map(|text| parse_ip(text, "privateIpAddress")).transpose()
}

fn secondary_ips(req: &ec2::CreateNatGatewayRequest) -> Result<Vec<Ipv4Addr>, AwsError> {
    let given = req.secondary_private_ip_addresses.iter().flatten();
    given.map(|text| parse_ip(text, "secondaryPrivateIpAddress")).collect()
}

fn private_addresses(req: &ec2::CreateNatGatewayRequest) -> Result<Vec<Wanted>, AwsError> {
    if req.allocation_id.is_some() || req.secondary_allocation_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        let message = "A private NAT gateway has no Elastic IP address: AllocationId and SecondaryAllocationIds cannot be used.";
        return Err(AwsError::invalid_parameter_combination(message));
    }
    let mut ips: Vec<Option<Ipv4Addr>> = vec![primary_ip(req)?];
    let secondary = secondary_ips(req)?;
    match req.secondary_private_ip_address_count {
        Some(_) if !secondary.is_empty() => {
            let message = "SecondaryPrivateIpAddresses and SecondaryPrivateIpAddressCount cannot be used together.";
            return Err(AwsError::invalid_parameter_combination(message));
        }
        Some(n) if !(1..=31).contains(&n) => {
            return Err(AwsError::invalid_value("secondaryPrivateIpAddressCount", &n.to_string(), "Must be between 1 and 31."));
        }
        Some(n) => ips.extend((0..n).map(|_| None)),
        None => ips.extend(secondary.into_iter().map(Some)),
    }
    Ok(ips.into_iter().map(|private_ip| Wanted { private_ip, address: None }).collect())
}

fn public_addresses(ctx: &Ctx, req: &ec2::CreateNatGatewayRequest) -> Result<Vec<Wanted>, AwsError> {
    let first = required(&req.allocation_id, "AllocationId")?;
    if req.secondary_private_ip_address_count.is_some() {
        let message = "SecondaryPrivateIpAddressCount can only be used with a private NAT gateway.";
        return Err(AwsError::invalid_parameter_combination(message));
    }
    let secondary = secondary_ips(req)?;
    let others: Vec<&String> = req.secondary_allocation_ids.iter().flatten().collect();
    if !secondary.is_empty() && secondary.len() != others.len() {
        let message = "SecondaryPrivateIpAddresses must have as many addresses as SecondaryAllocationIds.";
        return Err(AwsError::invalid_parameter_combination(message));
    }
    let mut seen = BTreeSet::new();
    let mut out = vec![Wanted { private_ip: primary_ip(req)?, address: Some(find::<Address>(ctx, first)?) }];
    for (n, id) in others.into_iter().enumerate() {
        out.push(Wanted { private_ip: secondary.get(n).copied(), address: Some(find::<Address>(ctx, id)?) });
    }
    if let Some(twice) = out.iter().filter_map(|w| w.address.as_ref()).find(|a| !seen.insert(a.allocation)) {
        let message = format!("The allocation ID '{}' is specified more than once.", twice.allocation);
        return Err(AwsError::invalid_parameter_value(message));
    }
    Ok(out)
}

type Failure = (&'static str, String);

/// Why one that was asked for cannot be: EC2 answers the request and shows these in the gateway's description.
fn failure(ctx: &Ctx, gateway: &NatGateway, wanted: &[Wanted]) -> Option<Failure> {
    if gateway.private {
        return None;
    }
    let attached = |g: Rc<InternetGateway>| g.vpc == Some(gateway.vpc);
    if !ctx.db.list::<InternetGateway>(&gateway.account).any(attached) {
        return Some(("Gateway.NotAttached", format!("Network {} has no Internet gateway attached", gateway.vpc)));
    }
    let taken = wanted.iter().filter_map(|w| w.address.as_ref()).find(|a| a.association.is_some())?;
    Some(("Resource.AlreadyAssociated", format!("Elastic IP address [{}] is already associated", taken.allocation)))
}

/// The addresses of its interface, or that the subnet has not enough.
fn private_ips(ctx: &mut Ctx, subnet: &Subnet, wanted: &[Wanted]) -> Result<Result<Vec<Ipv4Addr>, Failure>, AwsError> {
    let interfaces = ctx.db.list::<Interface>(&subnet.account).filter(|i| i.subnet == subnet.id);
    let mut used: BTreeSet<Ipv4Addr> = interfaces.flat_map(|i| i.ipv4.clone()).collect();
    for ip in wanted.iter().filter_map(|w| w.private_ip) {
        check_address(subnet, &used, ip)?;
        used.insert(ip);
    }
    let mut out = Vec::new();
    for w in wanted {
        let ip = match w.private_ip {
            Some(ip) => ip,
            None => match free_address(ctx, subnet, &used) {
                Ok(ip) => ip,
                Err(e) if e.is("InsufficientFreeAddressesInSubnet") => {
                    let message = "Subnet has insufficient free addresses to create this NAT gateway";
                    return Ok(Err(("InsufficientFreeAddressesInSubnet", message.to_owned())));
                }
                Err(e) => return Err(e),
            },
        };
        used.insert(ip);
        out.push(ip);
    }
    Ok(Ok(out))
}

fn new_interface(ctx: &mut Ctx, subnet: &Subnet, gateway: NatGatewayId, ips: &[Ipv4Addr]) -> InterfaceId {
    let in_vpc = ctx.db.list::<Interface>(&subnet.account).filter(|i| i.vpc == subnet.vpc);
    let macs: BTreeSet<MacAddr> = in_vpc.map(|i| i.mac).collect();
    let mut mac = MacAddr::from_random(ctx.rng().u64());
    while macs.contains(&mac) {
        mac = MacAddr::from_random(ctx.rng().u64());
    }
    let id = ctx.new_id(InterfaceId::from_random);
    ctx.db.put(Interface {
        account: subnet.account.clone(),
        id,
        vpc: subnet.vpc,
        subnet: subnet.id,
        az: subnet.az.clone(),
        mac,
        ipv4: ips.to_vec(),
        ipv6: Vec::new(),
        groups: Vec::new(),
        description: format!("Interface for NAT Gateway {gateway}"),
        source_dest_check: false,
        attachment: None,
        auto_public_ip: None,
        associate_public_ip: false,
        nat_gateway: Some(gateway),
        load_balancer: None,
    });
    id
}

fn associate(ctx: &mut Ctx, gateway: &mut NatGateway, wanted: &[Wanted], ips: &[Ipv4Addr]) {
    let Some(interface) = gateway.interface else { return };
    for (w, ip) in wanted.iter().zip(ips) {
        if let Some(address) = &w.address {
            let id = ctx.new_id(AddressAssociationId::from_random);
            let association = AddressAssociation { id, interface, private_ip: *ip };
            ctx.db.update::<Address>(&gateway.account, address.allocation, |a| a.association = Some(association));
        }
        gateway.addresses.push(NatAddress {
            private_ip: Some(*ip),
            allocation: w.address.as_ref().map(|a| a.allocation),
            public_ip: w.address.as_ref().map(|a| a.public_ip),
        });
    }
}

/// What was given is given back once no host translates any more: the gateway is `deleting` till then.
fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteNatGatewayRequest>) -> OpResult<ec2::DeleteNatGatewayResult> {
    let gateway = find::<NatGateway>(ctx, required(&req.nat_gateway_id, "NatGatewayId")?)?;
    match gateway.state {
        NatState::Deleting => {}
        NatState::Deleted => {
            let message = format!("NAT gateway {} was not found", gateway.id);
            return Err(AwsError::new("NatGatewayNotFound", message).into());
        }
        NatState::Failed => nat_router::end(ctx.db, ctx.now, &gateway),
        NatState::Pending | NatState::Available if gateway.place.is_none() => nat_router::end(ctx.db, ctx.now, &gateway),
        NatState::Pending | NatState::Available => {
            ctx.db.update::<NatGateway>(&gateway.account, gateway.id, |g| g.state = NatState::Deleting);
        }
    }
    Ok(ec2::DeleteNatGatewayResult { nat_gateway_id: Some(gateway.id.to_string()) })
}

const FILTERS: &[&str] = &["nat-gateway-id", "state", "subnet-id", "vpc-id"];

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeNatGatewaysRequest>) -> OpResult<ec2::DescribeNatGatewaysResult> {
    let listing =
        Listing { ids: &req.nat_gateway_ids, filters: &req.filter, max_results: req.max_results, next_token: &req.next_token };
    let (rows, next_token) = listing.rows::<NatGateway>(ctx, FILTERS, |g, name| match name {
        "nat-gateway-id" => one(g.id),
        "state" => one(g.state.name()),
        "subnet-id" => one(g.subnet),
        "vpc-id" => one(g.vpc),
        name if FILTERS.contains(&name) => many::<String>([]),
        _ => None,
    })?;
    let nat_gateways = rows.iter().map(|g| to_ec2_gateway(ctx, g)).collect();
    Ok(ec2::DescribeNatGatewaysResult { nat_gateways: Some(nat_gateways), next_token })
}

fn to_ec2_gateway(ctx: &Ctx, g: &NatGateway) -> ec2::NatGateway {
    let status = match g.state {
        NatState::Pending if g.private => "assigning",
        NatState::Pending => "associating",
        NatState::Available => "succeeded",
        NatState::Deleting | NatState::Deleted if g.private => "unassigning",
        NatState::Deleting | NatState::Deleted => "disassociating",
        NatState::Failed => "failed",
    };
    let addresses = g.addresses.iter().enumerate().map(|(n, a)| ec2::NatGatewayAddress {
        allocation_id: a.allocation.map(|id| id.to_string()),
        association_id: a.allocation.and_then(|id| {
            let address = ctx.db.get::<Address>(&g.account, id)?;
            let association = address.association.as_ref().filter(|x| Some(x.interface) == g.interface)?;
            Some(association.id.to_string())
        }),
        is_primary: Some(n == 0),
        network_interface_id: g.interface.map(|id| id.to_string()),
        private_ip: a.private_ip.map(|ip| ip.to_string()),
        public_ip: a.public_ip.map(|ip| ip.to_string()),
        status: Some(status.to_owned()),
        ..Default::default()
    });
    ec2::NatGateway {
        connectivity_type: Some(if g.private { "private" } else { "public" }.to_owned()),
        create_time: Some(g.created),
        delete_time: g.deleted,
        failure_code: g.failure.as_ref().map(|f| f.0.clone()),
        failure_message: g.failure.as_ref().map(|f| f.1.clone()),
        nat_gateway_addresses: Some(addresses.collect()),
        nat_gateway_id: Some(g.id.to_string()),
        state: Some(g.state.name().to_owned()),
        subnet_id: Some(g.subnet.to_string()),
        tags: ctx.tag_list(g.id),
        vpc_id: Some(g.vpc.to_string()),
        ..Default::default()
    }
}

/// Forgets those whose end was an hour ago. Called now and then by the service.
pub fn forget_ended(db: &mut crate::db::Db, now: types::TimestampMs) {
    let over = |g: &Rc<NatGateway>| g.deleted.is_some_and(|at| now.0 >= at.0 + ENDED_SHOWN_MS);
    for g in db.all::<NatGateway>().filter(over).collect::<Vec<_>>() {
        db.delete::<crate::rows::TagSet>(&g.account, g.id);
        db.delete::<NatGateway>(&g.account, g.id);
    }
}
