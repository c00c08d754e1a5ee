//! What an operator asks a card: what would become of a packet ([`Trace`]), and what is in the host's tables ([`GetFlows`]).
//! And what tells where in the region an address is ([`FindPlaces`]).

use crate::method;
use crate::net::{Direction, ProtocolMatch, Route, ServiceConfig, TransitRoute};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};
use types::{
    AccountId, Generation, HostId, InstanceId, InterfaceId, IpCidr, NatGatewayId, NetworkAclId, RouteTableId,
    SecurityGroupRuleId, TransitGatewayId, VpcId,
};

/// A packet that begins a connection, or the first answer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    pub source: IpAddr,
    pub destination: IpAddr,
    /// IP's number.
    pub protocol: u8,
    /// TCP and UDP; the identifier of an ICMP query.
    pub source_port: u16,
    /// TCP and UDP; ICMP: type * 256 + code.
    pub destination_port: u16,
}

/// One decision on a packet's way, in the order in which they are taken. The last one is an end. `R`: a reason to drop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step<R = String> {
    /// `rule` `None`: no rule allows it.
    SecurityGroups {
        interface: InterfaceId,
        direction: Direction,
        rule: Option<SecurityGroupRuleId>,
    },
    /// At the edge of the interface's subnet. `entry` `None`: `*`.
    NetworkAcl {
        interface: InterfaceId,
        acl: NetworkAclId,
        direction: Direction,
        entry: Option<u16>,
        allow: bool,
    },
    Route {
        table: RouteTableId,
        route: Route<IpCidr>,
    },
    Transit {
        gateway: TransitGatewayId,
        route: TransitRoute<IpCidr>,
    },
    /// A NAT gateway puts one of its addresses in place of the source; which port is not known before it happens.
    Nat {
        gateway: NatGatewayId,
        interface: InterfaceId,
        source: Ipv4Addr,
    },
    /// A NAT gateway puts back whom an answer is for.
    NatBack {
        gateway: NatGatewayId,
        interface: InterfaceId,
        destination: Ipv4Addr,
    },
    /// A network load balancer's node sends it on to a target. Another connection may get another one.
    Balanced {
        interface: InterfaceId,
        target: Ipv4Addr,
        port: u16,
    },
    /// A node puts itself back in place of the target that answers.
    BalancedBack {
        interface: InterfaceId,
        source: Ipv4Addr,
        port: u16,
    },
    /// The internet gateway's translation, of the source of what leaves or the destination of what enters.
    PublicAddress {
        private: Ipv4Addr,
        public: Ipv4Addr,
        direction: Direction,
    },
    /// End: the host's own services answer (DNS, metadata, an endpoint's service).
    Service {
        address: IpAddr,
    },
    /// End: to the guest.
    Delivered {
        interface: InterfaceId,
        packet: Probe,
    },
    /// End here: goes on at the host with this VXLAN address. `interface`: the one it is for, unless it is public or outside.
    Sent {
        underlay: Ipv4Addr,
        vni: u32,
        interface: Option<InterfaceId>,
        packet: Probe,
    },
    /// End.
    Dropped(R),
}

impl<R> Step<R> {
    /// The same with another kind of reason.
    pub fn map_reason<S>(self, f: impl FnOnce(R) -> S) -> Step<S> {
        match self {
            Self::SecurityGroups { interface, direction, rule } => Step::SecurityGroups { interface, direction, rule },
            Self::NetworkAcl { interface, acl, direction, entry, allow } => {
                Step::NetworkAcl { interface, acl, direction, entry, allow }
            }
            Self::Route { table, route } => Step::Route { table, route },
            Self::Transit { gateway, route } => Step::Transit { gateway, route },
            Self::Nat { gateway, interface, source } => Step::Nat { gateway, interface, source },
            Self::NatBack { gateway, interface, destination } => Step::NatBack { gateway, interface, destination },
            Self::Balanced { interface, target, port } => Step::Balanced { interface, target, port },
            Self::BalancedBack { interface, source, port } => Step::BalancedBack { interface, source, port },
            Self::PublicAddress { private, public, direction } => Step::PublicAddress { private, public, direction },
            Self::Service { address } => Step::Service { address },
            Self::Delivered { interface, packet } => Step::Delivered { interface, packet },
            Self::Sent { underlay, vni, interface, packet } => Step::Sent { underlay, vni, interface, packet },
            Self::Dropped(reason) => Step::Dropped(f(reason)),
        }
    }
}

/// Where a trace begins on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceFrom {
    /// The guest of this interface sends the packet.
    Guest { interface: InterfaceId },
    /// One of the host's services answers this interface's guest.
    Service { interface: InterfaceId },
    /// It comes from another host, as that host's trace says: [`Step::Sent`].
    Host { underlay: Ipv4Addr, vni: u32, interface: Option<InterfaceId> },
}

/// What a NAT gateway did with a packet: which source it put in place of which. (By which port, only it knows.) Or a load
/// balancer's node: which target in place of its own address and port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    pub interface: InterfaceId,
    pub inside: Ipv4Addr,
    /// ICMP: the query's identifier.
    pub inside_port: u16,
    pub outside: Ipv4Addr,
}

/// What an interface tracks since its groups have let a packet pass with these addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub interface: InterfaceId,
    pub source: IpAddr,
    pub destination: IpAddr,
}

/// What a packet left behind that got through: its answer finds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    pub connections: Vec<Connection>,
    pub translations: Vec<Translation>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceRequest {
    pub from: TraceFrom,
    pub probe: Probe,
    /// Set: an answer to what passed so. At most [`PASSED_MAX`] of each.
    pub answer: Option<Passed>,
}

pub const PASSED_MAX: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceReply {
    pub generation: Generation,
    pub steps: Vec<Step>,
    /// The interface that the last step delivers to has the packet's destination: else its guest is to pass it on.
    pub arrived: bool,
}

method!(
    /// What a host would do with a packet. Nothing is sent, remembered or counted.
    Trace, "card/Trace", TraceRequest => TraceReply
);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowsRequest {
    /// `None`: all of the host.
    pub interface: Option<InterfaceId>,
    /// Of each kind of row, at most [`FLOW_ROWS_MAX`].
    pub rows_max: u32,
}

pub const FLOW_ROWS_MAX: u32 = 10_000;

/// A host's table, highest priority first. Where a list is cut, its count says how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostTable {
    pub generation: Generation,
    /// Connections that are tracked: decided once, found by their whole key.
    pub flows: Vec<FlowRow>,
    pub flows_total: u64,
    /// Bytes that they and their index take.
    pub flow_bytes: u64,
    pub translations: Vec<TranslationRow>,
    pub translations_total: u64,
    pub policies: Vec<PolicyRow>,
    pub policies_total: u64,
    /// Who is where: priority 100.
    pub members: Vec<MemberRow>,
    pub members_total: u64,
    /// Priority 90.
    pub routes: Vec<RouteRow>,
    pub routes_total: u64,
    /// VNIs whose ARP is answered: priority 50.
    pub arp: Vec<u32>,
    /// Packets that nothing took in, by reason: priority 10.
    pub drops: Vec<(String, u64)>,
}

/// Addresses and ports as the guest sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowRow {
    pub interface: InterfaceId,
    pub protocol: u8,
    pub local: IpAddr,
    pub local_port: u16,
    pub remote: IpAddr,
    pub remote_port: u16,
    /// `Egress`: the guest began it.
    pub initiator: Direction,
    pub state: String,
    /// What packets from the guest meet.
    pub target: Target,
    pub out_packets: u64,
    pub out_bytes: u64,
    pub in_packets: u64,
    pub in_bytes: u64,
    /// Milliseconds since its last packet.
    pub idle_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// To a port of this host.
    Deliver(InterfaceId),
    /// To another host by VXLAN.
    Encap { underlay: Ipv4Addr, vni: u32 },
    /// To a service of the host.
    Service,
    /// Its interface is on no host.
    Nowhere,
    /// Decided when the guest sends.
    Undecided,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslationRow {
    pub gateway: NatGatewayId,
    pub protocol: u8,
    pub inside: Ipv4Addr,
    /// ICMP: the query's identifier.
    pub inside_port: u16,
    pub outside: Ipv4Addr,
    pub outside_port: u16,
    pub remote: Ipv4Addr,
    pub remote_port: u16,
    pub answered: bool,
    pub idle_ms: u64,
}

/// A compiled rule of an interface's security groups. What none allows is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRow {
    pub interface: InterfaceId,
    pub direction: Direction,
    pub rule: SecurityGroupRuleId,
    pub protocol: ProtocolMatch,
    pub peer: PolicyPeer,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyPeer {
    Cidr(IpCidr),
    /// A set that all rules which name the group share, and how many addresses it has.
    Members(u64),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    pub vni: u32,
    pub address: IpAddr,
    pub target: Target,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteRow {
    pub vni: u32,
    pub table: RouteTableId,
    pub route: Route<IpCidr>,
}

method!(GetFlows, "card/Flows", FlowsRequest => HostTable);

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceQuery {
    Instance(InstanceId),
    Interface(InterfaceId),
    /// A private one, of one VPC or of any; or a public one.
    Address {
        address: IpAddr,
        vpc: Option<VpcId>,
    },
    /// `s3`, or a name under its domain.
    Service(String),
}

/// An interface and the host that it is on now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub account: AccountId,
    pub interface: InterfaceId,
    pub vpc: VpcId,
    /// Primary first, then those of IPv6.
    pub addresses: Vec<IpAddr>,
    pub instance: Option<InstanceId>,
    /// `None`: it is on none (stopped, or not attached).
    pub host: Option<HostId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// An instance's first interface is first.
    pub places: Vec<Place>,
    pub service: Option<ServiceConfig>,
}

method!(
    /// To the region, by its operator: of all accounts.
    FindPlaces, "region/FindPlaces", PlaceQuery => Places
);
