//! Who asks, and what bears on what they may do: pushed ahead by the control plane, kept by whoever decides.
//!
//! An account's users and roles are cut into parts of a bounded size, each complete in itself: an entity comes with its keys
//! and with every document that bears on it. A push names all parts there are and carries those that the receiver should
//! lack; it answers which it still lacks. So a change costs what changed, and what is held is always whole entities.

use crate::kms::Hex;
use crate::{FORMAT, method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::{AccountId, Generation, TimestampMs};

/// Who makes a request, as a gateway proved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    pub account: AccountId,
    /// What `GetCallerIdentity` shows: of the session, for sessions.
    pub arn: String,
    /// `AIDA…`, the account of a root user, `AROA…:session`, `account:name` of a federated user.
    pub user_id: String,
    pub kind: PrincipalKind,
    /// Of temporary credentials.
    pub session: Option<Arc<Session>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    Root,
    User {
        name: String,
    },
    RoleSession {
        role_arn: String,
        session_name: String,
    },
    /// `user_id` is of the user (or the account of the root user) who asked for the credentials.
    FederatedUser {
        user_arn: String,
        user_id: String,
    },
    /// Nobody signed: only what judges its callers by other proofs takes such requests. The account is of no meaning.
    Anonymous,
}

/// What temporary credentials carry beside who they are for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub issued: TimestampMs,
    pub expires: TimestampMs,
    /// Documents passed when they were asked for, AWS's managed ones by their ARN; none: nothing is taken away.
    #[serde(default)]
    pub policies: Vec<String>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Keys of `tags` that go on to the next role.
    #[serde(default)]
    pub transitive: Vec<String>,
    #[serde(default)]
    pub mfa_at: Option<TimestampMs>,
    #[serde(default)]
    pub source_identity: Option<String>,
    /// The identity provider that vouched for the user: `aws:FederatedProvider`.
    #[serde(default)]
    pub provider: Option<String>,
    /// Made from temporary credentials: such may not ask for more than an hour.
    #[serde(default)]
    pub chained: bool,
    /// Given to this instance by its metadata service.
    #[serde(default)]
    pub instance: Option<String>,
}

impl Principal {
    pub fn root(account: AccountId) -> Self {
        Self {
            arn: format!("arn:aws:iam::{account}:root"),
            user_id: account.to_string(),
            account,
            kind: PrincipalKind::Root,
            session: None,
        }
    }

    /// Of requests that nobody signed.
    pub fn anonymous(account: AccountId) -> Self {
        Self { account, arn: String::new(), user_id: "anonymous".into(), kind: PrincipalKind::Anonymous, session: None }
    }

    /// The unique id of the user or role whose policies bear on it; the account's of a root user.
    pub fn entity_id(&self) -> &str {
        match &self.kind {
            PrincipalKind::Root | PrincipalKind::User { .. } | PrincipalKind::Anonymous => &self.user_id,
            PrincipalKind::RoleSession { .. } => self.user_id.split(':').next().unwrap_or_default(),
            PrincipalKind::FederatedUser { user_id, .. } => user_id,
        }
    }
}

/// A user, a role or an account's root user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// `AIDA…`, `AROA…`; the account's id of a root user.
    pub id: String,
    pub arn: String,
    pub name: String,
    pub kind: EntityKind,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// A user's own and its groups', or a role's: inline and attached.
    #[serde(default)]
    pub policies: Vec<Attached>,
    #[serde(default)]
    pub boundary: Option<Attached>,
    #[serde(default)]
    pub keys: Vec<Key>,
    #[serde(default)]
    pub devices: Vec<Device>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntityKind {
    Root,
    User,
    Role,
}

/// A document by its place in the part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// For explanations: the ARN of a managed policy, `NAME of user/NAME` of an inline one.
    pub name: String,
    pub document: usize,
}

/// A long-lived access key. Never logged.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    pub access_key: String,
    /// Of documents from before secrets were sealed; empty where there is a seal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub secret_key: String,
    /// Under the region's root key, for the purpose [`Key::purpose`].
    #[serde(default)]
    pub sealed: Hex,
    pub active: bool,
}

impl Key {
    pub fn purpose(access_key: &str) -> String {
        format!("access key {access_key}")
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("access_key", &self.access_key).field("active", &self.active).finish_non_exhaustive()
    }
}

/// A user's MFA device that is enabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// `arn:aws:iam::123456789012:mfa/alice`
    pub serial: String,
    /// Its seed under the region's root key, for the purpose [`Device::purpose`].
    pub sealed: Hex,
    /// Steps by which its clock is ahead.
    pub drift_steps: i64,
    /// The step of the newest code that the control plane took.
    pub used_step: i64,
}

impl Device {
    pub fn purpose(serial: &str) -> String {
        format!("mfa device {serial}")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `ACCOUNT.N`
    pub name: String,
    pub account: AccountId,
    pub entities: Vec<Entity>,
    pub documents: Vec<Arc<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartHead {
    pub name: String,
    /// SHA-256 of the part's JSON, hex.
    pub digest: String,
}

/// Seals session tokens. The newest seals; older ones open what they sealed until it has expired.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionKey {
    pub id: u32,
    /// 32 bytes, hex; empty where there is a seal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The same text under the region's root key, for the purpose [`SessionKey::purpose`]: as it is pushed.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub sealed: Hex,
    pub created: TimestampMs,
}

fn is_empty(bytes: &Hex) -> bool {
    bytes.0.is_empty()
}

impl SessionKey {
    pub fn purpose(id: u32) -> String {
        format!("session key {id}")
    }
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What there is: small, and the same whether or not the parts have to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityHead {
    pub format: u16,
    pub generation: Generation,
    pub session_keys: Vec<SessionKey>,
    pub parts: Vec<PartHead>,
}

impl IdentityHead {
    pub fn new(session_keys: Vec<SessionKey>, parts: Vec<PartHead>) -> Self {
        Self { format: FORMAT, generation: Generation(0), session_keys, parts }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPush {
    pub head: IdentityHead,
    pub parts: Vec<Part>,
}

/// `missing`: named by the head and not held; nothing was changed. Empty: the head is in force, durably.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityApplied {
    pub generation: Generation,
    pub missing: Vec<String>,
}

method!(PushIdentity, "gateway/PushIdentity", IdentityPush => IdentityApplied);

/// What decided one question: goes into the audit trail and is what `explain` shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// `ec2:RunInstances`
    pub action: String,
    pub resource: String,
    pub allowed: bool,
    /// `identity-based policy arn:aws:iam::aws:policy/AdministratorAccess, statement 1`, or what was missing.
    pub because: String,
}
