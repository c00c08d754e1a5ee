//! Who makes a request, as authentication established it. Not the Principal element of a policy: that is `principals`.

use aws_lc_rs::digest;
use types::AccountId;

/// What stands for an account in S3's ACLs and in `CanonicalUser`: 64 lower-case hex digits. AWS keeps them apart from the
/// account's number; here they follow from it, so that every part of the system agrees without asking.
pub fn canonical_user_id(account: &AccountId) -> String {
    let text = format!("stratocell canonical user {account}");
    let hex = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().iter().flat_map(|b| [hex(b >> 4), hex(b & 15)]).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// None for anonymous requests, services and identities of a provider.
    pub account: Option<AccountId>,
    /// The ARN that `GetCallerIdentity` shows: of the session, for sessions. A service's or provider's name. Empty when anonymous.
    pub arn: String,
    /// `aws:userid`: `AIDA…`, the account of a root user, `AROA…:session`, `account:name` of a federated user, `anonymous`.
    pub user_id: String,
    /// [`canonical_user_id`] of the account; empty where there is none.
    pub canonical_id: String,
    pub kind: PrincipalKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    Anonymous,
    /// The account's root user.
    Root,
    User {
        name: String,
    },
    /// Credentials of `AssumeRole*`.
    RoleSession {
        role_arn: String,
        session_name: String,
    },
    /// Credentials of `GetFederationToken`, called by the user or root user with this ARN.
    FederatedUser {
        user_arn: String,
    },
    /// A service on its own behalf: `ec2.amazonaws.com`.
    Service,
    /// An identity that a provider vouches for, before it has a role: who trust policies are asked about.
    Federated,
}

impl Principal {
    pub fn anonymous() -> Self {
        Self {
            account: None,
            arn: String::new(),
            user_id: "anonymous".into(),
            canonical_id: String::new(),
            kind: PrincipalKind::Anonymous,
        }
    }

    pub fn root(account: &AccountId) -> Self {
        Self {
            account: Some(account.clone()),
            arn: format!("arn:aws:iam::{account}:root"),
            user_id: account.to_string(),
            canonical_id: canonical_user_id(account),
            kind: PrincipalKind::Root,
        }
    }

    /// `path` begins and ends with `/`; `id` is `AIDA…`.
    pub fn user(account: &AccountId, path: &str, name: &str, id: &str) -> Self {
        Self {
            account: Some(account.clone()),
            arn: format!("arn:aws:iam::{account}:user{path}{name}"),
            user_id: id.into(),
            canonical_id: canonical_user_id(account),
            kind: PrincipalKind::User { name: name.into() },
        }
    }

    /// `path` begins and ends with `/`; `id` is `AROA…`. The session's ARN has no path.
    pub fn role_session(account: &AccountId, path: &str, role: &str, id: &str, session: &str) -> Self {
        Self {
            account: Some(account.clone()),
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            user_id: format!("{id}:{session}"),
            canonical_id: canonical_user_id(account),
            kind: PrincipalKind::RoleSession {
                role_arn: format!("arn:aws:iam::{account}:role{path}{role}"),
                session_name: session.into(),
            },
        }
    }

    /// `user_arn` is that of the user, or root user, who called `GetFederationToken`.
    pub fn federated_user(account: &AccountId, user_arn: &str, name: &str) -> Self {
        Self {
            account: Some(account.clone()),
            arn: format!("arn:aws:sts::{account}:federated-user/{name}"),
            user_id: format!("{account}:{name}"),
            canonical_id: canonical_user_id(account),
            kind: PrincipalKind::FederatedUser { user_arn: user_arn.into() },
        }
    }

    pub fn service(name: &str) -> Self {
        Self { account: None, arn: name.into(), user_id: name.into(), canonical_id: String::new(), kind: PrincipalKind::Service }
    }

    /// `provider` as trust policies name it (an ARN, or a well-known provider's host); `subject` is the user there.
    pub fn federated(provider: &str, subject: &str) -> Self {
        Self {
            account: None,
            arn: provider.into(),
            user_id: format!("{provider}:{subject}"),
            canonical_id: String::new(),
            kind: PrincipalKind::Federated,
        }
    }

    /// `aws:PrincipalArn`: for role sessions that of the role.
    pub fn policy_arn(&self) -> &str {
        match &self.kind {
            PrincipalKind::RoleSession { role_arn, .. } => role_arn,
            _ => &self.arn,
        }
    }

    /// The account's id; empty where there is none.
    pub(crate) fn account_str(&self) -> &str {
        self.account.as_ref().map_or("", |a| a.as_str())
    }

    /// `AROA…` of a role session, the user id of others.
    pub(crate) fn entity_id(&self) -> &str {
        match self.kind {
            PrincipalKind::RoleSession { .. } => self.user_id.split(':').next().unwrap_or_default(),
            _ => &self.user_id,
        }
    }

    /// A federated user whose permissions come from the root user.
    pub(crate) fn acts_as_root(&self) -> bool {
        match &self.kind {
            PrincipalKind::Root => true,
            PrincipalKind::FederatedUser { user_arn } => user_arn.ends_with(":root"),
            _ => false,
        }
    }
}
