//! A bucket as the front needs it: the index's record with its documents understood.

use super::acl::Acl;
use aws_protocol::Shape;
use aws_protocol::s3::{self, decode_xml};
use iam::canonical_user_id;
use objectstore::record::{BucketRecord, Retention, VersionedBucket, Versioning};
use std::cell::OnceCell;
use types::TimestampMs;

/// Names of the documents in a bucket's record.
pub mod document {
    pub const ACL: &str = "acl";
    pub const POLICY: &str = "policy";
    pub const CORS: &str = "cors";
    pub const WEBSITE: &str = "website";
    pub const LIFECYCLE: &str = "lifecycle";
    pub const ENCRYPTION: &str = "encryption";
    pub const LOGGING: &str = "logging";
    pub const NOTIFICATION: &str = "notification";
    pub const REPLICATION: &str = "replication";
    pub const OWNERSHIP: &str = "ownership";
    pub const PUBLIC_ACCESS: &str = "public-access-block";
    pub const TAGGING: &str = "tagging";
    pub const PAYER: &str = "request-payment";
    pub const ACCELERATE: &str = "accelerate";
    pub const OBJECT_LOCK: &str = "object-lock";
    /// Followed by the configuration's id.
    pub const INVENTORY: &str = "inventory/";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// ACLs count, and an object is its writer's.
    ObjectWriter,
    /// The same, but for objects written with bucket-owner-full-control.
    BucketOwnerPreferred,
    /// ACLs are disabled: everything is the bucket owner's.
    BucketOwnerEnforced,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublicAccess {
    pub block_acls: bool,
    pub ignore_acls: bool,
    pub block_policy: bool,
    pub restrict: bool,
}

#[derive(Debug)]
pub struct Bucket {
    pub version: u64,
    pub record: BucketRecord,
    policy: OnceCell<Option<Result<iam::Policy, Broken>>>,
    settings: OnceCell<Settings>,
}

/// What every request asks of a bucket, read from its documents once.
#[derive(Debug, Clone, Copy)]
struct Settings {
    ownership: Ownership,
    public_access: PublicAccess,
    requester_pays: bool,
}

/// A stored policy that this program cannot read: it may deny anything, so nothing may be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

impl Bucket {
    pub fn new(from: VersionedBucket) -> Self {
        Self { version: from.version, record: from.bucket, policy: OnceCell::new(), settings: OnceCell::new() }
    }

    pub fn document(&self, name: &str) -> Option<&str> {
        self.record.documents.get(name).map(String::as_str)
    }

    /// A document that was checked when it was stored.
    pub fn parsed<T: Shape>(&self, name: &str, root: &str) -> Option<T> {
        decode_xml(&[root], self.document(name)?.as_bytes()).ok()
    }

    pub fn owner_canonical(&self) -> String {
        canonical_user_id(&self.record.owner)
    }

    pub fn is_versioned(&self) -> bool {
        self.record.versioning != Versioning::Unversioned
    }

    pub fn acl(&self) -> Acl {
        Acl::of(self.document(document::ACL), &self.record.owner)
    }

    pub fn policy(&self) -> Result<Option<&iam::Policy>, Broken> {
        let parse = || {
            let text = self.document(document::POLICY)?;
            Some(iam::Policy::parse(text, iam::PolicyKind::Resource).map_err(|error| {
                tracing::error!(bucket = self.record.name, error = error.s3_message(), "a stored policy cannot be read");
                Broken
            }))
        };
        self.policy.get_or_init(parse).as_ref().map(|p| p.as_ref().map_err(|b| *b)).transpose()
    }

    fn settings(&self) -> Settings {
        *self.settings.get_or_init(|| Settings {
            ownership: self.read_ownership(),
            public_access: self.read_public_access(),
            requester_pays: self.read_requester_pays(),
        })
    }

    pub fn ownership(&self) -> Ownership {
        self.settings().ownership
    }

    pub fn public_access(&self) -> PublicAccess {
        self.settings().public_access
    }

    pub fn requester_pays(&self) -> bool {
        self.settings().requester_pays
    }

    fn read_ownership(&self) -> Ownership {
        let controls: Option<s3::OwnershipControls> = self.parsed(document::OWNERSHIP, "OwnershipControls");
        let rule = controls.and_then(|c| c.rules?.into_iter().next()).and_then(|r| r.object_ownership);
        match rule.as_deref() {
            Some("BucketOwnerEnforced") => Ownership::BucketOwnerEnforced,
            Some("BucketOwnerPreferred") => Ownership::BucketOwnerPreferred,
            _ => Ownership::ObjectWriter,
        }
    }

    fn read_public_access(&self) -> PublicAccess {
        let block: Option<s3::PublicAccessBlockConfiguration> =
            self.parsed(document::PUBLIC_ACCESS, "PublicAccessBlockConfiguration");
        block.map_or_else(PublicAccess::default, |b| PublicAccess {
            block_acls: b.block_public_acls == Some(true),
            ignore_acls: b.ignore_public_acls == Some(true),
            block_policy: b.block_public_policy == Some(true),
            restrict: b.restrict_public_buckets == Some(true),
        })
    }

    fn read_requester_pays(&self) -> bool {
        let payment: Option<s3::RequestPaymentConfiguration> = self.parsed(document::PAYER, "RequestPaymentConfiguration");
        payment.is_some_and(|p| p.payer.as_deref() == Some("Requester"))
    }

    /// The bucket's default encryption.
    pub fn default_encryption(&self) -> Option<s3::ServerSideEncryptionRule> {
        let all: s3::ServerSideEncryptionConfiguration =
            self.parsed(document::ENCRYPTION, "ServerSideEncryptionConfiguration")?;
        all.rules?.into_iter().next()
    }

    /// Whether keys of the customer's are not to be used.
    pub fn blocks_customer_keys(&self) -> bool {
        let blocked = self.default_encryption().and_then(|rule| rule.blocked_encryption_types?.encryption_type);
        blocked.is_some_and(|types| types.iter().any(|t| t == "SSE-C"))
    }

    /// The default retention for an object made now.
    pub fn default_retention(&self, now: TimestampMs) -> Option<Retention> {
        let lock: s3::ObjectLockConfiguration = self.parsed(document::OBJECT_LOCK, "ObjectLockConfiguration")?;
        let default = lock.rule?.default_retention?;
        let days = match (default.days, default.years) {
            (Some(days), _) => u64::try_from(days).ok()?,
            (None, Some(years)) => 365 * u64::try_from(years).ok()?,
            (None, None) => return None,
        };
        Some(Retention { mode: lock_mode(default.mode.as_deref()?)?, until: TimestampMs(now.0 + days * 86_400_000) })
    }
}

pub fn lock_mode(text: &str) -> Option<objectstore::record::LockMode> {
    match text {
        "GOVERNANCE" => Some(objectstore::record::LockMode::Governance),
        "COMPLIANCE" => Some(objectstore::record::LockMode::Compliance),
        _ => None,
    }
}

pub fn lock_mode_name(mode: objectstore::record::LockMode) -> &'static str {
    match mode {
        objectstore::record::LockMode::Governance => "GOVERNANCE",
        objectstore::record::LockMode::Compliance => "COMPLIANCE",
    }
}
