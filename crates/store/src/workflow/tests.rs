//! Every step fails, repeats, and the owner dies at every commit; the ends must be the same as without.

use super::*;
use crate::Store;
use crate::sim::{Fault, SimDisk, SimFaults, SimStore};

const PLAN: Plan = Plan {
    kind: "launch",
    version: 1,
    steps: &[
        Step { name: "reserve", place: Place::Store, undo: true },
        Step { name: "address", place: Place::Outside, undo: true },
        Step { name: "note", place: Place::Store, undo: false },
        Step { name: "boot", place: Place::Outside, undo: true },
    ],
};

/// What a step answers, and how often it asks for a retry before. By default it is done.
#[derive(Clone, Copy, Default)]
struct Script {
    fails: Option<u16>,
    repeats: Option<u16>,
    undo_repeats: u32,
}

/// The outside: survives every crash of the owner.
#[derive(Default)]
struct World {
    effects: BTreeSet<(WorkflowId, u16)>,
    performed: BTreeMap<String, u32>,
}

fn counter_key(id: WorkflowId, step: u16) -> Key {
    format!("counter/{id}/{step}").into_bytes()
}

fn count(store: &dyn StoreRead, id: WorkflowId, step: u16) -> u8 {
    store.get(&counter_key(id, step)).unwrap().map_or(0, |entry| entry.value[0])
}

/// Performs a call. A step in the store counts in a row, so that doing it twice shows.
fn perform(store: &dyn StoreRead, world: &mut World, call: &Call, now: TimestampMs, script: Script) -> (StepResult, Submission) {
    let retry = StepResult::RetryAt(TimestampMs(now.0 + 100));
    let mut rows = Submission::default();
    *world.performed.entry(call.effect_key()).or_default() += 1;
    let outputs: Vec<Json> = (0..call.outputs.len()).map(|step| format!("out-{step}").into()).collect();
    assert_eq!(call.outputs, outputs);
    assert!(call.direction == Direction::Undo || outputs.len() == usize::from(call.step));
    match (call.direction, call.place) {
        (Direction::Forward, _) if script.fails == Some(call.step) && call.attempt >= 2 => {
            return (StepResult::FailedDefinitely(format!("no {}", call.name)), rows);
        }
        (Direction::Forward, Place::Outside) => drop(world.effects.insert((call.id, call.step))),
        (Direction::Undo, Place::Outside) => drop(world.effects.remove(&(call.id, call.step))),
        (direction, Place::Store) => {
            let before = count(store, call.id, call.step);
            let after = if direction == Direction::Forward { before + 1 } else { before - 1 };
            rows.muts.push(Mutation::put(counter_key(call.id, call.step), [after]));
        }
    }
    let again = match call.direction {
        Direction::Forward => (script.repeats == Some(call.step) || script.fails == Some(call.step)) && call.attempt < 2,
        Direction::Undo => call.attempt < script.undo_repeats,
    };
    // A store step that is not done writes nothing; an outside one may have had its effect all the same.
    if again { (retry, Submission::default()) } else { (StepResult::Done(format!("out-{}", call.step).into()), rows) }
}

/// One life of the owner: until all is finished (true) or it dies (false).
fn live(store: &mut SimStore, world: &mut World, ids: &[WorkflowId], now: &mut TimestampMs, script: Script) -> bool {
    let epoch = store.acquire("owner").unwrap();
    let mut executor = Executor::load(store, epoch, &[PLAN], ExecutorLimits::usual()).unwrap();
    let commit = |store: &mut SimStore, executor: &mut Executor, now, id, rows: Submission| {
        let result = store.commit(epoch, &rows.pre, &rows.muts);
        executor.committed(now, id, &result);
        !store.crashed()
    };
    loop {
        // The client starts again what it does not find.
        for id in ids {
            while store.get(&workflow_key(*id)).unwrap().is_none() {
                let rows = executor.start(*now, *id, "launch", 1, Json::Null).unwrap();
                if !commit(store, &mut executor, *now, *id, rows) {
                    return false;
                }
            }
        }
        match executor.next(*now) {
            Next::Perform(call) => {
                let (result, rows) = perform(store, world, &call, *now, script);
                let rows = executor.report(*now, call.id, result, rows).unwrap();
                if !commit(store, &mut executor, *now, call.id, rows) {
                    return false;
                }
            }
            Next::SleepUntil(at) => *now = at,
            Next::Idle => return true,
        }
    }
}

/// Runs to the end through every crash; checks the end.
fn run(disk: &SimDisk, workflows: u128, script: Script) {
    let ids: Vec<_> = (1..=workflows).map(WorkflowId).collect();
    let mut world = World::default();
    let mut now = TimestampMs(1000);
    let mut lives = 0;
    while !live(&mut disk.open(), &mut world, &ids, &mut now, script) {
        lives += 1;
        assert!(lives < 1000, "no progress");
    }
    let store = disk.open();
    for id in ids {
        let row = Workflow::decode(&store.get(&workflow_key(id)).unwrap().unwrap().value).unwrap();
        let effects: Vec<u16> = world.effects.iter().filter(|(of, _)| *of == id).map(|(_, step)| *step).collect();
        let counters = (count(&store, id, 0), count(&store, id, 2));
        match script.fails {
            None => {
                assert_eq!(row.state, State::Done);
                assert_eq!((effects, counters), (vec![1, 3], (1, 1)));
            }
            Some(step) => {
                assert_eq!((row.state, row.reason), (State::Failed, Some(format!("no {}", PLAN.steps[usize::from(step)].name))));
                assert_eq!((effects, counters), (vec![], (0, u8::from(step > 2))));
            }
        }
    }
}

fn scripts() -> impl Iterator<Item = Script> {
    let steps = || [None, Some(0), Some(1), Some(2), Some(3)].into_iter();
    steps().flat_map(move |fails| {
        steps().flat_map(move |repeats| [0, 2].into_iter().map(move |undo_repeats| Script { fails, repeats, undo_repeats }))
    })
}

#[test]
fn every_step_fails_and_repeats() {
    scripts().for_each(|script| run(&SimDisk::new(SimFaults::default()), 1, script));
}

#[test]
fn the_owner_dies_at_every_commit() {
    for script in scripts() {
        let clean = SimDisk::new(SimFaults::default());
        run(&clean, 1, script);
        for commit in 1..=clean.commits() {
            for fault in [Fault::CrashBeforeCommit, Fault::CrashAfterCommit, Fault::DiskFull] {
                run(&SimDisk::new(SimFaults { script: BTreeMap::from([(commit, fault)]), ..SimFaults::default() }), 1, script);
            }
        }
    }
}

#[test]
fn random_faults_over_many_workflows() {
    for seed in 0..60 {
        let script = scripts().nth(seed as usize % 50).unwrap();
        let faults = || SimFaults {
            seed,
            crash_before_permille: 60,
            crash_after_permille: 60,
            io_error_permille: 60,
            disk_full_permille: 60,
            ..SimFaults::default()
        };
        let traces = [(); 2].map(|()| {
            let disk = SimDisk::new(faults());
            run(&disk, 8, script);
            disk.trace_hash()
        });
        assert_eq!(traces[0], traces[1], "seed {seed}");
    }
}

#[test]
fn an_effect_is_repeated_under_its_own_key_only_after_a_crash() {
    let clean = SimDisk::new(SimFaults::default());
    let mut world = World::default();
    assert!(live(&mut clean.open(), &mut world, &[WorkflowId(1)], &mut TimestampMs(0), Script::default()));
    assert!(world.performed.values().all(|n| *n == 1), "{:?}", world.performed);
    // The start is commit 1, `reserve` 2, `address` 3: the address is taken, and the owner dies before it can say so.
    let disk = SimDisk::new(SimFaults { script: BTreeMap::from([(3, Fault::CrashBeforeCommit)]), ..SimFaults::default() });
    let mut world = World::default();
    assert!(!live(&mut disk.open(), &mut world, &[WorkflowId(1)], &mut TimestampMs(0), Script::default()));
    assert!(live(&mut disk.open(), &mut world, &[WorkflowId(1)], &mut TimestampMs(0), Script::default()));
    assert_eq!(world.performed[&format!("{}/1/do", WorkflowId(1))], 2);
    assert_eq!(world.performed[&format!("{}/0/do", WorkflowId(1))], 1);
}

#[test]
fn an_undo_that_never_succeeds_is_stuck_until_an_operator_says_so() {
    let mut store = SimStore::new(SimFaults::default());
    let (mut world, mut now) = (World::default(), TimestampMs(0));
    let id = WorkflowId(1);
    let hopeless = Script { fails: Some(3), undo_repeats: u32::MAX, ..Script::default() };
    assert!(live(&mut store, &mut world, &[id], &mut now, hopeless));
    let epoch = store.acquire("owner").unwrap();
    let mut executor = Executor::load(&store, epoch, &[PLAN], ExecutorLimits::usual()).unwrap();
    assert_eq!(executor.next(now), Next::Idle);
    assert_eq!(executor.stuck().map(|row| (row.id, row.step, row.attempt)).collect::<Vec<_>>(), [(id, 3, 20)]);
    let rows = executor.unstick(now, id).unwrap();
    executor.committed(now, id, &store.commit(epoch, &rows.pre, &rows.muts));
    assert!(matches!(executor.next(now), Next::Perform(call) if call.direction == Direction::Undo && call.step == 3));
    assert!(live(&mut store, &mut world, &[id], &mut now, Script::default()));
    assert!(world.effects.is_empty());
    // Finished, it stays for the record until it is pruned, with its steps.
    assert_eq!(prune(&store, now, 10).unwrap(), Submission::default());
    let rows = prune(&store, TimestampMs(now.0 + 1), 10).unwrap();
    let epoch = store.acquire("owner").unwrap();
    store.commit(epoch, &rows.pre, &rows.muts).unwrap();
    assert!(store.range(b"workflow/", &crate::prefix_end(b"workflow/"), 10).unwrap().entries.is_empty());
}

#[test]
fn a_lost_shard_and_an_unknown_plan() {
    let mut store = SimStore::new(SimFaults::default());
    let old = store.acquire("old").unwrap();
    let mut executor = Executor::load(&store, old, &[PLAN], ExecutorLimits::usual()).unwrap();
    let now = TimestampMs(0);
    let rows = executor.start(now, WorkflowId(1), "launch", 1, Json::Null).unwrap();
    assert!(matches!(
        executor.start(now, WorkflowId(1), "launch", 1, Json::Null),
        Err(WorkflowError::Misuse { problem: "exists", .. })
    ));
    assert!(matches!(executor.start(now, WorkflowId(2), "launch", 9, Json::Null), Err(WorkflowError::UnknownPlan { .. })));
    let new = store.acquire("new").unwrap();
    let refused = store.commit(old, &rows.pre, &rows.muts);
    assert!(matches!(refused, Err(Error::Fenced { .. })));
    executor.committed(now, WorkflowId(1), &refused);
    assert!(executor.get(WorkflowId(1)).is_none(), "a start that did not happen is forgotten");
    let mut executor = Executor::load(&store, new, &[PLAN], ExecutorLimits::usual()).unwrap();
    let rows = executor.start(now, WorkflowId(1), "launch", 1, Json::Null).unwrap();
    store.commit(new, &rows.pre, &rows.muts).unwrap();
    let stale = Executor::load(&store, old, &[PLAN], ExecutorLimits::usual());
    assert!(matches!(stale, Err(WorkflowError::Store(Error::Fenced { .. }))));
    let older_program = Executor::load(&store, new, &[], ExecutorLimits::usual()).unwrap();
    assert_eq!(older_program.unknown().len(), 1);
}

#[test]
fn the_rows_have_their_golden_form() {
    let row = Workflow {
        id: WorkflowId(255),
        kind: "launch".into(),
        version: 1,
        input: serde_json::json!({"instance": "i-1"}),
        state: State::Undoing,
        step: 3,
        attempt: 2,
        owner_epoch: 7,
        wake_at: TimestampMs(1500),
        reason: Some("no host".into()),
    };
    let golden = r#"{"format":"1","id":"000000000000000000000000000000ff","kind":"launch","version":1,"input":{"instance":"i-1"},"state":"undoing","step":3,"attempt":2,"owner_epoch":7,"wake_at":1500,"reason":"no host"}"#;
    assert_eq!(String::from_utf8(row.encode()).unwrap(), golden);
    assert_eq!(Workflow::decode(golden.as_bytes()).unwrap(), row);
    let step = StepRow::Undone { output: Json::from(1) };
    assert_eq!(String::from_utf8(step.encode()).unwrap(), r#"{"format":"1","result":"undone","output":1}"#);
    assert_eq!(StepRow::decode(&step.encode()).unwrap(), step);
    for bad in ["", "{}", r#"{"format":"2"}"#, "[1]"] {
        assert!(matches!(Workflow::decode(bad.as_bytes()), Err(Error::Corrupt { .. })), "{bad}");
    }
}

#[test]
fn every_state_and_result() {
    use State::*;
    let done = || StepResult::Done(Json::Null);
    let retry = || StepResult::RetryAt(TimestampMs(50));
    let failed = || StepResult::FailedDefinitely("x".into());
    let limits = ExecutorLimits { undo_attempts_max: 3, ..ExecutorLimits::usual() };
    // (state, step, attempt, result) -> (state, step, attempt)
    for ((state, step, attempt), result, expected) in [
        ((Running, 0, 5), done(), (Running, 1, 0)),
        ((Running, 3, 0), done(), (Done, 3, 0)),
        ((Running, 1, 900), retry(), (Running, 1, 901)),
        ((Running, 0, 0), failed(), (Failed, 0, 0)),
        ((Running, 1, 0), failed(), (Undoing, 1, 0)),
        ((Running, 2, 0), failed(), (Undoing, 1, 0)),
        ((Running, 3, 0), failed(), (Undoing, 3, 0)),
        ((Undoing, 3, 1), done(), (Undoing, 1, 0)),
        ((Undoing, 1, 0), done(), (Undoing, 0, 0)),
        ((Undoing, 0, 0), done(), (Failed, 0, 0)),
        ((Undoing, 1, 1), retry(), (Undoing, 1, 2)),
        ((Undoing, 1, 1), failed(), (Undoing, 1, 2)),
        ((Undoing, 1, 2), retry(), (Stuck, 1, 3)),
        ((Undoing, 1, 2), failed(), (Stuck, 1, 3)),
        ((Done, 3, 0), failed(), (Done, 3, 0)),
        ((Failed, 0, 0), done(), (Failed, 0, 0)),
        ((Stuck, 1, 3), done(), (Stuck, 1, 3)),
    ] {
        let row = Workflow {
            id: WorkflowId(1),
            kind: "launch".into(),
            version: 1,
            input: Json::Null,
            state,
            step,
            attempt,
            owner_epoch: 1,
            wake_at: TimestampMs(0),
            reason: None,
        };
        let after = journal::transition(&row, PLAN.steps, &result, TimestampMs(100), &limits);
        assert_eq!((after.state, after.step, after.attempt), expected, "{state:?} {step} {attempt} {result:?}");
        let retries = after.state == state && attempt < after.attempt;
        assert!(!retries || after.wake_at > TimestampMs(100), "a retry is in the future");
    }
}
