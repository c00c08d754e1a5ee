//! Rows of both forms: read back, cut short, damaged, and in pages.

use super::*;
use crate::id::{BlobId, SessionId};
use crate::layout::Layout;
use crate::record::*;

fn record(id: VersionId, checksum: Option<ObjectChecksum>) -> VersionRecord {
    let blob = BlobId { session: SessionId(3), number: 4 };
    let object = NewVersion {
        data: Data::Blob(BlobRef { id: blob, bytes: 5, layout: Layout::REPLICATED, sealed_key: vec![1; 60] }),
        bytes: u64::MAX,
        etag: "é".repeat(20),
        owner: "123456789012".parse().unwrap(),
        headers: vec![("content-type".into(), "text/plain".into())],
        metadata: vec![("m".into(), "1".into())],
        tags: vec![("t".into(), "2".into())],
        acl: Some("x".repeat(5000)),
        checksum,
        storage_class: "STANDARD".into(),
        encryption: Encryption::Customer { key_md5: "k".into() },
        retention: Some(Retention { mode: LockMode::Compliance, until: TimestampMs(5) }),
        legal_hold: true,
        website_redirect: Some("/".into()),
        replication: Some("PENDING".into()),
        restore: None,
    };
    VersionRecord { id, seq: 9, modified: TimestampMs(1_800_000_000_000), delete_marker: false, object }
}

fn samples() -> [VersionRecord; 4] {
    let named = VersionId::Named { seq: 9, salt: u64::MAX };
    let checksum = |composite| Some(ObjectChecksum { algorithm: "CRC32C".into(), value: "AAAA".into(), composite });
    let marker = VersionRecord { delete_marker: true, ..record(named, None) };
    [record(VersionId::Null, None), record(named, checksum(true)), record(VersionId::Null, checksum(false)), marker]
}

#[test]
fn records_are_read_back_and_heads_agree_with_them() {
    for record in samples() {
        let row = encode(&record).unwrap();
        assert_eq!(decode(&row).unwrap(), record);
        let (head, length) = Head::of(&row).unwrap();
        let o = &record.object;
        let expected = Head {
            id: record.id,
            seq: record.seq,
            modified: record.modified,
            delete_marker: record.delete_marker,
            bytes: o.bytes,
            etag: &o.etag,
            owner: o.owner.as_str(),
            storage_class: &o.storage_class,
            checksum: o.checksum.as_ref().map(|c| (c.algorithm.as_str(), c.composite)),
        };
        assert_eq!(head, expected);
        assert_eq!(Head::of(&row[..length]).unwrap().0, expected, "the head is enough");
        for cut in 0..row.len() {
            assert_eq!(Head::of(&row[..cut]).is_ok(), cut >= length, "{cut}");
            assert!(decode(&row[..cut]).is_err(), "{cut}");
        }
    }
}

#[test]
fn what_has_no_row_is_refused() {
    let named = VersionId::Named { seq: 8, salt: 1 };
    assert!(encode(&record(named, None)).is_err(), "the id's place is another one");
    let mut long = record(VersionId::Null, None);
    long.object.etag = "e".repeat(256);
    assert!(encode(&long).is_err());
    let mut row = encode(&record(VersionId::Null, None)).unwrap();
    row[1] |= CHECKSUM;
    assert!(decode(&row).is_err(), "a checksum's algorithm without its value");
}

/// Rows of the first form and of the second make the same page.
#[test]
fn pages_hold_rows_of_both_forms_whole_or_not() {
    for whole in [true, false] {
        let (mut new, mut old) = (RowsWriter::new(whole), RowsWriter::new(whole));
        let keys = ["", "a", "é", "long"];
        for (key, record) in keys.iter().zip(samples()) {
            new.push(key.bytes(), key.is_empty(), &encode(&record).unwrap()).unwrap();
            old.push(key.bytes(), key.is_empty(), &postcard::to_extend(&record, vec![OLD_FORMAT]).unwrap()).unwrap();
        }
        let page = new.finish();
        assert_eq!(page, old.finish());
        let found: Vec<_> = page.iter().map(Result::unwrap).collect();
        assert_eq!(found.iter().map(|l| l.key).collect::<Vec<_>>(), keys);
        assert_eq!(found.iter().map(|l| l.latest).collect::<Vec<_>>(), [true, false, false, false]);
        assert_eq!((page.len(), page.bytes() > 20_000), (4, whole));
        let records = page.records();
        if whole {
            assert_eq!(records.unwrap().into_iter().map(|r| r.2).collect::<Vec<_>>(), samples());
        } else {
            assert!(records.is_err());
        }
        let bytes = page.bytes.clone();
        for cut in (1..bytes.len()).step_by(if whole { 97 } else { 1 }) {
            let rows: Vec<_> =
                Rows::new(4, bytes.slice(..cut)).iter().collect::<Vec<_>>().into_iter().map(|r| r.is_ok()).collect();
            assert!(rows.len() <= 4 && rows.iter().rev().skip(1).all(|ok| *ok), "{cut}: it ends behind the first that is none");
        }
    }
}
