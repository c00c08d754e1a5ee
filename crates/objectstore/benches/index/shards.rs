//! How many changes a second an index of one shard takes, and one of several: three processes' worth of leaders, a thread
//! each, durable commits, many buckets.

use super::{measure, object, setting};
use objectstore::id::SessionId;
use objectstore::index::{CollectorOptions, IndexClient, IndexOptions, NoNodes, SplitOptions, StoreFile, run};
use objectstore::message::*;
use objectstore::record::*;
use platform::tls::testing::identity;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::task::LocalSet;
use types::TimestampMs;

const PROCESSES: usize = 3;
const BUCKETS: u64 = 64;

fn bucket(n: u64) -> BucketRecord {
    BucketRecord {
        id: BucketId(0),
        name: format!("bucket-{n}"),
        owner: "123456789012".parse().expect("an account"),
        created: TimestampMs(0),
        versioning: Versioning::Unversioned,
        mfa_delete: false,
        object_lock: false,
        documents: Default::default(),
    }
}

fn start(dir: &Path, shards: u32) -> Vec<PathBuf> {
    let sockets: Vec<PathBuf> = (0..PROCESSES).map(|n| dir.join(format!("index-{n}.sock"))).collect();
    for position in 0..PROCESSES {
        let options = IndexOptions {
            identity: identity(dir, &format!("index-{position}")),
            sockets: sockets.clone(),
            position,
            store: StoreFile { path: dir.join("index.db"), fsync: true },
            collector: CollectorOptions::usual(),
            split: SplitOptions { first_shards: shards, ..SplitOptions::never() },
        };
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(LocalSet::new().run_until(run(options, NoNodes))).expect("it serves");
        });
    }
    sockets
}

async fn one(client: IndexClient, shards: u32) {
    loop {
        match client.call(IndexCall::Status).await {
            Ok(IndexAnswer::Status(status)) if status.shards == shards => break,
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    for n in 0..BUCKETS {
        client.call(IndexCall::CreateBucket { bucket: bucket(n) }).await.expect("a bucket");
    }
    for clients in [1, 64, 256] {
        let session = match client.call(IndexCall::OpenSession { owner: format!("{shards} {clients}") }).await {
            Ok(IndexAnswer::Session { id, .. }) => id,
            other => panic!("{other:?}"),
        };
        let put = move |_: &mut platform::SeededRng, n: u32| IndexCall::Put {
            bucket: bucket(u64::from(n) % BUCKETS).name,
            session: SessionId(session.0),
            key: format!("new{clients}/{n}"),
            conditions: WriteConditions::default(),
            object: object(session.0, n),
            cause: Cause::default(),
        };
        let r = measure(&format!("Put, {shards} shards"), clients, &client, put).await;
        println!("{:<34} {:>12.0} {:>12?} {:>12?}", r.name, r.per_second, r.p50, r.p99);
    }
}

/// `STRATOCELL_INDEX_SHARDS=n`: with so many at first.
pub fn run_all(dir: &Path) -> bool {
    let shards = setting("STRATOCELL_INDEX_SHARDS", 0) as u32;
    if shards == 0 {
        return false;
    }
    let sockets = start(dir, shards);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(LocalSet::new().run_until(one(IndexClient::new(&identity(dir, "gateway"), sockets), shards)));
    true
}
