//! What was granted and what was asked for.

use serde::{Deserialize, Serialize};
use types::{AccountId, TimestampMs};

/// A quota that is not the default. No row: the default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaValue {
    pub account: AccountId,
    /// `vpc/L-F678F1CE`
    pub quota: String,
    pub value: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaRequest {
    pub account: AccountId,
    /// 32 hexadecimal digits.
    pub id: String,
    /// `vpc/L-F678F1CE`
    pub quota: String,
    pub desired: u64,
    /// `PENDING`, `APPROVED` or `NOT_APPROVED`
    pub status: String,
    pub created: TimestampMs,
    pub updated: TimestampMs,
    /// The caller's ARN.
    pub requester: String,
}
