//! S3's condition keys: the value that a request has for each, looked up when a policy mentions it.
//!
//! Source: "Condition keys for Amazon S3", Service Authorization Reference, and "Bucket policy examples using condition keys" in
//! the S3 User Guide. A key without a value stays absent. The global keys are the business of crate `iam`.

use super::ask::Ask;
use super::bucket::{Bucket, lock_mode_name};
use super::ranges::http_date;
use aws_protocol::s3::Operation;
use iam::Context;
use objectstore::record::{Retention, VersionRecord};
use types::TimestampMs;

/// What a request brings in its body.
#[derive(Debug, Default)]
pub struct Brought<'a> {
    /// Of an object; none: those of its header.
    pub tags: Option<&'a [(String, String)]>,
    pub retention: Option<Retention>,
    pub legal_hold: Option<bool>,
    /// Of a bucket that is made.
    pub bucket_tags: &'a [(String, String)],
    pub location: Option<&'a str>,
    /// The key that might be listed, where it is asked whether one that is not there may be told of.
    pub missing: Option<&'a str>,
}

/// Keys whose values are headers as they stand.
const HEADERS: [(&str, &str); 20] = [
    ("aws:referer", "referer"),
    ("s3:if-match", "if-match"),
    ("s3:if-none-match", "if-none-match"),
    ("s3:x-amz-acl", "x-amz-acl"),
    ("s3:x-amz-content-sha256", "x-amz-content-sha256"),
    ("s3:x-amz-copy-source", "x-amz-copy-source"),
    ("s3:x-amz-grant-full-control", "x-amz-grant-full-control"),
    ("s3:x-amz-grant-read", "x-amz-grant-read"),
    ("s3:x-amz-grant-read-acp", "x-amz-grant-read-acp"),
    ("s3:x-amz-grant-write", "x-amz-grant-write"),
    ("s3:x-amz-grant-write-acp", "x-amz-grant-write-acp"),
    ("s3:x-amz-metadata-directive", "x-amz-metadata-directive"),
    ("s3:x-amz-object-ownership", "x-amz-object-ownership"),
    ("s3:x-amz-server-side-encryption", "x-amz-server-side-encryption"),
    ("s3:x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-aws-kms-key-id"),
    ("s3:x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-customer-algorithm"),
    ("s3:x-amz-storage-class", "x-amz-storage-class"),
    ("s3:x-amz-website-redirect-location", "x-amz-website-redirect-location"),
    ("s3:object-lock-mode", "x-amz-object-lock-mode"),
    ("s3:object-lock-legal-hold", "x-amz-object-lock-legal-hold"),
];
const DAY_MS: u64 = 86_400_000;

/// Sets `key`, lower case, if the request has a value for it. `existing`: the object that the request is about.
pub fn fill(
    ask: &Ask,
    bucket: Option<&Bucket>,
    existing: Option<&VersionRecord>,
    brought: &Brought<'_>,
    key: &str,
    context: &mut Context,
) {
    let mut set = |value: Option<&str>| value.into_iter().for_each(|v| context.set(key, v));
    match key {
        "aws:resourceaccount" | "s3:resourceaccount" => set(bucket.map(|b| b.record.owner.as_str())),
        "s3:prefix" => set(brought.missing.or(ask.params.get("prefix"))),
        "s3:delimiter" => set(ask.params.get("delimiter")),
        "s3:max-keys" => set(ask.params.get("max-keys")),
        "s3:versionid" => set(ask.params.get("versionId")),
        "s3:locationconstraint" => set(brought.location),
        "s3:signatureversion" => set(ask.signed_at.map(|_| if version2(ask) { "AWS" } else { "AWS4-HMAC-SHA256" })),
        "s3:authtype" => set(ask.signed_at.map(|_| match ask.op {
            Operation::PostObject => "POST",
            _ if ask.presigned => "REST-QUERY-STRING",
            _ => "REST-HEADER",
        })),
        "s3:signatureage" => {
            set(ask.signed_at.map(|at| ask.now.0.saturating_sub(at.0).to_string()).as_deref());
        }
        "s3:objectcreationoperation" => set(creates(ask.op)),
        "s3:object-lock-mode" if brought.retention.is_some() => set(brought.retention.as_ref().map(|r| lock_mode_name(r.mode))),
        "s3:object-lock-legal-hold" if brought.legal_hold.is_some() => {
            set(brought.legal_hold.map(|on| if on { "ON" } else { "OFF" }));
        }
        "s3:object-lock-retain-until-date" => {
            if let Some(until) = retain_until(ask, brought) {
                context.set_instant(key, until);
            }
        }
        "s3:object-lock-remaining-retention-days" => {
            let days = |until: TimestampMs| until.0.saturating_sub(ask.now.0).div_ceil(DAY_MS).to_string();
            set(retain_until(ask, brought).map(days).as_deref());
        }
        "s3:requestobjecttagkeys" => {
            with_tags(ask, brought, |tags| context.set_many(key, tags.iter().map(|(k, _)| k.as_str())));
        }
        "aws:tagkeys" if !brought.bucket_tags.is_empty() => {
            context.set_many(key, brought.bucket_tags.iter().map(|(k, _)| k.as_str()));
        }
        _ => {
            if let Some(name) = key.strip_prefix("s3:existingobjecttag/") {
                let tags = existing.map_or(&[][..], |v| &v.object.tags);
                set(tag(tags, name));
            } else if let Some(name) = key.strip_prefix("s3:requestobjecttag/") {
                with_tags(ask, brought, |tags| set(tag(tags, name)));
            } else if let Some(name) = key.strip_prefix("aws:requesttag/") {
                set(tag(brought.bucket_tags, name));
            } else if let Some((_, header)) = HEADERS.iter().find(|(k, _)| *k == key) {
                set(ask.filled(header));
            }
        }
    }
}

fn tag<'t>(tags: &'t [(String, String)], name: &str) -> Option<&'t str> {
    tags.iter().rev().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn with_tags(ask: &Ask, brought: &Brought<'_>, use_them: impl FnOnce(&[(String, String)])) {
    match (brought.tags, ask.filled("x-amz-tagging")) {
        (Some(tags), _) => use_them(tags),
        (None, Some(header)) => use_them(&super::headers::tags_of_header(header).unwrap_or_default()),
        (None, None) => {}
    }
}

fn retain_until(ask: &Ask, brought: &Brought<'_>) -> Option<TimestampMs> {
    let header = || ask.filled("x-amz-object-lock-retain-until-date").and_then(http_date);
    brought.retention.as_ref().map(|r| r.until).or_else(header)
}

/// "to enforce conditional writes on operations that create objects": whether the call itself makes an object.
fn creates(op: Operation) -> Option<&'static str> {
    use Operation::*;
    match op {
        PutObject | PostObject | CopyObject | CompleteMultipartUpload => Some("true"),
        CreateMultipartUpload | UploadPart | UploadPartCopy => Some("false"),
        _ => None,
    }
}

fn version2(ask: &Ask) -> bool {
    ask.header("authorization").is_some_and(|a| a.starts_with("AWS ")) || ask.params.get("AWSAccessKeyId").is_some()
}
