//! RegisterTargets and DeregisterTargets; where a target is; targets that go by themselves.

use super::arn::find_group;
use super::attributes;
use super::check::{unsupported, validation, within};
use super::rows::{Kind, LoadBalancer, Target, TargetGroup, TargetType};
use super::usage;
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::ec2::network::interface::primary_interface;
use crate::quota::table as quota;
use crate::rows::{Instance, InstanceState, Subnet, Vpc};
use aws_protocol::{AwsError, elbv2 as api};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{AzName, TimestampMs};

const GIVEN: [&str; 2] = ["Targets.member.N.Id", "Targets.member.N.Port"];
const ZONE: &str = "Targets.member.N.AvailabilityZone";

pub fn register(table: &mut Table) {
    table.op::<api::RegisterTargetsInput>(&["TargetGroupArn", GIVEN[0], GIVEN[1], ZONE], &[], register_targets);
    table.op::<api::DeregisterTargetsInput>(&["TargetGroupArn", GIVEN[0], GIVEN[1], ZONE], &[], deregister);
}

fn invalid_target(message: String) -> AwsError {
    AwsError::new("InvalidTarget", message)
}

/// With those that are draining.
pub fn rows(db: &Db, g: &TargetGroup) -> Vec<Rc<Target>> {
    db.list::<Target>(&g.account).filter(|t| t.group == g.id).collect()
}

/// Id and port of what a request names.
pub fn named(g: &TargetGroup, d: &api::TargetDescription) -> Result<(String, u16), AwsError> {
    let id = d.id.clone().filter(|id| !id.is_empty()).ok_or_else(|| validation("A target ID must be specified"))?;
    let port = match d.port {
        None => g.port,
        Some(port) => within("Port", port, 1..=65_535)? as u16,
    };
    Ok((id, port))
}

fn register_targets(ctx: &mut Ctx, r: Authorized<api::RegisterTargetsInput>) -> OpResult<api::RegisterTargetsOutput> {
    let g = find_group(ctx, &r.target_group_arn)?;
    for d in r.targets.iter().flatten() {
        let (id, port) = named(&g, d)?;
        let zone = d.availability_zone.clone();
        let id = match g.kind {
            TargetType::Instance => instance(ctx, &g, &id, zone.as_deref())?,
            TargetType::Ip => ip(ctx, &g, &id, zone.as_deref())?,
        };
        // To register what is registered changes nothing of its health.
        let old = ctx.db.get::<Target>(&g.account, Target::key_of(&g.id, &id, port));
        let healthy = old.is_some_and(|t| t.healthy && t.draining_until.is_none());
        ctx.db.put(Target { account: g.account.clone(), group: g.id.clone(), id, port, zone, draining_until: None, healthy });
    }
    room(ctx, &g, usage::balancer_of(ctx.db, &g).as_deref())?;
    Ok(api::RegisterTargetsOutput {})
}

/// It need not run: one that does not gets nothing.
fn instance(ctx: &Ctx, g: &TargetGroup, id: &str, zone: Option<&str>) -> Result<String, AwsError> {
    if zone.is_some() {
        return Err(validation("An Availability Zone cannot be specified for targets of type 'instance'"));
    }
    let over = |s: InstanceState| matches!(s, InstanceState::ShuttingDown | InstanceState::Terminated);
    let found = ctx.db.get::<Instance>(&g.account, id).filter(|i| !over(i.state));
    let found = found.ok_or_else(|| {
        invalid_target(format!("The following targets are not in a running state and cannot be registered: '{id}'"))
    })?;
    if found.vpc != g.vpc {
        return Err(invalid_target(format!("The following targets are not in the target group VPC '{}': '{id}'", g.vpc)));
    }
    Ok(found.id.to_string())
}

fn ip(ctx: &Ctx, g: &TargetGroup, text: &str, zone: Option<&str>) -> Result<String, AwsError> {
    let ip: Ipv4Addr = text.parse().map_err(|_| validation(format!("The IP address '{text}' is not a valid IPv4 address")))?;
    let known = |z: &str| z == "all" || ctx.settings.zones().iter().any(|known| known.as_str() == z);
    if let Some(z) = zone.filter(|z| !known(z)) {
        return Err(validation(format!("'{z}' is not an Availability Zone of this region")));
    }
    let in_vpc = ctx.db.get::<Vpc>(&g.account, g.vpc).is_some_and(|v| v.cidrs().iter().any(|c| c.contains(ip)));
    if in_vpc {
        let Some(subnet) = subnet_of(ctx.db, g, ip) else {
            return Err(invalid_target(format!("The IP address '{ip}' is not within a subnet of the VPC '{}'", g.vpc)));
        };
        if zone.is_some_and(|z| z != "all" && z != subnet.az.as_str()) {
            return Err(invalid_target(format!("The IP address '{ip}' is in the Availability Zone '{}'", subnet.az)));
        }
        return Ok(ip.to_string());
    }
    let [a, b, ..] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    if !ip.is_private() && !shared {
        return Err(invalid_target(format!("The IP address '{ip}' is not within one of the valid ranges")));
    }
    if zone.is_none() {
        return Err(invalid_target(format!(
            "You must specify an Availability Zone or 'all' for the IP address '{ip}' outside the VPC"
        )));
    }
    if g.version.is_none() {
        let what = format!("The IP address '{ip}' outside the VPC as a target of a network load balancer");
        return Err(unsupported(&what, "its packets reach the interfaces of its VPC."));
    }
    Ok(ip.to_string())
}

fn subnet_of(db: &Db, g: &TargetGroup, ip: Ipv4Addr) -> Option<Rc<Subnet>> {
    db.list::<Subnet>(&g.account).find(|s| s.vpc == g.vpc && s.cidr.contains(ip))
}

/// Whether a load balancer may have the targets of its groups, and of this one.
pub fn room(ctx: &Ctx, g: &TargetGroup, b: Option<&LoadBalancer>) -> Result<(), AwsError> {
    let too_many =
        |what: String| Err(AwsError::new("TooManyTargets", format!("The maximum number of targets {what} has been reached")));
    let staying = |g: &TargetGroup| rows(ctx.db, g).into_iter().filter(|t| t.draining_until.is_none()).collect::<Vec<_>>();
    let own = staying(g);
    if own.len() > ctx.quota(&quota::TARGETS_PER_GROUP) {
        return too_many(format!("of the target group '{}'", g.name));
    }
    let Some(b) = b else { return Ok(()) };
    let others = usage::group_rows(ctx.db, b);
    let of_others: Vec<_> =
        others.iter().filter(|o| o.id != g.id).flat_map(|o| staying(o).into_iter().map(|t| (o.clone(), t))).collect();
    let limit = if b.kind == Kind::Application { &quota::TARGETS_PER_APPLICATION } else { &quota::TARGETS_PER_NETWORK };
    if own.len() + of_others.len() > ctx.quota(limit) {
        return too_many(format!("of the load balancer '{}'", b.name));
    }
    if b.kind == Kind::Network {
        let mut zones: BTreeMap<Option<AzName>, usize> = BTreeMap::new();
        for zone in own.iter().map(|t| zone(ctx.db, g, t)).chain(of_others.iter().map(|(o, t)| zone(ctx.db, o, t))) {
            *zones.entry(zone).or_default() += 1;
        }
        if zones.values().any(|n| *n > ctx.quota(&quota::TARGETS_PER_ZONE_NETWORK)) {
            return too_many(format!("of the load balancer '{}' in an Availability Zone", b.name));
        }
    }
    Ok(())
}

/// What is not registered is deregistered already.
fn deregister(ctx: &mut Ctx, r: Authorized<api::DeregisterTargetsInput>) -> OpResult<api::DeregisterTargetsOutput> {
    let g = find_group(ctx, &r.target_group_arn)?;
    for d in r.targets.iter().flatten() {
        let (id, port) = named(&g, d)?;
        if let Some(t) = ctx.db.get::<Target>(&g.account, Target::key_of(&g.id, &id, port)) {
            let now = ctx.now;
            drain(ctx.db, now, &g, &t);
        }
    }
    Ok(api::DeregisterTargetsOutput {})
}

/// It gets nothing new; it is gone at once if nobody forwards to it, else after the delay.
fn drain(db: &mut Db, now: TimestampMs, g: &TargetGroup, t: &Target) {
    if t.draining_until.is_some() {
        return;
    }
    let delay = u64::from(attributes::of_group(g).number("deregistration_delay.timeout_seconds")) * 1000;
    if delay == 0 || usage::balancer_of(db, g).is_none() {
        db.delete::<Target>(&t.account, t.key());
    } else {
        db.update::<Target>(&t.account, t.key(), |t| t.draining_until = Some(TimestampMs(now.0 + delay)));
    }
}

/// Terminated instances are deregistered; what has drained is gone. Called with each report, and now and then.
pub fn settle(db: &mut Db, now: TimestampMs) {
    let over = |s: InstanceState| matches!(s, InstanceState::ShuttingDown | InstanceState::Terminated);
    for t in db.all::<Target>().collect::<Vec<_>>() {
        match t.draining_until {
            Some(at) if at <= now => db.delete::<Target>(&t.account, t.key()),
            Some(_) => {}
            None if t.id.starts_with("i-") && db.get::<Instance>(&t.account, &t.id).is_none_or(|i| over(i.state)) => {
                match db.get::<TargetGroup>(&t.account, &t.group) {
                    Some(g) => drain(db, now, &g, &t),
                    None => db.delete::<Target>(&t.account, t.key()),
                }
            }
            None => {}
        }
    }
}

/// The zone that a target counts for; none: all.
pub fn zone(db: &Db, g: &TargetGroup, t: &Target) -> Option<AzName> {
    match (g.kind, t.zone.as_deref()) {
        (TargetType::Instance, _) => db.get::<Instance>(&t.account, &t.id).map(|i| i.az.clone()),
        (TargetType::Ip, Some("all")) => None,
        (TargetType::Ip, Some(zone)) => zone.parse().ok(),
        (TargetType::Ip, None) => subnet_of(db, g, t.id.parse().ok()?).map(|s| s.az.clone()),
    }
}

/// Where requests to a target go, or the state in which its instance cannot have any.
pub fn address(db: &Db, g: &TargetGroup, t: &Target) -> Result<Ipv4Addr, &'static str> {
    if g.kind == TargetType::Ip {
        return t.id.parse().map_err(|_| "invalid");
    }
    let Some(i) = db.get::<Instance>(&t.account, &t.id) else { return Err(InstanceState::Terminated.name()) };
    match i.state {
        InstanceState::Pending | InstanceState::Running => {
            let interface = primary_interface(db, &i.account, i.id);
            interface.and_then(|n| n.ipv4.first().copied()).ok_or(InstanceState::Terminated.name())
        }
        other => Err(other.name()),
    }
}

/// Whether a node of the load balancer would ever send to the target's zone.
pub fn zone_is_enabled(zone: Option<&AzName>, enabled: &BTreeSet<AzName>) -> bool {
    zone.is_none_or(|z| enabled.contains(z))
}
