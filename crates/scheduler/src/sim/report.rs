//! What a run was like.

use super::check::Violation;
use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    pub at_ms: u64,
    pub instances: u64,
    /// In thousandths of all hosts with a leader.
    pub vcpus_used: u32,
    pub memory_used: u32,
    /// vCPUs that are free on hosts with less than 2 GiB a free vCPU; memory beyond 8 GiB a free vCPU.
    pub vcpus_stranded: u32,
    pub memory_stranded: u32,
    pub launched: u64,
    pub failed: u64,
}

/// Whom a fault reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blast {
    pub at_ms: u64,
    pub fault: String,
    pub instances_stopped: u64,
    /// Accounts with a hit cell in their shard, and those with no other cell anywhere.
    pub accounts_with_a_hit_cell: u64,
    pub accounts_without_another: u64,
}

#[derive(Debug, Clone, Default)]
pub struct Report {
    pub seed: u64,
    /// Of all events in order: the same seed, the same number.
    pub trace: u64,
    pub events: u64,
    pub virtual_ms: u64,
    pub hosts: u64,
    pub accounts: u64,
    pub crowded: u64,
    pub launched: u64,
    pub running: u64,
    pub ended: u64,
    pub failed: BTreeMap<&'static str, u64>,
    /// Cells that a launch was sent to in vain: what was told of room was no longer true.
    pub conflicts: u64,
    pub picks: u64,
    /// Milliseconds from launch to running, sorted.
    pub took: Vec<u32>,
    /// Nanoseconds of real time a pick and a decision, sorted; empty without a clock.
    pub pick_ns: Vec<u32>,
    pub decide_ns: Vec<u32>,
    pub samples: Vec<Sample>,
    pub blasts: Vec<Blast>,
    /// How long things took to come back, ms, sorted.
    pub back: BTreeMap<&'static str, Vec<u64>>,
    pub counted: BTreeMap<&'static str, u64>,
    pub messages: BTreeMap<&'static str, u64>,
    pub looked: BTreeMap<&'static str, u64>,
    pub broken: u64,
    pub violations: Vec<Violation>,
}

/// The value below which `permille` thousandths of a sorted list are.
fn at<T: Copy + Default>(sorted: &[T], permille: usize) -> T {
    sorted.get((sorted.len() * permille / 1000).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

impl Report {
    /// Another region's run, added.
    pub fn add(&mut self, other: Self) {
        self.trace = crate::rng::mix(self.trace ^ other.trace);
        self.events += other.events;
        self.virtual_ms = self.virtual_ms.max(other.virtual_ms);
        self.hosts += other.hosts;
        self.accounts += other.accounts;
        self.crowded += other.crowded;
        self.launched += other.launched;
        self.running += other.running;
        self.ended += other.ended;
        self.conflicts += other.conflicts;
        self.picks += other.picks;
        self.broken += other.broken;
        for (mine, theirs) in
            [(&mut self.took, other.took), (&mut self.pick_ns, other.pick_ns), (&mut self.decide_ns, other.decide_ns)]
        {
            mine.extend(theirs);
            mine.sort_unstable();
        }
        for (mine, theirs) in [
            (&mut self.failed, other.failed),
            (&mut self.counted, other.counted),
            (&mut self.messages, other.messages),
            (&mut self.looked, other.looked),
        ] {
            theirs.into_iter().for_each(|(k, n)| *mine.entry(k).or_default() += n);
        }
        for (k, v) in other.back {
            let all = self.back.entry(k).or_default();
            all.extend(v);
            all.sort_unstable();
        }
        // Regions are of one size: the mean of their shares is the whole's.
        if self.samples.is_empty() {
            self.samples = other.samples;
        } else {
            let n = self.regions() as u32;
            for (mine, theirs) in self.samples.iter_mut().zip(other.samples) {
                let mean = |a: u32, b: u32| (a * n + b) / (n + 1);
                mine.instances += theirs.instances;
                mine.launched += theirs.launched;
                mine.failed += theirs.failed;
                mine.vcpus_used = mean(mine.vcpus_used, theirs.vcpus_used);
                mine.memory_used = mean(mine.memory_used, theirs.memory_used);
                mine.vcpus_stranded = mean(mine.vcpus_stranded, theirs.vcpus_stranded);
                mine.memory_stranded = mean(mine.memory_stranded, theirs.memory_stranded);
            }
        }
        self.blasts.extend(other.blasts);
        self.violations.extend(other.violations);
        *self.counted.entry("regions").or_insert(1) += 1;
    }

    fn regions(&self) -> u64 {
        self.counted.get("regions").copied().unwrap_or(1)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed: u64 = self.failed.values().sum();
        writeln!(
            f,
            "seed {}, trace {:016x}: {} events in {} virtual seconds",
            self.seed,
            self.trace,
            self.events,
            self.virtual_ms / 1000
        )?;
        let (hosts, accounts, crowded) = (self.hosts, self.accounts, self.crowded);
        writeln!(
            f,
            "{} regions, {hosts} hosts, {accounts} accounts ({crowded} with more overlap than the bound)\n",
            self.regions()
        )?;
        writeln!(f, "| launches | running | ended | failed | refused by a cell | launch to running p50, p99, max |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        let t = &self.took;
        writeln!(
            f,
            "| {} | {} | {} | {failed} | {} of {} picks | {} ms, {} ms, {} ms |\n",
            self.launched,
            self.running,
            self.ended,
            self.conflicts,
            self.picks,
            at(t, 500),
            at(t, 990),
            at(t, 1000)
        )?;
        for (reason, n) in &self.failed {
            writeln!(f, "* failed, {reason}: {n}")?;
        }
        for (what, ns) in [("pick of a cell", &self.pick_ns), ("decision of a cell, with its books and commit", &self.decide_ns)]
        {
            if !ns.is_empty() {
                let us = |p| f64::from(at(ns, p)) / 1000.0;
                writeln!(f, "* {what}, real time: p50 {:.1} us, p99 {:.1} us, max {:.1} us", us(500), us(990), us(1000))?;
            }
        }
        if let (Some(first), Some(last)) = (self.samples.first(), self.samples.last()) {
            for (when, s) in [("first", first), ("last", last)] {
                writeln!(
                    f,
                    "* {when} sample: {} instances; vCPUs {:.1} % used, {:.1} % stranded; memory {:.1} % used, {:.1} % stranded",
                    s.instances,
                    f64::from(s.vcpus_used) / 10.0,
                    f64::from(s.vcpus_stranded) / 10.0,
                    f64::from(s.memory_used) / 10.0,
                    f64::from(s.memory_stranded) / 10.0
                )?;
            }
        }
        for (what, ms) in &self.back {
            writeln!(f, "* {what}: {} times, p50 {} ms, max {} ms", ms.len(), at(ms, 500), at(ms, 1000))?;
        }
        for (what, n) in &self.counted {
            writeln!(f, "* {what}: {n}")?;
        }
        let messages: Vec<String> = self.messages.iter().map(|(k, n)| format!("{k} {n}")).collect();
        writeln!(f, "* messages: {}", messages.join(", "))?;
        if !self.blasts.is_empty() {
            writeln!(f, "\n| at s | fault | instances stopped | accounts with a hit cell | accounts without another |")?;
            writeln!(f, "|---|---|---|---|---|")?;
            for b in self.blasts.iter().take(40) {
                let (with, without) = (b.accounts_with_a_hit_cell, b.accounts_without_another);
                writeln!(f, "| {} | {} | {} | {with} | {without} |", b.at_ms / 1000, b.fault, b.instances_stopped)?;
            }
        }
        writeln!(f, "\n| rule | looked at | broken |\n|---|---|---|")?;
        for (rule, n) in &self.looked {
            writeln!(f, "| {rule} | {n} | {} |", self.violations.iter().filter(|v| v.rule == *rule).count())?;
        }
        for v in self.violations.iter().take(20) {
            writeln!(f, "BROKEN at {} ms, {}: {}", v.at_ms, v.rule, v.what)?;
        }
        Ok(())
    }
}
