//! What is remembered of users, groups, roles and policies.
//!
//! Names are unique in an account without regard to case (IAM User Guide, "IAM and AWS STS quotas"), so rows are kept by
//! lower-case name.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{AccountId, TimestampMs};

/// Documents by name, as they were given.
pub type Inline = BTreeMap<String, String>;
pub type Tags = BTreeMap<String, String>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub account: AccountId,
    /// `AIDA…`
    pub id: String,
    pub name: String,
    /// Begins and ends with `/`.
    pub path: String,
    pub created: TimestampMs,
    #[serde(default)]
    pub tags: Tags,
    /// ARN of a managed policy.
    #[serde(default)]
    pub boundary: Option<String>,
    #[serde(default)]
    pub inline: Inline,
    /// ARNs of managed policies, in the order of attachment.
    #[serde(default)]
    pub attached: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub account: AccountId,
    /// `AGPA…`
    pub id: String,
    pub name: String,
    pub path: String,
    pub created: TimestampMs,
    #[serde(default)]
    pub inline: Inline,
    #[serde(default)]
    pub attached: Vec<String>,
    /// Names of users.
    #[serde(default)]
    pub members: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    pub account: AccountId,
    /// `AROA…`
    pub id: String,
    pub name: String,
    pub path: String,
    pub created: TimestampMs,
    pub description: Option<String>,
    pub max_session_s: u32,
    /// Who may assume it: the document as it was given.
    pub trust: String,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub boundary: Option<String>,
    #[serde(default)]
    pub inline: Inline,
    #[serde(default)]
    pub attached: Vec<String>,
    /// `elasticloadbalancing.amazonaws.com` of a service-linked role.
    #[serde(default)]
    pub service: Option<String>,
    #[serde(default)]
    pub last_used: Option<TimestampMs>,
}

/// A customer's managed policy; AWS's are in [`iam::managed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    pub account: AccountId,
    /// `ANPA…`
    pub id: String,
    pub name: String,
    pub path: String,
    pub description: Option<String>,
    pub created: TimestampMs,
    pub updated: TimestampMs,
    #[serde(default)]
    pub tags: Tags,
    /// Number of the version in force: 1 is `v1`.
    pub default_version: u32,
    pub versions: Vec<PolicyVersion>,
    /// Numbers are not used again.
    pub next_version: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub number: u32,
    pub document: String,
    pub created: TimestampMs,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstanceProfile {
    pub account: AccountId,
    /// `AIPA…`
    pub id: String,
    pub name: String,
    pub path: String,
    pub created: TimestampMs,
    #[serde(default)]
    pub tags: Tags,
    /// Name of the role.
    #[serde(default)]
    pub role: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OidcProvider {
    pub account: AccountId,
    /// Host and path: `token.example.com/tenant`.
    pub url: String,
    pub clients: Vec<String>,
    /// SHA-1 of certificates, hex.
    pub thumbprints: Vec<String>,
    pub created: TimestampMs,
    #[serde(default)]
    pub tags: Tags,
}

impl OidcProvider {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:oidc-provider/{}", self.account, self.url)
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessKey {
    pub account: AccountId,
    pub access_key: String,
    pub secret_key: String,
    /// Name of its user.
    #[serde(default = "admin")]
    pub user: String,
    #[serde(default)]
    pub created: TimestampMs,
    #[serde(default = "yes")]
    pub active: bool,
}

/// Keys of before there were users belong to the account's administrator.
fn admin() -> String {
    crate::account::ADMIN.to_owned()
}

fn yes() -> bool {
    true
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey").field("access_key", &self.access_key).field("user", &self.user).finish_non_exhaustive()
    }
}

/// Seals session tokens of all accounts; a row of the region.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionKey {
    pub id: u32,
    /// 32 bytes, hex.
    pub key: String,
    pub created: TimestampMs,
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl User {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:user{}{}", self.account, self.path, self.name)
    }
}

impl Group {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:group{}{}", self.account, self.path, self.name)
    }
}

impl Role {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role{}{}", self.account, self.path, self.name)
    }
}

impl ManagedPolicy {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:policy{}{}", self.account, self.path, self.name)
    }

    /// The version in force.
    pub fn document(&self) -> &str {
        self.versions.iter().find(|v| v.number == self.default_version).map_or("", |v| &v.document)
    }
}

impl InstanceProfile {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:instance-profile{}{}", self.account, self.path, self.name)
    }
}
