//! How full hosts are at the first refusal: `cargo bench -p scheduler --bench packing [-- RULE]`. Mean of two seeds, 1,000 hosts.

use scheduler::load::shapes::{MIXED, MIXES, UNIFORM};
use scheduler::pack::{Policy, Study, conflicts, defragment};

const SEEDS: u64 = 2;

fn main() {
    let only = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    println!("| hosts | mix | rule | used % | bound % | below it | stranded vCPUs % |");
    println!("|---|---|---|---|---|---|---|");
    for (fleet, mix) in MIXES[..4].iter().map(|m| (UNIFORM, *m)).chain(MIXES.iter().map(|m| (MIXED, *m))) {
        // One model has no GPU or storage hosts.
        for policy in Policy::ALL.into_iter().filter(|p| only.as_ref().is_none_or(|o| p.name() == o)) {
            let runs: Vec<_> = (0..SEEDS).map(|seed| Study { fleet, mix, hosts: 1000, seed }.run(policy)).collect();
            let mean = |f: fn(&scheduler::pack::Packed) -> f64| runs.iter().map(f).sum::<f64>() / SEEDS as f64;
            let (used, bound) = (mean(|r| r.used), mean(|r| r.bound));
            let (fleet, mix, name) = (fleet.name, mix.name, policy.name());
            println!("| {fleet} | {mix} | {name} | {used:.2} | {bound:.2} | {:.2} | {:.2} |", bound - used, mean(|r| r.stranded));
        }
    }
    println!();
    for mix in [MIXES[1], MIXES[2]] {
        println!("{}: {}", mix.name, defragment(&Study { fleet: MIXED, mix, hosts: 1000, seed: 1 }, &[100, 500, 2000, 10_000]));
    }
    println!("Conflicts of deciders on one snapshot, percent of decisions: 5,000 hosts of five models, 400 rounds\n");
    println!("| deciders | best host | random of best 16 | of best 128 |\n|---|---|---|---|");
    let study = Study { fleet: MIXED, mix: MIXES[4], hosts: 5000, seed: 1 };
    for deciders in [4, 16, 64] {
        let [one, some, many] = [1, 16, 128].map(|best_of| conflicts(&study, deciders, best_of, 400));
        println!("| {deciders} | {one:.1} | {some:.1} | {many:.1} |");
    }
}
