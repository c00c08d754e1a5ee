//! Buckets that several shards have: changed in all of them at once.
//!
//! ```text
//!  home:    B ── begin ─► K (nobody reads or writes the bucket) ── finish ─► B', one commit: the decision
//!  others:  B ── freeze ───────► K ─────────────────────────────────── thaw ─► B', asked of the home
//! ```
//!
//! The home freezes itself, then all the others, then decides. While any shard is frozen it neither reads nor writes the
//! bucket, so nobody can tell that they do not change in one moment. A frozen shard asks the home until that has decided, so
//! nothing hangs on a message that arrives; and one that arrives late only makes it ask once more. A home that died undecided
//! begins with [`revert`].

use super::{Step, Tx, bucket};
use crate::index::row::{self, BucketRow, Frozen};
use crate::index::{Stop, key};
use crate::message::{IndexAnswer, IndexRequest};
use crate::record::VersionedBucket;
use platform::Rng;
use store::{StoreRead, prefix_end};
use types::TimestampMs;

/// Frozen buckets that are looked at in one go.
const FROZEN_MAX: usize = 100;

/// A bucket that is frozen here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenBucket {
    pub name: String,
    pub change: u128,
    /// This shard is the one that decides.
    pub home: bool,
}

pub fn frozen(store: &dyn StoreRead) -> Result<Vec<FrozenBucket>, Stop> {
    let extent = super::extent(store)?;
    let mut out = Vec::new();
    for entry in store.range(&[key::FROZEN], &prefix_end(&[key::FROZEN]), FROZEN_MAX)?.entries {
        let name = key::bucket_name(&entry.key).ok_or_else(|| Stop::Damaged("a bucket without a name".to_owned()))?;
        // One that was given to another shard as a whole is frozen there, if at all.
        if extent.keys(crate::index::map::hash(name)).is_some() {
            let change = row::decode::<Frozen>(&entry.value)?.change;
            out.push(FrozenBucket { name: name.to_owned(), change, home: extent.is_home(name) });
        }
    }
    Ok(out)
}

pub(super) fn freeze(tx: &mut Tx<'_>, name: &str, change: u128, empty: bool) -> Result<IndexAnswer, Stop> {
    let old = match tx.get::<Frozen>(&key::frozen(name))? {
        Some(frozen) if frozen.change == change => return Ok(IndexAnswer::Done),
        Some(frozen) => frozen.old,
        None => tx.get::<BucketRow>(&key::bucket(name))?,
    };
    if empty && let Some(old) = &old {
        bucket::check_empty(tx, &old.bucket)?;
    }
    tx.delete(key::bucket(name));
    tx.put(key::frozen(name), &Frozen { change, old })?;
    Ok(IndexAnswer::Done)
}

/// At home: decides the call as if it could be done now. If it is refused, or was done before, that is the answer; if it
/// changes something, the bucket is frozen instead and the second part is true.
pub fn begin(
    store: &dyn StoreRead,
    request: &IndexRequest,
    name: &str,
    change: u128,
    now: TimestampMs,
    rng: &mut dyn Rng,
) -> Result<(Step, bool), Stop> {
    let mut tx = Tx::new(store, now, rng);
    tx.alone = true;
    let answer = super::once(&mut tx, request)?;
    if tx.is_idle() {
        return Ok((tx.into_step(answer), false));
    }
    let mut tx = Tx::new(store, now, rng);
    let answer = freeze(&mut tx, name, change, false)?;
    Ok((tx.into_step(answer), true))
}

/// At home, when all others are frozen: the decision.
pub fn finish(
    store: &dyn StoreRead,
    request: &IndexRequest,
    name: &str,
    change: u128,
    now: TimestampMs,
    rng: &mut dyn Rng,
) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    tx.alone = true;
    let frozen = tx.get::<Frozen>(&key::frozen(name))?.filter(|f| f.change == change);
    let frozen = frozen.ok_or_else(|| Stop::Refused(crate::message::IndexError::Busy("the change was given up".to_owned())))?;
    unfreeze(&mut tx, name, &frozen)?;
    let answer = super::once(&mut tx, request)?;
    Ok(tx.into_step(answer))
}

fn unfreeze(tx: &mut Tx<'_>, name: &str, frozen: &Frozen) -> Result<(), Stop> {
    tx.delete(key::frozen(name));
    frozen.old.as_ref().map_or(Ok(()), |old| tx.put(key::bucket(name), old))
}

/// At home: nothing was decided, and nothing will be.
pub fn revert(store: &dyn StoreRead, name: &str, now: TimestampMs, rng: &mut dyn Rng) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    if let Some(frozen) = tx.get::<Frozen>(&key::frozen(name))? {
        unfreeze(&mut tx, name, &frozen)?;
    }
    Ok(tx.into_step(IndexAnswer::Done))
}

/// Not at home: what the home says the bucket is, now that the change is decided.
pub fn thaw(
    store: &dyn StoreRead,
    frozen: &FrozenBucket,
    state: Option<&VersionedBucket>,
    now: TimestampMs,
    rng: &mut dyn Rng,
) -> Result<Step, Stop> {
    let mut tx = Tx::new(store, now, rng);
    let Some(held) = tx.get::<Frozen>(&key::frozen(&frozen.name))?.filter(|f| f.change == frozen.change) else {
        return Ok(tx.into_step(IndexAnswer::Done));
    };
    tx.delete(key::frozen(&frozen.name));
    if let Some(old) = held.old.filter(|old| state.is_none_or(|new| new.bucket.id != old.bucket.id)) {
        bucket::abandon(&mut tx, &old.bucket)?;
    }
    match state {
        Some(new) => drop(bucket::write(&mut tx, new.version, new.bucket.clone())?),
        None => tx.delete(key::documents(&frozen.name)),
    }
    Ok(tx.into_step(IndexAnswer::Done))
}
