//! What a cell tells the region of its room: how many instances of a ladder of sizes it could take, a class each.
//!
//! Told low on purpose, by chance: up to a tenth less, and of the last few often nothing. So launches that meet at an
//! almost full cell are spread over those that are not, and the last room is found by retries, not by a herd.

use crate::cell::{Class, Decider, Pools};
use crate::rng::Rng;
use crate::room::Room;
use std::collections::BTreeMap;
use types::{AzName, CellId, TimestampMs};

const VCPUS: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 96];
/// The small ones are for burstable types and small hosts.
const MIB_A_VCPU: [u32; 6] = [256, 512, 1024, 2048, 4096, 8192];
const MIB_A_VCPU_WITH_GPUS: u32 = 8192;
const GPUS: [u32; 5] = [0, 1, 2, 4, 8];
/// Counts up to this are told as nothing more often the smaller they are.
const LAST: u32 = 16;
/// Counts are told up to this share of a thousand too low.
const LOW_PERMILLE: u64 = 100;

/// Changes whenever [`rungs`] do: counts of one ladder say nothing in another.
pub const LADDER: u16 = 1;

/// A size of the ladder.
pub type Rung = Room;

/// From small to large.
pub fn rungs() -> Vec<Rung> {
    let mut out = Vec::new();
    for gpus in GPUS {
        for vcpus in VCPUS.into_iter().filter(|v| gpus == 0 || *v >= 8) {
            for mib in MIB_A_VCPU.into_iter().filter(|m| gpus == 0 || *m == MIB_A_VCPU_WITH_GPUS) {
                out.push(Room { vcpus, memory_mib: vcpus * mib, gpus, ..Room::default() });
            }
        }
    }
    out
}

/// How many of each rung, in the order of [`rungs`].
pub type Slots = Vec<u32>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub cell: CellId,
    pub zone: AzName,
    pub at: TimestampMs,
    /// Grows with each summary of a cell's decider; an older one that comes late is ignored.
    pub sequence: u64,
    pub slots: BTreeMap<Class, Slots>,
    /// Empty hosts: what dedicated tenancy and dedicated hosts need.
    pub empty: BTreeMap<Class, u32>,
    pub spot_price: BTreeMap<Class, u32>,
}

impl Summary {
    /// How many of `size` the cell could take by what it told: of the smallest rung that covers it. Disk and network are
    /// not told; a size beyond all rungs needs an empty host.
    pub fn fits(&self, size: Room, pools: Pools, ladder: &[Rung]) -> u32 {
        let wanted = Room { disk_gib: 0, network_mbps: 0, ..size };
        let covering = ladder.iter().enumerate().filter(|(_, r)| r.holds(wanted));
        let rung = covering.min_by_key(|(_, r)| (r.gpus, r.memory_mib, r.vcpus)).map(|(i, _)| i);
        let of = |class: &Class| match rung {
            Some(i) => self.slots.get(class).and_then(|s| s.get(i)).copied().unwrap_or(0),
            None => self.empty.get(class).copied().unwrap_or(0),
        };
        self.slots.keys().filter(|c| pools.has(**c)).map(of).fold(0, u32::saturating_add)
    }
}

/// Looks at each host once; a cell does this about once a second.
pub fn summarise(decider: &Decider, cell: &CellId, zone: &AzName, sequence: u64, now: TimestampMs, rng: &mut Rng) -> Summary {
    let ladder = rungs();
    let mut counts: BTreeMap<Class, Counts> = decider.classes().map(|c| (c, Counts::new())).collect();
    for ix in decider.hosts().filter(|ix| decider.is_open(*ix) && decider.owner(*ix).is_none()) {
        if let Some(counts) = counts.get_mut(&decider.class(ix)) {
            counts.add(decider.free(ix));
        }
    }
    let mut slots: BTreeMap<Class, Slots> = counts.into_iter().map(|(class, c)| (class, c.slots(&ladder))).collect();
    for counts in slots.values_mut() {
        // One draw for all rungs of a class: what fits the larger also fits the smaller, told as well as true.
        let (low, luck) = (rng.below(LOW_PERMILLE), rng.below(u64::from(LAST)) as u32);
        counts.iter_mut().for_each(|c| *c = told(*c, low, luck));
    }
    let empty = decider.classes().map(|c| (c, decider.load(c).empty)).collect();
    let spot_price = decider.classes().filter_map(|c| Some((c, decider.spot_price(c)?))).collect();
    Summary { cell: cell.clone(), zone: zone.clone(), at: now, sequence, slots, empty, spot_price }
}

/// Hosts by how many vCPUs they could give at a ratio of memory: all rungs of the ratio follow from that, as
/// min(a / v, b / v) = min(a, b) / v in whole numbers.
struct Counts {
    by_ratio: [BTreeMap<u32, u32>; MIB_A_VCPU.len()],
    /// Hosts with free GPUs are few: each is asked for each rung.
    with_gpus: Vec<Room>,
}

impl Counts {
    fn new() -> Self {
        Self { by_ratio: Default::default(), with_gpus: Vec::new() }
    }

    fn add(&mut self, free: Room) {
        if free.gpus > 0 {
            self.with_gpus.push(free);
        }
        for (hosts, mib) in self.by_ratio.iter_mut().zip(MIB_A_VCPU) {
            let vcpus = free.vcpus.min(free.memory_mib / mib);
            if vcpus > 0 {
                *hosts.entry(vcpus).or_default() += 1;
            }
        }
    }

    fn slots(&self, ladder: &[Rung]) -> Slots {
        let count = |rung: &Rung| {
            if rung.gpus > 0 {
                return self.with_gpus.iter().map(|free| free.times(*rung)).fold(0, u32::saturating_add);
            }
            let ratio = MIB_A_VCPU.iter().position(|m| m * rung.vcpus == rung.memory_mib);
            let hosts = ratio.map(|r| self.by_ratio[r].iter()).into_iter().flatten();
            hosts.map(|(vcpus, n)| (vcpus / rung.vcpus).saturating_mul(*n)).fold(0, u32::saturating_add)
        };
        ladder.iter().map(count).collect()
    }
}

fn told(count: u32, low_permille: u64, luck: u32) -> u32 {
    if count <= LAST {
        return if luck < count { count } else { 0 };
    }
    ((u64::from(count) * (1000 - low_permille) / 1000) as u32).max(1)
}
