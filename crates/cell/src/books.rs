//! The cell's hosts and what is held on them, in the one decider ([`scheduler::cell::Decider`]). [`crate::state`] says what an
//! instance holds whenever that may have changed; nothing else moves room.
//!
//! An instance holds room in one place. What a host has of an instance whose place is another one (a stray, until it is
//! ended there) makes the host smaller for that long.

use platform::settings::CellSettings;
use scheduler::Room;
use scheduler::cell::{
    Account, Apart, Class, Decider, Group, Held, HostIx, HostSpec, How, Level, Market, Membership, Placement, Pools, Refusal,
    Request, Reservation, ReservationKey, Reserve, Seat, Strategy,
};
use scheduler::cell::{Owner, Tenancy as Wish};
use scheduler::region::{Summary, summarise};
use std::collections::{BTreeMap, BTreeSet};
use types::{AccountId, CapacityReservationId, DedicatedHostId, HostId, InstanceId, TimestampMs};
use wire::cell::{ClaimGroup, ClaimMarket, ClaimRequest, GroupMember, GroupStrategy, Tenancy};
use wire::host::Capacity;

/// A host that is found for an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub instance: InstanceId,
    pub host: HostId,
    /// From 1.
    pub partition: Option<u8>,
    pub reservation: Option<CapacityReservationId>,
    /// Spot instances that have to go first, with those that were told before.
    pub evicts: Vec<InstanceId>,
    pub why: String,
}

/// What an instance holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub host: HostId,
    pub room: Room,
    /// In a slot of this one, if it has one on the host.
    pub reservation: Option<CapacityReservationId>,
    pub tenancy: Tenancy,
    /// Of a spot instance: the most that it pays, in thousandths of the on-demand price.
    pub price_max: Option<u32>,
    /// It was told to go by then.
    pub leaves_at: Option<TimestampMs>,
    /// Its room is still that of spot instances who were told to go.
    pub waits: bool,
}

impl Holding {
    /// Of an instance on demand, in no slot.
    pub fn new(host: HostId, room: Room) -> Self {
        Self { host, room, reservation: None, tenancy: Tenancy::Shared, price_max: None, leaves_at: None, waits: false }
    }

    fn market(&self) -> Market {
        self.price_max.map_or(ON_DEMAND, |price_max| Market::Spot { price_max })
    }
}

const ON_DEMAND: Market = Market::OnDemand { preempt: false };

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    pub of: String,
    pub placeable: u32,
    /// The spot price, which is above what the claim pays.
    pub price: Option<u32>,
}

#[derive(Debug)]
struct Shape {
    class: Class,
    rack: u32,
    capacity: Capacity,
    strays: BTreeMap<InstanceId, Room>,
}

#[derive(Debug)]
pub struct Books {
    decider: Decider,
    shapes: BTreeMap<HostId, Shape>,
    racks: BTreeMap<String, u32>,
    reservations: BTreeMap<ReservationKey, CapacityReservationId>,
    /// Hosts that are kept for accounts, by the accounts' names for them.
    owned: BTreeMap<HostId, DedicatedHostId>,
    /// When an open host was heard last.
    heard: BTreeSet<(TimestampMs, HostId)>,
}

pub fn room(c: Capacity) -> Room {
    Room { vcpus: c.vcpus, memory_mib: c.memory_mib, disk_gib: c.disk_gib, ..Room::default() }
}

fn capacity(r: Room) -> Capacity {
    Capacity { vcpus: r.vcpus, memory_mib: r.memory_mib, disk_gib: r.disk_gib }
}

/// The last 16 of an id's 17 random digits.
fn number(digits: [u8; 17]) -> u64 {
    digits[1..].iter().fold(0, |n, d| n << 4 | u64::from((*d as char).to_digit(16).unwrap_or(0)))
}

fn strategy_of(s: GroupStrategy) -> Strategy {
    match s {
        GroupStrategy::Cluster => Strategy::Cluster,
        GroupStrategy::SpreadHost => Strategy::SpreadHost,
        GroupStrategy::SpreadRack => Strategy::SpreadRack,
        GroupStrategy::Partition { count } => Strategy::Partition { count },
    }
}

/// In whose name instances of shared tenancy hold their room.
const NOBODY: Account = Account(0);

fn account(tenancy: &Tenancy) -> Account {
    match tenancy {
        Tenancy::Shared => NOBODY,
        Tenancy::Dedicated(account) | Tenancy::Host(account) => account.into(),
    }
}

fn key(id: CapacityReservationId) -> ReservationKey {
    ReservationKey(number(id.digits()))
}

fn short(refusal: Refusal) -> Short {
    match refusal {
        Refusal::Short(short) => Short { of: short.to_string(), placeable: short.placeable, price: None },
        Refusal::SpotPrice { now, .. } => Short { of: refusal.to_string(), placeable: 0, price: Some(now) },
        other => Short { of: other.to_string(), placeable: 0, price: None },
    }
}

impl Books {
    /// All hosts closed: none has reported.
    pub fn new(settings: &CellSettings) -> Self {
        let mut books = Self {
            decider: Decider::default(),
            shapes: BTreeMap::new(),
            racks: BTreeMap::new(),
            reservations: BTreeMap::new(),
            owned: BTreeMap::new(),
            heard: BTreeSet::new(),
        };
        let mut models: Vec<(u32, u32)> = Vec::new();
        for h in &settings.hosts {
            let model = (h.vcpus, h.memory_mib);
            let class = models.iter().position(|m| *m == model).unwrap_or_else(|| {
                models.push(model);
                models.len() - 1
            });
            let class = Class(class.min(usize::from(Pools::CLASSES_MAX) - 1) as u8);
            let rack = books.rack(h.rack());
            let capacity = Capacity { vcpus: h.vcpus, memory_mib: h.memory_mib, disk_gib: h.disk_gib };
            books.shapes.insert(h.id.clone(), Shape { class, rack, capacity, strays: BTreeMap::new() });
            if let Some(ix) = books.measure(&h.id) {
                books.decider.set_open(ix, false);
            }
        }
        books
    }

    /// Racks of one name are one, also in other cells.
    fn rack(&mut self, name: &str) -> u32 {
        let next = self.racks.len() as u32;
        *self.racks.entry(name.to_owned()).or_insert(next)
    }

    /// Tells the decider how large the host is.
    fn measure(&mut self, host: &HostId) -> Option<HostIx> {
        let shape = self.shapes.get(host)?;
        let total = shape.strays.values().fold(room(shape.capacity), |left, stray| left.minus(*stray));
        Some(self.decider.add_host(HostSpec { id: host.clone(), class: shape.class, total, rack: shape.rack, block: 0 }))
    }

    pub fn set_capacity(&mut self, host: &HostId, capacity: Capacity) {
        if let Some(shape) = self.shapes.get_mut(host).filter(|s| s.capacity != capacity) {
            shape.capacity = capacity;
            self.measure(host);
        }
    }

    /// `None`: nothing of the instance strays there.
    pub fn set_stray(&mut self, host: &HostId, instance: InstanceId, room: Option<Room>) {
        let Some(shape) = self.shapes.get_mut(host) else { return };
        let before = match room {
            Some(room) => shape.strays.insert(instance, room),
            None => shape.strays.remove(&instance),
        };
        let foreign = !shape.strays.is_empty();
        if before != room {
            let ix = self.measure(host);
            ix.into_iter().for_each(|ix| self.decider.set_foreign(ix, foreign));
        }
    }

    /// The host takes instances from now on; `before`: when it was heard before.
    pub fn hear(&mut self, host: &HostId, before: TimestampMs, now: TimestampMs) {
        self.heard.remove(&(before, host.clone()));
        self.heard.insert((now, host.clone()));
        if let Some(ix) = self.decider.host(host) {
            self.decider.set_open(ix, true);
        }
    }

    /// The host takes no instances until it is heard; `before`: when it was heard before.
    pub fn close(&mut self, host: &HostId, before: TimestampMs) {
        self.heard.remove(&(before, host.clone()));
        if let Some(ix) = self.decider.host(host) {
            self.decider.set_open(ix, false);
        }
    }

    /// Hosts that were not heard since then take no more.
    pub fn close_unheard(&mut self, since: TimestampMs) {
        while self.heard.first().is_some_and(|(at, _)| *at < since) {
            let host = self.heard.pop_first().and_then(|(_, host)| self.decider.host(&host));
            host.into_iter().for_each(|ix| self.decider.set_open(ix, false));
        }
    }

    /// What the instance holds from now on, and where; whatever fits.
    pub fn set(&mut self, instance: InstanceId, holding: Option<&Holding>) {
        let wanted = holding.filter(|h| h.room != Room::default()).and_then(|h| {
            let request = Request { market: h.market(), ..Request::new(account(&h.tenancy), h.room) };
            let held = Held::of(&request, self.decider.host(&h.host)?);
            let dedicated = matches!(h.tenancy, Tenancy::Dedicated(_));
            Some(Held { reservation: h.reservation.map(key), leaves_at: h.leaves_at, waits: h.waits, dedicated, ..held })
        });
        let spot = |h: &Held| h.is_spot().then_some(h.market);
        let what = |h: &Held| (h.host, h.room, h.reservation, spot(h), h.account, h.dedicated);
        match (wanted, self.decider.held(instance)) {
            (Some(wanted), Some(held)) if what(&wanted) == what(held) => {}
            (Some(wanted), _) => self.decider.adopt(instance, wanted),
            (None, _) => drop(self.decider.release(instance)),
        }
    }

    /// Whose the host is from now on, whatever is there. `None`: it is kept for nobody.
    pub fn set_owner(&mut self, host: &HostId, owner: Option<(DedicatedHostId, &AccountId)>) {
        let Some(ix) = self.decider.host(host) else { return };
        self.decider.set_owner(ix, owner.map(|(_, account)| account.into()));
        match owner {
            Some((id, _)) => self.owned.insert(host.clone(), id),
            None => self.owned.remove(host),
        };
    }

    /// Whether the host is nobody else's and nothing is on it but what came there as to the account's own host.
    pub fn is_vacant(&self, host: &HostId, owner: &AccountId) -> bool {
        let Some(ix) = self.decider.host(host) else { return false };
        let owner: Account = owner.into();
        let there = || self.decider.on_host(ix).iter().filter_map(|i| self.decider.held(*i));
        let own = there().all(|h| h.account == owner && !h.dedicated);
        let rooms = there().fold(Room::default(), |sum, h| sum.plus(h.room));
        let bare = rooms.plus(self.decider.free(ix)) == self.decider.total(ix);
        let free = self.decider.owner(ix).is_none_or(|o| o == Owner::Allocated(owner));
        self.decider.is_empty(ix) || free && own && bare
    }

    /// Whether an instance of this tenancy may be on the host, room or not.
    pub fn admits(&self, host: &HostId, tenancy: &Tenancy) -> bool {
        let wish = match tenancy {
            Tenancy::Shared => Wish::Shared,
            Tenancy::Dedicated(_) => Wish::Dedicated,
            Tenancy::Host(_) => Wish::Host(Vec::new()),
        };
        self.decider.host(host).is_some_and(|ix| self.decider.admits(ix, account(tenancy), &wish))
    }

    /// So many empty hosts that hold the size. Nothing is kept: [`Self::set_owner`] does that.
    pub fn empty_hosts(&mut self, owner: &AccountId, size: Room, count: u32) -> Result<Vec<HostId>, Short> {
        let owner: Account = owner.into();
        let trial: Vec<HostIx> = (0..count).map_while(|_| self.decider.allocate_host(owner, Pools::ANY, size)).collect();
        trial.iter().for_each(|ix| self.decider.set_owner(*ix, None));
        if trial.len() == count as usize {
            return Ok(trial.into_iter().map(|ix| self.decider.host_id(ix).clone()).collect());
        }
        let all = self.decider.hosts();
        let (mut hosts, mut closed, mut owned, mut used, mut small) = (0, 0, 0, 0, 0);
        for ix in all {
            hosts += 1;
            match () {
                () if !self.decider.is_open(ix) => closed += 1,
                () if matches!(self.decider.owner(ix), Some(Owner::Allocated(_))) => owned += 1,
                () if !self.decider.is_empty(ix) => used += 1,
                () if !self.decider.total(ix).holds(size) => small += 1,
                () => {}
            }
        }
        let mut of = format!("{count} empty hosts wanted of {hosts}");
        let reasons = [(closed, "not taking instances"), (owned, "allocated already"), (used, "in use"), (small, "too small")];
        for (n, what) in reasons.into_iter().filter(|(n, _)| *n > 0) {
            of.push_str(&format!("; {n} {what}"));
        }
        Err(Short { of, placeable: trial.len() as u32, price: None })
    }

    /// What the instance holds, wherever.
    pub fn room_of(&self, instance: InstanceId) -> Room {
        self.decider.held(instance).map_or(Room::default(), |h| h.room)
    }

    /// Whether its room is still others'.
    pub fn waits(&self, instance: InstanceId) -> bool {
        self.decider.held(instance).is_some_and(|h| h.waits)
    }

    /// When it has to be gone.
    pub fn leaves_at(&self, instance: InstanceId) -> Option<TimestampMs> {
        self.decider.held(instance)?.leaves_at
    }

    /// Moves the spot prices; whose limit they pass: the price, and the limit.
    pub fn price(&mut self, now: TimestampMs) -> Vec<(InstanceId, u32, u32)> {
        let told = self.decider.price(now);
        let of = |i: &scheduler::cell::Interruption| match self.decider.held(i.instance)?.market {
            Market::Spot { price_max } => Some((i.instance, self.decider.spot_price(self.decider.class(i.host))?, price_max)),
            Market::OnDemand { .. } => None,
        };
        told.iter().filter_map(of).collect()
    }

    /// Class, price and when it last moved.
    pub fn prices(&self) -> impl Iterator<Item = (u8, u32, TimestampMs)> {
        self.decider.prices().map(|(class, price, at)| (class.0, price, at))
    }

    pub fn set_price(&mut self, class: u8, price: u32, at: TimestampMs) {
        self.decider.set_price(Class(class), price, at);
    }

    /// The slots of a reservation from now on, used ones among them; without any it has ended.
    pub fn set_reservation(&mut self, id: CapacityReservationId, size: Room, slots: &[HostId]) {
        let key = key(id);
        let slots: Vec<HostIx> = slots.iter().filter_map(|h| self.decider.host(h)).collect();
        if slots.is_empty() {
            self.decider.cancel_reservation(key);
            self.reservations.remove(&key);
        } else {
            self.decider.set_reservation(key, Reservation::new(NOBODY, size, Pools::ANY, false, None), slots);
            self.reservations.insert(key, id);
        }
    }

    pub fn free_slots_on(&self, id: CapacityReservationId, host: &HostId) -> usize {
        let ix = self.decider.host(host);
        let slots = self.decider.reservation(key(id)).map_or(&[][..], |r| r.slots());
        slots.iter().filter(|s| Some(**s) == ix).count()
    }

    /// Hosts for so many slots. Nothing is held: [`Self::set_reservation`] does that.
    pub fn slots(&mut self, size: Room, count: u32) -> Result<Vec<HostId>, Short> {
        // No id has this number but by a chance of 2^-64, and then it is refused.
        let trial = ReservationKey(u64::MAX);
        let outcome = self.decider.reserve(trial, Reservation::new(NOBODY, size, Pools::ANY, false, None), count);
        let slots = self.decider.reservation(trial).map(|r| r.slots().to_vec()).unwrap_or_default();
        self.decider.cancel_reservation(trial);
        match outcome {
            Ok(()) => Ok(slots.into_iter().map(|ix| self.decider.host_id(ix).clone()).collect()),
            Err(refusal) => Err(short(refusal)),
        }
    }

    /// What the instance holds on the host; nothing while it waits.
    pub fn held(&self, instance: InstanceId, host: &HostId) -> Room {
        let ix = self.decider.host(host);
        self.decider.held(instance).filter(|h| Some(h.host) == ix && !h.waits).map_or(Room::default(), |h| h.room)
    }

    /// What the cell tells the region of its room.
    pub fn summary(&self, cell: &CellSettings, sequence: u64, now: TimestampMs, rng: &mut scheduler::Rng) -> Summary {
        summarise(&self.decider, &cell.id, &cell.az, sequence, now, rng)
    }

    pub fn free(&self, host: &HostId) -> Capacity {
        self.decider.host(host).map_or(Capacity::default(), |ix| capacity(self.decider.free(ix)))
    }

    /// Hosts for `instances` of the claim, at least `min` of them; their room is held. Instances of one launch keep apart
    /// where they can, but in a cluster. `promised`: members of its group that only this cell knows of.
    pub fn find(
        &mut self,
        claim: &ClaimRequest,
        instances: &[InstanceId],
        min: u32,
        promised: Vec<GroupMember>,
        now: TimestampMs,
    ) -> Result<Vec<Found>, Short> {
        // A start holds its disk, which is part of what it wants; what is placed again leaves what it has.
        let before: Vec<(InstanceId, Held)> = match claim.on_host.is_some() || claim.again {
            true => instances.iter().filter_map(|i| Some((*i, self.decider.release(*i)?))).collect(),
            false => Vec::new(),
        };
        let group = claim.group.as_ref().map(|g| self.join(g, promised));
        let packs = claim.group.as_ref().is_some_and(|g| g.strategy == GroupStrategy::Cluster);
        let apart = Apart { from: claim.apart_from.clone(), each_other: true, level: Level::Host, must: false };
        let request = Request {
            group,
            apart: (!packs).then_some(apart),
            only: claim.on_host.clone(),
            tenancy: match claim.tenancy {
                Tenancy::Shared => Wish::Shared,
                Tenancy::Dedicated(_) => Wish::Dedicated,
                Tenancy::Host(_) => Wish::Host(self.these(&claim.dedicated_hosts)),
            },
            market: match claim.market {
                ClaimMarket::OnDemand => ON_DEMAND,
                ClaimMarket::OnDemandPreempt => Market::OnDemand { preempt: true },
                ClaimMarket::Spot { price_max } => Market::Spot { price_max },
            },
            ..Request::new(account(&claim.tenancy), room(claim.size))
        };
        let mut slots = self.free_slots(claim).into_iter();
        let only = claim.reserved_only.then(|| claim.reservations.first().copied()).flatten().map(key);
        let reserve = |slot: Option<ReservationKey>| slot.or(only).map_or(Reserve::Never, Reserve::Target);
        let wanted: Vec<_> =
            instances.iter().map(|i| (*i, Request { reservation: reserve(slots.next()), ..request.clone() })).collect();
        let outcome = self.decider.decide_batch(&wanted, min as usize, now);
        if let Some(member) = group {
            // Each claim says anew who is in the group.
            self.decider.seat(member.group, member.strategy, Vec::new());
            for p in outcome.iter().flatten().flatten() {
                if let Some(held) = self.decider.held(p.instance).cloned() {
                    self.decider.adopt(p.instance, Held { group: None, ..held });
                }
            }
        }
        match outcome {
            Ok(placements) => Ok(placements.iter().flatten().map(|p| self.found(p, &claim.tenancy)).collect()),
            Err(refusal) => {
                before.into_iter().for_each(|(i, held)| self.decider.adopt(i, held));
                Err(short(refusal))
            }
        }
    }

    fn found(&self, p: &Placement, tenancy: &Tenancy) -> Found {
        let host = self.decider.host_id(p.host).clone();
        let reservation = match p.how {
            How::Reserved(key) => self.reservations.get(&key).copied(),
            How::Scored { .. } | How::Already => None,
        };
        let why = match reservation {
            Some(id) => format!("{host}: a free slot of capacity reservation {id}"),
            None => self.decider.explain(p),
        };
        let why = match (tenancy, self.owned.get(&host)) {
            (Tenancy::Shared, _) => why,
            (Tenancy::Host(_), Some(id)) => format!("on dedicated host {id}: {why}"),
            (Tenancy::Host(account) | Tenancy::Dedicated(account), _) => {
                format!("dedicated tenancy, no other account than {account} is there: {why}")
            }
        };
        Found { instance: p.instance, host, partition: p.partition.map(|n| n + 1), reservation, evicts: p.evicts.clone(), why }
    }

    /// Hosts that are not of this cell have a number that none has.
    fn these(&self, hosts: &[HostId]) -> Vec<HostIx> {
        hosts.iter().map(|h| self.decider.host(h).unwrap_or(HostIx(u32::MAX))).collect()
    }

    /// One for each free slot that the claim may use now.
    fn free_slots(&self, claim: &ClaimRequest) -> Vec<ReservationKey> {
        let wanted = room(claim.size);
        let only = claim.on_host.as_ref().and_then(|h| self.decider.host(h));
        let mut out = Vec::new();
        for key in claim.reservations.iter().map(|id| key(*id)) {
            let Some(reservation) = self.decider.reservation(key) else { continue };
            let beside = wanted.minus(reservation.size);
            let may = |ix: &&HostIx| {
                let here = only.is_none_or(|o| o == **ix) && self.decider.is_open(**ix);
                here && self.decider.free(**ix).holds(beside)
            };
            out.extend(reservation.slots().iter().filter(may).map(|_| key));
        }
        out
    }

    /// Tells the decider of the group's members, for one claim.
    fn join(&mut self, claim: &ClaimGroup, promised: Vec<GroupMember>) -> Membership {
        let (group, strategy) = (Group(number(claim.id.digits())), strategy_of(claim.strategy));
        let seats = claim
            .members
            .iter()
            .chain(&promised)
            .map(|m| {
                let host = self.decider.host(&m.host);
                Seat { host, rack: self.rack(&m.rack), partition: m.partition.unwrap_or(1).saturating_sub(1) }
            })
            .collect();
        self.decider.seat(group, strategy, seats);
        Membership { group, strategy, partition: claim.partition.map(|n| n.saturating_sub(1)) }
    }
}

#[cfg(test)]
mod tests;
