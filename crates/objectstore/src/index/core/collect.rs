//! Garbage: put down in the commit that made it, and taken away later in steps of bounded size.
//!
//! A blob's row stays until its shards are gone, marked as garbage, so that orphan collection leaves it to the collector.
//! An upload of 10,000 parts is one garbage row; the parts follow when it is settled.

use super::{Step, Tx, upload};
use crate::id::BlobId;
use crate::index::map::Keys;
use crate::index::row::{self, BlobRow, Completed, Garbage, Slot};
use crate::index::{Stop, key};
use crate::message::IndexAnswer;
use crate::record::{BlobRef, BucketId, Data, PartRecord, UploadId, UploadRecord};
use platform::Rng;
use store::{Key, StoreRead, prefix_end};
use types::TimestampMs;

/// Rows of an upload or a bucket that one step takes away.
const SETTLE_ROWS_MAX: usize = 500;
/// Callers' slots that one step looks at.
const SLOTS_MAX: usize = 1000;

/// A piece of work that has waited long enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub row: Key,
    pub work: Garbage,
    /// Of its next step: what was removed from the nodes, for [`settle`].
    pub blobs: Vec<BlobRef>,
}

pub(super) fn put_down(tx: &mut Tx<'_>, work: &Garbage) -> Result<(), Stop> {
    let (kind, id) = work.name();
    tx.put(key::garbage(tx.now, kind, &id), work)
}

/// Nothing names this data any more.
pub(super) fn retire(tx: &mut Tx<'_>, data: &Data) -> Result<(), Stop> {
    match data {
        Data::None => Ok(()),
        Data::Blob(blob) => retire_blob(tx, blob),
        Data::Parts { upload, .. } => put_down(tx, &Garbage::Upload(*upload)),
    }
}

pub(super) fn retire_blob(tx: &mut Tx<'_>, blob: &BlobRef) -> Result<(), Stop> {
    if let Some(row) = tx.get::<BlobRow>(&key::blob(blob.id))? {
        tx.put(key::blob(blob.id), &BlobRow { garbage: true, ..row })?;
    }
    put_down(tx, &Garbage::Blob(blob.clone()))
}

/// Work put down before `before`, at most `limit` rows of it; [`blobs`] come one by one.
pub fn due(store: &dyn StoreRead, before: TimestampMs, limit: usize) -> Result<Vec<Due>, Stop> {
    let page = store.range(&[key::GARBAGE], &key::garbage(before, 0, &[]), limit)?;
    let mut out = Vec::with_capacity(page.entries.len());
    for entry in page.entries {
        out.push(Due { row: entry.key, work: row::decode(&entry.value)?, blobs: Vec::new() });
    }
    Ok(out)
}

/// What its next step removes from the nodes.
pub fn blobs(store: &dyn StoreRead, due: &Due) -> Result<Vec<BlobRef>, Stop> {
    match &due.work {
        Garbage::Blob(blob) => Ok(vec![blob.clone()]),
        Garbage::Upload(_) | Garbage::Unchosen(_) => {
            Ok(doomed_parts(store, &due.work)?.0.into_iter().filter_map(|(_, part)| part.blob).collect())
        }
        Garbage::Bucket(_) | Garbage::Given { .. } => Ok(Vec::new()),
    }
}

/// The next parts that go, and whether there are more.
fn doomed_parts(store: &dyn StoreRead, work: &Garbage) -> Result<(Vec<(Key, PartRecord)>, bool), Stop> {
    let (id, keeps) = match work {
        Garbage::Upload(id) => (*id, None),
        Garbage::Unchosen(id) => match completed(store, *id)? {
            Some(done) => (*id, Some(done)),
            // The version is gone meanwhile, and its own row takes the parts away.
            None => return Ok((Vec::new(), false)),
        },
        Garbage::Blob(_) | Garbage::Bucket(_) | Garbage::Given { .. } => return Ok((Vec::new(), false)),
    };
    let (mut out, mut start, end) = (Vec::new(), key::parts(id), prefix_end(&key::parts(id)));
    loop {
        let page = store.range(&start, &end, SETTLE_ROWS_MAX)?;
        for entry in page.entries {
            let part: PartRecord = row::decode(&entry.value)?;
            if keeps.as_ref().is_some_and(|done| done.chose(part.number)) {
                continue;
            }
            if out.len() == SETTLE_ROWS_MAX {
                return Ok((out, true));
            }
            out.push((entry.key, part));
        }
        match page.next {
            Some(next) => start = next,
            None => return Ok((out, false)),
        }
    }
}

pub(super) fn completed(store: &dyn StoreRead, id: UploadId) -> Result<Option<Completed>, Stop> {
    store.get(&key::completed(id))?.map(|e| row::decode(&e.value)).transpose()
}

/// The blobs of this step are gone from the nodes: what the index forgets now. The row of the work goes with the last step.
pub fn settle(store: &dyn StoreRead, due: &Due, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    if tx.get::<Garbage>(&due.row)?.is_none() {
        return Ok(tx.into_step(IndexAnswer::Done));
    }
    let done = match &due.work {
        Garbage::Blob(blob) => {
            tx.delete(key::blob(blob.id));
            true
        }
        Garbage::Upload(id) => {
            let (parts, more) = doomed_parts(store, &due.work)?;
            let settled = forget_parts(&mut tx, parts, &due.blobs)?;
            if !more && settled {
                tx.delete(key::completed(*id));
            }
            !more && settled
        }
        Garbage::Unchosen(_) => {
            let (parts, more) = doomed_parts(store, &due.work)?;
            forget_parts(&mut tx, parts, &due.blobs)? && !more
        }
        Garbage::Bucket(id) => abort_all(&mut tx, *id)?,
        Garbage::Given { bucket, from } => {
            let given = Keys { from: from.clone(), to: None };
            super::split::take_keys(&mut tx, *bucket, &given)?
        }
    };
    if done {
        tx.delete(due.row.clone());
    }
    Ok(tx.into_step(IndexAnswer::Done))
}

/// What could not be done is put down again, behind everything that waits now.
pub fn postpone(store: &dyn StoreRead, due: &Due, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    if let Some(work) = tx.get::<Garbage>(&due.row)? {
        tx.delete(due.row.clone());
        put_down(&mut tx, &work)?;
    }
    Ok(tx.into_step(IndexAnswer::Done))
}

/// Only parts whose blobs were removed go; false: some stay for the next step.
fn forget_parts(tx: &mut Tx<'_>, parts: Vec<(Key, PartRecord)>, removed: &[BlobRef]) -> Result<bool, Stop> {
    let removed: std::collections::BTreeSet<BlobId> = removed.iter().map(|b| b.id).collect();
    let mut all = true;
    for (row, part) in parts {
        match &part.blob {
            Some(blob) if !removed.contains(&blob.id) => {
                all = false;
                continue;
            }
            Some(blob) => tx.delete(key::blob(blob.id)),
            None => {}
        }
        tx.delete(row);
    }
    Ok(all)
}

/// True: no upload is left in the bucket that was.
fn abort_all(tx: &mut Tx<'_>, bucket: BucketId) -> Result<bool, Stop> {
    let start = key::of_bucket(key::UPLOAD, bucket);
    let page = tx.store.range(&start, &prefix_end(&start), SETTLE_ROWS_MAX)?;
    for entry in page.entries {
        let record: UploadRecord = row::decode(&entry.value)?;
        upload::discard(tx, entry.key, record.id)?;
    }
    Ok(page.next.is_none())
}

/// Slots that nobody can send again. `from`: where the last step ended; the answer's second part is where the next begins.
pub fn forget_slots(
    store: &dyn StoreRead,
    from: Option<Key>,
    now: TimestampMs,
    rng: &mut dyn Rng,
) -> Result<(Step, Option<Key>), Stop> {
    let mut tx = Tx::new(store, now, rng);
    let page = store.range(from.as_deref().unwrap_or(&[key::SLOT]), &prefix_end(&[key::SLOT]), SLOTS_MAX)?;
    for entry in page.entries {
        // One that cannot be read is of an older program, whose callers are gone.
        let old = |slot: Slot| now.0.saturating_sub(slot.at.0) > 4 * super::CALL_AGE_MS_MAX;
        if row::decode(&entry.value).map_or(true, old) {
            tx.seen(&entry);
            tx.delete(entry.key);
        }
    }
    Ok((tx.into_step(IndexAnswer::Done), page.next))
}
