//! Buckets.

use super::Tx;
use crate::index::map::{self, Keys};
use crate::index::row::{BucketRow, Frozen, Garbage};
use crate::index::{Stop, key};
use crate::message::{IndexAnswer, IndexError};
use crate::record::{BucketId, BucketRecord, Cause, EventDraft, VersionedBucket, Versioning};
use std::collections::BTreeMap;
use store::prefix_end;
use types::AccountId;

/// Of one page of buckets (AWS's limit of max-buckets).
const BUCKETS_PAGE_MAX: usize = 10_000;
/// A page of buckets ends behind the one that takes it over this size.
const BUCKETS_PAGE_BYTES_MAX: usize = 4 << 20;
/// Of a bucket in a page, beside its documents and name: about.
const BUCKET_BYTES: usize = 100;
/// S3's: 3 to 63 characters. What they may be is the gateway's matter; here they must only make a row.
const NAME_BYTES_MAX: usize = 255;

/// Of one page of all buckets.
const ALL_BUCKETS_MAX: usize = 1000;
const NOTIFICATION: &str = "notification";
/// The event of a notification configuration that is new.
const TEST_EVENT: &str = "s3:TestEvent";

const LOCK_NEEDS_VERSIONING: &str = "object lock needs versioning";
/// The counter of bucket ids and revisions.
const COUNTER: &str = "bucket";

/// By name.
type Documents = BTreeMap<String, String>;

/// The bucket, which must be there and must not change before the commit.
pub(super) fn live(tx: &mut Tx<'_>, name: &str) -> Result<BucketRow, Stop> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(IndexError::NoSuchBucket.into());
    }
    match tx.get(&key::bucket(name))? {
        Some(row) => Ok(row),
        None if tx.get::<Frozen>(&key::frozen(name))?.is_some() => Err(IndexError::Frozen.into()),
        None => Err(IndexError::NoSuchBucket.into()),
    }
}

/// Is the bucket the one that the caller decided by?
pub(super) fn check_version(revision: u64, known: Option<u64>) -> Result<(), Stop> {
    if known.is_some_and(|known| known != revision) { Err(IndexError::BucketChanged.into()) } else { Ok(()) }
}

/// May the bucket's row change here? Not before the bucket's other shards are frozen.
fn check_alone(tx: &mut Tx<'_>, name: &str) -> Result<(), Stop> {
    if !tx.alone && tx.extent()?.goes_on(name) { Err(Stop::Shared) } else { Ok(()) }
}

/// With its documents.
pub(super) fn whole(tx: &mut Tx<'_>, row: BucketRow) -> Result<VersionedBucket, Stop> {
    let BucketRow { revision, mut bucket } = row;
    if !bucket.documents.is_empty() {
        let documents = tx.get(&key::documents(&bucket.name))?;
        bucket.documents = documents.ok_or_else(|| Stop::Damaged(format!("the documents of {} are lost", bucket.name)))?;
    }
    Ok(VersionedBucket { version: revision, bucket })
}

/// Writes the bucket and its documents as of a revision.
pub(super) fn write(tx: &mut Tx<'_>, revision: u64, bucket: BucketRecord) -> Result<IndexAnswer, Stop> {
    let documents = key::documents(&bucket.name);
    if bucket.documents.is_empty() {
        tx.delete(documents);
    } else {
        tx.put(documents, &bucket.documents)?;
    }
    let names = bucket.documents.keys().map(|name| (name.clone(), String::new())).collect();
    let row = BucketRow { revision, bucket: BucketRecord { documents: names, ..bucket.clone() } };
    tx.put(key::bucket(&bucket.name), &row)?;
    Ok(IndexAnswer::Bucket(VersionedBucket { version: revision, bucket }))
}

pub(super) fn create(tx: &mut Tx<'_>, bucket: &BucketRecord) -> Result<IndexAnswer, Stop> {
    let name = &bucket.name;
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains('\0') {
        return Err(IndexError::Invalid(format!("a bucket name of {} bytes", name.len())).into());
    }
    if bucket.object_lock && bucket.versioning != Versioning::Enabled {
        return Err(IndexError::Invalid(LOCK_NEEDS_VERSIONING.to_owned()).into());
    }
    match live(tx, name) {
        Ok(there) => return Err(IndexError::BucketExists { owner: there.bucket.owner }.into()),
        Err(Stop::Refused(IndexError::NoSuchBucket)) => check_alone(tx, name)?,
        Err(other) => return Err(other),
    }
    let number = tx.count(COUNTER)?;
    tx.put(key::owned(&bucket.owner, name), &())?;
    let made = BucketRecord { id: BucketId(number), created: tx.now, ..bucket.clone() };
    write(tx, number, made)
}

pub(super) fn get(tx: &mut Tx<'_>, name: &str) -> Result<IndexAnswer, Stop> {
    let row = live(tx, name)?;
    Ok(IndexAnswer::Bucket(whole(tx, row)?))
}

pub(super) fn update(tx: &mut Tx<'_>, version: u64, bucket: &BucketRecord) -> Result<IndexAnswer, Stop> {
    let old = live(tx, &bucket.name)?;
    if old.revision != version {
        return Err(IndexError::BucketChanged.into());
    }
    let BucketRecord { id, name, owner, created, versioning, object_lock, .. } = old.bucket;
    if versioning != Versioning::Unversioned && bucket.versioning == Versioning::Unversioned {
        return Err(IndexError::Invalid("versioning can be suspended, not ended".to_owned()).into());
    }
    if object_lock && !bucket.object_lock {
        return Err(IndexError::Invalid("object lock cannot be ended".to_owned()).into());
    }
    if bucket.object_lock && bucket.versioning != Versioning::Enabled {
        return Err(IndexError::Invalid(LOCK_NEEDS_VERSIONING.to_owned()).into());
    }
    let told = bucket.documents.contains_key(NOTIFICATION) && {
        let before = match old.bucket.documents.is_empty() {
            true => None,
            false => tx.get::<Documents>(&key::documents(&bucket.name))?,
        };
        before.as_ref().and_then(|d| d.get(NOTIFICATION)) != bucket.documents.get(NOTIFICATION)
    };
    check_alone(tx, &bucket.name)?;
    if told {
        // AWS: a configuration's destinations get a test message first.
        tx.event(EventDraft {
            bucket: bucket.name.clone(),
            key: String::new(),
            version: None,
            bytes: 0,
            etag: String::new(),
            at: tx.now,
            cause: Cause { event: TEST_EVENT.to_owned(), ..Cause::default() },
        });
    }
    let revision = tx.count(COUNTER)?;
    write(tx, revision, BucketRecord { id, name, owner, created, ..bucket.clone() })
}

pub(super) fn all(tx: &mut Tx<'_>, after: &str, limit: u32) -> Result<IndexAnswer, Stop> {
    let limit = (limit as usize).clamp(1, ALL_BUCKETS_MAX);
    let extent = tx.extent()?;
    let frozen = tx.store.range(&[key::FROZEN], &prefix_end(&[key::FROZEN]), ALL_BUCKETS_MAX)?.entries;
    if frozen.iter().filter_map(|e| key::bucket_name(&e.key)).any(|name| extent.is_home(name)) {
        return Err(IndexError::Frozen.into());
    }
    let mut start = key::bucket(after);
    start.push(0);
    let page = tx.store.range(&start, &prefix_end(&[key::BUCKET]), limit)?;
    let (mut buckets, mut bytes, mut cut, mut last) = (Vec::new(), 0, page.next.is_some(), None);
    for entry in &page.entries {
        if bytes > BUCKETS_PAGE_BYTES_MAX {
            cut = true;
            break;
        }
        let mut bucket = crate::index::row::decode::<BucketRow>(&entry.value)?.bucket;
        last = Some(bucket.name.clone());
        if !extent.is_home(&bucket.name) {
            continue;
        }
        bytes += entry.value.len();
        if !bucket.documents.is_empty() {
            let row = tx.store.get(&key::documents(&bucket.name))?;
            let row = row.ok_or_else(|| Stop::Damaged(format!("the documents of {} are lost", bucket.name)))?;
            bytes += row.value.len();
            bucket.documents = crate::index::row::decode(&row.value)?;
        }
        buckets.push(bucket);
    }
    Ok(IndexAnswer::Buckets { buckets, next: last.filter(|_| cut) })
}

/// Has this shard versions or markers of the bucket? What was given to another shard and is not yet away does not count.
pub(super) fn check_empty(tx: &mut Tx<'_>, bucket: &BucketRecord) -> Result<(), Stop> {
    let Some(keys) = tx.extent()?.keys(map::hash(&bucket.name)) else { return Err(IndexError::Moved.into()) };
    for space in [key::HEAD, key::MARKER, key::OLDER] {
        if holds(tx, space, bucket.id, &keys)? {
            return Err(IndexError::BucketNotEmpty.into());
        }
    }
    Ok(())
}

fn holds(tx: &Tx<'_>, space: u8, id: BucketId, keys: &Keys) -> Result<bool, Stop> {
    let (start, end) = key::of_keys(space, id, keys);
    Ok(!tx.store.range(&start, &end, 1)?.entries.is_empty())
}

/// The bucket is no more, and nothing here tells by its name any longer what is left of it: uploads that are under way do
/// not keep a bucket and are aborted later, rows that were given to another shard are taken away later.
pub(super) fn abandon(tx: &mut Tx<'_>, bucket: &BucketRecord) -> Result<(), Stop> {
    let own = tx.extent()?.keys(map::hash(&bucket.name));
    if let Some(keys) = &own
        && holds(tx, key::UPLOAD, bucket.id, keys)?
    {
        super::collect::put_down(tx, &Garbage::Bucket(bucket.id))?;
    }
    // Nothing is its own: all was given.
    let Some(from) = own.map_or(Some(String::new()), |keys| keys.to) else { return Ok(()) };
    let given = Keys { from: from.clone(), to: None };
    for space in [key::HEAD, key::MARKER, key::OLDER, key::NULL, key::UPLOAD] {
        if holds(tx, space, bucket.id, &given)? {
            return super::collect::put_down(tx, &Garbage::Given { bucket: bucket.id, from });
        }
    }
    Ok(())
}

/// Versions and delete markers keep a bucket; uploads under way do not, they are aborted (as in AWS's general purpose buckets).
pub(super) fn delete(tx: &mut Tx<'_>, name: &str) -> Result<IndexAnswer, Stop> {
    let BucketRow { bucket, .. } = live(tx, name)?;
    check_empty(tx, &bucket)?;
    check_alone(tx, name)?;
    abandon(tx, &bucket)?;
    tx.delete(key::bucket(name));
    tx.delete(key::documents(name));
    tx.delete(key::owned(&bucket.owner, name));
    Ok(IndexAnswer::Done)
}

pub(super) fn list(tx: &mut Tx<'_>, owner: &AccountId, prefix: &str, after: &str, limit: u32) -> Result<IndexAnswer, Stop> {
    let limit = (limit as usize).min(BUCKETS_PAGE_MAX);
    let extent = tx.extent()?;
    let first = key::owned(owner, prefix);
    let end = prefix_end(&first);
    let mut behind = key::owned(owner, after);
    behind.push(0);
    let mut start = first.max(behind);
    let (mut buckets, mut bytes, mut next) = (Vec::<BucketRecord>::new(), 0, None);
    'pages: while limit > 0 && start < end {
        let page = tx.store.range(&start, &end, limit.min(1000) + 1)?;
        for entry in page.entries {
            let name = key::owned_name(&entry.key).ok_or_else(|| Stop::Damaged("a bucket without a name".to_owned()))?;
            if buckets.len() == limit || bytes > BUCKETS_PAGE_BYTES_MAX {
                next = buckets.last().map(|b| b.name.clone());
                break 'pages;
            }
            if !extent.is_home(name) {
                continue;
            }
            let row = live(tx, name)?;
            let bucket = whole(tx, row)?.bucket;
            bytes += name.len() + bucket.documents.values().map(String::len).sum::<usize>() + BUCKET_BYTES;
            buckets.push(bucket);
        }
        match page.next {
            Some(more) => start = more,
            None => break,
        }
    }
    Ok(IndexAnswer::Buckets { buckets, next })
}
