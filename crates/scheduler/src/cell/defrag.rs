//! Defragmentation: which instances to move so that hosts become empty, within a budget of moves.
//!
//! The emptiest hosts first: one is chosen only if all of its instances find room on hosts that are not emptier, so that no
//! move is spent on a host that stays. A plan is a proposal; the caller moves one instance after the other (live migration)
//! and says so with [`Decider::moved`].

use super::decider::{Decider, Held};
use super::host::HostIx;
use super::request::{Market, Request, Reserve, Tenancy};
use types::{InstanceId, TimestampMs};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub instance: InstanceId,
    pub from: HostIx,
    pub to: HostIx,
}

impl Decider {
    /// At most `moves_max` moves that empty as many hosts as this finds. Changes nothing.
    pub fn defragment(&self, moves_max: usize, now: TimestampMs) -> Vec<Move> {
        let mut trial = self.clone();
        let mut order: Vec<HostIx> = self.hosts().filter(|ix| self.is_shared(*ix) && !self.on_host(*ix).is_empty()).collect();
        // Few instances that hold little: cheap to empty, much won.
        order.sort_by_key(|ix| (self.on_host(*ix).len(), std::cmp::Reverse(self.free(*ix).vcpus), *ix));
        let mut out: Vec<Move> = Vec::new();
        for from in order {
            let on: Vec<InstanceId> = trial.on_host(from).to_vec();
            let fixed = |i: &InstanceId| trial.held(*i).is_none_or(|h| !movable(h));
            if on.len() > moves_max - out.len() || trial.hosts[from.0 as usize].used_beyond(&trial, from) || on.iter().any(fixed)
            {
                continue;
            }
            // What it took from others is in the way of nothing: it is not in the grid while it is emptied.
            trial.set_open(from, false);
            let mut moved: Vec<(Move, Held)> = Vec::new();
            for instance in &on {
                let Some(held) = trial.release(*instance) else { continue };
                let request = Request {
                    pools: held.pools,
                    tenancy: Tenancy::Shared,
                    reservation: Reserve::Never,
                    ..Request::new(held.account, held.room)
                };
                match trial.decide(*instance, &request, now) {
                    // A host that was empty before would only trade places.
                    Ok(placement) if trial.on_host(placement.host).len() > 1 => {
                        moved.push((Move { instance: *instance, from, to: placement.host }, held));
                    }
                    _ => {
                        trial.adopt(*instance, held);
                        break;
                    }
                }
            }
            if moved.len() == on.len() {
                out.extend(moved.into_iter().map(|(m, _)| m));
            } else {
                moved.into_iter().for_each(|(m, held)| trial.adopt(m.instance, held));
            }
            trial.set_open(from, true);
            if out.len() >= moves_max {
                break;
            }
        }
        out
    }

    /// The instance is on another host now. False: it does not fit there, or is unknown, and nothing changed.
    pub fn moved(&mut self, instance: InstanceId, to: HostIx) -> bool {
        let Some(held) = self.held(instance).cloned() else { return false };
        if !self.free(to).holds(held.room) {
            return false;
        }
        self.adopt(instance, Held { host: to, reservation: None, ..held });
        true
    }
}

/// Members of groups and of reservations stay: their place is part of what was promised. So do spot instances.
fn movable(held: &Held) -> bool {
    let ordinary = held.group.is_none() && held.reservation.is_none() && !held.dedicated && !held.waits;
    ordinary && held.until.is_none() && matches!(held.market, Market::OnDemand { .. })
}

impl super::host::Host {
    /// Room of reserved slots is on it: it does not become empty.
    fn used_beyond(&self, decider: &Decider, ix: HostIx) -> bool {
        let held = decider.on_host(ix).iter().filter_map(|i| decider.held(*i)).map(|h| h.room);
        held.fold(crate::room::Room::default(), crate::room::Room::plus) != decider.used[ix.0 as usize]
    }
}
