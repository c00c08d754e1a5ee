//! Flow records of a host on their way to buckets: numbered lines in files of its own disk, read from any position until their
//! room is needed. They stay when they were taken, for whoever looks at the host's flows.
//!
//! ```text
//!  append ──► newest segment ──(full)──► next segment … oldest segment ──(too many)──► removed
//!  take: made durable first, then handed out
//! ```
//! Lines that were not yet taken when their segment goes are counted, and their interfaces get a SKIPDATA line. A torn line at a
//! crash is cut off; what was handed out is durable, so a number is never given to two lines that somebody has seen.

use platform::disk;
use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use types::InterfaceId;
use wire::flow::{FlowLine, FlowPosition, FlowReply, FlowRequest, FlowWhat};

const SUFFIX: &str = ".flows";
const ID_FILE: &str = "spool.id";
/// Of one answer, whatever is asked.
const TAKE_BYTES_MAX: usize = 8 << 20;

#[derive(Debug, Clone, Copy)]
pub struct SpoolLimits {
    /// A segment that has so much is followed by the next.
    pub segment_bytes_max: u64,
    pub segments_max: usize,
}

impl Default for SpoolLimits {
    /// 64 MiB, about 350,000 lines.
    fn default() -> Self {
        Self { segment_bytes_max: 4 << 20, segments_max: 16 }
    }
}

struct Segment {
    /// Number of its first line.
    first: u64,
    lines: u64,
    bytes: u64,
}

impl Segment {
    fn end(&self) -> u64 {
        self.first + self.lines
    }
}

pub struct Spool {
    dir: PathBuf,
    id: String,
    limits: SpoolLimits,
    /// Oldest first; the last one is written to.
    segments: VecDeque<Segment>,
    /// Of the last segment, once something was written.
    file: Option<File>,
    /// Lines before it are somebody else's to keep.
    acknowledged: u64,
    /// Lines that went before they were taken.
    pub lost: u64,
}

impl Spool {
    /// What is there, or a new one whose id is `id`. Blocking, as all of this.
    pub fn open(dir: &Path, limits: SpoolLimits, id: u64) -> io::Result<Self> {
        disk::create_private_dir(dir)?;
        disk::create_atomic(&dir.join(ID_FILE), format!("{id:016x}").as_bytes())?;
        let id = std::fs::read_to_string(dir.join(ID_FILE))?;
        let mut segments = VecDeque::new();
        for path in segment_files(dir)? {
            let first = number(&path).unwrap_or_default();
            let text = std::fs::read(&path)?;
            let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
            if whole < text.len() {
                OpenOptions::new().write(true).open(&path)?.set_len(whole as u64)?;
            }
            let lines = text[..whole].iter().filter(|b| **b == b'\n').count() as u64;
            segments.push_back(Segment { first, lines, bytes: whole as u64 });
        }
        if segments.is_empty() {
            segments.push_back(Segment { first: 0, lines: 0, bytes: 0 });
        }
        Ok(Self { dir: dir.to_owned(), id, limits, segments, file: None, acknowledged: 0, lost: 0 })
    }

    fn path(&self, first: u64) -> PathBuf {
        self.dir.join(format!("{first:020}{SUFFIX}"))
    }

    /// Writes lines down; they are durable when they are taken.
    pub fn append(&mut self, lines: &[FlowLine]) -> io::Result<()> {
        let mut text = String::new();
        let mut rest = lines.iter().peekable();
        while rest.peek().is_some() {
            if self.segments.back().is_some_and(|s| s.bytes >= self.limits.segment_bytes_max) {
                self.follow()?;
            }
            let room = self.segments.back().map_or(0, |s| self.limits.segment_bytes_max.saturating_sub(s.bytes));
            let mut count = 0;
            text.clear();
            while (text.len() as u64) < room
                && let Some(line) = rest.next()
            {
                text.push_str(&line.to_string());
                text.push('\n');
                count += 1;
            }
            self.write(&text, count)?;
        }
        Ok(())
    }

    fn write(&mut self, text: &str, lines: u64) -> io::Result<()> {
        let Some(first) = self.segments.back().map(|s| s.first) else { return Ok(()) };
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let file = OpenOptions::new().append(true).create(true).mode(0o600).open(self.path(first))?;
                disk::sync_dir(&self.dir)?;
                file
            }
        };
        if let Err(e) = file.write_all(text.as_bytes()) {
            // A part of it may be there: cut off, so that the next line begins a line.
            if let Some(last) = self.segments.back() {
                file.set_len(last.bytes)?;
            }
            return Err(e);
        }
        self.file = Some(file);
        if let Some(last) = self.segments.back_mut() {
            last.lines += lines;
            last.bytes += text.len() as u64;
        }
        Ok(())
    }

    /// Begins the next segment, and removes the oldest ones that are too many.
    fn follow(&mut self) -> io::Result<()> {
        if let Some(file) = self.file.take() {
            file.sync_data()?;
        }
        let first = self.segments.back().map_or(0, Segment::end);
        self.segments.push_back(Segment { first, lines: 0, bytes: 0 });
        let mut skipped: BTreeMap<InterfaceId, FlowLine> = BTreeMap::new();
        while self.segments.len() > self.limits.segments_max.max(2) {
            let Some(oldest) = self.segments.pop_front() else { break };
            let path = self.path(oldest.first);
            if oldest.end() > self.acknowledged {
                let unseen = self.acknowledged.saturating_sub(oldest.first);
                self.lost += oldest.lines - unseen;
                let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
                for line in text.lines().skip(unseen as usize).filter_map(|l| l.parse::<FlowLine>().ok()) {
                    let all = skipped.entry(line.interface).or_insert_with(|| line.clone());
                    all.first_ms = all.first_ms.min(line.first_ms);
                    all.last_ms = all.last_ms.max(line.last_ms);
                    all.what = FlowWhat::SkipData;
                }
            }
            disk::remove_file(&path)?;
        }
        if !skipped.is_empty() {
            tracing::warn!(interfaces = skipped.len(), lost = self.lost, "flow records went before anybody took them");
            let text: String = skipped.values().map(|l| format!("{l}\n")).collect();
            self.write(&text, skipped.len() as u64)?;
        }
        Ok(())
    }

    /// Lines from a position on, which were made durable.
    pub fn take(&mut self, asked: &FlowRequest) -> io::Result<FlowReply> {
        if let Some(file) = &self.file {
            file.sync_data()?;
        }
        let number = |p: &Option<FlowPosition>| p.as_ref().filter(|p| p.spool == self.id).map_or(0, |p| p.next);
        let (ours, kept) = (number(&asked.at), number(&asked.kept));
        let end = self.segments.back().map_or(0, Segment::end);
        self.acknowledged = self.acknowledged.max(kept.min(end));
        let begin = self.segments.front().map_or(0, |s| s.first);
        let mut next = ours.clamp(begin, end);
        let lost = begin.saturating_sub(ours);
        let bytes_max = (asked.bytes_max as usize).min(TAKE_BYTES_MAX);
        let (mut lines, mut bytes) = (Vec::new(), 0);
        'segments: for segment in &self.segments {
            if segment.end() <= next {
                continue;
            }
            let text = std::fs::read_to_string(self.path(segment.first))?;
            for line in text.lines().take(segment.lines as usize).skip((next - segment.first) as usize) {
                bytes += line.len() + 1;
                if bytes > bytes_max && !lines.is_empty() {
                    break 'segments;
                }
                lines.push(line.to_owned());
                next += 1;
            }
        }
        Ok(FlowReply { lines, next: FlowPosition { spool: self.id.clone(), next }, lost })
    }
}

fn number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(SUFFIX)?.parse().ok()
}

/// A spool's segments, oldest first.
pub fn segment_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if number(&path).is_some() {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use types::{SubnetId, VpcId};

    const SMALL: SpoolLimits = SpoolLimits { segment_bytes_max: 1000, segments_max: 3 };

    fn line(n: u64) -> FlowLine {
        FlowLine {
            interface: InterfaceId::from_random(u128::from(n % 2)),
            vpc: VpcId::from_random(1),
            subnet: SubnetId::from_random(1),
            instance: None,
            address: Ipv4Addr::new(10, 0, 0, 1).into(),
            first_ms: n,
            last_ms: n + 1,
            what: FlowWhat::NoData,
        }
    }

    fn take(s: &mut Spool, at: Option<&FlowPosition>, bytes_max: u32) -> (Vec<u64>, FlowPosition, u64) {
        let reply = s.take(&FlowRequest { at: at.cloned(), kept: at.cloned(), bytes_max }).unwrap();
        let first = |l: &String| l.parse::<FlowLine>().unwrap().first_ms;
        (reply.lines.iter().map(first).collect(), reply.next, reply.lost)
    }

    #[test]
    fn every_line_is_taken_once_whatever_restarts() {
        let dir = tempfile::tempdir().unwrap();
        let limits = SpoolLimits { segments_max: 1000, ..SMALL };
        let mut s = Spool::open(dir.path(), limits, 7).unwrap();
        let (mut seen, mut at) = (Vec::new(), None);
        for round in 0..30u64 {
            let new: Vec<FlowLine> = (round * 10..round * 10 + round % 10).map(line).collect();
            s.append(&new).unwrap();
            if round % 3 == 0 {
                // Killed while it wrote a line.
                drop(s);
                let newest = segment_files(dir.path()).unwrap().pop();
                if let Some(newest) = newest {
                    OpenOptions::new().append(true).open(newest).unwrap().write_all(b"eni-0 torn").unwrap();
                }
                s = Spool::open(dir.path(), limits, 8).unwrap();
            }
            let (lines, next, lost) = take(&mut s, at.as_ref(), 300);
            assert_eq!(take(&mut s, at.as_ref(), 300).0, lines, "asked again, answered the same");
            assert_eq!(lost, 0);
            seen.extend(lines);
            at = Some(next);
        }
        loop {
            let (lines, next, _) = take(&mut s, at.as_ref(), 300);
            if lines.is_empty() {
                break;
            }
            seen.extend(lines);
            at = Some(next);
        }
        let wanted: Vec<u64> = (0..30).flat_map(|r| r * 10..r * 10 + r % 10).collect();
        assert_eq!(seen, wanted);
        assert_eq!(at.unwrap().spool, "0000000000000007");
    }

    #[test]
    fn what_nobody_took_in_time_is_counted_and_told() {
        let dir = tempfile::tempdir().unwrap();
        let mut s = Spool::open(dir.path(), SMALL, 7).unwrap();
        for n in 0..100 {
            s.append(&[line(n)]).unwrap();
        }
        assert!(segment_files(dir.path()).unwrap().len() <= 3);
        let (lines, next, lost) = take(&mut s, None, 1 << 20);
        assert!(lost > 0 && lost == s.lost, "{lost}");
        assert_eq!(lost + lines.len() as u64, next.next);
        let reply = s.take(&FlowRequest { at: None, kept: None, bytes_max: 1 << 20 }).unwrap();
        let skipped: Vec<FlowLine> = reply.lines.iter().map(|l| l.parse().unwrap()).collect();
        let skipped: Vec<_> = skipped.iter().filter(|l| l.what == FlowWhat::SkipData).collect();
        assert!(skipped.len() >= 2 && skipped.iter().any(|l| l.first_ms == 0), "{skipped:?}");
        // Taken lines go without a word.
        take(&mut s, Some(&next), 1 << 20);
        let before = s.lost;
        for n in 100..108 {
            s.append(&[line(n)]).unwrap();
        }
        let (lines, _, lost) = take(&mut s, Some(&next), 1 << 20);
        assert_eq!((lines, lost, s.lost), ((100..108).collect(), 0, before));
    }

    #[test]
    fn another_spools_position_is_the_beginning() {
        let dir = tempfile::tempdir().unwrap();
        let mut s = Spool::open(dir.path(), SMALL, 7).unwrap();
        s.append(&[line(1), line(2)]).unwrap();
        let other = FlowPosition { spool: "other".into(), next: 1000 };
        assert_eq!(take(&mut s, Some(&other), 1 << 20).0, [1, 2]);
        let ahead = FlowPosition { next: 1000, ..take(&mut s, None, 1).1 };
        assert_eq!(take(&mut s, Some(&ahead), 1 << 20).1.next, 2);
        assert_eq!(take(&mut s, None, 1).0, [1], "one at least");
    }
}
