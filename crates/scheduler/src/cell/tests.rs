//! The decider against rules written down a second time, slowly.

mod books;
mod rules;

use super::*;
use crate::room::Room;
use types::{InstanceId, TimestampMs};

pub(super) const NOW: TimestampMs = TimestampMs(1_000_000);

pub(super) fn id(n: u64) -> InstanceId {
    InstanceId::from_random(u128::from(n))
}

pub(super) fn room(vcpus: u32, memory_gib: u32) -> Room {
    Room { vcpus, memory_mib: memory_gib * 1024, ..Room::default() }
}

/// `racks` racks of `a_rack` hosts each, two racks a block.
pub(super) fn cell(racks: u32, a_rack: u32, total: Room) -> Decider {
    let mut decider = Decider::default();
    for n in 0..racks * a_rack {
        let rack = n / a_rack;
        let id = format!("a1-h{n}").parse().unwrap();
        decider.add_host(HostSpec { id, class: Class(0), total, rack, block: rack / 2 });
    }
    decider
}

pub(super) fn ask(size: Room) -> Request {
    Request::new(Account(1), size)
}
