//! Managed policies: the account's own, and AWS's, which are the same for all and cannot be changed.

mod lists;
mod versions;

use super::holder;
use super::rows::{ManagedPolicy, PolicyVersion};
use super::{check, document, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::quota::table as quota;
use ::iam::managed::{self, Managed};
use aws_protocol::{AwsError, iam as api};
pub use lists::Usage;
use std::rc::Rc;
use types::{AccountId, TimestampMs};
pub use versions::{shown_version, versions};

/// AWS's policies have had one version, of this day: 2026-01-01T00:00:00Z.
const PUBLISHED: TimestampMs = TimestampMs(1_767_225_600_000);

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, get);
    serve(table, delete);
    serve(table, tag);
    serve(table, untag);
    serve(table, list_tags);
    lists::register(table);
    versions::register(table);
}

/// A policy that an account can name.
#[derive(Debug, Clone)]
pub enum Found {
    Own(Rc<ManagedPolicy>),
    Aws(&'static Managed),
}

pub fn find(db: &Db, account: &AccountId, arn: &str) -> Option<Found> {
    if let Some(aws) = managed::find(arn) {
        return Some(Found::Aws(aws));
    }
    let own = db.get::<ManagedPolicy>(account, super::name_of_arn(arn).to_lowercase())?;
    (own.arn() == arn).then_some(Found::Own(own))
}

impl Found {
    pub fn arn(&self) -> String {
        match self {
            Self::Own(p) => p.arn(),
            Self::Aws(p) => p.arn(),
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Own(p) => &p.name,
            Self::Aws(p) => p.name,
        }
    }

    pub fn path(&self) -> &str {
        match self {
            Self::Own(p) => &p.path,
            Self::Aws(p) => p.path,
        }
    }

    /// Not those of service-linked roles.
    pub fn attachable(&self) -> bool {
        self.path() != "/aws-service-role/"
    }

    /// The version in force.
    pub fn document(&self) -> &str {
        match self {
            Self::Own(p) => p.document(),
            Self::Aws(p) => p.document,
        }
    }

    pub fn default_version(&self) -> u32 {
        match self {
            Self::Own(p) => p.default_version,
            Self::Aws(_) => 1,
        }
    }

    pub fn dates(&self) -> (TimestampMs, TimestampMs) {
        match self {
            Self::Own(p) => (p.created, p.updated),
            Self::Aws(_) => (PUBLISHED, PUBLISHED),
        }
    }

    pub fn id(&self) -> String {
        match self {
            Self::Own(p) => p.id.clone(),
            Self::Aws(p) => p.id(),
        }
    }

    pub fn description(&self) -> Option<String> {
        match self {
            Self::Own(p) => p.description.clone(),
            Self::Aws(p) => Some(p.description.to_owned()),
        }
    }

    /// As lists show it; tags and description come with the single policy only.
    pub fn listed(&self, usage: &Usage) -> api::Policy {
        let (arn, (created, updated)) = (self.arn(), self.dates());
        let (attached, bounds) = usage.of(&arn);
        api::Policy {
            arn: Some(arn),
            attachment_count: Some(attached),
            create_date: Some(created),
            default_version_id: Some(format!("v{}", self.default_version())),
            is_attachable: Some(true),
            path: Some(self.path().to_owned()),
            permissions_boundary_usage_count: Some(bounds),
            policy_id: Some(self.id()),
            policy_name: Some(self.name().to_owned()),
            update_date: Some(updated),
            ..Default::default()
        }
    }

    pub fn shown(&self, usage: &Usage) -> api::Policy {
        let tags = match self {
            Self::Own(p) => check::tag_list(&p.tags),
            Self::Aws(_) => Vec::new(),
        };
        api::Policy { description: self.description(), tags: Some(tags), ..self.listed(usage) }
    }
}

pub fn not_found(arn: &str) -> AwsError {
    check::no_such(format!("Policy {arn} was not found."))
}

/// The policy that a parameter names.
pub fn named(ctx: &Ctx, arn: &Option<String>) -> Result<Found, AwsError> {
    let arn = check::arn("policyArn", arn)?;
    find(ctx.db, &ctx.caller.account, arn).ok_or_else(|| not_found(arn))
}

/// The same, to be changed: not AWS's.
pub fn own(ctx: &Ctx, arn: &Option<String>) -> Result<Rc<ManagedPolicy>, AwsError> {
    match named(ctx, arn)? {
        Found::Own(policy) => Ok(policy),
        Found::Aws(policy) => {
            Err(AwsError::new("AccessDenied", format!("Policy {} is managed by AWS and cannot be changed.", policy.arn()))
                .with_status(403))
        }
    }
}

/// A document for a managed policy.
fn checked(text: &str) -> Result<(), AwsError> {
    document::identity("policyDocument", text)?;
    let max = ::iam::MANAGED_POLICY_CHARS_MAX;
    if ::iam::quota_chars(text) > max {
        return Err(check::limit(format!("Cannot exceed quota for PolicySize: {max}")));
    }
    Ok(())
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreatePolicyRequest>) -> OpResult<api::CreatePolicyResponse> {
    let name = check::name("policyName", &r.policy_name, check::POLICY_NAME_CHARS_MAX)?;
    let path = check::path("path", &r.path)?;
    let description = check::policy_description(&r.description)?;
    let tags = check::tags(&r.tags)?;
    let text = check::text(&r.policy_document);
    checked(text)?;
    let account = ctx.caller.account.clone();
    if ctx.db.get::<ManagedPolicy>(&account, name.to_lowercase()).is_some() {
        return Err(check::exists(format!("A policy called {name} already exists. Duplicate names are not allowed.")).into());
    }
    check::room(ctx.db.list::<ManagedPolicy>(&account).count(), ctx.quota(&quota::POLICIES), "PoliciesPerAccount")?;
    let policy = ManagedPolicy {
        account,
        id: ctx.unique_id("ANPA"),
        name: name.to_owned(),
        path,
        description,
        created: ctx.now,
        updated: ctx.now,
        tags,
        default_version: 1,
        versions: vec![PolicyVersion { number: 1, document: text.to_owned(), created: ctx.now }],
        next_version: 2,
    };
    ctx.db.put(policy.clone());
    let tags = check::shown_tags(&policy.tags);
    let shown = Found::Own(Rc::new(policy)).listed(&Usage::default());
    Ok(api::CreatePolicyResponse { policy: Some(api::Policy { tags, ..shown }) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetPolicyRequest>) -> OpResult<api::GetPolicyResponse> {
    let policy = named(ctx, &r.policy_arn)?;
    Ok(api::GetPolicyResponse { policy: Some(policy.shown(&Usage::of_account(ctx.db, &ctx.caller.account))) })
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeletePolicyRequest>) -> OpResult<()> {
    let policy = own(ctx, &r.policy_arn)?;
    if Usage::of_account(ctx.db, &policy.account).of(&policy.arn()) != (0, 0) {
        return Err(check::conflict("Cannot delete a policy attached to entities.").into());
    }
    if policy.versions.len() > 1 {
        return Err(check::conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        )
        .into());
    }
    ctx.db.delete::<ManagedPolicy>(&policy.account, policy.name.to_lowercase());
    Ok(())
}

fn tag(ctx: &mut Ctx, r: Authorized<api::TagPolicyRequest>) -> OpResult<()> {
    let mut policy = (*own(ctx, &r.policy_arn)?).clone();
    check::add_tags(&mut policy.tags, check::tags(&r.tags)?, "TagsPerPolicy")?;
    ctx.db.put(policy);
    Ok(())
}

fn untag(ctx: &mut Ctx, r: Authorized<api::UntagPolicyRequest>) -> OpResult<()> {
    let mut policy = (*own(ctx, &r.policy_arn)?).clone();
    check::remove_tags(&mut policy.tags, &r.tag_keys)?;
    ctx.db.put(policy);
    Ok(())
}

fn list_tags(ctx: &mut Ctx, r: Authorized<api::ListPolicyTagsRequest>) -> OpResult<api::ListPolicyTagsResponse> {
    let tags = match named(ctx, &r.policy_arn)? {
        Found::Own(policy) => check::tag_list(&policy.tags),
        Found::Aws(_) => Vec::new(),
    };
    let page = check::page(tags, &r.marker, r.max_items, |t| check::text(&t.key).to_owned())?;
    Ok(api::ListPolicyTagsResponse { tags: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

/// The policy to attach to `T` or to take off it.
pub fn to_attach<T: holder::Holder>(ctx: &Ctx, arn: &Option<String>) -> Result<Found, AwsError> {
    let arn = check::arn("policyArn", arn)?;
    let found = find(ctx.db, &ctx.caller.account, arn)
        .ok_or_else(|| check::no_such(format!("Policy {arn} does not exist or is not attachable.")))?;
    if !found.attachable() {
        return Err(AwsError::new("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role."));
    }
    Ok(found)
}
