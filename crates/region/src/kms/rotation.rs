//! Rotation: new material every so often or on demand; the old stays, to decrypt what it encrypted.

use super::find::{self, By, Question, find_allowed, page};
use super::material::{self, MaterialRequest};
use super::rows::{DAY_MS, KmsKey, KmsMaterial, Rotation, RotationKind};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use aws_protocol::{AwsError, kms as api, kms_errors};
use types::{AccountId, TimestampMs};
use wire::kms::{KeySpec, KeyState, SealedMaterial};

pub fn register(table: &mut Table) {
    table.op_judged_inside::<api::EnableKeyRotationRequest>(&["KeyId", "RotationPeriodInDays"], enable_key_rotation);
    table.op_judged_inside::<api::DisableKeyRotationRequest>(&["KeyId"], disable_key_rotation);
    table.op_judged_inside::<api::GetKeyRotationStatusRequest>(&["KeyId"], get_key_rotation_status);
    table.op_judged_inside::<api::RotateKeyOnDemandRequest>(&["KeyId"], rotate_key_on_demand);
    table.op_judged_inside::<api::ListKeyRotationsRequest>(
        &["KeyId", "Limit", "Marker", "IncludeKeyMaterial"],
        list_key_rotations,
    );
}

/// EnableKeyRotation: "between 90 and 2560 days"; the default is 365.
const PERIOD_DAYS: std::ops::RangeInclusive<i32> = 90..=2560;
const PERIOD_DAYS_DEFAULT: i32 = 365;
/// RotateKeyOnDemand: "You can perform on-demand rotation a maximum of 25 times per KMS key".
const ON_DEMAND_MAX: usize = 25;

/// Only symmetric keys whose material KMS made can be rotated here.
fn rotatable(key: &KmsKey) -> Result<(), AwsError> {
    if key.spec != KeySpec::Symmetric {
        return Err(kms_errors::unsupported(format!("{} is not a symmetric encryption key and cannot be rotated.", key.arn)));
    }
    if key.external {
        return Err(kms_errors::unsupported(format!("{} origin is EXTERNAL which is not valid for this operation.", key.arn)));
    }
    Ok(())
}

fn enable_key_rotation(ctx: &mut Ctx, r: Authorized<api::EnableKeyRotationRequest>) -> OpResult<()> {
    let asked = r.key_id.as_deref().unwrap_or_default();
    let period_days = r.rotation_period_in_days.unwrap_or(PERIOD_DAYS_DEFAULT);
    let key = find::find(ctx, "kms:EnableKeyRotation", asked, By::OwnKey)?;
    let more = [("kms:RotationPeriodInDays", vec![period_days.to_string()])];
    find::allow(ctx, &key, &Question { more: &more, ..Question::new("kms:EnableKeyRotation", asked) })?;
    find::enabled(ctx, &key)?;
    rotatable(&key)?;
    if !PERIOD_DAYS.contains(&period_days) {
        let constraint = format!("Member must have value between {} and {}", PERIOD_DAYS.start(), PERIOD_DAYS.end());
        return Err(kms_errors::invalid_member("rotationPeriodInDays", &period_days.to_string(), &constraint).into());
    }
    // "The first rotation takes place this many days after you enable it"; a period that stays, stays where it is.
    let unchanged = key.rotation.as_ref().is_some_and(|x| r.rotation_period_in_days.is_none_or(|d| d == x.period_days));
    if !unchanged {
        let next = TimestampMs(ctx.now.0 + period_days as u64 * DAY_MS);
        ctx.db.update::<KmsKey>(&key.account, &key.id, |k| k.rotation = Some(Rotation { period_days, next }));
    }
    Ok(())
}

fn disable_key_rotation(ctx: &mut Ctx, r: Authorized<api::DisableKeyRotationRequest>) -> OpResult<()> {
    let key = find_allowed(ctx, "kms:DisableKeyRotation", r.key_id.as_deref(), By::OwnKey)?;
    find::enabled(ctx, &key)?;
    rotatable(&key)?;
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| k.rotation = None);
    Ok(())
}

fn get_key_rotation_status(
    ctx: &mut Ctx,
    r: Authorized<api::GetKeyRotationStatusRequest>,
) -> OpResult<api::GetKeyRotationStatusResponse> {
    let key = find_allowed(ctx, "kms:GetKeyRotationStatus", r.key_id.as_deref(), By::AnyKey)?;
    if key.spec != KeySpec::Symmetric {
        rotatable(&key)?;
    }
    // "While a KMS key is pending deletion, its key rotation status is false".
    let rotation = key.rotation.as_ref().filter(|_| key.deletion.is_none());
    Ok(api::GetKeyRotationStatusResponse {
        key_id: Some(key.arn.clone()),
        key_rotation_enabled: Some(rotation.is_some()),
        next_rotation_date: rotation.map(|x| x.next),
        on_demand_rotation_start_date: None,
        rotation_period_in_days: rotation.map(|x| x.period_days),
    })
}

fn rotate_key_on_demand(ctx: &mut Ctx, r: Authorized<api::RotateKeyOnDemandRequest>) -> OpResult<api::RotateKeyOnDemandResponse> {
    let key = find_allowed(ctx, "kms:RotateKeyOnDemand", r.key_id.as_deref(), By::OwnKey)?;
    find::enabled(ctx, &key)?;
    rotatable(&key)?;
    if key.materials.iter().filter(|m| m.by == Some(RotationKind::OnDemand)).count() >= ON_DEMAND_MAX {
        return Err(kms_errors::limit_exceeded(format!(
            "The on-demand rotations limit of {ON_DEMAND_MAX} has been reached for {}",
            key.arn
        ))
        .into());
    }
    let request = next(&key);
    let made = material::made(material::ask(ctx, request)?)?;
    let now = ctx.now;
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| add(k, made, RotationKind::OnDemand, now));
    Ok(api::RotateKeyOnDemandResponse { key_id: Some(key.arn.clone()) })
}

fn next(key: &KmsKey) -> MaterialRequest {
    MaterialRequest::Generate { arn: key.arn.clone(), generation: key.generation() + 1, spec: key.spec }
}

fn add(key: &mut KmsKey, made: SealedMaterial, by: RotationKind, now: TimestampMs) {
    key.materials.push(KmsMaterial { by: Some(by), ..super::keys::first(made, now) });
}

/// The keys whose automatic rotation is due, and what is to be made for each.
pub fn due(db: &Db, now: TimestampMs) -> Vec<(AccountId, String, MaterialRequest)> {
    let is_due = |k: &KmsKey| {
        k.rotation.as_ref().is_some_and(|r| r.next <= now) && k.state(now) == KeyState::Enabled && rotatable(k).is_ok()
    };
    db.all::<KmsKey>().filter(|k| is_due(k)).map(|k| (k.account.clone(), k.id.clone(), next(&k))).collect()
}

/// Puts material in force that was made for [`due`]. Nothing happens if the key was changed in between.
pub fn rotated(db: &mut Db, now: TimestampMs, account: &AccountId, id: &str, made: SealedMaterial) {
    db.update::<KmsKey>(account, id, |k| {
        let expected = k.generation() + 1 == made.generation;
        if let Some(rotation) = k.rotation.as_mut().filter(|_| expected) {
            rotation.next = TimestampMs(now.0 + rotation.period_days as u64 * DAY_MS);
            add(k, made, RotationKind::Automatic, now);
        }
    });
}

fn list_key_rotations(ctx: &mut Ctx, r: Authorized<api::ListKeyRotationsRequest>) -> OpResult<api::ListKeyRotationsResponse> {
    let key = find_allowed(ctx, "kms:ListKeyRotations", r.key_id.as_deref(), By::OwnKey)?;
    let all = match r.include_key_material.as_deref() {
        None | Some("ROTATIONS_ONLY") => false,
        Some("ALL_KEY_MATERIAL") => true,
        Some(other) => {
            return Err(kms_errors::not_one_of("includeKeyMaterial", other, &["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"]).into());
        }
    };
    if key.spec != KeySpec::Symmetric {
        rotatable(&key)?;
    }
    let materials: Vec<&KmsMaterial> = key.materials.iter().filter(|m| all || m.by.is_some()).collect();
    let (materials, next_marker, truncated) =
        page(materials, r.limit, (100, 1000), r.marker.as_deref(), |m| format!("{:010}", m.generation))?;
    let entry = |m: &KmsMaterial| api::RotationsListEntry {
        key_id: Some(key.arn.clone()),
        key_material_id: Some(m.id.clone()),
        key_material_state: Some(if m.generation == key.generation() { "CURRENT" } else { "NON_CURRENT" }.into()),
        rotation_date: m.by.map(|_| m.since),
        rotation_type: m.by.map(|by| if by == RotationKind::Automatic { "AUTOMATIC" } else { "ON_DEMAND" }.into()),
        import_state: key.external.then(|| "IMPORTED".into()),
        key_material_description: m.description.clone(),
        ..Default::default()
    };
    Ok(api::ListKeyRotationsResponse { rotations: Some(materials.into_iter().map(entry).collect()), next_marker, truncated })
}
