//! The truth, read from the disks and the store behind everybody's back: is what the index names still there, and if not, may
//! it be missing?
//!
//! Faults destroy copies and are written down here. A blob is excused when faults alone, and more of them at once than it is
//! made to bear, left too little of it: beyond any one zone for a blob that was just acknowledged, beyond a zone and a node
//! for one that was whole. Whatever else is missing is a violation.

use super::world::World;
use objectstore::data::CHUNK_BYTES;
use objectstore::id::{BlobId, ChunkId, ShardId};
use objectstore::index::map::{self, Spot};
use objectstore::index::row::{self, BucketRow, Completed, Frozen};
use objectstore::index::{core, key};
use objectstore::node::format::Key;
use objectstore::node::log::Log;
use objectstore::node::state::Place as Record;
use objectstore::record::{BlobRef, Data, PartRecord, UploadRecord, VersionRecord};
use std::collections::{BTreeMap, BTreeSet};
use store::{StoreRead, for_prefix, prefix_end};

#[derive(Default)]
pub struct Audit {
    /// Copies that a fault destroyed; with the place that rotted, or none where all was lost.
    destroyed: BTreeMap<(ShardId, usize), Option<Record>>,
    /// Chunks that had every shard at home once.
    whole: BTreeSet<ChunkId>,
    excused: BTreeSet<BlobId>,
    /// At the last look every shard was at home.
    pub calm: bool,
    accused: BTreeSet<BlobId>,
}

/// Blobs that objects and uploads under way name, in all shards.
pub fn named(world: &World) -> Vec<BlobRef> {
    world.shards().iter().flat_map(|store| named_in(store)).collect()
}

/// Does a row stand for something? Not if its place was given to another shard.
fn placed(store: &dyn StoreRead) -> impl Fn(&[u8]) -> bool + use<> {
    let extent = core::extent(store).unwrap();
    let mut hashes = BTreeMap::new();
    for_prefix(store, &[key::BUCKET], |e| {
        let bucket = row::decode::<BucketRow>(&e.value).unwrap().bucket;
        hashes.insert(bucket.id, map::hash(&bucket.name));
    })
    .unwrap();
    for_prefix(store, &[key::FROZEN], |e| {
        if let Some(old) = row::decode::<Frozen>(&e.value).unwrap().old {
            hashes.insert(old.bucket.id, map::hash(&old.bucket.name));
        }
    })
    .unwrap();
    move |row| {
        let hash = key::bucket_id(row).and_then(|id| hashes.get(&id).copied());
        hash.is_none_or(|hash| extent.has(&Spot { hash, key: key::object_key(row).unwrap() }))
    }
}

fn named_in(store: &dyn StoreRead) -> Vec<BlobRef> {
    let is_placed = placed(store);
    let mut out = Vec::new();
    let mut uploads = Vec::new();
    for space in [key::HEAD, key::OLDER] {
        for_prefix(store, &[space], |e| match Some(e).filter(|e| is_placed(&e.key)) {
            None => {}
            Some(e) => match row::decode::<VersionRecord>(&e.value).unwrap().object.data {
                Data::None => {}
                Data::Blob(blob) => out.push(blob),
                Data::Parts { upload, .. } => uploads.push((upload, true)),
            },
        })
        .unwrap();
    }
    for_prefix(store, &[key::UPLOAD], |e| {
        if is_placed(&e.key) {
            uploads.push((row::decode::<UploadRecord>(&e.value).unwrap().id, false));
        }
    })
    .unwrap();
    for (upload, complete) in uploads {
        let chosen: Option<Completed> =
            store.get(&key::completed(upload)).unwrap().map(|e| row::decode(&e.value).unwrap()).filter(|_| complete);
        for_prefix(store, &key::parts(upload), |e| {
            let part: PartRecord = row::decode(&e.value).unwrap();
            let counts = !complete || chosen.as_ref().is_some_and(|c| c.chose(part.number));
            out.extend(part.blob.filter(|_| counts));
        })
        .unwrap();
    }
    out
}

fn chunks(blob: &BlobRef) -> impl Iterator<Item = ChunkId> + use<> {
    let id = blob.id;
    (0..blob.bytes.div_ceil(CHUNK_BYTES as u64) as u32).map(move |index| ChunkId { blob: id, index })
}

fn shards(blob: &BlobRef, chunk: ChunkId) -> impl Iterator<Item = ShardId> + use<> {
    let layout = blob.layout;
    (0..layout.shards() as u8).map(move |shard| ShardId { chunk, shard, layout })
}

impl Audit {
    pub fn rotted(&mut self, node: usize, id: ShardId, place: Record) {
        self.destroyed.insert((id, node), Some(place));
    }

    pub fn destroyed_all(&mut self, node: usize, ids: impl Iterator<Item = ShardId>) {
        self.destroyed.extend(ids.map(|id| ((id, node), None)));
    }

    pub fn is_excused(&self, blob: BlobId) -> bool {
        self.excused.contains(&blob)
    }

    /// A node that came back must have all that it had made durable, but for what it was just taking away.
    pub fn recovered(&self, world: &World, node: usize, before: &BTreeMap<Key, Record>, log: &Log) {
        let state = log.state();
        for key in before.keys().filter(|k| !state.live.contains_key(*k) && !state.graves.contains_key(*k)) {
            let id = ShardId::from_bytes(*key);
            if !self.destroyed.contains_key(&(id, node)) {
                world.violate(format!("node {node} came back without {id}, which was durable"));
            }
        }
    }
}

/// Every copy that is there, by shard.
fn holders(world: &World, audit: &mut Audit) -> BTreeMap<ShardId, Vec<usize>> {
    let mut out: BTreeMap<ShardId, Vec<usize>> = BTreeMap::new();
    for (n, node) in world.nodes.borrow().iter().enumerate() {
        let Some(log) = &node.log else { continue };
        for (key, place) in node.live() {
            let id = ShardId::from_bytes(key);
            if let Some(Some(rotten)) = audit.destroyed.get(&(id, n)) {
                // Somewhere else it is a new copy, or the broken one was moved.
                if *rotten == place || log.check(&key, 0).is_err() {
                    continue;
                }
                audit.destroyed.remove(&(id, n));
            }
            out.entry(id).or_default().push(n);
        }
    }
    out
}

/// Compares what is named with what is there.
pub fn look(world: &World) {
    let audit = &mut *world.audit.borrow_mut();
    let holders = holders(world, audit);
    // A lost disk's copy is made up for by any other; a broken one stays broken until it is replaced.
    audit.destroyed.retain(|(id, _), rotten| rotten.is_some() || !holders.contains_key(id));
    let named = named(world);
    audit.calm = true;
    for blob in &named {
        let needed = usize::from(blob.layout.data);
        for chunk in chunks(blob) {
            let at_home = |id: ShardId| holders.get(&id).is_some_and(|h| h.contains(&world.topology.home(chunk, id.shard)));
            if shards(blob, chunk).all(at_home) {
                audit.whole.insert(chunk);
                continue;
            }
            audit.calm = false;
            let (there, missing): (Vec<_>, Vec<_>) = shards(blob, chunk).partition(|id| holders.contains_key(id));
            if there.len() >= needed || audit.excused.contains(&blob.id) || audit.accused.contains(&blob.id) {
                continue;
            }
            let hit = |id: &ShardId| audit.destroyed.keys().filter(|(d, _)| d == id).map(|(_, n)| *n).collect::<Vec<_>>();
            let lost: Vec<usize> = missing.iter().flat_map(&hit).collect();
            let gone = missing.iter().filter(|id| !hit(id).is_empty()).count();
            let beyond = |zone: usize| {
                let outside: BTreeSet<usize> = lost.iter().copied().filter(|n| world.topology.zone_of(*n) != zone).collect();
                outside.len() > usize::from(audit.whole.contains(&chunk))
            };
            if there.len() + gone >= needed && (0..world.topology.zones()).all(beyond) {
                audit.excused.insert(blob.id);
                world.net.note(&format!("{chunk} is lost to faults"));
                *world.counts.borrow_mut().entry("blobs lost beyond the tolerance").or_default() += 1;
            } else {
                audit.accused.insert(blob.id);
                world.violate(format!("{chunk} {:?} is lost: there {there:?}, faults took {lost:?}", blob.layout));
            }
        }
    }
}

/// Why it is not yet as it should be: garbage and orphans gone, every shard at home once, nothing broken.
pub fn unrest(world: &World) -> Option<String> {
    let nodes = world.nodes.borrow();
    if let Some(n) = nodes.iter().position(|n| !n.is_up()) {
        return Some(format!("node {n} is down"));
    }
    for store in world.shards() {
        let number = core::extent(&store).unwrap().number;
        let garbage = store.range(&[key::GARBAGE], &prefix_end(&[key::GARBAGE]), 10).unwrap().entries.len();
        if garbage > 0 {
            return Some(format!("{garbage} rows of garbage in shard {number}"));
        }
        if core::children(&store).unwrap().iter().any(|c| !c.cleaned) {
            return Some(format!("shard {number} has what it gave away, or half a child"));
        }
        if !core::frozen(&store).unwrap().is_empty() {
            return Some(format!("a bucket is frozen in shard {number}"));
        }
    }
    let audit = world.audit.borrow();
    let mut expected: BTreeSet<(usize, ShardId)> = BTreeSet::new();
    for blob in named(world) {
        for chunk in chunks(&blob) {
            expected.extend(shards(&blob, chunk).map(|id| (world.topology.home(chunk, id.shard), id)));
        }
    }
    for (n, node) in nodes.iter().enumerate() {
        let Some(log) = &node.log else { continue };
        let state = log.state();
        for key in state.live.keys() {
            let id = ShardId::from_bytes(*key);
            if audit.destroyed.contains_key(&(id, n)) && !audit.is_excused(id.chunk.blob) {
                return Some(format!("{id} on node {n} has rotted"));
            }
            // What is lost is where it is.
            if !expected.remove(&(n, id)) && !audit.is_excused(id.chunk.blob) {
                return Some(format!("{id} {:?} on node {n} is one too many", id.layout));
            }
            if state.quarantine.contains_key(key) && !audit.is_excused(id.chunk.blob) {
                return Some(format!("{id} on node {n} is broken"));
            }
        }
    }
    expected.retain(|(_, id)| !audit.is_excused(id.chunk.blob));
    expected.first().map(|(n, id)| format!("{} shards are not at home, such as {id} on node {n}", expected.len()))
}

/// At the end: every byte on the disks is what it was, and the nodes' books are right.
pub fn check_disks(world: &World) {
    let audit = world.audit.borrow();
    for (n, node) in world.nodes.borrow().iter().enumerate() {
        let Some(log) = &node.log else { continue };
        let keys: Vec<Key> = log.state().live.keys().copied().collect();
        for key in keys {
            let id = ShardId::from_bytes(key);
            if let Err(e) = log.check(&key, 0)
                && !audit.is_excused(id.chunk.blob)
            {
                world.violate(format!("{id} on node {n} at the end: {e}"));
            }
        }
        let wrong = log.state().disagreements();
        if !wrong.is_empty() {
            world.violate(format!("node {n}: map and segments disagree on {wrong:?}"));
        }
    }
}
