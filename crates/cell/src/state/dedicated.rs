//! Hosts that are kept for accounts: promised to the region by holds, kept by its document, refused when the promise had ended
//! and others are there.

use super::{Cell, Change, NotReady, SILENT_AFTER_MS};
use crate::books;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use types::{AccountId, DedicatedHostId, HostId, TimestampMs};
use wire::cell::{AllocateReply, AllocateRequest, CellConfig, CellDedicatedHost, HostAllocation, Tenancy};

/// A host that was promised to an account and that no document has named yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostHold {
    pub id: DedicatedHostId,
    pub account: AccountId,
    pub host: HostId,
    pub until: TimestampMs,
    pub number: u64,
}

/// A host of the document whose hold had ended, and which had been given to others. Kept as long as the document names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedHost {
    pub id: DedicatedHostId,
    pub hold: u64,
}

/// Beside the document's.
#[derive(Debug, Default)]
pub(super) struct Allocations {
    holds: BTreeMap<DedicatedHostId, HostHold>,
    refused: BTreeMap<DedicatedHostId, RefusedHost>,
    /// Hosts that the books know as kept.
    counted: BTreeSet<HostId>,
}

impl Allocations {
    pub fn new(holds: Vec<HostHold>, refused: Vec<RefusedHost>) -> Self {
        Self {
            holds: holds.into_iter().map(|h| (h.id, h)).collect(),
            refused: refused.into_iter().map(|r| (r.id, r)).collect(),
            counted: BTreeSet::new(),
        }
    }

    fn remove(&mut self, is_over: impl Fn(&HostHold) -> bool) -> Vec<DedicatedHostId> {
        let over: Vec<_> = self.holds.values().filter(|h| is_over(h)).map(|h| h.id).collect();
        over.iter().for_each(|id| drop(self.holds.remove(id)));
        over
    }

    /// The holds that have ended.
    pub fn end(&mut self, now: TimestampMs) -> Vec<DedicatedHostId> {
        self.remove(|h| h.until < now)
    }

    /// Forgets holds that a document confirms or that have ended, and refusals that it has answered.
    pub fn settle(&mut self, config: &CellConfig, now: TimestampMs) -> (Vec<DedicatedHostId>, Vec<DedicatedHostId>) {
        let named: BTreeMap<_, _> = config.dedicated_hosts.iter().map(|d| (d.id, d.hold)).collect();
        let over = self.remove(|h| h.until < now || named.get(&h.id) == Some(&h.number));
        let settled: Vec<_> = self.refused.values().filter(|r| named.get(&r.id) != Some(&r.hold)).map(|r| r.id).collect();
        settled.iter().for_each(|id| drop(self.refused.remove(id)));
        (over, settled)
    }

    pub fn refused(&self) -> Vec<DedicatedHostId> {
        self.refused.keys().copied().collect()
    }

    fn is_refused(&self, d: &CellDedicatedHost) -> bool {
        self.refused.get(&d.id).is_some_and(|r| r.hold == d.hold)
    }
}

impl Cell {
    /// Hosts that a document names for the first time, whose holds have ended, and which others have been given since.
    pub(super) fn review_hosts(&mut self, config: &CellConfig) -> Vec<RefusedHost> {
        let had = |d: &CellDedicatedHost| self.config.iter().flat_map(|c| &c.dedicated_hosts).any(|b| b == d);
        // A hold that has ended and was not dropped yet has kept the host all the same.
        let held = |d: &CellDedicatedHost| self.allocations.holds.get(&d.id).is_some_and(|h| h.number == d.hold);
        let (known, fresh): (Vec<_>, Vec<_>) = config.dedicated_hosts.iter().partition(|d| had(d) || held(d));
        // Of two that were promised one host one after the other the first has it.
        let mut taken: BTreeSet<&HostId> = known.into_iter().map(|d| &d.host).collect();
        let gone = fresh.into_iter().filter(|d| !self.books.is_vacant(&d.host, &d.account) || !taken.insert(&d.host));
        let refused: Vec<_> = gone.map(|d| RefusedHost { id: d.id, hold: d.hold }).collect();
        self.allocations.refused.extend(refused.iter().map(|r| (r.id, r.clone())));
        refused
    }

    /// Whether an instance may be on the host when the document is in force.
    pub(super) fn admits(&self, config: &CellConfig, host: &HostId, tenancy: &Tenancy) -> bool {
        let owner = config.dedicated_hosts.iter().find(|d| d.host == *host && !self.allocations.is_refused(d));
        match owner {
            Some(owner) => *tenancy == Tenancy::Host(owner.account.clone()),
            None => self.books.admits(host, tenancy),
        }
    }

    /// Tells the books which hosts are whose.
    pub(super) fn count_owners(&mut self) {
        let document = self.config.iter().flat_map(|c| &c.dedicated_hosts).filter(|d| !self.allocations.is_refused(d));
        let mut owned: BTreeMap<&HostId, (DedicatedHostId, &AccountId)> = BTreeMap::new();
        owned.extend(self.allocations.holds.values().map(|h| (&h.host, (h.id, &h.account))));
        owned.extend(document.map(|d| (&d.host, (d.id, &d.account))));
        for host in self.allocations.counted.iter().filter(|h| !owned.contains_key(h)) {
            self.books.set_owner(host, None);
        }
        owned.iter().for_each(|(host, owner)| self.books.set_owner(host, Some(*owner)));
        self.allocations.counted = owned.into_keys().cloned().collect();
    }

    /// Promises empty hosts to an account, one for each id. The same question gets the same answer as long as the hosts are held.
    ///
    /// # Errors
    /// As of [`Self::claim`].
    pub fn allocate(&mut self, request: &AllocateRequest, now: TimestampMs) -> Result<(AllocateReply, Change), NotReady> {
        self.is_ready(now)?;
        let mut change = self.end_slots(now);
        let allocated = |h: &HostHold| HostAllocation { id: h.id, host: h.host.clone(), hold: h.number };
        let known: Option<Vec<_>> = request.ids.iter().map(|id| self.allocations.holds.get(id).map(allocated)).collect();
        if let Some(known) = known {
            return Ok((AllocateReply::Allocated(known), change));
        }
        self.books.close_unheard(TimestampMs(now.0.saturating_sub(SILENT_AFTER_MS)));
        let hosts = match self.books.empty_hosts(&request.account, books::room(request.size), request.ids.len() as u32) {
            Ok(hosts) => hosts,
            Err(short) => {
                return Ok((AllocateReply::Insufficient { short_of: short.of, placeable: short.placeable }, change));
            }
        };
        let until = TimestampMs(now.0 + request.hold_ms);
        for (id, host) in request.ids.iter().zip(hosts) {
            let hold = HostHold { id: *id, account: request.account.clone(), host, until, number: self.number() };
            self.allocations.holds.insert(*id, hold.clone());
            change.hosts.push(hold);
        }
        change.hosts_over.retain(|id| !self.allocations.holds.contains_key(id));
        self.count_owners();
        Ok((AllocateReply::Allocated(change.hosts.iter().map(allocated).collect()), change))
    }
}
