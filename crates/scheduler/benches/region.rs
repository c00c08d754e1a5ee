//! A region of a million hosts: `cargo bench -p scheduler --bench region`. One core, about 2 GB.
//!
//! 100 cells of 10,000 hosts of five models at 60 % of vCPUs (mix "large"), 10,000 accounts with 8 of 100 cells each: the pick of a cell, then
//! that cell's decision with its books; the summary of a cell.

use scheduler::cell::{Account, Decider, Pools, Request};
use scheduler::load::shapes::{MIXED, MIXES};
use scheduler::region::{Launch, Picker, ShardSettings, summarise};
use scheduler::{Dimension, Rng};
use std::time::Instant;
use types::{AzName, CellId, InstanceId, TimestampMs};

const CELLS: u32 = 100;
const HOSTS: u32 = 10_000;
const LAUNCHES: u64 = 200_000;

fn row(what: &str, mut ns: Vec<u64>) {
    ns.sort_unstable();
    let at = |p: usize| ns[(ns.len() * p / 1000).min(ns.len() - 1)] as f64 / 1000.0;
    let (p50, p99, p999, max) = (at(500), at(990), at(999), at(1000));
    println!("| {what} ({}) | {p50:.2} | {p99:.2} | {p999:.2} | {max:.2} |", ns.len());
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (zone, now): (AzName, _) = ("us-east-1a".parse()?, TimestampMs(1000));
    let ids: Vec<CellId> = (0..CELLS).map(|c| format!("a{c}").parse()).collect::<Result<_, _>>()?;
    let mut picker = Picker::new(ShardSettings::default());
    picker.set_cells(&zone, &ids);
    (1..=10_000).for_each(|a| drop(picker.shards.assign(Account(a), 0).salt.to_string()));
    let (mut rng, mut number, mix) = (Rng::new(1), 0u64, MIXES[2]);
    let mut id = || {
        number += 1;
        InstanceId::from_random(u128::from(scheduler::rng::mix(number)))
    };
    let (mut cells, mut summaries) = (Vec::new(), Vec::new());
    for cell in &ids {
        let mut decider = Decider::default();
        (0..HOSTS).for_each(|n| assert_eq!(decider.add_host(MIXED.host(cell.as_str(), n, HOSTS)).0, n));
        let used = |d: &Decider| {
            let loads: Vec<_> = d.classes().map(|c| d.load(c)).collect();
            let sum = |f: fn(&scheduler::cell::Load) -> u64| loads.iter().map(f).sum::<u64>();
            let v = Dimension::Vcpus as usize;
            assert!(v == 0);
            1.0 - sum(|l| l.free[0]) as f64 / sum(|l| l.total[0]) as f64
        };
        while used(&decider) < 0.6 {
            for _ in 0..100 {
                let shape = mix.draw(&mut rng);
                let _ = decider.decide(id(), &Request { pools: shape.pools, ..Request::new(Account(1), shape.size) }, now);
            }
        }
        let began = Instant::now();
        let summary = summarise(&decider, cell, &zone, 1, now, &mut rng);
        summaries.push(began.elapsed().as_nanos() as u64);
        picker.hear(summary, now);
        cells.push(decider);
    }
    let (mut picks, mut both, mut failed) = (Vec::new(), Vec::new(), 0u64);
    for n in 0..LAUNCHES {
        let shape = mix.draw(&mut rng);
        let (account, instance) = (Account(1 + rng.below(10_000)), id());
        let request = Request { pools: shape.pools, ..Request::new(account, shape.size) };
        if n % 2_000 == 1_999 {
            // A second's worth: the cells speak again.
            for (cell, decider) in ids.iter().zip(&cells) {
                picker.hear(summarise(decider, cell, &zone, 2 + n, now, &mut rng), now);
            }
        }
        let began = Instant::now();
        let pools: Pools = shape.pools;
        let launch = Launch { account, zone: &zone, size: shape.size, pools, count: 1, only: None, tried: &[] };
        let picked = picker.pick(&launch, now, &mut rng);
        picks.push(began.elapsed().as_nanos() as u64);
        let Ok(pick) = picked else {
            failed += 1;
            continue;
        };
        let cell: usize = pick.cell.as_str()[1..].parse()?;
        let decided = cells[cell].decide(instance, &request, now);
        both.push(began.elapsed().as_nanos() as u64);
        failed += u64::from(decided.is_err());
    }
    println!("{} hosts in {CELLS} cells, {LAUNCHES} launches, {failed} without room\n", CELLS * HOSTS);
    println!("| what | p50 us | p99 | p99.9 | max |\n|---|---|---|---|---|");
    row("pick a cell", picks);
    row("pick, decide, take", both);
    row("summary of a cell", summaries);
    Ok(())
}
