//! Capacity reservations: slots of one size on hosts, held for an account whether it uses them or not.
//!
//! A slot's room is charged to its host from the start; an instance that takes it changes nothing there, and gives the slot
//! back when it ends.

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

    pub(super) fn matches(&self, account: Account, size: Room, pools: Pools) -> bool {
        self.account == account && self.size == size && self.pools == pools
    }
}
