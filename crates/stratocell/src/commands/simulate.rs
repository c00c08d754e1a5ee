//! `simulate`: a region of any size under virtual time. Only reads its files, runs the crate `scheduler`, prints.

use super::print;
use crate::cli::SimulateArgs;
use crate::error::CliError;
use scheduler::load::shapes::{MIXES, Mix};
use scheduler::load::trace;
use scheduler::sim::{Load, Network, Report, Script, Settings, run as simulate};
use std::process::ExitCode;
use std::time::Instant;

/// Ends with 1 when something that must hold did not.
pub fn run(args: &SimulateArgs) -> Result<ExitCode, CliError> {
    let began = Instant::now();
    let clock = || began.elapsed().as_nanos() as u64;
    let mut all = Report { seed: args.seed, ..Report::default() };
    for region in 0..args.regions {
        let settings = settings(args, region)?;
        let report = simulate(&settings, &clock);
        if args.regions == 1 {
            all = report;
        } else {
            all.add(report);
        }
    }
    if let Some(path) = &args.svg {
        std::fs::write(path, scheduler::svg::charts(&all)).map_err(CliError::io("write the charts"))?;
    }
    let broken = all.broken;
    print(&format!("{all}\n{:.1} s of real time\n", began.elapsed().as_secs_f64()))?;
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn settings(args: &SimulateArgs, region: u32) -> Result<Settings, CliError> {
    // Zones are dealt out: the first regions have one more where they do not divide.
    let zones = args.zones / args.regions + u32::from(region < args.zones % args.regions);
    let seed = args.seed.wrapping_add(u64::from(region));
    let mut settings = Settings::calm(seed, zones.max(1), args.cells, args.hosts);
    settings.run_ms = args.seconds * 1000;
    settings.filled_permille = args.filled * 10;
    settings.accounts = args.accounts;
    if let Load::Mix { mix, a_second, storm } = &mut settings.load {
        *mix = Mix::by_name(&args.mix).ok_or_else(|| {
            let known: Vec<&str> = MIXES.iter().map(|m| m.name).collect();
            CliError::Refused(format!("--mix {}: known are {}", args.mix, known.join(", ")))
        })?;
        if let Some(rate) = args.rate {
            *a_second = rate;
        }
        *storm = args.storm.map(|times| (settings.run_ms / 3, settings.run_ms / 3 + 60_000.min(settings.run_ms / 3), times));
    }
    if let Some(path) = &args.trace {
        let text = std::fs::read_to_string(path).map_err(CliError::io("read the trace"))?;
        let arrivals = trace::parse(&text).map_err(|e| CliError::Refused(format!("{}: {e}", path.display())))?;
        (settings.load, settings.filled_permille) = (Load::Trace(arrivals), 0);
    }
    if args.chaos {
        settings.network = Network::chaotic();
        settings.script = Script::random(seed, settings.run_ms, zones.max(1), args.cells, args.hosts, settings.hosts_a_rack);
    }
    Ok(settings)
}
