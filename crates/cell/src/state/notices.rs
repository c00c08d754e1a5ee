//! Spot instances that were told to go, and who waits for their room.
//!
//! ```text
//!  an on-demand claim that needs the room ─┐
//!  a price above what it pays ─────────────┴► told ──2 minutes──► ended ──its host has only its disk, or nothing──► over
//! ```
//! A notice is durable before anybody hears of it, so that a controller that dies keeps the time. While it stands the instance
//! reads it from its metadata service; when it has ended the host is ordered to end the instance, whether the region answers
//! or not, and the region makes it its own wish when it hears. It speaks of one run: the one that the hold was had for.

use super::{Cell, Change};
use crate::books::Holding;
use serde::{Deserialize, Serialize};
use types::{InstanceId, TimestampMs};
use wire::cell::{CellInstance, SpotCause, SpotEnd, SpotNotice};
use wire::host::Desired;
use wire::net::{PortConfig, SpotLife};

/// Prices are looked at this often.
pub const PRICE_EVERY_MS: u64 = 60_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub instance: InstanceId,
    pub told: SpotNotice,
    /// Who has the room when it is gone.
    pub waits: Option<InstanceId>,
}

/// The spot price of a class of hosts, in thousandths of the on-demand price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub class: u8,
    pub permille: u32,
    /// When it last moved.
    pub at: TimestampMs,
}

impl Cell {
    fn hold_of(&self, instance: InstanceId) -> Option<u64> {
        self.holds.get(&instance).map(|h| h.number).or_else(|| Some(self.wanted(instance)?.hold))
    }

    /// Those who have to go for `by`: the ones that were told before keep their time.
    pub(super) fn tell(&mut self, victims: &[InstanceId], by: InstanceId, now: TimestampMs, change: &mut Change) {
        for victim in victims {
            match self.notices.get_mut(victim) {
                Some(notice) => notice.waits = Some(by),
                None => self.note(*victim, SpotCause::Room { of: by }, Some(by), now),
            }
            change.notices.extend(self.notices.get(victim).cloned());
        }
    }

    /// Notices that the region has heard of and this cell has forgotten, with its store.
    pub(super) fn recall(&mut self) -> Vec<Notice> {
        let wanted = self.config.iter().flat_map(|c| &c.instances).filter(|i| i.config.desired == Desired::Running);
        let told = wanted.filter_map(|i| Some((i, i.spot?.notice.filter(|n| n.hold == i.hold)?)));
        let new = told.filter(|(i, _)| !self.notices.contains_key(&i.config.id)).map(|(i, told)| {
            let waits = match told.cause {
                SpotCause::Room { of } => Some(of),
                SpotCause::Price { .. } => None,
            };
            Notice { instance: i.config.id, told, waits }
        });
        let new: Vec<Notice> = new.collect();
        self.notices.extend(new.iter().map(|n| (n.instance, n.clone())));
        new
    }

    fn note(&mut self, instance: InstanceId, cause: SpotCause, waits: Option<InstanceId>, now: TimestampMs) {
        let (Some(hold), Some(at)) = (self.hold_of(instance), self.books.leaves_at(instance)) else { return };
        tracing::info!(%instance, ?cause, at_ms = at.0, "a spot instance is told to go");
        let told = SpotNotice { hold, told_ms: now.0, at_ms: at.0, cause, ended: false };
        self.notices.insert(instance, Notice { instance, told, waits });
    }

    /// What time brings: prices move, notices end. What it returns is to be made durable; then these instances' hosts hear of it.
    pub fn tick(&mut self, now: TimestampMs) -> (Change, Vec<InstanceId>) {
        let mut change = Change::default();
        let last = self.looked_at_prices;
        if self.config.is_some() && self.new_at.is_none() && now.0.abs_diff(last.0) >= PRICE_EVERY_MS {
            self.looked_at_prices = now;
            for (instance, price, max) in self.books.price(now) {
                self.note(instance, SpotCause::Price { now: price, max }, None, now);
                change.notices.extend(self.notices.get(&instance).cloned());
            }
            for (class, permille, at) in self.books.prices().collect::<Vec<_>>() {
                if self.priced.insert(class, at) != Some(at) {
                    change.prices.push(Price { class, permille, at });
                }
            }
        }
        for notice in self.notices.values_mut().filter(|n| !n.told.ended && n.told.at_ms <= now.0) {
            tracing::info!(instance = %notice.instance, "a spot instance's time is over");
            notice.told.ended = true;
            change.notices.push(notice.clone());
        }
        let told: Vec<InstanceId> = change.notices.iter().map(|n| n.instance).collect();
        told.iter().for_each(|i| self.count(*i));
        let over: Vec<InstanceId> = self.notices.values().filter(|n| self.is_over(n)).map(|n| n.instance).collect();
        for instance in over {
            let waited = self.notices.remove(&instance).and_then(|n| n.waits);
            self.count(instance);
            waited.into_iter().for_each(|i| self.count(i));
            change.notices.retain(|n| n.instance != instance);
            change.notices_over.push(instance);
        }
        (change, told)
    }

    /// Nothing but its disk is left of the run, and the region does not want that run any more.
    fn is_over(&self, notice: &Notice) -> bool {
        let wanted = self.wanted(notice.instance).filter(|i| i.config.desired == Desired::Running);
        let held = self.books.room_of(notice.instance);
        match wanted {
            Some(i) => {
                let hold = notice.told.hold;
                i.hold != hold && self.holds.get(&notice.instance).is_none_or(|h| h.number != hold)
            }
            None => held.memory_mib == 0 && held.vcpus == 0,
        }
    }

    /// The notice of this run of the instance.
    pub fn notice(&self, i: &CellInstance) -> Option<&Notice> {
        self.notices.get(&i.config.id).filter(|n| n.told.hold == i.hold)
    }

    /// What its host is to make true: an instance whose notice has ended is ended, whatever the region has heard yet.
    pub fn desired(&self, i: &CellInstance) -> Desired {
        let ended = self.notice(i).is_some_and(|n| n.told.ended);
        match (i.config.desired, i.spot.map(|s| s.on_interruption)) {
            (Desired::Running, Some(SpotEnd::Terminate)) if ended => Desired::Terminated,
            (Desired::Running, Some(SpotEnd::Stop)) if ended => Desired::Stopped,
            (desired, _) => desired,
        }
    }

    /// Whether its room is still that of spot instances.
    pub fn waits(&self, i: &CellInstance) -> bool {
        i.config.desired == Desired::Running && self.books.waits(i.config.id)
    }

    /// When the last of those is gone who have to go for it.
    pub(super) fn not_before(&self, instance: InstanceId) -> Option<TimestampMs> {
        let before = self.notices.values().filter(|n| n.waits == Some(instance));
        before.map(|n| TimestampMs(n.told.at_ms)).max()
    }

    /// What a new decider has to know of the notices.
    pub(super) fn with_notices(&self, instance: InstanceId, place: Holding) -> Holding {
        let told = self.notices.get(&instance).filter(|n| self.hold_of(instance) == Some(n.told.hold));
        let leaves_at = place.price_max.and(told).map(|n| TimestampMs(n.told.at_ms));
        Holding { leaves_at, waits: self.not_before(instance).is_some(), ..place }
    }

    /// The port as its instance is to see it: with the notice in its metadata.
    pub fn port(&self, i: &CellInstance, port: &PortConfig) -> PortConfig {
        let mut port = port.clone();
        if let (Some(m), Some(spot), Some(notice)) = (port.metadata.as_mut(), i.spot, self.notice(i)) {
            m.spot = Some(SpotLife { notice: Some((spot.on_interruption.name().to_owned(), notice.told.at_ms)) });
        }
        port
    }
}
