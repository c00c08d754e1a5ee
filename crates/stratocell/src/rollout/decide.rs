//! What a rollout does next. Pure: state, metrics and time in, one step out.

use super::metrics::Metrics;
use wire::rollout::{Phase, Rollout};

/// One step. [`apply`] writes it into the state, before the supervisor does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing until the next look.
    Wait,
    /// This process is to run the new program.
    Update(String),
    /// The wave has it: watch.
    Bake,
    /// The wave is good: an operator is to say so.
    Ask,
    /// The next wave begins.
    Advance,
    /// Every process has it.
    Finish,
    /// Something is wrong: the sentence.
    Halt(String),
    /// This process is to run the old program again.
    Restore(String),
    /// Every process has the old one.
    Restored,
}

/// Looks that a bake needs at least, whatever the clock says: it may have been set, or the machine have slept.
const LOOKS_MIN: u32 = 3;

pub fn next(r: &Rollout, metrics: &Metrics, now_ms: u64) -> Step {
    if let Phase::Updating { .. } | Phase::Baking { .. } | Phase::Awaiting { .. } = r.phase
        && let Some(why) = metrics.judge(r)
    {
        return Step::Halt(why);
    }
    let over = |since_ms: u64, seconds: u32| now_ms.saturating_sub(since_ms) >= u64::from(seconds) * 1000;
    match r.phase {
        Phase::Done | Phase::RolledBack => Step::Wait,
        Phase::Updating { wave, since_ms } => {
            let unsettled = r.updated.iter().find(|p| !metrics.settled(p, Some(&r.program.sha256)));
            match (unsettled, r.waves[wave].processes.iter().find(|p| !r.updated.contains(p))) {
                (Some(process), _) if over(since_ms, r.plan.start_seconds) => {
                    Step::Halt(format!("{process} did not answer with the new program within {} s", r.plan.start_seconds))
                }
                (Some(_), _) => Step::Wait,
                (None, Some(process)) => Step::Update(process.clone()),
                (None, None) => Step::Bake,
            }
        }
        Phase::Baking { wave, since_ms } => {
            let bake_s = r.waves[wave].bake_s;
            // Half of the looks that there should have been: each takes its time.
            if !over(since_ms, bake_s) || metrics.looks < LOOKS_MIN.max(bake_s / 2) {
                return Step::Wait;
            }
            match wave + 1 == r.waves.len() {
                true => Step::Finish,
                false if r.waves[wave].approval && !r.approved => Step::Ask,
                false => Step::Advance,
            }
        }
        Phase::Awaiting { .. } if r.approved => Step::Advance,
        Phase::Awaiting { .. } => Step::Wait,
        Phase::RollingBack { since_ms } => {
            let old = r.before.as_ref().map(|p| p.sha256.as_str());
            let waits = metrics.restoring().is_some_and(|p| !metrics.settled(p, old));
            match r.updated.last() {
                // One that does not come back must not keep the others from theirs.
                _ if waits && !over(since_ms, r.plan.start_seconds) => Step::Wait,
                Some(last) => Step::Restore(last.clone()),
                None => Step::Restored,
            }
        }
    }
}

pub fn apply(r: &mut Rollout, step: &Step, now_ms: u64) {
    match (step, &mut r.phase) {
        (Step::Update(process), Phase::Updating { since_ms, .. }) => {
            r.updated.push(process.clone());
            *since_ms = now_ms;
        }
        (Step::Bake, Phase::Updating { wave, .. }) => r.phase = Phase::Baking { wave: *wave, since_ms: now_ms },
        (Step::Ask, Phase::Baking { wave, .. }) => r.phase = Phase::Awaiting { wave: *wave },
        (Step::Advance, Phase::Baking { wave, .. } | Phase::Awaiting { wave }) => {
            r.phase = Phase::Updating { wave: *wave + 1, since_ms: now_ms };
        }
        (Step::Halt(why), Phase::Updating { .. } | Phase::Baking { .. } | Phase::Awaiting { .. }) => {
            r.reason = Some(why.clone());
            r.phase = Phase::RollingBack { since_ms: now_ms };
        }
        (Step::Restore(process), Phase::RollingBack { since_ms }) => {
            r.updated.retain(|p| p != process);
            *since_ms = now_ms;
        }
        (Step::Finish, Phase::Baking { .. }) => (r.phase, r.ended_ms) = (Phase::Done, Some(now_ms)),
        (Step::Restored, Phase::RollingBack { .. }) => (r.phase, r.ended_ms) = (Phase::RolledBack, Some(now_ms)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::metrics::{Api, Look, Seen};
    use super::*;
    use crate::rollout::tests::rollout;
    use wire::rollout::Wave;

    /// Two waves: an agent and a card; a cell's controller. The first one's end needs an approval.
    fn two_waves(updated: &[&str], phase: Phase) -> Rollout {
        let wave = |name: &str, processes: &[&str], approval| Wave {
            name: name.into(),
            processes: processes.iter().map(|p| (*p).to_owned()).collect(),
            bake_s: 10,
            approval,
        };
        let mut r = rollout(updated, phase);
        r.waves = vec![wave("one-box", &["agent-h", "card-h"], true), wave("100 %", &["cell-c"], false)];
        r.plan.thresholds.samples_min = 20;
        r
    }

    const ALL: [&str; 5] = ["agent-h", "card-h", "cell-c", "agent-g", "gateway"];

    /// All answer in `us`; the updated ones with the new program.
    fn well(r: &Rollout, us: u64) -> Look {
        let seen = |p: &&str| {
            let program = r.updated.iter().any(|u| u == p).then(|| "new".to_owned());
            ((*p).to_owned(), Seen { program, answered_us: Some(us), deaths: 0 })
        };
        Look { processes: ALL.iter().map(seen).collect(), api: Some(Api { requests: 1000, errors: 0 }), ..Look::default() }
    }

    fn metrics(r: &Rollout, looks: u32, mut change: impl FnMut(u32, &mut Look)) -> Metrics {
        let mut m = Metrics::default();
        for n in 0..looks {
            let mut look = well(r, 1000);
            change(n, &mut look);
            m.take(r, look, true);
        }
        m
    }

    fn report(host: &str, failed: bool, boot: u64) -> Option<wire::cell::CellReport> {
        let state = if failed { serde_json::json!({"failed": {"reason": "x"}}) } else { serde_json::json!("running") };
        serde_json::from_value(serde_json::json!({
            "format": 1, "cell": "c", "az": "us-east-1a", "applied": 1, "hosts": [],
            "instances": [{"id": "i-0123456789abcdef0", "host": host, "state": state, "boot": boot, "reboot": 0,
                "reachability": "ok", "started_ms": 1, "current": true}]
        }))
        .unwrap()
    }

    #[test]
    fn a_good_program_goes_on() {
        use Phase::*;
        let both = ["agent-h", "card-h"];
        let three = ["agent-h", "card-h", "cell-c"];
        let nothing = |_: u32, _: &mut Look| {};
        let (updating, second) = (Updating { wave: 0, since_ms: 0 }, Updating { wave: 1, since_ms: 0 });
        for (name, updated, phase, approved, looks, now_s, wanted) in [
            ("the first process", &[][..], updating, false, 1, 1, Step::Update("agent-h".into())),
            ("the second", &both[..1], updating, false, 1, 1, Step::Update("card-h".into())),
            ("not seen yet", &both[..1], updating, false, 0, 1, Step::Wait),
            ("the wave has it", &both, updating, false, 1, 1, Step::Bake),
            ("the bake is not over", &both, Baking { wave: 0, since_ms: 0 }, false, 9, 9, Step::Wait),
            ("the clock was set", &both, Baking { wave: 0, since_ms: 0 }, false, 4, 999, Step::Wait),
            ("an approval is needed", &both, Baking { wave: 0, since_ms: 0 }, false, 9, 10, Step::Ask),
            ("it was given before", &both, Baking { wave: 0, since_ms: 0 }, true, 9, 10, Step::Advance),
            ("it is awaited", &both, Awaiting { wave: 0 }, false, 9, 9999, Step::Wait),
            ("it is there", &both, Awaiting { wave: 0 }, true, 9, 10, Step::Advance),
            ("the next wave", &both, second, true, 1, 1, Step::Update("cell-c".into())),
            ("the last bake", &three, Baking { wave: 1, since_ms: 0 }, false, 9, 10, Step::Finish),
            ("done", &three, Done, false, 9, 10, Step::Wait),
            ("back, the last first", &both, RollingBack { since_ms: 0 }, false, 1, 1, Step::Restore("card-h".into())),
            ("all are back", &[], RollingBack { since_ms: 0 }, false, 1, 1, Step::Restored),
            ("over", &[], RolledBack, false, 1, 1, Step::Wait),
        ] {
            let r = Rollout { approved, ..two_waves(updated, phase) };
            assert_eq!(next(&r, &metrics(&r, looks, nothing), now_s * 1000), wanted, "{name}");
        }
    }

    #[test]
    fn a_bad_program_is_halted() {
        let both = ["agent-h", "card-h"];
        let baking = Phase::Baking { wave: 0, since_ms: 0 };
        type Change = fn(u32, &mut Look);
        fn silent(look: &mut Look, process: &str) {
            look.processes.get_mut(process).unwrap().answered_us = None;
        }
        fn dead(look: &mut Look, process: &str) {
            look.processes.get_mut(process).unwrap().deaths = 1;
        }
        fn slow(look: &mut Look, process: &str, us: u64) {
            look.processes.get_mut(process).unwrap().answered_us = Some(us);
        }
        let rows: [(&str, u32, Change, &str); 17] = [
            ("nothing", 60, |_, _| {}, ""),
            (
                "an updated one dies",
                5,
                |n, l| {
                    if n == 4 {
                        dead(l, "card-h")
                    }
                },
                "1 of 2 processes",
            ),
            (
                "another one dies",
                5,
                |n, l| {
                    if n == 4 {
                        dead(l, "agent-g")
                    }
                },
                "",
            ),
            (
                "silent for 29 looks",
                30,
                |n, l| {
                    if n > 0 {
                        silent(l, "card-h")
                    }
                },
                "",
            ),
            (
                "silent for 30 looks",
                31,
                |n, l| {
                    if n > 0 {
                        silent(l, "card-h")
                    }
                },
                "missing metrics: card-h",
            ),
            (
                "silent and there again",
                50,
                |n, l| {
                    if n > 0 && n != 25 {
                        silent(l, "card-h")
                    }
                },
                "",
            ),
            (
                "an old one is silent",
                90,
                |n, l| {
                    if n > 0 {
                        silent(l, "agent-g")
                    }
                },
                "",
            ),
            ("gone from the list", 40, |_, l| drop(l.processes.remove("agent-g")), ""),
            ("its reports are lost", 31, |_, l| l.unreported = vec!["h".parse().unwrap()], "host h's reports"),
            ("an old one's reports", 90, |_, l| l.unreported = vec!["g".parse().unwrap()], ""),
            ("no counters", 30, |_, l| l.api = None, "the gateway's counters"),
            ("launches fail", 5, |n, l| l.cells = vec![report("h", n == 4, u64::from(n))], "1 of 4 launches failed"),
            ("they fail elsewhere", 5, |n, l| l.cells = vec![report("g", n > 2, u64::from(n))], ""),
            ("it had failed before", 5, |_, l| l.cells = vec![report("h", true, 1)], ""),
            (
                "the API fails",
                5,
                |n, l| l.api = Some(Api { requests: 1000 * u64::from(n + 1), errors: u64::from(n) }),
                "4 of 4000 API requests",
            ),
            ("it is slower", 40, |_, l| slow(l, "agent-h", 30_000), "answers of agent: p99"),
            ("as slow as the others", 40, |_, l| ["agent-h", "agent-g"].iter().for_each(|a| slow(l, a, 30_000)), ""),
        ];
        for (name, looks, change, wanted) in rows {
            let r = two_waves(&both, baking);
            let got = next(&r, &metrics(&r, looks, change), 1000);
            match got {
                Step::Halt(why) => assert!(!wanted.is_empty() && why.contains(wanted), "{name}: {why}"),
                other => assert!(wanted.is_empty() && other == Step::Wait, "{name}: {other:?}"),
            }
        }
        // Slower by less than the machine's noise; too few answers to compare.
        let r = two_waves(&both, baking);
        assert_eq!(next(&r, &metrics(&r, 40, |_, l| slow(l, "agent-h", 19_000)), 1000), Step::Wait);
        assert_eq!(next(&r, &metrics(&r, 19, |_, l| slow(l, "agent-h", 90_000)), 1000), Step::Wait);
        // Not counted: errors while processes are replaced, as they must be.
        let r = two_waves(&both, Phase::Updating { wave: 0, since_ms: 0 });
        let failing = |n: u32, l: &mut Look| l.api = Some(Api { requests: 1000, errors: u64::from(n) * 90 });
        assert_eq!(next(&r, &metrics(&r, 5, failing), 1000), Step::Bake);
    }

    #[test]
    fn what_does_not_answer_is_not_waited_for_for_ever() {
        let r = two_waves(&["agent-h"], Phase::Updating { wave: 0, since_ms: 5_000 });
        let m = metrics(&r, 3, |_, l| l.processes.get_mut("agent-h").unwrap().answered_us = None);
        assert_eq!(next(&r, &m, 64_999), Step::Wait);
        assert!(matches!(next(&r, &m, 65_000), Step::Halt(why) if why.contains("agent-h did not answer")));
        // It answers, but is the old one still.
        let m = metrics(&r, 3, |_, l| l.processes.get_mut("agent-h").unwrap().program = None);
        assert!(matches!(next(&r, &m, 65_000), Step::Halt(_)));

        let mut r = two_waves(&["agent-h", "card-h"], Phase::RollingBack { since_ms: 0 });
        let mut m = Metrics::default();
        let step = next(&r, &m, 0);
        assert_eq!(step, Step::Restore("card-h".into()));
        apply(&mut r, &step, 1_000);
        m.replaced("card-h", true);
        assert_eq!(next(&r, &m, 60_999), Step::Wait);
        assert_eq!(next(&r, &m, 61_000), Step::Restore("agent-h".into()), "the others get theirs");
        m.take(&r, well(&r, 9), true);
        assert_eq!(next(&r, &m, 2_000), Step::Restore("agent-h".into()));
    }

    #[test]
    fn steps_change_the_state_only_where_they_belong() {
        use Phase::*;
        let steps = [
            Step::Wait,
            Step::Update("cell-c".into()),
            Step::Bake,
            Step::Ask,
            Step::Advance,
            Step::Finish,
            Step::Halt("why".into()),
            Step::Restore("card-h".into()),
            Step::Restored,
        ];
        let (u, b, a, back) = (
            Updating { wave: 0, since_ms: 1 },
            Baking { wave: 0, since_ms: 1 },
            Awaiting { wave: 0 },
            RollingBack { since_ms: 1 },
        );
        let halted = RollingBack { since_ms: 9 };
        let advanced = Updating { wave: 1, since_ms: 9 };
        for (from, to) in [
            (u, [u, Updating { wave: 0, since_ms: 9 }, Baking { wave: 0, since_ms: 9 }, u, u, u, halted, u, u]),
            (b, [b, b, b, a, advanced, Done, halted, b, b]),
            (a, [a, a, a, a, advanced, a, halted, a, a]),
            (back, [back, back, back, back, back, back, back, halted, RolledBack]),
            (Done, [Done; 9]),
            (RolledBack, [RolledBack; 9]),
        ] {
            for (step, to) in steps.iter().zip(to) {
                let mut r = two_waves(&["card-h"], from);
                apply(&mut r, step, 9);
                assert_eq!(r.phase, to, "{from:?} {step:?}");
                let wanted: &[&str] = match (step, from) {
                    (Step::Update(_), Updating { .. }) => &["card-h", "cell-c"],
                    (Step::Restore(_), RollingBack { .. }) => &[],
                    _ => &["card-h"],
                };
                assert_eq!(r.updated, wanted, "{from:?} {step:?}");
                assert_eq!(r.ended_ms.is_some(), to.is_over() && to != from, "{from:?} {step:?}");
            }
        }
    }
}
