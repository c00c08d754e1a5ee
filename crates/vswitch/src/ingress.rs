//! Towards the guest: datagrams of other hosts, and the last step of every packet for a port of this host.

use crate::config::{Fabric, Member, Node, Place, PortTable, VpcTable, vni_mac};
use crate::conntrack::TableFull;
use crate::drop::DropReason;
use crate::family::{Family, Layers};
use crate::flow::{Flow, FlowKey, Path, Touch};
use crate::frame::FrameBuf;
use crate::parse::{self, ETHERNET_BYTES, ETHERTYPE_IPV4, ETHERTYPE_IPV6, Packet};
use crate::port::{PortIndex, PortState};
use crate::resolve::Held;
use crate::switch::{Engine, Sink};
use crate::{METADATA_ADDRESS, METADATA_ADDRESS6, ROUTER_MAC, parse6, rate, vxlan};
use std::hash::BuildHasher;
use types::Vni;
use wire::net::Direction;

impl Engine<'_> {
    pub fn host_datagram(
        &mut self,
        source: u32,
        datagram: &mut FrameBuf,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let vni = vxlan::parse(datagram.as_slice()).ok_or(DropReason::VxlanMalformed)?.get();
        datagram.trim_front(vxlan::HEADER_BYTES);
        if vni == Vni::DIRECTORY.get() {
            return self.directory_message(source, datagram.as_slice(), out);
        }
        match parse::ethertype(datagram.as_slice()) {
            Some(ETHERTYPE_IPV4) => self.host_packet::<u32>(source, vni, datagram, out),
            Some(ETHERTYPE_IPV6) => self.host_packet::<u128>(source, vni, datagram, out),
            _ => {
                self.check_sender(source, vni)?;
                Err(DropReason::Ethertype)
            }
        }
    }

    #[inline(always)]
    fn host_packet<A: Layers>(
        &mut self,
        source: u32,
        vni: u32,
        datagram: &mut FrameBuf,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let frame = datagram.as_slice();
        let mut packet = A::parse(frame)?;
        let path = Path { vni, underlay: source };
        let port = if vni == Vni::INTERNET.get() {
            let Some(&(port, private)) = A::outside(self.fabric).here.get(&packet.destination) else {
                self.check_sender(source, vni)?;
                return Err(DropReason::NoSuchPort);
            };
            A::translate_destination(datagram, &mut packet, private);
            port
        } else {
            let mac = frame.first_chunk::<6>().copied().unwrap_or_default();
            let Some(&port) = self.fabric.port_by_vni_mac.get(&vni_mac(vni, mac)) else {
                self.say_moved(source, vni, packet.destination.any(), out);
                self.check_sender(source, vni)?;
                return Err(DropReason::NoSuchPort);
            };
            port
        };
        datagram.truncate(ETHERNET_BYTES + usize::from(packet.total_bytes));
        self.deliver(port, path, datagram, packet, out);
        Ok(())
    }

    /// Whether a host may send on a VNI at all.
    fn check_sender(&self, source: u32, vni: u32) -> Result<(), DropReason> {
        check_sender(self.fabric, source, vni)
    }

    /// The receiving port's checks, then the guest. Drops are counted here, at the receiving port.
    #[inline]
    pub fn deliver<A: Layers>(
        &mut self,
        port: PortIndex,
        path: Path,
        frame: &mut FrameBuf,
        packet: Packet<A>,
        out: &mut (impl Sink + ?Sized),
    ) {
        if let Err(reason) = self.try_deliver(port, path, frame, packet, out) {
            self.count_drop(Some(port), reason);
        }
    }

    #[inline]
    fn try_deliver<A: Layers>(
        &mut self,
        port: PortIndex,
        path: Path,
        frame: &mut FrameBuf,
        packet: Packet<A>,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let fabric = self.fabric;
        let table = fabric.port(port).ok_or(DropReason::UnknownPort)?;
        let mut state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        if !hit(fabric, table, state, path, &packet, self.now_ms) {
            if let Some(wanted) = self.wanted_on_arrival(port, table, path, &packet) {
                return self.hold(wanted, port, Held::Arrived(path), frame, out);
            }
            if table.nat.is_some() {
                return A::nat_packet(self, port, path, frame, packet, out);
            }
            if table.balancer.is_some() && A::balancer_packet(self, port, path, frame, packet, out)? {
                return Ok(());
            }
            if let Err(reason) = self.admit_inbound(port, table, path, frame, packet) {
                self.log_reject(port, Direction::Ingress, &packet, reason);
                return Err(reason);
            }
            state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        }
        if !rate::take(self.rates, table.rate, Direction::Ingress, frame.len(), self.now_ms) {
            return Err(DropReason::RateLimited);
        }
        finish(port, table, state, frame, out);
        Ok(())
    }

    /// From the metadata service (no filter), or in the name of a service that an endpoint leads to: as any packet, but that
    /// it comes from here.
    pub fn service_frame(
        &mut self,
        port: PortIndex,
        frame: &mut FrameBuf,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let table = self.fabric.port(port).ok_or(DropReason::UnknownPort)?;
        if frame.len() < ETHERNET_BYTES {
            return Err(DropReason::RuntFrame);
        }
        if parse::ethertype(frame.as_slice()) == Some(ETHERTYPE_IPV6) {
            let packet = parse6::ipv6(frame.as_slice())?;
            if packet.source != u128::from(METADATA_ADDRESS6) {
                return Err(DropReason::SourceIpSpoofed);
            }
            let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
            finish(port, table, state, frame, out);
            return Ok(());
        }
        let packet = parse::ipv4(frame.as_slice())?;
        if packet.source == u32::from(METADATA_ADDRESS) {
            let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
            finish(port, table, state, frame, out);
            return Ok(());
        }
        if !self.fabric.services.iter().any(|s| s.addresses.contains(&packet.source)) {
            return Err(DropReason::SourceIpSpoofed);
        }
        self.try_deliver(port, Path { vni: table.vni, underlay: 0 }, frame, packet, out)
    }

    #[cold]
    fn admit_inbound<A: Layers>(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        path: Path,
        frame: &FrameBuf,
        mut packet: Packet<A>,
    ) -> Result<(), DropReason> {
        let (fabric, now_ms) = (self.fabric, self.now_ms);
        let node = A::node_of(fabric, table, path, frame.as_slice(), &packet);
        check_arrival(fabric, table, path, node, &packet)?;
        if A::port(table).subnet.is_none() {
            return Err(DropReason::Ipv6);
        }
        if A::stays_on_link(&packet) {
            return Err(DropReason::AdvertisementSpoofed);
        }
        let open = path.vni != Vni::INTERNET.get() || A::is_open(&fabric.vpcs[table.vpc]);
        if packet.total_bytes > table.mtu {
            return Err(DropReason::OverMtu);
        }
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        if packet.is_fragment() {
            A::tracked(state).fragments.admit(Direction::Ingress, &mut packet, now_ms)?;
        }
        let subject = (packet.source, packet.protocol, packet.ports.destination);
        A::port(table).cross_edge(Direction::Ingress, subject, &mut ())?;
        if packet.is_icmp_error() {
            let related = A::quoted(frame.as_slice(), &packet)
                .filter(|q| q.source == packet.destination)
                .is_some_and(|q| A::tracked(state).flows.get(&fabric.hasher, &FlowKey::outbound(&q)).is_some());
            return if related || open && A::port(table).ingress.allows(subject) {
                Ok(())
            } else {
                Err(DropReason::IcmpUnrelated)
            };
        }
        let changes = A::node_changes(self, port, &packet, node)?;
        // A rule that names the load balancer's group lets in what comes by it, whoever the client is.
        let also = node.map(A::node_address);
        let flow = self.admit(port, table, Direction::Ingress, open, also, &packet)?;
        flow.in_epoch = fabric.epoch;
        flow.path = path;
        if changes { A::remember_node(self, port, &packet, node) } else { Ok(()) }
    }

    /// Finds or makes the flow of a packet, when state and rules allow it. Both directions use this; on success the packet is
    /// counted and the flow's state has advanced. `open`: the remote side may begin a connection, as far as the way goes that
    /// the packet came. `also`: rules may allow what comes in for this address instead of the packet's source.
    pub fn admit<A: Family>(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        direction: Direction,
        open: bool,
        also: Option<A>,
        packet: &Packet<A>,
    ) -> Result<&mut Flow<A>, DropReason> {
        let (fabric, now_ms) = (self.fabric, self.now_ms);
        let hasher = &fabric.hasher;
        let key = match direction {
            Direction::Egress => FlowKey::outbound(packet),
            Direction::Ingress => FlowKey::inbound(packet),
        };
        let allowed = |d: Direction| {
            let (rules, (remote, protocol, to_port)) = (A::port(table).rules(d), key.subject(d));
            let also = also.filter(|_| d == Direction::Ingress);
            (open || d == Direction::Egress)
                && (rules.allows((remote, protocol, to_port)) || also.is_some_and(|a| rules.allows((a, protocol, to_port))))
        };
        let denied = match direction {
            Direction::Egress => DropReason::SecurityGroupEgress,
            Direction::Ingress if !open => DropReason::EgressOnly,
            Direction::Ingress => DropReason::SecurityGroupIngress,
        };
        let hash = hasher.hash_one(key);
        let flows = &mut A::tracked(self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?).flows;
        let mut known = flows.find(hash, &key);
        if let Some(slot) = known {
            let flow = flows.at(slot);
            let epoch = match direction {
                Direction::Egress => flow.out_epoch,
                Direction::Ingress => flow.in_epoch,
            };
            // A change of rules ends what was not answered yet; connections that both sides take part in go on, as in EC2.
            let revoked = epoch != fabric.epoch && !flow.is_tracked() && !allowed(flow.initiator);
            if revoked || flow.is_expired(now_ms) {
                flows.remove(hasher, &key);
                *self.flows -= 1;
                known = None;
            } else if flows.touch(slot, direction, packet, now_ms) == Touch::Begins {
                if !allowed(direction) {
                    return Err(denied);
                }
                flows.restart(slot, direction);
                flows.touch(slot, direction, packet, now_ms);
            }
        }
        if let Some(slot) = known {
            let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
            return Ok(A::tracked(state).flows.at(slot));
        }
        if !packet.is_first() {
            return Err(DropReason::FragmentUnknown);
        }
        if !allowed(direction) {
            return Err(denied);
        }
        if *self.flows >= self.flows_max && !flows.is_full() {
            self.make_room(port).map_err(|TableFull| DropReason::FlowTableFull)?;
        }
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        let inserted = A::tracked(state).flows.insert(hasher, key, direction, now_ms);
        let (slot, evicted) = inserted.map_err(|TableFull| DropReason::FlowTableFull)?;
        *self.flows += 1;
        *self.flows -= evicted as usize;
        state.stats.flows_evicted += evicted;
        let flows = &mut A::tracked(state).flows;
        flows.touch(slot, direction, packet, now_ms);
        Ok(flows.at(slot))
    }

    /// All ports together have as many flows as the card may hold: a port with more than its share gives way, this one if it
    /// is such a port, so that who has few always finds room.
    #[cold]
    fn make_room(&mut self, port: PortIndex) -> Result<(), TableFull> {
        let ports = self.states.iter().flatten().count().max(1);
        let share = self.flows_max / ports;
        let flows_of = |s: &Option<PortState>| s.as_ref().map_or(0, PortState::flows);
        let own = flows_of(&self.states[port.index()]);
        let over = |n: usize| n > share;
        let (from, force) = if over(own + 1) {
            (port.index(), false)
        } else if over(self.states.get(*self.crowded).map_or(0, flows_of)) {
            (*self.crowded, true)
        } else {
            let most = (0..self.states.len()).max_by_key(|&i| flows_of(&self.states[i])).unwrap_or(port.index());
            (most, true)
        };
        *self.crowded = from;
        let state = self.states[from].as_mut().ok_or(TableFull)?;
        state.make_room(&self.fabric.hasher, self.now_ms, force)?;
        state.stats.flows_evicted += 1;
        *self.flows -= 1;
        Ok(())
    }

    /// Notes for flow logs what rules turned away.
    #[cold]
    pub fn log_reject<A: Family>(&mut self, port: PortIndex, direction: Direction, packet: &Packet<A>, reason: DropReason) {
        use DropReason::{NetworkAclEgress, NetworkAclIngress, SecurityGroupEgress, SecurityGroupIngress};
        if matches!(reason, NetworkAclEgress | NetworkAclIngress | SecurityGroupEgress | SecurityGroupIngress)
            && let Some(state) = self.states[port.index()].as_mut()
            && let Some(log) = &mut A::tracked(state).flows.log
        {
            log.rejected(direction, packet, self.now_ms);
        }
    }
}

/// Sender, inner source and destination of a packet that arrives at a port. Whom a load balancer's node sends for, only it knows.
pub(crate) fn check_arrival<A: Family>(
    fabric: &Fabric,
    table: &PortTable,
    path: Path,
    node: Option<&Node>,
    packet: &Packet<A>,
) -> Result<(), DropReason> {
    if node.is_none() {
        check_source(fabric, table, path, packet.source)?;
    }
    if !A::port(table).has_address(packet.destination) && (table.source_dest_check || path.vni == Vni::INTERNET.get()) {
        return Err(DropReason::DestinationNotPort);
    }
    Ok(())
}

#[inline]
fn finish(port: PortIndex, table: &PortTable, state: &mut PortState, frame: &mut FrameBuf, out: &mut (impl Sink + ?Sized)) {
    if let Some(macs) = frame.as_mut_slice().first_chunk_mut::<12>() {
        macs[..6].copy_from_slice(&table.mac.0);
        macs[6..].copy_from_slice(&ROUTER_MAC.0);
    }
    state.stats.rx_frames += 1;
    state.stats.rx_bytes += frame.len() as u64;
    out.deliver(port, frame.as_slice());
}

/// The packet belongs to a flow that was let in by this path under this configuration.
#[inline]
fn hit<A: Family>(
    fabric: &Fabric,
    table: &PortTable,
    state: &mut PortState,
    path: Path,
    packet: &Packet<A>,
    now_ms: u64,
) -> bool {
    if packet.is_fragment() || packet.total_bytes > table.mtu {
        return false;
    }
    let key = FlowKey::inbound(packet);
    let flows = &mut A::tracked(state).flows;
    let Some(slot) = flows.find(fabric.hasher.hash_one(key), &key) else { return false };
    let flow = flows.at(slot);
    flow.in_epoch == fabric.epoch
        && flow.path == path
        && !flow.is_expired(now_ms)
        && flows.touch(slot, Direction::Ingress, packet, now_ms) == Touch::Continues
}

fn check_sender(fabric: &Fabric, source: u32, vni: u32) -> Result<(), DropReason> {
    let learned = || fabric.asks && fabric.vpcs.iter().any(|v| v.is_at(source));
    if !fabric.known_underlays.contains(&source) && !learned() {
        return Err(DropReason::UnknownUnderlaySource);
    }
    let member = if vni == Vni::INTERNET.get() {
        fabric.internet_underlays.contains(&source)
    } else {
        let vpc = &fabric.vpcs[*fabric.vpc_by_vni.get(&vni).ok_or(DropReason::UnknownVni)?];
        vpc.is_at(source) || vpc.connected.iter().any(|&c| fabric.vpcs[c].is_at(source))
    };
    if member { Ok(()) } else { Err(DropReason::VniNotOfSender) }
}

/// Whether a packet from `source` may come by `path`. A port of this host (underlay 0) was checked when it sent.
pub(crate) fn check_source<A: Family>(fabric: &Fabric, table: &PortTable, path: Path, source: A) -> Result<(), DropReason> {
    let vpc = &fabric.vpcs[table.vpc];
    let connected = || vpc.connected.iter().map(|&c| &fabric.vpcs[c]);
    if path.underlay != 0 {
        // Only who looks without waiting for an answer comes this far.
        if fabric.asks && (vpc.is_unasked(source) || connected().any(|v| v.is_unasked(source))) {
            return Err(DropReason::Unresolved);
        }
        check_sender(fabric, path.underlay, path.vni)?;
    }
    let genuine = if path.vni == Vni::INTERNET.get() {
        // From outside nobody has an address of the VPC, nor one of its peers' that others have too: it would pass rules that
        // name members of a group.
        let foreign = !A::vpc(vpc).holds(source) && (A::UNIQUE || !connected().any(|v| A::vpc(v).holds(source)));
        let outside = A::outside(fabric);
        foreign
            && (path.underlay == 0
                || match outside.elsewhere.get(&source) {
                    Some(owner) => *owner == path.underlay,
                    None => fabric.edge == Some(path.underlay) && !outside.here.contains_key(&source),
                })
    } else {
        let from = |v: &VpcTable| {
            A::vpc(v).router_underlays.contains(&path.underlay)
                || matches!(v.member(source), Some(Member { place: Place::Host(h), .. }) if h == path.underlay)
        };
        // An address of the VPC itself comes from nowhere else, whoever is connected.
        path.underlay == 0 || from(vpc) || !A::vpc(vpc).holds(source) && connected().any(from)
    };
    if genuine { Ok(()) } else { Err(DropReason::InnerSourceSpoofed) }
}
