//! A network load balancer's node: a port whose listeners' packets the switch sends on to targets, with the client's address
//! kept. (TCP listeners may put the node in its place instead: then a target answers it as anyone.)
//!
//! ```text
//! client ── groups, ACL in ── choose, translate destination ── groups, ACL out ── route ──▶ target's host: remembers the node
//! client ◀── route ── ACL out ── translate source back ── ACL in ◀── to the node, not by the target's routes ── target
//! ```
//!
//! A connection keeps its target whatever becomes of the others: it is in the port's table of translations; only a new one is
//! looked up in the table of [`crate::maglev`]. What goes to a target has the node's link address as its source, by which the
//! target's host knows that the answers go back to the node ([`crate::balanced`]); no guest can send with it.
//!
//! TCP, UDP (fragments too), and ICMP errors with what they quote. It is no hop: the TTL stays, as in EC2. A target that connects
//! to itself through its node gets nothing, as with AWS when client addresses are kept.

use crate::config::{ConfigError, Fabric, Map, PortTable};
use crate::drop::DropReason;
use crate::egress::route;
use crate::flow::{Action, FlowKey, Path};
use crate::frame::FrameBuf;
use crate::ingress::check_source;
use crate::maglev::{self, Connection, Table, Tables};
use crate::nat;
use crate::nat_gateway::{PASSES_MAX, Reply};
use crate::nat_table::{Decided, FOREVER, NatTable};
use crate::parse::{self, Packet, TCP, TCP_ACK, TCP_RST, TCP_SYN, UDP};
use crate::port::PortIndex;
use crate::switch::{Engine, Sink};
use foldhash::fast::FixedState;
use std::hash::BuildHasher;
use std::sync::Arc;
use wire::net::{Direction, NetworkBalancer, NetworkListener, TargetState, Transport};

/// Other targets that are tried for a client whose connection's addresses are in use at the first.
const TRIES: u32 = 64;

pub(crate) struct BalancerTable {
    seed: [u64; 2],
    listeners: Map<(u8, u16), Listener>,
    /// Some listener puts the node in the place of its clients.
    hides: bool,
}

struct Listener {
    idle_s: u16,
    by_client: bool,
    keeps_client: bool,
    ends_removed: bool,
    table: Option<Arc<Table>>,
    /// By the table's index.
    targets: Vec<(u32, u16)>,
    /// What becomes of connections to targets that are known, whether or not they get new ones.
    known: Map<(u32, u16), bool>,
}

impl BalancerTable {
    pub fn compile(b: &NetworkBalancer, tables: &Tables, hasher: &FixedState) -> Result<Self, ConfigError> {
        let mut listeners = Map::with_hasher(hasher.clone());
        for l in &b.listeners {
            let protocol = match l.protocol {
                Transport::Tcp => TCP,
                Transport::Udp => UDP,
            };
            if listeners.insert((protocol, l.port), Listener::compile(l, tables, hasher)).is_some() {
                return Err(ConfigError::Balancer { interface: b.interface });
            }
        }
        let hides = b.listeners.iter().any(|l| !l.keeps_client);
        Ok(Self { seed: b.seed, listeners, hides })
    }

    fn listener(&self, packet: &Packet) -> Option<&Listener> {
        self.listeners.get(&(packet.protocol, packet.ports.destination))
    }

    /// The target that a new connection gets, the nth of those that it could have.
    fn choose(&self, listener: &Listener, packet: &Packet, again: u32) -> Option<(u32, u16)> {
        let connection = Connection {
            client: packet.source,
            balancer: packet.destination,
            client_port: if listener.by_client { 0 } else { packet.ports.source },
            port: packet.ports.destination,
            protocol: packet.protocol,
        };
        let table = listener.table.as_ref()?;
        listener.targets.get(table.pick(connection.hash(self.seed), again)).copied()
    }

    /// For a packet that begins a connection, as long as its target is free.
    pub fn chosen(&self, packet: &Packet) -> Option<(u32, u16)> {
        self.choose(self.listener(packet)?, packet, 0)
    }

    /// Whether the client's address is kept.
    pub fn keeps_client(&self, packet: &Packet) -> bool {
        self.listener(packet).is_none_or(|l| l.keeps_client)
    }

    /// Whether a listener takes the packet.
    pub fn takes(&self, packet: &Packet) -> bool {
        self.listener(packet).is_some()
    }
}

impl Listener {
    fn compile(l: &NetworkListener, tables: &Tables, hasher: &FixedState) -> Self {
        let members = maglev::members(l);
        let any_healthy = l.targets.iter().any(|t| t.state == TargetState::Healthy);
        let mut known = Map::with_hasher(hasher.clone());
        known.extend(l.targets.iter().map(|t| {
            let goes_on = t.state != TargetState::Unhealthy || !l.ends_unhealthy || !any_healthy;
            ((u32::from(t.address), t.port), goes_on)
        }));
        Self {
            idle_s: l.idle_seconds.min(FOREVER - 1),
            by_client: l.by_client,
            // "You can't disable client IP preservation for UDP": datagrams would have no connection to go back by.
            keeps_client: l.keeps_client || l.protocol == Transport::Udp,
            ends_removed: l.ends_removed,
            table: tables.get(&members),
            targets: members.iter().map(|m| ((m.key >> 16) as u32, m.key as u16)).collect(),
            known,
        }
    }

    /// Connections to the target go on.
    fn goes_on(&self, target: (u32, u16)) -> bool {
        self.known.get(&target).copied().unwrap_or(!self.ends_removed)
    }
}

/// The node's side and the client's, of a packet that comes from the client.
fn inside(p: &Packet) -> FlowKey {
    FlowKey::inbound(p)
}

/// The target's side and the client's, of a packet that the target sends.
fn outside(p: &Packet) -> FlowKey {
    FlowKey::outbound(p)
}

pub(crate) fn begins(p: &Packet) -> bool {
    p.protocol != TCP || p.ports.flags & (TCP_SYN | TCP_ACK | TCP_RST) == TCP_SYN
}

impl Engine<'_> {
    /// A packet that arrived at a node's interface. `false`: it is for the process behind it, as any other port's.
    pub fn balancer_packet(
        &mut self,
        port: PortIndex,
        path: Path,
        frame: &mut FrameBuf,
        mut packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason> {
        let table = self.fabric.port(port).ok_or(DropReason::UnknownPort)?;
        let Some(balancer) = &table.balancer else { return Ok(false) };
        let own = table.v4.has_address(packet.destination);
        self.nat_passes += 1;
        if self.nat_passes > PASSES_MAX {
            return Err(DropReason::NatLoop);
        }
        if packet.is_fragment() {
            check_source(self.fabric, table, path, packet.source)?;
            let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
            let direction = if own { Direction::Ingress } else { Direction::Egress };
            // A datagram of the process's own is looked at again where it goes.
            let mut seen = packet;
            match state.v4.fragments.admit(direction, &mut seen, self.now_ms) {
                Ok(()) if own && !balancer.hides && !balancer.takes(&seen) => return Ok(false),
                done => done?,
            }
            packet = seen;
        }
        if packet.is_icmp_error() {
            return self.balancer_error(port, table, path, own, frame, packet, out);
        }
        let hidden = own && balancer.hides && self.is_from_target(port, &packet);
        if !own || hidden {
            return self.take_from_target(port, table, path, frame, packet, out).map(|()| true);
        }
        if !balancer.takes(&packet) {
            return Ok(false);
        }
        self.send_to_target(port, table, balancer, path, frame, packet, out).map(|()| true)
    }

    /// It answers a connection whose client it does not see.
    fn is_from_target(&mut self, port: PortIndex, packet: &Packet) -> bool {
        let now_ms = self.now_ms;
        let nat = self.states[port.index()].as_mut().and_then(|s| s.nat.as_mut());
        nat.is_some_and(|nat| nat.find_outside(&outside(packet), now_ms).is_some())
    }

    #[allow(clippy::too_many_arguments)]
    fn send_to_target(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        balancer: &BalancerTable,
        path: Path,
        frame: &mut FrameBuf,
        mut packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let (fabric, now_ms) = (self.fabric, self.now_ms);
        let listener = balancer.listener(&packet).ok_or(DropReason::BalancerNoEntry)?;
        let key = inside(&packet);
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        let nat = state.nat.as_mut().ok_or(DropReason::UnknownPort)?;
        nat.stats.packets_in_from_source += 1;
        nat.stats.bytes_in_from_source += u64::from(packet.total_bytes);
        let (slot, action) = match forward(fabric, port, table, balancer, listener, nat, path, &packet, &key, now_ms)? {
            Ok(decided) => decided,
            Err(reply) => return self.nat_reply(port, table, reply, frame, &packet, out),
        };
        nat.touch(slot, true, &packet, now_ms);
        let entry = nat.entry(slot);
        nat::rewrite_port(frame.as_mut_slice(), &mut packet, false, entry.port);
        nat::rewrite_destination(frame.as_mut_slice(), &mut packet, entry.address);
        if entry.alias != 0 {
            nat::rewrite_port(frame.as_mut_slice(), &mut packet, true, entry.alias);
            nat::rewrite_source(frame.as_mut_slice(), &mut packet, entry.inside.local);
        }
        from_node(frame, table);
        self.execute(port, action, fabric.hasher.hash_one(key) as u16, frame, packet, out);
        Ok(())
    }

    /// From a target: in the name of the node to the client.
    fn take_from_target(
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
        let nat = state.nat.as_mut().ok_or(DropReason::UnknownPort)?;
        let Some(slot) = nat.find_outside(&outside(&packet), now_ms) else {
            check_source(fabric, table, path, packet.source)?;
            // The target goes on with a connection that was forgotten or cut.
            return match packet.protocol {
                TCP if !begins(&packet) => self.nat_reply(port, table, Reply::Reset, frame, &packet, out),
                _ => Err(DropReason::BalancerNoEntry),
            };
        };
        let entry = nat.entry(slot);
        let (node, node_port, decided) = (entry.inside.local, entry.inside.local_port, entry.back);
        let (client, client_port) = (entry.inside.remote, entry.inside.remote_port);
        let cached = !packet.is_fragment()
            && decided.epoch == fabric.epoch
            && decided.path == path
            && packet.total_bytes <= decided.action.mtu;
        let action = if cached {
            decided.action
        } else {
            check_source(fabric, table, path, packet.source)?;
            let (protocol, to_port) = (packet.protocol, packet.ports.destination);
            let listener = table.balancer.as_ref().and_then(|b| b.listeners.get(&(protocol, node_port)));
            if !listener.is_some_and(|l| l.goes_on((entry.address, entry.port))) {
                nat.remove(slot);
                return match protocol {
                    TCP => self.nat_reply(port, table, Reply::Reset, frame, &packet, out),
                    _ => Err(DropReason::BalancerNoEntry),
                };
            }
            table.v4.cross_edge(Direction::Ingress, (packet.source, protocol, to_port), &mut ())?;
            table.v4.cross_edge(Direction::Egress, (client, protocol, client_port), &mut ())?;
            let action = route(fabric, port, table, &Packet { source: node, destination: client, ..packet }, &mut ())?;
            if packet.total_bytes > action.mtu {
                return self.nat_reply(port, table, Reply::TooBig(action.mtu), frame, &packet, out);
            }
            if !packet.is_fragment() {
                entry.back = Decided { epoch: fabric.epoch, path, action };
            }
            action
        };
        nat.stats.packets_in_from_destination += 1;
        nat.stats.bytes_in_from_destination += u64::from(packet.total_bytes);
        nat.touch(slot, false, &packet, now_ms);
        let entropy = fabric.hasher.hash_one(nat.entry(slot).inside) as u16;
        nat::rewrite_port(frame.as_mut_slice(), &mut packet, true, node_port);
        nat::rewrite_source(frame.as_mut_slice(), &mut packet, node);
        if packet.destination != client {
            nat::rewrite_port(frame.as_mut_slice(), &mut packet, false, client_port);
            nat::rewrite_destination(frame.as_mut_slice(), &mut packet, client);
        }
        self.execute(port, action, entropy, frame, packet, out);
        Ok(())
    }

    /// An ICMP error belongs to the connection that it quotes.
    #[allow(clippy::too_many_arguments)]
    fn balancer_error(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        path: Path,
        own: bool,
        frame: &mut FrameBuf,
        mut packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<bool, DropReason> {
        let (fabric, now_ms) = (self.fabric, self.now_ms);
        let quote = parse::quoted(frame.as_slice()).ok_or(DropReason::IcmpUnrelated)?;
        if quote.protocol != TCP && quote.protocol != UDP {
            return if own { Ok(false) } else { Err(DropReason::IcmpUnrelated) };
        }
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        let nat = state.nat.as_mut().ok_or(DropReason::UnknownPort)?;
        // From the client's side it quotes what the node sent in the target's name; from the target's, what came from the client.
        let by_client = nat.find_inside(&outside(&quote), now_ms).filter(|_| quote.source == packet.destination);
        let slot = match by_client {
            Some(slot) => Some((slot, true)),
            None => nat.find_outside(&inside(&quote), now_ms).filter(|_| quote.source == packet.destination).map(|s| (s, false)),
        };
        let Some((slot, by_client)) = slot else { return if own { Ok(false) } else { Err(DropReason::IcmpUnrelated) } };
        check_source(fabric, table, path, packet.source)?;
        let entry = nat.entry(slot);
        let (node, client) = ((entry.inside.local, entry.inside.local_port), (entry.inside.remote, entry.inside.remote_port));
        let (target, alias) = ((entry.address, entry.port), entry.alias);
        let kind = packet.ports.destination;
        // Who it is for, and what becomes of the quote: its source, and its destination where that was not the client itself.
        let (to, quoted_source, quoted_destination) = match (by_client, alias) {
            (true, 0) => (target.0, target, None),
            (true, alias) => (target.0, target, Some((node.0, alias))),
            (false, _) => (client.0, client, Some(node)),
        };
        // A client does not see who its targets are; a target that sees the client sees who tells of it.
        let source = if !by_client || alias != 0 { node.0 } else { packet.source };
        let onward = Packet { source, destination: to, ..packet };
        table.v4.cross_edge(Direction::Ingress, (packet.source, packet.protocol, kind), &mut ())?;
        table.v4.cross_edge(Direction::Egress, (to, packet.protocol, kind), &mut ())?;
        let action = route(fabric, port, table, &onward, &mut ())?;
        if packet.total_bytes > action.mtu {
            return Err(DropReason::OverMtu);
        }
        let entropy = fabric.hasher.hash_one(entry.inside) as u16;
        let bytes = frame.as_mut_slice();
        nat::rewrite_quoted(bytes, true, quoted_source.0);
        nat::rewrite_quoted_port(bytes, quote.protocol, true, quoted_source.1);
        if let Some((address, to_port)) = quoted_destination {
            nat::rewrite_quoted(bytes, false, address);
            nat::rewrite_quoted_port(bytes, quote.protocol, false, to_port);
        }
        nat::rewrite_source(bytes, &mut packet, source);
        nat::rewrite_destination(bytes, &mut packet, to);
        if by_client {
            from_node(frame, table);
        }
        self.execute(port, action, entropy, frame, packet, out);
        Ok(true)
    }
}

/// Decides where a packet of a client goes: the entry of its connection, which may be a new one, and the action.
#[allow(clippy::too_many_arguments)]
fn forward(
    fabric: &Fabric,
    port: PortIndex,
    table: &PortTable,
    balancer: &BalancerTable,
    listener: &Listener,
    nat: &mut NatTable,
    path: Path,
    packet: &Packet,
    key: &FlowKey,
    now_ms: u64,
) -> Result<Result<(u32, Action), Reply>, DropReason> {
    let mut slot = nat.find_inside(key, now_ms);
    let begins = begins(packet);
    if let Some(s) = slot.filter(|s| packet.protocol == TCP && begins && nat.is_closed(*s)) {
        nat.remove(s);
        slot = None;
    }
    if let Some(s) = slot {
        let decided = nat.entry(s).out;
        if !packet.is_fragment()
            && decided.epoch == fabric.epoch
            && decided.path == path
            && packet.total_bytes <= decided.action.mtu
        {
            return Ok(Ok((s, decided.action)));
        }
    }
    check_source(fabric, table, path, packet.source)?;
    let (protocol, to_port) = (packet.protocol, packet.ports.destination);
    table.v4.cross_edge(Direction::Ingress, (packet.source, protocol, to_port), &mut ())?;
    // Answered connections outlive a change of rules, as in EC2.
    let tracked = slot.is_some_and(|s| nat.entry(s).answered());
    if !tracked && !table.v4.ingress.allows((packet.source, protocol, to_port)) {
        slot.into_iter().for_each(|s| nat.remove(s));
        return Err(DropReason::SecurityGroupIngress);
    }
    if let Some(s) = slot.filter(|s| {
        let entry = nat.entry(*s);
        !listener.goes_on((entry.address, entry.port))
    }) {
        nat.remove(s);
        slot = None;
    }
    if slot.is_none() && !packet.is_first() {
        return Err(DropReason::FragmentUnknown);
    }
    if slot.is_none() && !begins {
        return Ok(Err(Reply::Reset));
    }
    let (address, target_port, alias) = match slot {
        Some(s) => (nat.entry(s).address, nat.entry(s).port, nat.entry(s).alias),
        None => free_target(balancer, listener, nat, packet, key, now_ms)?,
    };
    if address == packet.source && alias == 0 {
        return Err(DropReason::Hairpin);
    }
    if !tracked && !table.v4.egress.allows((address, protocol, target_port)) {
        return Err(DropReason::SecurityGroupEgress);
    }
    table.v4.cross_edge(Direction::Egress, (address, protocol, target_port), &mut ())?;
    let source = if alias == 0 { packet.source } else { key.local };
    let action = route(fabric, port, table, &Packet { source, destination: address, ..*packet }, &mut ())?;
    if packet.total_bytes > action.mtu {
        return Ok(Err(Reply::TooBig(action.mtu)));
    }
    let s = match slot {
        Some(s) => s,
        None => nat.claim(*key, (address, target_port), alias, listener.idle_s, now_ms).ok_or(DropReason::BalancerTableFull)?,
    };
    let entry = nat.entry(s);
    entry.idle_s = listener.idle_s;
    if !packet.is_fragment() {
        entry.out = Decided { epoch: fabric.epoch, path, action };
    }
    Ok(Ok((s, action)))
}

/// The first target of the connection's order that would not take it for another one; and the port that stands for the client
/// there, or 0.
fn free_target(
    balancer: &BalancerTable,
    listener: &Listener,
    nat: &mut NatTable,
    packet: &Packet,
    key: &FlowKey,
    now_ms: u64,
) -> Result<(u32, u16, u16), DropReason> {
    if listener.targets.is_empty() {
        return Err(DropReason::BalancerNoTarget);
    }
    let reserved = |port: u16| balancer.listeners.contains_key(&(packet.protocol, port));
    let order = (0..TRIES).filter_map(|again| balancer.choose(listener, packet, again));
    for (address, port) in order {
        if listener.keeps_client {
            if !nat.is_taken(key, (address, port), now_ms) {
                return Ok((address, port, 0));
            }
        } else if let Some(alias) = nat.alias(key, (address, port), reserved, now_ms) {
            return Ok((address, port, alias));
        }
    }
    Err(DropReason::BalancerCollision)
}

/// Marks a frame as one that a node sends.
pub(crate) fn from_node(frame: &mut FrameBuf, table: &PortTable) {
    if let Some(macs) = frame.as_mut_slice().first_chunk_mut::<12>() {
        macs[6..].copy_from_slice(&table.mac.0);
    }
}
