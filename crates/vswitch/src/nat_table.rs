//! The translations of one NAT gateway: a bounded table, found from inside and from outside. Two others are kept in the same
//! way, as all a connection has is one key for another: what a network load balancer's node forwards (inside: the node's address
//! and port; outside: the target's), and what a guest's answers return by (inside: the guest's; outside: the node's).
//!
//! A translation belongs to (protocol, source, destination) and takes a port of one of the gateway's addresses. The same port
//! serves different destinations; towards one destination an address has 55,000
//! (docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html).

use crate::config::Map;
use crate::flow::{Action, FlowKey, Path, Seen};
use crate::kept::{Kept, Kind, Record, Region};
use crate::parse::{Packet, TCP, TCP_FIN, TCP_RST};
use crate::slab::{Index, Slab};
use foldhash::fast::FixedState;
use std::hash::BuildHasher;
use types::InterfaceId;

/// "Up to 55,000 simultaneous connections to each unique destination" for each address.
pub const NAT_PORTS_PER_DESTINATION: u32 = 55_000;
const PORT_FIRST: u16 = 1024;
const PORTS: u32 = 65_536 - PORT_FIRST as u32;
/// Those below the ports that a node's own process connects from (49152 on).
const ALIASES: u32 = 49_152 - PORT_FIRST as u32;
/// "If a connection that's using a NAT gateway is idle for 350 seconds or more, the connection times out."
const IDLE_S: u16 = 350;
/// Of an entry that goes when the owner says so.
pub(crate) const FOREVER: u16 = u16::MAX;
/// Not answered TCP, and TCP after RST or both FINs.
const SHORT_MS: u32 = 60_000;
const EVICT_SAMPLE: usize = 64;
/// Each of a part of the destinations, so that none grows for long.
const DESTINATION_SHARDS: usize = 64;

const USED: u8 = 1;
const REPLIED: u8 = 2;
const FIN_OUT: u8 = 4;
const FIN_BACK: u8 = 8;
const RESET: u8 = 16;

/// What one translation takes, without its share of the two indices and of the counters by destination (together 17 to 60
/// bytes: the more, the more destinations there are).
pub const NAT_ENTRY_BYTES: usize = size_of::<Entry>();
const _: () = assert!(NAT_ENTRY_BYTES <= 104);

/// What was decided for one direction, under which configuration, for packets that come by which path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided {
    pub epoch: u32,
    pub path: Path,
    pub action: Action,
}

impl Decided {
    const NOT: Self = Self { epoch: 0, path: Path::NONE, action: Action::NONE };
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Local: the source inside.
    pub inside: FlowKey,
    /// What stands for it outside.
    pub address: u32,
    pub port: u16,
    /// Set: the client is not seen outside, but the address inside with this port.
    pub alias: u16,
    marks: u8,
    /// How long it may be idle.
    pub idle_s: u16,
    seen: Seen,
    pub out: Decided,
    pub back: Decided,
}

impl Entry {
    /// As packets from outside see it.
    fn outside(&self) -> FlowKey {
        let own = FlowKey { local: self.address, local_port: self.port, ..self.inside };
        if self.alias == 0 { own } else { FlowKey { remote: self.inside.local, remote_port: self.alias, ..own } }
    }

    pub fn record(&self) -> Record {
        Record { key: self.inside, bits: self.marks, outside: (self.address, self.port), alias: self.alias }
    }

    pub fn seen(&self) -> Seen {
        self.seen
    }

    pub fn answered(&self) -> bool {
        self.marks & REPLIED != 0
    }

    pub fn idle_ms(&self, now_ms: u64) -> u32 {
        self.seen.idle_ms(now_ms)
    }

    pub fn closed(&self) -> bool {
        self.marks & RESET != 0 || self.marks & FIN_OUT != 0 && self.marks & FIN_BACK != 0
    }

    fn is_expired(&self, now_ms: u64) -> bool {
        let short = self.inside.protocol == TCP && (self.closed() || self.marks & REPLIED == 0);
        self.idle_s != FOREVER && self.seen.idle_ms(now_ms) >= if short { SHORT_MS } else { u32::from(self.idle_s) * 1000 }
    }
}

/// CloudWatch's metrics of a NAT gateway, without the two peaks, which are theirs to form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NatStats {
    /// All protocols, a gauge of our own.
    pub translations: u64,
    /// Of TCP, a gauge.
    pub active_connection_count: u64,
    pub bytes_in_from_destination: u64,
    pub bytes_in_from_source: u64,
    pub bytes_out_to_destination: u64,
    pub bytes_out_to_source: u64,
    /// Of TCP.
    pub connection_attempt_count: u64,
    /// Of TCP.
    pub connection_established_count: u64,
    pub error_port_allocation: u64,
    pub idle_timeout_count: u64,
    pub packets_drop_count: u64,
    pub packets_in_from_destination: u64,
    pub packets_in_from_source: u64,
    pub packets_out_to_destination: u64,
    pub packets_out_to_source: u64,
}

impl NatStats {
    /// By CloudWatch's names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            ("ActiveConnectionCount", self.active_connection_count),
            ("BytesInFromDestination", self.bytes_in_from_destination),
            ("BytesInFromSource", self.bytes_in_from_source),
            ("BytesOutToDestination", self.bytes_out_to_destination),
            ("BytesOutToSource", self.bytes_out_to_source),
            ("ConnectionAttemptCount", self.connection_attempt_count),
            ("ConnectionEstablishedCount", self.connection_established_count),
            ("ErrorPortAllocation", self.error_port_allocation),
            ("IdleTimeoutCount", self.idle_timeout_count),
            ("PacketsDropCount", self.packets_drop_count),
            ("PacketsInFromDestination", self.packets_in_from_destination),
            ("PacketsInFromSource", self.packets_in_from_source),
            ("PacketsOutToDestination", self.packets_out_to_destination),
            ("PacketsOutToSource", self.packets_out_to_source),
        ]
        .into_iter()
    }
}

/// (gateway's address, destination's address, port, protocol)
type Destination = (u32, u32, u16, u8);

/// Whose table it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Gateway,
    /// A network load balancer's.
    Node,
    Guest,
}

pub(crate) struct NatTable {
    inside: Index,
    outside: Index,
    entries: Slab<Entry>,
    destinations: Vec<Map<Destination, u32>>,
    role: Role,
    /// A NAT gateway's.
    addresses: Vec<u32>,
    hand: usize,
    entries_max: usize,
    hasher: FixedState,
    pub stats: NatStats,
    /// Set: what outlives the process.
    kept: Option<Box<Kept>>,
}

impl NatTable {
    pub fn new(role: Role, entries_max: usize, hasher: FixedState) -> Self {
        let entries_max = entries_max.clamp(1, u32::MAX as usize);
        Self {
            inside: Index::new(entries_max),
            outside: Index::new(entries_max),
            entries: Slab::new(entries_max),
            destinations: (0..DESTINATION_SHARDS).map(|_| Map::with_hasher(hasher.clone())).collect(),
            role,
            addresses: Vec::new(),
            hand: 0,
            entries_max,
            hasher,
            stats: NatStats::default(),
            kept: None,
        }
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// From now on what is in the table is in `region` too.
    pub fn keep_in(&mut self, region: Region, id: InterfaceId) {
        let mut kept = Kept::new(region, Kind::Translations, id, 0);
        for (slot, entry) in self.entries.iter().enumerate().filter(|(_, e)| e.marks & USED != 0) {
            kept.put(slot as u32, &entry.record().words());
        }
        self.kept = Some(Box::new(kept));
    }

    /// The gateway is gone, and with it what was kept of it.
    pub fn give_back(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.clear(0);
        }
    }

    pub fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    pub fn keep_nowhere(&mut self) {
        self.kept = None;
    }

    pub fn left_out(&self) -> u64 {
        self.kept.as_ref().map_or(0, |k| k.left_out)
    }

    fn keep_slot(&mut self, slot: u32) {
        if let Some(kept) = &mut self.kept {
            kept.put(slot, &self.entries.get(slot).record().words());
        }
    }

    /// Adds a translation of an earlier life, while the gateway still has its address. False: it has not, or the table is
    /// full, or the port is taken.
    pub fn restore(&mut self, record: Record, seen: Seen) -> bool {
        let (address, port) = record.outside;
        let idle_s = if self.role == Role::Guest { FOREVER } else { IDLE_S };
        let entry = Entry {
            inside: record.key,
            address,
            port,
            alias: record.alias,
            marks: record.bits,
            idle_s,
            seen,
            out: Decided::NOT,
            back: Decided::NOT,
        };
        let (inside, outside) = (self.hasher.hash_one(entry.inside), self.hasher.hash_one(entry.outside()));
        let entries = &self.entries;
        let known = self.inside.find(inside, |s| entries.get(s).inside == entry.inside).is_some()
            || self.outside.find(outside, |s| entries.get(s).outside() == entry.outside()).is_some();
        let own = self.role != Role::Gateway || port >= PORT_FIRST && self.addresses.contains(&address);
        let sound = record.bits & USED != 0 && own;
        if known || !sound || self.len() >= self.entries_max {
            return false;
        }
        self.stats.active_connection_count += u64::from(entry.inside.protocol == TCP);
        self.insert(entry);
        true
    }

    fn insert(&mut self, entry: Entry) -> u32 {
        let (key, outside, address) = (entry.inside, entry.outside(), entry.address);
        let slot = self.entries.insert(entry);
        let (entries, hasher) = (&self.entries, &self.hasher);
        self.inside.insert(hasher.hash_one(key), slot, |s| hasher.hash_one(entries.get(s).inside));
        self.outside.insert(hasher.hash_one(outside), slot, |s| hasher.hash_one(entries.get(s).outside()));
        if self.role == Role::Gateway {
            let destination = destination(address, &key);
            let shard = self.shard(&destination);
            *self.destinations[shard].entry(destination).or_default() += 1;
        }
        self.keep_slot(slot);
        slot
    }

    pub fn len(&self) -> usize {
        self.inside.len()
    }

    /// Translations to addresses that are not the gateway's any more end.
    pub fn keep(&mut self, addresses: &[u32]) {
        if self.addresses == addresses {
            return;
        }
        self.addresses = addresses.to_vec();
        for slot in 0..self.entries.slots() as u32 {
            let entry = self.entries.get(slot);
            if entry.marks & USED != 0 && !addresses.contains(&entry.address) {
                self.remove(slot);
            }
        }
    }

    pub fn find_inside(&mut self, key: &FlowKey, now_ms: u64) -> Option<u32> {
        let entries = &self.entries;
        let slot = self.inside.find(self.hasher.hash_one(key), |s| entries.get(s).inside == *key)?;
        self.unless_expired(slot, now_ms)
    }

    /// `key.local`: the gateway's address and port.
    pub fn find_outside(&mut self, key: &FlowKey, now_ms: u64) -> Option<u32> {
        let entries = &self.entries;
        let slot = self.outside.find(self.hasher.hash_one(key), |s| entries.get(s).outside() == *key)?;
        self.unless_expired(slot, now_ms)
    }

    fn unless_expired(&mut self, slot: u32, now_ms: u64) -> Option<u32> {
        if self.entries.get(slot).is_expired(now_ms) {
            self.time_out(slot);
            return None;
        }
        Some(slot)
    }

    /// The address that stands outside for a key inside, however old.
    pub fn outside_of(&self, key: &FlowKey) -> Option<u32> {
        let entries = &self.entries;
        let slot = self.inside.find(self.hasher.hash_one(key), |s| entries.get(s).inside == *key)?;
        Some(self.entries.get(slot).address)
    }

    /// In no order.
    pub fn used(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|e| e.marks & USED != 0)
    }

    pub fn entry(&mut self, slot: u32) -> &mut Entry {
        self.entries.get_mut(slot)
    }

    /// The address that a new connection would get: the first with a free port, beginning with one that depends on the
    /// source, so that a host's connections have the same one. `None`: no port is free.
    pub fn choose(&self, key: &FlowKey) -> Option<u32> {
        let count = self.addresses.len();
        let at = self.hasher.hash_one(key.local) as usize;
        let mut order = (0..count).map(|i| self.addresses[(at + i) % count]);
        order.find(|&a| self.used_towards(&destination(a, key)) < NAT_PORTS_PER_DESTINATION)
    }

    fn used_towards(&self, destination: &Destination) -> u32 {
        self.destinations[self.shard(destination)].get(destination).copied().unwrap_or(0)
    }

    fn shard(&self, destination: &Destination) -> usize {
        (self.hasher.hash_one(destination) >> 32) as usize % DESTINATION_SHARDS
    }

    /// Takes a port of `address`, which [`Self::choose`] named. `None`: the table is full of connections that are in use.
    pub fn allocate(&mut self, key: FlowKey, address: u32, now_ms: u64) -> Option<u32> {
        if self.len() >= self.entries_max {
            self.make_room(now_ms)?;
        }
        let hash = self.hasher.hash_one(key);
        // 9,512 ports at least are free, and the first one tried is anywhere.
        let mut at = (hash >> 16) as u32 % PORTS;
        let port = loop {
            let port = PORT_FIRST + at as u16;
            let outside = FlowKey { local: address, local_port: port, ..key };
            let entries = &self.entries;
            if self.outside.find(self.hasher.hash_one(outside), |s| entries.get(s).outside() == outside).is_none() {
                break port;
            }
            at = (at + 1) % PORTS;
        };
        Some(self.begin(key, (address, port), 0, IDLE_S, now_ms))
    }

    fn begin(&mut self, inside: FlowKey, (address, port): (u32, u16), alias: u16, idle_s: u16, now_ms: u64) -> u32 {
        let (seen, marks) = (Seen::at(now_ms), USED);
        let (out, back) = (Decided::NOT, Decided::NOT);
        let slot = self.insert(Entry { inside, address, port, alias, marks, idle_s, seen, out, back });
        let tcp = u64::from(inside.protocol == TCP);
        self.stats.connection_attempt_count += tcp;
        self.stats.active_connection_count += tcp;
        slot
    }

    /// Whether a connection of another inside has this outside.
    pub fn is_taken(&mut self, key: &FlowKey, (address, port): (u32, u16), now_ms: u64) -> bool {
        self.find_outside(&FlowKey { local: address, local_port: port, ..*key }, now_ms).is_some()
    }

    /// A port in the place of a client towards that outside, which no connection of the node's has and none may have that
    /// `reserved` names. `None`: none is left.
    pub fn alias(
        &mut self,
        key: &FlowKey,
        (address, port): (u32, u16),
        reserved: impl Fn(u16) -> bool,
        now_ms: u64,
    ) -> Option<u16> {
        let first = (self.hasher.hash_one(key) >> 16) as u32 % ALIASES;
        let all = (0..ALIASES).map(|i| PORT_FIRST + ((first + i) % ALIASES) as u16);
        let taken = |t: &mut Self, alias: u16| {
            let outside =
                FlowKey { local: address, local_port: port, remote: key.local, remote_port: alias, protocol: key.protocol };
            t.find_outside(&outside, now_ms).is_some()
        };
        all.filter(|a| !reserved(*a)).find(|a| !taken(self, *a))
    }

    /// Begins a connection with an outside that is not taken. `None`: the table is full of connections that go on.
    pub fn claim(&mut self, key: FlowKey, outside: (u32, u16), alias: u16, idle_s: u16, now_ms: u64) -> Option<u32> {
        if self.len() >= self.entries_max {
            self.make_room(now_ms)?;
        }
        Some(self.begin(key, outside, alias, idle_s, now_ms))
    }

    /// A packet of the connection passes.
    pub fn touch(&mut self, slot: u32, outward: bool, packet: &Packet, now_ms: u64) {
        let entry = self.entries.get_mut(slot);
        let before = entry.marks;
        entry.seen = Seen::at(now_ms);
        let bytes = u64::from(packet.total_bytes);
        let stats = &mut self.stats;
        if outward {
            stats.packets_out_to_destination += 1;
            stats.bytes_out_to_destination += bytes;
        } else {
            stats.connection_established_count += u64::from(entry.inside.protocol == TCP && entry.marks & REPLIED == 0);
            stats.packets_out_to_source += 1;
            stats.bytes_out_to_source += bytes;
            entry.marks |= REPLIED;
        }
        if entry.inside.protocol == TCP {
            let flags = packet.ports.flags;
            if flags & TCP_FIN != 0 {
                entry.marks |= if outward { FIN_OUT } else { FIN_BACK };
            }
            if flags & TCP_RST != 0 {
                entry.marks |= RESET;
            }
        }
        if entry.marks != before {
            self.keep_slot(slot);
        }
    }

    /// A SYN on a connection that is over begins another.
    pub fn is_closed(&self, slot: u32) -> bool {
        self.entries.get(slot).closed()
    }

    pub fn remove(&mut self, slot: u32) {
        let entry = self.entries.get_mut(slot);
        entry.marks = 0;
        let (inside, outside, address) = (entry.inside, entry.outside(), entry.address);
        self.inside.remove(self.hasher.hash_one(inside), |s| s == slot);
        self.outside.remove(self.hasher.hash_one(outside), |s| s == slot);
        self.stats.active_connection_count -= u64::from(inside.protocol == TCP);
        let destination = destination(address, &inside);
        let shard = self.shard(&destination);
        // Of a NAT gateway.
        if let hashbrown::hash_map::Entry::Occupied(mut count) = self.destinations[shard].entry(destination) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        if let Some(kept) = &mut self.kept {
            kept.forget(slot);
        }
        self.entries.release(slot);
    }

    fn time_out(&mut self, slot: u32) {
        let entry = self.entries.get(slot);
        self.stats.idle_timeout_count +=
            u64::from(!entry.closed() && (entry.inside.protocol != TCP || entry.marks & REPLIED != 0));
        self.remove(slot);
    }

    /// Of the next entries the one that has been idle longest gives way. Answered connections of a balancer do not, so that a
    /// flood of openings cannot end them.
    fn make_room(&mut self, now_ms: u64) -> Option<()> {
        let slots = self.entries.slots();
        let mut best: Option<(bool, u32, u32)> = None;
        let mut looked_at = 0;
        for _ in 0..slots {
            self.hand = (self.hand + 1) % slots;
            let entry = self.entries.get(self.hand as u32);
            if entry.marks & USED == 0 {
                continue;
            }
            let rank = (entry.is_expired(now_ms), entry.seen.idle_ms(now_ms));
            let goes_on = || !rank.0 && entry.answered() && !entry.closed();
            let stays = match self.role {
                Role::Gateway => false,
                Role::Node => goes_on(),
                // It goes with its flow.
                Role::Guest => true,
            };
            if !stays && best.is_none_or(|(e, i, _)| rank > (e, i)) {
                best = Some((rank.0, rank.1, self.hand as u32));
            }
            looked_at += 1;
            if looked_at == EVICT_SAMPLE {
                break;
            }
        }
        let (expired, _, slot) = best?;
        if expired {
            self.time_out(slot)
        } else {
            self.remove(slot)
        }
        Some(())
    }

    /// Looks at up to `budget` slots and ends what has been idle too long, and of the others what does not go on. Returns how many it looked at.
    pub fn expire(&mut self, now_ms: u64, budget: usize, mut goes_on: impl FnMut(&Entry) -> bool) -> usize {
        let slots = self.entries.slots();
        let looked_at = budget.min(slots);
        for _ in 0..looked_at {
            self.hand = (self.hand + 1) % slots;
            let entry = self.entries.get(self.hand as u32);
            if entry.marks & USED == 0 {
                continue;
            }
            if entry.is_expired(now_ms) {
                self.time_out(self.hand as u32);
            } else if !goes_on(entry) {
                self.remove(self.hand as u32);
            }
        }
        looked_at
    }
}

fn destination(address: u32, key: &FlowKey) -> Destination {
    (address, key.remote, key.remote_port, key.protocol)
}
