//! Random programs of calls on SQLite, the simulated store and the model: every answer is the same.

use proptest::collection::vec;
use proptest::prelude::*;
use store::sim::{SimDisk, SimFaults};
use store::{Epoch, Error, Mutation, Precondition, Proposal, SqliteOptions, SqliteStore, Store, StoreRead, Submission, Version};
use testkit::model::StoreModel;

#[derive(Clone, Debug)]
enum Op {
    /// Submissions, under the current epoch or the one before.
    Commit(Vec<Submission>, bool),
    Get(Vec<u8>),
    Range(Vec<u8>, Vec<u8>, usize),
    Changes(u64, usize),
    Acquire,
    Reopen,
}

/// Few keys, so that they meet; with the bytes at both ends of the order, and two lengths.
fn key() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![Just(0u8), Just(b'a'), Just(b'b'), Just(0xff)], 1..3)
}

fn bound() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(vec![]), key()]
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let size = prop_oneof![8 => 0..20usize, 1 => 890..910usize, 1 => Just(5000usize)];
    prop_oneof![
        3 => (key(), any::<u8>(), size).prop_map(|(key, byte, size)| Mutation::put(key, vec![byte; size])),
        1 => key().prop_map(Mutation::delete),
        1 => Just(Mutation::put(vec![b'x'; 2049], "key too long")),
    ]
}

fn precondition() -> impl Strategy<Value = Precondition> {
    prop_oneof![
        key().prop_map(|key| Precondition::Absent { key }),
        (key(), 0..12u64).prop_map(|(key, version)| Precondition::Version { key, version: Version(version) }),
    ]
}

fn submission() -> impl Strategy<Value = Submission> {
    (vec(precondition(), 0..2), vec(mutation(), 0..4)).prop_map(|(pre, muts)| Submission { pre, muts })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (vec(submission(), 1..4), prop::bool::weighted(0.1)).prop_map(|(batch, stale)| Op::Commit(batch, stale)),
        2 => key().prop_map(Op::Get),
        2 => (bound(), bound(), 0..6usize).prop_map(|(start, end, limit)| Op::Range(start, end, limit)),
        2 => (0..30u64, 0..6usize).prop_map(|(from, limit)| Op::Changes(from, limit)),
        1 => Just(Op::Acquire),
        1 => Just(Op::Reopen),
    ]
}

/// The call's answer as text; errors by their content without a source.
fn answer(store: &mut dyn Store, op: &Op, epoch: Epoch) -> String {
    let show = |error: Error| format!("{error:?}");
    match op {
        Op::Commit(batch, stale) => {
            let epoch = Epoch(epoch.0 - u64::from(*stale));
            let proposals: Vec<_> = batch.iter().map(|s| Proposal { pre: &s.pre, muts: &s.muts }).collect();
            format!("{:?}", store.commit_batch(epoch, &proposals).map_err(show))
        }
        Op::Get(key) => format!("{:?}", store.get(key).map_err(show)),
        Op::Range(start, end, limit) => format!("{:?}", store.range(start, end, *limit).map_err(show)),
        Op::Changes(from, limit) => format!("{:?}", store.changes(Version(*from), *limit).map_err(show)),
        Op::Acquire => format!("{:?}", store.acquire("again").map_err(show)),
        Op::Reopen => format!("{:?}", store.version().map_err(show)),
    }
}

fn check(ops: Vec<Op>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shard.db");
    let open = || SqliteStore::open(&path, SqliteOptions::ephemeral()).unwrap();
    let disk = SimDisk::new(SimFaults::default());
    let mut model = StoreModel::default();
    let mut sim = disk.open();
    let mut sqlite = Some(open());
    let mut epoch = model.acquire("first").unwrap();
    assert_eq!(sim.acquire("first").unwrap(), epoch);
    assert_eq!(sqlite.as_mut().unwrap().acquire("first").unwrap(), epoch);
    for op in &ops {
        if matches!(op, Op::Reopen) {
            drop(sqlite.take());
            sqlite = Some(open());
            sim = sim.restart();
        }
        let expected = answer(&mut model, op, epoch);
        assert_eq!(answer(&mut sim, op, epoch), expected, "sim: {op:?}");
        assert_eq!(answer(sqlite.as_mut().unwrap(), op, epoch), expected, "sqlite: {op:?}");
        if matches!(op, Op::Acquire) {
            epoch = epoch.next();
        }
    }
    // All of it at the end, by pages of every size, also through a reader.
    let sqlite = sqlite.unwrap();
    let reader = sqlite.reader().unwrap();
    let stores: [&dyn StoreRead; 4] = [&model, &sim, &sqlite, &reader];
    let [expected, others @ ..] = stores.map(|store| {
        let mut entries = Vec::new();
        store::for_prefix(store, b"", |entry| entries.push(entry)).unwrap();
        let mut feed = Vec::new();
        let mut from = Version(0);
        loop {
            let page = store.changes(from, 3).unwrap();
            feed.extend(page.changes);
            from = page.upto;
            if !page.more {
                break;
            }
        }
        (entries, feed, from, store.version().unwrap(), store.epoch().unwrap())
    });
    others.into_iter().for_each(|other| assert_eq!(other, expected));
    // No version is missing in the feed.
    let mut versions: Vec<u64> = expected.1.iter().map(|change| change.version.0).collect();
    versions.dedup();
    assert_eq!(versions, (1..=expected.3.0).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn the_back_ends_answer_as_the_model_does(ops in vec(op(), 1..40)) {
        check(ops);
    }
}
