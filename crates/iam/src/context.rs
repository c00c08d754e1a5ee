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

/// What [`Context::of`] sets.
const PRINCIPAL_KEYS: [&str; 8] = [
    "aws:federatedprovider",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
];

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
        for key in PRINCIPAL_KEYS {
            c.fill_of(principal, key);
        }
        c
    }

    /// Sets one of the keys that follow from who asks; false for other keys and where it has no value.
    pub(crate) fn fill_of(&mut self, principal: &Principal, key: &str) -> bool {
        use PrincipalKind::*;
        let service = principal.kind == Service;
        let value = match (key, &principal.kind) {
            ("aws:username", User { name }) => name,
            ("aws:principaltype", Anonymous) => "Anonymous",
            ("aws:principaltype", Root) => "Account",
            ("aws:principaltype", User { .. }) => "User",
            ("aws:principaltype", RoleSession { .. }) => "AssumedRole",
            ("aws:principaltype", FederatedUser { .. }) => "FederatedUser",
            ("aws:principaltype", Service) => "Service",
            ("aws:principaltype", Federated) => "WebIdentityUser",
            ("aws:principalservicename", Service) | ("aws:federatedprovider", Federated) => &principal.arn,
            ("aws:userid", _) => &principal.user_id,
            ("aws:principalaccount", _) if principal.account.is_some() => principal.account_str(),
            ("aws:principalarn", _) if principal.account.is_some() => principal.policy_arn(),
            ("aws:principalisawsservice", kind) if *kind != Anonymous => {
                if service {
                    "true"
                } else {
                    "false"
                }
            }
            _ => return false,
        };
        self.set(key, value);
        true
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
