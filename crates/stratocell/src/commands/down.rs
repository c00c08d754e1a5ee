//! `down`: stops the region, also when its supervisor is dead or hangs, and deletes it when asked to.

use super::block_on;
use crate::error::CliError;
use crate::supervisor::{self, DirLock};
use crate::{procfs, profile};
use platform::process::ProcessId;
use platform::rpc::{Client, RpcError};
use platform::settings::RootCredentials;
use platform::{DataDir, disk};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use wire::Empty;
use wire::supervisor::Shutdown;

/// How long an orderly stop may take before the supervisor is ended by force.
const STOP_TIMEOUT: Duration = Duration::from_secs(60);

pub fn run(dir: &DataDir, purge_too: bool) -> Result<ExitCode, CliError> {
    if !dir.root().exists() {
        eprintln!("nothing is in {}", dir.root().display());
        return Ok(ExitCode::SUCCESS);
    }
    let known = dir.settings().exists();
    if !known && std::fs::read_dir(dir.root()).is_ok_and(|mut d| d.next().is_some()) {
        return Err(CliError::refused(format!(
            "{} has no settings.json, so it is no data directory: nothing was touched",
            dir.root().display()
        )));
    }
    let lock = block_on(stop(dir))?;
    if purge_too && known {
        // Without credentials (deleted by hand, or a purge that was cut short) there is no profile to match.
        match RootCredentials::load(dir) {
            Ok(root) => purge(dir, &root)?,
            Err(_) => delete_contents(dir)?,
        }
        eprintln!("stopped; {} is empty", dir.root().display());
    } else {
        eprintln!("stopped; instances come back at the next `stratocell up`");
    }
    drop(lock);
    Ok(ExitCode::SUCCESS)
}

/// Ends everything; returns with the directory's lock in hand.
async fn stop(dir: &DataDir) -> Result<DirLock, CliError> {
    let answer = match super::operator(dir) {
        Ok(me) => Client::new(&me, dir.socket(supervisor::NAME)).call::<Shutdown>(&Empty {}, Duration::from_secs(5)).await,
        Err(e) => Err(RpcError::Untrusted { role: supervisor::NAME.to_owned(), cause: e.to_string() }),
    };
    let hangs = matches!(answer, Err(RpcError::Unknown { .. }));
    let began = Instant::now();
    let lock = loop {
        if let Some(lock) = DirLock::try_take(dir.root()).map_err(CliError::io("lock the data directory"))? {
            break lock;
        }
        // A supervisor that does not answer (stopped, stuck) is ended by identity; what it kept is ended below.
        let patience = if answer.is_ok() { STOP_TIMEOUT } else { Duration::from_secs(5) };
        if hangs || began.elapsed() > patience {
            let Some(id) = ProcessId::read_file(&dir.pid_file(supervisor::NAME)).filter(|id| id.is_alive()) else {
                return Err(CliError::refused("another command holds this data directory: try again when it has ended"));
            };
            eprintln!("the supervisor (pid {}) does not answer: it is killed", id.pid);
            id.signal(libc::SIGKILL).map_err(CliError::io("kill the supervisor"))?;
            let gone = [procfs::Found { name: supervisor::NAME.to_owned(), id }];
            procfs::gone(&gone, Duration::from_secs(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    procfs::end(&procfs::roles(dir), libc::SIGTERM, Duration::from_secs(2)).await;
    procfs::end(&procfs::vms(dir), libc::SIGTERM, Duration::from_secs(3)).await;
    Ok(lock)
}

/// Deletes what is in a stopped data directory, and the AWS profile that points to it.
pub fn purge(dir: &DataDir, root: &RootCredentials) -> Result<(), CliError> {
    let env = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(Err(e)) = profile::Files::of_user(env).map(|f| f.remove(&root.access_key)) {
        eprintln!("the AWS profile was left: {e}");
    }
    delete_contents(dir)
}

fn delete_contents(dir: &DataDir) -> Result<(), CliError> {
    let entries = std::fs::read_dir(dir.root()).map_err(CliError::io("read the data directory"))?;
    for entry in entries.flatten().filter(|e| e.path() != dir.settings()) {
        let path = entry.path();
        let is_dir = entry.file_type().is_ok_and(|t| t.is_dir());
        let removed = if is_dir { disk::remove_tree(&path) } else { disk::remove_file(&path) };
        removed.map_err(CliError::io(format!("delete {}", path.display())))?;
    }
    // Last: it is what says that the directory is ours, should this be cut short.
    disk::remove_file(&dir.settings()).map_err(CliError::io("delete the settings"))
}
