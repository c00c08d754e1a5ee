//! What decides for a packet, written down: the packet path's own functions, given somewhere to take notes.

use crate::drop::DropReason;
use std::net::Ipv4Addr;
use types::{InterfaceId, NatGatewayId, NetworkAclId, RouteTableId, SecurityGroupRuleId, TransitGatewayId};
use wire::net::{Direction, Route, TransitRoute};

/// A packet that begins a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    pub source: Ipv4Addr,
    pub destination: Ipv4Addr,
    /// IP's number.
    pub protocol: u8,
    /// TCP and UDP; the identifier of an ICMP query.
    pub source_port: u16,
    /// TCP and UDP; ICMP: type * 256 + code.
    pub destination_port: u16,
}

/// One decision on a packet's way, in the order in which they are taken. The last one is an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
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
        route: Route,
    },
    Transit {
        gateway: TransitGatewayId,
        route: TransitRoute,
    },
    /// A NAT gateway puts one of its addresses in place of the source; which port is not known before it happens.
    Nat {
        gateway: NatGatewayId,
        interface: InterfaceId,
        source: Ipv4Addr,
    },
    /// The internet gateway's translation, of the source of what leaves or the destination of what enters.
    PublicAddress {
        private: Ipv4Addr,
        public: Ipv4Addr,
        direction: Direction,
    },
    /// End: the host's own services answer (DNS, metadata, an endpoint's service).
    Service {
        address: Ipv4Addr,
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
    Dropped(DropReason),
}

/// Where decisions are written down; `()` takes no notes and costs nothing.
pub(crate) trait Notes {
    fn note(&mut self, step: impl FnOnce() -> Step);
}

impl Notes for () {
    #[inline]
    fn note(&mut self, _: impl FnOnce() -> Step) {}
}

impl Notes for Vec<Step> {
    fn note(&mut self, step: impl FnOnce() -> Step) {
        self.push(step());
    }
}
