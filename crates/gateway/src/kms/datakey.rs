//! Data keys, data key pairs and random bytes: made here, given out, and forgotten.

use super::access::{Wanted, check_tokens};
use super::cipher::{current_material, not_dry, seal};
use super::ring::Entry;
use super::{Ask, beside};
use ::kms::{EncryptionAlgorithm, EncryptionContext, Material, RANDOM_BYTES_MAX, Secret, spec};
use aws_protocol::{AwsError, kms as api, kms_errors};
use std::collections::BTreeMap;
use std::rc::Rc;
use wire::kms::{KeySpec, KeyUsage};

/// What the four operations ask of the key.
struct Asked<'a> {
    action: &'a str,
    operation: &'a str,
    key_id: Option<&'a str>,
    context: &'a EncryptionContext,
    tokens: Option<&'a Vec<String>>,
    dry_run: Option<bool>,
    more: &'a [(&'a str, &'a str)],
}

fn context(given: &Option<BTreeMap<String, String>>) -> &EncryptionContext {
    given.as_ref().unwrap_or(&super::access::NO_CONTEXT)
}

fn find(ask: &Ask, a: &Asked) -> Result<Rc<Entry>, AwsError> {
    check_tokens(ask.keys, a.tokens)?;
    let wanted = Wanted { action: a.action, asked: a.key_id.unwrap_or_default(), encryption_context: a.context, more: a.more };
    let entry = ask.caller.find(ask.keys, &wanted)?;
    ask.caller.ready(&entry, KeyUsage::EncryptDecrypt, a.operation)?;
    if entry.key.spec != KeySpec::Symmetric {
        return Err(kms_errors::invalid_key_usage(format!(
            "{} key spec is {} which is not valid for {}.",
            entry.key.arn,
            entry.key.spec.name(),
            a.operation
        )));
    }
    Ok(entry)
}

/// Exactly one of KeySpec and NumberOfBytes.
fn bytes(spec: Option<&str>, number: Option<i32>) -> Result<usize, AwsError> {
    match (spec, number) {
        (Some("AES_256"), None) => Ok(32),
        (Some("AES_128"), None) => Ok(16),
        (Some(other), None) => Err(kms_errors::not_one_of("keySpec", other, &["AES_256", "AES_128"])),
        (None, Some(n)) => length("numberOfBytes", n),
        _ => Err(kms_errors::validation("Please specify either number of bytes or key spec.")),
    }
}

fn length(member: &str, n: i32) -> Result<usize, AwsError> {
    usize::try_from(n).ok().filter(|n| (1..=RANDOM_BYTES_MAX).contains(n)).ok_or_else(|| {
        kms_errors::invalid_member(member, &n.to_string(), &format!("Member must have value between 1 and {RANDOM_BYTES_MAX}"))
    })
}

fn fresh(bytes: usize) -> Result<Secret, AwsError> {
    ::kms::random(bytes).map_err(|e| kms_errors::internal(e.to_string()))
}

pub(super) fn generate(ask: &Ask, r: &api::GenerateDataKeyRequest) -> Result<api::GenerateDataKeyResponse, AwsError> {
    let context = context(&r.encryption_context);
    let entry = find(
        ask,
        &Asked {
            action: "kms:GenerateDataKey",
            operation: "GenerateDataKey",
            key_id: r.key_id.as_deref(),
            context,
            tokens: r.grant_tokens.as_ref(),
            dry_run: r.dry_run,
            more: &[],
        },
    )?;
    let plain = fresh(bytes(r.key_spec.as_deref(), r.number_of_bytes)?)?;
    not_dry(r.dry_run)?;
    Ok(api::GenerateDataKeyResponse {
        ciphertext_blob: Some(seal(ask.keys, &entry.key, EncryptionAlgorithm::Symmetric, &plain, context)?),
        key_id: Some(entry.key.arn.clone()),
        key_material_id: current_material(&entry.key),
        plaintext: Some(plain.to_vec()),
        ..Default::default()
    })
}

pub(super) fn generate_without_plaintext(
    ask: &Ask,
    r: &api::GenerateDataKeyWithoutPlaintextRequest,
) -> Result<api::GenerateDataKeyWithoutPlaintextResponse, AwsError> {
    let context = context(&r.encryption_context);
    let entry = find(
        ask,
        &Asked {
            action: "kms:GenerateDataKeyWithoutPlaintext",
            operation: "GenerateDataKeyWithoutPlaintext",
            key_id: r.key_id.as_deref(),
            context,
            tokens: r.grant_tokens.as_ref(),
            dry_run: r.dry_run,
            more: &[],
        },
    )?;
    let plain = fresh(bytes(r.key_spec.as_deref(), r.number_of_bytes)?)?;
    not_dry(r.dry_run)?;
    Ok(api::GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: Some(seal(ask.keys, &entry.key, EncryptionAlgorithm::Symmetric, &plain, context)?),
        key_id: Some(entry.key.arn.clone()),
        key_material_id: current_material(&entry.key),
    })
}

/// A key pair, its private half (PKCS #8) sealed under the key.
struct Pair {
    entry: Rc<Entry>,
    material: Material,
    public: Vec<u8>,
    sealed: Vec<u8>,
    spec: String,
}

async fn make_pair(ask: &Ask<'_>, spec: Option<&str>, asked: Asked<'_>) -> Result<Pair, AwsError> {
    let name = spec.unwrap_or_default();
    let spec = KeySpec::parse(name).filter(|s| spec::secret_bytes(*s).is_none()).ok_or_else(|| {
        let names: Vec<&str> = KeySpec::ALL.into_iter().filter(|s| spec::secret_bytes(*s).is_none()).map(KeySpec::name).collect();
        kms_errors::not_one_of("keyPairSpec", name, &names)
    })?;
    let more = [("kms:DataKeyPairSpec", name)];
    let dry_run = asked.dry_run;
    let asked = Asked { more: &more, ..asked };
    let entry = find(ask, &asked)?;
    not_dry(dry_run)?;
    let made = beside(move || {
        let material = Material::generate(spec)?;
        let public = material.public_key()?;
        Ok::<_, ::kms::Refused>((material, public))
    });
    let (material, public) = made.await?.map_err(|e| kms_errors::internal(e.to_string()))?;
    let sealed = seal(ask.keys, &entry.key, EncryptionAlgorithm::Symmetric, material.expose(), asked.context)?;
    Ok(Pair { entry, material, public, sealed, spec: name.to_owned() })
}

pub(super) async fn pair(
    ask: &Ask<'_>,
    r: &api::GenerateDataKeyPairRequest,
) -> Result<api::GenerateDataKeyPairResponse, AwsError> {
    let asked = Asked {
        action: "kms:GenerateDataKeyPair",
        operation: "GenerateDataKeyPair",
        key_id: r.key_id.as_deref(),
        context: context(&r.encryption_context),
        tokens: r.grant_tokens.as_ref(),
        dry_run: r.dry_run,
        more: &[],
    };
    let p = make_pair(ask, r.key_pair_spec.as_deref(), asked).await?;
    Ok(api::GenerateDataKeyPairResponse {
        key_id: Some(p.entry.key.arn.clone()),
        key_material_id: current_material(&p.entry.key),
        key_pair_spec: Some(p.spec),
        private_key_ciphertext_blob: Some(p.sealed),
        private_key_plaintext: Some(p.material.expose().to_vec()),
        public_key: Some(p.public),
        ..Default::default()
    })
}

pub(super) async fn pair_without_plaintext(
    ask: &Ask<'_>,
    r: &api::GenerateDataKeyPairWithoutPlaintextRequest,
) -> Result<api::GenerateDataKeyPairWithoutPlaintextResponse, AwsError> {
    let asked = Asked {
        action: "kms:GenerateDataKeyPairWithoutPlaintext",
        operation: "GenerateDataKeyPairWithoutPlaintext",
        key_id: r.key_id.as_deref(),
        context: context(&r.encryption_context),
        tokens: r.grant_tokens.as_ref(),
        dry_run: r.dry_run,
        more: &[],
    };
    let p = make_pair(ask, r.key_pair_spec.as_deref(), asked).await?;
    Ok(api::GenerateDataKeyPairWithoutPlaintextResponse {
        key_id: Some(p.entry.key.arn.clone()),
        key_material_id: current_material(&p.entry.key),
        key_pair_spec: Some(p.spec),
        private_key_ciphertext_blob: Some(p.sealed),
        public_key: Some(p.public),
    })
}

/// No key is used; the caller's own policies decide.
pub(super) fn random(ask: &Ask, r: &api::GenerateRandomRequest) -> Result<api::GenerateRandomResponse, AwsError> {
    let caller = &ask.caller;
    let context = caller.bundle.context(caller.principal, &caller.at);
    let asked = iam::Asked {
        action: "kms:GenerateRandom",
        resource: "*",
        resource_account: None,
        resource_policy: None,
        rule: iam::Rule::Optional,
        context: &context,
    };
    if let iam::Decision::Deny(reason) = caller.bundle.decide(&asked) {
        return Err(kms_errors::access_denied(caller.bundle.refusal(&asked, reason)));
    }
    let n = r.number_of_bytes.ok_or_else(|| kms_errors::validation("NumberOfBytes is required."))?;
    let plaintext = fresh(length("numberOfBytes", n)?)?;
    Ok(api::GenerateRandomResponse { plaintext: Some(plaintext.to_vec()), ..Default::default() })
}
