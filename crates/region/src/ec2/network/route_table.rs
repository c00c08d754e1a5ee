//! Route tables and which subnets use them. Their routes are in [`super::route`].

use super::block::Block;
use super::lookup::{ASSOCIATION_CODES, Listing, find, many, one, required};
use super::{prefix_list, quota, route};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{NatGateway, RouteRow, RouteRowTarget, RouteTable, RouteTableAssociation, Subnet, Vpc, VpcEndpoint};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeSet;
use std::rc::Rc;
use types::{RouteTableAssociationId, RouteTableId};
use wire::edge::OUTSIDE6;
use wire::net::{Route, RouteTableConfig, RouteTarget};

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateRouteTableRequest>(&["VpcId"], &["route-table"], create);
    table.op::<ec2::DeleteRouteTableRequest>(&["RouteTableId"], &[], delete);
    table.op::<ec2::DescribeRouteTablesRequest>(&["RouteTableId.N"], &[], describe);
    table.op::<ec2::AssociateRouteTableRequest>(&["RouteTableId", "SubnetId"], &[], associate);
    table.op::<ec2::DisassociateRouteTableRequest>(&["AssociationId"], &[], disassociate);
    table.op::<ec2::ReplaceRouteTableAssociationRequest>(&["AssociationId", "RouteTableId"], &[], replace_association);
}

/// The table that a subnet's packets are routed by: its own, or the VPC's main one. `None` only for a subnet whose VPC is
/// gone.
pub fn find_route_table_of(db: &Db, subnet: &Subnet) -> Option<Rc<RouteTable>> {
    let own = |t: &Rc<RouteTable>| t.associations.iter().any(|a| a.subnet == Some(subnet.id));
    db.list::<RouteTable>(&subnet.account).find(own).or_else(|| {
        let vpc = db.get::<Vpc>(&subnet.account, subnet.vpc)?;
        db.get::<RouteTable>(&subnet.account, vpc.main_route_table)
    })
}

/// As [`find_route_table_of`], for the compiler: a subnet without any table is routed by an empty one.
pub fn route_table_of(db: &Db, subnet: &Subnet) -> Rc<RouteTable> {
    find_route_table_of(db, subnet).unwrap_or_else(|| {
        Rc::new(RouteTable {
            account: subnet.account.clone(),
            id: RouteTableId::from_random(0),
            vpc: subnet.vpc,
            routes: Vec::new(),
            prefix_routes: Vec::new(),
            associations: Vec::new(),
        })
    })
}

/// A table for the switch: routes to prefix lists written out, behind the static ones.
pub fn to_wire(db: &Db, table: &RouteTable) -> RouteTableConfig {
    let all = routes_to_wire(db, table);
    RouteTableConfig {
        id: table.id,
        routes: all.iter().filter_map(|(to, target)| Some(Route { destination: to.v4()?, target: *target })).collect(),
        routes6: all.iter().filter_map(|(to, target)| Some(Route { destination: to.v6()?, target: *target })).collect(),
    }
}

/// The way of IPv6 outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside6 {
    /// An internet gateway answers who stands outside on this machine.
    BothWays,
    /// That is left to an egress-only gateway, or there is no route to them.
    Outward,
}

/// Whether IPv6 of the subnets that use it has a way outside.
pub fn leads_outside6(db: &Db, table: &RouteTable) -> Option<Outside6> {
    let routes: Vec<_> = routes_to_wire(db, table).into_iter().filter_map(|(to, target)| Some((to.v6()?, target))).collect();
    let outside = |t: &RouteTarget| matches!(t, RouteTarget::InternetGateway | RouteTarget::EgressOnlyInternetGateway);
    if !routes.iter().any(|(_, target)| outside(target)) {
        return None;
    }
    let answers = routes.iter().filter(|(to, _)| to.contains(OUTSIDE6)).max_by_key(|(to, _)| to.prefix_len());
    let both = answers.is_some_and(|(_, target)| *target == RouteTarget::InternetGateway);
    Some(if both { Outside6::BothWays } else { Outside6::Outward })
}

fn routes_to_wire(db: &Db, table: &RouteTable) -> Vec<(Block, RouteTarget)> {
    let target = |target: RouteRowTarget| match target {
        _ if !route::is_active(db, table, target) => RouteTarget::Blackhole,
        RouteRowTarget::Local => RouteTarget::Local,
        RouteRowTarget::InternetGateway(_) => RouteTarget::InternetGateway,
        RouteRowTarget::EgressOnly(_) => RouteTarget::EgressOnlyInternetGateway,
        RouteRowTarget::Interface(id) => RouteTarget::Interface(id),
        RouteRowTarget::NatGateway(id) => {
            let gateway = db.get::<NatGateway>(&table.account, id);
            gateway.and_then(|g| g.interface).map_or(RouteTarget::Blackhole, RouteTarget::NatGateway)
        }
        RouteRowTarget::Peering(id) => RouteTarget::Peering(id),
        RouteRowTarget::TransitGateway(id) => RouteTarget::TransitGateway(id),
        RouteRowTarget::Endpoint(id) => RouteTarget::Endpoint(id),
    };
    let mut out: Vec<(Block, RouteTarget)> = table.routes.iter().map(|r| (r.destination, target(r.target))).collect();
    let inside = |c: Block| table.routes.iter().any(|r| r.target == RouteRowTarget::Local && r.destination.contains_cidr(c));
    let mut taken: BTreeSet<Block> = table.routes.iter().map(|r| r.destination).collect();
    for r in &table.prefix_routes {
        // Static routes win, and nothing leads out of the VPC's own blocks.
        let cidrs = prefix_list::cidrs(db, &table.account, r.list).into_iter().filter(|c| !inside(*c) && taken.insert(*c));
        out.extend(cidrs.map(|destination| (destination, target(r.target))));
    }
    out
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateRouteTableRequest>) -> OpResult<ec2::CreateRouteTableResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    if ctx.db.list::<RouteTable>(&vpc.account).filter(|t| t.vpc == vpc.id).count() >= ctx.quota(&quota::ROUTE_TABLES_PER_VPC) {
        let message = "The maximum number of route tables has been reached.";
        return Err(AwsError::new("RouteTableLimitExceeded", message).into());
    }
    let table = RouteTable {
        account: vpc.account.clone(),
        id: ctx.new_id(RouteTableId::from_random),
        vpc: vpc.id,
        routes: vpc.blocks().into_iter().map(|destination| RouteRow { destination, target: RouteRowTarget::Local }).collect(),
        prefix_routes: Vec::new(),
        associations: Vec::new(),
    };
    ctx.tag(table.id, tags::specified(&req.tag_specifications, "route-table")?)?;
    ctx.db.put(table.clone());
    Ok(ec2::CreateRouteTableResult { client_token: req.client_token.clone(), route_table: Some(to_ec2_table(ctx, &table)) })
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteRouteTableRequest>) -> OpResult<()> {
    let table = find::<RouteTable>(ctx, required(&req.route_table_id, "RouteTableId")?)?;
    if !table.associations.is_empty() {
        let message = format!("The routeTable '{}' has dependencies and cannot be deleted.", table.id);
        return Err(AwsError::dependency_violation(message).into());
    }
    let uses = |e: &Rc<VpcEndpoint>| e.route_tables.contains(&table.id);
    for e in ctx.db.list::<VpcEndpoint>(&table.account).filter(uses).collect::<Vec<_>>() {
        ctx.db.update::<VpcEndpoint>(&e.account, e.id, |e| e.route_tables.retain(|t| *t != table.id));
    }
    ctx.untag(table.id);
    ctx.db.delete::<RouteTable>(&table.account, table.id);
    Ok(())
}

fn associated() -> Option<ec2::RouteTableAssociationState> {
    Some(ec2::RouteTableAssociationState { state: Some("associated".to_owned()), status_message: None })
}

fn associate(ctx: &mut Ctx, req: Authorized<ec2::AssociateRouteTableRequest>) -> OpResult<ec2::AssociateRouteTableResult> {
    let table = find::<RouteTable>(ctx, required(&req.route_table_id, "RouteTableId")?)?;
    let subnet = find::<Subnet>(ctx, required(&req.subnet_id, "SubnetId")?)?;
    if subnet.vpc != table.vpc {
        let message = format!("Route table {} and subnet {} belong to different networks", table.id, subnet.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    for other in ctx.db.list::<RouteTable>(&table.account) {
        let Some(there) = other.associations.iter().find(|a| a.subnet == Some(subnet.id)) else { continue };
        if other.id == table.id {
            let association_id = Some(there.id.to_string());
            return Ok(ec2::AssociateRouteTableResult { association_id, association_state: associated() });
        }
        let message = format!("the specified association for route table {} conflicts with an existing association", table.id);
        return Err(AwsError::new("Resource.AlreadyAssociated", message).into());
    }
    let id = ctx.new_id(RouteTableAssociationId::from_random);
    let association = RouteTableAssociation { id, subnet: Some(subnet.id) };
    ctx.db.update::<RouteTable>(&table.account, table.id, |t| t.associations.push(association));
    Ok(ec2::AssociateRouteTableResult { association_id: Some(id.to_string()), association_state: associated() })
}

/// The table that has the association, and it.
fn association(ctx: &Ctx, id: &str) -> Result<(Rc<RouteTable>, RouteTableAssociation), AwsError> {
    let parsed: RouteTableAssociationId = ASSOCIATION_CODES.parse(id)?;
    let mut tables = ctx.db.list::<RouteTable>(&ctx.caller.account);
    let found = tables.find_map(|t| t.associations.iter().find(|a| a.id == parsed).cloned().map(|a| (t.clone(), a)));
    found.ok_or_else(|| ASSOCIATION_CODES.not_found(id))
}

fn disassociate(ctx: &mut Ctx, req: Authorized<ec2::DisassociateRouteTableRequest>) -> OpResult<()> {
    let (table, association) = association(ctx, required(&req.association_id, "AssociationId")?)?;
    if association.subnet.is_none() {
        let message = format!("cannot disassociate the main route table association {}", association.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    ctx.db.update::<RouteTable>(&table.account, table.id, |t| t.associations.retain(|a| a.id != association.id));
    Ok(())
}

/// Moves a subnet, or the VPC's main association, to another table.
fn replace_association(
    ctx: &mut Ctx,
    req: Authorized<ec2::ReplaceRouteTableAssociationRequest>,
) -> OpResult<ec2::ReplaceRouteTableAssociationResult> {
    let (from, old) = association(ctx, required(&req.association_id, "AssociationId")?)?;
    let to = find::<RouteTable>(ctx, required(&req.route_table_id, "RouteTableId")?)?;
    if from.vpc != to.vpc {
        let message = format!("Route table {} and route table {} belong to different networks", from.id, to.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    if from.id == to.id {
        let new_association_id = Some(old.id.to_string());
        return Ok(ec2::ReplaceRouteTableAssociationResult { association_state: associated(), new_association_id });
    }
    let id = ctx.new_id(RouteTableAssociationId::from_random);
    ctx.db.update::<RouteTable>(&from.account, from.id, |t| t.associations.retain(|a| a.id != old.id));
    let new = RouteTableAssociation { id, subnet: old.subnet };
    ctx.db.update::<RouteTable>(&to.account, to.id, |t| t.associations.push(new));
    if old.subnet.is_none() {
        ctx.db.update::<Vpc>(&to.account, to.vpc, |v| v.main_route_table = to.id);
    }
    Ok(ec2::ReplaceRouteTableAssociationResult { association_state: associated(), new_association_id: Some(id.to_string()) })
}

const FILTERS: &[&str] = &[
    "association.gateway-id",
    "association.main",
    "association.route-table-association-id",
    "association.route-table-id",
    "association.subnet-id",
    "owner-id",
    "route-table-id",
    "route.carrier-gateway-id",
    "route.destination-cidr-block",
    "route.destination-ipv6-cidr-block",
    "route.destination-prefix-list-id",
    "route.egress-only-internet-gateway-id",
    "route.gateway-id",
    "route.instance-id",
    "route.nat-gateway-id",
    "route.network-interface-id",
    "route.origin",
    "route.state",
    "route.transit-gateway-id",
    "route.vpc-peering-connection-id",
    "vpc-id",
];

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeRouteTablesRequest>) -> OpResult<ec2::DescribeRouteTablesResult> {
    let listing =
        Listing { ids: &req.route_table_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let (rows, next_token) = listing.rows::<RouteTable>(ctx, FILTERS, |t, name| {
        let routes = || route::to_ec2_routes(ctx, t).into_iter();
        match name {
            "association.main" => many(t.associations.iter().map(|a| a.subnet.is_none())),
            "association.route-table-association-id" => many(t.associations.iter().map(|a| a.id)),
            "association.route-table-id" => many(t.associations.iter().map(|_| t.id)),
            "association.subnet-id" => many(t.associations.iter().filter_map(|a| a.subnet)),
            "owner-id" => one(&t.account),
            "route-table-id" => one(t.id),
            "route.destination-cidr-block" => many(t.routes.iter().filter_map(|r| r.destination.v4())),
            "route.destination-ipv6-cidr-block" => many(t.routes.iter().filter_map(|r| r.destination.v6())),
            "route.egress-only-internet-gateway-id" => many(routes().filter_map(|r| r.egress_only_internet_gateway_id)),
            "route.gateway-id" => many(routes().filter_map(|r| r.gateway_id)),
            "route.destination-prefix-list-id" => many(t.prefix_routes.iter().map(|r| r.list)),
            "route.transit-gateway-id" => many(routes().filter_map(|r| r.transit_gateway_id)),
            "route.nat-gateway-id" => many(routes().filter_map(|r| r.nat_gateway_id)),
            "route.vpc-peering-connection-id" => many(routes().filter_map(|r| r.vpc_peering_connection_id)),
            "route.instance-id" => many(routes().filter_map(|r| r.instance_id)),
            "route.network-interface-id" => many(routes().filter_map(|r| r.network_interface_id)),
            "route.origin" => many(routes().filter_map(|r| r.origin)),
            "route.state" => many(routes().filter_map(|r| r.state)),
            "vpc-id" => one(t.vpc),
            name if FILTERS.contains(&name) => many::<String>([]),
            _ => None,
        }
    })?;
    let route_tables = rows.iter().map(|t| to_ec2_table(ctx, t)).collect();
    Ok(ec2::DescribeRouteTablesResult { route_tables: Some(route_tables), next_token })
}

fn to_ec2_table(ctx: &Ctx, t: &RouteTable) -> ec2::RouteTable {
    let associations = t.associations.iter().map(|a| ec2::RouteTableAssociation {
        association_state: associated(),
        main: Some(a.subnet.is_none()),
        route_table_association_id: Some(a.id.to_string()),
        route_table_id: Some(t.id.to_string()),
        subnet_id: a.subnet.map(|s| s.to_string()),
        ..Default::default()
    });
    ec2::RouteTable {
        associations: Some(associations.collect()),
        owner_id: Some(t.account.to_string()),
        propagating_vgws: Some(Vec::new()),
        route_table_id: Some(t.id.to_string()),
        routes: Some(route::to_ec2_routes(ctx, t)),
        tags: ctx.tag_list(t.id),
        vpc_id: Some(t.vpc.to_string()),
    }
}
