//! The object store beside its peers, one after the other in one run, on one disk, with one load generator.
//!
//! `cargo bench -p stratocell --bench objects [-- NAME...]`: ours (three copies, fsync), and of the peers those that are
//! there: s3s-fs (one copy, no fsync: it has none) and Garage (one copy, fsync on). They are looked for in target/peers/bin
//! (`scripts/setup.sh bench` builds them) and in the PATH. Prints a line a cell; asserts nothing about time. BENCH_SIZE="4 KiB"
//! measures one size, BENCH_SECONDS=1 shortens a cell,
//! BENCH_FRAMES=tls puts our own object data into TLS (decision 0010).
//!
//! Each cell: a number of connections, each with one request after the other, for a fixed time. CPU is that of the server's
//! processes (user and system) in that time. Bodies are random, so that nobody gains by compressing.

#[path = "objects/load.rs"]
mod load;
#[path = "objects/servers.rs"]
mod servers;

use load::{Cell, Op};
use servers::Server;
use std::time::Duration;

const SIZES: [(&str, usize); 4] = [("4 KiB", 4 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20), ("64 MiB", 64 << 20)];
const CONNECTIONS: [usize; 2] = [1, 64];
const SECONDS: u64 = 3;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let seconds = std::env::var("BENCH_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(SECONDS);
    println!(
        "{:<12} {:<6} {:>7} {:>5} {:>10} {:>10} {:>9} {:>9} {:>10} {:>10} {:>9} {:>6}",
        "server", "op", "size", "conns", "ops/s", "MiB/s", "p50 ms", "p99 ms", "CPU us/op", "CPU s/GiB", "RSS MiB", "failed"
    );
    for (name, start) in servers::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|w| w == name) {
            continue;
        }
        match start() {
            Ok(server) => run(name, &server, Duration::from_secs(seconds)),
            Err(why) => println!("{name:<12} left out: {why}"),
        }
    }
}

fn run(name: &str, server: &Server, time: Duration) {
    let print = |op: &str, size: &str, conns: usize, cell: &Cell| {
        let seconds = cell.took.as_secs_f64();
        let ops = cell.latencies.len().max(1) as f64;
        let gib = cell.bytes as f64 / f64::from(1 << 30);
        println!(
            "{name:<12} {op:<6} {size:>7} {conns:>5} {:>10.0} {:>10.1} {:>9.2} {:>9.2} {:>10.0} {:>10.2} {:>9.0} {:>6}",
            cell.latencies.len() as f64 / seconds,
            gib * 1024.0 / seconds,
            cell.quantile(0.5),
            cell.quantile(0.99),
            cell.cpu.as_secs_f64() * 1e6 / ops,
            if gib > 0.0 { cell.cpu.as_secs_f64() / gib } else { 0.0 },
            server.rss_mib(),
            cell.failed,
        );
    };
    let only = std::env::var("BENCH_SIZE").ok();
    for (label, size) in SIZES {
        if only.as_ref().is_some_and(|o| o != label) {
            continue;
        }
        for conns in CONNECTIONS {
            // 64 connections of 64 MiB are 4 GiB in flight: what a laptop does not have to show.
            let conns = if size > 1 << 20 { conns.min(8) } else { conns };
            let put = load::run(server, Op::Put, size, conns, time);
            print("PUT", label, conns, &put);
            let get = load::run(server, Op::Get { keys: put.keys.max(1) }, size, conns, time);
            print("GET", label, conns, &get);
            let mixed = load::run(server, Op::Mixed { keys: put.keys.max(1) }, size, conns, time);
            print("mixed", label, conns, &mixed);
            server.clean(size);
        }
    }
    load::fill(server, 5_000);
    for conns in CONNECTIONS {
        let list = load::run(server, Op::List, 0, conns, time);
        print("LIST", "1000", conns, &list);
    }
}
