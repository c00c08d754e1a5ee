//! Service quotas: how much of everything an account may have, and the Service Quotas API by which it reads that and asks
//! for more.
//!
//! ```text
//!  applied value = what was granted to the account, else the operator's default (settings), else the table's
//!
//!  RequestServiceQuotaIncrease ── up to the operator's maximum ──► APPROVED, in effect with the answer
//!                              └─ beyond it ─► PENDING until the maximum is raised and the control plane starts again;
//!                                              NOT_APPROVED at once when SupportCaseAllowed is false
//! ```
//! Every limit with an AWS quota code is read through [`Ctx::quota`]; those that the gateway enforces are pushed to it
//! ([`snapshot`]). Limits without a code stay constants where they are.

mod api;
pub mod rows;
pub mod table;
#[cfg(test)]
mod tests;

pub use api::register;
pub use table::{Quota, find};

use crate::context::Ctx;
use crate::db::Db;
use platform::Settings;
use rows::{QuotaRequest, QuotaValue};
use std::collections::BTreeMap;
use types::{AccountId, Generation, TimestampMs};
use wire::quota::QuotaSnapshot;

/// Requests are forgotten after this time (AWS keeps a quota's history for 90 days).
const HISTORY_MS: u64 = 90 * 24 * 3600 * 1000;

pub const PENDING: &str = "PENDING";
pub const APPROVED: &str = "APPROVED";
pub const NOT_APPROVED: &str = "NOT_APPROVED";

impl Ctx<'_> {
    /// How much of it the caller's account may have.
    pub fn quota(&self, quota: &Quota) -> usize {
        usize::try_from(applied(self.db, self.settings, &self.caller.account, quota)).unwrap_or(usize::MAX)
    }
}

/// Of an account that has asked for nothing.
pub fn default(settings: &Settings, quota: &Quota) -> u64 {
    settings.limits.quotas.get(quota.id).and_then(|q| q.default).unwrap_or(quota.default)
}

/// Up to which an increase is granted at once.
pub fn max(settings: &Settings, quota: &Quota) -> u64 {
    settings.limits.quotas.get(quota.id).and_then(|q| q.max).unwrap_or(quota.max)
}

pub fn applied(db: &Db, settings: &Settings, account: &AccountId, quota: &Quota) -> u64 {
    db.get::<QuotaValue>(account, quota.id).map_or_else(|| default(settings, quota), |v| v.value)
}

/// The first name in the settings that is no quota's: it would be without effect.
pub fn unknown_setting(settings: &Settings) -> Option<&str> {
    settings.limits.quotas.keys().find(|id| table::by_id(id).is_none()).map(String::as_str)
}

/// What the gateway enforces.
pub fn snapshot(db: &Db, settings: &Settings, generation: Generation) -> QuotaSnapshot {
    let defaults = table::pushed().map(|q| (q.id.to_owned(), default(settings, q))).collect();
    let mut accounts: BTreeMap<AccountId, BTreeMap<String, u64>> = BTreeMap::new();
    for row in db.all::<QuotaValue>().filter(|row| table::pushed().any(|q| q.id == row.quota)) {
        accounts.entry(row.account.clone()).or_default().insert(row.quota.clone(), row.value);
    }
    QuotaSnapshot { format: wire::FORMAT, generation, defaults, accounts }
}

/// At the start: grants what waited for a maximum that has been raised since.
pub fn settle(db: &mut Db, settings: &Settings, now: TimestampMs) {
    let waiting: Vec<_> = db.all::<QuotaRequest>().filter(|r| r.status == PENDING).collect();
    for request in waiting {
        let granted = table::by_id(&request.quota).is_some_and(|q| request.desired <= max(settings, q));
        if granted {
            grant(db, settings, &request, now);
        }
    }
}

/// Puts the request in force. A quota that is higher by now stays as it is.
fn grant(db: &mut Db, settings: &Settings, request: &QuotaRequest, now: TimestampMs) {
    let Some(quota) = table::by_id(&request.quota) else { return };
    let value = request.desired.max(applied(db, settings, &request.account, quota));
    db.put(QuotaValue { account: request.account.clone(), quota: request.quota.clone(), value });
    db.put(QuotaRequest { status: APPROVED.to_owned(), updated: now, ..request.clone() });
}

/// Forgets requests that were decided long ago.
pub fn forget(db: &mut Db, now: TimestampMs) {
    let old: Vec<_> = db.all::<QuotaRequest>().filter(|r| r.status != PENDING && now.0 > r.updated.0 + HISTORY_MS).collect();
    for request in old {
        db.delete::<QuotaRequest>(&request.account, &request.id);
    }
}
