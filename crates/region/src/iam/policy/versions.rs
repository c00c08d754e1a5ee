//! Versions of managed policies: five at most, one of them in force, numbers never used again.

use super::{Found, PUBLISHED, checked, named, own};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::iam::rows::PolicyVersion;
use crate::iam::{check, serve};
use aws_protocol::{AwsError, iam as api};

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, get);
    serve(table, list);
    serve(table, set_default);
    serve(table, delete);
}

/// Newest first.
pub fn versions(policy: &Found) -> Vec<PolicyVersion> {
    match policy {
        Found::Own(p) => p.versions.iter().rev().cloned().collect(),
        Found::Aws(p) => vec![PolicyVersion { number: 1, document: p.document.to_owned(), created: PUBLISHED }],
    }
}

pub fn shown_version(v: &PolicyVersion, default: u32, with_document: bool) -> api::PolicyVersion {
    api::PolicyVersion {
        create_date: Some(v.created),
        document: with_document.then(|| check::url_encoded(&v.document)),
        is_default_version: Some(v.number == default),
        version_id: Some(format!("v{}", v.number)),
    }
}

/// `v12`
fn number(id: &Option<String>) -> Result<u32, AwsError> {
    let text = check::text(id);
    let number = text.strip_prefix('v').filter(|n| !n.starts_with(['0', '+'])).and_then(|n| n.parse().ok());
    number.ok_or_else(|| {
        check::unfit("versionId", text, r"Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?")
    })
}

fn no_version(arn: &str, n: u32) -> AwsError {
    check::no_such(format!("Policy {arn} version v{n} does not exist or is not attachable."))
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreatePolicyVersionRequest>) -> OpResult<api::CreatePolicyVersionResponse> {
    let mut policy = (*own(ctx, &r.policy_arn)?).clone();
    let text = check::text(&r.policy_document);
    checked(text)?;
    if policy.versions.len() >= check::VERSIONS_MAX {
        return Err(check::limit(format!(
            "A managed policy can have up to {} versions. Before you create a new version, you must delete an existing version.",
            check::VERSIONS_MAX
        ))
        .into());
    }
    let version = PolicyVersion { number: policy.next_version, document: text.to_owned(), created: ctx.now };
    policy.next_version += 1;
    if r.set_as_default == Some(true) {
        policy.default_version = version.number;
    }
    policy.updated = ctx.now;
    let shown = shown_version(&version, policy.default_version, false);
    policy.versions.push(version);
    ctx.db.put(policy);
    Ok(api::CreatePolicyVersionResponse { policy_version: Some(shown) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetPolicyVersionRequest>) -> OpResult<api::GetPolicyVersionResponse> {
    let policy = named(ctx, &r.policy_arn)?;
    let n = number(&r.version_id)?;
    let version = versions(&policy).into_iter().find(|v| v.number == n).ok_or_else(|| no_version(&policy.arn(), n))?;
    Ok(api::GetPolicyVersionResponse { policy_version: Some(shown_version(&version, policy.default_version(), true)) })
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListPolicyVersionsRequest>) -> OpResult<api::ListPolicyVersionsResponse> {
    let policy = named(ctx, &r.policy_arn)?;
    // Newest first: the key falls with the number.
    let page = check::page(versions(&policy), &r.marker, r.max_items, |v| format!("{:010}", u32::MAX - v.number))?;
    let page = page.map(|v| shown_version(&v, policy.default_version(), false));
    Ok(api::ListPolicyVersionsResponse { versions: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

fn set_default(ctx: &mut Ctx, r: Authorized<api::SetDefaultPolicyVersionRequest>) -> OpResult<()> {
    let mut policy = (*own(ctx, &r.policy_arn)?).clone();
    let n = number(&r.version_id)?;
    if !policy.versions.iter().any(|v| v.number == n) {
        return Err(no_version(&policy.arn(), n).into());
    }
    policy.default_version = n;
    policy.updated = ctx.now;
    ctx.db.put(policy);
    Ok(())
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeletePolicyVersionRequest>) -> OpResult<()> {
    let mut policy = (*own(ctx, &r.policy_arn)?).clone();
    let n = number(&r.version_id)?;
    if !policy.versions.iter().any(|v| v.number == n) {
        return Err(no_version(&policy.arn(), n).into());
    }
    if policy.default_version == n {
        return Err(check::conflict("Cannot delete the default version of a policy.").into());
    }
    policy.versions.retain(|v| v.number != n);
    policy.updated = ctx.now;
    ctx.db.put(policy);
    Ok(())
}
