//! Decisions of the packet path as sentences.

use std::net::SocketAddr;
use wire::net::{Direction, ProtocolMatch, RouteTarget, TransitTarget};
use wire::trace::{Probe, Step, Target};

/// `tcp 10.0.0.5:50000 to 10.0.0.6:80`
pub fn packet(p: &Probe) -> String {
    let ping = super::ping(p.source);
    match p.protocol {
        6 | 17 => {
            let name = protocol(p.protocol);
            let (source, destination) =
                (SocketAddr::new(p.source, p.source_port), SocketAddr::new(p.destination, p.destination_port));
            format!("{name} {source} to {destination}")
        }
        n if (n, p.destination_port) == (ping.protocol, ping.request) => format!("icmp echo {} to {}", p.source, p.destination),
        n if (n, p.destination_port) == (ping.protocol, ping.reply) => {
            format!("icmp echo reply {} to {}", p.source, p.destination)
        }
        n => format!("{} {} to {}", protocol(n), p.source, p.destination),
    }
}

pub fn protocol(n: u8) -> String {
    match n {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        58 => "icmpv6".to_owned(),
        n => format!("ip-{n}"),
    }
}

fn way(d: Direction) -> &'static str {
    match d {
        Direction::Ingress => "in",
        Direction::Egress => "out",
    }
}

pub fn step(step: &Step) -> String {
    match step {
        Step::SecurityGroups { interface, direction, rule: Some(rule) } => {
            format!("security group rule {rule} lets it {} at {interface}", way(*direction))
        }
        Step::SecurityGroups { interface, direction, rule: None } => {
            format!("no security group rule lets it {} at {interface}", way(*direction))
        }
        Step::NetworkAcl { interface, acl, direction, entry, allow } => {
            let entry = entry.map_or_else(|| "*".to_owned(), |n| n.to_string());
            let verb = if *allow { "lets it" } else { "denies it the way" };
            format!("entry {entry} of {acl} {verb} {} at the subnet of {interface}", way(*direction))
        }
        Step::Route { table, route } => format!("route {} of {table}: {}", route.destination, route_target(&route.target)),
        Step::Transit { gateway, route } => {
            let to = match route.target {
                TransitTarget::Blackhole => "blackhole".to_owned(),
                TransitTarget::Vpc { vpc, table } => format!("to {vpc}, by {table}"),
            };
            format!("route {} of {gateway}: {to}", route.destination)
        }
        Step::Nat { gateway, interface, source } => format!("{gateway} ({interface}) sends it on as {source}"),
        Step::NatBack { gateway, interface, destination } => {
            format!("{gateway} ({interface}) knows the connection: it is for {destination}")
        }
        Step::Balanced { interface, target, port } => {
            format!("the load balancer's node {interface} sends it on to {target}, port {port}")
        }
        Step::BalancedBack { interface, source, port } => {
            format!("the load balancer's node {interface} knows the connection: it answers as {source}, port {port}")
        }
        Step::PublicAddress { private, public, direction: Direction::Egress } => {
            format!("the internet gateway puts {public} in place of {private}")
        }
        Step::PublicAddress { private, public, direction: Direction::Ingress } => {
            format!("the internet gateway puts {private} in place of {public}")
        }
        Step::Service { address } => format!("a service of the host answers for {address}"),
        Step::Delivered { interface, .. } => format!("to the guest of {interface}"),
        Step::Sent { underlay, vni, interface: Some(interface), .. } => {
            format!("to {interface}, on the host at {underlay} (VNI {vni})")
        }
        Step::Sent { underlay, vni, interface: None, packet } => {
            format!("to {}, through the host or edge at {underlay} (VNI {vni})", packet.destination)
        }
        Step::Dropped(reason) => format!("dropped: {reason}"),
    }
}

pub fn route_target(target: &RouteTarget) -> String {
    match target {
        RouteTarget::Local => "local".to_owned(),
        RouteTarget::InternetGateway => "internet gateway".to_owned(),
        RouteTarget::EgressOnlyInternetGateway => "egress-only internet gateway".to_owned(),
        RouteTarget::Blackhole => "blackhole".to_owned(),
        RouteTarget::Interface(id) => format!("to {id}"),
        RouteTarget::NatGateway(id) => format!("NAT gateway at {id}"),
        RouteTarget::Peering(id) => id.to_string(),
        RouteTarget::TransitGateway(id) => id.to_string(),
        RouteTarget::Endpoint(id) => id.to_string(),
    }
}

pub fn rule_protocol(p: &ProtocolMatch) -> String {
    let range = |name: &str, from: &u16, to: &u16| match (*from, *to) {
        (0, u16::MAX) => name.to_owned(),
        (from, to) if from == to => format!("{name}:{from}"),
        (from, to) => format!("{name}:{from}-{to}"),
    };
    match p {
        ProtocolMatch::All => "any".to_owned(),
        ProtocolMatch::Tcp { from, to } => range("tcp", from, to),
        ProtocolMatch::Udp { from, to } => range("udp", from, to),
        ProtocolMatch::Icmp { kind: None, code: None } => "icmp".to_owned(),
        ProtocolMatch::Icmp { kind, code } => {
            let part = |n: &Option<u8>| n.map_or_else(|| "*".to_owned(), |n| n.to_string());
            format!("icmp:{}/{}", part(kind), part(code))
        }
        ProtocolMatch::Other(n) => format!("ip-{n}"),
    }
}

/// What a row of a host's table does.
pub fn table_target(target: &Target) -> String {
    match target {
        Target::Deliver(id) => format!("deliver {id}"),
        Target::Encap { underlay, vni } => format!("encap vxlan {vni}, out {underlay}"),
        Target::Service => "service of the host".to_owned(),
        Target::Nowhere => "drop: on no host".to_owned(),
        Target::Undecided => "-".to_owned(),
    }
}

/// The end of `not reachable:`. `before`: the step before the drop, which often is what decided.
pub fn why(reason: &str, last: Option<&Step>, before: Option<&Step>, packet: &Probe) -> String {
    let decided = match (reason, before) {
        (_, Some(s @ Step::SecurityGroups { rule: None, .. })) if reason.starts_with("security-group") => Some(step(s)),
        (_, Some(s @ Step::NetworkAcl { allow: false, .. })) if reason.starts_with("network-acl") => Some(step(s)),
        ("blackhole", Some(s @ Step::Route { .. })) | ("transit-blackhole", Some(s @ Step::Transit { .. })) => Some(step(s)),
        ("no-route", _) => Some(format!("the route table has no route to {}", packet.destination)),
        ("transit-no-route", _) => Some(format!("the transit gateway has no route to {}", packet.destination)),
        ("no-public-address", _) => Some(format!("{} has no public address for the internet gateway to use", packet.source)),
        ("no-such-destination", _) => Some(format!("no interface has the address {}", packet.destination)),
        ("destination-not-placed", _) => Some(format!("the interface with {} is on no host", packet.destination)),
        ("public-address-unowned", _) => Some(format!("nobody has the public address {}", packet.destination)),
        ("nat-no-entry", _) => Some(format!("{} is a NAT gateway's, and it knows no such connection", packet.destination)),
        _ => None,
    };
    match (decided, last) {
        (Some(words), _) => format!("{words} ({reason})"),
        (None, _) => reason.to_owned(),
    }
}
