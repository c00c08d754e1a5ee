//! Spot: a price from utilisation, and notice to leave.
//!
//! The price of a class, in thousandths of its on-demand price, follows from how full the class is without spot's own part:
//! idle capacity is cheap. It moves slowly (a fifth of the way an hour at most), as EC2's does since 2017. An instance whose
//! `price_max` it passes, or whose room an on-demand instance needs, gets two minutes' notice; its room is free when
//! [`Decider::release`] says that it is gone, not when the notice ends.

use super::decider::Decider;
use super::host::{Class, HostIx};
use super::request::{Market, Request};
use super::search::Limits;
use crate::room::{Dimension, Room};
use types::{InstanceId, TimestampMs};

/// EC2 gives an interruption notice two minutes ahead.
pub const NOTICE_MS: u64 = 120_000;
/// A discount of 90 % at the lowest load.
pub(super) const PRICE_MIN: u32 = 100;
const PRICE_MAX: u32 = 1000;
const HOUR_MS: u64 = 3_600_000;
/// No step of an hour is taken towards a goal that is nearer.
const NEAR: i64 = 5;
/// Below this much use of a class, in thousandths, the lowest price holds.
const CHEAP_BELOW: u32 = 500;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    pub instance: InstanceId,
    pub host: HostIx,
    pub at: TimestampMs,
}

/// The price that a lasting load would lead to: flat up to half full, then with the square of what is above.
fn target(on_demand_permille: u32) -> u32 {
    let above = on_demand_permille.saturating_sub(CHEAP_BELOW).min(1000 - CHEAP_BELOW);
    let span = 1000 - CHEAP_BELOW;
    PRICE_MIN + (PRICE_MAX - PRICE_MIN) * above * above / (span * span)
}

impl Decider {
    /// In thousandths of the on-demand price. None: no host of the class was ever here.
    pub fn spot_price(&self, class: Class) -> Option<u32> {
        self.classes.get(&class).map(|c| c.price)
    }

    /// Each class's price and when it last moved: what a decider that is built anew goes on from ([`Decider::set_price`]).
    pub fn prices(&self) -> impl Iterator<Item = (Class, u32, TimestampMs)> {
        self.classes.iter().map(|(class, state)| (*class, state.price, state.priced))
    }

    pub fn set_price(&mut self, class: Class, price: u32, at: TimestampMs) {
        if let Some(state) = self.classes.get_mut(&class) {
            (state.price, state.priced) = (price.clamp(PRICE_MIN, PRICE_MAX), at);
        }
    }

    /// Moves the prices and tells those to leave who do not pay them. Call it every few minutes.
    pub fn price(&mut self, now: TimestampMs) -> Vec<Interruption> {
        for state in self.classes.values_mut() {
            if state.load.hosts == 0 {
                // Of what no host says anything is known: it keeps its price.
                continue;
            }
            let without_spot = |d: Dimension| {
                let (total, free, spot) =
                    (state.load.total[d as usize], state.load.free[d as usize], state.load.spot[d as usize]);
                ((total - free).saturating_sub(spot) * 1000).checked_div(total).unwrap_or(0) as u32
            };
            let used = [Dimension::Vcpus, Dimension::Memory, Dimension::Gpus].map(without_spot).into_iter().max().unwrap_or(0);
            let goal = i64::from(target(used));
            let elapsed = now.0.saturating_sub(state.priced.0).min(HOUR_MS) as i64;
            let step = (goal - i64::from(state.price)) * elapsed / (5 * HOUR_MS as i64);
            state.price = (i64::from(state.price) + step).clamp(i64::from(PRICE_MIN), i64::from(PRICE_MAX)) as u32;
            // A step that is less than one is not lost: it is taken when enough time has passed.
            if step != 0 || (goal - i64::from(state.price)).abs() < NEAR {
                state.priced = now;
            }
        }
        let priced_out: Vec<InstanceId> = self
            .spots
            .keys()
            .flat_map(|ix| self.on[ix.0 as usize].iter())
            .filter(|i| {
                let Some(held) = self.held.get(i) else { return false };
                let price = self.spot_price(self.class(held.host)).unwrap_or(0);
                matches!(held.market, Market::Spot { price_max } if price > price_max) && held.leaves_at.is_none()
            })
            .copied()
            .collect();
        let at = self.interrupt(&priced_out, now);
        let told = priced_out.into_iter();
        told.filter_map(|instance| Some(Interruption { instance, host: self.held.get(&instance)?.host, at })).collect()
    }

    /// Those whose notice has ended and that are still here: the host has to end them.
    pub fn overdue(&self, now: TimestampMs) -> Vec<Interruption> {
        let past = self.leaving.iter().take_while(|(at, _)| *at <= now);
        past.filter_map(|(at, i)| Some(Interruption { instance: *i, host: self.held.get(i)?.host, at: *at })).collect()
    }

    /// Gives notice; one that has it already keeps its time. Returns when the last of them is gone.
    pub(super) fn interrupt(&mut self, victims: &[InstanceId], now: TimestampMs) -> TimestampMs {
        let mut last = now;
        for victim in victims {
            let Some(held) = self.held.get_mut(victim) else { continue };
            let at = *held.leaves_at.get_or_insert(TimestampMs(now.0 + NOTICE_MS));
            self.leaving.insert((at, *victim));
            last = last.max(at);
        }
        last
    }

    /// Takes a notice back that was not sent.
    pub(super) fn keep(&mut self, victim: InstanceId) {
        if let Some(at) = self.held.get_mut(&victim).and_then(|h| h.leaves_at.take()) {
            self.leaving.remove(&(at, victim));
        }
    }

    /// The host where the fewest spot instances have to go for the request, and which. Not where one waits already.
    pub(super) fn preemptible(&self, request: &Request, limits: &Limits) -> Option<(HostIx, Vec<InstanceId>)> {
        let mut best: Option<(usize, u32, HostIx, Vec<InstanceId>)> = None;
        for ix in self.spots.keys() {
            let host = &self.hosts[ix.0 as usize];
            let listed = limits.along.as_ref().is_none_or(|l| l.contains(ix));
            let may = if limits.along.is_some() { host.open && !self.waiting.contains_key(ix) } else { self.is_shared(*ix) };
            if !may || !listed || !request.pools.has(host.class) || !limits.allows(*ix, host) {
                continue;
            }
            if let Some(victims) = self.victims(*ix, request.size) {
                let lost = victims.iter().filter_map(|v| self.held.get(v)).map(|h| h.room.vcpus).sum();
                if best.as_ref().is_none_or(|(n, v, at, _)| (victims.len(), lost, *ix) < (*n, *v, *at)) {
                    best = Some((victims.len(), lost, *ix, victims));
                }
            }
        }
        best.map(|(_, _, ix, victims)| (ix, victims))
    }

    /// The spot instances of a host to end for `size`: the largest first, then none of them that is not needed.
    fn victims(&self, ix: HostIx, size: Room) -> Option<Vec<InstanceId>> {
        let spots = self.on[ix.0 as usize].iter().filter_map(|i| Some((*i, self.held.get(i)?)));
        let mut spots: Vec<(InstanceId, Room)> =
            spots.filter(|(_, h)| matches!(h.market, Market::Spot { .. })).map(|(i, h)| (i, h.room)).collect();
        spots.sort_by_key(|(i, room)| (std::cmp::Reverse(room.vcpus), *i));
        let mut free = self.hosts[ix.0 as usize].free;
        let mut taken: Vec<(InstanceId, Room)> = Vec::new();
        for spot in spots {
            if free.holds(size) {
                break;
            }
            free = free.plus(spot.1);
            taken.push(spot);
        }
        if !free.holds(size) {
            return None;
        }
        taken.retain(|(_, room)| {
            let needed = !free.minus(*room).holds(size);
            if !needed {
                free = free.minus(*room);
            }
            needed
        });
        Some(taken.into_iter().map(|(i, _)| i).collect())
    }
}
