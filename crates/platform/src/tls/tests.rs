//! Who is served and who is not, over both kinds of RPC; renewal under traffic.

use super::*;
use crate::SimClock;
use crate::bulk::{self, BulkClient, Parcel};
use crate::rpc::{self, Client, Router, RpcError};
use std::os::unix::fs::PermissionsExt;
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::{LocalSet, spawn_local};

wire::method!(Name, "test/Name", u32 => String);
wire::method!(Push, "test/Push", u32 => u32);

const PATIENCE: Duration = Duration::from_secs(30);

/// A directory with its authority, by a clock that stands.
struct World {
    temporary: tempfile::TempDir,
    dir: DataDir,
    clock: SimClock,
    authority: Authority,
}

impl World {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let (dir, clock) = (DataDir::new(temporary.path()), SimClock::default());
        let authority = Authority::open(&dir, "us-east-1", LEAF_LIFE, Arc::new(clock.clone())).unwrap();
        crate::disk::create_private_dir(&dir.run()).unwrap();
        Self { temporary, dir, clock, authority }
    }

    fn identity(&self, process: &str) -> Identity {
        self.identity_at(process, &self.clock)
    }

    fn identity_at(&self, process: &str, clock: &SimClock) -> Identity {
        self.authority.issue([process]).unwrap();
        Identity::open_with(&self.dir, process, Frames::Kernel, Arc::new(clock.clone())).unwrap()
    }

    /// A cell's RPC server, and a storage node's: both for the control plane, and one method for cells.
    fn serve(&self) -> [Identity; 2] {
        let (cell, node) = (self.identity("cell-a1"), self.identity("storage-a1"));
        let router = Router::new()
            .on::<Push, _, _>(&[Role::ControlPlane.any()], |n| async move { Ok(n + 1) })
            .on_from::<Name, _, _>(&[Role::ControlPlane.any(), Role::Agent.only("a1-h1")], |peer, _| async move {
                Ok(peer.to_string())
            });
        spawn_local(rpc::serve(rpc::bind(&self.dir.socket("cell-a1")).unwrap(), cell.clone(), router));
        let listener = rpc::bind(&self.dir.socket("storage-a1")).unwrap();
        let me = node.clone();
        spawn_local(async move {
            bulk::serve(listener, me, &[Role::ControlPlane.any()], |_, call: Parcel| async move { Ok(call) }).await;
        });
        [cell, node]
    }

    /// One call of each kind.
    async fn calls(&self, me: &Identity) -> [Result<(), RpcError>; 2] {
        let rpc = Client::new(me, self.dir.socket("cell-a1")).call::<Push>(&1, PATIENCE).await;
        let bulk = BulkClient::new(me, self.dir.socket("storage-a1")).call(Parcel::default(), PATIENCE).await;
        [rpc.map(drop), bulk.map(drop)]
    }

    /// Neither is served, both servers count why, and it is certain that nothing happened.
    async fn refused(&self, servers: &[Identity; 2], me: &Identity, why: Refusal) {
        let before: Vec<u64> = servers.iter().map(|s| count(s, why)).collect();
        for outcome in self.calls(me).await {
            let e = outcome.unwrap_err();
            assert!(matches!(e, RpcError::Untrusted { .. }) && e.is_definite(), "{why:?}: {e}");
        }
        for (server, before) in servers.iter().zip(before) {
            counted(server, why, before + 1).await;
        }
    }
}

fn count(server: &Identity, why: Refusal) -> u64 {
    server.refused().into_iter().find(|(r, _)| *r == why).unwrap().1
}

/// A client may know before the server does.
async fn counted(server: &Identity, why: Refusal, expected: u64) {
    let reached = async {
        while count(server, why) < expected {
            tokio::task::yield_now().await;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, reached).await;
    assert_eq!(count(server, why), expected, "{why:?} of {:?}", server.refused());
}

fn all_served(outcomes: [Result<(), RpcError>; 2]) {
    outcomes.into_iter().for_each(|o| o.unwrap());
}

#[tokio::test]
async fn the_right_role_is_served_and_no_other() {
    let w = World::new();
    LocalSet::new()
        .run_until(async {
            let servers = w.serve();
            all_served(w.calls(&w.identity("control-plane")).await);
            for other in ["gateway", "edge", "cell-a1", "cell-b1", "storage-a1", "agent-a1-h2"] {
                w.refused(&servers, &w.identity(other), Refusal::Role).await;
            }
            // The operator may ask every server what it refused, and nothing else here.
            let operator = Client::new(&w.identity("operator"), w.dir.socket("cell-a1"));
            assert_eq!(operator.call::<Push>(&0, PATIENCE).await.unwrap_err().code(), "not-permitted");
            // One of a role, and only for its method.
            let agent = Client::new(&w.identity("agent-a1-h1"), w.dir.socket("cell-a1"));
            assert_eq!(agent.call::<Name>(&0, PATIENCE).await.unwrap(), "agent-a1-h1");
            assert_eq!(agent.call::<Push>(&0, PATIENCE).await.unwrap_err().code(), "not-permitted");
            assert_eq!(agent.call::<Name>(&0, PATIENCE).await.unwrap(), "agent-a1-h1");
        })
        .await;
}

#[tokio::test]
async fn leaves_count_while_they_are_valid_and_clocks_may_differ_a_little() {
    let w = World::new();
    LocalSet::new()
        .run_until(async {
            let servers = w.serve();
            let skewed = |ms: u64| {
                let clock = SimClock::default();
                clock.advance_ms(ms);
                let authority = Authority::open(&w.dir, "us-east-1", LEAF_LIFE, Arc::new(clock.clone())).unwrap();
                authority.issue(["control-plane"]).unwrap();
                Identity::open_with(&w.dir, "control-plane", Frames::Kernel, Arc::new(clock)).unwrap()
            };
            let skew_ms = SKEW.as_millis() as u64;
            all_served(w.calls(&skewed(skew_ms)).await);
            w.refused(&servers, &skewed(skew_ms + 1000), Refusal::NotValidNow).await;
            // Issued now; the servers' clocks go on and their leaves are new, the client's stands still.
            let stays = w.identity_at("control-plane", &SimClock::default());
            let life_ms = LEAF_LIFE.as_millis() as u64;
            w.clock.advance_ms(life_ms - 1);
            w.authority.issue(["cell-a1", "storage-a1"]).unwrap();
            // It does not believe them either, by its clock: what is to be seen is the servers' judgement.
            for outcome in w.calls(&stays).await {
                assert!(matches!(outcome.unwrap_err(), RpcError::Untrusted { .. }));
            }
            let clock = SimClock::default();
            let expired = w.identity_at("control-plane", &clock);
            let old = std::fs::read(w.dir.leaf("control-plane")).unwrap();
            let (before, _) = super::read(&w.dir.leaf("control-plane")).unwrap();
            w.clock.advance_ms(life_ms + 2000);
            clock.advance_ms(2 * life_ms + 2000);
            std::fs::write(w.dir.leaf("control-plane"), old).unwrap();
            w.authority.issue(["cell-a1", "storage-a1"]).unwrap();
            assert_eq!(expired.turn(), before.validity.to_s, "there is no other leaf");
            w.refused(&servers, &expired, Refusal::NotValidNow).await;
        })
        .await;
}

#[tokio::test]
async fn another_authority_none_and_plain_text_are_refused() {
    let (w, other) = (World::new(), World::new());
    LocalSet::new()
        .run_until(async {
            let servers = w.serve();
            // The enemy believes our authority, and its own leaf is another's.
            let theirs = other.identity("control-plane");
            let text = std::fs::read_to_string(other.dir.leaf("control-plane")).unwrap();
            let (own, _) = text.rsplit_once("-----BEGIN CERTIFICATE").unwrap();
            let ours = std::fs::read_to_string(w.dir.leaf("cell-a1")).unwrap();
            let (_, authority) = ours.rsplit_once("-----BEGIN CERTIFICATE").unwrap();
            std::fs::write(w.dir.leaf("control-plane"), format!("{own}-----BEGIN CERTIFICATE{authority}")).unwrap();
            let enemy = Identity::open_with(&w.dir, "control-plane", Frames::Kernel, Arc::new(w.clock.clone())).unwrap();
            w.refused(&servers, &enemy, Refusal::OtherAuthority).await;
            // One that believes only its own authority does not go on, and the servers hear that.
            w.refused(&servers, &theirs, Refusal::Distrusted).await;

            let mut roots = RootCertStore::empty();
            roots.add(super::read(&w.dir.leaf("cell-a1")).unwrap().1).unwrap();
            let bare = ClientConfig::builder_with_details(Arc::new(provider()), w.identity("operator").0.current.clone())
                .with_protocol_versions(&[&rustls::version::TLS13])
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
            for (server, process) in servers.iter().zip(["cell-a1", "storage-a1"]) {
                let name = Peer::new(process, "us-east-1").unwrap().dns_name().try_into().unwrap();
                let stream = UnixStream::connect(w.dir.socket(process)).await.unwrap();
                let mut tls = tokio_rustls::TlsConnector::from(Arc::new(bare.clone())).connect(name, stream).await.unwrap();
                assert!(tls.read_u8().await.is_err());
                counted(server, Refusal::NoCertificate, 1).await;
                let mut stream = UnixStream::connect(w.dir.socket(process)).await.unwrap();
                stream.write_all(b"POST /test/Push HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n1").await.unwrap();
                let mut answer = Vec::new();
                let _ = stream.read_to_end(&mut answer).await;
                assert!(answer.len() < 16, "an alert at most: {answer:?}");
                counted(server, Refusal::NotTls, 1).await;
            }
            all_served(w.calls(&w.identity("control-plane")).await);
        })
        .await;
}

#[tokio::test]
async fn a_client_talks_to_nobody_but_the_process_it_means() {
    let w = World::new();
    LocalSet::new()
        .run_until(async {
            let me = w.identity("control-plane");
            let router = Router::new().on::<Push, _, _>(&[Role::ControlPlane.any()], |n| async move { Ok(n) });
            // Cell b1 has taken the socket of a1.
            spawn_local(rpc::serve(rpc::bind(&w.dir.socket("cell-a1")).unwrap(), w.identity("cell-b1"), router));
            let e = Client::new(&me, w.dir.socket("cell-a1")).call::<Push>(&1, PATIENCE).await.unwrap_err();
            assert!(matches!(&e, RpcError::Untrusted { cause, .. } if cause.contains("not valid for name")), "{e}");
            let e = Client::new(&me, w.dir.socket("nobody")).call::<Push>(&1, PATIENCE).await.unwrap_err();
            assert!(matches!(e, RpcError::Untrusted { .. }), "{e}");
        })
        .await;
}

#[tokio::test]
async fn renewal_under_traffic_loses_no_call() {
    let w = World::new();
    let names = ["control-plane", "cell-a1", "storage-a1"];
    LocalSet::new()
        .run_until(async {
            let servers = w.serve();
            let me = w.identity("control-plane");
            let rpc = Client::new(&me, w.dir.socket("cell-a1"));
            let bulk = BulkClient::new(&me, w.dir.socket("storage-a1"));
            let (done, mut seen) = tokio::sync::watch::channel(0_u64);
            let done = Rc::new(done);
            for n in 0..4_u32 {
                let (rpc, bulk, done) = (rpc.clone(), bulk.clone(), done.clone());
                spawn_local(async move {
                    loop {
                        assert_eq!(rpc.call::<Push>(&n, PATIENCE).await.unwrap(), n + 1);
                        let call = Parcel { head: vec![n as u8].into(), payload: vec![0; 1000].into() };
                        assert_eq!(bulk.call(call.clone(), PATIENCE).await.unwrap(), call);
                        done.send_modify(|d| *d += 1);
                    }
                });
            }
            let mut turns = std::collections::BTreeSet::new();
            for _ in 0..6 {
                w.clock.advance_ms(LEAF_LIFE.as_millis() as u64 / 2 + 1000);
                w.authority.issue(names).unwrap();
                let now = *seen.borrow();
                tokio::time::timeout(PATIENCE, seen.wait_for(|d| *d > now + 40)).await.unwrap().unwrap();
                turns.insert(me.turn());
            }
            assert_eq!(turns.len(), 6, "each leaf was taken up");
            assert!(servers.iter().all(|s| s.refused().iter().all(|(_, n)| *n == 0)), "{:?}", servers[0].refused());
        })
        .await;
}

#[tokio::test]
async fn a_connection_ends_with_its_leaf() {
    let w = World::new();
    LocalSet::new()
        .run_until(async {
            w.serve();
            let me = w.identity("control-plane");
            w.clock.advance_ms(LEAF_LIFE.as_millis() as u64 - 20);
            w.authority.issue(["cell-a1", "storage-a1"]).unwrap();
            for process in ["cell-a1", "storage-a1"] {
                let mut stream = me.connect(&w.dir.socket(process)).await.unwrap();
                let read = async {
                    match stream.frames {
                        Frames::Tls => stream.tls.read(&mut [0]).await,
                        Frames::Kernel => stream.into_socket().read(&mut [0]).await,
                    }
                };
                let ended = tokio::time::timeout(PATIENCE, read).await.expect("the server hangs up");
                assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
            }
        })
        .await;
}

#[test]
fn there_is_one_authority_and_its_files_are_private() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = DataDir::new(temporary.path());
    let barrier = std::sync::Barrier::new(8);
    let make = || {
        barrier.wait();
        let authority = Authority::open(&dir, "us-east-1", LEAF_LIFE, Arc::new(SystemClock::new())).unwrap();
        authority.issue(["gateway"]).unwrap();
        authority.fingerprint().unwrap()
    };
    let prints: Vec<String> = std::thread::scope(|s| {
        let threads: Vec<_> = (0..8).map(|_| s.spawn(make)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(prints.iter().all(|p| *p == prints[0] && p.len() == 64));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&dir.tls()), mode(&dir.authority()), mode(&dir.leaf("gateway"))), (0o700, 0o600, 0o600));
    assert_eq!(std::fs::read_dir(dir.tls()).unwrap().count(), 2, "nothing is left beside them");
    Identity::open(&dir, "gateway").unwrap();
    assert!(Identity::open(&dir, "edge").unwrap_err().is_missing());
    std::fs::copy(dir.leaf("gateway"), dir.leaf("edge")).unwrap();
    assert!(matches!(Identity::open(&dir, "edge"), Err(TlsError::Name { .. })));
    std::fs::write(dir.authority(), b"").unwrap();
    assert!(
        Authority::open(&dir, "us-east-1", LEAF_LIFE, Arc::new(SystemClock::new())).is_err(),
        "not made anew over a broken one"
    );
}

#[tokio::test]
async fn the_authority_renews_by_itself() {
    let w = World::new();
    let life = Duration::from_secs(2);
    let authority = Authority::open(&w.dir, "us-east-1", life, Arc::new(SystemClock::new())).unwrap();
    authority.issue(["gateway"]).unwrap();
    let me = Identity::open(&w.dir, "gateway").unwrap();
    let first = me.turn();
    let renewing = tokio::spawn(authority.keep_renewing(vec!["gateway".to_owned()]));
    let renewed = async {
        while me.turn() == first {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, renewed).await.unwrap();
    renewing.abort();
    drop(w.temporary);
}
