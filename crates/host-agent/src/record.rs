//! What an instance's directory says about it: `state.json`, written before each step that it describes.
//!
//! The directory is the truth about what this host holds. A directory without a readable record is half made; a renamed
//! one (`.gone-…`) is half removed; both are nobody's.

use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use types::InstanceId;
use wire::host::Capacity;

pub const FORMAT: u16 = 1;
const GONE: &str = ".gone-";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub format: u16,
    /// The counters of the present or last run; 0 before the first.
    pub boot: u64,
    pub reboot: u64,
    /// In that run the guest switched itself off.
    pub off_by_guest: bool,
    /// In that run the guest was seen on its network.
    pub reachable: bool,
    /// When that run began, wall clock.
    pub started_ms: u64,
    pub size: Capacity,
}

impl Record {
    /// `None` when there is none: the directory is missing or half made. One that is there but cannot be understood stands for
    /// an instance that has never run: its disk is not ours to throw away.
    pub fn load(dir: &Path) -> Option<Self> {
        let bytes = match fs::read(dir.join("state.json")) {
            Ok(bytes) => bytes,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return None,
            Err(_) => Vec::new(),
        };
        let record = serde_json::from_slice(&bytes).ok().filter(|r: &Self| r.format == FORMAT);
        Some(record.unwrap_or_else(|| Self::fresh(Capacity::default())))
    }

    /// Before the first run.
    pub fn fresh(size: Capacity) -> Self {
        Self { format: FORMAT, boot: 0, reboot: 0, off_by_guest: false, reachable: false, started_ms: 0, size }
    }

    pub fn save(&self, dir: &Path) -> io::Result<()> {
        platform::disk::write_atomic(&dir.join("state.json"), &serde_json::to_vec(self)?)
    }
}

/// The instances that have a directory here.
pub fn list(instances: &Path) -> Vec<InstanceId> {
    let Ok(entries) = fs::read_dir(instances) else { return Vec::new() };
    entries.flatten().filter_map(|e| e.file_name().to_str()?.parse().ok()).collect()
}

/// Removes an instance's directory. From the rename on it does not exist, however the removal goes on.
pub fn destroy(instances: &Path, id: InstanceId) -> io::Result<()> {
    let gone: PathBuf = instances.join(format!("{GONE}{id}"));
    platform::disk::remove_tree(&gone)?;
    match fs::rename(instances.join(id.to_string()), &gone) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => platform::disk::sync_dir(instances)?,
    }
    platform::disk::remove_tree(&gone)
}

/// Removes what earlier removals left behind.
pub fn sweep(instances: &Path) {
    let Ok(entries) = fs::read_dir(instances) else { return };
    for e in entries.flatten() {
        if e.file_name().to_string_lossy().starts_with(GONE) {
            let _ = platform::disk::remove_tree(&e.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_not_absence() {
        let dir = tempfile::tempdir().unwrap();
        let id = InstanceId::from_random(7);
        let own = dir.path().join(id.to_string());
        assert_eq!(Record::load(&own), None);
        fs::create_dir(&own).unwrap();
        assert_eq!(Record::load(&own), None);
        let record = Record { boot: 3, ..Record::fresh(Capacity::default()) };
        record.save(&own).unwrap();
        assert_eq!(Record::load(&own), Some(record));
        fs::write(own.join("state.json"), "{").unwrap();
        assert_eq!(Record::load(&own), Some(Record::fresh(Capacity::default())));
        assert_eq!(list(dir.path()), [id]);
        destroy(dir.path(), id).unwrap();
        destroy(dir.path(), id).unwrap();
        assert!(list(dir.path()).is_empty());
    }
}
