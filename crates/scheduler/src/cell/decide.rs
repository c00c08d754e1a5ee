//! A decision: limits from the group, the distance and the tenancy; then the search; then room is taken.

use super::decider::{Decider, Held};
use super::group::{PARTITIONS_MAX, Strategy};
use super::host::{HostIx, Owner};
use super::request::{How, Level, Market, Placement, Refusal, Request, Reserve, Tenancy};
use super::reserve::{Reservation, ReservationKey};
use super::search::Limits;
use super::shortage::Shortage;
use crate::room::Room;
use std::collections::BTreeMap;
use types::{InstanceId, TimestampMs};

impl Decider {
    /// Finds a host and holds the room. Idempotent: an instance that has room keeps it.
    ///
    /// # Errors
    /// [`Refusal::Short`] counts what was short on how many hosts; the others say what is wrong with the request.
    pub fn decide(&mut self, instance: InstanceId, request: &Request, now: TimestampMs) -> Result<Placement, Refusal> {
        self.decide_one(instance, request, 1, now)
    }

    /// Several at once, the largest first (best-fit decreasing), all or at least `min`: with fewer nothing is held.
    /// Answers in the order of `wanted`.
    ///
    /// # Errors
    /// As [`Decider::decide`], of the first that found no room.
    pub fn decide_batch(
        &mut self,
        wanted: &[(InstanceId, Request)],
        min: usize,
        now: TimestampMs,
    ) -> Result<Vec<Option<Placement>>, Refusal> {
        let model = self.classes.values().fold(Room::default(), |m, c| m.max(c.model));
        let mut order: Vec<usize> = (0..wanted.len()).collect();
        order.sort_by_key(|i| (std::cmp::Reverse(wanted[*i].1.size.dominant_permille(model)), *i));
        let mut out: Vec<Option<Placement>> = vec![None; wanted.len()];
        let mut first = None;
        for (n, i) in order.iter().enumerate() {
            let (instance, request) = &wanted[*i];
            let mut request = std::borrow::Cow::Borrowed(request);
            if let Some(apart) = request.apart.as_ref().filter(|a| a.each_other) {
                let mut apart = apart.clone();
                apart.from.extend(order[..n].iter().filter(|j| out[**j].is_some()).map(|j| wanted[*j].0));
                request.to_mut().apart = Some(apart);
            }
            match self.decide_one(*instance, &request, (wanted.len() - n) as u32, now) {
                Ok(placement) => out[*i] = Some(placement),
                Err(refusal) => first = first.or(Some(refusal)),
            }
        }
        let placed = out.iter().flatten().count();
        match first {
            Some(mut refusal) if placed < min || placed == 0 => {
                for placement in out.iter().flatten().filter(|p| p.how != How::Already) {
                    placement.told.iter().for_each(|victim| self.keep(*victim));
                    self.release(placement.instance);
                }
                if let Refusal::Short(short) = &mut refusal {
                    short.placeable = placed as u32;
                }
                Err(refusal)
            }
            _ => Ok(out),
        }
    }

    fn decide_one(
        &mut self,
        instance: InstanceId,
        request: &Request,
        expected: u32,
        now: TimestampMs,
    ) -> Result<Placement, Refusal> {
        self.expire(now);
        if let Some(held) = self.held.get(&instance) {
            let partition = held.group.and_then(|g| g.partition);
            return Ok(self.placement(instance, held.host, How::Already, partition));
        }
        self.check(request)?;
        let mut request = std::borrow::Cow::Borrowed(request);
        if let Market::Spot { price_max } = request.market {
            let affordable = self.classes.iter().filter(|(_, state)| state.price <= price_max);
            let pools = affordable.fold(0, |bits, (class, _)| bits | (1u64 << class.0));
            request.to_mut().pools.0 &= pools;
        }
        let request = request.as_ref();
        if let Some(placement) = self.take_slot(instance, request)? {
            return Ok(placement);
        }
        for (partition, limits) in self.limits(request, expected)? {
            if let Some((host, how)) = self.best(request, &limits) {
                self.charge(instance, held(request, host, partition));
                return Ok(self.placement(instance, host, how, partition));
            }
        }
        if let Market::OnDemand { preempt: true } = request.market {
            for (partition, limits) in self.limits(request, expected)? {
                if let Some((host, victims)) = self.preemptible(request, &limits) {
                    let told = victims.iter().filter(|v| self.held.get(v).is_some_and(|h| h.leaves_at.is_none()));
                    let told = told.copied().collect();
                    let until = self.interrupt(&victims, now);
                    let waits = Held { waits: true, ..held(request, host, partition) };
                    self.charge(instance, waits);
                    let how = How::Scored { score: Default::default(), considered: 1, rivals: Default::default() };
                    let placement = self.placement(instance, host, how, partition);
                    return Ok(Placement { not_before: Some(until), evicts: victims, told, ..placement });
                }
            }
        }
        Err(Refusal::Short(Box::new(self.shortage(request, expected))))
    }

    fn placement(&self, instance: InstanceId, host: HostIx, how: How, partition: Option<u8>) -> Placement {
        let generation = self.generation(host);
        Placement { instance, host, generation, how, not_before: None, evicts: Vec::new(), told: Vec::new(), partition }
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        if request.size == Room::default() {
            return Err(Refusal::Empty);
        }
        if let Some(only) = &request.only
            && !self.names.contains_key(only)
        {
            return Err(Refusal::NoSuchHost(only.clone()));
        }
        if let Some(member) = &request.group {
            if let Strategy::Partition { count } = member.strategy {
                if count == 0 || count > PARTITIONS_MAX {
                    return Err(Refusal::Partitions { given: count });
                }
                if let Some(given) = member.partition.filter(|p| *p >= count) {
                    return Err(Refusal::NoSuchPartition { given, of: count });
                }
            }
            if self.groups.get(&member.group).is_some_and(|g| g.strategy != member.strategy) {
                return Err(Refusal::OtherStrategy);
            }
        }
        if let Market::Spot { price_max } = request.market {
            let now = self.classes.iter().filter(|(c, _)| request.pools.has(**c)).map(|(_, s)| s.price).min().unwrap_or(0);
            if matches!(request.reservation, Reserve::Target(_)) {
                return Err(Refusal::SpotReserved);
            }
            if now > price_max {
                return Err(Refusal::SpotPrice { now, max: price_max });
            }
        }
        Ok(())
    }

    /// Where it may go: a try each, the best first. More than one for a partition group without a wish.
    fn limits(&self, request: &Request, expected: u32) -> Result<Vec<(Option<u8>, Limits)>, Refusal> {
        let mut limits = Limits::default();
        if let Some(apart) = &request.apart {
            for held in apart.from.iter().filter_map(|i| self.held.get(i)) {
                let rack = self.hosts[held.host.0 as usize].rack;
                match (apart.level, apart.must) {
                    (Level::Host, true) => limits.hosts_out.push(held.host),
                    (Level::Rack, true) => limits.racks_out.push(rack),
                    (Level::Host, false) => *limits.hosts_soft.entry(held.host).or_default() += 1,
                    (Level::Rack, false) => *limits.racks_soft.entry(rack).or_default() += 1,
                }
            }
        }
        limits.along = self.along_of(request);
        let mut tries = Vec::new();
        match request.group {
            None => tries.push((None, limits)),
            Some(member) => {
                let state = self.groups.get(&member.group);
                match member.strategy {
                    Strategy::SpreadHost => limits.hosts_out.extend(state.iter().flat_map(|s| s.hosts())),
                    Strategy::SpreadRack => limits.racks_out.extend(state.iter().flat_map(|s| s.racks().into_keys())),
                    Strategy::Cluster => self.limit_to_block(request, expected, &mut limits),
                    Strategy::Partition { count } => {
                        let order = match (member.partition, state) {
                            (Some(p), _) => vec![p],
                            (None, Some(s)) => s.emptiest(count),
                            (None, None) => vec![0],
                        };
                        for partition in order {
                            let others = state.map(|s| s.racks_of_others(partition)).unwrap_or_default();
                            tries.push((Some(partition), limits.with_racks_out(others)));
                        }
                    }
                }
                if tries.is_empty() {
                    tries.push((None, limits));
                }
            }
        }
        for (_, limits) in &mut tries {
            limits.hosts_out.sort_unstable();
            limits.racks_out.sort_unstable();
        }
        Ok(tries)
    }

    /// The list that tenancy or a fixed host leaves; None: the grid.
    fn along_of(&self, request: &Request) -> Option<Vec<HostIx>> {
        let fixed = request.only.as_ref().and_then(|id| self.host(id));
        let own = |allocated: bool| {
            let owned = self.owners.iter().filter(move |(_, o)| o.account() == request.account);
            owned.filter(move |(_, o)| matches!(o, Owner::Allocated(_)) == allocated).map(|(h, _)| *h)
        };
        let list: Vec<HostIx> = match &request.tenancy {
            Tenancy::Shared => match fixed {
                Some(host) if self.is_shared(host) => vec![host],
                Some(_) => Vec::new(),
                None => return None,
            },
            Tenancy::Dedicated => {
                own(false).filter(|h| self.is_alone(*h, request.account)).chain(self.empty_hosts(request)).collect()
            }
            Tenancy::Host(these) => own(true).filter(|h| these.is_empty() || these.contains(h)).collect(),
        };
        Some(list.into_iter().filter(|h| fixed.is_none_or(|f| f == *h)).collect())
    }

    /// Cluster groups stay in the block of their first member; it goes where the block has room for those expected, the
    /// tightest such block first.
    fn limit_to_block(&self, request: &Request, expected: u32, limits: &mut Limits) {
        let group = request.group.and_then(|m| self.groups.get(&m.group));
        let near = group.map(|g| g.racks()).unwrap_or_default();
        let block = match near.keys().next().and_then(|rack| self.racks.get(rack)) {
            Some((block, _)) => Some(*block),
            None => {
                let mut fits: BTreeMap<u32, u64> = BTreeMap::new();
                for (block, hosts) in self.racks.values() {
                    let may = hosts.iter().filter(|h| self.is_shared(**h) && request.pools.has(self.class(**h)));
                    let count: u64 = may.map(|h| u64::from(self.free(*h).times(request.size))).sum();
                    *fits.entry(*block).or_default() += count;
                }
                let enough = fits.iter().filter(|(_, n)| **n >= u64::from(expected)).min_by_key(|(b, n)| (**n, **b));
                enough.or_else(|| fits.iter().max_by_key(|(b, n)| (**n, std::cmp::Reverse(**b)))).map(|(b, _)| *b)
            }
        };
        let within = self.racks.values().filter(|(b, _)| Some(*b) == block).flat_map(|(_, hosts)| hosts.iter().copied());
        limits.along = Some(match limits.along.take() {
            Some(list) => list.into_iter().filter(|h| self.racks.get(&self.rack(*h)).map(|(b, _)| *b) == block).collect(),
            None => within.filter(|h| self.is_shared(*h)).collect(),
        });
        limits.racks_near = near;
    }

    fn take_slot(&mut self, instance: InstanceId, request: &Request) -> Result<Option<Placement>, Refusal> {
        let matches = |r: &Reservation| r.matches(request.account, request.size, request.pools);
        let keys: Vec<ReservationKey> = match request.reservation {
            Reserve::Never => return Ok(None),
            Reserve::Target(key) if self.reservations.get(&key).is_some_and(matches) => vec![key],
            Reserve::Target(_) => return Err(Refusal::NoSuchReservation),
            Reserve::Open => {
                let may = request.tenancy == Tenancy::Shared && matches!(request.market, Market::OnDemand { .. });
                let open = self.reservations.iter().filter(|(_, r)| may && r.open && !r.slots.is_empty() && matches(r));
                open.map(|(key, _)| *key).collect()
            }
        };
        for key in keys {
            if let Some(placement) = self.take_slot_of(key, instance, request)? {
                return Ok(Some(placement));
            }
        }
        match request.reservation {
            Reserve::Target(_) => Err(Refusal::Short(Box::new(self.shortage(request, 1)))),
            _ => Ok(None),
        }
    }

    fn take_slot_of(
        &mut self,
        key: ReservationKey,
        instance: InstanceId,
        request: &Request,
    ) -> Result<Option<Placement>, Refusal> {
        let size = self.reservations.get(&key).map_or(Room::default(), |r| r.size);
        for (partition, limits) in self.limits(request, 1)? {
            let allowed = |ix: &&HostIx| {
                let host = &self.hosts[ix.0 as usize];
                let listed = limits.along.as_ref().is_none_or(|l| l.contains(ix));
                // What it wants beyond the slot (a larger disk) is taken beside it.
                host.open && listed && limits.allows(**ix, host) && host.free.holds(request.size.minus(size))
            };
            let slot = self.reservations.get(&key).and_then(|r| r.slots.iter().find(allowed).copied());
            if let Some(host) = slot
                && let Some(reservation) = self.reservations.get_mut(&key)
            {
                reservation.take(host);
                self.charge(instance, Held { reservation: Some(key), ..held(request, host, partition) });
                return Ok(Some(self.placement(instance, host, How::Reserved(key), partition)));
            }
        }
        Ok(None)
    }

    /// Counts why each host does not do.
    fn shortage(&self, request: &Request, expected: u32) -> Shortage {
        let mut out = Shortage { wanted: request.size, only: request.only.clone(), ..Shortage::default() };
        out.tenancy = match &request.tenancy {
            Tenancy::Shared => None,
            Tenancy::Dedicated => Some("dedicated tenancy"),
            Tenancy::Host(_) => Some("its account's dedicated hosts"),
        };
        let limits = self.limits(request, expected).unwrap_or_default();
        let fixed = request.only.as_ref().and_then(|id| self.host(id));
        for ix in self.hosts().filter(|h| fixed.is_none_or(|f| f == *h)) {
            let host = &self.hosts[ix.0 as usize];
            out.hosts += 1;
            if !host.open {
                out.closed += 1;
            } else if !request.pools.has(host.class) {
                out.other_class += 1;
            } else if !self.admits(ix, request.account, &request.tenancy) {
                out.other_tenancy += 1;
            } else if !limits.iter().any(|(_, l)| l.allows(ix, host) && l.along.as_ref().is_none_or(|list| list.contains(&ix))) {
                out.apart += 1;
            } else {
                out.add_short(host, request.size);
            }
        }
        out
    }

    /// Why this host, as a sentence.
    pub fn explain(&self, placement: &Placement) -> String {
        let host = self.host_id(placement.host);
        match &placement.how {
            How::Already => format!("{host}: it had room there already"),
            How::Reserved(key) => format!("{host}: a free slot of capacity reservation {:x}", key.0),
            How::Scored { .. } if !placement.evicts.is_empty() => {
                format!("{host}: {} spot instances there were told to leave", placement.evicts.len())
            }
            How::Scored { score, considered, rivals } => {
                let rivals: Vec<String> =
                    rivals.iter().flatten().map(|r| format!("{} {:.0}", self.host_id(r.host), r.score.total)).collect();
                let next =
                    if rivals.is_empty() { "no other was scored".to_owned() } else { format!("next {}", rivals.join(", ")) };
                format!("{host}: lowest score of {considered}, {score}; {next}")
            }
        }
    }
}

impl Held {
    /// As the request asks, on this host: for [`Decider::adopt`].
    pub fn of(request: &Request, host: HostIx) -> Self {
        held(request, host, None)
    }
}

fn held(request: &Request, host: HostIx, partition: Option<u8>) -> Held {
    Held {
        host,
        room: request.size,
        account: request.account,
        pools: request.pools,
        market: request.market,
        dedicated: request.tenancy == Tenancy::Dedicated,
        until: request.hold_until,
        leaves_at: None,
        waits: false,
        group: request.group.map(|m| super::request::Membership { partition: partition.or(m.partition), ..m }),
        reservation: None,
    }
}

impl Limits {
    fn with_racks_out(&self, racks: Vec<u32>) -> Self {
        let mut out = Self {
            along: self.along.clone(),
            hosts_out: self.hosts_out.clone(),
            racks_out: self.racks_out.clone(),
            hosts_soft: self.hosts_soft.clone(),
            racks_soft: self.racks_soft.clone(),
            racks_near: self.racks_near.clone(),
        };
        out.racks_out.extend(racks);
        out
    }
}
