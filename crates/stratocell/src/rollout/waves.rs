//! Which processes are in which wave. Pure.
//!
//! A host's wave has its agent and its card, a cell's also its controller. What serves a zone or the region (storage nodes, the
//! object index, directories, edge, control plane, gateway) comes last, when every cell is known to be well with it.

use crate::roles::{self, Per};
use platform::Settings;
use platform::settings::{CellSettings, HostSettings};
use std::collections::BTreeMap;
use types::HostId;
use wire::rollout::{RolloutPlan, Wave};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("there is no {kind} \"{name}\" in this region: see `stratocell status`")]
    NoSuch { kind: &'static str, name: String },
    #[error("host {host} is not of the canary cell {cell}: the first host is one of its hosts")]
    Elsewhere { host: String, cell: String },
    #[error("cell {0} is the canary and the production canary: name two cells, or none")]
    Twice(String),
    #[error("regional_percent must grow from wave to wave, up to 100: {0:?}")]
    Percent(Vec<u8>),
    #[error("{0} must be from {1} to {2}")]
    Range(&'static str, u32, u32),
}

/// Weeks.
const BAKE_SECONDS_MAX: u32 = 14 * 86_400;

/// `instances`: how many there are on each host. Waves without processes are left out; an approval is needed before the first
/// of the region's own.
pub fn waves(settings: &Settings, plan: &RolloutPlan, instances: &BTreeMap<HostId, usize>) -> Result<Vec<Wave>, PlanError> {
    check(plan)?;
    let on = |h: &HostSettings| instances.get(&h.id).copied().unwrap_or(0);
    let load = |c: &CellSettings| c.hosts.iter().map(on).sum::<usize>();
    let cell = |name: &types::CellId| {
        let found = settings.cells.iter().find(|c| c.id == *name);
        found.ok_or_else(|| PlanError::NoSuch { kind: "cell", name: name.to_string() })
    };
    let of_box = plan
        .one_box
        .as_ref()
        .map(|h| settings.host(h).map(|(c, _)| c).ok_or_else(|| PlanError::NoSuch { kind: "host", name: h.to_string() }));
    let of_box = of_box.transpose()?;
    let none = || PlanError::NoSuch { kind: "cell", name: String::new() };
    // Of equals the last: what was made first is what everybody uses.
    let fewest =
        settings.cells.iter().rev().filter(|c| Some(&c.id) != plan.production_cell.as_ref() || settings.cells.len() == 1);
    let canary = match (&plan.canary_cell, of_box) {
        (Some(name), _) => cell(name)?,
        (None, Some(of_box)) => of_box,
        (None, None) => fewest.min_by_key(|c| load(c)).ok_or_else(none)?,
    };
    let one_box = match &plan.one_box {
        Some(host) => canary.hosts.iter().find(|h| h.id == *host),
        None => canary.hosts.iter().rev().min_by_key(|h| on(h)),
    };
    let one_box = one_box.ok_or_else(|| PlanError::Elsewhere {
        host: plan.one_box.as_ref().map(ToString::to_string).unwrap_or_default(),
        cell: canary.id.to_string(),
    })?;
    let production = match &plan.production_cell {
        Some(name) if *name == canary.id => return Err(PlanError::Twice(name.to_string())),
        Some(name) => Some(cell(name)?),
        None => settings.cells.iter().rev().filter(|c| c.id != canary.id).max_by_key(|c| load(c)),
    };

    let bake = plan.bake_seconds;
    let host = |h: &HostSettings| [format!("agent-{}", h.id), format!("card-{}", h.id)];
    let whole = |c: &CellSettings| {
        let hosts = c.hosts.iter().flat_map(host);
        std::iter::once(format!("cell-{}", c.id)).chain(hosts).collect::<Vec<String>>()
    };
    let mut done = host(one_box).to_vec();
    let mut wave = |name: String, processes: Vec<String>, bake_s| {
        let processes: Vec<String> = processes.into_iter().filter(|p| !done.contains(p)).collect();
        done.extend(processes.iter().cloned());
        Wave { name, processes, bake_s, approval: false }
    };
    let mut all = vec![Wave { name: "one-box".into(), processes: host(one_box).into(), bake_s: bake.one_box, approval: false }];
    all.push(wave("canary-cell".into(), whole(canary), bake.canary_cell));
    all.extend(production.map(|c| wave("production-canary".into(), whole(c), bake.production_canary)));
    if let Some(last) = all.last_mut() {
        last.approval = true;
    }
    let canaries = [Some(&canary.id), production.map(|c| &c.id)];
    let mut rest: Vec<&CellSettings> = settings.cells.iter().filter(|c| !canaries.contains(&Some(&c.id))).collect();
    for percent in &plan.regional_percent {
        let wanted = (settings.cells.len() * usize::from(*percent)).div_ceil(100);
        let more = wanted.saturating_sub(settings.cells.len() - rest.len()).min(rest.len());
        let mut processes: Vec<String> = rest.drain(..more).flat_map(whole).collect();
        if *percent == 100 {
            let own = roles::processes(settings).into_iter().filter(|(_, k)| !matches!(k.per, Per::Cell | Per::Host));
            processes.extend(own.map(|(name, _)| name));
        }
        all.push(wave(format!("{percent} %"), processes, bake.regional));
    }
    all.retain(|w| !w.processes.is_empty());
    Ok(all)
}

fn check(plan: &RolloutPlan) -> Result<(), PlanError> {
    let percent = &plan.regional_percent;
    if percent.last() != Some(&100) || !percent.is_sorted_by(|a, b| a < b) || percent[0] == 0 {
        return Err(PlanError::Percent(percent.clone()));
    }
    let bake = plan.bake_seconds;
    for (name, value, least, most) in [
        ("bake_seconds.one_box", bake.one_box, 1, BAKE_SECONDS_MAX),
        ("bake_seconds.canary_cell", bake.canary_cell, 1, BAKE_SECONDS_MAX),
        ("bake_seconds.production_canary", bake.production_canary, 1, BAKE_SECONDS_MAX),
        ("bake_seconds.regional", bake.regional, 1, BAKE_SECONDS_MAX),
        ("start_seconds", plan.start_seconds, 1, 3_600),
        ("missing_seconds", plan.missing_seconds, 3, 3_600),
        ("thresholds.samples_min", plan.thresholds.samples_min, 1, 1_000_000),
    ] {
        if !(least..=most).contains(&value) {
            return Err(PlanError::Range(name, least, most));
        }
    }
    let t = plan.thresholds;
    for (name, share) in [
        ("thresholds.failures", t.failures),
        ("thresholds.launch_failures", t.launch_failures),
        ("thresholds.api_errors", t.api_errors),
        ("thresholds.p99_increase", t.p99_increase / 100.0),
    ] {
        if !(0.0..=1.0).contains(&share) {
            return Err(PlanError::Range(name, 0, if name.ends_with("increase") { 100 } else { 1 }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::tests::example;

    fn drawn(settings: &Settings, plan: &RolloutPlan, instances: &[(&str, usize)]) -> Result<Vec<String>, PlanError> {
        let instances = instances.iter().map(|(h, n)| (h.parse().unwrap(), *n)).collect();
        let all = waves(settings, plan, &instances)?;
        let mut named: Vec<&String> = all.iter().flat_map(|w| &w.processes).collect();
        named.sort();
        let mut every: Vec<String> = roles::processes(settings).into_iter().map(|(n, _)| n).collect();
        every.sort();
        assert_eq!(named, every.iter().collect::<Vec<_>>(), "each process is in one wave");
        Ok(all.iter().map(|w| format!("{}{}: {}", w.name, if w.approval { "!" } else { "" }, w.processes.join(" "))).collect())
    }

    #[test]
    fn every_process_is_in_one_wave() {
        let settings = example(3, 1, 2);
        let plan = RolloutPlan::default();
        let all = drawn(&settings, &plan, &[("a1-h1", 3), ("b1-h2", 1), ("c1-h1", 1)]).unwrap();
        assert_eq!(
            all[..3],
            [
                // Of equals the last.
                "one-box: agent-c1-h2 card-c1-h2",
                "canary-cell: cell-c1 agent-c1-h1 card-c1-h1",
                "production-canary!: cell-a1 agent-a1-h1 card-a1-h1 agent-a1-h2 card-a1-h2",
            ]
        );
        assert!(all[3].starts_with("100 %: cell-b1 agent-b1-h1") && all[3].ends_with(" gateway"), "{}", all[3]);
        assert_eq!(all.len(), 4, "10 % and 25 % of three cells, and 50 %, are the two canaries");

        // One cell: the approval is asked for after it.
        let one = drawn(&example(1, 1, 1), &plan, &[]).unwrap();
        assert_eq!(one[..2], ["one-box: agent-a1-h1 card-a1-h1", "canary-cell!: cell-a1"]);
        // Twelve cells: 10 % are two, the canaries; 25 % one more, 50 % three, the rest six.
        let many = waves(&example(3, 4, 1), &plan, &BTreeMap::new()).unwrap();
        let cells: Vec<_> = many.iter().map(|w| w.processes.iter().filter(|p| p.starts_with("cell-")).count()).collect();
        assert_eq!(cells, [0, 1, 1, 1, 3, 6]);
    }

    #[test]
    fn a_plan_names_what_there_is() {
        let settings = example(3, 1, 2);
        let plan = |one_box: &str, canary: &str, production: &str| RolloutPlan {
            one_box: one_box.parse().ok(),
            canary_cell: canary.parse().ok(),
            production_cell: production.parse().ok(),
            ..RolloutPlan::default()
        };
        let starts = |p: &RolloutPlan| drawn(&settings, p, &[]).map(|w| [w[0].clone(), w[2].clone()].concat());
        assert!(starts(&plan("a1-h1", "", "")).unwrap().starts_with("one-box: agent-a1-h1"));
        assert!(starts(&plan("", "a1", "")).unwrap().starts_with("one-box: agent-a1-h2"));
        assert!(starts(&plan("", "", "c1")).unwrap().contains("production-canary!: cell-c1"));
        assert!(starts(&plan("", "", "c1")).unwrap().starts_with("one-box: agent-b1-h2"));
        for (bad, why) in [
            (plan("z1-h1", "", ""), "host \"z1-h1\""),
            (plan("", "z1", ""), "cell \"z1\""),
            (plan("a1-h1", "b1", ""), "not of the canary cell b1"),
            (plan("", "a1", "a1"), "name two cells"),
            (RolloutPlan { regional_percent: vec![10, 50], ..plan("", "", "") }, "up to 100"),
            (RolloutPlan { regional_percent: vec![50, 10, 100], ..plan("", "", "") }, "must grow"),
            (RolloutPlan { missing_seconds: 0, ..plan("", "", "") }, "missing_seconds"),
        ] {
            let refused = starts(&bad).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
        assert!(serde_json::from_str::<RolloutPlan>(r#"{"bake": 3}"#).is_err(), "a word that is none is refused");
        let read: RolloutPlan = serde_json::from_str(r#"{"bake_seconds": {"one_box": 3}}"#).unwrap();
        assert_eq!((read.bake_seconds.one_box, read.bake_seconds.regional), (3, 3600));
    }
}
