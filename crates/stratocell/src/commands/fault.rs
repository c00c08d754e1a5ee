//! `fault inject|heal|list|report`.

use super::{RPC_TIMEOUT, ask, ask_supervisor, block_on, print, print_json};
use crate::cli::FaultCommand;
use crate::error::CliError;
use crate::{faults, plan, roles, supervisor, timeline};
use platform::{Clock, DataDir, Settings, SystemClock};
use std::process::ExitCode;
use wire::Empty;
use wire::api::GetRegionStatus;
use wire::supervisor::*;

const RECOVERY_TIMEOUT_S: u64 = 20;

pub fn run(dir: &DataDir, command: FaultCommand) -> Result<ExitCode, CliError> {
    match command {
        FaultCommand::Inject { target, kind, plan: true, json, .. } => plan(dir, &target, &kind, json),
        FaultCommand::Inject { target, kind, lasting, .. } => {
            let request = FaultRequest { target, kind, for_s: lasting.map(|s| s.0) };
            let fault = block_on(ask_supervisor::<InjectFault>(dir, &request))?;
            let lasting = lasting.map_or_else(String::new, |s| format!(", or for {} s", s.0));
            eprintln!("{} {}: until `stratocell fault heal {}`{lasting}", fault.target, fault.kind, fault.target);
            Ok(ExitCode::SUCCESS)
        }
        FaultCommand::Report { json } => {
            let events = supervisor::read_timeline(dir).map_err(CliError::io("read the timeline of the faults"))?;
            let report = timeline::report(events, SystemClock::new().wall().0);
            match (report, json) {
                (report, true) => print_json(&report),
                (Some(report), false) => print(&timeline::draw(&report)),
                (None, false) => {
                    eprintln!("no fault was injected yet");
                    Ok(ExitCode::SUCCESS)
                }
            }
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
                let left = f.until_ms.map(|until| format!(", heals in {} s", until.saturating_sub(now) / 1000));
                let since = now.saturating_sub(f.since_ms) / 1000;
                out.push_str(&format!("{:<28} {:<8} {since} s{}\n", f.target, f.kind, left.unwrap_or_default()));
            }
            print(&out)
        }
    }
}

/// What the fault would strike: by the settings, and by what the region knows of users' things.
fn plan(dir: &DataDir, target: &str, kind: &str, json: bool) -> Result<ExitCode, CliError> {
    let settings = Settings::load(dir)?;
    let names: Vec<String> = roles::processes(&settings).into_iter().map(|(name, _)| name).collect();
    let refuse = |e: faults::FaultError| CliError::Role(e.to_string());
    let (kind_is, blast) = faults::check(target, kind, &settings, &names).map_err(refuse)?;
    let region = block_on(async { Ok(ask::<GetRegionStatus>(dir, "control-plane", RPC_TIMEOUT).await) })?;
    if let Err(e) = &region {
        eprintln!("what users have there is not known: {}", super::status::word_of(e));
    }
    let plan = plan::plan(kind_is, &blast, region.ok().as_ref());
    if json {
        return print_json(&plan);
    }
    print(&format!("{target} {kind} would strike:\n{}", plan::draw(&plan)))
}
