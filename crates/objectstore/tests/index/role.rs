//! Processes' shells over their sockets: one leads, and when it goes another takes over.

use crate::support::*;
use objectstore::id::SessionId;
use objectstore::index::{CallError, CollectorOptions, IndexClient, IndexOptions, NoNodes, SplitOptions, StoreFile, run};
use objectstore::message::*;
use objectstore::record::*;
use platform::tls::testing::identity;
use std::path::{Path, PathBuf};
use tokio::task::LocalSet;

pub fn sockets(dir: &Path) -> Vec<PathBuf> {
    ["a", "b", "c"].iter().map(|n| dir.join(format!("index-{n}.sock"))).collect()
}

pub fn options(dir: &Path, position: usize) -> IndexOptions {
    let store = StoreFile { path: dir.join("index.db"), fsync: false };
    let collector = CollectorOptions::usual();
    let split = SplitOptions::usual();
    let identity = identity(dir, ["index-a", "index-b", "index-c"][position]);
    IndexOptions { identity, sockets: sockets(dir), position, store, collector, split }
}

/// A client with every right.
pub fn index_client(dir: &Path) -> IndexClient {
    IndexClient::new(&identity(dir, "index-a"), sockets(dir))
}

pub async fn session(client: &IndexClient) -> SessionId {
    match client.call(IndexCall::OpenSession { owner: "gateway".into() }).await.unwrap() {
        IndexAnswer::Session { id, .. } => id,
        other => panic!("{other:?}"),
    }
}

/// A role in a thread of its own, with all its tasks: they end with it.
pub struct Running {
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    pub fn start(options: IndexOptions) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(LocalSet::new().run_until(async move {
                tokio::select! {
                    outcome = run(options, NoNodes) => outcome.unwrap(),
                    _ = stopped => {}
                }
            }));
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(std::thread::JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_none_or(|e| e.is_ok()));
    }
}

#[tokio::test]
async fn calls_travel_and_a_standby_takes_over() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().to_owned();
    let a = Running::start(options(&dir, 0));
    let _b = Running::start(options(&dir, 1));
    let client = index_client(&dir);
    let session = session(&client).await;
    client.call(IndexCall::CreateBucket { bucket: bucket("b") }).await.unwrap();
    client.call(put("b", session.0, "k", object("e1", blob(session.0, 1)))).await.unwrap();
    let taken = client.call(IndexCall::CreateBucket { bucket: bucket("b") }).await.unwrap_err();
    assert_eq!(taken, CallError::Refused(IndexError::BucketExists { owner: owner() }));
    let upload = UploadId::new(types::TimestampMs(T0), 1);
    client.call(IndexCall::CreateUpload { bucket: "b".into(), upload: upload_record(upload, "m") }).await.unwrap();
    client.call(put_part("b", session.0, "m", upload, part(1, "p1", blob(session.0, 2)))).await.unwrap();
    client.call(complete("b", session.0, "m", upload, &[(1, "p1")], "m-1")).await.unwrap();
    match client.call(list("b", query("", "", "", 10))).await.unwrap() {
        IndexAnswer::List(page) => {
            let keys: Vec<&str> = page.rows.iter().map(|l| l.unwrap().key).collect();
            assert_eq!((keys, page.next), (vec!["k", "m"], None));
        }
        other => panic!("{other:?}"),
    }
    drop(a);
    let fresh = index_client(&dir);
    match fresh.call(lookup("b", "k", None)).await.unwrap() {
        IndexAnswer::Lookup { found: Found::Version { record, .. }, .. } => assert_eq!(record.object.etag, "e1"),
        other => panic!("{other:?}"),
    }
    match fresh.call(IndexCall::Status).await.unwrap() {
        IndexAnswer::Status(status) => assert_eq!((status.leader, status.epoch, status.buckets), (true, 2, 1)),
        other => panic!("{other:?}"),
    }
    client.call(put("b", session.0, "k2", object("e2", blob(session.0, 3)))).await.unwrap();
    fresh.call(lookup("b", "k2", None)).await.unwrap();
}
