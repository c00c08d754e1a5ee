//! Of two that both believe they lead, only the later one can do anything.

use crate::support::*;
use objectstore::index::StoreFile;
use objectstore::index::leader::{Failure, Leader};
use objectstore::index::{key, row};
use objectstore::message::*;
use objectstore::record::*;
use std::cell::RefCell;
use std::rc::Rc;
use store::{SqliteReader, StoreRead};
use tokio::task::LocalSet;
use types::TimestampMs;

fn request(number: u64, call: IndexCall) -> IndexRequest {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    IndexRequest { caller: 1, slot: 0, number, first_sent: TimestampMs(now.as_millis() as u64), call }
}

#[tokio::test]
async fn a_deposed_leader_neither_writes_nor_reads() {
    let dir = tempfile::tempdir().unwrap();
    let file = StoreFile { path: dir.path().join("index.db"), fsync: false };
    let old = Leader::take(&file, "old").unwrap();
    old.call(request(1, IndexCall::OpenSession { owner: "g".into() })).await.unwrap();
    old.call(request(2, IndexCall::CreateBucket { bucket: bucket("b") })).await.unwrap();
    old.call(request(3, put("b", 1, "k", empty("1")))).await.unwrap();
    assert!(old.leads_still().unwrap());
    let new = Leader::take(&file, "new").unwrap();
    assert!(new.epoch() > old.epoch());
    new.call(request(4, put("b", 1, "k", empty("2")))).await.unwrap();
    assert!(!old.leads_still().unwrap());
    // Every kind of reading: on the role's thread and in the readers'.
    for call in
        [lookup("b", "k", None), list("b", query("", "", "", 10)), IndexCall::GetBucket { name: "b".into() }, IndexCall::Status]
    {
        assert!(matches!(old.call(request(0, call)).await, Err(Failure::Deposed)));
    }
    for call in [put("b", 1, "k", empty("3")), put("b", 1, "l", object("4", blob(1, 1))), delete("b", vec![item("k", None)])] {
        assert!(matches!(old.call(request(5, call)).await, Err(Failure::Deposed)));
    }
    match new.call(request(0, list("b", query("", "", "", 10)))).await.unwrap() {
        IndexAnswer::List(page) => {
            let found: Vec<_> = page.rows.iter().map(|l| l.unwrap()).map(|l| (l.key, l.head.etag)).collect();
            assert_eq!(found, [("k", "2")]);
        }
        other => panic!("{other:?}"),
    }
    // The call that the old one did not answer is known to the new one by its slot.
    let again = new.call(request(4, put("b", 1, "k", empty("2")))).await.unwrap();
    let IndexAnswer::Put { id, .. } = again else { panic!("{again:?}") };
    assert_eq!(id, VersionId::Null);
}

fn distinct(number: u64, call: IndexCall) -> IndexRequest {
    IndexRequest { caller: number.into(), ..request(1, call) }
}

/// Everybody writes the same key: each write happens, in order, and nobody decides in vain.
#[tokio::test]
async fn a_hot_key() {
    let dir = tempfile::tempdir().unwrap();
    let leader = Rc::new(Leader::take(&StoreFile { path: dir.path().join("index.db"), fsync: false }, "x").unwrap());
    leader.call(distinct(1, IndexCall::OpenSession { owner: "g".into() })).await.unwrap();
    leader
        .call(distinct(2, IndexCall::CreateBucket { bucket: BucketRecord { versioning: Versioning::Enabled, ..bucket("b") } }))
        .await
        .unwrap();
    let write = |n: u64| {
        let leader = leader.clone();
        let call = put("b", 1, "k", object(&n.to_string(), blob(1, n as u32)));
        tokio::task::spawn_local(async move { leader.call(distinct(10 + n, call)).await.unwrap() })
    };
    let local = LocalSet::new();
    local
        .run_until(async {
            for task in (0..200).map(write).collect::<Vec<_>>() {
                drop(task.await.unwrap())
            }
        })
        .await;
    let versions = IndexCall::ListVersions {
        bucket: "b".into(),
        query: VersionsQuery { list: query("", "", "", 1000), after_version: None },
    };
    let IndexAnswer::Versions(page) = leader.call(distinct(3, versions)).await.unwrap() else { panic!() };
    let etags: Vec<u64> = page.rows.iter().map(|l| l.unwrap().head.etag.parse().unwrap()).collect();
    assert_eq!(etags, (0..200).rev().collect::<Vec<_>>());
    let IndexAnswer::Status(status) = leader.call(distinct(4, IndexCall::Status)).await.unwrap() else { panic!() };
    assert!(status.counters.contains(&("decided_again".into(), 0)), "{:?}", status.counters);
    assert!(status.counters.iter().any(|(name, n)| name == "batches" && *n >= 200));
}

/// Buckets come and go while others write into them: no object is left in one that is gone.
#[tokio::test]
async fn a_bucket_is_deleted_among_writes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.db");
    let leader = Rc::new(Leader::take(&StoreFile { path: path.clone(), fsync: false }, "x").unwrap());
    leader.call(distinct(1, IndexCall::OpenSession { owner: "g".into() })).await.unwrap();
    let outcomes = Rc::new(RefCell::new([0; 4]));
    let task = |n: u64| {
        let (leader, outcomes) = (leader.clone(), outcomes.clone());
        tokio::task::spawn_local(async move {
            for i in 0..60 {
                let id = 1000 * (n + 1) + i;
                let call = match n {
                    0 => IndexCall::DeleteBucket { name: "b".into() },
                    1 => IndexCall::CreateBucket { bucket: bucket("b") },
                    2 => put("b", 1, "k", object("e", blob(1, id as u32))),
                    _ => delete("b", vec![item("k", None)]),
                };
                let done = leader.call(distinct(id, call)).await.is_ok();
                outcomes.borrow_mut()[n as usize] += u32::from(done);
                tokio::task::yield_now().await;
            }
        })
    };
    let local = LocalSet::new();
    local
        .run_until(async {
            for task in (0..4).map(task).collect::<Vec<_>>() {
                task.await.unwrap()
            }
        })
        .await;
    assert!(outcomes.borrow().iter().all(|n| *n > 1), "all of it happens: {outcomes:?}");
    let reader = SqliteReader::open(&path, 64).unwrap();
    let rows = |space: u8| reader.range(&[space], &[space + 1], 100).unwrap().entries;
    let live = rows(key::BUCKET).iter().map(|e| row::decode::<row::BucketRow>(&e.value).unwrap().bucket.id).collect::<Vec<_>>();
    for object in rows(key::HEAD) {
        assert!(live.iter().any(|id| object.key.starts_with(&key::of_bucket(key::HEAD, *id))), "{live:?} {:?}", object.key);
    }
}

/// A commit that was under way when another took over is either refused or seen by the other.
#[tokio::test]
async fn a_take_over_in_the_middle_of_writes() {
    let dir = tempfile::tempdir().unwrap();
    let file = StoreFile { path: dir.path().join("index.db"), fsync: false };
    let old = Leader::take(&file, "old").unwrap();
    old.call(request(1, IndexCall::OpenSession { owner: "g".into() })).await.unwrap();
    old.call(request(2, IndexCall::CreateBucket { bucket: bucket("b") })).await.unwrap();
    let taking = std::thread::spawn({
        let file = file.clone();
        move || Leader::take(&file, "new").map(|l| l.epoch())
    });
    let mut acknowledged = Vec::new();
    for n in 0.. {
        match old.call(request(0, put("b", 1, &format!("k{n:06}"), object("e", blob(1, n))))).await {
            Ok(_) => acknowledged.push(n),
            Err(Failure::Deposed) => break,
            Err(other) => panic!("{other:?}"),
        }
    }
    taking.join().unwrap().unwrap();
    let new = Leader::take(&file, "third").unwrap();
    for n in acknowledged {
        match new.call(request(0, lookup("b", &format!("k{n:06}"), None))).await.unwrap() {
            IndexAnswer::Lookup { found: Found::Version { .. }, .. } => {}
            other => panic!("{n}: {other:?}"),
        }
    }
}
