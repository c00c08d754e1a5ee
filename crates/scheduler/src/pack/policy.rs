//! The rules that are compared, on the same hosts.

use crate::cell::{Account, Decider, HostIx, HostSpec, Request};
use crate::load::shapes::{Fleet, Shape};
use crate::rng::Rng;
use crate::room::Room;
use std::collections::BTreeMap;
use types::{InstanceId, TimestampMs};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// This crate's decider.
    Decider,
    /// The first host in order that has room.
    FirstFit,
    /// The one with the most free vCPUs.
    WorstFit,
    /// The one with the fewest vCPUs left, exactly.
    BestFit,
    /// One of the sixteen with the least left, by chance: what several deciders on one inventory do.
    RandomOfBest,
}

impl Policy {
    pub const ALL: [Self; 5] = [Self::Decider, Self::BestFit, Self::FirstFit, Self::RandomOfBest, Self::WorstFit];

    pub fn name(self) -> &'static str {
        match self {
            Self::Decider => "decider",
            Self::FirstFit => "first fit",
            Self::WorstFit => "worst fit",
            Self::BestFit => "best fit (vCPUs)",
            Self::RandomOfBest => "random of best 16",
        }
    }
}

/// Hosts that forget their past.
pub(super) enum Fleeting {
    Decider(Box<Decider>),
    Scan { policy: Policy, hosts: Vec<(HostSpec, Room)>, held: BTreeMap<InstanceId, (usize, Room)>, rng: Rng },
}

impl Fleeting {
    pub fn new(policy: Policy, fleet: Fleet, count: u32, seed: u64) -> Self {
        let specs = (0..count).map(|n| fleet.host("a1", n, count));
        if policy == Policy::Decider {
            let mut decider = Decider::default();
            specs.for_each(|spec| {
                decider.add_host(spec);
            });
            return Self::Decider(Box::new(decider));
        }
        let hosts = specs.map(|spec| (spec.clone(), spec.total)).collect();
        Self::Scan { policy, hosts, held: BTreeMap::new(), rng: Rng::new(seed ^ 1) }
    }

    pub fn place(&mut self, id: InstanceId, shape: &Shape) -> bool {
        match self {
            Self::Decider(decider) => {
                let request = Request { pools: shape.pools, ..Request::new(Account(1), shape.size) };
                decider.decide(id, &request, TimestampMs(0)).is_ok()
            }
            Self::Scan { policy, hosts, held, rng } => {
                let mut fit =
                    hosts.iter().enumerate().filter(|(_, (s, free))| shape.pools.has(s.class) && free.holds(shape.size));
                let left = |free: &Room| (free.vcpus, free.memory_mib);
                let host = match policy {
                    Policy::FirstFit | Policy::Decider => fit.next().map(|(n, _)| n),
                    Policy::WorstFit => fit.max_by_key(|(n, (_, f))| (left(f), std::cmp::Reverse(*n))).map(|(n, _)| n),
                    Policy::BestFit => fit.min_by_key(|(n, (_, f))| (left(f), *n)).map(|(n, _)| n),
                    Policy::RandomOfBest => {
                        let mut all: Vec<_> = fit.map(|(n, (_, f))| (left(f), n)).collect();
                        all.sort_unstable();
                        all.truncate(16);
                        all.get(rng.below(all.len() as u64) as usize).map(|(_, n)| *n)
                    }
                };
                let Some(host) = host else { return false };
                hosts[host].1 = hosts[host].1.minus(shape.size);
                held.insert(id, (host, shape.size));
                true
            }
        }
    }

    pub fn release(&mut self, id: InstanceId) {
        match self {
            Self::Decider(decider) => {
                decider.release(id);
            }
            Self::Scan { hosts, held, .. } => {
                if let Some((host, size)) = held.remove(&id) {
                    hosts[host].1 = hosts[host].1.plus(size);
                }
            }
        }
    }

    fn rooms(&self) -> Vec<(Room, Room)> {
        match self {
            Self::Decider(d) => d.hosts().map(|h: HostIx| (d.total(h), d.free(h))).collect(),
            Self::Scan { hosts, .. } => hosts.iter().map(|(s, free)| (s.total, *free)).collect(),
        }
    }

    pub fn stranded(&self) -> f64 {
        let (mut total, mut stranded) = (0.0, 0.0);
        for (t, free) in self.rooms() {
            total += f64::from(t.vcpus);
            stranded += f64::from(free.vcpus - free.vcpus.min(free.memory_mib / 2048));
        }
        stranded / total
    }
}
