//! What is remembered: instances' credentials, and the keys of identity providers.

use serde::{Deserialize, Serialize};
use types::{AccountId, InstanceId, ProfileAssociationId, TimestampMs};

/// What an instance's metadata service hands out now.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct InstanceSession {
    pub account: AccountId,
    pub instance: InstanceId,
    /// Unique id of the role: another role of the same name needs other credentials.
    pub role_id: String,
    pub issued: TimestampMs,
    pub expires: TimestampMs,
    pub access_key: String,
    pub secret_key: String,
    pub token: String,
}

impl std::fmt::Debug for InstanceSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InstanceSession")
            .field("instance", &self.instance)
            .field("access_key", &self.access_key)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Which instance profile an instance has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileAssociation {
    pub id: ProfileAssociationId,
    pub profile_arn: String,
    /// `AIPA…`: a profile that was made anew under the same name is another.
    pub profile_id: String,
    pub since: TimestampMs,
}

/// The public keys of an identity provider, as the operator gave them; of the region, for the accounts that trust it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OidcKeys {
    /// Host and path: `token.example.com/tenant`.
    pub url: String,
    /// A JWK set (RFC 7517).
    pub jwks: String,
    pub set: TimestampMs,
}
