//! The IPv6 of generated networks: most VPCs have a block, most of their subnets a /64; rules, entries and routes of their own,
//! with numbers of their own, so that a seed's IPv4 stays what it was.

use crate::generate::{Maker, Network, Rng};
use crate::probe::{self, Probe};
use std::net::Ipv6Addr;
use types::*;
use wire::net::*;

pub const METADATA6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
pub const RESOLVER6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253);
pub const OUTSIDE6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 9),
    Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 1, 0, 0, 0, 9),
    Ipv6Addr::new(0x2606, 0x4700, 0, 0, 0, 0, 0, 0x1111),
];

pub fn pool6() -> Ipv6Cidr {
    "2001:db8::/40".parse().unwrap()
}

/// The addresses that have a way outside, and where they are.
pub fn outside(net: &Network) -> Vec<(InterfaceId, Ipv6Addr, usize)> {
    let mut found = vec![];
    for i in &net.ports {
        let vpc = net.vpcs.iter().find(|v| v.id == i.port.vpc);
        let table = vpc.and_then(|v| v.route_tables.iter().find(|t| t.id == i.port.route_table));
        let leaves =
            |r: &Route<Ipv6Cidr>| matches!(r.target, RouteTarget::InternetGateway | RouteTarget::EgressOnlyInternetGateway);
        if let (Some(host), true) = (i.host, table.is_some_and(|t| t.routes6.iter().any(leaves))) {
            found.extend(i.port.ipv6.iter().map(|a| (i.port.id, *a, host)));
        }
    }
    found
}

pub fn add(net: &mut Network, seed: u64) {
    let mut m = Maker { rng: Rng(seed ^ 0x6666), ids: 1 << 64, publics: 0, component: vec![] };
    for v in 0..net.vpcs.len() {
        if m.rng.chance(15) {
            continue;
        }
        let block = Ipv6Cidr::new(Ipv6Addr::new(0x2001, 0xdb8, 0, (v as u16 + 1) << 8, 0, 0, 0, 0), 56).unwrap();
        let vpc = net.vpcs[v].id;
        (net.vpcs[v].cidrs6, net.vpcs[v].open6) = (vec![block], m.rng.chance(60));
        let mut subnets: Vec<(SubnetId, Option<Ipv6Cidr>)> = vec![];
        for i in net.ports.iter_mut().filter(|i| i.port.vpc == vpc) {
            let known = subnets.iter().find(|(s, _)| *s == i.port.subnet).map(|(_, c)| *c);
            let subnet = known.unwrap_or_else(|| {
                let new = m.rng.chance(90).then(|| block.subnet(64, subnets.len() as u128).unwrap());
                subnets.push((i.port.subnet, new));
                new
            });
            i.port.subnet_cidr6 = subnet.filter(|_| i.port.nat.is_none());
            let Some(subnet) = i.port.subnet_cidr6.filter(|_| m.rng.chance(92)) else { continue };
            for _ in 0..m.rng.range(1, 2) {
                i.port.ipv6.push((subnet.first().to_bits() + m.id() % 4096 + 1).into());
            }
        }
    }
    for v in 0..net.vpcs.len() {
        m.groups6(net, v);
        m.acls6(net, v);
    }
    m.transit6(net);
    for v in 0..net.vpcs.len() {
        m.routes6(net, v);
    }
}

impl Maker {
    fn some_cidr6(&mut self, net: &Network, v: usize) -> Ipv6Cidr {
        let all: Vec<Ipv6Addr> = net.ports.iter().flat_map(|i| i.port.ipv6.clone()).collect();
        let some = self.rng.pick(&all).unwrap_or(OUTSIDE6[0]);
        match self.rng.below(8) {
            0..=2 => Ipv6Cidr::ALL,
            3 => self.rng.pick(&net.vpcs[v].cidrs6).unwrap_or(pool6()),
            4 => Ipv6Cidr::new(some, 64).unwrap().canonical(),
            5 => Ipv6Cidr::host(some),
            6 => Ipv6Cidr::new(OUTSIDE6[0], if self.rng.chance(50) { 48 } else { 64 }).unwrap().canonical(),
            _ => Ipv6Cidr::new(some, 126).unwrap().canonical(),
        }
    }

    fn protocol6(&mut self) -> ProtocolMatch {
        match self.protocol() {
            ProtocolMatch::Icmp { code, .. } => {
                ProtocolMatch::Icmp { kind: [None, Some(128), Some(129), Some(8)][self.rng.below(4)], code }
            }
            other => other,
        }
    }

    fn rule6(&mut self, net: &Network, v: usize) -> SecurityRule<Ipv6Cidr> {
        let SecurityRule { id, direction, peer, .. } = self.rule(net, v);
        let peer = match peer {
            PeerMatch::Cidr(_) => PeerMatch::Cidr(self.some_cidr6(net, v)),
            PeerMatch::Group(g) => PeerMatch::Group(g),
            PeerMatch::PrefixList(l) => PeerMatch::PrefixList(l),
        };
        SecurityRule { id, direction, protocol: self.protocol6(), peer }
    }

    fn groups6(&mut self, net: &mut Network, v: usize) {
        for _ in 0..self.rng.range(0, 2) {
            let id = PrefixListId::from_random(self.id());
            let entries6 = (0..self.rng.range(1, 3)).map(|_| self.some_cidr6(net, v)).filter(|c| c.prefix_len() > 0).collect();
            net.vpcs[v].prefix_lists.push(PrefixListConfig { id, entries: vec![], entries6 });
        }
        for g in 0..net.vpcs[v].security_groups.len() {
            let mut rules: Vec<_> = (0..self.rng.range(0, 5)).map(|_| self.rule6(net, v)).collect();
            for (direction, percent) in [(Direction::Egress, 65), (Direction::Ingress, 35)] {
                if self.rng.chance(percent) {
                    let (id, protocol) = (SecurityGroupRuleId::from_random(self.id()), ProtocolMatch::All);
                    rules.push(SecurityRule { id, direction, protocol, peer: PeerMatch::Cidr(Ipv6Cidr::ALL) });
                }
            }
            net.vpcs[v].security_groups[g].rules6 = rules;
        }
    }

    fn entry6(&mut self, net: &Network, v: usize) -> NetworkAclEntry<Ipv6Cidr> {
        let NetworkAclEntry { number, direction, allow, .. } = self.acl_entry(net, v);
        NetworkAclEntry { number, direction, allow, protocol: self.protocol6(), cidr: self.some_cidr6(net, v) }
    }

    fn acls6(&mut self, net: &mut Network, v: usize) {
        for a in 0..net.vpcs[v].network_acls.len() {
            let mut entries: Vec<NetworkAclEntry<Ipv6Cidr>> = vec![];
            for direction in [Direction::Ingress, Direction::Egress] {
                if self.rng.chance(85) {
                    let (number, protocol, cidr) = (101, ProtocolMatch::All, Ipv6Cidr::ALL);
                    entries.push(NetworkAclEntry { number, direction, allow: true, protocol, cidr });
                }
            }
            for _ in 0..self.rng.range(0, 5) {
                let entry = self.entry6(net, v);
                if !entries.iter().any(|e| (e.number, e.direction) == (entry.number, entry.direction)) {
                    entries.push(entry);
                }
            }
            let by = self.rng.below(entries.len());
            entries.rotate_left(by);
            net.vpcs[v].network_acls[a].entries6 = entries;
        }
    }

    /// Between the VPCs that a transit gateway joins already.
    fn transit6(&mut self, net: &mut Network) {
        let blocks: Vec<(VpcId, Option<Ipv6Cidr>)> = net.vpcs.iter().map(|v| (v.id, v.cidrs6.first().copied())).collect();
        for transit in net.vpcs.iter_mut().flat_map(|v| &mut v.transit) {
            let mut into: Vec<TransitTarget> = vec![];
            for r in &transit.routes {
                if matches!(r.target, TransitTarget::Vpc { .. }) && !into.contains(&r.target) {
                    into.push(r.target);
                }
            }
            for target in into {
                let TransitTarget::Vpc { vpc, .. } = target else { continue };
                let Some(block) = blocks.iter().find(|(id, _)| *id == vpc).and_then(|(_, b)| *b) else { continue };
                if self.rng.chance(90) {
                    transit.routes6.push(TransitRoute { destination: block, target });
                }
                if self.rng.chance(15) {
                    let part = block.subnet(60, 0).unwrap();
                    transit.routes6.push(TransitRoute { destination: part, target: TransitTarget::Blackhole });
                }
                if self.rng.chance(20) && !transit.routes6.iter().any(|r| r.destination == Ipv6Cidr::ALL) {
                    transit.routes6.push(TransitRoute { destination: Ipv6Cidr::ALL, target });
                }
            }
        }
    }

    fn routes6(&mut self, net: &mut Network, v: usize) {
        for t in 0..net.vpcs[v].route_tables.len() {
            let vpc = &net.vpcs[v];
            let mine = || net.ports.iter().filter(|i| i.port.vpc == vpc.id);
            let mut routes: Vec<Route<Ipv6Cidr>> =
                vpc.cidrs6.iter().map(|&destination| Route { destination, target: RouteTarget::Local }).collect();
            let mut add = |destination: Ipv6Cidr, target| {
                if !routes.iter().any(|r| r.destination == destination) {
                    routes.push(Route { destination, target });
                }
            };
            match (self.rng.below(10), self.rng.pick(&vpc.transit)) {
                (0..=3, _) if vpc.open6 => add(Ipv6Cidr::ALL, RouteTarget::InternetGateway),
                (0..=6, _) => add(Ipv6Cidr::ALL, RouteTarget::EgressOnlyInternetGateway),
                (7, Some(transit)) => add(Ipv6Cidr::ALL, RouteTarget::TransitGateway(transit.id)),
                _ => {}
            }
            for peering in &vpc.peerings {
                let Some(far) = net.vpcs.iter().find(|o| o.id == peering.peer) else { continue };
                for &c in far.cidrs6.iter().filter(|_| self.rng.chance(80)) {
                    add(c, RouteTarget::Peering(peering.id));
                }
                let beyond = net.vpcs.iter().filter(|o| o.id != vpc.id && far.peerings.iter().any(|p| p.peer == o.id));
                for c in beyond.flat_map(|o| o.cidrs6.clone()) {
                    if self.rng.chance(30) {
                        add(c, RouteTarget::Peering(peering.id));
                    }
                }
            }
            for transit in &vpc.transit {
                for c in transit.routes6.iter().map(|r| r.destination).filter(|c| c.prefix_len() > 0) {
                    if self.rng.chance(80) {
                        add(c, RouteTarget::TransitGateway(transit.id));
                    }
                }
            }
            let routers: Vec<InterfaceId> = mine().filter(|i| !i.port.source_dest_check).map(|i| i.port.id).collect();
            for _ in 0..self.rng.range(0, 3) {
                let destination = self.some_cidr6(net, v);
                let any: Vec<InterfaceId> = mine().map(|i| i.port.id).collect();
                let from = if routers.is_empty() || self.rng.chance(15) { &any } else { &routers };
                match (self.rng.below(10), self.rng.pick(from)) {
                    (0..=5, Some(id)) => add(destination, RouteTarget::Interface(id)),
                    (6, _) if !vpc.cidrs6.iter().any(|c| c.overlaps(destination)) => {
                        add(destination, RouteTarget::EgressOnlyInternetGateway)
                    }
                    _ if destination.prefix_len() > 0 => add(destination, RouteTarget::Blackhole),
                    _ => {}
                }
            }
            if t == 0 {
                for (n, i) in mine().filter(|i| !i.port.source_dest_check).enumerate() {
                    let unused = Ipv6Cidr::new(Ipv6Addr::new(0x2001, 0xdb8, 0xbeef, n as u16, 0, 0, 0, 0), 64).unwrap();
                    add(unused, RouteTarget::Interface(i.port.id));
                }
            }
            if !routes.is_empty() {
                let by = self.rng.below(routes.len());
                routes.rotate_left(by);
            }
            net.vpcs[v].route_tables[t].routes6 = routes;
        }
    }
}

/// What a live change does to it.
pub fn change(net: &mut Network, seed: u64) {
    let mut m = Maker { rng: Rng(seed ^ 0x6667), ids: (1 << 64) + (1 << 32), publics: 0, component: vec![] };
    for _ in 0..m.rng.range(1, 6) {
        let v = m.rng.below(net.vpcs.len());
        let before = net.clone();
        let vpc = &mut net.vpcs[v];
        let (groups, acls, tables) = (vpc.security_groups.len(), vpc.network_acls.len(), vpc.route_tables.len());
        match m.rng.below(6) {
            0 if groups > 0 => {
                let rules = &mut vpc.security_groups[m.rng.below(groups)].rules6;
                rules.truncate(rules.len() / 2);
            }
            1 if groups > 0 => vpc.security_groups[m.rng.below(groups)].rules6.push(m.rule6(&before, v)),
            2 if acls > 0 => {
                let entry = m.entry6(&before, v);
                let entries = &mut vpc.network_acls[m.rng.below(acls)].entries6;
                entries.retain(|e| (e.number, e.direction) != (entry.number, entry.direction));
                entries.push(entry);
            }
            3 if tables > 0 => {
                let destination = m.some_cidr6(&before, v);
                let routes = &mut vpc.route_tables[m.rng.below(tables)].routes6;
                if destination.prefix_len() > 0 && !routes.iter().any(|r| r.destination == destination) {
                    routes.push(Route { destination, target: RouteTarget::Blackhole });
                }
            }
            // An internet gateway comes or goes; who has no other way out keeps the egress-only one.
            _ if vpc.route_tables.iter().flat_map(|t| &t.routes6).all(|r| r.target != RouteTarget::InternetGateway) => {
                vpc.open6 = !vpc.open6;
            }
            _ => {}
        }
    }
}

pub fn probes(net: &Network, seed: u64, n: usize) -> Vec<Probe> {
    let mut m = probe::Maker::new(net, seed ^ 0x6668);
    (0..n).filter_map(|_| probe(&mut m)).collect()
}

fn probe(m: &mut probe::Maker<'_>) -> Option<Probe> {
    let outside: Vec<Ipv6Addr> = outside(m.net).iter().map(|o| o.1).collect();
    let unowned: Ipv6Addr = "2001:db8:0:fe00::1".parse().unwrap();
    if m.rng.chance(15) {
        let src = m.rng.pick(&OUTSIDE6)?;
        let dst = m.rng.pick(&outside).filter(|_| m.rng.chance(92)).unwrap_or(unowned);
        return Some(Probe { from: None, packet: m.packet(src.into(), dst.into())? });
    }
    let senders: Vec<&PortConfig> =
        m.net.ports.iter().filter(|i| i.host.is_some() && !i.port.ipv6.is_empty()).map(|i| &i.port).collect();
    let x = m.rng.pick(&senders)?;
    let src = if m.rng.chance(4) { address(m, x, &outside)? } else { m.rng.pick(&x.ipv6)? };
    let dst = address(m, x, &outside)?;
    if x.ipv6.contains(&dst) || crate::views::never_forwarded(src.into()) {
        return None;
    }
    Some(Probe { from: Some(x.id), packet: m.packet(src.into(), dst.into())? })
}

fn address(m: &mut probe::Maker<'_>, x: &PortConfig, outside: &[Ipv6Addr]) -> Option<Ipv6Addr> {
    let all = m.net.ports.iter().map(|i| &i.port);
    let of = |mine: bool| all.clone().filter(|p| (p.vpc == x.vpc) == mine).flat_map(|p| p.ipv6.clone()).collect::<Vec<_>>();
    match m.rng.below(20) {
        0..=7 => m.rng.pick(&of(true)),
        8..=11 => m.rng.pick(&of(false)),
        12 | 13 => m.rng.pick(outside),
        14 => x.subnet_cidr6.map(|s| (s.first().to_bits() + 0xf000).into()),
        15 => m.rng.pick(&[METADATA6, RESOLVER6, "2001:db8:0:fd00::1".parse().unwrap(), "2001:db8:beef::9".parse().unwrap()]),
        _ => m.rng.pick(&OUTSIDE6),
    }
}
