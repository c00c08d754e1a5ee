//! One tracked flow: its key, the state of its connection, and what the layers decided for its packets.
//!
//! A flow's key is in the guest's view (local, remote), so the packets of both directions find the same entry. It holds
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

use crate::ip::{IcmpKind, Ip};
use crate::parse::{Packet, TCP, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, UDP};
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use wire::net::Direction;

/// What one tracked flow takes, without its share of the index (6 to 12 bytes). Two cache lines whichever it begins in.
pub const FLOW_BYTES: usize = size_of::<Flow>();
const _: () = assert!(FLOW_BYTES == 96 && align_of::<Flow>() == 32);

/// The same of IPv6.
pub const FLOW6_BYTES: usize = size_of::<Flow<u128>>();
const _: () = assert!(FLOW6_BYTES == 128);

/// A flow's addresses and ports as the guest sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlowKey<A = u32> {
    pub local: A,
    pub remote: A,
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

impl<A: Ip> FlowKey<A> {
    #[inline]
    pub fn outbound(p: &Packet<A>) -> Self {
        let (local_port, remote_port) = if p.protocol == A::ICMP {
            let (kind, code) = (p.ports.icmp_type(), p.ports.icmp_code());
            (
                p.ports.source,
                match A::icmp_kind(kind) {
                    _ if code != 0 => return Self::other_icmp(p, p.source, p.destination, ICMP_OTHER_OUT),
                    IcmpKind::Query => kind.into(),
                    IcmpKind::Answer(query) => u16::from(query) + ICMP_REMOTE_ASKS,
                    IcmpKind::Error | IcmpKind::Other => u16::from(kind) + ICMP_OTHER_OUT,
                },
            )
        } else {
            (p.ports.source, p.ports.destination)
        };
        Self { local: p.source, remote: p.destination, local_port, remote_port, protocol: p.protocol }
    }

    #[inline]
    pub fn inbound(p: &Packet<A>) -> Self {
        let (local_port, remote_port) = if p.protocol == A::ICMP {
            let (kind, code) = (p.ports.icmp_type(), p.ports.icmp_code());
            (
                p.ports.source,
                match A::icmp_kind(kind) {
                    _ if code != 0 => return Self::other_icmp(p, p.destination, p.source, ICMP_OTHER_IN),
                    IcmpKind::Query => u16::from(kind) + ICMP_REMOTE_ASKS,
                    IcmpKind::Answer(query) => query.into(),
                    IcmpKind::Error | IcmpKind::Other => u16::from(kind) + ICMP_OTHER_IN,
                },
            )
        } else {
            (p.ports.destination, p.ports.source)
        };
        Self { local: p.destination, remote: p.source, local_port, remote_port, protocol: p.protocol }
    }

    /// A query or answer with a code has no meaning: it belongs to nothing but its own kind and code.
    #[cold]
    fn other_icmp(p: &Packet<A>, local: A, remote: A, marker: u16) -> Self {
        let remote_port = u16::from(p.ports.icmp_type()) + marker;
        Self { local, remote, local_port: p.ports.icmp_code().into(), remote_port, protocol: A::ICMP }
    }

    /// What rules and ACLs are asked about for a packet of this flow that goes in `direction`: (remote, protocol,
    /// destination port or ICMP type and code).
    pub fn subject(&self, direction: Direction) -> (A, u8, u16) {
        let subject = match (self.protocol, direction) {
            (icmp, _) if icmp == A::ICMP => {
                let (kind, marker) = (self.remote_port as u8, self.remote_port & 0x300);
                let answers = match direction {
                    Direction::Egress => marker == ICMP_REMOTE_ASKS,
                    Direction::Ingress => marker == 0,
                };
                let code = if marker >= ICMP_OTHER_OUT { self.local_port & 0xff } else { 0 };
                if answers { u16::from(A::icmp_answer(kind)) << 8 } else { u16::from(kind) << 8 | code }
            }
            (_, Direction::Egress) => self.remote_port,
            (_, Direction::Ingress) => self.local_port,
        };
        (self.remote, self.protocol, subject)
    }
}

impl<A: Ip> Hash for FlowKey<A> {
    #[inline]
    fn hash<H: Hasher>(&self, h: &mut H) {
        self.local.hash_pair(self.remote, h);
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
    /// To a service, by the card.
    Local,
}

/// What the layers composed for packets from the guest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action {
    /// Read with [`Self::vni`].
    pub vni: [u8; 3],
    pub hop: Hop,
    /// The port, or the other host's address.
    pub target: u32,
    /// Rewrite the source address to this; 0: no translation.
    pub source: u32,
    /// Rewrite the destination address to this; 0: no translation.
    pub destination: u32,
    pub mtu: u16,
    pub mac: [u8; 6],
}

impl Action {
    pub const NONE: Action = Action { vni: [0; 3], hop: Hop::None, target: 0, source: 0, destination: 0, mtu: 0, mac: [0; 6] };

    pub fn on(vni: u32, mtu: u16) -> Self {
        let [_, a, b, c] = vni.to_be_bytes();
        Self { vni: [a, b, c], mtu, ..Self::NONE }
    }

    pub fn vni(&self) -> u32 {
        let [a, b, c] = self.vni;
        u32::from_be_bytes([0, a, b, c])
    }
}

/// The way a packet came to the port: the VNI and the sending host's address (0: a port of this host).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub vni: u32,
    pub underlay: u32,
}

impl Path {
    pub const NONE: Path = Path { vni: 0, underlay: 0 };
}

/// A point in time in 32 bits of milliseconds, which wrap: right for idle times under 24 days, and flows are swept far more
/// often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen(pub u32);

impl Seen {
    #[inline]
    pub fn at(now_ms: u64) -> Self {
        Self(now_ms as u32)
    }

    /// 0 when the clock went back.
    #[inline]
    pub fn idle_ms(self, now_ms: u64) -> u32 {
        (now_ms as u32).wrapping_sub(self.0).cast_signed().max(0).cast_unsigned()
    }
}

const USED: u8 = 1;
/// The other side has answered.
const REPLIED: u8 = 2;
const FIN_OUT: u8 = 4;
const FIN_IN: u8 = 8;

#[derive(Clone)]
#[repr(align(32))]
pub(crate) struct Flow<A = u32> {
    pub key: FlowKey<A>,
    pub action: Action,
    pub path: Path,
    pub out_epoch: u32,
    pub in_epoch: u32,
    pub seen: Seen,
    pub state: FlowState,
    /// The side that sent the first packet.
    pub initiator: Direction,
    marks: u8,
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

impl<A: Ip> Flow<A> {
    pub fn new(key: FlowKey<A>, initiator: Direction, now_ms: u64) -> Self {
        Self {
            key,
            action: Action::NONE,
            path: Path::NONE,
            out_epoch: 0,
            in_epoch: 0,
            seen: Seen::at(now_ms),
            state: FlowState::New,
            initiator,
            marks: USED,
            out_packets: 0,
            out_bytes: 0,
            in_packets: 0,
            in_bytes: 0,
        }
    }

    /// False: its slot is free.
    pub fn is_used(&self) -> bool {
        self.marks & USED != 0
    }

    pub fn discard(&mut self) {
        self.marks = 0;
    }

    /// Both sides have taken part, so a change of rules does not end it (as tracked connections in EC2).
    pub fn is_tracked(&self) -> bool {
        self.marks & REPLIED != 0
    }

    /// A SYN begins another connection.
    pub fn is_over(&self) -> bool {
        matches!(self.state, FlowState::TimeWait | FlowState::Reset)
    }

    #[inline]
    fn idle_max_ms(&self) -> u32 {
        let seconds = match (self.key.protocol, self.state) {
            (TCP, FlowState::New) => 60,
            // EC2's default for established TCP.
            (TCP, FlowState::Established) => 432_000,
            (TCP, FlowState::Closing) => 120,
            (TCP, FlowState::TimeWait) => 60,
            (TCP, FlowState::Reset) => 10,
            (UDP, FlowState::New) => 30,
            (UDP, _) => 180,
            (icmp, _) if icmp == A::ICMP => 30,
            (_, FlowState::New) => 30,
            _ => 180,
        };
        seconds * 1000
    }

    #[inline]
    pub fn is_expired(&self, now_ms: u64) -> bool {
        self.seen.idle_ms(now_ms) > self.idle_max_ms()
    }

    /// Advances the state by a packet that goes in `direction`. On `Begins` nothing is changed.
    #[inline(always)]
    pub fn touch(&mut self, direction: Direction, flags: u8, bytes: u16, now_ms: u64) -> Touch {
        if self.key.protocol == TCP {
            if flags & (TCP_SYN | TCP_ACK | TCP_RST) == TCP_SYN
                && (self.is_over() || self.state == FlowState::New && self.initiator != direction)
            {
                return Touch::Begins;
            }
            self.marks |= if self.initiator == direction { 0 } else { REPLIED };
            self.advance_tcp(direction, flags);
        } else if self.state == FlowState::New && self.initiator != direction {
            self.state = FlowState::Established;
            self.marks |= REPLIED;
        }
        self.seen = Seen::at(now_ms);
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
            self.marks |= match direction {
                Direction::Egress => FIN_OUT,
                Direction::Ingress => FIN_IN,
            };
        }
        if self.is_tracked() {
            self.state = match self.marks & (FIN_OUT | FIN_IN) {
                0 => FlowState::Established,
                FIN_OUT | FIN_IN => FlowState::Closing,
                _ => FlowState::TimeWait,
            };
        }
    }

    /// State, initiator and marks in 8 bits, never 0: what is kept beside the key.
    pub fn bits(&self) -> u8 {
        let initiator = u8::from(self.initiator == Direction::Egress);
        self.marks & (USED | REPLIED | FIN_OUT | FIN_IN) | initiator << 4 | (self.state as u8) << 5
    }

    /// A flow as [`Self::bits`] say, on which nothing is decided yet. `None`: they say nothing.
    pub fn restored(key: FlowKey<A>, bits: u8, now_ms: u64) -> Option<Self> {
        let state = [FlowState::New, FlowState::Established, FlowState::Closing, FlowState::TimeWait, FlowState::Reset];
        let state = *state.get(usize::from(bits >> 5))?;
        let initiator = if bits & 16 == 0 { Direction::Ingress } else { Direction::Egress };
        let marks = bits & (USED | REPLIED | FIN_OUT | FIN_IN);
        (marks & USED != 0).then(|| Self { state, marks, ..Self::new(key, initiator, now_ms) })
    }

    /// The same flow as a new connection, begun by `direction`.
    pub fn restart(&mut self, direction: Direction) {
        self.state = FlowState::New;
        self.initiator = direction;
        self.marks = USED;
    }
}

/// A flow for people and statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowView {
    pub local: IpAddr,
    pub remote: IpAddr,
    pub local_port: u16,
    pub remote_port: u16,
    pub protocol: u8,
    pub initiator: Direction,
    pub state: &'static str,
    pub idle_ms: u32,
    pub out_packets: u64,
    pub out_bytes: u64,
    pub in_packets: u64,
    pub in_bytes: u64,
}

impl FlowView {
    pub(crate) fn of<A: Ip>(f: &Flow<A>, now_ms: u64) -> Self {
        Self {
            local: f.key.local.any(),
            remote: f.key.remote.any(),
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
            idle_ms: f.seen.idle_ms(now_ms),
            out_packets: f.out_packets,
            out_bytes: f.out_bytes,
            in_packets: f.in_packets,
            in_bytes: f.in_bytes,
        }
    }
}
