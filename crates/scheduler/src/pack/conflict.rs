//! Why a cell has one decider: how often several that decide on one snapshot choose a host that another one has just changed.

use super::Study;
use crate::load::shapes::MODELS;
use crate::rng::Rng;
use crate::room::Room;

/// Of a hundred decisions, those that meet a host that an earlier one of their round changed. In each of `rounds` rounds
/// `deciders` look at the same snapshot, each with a request of its own, and take one at random of the `best_of` hosts with
/// the fewest vCPUs left; what all of them took then ends in turn, the oldest first, so that the hosts stay at four fifths.
pub fn conflicts(study: &Study, deciders: usize, best_of: usize, rounds: u32) -> f64 {
    let mut rng = Rng::new(study.seed);
    let class = |n: u32| study.fleet.model(n, study.hosts);
    let mut free: Vec<Room> = (0..study.hosts).map(|n| MODELS[usize::from(class(n).0)]).collect();
    let total: u64 = free.iter().map(|f| u64::from(f.vcpus)).sum();
    let (mut used, mut live) = (0, std::collections::VecDeque::new());
    let (mut decided, mut met) = (0u64, 0u64);
    let mut round = 0;
    while round < rounds {
        let warm = used * 10 >= total * 8;
        while used * 10 >= total * 8 {
            let Some((host, size)) = live.pop_front() else { break };
            let host: &mut Room = &mut free[host as usize];
            *host = host.plus(size);
            used -= u64::from(size.vcpus);
        }
        round += u32::from(warm);
        let mut taken: Vec<(u32, Room)> = Vec::with_capacity(deciders);
        for _ in 0..if warm { deciders } else { 1 } {
            let shape = study.draw(&mut rng);
            let fit = (0..study.hosts).filter(|n| shape.pools.has(class(*n)) && free[*n as usize].holds(shape.size));
            let mut all: Vec<(u32, u32, u32)> = fit.map(|n| (free[n as usize].vcpus, free[n as usize].memory_mib, n)).collect();
            if all.len() > best_of {
                all.select_nth_unstable(best_of - 1);
                all.truncate(best_of);
            }
            let Some((.., host)) = all.get(rng.below(all.len() as u64) as usize) else { continue };
            if warm {
                decided += 1;
                met += u64::from(taken.iter().any(|(t, _)| t == host));
            }
            taken.push((*host, shape.size));
        }
        for (host, size) in taken {
            // One that meets is decided again; for the hosts it is as if it were not.
            if free[host as usize].holds(size) {
                free[host as usize] = free[host as usize].minus(size);
                used += u64::from(size.vcpus);
                live.push_back((host, size));
            }
        }
    }
    100.0 * met as f64 / decided.max(1) as f64
}
