//! What a bucket's lifecycle rules mean for its versions: pure functions of the rules, the versions and the time.
//!
//! Days are counted from the version's time (of versions that are not current: from their successor's) and rounded up to the
//! next midnight UTC, as S3 does. Expiration goes before transition; of several transitions the coldest that is due wins.
//! `worker` carries the deeds out. Source: "Managing the lifecycle of objects", S3 User Guide.

use super::S3;
use super::bucket::{Bucket, document};
use super::headers::is_coded;
use super::notify::url_encoded;
use super::ranges::format_http_date;
use crate::answer::{Reply, set};
use aws_protocol::s3::{self, BucketLifecycleConfiguration, LifecycleRule};
use objectstore::record::{NewVersion, VersionRecord};
use types::TimestampMs;

/// AWS (September 2024): smaller objects stay where they are, unless a rule filters by size itself.
pub const TRANSITION_BYTES_MIN: u64 = 128 << 10;

const CLASSES_FROM_WARM: [&str; 7] =
    ["STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];

pub fn rules(bucket: &Bucket) -> Vec<LifecycleRule> {
    let config: Option<BucketLifecycleConfiguration> = bucket.parsed(document::LIFECYCLE, "LifecycleConfiguration");
    let all = config.and_then(|c| c.rules).unwrap_or_default();
    all.into_iter().filter(|r| r.status.as_deref() == Some("Enabled")).collect()
}

/// Is the rule about this version?
fn applies(rule: &LifecycleRule, key: &str, object: &NewVersion) -> bool {
    let (bytes, tags) = (object.bytes as i64, &object.tags);
    let has = |t: &s3::Tag| tags.iter().any(|(k, v)| Some(k) == t.key.as_ref() && Some(v) == t.value.as_ref());
    let sized = |more: Option<i64>, less: Option<i64>| more.is_none_or(|m| bytes > m) && less.is_none_or(|l| bytes < l);
    if !is_about(rule, key) {
        return false;
    }
    let Some(filter) = &rule.filter else { return true };
    filter.tag.as_ref().is_none_or(has)
        && sized(filter.object_size_greater_than, filter.object_size_less_than)
        && filter.and.as_ref().is_none_or(|a| {
            a.tags.as_deref().unwrap_or_default().iter().all(has) && sized(a.object_size_greater_than, a.object_size_less_than)
        })
}

/// By the key alone.
fn is_about(rule: &LifecycleRule, key: &str) -> bool {
    let begins = |p: Option<&str>| p.is_none_or(|p| key.starts_with(p));
    let filter = rule.filter.as_ref();
    begins(rule.prefix.as_deref())
        && begins(filter.and_then(|f| f.prefix.as_deref()))
        && begins(filter.and_then(|f| f.and.as_ref()).and_then(|a| a.prefix.as_deref()))
}

fn filters_by_size(rule: &LifecycleRule) -> bool {
    rule.filter.as_ref().is_some_and(|f| {
        f.object_size_greater_than.is_some()
            || f.object_size_less_than.is_some()
            || f.and.as_ref().is_some_and(|a| a.object_size_greater_than.is_some() || a.object_size_less_than.is_some())
    })
}

/// `days` after `from`, at the midnight that follows.
pub fn due(from: TimestampMs, days: i32, day_ms: u64) -> TimestampMs {
    let at = from.0 + u64::from(days.max(0).unsigned_abs()) * day_ms;
    TimestampMs(at.div_ceil(day_ms) * day_ms)
}

/// When and by which rule a current version expires that is of `modified`.
pub fn expires_at(
    rules: &[LifecycleRule],
    key: &str,
    object: &NewVersion,
    modified: TimestampMs,
    day_ms: u64,
) -> Option<(TimestampMs, String)> {
    let when = |r: &LifecycleRule| {
        let e = r.expiration.as_ref()?;
        let at = e.date.or_else(|| e.days.map(|d| due(modified, d, day_ms)))?;
        Some((at, r.id.clone().unwrap_or_default()))
    };
    rules.iter().filter(|r| applies(r, key, object)).filter_map(when).min()
}

/// When and by which rule an upload that is not completed is aborted.
pub fn aborts_at(rules: &[LifecycleRule], key: &str, initiated: TimestampMs, day_ms: u64) -> Option<(TimestampMs, String)> {
    let when = |r: &LifecycleRule| {
        let days = r.abort_incomplete_multipart_upload.as_ref()?.days_after_initiation?;
        Some((due(initiated, days, day_ms), r.id.clone().unwrap_or_default()))
    };
    rules.iter().filter(|r| is_about(r, key)).filter_map(when).min()
}

fn coldness(class: &str) -> Option<usize> {
    CLASSES_FROM_WARM.iter().position(|c| *c == class)
}

/// The coldest of `due`, if it is colder than what the object has.
fn colder<'a>(object: &NewVersion, due: impl Iterator<Item = &'a str>) -> Option<String> {
    let best = due.max_by_key(|class| coldness(class))?;
    (coldness(best) > coldness(&object.storage_class)).then(|| best.to_owned())
}

/// Rules whose transitions may touch an object of this size.
fn movers<'r>(
    rules: &'r [LifecycleRule],
    key: &'r str,
    object: &'r NewVersion,
) -> impl Iterator<Item = &'r LifecycleRule> + use<'r> {
    rules.iter().filter(move |r| applies(r, key, object) && (object.bytes >= TRANSITION_BYTES_MIN || filters_by_size(r)))
}

/// The class that a current version should be in by now, if not in its own.
pub fn class_at(rules: &[LifecycleRule], key: &str, version: &VersionRecord, now: TimestampMs, day_ms: u64) -> Option<String> {
    let all = movers(rules, key, &version.object).flat_map(|r| r.transitions.iter().flatten());
    let is_due =
        |t: &&s3::Transition| t.date.or_else(|| t.days.map(|d| due(version.modified, d, day_ms))).is_some_and(|at| at <= now);
    colder(&version.object, all.filter(is_due).filter_map(|t| t.storage_class.as_deref()))
}

/// Must the bytes be written anew for the class?
pub fn needs_other_layout(from: &str, to: &str) -> bool {
    is_coded(from) != is_coded(to)
}

// ------------------------------------------------------------------------------------------------------------ sweep

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The current version: deleted, or hidden under a delete marker.
    Expire,
    /// A version that is not current, for good.
    RemoveNoncurrent,
    /// A delete marker under which there is nothing.
    RemoveMarker,
    /// To this class.
    Move(String),
}

/// What is to be done with a version, which must still be as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub key: String,
    pub record: VersionRecord,
    pub current: bool,
    pub act: Act,
}

/// Goes through a bucket's versions in the order of a listing, pages and all, and says what is due.
pub struct Sweep<'r> {
    rules: &'r [LifecycleRule],
    now: TimestampMs,
    day_ms: u64,
    at: Option<At>,
}

/// The key that the sweep is in.
struct At {
    key: String,
    /// Of the version before: the successor of the next one.
    modified: TimestampMs,
    /// Versions seen that are not current.
    noncurrent: usize,
    /// The current version, as long as it is a delete marker and nothing else was seen.
    marker: Option<VersionRecord>,
}

impl<'r> Sweep<'r> {
    pub fn new(rules: &'r [LifecycleRule], now: TimestampMs, day_ms: u64) -> Self {
        Self { rules, now, day_ms, at: None }
    }

    pub fn see(&mut self, key: String, latest: bool, record: VersionRecord, out: &mut Vec<Deed>) {
        match &mut self.at {
            Some(at) if at.key == key && !latest => {
                let (since, rank) = (at.modified, at.noncurrent);
                (at.modified, at.marker) = (record.modified, None);
                at.noncurrent += 1;
                out.extend(self.noncurrent(&key, record, since, rank));
            }
            _ => {
                self.end(out);
                let marker = (latest && record.delete_marker).then(|| record.clone());
                self.at = Some(At { key: key.clone(), modified: record.modified, noncurrent: usize::from(!latest), marker });
                if latest && !record.delete_marker {
                    out.extend(self.current(&key, record));
                }
            }
        }
    }

    /// There are no more versions, of this key at least.
    pub fn end(&mut self, out: &mut Vec<Deed>) {
        let Some(At { key, marker: Some(record), .. }) = self.at.take() else { return };
        let is_due = |r: &LifecycleRule| {
            r.expiration.as_ref().is_some_and(|e| {
                let aged = e.date.or_else(|| e.days.map(|d| due(record.modified, d, self.day_ms)));
                e.expired_object_delete_marker == Some(true) || aged.is_some_and(|at| at <= self.now)
            })
        };
        if self.rules.iter().any(|r| applies(r, &key, &record.object) && is_due(r)) {
            out.push(Deed { key, record, current: true, act: Act::RemoveMarker });
        }
    }

    fn current(&self, key: &str, record: VersionRecord) -> Option<Deed> {
        let expires = expires_at(self.rules, key, &record.object, record.modified, self.day_ms);
        let act = if expires.is_some_and(|(at, _)| at <= self.now) {
            Act::Expire
        } else {
            Act::Move(class_at(self.rules, key, &record, self.now, self.day_ms)?)
        };
        Some(Deed { key: key.to_owned(), record, current: true, act })
    }

    /// `rank`: how many newer versions are not current either.
    fn noncurrent(&self, key: &str, record: VersionRecord, since: TimestampMs, rank: usize) -> Option<Deed> {
        let is_due = |days: Option<i32>, newer: Option<i32>| {
            let kept = newer.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            days.is_some_and(|d| due(since, d, self.day_ms) <= self.now) && rank >= kept
        };
        let expired = self.rules.iter().filter(|r| applies(r, key, &record.object)).any(|r| {
            r.noncurrent_version_expiration.as_ref().is_some_and(|n| is_due(n.noncurrent_days, n.newer_noncurrent_versions))
        });
        let act = if expired {
            Act::RemoveNoncurrent
        } else if record.delete_marker {
            return None;
        } else {
            let all = movers(self.rules, key, &record.object).flat_map(|r| r.noncurrent_version_transitions.iter().flatten());
            let due = all.filter(|t| is_due(t.noncurrent_days, t.newer_noncurrent_versions));
            Act::Move(colder(&record.object, due.filter_map(|t| t.storage_class.as_deref()))?)
        };
        Some(Deed { key: key.to_owned(), record, current: false, act })
    }
}

// ---------------------------------------------------------------------------------------------------------- headers

impl S3 {
    /// `x-amz-expiration` of a current version.
    pub(super) fn mark_expiration(
        &self,
        reply: &mut Reply,
        bucket: &Bucket,
        key: &str,
        object: &NewVersion,
        modified: TimestampMs,
    ) {
        if bucket.document(document::LIFECYCLE).is_none() {
            return;
        }
        if let Some((at, rule)) = expires_at(&rules(bucket), key, object, modified, self.day_ms) {
            let text = format!("expiry-date=\"{}\", rule-id=\"{}\"", format_http_date(at), url_encoded(&rule));
            set(reply, "x-amz-expiration", &text);
        }
    }

    /// `x-amz-abort-date` and `x-amz-abort-rule-id`.
    pub(super) fn mark_abortion(&self, reply: &mut Reply, bucket: &Bucket, key: &str, initiated: TimestampMs) {
        if bucket.document(document::LIFECYCLE).is_none() {
            return;
        }
        if let Some((at, rule)) = aborts_at(&rules(bucket), key, initiated, self.day_ms) {
            set(reply, "x-amz-abort-date", &format_http_date(at));
            set(reply, "x-amz-abort-rule-id", &url_encoded(&rule));
        }
    }
}

#[cfg(test)]
#[path = "lifecycle_tests.rs"]
mod tests;
