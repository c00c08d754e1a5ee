//! Rows to the document of a load balancer's node. Pure; the same rows give the same bytes. Its generation is filled in when it
//! is sent ([`crate::push`]).

use super::arn;
use super::attributes::{Attributes, of_balancer, of_group, of_listener};
use super::logs;
use super::nodes;
use super::rows::{BalancerNode, Kind, Listener, LoadBalancer, NodeState, TargetGroup};
use super::{network, target, trust_store, usage};
use crate::db::Db;
use crate::rows::AcmCertificate;
use platform::Settings;
use std::collections::BTreeSet;
use std::rc::Rc;
use types::{AzName, CellId, Generation};
use wire::balancer::{
    Algorithm, BalancerConfig, Certificate, CertificateSource, DesyncMitigation, HealthCheck, HealthProtocol, ListenerTls,
    NetworkGroup, ProtocolVersion, Resilience, Stickiness, Target, XffMode,
};

/// The nodes of a cell that have a host.
pub fn placed_in(db: &Db, cell: &CellId) -> Vec<Rc<BalancerNode>> {
    let here = |n: &Rc<BalancerNode>| n.state != NodeState::Ending && n.place.as_ref().is_some_and(|p| p.cell == *cell);
    db.all::<BalancerNode>().filter(here).collect()
}

/// The TCP ports that a node listens at, and its document. One that drains has no listeners.
pub fn document(db: &Db, settings: &Settings, node: &BalancerNode) -> Option<(Vec<u16>, BalancerConfig)> {
    if let Some(drain) = &node.drain {
        let config = BalancerConfig {
            format: wire::FORMAT,
            generation: Generation(0),
            name: drain.name.clone(),
            zone: Some(node.az.to_string()),
            attributes: drain.attributes.clone(),
            certificates: Vec::new(),
            ticket_keys: Vec::new(),
            listeners: Vec::new(),
            target_groups: Vec::new(),
        };
        return Some((Vec::new(), config));
    }
    let b = db.get::<LoadBalancer>(&node.account, &node.balancer)?;
    Some((ports(db, &b), config(db, settings, &b, node)))
}

/// TCP ports that its process listens at: a network load balancer's only checks targets.
fn ports(db: &Db, b: &LoadBalancer) -> Vec<u16> {
    ended_here(db, b).iter().map(|l| l.port).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The listeners whose connections the process ends. The others are the packet engine's ([`super::network`]).
fn ended_here(db: &Db, b: &LoadBalancer) -> Vec<Rc<Listener>> {
    if b.kind == Kind::Network { Vec::new() } else { usage::listeners(db, b) }
}

fn config(db: &Db, settings: &Settings, b: &LoadBalancer, node: &BalancerNode) -> BalancerConfig {
    let listeners = ended_here(db, b);
    let enabled: BTreeSet<AzName> = nodes::of(db, b).iter().map(|n| n.az.clone()).collect();
    let groups = usage::group_rows(db, b);
    let own = of_balancer(b);
    let target_groups = groups.iter().map(|g| group(db, settings, b, g, node, &enabled)).collect();
    BalancerConfig {
        format: wire::FORMAT,
        generation: Generation(0),
        name: b.path(),
        zone: Some(node.az.to_string()),
        attributes: attributes(db, settings, b, node, &own),
        certificates: certificates(db, settings, &listeners),
        ticket_keys: if listeners.iter().any(|l| l.tls.is_some()) { b.ticket_keys.clone() } else { Vec::new() },
        listeners: listeners.iter().map(|l| listener(db, settings, b, l)).collect(),
        target_groups,
    }
}

pub fn attributes(
    db: &Db,
    settings: &Settings,
    b: &LoadBalancer,
    node: &BalancerNode,
    a: &Attributes,
) -> wire::balancer::Attributes {
    // Zones are decided here, group by group: a node gets the targets that it may use.
    let mut out = wire::balancer::Attributes { cross_zone: true, ..Default::default() };
    if b.kind == Kind::Network {
        return out;
    }
    out.log_delivery = logs::delivery(db, settings, b, node, a);
    out.idle_timeout_seconds = a.number("idle_timeout.timeout_seconds");
    out.client_keep_alive_seconds = a.number("client_keep_alive.seconds");
    out.desync_mitigation = match a.value("routing.http.desync_mitigation_mode") {
        "monitor" => DesyncMitigation::Monitor,
        "strictest" => DesyncMitigation::Strictest,
        _ => DesyncMitigation::Defensive,
    };
    out.xff_header_processing = match a.value("routing.http.xff_header_processing.mode") {
        "preserve" => XffMode::Preserve,
        "remove" => XffMode::Remove,
        _ => XffMode::Append,
    };
    out.drop_invalid_header_fields = a.flag("routing.http.drop_invalid_header_fields.enabled");
    // AWS's `false` still sends the client's Host, with the listener's port where that is not the scheme's: not the target's own
    // address, which is what `false` means to the balancer.
    out.preserve_host_header = true;
    out.xff_client_port = a.flag("routing.http.xff_client_port.enabled");
    out.tls_version_and_cipher_headers = a.flag("routing.http.x_amzn_tls_version_and_cipher_suite.enabled");
    out.http2 = a.flag("routing.http2.enabled");
    out
}

fn certificates(db: &Db, settings: &Settings, listeners: &[Rc<Listener>]) -> Vec<Certificate> {
    let tls = || listeners.iter().filter_map(|l| Some((&l.account, l.tls.as_ref()?)));
    let named: BTreeSet<_> =
        tls().flat_map(|(a, t)| std::iter::once(&t.default_certificate).chain(&t.certificates).map(move |c| (a, c))).collect();
    let found = named.into_iter().filter_map(|(account, arn)| db.get::<AcmCertificate>(account, arn.rsplit('/').next()?));
    let source = |c: &AcmCertificate| CertificateSource::Sealed { chain_pem: c.full_chain(), sealed_key: c.sealed_key.clone() };
    found.map(|c| Certificate { arn: c.arn(settings), source: source(&c) }).collect()
}

fn listener(db: &Db, settings: &Settings, b: &LoadBalancer, l: &Listener) -> wire::balancer::Listener {
    let tls = l.tls.as_ref().map(|t| ListenerTls {
        policy: t.policy.clone(),
        default_certificate: t.default_certificate.clone(),
        certificates: t.certificates.clone(),
        alpn_policy: t.alpn.clone(),
        mutual_authentication: trust_store::document(db, &l.account, t),
    });
    let rule = |r: Rc<super::rows::Rule>| wire::balancer::Rule {
        arn: arn::rule(settings, b, l, &r.id),
        priority: r.priority,
        conditions: r.conditions.clone(),
        action: r.action.action.clone(),
    };
    let idle = of_listener(l).number("tcp.idle_timeout.seconds");
    wire::balancer::Listener {
        arn: arn::listener(settings, b, l),
        protocol: l.protocol,
        addresses: Vec::new(),
        port: l.port,
        tls,
        rules: usage::rules(db, l).into_iter().map(rule).collect(),
        default_action: l.action.action.clone(),
        tcp_idle_timeout_seconds: if idle == 0 { 350 } else { idle },
    }
}

fn group(
    db: &Db,
    settings: &Settings,
    b: &LoadBalancer,
    g: &TargetGroup,
    node: &BalancerNode,
    enabled: &BTreeSet<AzName>,
) -> wire::balancer::TargetGroup {
    let a = of_group(g);
    let cross_zone = network::crosses_zones(b, g);
    let usable =
        |zone: Option<&AzName>| target::zone_is_enabled(zone, enabled) && (cross_zone || zone.is_none_or(|z| *z == node.az));
    let targets = target::rows(db, g).into_iter().filter(|t| t.draining_until.is_none()).filter_map(|t| {
        let address = target::address(db, g, &t).ok()?;
        let zone = target::zone(db, g, &t);
        usable(zone.as_ref()).then(|| Target {
            id: t.id.clone(),
            address: address.into(),
            port: t.port,
            zone: zone.map(|z| z.to_string()),
            weight: 1,
        })
    });
    wire::balancer::TargetGroup {
        arn: arn::group(settings, g),
        protocol: g.protocol,
        version: g.version.unwrap_or_default(),
        targets: targets.collect(),
        algorithm: match a.value("load_balancing.algorithm.type") {
            "least_outstanding_requests" => Algorithm::LeastOutstandingRequests,
            "weighted_random" => Algorithm::WeightedRandom,
            "power_of_two" => Algorithm::PowerOfTwo,
            "consistent_hash" => Algorithm::ConsistentHash,
            _ => Algorithm::RoundRobin,
        },
        anomaly_mitigation: a.value("load_balancing.algorithm.anomaly_mitigation") == "on",
        stickiness: a.flag("stickiness.enabled").then(|| stickiness(&a)),
        slow_start_seconds: a.number("slow_start.duration_seconds"),
        deregistration_delay_seconds: a.number("deregistration_delay.timeout_seconds"),
        health_check: health_check(g),
        resilience: Resilience::default(),
        network: NetworkGroup {
            preserve_client_ip: a.flag("preserve_client_ip.enabled"),
            proxy_protocol_v2: a.flag("proxy_protocol_v2.enabled"),
            terminate_connections: a.flag("deregistration_delay.connection_termination.enabled"),
            terminate_unhealthy: a.flag("target_health_state.unhealthy.connection_termination.enabled"),
            checked: b.kind == Kind::Network,
        },
    }
}

fn stickiness(a: &Attributes) -> Stickiness {
    match a.value("stickiness.type") {
        "app_cookie" => Stickiness::AppCookie {
            name: a.value("stickiness.app_cookie.cookie_name").to_owned(),
            duration_seconds: a.number("stickiness.app_cookie.duration_seconds"),
        },
        "source_ip" => Stickiness::SourceIp,
        _ => Stickiness::LbCookie { duration_seconds: a.number("stickiness.lb_cookie.duration_seconds") },
    }
}

fn health_check(g: &TargetGroup) -> HealthCheck {
    let c = &g.check;
    let grpc = g.version == Some(ProtocolVersion::Grpc);
    HealthCheck {
        enabled: true,
        protocol: match c.protocol.as_str() {
            "TCP" => HealthProtocol::Tcp,
            _ if grpc => HealthProtocol::Grpc,
            "HTTPS" => HealthProtocol::Https,
            _ => HealthProtocol::Http,
        },
        port: c.port.parse().ok(),
        path: c.path.clone().unwrap_or_default(),
        matcher: c.matcher.clone().unwrap_or_default(),
        interval_seconds: c.interval_seconds,
        timeout_seconds: c.timeout_seconds,
        healthy_threshold: c.healthy_threshold,
        unhealthy_threshold: c.unhealthy_threshold,
        ..HealthCheck::default()
    }
}
