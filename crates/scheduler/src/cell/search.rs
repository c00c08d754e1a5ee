//! Finding the cheapest host that is allowed: by the grid, or along a list where the choice is narrow.

use super::decider::{ClassState, Decider};
use super::host::{Class, Host, HostIx, NONE};
use super::request::{How, RIVALS_MAX, Request, Rival};
use super::score::Score;
use crate::room::Room;
use std::collections::BTreeMap;

/// How many hosts of a class are scored at most, and how many of one bucket: hosts of a bucket are nearly alike, so the
/// search sees more different ones for the same time. More did not pack measurably better (docs/scheduling.md).
const CONSIDERED_MAX: u32 = 32;
const A_BUCKET_MAX: u32 = 1;
/// How many hosts of a bucket are looked at for those: in a bucket's list some may lack disk, network or be ruled out.
/// Only when nothing is found so, all of them are.
const LOOKED_AT_MAX: u32 = 8;

/// Where a request may go, beside what fits.
#[derive(Debug, Default)]
pub(super) struct Limits {
    /// Only along these (in this order); None: all of the grid.
    pub along: Option<Vec<HostIx>>,
    /// Never there; sorted.
    pub hosts_out: Vec<HostIx>,
    pub racks_out: Vec<u32>,
    /// Rather not there: how many are there to be apart from.
    pub hosts_soft: BTreeMap<HostIx, u32>,
    pub racks_soft: BTreeMap<u32, u32>,
    /// Rather there: members a rack.
    pub racks_near: BTreeMap<u32, u32>,
}

impl Limits {
    pub fn allows(&self, ix: HostIx, host: &Host) -> bool {
        (self.racks_out.is_empty() || self.racks_out.binary_search(&host.rack).is_err())
            && (self.hosts_out.is_empty() || self.hosts_out.binary_search(&ix).is_err())
    }

    fn soft(&self, ix: HostIx, host: &Host) -> u32 {
        let hosts = if self.hosts_soft.is_empty() { 0 } else { self.hosts_soft.get(&ix).copied().unwrap_or(0) };
        let racks = if self.racks_soft.is_empty() { 0 } else { self.racks_soft.get(&host.rack).copied().unwrap_or(0) };
        hosts + racks
    }

    /// What comes before the score: fewest to be apart from, then most to be near to.
    fn rank(&self, ix: HostIx, host: &Host) -> (u32, std::cmp::Reverse<u32>) {
        (self.soft(ix, host), std::cmp::Reverse(self.racks_near.get(&host.rack).copied().unwrap_or(0)))
    }
}

type Key = ((u32, std::cmp::Reverse<u32>), Score, HostIx);

/// The best so far and the next best after it.
#[derive(Debug, Default)]
struct Best {
    top: [Option<Key>; RIVALS_MAX + 1],
    considered: u32,
}

impl Best {
    fn offer(&mut self, key: Key) {
        self.considered += 1;
        let before = |a: &Key, b: &Key| a.0.cmp(&b.0).then(a.1.total.total_cmp(&b.1.total)).then(a.2.cmp(&b.2)).is_lt();
        let mut carry = key;
        for place in &mut self.top {
            match place {
                None => {
                    *place = Some(carry);
                    return;
                }
                Some(there) if before(&carry, there) => std::mem::swap(there, &mut carry),
                Some(_) => {}
            }
        }
    }

    fn found(self) -> Option<(HostIx, How)> {
        let (_, score, host) = self.top[0]?;
        let rivals = std::array::from_fn(|i| self.top[i + 1].map(|(_, score, host)| Rival { host, score }));
        Some((host, How::Scored { score, considered: self.considered, rivals }))
    }
}

impl Decider {
    pub(super) fn best(&self, request: &Request, limits: &Limits) -> Option<(HostIx, How)> {
        let mut best = Best::default();
        let pressures = self.pressures(request);
        if let Some(list) = &limits.along {
            self.along(list, request, limits, &pressures, &mut best);
            return best.found();
        }
        for looked_at_max in [LOOKED_AT_MAX, u32::MAX] {
            for (class, pressure) in &pressures {
                if let Some(state) = self.classes.get(class) {
                    self.walk(state, request, limits, *pressure, looked_at_max, &mut best);
                }
            }
            if best.considered > 0 {
                break;
            }
        }
        if best.considered == 0 {
            // None that is free of those to be apart from: the ones with the fewest.
            let racks = limits.racks_soft.keys().filter_map(|r| self.racks.get(r)).flat_map(|(_, hosts)| hosts.iter().copied());
            let list: Vec<HostIx> = limits.hosts_soft.keys().copied().chain(racks).collect();
            let shared: Vec<HostIx> = list.into_iter().filter(|ix| self.is_shared(*ix)).collect();
            self.along(&shared, request, limits, &pressures, &mut best);
        }
        best.found()
    }

    fn walk(&self, state: &ClassState, request: &Request, limits: &Limits, pressure: f32, looked_at_max: u32, best: &mut Best) {
        let mut left = CONSIDERED_MAX;
        state.grid.walk(request.size, |head| {
            let (mut ix, mut found, mut looked_at) = (head, 0, 0);
            while ix != NONE && found < A_BUCKET_MAX && looked_at < looked_at_max && left > 0 {
                let host = &self.hosts[ix as usize];
                let at = HostIx(ix);
                if host.free.holds(request.size) && limits.allows(at, host) && limits.soft(at, host) == 0 {
                    let score = state.scale.score(&self.weights, host, request.size, pressure);
                    best.offer((limits.rank(at, host), score, at));
                    found += 1;
                    left -= 1;
                }
                looked_at += 1;
                ix = host.next;
            }
            left > 0
        });
    }

    fn along(&self, list: &[HostIx], request: &Request, limits: &Limits, pressures: &[(Class, f32)], best: &mut Best) {
        for at in list {
            let host = &self.hosts[at.0 as usize];
            if !self.takes(*at, host, request.size, request) || !limits.allows(*at, host) {
                continue;
            }
            let pressure = pressures.iter().find(|(class, _)| *class == host.class).map_or(0.0, |(_, p)| *p);
            if let Some(state) = self.classes.get(&host.class) {
                best.offer((limits.rank(*at, host), state.scale.score(&self.weights, host, request.size, pressure), *at));
            }
        }
    }

    fn takes(&self, at: HostIx, host: &Host, size: Room, request: &Request) -> bool {
        host.open && request.pools.has(host.class) && !self.waiting.contains_key(&at) && host.free.holds(size)
    }

    /// In the grid: open, nobody's own, nothing promised.
    pub(super) fn is_shared(&self, ix: HostIx) -> bool {
        self.hosts[ix.0 as usize].bucket != NONE
    }
}
