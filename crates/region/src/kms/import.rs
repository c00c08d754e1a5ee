//! Keys whose material comes from outside: parameters for wrapping it, taking it in, forgetting it.

use super::find::{self, By, Question, find_allowed};
use super::keys;
use super::material::{self, MaterialAnswer, MaterialRequest};
use super::rows::KmsKey;
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use aws_protocol::{AwsError, kms as api, kms_errors};
use kms::import::{TOKEN_BYTES_MAX, TOKEN_MS, Wrapping};
use types::TimestampMs;
use wire::kms::KeySpec;

pub fn register(table: &mut Table) {
    table.op_judged_inside::<api::GetParametersForImportRequest>(
        &["KeyId", "WrappingAlgorithm", "WrappingKeySpec"],
        get_parameters_for_import,
    );
    table.op_judged_inside::<api::ImportKeyMaterialRequest>(
        &[
            "KeyId",
            "ImportToken",
            "EncryptedKeyMaterial",
            "ValidTo",
            "ExpirationModel",
            "ImportType",
            "KeyMaterialDescription",
            "KeyMaterialId",
        ],
        import_key_material,
    );
    table.op_judged_inside::<api::DeleteImportedKeyMaterialRequest>(&["KeyId", "KeyMaterialId"], delete_imported_key_material);
}

/// ImportKeyMaterial: "at most 365 days from the request date".
const VALID_MS_MAX: u64 = 365 * super::rows::DAY_MS;

fn external(key: &KmsKey) -> Result<(), AwsError> {
    if key.external {
        return Ok(());
    }
    Err(kms_errors::unsupported(format!("{} origin is AWS_KMS which is not valid for this operation.", key.arn)))
}

fn get_parameters_for_import(
    ctx: &mut Ctx,
    r: Authorized<api::GetParametersForImportRequest>,
) -> OpResult<api::GetParametersForImportResponse> {
    let asked = r.key_id.as_deref().unwrap_or_default();
    let (algorithm, spec) =
        (r.wrapping_algorithm.as_deref().unwrap_or_default(), r.wrapping_key_spec.as_deref().unwrap_or_default());
    let key = find::find(ctx, "kms:GetParametersForImport", asked, By::OwnKey)?;
    let more = [("kms:WrappingAlgorithm", vec![algorithm.to_owned()]), ("kms:WrappingKeySpec", vec![spec.to_owned()])];
    find::allow(ctx, &key, &Question { more: &more, ..Question::new("kms:GetParametersForImport", asked) })?;
    external(&key)?;
    find::not_pending_deletion(ctx, &key)?;
    let wrapping = match (Wrapping::parse(algorithm), algorithm) {
        (Some(w), _) => w,
        (None, "RSAES_PKCS1_V1_5" | "SM2PKE") => {
            return Err(kms_errors::unsupported(format!("The wrapping algorithm {algorithm} is not supported.")).into());
        }
        (None, _) => {
            return Err(kms_errors::not_one_of("wrappingAlgorithm", algorithm, &Wrapping::ALL.map(Wrapping::name)).into());
        }
    };
    let wrapping_key = match spec {
        "RSA_2048" => KeySpec::Rsa2048,
        "RSA_3072" => KeySpec::Rsa3072,
        "RSA_4096" => KeySpec::Rsa4096,
        _ => return Err(kms_errors::not_one_of("wrappingKeySpec", spec, &["RSA_2048", "RSA_3072", "RSA_4096"]).into()),
    };
    if !wrapping.fits(key.spec) {
        return Err(kms_errors::validation(format!(
            "Material of the spec {} does not fit under {algorithm}: wrap it with RSA_AES_KEY_WRAP_SHA_256.",
            key.spec.name()
        ))
        .into());
    }
    let expires = TimestampMs(ctx.now.0 + TOKEN_MS);
    let request = MaterialRequest::Parameters { arn: key.arn.clone(), wrapping, wrapping_key, expires };
    match material::ask(ctx, request)? {
        MaterialAnswer::Parameters { token, public } => Ok(api::GetParametersForImportResponse {
            import_token: Some(token),
            key_id: Some(key.arn.clone()),
            parameters_valid_to: Some(expires),
            public_key: Some(public),
        }),
        other => {
            material::made(other)?;
            Err(kms_errors::internal("The answer is to another question.").into())
        }
    }
}

fn import_key_material(ctx: &mut Ctx, r: Authorized<api::ImportKeyMaterialRequest>) -> OpResult<api::ImportKeyMaterialResponse> {
    let asked = r.key_id.as_deref().unwrap_or_default();
    let key = find::find(ctx, "kms:ImportKeyMaterial", asked, By::OwnKey)?;
    let model = r.expiration_model.as_deref().unwrap_or("KEY_MATERIAL_EXPIRES");
    let mut more = vec![("kms:ExpirationModel", vec![model.to_owned()])];
    more.extend(r.valid_to.map(|t| ("kms:ValidTo", vec![(t.0 / 1000).to_string()])));
    find::allow(ctx, &key, &Question { more: &more, ..Question::new("kms:ImportKeyMaterial", asked) })?;
    external(&key)?;
    find::not_pending_deletion(ctx, &key)?;
    let valid_to = match (model, r.valid_to) {
        ("KEY_MATERIAL_DOES_NOT_EXPIRE", None) => None,
        ("KEY_MATERIAL_DOES_NOT_EXPIRE", Some(_)) => {
            return Err(kms_errors::validation("ValidTo must not be set with KEY_MATERIAL_DOES_NOT_EXPIRE.").into());
        }
        ("KEY_MATERIAL_EXPIRES", Some(t)) if t > ctx.now && t.0 <= ctx.now.0 + VALID_MS_MAX => Some(t),
        ("KEY_MATERIAL_EXPIRES", Some(_)) => {
            return Err(kms_errors::validation("ValidTo must be in the future, and at most 365 days away.").into());
        }
        ("KEY_MATERIAL_EXPIRES", None) => {
            return Err(
                kms_errors::validation("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES").into()
            );
        }
        (other, _) => {
            let models = ["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"];
            return Err(kms_errors::not_one_of("expirationModel", other, &models).into());
        }
    };
    match r.import_type.as_deref() {
        None | Some("EXISTING_KEY_MATERIAL") => {}
        Some("NEW_KEY_MATERIAL") if key.imported.is_none() => {}
        Some("NEW_KEY_MATERIAL") => {
            return Err(kms_errors::unsupported(
                "A key has one imported key material here: rotation with further ones is not supported.",
            )
            .into());
        }
        Some(other) => {
            return Err(kms_errors::not_one_of("importType", other, &["NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"]).into());
        }
    }
    let (token, wrapped) = (r.import_token.clone().unwrap_or_default(), r.encrypted_key_material.clone().unwrap_or_default());
    if token.len() > TOKEN_BYTES_MAX || wrapped.len() > TOKEN_BYTES_MAX {
        return Err(kms_errors::validation(format!(
            "ImportToken and EncryptedKeyMaterial have at most {TOKEN_BYTES_MAX} bytes."
        ))
        .into());
    }
    let now = ctx.now;
    let request = MaterialRequest::Import { arn: key.arn.clone(), generation: 1, spec: key.spec, token, wrapped, now };
    let made = material::made(material::ask(ctx, request)?)?;
    let id = made.id.clone();
    if key.imported.as_ref().or(r.key_material_id.as_ref()).is_some_and(|known| *known != id) {
        return Err(kms_errors::incorrect_key_material("The key material in the request does not match the key material that was previously imported into this customer master key (CMK).").into());
    }
    let description = r.key_material_description.clone();
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| {
        // What was made with it before it was deleted opens again.
        let first = keys::first(made, now);
        k.materials = vec![super::rows::KmsMaterial { description, ..first }];
        k.valid_to = valid_to;
        k.imported = Some(id.clone());
        k.enabled = k.enabled || key.materials.is_empty();
    });
    Ok(api::ImportKeyMaterialResponse { key_id: Some(key.arn.clone()), key_material_id: Some(id) })
}

fn delete_imported_key_material(
    ctx: &mut Ctx,
    r: Authorized<api::DeleteImportedKeyMaterialRequest>,
) -> OpResult<api::DeleteImportedKeyMaterialResponse> {
    let key = find_allowed(ctx, "kms:DeleteImportedKeyMaterial", r.key_id.as_deref(), By::OwnKey)?;
    external(&key)?;
    let id = key.materials.last().map(|m| m.id.clone());
    if r.key_material_id.is_some() && r.key_material_id != id {
        return Err(kms_errors::not_found("The key material is not found.").into());
    }
    ctx.db.update::<KmsKey>(&key.account, &key.id, forget);
    Ok(api::DeleteImportedKeyMaterialResponse { key_id: Some(key.arn.clone()), key_material_id: id })
}

fn forget(key: &mut KmsKey) {
    key.materials.clear();
    key.valid_to = None;
}

pub(super) fn forget_expired(db: &mut Db, now: TimestampMs) {
    let over: Vec<_> = db.all::<KmsKey>().filter(|k| k.valid_to.is_some_and(|t| t <= now)).collect();
    for key in over {
        tracing::info!(key = key.arn, "imported key material has expired and is deleted");
        db.update::<KmsKey>(&key.account, &key.id, forget);
    }
}
