//! Listings of what this shard has: rows in order, groups skipped by a seek, work in proportion to the page.
//!
//! With a delimiter, keys that have it behind the prefix are grouped under what comes up to and with it: a common prefix. It
//! counts as one entry and is listed if it is greater than `after` as a string is; so a group in which `after` lies, or
//! which it names, is passed over as a whole (as AWS, Ceph, MinIO and Scality do it; V1's NextMarker depends on it).

use super::{Tx, bucket};
use crate::index::map::{self, Keys};
use crate::index::{Stop, key, row};
use crate::message::{
    IndexAnswer, IndexError, LIST_MAX, ListPage, ListQuery, UploadsQuery, VersionEntry, VersionsPage, VersionsQuery,
};
use crate::record::{BucketId, UploadRecord, VersionId, VersionRecord};
use std::collections::VecDeque;
use store::{Entry, Key, StoreRead, prefix_end};

/// A page ends behind the entry that takes it over this size, so that every answer fits a frame.
const PAGE_BYTES_MAX: usize = 4 << 20;
/// Rows that are read behind a seek; twice as many with each further read.
const SEEK_ROWS: usize = 4;

/// Rows of one space in order, read ahead a little.
struct Cursor<'a> {
    store: &'a dyn StoreRead,
    rows: VecDeque<Entry>,
    /// Where to read on; none: nothing is left.
    from: Option<Key>,
    end: Key,
    ahead: usize,
    ahead_max: usize,
}

impl<'a> Cursor<'a> {
    fn new(store: &'a dyn StoreRead, start: Key, end: Key, limit: usize) -> Self {
        let from = Some(start).filter(|s| end.is_empty() || *s < end);
        Self { store, rows: VecDeque::new(), from, end, ahead: SEEK_ROWS, ahead_max: (limit + 1).max(SEEK_ROWS) }
    }

    fn peek(&mut self) -> Result<Option<&Entry>, Stop> {
        if self.rows.is_empty()
            && let Some(from) = self.from.take()
        {
            let page = self.store.range(&from, &self.end, self.ahead)?;
            self.ahead = (2 * self.ahead).min(self.ahead_max);
            self.rows = page.entries.into();
            self.from = page.next;
        }
        Ok(self.rows.front())
    }

    fn pop(&mut self) -> Option<Entry> {
        self.rows.pop_front()
    }

    /// Goes on at `to`, if that is ahead.
    fn seek(&mut self, to: &[u8]) {
        while self.rows.front().is_some_and(|e| e.key.as_slice() < to) {
            self.rows.pop_front();
        }
        if self.rows.is_empty() && self.from.as_deref().is_some_and(|from| from < to) {
            self.from = Some(to.to_vec()).filter(|to| self.end.is_empty() || *to < self.end);
            self.ahead = SEEK_ROWS;
        }
    }
}

/// What a query asks for, and how much of it there is already.
struct Plan<'q> {
    bucket: BucketId,
    /// What this shard has of the bucket.
    keys: Keys,
    query: &'q ListQuery,
    limit: usize,
    count: usize,
    bytes: usize,
}

impl<'q> Plan<'q> {
    fn new(tx: &mut Tx<'_>, bucket: &str, query: &'q ListQuery) -> Result<Self, Stop> {
        let id = bucket::live(tx, bucket)?.bucket.id;
        let keys = tx.extent()?.keys(map::hash(bucket)).ok_or(IndexError::Moved)?;
        Ok(Self { bucket: id, keys, query, limit: query.limit.min(LIST_MAX) as usize, count: 0, bytes: 0 })
    }

    /// The common prefix that this key belongs to.
    fn group<'k>(&self, key: &'k str) -> Option<&'k str> {
        if self.query.delimiter.is_empty() {
            return None;
        }
        let rest = key.strip_prefix(self.query.prefix.as_str())?;
        let at = rest.find(self.query.delimiter.as_str())?;
        Some(&key[..self.query.prefix.len() + at + self.query.delimiter.len()])
    }

    /// The first row that the listing may show. `behind`: rows of `after` itself that come before it.
    fn start(&self, space: u8, behind: impl FnOnce() -> Key) -> Key {
        let first = key::of_prefix(space, self.bucket, &self.query.prefix);
        if self.query.after.is_empty() {
            return first;
        }
        let behind = match self.group(&self.query.after) {
            Some(group) => prefix_end(&key::of_prefix(space, self.bucket, group)),
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
        Cursor::new(store, start, self.end(space), self.limit)
    }

    fn is_full(&self) -> bool {
        self.count >= self.limit || self.bytes > PAGE_BYTES_MAX
    }

    fn took(&mut self, bytes: usize) {
        self.count += 1;
        self.bytes += bytes;
    }
}

fn key_of(entry: &Entry) -> Result<String, Stop> {
    key::object_key(&entry.key).ok_or_else(|| Stop::Damaged("a row without an object's key".to_owned()))
}

pub(super) fn objects(tx: &mut Tx<'_>, bucket: &str, query: &ListQuery) -> Result<IndexAnswer, Stop> {
    let mut plan = Plan::new(tx, bucket, query)?;
    let mut page = ListPage::default();
    let start = plan.start(key::HEAD, || plan.behind_after(key::HEAD));
    let mut rows = plan.cursor(tx.store, key::HEAD, start);
    let mut last = None;
    while plan.limit > 0
        && let Some(entry) = rows.peek()?
    {
        let key = key_of(entry)?;
        if plan.is_full() {
            page.next = last;
            break;
        }
        if let Some(group) = plan.group(&key) {
            rows.seek(&prefix_end(&key::of_prefix(key::HEAD, plan.bucket, group)));
            plan.took(group.len());
            page.prefixes.push(group.to_owned());
            last = Some(group.to_owned());
        } else {
            let value = rows.pop().map(|e| e.value).unwrap_or_default();
            plan.took(key.len() + value.len());
            page.entries.push((key.clone(), row::decode(&value)?));
            last = Some(key);
        }
    }
    Ok(IndexAnswer::List(page))
}

pub(super) fn versions(tx: &mut Tx<'_>, bucket: &str, query: &VersionsQuery) -> Result<IndexAnswer, Stop> {
    const SPACES: [u8; 3] = [key::HEAD, key::MARKER, key::OLDER];
    let mut plan = Plan::new(tx, bucket, &query.list)?;
    let mut page = VersionsPage::default();
    let inside = after_seq(tx, &plan, query)?;
    let mut rows = SPACES.map(|space| {
        let start = plan.start(space, || match inside {
            None => plan.behind_after(space),
            // Also the head: an older version has become that if the one named was deleted meanwhile.
            Some(seq) if space == key::OLDER => prefix_end(&key::older(plan.bucket, &query.list.after, seq)),
            Some(_) => key::object(space, plan.bucket, &query.list.after),
        });
        plan.cursor(tx.store, space, start)
    });
    let mut last = None;
    while plan.limit > 0
        && let Some(at) = first_of(&mut rows)?
    {
        let Some(entry) = rows[at].peek()? else { break };
        let key = key_of(entry)?;
        let record: VersionRecord = row::decode(&entry.value)?;
        if inside.is_some_and(|seq| key == query.list.after && record.seq >= seq) {
            rows[at].pop();
            continue;
        }
        if plan.is_full() {
            page.next = last;
            break;
        }
        if let Some(group) = plan.group(&key) {
            for (cursor, space) in rows.iter_mut().zip(SPACES) {
                // Nothing is read by a cursor that is beyond the group already.
                cursor.seek(&prefix_end(&key::of_prefix(space, plan.bucket, group)));
            }
            plan.took(group.len());
            page.prefixes.push(group.to_owned());
            last = Some((group.to_owned(), None));
        } else {
            plan.took(key.len() + entry.value.len());
            rows[at].pop();
            last = Some((key.clone(), Some(record.id)));
            page.entries.push(VersionEntry { key, latest: at < 2, record });
        }
    }
    Ok(IndexAnswer::Versions(page))
}

/// Which of the three has the next row: the smallest key, of one key the current version first.
fn first_of(rows: &mut [Cursor<'_>; 3]) -> Result<Option<usize>, Stop> {
    let mut best: Option<(usize, Vec<u8>)> = None;
    for (at, cursor) in rows.iter_mut().enumerate() {
        if let Some(entry) = cursor.peek()? {
            let body = key::body(&entry.key);
            if best.as_ref().is_none_or(|(_, b)| body < b.as_slice()) {
                best = Some((at, body.to_vec()));
            }
        }
    }
    Ok(best.map(|(at, _)| at))
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
    while plan.limit > 0
        && let Some(entry) = rows.peek()?
    {
        let key = key_of(entry)?;
        if plan.is_full() {
            next = last;
            break;
        }
        if let Some(group) = plan.group(&key) {
            rows.seek(&prefix_end(&key::of_prefix(key::UPLOAD, plan.bucket, group)));
            plan.took(group.len());
            prefixes.push(group.to_owned());
            last = Some((group.to_owned(), crate::record::UploadId(u128::MAX)));
        } else {
            let value = rows.pop().map(|e| e.value).unwrap_or_default();
            let record: UploadRecord = row::decode(&value)?;
            plan.took(key.len() + value.len());
            last = Some((key, record.id));
            out.push(record);
        }
    }
    Ok(IndexAnswer::Uploads { uploads: out, prefixes, next })
}
