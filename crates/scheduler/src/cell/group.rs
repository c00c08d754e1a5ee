//! Placement groups: which racks and hosts a member may be on, given where the others are.
//!
//! * cluster: all within one block of racks; the racks with the most members first.
//! * spread: no two on one host, or in one rack. (At most seven a zone at rack level: the region's rule.)
//! * partition: each partition has racks of its own; no rack serves two partitions of a group.

use super::host::HostIx;
use std::collections::BTreeMap;
use types::InstanceId;

/// AWS allows seven partitions in a zone.
pub const PARTITIONS_MAX: u8 = 7;

/// A placement group; the caller numbers them (a hash of account and name, say).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    Cluster,
    SpreadHost,
    SpreadRack,
    Partition { count: u8 },
}

/// A member of a group that the decider does not hold, or does not hold as a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// None: on a host of another decider.
    pub host: Option<HostIx>,
    pub rack: u32,
    /// Counted from 0; 0 in groups without partitions.
    pub partition: u8,
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub strategy: Strategy,
    pub members: BTreeMap<InstanceId, Seat>,
    /// As [`super::Decider::seat`] was told.
    pub others: Vec<Seat>,
}

impl State {
    pub fn new(strategy: Strategy) -> Self {
        Self { strategy, members: BTreeMap::new(), others: Vec::new() }
    }

    fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.members.values().chain(&self.others)
    }

    /// Members a rack.
    pub fn racks(&self) -> BTreeMap<u32, u32> {
        self.seats().fold(BTreeMap::new(), |mut racks, seat| {
            *racks.entry(seat.rack).or_default() += 1;
            racks
        })
    }

    pub fn hosts(&self) -> Vec<HostIx> {
        self.seats().filter_map(|s| s.host).collect()
    }

    /// Racks of other partitions.
    pub fn racks_of_others(&self, partition: u8) -> Vec<u32> {
        self.seats().filter(|s| s.partition != partition).map(|s| s.rack).collect()
    }

    /// Partitions, the one with the fewest members first.
    pub fn emptiest(&self, count: u8) -> Vec<u8> {
        let mut members = vec![0u32; usize::from(count)];
        for seat in self.seats() {
            if let Some(n) = members.get_mut(usize::from(seat.partition)) {
                *n += 1;
            }
        }
        let mut order: Vec<u8> = (0..count).collect();
        order.sort_by_key(|p| (members[usize::from(*p)], *p));
        order
    }
}
