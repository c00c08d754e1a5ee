//! Whose documents are simulated: those of a user (its groups' too), a group or a role, and those that the request brings.

use super::scan::{self, Single};
use super::{check, document};
use crate::context::Ctx;
use crate::iam::holder::{self, Holder};
use crate::iam::policy;
use crate::iam::rows::{Group, Role, User};
use ::iam::{Effect, Policy, PolicyKind, Principal, Request};
use aws_protocol::{AwsError, iam as api};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Documents of one list in a request.
const INPUTS_MAX: usize = 100;

pub struct Document {
    pub id: String,
    pub source: &'static str,
    pub text: String,
    pub policy: Arc<Policy>,
    singles: Vec<Single>,
}

impl Document {
    pub fn new(id: String, source: &'static str, text: &str, kind: PolicyKind, field: &str) -> Result<Self, AwsError> {
        // "The request was rejected because an invalid or out-of-range value was supplied for an input parameter."
        let policy = document::parse(field, text, kind).map_err(|e| check::invalid_input(e.message))?;
        let singles = scan::singles(text, &policy, kind);
        Ok(Self { id, source, text: text.to_owned(), policy: Arc::new(policy), singles })
    }

    fn identity(id: String, text: &str) -> Result<Self, AwsError> {
        Self::new(id, "IAM Policy", text, PolicyKind::Identity, "policyDocument")
    }

    /// Those that a request brings, named by their places.
    pub fn inputs(list: &str, texts: &Option<Vec<String>>) -> Result<Vec<Self>, AwsError> {
        let texts = texts.as_deref().unwrap_or_default();
        check::items(list, texts.len(), 0..=INPUTS_MAX)?;
        texts.iter().enumerate().map(|(i, text)| Self::identity(format!("{list}.{}", i + 1), text)).collect()
    }

    /// "You can specify only one permissions boundary".
    pub fn boundary(texts: &Option<Vec<String>>) -> Result<Option<Self>, AwsError> {
        check::items("permissionsBoundaryPolicyInputList", texts.iter().flatten().count(), 0..=1)?;
        Ok(Self::inputs("PermissionsBoundaryPolicyInputList", texts)?.pop())
    }

    /// Its statements that deny, or allow, a request.
    pub fn matched<'a>(&'a self, request: &'a Request, deny: bool) -> impl Iterator<Item = api::Statement> + 'a {
        let fits = move |s: &&Single| match s.policy.decide(request) {
            Effect::Allow(_) => !deny,
            Effect::Deny(_) => deny,
            Effect::Silent => false,
        };
        self.singles.iter().filter(fits).map(|s| api::Statement {
            end_position: scan::position(s.end),
            source_policy_id: Some(self.id.clone()),
            source_policy_type: Some(self.source.to_owned()),
            start_position: scan::position(s.start),
        })
    }
}

/// Whose permissions are asked about.
pub struct Subject {
    pub identity: Vec<Document>,
    pub boundary: Option<Document>,
    /// None: the policies are of nobody, or of a group.
    pub principal: Option<Principal>,
    pub tags: BTreeMap<String, String>,
}

/// A user or role of the caller's account that there is.
pub fn principal_of(ctx: &Ctx, arn: &str) -> Option<Principal> {
    let name = crate::iam::name_of_arn(arn);
    let account = &ctx.caller.account;
    if let Some(u) = holder::get::<User>(ctx, name).filter(|u| u.arn() == arn) {
        return Some(Principal::user(account, &u.path, &u.name, &u.id));
    }
    let role = holder::get::<Role>(ctx, name).filter(|r| r.arn() == arn)?;
    Some(Principal::role_session(account, &role.path, &role.name, &role.id, "simulated"))
}

impl Subject {
    /// The user, group or role that a PolicySourceArn names.
    pub fn of(ctx: &Ctx, arn: &Option<String>) -> Result<Self, AwsError> {
        let arn = check::arn("policySourceArn", arn)?;
        let name = crate::iam::name_of_arn(arn);
        let principal = principal_of(ctx, arn);
        if let Some(user) = holder::get::<User>(ctx, name).filter(|u| u.arn() == arn) {
            let mut identity = documents(ctx, &*user)?;
            for group in ctx.db.list::<Group>(&user.account).filter(|g| g.members.contains(&user.name)) {
                identity.extend(documents(ctx, &*group)?);
            }
            let boundary = boundary(ctx, user.boundary())?;
            return Ok(Self { identity, boundary, principal, tags: user.tags.clone() });
        }
        if let Some(group) = holder::get::<Group>(ctx, name).filter(|g| g.arn() == arn) {
            return Ok(Self { identity: documents(ctx, &*group)?, boundary: None, principal, tags: BTreeMap::new() });
        }
        if let Some(role) = holder::get::<Role>(ctx, name).filter(|r| r.arn() == arn) {
            let (identity, boundary) = (documents(ctx, &*role)?, boundary(ctx, role.boundary())?);
            return Ok(Self { identity, boundary, principal, tags: role.tags.clone() });
        }
        Err(check::no_such(format!("The entity with ARN {arn} cannot be found.")))
    }
}

fn documents<T: Holder>(ctx: &Ctx, of: &T) -> Result<Vec<Document>, AwsError> {
    let (kind, name) = (T::WHAT, of.name());
    let inline = of.inline().iter().map(|(policy, text)| Document::identity(format!("{kind}_{name}_{policy}"), text));
    let attached = of.attached().iter().filter_map(|arn| policy::find(ctx.db, &ctx.caller.account, arn));
    inline.chain(attached.map(|p| Document::identity(p.name().to_owned(), p.document()))).collect()
}

fn boundary(ctx: &Ctx, arn: Option<&str>) -> Result<Option<Document>, AwsError> {
    let found = arn.and_then(|arn| policy::find(ctx.db, &ctx.caller.account, arn));
    found.map(|p| Document::identity(p.name().to_owned(), p.document())).transpose()
}
