//! Where the shards of a chunk belong: a pure function of its id, its layout and the nodes there are.
//!
//! Replication and erasure coding are one thing here: a chunk has `data + parity` shards, any `data` of which restore it;
//! replication is `data = 1`. Shard i belongs into zone i mod Z, on the node that wins the draw for this chunk there
//! (rendezvous hashing, Thaler and Ravishankar 1998), so that adding a node moves as few shards as possible.

use crate::id::ChunkId;
use serde::{Deserialize, Serialize};
use types::{AzName, StorageId};

/// How many shards a chunk has, and how many may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Layout {
    pub data: u8,
    pub parity: u8,
}

/// Shards of one chunk, at most.
pub const SHARDS_MAX: usize = 16;
pub const NODES_MAX: usize = 1024;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub id: StorageId,
    pub az: AzName,
}

/// The storage nodes there are, by zone; zones and nodes in order of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    nodes: Vec<Node>,
    /// Indexes into `nodes`, a list a zone.
    zones: Vec<Vec<usize>>,
}

impl Layout {
    /// Three copies.
    pub const REPLICATED: Layout = Layout { data: 1, parity: 2 };

    pub fn shards(self) -> usize {
        usize::from(self.data) + usize::from(self.parity)
    }

    pub fn is_replicated(self) -> bool {
        self.data == 1
    }

    /// Bytes of one shard of a chunk of `chunk_bytes`.
    pub fn shard_bytes(self, chunk_bytes: usize) -> usize {
        chunk_bytes.div_ceil(usize::from(self.data).max(1))
    }

    /// The erasure code for infrequent classes: as wide as the nodes allow while losing a whole zone and one node more
    /// loses nothing. With Z zones of n nodes that is RS(Zn - n - 1, n + 1): RS(9, 6) for 3 x 5, RS(3, 3) for 3 x 2. Where
    /// there are too few nodes for a code it is three copies.
    pub fn erasure(topology: &Topology) -> Layout {
        let zones = topology.zones.len();
        let per_zone = topology.zones.iter().map(Vec::len).min().unwrap_or(0).min(SHARDS_MAX / zones.max(1));
        let (total, parity) = if zones == 1 { (per_zone, 2) } else { (zones * per_zone, per_zone + 1) };
        match total.checked_sub(parity) {
            Some(data) if data >= 2 => Layout { data: data as u8, parity: parity as u8 },
            _ => Layout::REPLICATED,
        }
    }
}

impl Topology {
    pub fn new(mut nodes: Vec<Node>) -> Self {
        nodes.sort_by(|a, b| (&a.az, &a.id).cmp(&(&b.az, &b.id)));
        nodes.truncate(NODES_MAX);
        let mut zones: Vec<Vec<usize>> = Vec::new();
        for (n, node) in nodes.iter().enumerate() {
            if n > 0 && nodes[n - 1].az == node.az {
                zones.last_mut().expect("begun by the node before").push(n);
            } else {
                zones.push(vec![n]);
            }
        }
        Self { nodes, zones }
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub fn zones(&self) -> usize {
        self.zones.len()
    }

    /// Which zone (counted from 0) a node is in.
    pub fn zone_of(&self, node: usize) -> usize {
        self.zones.iter().position(|z| z.contains(&node)).unwrap_or(0)
    }

    pub fn position(&self, id: &StorageId) -> Option<usize> {
        self.nodes.iter().position(|n| n.id == *id)
    }

    /// All nodes (as indexes), the one where the shard belongs first, then those that stand in for it when it is away:
    /// others of its zone, then the other zones' in turn.
    pub fn candidates(&self, chunk: ChunkId, shard: u8) -> Vec<usize> {
        let zones = self.zones.len().max(1);
        let (home, rank) = (usize::from(shard) % zones, usize::from(shard) / zones);
        let mut out = Vec::with_capacity(self.nodes.len());
        for step in 0..self.zones.len() {
            // Stand-ins of one zone's shards are spread over the others.
            let zone = if step == 0 { home } else { (home + 1 + (step - 1 + rank) % (zones - 1).max(1)) % zones };
            let mut ranked = self.ranked(chunk, zone);
            let n = ranked.len().max(1);
            ranked.rotate_left(rank % n);
            out.extend(ranked);
        }
        out
    }

    /// Where the shard belongs.
    pub fn home(&self, chunk: ChunkId, shard: u8) -> usize {
        self.candidates(chunk, shard).first().copied().unwrap_or(0)
    }

    /// [`Topology::home`] of every shard of a chunk, for the price of about one.
    pub fn homes(&self, chunk: ChunkId, layout: Layout) -> Vec<usize> {
        if self.zones.is_empty() {
            return vec![0; layout.shards()];
        }
        let used = self.zones.len().min(layout.shards());
        let ranked: Vec<Vec<usize>> = (0..used).map(|zone| self.ranked(chunk, zone)).collect();
        let home = |shard: usize| {
            let zone = &ranked[shard % self.zones.len()];
            zone[shard / self.zones.len() % zone.len()]
        };
        (0..layout.shards()).map(home).collect()
    }

    fn ranked(&self, chunk: ChunkId, zone: usize) -> Vec<usize> {
        let mut nodes = self.zones[zone].clone();
        nodes.sort_by_cached_key(|n| (draw(chunk, &self.nodes[*n].id), *n));
        nodes
    }

    /// May this set of durable shards be acknowledged? Yes if losing any one zone still leaves enough to restore the chunk
    /// (with one zone: any one node). `stored`: the node that holds each shard, if one does.
    pub fn is_safe(&self, layout: Layout, stored: &[Option<usize>]) -> bool {
        let held = |without: &dyn Fn(usize) -> bool| stored.iter().flatten().filter(|n| !without(**n)).count();
        let needed = usize::from(layout.data);
        if self.zones.len() > 1 {
            (0..self.zones.len()).all(|z| held(&|n| self.zones[z].contains(&n)) >= needed)
        } else if self.nodes.len() > 1 {
            (0..self.nodes.len()).all(|lost| held(&|n| n == lost) >= needed)
        } else {
            held(&|_| false) >= needed
        }
    }
}

/// FNV-1a over ids that nobody outside chooses, finished by a mixer (Stafford's variant 13 of MurmurHash3's).
fn draw(chunk: ChunkId, node: &StorageId) -> u64 {
    let mut h: u64 = 0xcbf2_9ce4_8422_2325;
    for b in chunk.blob.to_bytes().into_iter().chain(chunk.index.to_be_bytes()).chain(node.as_str().bytes()) {
        h = (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{BlobId, SessionId};
    use std::collections::BTreeSet;

    fn topology(zones: u8, per_zone: u8) -> Topology {
        let node = |z: u8, n| {
            let letter = char::from(b'a' + z);
            Node { id: format!("{letter}{n}").parse().unwrap(), az: format!("us-east-1{letter}").parse().unwrap() }
        };
        Topology::new((0..zones).flat_map(|z| (1..=per_zone).map(move |n| node(z, n))).collect())
    }

    fn chunk(n: u32) -> ChunkId {
        ChunkId { blob: BlobId { session: SessionId(7), number: n }, index: n % 5 }
    }

    #[test]
    fn codes_follow_the_number_of_nodes() {
        let code = |z, n| {
            let l = Layout::erasure(&topology(z, n));
            (l.data, l.parity)
        };
        assert_eq!([code(3, 1), code(3, 2), code(3, 3), code(3, 5), code(3, 9)], [(1, 2), (3, 3), (5, 4), (9, 6), (9, 6)]);
        assert_eq!([code(1, 3), code(1, 6), code(2, 2), code(2, 3), code(4, 4)], [(1, 2), (4, 2), (1, 2), (2, 4), (11, 5)]);
    }

    /// The point of it all: a whole zone and one node more may go.
    #[test]
    fn a_zone_and_a_node_may_be_lost() {
        for (zones, per_zone) in [(3, 1), (3, 2), (3, 3), (3, 5), (4, 3)] {
            let t = topology(zones, per_zone);
            for layout in [Layout::REPLICATED, Layout::erasure(&t)] {
                for c in (0..50).map(chunk) {
                    let homes: Vec<usize> = (0..layout.shards()).map(|s| t.home(c, s as u8)).collect();
                    assert_eq!(t.homes(c, layout), homes);
                    let distinct: BTreeSet<_> = homes.iter().collect();
                    assert_eq!(distinct.len(), homes.len(), "one shard a node");
                    for zone in 0..t.zones() {
                        for node in 0..t.nodes().len() {
                            let left = homes.iter().filter(|h| t.zone_of(**h) != zone && **h != node).count();
                            assert!(left >= usize::from(layout.data), "{zones}x{per_zone} {layout:?}: {left} left");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_node_stands_in_and_the_load_is_even() {
        let t = topology(3, 4);
        let mut load = vec![0; t.nodes().len()];
        for c in (0..6000).map(chunk) {
            for shard in 0..3 {
                let all = t.candidates(c, shard);
                assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), t.nodes().len());
                assert!(all[..4].iter().all(|n| t.zone_of(*n) == usize::from(shard)));
                load[all[0]] += 1;
            }
        }
        assert!(load.iter().all(|n| (1350..1650).contains(n)), "{load:?}");
    }

    #[test]
    fn a_new_node_takes_only_its_share() {
        let (before, after) = (topology(3, 3), topology(3, 4));
        let moved =
            (0..3000).map(chunk).filter(|c| before.nodes()[before.home(*c, 0)].id != after.nodes()[after.home(*c, 0)].id).count();
        assert!((600..900).contains(&moved), "{moved} of 3000; a quarter is 750");
    }

    #[test]
    fn two_zones_must_hold_it_before_it_is_acknowledged() {
        let t = topology(3, 2);
        let at = |nodes: &[usize]| -> Vec<Option<usize>> { nodes.iter().map(|n| Some(*n)).collect() };
        for (nodes, safe) in [(&[0][..], false), (&[0, 1], false), (&[0, 2], true), (&[0, 2, 4], true), (&[], false)] {
            assert_eq!(t.is_safe(Layout::REPLICATED, &at(nodes)), safe, "{nodes:?}");
        }
        // RS(3, 3): five of six leave three without any zone; with one zone away its shards stand in the two others.
        let code = Layout::erasure(&t);
        for (nodes, safe) in
            [(&[0, 1, 2, 3, 4, 5][..], true), (&[0, 1, 2, 3, 4], true), (&[0, 1, 2, 3], false), (&[0, 1, 0, 2, 3, 2], true)]
        {
            assert_eq!(t.is_safe(code, &at(nodes)), safe, "{nodes:?}");
        }
        assert!(topology(1, 1).is_safe(Layout::REPLICATED, &[Some(0), None, None]));
        assert!(!topology(1, 3).is_safe(Layout::REPLICATED, &[Some(0), None, None]));
    }

    #[test]
    fn a_lost_zone_is_stood_in_for_evenly() {
        let t = topology(3, 2);
        let code = Layout::erasure(&t);
        for c in (0..100).map(chunk) {
            let stored: Vec<Option<usize>> =
                (0..code.shards()).map(|s| t.candidates(c, s as u8).into_iter().find(|n| t.zone_of(*n) != 0)).collect();
            assert!(t.is_safe(code, &stored), "{stored:?}");
        }
    }
}
