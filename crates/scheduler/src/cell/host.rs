//! Hosts as the decider keeps them: what each candidate costs to look at fits one cache line.

use crate::room::Room;
use types::HostId;

pub(crate) const NONE: u32 = u32::MAX;

/// A host's number within its decider; never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostIx(pub u32);

/// A class of hosts (a pool): a number below [`Pools::CLASSES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub u8);

/// The classes that an instance type may run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pools(pub u64);

impl Pools {
    pub const CLASSES_MAX: u8 = 64;
    pub const ANY: Self = Self(!0);

    pub fn of(classes: &[Class]) -> Self {
        Self(classes.iter().fold(0, |bits, c| bits | (1 << c.0)))
    }

    pub fn has(self, class: Class) -> bool {
        self.0 >> class.0 & 1 == 1
    }
}

/// A customer as the schedulers know it: the account id's twelve digits as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account(pub u64);

impl From<&types::AccountId> for Account {
    fn from(id: &types::AccountId) -> Self {
        Self(id.as_str().bytes().fold(0, |n, d| n * 10 + u64::from(d - b'0')))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSpec {
    pub id: HostId,
    pub class: Class,
    pub total: Room,
    /// Fails as one: a top-of-rack switch, a power feed.
    pub rack: u32,
    /// Racks of one block have full bandwidth between them: what a cluster group stays within.
    pub block: u32,
}

/// Whom a host is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Instances of dedicated tenancy made it theirs; ends with the last of them.
    Tenancy(Account),
    /// A dedicated host, until it is released.
    Allocated(Account),
}

impl Owner {
    pub fn account(self) -> Account {
        match self {
            Self::Tenancy(a) | Self::Allocated(a) => a,
        }
    }
}

/// Which of it are in the grid: open ones without an owner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Host {
    pub total: Room,
    pub free: Room,
    pub rack: u32,
    pub instances: u16,
    pub class: Class,
    pub open: bool,
    pub bucket: u32,
    pub previous: u32,
    pub next: u32,
}

#[cfg(test)]
#[test]
fn a_host_fits_a_cache_line() {
    assert!(size_of::<Host>() <= 64, "{}", size_of::<Host>());
}
