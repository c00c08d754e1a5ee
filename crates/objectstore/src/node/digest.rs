//! What a node knows of the chunks that it shares with each peer, summed up in 256 numbers a peer; and which of its shards
//! belong elsewhere. Pure, and kept up to date with every change of [`super::state`].
//!
//! For a chunk with a home shard here and one at the peer, each side adds a hash of the chunk to the chunk's bucket, once for
//! every shard that it holds and every one that the other should hold. So both sums are equal when both hold all that they
//! should (up to a collision of 64 bits). Deletes count in the same way with another hash, by the hour they were made in, and
//! only those of the last [`GRAVE_HOURS`]: both sides let an hour go at the same time.
//!
//! Buckets are filled by groups of 256 neighbouring blobs, so that a bucket is listed by a few ranges of the map.

use super::format::Key;
use super::state::State;
use crate::id::{ChunkId, ShardId};
use crate::layout::{Layout, Topology};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const BUCKETS: usize = 256;
/// Deletes are compared with peers for so long: a node that was away longer may bring back what was deleted meanwhile.
pub const GRAVE_HOURS: u64 = 7 * 24;
/// And kept a little longer, so that none is forgotten while it counts.
pub const GRAVE_MS: u64 = (GRAVE_HOURS + 2) * HOUR_MS;
const HOUR_MS: u64 = 3_600_000;
/// A group is named by the first bytes of its ids: session, and blob number without its lowest byte.
const GROUP_BYTES: usize = 11;
/// Groups looked at for one page of a bucket.
const PAGE_GROUPS_MAX: usize = 20_000;
/// Chunks of one page; a page ends behind the group in which it is full.
const PAGE_CHUNKS_MAX: usize = 10_000;
/// A chunk's state on the wire: chunk 16, layout 2, time 8.
const STATE_BYTES: usize = 26;

type Sums = Vec<[u64; BUCKETS]>;

/// Where this node stands among the others.
#[derive(Clone, Debug)]
pub struct Placement {
    pub topology: Arc<Topology>,
    /// This node's position.
    pub me: usize,
}

#[derive(Debug, Default)]
pub struct Digests {
    placement: Option<Placement>,
    /// A row for each node.
    live: Sums,
    dead: BTreeMap<u64, Sums>,
    /// Live shards whose home is another node.
    foreign: BTreeSet<Key>,
    progress: Progress,
}

/// Changes behind the cursor are not counted yet: the walk will.
#[derive(Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    Begin,
    Upto(Key),
    Done,
}

/// What one node says of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChunkState {
    pub chunk: ChunkId,
    pub layout: Layout,
    /// When it was deleted; 0: it is live.
    pub deleted_ms: u64,
}

fn mix(n: u64) -> u64 {
    let z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Of chunk and layout, not of the shard.
fn chunk_hash(key: &Key, dead: bool) -> u64 {
    let mut b = *key;
    b[16] = u8::from(dead);
    mix(super::format::crc(&b))
}

fn bucket_of(key: &[u8]) -> usize {
    mix(super::format::crc(&key[..GROUP_BYTES])) as usize % BUCKETS
}

/// The first key of the group behind this one; none: that was the last.
fn behind_group(key: &Key) -> Option<Key> {
    let mut next = [0; ShardId::BYTES];
    next[..GROUP_BYTES].copy_from_slice(&key[..GROUP_BYTES]);
    for b in next[..GROUP_BYTES].iter_mut().rev() {
        *b = b.wrapping_add(1);
        if *b != 0 {
            return Some(next);
        }
    }
    None
}

impl Placement {
    pub fn is_home(&self, id: ShardId) -> bool {
        self.topology.home(id.chunk, id.shard) == self.me
    }

    /// Does this shard belong here, and any of its chunk to that node?
    fn is_shared(&self, id: ShardId, node: usize) -> bool {
        let homes = self.topology.homes(id.chunk, id.layout);
        homes.get(usize::from(id.shard)) == Some(&self.me) && homes.contains(&node)
    }

    /// The shards of a chunk that belong here.
    pub fn mine(&self, chunk: ChunkId, layout: Layout) -> Vec<ShardId> {
        let homes = (0_u8..).zip(self.topology.homes(chunk, layout));
        homes.filter(|(_, home)| *home == self.me).map(|(shard, _)| ShardId { chunk, shard, layout }).collect()
    }
}

impl Digests {
    pub fn new(placement: Placement) -> Self {
        let live = vec![[0; BUCKETS]; placement.topology.nodes().len()];
        Self { placement: Some(placement), live, ..Self::default() }
    }

    pub fn placement(&self) -> Option<&Placement> {
        self.placement.as_ref()
    }

    fn counts(&self, key: &Key) -> bool {
        match self.progress {
            Progress::Begin => false,
            Progress::Upto(cursor) => *key <= cursor,
            Progress::Done => true,
        }
    }

    pub fn live(&mut self, key: &Key, held: bool) {
        if self.counts(key) {
            self.count_live(key, held);
        }
    }

    pub fn dead(&mut self, key: &Key, at_ms: u64, held: bool) {
        if self.counts(key) {
            self.count_dead(key, at_ms, held);
        }
    }

    fn count_live(&mut self, key: &Key, held: bool) {
        let Some(placement) = &self.placement else { return };
        let homes = homes(placement, key);
        if is_mine(placement, &homes, key) {
            add(placement.me, &homes, &mut self.live, key, chunk_hash(key, false), held);
        } else if held {
            self.foreign.insert(*key);
        } else {
            self.foreign.remove(key);
        }
    }

    fn count_dead(&mut self, key: &Key, at_ms: u64, held: bool) {
        let Some(placement) = &self.placement else { return };
        let homes = homes(placement, key);
        if is_mine(placement, &homes, key) {
            let nodes = placement.topology.nodes().len();
            let sums = self.dead.entry(at_ms / HOUR_MS).or_insert_with(|| vec![[0; BUCKETS]; nodes]);
            add(placement.me, &homes, sums, key, chunk_hash(key, true), held);
        }
    }

    /// The sums for a peer. None: still being computed.
    pub fn sums(&self, peer: usize, now_ms: u64) -> Option<Vec<u64>> {
        if self.progress != Progress::Done {
            return None;
        }
        let mut out = self.live.get(peer)?.to_vec();
        for sums in self.dead.range(first_hour(now_ms)..).map(|(_, s)| s) {
            out.iter_mut().zip(sums.get(peer)?).for_each(|(a, b)| *a = a.wrapping_add(*b));
        }
        Some(out)
    }

    /// Lets hours go that count no more.
    pub fn expire(&mut self, now_ms: u64) {
        self.dead = self.dead.split_off(&first_hour(now_ms).saturating_sub(2));
    }

    /// Shards held for others, behind `after`.
    pub fn foreign(&self, after: Option<Key>, limit: usize) -> Vec<Key> {
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        self.foreign.range((from, std::ops::Bound::Unbounded)).take(limit).copied().collect()
    }

    pub fn foreign_count(&self) -> usize {
        self.foreign.len()
    }
}

fn first_hour(now_ms: u64) -> u64 {
    (now_ms / HOUR_MS).saturating_sub(GRAVE_HOURS)
}

/// Does a delete of that time still count?
pub fn is_recent(at_ms: u64, now_ms: u64) -> bool {
    at_ms / HOUR_MS >= first_hour(now_ms)
}

fn homes(placement: &Placement, key: &Key) -> Vec<usize> {
    let id = ShardId::from_bytes(*key);
    placement.topology.homes(id.chunk, id.layout)
}

fn is_mine(placement: &Placement, homes: &[usize], key: &Key) -> bool {
    homes.get(usize::from(ShardId::from_bytes(*key).shard)) == Some(&placement.me)
}

fn add(me: usize, homes: &[usize], sums: &mut Sums, key: &Key, hash: u64, held: bool) {
    let bucket = bucket_of(key);
    for home in homes.iter().filter(|home| **home != me) {
        let sum = &mut sums[*home][bucket];
        *sum = if held { sum.wrapping_add(hash) } else { sum.wrapping_sub(hash) };
    }
}

impl State {
    /// Counts so many shards more. True: all are counted.
    pub fn build_digests(&mut self, shards_max: usize) -> bool {
        let from = match self.digests.progress {
            Progress::Begin => std::ops::Bound::Unbounded,
            Progress::Upto(cursor) => std::ops::Bound::Excluded(cursor),
            Progress::Done => return true,
        };
        let range = (from, std::ops::Bound::Unbounded);
        let live: Vec<Key> = self.live.range(range).take(shards_max).map(|(k, _)| *k).collect();
        let graves: Vec<(Key, u64)> =
            self.graves.range(range).filter(|(_, g)| !g.forget).take(shards_max).map(|(k, g)| (*k, g.at_ms)).collect();
        // Up to where both walks have come.
        let full = |last: Option<Key>, n: usize| last.filter(|_| n == shards_max);
        let ends = [full(live.last().copied(), live.len()), full(graves.last().map(|g| g.0), graves.len())];
        let end = ends.into_iter().flatten().min();
        let within = |key: &Key| end.is_none_or(|end| *key <= end);
        live.iter().filter(|k| within(k)).for_each(|k| self.digests.count_live(k, true));
        graves.iter().filter(|(k, _)| within(k)).for_each(|(k, at_ms)| self.digests.count_dead(k, *at_ms, true));
        self.digests.progress = end.map_or(Progress::Done, Progress::Upto);
        end.is_none()
    }

    /// A page of what this node says of the chunks in a bucket that it shares with a peer, behind `after`; and where to go on.
    pub fn bucket(&self, peer: usize, bucket: u16, after: Option<ShardId>, now_ms: u64) -> (Vec<ChunkState>, Option<ShardId>) {
        let Some(placement) = self.digests.placement() else { return (Vec::new(), None) };
        let mut out = Vec::new();
        let mut cursor = match after {
            // Behind all shards of that chunk.
            Some(id) => Some(ShardId { shard: u8::MAX, layout: Layout { data: u8::MAX, parity: u8::MAX }, ..id }.to_bytes()),
            None => Some([0; ShardId::BYTES]),
        };
        for _ in 0..PAGE_GROUPS_MAX {
            let Some(from) = cursor else { return (out, None) };
            let next = [self.live.range(from..).next().map(|(k, _)| *k), self.graves.range(from..).next().map(|(k, _)| *k)];
            let Some(first) = next.into_iter().flatten().min() else { return (out, None) };
            let end = behind_group(&first);
            cursor = end;
            if bucket_of(&first) != usize::from(bucket) {
                continue;
            }
            let bound = end.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
            let range = (std::ops::Bound::Included(first), bound);
            let mut live = self.live.range(range).map(|(k, _)| (*k, 0)).peekable();
            let graves = self.graves.range(range).filter(|(_, g)| !g.forget && is_recent(g.at_ms, now_ms));
            let mut graves = graves.map(|(k, g)| (*k, g.at_ms)).peekable();
            loop {
                let next = match (live.peek(), graves.peek()) {
                    (Some(l), Some(g)) if l <= g => live.next(),
                    (_, Some(_)) => graves.next(),
                    (_, None) => live.next(),
                };
                let Some((key, deleted_ms)) = next else { break };
                let id = ShardId::from_bytes(key);
                match out.last_mut() {
                    // Of another shard of that chunk; that it was deleted is what counts.
                    Some(ChunkState { chunk, layout, deleted_ms: known }) if (*chunk, *layout) == (id.chunk, id.layout) => {
                        *known = deleted_ms.max(*known);
                    }
                    _ if placement.is_shared(id, peer) => {
                        out.push(ChunkState { chunk: id.chunk, layout: id.layout, deleted_ms });
                        if out.len() >= PAGE_CHUNKS_MAX {
                            return (out, Some(id));
                        }
                    }
                    _ => {}
                }
            }
        }
        // So far without an end: go on before the group that comes next.
        let resume = cursor.map(|key| ShardId::from_bytes(before(key)));
        (out, resume)
    }
}

/// The key just before one that begins a group.
fn before(mut key: Key) -> Key {
    for b in key.iter_mut().rev() {
        let borrow = *b == 0;
        *b = b.wrapping_sub(1);
        if !borrow {
            break;
        }
    }
    key
}

pub fn states_to_bytes(states: &[ChunkState]) -> Vec<u8> {
    let mut out = Vec::with_capacity(states.len() * STATE_BYTES);
    for s in states {
        let key = ShardId { chunk: s.chunk, shard: 0, layout: s.layout }.to_bytes();
        out.extend_from_slice(&key[..16]);
        out.extend_from_slice(&key[17..]);
        out.extend_from_slice(&s.deleted_ms.to_le_bytes());
    }
    out
}

/// None: not what [`states_to_bytes`] writes.
pub fn states_from_bytes(b: &[u8]) -> Option<Vec<ChunkState>> {
    let entries = b.chunks_exact(STATE_BYTES);
    if !entries.remainder().is_empty() {
        return None;
    }
    let state = |e: &[u8]| {
        let mut key = [0; ShardId::BYTES];
        key[..16].copy_from_slice(&e[..16]);
        key[17..].copy_from_slice(&e[16..18]);
        let id = ShardId::from_bytes(key);
        let layout_is_possible = id.layout.data > 0 && id.layout.shards() <= crate::layout::SHARDS_MAX;
        let deleted_ms = u64::from_le_bytes(e[18..].try_into().ok()?);
        layout_is_possible.then_some(ChunkState { chunk: id.chunk, layout: id.layout, deleted_ms })
    };
    entries.map(state).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{BlobId, SessionId};
    use crate::layout::Node;
    use crate::node::state::{Grave, Place};
    use platform::rng::{Rng, SeededRng};

    fn topology(zones: u8, per_zone: u8) -> Arc<Topology> {
        let node = |z: u8, n| {
            let letter = char::from(b'a' + z);
            Node { id: format!("{letter}{n}").parse().unwrap(), az: format!("us-east-1{letter}").parse().unwrap() }
        };
        Arc::new(Topology::new((0..zones).flat_map(|z| (1..=per_zone).map(move |n| node(z, n))).collect()))
    }

    fn state(topology: &Arc<Topology>, me: usize) -> State {
        State::new(Digests::new(Placement { topology: topology.clone(), me }))
    }

    fn built(mut state: State) -> State {
        while !state.build_digests(7) {}
        state
    }

    fn id(number: u32, shard: u8, layout: Layout) -> ShardId {
        let blob = BlobId { session: SessionId(u64::from(number % 3)), number: number * 37 };
        ShardId { chunk: ChunkId { blob, index: number % 2 }, shard, layout }
    }

    const PLACE: Place = Place { segment: 1, unit: 1, length: 10 };
    const NOW_MS: u64 = 500 * HOUR_MS;

    fn grave(at_ms: u64) -> Grave {
        Grave { at_ms, forget: false, segment: 1, unit: 1 }
    }

    /// However it came about, the same contents have the same sums.
    #[test]
    fn sums_follow_every_change() {
        let topology = topology(3, 2);
        let code = Layout::erasure(&topology);
        let mut rng = SeededRng::new(4);
        for me in 0..6 {
            let mut changing = state(&topology, me);
            for step in 0..3000 {
                let layout = if rng.below(2) == 0 { code } else { Layout::REPLICATED };
                let key = id(rng.below(120) as u32, rng.below(layout.shards() as u64) as u8, layout).to_bytes();
                match rng.below(4) {
                    0 => drop(changing.grave(key, grave(NOW_MS - rng.below(300) * HOUR_MS))),
                    1 if changing.graves.get(&key).is_none_or(|g| g.forget) => {
                        changing.grave(key, Grave { forget: true, ..grave(0) });
                    }
                    2 => changing.drop_grave(&key),
                    _ if changing.graves.get(&key).is_none_or(|g| g.forget) => drop(changing.put(key, PLACE)),
                    _ => {}
                }
                // The walk over what is there goes on between changes.
                if step > 1000 {
                    changing.build_digests(1);
                }
            }
            let changing = built(changing);
            let mut fresh = state(&topology, me);
            fresh.live.clone_from(&changing.live);
            fresh.graves.clone_from(&changing.graves);
            let fresh = built(fresh);
            for peer in (0..6).filter(|p| *p != me) {
                assert_eq!(changing.digests.sums(peer, NOW_MS), fresh.digests.sums(peer, NOW_MS), "{me} {peer}");
            }
            assert_eq!(changing.digests.foreign, fresh.digests.foreign);
            assert!(changing.digests.foreign_count() > 0);
        }
    }

    #[test]
    fn nodes_that_hold_all_agree_and_one_that_lacks_something_does_not() {
        for (zones, per_zone) in [(3, 1), (3, 2), (1, 2), (2, 1)] {
            let topology = topology(zones, per_zone);
            let nodes = topology.nodes().len();
            let mut states: Vec<State> = (0..nodes).map(|n| state(&topology, n)).collect();
            for number in 0..200 {
                let layout = if number % 2 == 0 { Layout::erasure(&topology) } else { Layout::REPLICATED };
                for shard in 0..layout.shards() as u8 {
                    let id = id(number, shard, layout);
                    let home = &mut states[topology.home(id.chunk, shard)];
                    // Times differ a little, and some are too long ago to count.
                    match number % 5 {
                        0 => drop(home.grave(id.to_bytes(), grave(NOW_MS + u64::from(shard)))),
                        1 => drop(home.grave(id.to_bytes(), grave(NOW_MS - 8 * 24 * HOUR_MS))),
                        _ => drop(home.put(id.to_bytes(), PLACE)),
                    }
                }
            }
            let mut states: Vec<State> = states.into_iter().map(built).collect();
            let differ = |states: &[State], a: usize, b: usize| {
                let (x, y) = (states[a].digests.sums(b, NOW_MS).unwrap(), states[b].digests.sums(a, NOW_MS).unwrap());
                (0..BUCKETS).filter(|n| x[*n] != y[*n]).collect::<Vec<_>>()
            };
            for (a, b) in (0..nodes).flat_map(|a| (0..nodes).map(move |b| (a, b))).filter(|(a, b)| a != b) {
                assert!(differ(&states, a, b).is_empty(), "{zones}x{per_zone}: {a} {b}");
                // All pages together say all that both share.
                let mut listed = Vec::new();
                for bucket in 0..BUCKETS as u16 {
                    let mut after = None;
                    loop {
                        let (page, next) = states[a].bucket(b, bucket, after, NOW_MS);
                        listed.extend(page);
                        after = next;
                        if after.is_none() {
                            break;
                        }
                    }
                }
                let placement = states[a].digests.placement().unwrap();
                let all = states[a]
                    .live
                    .keys()
                    .map(|k| (*k, false))
                    .chain(states[a].graves.iter().filter(|(_, g)| is_recent(g.at_ms, NOW_MS)).map(|(k, _)| (*k, true)));
                let shared = |key: &Key| placement.is_shared(ShardId::from_bytes(*key), b);
                let mut expected: Vec<(ChunkId, bool)> =
                    all.filter(|(k, _)| shared(k)).map(|(k, dead)| (ShardId::from_bytes(k).chunk, dead)).collect();
                expected.sort();
                expected.dedup();
                let mut said: Vec<(ChunkId, bool)> = listed.iter().map(|s| (s.chunk, s.deleted_ms > 0)).collect();
                said.sort();
                assert_eq!(said, expected);
                assert_eq!(states_from_bytes(&states_to_bytes(&listed)), Some(listed));
            }
            let lost = *states[0].live.keys().nth(17).unwrap();
            let placement = states[0].digests.placement().unwrap().clone();
            states[0].grave(lost, Grave { forget: true, ..grave(0) });
            for peer in 1..nodes {
                let shares = placement.is_shared(ShardId::from_bytes(lost), peer);
                assert_eq!(differ(&states, 0, peer).len(), usize::from(shares));
            }
        }
        assert_eq!(states_from_bytes(&[0; STATE_BYTES]), None, "a layout that cannot be");
        assert_eq!(states_from_bytes(&[1; STATE_BYTES - 1]), None);
    }

    #[test]
    fn groups_follow_each_other() {
        let key = |b: u8| {
            let mut key = [0; ShardId::BYTES];
            key[GROUP_BYTES - 1] = b;
            key[GROUP_BYTES..].fill(9);
            key
        };
        let next = behind_group(&key(255)).unwrap();
        assert_eq!((next[GROUP_BYTES - 2], next[GROUP_BYTES - 1], next[GROUP_BYTES]), (1, 0, 0));
        assert!(before(next) > key(255) && before(next) < next);
        assert_eq!(behind_group(&[255; ShardId::BYTES]), None);
    }
}
