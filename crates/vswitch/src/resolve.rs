//! Asking directories who has an address of a large VPC, and holding the packet that wants to know.
//!
//! ```text
//! packet ── wanted? ── no ──▶ the layers
//!              │ yes: held (one an address) ── query ──▶ directory
//!              ▼                                            │
//!           pending ◀── again, another directory ── silence ┤
//!              │                                            │
//!              └──────────── the layers ◀──────── answer ◀──┘
//! ```
//!
//! The layers themselves know nothing of this: whatever they may ask of a remote address is known before they begin, so that
//! they decide as if the whole VPC had been pushed. What is not known is held or dropped, never let through.

use crate::config::{Fabric, PortTable};
use crate::drop::DropReason;
use crate::family::{Family, Layers};
use crate::flow::{FlowKey, Path};
use crate::frame::FrameBuf;
use crate::parse::{self, ETHERTYPE_IPV6, Packet};
use crate::peers::{Due, Learned, UNANSWERED_MS};
use crate::port::PortIndex;
use crate::rate::Bucket;
use crate::switch::{Engine, Sink};
use crate::vxlan;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;
use types::{InterfaceId, Vni};
use wire::directory::{Answer, Message};
use wire::net::{Direction, RateLimit};

/// Addresses that are asked for at a time: each may hold one packet.
const PENDING_MAX: usize = 1024;
/// Of one port, so that one that scans its VPC leaves room to the others.
const PENDING_PER_PORT_MAX: usize = 64;
/// New addresses a port may ask for.
const PORT_RATE: RateLimit = RateLimit { bytes_per_second: 0, burst_bytes: 0, packets_per_second: 1000, burst_packets: 256 };
/// How often other hosts are told that what they sent came to the wrong one.
const MOVED_RATE: RateLimit = RateLimit { bytes_per_second: 0, burst_bytes: 0, packets_per_second: 200, burst_packets: 50 };
/// A query is sent again after these times, each to the next directory; then it is given up.
const AGAIN_MS: [u64; 5] = [20, 40, 80, 160, 320];
/// Entries whose time has come are looked at this many at once.
const DUE_MAX: usize = 256;
/// Dropped entries end what was decided by them at most this often: each time all flows are decided anew.
const FORGET_EVERY_MS: u64 = 5000;
/// VPCs that had ports here: what still comes for them is answered with "moved" for this time.
const LEFT_MS: u64 = 600_000;
const LEFT_MAX: usize = 64;

/// (VNI, address)
type Key = (u32, IpAddr);

/// An address that must be asked for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Index into [`Fabric::vpcs`].
    vpc: usize,
    address: IpAddr,
}

/// The way that a held packet was on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held {
    /// From the port's guest.
    Sent,
    /// To the port.
    Arrived(Path),
}

struct Packed {
    port: PortIndex,
    interface: InterfaceId,
    on: Held,
    frame: Box<[u8]>,
}

struct Pending {
    packet: Option<Packed>,
    /// Who began it; `None`: a lease is renewed.
    port: Option<PortIndex>,
    tries: usize,
    next_ms: u64,
}

/// Counters since the switch began; `entries`, `pending` and `bytes` are of now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResolveStats {
    /// Interfaces of large VPCs that are known, or known to be nobody's.
    pub entries: u64,
    pub pending: u64,
    /// Allocated for entries.
    pub bytes: u64,
    pub queries: u64,
    pub answers: u64,
    /// Of them: nobody has the address.
    pub negative: u64,
    /// Of them: sent unasked, because something changed.
    pub unasked: u64,
    /// Of them: older than what was known.
    pub outdated: u64,
    pub held: u64,
    pub released: u64,
    /// Given up with nothing known: the held packet was dropped.
    pub unanswered: u64,
    /// Given up, and what was known goes on.
    pub gone_on: u64,
    pub renewed: u64,
    pub dropped: u64,
    pub evicted: u64,
    /// Hosts that said that they do not have an address, believed.
    pub doubted: u64,
    /// Hosts that were told so.
    pub moved_sent: u64,
}

impl ResolveStats {
    /// By name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            ("entries", self.entries),
            ("pending", self.pending),
            ("bytes", self.bytes),
            ("queries", self.queries),
            ("answers", self.answers),
            ("negative", self.negative),
            ("unasked", self.unasked),
            ("outdated", self.outdated),
            ("held", self.held),
            ("released", self.released),
            ("unanswered", self.unanswered),
            ("gone-on", self.gone_on),
            ("renewed", self.renewed),
            ("dropped", self.dropped),
            ("evicted", self.evicted),
            ("doubted", self.doubted),
            ("moved-sent", self.moved_sent),
        ]
        .into_iter()
    }
}

pub(crate) struct Resolver {
    pending: HashMap<Key, Pending, FixedState>,
    due: BinaryHeap<Reverse<(u64, Key)>>,
    /// By port.
    rates: Vec<Bucket>,
    moved_rate: Bucket,
    peers_max: usize,
    /// The directory that answered last, by its place in the list.
    favourite: usize,
    changed: bool,
    /// Entries were dropped that flows may have been decided by.
    forgotten: bool,
    forgot_ms: u64,
    left: Vec<(u32, u64)>,
    counts: ResolveStats,
}

impl Resolver {
    pub fn new(peers_max: usize, hasher: &FixedState) -> Self {
        Self {
            pending: HashMap::with_hasher(hasher.clone()),
            due: BinaryHeap::new(),
            rates: Vec::new(),
            moved_rate: Bucket::new(MOVED_RATE),
            peers_max,
            favourite: 0,
            changed: false,
            forgotten: false,
            forgot_ms: 0,
            left: Vec::new(),
            counts: ResolveStats::default(),
        }
    }

    pub fn due_ms(&self) -> Option<u64> {
        let pending = self.pending.values().map(|p| p.next_ms).min();
        let due = self.due.peek().map(|Reverse((at, _))| *at);
        let forget = self.forgotten.then_some(self.forgot_ms + FORGET_EVERY_MS);
        [pending, due, forget].into_iter().flatten().min()
    }

    /// A new configuration. Of VPCs that are gone, or no longer asked for, nothing is waited for: so many packets are dropped.
    pub fn follow(&mut self, old: &Fabric, new: &Fabric, now_ms: u64) -> usize {
        let of = |fabric: &Fabric, vni: &u32| fabric.vpc_by_vni.get(vni).map(|&v| fabric.vpcs[v].id);
        let asked = |vni: &u32| {
            new.vpc_by_vni.get(vni).is_some_and(|&v| new.vpcs[v].learned.is_some() && of(old, vni) == Some(new.vpcs[v].id))
        };
        let held = |p: &HashMap<Key, Pending, FixedState>| p.values().filter(|p| p.packet.is_some()).count();
        let before = held(&self.pending);
        self.pending.retain(|(vni, _), _| asked(vni));
        self.left.retain(|(vni, at)| !new.vpc_by_vni.contains_key(vni) && now_ms < at + LEFT_MS);
        let gone = old.vpcs.iter().filter(|v| v.learned.is_some() && !new.vpc_by_vni.contains_key(&v.vni));
        self.left.extend(gone.map(|v| (v.vni, now_ms)));
        let over = self.left.len().saturating_sub(LEFT_MAX);
        self.left.drain(..over);
        before - held(&self.pending)
    }

    /// Whether flows must be decided anew.
    pub fn take_changed(&mut self, now_ms: u64) -> bool {
        if self.forgotten && now_ms >= self.forgot_ms + FORGET_EVERY_MS {
            self.changed = true;
        }
        if self.changed {
            (self.forgotten, self.forgot_ms) = (false, now_ms);
        }
        std::mem::take(&mut self.changed)
    }

    pub fn stats(&self, fabric: &Fabric) -> ResolveStats {
        ResolveStats {
            entries: entries(fabric) as u64,
            bytes: fabric.vpcs.iter().filter_map(|v| v.learned.as_ref()).map(|l| l.bytes() as u64).sum(),
            pending: self.pending.len() as u64,
            ..self.counts.clone()
        }
    }

    fn admits(&mut self, port: PortIndex, now_ms: u64) -> bool {
        if self.pending.len() >= PENDING_MAX
            || self.pending.values().filter(|p| p.port == Some(port)).count() >= PENDING_PER_PORT_MAX
        {
            return false;
        }
        if self.rates.len() <= port.index() {
            self.rates.resize_with(port.index() + 1, || Bucket::new(PORT_RATE));
        }
        self.rates[port.index()].take(0, now_ms)
    }
}

fn entries(fabric: &Fabric) -> usize {
    fabric.vpcs.iter().filter_map(|v| v.learned.as_ref()).map(|l| l.len()).sum()
}

impl Fabric {
    /// The address, when a directory has to say who has it before a packet between it and a port of the VPC can be decided.
    /// `from`: the packet comes from that host.
    pub fn wanted<A: Family>(&self, vpc: usize, address: A, from: Option<u32>, now_ms: u64) -> Option<Wanted> {
        if !self.asks {
            return None;
        }
        let wants = |&v: &usize| {
            let table = &self.vpcs[v];
            let Some(learned) = &table.learned else { return false };
            let from = from.filter(|host| !A::vpc(table).router_underlays.contains(host));
            table.is_asked(address) && !learned.knows(address.any(), from, now_ms)
        };
        let vpc = std::iter::once(vpc).chain(self.vpcs[vpc].connected.iter().copied()).find(wants)?;
        Some(Wanted { vpc, address: address.any() })
    }

    /// A flow of a port of the VPC was used at that time.
    pub fn mark<A: Family>(&self, vpc: usize, key: &FlowKey<A>, used_ms: u64) {
        if !self.asks {
            return;
        }
        for table in std::iter::once(vpc).chain(self.vpcs[vpc].connected.iter().copied()).map(|v| &self.vpcs[v]) {
            let Some(learned) = &table.learned else { continue };
            // Of a NAT gateway's entry both sides may be of the VPC.
            [key.local, key.remote].into_iter().filter(|a| A::vpc(table).holds(*a)).for_each(|a| learned.mark(a.any(), used_ms));
        }
    }
}

impl Engine<'_> {
    /// What must be asked for before a packet to a port can be decided.
    pub fn wanted_on_arrival<A: Layers>(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        path: Path,
        packet: &Packet<A>,
    ) -> Option<Wanted> {
        let (fabric, now_ms) = (self.fabric, self.now_ms);
        if !fabric.asks {
            return None;
        }
        let from = Some(path.underlay).filter(|host| *host != 0);
        if let Some(wanted) = fabric.wanted(table.vpc, packet.source, from, now_ms) {
            return Some(wanted);
        }
        // A NAT gateway sends it on.
        table.nat?;
        let to_gateway = A::port(table).has_address(packet.destination);
        let onward = if to_gateway { A::nat_inside(self, port, packet)? } else { packet.destination };
        fabric.wanted(table.vpc, onward, None, now_ms)
    }

    /// Keeps a packet until the answer is there.
    #[cold]
    pub fn hold(
        &mut self,
        wanted: Wanted,
        port: PortIndex,
        on: Held,
        frame: &FrameBuf,
        out: &mut (impl Sink + ?Sized),
    ) -> Result<(), DropReason> {
        let interface = self.fabric.port(port).ok_or(DropReason::UnknownPort)?.id;
        let key = (self.fabric.vpcs[wanted.vpc].vni, wanted.address);
        let known = self.resolver.pending.contains_key(&key);
        if !known && !self.resolver.admits(port, self.now_ms) {
            return Err(DropReason::ResolveLimit);
        }
        let pending = self.resolver.pending.entry(key);
        let pending = pending.or_insert(Pending { packet: None, port: Some(port), tries: 0, next_ms: self.now_ms });
        if pending.packet.is_some() {
            return Err(DropReason::Unresolved);
        }
        pending.packet = Some(Packed { port, interface, on, frame: frame.as_slice().into() });
        self.resolver.counts.held += 1;
        if !known {
            self.ask(key, out);
        }
        Ok(())
    }

    /// Sends the query, or sends it again.
    fn ask(&mut self, key: Key, out: &mut (impl Sink + ?Sized)) {
        let Some(vpc) = self.fabric.vpc_by_vni.get(&key.0).map(|&v| &self.fabric.vpcs[v]) else { return };
        let (Some(pending), Ok(vni)) = (self.resolver.pending.get_mut(&key), Vni::try_from(key.0)) else { return };
        // A renewal, for which nobody waits, tries the first one: it may be back.
        let first = if pending.port.is_none() { 0 } else { self.resolver.favourite };
        let at = (first + pending.tries) % vpc.directories.len().max(1);
        pending.next_ms = self.now_ms + AGAIN_MS[pending.tries.min(AGAIN_MS.len() - 1)];
        pending.tries += 1;
        self.resolver.counts.queries += 1;
        if let Some(&directory) = vpc.directories.get(at) {
            send(out, directory, &Message::Query { vni, address: key.1 });
        }
    }

    /// What came on the directories' VNI.
    pub fn directory_message(&mut self, source: u32, payload: &[u8], out: &mut (impl Sink + ?Sized)) -> Result<(), DropReason> {
        match Message::decode(payload) {
            Some(Message::Answer(answer)) => self.answered(source, &answer, out),
            Some(Message::Moved { vni, address }) => {
                let vpc = self.fabric.vpc_by_vni.get(&vni.get()).map(|&v| &self.fabric.vpcs[v]);
                let learned = vpc.and_then(|v| v.learned.as_ref()).ok_or(DropReason::DirectoryMessage)?;
                // Only the host itself that was sent to can say so, and it only makes this one ask.
                if learned.doubt(address, source, self.now_ms) {
                    self.resolver.counts.doubted += 1;
                    self.resolver.changed = true;
                }
                Ok(())
            }
            _ => Err(DropReason::DirectoryMessage),
        }
    }

    fn answered(&mut self, source: u32, answer: &Answer, out: &mut (impl Sink + ?Sized)) -> Result<(), DropReason> {
        let (fabric, now_ms) = (self.fabric, self.now_ms);
        let key = (answer.vni.get(), answer.address);
        let vpc = fabric.vpc_by_vni.get(&key.0).map(|&v| &fabric.vpcs[v]).ok_or(DropReason::DirectoryMessage)?;
        let learned = vpc.learned.as_ref().ok_or(DropReason::DirectoryMessage)?;
        let directory = vpc.directories.iter().position(|d| *d == source).ok_or(DropReason::DirectoryMessage)?;
        let (asked, had) = (self.resolver.pending.contains_key(&key), learned.has(key.1));
        let counts = &mut self.resolver.counts;
        counts.answers += 1;
        counts.negative += u64::from(answer.holder.is_none());
        counts.unasked += u64::from(!asked);
        // Nobody here wants to know (any more).
        if !asked && !had {
            return Ok(());
        }
        if !had && entries(fabric) >= self.resolver.peers_max && learned.evict() {
            self.resolver.counts.evicted += 1;
            self.resolver.forgotten = true;
        }
        let (worth, look_again_ms) = learned.learn(key.1, answer, now_ms);
        match worth {
            // The next directory may be further on.
            Learned::Old => {
                self.resolver.counts.outdated += 1;
                return Ok(());
            }
            Learned::Changed => self.resolver.changed = true,
            Learned::New | Learned::Same => {}
        }
        self.resolver.due.push(Reverse((look_again_ms, key)));
        if let Some(pending) = self.resolver.pending.remove(&key) {
            self.resolver.favourite = directory;
            self.release(pending, out);
        }
        Ok(())
    }

    /// The held packet goes on where it was.
    fn release(&mut self, pending: Pending, out: &mut (impl Sink + ?Sized)) {
        let Some(Packed { port, interface, on, frame }) = pending.packet else { return };
        // The port may be another's by now.
        if self.fabric.port(port).is_none_or(|t| t.id != interface) {
            return self.count_drop(None, DropReason::UnknownPort);
        }
        self.resolver.counts.released += 1;
        let mut frame = FrameBuf::from_slice(&frame);
        if parse::ethertype(frame.as_slice()) == Some(ETHERTYPE_IPV6) {
            self.go_on::<u128>(port, on, &mut frame, out);
        } else {
            self.go_on::<u32>(port, on, &mut frame, out);
        }
    }

    fn go_on<A: Layers>(&mut self, port: PortIndex, on: Held, frame: &mut FrameBuf, out: &mut (impl Sink + ?Sized)) {
        let packet = match A::parse(frame.as_slice()) {
            Ok(packet) => packet,
            Err(reason) => return self.count_drop(Some(port), reason),
        };
        match on {
            Held::Arrived(path) => self.deliver(port, path, frame, packet, out),
            Held::Sent => {
                if let Err(reason) = self.miss(port, true, frame, packet, out) {
                    self.log_reject(port, Direction::Egress, &packet, reason);
                    self.count_drop(Some(port), reason);
                }
            }
        }
    }

    /// Queries that were not answered, and entries whose time has come.
    pub fn resolve_due(&mut self, out: &mut (impl Sink + ?Sized)) {
        let now_ms = self.now_ms;
        let late: Vec<Key> = self.resolver.pending.iter().filter(|(_, p)| p.next_ms <= now_ms).map(|(k, _)| *k).collect();
        for key in late {
            if self.resolver.pending.get(&key).is_some_and(|p| p.tries < AGAIN_MS.len()) {
                self.ask(key, out);
            } else if let Some(pending) = self.resolver.pending.remove(&key) {
                self.give_up(key, pending, out);
            }
        }
        for _ in 0..DUE_MAX {
            let Some(&Reverse((at, key))) = self.resolver.due.peek() else { break };
            if at > now_ms {
                break;
            }
            self.resolver.due.pop();
            let vpc = self.fabric.vpc_by_vni.get(&key.0).map(|&v| &self.fabric.vpcs[v]);
            let Some(learned) = vpc.and_then(|v| v.learned.as_ref()) else { continue };
            let (due, again_ms) = learned.due(key.1, now_ms);
            if let Some(again_ms) = again_ms {
                self.resolver.due.push(Reverse((again_ms, key)));
            }
            match due {
                Due::Nothing => {}
                Due::Dropped => {
                    self.resolver.counts.dropped += 1;
                    self.resolver.forgotten = true;
                }
                Due::Renew if self.resolver.pending.len() >= PENDING_MAX || self.resolver.pending.contains_key(&key) => {}
                Due::Renew => {
                    self.resolver.counts.renewed += 1;
                    self.resolver.pending.insert(key, Pending { packet: None, port: None, tries: 0, next_ms: now_ms });
                    self.ask(key, out);
                }
            }
        }
    }

    /// No directory answers. A host keeps what it was told; of what it was never told it lets nothing through.
    fn give_up(&mut self, key: Key, pending: Pending, out: &mut (impl Sink + ?Sized)) {
        let vpc = self.fabric.vpc_by_vni.get(&key.0).map(|&v| &self.fabric.vpcs[v]);
        if vpc.and_then(|v| v.learned.as_ref()).is_some_and(|l| l.go_on(key.1, self.now_ms)) {
            self.resolver.counts.gone_on += 1;
            self.resolver.due.push(Reverse((self.now_ms + UNANSWERED_MS * 3 / 4, key)));
            return self.release(pending, out);
        }
        self.resolver.counts.unanswered += 1;
        if let Some(packet) = pending.packet {
            let here = self.fabric.port(packet.port).is_some_and(|t| t.id == packet.interface);
            self.count_drop(Some(packet.port).filter(|_| here), DropReason::Unresolved);
        }
    }

    /// Tells a host that what it sent for an address of a large VPC came to one that does not have it.
    #[cold]
    pub fn say_moved(&mut self, to: u32, vni: u32, address: IpAddr, out: &mut (impl Sink + ?Sized)) {
        let asks = match self.fabric.vpc_by_vni.get(&vni) {
            Some(&v) => self.fabric.vpcs[v].learned.is_some(),
            None => self.resolver.left.iter().any(|(left, at)| *left == vni && self.now_ms < at + LEFT_MS),
        };
        let Ok(vni) = Vni::try_from(vni) else { return };
        if asks && self.resolver.moved_rate.take(0, self.now_ms) {
            self.resolver.counts.moved_sent += 1;
            send(out, to, &Message::Moved { vni, address });
        }
    }
}

fn send(out: &mut (impl Sink + ?Sized), to: u32, message: &Message) {
    let mut datagram = vxlan::header(Vni::DIRECTORY).to_vec();
    datagram.extend_from_slice(&message.encode());
    out.underlay(to.into(), &datagram, 0);
}
