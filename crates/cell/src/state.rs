//! What a cell knows, and the decisions on it. No I/O: [`crate::controller`] makes durable what the methods return.

use crate::group::Group;
use crate::place::{self, Candidate, Place, Want};
use platform::settings::CellSettings;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use types::{Generation, HostId, InstanceId, PlacementGroupId, TimestampMs};
use wire::FORMAT;
use wire::cell::{
    CellConfig, CellInstance, CellInstanceReport, CellReport, ClaimReply, ClaimRequest, GroupMember, HostHealth, HostSummary,
    Placement,
};
use wire::host::{Capacity, Desired, HostReport, VmState};

/// A host whose last report is older takes no new instances. Reports come once a second.
pub const SILENT_AFTER_MS: u64 = 3_500;

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
}

#[derive(Debug)]
struct Host {
    underlay: std::net::Ipv4Addr,
    rack: String,
    capacity: Capacity,
    report: Option<HostReport>,
    reported: TimestampMs,
    wanted: Generation,
}

#[derive(Debug)]
pub struct Cell {
    settings: CellSettings,
    hosts: BTreeMap<HostId, Host>,
    config: Option<CellConfig>,
    holds: BTreeMap<InstanceId, Hold>,
}

impl Cell {
    pub fn new(settings: CellSettings, config: Option<CellConfig>, holds: Vec<Hold>) -> Self {
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
                };
                (h.id.clone(), host)
            })
            .collect();
        Self { settings, hosts, config, holds: holds.into_iter().map(|h| (h.instance, h)).collect() }
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

    /// Takes the region's document; returns the holds that it confirms (or that have ended): they can be forgotten.
    pub fn configure(&mut self, config: CellConfig, now: TimestampMs) -> Vec<InstanceId> {
        let confirmed: BTreeSet<InstanceId> =
            config.instances.iter().filter(|i| i.config.desired != Desired::Stopped).map(|i| i.config.id).collect();
        self.config = Some(config);
        let over: Vec<_> =
            self.holds.values().filter(|h| h.until < now || confirmed.contains(&h.instance)).map(|h| h.instance).collect();
        over.iter().for_each(|i| drop(self.holds.remove(i)));
        over
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
        host.capacity = report.capacity;
        host.report = Some(report);
        host.reported = now;
        true
    }

    pub fn health(&self, host: &HostId, now: TimestampMs) -> HostHealth {
        match self.hosts.get(host) {
            Some(h) if h.report.is_some() && now.0.saturating_sub(h.reported.0) <= SILENT_AFTER_MS => HostHealth::Healthy,
            Some(h) if h.report.is_some() => HostHealth::Silent,
            _ => HostHealth::Unknown,
        }
    }

    fn reported(&self, instance: InstanceId) -> Option<(&HostId, &wire::host::InstanceReport)> {
        self.hosts.iter().find_map(|(id, h)| {
            let found = h.report.as_ref()?.instances.iter().find(|i| i.id == instance)?;
            Some((id, found))
        })
    }

    /// What an instance of the document holds on its host: all of it, or only its disk while it is stopped.
    fn held_by(&self, i: &CellInstance) -> Capacity {
        let full = i.config.size();
        let state = self.reported(i.config.id).map(|(_, r)| &r.state);
        match (i.config.desired, state) {
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
        report
            .instances
            .iter()
            .filter(|i| i.state != VmState::Gone && !wanted.contains(&i.id) && !self.holds.contains_key(&i.id))
            .map(|i| i.id)
            .collect()
    }

    pub fn free(&self, host: &HostId) -> Capacity {
        let Some(h) = self.hosts.get(host) else { return Capacity::default() };
        let mut used = Capacity::default();
        let mut counted = BTreeSet::new();
        for i in self.config.iter().flat_map(|c| &c.instances).filter(|i| i.host == *host) {
            counted.insert(i.config.id);
            used = place::plus(used, self.held_by(i));
        }
        for i in h.report.iter().flat_map(|r| &r.instances).filter(|i| i.state != VmState::Gone && !counted.contains(&i.id)) {
            // Not in the document (it may not be known yet): what the host says it holds, counts.
            if !self.holds.contains_key(&i.id) {
                used = place::plus(used, i.size);
            }
        }
        for hold in self.holds.values().filter(|x| x.host == *host) {
            // A stopped instance that is being started holds its disk already.
            let disk_counted = counted.contains(&hold.instance);
            used = place::plus(used, Capacity { disk_gib: if disk_counted { 0 } else { hold.size.disk_gib }, ..hold.size });
        }
        place::minus(h.capacity, used)
    }

    /// Decides a claim. What it returns beside the reply must be durable before the reply is sent. Idempotent: an instance
    /// that has room already keeps it, but in a placement group: there the group may have grown since, and it is decided anew.
    pub fn claim(&mut self, request: &ClaimRequest, now: TimestampMs) -> (ClaimReply, Vec<Hold>) {
        self.holds.retain(|_, h| h.until >= now);
        if request.group.is_some() {
            self.holds.retain(|id, _| !request.instances.contains(id));
        }
        let mut placed: BTreeMap<InstanceId, Place> = BTreeMap::new();
        for id in &request.instances {
            if let Some(hold) = self.holds.get(id) {
                placed.insert(*id, Place { host: hold.host.clone(), partition: None });
            }
        }
        let open: Vec<InstanceId> = request.instances.iter().filter(|i| !placed.contains_key(i)).copied().collect();
        let mut new = Vec::new();
        if !open.is_empty() {
            let apart: BTreeSet<_> = request.apart_from.iter().chain(&request.instances).collect();
            let candidates: Vec<Candidate> = self
                .hosts
                .iter()
                .map(|(id, h)| {
                    let here =
                        self.config.iter().flat_map(|c| &c.instances).filter(|i| i.host == *id && apart.contains(&i.config.id));
                    let held = placed.values().filter(|p| p.host == *id);
                    Candidate {
                        id: id.clone(),
                        rack: h.rack.clone(),
                        open: self.health(id, now) == HostHealth::Healthy,
                        total: h.capacity,
                        free: self.free(id),
                        apart: (here.count() + held.count()) as u32,
                    }
                })
                .collect();
            // A start asks for CPU and memory only: the disk is there.
            let size = match &request.on_host {
                Some(_) => Capacity { disk_gib: 0, ..request.size },
                None => request.size,
            };
            let min = request.count_min.saturating_sub(placed.len() as u32);
            let want = Want { size, count: open.len() as u32, count_min: min, only: request.on_host.as_ref() };
            let group = request.group.as_ref().map(|g| Group::new(g, self.promised(g.id)));
            match place::place(&candidates, want, group) {
                Ok(places) => {
                    for (instance, place) in open.iter().zip(places) {
                        let until = TimestampMs(now.0 + request.hold_ms);
                        let group = request.group.as_ref().map(|g| (g.id, place.partition));
                        let hold = Hold { instance: *instance, host: place.host.clone(), size: request.size, until, group };
                        placed.insert(*instance, place);
                        self.holds.insert(*instance, hold.clone());
                        new.push(hold);
                    }
                }
                Err(_) if min == 0 && !placed.is_empty() => {}
                Err(short) => {
                    let placeable = short.placeable + placed.len() as u32;
                    return (ClaimReply::Insufficient { short_of: short.of, placeable }, new);
                }
            }
        }
        let placements = request
            .instances
            .iter()
            .filter_map(|i| {
                let Place { host, partition } = placed.get(i)?.clone();
                let underlay = self.hosts.get(&host)?.underlay;
                Some(Placement { instance: *i, host, underlay, partition })
            })
            .collect();
        (ClaimReply::Placed(placements), new)
    }

    /// Instances of a placement group that have room here and may not be rows of the region yet.
    fn promised(&self, group: PlacementGroupId) -> Vec<GroupMember> {
        let of_it = self.holds.values().filter_map(|h| Some((h, h.group.filter(|(id, _)| *id == group)?.1)));
        let rack = |h: &Hold| self.hosts.get(&h.host).map(|x| x.rack.clone()).unwrap_or_default();
        of_it.map(|(h, partition)| GroupMember { host: h.host.clone(), rack: rack(h), partition }).collect()
    }

    /// Gives holds back; returns those that there were.
    pub fn unclaim(&mut self, instances: &[InstanceId]) -> Vec<InstanceId> {
        instances.iter().filter(|i| self.holds.remove(i).is_some()).copied().collect()
    }

    pub fn host_of(&self, instance: InstanceId) -> Option<HostId> {
        let configured = self.config.iter().flat_map(|c| &c.instances).find(|i| i.config.id == instance).map(|i| i.host.clone());
        configured.or_else(|| self.reported(instance).map(|(h, _)| h.clone()))
    }

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
            }));
        }
        CellReport {
            balancers,
            format: FORMAT,
            cell: self.settings.id.clone(),
            az: self.settings.az.clone(),
            applied: self.config.as_ref().map_or(Generation(0), |c| c.generation),
            hosts,
            instances,
        }
    }
}

#[cfg(test)]
mod tests;
