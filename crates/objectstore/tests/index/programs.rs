//! Random programs of calls, on the index and on the model: every answer is as the model says. Also through crashes, where
//! a call without an answer is sent again to the next process.

use crate::model::Model;
use crate::sharded::Sharded;
use crate::support::*;
use objectstore::id::SessionId;
use objectstore::index::{Stop, key};
use objectstore::message::*;
use objectstore::record::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use store::sim::{SimDisk, SimFaults};
use store::{Key, Outcome, SqliteOptions, SqliteStore};
use types::TimestampMs;

const KEYS: [&str; 10] = ["a", "a/", "a/b", "a/b/c", "a/c", "ab", "b//", "b", "\0", "é/x"];

/// A version of a key, by its place in the model when the call is made.
#[derive(Clone, Debug)]
enum Which {
    Current,
    Null,
    Nth(usize),
    Unknown,
}

#[derive(Clone, Debug)]
enum Op {
    Put { key: usize, etag: u8, data: bool, if_match: Option<u8>, if_absent: bool, lock: Option<(bool, u64)> },
    Delete { items: Vec<(usize, Which, Option<u8>)>, bypass: bool },
    Lookup(usize, Which),
    Change { key: usize, which: Which, change: u8, until: u64, bypass: bool },
    Move(usize, Which),
    List(ListQuery),
    ListVersions(ListQuery, Option<Which>),
    ListUploads(ListQuery, Option<usize>),
    CreateUpload(usize),
    PutPart { upload: usize, number: u16, etag: u8 },
    Parts { upload: usize, after: u16, limit: u16 },
    Complete { upload: usize, numbers: Vec<u16>, wrong: bool, if_absent: bool },
    Abort(usize),
    Versioning(u8),
    Bucket(u8),
    OpenSession,
    Time(i64),
    Collect,
    Split(usize),
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![4 => Just(Which::Current), 1 => Just(Which::Null), 3 => (0..4usize).prop_map(Which::Nth), 1 => Just(Which::Unknown)]
}

fn listing() -> impl Strategy<Value = ListQuery> {
    let text = || prop_oneof![3 => Just(String::new()), 4 => (0..KEYS.len()).prop_map(|k| KEYS[k].to_owned()), 1 => Just("é".to_owned())];
    let delimiter = prop_oneof![2 => Just(""), 4 => Just("/"), 1 => Just("//"), 1 => Just("b"), 1 => Just("é/")];
    (text(), delimiter, text(), prop_oneof![1 => Just(0), 6 => 1..5u32, 2 => Just(1000)], any::<bool>())
        .prop_map(|(prefix, delimiter, after, limit, whole)| ListQuery { whole, ..query(&prefix, delimiter, &after, limit) })
}

fn op() -> impl Strategy<Value = Op> {
    let k = || 0..KEYS.len();
    let maybe = |p: f64| prop::bool::weighted(p);
    prop_oneof![
        12 => (k(), 0..3u8, maybe(0.8), prop::option::weighted(0.15, 0..3u8), maybe(0.1), prop::option::weighted(0.1, (any::<bool>(), 0..20u64)))
            .prop_map(|(key, etag, data, if_match, if_absent, lock)| Op::Put { key, etag, data, if_match, if_absent, lock }),
        8 => (vec((k(), which(), prop::option::weighted(0.15, 0..3u8)), 1..4), any::<bool>())
            .prop_map(|(items, bypass)| Op::Delete { items, bypass }),
        3 => (k(), which()).prop_map(|(k, w)| Op::Lookup(k, w)),
        2 => (k(), which(), 0..4u8, 0..20u64, any::<bool>())
            .prop_map(|(key, which, change, until, bypass)| Op::Change { key, which, change, until, bypass }),
        1 => (k(), which()).prop_map(|(k, w)| Op::Move(k, w)),
        4 => listing().prop_map(Op::List),
        4 => (listing(), prop::option::of(which())).prop_map(|(q, w)| Op::ListVersions(q, w)),
        2 => (listing(), prop::option::of(0..6usize)).prop_map(|(q, w)| Op::ListUploads(q, w)),
        3 => k().prop_map(Op::CreateUpload),
        6 => (0..6usize, 1..5u16, 0..2u8).prop_map(|(upload, number, etag)| Op::PutPart { upload, number, etag }),
        1 => (0..6usize, 0..5u16, 1..4u16).prop_map(|(upload, after, limit)| Op::Parts { upload, after, limit }),
        3 => (0..6usize, vec(1..5u16, 1..4), maybe(0.2), maybe(0.2))
            .prop_map(|(upload, numbers, wrong, if_absent)| Op::Complete { upload, numbers, wrong, if_absent }),
        1 => (0..6usize).prop_map(Op::Abort),
        3 => (0..3u8).prop_map(Op::Versioning),
        1 => (0..3u8).prop_map(Op::Bucket),
        1 => Just(Op::OpenSession),
        2 => (-20..20i64).prop_map(Op::Time),
        1 => Just(Op::Collect),
        3 => (0..KEYS.len() + 2).prop_map(Op::Split),
    ]
}

/// The index under test.
enum Index {
    /// One process after another on the same disk.
    One {
        index: Box<Direct>,
        restart: Box<dyn Fn() -> Direct>,
    },
    Sharded(Box<Sharded>),
}

impl Index {
    fn now(&mut self, now: TimestampMs) {
        match self {
            Self::One { index, .. } => index.now = now,
            Self::Sharded(index) => index.now(now),
        }
    }

    fn try_call(&mut self, call: IndexCall) -> Result<IndexAnswer, Stop> {
        match self {
            Self::One { index, .. } => index.try_call(call),
            Self::Sharded(index) => index.try_call(call),
        }
    }

    fn again(&mut self, call: IndexCall) -> Result<IndexAnswer, Stop> {
        match self {
            Self::One { index, .. } => index.again(call),
            Self::Sharded(_) => panic!("{call:?} has failed"),
        }
    }

    fn next_process(&mut self) {
        if let Self::One { index, restart } = self {
            let mut next = restart();
            next.go_on_as(index);
            **index = next;
        }
    }

    /// False: again, with the next process.
    fn collect(&mut self, now: TimestampMs) -> bool {
        match self {
            Self::One { index, .. } => {
                // Everything that was put down is old enough, whatever the clock did.
                index.now = TimestampMs(now.0 + 1_000_000);
                let collected = index.try_collect().is_ok();
                index.now = now;
                collected
            }
            Self::Sharded(index) => {
                index.collect(now);
                index.check_places();
                true
            }
        }
    }

    fn rows(&self, space: u8) -> Vec<Key> {
        match self {
            Self::One { index, .. } => {
                index.store.range(&[space], &[space + 1], 10_000).unwrap().entries.into_iter().map(|e| e.key).collect()
            }
            Self::Sharded(index) => index.rows(space),
        }
    }
}

struct Tested {
    index: Index,
    model: Model,
    uploads: Vec<(UploadId, String)>,
    blobs: u32,
    session: u64,
    crashes: u32,
    splits: u32,
}

impl Tested {
    fn new(restart: Box<dyn Fn() -> Direct>) -> Self {
        Self::on(Index::One { index: Box::new(restart()), restart })
    }

    fn on(index: Index) -> Self {
        let mut t = Self { index, model: Model::new(), uploads: Vec::new(), blobs: 0, session: 1, crashes: 0, splits: 0 };
        t.call(IndexCall::OpenSession { owner: "gateway".into() }).unwrap();
        t.call(IndexCall::CreateBucket { bucket: bucket("b") }).unwrap();
        t
    }

    /// Until there is an answer. Refusals by a full disk are asked again too.
    fn call(&mut self, call: IndexCall) -> IndexResult {
        self.index.now(self.model.now);
        let mut outcome = self.index.try_call(call.clone());
        let answer = loop {
            match outcome {
                Ok(answer) => break Ok(answer),
                Err(Stop::Refused(refusal)) => break Err(refusal),
                Err(Stop::Store(error)) => {
                    if error.outcome() == Outcome::Unknown {
                        self.next_process();
                    } else {
                        assert!(matches!(error, store::Error::DiskFull), "{call:?}: {error}");
                    }
                    outcome = self.index.again(call.clone());
                }
                Err(other) => panic!("{call:?}: {other:?}"),
            }
        };
        self.model.check(&call, &answer);
        answer
    }

    fn next_process(&mut self) {
        self.crashes += 1;
        self.index.next_process();
    }

    fn new_blob(&mut self) -> BlobRef {
        self.blobs += 1;
        blob(self.session, self.blobs)
    }

    fn version(&self, key: &str, which: &Which) -> Option<VersionId> {
        let versions = self.model.buckets.get("b").and_then(|b| b.keys.get(key));
        match which {
            Which::Current => None,
            Which::Null => Some(VersionId::Null),
            Which::Nth(n) => versions.map_or(Some(VersionId::Null), |v| Some(v[n % v.len()].id)),
            Which::Unknown => Some(VersionId::Named { seq: 7, salt: 7 }),
        }
    }

    fn upload(&self, n: usize) -> (UploadId, String) {
        self.uploads.get(n % self.uploads.len().max(1)).cloned().unwrap_or((UploadId(1), "a".into()))
    }

    fn run(&mut self, op: &Op) {
        let b = || "b".to_owned();
        match op {
            Op::Put { key, etag, data, if_match, if_absent, lock } => {
                let mut object = if *data { object(&etag.to_string(), self.new_blob()) } else { empty(&etag.to_string()) };
                let mode = |governance| if governance { LockMode::Governance } else { LockMode::Compliance };
                object.retention = lock.map(|(g, ms)| Retention { mode: mode(g), until: TimestampMs(self.model.now.0 + ms) });
                let conditions =
                    WriteConditions { if_match: if_match.map(|e| e.to_string()), if_absent: *if_absent, bucket: None };
                self.call(put_if("b", self.session, KEYS[*key], object, conditions)).ok();
            }
            Op::Delete { items, bypass } => {
                // Of several items of one key the ids are those of before the call: that is what a client knows.
                let items = items.iter().map(|(key, which, if_match)| DeleteItem {
                    key: KEYS[*key].into(),
                    version: self.version(KEYS[*key], which),
                    conditions: DeleteConditions { if_match: if_match.map(|e| e.to_string()), ..Default::default() },
                });
                let call = IndexCall::Delete {
                    bucket: b(),
                    items: items.collect(),
                    owner: owner(),
                    bypass_governance: *bypass,
                    cause: cause("ObjectRemoved:Delete"),
                };
                self.call(call).ok();
            }
            Op::Lookup(key, which) => drop(self.call(lookup("b", KEYS[*key], self.version(KEYS[*key], which)))),
            Op::Change { key, which, change, until, bypass } => {
                let until = TimestampMs(self.model.now.0 + until);
                let change = match change {
                    0 => VersionChange::Tags(vec![("t".into(), until.0.to_string())]),
                    1 => VersionChange::LegalHold(*bypass),
                    2 => VersionChange::Retention {
                        retention: Some(Retention { mode: LockMode::Governance, until }),
                        bypass: *bypass,
                    },
                    _ => VersionChange::Retention { retention: None, bypass: *bypass },
                };
                let version = self.version(KEYS[*key], which);
                self.call(IndexCall::Change { bucket: b(), key: KEYS[*key].into(), version, change, cause: Cause::default() })
                    .ok();
            }
            Op::Move(key, which) => {
                let version = self.version(KEYS[*key], which);
                let found = self.call(lookup("b", KEYS[*key], version));
                if let Ok(IndexAnswer::Lookup { found: Found::Version { record, .. }, .. }) = found {
                    let (from, to) = (record.object.data, Data::Blob(self.new_blob()));
                    let session = SessionId(self.session);
                    let change = VersionChange::Move { session, from, to, storage_class: "COLD".into() };
                    self.call(IndexCall::Change {
                        bucket: b(),
                        key: KEYS[*key].into(),
                        version,
                        change,
                        cause: Cause::default(),
                    })
                    .ok();
                }
            }
            Op::List(query) => self.walk(query),
            Op::ListVersions(list, which) => {
                let after_version = which.as_ref().and_then(|w| self.known_version(&list.after, w));
                let query = VersionsQuery { list: list.clone(), after_version };
                self.walk_versions(query);
            }
            Op::ListUploads(list, n) => {
                let after_upload = n.map(|n| self.upload(n).0);
                let mut query = UploadsQuery { list: list.clone(), after_upload };
                while let Ok(IndexAnswer::Uploads { next: Some((after, id)), .. }) =
                    self.call(IndexCall::ListUploads { bucket: b(), query: query.clone() })
                {
                    (query.list.after, query.after_upload) = (after, Some(id));
                }
            }
            Op::CreateUpload(key) => {
                let id = UploadId::new(self.model.now, self.uploads.len() as u64);
                self.uploads.push((id, KEYS[*key].to_owned()));
                self.call(IndexCall::CreateUpload { bucket: b(), upload: upload_record(id, KEYS[*key]) }).ok();
            }
            Op::PutPart { upload, number, etag } => {
                let (id, key) = self.upload(*upload);
                let part = part(*number, &etag.to_string(), self.new_blob());
                self.call(put_part("b", self.session, &key, id, part)).ok();
            }
            Op::Parts { upload, after, limit } => {
                let (upload, key) = self.upload(*upload);
                self.call(IndexCall::Parts { bucket: b(), key, upload, after: *after, limit: *limit }).ok();
            }
            Op::Complete { upload, numbers, wrong, if_absent } => {
                let (id, key) = self.upload(*upload);
                let mut numbers = numbers.clone();
                numbers.sort_unstable();
                numbers.dedup();
                // The etags as they are, found by listing, unless they are to be wrong.
                let listed = self.call(IndexCall::Parts { bucket: b(), key: key.clone(), upload: id, after: 0, limit: 100 });
                let Ok(IndexAnswer::Parts { parts, .. }) = listed else { return };
                let etag = |n: u16| parts.iter().find(|p| p.number == n).map_or("0".to_owned(), |p| p.etag.clone());
                let chosen: Vec<(u16, String)> =
                    numbers.iter().map(|n| (*n, if *wrong { "x".to_owned() } else { etag(*n) })).collect();
                let call = IndexCall::CompleteUpload {
                    bucket: b(),
                    session: SessionId(self.session),
                    key,
                    upload: id,
                    parts: chosen,
                    conditions: WriteConditions { if_match: None, if_absent: *if_absent, bucket: None },
                    object: empty("whole"),
                    cause: Cause::default(),
                };
                self.call(call).ok();
            }
            Op::Abort(upload) => {
                let (upload, key) = self.upload(*upload);
                self.call(IndexCall::AbortUpload { bucket: b(), key, upload }).ok();
            }
            Op::Versioning(n) => {
                let Ok(IndexAnswer::Bucket(found)) = self.call(IndexCall::GetBucket { name: b() }) else { return };
                let versioning = [Versioning::Unversioned, Versioning::Enabled, Versioning::Suspended][usize::from(*n)];
                let bucket = BucketRecord { versioning, ..found.bucket };
                self.call(IndexCall::UpdateBucket { version: found.version, bucket }).ok();
            }
            Op::Bucket(0) => drop(self.call(IndexCall::DeleteBucket { name: b() })),
            Op::Bucket(_) => drop(self.call(IndexCall::CreateBucket { bucket: bucket("b") })),
            Op::OpenSession => {
                if let Ok(IndexAnswer::Session { id, .. }) = self.call(IndexCall::OpenSession { owner: "gateway".into() }) {
                    (self.session, self.blobs) = (id.0, 0);
                }
            }
            Op::Time(ms) => self.model.now = TimestampMs((self.model.now.0 as i64 + ms) as u64),
            Op::Collect => self.collect(),
            Op::Split(key) => {
                if let Index::Sharded(index) = &self.index {
                    self.splits += u32::from(index.split("b", KEYS.get(*key).unwrap_or(&"")));
                }
            }
        }
    }

    /// A version that the key has, so that the model knows where it stands.
    fn known_version(&self, key: &str, which: &Which) -> Option<VersionId> {
        let id = self.version(key, which)?;
        let versions = self.model.buckets.get("b").and_then(|b| b.keys.get(key))?;
        versions.iter().any(|v| v.id == id).then_some(id)
    }

    fn walk(&mut self, query: &ListQuery) {
        let mut query = query.clone();
        while let Ok(IndexAnswer::List(ListPage { next: Some(next), .. })) = self.call(list("b", query.clone())) {
            query.after = next;
        }
    }

    fn walk_versions(&mut self, mut query: VersionsQuery) {
        while let Ok(IndexAnswer::Versions(VersionsPage { next: Some((after, version)), .. })) =
            self.call(IndexCall::ListVersions { bucket: "b".into(), query: query.clone() })
        {
            (query.list.after, query.after_version) = (after, version);
        }
    }

    /// Everything that waits is collected: what is left is what the model says, to the row.
    fn collect(&mut self) {
        while !self.index.collect(self.model.now) {
            self.next_process();
        }
        let live = self.model.live();
        assert_eq!(self.index.rows(key::BLOB), live.iter().map(|id| key::blob(*id)).collect::<Vec<_>>());
        let versions = self.model.buckets.values().flat_map(|b| b.keys.values());
        let (mut heads, mut markers, mut older, mut nulls) = (0, 0, 0, 0);
        for v in versions {
            let Some((last, rest)) = v.split_last() else { continue };
            (heads, markers) = if last.delete_marker { (heads, markers + 1) } else { (heads + 1, markers) };
            older += rest.len();
            nulls += rest.iter().filter(|r| r.id == VersionId::Null).count();
        }
        let found = [key::HEAD, key::MARKER, key::OLDER, key::NULL].map(|s| self.index.rows(s).len());
        assert_eq!(found, [heads, markers, older, nulls]);
        let uploads: usize = self.model.buckets.values().map(|b| b.uploads.len()).sum();
        let rows = |space| self.index.rows(space).len();
        assert_eq!((rows(key::UPLOAD), rows(key::GARBAGE)), (uploads, 0));
    }

    fn program(&mut self, ops: &[Op]) {
        ops.iter().for_each(|op| self.run(op));
        self.walk(&query("", "", "", 3));
        self.walk(&query("", "/", "", 1));
        self.walk_versions(VersionsQuery { list: query("", "", "", 2), after_version: None });
        self.collect();
    }
}

/// The same programs in every run; `PROPTEST_CASES=n`: so many others.
fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    let rng_seed = if asked.is_some() { RngSeed::Random } else { RngSeed::Fixed(2026) };
    ProptestConfig { cases: asked.unwrap_or(usual), rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

fn on(disk: SimDisk) -> Tested {
    Tested::new(Box::new(move || Direct::new(disk.open())))
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn the_index_is_the_model(ops in vec(op(), 1..80)) {
        on(SimDisk::new(SimFaults::default())).program(&ops);
    }

    /// Acknowledged changes stay, and those in doubt happen once.
    #[test]
    fn also_through_crashes(ops in vec(op(), 1..60), seed in any::<u64>()) {
        let faults = SimFaults {
            seed,
            crash_before_permille: 60,
            crash_after_permille: 60,
            io_error_permille: 60,
            disk_full_permille: 20,
            ..SimFaults::default()
        };
        let disk = SimDisk::new(SimFaults::default());
        let mut tested = on(disk.clone());
        disk.set_faults(faults);
        tested.program(&ops);
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn also_on_sqlite(ops in vec(op(), 1..80)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index.db");
        let open = move || Direct::new(SqliteStore::open(&path, SqliteOptions { shared: true, ..SqliteOptions::ephemeral() }).unwrap());
        Tested::new(Box::new(open)).program(&ops);
    }
}

proptest! {
    #![proptest_config(cases(24))]

    /// Split at any key, between any two calls.
    #[test]
    fn also_in_shards(ops in vec(op(), 1..80), first in 1..4u32) {
        Tested::on(Index::Sharded(Box::new(Sharded::new(first)))).program(&ops);
    }
}

/// The faults above are really met: otherwise the test would prove nothing.
#[test]
fn crashes_are_met() {
    let disk = SimDisk::new(SimFaults::default());
    let mut tested = on(disk.clone());
    disk.set_faults(SimFaults { seed: 3, crash_before_permille: 200, crash_after_permille: 200, ..SimFaults::default() });
    for n in 0..50 {
        tested.run(&Op::Put { key: n % 3, etag: 1, data: n % 2 == 0, if_match: None, if_absent: false, lock: None });
    }
    assert!(tested.crashes > 5, "{}", tested.crashes);
    tested.collect();
}
