//! What a cell knows, and the decisions on it. No I/O: [`crate::controller`] makes durable what the methods return.
//!
//! An instance's room, from the claim on:
//!
//! ```text
//!  claim ─► hold ──document names it──► confirmed ─► ... ─► gone
//!             └─ended, then the document: room still? ─► confirmed
//!                                         none ─► refused (told to the region, not to the host)
//! ```

use crate::books::{self, Books, Found, Holding, Short};
use dedicated::Allocations;
pub use dedicated::{HostHold, RefusedHost};
use platform::settings::CellSettings;
use scheduler::Room;
use scheduler::cell::Fence;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use types::{CapacityReservationId, DedicatedHostId, Generation, HostId, InstanceId, PlacementGroupId, TimestampMs};
use wire::FORMAT;
use wire::cell::{
    CellConfig, CellInstance, CellInstanceReport, CellReport, CellRoom, ClaimMarket, ClaimReply, ClaimRequest, ClassRoom,
    GroupMember, HoldRef, HostHealth, HostSummary, Placement, ReserveReply, ReserveRequest, RunRef, Tenancy,
};
use wire::host::{Capacity, Desired, HostReport, InstanceReport, Reachability, VmState};

mod dedicated;
mod notices;

pub use notices::{Notice, PRICE_EVERY_MS, Price};

/// A host whose last report is older takes no new instances. Reports come once a second.
pub const SILENT_AFTER_MS: u64 = 3_500;
/// Of a host that was given up, until it takes instances again: one that comes and goes gets none.
const RETURN_REPORTS: u32 = 3;

/// Room that was promised and that no [`CellConfig`] has confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub instance: InstanceId,
    pub host: HostId,
    pub size: Capacity,
    pub until: TimestampMs,
    /// The placement group that it was promised in, and the partition.
    #[serde(default)]
    pub group: Option<(PlacementGroupId, Option<u8>)>,
    /// Never that of another hold of this cell.
    #[serde(default)]
    pub number: u64,
    /// In whose slot.
    #[serde(default)]
    pub reservation: Option<CapacityReservationId>,
    #[serde(default)]
    pub tenancy: Tenancy,
    /// Of a spot instance, as in [`ClaimMarket`](wire::cell::ClaimMarket).
    #[serde(default)]
    pub price_max: Option<u32>,
}

/// Slots that were promised to a capacity reservation and that no document has named yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotHold {
    pub id: CapacityReservationId,
    pub size: Capacity,
    pub slots: Vec<HostId>,
    /// How many of them, the last, the region was told by the last answer.
    pub told: u32,
    pub until: TimestampMs,
    pub number: u64,
}

/// An instance of the document whose hold had ended, and whose room had gone to another one. Kept until the document asks for
/// something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub instance: InstanceId,
    pub hold: u64,
    pub why: String,
}

/// What is to be made durable.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub held: Vec<Hold>,
    pub over: Vec<InstanceId>,
    pub refused: Vec<Refused>,
    pub settled: Vec<InstanceId>,
    pub slots: Vec<SlotHold>,
    pub slots_over: Vec<CapacityReservationId>,
    pub hosts: Vec<HostHold>,
    pub hosts_over: Vec<DedicatedHostId>,
    pub hosts_refused: Vec<RefusedHost>,
    pub hosts_settled: Vec<DedicatedHostId>,
    pub ended: Vec<RunRef>,
    pub ended_over: Vec<InstanceId>,
    pub notices: Vec<Notice>,
    pub notices_over: Vec<InstanceId>,
    pub prices: Vec<Price>,
}

/// Why no claim is decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    #[error("the cell has no document of the region yet")]
    NoDocument,
    #[error("the cell's store is new, and {unheard} of its hosts have not reported yet")]
    Unheard { unheard: usize },
}

/// How long a controller with an empty store waits for its hosts: any hold that it may have lost has ended then.
pub const NEW_STORE_WAITS_MS: u64 = 30_000;

#[derive(Debug)]
struct Host {
    underlay: std::net::Ipv4Addr,
    rack: String,
    capacity: Capacity,
    report: Option<HostReport>,
    reported: TimestampMs,
    wanted: Generation,
    fence: Fence,
    /// Reports in a row that are missing until it takes instances again.
    probation: u32,
}

/// What the store had when the controller started.
#[derive(Debug, Default)]
pub struct Kept {
    pub holds: Vec<Hold>,
    pub refused: Vec<Refused>,
    pub slots: Vec<SlotHold>,
    pub hosts: Vec<HostHold>,
    pub hosts_refused: Vec<RefusedHost>,
    pub ended: Vec<RunRef>,
    pub notices: Vec<Notice>,
    pub prices: Vec<Price>,
    /// The store was made at this start: it was never there, or it was lost.
    pub new_at: Option<TimestampMs>,
}

#[derive(Debug)]
pub struct Cell {
    settings: CellSettings,
    hosts: BTreeMap<HostId, Host>,
    config: Option<CellConfig>,
    /// Where an instance stands in the document.
    index: BTreeMap<InstanceId, usize>,
    holds: BTreeMap<InstanceId, Hold>,
    refused: BTreeMap<InstanceId, Refused>,
    slots: BTreeMap<CapacityReservationId, SlotHold>,
    allocations: Allocations,
    /// Runs that are over for good, of instances that the document wants there still.
    ended: BTreeMap<InstanceId, RunRef>,
    /// When it was first looked for hosts that failed: of earlier silence nothing is known.
    watched_since: Option<TimestampMs>,
    notices: BTreeMap<InstanceId, Notice>,
    /// Of the prices that are durable, when they moved.
    priced: BTreeMap<u8, TimestampMs>,
    looked_at_prices: TimestampMs,
    /// Hosts that have something of an instance, by their last reports.
    reporters: BTreeMap<InstanceId, BTreeSet<HostId>>,
    /// Those of them where the instance should not be.
    strays: BTreeMap<InstanceId, BTreeSet<HostId>>,
    books: Books,
    new_at: Option<TimestampMs>,
    next_number: u64,
}

impl Cell {
    /// `number`: random; holds are numbered from it on.
    pub fn new(settings: CellSettings, config: Option<CellConfig>, kept: Kept, number: u64) -> Self {
        let hosts = settings
            .hosts
            .iter()
            .map(|h| {
                let capacity = Capacity { vcpus: h.vcpus, memory_mib: h.memory_mib, disk_gib: h.disk_gib };
                let host = Host {
                    underlay: h.underlay,
                    rack: h.rack().to_owned(),
                    capacity,
                    report: None,
                    reported: TimestampMs(0),
                    wanted: Generation(0),
                    fence: Fence::default(),
                    probation: 0,
                };
                (h.id.clone(), host)
            })
            .collect();
        let mut cell = Self {
            books: Books::new(&settings),
            settings,
            hosts,
            config: None,
            index: BTreeMap::new(),
            holds: kept.holds.into_iter().map(|h| (h.instance, h)).collect(),
            refused: kept.refused.into_iter().map(|r| (r.instance, r)).collect(),
            slots: kept.slots.into_iter().map(|s| (s.id, s)).collect(),
            allocations: Allocations::new(kept.hosts, kept.hosts_refused),
            ended: kept.ended.into_iter().map(|r| (r.instance, r)).collect(),
            watched_since: None,
            notices: kept.notices.into_iter().map(|n| (n.instance, n)).collect(),
            looked_at_prices: TimestampMs(0),
            priced: kept.prices.iter().map(|p| (p.class, p.at)).collect(),
            reporters: BTreeMap::new(),
            strays: BTreeMap::new(),
            new_at: kept.new_at,
            next_number: number.max(1),
        };
        kept.prices.iter().for_each(|p| cell.books.set_price(p.class, p.permille, p.at));
        cell.slots.keys().copied().collect::<Vec<_>>().into_iter().for_each(|id| cell.count_slots(id));
        cell.count_owners();
        let held: Vec<InstanceId> = cell.holds.keys().copied().collect();
        held.into_iter().for_each(|i| cell.count(i));
        if let Some(config) = config {
            cell.take(config);
        }
        cell
    }

    pub fn config(&self) -> Option<&CellConfig> {
        self.config.as_ref()
    }

    pub fn settings(&self) -> &CellSettings {
        &self.settings
    }

    /// The generation that the host said it applied; 0 before its first report.
    pub fn applied(&self, host: &HostId) -> Generation {
        self.hosts.get(host).and_then(|h| h.report.as_ref()).map_or(Generation(0), |r| r.applied)
    }

    /// The newest generation that anything on the host holds: a new document must have a greater one.
    pub fn newest_held(&self, host: &HostId) -> Generation {
        self.hosts.get(host).and_then(|h| h.report.as_ref()).map_or(Generation(0), |r| r.applied.max(r.card_applied))
    }

    pub fn set_wanted(&mut self, host: &HostId, generation: Generation) {
        if let Some(h) = self.hosts.get_mut(host) {
            h.wanted = generation;
        }
    }

    /// Looks for instances of a document that is about to be taken whose holds have ended, and whose room has gone: the
    /// region is told, their hosts are not. Nobody else is refused: what the document had before runs.
    pub fn review(&mut self, config: &CellConfig, now: TimestampMs) -> Change {
        let mut change = Change::default();
        if self.config.is_some() {
            change.hosts_refused = self.review_hosts(config);
        }
        let Some(before) = &self.config else { return change };
        let new = config.instances.iter().filter(|i| i.config.desired == Desired::Running && i.hold != 0);
        let had = |i: &CellInstance| {
            let before = self.index.get(&i.config.id).map(|at| &before.instances[*at]);
            let running = before.is_some_and(|b| b.config.desired == Desired::Running && b.host == i.host);
            let there = self.seen(i.config.id, &i.host).is_some_and(|r| holds_all(&r.state));
            running || there
        };
        let held = |i: &CellInstance| self.holds.get(&i.config.id).is_some_and(|h| h.number == i.hold && h.until >= now);
        let mut left: BTreeMap<&HostId, Room> = BTreeMap::new();
        let mut slots: BTreeMap<(CapacityReservationId, &HostId), usize> = BTreeMap::new();
        let mut joined: BTreeMap<&HostId, &Tenancy> = BTreeMap::new();
        for i in new.filter(|i| !had(i)) {
            // Of those that come to one host in this document the first says how it is shared.
            if !self.admits(config, &i.host, &i.tenancy) || *joined.entry(&i.host).or_insert(&i.tenancy) != &i.tenancy {
                let why = format!("what it was promised on {} has ended: the host is kept for others", i.host);
                change.refused.push(Refused { instance: i.config.id, hold: i.hold, why });
                continue;
            }
            if held(i) {
                continue;
            }
            let (size, own) = (books::room(i.config.size()), self.books.held(i.config.id, &i.host));
            if let Some(id) = i.reservation {
                let taken = slots.entry((id, &i.host)).or_default();
                if self.books.free_slots_on(id, &i.host) > *taken {
                    *taken += 1;
                    continue;
                }
            }
            let left = left.entry(&i.host).or_insert_with(|| books::room(self.books.free(&i.host)));
            if left.plus(own).holds(size) {
                *left = left.plus(own).minus(size);
                continue;
            }
            let why = format!("its room on {} was promised for a time that has ended: {size} wanted, {left} free", i.host);
            change.refused.push(Refused { instance: i.config.id, hold: i.hold, why });
        }
        self.refused.extend(change.refused.iter().map(|r| (r.instance, r.clone())));
        change
    }

    /// Takes the region's document, after [`Self::review`]; returns what can be forgotten: holds that it confirms or that have
    /// ended, refusals that it has answered.
    pub fn configure(&mut self, config: CellConfig, now: TimestampMs) -> Change {
        let confirmed: BTreeSet<InstanceId> =
            config.instances.iter().filter(|i| i.config.desired != Desired::Stopped).map(|i| i.config.id).collect();
        let is_over = |h: &&Hold| h.until < now || confirmed.contains(&h.instance);
        let over: Vec<_> = self.holds.values().filter(is_over).map(|h| h.instance).collect();
        over.iter().for_each(|i| drop(self.holds.remove(i)));
        let named: BTreeMap<_, _> = config.reservations.iter().map(|r| (r.id, r.hold)).collect();
        let is_over = |s: &&SlotHold| s.until < now || named.get(&s.id) == Some(&s.number);
        let slots_over: Vec<_> = self.slots.values().filter(is_over).map(|s| s.id).collect();
        slots_over.iter().for_each(|id| drop(self.slots.remove(id)));
        let (hosts_over, hosts_settled) = self.allocations.settle(&config, now);
        let notices = self.take(config);
        slots_over.iter().for_each(|id| self.count_slots(*id));
        over.iter().for_each(|i| self.count(*i));
        let stands =
            |r: &&Refused| self.wanted(r.instance).is_some_and(|i| i.hold == r.hold && i.config.desired == Desired::Running);
        let settled: Vec<_> = self.refused.values().filter(|r| !stands(r)).map(|r| r.instance).collect();
        for instance in &settled {
            self.refused.remove(instance);
            self.count(*instance);
        }
        let ended_over = self.settle_ended();
        Change { over, settled, slots_over, hosts_over, hosts_settled, notices, ended_over, ..Change::default() }
    }

    fn take(&mut self, config: CellConfig) -> Vec<Notice> {
        let before: Vec<InstanceId> = self.index.keys().copied().collect();
        self.index = config.instances.iter().enumerate().map(|(at, i)| (i.config.id, at)).collect();
        let had = self.config.replace(config).map(|c| c.reservations).unwrap_or_default();
        let has = self.config.iter().flat_map(|c| &c.reservations);
        let mut changed: BTreeSet<_> = has.clone().filter(|r| !had.contains(r)).map(|r| r.id).collect();
        let kept: BTreeSet<_> = has.map(|r| r.id).collect();
        let recalled = self.recall();
        changed.extend(had.iter().map(|r| r.id).filter(|id| !kept.contains(id)));
        self.count_owners();
        // Slots before those who are in them.
        changed.into_iter().for_each(|id| self.count_slots(id));
        let after: Vec<InstanceId> = self.index.keys().copied().collect();
        before
            .into_iter()
            .filter(|i| !self.index.contains_key(i))
            .collect::<Vec<_>>()
            .into_iter()
            .chain(after)
            .for_each(|i| self.count(i));
        recalled
    }

    /// Whether the document wants what the cell does not give to its host.
    pub fn is_refused(&self, i: &CellInstance) -> bool {
        i.config.desired == Desired::Running && self.refused.get(&i.config.id).is_some_and(|r| r.hold == i.hold)
    }

    /// `false`: a report that is older than one that is known, or of a host that is not of this cell.
    pub fn hear(&mut self, report: HostReport, now: TimestampMs) -> bool {
        let Some(host) = self.hosts.get_mut(&report.host) else { return false };
        if let Some(known) = &host.report
            && known.incarnation == report.incarnation
            && known.sequence >= report.sequence
        {
            return false;
        }
        if !host.fence.admits(report.applied.0) {
            return false;
        }
        if host.fence.hear() {
            tracing::info!(host = %report.host, "a host that was given up is heard again");
            host.probation = RETURN_REPORTS;
        }
        host.probation = host.probation.saturating_sub(1);
        let is_open = host.probation == 0;
        let before = host.report.take().map(|r| r.instances).unwrap_or_default();
        let heard = std::mem::replace(&mut host.reported, now);
        host.capacity = report.capacity;
        let (id, capacity) = (report.host.clone(), report.capacity);
        let kept = |i: &&InstanceReport| i.state != VmState::Gone;
        let (was, is): (BTreeMap<_, _>, BTreeMap<_, _>) = (
            before.iter().filter(kept).map(|i| (i.id, (&i.state, i.size))).collect(),
            report.instances.iter().filter(kept).map(|i| (i.id, (&i.state, i.size))).collect(),
        );
        let changed: Vec<InstanceId> = was
            .keys()
            .chain(is.keys())
            .filter(|i| was.get(i) != is.get(i))
            .copied()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        for gone in was.keys().filter(|i| !is.contains_key(i)) {
            if let Some(hosts) = self.reporters.get_mut(gone) {
                hosts.remove(&id);
                if hosts.is_empty() {
                    self.reporters.remove(gone);
                }
            }
        }
        for there in is.keys() {
            self.reporters.entry(*there).or_default().insert(id.clone());
        }
        host.report = Some(report);
        self.books.set_capacity(&id, capacity);
        if is_open {
            self.books.hear(&id, heard, now);
        }
        changed.into_iter().for_each(|i| self.count(i));
        true
    }

    fn seen(&self, instance: InstanceId, host: &HostId) -> Option<&InstanceReport> {
        self.hosts.get(host)?.report.as_ref()?.instances.iter().find(|i| i.id == instance)
    }

    fn wanted(&self, instance: InstanceId) -> Option<&CellInstance> {
        Some(&self.config.as_ref()?.instances[*self.index.get(&instance)?])
    }

    /// Tells the books a reservation's slots: those of the document, and those that were promised since.
    fn count_slots(&mut self, id: CapacityReservationId) {
        let document = self.config.iter().flat_map(|c| &c.reservations).find(|r| r.id == id);
        let promised = self.slots.get(&id);
        let mut slots: Vec<HostId> = document.map(|r| r.slots.clone()).unwrap_or_default();
        slots.extend(promised.iter().flat_map(|s| &s.slots).cloned());
        let size = document.map(|r| r.size).or(promised.map(|s| s.size)).unwrap_or_default();
        self.books.set_reservation(id, books::room(size), &slots);
    }

    /// Promises slots to a capacity reservation. The same question gets the same answer, until the region says by `known`
    /// that it has it.
    ///
    /// # Errors
    /// As of [`Self::claim`].
    pub fn reserve(&mut self, request: &ReserveRequest, now: TimestampMs) -> Result<(ReserveReply, Change), NotReady> {
        self.is_ready(now)?;
        let mut change = self.end_slots(now);
        let mut before = Vec::new();
        if let Some(held) = self.slots.get(&request.id) {
            let (known, told) = (held.number == request.known, held.told as usize);
            if !known && held.told == request.count {
                let slots = held.slots[held.slots.len() - told..].to_vec();
                return Ok((ReserveReply::Reserved { slots, hold: held.number }, change));
            }
            // What the region knows of, but has not sent yet, stays promised; what it was told in vain does not.
            before = held.slots[..if known { held.slots.len() } else { held.slots.len() - told }].to_vec();
            if !known {
                if let Some(held) = self.slots.get_mut(&request.id) {
                    held.slots = before.clone();
                    held.told = 0;
                }
                self.count_slots(request.id);
            }
        }
        self.books.close_unheard(TimestampMs(now.0.saturating_sub(SILENT_AFTER_MS)));
        match self.books.slots(books::room(request.size), request.count) {
            Ok(slots) => {
                let (until, number) = (TimestampMs(now.0 + request.hold_ms), self.number());
                let all = before.into_iter().chain(slots.iter().cloned()).collect();
                let (id, size, told) = (request.id, request.size, slots.len() as u32);
                let hold = SlotHold { id, size, slots: all, told, until, number };
                change.slots_over.retain(|id| *id != request.id);
                change.slots.push(hold.clone());
                self.slots.insert(request.id, hold);
                self.count_slots(request.id);
                Ok((ReserveReply::Reserved { slots, hold: number }, change))
            }
            Err(short) => Ok((ReserveReply::Insufficient { short_of: short.of, placeable: short.placeable }, change)),
        }
    }

    fn end_slots(&mut self, now: TimestampMs) -> Change {
        let hosts_over = self.allocations.end(now);
        if !hosts_over.is_empty() {
            self.count_owners();
        }
        let slots_over: Vec<_> = self.slots.values().filter(|s| s.until < now).map(|s| s.id).collect();
        slots_over.iter().for_each(|id| drop(self.slots.remove(id)));
        slots_over.iter().for_each(|id| self.count_slots(*id));
        Change { slots_over, hosts_over, ..Change::default() }
    }

    fn number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number = number.wrapping_add(1).max(1);
        number
    }

    /// Tells the books what the instance holds now: by the document, else by a hold, else by what a host says. Where else
    /// hosts have something of it, it strays.
    fn count(&mut self, instance: InstanceId) {
        let hold = self.holds.get(&instance);
        let hosts: Vec<HostId> = self.reporters.get(&instance).into_iter().flatten().cloned().collect();
        let place = match (self.wanted(instance), hold) {
            // The latter: it is being placed again.
            (wanted, Some(h)) if wanted.is_none_or(|i| i.host != h.host) => {
                let (reservation, price_max, tenancy) = (h.reservation, h.price_max, h.tenancy.clone());
                Some(Holding { reservation, price_max, tenancy, ..Holding::new(h.host.clone(), books::room(h.size)) })
            }
            (Some(i), hold) => {
                let held = books::room(if self.is_refused(i) { self.refused_holds(i) } else { self.held_by(i) });
                let hold = hold.filter(|h| h.host == i.host);
                let room = held.max(hold.map(|h| books::room(h.size)).unwrap_or_default());
                let reservation = i.reservation.filter(|_| i.config.desired == Desired::Running);
                let reservation = reservation.or(hold.and_then(|h| h.reservation));
                // A start may be by another tenancy than the document's, which is of the last run.
                let tenancy = hold.map_or(&i.tenancy, |h| &h.tenancy).clone();
                let price_max = i.spot.map(|s| s.price_max);
                Some(Holding { reservation, price_max, tenancy, ..Holding::new(i.host.clone(), room) })
            }
            (None, _) => hosts.first().and_then(|host| {
                let room = books::room(self.seen(instance, host)?.size);
                Some(Holding::new(host.clone(), room))
            }),
        };
        let place = place.map(|p| self.with_notices(instance, p));
        let strays: BTreeSet<HostId> = hosts.into_iter().filter(|h| place.as_ref().is_none_or(|at| at.host != *h)).collect();
        for id in strays.union(self.strays.get(&instance).unwrap_or(&BTreeSet::new())) {
            let room = strays.contains(id).then(|| self.seen(instance, id).map(|r| books::room(r.size))).flatten();
            self.books.set_stray(id, instance, room);
        }
        if strays.is_empty() {
            self.strays.remove(&instance)
        } else {
            self.strays.insert(instance, strays)
        };
        self.books.set(instance, place.as_ref());
    }

    /// Whether its host has anything of it.
    pub fn has(&self, i: &CellInstance) -> bool {
        self.seen(i.config.id, &i.host).is_some_and(|r| r.state != VmState::Gone)
    }

    /// Of one that may not start: its disk, if it has one there.
    fn refused_holds(&self, i: &CellInstance) -> Capacity {
        Capacity { disk_gib: if self.has(i) { i.config.root_disk_gib } else { 0 }, ..Capacity::default() }
    }

    pub fn health(&self, host: &HostId, now: TimestampMs) -> HostHealth {
        match self.hosts.get(host) {
            Some(h) if h.report.is_some() && now.0.saturating_sub(h.reported.0) <= SILENT_AFTER_MS => HostHealth::Healthy,
            Some(h) if h.report.is_some() => HostHealth::Silent,
            _ => HostHealth::Unknown,
        }
    }

    /// What an instance of the document holds on its host: all of it, or only its disk while it is stopped.
    fn held_by(&self, i: &CellInstance) -> Capacity {
        let full = i.config.size();
        match (self.desired(i), self.seen(i.config.id, &i.host).map(|r| &r.state)) {
            (Desired::Stopped, Some(VmState::Stopped { .. })) => Capacity { disk_gib: full.disk_gib, ..Capacity::default() },
            (Desired::Terminated, Some(VmState::Gone)) => Capacity::default(),
            _ => full,
        }
    }

    /// Instances that a host has and that nobody wants: the region's document is known and does not name them.
    pub fn orphans(&self, host: &HostId) -> Vec<InstanceId> {
        let (Some(config), Some(report)) = (&self.config, self.hosts.get(host).and_then(|h| h.report.as_ref())) else {
            return Vec::new();
        };
        let wanted: BTreeSet<_> = config.instances.iter().filter(|i| i.host == *host).map(|i| i.config.id).collect();
        let awaited = |id| config.moved_disks.iter().any(|m| m.instance == id && m.from.contains(host));
        report
            .instances
            .iter()
            .filter(|i| i.state != VmState::Gone && !wanted.contains(&i.id) && !self.holds.contains_key(&i.id) && !awaited(i.id))
            .map(|i| i.id)
            .collect()
    }

    pub fn free(&self, host: &HostId) -> Capacity {
        self.books.free(host)
    }

    /// Whether claims are decided: the document says who has room, and holds that were lost with the store may not be given
    /// twice.
    fn is_ready(&mut self, now: TimestampMs) -> Result<(), NotReady> {
        if self.config.is_none() {
            return Err(NotReady::NoDocument);
        }
        if let Some(since) = self.new_at {
            let unheard = self.hosts.values().filter(|h| h.report.is_none()).count();
            if unheard > 0 && now.0 < since.0 + NEW_STORE_WAITS_MS {
                return Err(NotReady::Unheard { unheard });
            }
            self.new_at = None;
        }
        Ok(())
    }

    /// Decides a claim. What it returns beside the reply must be durable before the reply is sent. Idempotent: an instance
    /// that has room already keeps it, but in a placement group: there the group may have grown since, and it is decided anew.
    ///
    /// # Errors
    /// The cell does not know yet what is promised.
    pub fn claim(&mut self, request: &ClaimRequest, now: TimestampMs) -> Result<(ClaimReply, Change), NotReady> {
        self.is_ready(now)?;
        let again = |h: &Hold| request.group.is_some() && request.instances.contains(&h.instance);
        let over: Vec<_> = self.holds.values().filter(|h| h.until < now || again(h)).map(|h| h.instance).collect();
        self.drop_holds(&over);
        let mut change = Change { over, ..self.end_slots(now) };
        self.books.close_unheard(TimestampMs(now.0.saturating_sub(SILENT_AFTER_MS)));
        let is_open = |i: &&InstanceId| !self.holds.contains_key(i);
        let open: Vec<InstanceId> = request.instances.iter().filter(is_open).copied().collect();
        let mut why: BTreeMap<InstanceId, String> = BTreeMap::new();
        if !open.is_empty() {
            let has = (request.instances.len() - open.len()) as u32;
            let min = request.count_min.saturating_sub(has);
            let promised = request.group.as_ref().map(|g| self.promised(g.id)).unwrap_or_default();
            match self.books.find(request, &open, min, promised, now) {
                Ok(found) => {
                    for Found { instance, host, partition, reservation, evicts, why: reason } in found {
                        let until = TimestampMs(now.0 + request.hold_ms);
                        let group = request.group.as_ref().map(|g| (g.id, partition));
                        let (size, number) = (request.size, self.number());
                        let tenancy = request.tenancy.clone();
                        let price_max = match request.market {
                            ClaimMarket::Spot { price_max } => Some(price_max),
                            ClaimMarket::OnDemand | ClaimMarket::OnDemandPreempt => None,
                        };
                        let hold = Hold { instance, host, size, until, group, number, reservation, price_max, tenancy };
                        why.insert(instance, reason);
                        self.tell(&evicts, instance, now, &mut change);
                        self.holds.insert(instance, hold.clone());
                        change.held.push(hold);
                    }
                }
                Err(_) if min == 0 && has > 0 => {}
                Err(Short { price: Some(now), .. }) if has == 0 => return Ok((ClaimReply::PriceTooLow { now }, change)),
                Err(short) => {
                    return Ok((ClaimReply::Insufficient { short_of: short.of, placeable: short.placeable + has }, change));
                }
            }
        }
        let placements = request.instances.iter().filter_map(|i| {
            let hold = self.holds.get(i)?;
            Some(Placement {
                instance: *i,
                host: hold.host.clone(),
                underlay: self.hosts.get(&hold.host)?.underlay,
                partition: hold.group.and_then(|(_, partition)| partition),
                hold: hold.number,
                why: why.remove(i).unwrap_or_else(|| "it had room there already".to_owned()),
                reservation: hold.reservation,
                not_before_ms: self.not_before(*i).map(|at| at.0),
            })
        });
        let placements = placements.collect();
        // Held anew: not over.
        change.over.retain(|i| !self.holds.contains_key(i));
        Ok((ClaimReply::Placed(placements), change))
    }

    fn drop_holds(&mut self, instances: &[InstanceId]) {
        instances.iter().for_each(|i| drop(self.holds.remove(i)));
        instances.iter().for_each(|i| self.count(*i));
    }

    /// Instances of a placement group that have room here and may not be rows of the region yet.
    fn promised(&self, group: PlacementGroupId) -> Vec<GroupMember> {
        let of_it = self.holds.values().filter_map(|h| Some((h, h.group.filter(|(id, _)| *id == group)?.1)));
        let rack = |h: &Hold| self.hosts.get(&h.host).map(|x| x.rack.clone()).unwrap_or_default();
        of_it.map(|(h, partition)| GroupMember { host: h.host.clone(), rack: rack(h), partition }).collect()
    }

    /// Gives holds back; returns those that there were.
    pub fn unclaim(&mut self, holds: &[HoldRef]) -> Vec<InstanceId> {
        let is_it = |r: &&HoldRef| self.holds.get(&r.instance).is_some_and(|h| h.number == r.hold);
        let gone: Vec<InstanceId> = holds.iter().filter(is_it).map(|r| r.instance).collect();
        self.drop_holds(&gone);
        gone
    }

    pub fn host_of(&self, instance: InstanceId) -> Option<HostId> {
        let reported = || self.reporters.get(&instance).and_then(|hosts| hosts.first().cloned());
        self.wanted(instance).map(|i| i.host.clone()).or_else(reported)
    }

    /// What room there is, for the region. `run`: random, of this controller's life.
    pub fn room(&mut self, run: u64, sequence: u64, now: TimestampMs, rng: &mut scheduler::Rng) -> CellRoom {
        self.books.close_unheard(TimestampMs(now.0.saturating_sub(SILENT_AFTER_MS)));
        let summary = self.books.summary(&self.settings, sequence, now, rng);
        let empty = |class| summary.empty.get(class).copied().unwrap_or(0);
        let classes = summary.slots.iter().map(|(c, slots)| ClassRoom { class: c.0, slots: slots.clone(), empty: empty(c) });
        CellRoom { run, sequence, ladder: scheduler::region::LADDER, classes: classes.collect() }
    }

    /// What is true here; without [`Self::room`].
    pub fn report(&self, now: TimestampMs) -> CellReport {
        let mut instances = Vec::new();
        let mut hosts = Vec::new();
        let mut balancers = Vec::new();
        for (id, h) in &self.hosts {
            let health = self.health(id, now);
            let r = h.report.as_ref();
            // What a silent host's targets are is not known.
            let current = r.filter(|_| health == HostHealth::Healthy);
            balancers.extend(current.iter().flat_map(|r| &r.balancers).cloned());
            hosts.push(HostSummary {
                host: id.clone(),
                underlay: h.underlay,
                health,
                capacity: h.capacity,
                free: self.free(id),
                applied: r.map_or(Generation(0), |r| r.applied),
                card_applied: r.map_or(Generation(0), |r| r.card_applied),
                wanted: h.wanted,
                acceleration: r.map(|r| r.acceleration.clone()).unwrap_or_default(),
                problems: r.map(|r| r.problems.clone()).unwrap_or_default(),
                off: h.fence.is_off(),
            });
            instances.extend(r.iter().flat_map(|r| &r.instances).map(|i| CellInstanceReport {
                id: i.id,
                host: id.clone(),
                state: i.state.clone(),
                boot: i.boot,
                reboot: i.reboot,
                reachability: i.reachability,
                started_ms: i.started_ms,
                current: health == HostHealth::Healthy,
                interfaces: i.interfaces.clone(),
                no_room: false,
            }));
        }
        let refused =
            self.refused.values().filter_map(|r| Some((r, self.wanted(r.instance)?))).filter(|(_, i)| self.is_refused(i));
        for (refused, i) in refused {
            instances.retain(|r| r.id != i.config.id);
            instances.push(CellInstanceReport {
                id: i.config.id,
                host: i.host.clone(),
                state: VmState::Failed { reason: refused.why.clone() },
                boot: i.config.boot,
                reboot: i.config.reboot,
                reachability: Reachability::NotApplicable,
                started_ms: 0,
                current: true,
                interfaces: Vec::new(),
                no_room: true,
            });
        }
        CellReport {
            spot_price: self.books.prices().map(|(_, price, _)| price).min(),
            notices: self.notices.values().map(|n| (n.instance, n.told)).collect(),
            balancers,
            room: None,
            format: FORMAT,
            cell: self.settings.id.clone(),
            az: self.settings.az.clone(),
            applied: self.config.as_ref().map_or(Generation(0), |c| c.generation),
            hosts,
            instances,
            dedicated_hosts_refused: self.allocations.refused(),
            ended_runs: self.ended.values().cloned().collect(),
        }
    }
}

/// Whether a guest in this state has more than its disk.
fn holds_all(state: &VmState) -> bool {
    match state {
        VmState::Starting | VmState::Running | VmState::Stopping => true,
        VmState::Stopped { .. } | VmState::Gone | VmState::Failed { .. } => false,
    }
}

mod recovery;

pub use recovery::NotEnded;

#[cfg(test)]
mod tests;
