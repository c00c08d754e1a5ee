//! From a request's head to an operation, a bucket and a key. Nothing is looked up: whether they exist is for others to say.
//!
//! Keys are opaque. The path is split at its slashes before it is percent-decoded, once; `..`, `//`, a trailing slash and `%2F` stay
//! what they are. A sub-resource (`?acl`) chooses the operation; two of them are a conflict, one that fits neither the method nor
//! the resource is refused, so that `PUT /bucket/key?policy` never becomes an object.

use super::errors;
use super::host::{self, Host};
use super::operation::Operation::{self, *};
use super::params::{Params, decode};
use crate::AwsError;
use crate::error::clip;
use crate::sigv4::HttpRequest;

/// Of a key's UTF-8.
pub const KEY_BYTES_MAX: usize = 1024;
const BUCKET_CHARS: std::ops::RangeInclusive<usize> = 3..=63;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub operation: Operation,
    /// A valid name; `None` for ListBuckets.
    pub bucket: Option<String>,
    /// Decoded. `None` where the operation is on a bucket; a website's may be empty.
    pub key: Option<String>,
    pub params: Params,
    /// The bucket came from the host.
    pub virtual_hosted: bool,
    /// Asked for at the website endpoint: anonymous, GET and HEAD only, errors are pages.
    pub website: bool,
}

/// What a sub-resource is of.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    Bucket,
    Key,
    Both,
}

/// Every sub-resource that S3 knows. (`list-type`, `uploadId`, `partNumber`, `versionId` are parameters, not sub-resources.)
const SUB_RESOURCES: &[(&str, Level)] = &[
    ("abac", Level::Bucket),
    ("accelerate", Level::Bucket),
    ("acl", Level::Both),
    ("analytics", Level::Bucket),
    ("attributes", Level::Key),
    ("cors", Level::Bucket),
    ("delete", Level::Bucket),
    ("encryption", Level::Both),
    ("intelligent-tiering", Level::Bucket),
    ("inventory", Level::Bucket),
    ("legal-hold", Level::Key),
    ("lifecycle", Level::Bucket),
    ("location", Level::Bucket),
    ("logging", Level::Bucket),
    ("metadataConfiguration", Level::Bucket),
    ("metadataInventoryTable", Level::Bucket),
    ("metadataJournalTable", Level::Bucket),
    ("metadataTable", Level::Bucket),
    ("metrics", Level::Bucket),
    ("notification", Level::Bucket),
    ("object-lock", Level::Bucket),
    ("ownershipControls", Level::Bucket),
    ("policy", Level::Bucket),
    ("policyStatus", Level::Bucket),
    ("publicAccessBlock", Level::Bucket),
    ("renameObject", Level::Key),
    ("replication", Level::Bucket),
    ("requestPayment", Level::Bucket),
    ("restore", Level::Key),
    ("retention", Level::Key),
    ("select", Level::Key),
    ("session", Level::Bucket),
    ("tagging", Level::Both),
    ("torrent", Level::Key),
    ("uploads", Level::Both),
    ("versioning", Level::Bucket),
    ("versions", Level::Bucket),
    ("website", Level::Bucket),
];

/// Routes a request. `host` is its authority (the `Host` header), with or without a port; `base_hosts` are the names this
/// service answers to, besides `*.amazonaws.com`.
///
/// # Errors
/// `InvalidURI`, `InvalidBucketName`, `KeyTooLongError`, `MethodNotAllowed`, `InvalidArgument` (sub-resources that conflict or
/// do not exist at this level), `PreconditionFailed` (a POST to a bucket that is no form).
pub fn route(r: &HttpRequest<'_>, host: Option<&str>, base_hosts: &[&str]) -> Result<Route, AwsError> {
    let Host { bucket: host_bucket, website } = host::parse(host.unwrap_or_default(), base_hosts);
    let path = r.path.strip_prefix('/').ok_or_else(|| errors::invalid_uri(clip(r.path)))?;
    let virtual_hosted = host_bucket.is_some();
    let (bucket, key) = match host_bucket {
        Some(bucket) => (Some(bucket), path),
        None if path.is_empty() => (None, ""),
        None => {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            (Some(decode(bucket, false)?), key)
        }
    };
    let key = decode(key, false)?;
    if key.len() > KEY_BYTES_MAX {
        return Err(errors::key_too_long(key.len(), KEY_BYTES_MAX));
    }
    let params = Params::parse(r.query)?;
    let is_function_reply = r.method == "POST" && bucket.as_deref() == Some("WriteGetObjectResponse") && key.is_empty();
    if is_function_reply {
        return Ok(Route { operation: WriteGetObjectResponse, bucket: None, key: None, params, virtual_hosted, website });
    }
    if let Some(bucket) = &bucket {
        validate_bucket_name(bucket)?;
    }
    let (operation, key) = match (&bucket, key) {
        (Some(_), key) if website => (website_operation(r.method)?, Some(key)),
        (None, _) => (service_operation(r.method)?, None),
        (Some(_), _) if r.method == "OPTIONS" => (CorsPreflight, None),
        (Some(_), key) if key.is_empty() => (bucket_operation(r, &params)?, None),
        (Some(_), key) => (key_operation(r, &params)?, Some(key)),
    };
    Ok(Route { operation, bucket, key, params, virtual_hosted, website })
}

fn website_operation(method: &str) -> Result<Operation, AwsError> {
    match method {
        "GET" => Ok(GetObject),
        "HEAD" => Ok(HeadObject),
        _ => Err(not_allowed(method, "WEBSITE")),
    }
}

fn service_operation(method: &str) -> Result<Operation, AwsError> {
    if method == "GET" { Ok(ListBuckets) } else { Err(not_allowed(method, "SERVICE")) }
}

/// The one sub-resource that a request names.
fn sub_resource(params: &Params, level: Level) -> Result<Option<&'static str>, AwsError> {
    let mut named = SUB_RESOURCES.iter().filter(|(name, _)| params.has(name));
    let Some((name, of)) = named.next() else { return Ok(None) };
    if let Some((other, _)) = named.next() {
        let message = format!("Conflicting query string parameters: {name}, {other}");
        return Err(errors::invalid_argument(message, "ResourceType", name));
    }
    if *of != Level::Both && *of != level {
        let resource = if level == Level::Key { "key" } else { "bucket" };
        let message = format!("There is no such thing as the ?{name} sub-resource for a {resource}");
        return Err(errors::invalid_argument(message, "ResourceType", name));
    }
    Ok(Some(name))
}

fn bucket_operation(r: &HttpRequest<'_>, params: &Params) -> Result<Operation, AwsError> {
    let sub = sub_resource(params, Level::Bucket)?;
    let one = |with_id, without| if params.has("id") { with_id } else { without };
    Ok(match (r.method, sub) {
        ("GET", None) => match params.get("list-type") {
            None | Some("" | "1") => ListObjects,
            Some("2") => ListObjectsV2,
            Some(other) => return Err(errors::invalid_argument("Invalid List Type specified", "list-type", other)),
        },
        ("HEAD", None) => HeadBucket,
        ("PUT", None) => CreateBucket,
        ("DELETE", None) => DeleteBucket,
        ("POST", None) if is_form(r) => PostObject,
        ("POST", None) => {
            return Err(errors::precondition_failed("Bucket POST must be of the enclosure-type multipart/form-data"));
        }
        ("POST", Some("delete")) => DeleteObjects,
        ("POST", Some("metadataConfiguration")) => CreateBucketMetadataConfiguration,
        ("POST", Some("metadataTable")) => CreateBucketMetadataTableConfiguration,
        ("GET", Some(sub)) => match sub {
            "abac" => GetBucketAbac,
            "accelerate" => GetBucketAccelerateConfiguration,
            "acl" => GetBucketAcl,
            "analytics" => one(GetBucketAnalyticsConfiguration, ListBucketAnalyticsConfigurations),
            "cors" => GetBucketCors,
            "encryption" => GetBucketEncryption,
            "intelligent-tiering" => one(GetBucketIntelligentTieringConfiguration, ListBucketIntelligentTieringConfigurations),
            "inventory" => one(GetBucketInventoryConfiguration, ListBucketInventoryConfigurations),
            "lifecycle" => GetBucketLifecycleConfiguration,
            "location" => GetBucketLocation,
            "logging" => GetBucketLogging,
            "metadataConfiguration" => GetBucketMetadataConfiguration,
            "metadataTable" => GetBucketMetadataTableConfiguration,
            "metrics" => one(GetBucketMetricsConfiguration, ListBucketMetricsConfigurations),
            "notification" => GetBucketNotificationConfiguration,
            "object-lock" => GetObjectLockConfiguration,
            "ownershipControls" => GetBucketOwnershipControls,
            "policy" => GetBucketPolicy,
            "policyStatus" => GetBucketPolicyStatus,
            "publicAccessBlock" => GetPublicAccessBlock,
            "replication" => GetBucketReplication,
            "requestPayment" => GetBucketRequestPayment,
            "session" => CreateSession,
            "tagging" => GetBucketTagging,
            "uploads" => ListMultipartUploads,
            "versioning" => GetBucketVersioning,
            "versions" => ListObjectVersions,
            "website" => GetBucketWebsite,
            _ => return Err(not_allowed(r.method, sub)),
        },
        ("PUT", Some(sub)) => match sub {
            "abac" => PutBucketAbac,
            "accelerate" => PutBucketAccelerateConfiguration,
            "acl" => PutBucketAcl,
            "analytics" => PutBucketAnalyticsConfiguration,
            "cors" => PutBucketCors,
            "encryption" => PutBucketEncryption,
            "intelligent-tiering" => PutBucketIntelligentTieringConfiguration,
            "inventory" => PutBucketInventoryConfiguration,
            "lifecycle" => PutBucketLifecycleConfiguration,
            "logging" => PutBucketLogging,
            "metadataInventoryTable" => UpdateBucketMetadataInventoryTableConfiguration,
            "metadataJournalTable" => UpdateBucketMetadataJournalTableConfiguration,
            "metrics" => PutBucketMetricsConfiguration,
            "notification" => PutBucketNotificationConfiguration,
            "object-lock" => PutObjectLockConfiguration,
            "ownershipControls" => PutBucketOwnershipControls,
            "policy" => PutBucketPolicy,
            "publicAccessBlock" => PutPublicAccessBlock,
            "replication" => PutBucketReplication,
            "requestPayment" => PutBucketRequestPayment,
            "tagging" => PutBucketTagging,
            "versioning" => PutBucketVersioning,
            "website" => PutBucketWebsite,
            _ => return Err(not_allowed(r.method, sub)),
        },
        ("DELETE", Some(sub)) => match sub {
            "analytics" => DeleteBucketAnalyticsConfiguration,
            "cors" => DeleteBucketCors,
            "encryption" => DeleteBucketEncryption,
            "intelligent-tiering" => DeleteBucketIntelligentTieringConfiguration,
            "inventory" => DeleteBucketInventoryConfiguration,
            "lifecycle" => DeleteBucketLifecycle,
            "metadataConfiguration" => DeleteBucketMetadataConfiguration,
            "metadataTable" => DeleteBucketMetadataTableConfiguration,
            "metrics" => DeleteBucketMetricsConfiguration,
            "ownershipControls" => DeleteBucketOwnershipControls,
            "policy" => DeleteBucketPolicy,
            "publicAccessBlock" => DeletePublicAccessBlock,
            "replication" => DeleteBucketReplication,
            "tagging" => DeleteBucketTagging,
            "website" => DeleteBucketWebsite,
            _ => return Err(not_allowed(r.method, sub)),
        },
        (method, sub) => return Err(not_allowed(method, sub.unwrap_or("BUCKET"))),
    })
}

fn key_operation(r: &HttpRequest<'_>, params: &Params) -> Result<Operation, AwsError> {
    let sub = sub_resource(params, Level::Key)?;
    let (upload, part) = (params.has("uploadId"), params.has("partNumber"));
    let copy = r.header("x-amz-copy-source").is_some();
    Ok(match (r.method, sub) {
        ("GET", None) if upload => ListParts,
        ("GET", None) => GetObject,
        ("GET", Some("acl")) => GetObjectAcl,
        ("GET", Some("attributes")) => GetObjectAttributes,
        ("GET", Some("legal-hold")) => GetObjectLegalHold,
        ("GET", Some("retention")) => GetObjectRetention,
        ("GET", Some("tagging")) => GetObjectTagging,
        ("GET", Some("torrent")) => GetObjectTorrent,
        ("HEAD", None) => HeadObject,
        ("PUT", None) => match (upload, part, copy) {
            (true, true, false) => UploadPart,
            (true, true, true) => UploadPartCopy,
            (false, false, false) => PutObject,
            (false, false, true) => CopyObject,
            (true, false, _) => return Err(half_a_part("partNumber")),
            (false, true, _) => return Err(half_a_part("uploadId")),
        },
        ("PUT", Some("acl")) => PutObjectAcl,
        ("PUT", Some("encryption")) => UpdateObjectEncryption,
        ("PUT", Some("legal-hold")) => PutObjectLegalHold,
        ("PUT", Some("renameObject")) => RenameObject,
        ("PUT", Some("retention")) => PutObjectRetention,
        ("PUT", Some("tagging")) => PutObjectTagging,
        ("POST", None) if upload => CompleteMultipartUpload,
        ("POST", Some("restore")) => RestoreObject,
        ("POST", Some("select")) => SelectObjectContent,
        ("POST", Some("uploads")) => CreateMultipartUpload,
        ("DELETE", None) if upload => AbortMultipartUpload,
        ("DELETE", None) => DeleteObject,
        ("DELETE", Some("tagging")) => DeleteObjectTagging,
        (method, sub) => return Err(not_allowed(method, sub.unwrap_or("OBJECT"))),
    })
}

fn half_a_part(missing: &str) -> AwsError {
    errors::invalid_argument(format!("A part is uploaded with uploadId and partNumber; {missing} is missing"), missing, "")
}

fn not_allowed(method: &str, resource: &str) -> AwsError {
    errors::method_not_allowed(clip(method), resource.replace('-', "").to_ascii_uppercase())
}

fn is_form(r: &HttpRequest<'_>) -> bool {
    let media = r.header("content-type").and_then(|v| v.split(';').next()).unwrap_or_default();
    media.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// Whether a bucket of this name may exist. Source: "General purpose buckets naming rules", Amazon S3 User Guide.
///
/// # Errors
/// `InvalidBucketName`.
pub fn validate_bucket_name(name: &str) -> Result<(), AwsError> {
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = name.as_bytes();
    let good = BUCKET_CHARS.contains(&bytes.len())
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
        && !["..", ".-", "-."].iter().any(|pair| name.contains(pair))
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !is_address_like(name);
    if good { Ok(()) } else { Err(errors::invalid_bucket_name(clip(name))) }
}

/// `999.1.1.1` is no address, and still no bucket.
fn is_address_like(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    parts.len() == 4 && parts.iter().all(|p| !p.is_empty() && p.len() <= 3 && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a bucket of this name may be created: names with a meaning of their own are reserved.
///
/// # Errors
/// `InvalidBucketName`.
pub fn validate_new_bucket_name(name: &str) -> Result<(), AwsError> {
    const PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    validate_bucket_name(name)?;
    if PREFIXES.iter().any(|p| name.starts_with(p)) || SUFFIXES.iter().any(|s| name.ends_with(s)) {
        return Err(errors::invalid_bucket_name(name));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
