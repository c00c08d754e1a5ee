//! `flows HOST`: the table that a host's card forwards by, highest priority first.
//!
//! ```text
//! 200  a tracked connection           what was decided for it
//! 150  a security group's rule        allow
//! 100  an address of a VPC            deliver to a port, or encapsulate for another host
//!  90  a route's prefix               gateway
//!  50  ARP of a VPC                   answered by the host: nothing is flooded
//!  10  anything else                  drop, counted by reason
//! ```

use super::reach::words;
use super::{RPC_TIMEOUT, block_on, print, print_json};
use crate::cli::FlowsArgs;
use crate::error::CliError;
use platform::rpc::Client;
use platform::{DataDir, Settings};
use std::fmt::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use wire::net::Direction;
use wire::trace::{FlowsRequest, GetFlows, HostTable, PolicyPeer};

pub fn run(dir: &DataDir, args: &FlowsArgs) -> Result<ExitCode, CliError> {
    let settings = Settings::load(dir)?;
    let hosts: Vec<String> = settings.cells.iter().flat_map(|c| &c.hosts).map(|h| h.id.to_string()).collect();
    if !hosts.contains(&args.host.to_string()) {
        return Err(CliError::refused(format!("there is no host {}: there are {}", args.host, hosts.join(", "))));
    }
    let me = super::operator(dir)?;
    let request = FlowsRequest { interface: args.interface, rows_max: args.rows };
    let client = Client::new(&me, dir.card_socket(&args.host));
    let table = block_on(async {
        let what = format!("ask the card of host {}", args.host);
        client.call::<GetFlows>(&request, RPC_TIMEOUT).await.map_err(|source| CliError::Unanswered { what, source })
    })?;
    if args.json { print_json(&table) } else { print(&text(&table)) }
}

fn text(t: &HostTable) -> String {
    let mut rows: Vec<(u8, String, String)> = Vec::new();
    for f in &t.flows {
        let arrow = if f.initiator == Direction::Egress { "to" } else { "from" };
        let name = words::protocol(f.protocol);
        let (local, remote) = (SocketAddr::new(f.local, f.local_port), SocketAddr::new(f.remote, f.remote_port));
        let found = format!("{} {name} {local} {arrow} {remote}", f.interface);
        let counted = format!(
            "{}; {}, out {} packets {} bytes, in {} packets {} bytes, idle {}",
            words::table_target(&f.target),
            f.state,
            f.out_packets,
            f.out_bytes,
            f.in_packets,
            f.in_bytes,
            seconds(f.idle_ms)
        );
        rows.push((200, found, counted));
    }
    for n in &t.translations {
        let found = format!(
            "{} {} {}:{} to {}:{}",
            n.gateway,
            words::protocol(n.protocol),
            n.inside,
            n.inside_port,
            n.remote,
            n.remote_port
        );
        let state = if n.answered { "answered" } else { "new" };
        rows.push((200, found, format!("source {}:{}; {state}, idle {}", n.outside, n.outside_port, seconds(n.idle_ms))));
    }
    for p in &t.policies {
        let peer = match &p.peer {
            PolicyPeer::Cidr(cidr) => cidr.to_string(),
            PolicyPeer::Members(n) => format!("a group's {n} addresses"),
        };
        let (way, word) = if p.direction == Direction::Egress { ("out", "to") } else { ("in", "from") };
        let found = format!("{} {way} {} {word} {peer}", p.interface, words::rule_protocol(&p.protocol));
        rows.push((150, found, format!("allow; {}", p.rule)));
    }
    for m in &t.members {
        rows.push((100, format!("vni {} dst {}", m.vni, m.address), words::table_target(&m.target)));
    }
    for r in &t.routes {
        let found = format!("vni {} {} dst {}", r.vni, r.table, r.route.destination);
        rows.push((90, found, words::route_target(&r.route.target)));
    }
    rows.extend(t.arp.iter().map(|vni| (50, format!("vni {vni} arp"), "answer".to_owned())));
    let drops: Vec<String> = t.drops.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
    let drops = if drops.is_empty() { "drop".to_owned() } else { format!("drop; {}", drops.join(", ")) };
    rows.push((10, "any".to_owned(), drops));

    let width = rows.iter().map(|(_, found, _)| found.len()).max().unwrap_or(0);
    let mut out = format!("{:<8}  {:<width$}  ACTION\n", "PRIORITY", "MATCH");
    for (priority, found, action) in rows {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{priority:<8}  {found:<width$}  {action}");
    }
    let shown = [
        ("flows", t.flows.len(), t.flows_total),
        ("translations", t.translations.len(), t.translations_total),
        ("rules", t.policies.len(), t.policies_total),
        ("addresses", t.members.len(), t.members_total),
        ("routes", t.routes.len(), t.routes_total),
    ];
    let count = |&(name, shown, total): &(&str, usize, u64)| match shown as u64 == total {
        true => format!("{total} {name}"),
        false => format!("{shown} of {total} {name}"),
    };
    let counts: Vec<String> = shown.iter().map(count).collect();
    let _ = writeln!(out, "generation {}: {}; flows take {} KiB", t.generation, counts.join(", "), t.flow_bytes / 1024);
    out
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}
