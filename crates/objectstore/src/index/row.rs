//! What the rows hold: a format byte, then postcard.
//!
//! The byte is the version of the form of that kind of row. When a form changes, the old one stays as `Previous` beside the
//! new one, [`decode`] reads both and every write makes the new one; the golden bytes below get a second line and the first
//! must still be read. So far every kind has its first form.

use super::Stop;
use crate::id::SessionId;
use crate::record::{BlobRef, BucketId, BucketRecord, UploadId, VersionId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::Value;
use types::TimestampMs;

const FORMAT: u8 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketRow {
    /// Of a counter: no two states of any buckets share one.
    pub revision: u64,
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

pub fn encode<T: Serialize>(row: &T) -> Result<Value, Stop> {
    postcard::to_extend(row, vec![FORMAT]).map_err(|e| Stop::Damaged(format!("a row cannot be written: {e}")))
}

pub fn decode<T: DeserializeOwned>(value: &[u8]) -> Result<T, Stop> {
    match value.split_first() {
        Some((&FORMAT, body)) => postcard::from_bytes(body).map_err(|e| Stop::Damaged(format!("a row cannot be read: {e}"))),
        Some((format, _)) => Err(Stop::Damaged(format!("a row of the format {format}"))),
        None => Err(Stop::Damaged("an empty row".to_owned())),
    }
}
