//! The condition keys of one request.
//!
//! The caller sets what it knows; a key that is not set is absent, which conditions can tell from every value.

use crate::principal::{Principal, PrincipalKind};
use types::TimestampMs;

/// Names are compared without case ("Condition key names are not case-sensitive"); values are kept as they are.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Lower-case names, sorted.
    keys: Vec<(Box<str>, Values)>,
}

/// Nearly all keys have one value.
#[derive(Debug, Clone)]
enum Values {
    One(String),
    Set(Vec<String>),
}

impl Values {
    fn as_slice(&self) -> &[String] {
        match self {
            Values::One(v) => std::slice::from_ref(v),
            Values::Set(v) => v,
        }
    }
}

impl Context {
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys that follow from who asks: `aws:PrincipalArn` (of the role, for a role session), `aws:PrincipalAccount`,
    /// `aws:PrincipalType`, `aws:userid`, `aws:username`, `aws:PrincipalIsAWSService`, `aws:PrincipalServiceName`.
    /// Source: the table "Principal key values" of the IAM User Guide.
    pub fn of(principal: &Principal) -> Self {
        let mut c = Self::new();
        let kind = match &principal.kind {
            PrincipalKind::Anonymous => "Anonymous",
            PrincipalKind::Root => "Account",
            PrincipalKind::User { name } => {
                c.set("aws:username", name.as_str());
                "User"
            }
            PrincipalKind::RoleSession { .. } => "AssumedRole",
            PrincipalKind::FederatedUser { .. } => "FederatedUser",
            PrincipalKind::Service => {
                c.set("aws:PrincipalServiceName", principal.arn.as_str());
                "Service"
            }
            PrincipalKind::Federated => {
                c.set("aws:FederatedProvider", principal.arn.as_str());
                "WebIdentityUser"
            }
        };
        c.set("aws:PrincipalType", kind);
        c.set("aws:userid", principal.user_id.as_str());
        if let Some(account) = &principal.account {
            c.set("aws:PrincipalAccount", account.as_str());
            c.set("aws:PrincipalArn", principal.policy_arn());
        }
        if principal.kind != PrincipalKind::Anonymous {
            let service = principal.kind == PrincipalKind::Service;
            c.set("aws:PrincipalIsAWSService", if service { "true" } else { "false" });
        }
        c
    }

    /// One value, in place of what was there.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.put(key, Values::One(value.into()));
    }

    /// A set of values, in place of what was there. An empty set is the same as an absent key.
    pub fn set_many(&mut self, key: &str, values: impl IntoIterator<Item = impl Into<String>>) {
        self.put(key, Values::Set(values.into_iter().map(Into::into).collect()));
    }

    /// `aws:CurrentTime` (ISO 8601) and `aws:EpochTime` (seconds).
    pub fn set_time(&mut self, now: TimestampMs) {
        let ms = i64::try_from(now.0).unwrap_or(i64::MAX);
        if let Ok(t) = jiff::Timestamp::from_millisecond(ms) {
            self.set("aws:CurrentTime", t.to_string());
            self.set("aws:EpochTime", t.as_second().to_string());
        }
    }

    /// A time, ISO 8601.
    pub fn set_instant(&mut self, key: &str, at: TimestampMs) {
        if let Ok(t) = jiff::Timestamp::from_millisecond(i64::try_from(at.0).unwrap_or(i64::MAX)) {
            self.set(key, t.to_string());
        }
    }

    /// The values of a key; none when it is absent.
    pub fn get(&self, key: &str) -> &[String] {
        if key.bytes().any(|b| b.is_ascii_uppercase()) { self.lower(&key.to_ascii_lowercase()) } else { self.lower(key) }
    }

    /// All keys, lower case, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.keys.iter().map(|(k, v)| (&**k, v.as_slice()))
    }

    /// As `get`, for a name that is lower case already.
    pub(crate) fn lower(&self, key: &str) -> &[String] {
        self.keys.binary_search_by(|(k, _)| (**k).cmp(key)).map_or(&[], |i| self.keys[i].1.as_slice())
    }

    /// The value of a key with exactly one: what a policy variable may stand for.
    pub(crate) fn single(&self, key: &str) -> Option<&str> {
        match self.lower(key) {
            [one] => Some(one),
            _ => None,
        }
    }

    fn put(&mut self, key: &str, values: Values) {
        let key = key.to_ascii_lowercase();
        match self.keys.binary_search_by(|(k, _)| (**k).cmp(&key)) {
            Ok(i) => self.keys[i].1 = values,
            Err(i) => self.keys.insert(i, (key.into(), values)),
        }
    }
}
