//! What is asked of the decider and what it answers.

use super::group::{Group, Strategy};
use super::host::{Account, HostIx, Pools};
use super::reserve::ReservationKey;
use super::score::Score;
use super::shortage::Shortage;
use crate::room::Room;
use types::{HostId, InstanceId, TimestampMs};

/// How many losing hosts a placement remembers.
pub const RIVALS_MAX: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub account: Account,
    pub size: Room,
    pub pools: Pools,
    pub market: Market,
    pub tenancy: Tenancy,
    pub group: Option<Membership>,
    pub apart: Option<Apart>,
    pub reservation: Reserve,
    /// Only there: a stopped instance's disk is on its host.
    pub only: Option<HostId>,
    /// The room is given back by itself at this time unless it is confirmed before. None: for good at once.
    pub hold_until: Option<TimestampMs>,
}

impl Request {
    /// An on-demand instance without wishes.
    pub fn new(account: Account, size: Room) -> Self {
        Self {
            account,
            size,
            pools: Pools::ANY,
            market: Market::OnDemand { preempt: false },
            tenancy: Tenancy::Shared,
            group: None,
            apart: None,
            reservation: Reserve::Open,
            only: None,
            hold_until: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Market {
    /// `preempt`: where nothing is free, spot instances are given their two minutes' notice and the room is promised for
    /// the time after that.
    OnDemand { preempt: bool },
    /// `price_max`: in thousandths of the on-demand price; placed only while the class's price is not above it, and
    /// interrupted when it rises above.
    Spot { price_max: u32 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tenancy {
    Shared,
    /// On hosts with instances of this account only.
    Dedicated,
    /// On a host that was allocated to the account: one of these, or any if none is named.
    Host(Vec<HostIx>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub group: Group,
    pub strategy: Strategy,
    /// Of [`Strategy::Partition`]: which, counted from 0. None: the one with the fewest members.
    pub partition: Option<u8>,
}

/// Distance from other instances (anti-affinity). Members of one batch can be apart from each other too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    pub from: Vec<InstanceId>,
    /// Instances of one call to [`super::Decider::decide_batch`] also keep apart from each other.
    pub each_other: bool,
    pub level: Level,
    /// False: a wish. Hosts with the fewest of them are taken first.
    pub must: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Host,
    Rack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserve {
    /// An open reservation of the account is used when one matches, else none.
    Open,
    Never,
    /// This one, or nothing.
    Target(ReservationKey),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rival {
    pub host: HostIx,
    pub score: Score,
}

/// A decision that explains itself. Names: [`super::Decider::host_id`]; a sentence: [`super::Decider::explain`].
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    pub instance: InstanceId,
    pub host: HostIx,
    /// The host's generation after this decision. The host agent and the store re-check *fit*, not equality.
    pub generation: u64,
    pub how: How,
    /// May start only then, or when the instances of `evicts` are gone: their room was promised to this one.
    pub not_before: Option<TimestampMs>,
    pub evicts: Vec<InstanceId>,
    /// Those of them that had no notice before.
    pub told: Vec<InstanceId>,
    pub partition: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum How {
    /// The cheapest of `considered` hosts.
    Scored { score: Score, considered: u32, rivals: [Option<Rival>; RIVALS_MAX] },
    /// In a slot of a capacity reservation.
    Reserved(ReservationKey),
    /// It has room already: the same answer again.
    Already,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Refusal {
    #[error("no room: {0}")]
    Short(Box<Shortage>),
    #[error("the size is nothing in every dimension")]
    Empty,
    #[error("host {0} is not of this cell")]
    NoSuchHost(HostId),
    #[error("the reservation is unknown, another account's, or of another size")]
    NoSuchReservation,
    #[error("spot instances use no capacity reservations")]
    SpotReserved,
    #[error("the group was used with another strategy before")]
    OtherStrategy,
    #[error("partition {given} of a group with {of}")]
    NoSuchPartition { given: u8, of: u8 },
    #[error("a group of {given} partitions; from 1 to {max}", max = super::group::PARTITIONS_MAX)]
    Partitions { given: u8 },
    #[error("the spot price is {now} thousandths of the on-demand price, above the most that is paid, {max}")]
    SpotPrice { now: u32, max: u32 },
}
