//! What the agent remembers of an instance: `state.json` in its directory, written before an effect and after it, so that
//! a restart at any instant knows where it was.
//!
//! A directory without the file holds nothing (the file is the first thing in it) and is collected. One with an
//! unreadable file is left alone until its instance is terminated.

use platform::{DataDir, disk};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use types::{HostId, InstanceId, InterfaceId};
use wire::host::Capacity;

pub const FORMAT: u16 = 1;
const FILE: &str = "state.json";
const TRASH: &str = ".trash-";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persisted {
    pub format: u16,
    pub id: InstanceId,
    pub phase: Phase,
    /// The counters that the present (or last) run fulfils.
    pub boot: u64,
    pub reboot: u64,
    pub image: String,
    pub size: Capacity,
    pub interfaces: Vec<InterfaceId>,
    /// Definite failures to prepare or start in a row.
    pub tries: u32,
    /// Runs in a row that died young.
    pub deaths: u32,
    /// No new try before this (wall clock).
    pub retry_at_ms: u64,
    /// When the process of the last run was started (wall clock).
    pub started_ms: u64,
}

/// ```text
/// Preparing -> Ready -> Starting <-> Running -> Stopping -> Stopped -> Starting ...
///      \________________/   |           \_______________________/
///              |         Failed          (the guest switched off)
///              v            any -> Terminating -> no directory
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The disk is not whole yet.
    Preparing,
    /// The disk is whole, nothing has run.
    Ready,
    /// A start was decided; the process may or may not be there.
    Starting,
    Running,
    /// Asked to switch itself off; killed at `kill_at_ms` (wall clock).
    Stopping {
        kill_at_ms: u64,
    },
    Stopped {
        by_guest: bool,
    },
    /// Its removal was ordered: there is no way back.
    Terminating,
    /// Given up, until the next boot is asked for.
    Failed {
        reason: String,
    },
    /// The file cannot be read. Never written.
    Damaged,
}

impl Persisted {
    pub fn new(id: InstanceId) -> Self {
        Self {
            format: FORMAT,
            id,
            phase: Phase::Preparing,
            boot: 0,
            reboot: 0,
            image: String::new(),
            size: Capacity::default(),
            interfaces: Vec::new(),
            tries: 0,
            deaths: 0,
            retry_at_ms: 0,
            started_ms: 0,
        }
    }

    fn damaged(id: InstanceId) -> Self {
        Self { phase: Phase::Damaged, ..Self::new(id) }
    }

    /// Durable when it returns. Makes the directory if needed.
    pub fn save(&self, dir: &Path) -> io::Result<()> {
        match std::fs::metadata(dir) {
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                disk::create_private_dir(dir)?;
                dir.parent().map_or(Ok(()), disk::sync_dir)?;
            }
            Err(e) => return Err(e),
        }
        disk::write_atomic(&dir.join(FILE), &serde_json::to_vec(self)?)
    }
}

/// What lies in an instance's directory.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    State(Box<Persisted>),
    Nothing,
    Unreadable,
}

fn read(dir: &Path, id: InstanceId) -> io::Result<Found> {
    let bytes = match std::fs::read(dir.join(FILE)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(e) => return Err(e),
    };
    Ok(match serde_json::from_slice::<Persisted>(&bytes) {
        Ok(p) if p.id == id && p.format == FORMAT && p.phase != Phase::Damaged => Found::State(Box::new(p)),
        _ => Found::Unreadable,
    })
}

/// Every instance on this host's disk. Collects what a killed predecessor left half made or half removed; `lives` says
/// whether a process still runs from a directory.
pub fn scan(dir: &DataDir, host: &HostId, lives: impl Fn(InstanceId) -> bool) -> io::Result<BTreeMap<InstanceId, Persisted>> {
    let instances = dir.instances(host);
    disk::create_private_dir(&instances)?;
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(&instances)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(TRASH) {
            disk::remove_tree(&entry.path())?;
            continue;
        }
        let Ok(id) = name.parse::<InstanceId>() else {
            tracing::warn!(name, "not an instance's directory: left alone");
            continue;
        };
        match read(&entry.path(), id)? {
            Found::State(p) => drop(found.insert(id, *p)),
            Found::Nothing if !lives(id) => {
                tracing::info!(instance = %id, "a half-made directory is removed");
                disk::remove_tree(&entry.path())?;
            }
            Found::Nothing | Found::Unreadable => drop(found.insert(id, Persisted::damaged(id))),
        }
    }
    Ok(found)
}

/// Whether an instance's directory is there.
pub fn is_there(dir: &Path) -> bool {
    dir.join(FILE).exists()
}

/// Takes over the directory of an instance that was on one of the hosts `from`, which do not run it any more: by one rename, so
/// that it is in one place at any time. What its memory held is lost, and it finds its disk as after a power cut.
///
/// # Errors
/// No host has it, or its record cannot be read.
pub fn take_over(dir: &DataDir, host: &HostId, id: InstanceId, from: &[HostId]) -> io::Result<Persisted> {
    let to = dir.instance(host, &id);
    if !is_there(&to) {
        let there = from.iter().find(|h| is_there(&dir.instance(h, &id)));
        let there = there.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "none of its hosts has its directory"))?;
        // Half made by a predecessor, without a state.
        disk::remove_tree(&to)?;
        std::fs::rename(dir.instance(there, &id), &to)?;
        disk::sync_dir(&dir.instances(host))?;
        disk::sync_dir(&dir.instances(there))?;
        super::console::say(
            &to,
            &format!("recovered from host {there}, which failed; its memory is lost, its disk is as after a power cut"),
        );
    }
    match read(&to, id)? {
        Found::State(p) => Ok(*p),
        Found::Nothing | Found::Unreadable => Err(io::Error::new(io::ErrorKind::InvalidData, "its state cannot be read")),
    }
}

/// Removes an instance's directory: first out of the way by a rename, so that no half of it is ever taken for an instance.
pub fn remove(dir: &DataDir, host: &HostId, id: InstanceId) -> io::Result<()> {
    let (instances, from) = (dir.instances(host), dir.instance(host, &id));
    let trash = instances.join(format!("{TRASH}{id}"));
    disk::remove_tree(&trash)?;
    match std::fs::rename(&from, &trash) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    }
    disk::sync_dir(&instances)?;
    disk::remove_tree(&trash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> InstanceId {
        InstanceId::from_random(n)
    }

    #[test]
    fn a_directory_is_taken_over_once_and_is_in_one_place() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::new(tmp.path());
        let [a, b, c] = ["a1-h1", "a1-h2", "a1-h3"].map(|h| h.parse::<HostId>().unwrap());
        for host in [&a, &b, &c] {
            disk::create_private_dir(&dir.instances(host)).unwrap();
        }
        let of = |host| take_over(&dir, host, id(1), &[a.clone(), b.clone()]);
        assert_eq!(of(&c).unwrap_err().kind(), io::ErrorKind::NotFound, "nobody has it: nothing is made");
        assert!(!dir.instance(&c, &id(1)).exists());
        let was = Persisted { phase: Phase::Running, boot: 3, ..Persisted::new(id(1)) };
        was.save(&dir.instance(&b, &id(1))).unwrap();
        std::fs::write(dir.instance(&b, &id(1)).join("root.img"), b"disk").unwrap();
        std::fs::write(dir.instance(&b, &id(1)).join("console.log"), b"login:").unwrap();
        // A half-made directory is no obstacle; a repeated call finds what it has taken.
        std::fs::create_dir_all(dir.instance(&c, &id(1))).unwrap();
        for _ in 0..2 {
            assert_eq!(of(&c).unwrap(), was);
            assert!(!dir.instance(&b, &id(1)).exists() && is_there(&dir.instance(&c, &id(1))));
        }
        assert_eq!(std::fs::read(dir.instance(&c, &id(1)).join("root.img")).unwrap(), b"disk");
        let said = std::fs::read_to_string(dir.instance(&c, &id(1)).join("console.log")).unwrap();
        assert_eq!(said.matches("recovered from host a1-h2").count(), 1, "{said}");
        // What was ended there came along as well, and is refused when it cannot be read.
        std::fs::write(dir.instance(&c, &id(1)).join(FILE), b"{").unwrap();
        assert_eq!(of(&c).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_scan_collects_leftovers_and_nothing_else() {
        let tmp = tempfile::tempdir().unwrap();
        let (dir, host) = (DataDir::new(tmp.path()), "a1-h1".parse::<HostId>().unwrap());
        let at = |i| dir.instance(&host, &i);
        let kept = Persisted { phase: Phase::Stopping { kill_at_ms: 7 }, boot: 3, ..Persisted::new(id(1)) };
        kept.save(&at(id(1))).unwrap();
        std::fs::create_dir_all(at(id(2))).unwrap();
        std::fs::create_dir_all(at(id(3))).unwrap();
        std::fs::write(at(id(3)).join("state.json"), b"{").unwrap();
        std::fs::create_dir_all(at(id(4))).unwrap();
        std::fs::create_dir_all(dir.instances(&host).join(".trash-x/y")).unwrap();
        std::fs::create_dir_all(dir.instances(&host).join("notes")).unwrap();
        // The fourth has lost its state and still runs.
        let found = scan(&dir, &host, |i| i == id(4)).unwrap();
        assert_eq!(found.get(&id(1)), Some(&kept));
        assert!(!at(id(2)).exists() && !dir.instances(&host).join(".trash-x").exists());
        assert!(dir.instances(&host).join("notes").exists());
        for damaged in [id(3), id(4)] {
            assert_eq!(found[&damaged].phase, Phase::Damaged);
            assert!(at(damaged).exists());
        }
        remove(&dir, &host, id(1)).unwrap();
        remove(&dir, &host, id(1)).unwrap();
        assert!(!at(id(1)).exists());
    }
}
