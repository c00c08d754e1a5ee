//! `fault inject|heal|list`.

use super::{ask_supervisor, block_on, print, print_json};
use crate::cli::FaultCommand;
use crate::error::CliError;
use platform::{Clock, DataDir, SystemClock};
use std::process::ExitCode;
use wire::Empty;
use wire::supervisor::*;

const RECOVERY_TIMEOUT_S: u64 = 20;

pub fn run(dir: &DataDir, command: FaultCommand) -> Result<ExitCode, CliError> {
    match command {
        FaultCommand::Inject { target, kind } => {
            let fault = block_on(ask_supervisor::<InjectFault>(dir, &FaultRequest { target, kind }))?;
            eprintln!("{} {}: until `stratocell fault heal {}`", fault.target, fault.kind, fault.target);
            Ok(ExitCode::SUCCESS)
        }
        FaultCommand::Heal { target } => {
            let healed = block_on(ask_supervisor::<HealFault>(dir, &target))?;
            if healed.is_empty() {
                eprintln!("there was no fault");
            }
            let any = !healed.is_empty();
            for fault in healed {
                eprintln!("healed: {} {}", fault.target, fault.kind);
            }
            // Whoever heals wants to use it: what was down is waited for, within reason.
            if any && let Err(e) = super::info::until_ready(dir, RECOVERY_TIMEOUT_S) {
                eprintln!("it is on its way back, but {e}: see `stratocell ps`");
            }
            Ok(ExitCode::SUCCESS)
        }
        FaultCommand::List { json } => {
            let faults = match block_on(ask_supervisor::<GetSupervisorStatus>(dir, &Empty {})) {
                Ok(status) => status.faults,
                // What will be in force when the supervisor is back.
                Err(CliError::NotRunning(_)) if dir.faults().exists() => {
                    let bytes = std::fs::read(dir.faults()).map_err(CliError::io("read faults.json"))?;
                    serde_json::from_slice(&bytes).map_err(|e| CliError::io("read faults.json")(e.into()))?
                }
                Err(e) => return Err(e),
            };
            if json {
                return print_json(&faults);
            }
            let now = SystemClock::new().wall().0;
            let mut out = String::new();
            for f in &faults {
                out.push_str(&format!("{:<28} {:<8} {} s\n", f.target, f.kind, now.saturating_sub(f.since_ms) / 1000));
            }
            print(&out)
        }
    }
}
