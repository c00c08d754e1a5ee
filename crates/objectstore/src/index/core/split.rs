//! What goes along when a shard gives the upper part of its extent to a new one, and what is left behind.
//!
//! | rows | |
//! |---|---|
//! | `H M V N U` of the places given | copied, and with them `b D P` of the data that they name |
//! | `B A K` of buckets there | copied; they stay too while keys of the bucket do |
//! | `O` of buckets whose home is there | copied |
//! | `S` | copied: sessions that are closed stay closed |
//! | `D P` of objects that are gone since a moment | copied for those who are reading them still, to be forgotten in turn |
//! | `G T E C W`, and data that is garbage | stay: they are this shard's to finish |
//!
//! The copy is made while others write, then brought up to date by the keys that they touched ([`Move::catch_up`]), at last
//! while nobody writes. Nothing of it counts before [`cut_over`], one commit of this shard. What was given is taken away when
//! no call can come again that was applied before ([`clean`]).

use super::{Step, Tx};
use crate::id::BlobId;
use crate::index::map::{self, Extent, Number, Spot};
use crate::index::row::{self, BucketRow, Child, Completed, Frozen, Garbage};
use crate::index::{Stop, key};
use crate::message::{IndexAnswer, IndexError};
use crate::record::{BucketId, BucketRecord, Data, PartRecord, UploadId, UploadRecord, VersionRecord};
use platform::Rng;
use std::collections::{BTreeSet, HashMap, HashSet};
use store::{Entry, Key, Mutation, RANGE_ENTRIES_MAX, StoreRead, for_prefix, prefix_end};
use types::TimestampMs;

/// Spaces whose rows have a place.
const PLACED: [u8; 5] = [key::HEAD, key::MARKER, key::OLDER, key::NULL, key::UPLOAD];
/// Rows with a place of one step of the copy.
const PAGE_ROWS: usize = 500;
/// Rows that one step takes away, about.
const CLEAN_ROWS_MAX: usize = 2000;
/// Places that the search for the middle remembers.
const SAMPLES_MAX: usize = 8192;

/// The new shard's extent; the copying goes from a store that has it still.
#[derive(Clone, Debug)]
pub struct Move {
    pub extent: Extent,
}

/// From a row to before another.
pub type Range = (Key, Key);

/// What the copy has seen so far.
#[derive(Debug, Default)]
pub struct Copied {
    /// Uploads whose parts go along.
    uploads: HashSet<UploadId>,
}

/// A bucket that a store has a row of, frozen or not.
fn buckets(store: &dyn StoreRead) -> Result<Vec<BucketRecord>, Stop> {
    let mut out = Vec::new();
    let mut read = |space: u8, bucket: &dyn Fn(&Entry) -> Result<Option<BucketRow>, Stop>| -> Result<(), Stop> {
        let mut rows = Vec::new();
        for_prefix(store, &[space], |e| rows.push(bucket(&e)))?;
        for row in rows {
            out.extend(row?.map(|r| r.bucket));
        }
        Ok(())
    };
    read(key::BUCKET, &|e| row::decode(&e.value).map(Some))?;
    read(key::FROZEN, &|e| Ok(row::decode::<Frozen>(&e.value)?.old))?;
    Ok(out)
}

fn hashes(buckets: impl IntoIterator<Item = BucketRecord>) -> HashMap<BucketId, u64> {
    buckets.into_iter().map(|b| (b.id, map::hash(&b.name))).collect()
}

/// Work for the new shard's collector.
fn work(work: &Garbage, now: TimestampMs) -> Result<Mutation, Stop> {
    let (kind, name) = work.name();
    Ok(Mutation::Put { key: key::garbage(now, kind, &name), value: row::encode(work)? })
}

/// Data that a row names.
enum Named {
    Nothing,
    Blob(BlobId),
    Upload(UploadId),
}

fn named(space: u8, value: &[u8]) -> Result<Named, Stop> {
    Ok(match space {
        key::NULL => Named::Nothing,
        key::UPLOAD => Named::Upload(row::decode::<UploadRecord>(value)?.id),
        _ => match row::decode::<VersionRecord>(value)?.object.data {
            Data::None => Named::Nothing,
            Data::Blob(blob) => Named::Blob(blob.id),
            Data::Parts { upload, .. } => Named::Upload(upload),
        },
    })
}

/// Rows that go where this one goes. True: some parts of a completed upload are not of the object.
fn followers(store: &dyn StoreRead, space: u8, value: &[u8], out: &mut BTreeSet<Key>) -> Result<bool, Stop> {
    let id = match named(space, value)? {
        Named::Nothing => return Ok(false),
        Named::Blob(blob) => {
            out.insert(key::blob(blob));
            return Ok(false);
        }
        Named::Upload(id) => id,
    };
    out.insert(key::completed(id));
    let done: Option<Completed> = super::collect::completed(store, id)?;
    let (mut parts, mut unchosen) = (Vec::new(), false);
    for_prefix(store, &key::parts(id), |e| parts.push(e))?;
    for entry in parts {
        let part: PartRecord = row::decode(&entry.value)?;
        unchosen |= done.as_ref().is_some_and(|d| !d.chose(part.number));
        out.extend(part.blob.map(|b| key::blob(b.id)));
        out.insert(entry.key);
    }
    Ok(unchosen)
}

fn copy(store: &dyn StoreRead, keys: BTreeSet<Key>, out: &mut Vec<Mutation>) -> Result<(), Stop> {
    for key in keys {
        out.push(match store.get(&key)? {
            Some(entry) => Mutation::Put { key, value: entry.value },
            None => Mutation::Delete { key },
        });
    }
    Ok(())
}

impl Move {
    /// Buckets and sessions, and where the rest is to be read.
    pub fn begin(&self, store: &dyn StoreRead, now: TimestampMs) -> Result<(Vec<Mutation>, Vec<Range>), Stop> {
        let (mut keys, mut ranges) = (BTreeSet::new(), Vec::new());
        for bucket in buckets(store)? {
            self.bucket_rows(&bucket, &mut keys);
            if let Some(part) = self.extent.keys(map::hash(&bucket.name)) {
                ranges.extend(PLACED.map(|space| key::of_keys(space, bucket.id, &part)));
            }
        }
        // Buckets that are made at this moment have no row but this.
        for_prefix(store, &[key::FROZEN], |e| {
            let name = key::bucket_name(&e.key);
            keys.extend(name.filter(|n| self.extent.keys(map::hash(n)).is_some()).map(key::frozen));
        })?;
        for_prefix(store, &[key::SESSION], |e| {
            keys.insert(e.key);
        })?;
        let mut out = Vec::new();
        copy(store, keys, &mut out)?;
        let hashes = hashes(buckets(store)?);
        let mut work = Vec::new();
        for_prefix(store, &[key::GARBAGE], |e| work.push(e))?;
        for entry in work {
            self.retired(store, &hashes, &entry, now, &mut out)?;
        }
        Ok((out, ranges))
    }

    /// The manifest of an object that was replaced or deleted, if it was of a place given away: its readers ask there now.
    fn retired(
        &self,
        store: &dyn StoreRead,
        hashes: &HashMap<BucketId, u64>,
        garbage: &Entry,
        now: TimestampMs,
        out: &mut Vec<Mutation>,
    ) -> Result<(), Stop> {
        let Garbage::Upload(id) = row::decode(&garbage.value)? else { return Ok(()) };
        let Some(done) = super::collect::completed(store, id)? else { return Ok(()) };
        let spot = hashes.get(&done.bucket).map(|hash| Spot { hash: *hash, key: done.key });
        if !spot.is_some_and(|spot| self.extent.has(&spot)) {
            return Ok(());
        }
        let mut keys = BTreeSet::from([key::completed(id)]);
        for_prefix(store, &key::parts(id), |e| {
            keys.insert(e.key);
        })?;
        copy(store, keys, out)?;
        out.push(work(&Garbage::Upload(id), now)?);
        Ok(())
    }

    fn bucket_rows(&self, bucket: &BucketRecord, out: &mut BTreeSet<Key>) {
        let name = &bucket.name;
        if self.extent.keys(map::hash(name)).is_some() {
            out.extend([key::bucket(name), key::documents(name), key::frozen(name)]);
        }
        if self.extent.is_home(name) {
            out.insert(key::owned(&bucket.owner, name));
        }
    }

    /// The next rows of such a range, and where it goes on.
    pub fn page(
        &self,
        store: &dyn StoreRead,
        copied: &mut Copied,
        (start, end): (&[u8], &[u8]),
        now: TimestampMs,
    ) -> Result<(Vec<Mutation>, Option<Key>), Stop> {
        let page = store.range(start, end, PAGE_ROWS)?;
        let mut out = Vec::new();
        for entry in page.entries {
            self.follow(store, copied, entry, now, &mut out)?;
        }
        Ok((out, page.next))
    }

    fn follow(
        &self,
        store: &dyn StoreRead,
        copied: &mut Copied,
        entry: Entry,
        now: TimestampMs,
        out: &mut Vec<Mutation>,
    ) -> Result<(), Stop> {
        let mut keys = BTreeSet::new();
        let unchosen = followers(store, entry.key[0], &entry.value, &mut keys)?;
        if let Named::Upload(id) = named(entry.key[0], &entry.value)? {
            copied.uploads.insert(id);
            if unchosen {
                out.push(work(&Garbage::Unchosen(id), now)?);
            }
        }
        copy(store, keys, out)?;
        out.push(Mutation::Put { key: entry.key, value: entry.value });
        Ok(())
    }

    /// Brings the copy up to date with keys that were touched since: first everything that it has of them goes, then what is
    /// there now comes, because data changes hands between rows.
    pub fn catch_up(
        &self,
        from: &dyn StoreRead,
        to: &dyn StoreRead,
        copied: &mut Copied,
        touched: &BTreeSet<Key>,
        now: TimestampMs,
    ) -> Result<Vec<Mutation>, Stop> {
        let (here, there) = (buckets(from)?, buckets(to)?);
        let hashes = hashes(here.iter().chain(&there).cloned());
        let (mut gone, mut come, mut out) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        let mut placed = Vec::new();
        for row in touched {
            match row[0] {
                key::BUCKET | key::DOCUMENTS | key::FROZEN => {
                    let Some(name) = key::bucket_name(row) else { continue };
                    let (new, old) = (here.iter().find(|b| b.name == name), there.iter().find(|b| b.name == name));
                    for bucket in new.iter().chain(&old) {
                        self.bucket_rows(bucket, &mut come);
                    }
                    if self.extent.keys(map::hash(name)).is_some() {
                        come.insert(key::frozen(name));
                    }
                    if let Some(old) = old.filter(|old| new.is_none_or(|new| new.id != old.id)) {
                        everything_of(to, old.id, &mut gone)?;
                    }
                }
                key::SESSION => {
                    come.insert(row.clone());
                }
                space if PLACED.contains(&space) => {
                    let hash = key::bucket_id(row).and_then(|id| hashes.get(&id));
                    let spot = hash.zip(key::object_key(row)).map(|(hash, key)| Spot { hash: *hash, key });
                    if spot.is_some_and(|spot| self.extent.has(&spot)) {
                        if let Some(old) = to.get(row)? {
                            followers(to, space, &old.value, &mut gone)?;
                            gone.insert(old.key);
                        }
                        placed.push(row);
                    }
                }
                _ => {}
            }
        }
        for key in gone {
            out.push(Mutation::Delete { key });
        }
        for row in placed {
            if let Some(entry) = from.get(row)? {
                self.follow(from, copied, entry, now, &mut out)?;
            }
        }
        for row in touched.iter().filter(|row| row[0] == key::GARBAGE) {
            if let Some(entry) = from.get(row)? {
                self.retired(from, &hashes, &entry, now, &mut out)?;
            }
        }
        for row in touched.iter().filter(|row| row[0] == key::PART) {
            if key::upload_of_part(row).is_some_and(|id| copied.uploads.contains(&id)) {
                let blob = |e: Option<Entry>| -> Result<Option<Key>, Stop> {
                    let part = e.map(|e| row::decode::<PartRecord>(&e.value)).transpose()?;
                    Ok(part.and_then(|p| p.blob).map(|b| key::blob(b.id)))
                };
                out.extend(blob(to.get(row)?)?.map(|key| Mutation::Delete { key }));
                come.extend(blob(from.get(row)?)?);
                come.insert(row.clone());
            }
        }
        copy(from, come, &mut out)?;
        Ok(out)
    }
}

fn everything_of(store: &dyn StoreRead, id: BucketId, out: &mut BTreeSet<Key>) -> Result<(), Stop> {
    for space in PLACED {
        let mut rows = Vec::new();
        for_prefix(store, &key::of_bucket(space, id), |e| rows.push(e))?;
        for entry in rows {
            followers(store, space, &entry.value, out)?;
            out.insert(entry.key);
        }
    }
    Ok(())
}

// ------------------------------------------------------------------------------------------------------- the children

/// What a new shard's store begins with.
pub fn adopt(extent: &Extent) -> Result<Mutation, Stop> {
    Ok(Mutation::Put { key: key::extent(), value: row::encode(extent)? })
}

pub fn children(store: &dyn StoreRead) -> Result<Vec<Child>, Stop> {
    let page = store.range(&[key::CHILD], &prefix_end(&[key::CHILD]), RANGE_ENTRIES_MAX)?;
    page.entries.iter().map(|e| row::decode(&e.value)).collect()
}

/// Rows for it will be copied; it has nothing yet.
pub fn intend(store: &dyn StoreRead, extent: &Extent, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    if tx.extent()?.behind(&extent.start, extent.number).as_ref() != Some(extent) {
        return Err(IndexError::Invalid("no place where this shard could be split".to_owned()).into());
    }
    tx.put(key::child(extent.number), &Child { extent: extent.clone(), given: None, cleaned: false })?;
    Ok(tx.into_step(IndexAnswer::Done))
}

/// A commit that changes nothing: when it is durable, so is all that was queued before it.
pub fn barrier(store: &dyn StoreRead, number: Number, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    if let Some(child) = tx.get::<Child>(&key::child(number))? {
        tx.put(key::child(number), &child)?;
    }
    Ok(tx.into_step(IndexAnswer::Done))
}

/// Has this shard no buckets yet?
pub fn is_new(store: &dyn StoreRead) -> Result<bool, Stop> {
    Ok(buckets(store)?.is_empty() && store.range(&[key::FROZEN], &prefix_end(&[key::FROZEN]), 1)?.entries.is_empty())
}

/// The one moment in which places change hands. The child's store has everything.
pub fn cut_over(store: &dyn StoreRead, number: Number, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    let extent = tx.extent()?;
    let child = tx.get::<Child>(&key::child(number))?.filter(|c| c.given.is_none());
    let child = child.ok_or_else(|| Stop::Damaged(format!("shard {number} is no child to be")))?;
    if extent.behind(&child.extent.start, number).as_ref() != Some(&child.extent) {
        return Err(Stop::Damaged(format!("shard {number} is to have what is not there")));
    }
    tx.put(key::extent(), &Extent { end: Some(child.extent.start.clone()), ..extent })?;
    tx.put(key::child(number), &Child { given: Some(now), ..child })?;
    Ok(tx.into_step(IndexAnswer::Done))
}

/// It came to nothing, and its store is gone.
pub fn forget_child(store: &dyn StoreRead, number: Number, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    if tx.get::<Child>(&key::child(number))?.is_some_and(|c| c.given.is_none()) {
        tx.delete(key::child(number));
    }
    Ok(tx.into_step(IndexAnswer::Done))
}

/// Takes away some of what was given before `before`. False: nothing is left to do now.
pub fn clean(store: &dyn StoreRead, before: TimestampMs, now: TimestampMs, rng: &mut dyn Rng) -> Result<(Step, bool), Stop> {
    let mut tx = Tx::new(store, now, rng);
    let all: Vec<Child> = children(store)?.into_iter().filter(|c| c.given.is_some() && !c.cleaned).collect();
    let Some(child) = all.iter().find(|c| c.given.is_some_and(|at| at < before)) else {
        return Ok((tx.into_step(IndexAnswer::Done), false));
    };
    let own = tx.extent()?;
    let buckets = buckets(store)?;
    for bucket in &buckets {
        let Some(keys) = child.extent.keys(map::hash(&bucket.name)) else { continue };
        for space in PLACED {
            let (start, end) = key::of_keys(space, bucket.id, &keys);
            for entry in store.range(&start, &end, PAGE_ROWS)?.entries {
                if !take_away(&mut tx, entry)? || tx.writes() > CLEAN_ROWS_MAX {
                    return Ok((tx.into_step(IndexAnswer::Done), true));
                }
            }
        }
    }
    if !tx.is_idle() {
        return Ok((tx.into_step(IndexAnswer::Done), true));
    }
    for bucket in buckets {
        let hash = map::hash(&bucket.name);
        if child.extent.keys(hash).is_none() || tx.writes() > CLEAN_ROWS_MAX {
            continue;
        }
        if child.extent.is_home(&bucket.name) {
            tx.delete(key::owned(&bucket.owner, &bucket.name));
        }
        let others = all.iter().filter(|c| c.extent != child.extent).any(|c| c.extent.keys(hash).is_some());
        if own.keys(hash).is_none() && !others {
            tx.delete(key::bucket(&bucket.name));
            tx.delete(key::documents(&bucket.name));
            tx.delete(key::frozen(&bucket.name));
        }
    }
    let more = tx.writes() > CLEAN_ROWS_MAX;
    if !more {
        tx.put(key::child(child.extent.number), &Child { cleaned: true, ..child.clone() })?;
    }
    Ok((tx.into_step(IndexAnswer::Done), true))
}

/// A row, and the data's rows that it names. False: it has more parts than one step takes.
fn take_away(tx: &mut Tx<'_>, entry: Entry) -> Result<bool, Stop> {
    match named(entry.key[0], &entry.value)? {
        Named::Nothing => {}
        Named::Blob(blob) => tx.delete(key::blob(blob)),
        Named::Upload(id) => {
            let page = tx.store.range(&key::parts(id), &prefix_end(&key::parts(id)), CLEAN_ROWS_MAX)?;
            for part in page.entries {
                if let Some(blob) = row::decode::<PartRecord>(&part.value)?.blob {
                    tx.delete(key::blob(blob.id));
                }
                tx.delete(part.key);
            }
            if page.next.is_some() {
                return Ok(false);
            }
            tx.delete(key::completed(id));
        }
    }
    tx.delete(entry.key);
    Ok(true)
}

/// The place that has as many bytes before as behind it, about. None: there is nothing to be split.
pub fn middle(store: &dyn StoreRead) -> Result<Option<Spot>, Stop> {
    let extent = super::extent(store)?;
    let (mut samples, mut stride, mut since) = (Vec::<(Spot, u64)>::new(), 1, 0);
    for bucket in buckets(store)? {
        let hash = map::hash(&bucket.name);
        let Some(keys) = extent.keys(hash) else { continue };
        for space in [key::HEAD, key::MARKER, key::OLDER, key::UPLOAD] {
            let (mut start, end) = key::of_keys(space, bucket.id, &keys);
            loop {
                let page = store.range(&start, &end, PAGE_ROWS)?;
                for entry in page.entries {
                    since += (entry.key.len() + entry.value.len()) as u64;
                    if since >= stride {
                        let key = key::object_key(&entry.key).ok_or_else(|| Stop::Damaged("a row without a key".to_owned()))?;
                        samples.push((Spot { hash, key }, since));
                        since = 0;
                    }
                    if samples.len() >= SAMPLES_MAX {
                        stride = 2 * stride.max(samples.iter().map(|s| s.1).max().unwrap_or(1));
                        let pairs = samples.chunks(2).map(|c| (c[0].0.clone(), c.iter().map(|s| s.1).sum()));
                        samples = pairs.collect();
                    }
                }
                match page.next {
                    Some(next) => start = next,
                    None => break,
                }
            }
        }
    }
    samples.sort();
    let half = samples.iter().map(|s| s.1).sum::<u64>() / 2;
    let Some(first) = samples.first().map(|s| s.0.clone()) else { return Ok(None) };
    let mut before = 0;
    for (spot, bytes) in samples {
        if before >= half && spot > first && spot > extent.start {
            return Ok(Some(spot));
        }
        before += bytes;
    }
    Ok(None)
}
