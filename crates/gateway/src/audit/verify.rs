//! Walks the trail from its oldest line to its newest and names the first place where it is not what was written.
//!
//! Whoever can write the files can write a whole new chain; that shows against the heads that the control plane was told
//! of ([`wire::audit::AuditHead`]), as does an end that was cut off.

use super::chain::{BEGINNING, Head, Kind, hash};
use super::{DATA, MANAGEMENT, segment};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use types::TimestampMs;
use wire::audit::AuditHead;

/// What was found of a trail that is whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub segments: usize,
    pub lines: u64,
    pub events: u64,
    /// Numbers of the oldest and the newest line.
    pub first: u64,
    pub last: u64,
    /// SHA-256 of the newest line.
    pub head: String,
    /// Of the oldest line, milliseconds since 1970.
    pub since_ms: u64,
    /// Events that the trail says are missing, as it could not be written.
    pub lost: u64,
    /// Ends torn by a crash that were cut off.
    pub repaired: u64,
    /// Heads of the control plane that were met.
    pub heads: usize,
    /// Bytes after the newest line: it is being written, or a crash tore it.
    pub torn_bytes: usize,
}

/// The first place that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {line}: {what}", .segment.display())]
pub struct Finding {
    pub segment: PathBuf,
    /// In the segment, from 1.
    pub line: usize,
    pub what: String,
}

#[derive(Deserialize)]
struct RetiredNote {
    last: u64,
    hash: String,
}

#[derive(Deserialize)]
struct LostNote {
    events: u64,
}

#[derive(Deserialize)]
struct ObjectsNote {
    sequence: u64,
    hash: String,
}

/// Both chains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    pub management: Summary,
    pub data: Summary,
}

/// `dir`: the trail's. `heads`: what the control plane was told, of the management events.
pub fn verify(dir: &Path, heads: &[AuditHead]) -> io::Result<Result<Whole, Finding>> {
    let (management, told) = match verify_chain(&dir.join(MANAGEMENT), heads, "the control plane was told")? {
        Ok(found) => found,
        Err(finding) => return Ok(Err(finding)),
    };
    let data = verify_chain(&dir.join(DATA), &told, "the chain of management events was told")?;
    Ok(data.map(|(data, _)| Whole { management, data }))
}

/// One chain, and what it says of the other. `teller` begins the sentence about a head that is not met.
pub(super) fn verify_chain(
    dir: &Path,
    heads: &[AuditHead],
    teller: &'static str,
) -> io::Result<Result<(Summary, Vec<AuditHead>), Finding>> {
    let segments = segment::list(dir)?;
    let mut walk = Walk { heads: heads.iter().map(|h| (h.sequence, h.hash.as_str())).collect(), teller, ..Walk::default() };
    for (n, segment) in segments.iter().enumerate() {
        let text = match std::fs::read(&segment.path) {
            Ok(text) => text,
            // Retired since the list was made.
            Err(e) if e.kind() == io::ErrorKind::NotFound && n == 0 => continue,
            Err(e) => return Err(e),
        };
        walk.out.segments += 1;
        let mut at = Place { segment: &segment.path, line: 0 };
        for line in text.split_inclusive(|b| *b == b'\n') {
            at.line += 1;
            let Some(plain) = line.strip_suffix(b"\n") else {
                if n + 1 < segments.len() {
                    return Ok(Err(at.finding("the line is cut short, and the trail goes on after it".to_owned())));
                }
                walk.out.torn_bytes = line.len();
                break;
            };
            if let Err(finding) = walk.line(at, plain) {
                return Ok(Err(finding));
            }
        }
    }
    Ok(walk.end(dir))
}

#[derive(Clone, Copy)]
struct Place<'a> {
    segment: &'a Path,
    line: usize,
}

impl Place<'_> {
    fn finding(self, what: String) -> Finding {
        Finding { segment: self.segment.to_owned(), line: self.line, what }
    }
}

#[derive(Default)]
struct Walk<'a> {
    out: Summary,
    heads: BTreeMap<u64, &'a str>,
    teller: &'static str,
    /// Heads of the other chain.
    objects: Vec<AuditHead>,
    /// What the oldest line is chained to.
    origin: String,
    begin: Option<(PathBuf, usize)>,
    /// Hash of the line that was retired, by its number.
    retired: BTreeMap<u64, String>,
    end: Option<(PathBuf, usize)>,
}

impl Walk<'_> {
    fn line(&mut self, at: Place, plain: &[u8]) -> Result<(), Finding> {
        let Some(head) = Head::parse(plain) else {
            return Err(at.finding("the line was changed: it is none that was ever written".to_owned()));
        };
        let n = head.sequence;
        if self.begin.is_none() {
            (self.out.first, self.out.since_ms) = (n, head.at_ms);
            self.origin = head.before.to_owned();
            self.begin = Some((at.segment.to_owned(), at.line));
        } else {
            let last = self.out.last;
            if n > last + 1 {
                let missing = n - last - 1;
                return Err(at.finding(format!("{missing} lines were removed before it: number {n} follows number {last}")));
            }
            if n <= last {
                return Err(at.finding(format!("the lines were reordered or repeated: number {n} follows number {last}")));
            }
            if head.before != self.out.head {
                let what = format!("the line before it, number {last}, was changed, or this one's word of it was");
                return Err(at.finding(what));
            }
        }
        if (at.line == 1) != (head.kind == Kind::Segment) {
            return Err(at.finding("a segment begins with the line that says so, and only with it".to_owned()));
        }
        let digest = hash(plain);
        match self.heads.get(&n) {
            Some(told) if *told != digest => {
                let what = format!("number {n} is not the line that {} of: the trail was written anew", self.teller);
                return Err(at.finding(what));
            }
            Some(_) => self.out.heads += 1,
            None => {}
        }
        match head.kind {
            Kind::Management | Kind::Data => self.out.events += 1,
            Kind::Retired => {
                if let Some(note) = note::<RetiredNote>(&head) {
                    self.retired.insert(note.last, note.hash);
                }
            }
            Kind::Lost => self.out.lost += note::<LostNote>(&head).map_or(0, |n| n.events),
            Kind::Objects => {
                if let Some(ObjectsNote { sequence, hash }) = note(&head) {
                    self.objects.push(AuditHead { sequence, hash, at: TimestampMs(head.at_ms) });
                }
            }
            Kind::Repaired => self.out.repaired += 1,
            Kind::Segment => {}
        }
        self.out.lines += 1;
        (self.out.last, self.out.head) = (n, digest);
        self.end = Some((at.segment.to_owned(), at.line));
        Ok(())
    }

    fn end(self, dir: &Path) -> Result<(Summary, Vec<AuditHead>), Finding> {
        let teller = self.teller;
        let newest_told = self.heads.keys().next_back().copied();
        let (Some(begin), Some(end)) = (self.begin, self.end) else {
            let what = match newest_told {
                Some(n) => format!("the trail was removed: {teller} of line number {n}"),
                None => return Ok((self.out, self.objects)),
            };
            return Err(Finding { segment: dir.to_owned(), line: 0, what });
        };
        let first = self.out.first;
        let fits = match first {
            1 => self.origin == BEGINNING,
            n => self.retired.get(&(n - 1)) == Some(&self.origin),
        };
        if !fits {
            let what = format!("what came before number {first} was removed: no line of the trail says that it was retired");
            return Err(Finding { segment: begin.0, line: begin.1, what });
        }
        if let Some(told) = newest_told.filter(|n| *n > self.out.last) {
            let last = self.out.last;
            let what = format!("the end was cut off after number {last}: {teller} of number {told}");
            return Err(Finding { segment: end.0, line: end.1, what });
        }
        Ok((self.out, self.objects))
    }
}

fn note<T: serde::de::DeserializeOwned>(head: &Head) -> Option<T> {
    let members = head.rest.strip_prefix(',')?;
    serde_json::from_str(&format!("{{{members}")).ok()
}
