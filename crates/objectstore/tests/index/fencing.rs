//! Of two that both believe they lead, only the later one can do anything.

use crate::support::*;
use objectstore::index::leader::{Failure, Leader};
use objectstore::index::serve::Serving;
use objectstore::index::shard::SqliteStores;
use objectstore::index::{CollectorOptions, NoNodes, SplitOptions, StoreFile};
use objectstore::index::{key, row};
use objectstore::message::*;
use objectstore::record::*;
use platform::bulk::BulkClient;
use platform::{SystemClock, SystemRng};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use store::{SqliteReader, StoreRead};
use tokio::task::LocalSet;
use types::TimestampMs;

fn request(number: u64, call: IndexCall) -> IndexRequest {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    IndexRequest { caller: 1, slot: 0, number, first_sent: TimestampMs(now.as_millis() as u64), to: Address::default(), call }
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

/// A process without sockets.
fn process(dir: &Path, position: usize) -> Rc<Serving<SqliteStores, BulkClient, NoNodes>> {
    let file = StoreFile { path: dir.join("index.db"), fsync: false };
    Rc::new(Serving {
        name: format!("index-{position}"),
        position,
        stores: SqliteStores(file),
        peers: crate::role::index_client(dir),
        nodes: Rc::new(NoNodes),
        collector: CollectorOptions::usual(),
        split: SplitOptions::never(),
        clock: Arc::new(SystemClock::new()),
        dice: Box::new(|| Box::new(SystemRng::new())),
        state: Default::default(),
    })
}

/// A call waits in the socket of a leader that is paused, and is sent again to the next one, which refuses it. When the first
/// one leads again it finds the call: by then its condition holds, but its caller was told that nothing happened.
#[tokio::test]
async fn a_call_that_waited_through_another_leader_is_void() {
    let dir = tempfile::tempdir().unwrap();
    let send = async |to: &Rc<Serving<_, _, _>>, request: &IndexRequest| -> IndexResult {
        let parcel = pack(&IndexFrame::Call(Box::new(request.clone())), Default::default()).unwrap();
        unpack(&to.answer(parcel).await.unwrap()).unwrap()
    };
    let to = |epoch| Address { epoch, ..Address::default() };
    let local = LocalSet::new();
    let run = async {
        let (a, b) = (process(dir.path(), 0), process(dir.path(), 1));
        a.take(0).unwrap();
        for (n, call) in [
            IndexCall::OpenSession { owner: "g".into() },
            IndexCall::CreateBucket { bucket: bucket("b") },
            put("b", 1, "k", empty("old")),
        ]
        .into_iter()
        .enumerate()
        {
            send(&a, &IndexRequest { to: to(1), ..distinct(100 + n as u64, call) }).await.unwrap();
        }
        let if_new = || WriteConditions { if_match: Some("new".into()), ..Default::default() };
        // With and without a slot by which it would be known.
        let waiting = [put_if("b", 1, "k", empty("late"), if_new()), put_if("b", 1, "k", object("late", blob(1, 1)), if_new())]
            .map(|call| IndexRequest { to: to(1), ..distinct(200, call) });
        b.take(0).unwrap();
        for request in &waiting {
            let again = IndexRequest { to: to(2), ..request.clone() };
            assert_eq!(send(&b, &again).await, Err(IndexError::PreconditionFailed));
        }
        send(&b, &IndexRequest { to: to(2), ..distinct(300, put("b", 1, "k", empty("new"))) }).await.unwrap();
        let old = a.leader(0).unwrap();
        assert!(a.step_down(&old, "it is another's"));
        drop(old);
        a.take(0).unwrap();
        assert_eq!(a.leader(0).unwrap().epoch().0, 3);
        for request in &waiting {
            assert_eq!(send(&a, request).await, Err(IndexError::NotLeader));
        }
        let found = send(&a, &IndexRequest { to: to(3), ..distinct(301, lookup("b", "k", None)) }).await.unwrap();
        let IndexAnswer::Lookup { found: Found::Version { record, .. }, .. } = found else { panic!("{found:?}") };
        assert_eq!(record.object.etag, "new");
    };
    local.run_until(run).await;
}
