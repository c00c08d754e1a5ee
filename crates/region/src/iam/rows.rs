//! What is remembered of users, groups, roles and policies.
//!
//! Names are unique in an account without regard to case (IAM User Guide, "IAM and AWS STS quotas"), so rows are kept by
//! lower-case name.

use crate::db::Db;
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

/// When an access key, or a role's credentials, were used last. A row of its own, as it is no identity's business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastUse {
    pub account: AccountId,
    /// The access key's, or the role's unique id.
    pub id: String,
    pub at: TimestampMs,
    /// Empty of roles.
    pub service: String,
    pub region: String,
}

/// Uses are remembered to this many milliseconds, so that a busy key does not write a row a request.
const USE_MS: u64 = 60_000;

impl LastUse {
    pub fn note(db: &mut Db, new: Self) {
        let before = db.get::<Self>(&new.account, &new.id);
        let same = before
            .is_some_and(|b| (&b.service, &b.region) == (&new.service, &new.region) && new.at.0 < b.at.0.saturating_add(USE_MS));
        if !same {
            db.put(new);
        }
    }
}

/// What there is once an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountSettings {
    pub account: AccountId,
    #[serde(default)]
    pub alias: Option<String>,
    #[serde(default)]
    pub password_policy: Option<super::password::PasswordPolicy>,
}

/// A user's password. Survives the user's renaming: it hangs on the unique id.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct LoginProfile {
    pub account: AccountId,
    pub user_id: String,
    pub salt: String,
    /// Hex.
    pub hash: String,
    /// Hashes of earlier ones, newest first.
    #[serde(default)]
    pub previous: Vec<String>,
    pub created: TimestampMs,
    pub changed: TimestampMs,
    pub reset_required: bool,
}

impl std::fmt::Debug for LoginProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginProfile").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// A virtual MFA device: the seed of RFC 6238 and who uses it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MfaDevice {
    pub account: AccountId,
    pub name: String,
    pub path: String,
    /// Hex.
    pub seed: String,
    pub created: TimestampMs,
    #[serde(default)]
    pub tags: Tags,
    /// Unique id of its user, and since when.
    #[serde(default)]
    pub enabled: Option<(String, TimestampMs)>,
    /// Steps by which the device's clock is ahead.
    #[serde(default)]
    pub drift_steps: i64,
    /// The step of the newest code that was taken: each is good once.
    #[serde(default)]
    pub used_step: i64,
}

impl std::fmt::Debug for MfaDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MfaDevice").field("name", &self.name).field("enabled", &self.enabled).finish_non_exhaustive()
    }
}

impl MfaDevice {
    /// `arn:aws:iam::123456789012:mfa/alice`: the serial number.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:mfa{}{}", self.account, self.path, self.name)
    }
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SamlProvider {
    pub account: AccountId,
    pub id: String,
    pub name: String,
    pub metadata: String,
    pub created: TimestampMs,
    pub valid_until: TimestampMs,
    #[serde(default)]
    pub tags: Tags,
}

impl SamlProvider {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:saml-provider/{}", self.account, self.name)
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerCertificate {
    pub account: AccountId,
    /// `ASCA…`
    pub id: String,
    pub name: String,
    pub path: String,
    /// PEM, as it was given.
    pub body: String,
    pub chain: Option<String>,
    /// PEM. Never given back.
    pub private_key: String,
    pub uploaded: TimestampMs,
    pub expires: TimestampMs,
    #[serde(default)]
    pub tags: Tags,
}

impl std::fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerCertificate").field("name", &self.name).field("id", &self.id).finish_non_exhaustive()
    }
}

impl ServerCertificate {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:server-certificate{}{}", self.account, self.path, self.name)
    }
}

/// A user's public key for SSH.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SshKey {
    pub account: AccountId,
    /// `APKA…`
    pub id: String,
    pub user_id: String,
    /// OpenSSH's line, without comment.
    pub line: String,
    pub fingerprint: String,
    pub active: bool,
    pub uploaded: TimestampMs,
}

/// The end of a service-linked role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeletionTask {
    pub account: AccountId,
    /// `task/aws-service-role/SERVICE/ROLE/UUID`
    pub id: String,
    pub at: TimestampMs,
    /// ARNs of what needed the role, so that it stayed.
    #[serde(default)]
    pub uses: Vec<String>,
}

/// The newest credential report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialReport {
    pub account: AccountId,
    pub generated: TimestampMs,
    pub csv: String,
}

/// Seals session tokens of all accounts; a row of the region, pushed as it is.
pub use wire::identity::SessionKey;

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
