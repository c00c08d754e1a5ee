//! Appending to the log: what a batch of changes becomes, one write and one fdatasync for all of them.
//!
//! After a failed write or sync nothing is guessed: the file is cut back to what was durable (which also drops what the
//! kernel may now think clean), the log refuses everything, and the process is to end. See "Can Applications Recover from
//! fsync Failures?" (Rebello et al., USENIX ATC 2020). A full disk is another matter: the batch is refused, nothing else.
//!
//! ```text
//!  active segment   | records ........ | zeros, durable | (end of the file)
//!                                  bytes            prepared
//! ```
//! An fdatasync that finds new blocks or a new length waits for the file system's journal too, and for those of everyone
//! else on it. So while batches are small the writer, when nobody waits, lays zeros down behind the last record, durably
//! ([`Log::prepare`]), and batches overwrite them. Recovery takes zeros behind the last record for what they are: nothing.
//! Large batches, and those of many callers, carry the journal's price easily and are not worth writing twice.

use super::batch::{Layout, Span, Stage};
use super::disk::{Disk, SegmentFile};
use super::format::{
    HEADER_BYTES, Header, Key, Kind, PAGE_BYTES, PAYLOAD_BYTES_MAX, UNIT_BYTES, index_to_bytes, record_bytes, segment_header,
};
use super::log::{Counters, Log, LogError, Op, index_name, locked, segment_name};
use super::read::read_verified;
use super::state::{Grave, Place};
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, IoSlice};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, TryLockError};

/// Records of one segment, so that its index file stays small; an emptier segment is sealed.
const SEGMENT_RECORDS_MAX: usize = 200_000;
/// Deletes that wait for room on a full disk; further ones are forgotten by a restart, and what they removed is garbage again.
const UNSAVED_MAX: usize = 100_000;

/// Room is made for batches up to this, and when less than this is left: what one caller brings.
const PREPARED_FOR_BYTES: u64 = 128 << 10;
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// What only the writer needs.
pub struct Writer {
    pub active: u32,
    pub file: Arc<dyn SegmentFile>,
    /// The same file past the cache. None: the file system refuses that.
    pub direct: Option<Arc<dyn SegmentFile>>,
    pub stage: Stage,
    /// Durable bytes of the active segment.
    pub bytes: u64,
    /// Length of its file: zeros from `bytes` on, as durable.
    pub prepared: u64,
    /// Of the batch before, in bytes.
    pub last_batch: u64,
    /// Its records.
    pub headers: Vec<Header>,
    pub sequence: u64,
    /// Graves that are known but not on disk, since it was full.
    pub unsaved: BTreeMap<Key, Record>,
    pub failed: Option<LogError>,
}

#[derive(Clone, Debug)]
pub struct Record {
    pub kind: Kind,
    pub key: Key,
    pub at_ms: u64,
    pub payload: Bytes,
    /// Moved by compaction: its sequence and its checksums as they are, right or wrong.
    pub moved: Option<(u64, Bytes)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum AppendError {
    Full,
    Failed(LogError),
}

impl AppendError {
    fn into_log(self) -> LogError {
        match self {
            Self::Full => LogError::Full,
            Self::Failed(e) => e,
        }
    }
}

/// What of a batch waits for the disk.
struct Batch {
    records: Vec<Record>,
    /// The last record of each id in this batch.
    last: HashMap<Key, usize>,
    /// Bytes that puts may still use.
    room: u64,
}

pub(super) fn is_full(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

/// Does the file system not know direct reads and writes, or not at pages of our size?
pub(super) fn is_refused(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

impl Record {
    fn grave(kind: Kind, key: Key, at_ms: u64) -> Self {
        Self { kind, key, at_ms, payload: Bytes::new(), moved: None }
    }
}

impl Batch {
    fn push(&mut self, record: Record) {
        self.last.insert(record.key, self.records.len());
        self.records.push(record);
    }
}

impl Log {
    /// Carries out changes in order, durably; an answer for each. Those that a change before them in the batch already
    /// brings about share its fate.
    pub fn commit(&self, ops: &[Op]) -> Vec<Result<(), LogError>> {
        self.commit_as(locked(&self.writer), ops)
    }

    /// The same, unless somebody writes: none, and nothing happened.
    pub fn try_commit(&self, ops: &[Op]) -> Option<Vec<Result<(), LogError>>> {
        match self.writer.try_lock() {
            Ok(writer) => Some(self.commit_as(writer, ops)),
            Err(TryLockError::Poisoned(e)) => Some(self.commit_as(e.into_inner(), ops)),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn commit_as(&self, mut writer: MutexGuard<'_, Writer>, ops: &[Op]) -> Vec<Result<(), LogError>> {
        if let Some(e) = &writer.failed {
            return vec![Err(e.clone()); ops.len()];
        }
        let mut batch = Batch { records: Vec::new(), last: HashMap::new(), room: self.room() };
        let unsaved = std::mem::take(&mut writer.unsaved);
        unsaved.values().for_each(|r| batch.push(r.clone()));
        // Does the answer hang on the disk?
        let mut waits = Vec::with_capacity(ops.len());
        let mut answers: Vec<Result<(), LogError>> = ops
            .iter()
            .map(|op| {
                let (answer, wait) = self.plan(op, &mut batch);
                waits.push(wait);
                answer
            })
            .collect();
        match self.append(&mut writer, &batch.records) {
            Ok((segment, headers)) => {
                let killed = self.apply(segment, &headers);
                self.give_back(&mut writer, &killed);
            }
            Err(AppendError::Full) => {
                let mut state = self.state();
                for record in batch.records.into_iter().filter(|r| r.kind != Kind::Put) {
                    let grave = Grave { at_ms: record.at_ms, forget: record.kind == Kind::Forget, segment: 0, unit: 0 };
                    // Not durable, so the bytes stay: whoever comes back must come back whole.
                    state.grave(record.key, grave);
                    if writer.unsaved.len() < UNSAVED_MAX {
                        writer.unsaved.insert(record.key, record);
                    }
                }
                drop(state);
                for ((answer, op), waits) in answers.iter_mut().zip(ops).zip(&waits) {
                    if *waits && matches!(op, Op::Put { .. }) {
                        *answer = Err(LogError::Full);
                    }
                }
            }
            Err(AppendError::Failed(e)) => {
                for (answer, waits) in answers.iter_mut().zip(&waits) {
                    if *waits {
                        *answer = Err(e.clone());
                    }
                }
            }
        }
        let refused = answers.iter().filter(|a| **a == Err(LogError::Full)).count();
        Counters::add(&self.counters.refused_full, refused as u64);
        answers
    }

    /// Are writes refused for want of space?
    pub fn is_full(&self) -> bool {
        self.room() < (PAYLOAD_BYTES_MAX + HEADER_BYTES) as u64
    }

    pub fn free_bytes(&self) -> u64 {
        self.disk.free_bytes().unwrap_or(0)
    }

    /// Bytes that puts may still use. An answer of the file system that cannot be had is no room.
    fn room(&self) -> u64 {
        let free = self.disk.free_bytes().unwrap_or(0).saturating_sub(self.options.reserve_bytes);
        match self.limit_bytes.load(Ordering::Relaxed) {
            u64::MAX => free,
            limit => free.min(limit.saturating_sub(self.state().file_bytes())),
        }
    }

    /// Adds what `op` needs to the batch. Its answer, and whether that (yes or no) holds only if the batch becomes durable.
    fn plan(&self, op: &Op, batch: &mut Batch) -> (Result<(), LogError>, bool) {
        match op {
            Op::Put { id, payload } => self.plan_put(id.to_bytes(), payload, batch),
            Op::Delete { ids, at_ms } => {
                let mut waits = false;
                for key in ids.iter().map(|id| id.to_bytes()) {
                    let known = match batch.last.get(&key) {
                        Some(n) => {
                            waits = true;
                            batch.records[*n].kind == Kind::Delete
                        }
                        None => self.state().graves.get(&key).is_some_and(|g| !g.forget),
                    };
                    if !known {
                        batch.push(Record::grave(Kind::Delete, key, *at_ms));
                        Counters::add(&self.counters.deletes, 1);
                        waits = true;
                    }
                }
                (Ok(()), waits)
            }
            Op::Forget { ids } => {
                let mut waits = false;
                for key in ids.iter().map(|id| id.to_bytes()) {
                    let held = match batch.last.get(&key) {
                        Some(n) => batch.records[*n].kind == Kind::Put,
                        None => self.state().live.contains_key(&key),
                    };
                    if held {
                        batch.push(Record::grave(Kind::Forget, key, 0));
                        waits = true;
                    }
                }
                (Ok(()), waits)
            }
        }
    }

    fn plan_put(&self, key: Key, payload: &Bytes, batch: &mut Batch) -> (Result<(), LogError>, bool) {
        if payload.len() > PAYLOAD_BYTES_MAX {
            return (Err(LogError::TooLarge(payload.len())), false);
        }
        if let Some(n) = batch.last.get(&key) {
            match &batch.records[*n] {
                r if r.kind == Kind::Put && r.payload == payload => return (Ok(()), true),
                r if r.kind == Kind::Put => return (Err(LogError::Different), true),
                r if r.kind == Kind::Delete => return (Err(LogError::Deleted), true),
                _ => {}
            }
        } else {
            let (held, broken) = {
                let state = self.state();
                if state.graves.get(&key).is_some_and(|g| !g.forget) {
                    return (Err(LogError::Deleted), false);
                }
                let place = state.live.get(&key).copied();
                let file = place.and_then(|p| Some((p, state.segments.get(&p.segment)?.file.clone())));
                (file, state.quarantine.contains_key(&key))
            };
            // What is broken here is replaced; so is what turns out to be.
            if let Some((place, file)) = held.filter(|_| !broken) {
                match read_verified(&*file, &key, place) {
                    Some(bytes) if bytes == payload => {
                        Counters::add(&self.counters.repeated_puts, 1);
                        return (Ok(()), false);
                    }
                    Some(_) => return (Err(LogError::Different), false),
                    None => Counters::add(&self.counters.corrupt_found, 1),
                }
            }
        }
        let bytes = record_bytes(Kind::Put, payload.len() as u32);
        let Some(room) = batch.room.checked_sub(bytes) else { return (Err(LogError::Full), false) };
        batch.room = room;
        Counters::add(&self.counters.puts, 1);
        batch.push(Record { kind: Kind::Put, key, at_ms: 0, payload: payload.clone(), moved: None });
        (Ok(()), true)
    }

    /// Writes records behind the last, durably. Nothing in memory changes but the writer.
    pub(super) fn append(&self, writer: &mut Writer, records: &[Record]) -> Result<(u32, Vec<Header>), AppendError> {
        if records.is_empty() {
            return Ok((writer.active, Vec::new()));
        }
        if writer.bytes >= self.options.segment_bytes || writer.headers.len() >= SEGMENT_RECORDS_MAX {
            self.rotate(writer)?;
        }
        let mut layout = Layout::new((writer.bytes / UNIT_BYTES) as u32, self.options.salt, writer.active);
        for record in records {
            let sequence = match &record.moved {
                Some((sequence, _)) => *sequence,
                None => {
                    writer.sequence += 1;
                    writer.sequence
                }
            };
            layout.add(record, sequence);
        }
        let in_room = writer.bytes + layout.bytes() <= writer.prepared;
        if let Err(e) = layout.spans(in_room).iter().try_for_each(|span| self.write_span(writer, span)) {
            let cut = self.cut_back(writer);
            if is_full(&e) && cut.is_ok() {
                return Err(AppendError::Full);
            }
            return Err(self.fail(writer, "write", &e));
        }
        if let Err(e) = writer.file.sync() {
            // The kernel may call clean what never reached the disk: it must not be seen again.
            if let Err(e) = self.cut_back(writer) {
                tracing::error!(error = %e, "the segment cannot be cut back either");
            }
            return Err(self.fail(writer, "fdatasync", &e));
        }
        let bytes = layout.bytes();
        writer.bytes += bytes;
        writer.prepared = writer.prepared.max(writer.bytes);
        writer.last_batch = bytes;
        writer.headers.extend_from_slice(&layout.headers);
        if let Some(s) = self.state().segments.get_mut(&writer.active) {
            s.bytes = writer.bytes;
        }
        Counters::add(&self.counters.batches, 1);
        Counters::add(&self.counters.appended_bytes, bytes);
        Ok((writer.active, layout.headers))
    }

    /// To the last durable record.
    fn cut_back(&self, writer: &mut Writer) -> io::Result<()> {
        writer.prepared = writer.bytes;
        writer.file.truncate(writer.bytes)
    }

    /// Up to where zeros are wanted behind the last record: batches are small and have used up those that were there.
    fn wants_room(&self, writer: &Writer) -> Option<u64> {
        let ahead = self.options.ahead_bytes;
        let end = (writer.bytes + ahead).next_multiple_of(PAGE_BYTES).min(self.options.segment_bytes / PAGE_BYTES * PAGE_BYTES);
        let is_small = (1..=PREPARED_FOR_BYTES).contains(&writer.last_batch);
        let is_used_up = writer.prepared - writer.bytes < PREPARED_FOR_BYTES.min(ahead);
        (is_small && is_used_up && end > writer.prepared).then_some(end)
    }

    /// Is [`Log::prepare`] due? No, while somebody writes: he will see to it.
    pub fn is_unprepared(&self) -> bool {
        self.writer.try_lock().is_ok_and(|writer| self.wants_room(&writer).is_some())
    }

    /// Lays zeros down behind the last record, durably, if batches are small and have used up those before. For the writer,
    /// when nobody waits for it: it takes some hundred microseconds, every hundred or so small records.
    pub fn prepare(&self) -> Result<(), LogError> {
        let mut writer = locked(&self.writer);
        if let Some(e) = &writer.failed {
            return Err(e.clone());
        }
        let Some(end) = self.wants_room(&writer).filter(|_| self.room() >= self.options.ahead_bytes) else { return Ok(()) };
        let bytes = end - writer.prepared;
        let zeros = |from: u64| IoSlice::new(&ZEROS[..ZEROS.len().min((bytes - from) as usize)]);
        let pieces: Vec<IoSlice<'_>> = (0..bytes).step_by(ZEROS.len()).map(zeros).collect();
        match writer.file.write_at(writer.prepared, &pieces).and_then(|()| writer.file.sync()) {
            Ok(()) => {
                writer.prepared = end;
                Counters::add(&self.counters.prepared_bytes, bytes);
                Ok(())
            }
            Err(e) => {
                let cut = self.cut_back(&mut writer);
                writer.last_batch = 0;
                if is_full(&e) && cut.is_ok() {
                    return Ok(());
                }
                Err(self.fail(&mut writer, "preparing a segment", &e).into_log())
            }
        }
    }

    fn write_span(&self, writer: &mut Writer, span: &Span<'_>) -> io::Result<()> {
        let Writer { active, direct, stage, .. } = writer;
        if span.direct {
            let bytes = span.pieces.iter().map(|p| p.len() as u64).sum();
            if let Some(direct) = direct {
                match stage.write(span, |offset, pages| direct.write_at(offset, pages)) {
                    Err(e) if is_refused(&e) => {}
                    other => {
                        Counters::add(&self.counters.direct_bytes, bytes);
                        return other;
                    }
                }
                tracing::warn!(
                    segment = *active,
                    "the file system refuses direct writes: large shards go through the page cache"
                );
                writer.direct = None;
            }
            Counters::add(&self.counters.direct_refused_bytes, bytes);
        }
        let pieces: Vec<IoSlice<'_>> = span.pieces.iter().map(|p| IoSlice::new(p)).collect();
        writer.file.write_at(span.offset, &pieces)
    }

    fn fail(&self, writer: &mut Writer, what: &str, e: &io::Error) -> AppendError {
        tracing::error!(segment = writer.active, error = %e, "{what} failed: the log is closed");
        let failed = LogError::Failed(format!("{what}: {e}"));
        writer.failed = Some(failed.clone());
        AppendError::Failed(failed)
    }

    /// Begins the next segment. On a full disk the active one goes on instead.
    fn rotate(&self, writer: &mut Writer) -> Result<(), AppendError> {
        let next = writer.active + 1;
        let begun = (|| {
            let file = self.disk.create(&segment_name(next))?;
            file.write_at(0, &[IoSlice::new(&segment_header(self.options.salt, next))])?;
            file.sync()?;
            self.disk.sync_dir()?;
            // Once refused is refused: it has been said.
            let direct = writer.direct.is_some().then(|| open_direct(&*self.disk, next)).transpose()?.flatten();
            Ok((file, direct))
        })();
        let (file, direct) = match begun {
            Ok(files) => files,
            Err(e) if is_full(&e) => {
                // An empty left-over is harmless, and overwritten by the next attempt.
                let _ = self.disk.remove(&segment_name(next));
                return Ok(());
            }
            Err(e) => return Err(self.fail(writer, "a new segment", &e)),
        };
        // Not durable at once: a crash may leave the zeros, which the next start cuts off.
        if writer.prepared > writer.bytes
            && let Err(e) = self.cut_back(writer)
        {
            return Err(self.fail(writer, "cutting a segment", &e));
        }
        save_index(&*self.disk, self.options.salt, writer.active, writer.bytes, &writer.headers);
        let mut state = self.state();
        if let Some(s) = state.segments.get_mut(&writer.active) {
            s.sealed = true;
        }
        let bytes = HEADER_BYTES as u64;
        let segment = super::state::Segment { file: file.clone(), bytes, live: 0, punched: 0, sealed: false, pinned: false };
        state.segments.insert(next, segment);
        (writer.active, writer.file, writer.direct) = (next, file, direct);
        (writer.bytes, writer.prepared) = (bytes, bytes);
        writer.headers.clear();
        Ok(())
    }

    /// What is durable becomes visible. Returns the puts that died.
    fn apply(&self, segment: u32, headers: &[Header]) -> Vec<Place> {
        let mut state = self.state();
        let change = |h: &Header| match h.kind {
            Kind::Put => state.put(h.key, Place::of(segment, h)),
            Kind::Delete | Kind::Forget => {
                state.grave(h.key, Grave { at_ms: h.at_ms, forget: h.kind == Kind::Forget, segment, unit: h.unit })
            }
            Kind::Void => None,
        };
        headers.iter().filter_map(change).collect()
    }
}

/// A segment past the page cache; none, and said so, where the file system cannot.
pub(super) fn open_direct(disk: &dyn Disk, segment: u32) -> io::Result<Option<Arc<dyn SegmentFile>>> {
    match disk.open_direct(&segment_name(segment)) {
        Ok(file) => Ok(Some(file)),
        Err(e) if is_refused(&e) => {
            tracing::warn!(segment, "the file system refuses direct writes: large shards go through the page cache");
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// Only saves time at the next start, so it may fail.
pub(super) fn save_index(disk: &dyn Disk, salt: u64, segment: u32, bytes: u64, headers: &[Header]) {
    let name = index_name(segment);
    let saved = (|| {
        let file = disk.create(&name)?;
        file.write_at(0, &[IoSlice::new(&index_to_bytes(salt, segment, bytes, headers))])?;
        file.sync()
    })();
    if let Err(e) = saved {
        tracing::warn!(segment, error = %e, "no index file for a sealed segment");
        let _ = disk.remove(&name);
    }
}
