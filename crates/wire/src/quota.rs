//! Service quotas that are enforced where the requests come in: told to the gateway, and known to it before.

use crate::{Applied, method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{AccountId, Generation};

/// `service/code`, the value of an account that has asked for nothing.
pub type DataQuota = (&'static str, u64);

/// "Cryptographic operations (symmetric) request rate", a second, in the smaller regions (KMS developer guide, "Request
/// quotas").
pub const KMS_SYMMETRIC_PER_SECOND: DataQuota = ("kms/L-6E3AF000", 10_000);
pub const KMS_RSA_PER_SECOND: DataQuota = ("kms/L-2AC98190", 1000);
pub const KMS_ECC_PER_SECOND: DataQuota = ("kms/L-DC14942D", 1000);
/// "General purpose buckets".
pub const S3_BUCKETS: DataQuota = ("s3/L-DC2B2D3D", 10_000);

/// What is not as above.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaSnapshot {
    pub format: u16,
    pub generation: Generation,
    /// Of accounts that have asked for nothing.
    pub defaults: BTreeMap<String, u64>,
    pub accounts: BTreeMap<AccountId, BTreeMap<String, u64>>,
}

impl QuotaSnapshot {
    pub fn value(&self, account: &AccountId, (quota, otherwise): DataQuota) -> u64 {
        let own = self.accounts.get(account).and_then(|q| q.get(quota));
        *own.or_else(|| self.defaults.get(quota)).unwrap_or(&otherwise)
    }
}

method!(PushQuotas, "gateway/PushQuotas", QuotaSnapshot => Applied);
