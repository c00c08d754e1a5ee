//! Encrypt, Decrypt, ReEncrypt.

use super::access::{Wanted, check_tokens};
use super::ring::{Entry, Keys};
use super::{Ask, beside};
use ::kms::blob::{self, Blob};
use ::kms::{CIPHERTEXT_BYTES_MAX, EncryptionAlgorithm, EncryptionContext, Refused, Secret, spec};
use aws_protocol::{AwsError, kms as api, kms_errors};
use std::collections::BTreeMap;
use std::rc::Rc;
use wire::kms::{Key, KeySpec, KeyUsage};

/// The algorithm asked for, or the only one that a symmetric key has.
fn algorithm(name: Option<&str>) -> Result<EncryptionAlgorithm, AwsError> {
    let name = name.unwrap_or("SYMMETRIC_DEFAULT");
    EncryptionAlgorithm::parse(name).ok_or_else(|| {
        let names: Vec<&str> = EncryptionAlgorithm::ALL.iter().map(|a| a.name()).collect();
        kms_errors::not_one_of("encryptionAlgorithm", name, &names)
    })
}

fn fits(key: &Key, algorithm: EncryptionAlgorithm) -> Result<(), AwsError> {
    if spec::encryption_algorithms(key.spec, key.usage).contains(&algorithm) {
        return Ok(());
    }
    Err(kms_errors::wrong_algorithm(algorithm.name(), key.spec.name()))
}

fn refused(e: Refused, most: usize) -> AwsError {
    match e {
        Refused::Length => {
            let constraint = format!("Member must have length less than or equal to {most}");
            kms_errors::invalid_member("plaintext", "**", &constraint)
        }
        Refused::Context => kms_errors::validation("The encryption context is longer than 8,192 bytes."),
        Refused::Ciphertext => kms_errors::invalid_ciphertext(),
        Refused::KeyKind => kms_errors::validation("An encryption context is for symmetric encryption keys only."),
        e => kms_errors::internal(e.to_string()),
    }
}

/// Encrypts with the current generation of a key that the caller may use. RSA's public half is quick.
pub(super) fn seal(
    keys: &Keys,
    key: &Key,
    algorithm: EncryptionAlgorithm,
    plaintext: &[u8],
    context: &EncryptionContext,
) -> Result<Vec<u8>, AwsError> {
    let usable = keys.usable(key, key.current)?;
    let id = blob::parse_uuid(&key.id).ok_or_else(|| kms_errors::internal("A key's id is none."))?;
    usable.encrypt(algorithm, id, key.current, plaintext, context).map_err(|e| refused(e, usable.plaintext_bytes_max(algorithm)))
}

fn context(given: &Option<BTreeMap<String, String>>) -> &EncryptionContext {
    given.as_ref().unwrap_or(&super::access::NO_CONTEXT)
}

/// The last question before the work: was it only asked whether it would be done?
pub(super) fn not_dry(dry_run: Option<bool>) -> Result<(), AwsError> {
    if dry_run == Some(true) { Err(kms_errors::dry_run()) } else { Ok(()) }
}

pub(super) async fn encrypt(ask: &Ask<'_>, r: &api::EncryptRequest) -> Result<api::EncryptResponse, AwsError> {
    check_tokens(ask.keys, r.grant_tokens.as_ref())?;
    let algorithm = algorithm(r.encryption_algorithm.as_deref())?;
    let context = context(&r.encryption_context);
    let wanted = Wanted {
        action: "kms:Encrypt",
        asked: r.key_id.as_deref().unwrap_or_default(),
        encryption_context: context,
        more: &[("kms:EncryptionAlgorithm", algorithm.name())],
    };
    let entry = ask.caller.find(ask.keys, &wanted)?;
    ask.caller.ready(&entry, KeyUsage::EncryptDecrypt, "Encrypt")?;
    fits(&entry.key, algorithm)?;
    not_dry(r.dry_run)?;
    let plaintext = Secret::from(r.plaintext.clone().unwrap_or_default());
    Ok(api::EncryptResponse {
        ciphertext_blob: Some(seal(ask.keys, &entry.key, algorithm, &plaintext, context)?),
        encryption_algorithm: Some(algorithm.name().into()),
        key_id: Some(entry.key.arn.clone()),
    })
}

/// What Decrypt and the first half of ReEncrypt have in common.
struct Opening<'a> {
    action: &'a str,
    operation: &'a str,
    key_id: Option<&'a str>,
    algorithm: EncryptionAlgorithm,
    ciphertext: &'a [u8],
    context: &'a EncryptionContext,
    more: &'a [(&'a str, &'a str)],
    dry_run: bool,
}

struct Opened {
    entry: Rc<Entry>,
    plaintext: Secret,
    material: Option<String>,
}

/// The key that made a symmetric ciphertext, with the generation; the caller has not been judged.
pub(super) fn named_by(keys: &Keys, ciphertext: &[u8]) -> Result<(Option<Rc<Entry>>, u32), AwsError> {
    let blob = Blob::parse(ciphertext).ok_or_else(kms_errors::invalid_ciphertext)?;
    Ok((keys.by_id(&blob::uuid(&blob.header.key)), blob.header.generation))
}

async fn open(ask: &Ask<'_>, o: Opening<'_>) -> Result<Opened, AwsError> {
    if o.ciphertext.is_empty() || o.ciphertext.len() > CIPHERTEXT_BYTES_MAX {
        let constraint = format!("Member must have length between 1 and {CIPHERTEXT_BYTES_MAX}");
        return Err(kms_errors::invalid_member("ciphertextBlob", "**", &constraint));
    }
    let symmetric = o.algorithm == EncryptionAlgorithm::Symmetric;
    let (entry, generation) = if symmetric {
        let (found, generation) = named_by(ask.keys, o.ciphertext)?;
        // A KeyId that is given must be the one that the ciphertext names, and be allowed as it was spelled.
        let asked = o.key_id.map(|asked| ask.caller.find(ask.keys, &o.wanted(asked))).transpose()?;
        if asked.as_ref().is_some_and(|a| found.as_ref().is_none_or(|f| f.key.id != a.key.id)) {
            return Err(kms_errors::incorrect_key());
        }
        let entry = found.ok_or_else(kms_errors::access_denied_ciphertext)?;
        if asked.is_none() {
            let own = entry.key.account == ask.caller.principal.account;
            let allowed = ask.caller.allow(&entry, &o.wanted(&entry.key.arn));
            allowed.map_err(|e| if own { e } else { kms_errors::access_denied_ciphertext() })?;
        }
        (entry, generation)
    } else {
        let asked = o.key_id.ok_or_else(|| kms_errors::validation("KeyId is required for asymmetric keys."))?;
        let entry = ask.caller.find(ask.keys, &o.wanted(asked))?;
        let generation = entry.key.current;
        (entry, generation)
    };
    ask.caller.ready(&entry, KeyUsage::EncryptDecrypt, o.operation)?;
    fits(&entry.key, o.algorithm)?;
    not_dry(Some(o.dry_run))?;
    let usable = ask.keys.usable(&entry.key, generation)?;
    let plaintext = if symmetric {
        usable.decrypt(o.algorithm, o.ciphertext, o.context)
    } else {
        let (algorithm, ciphertext, context) = (o.algorithm, o.ciphertext.to_vec(), o.context.clone());
        beside(move || usable.decrypt(algorithm, &ciphertext, &context)).await?
    };
    let material = entry.key.materials.iter().find(|m| m.generation == generation && entry.key.spec == KeySpec::Symmetric);
    let material = material.map(|m| m.id.clone());
    Ok(Opened { plaintext: plaintext.map_err(|e| refused(e, 0))?, material, entry })
}

impl<'a> Opening<'a> {
    fn wanted(&self, asked: &'a str) -> Wanted<'a> {
        Wanted { action: self.action, asked, encryption_context: self.context, more: self.more }
    }
}

pub(super) async fn decrypt(ask: &Ask<'_>, r: &api::DecryptRequest) -> Result<api::DecryptResponse, AwsError> {
    check_tokens(ask.keys, r.grant_tokens.as_ref())?;
    let algorithm = algorithm(r.encryption_algorithm.as_deref())?;
    let opening = Opening {
        action: "kms:Decrypt",
        operation: "Decrypt",
        key_id: r.key_id.as_deref(),
        algorithm,
        ciphertext: r.ciphertext_blob.as_deref().unwrap_or_default(),
        context: context(&r.encryption_context),
        more: &[("kms:EncryptionAlgorithm", algorithm.name())],
        dry_run: r.dry_run == Some(true),
    };
    let opened = open(ask, opening).await?;
    Ok(api::DecryptResponse {
        encryption_algorithm: Some(algorithm.name().into()),
        key_id: Some(opened.entry.key.arn.clone()),
        key_material_id: opened.material,
        plaintext: Some(opened.plaintext.to_vec()),
        ..Default::default()
    })
}

pub(super) async fn re_encrypt(ask: &Ask<'_>, r: &api::ReEncryptRequest) -> Result<api::ReEncryptResponse, AwsError> {
    check_tokens(ask.keys, r.grant_tokens.as_ref())?;
    let (from, to) =
        (algorithm(r.source_encryption_algorithm.as_deref())?, algorithm(r.destination_encryption_algorithm.as_deref())?);
    let destination = r.destination_key_id.as_deref().unwrap_or_default();
    let same = r.source_key_id.as_deref() == Some(destination);
    let on_same = [("kms:ReEncryptOnSameKey", if same { "true" } else { "false" })];
    let opening = Opening {
        action: "kms:ReEncryptFrom",
        operation: "ReEncrypt",
        key_id: r.source_key_id.as_deref(),
        algorithm: from,
        ciphertext: r.ciphertext_blob.as_deref().unwrap_or_default(),
        context: context(&r.source_encryption_context),
        more: &on_same,
        dry_run: false,
    };
    let opened = open(ask, opening).await?;
    let context = context(&r.destination_encryption_context);
    let wanted = Wanted { action: "kms:ReEncryptTo", asked: destination, encryption_context: context, more: &on_same };
    let entry = ask.caller.find(ask.keys, &wanted)?;
    ask.caller.ready(&entry, KeyUsage::EncryptDecrypt, "ReEncrypt")?;
    fits(&entry.key, to)?;
    not_dry(r.dry_run)?;
    Ok(api::ReEncryptResponse {
        ciphertext_blob: Some(seal(ask.keys, &entry.key, to, &opened.plaintext, context)?),
        destination_encryption_algorithm: Some(to.name().into()),
        destination_key_material_id: current_material(&entry.key),
        key_id: Some(entry.key.arn.clone()),
        source_encryption_algorithm: Some(from.name().into()),
        source_key_id: Some(opened.entry.key.arn.clone()),
        source_key_material_id: opened.material,
    })
}

/// KeyMaterialId, of symmetric keys.
pub(super) fn current_material(key: &Key) -> Option<String> {
    let current = key.materials.iter().find(|m| m.generation == key.current && key.spec == KeySpec::Symmetric);
    current.map(|m| m.id.clone())
}
