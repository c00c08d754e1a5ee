//! How likely a chunk is lost within a year: a Markov model, for `stratocell durability`. Pure numbers, no measurements of
//! its own: what it says is as good as its inputs.
//!
//! ```text
//!  state (i, z):  i shards lost one by one, z = 1: a whole zone's shards are lost as well
//!    (i, z) ─► (i+1, z)   one of those that are left fails, each at the rate of a node
//!    (i, z) ─► (i-1, z)   one of the i is repaired, all of them at the same time
//!    (i, 0) ─► (i, 1)     a zone is destroyed; (i, 1) ─► (i, 0) its shards are restored elsewhere
//!    lost                 more than `parity` are gone, or a second zone is
//! ```
//!
//! Assumed: failures are exponential and, but for whole zones, independent; shards are on different nodes; a loss is noticed
//! at once (the scrubber and the nodes' anti-entropy are in the repair time). Not in it: software faults, operators,
//! sectors that fail unnoticed between scrubs, regional disasters. Loss of a zone means that its disks are gone, not that it
//! is away for a while.

use crate::layout::Layout;
use std::fmt::Write;

const YEAR_HOURS: f64 = 8766.0;

/// What the model is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inputs {
    /// The share of nodes (disks) that fail for good within a year: 0.02 is 2 %. Below 1.
    pub annual_failure_rate: f64,
    /// From the loss of a shard until it is whole again: noticed, read, computed, written. Measured, if it can be.
    pub repair_hours: f64,
    pub zones: u32,
    /// Destructions of a zone a year, each zone: 0.001 is once in a thousand years. 0: leave them out.
    pub zone_losses_per_year: f64,
    /// Until all shards of a lost zone are restored elsewhere.
    pub zone_repair_hours: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The probability that a certain chunk is lost within a year.
    pub loss_per_year: f64,
    /// -log10 of it: 11.0 is "eleven nines".
    pub nines: f64,
    /// Stored bytes a byte.
    pub overhead: f64,
}

/// The durability of one chunk.
pub fn estimate(layout: Layout, inputs: &Inputs) -> Estimate {
    let rate = loss_per_hour(layout, inputs);
    let loss_per_year = -(-rate * YEAR_HOURS).exp_m1();
    let overhead = layout.shards() as f64 / f64::from(layout.data.max(1));
    Estimate { loss_per_year, nines: -loss_per_year.log10(), overhead }
}

/// A table of classes (name, layout) with the inputs above it.
pub fn report(classes: &[(&str, Layout)], inputs: &Inputs) -> String {
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = writeln!(
        out,
        "inputs: {} % of nodes fail a year, a shard is repaired in {:.2} h; {} zones, each destroyed {} times a year, restored in {:.2} h",
        inputs.annual_failure_rate * 100.0,
        inputs.repair_hours,
        inputs.zones,
        inputs.zone_losses_per_year,
        inputs.zone_repair_hours,
    );
    let _ = writeln!(
        out,
        "{:<16} {:>8} {:>9} {:>14} {:>6}  {:>13}",
        "class", "shards", "overhead", "loss a year", "nines", "nodes alone"
    );
    for (name, layout) in classes {
        let (whole, nodes) = (estimate(*layout, inputs), estimate(*layout, &Inputs { zone_losses_per_year: 0.0, ..*inputs }));
        let shards = format!("{}+{}", layout.data, layout.parity);
        let _ = writeln!(
            out,
            "{name:<16} {shards:>8} {:>8.2}x {:>14.1e} {:>6.1}  {:>13.1}",
            whole.overhead, whole.loss_per_year, whole.nines, nodes.nines
        );
    }
    out.push_str("of one chunk; designed for, not measured. Software faults and operators are not in it.\n");
    out
}

/// Losses an hour: what flows into the lost state of a process that begins anew there, which is 1 / the mean time to loss.
fn loss_per_hour(layout: Layout, inputs: &Inputs) -> f64 {
    let (shards, parity) = (layout.shards(), usize::from(layout.parity));
    let zones = inputs.zones.max(1) as usize;
    let per_zone = shards.div_ceil(zones);
    let fails = -(-inputs.annual_failure_rate.clamp(0.0, 0.999_999)).ln_1p() / YEAR_HOURS;
    let repaired = 1.0 / inputs.repair_hours.max(1e-9);
    let zone_fails = inputs.zone_losses_per_year.max(0.0) / YEAR_HOURS;
    let zone_restored = 1.0 / inputs.zone_repair_hours.max(1e-9);

    // States by number: (i, 0) is i, (i, 1) follows; the last is the lost one.
    let alone = parity + 1;
    let with_zone = if zone_fails > 0.0 && per_zone <= parity { parity - per_zone + 1 } else { 0 };
    let lost = alone + with_zone;
    let state = |i: usize, zone: bool| match zone {
        false if i < alone => i,
        true if i < with_zone => alone + i,
        _ => lost,
    };
    let mut rates = vec![vec![0.0; lost + 1]; lost + 1];
    for zone in [false, true] {
        for i in 0..if zone { with_zone } else { alone } {
            let from = state(i, zone);
            let left = shards - i - if zone { per_zone } else { 0 };
            rates[from][state(i + 1, zone)] += left as f64 * fails;
            if i > 0 {
                rates[from][state(i - 1, zone)] += i as f64 * repaired;
            }
            if zone {
                rates[from][state(i, false)] += zone_restored;
                rates[from][lost] += (zones - 1) as f64 * zone_fails;
            } else {
                rates[from][state(i, true)] += zones as f64 * zone_fails;
            }
        }
    }
    rates[lost][0] = 1.0;
    let share = stationary(rates.clone());
    let into_lost: f64 = (0..lost).map(|s| share[s] * rates[s][lost]).sum();
    // The time spent in the lost state is not lived.
    into_lost / (1.0 - share[lost])
}

/// Shares of time in each state, by elimination without subtractions (Grassmann, Taksar, Heyman 1985): exact to the last
/// digits even for shares of 1e-30.
fn stationary(mut q: Vec<Vec<f64>>) -> Vec<f64> {
    let n = q.len();
    for last in (1..n).rev() {
        let out: f64 = q[last][..last].iter().sum();
        for from in 0..last {
            q[from][last] /= out;
            for to in 0..last {
                if to != from {
                    q[from][to] += q[from][last] * q[last][to];
                }
            }
        }
    }
    let mut share = vec![0.0; n];
    share[0] = 1.0;
    for state in 1..n {
        share[state] = (0..state).map(|from| share[from] * q[from][state]).sum();
    }
    let total: f64 = share.iter().sum();
    share.iter().map(|s| s / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COPIES: Layout = Layout::REPLICATED;
    const WIDE: Layout = Layout { data: 9, parity: 6 };

    fn inputs(percent: f64, hours: f64) -> Inputs {
        Inputs {
            annual_failure_rate: percent / 100.0,
            repair_hours: hours,
            zones: 3,
            zone_losses_per_year: 0.0,
            zone_repair_hours: 48.0,
        }
    }

    fn two_digits(x: f64) -> String {
        format!("{x:.1e}")
    }

    /// Computed elsewhere for the same model: independent failures, parallel repair.
    #[test]
    fn known_values() {
        let codes = [COPIES, Layout { data: 10, parity: 4 }, Layout { data: 6, parity: 3 }];
        for (percent, hours, losses) in [
            (1.0, 6.0, ["1.4e-12", "2.3e-19", "1.6e-15"]),
            (2.0, 6.0, ["1.2e-11", "7.4e-18", "2.7e-14"]),
            (2.0, 24.0, ["1.9e-10", "1.9e-15", "1.7e-12"]),
            (4.0, 24.0, ["1.5e-9", "6.4e-14", "2.9e-11"]),
            (4.0, 72.0, ["1.4e-8", "5.1e-12", "7.7e-10"]),
        ] {
            let got = codes.map(|c| two_digits(estimate(c, &inputs(percent, hours)).loss_per_year));
            assert_eq!(got, losses, "{percent} % {hours} h");
        }
    }

    /// One shard, no repair that matters: it is lost as often as its node fails.
    #[test]
    fn simple_cases() {
        let one = Layout { data: 1, parity: 0 };
        assert!((estimate(one, &inputs(3.0, 5.0)).loss_per_year - 0.03).abs() < 1e-12);
        // Only zones fail: two of three within the repair time.
        let zones = Inputs { annual_failure_rate: 0.0, zone_losses_per_year: 0.01, ..inputs(0.0, 6.0) };
        let expected = 0.03 * 0.02 * 48.0 / YEAR_HOURS;
        let got = estimate(COPIES, &zones).loss_per_year;
        assert!((got / expected - 1.0).abs() < 1e-3, "{got} {expected}: one is destroyed, then another before it is restored");
        // A code that no zone's loss leaves whole.
        let narrow = estimate(Layout { data: 10, parity: 4 }, &zones).loss_per_year;
        assert!((narrow - 0.03).abs() < 1e-3, "{narrow}");
    }

    #[test]
    fn zones_and_repair_matter() {
        let base = Inputs { zone_losses_per_year: 0.001, ..inputs(2.0, 6.0) };
        let nines = |layout, inputs: &Inputs| estimate(layout, inputs).nines;
        assert!(nines(WIDE, &base) < nines(WIDE, &inputs(2.0, 6.0)));
        assert!(nines(WIDE, &base) < nines(WIDE, &Inputs { zone_repair_hours: 4.0, ..base }));
        assert!(nines(COPIES, &base) < nines(COPIES, &Inputs { repair_hours: 1.0, ..base }));
        assert!(nines(Layout { data: 8, parity: 4 }, &base) < nines(WIDE, &base), "a spare shard behind a lost zone");
    }

    #[test]
    fn the_table_says_what_it_assumed() {
        let text =
            report(&[("STANDARD", COPIES), ("GLACIER", WIDE)], &Inputs { zone_losses_per_year: 0.001, ..inputs(2.0, 6.0) });
        for part in ["2 % of nodes", "in 6.00 h", "STANDARD", "1+2", "3.00x", "9+6", "1.67x", "designed for"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
