//! A NAT gateway: a port with no guest, whose packets the switch translates and sends on as the subnet's routes say.
//!
//! ```text
//! instance ── ACL in ── translate source, port ── ACL out ── route ──▶ internet gateway, or a VPC
//! instance ◀── route ── ACL out ── translate back ── ACL in ── destination
//! ```
//!
//! TCP, UDP (fragments too), ICMP echo, and ICMP errors with what they quote. It is a hop: the TTL goes down.

use crate::config::PortTable;
use crate::drop::DropReason;
use crate::egress::route;
use crate::flow::{FlowKey, Path};
use crate::frame::FrameBuf;
use crate::ingress::check_source;
use crate::nat;
use crate::nat_table::Decided;
use crate::network_balancer::from_node;
use crate::parse::{self, ICMP, Packet, TCP, TCP_ACK, TCP_RST, TCP_SYN, UDP};
use crate::port::PortIndex;
use crate::services;
use crate::switch::{Engine, Sink};
use types::Vni;
use wire::net::Direction;

/// NAT gateways and load balancers' nodes that one packet may pass on one host; across hosts the TTL ends a loop.
pub(crate) const PASSES_MAX: u8 = 4;

const ECHO: u16 = 0x0800;
const ECHO_REPLY: u16 = 0;

impl Engine<'_> {
    /// The address inside that a packet which comes back is for.
    pub fn nat_inside(&mut self, port: PortIndex, packet: &Packet) -> Option<u32> {
        let now_ms = self.now_ms;
        let nat = self.states[port.index()].as_mut()?.nat.as_mut()?;
        let slot = nat.find_outside(&outside_key(packet), now_ms)?;
        Some(nat.entry(slot).inside.local)
    }

    /// A packet that arrived at the gateway's interface.
    #[cold]
    pub fn nat_packet(
        &mut self,
        port: PortIndex,
        path: Path,
        frame: &mut FrameBuf,
        packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let table = self.fabric.port(port).ok_or(DropReason::UnknownPort)?;
        let outward = admits(table, path, &packet, &mut self.nat_passes)?;
        let bytes = u64::from(packet.total_bytes);
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        let stats = &mut state.nat.as_mut().ok_or(DropReason::UnknownPort)?.stats;
        if outward {
            stats.packets_in_from_source += 1;
            stats.bytes_in_from_source += bytes;
        } else {
            stats.packets_in_from_destination += 1;
            stats.bytes_in_from_destination += bytes;
        }
        let direction = if outward { Direction::Egress } else { Direction::Ingress };
        if !crate::rate::take(self.rates, table.rate, direction, frame.len(), self.now_ms) {
            return Err(DropReason::RateLimited);
        }
        if packet.is_icmp_error() {
            return self.nat_error(port, table, path, outward, frame, packet, out);
        }
        if outward {
            self.nat_outward(port, table, path, frame, packet, out)
        } else {
            self.nat_back(port, table, path, frame, packet, out)
        }
    }

    fn nat_outward(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        path: Path,
        frame: &mut FrameBuf,
        mut packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let (fabric, now_ms) = (self.fabric, self.now_ms);
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        if packet.is_fragment() {
            check_source(fabric, table, path, packet.source)?;
            state.v4.fragments.admit(Direction::Egress, &mut packet, now_ms)?;
        }
        let key = inside_key(&packet);
        let mut nat = state.nat.take().ok_or(DropReason::UnknownPort)?;
        let mut slot = nat.find_inside(&key, now_ms);
        let begins = packet.protocol != TCP || packet.ports.flags & (TCP_SYN | TCP_ACK | TCP_RST) == TCP_SYN;
        if let Some(s) = slot.filter(|s| packet.protocol == TCP && begins && nat.is_closed(*s)) {
            nat.remove(s);
            slot = None;
        }
        let cached = slot
            .map(|s| nat.entry(s).out)
            .filter(|d| !packet.is_fragment() && d.epoch == fabric.epoch && d.path == path && packet.total_bytes <= d.action.mtu);
        let decided = match cached {
            Some(decided) => Ok(Ok(decided.action)),
            None => (|| {
                check_source(fabric, table, path, packet.source)?;
                table.v4.cross_edge(Direction::Ingress, (packet.source, packet.protocol, packet.ports.destination), &mut ())?;
                if slot.is_none() && !begins {
                    return Ok(Err(Reply::Reset));
                }
                if slot.is_none() && !packet.is_first() {
                    return Err(DropReason::FragmentUnknown);
                }
                let address = match slot {
                    Some(s) => nat.entry(s).address,
                    None => nat.choose(&key).ok_or_else(|| {
                        nat.stats.error_port_allocation += 1;
                        DropReason::NatPortsExhausted
                    })?,
                };
                table.v4.cross_edge(
                    Direction::Egress,
                    (packet.destination, packet.protocol, packet.ports.destination),
                    &mut (),
                )?;
                let action = route(fabric, port, table, &Packet { source: address, ..packet }, &mut ())?;
                if packet.total_bytes > action.mtu {
                    return Ok(Err(Reply::TooBig(action.mtu)));
                }
                let s = match slot {
                    Some(s) => s,
                    None => nat.allocate(key, address, now_ms).ok_or(DropReason::NatTableFull)?,
                };
                slot = Some(s);
                if !packet.is_fragment() {
                    nat.entry(s).out = Decided { epoch: fabric.epoch, path, action };
                }
                Ok(Ok(action))
            })(),
        };
        let done = match (decided, slot) {
            (Ok(Ok(action)), Some(s)) if nat::decrement_ttl(frame.as_mut_slice()) => {
                nat.touch(s, true, &packet, now_ms);
                let entry = nat.entry(s);
                nat::rewrite_port(frame.as_mut_slice(), &mut packet, true, entry.port);
                nat::rewrite_source(frame.as_mut_slice(), &mut packet, entry.address);
                Ok(Ok(action))
            }
            (Ok(Ok(_)), _) => Err(DropReason::TtlExpired),
            (other, _) => other,
        };
        state.nat = Some(nat);
        match done? {
            Ok(action) => {
                self.execute(port, action, entropy(self.fabric, &key), frame, packet, out);
                Ok(())
            }
            Err(reply) => self.nat_reply(port, table, reply, frame, &packet, out),
        }
    }

    fn nat_back(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        path: Path,
        frame: &mut FrameBuf,
        mut packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let (fabric, now_ms) = (self.fabric, self.now_ms);
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        if packet.is_fragment() {
            check_source(fabric, table, path, packet.source)?;
            state.v4.fragments.admit(Direction::Ingress, &mut packet, now_ms)?;
        }
        let nat = state.nat.as_mut().ok_or(DropReason::UnknownPort)?;
        let slot = nat.find_outside(&outside_key(&packet), now_ms);
        let Some(slot) = slot else {
            check_source(fabric, table, path, packet.source)?;
            return Err(DropReason::NatNoEntry);
        };
        let entry = nat.entry(slot);
        let (inside, inside_port, decided) = (entry.inside.local, entry.inside.local_port, entry.back);
        let cached = !packet.is_fragment()
            && decided.epoch == fabric.epoch
            && decided.path == path
            && packet.total_bytes <= decided.action.mtu;
        let action = if cached {
            decided.action
        } else {
            check_source(fabric, table, path, packet.source)?;
            let subject = packet.ports.destination;
            table.v4.cross_edge(Direction::Ingress, (packet.source, packet.protocol, subject), &mut ())?;
            let subject = if packet.protocol == ICMP { subject } else { inside_port };
            table.v4.cross_edge(Direction::Egress, (inside, packet.protocol, subject), &mut ())?;
            let action = route(fabric, port, table, &Packet { destination: inside, ..packet }, &mut ())?;
            if packet.total_bytes > action.mtu {
                return self.nat_reply(port, table, Reply::TooBig(action.mtu), frame, &packet, out);
            }
            if !packet.is_fragment() {
                entry.back = Decided { epoch: fabric.epoch, path, action };
            }
            action
        };
        if !nat::decrement_ttl(frame.as_mut_slice()) {
            return Err(DropReason::TtlExpired);
        }
        nat.touch(slot, false, &packet, now_ms);
        let key = nat.entry(slot).inside;
        nat::rewrite_port(frame.as_mut_slice(), &mut packet, false, inside_port);
        nat::rewrite_destination(frame.as_mut_slice(), &mut packet, inside);
        self.execute(port, action, entropy(fabric, &key), frame, packet, out);
        Ok(())
    }

    /// An ICMP error: belongs to the connection that it quotes.
    #[allow(clippy::too_many_arguments)]
    fn nat_error(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        path: Path,
        outward: bool,
        frame: &mut FrameBuf,
        mut packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let (fabric, now_ms) = (self.fabric, self.now_ms);
        check_source(fabric, table, path, packet.source)?;
        let quote = parse::quoted(frame.as_slice()).ok_or(DropReason::NatNoEntry)?;
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        let nat = state.nat.as_mut().ok_or(DropReason::UnknownPort)?;
        // Outward it quotes what came back, and the other way round.
        match (quote.protocol, quote.ports.destination) {
            (TCP | UDP, _) => {}
            (ICMP, ECHO) if !outward => {}
            (ICMP, ECHO_REPLY) if outward => {}
            _ => return Err(DropReason::NatNoEntry),
        }
        let slot = if outward {
            let key = outside_key(&quote);
            nat.find_inside(&key, now_ms)
        } else {
            let key = inside_key(&quote);
            nat.find_outside(&key, now_ms).filter(|_| quote.source == packet.destination)
        };
        let slot = slot.ok_or(DropReason::NatNoEntry)?;
        let entry = nat.entry(slot).clone();
        let translated = if outward {
            Packet { source: entry.address, ..packet }
        } else {
            Packet { destination: entry.inside.local, ..packet }
        };
        let kind = packet.ports.destination;
        table.v4.cross_edge(Direction::Ingress, (packet.source, ICMP, kind), &mut ())?;
        table.v4.cross_edge(Direction::Egress, (translated.destination, ICMP, kind), &mut ())?;
        let action = route(fabric, port, table, &translated, &mut ())?;
        if packet.total_bytes > action.mtu {
            return Err(DropReason::OverMtu);
        }
        let bytes = frame.as_mut_slice();
        if !nat::decrement_ttl(bytes) {
            return Err(DropReason::TtlExpired);
        }
        let (stats, bytes_passed) = (&mut nat.stats, u64::from(packet.total_bytes));
        if outward {
            nat::rewrite_quoted(bytes, false, entry.address);
            nat::rewrite_quoted_port(bytes, quote.protocol, false, entry.port);
            nat::rewrite_source(bytes, &mut packet, entry.address);
            stats.packets_out_to_destination += 1;
            stats.bytes_out_to_destination += bytes_passed;
        } else {
            nat::rewrite_quoted(bytes, true, entry.inside.local);
            nat::rewrite_quoted_port(bytes, quote.protocol, true, entry.inside.local_port);
            nat::rewrite_destination(bytes, &mut packet, entry.inside.local);
            stats.packets_out_to_source += 1;
            stats.bytes_out_to_source += bytes_passed;
        }
        self.execute(port, action, entropy(fabric, &entry.inside), frame, packet, out);
        Ok(())
    }

    /// Answers the sender in place of sending its packet on.
    pub(crate) fn nat_reply(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        reply: Reply,
        frame: &FrameBuf,
        packet: &Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let mut scratch = std::mem::take(self.scratch);
        let made = match reply {
            Reply::Reset => services::tcp::reset(table.mac, packet, frame.as_slice(), &mut scratch),
            Reply::TooBig(mtu) => {
                let from = table.v4.addresses.first().copied().unwrap_or(table.gateway);
                if packet.dont_fragment && packet.is_first() {
                    services::icmp::too_big(table.mac, from, packet, frame.as_slice(), mtu, &mut scratch).map(|_| ())
                } else {
                    Err(DropReason::OverMtu)
                }
            }
        };
        let answer = made.map(|_| FrameBuf::from_slice(&scratch));
        *self.scratch = scratch;
        let mut answer = answer?;
        // A balancer's target takes what is in a client's name from its node.
        if table.balancer.is_some() {
            from_node(&mut answer, table);
        }
        let packet = parse::ipv4(answer.as_slice())?;
        let subject = (packet.destination, packet.protocol, packet.ports.destination);
        table.v4.cross_edge(Direction::Egress, subject, &mut ())?;
        let action = route(self.fabric, port, table, &packet, &mut ())?;
        if let Some(state) = self.states[port.index()].as_mut() {
            match reply {
                Reply::Reset => state.stats.nat_resets += 1,
                Reply::TooBig(_) => state.stats.too_big_replies += 1,
            }
        }
        self.execute(port, action, 0, &mut answer, packet, out);
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    /// To who goes on with a connection that is forgotten, or never began here.
    Reset,
    TooBig(u16),
}

/// Whether a packet that arrives is one that a gateway translates; true: outward.
pub(crate) fn admits(table: &PortTable, path: Path, packet: &Packet, passes: &mut u8) -> Result<bool, DropReason> {
    let outward = !table.v4.has_address(packet.destination);
    if outward && path.vni == Vni::INTERNET.get() {
        return Err(DropReason::DestinationNotPort);
    }
    *passes += 1;
    if *passes > PASSES_MAX {
        return Err(DropReason::NatLoop);
    }
    if packet.is_fragment() && packet.protocol != UDP {
        return Err(DropReason::NatFragment);
    }
    match packet.protocol {
        TCP | UDP => Ok(outward),
        ICMP if packet.is_icmp_error() => Ok(outward),
        ICMP if packet.ports.destination == if outward { ECHO } else { ECHO_REPLY } => Ok(outward),
        ICMP if !outward => Err(DropReason::NatNoEntry),
        _ => Err(DropReason::NatProtocol),
    }
}

/// The sender's side of a packet that goes outward; of a quoted one that went outward.
pub(crate) fn inside_key(p: &Packet) -> FlowKey {
    let remote_port = if p.protocol == ICMP { 0 } else { p.ports.destination };
    FlowKey { local: p.source, remote: p.destination, local_port: p.ports.source, remote_port, protocol: p.protocol }
}

/// The receiver's side of a packet that comes back.
fn outside_key(p: &Packet) -> FlowKey {
    let (local_port, remote_port) = if p.protocol == ICMP { (p.ports.source, 0) } else { (p.ports.destination, p.ports.source) };
    FlowKey { local: p.destination, remote: p.source, local_port, remote_port, protocol: p.protocol }
}

fn entropy(fabric: &crate::config::Fabric, key: &FlowKey) -> u16 {
    std::hash::BuildHasher::hash_one(&fabric.hasher, key) as u16
}
