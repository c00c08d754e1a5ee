//! Where launches go last, or not at all.
//!
//! A zone that an operator has declared impaired takes no new launches; what runs there goes on, and stopped instances may
//! start (their disks are there and nowhere else). A cell is impaired by itself when its reports stop: launches try the
//! others first, and it last, as it may be the region that is slow.

use crate::db::{Db, system_account};
use crate::rows::ImpairedZone;
use platform::Settings;
use std::collections::{BTreeMap, BTreeSet};
use types::{AzName, CellId, HostId, TimestampMs};
use wire::api::{ZoneReply, ZoneRequest};
use wire::cell::{CellReport, HostHealth};

/// A cell whose last report is older is impaired. Reports come once a second.
pub const IMPAIRED_AFTER_MS: u64 = 3_500;

/// When each cell reported last, to this process.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    cells: BTreeMap<CellId, TimestampMs>,
    /// Hosts that their cells have not heard for long.
    silent: BTreeMap<CellId, BTreeSet<HostId>>,
}

impl Heard {
    pub fn hear(&mut self, cell: &CellId, now: TimestampMs) {
        self.cells.insert(cell.clone(), now);
    }

    pub fn hear_of_hosts(&mut self, report: &CellReport) {
        let silent = report.hosts.iter().filter(|h| h.health == HostHealth::Silent).map(|h| h.host.clone());
        self.silent.insert(report.cell.clone(), silent.collect());
    }

    /// Whether the host has not been heard of for long, by its cell or because its cell is not.
    pub fn is_silent(&self, cell: &CellId, host: &HostId, now: TimestampMs) -> bool {
        self.is_impaired(cell, now) || self.silent.get(cell).is_some_and(|hosts| hosts.contains(host))
    }

    /// `false` before its first report: a control plane that has just begun has heard of nobody.
    pub fn is_impaired(&self, cell: &CellId, now: TimestampMs) -> bool {
        self.cells.get(cell).is_some_and(|at| now.0.saturating_sub(at.0) > IMPAIRED_AFTER_MS)
    }

    pub fn impaired(&self, now: TimestampMs) -> Vec<CellId> {
        self.cells.keys().filter(|c| self.is_impaired(c, now)).cloned().collect()
    }
}

/// Whether new instances are kept from the zone.
pub fn is_impaired(db: &Db, az: &AzName) -> bool {
    db.get::<ImpairedZone>(&system_account(), az).is_some()
}

/// In the order of their names.
pub fn impaired(db: &Db) -> Vec<AzName> {
    db.list::<ImpairedZone>(&system_account()).map(|z| z.az.clone()).collect()
}

/// Declares a zone impaired, or takes that back. The error is the names of the zones that there are.
pub fn set(db: &mut Db, settings: &Settings, now: TimestampMs, request: ZoneRequest) -> Result<ZoneReply, String> {
    let ZoneRequest { zone, impaired: wanted } = request;
    let zones = settings.zones();
    if !zones.contains(&&zone) {
        let zones: Vec<&str> = zones.iter().map(|z| z.as_str()).collect();
        return Err(zones.join(", "));
    }
    let changed = is_impaired(db, &zone) != wanted;
    match (changed, wanted) {
        (true, true) => db.put(ImpairedZone { az: zone, since: now }),
        (true, false) => db.delete::<ImpairedZone>(&system_account(), &zone),
        (false, _) => {}
    }
    Ok(ZoneReply { changed, impaired: impaired(db) })
}
