//! From the guest: the flow cache, and behind it the layers that decide what the cache holds.

use crate::config::{Fabric, Member, Place, PortTable, VpcTable};
use crate::drop::DropReason;
use crate::family::{Family, Layers};
use crate::flow::{Action, FlowKey, Hop, Path, Touch};
use crate::frame::FrameBuf;
use crate::parse::{self, ETHERNET_BYTES, ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, L4, Packet, TCP, UDP};
use crate::port::PortIndex;
use crate::resolve::{Held, Wanted};
use crate::route::{Way, resolve};
use crate::services::{self, Answer};
use crate::switch::{Engine, Sink};
use crate::trace::Notes;
use crate::{INTERNET_MTU, METADATA_ADDRESS, RESOLVER_ADDRESS, ROUTER_MAC, nat, rate, vxlan};
use std::hash::BuildHasher;
use types::Vni;
use wire::net::Direction;

const DHCP_SERVER: u16 = 67;
const DHCP_CLIENT: u16 = 68;
const DNS: u16 = 53;
const HTTP: u16 = 80;

impl Engine<'_> {
    pub fn guest_frame(
        &mut self,
        port: PortIndex,
        frame: &mut FrameBuf,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let fabric = self.fabric;
        let table = fabric.port(port).ok_or(DropReason::UnknownPort)?;
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        state.stats.tx_frames += 1;
        state.stats.tx_bytes += frame.len() as u64;
        state.stats.guest_seen_ms = Some(self.now_ms);
        let bytes = frame.as_slice();
        let header = *bytes.first_chunk::<ETHERNET_BYTES>().ok_or(DropReason::RuntFrame)?;
        if header[6..12] != table.mac.0 {
            return Err(DropReason::SourceMacSpoofed);
        }
        if !rate::take(self.rates, table.rate, Direction::Egress, bytes.len(), self.now_ms) {
            return Err(DropReason::RateLimited);
        }
        let unicast = header[0] & 1 == 0;
        match u16::from_be_bytes([header[12], header[13]]) {
            ETHERTYPE_IPV4 => self.guest_packet::<u32>(port, unicast, frame, out),
            ETHERTYPE_ARP => {
                *self.slow += 1;
                self.arp(port, table, frame, out)
            }
            ETHERTYPE_IPV6 if !table.has_ipv6() => Err(DropReason::Ipv6),
            ETHERTYPE_IPV6 => self.guest_packet::<u128>(port, unicast, frame, out),
            _ => Err(DropReason::Ethertype),
        }
    }

    #[inline(always)]
    fn guest_packet<A: Layers>(
        &mut self,
        port: PortIndex,
        unicast: bool,
        frame: &mut FrameBuf,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let fabric = self.fabric;
        let packet = A::parse(frame.as_slice())?;
        frame.truncate(ETHERNET_BYTES + usize::from(packet.total_bytes));
        let key = FlowKey::outbound(&packet);
        let hash = fabric.hasher.hash_one(key);
        let flows = &mut A::tracked(self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?).flows;
        if unicast
            && !packet.is_fragment()
            && let Some(slot) = flows.find(hash, &key)
            && let flow = flows.at(slot)
            && flow.out_epoch == fabric.epoch
            && packet.total_bytes <= flow.action.mtu
            && !flow.is_expired(self.now_ms)
            && let action = flow.action
            && flows.touch(slot, Direction::Egress, &packet, self.now_ms) == Touch::Continues
        {
            self.execute(port, action, hash as u16, frame, packet, out);
            return Ok(());
        }
        self.miss(port, unicast, frame, packet, out)
            .inspect_err(|reason| self.log_reject(port, Direction::Egress, &packet, *reason))
    }

    /// The layers, in order: link destination, anti-spoofing, services, fragments, security groups, the subnet's ACL, routes.
    #[cold]
    pub fn miss<A: Layers>(
        &mut self,
        port: PortIndex,
        unicast: bool,
        frame: &mut FrameBuf,
        mut packet: Packet<A>,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        *self.slow += 1;
        if A::host_answers(self, port, unicast, frame, &packet, out)? {
            return Ok(());
        }
        let fabric = self.fabric;
        let table = fabric.port(port).ok_or(DropReason::UnknownPort)?;
        if let Some(wanted) = fabric.wanted(table.vpc, packet.destination, None, self.now_ms) {
            return self.hold(wanted, port, Held::Sent, frame, out);
        }
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        if packet.is_fragment() {
            A::tracked(state).fragments.admit(Direction::Egress, &mut packet, self.now_ms)?;
        }
        let key = FlowKey::outbound(&packet);
        let entropy = fabric.hasher.hash_one(key) as u16;
        let subject = (packet.destination, packet.protocol, packet.ports.destination);
        if packet.is_icmp_error() {
            let quoted = A::quoted(frame.as_slice(), &packet).filter(|q| q.source == packet.destination);
            let about = quoted.map(|q| FlowKey::inbound(&q));
            let related = about.is_some_and(|key| A::tracked(state).flows.get(&fabric.hasher, &key).is_some());
            if !related && !A::port(table).egress.allows(subject) {
                return Err(DropReason::IcmpUnrelated);
            }
            A::port(table).cross_edge(Direction::Egress, subject, &mut ())?;
            let back = about.and_then(|key| A::back_to_node(fabric, port, table, state, &key));
            let action = back.unwrap_or_else(|| route(fabric, port, table, &packet, &mut ()))?;
            if packet.total_bytes > action.mtu {
                return Err(DropReason::OverMtu);
            }
            self.execute(port, action, entropy, frame, packet, out);
            return Ok(());
        }
        let also = A::came_by(state, &key);
        let onward = A::port(table).cross_edge(Direction::Egress, subject, &mut ()).and_then(|()| {
            let back = A::back_to_node(fabric, port, table, state, &key);
            back.unwrap_or_else(|| route(fabric, port, table, &packet, &mut ()))
        });
        let action = match onward {
            Ok(action) => action,
            // The rules speak first; a packet that goes nowhere makes no flow.
            Err(_) if A::tracked(state).flows.get(&fabric.hasher, &key).is_none() && !A::port(table).egress.allows(subject) => {
                return Err(DropReason::SecurityGroupEgress);
            }
            Err(reason) => return Err(reason),
        };
        if packet.total_bytes > action.mtu {
            return A::too_big(self, port, frame, &packet, action.mtu, out);
        }
        let flow = self.admit(port, table, Direction::Egress, true, also, &packet)?;
        flow.out_epoch = fabric.epoch;
        flow.action = action;
        self.execute(port, action, entropy, frame, packet, out);
        Ok(())
    }

    /// Does what the layers decided.
    #[inline]
    pub fn execute<A: Layers>(
        &mut self,
        from: PortIndex,
        action: Action,
        entropy: u16,
        frame: &mut FrameBuf,
        mut packet: Packet<A>,
        out: &mut (impl Sink + ?Sized),
    ) {
        A::translate(&action, frame, &mut packet);
        match action.hop {
            Hop::Port => {
                let path = Path { vni: action.vni(), underlay: 0 };
                self.deliver(PortIndex(action.target), path, frame, packet, out);
            }
            Hop::Underlay => {
                if let Some(to) = frame.as_mut_slice().first_chunk_mut::<6>() {
                    *to = action.mac;
                }
                // There is always headroom in a buffer that came in through `FrameBuf`'s own methods.
                if let (Some(header), Ok(vni)) = (frame.prepend(), Vni::try_from(action.vni())) {
                    *header = vxlan::header(vni);
                    out.underlay(action.target.into(), frame.as_slice(), entropy);
                }
            }
            Hop::Local => out.local(from, frame.as_slice()),
            Hop::None => {}
        }
    }

    /// DHCP, and what is for the host's services; any other packet has to have a source and a destination that may be.
    pub fn host_answers4(
        &mut self,
        port: PortIndex,
        unicast: bool,
        frame: &FrameBuf,
        packet: &Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason> {
        let table = self.fabric.port(port).ok_or(DropReason::UnknownPort)?;
        let broadcast = packet.destination == u32::MAX;
        if packet.protocol == UDP && !packet.is_fragment() {
            let ports = (packet.ports.source, packet.ports.destination);
            if ports == (DHCP_SERVER, DHCP_CLIENT) {
                return Err(DropReason::DhcpServerSpoofed);
            }
            if ports == (DHCP_CLIENT, DHCP_SERVER) && (broadcast || packet.destination == table.gateway) {
                if packet.source != 0 && !table.v4.has_address(packet.source) {
                    return Err(DropReason::SourceIpSpoofed);
                }
                self.answer(port, out, |scratch| services::dhcp::answer(table, frame.as_slice(), scratch))?;
                return Ok(true);
            }
        }
        check_own_source(table, packet.source)?;
        check_destination(table, packet.destination, unicast)?;
        self.service(port, table, frame, packet, out)
    }

    /// Packets for the host's services; `false`: it is not for one.
    fn service(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        frame: &FrameBuf,
        packet: &Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason> {
        let fabric = self.fabric;
        let vpc = &fabric.vpcs[table.vpc];
        match service_of(vpc, table, packet)? {
            None => return Ok(false),
            Some(Service::Metadata) => out.local(port, frame.as_slice()),
            Some(Service::Dns) => {
                if let Some(wanted) = self.wanted_by_dns(table, frame.as_slice().get(L4..)) {
                    self.hold(wanted, port, Held::Sent, frame, out)?;
                    return Ok(true);
                }
                self.answer(port, out, |scratch| services::dns::answer(fabric, table, packet, frame.as_slice(), scratch))?;
            }
            Some(Service::Echo) => {
                self.answer(port, out, |scratch| services::icmp::echo(table, packet, frame.as_slice(), scratch))?;
            }
        }
        Ok(true)
    }

    /// What must be asked for before a query (a UDP datagram) can be answered.
    pub fn wanted_by_dns(&self, table: &PortTable, datagram: Option<&[u8]>) -> Option<Wanted> {
        let vpc = &self.fabric.vpcs[table.vpc];
        vpc.learned.as_ref()?;
        self.fabric.wanted(table.vpc, services::dns::asked(vpc, datagram?)?, None, self.now_ms)
    }

    fn arp(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        frame: &FrameBuf,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let vpc = &self.fabric.vpcs[table.vpc];
        if services::arp::sender_is(table, frame.as_slice())
            && let Some(state) = &mut self.states[port.index()]
        {
            state.stats.guest_configured = true;
        }
        self.answer(port, out, |scratch| services::arp::answer(vpc, table, frame.as_slice(), scratch))
    }

    pub fn too_big4(
        &mut self,
        port: PortIndex,
        frame: &FrameBuf,
        packet: &Packet,
        mtu: u16,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let table = self.fabric.port(port).ok_or(DropReason::UnknownPort)?;
        if !packet.dont_fragment || !packet.is_first() {
            return Err(DropReason::OverMtu);
        }
        self.answer(port, out, |scratch| {
            services::icmp::too_big(table.mac, table.gateway, packet, frame.as_slice(), mtu, scratch)
        })
    }

    /// Sends a service's answer back to the port that asked.
    pub fn answer(
        &mut self,
        port: PortIndex,
        out: &mut (impl Sink + ?Sized),
        make: impl FnOnce(&mut Vec<u8>) -> Result<Answer, DropReason>,
    ) -> Result<(), DropReason> {
        let answer = make(self.scratch)?;
        if let Some(state) = &mut self.states[port.index()] {
            if answer == Answer::Router {
                state.advertised_ms = Some(self.now_ms);
            }
            let stats = &mut state.stats;
            match answer {
                Answer::Arp => stats.arp_replies += 1,
                Answer::Neighbor => stats.neighbor_replies += 1,
                Answer::Router => stats.router_advertisements += 1,
                Answer::DhcpOffer | Answer::DhcpNak | Answer::DhcpAck => stats.dhcp_replies += 1,
                Answer::Dns | Answer::DnsRefused => stats.dns_answers += 1,
                Answer::Echo => stats.echo_replies += 1,
                Answer::TooBig => stats.too_big_replies += 1,
            }
            stats.dhcp_naks += u64::from(answer == Answer::DhcpNak);
            stats.dns_refused += u64::from(answer == Answer::DnsRefused);
            stats.guest_configured |= answer == Answer::DhcpAck;
            stats.rx_frames += 1;
            stats.rx_bytes += self.scratch.len() as u64;
        }
        out.deliver(port, self.scratch);
        Ok(())
    }
}

/// The private source becomes the public one, in the packet and, in an ICMP error, in what it quotes.
pub(crate) fn translate_source(frame: &mut FrameBuf, packet: &mut Packet, public: u32) {
    if packet.is_icmp_error() && parse::quoted(frame.as_slice()).is_some_and(|q| q.destination == packet.source) {
        nat::rewrite_quoted(frame.as_mut_slice(), false, public);
    }
    nat::rewrite_source(frame.as_mut_slice(), packet, public);
}

/// The port's own addresses; with the source/destination check off, any that a host can have.
pub(crate) fn check_own_source<A: Family>(table: &PortTable, source: A) -> Result<(), DropReason> {
    let possible = !source.is_martian() && !source.is_multicast() && !source.is_link_local();
    if A::port(table).has_address(source) || !table.source_dest_check && possible {
        Ok(())
    } else {
        Err(DropReason::SourceIpSpoofed)
    }
}

/// Broadcast and multicast go nowhere.
pub(crate) fn check_destination(table: &PortTable, destination: u32, unicast: bool) -> Result<(), DropReason> {
    if destination == u32::MAX || destination == u32::from(table.subnet.last()) && !unicast {
        return Err(DropReason::Broadcast);
    }
    if !unicast || destination >> 28 == 0xe { Err(DropReason::Multicast) } else { Ok(()) }
}

/// A service that the host itself answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Metadata,
    Dns,
    /// To the subnet's gateway.
    Echo,
}

pub(crate) fn service_of(vpc: &VpcTable, table: &PortTable, packet: &Packet) -> Result<Option<Service>, DropReason> {
    let to = packet.destination;
    let link_local = to >> 16 == 0xa9fe;
    let resolver = to == vpc.resolver || to == u32::from(RESOLVER_ADDRESS);
    if !link_local && !resolver && to != table.gateway {
        return Ok(None);
    }
    // Even a port that may send from other addresses asks the services only for itself.
    if !table.v4.has_address(packet.source) {
        return Err(DropReason::SourceIpSpoofed);
    }
    if packet.is_fragment() {
        return Err(DropReason::FragmentToService);
    }
    let destination_port = packet.ports.destination;
    if to == u32::from(METADATA_ADDRESS) && packet.protocol == TCP {
        if destination_port == HTTP && !table.metadata {
            return Err(DropReason::MetadataDisabled);
        }
        return Ok(Some(Service::Metadata));
    }
    if resolver {
        return match (packet.protocol, destination_port) {
            (UDP, DNS) if vpc.dns_support => Ok(Some(Service::Dns)),
            (UDP, DNS) => Err(DropReason::DnsDisabled),
            _ => Err(DropReason::ToResolver),
        };
    }
    if link_local {
        return Err(DropReason::LinkLocal);
    }
    if packet.protocol == parse::ICMP && packet.ports.icmp_type() == 8 {
        return Ok(Some(Service::Echo));
    }
    Err(DropReason::ToGateway)
}

/// Where a packet goes from a port, by its subnet's route table.
pub(crate) fn route<A: Layers>(
    fabric: &Fabric,
    port: PortIndex,
    table: &PortTable,
    packet: &Packet<A>,
    notes: &mut impl Notes,
) -> Result<Action, DropReason> {
    if packet.destination.is_martian() {
        return Err(DropReason::MartianDestination);
    }
    let (vpc, member) = match resolve(fabric, table.vpc, &A::port(table).routes, packet, notes)? {
        Way::Internet => return internet(fabric, table, packet, notes),
        Way::Service if packet.protocol != TCP => return Err(DropReason::EndpointProtocol),
        Way::Service if table.nat.is_some() || !A::port(table).has_address(packet.source) => {
            return Err(DropReason::EndpointNotOwn);
        }
        Way::Service if packet.is_fragment() => return Err(DropReason::FragmentToService),
        Way::Service => return Ok(Action { hop: Hop::Local, ..Action::on(table.vni, table.mtu) }),
        Way::Member(vpc, member) => (vpc, member),
    };
    to_member(fabric, port, table, vpc, member)
}

/// To an interface of a VPC.
pub(crate) fn to_member(
    fabric: &Fabric,
    port: PortIndex,
    table: &PortTable,
    vpc: usize,
    Member { mac, place }: Member,
) -> Result<Action, DropReason> {
    let base = Action::on(fabric.vpcs[vpc].vni, table.mtu);
    match place {
        Place::Here(to) if to == port => Err(DropReason::Hairpin),
        Place::Here(to) => {
            let mtu = fabric.port(to).map_or(base.mtu, |t| t.mtu.min(base.mtu));
            Ok(Action { hop: Hop::Port, target: to.0, mtu, ..base })
        }
        Place::Host(underlay) => Ok(Action { hop: Hop::Underlay, target: underlay, mac: mac.0, ..base }),
        Place::Nowhere => Err(DropReason::DestinationNotPlaced),
    }
}

/// The internet gateway: the source becomes its public address; the destination is on this host, another, or outside.
fn internet<A: Layers>(
    fabric: &Fabric,
    table: &PortTable,
    packet: &Packet<A>,
    notes: &mut impl Notes,
) -> Result<Action, DropReason> {
    let public = A::source_outside(fabric, table, packet.source)?;
    A::note_public(packet.source, public, Direction::Egress, notes);
    let source = A::translation(packet.source, public);
    let base = Action { source, mac: ROUTER_MAC.0, ..Action::on(Vni::INTERNET.get(), table.mtu.min(INTERNET_MTU)) };
    let destination = packet.destination;
    let outside = A::outside(fabric);
    if let Some(&(to, private)) = outside.here.get(&destination) {
        let mtu = fabric.port(to).map_or(base.mtu, |t| t.mtu.min(base.mtu));
        A::note_public(private, destination, Direction::Ingress, notes);
        let destination = A::translation(destination, private);
        return Ok(Action { hop: Hop::Port, target: to.0, destination, mtu, ..base });
    }
    let underlay = match outside.elsewhere.get(&destination) {
        Some(&owner) => owner,
        None if outside.pool.is_some_and(|p| p.contains(destination.addr())) => return Err(DropReason::PublicAddressUnowned),
        None => fabric.edge.ok_or(DropReason::NoEdge)?,
    };
    Ok(Action { hop: Hop::Underlay, target: underlay, ..base })
}
