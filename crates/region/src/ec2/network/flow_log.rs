//! Flow logs: rows that say whose traffic goes into which bucket. Cards count, the s3-worker delivers.
//!
//! ```text
//!  CreateFlowLogs ─► bucket's policy (asked of the s3-worker) ─► row ─┬─► port: interval of aggregation ─► card
//!                                                                     └─► snapshot ─► push: s3-worker ─► objects
//! ```
//! Refused by name: CloudWatch Logs, Firehose and Parquet; transit gateways as resources; delivery into other accounts by a role.
//! A flow log stays when its resource is deleted. Source: CreateFlowLogs, EC2 API Reference.

use super::flow_log_check::{self as check, Destination};
use super::lookup::{Listing, Resource, find, one};
use super::{endpoint, zone};
use crate::context::{Answer, Authorized, Ctx, OpResult, Question};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{FlowLog, Interface, Subnet, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use platform::Settings;
use std::collections::BTreeMap;
use types::{FlowLogId, Generation, Ipv4Cidr};
use wire::flow::{FlowLogConfig, FlowLogSnapshot, FlowResource};
use wire::trail::{BucketQuestion, BucketVerdict};

/// CreateFlowLogs: "Maximum of 1000" resources.
const RESOURCES_PER_REQUEST_MAX: usize = 1000;
/// "Flow logs per single network interface, single subnet, or single VPC in Region", VPC quotas.
const LOGS_PER_RESOURCE_MAX: usize = 2;
/// This region's, not AWS's: logs outlive their resources.
const LOGS_PER_ACCOUNT_MAX: usize = 2000;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateFlowLogsRequest>(
        &[
            "ResourceId.N",
            "ResourceType",
            "TrafficType",
            "LogDestinationType",
            "LogDestination",
            "LogGroupName",
            "DeliverLogsPermissionArn",
            "LogFormat",
            "MaxAggregationInterval",
            "DestinationOptions.FileFormat",
            "DestinationOptions.HiveCompatiblePartitions",
            "DestinationOptions.PerHourPartition",
        ],
        &["vpc-flow-log"],
        create,
    );
    table.op::<ec2::DescribeFlowLogsRequest>(&["FlowLogId.N"], &[], describe);
    table.op::<ec2::DeleteFlowLogsRequest>(&["FlowLogId.N"], &[], delete);
}

/// The shortest interval of the flow logs that cover an interface.
pub fn seconds(db: &Db, n: &Interface) -> Option<u16> {
    db.list::<FlowLog>(&n.account).filter(|l| l.resource.covers(n.vpc, n.subnet, n.id)).map(|l| l.seconds).min()
}

pub fn compile(db: &Db, settings: &Settings, generation: Generation) -> FlowLogSnapshot {
    let log = |l: std::rc::Rc<FlowLog>| FlowLogConfig {
        id: l.id,
        account: l.account.clone(),
        resource: l.resource,
        traffic: l.traffic,
        bucket: l.bucket.clone(),
        prefix: l.prefix.clone(),
        // Checked when it was made.
        fields: check::fields(&l.format).unwrap_or_default(),
        hive: l.hive,
        per_hour: l.per_hour,
        created: l.created,
    };
    let s3 = endpoint::S3_ADDRESSES.iter().filter_map(|ip| Some((Ipv4Cidr::new(*ip, 32)?, "S3".to_owned())));
    let services = s3.chain([(settings.public_pool, "EC2".to_owned())]).collect();
    let zones = settings.cells.iter().map(|c| (c.id.clone(), zone::zone_id(settings, &c.az))).collect();
    FlowLogSnapshot { format: wire::FORMAT, generation, logs: db.all::<FlowLog>().map(log).collect(), zones, services }
}

fn resource(ctx: &Ctx, kind: &str, id: &str) -> Result<FlowResource, AwsError> {
    match kind {
        "VPC" => find::<Vpc>(ctx, id).map(|v| FlowResource::Vpc(v.id)),
        "Subnet" => find::<Subnet>(ctx, id).map(|s| FlowResource::Subnet(s.id)),
        _ => find::<Interface>(ctx, id).map(|n| FlowResource::Interface(n.id)),
    }
}

/// The kind of the resources, one of those that [`resource`] finds.
fn kind(given: &Option<String>) -> Result<&str, AwsError> {
    match given.as_deref() {
        Some(kind @ ("VPC" | "Subnet" | "NetworkInterface")) => Ok(kind),
        Some(kind @ ("TransitGateway" | "TransitGatewayAttachment" | "RegionalNatGateway")) => {
            let message = format!("ResourceType {kind}: flow logs are of VPC, Subnet or NetworkInterface in this region.");
            Err(AwsError::unsupported_operation(message))
        }
        Some(other) => Err(AwsError::invalid_value("ResourceType", other, "Expected VPC, Subnet or NetworkInterface.")),
        None => Err(AwsError::missing_parameter("ResourceType")),
    }
}

/// Why flow logs may not be written there, if so.
fn bucket_problem(ctx: &Ctx, to: &Destination) -> OpResult<Option<String>> {
    let account = ctx.caller.account.clone();
    let arn = format!("arn:aws:logs:{}:{account}:*", ctx.settings.region);
    let question = BucketQuestion { account, arn, bucket: to.bucket.clone(), prefix: to.prefix.clone() };
    match ctx.ask(Question::FlowLogBucket(question))? {
        Answer::FlowLogBucket(BucketVerdict::Writable) => Ok(None),
        Answer::FlowLogBucket(BucketVerdict::NoSuchBucket) => Ok(Some(format!("LogDestination: {} does not exist.", to.bucket))),
        Answer::FlowLogBucket(BucketVerdict::Denied) => {
            Ok(Some(format!("Access Denied for LogDestination: {}. Please check LogDestination permission.", to.bucket)))
        }
        _ => {
            let message = "The object store did not say whether flow logs may be written to the bucket; please try again.";
            Err(AwsError::unavailable(message).into())
        }
    }
}

fn create(ctx: &mut Ctx, r: Authorized<ec2::CreateFlowLogsRequest>) -> OpResult<ec2::CreateFlowLogsResult> {
    let r = r.into_inner();
    let kind = kind(&r.resource_type)?;
    let ids = r.resource_ids.clone().unwrap_or_default();
    if ids.is_empty() {
        return Err(AwsError::missing_parameter("ResourceId").into());
    }
    if ids.len() > RESOURCES_PER_REQUEST_MAX {
        let message = format!("A request may name at most {RESOURCES_PER_REQUEST_MAX} resources.");
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    let traffic = check::traffic(&r.traffic_type)?;
    let to = check::destination(&r)?;
    let format = r.log_format.clone().unwrap_or_else(check::default_format);
    check::fields(&format)?;
    let seconds = check::seconds(r.max_aggregation_interval)?;
    let (hive, per_hour) = check::options(&r.destination_options)?;
    let tags = tags::specified(&r.tag_specifications, "vpc-flow-log")?;
    let problem = bucket_problem(ctx, &to)?;
    let (mut made, mut unsuccessful) = (Vec::new(), Vec::new());
    for id in ids {
        let outcome = match &problem {
            Some(message) => Err(AwsError::new("400", message.clone())),
            None => resource(ctx, kind, &id),
        };
        let outcome = outcome.and_then(|resource| {
            let log = FlowLog {
                account: ctx.caller.account.clone(),
                id: ctx.new_id(FlowLogId::from_random),
                resource,
                traffic,
                destination: to.arn.clone(),
                bucket: to.bucket.clone(),
                prefix: to.prefix.clone(),
                format: format.clone(),
                seconds,
                hive,
                per_hour,
                created: ctx.now,
            };
            room(ctx, &log)?;
            ctx.tag(log.id, tags.clone())?;
            Ok(log)
        });
        match outcome {
            Ok(log) => {
                made.push(log.id.to_string());
                ctx.db.put(log);
            }
            Err(e) => unsuccessful.push(ec2::UnsuccessfulItem {
                error: Some(ec2::UnsuccessfulItemError { code: Some(e.code.into_owned()), message: Some(e.message) }),
                resource_id: Some(id),
            }),
        }
    }
    Ok(ec2::CreateFlowLogsResult { client_token: r.client_token, flow_log_ids: Some(made), unsuccessful: Some(unsuccessful) })
}

/// There is none like it, and not too many.
fn room(ctx: &Ctx, log: &FlowLog) -> Result<(), AwsError> {
    let same = |l: &FlowLog| FlowLog { id: log.id, created: log.created, ..l.clone() } == *log;
    let mut of_resource = 0;
    for l in ctx.db.list::<FlowLog>(&log.account).filter(|l| l.resource == log.resource) {
        if same(&l) {
            let message = "Error. There is an existing Flow Log with the same configuration and log destination.";
            return Err(AwsError::new("FlowLogAlreadyExists", message));
        }
        of_resource += 1;
    }
    if of_resource >= LOGS_PER_RESOURCE_MAX || ctx.db.list::<FlowLog>(&log.account).count() >= LOGS_PER_ACCOUNT_MAX {
        let message = format!("The maximum number of flow logs has been reached for {}.", log.resource);
        return Err(AwsError::new("FlowLogsLimitExceeded", message));
    }
    Ok(())
}

const FILTERS: &[&str] =
    &["deliver-log-status", "flow-log-id", "log-destination-type", "log-group-name", "resource-id", "traffic-type"];

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeFlowLogsRequest>) -> OpResult<ec2::DescribeFlowLogsResult> {
    let listing = Listing { ids: &r.flow_log_ids, filters: &r.filter, max_results: r.max_results, next_token: &r.next_token };
    let all: Vec<FlowLogId> = ctx.db.list::<FlowLog>(&ctx.caller.account).map(|l| l.id).collect();
    let errors = match all.is_empty() {
        true => Some(BTreeMap::new()),
        false => match ctx.ask(Question::FlowLogErrors(all))? {
            Answer::FlowLogErrors(errors) => Some(errors),
            // How delivery fares is then not known, and not told.
            _ => None,
        },
    };
    let status = |l: &FlowLog| errors.as_ref().map(|e| if e.contains_key(&l.id) { "FAILED" } else { "SUCCESS" });
    let field = |l: &FlowLog, name: &str| match name {
        "deliver-log-status" => Some(status(l).map(str::to_owned).into_iter().collect()),
        "flow-log-id" => one(l.id),
        "log-destination-type" => one("s3"),
        "log-group-name" => Some(Vec::new()),
        "resource-id" => one(l.resource),
        "traffic-type" => one(check::traffic_name(l.traffic)),
        _ => None,
    };
    let (logs, next_token) = listing.rows::<FlowLog>(ctx, FILTERS, field)?;
    let shown = logs.iter().map(|l| {
        let error = errors.as_ref().and_then(|e| e.get(&l.id).cloned());
        to_ec2(ctx, l, status(l), error)
    });
    Ok(ec2::DescribeFlowLogsResult { flow_logs: Some(shown.collect()), next_token })
}

fn to_ec2(ctx: &Ctx, l: &FlowLog, status: Option<&str>, error: Option<String>) -> ec2::FlowLog {
    ec2::FlowLog {
        creation_time: Some(l.created),
        deliver_logs_error_message: error,
        deliver_logs_status: status.map(str::to_owned),
        destination_options: Some(ec2::DestinationOptionsResponse {
            file_format: Some("plain-text".to_owned()),
            hive_compatible_partitions: Some(l.hive),
            per_hour_partition: Some(l.per_hour),
        }),
        flow_log_id: Some(l.id.to_string()),
        flow_log_status: Some("ACTIVE".to_owned()),
        log_destination: Some(l.destination.clone()),
        log_destination_type: Some("s3".to_owned()),
        log_format: Some(l.format.clone()),
        max_aggregation_interval: Some(l.seconds.into()),
        resource_id: Some(l.resource.to_string()),
        tags: ctx.tag_list(l.id),
        traffic_type: Some(check::traffic_name(l.traffic).to_owned()),
        ..Default::default()
    }
}

/// All or none: ids that are not found are an error of the request.
fn delete(ctx: &mut Ctx, r: Authorized<ec2::DeleteFlowLogsRequest>) -> OpResult<ec2::DeleteFlowLogsResult> {
    let ids = r.flow_log_ids.as_deref().unwrap_or_default();
    if ids.is_empty() {
        return Err(AwsError::missing_parameter("FlowLogId").into());
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        match ctx.db.get::<FlowLog>(&ctx.caller.account, FlowLog::CODES.parse::<FlowLogId>(id)?) {
            Some(log) => found.push(log),
            None => missing.push(id.as_str()),
        }
    }
    if !missing.is_empty() {
        let (count, names) = (missing.len(), missing.join(" "));
        let message = format!("These flow log ids in the input list are not found: [TotalCount: {count}] {names}");
        return Err(AwsError::new("InvalidFlowLogId.NotFound", message).into());
    }
    for log in found {
        ctx.untag(log.id);
        ctx.db.delete::<FlowLog>(&log.account, log.id);
    }
    Ok(ec2::DeleteFlowLogsResult { unsuccessful: Some(Vec::new()) })
}
