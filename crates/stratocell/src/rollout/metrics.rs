//! What is known of the two programs, and whether the new one is well. Pure: the supervisor looks about once a second.

use std::collections::{BTreeMap, BTreeSet};
use types::{HostId, InstanceId};
use wire::cell::CellReport;
use wire::host::VmState;
use wire::rollout::{Figure, Phase, Rollout};

/// One look at the region.
#[derive(Debug, Clone, Default)]
pub struct Look {
    pub processes: BTreeMap<String, Seen>,
    /// Hosts whose agents answer and say that their reports do not reach the cell's controller, which answers too.
    pub unreported: Vec<HostId>,
    /// `None` for those that do not answer.
    pub cells: Vec<Option<CellReport>>,
    /// The gateway's counters; `None`: it does not answer.
    pub api: Option<Api>,
}

/// A process as a look finds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The SHA-256 of what it runs; `None`: the supervisor's own.
    pub program: Option<String>,
    /// How long its answer took.
    pub answered_us: Option<u64>,
    /// How often it ended by itself with this program.
    pub deaths: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Api {
    pub requests: u64,
    /// Those that nobody answered.
    pub errors: u64,
}

impl Api {
    fn add(&mut self, more: Api) {
        self.requests += more.requests;
        self.errors += more.errors;
    }
}

/// Of a role with one of the programs.
#[derive(Debug, Clone, Default)]
struct Arm {
    asked: u64,
    missed: u64,
    times: Times,
}

/// By program: the old one, the new one.
#[derive(Debug, Clone, Default)]
struct Both<T> {
    old: T,
    new: T,
}

impl<T> Both<T> {
    fn of(&mut self, new: bool) -> &mut T {
        if new { &mut self.new } else { &mut self.old }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Launches {
    tried: u64,
    failed: u64,
}

#[derive(Debug, Clone, Default)]
pub struct Metrics {
    last: BTreeMap<String, Seen>,
    arms: BTreeMap<String, Both<Arm>>,
    /// Looks in a row that found no answer, of processes that have answered with the new program.
    silent: BTreeMap<String, u32>,
    unreported: BTreeMap<HostId, u32>,
    no_api: u32,
    api_last: Option<Api>,
    api: Both<Api>,
    launches: Both<Launches>,
    instances: Option<BTreeMap<InstanceId, (u64, Launched)>>,
    /// Of the present wave's bake.
    pub(super) looks: u32,
    /// What was given its old program last.
    restoring: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Launched {
    Running,
    Failed,
    Other,
}

impl Metrics {
    /// `paced`: about a second after the one before, so that it counts as time.
    pub fn take(&mut self, rollout: &Rollout, look: Look, paced: bool) {
        let baking = matches!(rollout.phase, Phase::Baking { .. } | Phase::Awaiting { .. });
        let is_new = |process: &str| rollout.updated.iter().any(|p| p == process);
        if paced && baking {
            self.looks = self.looks.saturating_add(1);
        }
        for (process, seen) in &look.processes {
            let new = is_new(process);
            match self.silent.get_mut(process) {
                Some(silent) if seen.answered_us.is_some() => *silent = 0,
                Some(silent) if paced => *silent += 1,
                None if new && seen.answered_us.is_some() => drop(self.silent.insert(process.clone(), 0)),
                _ => {}
            }
            // While processes are replaced, others wait for them: that says nothing about a program.
            if baking {
                let arm = self.arms.entry(role(process).to_owned()).or_default().of(new);
                arm.asked += 1;
                match seen.answered_us {
                    Some(us) => arm.times.note(us),
                    None => arm.missed += 1,
                }
            }
        }
        self.last = look.processes;
        if paced {
            self.unreported.retain(|host, _| look.unreported.contains(host));
            for host in look.unreported.into_iter().filter(|h| is_new(&format!("agent-{h}"))) {
                *self.unreported.entry(host).or_default() += 1;
            }
            self.no_api = if look.api.is_some() { 0 } else { self.no_api + 1 };
        }
        if let Some(now) = look.api {
            match self.api_last.replace(now) {
                None => self.api.old.add(now),
                Some(before) if baking => {
                    // A gateway that began anew counts from 0.
                    let since = |now: u64, before: u64| now.checked_sub(before).unwrap_or(now);
                    let more = Api { requests: since(now.requests, before.requests), errors: since(now.errors, before.errors) };
                    self.api.new.add(more);
                }
                Some(_) => {}
            }
        }
        self.note_launches(&look.cells, is_new);
    }

    fn note_launches(&mut self, cells: &[Option<CellReport>], is_new: impl Fn(&str) -> bool) {
        let first = self.instances.is_none();
        let known = self.instances.get_or_insert_default();
        for i in cells.iter().flatten().flat_map(|c| &c.instances).filter(|i| i.current) {
            let now = match i.state {
                VmState::Running => Launched::Running,
                VmState::Failed { .. } => Launched::Failed,
                _ => Launched::Other,
            };
            let before = known.insert(i.id, (i.boot, now));
            if first || now == Launched::Other || before == Some((i.boot, now)) {
                continue;
            }
            let launches = self.launches.of(is_new(&format!("agent-{}", i.host)));
            launches.tried += 1;
            launches.failed += u64::from(now == Launched::Failed);
        }
    }

    /// `process` was given another program: what was seen of it before is of no use.
    pub fn replaced(&mut self, process: &str, back: bool) {
        self.last.remove(process);
        self.silent.remove(process);
        self.restoring = back.then(|| process.to_owned());
    }

    /// A wave begins: what was measured of the API before is what it is compared with.
    pub fn begin_wave(&mut self) {
        self.looks = 0;
        let api = std::mem::take(&mut self.api.new);
        self.api.old.add(api);
        self.launches.new = Launches::default();
        self.arms.values_mut().for_each(|b| b.new = Arm::default());
    }

    /// It answers, and runs this program.
    pub(super) fn settled(&self, process: &str, program: Option<&str>) -> bool {
        self.last.get(process).is_some_and(|s| s.program.as_deref() == program && s.answered_us.is_some())
    }

    pub(super) fn restoring(&self) -> Option<&str> {
        self.restoring.as_deref()
    }

    /// Why the new program is not well, as a sentence.
    pub(super) fn judge(&self, rollout: &Rollout) -> Option<String> {
        let (plan, limits) = (&rollout.plan, &rollout.plan.thresholds);
        let dead: BTreeSet<&String> =
            rollout.updated.iter().filter(|p| self.last.get(*p).is_some_and(|s| s.deaths > 0)).collect();
        if let Some(first) = dead.first()
            && share(dead.len() as u64, rollout.updated.len() as u64) > limits.failures
        {
            let all = rollout.updated.len();
            return Some(format!("{} of {all} processes with the new program ended by themselves: {first}", dead.len()));
        }
        let missing = |looks: &u32| *looks >= plan.missing_seconds;
        if let Some((process, _)) = self.silent.iter().find(|(_, n)| missing(n)) {
            return Some(format!("missing metrics: {process} has not answered for {} s", plan.missing_seconds));
        }
        if let Some((host, _)) = self.unreported.iter().find(|(_, n)| missing(n)) {
            return Some(format!(
                "missing metrics: host {host}'s reports have not reached its cell for {} s",
                plan.missing_seconds
            ));
        }
        if missing(&self.no_api) {
            return Some(format!("missing metrics: the gateway's counters, for {} s", plan.missing_seconds));
        }
        let Both { old, new } = &self.launches;
        let (before, now) = (share(old.failed, old.tried), share(new.failed, new.tried));
        if now - before > limits.launch_failures {
            return Some(format!("{} of {} launches failed on hosts with the new program", new.failed, new.tried));
        }
        let Both { old, new } = &self.api;
        let (before, now) = (share(old.errors, old.requests), share(new.errors, new.requests));
        if new.requests >= u64::from(limits.samples_min) && now - before > limits.api_errors {
            return Some(format!(
                "{} of {} API requests had no answer; before {:.3} %",
                new.errors,
                new.requests,
                before * 100.0
            ));
        }
        self.arms.iter().find_map(|(role, Both { old, new })| {
            let enough = |a: &Arm| a.times.count >= u64::from(limits.samples_min);
            let (before, now) = (old.times.part(99), new.times.part(99));
            let slower = now as f64 > before as f64 * (1.0 + limits.p99_increase);
            let more = now.saturating_sub(before) > u64::from(limits.p99_floor_ms) * 1000;
            (enough(old) && enough(new) && slower && more).then(|| {
                let ms = |us: u64| us as f64 / 1000.0;
                format!("answers of {role}: p99 {:.1} ms, with the old program {:.1} ms", ms(now), ms(before))
            })
        })
    }

    pub fn figures(&self) -> Vec<Figure> {
        let figure = |role: &String, new, arm: &Arm| Figure {
            role: role.clone(),
            new,
            asked: arm.asked,
            missed: arm.missed,
            p50_us: arm.times.part(50),
            p99_us: arm.times.part(99),
        };
        let of = |(role, both): (&String, &Both<Arm>)| [figure(role, false, &both.old), figure(role, true, &both.new)];
        self.arms.iter().flat_map(of).filter(|f| f.asked > 0).collect()
    }
}

fn share(of: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { of as f64 / all as f64 }
}

/// `agent` of `agent-a1-h1`.
fn role(process: &str) -> &str {
    let kinds = crate::roles::KINDS.iter().map(|k| k.name);
    kinds.filter(|k| process.starts_with(k)).max_by_key(|k| k.len()).unwrap_or(process)
}

/// Times in buckets of a tenth, from 50 microseconds to about ten seconds.
#[derive(Debug, Clone)]
struct Times {
    buckets: [u32; Times::BUCKETS],
    count: u64,
}

impl Default for Times {
    fn default() -> Self {
        Self { buckets: [0; Self::BUCKETS], count: 0 }
    }
}

impl Times {
    const BUCKETS: usize = 130;
    const LEAST_US: f64 = 50.0;
    const STEP: f64 = 1.1;

    fn note(&mut self, us: u64) {
        let at = (us as f64 / Self::LEAST_US).log(Self::STEP).ceil().max(0.0) as usize;
        let bucket = &mut self.buckets[at.min(Self::BUCKETS - 1)];
        *bucket = bucket.saturating_add(1);
        self.count += 1;
    }

    /// The time that so many percent did not exceed, in microseconds: the upper bound of its bucket. 0: there are none.
    fn part(&self, percent: u64) -> u64 {
        let mut left = (self.count * percent).div_ceil(100);
        let at = self.buckets.iter().position(|n| {
            left = left.saturating_sub(u64::from(*n));
            left == 0
        });
        match at {
            Some(at) if self.count > 0 => (Self::LEAST_US * Self::STEP.powi(at as i32)) as u64,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_known_within_a_tenth() {
        let mut t = Times::default();
        assert_eq!(t.part(99), 0);
        (1..=1000u64).for_each(|n| t.note(n * 100));
        for (percent, us) in [(50, 50_000), (99, 99_000), (100, 100_000)] {
            let got = t.part(percent);
            assert!((us..us * 111 / 100).contains(&got), "{percent} %: {got}");
        }
        t.note(u64::MAX);
        assert_eq!(t.count, 1001);
    }

    #[test]
    fn roles_of_processes() {
        for (process, wanted) in
            [("agent-a1-h1", "agent"), ("control-plane", "control-plane"), ("s3-worker", "s3-worker"), ("x", "x")]
        {
            assert_eq!(role(process), wanted);
        }
    }
}
