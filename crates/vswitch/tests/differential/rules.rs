//! What is in a network's tables: groups, network ACLs, routes; and how they change.

use crate::generate::{Maker, Network, Rng, SERVICE, cidr, host_cidr, pool};
use std::net::Ipv4Addr;
use types::*;
use wire::net::*;

impl Maker {
    /// A prefix that may have something to do with the network.
    pub fn some_cidr(&mut self, net: &Network, v: usize) -> Ipv4Cidr {
        let i = self.rng.below(net.ports.len());
        let port = &net.ports[i].port;
        match self.rng.below(9) {
            0..=2 => Ipv4Cidr::ALL,
            3 => self.rng.pick(&net.vpcs[v].cidrs).unwrap(),
            4 => port.subnet_cidr,
            5 => host_cidr(port.ipv4[0]),
            6 => port.public.first().map_or(pool(), |m| host_cidr(m.public)),
            7 => Ipv4Cidr::new(Ipv4Addr::new(203, 0, 113, 0), if self.rng.chance(50) { 24 } else { 25 }).unwrap(),
            _ => Ipv4Cidr::new(port.ipv4[0], 30).unwrap().canonical(),
        }
    }

    pub fn protocol(&mut self) -> ProtocolMatch {
        let edges = [0, 22, 53, 80, 443, 1023, 1024, 8080, 32_768, 65_535];
        let (a, b) = (edges[self.rng.below(edges.len())], edges[self.rng.below(edges.len())]);
        let (from, to) = (a.min(b), a.max(b));
        match self.rng.below(10) {
            0..=2 => ProtocolMatch::All,
            3..=5 => ProtocolMatch::Tcp { from, to },
            6 | 7 => ProtocolMatch::Udp { from, to },
            8 => ProtocolMatch::Icmp {
                kind: [None, Some(8), Some(0), Some(3)][self.rng.below(4)],
                code: [None, Some(0), Some(1)][self.rng.below(3)],
            },
            _ => ProtocolMatch::Other([47, 50, 132][self.rng.below(3)]),
        }
    }

    pub fn rule(&mut self, net: &Network, v: usize) -> SecurityRule {
        let vpc = &net.vpcs[v];
        let mut groups: Vec<SecurityGroupId> = vpc.security_groups.iter().map(|g| g.id).collect();
        for peer in &vpc.peerings {
            let peers = net.vpcs.iter().filter(|o| o.id == peer.peer);
            groups.extend(peers.flat_map(|o| &o.security_groups).map(|g| g.id));
        }
        let peer = match (self.rng.below(10), self.rng.pick(&vpc.prefix_lists)) {
            (0..=2, _) => PeerMatch::Group(self.rng.pick(&groups).unwrap()),
            (3 | 4, Some(list)) => PeerMatch::PrefixList(list.id),
            _ => PeerMatch::Cidr(self.some_cidr(net, v)),
        };
        SecurityRule {
            id: SecurityGroupRuleId::from_random(self.id()),
            direction: if self.rng.chance(50) { Direction::Ingress } else { Direction::Egress },
            protocol: self.protocol(),
            peer,
        }
    }

    pub fn groups(&mut self, net: &mut Network, v: usize) {
        for _ in 0..self.rng.range(0, 2) {
            let id = PrefixListId::from_random(self.id());
            let entries = (0..self.rng.range(1, 3)).map(|_| self.some_cidr(net, v)).filter(|c| c.prefix_len() > 0).collect();
            net.vpcs[v].prefix_lists.push(PrefixListConfig { entries6: Vec::new(), id, entries });
        }
        for g in 0..net.vpcs[v].security_groups.len() {
            let mut rules: Vec<SecurityRule> = (0..self.rng.range(0, 5)).map(|_| self.rule(net, v)).collect();
            // As EC2 makes them: everything out; and some that let everything in.
            for (direction, percent) in [(Direction::Egress, 65), (Direction::Ingress, 30)] {
                if self.rng.chance(percent) {
                    let id = SecurityGroupRuleId::from_random(self.id());
                    let peer = PeerMatch::Cidr(Ipv4Cidr::ALL);
                    rules.push(SecurityRule { id, direction, protocol: ProtocolMatch::All, peer });
                }
            }
            net.vpcs[v].security_groups[g].rules = rules;
        }
    }

    pub fn acl_entry(&mut self, net: &Network, v: usize) -> NetworkAclEntry {
        NetworkAclEntry {
            number: self.rng.range(1, 60) as u16,
            direction: if self.rng.chance(50) { Direction::Ingress } else { Direction::Egress },
            allow: self.rng.chance(50),
            protocol: self.protocol(),
            cidr: self.some_cidr(net, v),
        }
    }

    pub fn acls(&mut self, net: &mut Network, v: usize) {
        for a in 0..net.vpcs[v].network_acls.len() {
            let mut entries = vec![];
            for direction in [Direction::Ingress, Direction::Egress] {
                if self.rng.chance(85) {
                    let (number, protocol, cidr) = (100, ProtocolMatch::All, Ipv4Cidr::ALL);
                    entries.push(NetworkAclEntry { number, direction, allow: true, protocol, cidr });
                }
            }
            for _ in 0..self.rng.range(0, 5) {
                let entry = self.acl_entry(net, v);
                if !entries.iter().any(|e: &NetworkAclEntry| (e.number, e.direction) == (entry.number, entry.direction)) {
                    entries.push(entry);
                }
            }
            // Configurations come in any order.
            let by = self.rng.below(entries.len());
            entries.rotate_left(by);
            net.vpcs[v].network_acls[a].entries = entries;
        }
    }

    pub fn routes(&mut self, net: &mut Network, v: usize) {
        for t in 0..net.vpcs[v].route_tables.len() {
            let vpc = &net.vpcs[v];
            let mine = || net.ports.iter().filter(|i| i.port.vpc == vpc.id);
            let nats: Vec<InterfaceId> = mine().filter(|i| i.port.nat.is_some()).map(|i| i.port.id).collect();
            let mut routes: Vec<Route> =
                vpc.cidrs.iter().map(|&destination| Route { destination, target: RouteTarget::Local }).collect();
            let mut add = |destination: Ipv4Cidr, target| {
                if !routes.iter().any(|r| r.destination == destination) {
                    routes.push(Route { destination, target });
                }
            };
            // A gateway's own subnet leads to the internet, mostly: else what it sends comes back to it.
            let table = vpc.route_tables[t].id;
            let holds_nat = mine().any(|i| i.port.nat.is_some() && i.port.route_table == table) && self.rng.chance(85);
            match (self.rng.below(10), self.rng.pick(&nats), self.rng.pick(&vpc.transit)) {
                (0..=5, Some(_), _) if holds_nat => add(Ipv4Cidr::ALL, RouteTarget::InternetGateway),
                (0..=5, Some(nat), _) => add(Ipv4Cidr::ALL, RouteTarget::NatGateway(nat)),
                (4 | 5, _, Some(transit)) => add(Ipv4Cidr::ALL, RouteTarget::TransitGateway(transit.id)),
                (0..=8, ..) => add(Ipv4Cidr::ALL, RouteTarget::InternetGateway),
                _ => {}
            }
            for peering in &vpc.peerings {
                let Some(far) = net.vpcs.iter().find(|o| o.id == peering.peer) else { continue };
                for c in far.cidrs.clone() {
                    if self.rng.chance(15) {
                        continue;
                    }
                    let c = if self.rng.chance(15) { Ipv4Cidr::new(c.first(), c.prefix_len() + 1).unwrap() } else { c };
                    add(c, RouteTarget::Peering(peering.id));
                }
                // What AWS warns of: a route to a peer's peer.
                let beyond = net.vpcs.iter().filter(|o| o.id != vpc.id && far.peerings.iter().any(|p| p.peer == o.id));
                for c in beyond.flat_map(|o| o.cidrs.clone()) {
                    if self.rng.chance(40) {
                        add(c, RouteTarget::Peering(peering.id));
                    }
                }
            }
            for transit in &vpc.transit {
                for c in transit.routes.iter().map(|r| r.destination).filter(|c| c.prefix_len() > 0) {
                    if self.rng.chance(80) {
                        add(c, RouteTarget::TransitGateway(transit.id));
                    }
                }
            }
            for endpoint in &vpc.endpoints {
                if self.rng.chance(70) {
                    add(host_cidr(SERVICE), RouteTarget::Endpoint(endpoint.id));
                }
            }
            // Instances that may send a packet round and round.
            let routers: Vec<InterfaceId> = mine().filter(|i| !i.port.source_dest_check).map(|i| i.port.id).collect();
            if let Some(router) = self.rng.pick(&routers) {
                add(cidr([192, 168, 200, 0], 24), RouteTarget::Interface(router));
            }
            for _ in 0..self.rng.range(0, 4) {
                let destination = self.some_cidr(net, v);
                let any: Vec<InterfaceId> = mine().filter(|i| i.port.nat.is_none()).map(|i| i.port.id).collect();
                let from = if routers.is_empty() || self.rng.chance(15) { &any } else { &routers };
                let some = self.rng.pick(from);
                match (self.rng.below(10), some, self.rng.pick(&nats)) {
                    (0..=4, Some(id), _) => add(destination, RouteTarget::Interface(id)),
                    (5 | 6, _, Some(nat)) => add(destination, RouteTarget::NatGateway(nat)),
                    (7, ..) if !vpc.cidrs.iter().any(|c| c.overlaps(destination)) => {
                        add(destination, RouteTarget::InternetGateway)
                    }
                    _ if destination.prefix_len() > 0 => add(destination, RouteTarget::Blackhole),
                    _ => {}
                }
            }
            // Who routes for others is somebody's target: the receiving card believes foreign sources of no one else.
            if t == 0 {
                for (n, i) in mine().filter(|i| !i.port.source_dest_check).enumerate() {
                    add(cidr([192, 168, n as u8, 0], 24), RouteTarget::Interface(i.port.id));
                }
            }
            let by = self.rng.below(routes.len());
            routes.rotate_left(by);
            net.vpcs[v].route_tables[t].routes = routes;
        }
    }
}

/// Other rules, routes, entries and memberships in the same network: what a live change brings.
pub fn changed(net: &Network, seed: u64) -> Network {
    let mut m = Maker { rng: Rng(seed), ids: 1 << 32, publics: 0, component: vec![] };
    let mut net = net.clone();
    for _ in 0..m.rng.range(2, 8) {
        let v = m.rng.below(net.vpcs.len());
        let before = net.clone();
        let vpc = &mut net.vpcs[v];
        let mut take = |n: usize| (n > 0).then(|| m.rng.below(n));
        let group = take(vpc.security_groups.len());
        let acl = take(vpc.network_acls.len());
        let table = take(vpc.route_tables.len());
        let port = take(net.ports.len());
        match (m.rng.below(8), group, acl, table, port) {
            (0 | 1, Some(g), ..) => {
                let rules = &mut vpc.security_groups[g].rules;
                rules.truncate(rules.len() / 2);
            }
            (2, Some(g), ..) => vpc.security_groups[g].rules.push(m.rule(&before, v)),
            (3, _, Some(a), ..) => {
                let entry = m.acl_entry(&before, v);
                vpc.network_acls[a].entries.retain(|e| (e.number, e.direction) != (entry.number, entry.direction));
                vpc.network_acls[a].entries.push(entry);
            }
            (4, _, Some(a), ..) => {
                vpc.network_acls[a].entries.pop();
            }
            (5, _, _, Some(t), _) => {
                let destination = m.some_cidr(&before, v);
                let routes = &mut vpc.route_tables[t].routes;
                if destination.prefix_len() > 0 && !routes.iter().any(|r| r.destination == destination) {
                    routes.push(Route { destination, target: RouteTarget::Blackhole });
                }
            }
            (6, _, _, Some(t), _) => {
                let routes = &mut vpc.route_tables[t].routes;
                // Cards believe foreign sources of an interface only while a route names it, which is tighter than AWS.
                let by_interface = |r: &Route| matches!(r.target, RouteTarget::Interface(_) | RouteTarget::NatGateway(_));
                if let Some(at) = routes.iter().position(|r| r.target != RouteTarget::Local && !by_interface(r)) {
                    routes.remove(at);
                }
            }
            (7, _, _, _, Some(p)) if net.ports[p].port.nat.is_none() => {
                let vpc = net.ports[p].port.vpc;
                let groups = net.vpcs.iter().filter(|o| o.id == vpc).flat_map(|o| &o.security_groups);
                net.ports[p].port.groups = groups.map(|g| g.id).filter(|_| m.rng.chance(45)).collect();
            }
            _ => {}
        }
    }
    net
}
