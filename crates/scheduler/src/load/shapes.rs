//! Host models and shape mixes.

use crate::cell::{Class, HostSpec, Pools};
use crate::rng::Rng;
use crate::room::Room;

/// An instance type: its size and where it may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub size: Room,
    pub pools: Pools,
}

/// Host models, one class each: general, compute, memory, storage, GPU.
pub const MODELS: [Room; 5] = [
    model(96, 384, 3_600, 50_000, 0),
    model(128, 256, 1_900, 50_000, 0),
    model(96, 768, 3_600, 50_000, 0),
    model(64, 512, 30_000, 75_000, 0),
    model(96, 1_152, 7_200, 100_000, 8),
];

const fn model(vcpus: u32, memory_gib: u32, disk_gib: u32, network_mbps: u32, gpus: u32) -> Room {
    Room { vcpus, memory_mib: memory_gib * 1024, disk_gib, network_mbps, gpus }
}

/// How many of a thousand hosts are of which model.
#[derive(Debug, Clone, Copy)]
pub struct Fleet {
    pub name: &'static str,
    pub shares: [u32; 5],
}

pub const UNIFORM: Fleet = Fleet { name: "one model", shares: [1000, 0, 0, 0, 0] };
pub const MIXED: Fleet = Fleet { name: "five models", shares: [500, 180, 220, 60, 40] };

impl Fleet {
    pub fn model(&self, n: u32, of: u32) -> Class {
        let at = u64::from(n) * 1000 / u64::from(of.max(1));
        let mut sum = 0;
        let class = self.shares.iter().position(|s| {
            sum += u64::from(*s);
            at < sum
        });
        Class(class.unwrap_or(0) as u8)
    }

    /// Host `n` of `of` in a cell of this name: 40 a rack, 16 racks a block, the classes mixed within racks.
    pub fn host(&self, cell: &str, n: u32, of: u32) -> HostSpec {
        // A stride that has no factor in common with the number spreads the classes over the racks.
        let stride = (of / 2 + 1..).find(|s| gcd(*s, of) == 1).unwrap_or(1);
        let class = self.model((u64::from(n) * u64::from(stride) % u64::from(of)) as u32, of);
        let rack = n / 40;
        let id = match format!("{cell}-h{n}").parse() {
            Ok(id) => id,
            Err(_) => unreachable!("a cell's name and a number make a host id"),
        };
        HostSpec { id, class, total: MODELS[usize::from(class.0)], rack, block: rack / 16 }
    }
}

impl Fleet {
    /// Whether an empty host of the fleet takes it.
    pub fn takes(&self, shape: &Shape) -> bool {
        let classes = (0..5u8).filter(|c| self.shares[usize::from(*c)] > 0 && shape.pools.has(Class(*c)));
        classes.into_iter().any(|c| MODELS[usize::from(c)].holds(shape.size))
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// What is asked for: families by weight, sizes by weight.
#[derive(Debug, Clone, Copy)]
pub struct Mix {
    pub name: &'static str,
    /// Of a thousand: c (2 GiB a vCPU), m (4), r (8), storage (8, large disks), GPU.
    pub families: [u32; 5],
    /// Of a thousand: 1, 2, 4, 8, 16, 32, 48, 64 vCPUs.
    pub sizes: [u32; 8],
}

const SIZES: [u32; 8] = [1, 2, 4, 8, 16, 32, 48, 64];

/// All five, as many of each as the mixed fleet suits.
pub const MIXES: [Mix; 5] = [
    Mix { name: "small", families: [300, 400, 300, 0, 0], sizes: [450, 330, 140, 60, 20, 0, 0, 0] },
    Mix { name: "usual", families: [280, 450, 270, 0, 0], sizes: [250, 300, 200, 130, 70, 35, 5, 10] },
    Mix { name: "large", families: [250, 500, 250, 0, 0], sizes: [50, 100, 150, 250, 250, 120, 30, 50] },
    Mix { name: "memory", families: [50, 250, 700, 0, 0], sizes: [250, 300, 200, 130, 80, 40, 0, 0] },
    Mix { name: "all families", families: [240, 420, 270, 30, 40], sizes: [250, 300, 200, 130, 80, 35, 5, 0] },
];

impl Mix {
    pub fn by_name(name: &str) -> Option<Self> {
        MIXES.into_iter().find(|m| m.name == name)
    }

    pub fn draw(&self, rng: &mut Rng) -> Shape {
        let family = pick(&self.families, rng);
        let mut vcpus = SIZES[pick(&self.sizes, rng)];
        let classes = |c: &[u8]| Pools(c.iter().fold(0, |bits, c| bits | (1 << c)));
        let (gib, disk, network, pools) = match family {
            0 => (2, 10, 400, classes(&[0, 1])),
            1 => (4, 10, 400, classes(&[0, 1, 2])),
            2 => (8, 10, 400, classes(&[0, 2, 3])),
            3 => {
                vcpus = vcpus.clamp(2, 32);
                (8, 450, 1000, classes(&[3]))
            }
            _ => {
                vcpus = vcpus.max(8);
                (8, 50, 800, classes(&[4]))
            }
        };
        let gpus = if family == 4 { (vcpus / 12).clamp(1, 4) } else { 0 };
        let size =
            Room { vcpus, memory_mib: vcpus * gib * 1024, disk_gib: vcpus * disk + 8, network_mbps: vcpus * network, gpus };
        Shape { size, pools }
    }
}

fn pick(weights: &[u32], rng: &mut Rng) -> usize {
    let mut at = rng.below(weights.iter().map(|w| u64::from(*w)).sum());
    for (i, w) in weights.iter().enumerate() {
        if at < u64::from(*w) {
            return i;
        }
        at -= u64::from(*w);
    }
    0
}
