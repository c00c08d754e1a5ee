//! The reference: what AWS's documentation and the contract (`wire::net`) say becomes of a packet. Plain and slow: it walks
//! lists, keeps no cache, compiles nothing, and shares no code with the engine.
//!
//! Sources, by the page of the VPC and EC2 user guides: "Route tables" (longest prefix), "Network ACLs" (lowest number first,
//! stateless, not within a subnet), "Security group connection tracking", "NAT gateways", "VPC peering basics" (nothing
//! beyond the peer), "How transit gateways work", "Gateway endpoints", "Source/destination checking".
//!
//! Where several things forbid a packet at one place, AWS does not say which is reported: all of them are in the verdict.

use crate::generate::{Iface, Network, pool};
use crate::six;
use crate::verdict::{End, L4, Mutation, Packet, TTL, Tcp, Why, dropped};
use crate::views::{self, v4};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use types::*;
use wire::net::*;

#[derive(Debug, Clone, Copy)]
struct NatEntry {
    gateway: InterfaceId,
    /// What the instance sent, and what the gateway made of it.
    inside: Packet,
    outside: Packet,
}

pub struct Model {
    pub net: Network,
    wrong: Option<Mutation>,
    /// Connections that an interface's groups know, in its own view: (local, remote, transport as it leaves).
    tracked: BTreeMap<(InterfaceId, Packet), Tracked>,
    nat: Vec<NatEntry>,
    /// Source that the far end saw: the port that a NAT gateway chose is its own affair.
    seen: Option<Packet>,
    translations: usize,
}

impl Model {
    pub fn new(net: Network, wrong: Option<Mutation>) -> Self {
        Self { net, wrong, tracked: BTreeMap::new(), nat: Vec::new(), seen: None, translations: 0 }
    }

    fn is(&self, m: Mutation) -> bool {
        self.wrong == Some(m)
    }

    /// A packet of a guest. `seen`: as it came to its end in the lab, for the ports of NAT gateways alone.
    pub fn guest_sends(&mut self, of: InterfaceId, packet: Packet, seen: Option<Packet>) -> End {
        (self.seen, self.translations) = (seen, 0);
        self.leave(of, packet, TTL)
    }

    /// A packet from the internet to a public address.
    pub fn outside_sends(&mut self, packet: Packet, seen: Option<Packet>) -> End {
        (self.seen, self.translations) = (seen, 0);
        self.public(packet, None, TTL)
    }

    /// A packet of the service that an endpoint leads to.
    pub fn service_sends(&mut self, to: InterfaceId, packet: Packet) -> End {
        (self.seen, self.translations) = (None, 0);
        self.arrive(to, packet, TTL)
    }

    /// Whether a packet without ports may be of a connection that is known, between whatever addresses.
    pub fn may_know(&self, p: Packet) -> bool {
        matches!(p.l4, L4::Other(_)) && self.tracked.keys().any(|(_, t)| t.l4 == p.l4)
    }

    fn iface(&self, id: InterfaceId) -> Option<Iface> {
        self.net.ports.iter().find(|i| i.port.id == id).cloned()
    }

    fn vpc(&self, id: VpcId) -> Option<&VpcConfig> {
        self.net.vpcs.iter().find(|v| v.id == id)
    }

    fn owner(&self, vpc: VpcId, address: IpAddr) -> Option<Iface> {
        self.net.ports.iter().find(|i| i.port.vpc == vpc && views::has(&i.port, address)).cloned()
    }

    fn leave(&mut self, of: InterfaceId, p: Packet, ttl: u8) -> End {
        let Some(x) = self.iface(of) else { return dropped(Why::NoSuchDestination, None) };
        let own = views::has(&x.port, p.src);
        // RFC 3927, 7: link-local addresses are not forwarded, whatever is not checked.
        let checked = x.port.source_dest_check && !self.is(Mutation::NoSourceCheck) || views::never_forwarded(p.src);
        if !own && x.port.nat.is_none() && checked {
            return dropped(Why::SourceCheck, Some(of));
        }
        if let Some(end) = self.service(&x, p, own) {
            return end;
        }
        let tracked = x.port.nat.is_some() || self.passes_groups(&x, Direction::Egress, p);
        let route = self.route(&x, p);
        let mut causes = BTreeSet::new();
        if !tracked {
            causes.insert((Why::GroupEgress, Some(of)));
        }
        if self.crosses(&x, p.dst) && !self.passes_acl(&x, Direction::Egress, p) {
            causes.insert((Why::AclEgress, Some(of)));
        }
        match &route {
            Err(End::Dropped(more)) => causes.extend(more.iter().copied()),
            Err(end) if causes.is_empty() => return end.clone(),
            _ => {}
        }
        if !causes.is_empty() {
            return End::Dropped(causes);
        }
        if x.port.nat.is_none() {
            self.track(&x, Direction::Egress, p);
        }
        match route {
            Ok(Hop::Interface(id)) => self.arrive(id, p, ttl),
            Ok(Hop::Internet(public)) => {
                let src = if self.is(Mutation::PublicSeenAsPrivate) { p.src } else { public };
                self.public(Packet { src, ..p }, Some(of), ttl)
            }
            Ok(Hop::Service) => End::Service { of },
            Err(end) => end,
        }
    }

    /// What the hypervisor answers itself; neither groups nor network ACLs judge it.
    fn service(&self, x: &Iface, p: Packet, own: bool) -> Option<End> {
        let vpc = self.vpc(x.port.vpc)?;
        let metadata = p.dst == IpAddr::from([169, 254, 169, 254]) || p.dst == six::METADATA6;
        let base2 = vpc.cidrs.first().and_then(|c| c.nth(2)).map(IpAddr::V4);
        let resolver = p.dst == IpAddr::from([169, 254, 169, 253]) || Some(p.dst) == base2 || p.dst == six::RESOLVER6;
        if x.port.nat.is_some() || !metadata && !resolver {
            return None;
        }
        let of = x.port.id;
        Some(match p.l4 {
            _ if !own => dropped(Why::SourceCheck, Some(of)),
            // Whether something listens on another port is the service's affair.
            L4::Tcp { to, .. } if metadata && (to != 80 || x.port.metadata.is_some()) => End::Service { of },
            L4::Udp { to: 53, .. } if resolver && vpc.dns_support => End::Service { of },
            _ => dropped(Why::Service, Some(of)),
        })
    }

    fn lookup(&self, routes: &[Route<IpCidr>], dst: IpAddr) -> Option<RouteTarget> {
        let matching = routes.iter().filter(|r| views::contains(r.destination, dst));
        let matching = matching.filter(|r| !(self.is(Mutation::BlackholeIgnored) && r.target == RouteTarget::Blackhole));
        let best = if self.is(Mutation::ShortestPrefix) {
            matching.min_by_key(|r| views::prefix_len(r.destination))
        } else {
            matching.max_by_key(|r| views::prefix_len(r.destination))
        };
        best.map(|r| r.target)
    }

    fn table(&self, vpc: VpcId, table: RouteTableId) -> Vec<Route<IpCidr>> {
        let tables = self.vpc(vpc).map(|v| v.route_tables.clone()).unwrap_or_default();
        tables.into_iter().find(|t| t.id == table).map(|t| views::routes(&t)).unwrap_or_default()
    }

    fn route(&self, x: &Iface, p: Packet) -> Result<Hop, End> {
        let at = Some(x.port.id);
        let target = self.lookup(&self.table(x.port.vpc, x.port.route_table), p.dst);
        match target.ok_or(dropped(Why::NoRoute, at))? {
            RouteTarget::InternetGateway | RouteTarget::EgressOnlyInternetGateway if p.is_six() => {
                // Its own address, when it has a way outside: nothing is translated.
                let own = six::outside(&self.net).iter().any(|(id, a, _)| *id == x.port.id && p.src == *a);
                if own { Ok(Hop::Internet(p.src)) } else { Err(dropped(Why::NoPublicAddress, at)) }
            }
            RouteTarget::InternetGateway => {
                let mapping = x.port.public.iter().find(|m| p.src == m.private);
                Ok(Hop::Internet(mapping.ok_or(dropped(Why::NoPublicAddress, at))?.public.into()))
            }
            RouteTarget::Peering(id) => {
                let vpc = self.vpc(x.port.vpc).ok_or(dropped(Why::NoRoute, at))?;
                let peering = vpc.peerings.iter().find(|c| c.id == id).ok_or(dropped(Why::Blackhole, at))?;
                // Appliances that send others' packets into a peering: "edge to edge routing" is not supported, and what
                // becomes of the packets is not said.
                if !views::has(&x.port, p.src) && !views::holds(vpc, p.src) {
                    return Err(End::Unsure("a foreign source into a peering"));
                }
                self.brings_back(peering.peer, p, at)?;
                match self.owner(peering.peer, p.dst) {
                    Some(y) => self.placed(y.port.id, at),
                    None if self.is(Mutation::PeeringTransitive) => {
                        let far = self.vpc(peering.peer).ok_or(dropped(Why::NoRoute, at))?;
                        let beyond = far.peerings.iter().find_map(|c| self.owner(c.peer, p.dst));
                        self.placed(beyond.ok_or(dropped(Why::NoSuchDestination, at))?.port.id, at)
                    }
                    None => Err(dropped(Why::NoSuchDestination, at)),
                }
            }
            RouteTarget::TransitGateway(id) => self.transit(x, id, p),
            RouteTarget::Endpoint(_) if self.is(Mutation::EndpointIsInternet) => Err(dropped(Why::NoPublicAddress, at)),
            RouteTarget::Endpoint(id) => {
                let vpc = self.vpc(x.port.vpc).ok_or(dropped(Why::NoRoute, at))?;
                let known = vpc.endpoints.iter().find(|e| e.id == id);
                let service = known.and_then(|e| self.net.services.iter().find(|s| s.name == e.service));
                let has = service.is_some_and(|s| s.addresses.iter().any(|a| p.dst == *a));
                // "A NAT gateway cannot send traffic over VPC endpoints."
                let own = x.port.nat.is_none() && views::has(&x.port, p.src);
                if has && matches!(p.l4, L4::Tcp { .. }) && own { Ok(Hop::Service) } else { Err(dropped(Why::Service, at)) }
            }
            target => self.within(x.port.vpc, x.port.id, target, p),
        }
    }

    /// The targets that stay in `vpc`.
    fn within(&self, vpc: VpcId, sender: InterfaceId, target: RouteTarget, p: Packet) -> Result<Hop, End> {
        let at = Some(sender);
        let to = match target {
            RouteTarget::Local => self.owner(vpc, p.dst).map(|y| y.port.id),
            RouteTarget::Interface(id) | RouteTarget::NatGateway(id) => {
                self.iface(id).filter(|y| y.port.vpc == vpc).map(|y| y.port.id)
            }
            RouteTarget::Blackhole => return Err(dropped(Why::Blackhole, at)),
            // As far as the sender's card knows the other VPC's gateways: those of a third VPC it may take for missing.
            _ => return Err(End::Dropped([(Why::Beyond, at), (Why::Blackhole, at)].into())),
        };
        let to = to.ok_or(dropped(Why::NoSuchDestination, at))?;
        if to == sender {
            return Err(dropped(Why::Hairpin, at));
        }
        self.placed(to, at)
    }

    /// Our own rule, AWS is silent: nothing brings an address of a VPC into it from another; it would pass for that member.
    fn brings_back(&self, into: VpcId, p: Packet, at: Option<InterfaceId>) -> Result<(), End> {
        let own = self.vpc(into).is_some_and(|v| views::holds(v, p.src));
        if own { Err(dropped(Why::OverlappingSource, at)) } else { Ok(()) }
    }

    fn transit(&self, x: &Iface, id: TransitGatewayId, p: Packet) -> Result<Hop, End> {
        let at = Some(x.port.id);
        let vpc = self.vpc(x.port.vpc).ok_or(dropped(Why::NoRoute, at))?;
        let attached = vpc.transit.iter().find(|t| t.id == id).ok_or(dropped(Why::Blackhole, at))?;
        let routes = views::transit_routes(attached).into_iter().filter(|r| views::contains(r.destination, p.dst));
        let best = routes.max_by_key(|r| views::prefix_len(r.destination)).ok_or(dropped(Why::NoRoute, at))?;
        let TransitTarget::Vpc { vpc, table } = best.target else { return Err(dropped(Why::Blackhole, at)) };
        self.brings_back(vpc, p, at)?;
        let mut target = self.lookup(&self.table(vpc, table), p.dst).ok_or(dropped(Why::NoRoute, at))?;
        if self.is(Mutation::TransitIgnoresFarTable) {
            target = RouteTarget::Local;
        }
        self.within(vpc, x.port.id, target, p)
    }

    fn placed(&self, to: InterfaceId, at: Option<InterfaceId>) -> Result<Hop, End> {
        let there = self.iface(to).is_some_and(|y| y.host.is_some()) || self.is(Mutation::UnplacedReached);
        if there { Ok(Hop::Interface(to)) } else { Err(dropped(Why::NotPlaced, at)) }
    }

    /// Between public addresses: to the one that owns it, or outside.
    fn public(&mut self, p: Packet, from: Option<InterfaceId>, ttl: u8) -> End {
        let owner = self.net.ports.iter().filter(|i| i.host.is_some()).find_map(|i| {
            let m = i.port.public.iter().find(|m| p.dst == m.public)?;
            Some((i.port.id, IpAddr::V4(m.private)))
        });
        let six = six::outside(&self.net).into_iter().find(|(_, a, _)| p.dst == *a).map(|(id, a, _)| (id, IpAddr::V6(a)));
        let six = six.filter(|_| !self.is(Mutation::OutsideSeenAsNobody));
        let pools = [IpCidr::V4(pool()), IpCidr::V6(six::pool6())];
        match owner.or(six) {
            Some((to, private)) => self.arrive_from(to, Packet { dst: private, ..p }, ttl, true),
            None if pools.iter().any(|c| views::contains(*c, p.dst)) || from.is_none() => dropped(Why::PublicUnowned, from),
            None => End::Outside(p),
        }
    }

    fn arrive(&mut self, to: InterfaceId, p: Packet, ttl: u8) -> End {
        self.arrive_from(to, p, ttl, false)
    }

    fn arrive_from(&mut self, to: InterfaceId, p: Packet, ttl: u8, outside: bool) -> End {
        let Some(y) = self.iface(to) else { return dropped(Why::NoSuchDestination, None) };
        let at = Some(to);
        let mut causes = BTreeSet::new();
        if self.crosses(&y, p.src) && !self.passes_acl(&y, Direction::Ingress, p) {
            causes.insert((Why::AclIngress, at));
        }
        if p.is_six() && y.port.subnet_cidr6.is_none() {
            causes.insert((Why::NoIpv6, at));
            if y.port.source_dest_check {
                causes.insert((Why::DestinationCheck, at));
            }
            return End::Dropped(causes);
        }
        if y.port.nat.is_some() {
            causes.extend(self.nat_refuses(&y, p).map(|why| (why, at)));
            return if causes.is_empty() { self.translate(&y, p, ttl) } else { End::Dropped(causes) };
        }
        let own = views::has(&y.port, p.dst);
        if !own && y.port.source_dest_check && !self.is(Mutation::NoDestinationCheck) {
            causes.insert((Why::DestinationCheck, at));
        }
        let closed = outside && p.is_six() && self.vpc(y.port.vpc).is_some_and(|v| !v.open6);
        if closed && !self.is(Mutation::EgressOnlyIsOpen) {
            // "It prevents the internet from initiating an IPv6 connection with your instances."
            if !self.answers(&y, p) {
                causes.insert((Why::EgressOnly, at));
            }
        } else if !self.passes_groups(&y, Direction::Ingress, p) {
            causes.insert((Why::GroupIngress, at));
        }
        if !causes.is_empty() {
            return End::Dropped(causes);
        }
        self.track(&y, Direction::Ingress, p);
        match (own, ttl) {
            (true, _) => End::Delivered { to, packet: p },
            (false, 1) => dropped(Why::TtlExpired, at),
            (false, _) => self.leave(to, p, ttl - 1),
        }
    }

    /// A NAT gateway: what comes back to a known connection, else a new one of an instance.
    fn translate(&mut self, n: &Iface, p: Packet, ttl: u8) -> End {
        let id = n.port.id;
        let at = Some(id);
        if views::has(&n.port, p.dst) {
            let Some(entry) = self.nat_entry(n, p) else { return dropped(Why::NatUnasked, at) };
            if entry.outside.l4.port() == 0 {
                return End::Unsure("the port between two NAT gateways");
            }
            let back = entry.inside.reply();
            let l4 = match (back.l4, p.l4) {
                (L4::Tcp { from, to, .. }, L4::Tcp { tcp, .. }) => L4::Tcp { from, to, tcp },
                (l4, _) => l4,
            };
            return self.leave_gateway(id, Packet { src: p.src, dst: back.dst, l4 }, ttl, true);
        }
        if let Some(entry) = self.nat.iter().find(|e| e.gateway == id && e.inside.same_connection(p)).copied() {
            let l4 = p.l4.with_from(entry.outside.l4.port());
            return self.leave_gateway(id, Packet { src: entry.outside.src, dst: p.dst, l4 }, ttl, false);
        }
        if let L4::Tcp { from, to, tcp } = p.l4
            && tcp != Tcp::Syn
        {
            // "Returns an RST packet to any resources behind the NAT gateway that attempt to continue the connection."
            let l4 = L4::Tcp { from: to, to: from, tcp: Tcp::Reset };
            return self.leave(id, Packet { src: p.dst, dst: p.src, l4 }, 64);
        }
        self.translations += 1;
        if self.translations > 1 {
            return End::Unsure("the port between two NAT gateways");
        }
        let public = |a: Ipv4Addr| n.port.public.iter().find(|m| m.private == a).map(|m| m.public);
        let mine = |a: &&Ipv4Addr| self.seen.is_some_and(|s| s.src == **a || public(**a) == Some(v4(s.src)));
        let src = IpAddr::V4(*n.port.ipv4.iter().find(mine).unwrap_or(&n.port.ipv4[0]));
        let outside = Packet { src, dst: p.dst, l4: p.l4.with_from(self.seen.map_or(0, |s| s.l4.port())) };
        let leaves = if self.is(Mutation::NatKeepsSource) { p } else { outside };
        self.nat.push(NatEntry { gateway: id, inside: p, outside });
        self.leave_gateway(id, leaves, ttl, false)
    }

    /// The connection that a packet to the gateway's address comes back to.
    fn nat_entry(&self, n: &Iface, p: Packet) -> Option<NatEntry> {
        let mine = |e: &&NatEntry| e.gateway == n.port.id;
        let known = self.nat.iter().filter(mine).find(|e| e.outside.reply().same_connection(p));
        known.or(self.nat.iter().find(mine).filter(|_| self.is(Mutation::NatOpenFromOutside))).copied()
    }

    fn nat_refuses(&self, n: &Iface, p: Packet) -> Option<Why> {
        match p.l4 {
            L4::Other(_) => Some(Why::NatProtocol),
            // An answer begins no connection.
            L4::Echo { request: false, .. } if !views::has(&n.port, p.dst) => Some(Why::NatProtocol),
            // RFC 9293: a reset is not answered by another.
            L4::Tcp { tcp: Tcp::Reset, .. }
                if !self.nat.iter().any(|e| e.gateway == n.port.id && e.inside.same_connection(p))
                    && self.nat_entry(n, p).is_none() =>
            {
                Some(Why::NatUnasked)
            }
            _ if views::has(&n.port, p.dst) && self.nat_entry(n, p).is_none() => Some(Why::NatUnasked),
            _ => None,
        }
    }

    fn leave_gateway(&mut self, id: InterfaceId, p: Packet, ttl: u8, back: bool) -> End {
        if ttl == 1 {
            return dropped(Why::TtlExpired, Some(id));
        }
        if back && self.is(Mutation::NatReturnNotJudged) {
            let to = self.net.ports.iter().find(|i| views::has(&i.port, p.dst)).map(|i| i.port.id);
            return to.map_or(dropped(Why::NoSuchDestination, Some(id)), |to| End::Delivered { to, packet: p });
        }
        self.leave(id, p, ttl - 1)
    }

    /// Whether the ports that NAT gateways chose are as documented: 1024 to 65535, no two alike towards one destination.
    pub fn ports_in_order(&self) -> Result<(), String> {
        let mut used = BTreeSet::new();
        for e in self.nat.iter().filter(|e| e.outside.l4.port() != 0) {
            let port = e.outside.l4.port();
            if !matches!(e.outside.l4, L4::Echo { .. }) && port < 1024 || !used.insert((e.gateway, e.outside)) {
                return Err(format!("{}: {:?} for {:?}", e.gateway, e.outside, e.inside));
            }
        }
        Ok(())
    }

    /// Whether a packet from or to `far` crosses the edge of the interface's subnet. AWS: "when traffic enters and leaves the
    /// subnet, not as it is routed within a subnet". The contract goes by the addresses. The same comes of both, but for what
    /// an instance that routes, or a NAT gateway, sends to a neighbour in its own subnet: that is judged here once more.
    fn crosses(&self, x: &Iface, far: IpAddr) -> bool {
        !views::in_subnet(&x.port, far) || self.is(Mutation::AclWithinSubnet)
    }

    fn passes_acl(&self, x: &Iface, direction: Direction, p: Packet) -> bool {
        let acls = self.vpc(x.port.vpc).map(|v| v.network_acls.as_slice()).unwrap_or_default();
        let Some(acl) = acls.iter().find(|a| Some(a.id) == x.port.network_acl) else { return true };
        if self.is(Mutation::AclStateful) && self.tracked.contains_key(&view(x, direction, p)) {
            return true;
        }
        let by_source = direction == Direction::Ingress && !self.is(Mutation::AclIngressByDestination);
        let address = if by_source { p.src } else { p.dst };
        let mut entries: Vec<_> = views::entries(acl).into_iter().filter(|e| e.direction == direction).collect();
        entries.sort_by_key(|e| e.number);
        if self.is(Mutation::AclHighestFirst) {
            entries.reverse();
        }
        let first = entries.iter().find(|e| self.protocol(e.protocol, p) && views::contains(e.cidr, address));
        first.map_or(self.is(Mutation::AclDefaultAllow), |e| e.allow)
    }

    fn protocol(&self, rule: ProtocolMatch, p: Packet) -> bool {
        let within = |from: u16, to: u16, port: u16| {
            from <= port && if self.is(Mutation::PortRangeExclusive) { port < to || from == to } else { port <= to }
        };
        match (rule, p.l4) {
            (ProtocolMatch::All, _) => true,
            (ProtocolMatch::Tcp { from, to }, L4::Tcp { to: port, .. }) => within(from, to, port),
            (ProtocolMatch::Udp { from, to }, L4::Udp { to: port, .. }) => within(from, to, port),
            (ProtocolMatch::Icmp { kind, code }, L4::Echo { request, .. }) => {
                let is = match (request, p.is_six() && !self.is(Mutation::EchoOfIpv4)) {
                    (true, false) => 8,
                    (false, false) => 0,
                    (true, true) => 128,
                    (false, true) => 129,
                };
                (kind.is_none_or(|k| k == is) || self.is(Mutation::IcmpTypeIgnored)) && code.is_none_or(|c| c == 0)
            }
            (ProtocolMatch::Other(n), L4::Other(m)) => n == m,
            _ => false,
        }
    }

    /// Tracked connections are not interrupted by a change of rules. Those that one side alone has taken part in are, here:
    /// AWS says nothing of them.
    fn passes_groups(&self, x: &Iface, direction: Direction, p: Packet) -> bool {
        let by_rules = self.passes_rules(x, direction, p);
        let Some(&Tracked { first, both }) = self.tracked.get(&view(x, direction, p)) else { return by_rules };
        let answers = first != direction;
        match () {
            () if self.is(Mutation::RepliesNotTracked) => by_rules,
            () if self.is(Mutation::TrackedEndsWithItsRule) && !answers => by_rules,
            () if both => true,
            () => by_rules || answers && self.passes_rules(x, first, p.reply()),
        }
    }

    /// A packet that comes in and is of a connection that is known whoever may begin one: both sides have taken part, or it
    /// answers what still may go out.
    fn answers(&self, x: &Iface, p: Packet) -> bool {
        let known = self.tracked.get(&view(x, Direction::Ingress, p));
        known.is_some_and(|t| t.both || t.first == Direction::Egress && self.passes_rules(x, Direction::Egress, p.reply()))
    }

    fn passes_rules(&self, x: &Iface, direction: Direction, p: Packet) -> bool {
        if direction == Direction::Egress && self.is(Mutation::GroupEgressOpen) {
            return true;
        }
        let peer = if direction == Direction::Ingress { p.src } else { p.dst };
        let Some(vpc) = self.vpc(x.port.vpc) else { return false };
        let groups = vpc.security_groups.iter().filter(|g| x.port.groups.contains(&g.id));
        let six = p.is_six() && !self.is(Mutation::RulesOfIpv4);
        groups.flat_map(|g| views::rules(g, six)).any(|rule| {
            rule.direction == direction
                && self.protocol(rule.protocol, p)
                && match rule.peer {
                    PeerMatch::Cidr(c) => views::contains(c, peer),
                    PeerMatch::Group(id) => self.is_member(vpc, id, peer),
                    PeerMatch::PrefixList(_) if self.is(Mutation::PrefixListMeansAll) => true,
                    PeerMatch::PrefixList(id) => vpc.prefix_lists.iter().any(|l| l.id == id && views::listed(l, peer)),
                }
        })
    }

    /// Members are interfaces of the group's VPC: this one, or a peer.
    fn is_member(&self, vpc: &VpcConfig, group: SecurityGroupId, address: IpAddr) -> bool {
        let near =
            |id: VpcId| id == vpc.id || !self.is(Mutation::PeersGroupsUnknown) && vpc.peerings.iter().any(|c| c.peer == id);
        let mut members = self.net.ports.iter().filter(|i| i.port.groups.contains(&group) && near(i.port.vpc));
        !self.is(Mutation::GroupMeansNobody) && members.any(|i| views::has(&i.port, address))
    }

    fn track(&mut self, x: &Iface, direction: Direction, p: Packet) {
        let new = Tracked { first: direction, both: false };
        let tracked = self.tracked.entry(view(x, direction, p)).or_insert(new);
        tracked.both |= tracked.first != direction;
    }
}

#[derive(Clone, Copy)]
struct Tracked {
    first: Direction,
    /// The other side has answered.
    both: bool,
}

enum Hop {
    Interface(InterfaceId),
    /// By the internet gateway, with this source.
    Internet(IpAddr),
    Service,
}

/// The connection as a packet that leaves the interface: the same for both directions.
fn view(x: &Iface, direction: Direction, p: Packet) -> (InterfaceId, Packet) {
    let p = if direction == Direction::Egress { p } else { p.reply() };
    (x.port.id, Packet { l4: p.l4.key(), ..p })
}
