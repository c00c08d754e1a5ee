//! Calls in short, and an index without processes: decide, commit, answer.

use objectstore::Layout;
use objectstore::id::{BlobId, SessionId};
use objectstore::index::core::{self, Step};
use objectstore::index::{Stop, key};
use objectstore::message::*;
use objectstore::record::*;
use platform::SeededRng;
use store::sim::{SimDisk, SimFaults};
use store::{Epoch, Store};
use types::{AccountId, TimestampMs};

/// When tests begin.
pub const T0: u64 = 1_800_000_000_000;

pub fn owner() -> AccountId {
    "123456789012".parse().unwrap()
}

pub fn bucket(name: &str) -> BucketRecord {
    BucketRecord {
        id: BucketId(0),
        name: name.to_owned(),
        owner: owner(),
        created: TimestampMs(0),
        versioning: Versioning::Unversioned,
        mfa_delete: false,
        object_lock: false,
        documents: Default::default(),
    }
}

pub fn blob(session: u64, number: u32) -> BlobRef {
    let id = BlobId { session: SessionId(session), number };
    BlobRef { id, bytes: 10, layout: Layout::REPLICATED, sealed_key: vec![7; 32] }
}

/// An object without bytes.
pub fn empty(etag: &str) -> NewVersion {
    NewVersion {
        data: Data::None,
        bytes: 0,
        etag: etag.to_owned(),
        owner: owner(),
        headers: vec![("content-type".into(), "text/plain".into())],
        metadata: Vec::new(),
        tags: Vec::new(),
        acl: None,
        checksum: None,
        storage_class: "STANDARD".into(),
        encryption: Encryption::S3,
        retention: None,
        legal_hold: false,
        website_redirect: None,
        replication: None,
        restore: None,
    }
}

pub fn object(etag: &str, blob: BlobRef) -> NewVersion {
    NewVersion { bytes: blob.bytes, data: Data::Blob(blob), ..empty(etag) }
}

pub fn cause(event: &str) -> Cause {
    Cause { event: event.to_owned(), ..Cause::default() }
}

pub fn put(bucket: &str, session: u64, key: &str, object: NewVersion) -> IndexCall {
    put_if(bucket, session, key, object, WriteConditions::default())
}

pub fn put_if(bucket: &str, session: u64, key: &str, object: NewVersion, conditions: WriteConditions) -> IndexCall {
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    IndexCall::Put { bucket, session: SessionId(session), key, conditions, object, cause: cause("ObjectCreated:Put") }
}

pub fn item(key: &str, version: Option<VersionId>) -> DeleteItem {
    DeleteItem { key: key.to_owned(), version, conditions: DeleteConditions::default() }
}

pub fn delete(bucket: &str, items: Vec<DeleteItem>) -> IndexCall {
    let cause = cause("ObjectRemoved:Delete");
    IndexCall::Delete { bucket: bucket.to_owned(), items, owner: owner(), bypass_governance: false, cause }
}

pub fn lookup(bucket: &str, key: &str, version: Option<VersionId>) -> IndexCall {
    IndexCall::Lookup { bucket: bucket.to_owned(), known: 0, key: key.to_owned(), version }
}

pub fn query(prefix: &str, delimiter: &str, after: &str, limit: u32) -> ListQuery {
    ListQuery { prefix: prefix.into(), delimiter: delimiter.into(), after: after.into(), limit, whole: true, bucket: None }
}

pub fn list(bucket: &str, query: ListQuery) -> IndexCall {
    IndexCall::List { bucket: bucket.to_owned(), query }
}

pub fn upload_record(id: UploadId, key: &str) -> UploadRecord {
    UploadRecord {
        id,
        key: key.to_owned(),
        initiated: TimestampMs(0),
        initiator: "me".into(),
        object: empty(""),
        checksum_algorithm: None,
        checksum_full_object: false,
    }
}

pub fn part(number: u16, etag: &str, blob: BlobRef) -> PartRecord {
    let bytes = blob.bytes;
    PartRecord { number, modified: TimestampMs(0), etag: etag.into(), blob: Some(blob), bytes, checksum: None }
}

pub fn put_part(bucket: &str, session: u64, key: &str, upload: UploadId, part: PartRecord) -> IndexCall {
    IndexCall::PutPart { bucket: bucket.into(), session: SessionId(session), key: key.into(), upload, part }
}

pub fn complete(bucket: &str, session: u64, key: &str, upload: UploadId, parts: &[(u16, &str)], etag: &str) -> IndexCall {
    IndexCall::CompleteUpload {
        bucket: bucket.into(),
        session: SessionId(session),
        key: key.into(),
        upload,
        parts: parts.iter().map(|(n, e)| (*n, (*e).to_owned())).collect(),
        conditions: WriteConditions::default(),
        object: empty(etag),
        cause: cause("ObjectCreated:CompleteMultipartUpload"),
    }
}

/// One process's index on a store, without a network.
pub struct Direct {
    pub store: Box<dyn Store>,
    pub epoch: Epoch,
    pub now: TimestampMs,
    pub rng: SeededRng,
    pub last_event: u64,
    number: u64,
}

impl Direct {
    pub fn new(mut store: impl Store + 'static) -> Self {
        let epoch = store.acquire("test").unwrap();
        let last_event = core::events_reserved(&store).unwrap();
        Self { store: Box::new(store), epoch, now: TimestampMs(T0), rng: SeededRng::new(1), last_event, number: 0 }
    }

    pub fn sim() -> Self {
        Self::new(SimDisk::new(SimFaults::default()).open())
    }

    /// With the bucket `b` and the session 1.
    pub fn ready(versioning: Versioning) -> Self {
        Self::sim().prepared(versioning)
    }

    pub fn prepared(mut self, versioning: Versioning) -> Self {
        self.ok(IndexCall::CreateBucket { bucket: BucketRecord { versioning, ..bucket("b") } });
        self.ok(IndexCall::OpenSession { owner: "gateway".into() });
        self
    }

    /// The same request as the last one was, sent again.
    pub fn again(&mut self, call: IndexCall) -> Result<IndexAnswer, Stop> {
        self.number -= 1;
        self.try_call(call)
    }

    pub fn try_call(&mut self, call: IndexCall) -> Result<IndexAnswer, Stop> {
        self.number += 1;
        let request =
            IndexRequest { caller: 9, slot: 0, number: self.number, first_sent: self.now, to: Address::default(), call };
        let step = core::apply_once(&*self.store, &request, self.now, &mut self.rng)?;
        self.commit(step)
    }

    pub fn commit(&mut self, step: Step) -> Result<IndexAnswer, Stop> {
        let mut muts = step.muts;
        for draft in step.events {
            self.last_event = (self.now.0 * 1000).max(self.last_event + 1);
            muts.push(core::event_mutation(self.last_event, draft)?);
            muts.push(core::events_reservation(self.last_event + core::EVENTS_AHEAD)?);
        }
        if !muts.is_empty() {
            self.store.commit(self.epoch, &step.pre, &muts)?;
        }
        Ok(step.answer)
    }

    pub fn call(&mut self, call: IndexCall) -> IndexResult {
        match self.try_call(call) {
            Ok(answer) => Ok(answer),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(other) => panic!("{other:?}"),
        }
    }

    pub fn ok(&mut self, call: IndexCall) -> IndexAnswer {
        self.call(call).unwrap()
    }

    pub fn refused(&mut self, call: IndexCall) -> IndexError {
        self.call(call).unwrap_err()
    }

    pub fn put(&mut self, key: &str, etag: &str) -> VersionId {
        match self.ok(put("b", 1, key, empty(etag))) {
            IndexAnswer::Put { id, .. } => id,
            other => panic!("{other:?}"),
        }
    }

    /// The etag of a version (`-` of a marker) and whether it is the current one.
    pub fn found(&mut self, key: &str, version: Option<VersionId>) -> Option<(String, bool)> {
        match self.ok(lookup("b", key, version)) {
            IndexAnswer::Lookup { found: Found::Version { record, latest }, .. } => {
                Some((if record.delete_marker { "-".into() } else { record.object.etag }, latest))
            }
            IndexAnswer::Lookup { .. } => None,
            other => panic!("{other:?}"),
        }
    }

    pub fn set_versioning(&mut self, versioning: Versioning) {
        let IndexAnswer::Bucket(b) = self.ok(IndexCall::GetBucket { name: "b".into() }) else { panic!() };
        self.ok(IndexCall::UpdateBucket { version: b.version, bucket: BucketRecord { versioning, ..b.bucket } });
    }

    /// Rows of one space.
    pub fn rows(&self, space: u8) -> usize {
        self.store.range(&[space], &[space + 1], 10_000).unwrap().entries.len()
    }

    /// The collector's work, as if nodes removed everything at once. Ids of the blobs, in order.
    pub fn collect(&mut self) -> Vec<BlobId> {
        self.try_collect().unwrap()
    }

    pub fn try_collect(&mut self) -> Result<Vec<BlobId>, Stop> {
        let mut gone = Vec::new();
        loop {
            let due = core::due(&*self.store, TimestampMs(self.now.0 + 1), 100)?;
            if due.is_empty() {
                return Ok(gone);
            }
            for mut work in due {
                work.blobs = core::blobs(&*self.store, &work)?;
                gone.extend(work.blobs.iter().map(|b| b.id));
                let step = core::settle(&*self.store, &work, self.now, &mut self.rng)?;
                self.commit(step)?;
            }
        }
    }

    /// The next process after `before`, for the same callers.
    pub fn go_on_as(&mut self, before: &Direct) {
        (self.now, self.number) = (before.now, before.number);
        self.rng = SeededRng::new(self.epoch.0);
    }

    /// As many rows as there are live blobs, parts and nothing else.
    pub fn spaces(&self) -> String {
        let spaces =
            [key::HEAD, key::MARKER, key::OLDER, key::NULL, key::UPLOAD, key::PART, key::COMPLETED, key::BLOB, key::GARBAGE];
        spaces.iter().map(|s| self.rows(*s)).filter(|n| *n > 0).map(|n| n.to_string()).collect::<Vec<_>>().join(" ")
    }
}
