//! The index: buckets, versions and uploads, in shards with one leader each.
//!
//! ```text
//!  IndexClient ──bulk──► role: leads some shards, stands by for the others ("not the leader")
//!                          └─ leader: locks ─► core::apply on a snapshot ─► the shard's group commit ─► answer
//!
//!  places: hash of the bucket, key     0 ├── shard 0 ──┬─ shard 4 ─┬── shard 1 ──┬── shard 2 ──┤    each decides on its own
//!                                                      └─ split: one commit of shard 0 ends its extent here
//! ```
//!
//! * [`core`]: every decision, pure. [`key`], [`row`]: how it is kept.
//! * [`leader`], [`locks`], [`shard`]: the shell around it. [`role`]: who leads. [`client`]: how it is called.
//! * [`collector`]: takes away what nothing names any more.
//!
//! There are several shards, each with its own store, leader and fence: [`map`] says of what, [`serve`] and [`core`]'s `split`
//! how one becomes two, `core::shared` how a bucket that several have is changed as one. docs/decisions/0006-index-shards.md
//! says why. Shards are never merged.

pub mod along;
pub mod client;
pub mod collector;
pub mod core;
pub mod key;
pub mod leader;
pub mod locks;
pub mod map;
pub mod role;
pub mod row;
pub mod serve;
pub mod shard;

pub use client::{CallError, IndexClient, IndexServer};
pub use collector::{BlobDeleter, CollectorOptions, NoNodes, NodeLister};
pub use role::{IndexOptions, run};

use crate::message::IndexError;
use crate::rows::BadRow;
use std::path::PathBuf;
use std::time::Duration;
use store::SqliteOptions;

/// The file that all index processes of a region share.
#[derive(Clone, Debug)]
pub struct StoreFile {
    pub path: PathBuf,
    /// Also safe against a power cut; without it only against the death of processes.
    pub fsync: bool,
}

/// When shards are split.
#[derive(Clone, Debug)]
pub struct SplitOptions {
    /// Shards of an index that is new.
    pub first_shards: u32,
    /// A shard whose rows take more than this is split.
    pub bytes_max: u64,
    /// Between two looks at its size.
    pub look: Duration,
}

impl SplitOptions {
    pub fn usual() -> Self {
        Self { first_shards: 4, bytes_max: 2 << 30, look: Duration::from_secs(10) }
    }

    /// One shard for ever, unless somebody splits it.
    pub fn never() -> Self {
        Self { first_shards: 1, bytes_max: u64::MAX, ..Self::usual() }
    }
}

/// Page cache of the writer's connection.
const WRITER_CACHE_KIB: u32 = 8192;
/// Nobody follows the index's change feed: events have rows of their own.
const LOG_ROWS_MAX: u64 = 4096;
/// How long the store is waited for when another process is within a transaction: one that lives ends it sooner.
const BUSY_MS: u32 = 300;

impl StoreFile {
    /// The file of a shard: `index-4.db` beside `index.db`, which is shard 0's.
    pub fn numbered(&self, number: map::Number) -> Self {
        let name = |stem: &str| format!("{stem}-{number}");
        let mut path = self.path.clone();
        if number != 0 {
            let stem = path.file_stem().map(|s| name(&s.to_string_lossy())).unwrap_or_default();
            let extension = path.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
            path.set_file_name(stem + &extension);
        }
        Self { path, fsync: self.fsync }
    }

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
    /// The bucket has keys in other shards, which must be frozen first.
    #[error("the bucket is in several shards")]
    Shared,
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
