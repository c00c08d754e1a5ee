//! KMS's management operations: keys, their policies, aliases, tags, grants, rotation and import, as rows of the region.
//!
//! ```text
//!  operation ─► find the key ─► allow (key policy, identity policies, grants) ─► state ─► rows
//!                                    needs material? ─► ask ─► service: work() beside the event loop
//!  rows ─► snapshot ─► push: gateway, s3-worker
//! ```
//! Handlers never see a secret: material is made, sealed and opened by [`material::work`], which the service runs with the
//! root key. What is done *with* keys (Encrypt, Sign, …) is the gateway's, from the snapshot; not here.

mod aliases;
pub mod find;
mod grants;
mod import;
mod keys;
pub mod managed;
pub mod material;
mod policy;
mod rotation;
pub mod rows;
pub mod snapshot;
mod tags;
#[cfg(test)]
mod tests;

use crate::db::Db;
use crate::dispatch::Table;
use types::TimestampMs;

pub use rotation::{due, rotated};

pub fn register(table: &mut Table) {
    keys::register(table);
    policy::register(table);
    rotation::register(table);
    aliases::register(table);
    tags::register(table);
    grants::register(table);
    import::register(table);
}

/// Deletes the keys whose waiting period is over and imported material whose time is.
pub fn forget(db: &mut Db, now: TimestampMs) {
    keys::forget_deleted(db, now);
    import::forget_expired(db, now);
}
