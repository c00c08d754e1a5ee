//! What model and lab speak of: packets, what becomes of them, and the mistakes that must not go unnoticed.

use std::collections::BTreeSet;
use std::net::IpAddr;
use types::InterfaceId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum L4 {
    Tcp { from: u16, to: u16, tcp: Tcp },
    Udp { from: u16, to: u16 },
    Echo { id: u16, request: bool },
    Other(u8),
}

/// What a segment is to its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tcp {
    Syn,
    SynAck,
    Ack,
    Reset,
}

impl L4 {
    pub fn reply(self) -> Self {
        match self {
            L4::Tcp { from, to, tcp } => {
                let tcp = if tcp == Tcp::Syn { Tcp::SynAck } else { Tcp::Ack };
                L4::Tcp { from: to, to: from, tcp }
            }
            L4::Udp { from, to } => L4::Udp { from: to, to: from },
            L4::Echo { id, request } => L4::Echo { id, request: !request },
            L4::Other(n) => L4::Other(n),
        }
    }

    /// The port (or echo id) that a NAT gateway replaces in what leaves.
    pub fn port(self) -> u16 {
        match self {
            L4::Tcp { from, .. } | L4::Udp { from, .. } => from,
            L4::Echo { id, .. } => id,
            L4::Other(_) => 0,
        }
    }

    pub fn with_from(self, port: u16) -> Self {
        match self {
            L4::Tcp { to, tcp, .. } => L4::Tcp { from: port, to, tcp },
            L4::Udp { to, .. } => L4::Udp { from: port, to },
            L4::Echo { request, .. } => L4::Echo { id: port, request },
            other => other,
        }
    }

    /// Without what does not tell connections apart.
    pub fn key(self) -> Self {
        match self {
            L4::Tcp { from, to, .. } => L4::Tcp { from, to, tcp: Tcp::Ack },
            other => other,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packet {
    pub src: IpAddr,
    pub dst: IpAddr,
    pub l4: L4,
}

impl Packet {
    pub fn is_six(self) -> bool {
        self.dst.is_ipv6()
    }

    pub fn reply(self) -> Self {
        Self { src: self.dst, dst: self.src, l4: self.l4.reply() }
    }
}

impl Packet {
    pub fn same_connection(self, o: Packet) -> bool {
        (self.src, self.dst, self.l4.key()) == (o.src, o.dst, o.l4.key())
    }
}

/// Hops through instances that route; what the lab's guests start with.
pub const TTL: u8 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    SourceCheck,
    GroupEgress,
    GroupIngress,
    AclEgress,
    AclIngress,
    NoRoute,
    Blackhole,
    Hairpin,
    NoSuchDestination,
    NotPlaced,
    DestinationCheck,
    NoPublicAddress,
    PublicUnowned,
    /// From outside, to a NAT gateway that has no such connection.
    NatUnasked,
    NatProtocol,
    /// A transit gateway leads into the VPC only, not out of it again by another gateway.
    Beyond,
    /// From another VPC, with an address of the one that it would enter.
    OverlappingSource,
    Service,
    TtlExpired,
    /// From outside, to a VPC whose IPv6 only goes out.
    EgressOnly,
    /// A port that has no IPv6 got some.
    NoIpv6,
    /// The engine's reason, by name, when none of the above.
    Engine(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Delivered {
        to: InterfaceId,
        packet: Packet,
    },
    Outside(Packet),
    /// Taken by a service of the card: metadata, the resolver, a gateway endpoint.
    Service {
        of: InterfaceId,
    },
    /// Any of these, each at the interface that it concerns.
    Dropped(BTreeSet<(Why, Option<InterfaceId>)>),
    /// The documents leave it open.
    Unsure(&'static str),
}

pub fn dropped(why: Why, at: Option<InterfaceId>) -> End {
    End::Dropped([(why, at)].into())
}

/// Mistakes that a wrong reading would make: each must be noticed (`every_mutation_is_caught`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    AclHighestFirst,
    AclDefaultAllow,
    AclWithinSubnet,
    AclStateful,
    AclIngressByDestination,
    ShortestPrefix,
    BlackholeIgnored,
    RepliesNotTracked,
    TrackedEndsWithItsRule,
    GroupEgressOpen,
    PortRangeExclusive,
    IcmpTypeIgnored,
    GroupMeansNobody,
    PrefixListMeansAll,
    NoDestinationCheck,
    NoSourceCheck,
    PublicSeenAsPrivate,
    UnplacedReached,
    NatKeepsSource,
    NatOpenFromOutside,
    NatReturnNotJudged,
    PeeringTransitive,
    PeersGroupsUnknown,
    TransitIgnoresFarTable,
    EndpointIsInternet,
    EgressOnlyIsOpen,
    EchoOfIpv4,
    RulesOfIpv4,
    OutsideSeenAsNobody,
}
