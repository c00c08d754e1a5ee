//! What travels to storage nodes and to the index, over `platform::bulk`: heads in postcard, bytes as payload.

use crate::id::{BlobId, SessionId, ShardId};
use crate::index::map::{Led, Number, Spot};
pub use crate::record::EventRecord;
use crate::record::{
    BucketRecord, Cause, NewVersion, PartRecord, Restore, Retention, UploadId, UploadRecord, VersionId, VersionRecord,
    VersionedBucket,
};
use crate::rows::Rows;
use bytes::Bytes;
use platform::bulk::Parcel;
use platform::rpc::RpcError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use types::{AccountId, TimestampMs};

// ------------------------------------------------------------------------------------------------- storage nodes

/// Shard ids in one call, at most.
pub const SHARDS_PER_CALL_MAX: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeCall {
    /// The payload becomes the shard. Answered when it is durable. Writing the same bytes again is fine; others are refused.
    Put {
        shard: ShardId,
    },
    /// `length` bytes from `offset` (`u32::MAX`: to the end), verified. A range behind the end is an error.
    Get {
        shard: ShardId,
        offset: u32,
        length: u32,
    },
    /// Not there is fine; a node where the shard belongs remembers that as well, and refuses it from then on. Durable when it
    /// is answered, but on a disk that is completely full: then a shard may come back after a crash, and is garbage again.
    Delete {
        shards: Vec<ShardId>,
    },
    Has {
        shards: Vec<ShardId>,
    },
    /// Shards of blobs after `after` (none: from the start), in order, at most `limit`.
    List {
        after: Option<ShardId>,
        limit: u32,
    },
    Stat,
    /// 256 sums over the chunks that this node and `peer` (the caller's id) share: see `node::repair`.
    Digest {
        peer: String,
    },
    /// What this node knows of those in one bucket, behind `after`; the payload is `node::digest::states_to_bytes`.
    Bucket {
        peer: String,
        bucket: u16,
        after: Option<ShardId>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeAnswer {
    Done,
    /// The payload has the bytes; `total` is the shard's length.
    Bytes {
        total: u32,
    },
    Has(Vec<bool>),
    Shards(Vec<ShardId>),
    Stat(NodeStat),
    Digest(Vec<u64>),
    /// Go on behind `next`. None: that was all.
    Bucket {
        next: Option<ShardId>,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStat {
    pub shards: u64,
    /// Of live shards, with their headers.
    pub live_bytes: u64,
    /// On disk.
    pub file_bytes: u64,
    pub free_bytes: u64,
    /// Too full: writes are refused.
    pub full: bool,
    pub segments: u64,
    pub scrubbed_bytes: u64,
    pub scrub_rounds: u64,
    pub corrupt_found: u64,
    pub repaired: u64,
    /// Shards that are broken here and could not be repaired, still.
    pub quarantined: u64,
    /// Shards that are known to be missing here or at a peer, and are being copied.
    pub repair_backlog: u64,
    /// How long the last repair of everything missing took; 0: none was needed yet.
    pub last_repair_ms: u64,
    pub counters: Vec<(String, u64)>,
}

/// Codes of refusals by a storage node.
pub mod node_code {
    pub const NOT_FOUND: &str = "not-found";
    /// The bytes on disk are not those that were written; repair is under way.
    pub const CORRUPT: &str = "corrupt";
    pub const FULL: &str = "full";
    pub const BUSY: &str = "busy";
    pub const BAD: &str = "bad-request";
    /// The shard was deleted; ids are never used again.
    pub const DELETED: &str = "deleted";
    /// The shard exists with other bytes.
    pub const DIFFERENT: &str = "different";
    pub const IO: &str = "io";
}

// ----------------------------------------------------------------------------------------------------- the index

/// Entries of one listing page, at most.
pub const LIST_MAX: u32 = 1000;
pub const DELETES_MAX: usize = 1000;
pub const PARTS_MAX: u16 = 10_000;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteConditions {
    /// The current version must be an object with this etag; no such key: [`IndexError::NoSuchKey`].
    pub if_match: Option<String>,
    /// There must be no object (a delete marker is none).
    pub if_absent: bool,
    /// The bucket must still be of this version, by which the caller decided: else [`IndexError::BucketChanged`].
    pub bucket: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteConditions {
    /// `*`: any object.
    pub if_match: Option<String>,
    pub modified: Option<TimestampMs>,
    pub bytes: Option<u64>,
    /// Of a version that is named: it must (not) be the current one.
    pub current: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteItem {
    pub key: String,
    /// None: the current one; in versioned buckets that makes a delete marker.
    pub version: Option<VersionId>,
    pub conditions: DeleteConditions,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VersionChange {
    Tags(Vec<(String, String)>),
    Acl(Option<String>),
    /// `bypass`: governance may be shortened or removed.
    Retention {
        retention: Option<Retention>,
        bypass: bool,
    },
    LegalHold(bool),
    Replication(Option<String>),
    /// Refused as [`IndexError::DataChanged`] if the version's restoration is no longer `from`.
    Restore {
        from: Option<Restore>,
        to: Option<Restore>,
    },
    /// A transition: the same bytes elsewhere, or where they are (`to` = `from`). Refused if the version's data is no longer
    /// `from`. Ends a restoration.
    Move {
        session: SessionId,
        from: crate::record::Data,
        to: crate::record::Data,
        storage_class: String,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    pub prefix: String,
    /// Empty: none.
    pub delimiter: String,
    /// Entries strictly behind it. A common prefix counts as behind itself: pages go on behind the whole group.
    pub after: String,
    pub limit: u32,
    /// Whole records, and not only what S3's listings show of them ([`crate::rows::Head`]). Uploads are always whole.
    pub whole: bool,
    /// As of [`WriteConditions`]; of every page.
    pub bucket: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionsQuery {
    pub list: ListQuery,
    /// With `list.after` = the key: go on behind this version of it.
    pub after_version: Option<VersionId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadsQuery {
    pub list: ListQuery,
    pub after_upload: Option<UploadId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexCall {
    // Buckets.
    CreateBucket {
        bucket: BucketRecord,
    },
    GetBucket {
        name: String,
    },
    /// Replaces the record if it is still of `version`; name, id, owner and creation stay.
    UpdateBucket {
        version: u64,
        bucket: BucketRecord,
    },
    DeleteBucket {
        name: String,
    },
    ListBuckets {
        owner: AccountId,
        prefix: String,
        after: String,
        limit: u32,
    },

    // Objects. Each answers what it found in one moment.
    /// The bucket and a version of a key (none: the current one). `known`: the bucket's version that the caller has.
    Lookup {
        bucket: String,
        known: u64,
        key: String,
        version: Option<VersionId>,
    },
    Put {
        bucket: String,
        session: SessionId,
        key: String,
        conditions: WriteConditions,
        object: NewVersion,
        cause: Cause,
    },
    Delete {
        bucket: String,
        items: Vec<DeleteItem>,
        owner: AccountId,
        bypass_governance: bool,
        cause: Cause,
    },
    Change {
        bucket: String,
        key: String,
        version: Option<VersionId>,
        change: VersionChange,
        /// Without an event's name it makes none.
        cause: Cause,
    },
    List {
        bucket: String,
        query: ListQuery,
    },
    ListVersions {
        bucket: String,
        query: VersionsQuery,
    },

    // Multipart uploads.
    CreateUpload {
        bucket: String,
        upload: UploadRecord,
    },
    GetUpload {
        bucket: String,
        key: String,
        upload: UploadId,
    },
    PutPart {
        bucket: String,
        session: SessionId,
        key: String,
        upload: UploadId,
        part: PartRecord,
    },
    /// Parts with numbers above `after`; of an upload under way, or of the version that it became.
    Parts {
        bucket: String,
        key: String,
        upload: UploadId,
        after: u16,
        limit: u16,
    },
    /// `parts`: the chosen ones, with the etag that each had when the caller computed the whole. Others are discarded.
    CompleteUpload {
        bucket: String,
        session: SessionId,
        key: String,
        upload: UploadId,
        parts: Vec<(u16, String)>,
        conditions: WriteConditions,
        object: NewVersion,
        cause: Cause,
    },
    AbortUpload {
        bucket: String,
        key: String,
        upload: UploadId,
    },
    ListUploads {
        bucket: String,
        query: UploadsQuery,
    },

    // Sessions, health, and what works through the events.
    /// Closes the owner's session before, if there is one.
    OpenSession {
        owner: String,
    },
    /// Which of these blobs does no version, part or session need?
    Garbage {
        blobs: Vec<BlobId>,
    },
    Status,
    /// Events of buckets with a `notification` or `replication` document, in the order of this shard, kept there until they
    /// are acknowledged.
    Events {
        shard: Number,
        after: u64,
        limit: u32,
    },
    AckEvents {
        shard: Number,
        upto: u64,
    },

    // What works through all buckets and between them.
    /// Buckets of all owners by name, with names behind `after`.
    AllBuckets {
        after: String,
        limit: u32,
    },
    /// Puts a version of another bucket in its place among the key's versions, with its id, order and time. Done before:
    /// answered alike. The bucket must have versioning enabled, and data is a blob or none.
    Replicate {
        bucket: String,
        session: SessionId,
        key: String,
        record: Box<VersionRecord>,
        cause: Cause,
    },

    // Between shards.
    /// The bucket is changed by its home: nothing reads or writes it here until the home has decided. `empty`: refused
    /// unless this shard has nothing of it.
    Freeze {
        bucket: String,
        change: u128,
        empty: bool,
    },
    /// These sessions are closed: they are here too from now on, if they were not.
    CloseSessions {
        sessions: Vec<SessionId>,
    },
    /// Of blobs whose sessions are closed (and are closed here by this): those that nothing in this shard names.
    Unnamed {
        blobs: Vec<BlobId>,
    },
    /// Splits the shard: at this place, or where it has as much before as behind.
    Split {
        shard: Number,
        at: Option<Spot>,
    },
}

/// Which shard a call is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whither {
    At(Spot),
    /// Several keys of a bucket, perhaps of several shards: it can be taken apart.
    Items,
    /// Beginning at one place and going on from shard to shard: where is said in the request.
    Along,
    Shard(Number),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexAnswer {
    Done,
    Bucket(VersionedBucket),
    Buckets {
        buckets: Vec<BucketRecord>,
        next: Option<String>,
    },
    Lookup {
        /// None: it is still of the version that the caller knows.
        bucket: Option<VersionedBucket>,
        found: Found,
    },
    Put {
        id: VersionId,
        seq: u64,
        modified: TimestampMs,
    },
    Deleted(Vec<Result<Deleted, IndexError>>),
    Version(VersionRecord),
    List(ListPage),
    Versions(VersionsPage),
    Upload(UploadRecord),
    Parts {
        parts: Vec<PartRecord>,
        more: bool,
    },
    Uploads {
        uploads: Vec<UploadRecord>,
        prefixes: Vec<String>,
        /// Behind a common prefix: with the greatest id there is.
        next: Option<(String, UploadId)>,
    },
    Session {
        id: SessionId,
        /// The owner's session before.
        closed: Option<SessionId>,
    },
    Garbage(Vec<BlobId>),
    Status(IndexStatus),
    Events(Vec<EventRecord>),
    /// What one shard has of the answer; it goes on in another, from there.
    Part {
        answer: Box<IndexAnswer>,
        next: Spot,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    NoKey,
    /// The version asked for is not there.
    NoVersion,
    /// Also when the current version is a delete marker: the record says so.
    Version {
        record: Box<VersionRecord>,
        latest: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// A delete marker was made, or the version that went was one.
    pub delete_marker: bool,
    /// The marker made, or the version removed. None: an unversioned bucket's object.
    pub version: Option<VersionId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPage {
    pub rows: Rows,
    pub prefixes: Vec<String>,
    /// Go on behind this. None: that was all.
    pub next: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionsPage {
    pub rows: Rows,
    pub prefixes: Vec<String>,
    pub next: Option<(String, Option<VersionId>)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexStatus {
    pub leader: bool,
    pub epoch: u64,
    pub version: u64,
    pub shards: u32,
    pub buckets: u64,
    /// Blobs that wait to be removed from the nodes.
    pub garbage: u64,
    pub counters: Vec<(String, u64)>,
}

/// Why the index refuses; definite: nothing happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum IndexError {
    #[error("no such bucket")]
    NoSuchBucket,
    #[error("the bucket exists")]
    BucketExists { owner: AccountId },
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    /// Read it again and decide anew.
    #[error("the bucket was changed meanwhile")]
    BucketChanged,
    #[error("no such key")]
    NoSuchKey,
    #[error("no such version")]
    NoSuchVersion,
    #[error("it is a delete marker")]
    DeleteMarker,
    #[error("no such upload")]
    NoSuchUpload,
    /// A part is missing or was written again.
    #[error("part {0} is not there, or is another one")]
    InvalidPart(u16),
    #[error("a condition does not hold")]
    PreconditionFailed,
    /// Object lock forbids it.
    #[error("the version is locked")]
    Locked,
    /// The data to be moved is no longer the version's.
    #[error("the version's data is another one")]
    DataChanged,
    /// The writer must open a new session; what it wrote is garbage.
    #[error("the session is closed")]
    SessionClosed,
    #[error("too many {what}: at most {max}")]
    TooMany { what: String, max: u64 },
    #[error("{0}")]
    Invalid(String),
    /// Another process leads the index.
    #[error("not the leader")]
    NotLeader,
    /// Ask again: full, or taking over.
    #[error("busy: {0}")]
    Busy(String),
    /// Another shard decides this: ask anew who does.
    #[error("another shard has it")]
    Moved,
    /// The bucket is being changed in all its shards; in a moment it is done.
    #[error("the bucket is being changed")]
    Frozen,
}

pub type IndexResult = Result<IndexAnswer, IndexError>;

/// A call as it travels. A caller that got no answer sends the same request again: it is applied once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexRequest {
    /// The client, for as long as it lives: random.
    pub caller: u128,
    /// A caller has as many changes under way as it uses slots, one in each.
    pub slot: u16,
    /// Grows with every change of a slot.
    pub number: u64,
    /// When it was sent for the first time.
    pub first_sent: TimestampMs,
    pub to: Address,
    pub call: IndexCall,
}

/// Whom a request is for. Nobody else takes it: not another shard, and not the same one under a later leader, so that a
/// request that waited in the socket of a paused process is void once another has led.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub shard: Number,
    pub epoch: u64,
    /// Where a call that goes along the shards begins.
    pub at: Spot,
}

/// What travels to an index process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexFrame {
    Call(Box<IndexRequest>),
    /// Answered at once with a [`Pong`], whatever else goes on.
    Ping,
    /// This process is to lead a shard that is ready for it and that nobody leads. Answered with a [`Pong`].
    Take {
        shard: Number,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// Of shard 0, which has what the region has once: sessions.
    pub leader: bool,
    pub epoch: u64,
    /// All that this process leads.
    pub leads: Vec<Led>,
    /// All shards that it has heard of.
    pub known: Vec<Number>,
}

impl IndexAnswer {
    /// Also of one shard among several.
    pub(crate) fn status_mut(&mut self) -> Option<&mut IndexStatus> {
        match self {
            Self::Status(status) => Some(status),
            Self::Part { answer, .. } => answer.status_mut(),
            _ => None,
        }
    }

    fn rows_mut(&mut self) -> Option<&mut Rows> {
        match self {
            Self::List(page) => Some(&mut page.rows),
            Self::Versions(page) => Some(&mut page.rows),
            Self::Part { answer, .. } => answer.rows_mut(),
            _ => None,
        }
    }
}

impl IndexCall {
    /// Does it change anything?
    pub fn is_change(&self) -> bool {
        match self {
            Self::CreateBucket { .. }
            | Self::UpdateBucket { .. }
            | Self::DeleteBucket { .. }
            | Self::Put { .. }
            | Self::Delete { .. }
            | Self::Change { .. }
            | Self::CreateUpload { .. }
            | Self::PutPart { .. }
            | Self::CompleteUpload { .. }
            | Self::AbortUpload { .. }
            | Self::OpenSession { .. }
            | Self::AckEvents { .. }
            | Self::Replicate { .. }
            | Self::Freeze { .. }
            | Self::CloseSessions { .. }
            | Self::Unnamed { .. } => true,
            Self::GetBucket { .. }
            | Self::ListBuckets { .. }
            | Self::Lookup { .. }
            | Self::List { .. }
            | Self::ListVersions { .. }
            | Self::GetUpload { .. }
            | Self::Parts { .. }
            | Self::ListUploads { .. }
            | Self::Garbage { .. }
            | Self::Status
            | Self::Events { .. }
            | Self::AllBuckets { .. }
            | Self::Split { .. } => false,
        }
    }

    /// The bucket whose record it changes.
    pub fn bucket_changed(&self) -> Option<&str> {
        match self {
            Self::CreateBucket { bucket } | Self::UpdateBucket { bucket, .. } => Some(&bucket.name),
            Self::DeleteBucket { name } => Some(name),
            _ => None,
        }
    }

    pub fn whither(&self) -> Whither {
        match self {
            Self::CreateBucket { bucket } | Self::UpdateBucket { bucket, .. } => Whither::At(Spot::home(&bucket.name)),
            Self::GetBucket { name } | Self::DeleteBucket { name } => Whither::At(Spot::home(name)),
            Self::Lookup { bucket, key, .. }
            | Self::Put { bucket, key, .. }
            | Self::Change { bucket, key, .. }
            | Self::GetUpload { bucket, key, .. }
            | Self::PutPart { bucket, key, .. }
            | Self::Parts { bucket, key, .. }
            | Self::CompleteUpload { bucket, key, .. }
            | Self::AbortUpload { bucket, key, .. }
            | Self::Replicate { bucket, key, .. } => Whither::At(Spot::of(bucket, key)),
            Self::CreateUpload { bucket, upload } => Whither::At(Spot::of(bucket, &upload.key)),
            Self::Delete { .. } => Whither::Items,
            Self::OpenSession { .. } => Whither::At(Spot::FIRST),
            Self::List { .. }
            | Self::ListVersions { .. }
            | Self::ListUploads { .. }
            | Self::ListBuckets { .. }
            | Self::AllBuckets { .. }
            | Self::Garbage { .. }
            | Self::Status
            | Self::Freeze { .. }
            | Self::CloseSessions { .. }
            | Self::Unnamed { .. } => Whither::Along,
            Self::Events { shard, .. } | Self::AckEvents { shard, .. } | Self::Split { shard, .. } => Whither::Shard(*shard),
        }
    }

    /// A change whose own rows tell that it was applied: by the blob, which is written once, the
    /// upload it completed or the version it put in place.
    pub fn is_known_by_its_rows(&self) -> bool {
        match self {
            Self::Put { object, .. } => matches!(object.data, crate::record::Data::Blob(_)),
            Self::PutPart { part, .. } => part.blob.is_some(),
            Self::CompleteUpload { .. }
            | Self::AckEvents { .. }
            | Self::Replicate { .. }
            | Self::Freeze { .. }
            | Self::CloseSessions { .. }
            | Self::Unnamed { .. } => true,
            _ => false,
        }
    }
}

// ---------------------------------------------------------------------------------------------------- spelling

/// A message and its bytes, ready to travel.
pub fn pack<T: Serialize>(message: &T, payload: Bytes) -> Result<Parcel, RpcError> {
    let head = postcard::to_allocvec(message).map_err(|e| RpcError::remote("encode", e.to_string()))?;
    Ok(Parcel { head: head.into(), payload })
}

/// What the index answers. The rows of a page travel as they are, behind the rest.
pub fn pack_result(mut result: IndexResult) -> Result<Parcel, RpcError> {
    let rows = result.as_mut().ok().and_then(IndexAnswer::rows_mut).map(|rows| std::mem::take(rows.bytes_mut()));
    pack(&result, rows.unwrap_or_default())
}

pub fn unpack_result(parcel: &Parcel) -> Result<IndexResult, RpcError> {
    let mut result: IndexResult = unpack(parcel)?;
    if let Some(rows) = result.as_mut().ok().and_then(IndexAnswer::rows_mut) {
        *rows.bytes_mut() = parcel.payload.clone();
    }
    Ok(result)
}

pub fn unpack<T: DeserializeOwned>(parcel: &Parcel) -> Result<T, RpcError> {
    postcard::from_bytes(&parcel.head).map_err(|e| RpcError::remote(node_code::BAD, e.to_string()))
}
