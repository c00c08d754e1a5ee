//! What decides for a packet, written down: the packet path's own functions, given somewhere to take notes.

use crate::config::PortTable;
use crate::drop::DropReason;
use crate::egress::{check_destination, check_own_source, route, service_of};
use crate::flow::{Action, FlowKey, Hop, Path};
use crate::ingress::{check_arrival, check_source};
use crate::nat_gateway;
use crate::parse::{Packet, Ports, TCP, TCP_SYN};
use crate::port::PortIndex;
use crate::switch::Switch;
use std::net::Ipv4Addr;
use types::{InterfaceId, NatGatewayId, NetworkAclId, RouteTableId, SecurityGroupRuleId, TransitGatewayId, Vni};
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

impl Switch {
    /// What would be decided for a packet that the port's guest sends to begin a connection: the rules, entries and routes in
    /// force, followed as far as this host goes. Nothing is remembered, sent or counted. Empty for a port that is not there.
    pub fn trace(&self, port: PortIndex, probe: &Probe) -> Vec<Step> {
        let mut walk = Walk { switch: self, steps: Vec::new(), nat_passes: 0 };
        if let Some(table) = self.fabric().port(port) {
            let end = walk.outward(port, table, probe.packet());
            walk.end(end)
        } else {
            Vec::new()
        }
    }

    /// The same for a packet that comes from another host, as its trace says: [`Step::Sent`].
    pub fn trace_arrival(&self, port: PortIndex, from: Ipv4Addr, vni: u32, probe: &Probe) -> Vec<Step> {
        let mut walk = Walk { switch: self, steps: Vec::new(), nat_passes: 0 };
        let mut packet = probe.packet();
        if self.fabric().port(port).is_none() {
            return Vec::new();
        }
        if vni == Vni::INTERNET.get()
            && let Some(&(_, private)) = self.fabric().public_here.get(&packet.destination)
        {
            let public = packet.destination.into();
            walk.steps.push(Step::PublicAddress { private: private.into(), public, direction: Direction::Ingress });
            packet.destination = private;
        }
        let end = walk.arrive(port, Path { vni, underlay: from.into() }, packet);
        walk.end(end)
    }
}

impl Probe {
    fn packet(&self) -> Packet {
        let ports = Ports {
            source: self.source_port,
            destination: self.destination_port,
            flags: if self.protocol == TCP { TCP_SYN } else { 0 },
        };
        Packet {
            source: self.source.into(),
            destination: self.destination.into(),
            protocol: self.protocol,
            total_bytes: 64,
            id: 0,
            dont_fragment: true,
            more_fragments: false,
            fragment_offset: 0,
            ports,
        }
    }

    fn of(p: &Packet) -> Self {
        Self {
            source: p.source.into(),
            destination: p.destination.into(),
            protocol: p.protocol,
            source_port: p.ports.source,
            destination_port: p.ports.destination,
        }
    }
}

struct Walk<'a> {
    switch: &'a Switch,
    steps: Vec<Step>,
    nat_passes: u8,
}

impl Walk<'_> {
    fn end(mut self, end: Result<(), DropReason>) -> Vec<Step> {
        if let Err(reason) = end {
            self.steps.push(Step::Dropped(reason));
        }
        self.steps
    }

    fn groups(&mut self, table: &PortTable, direction: Direction, packet: &Packet) -> bool {
        let key = match direction {
            Direction::Egress => FlowKey::outbound(packet),
            Direction::Ingress => FlowKey::inbound(packet),
        };
        let rule = table.rules(direction).decide(key.subject(direction));
        self.steps.push(Step::SecurityGroups { interface: table.id, direction, rule });
        rule.is_some()
    }

    fn outward(&mut self, port: PortIndex, table: &PortTable, packet: Packet) -> Result<(), DropReason> {
        let fabric = self.switch.fabric();
        check_own_source(table, packet.source)?;
        check_destination(table, packet.destination, true)?;
        if service_of(&fabric.vpcs[table.vpc], table, &packet)?.is_some() {
            self.steps.push(Step::Service { address: packet.destination.into() });
            return Ok(());
        }
        if !self.groups(table, Direction::Egress, &packet) {
            return Err(if packet.is_icmp_error() { DropReason::IcmpUnrelated } else { DropReason::SecurityGroupEgress });
        }
        let subject = (packet.destination, packet.protocol, packet.ports.destination);
        table.cross_edge(Direction::Egress, subject, &mut self.steps)?;
        let action = route(fabric, port, table, &packet, &mut self.steps)?;
        self.follow(action, packet)
    }

    fn follow(&mut self, action: Action, mut packet: Packet) -> Result<(), DropReason> {
        if action.source != 0 {
            packet.source = action.source;
        }
        if action.destination != 0 {
            packet.destination = action.destination;
        }
        match action.hop {
            Hop::Port => return self.arrive(PortIndex(action.target), Path { vni: action.vni(), underlay: 0 }, packet),
            Hop::Local => self.steps.push(Step::Service { address: packet.destination.into() }),
            Hop::Underlay => {
                let fabric = self.switch.fabric();
                let vpc = fabric.vpc_by_vni.get(&action.vni()).map(|&v| &fabric.vpcs[v]);
                let interface = vpc.and_then(|v| v.member_by_id.iter().find(|(_, m)| m.mac.0 == action.mac).map(|(id, _)| *id));
                let underlay = action.target.into();
                self.steps.push(Step::Sent { underlay, vni: action.vni(), interface, packet: Probe::of(&packet) });
            }
            Hop::None => {}
        }
        Ok(())
    }

    fn arrive(&mut self, port: PortIndex, path: Path, packet: Packet) -> Result<(), DropReason> {
        let fabric = self.switch.fabric();
        let table = fabric.port(port).ok_or(DropReason::UnknownPort)?;
        if table.nat.is_some() {
            return self.nat(port, table, path, packet);
        }
        check_arrival(fabric, table, path, &packet)?;
        let subject = (packet.source, packet.protocol, packet.ports.destination);
        table.cross_edge(Direction::Ingress, subject, &mut self.steps)?;
        if !self.groups(table, Direction::Ingress, &packet) {
            return Err(if packet.is_icmp_error() { DropReason::IcmpUnrelated } else { DropReason::SecurityGroupIngress });
        }
        self.steps.push(Step::Delivered { interface: table.id, packet: Probe::of(&packet) });
        Ok(())
    }

    fn nat(&mut self, port: PortIndex, table: &PortTable, path: Path, packet: Packet) -> Result<(), DropReason> {
        let fabric = self.switch.fabric();
        let gateway = table.nat.ok_or(DropReason::UnknownPort)?.id;
        let outward = nat_gateway::admits(table, path, &packet, &mut self.nat_passes)?;
        check_source(fabric, table, path, packet.source)?;
        if !outward || packet.is_icmp_error() {
            return Err(DropReason::NatNoEntry);
        }
        table.cross_edge(Direction::Ingress, (packet.source, packet.protocol, packet.ports.destination), &mut self.steps)?;
        let chosen = self.switch.nat_table(port).and_then(|nat| nat.choose(&nat_gateway::inside_key(&packet)));
        let source = chosen.ok_or(DropReason::NatPortsExhausted)?;
        self.steps.push(Step::Nat { gateway, interface: table.id, source: source.into() });
        table.cross_edge(Direction::Egress, (packet.destination, packet.protocol, packet.ports.destination), &mut self.steps)?;
        let packet = Packet { source, ..packet };
        let action = route(fabric, port, table, &packet, &mut self.steps)?;
        self.follow(action, packet)
    }
}
