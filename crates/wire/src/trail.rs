//! Trails: what the control plane pushes to whoever delivers the audit trail to buckets, and what it asks of it.

use crate::{Applied, Empty, method};
use serde::{Deserialize, Serialize};
use types::{AccountId, Generation, TimestampMs};

/// All trails of the region that have something to deliver. Kept in a ledger by its receiver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrailSnapshot {
    pub format: u16,
    pub generation: Generation,
    pub trails: Vec<Trail>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    /// Never used again, unlike the name: 32 hexadecimal digits.
    pub id: String,
    pub account: AccountId,
    pub name: String,
    pub arn: String,
    pub bucket: String,
    /// Empty, or without a slash at its end.
    pub prefix: String,
    /// Digest files are written.
    pub validation: bool,
    /// Events of IAM and STS too.
    pub global_events: bool,
    pub selectors: Selectors,
    /// When it was logging, oldest first.
    pub spans: Vec<Span>,
}

/// A time of logging; it goes on without `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: TimestampMs,
    pub to: Option<TimestampMs>,
}

impl Trail {
    pub fn is_logging(&self) -> bool {
        self.spans.last().is_some_and(|s| s.to.is_none())
    }

    /// Whether what happened then is the trail's to deliver.
    pub fn covers(&self, at: TimestampMs) -> bool {
        self.spans.iter().any(|s| s.from <= at && s.to.is_none_or(|to| at < to))
    }
}

/// Which events. Several selectors: those of any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selectors {
    Basic(Vec<BasicSelector>),
    Advanced(Vec<AdvancedSelector>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadWrite {
    All,
    ReadOnly,
    WriteOnly,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BasicSelector {
    pub read_write: ReadWrite,
    pub management: bool,
    /// `kms.amazonaws.com`
    pub exclude_sources: Vec<String>,
    /// Beginnings of objects' ARNs: `arn:aws:s3`, `arn:aws:s3:::bucket/`.
    pub objects: Vec<String>,
}

/// All of its fields must fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdvancedSelector {
    pub name: Option<String>,
    pub fields: Vec<FieldSelector>,
}

/// Of each list that is not empty one must fit; of the negative ones none may.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldSelector {
    pub field: String,
    pub equals: Vec<String>,
    pub starts_with: Vec<String>,
    pub ends_with: Vec<String>,
    pub not_equals: Vec<String>,
    pub not_starts_with: Vec<String>,
    pub not_ends_with: Vec<String>,
}

method!(PushTrails, "s3-worker/Trails", TrailSnapshot => Applied);

/// May CloudTrail write there?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketQuestion {
    pub account: AccountId,
    pub arn: String,
    pub bucket: String,
    pub prefix: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BucketVerdict {
    Writable,
    NoSuchBucket,
    /// Its policy does not allow it.
    Denied,
    /// The object store did not answer.
    Unknown,
}

method!(CheckTrailBucket, "s3-worker/CheckTrailBucket", BucketQuestion => BucketVerdict);

/// How a trail's delivery fares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStatus {
    pub attempted: Option<TimestampMs>,
    pub delivered: Option<TimestampMs>,
    /// S3's code; none: the last attempt succeeded.
    pub error: Option<String>,
    pub digest_delivered: Option<TimestampMs>,
    pub digest_error: Option<String>,
    /// Events that the audit trail had given up before they were delivered, or may have.
    pub gaps: u64,
}

// By the trail's id.
method!(GetTrailStatus, "s3-worker/TrailStatus", String => TrailStatus);

/// What digest files are signed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestKey {
    pub fingerprint: String,
    /// PKCS #1 RSAPublicKey, DER.
    pub public: crate::kms::Hex,
    pub since: TimestampMs,
}

method!(GetDigestKey, "s3-worker/DigestKey", Empty => DigestKey);
