//! The decider's state: hosts, who holds what room on them until when, and the books that follow from it.
//!
//! Every change of room goes through [`Decider::charge`] and [`Decider::discharge`], so that the grid, the classes' sums and
//! the hosts' lists cannot disagree with the hosts.

use super::grid::Grid;
use super::group::{Group, Seat, State, Strategy};
use super::host::{Account, Class, Host, HostIx, HostSpec, NONE, Owner, Pools};
use super::request::{Market, Membership, Request};
use super::reserve::{Reservation, ReservationKey};
use super::score::{Scale, Weights, log_price};
use crate::room::Room;
use std::collections::{BTreeMap, BTreeSet};
use types::{HostId, InstanceId, TimestampMs};

/// Room that an instance holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub host: HostIx,
    pub room: Room,
    pub account: Account,
    pub pools: Pools,
    pub market: Market,
    /// On a host that is its account's alone.
    pub dedicated: bool,
    /// A hold that nobody has confirmed yet.
    pub until: Option<TimestampMs>,
    /// A spot instance that was told to go, and by when.
    pub leaves_at: Option<TimestampMs>,
    /// Its room is still others', who were told to leave. Nothing is charged for it yet.
    pub waits: bool,
    pub group: Option<Membership>,
    pub reservation: Option<ReservationKey>,
}

impl Held {
    pub fn is_spot(&self) -> bool {
        matches!(self.market, Market::Spot { .. })
    }
}

fn plus(sum: [u64; 5], room: Room) -> [u64; 5] {
    let room = room.array();
    std::array::from_fn(|d| sum[d] + u64::from(room[d]))
}

/// Sums over the open hosts of a class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    pub hosts: u32,
    pub empty: u32,
    pub total: [u64; 5],
    pub free: [u64; 5],
    /// Of what is not free, the part of spot instances.
    pub spot: [u64; 5],
}

impl Load {
    /// How much of a dimension is taken, in thousandths; 0 of nothing.
    pub fn used_permille(&self, dimension: crate::Dimension) -> u32 {
        let (total, free) = (self.total[dimension as usize], self.free[dimension as usize]);
        ((total - free) * 1000).checked_div(total).unwrap_or(0) as u32
    }

    fn add(&mut self, host: &Host) {
        self.hosts += 1;
        self.empty += u32::from(host.instances == 0);
        for d in 0..5 {
            self.total[d] += u64::from(host.total.array()[d]);
            self.free[d] += u64::from(host.free.array()[d]);
        }
    }

    fn subtract(&mut self, host: &Host) {
        self.hosts -= 1;
        self.empty -= u32::from(host.instances == 0);
        for d in 0..5 {
            self.total[d] -= u64::from(host.total.array()[d]);
            self.free[d] -= u64::from(host.free.array()[d]);
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct ClassState {
    pub model: Room,
    pub grid: Grid,
    pub scale: Scale,
    pub load: Load,
    /// The spot price in thousandths of the on-demand price, and when it was last moved.
    pub price: u32,
    pub priced: TimestampMs,
}

impl ClassState {
    fn log_price(&self, size: Room) -> f32 {
        log_price(size, self.load.hosts, self.load.total, self.load.free)
    }
}

impl Decider {
    /// The classes that the request may go to, each with its pressure.
    pub(super) fn pressures(&self, request: &Request) -> Vec<(Class, f32)> {
        let may = self.classes.iter().filter(|(class, state)| request.pools.has(**class) && state.load.hosts > 0);
        let mut out: Vec<(Class, f32)> = may.map(|(class, state)| (*class, state.log_price(request.size))).collect();
        let cheapest = out.iter().map(|(_, p)| *p).fold(f32::INFINITY, f32::min);
        out.iter_mut().for_each(|(_, p)| *p = (*p - cheapest) * self.weights.pressure);
        out
    }
}

#[derive(Debug, Clone)]
pub struct Decider {
    pub(super) weights: Weights,
    pub(super) hosts: Vec<Host>,
    pub(super) ids: Vec<HostId>,
    pub(super) names: BTreeMap<HostId, HostIx>,
    pub(super) generations: Vec<u64>,
    /// What is charged on a host: instances and free slots of reservations. More than its total when it reported more.
    pub(super) used: Vec<Room>,
    /// Who is on a host, in order of arrival.
    pub(super) on: Vec<Vec<InstanceId>>,
    pub(super) classes: BTreeMap<Class, ClassState>,
    pub(super) racks: BTreeMap<u32, (u32, Vec<HostIx>)>,
    pub(super) held: BTreeMap<InstanceId, Held>,
    pub(super) ends: BTreeSet<(TimestampMs, InstanceId)>,
    pub(super) groups: BTreeMap<Group, State>,
    pub(super) owners: BTreeMap<HostIx, Owner>,
    /// Hosts with something on them that is charged to nobody.
    pub(super) foreign: BTreeSet<HostIx>,
    pub(super) reservations: BTreeMap<ReservationKey, Reservation>,
    /// Spot instances a host.
    pub(super) spots: BTreeMap<HostIx, u32>,
    /// Hosts whose next free room is promised.
    pub(super) waiting: BTreeMap<HostIx, InstanceId>,
    pub(super) leaving: BTreeSet<(TimestampMs, InstanceId)>,
}

impl Default for Decider {
    fn default() -> Self {
        Self::new(Weights::default())
    }
}

impl Decider {
    pub fn new(weights: Weights) -> Self {
        Self {
            weights,
            hosts: Vec::new(),
            ids: Vec::new(),
            names: BTreeMap::new(),
            generations: Vec::new(),
            used: Vec::new(),
            on: Vec::new(),
            classes: BTreeMap::new(),
            racks: BTreeMap::new(),
            held: BTreeMap::new(),
            ends: BTreeSet::new(),
            groups: BTreeMap::new(),
            owners: BTreeMap::new(),
            foreign: BTreeSet::new(),
            reservations: BTreeMap::new(),
            spots: BTreeMap::new(),
            waiting: BTreeMap::new(),
            leaving: BTreeSet::new(),
        }
    }

    /// A new host, open; or a known one that now has another size, class or rack. What it holds stays charged: a host that
    /// shrank below that has nothing free.
    pub fn add_host(&mut self, spec: HostSpec) -> HostIx {
        if let Some(ix) = self.names.get(&spec.id).copied() {
            let open = self.hosts[ix.0 as usize].open;
            self.set_open(ix, false);
            let used = self.used[ix.0 as usize];
            let old = self.hosts[ix.0 as usize].rack;
            if let Some((_, hosts)) = self.racks.get_mut(&old) {
                hosts.retain(|h| *h != ix);
            }
            let host = &mut self.hosts[ix.0 as usize];
            (host.total, host.free, host.rack, host.class) = (spec.total, spec.total.minus(used), spec.rack, spec.class);
            self.racks.entry(spec.rack).or_insert((spec.block, Vec::new())).1.push(ix);
            self.fit_class(spec.class, spec.total);
            self.set_open(ix, open);
            return ix;
        }
        let ix = HostIx(self.hosts.len() as u32);
        self.hosts.push(Host {
            total: spec.total,
            free: spec.total,
            rack: spec.rack,
            instances: 0,
            class: spec.class,
            open: false,
            bucket: NONE,
            previous: NONE,
            next: NONE,
        });
        self.names.insert(spec.id.clone(), ix);
        self.ids.push(spec.id);
        self.generations.push(0);
        self.used.push(Room::default());
        self.on.push(Vec::new());
        self.racks.entry(spec.rack).or_insert((spec.block, Vec::new())).1.push(ix);
        self.fit_class(spec.class, spec.total);
        self.set_open(ix, true);
        ix
    }

    /// Makes the class's grid large enough for a host of this size.
    fn fit_class(&mut self, class: Class, total: Room) {
        let known = self.classes.get(&class).map(|c| c.model);
        let model = known.unwrap_or_default().max(total);
        if known == Some(model) {
            return;
        }
        let mut grid = Grid::new(model);
        for ix in 0..self.hosts.len() as u32 {
            let host = &self.hosts[ix as usize];
            if host.class == class && host.bucket != NONE {
                grid.insert(&mut self.hosts, ix);
            }
        }
        let scale = Scale::new(model, &self.weights);
        match self.classes.get_mut(&class) {
            Some(state) => (state.model, state.grid, state.scale) = (model, grid, scale),
            None => {
                let (load, price, priced) = (Load::default(), super::spot::PRICE_MIN, TimestampMs(0));
                self.classes.insert(class, ClassState { model, grid, scale, load, price, priced });
            }
        }
    }

    /// Closed hosts take nothing new and keep what they have: silent, being emptied, retired.
    pub fn set_open(&mut self, ix: HostIx, open: bool) {
        let host = &mut self.hosts[ix.0 as usize];
        if host.open == open {
            return;
        }
        host.open = open;
        let host = *host;
        let on = self.on[ix.0 as usize].iter().filter_map(|i| self.held.get(i));
        let spot = on.filter(|h| h.is_spot()).fold([0; 5], |sum: [u64; 5], h| plus(sum, h.room));
        if let Some(class) = self.classes.get_mut(&host.class) {
            if open {
                class.load.add(&host)
            } else {
                class.load.subtract(&host)
            }
            for (sum, part) in class.load.spot.iter_mut().zip(spot) {
                *sum = if open { *sum + part } else { sum.saturating_sub(part) };
            }
        }
        self.index(ix);
    }

    /// Puts the host where it belongs in the grid, or takes it out.
    pub(super) fn index(&mut self, ix: HostIx) {
        let host = self.hosts[ix.0 as usize];
        let Some(class) = self.classes.get_mut(&host.class) else { return };
        let wanted = host.open && !self.owners.contains_key(&ix) && !self.waiting.contains_key(&ix);
        let there = host.bucket != NONE;
        if there && (!wanted || class.grid.moved(&host)) {
            class.grid.remove(&mut self.hosts, ix.0);
        }
        if wanted && self.hosts[ix.0 as usize].bucket == NONE {
            class.grid.insert(&mut self.hosts, ix.0);
        }
    }

    /// What follows when `used` of the host or its number of instances changed.
    fn shift(&mut self, ix: HostIx, instances: u16, spot: Option<(Room, bool)>) {
        let host = &mut self.hosts[ix.0 as usize];
        let before = *host;
        (host.free, host.instances) = (host.total.minus(self.used[ix.0 as usize]), instances);
        let after = *host;
        self.generations[ix.0 as usize] += 1;
        if let Some(class) = self.classes.get_mut(&after.class) {
            if after.open {
                class.load.subtract(&before);
                class.load.add(&after);
            }
            if let Some((room, more)) = spot.filter(|_| after.open) {
                for (sum, part) in class.load.spot.iter_mut().zip(room.array()) {
                    *sum = if more { *sum + u64::from(part) } else { sum.saturating_sub(u64::from(part)) };
                }
            }
        }
        self.index(ix);
    }

    /// Room of a slot is taken or given back.
    pub(super) fn set_used(&mut self, ix: HostIx, used: Room) {
        self.used[ix.0 as usize] = used;
        self.shift(ix, self.hosts[ix.0 as usize].instances, None);
    }

    /// Takes room for an instance; the host's list and all sums follow. It may not fit (a host that reports more than it
    /// has): then nothing is free there.
    pub(super) fn charge(&mut self, instance: InstanceId, held: Held) {
        let ix = held.host;
        let host = self.hosts[ix.0 as usize];
        if !held.waits {
            // Its slot is charged already.
            let slot = self.slot_size(&held);
            self.used[ix.0 as usize] = self.used[ix.0 as usize].plus(held.room.minus(slot));
        }
        if let Some(until) = held.until {
            self.ends.insert((until, instance));
        }
        if let Some(at) = held.leaves_at {
            self.leaving.insert((at, instance));
        }
        if let Some(member) = held.group {
            let state = self.groups.entry(member.group).or_insert_with(|| State::new(member.strategy));
            state.members.insert(instance, Seat { host: Some(ix), rack: host.rack, partition: member.partition.unwrap_or(0) });
        }
        let spot = held.is_spot().then_some((held.room, true));
        if spot.is_some() {
            *self.spots.entry(ix).or_default() += 1;
        }
        if held.dedicated && !self.owners.contains_key(&ix) {
            self.owners.insert(ix, Owner::Tenancy(held.account));
        }
        if held.waits {
            self.waiting.insert(ix, instance);
        }
        self.on[ix.0 as usize].push(instance);
        self.held.insert(instance, held);
        self.shift(ix, host.instances + 1, spot);
    }

    /// Gives an instance's room back. None: it held nothing.
    pub fn release(&mut self, instance: InstanceId) -> Option<Held> {
        let held = self.held.remove(&instance)?;
        let ix = held.host;
        let host = self.hosts[ix.0 as usize];
        self.on[ix.0 as usize].retain(|i| *i != instance);
        self.forget_times(instance, &held);
        if let Some(member) = held.group
            && let Some(state) = self.groups.get_mut(&member.group)
        {
            state.members.remove(&instance);
            if state.members.is_empty() && state.others.is_empty() {
                self.groups.remove(&member.group);
            }
        }
        if held.waits {
            self.waiting.remove(&ix);
        }
        let spot = held.is_spot().then_some((held.room, false));
        if spot.is_some()
            && let Some(n) = self.spots.get_mut(&ix)
        {
            *n -= 1;
            if *n == 0 {
                self.spots.remove(&ix);
            }
        }
        let slot = self.slot_size(&held);
        if let Some(reservation) = held.reservation.and_then(|key| self.reservations.get_mut(&key)) {
            // The slot stays charged, for the next.
            reservation.used -= 1;
            reservation.slots.push(ix);
        }
        if host.instances == 1 && matches!(self.owners.get(&ix), Some(Owner::Tenancy(_))) {
            self.owners.remove(&ix);
        }
        if !held.waits {
            self.used[ix.0 as usize] = self.used[ix.0 as usize].minus(held.room.minus(slot));
        }
        self.shift(ix, host.instances - 1, spot);
        self.settle(ix);
        Some(held)
    }

    /// Charges the instance that waits for this host's room, once its room is there.
    fn settle(&mut self, ix: HostIx) {
        let Some(instance) = self.waiting.get(&ix).copied() else { return };
        let host = self.hosts[ix.0 as usize];
        let Some(held) = self.held.get_mut(&instance) else { return };
        if host.free.holds(held.room) {
            held.waits = false;
            self.used[ix.0 as usize] = self.used[ix.0 as usize].plus(held.room);
            self.waiting.remove(&ix);
            self.shift(ix, host.instances, None);
        }
    }

    fn forget_times(&mut self, instance: InstanceId, held: &Held) {
        if let Some(until) = held.until {
            self.ends.remove(&(until, instance));
        }
        if let Some(at) = held.leaves_at {
            self.leaving.remove(&(at, instance));
        }
    }

    /// A hold becomes lasting. False: there is none (it ran out: ask again).
    pub fn confirm(&mut self, instance: InstanceId) -> bool {
        let Some(held) = self.held.get_mut(&instance) else { return false };
        if let Some(until) = held.until.take() {
            self.ends.remove(&(until, instance));
        }
        true
    }

    /// Gives back the holds that ran out; [`Decider::decide`] does so itself.
    pub fn expire(&mut self, now: TimestampMs) -> Vec<InstanceId> {
        let mut out = Vec::new();
        while let Some((until, instance)) = self.ends.first().copied()
            && until < now
        {
            self.release(instance);
            out.push(instance);
        }
        out
    }

    /// What of its room a slot of a reservation stands for.
    fn slot_size(&self, held: &Held) -> Room {
        held.reservation.and_then(|key| self.reservations.get(&key)).map_or(Room::default(), |r| r.size)
    }

    /// Counts an instance where it is, whatever fits: from a host's report or the store, when a decider is built anew.
    /// Replaces what is known of it. Without a free slot of its reservation there it is in none.
    pub fn adopt(&mut self, instance: InstanceId, mut held: Held) {
        self.release(instance);
        let host = held.host;
        held.reservation = held.reservation.filter(|key| self.reservations.get_mut(key).is_some_and(|r| r.take(host)));
        self.charge(instance, held);
    }

    /// The instance now holds this much: a stopped one its disk only. False: it is unknown, or it grows beyond what is free,
    /// and nothing changed. One in a reservation's slot leaves the slot.
    pub fn resize(&mut self, instance: InstanceId, room: Room) -> bool {
        let Some(mut held) = self.held.get(&instance).cloned() else { return false };
        let free = self.hosts[held.host.0 as usize].free;
        let own = if held.waits { Room::default() } else { held.room.minus(self.slot_size(&held)) };
        if !free.plus(own).holds(room) {
            return false;
        }
        self.release(instance);
        (held.room, held.reservation, held.waits) = (room, None, false);
        self.charge(instance, held);
        true
    }

    /// Members of the group beside those that are held as such, in place of what was said before: of other cells, or adopted
    /// without their group. None of either: the group is forgotten.
    pub fn seat(&mut self, group: Group, strategy: Strategy, others: Vec<Seat>) {
        let state = self.groups.entry(group).or_insert_with(|| State::new(strategy));
        state.others = others;
        if state.others.is_empty() && state.members.is_empty() {
            self.groups.remove(&group);
        }
    }

    pub fn held(&self, instance: InstanceId) -> Option<&Held> {
        self.held.get(&instance)
    }

    /// All instances, in order of id.
    pub fn instances(&self) -> impl Iterator<Item = (InstanceId, &Held)> {
        self.held.iter().map(|(i, h)| (*i, h))
    }

    pub fn on_host(&self, ix: HostIx) -> &[InstanceId] {
        &self.on[ix.0 as usize]
    }

    pub fn host(&self, id: &HostId) -> Option<HostIx> {
        self.names.get(id).copied()
    }

    pub fn host_id(&self, ix: HostIx) -> &HostId {
        &self.ids[ix.0 as usize]
    }

    pub fn hosts(&self) -> impl Iterator<Item = HostIx> {
        (0..self.hosts.len() as u32).map(HostIx)
    }

    pub fn is_open(&self, ix: HostIx) -> bool {
        self.hosts[ix.0 as usize].open
    }

    pub fn total(&self, ix: HostIx) -> Room {
        self.hosts[ix.0 as usize].total
    }

    /// What is neither held nor reserved.
    pub fn free(&self, ix: HostIx) -> Room {
        self.hosts[ix.0 as usize].free
    }

    pub fn rack(&self, ix: HostIx) -> u32 {
        self.hosts[ix.0 as usize].rack
    }

    pub fn class(&self, ix: HostIx) -> Class {
        self.hosts[ix.0 as usize].class
    }

    /// Grows with each change of what the host holds.
    pub fn generation(&self, ix: HostIx) -> u64 {
        self.generations[ix.0 as usize]
    }

    pub fn classes(&self) -> impl Iterator<Item = Class> {
        self.classes.keys().copied()
    }

    pub fn load(&self, class: Class) -> Load {
        self.classes.get(&class).map(|c| c.load).unwrap_or_default()
    }
}
