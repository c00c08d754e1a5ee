//! The AWS policy language: documents are parsed and compiled once, then asked about requests. Pure: no I/O, no clock.
//!
//! * [`Policy::parse`] refuses what AWS refuses and compiles the rest; [`Policy::decide`] asks one document.
//! * [`evaluate`] asks all documents that bear on a request and gives the [`Decision`], with the statement that made it.
//! * [`Directory`] knows all users and roles with their documents, as they were pushed; [`Bundle`] is what bears on one caller.
//! * [`token`] seals and opens temporary credentials; [`jwt`] proves identity providers' tokens; [`totp`] MFA devices' codes.
//! * [`Context`] holds the condition keys of a request; the caller fills it, [`Context::of`] with those of the principal.
//!
//! * [`catalog`] lists what each operation asks for. Which resources there are, the gateway and the region know.
//!
//! Called by the gateway (bucket policies) and the region (IAM). README.md has the rules where AWS's words leave room.

mod action;
pub mod arn;
pub mod caller;
pub mod catalog;
mod condition;
mod context;
pub mod directory;
mod error;
pub mod evaluate;
pub mod fuzz;
mod glob;
pub mod guesses;
mod json;
pub mod jwt;
pub mod managed;
mod parse;
mod pattern;
mod policy;
mod principal;
mod principals;
mod public;
pub mod token;
pub mod totp;
mod value;

pub use context::Context;
pub use directory::{Asked, Bundle, Directory, Identity};
pub use error::PolicyError;
pub use evaluate::{Decision, DenyReason, Gate, PolicySet, Rule, Source, evaluate};
pub use policy::{Effect, Policy, PolicyKind, Request, Statement, StatementEffect, Version, quota_chars};
pub use principal::{Principal, PrincipalKind, canonical_user_id};
pub use principals::PrincipalName;

/// A bucket policy, bytes (S3 User Guide, "Bucket policies": 20 KB).
pub const BUCKET_POLICY_BYTES_MAX: usize = 20 * 1024;
/// A key policy, bytes (KMS quotas: 32 KB).
pub const KEY_POLICY_BYTES_MAX: usize = 32 * 1024;
/// A managed policy; this and the next five in characters that are not white space, see [`quota_chars`] (IAM quotas).
pub const MANAGED_POLICY_CHARS_MAX: usize = 6_144;
/// All inline policies of a user together.
pub const USER_INLINE_CHARS_MAX: usize = 2_048;
/// All inline policies of a group together.
pub const GROUP_INLINE_CHARS_MAX: usize = 5_120;
/// All inline policies of a role together.
pub const ROLE_INLINE_CHARS_MAX: usize = 10_240;
/// A session policy passed to STS.
pub const SESSION_POLICY_CHARS_MAX: usize = 2_048;
/// What [`Policy::parse`] reads at all, bytes: the bound of IAM's `PolicyDocument` parameter.
pub const DOCUMENT_BYTES_MAX: usize = 131_072;
