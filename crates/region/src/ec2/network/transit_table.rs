//! Route tables of transit gateways: which attachments they route for, and whose blocks they learn.

use super::lookup::{Listing, find, one, required};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::page::page;
use crate::rows::{TransitAttachment, TransitGateway, TransitRouteTable};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::{TransitAttachmentId, TransitRouteTableId};

const TABLES_PER_GATEWAY_MAX: usize = 20;

pub fn register(table: &mut Table) {
    let of_two = &["TransitGatewayRouteTableId", "TransitGatewayAttachmentId"];
    table.op::<ec2::CreateTransitGatewayRouteTableRequest>(&["TransitGatewayId"], &["transit-gateway-route-table"], create);
    table.op::<ec2::DeleteTransitGatewayRouteTableRequest>(&["TransitGatewayRouteTableId"], &[], delete);
    table.op::<ec2::DescribeTransitGatewayRouteTablesRequest>(&["TransitGatewayRouteTableIds.N"], &[], describe);
    table.op::<ec2::AssociateTransitGatewayRouteTableRequest>(of_two, &[], associate);
    table.op::<ec2::DisassociateTransitGatewayRouteTableRequest>(of_two, &[], disassociate);
    table.op::<ec2::GetTransitGatewayRouteTableAssociationsRequest>(&["TransitGatewayRouteTableId"], &[], associations);
    table.op::<ec2::EnableTransitGatewayRouteTablePropagationRequest>(of_two, &[], enable);
    table.op::<ec2::DisableTransitGatewayRouteTablePropagationRequest>(of_two, &[], disable);
    table.op::<ec2::GetTransitGatewayRouteTablePropagationsRequest>(&["TransitGatewayRouteTableId"], &[], propagations);
    table.op::<ec2::GetTransitGatewayAttachmentPropagationsRequest>(&["TransitGatewayAttachmentId"], &[], of_attachment);
}

pub(super) fn new_table(ctx: &mut Ctx, gateway: &TransitGateway) -> TransitRouteTable {
    let table = TransitRouteTable {
        account: gateway.account.clone(),
        id: ctx.new_id(TransitRouteTableId::from_random),
        gateway: gateway.id,
        created: ctx.now,
        propagations: Vec::new(),
        routes: Vec::new(),
    };
    ctx.db.put(table.clone());
    table
}

fn create(
    ctx: &mut Ctx,
    req: Authorized<ec2::CreateTransitGatewayRouteTableRequest>,
) -> OpResult<ec2::CreateTransitGatewayRouteTableResult> {
    let gateway = find::<TransitGateway>(ctx, required(&req.transit_gateway_id, "TransitGatewayId")?)?;
    let count = ctx.db.list::<TransitRouteTable>(&gateway.account).filter(|t| t.gateway == gateway.id).count();
    if count >= TABLES_PER_GATEWAY_MAX {
        let message = "The maximum number of transit gateway route tables has been reached.";
        return Err(AwsError::new("TransitGatewayRouteTableLimitExceeded", message).into());
    }
    let table = new_table(ctx, &gateway);
    ctx.tag(table.id, tags::specified(&req.tag_specifications, "transit-gateway-route-table")?)?;
    let shown = to_ec2_table(ctx, &table, "pending");
    Ok(ec2::CreateTransitGatewayRouteTableResult { transit_gateway_route_table: Some(shown) })
}

/// Those that a table routes for.
fn associated(ctx: &Ctx, table: &TransitRouteTable) -> Vec<Rc<TransitAttachment>> {
    ctx.db.list::<TransitAttachment>(&table.account).filter(|a| a.table == Some(table.id)).collect()
}

fn delete(
    ctx: &mut Ctx,
    req: Authorized<ec2::DeleteTransitGatewayRouteTableRequest>,
) -> OpResult<ec2::DeleteTransitGatewayRouteTableResult> {
    let table = find_table(ctx, &req.transit_gateway_route_table_id)?;
    let used = associated(ctx, &table);
    if let Some(a) = used.first() {
        let message = format!("{} has an association with {}.", table.id, a.id);
        return Err(AwsError::new("IncorrectState", message).into());
    }
    if is_default(ctx, &table) != (false, false) {
        let message = format!("{} is a default route table of {}.", table.id, table.gateway);
        return Err(AwsError::new("IncorrectState", message).into());
    }
    let shown = to_ec2_table(ctx, &table, "deleting");
    ctx.untag(table.id);
    ctx.db.delete::<TransitRouteTable>(&table.account, table.id);
    Ok(ec2::DeleteTransitGatewayRouteTableResult { transit_gateway_route_table: Some(shown) })
}

pub(super) fn find_table(ctx: &Ctx, id: &Option<String>) -> Result<Rc<TransitRouteTable>, AwsError> {
    find::<TransitRouteTable>(ctx, required(id, "TransitGatewayRouteTableId")?)
}

/// For associations, for propagations.
fn is_default(ctx: &Ctx, table: &TransitRouteTable) -> (bool, bool) {
    let gateway = ctx.db.get::<TransitGateway>(&table.account, table.gateway);
    gateway.map_or((false, false), |g| (g.association_table == Some(table.id), g.propagation_table == Some(table.id)))
}

const FILTERS: &[&str] = &[
    "default-association-route-table",
    "default-propagation-route-table",
    "state",
    "transit-gateway-id",
    "transit-gateway-route-table-id",
];

fn describe(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeTransitGatewayRouteTablesRequest>,
) -> OpResult<ec2::DescribeTransitGatewayRouteTablesResult> {
    let listing = Listing {
        ids: &req.transit_gateway_route_table_ids,
        filters: &req.filters,
        max_results: req.max_results,
        next_token: &req.next_token,
    };
    let (rows, next_token) = listing.rows::<TransitRouteTable>(ctx, FILTERS, |t, name| match name {
        "default-association-route-table" => one(is_default(ctx, t).0),
        "default-propagation-route-table" => one(is_default(ctx, t).1),
        "state" => one("available"),
        "transit-gateway-id" => one(t.gateway),
        "transit-gateway-route-table-id" => one(t.id),
        _ => None,
    })?;
    let shown = rows.iter().map(|t| to_ec2_table(ctx, t, "available")).collect();
    Ok(ec2::DescribeTransitGatewayRouteTablesResult { next_token, transit_gateway_route_tables: Some(shown) })
}

fn to_ec2_table(ctx: &Ctx, t: &TransitRouteTable, state: &str) -> ec2::TransitGatewayRouteTable {
    let (association, propagation) = is_default(ctx, t);
    ec2::TransitGatewayRouteTable {
        creation_time: Some(t.created),
        default_association_route_table: Some(association),
        default_propagation_route_table: Some(propagation),
        state: Some(state.to_owned()),
        tags: ctx.tag_list(t.id),
        transit_gateway_id: Some(t.gateway.to_string()),
        transit_gateway_route_table_id: Some(t.id.to_string()),
    }
}

/// A table and an attachment, both of one gateway.
fn pair(
    ctx: &Ctx,
    table: &Option<String>,
    attachment: &Option<String>,
) -> Result<(Rc<TransitRouteTable>, Rc<TransitAttachment>), AwsError> {
    let table = find_table(ctx, table)?;
    let attachment = find::<TransitAttachment>(ctx, required(attachment, "TransitGatewayAttachmentId")?)?;
    check_gateway(&table, &attachment)?;
    Ok((table, attachment))
}

pub(super) fn check_gateway(table: &TransitRouteTable, attachment: &TransitAttachment) -> Result<(), AwsError> {
    if table.gateway == attachment.gateway {
        return Ok(());
    }
    let message = format!("{} and {} belong to different transit gateways", table.id, attachment.id);
    Err(AwsError::invalid_parameter_value(message))
}

fn association(t: &TransitRouteTable, a: &TransitAttachment, state: &str) -> Option<ec2::TransitGatewayAssociation> {
    Some(ec2::TransitGatewayAssociation {
        resource_id: Some(a.vpc.to_string()),
        resource_type: Some("vpc".to_owned()),
        state: Some(state.to_owned()),
        transit_gateway_attachment_id: Some(a.id.to_string()),
        transit_gateway_route_table_id: Some(t.id.to_string()),
    })
}

fn associate(
    ctx: &mut Ctx,
    req: Authorized<ec2::AssociateTransitGatewayRouteTableRequest>,
) -> OpResult<ec2::AssociateTransitGatewayRouteTableResult> {
    let (t, a) = pair(ctx, &req.transit_gateway_route_table_id, &req.transit_gateway_attachment_id)?;
    if a.table.is_some() {
        let message = format!("Transit Gateway Attachment {} is already associated to a route table.", a.id);
        return Err(AwsError::new("Resource.AlreadyAssociated", message).into());
    }
    ctx.db.update::<TransitAttachment>(&a.account, a.id, |a| a.table = Some(t.id));
    Ok(ec2::AssociateTransitGatewayRouteTableResult { association: association(&t, &a, "associating") })
}

fn disassociate(
    ctx: &mut Ctx,
    req: Authorized<ec2::DisassociateTransitGatewayRouteTableRequest>,
) -> OpResult<ec2::DisassociateTransitGatewayRouteTableResult> {
    let (t, a) = pair(ctx, &req.transit_gateway_route_table_id, &req.transit_gateway_attachment_id)?;
    if a.table != Some(t.id) {
        let message = format!("Cannot find association of {} with {}.", a.id, t.id);
        return Err(AwsError::new("InvalidAssociation.NotFound", message).into());
    }
    ctx.db.update::<TransitAttachment>(&a.account, a.id, |a| a.table = None);
    Ok(ec2::DisassociateTransitGatewayRouteTableResult { association: association(&t, &a, "disassociating") })
}

const MEMBER_FILTERS: &[&str] = &["resource-id", "resource-type", "transit-gateway-attachment-id"];

/// What filters of associations and of propagations ask for.
fn member(a: &Rc<TransitAttachment>, name: &str) -> Option<Vec<String>> {
    match name {
        "resource-id" => one(a.vpc),
        "resource-type" => one("vpc"),
        "transit-gateway-attachment-id" => one(a.id),
        _ => None,
    }
}

fn associations(
    ctx: &mut Ctx,
    req: Authorized<ec2::GetTransitGatewayRouteTableAssociationsRequest>,
) -> OpResult<ec2::GetTransitGatewayRouteTableAssociationsResult> {
    let table = find_table(ctx, &req.transit_gateway_route_table_id)?;
    let listing = Listing { ids: &None, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let members = associated(ctx, &table);
    let (rows, next_token) = listing.select(members, |_| Default::default(), MEMBER_FILTERS, member, |a| a.id.to_string())?;
    let shown = rows.iter().map(|a| ec2::TransitGatewayRouteTableAssociation {
        resource_id: Some(a.vpc.to_string()),
        resource_type: Some("vpc".to_owned()),
        state: Some("associated".to_owned()),
        transit_gateway_attachment_id: Some(a.id.to_string()),
    });
    Ok(ec2::GetTransitGatewayRouteTableAssociationsResult { associations: Some(shown.collect()), next_token })
}

fn propagation(t: &TransitRouteTable, a: &TransitAttachment, state: &str) -> Option<ec2::TransitGatewayPropagation> {
    Some(ec2::TransitGatewayPropagation {
        resource_id: Some(a.vpc.to_string()),
        resource_type: Some("vpc".to_owned()),
        state: Some(state.to_owned()),
        transit_gateway_attachment_id: Some(a.id.to_string()),
        transit_gateway_route_table_id: Some(t.id.to_string()),
        ..Default::default()
    })
}

fn enable(
    ctx: &mut Ctx,
    req: Authorized<ec2::EnableTransitGatewayRouteTablePropagationRequest>,
) -> OpResult<ec2::EnableTransitGatewayRouteTablePropagationResult> {
    let (t, a) = pair(ctx, &req.transit_gateway_route_table_id, &req.transit_gateway_attachment_id)?;
    if t.propagations.contains(&a.id) {
        let message = format!("Propagation {} already exists in {}.", a.id, t.id);
        return Err(AwsError::new("TransitGatewayRouteTablePropagation.Duplicate", message).into());
    }
    ctx.db.update::<TransitRouteTable>(&t.account, t.id, |t| t.propagations.push(a.id));
    Ok(ec2::EnableTransitGatewayRouteTablePropagationResult { propagation: propagation(&t, &a, "enabled") })
}

fn disable(
    ctx: &mut Ctx,
    req: Authorized<ec2::DisableTransitGatewayRouteTablePropagationRequest>,
) -> OpResult<ec2::DisableTransitGatewayRouteTablePropagationResult> {
    let (t, a) = pair(ctx, &req.transit_gateway_route_table_id, &req.transit_gateway_attachment_id)?;
    if !t.propagations.contains(&a.id) {
        let message = format!("Propagation {} does not exist in {}.", a.id, t.id);
        return Err(AwsError::new("TransitGatewayRouteTablePropagation.NotFound", message).into());
    }
    ctx.db.update::<TransitRouteTable>(&t.account, t.id, |t| t.propagations.retain(|id| *id != a.id));
    Ok(ec2::DisableTransitGatewayRouteTablePropagationResult { propagation: propagation(&t, &a, "disabled") })
}

fn propagations(
    ctx: &mut Ctx,
    req: Authorized<ec2::GetTransitGatewayRouteTablePropagationsRequest>,
) -> OpResult<ec2::GetTransitGatewayRouteTablePropagationsResult> {
    let table = find_table(ctx, &req.transit_gateway_route_table_id)?;
    let listing = Listing { ids: &None, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let of = |id: &TransitAttachmentId| ctx.db.get::<TransitAttachment>(&table.account, id);
    let mut members: Vec<_> = table.propagations.iter().filter_map(of).collect();
    members.sort_by_key(|a| a.id);
    let (rows, next_token) = listing.select(members, |_| Default::default(), MEMBER_FILTERS, member, |a| a.id.to_string())?;
    let shown = rows.iter().map(|a| ec2::TransitGatewayRouteTablePropagation {
        resource_id: Some(a.vpc.to_string()),
        resource_type: Some("vpc".to_owned()),
        state: Some("enabled".to_owned()),
        transit_gateway_attachment_id: Some(a.id.to_string()),
        ..Default::default()
    });
    let transit_gateway_route_table_propagations = Some(shown.collect());
    Ok(ec2::GetTransitGatewayRouteTablePropagationsResult { next_token, transit_gateway_route_table_propagations })
}

fn of_attachment(
    ctx: &mut Ctx,
    req: Authorized<ec2::GetTransitGatewayAttachmentPropagationsRequest>,
) -> OpResult<ec2::GetTransitGatewayAttachmentPropagationsResult> {
    let attachment = find::<TransitAttachment>(ctx, required(&req.transit_gateway_attachment_id, "TransitGatewayAttachmentId")?)?;
    let tables = ctx.db.list::<TransitRouteTable>(&attachment.account).filter(|t| t.propagations.contains(&attachment.id));
    let listing = Listing { ids: &None, filters: &req.filters, max_results: None, next_token: &None };
    let names = &["transit-gateway-route-table-id"];
    let field = |t: &Rc<TransitRouteTable>, name: &str| match name {
        "transit-gateway-route-table-id" => one(t.id),
        _ => None,
    };
    let (rows, _) = listing.select(tables.collect(), |_| Default::default(), names, field, |t| t.id.to_string())?;
    let (rows, next_token) = page(rows, req.max_results, &req.next_token, false, |t| t.id.to_string())?;
    let shown = rows.iter().map(|t| ec2::TransitGatewayAttachmentPropagation {
        state: Some("enabled".to_owned()),
        transit_gateway_route_table_id: Some(t.id.to_string()),
    });
    let transit_gateway_attachment_propagations = Some(shown.collect());
    Ok(ec2::GetTransitGatewayAttachmentPropagationsResult { next_token, transit_gateway_attachment_propagations })
}
