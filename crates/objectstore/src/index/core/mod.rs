//! Every decision of the index: a synchronous function of the store's state, the call, the time and the dice.
//!
//! [`apply`] reads, decides and answers with a [`Step`]: what to commit, and the answer to give once that is durable. Each
//! row that a write read becomes a precondition, so a decision on rows that changed meanwhile is a conflict of the store,
//! and the caller applies the call again. Nothing here waits, locks or knows who leads.
//!
//! The shard's extent is one of those preconditions, of every write: a place that was given to another shard is decided here
//! no more, whatever was under way. What had been applied before is still known here when it is sent again.
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
mod shared;
mod split;
mod tx;
mod upload;

pub use collect::{Due, blobs, due, forget_slots, postpone, settle};
pub use session::UNNAMED_BLOBS_MAX;
pub use shared::{FrozenBucket, begin, finish, frozen, revert, thaw};
pub use split::{Copied, Move, adopt, barrier, children, clean, cut_over, forget_child, intend, is_new, middle};
pub(super) use tx::Tx;

use super::map::{Extent, Spot};
use super::{Stop, key, row};
use crate::message::{IndexAnswer, IndexCall, IndexError, IndexRequest, Whither};
use crate::record::{BlobRef, BucketRecord, Data, EventDraft, NewVersion};
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

/// Decides a call. Deterministic; changes nothing. The store is a region's only shard, or the call is for what it has.
pub fn apply(store: &dyn StoreRead, call: &IndexCall, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    let start = tx.extent()?.start;
    let answer = decide_here(&mut tx, call, &start)?;
    Ok(tx.into_step(answer))
}

/// What the shard decides on.
pub fn extent(store: &dyn StoreRead) -> Result<Extent, Stop> {
    Ok(store.get(&key::extent())?.map(|e| row::decode(&e.value)).transpose()?.unwrap_or(Extent::WHOLE))
}

/// As [`apply`], but a call that was applied before, and is sent again by a caller that saw no answer, answers as then.
///
/// Calls with a blob, and uploads being completed, are known by their rows; all other changes by the caller's slot.
pub fn apply_once(store: &dyn StoreRead, request: &IndexRequest, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    let answer = once(&mut tx, request)?;
    Ok(tx.into_step(answer))
}

fn once(tx: &mut Tx<'_>, request: &IndexRequest) -> Result<IndexAnswer, Stop> {
    let (call, at) = (&request.call, &request.to.at);
    if !call.is_change() {
        return decide_here(tx, call, at);
    }
    if tx.now.0.saturating_sub(request.first_sent.0) > CALL_AGE_MS_MAX {
        return Err(Stop::Late);
    }
    if call.is_known_by_its_rows() {
        return match decide_here(tx, call, at) {
            // It may have been applied before the split; then its rows are here still.
            Err(Stop::Refused(IndexError::Moved)) => known(tx, call)?.ok_or(Stop::Refused(IndexError::Moved)),
            other => other,
        };
    }
    let slot = key::slot(request.caller, request.slot);
    match tx.get::<row::Slot>(&slot)? {
        Some(last) if last.number == request.number => return Ok(last.answer),
        Some(last) if last.number > request.number => return Err(Stop::Late),
        _ => {}
    }
    let answer = decide_here(tx, call, at)?;
    if !tx.is_idle() {
        tx.put(slot, &row::Slot { number: request.number, at: tx.now, answer: answer.clone() })?;
    }
    // If nothing changes, nothing need be remembered.
    Ok(answer)
}

/// Decides what this shard has of a call, and says where it goes on.
fn decide_here(tx: &mut Tx<'_>, call: &IndexCall, at: &Spot) -> Result<IndexAnswer, Stop> {
    let extent = tx.extent()?;
    let (ours, next) = match (call.whither(), call) {
        (Whither::At(spot), _) => (extent.has(&spot), None),
        (Whither::Items, IndexCall::Delete { bucket, items, .. }) => {
            let mut spot = Spot::home(bucket);
            let has = |item: &crate::message::DeleteItem| {
                spot.key.clone_from(&item.key);
                extent.has(&spot)
            };
            (items.iter().all(has), None)
        }
        (Whither::Along, _) => (extent.has(at), goes_on(&extent, call)),
        (Whither::Shard(number), _) => (extent.number == number, None),
        (Whither::Items, _) => (false, None),
    };
    if !ours {
        return Err(IndexError::Moved.into());
    }
    let answer = decide(tx, call)?;
    Ok(match next {
        Some(next) => IndexAnswer::Part { answer: Box::new(answer), next },
        None => answer,
    })
}

fn goes_on(extent: &Extent, call: &IndexCall) -> Option<Spot> {
    let end = extent.end.clone()?;
    let (bucket, prefix) = match call {
        IndexCall::List { bucket, query } => (bucket, query.prefix.as_str()),
        IndexCall::ListVersions { bucket, query } => (bucket, query.list.prefix.as_str()),
        IndexCall::ListUploads { bucket, query } => (bucket, query.list.prefix.as_str()),
        IndexCall::Freeze { bucket, .. } => (bucket, ""),
        _ => return Some(end),
    };
    // Of the keys with the prefix, some are not below the end.
    let more = extent.goes_on(bucket) && (end.key.as_str() <= prefix || end.key.starts_with(prefix));
    more.then_some(end)
}

/// The answer to a change that was applied here before its place was given to another shard.
fn known(tx: &mut Tx<'_>, call: &IndexCall) -> Result<Option<IndexAnswer>, Stop> {
    use row::BlobOwner as Owner;
    let mut named =
        |blob: &BlobRef| -> Result<Option<Owner>, Stop> { Ok(tx.get::<row::BlobRow>(&key::blob(blob.id))?.map(|row| row.owner)) };
    let put = |owner: Option<Owner>| match owner {
        Some(Owner::Version { id, seq, modified, .. }) => Some(IndexAnswer::Put { id, seq, modified }),
        _ => None,
    };
    Ok(match call {
        IndexCall::Put { object: NewVersion { data: Data::Blob(blob), .. }, .. } => put(named(blob)?),
        IndexCall::Replicate { record, .. } => match &record.object.data {
            Data::Blob(blob) => put(named(blob)?),
            _ => None,
        },
        IndexCall::PutPart { part, upload, .. } => match &part.blob {
            Some(blob) => named(blob)?
                .filter(|owner| *owner == Owner::Part { upload: *upload, number: part.number })
                .map(|_| IndexAnswer::Done),
            None => None,
        },
        IndexCall::CompleteUpload { key, upload, parts, object, .. } => {
            upload::completed_before(tx, None, key, *upload, parts, &object.etag)?
        }
        _ => None,
    })
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
        C::Parts { upload, after, limit, .. } => upload::parts(tx, *upload, *after, *limit),
        C::CompleteUpload { bucket, session, key, upload, parts, conditions, object, cause } => {
            let place = object::Place { bucket, session: *session, key };
            upload::complete(tx, &place, *upload, parts, conditions, object, cause)
        }
        C::AbortUpload { bucket, key, upload } => upload::abort(tx, bucket, key, *upload),
        C::ListUploads { bucket, query } => listing::uploads(tx, bucket, query),
        C::OpenSession { owner } => session::open(tx, owner),
        C::Garbage { blobs } => session::garbage(tx, blobs),
        C::Status => session::status(tx),
        C::Events { after, limit, .. } => session::events(tx, *after, *limit),
        C::AckEvents { upto, .. } => session::acknowledge(tx, *upto),
        C::AllBuckets { after, limit } => bucket::all(tx, after, *limit),
        C::Replicate { bucket, session, key, record, cause } => {
            object::replicate(tx, &object::Place { bucket, session: *session, key }, record, cause)
        }
        C::Freeze { bucket, change, empty } => shared::freeze(tx, bucket, *change, *empty),
        C::CloseSessions { sessions } => {
            session::close(tx, sessions.iter().copied())?;
            Ok(IndexAnswer::Done)
        }
        C::Unnamed { blobs } => session::unnamed(tx, blobs),
        C::Split { .. } => Err(IndexError::Invalid("a split is no single decision".to_owned()).into()),
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
