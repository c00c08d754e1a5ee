//! What a host costs for a request: lower is better. In thousandths, so that an explanation reads as shares.
//!
//! * `fill`: what would be left free (best fit), dimensions weighted by how scarce they are.
//! * `strand`: how much of the left vCPUs and memory could not be used together: |vCPU share - memory share|.
//! * `align`: how well the request points where the host has most room (the dot product of Tetris, Grandl et al.,
//!   SIGCOMM'14); subtracted.
//! * `pressure`: what the request's share of a host costs in the host's class, beside the cheapest class that it may go to. A
//!   dimension's price grows with how full the class is in it, by a factor of e for each twentieth (the exponential prices of
//!   online packing, Buchbinder and Naor 2009), so that instances of little memory leave classes alone whose memory is short, and
//!   what may go anywhere goes where those who may not are fewest. Constant within a class, and larger than all the rest between
//!   classes whose prices differ.
//! * `empty`: added when the host has no instance yet: whole hosts stay whole for large, dedicated and evacuated ones.

use super::host::Host;
use crate::room::Room;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Of the dimensions within `fill`: vCPUs, memory, disk, network, GPUs.
    pub dimensions: [f32; 5],
    pub fill: f32,
    pub strand: f32,
    pub align: f32,
    pub empty: f32,
    /// For a price that is e times as high.
    pub pressure: f32,
}

/// A price grows by a factor of e for each `1 / STEEP` that a class is fuller. At 10 and at 40 the mixes of the study ended half a
/// point lower.
const STEEP: f32 = 20.0;

/// What `size` costs on a host of a class with `hosts` of them, which in all have `total` and `free`: the logarithm of the sum, over
/// what it asks for, of its share of a host times the price.
pub(super) fn log_price(size: Room, hosts: u32, total: [u64; 5], free: [u64; 5]) -> f32 {
    let asked = (0..5).filter(|d| size.array()[*d] > 0 && total[*d] > 0);
    let price = |d: usize| {
        let a_host = total[d] as f32 / hosts.max(1) as f32;
        size.array()[d] as f32 / a_host * (STEEP * (1.0 - free[d] as f32 / total[d] as f32)).exp()
    };
    asked.map(price).sum::<f32>().max(f32::MIN_POSITIVE).ln()
}

impl Default for Weights {
    /// Found with the packing study (docs/scheduling.md).
    fn default() -> Self {
        Self { dimensions: [4.0, 4.0, 1.0, 1.0, 8.0], fill: 1.0, strand: 1.0, align: 0.25, empty: 250.0, pressure: 10_000.0 }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    pub fill: f32,
    pub strand: f32,
    pub align: f32,
    pub empty: f32,
    pub pressure: f32,
    pub total: f32,
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fill, strand, align, empty, pressure, total } = self;
        write!(
            f,
            "{total:.0} (left free {fill:.0}, stranded {strand:.0}, aligned -{align:.0}, empty host {empty:.0}, dearer class {pressure:.0})"
        )
    }
}

/// A class's constants, so that a score needs no division.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// 1000 / total of the class's model; 0 where it has none.
    permille: [f32; 5],
    /// Weight a dimension, divided by their sum.
    share: [f32; 5],
}

impl Scale {
    pub fn new(model: Room, weights: &Weights) -> Self {
        let permille = model.array().map(|t| if t == 0 { 0.0 } else { 1000.0 / t as f32 });
        let sum: f32 = weights.dimensions.iter().zip(permille).filter(|(_, p)| *p > 0.0).map(|(w, _)| w).sum();
        let sum = if sum > 0.0 { sum } else { 1.0 };
        let share = std::array::from_fn(|d| if permille[d] > 0.0 { weights.dimensions[d] / sum } else { 0.0 });
        Self { permille, share }
    }

    /// The host must hold `size`.
    pub fn score(&self, weights: &Weights, host: &Host, size: Room, pressure: f32) -> Score {
        let (free, size) = (host.free.array(), size.array());
        let (mut fill, mut align) = (0.0, 0.0);
        let mut left = [0.0f32; 5];
        for d in 0..5 {
            left[d] = (free[d] - size[d]) as f32 * self.permille[d];
            fill += left[d] * self.share[d];
            align += size[d] as f32 * self.permille[d] * free[d] as f32 * self.permille[d] * self.share[d];
        }
        let fill = fill * weights.fill;
        let strand = (left[0] - left[1]).abs() * weights.strand;
        let align = align * weights.align / 1000.0;
        let empty = if host.instances == 0 { weights.empty } else { 0.0 };
        Score { fill, strand, align, empty, pressure, total: fill + strand + empty + pressure - align }
    }
}
