//! Towards the guest: datagrams of other hosts, and the last step of every packet for a port of this host.

use crate::ROUTER_MAC;
use crate::config::{Fabric, Member, Place, PortTable, vni_mac};
use crate::conntrack::{Flow, FlowKey, Path, Touch};
use crate::drop::DropReason;
use crate::frame::FrameBuf;
use crate::parse::{self, ETHERNET_BYTES, ETHERTYPE_IPV4, Packet};
use crate::port::{PortIndex, PortState};
use crate::switch::{Engine, Sink};
use crate::{nat, vxlan};
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
        let frame = datagram.as_slice();
        if parse::ethertype(frame) != Some(ETHERTYPE_IPV4) {
            self.check_sender(source, vni)?;
            return Err(DropReason::Ethertype);
        }
        let mut packet = parse::ipv4(frame)?;
        let path = Path { vni, underlay: source };
        let port = if vni == Vni::INTERNET.get() {
            let Some(&(port, private)) = self.fabric.public_here.get(&packet.destination) else {
                self.check_sender(source, vni)?;
                return Err(DropReason::NoSuchPort);
            };
            self.translate_destination(datagram, &mut packet, private);
            port
        } else {
            let mac = frame.first_chunk::<6>().copied().unwrap_or_default();
            let Some(&port) = self.fabric.port_by_vni_mac.get(&vni_mac(vni, mac)) else {
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

    /// The public destination becomes the private one, in the packet and, in an ICMP error, in what it quotes.
    pub fn translate_destination(&mut self, frame: &mut FrameBuf, packet: &mut Packet, private: u32) {
        if packet.is_icmp_error() && parse::quoted(frame.as_slice()).is_some_and(|q| q.source == packet.destination) {
            nat::rewrite_quoted(frame.as_mut_slice(), true, private);
        }
        nat::rewrite_destination(frame.as_mut_slice(), packet, private);
    }

    /// The receiving port's checks, then the guest. Drops are counted here, at the receiving port.
    #[inline]
    pub fn deliver(&mut self, port: PortIndex, path: Path, frame: &mut FrameBuf, packet: Packet, out: &mut (impl Sink + ?Sized)) {
        if let Err(reason) = self.try_deliver(port, path, frame, packet, out) {
            self.count_drop(Some(port), reason);
        }
    }

    #[inline]
    fn try_deliver(
        &mut self,
        port: PortIndex,
        path: Path,
        frame: &mut FrameBuf,
        packet: Packet,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let fabric = self.fabric;
        let table = fabric.port(port).ok_or(DropReason::UnknownPort)?;
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        if !hit(fabric, table, state, path, &packet, self.now_ms) {
            admit_inbound(fabric, table, state, path, frame, packet, self.now_ms)?;
        }
        finish(port, table, state, frame, out);
        Ok(())
    }

    pub fn service_frame(
        &mut self,
        port: PortIndex,
        frame: &mut FrameBuf,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let table = self.fabric.port(port).ok_or(DropReason::UnknownPort)?;
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        if frame.len() < ETHERNET_BYTES {
            return Err(DropReason::RuntFrame);
        }
        finish(port, table, state, frame, out);
        Ok(())
    }
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
fn hit(fabric: &Fabric, table: &PortTable, state: &mut PortState, path: Path, packet: &Packet, now_ms: u64) -> bool {
    if packet.is_fragment() || packet.total_bytes > table.mtu {
        return false;
    }
    match state.flows.get_mut(&fabric.hasher, &FlowKey::inbound(packet)) {
        Some(flow) if flow.in_epoch == fabric.epoch && flow.path == path && !flow.is_expired(now_ms) => {
            flow.touch(Direction::Ingress, packet.ports.flags, packet.total_bytes, now_ms) == Touch::Continues
        }
        _ => false,
    }
}

#[cold]
fn admit_inbound(
    fabric: &Fabric,
    table: &PortTable,
    state: &mut PortState,
    path: Path,
    frame: &FrameBuf,
    mut packet: Packet,
    now_ms: u64,
) -> Result<(), DropReason> {
    check_source(fabric, table, path, packet.source)?;
    if !table.has_address(packet.destination) && (table.source_dest_check || path.vni == Vni::INTERNET.get()) {
        return Err(DropReason::DestinationNotPort);
    }
    if packet.total_bytes > table.mtu {
        return Err(DropReason::OverMtu);
    }
    if packet.is_fragment() {
        state.fragments.admit(Direction::Ingress, &mut packet, now_ms)?;
    }
    if packet.is_icmp_error() {
        let related = parse::quoted(frame.as_slice())
            .filter(|q| q.source == packet.destination)
            .is_some_and(|q| state.flows.get_mut(&fabric.hasher, &FlowKey::outbound(&q)).is_some());
        let subject = (packet.source, packet.protocol, packet.ports.destination);
        return if related || table.ingress.allows(subject) { Ok(()) } else { Err(DropReason::IcmpUnrelated) };
    }
    let flow = admit(fabric, table, state, Direction::Ingress, &packet, now_ms)?;
    flow.in_epoch = fabric.epoch;
    flow.path = path;
    Ok(())
}

fn check_sender(fabric: &Fabric, source: u32, vni: u32) -> Result<(), DropReason> {
    if !fabric.known_underlays.contains(&source) {
        return Err(DropReason::UnknownUnderlaySource);
    }
    let member = if vni == Vni::INTERNET.get() {
        fabric.internet_underlays.contains(&source)
    } else {
        let vpc = *fabric.vpc_by_vni.get(&vni).ok_or(DropReason::UnknownVni)?;
        fabric.vpcs[vpc].underlays.contains(&source)
    };
    if member { Ok(()) } else { Err(DropReason::VniNotOfSender) }
}

/// Whether a packet from `source` may come by `path`. A port of this host (underlay 0) was checked when it sent.
fn check_source(fabric: &Fabric, table: &PortTable, path: Path, source: u32) -> Result<(), DropReason> {
    if path.underlay != 0 {
        check_sender(fabric, path.underlay, path.vni)?;
    }
    let vpc = &fabric.vpcs[table.vpc];
    let genuine = if path.vni == Vni::INTERNET.get() {
        // From outside nobody has an address of the VPC: it would pass rules that name members of a group.
        let foreign = !vpc.cidrs.iter().any(|c| c.contains(source.into()));
        foreign
            && (path.underlay == 0
                || match fabric.public_elsewhere.get(&source) {
                    Some(owner) => *owner == path.underlay,
                    None => fabric.edge == Some(path.underlay) && !fabric.public_here.contains_key(&source),
                })
    } else {
        path.underlay == 0
            || vpc.router_underlays.contains(&path.underlay)
            || matches!(vpc.member_by_address.get(&source), Some(Member { place: Place::Host(h), .. }) if *h == path.underlay)
    };
    if genuine { Ok(()) } else { Err(DropReason::InnerSourceSpoofed) }
}

/// Finds or makes the flow of a packet, when state and rules allow it. Both directions use this; on success the packet is
/// counted and the flow's state has advanced.
pub(crate) fn admit<'s>(
    fabric: &Fabric,
    table: &PortTable,
    state: &'s mut PortState,
    direction: Direction,
    packet: &Packet,
    now_ms: u64,
) -> Result<&'s mut Flow, DropReason> {
    let key = match direction {
        Direction::Egress => FlowKey::outbound(packet),
        Direction::Ingress => FlowKey::inbound(packet),
    };
    let (flags, bytes) = (packet.ports.flags, packet.total_bytes);
    let allowed = |d: Direction| table.rules(d).allows(key.rule_subject(d));
    let hasher = &fabric.hasher;
    if let Some(flow) = state.flows.get_mut(hasher, &key) {
        let epoch = match direction {
            Direction::Egress => flow.out_epoch,
            Direction::Ingress => flow.in_epoch,
        };
        // A change of rules ends what was not answered yet; connections that both sides take part in go on, as in EC2.
        let revoked = epoch != fabric.epoch && !flow.is_tracked() && !allowed(flow.initiator);
        if revoked || flow.is_expired(now_ms) {
            state.flows.remove(hasher, &key);
        } else if flow.touch(direction, flags, bytes, now_ms) == Touch::Begins {
            if !allowed(direction) {
                return Err(denied(direction));
            }
            flow.restart(direction);
            flow.touch(direction, flags, bytes, now_ms);
        }
    }
    // Looked up again: the borrow of a flow that is returned would last through the code that makes one.
    if state.flows.get_mut(hasher, &key).is_none() {
        if !packet.is_first() {
            return Err(DropReason::FragmentUnknown);
        }
        if !allowed(direction) {
            return Err(denied(direction));
        }
        let (flow, evicted) = state.flows.insert(hasher, key, direction, now_ms).map_err(|_| DropReason::FlowTableFull)?;
        flow.touch(direction, flags, bytes, now_ms);
        state.stats.flows_evicted += evicted;
    }
    state.flows.get_mut(hasher, &key).ok_or(DropReason::FlowTableFull)
}

fn denied(direction: Direction) -> DropReason {
    match direction {
        Direction::Egress => DropReason::SecurityGroupEgress,
        Direction::Ingress => DropReason::SecurityGroupIngress,
    }
}
