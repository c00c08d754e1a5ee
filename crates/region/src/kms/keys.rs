//! Keys: made, described, listed, switched on and off, deleted after a waiting period.

use super::find::{self, By, Question, find_allowed, page};
use super::material::{self, MaterialRequest};
use super::policy;
use super::rows::{DAY_MS, Deletion, KmsAlias, KmsGrant, KmsKey, KmsMaterial};
use super::tags;
use crate::authz::Ask;
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::{Db, Row};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, kms as api, kms_errors};
use kms::spec;
use std::collections::BTreeMap;
use types::TimestampMs;
use wire::kms::{KeySpec, KeyState, KeyUsage, SealedMaterial};

pub fn register(table: &mut Table) {
    table.op_judged_inside::<api::CreateKeyRequest>(
        &[
            "BypassPolicyLockoutSafetyCheck",
            "CustomerMasterKeySpec",
            "Description",
            "KeySpec",
            "KeyUsage",
            "MultiRegion",
            "Origin",
            "Policy",
            "Tags",
        ],
        create_key,
    );
    table.op_judged_inside::<api::DescribeKeyRequest>(&["KeyId", "GrantTokens"], describe_key);
    table.op::<api::ListKeysRequest>(&["Limit", "Marker"], &[], list_keys);
    table.op_judged_inside::<api::EnableKeyRequest>(&["KeyId"], |ctx, r| switch(ctx, "kms:EnableKey", r.key_id.as_deref(), true));
    table.op_judged_inside::<api::DisableKeyRequest>(&["KeyId"], |ctx, r| {
        switch(ctx, "kms:DisableKey", r.key_id.as_deref(), false)
    });
    table.op_judged_inside::<api::ScheduleKeyDeletionRequest>(&["KeyId", "PendingWindowInDays"], schedule_key_deletion);
    table.op_judged_inside::<api::CancelKeyDeletionRequest>(&["KeyId"], cancel_key_deletion);
    table.op_judged_inside::<api::UpdateKeyDescriptionRequest>(&["KeyId", "Description"], update_key_description);
    table.op_judged_inside::<api::ReplicateKeyRequest>(
        &["KeyId", "ReplicaRegion", "BypassPolicyLockoutSafetyCheck", "Description", "Policy", "Tags"],
        |ctx, r| Err(one_region(ctx, "kms:ReplicateKey", r.key_id.as_deref())),
    );
    table.op_judged_inside::<api::UpdatePrimaryRegionRequest>(&["KeyId", "PrimaryRegion"], |ctx, r| {
        Err(one_region(ctx, "kms:UpdatePrimaryRegion", r.key_id.as_deref()))
    });
}

const DESCRIPTION_CHARS_MAX: usize = 8192;
const WINDOW_DAYS: std::ops::RangeInclusive<i32> = 7..=30;

fn create_key(ctx: &mut Ctx, r: Authorized<api::CreateKeyRequest>) -> OpResult<api::CreateKeyResponse> {
    let (spec, usage) = kind(&r)?;
    let external = match r.origin.as_deref() {
        None | Some("AWS_KMS") => false,
        Some("EXTERNAL") => true,
        Some(other @ ("AWS_CLOUDHSM" | "EXTERNAL_KEY_STORE")) => {
            return Err(kms_errors::unsupported(format!(
                "Keys of the origin {other} need a key store of their own, and there is none here."
            ))
            .into());
        }
        Some(other) => return Err(kms_errors::not_one_of("origin", other, &["AWS_KMS", "EXTERNAL"]).into()),
    };
    if r.multi_region == Some(true) {
        return Err(kms_errors::unsupported("MultiRegion keys are not supported: there is one region.").into());
    }
    let description = description(r.description.as_deref())?;
    let key_tags = tags::parse(r.tags.as_deref().unwrap_or_default(), &BTreeMap::new())?;
    let bypass = r.bypass_policy_lockout_safety_check == Some(true);
    let mut more = vec![
        ("kms:KeySpec", vec![spec.name().to_owned()]),
        ("kms:KeyUsage", vec![usage.name().to_owned()]),
        ("kms:KeyOrigin", vec![if external { "EXTERNAL" } else { "AWS_KMS" }.to_owned()]),
        ("kms:MultiRegion", vec!["false".to_owned()]),
        ("kms:BypassPolicyLockoutSafetyCheck", vec![bypass.to_string()]),
        ("kms:CallerAccount", vec![ctx.caller.account.to_string()]),
        ("aws:TagKeys", key_tags.keys().cloned().collect()),
    ];
    let tag_keys: Vec<String> = key_tags.keys().map(|k| format!("aws:RequestTag/{k}")).collect();
    more.extend(tag_keys.iter().zip(key_tags.values()).map(|(k, v)| (k.as_str(), vec![v.clone()])));
    allow_on_account(ctx, "kms:CreateKey", &more)?;
    if !key_tags.is_empty() {
        allow_on_account(ctx, "kms:TagResource", &more)?;
    }
    let limit = ctx.quota(&quota::KMS_KEYS);
    if ctx.db.list::<KmsKey>(&ctx.caller.account).count() >= limit {
        return Err(kms_errors::limit_exceeded(format!("An account has at most {limit} keys.")).into());
    }
    let account = ctx.caller.account.clone();
    let policy = r.policy.clone().unwrap_or_else(|| kms::access::default_policy(&account));
    let id = new_id(ctx);
    let mut key = KmsKey {
        arn: format!("arn:aws:kms:{}:{account}:key/{id}", ctx.settings.region),
        account,
        id,
        description,
        created: ctx.now,
        spec,
        usage,
        external,
        service: None,
        enabled: true,
        policy,
        tags: key_tags,
        deletion: None,
        materials: Vec::new(),
        rotation: None,
        valid_to: None,
        imported: None,
    };
    policy::check(ctx, &key, &key.policy, bypass)?;
    if !external {
        let request = MaterialRequest::Generate { arn: key.arn.clone(), generation: 1, spec };
        let made = material::made(material::ask(ctx, request)?)?;
        key.materials.push(first(made, ctx.now));
    }
    let metadata = metadata(&key, ctx.now);
    ctx.db.put(key);
    Ok(api::CreateKeyResponse { key_metadata: Some(metadata) })
}

pub(super) fn first(made: SealedMaterial, now: TimestampMs) -> KmsMaterial {
    KmsMaterial {
        generation: made.generation,
        id: made.id,
        sealed: made.sealed,
        public: made.public,
        since: now,
        by: None,
        description: None,
    }
}

pub(super) fn new_id(ctx: &mut Ctx) -> String {
    // RFC 9562, version 4.
    let r = (ctx.random() & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    kms::blob::uuid(&r.to_be_bytes())
}

/// KeySpec (or its old name) and KeyUsage, which must go together.
fn kind(r: &api::CreateKeyRequest) -> Result<(KeySpec, KeyUsage), AwsError> {
    let name = match (r.key_spec.as_deref(), r.customer_master_key_spec.as_deref()) {
        (Some(a), Some(b)) if a != b => {
            return Err(kms_errors::validation(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.",
            ));
        }
        (a, b) => a.or(b).unwrap_or("SYMMETRIC_DEFAULT"),
    };
    let spec = KeySpec::parse(name).ok_or_else(|| match name {
        "SM2" | "ML_DSA_44" | "ML_DSA_65" | "ML_DSA_87" | "ECC_NIST_EDWARDS25519" => {
            kms_errors::unsupported(format!("Keys of the spec {name} are not supported here."))
        }
        _ => kms_errors::not_one_of("keySpec", name, &KeySpec::ALL.map(KeySpec::name)),
    })?;
    let usages = spec::usages(spec);
    let usage = match r.key_usage.as_deref() {
        Some(text) => {
            KeyUsage::parse(text).ok_or_else(|| kms_errors::not_one_of("keyUsage", text, &KeyUsage::ALL.map(KeyUsage::name)))?
        }
        None if spec == KeySpec::Symmetric => KeyUsage::EncryptDecrypt,
        None => {
            return Err(kms_errors::validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            ));
        }
    };
    if !usages.contains(&usage) {
        return Err(kms_errors::validation(format!(
            "The operation failed because the KeyUsage value of the CMK is {} which is not compatible with the KeySpec {}.",
            usage.name(),
            spec.name()
        )));
    }
    Ok((spec, usage))
}

fn description(text: Option<&str>) -> Result<String, AwsError> {
    let text = text.unwrap_or_default();
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        let constraint = format!("Member must have length less than or equal to {DESCRIPTION_CHARS_MAX}");
        return Err(kms_errors::invalid_member("description", text, &constraint));
    }
    Ok(text.to_owned())
}

/// For operations on no key yet: the account's own policies decide.
fn allow_on_account(ctx: &mut Ctx, action: &str, more: &[(&str, Vec<String>)]) -> Result<(), AwsError> {
    let resource = format!("arn:aws:kms:{}:{}:key/*", ctx.settings.region, ctx.caller.account);
    let mut ask = Ask::new(action, if action == "kms:CreateKey" { "*" } else { &resource });
    more.iter().for_each(|(key, values)| ask.keys.set_many(*key, values.iter().cloned()));
    ctx.require(&ask)
}

fn describe_key(ctx: &mut Ctx, r: Authorized<api::DescribeKeyRequest>) -> OpResult<api::DescribeKeyResponse> {
    let asked = r.key_id.as_deref().unwrap_or_default();
    // An alias of a service names its key also before anybody has used it.
    if let Some(service) = super::managed::service_of_alias(asked) {
        super::managed::ensure(ctx, service)?;
    }
    let key = find_allowed(ctx, "kms:DescribeKey", Some(asked), By::AnyName)?;
    Ok(api::DescribeKeyResponse { key_metadata: Some(metadata(&key, ctx.now)) })
}

fn list_keys(ctx: &mut Ctx, r: Authorized<api::ListKeysRequest>) -> OpResult<api::ListKeysResponse> {
    let all: Vec<_> = ctx.db.list::<KmsKey>(&ctx.caller.account).collect();
    let (keys, next_marker, truncated) = page(all, r.limit, (100, 1000), r.marker.as_deref(), |k| k.id.clone())?;
    let entry = |k: std::rc::Rc<KmsKey>| api::KeyListEntry { key_arn: Some(k.arn.clone()), key_id: Some(k.id.clone()) };
    Ok(api::ListKeysResponse { keys: Some(keys.into_iter().map(entry).collect()), next_marker, truncated })
}

fn switch(ctx: &mut Ctx, action: &str, asked: Option<&str>, enabled: bool) -> OpResult<()> {
    let key = find_allowed(ctx, action, asked, By::OwnKey)?;
    match key.state(ctx.now) {
        KeyState::PendingDeletion => return Err(kms_errors::invalid_state(&key.arn, "is pending deletion").into()),
        KeyState::PendingImport => return Err(kms_errors::invalid_state(&key.arn, "is pending import").into()),
        KeyState::Enabled | KeyState::Disabled => {}
    }
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| k.enabled = enabled);
    Ok(())
}

fn schedule_key_deletion(
    ctx: &mut Ctx,
    r: Authorized<api::ScheduleKeyDeletionRequest>,
) -> OpResult<api::ScheduleKeyDeletionResponse> {
    let window_days = r.pending_window_in_days.unwrap_or(30);
    let asked = r.key_id.as_deref().unwrap_or_default();
    let key = find::find(ctx, "kms:ScheduleKeyDeletion", asked, By::OwnKey)?;
    let more = [("kms:ScheduleKeyDeletionPendingWindowInDays", vec![window_days.to_string()])];
    find::allow(ctx, &key, &Question { more: &more, ..Question::new("kms:ScheduleKeyDeletion", asked) })?;
    if !WINDOW_DAYS.contains(&window_days) {
        return Err(kms_errors::validation(format!(
            "PendingWindowInDays must be between {} and {}.",
            WINDOW_DAYS.start(),
            WINDOW_DAYS.end()
        ))
        .into());
    }
    find::not_pending_deletion(ctx, &key)?;
    let at = TimestampMs(ctx.now.0 + window_days as u64 * DAY_MS);
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| k.deletion = Some(Deletion { at, window_days }));
    Ok(api::ScheduleKeyDeletionResponse {
        deletion_date: Some(at),
        key_id: Some(key.arn.clone()),
        key_state: Some(KeyState::PendingDeletion.name().into()),
        pending_window_in_days: Some(window_days),
    })
}

fn cancel_key_deletion(ctx: &mut Ctx, r: Authorized<api::CancelKeyDeletionRequest>) -> OpResult<api::CancelKeyDeletionResponse> {
    let key = find_allowed(ctx, "kms:CancelKeyDeletion", r.key_id.as_deref(), By::OwnKey)?;
    if key.deletion.is_none() {
        return Err(kms_errors::invalid_state(&key.arn, "is not pending deletion").into());
    }
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| {
        k.deletion = None;
        k.enabled = false;
    });
    Ok(api::CancelKeyDeletionResponse { key_id: Some(key.arn.clone()) })
}

fn update_key_description(ctx: &mut Ctx, r: Authorized<api::UpdateKeyDescriptionRequest>) -> OpResult<()> {
    let key = find_allowed(ctx, "kms:UpdateKeyDescription", r.key_id.as_deref(), By::OwnKey)?;
    find::not_pending_deletion(ctx, &key)?;
    let text = description(r.description.as_deref())?;
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| k.description = text);
    Ok(())
}

fn one_region(ctx: &mut Ctx, action: &str, asked: Option<&str>) -> crate::context::OpError {
    match find_allowed(ctx, action, asked, By::OwnKey) {
        Ok(key) => {
            kms_errors::unsupported(format!("{} is not a multi-Region key, and there is one region only.", key.arn)).into()
        }
        Err(e) => e.into(),
    }
}

pub(super) fn metadata(key: &KmsKey, now: TimestampMs) -> api::KeyMetadata {
    let state = key.state(now);
    let names = |list: Vec<&'static str>| (!list.is_empty()).then(|| list.into_iter().map(str::to_owned).collect());
    api::KeyMetadata {
        aws_account_id: Some(key.account.to_string()),
        arn: Some(key.arn.clone()),
        creation_date: Some(key.created),
        current_key_material_id: key.materials.last().filter(|_| key.spec == KeySpec::Symmetric).map(|m| m.id.clone()),
        customer_master_key_spec: Some(key.spec.name().into()),
        deletion_date: key.deletion.as_ref().map(|d| d.at),
        description: Some(key.description.clone()),
        enabled: Some(state == KeyState::Enabled),
        encryption_algorithms: names(spec::encryption_algorithms(key.spec, key.usage).iter().map(|a| a.name()).collect()),
        expiration_model: (key.external && state != KeyState::PendingImport)
            .then(|| if key.valid_to.is_some() { "KEY_MATERIAL_EXPIRES" } else { "KEY_MATERIAL_DOES_NOT_EXPIRE" }.to_owned()),
        key_agreement_algorithms: names(if key.usage == KeyUsage::KeyAgreement { vec!["ECDH"] } else { Vec::new() }),
        key_id: Some(key.id.clone()),
        key_manager: Some(if key.service.is_some() { "AWS" } else { "CUSTOMER" }.into()),
        key_spec: Some(key.spec.name().into()),
        key_state: Some(state.name().into()),
        key_usage: Some(key.usage.name().into()),
        mac_algorithms: names(spec::mac_algorithms(key.spec).iter().map(|a| a.name()).collect()),
        multi_region: Some(false),
        origin: Some(key.origin().into()),
        signing_algorithms: names(spec::signing_algorithms(key.spec, key.usage).iter().map(|a| a.name()).collect()),
        valid_to: key.valid_to,
        ..Default::default()
    }
}

pub(super) fn forget_deleted(db: &mut Db, now: TimestampMs) {
    let over: Vec<_> = db.all::<KmsKey>().filter(|k| k.deletion.as_ref().is_some_and(|d| d.at <= now)).collect();
    for key in over {
        let aliases: Vec<_> = db.list::<KmsAlias>(&key.account).filter(|a| a.key == key.id).collect();
        let grants: Vec<_> = db.list::<KmsGrant>(&key.account).filter(|g| g.key == key.id).collect();
        aliases.iter().for_each(|a| db.delete::<KmsAlias>(&key.account, &a.name));
        grants.iter().for_each(|g| db.delete::<KmsGrant>(&key.account, g.id()));
        db.delete::<KmsKey>(&key.account, &key.id);
        tracing::info!(key = key.arn, "a key's waiting period is over: it is deleted");
    }
}
