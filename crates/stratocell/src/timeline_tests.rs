//! The timeline of faults: what it records of samples, and what a report says of it.

use super::*;
use types::Generation;
use wire::cell::{CellInstanceReport, HostSummary};
use wire::host::{Capacity, Reachability};

fn id(n: u8) -> InstanceId {
    format!("i-0123456789abcde{n:02x}").parse().unwrap()
}

fn process(name: &str, state: ProcessState) -> ProcessStatus {
    ProcessStatus {
        name: name.into(),
        pid: None,
        state,
        restarts: 0,
        started_ms: 0,
        last_exit: None,
        rss_kib: 0,
        version: String::new(),
        program: None,
    }
}

/// A cell of one host with instances (number, state, when it started).
fn cell(health: HostHealth, instances: &[(u8, VmState, u64)]) -> Option<CellReport> {
    let host: HostId = "a1-h1".parse().unwrap();
    Some(CellReport {
        dedicated_hosts_refused: Vec::new(),
        spot_price: None,
        notices: Vec::new(),
        balancers: vec![],
        ended_runs: vec![],
        room: None,
        format: wire::FORMAT,
        cell: "a1".parse().unwrap(),
        az: "us-east-1a".parse().unwrap(),
        applied: Generation(1),
        hosts: vec![HostSummary {
            host: host.clone(),
            underlay: "127.1.0.1".parse().unwrap(),
            health,
            capacity: Capacity::default(),
            free: Capacity::default(),
            applied: Generation(1),
            card_applied: Generation(1),
            wanted: Generation(1),
            acceleration: String::new(),
            problems: vec![],
            off: false,
        }],
        instances: instances
            .iter()
            .map(|(n, state, started_ms)| CellInstanceReport {
                id: id(*n),
                host: host.clone(),
                state: state.clone(),
                boot: 1,
                reboot: 0,
                reachability: Reachability::Ok,
                started_ms: *started_ms,
                current: health == HostHealth::Healthy,
                no_room: false,
                interfaces: vec![],
            })
            .collect(),
    })
}

fn fault() -> FaultStatus {
    FaultStatus { target: "host/a1-h1".into(), kind: "kill".into(), since_ms: 1_000, until_ms: Some(6_000) }
}

fn words(changes: &[Happened]) -> Vec<String> {
    changes.iter().map(sentence).collect()
}

#[test]
fn a_killed_host_goes_and_comes_back() {
    use HostHealth::{Healthy, Silent, Unknown};
    use ProcessState::{Down, Running, Starting};
    let agent = |state| [process("agent-a1-h1", state)];
    let mut known = Known::default();
    let started = [(1, VmState::Running, 10), (2, VmState::Stopped { by_guest: false }, 0)];
    assert!(known.look(&agent(Running), &[cell(Healthy, &started)], |_| false).is_empty());
    assert!(known.is_well());
    let hosts = ["a1-h1".parse().unwrap()];
    assert_eq!(words(&known.strike(&hosts, true)), [format!("{} on a1-h1 struck", id(1))]);
    assert!(!known.is_well());
    // Its cell believes in it still; then it is unheard; then its cell does not answer.
    let held = known.look(&agent(Down), &[cell(Healthy, &started)], |_| true);
    assert_eq!(words(&held), ["agent-a1-h1 down"]);
    let silent = known.look(&agent(Down), &[cell(Silent, &started)], |_| true);
    assert_eq!(words(&silent), ["host a1-h1 silent".to_owned(), format!("{} on a1-h1 unheard", id(2))]);
    assert!(known.look(&agent(Down), &[None], |_| true).is_empty());
    // Healed: the first reports are of before, and a new controller knows nothing.
    assert_eq!(words(&known.look(&agent(Starting), &[cell(Unknown, &[])], |_| false)), ["agent-a1-h1 starting"]);
    let stale = known.look(&agent(Running), &[cell(Healthy, &started)], |_| false);
    assert_eq!(words(&stale)[..2], ["agent-a1-h1 running", "host a1-h1 healthy"]);
    assert!(!known.is_well(), "a guest is struck still");
    let starting = [(1, VmState::Starting, 0), started[1].clone()];
    assert_eq!(known.look(&agent(Running), &[cell(Healthy, &starting)], |_| false).len(), 1);
    assert!(!known.is_well());
    let again = [(1, VmState::Running, 99), started[1].clone()];
    assert_eq!(words(&known.look(&agent(Running), &[cell(Healthy, &again)], |_| false)), [format!("{} on a1-h1 running", id(1))]);
    assert!(known.is_well());
    assert!(!Known::default().is_well(), "what was never looked at is not well");
}

#[test]
fn the_report_sums_up() {
    let host: HostId = "a1-h1".parse().unwrap();
    let instance = |n, sight| Happened::Instance { instance: id(n), host: host.clone(), sight };
    let process = |state| Happened::Process { name: "agent-a1-h1".into(), state };
    let health = |health| Happened::Host { host: host.clone(), health };
    let events: Vec<Event> = [
        (1_000, Happened::Injected { fault: fault(), processes: 2, hosts: vec![host.clone()] }),
        (1_000, instance(1, Sight::Struck)),
        (1_000, instance(2, Sight::Struck)),
        (1_250, process(ProcessState::Down)),
        (4_750, health(HostHealth::Silent)),
        (6_000, Happened::Healed { fault: fault(), by: By::Time }),
        (6_250, process(ProcessState::Running)),
        (6_500, health(HostHealth::Healthy)),
        (8_100, instance(1, Sight::Running)),
        (9_000, instance(2, Sight::Failed)),
        (9_250, Happened::Recovered),
    ]
    .map(|(at_ms, what)| Event { at_ms, what })
    .into();
    assert!(report(vec![], 5).is_none());
    let r = report(events[..5].to_vec(), 5_000).unwrap();
    assert_eq!((r.ended_ms, r.recovered, r.hosts_away_ms[&host], r.instances_not_back.len()), (None, false, 250, 2));
    assert!(draw(&r).contains("It goes on."));
    let r = report(events, 99_000).unwrap();
    assert_eq!((r.ended_ms, r.recovered, r.recovery_ms), (Some(9_250), true, Some(3_250)));
    assert_eq!((r.hosts_away_ms[&host], r.instances_away_ms[&id(1)], r.instances_away_ms[&id(2)]), (1_750, 7_100, 8_250));
    assert_eq!(r.instances_not_back, [id(2)]);
    let text = draw(&r);
    assert!(text.starts_with("    +0.0 s  host/a1-h1 kill injected, for 5.0 s at most: 2 processes, 1 hosts\n"), "{text}");
    assert!(text.contains("All was well again after 8.2 s, 3.2 s after the last heal."), "{text}");
    assert!(text.contains(&format!("Of them not back: {}", id(2))), "{text}");
    // What is written down is read back.
    for e in &r.events {
        assert_eq!(serde_json::from_str::<Event>(&serde_json::to_string(e).unwrap()).unwrap(), *e);
    }
}
