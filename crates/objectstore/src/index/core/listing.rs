//! Listings of what this shard has: rows in order, groups skipped by a seek, work in proportion to the page.
//!
//! With a delimiter, keys that have it behind the prefix are grouped under what comes up to and with it: a common prefix. It
//! counts as one entry and is listed if it is greater than `after` as a string is; so a group in which `after` lies, or
//! which it names, is passed over as a whole (as AWS, Ceph, MinIO and Scality do it; V1's NextMarker depends on it).

use super::{Tx, bucket};
use crate::index::map::{self, Keys};
use crate::index::{Stop, key, row};
use crate::message::{IndexAnswer, IndexError, LIST_MAX, ListPage, ListQuery, UploadsQuery, VersionsPage, VersionsQuery};
use crate::record::{BucketId, UploadId, UploadRecord, VersionId, VersionRecord};
use crate::rows::{RowsWriter, id_and_seq};
use store::{Key, RowBuffer, StoreRead, prefix_end};

/// A page ends behind the entry that takes it over this size, so that every answer fits a frame.
const PAGE_BYTES_MAX: usize = 4 << 20;
/// Rows that are read behind a seek to what may be another group; twice as many with each further read.
const SEEK_ROWS: usize = 4;

/// Rows of one space in order, read ahead a little.
struct Cursor<'a> {
    store: &'a dyn StoreRead,
    rows: RowBuffer,
    /// Which of them is the next.
    at: usize,
    /// Where to read on; none: nothing is left.
    from: Option<Key>,
    end: Key,
    ahead: usize,
    ahead_max: usize,
}

impl<'a> Cursor<'a> {
    /// Reads what there is, if it has read nothing that is left.
    fn fill(&mut self) -> Result<(), Stop> {
        while self.at >= self.rows.len()
            && let Some(from) = self.from.take()
        {
            self.from = self.store.rows(&from, &self.end, self.ahead, &mut self.rows)?;
            self.ahead = (2 * self.ahead).min(self.ahead_max);
            self.at = 0;
        }
        Ok(())
    }

    /// Key and value of the next row, once that is read.
    fn front(&self) -> Option<(&[u8], &[u8])> {
        self.rows.get(self.at)
    }

    fn pop(&mut self) {
        self.at += 1;
    }

    /// Goes on at `to`, if that is ahead.
    fn seek(&mut self, to: &[u8]) {
        while self.front().is_some_and(|(key, _)| key < to) {
            self.pop();
        }
        if self.front().is_none() && self.from.as_deref().is_some_and(|from| from < to) {
            self.from = Some(to.to_vec()).filter(|to| self.end.is_empty() || *to < self.end);
            self.ahead = SEEK_ROWS.min(self.ahead_max);
        }
    }
}

/// What a query asks for, and how much of it there is already. Keys are spelled as in rows ([`key`]).
struct Plan<'q> {
    bucket: BucketId,
    /// What this shard has of the bucket.
    keys: Keys,
    query: &'q ListQuery,
    prefix: Vec<u8>,
    delimiter: Vec<u8>,
    limit: usize,
    count: usize,
    bytes: usize,
}

/// What a page goes on behind: the last that it shows.
enum Last {
    Nothing,
    Group,
    Row,
}

impl<'q> Plan<'q> {
    fn new(tx: &mut Tx<'_>, bucket: &str, query: &'q ListQuery) -> Result<Self, Stop> {
        let row = bucket::live(tx, bucket)?;
        bucket::check_version(row.revision, query.bucket)?;
        let id = row.bucket.id;
        let keys = tx.extent()?.keys(map::hash(bucket)).ok_or(IndexError::Moved)?;
        let limit = query.limit.min(LIST_MAX) as usize;
        let (prefix, delimiter) = (spelled(&query.prefix), spelled(&query.delimiter));
        Ok(Self { bucket: id, keys, query, prefix, delimiter, limit, count: 0, bytes: 0 })
    }

    /// The common prefix that this key belongs to: so much of the key.
    fn group(&self, key: &[u8]) -> Option<usize> {
        let first = self.delimiter.first()?;
        let rest = key.strip_prefix(self.prefix.as_slice())?;
        let at = rest.windows(self.delimiter.len()).position(|w| w[0] == *first && w == self.delimiter)?;
        Some(self.prefix.len() + at + self.delimiter.len())
    }

    /// The first row that the listing may show. `behind`: rows of `after` itself that come before it.
    fn start(&self, space: u8, behind: impl FnOnce() -> Key) -> Key {
        let first = key::of_prefix(space, self.bucket, &self.query.prefix);
        if self.query.after.is_empty() {
            return first;
        }
        let behind = match self.group(&spelled(&self.query.after)) {
            Some(group) => prefix_end(&key::of_prefix(space, self.bucket, &self.query.after[..group])),
            None => behind(),
        };
        first.max(behind)
    }

    fn end(&self, space: u8) -> Key {
        let end = prefix_end(&key::of_prefix(space, self.bucket, &self.query.prefix));
        match &self.keys.to {
            Some(to) => end.min(key::of_prefix(space, self.bucket, to)),
            None => end,
        }
    }

    /// Behind all rows of the key `after`.
    fn behind_after(&self, space: u8) -> Key {
        prefix_end(&key::object(space, self.bucket, &self.query.after))
    }

    fn cursor<'a>(&self, store: &'a dyn StoreRead, space: u8, start: Key) -> Cursor<'a> {
        let end = self.end(space);
        let from = Some(start).filter(|s| end.is_empty() || *s < end);
        let ahead_max = self.limit + 1;
        // Without groups nothing will be passed over.
        let ahead = if self.delimiter.is_empty() && space == key::HEAD { ahead_max } else { SEEK_ROWS.min(ahead_max) };
        Cursor { store, rows: RowBuffer::default(), at: 0, from, end, ahead, ahead_max }
    }

    fn is_full(&self) -> bool {
        self.count >= self.limit || self.bytes > PAGE_BYTES_MAX
    }

    fn took(&mut self, bytes: usize) {
        self.count += 1;
        self.bytes += bytes;
    }
}

fn spelled(text: &str) -> Vec<u8> {
    text.bytes().map(key::spell).collect()
}

/// The object's key of a row, as it is spelled there.
fn key_of(row: &[u8]) -> Result<&[u8], Stop> {
    match key::body(row).split_last() {
        Some((0, key)) => Ok(key),
        _ => Err(Stop::Damaged("a row without an object's key".to_owned())),
    }
}

/// The key, or the beginning of one, that is spelled so.
fn text_of(spelled: &[u8]) -> Result<String, Stop> {
    String::from_utf8(spelled.iter().map(|b| key::unspell(*b)).collect())
        .map_err(|_| Stop::Damaged("a row whose key is no text".to_owned()))
}

/// Behind all rows of one space that belong to a group; `row`: one that does.
fn behind_group(space: u8, row: &[u8], group: usize) -> Key {
    let mut start = row[..key::HEADER_BYTES + group].to_vec();
    start[0] = space;
    prefix_end(&start)
}

pub(super) fn objects(tx: &mut Tx<'_>, bucket: &str, query: &ListQuery) -> Result<IndexAnswer, Stop> {
    let mut plan = Plan::new(tx, bucket, query)?;
    let (mut shown, mut prefixes, mut next) = (RowsWriter::new(query.whole), Vec::new(), None);
    let start = plan.start(key::HEAD, || plan.behind_after(key::HEAD));
    let mut rows = plan.cursor(tx.store, key::HEAD, start);
    let (mut last, mut last_key) = (Last::Nothing, Vec::new());
    while plan.limit > 0 {
        rows.fill()?;
        let Some((row, value)) = rows.front() else { break };
        if plan.is_full() {
            next = match last {
                Last::Nothing => None,
                Last::Group => prefixes.last().cloned(),
                Last::Row => Some(text_of(&last_key)?),
            };
            break;
        }
        let key = key_of(row)?;
        if let Some(group) = plan.group(key) {
            prefixes.push(text_of(&key[..group])?);
            plan.took(group);
            last = Last::Group;
            let behind = behind_group(key::HEAD, row, group);
            rows.seek(&behind);
        } else {
            let before = shown.bytes();
            shown.push(key.iter().map(|b| key::unspell(*b)), true, value)?;
            plan.took(shown.bytes() - before);
            last = Last::Row;
            last_key.clear();
            last_key.extend_from_slice(key);
            rows.pop();
        }
    }
    Ok(IndexAnswer::List(ListPage { rows: shown.finish(), prefixes, next }))
}

pub(super) fn versions(tx: &mut Tx<'_>, bucket: &str, query: &VersionsQuery) -> Result<IndexAnswer, Stop> {
    const SPACES: [u8; 3] = [key::HEAD, key::MARKER, key::OLDER];
    let mut plan = Plan::new(tx, bucket, &query.list)?;
    let (mut shown, mut prefixes, mut next) = (RowsWriter::new(query.list.whole), Vec::new(), None);
    let inside = after_seq(tx, &plan, query)?.map(|seq| (spelled(&query.list.after), seq));
    let mut cursors = SPACES.map(|space| {
        let start = plan.start(space, || match inside {
            None => plan.behind_after(space),
            // Also the head: an older version has become that if the one named was deleted meanwhile.
            Some((_, seq)) if space == key::OLDER => prefix_end(&key::older(plan.bucket, &query.list.after, seq)),
            Some(_) => key::object(space, plan.bucket, &query.list.after),
        });
        plan.cursor(tx.store, space, start)
    });
    let (mut last, mut last_key, mut last_id) = (Last::Nothing, Vec::new(), VersionId::Null);
    while plan.limit > 0 {
        cursors.iter_mut().try_for_each(Cursor::fill)?;
        let Some(at) = first_of(&cursors) else { break };
        let Some((row, value)) = cursors[at].front() else { break };
        let key = key_of(row)?;
        let (id, seq) = id_and_seq(value)?;
        if inside.as_ref().is_some_and(|(after, upto)| key == after && seq >= *upto) {
            cursors[at].pop();
            continue;
        }
        if plan.is_full() {
            next = match last {
                Last::Nothing => None,
                Last::Group => prefixes.last().cloned().map(|group| (group, None)),
                Last::Row => Some((text_of(&last_key)?, Some(last_id))),
            };
            break;
        }
        if let Some(group) = plan.group(key) {
            prefixes.push(text_of(&key[..group])?);
            plan.took(group);
            last = Last::Group;
            let behind = SPACES.map(|space| behind_group(space, row, group));
            // Nothing is read by a cursor that is beyond the group already.
            cursors.iter_mut().zip(&behind).for_each(|(cursor, behind)| cursor.seek(behind));
        } else {
            let before = shown.bytes();
            shown.push(key.iter().map(|b| key::unspell(*b)), at < 2, value)?;
            plan.took(shown.bytes() - before);
            (last, last_id) = (Last::Row, id);
            last_key.clear();
            last_key.extend_from_slice(key);
            cursors[at].pop();
        }
    }
    Ok(IndexAnswer::Versions(VersionsPage { rows: shown.finish(), prefixes, next }))
}

/// Which of the three has the next row: the smallest key, of one key the current version first.
fn first_of(cursors: &[Cursor<'_>; 3]) -> Option<usize> {
    let fronts = cursors.iter().enumerate().filter_map(|(at, cursor)| Some((key::body(cursor.front()?.0), at)));
    fronts.min().map(|(_, at)| at)
}

/// The page goes on within the key `after`, with versions older than this.
fn after_seq(tx: &mut Tx<'_>, plan: &Plan<'_>, query: &VersionsQuery) -> Result<Option<u64>, Stop> {
    let after = &query.list.after;
    if after.is_empty() {
        return Ok(None);
    }
    match query.after_version {
        None => Ok(None),
        Some(VersionId::Named { seq, .. }) => Ok(Some(seq)),
        Some(VersionId::Null) => {
            if let Some(seq) = tx.get::<u64>(&key::object(key::NULL, plan.bucket, after))? {
                return Ok(Some(seq));
            }
            for space in [key::HEAD, key::MARKER] {
                let current = tx.get::<VersionRecord>(&key::object(space, plan.bucket, after))?;
                if let Some(current) = current.filter(|c| c.id == VersionId::Null) {
                    return Ok(Some(current.seq));
                }
            }
            // It was deleted meanwhile, and nobody knows where it stood: all that the key has still.
            Ok(Some(u64::MAX))
        }
    }
}

pub(super) fn uploads(tx: &mut Tx<'_>, bucket: &str, query: &UploadsQuery) -> Result<IndexAnswer, Stop> {
    let mut plan = Plan::new(tx, bucket, &query.list)?;
    let (mut out, mut prefixes, mut next, mut last) = (Vec::new(), Vec::new(), None, None);
    let start = plan.start(key::UPLOAD, || match query.after_upload {
        Some(id) => prefix_end(&key::upload(plan.bucket, &query.list.after, id)),
        None => plan.behind_after(key::UPLOAD),
    });
    let mut rows = plan.cursor(tx.store, key::UPLOAD, start);
    while plan.limit > 0 {
        rows.fill()?;
        let Some((row, value)) = rows.front() else { break };
        if plan.is_full() {
            next = last;
            break;
        }
        let key = key_of(row)?;
        if let Some(group) = plan.group(key) {
            let name = text_of(&key[..group])?;
            plan.took(group);
            let behind = behind_group(key::UPLOAD, row, group);
            rows.seek(&behind);
            prefixes.push(name.clone());
            last = Some((name, UploadId(u128::MAX)));
        } else {
            let record: UploadRecord = row::decode(value)?;
            plan.took(key.len() + value.len());
            last = Some((text_of(key)?, record.id));
            out.push(record);
            rows.pop();
        }
    }
    Ok(IndexAnswer::Uploads { uploads: out, prefixes, next })
}
