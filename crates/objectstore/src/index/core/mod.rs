//! Every decision of the index: a synchronous function of the store's state, the call, the time and the dice.
//!
//! [`apply`] reads, decides and answers with a [`Step`]: what to commit, and the answer to give once that is durable. Each
//! row that a write read becomes a precondition, so a decision on rows that changed meanwhile is a conflict of the store,
//! and the caller applies the call again. Nothing here waits, locks or knows who leads.
//!
//! What preconditions cannot see is a row that appears in a range. Ranges are read by writes in four places only: the
//! newest older version of a key (rows appear there only together with a change of the key's head row, which is a
//! precondition), the parts of an upload (a part that replaces one touches the upload's row; a new one is not chosen),
//! the rows of the collector (only taken away), and the emptiness of a bucket: DeleteBucket must run alone in its bucket.

mod bucket;
mod collect;
mod listing;
mod object;
mod session;
mod tx;
mod upload;

pub use collect::{Due, blobs, due, forget_slots, postpone, settle};
pub(super) use tx::Tx;

use super::{Stop, key, row};
use crate::message::{IndexAnswer, IndexCall, IndexRequest};
use crate::record::{BucketRecord, EventDraft};
use platform::Rng;
use store::{Mutation, Precondition, StoreRead};
use types::TimestampMs;

/// A call that is this old is refused: what it names may have been collected meanwhile. Below [`super::GRACE_MS`].
pub const CALL_AGE_MS_MAX: u64 = 30_000;

/// What a call comes to.
#[derive(Clone, Debug)]
pub struct Step {
    pub answer: IndexAnswer,
    pub pre: Vec<Precondition>,
    /// None: nothing to commit.
    pub muts: Vec<Mutation>,
    /// To be numbered in the order of the commits: [`event_mutation`].
    pub events: Vec<EventDraft>,
}

/// Decides a call. Deterministic; changes nothing.
pub fn apply(store: &dyn StoreRead, call: &IndexCall, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    let answer = decide(&mut tx, call)?;
    Ok(tx.into_step(answer))
}

/// As [`apply`], but a call that was applied before, and is sent again by a caller that saw no answer, answers as then.
///
/// Calls with a blob, and uploads being completed, are known by their rows; all other changes by the caller's slot.
pub fn apply_once(store: &dyn StoreRead, request: &IndexRequest, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    if !request.call.is_change() {
        return apply(store, &request.call, now, rng);
    }
    if now.0.saturating_sub(request.first_sent.0) > CALL_AGE_MS_MAX {
        return Err(Stop::Late);
    }
    let mut tx = Tx::new(store, now, rng);
    if request.call.is_known_by_its_rows() {
        let answer = decide(&mut tx, &request.call)?;
        return Ok(tx.into_step(answer));
    }
    let slot = key::slot(request.caller, request.slot);
    match tx.get::<row::Slot>(&slot)? {
        Some(last) if last.number == request.number => return Ok(tx.into_step(last.answer)),
        Some(last) if last.number > request.number => return Err(Stop::Late),
        _ => {}
    }
    let answer = decide(&mut tx, &request.call)?;
    if tx.is_idle() {
        // Nothing changes, so nothing need be remembered.
        return Ok(tx.into_step(answer));
    }
    tx.put(slot, &row::Slot { number: request.number, at: now, answer: answer.clone() })?;
    Ok(tx.into_step(answer))
}

fn decide(tx: &mut Tx<'_>, call: &IndexCall) -> Result<IndexAnswer, Stop> {
    use IndexCall as C;
    match call {
        C::CreateBucket { bucket } => bucket::create(tx, bucket),
        C::GetBucket { name } => bucket::get(tx, name),
        C::UpdateBucket { version, bucket } => bucket::update(tx, *version, bucket),
        C::DeleteBucket { name } => bucket::delete(tx, name),
        C::ListBuckets { owner, prefix, after, limit } => bucket::list(tx, owner, prefix, after, *limit),
        C::Lookup { bucket, known, key, version } => object::lookup(tx, bucket, *known, key, *version),
        C::Put { bucket, session, key, conditions, object, cause } => {
            object::put(tx, &object::Place { bucket, session: *session, key }, conditions, object, cause)
        }
        C::Delete { bucket, items, owner, bypass_governance, cause } => {
            object::delete(tx, bucket, items, owner, *bypass_governance, cause)
        }
        C::Change { bucket, key, version, change, cause } => object::change(tx, bucket, key, *version, change, cause),
        C::List { bucket, query } => listing::objects(tx, bucket, query),
        C::ListVersions { bucket, query } => listing::versions(tx, bucket, query),
        C::CreateUpload { bucket, upload } => upload::create(tx, bucket, upload),
        C::GetUpload { bucket, key, upload } => upload::get(tx, bucket, key, *upload),
        C::PutPart { bucket, session, key, upload, part } => {
            upload::put_part(tx, &object::Place { bucket, session: *session, key }, *upload, part)
        }
        C::Parts { upload, after, limit } => upload::parts(tx, *upload, *after, *limit),
        C::CompleteUpload { bucket, session, key, upload, parts, conditions, object, cause } => {
            let place = object::Place { bucket, session: *session, key };
            upload::complete(tx, &place, *upload, parts, conditions, object, cause)
        }
        C::AbortUpload { bucket, key, upload } => upload::abort(tx, bucket, key, *upload),
        C::ListUploads { bucket, query } => listing::uploads(tx, bucket, query),
        C::OpenSession { owner } => session::open(tx, owner),
        C::Garbage { blobs } => session::garbage(tx, blobs),
        C::Status => session::status(tx),
        C::Events { after, limit } => session::events(tx, *after, *limit),
        C::AckEvents { upto } => session::acknowledge(tx, *upto),
        C::AllBuckets { after, limit } => bucket::all(tx, after, *limit),
        C::Replicate { bucket, session, key, record, cause } => {
            object::replicate(tx, &object::Place { bucket, session: *session, key }, record, cause)
        }
    }
}

/// The row of an event that got its number.
pub fn event_mutation(seq: u64, draft: EventDraft) -> Result<Mutation, Stop> {
    Ok(Mutation::put(key::event(seq), row::encode(&draft.numbered(seq))?))
}

/// Numbers of events are microseconds that always grow. So that they do so across restarts and clocks set back, a leader
/// reserves as many ahead, durably, in the commit of the first event beyond its reservation; the next begins behind it.
pub const EVENTS_AHEAD: u64 = 60_000_000;

/// The last number that any leader may have given out.
pub fn events_reserved(store: &dyn StoreRead) -> Result<u64, Stop> {
    Ok(store.get(&key::counter(EVENTS))?.map(|e| row::decode(&e.value)).transpose()?.unwrap_or(0))
}

pub fn events_reservation(upto: u64) -> Result<Mutation, Stop> {
    Ok(Mutation::put(key::counter(EVENTS), row::encode(&upto)?))
}

const EVENTS: &str = "events";

/// Does something work through this bucket's events?
fn has_events(bucket: &BucketRecord) -> bool {
    bucket.documents.contains_key("notification") || bucket.documents.contains_key("replication")
}
