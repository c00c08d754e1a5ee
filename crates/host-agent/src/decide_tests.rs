//! Tables for [`decide`]: every wanted state against everything that can be seen.

use super::*;
use wire::host::{Capacity, GuestShutdown};

const NOW: u64 = 1_000_000;

fn wanted(desired: Desired, boot: u64, reboot: u64) -> InstanceConfig {
    InstanceConfig {
        id: types::InstanceId::from_random(1),
        desired,
        image: "micro".to_owned(),
        vcpus: 1,
        memory_mib: 256,
        root_disk_gib: 8,
        interfaces: vec![],
        boot,
        reboot,
        on_guest_shutdown: GuestShutdown::Stop,
    }
}

fn record(boot: u64, reboot: u64, off_by_guest: bool) -> Record {
    Record { format: 1, boot, reboot, off_by_guest, reachable: false, started_ms: 0, size: Capacity::default() }
}

fn observed(seen: Seen, record: Option<Record>) -> Observed {
    Observed {
        record,
        seen,
        process_since: NOW - 10,
        has_run: matches!(seen, Seen::Running | Seen::Off | Seen::Broken),
        pressed_at: None,
        failures: Failures::default(),
        startable: true,
    }
}

/// One letter an outcome: `-` nothing, `P` prepare, `S` start, `b` button, `K` kill as asked, `G` kill and remember that
/// the guest did it, `D` destroy.
fn letter(action: Option<Action>) -> char {
    match action {
        None => '-',
        Some(Action::Prepare) => 'P',
        Some(Action::Start) => 'S',
        Some(Action::PressPower) => 'b',
        Some(Action::Kill(Why::Asked)) => 'K',
        Some(Action::Kill(Why::GuestOff)) => 'G',
        Some(Action::Kill(Why::NeverRan)) => 'N',
        Some(Action::Destroy) => 'D',
    }
}

#[test]
fn all_pairs() {
    let all = [Seen::Dead, Seen::Mute, Seen::Running, Seen::Off, Seen::Broken];
    let w = |d| Some(wanted(d, 2, 1));
    // what is wanted (boot 2, reboot 1), the record on disk, and the outcome for dead, mute, running, off, broken
    let rows: [(&str, Option<InstanceConfig>, Option<Record>, &str); 13] = [
        ("unknown to the document", None, Some(record(2, 1, false)), "-----"),
        ("unknown, no disk", None, None, "-----"),
        ("terminated", w(Desired::Terminated), Some(record(2, 1, false)), "DKKKK"),
        ("terminated, no disk", w(Desired::Terminated), None, "-KKKK"),
        ("stopped", w(Desired::Stopped), Some(record(2, 1, false)), "-KbKK"),
        ("stopped, off by itself before", w(Desired::Stopped), Some(record(2, 1, true)), "-KbKK"),
        ("stopped, no disk", w(Desired::Stopped), None, "-KbKK"),
        ("running, first boot", w(Desired::Running), None, "PKKKK"),
        ("running, this boot", w(Desired::Running), Some(record(2, 1, false)), "S--G-"),
        ("running, off by itself", w(Desired::Running), Some(record(2, 1, true)), "---G-"),
        ("running, older boot", w(Desired::Running), Some(record(1, 1, false)), "S-bKK"),
        ("running, off by itself in an older boot", w(Desired::Running), Some(record(1, 1, true)), "S-bKK"),
        ("running, reboot asked", w(Desired::Running), Some(record(2, 0, false)), "S-bKK"),
    ];
    for (name, wanted, record, outcome) in rows {
        let got: String =
            all.iter().map(|s| letter(decide(wanted.as_ref(), &observed(*s, record.clone()), NOW))).collect();
        assert_eq!(got, outcome, "{name}");
    }
}

#[test]
fn nothing_but_terminated_destroys() {
    for desired in [Desired::Running, Desired::Stopped] {
        for seen in [Seen::Dead, Seen::Mute, Seen::Running, Seen::Off, Seen::Broken] {
            for boot in 0..4 {
                let action = decide(Some(&wanted(desired, boot, 0)), &observed(seen, Some(record(2, 0, false))), NOW);
                assert_ne!(action, Some(Action::Destroy));
            }
        }
    }
}

#[test]
fn patience_ends() {
    let stop = wanted(Desired::Stopped, 1, 0);
    let mut o = observed(Seen::Running, Some(record(1, 0, false)));
    o.pressed_at = Some(NOW);
    assert_eq!(letter(decide(Some(&stop), &o, NOW + STOP_PATIENCE_MS - 1)), '-');
    assert_eq!(letter(decide(Some(&stop), &o, NOW + STOP_PATIENCE_MS)), 'K');
    let run = wanted(Desired::Running, 1, 0);
    let o = observed(Seen::Mute, Some(record(1, 0, false)));
    assert_eq!(letter(decide(Some(&run), &o, NOW)), '-');
    assert_eq!(letter(decide(Some(&run), &o, NOW + START_PATIENCE_MS)), 'N');
    // A guest that has run is never killed for being mute.
    let busy = Observed { has_run: true, ..o };
    assert_eq!(letter(decide(Some(&run), &busy, NOW + 100 * START_PATIENCE_MS)), '-');
}

#[test]
fn failures_back_off_and_end() {
    let run = wanted(Desired::Running, 1, 0);
    let mut o = observed(Seen::Dead, Some(record(1, 0, false)));
    for n in 1..=FAILURES_MAX {
        assert_eq!(letter(decide(Some(&run), &o, NOW)), 'S', "try {n}");
        o.failures.add(1, NOW, "no memory".to_owned());
        assert_eq!(letter(decide(Some(&run), &o, NOW)), '-', "no pause after try {n}");
        o.failures.last_at = 0;
    }
    assert_eq!(letter(decide(Some(&run), &o, NOW)), '-');
    assert_eq!(state(Some(&run), &o), VmState::Failed { reason: "no memory".to_owned() });
    // The user starts it again.
    let anew = wanted(Desired::Running, 2, 0);
    assert_eq!(letter(decide(Some(&anew), &o, NOW)), 'S');
    assert_eq!(state(Some(&anew), &o), VmState::Starting);
    o.startable = false;
    assert_eq!(letter(decide(Some(&anew), &o, NOW)), '-');
}

#[test]
fn reports() {
    let w = |d| wanted(d, 2, 1);
    let stopped = |by_guest| VmState::Stopped { by_guest };
    let rows = [
        ("gone", Some(w(Desired::Terminated)), Seen::Dead, None, VmState::Gone),
        ("going", Some(w(Desired::Terminated)), Seen::Dead, Some(record(2, 1, false)), VmState::Stopping),
        ("stopped", Some(w(Desired::Stopped)), Seen::Dead, Some(record(2, 1, true)), stopped(false)),
        ("stopping", Some(w(Desired::Stopped)), Seen::Running, Some(record(2, 1, false)), VmState::Stopping),
        ("off by itself", Some(w(Desired::Running)), Seen::Dead, Some(record(2, 1, true)), stopped(true)),
        ("starting anew", Some(w(Desired::Running)), Seen::Dead, Some(record(1, 1, true)), VmState::Starting),
        ("coming up", Some(w(Desired::Running)), Seen::Mute, Some(record(2, 1, false)), VmState::Starting),
        ("running", Some(w(Desired::Running)), Seen::Running, Some(record(2, 1, false)), VmState::Running),
        ("not in the document", None, Seen::Running, Some(record(2, 1, false)), VmState::Running),
        ("not in the document, down", None, Seen::Dead, Some(record(2, 1, true)), stopped(true)),
    ];
    for (name, wanted, seen, record, want) in rows {
        assert_eq!(state(wanted.as_ref(), &observed(seen, record)), want, "{name}");
    }
}

#[test]
fn the_status_check() {
    let port = |link_up, guest_configured| wire::card::PortStatus {
        id: types::InterfaceId::from_random(1),
        link_up,
        tx_frames: 0,
        tx_bytes: 0,
        rx_frames: 0,
        rx_bytes: 0,
        drops: Default::default(),
        guest_seen_ms_ago: None,
        guest_configured,
        metadata_requests: 0,
    };
    use Reachability::*;
    // card's view, was reachable before in this run, running for, answer
    let rows = [
        (Some(port(true, true)), false, 1, Ok),
        (Some(port(true, false)), false, 1, Initializing),
        (Some(port(true, false)), false, INITIALIZING_MS, Impaired),
        (Some(port(true, false)), true, INITIALIZING_MS, Ok),
        (Some(port(false, true)), true, INITIALIZING_MS, Impaired),
        (None, true, INITIALIZING_MS, Ok),
        (None, false, 1, Initializing),
    ];
    for (i, (port, was, running_ms, want)) in rows.into_iter().enumerate() {
        let mut o = observed(Seen::Running, Some(record(1, 0, false)));
        o.record.as_mut().unwrap().reachable = was;
        assert_eq!(reachability(&VmState::Running, &o, port.as_ref(), running_ms), want, "row {i}");
        assert_eq!(reachability(&VmState::Starting, &o, port.as_ref(), running_ms), NotApplicable);
        o.seen = Seen::Broken;
        assert_eq!(reachability(&VmState::Running, &o, port.as_ref(), running_ms), Impaired);
    }
}
