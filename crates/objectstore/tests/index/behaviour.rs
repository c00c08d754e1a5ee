//! What single calls do, as AWS does it.

use crate::support::*;
use objectstore::Layout;
use objectstore::id::{BlobId, SessionId};
use objectstore::index::{Stop, core, key};
use objectstore::message::*;
use objectstore::record::*;
use types::TimestampMs;

fn named(id: VersionId) -> bool {
    matches!(id, VersionId::Named { .. })
}

fn deleted(answer: IndexAnswer) -> Vec<Result<Deleted, IndexError>> {
    match answer {
        IndexAnswer::Deleted(items) => items,
        other => panic!("{other:?}"),
    }
}

fn delete_one(x: &mut Direct, key: &str, version: Option<VersionId>) -> Result<Deleted, IndexError> {
    deleted(x.ok(delete("b", vec![item(key, version)]))).remove(0)
}

fn marker(version: Option<VersionId>) -> Deleted {
    Deleted { delete_marker: true, version }
}

// ---------------------------------------------------------------------------------------------------------- buckets

#[test]
fn buckets_are_made_changed_listed_and_removed() {
    let mut x = Direct::sim();
    assert_eq!(x.refused(IndexCall::GetBucket { name: "b".into() }), IndexError::NoSuchBucket);
    let IndexAnswer::Bucket(made) = x.ok(IndexCall::CreateBucket { bucket: bucket("b") }) else { panic!() };
    assert_eq!((made.bucket.created, made.bucket.id), (x.now, BucketId(1)));
    assert_eq!(x.refused(IndexCall::CreateBucket { bucket: bucket("b") }), IndexError::BucketExists { owner: owner() });
    let mut change = made.bucket.clone();
    change.documents.insert("policy".into(), "{}".into());
    change.owner = "999999999999".parse().unwrap();
    let IndexAnswer::Bucket(changed) = x.ok(IndexCall::UpdateBucket { version: made.version, bucket: change.clone() }) else {
        panic!()
    };
    assert!(changed.version > made.version && changed.bucket.owner == owner() && changed.bucket.documents.len() == 1);
    assert_eq!(x.refused(IndexCall::UpdateBucket { version: made.version, bucket: change }), IndexError::BucketChanged);
    let known =
        |x: &mut Direct, known| match x.ok(IndexCall::Lookup { bucket: "b".into(), known, key: "k".into(), version: None }) {
            IndexAnswer::Lookup { bucket, found: Found::NoKey } => bucket,
            other => panic!("{other:?}"),
        };
    assert_eq!(known(&mut x, made.version), Some(changed.clone()), "with the documents' text");
    assert_eq!(known(&mut x, changed.version), None);
    for (versioning, object_lock, fine) in [
        (Versioning::Enabled, true, true),
        (Versioning::Suspended, true, false),
        (Versioning::Enabled, false, false),
        (Versioning::Unversioned, true, false),
    ] {
        let IndexAnswer::Bucket(b) = x.ok(IndexCall::GetBucket { name: "b".into() }) else { panic!() };
        let change = BucketRecord { versioning, object_lock, ..b.bucket };
        assert_eq!(x.call(IndexCall::UpdateBucket { version: b.version, bucket: change }).is_ok(), fine);
    }
    for name in ["a", "c", "ca"] {
        x.ok(IndexCall::CreateBucket { bucket: bucket(name) });
    }
    x.ok(IndexCall::CreateBucket { bucket: BucketRecord { owner: "999999999999".parse().unwrap(), ..bucket("other") } });
    let mut names = |prefix: &str, after: &str, limit| match x.ok(IndexCall::ListBuckets {
        owner: owner(),
        prefix: prefix.into(),
        after: after.into(),
        limit,
    }) {
        IndexAnswer::Buckets { buckets, next } => (buckets.into_iter().map(|b| b.name).collect::<Vec<_>>().join(" "), next),
        other => panic!("{other:?}"),
    };
    assert_eq!(names("", "", 10), ("a b c ca".into(), None));
    assert_eq!(names("", "", 2), ("a b".into(), Some("b".into())));
    assert_eq!(names("", "b", 2), ("c ca".into(), None));
    assert_eq!(names("c", "", 1), ("c".into(), Some("c".into())));
    assert_eq!(names("c", "zz", 1), (String::new(), None));
    x.ok(IndexCall::DeleteBucket { name: "b".into() });
    assert_eq!(x.refused(IndexCall::DeleteBucket { name: "b".into() }), IndexError::NoSuchBucket);
    let IndexAnswer::Bucket(again) = x.ok(IndexCall::CreateBucket { bucket: bucket("b") }) else { panic!() };
    assert!(again.bucket.id > BucketId(4) && again.version > changed.version, "nothing is the same as before");
    assert!(again.bucket.documents.is_empty() && x.rows(key::DOCUMENTS) == 0);
}

#[test]
fn a_bucket_with_versions_markers_but_not_uploads_stays() {
    let mut x = Direct::ready(Versioning::Enabled);
    let one = x.put("k", "1");
    let full = |x: &mut Direct| x.refused(IndexCall::DeleteBucket { name: "b".into() }) == IndexError::BucketNotEmpty;
    assert!(full(&mut x));
    let Ok(Deleted { version: Some(gone), .. }) = delete_one(&mut x, "k", None) else { panic!() };
    assert!(full(&mut x), "a marker and an older version");
    delete_one(&mut x, "k", Some(one)).unwrap();
    assert!(full(&mut x), "a marker");
    delete_one(&mut x, "k", Some(gone)).unwrap();
    let id = UploadId::new(x.now, 1);
    x.ok(IndexCall::CreateUpload { bucket: "b".into(), upload: upload_record(id, "m") });
    x.ok(put_part("b", 1, "m", id, part(1, "p", blob(1, 1))));
    x.ok(IndexCall::DeleteBucket { name: "b".into() });
    x.ok(IndexCall::CreateBucket { bucket: bucket("b") });
    assert_eq!(x.refused(IndexCall::GetUpload { bucket: "b".into(), key: "m".into(), upload: id }), IndexError::NoSuchUpload);
    assert_eq!(x.collect(), [blob(1, 1).id], "the upload was aborted");
    assert_eq!(x.spaces(), "");
}

// --------------------------------------------------------------------------------------------------------- versions

#[test]
fn unversioned_objects_are_replaced_and_removed() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let put_blob = |x: &mut Direct, n| x.ok(put("b", 1, "k", object(&format!("e{n}"), blob(1, n))));
    put_blob(&mut x, 1);
    assert_eq!(x.found("k", None), Some(("e1".into(), true)));
    assert_eq!(x.found("k", Some(VersionId::Null)), Some(("e1".into(), true)));
    put_blob(&mut x, 2);
    assert_eq!(x.found("k", None), Some(("e2".into(), true)));
    assert_eq!(x.collect(), [blob(1, 1).id]);
    let nothing = Deleted { delete_marker: false, version: None };
    assert_eq!(delete_one(&mut x, "k", None), Ok(nothing.clone()));
    assert_eq!(delete_one(&mut x, "k", None), Ok(nothing), "and again");
    assert_eq!((x.found("k", None), x.collect()), (None, vec![blob(1, 2).id]));
    assert_eq!(x.spaces(), "", "no row is left");
    x.put("k", "e3");
    let null = Some(VersionId::Null);
    assert_eq!(delete_one(&mut x, "k", null), Ok(Deleted { delete_marker: false, version: null }));
    assert_eq!(x.spaces(), "");
}

#[test]
fn versions_stay_and_markers_hide_them() {
    let mut x = Direct::ready(Versioning::Enabled);
    let (one, two) = (x.put("k", "1"), x.put("k", "2"));
    assert!(named(one) && named(two) && one != two);
    let Ok(Deleted { delete_marker: true, version: Some(gone) }) = delete_one(&mut x, "k", None) else { panic!() };
    let found = [None, Some(one), Some(two), Some(gone)].map(|v| x.found("k", v).map(|(e, latest)| format!("{e}{latest}")));
    assert_eq!(found.map(Option::unwrap), ["-true", "1false", "2false", "-true"]);
    assert_eq!(x.found("k", Some(VersionId::Null)), None);
    assert_eq!(delete_one(&mut x, "k", Some(gone)), Ok(marker(Some(gone))));
    assert_eq!(x.found("k", None), Some(("2".into(), true)), "it is there again");
    delete_one(&mut x, "k", Some(two)).unwrap();
    assert_eq!(x.found("k", None), Some(("1".into(), true)));
    assert_eq!(delete_one(&mut x, "k", Some(two)), Ok(Deleted { delete_marker: false, version: Some(two) }), "gone already");
    delete_one(&mut x, "k", Some(one)).unwrap();
    assert_eq!(x.spaces(), "");
    assert!(delete_one(&mut x, "never", None).unwrap().delete_marker, "a marker also where nothing was");
    // An id with the right time and the wrong salt names nothing.
    let three = x.put("k", "3");
    let VersionId::Named { seq, salt } = three else { panic!() };
    assert_eq!(x.found("k", Some(VersionId::Named { seq, salt: !salt })), None);
}

#[test]
fn suspended_buckets_have_one_null_version_wherever_it_is() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let null = Some(VersionId::Null);
    x.ok(put("b", 1, "k", object("n1", blob(1, 1))));
    x.set_versioning(Versioning::Enabled);
    let one = x.put("k", "1");
    assert_eq!(x.found("k", null), Some(("n1".into(), false)), "the object of before is the null version");
    x.set_versioning(Versioning::Suspended);
    assert_eq!(x.put("k", "n2"), VersionId::Null);
    assert_eq!(x.found("k", null), Some(("n2".into(), true)));
    assert_eq!(x.collect(), [blob(1, 1).id], "the null version of before is replaced, though it was not current");
    assert_eq!(x.found("k", Some(one)), Some(("1".into(), false)));
    assert_eq!(delete_one(&mut x, "k", None), Ok(marker(null)));
    assert_eq!(x.found("k", null), Some(("-".into(), true)), "the marker is the null version now");
    x.set_versioning(Versioning::Enabled);
    let two = x.put("k", "2");
    assert_eq!(x.found("k", null), Some(("-".into(), false)));
    assert_eq!(delete_one(&mut x, "k", null), Ok(marker(null)));
    assert_eq!((x.found("k", null), x.found("k", None)), (None, Some(("2".into(), true))));
    for id in [one, two] {
        delete_one(&mut x, "k", Some(id)).unwrap();
    }
    assert_eq!(x.spaces(), "");
}

#[test]
fn versions_are_ordered_whatever_the_clock_does() {
    let mut x = Direct::ready(Versioning::Enabled);
    x.put("k", "1");
    x.now = TimestampMs(T0 - 10_000);
    x.put("k", "2");
    assert_eq!(x.found("k", None), Some(("2".into(), true)));
    let IndexAnswer::Versions(page) = x.ok(IndexCall::ListVersions {
        bucket: "b".into(),
        query: VersionsQuery { list: query("", "", "", 9), after_version: None },
    }) else {
        panic!()
    };
    assert_eq!(page.rows.iter().map(|l| l.unwrap().head.etag).collect::<Vec<_>>(), ["2", "1"]);
}

#[test]
fn many_deletions_in_one_call() {
    let mut x = Direct::ready(Versioning::Enabled);
    let (one, two) = (x.put("k", "1"), x.put("k", "2"));
    x.put("l", "3");
    let out = deleted(x.ok(delete(
        "b",
        vec![item("k", Some(two)), item("k", Some(one)), item("l", None), item("l", None), item("", None), item("m", Some(one))],
    )));
    assert_eq!(out.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, true, true, false, true]);
    assert_eq!((x.found("k", None), x.rows(key::MARKER), x.rows(key::OLDER)), (None, 1, 2));
    assert!(matches!(x.refused(delete("b", vec![item("k", None); 1001])), IndexError::TooMany { .. }));
    // As many as there may be, of the worst kind.
    let mut x = Direct::ready(Versioning::Unversioned);
    for n in 0..1000 {
        x.ok(put("b", 1, &format!("k{n}"), object("e", blob(1, n))));
    }
    let all = (0..1000).map(|n| item(&format!("k{n}"), None)).collect();
    assert!(deleted(x.ok(delete("b", all))).iter().all(Result::is_ok));
    assert_eq!((x.collect().len(), x.spaces().as_str()), (1000, ""));
}

// ------------------------------------------------------------------------------------------------------- conditions

#[test]
fn conditional_writes() {
    use IndexError::{NoSuchKey, PreconditionFailed};
    let (none, here) = (None::<&str>, Some("e"));
    for (name, there, if_match, if_absent, outcome) in [
        ("absent, must be", none, None, true, None),
        ("absent, must match", none, Some("e"), false, Some(NoSuchKey)),
        ("there, must be absent", here, None, true, Some(PreconditionFailed)),
        ("matches", here, Some("e"), false, None),
        ("any", here, Some("*"), false, None),
        ("another", here, Some("f"), false, Some(PreconditionFailed)),
        ("marker, must be absent", Some("-"), None, true, None),
        ("marker, must match", Some("-"), Some("e"), false, Some(NoSuchKey)),
    ] {
        let mut x = Direct::ready(Versioning::Enabled);
        match there {
            Some("-") => drop(delete_one(&mut x, "k", None)),
            Some(etag) => drop(x.put("k", etag)),
            None => {}
        }
        let conditions = WriteConditions { if_match: if_match.map(str::to_owned), if_absent, bucket: None };
        let before = x.store.version().unwrap();
        assert_eq!(x.call(put_if("b", 1, "k", empty("new"), conditions)).err(), outcome, "{name}");
        assert_eq!(x.store.version().unwrap() > before, outcome.is_none(), "{name}");
    }
}

#[test]
fn what_was_decided_by_an_older_bucket_is_refused() {
    let mut x = Direct::ready(Versioning::Enabled);
    let bucket = |x: &mut Direct| match x.ok(IndexCall::GetBucket { name: "b".into() }) {
        IndexAnswer::Bucket(b) => b,
        other => panic!("{other:?}"),
    };
    let known = bucket(&mut x);
    let by = |version| WriteConditions { bucket: Some(version), ..Default::default() };
    let page = |version| list("b", ListQuery { bucket: Some(version), ..query("", "", "", 10) });
    let blob = |number| BlobRef {
        id: BlobId { session: SessionId(1), number },
        bytes: 5,
        layout: Layout::REPLICATED,
        sealed_key: vec![],
    };
    let first = put_if("b", 1, "k", object("e", blob(1)), by(known.version));
    let answer = x.ok(first.clone());
    assert!(matches!(x.ok(page(known.version)), IndexAnswer::List(page) if page.rows.len() == 1));
    let mut change = known.bucket.clone();
    change.documents.insert("policy".into(), "{}".into());
    x.ok(IndexCall::UpdateBucket { version: known.version, bucket: change });
    let before = x.store.version().unwrap();
    assert_eq!(x.refused(put_if("b", 1, "k", object("f", blob(2)), by(known.version))), IndexError::BucketChanged);
    assert_eq!(x.refused(page(known.version)), IndexError::BucketChanged);
    assert_eq!(x.ok(first), answer, "it had happened");
    assert_eq!(x.store.version().unwrap(), before);
    let fresh = bucket(&mut x).version;
    x.ok(put_if("b", 1, "k", object("f", blob(2)), by(fresh)));
    assert!(matches!(x.ok(page(fresh)), IndexAnswer::List(page) if page.rows.len() == 1));
    // A bucket of the same name is another one.
    x.ok(IndexCall::CreateBucket { bucket: crate::support::bucket("c") });
    x.ok(IndexCall::DeleteBucket { name: "c".into() });
    x.ok(IndexCall::CreateBucket { bucket: crate::support::bucket("c") });
    assert_eq!(x.refused(put_if("c", 1, "k", empty("e"), by(fresh + 1))), IndexError::BucketChanged);
}

#[test]
fn conditional_deletes() {
    let of = |if_match: Option<&str>, modified, bytes| DeleteConditions {
        if_match: if_match.map(Into::into),
        modified,
        bytes,
        current: None,
    };
    let failed = Some(IndexError::PreconditionFailed);
    for (name, key, conditions, error) in [
        ("etag", "k", of(Some("e"), None, None), None),
        ("other etag", "k", of(Some("f"), None, None), failed.clone()),
        ("any", "k", of(Some("*"), None, None), None),
        ("any of none", "none", of(Some("*"), None, None), Some(IndexError::NoSuchKey)),
        ("etag of none", "none", of(Some("e"), None, None), Some(IndexError::NoSuchKey)),
        ("size of none", "none", of(None, None, Some(3)), None),
        ("size", "k", of(None, None, Some(0)), None),
        ("other size", "k", of(None, None, Some(1)), failed.clone()),
        ("time, to the second", "k", of(None, Some(TimestampMs(T0 + 999)), None), None),
        ("other time", "k", of(None, Some(TimestampMs(T0 + 1000)), None), failed.clone()),
    ] {
        let mut x = Direct::ready(Versioning::Unversioned);
        x.put("k", "e");
        let item = DeleteItem { key: key.into(), version: None, conditions };
        let out = deleted(x.ok(delete("b", vec![item]))).remove(0);
        assert_eq!(out.err(), error, "{name}");
    }
}

#[test]
fn locked_versions_stay() {
    let until = |ms| TimestampMs(T0 + ms);
    let retention = |mode, ms| Some(Retention { mode, until: until(ms) });
    use LockMode::{Compliance, Governance};
    for (name, retention, hold, bypass, at, locked) in [
        ("nothing", None, false, false, 0, false),
        ("hold", None, true, true, 0, true),
        ("governance", retention(Governance, 10), false, false, 0, true),
        ("governance, bypassed", retention(Governance, 10), false, true, 0, false),
        ("governance, over", retention(Governance, 10), false, false, 10, false),
        ("compliance", retention(Compliance, 10), false, true, 0, true),
        ("compliance, over", retention(Compliance, 10), false, false, 11, false),
    ] {
        let mut x = Direct::ready(Versioning::Enabled);
        let object = NewVersion { retention, legal_hold: hold, ..empty("e") };
        let IndexAnswer::Put { id, .. } = x.ok(put("b", 1, "k", object)) else { panic!() };
        x.now = until(at);
        assert!(delete_one(&mut x, "k", None).unwrap().delete_marker, "{name}: a marker is always allowed");
        let IndexCall::Delete { bucket, items, owner, cause, .. } = delete("b", vec![item("k", Some(id))]) else { panic!() };
        let call = IndexCall::Delete { bucket, items, owner, cause, bypass_governance: bypass };
        let out = deleted(x.ok(call)).remove(0);
        assert_eq!(out.err(), locked.then_some(IndexError::Locked), "{name}");
        assert_eq!(x.found("k", Some(id)).is_some(), locked, "{name}");
    }
    // A null version that is held cannot be replaced.
    let mut x = Direct::ready(Versioning::Unversioned);
    x.ok(put("b", 1, "k", NewVersion { legal_hold: true, ..empty("e") }));
    assert_eq!(x.refused(put("b", 1, "k", empty("f"))), IndexError::Locked);
    x.set_versioning(Versioning::Suspended);
    assert_eq!(x.refused(put("b", 1, "k", empty("f"))), IndexError::Locked);
    assert_eq!(delete_one(&mut x, "k", None), Err(IndexError::Locked), "a null marker would replace it");
}

#[test]
fn retention_is_changed_by_the_rules() {
    use LockMode::{Compliance, Governance};
    let r = |mode, ms| Some(Retention { mode, until: TimestampMs(T0 + ms) });
    for (name, old, new, bypass, fine) in [
        ("first", None, r(Governance, 10), false, true),
        ("longer", r(Governance, 10), r(Governance, 11), false, true),
        ("shorter", r(Governance, 10), r(Governance, 9), false, false),
        ("shorter, bypassed", r(Governance, 10), r(Governance, 9), true, true),
        ("lifted, bypassed", r(Governance, 10), None, true, true),
        ("stricter", r(Governance, 10), r(Compliance, 10), false, false),
        ("stricter, bypassed", r(Governance, 10), r(Compliance, 10), true, true),
        ("compliance longer", r(Compliance, 10), r(Compliance, 11), false, true),
        ("compliance shorter", r(Compliance, 10), r(Compliance, 9), true, false),
        ("compliance lifted", r(Compliance, 10), None, true, false),
        ("weaker", r(Compliance, 10), r(Governance, 20), true, false),
        ("over", r(Compliance, 0), r(Governance, 1), false, true),
    ] {
        let mut x = Direct::ready(Versioning::Enabled);
        x.ok(put("b", 1, "k", NewVersion { retention: old, ..empty("e") }));
        let change = VersionChange::Retention { retention: new, bypass };
        let out =
            x.call(IndexCall::Change { bucket: "b".into(), key: "k".into(), version: None, change, cause: Cause::default() });
        assert_eq!(out.err(), (!fine).then_some(IndexError::Locked), "{name}");
    }
}

#[test]
fn versions_are_changed_in_place() {
    let mut x = Direct::ready(Versioning::Enabled);
    x.ok(put("b", 1, "k", object("1", blob(1, 1))));
    let VersionId::Named { .. } = x.put("k", "2") else { panic!() };
    let IndexAnswer::Versions(page) = x.ok(IndexCall::ListVersions {
        bucket: "b".into(),
        query: VersionsQuery { list: query("", "", "", 9), after_version: None },
    }) else {
        panic!()
    };
    let one = page.rows.records().unwrap()[1].2.clone();
    let change =
        |version, change| IndexCall::Change { bucket: "b".into(), key: "k".into(), version, change, cause: Cause::default() };
    let tags = vec![("a".to_owned(), "b".to_owned())];
    let IndexAnswer::Version(changed) = x.ok(change(Some(one.id), VersionChange::Tags(tags.clone()))) else { panic!() };
    assert_eq!((changed.object.tags, changed.id, changed.seq), (tags, one.id, one.seq));
    x.ok(change(None, VersionChange::LegalHold(true)));
    assert_eq!(x.refused(change(Some(VersionId::Null), VersionChange::Acl(None))), IndexError::NoSuchVersion);
    let absent = IndexCall::Change {
        bucket: "b".into(),
        key: "x".into(),
        version: None,
        change: VersionChange::Acl(None),
        cause: Cause::default(),
    };
    assert_eq!(x.refused(absent), IndexError::NoSuchKey);
    // A transition moves the bytes, once.
    let to = Data::Blob(blob(1, 2));
    let mv = |from, to| VersionChange::Move { session: SessionId(1), from, to, storage_class: "GLACIER".into() };
    let IndexAnswer::Version(moved) = x.ok(change(Some(one.id), mv(one.object.data.clone(), to.clone()))) else { panic!() };
    assert_eq!((moved.object.data, moved.object.storage_class.as_str(), moved.modified), (to.clone(), "GLACIER", one.modified));
    assert_eq!(x.refused(change(Some(one.id), mv(one.object.data, Data::Blob(blob(1, 3))))), IndexError::DataChanged);
    assert_eq!(x.collect(), [blob(1, 1).id]);
    delete_one(&mut x, "k", None).unwrap();
    assert_eq!(x.refused(change(None, VersionChange::Acl(None))), IndexError::DeleteMarker);
}

// ---------------------------------------------------------------------------------------------------------- uploads

fn parts_of(x: &mut Direct, upload: UploadId, after: u16, limit: u16) -> (Vec<u16>, bool) {
    match x.ok(IndexCall::Parts { bucket: "b".into(), key: "k".into(), upload, after, limit }) {
        IndexAnswer::Parts { parts, more } => (parts.into_iter().map(|p| p.number).collect(), more),
        other => panic!("{other:?}"),
    }
}

fn begun(x: &mut Direct, key: &str, salt: u64) -> UploadId {
    let id = UploadId::new(x.now, salt);
    x.ok(IndexCall::CreateUpload { bucket: "b".into(), upload: upload_record(id, key) });
    id
}

#[test]
fn an_upload_becomes_an_object_of_the_chosen_parts() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let id = begun(&mut x, "k", 1);
    for (number, etag, n) in [(1, "old", 1), (1, "a", 2), (3, "c", 3), (2, "b", 4), (9, "z", 5)] {
        x.ok(put_part("b", 1, "k", id, part(number, etag, blob(1, n))));
    }
    assert_eq!(parts_of(&mut x, id, 0, 2), (vec![1, 2], true));
    assert_eq!(parts_of(&mut x, id, 2, 2), (vec![3, 9], false));
    assert_eq!(x.refused(put_part("b", 1, "k", id, part(0, "", blob(1, 6)))), IndexError::Invalid("part number 0".into()));
    for (parts, wrong) in [
        (&[(1, "old")][..], IndexError::InvalidPart(1)),
        (&[(1, "a"), (4, "d")], IndexError::InvalidPart(4)),
        (&[(1, "a"), (10, "d")], IndexError::InvalidPart(10)),
    ] {
        assert_eq!(x.refused(complete("b", 1, "k", id, parts, "w")), wrong);
    }
    assert!(matches!(x.refused(complete("b", 1, "k", id, &[(2, "b"), (1, "a")], "w")), IndexError::Invalid(_)));
    let chosen = [(1, "a"), (2, "b"), (9, "z")];
    let first = x.ok(complete("b", 1, "k", id, &chosen, "whole-3"));
    assert_eq!(x.ok(complete("b", 1, "k", id, &chosen, "whole-3")), first, "completing again");
    assert_eq!(x.refused(complete("b", 1, "k", id, &chosen[..2], "whole-2")), IndexError::NoSuchUpload);
    assert_eq!(x.refused(put_part("b", 1, "k", id, part(4, "d", blob(1, 7)))), IndexError::NoSuchUpload);
    assert_eq!(parts_of(&mut x, id, 0, 10), (vec![1, 2, 9], false), "the manifest");
    let IndexAnswer::Lookup { found: Found::Version { record, .. }, .. } = x.ok(lookup("b", "k", None)) else { panic!() };
    assert_eq!((record.object.bytes, record.object.data), (30, Data::Parts { upload: id, count: 3 }));
    assert_eq!(x.collect(), [blob(1, 1).id, blob(1, 3).id], "the replaced one and the one not chosen");
    assert_eq!(x.rows(key::PART), 3);
    delete_one(&mut x, "k", None).unwrap();
    assert_eq!(parts_of(&mut x, id, 0, 10).0.len(), 3, "for those who are reading it");
    assert_eq!(x.collect().len(), 3);
    assert_eq!(x.spaces(), "");
}

#[test]
fn an_aborted_upload_takes_no_parts() {
    let mut x = Direct::ready(Versioning::Enabled);
    let id = begun(&mut x, "k", 1);
    x.ok(put_part("b", 1, "k", id, part(1, "a", blob(1, 1))));
    let abort = IndexCall::AbortUpload { bucket: "b".into(), key: "k".into(), upload: id };
    x.ok(abort.clone());
    assert_eq!(x.again(abort.clone()).unwrap(), IndexAnswer::Done, "the same request, sent again");
    assert_eq!(x.refused(abort), IndexError::NoSuchUpload, "another request");
    assert_eq!(x.refused(put_part("b", 1, "k", id, part(2, "b", blob(1, 2)))), IndexError::NoSuchUpload);
    assert_eq!(x.refused(complete("b", 1, "k", id, &[(1, "a")], "w")), IndexError::NoSuchUpload);
    assert_eq!((x.collect(), x.spaces().as_str()), (vec![blob(1, 1).id], ""));
    let id = begun(&mut x, "k", 2);
    assert_eq!(x.refused(put_part("b", 1, "other", id, part(1, "a", blob(1, 3)))), IndexError::NoSuchUpload);
}

#[test]
fn an_object_of_ten_thousand_parts_goes_in_bounded_commits() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let id = begun(&mut x, "k", 1);
    for n in 1..=PARTS_MAX {
        x.ok(put_part("b", 1, "k", id, part(n, "e", blob(1, n.into()))));
    }
    let all: Vec<(u16, &str)> = (1..=PARTS_MAX).map(|n| (n, "e")).collect();
    x.ok(complete("b", 1, "k", id, &all, "w"));
    assert_eq!(parts_of(&mut x, id, 9_500, 1000).0.len(), 500);
    x.put("k", "small");
    assert_eq!((x.collect().len(), x.spaces().as_str()), (10_000, "1"));
}

// --------------------------------------------------------------------------------------- sessions, repetition, events

#[test]
fn a_new_session_closes_the_one_before() {
    let mut x = Direct::ready(Versioning::Unversioned);
    x.ok(put("b", 1, "k", object("1", blob(1, 1))));
    assert_eq!(x.ok(IndexCall::OpenSession { owner: "other".into() }), IndexAnswer::Session { id: SessionId(2), closed: None });
    x.ok(put("b", 1, "k", object("2", blob(1, 2))));
    assert_eq!(
        x.ok(IndexCall::OpenSession { owner: "gateway".into() }),
        IndexAnswer::Session { id: SessionId(3), closed: Some(SessionId(1)) }
    );
    assert_eq!(x.refused(put("b", 1, "k", object("3", blob(1, 3)))), IndexError::SessionClosed);
    assert_eq!(x.refused(put("b", 7, "k", empty("3"))), IndexError::SessionClosed);
    assert!(matches!(x.refused(put("b", 2, "k", object("3", blob(1, 3)))), IndexError::Invalid(_)), "another's blob");
    x.ok(put("b", 2, "l", object("4", blob(2, 1))));
    let blobs = |ids: &[(u64, u32)]| ids.iter().map(|(s, n)| blob(*s, *n).id).collect::<Vec<BlobId>>();
    let asked = blobs(&[(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1), (9, 9)]);
    // 1.1 is garbage that the collector has, 1.2 is live; 2 and 3 are open, 9 was never.
    assert_eq!(x.ok(IndexCall::Garbage { blobs: asked }), IndexAnswer::Garbage(blobs(&[(1, 3)])));
}

/// A change whose answer was lost is sent again, perhaps after others: it happens once and answers as it did.
#[test]
fn what_is_sent_twice_happens_once() {
    let change =
        |change| IndexCall::Change { bucket: "b".into(), key: "k".into(), version: None, change, cause: Cause::default() };
    let id = UploadId::new(TimestampMs(T0), 1);
    for call in [
        put("b", 1, "k", object("new", blob(1, 9))),
        put("b", 1, "k", empty("new")),
        put_if("b", 1, "z", empty("new"), WriteConditions { if_absent: true, if_match: None, bucket: None }),
        delete("b", vec![item("k", None)]),
        change(VersionChange::Tags(vec![("a".into(), "b".into())])),
        IndexCall::CreateBucket { bucket: bucket("c") },
        IndexCall::DeleteBucket { name: "d".into() },
        IndexCall::OpenSession { owner: "somebody".into() },
        IndexCall::CreateUpload { bucket: "b".into(), upload: upload_record(UploadId(5), "u") },
        put_part("b", 1, "m", id, part(1, "a", blob(1, 10))),
        complete("b", 1, "m", id, &[(7, "g")], "w"),
        IndexCall::AbortUpload { bucket: "b".into(), key: "m".into(), upload: id },
    ] {
        let mut x = Direct::ready(Versioning::Enabled);
        x.ok(IndexCall::CreateBucket { bucket: bucket("d") });
        x.put("k", "old");
        begun(&mut x, "m", 1);
        x.ok(put_part("b", 1, "m", id, part(7, "g", blob(1, 7))));
        let first = x.ok(call.clone());
        let version = x.store.version().unwrap();
        x.now = TimestampMs(T0 + 5_000);
        assert_eq!(x.again(call.clone()).unwrap(), first, "{call:?}");
        assert_eq!(x.store.version().unwrap(), version, "{call:?}");
    }
    // Also when somebody else wrote in between: it is not applied over that.
    for call in [put("b", 1, "k", object("mine", blob(1, 1))), put("b", 1, "k", empty("mine"))] {
        let mut x = Direct::ready(Versioning::Unversioned);
        let first = x.ok(call.clone());
        let mut other = x.rng.clone();
        let step = core::apply(&*x.store, &put("b", 1, "k", empty("theirs")), x.now, &mut other).unwrap();
        x.commit(step).unwrap();
        assert_eq!(x.again(call).unwrap(), first);
        assert_eq!(x.found("k", None), Some(("theirs".into(), true)));
    }
}

/// Too late to be told apart from what was collected meanwhile, or overtaken by a later call of its slot.
#[test]
fn old_requests_are_not_applied() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let request =
        |number, at, call| IndexRequest { caller: 5, slot: 1, number, first_sent: TimestampMs(at), to: Address::default(), call };
    let send = |x: &mut Direct, request: &IndexRequest| {
        let step = core::apply_once(&*x.store, request, x.now, &mut x.rng)?;
        x.commit(step)
    };
    let first = send(&mut x, &request(1, T0, put("b", 1, "k", empty("1")))).unwrap();
    send(&mut x, &request(2, T0, put("b", 1, "k", empty("2")))).unwrap();
    for late in
        [request(1, T0, put("b", 1, "k", empty("1"))), request(3, T0 - core::CALL_AGE_MS_MAX - 1, put("b", 1, "k", empty("3")))]
    {
        assert!(matches!(send(&mut x, &late), Err(Stop::Late)), "{first:?}");
    }
    assert!(send(&mut x, &request(0, 0, lookup("b", "k", None))).is_ok(), "reading is never too late");
    assert_eq!(x.found("k", None), Some(("2".into(), true)));
    // Slots go when nobody can send their calls again.
    for (later, left) in [(core::CALL_AGE_MS_MAX, true), (5 * core::CALL_AGE_MS_MAX, false)] {
        x.now = TimestampMs(T0 + later);
        let (step, next) = core::forget_slots(&*x.store, None, x.now, &mut x.rng).unwrap();
        x.commit(step).unwrap();
        assert_eq!((x.rows(key::SLOT) > 0, next), (left, None), "after {later} ms");
    }
}

#[test]
fn events_are_numbered_kept_and_acknowledged() {
    let mut x = Direct::ready(Versioning::Enabled);
    x.put("quiet", "e");
    let IndexAnswer::Bucket(b) = x.ok(IndexCall::GetBucket { name: "b".into() }) else { panic!() };
    let documents = [("notification".to_owned(), "<x/>".to_owned())].into();
    x.ok(IndexCall::UpdateBucket { version: b.version, bucket: BucketRecord { documents, ..b.bucket } });
    x.put("k", "e");
    deleted(x.ok(delete("b", vec![item("k", None), item("l", None)])));
    let mut events = |after| match x.ok(IndexCall::Events { shard: 0, after, limit: 10 }) {
        IndexAnswer::Events(events) => events,
        other => panic!("{other:?}"),
    };
    let all = events(0);
    let seen: Vec<(&str, &str)> = all.iter().map(|e| (e.key.as_str(), e.cause.event.as_str())).collect();
    let made = "ObjectRemoved:DeleteMarkerCreated";
    assert_eq!(seen, [("", "s3:TestEvent"), ("k", "ObjectCreated:Put"), ("k", made), ("l", made)]);
    assert!(all.is_sorted_by(|a, b| a.seq < b.seq));
    assert_eq!(events(all[1].seq).len(), 2);
    x.ok(IndexCall::AckEvents { shard: 0, upto: all[3].seq });
    assert_eq!(x.rows(key::EVENT), 0);
    // The clock goes back, the index starts again: numbers still grow.
    x.now = TimestampMs(T0 - 1_000_000);
    x.last_event = core::events_reserved(&*x.store).unwrap();
    x.put("k", "f");
    let IndexAnswer::Events(new) = x.ok(IndexCall::Events { shard: 0, after: all[3].seq, limit: 10 }) else { panic!() };
    assert_eq!(new.len(), 1);
}

#[test]
fn keys_and_buckets_that_cannot_be() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let long = "k".repeat(1025);
    assert!(matches!(x.refused(put("b", 1, &long, empty("e"))), IndexError::Invalid(_)));
    assert!(matches!(x.refused(put("b", 1, "", empty("e"))), IndexError::Invalid(_)));
    for key in [&"\u{10ffff}".repeat(256), "\0", "a\0b", "../x", "é\u{7f}"] {
        x.put(key, "e");
        assert!(x.found(key, None).is_some(), "{key:?}");
    }
    assert_eq!(x.refused(put("none", 1, "k", empty("e"))), IndexError::NoSuchBucket);
    assert_eq!(x.refused(lookup(&long, "k", None)), IndexError::NoSuchBucket);
    assert!(matches!(x.refused(IndexCall::CreateBucket { bucket: bucket("") }), IndexError::Invalid(_)));
    let parts = NewVersion { data: Data::Parts { upload: UploadId(1), count: 1 }, ..empty("e") };
    assert!(matches!(x.refused(put("b", 1, "k", parts)), IndexError::Invalid(_)));
}
