//! An index of several shards in this thread: real client, leaders and files, one process, and a clock that the test sets.

use crate::support::*;
use objectstore::id::ShardId;
use objectstore::index::collector::{BlobDeleter, NodeLister};
use objectstore::index::map::{Extent, Number, Spot};
use objectstore::index::serve::Serving;
use objectstore::index::shard::SqliteStores;
use objectstore::index::{
    CallError, CollectorOptions, IndexClient, IndexServer, SplitOptions, Stop, StoreFile, core, key, map, row,
};
use objectstore::message::*;
use objectstore::record::BlobRef;
use platform::bulk::Parcel;
use platform::rpc::RpcError;
use platform::{Clock, SeededRng};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Key, SqliteReader, StoreRead, for_prefix};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use types::TimestampMs;

/// How far ahead of the model's the clock is set for everything to be old enough.
const LATER_MS: u64 = 1_000_000;
const POLL: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn wall(&self) -> TimestampMs {
        TimestampMs(self.0.load(Ordering::Relaxed))
    }

    fn monotonic_us(&self) -> u64 {
        self.wall().0 * 1000
    }
}

/// Nodes that remove everything at once.
struct Gone;

impl BlobDeleter for Gone {
    async fn delete(&self, _: &BlobRef) -> Result<(), String> {
        Ok(())
    }
}

impl NodeLister for Gone {
    fn nodes(&self) -> Vec<String> {
        Vec::new()
    }

    async fn list(&self, _: &str, _: Option<ShardId>, _: u32) -> Result<Vec<ShardId>, String> {
        Ok(Vec::new())
    }

    async fn remove(&self, _: &str, _: Vec<ShardId>) -> Result<(), String> {
        Ok(())
    }
}

type Letter = (Parcel, oneshot::Sender<Result<Parcel, RpcError>>);

/// The only process, from any thread.
pub struct Server(mpsc::Sender<Letter>);

impl IndexServer for Server {
    async fn call(&self, call: Parcel, _: Duration) -> Result<Parcel, RpcError> {
        let lost = || RpcError::Unreachable { role: "index".into(), cause: "it is gone".into() };
        let (answer, answered) = oneshot::channel();
        self.0.send((call, answer)).await.map_err(|_| lost())?;
        answered.await.unwrap_or_else(|_| Err(lost()))
    }
}

pub struct Sharded {
    runtime: Runtime,
    local: LocalSet,
    clock: Arc<SetClock>,
    pub client: IndexClient<Server>,
    file: StoreFile,
    numbers: Arc<Mutex<Vec<Number>>>,
    _dir: tempfile::TempDir,
}

impl Sharded {
    pub fn new(first_shards: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = StoreFile { path: dir.path().join("index.db"), fsync: false };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (local, clock) = (LocalSet::new(), Arc::new(SetClock(AtomicU64::new(T0))));
        let (letters, mut inbox) = mpsc::channel::<Letter>(100);
        let client = |n| IndexClient::over(vec![Server(letters.clone())], n, clock.clone());
        let collector = CollectorOptions { grace_ms: LATER_MS / 2, idle: POLL, ..CollectorOptions::usual() };
        let serving = Serving {
            name: "index-a".into(),
            position: 0,
            stores: SqliteStores(file.clone()),
            peers: client(1),
            nodes: Rc::new(Gone),
            collector,
            split: SplitOptions { first_shards, ..SplitOptions::never() },
            clock: clock.clone(),
            dice: Box::new(|| Box::new(SeededRng::new(1))),
            state: Default::default(),
        };
        let (client, numbers) = (client(2), Arc::new(Mutex::new(Vec::new())));
        let known = numbers.clone();
        local.spawn_local(async move {
            let serving = Rc::new(serving);
            serving.take(0).unwrap();
            while let Some((parcel, answer)) = inbox.recv().await {
                let (serving, known) = (serving.clone(), known.clone());
                tokio::task::spawn_local(async move {
                    let outcome = serving.answer(parcel).await;
                    *known.lock().unwrap() = serving.leads();
                    let _ = answer.send(outcome);
                });
            }
        });
        let mut made = Self { runtime, local, clock, client, file, numbers, _dir: dir };
        made.wait("the first shards", |s| s.status().shards == first_shards);
        made
    }

    pub fn now(&self, now: TimestampMs) {
        self.clock.0.store(now.0, Ordering::Relaxed);
    }

    /// One that waits for ever is a failure, not a test that never ends.
    pub fn call(&self, call: IndexCall) -> Result<IndexAnswer, CallError> {
        let name = format!("{call:?}");
        let answered = async { tokio::time::timeout(PATIENCE, self.client.call(call)).await };
        self.local.block_on(&self.runtime, answered).unwrap_or_else(|_| panic!("no answer to {name}"))
    }

    pub fn try_call(&self, call: IndexCall) -> Result<IndexAnswer, Stop> {
        match self.call(call.clone()) {
            Ok(answer) => Ok(answer),
            Err(CallError::Refused(refusal)) => Err(refusal.into()),
            Err(other) => panic!("{call:?}: {other}"),
        }
    }

    pub fn status(&self) -> IndexStatus {
        match self.call(IndexCall::Status) {
            Ok(IndexAnswer::Status(status)) => status,
            other => panic!("{other:?}"),
        }
    }

    fn wait(&mut self, what: &str, mut check: impl FnMut(&Self) -> bool) {
        let limit = std::time::Instant::now() + PATIENCE;
        while !check(self) {
            assert!(std::time::Instant::now() < limit, "waited for {what}");
            self.local.block_on(&self.runtime, async { tokio::time::sleep(POLL).await });
        }
    }

    /// The shard that has this place gives what is behind it to a new one. False: it begins there already.
    pub fn split(&self, bucket: &str, key: &str) -> bool {
        let at = Spot::of(bucket, key);
        let having = self.extents().into_iter().find(|e| e.has(&at)).expect("somebody has it");
        match self.call(IndexCall::Split { shard: having.number, at: Some(at) }) {
            Ok(IndexAnswer::Done) => true,
            Err(CallError::Refused(IndexError::Invalid(_))) => false,
            other => panic!("{other:?}"),
        }
    }

    /// Everything that is garbage, or was given away, goes.
    pub fn collect(&mut self, now: TimestampMs) {
        // What is put down by this is to be old enough in turn.
        let later = std::cell::Cell::new(now.0);
        self.wait("the collector", |s| {
            later.set(later.get() + LATER_MS);
            s.now(TimestampMs(later.get()));
            s.clean()
        });
        self.now(now);
    }

    fn clean(&self) -> bool {
        self.readers().iter().all(|r| {
            let rows = r.range(&[key::GARBAGE], &[key::GARBAGE + 1], 1).unwrap().entries.len();
            rows == 0 && core::children(r).unwrap().iter().all(|c| c.cleaned) && core::frozen(r).unwrap().is_empty()
        })
    }

    fn readers(&self) -> Vec<SqliteReader> {
        let numbers = self.numbers.lock().unwrap().clone();
        numbers.iter().map(|n| SqliteReader::open(&self.file.numbered(*n).path, 64).unwrap()).collect()
    }

    pub fn extents(&self) -> Vec<Extent> {
        self.readers().iter().map(|r| core::extent(r).unwrap()).collect()
    }

    /// Rows of one space in all shards, in order.
    pub fn rows(&self, space: u8) -> Vec<Key> {
        let mut out = Vec::new();
        for reader in self.readers() {
            for_prefix(&reader, &[space], |e| out.push(e.key)).unwrap();
        }
        out.sort();
        out
    }

    /// The shards have everything, nothing twice, and no rows of each other's places.
    pub fn check_places(&self) {
        let mut extents = self.extents();
        extents.sort_by(|a, b| a.start.cmp(&b.start));
        assert_eq!(extents[0].start, Spot::FIRST);
        for pair in extents.windows(2) {
            assert_eq!(pair[0].end.as_ref(), Some(&pair[1].start), "{extents:?}");
        }
        assert_eq!(extents.last().unwrap().end, None);
        for reader in self.readers() {
            let extent = core::extent(&reader).unwrap();
            let mut hashes = BTreeMap::new();
            for_prefix(&reader, &[key::BUCKET], |e| {
                let bucket = row::decode::<row::BucketRow>(&e.value).unwrap().bucket;
                assert!(extent.keys(map::hash(&bucket.name)).is_some(), "{extent:?} has {}", bucket.name);
                hashes.insert(bucket.id, map::hash(&bucket.name));
            })
            .unwrap();
            for space in [key::HEAD, key::MARKER, key::OLDER, key::NULL, key::UPLOAD] {
                for_prefix(&reader, &[space], |e| {
                    let hash = hashes[&key::bucket_id(&e.key).unwrap()];
                    let spot = Spot { hash, key: key::object_key(&e.key).unwrap() };
                    assert!(extent.has(&spot), "{extent:?} has a row of {spot:?}");
                })
                .unwrap();
            }
        }
    }
}
