//! A line of the audit trail and how it is chained to the one before. Pure.
//!
//! ```text
//! {"n":12,"p":"<SHA-256 of line 11>","k":"m","t":1764100000000,"a":"123456789012","id":"<request>","e":{event},"d":[traces]}
//! ```
//!
//! The first four members come first and in this order, so that a reader finds its way without parsing the rest.

use aws_lc_rs::digest::{SHA256, digest};
use std::fmt::Write;

/// Written into the first line of every segment.
pub const FORMAT: u16 = 1;
/// What the first line of all is chained to.
pub const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first line of a segment.
    Segment,
    /// A management event.
    Management,
    /// A data event: of an object.
    Data,
    /// A segment was retired, as the trail had become too large: `first`, `last`, `hash`.
    Retired,
    /// What a crash had torn was cut off: `bytes`, `sha256`.
    Repaired,
    /// The trail could not be written for a while: `events` are missing.
    Lost,
    /// Where the chain of data events stands: `sequence`, `hash`. Only in the chain of management events.
    Objects,
}

impl Kind {
    const ALL: [(Self, char); 7] = [
        (Self::Segment, 's'),
        (Self::Management, 'm'),
        (Self::Data, 'd'),
        (Self::Retired, 'r'),
        (Self::Repaired, 'c'),
        (Self::Lost, 'l'),
        (Self::Objects, 'o'),
    ];

    fn letter(self) -> char {
        Self::ALL.iter().find(|(k, _)| *k == self).map_or('?', |(_, c)| *c)
    }

    pub fn is_event(self) -> bool {
        matches!(self, Self::Management | Self::Data)
    }
}

/// The members that every line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    pub sequence: u64,
    /// SHA-256 of the line before, hex.
    pub before: &'a str,
    pub kind: Kind,
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// What follows the head: `,"a":…}` or `}`.
    pub rest: &'a str,
}

impl<'a> Head<'a> {
    /// None: it is no line of a trail.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?;
        let (sequence, text) = text.strip_prefix("{\"n\":")?.split_once(",\"p\":\"")?;
        let (before, text) = text.split_at_checked(64)?;
        let (kind, text) = text.strip_prefix("\",\"k\":\"")?.split_at_checked(1)?;
        let text = text.strip_prefix("\",\"t\":")?;
        let (at_ms, rest) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
        let (kind, _) = Kind::ALL.into_iter().find(|(_, c)| kind.starts_with(*c))?;
        let whole = rest.ends_with('}') && before.bytes().all(|b| b.is_ascii_hexdigit());
        whole.then_some(Self { sequence: sequence.parse().ok()?, before, kind, at_ms: at_ms.parse().ok()?, rest })
    }

    /// The value of the line's text member `name` outside of the event (`a`, `id`): plain texts, nothing in them is escaped.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let members = self.rest.find(",\"e\":").map_or(self.rest, |end| &self.rest[..end]);
        let (_, value) = members.split_once(&format!(",\"{name}\":\""))?;
        value.split_once('"').map(|(v, _)| v)
    }
}

/// Where a chain stands: the next line's number and what it is chained to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub next: u64,
    pub before: String,
}

impl Chain {
    pub fn beginning() -> Self {
        Self { next: 1, before: BEGINNING.to_owned() }
    }

    /// Adds a line with a newline to `out`. `members`: JSON members, each led by a comma.
    pub fn add(&mut self, kind: Kind, at_ms: u64, members: &str, out: &mut String) {
        let begin = out.len();
        let _ = write!(out, "{{\"n\":{},\"p\":\"{}\",\"k\":\"{}\",\"t\":{at_ms}", self.next, self.before, kind.letter());
        out.push_str(members);
        out.push('}');
        self.before = hash(&out.as_bytes()[begin..]);
        self.next += 1;
        out.push('\n');
    }
}

/// Of a line, without its newline.
pub fn hash(line: &[u8]) -> String {
    hex::encode(digest(&SHA256, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let mut chain = Chain::beginning();
        let mut out = String::new();
        chain.add(Kind::Segment, 7, ",\"format\":1", &mut out);
        chain.add(Kind::Management, 8, ",\"a\":\"1\",\"id\":\"r\",\"e\":{\"x\":\",\\\"a\\\":\\\"2\"}", &mut out);
        let lines: Vec<&str> = out.lines().collect();
        let (first, second) = (Head::parse(lines[0].as_bytes()).unwrap(), Head::parse(lines[1].as_bytes()).unwrap());
        assert_eq!((first.sequence, first.before, first.kind, first.at_ms), (1, BEGINNING, Kind::Segment, 7));
        assert_eq!((second.sequence, second.before), (2, hash(lines[0].as_bytes()).as_str()));
        assert_eq!((second.text("a"), second.text("id"), first.text("a")), (Some("1"), Some("r"), None));
        assert_eq!(chain, Chain { next: 3, before: hash(lines[1].as_bytes()) });
        for bad in ["", "{}", &lines[0][..40], &lines[0][..lines[0].len() - 1], "\0\0\0"] {
            assert_eq!(Head::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
