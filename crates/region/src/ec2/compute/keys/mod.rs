//! Key pairs. The private half of a created key is in the one reply and nowhere else: not in rows, not in logs.

pub mod encode;
mod md5;

use super::lists;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::filter::Filters;
use crate::rows::KeyPair;
use crate::tags;
use aws_protocol::{AwsError, ec2};
use encode::{KeyError, Kind, Public};
use std::collections::BTreeMap;
use std::rc::Rc;
use types::KeyPairId;

/// "Key pairs per Region": EC2's quota.
pub const KEY_PAIRS_MAX: usize = 5000;
const NAME_CHARS_MAX: usize = 255;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateKeyPairRequest>(&["KeyName", "KeyType", "KeyFormat"], &["key-pair"], create);
    table.op::<ec2::ImportKeyPairRequest>(&["KeyName", "PublicKeyMaterial"], &["key-pair"], import);
    table.op::<ec2::DescribeKeyPairsRequest>(&["KeyName.N", "KeyPairId.N", "IncludePublicKey"], &[], describe);
    table.op::<ec2::DeleteKeyPairRequest>(&["KeyName", "KeyPairId"], &[], delete);
}

pub fn by_name(ctx: &Ctx, name: &str) -> Option<Rc<KeyPair>> {
    ctx.db.list::<KeyPair>(&ctx.caller.account).find(|k| k.name == name)
}

/// The key pair that an instance is to be launched with.
pub fn named(ctx: &Ctx, name: &str) -> Result<Rc<KeyPair>, AwsError> {
    by_name(ctx, name).ok_or_else(|| AwsError::not_found("InvalidKeyPair.NotFound", "key pair", name))
}

fn new_name(ctx: &Ctx, name: Option<&String>) -> Result<String, AwsError> {
    let name = name.map(|n| n.trim().to_owned()).unwrap_or_default();
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Err(AwsError::invalid_parameter_value(format!(
            "A key name must have 1 to {NAME_CHARS_MAX} printable ASCII characters."
        )));
    }
    if by_name(ctx, &name).is_some() {
        return Err(AwsError::new("InvalidKeyPair.Duplicate", format!("The keypair '{name}' already exists.")));
    }
    if ctx.db.list::<KeyPair>(&ctx.caller.account).count() >= KEY_PAIRS_MAX {
        return Err(AwsError::new("KeyPairLimitExceeded", format!("You may have at most {KEY_PAIRS_MAX} key pairs.")));
    }
    Ok(name)
}

fn add(ctx: &mut Ctx, name: String, key: Public, tags: BTreeMap<String, String>) -> OpResult<KeyPairId> {
    let id = ctx.new_id(KeyPairId::from_random);
    ctx.db.put(KeyPair {
        account: ctx.caller.account.clone(),
        id,
        name,
        kind: key.kind.name().to_owned(),
        fingerprint: key.fingerprint,
        public_key: key.line,
        created: ctx.now,
    });
    ctx.tag(id, tags)?;
    Ok(id)
}

fn create(ctx: &mut Ctx, r: Authorized<ec2::CreateKeyPairRequest>) -> OpResult<ec2::KeyPair> {
    let name = new_name(ctx, r.key_name.as_ref())?;
    let kind = match r.key_type.as_deref() {
        None | Some("rsa") => Kind::Rsa,
        Some("ed25519") => Kind::Ed25519,
        Some(other) => return Err(AwsError::invalid_value("KeyType", other, "Expected rsa or ed25519.").into()),
    };
    match r.key_format.as_deref() {
        None | Some("pem") => {}
        Some("ppk") => {
            return Err(AwsError::unsupported_operation(
                "KeyFormat ppk is not supported by this region: create the key as pem and convert it with puttygen.",
            )
            .into());
        }
        Some(other) => return Err(AwsError::invalid_value("KeyFormat", other, "Expected pem.").into()),
    }
    let tags = tags::specified(&r.tag_specifications, "key-pair")?;
    let check = ctx.random() as u32;
    let key = encode::generate(kind, check).map_err(|e| AwsError::internal(e.to_string()))?;
    let (fingerprint, pem) = (key.public.fingerprint.clone(), key.pem);
    let id = add(ctx, name.clone(), key.public, tags)?;
    Ok(ec2::KeyPair {
        key_fingerprint: Some(fingerprint),
        key_material: Some(pem),
        key_name: Some(name),
        key_pair_id: Some(id.to_string()),
        tags: ctx.tag_list(id),
    })
}

fn import(ctx: &mut Ctx, r: Authorized<ec2::ImportKeyPairRequest>) -> OpResult<ec2::ImportKeyPairResult> {
    let name = new_name(ctx, r.key_name.as_ref())?;
    let key = encode::import(r.public_key_material.as_deref().unwrap_or_default()).map_err(|e| match e {
        KeyError::Generate => AwsError::internal(e.to_string()),
        KeyError::Format | KeyError::Length(_) | KeyError::Kind(_) => AwsError::new("InvalidKey.Format", e.to_string()),
    })?;
    let tags = tags::specified(&r.tag_specifications, "key-pair")?;
    let fingerprint = key.fingerprint.clone();
    let id = add(ctx, name.clone(), key, tags)?;
    Ok(ec2::ImportKeyPairResult {
        key_fingerprint: Some(fingerprint),
        key_name: Some(name),
        key_pair_id: Some(id.to_string()),
        tags: ctx.tag_list(id),
    })
}

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeKeyPairsRequest>) -> OpResult<ec2::DescribeKeyPairsResult> {
    let all: Vec<Rc<KeyPair>> = ctx.db.list::<KeyPair>(&ctx.caller.account).collect();
    let (names, ids) = (r.key_names.clone().unwrap_or_default(), r.key_pair_ids.clone().unwrap_or_default());
    if let Some(name) = names.iter().find(|n| !all.iter().any(|k| k.name == **n)) {
        return Err(AwsError::not_found("InvalidKeyPair.NotFound", "key pair", name).into());
    }
    for id in &ids {
        let parsed: KeyPairId = id.parse().map_err(|_| AwsError::malformed_id("InvalidKeyPairID.Malformed", id))?;
        if !all.iter().any(|k| k.id == parsed) {
            return Err(AwsError::not_found("InvalidKeyPair.NotFound", "key pair ID", id).into());
        }
    }
    let wanted = all
        .into_iter()
        .filter(|k| (names.is_empty() && ids.is_empty()) || names.contains(&k.name) || ids.contains(&k.id.to_string()));
    let field = |k: &Rc<KeyPair>, name: &str| match name {
        "key-pair-id" => Some(lists::one(k.id)),
        "fingerprint" => Some(lists::one(&k.fingerprint)),
        "key-name" => Some(lists::one(&k.name)),
        _ => None,
    };
    let mut found =
        Filters::new(&r.filters)?.select(wanted, |k| ctx.tags(k.id), field, &["key-pair-id", "fingerprint", "key-name"])?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let with_public = r.include_public_key == Some(true);
    let key_pairs = found
        .iter()
        .map(|k| ec2::KeyPairInfo {
            create_time: Some(k.created),
            key_fingerprint: Some(k.fingerprint.clone()),
            key_name: Some(k.name.clone()),
            key_pair_id: Some(k.id.to_string()),
            key_type: Some(k.kind.clone()),
            public_key: with_public.then(|| format!("{} {}", k.public_key, k.name)),
            tags: ctx.tag_list(k.id),
        })
        .collect();
    Ok(ec2::DescribeKeyPairsResult { key_pairs: Some(key_pairs) })
}

/// A key that is not there is deleted already.
fn delete(ctx: &mut Ctx, r: Authorized<ec2::DeleteKeyPairRequest>) -> OpResult<ec2::DeleteKeyPairResult> {
    let key = match (&r.key_name, &r.key_pair_id) {
        (None, None) => return Err(AwsError::missing_parameter("KeyName").into()),
        (name, Some(id)) => {
            let id: KeyPairId = id.parse().map_err(|_| AwsError::malformed_id("InvalidKeyPairID.Malformed", id))?;
            let key = ctx.db.get::<KeyPair>(&ctx.caller.account, id);
            if let (Some(name), Some(key)) = (name, &key)
                && *name != key.name
            {
                return Err(AwsError::invalid_parameter_combination("KeyName and KeyPairId name different key pairs").into());
            }
            key
        }
        (Some(name), None) => by_name(ctx, name),
    };
    let id = key.map(|k| k.id);
    if let Some(id) = id {
        let account = ctx.caller.account.clone();
        ctx.db.delete::<KeyPair>(&account, id);
        ctx.untag(id);
    }
    Ok(ec2::DeleteKeyPairResult { key_pair_id: id.map(|i| i.to_string()), r#return: Some(true) })
}
