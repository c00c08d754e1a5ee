//! Tracked connections and translations in memory that outlives the process: what a card that was killed goes on with.
//!
//! The words belong to whoever keeps them (the card's supervisor); here they are only read and written. Of a flow it is kept
//! what cannot be decided again: its key, who began it, its state. Actions, paths and counters are not.
//!
//! ```text
//! header ─ directory: a row a chunk (interface, guest, kind, ordinal) ─ chunks of 4 KiB: 256 flows, 102 of IPv6, or 128 translations
//! ```
//! One thread writes, and may be killed between any two stores: a record or row is made invalid first and valid last, so what
//! is torn is not there. Sums over each guard against all else; what does not fit them is left out.

use crate::flow::FlowKey;
use crate::ip::Ip;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use types::InterfaceId;

/// Memory that outlives the process. Zeroes at first.
pub type KeptWords = Arc<dyn AsRef<[AtomicU64]> + Send + Sync>;

/// The format in the lower half.
const MAGIC: u64 = 0x5354_5243_0000_0001;
const HEADER_WORDS: usize = 8;
const ROW_WORDS: usize = 8;
const CHUNK_WORDS: usize = 512;
const USED: u64 = 1;
/// In the header, behind the format: rows from the first that were in use at any time; those in use now; where one was taken
/// last.
const ROWS: usize = 1;
const ROWS_USED: usize = 2;
const ROW_LAST: usize = 3;

/// Bytes for so many chunks; address space until it is used.
pub const fn kept_bytes(chunks: usize) -> usize {
    8 * (HEADER_WORDS + chunks * (ROW_WORDS + CHUNK_WORDS))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Flows,
    /// Of IPv6.
    Flows6,
    Translations,
}

impl Kind {
    fn record_words(self) -> usize {
        match self {
            Self::Flows => 2,
            Self::Flows6 => 5,
            Self::Translations => 4,
        }
    }
}

/// One flow (`outside` unused) or translation. `bits`: 8 bits of state, not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub key: FlowKey,
    pub bits: u8,
    /// What stands for the source outside: address and port.
    pub outside: (u32, u16),
    /// Of a balancer's connection: the node's port in the client's place; 0: none.
    pub alias: u16,
}

/// Mixes words; not against anyone, as nobody else writes here.
fn sum(words: &[u64]) -> u64 {
    words.iter().fold(0x9e37_79b9_7f4a_7c15, |h, w| {
        let h = (h ^ w).wrapping_mul(0xff51_afd7_ed55_8ccd);
        (h ^ h >> 32).wrapping_mul(0xc4ce_b9fe_1a85_ec53) ^ h >> 29
    })
}

/// A record of any kind: the second word is what makes it valid. The first so many are used.
pub(crate) type Words = [u64; 5];

/// A family whose flows are kept.
pub(crate) trait Keeps: Ip {
    const KIND: Kind;
    fn record(key: &FlowKey<Self>, bits: u8) -> Words;
}

impl Keeps for u32 {
    const KIND: Kind = Kind::Flows;
    fn record(key: &FlowKey, bits: u8) -> Words {
        Record { key: *key, bits, outside: (0, 0), alias: 0 }.words()
    }
}

impl Keeps for u128 {
    const KIND: Kind = Kind::Flows6;
    fn record(k: &FlowKey<u128>, bits: u8) -> Words {
        let addresses = [(k.local >> 64) as u64, k.local as u64, (k.remote >> 64) as u64, k.remote as u64];
        let head = head(k, bits);
        let [a, b, c, d] = addresses;
        [a, head | sum(&[a, head, b, c, d]) >> 48, b, c, d]
    }
}

fn of6(words: Words) -> Option<Found> {
    let [a, head, b, c, d] = words;
    let both = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
    let key = FlowKey {
        local: both(a, b),
        remote: both(c, d),
        local_port: (head >> 48) as u16,
        remote_port: (head >> 32) as u16,
        protocol: (head >> 24) as u8,
    };
    let bits = (head >> 16) as u8;
    (bits != 0 && u128::record(&key, bits) == words).then_some(Found::Flow6(key, bits))
}

/// Ports, protocol and state; the lowest 16 bits are left for a sum.
fn head<A>(k: &FlowKey<A>, bits: u8) -> u64 {
    u64::from(k.local_port) << 48 | u64::from(k.remote_port) << 32 | u64::from(k.protocol) << 24 | u64::from(bits) << 16
}

/// What is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found {
    Flow(Record),
    Flow6(FlowKey<u128>, u8),
    Translation(Record),
}

impl Record {
    pub fn words(&self) -> Words {
        let k = &self.key;
        let w0 = u64::from(k.local) << 32 | u64::from(k.remote);
        let w2 = u64::from(self.outside.0) << 32 | u64::from(self.outside.1) << 16 | u64::from(self.alias);
        let head = head(k, self.bits);
        [w0, head | sum(&[w0, head, w2]) >> 48, w2, 0, 0]
    }

    fn of(words: Words) -> Option<Self> {
        let [w0, w1, w2, ..] = words;
        let (local, remote) = ((w0 >> 32) as u32, w0 as u32);
        let key =
            FlowKey { local, remote, local_port: (w1 >> 48) as u16, remote_port: (w1 >> 32) as u16, protocol: (w1 >> 24) as u8 };
        let record = Self { key, bits: (w1 >> 16) as u8, outside: ((w2 >> 32) as u32, (w2 >> 16) as u16), alias: w2 as u16 };
        (record.bits != 0 && record.words() == words).then_some(record)
    }
}

#[derive(Clone)]
pub(crate) struct Region(KeptWords);

impl Region {
    /// `None`: too short to hold anything.
    pub fn new(words: KeptWords) -> Option<Self> {
        let region = Self(words);
        (region.words().len() >= HEADER_WORDS + ROW_WORDS + CHUNK_WORDS).then_some(region)
    }

    fn words(&self) -> &[AtomicU64] {
        (*self.0).as_ref()
    }

    fn chunks(&self) -> usize {
        (self.words().len() - HEADER_WORDS) / (ROW_WORDS + CHUNK_WORDS)
    }

    fn row(&self, chunk: usize) -> &[AtomicU64] {
        &self.words()[HEADER_WORDS + chunk * ROW_WORDS..][..ROW_WORDS]
    }

    fn chunk(&self, chunk: usize) -> &[AtomicU64] {
        &self.words()[HEADER_WORDS + self.chunks() * ROW_WORDS + chunk * CHUNK_WORDS..][..CHUNK_WORDS]
    }

    /// Rows that were in use at any time; the others are not looked at, so that they take no memory.
    fn rows(&self) -> usize {
        usize::try_from(load(&self.words()[ROWS])).unwrap_or(usize::MAX).min(self.chunks())
    }

    /// Empties it.
    pub fn format(&self) {
        for chunk in 0..self.rows() {
            store(&self.row(chunk)[META], 0);
        }
        for word in [ROWS, ROWS_USED, ROW_LAST] {
            store(&self.words()[word], 0);
        }
        store(&self.words()[0], MAGIC);
    }

    /// Takes a row that is free. The caller makes it valid.
    fn take_row(&self) -> Option<usize> {
        let (rows, used, last) = (self.rows(), load(&self.words()[ROWS_USED]), load(&self.words()[ROW_LAST]) as usize);
        let free = if used as usize == rows {
            (rows < self.chunks()).then(|| {
                store(&self.words()[ROWS], rows as u64 + 1);
                rows
            })
        } else {
            (1..=rows).map(|i| (last + i) % rows).find(|&c| load(&self.row(c)[META]) & USED == 0)
        }?;
        store(&self.words()[ROWS_USED], used + 1);
        store(&self.words()[ROW_LAST], free as u64);
        Some(free)
    }

    fn give_back(&self, row: usize) {
        store(&self.row(row)[META], 0);
        store(&self.words()[ROWS_USED], load(&self.words()[ROWS_USED]).saturating_sub(1));
    }

    /// Whose records there are: (interface, guest, record) of all that is whole.
    pub fn read(&self, each: &mut impl FnMut(InterfaceId, u64, Found)) {
        if load(&self.words()[0]) != MAGIC {
            return;
        }
        for chunk in 0..self.rows() {
            let Some((id, guest, kind)) = owner(self.row(chunk)) else { continue };
            for words in self.chunk(chunk).chunks_exact(kind.record_words()) {
                let mut record = Words::default();
                record.iter_mut().zip(words).for_each(|(to, from)| *to = load(from));
                let found = match kind {
                    Kind::Flows => Record::of(record).map(Found::Flow),
                    Kind::Flows6 => of6(record),
                    Kind::Translations => Record::of(record).map(Found::Translation),
                };
                if let Some(found) = found {
                    each(id, guest, found);
                }
            }
        }
    }
}

const GUEST: usize = 3;
const META: usize = 4;
/// In a row's last word: above all ordinals.
const FLOWS6: u64 = 1 << 31;

/// The id as text, in three words.
fn id_words(id: InterfaceId) -> [u64; 3] {
    let mut bytes = [0u8; 24];
    let text = id.to_string();
    let n = text.len().min(24);
    bytes[..n].copy_from_slice(&text.as_bytes()[..n]);
    let word = |at: usize| bytes[at..].first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b));
    [word(0), word(8), word(16)]
}

fn meta(id: [u64; 3], guest: u64, kind: Kind, ordinal: usize) -> u64 {
    let low = (ordinal as u64) << 2 | u64::from(kind == Kind::Translations) << 1 | USED;
    let low = low | if kind == Kind::Flows6 { FLOWS6 } else { 0 };
    sum(&[id[0], id[1], id[2], guest, low]) >> 32 << 32 | low & 0xffff_ffff
}

fn owner(row: &[AtomicU64]) -> Option<(InterfaceId, u64, Kind)> {
    let found = load(&row[META]);
    if found & USED == 0 {
        return None;
    }
    let words = [load(&row[0]), load(&row[1]), load(&row[2])];
    let guest = load(&row[GUEST]);
    let kind = match (found & 2, found & FLOWS6) {
        (0, 0) => Kind::Flows,
        (0, _) => Kind::Flows6,
        _ => Kind::Translations,
    };
    if meta(words, guest, kind, ((found & (FLOWS6 - 1)) >> 2) as usize) != found {
        return None;
    }
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    let id = std::str::from_utf8(&bytes).ok()?.trim_end_matches('\0').parse().ok()?;
    Some((id, guest, kind))
}

fn load(word: &AtomicU64) -> u64 {
    word.load(Ordering::Acquire)
}

/// In the program's order, also for who looks at the memory after a kill.
fn store(word: &AtomicU64, value: u64) {
    word.store(value, Ordering::Release);
}

/// The part of one table: its records by slot.
pub(crate) struct Kept {
    region: Region,
    kind: Kind,
    id: [u64; 3],
    guest: u64,
    /// By ordinal.
    chunks: Vec<Option<u32>>,
    /// Records for which no chunk was left.
    pub left_out: u64,
}

impl Kept {
    pub fn new(region: Region, kind: Kind, id: InterfaceId, guest: u64) -> Self {
        Self { region, kind, id: id_words(id), guest, chunks: Vec::new(), left_out: 0 }
    }

    fn place(&self, slot: u32) -> (usize, usize) {
        let per_chunk = CHUNK_WORDS / self.kind.record_words();
        (slot as usize / per_chunk, slot as usize % per_chunk * self.kind.record_words())
    }

    pub fn put(&mut self, slot: u32, words: &Words) {
        let (ordinal, at) = self.place(slot);
        if self.chunks.len() <= ordinal {
            self.chunks.resize(ordinal + 1, None);
        }
        if self.chunks[ordinal].is_none() {
            self.chunks[ordinal] = self.take_chunk(ordinal);
        }
        let Some(chunk) = self.chunks[ordinal] else {
            self.left_out += 1;
            return;
        };
        let to = &self.region.chunk(chunk as usize)[at..][..self.kind.record_words()];
        // The same connection in another state is one store.
        let same = to.iter().zip(words).enumerate().all(|(i, (at, word))| i == 1 || load(at) == *word);
        if !same {
            store(&to[1], 0);
            for i in (0..to.len()).filter(|i| *i != 1) {
                store(&to[i], words[i]);
            }
        }
        store(&to[1], words[1]);
    }

    pub fn forget(&mut self, slot: u32) {
        let (ordinal, at) = self.place(slot);
        if let Some(Some(chunk)) = self.chunks.get(ordinal) {
            store(&self.region.chunk(*chunk as usize)[at + 1], 0);
        }
    }

    /// Gives all of it back; what comes is another guest's.
    pub fn clear(&mut self, guest: u64) {
        for chunk in std::mem::take(&mut self.chunks).into_iter().flatten() {
            self.region.give_back(chunk as usize);
        }
        self.guest = guest;
    }

    fn take_chunk(&self, ordinal: usize) -> Option<u32> {
        let meta = meta(self.id, self.guest, self.kind, ordinal);
        let free = self.region.take_row()?;
        for word in self.region.chunk(free) {
            store(word, 0);
        }
        let row = self.region.row(free);
        for (to, word) in row.iter().zip(self.id) {
            store(to, word);
        }
        store(&row[GUEST], self.guest);
        store(&row[META], meta);
        Some(free as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn region(chunks: usize) -> Region {
        let words: Vec<AtomicU64> = (0..kept_bytes(chunks) / 8).map(|_| AtomicU64::new(0)).collect();
        let region = Region::new(Arc::new(words)).unwrap();
        region.format();
        region
    }

    fn record(n: u32, bits: u8) -> Record {
        let key = FlowKey { local: n, remote: !n, local_port: n as u16, remote_port: 80, protocol: 6 };
        Record { key, bits, outside: (0, 0), alias: 0 }
    }

    fn all(region: &Region) -> Vec<(InterfaceId, u64, Record)> {
        let mut found = Vec::new();
        region.read(&mut |id, guest, f| {
            if let Found::Flow(r) | Found::Translation(r) = f {
                found.push((id, guest, r));
            }
        });
        found
    }

    #[test]
    fn nothing_is_read_from_what_was_never_written_or_is_of_another_format() {
        let words: Vec<AtomicU64> = (0..kept_bytes(2) / 8).map(|_| AtomicU64::new(0)).collect();
        let region = Region::new(Arc::new(words)).unwrap();
        assert!(all(&region).is_empty());
        region.format();
        Kept::new(region.clone(), Kind::Flows, InterfaceId::from_random(1), 7).put(3, &record(1, 1).words());
        assert_eq!(all(&region).len(), 1);
        store(&region.words()[0], MAGIC + 1);
        assert!(all(&region).is_empty());
        assert!(Region::new(Arc::new(Vec::<AtomicU64>::new())).is_none());
    }

    #[test]
    fn what_finds_no_chunk_is_counted_and_chunks_come_back() {
        let region = region(2);
        let (mut a, mut b) = (
            Kept::new(region.clone(), Kind::Flows, InterfaceId::from_random(1), 1),
            Kept::new(region.clone(), Kind::Translations, InterfaceId::from_random(2), 2),
        );
        a.put(0, &record(1, 1).words());
        a.put(255, &record(2, 1).words());
        b.put(127, &record(3, 1).words());
        b.put(128, &record(4, 1).words());
        assert_eq!((a.left_out, b.left_out, all(&region).len()), (0, 1, 3));
        a.clear(9);
        assert_eq!(all(&region).len(), 1);
        b.put(128, &record(4, 1).words());
        a.put(0, &record(1, 1).words());
        assert_eq!((a.left_out, b.left_out, all(&region).len()), (1, 1, 2));
    }

    #[test]
    fn a_row_or_record_that_does_not_fit_its_sum_is_left_out() {
        let region = region(1);
        let mut kept = Kept::new(region.clone(), Kind::Translations, InterfaceId::from_random(1), 1);
        kept.put(0, &Record { outside: (9, 9), ..record(1, 1) }.words());
        let (row, chunk) = (region.row(0), region.chunk(0));
        for word in row[..=META].iter().chain(&chunk[..3]) {
            for bit in [0, 17, 40, 63] {
                let was = load(word);
                store(word, was ^ 1 << bit);
                // Of a sum of 16 bits one flip in 65,536 goes unnoticed; these do not.
                assert_eq!(all(&region).len(), 0, "bit {bit}");
                store(word, was);
            }
        }
        assert_eq!(all(&region).len(), 1);
    }

    proptest! {
        /// Whatever was put and forgotten: what is read is what is there.
        #[test]
        fn what_is_there_is_read(steps in prop::collection::vec((0u32..600, 0u8..4, any::<bool>()), 1..300)) {
            let region = region(4);
            let id = InterfaceId::from_random(5);
            let mut kept = Kept::new(region.clone(), Kind::Flows, id, 77);
            let mut model = BTreeMap::new();
            for (slot, bits, other) in steps {
                if bits == 0 {
                    kept.forget(slot);
                    model.remove(&slot);
                } else {
                    let r = record(slot * 2 + u32::from(other), bits);
                    kept.put(slot, &r.words());
                    model.insert(slot, r);
                }
            }
            let mut found: Vec<_> = all(&region).into_iter().map(|(i, g, r)| { assert_eq!((i, g), (id, 77)); (r.key.local, r.bits) }).collect();
            let mut wanted: Vec<_> = model.values().map(|r| (r.key.local, r.bits)).collect();
            found.sort();
            wanted.sort();
            prop_assert_eq!(found, wanted);
        }
    }
}
