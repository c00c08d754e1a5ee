//! Why nothing was found: counted over all hosts, for the text of InsufficientInstanceCapacity.

use super::host::Host;
use crate::room::{Dimension, Room};
use std::fmt;

/// Each host is counted once, under the first thing that ruled it out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shortage {
    pub wanted: Room,
    /// What beside room, where that is more than a place anywhere.
    pub tenancy: Option<&'static str>,
    pub hosts: u32,
    /// Not reporting, being emptied, or retired.
    pub closed: u32,
    /// Of classes that the instance type does not run on.
    pub other_class: u32,
    /// Kept for an account, or with other tenants where dedicated tenancy is asked for, or not among the hosts that are asked for.
    pub other_tenancy: u32,
    /// In a rack or on a host that the placement group or the wish for distance rules out.
    pub apart: u32,
    /// Too little free, a dimension each: hosts that would do but for this dimension or several (counted under the first).
    pub short: [u32; 5],
    /// The most that one of the hosts that would do otherwise has free in each dimension (not one host's all at once).
    pub most_free: Room,
    /// How many of a batch were placeable before this one.
    pub placeable: u32,
    /// Asked for on one host only.
    pub only: Option<types::HostId>,
}

impl Shortage {
    pub(super) fn add_short(&mut self, host: &Host, size: Room) {
        self.most_free = self.most_free.max(host.free);
        if let Some(d) = Dimension::ALL.into_iter().find(|d| host.free.get(*d) < size.get(*d)) {
            self.short[d as usize] += 1;
        }
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.hosts;
        let s = if n == 1 { "" } else { "s" };
        match &self.only {
            Some(host) => write!(f, "{} wanted on host {host}", self.wanted)?,
            None => write!(f, "{} wanted on one of {n} host{s}", self.wanted)?,
        }
        if let Some(tenancy) = self.tenancy {
            write!(f, ", {tenancy}")?;
        }
        for (count, what) in [
            (self.closed, "not taking instances"),
            (self.other_class, "of other classes"),
            (self.other_tenancy, "kept for other tenancy"),
            (self.apart, "ruled out by the placement group or the distance asked for"),
        ] {
            if count > 0 {
                write!(f, "; {count} {what}")?;
            }
        }
        for d in Dimension::ALL {
            if self.short[d as usize] > 0 {
                write!(f, "; {} with too few {} (at most {} free)", self.short[d as usize], d.unit(), self.most_free.get(d))?;
            }
        }
        Ok(())
    }
}
