//! The Principal and NotPrincipal elements, compiled to sorted lists. Not the requester: that is `principal`.

use crate::error::PolicyError;
use crate::json::Json;
use crate::principal::{Principal, PrincipalKind};

/// `AWS` unique ids, for example of a deleted user: letters of the type, then upper-case letters and digits.
const UNIQUE_ID_CHARS: std::ops::RangeInclusive<usize> = 16..=128;
const CANONICAL_ID_CHARS: usize = 64;

/// How directly an Allow names the requester: what limits of identity policies still count. Ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The account is named: its administrators decide, by identity policies.
    Delegated,
    /// The role (or the user who federated) is named: boundary and session policies still limit.
    Limited,
    /// The user, the session itself, a service, or everybody: nothing but an explicit deny limits.
    Direct,
}

/// One entry of a Principal element, for checks that the named exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalName<'a> {
    Everybody,
    Account(&'a str),
    /// A user, role, role session or federated user.
    Arn(&'a str),
    UniqueId(&'a str),
    CanonicalUser(&'a str),
    Service(&'a str),
    Federated(&'a str),
}

#[derive(Debug, Default)]
pub struct PrincipalSet {
    pub any: bool,
    accounts: Vec<Box<str>>,
    arns: Vec<Box<str>>,
    ids: Vec<Box<str>>,
    canonical: Vec<Box<str>>,
    services: Vec<Box<str>>,
    pub federated: Vec<Box<str>>,
}

fn has(list: &[Box<str>], name: &str) -> bool {
    list.binary_search_by(|n| (**n).cmp(name)).is_ok()
}

impl PrincipalSet {
    pub fn read(value: &Json, element: &'static str) -> Result<Self, PolicyError> {
        let wanted = "\"*\" or an object of AWS, CanonicalUser, Service and Federated";
        let mut set = Self::default();
        match value {
            Json::String(s) if s == "*" => set.any = true,
            Json::String(s) => return Err(PolicyError::Principal(s.clone())),
            Json::Object(entries) if !entries.is_empty() => {
                for (kind, names) in entries {
                    let names = match names {
                        Json::String(one) => std::slice::from_ref(one),
                        Json::Array(list) => &list
                            .iter()
                            .map(|n| if let Json::String(n) = n { Some(n.clone()) } else { None })
                            .collect::<Option<Vec<_>>>()
                            .ok_or(PolicyError::Shape { element, wanted: "made of strings" })?[..],
                        _ => return Err(PolicyError::Shape { element, wanted }),
                    };
                    if names.is_empty() {
                        return Err(PolicyError::Shape { element, wanted: "a list of at least one" });
                    }
                    for name in names {
                        set.add(kind, name)?;
                    }
                }
            }
            _ => return Err(PolicyError::Shape { element, wanted }),
        }
        for list in [&mut set.accounts, &mut set.arns, &mut set.ids, &mut set.canonical, &mut set.services, &mut set.federated] {
            list.sort_unstable();
            list.dedup();
        }
        Ok(set)
    }

    fn add(&mut self, kind: &str, name: &str) -> Result<(), PolicyError> {
        let bad = || PolicyError::Principal(name.chars().take(200).collect());
        match kind {
            "AWS" if name == "*" => self.any = true,
            "AWS" if is_account(name) => self.accounts.push(name.into()),
            "AWS" if is_unique_id(name) => self.ids.push(name.into()),
            "AWS" => match parse_arn(name).ok_or_else(bad)? {
                (account, "root") => self.accounts.push(account.into()),
                _ => self.arns.push(name.into()),
            },
            "CanonicalUser" if name.len() == CANONICAL_ID_CHARS && name.bytes().all(|b| b.is_ascii_hexdigit()) => {
                self.canonical.push(name.to_ascii_lowercase().into());
            }
            "Service" if is_host(name) => self.services.push(name.into()),
            "Federated" if is_host(name) || (name.starts_with("arn:") && !name.contains(['*', '?'])) => {
                self.federated.push(name.into());
            }
            _ => return Err(bad()),
        }
        Ok(())
    }

    /// Whether and how the requester is named.
    pub fn level(&self, p: &Principal) -> Option<Level> {
        if self.any {
            return Some(Level::Direct);
        }
        let account = || (has(&self.accounts, p.account_str()) || has(&self.canonical, &p.canonical_id)).then_some(());
        let named = match &p.kind {
            PrincipalKind::Anonymous => None,
            PrincipalKind::Root => account().map(|()| Level::Direct),
            PrincipalKind::User { .. } => (has(&self.arns, &p.arn) || has(&self.ids, &p.user_id)).then_some(Level::Direct),
            PrincipalKind::RoleSession { role_arn: above, .. } | PrincipalKind::FederatedUser { user_arn: above } => {
                if has(&self.arns, &p.arn) {
                    Some(Level::Direct)
                } else {
                    (has(&self.arns, above) || has(&self.ids, p.entity_id())).then_some(Level::Limited)
                }
            }
            PrincipalKind::Service => has(&self.services, &p.arn).then_some(Level::Direct),
            PrincipalKind::Federated => has(&self.federated, &p.arn).then_some(Level::Direct),
        };
        named.or_else(|| p.account.as_ref().and_then(|_| account()).map(|()| Level::Delegated))
    }

    /// Whether the requester and everything it belongs to are named, so that a Deny with NotPrincipal spares it:
    /// account and user; account, role and session ("AWS might validate the account first, then the role, …").
    pub fn names_whole_chain(&self, p: &Principal) -> bool {
        if self.any {
            return true;
        }
        let account = p.account.is_some() && (has(&self.accounts, p.account_str()) || has(&self.canonical, &p.canonical_id));
        match &p.kind {
            PrincipalKind::Anonymous => false,
            PrincipalKind::Root => account,
            PrincipalKind::User { .. } => account && (has(&self.arns, &p.arn) || has(&self.ids, &p.user_id)),
            PrincipalKind::RoleSession { role_arn, .. } => {
                account && has(&self.arns, &p.arn) && (has(&self.arns, role_arn) || has(&self.ids, p.entity_id()))
            }
            PrincipalKind::FederatedUser { user_arn } => {
                account && has(&self.arns, &p.arn) && (p.acts_as_root() || has(&self.arns, user_arn))
            }
            PrincipalKind::Service => has(&self.services, &p.arn),
            PrincipalKind::Federated => has(&self.federated, &p.arn),
        }
    }

    pub fn names(&self) -> impl Iterator<Item = PrincipalName<'_>> {
        let any = self.any.then_some(PrincipalName::Everybody).into_iter();
        any.chain(self.accounts.iter().map(|n| PrincipalName::Account(n)))
            .chain(self.arns.iter().map(|n| PrincipalName::Arn(n)))
            .chain(self.ids.iter().map(|n| PrincipalName::UniqueId(n)))
            .chain(self.canonical.iter().map(|n| PrincipalName::CanonicalUser(n)))
            .chain(self.services.iter().map(|n| PrincipalName::Service(n)))
            .chain(self.federated.iter().map(|n| PrincipalName::Federated(n)))
    }
}

fn is_account(s: &str) -> bool {
    s.len() == 12 && s.bytes().all(|b| b.is_ascii_digit())
}

fn is_unique_id(s: &str) -> bool {
    UNIQUE_ID_CHARS.contains(&s.len()) && s.starts_with('A') && s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_host(s: &str) -> bool {
    s.contains('.') && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b':'))
}

/// Account and resource part of an ARN that may stand in a Principal element; no wildcards ("You cannot use a wildcard to
/// match part of a principal name or ARN").
fn parse_arn(s: &str) -> Option<(&str, &str)> {
    let mut parts = s.splitn(6, ':');
    let mut next = || parts.next();
    let (arn, partition, service, region, account, rest) = (next()?, next()?, next()?, next()?, next()?, next()?);
    let right = arn == "arn" && partition.starts_with("aws") && region.is_empty() && is_account(account);
    if !right || rest.contains(['*', '?', ' ']) {
        return None;
    }
    let named = |kind: &str| rest.strip_prefix(kind).is_some_and(|name| !name.is_empty() && !name.ends_with('/'));
    let fits = match service {
        "iam" => rest == "root" || named("user/") || named("role/"),
        "sts" => {
            let session = rest.strip_prefix("assumed-role/").and_then(|r| r.split_once('/'));
            session.is_some_and(|(role, name)| !role.is_empty() && !name.is_empty()) || named("federated-user/")
        }
        _ => false,
    };
    fits.then_some((account, rest))
}
