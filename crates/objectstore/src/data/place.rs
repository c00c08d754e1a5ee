//! Which node gets which shard of a chunk: the decisions of a write, pure. [`super::write`] sends and waits.
//!
//! ```text
//!  a shard:  sent to its home ──► stored
//!                │ refused, unreachable, or silent for too long
//!                └─► sent to the next candidate as well ──► stored (the first that stores it counts)
//! ```
//!
//! A busy node's shard goes to nobody else: when all are busy, stand-ins would make it worse. It is offered again later.
//!
//! Everybody was asked and it is not safe, as too much is in one zone: shards that only stand-ins hold are offered to the
//! other zones too, so that they are held twice. With 9 + 6 shards and one of three zones away that is the only way: 15
//! shards in two zones are not enough to lose either.
//!
//! Candidates come in the topology's order, but nodes that were silent lately come last, and before them those that
//! already hold or await another shard of the chunk: two shards on one node are lost together.

use super::nodes::Trouble;
use crate::id::ChunkId;
use crate::layout::{Layout, Topology};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// To be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Send {
    pub(super) shard: u8,
    pub(super) node: usize,
    pub(super) stand_in: bool,
}

pub(super) struct Placement {
    layout: Layout,
    shards: Vec<Shard>,
    troubles: BTreeMap<Trouble, u32>,
    /// In a later round: shards that only stand-ins hold are offered to other zones too.
    again: bool,
}

struct Shard {
    candidates: Vec<usize>,
    holders: Vec<usize>,
    tried: Vec<usize>,
    /// Nodes without an answer yet, and from when on another is asked too.
    waiting: Vec<(usize, Option<Instant>)>,
}

impl Placement {
    pub(super) fn new(topology: &Topology, chunk: ChunkId, layout: Layout) -> Self {
        let shard =
            |s| Shard { candidates: topology.candidates(chunk, s), holders: Vec::new(), tried: Vec::new(), waiting: Vec::new() };
        let shards = (0..layout.shards() as u8).map(shard).collect();
        Self { layout, shards, troubles: BTreeMap::new(), again: false }
    }

    /// The first sends: every shard to its home, or to a stand-in of a home that is passed over.
    pub(super) fn start(&mut self, impatient: Instant, pass_over: impl Fn(usize) -> bool) -> Vec<Send> {
        let home = |s: &Shard| s.candidates.first().copied().filter(|home| !pass_over(*home));
        let homes: Vec<Option<usize>> = self.shards.iter().map(home).collect();
        let mut sends = Vec::with_capacity(homes.len());
        for (shard, home) in (0_u8..).zip(&homes) {
            sends.extend(home.map(|node| self.send(shard, node, impatient)));
        }
        for (shard, _) in (0_u8..).zip(&homes).filter(|(_, home)| home.is_none()) {
            sends.extend(self.next(shard, impatient, &pass_over));
        }
        sends
    }

    /// Everybody was asked and it is not safe: once more, also those shards that only stand-ins hold.
    pub(super) fn again(&mut self, topology: &Topology, impatient: Instant, pass_over: impl Fn(usize) -> bool) -> Vec<Send> {
        self.again = true;
        self.troubles.clear();
        for shard in &mut self.shards {
            let elsewhere = |n: &usize| !shard.holders.iter().any(|h| topology.zone_of(*h) == topology.zone_of(*n));
            // Where it is, there is no need of it again.
            shard.tried = shard.candidates.iter().copied().filter(|n| !elsewhere(n)).collect();
            shard.tried.extend(shard.waiting.iter().map(|(n, _)| *n));
        }
        let open: Vec<u8> = (0..self.shards.len() as u8).filter(|shard| self.is_open(*shard)).collect();
        open.into_iter().filter_map(|shard| self.next(shard, impatient, &pass_over)).collect()
    }

    fn send(&mut self, shard: u8, node: usize, impatient: Instant) -> Send {
        let s = &mut self.shards[usize::from(shard)];
        s.tried.push(node);
        s.waiting.push((node, Some(impatient)));
        Send { shard, node, stand_in: s.candidates.first() != Some(&node) }
    }

    /// The next candidate of a shard, if one is left.
    fn next(&mut self, shard: u8, impatient: Instant, pass_over: impl Fn(usize) -> bool) -> Option<Send> {
        let occupied =
            |node: usize| self.shards.iter().any(|s| s.holders.contains(&node) || s.waiting.iter().any(|(n, _)| *n == node));
        let s = &self.shards[usize::from(shard)];
        let node = s
            .candidates
            .iter()
            .enumerate()
            .filter(|(_, n)| !s.tried.contains(n))
            .min_by_key(|(order, n)| (pass_over(**n), occupied(**n), *order))
            .map(|(_, n)| *n)?;
        Some(self.send(shard, node, impatient))
    }

    /// Is somebody else to be asked for it, if need be?
    fn is_open(&self, shard: u8) -> bool {
        let s = &self.shards[usize::from(shard)];
        s.holders.is_empty() || self.again && s.candidates.first().is_none_or(|home| !s.holders.contains(home))
    }

    pub(super) fn stored(&mut self, shard: u8, node: usize) {
        let s = &mut self.shards[usize::from(shard)];
        s.waiting.retain(|(n, _)| *n != node);
        if !s.holders.contains(&node) {
            s.holders.push(node);
        }
    }

    /// The node did not store it: who is next?
    pub(super) fn failed(
        &mut self,
        shard: u8,
        node: usize,
        trouble: Trouble,
        impatient: Instant,
        pass_over: impl Fn(usize) -> bool,
    ) -> Option<Send> {
        *self.troubles.entry(trouble).or_default() += 1;
        let s = &mut self.shards[usize::from(shard)];
        // One that had been silent was replaced when it was.
        let replaced = s.waiting.iter().any(|(n, impatient)| *n == node && impatient.is_none());
        s.waiting.retain(|(n, _)| *n != node);
        if replaced || trouble == Trouble::Busy || !self.is_open(shard) {
            return None;
        }
        self.next(shard, impatient, pass_over)
    }

    /// When somebody has waited for too long, unless it answers before.
    pub(super) fn impatient_at(&self) -> Option<Instant> {
        let open = (0_u8..).zip(&self.shards).filter(|(shard, _)| self.is_open(*shard));
        open.flat_map(|(_, s)| s.waiting.iter().filter_map(|(_, at)| *at)).min()
    }

    /// Nodes that are silent as of `now`, each named once a shard.
    pub(super) fn silent(&mut self, now: Instant) -> Vec<(u8, usize)> {
        let mut out = Vec::new();
        for (shard, s) in self.shards.iter_mut().enumerate() {
            for (node, at) in &mut s.waiting {
                if at.is_some_and(|at| at <= now) {
                    *at = None;
                    out.push((shard as u8, *node));
                }
            }
        }
        out
    }

    /// A stand-in for a silent node.
    pub(super) fn instead(&mut self, shard: u8, impatient: Instant, pass_over: impl Fn(usize) -> bool) -> Option<Send> {
        if !self.is_open(shard) {
            return None;
        }
        *self.troubles.entry(Trouble::Silent).or_default() += 1;
        self.next(shard, impatient, pass_over)
    }

    /// May it be acknowledged? [`Topology::is_safe`] for shards that may be held more than once.
    pub(super) fn is_safe(&self, topology: &Topology) -> bool {
        let needed = usize::from(self.layout.data);
        // The choice of holders, one a shard, that is best when zone `z` is lost: outside of it.
        let outside = |z: usize| {
            let choose = |s: &Shard| s.holders.iter().copied().find(|n| topology.zone_of(*n) != z).or(s.holders.first().copied());
            self.shards.iter().map(choose).collect::<Vec<_>>()
        };
        if topology.zones() <= 1 {
            return topology.is_safe(self.layout, &outside(usize::MAX));
        }
        let survivors = |z: usize| outside(z).into_iter().flatten().filter(|n| topology.zone_of(*n) != z).count();
        (0..topology.zones()).all(|z| survivors(z) >= needed)
    }

    pub(super) fn is_complete(&self) -> bool {
        self.held() == self.shards.len()
    }

    /// Nobody is left whose answer is worth waiting for: whoever was called is silent.
    pub(super) fn is_quiet(&self) -> bool {
        self.shards.iter().all(|s| s.waiting.iter().all(|(_, impatient)| impatient.is_none()))
    }

    /// How many shards are stored.
    pub(super) fn held(&self) -> usize {
        self.shards.iter().filter(|s| !s.holders.is_empty()).count()
    }

    /// What went wrong in this round, and how often.
    pub(super) fn troubles(&self) -> &BTreeMap<Trouble, u32> {
        &self.troubles
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::topology;
    use super::*;
    use crate::id::{BlobId, SessionId};
    use std::time::Duration;

    fn chunk(number: u32) -> ChunkId {
        ChunkId { blob: BlobId { session: SessionId(1), number }, index: 0 }
    }

    #[tokio::test(start_paused = true)]
    async fn homes_first_then_stand_ins_that_hold_nothing_else() {
        let t = topology(3, 2);
        let soon = Instant::now() + Duration::from_secs(1);
        for number in 0..50 {
            let mut p = Placement::new(&t, chunk(number), Layout::REPLICATED);
            let sends = p.start(soon, |_| false);
            assert_eq!(sends.iter().map(|s| t.zone_of(s.node)).collect::<Vec<_>>(), [0, 1, 2]);
            let next = p.failed(0, sends[0].node, Trouble::Unreachable, soon, |_| false).unwrap();
            assert!(next.stand_in && t.zone_of(next.node) == 0, "the other of the zone");
            let next = p.failed(0, next.node, Trouble::Unreachable, soon, |_| false).unwrap();
            assert!(sends.iter().all(|s| s.node != next.node), "a node without a replica");
            p.stored(1, sends[1].node);
            assert!(!p.is_safe(&t));
            p.stored(2, sends[2].node);
            assert!(p.is_safe(&t) && !p.is_complete());
            p.stored(0, next.node);
            assert!(p.is_complete() && p.is_quiet());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_candidate_is_tried_once_a_round() {
        let t = topology(3, 2);
        let now = Instant::now();
        let mut p = Placement::new(&t, chunk(1), Layout { data: 3, parity: 3 });
        for round in 0..2 {
            let mut queue = if round == 0 { p.start(now, |n| n == 0) } else { p.again(&t, now, |n| n == 0) };
            let mut sent = 0;
            while let Some(send) = queue.pop() {
                sent += 1;
                queue.extend(p.failed(send.shard, send.node, Trouble::Full, now, |n| n == 0));
            }
            assert_eq!((sent, p.is_quiet()), (36, true), "round {round}");
        }
        assert_eq!(p.troubles()[&Trouble::Full], 36, "of the last round");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_node_is_replaced_once_and_may_still_answer() {
        let t = topology(3, 1);
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        let mut p = Placement::new(&t, chunk(1), Layout::REPLICATED);
        let sends = p.start(now, |_| false);
        p.stored(1, sends[1].node);
        assert_eq!(p.impatient_at(), Some(now));
        assert_eq!(p.silent(now), [(0, sends[0].node), (2, sends[2].node)]);
        assert_eq!(p.impatient_at(), None);
        let stand_in = p.instead(0, later, |_| false).unwrap();
        assert!(stand_in.node != sends[0].node && p.impatient_at() == Some(later));
        assert_eq!(p.failed(0, sends[0].node, Trouble::Silent, later, |_| false), None, "already replaced");
        p.stored(2, sends[2].node);
        assert!(p.is_safe(&t));
        p.stored(0, stand_in.node);
        assert!(p.is_complete());
    }

    /// Two of three zones are away, so that all is on the third; then one comes back.
    #[tokio::test(start_paused = true)]
    async fn shards_that_crowd_in_one_zone_are_offered_again() {
        let t = topology(3, 2);
        let now = Instant::now();
        for layout in [Layout::REPLICATED, Layout { data: 3, parity: 3 }, Layout { data: 9, parity: 6 }] {
            for back in [0, 2] {
                let mut p = Placement::new(&t, chunk(1), layout);
                let run = |p: &mut Placement, mut queue: Vec<Send>, up: &[usize]| {
                    while let Some(send) = queue.pop() {
                        if up.contains(&t.zone_of(send.node)) {
                            p.stored(send.shard, send.node);
                        } else {
                            queue.extend(p.failed(send.shard, send.node, Trouble::Unreachable, now, |_| false));
                        }
                    }
                };
                let queue = p.start(now, |_| false);
                run(&mut p, queue, &[1]);
                assert!(p.is_quiet() && p.is_complete() && !p.is_safe(&t));
                let queue = p.again(&t, now, |_| false);
                run(&mut p, queue, &[1]);
                assert!(p.is_quiet() && !p.is_safe(&t) && !p.troubles().is_empty());
                let queue = p.again(&t, now, |_| false);
                run(&mut p, queue, &[1, back]);
                assert!(p.is_quiet() && p.is_safe(&t), "{layout:?} {back}");
            }
        }
    }

    /// For shards that are held once, it is the same rule.
    #[tokio::test(start_paused = true)]
    async fn safe_is_what_the_topology_says() {
        for (zones, per_zone, layout) in [
            (3, 2, Layout { data: 3, parity: 3 }),
            (3, 1, Layout::REPLICATED),
            (1, 3, Layout::REPLICATED),
            (1, 1, Layout::REPLICATED),
        ] {
            let t = topology(zones, per_zone);
            let nodes = t.nodes().len();
            for seed in 0..2000_u64 {
                let mut draw = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let mut p = Placement::new(&t, chunk(1), layout);
                let mut stored = vec![None; layout.shards()];
                for (shard, at) in stored.iter_mut().enumerate() {
                    draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let node = (draw >> 33) as usize % (nodes + 1);
                    if node < nodes {
                        *at = Some(node);
                        p.stored(shard as u8, node);
                    }
                }
                assert_eq!(p.is_safe(&t), t.is_safe(layout, &stored), "{layout:?} {stored:?}");
            }
        }
    }
}
