//! Egress-only internet gateways: IPv6 of a VPC gets out, and back comes only what was asked for.

use super::lookup::{Listing, find, many, one, required};
use super::quota;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{EgressOnlyGateway, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use types::EgressOnlyInternetGatewayId;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateEgressOnlyInternetGatewayRequest>(&["VpcId"], &["egress-only-internet-gateway"], create);
    table.op::<ec2::DeleteEgressOnlyInternetGatewayRequest>(&["EgressOnlyInternetGatewayId"], &[], delete);
    table.op::<ec2::DescribeEgressOnlyInternetGatewaysRequest>(&["EgressOnlyInternetGatewayId.N"], &[], describe);
}

fn create(
    ctx: &mut Ctx,
    req: Authorized<ec2::CreateEgressOnlyInternetGatewayRequest>,
) -> OpResult<ec2::CreateEgressOnlyInternetGatewayResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let mut count = 0;
    for other in ctx.db.list::<EgressOnlyGateway>(&vpc.account) {
        count += 1;
        // "You can attach only one egress-only internet gateway to a VPC at a time" (Amazon VPC quotas).
        if other.vpc == vpc.id {
            let message = format!("Network {} already has an egress-only internet gateway attached", vpc.id);
            return Err(AwsError::invalid_parameter_value(message).into());
        }
    }
    if count >= ctx.quota(&quota::EGRESS_ONLY_GATEWAYS) {
        let message = "The maximum number of egress-only internet gateways has been reached.";
        return Err(AwsError::new("EgressOnlyInternetGatewayLimitExceeded", message).into());
    }
    let id = ctx.new_id(EgressOnlyInternetGatewayId::from_random);
    let gateway = EgressOnlyGateway { account: vpc.account.clone(), id, vpc: vpc.id };
    ctx.tag(gateway.id, tags::specified(&req.tag_specifications, "egress-only-internet-gateway")?)?;
    ctx.db.put(gateway.clone());
    Ok(ec2::CreateEgressOnlyInternetGatewayResult {
        client_token: req.client_token.clone(),
        egress_only_internet_gateway: Some(to_ec2(ctx, &gateway)),
    })
}

/// Routes to it stay, as blackholes.
fn delete(
    ctx: &mut Ctx,
    req: Authorized<ec2::DeleteEgressOnlyInternetGatewayRequest>,
) -> OpResult<ec2::DeleteEgressOnlyInternetGatewayResult> {
    let id = required(&req.egress_only_internet_gateway_id, "EgressOnlyInternetGatewayId")?;
    let gateway = find::<EgressOnlyGateway>(ctx, id)?;
    ctx.untag(gateway.id);
    ctx.db.delete::<EgressOnlyGateway>(&gateway.account, gateway.id);
    Ok(ec2::DeleteEgressOnlyInternetGatewayResult { return_code: Some(true) })
}

/// The API reference names those of tags only; the others cost nothing and are what users try.
const FILTERS: &[&str] = &["attachment.state", "attachment.vpc-id", "egress-only-internet-gateway-id"];

fn describe(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeEgressOnlyInternetGatewaysRequest>,
) -> OpResult<ec2::DescribeEgressOnlyInternetGatewaysResult> {
    let listing = Listing {
        ids: &req.egress_only_internet_gateway_ids,
        filters: &req.filters,
        max_results: req.max_results,
        next_token: &req.next_token,
    };
    let (rows, next_token) = listing.rows::<EgressOnlyGateway>(ctx, FILTERS, |g, name| match name {
        "attachment.state" => one("attached"),
        "attachment.vpc-id" => one(g.vpc),
        "egress-only-internet-gateway-id" => many([g.id]),
        _ => None,
    })?;
    let shown = rows.iter().map(|g| to_ec2(ctx, g)).collect();
    Ok(ec2::DescribeEgressOnlyInternetGatewaysResult { egress_only_internet_gateways: Some(shown), next_token })
}

fn to_ec2(ctx: &Ctx, g: &EgressOnlyGateway) -> ec2::EgressOnlyInternetGateway {
    ec2::EgressOnlyInternetGateway {
        attachments: Some(vec![ec2::InternetGatewayAttachment {
            state: Some("attached".to_owned()),
            vpc_id: Some(g.vpc.to_string()),
        }]),
        egress_only_internet_gateway_id: Some(g.id.to_string()),
        tags: ctx.tag_list(g.id),
    }
}
