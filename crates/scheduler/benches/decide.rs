//! What a decision costs: `cargo bench -p scheduler --bench decide`. One core.
//!
//! A cell of 10,000 and of 50,000 hosts of five models at 80 % of its vCPUs, steady churn of the mix "all families": decision and books
//! together, then giving back. Without the clock's own cost (printed).
//!
//! `-- --peer FILE` measures 10,000 hosts only, and writes them, their instances and the next requests to the file, so that a peer
//! can be asked the same (`scripts/bench-placement.py`).

use scheduler::cell::{Account, Class, Decider, Request};
use scheduler::load::shapes::{MIXED, MIXES, Shape};
use scheduler::load::{Departures, lifetime_ms};
use scheduler::{Dimension, Rng, Room};
use std::io::Write;
use std::time::Instant;
use types::{InstanceId, TimestampMs};

const CHURN: usize = 300_000;
const PEER_REQUESTS: usize = 2_000;

fn id(n: u64) -> InstanceId {
    InstanceId::from_random(u128::from(scheduler::rng::mix(n)))
}

fn request(shape: &Shape) -> Request {
    Request { pools: shape.pools, ..Request::new(Account(1), shape.size) }
}

fn filled(decider: &Decider) -> u32 {
    let (mut total, mut free) = (0, 0);
    for class in decider.classes() {
        let load = decider.load(class);
        total += load.total[Dimension::Vcpus as usize];
        free += load.free[Dimension::Vcpus as usize];
    }
    ((total - free) * 1000 / total) as u32
}

fn percentiles(mut ns: Vec<u64>) -> (f64, f64, f64, f64) {
    ns.sort_unstable();
    let at = |p: usize| ns[(ns.len() * p / 1000).min(ns.len() - 1)] as f64 / 1000.0;
    (ns.iter().sum::<u64>() as f64 / ns.len() as f64 / 1000.0, at(500), at(990), at(999))
}

/// A line each: `host NUMBER CLASS TOTAL`, `instance HOST SIZE`, `request CLASSES SIZE`, rooms in the order of [`Room::array`].
fn write_population(path: &str, decider: &Decider, mut rng: Rng) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    let room = |r: Room| r.array().map(|n| n.to_string()).join(" ");
    for host in decider.hosts() {
        writeln!(out, "host {} {} {}", host.0, decider.class(host).0, room(decider.total(host)))?;
        for instance in decider.on_host(host) {
            let held = decider.held(*instance).map_or(Room::default(), |h| h.room);
            writeln!(out, "instance {} {}", host.0, room(held))?;
        }
    }
    for _ in 0..PEER_REQUESTS {
        let shape = MIXES[4].draw(&mut rng);
        let classes: Vec<String> = (0..5u8).filter(|c| shape.pools.has(Class(*c))).map(|c| c.to_string()).collect();
        writeln!(out, "request {} {}", classes.join(","), room(shape.size))?;
    }
    out.flush()
}

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let peer = args.iter().position(|a| a == "--peer").and_then(|at| args.get(at + 1));
    let clock = percentiles((0..100_000).map(|_| Instant::now().elapsed().as_nanos() as u64).collect());
    println!("clock: {:.2} us a reading\n", clock.0);
    println!("| hosts | instances | what | mean us | p50 | p99 | p99.9 | a second |");
    println!("|---|---|---|---|---|---|---|---|");
    for hosts in [10_000u32, 50_000].into_iter().take(if peer.is_some() { 1 } else { 2 }) {
        let mut decider = Decider::default();
        let began = Instant::now();
        for n in 0..hosts {
            decider.add_host(MIXED.host("a1", n, hosts));
        }
        let mut rng = Rng::new(1);
        let mut departures: Departures<InstanceId> = Departures::default();
        let (mut n, mut now) = (0u64, 0u64);
        let mix = MIXES[4];
        while filled(&decider) < 800 {
            n += 1;
            now += 10;
            let _ = decider.decide(id(n), &request(&mix.draw(&mut rng)), TimestampMs(now));
            departures.add(now + lifetime_ms(&mut rng), id(n));
        }
        eprintln!("{hosts} hosts, {} instances in {:.1?}", decider.instances().count(), began.elapsed());
        if let Some(path) = peer {
            write_population(path, &decider, rng.clone())?;
        }
        let (mut decided, mut released) = (Vec::with_capacity(CHURN), Vec::with_capacity(CHURN));
        let mut refused = Vec::new();
        while decided.len() < CHURN {
            while filled(&decider) >= 800 {
                let Some(gone) = departures.pop() else { break };
                let began = Instant::now();
                decider.release(gone);
                released.push(began.elapsed().as_nanos() as u64);
            }
            n += 1;
            now += 10;
            let request = request(&mix.draw(&mut rng));
            let began = Instant::now();
            let answer = decider.decide(id(n), &request, TimestampMs(now));
            let took = began.elapsed().as_nanos() as u64;
            match answer {
                Ok(_) => {
                    decided.push(took);
                    departures.add(now + lifetime_ms(&mut rng), id(n));
                }
                Err(_) => refused.push(took),
            }
        }
        let instances = decider.instances().count();
        for (what, ns) in [("decide and take", decided), ("refuse, all hosts counted", refused), ("give back", released)] {
            let n = ns.len();
            let (mean, p50, p99, p999) = percentiles(ns);
            println!(
                "| {hosts} | {instances} | {what} ({n}) | {mean:.2} | {p50:.2} | {p99:.2} | {p999:.2} | {:.0} |",
                1e6 / mean
            );
        }
    }
    Ok(())
}
