//! The region as such: its name, its zones, what the account may have.

use super::lists;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::zone::zone_id;
use crate::filter::Filters;
use crate::quota::table as quota;
use crate::rows::Vpc;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use types::AzName;

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeRegionsRequest>(&["RegionName.N", "AllRegions"], &[], regions);
    table.op::<ec2::DescribeAvailabilityZonesRequest>(&["ZoneName.N", "ZoneId.N", "AllAvailabilityZones"], &[], zones);
    table.op::<ec2::DescribeAccountAttributesRequest>(&["AttributeName.N"], &[], account_attributes);
}

const OPT_IN: &str = "opt-in-not-required";

fn regions(ctx: &mut Ctx, r: Authorized<ec2::DescribeRegionsRequest>) -> OpResult<ec2::DescribeRegionsResult> {
    let name = ctx.settings.region.to_string();
    if let Some(other) = r.region_names.iter().flatten().find(|n| **n != name) {
        return Err(AwsError::invalid_parameter_value(format!("Invalid region: [{}]", lists::clip(other))).into());
    }
    let region = ec2::Region {
        endpoint: Some(format!("ec2.{name}.amazonaws.com")),
        opt_in_status: Some(OPT_IN.into()),
        region_name: Some(name),
        ..Default::default()
    };
    let field = |r: &ec2::Region, name: &str| match name {
        "endpoint" => Some(lists::some(r.endpoint.as_ref())),
        "opt-in-status" => Some(lists::some(r.opt_in_status.as_ref())),
        "region-name" => Some(lists::some(r.region_name.as_ref())),
        _ => None,
    };
    let names = &["endpoint", "opt-in-status", "region-name"];
    let found = Filters::new(&r.filters)?.select([region], |_| BTreeMap::new(), field, names)?;
    Ok(ec2::DescribeRegionsResult { regions: Some(found) })
}

const ZONE_FILTERS: &[&str] = &[
    "group-name",
    "message",
    "opt-in-status",
    "parent-zone-id",
    "parent-zone-name",
    "region-name",
    "state",
    "zone-id",
    "zone-name",
    "zone-type",
];

fn messages(ctx: &Ctx, az: &AzName) -> Vec<ec2::AvailabilityZoneMessage> {
    let sentence = || format!("{az} is impaired: new instances are placed in other zones.");
    let message = |m| ec2::AvailabilityZoneMessage { message: Some(m) };
    crate::zones::is_impaired(ctx.db, az).then(sentence).into_iter().map(message).collect()
}

fn zones(ctx: &mut Ctx, r: Authorized<ec2::DescribeAvailabilityZonesRequest>) -> OpResult<ec2::DescribeAvailabilityZonesResult> {
    let region = &ctx.settings.region;
    let all: Vec<ec2::AvailabilityZone> = ctx
        .settings
        .zones()
        .into_iter()
        .map(|az| ec2::AvailabilityZone {
            group_name: Some(format!("{region}-zg-1")),
            messages: Some(messages(ctx, az)),
            network_border_group: Some(region.to_string()),
            opt_in_status: Some(OPT_IN.into()),
            region_name: Some(region.to_string()),
            state: Some(if crate::zones::is_impaired(ctx.db, az) { "impaired" } else { "available" }.into()),
            zone_id: Some(zone_id(ctx.settings, az)),
            zone_name: Some(az.to_string()),
            zone_type: Some("availability-zone".into()),
            ..Default::default()
        })
        .collect();
    let (by_name, by_id) = (r.zone_names.clone().unwrap_or_default(), r.zone_ids.clone().unwrap_or_default());
    for (what, wanted, of) in [
        ("availability zone", &by_name, (|z| z.zone_name.as_deref()) as fn(&ec2::AvailabilityZone) -> Option<&str>),
        ("availability zone-id", &by_id, |z| z.zone_id.as_deref()),
    ] {
        if let Some(other) = wanted.iter().find(|n| !all.iter().any(|z| of(z) == Some(n))) {
            return Err(AwsError::invalid_parameter_value(format!("Invalid {what}: [{}]", lists::clip(other))).into());
        }
    }
    let wanted = all.into_iter().filter(|z| {
        (by_name.is_empty() || z.zone_name.as_ref().is_some_and(|n| by_name.contains(n)))
            && (by_id.is_empty() || z.zone_id.as_ref().is_some_and(|n| by_id.contains(n)))
    });
    let field = |z: &ec2::AvailabilityZone, name: &str| {
        Some(match name {
            "group-name" => lists::some(z.group_name.as_ref()),
            "message" => z.messages.iter().flatten().filter_map(|m| m.message.clone()).collect(),
            "parent-zone-id" | "parent-zone-name" => Vec::new(),
            "opt-in-status" => lists::some(z.opt_in_status.as_ref()),
            "region-name" => lists::some(z.region_name.as_ref()),
            "state" => lists::some(z.state.as_ref()),
            "zone-id" => lists::some(z.zone_id.as_ref()),
            "zone-name" => lists::some(z.zone_name.as_ref()),
            "zone-type" => lists::some(z.zone_type.as_ref()),
            _ => return None,
        })
    };
    let found = Filters::new(&r.filters)?.select(wanted, |_| BTreeMap::new(), field, ZONE_FILTERS)?;
    Ok(ec2::DescribeAvailabilityZonesResult { availability_zones: Some(found) })
}

fn account_attributes(
    ctx: &mut Ctx,
    r: Authorized<ec2::DescribeAccountAttributesRequest>,
) -> OpResult<ec2::DescribeAccountAttributesResult> {
    let default_vpc = ctx.db.list::<Vpc>(&ctx.caller.account).find(|v| v.is_default).map(|v| v.id.to_string());
    let all = [
        ("supported-platforms", "VPC".to_owned()),
        ("vpc-max-security-groups-per-interface", ctx.quota(&quota::SECURITY_GROUPS_PER_INTERFACE).to_string()),
        ("max-elastic-ips", ctx.quota(&quota::ADDRESSES).to_string()),
        ("max-instances", super::room::INSTANCES_PER_ACCOUNT_MAX.to_string()),
        ("vpc-max-elastic-ips", ctx.quota(&quota::ADDRESSES).to_string()),
        ("default-vpc", default_vpc.unwrap_or_else(|| "none".into())),
    ];
    let wanted = r.attribute_names.clone().unwrap_or_default();
    if let Some(other) = wanted.iter().find(|n| !all.iter().any(|(name, _)| name == n)) {
        return Err(AwsError::invalid_value("AttributeName", other, "It is not an attribute of an account.").into());
    }
    let attributes = all
        .into_iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| w == name))
        .map(|(name, value)| ec2::AccountAttribute {
            attribute_name: Some(name.to_owned()),
            attribute_values: Some(vec![ec2::AccountAttributeValue { attribute_value: Some(value) }]),
        })
        .collect();
    Ok(ec2::DescribeAccountAttributesResult { account_attributes: Some(attributes) })
}
