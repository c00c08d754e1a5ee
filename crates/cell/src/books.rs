//! The cell's hosts and what is held on them, in the one decider ([`scheduler::cell::Decider`]). [`crate::state`] says what an
//! instance holds whenever that may have changed; nothing else moves room.
//!
//! An instance holds room in one place. What a host has of an instance whose place is another one (a stray, until it is
//! ended there) makes the host smaller for that long.

use platform::settings::CellSettings;
use scheduler::Room;
use scheduler::cell::{
    Account, Apart, Class, Decider, Group, Held, HostIx, HostSpec, Level, Membership, Placement, Pools, Refusal, Request, Seat,
    Strategy,
};
use std::collections::{BTreeMap, BTreeSet};
use types::{HostId, InstanceId, PlacementGroupId, TimestampMs};
use wire::cell::{ClaimGroup, ClaimRequest, GroupMember, GroupStrategy};
use wire::host::Capacity;

/// A host that is found for an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub instance: InstanceId,
    pub host: HostId,
    /// From 1.
    pub partition: Option<u8>,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    pub of: String,
    pub placeable: u32,
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
    /// When an open host was heard last.
    heard: BTreeSet<(TimestampMs, HostId)>,
}

pub fn room(c: Capacity) -> Room {
    Room { vcpus: c.vcpus, memory_mib: c.memory_mib, disk_gib: c.disk_gib, ..Room::default() }
}

fn capacity(r: Room) -> Capacity {
    Capacity { vcpus: r.vcpus, memory_mib: r.memory_mib, disk_gib: r.disk_gib }
}

fn group_of(id: PlacementGroupId) -> Group {
    // The last 16 of 17 random digits.
    Group(id.digits()[1..].iter().fold(0, |n, d| n << 4 | u64::from((*d as char).to_digit(16).unwrap_or(0))))
}

fn strategy_of(s: GroupStrategy) -> Strategy {
    match s {
        GroupStrategy::Cluster => Strategy::Cluster,
        GroupStrategy::SpreadHost => Strategy::SpreadHost,
        GroupStrategy::SpreadRack => Strategy::SpreadRack,
        GroupStrategy::Partition { count } => Strategy::Partition { count },
    }
}

/// In whose name configured instances hold their room: a host is not an account's own.
const NOBODY: Account = Account(0);

impl Books {
    /// All hosts closed: none has reported.
    pub fn new(settings: &CellSettings) -> Self {
        let (decider, racks) = (Decider::default(), BTreeMap::new());
        let mut books = Self { decider, shapes: BTreeMap::new(), racks, heard: BTreeSet::new() };
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
        if before != room {
            self.measure(host);
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

    /// Hosts that were not heard since then take no more.
    pub fn close_unheard(&mut self, since: TimestampMs) {
        while self.heard.first().is_some_and(|(at, _)| *at < since) {
            let host = self.heard.pop_first().and_then(|(_, host)| self.decider.host(&host));
            host.into_iter().for_each(|ix| self.decider.set_open(ix, false));
        }
    }

    /// What the instance holds from now on, and where; whatever fits.
    pub fn set(&mut self, instance: InstanceId, place: Option<(&HostId, Room)>) {
        let place = place.and_then(|(host, room)| Some((self.decider.host(host)?, room))).filter(|(_, r)| *r != Room::default());
        let held = self.decider.held(instance).map(|h| (h.host, h.room));
        match place {
            same if same == held => {}
            Some((host, room)) => {
                let request = Request::new(NOBODY, room);
                self.decider.adopt(instance, Held::of(&request, host));
            }
            None => drop(self.decider.release(instance)),
        }
    }

    /// What the instance holds on the host.
    pub fn held(&self, instance: InstanceId, host: &HostId) -> Room {
        let ix = self.decider.host(host);
        self.decider.held(instance).filter(|h| Some(h.host) == ix).map_or(Room::default(), |h| h.room)
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
        // A start: what it holds is its disk, which is part of what it wants.
        let disks: Vec<(InstanceId, Held)> = match &claim.on_host {
            Some(_) => instances.iter().filter_map(|i| Some((*i, self.decider.release(*i)?))).collect(),
            None => Vec::new(),
        };
        let group = claim.group.as_ref().map(|g| self.join(g, promised));
        let packs = claim.group.as_ref().is_some_and(|g| g.strategy == GroupStrategy::Cluster);
        let apart = Apart { from: claim.apart_from.clone(), each_other: true, level: Level::Host, must: false };
        let request = Request {
            group,
            apart: (!packs).then_some(apart),
            only: claim.on_host.clone(),
            ..Request::new(NOBODY, room(claim.size))
        };
        let wanted: Vec<_> = instances.iter().map(|i| (*i, request.clone())).collect();
        let outcome = self.decider.decide_batch(&wanted, min as usize, now);
        if let Some(member) = group {
            // Each claim says anew who is in the group.
            self.decider.seat(member.group, member.strategy, Vec::new());
            for p in outcome.iter().flatten().flatten() {
                self.decider.adopt(p.instance, Held::of(&Request { group: None, ..request.clone() }, p.host));
            }
        }
        match outcome {
            Ok(placements) => Ok(placements.iter().flatten().map(|p| self.found(p)).collect()),
            Err(refusal) => {
                disks.into_iter().for_each(|(i, held)| self.decider.adopt(i, held));
                Err(match refusal {
                    Refusal::Short(short) => Short { of: short.to_string(), placeable: short.placeable },
                    other => Short { of: other.to_string(), placeable: 0 },
                })
            }
        }
    }

    fn found(&self, p: &Placement) -> Found {
        let host = self.decider.host_id(p.host).clone();
        Found { instance: p.instance, host, partition: p.partition.map(|n| n + 1), why: self.decider.explain(p) }
    }

    /// Tells the decider of the group's members, for one claim.
    fn join(&mut self, claim: &ClaimGroup, promised: Vec<GroupMember>) -> Membership {
        let (group, strategy) = (group_of(claim.id), strategy_of(claim.strategy));
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
