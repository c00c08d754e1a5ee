//! Where nodes run, and when they are there or gone: see [`crate::placed`].

use super::nodes;
use super::rows::{BalancerNode, LoadBalancer, NodeState, State};
use crate::db::Db;
use crate::placed::{self, Delivered, Fate};
use platform::Settings;
use std::collections::BTreeMap;
use types::{CellId, TimestampMs};
use wire::cell::CellReport;

/// Gives a host to each node that has none, or whose host is silent.
pub fn place(db: &mut Db, settings: &Settings, reports: &BTreeMap<CellId, CellReport>) {
    let wanted = db.all::<BalancerNode>().filter(|n| n.state.is_wanted()).collect::<Vec<_>>();
    for n in wanted {
        if let Some(place) = placed::choose(settings, reports, &n.az, &n.interface.to_string(), n.place.as_ref()) {
            db.update::<BalancerNode>(&n.account, n.interface, |n| n.place = Some(place));
        }
    }
}

/// A cell has reported: what that says of the nodes on its hosts. A node is up when its host's card has its port and its
/// process answers with a document of it; a load balancer is active when all its nodes were up.
pub fn settle(db: &mut Db, now: TimestampMs, report: &CellReport, delivered: &Delivered) {
    for n in db.all::<BalancerNode>().collect::<Vec<_>>() {
        let Some(place) = n.place.as_ref().filter(|p| p.cell == report.cell) else { continue };
        let answers = || report.balancers.iter().any(|b| b.interface == n.interface && b.status.is_some());
        match (n.state, placed::fate(place, n.interface, report, delivered)) {
            (NodeState::Pending, Fate::There) if answers() => {
                db.update::<BalancerNode>(&n.account, n.interface, |n| n.state = NodeState::Up);
            }
            (NodeState::Draining, _) if is_drained(db, &n, now) => {
                db.update::<BalancerNode>(&n.account, n.interface, |n| (n.state, n.drain) = (NodeState::Ending, None));
            }
            (NodeState::Ending, Fate::Gone) => nodes::remove(db, &n),
            _ => {}
        }
    }
    for b in db.all::<LoadBalancer>().filter(|b| b.state == State::Provisioning).collect::<Vec<_>>() {
        let nodes = nodes::of(db, &b);
        if !nodes.is_empty() && nodes.iter().all(|n| n.state == NodeState::Up) {
            db.update::<LoadBalancer>(&b.account, &b.id, |b| b.state = State::Active);
        }
    }
}

/// Nothing is left of its connections, or it must not wait for them any longer.
fn is_drained(db: &Db, n: &BalancerNode, now: TimestampMs) -> bool {
    let over = n.drain.as_ref().is_none_or(|d| now >= d.until);
    let left = db.balancers.status(n.interface).is_none_or(|s| !s.listeners.is_empty() || s.connections > 0);
    over || !left || db.balancers.is_lost(n.interface)
}
