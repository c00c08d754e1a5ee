//! Writers' sessions, events, and what the index says of itself.

use super::Tx;
use crate::id::{BlobId, SessionId};
use crate::index::row::{self, BlobRow, Writer};
use crate::index::{Stop, key};
use crate::message::{IndexAnswer, IndexError, IndexStatus};
use crate::record::{EventRecord, SessionRecord};
use store::prefix_end;

const COUNTER: &str = "session";
/// Of an owner's name.
const OWNER_BYTES_MAX: usize = 255;
/// Blobs of one question.
pub const GARBAGE_BLOBS_MAX: usize = 10_000;
/// The same, where each is a precondition.
pub const UNNAMED_BLOBS_MAX: usize = 4_000;
const EVENTS_MAX: u32 = 1000;
/// Events that one commit takes away; the caller goes on until none is left.
const ACK_EVENTS_MAX: usize = 5000;
/// Rows that a status counts; more are not told apart.
const STATUS_ROWS_MAX: usize = 10_000;

/// The session, which must be open still when the commit happens.
pub(super) fn must_be_open(tx: &mut Tx<'_>, session: SessionId) -> Result<(), Stop> {
    match tx.get::<SessionRecord>(&key::session(session))? {
        Some(record) if !record.closed => Ok(()),
        // The others hear only of sessions that are closed.
        None if tx.extent()?.number != 0 => Ok(()),
        _ => Err(IndexError::SessionClosed.into()),
    }
}

pub(super) fn open(tx: &mut Tx<'_>, owner: &str) -> Result<IndexAnswer, Stop> {
    if owner.is_empty() || owner.len() > OWNER_BYTES_MAX {
        return Err(IndexError::Invalid("a session needs an owner's name".to_owned()).into());
    }
    let before = tx.get::<Writer>(&key::writer(owner))?;
    if let Some(before) = &before
        && let Some(record) = tx.get::<SessionRecord>(&key::session(before.session))?
    {
        tx.put(key::session(before.session), &SessionRecord { closed: true, ..record })?;
    }
    let id = SessionId(tx.count(COUNTER)?);
    tx.put(key::session(id), &SessionRecord { id, owner: owner.to_owned(), opened: tx.now, closed: false })?;
    tx.put(key::writer(owner), &Writer { session: id })?;
    Ok(IndexAnswer::Session { id, closed: before.map(|w| w.session) })
}

/// A session that is closed makes no further rows, so what no row names now will never be named. A session that was never
/// opened names nothing either, but its number may still be given out.
pub(super) fn garbage(tx: &mut Tx<'_>, blobs: &[BlobId]) -> Result<IndexAnswer, Stop> {
    if blobs.len() > GARBAGE_BLOBS_MAX {
        return Err(IndexError::TooMany { what: "blobs".to_owned(), max: GARBAGE_BLOBS_MAX as u64 }.into());
    }
    let mut out = Vec::new();
    for blob in blobs {
        let closed = tx.get::<SessionRecord>(&key::session(blob.session))?.is_some_and(|s| s.closed);
        if closed && tx.get::<BlobRow>(&key::blob(*blob))?.is_none() {
            out.push(*blob);
        }
    }
    Ok(IndexAnswer::Garbage(out))
}

/// Closed elsewhere, and from the commit on here too.
pub(super) fn close(tx: &mut Tx<'_>, sessions: impl IntoIterator<Item = SessionId>) -> Result<(), Stop> {
    for id in sessions {
        let record = tx.get::<SessionRecord>(&key::session(id))?;
        if record.as_ref().is_some_and(|r| r.closed) {
            continue;
        }
        let record = record.unwrap_or(SessionRecord { id, owner: String::new(), opened: tx.now, closed: true });
        tx.put(key::session(id), &SessionRecord { closed: true, ..record })?;
    }
    Ok(())
}

/// As [`garbage`], by what another shard knows of their sessions. That nothing names them must be so still when the sessions
/// are closed, so each is a precondition.
pub(super) fn unnamed(tx: &mut Tx<'_>, blobs: &[BlobId]) -> Result<IndexAnswer, Stop> {
    if blobs.len() > UNNAMED_BLOBS_MAX {
        return Err(IndexError::TooMany { what: "blobs".to_owned(), max: UNNAMED_BLOBS_MAX as u64 }.into());
    }
    let sessions: std::collections::BTreeSet<SessionId> = blobs.iter().map(|b| b.session).collect();
    close(tx, sessions)?;
    let mut out = Vec::new();
    for blob in blobs {
        if tx.get::<BlobRow>(&key::blob(*blob))?.is_none() {
            out.push(*blob);
        }
    }
    Ok(IndexAnswer::Garbage(out))
}

/// Who leads is filled in by the shell.
pub(super) fn status(tx: &mut Tx<'_>) -> Result<IndexAnswer, Stop> {
    let extent = tx.extent()?;
    let count = |space: u8, counts: &dyn Fn(&[u8]) -> bool| -> Result<u64, Stop> {
        let page = tx.store.range(&[space], &prefix_end(&[space]), STATUS_ROWS_MAX)?;
        Ok(page.entries.iter().filter(|e| counts(&e.key)).count() as u64)
    };
    // Others are at home in other shards.
    let is_home = |row: &[u8]| key::bucket_name(row).is_some_and(|name| extent.is_home(name));
    Ok(IndexAnswer::Status(IndexStatus {
        leader: false,
        epoch: tx.store.epoch()?.0,
        version: tx.store.version()?.0,
        shards: 1,
        buckets: count(key::BUCKET, &is_home)?,
        garbage: count(key::GARBAGE, &|_| true)?,
        counters: Vec::new(),
    }))
}

pub(super) fn events(tx: &mut Tx<'_>, after: u64, limit: u32) -> Result<IndexAnswer, Stop> {
    let Some(first) = after.checked_add(1) else { return Ok(IndexAnswer::Events(Vec::new())) };
    let page = tx.store.range(&key::event(first), &prefix_end(&[key::EVENT]), limit.clamp(1, EVENTS_MAX) as usize)?;
    let events: Result<Vec<EventRecord>, Stop> = page.entries.iter().map(|e| row::decode(&e.value)).collect();
    Ok(IndexAnswer::Events(events?))
}

pub(super) fn acknowledge(tx: &mut Tx<'_>, upto: u64) -> Result<IndexAnswer, Stop> {
    let end = upto.checked_add(1).map_or_else(|| prefix_end(&[key::EVENT]), key::event);
    let page = tx.store.range(&[key::EVENT], &end, ACK_EVENTS_MAX)?;
    for entry in page.entries {
        tx.delete(entry.key);
    }
    Ok(IndexAnswer::Done)
}
