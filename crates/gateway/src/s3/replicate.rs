//! Which objects a bucket's replication rules copy, and where to. Pure; `worker` copies.

use super::bucket::{Bucket, document};
use aws_protocol::s3::{ReplicationConfiguration, ReplicationRule};

/// Where one object goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub bucket: String,
    pub storage_class: Option<String>,
    /// Delete markers go too.
    pub delete_markers: bool,
    /// The copy belongs to the destination's owner.
    pub change_owner: bool,
}

/// The status of a new object that a rule will copy.
pub fn pending(bucket: &Bucket, key: &str, tags: &[(String, String)]) -> Option<String> {
    bucket.document(document::REPLICATION)?;
    (!destinations(bucket, key, tags).is_empty()).then(|| "PENDING".to_owned())
}

/// In whose name copies are made.
pub fn role(bucket: &Bucket) -> Option<String> {
    let config: ReplicationConfiguration = bucket.parsed(document::REPLICATION, "ReplicationConfiguration")?;
    config.role.filter(|r| !r.is_empty())
}

/// For each destination bucket, the fitting rule of the highest priority.
pub fn destinations(bucket: &Bucket, key: &str, tags: &[(String, String)]) -> Vec<Destination> {
    let config: Option<ReplicationConfiguration> = bucket.parsed(document::REPLICATION, "ReplicationConfiguration");
    let mut rules: Vec<ReplicationRule> = config.and_then(|c| c.rules).unwrap_or_default();
    rules.retain(|r| r.status.as_deref() == Some("Enabled") && fits(r, key, tags));
    rules.sort_by_key(|r| std::cmp::Reverse(r.priority.unwrap_or(0)));
    let mut out: Vec<Destination> = Vec::new();
    for rule in rules {
        let Some(to) = rule.destination else { continue };
        let Some(name) = to.bucket.as_deref().and_then(|b| b.strip_prefix("arn:aws:s3:::")) else { continue };
        if out.iter().any(|d| d.bucket == name) {
            continue;
        }
        // The first schema (a prefix in the rule, no filter) always copied delete markers.
        let markers = match &rule.delete_marker_replication {
            Some(d) => d.status.as_deref() == Some("Enabled"),
            None => rule.filter.is_none(),
        };
        out.push(Destination {
            bucket: name.to_owned(),
            storage_class: to.storage_class,
            delete_markers: markers,
            change_owner: to.access_control_translation.is_some(),
        });
    }
    out
}

fn fits(rule: &ReplicationRule, key: &str, tags: &[(String, String)]) -> bool {
    let has = |t: &aws_protocol::s3::Tag| tags.iter().any(|(k, v)| Some(k) == t.key.as_ref() && Some(v) == t.value.as_ref());
    let begins = |p: Option<&str>| p.is_none_or(|p| key.starts_with(p));
    let Some(filter) = &rule.filter else { return begins(rule.prefix.as_deref()) };
    let and = filter.and.as_ref();
    begins(filter.prefix.as_deref())
        && filter.tag.as_ref().is_none_or(has)
        && and.is_none_or(|a| begins(a.prefix.as_deref()) && a.tags.as_deref().unwrap_or_default().iter().all(has))
}
