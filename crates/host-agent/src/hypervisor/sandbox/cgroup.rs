//! Control groups of sandboxes: how much memory, processor time and how many processes, all of a sandbox's together.
//!
//! Version 1 (a hierarchy a controller) and version 2 (one), where this user may make groups in them: root, as a rule.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use types::InstanceId;

const MOUNT: &str = "/sys/fs/cgroup";
/// Above the sandboxes' groups.
const PARENT: &str = "stratocell";
const CPU_PERIOD_US: u64 = 100_000;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// Where sandboxes' groups are made, with the controllers that are in force there.
    places: Vec<(PathBuf, Vec<Controller>)>,
    version: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Controller {
    Memory,
    Processes,
    Processor,
}

const ALL: [(Controller, &str); 3] =
    [(Controller::Memory, "memory"), (Controller::Processes, "pids"), (Controller::Processor, "cpu")];

impl Groups {
    pub fn find() -> Self {
        Self::find_at(Path::new(MOUNT))
    }

    fn find_at(mount: &Path) -> Self {
        if mount.join("cgroup.controllers").exists() {
            return Self { places: second(mount).into_iter().collect(), version: 2 };
        }
        let usable = |name: &str| {
            let parent = mount.join(name).join(PARENT);
            let there = mount.join(name).join("cgroup.procs").exists();
            (there && make_own(&parent)).then_some(parent)
        };
        let places = ALL.iter().filter_map(|(c, name)| Some((usable(name)?, vec![*c])));
        Self { places: places.collect(), version: 1 }
    }

    fn controls(&self, controller: Controller) -> bool {
        self.places.iter().any(|(_, all)| all.contains(&controller))
    }

    pub fn counts_memory(&self) -> bool {
        self.controls(Controller::Memory)
    }

    pub fn complete(&self) -> bool {
        ALL.iter().all(|(c, _)| self.controls(*c))
    }

    /// The sandbox's groups with their limits: files to write its first process into.
    pub fn make(
        &self,
        id: InstanceId,
        vcpus: u32,
        memory_mib: u32,
        processes_max: u32,
    ) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
        let mut files = Vec::new();
        for (place, controllers) in &self.places {
            let group = place.join(id.to_string());
            make_dir(&group).map_err(|e| (group.clone(), e))?;
            for controller in controllers {
                for (file, value) in settings(self.version, *controller, vcpus, memory_mib, processes_max) {
                    let file = group.join(file);
                    fs::write(&file, value).map_err(|e| (file, e))?;
                }
            }
            files.push(group.join("cgroup.procs"));
        }
        Ok(files)
    }

    /// Only empty ones can be removed; one that is not is a later start's.
    pub fn remove(&self, id: InstanceId) {
        for (place, _) in &self.places {
            match fs::remove_dir(place.join(id.to_string())) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => tracing::warn!(instance = %id, error = %e, "control group"),
                _ => {}
            }
        }
    }
}

fn settings(version: u8, controller: Controller, vcpus: u32, memory_mib: u32, processes_max: u32) -> Vec<(&'static str, String)> {
    let bytes = (u64::from(memory_mib) << 20).to_string();
    let quota = u64::from(vcpus) * CPU_PERIOD_US;
    match (controller, version) {
        (Controller::Memory, 1) => vec![("memory.limit_in_bytes", bytes)],
        (Controller::Memory, _) => vec![("memory.max", bytes), ("memory.swap.max", "0".to_owned())],
        (Controller::Processes, _) => vec![("pids.max", processes_max.to_string())],
        (Controller::Processor, 1) => {
            vec![("cpu.cfs_period_us", CPU_PERIOD_US.to_string()), ("cpu.cfs_quota_us", quota.to_string())]
        }
        (Controller::Processor, _) => vec![("cpu.max", format!("{quota} {CPU_PERIOD_US}"))],
    }
}

/// Version 2: controllers are passed down, one level at a time.
fn second(mount: &Path) -> Option<(PathBuf, Vec<Controller>)> {
    let parent = mount.join(PARENT);
    make_own(&parent).then_some(())?;
    let given = |dir: &Path, file: &str| fs::read_to_string(dir.join(file)).unwrap_or_default();
    for dir in [mount, &parent] {
        for (_, name) in ALL {
            if !given(dir, "cgroup.subtree_control").split_whitespace().any(|c| c == name) {
                // One that is not there is told by `complete`.
                let _ = fs::write(dir.join("cgroup.subtree_control"), format!("+{name}"));
            }
        }
    }
    let here = given(&parent, "cgroup.subtree_control");
    let controllers: Vec<Controller> =
        ALL.iter().filter(|(_, name)| here.split_whitespace().any(|c| c == *name)).map(|(c, _)| *c).collect();
    (!controllers.is_empty()).then_some((parent, controllers))
}

/// Whether it is there and ours: another user's allows nothing.
fn make_own(dir: &Path) -> bool {
    // SAFETY: geteuid cannot fail and touches no memory.
    let me = unsafe { libc::geteuid() };
    make_dir(dir).is_ok() && fs::metadata(dir).is_ok_and(|m| m.uid() == me)
}

fn make_dir(dir: &Path) -> io::Result<()> {
    match fs::create_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_told_their_limits() {
        let id = InstanceId::from_random(1);
        let text = |path: PathBuf| fs::read_to_string(path).unwrap();
        let one = tempfile::tempdir().unwrap();
        for (_, name) in ALL {
            fs::create_dir(one.path().join(name)).unwrap();
            fs::write(one.path().join(name).join("cgroup.procs"), "").unwrap();
        }
        let groups = Groups::find_at(one.path());
        assert!(groups.complete() && groups.counts_memory());
        let files = groups.make(id, 2, 16, 128).unwrap();
        let at = |name: &str| one.path().join(name).join(PARENT).join(id.to_string());
        assert_eq!(files, ["memory", "pids", "cpu"].map(|n| at(n).join("cgroup.procs")));
        assert_eq!(text(at("memory").join("memory.limit_in_bytes")), "16777216");
        assert_eq!(text(at("pids").join("pids.max")), "128");
        assert_eq!(text(at("cpu").join("cpu.cfs_quota_us")), "200000");

        let two = tempfile::tempdir().unwrap();
        let parent = two.path().join(PARENT);
        fs::create_dir(&parent).unwrap();
        fs::write(two.path().join("cgroup.controllers"), "cpu memory pids").unwrap();
        for dir in [two.path(), &parent] {
            fs::write(dir.join("cgroup.subtree_control"), "cpu memory pids\n").unwrap();
        }
        let groups = Groups::find_at(two.path());
        assert!(groups.complete());
        groups.make(id, 1, 32, 99).unwrap();
        assert_eq!(text(parent.join(id.to_string()).join("memory.max")), "33554432");
        assert_eq!(text(parent.join(id.to_string()).join("cpu.max")), "100000 100000");

        let none = tempfile::tempdir().unwrap();
        assert!(!Groups::find_at(none.path()).counts_memory());
        assert_eq!(Groups::find_at(none.path()).make(id, 1, 1, 1).unwrap(), Vec::<PathBuf>::new());
    }
}
