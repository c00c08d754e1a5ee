//! STS: temporary credentials, and who is calling.
//!
//! ```text
//!  assume, web_identity, saml ─ trust (its policy decides) ──┐
//!  session (users, federated users) ─────────────────────────┼─► issue ─► iam::token ─► whoever asked
//!  instance (a timer; EC2 is the caller) ────────────────────┘                          or ─► cell ─► host ─► card
//! ```
//!
//! Nothing is remembered of credentials but an instance's: tokens say themselves whose they are ([`iam::token`]).
//! `Version 2011-06-15`; sentences of errors as AWS words them where they are known.

mod assume;
mod check;
pub mod instance;
mod issue;
pub mod limits;
pub mod message;
mod mfa;
pub mod oidc;
pub mod rows;
mod saml;
mod session;
#[cfg(test)]
mod tests;
mod trust;
mod web_identity;

use crate::context::{Authorized, Ctx, OpResult};
use crate::db::{Db, system_account};
use crate::dispatch::Table;
use crate::rows::{AccessKey, SessionKey};
use ::iam::token::{self, TokenKeys};
use aws_protocol::sts;

pub fn register(table: &mut Table) {
    table.op::<sts::GetCallerIdentityRequest>(&[], &[], get_caller_identity);
    table.op::<sts::GetAccessKeyInfoRequest>(&["AccessKeyId"], &[], get_access_key_info);
    assume::register(table);
    message::register(table);
    saml::register(table);
    session::register(table);
    web_identity::register(table);
}

/// The keys that seal tokens and messages, newest last.
pub fn keys(db: &Db) -> TokenKeys {
    let keys = db.list::<SessionKey>(&system_account());
    TokenKeys::new(&keys.map(|k| (*k).clone()).collect::<Vec<_>>())
}

fn get_caller_identity(ctx: &mut Ctx, _: Authorized<sts::GetCallerIdentityRequest>) -> OpResult<sts::GetCallerIdentityResponse> {
    Ok(sts::GetCallerIdentityResponse {
        account: Some(ctx.caller.account.to_string()),
        arn: Some(ctx.caller.arn.clone()),
        user_id: Some(ctx.caller.user_id.clone()),
    })
}

/// Also of a key that was deleted or has expired, as long as the account can be told from it.
fn get_access_key_info(ctx: &mut Ctx, r: Authorized<sts::GetAccessKeyInfoRequest>) -> OpResult<sts::GetAccessKeyInfoResponse> {
    let key = check::text("accessKeyId", &r.access_key_id, 16..=128, check::is_word)?;
    let held = || ctx.db.all::<AccessKey>().find(|k| k.access_key == key).map(|k| k.account.clone());
    let account = token::account_of(key).or_else(held);
    let account = account.ok_or_else(|| check::validation(format!("The access key {key} is not of this region.")))?;
    Ok(sts::GetAccessKeyInfoResponse { account: Some(account.to_string()) })
}
