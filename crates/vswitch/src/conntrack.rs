//! Connection tracking and the flow cache of one port: one bounded table, one entry a flow.

use crate::flow::{Flow, FlowKey, FlowState, Touch};
use crate::flow_log::FlowLog;
use crate::kept::{Keeps, Kept, Region};
use crate::parse::{Packet, TCP};
use crate::slab::{Index, Slab};
use foldhash::fast::FixedState;
use std::hash::BuildHasher;
use types::InterfaceId;
use wire::net::Direction;

/// How many entries a full table looks at to find one that gives way.
const EVICT_SAMPLE: usize = 64;

/// The flows of one port. Entries stay in their slots, so that the sweep for expired ones needs no second structure.
pub(crate) struct FlowTable<A = u32> {
    index: Index,
    flows: Slab<Flow<A>>,
    /// Where the sweep goes on.
    hand: usize,
    flows_max: usize,
    /// Set: each packet is counted for flow logs too.
    pub log: Option<Box<FlowLog<A>>>,
    /// Set: what outlives the process.
    kept: Option<Box<Kept>>,
    /// Who sends and receives here: the VMM, by the owner's name for it. 0: nobody yet.
    guest: u64,
}

/// The table is full of flows that may not be pushed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableFull;

impl<A: Keeps> FlowTable<A> {
    pub fn new(flows_max: usize) -> Self {
        let flows_max = flows_max.clamp(1, u32::MAX as usize);
        Self { index: Index::new(flows_max), flows: Slab::new(flows_max), hand: 0, flows_max, log: None, kept: None, guest: 0 }
    }

    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Bytes allocated for flows and their index.
    pub fn bytes(&self) -> usize {
        self.flows.slots() * size_of::<Flow<A>>() + self.index.bytes()
    }

    pub fn clear(&mut self) {
        let (log, kept, guest) = (self.log.take(), self.kept.take(), self.guest);
        *self = Self::new(self.flows_max);
        self.guest = guest;
        self.log = log.map(|mut log| {
            log.forget_flows();
            log
        });
        self.kept = kept.map(|mut kept| {
            kept.clear(guest);
            kept
        });
    }

    pub fn guest(&self) -> u64 {
        self.guest
    }

    /// Whose flows these are; the caller clears those of another.
    pub fn set_guest(&mut self, guest: u64) {
        self.guest = guest;
    }

    /// From now on what is in the table is in `region` too.
    pub fn keep_in(&mut self, region: Region, id: InterfaceId) {
        let mut kept = Kept::new(region, A::KIND, id, self.guest);
        for (slot, flow) in self.iter_slots() {
            kept.put(slot as u32, &A::record(&flow.key, flow.bits()));
        }
        self.kept = Some(Box::new(kept));
    }

    /// The port is gone, and with it what was kept of it.
    pub fn give_back(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.clear(0);
        }
    }

    pub fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    pub fn keep_nowhere(&mut self) {
        self.kept = None;
    }

    /// Flows that found no room where they outlive the process.
    pub fn left_out(&self) -> u64 {
        self.kept.as_ref().map_or(0, |k| k.left_out)
    }

    fn keep(&mut self, slot: u32) {
        if let Some(kept) = &mut self.kept {
            let flow = self.flows.get(slot);
            kept.put(slot, &A::record(&flow.key, flow.bits()));
        }
    }

    /// Adds a flow of an earlier life. `None`: the table is full, or has it.
    pub fn restore(&mut self, hasher: &FixedState, flow: Flow<A>) -> Option<u32> {
        let hash = hasher.hash_one(flow.key);
        if self.is_full() || self.find(hash, &flow.key).is_some() {
            return None;
        }
        let slot = self.flows.insert(flow);
        let flows = &self.flows;
        self.index.insert(hash, slot, |slot| hasher.hash_one(flows.get(slot).key));
        self.keep(slot);
        Some(slot)
    }

    #[inline(always)]
    pub fn find(&self, hash: u64, key: &FlowKey<A>) -> Option<u32> {
        self.index.find(hash, |slot| self.flows.get(slot).key == *key)
    }

    #[inline(always)]
    pub fn at(&mut self, slot: u32) -> &mut Flow<A> {
        self.flows.get_mut(slot)
    }

    pub fn get(&self, hasher: &FixedState, key: &FlowKey<A>) -> Option<&Flow<A>> {
        self.find(hasher.hash_one(key), key).map(|slot| self.flows.get(slot))
    }

    /// [`Flow::touch`], counted for the flow log too.
    #[inline(always)]
    pub fn touch(&mut self, slot: u32, direction: Direction, packet: &Packet<A>, now_ms: u64) -> Touch {
        let flow = self.flows.get_mut(slot);
        let before = flow.bits();
        let touch = flow.touch(direction, packet.ports.flags, packet.total_bytes, now_ms);
        if flow.bits() != before {
            self.keep(slot);
        }
        if touch == Touch::Continues
            && let Some(log) = &mut self.log
        {
            log.count(slot, direction, packet, now_ms);
        }
        touch
    }

    /// [`Flow::restart`].
    pub fn restart(&mut self, slot: u32, direction: Direction) {
        self.flows.get_mut(slot).restart(direction);
        self.keep(slot);
    }

    pub fn remove(&mut self, hasher: &FixedState, key: &FlowKey<A>) {
        let flows = &self.flows;
        let Some(slot) = self.index.remove(hasher.hash_one(key), |slot| flows.get(slot).key == *key) else { return };
        let flow = self.flows.get_mut(slot);
        flow.discard();
        if let Some(log) = &mut self.log {
            log.ended(slot, flow.key, flow.initiator);
        }
        if let Some(kept) = &mut self.kept {
            kept.forget(slot);
        }
        self.flows.release(slot);
    }

    pub fn max(&self) -> usize {
        self.flows_max
    }

    pub fn is_full(&self) -> bool {
        self.index.len() >= self.flows_max
    }

    /// Adds a flow that is not in the table. The second value counts evictions (0 or 1).
    pub fn insert(
        &mut self,
        hasher: &FixedState,
        key: FlowKey<A>,
        initiator: Direction,
        now_ms: u64,
    ) -> Result<(u32, u64), TableFull> {
        let mut evicted = 0;
        if self.is_full() {
            self.make_room(hasher, now_ms, false)?;
            evicted = 1;
        }
        let slot = self.flows.insert(Flow::new(key, initiator, now_ms));
        let flows = &self.flows;
        self.index.insert(hasher.hash_one(key), slot, |slot| hasher.hash_one(flows.get(slot).key));
        self.keep(slot);
        Ok((slot, evicted))
    }

    /// Frees one entry of the next [`EVICT_SAMPLE`]: an expired one, else the longest idle of those that are not live
    /// connections (one-sided, closing or not TCP). Established TCP is never pushed out, so a flood of openings cannot end
    /// it; only by `force`, when other ports need the room that this one has beyond its share.
    pub fn make_room(&mut self, hasher: &FixedState, now_ms: u64, force: bool) -> Result<(), TableFull> {
        let mut best: Option<(bool, u32, FlowKey<A>)> = None;
        let slots = self.flows.slots();
        let mut looked_at = 0;
        for _ in 0..slots {
            self.hand = (self.hand + 1) % slots;
            let flow = self.flows.get(self.hand as u32);
            if !flow.is_used() {
                continue;
            }
            let live = flow.key.protocol == TCP && flow.state == FlowState::Established && !flow.is_expired(now_ms);
            let idle = if flow.is_expired(now_ms) { u32::MAX } else { flow.seen.idle_ms(now_ms) };
            if (force || !live) && best.is_none_or(|(l, i, _)| (!live, idle) > (!l, i)) {
                best = Some((live, idle, flow.key));
            }
            looked_at += 1;
            if looked_at == EVICT_SAMPLE {
                break;
            }
        }
        let (_, _, key) = best.ok_or(TableFull)?;
        self.remove(hasher, &key);
        Ok(())
    }

    /// Looks at up to `budget` slots and removes what has been idle too long; tells of the others. Returns how many it looked at.
    pub fn expire(&mut self, hasher: &FixedState, now_ms: u64, budget: usize, mut alive: impl FnMut(&Flow<A>)) -> usize {
        let slots = self.flows.slots();
        let looked_at = budget.min(slots);
        for _ in 0..looked_at {
            self.hand = (self.hand + 1) % slots;
            let flow = self.flows.get(self.hand as u32);
            if flow.is_used() && flow.is_expired(now_ms) {
                let key = flow.key;
                self.remove(hasher, &key);
            } else if flow.is_used() {
                alive(flow);
            }
        }
        // A port that was busy once does not keep the memory for ever.
        if self.index.len() == 0 && slots > EVICT_SAMPLE {
            self.clear();
        }
        looked_at
    }

    pub fn iter(&self) -> impl Iterator<Item = &Flow<A>> {
        self.flows.iter().filter(|f| f.is_used())
    }

    pub fn iter_slots(&self) -> impl Iterator<Item = (usize, &Flow<A>)> {
        self.flows.iter().enumerate().filter(|(_, f)| f.is_used())
    }

    /// Flow and slot of one that is in use.
    pub fn used_at(&self, slot: usize) -> Option<&Flow<A>> {
        (slot < self.flows.slots()).then(|| self.flows.get(slot as u32)).filter(|f| f.is_used())
    }

    pub fn slots(&self) -> usize {
        self.flows.slots()
    }
}
