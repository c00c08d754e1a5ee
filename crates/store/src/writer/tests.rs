//! Group commit: batching, atomicity of each submission, back pressure, and the end after a failure.

use std::collections::BTreeMap;
use std::sync::mpsc::{Sender, channel};

use super::*;
use crate::sim::{Fault, SimFaults, SimStore};
use crate::{SqliteOptions, SqliteStore};

fn sim(script: &[(u64, Fault)]) -> (SimStore, Committer) {
    let mut store = SimStore::new(SimFaults { script: BTreeMap::from_iter(script.iter().copied()), ..SimFaults::default() });
    let epoch = store.acquire("test").unwrap();
    let disk = store.disk();
    (disk.open(), Committer::spawn(store, epoch, CommitterOptions::usual()).unwrap())
}

fn put(key: &str) -> Vec<Mutation> {
    vec![Mutation::put(key, "v")]
}

/// Holds the writer thread inside of a read until the returned sender is dropped.
fn hold(committer: &Committer) -> Sender<()> {
    let (release, gate) = channel::<()>();
    let (entered, entry) = channel::<()>();
    let ticket = committer
        .read(move |_| {
            entered.send(()).unwrap();
            let _ = gate.recv();
            Ok(())
        })
        .unwrap();
    entry.recv().unwrap();
    drop(ticket);
    release
}

#[test]
fn what_waits_shares_a_transaction() {
    let (store, committer) = sim(&[]);
    let gate = hold(&committer);
    let absent = |key: &str| vec![Precondition::Absent { key: key.into() }];
    let tickets: Vec<_> =
        (0..300).map(|i| committer.submit(absent(&format!("k{}", i % 250)), put(&format!("k{}", i % 250))).unwrap()).collect();
    drop(gate);
    let results: Vec<_> = tickets.into_iter().map(Ticket::wait).collect();
    for (i, result) in results.iter().enumerate() {
        match result {
            Ok(version) => assert!(i < 250 && version.0 == i as u64 + 1, "{i}"),
            Err(Error::Conflict { .. }) => assert!(i >= 250, "{i}"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(committer.durable(), Version(250));
    assert_eq!(store.version().unwrap(), Version(250));
    let stats = committer.stats();
    assert_eq!((stats.batches, stats.committed, stats.failed, stats.batch_submissions_peak), (2, 250, 50, 256));
}

#[tokio::test]
async fn tickets_and_versions_can_be_awaited() {
    let (_, committer) = sim(&[]);
    let waiter = tokio::spawn({
        let committer = committer.clone();
        async move { committer.wait_durable(Version(3)).await }
    });
    for i in 1..=3u64 {
        assert_eq!(committer.submit(vec![], put("k")).unwrap().await.unwrap(), Version(i));
    }
    waiter.await.unwrap().unwrap();
    let seen = committer.read(|store| Ok(store.get(b"k")?.map(|e| e.version))).unwrap().await.unwrap();
    assert_eq!(seen, Some(Version(3)));
}

#[tokio::test]
async fn a_failure_that_leaves_doubt_ends_the_writer() {
    for (fault, kept) in [(Fault::CrashBeforeCommit, 1), (Fault::CrashAfterCommit, 2)] {
        let (store, committer) = sim(&[(2, fault)]);
        committer.submit(vec![], put("a")).unwrap().await.unwrap();
        let error = committer.submit(vec![], put("b")).unwrap().await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(committer.failed().await.outcome(), Outcome::Unknown);
        assert!(committer.wait_durable(Version(1)).await.is_ok());
        assert!(committer.wait_durable(Version(2)).await.is_err());
        // The thread has said that it ends, and may take a moment for it; nothing is committed in either case.
        match committer.submit(vec![], put("c")) {
            Err(Error::Stopped) => {}
            Ok(ticket) => assert!(ticket.await.is_err()),
            Err(other) => panic!("{other}"),
        }
        assert_eq!(store.version().unwrap(), Version(kept));
    }
}

#[tokio::test]
async fn a_full_disk_does_not_end_the_writer_and_a_lost_fence_does() {
    let (store, committer) = sim(&[(1, Fault::DiskFull)]);
    assert!(matches!(committer.submit(vec![], put("a")).unwrap().await, Err(Error::DiskFull)));
    committer.submit(vec![], put("a")).unwrap().await.unwrap();
    store.disk().open().acquire("another").unwrap();
    assert!(matches!(committer.submit(vec![], put("b")).unwrap().await, Err(Error::Fenced { .. })));
    assert!(matches!(committer.failed().await, Error::Fenced { .. }));
}

#[test]
fn the_queue_is_bounded_in_count_and_in_bytes() {
    let mut store = SimStore::new(SimFaults::default());
    let epoch = store.acquire("test").unwrap();
    let options = CommitterOptions { queue_submissions_max: 4, queue_bytes_max: 1000, ..CommitterOptions::usual() };
    let committer = Committer::spawn(store, epoch, options).unwrap();
    let gate = hold(&committer);
    let big = || vec![Mutation::put("k", vec![0; 600])];
    let first = committer.submit(vec![], big()).unwrap();
    assert!(matches!(committer.submit(vec![], big()), Err(Error::Busy)));
    let rest: Vec<_> = (0..3).map(|_| committer.submit(vec![], put("k")).unwrap()).collect();
    assert!(matches!(committer.submit(vec![], put("k")), Err(Error::Busy)));
    assert_eq!(committer.stats().refused, 2);
    drop(gate);
    first.wait().unwrap();
    rest.into_iter().for_each(|ticket| assert!(ticket.wait().is_ok()));
    committer.submit(vec![], big()).unwrap().wait().unwrap();
}

#[test]
fn the_last_handle_closes_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shard.db");
    for round in 1..=3u64 {
        let mut store = SqliteStore::open(&path, SqliteOptions::ephemeral()).unwrap();
        let epoch = store.acquire("test").unwrap();
        let committer = Committer::spawn(store, epoch, CommitterOptions::usual()).unwrap();
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let committer = committer.clone();
                std::thread::spawn(move || {
                    for i in 0..50 {
                        committer.submit(vec![], put(&format!("{round}/{client}/{i}"))).unwrap().wait().unwrap();
                    }
                })
            })
            .collect();
        clients.into_iter().for_each(|client| client.join().unwrap());
        assert_eq!(committer.durable(), Version(round * 200));
        // Queued and not waited for: still written before the thread ends.
        drop(committer);
    }
}
