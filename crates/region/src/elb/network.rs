//! Network load balancers as packet engines know them: a node, its listeners and their targets, in the documents of every cell
//! that has an interface of the VPC. Pure. Health comes from the nodes' processes, which check targets as those of application
//! load balancers do; what they say is kept with the target ([`settle`]), so that documents follow from rows alone.

use super::attributes::{of_balancer, of_group, of_listener};
use super::rows::{BalancerNode, Kind, Listener, LoadBalancer, NodeState, Target, TargetGroup};
use super::{arn, nodes, target, usage};
use crate::db::Db;
use crate::rows::{Interface, Vpc};
use platform::Settings;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use types::AzName;
use wire::balancer::{ListenerProtocol, TargetState as Seen};
use wire::net::{NetworkBalancer, NetworkListener, NetworkTarget, TargetState, Transport};

/// UDP's, always. TCP's is a listener's attribute.
const UDP_IDLE_SECONDS: u16 = 120;

/// The nodes of a VPC that have a host.
pub fn nodes_of(db: &Db, v: &Vpc) -> Vec<NetworkBalancer> {
    let stands = |n: &BalancerNode| n.kind == Kind::Network && n.state != NodeState::Ending && n.place.is_some();
    let placed = db.list::<BalancerNode>(&v.account).filter(|n| stands(n));
    let of = placed.filter_map(|n| Some((db.get::<LoadBalancer>(&n.account, &n.balancer).filter(|b| b.vpc == v.id)?, n)));
    of.map(|(b, n)| node(db, &b, &n)).collect()
}

fn node(db: &Db, b: &LoadBalancer, n: &BalancerNode) -> NetworkBalancer {
    let enabled: BTreeSet<AzName> = nodes::of(db, b).iter().map(|n| n.az.clone()).collect();
    let mut listeners = Vec::new();
    for l in usage::listeners(db, b) {
        let transports: &[Transport] = match l.protocol {
            ListenerProtocol::Tcp => &[Transport::Tcp],
            ListenerProtocol::Udp => &[Transport::Udp],
            ListenerProtocol::TcpUdp => &[Transport::Tcp, Transport::Udp],
            ListenerProtocol::Http | ListenerProtocol::Https | ListenerProtocol::Tls => &[],
        };
        listeners.extend(transports.iter().map(|&t| listener(db, b, n, &l, t, &enabled)));
    }
    NetworkBalancer { interface: n.interface, seed: b.seed, listeners }
}

fn listener(
    db: &Db,
    b: &LoadBalancer,
    n: &BalancerNode,
    l: &Listener,
    protocol: Transport,
    enabled: &BTreeSet<AzName>,
) -> NetworkListener {
    let group = usage::groups_in(&l.action.action).find_map(|id| arn::group_of(db, &b.account, id));
    let attributes = group.as_ref().map(|g| of_group(g));
    let flag = |key: &str| attributes.as_ref().is_some_and(|a| a.flag(key));
    NetworkListener {
        protocol,
        port: l.port,
        idle_seconds: match protocol {
            Transport::Tcp => of_listener(l).number("tcp.idle_timeout.seconds") as u16,
            Transport::Udp => UDP_IDLE_SECONDS,
        },
        by_client: flag("stickiness.enabled"),
        keeps_client: flag("preserve_client_ip.enabled"),
        ends_removed: flag("deregistration_delay.connection_termination.enabled"),
        ends_unhealthy: flag("target_health_state.unhealthy.connection_termination.enabled"),
        targets: group.map_or_else(Vec::new, |g| targets(db, b, n, &g, enabled)),
    }
}

fn targets(db: &Db, b: &LoadBalancer, n: &BalancerNode, g: &TargetGroup, enabled: &BTreeSet<AzName>) -> Vec<NetworkTarget> {
    let crosses = crosses_zones(b, g);
    // Two ids may be one place: an instance and its address are never of one group, but an address may be written twice.
    let mut out: BTreeMap<(Ipv4Addr, u16), TargetState> = BTreeMap::new();
    for t in target::rows(db, g) {
        let zone = target::zone(db, g, &t);
        let usable = target::zone_is_enabled(zone.as_ref(), enabled) && (crosses || zone.is_none_or(|z| z == n.az));
        if let (true, Ok(address)) = (usable, target::address(db, g, &t)) {
            out.insert((address, t.port), state(&t));
        }
    }
    out.into_iter().map(|((address, port), state)| NetworkTarget { address, port, weight: 1, state }).collect()
}

/// Whether a node sends to targets of other zones.
pub fn crosses_zones(b: &LoadBalancer, g: &TargetGroup) -> bool {
    match of_group(g).value("load_balancing.cross_zone.enabled") {
        "use_load_balancer_configuration" => of_balancer(b).flag("load_balancing.cross_zone.enabled"),
        own => own == "true",
    }
}

fn state(t: &Target) -> TargetState {
    match (t.draining_until.is_some(), t.healthy) {
        (true, _) => TargetState::Draining,
        (false, true) => TargetState::Healthy,
        (false, false) => TargetState::Unhealthy,
    }
}

/// The ports of the listeners of which the interface is a node, TCP and UDP.
pub fn ports(db: &Db, n: &Interface) -> (BTreeSet<u16>, BTreeSet<u16>) {
    let node = db.get::<BalancerNode>(&n.account, n.id).filter(|n| n.kind == Kind::Network);
    let balancer = node.and_then(|n| db.get::<LoadBalancer>(&n.account, &n.balancer));
    let (mut tcp, mut udp) = (BTreeSet::new(), BTreeSet::new());
    for l in balancer.iter().flat_map(|b| usage::listeners(db, b)) {
        if l.protocol != ListenerProtocol::Udp {
            tcp.insert(l.port);
        }
        if matches!(l.protocol, ListenerProtocol::Udp | ListenerProtocol::TcpUdp) {
            udp.insert(l.port);
        }
    }
    (tcp, udp)
}

/// The addresses that nodes of a VPC send to.
pub fn addresses(nodes: &[NetworkBalancer]) -> BTreeSet<Ipv4Addr> {
    nodes.iter().flat_map(|n| &n.listeners).flat_map(|l| &l.targets).map(|t| t.address).collect()
}

/// Keeps what nodes say of targets. One that some node finds healthy is; it is not when all nodes that have it were heard and
/// none does. Who is not heard says what it said last.
pub fn settle(db: &mut Db, settings: &Settings) {
    let groups: Vec<_> = db.all::<TargetGroup>().filter(|g| g.version.is_none()).collect();
    for g in groups {
        let Some(b) = usage::balancer_of(db, &g) else { continue };
        let nodes = nodes::of(db, &b);
        let own = arn::group(settings, &g);
        let heard: Vec<_> = nodes.iter().map(|n| db.balancers.status(n.interface)).collect();
        let all_heard = heard.iter().all(Option::is_some);
        let healthy: BTreeSet<(String, u16)> = heard
            .into_iter()
            .flatten()
            .flat_map(|s| &s.target_groups)
            .filter(|of| of.arn == own)
            .flat_map(|of| &of.targets)
            .filter(|t| matches!(t.state, Seen::Healthy | Seen::Unavailable))
            .map(|t| (t.id.clone(), t.port))
            .collect();
        for t in target::rows(db, &g) {
            let now = healthy.contains(&(t.id.clone(), t.port));
            if now != t.healthy && (now || all_heard) {
                db.update::<Target>(&t.account, t.key(), |t| t.healthy = now);
            }
        }
    }
}
