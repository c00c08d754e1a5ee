//! One S3 request: what was proven of it, and readers for its headers. No decisions.

use super::access::Decided;
use super::ranges::{Conditions, http_date};
use crate::limits::Holder;
use crate::through::Through;
use aws_protocol::AwsError;
use aws_protocol::s3::{Operation, Params, errors};
use hyper::HeaderMap;
use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use types::{AccountId, TimestampMs};
use wire::identity::Principal;

/// Who asks.
#[derive(Debug, Clone)]
pub enum Identity {
    /// No signature.
    Anonymous,
    User(Rc<User>),
}

/// Whoever signed, with every document that bears on them.
#[derive(Debug)]
pub struct User {
    pub caller: Principal,
    pub bundle: iam::Bundle,
}

impl User {
    /// With no documents: for root users, and for services in an account's name.
    pub fn bare(caller: Principal) -> Self {
        Self { bundle: iam::Bundle::of(iam::caller::principal(&caller)), caller }
    }
}

impl std::ops::Deref for User {
    type Target = Principal;
    fn deref(&self) -> &Principal {
        &self.caller
    }
}

impl Identity {
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Anonymous => None,
            Self::User(p) => Some(&p.account),
        }
    }

    /// Who shares the gateway with others.
    pub fn holder(&self) -> Holder {
        match self {
            Self::Anonymous => Holder::Nobody,
            Self::User(user) => Holder::of(&user.caller),
        }
    }

    pub fn arn(&self) -> &str {
        match self {
            Self::Anonymous => "*",
            Self::User(p) => &p.arn,
        }
    }
}

pub struct Ask {
    pub id: String,
    pub host_id: String,
    pub op: Operation,
    /// Empty for ListBuckets.
    pub bucket: String,
    /// Empty where the operation is on a bucket.
    pub key: String,
    pub params: Params,
    pub method: hyper::Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub who: Identity,
    pub from: IpAddr,
    /// The VPC endpoint that it came through, if any.
    pub through: Option<Rc<Through>>,
    /// The region that is asked.
    pub region: String,
    pub now: TimestampMs,
    pub presigned: bool,
    /// When it was signed; none when anonymous.
    pub signed_at: Option<TimestampMs>,
    /// At the website endpoint.
    pub website: bool,
    /// How the last question of authorisation was decided.
    pub decided: RefCell<Option<Decided>>,
}

impl Ask {
    /// The last decision in words; none: the request was not authorised by policies at all.
    pub fn trace(&self) -> Option<wire::identity::Trace> {
        self.decided.borrow().as_ref().map(|d| d.trace(&self.who))
    }

    pub fn through(&self) -> Option<iam::caller::Through<'_>> {
        self.through.as_ref().map(|t| t.facts())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim)
    }

    /// A header that counts only with a value.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.header(name).filter(|v| !v.is_empty())
    }

    pub fn flag(&self, name: &str) -> bool {
        self.header(name).is_some_and(|v| v.eq_ignore_ascii_case("true"))
    }

    pub fn conditions(&self) -> Conditions<'_> {
        self.conditions_of("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
    }

    pub fn copy_conditions(&self) -> Conditions<'_> {
        self.conditions_of(
            "x-amz-copy-source-if-match",
            "x-amz-copy-source-if-none-match",
            "x-amz-copy-source-if-modified-since",
            "x-amz-copy-source-if-unmodified-since",
        )
    }

    fn conditions_of(&self, m: &str, n: &str, since: &str, unmodified: &str) -> Conditions<'_> {
        Conditions {
            if_match: self.filled(m),
            if_none_match: self.filled(n),
            if_modified_since: self.filled(since).and_then(http_date),
            if_unmodified_since: self.filled(unmodified).and_then(http_date),
        }
    }

    pub fn cause(&self, event: &str) -> objectstore::record::Cause {
        objectstore::record::Cause {
            event: event.to_owned(),
            request_id: self.id.clone(),
            principal: match &self.who {
                Identity::Anonymous => "Anonymous".to_owned(),
                Identity::User(p) => format!("AWS:{}", p.user_id),
            },
            source_ip: self.from.to_string(),
        }
    }

    /// The version that the query names.
    pub fn version(&self) -> Result<Option<objectstore::record::VersionId>, AwsError> {
        match self.params.get("versionId") {
            None => Ok(None),
            Some("") => Err(errors::invalid_argument("Version id cannot be the empty string", "versionId", "")),
            Some(text) => match text.parse() {
                Ok(id) => Ok(Some(id)),
                Err(_) => Err(errors::invalid_argument("Invalid version id specified", "versionId", text)),
            },
        }
    }
}

pub fn arn(bucket: &str, key: Option<&str>) -> String {
    match key {
        None => format!("arn:aws:s3:::{bucket}"),
        Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
    }
}
