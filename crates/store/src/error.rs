//! What can go wrong in a store, and what the caller then knows about its commit.

use std::path::PathBuf;
use std::sync::Arc;

use crate::{Epoch, Key, Version};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is known of a commit that ended with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing of it happened, and nothing of it will.
    Definite,
    /// It may or may not be durable. The owner's memory can no longer be trusted: it ends, and reads the truth at its restart.
    Unknown,
}

/// Cloned to every caller whose commit shared a transaction.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error("precondition failed on key \"{}\": last written by {found:?}", key.escape_ascii())]
    Conflict { key: Key, found: Option<Version> },
    #[error("fenced: epoch {} is not the current epoch {}", held.0, current.0)]
    Fenced { held: Epoch, current: Epoch },
    #[error("too large: {given} {what}, at most {max} are allowed")]
    TooLarge { what: &'static str, given: usize, max: usize },
    #[error("the change log reaches from {} to {}, asked from {}", oldest.0, newest.0, asked.0)]
    Trimmed { asked: Version, oldest: Version, newest: Version },
    #[error("the disk is full")]
    DiskFull,
    #[error("the store is corrupt: {detail}")]
    Corrupt { detail: String },
    #[error("{} is held by another process", path.display())]
    Locked { path: PathBuf },
    #[error("{} has format {found}, this program reads format {known}", path.display())]
    Format { path: PathBuf, found: String, known: String },
    /// The committer's queue is full.
    #[error("the commit queue is full")]
    Busy,
    /// The committer has ended, after a failure or because its owner dropped it; this was not attempted.
    #[error("the committer has stopped")]
    Stopped,
    #[error("{operation} failed")]
    Io { operation: &'static str, outcome: Outcome, source: Arc<dyn std::error::Error + Send + Sync> },
}

impl Error {
    pub fn outcome(&self) -> Outcome {
        match self {
            Error::Io { outcome, .. } => *outcome,
            // A corrupt store is not asked again whether the commit is in it.
            Error::Corrupt { .. } => Outcome::Unknown,
            Error::Conflict { .. }
            | Error::Fenced { .. }
            | Error::TooLarge { .. }
            | Error::Trimmed { .. }
            | Error::DiskFull
            | Error::Locked { .. }
            | Error::Format { .. }
            | Error::Busy
            | Error::Stopped => Outcome::Definite,
        }
    }

    pub(crate) fn io(
        operation: &'static str,
        outcome: Outcome,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Error::Io { operation, outcome, source: Arc::from(source.into()) }
    }
}
