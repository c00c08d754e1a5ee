//! `card upgrade`.

use super::{ask_supervisor_for, block_on};
use crate::cli::CardCommand;
use crate::error::CliError;
use platform::DataDir;
use std::process::ExitCode;
use std::time::Duration;
use wire::supervisor::{UpgradeCard, UpgradeRequest};

/// Longer than the supervisor waits for a successor.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(40);

pub fn run(dir: &DataDir, command: CardCommand) -> Result<ExitCode, CliError> {
    let CardCommand::Upgrade { host, program } = command;
    let program = match program {
        Some(given) => given.canonicalize().map_err(CliError::io(format!("find {}", given.display())))?,
        None => std::env::current_exe().map_err(CliError::io("find this program's file"))?,
    };
    let request = UpgradeRequest { host, program };
    let done = block_on(ask_supervisor_for::<UpgradeCard>(dir, &request, UPGRADE_TIMEOUT))?;
    eprintln!("card-{}: process {} has taken the place of {}", request.host, done.new_pid, done.old_pid);
    Ok(ExitCode::SUCCESS)
}
