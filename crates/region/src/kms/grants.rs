//! Grants: made, listed, taken back by the key's administrators (revoke) or given back by those named for it (retire).

use super::find::{self, By, Question, find_allowed, page};
use super::rows::{KmsGrant, KmsKey};
use crate::authz::Ask;
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Row;
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, kms as api, kms_errors};
use kms::grant;
use std::rc::Rc;
use wire::kms::Grant;

pub fn register(table: &mut Table) {
    table.op_judged_inside::<api::CreateGrantRequest>(
        &["KeyId", "GranteePrincipal", "RetiringPrincipal", "Operations", "Constraints", "GrantTokens", "Name", "DryRun"],
        create_grant,
    );
    table.op_judged_inside::<api::ListGrantsRequest>(&["KeyId", "Limit", "Marker", "GrantId", "GranteePrincipal"], list_grants);
    table.op_judged_inside::<api::ListRetirableGrantsRequest>(&["RetiringPrincipal", "Limit", "Marker"], list_retirable_grants);
    table.op_judged_inside::<api::RevokeGrantRequest>(&["KeyId", "GrantId", "DryRun"], revoke_grant);
    table.op_judged_inside::<api::RetireGrantRequest>(&["KeyId", "GrantId", "GrantToken", "DryRun"], retire_grant);
}

/// Entries of a constraint, and the characters of one entry (API Reference, GrantConstraints).
const CONSTRAINT_ENTRIES_MAX: usize = 8;
const CONSTRAINT_CHARS_MAX: usize = 384;
const NAME_CHARS_MAX: usize = 256;

fn create_grant(ctx: &mut Ctx, r: Authorized<api::CreateGrantRequest>) -> OpResult<api::CreateGrantResponse> {
    let asked = r.key_id.as_deref().unwrap_or_default();
    let key = find::find(ctx, "kms:CreateGrant", asked, By::AnyKey)?;
    let wanted = requested(&r, &key)?;
    let constraint = match (&wanted.context_equals, &wanted.context_subset) {
        (Some(_), None) => vec!["EncryptionContextEquals".to_owned()],
        (None, Some(_)) => vec!["EncryptionContextSubset".to_owned()],
        _ => Vec::new(),
    };
    let mut more = vec![
        ("kms:GrantOperations", wanted.operations.clone()),
        ("kms:GranteePrincipal", vec![wanted.grantee.clone()]),
        ("kms:GrantConstraintType", constraint),
        // Services make grants in a user's name by another way.
        ("kms:GrantIsForAWSResource", vec!["false".to_owned()]),
    ];
    more.extend(wanted.retiring.clone().map(|p| ("kms:RetiringPrincipal", vec![p])));
    more.retain(|(_, values)| !values.is_empty());
    let parent = find::allow(ctx, &key, &Question { more: &more, ..Question::new("kms:CreateGrant", asked) })?;
    if parent.is_some_and(|parent| !grant::covers(&parent, &wanted)) {
        return Err(kms_errors::access_denied(format!(
            "User: {} is not authorized to perform: kms:CreateGrant on resource: {} because the new grant is wider than the grant that allows it",
            ctx.caller.arn, key.arn
        ))
        .into());
    }
    find::enabled(ctx, &key)?;
    let of_key: Vec<_> = ctx.db.list::<KmsGrant>(&key.account).filter(|g| g.key == key.id).collect();
    let limit = ctx.quota(&quota::GRANTS_PER_KEY);
    if of_key.len() >= limit {
        return Err(kms_errors::limit_exceeded(format!("A key has at most {limit} grants.")).into());
    }
    // "If the request has the same name and parameters, the grant that is there is the answer".
    let same = |g: &&Rc<KmsGrant>| {
        g.name.is_some() && g.name == r.name && Grant { id: String::new(), token: String::new(), ..g.grant.clone() } == wanted
    };
    let known = of_key.iter().find(same).map(|g| (g.grant.id.clone(), g.grant.token.clone()));
    if r.dry_run == Some(true) {
        return Err(kms_errors::dry_run().into());
    }
    let (id, token) = match known {
        Some(known) => known,
        None => {
            let id = hex::encode([ctx.random().to_be_bytes(), ctx.random().to_be_bytes()].concat());
            let token = token(ctx);
            ctx.db.put(KmsGrant {
                account: key.account.clone(),
                key: key.id.clone(),
                name: r.name.clone(),
                created: ctx.now,
                issuer: format!("arn:aws:iam::{}:root", ctx.caller.account),
                grant: Grant { id: id.clone(), token: token.clone(), ..wanted },
            });
            (id, token)
        }
    };
    Ok(api::CreateGrantResponse { grant_id: Some(id), grant_token: Some(token) })
}

fn token(ctx: &mut Ctx) -> String {
    use base64::Engine;
    let bytes: Vec<u8> = (0..6).flat_map(|_| ctx.random().to_be_bytes()).collect();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// The grant that the request describes, without id and token.
fn requested(r: &api::CreateGrantRequest, key: &KmsKey) -> Result<Grant, AwsError> {
    let grantee = r.grantee_principal.clone().unwrap_or_default();
    for principal in std::iter::once(&grantee).chain(r.retiring_principal.as_ref()) {
        if !is_principal(principal) {
            return Err(kms_errors::invalid_arn(principal));
        }
    }
    if let Some(name) = &r.name
        && (name.is_empty()
            || name.chars().count() > NAME_CHARS_MAX
            || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b":/_-".contains(&b)))
    {
        return Err(kms_errors::invalid_member(
            "name",
            name,
            "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
        ));
    }
    let operations = r.operations.clone().unwrap_or_default();
    if operations.is_empty() {
        return Err(kms_errors::validation("A grant needs at least one operation."));
    }
    let possible = grant::operations(key.spec, key.usage);
    for operation in &operations {
        if !grant::is_operation(operation) {
            return Err(kms_errors::invalid_member("operations", operation, "Member must be a grant operation"));
        }
        if !possible.contains(&operation.as_str()) {
            return Err(kms_errors::validation(format!(
                "Operation {operation} is not valid for the key {} of the usage {}.",
                key.arn,
                key.usage.name()
            )));
        }
    }
    let constraints = r.constraints.clone().unwrap_or_default();
    let (subset, equals) = (constraints.encryption_context_subset, constraints.encryption_context_equals);
    if subset.is_some() && equals.is_some() {
        return Err(kms_errors::validation(
            "A grant has one constraint at most: EncryptionContextSubset or EncryptionContextEquals.",
        ));
    }
    if let Some(context) = subset.as_ref().or(equals.as_ref()) {
        if key.spec != wire::kms::KeySpec::Symmetric {
            return Err(kms_errors::validation("Encryption context constraints are for symmetric encryption keys only."));
        }
        let long = context.iter().any(|(k, v)| k.chars().count() + v.chars().count() > CONSTRAINT_CHARS_MAX);
        if context.len() > CONSTRAINT_ENTRIES_MAX || long {
            return Err(kms_errors::validation(format!(
                "A constraint has at most {CONSTRAINT_ENTRIES_MAX} pairs of at most {CONSTRAINT_CHARS_MAX} characters."
            )));
        }
    }
    Ok(Grant {
        id: String::new(),
        token: String::new(),
        grantee,
        retiring: r.retiring_principal.clone(),
        operations,
        context_subset: subset,
        context_equals: equals,
    })
}

/// ARN of an IAM or STS principal, an account, or the name of a service.
fn is_principal(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", "aws", "iam" | "sts", "", account, resource] => {
            account.parse::<types::AccountId>().is_ok() && !resource.is_empty()
        }
        [one] => one.parse::<types::AccountId>().is_ok() || one.ends_with(".amazonaws.com"),
        _ => false,
    }
}

fn entry(key_arn: &str, g: &KmsGrant) -> api::GrantListEntry {
    let constraints = (g.grant.context_subset.is_some() || g.grant.context_equals.is_some()).then(|| api::GrantConstraints {
        encryption_context_equals: g.grant.context_equals.clone(),
        encryption_context_subset: g.grant.context_subset.clone(),
    });
    api::GrantListEntry {
        constraints,
        creation_date: Some(g.created),
        grant_id: Some(g.grant.id.clone()),
        grantee_principal: Some(g.grant.grantee.clone()),
        issuing_account: Some(g.issuer.clone()),
        key_id: Some(key_arn.to_owned()),
        name: Some(g.name.clone().unwrap_or_default()),
        operations: Some(g.grant.operations.clone()),
        retiring_principal: g.grant.retiring.clone(),
    }
}

fn list_grants(ctx: &mut Ctx, r: Authorized<api::ListGrantsRequest>) -> OpResult<api::ListGrantsResponse> {
    let key = find_allowed(ctx, "kms:ListGrants", r.key_id.as_deref(), By::AnyKey)?;
    let wanted = |g: &KmsGrant| {
        g.key == key.id
            && r.grant_id.as_ref().is_none_or(|id| *id == g.grant.id)
            && r.grantee_principal.as_ref().is_none_or(|p| *p == g.grant.grantee)
    };
    let all: Vec<_> = ctx.db.list::<KmsGrant>(&key.account).filter(|g| wanted(g)).collect();
    let (grants, next_marker, truncated) = page(all, r.limit, (50, 100), r.marker.as_deref(), |g| g.grant.id.clone())?;
    let grants = grants.iter().map(|g| entry(&key.arn, g)).collect();
    Ok(api::ListGrantsResponse { grants: Some(grants), next_marker, truncated })
}

fn list_retirable_grants(ctx: &mut Ctx, r: Authorized<api::ListRetirableGrantsRequest>) -> OpResult<api::ListGrantsResponse> {
    let principal = r.retiring_principal.clone().unwrap_or_default();
    ctx.require(&Ask::new("kms:ListRetirableGrants", "*"))?;
    // Of one's own account's principals only.
    let own = principal == ctx.caller.account.as_str() || principal.split(':').nth(4) == Some(ctx.caller.account.as_str());
    if !is_principal(&principal) || !own {
        return Err(kms_errors::invalid_arn(&principal).into());
    }
    let all: Vec<_> = ctx.db.all::<KmsGrant>().filter(|g| g.grant.retiring.as_deref() == Some(principal.as_str())).collect();
    let (grants, next_marker, truncated) = page(sorted(all), r.limit, (50, 100), r.marker.as_deref(), |g| g.grant.id.clone())?;
    let arn = |g: &KmsGrant| ctx.db.get::<KmsKey>(&g.account, &g.key).map(|k| k.arn.clone()).unwrap_or_default();
    let grants = grants.iter().map(|g| entry(&arn(g), g)).collect();
    Ok(api::ListGrantsResponse { grants: Some(grants), next_marker, truncated })
}

fn sorted(mut grants: Vec<Rc<KmsGrant>>) -> Vec<Rc<KmsGrant>> {
    grants.sort_by(|a, b| a.grant.id.cmp(&b.grant.id));
    grants
}

fn no_such_grant(id: &str) -> AwsError {
    kms_errors::not_found(format!("Grant ID {} not found", id.chars().take(128).collect::<String>()))
}

fn revoke_grant(ctx: &mut Ctx, r: Authorized<api::RevokeGrantRequest>) -> OpResult<()> {
    let key = find_allowed(ctx, "kms:RevokeGrant", r.key_id.as_deref(), By::AnyKey)?;
    let id = r.grant_id.clone().unwrap_or_default();
    let grant = ctx.db.get::<KmsGrant>(&key.account, grant_row(&key.id, &id)).ok_or_else(|| no_such_grant(&id))?;
    if r.dry_run == Some(true) {
        return Err(kms_errors::dry_run().into());
    }
    ctx.db.delete::<KmsGrant>(&key.account, grant.id());
    Ok(())
}

pub(crate) fn grant_row(key: &str, id: &str) -> String {
    format!("{key}/{id}")
}

/// By the token alone, or by key and id. The retiring principal may; the grantee with RetireGrant among the grant's
/// operations; and the account of the key, through its policies.
fn retire_grant(ctx: &mut Ctx, r: Authorized<api::RetireGrantRequest>) -> OpResult<()> {
    let (key, grant) = match (&r.grant_token, &r.key_id, &r.grant_id) {
        (Some(token), None, None) => {
            let grant = ctx.db.all::<KmsGrant>().find(|g| g.grant.token == *token).ok_or_else(kms_errors::invalid_grant_token)?;
            let key = ctx.db.get::<KmsKey>(&grant.account, &grant.key).ok_or_else(kms_errors::invalid_grant_token)?;
            (key, grant)
        }
        (None, Some(asked), Some(id)) => {
            if !asked.starts_with("arn:") {
                return Err(kms_errors::invalid_arn(asked).into());
            }
            let key = find::find(ctx, "kms:RetireGrant", asked, By::AnyKey)?;
            let grant = ctx.db.get::<KmsGrant>(&key.account, grant_row(&key.id, id)).ok_or_else(|| no_such_grant(id))?;
            (key, grant)
        }
        _ => return Err(kms_errors::validation("Specify either a grant token or the ARN of a key and the ID of a grant.").into()),
    };
    let who = &ctx.who.bundle.principal;
    let named = grant.grant.retiring.as_deref().is_some_and(|p| grant::names(p, who));
    let grantee = grant::names(&grant.grant.grantee, who) && grant.grant.operations.iter().any(|o| o == "RetireGrant");
    if !(named || grantee) {
        find::allow(ctx, &key, &Question::new("kms:RetireGrant", &key.arn))?;
    }
    find::not_pending_deletion(ctx, &key)?;
    if r.dry_run == Some(true) {
        return Err(kms_errors::dry_run().into());
    }
    ctx.db.delete::<KmsGrant>(&grant.account, grant.id());
    Ok(())
}
