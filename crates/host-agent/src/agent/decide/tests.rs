//! Every pair of what is wanted, what is remembered, what is seen, and the counters.

use super::*;
use platform::process::ProcessId;
use types::InstanceId;
use wire::host::GuestShutdown;

const NOW: u64 = 1_000_000;
const P: ProcessId = ProcessId { pid: 7, start_ticks: 9 };
const RUN: Seen = Seen::Running { process: P, started_ms: 5 };
const PAUSE: Seen = Seen::Paused { process: P, started_ms: 5 };
const OFF: Seen = Seen::GuestShutdown;
const DEAD: Seen = Seen::NotRunning;

fn id() -> InstanceId {
    InstanceId::from_random(1)
}

fn want(desired: Desired, boot: u64, reboot: u64) -> InstanceConfig {
    InstanceConfig {
        id: id(),
        desired,
        image: "micro".to_owned(),
        vcpus: 1,
        memory_mib: 64,
        root_disk_gib: 2,
        interfaces: Vec::new(),
        interfaces_max: 2,
        boot,
        reboot,
        on_guest_shutdown: GuestShutdown::Stop,
        isolation: Default::default(),
    }
}

/// Has fulfilled boot 1 and reboot 1.
fn has(phase: Phase) -> Persisted {
    Persisted { phase, boot: 1, reboot: 1, ..Persisted::new(id()) }
}

fn phases() -> Vec<Phase> {
    vec![
        Phase::Preparing,
        Phase::Ready,
        Phase::Starting,
        Phase::Running,
        Phase::Stopping { kill_at_ms: NOW + 100 },
        Phase::Stopping { kill_at_ms: NOW },
        Phase::Stopped { by_guest: true },
        Phase::Stopped { by_guest: false },
        Phase::Terminating,
        Phase::Failed { reason: "x".to_owned() },
        Phase::Damaged,
    ]
}

/// One row a phase; columns: NotRunning, Running, Paused, GuestShutdown.
#[rustfmt::skip]
#[test]
fn all_pairs() {
    use Action::*;
    let stopped = || Record(Phase::Stopped { by_guest: false });
    let by_guest = || Record(Phase::Stopped { by_guest: true });
    let running = || Record(Phase::Running);
    let again = || Record(Phase::Preparing);
    let until = || WaitUntil(NOW + 100);
    let same = |a: Action| [a.clone(), a.clone(), a.clone(), a];
    type Table = Vec<[Action; 4]>;
    let kill = || [Nothing, Kill, Kill, Kill];
    let tables: Vec<(&str, Option<InstanceConfig>, Table)> = vec![
        ("not named", None, phases().iter().map(|p| same(if *p == Phase::Terminating { Destroy } else { Nothing })).collect()),
        ("terminated", Some(want(Desired::Terminated, 1, 1)), phases().iter().map(|_| same(Destroy)).collect()),
        ("stopped", Some(want(Desired::Stopped, 1, 1)), vec![
            [Nothing, AskShutdown, AskShutdown, Kill],      // preparing
            [Nothing, AskShutdown, AskShutdown, Kill],      // ready
            [stopped(), AskShutdown, AskShutdown, Kill],    // starting
            [stopped(), AskShutdown, AskShutdown, Kill],    // running
            [stopped(), until(), until(), Kill],            // stopping
            [stopped(), Kill, Kill, Kill],                  // stopping, too long
            [Nothing, AskShutdown, AskShutdown, Kill],      // stopped by the guest
            [Nothing, AskShutdown, AskShutdown, Kill],      // stopped
            same(Destroy),                                  // terminating
            [Nothing, AskShutdown, AskShutdown, Kill],      // failed
            same(Nothing),                                  // damaged
        ]),
        ("running", Some(want(Desired::Running, 1, 1)), vec![
            [Prepare, Kill, Kill, Kill],
            [Start, Kill, Kill, Kill],
            [Start, running(), Nothing, by_guest()],
            [Start, Nothing, Nothing, by_guest()],
            [stopped(), until(), until(), Kill],
            [stopped(), Kill, Kill, Kill],
            kill(),
            kill(),
            same(Destroy),
            kill(),
            same(Nothing),
        ]),
        ("next boot", Some(want(Desired::Running, 2, 1)), vec![
            [Prepare, Kill, Kill, Kill],
            [Start, Kill, Kill, Kill],
            [Start, running(), Nothing, by_guest()],
            [Start, AskShutdown, AskShutdown, by_guest()],
            [stopped(), until(), until(), Kill],
            [stopped(), Kill, Kill, Kill],
            [Start, Kill, Kill, Kill],
            [Start, Kill, Kill, Kill],
            same(Destroy),
            [again(), Kill, Kill, Kill],
            same(Nothing),
        ]),
        ("reboot", Some(want(Desired::Running, 1, 2)), vec![
            [Prepare, Kill, Kill, Kill],
            [Start, Kill, Kill, Kill],
            [Start, running(), Nothing, by_guest()],
            [Start, Reset, Reset, by_guest()],
            [stopped(), until(), until(), Kill],
            [stopped(), Kill, Kill, Kill],
            kill(),
            kill(),
            same(Destroy),
            kill(),
            same(Nothing),
        ]),
    ];
    for (name, desired, table) in tables {
        assert_eq!(table.len(), phases().len());
        for (phase, row) in phases().into_iter().zip(table) {
            for (seen, wanted) in [DEAD, RUN, PAUSE, OFF].into_iter().zip(row) {
                let p = has(phase.clone());
                let got = decide(desired.as_ref(), Some(&p), seen, false, true, NOW);
                assert_eq!(got, wanted, "{name}, {phase:?}, {seen:?}");
                // Without its ports nothing starts, and nothing else changes.
                let portless = decide(desired.as_ref(), Some(&p), seen, false, false, NOW);
                assert_eq!(portless, if wanted == Start { Nothing } else { wanted }, "{name}, {phase:?}, {seen:?}, no ports");
            }
        }
    }
    for (desired, wanted) in [(Desired::Running, Create), (Desired::Stopped, Nothing), (Desired::Terminated, Nothing)] {
        assert_eq!(decide(Some(&want(desired, 1, 1)), None, DEAD, false, true, NOW), wanted);
    }
    assert_eq!(decide(None, None, DEAD, false, true, NOW), Nothing);
    // Never a fresh disk while another host has the old one.
    for (desired, wanted) in [(Desired::Running, TakeOver), (Desired::Stopped, Nothing), (Desired::Terminated, Nothing)] {
        assert_eq!(decide(Some(&want(desired, 2, 1)), None, DEAD, true, true, NOW), wanted);
    }
}

#[test]
fn an_instance_that_is_not_named_is_never_touched() {
    for phase in phases().into_iter().filter(|p| *p != Phase::Terminating) {
        for seen in [DEAD, RUN, PAUSE, OFF] {
            assert_eq!(decide(None, Some(&has(phase.clone())), seen, false, true, NOW), Action::Nothing);
        }
    }
}

#[test]
fn waits_are_bounded_when_the_clock_was_set_back() {
    let far = NOW + 3_600_000;
    let p = has(Phase::Stopping { kill_at_ms: far });
    assert_eq!(decide(Some(&want(Desired::Stopped, 1, 1)), Some(&p), RUN, false, true, NOW), Action::Kill);
    let p = Persisted { retry_at_ms: far, ..has(Phase::Starting) };
    assert_eq!(decide(Some(&want(Desired::Running, 1, 1)), Some(&p), DEAD, false, true, NOW), Action::Start);
}

#[test]
fn failures_are_counted_and_end() {
    let d = want(Desired::Running, 1, 0);
    let error = VmmError::Definite("no room".to_owned());
    let mut p = Persisted { phase: Phase::Ready, ..Persisted::new(id()) };
    let mut now = NOW;
    let mut waits = Vec::new();
    loop {
        match decide(Some(&d), Some(&p), DEAD, false, true, now) {
            Action::Start => {
                p = before(&Action::Start, Some(&d), &p, now).unwrap_or(p);
                assert_eq!((p.phase.clone(), p.boot), (Phase::Starting, 1));
                p = after(&Action::Start, Some(&d), &p, Err(&error), "kernel says no\n", now).unwrap();
            }
            Action::WaitUntil(at) => {
                waits.push(at - now);
                now = at;
            }
            Action::Nothing => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(waits, [200, 400, 800, 1600]);
    let reason = "no room; last serial output: kernel says no".to_owned();
    assert_eq!(p.phase, Phase::Failed { reason: reason.clone() });
    assert_eq!(view(Some(&d), Some(&p), Some(DEAD)), Some(VmState::Failed { reason }));
    // An unknown outcome is looked at, not counted.
    let unknown = VmmError::Unknown("slow".to_owned());
    let q = after(&Action::Start, Some(&d), &has(Phase::Starting), Err(&unknown), "", NOW).unwrap();
    assert_eq!((q.tries, q.phase), (0, Phase::Starting));
    // The next boot begins from nothing.
    let d = want(Desired::Running, 2, 0);
    assert_eq!(view(Some(&d), Some(&p), Some(DEAD)), Some(VmState::Starting));
    let p = before(&Action::Record(Phase::Preparing), Some(&d), &p, now).unwrap();
    assert_eq!((p.tries, p.retry_at_ms, p.phase), (0, 0, Phase::Preparing));
}

#[test]
fn a_run_that_dies_young_again_and_again_is_slowed_down_and_never_given_up() {
    let d = want(Desired::Running, 1, 0);
    let mut p = Persisted { started_ms: NOW, ..has(Phase::Running) };
    let mut now = NOW;
    let mut gaps = Vec::new();
    for _ in 0..9 {
        now += 10;
        if let Action::WaitUntil(at) = decide(Some(&d), Some(&p), DEAD, false, true, now) {
            now = at;
        }
        assert_eq!(decide(Some(&d), Some(&p), DEAD, false, true, now), Action::Start);
        gaps.push(now - p.started_ms);
        p = before(&Action::Start, Some(&d), &p, now).unwrap();
        p = after(&Action::Start, Some(&d), &p, Ok(()), "", now).unwrap();
    }
    assert_eq!(gaps, [10, 10, 200, 400, 800, 1600, 3200, 5000, 5000]);
    now += YOUNG_MS;
    p = before(&Action::Start, Some(&d), &p, now).unwrap();
    assert_eq!(p.deaths, 0);
}

#[test]
fn a_start_fulfils_both_counters_and_a_reset_one() {
    let d = want(Desired::Running, 4, 6);
    let p = before(&Action::Start, Some(&d), &has(Phase::Stopped { by_guest: false }), NOW).unwrap();
    assert_eq!((p.boot, p.reboot, p.size.memory_mib), (4, 6, 64));
    let p = after(&Action::Reset, Some(&want(Desired::Running, 1, 3)), &has(Phase::Running), Ok(()), "", NOW).unwrap();
    assert_eq!((p.boot, p.reboot), (1, 3));
}

#[test]
fn views() {
    use VmState::*;
    let run = |boot| Some(want(Desired::Running, boot, 1));
    let stop = Some(want(Desired::Stopped, 1, 1));
    let end = Some(want(Desired::Terminated, 1, 1));
    let by_guest = Phase::Stopped { by_guest: true };
    let stopping = Phase::Stopping { kill_at_ms: NOW };
    let damaged = || Failed { reason: "the host cannot read its record of the instance".to_owned() };
    type Row<'a> = (&'a str, Option<InstanceConfig>, Option<Phase>, Seen, Option<VmState>);
    let rows: Vec<Row> = vec![
        ("unknown", None, None, DEAD, None),
        ("to be made", run(1), None, DEAD, Some(Starting)),
        ("stopped before it was made", stop.clone(), None, DEAD, Some(Stopped { by_guest: false })),
        ("gone", end.clone(), None, DEAD, Some(Gone)),
        ("being made", run(1), Some(Phase::Preparing), DEAD, Some(Starting)),
        ("being started", run(1), Some(Phase::Starting), RUN, Some(Starting)),
        ("runs", run(1), Some(Phase::Running), RUN, Some(Running)),
        ("stuck", run(1), Some(Phase::Running), PAUSE, Some(Running)),
        ("crashed", run(1), Some(Phase::Running), DEAD, Some(Starting)),
        ("old run", run(2), Some(Phase::Running), RUN, Some(Starting)),
        ("guest off", run(1), Some(Phase::Running), OFF, Some(Stopped { by_guest: true })),
        ("guest was off", run(1), Some(by_guest.clone()), DEAD, Some(Stopped { by_guest: true })),
        ("guest was off, next boot", run(2), Some(by_guest.clone()), DEAD, Some(Starting)),
        ("guest was off, then stopped", stop.clone(), Some(by_guest), DEAD, Some(Stopped { by_guest: true })),
        ("to be stopped", stop.clone(), Some(Phase::Running), RUN, Some(Stopping)),
        ("being stopped", stop.clone(), Some(stopping.clone()), RUN, Some(Stopping)),
        ("is stopped", stop.clone(), Some(stopping.clone()), DEAD, Some(Stopped { by_guest: false })),
        ("stopping, wanted again", run(2), Some(stopping), RUN, Some(Stopping)),
        ("failed, then stopped", stop, Some(Phase::Failed { reason: String::new() }), DEAD, Some(Stopped { by_guest: false })),
        ("to be terminated", end.clone(), Some(Phase::Running), RUN, Some(Stopping)),
        ("being terminated", end, Some(Phase::Terminating), DEAD, Some(Stopping)),
        ("not named, runs", None, Some(Phase::Running), RUN, Some(Running)),
        ("not named, died", None, Some(Phase::Running), DEAD, Some(Stopped { by_guest: false })),
        ("not named, half made", None, Some(Phase::Preparing), DEAD, Some(Stopped { by_guest: false })),
        ("damaged", run(1), Some(Phase::Damaged), DEAD, Some(damaged())),
    ];
    for (name, desired, phase, seen, wanted) in rows {
        let p = phase.map(has);
        assert_eq!(view(desired.as_ref(), p.as_ref(), Some(seen)), wanted, "{name}");
    }
    assert_eq!(view(run(1).as_ref(), Some(&has(Phase::Running)), None), Some(Running));
}

#[test]
fn network_cards_follow_the_document_while_the_guest_runs() {
    let [a, b, c] = [1, 2, 3].map(InterfaceId::from_random);
    let wants = |interfaces: &[InterfaceId]| InstanceConfig { interfaces: interfaces.to_vec(), ..want(Desired::Running, 1, 1) };
    let plugged = |interfaces: &[InterfaceId]| Persisted { interfaces: interfaces.to_vec(), ..has(Phase::Running) };
    // wanted, plugged, seen, the card is ready, the next thing to do
    type Row<'a> = (&'a [InterfaceId], &'a [InterfaceId], Seen, bool, Action);
    let rows: [Row; 7] = [
        (&[a], &[a], RUN, true, Action::Nothing),
        (&[a, b], &[a], RUN, true, Action::Plug(b)),
        (&[a, b], &[a], RUN, false, Action::Nothing),
        (&[a, b], &[a], PAUSE, true, Action::Nothing),
        (&[a], &[a, b], RUN, false, Action::Unplug(b)),
        (&[a, c], &[a, b], RUN, true, Action::Unplug(b)),
        (&[b, a], &[a, b], RUN, true, Action::Nothing),
    ];
    for (wanted, has, seen, ready, action) in rows {
        let got = decide(Some(&wants(wanted)), Some(&plugged(has)), seen, false, ready, NOW);
        assert_eq!(got, action, "{wanted:?} {has:?} {seen:?} {ready}");
    }
    let failed = VmmError::Unknown("no".to_owned());
    for (action, outcome, left) in [
        (Action::Plug(c), Ok(()), Some(vec![a, b, c])),
        (Action::Plug(c), Err(&failed), None),
        (Action::Unplug(b), Ok(()), Some(vec![a])),
        (Action::Unplug(b), Err(&failed), None),
    ] {
        let p = plugged(&[a, b]);
        assert_eq!(before(&action, Some(&wants(&[a])), &p, NOW), None);
        assert_eq!(after(&action, Some(&wants(&[a])), &p, outcome, "", NOW).map(|p| p.interfaces), left, "{action:?}");
    }
    // A new boot and a stop come first.
    let next = InstanceConfig { interfaces: vec![a, b], ..want(Desired::Running, 2, 1) };
    assert_eq!(decide(Some(&next), Some(&plugged(&[a])), RUN, false, true, NOW), Action::AskShutdown);
}
