//! Versions of keys: made, found, changed and removed.
//!
//! ```text
//!             put, unversioned        put, enabled            put, suspended              delete, enabled
//!  H  v1  ->  H  new (v1 garbage)     H  new, V  v1           H  new null, V  v1          M  marker, V  v1
//!                                                             (a null before is garbage)
//! ```
//!
//! AWS's rules: "How S3 Versioning works", "Adding objects to versioning-suspended buckets", "S3 Object Lock".

use super::{Tx, bucket, collect, has_events, session};
use crate::id::SessionId;
use crate::index::row::{self, BlobOwner, BlobRow, BucketRow};
use crate::index::{Stop, key};
use crate::message::{
    DELETES_MAX, DeleteConditions, DeleteItem, Deleted, Found, IndexAnswer, IndexError, VersionChange, WriteConditions,
};
use crate::record::{
    BlobRef, BucketRecord, Cause, Data, Encryption, EventDraft, LockMode, NewVersion, Retention, VersionId, VersionRecord,
    Versioning,
};
use store::prefix_end;
use types::{AccountId, TimestampMs};

/// Where a write goes, and for which session.
pub(super) struct Place<'a> {
    pub bucket: &'a str,
    pub session: SessionId,
    pub key: &'a str,
}

/// A version and the row that it is in.
struct Located {
    row: Vec<u8>,
    record: VersionRecord,
    current: bool,
}

pub(super) fn check_key(key: &str) -> Result<(), Stop> {
    if key.is_empty() || key.len() > key::OBJECT_KEY_BYTES_MAX {
        return Err(IndexError::Invalid(format!("a key of {} bytes", key.len())).into());
    }
    Ok(())
}

// ------------------------------------------------------------------------------------------------------------ rows

/// The current version, object or marker. Both its possible rows are preconditions unless the first decides.
pub(super) fn current(tx: &mut Tx<'_>, b: &BucketRecord, key: &str) -> Result<Option<VersionRecord>, Stop> {
    if let Some(object) = tx.get(&key::object(key::HEAD, b.id, key))? {
        return Ok(Some(object));
    }
    tx.get(&key::object(key::MARKER, b.id, key))
}

fn set_current(
    tx: &mut Tx<'_>,
    b: &BucketRecord,
    key: &str,
    old: Option<&VersionRecord>,
    new: Option<&VersionRecord>,
) -> Result<(), Stop> {
    let row = |r: &VersionRecord| key::object(if r.delete_marker { key::MARKER } else { key::HEAD }, b.id, key);
    if let Some(old) = old {
        tx.delete(row(old));
    }
    if let Some(new) = new {
        tx.put(row(new), new)?;
    }
    Ok(())
}

fn push_older(tx: &mut Tx<'_>, b: &BucketRecord, key: &str, record: &VersionRecord) -> Result<(), Stop> {
    if record.id == VersionId::Null {
        tx.put(key::object(key::NULL, b.id, key), &record.seq)?;
    }
    tx.put(key::older(b.id, key, record.seq), record)
}

fn remove_older(tx: &mut Tx<'_>, b: &BucketRecord, key: &str, record: &VersionRecord) {
    if record.id == VersionId::Null {
        tx.delete(key::object(key::NULL, b.id, key));
    }
    tx.delete(key::older(b.id, key, record.seq));
}

/// The `null` version, if it is not the current one.
fn older_null(tx: &mut Tx<'_>, b: &BucketRecord, key: &str) -> Result<Option<VersionRecord>, Stop> {
    match tx.get::<u64>(&key::object(key::NULL, b.id, key))? {
        Some(seq) => tx.get(&key::older(b.id, key, seq)),
        None => Ok(None),
    }
}

fn locate(tx: &mut Tx<'_>, b: &BucketRecord, key: &str, version: Option<VersionId>) -> Result<Option<Located>, Stop> {
    let current = current(tx, b, key)?;
    let Some(id) = version else {
        return Ok(current.map(|record| at_head(b, key, record)));
    };
    if let Some(record) = current.filter(|c| c.id == id) {
        return Ok(Some(at_head(b, key, record)));
    }
    let older = match id {
        VersionId::Null => older_null(tx, b, key)?,
        VersionId::Named { seq, .. } => tx.get::<VersionRecord>(&key::older(b.id, key, seq))?.filter(|r| r.id == id),
    };
    Ok(older.map(|record| Located { row: key::older(b.id, key, record.seq), record, current: false }))
}

fn at_head(b: &BucketRecord, key: &str, record: VersionRecord) -> Located {
    let space = if record.delete_marker { key::MARKER } else { key::HEAD };
    Located { row: key::object(space, b.id, key), record, current: true }
}

// ---------------------------------------------------------------------------------------------------------- reading

pub(super) fn lookup(
    tx: &mut Tx<'_>,
    bucket: &str,
    known: u64,
    key: &str,
    version: Option<VersionId>,
) -> Result<IndexAnswer, Stop> {
    let row = bucket::live(tx, bucket)?;
    let found = match locate(tx, &row.bucket, key, version)? {
        Some(l) => Found::Version { record: Box::new(l.record), latest: l.current },
        None if version.is_some() => Found::NoVersion,
        None => Found::NoKey,
    };
    let bucket = if row.revision == known { None } else { Some(bucket::whole(tx, row)?) };
    Ok(IndexAnswer::Lookup { bucket, found })
}

// ---------------------------------------------------------------------------------------------------------- writing

pub(super) fn put(
    tx: &mut Tx<'_>,
    place: &Place<'_>,
    conditions: &WriteConditions,
    object: &NewVersion,
    cause: &Cause,
) -> Result<IndexAnswer, Stop> {
    check_key(place.key)?;
    let BucketRow { revision, bucket: b } = bucket::live(tx, place.bucket)?;
    if matches!(object.data, Data::Parts { .. }) {
        return Err(IndexError::Invalid("parts come from an upload".to_owned()).into());
    }
    if let Data::Blob(blob) = &object.data
        && let Some(row) = tx.get::<BlobRow>(&key::blob(blob.id))?
    {
        return match row.owner {
            // Sent again: it happened.
            BlobOwner::Version { bucket, id, seq, modified } if bucket == b.id => Ok(IndexAnswer::Put { id, seq, modified }),
            _ => Err(IndexError::Invalid(format!("the blob {} is another's", blob.id)).into()),
        };
    }
    bucket::check_version(revision, conditions.bucket)?;
    session::must_be_open(tx, place.session)?;
    let current = current(tx, &b, place.key)?;
    check_write(conditions, current.as_ref())?;
    let made = install(tx, &b, place.key, current, object.clone(), false)?;
    if let Data::Blob(blob) = &made.object.data {
        name_blob(tx, blob, place.session, version_owner(&b, &made))?;
    }
    record_event(tx, &b, place.key, &made, cause.clone());
    Ok(IndexAnswer::Put { id: made.id, seq: made.seq, modified: made.modified })
}

pub(super) fn version_owner(b: &BucketRecord, made: &VersionRecord) -> BlobOwner {
    BlobOwner::Version { bucket: b.id, id: made.id, seq: made.seq, modified: made.modified }
}

/// From now on the blob is no garbage.
pub(super) fn name_blob(tx: &mut Tx<'_>, blob: &BlobRef, session: SessionId, owner: BlobOwner) -> Result<(), Stop> {
    if blob.id.session != session {
        return Err(IndexError::Invalid(format!("the blob {} is another session's", blob.id)).into());
    }
    tx.put(key::blob(blob.id), &BlobRow { owner, garbage: false })
}

pub(super) fn check_write(conditions: &WriteConditions, current: Option<&VersionRecord>) -> Result<(), Stop> {
    let object = current.filter(|c| !c.delete_marker);
    if conditions.if_absent && object.is_some() {
        return Err(IndexError::PreconditionFailed.into());
    }
    match (&conditions.if_match, object) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(IndexError::NoSuchKey.into()),
        (Some(etag), Some(object)) if etag == "*" || *etag == object.object.etag => Ok(()),
        (Some(_), Some(_)) => Err(IndexError::PreconditionFailed.into()),
    }
}

/// Makes a version the current one, as the bucket's versioning says. Writes no blob rows for the new data.
pub(super) fn install(
    tx: &mut Tx<'_>,
    b: &BucketRecord,
    key: &str,
    current: Option<VersionRecord>,
    object: NewVersion,
    delete_marker: bool,
) -> Result<VersionRecord, Stop> {
    let seq = (tx.now.0 * 1000).max(current.as_ref().map_or(0, |c| c.seq + 1));
    let id = match b.versioning {
        Versioning::Enabled => VersionId::Named { seq, salt: tx.rng.u64() },
        Versioning::Unversioned | Versioning::Suspended => VersionId::Null,
    };
    let replaces_current = id == VersionId::Null && current.as_ref().is_some_and(|c| c.id == VersionId::Null);
    let replaced = match (&current, id) {
        (Some(c), VersionId::Null) if replaces_current => Some(c.clone()),
        (_, VersionId::Null) if b.versioning == Versioning::Suspended => older_null(tx, b, key)?,
        _ => None,
    };
    if let Some(replaced) = &replaced {
        check_unlocked(replaced, tx.now, false)?;
    }
    let made = VersionRecord { id, seq, modified: tx.now, delete_marker, object };
    match (&current, &replaced) {
        (Some(c), _) if !replaces_current => {
            if let Some(null) = &replaced {
                remove_older(tx, b, key, null);
            }
            push_older(tx, b, key, c)?;
        }
        (None, Some(null)) => remove_older(tx, b, key, null),
        _ => {}
    }
    set_current(tx, b, key, current.as_ref(), Some(&made))?;
    if let Some(replaced) = replaced {
        collect::retire(tx, &replaced.object.data)?;
    }
    Ok(made)
}

pub(super) fn record_event(tx: &mut Tx<'_>, b: &BucketRecord, key: &str, made: &VersionRecord, cause: Cause) {
    if cause.event.is_empty() || !has_events(b) {
        return;
    }
    tx.event(event_of(b, key, made, cause, tx.now));
}

fn event_of(b: &BucketRecord, key: &str, record: &VersionRecord, cause: Cause, at: TimestampMs) -> EventDraft {
    EventDraft {
        bucket: b.name.clone(),
        key: key.to_owned(),
        version: (b.versioning != Versioning::Unversioned).then_some(record.id),
        bytes: record.object.bytes,
        etag: record.object.etag.clone(),
        at,
        cause,
    }
}

// ------------------------------------------------------------------------------------------------------ replication

/// A version that comes from elsewhere: it takes the place that its order gives it, above or below the current one.
pub(super) fn replicate(tx: &mut Tx<'_>, place: &Place<'_>, record: &VersionRecord, cause: &Cause) -> Result<IndexAnswer, Stop> {
    check_key(place.key)?;
    let BucketRow { bucket: b, .. } = bucket::live(tx, place.bucket)?;
    let VersionId::Named { seq, .. } = record.id else {
        return Err(IndexError::Invalid("only named versions are replicated".to_owned()).into());
    };
    if b.versioning != Versioning::Enabled || seq != record.seq {
        return Err(IndexError::Invalid("a replica needs a bucket with versioning, and its own order".to_owned()).into());
    }
    let done = IndexAnswer::Put { id: record.id, seq, modified: record.modified };
    if let Some(there) = locate(tx, &b, place.key, Some(record.id))? {
        // Sent again with the same blob, or copied twice: then the second copy is garbage.
        return if there.record.object.data == record.object.data { Ok(done) } else { Err(IndexError::DataChanged.into()) };
    }
    session::must_be_open(tx, place.session)?;
    match &record.object.data {
        Data::None => {}
        Data::Blob(blob) if tx.get::<BlobRow>(&key::blob(blob.id))?.is_none() => {
            name_blob(tx, blob, place.session, version_owner(&b, record))?;
        }
        _ => return Err(IndexError::Invalid("a replica's data is one new blob".to_owned()).into()),
    }
    let current = current(tx, &b, place.key)?;
    match &current {
        Some(c) if c.seq >= seq => {
            let row = key::older(b.id, place.key, seq);
            if tx.get::<VersionRecord>(&row)?.is_some() || c.seq == seq {
                return Err(IndexError::Invalid("another version has this place".to_owned()).into());
            }
            push_older(tx, &b, place.key, record)?;
        }
        _ => {
            if let Some(c) = &current {
                push_older(tx, &b, place.key, c)?;
            }
            set_current(tx, &b, place.key, current.as_ref(), Some(record))?;
        }
    }
    record_event(tx, &b, place.key, record, cause.clone());
    Ok(done)
}

// --------------------------------------------------------------------------------------------------------- deleting

pub(super) fn delete(
    tx: &mut Tx<'_>,
    bucket: &str,
    items: &[DeleteItem],
    owner: &AccountId,
    bypass: bool,
    cause: &Cause,
) -> Result<IndexAnswer, Stop> {
    if items.len() > DELETES_MAX {
        return Err(IndexError::TooMany { what: "keys to delete".to_owned(), max: DELETES_MAX as u64 }.into());
    }
    let BucketRow { bucket: b, .. } = bucket::live(tx, bucket)?;
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        // Each item writes nothing before it is certain, so a refused one leaves nothing behind.
        out.push(match delete_one(tx, &b, item, owner, bypass, cause) {
            Ok(deleted) => Ok(deleted),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(other) => return Err(other),
        });
    }
    Ok(IndexAnswer::Deleted(out))
}

fn delete_one(
    tx: &mut Tx<'_>,
    b: &BucketRecord,
    item: &DeleteItem,
    owner: &AccountId,
    bypass: bool,
    cause: &Cause,
) -> Result<Deleted, Stop> {
    check_key(&item.key)?;
    let Some(id) = item.version else {
        let current = current(tx, b, &item.key)?;
        check_delete(&item.conditions, current.as_ref().filter(|c| !c.delete_marker))?;
        if b.versioning != Versioning::Unversioned {
            let marker = install(tx, b, &item.key, current, marker(owner), true)?;
            let mut cause = cause.clone();
            if let Some(head) = cause.event.strip_suffix(":Delete") {
                cause.event = format!("{head}:DeleteMarkerCreated");
            }
            record_event(tx, b, &item.key, &marker, cause);
            return Ok(Deleted { delete_marker: true, version: Some(marker.id) });
        }
        let Some(current) = current else { return Ok(Deleted { delete_marker: false, version: None }) };
        check_unlocked(&current, tx.now, bypass)?;
        remove(tx, b, &item.key, &current, true)?;
        record_event(tx, b, &item.key, &current, cause.clone());
        return Ok(Deleted { delete_marker: false, version: None });
    };
    let Some(found) = locate(tx, b, &item.key, Some(id))? else {
        check_delete(&item.conditions, None)?;
        return Ok(Deleted { delete_marker: false, version: Some(id) });
    };
    check_delete(&item.conditions, Some(&found.record))?;
    if item.conditions.current.is_some_and(|wanted| wanted != found.current) {
        return Err(IndexError::PreconditionFailed.into());
    }
    check_unlocked(&found.record, tx.now, bypass)?;
    remove(tx, b, &item.key, &found.record, found.current)?;
    record_event(tx, b, &item.key, &found.record, cause.clone());
    Ok(Deleted { delete_marker: found.record.delete_marker, version: Some(id) })
}

/// Takes one version away; when it was the current one, the newest older one becomes that.
fn remove(tx: &mut Tx<'_>, b: &BucketRecord, key: &str, record: &VersionRecord, current: bool) -> Result<(), Stop> {
    if current {
        let older = key::object(key::OLDER, b.id, key);
        let next = match tx.first(&older, &prefix_end(&older))? {
            Some((_, value)) => Some(row::decode::<VersionRecord>(&value)?),
            None => None,
        };
        if let Some(next) = &next {
            remove_older(tx, b, key, next);
        }
        set_current(tx, b, key, Some(record), next.as_ref())?;
    } else {
        remove_older(tx, b, key, record);
    }
    collect::retire(tx, &record.object.data)
}

/// If-Match on a key without an object is `NoSuchKey`, as of S3 in the Regions (404; the guide speaks of 412 only where an
/// object is there); size and time are asked only of one that is there (AWS: DeleteObject).
fn check_delete(conditions: &DeleteConditions, found: Option<&VersionRecord>) -> Result<(), Stop> {
    let holds = match found {
        None if conditions.if_match.is_some() => return Err(IndexError::NoSuchKey.into()),
        None => true,
        Some(r) => {
            conditions.if_match.as_ref().is_none_or(|etag| etag == "*" || *etag == r.object.etag)
                // HTTP dates have seconds.
                && conditions.modified.is_none_or(|at| at.0 / 1000 == r.modified.0 / 1000)
                && conditions.bytes.is_none_or(|bytes| bytes == r.object.bytes)
        }
    };
    if holds { Ok(()) } else { Err(IndexError::PreconditionFailed.into()) }
}

fn check_unlocked(record: &VersionRecord, now: TimestampMs, bypass: bool) -> Result<(), Stop> {
    let retained = record.object.retention.is_some_and(|r| r.until > now && !(bypass && r.mode == LockMode::Governance));
    if record.object.legal_hold || retained { Err(IndexError::Locked.into()) } else { Ok(()) }
}

fn marker(owner: &AccountId) -> NewVersion {
    NewVersion {
        data: Data::None,
        bytes: 0,
        etag: String::new(),
        owner: owner.clone(),
        headers: Vec::new(),
        metadata: Vec::new(),
        tags: Vec::new(),
        acl: None,
        checksum: None,
        storage_class: String::new(),
        encryption: Encryption::S3,
        retention: None,
        legal_hold: false,
        website_redirect: None,
        replication: None,
        restore: None,
    }
}

// --------------------------------------------------------------------------------------------------------- changing

pub(super) fn change(
    tx: &mut Tx<'_>,
    bucket: &str,
    key: &str,
    version: Option<VersionId>,
    change: &VersionChange,
    cause: &Cause,
) -> Result<IndexAnswer, Stop> {
    let BucketRow { bucket: b, .. } = bucket::live(tx, bucket)?;
    let missing = if version.is_some() { IndexError::NoSuchVersion } else { IndexError::NoSuchKey };
    let Some(Located { row, mut record, .. }) = locate(tx, &b, key, version)? else { return Err(missing.into()) };
    if record.delete_marker {
        return Err(IndexError::DeleteMarker.into());
    }
    match change {
        VersionChange::Tags(tags) => record.object.tags = tags.clone(),
        VersionChange::Acl(acl) => record.object.acl = acl.clone(),
        VersionChange::LegalHold(on) => record.object.legal_hold = *on,
        VersionChange::Replication(status) => record.object.replication = status.clone(),
        VersionChange::Restore { from, to } => {
            if record.object.restore != *from {
                return Err(IndexError::DataChanged.into());
            }
            record.object.restore.clone_from(to);
        }
        VersionChange::Retention { retention, bypass } => {
            check_retention(record.object.retention, *retention, tx.now, *bypass)?;
            record.object.retention = *retention;
        }
        VersionChange::Move { session, from, to, storage_class } => {
            if record.object.data != *from {
                return Err(IndexError::DataChanged.into());
            }
            session::must_be_open(tx, *session)?;
            record.object.restore = None;
            record.object.storage_class = storage_class.clone();
            match to {
                same if same == from => {}
                Data::Blob(blob) if tx.get::<BlobRow>(&key::blob(blob.id))?.is_none() => {
                    name_blob(tx, blob, *session, version_owner(&b, &record))?;
                    collect::retire(tx, from)?;
                    record.object.data = to.clone();
                }
                _ => return Err(IndexError::Invalid("data moves to one new blob".to_owned()).into()),
            }
        }
    }
    tx.put(row, &record)?;
    // Restorations are worked on by way of their events, in any bucket.
    let always = matches!(change, VersionChange::Restore { to: Some(_), .. });
    if !cause.event.is_empty() && (always || has_events(&b)) {
        tx.event(event_of(&b, key, &record, cause.clone(), tx.now));
    }
    Ok(IndexAnswer::Version(record))
}

/// Compliance is only ever prolonged; governance is shortened, lifted or turned into another mode by those who may bypass it.
fn check_retention(old: Option<Retention>, new: Option<Retention>, now: TimestampMs, bypass: bool) -> Result<(), Stop> {
    let Some(old) = old.filter(|r| r.until > now) else { return Ok(()) };
    let prolonged = new.is_some_and(|n| n.mode == old.mode && n.until >= old.until);
    if prolonged || (old.mode == LockMode::Governance && bypass) { Ok(()) } else { Err(IndexError::Locked.into()) }
}
