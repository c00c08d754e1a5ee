//! Storage for tables of a million entries that grow while packets wait: no step costs more than a fraction of a millisecond.
//!
//! One large hash table or vector doubles now and then, and everything waits while a hundred megabytes move. Here entries
//! stay where they were put, in chunks, and the index is cut by the hash into shards, each of which doubles on its own.

use hashbrown::HashTable;

/// Entries a chunk.
const CHUNK: usize = 256;
/// Entries of one shard when the table is full: what one doubling moves at most.
const SHARD_ENTRIES: usize = 4096;
const SHARDS_MAX: usize = 4096;

/// Entries by slot. A slot stays the same while its entry lives, and is given out again later.
pub(crate) struct Slab<T> {
    chunks: Vec<Vec<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub fn new() -> Self {
        Self { chunks: Vec::new(), free: Vec::new() }
    }

    /// Slots that exist, used or not: 0..slots().
    pub fn slots(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    #[inline]
    pub fn get(&self, slot: u32) -> &T {
        &self.chunks[slot as usize / CHUNK][slot as usize % CHUNK]
    }

    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut T {
        &mut self.chunks[slot as usize / CHUNK][slot as usize % CHUNK]
    }

    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            *self.get_mut(slot) = value;
            return slot;
        }
        let slot = self.slots() as u32;
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(value),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(value);
                self.chunks.push(chunk);
            }
        }
        slot
    }

    /// The slot may be given out again. What is in it stays until then: the owner marks it.
    pub fn release(&mut self, slot: u32) {
        self.free.push(slot);
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }
}

/// From hash to slot.
pub(crate) struct Index {
    shards: Box<[HashTable<u32>]>,
    len: usize,
}

impl Index {
    /// For a table of up to `entries_max`.
    pub fn new(entries_max: usize) -> Self {
        let shards = (entries_max / SHARD_ENTRIES).next_power_of_two().clamp(1, SHARDS_MAX);
        Self { shards: (0..shards).map(|_| HashTable::new()).collect(), len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Bits that neither the bucket (the lowest) nor the tag (the highest seven) is made of.
    #[inline]
    fn shard(&self, hash: u64) -> usize {
        (hash >> 40) as usize & (self.shards.len() - 1)
    }

    #[inline]
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
        self.shards.iter().map(HashTable::allocation_size).sum::<usize>() + size_of_val(&*self.shards)
    }
}
