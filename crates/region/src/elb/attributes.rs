//! Attributes of load balancers, target groups and listeners: AWS's keys and defaults, all of which are shown. What has no
//! effect here keeps its default.

use super::arn::{find_balancer, find_group, find_listener};
use super::check::{invalid, unsupported, validation};
use super::rows::{Kind, Listener, LoadBalancer, TargetGroup, TargetType};
use super::{logs, usage};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, elbv2 as api};
use std::collections::BTreeMap;
use wire::balancer::{ListenerProtocol, TargetProtocol};

#[derive(Clone, Copy)]
enum Rule {
    Flag,
    Number(u32, u32),
    Word(&'static [&'static str]),
    /// Words, and those of AWS's that are without effect here.
    Some(&'static [&'static str], &'static [&'static str]),
    /// Up to so many characters.
    Text(usize),
    /// Nothing but its default: another value would be without effect.
    Fixed,
}
use Rule::{Fixed, Flag, Number, Text, Word};

type Known = (&'static str, &'static str, Rule);
const WEEK: u32 = 604_800;

const BALANCER: &[Known] = &[
    ("access_logs.s3.bucket", "", Text(255)),
    ("access_logs.s3.prefix", "", Text(1024)),
    ("deletion_protection.enabled", "false", Flag),
    ("ipv6.deny_all_igw_traffic", "false", Fixed),
    ("zonal_shift.config.enabled", "false", Fixed),
];
const APPLICATION: &[Known] = &[
    ("access_logs.s3.enabled", "false", Flag),
    ("load_balancing.cross_zone.enabled", "true", Fixed),
    ("idle_timeout.timeout_seconds", "60", Number(1, 4000)),
    ("client_keep_alive.seconds", "3600", Number(60, WEEK)),
    ("connection_logs.s3.enabled", "false", Flag),
    ("connection_logs.s3.bucket", "", Text(255)),
    ("connection_logs.s3.prefix", "", Text(1024)),
    ("health_check_logs.s3.enabled", "false", Fixed),
    ("health_check_logs.s3.bucket", "", Text(255)),
    ("health_check_logs.s3.prefix", "", Text(1024)),
    ("routing.http.desync_mitigation_mode", "defensive", Rule::Some(&["monitor", "defensive"], &["strictest"])),
    ("routing.http.drop_invalid_header_fields.enabled", "false", Flag),
    ("routing.http.preserve_host_header.enabled", "false", Flag),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Flag),
    ("routing.http.xff_client_port.enabled", "false", Flag),
    ("routing.http.xff_header_processing.mode", "append", Word(&["append", "preserve", "remove"])),
    ("routing.http2.enabled", "true", Flag),
    ("waf.fail_open.enabled", "false", Fixed),
];
const NETWORK: &[Known] = &[
    ("access_logs.s3.enabled", "false", Fixed),
    ("load_balancing.cross_zone.enabled", "false", Flag),
    ("dns_record.client_routing_policy", "any_availability_zone", Fixed),
    ("secondary_ips.auto_assigned.per_subnet", "0", Fixed),
];

const GROUP: &[Known] = &[
    ("deregistration_delay.timeout_seconds", "300", Number(0, 3600)),
    ("stickiness.enabled", "false", Flag),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        Word(&["true", "false", "use_load_balancer_configuration"]),
    ),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1", Fixed),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", Fixed),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", Fixed),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", Fixed),
];
const APPLICATION_GROUP: &[Known] = &[
    ("stickiness.type", "lb_cookie", Word(&["lb_cookie", "app_cookie"])),
    ("stickiness.lb_cookie.duration_seconds", "86400", Number(1, WEEK)),
    ("stickiness.app_cookie.duration_seconds", "86400", Number(1, WEEK)),
    ("stickiness.app_cookie.cookie_name", "", Text(256)),
    ("slow_start.duration_seconds", "0", Number(0, 900)),
    // The last two are not AWS's.
    (
        "load_balancing.algorithm.type",
        "round_robin",
        Word(&["round_robin", "least_outstanding_requests", "weighted_random", "power_of_two", "consistent_hash"]),
    ),
    ("load_balancing.algorithm.anomaly_mitigation", "off", Word(&["on", "off"])),
];
const NETWORK_GROUP: &[Known] = &[
    ("stickiness.type", "source_ip", Word(&["source_ip"])),
    ("proxy_protocol_v2.enabled", "false", Fixed),
    ("preserve_client_ip.enabled", "true", Flag),
    ("deregistration_delay.connection_termination.enabled", "false", Flag),
    ("target_health_state.unhealthy.connection_termination.enabled", "true", Flag),
    ("target_health_state.unhealthy.draining_interval_seconds", "0", Fixed),
];

const HTTP_LISTENER: &[Known] = &[
    ("routing.http.response.server.enabled", "true", Fixed),
    ("routing.http.response.strict_transport_security.header_value", "", Fixed),
    ("routing.http.response.access_control_allow_origin.header_value", "", Fixed),
    ("routing.http.response.access_control_allow_methods.header_value", "", Fixed),
    ("routing.http.response.access_control_allow_headers.header_value", "", Fixed),
    ("routing.http.response.access_control_allow_credentials.header_value", "", Fixed),
    ("routing.http.response.access_control_expose_headers.header_value", "", Fixed),
    ("routing.http.response.access_control_max_age.header_value", "", Fixed),
    ("routing.http.response.content_security_policy.header_value", "", Fixed),
    ("routing.http.response.x_content_type_options.header_value", "", Fixed),
    ("routing.http.response.x_frame_options.header_value", "", Fixed),
];
const HTTPS_LISTENER: &[Known] = &[
    ("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", "", Fixed),
    ("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", "", Fixed),
    ("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", "", Fixed),
    ("routing.http.request.x_amzn_mtls_clientcert_validity.header_name", "", Fixed),
    ("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", "", Fixed),
    ("routing.http.request.x_amzn_mtls_clientcert.header_name", "", Fixed),
    ("routing.http.request.x_amzn_tls_version.header_name", "", Fixed),
    ("routing.http.request.x_amzn_tls_cipher_suite.header_name", "", Fixed),
];
const TCP_LISTENER: &[Known] = &[("tcp.idle_timeout.seconds", "350", Number(60, 6000))];

/// The attributes of one resource.
pub struct Attributes {
    what: &'static str,
    /// Lists of keys that it has; those of other types are known, too, for the error.
    has: Vec<&'static [Known]>,
    others: Vec<&'static [Known]>,
    /// Defaults that follow from the resource.
    own: BTreeMap<&'static str, &'static str>,
    set: BTreeMap<String, String>,
}

pub fn of_balancer(b: &LoadBalancer) -> Attributes {
    let mut own = BTreeMap::new();
    if !b.internet_facing {
        own.insert("ipv6.deny_all_igw_traffic", "true");
    }
    let (has, other) = if b.kind == Kind::Application { (APPLICATION, NETWORK) } else { (NETWORK, APPLICATION) };
    Attributes { what: "Load balancer", has: vec![BALANCER, has], others: vec![other], own, set: b.attributes.clone() }
}

pub fn of_group(g: &TargetGroup) -> Attributes {
    let mut own = BTreeMap::new();
    let udp = matches!(g.protocol, TargetProtocol::Udp | TargetProtocol::TcpUdp);
    if !udp && g.kind == TargetType::Ip {
        own.insert("preserve_client_ip.enabled", "false");
    }
    if udp {
        own.insert("deregistration_delay.connection_termination.enabled", "true");
        own.insert("target_health_state.unhealthy.connection_termination.enabled", "false");
    }
    let (has, other) = if g.version.is_some() { (APPLICATION_GROUP, NETWORK_GROUP) } else { (NETWORK_GROUP, APPLICATION_GROUP) };
    Attributes { what: "Target group", has: vec![GROUP, has], others: vec![other], own, set: g.attributes.clone() }
}

pub fn of_listener(l: &Listener) -> Attributes {
    let all = [HTTP_LISTENER, HTTPS_LISTENER, TCP_LISTENER];
    let has = match l.protocol {
        ListenerProtocol::Http => vec![HTTP_LISTENER],
        ListenerProtocol::Https => vec![HTTP_LISTENER, HTTPS_LISTENER],
        ListenerProtocol::Tcp | ListenerProtocol::TcpUdp => vec![TCP_LISTENER],
        ListenerProtocol::Udp | ListenerProtocol::Tls => Vec::new(),
    };
    Attributes { what: "Listener", has, others: all.to_vec(), own: BTreeMap::new(), set: l.attributes.clone() }
}

impl Attributes {
    fn default(&self, (key, default, _): &Known) -> &'static str {
        self.own.get(key).unwrap_or(default)
    }

    fn known(&self) -> impl Iterator<Item = &'static Known> + '_ {
        self.has.iter().flat_map(|list| list.iter())
    }

    /// A value in force; empty for a key that it has not.
    pub fn value(&self, key: &str) -> &str {
        let default = || self.known().find(|k| k.0 == key).map_or("", |k| self.default(k));
        self.set.get(key).map_or_else(default, String::as_str)
    }

    pub fn flag(&self, key: &str) -> bool {
        self.value(key) == "true"
    }

    pub fn number(&self, key: &str) -> u32 {
        self.value(key).parse().unwrap_or_default()
    }

    /// All, as they are shown.
    fn all(&self) -> Vec<(String, String)> {
        self.known().map(|k| (k.0.to_owned(), self.value(k.0).to_owned())).collect()
    }

    fn check(&self, key: &str, value: &str) -> Result<(), AwsError> {
        let what = self.what;
        let Some(known) = self.known().find(|k| k.0 == key) else {
            if self.others.iter().any(|list| list.iter().any(|k| k.0 == key)) {
                return Err(invalid(format!("{what} attribute key '{key}' is not supported on this {}", what.to_lowercase())));
            }
            return Err(validation(format!("{what} attribute key '{key}' is not recognized")));
        };
        let wanted = match known.2 {
            Flag if matches!(value, "true" | "false") => return Ok(()),
            Flag => "true or false".to_owned(),
            Number(low, high) if value.parse().is_ok_and(|n: u32| (low..=high).contains(&n)) => return Ok(()),
            Number(low, high) => format!("from {low} to {high}"),
            Word(words) if words.contains(&value) => return Ok(()),
            Rule::Some(words, _) if words.contains(&value) => return Ok(()),
            Rule::Some(_, others) if others.contains(&value) => {
                let setting = format!("The attribute {key} with the value '{value}'");
                return Err(unsupported(&setting, "the balancer does not have it."));
            }
            Word(words) | Rule::Some(words, _) => format!("one of {}", words.join(", ")),
            Text(max) if value.chars().count() <= max => return Ok(()),
            Text(max) => format!("of at most {max} characters"),
            Fixed if value == self.default(known) => return Ok(()),
            Fixed => {
                let why = format!("it is '{}' here, always.", self.default(known));
                return Err(unsupported(&format!("The attribute {key} with the value '{value}'"), &why));
            }
        };
        Err(validation(format!("{what} attribute '{key}' cannot have the value '{value}': it must be {wanted}")))
    }

    /// With what a request sets.
    fn with<'a>(mut self, given: impl Iterator<Item = (Option<&'a String>, Option<&'a String>)>) -> Result<Self, AwsError> {
        for (key, value) in given {
            let (Some(key), Some(value)) = (key, value) else {
                return Err(validation("An attribute must have a key and a value"));
            };
            self.check(key, value)?;
            self.set.insert(key.clone(), value.clone());
        }
        Ok(self)
    }
}

macro_rules! shown {
    ($shape:ident, $attributes:expr) => {
        Some($attributes.all().into_iter().map(|(k, v)| api::$shape { key: Some(k), value: Some(v) }).collect())
    };
}

macro_rules! given {
    ($list:expr) => {
        $list.iter().flatten().map(|a| (a.key.as_ref(), a.value.as_ref()))
    };
}

const GIVEN: [&str; 2] = ["Attributes.member.N.Key", "Attributes.member.N.Value"];

pub fn register(table: &mut Table) {
    table.op::<api::DescribeLoadBalancerAttributesInput>(&["LoadBalancerArn"], &[], |ctx, r| {
        let b = find_balancer(ctx, &r.load_balancer_arn)?;
        Ok(api::DescribeLoadBalancerAttributesOutput { attributes: shown!(LoadBalancerAttribute, of_balancer(&b)) })
    });
    table.op::<api::DescribeTargetGroupAttributesInput>(&["TargetGroupArn"], &[], |ctx, r| {
        let g = find_group(ctx, &r.target_group_arn)?;
        Ok(api::DescribeTargetGroupAttributesOutput { attributes: shown!(TargetGroupAttribute, of_group(&g)) })
    });
    table.op::<api::DescribeListenerAttributesInput>(&["ListenerArn"], &[], |ctx, r| {
        let (_, l) = find_listener(ctx, &r.listener_arn)?;
        Ok(api::DescribeListenerAttributesOutput { attributes: shown!(ListenerAttribute, of_listener(&l)) })
    });
    table.op::<api::ModifyLoadBalancerAttributesInput>(&["LoadBalancerArn", GIVEN[0], GIVEN[1]], &[], modify_balancer);
    table.op::<api::ModifyTargetGroupAttributesInput>(&["TargetGroupArn", GIVEN[0], GIVEN[1]], &[], modify_group);
    table.op::<api::ModifyListenerAttributesInput>(&["ListenerArn", GIVEN[0], GIVEN[1]], &[], modify_listener);
}

fn modify_balancer(
    ctx: &mut Ctx,
    r: Authorized<api::ModifyLoadBalancerAttributesInput>,
) -> OpResult<api::ModifyLoadBalancerAttributesOutput> {
    let b = find_balancer(ctx, &r.load_balancer_arn)?;
    let new = of_balancer(&b).with(given!(r.attributes))?;
    if b.kind == Kind::Application {
        logs::check(ctx, &b, &of_balancer(&b), &new)?;
    }
    ctx.db.put(LoadBalancer { attributes: new.set.clone(), ..(*b).clone() });
    Ok(api::ModifyLoadBalancerAttributesOutput { attributes: shown!(LoadBalancerAttribute, new) })
}

fn modify_group(
    ctx: &mut Ctx,
    r: Authorized<api::ModifyTargetGroupAttributesInput>,
) -> OpResult<api::ModifyTargetGroupAttributesOutput> {
    let g = find_group(ctx, &r.target_group_arn)?;
    let new = of_group(&g).with(given!(r.attributes))?;
    group_fits(&g, &new)?;
    if let Some(b) = usage::balancer_of(ctx.db, &g) {
        zones_fit(&b, &new)?;
    }
    ctx.db.put(TargetGroup { attributes: new.set.clone(), ..(*g).clone() });
    Ok(api::ModifyTargetGroupAttributesOutput { attributes: shown!(TargetGroupAttribute, new) })
}

/// What attributes say together.
fn group_fits(g: &TargetGroup, a: &Attributes) -> Result<(), AwsError> {
    if g.version.is_none() {
        let udp = matches!(g.protocol, TargetProtocol::Udp | TargetProtocol::TcpUdp);
        if udp && !a.flag("preserve_client_ip.enabled") {
            return Err(invalid("Client IP preservation cannot be disabled for UDP and TCP_UDP target groups"));
        }
        if udp && a.flag("target_health_state.unhealthy.connection_termination.enabled") {
            return Err(invalid(
                "Connection termination of unhealthy targets cannot be enabled for UDP and TCP_UDP target groups",
            ));
        }
        if g.protocol == TargetProtocol::Tls && a.flag("stickiness.enabled") {
            return Err(invalid("Stickiness is not supported for TLS target groups"));
        }
        return Ok(());
    }
    let slow_start = a.number("slow_start.duration_seconds");
    if (1..30).contains(&slow_start) {
        let sentence = "Target group attribute 'slow_start.duration_seconds' must be 0 or from 30 to 900";
        return Err(validation(sentence));
    }
    let algorithm = a.value("load_balancing.algorithm.type");
    if slow_start > 0 && algorithm != "round_robin" {
        return Err(invalid(format!("Slow start is not supported with the load balancing algorithm '{algorithm}'")));
    }
    if a.value("load_balancing.algorithm.anomaly_mitigation") == "on" && algorithm != "weighted_random" {
        let sentence = format!("Anomaly mitigation is not supported with the load balancing algorithm '{algorithm}'");
        return Err(invalid(sentence));
    }
    let cookie = a.value("stickiness.app_cookie.cookie_name");
    if ["AWSALB", "AWSALBAPP", "AWSALBTG"].iter().any(|reserved| cookie.starts_with(reserved)) {
        return Err(validation(format!("The cookie name '{cookie}' is reserved for the load balancer")));
    }
    // RFC 6265: a token.
    if !cookie.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)) {
        return Err(validation(format!("'{cookie}' is not a name of a cookie")));
    }
    if a.flag("stickiness.enabled") && a.value("stickiness.type") == "app_cookie" && cookie.is_empty() {
        return Err(validation("You must specify the cookie name for application-based stickiness"));
    }
    Ok(())
}

/// "You can't enable sticky sessions if cross-zone load balancing is off": of application load balancers' groups.
fn zones_fit(b: &LoadBalancer, a: &Attributes) -> Result<(), AwsError> {
    let off = a.value("load_balancing.cross_zone.enabled") == "false";
    if b.kind == Kind::Application && off && a.flag("stickiness.enabled") {
        return Err(invalid("Stickiness is not supported when cross-zone load balancing is off"));
    }
    Ok(())
}

fn modify_listener(
    ctx: &mut Ctx,
    r: Authorized<api::ModifyListenerAttributesInput>,
) -> OpResult<api::ModifyListenerAttributesOutput> {
    let (_, l) = find_listener(ctx, &r.listener_arn)?;
    let new = of_listener(&l).with(given!(r.attributes))?;
    ctx.db.put(Listener { attributes: new.set.clone(), ..(*l).clone() });
    Ok(api::ModifyListenerAttributesOutput { attributes: shown!(ListenerAttribute, new) })
}
