//! Key policies: one a key, named `default`.

use super::find::{self, By, Question, find_allowed, page};
use super::rows::KmsKey;
use super::snapshot;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use ::iam::{KEY_POLICY_BYTES_MAX, Policy, PolicyKind};
use aws_protocol::{AwsError, kms as api, kms_errors};
use kms::EncryptionContext;
use kms::access::{self, Use};

pub fn register(table: &mut Table) {
    table.op_judged_inside::<api::GetKeyPolicyRequest>(&["KeyId", "PolicyName"], get_key_policy);
    table.op_judged_inside::<api::PutKeyPolicyRequest>(
        &["KeyId", "PolicyName", "Policy", "BypassPolicyLockoutSafetyCheck"],
        put_key_policy,
    );
    table.op_judged_inside::<api::ListKeyPoliciesRequest>(&["KeyId", "Limit", "Marker"], list_key_policies);
}

const NAME: &str = "default";

/// Whether `text` may be the key's policy: readable, and not one that keeps its maker out.
pub(super) fn check(ctx: &Ctx, key: &KmsKey, text: &str, bypass: bool) -> Result<(), AwsError> {
    if text.is_empty() || text.len() > KEY_POLICY_BYTES_MAX {
        return Err(kms_errors::limit_exceeded(format!("A key policy has 1 to {KEY_POLICY_BYTES_MAX} bytes.")));
    }
    let policy = Policy::parse(text, PolicyKind::Resource).map_err(|e| kms_errors::malformed_policy(e.to_string()))?;
    if bypass {
        return Ok(());
    }
    let wire = snapshot::key(ctx.db, key, ctx.now);
    let mut context = find::context(ctx, &[]);
    access::describe(&mut context, &wire, Some(&ctx.caller.account), &key.id, &[]);
    let none = EncryptionContext::new();
    let wanted = Use { action: "kms:PutKeyPolicy", key: &wire, policy: &policy, encryption_context: &none, context: &context };
    match access::may(ctx.who.bundle, &wanted).0 {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(kms_errors::malformed_policy("The new key policy will not allow you to update the key policy in the future."))
        }
    }
}

fn named(name: Option<&str>) -> Result<(), AwsError> {
    match name {
        None | Some(NAME) => Ok(()),
        Some(other) => {
            Err(kms_errors::not_found(format!("No such policy exists: {}", other.chars().take(128).collect::<String>())))
        }
    }
}

fn get_key_policy(ctx: &mut Ctx, r: Authorized<api::GetKeyPolicyRequest>) -> OpResult<api::GetKeyPolicyResponse> {
    let key = find_allowed(ctx, "kms:GetKeyPolicy", r.key_id.as_deref(), By::OwnKey)?;
    named(r.policy_name.as_deref())?;
    Ok(api::GetKeyPolicyResponse { policy: Some(key.policy.clone()), policy_name: Some(NAME.into()) })
}

fn put_key_policy(ctx: &mut Ctx, r: Authorized<api::PutKeyPolicyRequest>) -> OpResult<()> {
    let asked = r.key_id.as_deref().unwrap_or_default();
    let bypass = r.bypass_policy_lockout_safety_check == Some(true);
    let key = find::find(ctx, "kms:PutKeyPolicy", asked, By::OwnKey)?;
    let more = [("kms:BypassPolicyLockoutSafetyCheck", vec![bypass.to_string()])];
    find::allow(ctx, &key, &Question { more: &more, ..Question::new("kms:PutKeyPolicy", asked) })?;
    named(r.policy_name.as_deref())?;
    let text = r.policy.clone().unwrap_or_default();
    check(ctx, &key, &text, bypass)?;
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| k.policy = text);
    Ok(())
}

fn list_key_policies(ctx: &mut Ctx, r: Authorized<api::ListKeyPoliciesRequest>) -> OpResult<api::ListKeyPoliciesResponse> {
    find_allowed(ctx, "kms:ListKeyPolicies", r.key_id.as_deref(), By::OwnKey)?;
    let (names, next_marker, truncated) = page(vec![NAME], r.limit, (100, 1000), r.marker.as_deref(), |n| (*n).to_owned())?;
    Ok(api::ListKeyPoliciesResponse {
        policy_names: Some(names.into_iter().map(str::to_owned).collect()),
        next_marker,
        truncated,
    })
}
