//! The cell's decider: all hosts of a cell in memory, one decision after the other.
//!
//! One decider a cell, because parallel ones collide (docs/scheduling.md); it is fast enough to be alone. Room is held for
//! instances ([`Decider::decide`]), confirmed, changed, given back; hosts come, close, go. A decider whose process died is
//! built again from what the hosts report: [`Decider::add_host`] and [`Decider::adopt`].

mod decide;
mod decider;
mod defrag;
mod fence;
mod grid;
mod group;
mod host;
mod request;
mod reserve;
mod score;
mod search;
mod shortage;
mod spot;
mod tenancy;

pub use decider::{Decider, Held, Load};
pub use defrag::Move;
pub use fence::Fence;
pub use group::{Group, PARTITIONS_MAX, Seat, Strategy};
pub use host::{Account, Class, HostIx, HostSpec, Owner, Pools};
pub use request::{Apart, How, Level, Market, Membership, Placement, RIVALS_MAX, Refusal, Request, Reserve, Rival, Tenancy};
pub use reserve::{Reservation, ReservationKey};
pub use score::{Score, Weights};
pub use shortage::Shortage;
pub use spot::{Interruption, NOTICE_MS};

#[cfg(test)]
mod tests;
