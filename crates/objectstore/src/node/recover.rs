//! Opening the log: what the segment files say, after whatever happened to them.
//!
//! Sealed segments are known by their index files; one without an intact index is scanned, and cut where only zeros follow
//! (they were laid down for records to come: [`super::write`]). The last one is always scanned,
//! from the disk and not from what the kernel has cached. Two kinds of damage are told apart by the batch that each record
//! names: what is broken in the last batch was torn by a crash, was never acknowledged, and is cut off or filled with a
//! void; what is broken before it was durable once, so it is rot: counted, skipped, and refilled by repair. (Rot in the very
//! last batch cannot be told from a torn write: those shards are missing afterwards instead of broken, and refilled too.)

use super::batch::Stage;
use super::digest::Digests;
use super::disk::{Disk, SegmentFile, read_exact};
use super::format::{
    HEADER_BYTES, Header, HeaderError, Key, Kind, UNIT_BYTES, index_from_bytes, segment_header, segment_version,
};
use super::log::{Counters, Log, LogOptions, index_name, segment_name};
use super::read::{Recent, read_verified};
use super::state::{Place, Segment, State};
use super::write::{Writer, open_direct};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};

/// Read at once by a scan.
const WINDOW_BYTES: usize = 256 << 10;
/// An index file is not larger: 200,000 records.
const INDEX_BYTES_MAX: u64 = 16 << 20;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{what} cannot be read or written")]
    Disk { what: String, source: io::Error },
    #[error("segment {segment} has format {version}; this program is too old for it")]
    TooNew { segment: u32, version: u8 },
}

/// What a scan of one file found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scan {
    pub headers: Vec<Header>,
    /// From, to: no intact record there, and not zeros to the end.
    pub broken: Vec<(u64, u64)>,
    /// Behind the last record.
    pub end: u64,
}

fn disk_error(what: impl Into<String>) -> impl FnOnce(io::Error) -> OpenError {
    let what = what.into();
    move |source| OpenError::Disk { what, source }
}

impl Log {
    /// Opens what is in the directory, or begins anew in an empty one. Until it returns nothing else may touch the files.
    pub fn open(disk: Arc<dyn Disk>, options: LogOptions, digests: Digests) -> Result<Self, OpenError> {
        let counters = Counters::default();
        let names: BTreeSet<String> = disk.list().map_err(disk_error("the directory"))?.into_iter().collect();
        let numbers: BTreeSet<u32> =
            names.iter().filter_map(|n| n.strip_prefix("seg-")?.parse().ok()).filter(|n| *n > 0).collect();
        let mut segments = BTreeMap::new();
        let mut records = Vec::new();
        let mut writer = None;
        for &segment in &numbers {
            let name = segment_name(segment);
            let file = disk.open(&name).map_err(disk_error(&name))?;
            let is_last = numbers.last() == Some(&segment);
            let opening = Opening { disk: &*disk, options: &options, counters: &counters, segment, file: file.clone() };
            let (headers, bytes) = if is_last { opening.last()? } else { opening.sealed(&names)? };
            records.extend(headers.iter().map(|h| (segment, *h)));
            let punched = bytes.saturating_sub(file.allocated_bytes().map_err(disk_error(&name))?);
            segments.insert(segment, Segment { file: file.clone(), bytes, live: 0, punched, sealed: !is_last, pinned: false });
            if is_last {
                writer = Some((segment, file, bytes, headers));
            }
        }
        for name in names.iter().filter(|n| n.ends_with(".idx")) {
            let owner = name.strip_prefix("seg-").and_then(|n| n.strip_suffix(".idx")).and_then(|n| n.parse().ok());
            if owner.is_none_or(|n| !numbers.contains(&n)) {
                disk.remove(name).map_err(disk_error(name))?;
            }
        }
        let sequence = records.iter().map(|(_, h)| h.sequence).max().unwrap_or(0);
        let (active, file, bytes, headers) = match writer {
            Some(writer) => writer,
            None => {
                let name = segment_name(1);
                let begun = (|| {
                    let file = disk.create(&name)?;
                    file.write_at(0, &[IoSlice::new(&segment_header(options.salt, 1))])?;
                    file.sync()?;
                    disk.sync_dir()?;
                    Ok(file)
                })();
                let file = begun.map_err(disk_error(&name))?;
                let bytes = HEADER_BYTES as u64;
                segments.insert(1, Segment { file: file.clone(), bytes, live: 0, punched: 0, sealed: false, pinned: false });
                (1, file, bytes, Vec::new())
            }
        };
        let state = State::rebuild(records, segments, digests);
        let direct = open_direct(&*disk, active).map_err(disk_error(segment_name(active)))?;
        let stage = Stage::default();
        let unsaved = BTreeMap::new();
        let (prepared, last_batch) = (bytes, 0);
        let writer =
            Writer { active, file, direct, stage, bytes, prepared, last_batch, headers, sequence, unsaved, failed: None };
        let limit_bytes = AtomicU64::new(u64::MAX);
        let (writer, state, recent) = (Mutex::new(writer), Mutex::new(state), Mutex::new(Recent::default()));
        Ok(Self { disk, options, limit_bytes, writer, state, recent, direct_refused: AtomicBool::new(false), counters })
    }

    /// A segment's records, in order; of the active one, those until now.
    pub(super) fn headers_of(&self, segment: u32) -> Result<Vec<Header>, OpenError> {
        let Some((file, bytes)) = self.state().segments.get(&segment).map(|s| (s.file.clone(), s.bytes)) else {
            return Ok(Vec::new());
        };
        if let Some(headers) = read_index(&*self.disk, self.options.salt, segment, bytes) {
            return Ok(headers);
        }
        Ok(scan(&*file, self.options.salt, segment, bytes)?.headers)
    }
}

struct Opening<'a> {
    disk: &'a dyn Disk,
    options: &'a LogOptions,
    counters: &'a Counters,
    segment: u32,
    file: Arc<dyn SegmentFile>,
}

impl Opening<'_> {
    fn bytes(&self) -> Result<u64, OpenError> {
        self.file.bytes().map_err(disk_error(segment_name(self.segment)))
    }

    /// Whether the segment's own header is intact.
    fn header(&self) -> Result<bool, OpenError> {
        let mut head = [0; HEADER_BYTES];
        self.file.read_at(0, &mut head).map_err(disk_error(segment_name(self.segment)))?;
        match segment_version(&head, self.options.salt, self.segment) {
            Some(version) if version > super::format::FORMAT_VERSION => Err(OpenError::TooNew { segment: self.segment, version }),
            version => Ok(version.is_some()),
        }
    }

    fn sealed(&self, names: &BTreeSet<String>) -> Result<(Vec<Header>, u64), OpenError> {
        let bytes = self.bytes()?;
        let whole = self.header()?;
        let salt = self.options.salt;
        if names.contains(&index_name(self.segment))
            && let Some(headers) = read_index(self.disk, salt, self.segment, bytes)
        {
            Counters::add(&self.counters.indexed_segments, 1);
            return Ok((headers, bytes));
        }
        let scan = scan(&*self.file, salt, self.segment, bytes)?;
        Counters::add(&self.counters.scanned_segments, 1);
        if scan.end < bytes {
            self.file.truncate(scan.end).map_err(disk_error(segment_name(self.segment)))?;
        }
        let bytes = scan.end;
        let broken = scan.broken.len() as u64 + u64::from(!whole);
        if broken > 0 {
            tracing::error!(segment = self.segment, places = ?scan.broken, "a segment is broken in places");
            Counters::add(&self.counters.broken_regions, broken);
        } else {
            super::write::save_index(self.disk, salt, self.segment, bytes, &scan.headers);
        }
        Ok((scan.headers, bytes))
    }

    fn last(&self) -> Result<(Vec<Header>, u64), OpenError> {
        let name = segment_name(self.segment);
        let salt = self.options.salt;
        // What a process that was killed left to the kernel becomes durable here, or the start fails. What the kernel calls
        // clean since an earlier sync failed is read from the disk.
        self.file.sync().map_err(disk_error(&name))?;
        self.file.drop_cache().map_err(disk_error(&name))?;
        let bytes = self.bytes()?;
        let whole = self.header()?;
        let mut scan = scan(&*self.file, salt, self.segment, bytes)?;
        Counters::add(&self.counters.scanned_segments, 1);
        // All before the last batch was durable when it was begun.
        let batch = scan.headers.iter().map(|h| h.batch).max().unwrap_or(0);
        let torn = |at: u64| at >= u64::from(batch) * UNIT_BYTES;
        let mut voids = Vec::new();
        let mut rotten = 0;
        let mut end = scan.end;
        for &(from, to) in &scan.broken {
            match () {
                () if torn(from) && to == bytes => end = from,
                () if torn(from) => voids.push((from, to)),
                () => rotten += 1,
            }
        }
        let torn_parts = (voids.len() + usize::from(end < scan.end)) as u64;
        let half: Vec<Header> = scan
            .headers
            .iter()
            .filter(|h| h.kind == Kind::Put && torn(u64::from(h.unit) * UNIT_BYTES))
            .filter(|h| read_verified(&*self.file, &h.key, Place::of(self.segment, h)).is_none())
            .copied()
            .collect();
        scan.headers.retain(|h| !half.contains(h));
        voids.extend(half.iter().map(|h| (u64::from(h.unit) * UNIT_BYTES, u64::from(h.unit) * UNIT_BYTES + h.bytes())));
        Counters::add(&self.counters.torn_records, half.len() as u64 + torn_parts);
        if rotten > 0 {
            tracing::error!(segment = self.segment, places = ?scan.broken, "the last segment is broken in places");
            Counters::add(&self.counters.broken_regions, rotten);
        }
        let end = end.max(HEADER_BYTES as u64);
        let mended = (|| {
            if !whole {
                self.file.write_at(0, &[IoSlice::new(&segment_header(salt, self.segment))])?;
            }
            for (from, to) in voids.into_iter().filter(|(from, _)| *from < end) {
                let void = void(from, to.min(end), batch);
                self.file.write_at(from, &[IoSlice::new(&void.to_bytes(salt, self.segment))])?;
                scan.headers.push(void);
            }
            if bytes != end {
                self.file.truncate(end)?;
            }
            self.file.sync()?;
            self.disk.sync_dir()
        })();
        mended.map_err(disk_error(name))?;
        scan.headers.sort_by_key(|h| h.unit);
        Ok((scan.headers, end))
    }
}

fn void(from: u64, to: u64, batch: u32) -> Header {
    let length = (to - from) as u32 - HEADER_BYTES as u32;
    let key: Key = [0; 19];
    Header { kind: Kind::Void, key, sequence: 0, at_ms: 0, length, gap: 0, batch, unit: (from / UNIT_BYTES) as u32 }
}

fn read_index(disk: &dyn Disk, salt: u64, segment: u32, bytes: u64) -> Option<Vec<Header>> {
    let file = disk.open(&index_name(segment)).ok()?;
    let length = file.bytes().ok().filter(|n| *n <= INDEX_BYTES_MAX)?;
    let mut raw = vec![0; length as usize];
    read_exact(&*file, 0, &mut raw).ok()?;
    index_from_bytes(&raw, salt, segment, bytes)
}

/// Finds all intact records. Where none begins it looks for the next one at every multiple of 64.
pub fn scan(file: &dyn SegmentFile, salt: u64, segment: u32, bytes: u64) -> Result<Scan, OpenError> {
    let mut window = Window { file, start: 0, buffer: Vec::new(), bytes };
    let mut out = Scan { end: HEADER_BYTES as u64, ..Scan::default() };
    let mut at = HEADER_BYTES as u64;
    while at + HEADER_BYTES as u64 <= bytes {
        let mut found = at;
        let header = loop {
            if found + HEADER_BYTES as u64 > bytes {
                break None;
            }
            let head = window.read(found).map_err(disk_error(segment_name(segment)))?;
            match Header::parse(head, salt, segment, (found / UNIT_BYTES) as u32) {
                // One that reaches behind the end is torn, or the file is.
                Ok(h) if found + h.bytes() <= bytes => break Some(h),
                Ok(_) | Err(HeaderError::Broken) => found += UNIT_BYTES,
                Err(HeaderError::Version(version)) => return Err(OpenError::TooNew { segment, version }),
            }
        };
        let Some(header) = header else { break };
        let begin = found.saturating_sub(u64::from(header.gap) * UNIT_BYTES);
        if begin > at {
            out.broken.push((at, begin));
        }
        at = found + header.bytes();
        out.end = at;
        out.headers.push(header);
    }
    if at < bytes && !window.is_zero_from(at).map_err(disk_error(segment_name(segment)))? {
        out.broken.push((at, bytes));
        out.end = bytes;
    }
    Ok(out)
}

/// A file read in large pieces, forwards.
struct Window<'a> {
    file: &'a dyn SegmentFile,
    start: u64,
    buffer: Vec<u8>,
    bytes: u64,
}

impl Window<'_> {
    fn fill(&mut self, at: u64) -> io::Result<()> {
        let length = (self.bytes - at).min(WINDOW_BYTES as u64) as usize;
        self.buffer.resize(length, 0);
        self.start = at;
        match self.file.read_at(at, &mut self.buffer) {
            Ok(n) => self.buffer.truncate(n),
            // A bad sector somewhere in it: its pages one by one, the unreadable ones as zeros.
            Err(_) => {
                for (n, page) in self.buffer.chunks_mut(4096).enumerate() {
                    if self.file.read_at(at + 4096 * n as u64, page).is_err() {
                        page.fill(0);
                    }
                }
            }
        }
        Ok(())
    }

    /// 64 bytes, or fewer at the end.
    fn read(&mut self, at: u64) -> io::Result<&[u8]> {
        if at < self.start || at + HEADER_BYTES as u64 > self.start + self.buffer.len() as u64 {
            self.fill(at)?;
        }
        let from = (at - self.start) as usize;
        Ok(&self.buffer[from..(from + HEADER_BYTES).min(self.buffer.len())])
    }

    fn is_zero_from(&mut self, mut at: u64) -> io::Result<bool> {
        while at < self.bytes {
            self.fill(at)?;
            if self.buffer.is_empty() || self.buffer.iter().any(|b| *b != 0) {
                return Ok(self.buffer.is_empty());
            }
            at += self.buffer.len() as u64;
        }
        Ok(true)
    }
}
