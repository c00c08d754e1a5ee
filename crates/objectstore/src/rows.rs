//! Versions as rows, in the index's store and on the way to those who list them: what a listing shows stands in front, in
//! places of fixed size, so that a page is made and read without decoding records.
//!
//! ```text
//!  row     u8 2 | u8 flags | u64 seq | u64 salt | u64 modified | u64 bytes | 4 lengths, u8 | etag, owner, class, algorithm | rest
//!  Rows    (u16 key's length | u8 latest | u32 row's length | key | row)*            little endian
//! ```
//! The rest is the record's other fields in postcard. A page without whole records has rows that end before the rest.
//!
//! Rows of the form 1 (the whole record in postcard) are read, and written in this form with the next change; a listing
//! writes them anew for each page.

use crate::record::{NewVersion, ObjectChecksum, VersionId, VersionRecord};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use types::TimestampMs;

/// The form that is written.
pub const FORMAT: u8 = 2;
const OLD_FORMAT: u8 = 1;
const FIXED_BYTES: usize = 38;
const FRAME_BYTES: usize = 7;

const MARKER: u8 = 1;
const NAMED: u8 = 2;
const CHECKSUM: u8 = 4;
const COMPOSITE: u8 = 8;

/// A row that cannot be written, or is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version's row: {0}")]
pub struct BadRow(pub String);

fn bad(what: impl ToString) -> BadRow {
    BadRow(what.to_string())
}

/// What listings show of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    pub id: VersionId,
    pub seq: u64,
    pub modified: TimestampMs,
    pub delete_marker: bool,
    pub bytes: u64,
    /// Without quotes.
    pub etag: &'a str,
    /// The account.
    pub owner: &'a str,
    pub storage_class: &'a str,
    /// Its algorithm, and whether it is of the parts' checksums.
    pub checksum: Option<(&'a str, bool)>,
}

impl<'a> Head<'a> {
    /// Of a row of the form 2; and how many bytes of the row it is.
    pub fn of(row: &'a [u8]) -> Result<(Self, usize), BadRow> {
        let (fixed, length) = fixed(row)?;
        let number = |at| number(fixed, at);
        let flags = fixed[1];
        // Checked as one, and cut between characters.
        let mut rest = std::str::from_utf8(&row[FIXED_BYTES..length]).map_err(bad)?;
        let mut texts = [""; 4];
        for (text, length) in texts.iter_mut().zip(&fixed[34..]) {
            (*text, rest) = rest.split_at_checked(usize::from(*length)).ok_or_else(|| bad("a text that is none"))?;
        }
        let [etag, owner, storage_class, algorithm] = texts;
        let (id, seq) = place(fixed);
        let head = Self {
            id,
            seq,
            modified: TimestampMs(number(18)),
            delete_marker: flags & MARKER != 0,
            bytes: number(26),
            etag,
            owner,
            storage_class,
            checksum: (flags & CHECKSUM != 0).then_some((algorithm, flags & COMPOSITE != 0)),
        };
        Ok((head, length))
    }
}

type Fixed = [u8; FIXED_BYTES];

/// The places of fixed size, and where the head ends: within the row.
fn fixed(row: &[u8]) -> Result<(&Fixed, usize), BadRow> {
    let fixed = row.first_chunk::<FIXED_BYTES>().ok_or_else(|| bad("too short"))?;
    if fixed[0] != FORMAT {
        return Err(bad(format!("of the form {}", fixed[0])));
    }
    let length = FIXED_BYTES + fixed[34..].iter().map(|length| usize::from(*length)).sum::<usize>();
    if length <= row.len() { Ok((fixed, length)) } else { Err(bad("too short")) }
}

fn number(fixed: &Fixed, at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| fixed[at + i]))
}

fn place(fixed: &Fixed) -> (VersionId, u64) {
    let seq = number(fixed, 2);
    let id = if fixed[1] & NAMED != 0 { VersionId::Named { seq, salt: number(fixed, 10) } } else { VersionId::Null };
    (id, seq)
}

/// Which version a row is: its id, and its place among the key's.
pub fn id_and_seq(row: &[u8]) -> Result<(VersionId, u64), BadRow> {
    if row.first() == Some(&OLD_FORMAT) {
        return decode(row).map(|r| (r.id, r.seq));
    }
    Ok(place(fixed(row)?.0))
}

/// A record as a row.
pub fn encode(record: &VersionRecord) -> Result<Vec<u8>, BadRow> {
    let VersionRecord { id, seq, modified, delete_marker, object } = record;
    // Names its fields, so that a new one is not forgotten.
    let NewVersion {
        data,
        bytes,
        etag,
        owner,
        headers,
        metadata,
        tags,
        acl,
        checksum,
        storage_class,
        encryption,
        retention,
        legal_hold,
        website_redirect,
        replication,
        restore,
    } = object;
    let salt = match id {
        VersionId::Null => 0,
        VersionId::Named { seq: named, salt } if named == seq => *salt,
        VersionId::Named { .. } => return Err(bad("its id is not of its place")),
    };
    let mut flags = if *delete_marker { MARKER } else { 0 };
    flags |= if *id == VersionId::Null { 0 } else { NAMED };
    flags |= checksum.as_ref().map_or(0, |c| if c.composite { CHECKSUM | COMPOSITE } else { CHECKSUM });
    let algorithm = checksum.as_ref().map_or("", |c| &c.algorithm);
    let mut row = Vec::with_capacity(256);
    row.extend_from_slice(&[FORMAT, flags]);
    for number in [*seq, salt, modified.0, *bytes] {
        row.extend_from_slice(&number.to_le_bytes());
    }
    let texts = [etag, owner.as_str(), storage_class, algorithm];
    for text in texts {
        row.push(u8::try_from(text.len()).map_err(|_| bad(format!("a text of {} bytes", text.len())))?);
    }
    texts.iter().for_each(|text| row.extend_from_slice(text.as_bytes()));
    let checksum = checksum.as_ref().map(|c| c.value.as_str());
    let rest = (
        (data, headers, metadata, tags, acl, checksum),
        (encryption, retention, legal_hold, website_redirect, replication, restore),
    );
    postcard::to_extend(&rest, row).map_err(bad)
}

/// A whole row as a record.
pub fn decode(row: &[u8]) -> Result<VersionRecord, BadRow> {
    if let Some((&OLD_FORMAT, body)) = row.split_first() {
        return postcard::from_bytes(body).map_err(bad);
    }
    let (head, at) = Head::of(row)?;
    let ((data, headers, metadata, tags, acl, checksum), rest) = postcard::from_bytes::<(_, _)>(&row[at..]).map_err(bad)?;
    let (encryption, retention, legal_hold, website_redirect, replication, restore) = rest;
    let value: Option<String> = checksum;
    let checksum = match (head.checksum, value) {
        (None, None) => None,
        (Some((algorithm, composite)), Some(value)) => Some(ObjectChecksum { algorithm: algorithm.to_owned(), value, composite }),
        _ => return Err(bad("half a checksum")),
    };
    let object = NewVersion {
        data,
        bytes: head.bytes,
        etag: head.etag.to_owned(),
        owner: head.owner.parse().map_err(bad)?,
        headers,
        metadata,
        tags,
        acl,
        checksum,
        storage_class: head.storage_class.to_owned(),
        encryption,
        retention,
        legal_hold,
        website_redirect,
        replication,
        restore,
    };
    Ok(VersionRecord { id: head.id, seq: head.seq, modified: head.modified, delete_marker: head.delete_marker, object })
}

/// Keys and rows of a page, in its order.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    count: u32,
    bytes: Bytes,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    pub key: &'a str,
    /// It is the key's current version.
    pub latest: bool,
    pub head: Head<'a>,
    row: &'a [u8],
}

impl Listed<'_> {
    /// Of a page of whole records.
    pub fn record(&self) -> Result<VersionRecord, BadRow> {
        decode(self.row)
    }
}

impl Rows {
    pub fn new(count: u32, bytes: Bytes) -> Self {
        Self { count, bytes }
    }

    pub fn len(&self) -> usize {
        self.count as usize
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// For those who carry them apart from the rest of a page.
    pub fn bytes_mut(&mut self) -> &mut Bytes {
        &mut self.bytes
    }

    /// The rows of the next page behind these.
    pub fn append(&mut self, more: Self) {
        self.count += more.count;
        self.bytes = if self.bytes.is_empty() { more.bytes } else { [&*self.bytes, &*more.bytes].concat().into() };
    }

    pub fn iter(&self) -> RowsIter<'_> {
        RowsIter(&self.bytes)
    }

    /// Keys, whether each is the current version, and whole records.
    pub fn records(&self) -> Result<Vec<(String, bool, VersionRecord)>, BadRow> {
        self.iter().map(|listed| listed.and_then(|l| Ok((l.key.to_owned(), l.latest, l.record()?)))).collect()
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = Result<Listed<'a>, BadRow>;
    type IntoIter = RowsIter<'a>;

    fn into_iter(self) -> RowsIter<'a> {
        self.iter()
    }
}

/// Ends behind the first row that is none.
pub struct RowsIter<'a>(&'a [u8]);

impl<'a> RowsIter<'a> {
    fn listed(&mut self) -> Result<Listed<'a>, BadRow> {
        let short = || bad("too short");
        let (&[k0, k1, latest, r0, r1, r2, r3], rest) = self.0.split_first_chunk::<FRAME_BYTES>().ok_or_else(short)?;
        let (key, rest) = rest.split_at_checked(u16::from_le_bytes([k0, k1]).into()).ok_or_else(short)?;
        let (row, rest) = rest.split_at_checked(u32::from_le_bytes([r0, r1, r2, r3]) as usize).ok_or_else(short)?;
        self.0 = rest;
        let key = std::str::from_utf8(key).map_err(bad)?;
        Ok(Listed { key, latest: latest != 0, head: Head::of(row)?.0, row })
    }
}

impl<'a> Iterator for RowsIter<'a> {
    type Item = Result<Listed<'a>, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        Some(self.listed().inspect_err(|_| self.0 = &[]))
    }
}

/// A page being made.
#[derive(Default)]
pub struct RowsWriter {
    out: Vec<u8>,
    count: u32,
    /// Whole records and not only what listings show.
    whole: bool,
}

impl RowsWriter {
    pub fn new(whole: bool) -> Self {
        Self { out: Vec::new(), count: 0, whole }
    }

    /// `key`: its bytes, which are UTF-8. `row`: as it is in the store.
    pub fn push(&mut self, key: impl ExactSizeIterator<Item = u8>, latest: bool, row: &[u8]) -> Result<(), BadRow> {
        if row.first() == Some(&OLD_FORMAT) {
            return self.push(key, latest, &encode(&decode(row)?)?);
        }
        let row = if self.whole { row } else { &row[..fixed(row)?.1] };
        let length = u16::try_from(key.len()).map_err(|_| bad(format!("a key of {} bytes", key.len())))?;
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.push(u8::from(latest));
        self.out.extend_from_slice(&(row.len() as u32).to_le_bytes());
        self.out.extend(key);
        self.out.extend_from_slice(row);
        self.count += 1;
        Ok(())
    }

    pub fn bytes(&self) -> usize {
        self.out.len()
    }

    pub fn finish(self) -> Rows {
        Rows { count: self.count, bytes: self.out.into() }
    }
}

#[cfg(test)]
mod tests;
