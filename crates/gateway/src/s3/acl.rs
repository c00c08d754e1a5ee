//! Access control lists: who was granted what on a bucket or an object. Kept as JSON in the index, shown as XML.
//!
//! Ours alone is the meaning; whether ACLs count at all (ownership controls, public access block) is `access`'s.

use super::ask::{Ask, Identity};
use aws_protocol::AwsError;
use aws_protocol::s3::{self, errors};
use iam::canonical_user_id;
use serde::{Deserialize, Serialize};
use types::AccountId;

pub const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
pub const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
pub const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
const GROUPS: [&str; 3] = [ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY];
/// AWS: an ACL can have up to 100 grants.
const GRANTS_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Permission {
    Read,
    Write,
    ReadAcp,
    WriteAcp,
    FullControl,
}

impl Permission {
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::ReadAcp => "READ_ACP",
            Self::WriteAcp => "WRITE_ACP",
            Self::FullControl => "FULL_CONTROL",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::ReadAcp, Self::WriteAcp, Self::FullControl].into_iter().find(|p| p.name() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grantee {
    /// A canonical user id.
    User(String),
    /// One of [`GROUPS`].
    Group(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub grantee: Grantee,
    pub permission: Permission,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl {
    /// Canonical user id.
    pub owner: String,
    pub grants: Vec<Grant>,
}

/// What turns names into canonical ids.
pub trait Directory {
    /// Is there an account with this canonical id?
    fn knows(&self, canonical: &str) -> bool;
    fn display_name(&self, canonical: &str) -> Option<String>;
}

impl Acl {
    pub fn private(owner: &AccountId) -> Self {
        Self::private_to(&canonical_user_id(owner))
    }

    fn private_to(owner: &str) -> Self {
        let full = Grant { grantee: Grantee::User(owner.to_owned()), permission: Permission::FullControl };
        Self { owner: owner.to_owned(), grants: vec![full] }
    }

    /// As stored; none means private.
    pub fn of(stored: Option<&str>, owner: &AccountId) -> Self {
        stored.and_then(|s| serde_json::from_str(s).ok()).unwrap_or_else(|| Self::private(owner))
    }

    pub fn store(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A canned ACL. `bucket_owner`: of the bucket that an object is in.
    pub fn canned(name: &str, owner: &AccountId, bucket_owner: Option<&AccountId>) -> Result<Self, AwsError> {
        use Permission::*;
        let mut acl = Self::private(owner);
        let mut add = |grantee, permission| acl.grants.push(Grant { grantee, permission });
        let group = |uri: &str| Grantee::Group(uri.to_owned());
        match (name, bucket_owner) {
            ("private", _) => {}
            ("public-read", _) => add(group(ALL_USERS), Read),
            ("public-read-write", _) => {
                add(group(ALL_USERS), Read);
                add(group(ALL_USERS), Write);
            }
            ("authenticated-read", _) => add(group(AUTHENTICATED_USERS), Read),
            ("log-delivery-write", None) => {
                add(group(LOG_DELIVERY), Write);
                add(group(LOG_DELIVERY), ReadAcp);
            }
            ("bucket-owner-read", Some(b)) if b != owner => add(Grantee::User(canonical_user_id(b)), Read),
            ("bucket-owner-full-control", Some(b)) if b != owner => add(Grantee::User(canonical_user_id(b)), FullControl),
            ("bucket-owner-read" | "bucket-owner-full-control" | "aws-exec-read", _) => {}
            _ => return Err(errors::invalid_argument("", "x-amz-acl", name)),
        }
        acl.checked()
    }

    /// What a request's headers ask for: `x-amz-acl` or `x-amz-grant-*`. None: neither is there.
    pub fn from_headers(
        ask: &Ask,
        owner: &AccountId,
        bucket_owner: Option<&AccountId>,
        directory: &dyn Directory,
    ) -> Result<Option<Self>, AwsError> {
        let canned = ask.filled("x-amz-acl");
        let mut grants = Vec::new();
        for (header, permission) in GRANT_HEADERS {
            for word in ask.filled(header).unwrap_or("").split(',').map(str::trim).filter(|w| !w.is_empty()) {
                grants.push(Grant { grantee: header_grantee(header, word, directory)?, permission });
            }
        }
        match (canned, grants.is_empty()) {
            (Some(_), false) => Err(errors::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed")),
            (Some(name), true) => Self::canned(name, owner, bucket_owner).map(Some),
            (None, false) => Self { owner: canonical_user_id(owner), grants }.checked().map(Some),
            (None, true) => Ok(None),
        }
    }

    /// The XML body of PutBucketAcl and PutObjectAcl. The owner cannot be changed.
    pub fn from_xml(policy: s3::AccessControlPolicy, owner: &str, directory: &dyn Directory) -> Result<Self, AwsError> {
        let named = policy.owner.ok_or_else(errors::malformed_acl)?.id.ok_or_else(errors::malformed_acl)?;
        if named != owner {
            return Err(errors::access_denied());
        }
        let mut grants = Vec::new();
        for grant in policy.grants.unwrap_or_default() {
            let permission = grant.permission.as_deref().and_then(Permission::parse).ok_or_else(errors::malformed_acl)?;
            let g = grant.grantee.ok_or_else(errors::malformed_acl)?;
            let grantee = match (g.r#type.as_deref(), g.id, g.uri, g.email_address) {
                (Some("CanonicalUser") | None, Some(id), None, None) => user(&id, directory)?,
                (Some("Group") | None, None, Some(uri), None) => group(&uri)?,
                (Some("AmazonCustomerByEmail") | None, None, None, Some(email)) => return Err(unresolvable(&email)),
                // Clients send the display name with an id, and some an empty id.
                (Some("CanonicalUser"), Some(id), ..) => user(&id, directory)?,
                _ => return Err(errors::malformed_acl()),
            };
            grants.push(Grant { grantee, permission });
        }
        Self { owner: owner.to_owned(), grants }.checked()
    }

    /// Groups come before users: the order is free, and conformance suites compare lists.
    fn checked(mut self) -> Result<Self, AwsError> {
        self.grants.sort_by_key(|g| matches!(g.grantee, Grantee::User(_)));
        if self.grants.len() > GRANTS_MAX { Err(errors::malformed_acl()) } else { Ok(self) }
    }

    pub fn to_xml(&self, directory: &dyn Directory) -> s3::AccessControlPolicy {
        let grant = |g: &Grant| {
            let grantee = match &g.grantee {
                Grantee::User(id) => s3::Grantee {
                    r#type: Some("CanonicalUser".to_owned()),
                    id: Some(id.clone()),
                    display_name: directory.display_name(id),
                    ..Default::default()
                },
                Grantee::Group(uri) => {
                    s3::Grantee { r#type: Some("Group".to_owned()), uri: Some(uri.clone()), ..Default::default() }
                }
            };
            s3::Grant { grantee: Some(grantee), permission: Some(g.permission.name().to_owned()) }
        };
        s3::AccessControlPolicy {
            owner: Some(s3::Owner { id: Some(self.owner.clone()), display_name: directory.display_name(&self.owner) }),
            grants: Some(self.grants.iter().map(grant).collect()),
        }
    }

    /// Has `who` this permission? With `ignore_public`, grants to everybody do not count.
    pub fn grants(&self, who: &Identity, wanted: Permission, ignore_public: bool) -> bool {
        let canonical = who.account().map(canonical_user_id);
        self.grants.iter().any(|g| {
            let holds = match &g.grantee {
                Grantee::User(id) => canonical.as_deref() == Some(id.as_str()),
                Grantee::Group(uri) if ignore_public && uri != LOG_DELIVERY => false,
                Grantee::Group(uri) => uri == ALL_USERS || (uri == AUTHENTICATED_USERS && canonical.is_some()),
            };
            holds && (g.permission == wanted || g.permission == Permission::FullControl)
        })
    }

    /// Does it grant anything to everybody?
    pub fn is_public(&self) -> bool {
        self.grants.iter().any(|g| matches!(&g.grantee, Grantee::Group(uri) if uri != LOG_DELIVERY))
    }

    /// Nobody but the owner has anything (what is allowed where ACLs are disabled).
    pub fn is_owner_only(&self, bucket_owner: &str) -> bool {
        self.grants.iter().all(|g| matches!(&g.grantee, Grantee::User(id) if id == bucket_owner || *id == self.owner))
    }
}

pub const GRANT_HEADERS: [(&str, Permission); 5] = [
    ("x-amz-grant-read", Permission::Read),
    ("x-amz-grant-write", Permission::Write),
    ("x-amz-grant-read-acp", Permission::ReadAcp),
    ("x-amz-grant-write-acp", Permission::WriteAcp),
    ("x-amz-grant-full-control", Permission::FullControl),
];

/// `id="…"`, `uri="…"`, `emailAddress="…"`.
fn header_grantee(header: &str, word: &str, directory: &dyn Directory) -> Result<Grantee, AwsError> {
    let bad = || errors::invalid_argument("Argument format not recognized", header, word);
    let (kind, value) = word.split_once('=').ok_or_else(bad)?;
    let value = value.trim().trim_matches('"');
    match kind.trim() {
        "id" => user(value, directory),
        "uri" => group(value),
        "emailAddress" => Err(unresolvable(value)),
        _ => Err(bad()),
    }
}

fn user(id: &str, directory: &dyn Directory) -> Result<Grantee, AwsError> {
    if directory.knows(id) {
        Ok(Grantee::User(id.to_owned()))
    } else {
        Err(errors::invalid_argument("Invalid id", "CanonicalUser/ID", id))
    }
}

fn group(uri: &str) -> Result<Grantee, AwsError> {
    if GROUPS.contains(&uri) {
        Ok(Grantee::Group(uri.to_owned()))
    } else {
        Err(errors::invalid_argument("Invalid group uri", "uri", uri))
    }
}

/// Accounts here have no e-mail address.
fn unresolvable(email: &str) -> AwsError {
    errors::unresolvable_grant_by_email(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Everyone;
    impl Directory for Everyone {
        fn knows(&self, canonical: &str) -> bool {
            canonical.len() == 64
        }
        fn display_name(&self, _: &str) -> Option<String> {
            None
        }
    }

    fn account(n: u64) -> AccountId {
        format!("{n:012}").parse().unwrap()
    }

    fn user_of(n: u64) -> Identity {
        let account = account(n);
        let root = wire::identity::Principal::root(account);
        Identity::User(std::rc::Rc::new(super::super::ask::User::bare(root)))
    }

    #[test]
    fn canned_lists_grant_what_they_say() {
        use Permission::*;
        let (owner, bucket_owner) = (account(1), account(2));
        for (name, who, permission, wanted) in [
            ("private", user_of(1), Write, true),
            ("private", user_of(2), Read, false),
            ("private", Identity::Anonymous, Read, false),
            ("public-read", Identity::Anonymous, Read, true),
            ("public-read", Identity::Anonymous, Write, false),
            ("public-read-write", Identity::Anonymous, Write, true),
            ("authenticated-read", Identity::Anonymous, Read, false),
            ("authenticated-read", user_of(9), Read, true),
            ("bucket-owner-read", user_of(2), Read, true),
            ("bucket-owner-read", user_of(2), ReadAcp, false),
            ("bucket-owner-full-control", user_of(2), WriteAcp, true),
        ] {
            let acl = Acl::canned(name, &owner, Some(&bucket_owner)).unwrap();
            assert_eq!(acl.grants(&who, permission, false), wanted, "{name} {who:?} {permission:?}");
            assert!(!acl.grants(&Identity::Anonymous, permission, true));
            assert_eq!(Acl::of(Some(&acl.store()), &owner), acl);
        }
        assert!(Acl::canned("public-read", &owner, None).unwrap().is_public());
        assert!(Acl::canned("public", &owner, None).unwrap_err().is("InvalidArgument"));
    }

    #[test]
    fn xml_goes_both_ways_and_the_owner_stays() {
        let acl = Acl::canned("public-read", &account(1), None).unwrap();
        let again = Acl::from_xml(acl.to_xml(&Everyone), &acl.owner, &Everyone).unwrap();
        assert_eq!(acl, again);
        let other = canonical_user_id(&account(2));
        assert!(Acl::from_xml(acl.to_xml(&Everyone), &other, &Everyone).unwrap_err().is("AccessDenied"));
        let mut bad = acl.to_xml(&Everyone);
        bad.grants.as_mut().unwrap()[0].permission = Some("ALL".into());
        assert!(Acl::from_xml(bad, &acl.owner, &Everyone).unwrap_err().is("MalformedACLError"));
    }
}
