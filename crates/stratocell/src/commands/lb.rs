//! `stratocell lb`: a load balancer of plain processes, and what it sees.

use crate::cli::{LbArgs, LbCommand};
use crate::error::CliError;
use balancer::Options;
use std::process::ExitCode;
use std::time::Duration;
use wire::balancer::BalancerStatus;

pub fn run(args: LbArgs) -> Result<ExitCode, CliError> {
    if let Some(LbCommand::Status { control, json }) = args.command {
        let status = balancer::ask_status(&control).map_err(|e| CliError::Role(crate::error::sentence(&e)))?;
        match json {
            true => println!("{}", serde_json::to_string(&status).map_err(|e| CliError::Role(e.to_string()))?),
            false => print(&status),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let config = args.config.ok_or_else(|| CliError::refused("a balancer needs --config FILE"))?;
    super::log_to(std::io::stderr);
    let options = Options {
        config,
        control: args.control,
        take_over: args.take_over,
        state_dir: args.state_dir,
        drain: Duration::from_secs(args.drain_seconds),
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::io("start the runtime"))?;
    tokio::task::LocalSet::new()
        .block_on(&runtime, balancer::run(options))
        .map_err(|e| CliError::Role(crate::error::sentence(&e)))?;
    Ok(ExitCode::SUCCESS)
}

fn print(s: &BalancerStatus) {
    println!("{}  generation {}  {} connections  {} requests", s.name, s.generation, s.connections, s.requests);
    if let Some(why) = &s.refused {
        println!("refused: {why}");
    }
    for l in &s.listeners {
        let addresses: Vec<String> = l.addresses.iter().map(ToString::to_string).collect();
        println!("{}  {}{}", l.arn, addresses.join(" "), l.problem.as_ref().map(|p| format!("  {p}")).unwrap_or_default());
    }
    for g in &s.target_groups {
        println!("{}{}", g.arn, if g.fail_open { "  (none is healthy: all are used)" } else { "" });
        for t in &g.targets {
            let address = std::net::SocketAddr::new(t.address, t.port);
            let (state, breaker) = (format!("{:?}", t.state).to_lowercase(), format!("{:?}", t.breaker).to_lowercase());
            let zone = t.zone.as_deref().unwrap_or("-");
            println!(
                "  {:<22} {address:<22} {zone:<12} {state:<10} in flight {:<5} requests {:<9} p50 {} us  p99 {} us  breaker {breaker}  {}",
                t.id,
                t.in_flight,
                t.requests,
                t.p50_us,
                t.p99_us,
                t.description.as_deref().unwrap_or("")
            );
        }
    }
    for (reason, count) in &s.counters {
        println!("{reason} {count}");
    }
}
