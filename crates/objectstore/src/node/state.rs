//! What a node knows of its segments, in memory: which shards live where, which were deleted, which bytes are dead.
//!
//! Pure rules, no files written here; the log holds it behind a lock and applies what has become durable.
//!
//! A live shard costs 31 bytes in a B-tree (key 19, place 12), 34 to 62 with the tree's slack. A B-tree and not a hash map
//! because listings and repair walk in the order of ids, and because it never stops to grow.
//!
//! What replay must end with, whatever the order of the files: of all records of an id, the one with the highest sequence
//! counts. A dead put must never outlive the grave that killed it, so `dead` counts the dead puts on disk by id, and a grave
//! may go only when there are none (and, if it is a delete, when it is old enough: see [`super::repair`]).

use super::digest::Digests;
use super::disk::SegmentFile;
use super::format::{Header, Key, Kind, UNIT_BYTES, record_bytes};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub segment: u32,
    pub unit: u32,
    pub length: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grave {
    pub at_ms: u64,
    /// Only moved away: the shard may come again.
    pub forget: bool,
    /// 0: not on disk (the disk was full).
    pub segment: u32,
    pub unit: u32,
}

pub struct Segment {
    pub file: Arc<dyn SegmentFile>,
    pub bytes: u64,
    /// Of records that count.
    pub live: u64,
    /// Given back within the file.
    pub punched: u64,
    pub sealed: bool,
    /// Holds live shards whose records cannot be found any more: stays until they are replaced.
    pub pinned: bool,
}

#[derive(Default)]
pub struct State {
    pub live: BTreeMap<Key, Place>,
    pub graves: BTreeMap<Key, Grave>,
    /// Puts on disk that do not count any more.
    dead: BTreeMap<Key, u16>,
    pub segments: BTreeMap<u32, Segment>,
    /// Live shards whose bytes are broken, and when that was seen (ms).
    pub quarantine: BTreeMap<Key, u64>,
    pub digests: Digests,
}

impl Place {
    pub fn of(segment: u32, header: &Header) -> Self {
        Self { segment, unit: header.unit, length: header.length }
    }

    pub fn offset(self) -> u64 {
        u64::from(self.unit) * UNIT_BYTES
    }

    pub fn record_bytes(self) -> u64 {
        record_bytes(Kind::Put, self.length)
    }
}

impl State {
    pub fn new(digests: Digests) -> Self {
        Self { digests, ..Self::default() }
    }

    /// From all records of all segments, in any order.
    pub fn rebuild(mut records: Vec<(u32, Header)>, segments: BTreeMap<u32, Segment>, digests: Digests) -> Self {
        records.retain(|(_, h)| h.kind != Kind::Void);
        records.sort_unstable_by(|(sa, a), (sb, b)| (a.key, b.sequence, sb).cmp(&(b.key, a.sequence, sa)));
        let mut state = Self { segments, ..Self::new(digests) };
        let (mut live, mut graves) = (Vec::with_capacity(records.len()), Vec::new());
        let mut newest = None;
        for (segment, h) in records {
            if newest == Some(h.key) {
                if h.kind == Kind::Put {
                    *state.dead.entry(h.key).or_default() += 1;
                }
                continue;
            }
            newest = Some(h.key);
            state.charge(segment, h.bytes() as i64);
            match h.kind {
                Kind::Put => live.push((h.key, Place::of(segment, &h))),
                Kind::Delete | Kind::Forget => {
                    graves.push((h.key, Grave { at_ms: h.at_ms, forget: h.kind == Kind::Forget, segment, unit: h.unit }));
                }
                Kind::Void => {}
            }
        }
        // Sorted, so both are built densely.
        state.live = live.into_iter().collect();
        state.graves = graves.into_iter().collect();
        state
    }

    fn charge(&mut self, segment: u32, bytes: i64) {
        if let Some(s) = self.segments.get_mut(&segment) {
            s.live = s.live.saturating_add_signed(bytes);
        }
    }

    /// Its put does not count any more.
    fn bury(&mut self, key: Key, place: Place) {
        self.charge(place.segment, -(place.record_bytes() as i64));
        let count = self.dead.entry(key).or_default();
        *count = count.saturating_add(1);
    }

    /// A put became durable. Returns the one that it replaces.
    pub fn put(&mut self, key: Key, place: Place) -> Option<Place> {
        self.charge(place.segment, place.record_bytes() as i64);
        self.quarantine.remove(&key);
        if let Some(grave) = self.graves.remove(&key) {
            self.charge(grave.segment, -(record_bytes(Kind::Forget, 0) as i64));
        }
        let old = self.live.insert(key, place);
        match old {
            Some(old) => self.bury(key, old),
            None => self.digests.live(&key, true),
        }
        old
    }

    /// A delete or a forget became durable, or (segment 0) cannot become so now. Returns the put that it killed.
    pub fn grave(&mut self, key: Key, grave: Grave) -> Option<Place> {
        if grave.segment != 0 {
            self.charge(grave.segment, record_bytes(Kind::Delete, 0) as i64);
        }
        if let Some(old) = self.graves.insert(key, grave) {
            self.charge(old.segment, -(record_bytes(Kind::Delete, 0) as i64));
            if !old.forget {
                self.digests.dead(&key, old.at_ms, false);
            }
        }
        if !grave.forget {
            self.digests.dead(&key, grave.at_ms, true);
        }
        self.quarantine.remove(&key);
        let old = self.live.remove(&key);
        if let Some(place) = old {
            self.bury(key, place);
            self.digests.live(&key, false);
        }
        old
    }

    /// Compaction wrote a live record elsewhere.
    pub fn moved(&mut self, header: &Header, segment: u32) {
        let key = header.key;
        match header.kind {
            Kind::Put => {
                let place = Place::of(segment, header);
                self.charge(segment, place.record_bytes() as i64);
                if let Some(old) = self.live.insert(key, place) {
                    self.bury(key, old);
                }
            }
            Kind::Delete | Kind::Forget => {
                let Some(grave) = self.graves.get_mut(&key) else { return };
                let old = std::mem::replace(&mut grave.segment, segment);
                grave.unit = header.unit;
                self.charge(old, -(header.bytes() as i64));
                self.charge(segment, header.bytes() as i64);
            }
            Kind::Void => {}
        }
    }

    /// Does this record of this segment count?
    pub fn is_current(&self, segment: u32, header: &Header) -> bool {
        match header.kind {
            Kind::Put => self.live.get(&header.key).is_some_and(|p| (p.segment, p.unit) == (segment, header.unit)),
            Kind::Delete | Kind::Forget => {
                self.graves.get(&header.key).is_some_and(|g| (g.segment, g.unit) == (segment, header.unit))
            }
            Kind::Void => false,
        }
    }

    /// The segment is gone from the disk, for certain. Nothing in it counted.
    pub fn removed(&mut self, segment: u32, headers: &[Header]) {
        self.segments.remove(&segment);
        for h in headers.iter().filter(|h| h.kind == Kind::Put) {
            if let Some(count) = self.dead.get_mut(&h.key) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.dead.remove(&h.key);
                }
            }
        }
    }

    /// May the grave go: does nothing on disk need it, and is a delete older than `before_ms`?
    pub fn is_needless(&self, key: &Key, grave: &Grave, before_ms: u64) -> bool {
        (grave.forget || grave.at_ms < before_ms) && !self.dead.contains_key(key)
    }

    /// Its record becomes dead bytes.
    pub fn drop_grave(&mut self, key: &Key) {
        let Some(grave) = self.graves.remove(key) else { return };
        self.charge(grave.segment, -(record_bytes(Kind::Delete, 0) as i64));
        if !grave.forget {
            self.digests.dead(key, grave.at_ms, false);
        }
    }

    /// Lets needless graves go; their records become dead bytes. Returns how many.
    pub fn expire(&mut self, before_ms: u64) -> usize {
        let gone: Vec<(Key, Grave)> =
            self.graves.iter().filter(|(k, g)| self.is_needless(k, g, before_ms)).map(|(k, g)| (*k, *g)).collect();
        gone.iter().for_each(|(key, _)| self.drop_grave(key));
        gone.len()
    }

    /// What the segments say is live in them must be what the map says.
    pub fn disagreements(&self) -> Vec<u32> {
        let mut sums: BTreeMap<u32, u64> = BTreeMap::new();
        for place in self.live.values() {
            *sums.entry(place.segment).or_default() += place.record_bytes();
        }
        for grave in self.graves.values().filter(|g| g.segment != 0) {
            *sums.entry(grave.segment).or_default() += record_bytes(Kind::Delete, 0);
        }
        let known = self.segments.iter().filter(|(n, s)| sums.get(n).copied().unwrap_or(0) != s.live).map(|(n, _)| *n);
        let unknown = sums.keys().filter(|n| !self.segments.contains_key(n)).copied();
        known.chain(unknown).collect()
    }

    pub fn live_bytes(&self) -> u64 {
        self.segments.values().map(|s| s.live).sum()
    }

    pub fn file_bytes(&self) -> u64 {
        self.segments.values().map(|s| s.bytes.saturating_sub(s.punched)).sum()
    }
}
