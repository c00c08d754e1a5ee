//! VPCs attached to transit gateways, by a subnet in each zone.

use super::lookup::{Listing, find, many, one, required};
use super::transit_gateway::{check_fixed, is_enabled};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{Subnet, TransitAttachment, TransitGateway, TransitRouteTable, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::{AccountId, SubnetId, TransitAttachmentId, TransitGatewayId, VpcId};

/// "Quotas for your transit gateways", as the other limits of transit gateways.
const GATEWAYS_PER_VPC_MAX: usize = 5;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateTransitGatewayVpcAttachmentRequest>(
        &[
            "TransitGatewayId",
            "VpcId",
            "SubnetIds.N",
            "Options.ApplianceModeSupport",
            "Options.DnsSupport",
            "Options.Ipv6Support",
            "Options.SecurityGroupReferencingSupport",
        ],
        &["transit-gateway-attachment"],
        create,
    );
    table.op::<ec2::ModifyTransitGatewayVpcAttachmentRequest>(
        &[
            "TransitGatewayAttachmentId",
            "AddSubnetIds.N",
            "RemoveSubnetIds.N",
            "Options.ApplianceModeSupport",
            "Options.DnsSupport",
            "Options.Ipv6Support",
            "Options.SecurityGroupReferencingSupport",
        ],
        &[],
        modify,
    );
    table.op::<ec2::DeleteTransitGatewayVpcAttachmentRequest>(&["TransitGatewayAttachmentId"], &[], delete);
    table.op::<ec2::DescribeTransitGatewayVpcAttachmentsRequest>(&["TransitGatewayAttachmentIds.N"], &[], describe_vpc);
    table.op::<ec2::DescribeTransitGatewayAttachmentsRequest>(&["TransitGatewayAttachmentIds.N"], &[], describe);
}

/// By which a VPC is attached to a gateway.
pub fn of_vpc(db: &Db, account: &AccountId, vpc: VpcId, gateway: TransitGatewayId) -> Option<Rc<TransitAttachment>> {
    db.list::<TransitAttachment>(account).find(|a| a.vpc == vpc && a.gateway == gateway)
}

/// Adds subnets of the VPC: at most one a zone.
fn add_subnets(ctx: &Ctx, vpc: VpcId, subnets: &mut Vec<SubnetId>, given: &Option<Vec<String>>) -> Result<(), AwsError> {
    let account = &ctx.caller.account;
    for id in given.iter().flatten() {
        let subnet = find::<Subnet>(ctx, id)?;
        if subnet.vpc != vpc {
            let message = format!("The subnet {id} and the VPC {vpc} belong to different networks");
            return Err(AwsError::invalid_parameter_value(message));
        }
        let same_zone = |s: &SubnetId| ctx.db.get::<Subnet>(account, s).is_some_and(|other| other.az == subnet.az);
        if subnets.iter().any(same_zone) {
            return Err(AwsError::new("DuplicateSubnetsInSameZone", "Duplicate Subnets for same AZ"));
        }
        subnets.push(subnet.id);
    }
    Ok(())
}

fn create(
    ctx: &mut Ctx,
    req: Authorized<ec2::CreateTransitGatewayVpcAttachmentRequest>,
) -> OpResult<ec2::CreateTransitGatewayVpcAttachmentResult> {
    let gateway = find::<TransitGateway>(ctx, required(&req.transit_gateway_id, "TransitGatewayId")?)?;
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let options = req.options.clone().unwrap_or_default();
    check_fixed(&[("ApplianceModeSupport", &options.appliance_mode_support, false), ("DnsSupport", &options.dns_support, true)])?;
    let ipv6 = is_enabled("Ipv6Support", &options.ipv6_support)?;
    let group_references = is_enabled("SecurityGroupReferencingSupport", &options.security_group_referencing_support)?;
    if req.subnet_ids.as_ref().is_none_or(|s| s.is_empty()) {
        return Err(AwsError::missing_parameter("SubnetIds").into());
    }
    let mut subnets = Vec::new();
    add_subnets(ctx, vpc.id, &mut subnets, &req.subnet_ids)?;
    if of_vpc(ctx.db, &vpc.account, vpc.id, gateway.id).is_some() {
        let message = format!("{} has non-deleted Transit Gateway Attachments with same VPC ID.", gateway.id);
        return Err(AwsError::new("DuplicateTransitGatewayAttachment", message).into());
    }
    let count = ctx.db.list::<TransitAttachment>(&vpc.account).filter(|a| a.vpc == vpc.id).count();
    if count >= GATEWAYS_PER_VPC_MAX {
        let message = format!("The maximum number of transit gateway attachments of {} has been reached.", vpc.id);
        return Err(AwsError::new("TransitGatewayAttachmentLimitExceeded", message).into());
    }
    let attachment = TransitAttachment {
        account: vpc.account.clone(),
        id: ctx.new_id(TransitAttachmentId::from_random),
        gateway: gateway.id,
        vpc: vpc.id,
        subnets,
        table: gateway.association_table,
        ipv6: ipv6.unwrap_or(false),
        group_references: group_references.unwrap_or(true),
        created: ctx.now,
    };
    if let Some(table) = gateway.propagation_table {
        ctx.db.update::<TransitRouteTable>(&gateway.account, table, |t| t.propagations.push(attachment.id));
    }
    ctx.tag(attachment.id, tags::specified(&req.tag_specifications, "transit-gateway-attachment")?)?;
    ctx.db.put(attachment.clone());
    let shown = to_ec2_vpc_attachment(ctx, &attachment, "pending");
    Ok(ec2::CreateTransitGatewayVpcAttachmentResult { transit_gateway_vpc_attachment: Some(shown) })
}

fn modify(
    ctx: &mut Ctx,
    req: Authorized<ec2::ModifyTransitGatewayVpcAttachmentRequest>,
) -> OpResult<ec2::ModifyTransitGatewayVpcAttachmentResult> {
    let attachment = find::<TransitAttachment>(ctx, required(&req.transit_gateway_attachment_id, "TransitGatewayAttachmentId")?)?;
    let mut attachment = (*attachment).clone();
    let options = req.options.clone().unwrap_or_default();
    check_fixed(&[("ApplianceModeSupport", &options.appliance_mode_support, false), ("DnsSupport", &options.dns_support, true)])?;
    let ipv6 = is_enabled("Ipv6Support", &options.ipv6_support)?;
    let group_references = is_enabled("SecurityGroupReferencingSupport", &options.security_group_referencing_support)?;
    attachment.ipv6 = ipv6.unwrap_or(attachment.ipv6);
    attachment.group_references = group_references.unwrap_or(attachment.group_references);
    for id in req.remove_subnet_ids.iter().flatten() {
        let subnet = find::<Subnet>(ctx, id)?;
        if !attachment.subnets.contains(&subnet.id) {
            let message = format!("The subnet {id} is not one of the attachment {}.", attachment.id);
            return Err(AwsError::invalid_parameter_value(message).into());
        }
        attachment.subnets.retain(|s| *s != subnet.id);
    }
    add_subnets(ctx, attachment.vpc, &mut attachment.subnets, &req.add_subnet_ids)?;
    if attachment.subnets.is_empty() {
        let message = format!("The attachment {} must keep at least one subnet.", attachment.id);
        return Err(AwsError::new("InsufficientSubnetsException", message).into());
    }
    ctx.db.put(attachment.clone());
    let shown = to_ec2_vpc_attachment(ctx, &attachment, "modifying");
    Ok(ec2::ModifyTransitGatewayVpcAttachmentResult { transit_gateway_vpc_attachment: Some(shown) })
}

/// Static routes to it stay, as blackholes.
fn delete(
    ctx: &mut Ctx,
    req: Authorized<ec2::DeleteTransitGatewayVpcAttachmentRequest>,
) -> OpResult<ec2::DeleteTransitGatewayVpcAttachmentResult> {
    let attachment = find::<TransitAttachment>(ctx, required(&req.transit_gateway_attachment_id, "TransitGatewayAttachmentId")?)?;
    let shown = to_ec2_vpc_attachment(ctx, &attachment, "deleting");
    let has = |t: &Rc<TransitRouteTable>| t.propagations.contains(&attachment.id);
    for t in ctx.db.list::<TransitRouteTable>(&attachment.account).filter(has).collect::<Vec<_>>() {
        ctx.db.update::<TransitRouteTable>(&t.account, t.id, |t| t.propagations.retain(|a| *a != attachment.id));
    }
    ctx.untag(attachment.id);
    ctx.db.delete::<TransitAttachment>(&attachment.account, attachment.id);
    Ok(ec2::DeleteTransitGatewayVpcAttachmentResult { transit_gateway_vpc_attachment: Some(shown) })
}

const VPC_FILTERS: &[&str] = &["state", "transit-gateway-attachment-id", "transit-gateway-id", "vpc-id"];

fn describe_vpc(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeTransitGatewayVpcAttachmentsRequest>,
) -> OpResult<ec2::DescribeTransitGatewayVpcAttachmentsResult> {
    let listing = Listing {
        ids: &req.transit_gateway_attachment_ids,
        filters: &req.filters,
        max_results: req.max_results,
        next_token: &req.next_token,
    };
    let (rows, next_token) = listing.rows::<TransitAttachment>(ctx, VPC_FILTERS, |a, name| match name {
        "state" => one("available"),
        "transit-gateway-attachment-id" => one(a.id),
        "transit-gateway-id" => one(a.gateway),
        "vpc-id" => one(a.vpc),
        _ => None,
    })?;
    let shown = rows.iter().map(|a| to_ec2_vpc_attachment(ctx, a, "available")).collect();
    Ok(ec2::DescribeTransitGatewayVpcAttachmentsResult { next_token, transit_gateway_vpc_attachments: Some(shown) })
}

const FILTERS: &[&str] = &[
    "association.state",
    "association.transit-gateway-route-table-id",
    "resource-id",
    "resource-owner-id",
    "resource-type",
    "state",
    "transit-gateway-attachment-id",
    "transit-gateway-id",
    "transit-gateway-owner-id",
];

fn describe(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeTransitGatewayAttachmentsRequest>,
) -> OpResult<ec2::DescribeTransitGatewayAttachmentsResult> {
    let listing = Listing {
        ids: &req.transit_gateway_attachment_ids,
        filters: &req.filters,
        max_results: req.max_results,
        next_token: &req.next_token,
    };
    let (rows, next_token) = listing.rows::<TransitAttachment>(ctx, FILTERS, |a, name| match name {
        "association.state" => many(a.table.map(|_| "associated")),
        "association.transit-gateway-route-table-id" => many(a.table),
        "resource-id" => one(a.vpc),
        "resource-owner-id" | "transit-gateway-owner-id" => one(&a.account),
        "resource-type" => one("vpc"),
        "state" => one("available"),
        "transit-gateway-attachment-id" => one(a.id),
        "transit-gateway-id" => one(a.gateway),
        _ => None,
    })?;
    let shown = rows.iter().map(|a| ec2::TransitGatewayAttachment {
        association: a.table.map(|t| ec2::TransitGatewayAttachmentAssociation {
            state: Some("associated".to_owned()),
            transit_gateway_route_table_id: Some(t.to_string()),
        }),
        creation_time: Some(a.created),
        resource_id: Some(a.vpc.to_string()),
        resource_owner_id: Some(a.account.to_string()),
        resource_type: Some("vpc".to_owned()),
        state: Some("available".to_owned()),
        tags: ctx.tag_list(a.id),
        transit_gateway_attachment_id: Some(a.id.to_string()),
        transit_gateway_id: Some(a.gateway.to_string()),
        transit_gateway_owner_id: Some(a.account.to_string()),
    });
    Ok(ec2::DescribeTransitGatewayAttachmentsResult { next_token, transit_gateway_attachments: Some(shown.collect()) })
}

fn to_ec2_vpc_attachment(ctx: &Ctx, a: &TransitAttachment, state: &str) -> ec2::TransitGatewayVpcAttachment {
    ec2::TransitGatewayVpcAttachment {
        creation_time: Some(a.created),
        options: Some(ec2::TransitGatewayVpcAttachmentOptions {
            appliance_mode_support: Some("disable".to_owned()),
            dns_support: Some("enable".to_owned()),
            ipv6_support: Some(if a.ipv6 { "enable" } else { "disable" }.to_owned()),
            security_group_referencing_support: Some(if a.group_references { "enable" } else { "disable" }.to_owned()),
        }),
        state: Some(state.to_owned()),
        subnet_ids: Some(a.subnets.iter().map(|s| s.to_string()).collect()),
        tags: ctx.tag_list(a.id),
        transit_gateway_attachment_id: Some(a.id.to_string()),
        transit_gateway_id: Some(a.gateway.to_string()),
        vpc_id: Some(a.vpc.to_string()),
        vpc_owner_id: Some(a.account.to_string()),
    }
}
