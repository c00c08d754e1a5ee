//! The index over its socket, with one process and durable commits: changes, look-ups, listings.
//!
//! `cargo bench -p objectstore --bench index`. `STRATOCELL_INDEX_KEYS`: keys to list among, a million if not said.
//! `STRATOCELL_BENCH_SECONDS`: how long each row runs, 3 if not said. Server and clients share the machine's cores.
//! `STRATOCELL_INDEX_SCALE=10000,1000000,10000000`: only what pages cost among so many keys ([`scale`]; the last takes 4 GB).
//! `STRATOCELL_INDEX_SHARDS=4`: only changes, on three processes that have so many shards among them ([`shards`]).

#[path = "index/scale.rs"]
mod scale;
#[path = "index/shards.rs"]
mod shards;

use objectstore::Layout;
use objectstore::id::{BlobId, SessionId};
use objectstore::index::{CollectorOptions, IndexClient, IndexOptions, NoNodes, SplitOptions, StoreFile, core, run};
use objectstore::message::*;
use objectstore::record::*;
use platform::tls::testing::identity;
use platform::{Rng, SeededRng};
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use store::{Proposal, SqliteOptions, SqliteStore, Store};
use tokio::task::LocalSet;
use types::TimestampMs;

const BATCH: usize = 256;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(usual)
}

fn key(n: u64, keys: u64) -> String {
    format!("d{:04}/f{n:09}", n / (keys / 1000).max(1))
}

fn object(session: u64, number: u32) -> NewVersion {
    let id = BlobId { session: SessionId(session), number };
    NewVersion {
        data: Data::Blob(BlobRef { id, bytes: 4096, layout: Layout::REPLICATED, sealed_key: vec![7; 60] }),
        bytes: 4096,
        etag: "d41d8cd98f00b204e9800998ecf8427e".into(),
        owner: "123456789012".parse().expect("an account"),
        headers: vec![("content-type".into(), "binary/octet-stream".into())],
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

fn put(session: u64, number: u32, key: String) -> IndexCall {
    IndexCall::Put {
        bucket: "b".into(),
        session: SessionId(session),
        key,
        conditions: WriteConditions::default(),
        object: object(session, number),
        cause: Cause::default(),
    }
}

/// The bucket `b`, and a session.
fn setup() -> Vec<IndexCall> {
    let bucket = BucketRecord {
        id: BucketId(0),
        name: "b".into(),
        owner: "123456789012".parse().expect("an account"),
        created: TimestampMs(1_800_000_000_000),
        versioning: Versioning::Unversioned,
        mfa_delete: false,
        object_lock: false,
        documents: Default::default(),
    };
    vec![IndexCall::CreateBucket { bucket }, IndexCall::OpenSession { owner: "fill".into() }]
}

/// The keys to list among, made by the index's own decisions without waiting for the disk.
fn fill(path: &Path, keys: u64) {
    let options = SqliteOptions { cache_kib: 64 << 10, ..SqliteOptions::ephemeral() };
    let mut store = SqliteStore::open(path, options).expect("a store");
    let epoch = store.acquire("fill").expect("an epoch");
    let mut rng = SeededRng::new(1);
    let now = TimestampMs(1_800_000_000_000);
    let mut next = setup();
    let mut n = 0;
    while !next.is_empty() {
        let steps: Vec<_> = next.iter().map(|c| core::apply(&store, c, now, &mut rng).expect("a decision")).collect();
        let batch: Vec<_> = steps.iter().map(|s| Proposal { pre: &s.pre, muts: &s.muts }).collect();
        for result in store.commit_batch(epoch, &batch).expect("a commit") {
            result.expect("no conflict");
        }
        let upto = (n + BATCH as u64).min(keys);
        next = (n..upto).map(|n| put(1, n as u32, key(n, keys))).collect();
        n = upto;
    }
}

struct Report {
    name: String,
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

/// `clients` at once, each with one call after the other, for so many seconds.
async fn measure(
    name: &str,
    clients: usize,
    client: &IndexClient,
    make: impl Fn(&mut SeededRng, u32) -> IndexCall + Clone + 'static,
) -> Report {
    let end = Instant::now() + Duration::from_secs(setting("STRATOCELL_BENCH_SECONDS", 3));
    let times = Rc::new(RefCell::new(Vec::new()));
    let number = Rc::new(Cell::new(0_u32));
    let began = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|c| {
            let (client, make, times, number) = (client.clone(), make.clone(), times.clone(), number.clone());
            tokio::task::spawn_local(async move {
                let mut rng = SeededRng::new(c as u64);
                while Instant::now() < end {
                    number.set(number.get() + 1);
                    let call = make(&mut rng, number.get());
                    let sent = Instant::now();
                    client.call(call).await.expect("an answer");
                    times.borrow_mut().push(sent.elapsed());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    let took = began.elapsed();
    let mut times = times.borrow_mut();
    times.sort_unstable();
    let at = |q: usize| times.get(times.len() * q / 100).copied().unwrap_or_default();
    Report { name: format!("{name}, {clients}"), per_second: times.len() as f64 / took.as_secs_f64(), p50: at(50), p99: at(99) }
}

fn list(prefix: String, delimiter: &str, after: String) -> IndexCall {
    let query = ListQuery { prefix, delimiter: delimiter.into(), after, limit: 1000, whole: false, bucket: None };
    IndexCall::List { bucket: "b".into(), query }
}

async fn rows(client: IndexClient, keys: u64) {
    let session = async |owner: &str| match client.call(IndexCall::OpenSession { owner: owner.into() }).await {
        Ok(IndexAnswer::Session { id, .. }) => id.0,
        other => panic!("{other:?}"),
    };
    println!("{:<34} {:>12} {:>12} {:>12}", "call, clients", "a second", "p50", "p99");
    let print = |r: Report| println!("{:<34} {:>12.0} {:>12?} {:>12?}", r.name, r.per_second, r.p50, r.p99);
    for clients in [1, 64] {
        let s = session(&format!("new{clients}")).await;
        print(measure("Put, new keys", clients, &client, move |_, n| put(s, n, format!("new{clients}/{n}"))).await);
        let s = session(&format!("old{clients}")).await;
        let over = move |rng: &mut SeededRng, n| put(s, n, key(rng.below(keys), keys));
        print(measure("Put, over old ones", clients, &client, over).await);
        let find = move |rng: &mut SeededRng, _| {
            let (bucket, key) = ("b".to_owned(), key(rng.below(keys), keys));
            IndexCall::Lookup { bucket, known: 1, key, version: None }
        };
        print(measure("Lookup", clients, &client, find).await);
        let from = move |rng: &mut SeededRng, _| list(String::new(), "", key(rng.below(keys), keys));
        print(measure("List a page of 1000", clients, &client, from).await);
        let groups = move |_: &mut SeededRng, _| list("d".into(), "/", String::new());
        print(measure("List 1000 common prefixes", clients, &client, groups).await);
    }
}

fn main() {
    let keys = setting("STRATOCELL_INDEX_KEYS", 1_000_000);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("index-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    if let Ok(sizes) = std::env::var("STRATOCELL_INDEX_SCALE") {
        let mut calls = setup();
        calls.push(put(1, 0, "0".into()));
        sizes.split(',').for_each(|keys| scale::run(&dir, keys.trim().parse().expect("a number of keys"), &calls));
        return std::fs::remove_dir_all(&dir).expect("it was ours");
    }
    if shards::run_all(&dir) {
        std::fs::remove_dir_all(&dir).expect("it was ours");
        return;
    }
    let (path, socket) = (dir.join("index.db"), dir.join("index-a.sock"));
    let began = Instant::now();
    fill(&path, keys);
    println!("{keys} keys made in {:.1?}, {} MB", began.elapsed(), std::fs::metadata(&path).map_or(0, |m| m.len() >> 20));
    let options = IndexOptions {
        identity: identity(&dir, "index-a"),
        sockets: vec![socket.clone()],
        position: 0,
        store: StoreFile { path, fsync: true },
        collector: CollectorOptions::usual(),
        split: SplitOptions::never(),
    };
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(LocalSet::new().run_until(run(options, NoNodes))).expect("it serves");
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(LocalSet::new().run_until(rows(IndexClient::new(&identity(&dir, "gateway"), [socket]), keys)));
    std::fs::remove_dir_all(&dir).expect("it was ours");
}
