//! The faults of the simulated store: what each leaves behind, and that a seed decides them.

use super::*;

fn put(key: &str, value: u64) -> [Mutation; 1] {
    [Mutation::put(key, value.to_be_bytes())]
}

#[test]
fn what_each_fault_leaves_behind() {
    for (fault, durable, outcome) in [
        (Fault::CrashBeforeCommit, Some(false), Outcome::Unknown),
        (Fault::CrashAfterCommit, Some(true), Outcome::Unknown),
        (Fault::IoError, None, Outcome::Unknown),
        (Fault::DiskFull, Some(false), Outcome::Definite),
    ] {
        let mut store = SimStore::new(SimFaults { script: BTreeMap::from([(2, fault)]), ..SimFaults::default() });
        let epoch = store.acquire("a").unwrap();
        store.commit(epoch, &[], &put("k", 1)).unwrap();
        let error = store.commit(epoch, &[], &put("l", 2)).unwrap_err();
        assert_eq!(error.outcome(), outcome, "{fault:?}");
        assert_eq!(store.crashed(), fault != Fault::DiskFull);
        assert_eq!(store.get(b"k").is_err(), store.crashed(), "a dead process reads nothing");
        let store = store.restart();
        let present = store.get(b"l").unwrap().is_some();
        assert!(durable.is_none_or(|expected| expected == present), "{fault:?}");
        assert_eq!(store.version().unwrap(), Version(1 + u64::from(present)));
        assert!(store.get(b"k").unwrap().is_some());
    }
}

/// Commits until the end, restarting after each crash; returns the trace.
fn run(seed: u64) -> (u64, u64, u64) {
    let faults = SimFaults {
        seed,
        crash_before_permille: 50,
        crash_after_permille: 50,
        io_error_permille: 50,
        disk_full_permille: 50,
        ..SimFaults::default()
    };
    let disk = SimDisk::new(faults);
    let mut store = disk.open();
    let mut epoch = store.acquire("0").unwrap();
    let mut crashes = 0;
    for i in 0..500u64 {
        if store.commit(epoch, &[], &put("k", i)).is_err() && store.crashed() {
            crashes += 1;
            store = store.restart();
            epoch = store.acquire(&crashes.to_string()).unwrap();
        }
    }
    (disk.trace_hash(), crashes, store.version().unwrap().0)
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let (hash, crashes, version) = run(7);
    assert_eq!(run(7), (hash, crashes, version));
    assert_ne!(run(8).0, hash);
    assert!(crashes > 30 && version > 300, "{crashes} {version}");
}

#[test]
fn a_new_owner_fences_the_old_handle() {
    let mut old = SimStore::new(SimFaults::default());
    let held = old.acquire("old").unwrap();
    let mut new = old.disk().open();
    let epoch = new.acquire("new").unwrap();
    assert!(matches!(old.commit(held, &[], &put("k", 1)), Err(Error::Fenced { .. })));
    assert_eq!(new.commit(epoch, &[], &put("k", 2)).unwrap(), Version(1));
}
