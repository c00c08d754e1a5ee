//! Long-lived access keys: two a user, the secret shown once.

use super::holder;
use super::rows::{AccessKey, LastUse, User};
use super::{check, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::Account;
use aws_protocol::{AwsError, iam as api};
use platform::Rng;
use std::rc::Rc;
use types::TimestampMs;
use wire::identity::PrincipalKind;

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, list);
    serve(table, update);
    serve(table, delete);
    serve(table, last_used);
}

/// A key was used: by the gateway's word, at most once a minute for the same service and region. Unknown keys are ignored.
pub fn note_use(db: &mut Db, key: &str, at: TimestampMs, service: &str, region: &str) {
    let owner = db.all::<Account>().find(|a| db.get::<AccessKey>(&a.id, key).is_some());
    let Some(account) = owner.map(|a| a.id.clone()) else { return };
    LastUse::note(db, LastUse { account, id: key.to_owned(), at, service: service.to_owned(), region: region.to_owned() });
}

/// A user's keys, oldest first.
pub fn keys_of(db: &Db, user: &User) -> Vec<Rc<AccessKey>> {
    let mut keys: Vec<_> = db.list::<AccessKey>(&user.account).filter(|k| k.user == user.name).collect();
    keys.sort_by(|a, b| (a.created, &a.access_key).cmp(&(b.created, &b.access_key)));
    keys
}

pub fn pick(alphabet: &[u8], n: usize, rng: &mut dyn Rng) -> String {
    (0..n).map(|_| char::from(alphabet[rng.below(alphabet.len() as u64) as usize])).collect()
}

/// A new access key id and its secret.
pub fn fresh(rng: &mut dyn Rng) -> (String, String) {
    let id = format!("AKIA{}", pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, rng));
    (id, pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 40, rng))
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateAccessKeyRequest>) -> OpResult<api::CreateAccessKeyResponse> {
    let user = holder::user_or_caller(ctx, &r.user_name)?;
    check::room(keys_of(ctx.db, &user).len(), check::ACCESS_KEYS_MAX, "AccessKeysPerUser")?;
    let (access_key, secret_key) = fresh(ctx.rng());
    let key = AccessKey {
        account: user.account.clone(),
        access_key,
        secret_key,
        user: user.name.clone(),
        created: ctx.now,
        active: true,
    };
    let shown = api::AccessKey {
        access_key_id: Some(key.access_key.clone()),
        create_date: Some(key.created),
        secret_access_key: Some(key.secret_key.clone()),
        status: Some(check::status_name(true)),
        user_name: Some(user.name.clone()),
    };
    ctx.db.put(key);
    Ok(api::CreateAccessKeyResponse { access_key: Some(shown) })
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListAccessKeysRequest>) -> OpResult<api::ListAccessKeysResponse> {
    // The root user has no keys here.
    let root = r.user_name.is_none() && matches!(ctx.caller.kind, PrincipalKind::Root);
    let keys = if root { Vec::new() } else { keys_of(ctx.db, &*holder::user_or_caller(ctx, &r.user_name)?) };
    let key = |k: &Rc<AccessKey>| format!("{:020}/{}", k.created.0, k.access_key);
    let page = check::page(keys, &r.marker, r.max_items, key)?.map(|k| api::AccessKeyMetadata {
        access_key_id: Some(k.access_key.clone()),
        create_date: Some(k.created),
        status: Some(check::status_name(k.active)),
        user_name: Some(k.user.clone()),
    });
    Ok(api::ListAccessKeysResponse {
        access_key_metadata: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn key_id(value: &Option<String>) -> Result<&str, AwsError> {
    let id = check::text(value);
    check::length("accessKeyId", id, 16..=128)?;
    if !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(check::unfit("accessKeyId", id, r"Member must satisfy regular expression pattern: [\w]+"));
    }
    Ok(id)
}

fn find(ctx: &Ctx, user: &Option<String>, id: &Option<String>) -> Result<Rc<AccessKey>, AwsError> {
    let id = key_id(id)?;
    let user = holder::user_or_caller(ctx, user)?;
    let key = ctx.db.get::<AccessKey>(&user.account, id).filter(|k| k.user == user.name);
    key.ok_or_else(|| check::no_such(format!("The Access Key with id {id} cannot be found.")))
}

fn update(ctx: &mut Ctx, r: Authorized<api::UpdateAccessKeyRequest>) -> OpResult<()> {
    let active = check::status(&r.status)?;
    let key = find(ctx, &r.user_name, &r.access_key_id)?;
    ctx.db.put(AccessKey { active, ..(*key).clone() });
    Ok(())
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteAccessKeyRequest>) -> OpResult<()> {
    let key = find(ctx, &r.user_name, &r.access_key_id)?;
    ctx.db.delete::<AccessKey>(&key.account, &key.access_key);
    ctx.db.delete::<LastUse>(&key.account, &key.access_key);
    Ok(())
}

fn last_used(ctx: &mut Ctx, r: Authorized<api::GetAccessKeyLastUsedRequest>) -> OpResult<api::GetAccessKeyLastUsedResponse> {
    let id = key_id(&r.access_key_id)?;
    let key = ctx.db.get::<AccessKey>(&ctx.caller.account, id);
    let key = key.ok_or_else(|| check::no_such(format!("The Access Key with id {id} cannot be found.")))?;
    let last = ctx.db.get::<LastUse>(&key.account, id);
    let or_none = |v: Option<&String>| Some(v.map_or_else(|| "N/A".to_owned(), Clone::clone));
    Ok(api::GetAccessKeyLastUsedResponse {
        access_key_last_used: Some(api::AccessKeyLastUsed {
            last_used_date: last.as_ref().map(|l| l.at),
            region: or_none(last.as_ref().map(|l| &l.region)),
            service_name: or_none(last.as_ref().map(|l| &l.service)),
        }),
        user_name: Some(key.user.clone()),
    })
}
