//! A host fails; what ran there is placed on the other one, and whenever the old one comes back there is one copy.

use super::*;
use crate::compile::host_config;
use crate::state::recovery::FAILED_AFTER_MS;
use wire::host::{HostConfig, MovedDisk};

const BOOT: u64 = 1;

fn run() -> RunRef {
    RunRef { instance: id(1), host: host(1), boot: BOOT }
}

/// Instance 1 runs on host 1, and only host 2 is heard until the end of the silence.
fn with_a_failed_host() -> (Cell, TimestampMs) {
    let mut cell = cell();
    cell.configure(config(&[(1, 1, Desired::Running)]), NOW);
    cell.hear(report(1, 2, vec![seen(1, VmState::Running)]), NOW);
    assert_eq!(cell.failed(NOW), []);
    let end = later(FAILED_AFTER_MS + 1);
    cell.hear(report(2, 2, vec![]), end);
    (cell, end)
}

/// As the region says it once the instance is on host 2.
fn moved(hold: u64, from: &[HostId]) -> CellConfig {
    let mut config = config(&[(1, 2, Desired::Running)]);
    config.instances[0].config.boot = BOOT + 1;
    config.instances[0].hold = hold;
    if !from.is_empty() {
        config.moved_disks = vec![MovedDisk { instance: id(1), from: from.to_vec() }];
    }
    config
}

fn again() -> ClaimRequest {
    ClaimRequest { again: true, ..claim(&[1], 1) }
}

fn document(cell: &Cell, n: u8, number: u64) -> HostConfig {
    host_config(cell, &host(n), Generation(number)).unwrap()
}

fn runs(document: &HostConfig) -> bool {
    document.instances.iter().any(|i| i.id == id(1) && i.desired == Desired::Running)
}

#[test]
fn a_run_is_over_only_when_its_host_is_off() {
    let (mut cell, end) = with_a_failed_host();
    assert_eq!(cell.failed(end), [host(1)]);
    assert_eq!(cell.end_run(&run()), Err(NotEnded::NotOff(host(1))));
    assert_eq!(cell.give_up(&host(1), Generation(9)), Some(Generation(9)));
    assert_eq!(cell.give_up(&host(1), Generation(10)), Some(Generation(9)), "one question");
    assert!(cell.is_given_up(&host(1)) && !cell.confirm_off(&host(1), Generation(8)));
    assert_eq!(cell.end_run(&run()), Err(NotEnded::NotOff(host(1))));
    assert!(cell.confirm_off(&host(1), Generation(9)) && !cell.confirm_off(&host(1), Generation(9)));
    assert!(cell.failed(end).is_empty(), "nothing more to ask");
    assert!(cell.report(end).hosts.iter().any(|h| h.host == host(1) && h.off));
    // What it said before it was switched off does not count.
    assert!(!cell.hear(report(1, 3, vec![seen(1, VmState::Running)]), end) && cell.is_given_up(&host(1)));
    let other = RunRef { boot: BOOT + 1, ..run() };
    assert_eq!(cell.end_run(&other), Err(NotEnded::OtherRun(other.clone())));

    let free = cell.free(&host(1));
    let there = placed(ask(&mut cell, &again(), end).0).remove(0);
    assert_eq!(there.host, host(2));
    assert_eq!(cell.free(&host(1)).vcpus, free.vcpus + SMALL.vcpus, "it holds room in one place");
    assert_eq!(cell.end_run(&run()).unwrap().ended, [run()]);
    assert_eq!(cell.end_run(&run()).unwrap(), Change::default(), "said again");
    assert_eq!(cell.report(end).ended_runs, [run()]);
    assert!(!runs(&document(&cell, 1, 20)));

    assert_eq!(cell.review(&moved(there.hold, &[host(1)]), end), Change::default());
    let change = cell.configure(moved(there.hold, &[host(1)]), end);
    assert_eq!((change.over, change.ended_over), (vec![id(1)], vec![id(1)]));
    let new = document(&cell, 2, 21);
    assert!(runs(&new) && new.moved_disks[0].from == [host(1)]);

    // The old one is back before the new one has the disk: it is not told to remove it, and then it is.
    let has = vec![seen(1, VmState::Stopped { by_guest: false })];
    let back = HostReport { incarnation: 2, applied: Generation(9), ..report(1, 1, has) };
    assert!(cell.hear(back, end) && !cell.is_given_up(&host(1)));
    let told = |cell: &Cell| document(cell, 1, 22).instances.iter().map(|i| (i.id, i.desired)).collect::<Vec<_>>();
    assert_eq!(told(&cell), []);
    cell.configure(moved(there.hold, &[]), end);
    assert_eq!(told(&cell), [(id(1), Desired::Terminated)]);
}

#[test]
fn a_host_that_comes_back_takes_instances_after_three_reports() {
    let (mut cell, end) = with_a_failed_host();
    cell.give_up(&host(1), Generation(9));
    let only = ClaimRequest { on_host: Some(host(1)), ..claim(&[7], 1) };
    for sequence in 3..=5 {
        assert!(matches!(ask(&mut cell, &only, end).0, ClaimReply::Insufficient { .. }), "before report {sequence}");
        assert!(cell.hear(report(1, sequence, vec![seen(1, VmState::Running)]), end));
        assert_eq!(cell.health(&host(1), end), HostHealth::Healthy);
    }
    placed(ask(&mut cell, &only, end).0);
    // An answer that comes too late is none.
    assert!(!cell.confirm_off(&host(1), Generation(9)));
}

#[test]
fn a_move_without_room_any_more_is_refused() {
    let (mut cell, end) = with_a_failed_host();
    cell.give_up(&host(1), Generation(9));
    cell.confirm_off(&host(1), Generation(9));
    let hold = placed(ask(&mut cell, &again(), end).0)[0].hold;
    cell.end_run(&run()).unwrap();
    let late = TimestampMs(end.0 + 20_000);
    cell.hear(report(2, 3, vec![]), late);
    placed(ask(&mut cell, &claim(&[5, 6], 2), late).0);
    assert_eq!(cell.review(&moved(hold, &[host(1)]), late).refused.len(), 1);
}

/// What a host holds in its ledger, and whether it has power.
struct Machine {
    up: bool,
    ledger: HostConfig,
}

/// Everything that is done between the failure and the end of the recovery, in its order. The old host is healed before step
/// `heal`; after each step the hosts that are up report, and get their documents if there are any for them.
fn recovered_with_a_heal_before(heal: usize) {
    let (mut cell, end) = with_a_failed_host();
    let mut number = 10;
    let mut machines = [1, 2].map(|n| Machine { up: n == 2, ledger: document(&cell, n, number) });
    assert!(runs(&machines[0].ledger));
    let (mut hold, mut ended, mut asked) = (0, false, Generation(0));
    for step in 0..7 {
        number += 1;
        if step == heal {
            machines[0].up = true;
            assert_eq!(runs(&machines[0].ledger), step <= 1, "what it starts by itself, at step {step}");
        }
        match step {
            0 => asked = cell.give_up(&host(1), Generation(number)).unwrap(),
            // The switch says so only of a host without power, and empties its ledger first.
            1 if !machines[0].up => {
                machines[0].ledger = HostConfig::empty(host(1), "a1".parse().unwrap(), [127, 64, 0, 1].into(), asked);
                assert!(cell.confirm_off(&host(1), asked));
            }
            2 => {
                if let (ClaimReply::Placed(p), _) = ask(&mut cell, &again(), end) {
                    hold = p[0].hold;
                }
            }
            3 => ended = cell.end_run(&run()).is_ok(),
            // The region commits only after that.
            4 if ended => drop(cell.configure(moved(hold, &[host(1)]), end)),
            5 if ended => drop(cell.configure(moved(hold, &[]), end)),
            _ => {}
        }
        for (n, machine) in (1..).zip(&mut machines).filter(|(_, m)| m.up) {
            // Under what it holds; after it came back its agent is a new one.
            let said = HostReport { incarnation: 7, applied: machine.ledger.generation, ..report(n, 10 + step as u64, vec![]) };
            cell.hear(said, end);
            if !cell.is_given_up(&host(n)) {
                machine.ledger = document(&cell, n, number);
            }
        }
        let copies = machines.iter().filter(|m| m.up && runs(&m.ledger)).count();
        assert!(copies <= 1, "healed before step {heal}: {copies} copies after step {step}");
        if step == 6 {
            assert_eq!(copies, 1, "healed before step {heal}: it runs in the end");
            assert_eq!(runs(&machines[1].ledger), ended, "healed before step {heal}");
            assert_eq!(ended, heal >= 3, "healed before step {heal}: said to be over before it was heard again");
        }
    }
}

#[test]
fn there_is_one_copy_whenever_the_old_host_is_healed() {
    (0..=6).for_each(recovered_with_a_heal_before);
}
