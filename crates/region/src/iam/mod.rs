//! IAM: users, groups, roles and policies, and how they come to whoever decides.
//!
//! ```text
//!  operations ─► rows ─► snapshot (parts) ─┬─► iam::Directory of this process: judges control calls
//!                                          └─► push ─► the gateways' directories: prove callers, judge data calls
//! ```

pub mod access_key;
mod account;
mod attach;
mod boundary;
pub(crate) mod certificate;
mod check;
mod details;
mod document;
mod group;
mod holder;
pub mod identity;
pub mod login;
pub mod mfa;
mod oidc;
mod password;
mod policy;
mod profile;
mod report;
pub mod role;
pub mod rows;
mod saml;
pub(crate) mod service_linked;
mod simulate;
pub mod snapshot;
mod ssh_key;
#[cfg(test)]
mod tests;
mod user;

use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::Request;
use platform::Rng;

pub fn register(table: &mut Table) {
    user::register(table);
    group::register(table);
    role::register(table);
    policy::register(table);
    attach::register(table);
    boundary::register(table);
    profile::register(table);
    access_key::register(table);
    account::register(table);
    password::register(table);
    login::register(table);
    mfa::register(table);
    ssh_key::register(table);
    certificate::register(table);
    oidc::register(table);
    saml::register(table);
    service_linked::register(table);
    details::register(table);
    report::register(table);
    simulate::register(table);
}

/// Serves an operation all of whose parameters have their effect.
fn serve<R: Request + 'static>(table: &mut Table, handler: fn(&mut Ctx, Authorized<R>) -> OpResult<R::Reply>)
where
    R::Reply: 'static,
{
    table.op::<R>(R::operation().members, &[], handler);
}

/// `alice` of `arn:aws:iam::123456789012:policy/team/alice`.
pub fn name_of_arn(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

/// `AIDA` and 17 characters, as IAM makes unique ids (IAM User Guide, "IAM identifiers").
pub fn unique_id(prefix: &str, rng: &mut dyn Rng) -> String {
    let tail = (0..17).map(|_| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[rng.below(32) as usize] as char);
    prefix.chars().chain(tail).collect()
}

impl Ctx<'_> {
    pub fn unique_id(&mut self, prefix: &str) -> String {
        unique_id(prefix, self.rng())
    }
}
