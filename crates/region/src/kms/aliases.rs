//! Aliases: names for keys, unique in the account. Both the alias and its keys must allow a change.

use super::find::{self, By, Question, find_allowed, page};
use super::rows::{KmsAlias, KmsKey};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, kms as api, kms_errors};
use kms::name::is_alias;

pub fn register(table: &mut Table) {
    table.op_judged_inside::<api::CreateAliasRequest>(&["AliasName", "TargetKeyId"], create_alias);
    table.op_judged_inside::<api::UpdateAliasRequest>(&["AliasName", "TargetKeyId"], update_alias);
    table.op_judged_inside::<api::DeleteAliasRequest>(&["AliasName"], delete_alias);
    table.op::<api::ListAliasesRequest>(&["KeyId", "Limit", "Marker"], &[], list_aliases);
}

/// A name that users may give; those of AWS's services are AWS's.
fn usable(name: Option<&str>) -> Result<&str, AwsError> {
    let name = name.unwrap_or_default();
    if !name.starts_with("alias/") {
        return Err(kms_errors::invalid_alias());
    }
    if !is_alias(name) {
        return Err(kms_errors::invalid_member(
            "aliasName",
            name,
            "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
        ));
    }
    if name.starts_with("alias/aws/") {
        return Err(AwsError::new("NotAuthorizedException", "").with_status(400));
    }
    Ok(name)
}

fn arn(ctx: &Ctx, name: &str) -> String {
    format!("arn:aws:kms:{}:{}:{name}", ctx.settings.region, ctx.caller.account)
}

/// An alias has no policy: the account's own decide.
fn allow_alias(ctx: &mut Ctx, action: &str, name: &str) -> Result<(), AwsError> {
    let arn = arn(ctx, name);
    ctx.authorize(action, &arn, &[("kms:RequestAlias", name)])
}

fn target(ctx: &mut Ctx, action: &str, asked: Option<&str>) -> Result<std::rc::Rc<KmsKey>, AwsError> {
    let key = find_allowed(ctx, action, asked, By::OwnKey)?;
    find::not_pending_deletion(ctx, &key)?;
    let aliases = ctx.db.list::<KmsAlias>(&key.account).filter(|a| a.key == key.id).count();
    let limit = ctx.quota(&quota::ALIASES_PER_KEY);
    if aliases >= limit {
        return Err(kms_errors::limit_exceeded(format!("A key has at most {limit} aliases.")));
    }
    Ok(key)
}

fn create_alias(ctx: &mut Ctx, r: Authorized<api::CreateAliasRequest>) -> OpResult<()> {
    let name = usable(r.alias_name.as_deref())?;
    allow_alias(ctx, "kms:CreateAlias", name)?;
    let key = target(ctx, "kms:CreateAlias", r.target_key_id.as_deref())?;
    if ctx.db.get::<KmsAlias>(&key.account, name).is_some() {
        return Err(kms_errors::already_exists(format!("An alias with the name {} already exists", arn(ctx, name))).into());
    }
    let (created, updated) = (ctx.now, ctx.now);
    ctx.db.put(KmsAlias { account: key.account.clone(), name: name.to_owned(), key: key.id.clone(), created, updated });
    Ok(())
}

fn existing(ctx: &Ctx, name: &str) -> Result<std::rc::Rc<KmsAlias>, AwsError> {
    ctx.db.get::<KmsAlias>(&ctx.caller.account, name).ok_or_else(|| kms_errors::no_such_alias(&arn(ctx, name)))
}

fn update_alias(ctx: &mut Ctx, r: Authorized<api::UpdateAliasRequest>) -> OpResult<()> {
    let name = usable(r.alias_name.as_deref())?;
    allow_alias(ctx, "kms:UpdateAlias", name)?;
    let alias = existing(ctx, name)?;
    let before = find_allowed(ctx, "kms:UpdateAlias", Some(&alias.key), By::OwnKey)?;
    let after = find_allowed(ctx, "kms:UpdateAlias", r.target_key_id.as_deref(), By::OwnKey)?;
    if before.id != after.id {
        target(ctx, "kms:UpdateAlias", r.target_key_id.as_deref())?;
    }
    if (before.spec == wire::kms::KeySpec::Symmetric) != (after.spec == wire::kms::KeySpec::Symmetric)
        || before.usage != after.usage
    {
        return Err(kms_errors::validation(format!(
            "Cannot update the alias from {} to {}: both must be of the same type and key usage.",
            before.arn, after.arn
        ))
        .into());
    }
    let now = ctx.now;
    ctx.db.update::<KmsAlias>(&alias.account, name, |a| {
        a.key = after.id.clone();
        a.updated = now;
    });
    Ok(())
}

fn delete_alias(ctx: &mut Ctx, r: Authorized<api::DeleteAliasRequest>) -> OpResult<()> {
    let name = usable(r.alias_name.as_deref())?;
    allow_alias(ctx, "kms:DeleteAlias", name)?;
    let alias = existing(ctx, name)?;
    let key = find::find(ctx, "kms:DeleteAlias", &alias.key, By::OwnKey)?;
    find::allow(ctx, &key, &Question::new("kms:DeleteAlias", name))?;
    ctx.db.delete::<KmsAlias>(&alias.account, name);
    Ok(())
}

fn list_aliases(ctx: &mut Ctx, r: Authorized<api::ListAliasesRequest>) -> OpResult<api::ListAliasesResponse> {
    let key = r.key_id.as_deref().map(|asked| find::find(ctx, "kms:ListAliases", asked, By::OwnKey)).transpose()?;
    let all: Vec<_> =
        ctx.db.list::<KmsAlias>(&ctx.caller.account).filter(|a| key.as_ref().is_none_or(|k| k.id == a.key)).collect();
    let (aliases, next_marker, truncated) = page(all, r.limit, (50, 100), r.marker.as_deref(), |a| a.name.clone())?;
    let entry = |a: std::rc::Rc<KmsAlias>| api::AliasListEntry {
        alias_arn: Some(arn(ctx, &a.name)),
        alias_name: Some(a.name.clone()),
        creation_date: Some(a.created),
        last_updated_date: Some(a.updated),
        target_key_id: Some(a.key.clone()),
    };
    Ok(api::ListAliasesResponse { aliases: Some(aliases.into_iter().map(entry).collect()), next_marker, truncated })
}
