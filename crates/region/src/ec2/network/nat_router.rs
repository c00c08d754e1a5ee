//! Where NAT gateways run, and when they are there or gone: decided from what cells report.
//!
//! A gateway stays on its host as long as that one is not silent (moving it breaks its connections); else it goes to the
//! healthy host of its zone that wins by rendezvous hashing. It becomes `available` when the card of its host holds a
//! document with it, and `deleted` when that card holds one without it, or is silent.

use super::interface::delete_interface;
use crate::db::Db;
use crate::rows::{NatGateway, NatState, RouterPlace, Subnet};
use platform::Settings;
use std::collections::BTreeMap;
use types::{AzName, CellId, Generation, HostId, InterfaceId, NatGatewayId, TimestampMs};
use wire::cell::{CellConfig, CellReport, HostHealth, HostSummary};

/// A cell's first report after it took a document may still carry its hosts' old numbers.
const REPORTS_TO_TRUST: u32 = 2;

/// The routers of the document that a cell was last given, and how often it has reported since it holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Delivered {
    generation: Generation,
    routers: BTreeMap<InterfaceId, HostId>,
    reports: u32,
}

impl Delivered {
    /// The cell has taken `document`.
    pub fn note(&mut self, document: &CellConfig) {
        if self.generation != document.generation {
            let routers = document.routers.iter().map(|r| (r.port.id, r.host.clone())).collect();
            *self = Self { generation: document.generation, routers, reports: 0 };
        }
    }

    /// The cell has reported.
    pub fn hear(&mut self, report: &CellReport) {
        if report.applied >= self.generation {
            self.reports = self.reports.saturating_add(1);
        }
    }

    /// Whether the host's card holds what the cell was given.
    fn is_in_force(&self, host: &HostSummary) -> bool {
        self.reports >= REPORTS_TO_TRUST && host.health == HostHealth::Healthy && host.card_applied >= host.wanted
    }
}

/// Gives a host to each gateway that has none, or whose host is silent.
pub fn place(db: &mut Db, settings: &Settings, reports: &BTreeMap<CellId, CellReport>) {
    let wanted = db.all::<NatGateway>().filter(|g| g.state.is_wanted()).collect::<Vec<_>>();
    for g in wanted {
        if g.place.as_ref().is_some_and(|p| is_kept(p, reports)) {
            continue;
        }
        let Some(subnet) = db.get::<Subnet>(&g.account, g.subnet) else { continue };
        let Some(place) = best(settings, reports, &subnet.az, g.id) else { continue };
        if g.place.as_ref() != Some(&place) {
            tracing::info!(gateway = %g.id, host = %place.host, before = ?g.place.as_ref().map(|p| &p.host), "placed");
            db.update::<NatGateway>(&g.account, g.id, |g| g.place = Some(place));
        }
    }
}

/// A cell that has not reported, or not heard of its host since it started, says nothing against it.
fn is_kept(place: &RouterPlace, reports: &BTreeMap<CellId, CellReport>) -> bool {
    let Some(report) = reports.get(&place.cell) else { return true };
    let host = report.hosts.iter().find(|h| h.host == place.host);
    host.is_some_and(|h| h.health != HostHealth::Silent && h.underlay == place.underlay)
}

fn best(settings: &Settings, reports: &BTreeMap<CellId, CellReport>, az: &AzName, gateway: NatGatewayId) -> Option<RouterPlace> {
    let cells = settings.cells.iter().filter(|c| c.az == *az).filter_map(|c| reports.get(&c.id));
    let hosts = cells.flat_map(|r| r.hosts.iter().map(move |h| (r, h))).filter(|(_, h)| h.health == HostHealth::Healthy);
    let (report, host) = hosts.max_by_key(|(_, h)| weight(gateway, &h.host))?;
    Some(RouterPlace { cell: report.cell.clone(), host: host.host.clone(), underlay: host.underlay })
}

/// Highest random weight (Thaler, Ravishankar 1998).
fn weight(gateway: NatGatewayId, host: &HostId) -> [u8; 8] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("{gateway}/{host}").as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_ref()[..8]);
    first
}

/// A cell has reported: what that says of the gateways on its hosts.
pub fn settle(db: &mut Db, now: TimestampMs, report: &CellReport, delivered: &Delivered) {
    let here = |g: &NatGateway| g.place.clone().filter(|p| p.cell == report.cell);
    for g in db.all::<NatGateway>().collect::<Vec<_>>() {
        let (Some(place), Some(interface)) = (here(&g), g.interface) else { continue };
        let host = report.hosts.iter().find(|h| h.host == place.host);
        let in_force = host.is_some_and(|h| delivered.is_in_force(h));
        let there = delivered.routers.get(&interface);
        match g.state {
            NatState::Pending if there == Some(&place.host) && in_force => {
                db.update::<NatGateway>(&g.account, g.id, |g| g.state = NatState::Available);
            }
            // A host that is silent, or none of the cell's any more, will not be heard of.
            NatState::Deleting if there.is_none() && (in_force || host.is_none_or(|h| h.health == HostHealth::Silent)) => {
                end(db, now, &g);
            }
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
