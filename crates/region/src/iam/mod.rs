//! IAM: users, groups, roles and policies, and how they come to whoever decides.
//!
//! ```text
//!  operations ─► rows ─► snapshot (parts) ─┬─► iam::Directory of this process: judges control calls
//!                                          └─► push ─► the gateways' directories: prove callers, judge data calls
//! ```

pub mod identity;
pub mod rows;
pub mod snapshot;

use crate::context::Ctx;
use crate::dispatch::Table;
use platform::Rng;

pub fn register(_table: &mut Table) {}

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
