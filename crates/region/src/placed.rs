//! What the region places on hosts beside instances: NAT gateways, load balancers' nodes. A port without a guest stays on its
//! host as long as that one is not silent (moving it breaks its connections); else it goes to the healthy host of its zone
//! that wins by rendezvous hashing. Whether it is there, or gone, follows from the documents that cells took and from what
//! their hosts report. Pure; whose rows these are decides what comes of it (`nat_router`, `elb::place`).

use crate::rows::RouterPlace;
use platform::Settings;
use std::collections::BTreeMap;
use types::{AzName, CellId, Generation, HostId, InterfaceId};
use wire::cell::{CellConfig, CellReport, HostHealth, HostSummary};

/// A cell's first report after it took a document may still carry its hosts' old numbers.
const REPORTS_TO_TRUST: u32 = 2;

/// The ports without a guest of the document that a cell was last given, and how often it has reported since it holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Delivered {
    generation: Generation,
    ports: BTreeMap<InterfaceId, HostId>,
    reports: u32,
}

impl Delivered {
    /// The cell has taken `document`.
    pub fn note(&mut self, document: &CellConfig) {
        if self.generation != document.generation {
            let routers = document.routers.iter().map(|r| (r.port.id, r.host.clone()));
            let balancers = document.balancers.iter().map(|b| (b.port.id, b.host.clone()));
            *self = Self { generation: document.generation, ports: routers.chain(balancers).collect(), reports: 0 };
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

/// What a report says of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The card of its host has it.
    There,
    /// The card that had it has it no more, or will not be heard of: its host is silent, or none of the cell's any more.
    Gone,
    /// Neither, yet.
    Open,
}

/// `place` is one of the report's cell.
pub fn fate(place: &RouterPlace, interface: InterfaceId, report: &CellReport, delivered: &Delivered) -> Fate {
    let host = report.hosts.iter().find(|h| h.host == place.host);
    let in_force = host.is_some_and(|h| delivered.is_in_force(h));
    match delivered.ports.get(&interface) {
        Some(there) if *there == place.host && in_force => Fate::There,
        None if in_force || host.is_none_or(|h| h.health == HostHealth::Silent) => Fate::Gone,
        _ => Fate::Open,
    }
}

/// The place that it should have from now on. `None`: the one that it has, or none can be had. `name` is its own for ever.
pub fn choose(
    settings: &Settings,
    reports: &BTreeMap<CellId, CellReport>,
    az: &AzName,
    name: &str,
    now: Option<&RouterPlace>,
) -> Option<RouterPlace> {
    if now.is_some_and(|p| is_kept(p, reports)) {
        return None;
    }
    let place = best(settings, reports, az, name).filter(|place| now != Some(place))?;
    tracing::info!(port = name, host = %place.host, before = ?now.map(|p| &p.host), "placed");
    Some(place)
}

/// A cell that has not reported, or not heard of its host since it started, says nothing against it.
fn is_kept(place: &RouterPlace, reports: &BTreeMap<CellId, CellReport>) -> bool {
    let Some(report) = reports.get(&place.cell) else { return true };
    let host = report.hosts.iter().find(|h| h.host == place.host);
    host.is_some_and(|h| h.health != HostHealth::Silent && h.underlay == place.underlay)
}

fn best(settings: &Settings, reports: &BTreeMap<CellId, CellReport>, az: &AzName, name: &str) -> Option<RouterPlace> {
    let cells = settings.cells.iter().filter(|c| c.az == *az).filter_map(|c| reports.get(&c.id));
    let hosts = cells.flat_map(|r| r.hosts.iter().map(move |h| (r, h))).filter(|(_, h)| h.health == HostHealth::Healthy);
    let (report, host) = hosts.max_by_key(|(_, h)| weight(name, &h.host))?;
    Some(RouterPlace { cell: report.cell.clone(), host: host.host.clone(), underlay: host.underlay })
}

/// Highest random weight (Thaler, Ravishankar 1998).
fn weight(name: &str, host: &HostId) -> [u8; 8] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("{name}/{host}").as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_ref()[..8]);
    first
}
