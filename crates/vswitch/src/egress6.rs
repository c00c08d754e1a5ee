//! What only IPv6 has on a guest's way out: the router's side of neighbour discovery, DHCPv6, and the host's services at their
//! addresses of IPv6. (`egress` has the same of IPv4, and what both share.)

use crate::config::{Fabric, Node, Outside, PortNet, PortTable, VpcNet, VpcTable};
use crate::drop::DropReason;
use crate::egress::{Service, check_own_source};
use crate::family::{Family, Layers};
use crate::flow::{Action, FlowKey, Path};
use crate::frame::FrameBuf;
use crate::ip::{CidrOf, Ip};
use crate::parse::{ICMP6, Packet, TCP, UDP};
use crate::parse6;
use crate::port::{PortIndex, PortState, Tracked};
use crate::resolve::Held;
use crate::services::{self, dhcp6, nd};
use crate::switch::{Engine, Sink};
use crate::trace::{Notes, Walk};
use crate::{METADATA_ADDRESS6, RESOLVER_ADDRESS6, ROUTER_ADDRESS6};
use wire::net::*;

const DNS: u16 = 53;
const HTTP: u16 = 80;
const ECHO_REQUEST: u8 = 128;
/// Multicast listener query, report, done (RFC 2710), and report of version 2 (RFC 3810).
const LISTENER: [u8; 4] = [130, 131, 132, 143];

impl Engine<'_> {
    fn host_answers6(
        &mut self,
        port: PortIndex,
        unicast: bool,
        frame: &FrameBuf,
        packet: &Packet<u128>,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason> {
        let fabric = self.fabric;
        let table = fabric.port(port).ok_or(DropReason::UnknownPort)?;
        let vpc = &fabric.vpcs[table.vpc];
        if packet.protocol == ICMP6 && packet.is_first() {
            let kind = packet.ports.icmp_type();
            if LISTENER.contains(&kind) {
                return Err(DropReason::MulticastListener);
            }
            if is_discovery(kind) {
                // RFC 6980
                if packet.is_fragment() {
                    return Err(DropReason::FragmentToService);
                }
                if kind == nd::NEIGHBOR_SOLICITATION
                    && table.v6.has_address(packet.source)
                    && let Some(state) = &mut self.states[port.index()]
                {
                    state.stats.guest_configured = true;
                }
                self.answer(port, out, |scratch| nd::answer(table, packet, frame.as_slice(), scratch))?;
                return Ok(true);
            }
        }
        if packet.protocol == UDP && packet.is_first() {
            match (packet.ports.source, packet.ports.destination) {
                (dhcp6::SERVER, dhcp6::CLIENT) => return Err(DropReason::DhcpServerSpoofed),
                (_, dhcp6::SERVER) if packet.destination == dhcp6::ALL_SERVERS => {
                    if packet.source != table.link_local() {
                        return Err(DropReason::SourceIpSpoofed);
                    }
                    if packet.is_fragment() {
                        return Err(DropReason::FragmentToService);
                    }
                    self.answer(port, out, |scratch| dhcp6::answer(vpc, table, packet, frame.as_slice(), scratch))?;
                    return Ok(true);
                }
                _ => {}
            }
        }
        if !unicast || packet.destination.is_multicast() {
            check_link_source(table, packet.source)?;
            return Err(DropReason::Multicast);
        }
        match service_of(vpc, table, packet)? {
            None => return Ok(false),
            Some(Service::Metadata) => out.local(port, frame.as_slice()),
            Some(Service::Dns) => {
                let bytes = frame.as_slice();
                if let Some(wanted) = self.wanted_by_dns(table, bytes.get(usize::from(packet.chain.l4)..)) {
                    self.hold(wanted, port, Held::Sent, frame, out)?;
                    return Ok(true);
                }
                self.answer(port, out, |scratch| services::dns::answer6(fabric, table, packet, bytes, scratch))?;
            }
            Some(Service::Echo) => {
                self.answer(port, out, |scratch| services::icmp6::echo(table, packet, frame.as_slice(), scratch))?;
            }
        }
        Ok(true)
    }

    /// The router, to a guest that has not heard of it for long enough.
    pub fn advertise(&mut self, port: PortIndex, out: &mut (impl Sink + ?Sized)) -> Result<(), DropReason> {
        let table = self.fabric.port(port).ok_or(DropReason::UnknownPort)?;
        self.answer(port, out, |scratch| {
            nd::advertise(table, 0, scratch);
            Ok(services::Answer::Router)
        })
    }
}

fn is_discovery(kind: u8) -> bool {
    (nd::ROUTER_SOLICITATION..=nd::REDIRECT).contains(&kind)
}

/// One of the port's addresses, its link-local one too.
fn check_link_source(table: &PortTable, source: u128) -> Result<(), DropReason> {
    if table.has_link_address(source) { Ok(()) } else { check_own_source(table, source) }
}

/// The host's service that a packet is for. Any other has to have a source and a destination that routers take on.
fn service_of(vpc: &VpcTable, table: &PortTable, packet: &Packet<u128>) -> Result<Option<Service>, DropReason> {
    let to = packet.destination;
    let router = nd::is_router(table, to);
    if !to.is_link_local() && !router {
        check_own_source(table, packet.source)?;
        return Ok(None);
    }
    // A link-local address asks only who is on the link.
    let own = table.v6.has_address(packet.source) || router && packet.source == table.link_local();
    if !own {
        return Err(DropReason::SourceIpSpoofed);
    }
    if packet.is_fragment() {
        return Err(DropReason::FragmentToService);
    }
    let destination_port = packet.ports.destination;
    if to == u128::from(METADATA_ADDRESS6) && packet.protocol == TCP {
        if destination_port == HTTP && !table.metadata {
            return Err(DropReason::MetadataDisabled);
        }
        return Ok(Some(Service::Metadata));
    }
    if to == u128::from(RESOLVER_ADDRESS6) {
        return match (packet.protocol, destination_port) {
            (UDP, DNS) if vpc.dns_support => Ok(Some(Service::Dns)),
            (UDP, DNS) => Err(DropReason::DnsDisabled),
            _ => Err(DropReason::ToResolver),
        };
    }
    if !router {
        return Err(DropReason::LinkLocal);
    }
    if packet.protocol == ICMP6 && packet.ports.icmp_type() == ECHO_REQUEST && packet.ports.icmp_code() == 0 {
        return Ok(Some(Service::Echo));
    }
    Err(if to == u128::from(ROUTER_ADDRESS6) { DropReason::LinkLocal } else { DropReason::ToGateway })
}

impl Family for u128 {
    fn cidrs(vpc: &VpcConfig) -> &[CidrOf<Self>] {
        &vpc.cidrs6
    }
    fn addresses(interface: &InterfaceEntry) -> &[Self::Addr] {
        &interface.ipv6
    }
    fn rules(group: &SecurityGroupConfig) -> &[SecurityRule<CidrOf<Self>>] {
        &group.rules6
    }
    fn prefixes(list: &PrefixListConfig) -> &[CidrOf<Self>] {
        &list.entries6
    }
    fn entries(acl: &NetworkAclConfig) -> &[NetworkAclEntry<CidrOf<Self>>] {
        &acl.entries6
    }
    fn routes(table: &RouteTableConfig) -> &[Route<CidrOf<Self>>] {
        &table.routes6
    }
    fn transit_routes(gateway: &TransitConfig) -> &[TransitRoute<CidrOf<Self>>] {
        &gateway.routes6
    }
    fn own_addresses(port: &PortConfig) -> &[Self::Addr] {
        &port.ipv6
    }
    fn subnet(port: &PortConfig) -> Option<CidrOf<Self>> {
        port.subnet_cidr6
    }

    #[inline(always)]
    fn outside(fabric: &Fabric) -> &Outside<Self> {
        &fabric.v6
    }
    #[inline(always)]
    fn vpc(table: &VpcTable) -> &VpcNet<Self> {
        &table.v6
    }
    #[inline(always)]
    fn port(table: &PortTable) -> &PortNet<Self> {
        &table.v6
    }
    #[inline(always)]
    fn tracked(state: &mut PortState) -> &mut Tracked<Self> {
        &mut state.v6
    }
}

impl Layers for u128 {
    #[inline(always)]
    fn parse(frame: &[u8]) -> Result<Packet<u128>, DropReason> {
        parse6::ipv6(frame)
    }

    fn quoted(frame: &[u8], packet: &Packet<u128>) -> Option<Packet<u128>> {
        parse6::quoted6(frame, packet)
    }

    fn host_answers(
        engine: &mut Engine<'_>,
        port: PortIndex,
        unicast: bool,
        frame: &FrameBuf,
        packet: &Packet<u128>,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason> {
        engine.host_answers6(port, unicast, frame, packet, out)
    }

    fn stays_on_link(packet: &Packet<u128>) -> bool {
        packet.protocol == ICMP6 && packet.is_first() && is_discovery(packet.ports.icmp_type())
    }

    fn is_open(vpc: &VpcTable) -> bool {
        vpc.open6
    }

    fn is_for_host(fabric: &Fabric, table: &PortTable, packet: &Packet<u128>) -> Result<bool, DropReason> {
        if !table.has_ipv6() {
            return Err(DropReason::Ipv6);
        }
        if packet.destination.is_multicast() {
            return Err(DropReason::Multicast);
        }
        if Self::stays_on_link(packet) {
            return Err(DropReason::AdvertisementSpoofed);
        }
        Ok(service_of(&fabric.vpcs[table.vpc], table, packet)?.is_some())
    }

    /// Its own, when it has a way outside: nothing translates it.
    fn source_outside(fabric: &Fabric, table: &PortTable, source: u128) -> Result<u128, DropReason> {
        let known = table.v6.has_address(source) && fabric.v6.here.contains_key(&source);
        if known { Ok(source) } else { Err(DropReason::NoPublicAddress) }
    }

    #[inline(always)]
    fn translate(_: &Action, _: &mut FrameBuf, _: &mut Packet<u128>) {}
    #[inline(always)]
    fn translate_destination(_: &mut FrameBuf, _: &mut Packet<u128>, _: u128) {}
    fn translated(_: &Action, _: &mut Packet<u128>) {}
    fn translation(_: u128, _: u128) -> u32 {
        0
    }
    fn note_public(_: u128, _: u128, _: Direction, _: &mut impl Notes) {}

    fn nat_packet(
        _: &mut Engine<'_>,
        _: PortIndex,
        _: Path,
        _: &mut FrameBuf,
        _: Packet<u128>,
        _: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        Err(DropReason::Ipv6)
    }

    fn balancer_packet(
        _: &mut Engine<'_>,
        _: PortIndex,
        _: Path,
        _: &mut FrameBuf,
        _: Packet<u128>,
        _: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason> {
        Ok(false)
    }

    #[inline(always)]
    fn node_of<'a>(_: &'a Fabric, _: &PortTable, _: Path, _: &[u8], _: &Packet<u128>) -> Option<&'a Node> {
        None
    }

    fn node_address(_: &Node) -> u128 {
        0
    }

    fn node_changes(_: &mut Engine<'_>, _: PortIndex, _: &Packet<u128>, _: Option<&Node>) -> Result<bool, DropReason> {
        Ok(false)
    }

    fn remember_node(_: &mut Engine<'_>, _: PortIndex, _: &Packet<u128>, _: Option<&Node>) -> Result<(), DropReason> {
        Ok(())
    }

    #[inline(always)]
    fn came_by(_: &PortState, _: &FlowKey<u128>) -> Option<u128> {
        None
    }

    #[inline(always)]
    fn back_to_node(
        _: &Fabric,
        _: PortIndex,
        _: &PortTable,
        _: &PortState,
        _: &FlowKey<u128>,
    ) -> Option<Result<Action, DropReason>> {
        None
    }

    fn nat_inside(_: &mut Engine<'_>, _: PortIndex, _: &Packet<u128>) -> Option<u128> {
        None
    }

    fn trace_nat(_: &mut Walk<'_>, _: PortIndex, _: &PortTable, _: Path, _: Packet<u128>) -> Result<(), DropReason> {
        Err(DropReason::Ipv6)
    }

    fn trace_balancer(
        _: &mut Walk<'_>,
        _: PortIndex,
        _: &PortTable,
        _: Path,
        _: &Packet<u128>,
    ) -> Option<Result<(), DropReason>> {
        None
    }

    fn trace_return(_: &mut Walk<'_>, _: PortIndex, _: &PortTable, _: &Packet<u128>) -> Option<Result<Action, DropReason>> {
        None
    }

    /// No router fragments (RFC 8200, section 5).
    fn too_big(
        engine: &mut Engine<'_>,
        port: PortIndex,
        frame: &FrameBuf,
        packet: &Packet<u128>,
        mtu: u16,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let table = engine.fabric.port(port).ok_or(DropReason::UnknownPort)?;
        engine.answer(port, out, |scratch| services::icmp6::too_big(table, packet, frame.as_slice(), mtu, scratch))
    }
}
