//! A power cut: the write-ahead log is cut or damaged at an arbitrary byte. What is left is the state after some commit.

use std::path::Path;

use proptest::prelude::*;
use store::{Mutation, Proposal, SqliteOptions, SqliteStore, Store, StoreRead, Version, for_prefix};
use testkit::model::StoreModel;

/// Batches of several commits each, over few keys; the same on both.
fn write(store: &mut dyn Store) {
    let epoch = store.acquire("writer").unwrap();
    for batch in 0..8u8 {
        let muts: Vec<[Mutation; 3]> = (0..4u8)
            .map(|i| {
                let value = vec![batch * 16 + i; 1500 * usize::from(i)];
                [Mutation::put([b'a', i], value.clone()), Mutation::put([b'b', batch], value), Mutation::delete([b'a', 3 - i])]
            })
            .collect();
        let proposals: Vec<_> = muts.iter().map(|muts| Proposal { pre: &[], muts }).collect();
        assert!(store.commit_batch(epoch, &proposals).unwrap().iter().all(Result::is_ok));
    }
}

/// Copies the files as they are while the writer lives (it checkpoints when it closes), with a damaged log.
fn copy_damaged(from: &Path, to: &Path, damage: impl Fn(&mut Vec<u8>)) {
    std::fs::copy(from, to).unwrap();
    let wal = |path: &Path| path.with_extension("db-wal");
    let mut bytes = std::fs::read(wal(from)).unwrap();
    assert!(bytes.len() > 100_000);
    damage(&mut bytes);
    std::fs::write(wal(to), bytes).unwrap();
}

fn check(damage: impl Fn(&mut Vec<u8>)) -> Option<Version> {
    let dir = tempfile::tempdir().unwrap();
    let (path, copy) = (dir.path().join("shard.db"), dir.path().join("copy.db"));
    let mut model = StoreModel::default();
    write(&mut model);
    let mut store = SqliteStore::open(&path, SqliteOptions::ephemeral()).unwrap();
    write(&mut store);
    copy_damaged(&path, &copy, damage);
    // All of it is in the log, the tables as well: nothing left is a new shard.
    let found = SqliteStore::open(&copy, SqliteOptions::ephemeral()).unwrap();
    let version = found.version().unwrap();
    assert_eq!(version.0 % 4, 0, "the commits of a batch are durable together");
    let mut entries = Vec::new();
    for_prefix(&found, b"", |entry| entries.push((entry.key, (entry.value, entry.version)))).unwrap();
    assert_eq!(entries, model.state_at(version).into_iter().collect::<Vec<_>>());
    assert_eq!(found.changes(Version(0), 10_000).unwrap().upto, version);
    Some(version)
}

#[test]
fn an_undamaged_copy_has_everything() {
    assert_eq!(check(|_| ()), Some(Version(32)));
    assert_eq!(check(Vec::clear), Some(Version(0)));
}

proptest! {
    #![proptest_config(crate::cases(40))]

    #[test]
    fn a_cut_log_is_a_prefix_of_the_commits(at in any::<prop::sample::Index>()) {
        check(|wal| wal.truncate(at.index(wal.len())));
    }

    #[test]
    fn a_damaged_byte_ends_the_log_before_it(at in any::<prop::sample::Index>(), flip in 1..=255u8) {
        check(|wal| {
            let at = at.index(wal.len());
            wal[at] ^= flip;
        });
    }
}
