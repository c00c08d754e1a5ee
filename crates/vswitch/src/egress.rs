//! From the guest: the flow cache, and behind it the layers that decide what the cache holds.

use crate::config::{Fabric, Member, Place, PortTable};
use crate::conntrack::{Action, FlowKey, Hop, Path, Touch};
use crate::drop::DropReason;
use crate::frame::FrameBuf;
use crate::ingress::admit;
use crate::parse::{self, ETHERNET_BYTES, ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, Packet, TCP, UDP};
use crate::port::PortIndex;
use crate::route::Target;
use crate::services::{self, Answer};
use crate::switch::{Engine, Sink};
use crate::{INTERNET_MTU, METADATA_ADDRESS, RESOLVER_ADDRESS, ROUTER_MAC, nat, vxlan};
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
        match u16::from_be_bytes([header[12], header[13]]) {
            ETHERTYPE_IPV4 => {}
            ETHERTYPE_ARP => return self.arp(port, table, frame, out),
            ETHERTYPE_IPV6 => return Err(DropReason::Ipv6),
            _ => return Err(DropReason::Ethertype),
        }
        let packet = parse::ipv4(bytes)?;
        frame.truncate(ETHERNET_BYTES + usize::from(packet.total_bytes));
        let unicast = header[0] & 1 == 0;
        if unicast
            && !packet.is_fragment()
            && let Some(flow) = state.flows.get_mut(&fabric.hasher, &FlowKey::outbound(&packet))
            && flow.out_epoch == fabric.epoch
            && packet.total_bytes <= flow.action.mtu
            && !flow.is_expired(self.now_ms)
            && flow.touch(Direction::Egress, packet.ports.flags, packet.total_bytes, self.now_ms) == Touch::Continues
        {
            let action = flow.action;
            self.execute(action, frame, packet, out);
            return Ok(());
        }
        self.miss(port, unicast, frame, packet, out)
    }

    /// The layers, in order: link destination, anti-spoofing, services, fragments, security groups, routes.
    #[cold]
    fn miss(
        &mut self,
        port: PortIndex,
        unicast: bool,
        frame: &mut FrameBuf,
        mut packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let fabric = self.fabric;
        let table = fabric.port(port).ok_or(DropReason::UnknownPort)?;
        let broadcast = packet.destination == u32::MAX;
        if packet.protocol == UDP && !packet.is_fragment() {
            let ports = (packet.ports.source, packet.ports.destination);
            if ports == (DHCP_SERVER, DHCP_CLIENT) {
                return Err(DropReason::DhcpServerSpoofed);
            }
            if ports == (DHCP_CLIENT, DHCP_SERVER) && (broadcast || packet.destination == table.gateway) {
                if packet.source != 0 && !table.has_address(packet.source) {
                    return Err(DropReason::SourceIpSpoofed);
                }
                return self.answer(port, out, |scratch| services::dhcp::answer(table, frame.as_slice(), scratch));
            }
        }
        check_own_source(table, packet.source)?;
        if broadcast || packet.destination == u32::from(table.subnet.last()) && !unicast {
            return Err(DropReason::Broadcast);
        }
        if !unicast || packet.destination >> 28 == 0xe {
            return Err(DropReason::Multicast);
        }
        if self.service(port, table, frame, &packet, out)? {
            return Ok(());
        }
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        if packet.is_fragment() {
            state.fragments.admit(Direction::Egress, &mut packet, self.now_ms)?;
        }
        let key = FlowKey::outbound(&packet);
        let routed = route(fabric, port, table, &packet);
        if packet.is_icmp_error() {
            let related = parse::quoted(frame.as_slice())
                .filter(|q| q.source == packet.destination)
                .is_some_and(|q| state.flows.get_mut(&fabric.hasher, &FlowKey::inbound(&q)).is_some());
            if !related && !table.egress.allows((packet.destination, packet.protocol, packet.ports.destination)) {
                return Err(DropReason::IcmpUnrelated);
            }
            let action = routed?;
            if packet.total_bytes > action.mtu {
                return Err(DropReason::OverMtu);
            }
            self.execute(action, frame, packet, out);
            return Ok(());
        }
        let action = match routed {
            Ok(action) => action,
            // The rules speak first, unless the flow is known; a packet that goes nowhere makes no flow.
            Err(reason) => {
                let known = state.flows.get_mut(&fabric.hasher, &key).is_some_and(|f| !f.is_expired(self.now_ms));
                let passes = known || table.egress.allows(key.rule_subject(Direction::Egress));
                return Err(if passes { reason } else { DropReason::SecurityGroupEgress });
            }
        };
        if packet.total_bytes > action.mtu {
            return self.too_big(port, table, frame, &packet, action.mtu, out);
        }
        let flow = admit(fabric, table, state, Direction::Egress, &packet, self.now_ms)?;
        flow.out_epoch = fabric.epoch;
        flow.action = action;
        self.execute(action, frame, packet, out);
        Ok(())
    }

    /// Does what the layers decided.
    #[inline]
    fn execute(&mut self, action: Action, frame: &mut FrameBuf, mut packet: Packet, out: &mut (impl Sink + ?Sized)) {
        if action.source != 0 {
            if packet.is_icmp_error() && parse::quoted(frame.as_slice()).is_some_and(|q| q.destination == packet.source) {
                nat::rewrite_quoted(frame.as_mut_slice(), false, action.source);
            }
            nat::rewrite_source(frame.as_mut_slice(), &mut packet, action.source);
        }
        if action.destination != 0 {
            self.translate_destination(frame, &mut packet, action.destination);
        }
        match action.hop {
            Hop::Port => {
                let path = Path { vni: action.vni, underlay: 0 };
                self.deliver(PortIndex(action.port), path, frame, packet, out);
            }
            Hop::Underlay => {
                if let Some(to) = frame.as_mut_slice().first_chunk_mut::<6>() {
                    *to = action.mac;
                }
                // There is always headroom in a buffer that came in through `FrameBuf`'s own methods.
                if let (Some(header), Ok(vni)) = (frame.prepend(), Vni::try_from(action.vni)) {
                    *header = vxlan::header(vni);
                    out.underlay(action.underlay.into(), frame.as_slice(), action.entropy);
                }
            }
            Hop::None => {}
        }
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
        let vpc = &self.fabric.vpcs[table.vpc];
        let to = packet.destination;
        let link_local = to >> 16 == 0xa9fe;
        let resolver = to == vpc.resolver || to == u32::from(RESOLVER_ADDRESS);
        if !link_local && !resolver && to != table.gateway {
            return Ok(false);
        }
        // Even a port that may send from other addresses asks the services only for itself.
        if !table.has_address(packet.source) {
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
            out.local(port, frame.as_slice());
        } else if resolver {
            if packet.protocol != UDP || destination_port != DNS {
                return Err(DropReason::ToResolver);
            }
            if !vpc.dns_support {
                return Err(DropReason::DnsDisabled);
            }
            self.answer(port, out, |scratch| services::dns::answer(vpc, table, packet, frame.as_slice(), scratch))?;
        } else if link_local {
            return Err(DropReason::LinkLocal);
        } else {
            if packet.protocol != parse::ICMP || packet.ports.icmp_type() != 8 {
                return Err(DropReason::ToGateway);
            }
            self.answer(port, out, |scratch| services::icmp::echo(table, packet, frame.as_slice(), scratch))?;
        }
        Ok(true)
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

    fn too_big(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        frame: &FrameBuf,
        packet: &Packet,
        mtu: u16,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        if !packet.dont_fragment || !packet.is_first() {
            return Err(DropReason::OverMtu);
        }
        self.answer(port, out, |scratch| services::icmp::too_big(table, packet, frame.as_slice(), mtu, scratch))
    }

    /// Sends a service's answer back to the port that asked.
    fn answer(
        &mut self,
        port: PortIndex,
        out: &mut (impl Sink + ?Sized),
        make: impl FnOnce(&mut Vec<u8>) -> Result<Answer, DropReason>,
    ) -> Result<(), DropReason> {
        let answer = make(self.scratch)?;
        if let Some(state) = &mut self.states[port.index()] {
            let stats = &mut state.stats;
            match answer {
                Answer::Arp => stats.arp_replies += 1,
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

/// The port's own addresses; with the source/destination check off, any that a host can have.
fn check_own_source(table: &PortTable, source: u32) -> Result<(), DropReason> {
    let possible = !is_martian(source) && source >> 28 != 0xe && source >> 16 != 0xa9fe;
    if table.has_address(source) || !table.source_dest_check && possible { Ok(()) } else { Err(DropReason::SourceIpSpoofed) }
}

/// "This network", loopback, class E and broadcast: on no wire.
fn is_martian(address: u32) -> bool {
    matches!(address >> 24, 0 | 127 | 240..)
}

fn route(fabric: &Fabric, port: PortIndex, table: &PortTable, packet: &Packet) -> Result<Action, DropReason> {
    if is_martian(packet.destination) {
        return Err(DropReason::MartianDestination);
    }
    let vpc = &fabric.vpcs[table.vpc];
    let entropy = fabric.hasher.hash_one(FlowKey::outbound(packet)) as u16;
    let base = Action { vni: table.vni, mtu: table.mtu, entropy, ..Action::NONE };
    let member = match table.routes.lookup(packet.destination).ok_or(DropReason::NoRoute)? {
        Target::Local => vpc.member_by_address.get(&packet.destination),
        Target::Interface(id) => vpc.member_by_id.get(&id),
        Target::Blackhole => return Err(DropReason::Blackhole),
        Target::InternetGateway => return internet(fabric, table, packet, base),
    };
    let Member { mac, place } = *member.ok_or(DropReason::NoSuchDestination)?;
    match place {
        Place::Here(to) if to == port => Err(DropReason::Hairpin),
        Place::Here(to) => {
            let mtu = fabric.port(to).map_or(base.mtu, |t| t.mtu.min(base.mtu));
            Ok(Action { hop: Hop::Port, port: to.0, mtu, ..base })
        }
        Place::Host(underlay) => Ok(Action { hop: Hop::Underlay, underlay, mac: mac.0, ..base }),
        Place::Nowhere => Err(DropReason::DestinationNotPlaced),
    }
}

/// The internet gateway: the source becomes its public address; the destination is on this host, another, or outside.
fn internet(fabric: &Fabric, table: &PortTable, packet: &Packet, base: Action) -> Result<Action, DropReason> {
    let source = table.public_of(packet.source).ok_or(DropReason::NoPublicAddress)?;
    let base = Action { vni: Vni::INTERNET.get(), source, mtu: base.mtu.min(INTERNET_MTU), mac: ROUTER_MAC.0, ..base };
    let destination = packet.destination;
    if let Some(&(to, private)) = fabric.public_here.get(&destination) {
        let mtu = fabric.port(to).map_or(base.mtu, |t| t.mtu.min(base.mtu));
        return Ok(Action { hop: Hop::Port, port: to.0, destination: private, mtu, ..base });
    }
    let underlay = match fabric.public_elsewhere.get(&destination) {
        Some(&owner) => owner,
        None if fabric.pool.is_some_and(|p| p.contains(destination.into())) => return Err(DropReason::PublicAddressUnowned),
        None => fabric.edge.ok_or(DropReason::NoEdge)?,
    };
    Ok(Action { hop: Hop::Underlay, underlay, ..base })
}
