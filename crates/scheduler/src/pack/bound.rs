//! What no rule can beat: instances cut as finely as one likes, all dimensions and all models of hosts at once.

use super::simplex::Rows;
use crate::cell::{Class, Pools};
use crate::load::shapes::{Fleet, MODELS, Shape};
use std::collections::BTreeMap;

/// Functions that are dual feasible: their values over the shares of a host that fit together never sum to more than 1 (Fekete
/// and Schepers 2001: u^(k)). They see what cutting hides: of instances above half a host there is one a host.
const DUAL_FEASIBLE: [u32; 3] = [1, 2, 3];

/// Who is there, and whether they fit by a linear program: each size's instances are shared out over the models that may have it
/// (in parts), and in each model no dimension is over what its hosts have, as it is and seen through [`DUAL_FEASIBLE`]. Whoever
/// places whole instances on hosts solves that program, so what it says cannot be beaten.
#[derive(Debug, Clone)]
pub struct Bound {
    hosts: [u64; 5],
    count: BTreeMap<(Pools, [u32; 5]), u64>,
    demand: BTreeMap<Pools, [u64; 5]>,
}

impl Bound {
    pub fn new(fleet: Fleet, hosts: u32) -> Self {
        let mut of = [0; 5];
        (0..hosts).for_each(|n| of[usize::from(fleet.model(n, hosts).0)] += 1);
        Self { hosts: of, count: BTreeMap::new(), demand: BTreeMap::new() }
    }

    pub fn take(&mut self, shape: &Shape) {
        *self.count.entry((shape.pools, shape.size.array())).or_default() += 1;
        let sum = self.demand.entry(shape.pools).or_default();
        (0..5).for_each(|d| sum[d] += u64::from(shape.size.array()[d]));
    }

    pub fn release(&mut self, shape: &Shape) {
        if let Some(n) = self.count.get_mut(&(shape.pools, shape.size.array())) {
            *n -= 1;
        }
        let sum = self.demand.entry(shape.pools).or_default();
        (0..5).for_each(|d| sum[d] -= u64::from(shape.size.array()[d]));
    }

    /// The share in use of the dimension that is fullest, over each set of models (whoever may only run on those counts): the
    /// yardstick of the study. 1 is full.
    pub fn used(&self) -> f64 {
        let there = |c: usize, d: usize| self.hosts[c] * u64::from(MODELS[c].array()[d]);
        let mut most = 0f64;
        for set in 1u64..32 {
            for d in 0..5 {
                let there: u64 = (0..5).filter(|c| set >> c & 1 == 1).map(|c| there(c, d)).sum();
                let only = self.demand.iter().filter(|(pools, _)| pools.0 & 31 & !set == 0).map(|(_, sum)| sum[d]).sum::<u64>();
                if only > 0 {
                    most = most.max(only as f64 / there.max(1) as f64);
                }
            }
        }
        most
    }

    /// Whether there is a solution of the linear program.
    pub fn fits(&self) -> bool {
        // An unknown for each size and model: the part of the size's instances that is there.
        let mut parts: Vec<(usize, [u32; 5], u64, usize)> = Vec::new();
        let live = self.count.iter().filter(|(_, n)| **n > 0);
        for (group, ((pools, size), n)) in live.clone().enumerate() {
            let holds = |c: usize| (0..5).all(|d| MODELS[c].array()[d] >= size[d]);
            let models = (0..5usize).filter(|c| self.hosts[*c] > 0 && pools.has(Class(*c as u8)) && holds(*c));
            parts.extend(models.map(|c| (group, *size, *n, c)));
        }
        // A row for each model, dimension and way to look at it: what a unit of each part takes of it. Those of nothing are none.
        let mut limits: Vec<Vec<(usize, f64)>> = Vec::new();
        for (model, room) in MODELS.iter().enumerate() {
            for (d, there) in room.array().into_iter().enumerate().filter(|(_, there)| *there > 0) {
                for k in std::iter::once(None).chain(DUAL_FEASIBLE.into_iter().map(Some)) {
                    let here = parts.iter().enumerate().filter(|(_, (.., c))| *c == model);
                    let takes = here.map(|(at, (_, size, n, _))| {
                        let share = k.map_or(f64::from(size[d]) / f64::from(there), |k| dual_feasible(k, size[d], there));
                        (at, share * *n as f64 / self.hosts[model] as f64)
                    });
                    let row: Vec<_> = takes.filter(|(_, takes)| *takes > 0.0).collect();
                    if !row.is_empty() && !limits.contains(&row) {
                        limits.push(row);
                    }
                }
            }
        }
        let mut rows = Rows::new(parts.len() + limits.len());
        for group in 0..live.count() {
            rows.equals(parts.iter().enumerate().filter(|(_, p)| p.0 == group).map(|(at, _)| (at, 1.0)), 1.0);
        }
        for (n, takes) in limits.into_iter().enumerate() {
            rows.equals(takes.into_iter().chain([(parts.len() + n, 1.0)]), 1.0);
        }
        rows.is_feasible()
    }
}

/// u^(k) of `part / whole`: it itself where (k + 1) times it is a whole number, else that rounded down, divided by k.
fn dual_feasible(k: u32, part: u32, whole: u32) -> f64 {
    let times = u64::from(k + 1) * u64::from(part);
    match times % u64::from(whole) {
        0 => f64::from(part) / f64::from(whole),
        _ => (times / u64::from(whole)) as f64 / f64::from(k),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::shapes::UNIFORM;
    use crate::room::Room;

    fn bound(hosts: u32, instances: &[(u32, u32)]) -> Bound {
        let mut b = Bound::new(UNIFORM, hosts);
        for (vcpus, gib) in instances {
            let size = Room { vcpus: *vcpus, memory_mib: gib * 1024, ..Room::default() };
            b.take(&Shape { size, pools: Pools::ANY });
        }
        b
    }

    #[test]
    fn what_fits_and_what_not() {
        // Hosts of 96 vCPUs and 384 GiB; instances; whether they fit.
        for (hosts, instances, fits) in [
            (1, vec![(96, 384)], true),
            (1, vec![(96, 384), (1, 1)], false),
            (1, vec![(97, 1)], false),
            (2, vec![(64, 8); 2], true),
            // In parts three would fit into two hosts, whole ones do not.
            (2, vec![(64, 8); 3], false),
            (2, vec![(48, 8); 4], true),
            (2, vec![(33, 1); 4], true),
            // Two a host, although vCPUs would do for 2.9.
            (2, vec![(33, 1); 5], false),
            // Memory and vCPUs at once.
            (2, vec![(64, 100), (32, 284), (32, 192), (64, 192)], true),
            (2, vec![(64, 300), (64, 100), (32, 200), (32, 200)], false),
        ] {
            assert_eq!(bound(hosts, &instances).fits(), fits, "{hosts} {instances:?}");
        }
        let mut b = bound(2, &[(96, 384), (96, 384)]);
        b.take(&Shape { size: Room { vcpus: 1, ..Room::default() }, pools: Pools::ANY });
        assert!(!b.fits() && b.used() > 1.0);
        b.release(&Shape { size: Room { vcpus: 1, ..Room::default() }, pools: Pools::ANY });
        assert!(b.fits() && b.used() == 1.0);
    }

    #[test]
    fn dual_feasible_functions_are_dual_feasible() {
        // All ways to fill a host of 12: no sum of values is above 1.
        for k in DUAL_FEASIBLE {
            let mut best = [0.0f64; 13];
            for room in 1..=12u32 {
                for part in 1..=room {
                    best[room as usize] = best[room as usize].max(best[(room - part) as usize] + dual_feasible(k, part, 12));
                }
            }
            assert!(best[12] <= 1.0 + 1e-12, "{k}: {best:?}");
        }
    }
}
