//! Accounts: an administrator with an access key, and a default VPC, as in a new AWS account.

use crate::context::{Ctx, OpResult};
use crate::db::Db;
use crate::ec2::network::vpc;
use crate::iam::access_key;
use crate::rows::{AccessKey, Account, User};
use aws_protocol::AwsError;
use platform::Rng;
use types::{AccountId, TimestampMs};
use wire::api::AccountCredentials;

pub struct NewAccount {
    pub id: AccountId,
    pub name: String,
    pub access_key: String,
    pub secret_key: String,
}

const NAME_CHARS_MAX: usize = 64;

impl NewAccount {
    /// With a random key, and a random id unless one is given.
    pub fn random(name: String, id: Option<AccountId>, rng: &mut dyn Rng) -> Self {
        let id = id.or_else(|| access_key::pick(b"0123456789", 12, rng).parse().ok()).unwrap_or_else(crate::db::system_account);
        let (access_key, secret_key) = access_key::fresh(rng);
        Self { id, name, access_key, secret_key }
    }
}

/// The user that an account begins with.
pub const ADMIN: &str = "admin";
const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// An administrator for an account that has no such user: of a new one, and of accounts from before there were users.
pub fn ensure_admin(db: &mut Db, account: &AccountId, created: TimestampMs, unique_id: impl FnOnce() -> String) {
    if db.list::<User>(account).next().is_some() {
        return;
    }
    db.put(User {
        account: account.clone(),
        id: unique_id(),
        name: ADMIN.into(),
        path: "/".into(),
        created,
        tags: Default::default(),
        boundary: None,
        inline: Default::default(),
        attached: vec![ADMINISTRATOR_ACCESS.into()],
    });
}

/// Makes the account; `ctx`'s caller is its root user.
pub fn create(ctx: &mut Ctx, new: NewAccount) -> OpResult<AccountCredentials> {
    if new.name.is_empty() || new.name.chars().count() > NAME_CHARS_MAX || new.name.chars().any(char::is_control) {
        return Err(AwsError::new("InvalidInput", format!("An account's name has 1 to {NAME_CHARS_MAX} characters.")).into());
    }
    if let Some(taken) = ctx.db.all::<Account>().find(|a| a.name == new.name || a.id == new.id) {
        return Err(AwsError::new("EntityAlreadyExists", format!("Account {} is named {} already.", taken.id, taken.name)).into());
    }
    if ctx.db.all::<AccessKey>().any(|k| k.access_key == new.access_key) {
        return Err(AwsError::new("EntityAlreadyExists", "The access key id is in use.").into());
    }
    let shard_salt = ctx.db.cells.assign(&new.id, 0);
    ctx.db.put(Account { id: new.id.clone(), name: new.name.clone(), created: ctx.now, shard_salt });
    let now = ctx.now;
    let id = ctx.unique_id("AIDA");
    ensure_admin(ctx.db, &new.id, now, || id);
    ctx.db.put(AccessKey {
        account: new.id.clone(),
        access_key: new.access_key.clone(),
        secret_key: new.secret_key.clone(),
        user: ADMIN.into(),
        created: now,
        active: true,
    });
    vpc::create_default_vpc(ctx)?;
    Ok(AccountCredentials { name: new.name, account: new.id, access_key: new.access_key, secret_key: new.secret_key })
}
