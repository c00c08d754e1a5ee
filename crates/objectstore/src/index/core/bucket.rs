//! Buckets.

use super::Tx;
use crate::index::row::{BucketRow, Garbage};
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
    tx.get(&key::bucket(name))?.ok_or(Stop::Refused(IndexError::NoSuchBucket))
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

/// Writes the bucket and its documents, with the next revision.
fn write(tx: &mut Tx<'_>, revision: u64, bucket: BucketRecord) -> Result<IndexAnswer, Stop> {
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
    if let Some(there) = tx.get::<BucketRow>(&key::bucket(name))? {
        return Err(IndexError::BucketExists { owner: there.bucket.owner }.into());
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
    let mut start = key::bucket(after);
    start.push(0);
    let page = tx.store.range(&start, &prefix_end(&[key::BUCKET]), limit)?;
    let (mut buckets, mut bytes, mut cut) = (Vec::new(), 0, page.next.is_some());
    for entry in &page.entries {
        if bytes > BUCKETS_PAGE_BYTES_MAX {
            cut = true;
            break;
        }
        let mut bucket = crate::index::row::decode::<BucketRow>(&entry.value)?.bucket;
        bytes += entry.value.len();
        if !bucket.documents.is_empty() {
            let row = tx.store.get(&key::documents(&bucket.name))?;
            let row = row.ok_or_else(|| Stop::Damaged(format!("the documents of {} are lost", bucket.name)))?;
            bytes += row.value.len();
            bucket.documents = crate::index::row::decode(&row.value)?;
        }
        buckets.push(bucket);
    }
    let next = buckets.last().filter(|_| cut).map(|b: &BucketRecord| b.name.clone());
    Ok(IndexAnswer::Buckets { buckets, next })
}

/// Versions and delete markers keep a bucket; uploads under way do not, they are aborted (as in AWS's general purpose buckets).
pub(super) fn delete(tx: &mut Tx<'_>, name: &str) -> Result<IndexAnswer, Stop> {
    let BucketRow { bucket, .. } = live(tx, name)?;
    let holds = |tx: &Tx<'_>, space| -> Result<bool, Stop> {
        let start = key::of_bucket(space, bucket.id);
        Ok(!tx.store.range(&start, &prefix_end(&start), 1)?.entries.is_empty())
    };
    for space in [key::HEAD, key::MARKER, key::OLDER] {
        if holds(tx, space)? {
            return Err(IndexError::BucketNotEmpty.into());
        }
    }
    if holds(tx, key::UPLOAD)? {
        super::collect::put_down(tx, &Garbage::Bucket(bucket.id))?;
    }
    tx.delete(key::bucket(name));
    tx.delete(key::documents(name));
    tx.delete(key::owned(&bucket.owner, name));
    Ok(IndexAnswer::Done)
}

pub(super) fn list(tx: &mut Tx<'_>, owner: &AccountId, prefix: &str, after: &str, limit: u32) -> Result<IndexAnswer, Stop> {
    let limit = (limit as usize).min(BUCKETS_PAGE_MAX);
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
            let row = tx.get(&key::bucket(name))?.ok_or_else(|| Stop::Damaged(format!("no bucket {name}")))?;
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
