//! Reading shards: where a read's bytes are laid down, which of them come through the page cache, and whether they are what
//! was written. Called by the node's RPC, its scrubber and its repair.
//!
//! ```text
//!  small                         ─► through the cache
//!  large, in the cache           ─► through the cache: one copy
//!  large, first read in a while  ─► past it (O_DIRECT), straight to where the caller wants the bytes: no copy
//!  large, read again             ─► through the cache, which fills
//! ```
//! Large shards are written past the cache ([`super::batch`]), so their first read finds nothing there. To fill it costs pages
//! that others use, and the kernel's time for each: too much for what is read once. Both ways read what the file has, also
//! what was written just now in the other way.

use super::disk::{SegmentFile, read_exact};
use super::format::{BLOCK_BYTES, HEADER_BYTES, Header, Key, PAGE_BYTES, blocks, verify};
use super::log::{Counters, Log, LogError, locked, segment_name};
use super::state::Place;
use super::write::is_refused;
use crate::id::ShardId;
use bytes::Bytes;
use platform::shared::Room;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Shards of this size are read past the cache at first; they begin at a page.
const DIRECT_FROM_BYTES: u32 = super::batch::DIRECT_FROM_BYTES as u32;
/// Shards of which it is known that they were read: so many, or twice as many. At most 200 KB.
const RECENT_SHARDS: usize = 4096;
const PAGE: usize = PAGE_BYTES as usize;

/// Large shards that were read not long ago, so that a second read is known as one.
#[derive(Debug, Default)]
pub(super) struct Recent {
    newer: HashSet<Key>,
    older: HashSet<Key>,
}

impl Recent {
    /// Notes a read. Was there one before?
    fn again(&mut self, key: &Key) -> bool {
        let known = self.newer.contains(key) || self.older.contains(key);
        if self.newer.len() >= RECENT_SHARDS {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(*key);
        known
    }
}

/// Where a read's bytes are laid down; begins at a page.
pub(super) enum Memory {
    Lent(Room),
    Own { buffer: Vec<u8>, from: usize },
}

impl Memory {
    /// The room, if so many bytes fit into it.
    pub(super) fn new(room: Option<Room>, bytes: usize) -> Self {
        if let Some(mut room) = room {
            let memory = room.memory();
            if memory.len() >= bytes && memory.as_ptr().align_offset(PAGE) == 0 {
                return Self::Lent(room);
            }
        }
        let buffer = vec![0; bytes + PAGE];
        let from = buffer.as_ptr().align_offset(PAGE);
        Self::Own { buffer, from }
    }

    pub(super) fn bytes(&mut self) -> &mut [u8] {
        match self {
            Self::Lent(room) => room.memory(),
            Self::Own { buffer, from } => &mut buffer[*from..],
        }
    }

    pub(super) fn freeze(self, range: Range<usize>) -> Bytes {
        match self {
            Self::Lent(room) => room.freeze(range),
            Self::Own { buffer, from } => Bytes::from(buffer).slice(from + range.start..from + range.end),
        }
    }
}

/// The blocks of a shard that a read touches, and their checksums.
struct Blocks {
    first: usize,
    /// Of the payload.
    bytes: Range<usize>,
    /// Its end is the payload's: the checksums follow.
    together: bool,
    table_bytes: usize,
}

impl Blocks {
    fn of(place: Place, offset: usize, length: usize) -> Self {
        let total = place.length as usize;
        let first = offset / BLOCK_BYTES;
        let end = (offset + length).next_multiple_of(BLOCK_BYTES).min(total);
        Self { first, bytes: first * BLOCK_BYTES..end, together: end == total, table_bytes: 8 * blocks(total) }
    }

    /// What is read at once.
    fn length(&self) -> usize {
        self.bytes.len() + if self.together { self.table_bytes } else { 0 }
    }

    /// The same, to the page's end.
    fn pages_bytes(&self) -> usize {
        self.length().next_multiple_of(PAGE)
    }

    fn offset(&self, place: Place) -> u64 {
        place.offset() + HEADER_BYTES as u64 + self.bytes.start as u64
    }
}

impl Log {
    /// `length` bytes from `offset` (`u32::MAX`: to the end), each block of 64 KiB that they touch verified; and the shard's
    /// length. A shard found broken is in quarantine from then on.
    pub fn get(&self, id: ShardId, offset: u32, length: u32, now_ms: u64) -> Result<(Bytes, u32), LogError> {
        self.get_in(id, offset, length, now_ms, None)
    }

    /// The same, laid down in `room` if it is large enough.
    pub fn get_in(
        &self,
        id: ShardId,
        offset: u32,
        length: u32,
        now_ms: u64,
        mut room: Option<Room>,
    ) -> Result<(Bytes, u32), LogError> {
        let key = id.to_bytes();
        loop {
            let (place, file) = {
                let state = self.state();
                if state.quarantine.contains_key(&key) {
                    return Err(LogError::Corrupt);
                }
                let place = *state.live.get(&key).ok_or(LogError::NotFound)?;
                (place, state.segments.get(&place.segment).map(|s| s.file.clone()))
            };
            let total = place.length;
            let length = if length == u32::MAX { total.saturating_sub(offset) } else { length };
            let end = u64::from(offset) + u64::from(length);
            if end > u64::from(total) {
                return Err(LogError::Range { offset, end, total });
            }
            if length == 0 {
                return Ok((Bytes::new(), total));
            }
            if let Some(file) = file {
                let blocks = Blocks::of(place, offset as usize, length as usize);
                let direct = self.past_the_cache(&*file, &key, place, &blocks);
                let mut memory = Memory::new(room.take(), blocks.pages_bytes());
                if self.read_blocks(&*file, direct.as_deref(), &key, place, &blocks, memory.bytes()) {
                    Counters::add(&self.counters.gets, 1);
                    let from = offset as usize - blocks.bytes.start;
                    return Ok((memory.freeze(from..from + length as usize), total));
                }
            }
            if self.condemn(&key, place, now_ms) {
                return Err(LogError::Corrupt);
            }
        }
    }

    /// Reads a whole shard and its header, from the disk if it is large, as the scrubber does; the bytes read.
    pub fn check(&self, key: &Key, now_ms: u64) -> Result<u64, LogError> {
        loop {
            let (place, file) = {
                let state = self.state();
                let place = *state.live.get(key).ok_or(LogError::NotFound)?;
                (place, state.segments.get(&place.segment).map(|s| s.file.clone()))
            };
            let whole = file.is_some_and(|f| {
                let mut head = [0; HEADER_BYTES];
                let blocks = Blocks::of(place, 0, place.length as usize);
                let direct = (place.length >= DIRECT_FROM_BYTES).then(|| self.open_past_the_cache(place)).flatten();
                let mut memory = Memory::new(None, blocks.pages_bytes());
                read_exact(&*f, place.offset(), &mut head).is_ok()
                    && Header::parse(&head, self.options.salt, place.segment, place.unit)
                        .is_ok_and(|h| h.key == *key && h.length == place.length)
                    && self.read_blocks(&*f, direct.as_deref(), key, place, &blocks, memory.bytes())
            });
            if whole {
                return Ok(place.record_bytes());
            }
            if self.condemn(key, place, now_ms) {
                return Err(LogError::Corrupt);
            }
        }
    }

    /// Puts what could not be read into quarantine. False: the shard has moved or gone meanwhile, so look again.
    fn condemn(&self, key: &Key, place: Place, now_ms: u64) -> bool {
        let mut state = self.state();
        if state.live.get(key) != Some(&place) {
            return false;
        }
        if state.quarantine.insert(*key, now_ms).is_none() {
            Counters::add(&self.counters.corrupt_found, 1);
            tracing::error!(shard = %ShardId::from_bytes(*key), segment = place.segment, "a shard's bytes are broken");
        }
        true
    }

    /// The file to read these blocks from if not through the cache.
    fn past_the_cache(&self, file: &dyn SegmentFile, key: &Key, place: Place, blocks: &Blocks) -> Option<Arc<dyn SegmentFile>> {
        if place.length < DIRECT_FROM_BYTES {
            return None;
        }
        // Unknown: it may be, and then the second read finds it.
        let is_cached = file.is_cached(blocks.offset(place), blocks.length() as u64).unwrap_or(false);
        if is_cached || locked(&self.recent).again(key) {
            return None;
        }
        self.open_past_the_cache(place)
    }

    /// Opened for each read: that costs little beside it, and the number of open files is that of the segments. None: the
    /// file system refuses that, the segment was removed meanwhile, or too many files are open.
    fn open_past_the_cache(&self, place: Place) -> Option<Arc<dyn SegmentFile>> {
        if self.direct_refused.load(Ordering::Relaxed) {
            return None;
        }
        self.disk.open_direct(&segment_name(place.segment)).inspect_err(|e| self.note_refusal(e)).ok()
    }

    fn note_refusal(&self, e: &std::io::Error) {
        if is_refused(e) && !self.direct_refused.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = %e, "the file system refuses direct reads: large shards go through the page cache");
        }
    }

    /// False: unreadable, or not the bytes that were written.
    fn read_blocks(
        &self,
        file: &dyn SegmentFile,
        direct: Option<&dyn SegmentFile>,
        key: &Key,
        place: Place,
        blocks: &Blocks,
        memory: &mut [u8],
    ) -> bool {
        if let Some(direct) = direct {
            match direct.read_at(blocks.offset(place), &mut memory[..blocks.pages_bytes()]) {
                Ok(read) if read < blocks.length() => return false,
                Ok(_) => {
                    Counters::add(&self.counters.direct_read_bytes, blocks.length() as u64);
                    return verified(file, key, place, blocks, memory);
                }
                Err(e) if is_refused(&e) => self.note_refusal(&e),
                // A bad sector (EIO) is rot like any other.
                Err(_) => return false,
            }
        }
        read_cached(file, key, place, blocks, memory)
    }
}

fn read_cached(file: &dyn SegmentFile, key: &Key, place: Place, blocks: &Blocks, memory: &mut [u8]) -> bool {
    read_exact(file, blocks.offset(place), &mut memory[..blocks.length()]).is_ok() && verified(file, key, place, blocks, memory)
}

/// Are these blocks what their checksums say, which follow them or are read?
fn verified(file: &dyn SegmentFile, key: &Key, place: Place, blocks: &Blocks, memory: &[u8]) -> bool {
    let (bytes, rest) = memory.split_at(blocks.bytes.len());
    if blocks.together {
        return verify(key, blocks.first, bytes, &rest[..blocks.table_bytes]);
    }
    let mut table = vec![0; blocks.table_bytes];
    read_exact(file, place.offset() + HEADER_BYTES as u64 + u64::from(place.length), &mut table).is_ok()
        && verify(key, blocks.first, bytes, &table)
}

/// A whole shard, through the cache. None: unreadable, or not the bytes that were written.
pub(super) fn read_verified(file: &dyn SegmentFile, key: &Key, place: Place) -> Option<Bytes> {
    let blocks = Blocks::of(place, 0, place.length as usize);
    let mut memory = vec![0; blocks.length()];
    read_cached(file, key, place, &blocks, &mut memory).then(|| Bytes::from(memory).slice(..place.length as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_known_for_a_while() {
        let mut recent = Recent::default();
        let key = |n: usize| {
            let mut key = [0; ShardId::BYTES];
            key[..8].copy_from_slice(&n.to_le_bytes());
            key
        };
        for n in 0..10 * RECENT_SHARDS {
            assert!(!recent.again(&key(n)), "{n}");
            assert!(recent.again(&key(n)));
            assert!(recent.newer.len() <= RECENT_SHARDS && recent.older.len() <= RECENT_SHARDS);
        }
        assert!(recent.again(&key(10 * RECENT_SHARDS - 1 - RECENT_SHARDS / 2)));
        assert!(!recent.again(&key(0)), "forgotten");
    }
}
