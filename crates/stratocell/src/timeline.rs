//! What happens from the first fault until all is well again: how two looks at the region become events, and how events
//! become a report. Pure; the supervisor looks and keeps the events, `fault report` reads them.
//!
//! ```text
//!   calm ──fault──► watched ──no fault left, and well──► recovered ──fault──► watched (a new timeline)
//!                      └──no fault left for 10 minutes, not well──► given up
//! ```

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use types::{HostId, InstanceId};
use wire::cell::{CellReport, HostHealth};
use wire::host::VmState;
use wire::supervisor::{FaultStatus, ProcessState, ProcessStatus};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub at_ms: u64,
    #[serde(flatten)]
    pub what: Happened,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    Operator,
    /// Its time was over.
    Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Happened {
    Injected {
        fault: FaultStatus,
        processes: usize,
        hosts: Vec<HostId>,
    },
    Healed {
        fault: FaultStatus,
        by: By,
    },
    Process {
        name: String,
        state: ProcessState,
    },
    Host {
        host: HostId,
        health: HostHealth,
    },
    Instance {
        instance: InstanceId,
        host: HostId,
        sight: Sight,
    },
    /// All is well.
    Recovered,
    /// It did not become well in time.
    GivenUp,
}

impl Happened {
    pub fn ends(&self) -> bool {
        matches!(self, Self::Recovered | Self::GivenUp)
    }

    /// What is never left out, however long the timeline is.
    pub fn is_landmark(&self) -> bool {
        matches!(self, Self::Injected { .. } | Self::Healed { .. }) || self.ends()
    }
}

/// An instance as its host says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    Running,
    Starting,
    Stopping,
    Stopped,
    Gone,
    Failed,
    /// Its host's reports have stopped; it may run.
    Unheard,
    /// A fault struck its host.
    Struck,
}

fn sight(report: &wire::cell::CellInstanceReport) -> Sight {
    match &report.state {
        _ if !report.current => Sight::Unheard,
        VmState::Starting => Sight::Starting,
        VmState::Running => Sight::Running,
        VmState::Stopping => Sight::Stopping,
        VmState::Stopped { .. } => Sight::Stopped,
        VmState::Gone => Sight::Gone,
        VmState::Failed { .. } => Sight::Failed,
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    host: HostId,
    sight: Sight,
    started_ms: u64,
}

/// What was last known. A cell that does not answer changes nothing of what is known of its hosts.
#[derive(Debug, Clone, Default)]
pub struct Known {
    processes: BTreeMap<String, ProcessState>,
    hosts: BTreeMap<HostId, HostHealth>,
    instances: BTreeMap<InstanceId, Seen>,
    /// Struck, and not seen since: with kill, when it had started, by which its successor is told from what its cell still
    /// believes.
    struck: BTreeMap<InstanceId, Option<u64>>,
    /// Every cell answered at the last look.
    whole: bool,
}

impl Known {
    /// Takes a look and returns what changed. `cells`: `None` for those that do not answer. `held`: the hosts whose guests a
    /// fault holds down.
    pub fn look(
        &mut self,
        processes: &[ProcessStatus],
        cells: &[Option<CellReport>],
        held: impl Fn(&HostId) -> bool,
    ) -> Vec<Happened> {
        let mut changes = Vec::new();
        for p in processes {
            if self.processes.insert(p.name.clone(), p.state).is_some_and(|before| before != p.state) {
                changes.push(Happened::Process { name: p.name.clone(), state: p.state });
            }
        }
        for report in cells.iter().flatten() {
            for h in &report.hosts {
                // A controller that began anew has not heard of its hosts yet.
                if h.health != HostHealth::Unknown
                    && self.hosts.insert(h.host.clone(), h.health).is_some_and(|before| before != h.health)
                {
                    changes.push(Happened::Host { host: h.host.clone(), health: h.health });
                }
            }
            for i in &report.instances {
                let now = Seen { host: i.host.clone(), sight: sight(i), started_ms: i.started_ms };
                if let Some(started) = self.struck.get(&i.id) {
                    let as_before = started.is_some_and(|s| now.sight == Sight::Running && now.started_ms <= s);
                    if held(&now.host) || now.sight == Sight::Unheard || as_before {
                        continue;
                    }
                    self.struck.remove(&i.id);
                }
                let before = self.instances.insert(i.id, now.clone());
                if before.is_some_and(|b| (&b.host, b.sight) != (&now.host, now.sight)) {
                    changes.push(Happened::Instance { instance: i.id, host: now.host, sight: now.sight });
                }
            }
        }
        let healthy = |c: &CellReport| c.hosts.iter().all(|h| h.health == HostHealth::Healthy);
        self.whole = cells.iter().all(|c| c.as_ref().is_some_and(healthy));
        changes
    }

    /// The guests of these hosts are killed or paused now.
    pub fn strike(&mut self, hosts: &[HostId], kill: bool) -> Vec<Happened> {
        let mut changes = Vec::new();
        for (id, seen) in self.instances.iter_mut().filter(|(_, s)| hosts.contains(&s.host)) {
            if matches!(seen.sight, Sight::Running | Sight::Starting | Sight::Unheard) {
                seen.sight = Sight::Struck;
                self.struck.insert(*id, kill.then_some(seen.started_ms));
                changes.push(Happened::Instance { instance: *id, host: seen.host.clone(), sight: Sight::Struck });
            }
        }
        changes
    }

    /// Every process runs, every host is heard of, no instance is on its way.
    pub fn is_well(&self) -> bool {
        let settled = |s: Sight| matches!(s, Sight::Running | Sight::Stopped | Sight::Gone | Sight::Failed);
        self.whole
            && self.processes.values().all(|s| *s == ProcessState::Running)
            && self.instances.values().all(|i| settled(i.sight))
    }
}

/// From a timeline's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub began_ms: u64,
    /// `None`: it goes on.
    pub ended_ms: Option<u64>,
    pub recovered: bool,
    /// From the last heal until all was well.
    pub recovery_ms: Option<u64>,
    pub processes_struck: Vec<String>,
    /// How long each was not heard of.
    pub hosts_away_ms: BTreeMap<HostId, u64>,
    /// How long each did not run; those that do not run yet count until now.
    pub instances_away_ms: BTreeMap<InstanceId, u64>,
    /// Those that have not run since.
    pub instances_not_back: Vec<InstanceId>,
    pub events: Vec<Event>,
}

/// `None`: nothing has happened.
pub fn report(events: Vec<Event>, now_ms: u64) -> Option<Report> {
    let began_ms = events.first()?.at_ms;
    let last = events.last()?;
    let ended_ms = last.what.ends().then_some(last.at_ms);
    let until = ended_ms.unwrap_or(now_ms);
    let recovered = last.what == Happened::Recovered;
    let healed = events.iter().rev().find(|e| matches!(e.what, Happened::Healed { .. })).map(|e| e.at_ms);
    let mut processes: Vec<String> = Vec::new();
    let (mut hosts, mut instances) = (Away::default(), Away::default());
    for e in &events {
        match &e.what {
            Happened::Process { name, state } if *state != ProcessState::Running && !processes.contains(name) => {
                processes.push(name.clone())
            }
            Happened::Host { host, health } => hosts.see(host.clone(), *health == HostHealth::Healthy, e.at_ms),
            Happened::Instance { instance, sight, .. } => instances.see(*instance, *sight == Sight::Running, e.at_ms),
            _ => {}
        }
    }
    processes.sort();
    let (hosts_away_ms, _) = hosts.until(until);
    let (instances_away_ms, instances_not_back) = instances.until(until);
    Some(Report {
        began_ms,
        ended_ms,
        recovered,
        recovery_ms: healed.filter(|_| recovered).zip(ended_ms).map(|(healed, ended)| ended.saturating_sub(healed)),
        processes_struck: processes,
        hosts_away_ms,
        instances_away_ms,
        instances_not_back,
        events,
    })
}

struct Away<K> {
    since: BTreeMap<K, u64>,
    total: BTreeMap<K, u64>,
}

impl<K> Default for Away<K> {
    fn default() -> Self {
        Self { since: BTreeMap::new(), total: BTreeMap::new() }
    }
}

impl<K: Ord + Clone> Away<K> {
    fn see(&mut self, key: K, here: bool, at_ms: u64) {
        if !here {
            self.since.entry(key).or_insert(at_ms);
        } else if let Some(since) = self.since.remove(&key) {
            *self.total.entry(key).or_default() += at_ms.saturating_sub(since);
        }
    }

    /// The sums, and who is away still.
    fn until(mut self, at_ms: u64) -> (BTreeMap<K, u64>, Vec<K>) {
        for (key, since) in &self.since {
            *self.total.entry(key.clone()).or_default() += at_ms.saturating_sub(*since);
        }
        (self.total, self.since.into_keys().collect())
    }
}

/// Milliseconds as `12.3 s`.
fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

pub fn draw(r: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = draw_to(r, &mut out);
    out
}

fn draw_to(r: &Report, out: &mut String) -> std::fmt::Result {
    for e in &r.events {
        let at = seconds(e.at_ms.saturating_sub(r.began_ms));
        writeln!(out, "{:>10}  {}", format!("+{at}"), sentence(&e.what))?;
    }
    writeln!(out)?;
    match (r.ended_ms, r.recovered, r.recovery_ms) {
        (None, ..) => writeln!(out, "It goes on.")?,
        (Some(end), true, recovery) => {
            let after = recovery.map_or_else(String::new, |ms| format!(", {} after the last heal", seconds(ms)));
            writeln!(out, "All was well again after {}{after}.", seconds(end - r.began_ms))?
        }
        (Some(end), false, _) => writeln!(out, "Not all was well again after {}.", seconds(end - r.began_ms))?,
    }
    writeln!(out, "Processes that did not run: {}", list(r.processes_struck.iter().cloned()))?;
    let away = |(name, ms): (String, u64)| format!("{name} for {}", seconds(ms));
    writeln!(out, "Hosts not heard of: {}", list(r.hosts_away_ms.iter().map(|(h, ms)| away((h.to_string(), *ms)))))?;
    writeln!(out, "Instances that did not run: {}", list(r.instances_away_ms.iter().map(|(i, ms)| away((i.to_string(), *ms)))))?;
    if !r.instances_not_back.is_empty() {
        writeln!(out, "Of them not back: {}", list(r.instances_not_back.iter().map(ToString::to_string)))?;
    }
    Ok(())
}

fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// `ProcessState`, `HostHealth` and `Sight` as their JSON spells them.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn sentence(what: &Happened) -> String {
    match what {
        Happened::Injected { fault, processes, hosts } => {
            let lasting = fault.until_ms.map(|u| format!(", for {} at most", seconds(u.saturating_sub(fault.since_ms))));
            let lasting = lasting.unwrap_or_default();
            format!("{} {} injected{lasting}: {processes} processes, {} hosts", fault.target, fault.kind, hosts.len())
        }
        Happened::Healed { fault, by: By::Operator } => format!("{} {} healed", fault.target, fault.kind),
        Happened::Healed { fault, by: By::Time } => format!("{} {} healed: its time was over", fault.target, fault.kind),
        Happened::Process { name, state } => format!("{name} {}", word(state)),
        Happened::Host { host, health } => format!("host {host} {}", word(health)),
        Happened::Instance { instance, host, sight } => format!("{instance} on {host} {}", word(sight).replace('-', " ")),
        Happened::Recovered => "all is well".to_owned(),
        Happened::GivenUp => "not all is well; no longer watched".to_owned(),
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
