//! What the gateway's audit trail tells the control plane: how far it has come, and which access keys were used.

use crate::{Empty, method};
use serde::{Deserialize, Serialize};
use types::{AccountId, TimestampMs};

/// Where the trail's hash chain stood, on the disk for good. Kept apart from the trail, so that a cut end shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// Sequence number of the newest line.
    pub sequence: u64,
    /// SHA-256 of that line, hex.
    pub hash: String,
    pub at: TimestampMs,
}

/// The newest use of a long-lived access key since the last report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    pub account: AccountId,
    pub access_key: String,
    pub at: TimestampMs,
    /// `ec2`, `s3`
    pub service: String,
}

/// The newest use of a role since the last report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleUse {
    pub account: AccountId,
    /// `AROA…`
    pub role_id: String,
    pub at: TimestampMs,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditReport {
    pub head: Option<AuditHead>,
    pub keys: Vec<KeyUse>,
    pub roles: Vec<RoleUse>,
}

/// Oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHeads {
    pub heads: Vec<AuditHead>,
}

/// How the audit trail fares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditStatus {
    /// Sequence number of the newest line.
    pub sequence: u64,
    /// Events that are not in the trail, as it could not be written.
    pub lost: u64,
    /// Refusals of unproven or too many requests that were not written, as there were too many of them.
    pub skipped: u64,
    pub problem: Option<String>,
}

method!(ReportAudit, "region/ReportAudit", AuditReport => Empty);
method!(GetAuditHeads, "region/AuditHeads", Empty => AuditHeads);
