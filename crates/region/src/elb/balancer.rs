//! CreateLoadBalancer, DescribeLoadBalancers, DeleteLoadBalancer.

use super::arn;
use super::check::{invalid, new_id, page, tags, unsupported, validation};
use super::names::dns_name;
use super::nodes::{self, Wanted};
use super::rows::{Kind, LoadBalancer, State};
use super::usage;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use crate::rows::{Interface, Vpc};
use aws_protocol::{AwsError, elbv2 as api};
use std::rc::Rc;

const SERVICE: &str = "elasticloadbalancing.amazonaws.com";

pub fn register(table: &mut Table) {
    table.op::<api::CreateLoadBalancerInput>(
        &[
            "Name",
            "Type",
            "Scheme",
            "IpAddressType",
            "Subnets.member.N",
            "SubnetMappings.member.N.SubnetId",
            "SubnetMappings.member.N.AllocationId",
            "SubnetMappings.member.N.PrivateIPv4Address",
            "SecurityGroups.member.N",
            "Tags.member.N.Key",
            "Tags.member.N.Value",
        ],
        &[],
        create,
    );
    table.op::<api::DescribeLoadBalancersInput>(
        &["LoadBalancerArns.member.N", "Names.member.N", "Marker", "PageSize"],
        &[],
        describe,
    );
    table.op::<api::DeleteLoadBalancerInput>(&["LoadBalancerArn"], &[], delete);
}

fn kind(asked: Option<&str>) -> Result<Kind, AwsError> {
    match asked {
        None | Some("application") => Ok(Kind::Application),
        Some("network") => Ok(Kind::Network),
        Some("gateway") => Err(unsupported("Type gateway", "there are application and network load balancers.")),
        Some(other) => Err(validation(format!("'{other}' is not a load balancer type"))),
    }
}

/// There are only addresses of IPv4.
pub fn ip_address_type(asked: Option<&str>) -> Result<(), AwsError> {
    match asked {
        None | Some("ipv4") => Ok(()),
        Some(known @ ("dualstack" | "dualstack-without-public-ipv4")) => {
            Err(unsupported(&format!("IpAddressType {known}"), "load balancers have addresses of IPv4."))
        }
        Some(other) => Err(validation(format!("'{other}' is not an IP address type"))),
    }
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateLoadBalancerInput>) -> OpResult<api::CreateLoadBalancerOutput> {
    let kind = kind(r.r#type.as_deref())?;
    let name = r.name.clone().unwrap_or_default();
    super::check::name("load balancer", &name)?;
    if name.starts_with("internal-") {
        return Err(validation(format!("The load balancer name '{name}' cannot begin with 'internal-'")).into());
    }
    let internet_facing = match r.scheme.as_deref() {
        None | Some("internet-facing") => true,
        Some("internal") => false,
        Some(other) => return Err(AwsError::new("InvalidScheme", format!("'{other}' is not a valid scheme")).into()),
    };
    ip_address_type(r.ip_address_type.as_deref())?;
    let tags = tags(&r.tags)?;
    let wanted = nodes::wanted(ctx, kind, internet_facing, &r.subnets, &r.subnet_mappings)?;
    let vpc = wanted[0].subnet.vpc;
    let account = ctx.caller.account.clone();
    let named = r.security_groups.as_deref().unwrap_or_default();
    let mut groups = nodes::groups(ctx, vpc, named)?;
    if groups.is_empty() && kind == Kind::Application {
        groups.extend(ctx.db.get::<Vpc>(&account, vpc).map(|v| v.default_security_group));
    }
    let existing = ctx.db.list::<LoadBalancer>(&account).find(|b| b.name == name);
    let seed = ctx.random();
    let b = LoadBalancer {
        seed: [(seed >> 64) as u64, seed as u64],
        ticket_keys: Vec::new(),
        tickets_turned: ctx.now,
        account,
        id: new_id(ctx),
        name,
        kind,
        internet_facing,
        vpc,
        groups,
        state: State::Provisioning,
        created: ctx.now,
        attributes: Default::default(),
        tags,
    };
    if let Some(existing) = existing {
        if !is_same(ctx, &existing, &b, &wanted) {
            let sentence = format!("A load balancer with the same name '{}' exists, but with different settings", b.name);
            return Err(AwsError::new("DuplicateLoadBalancerName", sentence).into());
        }
        return Ok(api::CreateLoadBalancerOutput { load_balancers: Some(vec![shown(ctx, &existing)]) });
    }
    let limit = if kind == Kind::Application { &quota::APPLICATION_BALANCERS } else { &quota::NETWORK_BALANCERS };
    let count = ctx.db.list::<LoadBalancer>(&b.account).filter(|o| o.kind == kind).count();
    if count >= ctx.quota(limit) {
        let sentence = format!("The maximum number of load balancers has been reached on account '{}'", b.account);
        return Err(AwsError::new("TooManyLoadBalancers", sentence).into());
    }
    crate::iam::service_linked::ensure(ctx, SERVICE)?;
    ctx.db.put(b.clone());
    for w in &wanted {
        nodes::make(ctx, &b, w)?;
    }
    Ok(api::CreateLoadBalancerOutput { load_balancers: Some(vec![shown(ctx, &b)]) })
}

/// Whether a request asks for what there is. Tags do not count.
fn is_same(ctx: &Ctx, old: &LoadBalancer, new: &LoadBalancer, wanted: &[Wanted]) -> bool {
    let mut subnets: Vec<_> = wanted.iter().map(|w| (w.subnet.id, w.address.as_ref().map(|a| a.allocation))).collect();
    let mut there: Vec<_> = nodes::of(ctx.db, old).iter().map(|n| (n.subnet, n.allocation)).collect();
    let (mut groups, mut held) = (new.groups.clone(), old.groups.clone());
    subnets.sort_unstable();
    there.sort_unstable();
    groups.sort_unstable();
    held.sort_unstable();
    (old.kind, old.internet_facing, old.vpc) == (new.kind, new.internet_facing, new.vpc) && subnets == there && groups == held
}

fn describe(ctx: &mut Ctx, r: Authorized<api::DescribeLoadBalancersInput>) -> OpResult<api::DescribeLoadBalancersOutput> {
    let (arns, names) = (r.load_balancer_arns.as_deref().unwrap_or_default(), r.names.as_deref().unwrap_or_default());
    let mut found: Vec<Rc<LoadBalancer>> = match (arns, names) {
        ([], []) => ctx.db.list::<LoadBalancer>(&ctx.caller.account).collect(),
        (arns, []) => {
            let none = || AwsError::new("LoadBalancerNotFound", "One or more load balancers not found");
            arns.iter().map(|a| arn::get_balancer(ctx, a)?.ok_or_else(none)).collect::<Result<_, _>>()?
        }
        ([], names) => {
            let all: Vec<_> = ctx.db.list::<LoadBalancer>(&ctx.caller.account).collect();
            let none = || AwsError::new("LoadBalancerNotFound", format!("Load balancers '[{}]' not found", names.join(", ")));
            let find = |n: &String| all.iter().find(|b| b.name == *n).cloned().ok_or_else(none);
            names.iter().map(find).collect::<Result<_, _>>()?
        }
        _ => return Err(validation("Load balancer names and load balancer ARNs cannot be specified at the same time").into()),
    };
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    let (found, next_marker) = page(found, &r.marker, r.page_size, |b| b.id.clone())?;
    let load_balancers = Some(found.iter().map(|b| shown(ctx, b)).collect());
    Ok(api::DescribeLoadBalancersOutput { load_balancers, next_marker })
}

/// Names of load balancers are of this form; what does not exist is deleted already.
fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteLoadBalancerInput>) -> OpResult<api::DeleteLoadBalancerOutput> {
    let arn = r.load_balancer_arn.as_deref().unwrap_or_default();
    let Some(b) = arn::get_balancer(ctx, arn)? else { return Ok(api::DeleteLoadBalancerOutput {}) };
    if b.attributes.get("deletion_protection.enabled").is_some_and(|v| v == "true") {
        let sentence = format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return Err(AwsError::new("OperationNotPermitted", sentence).into());
    }
    let nodes = nodes::of(ctx.db, &b);
    nodes::dismiss(ctx, &b, &nodes);
    for l in usage::listeners(ctx.db, &b) {
        usage::remove_listener(ctx.db, &l);
    }
    ctx.db.delete::<LoadBalancer>(&b.account, &b.id);
    Ok(api::DeleteLoadBalancerOutput {})
}

pub fn zones(ctx: &Ctx, b: &LoadBalancer) -> Vec<api::AvailabilityZone> {
    let address = |n: &crate::rows::BalancerNode| {
        let interface = ctx.db.get::<Interface>(&n.account, n.interface);
        let ip = interface.as_ref().and_then(|i| crate::ec2::network::public_ip_of(ctx.db, i));
        api::LoadBalancerAddress {
            allocation_id: n.allocation.map(|a| a.to_string()),
            ip_address: ip.map(|ip| ip.to_string()),
            ..Default::default()
        }
    };
    let zone = |n: Rc<crate::rows::BalancerNode>| api::AvailabilityZone {
        load_balancer_addresses: Some(n.allocation.iter().map(|_| address(&n)).collect()),
        subnet_id: Some(n.subnet.to_string()),
        zone_name: Some(n.az.to_string()),
        ..Default::default()
    };
    nodes::of(ctx.db, b).into_iter().map(zone).collect()
}

pub fn shown(ctx: &Ctx, b: &LoadBalancer) -> api::LoadBalancer {
    api::LoadBalancer {
        availability_zones: Some(zones(ctx, b)),
        canonical_hosted_zone_id: hosted_zone(ctx.settings.region.as_str(), b.kind).map(str::to_owned),
        created_time: Some(b.created),
        dns_name: Some(dns_name(ctx.settings, b)),
        ip_address_type: Some("ipv4".to_owned()),
        load_balancer_arn: Some(arn::balancer(ctx.settings, b)),
        load_balancer_name: Some(b.name.clone()),
        scheme: Some(if b.internet_facing { "internet-facing" } else { "internal" }.to_owned()),
        security_groups: (!b.groups.is_empty()).then(|| b.groups.iter().map(ToString::to_string).collect()),
        state: Some(api::LoadBalancerState { code: Some(b.state.word().to_owned()), reason: None }),
        r#type: Some(b.kind.name().to_owned()),
        vpc_id: Some(b.vpc.to_string()),
        ..Default::default()
    }
}

/// Source: "Elastic Load Balancing endpoints and quotas", AWS General Reference. Of other regions none is told.
fn hosted_zone(region: &str, kind: Kind) -> Option<&'static str> {
    let (application, network) = match region {
        "us-east-1" => ("Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"),
        "us-east-2" => ("Z3AADJGX6KTTL2", "ZLMOA37VPKANP"),
        "us-west-1" => ("Z368ELLRRE2KJ0", "Z24FKFUX50B4VW"),
        _ => return None,
    };
    Some(if kind == Kind::Application { application } else { network })
}

/// For changes that a load balancer of this type does not know.
pub fn only(b: &LoadBalancer, kind: Kind, what: &str) -> Result<(), AwsError> {
    if b.kind == kind {
        return Ok(());
    }
    Err(invalid(format!("{what} is not supported for load balancers of type '{}'", b.kind.name())))
}
