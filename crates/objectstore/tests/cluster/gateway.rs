//! Gateways and their clients: what the S3 front does to index and nodes, step by step, so that a gateway may die between any two.

use super::net::{Endpoint, Place, SimNodes, SimServer, VirtualClock, crc};
use super::world::{GATEWAYS, INDEXES, World};
use bytes::Bytes;
use objectstore::Layout;
use objectstore::data::{DataClient, DataKey, DataOptions, ReadError, WriteError};
use objectstore::id::{BlobId, SessionId};
use objectstore::index::map::Spot;
use objectstore::index::{CallError, GRACE_MS, IndexClient};
use objectstore::message::*;
use objectstore::offload::Offload;
use objectstore::record::*;
use platform::{Rng, SeededRng};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use testkit::register::{Action, Condition, Outcome};
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet, spawn_local};
use tokio::time::sleep;
use types::{AccountId, TimestampMs};

const CLIENTS: u32 = 3;
const KEYS: u64 = 9;
pub const PLAIN: &str = "plain";
pub const VERSIONED: &str = "versioned";

/// Of one gateway; lives as long as the world.
#[derive(Default)]
pub struct Slot {
    running: Option<(oneshot::Sender<()>, Endpoint)>,
}

impl Slot {
    pub fn is_busy(&self) -> bool {
        self.running.is_some()
    }
}

#[derive(Clone)]
struct Gateway {
    world: Rc<World>,
    index: IndexClient<SimServer>,
    data: DataClient<SimNodes>,
    session: SessionId,
    blobs: Rc<Cell<u32>>,
    rng: Rc<RefCell<SeededRng>>,
    /// What a key was seen to hold, for conditions.
    seen: Rc<RefCell<Vec<(String, u64)>>>,
    client: u32,
}

/// The call did not come to what was hoped for; written down already.
struct Gone;

pub fn key(n: u64) -> String {
    format!("k/{n}")
}

fn owner() -> AccountId {
    "123456789012".parse().unwrap()
}

fn etag(value: u64) -> String {
    format!("v{value}")
}

fn value_of(etag: &str) -> Option<u64> {
    etag.strip_prefix('v')?.parse().ok()
}

/// The bytes that a name stands for.
fn content(name: &str, bytes: usize) -> Vec<u8> {
    let mut rng = SeededRng::new(crc(name.as_bytes()));
    let mut out = Vec::with_capacity(bytes + 8);
    while out.len() < bytes {
        out.extend_from_slice(&rng.u64().to_le_bytes());
    }
    out.truncate(bytes);
    out
}

fn bucket(name: &str, versioning: Versioning) -> BucketRecord {
    BucketRecord {
        id: BucketId(0),
        name: name.to_owned(),
        owner: owner(),
        created: TimestampMs(0),
        versioning,
        mfa_delete: false,
        object_lock: false,
        documents: Default::default(),
    }
}

fn object(value: u64, data: Data, bytes: u64) -> NewVersion {
    NewVersion {
        data,
        bytes,
        etag: etag(value),
        owner: owner(),
        headers: Vec::new(),
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

/// Begins a process: it closes the session of the one before, and its clients go to work.
pub fn start(world: &Rc<World>, me: usize) {
    if world.gateways.borrow()[me].is_busy() || world.stopping.get() {
        return;
    }
    let (endpoint, _) = world.net.listen(Place::Gateway(me));
    let (kill, killed) = oneshot::channel::<()>();
    world.gateways.borrow_mut()[me].running = Some((kill, endpoint.clone()));
    let world = world.clone();
    spawn_local(async move {
        let tasks = LocalSet::new();
        let work = async {
            let Some(gateway) = Gateway::open(&world, me, endpoint, &format!("gateway-{me}")).await else { return };
            let mut clients = JoinSet::new();
            for client in 0..CLIENTS {
                let gateway = Gateway { client: me as u32 * 10 + client, ..gateway.clone() };
                clients.spawn_local(async move { gateway.work().await });
            }
            while clients.join_next().await.is_some() {}
        };
        let ended = tasks
            .run_until(async {
                tokio::select! {
                    biased;
                    _ = killed => false,
                    () = work => true,
                }
            })
            .await;
        if ended && let Some((_, endpoint)) = world.gateways.borrow_mut()[me].running.take() {
            endpoint.close();
        }
    });
}

pub fn kill(world: &World, me: usize) {
    if let Some((kill, endpoint)) = world.gateways.borrow_mut()[me].running.take() {
        world.net.note(&format!("gateway {me} is killed"));
        endpoint.close();
        let _ = kill.send(());
    }
}

impl Gateway {
    fn new(world: &Rc<World>, me: usize, endpoint: Endpoint) -> Self {
        let mut rng = SeededRng::new(world.rng.borrow_mut().u64());
        let clock = Arc::new(VirtualClock { start: world.net.start, ahead_ms: world.ahead_ms(Place::Gateway(me)) });
        let servers = (0..INDEXES).map(|n| SimServer(endpoint.clone(), Place::Index(n))).collect();
        let options = DataOptions { offload: Offload::Inline, ..DataOptions::default() };
        Self {
            world: world.clone(),
            index: IndexClient::over(servers, rng.u128(), clock),
            data: DataClient::new(world.topology.clone(), SimNodes(endpoint), options),
            session: SessionId(0),
            blobs: Rc::default(),
            rng: Rc::new(RefCell::new(rng)),
            seen: Rc::default(),
            client: me as u32 * 10,
        }
    }

    async fn open(world: &Rc<World>, me: usize, endpoint: Endpoint, owner: &str) -> Option<Self> {
        let mut gateway = Self::new(world, me, endpoint);
        loop {
            match gateway.index.call(IndexCall::OpenSession { owner: owner.to_owned() }).await {
                Ok(IndexAnswer::Session { id, .. }) => {
                    gateway.session = id;
                    return Some(gateway);
                }
                Ok(other) => world.violate(format!("a session is asked for and {other:?} answered")),
                Err(_) if world.stopping.get() && me < GATEWAYS => return None,
                Err(_) => sleep(Duration::from_millis(200)).await,
            }
        }
    }

    fn below(&self, n: u64) -> u64 {
        self.rng.borrow_mut().below(n)
    }

    async fn work(self) {
        while !self.world.stopping.get() {
            let key = key(self.below(KEYS));
            // What went wrong is in the history, or was no matter.
            let _ = match self.below(100) {
                0..30 => self.put(&key).await,
                30..60 => self.get(&key).await,
                60..68 => self.delete(&key).await,
                68..76 => self.list().await,
                76..84 => self.multipart(&key).await,
                84..91 => self.transition(&key).await,
                91..95 => self.put_version(&key).await,
                95..98 => self.delete_version().await,
                _ => self.change_bucket().await,
            };
            sleep(Duration::from_millis(self.below(300))).await;
        }
    }

    // ------------------------------------------------------------------------------------------------------- bytes

    fn length(&self) -> usize {
        let n = self.below(100);
        match n {
            0..4 => 0,
            4..50 => 1 + self.below(300) as usize,
            50..85 => 4_000 + self.below(12_000) as usize,
            85..97 => 60_000 + self.below(20_000) as usize,
            _ => (1 << 20) + self.below(40_000) as usize,
        }
    }

    fn layout(&self) -> Layout {
        if self.below(3) == 0 { Layout::erasure(&self.world.topology) } else { Layout::REPLICATED }
    }

    /// A value that nobody else writes, and the pieces that it is made of.
    fn value(&self, pieces: Vec<(String, usize)>) -> u64 {
        let mut contents = self.world.contents.borrow_mut();
        let value = contents.len() as u64 + 1;
        contents.insert(value, pieces);
        value
    }

    fn expected(&self, value: u64) -> Vec<u8> {
        let contents = self.world.contents.borrow();
        contents.get(&value).map(|pieces| pieces.iter().flat_map(|(name, n)| content(name, *n)).collect()).unwrap_or_default()
    }

    async fn write_blob(&self, bytes: Vec<u8>) -> Result<Data, Gone> {
        if bytes.is_empty() {
            return Ok(Data::None);
        }
        let number = self.blobs.get();
        self.blobs.set(number + 1);
        let id = BlobId { session: self.session, number };
        let mut raw = [0; DataKey::BYTES];
        raw.chunks_mut(8).for_each(|c| c.copy_from_slice(&self.rng.borrow_mut().u64().to_le_bytes()));
        let (key, layout, length) = (DataKey::new(raw), self.layout(), bytes.len() as u64);
        let mut writer = self.data.writer(id, layout, &key);
        let bytes = Bytes::from(bytes);
        let written = async {
            let step = 1 + self.below(200_000) as usize;
            for at in (0..bytes.len()).step_by(step) {
                writer.write(bytes.slice(at..(at + step).min(bytes.len()))).await?;
            }
            writer.finish().await
        };
        match written.await {
            Ok(written) if written.bytes == length => {
                self.world.count("blobs written");
                Ok(Data::Blob(BlobRef { id, bytes: length, layout, sealed_key: raw.to_vec() }))
            }
            Ok(written) => {
                self.world.violate(format!("{id}: {written:?} of {length} bytes"));
                Err(Gone)
            }
            Err(e) => {
                self.world.count(match e {
                    WriteError::Unavailable { .. } => "writes unavailable",
                    WriteError::Full { .. } => "writes refused, full",
                    WriteError::Conflict { .. } => "writes in conflict",
                });
                if let WriteError::Conflict { .. } = e {
                    self.world.violate(format!("{id} of {}: {e}", self.session.0));
                }
                Err(Gone)
            }
        }
    }

    async fn read_blob(&self, blob: &BlobRef, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
        let mut raw = [0; DataKey::BYTES];
        raw.copy_from_slice(&blob.sealed_key);
        let mut reader = self.data.reader(blob, &DataKey::new(raw), range);
        let mut out = Vec::new();
        while let Some(bytes) = reader.next().await {
            out.extend_from_slice(&bytes?);
        }
        Ok(out)
    }

    /// Reads a version and compares it with what was written. `looked`: when it was looked up.
    async fn check_bytes(
        &self,
        (bucket, key): (&str, &str),
        record: &VersionRecord,
        whole: bool,
        looked: u64,
    ) -> Result<Vec<u8>, Gone> {
        let Some(value) = value_of(&record.object.etag) else {
            self.world.violate(format!("an etag that nobody wrote: {}", record.object.etag));
            return Err(Gone);
        };
        let expected = self.expected(value);
        if record.object.bytes != expected.len() as u64 {
            self.world.violate(format!("v{value} has {} bytes instead of {}", record.object.bytes, expected.len()));
            return Err(Gone);
        }
        let blobs = match &record.object.data {
            Data::None => Vec::new(),
            Data::Blob(blob) => vec![blob.clone()],
            Data::Parts { upload, count } => {
                let answer = self
                    .index
                    .call(IndexCall::Parts { bucket: bucket.into(), key: key.into(), upload: *upload, after: 0, limit: 1000 })
                    .await;
                let IndexAnswer::Parts { parts, .. } = answer.map_err(|_| Gone)? else { return Err(Gone) };
                if parts.len() != usize::from(*count) {
                    if !self.is_late(looked) {
                        self.world.violate(format!("v{value} has {} parts of {count}", parts.len()));
                    }
                    return Err(Gone);
                }
                parts.into_iter().filter_map(|p| p.blob).collect()
            }
        };
        let mut at = 0;
        for blob in &blobs {
            let range = if whole {
                0..blob.bytes
            } else {
                let from = self.below(blob.bytes + 1);
                from..from + self.below(blob.bytes - from + 1)
            };
            match self.read_blob(blob, range.clone()).await {
                Ok(bytes) => {
                    let from = at as usize;
                    let right = expected.get(from + range.start as usize..from + range.end as usize);
                    if right != Some(&bytes[..]) {
                        self.world.violate(format!("v{value}: wrong bytes in {range:?} of {}", blob.id));
                        return Err(Gone);
                    }
                }
                Err(e) => {
                    self.unreadable(value, blob, &e, looked);
                    return Err(Gone);
                }
            }
            at += blob.bytes;
        }
        self.world.count("objects read");
        Ok(expected)
    }

    /// Collected since it was looked up?
    fn is_late(&self, looked: u64) -> bool {
        self.world.net.now_ms() - looked > GRACE_MS - 5_000
    }

    fn unreadable(&self, value: u64, blob: &BlobRef, e: &ReadError, looked: u64) {
        super::audit::look(&self.world);
        if self.world.audit.borrow().is_excused(blob.id) {
            return self.world.count("reads of what faults took");
        }
        match e {
            ReadError::Unavailable { .. } => self.world.count("reads unavailable"),
            _ if self.is_late(looked) => self.world.count("reads too late"),
            ReadError::Missing { .. } | ReadError::Corrupt { .. } => {
                self.world.violate(format!("v{value} of {} bytes, {:?}: {e}", blob.bytes, blob.layout));
            }
        }
    }

    // -------------------------------------------------------------------------------------------------- operations

    /// What an answer to a write says of it.
    fn settle(&self, entry: usize, answer: &Result<IndexAnswer, CallError>) -> Result<(), Gone> {
        let mut history = self.world.history.borrow_mut();
        match answer {
            Ok(_) => {
                history.end(entry, Outcome::Done);
                return Ok(());
            }
            Err(CallError::Refused(IndexError::PreconditionFailed)) => history.end(entry, Outcome::ConditionFailed),
            Err(CallError::Refused(IndexError::NoSuchKey)) => history.end(entry, Outcome::NothingToMatch),
            Err(CallError::Refused(IndexError::SessionClosed)) => {
                history.void(entry);
                self.world.violate(format!("session {} is closed and its gateway lives", self.session.0));
            }
            Err(CallError::Refused(_)) => {
                history.void(entry);
                self.world.count("calls refused");
            }
            Err(CallError::Unavailable(_)) => {
                history.void(entry);
                self.world.count("calls unavailable");
            }
            Err(CallError::Unknown(_)) => self.world.count("calls unknown"),
        }
        Err(Gone)
    }

    fn condition(&self, key: &str) -> (Condition<u64>, WriteConditions) {
        let seen = self.seen.borrow().iter().rev().find(|(k, _)| k == key).map(|(_, v)| *v);
        match (self.below(4), seen) {
            (0, _) => (Condition::Absent, WriteConditions { if_match: None, if_absent: true, bucket: None }),
            (1, Some(value)) => {
                (Condition::Matches(value), WriteConditions { if_match: Some(etag(value)), if_absent: false, bucket: None })
            }
            _ => (Condition::None, WriteConditions::default()),
        }
    }

    async fn put(&self, key: &str) -> Result<(), Gone> {
        let bytes = self.length();
        let name = format!("put-{}-{}", self.client, self.world.history.borrow().len());
        let value = self.value(vec![(name.clone(), bytes)]);
        let data = self.write_blob(content(&name, bytes)).await?;
        let (condition, conditions) = self.condition(key);
        let entry = self.world.history.borrow_mut().begin(self.client, key, Action::Write { value, condition });
        let call = IndexCall::Put {
            bucket: PLAIN.into(),
            session: self.session,
            key: key.into(),
            conditions,
            object: object(value, data, bytes as u64),
            cause: Cause::default(),
        };
        let answer = self.index.call(call).await;
        self.settle(entry, &answer)?;
        self.seen.borrow_mut().push((key.to_owned(), value));
        Ok(())
    }

    async fn lookup(&self, key: &str) -> Result<Option<VersionRecord>, Gone> {
        let entry = self.world.history.borrow_mut().begin(self.client, key, Action::Read);
        let call = IndexCall::Lookup { bucket: PLAIN.into(), known: 0, key: key.into(), version: None };
        let floor = self.world.changes.get().0;
        let Ok(IndexAnswer::Lookup { found, bucket }) = self.index.call(call).await else { return Err(Gone) };
        self.check_changes(bucket.as_ref(), floor);
        let record = match found {
            Found::Version { record, .. } => Some(*record),
            Found::NoKey | Found::NoVersion => None,
        };
        let value = record.as_ref().and_then(|r| value_of(&r.object.etag));
        self.world.history.borrow_mut().end(entry, Outcome::Found(value));
        self.seen.borrow_mut().extend(value.map(|v| (key.to_owned(), v)));
        Ok(record)
    }

    async fn get(&self, key: &str) -> Result<(), Gone> {
        let looked = self.world.net.now_ms();
        if let Some(record) = self.lookup(key).await? {
            let whole = self.below(2) == 0;
            self.check_bytes((PLAIN, key), &record, whole, looked).await?;
        }
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), Gone> {
        let entry = self.world.history.borrow_mut().begin(self.client, key, Action::Remove);
        let item = DeleteItem { key: key.into(), version: None, conditions: DeleteConditions::default() };
        let answer = self.index.call(delete(PLAIN, item)).await;
        if let Ok(IndexAnswer::Deleted(outcomes)) = &answer
            && !matches!(&outcomes[..], [Ok(_)])
        {
            self.world.violate(format!("a delete of {key} ends with {outcomes:?}"));
        }
        self.settle(entry, &answer)
    }

    /// Pages of a few; each is a reading of all keys that it covers.
    async fn list(&self) -> Result<(), Gone> {
        let mut after = String::new();
        loop {
            let called = self.world.history.borrow_mut().tick();
            let query =
                ListQuery { prefix: "k/".into(), after: after.clone(), limit: 1 + self.below(6) as u32, ..Default::default() };
            let answer = self.index.call(IndexCall::List { bucket: PLAIN.into(), query }).await;
            let Ok(IndexAnswer::List(page)) = answer else { return Err(Gone) };
            let mut history = self.world.history.borrow_mut();
            let rows: Vec<_> = page.rows.iter().map(Result::unwrap).collect();
            let covered = |key: &str| key > after.as_str() && page.next.as_deref().is_none_or(|next| key <= next);
            for key in (0..KEYS).map(key).filter(|k| covered(k)) {
                let found = rows.iter().find(|l| l.key == key).and_then(|l| value_of(l.head.etag));
                history.read(self.client, &key, called, found);
            }
            drop(history);
            if rows.iter().any(|l| !covered(l.key)) || !rows.is_sorted_by(|a, b| a.key < b.key) {
                self.world.violate(format!("a page behind {after:?} to {:?} has {:?}", page.next, rows.len()));
            }
            self.world.count("pages listed");
            match page.next {
                Some(next) => after = next,
                None => return Ok(()),
            }
        }
    }

    async fn multipart(&self, key: &str) -> Result<(), Gone> {
        let upload = UploadId(self.rng.borrow_mut().u128());
        let record = UploadRecord {
            id: upload,
            key: key.into(),
            initiated: TimestampMs(0),
            initiator: "me".into(),
            object: object(0, Data::None, 0),
            checksum_algorithm: None,
            checksum_full_object: false,
        };
        self.index.call(IndexCall::CreateUpload { bucket: PLAIN.into(), upload: record }).await.map_err(|_| Gone)?;
        let mut chosen: Vec<(u16, String, usize)> = Vec::new();
        for number in 1..=1 + self.below(3) as u16 {
            // Some parts are sent twice; some are left out in the end.
            for attempt in 0..1 + self.below(4) / 3 {
                let (bytes, name) = (self.length(), format!("part-{upload}-{number}-{attempt}"));
                let blob = match self.write_blob(content(&name, bytes)).await? {
                    Data::Blob(blob) => Some(blob),
                    _ => None,
                };
                let part = PartRecord {
                    number,
                    modified: TimestampMs(0),
                    etag: name.clone(),
                    blob,
                    bytes: bytes as u64,
                    checksum: None,
                };
                let (bucket, key) = (PLAIN.to_owned(), key.to_owned());
                let call = IndexCall::PutPart { bucket, session: self.session, key, upload, part };
                self.index.call(call).await.map_err(|_| Gone)?;
                chosen.retain(|(n, ..)| *n != number);
                chosen.push((number, name, bytes));
            }
        }
        match self.below(8) {
            0 => return Ok(()),
            1 => {
                let call = IndexCall::AbortUpload { bucket: PLAIN.into(), key: key.into(), upload };
                return self.index.call(call).await.map(drop).map_err(|_| Gone);
            }
            2 if chosen.len() > 1 => drop(chosen.remove(0)),
            _ => {}
        }
        let value = self.value(chosen.iter().map(|(_, name, bytes)| (name.clone(), *bytes)).collect());
        let (condition, conditions) = self.condition(key);
        let entry = self.world.history.borrow_mut().begin(self.client, key, Action::Write { value, condition });
        let call = IndexCall::CompleteUpload {
            bucket: PLAIN.into(),
            session: self.session,
            key: key.into(),
            upload,
            parts: chosen.iter().map(|(number, name, _)| (*number, name.clone())).collect(),
            conditions,
            object: object(value, Data::None, 0),
            cause: Cause::default(),
        };
        let answer = self.index.call(call).await;
        if let Err(CallError::Refused(e @ (IndexError::NoSuchUpload | IndexError::InvalidPart(_)))) = &answer {
            self.world.violate(format!("an upload that is there is completed: {e}"));
        }
        self.settle(entry, &answer)
    }

    /// As lifecycle does it: the same bytes in another layout.
    async fn transition(&self, key: &str) -> Result<(), Gone> {
        let looked = self.world.net.now_ms();
        let Some(record) = self.lookup(key).await?.filter(|r| r.object.data != Data::None) else { return Ok(()) };
        let bytes = self.check_bytes((PLAIN, key), &record, true, looked).await?;
        let to = self.write_blob(bytes).await?;
        let change =
            VersionChange::Move { session: self.session, from: record.object.data, to, storage_class: "GLACIER_IR".to_owned() };
        let call = IndexCall::Change { bucket: PLAIN.into(), key: key.into(), version: None, change, cause: Cause::default() };
        match self.index.call(call).await {
            Ok(_) => self.world.count("transitions"),
            Err(_) => self.world.count("transitions without an end"),
        }
        Ok(())
    }

    async fn put_version(&self, key: &str) -> Result<(), Gone> {
        let bytes = self.length();
        let name = format!("version-{}-{}-{}", self.client, self.session.0, self.blobs.get());
        let value = self.value(vec![(name.clone(), bytes)]);
        let data = self.write_blob(content(&name, bytes)).await?;
        let call = IndexCall::Put {
            bucket: VERSIONED.into(),
            session: self.session,
            key: key.into(),
            conditions: WriteConditions::default(),
            object: object(value, data, bytes as u64),
            cause: Cause::default(),
        };
        let Ok(IndexAnswer::Put { id, .. }) = self.index.call(call).await else { return Err(Gone) };
        self.world.versions.borrow_mut().push((key.to_owned(), id, value));
        Ok(())
    }

    async fn delete_version(&self) -> Result<(), Gone> {
        let picked = {
            let mut versions = self.world.versions.borrow_mut();
            let n = versions.len() as u64;
            if n == 0 { None } else { Some(versions.swap_remove(self.below(n) as usize)) }
        };
        let Some((key, id, value)) = picked else { return Ok(()) };
        let version = (self.below(3) > 0).then_some(id);
        if version.is_none() {
            // A marker goes above it: the version stays.
            self.world.versions.borrow_mut().push((key.clone(), id, value));
        }
        let item = DeleteItem { key, version, conditions: DeleteConditions::default() };
        self.index.call(delete(VERSIONED, item)).await.map(drop).map_err(|_| Gone)
    }
}

impl Gateway {
    /// A bucket as it was seen must have all changes that were acknowledged before it was asked for.
    fn check_changes(&self, seen: Option<&VersionedBucket>, floor: u64) {
        let Some(seen) = seen else { return self.world.violate("no bucket is shown to one who knows none".to_owned()) };
        let n = changes_of(&seen.bucket);
        if n < floor || n > self.world.changes.get().1 {
            self.world.violate(format!("the bucket is shown as of change {n}; {floor} was acknowledged"));
        }
    }

    async fn change_bucket(&self) -> Result<(), Gone> {
        let floor = self.world.changes.get().0;
        let get = IndexCall::GetBucket { name: PLAIN.into() };
        let Ok(IndexAnswer::Bucket(seen)) = self.index.call(get).await else { return Err(Gone) };
        self.check_changes(Some(&seen), floor);
        let n = changes_of(&seen.bucket) + 1;
        let (acknowledged, tried) = self.world.changes.get();
        self.world.changes.set((acknowledged, tried.max(n)));
        let mut bucket = seen.bucket;
        bucket.documents.insert("tagging".to_owned(), n.to_string());
        let Ok(IndexAnswer::Bucket(_)) = self.index.call(IndexCall::UpdateBucket { version: seen.version, bucket }).await else {
            return Err(Gone);
        };
        let (acknowledged, tried) = self.world.changes.get();
        self.world.changes.set((acknowledged.max(n), tried));
        self.world.count("bucket changes");
        Ok(())
    }
}

fn changes_of(bucket: &BucketRecord) -> u64 {
    bucket.documents.get("tagging").map_or(0, |n| n.parse().unwrap())
}

/// Has a shard split somewhere, whoever leads it and whatever else goes on.
pub fn split(world: &Rc<World>) {
    let world = world.clone();
    spawn_local(async move {
        let gateway = visitor(&world).await;
        let shards = gateway.index.shards().await;
        let Some(shard) = shards.get(gateway.below(shards.len().max(1) as u64) as usize).copied() else { return };
        let bucket = [PLAIN, VERSIONED][gateway.below(2) as usize];
        let at = (gateway.below(3) > 0).then(|| Spot::of(bucket, &key(gateway.below(KEYS))));
        // Most places are another shard's.
        let _ = gateway.index.call(IndexCall::Split { shard, at }).await;
    });
}

fn delete(bucket: &str, item: DeleteItem) -> IndexCall {
    let (bucket, items) = (bucket.to_owned(), vec![item]);
    IndexCall::Delete { bucket, items, owner: owner(), bypass_governance: false, cause: Cause::default() }
}

// --------------------------------------------------------------------------------------------------- before and after

/// A gateway without clients, for what the test does itself.
async fn visitor(world: &Rc<World>) -> Gateway {
    let (endpoint, _) = world.net.listen(Place::Gateway(GATEWAYS));
    Gateway::new(world, GATEWAYS, endpoint)
}

async fn must(gateway: &Gateway, call: IndexCall) -> IndexAnswer {
    loop {
        match gateway.index.call(call.clone()).await {
            Ok(answer) => return answer,
            Err(CallError::Refused(IndexError::BucketExists { .. })) => return IndexAnswer::Done,
            Err(CallError::Refused(IndexError::NoSuchUpload)) => return IndexAnswer::Done,
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

pub async fn make_buckets(world: &Rc<World>) {
    let gateway = visitor(world).await;
    for (name, versioning) in [(PLAIN, Versioning::Unversioned), (VERSIONED, Versioning::Enabled)] {
        must(&gateway, IndexCall::CreateBucket { bucket: bucket(name, versioning) }).await;
    }
}

/// Closes what the clients left open, so that what nobody needs is garbage.
pub async fn tidy_up(world: &Rc<World>) {
    let gateway = visitor(world).await;
    for me in 0..GATEWAYS {
        must(&gateway, IndexCall::OpenSession { owner: format!("gateway-{me}") }).await;
    }
    let query = UploadsQuery { list: ListQuery { limit: 1000, ..Default::default() }, after_upload: None };
    let IndexAnswer::Uploads { uploads, .. } = must(&gateway, IndexCall::ListUploads { bucket: PLAIN.into(), query }).await
    else {
        return world.violate("uploads are listed otherwise".to_owned());
    };
    // Every other one; what is under way may stay so.
    for UploadRecord { id, key, .. } in uploads.into_iter().step_by(2) {
        must(&gateway, IndexCall::AbortUpload { bucket: PLAIN.into(), key, upload: id }).await;
    }
}

/// All that was acknowledged is there, to the byte.
pub async fn read_all(world: &Rc<World>) {
    let gateway = visitor(world).await;
    let is_excused = |record: &VersionRecord| match &record.object.data {
        Data::Blob(blob) => world.audit.borrow().is_excused(blob.id),
        _ => false,
    };
    let mut failed = Vec::new();
    let before = world.counts.borrow().get("reads of what faults took").copied().unwrap_or(0);
    for key in (0..KEYS).map(key) {
        let looked = world.net.now_ms();
        match gateway.lookup(&key).await {
            Ok(Some(record)) if gateway.check_bytes((PLAIN, &key), &record, true, looked).await.is_err() => {
                failed.push(record.object.etag)
            }
            Ok(_) => {}
            Err(Gone) => world.violate(format!("{key} cannot be looked up at the end")),
        }
    }
    let now = world.counts.borrow().get("reads of what faults took").copied().unwrap_or(0);
    if failed.len() as u64 > now - before {
        world.violate(format!("unreadable at the end: {failed:?}"));
    }
    if gateway.list().await.is_err() {
        world.violate("no listing at the end".to_owned());
    }
    let query = VersionsQuery { list: ListQuery { limit: 1000, whole: true, ..Default::default() }, after_version: None };
    let IndexAnswer::Versions(page) = must(&gateway, IndexCall::ListVersions { bucket: VERSIONED.into(), query }).await else {
        return world.violate("versions are listed otherwise".to_owned());
    };
    let rows = page.rows.records().expect("whole records");
    let versions = world.versions.borrow().clone();
    for (key, id, value) in versions {
        let Some((_, _, record)) = rows.iter().find(|(k, _, r)| (k, r.id) == (&key, id)) else {
            world.violate(format!("version {id} of {key}, v{value}, is not listed"));
            continue;
        };
        if record.object.etag != etag(value) {
            world.violate(format!("version {id} of {key} is {} and not v{value}", record.object.etag));
        }
        let looked = world.net.now_ms();
        if gateway.check_bytes((VERSIONED, &key), record, true, looked).await.is_err() && !is_excused(record) {
            world.violate(format!("version {id} of {key} is unreadable at the end"));
        }
        world.count("versions read at the end");
    }
}
