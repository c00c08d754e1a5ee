//! The process of a storage node: takes its directory, serves its socket, ends when its disk fails.
//!
//! Directory (0700, files 0600): `node.json` whose it is, `lock` held while a process has it, `seg-N` and `seg-N.idx`. A file
//! `limit` beside them holds a number of bytes that the node's files may grow to (fault injection: `0` is a full disk); it is
//! read every second, and nothing limits the node but the file system when it is away.

use super::digest::{Digests, Placement};
use super::disk::{Disk, RealDisk};
use super::log::{Log, LogError, LogOptions, RESERVE_BYTES};
use super::recover::OpenError;
use super::repair::{Repair, RepairPace};
use super::scrub::ScrubPace;
use super::service::Service;
use crate::data::BulkNodes;
use crate::layout::{Node, Topology};
use crate::message::unpack;
use crate::permits;
use platform::bulk::Parcel;
use platform::clock::SystemClock;
use platform::rng::{Rng, SystemRng};
use platform::tls::{Identity, Peer};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use types::StorageId;

const NODE_FILE: &str = "node.json";
const NODE_FORMAT: u16 = 1;

#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// `storage-ID`
    pub identity: Identity,
    pub dir: PathBuf,
    pub socket: PathBuf,
    pub id: StorageId,
    pub topology: Topology,
    /// The other nodes' sockets.
    pub peers: Vec<(StorageId, PathBuf)>,
    /// The node's files together may grow to this; none: to what the file system has, but for the reserve.
    pub limit_bytes: Option<u64>,
    pub scrub: ScrubPace,
    pub repair: RepairPace,
}

#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error("{what}: {path}")]
    Directory { what: &'static str, path: PathBuf, source: io::Error },
    #[error("another process has {0}")]
    Taken(PathBuf),
    #[error("{path} belongs to the node {owner}")]
    Foreign { path: PathBuf, owner: StorageId },
    #[error("{0} has segments, but no node.json that says whose they are")]
    Nameless(PathBuf),
    #[error("{0} is not a valid node.json of this format")]
    BadNodeFile(PathBuf),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the node must start again: {0}")]
    Log(#[from] LogError),
    #[error("the node's directory was removed: {0}")]
    Gone(PathBuf),
    #[error("there is no storage node {0} in the settings")]
    Unknown(StorageId),
    #[error("socket {path} cannot be bound")]
    Bind { path: PathBuf, source: io::Error },
}

#[derive(Serialize, Deserialize)]
struct NodeFile {
    format: u16,
    id: StorageId,
    /// Mixed into every checksum.
    salt: u64,
}

/// A directory that this process has, alone.
#[derive(Debug)]
pub struct Home {
    pub disk: Arc<RealDisk>,
    pub salt: u64,
    _lock: File,
}

/// Takes the directory, or makes it.
pub fn take_home(dir: &Path, id: &StorageId, rng: &mut dyn Rng) -> Result<Home, NodeError> {
    let error = |what| move |source| NodeError::Directory { what, path: dir.to_owned(), source };
    platform::disk::create_private_dir(dir).map_err(error("it cannot be made"))?;
    let mut options = OpenOptions::new();
    let lock = options.create(true).truncate(false).write(true).mode(0o600).open(dir.join("lock"));
    let lock = lock.map_err(error("its lock cannot be made"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => return Err(NodeError::Taken(dir.to_owned())),
        Err(std::fs::TryLockError::Error(e)) => return Err(error("it cannot be locked")(e)),
    }
    let disk = Arc::new(RealDisk::new(dir).map_err(error("it cannot be opened"))?);
    let path = dir.join(NODE_FILE);
    let salt = match std::fs::read(&path) {
        Ok(raw) => {
            let file = serde_json::from_slice::<NodeFile>(&raw).ok().filter(|f| f.format == NODE_FORMAT);
            let file = file.ok_or(NodeError::BadNodeFile(path.clone()))?;
            if file.id != *id {
                return Err(NodeError::Foreign { path: dir.to_owned(), owner: file.id });
            }
            file.salt
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            if disk.list().map_err(error("it cannot be listed"))?.iter().any(|n| n.starts_with("seg-")) {
                return Err(NodeError::Nameless(dir.to_owned()));
            }
            let file = NodeFile { format: NODE_FORMAT, id: id.clone(), salt: rng.u64() };
            let raw = serde_json::to_vec(&file).map_err(|e| error("its node.json cannot be made")(e.into()))?;
            platform::disk::write_atomic(&path, &raw).map_err(error("its node.json cannot be written"))?;
            file.salt
        }
        Err(e) => return Err(error("its node.json cannot be read")(e)),
    };
    Ok(Home { disk, salt, _lock: lock })
}

/// The node's directory is looked after so often.
const WATCH_PERIOD: Duration = Duration::from_secs(1);

/// What the file `limit` says. None: there is none that can be understood.
fn limit_of(dir: &Path) -> Option<u64> {
    std::fs::read_to_string(dir.join("limit")).ok()?.trim().parse().ok()
}

/// Runs a node until its disk fails or its directory goes. Needs a `LocalSet`.
pub async fn run_with(options: NodeOptions) -> Result<(), NodeError> {
    let NodeOptions { identity, dir, socket, id, topology, peers, limit_bytes, scrub, repair } = options;
    let me = topology.position(&id).ok_or_else(|| NodeError::Unknown(id.clone()))?;
    let home = take_home(&dir, &id, &mut SystemRng::new())?;
    let placement = Placement { topology: Arc::new(topology), me };
    // What is kept free is a part of a small file system.
    let reserve_bytes = home.disk.total_bytes().map_or(RESERVE_BYTES, |total| RESERVE_BYTES.min(total / 20));
    let log_options = LogOptions { reserve_bytes, ..LogOptions::new(home.salt) };
    let log = Arc::new(Log::open(home.disk.clone(), log_options, Digests::new(placement.clone()))?);
    tracing::info!(node = %id, shards = log.state().live.len(), "the log is open");
    let bind = |source| NodeError::Bind { path: socket.clone(), source };
    let service = Service::start(log, Arc::new(SystemClock::new())).map_err(bind)?;
    let listener = platform::rpc::bind(&socket).map_err(bind)?;
    let answering = service.clone();
    let handler = move |peer: Rc<Peer>, parcel: Parcel, room| {
        let service = answering.clone();
        async move {
            let call = unpack(&parcel)?;
            permits::node(&peer, &call)?;
            service.carry_out(call, parcel.payload, room).await
        }
    };
    let socket_of = |n: &Node| peers.iter().find(|(peer, _)| *peer == n.id).map(|(_, s)| s.clone()).unwrap_or_default();
    let nodes = BulkNodes::new(&identity, placement.topology.nodes().iter().map(socket_of).collect());
    let repairing = Repair::new(service.clone(), placement, nodes, repair);
    let watched = service.log.clone();
    let gone = async {
        while !home.disk.is_gone() {
            watched.set_limit(limit_of(&dir).or(limit_bytes));
            tokio::time::sleep(WATCH_PERIOD).await;
        }
    };
    tokio::select! {
        () = platform::bulk::serve_with_rooms(listener, identity, &permits::NODE_CALLERS, handler) => Ok(()),
        () = repairing.run() => Ok(()),
        () = super::scrub::scrub(service.clone(), scrub) => Ok(()),
        e = super::scrub::compact(service.clone(), scrub) => Err(e.into()),
        e = service.failure() => Err(e.into()),
        () = gone => Err(NodeError::Gone(dir.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{BlobId, ChunkId, SessionId, ShardId};
    use crate::layout::Layout;
    use crate::message::{NodeAnswer, NodeCall, node_code, pack, unpack};
    use bytes::Bytes;
    use platform::bulk::BulkClient;
    use platform::rpc::RpcError;
    use platform::tls::testing::identity;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixStream;

    fn shard(number: u32) -> ShardId {
        let blob = BlobId { session: SessionId(1), number };
        ShardId { chunk: ChunkId { blob, index: 0 }, shard: 0, layout: Layout::REPLICATED }
    }

    fn options(dir: &Path) -> NodeOptions {
        let id: StorageId = "a1".parse().unwrap();
        let topology = Topology::new(vec![Node { id: id.clone(), az: "us-east-1a".parse().unwrap() }]);
        NodeOptions {
            identity: identity(dir, "storage-a1"),
            dir: dir.join("a1"),
            socket: dir.join("storage-a1.sock"),
            id,
            topology,
            peers: Vec::new(),
            limit_bytes: None,
            scrub: ScrubPace::default(),
            repair: RepairPace::default(),
        }
    }

    async fn call(client: &BulkClient, call: &NodeCall, payload: Bytes) -> Result<(NodeAnswer, Bytes), RpcError> {
        let answer = client.call(pack(call, payload)?, Duration::from_secs(10)).await?;
        Ok((unpack(&answer)?, answer.payload))
    }

    #[tokio::test]
    async fn a_node_serves_and_comes_back_with_what_it_had() {
        let dir = tempfile::tempdir().unwrap();
        let local = tokio::task::LocalSet::new();
        let big = Bytes::from((0..1_048_700u32).map(|i| (i / 3) as u8).collect::<Vec<_>>());
        local
            .run_until(async {
                let node = tokio::task::spawn_local(run_with(options(dir.path())));
                while UnixStream::connect(dir.path().join("storage-a1.sock")).is_err() {
                    tokio::task::yield_now().await;
                    assert!(!node.is_finished());
                }
                let index = BulkClient::new(&identity(&dir, "index-a"), dir.path().join("storage-a1.sock"));
                let client = BulkClient::new(&identity(&dir, "gateway"), dir.path().join("storage-a1.sock"));
                let small = Bytes::from_static(b"hello");
                for (id, bytes) in [(1, &small), (2, &big), (1, &small)] {
                    let put = call(&client, &NodeCall::Put { shard: shard(id) }, bytes.clone()).await;
                    assert_eq!(put.unwrap().0, NodeAnswer::Done);
                }
                let other = call(&client, &NodeCall::Put { shard: shard(1) }, Bytes::from_static(b"HELLO")).await;
                assert_eq!(other.unwrap_err().code(), node_code::DIFFERENT);
                let get = |id, offset, length| NodeCall::Get { shard: shard(id), offset, length };
                let (answer, bytes) = call(&client, &get(2, 65_530, 20), Bytes::new()).await.unwrap();
                assert_eq!((answer, &bytes[..]), (NodeAnswer::Bytes { total: 1_048_700 }, &big[65_530..65_550]));
                assert_eq!(call(&client, &get(2, 0, u32::MAX), Bytes::new()).await.unwrap().1, big);
                let behind = call(&client, &get(1, 3, 3), Bytes::new()).await;
                assert_eq!(behind.unwrap_err().code(), node_code::BAD);
                let list = NodeCall::List { after: Some(shard(1)), limit: 9 };
                assert_eq!(call(&client, &list, Bytes::new()).await.unwrap_err().code(), "not-permitted");
                let list = call(&index, &list, Bytes::new()).await.unwrap();
                assert_eq!(list.0, NodeAnswer::Shards(vec![shard(2)]));
                call(&client, &NodeCall::Delete { shards: vec![shard(1), shard(3)] }, Bytes::new()).await.unwrap();
                for id in [1, 3] {
                    assert_eq!(call(&client, &get(id, 0, 1), Bytes::new()).await.unwrap_err().code(), node_code::NOT_FOUND);
                    let again = call(&client, &NodeCall::Put { shard: shard(id) }, small.clone()).await;
                    assert_eq!(again.unwrap_err().code(), node_code::DELETED);
                }
                let bad = ShardId { shard: 3, ..shard(1) };
                let bad = call(&client, &NodeCall::Has { shards: vec![bad] }, Bytes::new()).await;
                assert_eq!(bad.unwrap_err().code(), node_code::BAD);
                assert!(matches!(run_with(options(dir.path())).await, Err(NodeError::Taken(_))));
                node.abort();
                let _ = node.await;
            })
            .await;
        // The connections' tasks go with their set, and with them the last owners of the log.
        drop(local);
        let home = take_home(&dir.path().join("a1"), &"a1".parse().unwrap(), &mut SystemRng::new()).unwrap();
        let log = Log::open(home.disk.clone(), LogOptions::new(home.salt), Digests::default()).unwrap();
        assert_eq!(log.list(None, 10), [shard(2)]);
        assert_eq!(log.get(shard(2), 0, u32::MAX, 0).unwrap().0, big);
        for entry in std::fs::read_dir(dir.path().join("a1")).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        }
        assert_eq!(std::fs::metadata(dir.path().join("a1")).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_directory_belongs_to_one_node() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b): (StorageId, StorageId) = ("a1".parse().unwrap(), "b1".parse().unwrap());
        let salt = take_home(dir.path(), &a, &mut SystemRng::new()).unwrap().salt;
        assert!(matches!(take_home(dir.path(), &b, &mut SystemRng::new()), Err(NodeError::Foreign { .. })));
        assert_eq!(take_home(dir.path(), &a, &mut SystemRng::new()).unwrap().salt, salt);
        std::fs::write(dir.path().join("seg-00000001"), b"x").unwrap();
        std::fs::write(dir.path().join(NODE_FILE), b"{}").unwrap();
        assert!(matches!(take_home(dir.path(), &a, &mut SystemRng::new()), Err(NodeError::BadNodeFile(_))));
        std::fs::remove_file(dir.path().join(NODE_FILE)).unwrap();
        assert!(matches!(take_home(dir.path(), &a, &mut SystemRng::new()), Err(NodeError::Nameless(_))));
    }
}
