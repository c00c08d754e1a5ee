//! Zones that an operator has declared impaired: they take no new launches. What runs there goes on, and stopped instances may
//! start, as their disks are there and nowhere else. (Cells are impaired by themselves: [`crate::cells`].)

use crate::db::{Db, system_account};
use crate::rows::ImpairedZone;
use platform::Settings;
use types::{AzName, TimestampMs};
use wire::api::{ZoneReply, ZoneRequest};

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
