//! Storage for tables of a million entries that grow while packets wait: no step costs more than a fraction of a millisecond.
//!
//! A large vector or hash table that doubles stops everything while a hundred megabytes move. Here a slab grows as usual while
//! it is small, and then takes at once the room for all that it may ever hold: address space, of which only what is used is
//! backed by memory. An index is cut by the hash into shards, each of which doubles on its own: always as small as it can be,
//! for the caches' sake.

use hashbrown::HashTable;

/// Entries up to which a slab grows by doubling.
const SMALL: usize = 1024;
/// Entries of one shard of an index, about, when the table is full: what one doubling moves at most.
const SHARD_ENTRIES: usize = 8192;

/// Entries by slot. A slot stays the same while its entry lives, and is given out again later.
pub(crate) struct Slab<T> {
    entries: Vec<T>,
    free: Vec<u32>,
    entries_max: usize,
}

impl<T> Slab<T> {
    /// Takes up to `entries_max`.
    pub fn new(entries_max: usize) -> Self {
        Self { entries: Vec::new(), free: Vec::new(), entries_max }
    }

    /// Slots that exist, used or not: 0..slots().
    pub fn slots(&self) -> usize {
        self.entries.len()
    }

    #[inline(always)]
    pub fn get(&self, slot: u32) -> &T {
        &self.entries[slot as usize]
    }

    #[inline(always)]
    pub fn get_mut(&mut self, slot: u32) -> &mut T {
        &mut self.entries[slot as usize]
    }

    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            *self.get_mut(slot) = value;
            return slot;
        }
        let slot = self.entries.len();
        if slot == SMALL {
            self.entries.reserve_exact(self.entries_max.saturating_sub(slot));
        }
        self.entries.push(value);
        slot as u32
    }

    /// The slot may be given out again. What is in it stays until then: the owner marks it.
    pub fn release(&mut self, slot: u32) {
        self.free.push(slot);
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter()
    }
}

/// From hash to slot.
pub(crate) struct Index {
    /// A power of two.
    shards: Box<[HashTable<u32>]>,
    len: usize,
}

impl Index {
    /// For a table of up to `entries_max`.
    pub fn new(entries_max: usize) -> Self {
        let shards = entries_max.div_ceil(SHARD_ENTRIES).next_power_of_two();
        Self { shards: (0..shards).map(|_| HashTable::new()).collect(), len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// By bits that neither the bucket (the lowest) nor the tag (the highest seven) is made of.
    #[inline(always)]
    fn shard(&self, hash: u64) -> usize {
        (hash >> 40) as usize & (self.shards.len() - 1)
    }

    #[inline(always)]
    pub fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        self.shards[self.shard(hash)].find(hash, |&slot| is(slot)).copied()
    }

    /// The entry must not be in the index yet.
    pub fn insert(&mut self, hash: u64, slot: u32, rehash: impl Fn(u32) -> u64) {
        let shard = self.shard(hash);
        self.shards[shard].insert_unique(hash, slot, |&s| rehash(s));
        self.len += 1;
    }

    pub fn remove(&mut self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let shard = self.shard(hash);
        let (slot, _) = self.shards[shard].find_entry(hash, |&slot| is(slot)).ok()?.remove();
        self.len -= 1;
        Some(slot)
    }

    /// Bytes that the index has allocated.
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|s| s.allocation_size() + size_of_val(s)).sum()
    }
}
