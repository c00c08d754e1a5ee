//! What the rows hold: a format byte, then postcard; versions have a form of their own, for listings ([`crate::rows`]).
//!
//! The byte is the version of the form of that kind of row. When a form changes, [`decode`] reads the old one as well and
//! every write makes the new one; the golden bytes below get a second line and the first must still be read. All kinds have
//! their first form but versions, which have their second.

use super::Stop;
use super::map::Extent;
use crate::id::SessionId;
use crate::record::{
    BlobRef, BucketId, BucketRecord, EventRecord, PartRecord, SessionRecord, UploadId, UploadRecord, VersionId, VersionRecord,
};
use crate::rows;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Value;
use types::TimestampMs;

const FORMAT: u8 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketRow {
    /// Of a counter: no two states of any buckets share one.
    pub revision: u64,
    /// With the names of its documents only; their text has a row of its own, if there are any.
    pub bucket: BucketRecord,
}

/// Who names a blob; kept when it becomes garbage, so that a call sent twice is still known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRow {
    pub owner: BlobOwner,
    pub garbage: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlobOwner {
    Version { bucket: BucketId, id: VersionId, seq: u64, modified: TimestampMs },
    Part { upload: UploadId, number: u16 },
}

/// Work of the collector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Garbage {
    Blob(BlobRef),
    /// All parts of an upload: it was aborted, or its version is gone.
    Upload(UploadId),
    /// Parts of a completed upload that were not chosen.
    Unchosen(UploadId),
    /// Uploads that were under way when their bucket was deleted.
    Bucket(BucketId),
}

/// What an upload became; lives as long as the version's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completed {
    pub bucket: BucketId,
    pub key: String,
    /// Numbers of the parts that the object has: first and last of each run.
    pub chosen: Vec<(u16, u16)>,
    pub etag: String,
    pub id: VersionId,
    pub seq: u64,
    pub modified: TimestampMs,
}

/// The last change that a caller made with one of its slots, and the answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub number: u64,
    pub at: TimestampMs,
    pub answer: crate::message::IndexAnswer,
}

/// A bucket that is being changed: its row as it was, until the home's decision is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Names the attempt.
    pub change: u128,
    pub old: Option<BucketRow>,
}

/// A shard that is, or was to be, made of this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    pub extent: Extent,
    /// None: rows are copied, and this shard decides still.
    pub given: Option<TimestampMs>,
    /// What was given is no longer here.
    pub cleaned: bool,
}

/// The open session of an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    pub session: SessionId,
}

impl Completed {
    pub fn chose(&self, number: u16) -> bool {
        self.chosen.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }
}

impl Garbage {
    /// Kind and id, for the row's key.
    pub fn name(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Blob(blob) => (1, blob.id.to_bytes().to_vec()),
            Self::Upload(id) => (2, id.0.to_be_bytes().to_vec()),
            Self::Unchosen(id) => (3, id.0.to_be_bytes().to_vec()),
            Self::Bucket(id) => (4, id.0.to_be_bytes().to_vec()),
        }
    }
}

/// What a row may hold, and how: a format byte and postcard, unless it says otherwise.
pub trait Row: Serialize + DeserializeOwned {
    fn to_row(&self) -> Result<Value, Stop> {
        postcard::to_extend(self, vec![FORMAT]).map_err(|e| Stop::Damaged(format!("a row cannot be written: {e}")))
    }

    fn of_row(value: &[u8]) -> Result<Self, Stop> {
        match value.split_first() {
            Some((&FORMAT, body)) => postcard::from_bytes(body).map_err(|e| Stop::Damaged(format!("a row cannot be read: {e}"))),
            Some((format, _)) => Err(Stop::Damaged(format!("a row of the format {format}"))),
            None => Err(Stop::Damaged("an empty row".to_owned())),
        }
    }
}

impl Row for VersionRecord {
    fn to_row(&self) -> Result<Value, Stop> {
        Ok(rows::encode(self)?)
    }

    fn of_row(value: &[u8]) -> Result<Self, Stop> {
        Ok(rows::decode(value)?)
    }
}

impl Row for () {}
/// A counter, or where something is.
impl Row for u64 {}
/// A bucket's documents by name.
impl Row for BTreeMap<String, String> {}
impl Row for BucketRow {}
impl Row for BlobRow {}
impl Row for Garbage {}
impl Row for Completed {}
impl Row for Slot {}
impl Row for Writer {}
impl Row for UploadRecord {}
impl Row for PartRecord {}
impl Row for SessionRecord {}
impl Row for EventRecord {}
impl Row for Extent {}
impl Row for Child {}
impl Row for Frozen {}

pub fn encode<T: Row>(row: &T) -> Result<Value, Stop> {
    row.to_row()
}

pub fn decode<T: Row>(value: &[u8]) -> Result<T, Stop> {
    T::of_row(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;
    use crate::id::BlobId;
    use crate::index::map::Spot;
    use crate::message::IndexAnswer;
    use crate::record::*;
    use std::fmt::Debug;
    use types::TimestampMs;

    const GOLDEN: &str = include_str!("golden_rows.txt");

    fn check<T: Row + PartialEq + Debug>(seen: &mut Vec<String>, name: &str, row: T) {
        let hex: String = encode(&row).unwrap().iter().map(|b| format!("{b:02x}")).collect();
        let line = format!("{name} {hex}");
        assert!(
            GOLDEN.lines().any(|l| l == line),
            "the form of a row has changed; rows that were written have the old one:\n{line}"
        );
        for old in GOLDEN.lines().filter_map(|l| l.strip_prefix(&format!("{name} "))) {
            let bytes: Vec<u8> = (0..old.len()).step_by(2).map(|i| u8::from_str_radix(&old[i..i + 2], 16).unwrap()).collect();
            assert_eq!(decode::<T>(&bytes).unwrap(), row, "{name}");
        }
        seen.push(name.to_owned());
    }

    /// Rows on disk must be read by every later program: each form that was ever written has a line in the golden file.
    #[test]
    fn rows_keep_their_form() {
        let at = TimestampMs(1_800_000_000_000);
        let blob = BlobRef {
            id: BlobId { session: SessionId(3), number: 4 },
            bytes: 5_000_000,
            layout: Layout::REPLICATED,
            sealed_key: vec![0xaa; 4],
        };
        let checksum = ObjectChecksum { algorithm: "CRC32".into(), value: "AAAA".into(), composite: true };
        let object = NewVersion {
            data: Data::Blob(blob.clone()),
            bytes: 5_000_000,
            etag: "e".into(),
            owner: "123456789012".parse().unwrap(),
            headers: vec![("content-type".into(), "text/plain".into())],
            metadata: vec![("m".into(), "1".into())],
            tags: vec![("t".into(), "2".into())],
            acl: Some("private".into()),
            checksum: Some(checksum.clone()),
            storage_class: "STANDARD".into(),
            encryption: Encryption::Kms { key: "arn".into(), context: Some("{}".into()), bucket_key: true },
            retention: Some(Retention { mode: LockMode::Compliance, until: at }),
            legal_hold: true,
            website_redirect: Some("/x".into()),
            replication: Some("PENDING".into()),
            restore: Some(Restore { requested: at, days: 7, tier: "Bulk".into(), until: Some(at) }),
        };
        let id = VersionId::Named { seq: 9, salt: 10 };
        let cause =
            Cause { event: "ObjectCreated:Put".into(), request_id: "r".into(), principal: "p".into(), source_ip: "::1".into() };
        let bucket = BucketRecord {
            id: BucketId(2),
            name: "b".into(),
            owner: "123456789012".parse().unwrap(),
            created: at,
            versioning: Versioning::Suspended,
            mfa_delete: true,
            object_lock: true,
            documents: [("policy".to_owned(), String::new())].into(),
        };
        let upload = UploadId(7 << 64 | 8);
        let data = Data::Parts { upload, count: 3 };
        let parts = NewVersion { data, encryption: Encryption::Customer { key_md5: "k".into() }, ..object.clone() };
        let mut seen = Vec::new();
        let s = &mut seen;
        check(s, "documents", std::collections::BTreeMap::from([("policy".to_owned(), "{}".to_owned())]));
        check(s, "bucket", BucketRow { revision: 300, bucket: bucket.clone() });
        let version = VersionRecord { id, seq: 9, modified: at, delete_marker: false, object: object.clone() };
        check(s, "version", version);
        check(
            s,
            "version-parts",
            VersionRecord { id: VersionId::Null, seq: 9, modified: at, delete_marker: true, object: parts },
        );
        let encryption = Encryption::Envelope { key: "arn".into(), context: None, bucket_key: true, data_key: vec![0xbb; 3] };
        let sealed = NewVersion { encryption, ..object.clone() };
        check(s, "version-envelope", VersionRecord { id, seq: 9, modified: at, delete_marker: false, object: sealed });
        let part = PartRecord {
            number: 1,
            modified: at,
            etag: "p".into(),
            blob: Some(blob.clone()),
            bytes: 6,
            checksum: Some(checksum),
        };
        check(s, "part", part);
        let record = UploadRecord {
            id: upload,
            key: "k".into(),
            initiated: at,
            initiator: "i".into(),
            object,
            checksum_algorithm: Some("CRC32".into()),
            checksum_full_object: true,
        };
        check(s, "upload", record);
        let chosen = vec![(1, 2), (9, 9)];
        check(
            s,
            "completed",
            Completed { bucket: BucketId(2), key: "k".into(), chosen, etag: "e".into(), id, seq: 9, modified: at },
        );
        check(s, "blob", BlobRow { owner: BlobOwner::Version { bucket: BucketId(2), id, seq: 9, modified: at }, garbage: false });
        check(s, "blob-part", BlobRow { owner: BlobOwner::Part { upload, number: 4 }, garbage: true });
        check(s, "garbage-blob", Garbage::Blob(blob));
        check(s, "garbage-upload", Garbage::Upload(upload));
        check(s, "garbage-unchosen", Garbage::Unchosen(upload));
        check(s, "garbage-bucket", Garbage::Bucket(BucketId(2)));
        check(s, "session", SessionRecord { id: SessionId(3), owner: "gateway".into(), opened: at, closed: true });
        check(s, "writer", Writer { session: SessionId(3) });
        let draft = EventDraft { bucket: "b".into(), key: "k".into(), version: Some(id), bytes: 6, etag: "e".into(), at, cause };
        check(s, "event", draft.numbered(11));
        check(s, "slot", Slot { number: 5, at, answer: IndexAnswer::Put { id, seq: 9, modified: at } });
        check(s, "slot-done", Slot { number: 5, at, answer: IndexAnswer::Done });
        check(s, "number", 12_345_u64);
        let spot = |hash, key: &str| Spot { hash, key: key.to_owned() };
        let extent = Extent { number: 3, start: spot(1 << 60, ""), end: Some(spot(1 << 61, "k")) };
        check(s, "extent", extent.clone());
        check(s, "child", Child { extent: extent.clone(), given: Some(at), cleaned: false });
        check(s, "child-making", Child { extent: Extent { end: None, ..extent }, given: None, cleaned: false });
        check(s, "frozen", Frozen { change: 7 << 64, old: Some(BucketRow { revision: 300, bucket: bucket.clone() }) });
        for line in GOLDEN.lines() {
            let name = line.split(' ').next().unwrap();
            assert!(seen.iter().any(|s| s == name), "no sample of {name}");
        }
    }

    #[test]
    fn rows_of_other_forms_are_refused() {
        for bytes in [&[][..], &[2, 5], &[1], &[0]] {
            assert!(matches!(decode::<u64>(bytes), Err(Stop::Damaged(_))), "{bytes:?}");
        }
    }
}
