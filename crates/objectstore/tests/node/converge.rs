//! Repair's decisions among nodes that exist only in memory: whatever is lost, deleted or held elsewhere, and whoever is away
//! meanwhile, in the end every node holds what it should, nothing deleted is back, and all sums agree.

use objectstore::layout::Node;
use objectstore::node::digest::{Digests, Placement, states_from_bytes, states_to_bytes};
use objectstore::node::repair::{Known, Ledger, judge};
use objectstore::node::state::{Grave, Place, State};
use objectstore::{BlobId, ChunkId, Layout, SessionId, ShardId, Topology};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const NOW_MS: u64 = 1000 * 3_600_000;
const PLACE: Place = Place { segment: 1, unit: 1, length: 1 };
const CHUNKS: u32 = 40;
/// Two to see that a difference stays, and one for what was buried or restored on the way.
const ROUNDS: usize = 8;

#[derive(Clone, Debug)]
enum Event {
    /// The chunk is written to those of its homes that are there.
    Write(u32),
    /// All that are there delete it.
    Delete(u32),
    Leave(usize),
    Return(usize),
    /// Comes back without anything. Only when all the others are there, so that nothing is lost for good.
    Wipe(usize),
    Lose {
        node: usize,
        nth: usize,
    },
    Rounds(usize),
}

struct Member {
    state: State,
    ledger: Ledger,
    present: bool,
}

struct World {
    topology: Arc<Topology>,
    members: Vec<Member>,
    written: BTreeSet<u32>,
    deleted: BTreeSet<u32>,
    now_ms: u64,
}

impl World {
    fn new(zones: u8, per_zone: u8) -> Self {
        let node = |z: u8, n| {
            let letter = char::from(b'a' + z);
            Node { id: format!("{letter}{n}").parse().unwrap(), az: format!("us-east-1{letter}").parse().unwrap() }
        };
        let nodes = (0..zones).flat_map(|z| (1..=per_zone).map(move |n| node(z, n))).collect();
        let topology = Arc::new(Topology::new(nodes));
        let members = (0..topology.nodes().len()).map(|me| Member {
            state: empty(&topology, me),
            ledger: Ledger::default(),
            present: true,
        });
        let members = members.collect();
        Self { topology, members, written: BTreeSet::new(), deleted: BTreeSet::new(), now_ms: NOW_MS }
    }

    fn layout(&self, number: u32) -> Layout {
        if number.is_multiple_of(3) { Layout::erasure(&self.topology) } else { Layout::REPLICATED }
    }

    fn shards(&self, number: u32) -> Vec<(usize, ShardId)> {
        let blob = BlobId { session: SessionId(1), number: number * 100 };
        let (chunk, layout) = (ChunkId { blob, index: 0 }, self.layout(number));
        let shard = |shard| ShardId { chunk, shard, layout };
        (0..layout.shards() as u8).map(|s| (self.topology.home(chunk, s), shard(s))).collect()
    }

    fn held(&self, id: ShardId) -> usize {
        let shards = (0..id.layout.shards() as u8).map(|shard| ShardId { shard, ..id }.to_bytes());
        shards.filter(|key| self.members.iter().any(|m| m.present && m.state.live.contains_key(key))).count()
    }

    fn event(&mut self, event: &Event) {
        let nodes = self.members.len();
        match event {
            Event::Write(number) if !self.deleted.contains(number) && !self.written.contains(number) => {
                let shards = self.shards(*number);
                let there = shards.iter().filter(|(home, _)| self.members[*home].present).count();
                // Otherwise it would not have been acknowledged.
                if there > usize::from(self.layout(*number).data) {
                    self.written.insert(*number);
                    for (home, id) in shards.into_iter().filter(|(home, _)| self.members[*home].present).collect::<Vec<_>>() {
                        self.members[home].state.put(id.to_bytes(), PLACE);
                    }
                }
            }
            Event::Delete(number) if self.written.contains(number) && self.members.iter().filter(|m| !m.present).count() <= 1 => {
                self.written.remove(number);
                self.deleted.insert(*number);
                for (home, id) in self.shards(*number) {
                    if self.members[home].present {
                        let at_ms = self.now_ms + home as u64;
                        self.members[home].state.grave(id.to_bytes(), Grave { at_ms, forget: false, segment: 1, unit: 1 });
                    }
                }
            }
            Event::Leave(node) if self.members.iter().all(|m| m.present) => self.members[node % nodes].present = false,
            Event::Return(node) => self.members[node % nodes].present = true,
            Event::Wipe(node) if self.members.iter().all(|m| m.present) => {
                self.rounds(ROUNDS);
                let node = node % nodes;
                self.members[node].state = empty(&self.topology, node);
                self.members[node].ledger = Ledger::default();
                self.rounds(ROUNDS);
            }
            Event::Lose { node, nth } if self.members.iter().all(|m| m.present) => {
                let state = &mut self.members[node % nodes].state;
                if let Some(key) = state.live.keys().nth(nth % state.live.len().max(1)).copied() {
                    state.grave(key, Grave { at_ms: 0, forget: true, segment: 1, unit: 1 });
                }
                self.rounds(ROUNDS);
            }
            Event::Rounds(n) => self.rounds(*n),
            _ => {}
        }
    }

    fn rounds(&mut self, n: usize) {
        for _ in 0..n {
            self.now_ms += 2000;
            let nodes = self.members.len();
            for (me, peer) in (0..nodes * nodes).map(|n| (n / nodes, n % nodes)) {
                if me != peer && self.members[me].present && self.members[peer].present {
                    self.compare(me, peer);
                }
            }
        }
    }

    fn compare(&mut self, me: usize, peer: usize) {
        let now_ms = self.now_ms;
        for member in [me, peer] {
            while !self.members[member].state.build_digests(5) {}
        }
        let theirs = self.members[peer].state.digests.sums(me, now_ms).unwrap();
        let ours = self.members[me].state.digests.sums(peer, now_ms).unwrap();
        for (bucket, _) in self.members[me].ledger.persistent(peer, &theirs, &ours, now_ms) {
            let (page, next) = self.members[peer].state.bucket(me, bucket, None, now_ms);
            assert_eq!(next, None);
            let page = states_from_bytes(&states_to_bytes(&page)).unwrap();
            let state = &self.members[me].state;
            let known = |id: ShardId| match id.to_bytes() {
                key if state.graves.get(&key).is_some_and(|g| !g.forget) => Known::Deleted,
                key if state.live.contains_key(&key) => Known::Live,
                _ => Known::Not,
            };
            let verdict = judge(state.digests.placement().unwrap(), &page, known, now_ms);
            for (at_ms, ids) in verdict.buried {
                for id in ids {
                    self.members[me].state.grave(id.to_bytes(), Grave { at_ms, forget: false, segment: 1, unit: 1 });
                }
            }
            for id in verdict.missing {
                if self.held(id) >= usize::from(id.layout.data) {
                    self.members[me].state.put(id.to_bytes(), PLACE);
                }
            }
        }
    }

    fn check(&mut self) {
        self.members.iter_mut().for_each(|m| m.present = true);
        self.rounds(ROUNDS);
        for number in 0..CHUNKS {
            for (home, id) in self.shards(number) {
                let state = &self.members[home].state;
                let (live, grave) = (state.live.contains_key(&id.to_bytes()), state.graves.get(&id.to_bytes()));
                assert_eq!(live, self.written.contains(&number), "{id} on {home}");
                assert_eq!(grave.is_some_and(|g| !g.forget), self.deleted.contains(&number), "{id} on {home}");
            }
        }
        for (a, b) in (0..self.members.len()).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let sums = |a: usize, b: usize| self.members[a].state.digests.sums(b, self.now_ms);
            assert_eq!(sums(a, b), sums(b, a), "{a} and {b}");
        }
    }
}

fn empty(topology: &Arc<Topology>, me: usize) -> State {
    State::new(Digests::new(Placement { topology: topology.clone(), me }))
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (0..CHUNKS).prop_map(Event::Write),
        3 => (0..CHUNKS).prop_map(Event::Delete),
        1 => (0usize..6).prop_map(Event::Leave),
        1 => (0usize..6).prop_map(Event::Return),
        1 => (0usize..6).prop_map(Event::Wipe),
        1 => (0usize..6, any::<usize>()).prop_map(|(node, nth)| Event::Lose { node, nth }),
        1 => (0usize..4).prop_map(Event::Rounds),
    ]
}

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn all_nodes_end_with_what_they_should_hold(per_zone in 1u8..3, events in vec(event(), 1..60)) {
        let mut world = World::new(3, per_zone);
        events.iter().for_each(|e| world.event(e));
        world.check();
    }
}
