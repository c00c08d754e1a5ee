//! A hundred regions that break all the time, and what must hold in each. `STRATOCELL_SOAK=n`: n hundred more.
//! `SIM_SEED=n` runs one seed and prints its report.

use scheduler::sim::{Settings, run};

/// Seeds beyond the first hundred that once broke a promise.
/// 301: a report of a host, sent before it was switched off, came after the word that it was off.
/// 1867: an instance was being ended when the store was lost; kept as it was until the region had spoken, it began again.
/// 1106: a cell that had lost its store placed a group's next member before the region had said where the others are.
/// 2915: a host came back from a fault without what it had run; the region's word that it should run there made no config.
const KEPT: [u64; 4] = [301, 1106, 1867, 2915];

fn no_clock() -> u64 {
    0
}

#[test]
fn a_hundred_seeds_keep_all_promises() {
    let soak: u64 = std::env::var("STRATOCELL_SOAK").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let one: Option<u64> = std::env::var("SIM_SEED").ok().and_then(|n| n.parse().ok());
    let all_seeds = || (0..100 * (soak + 1)).chain(KEPT).collect();
    let seeds: Vec<u64> = one.map_or_else(all_seeds, |seed| vec![seed]);
    let mut all = scheduler::sim::Report::default();
    for seed in seeds {
        let report = run(&Settings::chaos(seed), &no_clock);
        if one.is_some() {
            println!("{report}");
        }
        assert!(report.broken == 0, "SIM_SEED={seed}\n{report}");
        all.add(report);
    }
    if one.is_none() {
        // None of the rules holds for want of trying.
        for (rule, looked) in &all.looked {
            assert!(*looked >= 100, "{rule}: {looked}\n{all}");
        }
        assert_eq!(all.looked.len(), 12, "{all}");
        for what in ["hosts given up", "instances started elsewhere", "holds that ended", "refused: the hold had ended"] {
            assert!(all.counted.contains_key(what), "never happened: {what}\n{all}");
        }
        // A cell ends what no row names. None of its faults may bring that about: the region refused what ran.
        assert!(!all.counted.contains_key("instances that nobody wanted were ended"), "{all}");
        assert!(all.running * 2 > all.launched, "{all}");
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let (a, b, other) =
        (run(&Settings::chaos(7), &no_clock), run(&Settings::chaos(7), &no_clock), run(&Settings::chaos(8), &no_clock));
    assert_eq!((a.trace, a.events, a.to_string()), (b.trace, b.events, b.to_string()));
    assert_ne!(a.trace, other.trace);
}
