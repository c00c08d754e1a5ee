//! Routes: to an internet gateway or to an interface of the VPC.

use super::interface::interfaces_of;
use super::lookup::{find, required};
use super::{quota, vpc};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{Instance, InstanceState, Interface, InternetGateway, RouteRow, RouteRowTarget, RouteTable, Subnet, Vpc};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::{InternetGatewayId, Ipv4Cidr};

/// The other targets that EC2 has are refused by name.
const ROUTE: &[&str] = &["RouteTableId", "DestinationCidrBlock", "GatewayId", "NetworkInterfaceId", "InstanceId"];

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateRouteRequest>(ROUTE, &[], create);
    table.op::<ec2::ReplaceRouteRequest>(ROUTE, &[], replace);
    table.op::<ec2::DeleteRouteRequest>(&["RouteTableId", "DestinationCidrBlock"], &[], delete);
}

/// Whether packets can go there. A route stays when its target goes: then it is a blackhole.
pub fn is_active(db: &Db, table: &RouteTable, route: &RouteRow) -> bool {
    match route.target {
        RouteRowTarget::Local => true,
        RouteRowTarget::InternetGateway(id) => {
            db.get::<InternetGateway>(&table.account, id).is_some_and(|g| g.vpc == Some(table.vpc))
        }
        RouteRowTarget::Interface(id) => {
            let interface = db.get::<Interface>(&table.account, id);
            let instance = interface.and_then(|i| db.get::<Instance>(&table.account, i.attachment.as_ref()?.instance));
            instance.is_some_and(|i| matches!(i.state, InstanceState::Pending | InstanceState::Running))
        }
    }
}

pub fn to_ec2_route(ctx: &Ctx, table: &RouteTable, route: &RouteRow) -> ec2::Route {
    let state = if is_active(ctx.db, table, route) { "active" } else { "blackhole" };
    let mut out = ec2::Route {
        destination_cidr_block: Some(route.destination.to_string()),
        origin: Some("CreateRoute".to_owned()),
        state: Some(state.to_owned()),
        ..Default::default()
    };
    match route.target {
        RouteRowTarget::Local => {
            out.gateway_id = Some("local".to_owned());
            out.origin = Some("CreateRouteTable".to_owned());
        }
        RouteRowTarget::InternetGateway(id) => out.gateway_id = Some(id.to_string()),
        RouteRowTarget::Interface(id) => {
            let interface = ctx.db.get::<Interface>(&table.account, id);
            let instance = interface.and_then(|i| i.attachment.as_ref().map(|a| a.instance));
            out.network_interface_id = Some(id.to_string());
            out.instance_id = instance.map(|i| i.to_string());
            out.instance_owner_id = instance.map(|_| table.account.to_string());
        }
    }
    out
}

fn destination(given: &Option<String>) -> Result<Ipv4Cidr, AwsError> {
    Ok(vpc::parse_cidr(required(given, "DestinationCidrBlock")?, "destinationCidrBlock")?.canonical())
}

/// Where a request says that packets are to go: exactly one of the three.
fn target(
    ctx: &Ctx,
    table: &RouteTable,
    gateway: &Option<String>,
    interface: &Option<String>,
    instance: &Option<String>,
) -> Result<RouteRowTarget, AwsError> {
    let elsewhere = |kind: &str, id: &str| {
        AwsError::invalid_parameter_value(format!("route table {} and {kind} {id} belong to different networks", table.id))
    };
    match (gateway.as_deref(), interface.as_deref(), instance.as_deref()) {
        (Some(id), None, None) => {
            if !id.starts_with("igw-") {
                let message = format!(
                    "A route to the gateway {id} is not supported by this region: GatewayId must be an internet gateway."
                );
                return Err(AwsError::unsupported_operation(message));
            }
            let not_found = || AwsError::not_found("InvalidGatewayID.NotFound", "gateway ID", id);
            let parsed: InternetGatewayId = id.parse().map_err(|_| not_found())?;
            let gateway = ctx.db.get::<InternetGateway>(&table.account, parsed).ok_or_else(not_found)?;
            if gateway.vpc != Some(table.vpc) {
                return Err(elsewhere("network gateway", id));
            }
            Ok(RouteRowTarget::InternetGateway(gateway.id))
        }
        (None, Some(id), None) => {
            let interface = find::<Interface>(ctx, id)?;
            if interface.vpc != table.vpc {
                return Err(elsewhere("interface", id));
            }
            Ok(RouteRowTarget::Interface(interface.id))
        }
        (None, None, Some(id)) => {
            let instance = find::<Instance>(ctx, id)?;
            let interfaces = interfaces_of(ctx.db, &instance.account, instance.id);
            match interfaces.as_slice() {
                [only] if only.vpc == table.vpc => Ok(RouteRowTarget::Interface(only.id)),
                [_] => Err(elsewhere("instance", id)),
                [] => Err(AwsError::new("InvalidInstanceID", format!("Instance '{id}' has no network interface."))),
                _ => {
                    let message = format!(
                        "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the operation instead."
                    );
                    Err(AwsError::new("InvalidInstanceID", message))
                }
            }
        }
        (None, None, None) => Err(AwsError::missing_parameter("GatewayId, NetworkInterfaceId or InstanceId")),
        _ => Err(AwsError::invalid_parameter_combination("Only one route target may be specified.")),
    }
}

/// Inside the VPC a route may only send a whole subnet through an interface (middlebox routing).
fn check_destination(ctx: &Ctx, table: &RouteTable, destination: Ipv4Cidr, target: RouteRowTarget) -> Result<(), AwsError> {
    let Some(vpc) = ctx.db.get::<Vpc>(&table.account, table.vpc) else { return Ok(()) };
    if !vpc.cidr.contains_cidr(destination) {
        return Ok(());
    }
    let exact = |s: Rc<Subnet>| s.vpc == vpc.id && s.cidr == destination;
    if matches!(target, RouteRowTarget::Interface(_)) && ctx.db.list::<Subnet>(&vpc.account).any(exact) {
        return Ok(());
    }
    Err(AwsError::invalid_parameter_value("Route destination doesn't match any subnet CIDR blocks."))
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateRouteRequest>) -> OpResult<ec2::CreateRouteResult> {
    let table = find::<RouteTable>(ctx, required(&req.route_table_id, "RouteTableId")?)?;
    let destination = destination(&req.destination_cidr_block)?;
    let target = target(ctx, &table, &req.gateway_id, &req.network_interface_id, &req.instance_id)?;
    if table.routes.iter().any(|r| r.destination == destination) {
        let message = format!("The route identified by {destination} already exists.");
        return Err(AwsError::new("RouteAlreadyExists", message).into());
    }
    check_destination(ctx, &table, destination, target)?;
    if table.routes.len() >= ctx.quota(&quota::ROUTES_PER_TABLE) {
        let message = "The maximum number of routes has been reached.";
        return Err(AwsError::new("RouteLimitExceeded", message).into());
    }
    ctx.db.update::<RouteTable>(&table.account, table.id, |t| t.routes.push(RouteRow { destination, target }));
    Ok(ec2::CreateRouteResult { r#return: Some(true) })
}

fn replace(ctx: &mut Ctx, req: Authorized<ec2::ReplaceRouteRequest>) -> OpResult<()> {
    let table = find::<RouteTable>(ctx, required(&req.route_table_id, "RouteTableId")?)?;
    let destination = destination(&req.destination_cidr_block)?;
    let target = target(ctx, &table, &req.gateway_id, &req.network_interface_id, &req.instance_id)?;
    let there = table.routes.iter().find(|r| r.destination == destination);
    let Some(there) = there else {
        let message = format!("There is no route defined for '{destination}' in the route table. Use CreateRoute instead.");
        return Err(AwsError::invalid_parameter_value(message).into());
    };
    if there.target == RouteRowTarget::Local {
        let message = format!("cannot replace local route {destination} in route table {}", table.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    check_destination(ctx, &table, destination, target)?;
    ctx.db.update::<RouteTable>(&table.account, table.id, |t| {
        t.routes.iter_mut().filter(|r| r.destination == destination).for_each(|r| r.target = target);
    });
    Ok(())
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteRouteRequest>) -> OpResult<()> {
    let table = find::<RouteTable>(ctx, required(&req.route_table_id, "RouteTableId")?)?;
    let destination = destination(&req.destination_cidr_block)?;
    let Some(there) = table.routes.iter().find(|r| r.destination == destination) else {
        let message = format!("no route with destination-cidr-block {destination} in route table {}", table.id);
        return Err(AwsError::new("InvalidRoute.NotFound", message).into());
    };
    if there.target == RouteRowTarget::Local {
        let message = format!("cannot remove local route {destination} in route table {}", table.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    ctx.db.update::<RouteTable>(&table.account, table.id, |t| t.routes.retain(|r| r.destination != destination));
    Ok(())
}
