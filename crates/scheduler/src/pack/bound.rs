//! What no rule can beat: instances cut as finely as one likes.

use crate::cell::Pools;
use crate::load::shapes::{Fleet, MODELS, Shape};
use std::collections::BTreeMap;

/// Fits exactly when, in each dimension and for each set of classes, those that may run only there are not more than there
/// is (Gale and Hoffman's condition for a fractional assignment, a dimension at a time). A joint linear program over all
/// dimensions could only be tighter, so what this says cannot be beaten.
#[derive(Debug, Clone)]
pub struct Bound {
    capacity: [[u64; 5]; 5],
    demand: BTreeMap<Pools, [u64; 5]>,
}

impl Bound {
    pub fn new(fleet: Fleet, hosts: u32) -> Self {
        let mut capacity = [[0u64; 5]; 5];
        for n in 0..hosts {
            let class = usize::from(fleet.model(n, hosts).0);
            (0..5).for_each(|d| capacity[class][d] += u64::from(MODELS[class].array()[d]));
        }
        Self { capacity, demand: BTreeMap::new() }
    }

    pub fn take(&mut self, shape: &Shape) {
        let sum = self.demand.entry(shape.pools).or_default();
        (0..5).for_each(|d| sum[d] += u64::from(shape.size.array()[d]));
    }

    pub fn release(&mut self, shape: &Shape) {
        let sum = self.demand.entry(shape.pools).or_default();
        (0..5).for_each(|d| sum[d] -= u64::from(shape.size.array()[d]));
    }

    /// The share in use of the set and dimension that is fullest.
    fn tightest(&self) -> f64 {
        let mut most = 0f64;
        for set in 1u64..32 {
            for d in 0..5 {
                let there: u64 = (0..5).filter(|c| set >> c & 1 == 1).map(|c| self.capacity[c][d]).sum();
                let only = self.demand.iter().filter(|(pools, _)| pools.0 & 31 & !set == 0).map(|(_, sum)| sum[d]).sum::<u64>();
                if only > 0 {
                    most = most.max(only as f64 / there.max(1) as f64);
                }
            }
        }
        most
    }

    pub fn fits(&self) -> bool {
        self.tightest() <= 1.0
    }

    /// As [`Bound::tightest`]: 1 is full.
    pub fn used(&self) -> f64 {
        self.tightest()
    }
}
