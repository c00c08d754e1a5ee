//! Storage for tables of a million entries that grow while packets wait: no step costs more than a fraction of a millisecond.
//!
//! A large vector or hash table that doubles stops everything while a hundred megabytes move. Here both grow as usual while
//! they are small, and then take at once the room for all that they may ever hold: address space, of which only what is used
//! is backed by memory. The index of a very large table is cut by the hash into shards.

use hashbrown::HashTable;

/// Entries up to which a table grows by doubling.
const SMALL: usize = 1024;
/// Entries of one shard of an index at most.
const SHARD_ENTRIES: usize = 65_536;

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
    first: HashTable<u32>,
    /// All but the first shard: a power of two less one.
    more: Box<[HashTable<u32>]>,
    shard_max: usize,
    len: usize,
}

impl Index {
    /// For a table of up to `entries_max`.
    pub fn new(entries_max: usize) -> Self {
        let shards = entries_max.div_ceil(SHARD_ENTRIES).next_power_of_two();
        // They do not fill evenly.
        let shard_max = if shards == 1 { entries_max } else { entries_max / shards + entries_max / shards / 16 };
        Self { first: HashTable::new(), more: (1..shards).map(|_| HashTable::new()).collect(), shard_max, len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// By bits that neither the bucket (the lowest) nor the tag (the highest seven) is made of.
    #[inline(always)]
    fn shard(&self, hash: u64) -> &HashTable<u32> {
        if self.more.is_empty() {
            return &self.first;
        }
        match (hash >> 40) as usize & self.more.len() {
            0 => &self.first,
            n => &self.more[n - 1],
        }
    }

    fn shard_mut(&mut self, hash: u64) -> &mut HashTable<u32> {
        match (hash >> 40) as usize & self.more.len() {
            0 => &mut self.first,
            n => &mut self.more[n - 1],
        }
    }

    #[inline(always)]
    pub fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        self.shard(hash).find(hash, |&slot| is(slot)).copied()
    }

    /// The entry must not be in the index yet.
    pub fn insert(&mut self, hash: u64, slot: u32, rehash: impl Fn(u32) -> u64) {
        let shard_max = self.shard_max;
        let shard = self.shard_mut(hash);
        if shard.len() == SMALL && shard.capacity() < shard_max {
            shard.reserve(shard_max - SMALL, |&s| rehash(s));
        }
        shard.insert_unique(hash, slot, |&s| rehash(s));
        self.len += 1;
    }

    pub fn remove(&mut self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let (slot, _) = self.shard_mut(hash).find_entry(hash, |&slot| is(slot)).ok()?.remove();
        self.len -= 1;
        Some(slot)
    }

    /// Bytes that the index has allocated.
    pub fn bytes(&self) -> usize {
        self.first.allocation_size() + self.more.iter().map(|s| s.allocation_size() + size_of_val(s)).sum::<usize>()
    }
}
