//! The log: all that a node keeps, in append-only segment files ([`super::format`]). Synchronous, over a [`Disk`].
//!
//! ```text
//!  commit ─ writer lock: decide, append, fdatasync ─► state lock: apply      (one caller, the writer's thread)
//!  get    ─ state lock: where? ─► read, verify                               (any thread)
//! ```
//! Files: [`super::write`] appends and prepares the room for it, [`super::read`] reads, [`super::recover`] opens, [`super::compact`] gives space back. Who calls: the node's
//! writer thread and its RPC ([`super::service`]), scrubber and repair; tests over the simulated disk.

use super::disk::{Disk, SegmentFile};
use super::read::Recent;
use super::state::State;
use super::write::Writer;
use crate::id::ShardId;
use bytes::Bytes;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// A segment of this size is sealed.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// Zeros are written so far behind the last record of small batches: see [`Log::prepare`].
pub const AHEAD_BYTES: u64 = 512 << 10;
/// Free space of the file system that puts never use: room for deletes and for compaction.
pub const RESERVE_BYTES: u64 = 256 << 20;

#[derive(Clone, Debug)]
pub struct LogOptions {
    /// The node's own random number, kept beside the segments.
    pub salt: u64,
    pub segment_bytes: u64,
    pub reserve_bytes: u64,
    /// 0: nothing is written ahead.
    pub ahead_bytes: u64,
}

impl LogOptions {
    pub fn new(salt: u64) -> Self {
        Self { salt, segment_bytes: SEGMENT_BYTES, reserve_bytes: RESERVE_BYTES, ahead_bytes: AHEAD_BYTES }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    #[error("there is no such shard")]
    NotFound,
    #[error("the shard's bytes on disk are broken")]
    Corrupt,
    #[error("bytes {offset} to {end} of {total}")]
    Range { offset: u32, end: u64, total: u32 },
    #[error("the shard exists with other bytes")]
    Different,
    #[error("the shard was deleted")]
    Deleted,
    #[error("{0} bytes are too many for a shard")]
    TooLarge(usize),
    #[error("the disk is too full")]
    Full,
    /// Nothing can be promised any more: the process must end and start again from what the disk has.
    #[error("the disk failed: {0}")]
    Failed(String),
}

/// One change. Answered when it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Put {
        id: ShardId,
        payload: Bytes,
    },
    /// For ever. `at_ms`: when it was first deleted anywhere.
    Delete {
        ids: Vec<ShardId>,
        at_ms: u64,
    },
    /// Only here: the shards are at home now.
    Forget {
        ids: Vec<ShardId>,
    },
}

#[derive(Debug, Default)]
pub struct Counters {
    pub puts: AtomicU64,
    pub repeated_puts: AtomicU64,
    pub gets: AtomicU64,
    pub deletes: AtomicU64,
    pub batches: AtomicU64,
    /// Of batches, those of one change that were carried out without the writer's thread.
    pub commits_alone: AtomicU64,
    pub appended_bytes: AtomicU64,
    /// Zeros written behind the last record, to be overwritten.
    pub prepared_bytes: AtomicU64,
    /// Of those, past the page cache; and through it since the file system refuses that.
    pub direct_bytes: AtomicU64,
    pub direct_refused_bytes: AtomicU64,
    /// Read past the page cache.
    pub direct_read_bytes: AtomicU64,
    pub refused_full: AtomicU64,
    pub corrupt_found: AtomicU64,
    /// Records or stretches of a segment that could not be read at the start.
    pub broken_regions: AtomicU64,
    /// Records of the last batch that were not whole at the start.
    pub torn_records: AtomicU64,
    pub scanned_segments: AtomicU64,
    pub indexed_segments: AtomicU64,
    pub compacted_segments: AtomicU64,
    pub compacted_bytes: AtomicU64,
    pub removed_segments: AtomicU64,
    pub disagreements: AtomicU64,
}

impl Counters {
    pub fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }

    pub fn all(&self) -> Vec<(String, u64)> {
        [
            ("puts", &self.puts),
            ("repeated-puts", &self.repeated_puts),
            ("gets", &self.gets),
            ("deletes", &self.deletes),
            ("batches", &self.batches),
            ("commits-alone", &self.commits_alone),
            ("appended-bytes", &self.appended_bytes),
            ("prepared-bytes", &self.prepared_bytes),
            ("direct-bytes", &self.direct_bytes),
            ("direct-refused-bytes", &self.direct_refused_bytes),
            ("direct-read-bytes", &self.direct_read_bytes),
            ("refused-full", &self.refused_full),
            ("broken-regions", &self.broken_regions),
            ("torn-records", &self.torn_records),
            ("scanned-segments", &self.scanned_segments),
            ("indexed-segments", &self.indexed_segments),
            ("compacted-segments", &self.compacted_segments),
            ("compacted-bytes", &self.compacted_bytes),
            ("removed-segments", &self.removed_segments),
            ("disagreements", &self.disagreements),
        ]
        .map(|(name, n)| (name.to_owned(), n.load(Ordering::Relaxed)))
        .to_vec()
    }
}

pub struct Log {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) options: LogOptions,
    /// The files together may grow to this; `u64::MAX`: to what the file system has.
    pub(super) limit_bytes: AtomicU64,
    /// Taken before `state` where both are.
    pub(super) writer: Mutex<Writer>,
    pub(super) state: Mutex<State>,
    pub(super) recent: Mutex<Recent>,
    /// The file system has refused direct reads.
    pub(super) direct_refused: AtomicBool,
    pub counters: Counters,
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

pub(super) fn segment_name(segment: u32) -> String {
    format!("seg-{segment:08}")
}

pub(super) fn index_name(segment: u32) -> String {
    format!("seg-{segment:08}.idx")
}

impl Log {
    pub fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// Puts are refused when the files together would grow beyond this. None: no limit but the file system's.
    pub fn set_limit(&self, bytes: Option<u64>) {
        self.limit_bytes.store(bytes.unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub fn has(&self, id: ShardId) -> bool {
        let state = self.state();
        let key = id.to_bytes();
        state.live.contains_key(&key) && !state.quarantine.contains_key(&key)
    }

    pub fn length(&self, id: ShardId) -> Option<u32> {
        self.state().live.get(&id.to_bytes()).map(|p| p.length)
    }

    /// Live shards behind `after`, in order.
    pub fn list(&self, after: Option<ShardId>, limit: usize) -> Vec<ShardId> {
        let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.to_bytes()));
        self.state().live.range((from, Bound::Unbounded)).take(limit).map(|(key, _)| ShardId::from_bytes(*key)).collect()
    }

    pub(super) fn file_of(&self, segment: u32) -> Option<Arc<dyn SegmentFile>> {
        self.state().segments.get(&segment).map(|s| s.file.clone())
    }
}
