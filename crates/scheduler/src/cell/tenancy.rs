//! Hosts and room that are kept: dedicated hosts, capacity reservations.

use super::decider::Decider;
use super::host::{Account, HostIx, Owner, Pools};
use super::request::{Refusal, Request, Tenancy};
use super::reserve::{Reservation, ReservationKey};
use super::search::Limits;
use super::shortage::Shortage;
use crate::room::Room;
use types::{InstanceId, TimestampMs};

impl Decider {
    /// Makes an empty host the account's own: the smallest that holds `size`. None: there is none.
    pub fn allocate_host(&mut self, account: Account, pools: Pools, size: Room) -> Option<HostIx> {
        let fits = self.empties(pools).filter(|ix| self.total(*ix).holds(size));
        let host = fits.min_by_key(|ix| (self.total(*ix).array(), *ix))?;
        self.owners.insert(host, Owner::Allocated(account));
        self.generations[host.0 as usize] += 1;
        self.index(host);
        Some(host)
    }

    /// False: it is not allocated, or instances are on it.
    pub fn release_host(&mut self, ix: HostIx) -> bool {
        let may = matches!(self.owners.get(&ix), Some(Owner::Allocated(_))) && self.on[ix.0 as usize].is_empty();
        if may {
            self.owners.remove(&ix);
            self.generations[ix.0 as usize] += 1;
            self.index(ix);
        }
        may
    }

    pub fn owner(&self, ix: HostIx) -> Option<Owner> {
        self.owners.get(&ix).copied()
    }

    /// As the store says, whatever is there: whose the host is, or that it is allocated to nobody.
    pub fn set_owner(&mut self, ix: HostIx, account: Option<Account>) {
        let before = self.owner(ix);
        let after = match (account, before) {
            (Some(account), _) => Some(Owner::Allocated(account)),
            (None, Some(Owner::Allocated(_))) => {
                let dedicated = |i: &InstanceId| self.held.get(i).filter(|h| h.dedicated).map(|h| Owner::Tenancy(h.account));
                self.on[ix.0 as usize].iter().find_map(dedicated)
            }
            (None, before) => before,
        };
        if after == before {
            return;
        }
        match after {
            Some(owner) => self.owners.insert(ix, owner),
            None => self.owners.remove(&ix),
        };
        self.generations[ix.0 as usize] += 1;
        self.index(ix);
    }

    /// Something is there that is charged to nobody: as long as it is, the host is not empty.
    pub fn set_foreign(&mut self, ix: HostIx, foreign: bool) {
        if foreign {
            self.foreign.insert(ix)
        } else {
            self.foreign.remove(&ix)
        };
    }

    /// Whether such an instance may be there, room or not.
    pub fn admits(&self, ix: HostIx, account: Account, tenancy: &Tenancy) -> bool {
        match (tenancy, self.owner(ix)) {
            (Tenancy::Shared, owner) => owner.is_none(),
            (Tenancy::Dedicated, Some(Owner::Allocated(_))) => false,
            (Tenancy::Dedicated, Some(Owner::Tenancy(_))) => self.is_alone(ix, account),
            (Tenancy::Dedicated, None) => self.is_empty(ix),
            (Tenancy::Host(these), owner) => {
                owner == Some(Owner::Allocated(account)) && (these.is_empty() || these.contains(&ix))
            }
        }
    }

    /// Only instances of the account's dedicated tenancy are there.
    pub(super) fn is_alone(&self, ix: HostIx, account: Account) -> bool {
        let own = |i: &InstanceId| self.held.get(i).is_some_and(|h| h.dedicated && h.account == account);
        !self.foreign.contains(&ix) && self.on[ix.0 as usize].iter().all(own)
    }

    /// Nobody is there, nothing is reserved, and it is nobody's own.
    pub fn is_empty(&self, ix: HostIx) -> bool {
        let host = &self.hosts[ix.0 as usize];
        let bare = host.instances == 0 && host.free == host.total && !self.foreign.contains(&ix);
        bare && !self.owners.contains_key(&ix) && !self.waiting.contains_key(&ix)
    }

    /// Open ones. Asks all hosts: requests for whole hosts are rare.
    fn empties(&self, pools: Pools) -> impl Iterator<Item = HostIx> {
        self.hosts().filter(move |ix| self.is_open(*ix) && pools.has(self.class(*ix)) && self.is_empty(*ix))
    }

    pub(super) fn empty_hosts(&self, request: &Request) -> Vec<HostIx> {
        self.empties(request.pools).filter(|ix| self.free(*ix).holds(request.size)).collect()
    }

    /// Reserves `count` slots of `size`, all or none.
    ///
    /// # Errors
    /// [`Refusal::Short`] when not all find room.
    pub fn reserve(&mut self, key: ReservationKey, wanted: Reservation, count: u32) -> Result<(), Refusal> {
        if self.reservations.contains_key(&key) {
            return Ok(());
        }
        let request = Request { pools: wanted.pools, ..Request::new(wanted.account, wanted.size) };
        let mut slots: Vec<HostIx> = Vec::new();
        while (slots.len() as u32) < count {
            let Some((host, _)) = self.best(&request, &Limits::default()) else {
                let placeable = slots.len() as u32;
                slots.iter().for_each(|host| self.give_back(*host, wanted.size));
                let hosts = self.hosts.len() as u32;
                let short = Shortage { wanted: wanted.size, hosts, placeable, ..Shortage::default() };
                return Err(Refusal::Short(Box::new(short)));
            };
            self.set_used(host, self.used[host.0 as usize].plus(wanted.size));
            slots.push(host);
        }
        self.reservations.insert(key, Reservation { slots, used: 0, ..wanted });
        Ok(())
    }

    /// Ends a reservation: free slots are given back, instances in it go on as ordinary ones.
    pub fn cancel_reservation(&mut self, key: ReservationKey) -> bool {
        let Some(reservation) = self.reservations.remove(&key) else { return false };
        for slot in &reservation.slots {
            self.give_back(*slot, reservation.size);
        }
        self.held.values_mut().filter(|h| h.reservation == Some(key)).for_each(|h| h.reservation = None);
        true
    }

    /// The reservation has these slots from now on, used ones among them, whatever fits: as the store says. Instances in it
    /// stay in theirs; those whose slots are not among them go on as ordinary ones.
    pub fn set_reservation(&mut self, key: ReservationKey, wanted: Reservation, mut slots: Vec<HostIx>) {
        let members: Vec<_> = self.held.iter().filter(|(_, h)| h.reservation == Some(key)).map(|(i, _)| *i).collect();
        self.cancel_reservation(key);
        let mut used = 0;
        for member in members {
            if let Some(held) = self.held.get_mut(&member)
                && let Some(at) = slots.iter().position(|s| *s == held.host)
            {
                // Its room is charged, and is the slot's now.
                slots.remove(at);
                held.reservation = Some(key);
                used += 1;
            }
        }
        for host in &slots {
            self.set_used(*host, self.used[host.0 as usize].plus(wanted.size));
        }
        self.reservations.insert(key, Reservation { slots, used, ..wanted });
    }

    pub fn reservations(&self) -> impl Iterator<Item = ReservationKey> {
        self.reservations.keys().copied()
    }

    /// Those that have ended by `now`; cancel them.
    pub fn reservations_over(&self, now: TimestampMs) -> Vec<ReservationKey> {
        self.reservations.iter().filter(|(_, r)| r.until.is_some_and(|u| u <= now)).map(|(k, _)| *k).collect()
    }

    pub fn reservation(&self, key: ReservationKey) -> Option<&Reservation> {
        self.reservations.get(&key)
    }

    fn give_back(&mut self, ix: HostIx, size: Room) {
        self.set_used(ix, self.used[ix.0 as usize].minus(size));
    }
}

impl Reservation {
    /// `open`: used by every matching request of the account, not only by those that name it.
    pub fn new(account: Account, size: Room, pools: Pools, open: bool, until: Option<TimestampMs>) -> Self {
        Self { account, size, pools, open, until, slots: Vec::new(), used: 0 }
    }
}
