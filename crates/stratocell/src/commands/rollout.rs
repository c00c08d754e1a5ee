//! `rollout start|status|approve|abort|list`.

use super::{RPC_TIMEOUT, ask_supervisor, ask_supervisor_for, block_on, print, print_json};
use crate::cli::RolloutCommand;
use crate::error::CliError;
use crate::supervisor;
use platform::{Clock, DataDir, SystemClock};
use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;
use wire::Empty;
use wire::rollout::*;

/// The program is copied meanwhile.
const START_TIMEOUT: Duration = Duration::from_secs(120);

pub fn run(dir: &DataDir, command: RolloutCommand) -> Result<ExitCode, CliError> {
    match command {
        RolloutCommand::Start { binary, plan, yes, json } => {
            let program = binary.canonicalize().map_err(CliError::io(format!("find {}", binary.display())))?;
            let plan = match plan {
                None => RolloutPlan::default(),
                Some(file) => {
                    let text = std::fs::read(&file).map_err(CliError::io(format!("read {}", file.display())))?;
                    serde_json::from_slice(&text).map_err(|e| CliError::refused(format!("{}: {e}", file.display())))?
                }
            };
            let request = RolloutRequest { program, plan, approved: yes };
            let begun = block_on(ask_supervisor_for::<StartRollout>(dir, &request, START_TIMEOUT))?;
            show(&[begun], &[], json)
        }
        RolloutCommand::Status { json } => {
            let Rollouts { rollouts, figures } = rollouts(dir)?;
            let last = rollouts.last().cloned();
            if json {
                return print_json(&last.map(|r| serde_json::json!({ "rollout": r, "figures": figures })));
            }
            show(last.as_slice(), &figures, false)
        }
        RolloutCommand::Approve => {
            let approved = block_on(ask_supervisor_for::<ApproveRollout>(dir, &Empty {}, RPC_TIMEOUT))?;
            eprintln!("rollout {} goes on", approved.id);
            Ok(ExitCode::SUCCESS)
        }
        RolloutCommand::Abort => {
            let aborted = block_on(ask_supervisor_for::<AbortRollout>(dir, &Empty {}, RPC_TIMEOUT))?;
            eprintln!("rollout {} is rolled back", aborted.id);
            Ok(ExitCode::SUCCESS)
        }
        RolloutCommand::List { json } => {
            let all = rollouts(dir)?.rollouts;
            if json {
                return print_json(&all);
            }
            let line = |r: &Rollout| {
                let print = r.program.sha256.get(..8).unwrap_or_default();
                let why = r.reason.as_ref().map(|w| format!(": {w}")).unwrap_or_default();
                format!("{:>4}  {} {print}  {}{why}\n", r.id, r.program.version, word(r))
            };
            print(&all.iter().map(line).collect::<String>())
        }
    }
}

/// From the supervisor, or what it wrote when it does not run.
fn rollouts(dir: &DataDir) -> Result<Rollouts, CliError> {
    match block_on(ask_supervisor::<GetRollouts>(dir, &Empty {})) {
        Err(CliError::NotRunning(_)) if dir.rollouts().exists() => {
            let book = supervisor::read_rollouts(dir).map_err(CliError::io("read rollouts.json"))?;
            Ok(Rollouts { rollouts: book.map(|b| b.rollouts).unwrap_or_default(), figures: Vec::new() })
        }
        answer => answer,
    }
}

fn show(rollouts: &[Rollout], figures: &[Figure], json: bool) -> Result<ExitCode, CliError> {
    let Some(rollout) = rollouts.last() else {
        eprintln!("there was no rollout yet");
        return Ok(ExitCode::SUCCESS);
    };
    if json { print_json(rollout) } else { print(&draw(rollout, figures, SystemClock::new().wall().0)) }
}

fn word(r: &Rollout) -> String {
    match r.phase {
        Phase::Updating { wave, .. } => format!("{} gets it", r.waves[wave].name),
        Phase::Baking { wave, .. } => format!("{} is watched", r.waves[wave].name),
        Phase::Awaiting { .. } => "waits for `stratocell rollout approve`".to_owned(),
        Phase::RollingBack { .. } => "is being rolled back".to_owned(),
        Phase::Done => "done".to_owned(),
        Phase::RolledBack => "rolled back".to_owned(),
    }
}

fn draw(r: &Rollout, figures: &[Figure], now_ms: u64) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let print = r.program.sha256.get(..16).unwrap_or_default();
    let _ = writeln!(out, "rollout {} of stratocell {} {print}: {}", r.id, r.program.version, word(r));
    if let Some(why) = &r.reason {
        let _ = writeln!(out, "! {why}");
    }
    for (n, wave) in r.waves.iter().enumerate() {
        let has = wave.processes.iter().filter(|p| r.updated.contains(p)).count();
        let state = match r.phase {
            Phase::Baking { wave, since_ms } if wave == n => {
                format!("  watched, {} s left", (since_ms / 1000 + u64::from(r.waves[n].bake_s)).saturating_sub(now_ms / 1000))
            }
            _ => String::new(),
        };
        let approval = if wave.approval && !r.approved { "  then an approval" } else { "" };
        let _ = writeln!(out, "  {:<18} {has:>3} of {:>3} processes{state}{approval}", wave.name, wave.processes.len());
    }
    for f in figures {
        let which = if f.new { "new" } else { "old" };
        let ms = |us: u64| us as f64 / 1000.0;
        let (p50, p99) = (ms(f.p50_us), ms(f.p99_us));
        let _ = writeln!(
            out,
            "  {:<14} {which}  asked {:>6}  no answer {:>4}  p50 {p50:>7.1} ms  p99 {p99:>7.1} ms",
            f.role, f.asked, f.missed
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_is_drawn() {
        let wave = |name: &str, approval| Wave { name: name.into(), processes: vec![format!("x-{name}")], bake_s: 9, approval };
        let mut r = Rollout {
            id: 3,
            program: Program { sha256: "0123456789abcdef0123".into(), version: "2.0".into() },
            before: None,
            plan: RolloutPlan::default(),
            waves: vec![wave("one-box", false), wave("canary-cell", true)],
            phase: Phase::Baking { wave: 0, since_ms: 1_000 },
            updated: vec!["x-one-box".into()],
            approved: false,
            started_ms: 0,
            ended_ms: None,
            reason: None,
        };
        let figures = [Figure { role: "agent".into(), new: true, asked: 7, missed: 1, p50_us: 1500, p99_us: 9000 }];
        assert_eq!(
            draw(&r, &figures, 3_000),
            "rollout 3 of stratocell 2.0 0123456789abcdef: one-box is watched
  one-box              1 of   1 processes  watched, 7 s left
  canary-cell          0 of   1 processes  then an approval
  agent          new  asked      7  no answer    1  p50     1.5 ms  p99     9.0 ms
"
        );
        (r.phase, r.reason) = (Phase::RolledBack, Some("why".into()));
        assert!(draw(&r, &[], 0).starts_with("rollout 3 of stratocell 2.0 0123456789abcdef: rolled back\n! why\n"));
    }
}
