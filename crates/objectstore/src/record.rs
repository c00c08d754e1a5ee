//! What the index knows of buckets, versions and uploads. Kept in its store and sent to gateways in the same form.
//!
//! Meaning of XML documents, ACLs and policies is the gateway's: here they are text.

use crate::id::{BlobId, SessionId};
use crate::layout::Layout;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use types::{AccountId, TimestampMs};

/// One of a kind, never used again, also not for a bucket of the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BucketId(pub u64);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    #[default]
    Unversioned,
    Enabled,
    Suspended,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketRecord {
    pub id: BucketId,
    pub name: String,
    pub owner: AccountId,
    pub created: TimestampMs,
    pub versioning: Versioning,
    pub mfa_delete: bool,
    /// Object lock was enabled, which is for ever. The default retention is in the document `object-lock`.
    pub object_lock: bool,
    /// By name: `policy`, `acl`, `cors`, `website`, `lifecycle`, `encryption`, `logging`, `notification`, `replication`,
    /// `ownership`, `public-access-block`, `tagging`, `request-payment`, `accelerate`, `object-lock`, `inventory/ID`, ...
    pub documents: BTreeMap<String, String>,
}

/// A bucket as of one commit. The number changes with every change of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionedBucket {
    pub version: u64,
    pub bucket: BucketRecord,
}

/// Names one version of a key: when it was made, in the order of the key's versions, and something that nobody guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VersionId {
    /// Of buckets that are not, or were not, versioned: text `null`.
    Null,
    /// Text: 32 hexadecimal digits.
    Named { seq: u64, salt: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version id")]
pub struct BadVersionId;

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Named { seq, salt } => write!(f, "{seq:016x}{salt:016x}"),
        }
    }
}

impl FromStr for VersionId {
    type Err = BadVersionId;

    fn from_str(s: &str) -> Result<Self, BadVersionId> {
        if s == "null" {
            return Ok(Self::Null);
        }
        if s.len() != 32 || !s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(BadVersionId);
        }
        let part = |range: std::ops::Range<usize>| u64::from_str_radix(&s[range], 16).map_err(|_| BadVersionId);
        Ok(Self::Named { seq: part(0..16)?, salt: part(16..32)? })
    }
}

/// A blob and how to read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    pub id: BlobId,
    /// Plain bytes.
    pub bytes: u64,
    pub layout: Layout,
    /// Its data key, sealed by the key that the version's [`Encryption`] names.
    pub sealed_key: Vec<u8>,
}

/// Where a version's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Data {
    /// A delete marker, or an object without bytes.
    None,
    Blob(BlobRef),
    /// The parts of a completed upload, in rows of their own: [`crate::message::IndexCall::Parts`].
    Parts {
        upload: UploadId,
        count: u16,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UploadId(pub u128);

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for UploadId {
    type Err = BadVersionId;

    fn from_str(s: &str) -> Result<Self, BadVersionId> {
        if s.len() != 32 {
            return Err(BadVersionId);
        }
        u128::from_str_radix(s, 16).map(Self).map_err(|_| BadVersionId)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encryption {
    /// SSE-S3: sealed by the store's own key.
    #[default]
    S3,
    /// SSE-KMS of before there was KMS: sealed by the store's own key, whatever key was named.
    Kms { key: String, context: Option<String>, bucket_key: bool },
    /// SSE-C: the key is the customer's; kept is its MD5 in base64, to compare.
    Customer { key_md5: String },
    /// SSE-KMS: sealed by a data key, which is kept under the KMS key with this ARN. `context`: the caller's encryption
    /// context (JSON). With a bucket key the data key is bound to the bucket, else to the object.
    Envelope { key: String, context: Option<String>, bucket_key: bool, data_key: Vec<u8> },
}

/// A checksum that the client asked for or sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectChecksum {
    /// `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1`, `SHA256`
    pub algorithm: String,
    /// Base64; `base64-N` when composite.
    pub value: String,
    /// Of the parts' checksums instead of the bytes.
    pub composite: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LockMode {
    Governance,
    Compliance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    pub mode: LockMode,
    pub until: TimestampMs,
}

/// What a writer says of a new version. The index adds name, order and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewVersion {
    pub data: Data,
    pub bytes: u64,
    /// Without quotes.
    pub etag: String,
    pub owner: AccountId,
    /// `content-type`, `cache-control`, ... as they are given back.
    pub headers: Vec<(String, String)>,
    /// Without `x-amz-meta-`.
    pub metadata: Vec<(String, String)>,
    pub tags: Vec<(String, String)>,
    /// The canned or explicit ACL as the gateway writes it; none: private to the owner.
    pub acl: Option<String>,
    pub checksum: Option<ObjectChecksum>,
    pub storage_class: String,
    pub encryption: Encryption,
    pub retention: Option<Retention>,
    pub legal_hold: bool,
    pub website_redirect: Option<String>,
    /// `PENDING`, `COMPLETED`, `FAILED`, `REPLICA`
    pub replication: Option<String>,
    /// Of an archived object: it was asked to be readable for a while.
    pub restore: Option<Restore>,
}

/// An archived object on its way to being readable, or readable until some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    pub requested: TimestampMs,
    /// How long it is to be readable once it is restored.
    pub days: u32,
    /// `Expedited`, `Standard`, `Bulk`
    pub tier: String,
    /// Readable until then. None: the restoration is under way.
    pub until: Option<TimestampMs>,
}

/// A version of a key: an object or a delete marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRecord {
    pub id: VersionId,
    /// Grows with every version of a key.
    pub seq: u64,
    pub modified: TimestampMs,
    pub delete_marker: bool,
    pub object: NewVersion,
}

/// A multipart upload under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadRecord {
    pub id: UploadId,
    pub key: String,
    pub initiated: TimestampMs,
    pub initiator: String,
    /// What the object will be, but for data, bytes and etag.
    pub object: NewVersion,
    /// The checksum's algorithm that every part must have, and whether the whole's is of all bytes.
    pub checksum_algorithm: Option<String>,
    pub checksum_full_object: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRecord {
    pub number: u16,
    pub modified: TimestampMs,
    pub etag: String,
    /// None: a part without bytes.
    pub blob: Option<BlobRef>,
    pub bytes: u64,
    pub checksum: Option<ObjectChecksum>,
}

/// What a request was about, for notifications and logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// `ObjectCreated:Put`, `ObjectRemoved:Delete`, ...
    pub event: String,
    pub request_id: String,
    pub principal: String,
    pub source_ip: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    pub seq: u64,
    pub bucket: String,
    pub key: String,
    pub version: Option<VersionId>,
    pub bytes: u64,
    pub etag: String,
    pub at: TimestampMs,
    pub cause: Cause,
}

/// An event that has no number yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    pub bucket: String,
    pub key: String,
    pub version: Option<VersionId>,
    pub bytes: u64,
    pub etag: String,
    pub at: TimestampMs,
    pub cause: Cause,
}

impl EventDraft {
    pub fn numbered(self, seq: u64) -> EventRecord {
        let Self { bucket, key, version, bytes, etag, at, cause } = self;
        EventRecord { seq, bucket, key, version, bytes, etag, at, cause }
    }
}

impl UploadId {
    /// Ids in the order of time, as listings of uploads want them. `salt` is random.
    pub fn new(now: TimestampMs, salt: u64) -> Self {
        Self(u128::from(now.0) << 64 | u128::from(salt))
    }
}

/// The fence of a writer: commits of a closed session are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    pub id: SessionId,
    /// The process that writes, such as `gateway`: a new session of it closes the one before.
    pub owner: String,
    pub opened: TimestampMs,
    pub closed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_ids_are_read_back() {
        for id in [VersionId::Null, VersionId::Named { seq: 0x6_5f3a_0000_1234, salt: u64::MAX }] {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for bad in ["", "Null", "abc", "zz", &"g".repeat(32), &"A".repeat(32), &"é".repeat(16)] {
            assert_eq!(bad.parse::<VersionId>(), Err(BadVersionId), "{bad}");
        }
        assert_eq!(UploadId(5).to_string().parse(), Ok(UploadId(5)));
    }
}
