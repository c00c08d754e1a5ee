//! Certificate Manager, as far as load balancers need it: certificates that are imported, with their private keys.
//!
//! ```text
//!  ImportCertificate ─► chain and key fit ─► ask: service seals the key under the root key ─► row ─► elb::compile ─► node
//! ```
//! A key is sealed before its row is made and is never opened here: whoever ends TLS opens it with the root key, for
//! [`certificate_purpose`](wire::balancer::certificate_purpose). Certificates are not issued (RequestCertificate): nothing here could prove that a name is somebody's.
//! Source: ACM API Reference.

mod import;
mod names;
pub mod rows;
pub mod seal;
mod show;
mod tags;
#[cfg(test)]
mod tests;

use crate::context::Ctx;
use crate::dispatch::Table;
use aws_protocol::AwsError;
use platform::Settings;
use rows::AcmCertificate;
use std::collections::BTreeMap;
use std::rc::Rc;
use types::AccountId;

pub fn register(table: &mut Table) {
    import::register(table);
    show::register(table);
    tags::register(table);
}

fn arn(settings: &Settings, account: &AccountId, id: &str) -> String {
    ::iam::catalog::arn("acm", "certificate", settings.region.as_str(), account.as_str(), id)
}

/// The caller's certificate of an ARN.
pub fn get(ctx: &Ctx, asked: &str) -> Option<Rc<AcmCertificate>> {
    let found = ctx.db.get::<AcmCertificate>(&ctx.caller.account, asked.rsplit('/').next()?)?;
    (found.arn(ctx.settings) == asked).then_some(found)
}

fn find(ctx: &Ctx, asked: &Option<String>) -> Result<Rc<AcmCertificate>, AwsError> {
    let arn = asked.as_deref().unwrap_or_default();
    if !arn.starts_with("arn:aws:acm:") {
        return Err(AwsError::new("InvalidArnException", format!("'{arn}' is not the ARN of a certificate.")));
    }
    let missing = || format!("Could not find certificate {arn} in account {}.", ctx.caller.account);
    get(ctx, arn).ok_or_else(|| AwsError::new("ResourceNotFoundException", missing()))
}

fn validation(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationException", message)
}

/// For condition keys, before an operation runs.
pub fn tags_at(ctx: &Ctx, arn: &str) -> BTreeMap<String, String> {
    get(ctx, arn).map(|c| c.tags.clone()).unwrap_or_default()
}
