//! Finds this data directory's processes by what the kernel says of them, not by files that a crash may have left out.
//!
//! A role is `… role NAME --data-dir DIR`; a guest's VMM is a `qemu-system-…` or `stratocell-sandbox` with a path below DIR among
//! its arguments, or one that a `qemu.pid` or `sandbox.pid` of the directory names. What runs in a sandbox ends with it.

use crate::balancer_node;
use platform::DataDir;
use platform::process::ProcessId;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use types::HostId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub id: ProcessId,
}

/// Role processes of the directory, whoever started them.
pub fn roles(dir: &DataDir) -> Vec<Found> {
    scan(|args| role_name(args, dir.root()))
}

/// VMMs of the directory, by their arguments and by their pid files.
pub fn vms(dir: &DataDir) -> Vec<Found> {
    let mut found = scan(|args| vm_name(args, &format!("{}/", dir.root().display())));
    for host in std::fs::read_dir(dir.root().join("hosts")).into_iter().flatten().flatten() {
        let Ok(host) = host.file_name().to_string_lossy().parse() else { continue };
        for vm in vms_of_host(dir, &host) {
            if !found.iter().any(|f| f.id == vm.id) {
                found.push(vm);
            }
        }
    }
    found
}

/// The live VMMs that a host's pid files name, and its load balancers' nodes.
pub fn vms_of_host(dir: &DataDir, host: &HostId) -> Vec<Found> {
    let named = |all: PathBuf, file: &'static str| {
        std::fs::read_dir(all).into_iter().flatten().flatten().filter_map(move |e| {
            let id = ProcessId::read_file(&e.path().join(file)).filter(|id| id.is_alive())?;
            Some(Found { name: e.file_name().to_string_lossy().into_owned(), id })
        })
    };
    let guests = ["qemu.pid", "sandbox.pid"].into_iter().flat_map(|file| named(dir.instances(host), file));
    guests.chain(named(dir.balancers(host), "lb.pid")).collect()
}

/// All that is left of a host: its roles, its VMMs and nodes by pid files and by arguments, and what runs in its sandboxes.
pub fn of_host(dir: &DataDir, host: &HostId) -> Vec<Found> {
    let (agent, card, node) = (format!("agent-{host}"), format!("card-{host}"), format!("{}{host}-", balancer_node::PREFIX));
    let below = format!("{}/", dir.host(host).display());
    let mut found = scan(|args| match role_name(args, dir.root()) {
        Some(name) => (name == agent || name == card || name.starts_with(&node)).then_some(name),
        None => vm_name(args, &below),
    });
    let guests = std::fs::read_dir(dir.instances(host)).into_iter().flatten().flatten().filter_map(|e| {
        let id = ProcessId::read_file(&e.path().join("guest.pid")).filter(|id| id.is_alive())?;
        Some(Found { name: e.file_name().to_string_lossy().into_owned(), id })
    });
    for one in vms_of_host(dir, host).into_iter().chain(guests) {
        if !found.iter().any(|f| f.id == one.id) {
            found.push(one);
        }
    }
    found
}

fn scan(name_of: impl Fn(&[&str]) -> Option<String>) -> Vec<Found> {
    // SAFETY: geteuid cannot fail and touches no memory.
    let uid = unsafe { libc::geteuid() };
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        if entry.metadata().map_or(true, |m| m.uid() != uid) {
            continue;
        }
        // The identity is taken before the arguments are read: a reused pid fails the later identity check.
        let Some(id) = ProcessId::of(pid) else { continue };
        let Ok(raw) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let text = String::from_utf8_lossy(&raw);
        let args: Vec<&str> = text.trim_end_matches('\0').split('\0').collect();
        if let Some(name) = name_of(&args) {
            found.push(Found { name, id });
        }
    }
    found
}

/// `[exe, role, NAME, --data-dir, DIR]`: exactly what the supervisor starts. A program that is a script has its own name between.
fn role_name(args: &[&str], dir: &Path) -> Option<String> {
    match args {
        [_, .., "role", name, "--data-dir", at] if Path::new(at) == dir => Some((*name).to_owned()),
        _ => None,
    }
}

/// A VMM with something below a directory, which ends with a slash, among its arguments.
fn vm_name(args: &[&str], below: &str) -> Option<String> {
    let program = Path::new(args.first()?).file_name()?.to_str()?;
    let is_vmm = program.starts_with("qemu-system") || program == "stratocell-sandbox";
    (is_vmm && args[1..].iter().any(|a| a.contains(below))).then(|| program.to_owned())
}

/// Ends processes: `signal` first, SIGKILL to those that are left after `grace`. Returns when all are gone (or cannot be ended).
pub async fn end(processes: &[Found], signal: i32, grace: Duration) {
    for p in processes {
        let _ = p.id.signal(signal);
        // A stopped process takes no other signal than SIGKILL until it goes on.
        let _ = p.id.signal(libc::SIGCONT);
    }
    if !gone(processes, grace).await {
        for p in processes {
            let _ = p.id.signal(libc::SIGKILL);
        }
        gone(processes, Duration::from_secs(5)).await;
    }
}

/// Waits until all are gone; false when some are left after `limit`.
pub async fn gone(processes: &[Found], limit: Duration) -> bool {
    until(limit, || processes.iter().all(|p| !p.id.is_alive())).await
}

/// Waits until all that were sent SIGSTOP stand still (or are gone): the signal takes effect a moment after it was sent.
pub async fn standing(processes: &[Found], limit: Duration) -> bool {
    let stands = |p: &Found| {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", p.id.pid)).unwrap_or_default();
        stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['T', 'Z', 'X']))
    };
    until(limit, || processes.iter().all(stands)).await
}

async fn until(limit: Duration, reached: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    while !reached() {
        if start.elapsed() >= limit {
            return false;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_directorys_own_processes_are_named() {
        let dir = Path::new("/d/x");
        let role = |args: &[&str]| role_name(args, dir);
        assert_eq!(role(&["/b/stratocell", "role", "gateway", "--data-dir", "/d/x"]).as_deref(), Some("gateway"));
        assert_eq!(role(&["/bin/sh", "/p/stratocell", "role", "edge", "--data-dir", "/d/x"]).as_deref(), Some("edge"));
        for other in [
            &["/b/stratocell", "role", "gateway", "--data-dir", "/d/x2"][..],
            &["/b/stratocell", "role", "gateway"],
            &["grep", "role gateway --data-dir /d/x"],
            &["vi", "/d/x/credentials.json"],
            &[],
        ] {
            assert_eq!(role(other), None, "{other:?}");
        }
        assert!(vm_name(&["/usr/bin/qemu-system-x86_64", "-qmp", "unix:/d/x/run/i-1.qmp"], "/d/x/").is_some());
        assert!(vm_name(&["/usr/bin/qemu-system-x86_64", "-qmp", "unix:/d/x2/run/i-1.qmp"], "/d/x/").is_none());
        assert!(vm_name(&["/d/x/images/sandbox-1/stratocell-sandbox", "control=/d/x/run/i-1.qmp"], "/d/x/").is_some());
        assert!(vm_name(&["tail", "/d/x/logs/a"], "/d/x/").is_none());
    }
}
