//! From KeyId to the key, whether the caller may, and whether the key's state allows it. The one way to a key for handlers.

use super::rows::{KmsAlias, KmsKey};
use super::snapshot;
use crate::context::Ctx;
use crate::db::Db;
use ::iam::{Context, Policy, PolicyKind};
use aws_protocol::{AwsError, kms_errors};
use kms::EncryptionContext;
use kms::access::{self, Allowed, Use};
use kms::name::KeyName;
use std::rc::Rc;
use types::AccountId;
use wire::kms::{Grant, KeyState};

/// What may stand as KeyId.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// An id or ARN of the caller's own account: most operations.
    OwnKey,
    /// An id or ARN, also of another account.
    AnyKey,
    /// Also aliases.
    AnyName,
}

/// The key that `asked` names.
pub fn find(ctx: &Ctx, action: &str, asked: &str, by: By) -> Result<Rc<KmsKey>, AwsError> {
    let Some(name) = KeyName::parse(asked) else {
        return Err(if asked.starts_with("arn:") { kms_errors::invalid_arn(asked) } else { kms_errors::invalid_key_id(asked) });
    };
    if name.is_alias() && by != By::AnyName {
        return Err(kms_errors::invalid_key_id(asked));
    }
    if name.region().is_some_and(|r| r != ctx.settings.region.as_str()) {
        return Err(kms_errors::invalid_arn(asked));
    }
    let account = name.account(&ctx.caller.account);
    let found = look_up(ctx.db, account, &name);
    if *account != ctx.caller.account {
        // Whether it is there is told to those who may use it.
        return found.filter(|_| by != By::OwnKey).ok_or_else(|| kms_errors::access_denied_unseen(&ctx.caller.arn, action));
    }
    found.ok_or_else(|| {
        let region = &ctx.settings.region;
        match &name {
            KeyName::Alias(alias) => kms_errors::no_such_alias(&format!("arn:aws:kms:{region}:{account}:{alias}")),
            KeyName::AliasArn { .. } => kms_errors::no_such_alias(asked),
            KeyName::Id(id) => kms_errors::no_such_key(&format!("arn:aws:kms:{region}:{account}:key/{id}")),
            KeyName::KeyArn { .. } => kms_errors::no_such_key(asked),
        }
    })
}

fn look_up(db: &Db, account: &AccountId, name: &KeyName) -> Option<Rc<KmsKey>> {
    match name {
        KeyName::Id(id) | KeyName::KeyArn { id, .. } => db.get(account, id),
        KeyName::Alias(alias) | KeyName::AliasArn { name: alias, .. } => {
            let alias = db.get::<KmsAlias>(account, alias)?;
            db.get(account, &alias.key)
        }
    }
}

/// One question of authorisation about a key.
pub struct Question<'a> {
    /// `kms:DescribeKey`
    pub action: &'a str,
    /// The KeyId as the request has it.
    pub asked: &'a str,
    pub encryption_context: &'a EncryptionContext,
    /// Condition keys of this operation.
    pub more: &'a [(&'a str, Vec<String>)],
}

impl<'a> Question<'a> {
    pub fn new(action: &'a str, asked: &'a str) -> Self {
        static NONE: EncryptionContext = EncryptionContext::new();
        Self { action, asked, encryption_context: &NONE, more: &[] }
    }
}

/// The grant by which the caller was allowed, if it was one.
pub fn allow(ctx: &mut Ctx, key: &KmsKey, question: &Question) -> Result<Option<Grant>, AwsError> {
    let wire = snapshot::key(ctx.db, key, ctx.now);
    let Ok(policy) = Policy::parse(&key.policy, PolicyKind::Resource) else {
        // A policy that this version cannot read might deny: nothing is allowed until it is put anew.
        return Err(kms_errors::access_denied_unseen(&ctx.caller.arn, question.action));
    };
    let aliases = snapshot::aliases_of(ctx.db, &key.account, &key.id);
    let aliases: Vec<&str> = aliases.iter().map(String::as_str).collect();
    let mut context = context(ctx, question.more);
    access::describe(&mut context, &wire, Some(&ctx.caller.account), question.asked, &aliases);
    access::describe_context(&mut context, question.encryption_context);
    let wanted = Use {
        action: question.action,
        key: &wire,
        policy: &policy,
        encryption_context: question.encryption_context,
        context: &context,
    };
    let (outcome, trace) = access::may(ctx.who.bundle, &wanted);
    ctx.traces.push(trace);
    match outcome {
        Ok(Allowed::ByPolicy) => Ok(None),
        Ok(Allowed::ByGrant(grant)) => Ok(Some(grant.clone())),
        Err(sentence) => Err(kms_errors::access_denied(sentence)),
    }
}

/// The request's condition keys that are not about a key.
pub(super) fn context(ctx: &Ctx, more: &[(&str, Vec<String>)]) -> Context {
    let mut context = ctx.who.bundle.context(ctx.caller, &ctx.who.at);
    for (name, values) in more {
        match values.as_slice() {
            [one] if *name != "aws:TagKeys" => context.set(name, one.as_str()),
            many => context.set_many(name, many.iter().map(String::as_str)),
        }
    }
    context
}

/// The key, if the caller may do `action` with it.
pub fn find_allowed(ctx: &mut Ctx, action: &str, asked: Option<&str>, by: By) -> Result<Rc<KmsKey>, AwsError> {
    let asked = asked.unwrap_or_default();
    let key = find(ctx, action, asked, by)?;
    allow(ctx, &key, &Question::new(action, asked))?;
    Ok(key)
}

/// Refuses keys that are about to be deleted.
pub fn not_pending_deletion(ctx: &Ctx, key: &KmsKey) -> Result<(), AwsError> {
    match key.state(ctx.now) {
        KeyState::PendingDeletion => Err(kms_errors::invalid_state(&key.arn, "is pending deletion")),
        _ => Ok(()),
    }
}

/// Refuses keys that are not in use.
pub fn enabled(ctx: &Ctx, key: &KmsKey) -> Result<(), AwsError> {
    match key.state(ctx.now) {
        KeyState::Enabled => Ok(()),
        KeyState::Disabled => Err(kms_errors::disabled(&key.arn)),
        KeyState::PendingDeletion => Err(kms_errors::invalid_state(&key.arn, "is pending deletion")),
        KeyState::PendingImport => Err(kms_errors::invalid_state(&key.arn, "is pending import")),
    }
}

/// Items, NextMarker, Truncated.
pub type Page<T> = (Vec<T>, Option<String>, Option<bool>);

/// The page after `marker`: the items, the next marker, and whether there is more (API Reference: Limit, Marker, Truncated).
pub fn page<T>(
    items: Vec<T>,
    limit: Option<i32>,
    (default, max): (usize, usize),
    marker: Option<&str>,
    key: impl Fn(&T) -> String,
) -> Result<Page<T>, AwsError> {
    let size = match limit {
        None => default,
        Some(n) if n >= 1 && n as usize <= max => n as usize,
        Some(n) => {
            let constraint = format!("Member must have value between 1 and {max}");
            return Err(kms_errors::invalid_member("limit", &n.to_string(), &constraint));
        }
    };
    let as_token = marker.map(str::to_owned);
    crate::page::page(items, Some(size as i32), &as_token, false, key)
        .map(|(items, next)| {
            let more = next.is_some();
            (items, next, Some(more))
        })
        .map_err(|_| kms_errors::invalid_marker())
}
