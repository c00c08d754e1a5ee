//! Connection tracking and the flow cache of one port: one bounded table, one entry a flow.
//!
//! An entry's key is in the guest's view (local, remote), so the packets of both directions find the same entry. It holds
//! the connection's state, and for each direction what the layers decided (`out`: the action; `in`: the path that packets
//! may arrive by) with the epoch of the configuration that they were decided under.
//!
//! ```text
//!            packet of the other direction        FIN             FIN of the other side
//!   New ───────────────────────────▶ Established ─────▶ Closing ───────▶ TimeWait
//!    ▲                                    │ RST (also from Closing, New)     │
//!    │ SYN that the rules allow           ▼                                  │
//!    └──────────────────────────────── Reset ◀── RST ────────────────────────┘
//! ```
//!
//! UDP, ICMP queries and other protocols use New and Established only. Sequence numbers are not tracked.

use crate::parse::{ICMP, Packet, TCP, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, UDP};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use wire::net::Direction;

/// What one tracked flow takes, without its share of the index (5 bytes).
pub const FLOW_BYTES: usize = size_of::<Flow>();
const _: () = assert!(FLOW_BYTES <= 128);

/// A flow's addresses and ports as the guest sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlowKey {
    pub local: u32,
    pub remote: u32,
    pub local_port: u16,
    pub remote_port: u16,
    pub protocol: u8,
}

/// The `remote_port` of an ICMP query's flow says who asked, so that a guest's ping does not open it to be pinged: the type
/// of the query, plus this when the remote asks.
const ICMP_REMOTE_ASKS: u16 = 0x100;
/// Types that are neither queries nor errors; out and in are different flows.
const ICMP_OTHER_OUT: u16 = 0x200;
const ICMP_OTHER_IN: u16 = 0x300;

impl FlowKey {
    #[inline]
    pub fn outbound(p: &Packet) -> Self {
        let (local_port, remote_port) = if p.protocol == ICMP {
            let kind = u16::from(p.ports.icmp_type());
            (
                p.ports.source,
                match kind {
                    8 | 13 | 15 | 17 => kind,
                    0 => 8 + ICMP_REMOTE_ASKS,
                    14 | 16 | 18 => kind - 1 + ICMP_REMOTE_ASKS,
                    _ => kind + ICMP_OTHER_OUT,
                },
            )
        } else {
            (p.ports.source, p.ports.destination)
        };
        Self { local: p.source, remote: p.destination, local_port, remote_port, protocol: p.protocol }
    }

    #[inline]
    pub fn inbound(p: &Packet) -> Self {
        let (local_port, remote_port) = if p.protocol == ICMP {
            let kind = u16::from(p.ports.icmp_type());
            (
                p.ports.source,
                match kind {
                    8 | 13 | 15 | 17 => kind + ICMP_REMOTE_ASKS,
                    0 => 8,
                    14 | 16 | 18 => kind - 1,
                    _ => kind + ICMP_OTHER_IN,
                },
            )
        } else {
            (p.ports.destination, p.ports.source)
        };
        Self { local: p.destination, remote: p.source, local_port, remote_port, protocol: p.protocol }
    }

    /// What rules are asked about when the flow's first packet went in `direction`: (remote, protocol, destination port or
    /// ICMP type and code).
    pub fn rule_subject(&self, direction: Direction) -> (u32, u8, u16) {
        let subject = match (self.protocol, direction) {
            (ICMP, _) => self.icmp_type(direction) << 8,
            (_, Direction::Egress) => self.remote_port,
            (_, Direction::Ingress) => self.local_port,
        };
        (self.remote, self.protocol, subject)
    }
}

impl FlowKey {
    /// The type of the flow's packets in `direction`: the query of who asks, the answer (8 and 0, else the next number) of
    /// the other, who may have sent it unasked.
    fn icmp_type(&self, direction: Direction) -> u16 {
        let kind = self.remote_port & 0xff;
        let asks = match self.remote_port - kind {
            0 => Direction::Egress,
            ICMP_REMOTE_ASKS => Direction::Ingress,
            _ => return kind,
        };
        match kind {
            _ if asks == direction => kind,
            8 => 0,
            _ => kind + 1,
        }
    }
}

impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, h: &mut H) {
        h.write_u64(u64::from(self.local) << 32 | u64::from(self.remote));
        h.write_u64(u64::from(self.local_port) << 32 | u64::from(self.remote_port) << 16 | u64::from(self.protocol));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FlowState {
    /// Only one direction seen.
    New,
    Established,
    /// One side has sent FIN.
    Closing,
    /// Both sides have.
    TimeWait,
    Reset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Hop {
    /// Not decided yet.
    None,
    /// To a port of this host.
    Port,
    /// To another host.
    Underlay,
}

/// What the layers composed for packets from the guest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action {
    pub vni: u32,
    pub port: u32,
    pub underlay: u32,
    /// Rewrite the source address to this; 0: no translation.
    pub source: u32,
    /// Rewrite the destination address to this; 0: no translation.
    pub destination: u32,
    pub mtu: u16,
    pub entropy: u16,
    pub mac: [u8; 6],
    pub hop: Hop,
}

impl Action {
    pub const NONE: Action =
        Action { vni: 0, port: 0, underlay: 0, source: 0, destination: 0, mtu: 0, entropy: 0, mac: [0; 6], hop: Hop::None };
}

/// The way a packet came to the port: the VNI and the sending host's address (0: a port of this host).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub vni: u32,
    pub underlay: u32,
}

#[repr(align(64))]
pub(crate) struct Flow {
    pub key: FlowKey,
    pub state: FlowState,
    /// The side that sent the first packet.
    pub initiator: Direction,
    used: bool,
    /// The other side has answered.
    replied: bool,
    fin_out: bool,
    fin_in: bool,
    pub seen_ms: u64,
    pub out_epoch: u32,
    pub in_epoch: u32,
    pub action: Action,
    pub path: Path,
    pub out_packets: u64,
    pub out_bytes: u64,
    pub in_packets: u64,
    pub in_bytes: u64,
}

/// What a packet means to the flow it was found to belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touch {
    Continues,
    /// It begins a connection (a SYN on a closed one, or against the flow's direction): the rules decide anew.
    Begins,
}

impl Flow {
    /// Both sides have taken part, so a change of rules does not end it (as tracked connections in EC2).
    pub fn is_tracked(&self) -> bool {
        self.replied
    }

    fn idle_max_ms(&self) -> u64 {
        let seconds = match (self.key.protocol, self.state) {
            (TCP, FlowState::New) => 60,
            // EC2's default for established TCP.
            (TCP, FlowState::Established) => 432_000,
            (TCP, FlowState::Closing) => 120,
            (TCP, FlowState::TimeWait) => 60,
            (TCP, FlowState::Reset) => 10,
            (UDP, FlowState::New) => 30,
            (UDP, _) => 180,
            (ICMP, _) => 30,
            (_, FlowState::New) => 30,
            _ => 180,
        };
        seconds * 1000
    }

    pub fn is_expired(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.seen_ms) > self.idle_max_ms()
    }

    /// Advances the state by a packet that goes in `direction`. On `Begins` nothing is changed.
    #[inline]
    pub fn touch(&mut self, direction: Direction, flags: u8, bytes: u16, now_ms: u64) -> Touch {
        if self.key.protocol == TCP {
            if flags & (TCP_SYN | TCP_ACK | TCP_RST) == TCP_SYN
                && (matches!(self.state, FlowState::TimeWait | FlowState::Reset)
                    || self.state == FlowState::New && self.initiator != direction)
            {
                return Touch::Begins;
            }
            self.replied |= self.initiator != direction;
            self.advance_tcp(direction, flags);
        } else if self.state == FlowState::New && self.initiator != direction {
            self.state = FlowState::Established;
            self.replied = true;
        }
        self.seen_ms = now_ms;
        match direction {
            Direction::Egress => {
                self.out_packets += 1;
                self.out_bytes += u64::from(bytes);
            }
            Direction::Ingress => {
                self.in_packets += 1;
                self.in_bytes += u64::from(bytes);
            }
        }
        Touch::Continues
    }

    #[inline]
    fn advance_tcp(&mut self, direction: Direction, flags: u8) {
        if flags & TCP_RST != 0 || self.state == FlowState::Reset {
            self.state = FlowState::Reset;
            return;
        }
        if flags & TCP_FIN != 0 {
            match direction {
                Direction::Egress => self.fin_out = true,
                Direction::Ingress => self.fin_in = true,
            }
        }
        if self.replied {
            self.state = match (self.fin_out, self.fin_in) {
                (false, false) => FlowState::Established,
                (true, true) => FlowState::TimeWait,
                _ => FlowState::Closing,
            };
        }
    }

    /// The same flow as a new connection, begun by `direction`.
    pub fn restart(&mut self, direction: Direction) {
        self.state = FlowState::New;
        self.initiator = direction;
        self.replied = false;
        self.fin_out = false;
        self.fin_in = false;
    }
}

/// A flow for people and statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowView {
    pub local: Ipv4Addr,
    pub remote: Ipv4Addr,
    pub local_port: u16,
    pub remote_port: u16,
    pub protocol: u8,
    pub initiator: Direction,
    pub state: &'static str,
    pub seen_ms: u64,
    pub out_packets: u64,
    pub out_bytes: u64,
    pub in_packets: u64,
    pub in_bytes: u64,
}

impl From<&Flow> for FlowView {
    fn from(f: &Flow) -> Self {
        Self {
            local: f.key.local.into(),
            remote: f.key.remote.into(),
            local_port: f.key.local_port,
            remote_port: f.key.remote_port,
            protocol: f.key.protocol,
            initiator: f.initiator,
            state: match f.state {
                FlowState::New => "new",
                FlowState::Established => "established",
                FlowState::Closing => "closing",
                FlowState::TimeWait => "time-wait",
                FlowState::Reset => "reset",
            },
            seen_ms: f.seen_ms,
            out_packets: f.out_packets,
            out_bytes: f.out_bytes,
            in_packets: f.in_packets,
            in_bytes: f.in_bytes,
        }
    }
}

/// How many entries a full table looks at to find one that gives way.
const EVICT_SAMPLE: usize = 64;

/// The flows of one port. Entries stay in their slots, so that the sweep for expired ones needs no second structure.
pub(crate) struct FlowTable {
    index: HashTable<u32>,
    flows: Vec<Flow>,
    free: Vec<u32>,
    /// Where the sweep goes on.
    hand: usize,
    flows_max: usize,
}

/// The table is full of flows that may not be pushed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableFull;

impl FlowTable {
    pub fn new(flows_max: usize) -> Self {
        Self {
            index: HashTable::new(),
            flows: Vec::new(),
            free: Vec::new(),
            hand: 0,
            flows_max: flows_max.clamp(1, u32::MAX as usize),
        }
    }

    pub fn len(&self) -> usize {
        self.index.len()
    }

    pub fn clear(&mut self) {
        *self = Self::new(self.flows_max);
    }

    #[inline]
    pub fn get_mut(&mut self, hasher: &FixedState, key: &FlowKey) -> Option<&mut Flow> {
        let flows = &mut self.flows;
        let slot = *self.index.find(hasher.hash_one(key), |&i| flows[i as usize].key == *key)?;
        Some(&mut flows[slot as usize])
    }

    pub fn remove(&mut self, hasher: &FixedState, key: &FlowKey) {
        let flows = &mut self.flows;
        if let Ok(entry) = self.index.find_entry(hasher.hash_one(key), |&i| flows[i as usize].key == *key) {
            let (slot, _) = entry.remove();
            flows[slot as usize].used = false;
            self.free.push(slot);
        }
    }

    /// Adds a flow that is not in the table. The second value counts evictions (0 or 1).
    pub fn insert(
        &mut self,
        hasher: &FixedState,
        key: FlowKey,
        initiator: Direction,
        now_ms: u64,
    ) -> Result<(&mut Flow, u64), TableFull> {
        let mut evicted = 0;
        if self.index.len() >= self.flows_max {
            self.make_room(hasher, now_ms)?;
            evicted = 1;
        }
        let flow = Flow {
            key,
            state: FlowState::New,
            initiator,
            used: true,
            replied: false,
            fin_out: false,
            fin_in: false,
            seen_ms: now_ms,
            out_epoch: 0,
            in_epoch: 0,
            action: Action::NONE,
            path: Path { vni: 0, underlay: 0 },
            out_packets: 0,
            out_bytes: 0,
            in_packets: 0,
            in_bytes: 0,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.flows[slot as usize] = flow;
                slot
            }
            None => {
                self.flows.push(flow);
                (self.flows.len() - 1) as u32
            }
        };
        let flows = &self.flows;
        self.index.insert_unique(hasher.hash_one(key), slot, |&i| hasher.hash_one(flows[i as usize].key));
        Ok((&mut self.flows[slot as usize], evicted))
    }

    /// Frees one entry of the next [`EVICT_SAMPLE`]: an expired one, else the longest idle of those that are not live
    /// connections (one-sided, closing or not TCP). Established TCP is never pushed out, so a flood of openings cannot end it.
    fn make_room(&mut self, hasher: &FixedState, now_ms: u64) -> Result<(), TableFull> {
        let mut best: Option<(u64, FlowKey)> = None;
        for _ in 0..EVICT_SAMPLE.min(self.flows.len()) {
            self.hand = (self.hand + 1) % self.flows.len();
            let flow = &self.flows[self.hand];
            let live = flow.key.protocol == TCP && flow.state == FlowState::Established;
            if !flow.used || live && !flow.is_expired(now_ms) {
                continue;
            }
            let idle = if flow.is_expired(now_ms) { u64::MAX } else { now_ms.saturating_sub(flow.seen_ms) };
            if best.is_none_or(|(b, _)| idle > b) {
                best = Some((idle, flow.key));
            }
        }
        let (_, key) = best.ok_or(TableFull)?;
        self.remove(hasher, &key);
        Ok(())
    }

    /// Looks at up to `budget` slots and removes what has been idle too long. Returns how many it looked at.
    pub fn expire(&mut self, hasher: &FixedState, now_ms: u64, budget: usize) -> usize {
        let looked_at = budget.min(self.flows.len());
        for _ in 0..looked_at {
            self.hand = (self.hand + 1) % self.flows.len();
            let flow = &self.flows[self.hand];
            if flow.used && flow.is_expired(now_ms) {
                let key = flow.key;
                self.remove(hasher, &key);
            }
        }
        // A port that was busy once does not keep the memory for ever.
        if self.index.is_empty() && self.flows.capacity() > EVICT_SAMPLE {
            self.clear();
        }
        looked_at
    }

    pub fn iter(&self) -> impl Iterator<Item = &Flow> {
        self.flows.iter().filter(|f| f.used)
    }
}
