//! Transit gateways: routers between VPCs of one account. Attachments, tables and routes have modules of their own.
//!
//! Options that nothing here would obey are taken with their default only, and refused by name otherwise.

use super::lookup::{Listing, find, many, one, required};
use super::transit_table::new_table;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{TransitAttachment, TransitGateway, TransitRouteTable};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use types::TransitGatewayId;

const ASN: i64 = 64512;
const GATEWAYS_PER_REGION_MAX: usize = 5;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateTransitGatewayRequest>(
        &[
            "Description",
            "Options.AmazonSideAsn",
            "Options.AutoAcceptSharedAttachments",
            "Options.DefaultRouteTableAssociation",
            "Options.DefaultRouteTablePropagation",
            "Options.DnsSupport",
            "Options.MulticastSupport",
            "Options.SecurityGroupReferencingSupport",
            "Options.VpnEcmpSupport",
        ],
        &["transit-gateway"],
        create,
    );
    table.op::<ec2::ModifyTransitGatewayRequest>(
        &[
            "TransitGatewayId",
            "Description",
            "Options.AutoAcceptSharedAttachments",
            "Options.DefaultRouteTableAssociation",
            "Options.AssociationDefaultRouteTableId",
            "Options.DefaultRouteTablePropagation",
            "Options.PropagationDefaultRouteTableId",
            "Options.DnsSupport",
            "Options.SecurityGroupReferencingSupport",
            "Options.VpnEcmpSupport",
        ],
        &[],
        modify,
    );
    table.op::<ec2::DeleteTransitGatewayRequest>(&["TransitGatewayId"], &[], delete);
    table.op::<ec2::DescribeTransitGatewaysRequest>(&["TransitGatewayIds.N"], &[], describe);
}

pub(super) fn is_enabled(name: &str, given: &Option<String>) -> Result<Option<bool>, AwsError> {
    match given.as_deref() {
        None => Ok(None),
        Some("enable") => Ok(Some(true)),
        Some("disable") => Ok(Some(false)),
        Some(other) => Err(AwsError::invalid_value(name, other, "Expected enable or disable.")),
    }
}

/// Options that can only be as they are.
pub(super) fn check_fixed(options: &[(&str, &Option<String>, bool)]) -> Result<(), AwsError> {
    for (name, given, only) in options {
        if is_enabled(name, given)?.is_some_and(|v| v != *only) {
            let only = if *only { "enable" } else { "disable" };
            return Err(AwsError::unsupported_operation(format!("{name} can only be {only} in this region.")));
        }
    }
    Ok(())
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateTransitGatewayRequest>) -> OpResult<ec2::CreateTransitGatewayResult> {
    let options = req.options.clone().unwrap_or_default();
    check_fixed(&[
        ("AutoAcceptSharedAttachments", &options.auto_accept_shared_attachments, false),
        ("DnsSupport", &options.dns_support, true),
        ("MulticastSupport", &options.multicast_support, false),
        ("SecurityGroupReferencingSupport", &options.security_group_referencing_support, false),
        ("VpnEcmpSupport", &options.vpn_ecmp_support, true),
    ])?;
    let associate = is_enabled("DefaultRouteTableAssociation", &options.default_route_table_association)?.unwrap_or(true);
    let propagate = is_enabled("DefaultRouteTablePropagation", &options.default_route_table_propagation)?.unwrap_or(true);
    let asn = options.amazon_side_asn.unwrap_or(ASN);
    if !(64512..=65534).contains(&asn) && !(4_200_000_000..=4_294_967_294).contains(&asn) {
        let sentence = "A private ASN is 64512 to 65534 or 4200000000 to 4294967294.";
        return Err(AwsError::invalid_value("AmazonSideAsn", &asn.to_string(), sentence).into());
    }
    let account = ctx.caller.account.clone();
    if ctx.db.list::<TransitGateway>(&account).count() >= GATEWAYS_PER_REGION_MAX {
        let message = "The maximum number of transit gateways has been reached.";
        return Err(AwsError::new("TransitGatewayLimitExceeded", message).into());
    }
    let mut gateway = TransitGateway {
        account,
        id: ctx.new_id(TransitGatewayId::from_random),
        description: req.description.clone().unwrap_or_default(),
        asn,
        created: ctx.now,
        association_table: None,
        propagation_table: None,
    };
    if associate || propagate {
        let table = new_table(ctx, &gateway);
        gateway.association_table = associate.then_some(table.id);
        gateway.propagation_table = propagate.then_some(table.id);
    }
    ctx.tag(gateway.id, tags::specified(&req.tag_specifications, "transit-gateway")?)?;
    ctx.db.put(gateway.clone());
    let transit_gateway = Some(to_ec2_gateway(ctx, &gateway, "pending"));
    Ok(ec2::CreateTransitGatewayResult { transit_gateway })
}

fn modify(ctx: &mut Ctx, req: Authorized<ec2::ModifyTransitGatewayRequest>) -> OpResult<ec2::ModifyTransitGatewayResult> {
    let gateway = find::<TransitGateway>(ctx, required(&req.transit_gateway_id, "TransitGatewayId")?)?;
    let mut gateway = (*gateway).clone();
    let options = req.options.clone().unwrap_or_default();
    check_fixed(&[
        ("AutoAcceptSharedAttachments", &options.auto_accept_shared_attachments, false),
        ("DnsSupport", &options.dns_support, true),
        ("SecurityGroupReferencingSupport", &options.security_group_referencing_support, false),
        ("VpnEcmpSupport", &options.vpn_ecmp_support, true),
    ])?;
    gateway.description = req.description.clone().unwrap_or(gateway.description);
    let defaults = [
        (
            &mut gateway.association_table,
            "DefaultRouteTableAssociation",
            &options.default_route_table_association,
            "AssociationDefaultRouteTableId",
            &options.association_default_route_table_id,
        ),
        (
            &mut gateway.propagation_table,
            "DefaultRouteTablePropagation",
            &options.default_route_table_propagation,
            "PropagationDefaultRouteTableId",
            &options.propagation_default_route_table_id,
        ),
    ];
    for (table, switch_name, switch, id_name, id) in defaults {
        let named = match id.as_deref() {
            None => None,
            Some(id) => {
                let found = find::<TransitRouteTable>(ctx, id)?;
                if found.gateway != gateway.id {
                    let message = format!("Transit Gateway Route Table {id} is not one of {}.", gateway.id);
                    return Err(AwsError::invalid_parameter_value(message).into());
                }
                Some(found.id)
            }
        };
        match (is_enabled(switch_name, switch)?, named) {
            (Some(false), Some(_)) => {
                let message = format!("{id_name} cannot be used with {switch_name} disable.");
                return Err(AwsError::invalid_parameter_combination(message).into());
            }
            (Some(false), None) => *table = None,
            (_, Some(id)) => *table = Some(id),
            (Some(true), None) if table.is_none() => return Err(AwsError::missing_parameter(id_name).into()),
            _ => {}
        }
    }
    ctx.db.put(gateway.clone());
    Ok(ec2::ModifyTransitGatewayResult { transit_gateway: Some(to_ec2_gateway(ctx, &gateway, "modifying")) })
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteTransitGatewayRequest>) -> OpResult<ec2::DeleteTransitGatewayResult> {
    let gateway = find::<TransitGateway>(ctx, required(&req.transit_gateway_id, "TransitGatewayId")?)?;
    let attachments = ctx.db.list::<TransitAttachment>(&gateway.account).filter(|a| a.gateway == gateway.id);
    let left: Vec<String> = attachments.map(|a| a.id.to_string()).collect();
    if !left.is_empty() {
        let message = format!("{} has non-deleted VPC Attachments: {}.", gateway.id, left.join(", "));
        return Err(AwsError::new("IncorrectState", message).into());
    }
    let shown = to_ec2_gateway(ctx, &gateway, "deleting");
    for t in ctx.db.list::<TransitRouteTable>(&gateway.account).filter(|t| t.gateway == gateway.id).collect::<Vec<_>>() {
        ctx.untag(t.id);
        ctx.db.delete::<TransitRouteTable>(&t.account, t.id);
    }
    ctx.untag(gateway.id);
    ctx.db.delete::<TransitGateway>(&gateway.account, gateway.id);
    Ok(ec2::DeleteTransitGatewayResult { transit_gateway: Some(shown) })
}

const FILTERS: &[&str] = &[
    "options.amazon-side-asn",
    "options.association-default-route-table-id",
    "options.auto-accept-shared-attachments",
    "options.default-route-table-association",
    "options.default-route-table-propagation",
    "options.dns-support",
    "options.propagation-default-route-table-id",
    "options.vpn-ecmp-support",
    "owner-id",
    "state",
    "transit-gateway-id",
];

fn switch(on: bool) -> String {
    if on { "enable" } else { "disable" }.to_owned()
}

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeTransitGatewaysRequest>) -> OpResult<ec2::DescribeTransitGatewaysResult> {
    let listing = Listing {
        ids: &req.transit_gateway_ids,
        filters: &req.filters,
        max_results: req.max_results,
        next_token: &req.next_token,
    };
    let (rows, next_token) = listing.rows::<TransitGateway>(ctx, FILTERS, |g, name| match name {
        "options.amazon-side-asn" => one(g.asn),
        "options.association-default-route-table-id" => many(g.association_table),
        "options.auto-accept-shared-attachments" => one("disable"),
        "options.default-route-table-association" => one(switch(g.association_table.is_some())),
        "options.default-route-table-propagation" => one(switch(g.propagation_table.is_some())),
        "options.dns-support" | "options.vpn-ecmp-support" => one("enable"),
        "options.propagation-default-route-table-id" => many(g.propagation_table),
        "owner-id" => one(&g.account),
        "state" => one("available"),
        "transit-gateway-id" => one(g.id),
        _ => None,
    })?;
    let transit_gateways = Some(rows.iter().map(|g| to_ec2_gateway(ctx, g, "available")).collect());
    Ok(ec2::DescribeTransitGatewaysResult { next_token, transit_gateways })
}

fn to_ec2_gateway(ctx: &Ctx, g: &TransitGateway, state: &str) -> ec2::TransitGateway {
    ec2::TransitGateway {
        creation_time: Some(g.created),
        description: Some(g.description.clone()),
        options: Some(ec2::TransitGatewayOptions {
            amazon_side_asn: Some(g.asn),
            association_default_route_table_id: g.association_table.map(|t| t.to_string()),
            auto_accept_shared_attachments: Some(switch(false)),
            default_route_table_association: Some(switch(g.association_table.is_some())),
            default_route_table_propagation: Some(switch(g.propagation_table.is_some())),
            dns_support: Some(switch(true)),
            multicast_support: Some(switch(false)),
            propagation_default_route_table_id: g.propagation_table.map(|t| t.to_string()),
            security_group_referencing_support: Some(switch(false)),
            vpn_ecmp_support: Some(switch(true)),
            ..Default::default()
        }),
        owner_id: Some(g.account.to_string()),
        state: Some(state.to_owned()),
        tags: ctx.tag_list(g.id),
        transit_gateway_arn: Some(ctx.arn(&format!("transit-gateway/{}", g.id))),
        transit_gateway_id: Some(g.id.to_string()),
    }
}
