//! Route tables, longest prefix first, and what a route leads to: an interface of the VPC or of one that it is connected to,
//! the internet gateway, a service. At most one hop through a transit gateway; nothing beyond a peering.

use crate::config::{Fabric, Member, VpcTable};
use crate::drop::DropReason;
use crate::family::Family;
use crate::ip::{CidrOf, Ip, network};
use crate::parse::Packet;
use crate::trace::{Notes, Step};
use types::{InterfaceId, IpCidr, PeeringId, RouteTableId, TransitGatewayId, VpcEndpointId};
use wire::net::{Route, RouteTarget, TransitRoute};

/// A [`RouteTarget`] with what it names looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Local,
    InternetGateway,
    Blackhole,
    Interface(InterfaceId),
    /// Index into [`Fabric::vpcs`].
    Peer(usize),
    /// Index into [`VpcTable::transit`].
    Transit(usize),
    /// Index into [`Fabric::services`].
    Service(usize),
}

#[derive(Debug)]
pub(crate) struct Entry<A, T, R> {
    network: A,
    mask: A,
    pub target: T,
    /// As it was configured, for people.
    pub route: R,
}

/// Walks the list: tables are short (EC2 allows 1,000 routes at most) and only a flow's first packet asks.
#[derive(Debug)]
pub(crate) struct Table<A, I, T, R> {
    pub id: I,
    entries: Vec<Entry<A, T, R>>,
}

pub(crate) type RouteTable<A> = Table<A, RouteTableId, Target, Route<IpCidr>>;
/// `None`: a blackhole; else the far VPC and the table of the attachment's subnet there.
pub(crate) type TransitTable<A> = Table<A, TransitGatewayId, Option<(usize, RouteTableId)>, TransitRoute<IpCidr>>;

impl<A: Ip, I, T, R> Table<A, I, T, R> {
    fn new(id: I, routes: impl Iterator<Item = (CidrOf<A>, T, R)>) -> Self {
        let mut entries: Vec<(CidrOf<A>, T, R)> = routes.collect();
        entries.sort_by_key(|(c, ..)| std::cmp::Reverse(c.prefix_len()));
        let entry = |(c, target, route): (CidrOf<A>, T, R)| {
            let (network, mask) = network(c);
            Entry { network, mask, target, route }
        };
        Self { id, entries: entries.into_iter().map(entry).collect() }
    }

    /// The longest prefixes first.
    pub fn routes(&self) -> impl Iterator<Item = &R> {
        self.entries.iter().map(|e| &e.route)
    }

    pub fn lookup(&self, destination: A) -> Option<&Entry<A, T, R>> {
        self.entries.iter().find(|e| destination & e.mask == e.network)
    }
}

/// What a VPC's names stand for.
pub(crate) trait Names {
    fn peer(&self, id: PeeringId) -> Option<usize>;
    fn transit(&self, id: TransitGatewayId) -> Option<usize>;
    fn service(&self, id: VpcEndpointId) -> Option<usize>;
}

impl<A: Ip> RouteTable<A> {
    /// A target that is not there, or not active, is a blackhole.
    pub fn compile(id: RouteTableId, routes: &[Route<CidrOf<A>>], names: &impl Names) -> Self {
        let target = |r: &Route<CidrOf<A>>| match r.target {
            RouteTarget::Local => Target::Local,
            RouteTarget::InternetGateway => Target::InternetGateway,
            // What comes back is judged where it arrives.
            RouteTarget::EgressOnlyInternetGateway if A::UNIQUE => Target::InternetGateway,
            RouteTarget::Blackhole | RouteTarget::EgressOnlyInternetGateway => Target::Blackhole,
            RouteTarget::Interface(id) | RouteTarget::NatGateway(id) => Target::Interface(id),
            RouteTarget::Peering(id) => names.peer(id).map_or(Target::Blackhole, Target::Peer),
            RouteTarget::TransitGateway(id) => names.transit(id).map_or(Target::Blackhole, Target::Transit),
            RouteTarget::Endpoint(id) => names.service(id).map_or(Target::Blackhole, Target::Service),
        };
        let shown = |r: &Route<CidrOf<A>>| Route { destination: A::any_cidr(r.destination), target: r.target };
        Self::new(id, routes.iter().map(|r| (r.destination, target(r), shown(r))))
    }
}

impl<A: Ip> TransitTable<A> {
    /// A VPC that this host knows nothing of is a blackhole.
    pub fn compile(
        id: TransitGatewayId,
        routes: &[TransitRoute<CidrOf<A>>],
        vpc: impl Fn(types::VpcId) -> Option<usize>,
    ) -> Self {
        let target = |r: &TransitRoute<CidrOf<A>>| match r.target {
            wire::net::TransitTarget::Blackhole => None,
            wire::net::TransitTarget::Vpc { vpc: id, table } => Some((vpc(id)?, table)),
        };
        let shown = |r: &TransitRoute<CidrOf<A>>| TransitRoute { destination: A::any_cidr(r.destination), target: r.target };
        Self::new(id, routes.iter().map(|r| (r.destination, target(r), shown(r))))
    }
}

/// Where a route ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// At an interface of the VPC with this index.
    Member(usize, Member),
    Internet,
    Service,
}

/// Follows the routes of `table`, which belongs to the VPC `from`.
pub(crate) fn resolve<A: Family>(
    fabric: &Fabric,
    from: usize,
    table: &RouteTable<A>,
    packet: &Packet<A>,
    notes: &mut impl Notes,
) -> Result<Way, DropReason> {
    let vpc = &fabric.vpcs[from];
    let destination = packet.destination;
    let entry = table.lookup(destination).ok_or(DropReason::NoRoute)?;
    notes.note(|| Step::Route { table: table.id, route: entry.route.clone() });
    match entry.target {
        Target::Local => address(fabric, from, destination),
        Target::Interface(id) => interface(vpc, from, id),
        Target::Blackhole => Err(DropReason::Blackhole),
        Target::InternetGateway => Ok(Way::Internet),
        Target::Service(n) => {
            if fabric.services[n].has(destination.any()) {
                Ok(Way::Service)
            } else {
                Err(DropReason::NoSuchDestination)
            }
        }
        Target::Peer(peer) => {
            // What has come from elsewhere does not go on through a peering.
            if !A::vpc(vpc).holds(packet.source) {
                return Err(DropReason::BeyondPeering);
            }
            cross(&fabric.vpcs[peer], packet)?;
            address(fabric, peer, destination)
        }
        Target::Transit(n) => {
            let gateway = &A::vpc(vpc).transit[n];
            let entry = gateway.lookup(destination).ok_or(DropReason::TransitNoRoute)?;
            notes.note(|| Step::Transit { gateway: gateway.id, route: entry.route });
            let (far, table) = entry.target.ok_or(DropReason::TransitBlackhole)?;
            cross(&fabric.vpcs[far], packet)?;
            let table = A::vpc(&fabric.vpcs[far]).routes.get(&table).ok_or(DropReason::TransitNoRoute)?;
            let entry = table.lookup(destination).ok_or(DropReason::NoRoute)?;
            notes.note(|| Step::Route { table: table.id, route: entry.route.clone() });
            match entry.target {
                Target::Local => address(fabric, far, destination),
                Target::Interface(id) => interface(&fabric.vpcs[far], far, id),
                Target::Blackhole => Err(DropReason::Blackhole),
                Target::InternetGateway | Target::Peer(_) | Target::Transit(_) | Target::Service(_) => {
                    Err(DropReason::BeyondTransit)
                }
            }
        }
    }
}

/// Nobody brings an address of a VPC into it from outside: it would pass for that member.
fn cross<A: Family>(into: &VpcTable, packet: &Packet<A>) -> Result<(), DropReason> {
    if A::vpc(into).holds(packet.source) { Err(DropReason::OverlappingSource) } else { Ok(()) }
}

fn address<A: Family>(fabric: &Fabric, vpc: usize, address: A) -> Result<Way, DropReason> {
    let table = &fabric.vpcs[vpc];
    match table.member(address) {
        Some(member) => Ok(Way::Member(vpc, member)),
        None if table.is_unasked(address) => Err(DropReason::Unresolved),
        None => Err(DropReason::NoSuchDestination),
    }
}

fn interface(table: &VpcTable, vpc: usize, id: InterfaceId) -> Result<Way, DropReason> {
    Ok(Way::Member(vpc, *table.member_by_id.get(&id).ok_or(DropReason::NoSuchDestination)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Names for Nothing {
        fn peer(&self, _: PeeringId) -> Option<usize> {
            None
        }
        fn transit(&self, _: TransitGatewayId) -> Option<usize> {
            None
        }
        fn service(&self, _: VpcEndpointId) -> Option<usize> {
            None
        }
    }

    #[test]
    fn the_longest_prefix_wins_in_any_order() {
        let id = RouteTableId::from_random(1);
        let route = |c: &str, target| Route { destination: c.parse().unwrap(), target };
        let routes = [
            route("0.0.0.0/0", RouteTarget::InternetGateway),
            route("10.0.1.0/24", RouteTarget::Blackhole),
            route("10.0.0.0/16", RouteTarget::Local),
            route("10.2.0.0/16", RouteTarget::Peering(PeeringId::from_random(1))),
        ];
        let table = RouteTable::<u32>::compile(id, &routes, &Nothing);
        let at = |a: &str| table.lookup(a.parse::<std::net::Ipv4Addr>().unwrap().into()).map(|e| e.target);
        assert_eq!(at("10.0.1.9"), Some(Target::Blackhole));
        assert_eq!(at("10.0.2.9"), Some(Target::Local));
        assert_eq!(at("10.2.2.9"), Some(Target::Blackhole), "a peering that is not active");
        assert_eq!(at("8.8.8.8"), Some(Target::InternetGateway));
        assert!(RouteTable::<u32>::compile(id, &[], &Nothing).lookup(1).is_none());
    }
}
