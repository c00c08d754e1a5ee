//! What flow logs are made of: per flow and direction the packets of one aggregation interval, and what was turned away.
//!
//! Sums are taken while packets pass; which rule decided is looked up when a record is written, from the rules of then.
//! A sweep visits each flow once an interval, a part of them at each call, so that no call takes long.

use crate::config::{Map, PortTable};
use crate::conntrack::FlowTable;
use crate::family::Family;
use crate::flow::FlowKey;
use crate::ip::Ip;
use crate::parse::Packet;
use foldhash::fast::FixedState;
use std::net::IpAddr;
use types::{InterfaceId, NetworkAclId, SecurityGroupRuleId};
use wire::net::Direction;

/// Flows that ended since the last sweep.
const ENDED_MAX: usize = 16_384;
/// Different flows turned away in one interval.
const REJECTS_MAX: usize = 4096;
const CHUNK: usize = 256;

/// One line of a flow log, before it is written in anyone's format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRecord {
    pub interface: InterfaceId,
    /// Of the packets that are counted here.
    pub direction: Direction,
    pub source: IpAddr,
    pub destination: IpAddr,
    /// 0 unless TCP or UDP, as in EC2.
    pub source_port: u16,
    pub destination_port: u16,
    pub protocol: u8,
    pub packets: u64,
    /// IP headers included.
    pub bytes: u64,
    /// Milliseconds of the caller's clock.
    pub first_ms: u64,
    pub last_ms: u64,
    /// FIN (1), SYN (2) and RST (4) that were seen, ORed; ACK (16) only of a packet with SYN, so that 2 is who began and 18 who
    /// answered, as in EC2.
    pub tcp_flags: u8,
    /// ACCEPT; else REJECT.
    pub accepted: bool,
    /// The rule that allows the flow's first packet; `None`: denied by security groups, or a tracked flow whose rule is gone.
    pub rule: Option<SecurityGroupRuleId>,
    /// The ACL and entry that judged at the subnet's edge (entry `None`: `*`); `None`: not judged, or turned away before.
    pub acl: Option<(NetworkAclId, Option<u16>)>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub packets: u64,
    pub bytes: u64,
    pub first_ms: u64,
    pub last_ms: u64,
    pub flags: u8,
}

impl Sums {
    #[inline]
    fn count<A: Ip>(&mut self, packet: &Packet<A>, now_ms: u64) {
        if self.packets == 0 {
            self.first_ms = now_ms;
        }
        self.last_ms = now_ms;
        self.packets += 1;
        self.bytes += u64::from(packet.total_bytes);
        self.flags |= logged_flags(packet.ports.flags);
    }
}

fn logged_flags(flags: u8) -> u8 {
    const FIN_SYN_RST: u8 = 0b111;
    const SYN: u8 = 0b10;
    const ACK: u8 = 0b1_0000;
    if flags & SYN == 0 { flags & FIN_SYN_RST } else { flags & (FIN_SYN_RST | ACK) }
}

/// By [`side`].
pub(crate) type Both = [Sums; 2];

fn side(direction: Direction) -> usize {
    usize::from(direction == Direction::Egress)
}

pub(crate) struct FlowLog<A = u32> {
    pub interval_ms: u64,
    pub swept_ms: Option<u64>,
    /// The slot where the sweep goes on.
    hand: usize,
    /// By the flow's slot.
    slots: Vec<Box<[Both]>>,
    pub ended: Vec<(FlowKey<A>, Direction, Both)>,
    pub rejects: Map<(FlowKey<A>, bool), Sums>,
    pub rejects_ms: Option<u64>,
    /// Flows that found no room in `ended` or `rejects`.
    pub skipped: u64,
}

impl<A: Ip> FlowLog<A> {
    pub fn new(interval_ms: u64, hasher: FixedState) -> Self {
        Self {
            interval_ms,
            swept_ms: None,
            hand: 0,
            slots: Vec::new(),
            ended: Vec::new(),
            rejects: Map::with_hasher(hasher),
            rejects_ms: None,
            skipped: 0,
        }
    }

    #[inline(never)]
    pub fn count(&mut self, slot: u32, direction: Direction, packet: &Packet<A>, now_ms: u64) {
        self.sums_mut(slot)[side(direction)].count(packet, now_ms);
    }

    fn sums_mut(&mut self, slot: u32) -> &mut Both {
        let slot = slot as usize;
        while self.slots.len() <= slot / CHUNK {
            self.slots.push(vec![Both::default(); CHUNK].into());
        }
        &mut self.slots[slot / CHUNK][slot % CHUNK]
    }

    /// What is counted of the flow in `slot` since the last sweep.
    pub fn sums_at(&self, slot: usize) -> Both {
        self.slots.get(slot / CHUNK).map(|c| c[slot % CHUNK]).unwrap_or_default()
    }

    pub fn set_sums(&mut self, slot: u32, both: Both) {
        *self.sums_mut(slot) = both;
    }

    fn take(&mut self, slot: usize) -> Both {
        self.slots.get_mut(slot / CHUNK).map(|c| std::mem::take(&mut c[slot % CHUNK])).unwrap_or_default()
    }

    /// The flow leaves its slot.
    pub fn ended(&mut self, slot: u32, key: FlowKey<A>, initiator: Direction) {
        let both = self.take(slot as usize);
        if both.iter().all(|s| s.packets == 0) {
        } else if self.ended.len() < ENDED_MAX {
            self.ended.push((key, initiator, both));
        } else {
            self.skipped += 1;
        }
    }

    /// All flows are gone at once: another guest.
    pub fn forget_flows(&mut self) {
        self.slots.clear();
    }

    pub fn rejected(&mut self, direction: Direction, packet: &Packet<A>, now_ms: u64) {
        let key = match direction {
            Direction::Egress => FlowKey::outbound(packet),
            Direction::Ingress => FlowKey::inbound(packet),
        };
        let key = (key, direction == Direction::Egress);
        if self.rejects.len() >= REJECTS_MAX && !self.rejects.contains_key(&key) {
            self.skipped += 1;
            return;
        }
        self.rejects_ms.get_or_insert(now_ms);
        self.rejects.entry(key).or_default().count(packet, now_ms);
    }
}

/// Writes what is due at `now_ms`.
pub(crate) fn drain<A: Family>(table: &PortTable, flows: &mut FlowTable<A>, now_ms: u64, emit: &mut impl FnMut(FlowRecord)) {
    let slots = flows.slots();
    let Some(mut log) = flows.log.take() else { return };
    for (key, initiator, both) in std::mem::take(&mut log.ended) {
        accepted(table, &key, initiator, &both, emit);
    }
    let elapsed = now_ms.saturating_sub(log.swept_ms.unwrap_or(now_ms.saturating_sub(log.interval_ms)));
    let due = if elapsed >= log.interval_ms {
        slots
    } else {
        // 10 minutes in milliseconds times a million slots is far within 64 bits.
        (slots as u64 * elapsed / log.interval_ms.max(1)) as usize
    };
    if due > 0 || slots == 0 {
        log.swept_ms = Some(now_ms);
    }
    for _ in 0..due {
        log.hand = (log.hand + 1) % slots;
        let both = log.take(log.hand);
        if let Some(flow) = flows.used_at(log.hand) {
            accepted(table, &flow.key, flow.initiator, &both, emit);
        }
    }
    if log.rejects_ms.is_some_and(|at| now_ms.saturating_sub(at) >= log.interval_ms) {
        log.rejects_ms = None;
        for ((key, outward), sums) in log.rejects.drain() {
            rejected(table, &key, if outward { Direction::Egress } else { Direction::Ingress }, &sums, emit);
        }
    }
    flows.log = Some(log);
}

/// Writes everything: the port goes away.
pub(crate) fn finish<A: Family>(table: &PortTable, flows: &mut FlowTable<A>, emit: &mut impl FnMut(FlowRecord)) {
    drain(table, flows, u64::MAX, emit);
}

fn accepted<A: Family>(
    table: &PortTable,
    key: &FlowKey<A>,
    initiator: Direction,
    both: &Both,
    emit: &mut impl FnMut(FlowRecord),
) {
    for direction in [Direction::Ingress, Direction::Egress] {
        let sums = &both[side(direction)];
        if sums.packets > 0 {
            emit(FlowRecord {
                rule: A::port(table).rules(initiator).decide(key.subject(initiator)),
                acl: A::port(table).judge(direction, key.subject(direction)).map(|(id, j)| (id, j.entry)),
                ..record(table, key, direction, sums, true)
            });
        }
    }
}

fn rejected<A: Family>(
    table: &PortTable,
    key: &FlowKey<A>,
    direction: Direction,
    sums: &Sums,
    emit: &mut impl FnMut(FlowRecord),
) {
    let rule = A::port(table).rules(direction).decide(key.subject(direction));
    // From the guest the groups come first, towards it the ACL does.
    let acl = A::port(table)
        .judge(direction, key.subject(direction))
        .filter(|(_, j)| direction == Direction::Ingress || rule.is_some() || !j.allow);
    emit(FlowRecord { rule, acl: acl.map(|(id, j)| (id, j.entry)), ..record(table, key, direction, sums, false) });
}

fn record<A: Ip>(table: &PortTable, key: &FlowKey<A>, direction: Direction, sums: &Sums, accepted: bool) -> FlowRecord {
    let (local_port, remote_port) = if key.protocol == A::ICMP { (0, 0) } else { (key.local_port, key.remote_port) };
    let (local, remote) = ((key.local.any(), local_port), (key.remote.any(), remote_port));
    let (from, to) = if direction == Direction::Egress { (local, remote) } else { (remote, local) };
    FlowRecord {
        interface: table.id,
        direction,
        source: from.0,
        destination: to.0,
        source_port: from.1,
        destination_port: to.1,
        protocol: key.protocol,
        packets: sums.packets,
        bytes: sums.bytes,
        first_ms: sums.first_ms,
        last_ms: sums.last_ms,
        tcp_flags: sums.flags,
        accepted,
        rule: None,
        acl: None,
    }
}
