//! Giving space back: holes for large dead payloads, removal of segments in which nothing counts, and compaction of those in
//! which little does. The caller (the node's housekeeping) sets the pace by how often it calls [`Log::compact_some`].

use super::disk::read_exact;
use super::format::{ALIGNED_FROM_BYTES, HEADER_BYTES, Header, Key, Kind, PAGE_BYTES, blocks};
use super::log::{Counters, Log, LogError, index_name, locked, segment_name};
use super::state::Place;
use super::write::{AppendError, Record, Writer};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

/// A sealed segment is rewritten when less than this of what it takes on disk counts, in percent,
const LIVE_PERCENT_MIN: u64 = 50;
/// or less than this of its length (large payloads leave holes), so that files do not become many.
const LIVE_OF_LENGTH_PERCENT_MIN: u64 = 10;

/// A segment being rewritten.
#[derive(Debug)]
pub struct Compaction {
    segment: u32,
    /// All of its records, and those still to be looked at.
    headers: Vec<Header>,
    left: VecDeque<Header>,
}

impl Log {
    /// After deletes became durable: holes, and segments without anything left.
    pub(super) fn give_back(&self, writer: &mut Writer, killed: &[Place]) {
        for place in killed.iter().filter(|p| p.length as usize >= ALIGNED_FROM_BYTES) {
            let Some(file) = self.file_of(place.segment) else { continue };
            let from = (place.offset() + HEADER_BYTES as u64).next_multiple_of(PAGE_BYTES);
            let bytes =
                (place.offset() + HEADER_BYTES as u64 + u64::from(place.length)).saturating_sub(from) / PAGE_BYTES * PAGE_BYTES;
            // A file system that cannot is no loss but of space, until compaction.
            if bytes > 0
                && file.punch(from, bytes).is_ok()
                && let Some(s) = self.state().segments.get_mut(&place.segment)
            {
                s.punched += bytes;
            }
        }
        let touched = killed.iter().map(|p| p.segment);
        let mut empty: Vec<u32> = {
            let state = self.state();
            touched.filter(|n| state.segments.get(n).is_some_and(|s| s.sealed && s.live == 0)).collect()
        };
        empty.sort_unstable();
        empty.dedup();
        for segment in empty {
            if let Ok(headers) = self.headers_of(segment) {
                self.remove_segment(writer, segment, &headers);
            }
        }
    }

    /// The sealed segment that is worth rewriting most, if any is.
    pub fn begin_compaction(&self) -> Option<Compaction> {
        let segment = {
            let state = self.state();
            let wasteful = |s: &&super::state::Segment| {
                let used = s.bytes.saturating_sub(s.punched).max(s.live).max(1);
                s.sealed
                    && !s.pinned
                    && (s.live * 100 < used * LIVE_PERCENT_MIN || s.live * 100 < s.bytes * LIVE_OF_LENGTH_PERCENT_MIN)
            };
            let candidates = state.segments.iter().filter(|(_, s)| wasteful(s));
            candidates.min_by_key(|(_, s)| s.live).map(|(n, _)| *n)?
        };
        match self.headers_of(segment) {
            Ok(headers) => Some(Compaction { segment, left: headers.iter().copied().collect(), headers }),
            Err(e) => {
                tracing::warn!(segment, error = %e, "a segment cannot be compacted");
                None
            }
        }
    }

    /// Moves what counts, at most about `bytes_max` of it; graves older than `before_ms` that nothing needs are left out.
    /// True: done, and the segment is gone. A record that cannot be read whole is moved as it is: it stays broken, and known.
    pub fn compact_some(&self, compaction: &mut Compaction, bytes_max: u64, before_ms: u64) -> Result<bool, LogError> {
        // Deletes that waited for space come before what they allow to be dropped.
        self.commit(&[]);
        let segment = compaction.segment;
        let mut writer = locked(&self.writer);
        if let Some(e) = &writer.failed {
            return Err(e.clone());
        }
        let Some(file) = self.file_of(segment).filter(|_| writer.active != segment) else { return Ok(true) };
        let mut records = Vec::new();
        let mut bytes = 0;
        while bytes < bytes_max {
            let Some(header) = compaction.left.pop_front() else { break };
            {
                let mut state = self.state();
                if !state.is_current(segment, &header) {
                    continue;
                }
                if state.graves.get(&header.key).is_some_and(|g| state.is_needless(&header.key, g, before_ms)) {
                    state.drop_grave(&header.key);
                    continue;
                }
            }
            let mut body = vec![0; header.length as usize + 8 * blocks(header.length as usize)];
            if header.kind == Kind::Put
                && let Err(e) = read_exact(&*file, Place::of(segment, &header).offset() + HEADER_BYTES as u64, &mut body)
            {
                tracing::error!(segment, error = %e, "a record cannot be read and is moved as zeros");
            }
            let mut payload = Bytes::from(body);
            let sums = payload.split_off(header.length as usize);
            let moved = Some((header.sequence, sums));
            records.push(Record { kind: header.kind, key: header.key, at_ms: header.at_ms, payload, moved });
            bytes += header.bytes();
        }
        let (into, headers) = match self.append(&mut writer, &records) {
            Ok(appended) => appended,
            Err(AppendError::Full) => return Err(LogError::Full),
            Err(AppendError::Failed(e)) => return Err(e),
        };
        let mut state = self.state();
        headers.iter().for_each(|h| state.moved(h, into));
        drop(state);
        Counters::add(&self.counters.compacted_bytes, bytes);
        if !compaction.left.is_empty() {
            return Ok(false);
        }
        if self.is_drained(segment) {
            self.remove_segment(&mut writer, segment, &compaction.headers);
            Counters::add(&self.counters.compacted_segments, 1);
        }
        Ok(true)
    }

    /// Does nothing in it count? If something does whose record was not found, its header has rotted since the start: such
    /// shards are broken, and the segment stays until repair has replaced them.
    fn is_drained(&self, segment: u32) -> bool {
        let mut state = self.state();
        match state.segments.get_mut(&segment) {
            Some(s) if s.live > 0 => s.pinned = true,
            _ => return true,
        }
        let lost: Vec<Key> = state.live.iter().filter(|(_, p)| p.segment == segment).map(|(k, _)| *k).collect();
        drop(state);
        for key in lost {
            // Reads its header, so it ends in quarantine.
            let _ = self.check(&key, 0);
        }
        false
    }

    /// Removes the file of a segment in which nothing counts. Until its removal is durable the memory does not know.
    fn remove_segment(&self, writer: &mut Writer, segment: u32, headers: &[Header]) {
        let removed = self
            .disk
            .remove(&segment_name(segment))
            .and_then(|()| self.disk.remove(&index_name(segment)))
            .and_then(|()| self.disk.sync_dir());
        match removed {
            Ok(()) => {
                self.state().removed(segment, headers);
                Counters::add(&self.counters.removed_segments, 1);
            }
            // Whether it is there is not known, so nothing may build on it.
            Err(e) => {
                tracing::error!(segment, error = %e, "a segment cannot be removed: the log is closed");
                writer.failed = Some(LogError::Failed(format!("removing a segment: {e}")));
            }
        }
    }

    pub fn failure(&self) -> Option<LogError> {
        locked(&self.writer).failed.clone()
    }

    /// Lets graves older than `before_ms` go that nothing needs, and compares the map with the segments.
    pub fn tidy(&self, before_ms: u64) -> usize {
        let mut state = self.state();
        state.expire(before_ms);
        let wrong = state.disagreements();
        if !wrong.is_empty() {
            tracing::error!(segments = ?wrong, "the map and the segments disagree");
        }
        self.counters.disagreements.store(wrong.len() as u64, Ordering::Relaxed);
        wrong.len()
    }
}
