//! The index: buckets, versions and uploads, behind one leader.
//!
//! ```text
//!  IndexClient ──bulk──► role: leader (or a standby: "not the leader")
//!                          └─ leader: locks ─► core::apply on a snapshot ─► store's group commit ─► answer
//! ```
//!
//! * [`core`]: every decision, pure. [`key`], [`row`]: how it is kept.
//! * [`leader`], [`locks`], [`shard`]: the shell around it. [`role`]: who leads. [`client`]: how it is called.
//! * [`collector`]: takes away what nothing names any more.
//!
//! There is one store, so one shard. The seam for several is [`leader::Leader`]: a map from (hash of the bucket, range of
//! keys) to a committer and a reader each. What stands in its way is said here so that nobody finds it out late: the bucket's
//! and the session's row are preconditions of every write and would have to be known to all shards; `Parts` and `Garbage`
//! name an upload or blobs and no key; and of the rows that a split copies, those in `H M V N U` are five contiguous ranges,
//! those in `P D b` are found through them.

pub mod client;
pub mod collector;
pub mod core;
pub mod key;
pub mod leader;
pub mod locks;
pub mod role;
pub mod row;
pub mod shard;

pub use client::{CallError, IndexClient, IndexServer};
pub use collector::{BlobDeleter, CollectorOptions, NoNodes, NodeLister};
pub use role::{IndexOptions, run};

use crate::message::IndexError;
use crate::rows::BadRow;
use std::path::PathBuf;
use store::SqliteOptions;

/// The file that all index processes of a region share.
#[derive(Clone, Debug)]
pub struct StoreFile {
    pub path: PathBuf,
    /// Also safe against a power cut; without it only against the death of processes.
    pub fsync: bool,
}

/// Page cache of the writer's connection.
const WRITER_CACHE_KIB: u32 = 8192;
/// Nobody follows the index's change feed: events have rows of their own.
const LOG_ROWS_MAX: u64 = 4096;
/// How long the store is waited for when another process is within a transaction: one that lives ends it sooner.
const BUSY_MS: u32 = 300;

impl StoreFile {
    fn options(&self) -> SqliteOptions {
        SqliteOptions {
            fsync: self.fsync,
            cache_kib: WRITER_CACHE_KIB,
            shared: true,
            busy_timeout_ms: BUSY_MS,
            log_rows_max: LOG_ROWS_MAX,
            ..SqliteOptions::durable()
        }
    }
}

/// Why a call came to nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Stop {
    /// To be told to the caller.
    #[error("{0}")]
    Refused(#[from] IndexError),
    #[error("the store failed")]
    Store(#[from] store::Error),
    /// A row that this program cannot read.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The call is too old to be decided; it may have been applied when it was first sent.
    #[error("the call is too old")]
    Late,
}

impl From<BadRow> for Stop {
    fn from(e: BadRow) -> Self {
        Self::Damaged(e.to_string())
    }
}

/// How long data that nothing names any more stays, for those who are reading it.
pub const GRACE_MS: u64 = 60_000;
