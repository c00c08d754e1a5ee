//! Routes: to a gateway, to an interface of the VPC, or over a peering.

use super::block::{Block, parse_cidr};
use super::interface::interfaces_of;
use super::lookup::{IdCodes, Resource, find, required};
use super::{peering, prefix_list, quota, transit_attachment};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{
    EgressOnlyGateway, Instance, InstanceState, Interface, InternetGateway, NatGateway, PeeringState, PrefixRoute, RouteRow,
    RouteRowTarget, RouteTable, Subnet, TransitGateway, Vpc, VpcEndpoint,
};
use aws_protocol::{AwsError, ec2};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::rc::Rc;
use types::{AccountId, InternetGatewayId, NatGatewayId, PrefixListId};

/// The other targets that EC2 has are refused by name.
const ROUTE: &[&str] = &[
    "RouteTableId",
    "DestinationCidrBlock",
    "DestinationIpv6CidrBlock",
    "DestinationPrefixListId",
    "GatewayId",
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "NatGatewayId",
    "VpcPeeringConnectionId",
    "TransitGatewayId",
];

/// Those of routes to NAT gateways; the gateways' own operations have others.
const NAT_CODES: IdCodes = IdCodes {
    prefix: NatGatewayId::PREFIX,
    noun: "natGateway ID",
    not_found: "InvalidNatGatewayID.NotFound",
    malformed: Some("InvalidNatGatewayID.Malformed"),
};

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateRouteRequest>(ROUTE, &[], create);
    table.op::<ec2::ReplaceRouteRequest>(ROUTE, &[], replace);
    let destinations = &["RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"];
    table.op::<ec2::DeleteRouteRequest>(destinations, &[], delete);
}

/// Whether packets can go there. A route stays when its target goes: then it is a blackhole.
pub fn is_active(db: &Db, table: &RouteTable, target: RouteRowTarget) -> bool {
    match target {
        RouteRowTarget::Local => true,
        RouteRowTarget::InternetGateway(id) => {
            db.get::<InternetGateway>(&table.account, id).is_some_and(|g| g.vpc == Some(table.vpc))
        }
        RouteRowTarget::EgressOnly(id) => db.get::<EgressOnlyGateway>(&table.account, id).is_some_and(|g| g.vpc == table.vpc),
        RouteRowTarget::Interface(id) => {
            let interface = db.get::<Interface>(&table.account, id);
            let instance = interface.and_then(|i| db.get::<Instance>(&table.account, i.attachment.as_ref()?.instance));
            instance.is_some_and(|i| matches!(i.state, InstanceState::Pending | InstanceState::Running))
        }
        RouteRowTarget::NatGateway(id) => db.get::<NatGateway>(&table.account, id).is_some_and(|g| g.state.is_wanted()),
        RouteRowTarget::Peering(id) => peering::get(db, id).is_some_and(|p| p.is_active()),
        RouteRowTarget::TransitGateway(id) => transit_attachment::of_vpc(db, &table.account, table.vpc, id).is_some(),
        RouteRowTarget::Endpoint(id) => db.get::<VpcEndpoint>(&table.account, id).is_some(),
    }
}

/// What a table's routes count for against the quota, which is "enforced separately for IPv4 routes and IPv6 routes": the more
/// of the two.
pub fn weight(table: &RouteTable, list: impl Fn(PrefixListId) -> (usize, bool)) -> usize {
    let mut counts = [0, 0];
    let fixed = table.routes.iter().map(|r| (1, r.destination.is_v6()));
    for (routes, ipv6) in fixed.chain(table.prefix_routes.iter().map(|r| list(r.list))) {
        counts[usize::from(ipv6)] += routes;
    }
    counts[0].max(counts[1])
}

/// As replies show them: static ones, then those to prefix lists.
pub fn to_ec2_routes(ctx: &Ctx, table: &RouteTable) -> Vec<ec2::Route> {
    let fixed = table.routes.iter().map(|r| ec2::Route {
        destination_cidr_block: r.destination.v4().map(|c| c.to_string()),
        destination_ipv6_cidr_block: r.destination.v6().map(|c| c.to_string()),
        ..to_ec2_target(ctx, table, r.target)
    });
    let lists = table
        .prefix_routes
        .iter()
        .map(|r| ec2::Route { destination_prefix_list_id: Some(r.list.to_string()), ..to_ec2_target(ctx, table, r.target) });
    fixed.chain(lists).collect()
}

fn to_ec2_target(ctx: &Ctx, table: &RouteTable, target: RouteRowTarget) -> ec2::Route {
    let state = if is_active(ctx.db, table, target) { "active" } else { "blackhole" };
    let mut out = ec2::Route { origin: Some("CreateRoute".to_owned()), state: Some(state.to_owned()), ..Default::default() };
    match target {
        RouteRowTarget::Local => {
            out.gateway_id = Some("local".to_owned());
            out.origin = Some("CreateRouteTable".to_owned());
        }
        RouteRowTarget::InternetGateway(id) => out.gateway_id = Some(id.to_string()),
        RouteRowTarget::EgressOnly(id) => out.egress_only_internet_gateway_id = Some(id.to_string()),
        RouteRowTarget::Interface(id) => {
            let interface = ctx.db.get::<Interface>(&table.account, id);
            let instance = interface.and_then(|i| i.attachment.as_ref().map(|a| a.instance));
            out.network_interface_id = Some(id.to_string());
            out.instance_id = instance.map(|i| i.to_string());
            out.instance_owner_id = instance.map(|_| table.account.to_string());
        }
        RouteRowTarget::NatGateway(id) => out.nat_gateway_id = Some(id.to_string()),
        RouteRowTarget::Peering(id) => out.vpc_peering_connection_id = Some(id.to_string()),
        RouteRowTarget::TransitGateway(id) => out.transit_gateway_id = Some(id.to_string()),
        RouteRowTarget::Endpoint(id) => out.gateway_id = Some(id.to_string()),
    }
    out
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Destination {
    Block(Block),
    List(PrefixListId),
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Block(cidr) => cidr.fmt(f),
            Self::List(id) => id.fmt(f),
        }
    }
}

impl Destination {
    fn of(ctx: &Ctx, cidr: &Option<String>, cidr6: &Option<String>, list: &Option<String>) -> Result<Self, AwsError> {
        match (cidr.as_deref(), cidr6.as_deref(), list.as_deref()) {
            (Some(text), None, None) => {
                Ok(Self::Block(Block::V4(parse_cidr::<Ipv4Addr>(text, "destinationCidrBlock")?.canonical())))
            }
            (None, Some(text), None) => {
                Ok(Self::Block(Block::V6(parse_cidr::<Ipv6Addr>(text, "destinationIpv6CidrBlock")?.canonical())))
            }
            (None, None, Some(id)) => Ok(Self::List(prefix_list::usable(ctx, id)?)),
            (None, None, None) => Err(AwsError::missing_parameter("DestinationCidrBlock or DestinationIpv6CidrBlock")),
            _ => Err(AwsError::invalid_parameter_combination(
                "Only one of DestinationCidrBlock, DestinationIpv6CidrBlock and DestinationPrefixListId may be specified.",
            )),
        }
    }

    fn is_v6(self, db: &Db, account: &AccountId) -> bool {
        match self {
            Self::Block(block) => block.is_v6(),
            Self::List(id) => prefix_list::is_ipv6(db, account, id),
        }
    }

    fn target_in(self, table: &RouteTable) -> Option<RouteRowTarget> {
        match self {
            Self::Block(cidr) => table.routes.iter().find(|r| r.destination == cidr).map(|r| r.target),
            Self::List(id) => table.prefix_routes.iter().find(|r| r.list == id).map(|r| r.target),
        }
    }

    /// Adds, changes, or (`None`) removes the route.
    fn set_in(self, table: &mut RouteTable, target: Option<RouteRowTarget>) {
        match self {
            Self::Block(destination) => {
                let at = table.routes.iter().position(|r| r.destination == destination);
                let row = target.map(|target| RouteRow { destination, target });
                put(&mut table.routes, at, row);
            }
            Self::List(list) => {
                let at = table.prefix_routes.iter().position(|r| r.list == list);
                put(&mut table.prefix_routes, at, target.map(|target| PrefixRoute { list, target }));
            }
        }
    }
}

fn put<T>(rows: &mut Vec<T>, at: Option<usize>, row: Option<T>) {
    match (at, row) {
        (Some(at), Some(row)) => rows[at] = row,
        (Some(at), None) => drop(rows.remove(at)),
        (None, Some(row)) => rows.push(row),
        (None, None) => {}
    }
}

/// Where a request says that packets are to go: exactly one of these.
struct Given<'a> {
    gateway: Option<&'a str>,
    egress_only: Option<&'a str>,
    interface: Option<&'a str>,
    instance: Option<&'a str>,
    nat_gateway: Option<&'a str>,
    peering: Option<&'a str>,
    transit_gateway: Option<&'a str>,
}

macro_rules! given {
    ($req:ident) => {
        Given {
            gateway: $req.gateway_id.as_deref(),
            egress_only: $req.egress_only_internet_gateway_id.as_deref(),
            interface: $req.network_interface_id.as_deref(),
            instance: $req.instance_id.as_deref(),
            nat_gateway: $req.nat_gateway_id.as_deref(),
            peering: $req.vpc_peering_connection_id.as_deref(),
            transit_gateway: $req.transit_gateway_id.as_deref(),
        }
    };
}

macro_rules! destination {
    ($ctx:ident, $req:ident) => {
        Destination::of($ctx, &$req.destination_cidr_block, &$req.destination_ipv6_cidr_block, &$req.destination_prefix_list_id)
    };
}

fn target(ctx: &Ctx, table: &RouteTable, given: Given) -> Result<RouteRowTarget, AwsError> {
    let mut targets = Vec::new();
    targets.extend(given.gateway.map(|id| to_gateway(ctx, table, id)));
    targets.extend(given.egress_only.map(|id| to_egress_only(ctx, table, id)));
    targets.extend(given.interface.map(|id| to_interface(ctx, table, id)));
    targets.extend(given.instance.map(|id| to_instance(ctx, table, id)));
    targets.extend(given.nat_gateway.map(|id| to_nat_gateway(ctx, table, id)));
    targets.extend(given.peering.map(|id| to_peering(ctx, table, id)));
    targets.extend(given.transit_gateway.map(|id| to_transit_gateway(ctx, table, id)));
    if targets.len() > 1 {
        return Err(AwsError::invalid_parameter_combination("Only one route target may be specified."));
    }
    let missing = "GatewayId, EgressOnlyInternetGatewayId, NatGatewayId, NetworkInterfaceId, InstanceId, TransitGatewayId or VpcPeeringConnectionId";
    targets.pop().unwrap_or_else(|| Err(AwsError::missing_parameter(missing)))
}

fn elsewhere(table: &RouteTable, kind: &str, id: &str) -> AwsError {
    AwsError::invalid_parameter_value(format!("route table {} and {kind} {id} belong to different networks", table.id))
}

fn to_gateway(ctx: &Ctx, table: &RouteTable, id: &str) -> Result<RouteRowTarget, AwsError> {
    if !id.starts_with("igw-") {
        let shown: String = id.chars().take(64).collect();
        let message =
            format!("A route to the gateway {shown} is not supported by this region: GatewayId must be an internet gateway.");
        return Err(AwsError::unsupported_operation(message));
    }
    let not_found = || AwsError::not_found("InvalidGatewayID.NotFound", "gateway ID", id);
    let parsed: InternetGatewayId = id.parse().map_err(|_| not_found())?;
    let gateway = ctx.db.get::<InternetGateway>(&table.account, parsed).ok_or_else(not_found)?;
    if gateway.vpc != Some(table.vpc) {
        return Err(elsewhere(table, "network gateway", id));
    }
    Ok(RouteRowTarget::InternetGateway(gateway.id))
}

fn to_egress_only(ctx: &Ctx, table: &RouteTable, id: &str) -> Result<RouteRowTarget, AwsError> {
    let gateway = find::<EgressOnlyGateway>(ctx, id)?;
    if gateway.vpc != table.vpc {
        return Err(elsewhere(table, "egress-only internet gateway", id));
    }
    Ok(RouteRowTarget::EgressOnly(gateway.id))
}

fn to_interface(ctx: &Ctx, table: &RouteTable, id: &str) -> Result<RouteRowTarget, AwsError> {
    let interface = find::<Interface>(ctx, id)?;
    if interface.vpc != table.vpc {
        return Err(elsewhere(table, "interface", id));
    }
    Ok(RouteRowTarget::Interface(interface.id))
}

fn to_instance(ctx: &Ctx, table: &RouteTable, id: &str) -> Result<RouteRowTarget, AwsError> {
    let instance = find::<Instance>(ctx, id)?;
    match interfaces_of(ctx.db, &instance.account, instance.id).as_slice() {
        [only] if only.vpc == table.vpc => Ok(RouteRowTarget::Interface(only.id)),
        [_] => Err(elsewhere(table, "instance", id)),
        [] => Err(AwsError::new("InvalidInstanceID", format!("Instance '{id}' has no network interface."))),
        _ => {
            let message = format!(
                "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the operation instead."
            );
            Err(AwsError::new("InvalidInstanceID", message))
        }
    }
}

fn to_nat_gateway(ctx: &Ctx, table: &RouteTable, id: &str) -> Result<RouteRowTarget, AwsError> {
    let parsed: NatGatewayId = NAT_CODES.parse(id)?;
    let gateway = ctx.db.get::<NatGateway>(&table.account, parsed).filter(|g| g.state.is_wanted());
    let gateway = gateway.ok_or_else(|| NAT_CODES.not_found(id))?;
    if gateway.vpc != table.vpc {
        return Err(elsewhere(table, "NAT gateway", id));
    }
    Ok(RouteRowTarget::NatGateway(gateway.id))
}

/// One that is not accepted yet is a blackhole till then.
fn to_peering(ctx: &Ctx, table: &RouteTable, id: &str) -> Result<RouteRowTarget, AwsError> {
    let p = peering::find_peering(ctx, id)?;
    if !matches!(p.state_at(ctx.now), PeeringState::PendingAcceptance | PeeringState::Active) {
        return Err(super::lookup::PEERING_CODES.not_found(id));
    }
    if p.peer_of(table.vpc).is_none() {
        return Err(elsewhere(table, "VPC peering connection", id));
    }
    Ok(RouteRowTarget::Peering(p.id))
}

/// To a gateway that the VPC is attached to.
fn to_transit_gateway(ctx: &Ctx, table: &RouteTable, id: &str) -> Result<RouteRowTarget, AwsError> {
    let gateway = find::<TransitGateway>(ctx, id)?;
    if transit_attachment::of_vpc(ctx.db, &table.account, table.vpc, gateway.id).is_none() {
        return Err(TransitGateway::CODES.not_found(id));
    }
    Ok(RouteRowTarget::TransitGateway(gateway.id))
}

/// What only one family has: egress-only gateways IPv6, NAT gateways IPv4.
fn check_family(ctx: &Ctx, table: &RouteTable, destination: Destination, target: RouteRowTarget) -> Result<(), AwsError> {
    match (target, destination.is_v6(ctx.db, &table.account)) {
        (RouteRowTarget::EgressOnly(id), false) => Err(AwsError::invalid_parameter_value(format!(
            "The route to {destination} cannot use {id}: an egress-only internet gateway carries IPv6 traffic only."
        ))),
        (RouteRowTarget::NatGateway(id), true) => Err(AwsError::invalid_parameter_value(format!(
            "The route to {destination} cannot use {id}: the NAT gateways of this region carry IPv4 traffic only (there is no NAT64)."
        ))),
        _ => Ok(()),
    }
}

/// Inside the VPC a route may only send a whole subnet through an interface (middlebox routing).
fn check_destination(ctx: &Ctx, table: &RouteTable, destination: Destination, target: RouteRowTarget) -> Result<(), AwsError> {
    check_family(ctx, table, destination, target)?;
    let (Destination::Block(destination), Some(vpc)) = (destination, ctx.db.get::<Vpc>(&table.account, table.vpc)) else {
        return Ok(());
    };
    if !vpc.blocks().iter().any(|c| c.contains_cidr(destination)) {
        return Ok(());
    }
    let block6 = |s: &Subnet| s.ipv6.as_ref().map(|c| Block::V6(c.cidr));
    let exact = |s: Rc<Subnet>| s.vpc == vpc.id && (Block::V4(s.cidr) == destination || block6(&s) == Some(destination));
    if matches!(target, RouteRowTarget::Interface(_)) && ctx.db.list::<Subnet>(&vpc.account).any(exact) {
        return Ok(());
    }
    Err(AwsError::invalid_parameter_value("Route destination doesn't match any subnet CIDR blocks."))
}

/// The local routes are the VPC's, and an endpoint's route comes and goes with its association.
fn check_changeable(table: &RouteTable, destination: Destination, there: RouteRowTarget, verb: &str) -> Result<(), AwsError> {
    let kind = match there {
        RouteRowTarget::Local => "local",
        RouteRowTarget::Endpoint(_) => "VPC endpoint",
        _ => return Ok(()),
    };
    let message = format!("cannot {verb} {kind} route {destination} in route table {}", table.id);
    Err(AwsError::invalid_parameter_value(message))
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateRouteRequest>) -> OpResult<ec2::CreateRouteResult> {
    let table = find::<RouteTable>(ctx, required(&req.route_table_id, "RouteTableId")?)?;
    let destination = destination!(ctx, req)?;
    let target = target(ctx, &table, given!(req))?;
    if destination.target_in(&table).is_some() {
        let message = format!("The route identified by {destination} already exists.");
        return Err(AwsError::new("RouteAlreadyExists", message).into());
    }
    check_destination(ctx, &table, destination, target)?;
    let mut table = (*table).clone();
    destination.set_in(&mut table, Some(target));
    if weight(&table, |list| prefix_list::weight(ctx.db, &table.account, list)) > ctx.quota(&quota::ROUTES_PER_TABLE) {
        let message = "The maximum number of routes has been reached.";
        return Err(AwsError::new("RouteLimitExceeded", message).into());
    }
    ctx.db.put(table);
    Ok(ec2::CreateRouteResult { r#return: Some(true) })
}

fn replace(ctx: &mut Ctx, req: Authorized<ec2::ReplaceRouteRequest>) -> OpResult<()> {
    let table = find::<RouteTable>(ctx, required(&req.route_table_id, "RouteTableId")?)?;
    let destination = destination!(ctx, req)?;
    let target = target(ctx, &table, given!(req))?;
    let Some(there) = destination.target_in(&table) else {
        let message = format!("There is no route defined for '{destination}' in the route table. Use CreateRoute instead.");
        return Err(AwsError::invalid_parameter_value(message).into());
    };
    check_changeable(&table, destination, there, "replace")?;
    check_destination(ctx, &table, destination, target)?;
    ctx.db.update::<RouteTable>(&table.account, table.id, |t| destination.set_in(t, Some(target)));
    Ok(())
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteRouteRequest>) -> OpResult<()> {
    let table = find::<RouteTable>(ctx, required(&req.route_table_id, "RouteTableId")?)?;
    let destination = destination!(ctx, req)?;
    let Some(there) = destination.target_in(&table) else {
        let kind = match destination {
            Destination::List(_) => "prefix-list-id",
            Destination::Block(Block::V4(_)) => "cidr-block",
            Destination::Block(Block::V6(_)) => "ipv6-cidr-block",
        };
        let message = format!("no route with destination-{kind} {destination} in route table {}", table.id);
        return Err(AwsError::new("InvalidRoute.NotFound", message).into());
    };
    check_changeable(&table, destination, there, "remove")?;
    ctx.db.update::<RouteTable>(&table.account, table.id, |t| destination.set_in(t, None));
    Ok(())
}
