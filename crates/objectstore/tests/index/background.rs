//! What is there for those who work behind the front: all buckets, replicas, restorations, conditions on what is current.

use crate::support::*;
use objectstore::message::*;
use objectstore::record::*;
use types::TimestampMs;

fn replicate(key: &str, record: &VersionRecord) -> IndexCall {
    IndexCall::Replicate {
        bucket: "b".into(),
        session: objectstore::id::SessionId(1),
        key: key.into(),
        record: Box::new(record.clone()),
        cause: Cause::default(),
    }
}

fn replica(seq: u64, object: NewVersion) -> VersionRecord {
    let id = VersionId::Named { seq, salt: seq };
    VersionRecord { id, seq, modified: TimestampMs(seq), delete_marker: false, object }
}

/// The order of a key's versions, the current one first.
fn seqs(x: &mut Direct) -> Vec<(u64, bool)> {
    let query = VersionsQuery { list: query("", "", "", 9), after_version: None };
    let IndexAnswer::Versions(page) = x.ok(IndexCall::ListVersions { bucket: "b".into(), query }) else { panic!() };
    page.rows.iter().map(|l| l.unwrap()).map(|l| (l.head.seq, l.latest)).collect()
}

#[test]
fn all_buckets_are_listed_with_their_documents() {
    let mut x = Direct::ready(Versioning::Unversioned);
    for (n, name) in ["c", "a", "d"].into_iter().enumerate() {
        let documents = [("lifecycle".to_owned(), n.to_string())].into();
        let owner = format!("{n:012}").parse().unwrap();
        x.ok(IndexCall::CreateBucket { bucket: BucketRecord { owner, documents, ..bucket(name) } });
    }
    let mut seen = Vec::new();
    let mut after = Some(String::new());
    while let Some(from) = after {
        let IndexAnswer::Buckets { buckets, next } = x.ok(IndexCall::AllBuckets { after: from, limit: 2 }) else { panic!() };
        seen.extend(buckets.into_iter().map(|b| (b.name, b.documents.get("lifecycle").cloned())));
        after = next;
    }
    let text = |s: &str| Some(s.to_owned());
    assert_eq!(seen, [("a".into(), text("1")), ("b".into(), None), ("c".into(), text("0")), ("d".into(), text("2"))]);
}

#[test]
fn replicas_find_their_places() {
    let mut x = Direct::ready(Versioning::Enabled);
    let newest = replica(30, object("3", blob(1, 1)));
    for record in [&newest, &replica(10, empty("1")), &replica(20, object("2", blob(1, 2)))] {
        let IndexAnswer::Put { id, seq, modified } = x.ok(replicate("k", record)) else { panic!() };
        assert_eq!((id, seq, modified), (record.id, record.seq, record.modified));
    }
    assert_eq!(seqs(&mut x), [(30, true), (20, false), (10, false)]);
    // Once more: the same answer, nothing new. With another blob, that one is not taken.
    x.ok(replicate("k", &newest));
    assert_eq!(
        x.refused(replicate("k", &VersionRecord { object: object("3", blob(1, 9)), ..newest.clone() })),
        IndexError::DataChanged
    );
    let marker = VersionRecord { delete_marker: true, ..replica(40, empty("")) };
    x.ok(replicate("k", &marker));
    assert_eq!(seqs(&mut x), [(40, true), (30, false), (20, false), (10, false)]);
    // What is written here goes on top, whatever the clock of the other bucket was.
    let VersionId::Named { seq, .. } = x.put("k", "5") else { panic!() };
    assert_eq!(seqs(&mut x)[0], (seq, true));
    let null = VersionRecord { id: VersionId::Null, ..newest.clone() };
    assert!(matches!(x.refused(replicate("k", &null)), IndexError::Invalid(_)));
    let mut x = Direct::ready(Versioning::Suspended);
    assert!(matches!(x.refused(replicate("k", &newest)), IndexError::Invalid(_)));
}

#[test]
fn a_version_is_removed_only_where_it_stands() {
    let mut x = Direct::ready(Versioning::Enabled);
    let (old, new) = (x.put("k", "1"), x.put("k", "2"));
    let mut remove = |version, current| {
        let conditions = DeleteConditions { current: Some(current), ..DeleteConditions::default() };
        let items = vec![DeleteItem { conditions, ..item("k", Some(version)) }];
        match x.ok(delete("b", items)) {
            IndexAnswer::Deleted(mut one) => one.remove(0).map(|_| ()),
            _ => panic!(),
        }
    };
    assert_eq!(remove(new, false), Err(IndexError::PreconditionFailed));
    assert_eq!(remove(old, true), Err(IndexError::PreconditionFailed));
    assert_eq!(remove(new, true), Ok(()));
    assert_eq!(remove(old, false), Err(IndexError::PreconditionFailed), "it has become the current one");
}

#[test]
fn restorations_change_from_what_was_seen_and_are_told_always() {
    let mut x = Direct::ready(Versioning::Unversioned);
    x.ok(put("b", 1, "k", NewVersion { storage_class: "GLACIER".into(), ..object("e", blob(1, 1)) }));
    let restore = |until| Some(Restore { requested: TimestampMs(1), days: 1, tier: "Bulk".into(), until });
    let change = |from: &Option<Restore>, to: &Option<Restore>, event: &str| IndexCall::Change {
        bucket: "b".into(),
        key: "k".into(),
        version: None,
        change: VersionChange::Restore { from: from.clone(), to: to.clone() },
        cause: cause(event),
    };
    let (asked, done) = (restore(None), restore(Some(TimestampMs(9))));
    x.ok(change(&None, &asked, "ObjectRestore:Post"));
    assert_eq!(x.refused(change(&None, &asked, "ObjectRestore:Post")), IndexError::DataChanged);
    x.ok(change(&asked, &done, "ObjectRestore:Completed"));
    x.ok(change(&done, &None, ""));
    let IndexAnswer::Events(events) = x.ok(IndexCall::Events { shard: 0, after: 0, limit: 9 }) else { panic!() };
    let names: Vec<&str> = events.iter().map(|e| e.cause.event.as_str()).collect();
    assert_eq!(names, ["ObjectRestore:Post", "ObjectRestore:Completed"]);
    // To another class in place: the blob stays, a restoration ends.
    x.ok(change(&None, &asked, ""));
    let data = Data::Blob(blob(1, 1));
    let moved = VersionChange::Move {
        session: objectstore::id::SessionId(1),
        from: data.clone(),
        to: data.clone(),
        storage_class: "DEEP_ARCHIVE".into(),
    };
    let call = IndexCall::Change { bucket: "b".into(), key: "k".into(), version: None, change: moved, cause: Cause::default() };
    let IndexAnswer::Version(now) = x.ok(call) else { panic!() };
    assert_eq!((now.object.data, now.object.storage_class.as_str(), now.object.restore), (data, "DEEP_ARCHIVE", None));
}

#[test]
fn a_new_notification_makes_a_test_event() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let mut set = |documents: &[(&str, &str)]| {
        let IndexAnswer::Bucket(now) = x.ok(IndexCall::GetBucket { name: "b".into() }) else { panic!() };
        let documents = documents.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        x.ok(IndexCall::UpdateBucket { version: now.version, bucket: BucketRecord { documents, ..now.bucket } });
        let IndexAnswer::Events(events) = x.ok(IndexCall::Events { shard: 0, after: 0, limit: 9 }) else { panic!() };
        events.iter().filter(|e| e.cause.event == "s3:TestEvent" && e.key.is_empty()).count()
    };
    assert_eq!(set(&[("cors", "c")]), 0);
    assert_eq!(set(&[("notification", "1"), ("cors", "c")]), 1);
    assert_eq!(set(&[("notification", "1"), ("cors", "d")]), 1);
    assert_eq!(set(&[("notification", "2")]), 2);
    assert_eq!(set(&[]), 2);
}
