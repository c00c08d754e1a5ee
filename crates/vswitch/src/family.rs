//! What the tables hold of each IP family, and what only one family has: the layers reach both by these traits.
//!
//! [`Family`] picks a family's part out of a configuration and of the compiled tables. [`Layers`] is what the walk of a packet
//! asks at the places where the families differ: services and their addresses, translation, NAT gateways.

use crate::config::{Fabric, Node, Outside, PortNet, PortTable, VpcNet, VpcTable};
use crate::drop::DropReason;
use crate::flow::{Action, FlowKey, Path};
use crate::frame::FrameBuf;
use crate::ip::CidrOf;
use crate::kept::Keeps;
use crate::parse::{self, Packet};
use crate::port::{PortIndex, PortState, Tracked};
use crate::switch::{Engine, Sink};
use crate::trace::{Notes, Step, Walk};
use crate::{balanced, egress, nat};
use wire::net::*;

pub(crate) trait Family: Keeps {
    fn cidrs(vpc: &VpcConfig) -> &[CidrOf<Self>];
    fn addresses(interface: &InterfaceEntry) -> &[Self::Addr];
    fn rules(group: &SecurityGroupConfig) -> &[SecurityRule<CidrOf<Self>>];
    fn prefixes(list: &PrefixListConfig) -> &[CidrOf<Self>];
    fn entries(acl: &NetworkAclConfig) -> &[NetworkAclEntry<CidrOf<Self>>];
    fn routes(table: &RouteTableConfig) -> &[Route<CidrOf<Self>>];
    fn transit_routes(gateway: &TransitConfig) -> &[TransitRoute<CidrOf<Self>>];
    fn own_addresses(port: &PortConfig) -> &[Self::Addr];
    fn subnet(port: &PortConfig) -> Option<CidrOf<Self>>;

    fn outside(fabric: &Fabric) -> &Outside<Self>;
    fn vpc(table: &VpcTable) -> &VpcNet<Self>;
    fn port(table: &PortTable) -> &PortNet<Self>;
    fn tracked(state: &mut PortState) -> &mut Tracked<Self>;
}

pub(crate) trait Layers: Family {
    fn parse(frame: &[u8]) -> Result<Packet<Self>, DropReason>;
    /// The packet that an ICMP error quotes.
    fn quoted(frame: &[u8], packet: &Packet<Self>) -> Option<Packet<Self>>;

    /// A packet of the guest that no flow knows: what the host answers itself (`true`), and whether its addresses are those of
    /// a packet that may go anywhere.
    fn host_answers(
        engine: &mut Engine<'_>,
        port: PortIndex,
        unicast: bool,
        frame: &FrameBuf,
        packet: &Packet<Self>,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason>;

    /// No router takes it on, and the switch is one.
    fn stays_on_link(packet: &Packet<Self>) -> bool;
    /// Who is outside may begin connections to the VPC's addresses.
    fn is_open(vpc: &VpcTable) -> bool;

    /// The same question about a packet that is not there.
    fn is_for_host(fabric: &Fabric, table: &PortTable, packet: &Packet<Self>) -> Result<bool, DropReason>;

    /// The source that the outside sees a packet with.
    fn source_outside(fabric: &Fabric, table: &PortTable, source: Self) -> Result<Self, DropReason>;

    /// What `action` says of addresses: the internet gateway's translation.
    fn translate(action: &Action, frame: &mut FrameBuf, packet: &mut Packet<Self>);
    fn translate_destination(frame: &mut FrameBuf, packet: &mut Packet<Self>, private: Self);
    /// [`Self::translate`] of a packet that has no frame.
    fn translated(action: &Action, packet: &mut Packet<Self>);
    /// For an action, 0 when there is nothing to translate.
    fn translation(from: Self, to: Self) -> u32;
    fn note_public(private: Self, public: Self, direction: Direction, notes: &mut impl Notes);

    /// A packet that arrived at a port with no guest.
    fn nat_packet(
        engine: &mut Engine<'_>,
        port: PortIndex,
        path: Path,
        frame: &mut FrameBuf,
        packet: Packet<Self>,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason>;

    /// A packet that arrived at a load balancer's node; `false`: it is not for a listener.
    fn balancer_packet(
        engine: &mut Engine<'_>,
        port: PortIndex,
        path: Path,
        frame: &mut FrameBuf,
        packet: Packet<Self>,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason>;

    /// The load balancer's node that a packet came by.
    fn node_of<'a>(fabric: &'a Fabric, table: &PortTable, path: Path, frame: &[u8], packet: &Packet<Self>) -> Option<&'a Node>;
    fn node_address(node: &Node) -> Self;
    /// [`Engine::node_changes`] and [`Engine::remember_node`].
    fn node_changes(e: &mut Engine<'_>, port: PortIndex, p: &Packet<Self>, node: Option<&Node>) -> Result<bool, DropReason>;
    fn remember_node(e: &mut Engine<'_>, port: PortIndex, p: &Packet<Self>, node: Option<&Node>) -> Result<(), DropReason>;
    /// The node that a connection came by.
    fn came_by(state: &PortState, key: &FlowKey<Self>) -> Option<Self>;
    /// The way back to it.
    fn back_to_node(
        fabric: &Fabric,
        port: PortIndex,
        table: &PortTable,
        state: &PortState,
        key: &FlowKey<Self>,
    ) -> Option<Result<Action, DropReason>>;

    /// The address inside that a packet which comes back to a NAT gateway is for.
    fn nat_inside(engine: &mut Engine<'_>, port: PortIndex, packet: &Packet<Self>) -> Option<Self>;

    fn trace_nat(
        walk: &mut Walk<'_>,
        port: PortIndex,
        table: &PortTable,
        path: Path,
        packet: Packet<Self>,
    ) -> Result<(), DropReason>;

    fn trace_balancer(
        walk: &mut Walk<'_>,
        port: PortIndex,
        table: &PortTable,
        path: Path,
        packet: &Packet<Self>,
    ) -> Option<Result<(), DropReason>>;
    fn trace_return(
        walk: &mut Walk<'_>,
        port: PortIndex,
        table: &PortTable,
        packet: &Packet<Self>,
    ) -> Option<Result<Action, DropReason>>;

    /// Tells the sender the largest packet that the path takes, where it can.
    fn too_big(
        engine: &mut Engine<'_>,
        port: PortIndex,
        frame: &FrameBuf,
        packet: &Packet<Self>,
        mtu: u16,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason>;
}

impl Family for u32 {
    fn cidrs(vpc: &VpcConfig) -> &[CidrOf<Self>] {
        &vpc.cidrs
    }
    fn addresses(interface: &InterfaceEntry) -> &[Self::Addr] {
        &interface.ipv4
    }
    fn rules(group: &SecurityGroupConfig) -> &[SecurityRule<CidrOf<Self>>] {
        &group.rules
    }
    fn prefixes(list: &PrefixListConfig) -> &[CidrOf<Self>] {
        &list.entries
    }
    fn entries(acl: &NetworkAclConfig) -> &[NetworkAclEntry<CidrOf<Self>>] {
        &acl.entries
    }
    fn routes(table: &RouteTableConfig) -> &[Route<CidrOf<Self>>] {
        &table.routes
    }
    fn transit_routes(gateway: &TransitConfig) -> &[TransitRoute<CidrOf<Self>>] {
        &gateway.routes
    }
    fn own_addresses(port: &PortConfig) -> &[Self::Addr] {
        &port.ipv4
    }
    fn subnet(port: &PortConfig) -> Option<CidrOf<Self>> {
        Some(port.subnet_cidr)
    }

    #[inline(always)]
    fn outside(fabric: &Fabric) -> &Outside<Self> {
        &fabric.v4
    }
    #[inline(always)]
    fn vpc(table: &VpcTable) -> &VpcNet<Self> {
        &table.v4
    }
    #[inline(always)]
    fn port(table: &PortTable) -> &PortNet<Self> {
        &table.v4
    }
    #[inline(always)]
    fn tracked(state: &mut PortState) -> &mut Tracked<Self> {
        &mut state.v4
    }
}

impl Layers for u32 {
    #[inline(always)]
    fn parse(frame: &[u8]) -> Result<Packet, DropReason> {
        parse::ipv4(frame)
    }

    fn quoted(frame: &[u8], _: &Packet) -> Option<Packet> {
        parse::quoted(frame)
    }

    fn host_answers(
        engine: &mut Engine<'_>,
        port: PortIndex,
        unicast: bool,
        frame: &FrameBuf,
        packet: &Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason> {
        engine.host_answers4(port, unicast, frame, packet, out)
    }

    #[inline(always)]
    fn stays_on_link(_: &Packet) -> bool {
        false
    }

    /// Only public addresses are reached from outside, and an internet gateway translates to them.
    #[inline(always)]
    fn is_open(_: &VpcTable) -> bool {
        true
    }

    fn is_for_host(fabric: &Fabric, table: &PortTable, packet: &Packet) -> Result<bool, DropReason> {
        egress::check_own_source(table, packet.source)?;
        egress::check_destination(table, packet.destination, true)?;
        Ok(egress::service_of(&fabric.vpcs[table.vpc], table, packet)?.is_some())
    }

    fn source_outside(_: &Fabric, table: &PortTable, source: u32) -> Result<u32, DropReason> {
        table.public_of(source).ok_or(DropReason::NoPublicAddress)
    }

    #[inline(always)]
    fn translate(action: &Action, frame: &mut FrameBuf, packet: &mut Packet) {
        if action.source != 0 {
            egress::translate_source(frame, packet, action.source);
        }
        if action.destination != 0 {
            Self::translate_destination(frame, packet, action.destination);
        }
    }

    /// The public destination becomes the private one, in the packet and, in an ICMP error, in what it quotes.
    fn translate_destination(frame: &mut FrameBuf, packet: &mut Packet, private: u32) {
        if packet.is_icmp_error() && parse::quoted(frame.as_slice()).is_some_and(|q| q.source == packet.destination) {
            nat::rewrite_quoted(frame.as_mut_slice(), true, private);
        }
        nat::rewrite_destination(frame.as_mut_slice(), packet, private);
    }

    fn translated(action: &Action, packet: &mut Packet) {
        if action.source != 0 {
            packet.source = action.source;
        }
        if action.destination != 0 {
            packet.destination = action.destination;
        }
    }

    fn translation(_: u32, to: u32) -> u32 {
        to
    }

    fn note_public(private: u32, public: u32, direction: Direction, notes: &mut impl Notes) {
        notes.note(|| Step::PublicAddress { private: private.into(), public: public.into(), direction });
    }

    fn nat_packet(
        engine: &mut Engine<'_>,
        port: PortIndex,
        path: Path,
        frame: &mut FrameBuf,
        packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        engine.nat_packet(port, path, frame, packet, out)
    }

    fn balancer_packet(
        engine: &mut Engine<'_>,
        port: PortIndex,
        path: Path,
        frame: &mut FrameBuf,
        packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason> {
        engine.balancer_packet(port, path, frame, packet, out)
    }

    fn node_of<'a>(fabric: &'a Fabric, table: &PortTable, path: Path, frame: &[u8], packet: &Packet) -> Option<&'a Node> {
        balanced::node_of(fabric, table, path, frame, packet.source)
    }

    fn node_address(node: &Node) -> u32 {
        node.address
    }

    fn node_changes(e: &mut Engine<'_>, port: PortIndex, p: &Packet, node: Option<&Node>) -> Result<bool, DropReason> {
        e.node_changes(port, p, node)
    }

    fn remember_node(e: &mut Engine<'_>, port: PortIndex, p: &Packet, node: Option<&Node>) -> Result<(), DropReason> {
        e.remember_node(port, p, node)
    }

    fn came_by(state: &PortState, key: &FlowKey) -> Option<u32> {
        state.nat.as_ref()?.outside_of(key)
    }

    fn back_to_node(
        fabric: &Fabric,
        port: PortIndex,
        table: &PortTable,
        state: &PortState,
        key: &FlowKey,
    ) -> Option<Result<Action, DropReason>> {
        Self::came_by(state, key).map(|address| balanced::back_to_node(fabric, port, table, address))
    }

    fn nat_inside(engine: &mut Engine<'_>, port: PortIndex, packet: &Packet) -> Option<u32> {
        engine.nat_inside(port, packet)
    }

    fn trace_nat(walk: &mut Walk<'_>, port: PortIndex, table: &PortTable, path: Path, packet: Packet) -> Result<(), DropReason> {
        walk.nat(port, table, path, packet)
    }

    fn trace_balancer(
        walk: &mut Walk<'_>,
        port: PortIndex,
        table: &PortTable,
        path: Path,
        packet: &Packet,
    ) -> Option<Result<(), DropReason>> {
        walk.balancer(port, table, path, packet)
    }

    fn trace_return(
        walk: &mut Walk<'_>,
        port: PortIndex,
        table: &PortTable,
        packet: &Packet,
    ) -> Option<Result<Action, DropReason>> {
        walk.back(port, table, packet)
    }

    fn too_big(
        engine: &mut Engine<'_>,
        port: PortIndex,
        frame: &FrameBuf,
        packet: &Packet,
        mtu: u16,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        engine.too_big4(port, frame, packet, mtu, out)
    }
}
