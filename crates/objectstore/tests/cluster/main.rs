//! The whole object store in one thread and in virtual time: real storage nodes' core over disks in memory, the real leader,
//! decisions and collector of the index over `store::sim`, real data and index clients, and gateways that die between any
//! two steps. What goes wrong follows from a seed, and so does everything else: the same seed gives the same trace.
//!
//! ```text
//!  world: storm (nemesis + clients) ─► healed ─► calm: garbage goes, shards go home ─► everything is read
//!  audit: disks and rows compared behind everybody's back   history: each key linearizable, listings included
//! ```
//!
//! `SIM_SEED=n` runs one seed (`SIM_TRACE=1` prints all of its events), `STRATOCELL_SOAK=n` runs n x 100.

mod audit;
mod gateway;
mod history;
mod index;
mod nemesis;
mod net;
mod node;
mod world;

use std::collections::BTreeMap;
use world::{Report, run};

/// Run in every build.
const SEEDS: std::ops::Range<u64> = 0..20;
const SOAK_SEEDS: u64 = 100;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn check(seed: u64, report: &Report) {
    let found = report.violations.join("\n  ");
    assert!(
        report.violations.is_empty(),
        "SIM_SEED={seed} shows {} violations:\n  {found}\n{:?}",
        report.violations.len(),
        report.counts
    );
}

/// Runs them all, and what was met with together.
fn run_all(seeds: impl Iterator<Item = u64>) -> BTreeMap<&'static str, u64> {
    let mut met = BTreeMap::new();
    for seed in seeds {
        let report = run(seed);
        check(seed, &report);
        report.counts.into_iter().for_each(|(what, n)| *met.entry(what).or_default() += n);
    }
    met
}

#[test]
fn fixed_seeds() {
    let met = match (number("SIM_SEED"), number("STRATOCELL_SOAK")) {
        (Some(seed), _) => return check(seed, &run(seed)),
        (None, Some(hundreds)) => run_all(0..hundreds * SOAK_SEEDS),
        (None, None) => run_all(SEEDS),
    };
    println!("{met:#?}");
    // A storm that does nothing shows nothing.
    for what in [
        "blobs written",
        "objects read",
        "pages listed",
        "transitions",
        "versions read at the end",
        "calls unknown",
        "leaders deposed",
        "second leaders",
        "splits",
        "splits failed",
        "half shards discarded",
        "bucket changes",
        "node deaths by disk",
        "disks lost",
        "zones lost",
        "zones down",
        "shards rotted",
        "disks full",
        "partitions",
        "gateways killed",
    ] {
        assert!(met.get(what).is_some_and(|n| *n > 0), "never: {what}; {met:#?}");
    }
}

#[test]
fn the_same_seed_twice_gives_the_same_trace() {
    for seed in [3, 1_000_003] {
        let (first, second) = (run(seed), run(seed));
        assert_eq!(first, second, "seed {seed}");
        assert!(first.trace.events > 1000, "{:?}", first.trace);
    }
    assert_ne!(run(3).trace, run(4).trace);
}
