//! Of two that both believe they lead, only the later one can do anything.

use crate::support::*;
use objectstore::index::StoreFile;
use objectstore::index::leader::{Failure, Leader};
use objectstore::message::*;
use objectstore::record::*;
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
            let found: Vec<_> = page.entries.iter().map(|(k, r)| (k.as_str(), r.object.etag.as_str())).collect();
            assert_eq!(found, [("k", "2")]);
        }
        other => panic!("{other:?}"),
    }
    // The call that the old one did not answer is known to the new one by its slot.
    let again = new.call(request(4, put("b", 1, "k", empty("2")))).await.unwrap();
    let IndexAnswer::Put { id, .. } = again else { panic!("{again:?}") };
    assert_eq!(id, VersionId::Null);
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
