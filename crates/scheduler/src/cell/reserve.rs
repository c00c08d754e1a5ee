//! Capacity reservations: slots of one size on hosts, held for an account whether it uses them or not.
//!
//! A slot's room is charged to its host from the start; an instance that takes it changes nothing there, and gives the slot
//! back when it ends. Disks are not of one size: what an instance wants beyond its slot is charged beside it.

use super::host::{Account, HostIx, Pools};
use crate::room::Room;
use types::TimestampMs;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReservationKey(pub u64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    pub account: Account,
    pub size: Room,
    pub pools: Pools,
    /// False: used only by requests that name it (targeted).
    pub open: bool,
    /// Ends by itself then; instances in it go on as others do.
    pub until: Option<TimestampMs>,
    /// Hosts of the free slots, one entry a slot.
    pub(super) slots: Vec<HostIx>,
    pub(super) used: u32,
}

impl Reservation {
    pub fn free(&self) -> u32 {
        self.slots.len() as u32
    }

    pub fn used(&self) -> u32 {
        self.used
    }

    /// Hosts of the free slots, one entry a slot.
    pub fn slots(&self) -> &[HostIx] {
        &self.slots
    }

    /// A free slot on the host is used from now on. False: there is none.
    pub(super) fn take(&mut self, host: HostIx) -> bool {
        let Some(at) = self.slots.iter().position(|h| *h == host) else { return false };
        self.slots.remove(at);
        self.used += 1;
        true
    }

    /// The same size, of which the disk may be larger.
    pub(super) fn matches(&self, account: Account, size: Room, pools: Pools) -> bool {
        let same = Room { disk_gib: self.size.disk_gib, ..size } == self.size && size.disk_gib >= self.size.disk_gib;
        self.account == account && same && self.pools == pools
    }
}
