//! What the gateway tells of its audit trail: where its hash chain stands, kept here so that a cut or rewritten trail shows,
//! and which keys and roles were used.

use crate::db::{Db, system_account};
use crate::iam::rows::{AccessKey, LastUse};
use std::collections::BTreeSet;
use types::RegionName;
use wire::audit::{AuditHead, AuditHeads, AuditReport};

/// The newest heads are all kept; of the older ones the first of each hour.
const NEWEST_MAX: usize = 16;
/// Of older heads: a month's hours.
const HOURLY_MAX: usize = 720;
const HOUR_MS: u64 = 3_600_000;
/// Keys and roles of one report; the gateway has no more.
const USES_MAX: usize = 10_000;

pub fn note(db: &mut Db, report: AuditReport, region: &RegionName) {
    if let Some(head) = report.head {
        keep(db, head);
    }
    for used in report.keys.into_iter().take(USES_MAX) {
        // Deleted since it was used.
        if db.get::<AccessKey>(&used.account, &used.access_key).is_some() {
            let region = region.to_string();
            LastUse::note(db, LastUse { account: used.account, id: used.access_key, at: used.at, service: used.service, region });
        }
    }
    for used in report.roles.into_iter().take(USES_MAX) {
        crate::iam::role::note_use(db, &used.account, &used.role_id, used.at, region.as_str());
    }
}

/// A head that is known stands as it was first told: another of the same number is what `stratocell audit verify` looks for.
fn keep(db: &mut Db, head: AuditHead) {
    let system = system_account();
    if db.get::<AuditHead>(&system, row_id(&head)).is_some() {
        return;
    }
    db.put(head);
    let mut all = heads(db).heads;
    let older = all.len().saturating_sub(NEWEST_MAX);
    all.truncate(older);
    let mut hours = BTreeSet::new();
    let mut extra: Vec<AuditHead> = Vec::new();
    let mut hourly: Vec<AuditHead> = Vec::new();
    for head in all {
        if hours.insert(head.at.0 / HOUR_MS) { hourly.push(head) } else { extra.push(head) }
    }
    let over = hourly.len().saturating_sub(HOURLY_MAX);
    for head in extra.iter().chain(&hourly[..over]) {
        db.delete::<AuditHead>(&system, row_id(head));
    }
}

pub fn heads(db: &Db) -> AuditHeads {
    let mut heads: Vec<AuditHead> = db.all::<AuditHead>().map(|h| (*h).clone()).collect();
    heads.sort_by_key(|h| h.sequence);
    AuditHeads { heads }
}

pub(crate) fn row_id(head: &AuditHead) -> String {
    format!("{:020}", head.sequence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::TimestampMs;
    use wire::audit::KeyUse;

    fn told(db: &mut Db, sequence: u64, hash: &str, at: u64) {
        let head = AuditHead { sequence, hash: hash.to_owned(), at: TimestampMs(at) };
        let report = AuditReport { head: Some(head), keys: Vec::new(), roles: Vec::new() };
        note(db, report, &"us-east-1".parse().unwrap());
    }

    #[test]
    fn heads_are_thinned_and_never_replaced() {
        let mut db = Db::default();
        for n in 1..=3_000 {
            told(&mut db, n, "first", n * 600_000);
        }
        told(&mut db, 3_000, "second", 1);
        let heads = heads(&db).heads;
        // Ten minutes apart: 16 newest, and one of each of the hours before.
        assert_eq!(heads.len(), NEWEST_MAX + 498);
        assert!(heads.is_sorted_by_key(|h| h.sequence) && heads.iter().all(|h| h.hash == "first"));
        assert_eq!(heads.last().map(|h| h.sequence), Some(3_000));
    }

    #[test]
    fn uses_of_keys_that_are_gone_leave_nothing() {
        let mut db = Db::default();
        let used = KeyUse { account: system_account(), access_key: "AKIAGONE".into(), at: TimestampMs(1), service: "s3".into() };
        note(&mut db, AuditReport { head: None, keys: vec![used], roles: Vec::new() }, &"us-east-1".parse().unwrap());
        assert_eq!(db.all::<LastUse>().count(), 0);
    }
}
