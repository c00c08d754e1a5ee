//! Signatures, MACs, public keys, shared secrets.

use super::access::{NO_CONTEXT, Wanted, check_tokens};
use super::cipher::not_dry;
use super::ring::Entry;
use super::{Ask, beside};
use ::kms::spec::{self, Sha};
use ::kms::usable::Message;
use ::kms::{MESSAGE_BYTES_MAX, MacAlgorithm, Refused, SigningAlgorithm};
use aws_protocol::{AwsError, kms as api, kms_errors};
use std::rc::Rc;
use wire::kms::{KeySpec, KeyUsage};

fn find(
    ask: &Ask,
    action: &str,
    key_id: Option<&str>,
    tokens: Option<&Vec<String>>,
    more: &[(&str, &str)],
    usage: KeyUsage,
) -> Result<Rc<Entry>, AwsError> {
    check_tokens(ask.keys, tokens)?;
    let wanted = Wanted { action, asked: key_id.unwrap_or_default(), encryption_context: &NO_CONTEXT, more };
    let entry = ask.caller.find(ask.keys, &wanted)?;
    ask.caller.ready(&entry, usage, action.strip_prefix("kms:").unwrap_or(action))?;
    Ok(entry)
}

fn signing(name: Option<&str>) -> Result<SigningAlgorithm, AwsError> {
    let name = name.unwrap_or_default();
    SigningAlgorithm::parse(name).ok_or_else(|| {
        let names: Vec<&str> = SigningAlgorithm::ALL.iter().map(|a| a.name()).collect();
        kms_errors::not_one_of("signingAlgorithm", name, &names)
    })
}

/// Whether the message was hashed by the caller; its length is right.
fn hashed(kind: Option<&str>, algorithm: SigningAlgorithm, message: &[u8]) -> Result<bool, AwsError> {
    match kind {
        None | Some("RAW") => {
            if message.is_empty() || message.len() > MESSAGE_BYTES_MAX {
                let constraint = format!("Member must have length between 1 and {MESSAGE_BYTES_MAX}");
                return Err(kms_errors::invalid_member("message", "**", &constraint));
            }
            Ok(false)
        }
        Some("DIGEST") => {
            let length = match algorithm.sha() {
                Sha::Sha256 => 32,
                Sha::Sha384 => 48,
                Sha::Sha512 => 64,
            };
            if message.len() != length {
                return Err(kms_errors::validation(format!("Digest is invalid length for algorithm {}.", algorithm.name())));
            }
            Ok(true)
        }
        Some(other) => Err(kms_errors::not_one_of("messageType", other, &["RAW", "DIGEST"])),
    }
}

fn message(hashed: bool, bytes: &[u8]) -> Message<'_> {
    if hashed { Message::Digest(bytes) } else { Message::Raw(bytes) }
}

fn goes_with(entry: &Entry, algorithm: SigningAlgorithm) -> Result<(), AwsError> {
    if spec::signing_algorithms(entry.key.spec, entry.key.usage).contains(&algorithm) {
        return Ok(());
    }
    Err(kms_errors::wrong_algorithm(algorithm.name(), entry.key.spec.name()))
}

pub(super) async fn sign(ask: &Ask<'_>, r: &api::SignRequest) -> Result<api::SignResponse, AwsError> {
    let algorithm = signing(r.signing_algorithm.as_deref())?;
    let more = [("kms:SigningAlgorithm", algorithm.name()), ("kms:MessageType", r.message_type.as_deref().unwrap_or("RAW"))];
    let entry = find(ask, "kms:Sign", r.key_id.as_deref(), r.grant_tokens.as_ref(), &more, KeyUsage::SignVerify)?;
    goes_with(&entry, algorithm)?;
    let bytes = r.message.clone().unwrap_or_default();
    let hashed = hashed(r.message_type.as_deref(), algorithm, &bytes)?;
    not_dry(r.dry_run)?;
    let usable = ask.keys.usable(&entry.key, entry.key.current)?;
    let signed = if spec::is_rsa(entry.key.spec) {
        beside(move || usable.sign(algorithm, message(hashed, &bytes))).await?
    } else {
        usable.sign(algorithm, message(hashed, &bytes))
    };
    Ok(api::SignResponse {
        key_id: Some(entry.key.arn.clone()),
        signature: Some(signed.map_err(|e| kms_errors::internal(e.to_string()))?),
        signing_algorithm: Some(algorithm.name().into()),
    })
}

pub(super) fn verify(ask: &Ask, r: &api::VerifyRequest) -> Result<api::VerifyResponse, AwsError> {
    let algorithm = signing(r.signing_algorithm.as_deref())?;
    let more = [("kms:SigningAlgorithm", algorithm.name()), ("kms:MessageType", r.message_type.as_deref().unwrap_or("RAW"))];
    let entry = find(ask, "kms:Verify", r.key_id.as_deref(), r.grant_tokens.as_ref(), &more, KeyUsage::SignVerify)?;
    goes_with(&entry, algorithm)?;
    let bytes = r.message.as_deref().unwrap_or_default();
    let hashed = hashed(r.message_type.as_deref(), algorithm, bytes)?;
    not_dry(r.dry_run)?;
    let usable = ask.keys.usable(&entry.key, entry.key.current)?;
    usable.verify(algorithm, message(hashed, bytes), r.signature.as_deref().unwrap_or_default()).map_err(|e| match e {
        Refused::Signature => kms_errors::invalid_signature(),
        e => kms_errors::internal(e.to_string()),
    })?;
    Ok(api::VerifyResponse {
        key_id: Some(entry.key.arn.clone()),
        signature_valid: Some(true),
        signing_algorithm: Some(algorithm.name().into()),
    })
}

pub(super) fn public_key(ask: &Ask, r: &api::GetPublicKeyRequest) -> Result<api::GetPublicKeyResponse, AwsError> {
    check_tokens(ask.keys, r.grant_tokens.as_ref())?;
    let asked = r.key_id.as_deref().unwrap_or_default();
    let wanted = Wanted { action: "kms:GetPublicKey", asked, encryption_context: &NO_CONTEXT, more: &[] };
    let entry = ask.caller.find(ask.keys, &wanted)?;
    let key = &entry.key;
    ask.caller.ready(&entry, key.usage, "GetPublicKey")?;
    let public = key.materials.iter().find(|m| m.generation == key.current).map(|m| m.public.to_vec()).unwrap_or_default();
    if public.is_empty() {
        return Err(kms_errors::unsupported(format!("{} is of the spec {}, which has no public key.", key.arn, key.spec.name())));
    }
    let names = |list: Vec<&'static str>| (!list.is_empty()).then(|| list.into_iter().map(str::to_owned).collect());
    Ok(api::GetPublicKeyResponse {
        customer_master_key_spec: Some(key.spec.name().into()),
        encryption_algorithms: names(spec::encryption_algorithms(key.spec, key.usage).iter().map(|a| a.name()).collect()),
        key_agreement_algorithms: names(if key.usage == KeyUsage::KeyAgreement { vec!["ECDH"] } else { Vec::new() }),
        key_id: Some(key.arn.clone()),
        key_spec: Some(key.spec.name().into()),
        key_usage: Some(key.usage.name().into()),
        public_key: Some(public),
        signing_algorithms: names(spec::signing_algorithms(key.spec, key.usage).iter().map(|a| a.name()).collect()),
    })
}

fn mac_algorithm(name: Option<&str>) -> Result<MacAlgorithm, AwsError> {
    let name = name.unwrap_or_default();
    MacAlgorithm::parse(name).ok_or_else(|| {
        let names: Vec<&str> = MacAlgorithm::ALL.iter().map(|a| a.name()).collect();
        kms_errors::not_one_of("macAlgorithm", name, &names)
    })
}

fn mac_message(bytes: Option<&Vec<u8>>) -> Result<&[u8], AwsError> {
    let bytes = bytes.map(Vec::as_slice).unwrap_or_default();
    if bytes.is_empty() || bytes.len() > MESSAGE_BYTES_MAX {
        let constraint = format!("Member must have length between 1 and {MESSAGE_BYTES_MAX}");
        return Err(kms_errors::invalid_member("message", "**", &constraint));
    }
    Ok(bytes)
}

fn mac_goes_with(entry: &Entry, algorithm: MacAlgorithm) -> Result<(), AwsError> {
    if spec::mac_algorithms(entry.key.spec).contains(&algorithm) {
        return Ok(());
    }
    Err(kms_errors::wrong_algorithm(algorithm.name(), entry.key.spec.name()))
}

pub(super) fn mac(ask: &Ask, r: &api::GenerateMacRequest) -> Result<api::GenerateMacResponse, AwsError> {
    let algorithm = mac_algorithm(r.mac_algorithm.as_deref())?;
    let more = [("kms:MacAlgorithm", algorithm.name())];
    let usage = KeyUsage::GenerateVerifyMac;
    let entry = find(ask, "kms:GenerateMac", r.key_id.as_deref(), r.grant_tokens.as_ref(), &more, usage)?;
    mac_goes_with(&entry, algorithm)?;
    let message = mac_message(r.message.as_ref())?;
    not_dry(r.dry_run)?;
    let usable = ask.keys.usable(&entry.key, entry.key.current)?;
    Ok(api::GenerateMacResponse {
        key_id: Some(entry.key.arn.clone()),
        mac: Some(usable.mac(algorithm, message).map_err(|e| kms_errors::internal(e.to_string()))?),
        mac_algorithm: Some(algorithm.name().into()),
    })
}

pub(super) fn verify_mac(ask: &Ask, r: &api::VerifyMacRequest) -> Result<api::VerifyMacResponse, AwsError> {
    let algorithm = mac_algorithm(r.mac_algorithm.as_deref())?;
    let more = [("kms:MacAlgorithm", algorithm.name())];
    let usage = KeyUsage::GenerateVerifyMac;
    let entry = find(ask, "kms:VerifyMac", r.key_id.as_deref(), r.grant_tokens.as_ref(), &more, usage)?;
    mac_goes_with(&entry, algorithm)?;
    let message = mac_message(r.message.as_ref())?;
    not_dry(r.dry_run)?;
    let usable = ask.keys.usable(&entry.key, entry.key.current)?;
    usable.verify_mac(algorithm, message, r.mac.as_deref().unwrap_or_default()).map_err(|e| match e {
        Refused::Mac => kms_errors::invalid_mac(),
        e => kms_errors::internal(e.to_string()),
    })?;
    Ok(api::VerifyMacResponse {
        key_id: Some(entry.key.arn.clone()),
        mac_algorithm: Some(algorithm.name().into()),
        mac_valid: Some(true),
    })
}

pub(super) fn derive_shared_secret(
    ask: &Ask,
    r: &api::DeriveSharedSecretRequest,
) -> Result<api::DeriveSharedSecretResponse, AwsError> {
    let algorithm = r.key_agreement_algorithm.as_deref().unwrap_or_default();
    if algorithm != "ECDH" {
        return Err(kms_errors::not_one_of("keyAgreementAlgorithm", algorithm, &["ECDH"]));
    }
    let more = [("kms:KeyAgreementAlgorithm", algorithm)];
    let usage = KeyUsage::KeyAgreement;
    let entry = find(ask, "kms:DeriveSharedSecret", r.key_id.as_deref(), r.grant_tokens.as_ref(), &more, usage)?;
    not_dry(r.dry_run)?;
    debug_assert!(matches!(entry.key.spec, KeySpec::P256 | KeySpec::P384 | KeySpec::P521));
    let usable = ask.keys.usable(&entry.key, entry.key.current)?;
    let secret = usable.agree(r.public_key.as_deref().unwrap_or_default()).map_err(|e| match e {
        Refused::PublicKey => kms_errors::validation("The public key is not valid, or on another curve than the key."),
        e => kms_errors::internal(e.to_string()),
    })?;
    Ok(api::DeriveSharedSecretResponse {
        key_agreement_algorithm: Some("ECDH".into()),
        key_id: Some(entry.key.arn.clone()),
        key_origin: Some(entry.key.origin.clone()),
        shared_secret: Some(secret.to_vec()),
        ..Default::default()
    })
}
