//! What cells report becomes rows: the only way by which an instance is ever `running` or `terminated`.

use crate::db::Db;
use crate::ec2::compute::{capacity, hosts, observe as instance, spot};
use crate::ec2::network::{nat_gateway, peering};
use types::TimestampMs;
use wire::cell::CellReport;

/// Applies a cell's report. Idempotent: the same report twice changes nothing the second time.
pub fn cell(db: &mut Db, now: TimestampMs, report: &CellReport) {
    spot::hear(db, now, report);
    for i in &report.instances {
        instance::observe(db, now, i);
    }
    hosts::observe(db, report);
    spot::settle(db, now);
}

/// Ends what has an end, and forgets what AWS forgets: terminated instances, ended capacity reservations, released hosts and deleted NAT gateways after an hour, peerings that ended.
pub fn forget(db: &mut Db, now: TimestampMs) {
    instance::forget_terminated(db, now);
    capacity::tick(db, now);
    hosts::forget_released(db, now);
    spot::forget(db, now);
    nat_gateway::forget_ended(db, now);
    peering::forget_ended(db, now);
}
