//! Internet gateways: attached to a VPC, they map its public addresses.

use super::lookup::{Listing, find, many, one, required};
use super::{address, quota};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{InternetGateway, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::{InternetGatewayId, VpcId};

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateInternetGatewayRequest>(&[], &["internet-gateway"], create);
    table.op::<ec2::DeleteInternetGatewayRequest>(&["InternetGatewayId"], &[], delete);
    table.op::<ec2::DescribeInternetGatewaysRequest>(&["InternetGatewayId.N"], &[], describe);
    table.op::<ec2::AttachInternetGatewayRequest>(&["InternetGatewayId", "VpcId"], &[], attach);
    table.op::<ec2::DetachInternetGatewayRequest>(&["InternetGatewayId", "VpcId"], &[], detach);
}

pub(super) fn new_gateway(ctx: &mut Ctx, vpc: Option<VpcId>) -> Result<InternetGateway, AwsError> {
    let account = ctx.caller.account.clone();
    if ctx.db.list::<InternetGateway>(&account).count() >= ctx.quota(&quota::INTERNET_GATEWAYS) {
        let message = "The maximum number of internet gateways has been reached.";
        return Err(AwsError::new("InternetGatewayLimitExceeded", message));
    }
    let gateway = InternetGateway { account, id: ctx.new_id(InternetGatewayId::from_random), vpc };
    ctx.db.put(gateway.clone());
    Ok(gateway)
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateInternetGatewayRequest>) -> OpResult<ec2::CreateInternetGatewayResult> {
    let gateway = new_gateway(ctx, None)?;
    ctx.tag(gateway.id, tags::specified(&req.tag_specifications, "internet-gateway")?)?;
    Ok(ec2::CreateInternetGatewayResult { internet_gateway: Some(to_ec2_gateway(ctx, &gateway)) })
}

fn to_ec2_gateway(ctx: &Ctx, g: &InternetGateway) -> ec2::InternetGateway {
    let attachment = g.vpc.map(|vpc| ec2::InternetGatewayAttachment {
        // What EC2 says of an attached gateway, where others say "attached".
        state: Some("available".to_owned()),
        vpc_id: Some(vpc.to_string()),
    });
    ec2::InternetGateway {
        attachments: Some(attachment.into_iter().collect()),
        internet_gateway_id: Some(g.id.to_string()),
        owner_id: Some(g.account.to_string()),
        tags: ctx.tag_list(g.id),
    }
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteInternetGatewayRequest>) -> OpResult<()> {
    let gateway = find::<InternetGateway>(ctx, required(&req.internet_gateway_id, "InternetGatewayId")?)?;
    if gateway.vpc.is_some() {
        let message = format!("The internetGateway '{}' has dependencies and cannot be deleted.", gateway.id);
        return Err(AwsError::dependency_violation(message).into());
    }
    ctx.untag(gateway.id);
    ctx.db.delete::<InternetGateway>(&gateway.account, gateway.id);
    Ok(())
}

fn attach(ctx: &mut Ctx, req: Authorized<ec2::AttachInternetGatewayRequest>) -> OpResult<()> {
    let gateway = find::<InternetGateway>(ctx, required(&req.internet_gateway_id, "InternetGatewayId")?)?;
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    if let Some(other) = gateway.vpc {
        let message = format!("resource {} is already attached to network {other}", gateway.id);
        return Err(AwsError::new("Resource.AlreadyAssociated", message).into());
    }
    let attached = |g: &Rc<InternetGateway>| g.vpc == Some(vpc.id);
    if ctx.db.list::<InternetGateway>(&vpc.account).any(|g| attached(&g)) {
        let message = format!("Network {} already has an internet gateway attached", vpc.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    ctx.db.update::<InternetGateway>(&gateway.account, gateway.id, |g| g.vpc = Some(vpc.id));
    Ok(())
}

fn detach(ctx: &mut Ctx, req: Authorized<ec2::DetachInternetGatewayRequest>) -> OpResult<()> {
    let gateway = find::<InternetGateway>(ctx, required(&req.internet_gateway_id, "InternetGatewayId")?)?;
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    if gateway.vpc != Some(vpc.id) {
        let message = format!("resource {} is not attached to network {}", gateway.id, vpc.id);
        return Err(AwsError::new("Gateway.NotAttached", message).into());
    }
    if address::vpc_has_public_addresses(ctx.db, &vpc.account, vpc.id) {
        let message = format!(
            "Network {} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.",
            vpc.id
        );
        return Err(AwsError::dependency_violation(message).into());
    }
    ctx.db.update::<InternetGateway>(&gateway.account, gateway.id, |g| g.vpc = None);
    Ok(())
}

const FILTERS: &[&str] = &["attachment.state", "attachment.vpc-id", "internet-gateway-id", "owner-id"];

fn describe(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeInternetGatewaysRequest>,
) -> OpResult<ec2::DescribeInternetGatewaysResult> {
    let listing = Listing {
        ids: &req.internet_gateway_ids,
        filters: &req.filters,
        max_results: req.max_results,
        next_token: &req.next_token,
    };
    let (rows, next_token) = listing.rows::<InternetGateway>(ctx, FILTERS, |g, name| match name {
        "attachment.state" => many(g.vpc.map(|_| "available")),
        "attachment.vpc-id" => many(g.vpc),
        "internet-gateway-id" => one(g.id),
        "owner-id" => one(&g.account),
        _ => None,
    })?;
    let internet_gateways = rows.iter().map(|g| to_ec2_gateway(ctx, g)).collect();
    Ok(ec2::DescribeInternetGatewaysResult { internet_gateways: Some(internet_gateways), next_token })
}
