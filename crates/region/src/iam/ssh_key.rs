//! Users' public keys for SSH: kept and given back; nothing here takes such a login yet.

use super::rows::{SshKey, User};
use super::{check, holder, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::ec2::compute::keys::encode::{self, Kind};
use aws_protocol::{AwsError, iam as api};
use std::rc::Rc;

const BODY_CHARS_MAX: usize = 16_384;

pub fn register(table: &mut Table) {
    serve(table, upload);
    serve(table, get);
    serve(table, list);
    serve(table, update);
    serve(table, delete);
}

pub fn keys_of<'a>(db: &'a Db, user: &'a User) -> impl Iterator<Item = Rc<SshKey>> + 'a {
    db.list::<SshKey>(&user.account).filter(|k| k.user_id == user.id)
}

fn find(ctx: &Ctx, user: &Option<String>, id: &Option<String>) -> Result<(Rc<User>, Rc<SshKey>), AwsError> {
    let user = holder::find::<User>(ctx, user)?;
    let id = check::text(id);
    check::length("SSHPublicKeyId", id, 20..=128)?;
    let key = ctx.db.get::<SshKey>(&user.account, id).filter(|k| k.user_id == user.id);
    key.map(|k| (user, k)).ok_or_else(|| check::no_such(format!("The Public Key with id {id} cannot be found.")))
}

fn shown(user: &User, key: &SshKey, body: String) -> api::SSHPublicKey {
    api::SSHPublicKey {
        fingerprint: Some(key.fingerprint.clone()),
        ssh_public_key_body: Some(body),
        ssh_public_key_id: Some(key.id.clone()),
        status: Some(check::status_name(key.active)),
        upload_date: Some(key.uploaded),
        user_name: Some(user.name.clone()),
    }
}

fn upload(ctx: &mut Ctx, r: Authorized<api::UploadSSHPublicKeyRequest>) -> OpResult<api::UploadSSHPublicKeyResponse> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    let body = check::text(&r.ssh_public_key_body);
    check::length("SSHPublicKeyBody", body, 1..=BODY_CHARS_MAX)?;
    let invalid = || AwsError::new("InvalidPublicKey", "The public key is malformed or otherwise invalid.");
    let unrecognized = || AwsError::new("UnrecognizedPublicKeyEncoding", "The public key encoding is not ssh-rsa or PEM.");
    let public = if body.trim_start().starts_with("-----BEGIN") {
        encode::import_pem(body).ok_or_else(invalid)?
    } else if body.trim_start().starts_with("ssh-rsa ") {
        encode::import(body.as_bytes()).map_err(|_| invalid())?
    } else {
        return Err(unrecognized().into());
    };
    // "The SSH public key … must be … at least 2048 bits".
    if public.kind != Kind::Rsa || encode::rsa_bits(&public.line).is_none_or(|bits| bits < 2048) {
        return Err(invalid().into());
    }
    if keys_of(ctx.db, &user).any(|k| k.line == public.line) {
        return Err(AwsError::new("DuplicateSSHPublicKey", "The SSH public key is already associated with the user.").into());
    }
    check::room(keys_of(ctx.db, &user).count(), check::SSH_KEYS_PER_USER_MAX, "SSHPublicKeysPerUser")?;
    let key = SshKey {
        account: user.account.clone(),
        id: ctx.unique_id("APKA"),
        user_id: user.id.clone(),
        line: public.line,
        fingerprint: public.fingerprint,
        active: true,
        uploaded: ctx.now,
    };
    let key_shown = shown(&user, &key, body.to_owned());
    ctx.db.put(key);
    Ok(api::UploadSSHPublicKeyResponse { ssh_public_key: Some(key_shown) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetSSHPublicKeyRequest>) -> OpResult<api::GetSSHPublicKeyResponse> {
    let (user, key) = find(ctx, &r.user_name, &r.ssh_public_key_id)?;
    let body = match r.encoding.as_deref() {
        Some("SSH") => key.line.clone(),
        Some("PEM") => encode::pem_of_line(&key.line).ok_or_else(|| AwsError::internal("A stored key cannot be read."))?,
        other => return Err(check::one_of("encoding", other.unwrap_or_default(), "SSH, PEM").into()),
    };
    Ok(api::GetSSHPublicKeyResponse { ssh_public_key: Some(shown(&user, &key, body)) })
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListSSHPublicKeysRequest>) -> OpResult<api::ListSSHPublicKeysResponse> {
    let user = holder::user_or_caller(ctx, &r.user_name)?;
    let page = check::page(keys_of(ctx.db, &user), &r.marker, r.max_items, |k| k.id.clone())?;
    let page = page.map(|k| api::SSHPublicKeyMetadata {
        ssh_public_key_id: Some(k.id.clone()),
        status: Some(check::status_name(k.active)),
        upload_date: Some(k.uploaded),
        user_name: Some(user.name.clone()),
    });
    Ok(api::ListSSHPublicKeysResponse { ssh_public_keys: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

fn update(ctx: &mut Ctx, r: Authorized<api::UpdateSSHPublicKeyRequest>) -> OpResult<()> {
    let active = check::status(&r.status)?;
    let (_, key) = find(ctx, &r.user_name, &r.ssh_public_key_id)?;
    ctx.db.put(SshKey { active, ..(*key).clone() });
    Ok(())
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteSSHPublicKeyRequest>) -> OpResult<()> {
    let (_, key) = find(ctx, &r.user_name, &r.ssh_public_key_id)?;
    ctx.db.delete::<SshKey>(&key.account, &key.id);
    Ok(())
}
