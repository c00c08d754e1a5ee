//! How far a trail is delivered: one small file a trail, written before and after each object.
//!
//! ```text
//!  idle ──events──► pending log ──object written──► idle          what is pending names the object and its events for good:
//!       ──hour────► pending digest ──object written──► idle       after a crash it is written again, under the same name
//! ```

use super::file::{LogFile, Previous};
use crate::audit::tail::Position;
use platform::disk;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use types::TimestampMs;
use wire::trail::TrailStatus;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Positions {
    pub management: Position,
    pub data: Position,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pending {
    /// The events from where the trail is up to there.
    Log { key: String, upto: Positions },
    /// Of all files that wait for one.
    Digest { key: String, end: TimestampMs },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub format: u16,
    /// The trail's.
    pub id: String,
    /// In front of what is not delivered.
    pub at: Positions,
    pub pending: Option<Pending>,
    /// Delivered since the last digest, while digests are written.
    pub files: Vec<LogFile>,
    /// End of the last digest; none: no digests are written.
    pub digested: Option<TimestampMs>,
    pub previous: Option<Previous>,
    pub status: TrailStatus,
}

impl State {
    pub fn new(id: &str, at: Positions) -> Self {
        Self {
            format: wire::FORMAT,
            id: id.to_owned(),
            at,
            pending: None,
            files: Vec::new(),
            digested: None,
            previous: None,
            status: TrailStatus::default(),
        }
    }

    /// None: the trail was never delivered. Blocking, as the next two.
    pub fn load(dir: &Path, id: &str) -> io::Result<Option<Self>> {
        match std::fs::read(path(dir, id)) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Durably.
    pub fn save(&self, dir: &Path) -> io::Result<()> {
        disk::create_private_dir(dir)?;
        disk::write_atomic(&path(dir, &self.id), &serde_json::to_vec(self)?)
    }
}

fn path(dir: &Path, id: &str) -> PathBuf {
    dir.join(format!("{id}{SUFFIX}"))
}

const SUFFIX: &str = ".trail";

/// Forgets the trails that are gone.
pub fn keep(dir: &Path, is_known: impl Fn(&str) -> bool) -> io::Result<()> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().and_then(|n| n.strip_suffix(SUFFIX)).is_some_and(|id| !is_known(id)) {
            disk::remove_file(&entry.path())?;
        }
    }
    Ok(())
}
