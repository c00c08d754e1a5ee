//! What a bucket's lifecycle rules mean for a version: pure functions of the rules, the version and the time.
//!
//! Days are counted from the version's time and rounded up to the next midnight UTC, as S3 does; a rule's earliest action
//! wins. `worker` carries them out.

use super::bucket::{Bucket, document};
use super::ranges::format_http_date;
use aws_protocol::s3::{self, BucketLifecycleConfiguration, LifecycleRule};
use objectstore::record::VersionRecord;
use types::TimestampMs;

/// A day, which tests may make shorter.
pub const DAY_MS: u64 = 86_400_000;

pub fn rules(bucket: &Bucket) -> Vec<LifecycleRule> {
    let config: Option<BucketLifecycleConfiguration> = bucket.parsed(document::LIFECYCLE, "LifecycleConfiguration");
    let all = config.and_then(|c| c.rules).unwrap_or_default();
    all.into_iter().filter(|r| r.status.as_deref() == Some("Enabled")).collect()
}

/// Is the rule about this version?
pub fn applies(rule: &LifecycleRule, key: &str, version: &VersionRecord) -> bool {
    let (bytes, tags) = (version.object.bytes as i64, &version.object.tags);
    let has = |t: &s3::Tag| tags.iter().any(|(k, v)| Some(k) == t.key.as_ref() && Some(v) == t.value.as_ref());
    let sized = |more: Option<i64>, less: Option<i64>| more.is_none_or(|m| bytes > m) && less.is_none_or(|l| bytes < l);
    let begins = |p: Option<&str>| p.is_none_or(|p| key.starts_with(p));
    if !begins(rule.prefix.as_deref()) {
        return false;
    }
    let Some(filter) = &rule.filter else { return true };
    let and = filter.and.as_ref();
    begins(filter.prefix.as_deref())
        && filter.tag.as_ref().is_none_or(has)
        && sized(filter.object_size_greater_than, filter.object_size_less_than)
        && and.is_none_or(|a| {
            begins(a.prefix.as_deref())
                && a.tags.as_deref().unwrap_or_default().iter().all(has)
                && sized(a.object_size_greater_than, a.object_size_less_than)
        })
}

/// `days` after `from`, at the midnight that follows.
pub fn due(from: TimestampMs, days: i32, day_ms: u64) -> TimestampMs {
    let at = from.0 + u64::from(days.max(0).unsigned_abs()) * day_ms;
    TimestampMs(at.div_ceil(day_ms) * day_ms)
}

/// When and by which rule the current version expires.
pub fn expires_at(rules: &[LifecycleRule], key: &str, version: &VersionRecord, day_ms: u64) -> Option<(TimestampMs, String)> {
    let when = |r: &LifecycleRule| {
        let e = r.expiration.as_ref()?;
        let at = e.date.or_else(|| e.days.map(|d| due(version.modified, d, day_ms)))?;
        Some((at, r.id.clone().unwrap_or_default()))
    };
    rules.iter().filter(|r| applies(r, key, version)).filter_map(when).min()
}

/// The class that the version should be in by now, if not in its own.
pub fn class_at(rules: &[LifecycleRule], key: &str, version: &VersionRecord, now: TimestampMs, day_ms: u64) -> Option<String> {
    let mut best: Option<(TimestampMs, String)> = None;
    for t in rules.iter().filter(|r| applies(r, key, version)).flat_map(|r| r.transitions.iter().flatten()) {
        let Some(at) = t.date.or_else(|| t.days.map(|d| due(version.modified, d, day_ms))) else { continue };
        let class = t.storage_class.clone().unwrap_or_default();
        if at <= now && best.as_ref().is_none_or(|(b, _)| at >= *b) {
            best = Some((at, class));
        }
    }
    let colder = |class: &str| {
        ["STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"]
            .iter()
            .position(|c| *c == class)
    };
    best.map(|(_, class)| class).filter(|class| colder(class) > colder(&version.object.storage_class))
}

/// The header `x-amz-expiration`.
pub fn expiration(bucket: &Bucket, key: &str, version: &VersionRecord) -> Option<String> {
    bucket.document(document::LIFECYCLE)?;
    let (at, rule) = expires_at(&rules(bucket), key, version, DAY_MS)?;
    Some(format!("expiry-date=\"{}\", rule-id=\"{rule}\"", format_http_date(at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_protocol::s3::decode_xml;
    use objectstore::record::{Data, Encryption, NewVersion, VersionId};

    fn version(bytes: u64, tags: &[(&str, &str)], class: &str) -> VersionRecord {
        VersionRecord {
            id: VersionId::Null,
            seq: 1,
            modified: TimestampMs(10 * DAY_MS + 5),
            delete_marker: false,
            object: NewVersion {
                data: Data::None,
                bytes,
                etag: String::new(),
                owner: "123456789012".parse().unwrap(),
                headers: vec![],
                metadata: vec![],
                tags: tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
                acl: None,
                checksum: None,
                storage_class: class.to_owned(),
                encryption: Encryption::S3,
                retention: None,
                legal_hold: false,
                website_redirect: None,
                replication: None,
            },
        }
    }

    fn rules_of(text: &str) -> Vec<LifecycleRule> {
        let body = format!("<LifecycleConfiguration>{text}</LifecycleConfiguration>");
        decode_xml::<BucketLifecycleConfiguration>(&["LifecycleConfiguration"], body.as_bytes()).unwrap().rules.unwrap()
    }

    #[test]
    fn filters() {
        let rule = |filter: &str| {
            rules_of(&format!("<Rule>{filter}<Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>")).remove(0)
        };
        let v = version(100, &[("a", "b")], "STANDARD");
        for (filter, wanted) in [
            ("<Prefix>logs/</Prefix>", true),
            ("<Prefix>x</Prefix>", false),
            ("<Filter/>", true),
            ("<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>", true),
            ("<Filter><Tag><Key>a</Key><Value>c</Value></Tag></Filter>", false),
            ("<Filter><ObjectSizeGreaterThan>99</ObjectSizeGreaterThan></Filter>", true),
            ("<Filter><ObjectSizeLessThan>100</ObjectSizeLessThan></Filter>", false),
            ("<Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter>", true),
            ("<Filter><And><Prefix>nope</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter>", false),
        ] {
            assert_eq!(applies(&rule(filter), "logs/1", &v), wanted, "{filter}");
        }
    }

    #[test]
    fn times_are_midnights_and_the_latest_due_transition_wins() {
        let rules = rules_of(
            "<Rule><ID>r</ID><Filter/><Status>Enabled</Status><Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Transition><Days>60</Days><StorageClass>GLACIER</StorageClass></Transition><Expiration><Days>90</Days></Expiration></Rule>",
        );
        let v = version(1, &[], "STANDARD");
        assert_eq!(expires_at(&rules, "k", &v, DAY_MS), Some((TimestampMs(101 * DAY_MS), "r".to_owned())));
        let at = |day: u64, v: &VersionRecord| class_at(&rules, "k", v, TimestampMs(day * DAY_MS), DAY_MS);
        assert_eq!(at(40, &v), None);
        assert_eq!(at(41, &v).as_deref(), Some("STANDARD_IA"));
        assert_eq!(at(71, &v).as_deref(), Some("GLACIER"));
        assert_eq!(at(45, &version(1, &[], "STANDARD_IA")), None);
        assert_eq!(at(71, &version(1, &[], "DEEP_ARCHIVE")), None);
    }
}
