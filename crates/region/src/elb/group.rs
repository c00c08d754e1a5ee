//! Target groups: made, shown, changed, deleted.

use super::arn::{self, find_group, groups_not_found};
use super::check::{invalid, new_id, page, port, tags, unsupported, validation};
use super::health_check::{self, given};
use super::rows::{Target, TargetGroup, TargetType};
use super::usage;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use crate::rows::Vpc;
use aws_protocol::{AwsError, elbv2 as api};
use std::rc::Rc;
use wire::balancer::{ProtocolVersion, TargetProtocol};

pub fn register(table: &mut Table) {
    table.op::<api::CreateTargetGroupInput>(
        &[
            "Name",
            "Protocol",
            "ProtocolVersion",
            "Port",
            "VpcId",
            "TargetType",
            "IpAddressType",
            "HealthCheckEnabled",
            "HealthCheckProtocol",
            "HealthCheckPort",
            "HealthCheckPath",
            "HealthCheckIntervalSeconds",
            "HealthCheckTimeoutSeconds",
            "HealthyThresholdCount",
            "UnhealthyThresholdCount",
            "Matcher.HttpCode",
            "Matcher.GrpcCode",
            "Tags.member.N.Key",
            "Tags.member.N.Value",
        ],
        &[],
        create,
    );
    table.op::<api::ModifyTargetGroupInput>(
        &[
            "TargetGroupArn",
            "HealthCheckEnabled",
            "HealthCheckProtocol",
            "HealthCheckPort",
            "HealthCheckPath",
            "HealthCheckIntervalSeconds",
            "HealthCheckTimeoutSeconds",
            "HealthyThresholdCount",
            "UnhealthyThresholdCount",
            "Matcher.HttpCode",
            "Matcher.GrpcCode",
        ],
        &[],
        modify,
    );
    table.op::<api::DescribeTargetGroupsInput>(
        &["LoadBalancerArn", "TargetGroupArns.member.N", "Names.member.N", "Marker", "PageSize"],
        &[],
        describe,
    );
    table.op::<api::DeleteTargetGroupInput>(&["TargetGroupArn"], &[], delete);
}

const PROTOCOLS: [(&str, TargetProtocol); 6] = [
    ("HTTP", TargetProtocol::Http),
    ("HTTPS", TargetProtocol::Https),
    ("TCP", TargetProtocol::Tcp),
    ("TLS", TargetProtocol::Tls),
    ("UDP", TargetProtocol::Udp),
    ("TCP_UDP", TargetProtocol::TcpUdp),
];
const VERSIONS: [(&str, ProtocolVersion); 3] =
    [("HTTP1", ProtocolVersion::Http1), ("HTTP2", ProtocolVersion::Http2), ("GRPC", ProtocolVersion::Grpc)];

pub fn protocol_name(protocol: TargetProtocol) -> &'static str {
    PROTOCOLS.iter().find(|(_, p)| *p == protocol).map_or("", |(name, _)| name)
}

pub fn version_name(version: ProtocolVersion) -> &'static str {
    VERSIONS.iter().find(|(_, v)| *v == version).map_or("", |(name, _)| name)
}

fn protocol(asked: Option<&str>) -> Result<TargetProtocol, AwsError> {
    let asked = asked.ok_or_else(|| validation("A protocol must be specified"))?;
    if matches!(asked, "GENEVE" | "QUIC" | "TCP_QUIC") {
        return Err(unsupported(&format!("Protocol {asked}"), "no load balancer of this region speaks it."));
    }
    let found = PROTOCOLS.iter().find(|(name, _)| *name == asked).map(|(_, p)| *p);
    found.ok_or_else(|| validation(format!("'{asked}' is not a valid protocol")))
}

fn version(protocol: TargetProtocol, asked: Option<&str>) -> Result<Option<ProtocolVersion>, AwsError> {
    let http = matches!(protocol, TargetProtocol::Http | TargetProtocol::Https);
    match asked {
        None => Ok(http.then_some(ProtocolVersion::Http1)),
        Some(_) if !http => Err(invalid("A protocol version is only supported for target groups with protocol HTTP or HTTPS")),
        Some(asked) => {
            let found = VERSIONS.iter().find(|(name, _)| *name == asked).map(|(_, v)| *v);
            found.map(Some).ok_or_else(|| validation(format!("'{asked}' is not a valid protocol version")))
        }
    }
}

fn kind(asked: Option<&str>) -> Result<TargetType, AwsError> {
    match asked {
        None | Some("instance") => Ok(TargetType::Instance),
        Some("ip") => Ok(TargetType::Ip),
        Some(known @ ("lambda" | "alb")) => {
            Err(unsupported(&format!("TargetType {known}"), "targets are instances and IP addresses."))
        }
        Some(other) => Err(validation(format!("'{other}' is not a valid target type"))),
    }
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateTargetGroupInput>) -> OpResult<api::CreateTargetGroupOutput> {
    let name = r.name.clone().unwrap_or_default();
    super::check::name("target group", &name)?;
    let kind = kind(r.target_type.as_deref())?;
    let protocol = protocol(r.protocol.as_deref())?;
    let version = version(protocol, r.protocol_version.as_deref())?;
    let port = port(r.port)?;
    match r.ip_address_type.as_deref() {
        None | Some("ipv4") => {}
        Some("ipv6") => return Err(unsupported("IpAddressType ipv6", "targets have addresses of IPv4.").into()),
        Some(other) => return Err(validation(format!("'{other}' is not an IP address type")).into()),
    }
    let vpc = r.vpc_id.as_deref().ok_or_else(|| validation("A VPC ID must be specified"))?;
    let vpc =
        ctx.db.get::<Vpc>(&ctx.caller.account, vpc).ok_or_else(|| validation(format!("The VPC ID '{vpc}' is not found")))?;
    let check = health_check::of(version, None, &given!(r))?;
    let g = TargetGroup {
        account: ctx.caller.account.clone(),
        id: new_id(ctx),
        name,
        protocol,
        version,
        port,
        vpc: vpc.id,
        kind,
        check,
        attributes: Default::default(),
        tags: tags(&r.tags)?,
    };
    if let Some(old) = ctx.db.list::<TargetGroup>(&g.account).find(|o| o.name == g.name) {
        // The same settings: what there is. Tags and attributes do not count.
        let same = TargetGroup { id: old.id.clone(), attributes: old.attributes.clone(), tags: old.tags.clone(), ..g.clone() };
        if *old != same {
            let sentence = format!("A target group with the same name '{}' exists, but with different settings", g.name);
            return Err(AwsError::new("DuplicateTargetGroupName", sentence).into());
        }
        return Ok(api::CreateTargetGroupOutput { target_groups: Some(vec![shown(ctx, &old)]) });
    }
    if ctx.db.list::<TargetGroup>(&g.account).count() >= ctx.quota(&quota::TARGET_GROUPS) {
        let sentence = format!("The maximum number of target groups has been reached on account '{}'", g.account);
        return Err(AwsError::new("TooManyTargetGroups", sentence).into());
    }
    ctx.db.put(g.clone());
    Ok(api::CreateTargetGroupOutput { target_groups: Some(vec![shown(ctx, &g)]) })
}

fn modify(ctx: &mut Ctx, r: Authorized<api::ModifyTargetGroupInput>) -> OpResult<api::ModifyTargetGroupOutput> {
    let g = find_group(ctx, &r.target_group_arn)?;
    let check = health_check::of(g.version, Some(&g.check), &given!(r))?;
    let g = TargetGroup { check, ..(*g).clone() };
    ctx.db.put(g.clone());
    Ok(api::ModifyTargetGroupOutput { target_groups: Some(vec![shown(ctx, &g)]) })
}

fn describe(ctx: &mut Ctx, r: Authorized<api::DescribeTargetGroupsInput>) -> OpResult<api::DescribeTargetGroupsOutput> {
    let (arns, names) = (r.target_group_arns.as_deref().unwrap_or_default(), r.names.as_deref().unwrap_or_default());
    if [r.load_balancer_arn.is_some(), !arns.is_empty(), !names.is_empty()].iter().filter(|g| **g).count() > 1 {
        let sentence = "Target group ARNs, names and a load balancer ARN cannot be specified at the same time";
        return Err(validation(sentence).into());
    }
    let all = || ctx.db.list::<TargetGroup>(&ctx.caller.account);
    let mut found: Vec<Rc<TargetGroup>> = if r.load_balancer_arn.is_some() {
        usage::group_rows(ctx.db, &*arn::find_balancer(ctx, &r.load_balancer_arn)?)
    } else if !arns.is_empty() {
        arns.iter().map(|a| arn::get_group(ctx, a)?.ok_or_else(groups_not_found)).collect::<Result<_, _>>()?
    } else if !names.is_empty() {
        names.iter().map(|n| all().find(|g| g.name == *n).ok_or_else(groups_not_found)).collect::<Result<_, _>>()?
    } else {
        all().collect()
    };
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    let (found, next_marker) = page(found, &r.marker, r.page_size, |g| g.id.clone())?;
    let target_groups = Some(found.iter().map(|g| shown(ctx, g)).collect());
    Ok(api::DescribeTargetGroupsOutput { target_groups, next_marker })
}

/// What does not exist is deleted already.
fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteTargetGroupInput>) -> OpResult<api::DeleteTargetGroupOutput> {
    let arn = r.target_group_arn.as_deref().unwrap_or_default();
    let Some(g) = arn::get_group(ctx, arn)? else { return Ok(api::DeleteTargetGroupOutput {}) };
    if usage::balancer_of(ctx.db, &g).is_some() {
        let sentence = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(AwsError::new("ResourceInUse", sentence).into());
    }
    for t in super::target::rows(ctx.db, &g) {
        ctx.db.delete::<Target>(&t.account, t.key());
    }
    ctx.db.delete::<TargetGroup>(&g.account, &g.id);
    Ok(api::DeleteTargetGroupOutput {})
}

pub fn shown(ctx: &Ctx, g: &TargetGroup) -> api::TargetGroup {
    let balancer = usage::balancer_of(ctx.db, g);
    let grpc = g.version == Some(ProtocolVersion::Grpc);
    let matcher = g.check.matcher.clone().map(|codes| {
        let (grpc_code, http_code) = if grpc { (Some(codes), None) } else { (None, Some(codes)) };
        api::Matcher { grpc_code, http_code }
    });
    let number = |n: u32| i32::try_from(n).ok();
    api::TargetGroup {
        health_check_enabled: Some(true),
        health_check_interval_seconds: number(g.check.interval_seconds),
        health_check_path: g.check.path.clone(),
        health_check_port: Some(g.check.port.clone()),
        health_check_protocol: Some(g.check.protocol.clone()),
        health_check_timeout_seconds: number(g.check.timeout_seconds),
        healthy_threshold_count: number(g.check.healthy_threshold),
        ip_address_type: Some("ipv4".to_owned()),
        load_balancer_arns: Some(balancer.iter().map(|b| arn::balancer(ctx.settings, b)).collect()),
        matcher,
        port: Some(g.port.into()),
        protocol: Some(protocol_name(g.protocol).to_owned()),
        protocol_version: g.version.map(|v| version_name(v).to_owned()),
        target_group_arn: Some(arn::group(ctx.settings, g)),
        target_group_name: Some(g.name.clone()),
        target_type: Some(g.kind.name().to_owned()),
        unhealthy_threshold_count: number(g.check.unhealthy_threshold),
        vpc_id: Some(g.vpc.to_string()),
        ..Default::default()
    }
}
