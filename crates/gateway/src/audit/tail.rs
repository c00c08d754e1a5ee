//! Reads a chain onwards from where its reader was, for whoever takes events out of the trail. Blocking; needs nobody but the
//! files.

use super::chain::Head;
use super::segment::{self, SegmentFile};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;
use types::TimestampMs;

/// In front of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The line's number.
    pub next: u64,
    /// Number of the segment's first line.
    pub segment: u64,
    /// In the segment, bytes.
    pub offset: u64,
}

impl Position {
    fn begin_of(segment: u64) -> Self {
        Self { next: segment, segment, offset: 0 }
    }
}

/// In front of everything that happened since `since`, and of some lines before.
pub fn since(dir: &Path, since: TimestampMs) -> io::Result<Position> {
    let segments = segment::list(dir)?;
    let mut out = segments.first().map_or(1, |s| s.first);
    for segment in segments.iter().rev() {
        let Some(mut reader) = open(segment, 0)? else { continue };
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        if Head::parse(line.trim_ascii_end()).is_some_and(|h| h.at_ms < since.0) {
            out = segment.first;
            break;
        }
    }
    Ok(Position::begin_of(out))
}

/// Visits the whole lines behind `from` in turn, but none that is as young as `until`, and says where that ended. `visit`
/// breaks off in front of the line that it is given. The second number: how many lines were gone before they were visited.
pub fn onwards(
    dir: &Path,
    from: Position,
    until: TimestampMs,
    mut visit: impl FnMut(&Head, &[u8]) -> ControlFlow<()>,
) -> io::Result<(Position, u64)> {
    let segments = segment::list(dir)?;
    let (mut at, mut gone) = (from, 0);
    let mut line = Vec::new();
    for segment in segments.iter().filter(|s| s.first >= from.segment) {
        if segment.first != at.segment {
            gone += segment.first.saturating_sub(at.next);
            at = Position::begin_of(segment.first);
        }
        // What a power cut took away from the end is written anew.
        at.offset = at.offset.min(segment.bytes);
        let Some(mut reader) = open(segment, at.offset)? else { continue };
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            let Some(plain) = line.strip_suffix(b"\n") else { break };
            if let Some(head) = Head::parse(plain) {
                if head.at_ms >= until.0 || visit(&head, plain).is_break() {
                    return Ok((at, gone));
                }
                at.next = head.sequence + 1;
            } else {
                gone += 1;
            }
            at.offset += read as u64;
        }
    }
    Ok((at, gone))
}

/// None: it was retired since the list was made.
fn open(segment: &SegmentFile, offset: u64) -> io::Result<Option<BufReader<File>>> {
    match File::open(&segment.path) {
        Ok(mut file) => {
            file.seek(SeekFrom::Start(offset))?;
            Ok(Some(BufReader::with_capacity(64 << 10, file)))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::super::chain::Kind;
    use super::super::segment::{Limits, Segments};
    use super::*;

    const NEVER: TimestampMs = TimestampMs(u64::MAX);

    fn chain(dir: &Path) -> Segments {
        Segments::open(dir, Limits { segment_bytes_max: 600, bytes_max: 1 << 20 }, 1).unwrap()
    }

    fn add(chain: &mut Segments, times: std::ops::Range<u64>) {
        for at in times {
            chain.add(Kind::Management, at, &format!(",\"a\":\"1\",\"id\":\"r{at}\",\"e\":{{}}")).unwrap();
            chain.write().unwrap();
            if chain.is_full() {
                chain.follow(at).unwrap();
            }
        }
    }

    fn events(dir: &Path, from: Position, until: TimestampMs, max: usize) -> (Vec<u64>, Position, u64) {
        let mut seen = Vec::new();
        let (at, gone) = onwards(dir, from, until, |head, _| {
            if head.kind.is_event() {
                if seen.len() == max {
                    return ControlFlow::Break(());
                }
                seen.push(head.at_ms);
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        (seen, at, gone)
    }

    #[test]
    fn every_line_comes_once_whatever_the_pieces() {
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(events(temp.path(), since(temp.path(), TimestampMs(5)).unwrap(), NEVER, 9).0, [] as [u64; 0]);
        let mut trail = chain(temp.path());
        add(&mut trail, 10..30);
        assert!(segment::list(temp.path()).unwrap().len() > 3);
        let (mut at, mut all) = (since(temp.path(), TimestampMs(1)).unwrap(), Vec::new());
        loop {
            let (seen, next, gone) = events(temp.path(), at, TimestampMs(25), 3);
            assert_eq!(gone, 0);
            if seen.is_empty() {
                break;
            }
            all.extend(seen);
            at = next;
        }
        assert_eq!(all, (10..25).collect::<Vec<_>>());
        add(&mut trail, 30..32);
        assert_eq!(events(temp.path(), at, NEVER, 99).0, (25..32).collect::<Vec<_>>());
    }

    #[test]
    fn a_time_leads_to_its_segment() {
        let temp = tempfile::tempdir().unwrap();
        add(&mut chain(temp.path()), 10..30);
        let at = since(temp.path(), TimestampMs(20)).unwrap();
        let (seen, _, gone) = events(temp.path(), at, NEVER, 99);
        assert!(at.segment > 1 && seen[0] <= 20 && seen.ends_with(&[29]) && gone == 0, "{at:?} {seen:?}");
    }

    #[test]
    fn what_was_retired_is_counted() {
        let temp = tempfile::tempdir().unwrap();
        add(&mut chain(temp.path()), 10..30);
        let from = since(temp.path(), TimestampMs(1)).unwrap();
        let segments = segment::list(temp.path()).unwrap();
        std::fs::remove_file(&segments[0].path).unwrap();
        let (seen, _, gone) = events(temp.path(), from, NEVER, 99);
        assert_eq!(gone, segments[1].first - 1);
        assert!(seen[0] > 10 && seen.ends_with(&[29]));
    }

    #[test]
    fn a_torn_line_is_none_and_a_shorter_file_is_read_from_its_end() {
        let temp = tempfile::tempdir().unwrap();
        let mut trail = chain(temp.path());
        add(&mut trail, 10..12);
        let path = segment::list(temp.path()).unwrap()[0].path.clone();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 5]).unwrap();
        let (seen, at, _) = events(temp.path(), since(temp.path(), TimestampMs(1)).unwrap(), NEVER, 99);
        assert_eq!(seen, [10]);
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(events(temp.path(), at, NEVER, 99).0, [11]);
        let far = Position { offset: at.offset + 10_000, ..at };
        assert_eq!(events(temp.path(), far, NEVER, 99).0, [] as [u64; 0]);
    }
}
