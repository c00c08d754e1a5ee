//! A network's lists of both IP families in one: what is of the other family matches nothing.

use std::net::{IpAddr, Ipv4Addr};
use types::*;
use wire::net::*;

pub fn contains(c: IpCidr, a: IpAddr) -> bool {
    match (c, a) {
        (IpCidr::V4(c), IpAddr::V4(a)) => c.contains(a),
        (IpCidr::V6(c), IpAddr::V6(a)) => c.contains(a),
        _ => false,
    }
}

pub fn prefix_len(c: IpCidr) -> u8 {
    match c {
        IpCidr::V4(c) => c.prefix_len(),
        IpCidr::V6(c) => c.prefix_len(),
    }
}

/// Only where there is no other: NAT gateways.
pub fn v4(a: IpAddr) -> Ipv4Addr {
    match a {
        IpAddr::V4(a) => a,
        IpAddr::V6(a) => panic!("{a} at a NAT gateway"),
    }
}

pub fn has(p: &PortConfig, a: IpAddr) -> bool {
    match a {
        IpAddr::V4(a) => p.ipv4.contains(&a),
        IpAddr::V6(a) => p.ipv6.contains(&a),
    }
}

pub fn holds(v: &VpcConfig, a: IpAddr) -> bool {
    match a {
        IpAddr::V4(a) => v.cidrs.iter().any(|c| c.contains(a)),
        IpAddr::V6(a) => v.cidrs6.iter().any(|c| c.contains(a)),
    }
}

pub fn in_subnet(p: &PortConfig, a: IpAddr) -> bool {
    match a {
        IpAddr::V4(a) => p.subnet_cidr.contains(a),
        IpAddr::V6(a) => p.subnet_cidr6.is_some_and(|s| s.contains(a)),
    }
}

/// Never forwarded, whatever is not checked: of a link, or of a host's own services.
pub fn never_forwarded(a: IpAddr) -> bool {
    match a {
        IpAddr::V4(a) => a.is_link_local(),
        IpAddr::V6(a) => a.is_unicast_link_local() || a.is_multicast() || a.segments()[..2] == [0xfd00, 0x0ec2],
    }
}

pub fn routes(t: &RouteTableConfig) -> Vec<Route<IpCidr>> {
    let four = t.routes.iter().map(|r| Route { destination: r.destination.into(), target: r.target });
    four.chain(t.routes6.iter().map(|r| Route { destination: r.destination.into(), target: r.target })).collect()
}

pub fn transit_routes(t: &TransitConfig) -> Vec<TransitRoute<IpCidr>> {
    let four = t.routes.iter().map(|r| TransitRoute { destination: r.destination.into(), target: r.target });
    four.chain(t.routes6.iter().map(|r| TransitRoute { destination: r.destination.into(), target: r.target })).collect()
}

pub fn entries(a: &NetworkAclConfig) -> Vec<NetworkAclEntry<IpCidr>> {
    fn any<C: Copy + Into<IpCidr>>(e: &NetworkAclEntry<C>) -> NetworkAclEntry<IpCidr> {
        let NetworkAclEntry { number, direction, allow, protocol, cidr } = *e;
        NetworkAclEntry { number, direction, allow, protocol, cidr: cidr.into() }
    }
    a.entries.iter().map(any).chain(a.entries6.iter().map(any)).collect()
}

pub fn listed(l: &PrefixListConfig, a: IpAddr) -> bool {
    match a {
        IpAddr::V4(a) => l.entries.iter().any(|c| c.contains(a)),
        IpAddr::V6(a) => l.entries6.iter().any(|c| c.contains(a)),
    }
}

/// The rules for packets of one family.
pub fn rules(g: &SecurityGroupConfig, six: bool) -> Vec<SecurityRule<IpCidr>> {
    fn any<C: Copy + Into<IpCidr>>(r: &SecurityRule<C>) -> SecurityRule<IpCidr> {
        let peer = match r.peer {
            PeerMatch::Cidr(c) => PeerMatch::Cidr(c.into()),
            PeerMatch::Group(g) => PeerMatch::Group(g),
            PeerMatch::PrefixList(l) => PeerMatch::PrefixList(l),
        };
        SecurityRule { id: r.id, direction: r.direction, protocol: r.protocol, peer }
    }
    if six { g.rules6.iter().map(any).collect() } else { g.rules.iter().map(any).collect() }
}
