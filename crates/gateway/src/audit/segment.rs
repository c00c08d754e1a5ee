//! The trail's files: opened after a crash, appended to, followed by the next, and taken away when there are too many.
//!
//! A segment is a file of lines named by its first line's number; its first line carries the chain over from the segment
//! before. Lines are handed to the kernel with one write(2), so a killed process loses none; [`Segments::sync_point`] is for
//! the timer that makes them durable, so a power cut loses what that timer has not reached.
//! When the trail is over its size its oldest segment goes; a line of the chain says so before it does.

use super::chain::{BEGINNING, Chain, FORMAT, Head, Kind, hash};
use platform::disk;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A segment is followed by the next one when it has got this long.
pub const SEGMENT_BYTES_MAX: u64 = 16 << 20;
/// Lines that wait in memory for a disk that takes none. Further events are counted as lost.
const PENDING_BYTES_MAX: usize = 8 << 20;
const SUFFIX: &str = ".jsonl";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentFile {
    pub path: PathBuf,
    /// Number of its first line.
    pub first: u64,
    pub bytes: u64,
}

/// Oldest first.
pub fn list(dir: &Path) -> io::Result<Vec<SegmentFile>> {
    let mut out = Vec::new();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(out),
        Err(e) => return Err(e),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let first = name.to_str().and_then(|n| n.strip_suffix(SUFFIX)).and_then(|n| n.parse().ok());
        if let Some(first) = first {
            out.push(SegmentFile { path: entry.path(), first, bytes: entry.metadata()?.len() });
        }
    }
    out.sort_by_key(|s| s.first);
    Ok(out)
}

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub segment_bytes_max: u64,
    /// Of all segments together.
    pub bytes_max: u64,
}

pub struct Segments {
    dir: PathBuf,
    limits: Limits,
    /// All but the current one.
    old: Vec<SegmentFile>,
    current: SegmentFile,
    file: File,
    chain: Chain,
    /// Lines in the chain and not in the file.
    pending: String,
    /// Of the next line that is not in the file.
    unwritten: u64,
    /// Events since the last line that are in no line.
    lost: u64,
    lost_ever: u64,
    /// Found when it was opened.
    tampered: bool,
    pub problem: Option<String>,
}

impl Segments {
    /// Opens the trail, mends what a crash tore, and says so in the trail.
    pub fn open(dir: &Path, limits: Limits, now_ms: u64) -> io::Result<Self> {
        disk::create_private_dir(dir)?;
        let mut old = list(dir)?;
        let Some(last) = old.pop() else {
            let chain = Chain::beginning();
            let (current, file) = create(dir, chain.next)?;
            let mut new = Self::at(dir, limits, old, current, file, chain);
            new.head_line(now_ms);
            new.write()?;
            return Ok(new);
        };
        let text = std::fs::read(&last.path)?;
        let mut end = Ending::of(&text, last.first);
        if end.chain.before.is_empty() {
            // Nothing of it was written: it goes on from the one before.
            let before = old.last().map(|s| Ok::<_, io::Error>(Ending::of(&std::fs::read(&s.path)?, s.first))).transpose()?;
            end.chain.before = before.map_or_else(|| BEGINNING.to_owned(), |b| b.chain.before);
        }
        let file = append_to(&last.path)?;
        let mut out = Self::at(dir, limits, old, last, file, end.chain);
        if text.is_empty() {
            out.head_line(now_ms);
            out.write()?;
            return Ok(out);
        }
        if end.whole_bytes == text.len() {
            return Ok(out);
        }
        let torn = &text[end.whole_bytes..];
        let note = format!(",\"bytes\":{},\"sha256\":\"{}\"", torn.len(), hash(torn));
        if end.tampered {
            // What follows the break is evidence: it stays, and the chain goes on in a new file.
            tracing::error!(segment = %out.current.path.display(), "the audit trail was changed: see `stratocell audit verify`");
            out.tampered = true;
            out.problem = Some("the trail was changed from outside: `stratocell audit verify` names the place".to_owned());
            out.follow(now_ms)?;
        } else {
            tracing::warn!(bytes = torn.len(), "the audit trail's torn end is cut off");
            out.current.bytes = end.whole_bytes as u64;
            out.file.set_len(out.current.bytes)?;
            if out.current.bytes == 0 {
                out.head_line(now_ms);
            }
            out.chain.add(Kind::Repaired, now_ms, &note, &mut out.pending);
        }
        out.write()?;
        out.file.sync_all()?;
        Ok(out)
    }

    fn at(dir: &Path, limits: Limits, old: Vec<SegmentFile>, current: SegmentFile, file: File, chain: Chain) -> Self {
        Self {
            dir: dir.to_owned(),
            limits,
            old,
            current,
            file,
            unwritten: chain.next,
            chain,
            pending: String::new(),
            lost: 0,
            lost_ever: 0,
            tampered: false,
            problem: None,
        }
    }

    fn head_line(&mut self, now_ms: u64) {
        self.chain.add(Kind::Segment, now_ms, &format!(",\"format\":{FORMAT}"), &mut self.pending);
    }

    /// Chains a line; `None`: there is no room, the event is lost. The line's number otherwise.
    pub fn add(&mut self, kind: Kind, now_ms: u64, members: &str) -> Option<u64> {
        if self.pending.len() + members.len() > PENDING_BYTES_MAX {
            self.lost += 1;
            self.lost_ever += 1;
            return None;
        }
        if self.lost > 0 {
            let note = format!(",\"events\":{}", std::mem::take(&mut self.lost));
            self.chain.add(Kind::Lost, now_ms, &note, &mut self.pending);
        }
        self.chain.add(kind, now_ms, members, &mut self.pending);
        Some(self.chain.next - 1)
    }

    /// Whether the line is where a killed process leaves it.
    pub fn is_written(&self, sequence: u64) -> bool {
        sequence < self.unwritten
    }

    /// Hands all chained lines to the kernel in one write(2). What could not be written is tried again the next time.
    pub fn write(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        if let Err(e) = self.file.write_all(self.pending.as_bytes()) {
            // Half a line would stand before the next try's whole one.
            let _ = self.file.set_len(self.current.bytes);
            self.problem = Some(format!("the audit trail cannot be written: {e}"));
            return Err(e);
        }
        if !self.tampered {
            self.problem = None;
        }
        self.current.bytes += self.pending.len() as u64;
        self.pending.clear();
        self.pending.shrink_to(64 << 10);
        self.unwritten = self.chain.next;
        Ok(())
    }

    /// What to sync, off this thread, and where the chain stands when that is done.
    pub fn sync_point(&self) -> io::Result<(File, u64, String)> {
        Ok((self.file.try_clone()?, self.unwritten - 1, self.chain.before.clone()))
    }

    pub fn is_full(&self) -> bool {
        self.current.bytes >= self.limits.segment_bytes_max
    }

    /// Goes on in a new file and takes away the oldest ones. Blocks for what was written since the last sync.
    pub fn follow(&mut self, now_ms: u64) -> io::Result<()> {
        self.write()?;
        self.file.sync_data()?;
        let (next, file) = create(&self.dir, self.chain.next)?;
        self.old.push(std::mem::replace(&mut self.current, next));
        self.file = file;
        self.head_line(now_ms);
        let mut bytes: u64 = self.old.iter().map(|s| s.bytes).sum();
        let mut retired = Vec::new();
        while bytes + self.limits.segment_bytes_max > self.limits.bytes_max && !self.old.is_empty() {
            let oldest = self.old.remove(0);
            bytes -= oldest.bytes;
            let end = Ending::of(&std::fs::read(&oldest.path)?, oldest.first);
            let (first, last, hash) = (oldest.first, end.chain.next - 1, end.chain.before);
            let note = format!(",\"first\":{first},\"last\":{last},\"hash\":\"{hash}\"");
            self.chain.add(Kind::Retired, now_ms, &note, &mut self.pending);
            retired.push(oldest);
        }
        self.write()?;
        self.file.sync_data()?;
        disk::sync_dir(&self.dir)?;
        // A crash before this leaves a segment that is said to be retired, which is no harm: it goes the next time.
        retired.iter().try_for_each(|s| disk::remove_file(&s.path))
    }

    /// Number of the newest line.
    pub fn sequence(&self) -> u64 {
        self.chain.next - 1
    }

    pub fn lost_events(&self) -> u64 {
        self.lost_ever
    }
}

fn create(dir: &Path, first: u64) -> io::Result<(SegmentFile, File)> {
    let path = dir.join(format!("{first:020}{SUFFIX}"));
    let file = append_to(&path)?;
    disk::sync_dir(dir)?;
    Ok((SegmentFile { path, first, bytes: 0 }, file))
}

fn append_to(path: &Path) -> io::Result<File> {
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// How far a segment is whole.
struct Ending {
    whole_bytes: usize,
    chain: Chain,
    /// Lines that belong to the trail follow the break: no crash leaves that.
    tampered: bool,
}

impl Ending {
    fn of(text: &[u8], first: u64) -> Self {
        let mut out = Self { whole_bytes: 0, chain: Chain { next: first, before: String::new() }, tampered: false };
        if first == 1 {
            out.chain = Chain::beginning();
        }
        let mut broken = false;
        for line in text.split_inclusive(|b| *b == b'\n') {
            let Some((head, plain)) = line.strip_suffix(b"\n").and_then(|plain| Some((Head::parse(plain)?, plain))) else {
                broken = true;
                continue;
            };
            let fits = head.sequence == out.chain.next && (out.chain.before.is_empty() || head.before == out.chain.before);
            if broken || !fits {
                (broken, out.tampered) = (true, true);
            } else {
                out.whole_bytes += line.len();
            }
            out.chain = Chain { next: head.sequence + 1, before: hash(plain) };
        }
        out
    }
}
