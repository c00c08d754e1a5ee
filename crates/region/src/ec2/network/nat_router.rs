//! Where NAT gateways run, and when they are there or gone: see [`crate::placed`]. A gateway becomes `available` when the card
//! of its host holds a document with it, and `deleted` when that card holds one without it, or is silent.

use super::interface::delete_interface;
use crate::db::Db;
use crate::placed::{self, Delivered, Fate};
use crate::rows::{NatGateway, NatState, Subnet};
use platform::Settings;
use std::collections::BTreeMap;
use types::{CellId, TimestampMs};
use wire::cell::CellReport;

/// Gives a host to each gateway that has none, or whose host is silent.
pub fn place(db: &mut Db, settings: &Settings, reports: &BTreeMap<CellId, CellReport>) {
    let wanted = db.all::<NatGateway>().filter(|g| g.state.is_wanted()).collect::<Vec<_>>();
    for g in wanted {
        let Some(subnet) = db.get::<Subnet>(&g.account, g.subnet) else { continue };
        if let Some(place) = placed::choose(settings, reports, &subnet.az, &g.id.to_string(), g.place.as_ref()) {
            db.update::<NatGateway>(&g.account, g.id, |g| g.place = Some(place));
        }
    }
}

/// A cell has reported: what that says of the gateways on its hosts.
pub fn settle(db: &mut Db, now: TimestampMs, report: &CellReport, delivered: &Delivered) {
    for g in db.all::<NatGateway>().collect::<Vec<_>>() {
        let (Some(place), Some(interface)) = (&g.place, g.interface) else { continue };
        if place.cell != report.cell {
            continue;
        }
        match (g.state, placed::fate(place, interface, report, delivered)) {
            (NatState::Pending, Fate::There) => {
                db.update::<NatGateway>(&g.account, g.id, |g| g.state = NatState::Available);
            }
            (NatState::Deleting, Fate::Gone) => end(db, now, &g),
            _ => {}
        }
    }
}

/// The gateway is deleted: its interface is gone, its addresses are free.
pub fn end(db: &mut Db, now: TimestampMs, gateway: &NatGateway) {
    if let Some(interface) = gateway.interface {
        delete_interface(db, &gateway.account, interface);
    }
    db.update::<NatGateway>(&gateway.account, gateway.id, |g| {
        g.state = NatState::Deleted;
        g.deleted = Some(now);
        g.interface = None;
        g.place = None;
    });
}
