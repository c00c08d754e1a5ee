//! RequestSpotInstances, DescribeSpotInstanceRequests, CancelSpotInstanceRequests.

use super::market::Market;
use super::{PLATFORM, TAGGED, check_requests};
use crate::authz::{self, Given};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::compute::launch_options;
use crate::ec2::compute::state::{Event, transition};
use crate::ec2::compute::templates::{from_json, to_json};
use crate::ec2::compute::{lists, names};
use crate::ec2::network::launch_zones;
use crate::ec2::network::lookup::{self, Listing, one};
use crate::ec2::network::zone;
use crate::rows::{Instance, InstanceState, SpotRequest, SpotState, StateReason};
use crate::tags;
use ::iam::catalog;
use ::types::SpotRequestId;
use aws_protocol::{AwsError, FormEncoder, ec2};
use serde_json::Value;

/// Of one request; the quota is of vCPUs.
const COUNT_MAX: i32 = 500;
const IDS_MAX: usize = 1000;

pub fn register(table: &mut Table) {
    table.op::<ec2::RequestSpotInstancesRequest>(
        &[
            "SpotPrice",
            "InstanceCount",
            "Type",
            "ValidFrom",
            "ValidUntil",
            "InstanceInterruptionBehavior",
            "LaunchSpecification.BlockDeviceMapping.N.DeviceName",
            "LaunchSpecification.BlockDeviceMapping.N.Ebs.VolumeSize",
            "LaunchSpecification.BlockDeviceMapping.N.Ebs.VolumeType",
            "LaunchSpecification.BlockDeviceMapping.N.Ebs.DeleteOnTermination",
            "LaunchSpecification.EbsOptimized",
            "LaunchSpecification.IamInstanceProfile.Arn",
            "LaunchSpecification.IamInstanceProfile.Name",
            "LaunchSpecification.ImageId",
            "LaunchSpecification.InstanceType",
            "LaunchSpecification.KeyName",
            "LaunchSpecification.Monitoring.Enabled",
            "LaunchSpecification.NetworkInterface.N.AssociatePublicIpAddress",
            "LaunchSpecification.NetworkInterface.N.DeleteOnTermination",
            "LaunchSpecification.NetworkInterface.N.Description",
            "LaunchSpecification.NetworkInterface.N.DeviceIndex",
            "LaunchSpecification.NetworkInterface.N.NetworkInterfaceId",
            "LaunchSpecification.NetworkInterface.N.PrivateIpAddress",
            "LaunchSpecification.NetworkInterface.N.SecondaryPrivateIpAddressCount",
            "LaunchSpecification.NetworkInterface.N.SecurityGroupId.N",
            "LaunchSpecification.NetworkInterface.N.SubnetId",
            "LaunchSpecification.Placement.AvailabilityZone",
            "LaunchSpecification.Placement.GroupName",
            "LaunchSpecification.Placement.Tenancy",
            "LaunchSpecification.SecurityGroup.N",
            "LaunchSpecification.SecurityGroupId.N",
            "LaunchSpecification.SubnetId",
            "LaunchSpecification.UserData",
        ],
        &[TAGGED],
        request,
    );
    table.op::<ec2::DescribeSpotInstanceRequestsRequest>(&["SpotInstanceRequestId.N"], &[], describe);
    table.op::<ec2::CancelSpotInstanceRequestsRequest>(&["SpotInstanceRequestId.N"], &[], cancel);
}

/// A new request, for one instance as `r` says, open.
pub fn row(ctx: &Ctx, id: SpotRequestId, r: &ec2::RunInstancesRequest, market: &Market) -> Result<SpotRequest, AwsError> {
    let mut launch = to_json(r)?;
    if let Value::Object(members) = &mut launch {
        for other in ["ClientToken", "DryRun", "InstanceMarketOptions", "LaunchTemplate", "MinCount", "MaxCount"] {
            members.remove(other);
        }
    }
    Ok(SpotRequest {
        account: ctx.caller.account.clone(),
        id,
        state: SpotState::Open,
        status: "pending-evaluation".into(),
        status_at: ctx.now,
        fault: None,
        created: ctx.now,
        max_price: market.max_price.clone(),
        persistent: market.persistent,
        on_interruption: market.on_interruption,
        valid_from: None,
        valid_until: market.valid_until,
        instance_type: r.instance_type.clone().unwrap_or_else(|| "m1.small".into()),
        launch,
        instance: None,
        az: None,
        ended: None,
    })
}

/// The launch that fulfils a request.
pub fn launch_of(row: &SpotRequest) -> Result<ec2::RunInstancesRequest, AwsError> {
    let mut request: ec2::RunInstancesRequest = from_json(&row.launch)?;
    (request.min_count, request.max_count) = (Some(1), Some(1));
    request.instance_market_options = Some(ec2::InstanceMarketOptionsRequest {
        market_type: Some("spot".into()),
        spot_options: Some(ec2::SpotMarketOptions {
            max_price: row.max_price.clone(),
            spot_instance_type: Some(kind(row).into()),
            instance_interruption_behavior: Some(row.on_interruption.name().into()),
            valid_until: row.valid_until.filter(|_| row.persistent),
            ..Default::default()
        }),
    });
    Ok(request)
}

fn kind(row: &SpotRequest) -> &'static str {
    if row.persistent { "persistent" } else { "one-time" }
}

fn request(ctx: &mut Ctx, r: Authorized<ec2::RequestSpotInstancesRequest>) -> OpResult<ec2::RequestSpotInstancesResult> {
    let specification = r.launch_specification.as_ref().ok_or_else(|| AwsError::missing_parameter("LaunchSpecification"))?;
    let mut launch: ec2::RunInstancesRequest = from_json(&to_json(specification)?)?;
    (launch.min_count, launch.max_count) = (Some(1), Some(1));
    let count = match r.instance_count.unwrap_or(1) {
        n @ 1..=COUNT_MAX => n as u32,
        n => return Err(AwsError::invalid_value("InstanceCount", &n.to_string(), "It must be from 1 to 500.").into()),
    };
    if r.valid_from.is_some_and(|from| from <= ctx.now || r.valid_until.is_some_and(|until| until <= from)) {
        return Err(AwsError::new("InvalidTime", "ValidFrom must be in the future, and before ValidUntil.").into());
    }
    let (_, size) = launch_options::instance_type(launch.instance_type.as_deref().unwrap_or("m1.small"))?;
    let (price, behavior) = (r.spot_price.as_deref(), r.instance_interruption_behavior.as_deref());
    let market = Market::new(ctx.now, size, price, r.r#type.as_deref(), behavior, r.valid_until)?;
    authorize(ctx, &launch)?;
    // What is wrong with it is told now, not by a request that failed. Of an open zone any stands for all.
    let zone = launch_options::leaves_zone_open(&launch).then(|| launch_zones(ctx).into_iter().next()).flatten();
    launch_options::read(ctx, &launch, zone.as_ref().map(|z| z.as_str()))?;
    check_requests(ctx, count)?;
    let tags = tags::specified(&r.tag_specifications, TAGGED)?;
    let mut shown = Vec::new();
    for _ in 0..count {
        let id = ctx.new_id(SpotRequestId::from_random);
        let mut row = row(ctx, id, &launch, &market)?;
        row.valid_from = r.valid_from;
        if row.valid_from.is_some() {
            row.status = "not-scheduled-yet".into();
        }
        ctx.tag(id, tags.clone())?;
        ctx.db.put(row.clone());
        shown.push(self::shown(ctx, &row)?);
    }
    Ok(ec2::RequestSpotInstancesResult { spot_instance_requests: Some(shown) })
}

/// Whether the caller may run what is launched: as RunInstances, of all that the specification says.
fn authorize(ctx: &mut Ctx, launch: &ec2::RunInstancesRequest) -> Result<(), AwsError> {
    let row = catalog::find("ec2", "RunInstances").ok_or_else(|| AwsError::internal("RunInstances is in no catalogue."))?;
    authz::before(ctx, row, &Given::form(&FormEncoder::form(launch)?))
}

const FILTERS: &[&str] = &[
    "create-time",
    "fault-code",
    "fault-message",
    "instance-id",
    "launch.image-id",
    "launch.instance-type",
    "launch.key-name",
    "launched-availability-zone",
    "launched-availability-zone-id",
    "product-description",
    "spot-instance-request-id",
    "spot-price",
    "state",
    "status-code",
    "status-message",
    "type",
    "valid-from",
    "valid-until",
];

fn describe(
    ctx: &mut Ctx,
    r: Authorized<ec2::DescribeSpotInstanceRequestsRequest>,
) -> OpResult<ec2::DescribeSpotInstanceRequestsResult> {
    let listing =
        Listing { ids: &r.spot_instance_request_ids, filters: &r.filters, max_results: r.max_results, next_token: &r.next_token };
    let of_launch = |row: &SpotRequest, name: &str| row.launch.get(name).and_then(Value::as_str).map(str::to_owned);
    let field = |row: &SpotRequest, name: &str| match name {
        "create-time" => one(names::iso(row.created)),
        "fault-code" => Some(lists::some(row.fault.as_ref().map(|f| &f.0))),
        "fault-message" => Some(lists::some(row.fault.as_ref().map(|f| &f.1))),
        "instance-id" => Some(lists::some(row.instance)),
        "launch.image-id" => Some(lists::some(of_launch(row, "ImageId"))),
        "launch.instance-type" => one(&row.instance_type),
        "launch.key-name" => Some(lists::some(of_launch(row, "KeyName"))),
        "launched-availability-zone" => Some(lists::some(row.az.as_ref())),
        "launched-availability-zone-id" => Some(lists::some(row.az.as_ref().map(|az| zone::zone_id(ctx.settings, az)))),
        "product-description" => one(PLATFORM),
        "spot-instance-request-id" => one(row.id),
        "spot-price" => one(super::price::shown(&row.instance_type, row.max_price.as_deref())),
        "state" => one(row.state.name()),
        "status-code" => one(&row.status),
        "status-message" => one(sentence(&row.status)),
        "type" => one(kind(row)),
        "valid-from" => Some(lists::some(row.valid_from.map(names::iso))),
        "valid-until" => Some(lists::some(row.valid_until.map(names::iso))),
        _ => None,
    };
    let (rows, next_token) = listing.rows::<SpotRequest>(ctx, FILTERS, field)?;
    let shown = rows.iter().map(|row| shown(ctx, row)).collect::<Result<_, _>>()?;
    Ok(ec2::DescribeSpotInstanceRequestsResult { spot_instance_requests: Some(shown), next_token })
}

/// Its instance goes on, but for one that an interruption had stopped.
fn cancel(
    ctx: &mut Ctx,
    r: Authorized<ec2::CancelSpotInstanceRequestsRequest>,
) -> OpResult<ec2::CancelSpotInstanceRequestsResult> {
    let ids = r.spot_instance_request_ids.as_deref().unwrap_or_default();
    if ids.is_empty() || ids.len() > IDS_MAX {
        return Err(AwsError::missing_parameter("SpotInstanceRequestId").into());
    }
    let rows = ids.iter().map(|id| lookup::find::<SpotRequest>(ctx, id)).collect::<Result<Vec<_>, _>>()?;
    let (now, mut cancelled) = (ctx.now, Vec::new());
    for row in rows {
        let status = match row.state {
            SpotState::Open => "canceled-before-fulfillment",
            SpotState::Active => "request-canceled-and-instance-running",
            SpotState::Disabled => "instance-terminated-by-user",
            SpotState::Closed | SpotState::Cancelled | SpotState::Failed => &row.status,
        };
        let state = match row.state {
            SpotState::Open | SpotState::Active | SpotState::Disabled => SpotState::Cancelled,
            ended => ended,
        };
        ctx.db.update::<SpotRequest>(&row.account, row.id, |r| r.turn(now, state, status));
        if row.state == SpotState::Disabled {
            end_stopped(ctx, &row);
        }
        cancelled.push(ec2::CancelledSpotInstanceRequest {
            spot_instance_request_id: Some(row.id.to_string()),
            state: Some(if state == SpotState::Failed { "closed" } else { state.name() }.to_owned()),
        });
    }
    Ok(ec2::CancelSpotInstanceRequestsResult { cancelled_spot_instance_requests: Some(cancelled) })
}

/// "If your Spot Instance is stopped when you cancel its request, it is terminated."
fn end_stopped(ctx: &mut Ctx, row: &SpotRequest) {
    let Some(i) = row.instance.and_then(|id| ctx.db.get::<Instance>(&row.account, id)) else { return };
    if let (InstanceState::Stopped, Ok(after)) = (i.state, transition(i.state, Event::Terminate)) {
        let code = "Client.UserInitiatedShutdown";
        let reason = StateReason { code: code.into(), message: format!("{code}: User initiated shutdown") };
        ctx.db.update::<Instance>(&row.account, i.id, |i| (i.state, i.state_reason) = (after, Some(reason)));
    }
}

/// The statuses' sentences, as EC2 says them.
fn sentence(status: &str) -> &'static str {
    match status {
        "pending-evaluation" => "Your Spot request has been submitted for review, and is pending evaluation.",
        "not-scheduled-yet" => "Your Spot request is awaiting its valid from time.",
        "capacity-not-available" => "There is no Spot capacity available that matches your request.",
        "price-too-low" => "Your Spot request price is lower than the minimum required fulfillment Spot price.",
        "limit-exceeded" => "The number of Spot Instances that you may have is reached.",
        "fulfilled" => "Your Spot request is fulfilled.",
        "request-canceled-and-instance-running" => "Your Spot request was canceled, but your instance is still running.",
        "marked-for-termination" => "Your Spot Instance has been marked for termination.",
        "marked-for-stop" => "Your Spot Instance has been marked for stopping.",
        "instance-stopped-by-price" => "Your Spot Instance was stopped because the Spot price exceeded your maximum price.",
        "instance-stopped-no-capacity" => "Your Spot Instance was stopped because there is no longer Spot capacity available.",
        "instance-stopped-by-user" => "You stopped your Spot Instance.",
        "instance-terminated-by-price" => "Your Spot Instance was terminated because the Spot price exceeded your maximum price.",
        "instance-terminated-no-capacity" => {
            "Your Spot Instance was terminated because there is no longer any Spot capacity available."
        }
        "instance-terminated-by-user" => "You terminated your Spot Instance.",
        "schedule-expired" => "Your Spot request has expired due to the request's valid until time.",
        "canceled-before-fulfillment" => "Your Spot request is canceled before it was fulfilled.",
        "bad-parameters" => "Your Spot request failed: its parameters cannot be launched.",
        "system-error" => "There was an unexpected error; your Spot request is looked at again.",
        _ => "",
    }
}

fn shown(ctx: &Ctx, row: &SpotRequest) -> Result<ec2::SpotInstanceRequest, AwsError> {
    let text = |s: &str| Some(s.to_owned());
    let mut launch = row.launch.clone();
    if let Value::Object(members) = &mut launch {
        members.insert("InstanceType".into(), row.instance_type.as_str().into());
        let names = members.remove("SecurityGroups");
        let ids = members.remove("SecurityGroupIds");
        let group = |key: &str, list: Option<Value>| -> Vec<Value> {
            let values = list.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
            values.into_iter().map(|v| serde_json::json!({ key: v })).collect()
        };
        let groups: Vec<Value> = group("GroupId", ids).into_iter().chain(group("GroupName", names)).collect();
        members.insert("SecurityGroups".into(), groups.into());
        // EC2 does not tell it.
        members.remove("UserData");
    }
    Ok(ec2::SpotInstanceRequest {
        create_time: Some(row.created),
        fault: row.fault.as_ref().map(|(code, message)| ec2::SpotInstanceStateFault { code: text(code), message: text(message) }),
        instance_id: row.instance.map(|i| i.to_string()),
        launch_specification: Some(from_json(&launch)?),
        launched_availability_zone: row.az.as_ref().map(|az| az.to_string()),
        launched_availability_zone_id: row.az.as_ref().map(|az| zone::zone_id(ctx.settings, az)),
        product_description: text(PLATFORM),
        spot_instance_request_id: Some(row.id.to_string()),
        spot_price: Some(super::price::shown(&row.instance_type, row.max_price.as_deref())),
        state: text(row.state.name()),
        status: Some(ec2::SpotInstanceStatus {
            code: text(&row.status),
            message: text(sentence(&row.status)),
            update_time: Some(row.status_at),
        }),
        r#type: text(kind(row)),
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        instance_interruption_behavior: text(row.on_interruption.name()),
        tags: ctx.tag_list(row.id),
        ..Default::default()
    })
}
