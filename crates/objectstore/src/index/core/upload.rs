//! Multipart uploads. The parts' rows become the object's manifest where they are; nothing is copied.

use super::object::{self, Place};
use super::{Tx, bucket, collect, session};
use crate::index::row::{self, BlobOwner, BlobRow, BucketRow, Completed, Garbage};
use crate::index::{Stop, key};
use crate::message::{IndexAnswer, IndexError, PARTS_MAX, WriteConditions};
use crate::record::{BucketId, Cause, Data, NewVersion, PartRecord, UploadId, UploadRecord};
use store::{Key, RANGE_ENTRIES_MAX, prefix_end};

/// Parts of one page.
const PARTS_PAGE_MAX: u16 = 1000;

pub(super) fn create(tx: &mut Tx<'_>, bucket: &str, upload: &UploadRecord) -> Result<IndexAnswer, Stop> {
    object::check_key(&upload.key)?;
    let BucketRow { bucket: b, .. } = bucket::live(tx, bucket)?;
    let row = key::upload(b.id, &upload.key, upload.id);
    if let Some(there) = tx.get::<UploadRecord>(&row)? {
        return Ok(IndexAnswer::Upload(there));
    }
    let record = UploadRecord { initiated: tx.now, ..upload.clone() };
    tx.put(row, &record)?;
    Ok(IndexAnswer::Upload(record))
}

/// The upload's row and record.
fn live(tx: &mut Tx<'_>, bucket: &str, key: &str, id: UploadId) -> Result<(Key, Option<UploadRecord>, BucketRow), Stop> {
    let b = bucket::live(tx, bucket)?;
    let row = key::upload(b.bucket.id, key, id);
    Ok((row.clone(), tx.get(&row)?, b))
}

pub(super) fn get(tx: &mut Tx<'_>, bucket: &str, key: &str, id: UploadId) -> Result<IndexAnswer, Stop> {
    let (_, upload, _) = live(tx, bucket, key, id)?;
    Ok(IndexAnswer::Upload(upload.ok_or(IndexError::NoSuchUpload)?))
}

pub(super) fn put_part(tx: &mut Tx<'_>, place: &Place<'_>, id: UploadId, part: &PartRecord) -> Result<IndexAnswer, Stop> {
    if !(1..=PARTS_MAX).contains(&part.number) {
        return Err(IndexError::Invalid(format!("part number {}", part.number)).into());
    }
    if let Some(blob) = &part.blob
        && let Some(row) = tx.get::<BlobRow>(&key::blob(blob.id))?
    {
        return if row.owner == (BlobOwner::Part { upload: id, number: part.number }) {
            Ok(IndexAnswer::Done)
        } else {
            Err(IndexError::Invalid(format!("the blob {} is another's", blob.id)).into())
        };
    }
    let (row, upload, _) = live(tx, place.bucket, place.key, id)?;
    let upload = upload.ok_or(IndexError::NoSuchUpload)?;
    session::must_be_open(tx, place.session)?;
    if let Some(old) = tx.get::<PartRecord>(&key::part(id, part.number))? {
        if let Some(blob) = &old.blob {
            collect::retire_blob(tx, blob)?;
        }
        // So that whoever is completing the upload with the old part meanwhile decides again.
        tx.put(row, &upload)?;
    }
    if let Some(blob) = &part.blob {
        object::name_blob(tx, blob, place.session, BlobOwner::Part { upload: id, number: part.number })?;
    }
    tx.put(key::part(id, part.number), &PartRecord { modified: tx.now, ..part.clone() })?;
    Ok(IndexAnswer::Done)
}

pub(super) fn parts(tx: &mut Tx<'_>, id: UploadId, after: u16, limit: u16) -> Result<IndexAnswer, Stop> {
    let limit = usize::from(limit.min(PARTS_PAGE_MAX));
    let done = collect::completed(tx.store, id)?;
    let end = prefix_end(&key::parts(id));
    let Some(first) = after.checked_add(1) else { return Ok(IndexAnswer::Parts { parts: Vec::new(), more: false }) };
    let (mut out, mut start) = (Vec::new(), key::part(id, first));
    loop {
        let page = tx.store.range(&start, &end, limit + 1)?;
        for entry in page.entries {
            let part: PartRecord = row::decode(&entry.value)?;
            if done.as_ref().is_some_and(|d| !d.chose(part.number)) {
                continue;
            }
            if out.len() == limit {
                return Ok(IndexAnswer::Parts { parts: out, more: true });
            }
            out.push(part);
        }
        match page.next {
            Some(next) => start = next,
            None => return Ok(IndexAnswer::Parts { parts: out, more: false }),
        }
    }
}

pub(super) fn complete(
    tx: &mut Tx<'_>,
    place: &Place<'_>,
    id: UploadId,
    parts: &[(u16, String)],
    conditions: &WriteConditions,
    object: &NewVersion,
    cause: &Cause,
) -> Result<IndexAnswer, Stop> {
    let chosen = runs(parts)?;
    let (row, upload, BucketRow { bucket: b, .. }) = live(tx, place.bucket, place.key, id)?;
    if upload.is_none() {
        let done = completed_before(tx, Some(b.id), place.key, id, parts, &object.etag)?;
        return done.ok_or(Stop::Refused(IndexError::NoSuchUpload));
    }
    session::must_be_open(tx, place.session)?;
    let bytes = chosen_bytes(tx, id, parts)?;
    let current = object::current(tx, &b, place.key)?;
    object::check_write(conditions, current.as_ref())?;
    let data = Data::Parts { upload: id, count: parts.len() as u16 };
    let made = object::install(tx, &b, place.key, current, NewVersion { data, bytes, ..object.clone() }, false)?;
    tx.delete(row);
    let done = Completed {
        bucket: b.id,
        key: place.key.to_owned(),
        chosen,
        etag: object.etag.clone(),
        id: made.id,
        seq: made.seq,
        modified: made.modified,
    };
    tx.put(key::completed(id), &done)?;
    collect::put_down(tx, &Garbage::Unchosen(id))?;
    object::record_event(tx, &b, place.key, &made, cause.clone());
    Ok(IndexAnswer::Put { id: made.id, seq: made.seq, modified: made.modified })
}

/// Completed before with the same parts: the same answer. `bucket`: that it was in, if that is known.
pub(super) fn completed_before(
    tx: &mut Tx<'_>,
    bucket: Option<BucketId>,
    key: &str,
    id: UploadId,
    parts: &[(u16, String)],
    etag: &str,
) -> Result<Option<IndexAnswer>, Stop> {
    let chosen = runs(parts)?;
    let done = tx.get::<Completed>(&key::completed(id))?;
    let same = |d: &Completed| bucket.is_none_or(|b| d.bucket == b) && d.key == key && d.chosen == chosen && d.etag == etag;
    let Some(Completed { id: version, seq, modified, .. }) = done.filter(same) else { return Ok(None) };
    match chosen_bytes(tx, id, parts) {
        Ok(_) => Ok(Some(IndexAnswer::Put { id: version, seq, modified })),
        Err(Stop::Refused(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The numbers as runs; they must ascend.
fn runs(parts: &[(u16, String)]) -> Result<Vec<(u16, u16)>, Stop> {
    if parts.is_empty() || parts.len() > usize::from(PARTS_MAX) || !parts.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(IndexError::Invalid("parts must ascend, from 1 to 10,000 of them".to_owned()).into());
    }
    let mut out: Vec<(u16, u16)> = Vec::new();
    for (number, _) in parts {
        match out.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => out.push((*number, *number)),
        }
    }
    Ok(out)
}

/// Checks that the chosen parts are there as they were when the caller computed the whole. A part that is replaced
/// meanwhile touches the upload's row, so the parts' own rows need not be preconditions: there may be 10,000.
fn chosen_bytes(tx: &Tx<'_>, id: UploadId, parts: &[(u16, String)]) -> Result<u64, Stop> {
    let (mut bytes, mut wanted) = (0, parts.iter());
    let mut next = wanted.next();
    let (mut start, end) = (key::parts(id), prefix_end(&key::parts(id)));
    while next.is_some() {
        let page = tx.store.range(&start, &end, RANGE_ENTRIES_MAX)?;
        for entry in page.entries {
            let part: PartRecord = row::decode(&entry.value)?;
            match next {
                Some((number, etag)) if *number == part.number && *etag == part.etag => {
                    bytes += part.bytes;
                    next = wanted.next();
                }
                Some((number, _)) if *number <= part.number => return Err(IndexError::InvalidPart(*number).into()),
                _ => {}
            }
        }
        match page.next {
            Some(more) => start = more,
            None => break,
        }
    }
    next.map_or(Ok(bytes), |(number, _)| Err(IndexError::InvalidPart(*number).into()))
}

pub(super) fn abort(tx: &mut Tx<'_>, bucket: &str, key: &str, id: UploadId) -> Result<IndexAnswer, Stop> {
    let (row, upload, _) = live(tx, bucket, key, id)?;
    upload.ok_or(IndexError::NoSuchUpload)?;
    discard(tx, row, id)?;
    Ok(IndexAnswer::Done)
}

pub(super) fn discard(tx: &mut Tx<'_>, row: Key, id: UploadId) -> Result<(), Stop> {
    tx.delete(row);
    collect::put_down(tx, &Garbage::Upload(id))
}
