//! Hosts and room that are kept: dedicated hosts, capacity reservations.

use super::decider::Decider;
use super::host::{Account, Class, Host, HostIx, NONE, Owner, Pools};
use super::request::{Refusal, Request};
use super::reserve::{Reservation, ReservationKey};
use super::search::Limits;
use super::shortage::Shortage;
use crate::room::Room;
use types::TimestampMs;

impl Decider {
    /// Makes an empty host the account's own. None: no host of the class is empty.
    pub fn allocate_host(&mut self, account: Account, class: Class) -> Option<HostIx> {
        let host = self.empties(Pools::of(&[class])).next()?;
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

    /// For a decider that is built anew: the store says whose the host is.
    pub fn set_owner(&mut self, ix: HostIx, account: Account) {
        self.owners.insert(ix, Owner::Allocated(account));
        self.index(ix);
    }

    /// Shared hosts with nothing on them and nothing reserved. Asks all hosts: requests for whole hosts are rare.
    fn empties(&self, pools: Pools) -> impl Iterator<Item = HostIx> {
        let untouched = |h: &Host| h.bucket != NONE && h.instances == 0 && h.free == h.total;
        self.hosts().filter(move |ix| {
            let host = &self.hosts[ix.0 as usize];
            untouched(host) && pools.has(host.class)
        })
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
