//! Routes of transit gateways: static ones, and the blocks of the VPCs that a table learns. What a VPC's packets find.

use super::block::{Block, parse_block};
use super::lookup::{Listing, find, many, one, required};
use super::route_table;
use super::transit_table::{check_gateway, find_table};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{Subnet, TransitAttachment, TransitRouteRow, TransitRouteTable, Vpc};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::{AccountId, VpcId};
use wire::net::{TransitConfig, TransitRoute, TransitTarget};

const ROUTES_PER_TABLE_MAX: usize = 10_000;
const ROUTE: &[&str] = &["TransitGatewayRouteTableId", "DestinationCidrBlock", "TransitGatewayAttachmentId", "Blackhole"];

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateTransitGatewayRouteRequest>(ROUTE, &[], create);
    table.op::<ec2::ReplaceTransitGatewayRouteRequest>(ROUTE, &[], replace);
    table.op::<ec2::DeleteTransitGatewayRouteRequest>(&["TransitGatewayRouteTableId", "DestinationCidrBlock"], &[], delete);
    table.op::<ec2::SearchTransitGatewayRoutesRequest>(&["TransitGatewayRouteTableId"], &[], search);
}

/// A route that is in force.
struct Effective {
    destination: Block,
    propagated: bool,
    /// None: a blackhole.
    attachment: Option<Rc<TransitAttachment>>,
}

/// Static routes before propagated ones of the same destination, and of those the attachment with the lowest id; by
/// destination.
fn effective(db: &Db, table: &TransitRouteTable) -> Vec<Effective> {
    let find = |id| db.get::<TransitAttachment>(&table.account, id);
    let mut out: Vec<Effective> = table
        .routes
        .iter()
        .map(|r| Effective { destination: r.destination, propagated: false, attachment: r.attachment.and_then(find) })
        .collect();
    let mut learnt: Vec<_> = table.propagations.iter().filter_map(|id| find(*id)).collect();
    learnt.sort_by_key(|a| a.id);
    for a in learnt {
        let blocks = db.get::<Vpc>(&a.account, a.vpc).map_or_else(Vec::new, |v| v.blocks());
        for destination in blocks.into_iter().filter(|b| a.ipv6 || !b.is_v6()) {
            if !out.iter().any(|r| r.destination == destination) {
                out.push(Effective { destination, propagated: true, attachment: Some(a.clone()) });
            }
        }
    }
    out.sort_by_key(|r| r.destination);
    out
}

/// What a VPC's packets find at the transit gateways that it is attached to, for the switch.
pub fn to_wire(db: &Db, account: &AccountId, vpc: VpcId) -> Vec<TransitConfig> {
    let target = |a: &TransitAttachment| {
        let subnet = a.subnets.first().and_then(|s| db.get::<Subnet>(&a.account, s))?;
        Some(TransitTarget::Vpc { vpc: a.vpc, table: route_table::route_table_of(db, &subnet).id })
    };
    let routes = |a: &TransitAttachment| -> Vec<(Block, TransitTarget)> {
        let table = a.table.and_then(|t| db.get::<TransitRouteTable>(&a.account, t));
        let carries = |r: &Effective, a: &TransitAttachment| a.ipv6 || !r.destination.is_v6();
        let routes = table.map_or_else(Vec::new, |t| effective(db, &t)).into_iter().filter(|r| carries(r, a));
        routes
            .map(|r| {
                let to = r.attachment.as_ref().filter(|a| carries(&r, a)).and_then(|a| target(a));
                (r.destination, to.unwrap_or(TransitTarget::Blackhole))
            })
            .collect()
    };
    let attachments = db.list::<TransitAttachment>(account).filter(|a| a.vpc == vpc);
    attachments
        .map(|a| {
            let all = routes(&a);
            let six = all.iter().filter_map(|(to, target)| Some(TransitRoute { destination: to.v6()?, target: *target }));
            let four = all.iter().filter_map(|(to, target)| Some(TransitRoute { destination: to.v4()?, target: *target }));
            TransitConfig { id: a.gateway, routes: four.collect(), routes6: six.collect() }
        })
        .collect()
}

/// What a request says of a route.
fn wanted(
    ctx: &Ctx,
    table: &TransitRouteTable,
    cidr: &Option<String>,
    attachment: &Option<String>,
    blackhole: Option<bool>,
) -> Result<TransitRouteRow, AwsError> {
    let destination = parse_block(required(cidr, "DestinationCidrBlock")?, "destinationCidrBlock")?.canonical();
    let attachment = match (attachment.as_deref(), blackhole.unwrap_or(false)) {
        (Some(_), true) => {
            let message = "Blackhole and TransitGatewayAttachmentId cannot be used together.";
            return Err(AwsError::invalid_parameter_combination(message));
        }
        (None, true) => None,
        (None, false) => return Err(AwsError::missing_parameter("TransitGatewayAttachmentId")),
        (Some(id), false) => {
            let a = find::<TransitAttachment>(ctx, id)?;
            check_gateway(table, &a)?;
            Some(a.id)
        }
    };
    Ok(TransitRouteRow { destination, attachment })
}

fn shown(db: &Db, table: &TransitRouteTable, destination: Block) -> Option<ec2::TransitGatewayRoute> {
    let table = db.get::<TransitRouteTable>(&table.account, table.id)?;
    effective(db, &table).iter().find(|r| r.destination == destination).map(to_ec2_route)
}

fn create(
    ctx: &mut Ctx,
    req: Authorized<ec2::CreateTransitGatewayRouteRequest>,
) -> OpResult<ec2::CreateTransitGatewayRouteResult> {
    let table = find_table(ctx, &req.transit_gateway_route_table_id)?;
    let row = wanted(ctx, &table, &req.destination_cidr_block, &req.transit_gateway_attachment_id, req.blackhole)?;
    let destination = row.destination;
    if table.routes.iter().any(|r| r.destination == destination) {
        let message = format!("The route identified by {destination} already exists.");
        return Err(AwsError::new("RouteAlreadyExists", message).into());
    }
    if table.routes.len() >= ROUTES_PER_TABLE_MAX {
        let message = "The maximum number of routes has been reached.";
        return Err(AwsError::new("RouteLimitExceeded", message).into());
    }
    ctx.db.update::<TransitRouteTable>(&table.account, table.id, |t| t.routes.push(row));
    Ok(ec2::CreateTransitGatewayRouteResult { route: shown(ctx.db, &table, destination) })
}

fn position(table: &TransitRouteTable, destination: Block) -> Result<usize, AwsError> {
    table.routes.iter().position(|r| r.destination == destination).ok_or_else(|| {
        let message = format!("There is no static route to {destination} in {}.", table.id);
        AwsError::new("InvalidRoute.NotFound", message)
    })
}

fn replace(
    ctx: &mut Ctx,
    req: Authorized<ec2::ReplaceTransitGatewayRouteRequest>,
) -> OpResult<ec2::ReplaceTransitGatewayRouteResult> {
    let table = find_table(ctx, &req.transit_gateway_route_table_id)?;
    let row = wanted(ctx, &table, &req.destination_cidr_block, &req.transit_gateway_attachment_id, req.blackhole)?;
    let destination = row.destination;
    let at = position(&table, destination)?;
    ctx.db.update::<TransitRouteTable>(&table.account, table.id, |t| t.routes[at] = row);
    Ok(ec2::ReplaceTransitGatewayRouteResult { route: shown(ctx.db, &table, destination) })
}

fn delete(
    ctx: &mut Ctx,
    req: Authorized<ec2::DeleteTransitGatewayRouteRequest>,
) -> OpResult<ec2::DeleteTransitGatewayRouteResult> {
    let table = find_table(ctx, &req.transit_gateway_route_table_id)?;
    let text = required(&req.destination_cidr_block, "DestinationCidrBlock")?;
    let destination = parse_block(text, "destinationCidrBlock")?.canonical();
    let at = position(&table, destination)?;
    let mut route = shown(ctx.db, &table, destination);
    if let Some(r) = &mut route {
        r.state = Some("deleted".to_owned());
    }
    ctx.db.update::<TransitRouteTable>(&table.account, table.id, |t| {
        t.routes.remove(at);
    });
    Ok(ec2::DeleteTransitGatewayRouteResult { route })
}

fn to_ec2_route(r: &Effective) -> ec2::TransitGatewayRoute {
    let attachments = r.attachment.iter().map(|a| ec2::TransitGatewayRouteAttachment {
        resource_id: Some(a.vpc.to_string()),
        resource_type: Some("vpc".to_owned()),
        transit_gateway_attachment_id: Some(a.id.to_string()),
    });
    ec2::TransitGatewayRoute {
        destination_cidr_block: Some(r.destination.to_string()),
        state: Some(state(r).to_owned()),
        transit_gateway_attachments: r.attachment.is_some().then(|| attachments.collect()),
        r#type: Some(kind(r).to_owned()),
        ..Default::default()
    }
}

fn state(r: &Effective) -> &'static str {
    if r.attachment.is_some() { "active" } else { "blackhole" }
}

fn kind(r: &Effective) -> &'static str {
    if r.propagated { "propagated" } else { "static" }
}

const FILTERS: &[&str] = &[
    "attachment.resource-id",
    "attachment.resource-type",
    "attachment.transit-gateway-attachment-id",
    "prefix-list-id",
    "state",
    "type",
];

fn search(
    ctx: &mut Ctx,
    req: Authorized<ec2::SearchTransitGatewayRoutesRequest>,
) -> OpResult<ec2::SearchTransitGatewayRoutesResult> {
    let table = find_table(ctx, &req.transit_gateway_route_table_id)?;
    if req.filters.as_ref().is_none_or(|f| f.is_empty()) {
        return Err(AwsError::missing_parameter("Filter").into());
    }
    let mut routes = effective(ctx.db, &table);
    let mut filters = Vec::new();
    for f in req.filters.iter().flatten() {
        match f.name.as_deref().and_then(|n| n.strip_prefix("route-search.")) {
            Some(how) => routes = by_address(routes, how, f.values.as_deref().unwrap_or_default())?,
            None => filters.push(f.clone()),
        }
    }
    let listing = Listing { ids: &None, filters: &Some(filters), max_results: req.max_results, next_token: &req.next_token };
    let field = |r: &Effective, name: &str| match name {
        "attachment.resource-id" => many(r.attachment.iter().map(|a| a.vpc)),
        "attachment.resource-type" => many(r.attachment.iter().map(|_| "vpc")),
        "attachment.transit-gateway-attachment-id" => many(r.attachment.iter().map(|a| a.id)),
        "state" => one(state(r)),
        "type" => one(kind(r)),
        name if FILTERS.contains(&name) => many::<String>([]),
        _ => None,
    };
    let key = |r: &Effective| r.destination.key();
    let (routes, next_token) = listing.select(routes, |_| Default::default(), FILTERS, field, key)?;
    Ok(ec2::SearchTransitGatewayRoutesResult {
        additional_routes_available: Some(next_token.is_some()),
        next_token,
        routes: Some(routes.iter().map(to_ec2_route).collect()),
    })
}

/// The filters that compare blocks instead of texts.
fn by_address(routes: Vec<Effective>, how: &str, values: &[String]) -> Result<Vec<Effective>, AwsError> {
    let blocks: Vec<Block> =
        values.iter().map(|v| parse_block(v, "route-search").map(Block::canonical)).collect::<Result<_, _>>()?;
    let longest = |block: Block| {
        let covering = routes.iter().filter(|r| r.destination.contains_cidr(block));
        covering.max_by_key(|r| r.destination.prefix_len()).map(|r| r.destination)
    };
    let wanted: Vec<Block> = match how {
        "longest-prefix-match" => blocks.iter().filter_map(|b| longest(*b)).collect(),
        "exact-match" => blocks,
        "subnet-of-match" => {
            let inside = |r: &Effective| blocks.iter().any(|b| b.contains_cidr(r.destination));
            return Ok(routes.into_iter().filter(inside).collect());
        }
        "supernet-of-match" => {
            let around = |r: &Effective| blocks.iter().any(|b| r.destination.contains_cidr(*b));
            return Ok(routes.into_iter().filter(around).collect());
        }
        other => {
            let message = format!("The filter 'route-search.{}' is invalid", other.chars().take(64).collect::<String>());
            return Err(AwsError::invalid_parameter_value(message));
        }
    };
    Ok(routes.into_iter().filter(|r| wanted.contains(&r.destination)).collect())
}
