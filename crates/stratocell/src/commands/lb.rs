//! `stratocell lb`: a load balancer of plain processes; what it sees, and what the region's load balancers see.

use super::{ask, block_on, print_json};
use crate::balancers::{self, Balancer, Node};
use crate::cli::{LbArgs, LbCommand};
use crate::error::CliError;
use balancer::Options;
use platform::DataDir;
use serde::Serialize;
use std::process::ExitCode;
use std::time::Duration;
use wire::api::GetRegionStatus;
use wire::balancer::BalancerStatus;
use wire::edge::GetEdgeStatus;

const ASK_TIMEOUT: Duration = Duration::from_secs(2);

pub fn run(dir: &DataDir, args: LbArgs) -> Result<ExitCode, CliError> {
    if let Some(LbCommand::Status { name, control, json }) = args.command {
        let Some(control) = control else { return of_region(dir, name.as_deref(), json) };
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

/// A node and what its process says.
#[derive(Debug, Serialize)]
struct Seen {
    #[serde(flatten)]
    node: Node,
    status: Option<BalancerStatus>,
}

fn of_region(dir: &DataDir, name: Option<&str>, json: bool) -> Result<ExitCode, CliError> {
    let (region, edge) = block_on(async {
        let region = ask::<GetRegionStatus>(dir, "control-plane", ASK_TIMEOUT).await;
        let region = region.map_err(|e| CliError::Role(crate::error::sentence(&e)))?;
        Ok((region, ask::<GetEdgeStatus>(dir, "edge", ASK_TIMEOUT).await.ok()))
    })?;
    let all = balancers::rows(&region, edge.as_ref());
    let is = |b: &&Balancer| name.is_none_or(|n| b.name == n || b.name.split('/').nth(1) == Some(n));
    let found: Vec<Balancer> = all.iter().filter(is).cloned().collect();
    if let (Some(name), true) = (name, found.is_empty()) {
        return Err(CliError::refused(format!("there is no load balancer \"{name}\"")));
    }
    let seen = |n: &Node| {
        let report = region.cells.iter().flat_map(|c| &c.balancers).find(|b| b.interface == n.interface);
        Seen { node: n.clone(), status: report.and_then(|r| r.status.clone()) }
    };
    let found: Vec<(Balancer, Vec<Seen>)> = found.into_iter().map(|b| (b.clone(), b.nodes.iter().map(seen).collect())).collect();
    if json {
        let each = |(b, nodes): &(Balancer, Vec<Seen>)| serde_json::json!({"name": b.name, "account": b.account, "state": b.state, "dns_name": b.dns_name, "nodes": nodes});
        return print_json(&found.iter().map(each).collect::<Vec<_>>());
    }
    for (b, nodes) in &found {
        println!("{}", balancers::line(b));
        for n in nodes {
            println!("{}", balancers::node_line(&n.node));
            match &n.status {
                Some(status) if name.is_some() => print(status),
                Some(_) => {}
                None => println!("  its process does not answer"),
            }
        }
    }
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
