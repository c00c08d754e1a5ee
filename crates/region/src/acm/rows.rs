//! What the region remembers of certificates.

use platform::Settings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{AccountId, TimestampMs};
use wire::kms::Hex;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AcmCertificate {
    pub account: AccountId,
    /// A UUID.
    pub id: String,
    /// PEM: the certificate by itself, and those above it.
    pub body: String,
    pub chain: Option<String>,
    /// The private key, PKCS #8 in PEM, sealed under the region's root key for [`super::purpose`]. Nothing here opens it.
    pub sealed_key: Hex,
    pub imported: TimestampMs,
    pub created: TimestampMs,
    pub tags: BTreeMap<String, String>,
}

impl AcmCertificate {
    pub fn arn(&self, settings: &Settings) -> String {
        super::arn(settings, &self.account, &self.id)
    }

    /// The certificate first.
    pub fn full_chain(&self) -> String {
        let mut out = self.body.trim_end().to_owned();
        out.push('\n');
        out.push_str(self.chain.as_deref().unwrap_or_default());
        out
    }
}
