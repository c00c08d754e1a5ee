//! A region's S3 in one process: three storage nodes in three zones, one index, one gateway, all on sockets in a
//! temporary directory; and a small client that signs. No control plane: keys are pushed as it would push them.
//!
//! Not here: what is asked and expected (the other modules).

use aws_protocol::s3::checksum::{Algorithm, Checksum};
use aws_protocol::sigv4::{BodyHash, Credentials, HttpRequest, presign, sign};
use objectstore::data::{BulkNodes, DataClient, DataOptions};
use objectstore::index::{CollectorOptions, IndexOptions, SplitOptions, StoreFile};
use std::sync::Arc;

use objectstore::node::NodeOptions;
use platform::Identity;
use platform::rpc::Client;
use platform::{Clock, DataDir, Settings, SystemClock};
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::identity::{IdentityPush, PushIdentity};

pub const REGION: &str = "us-east-1";
pub const MAIN_ACCOUNT: &str = "123456789012";
pub const ALT_ACCOUNT: &str = "210987654321";
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Main,
    Alt,
    /// A user `user` of the main account, with the policy of [`World::user`].
    User,
    Nobody,
    /// A key that does not exist.
    Stranger,
    /// The main account's key with another secret.
    Forger,
}

impl Who {
    fn credentials(self) -> Option<Credentials> {
        let (key, secret) = match self {
            Self::Main => ("AKIAMAIN000000000000", "main/secret"),
            Self::Alt => ("AKIAALT0000000000000", "alt/secret"),
            Self::User => ("AKIAUSER000000000000", "user/secret"),
            Self::Nobody => return None,
            Self::Stranger => ("AKIASTRANGER00000000", "main/secret"),
            Self::Forger => ("AKIAMAIN000000000000", "other"),
        };
        Some(Credentials { access_key: key.to_owned(), secret_key: secret.to_owned(), session_token: None })
    }
}

pub struct World {
    pub dir: DataDir,
    /// KMS's.
    pub root: ::kms::RootKey,
    pub port: u16,
    /// Of the identities that were pushed.
    generation: std::cell::Cell<u64>,
    _temp: tempfile::TempDir,
}

/// Runs `test` against a region of its own. `aws_defaults`: new buckets as AWS makes them since April 2023.
pub fn with_world<F: Future<Output = ()>>(aws_defaults: bool, test: impl FnOnce(World) -> F) {
    with_settings(serde_json::json!({"aws_defaults": aws_defaults}), test);
}

/// The same with other settings of S3.
pub fn with_settings<F: Future<Output = ()>>(s3: serde_json::Value, test: impl FnOnce(World) -> F) {
    with_audit(s3, serde_json::json!({"mib_max": 1024}), test);
}

/// The same with other settings of the audit trail, too.
pub fn with_audit<F: Future<Output = ()>>(s3: serde_json::Value, audit: serde_json::Value, test: impl FnOnce(World) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let temp = tempfile::tempdir().expect("a directory");
        let dir = DataDir::new(temp.path());
        std::fs::create_dir(dir.run()).expect("the directory of sockets");
        let storage = ["a", "b", "c"].map(|az| serde_json::json!({"id": format!("{az}1"), "az": format!("{REGION}{az}")}));
        let settings: Settings = serde_json::from_value(serde_json::json!({
            "format": 1, "region": REGION, "port": 0, "cells": [], "edge_underlay": "127.64.0.1",
            "public_pool": "198.18.0.0/24", "account": MAIN_ACCOUNT, "s3": s3, "audit": audit,
            "storage": storage,
        }))
        .expect("settings");
        settings.save(&dir).expect("the settings are saved");
        let region = ["gateway", "control-plane", "s3-worker", "index-a", "storage-a1", "storage-b1", "storage-c1", "operator"];
        platform::tls::testing::issue(&dir, region);
        let identity = |process: &str| Identity::open(&dir, process).expect("an identity");
        let root = ::kms::RootKey::generate().expect("a root key");
        platform::root_key::create(&dir, &root.to_file(None).expect("its text")).expect("the root key is saved");
        for node in &settings.storage {
            let others = settings.storage.iter().filter(|s| s.id != node.id);
            tokio::task::spawn_local(objectstore::node::run_with(NodeOptions {
                identity: identity(&format!("storage-{}", node.id)),
                dir: dir.storage(&node.id),
                socket: dir.storage_socket(&node.id),
                id: node.id.clone(),
                topology: gateway::object_topology(&settings),
                peers: others.map(|s| (s.id.clone(), dir.storage_socket(&s.id))).collect(),
                limit_bytes: None,
                scrub: Default::default(),
                repair: Default::default(),
            }));
        }
        let index = IndexOptions {
            identity: identity("index-a"),
            sockets: vec![dir.index_socket("a")],
            position: 0,
            // A test's data need not outlive the machine.
            store: StoreFile { path: dir.store("index"), fsync: false },
            collector: CollectorOptions::usual(),
            split: SplitOptions::usual(),
        };
        let topology = Arc::new(gateway::object_topology(&settings));
        let sockets = topology.nodes().iter().map(|n| dir.storage_socket(&n.id)).collect();
        let nodes = DataClient::new(topology, BulkNodes::new(&index.identity, sockets), DataOptions::default());
        tokio::task::spawn_local(objectstore::index::run(index, nodes));
        let gateway = tokio::task::spawn_local(gateway::run(dir.clone()));
        let control = Client::new(&identity("control-plane"), dir.socket("gateway"));
        let limit = Instant::now() + START_TIMEOUT;
        while let Err(e) = control.call::<PushIdentity>(&identities(1, None), Duration::from_secs(1)).await {
            assert!(Instant::now() < limit && !gateway.is_finished(), "the gateway does not start: {e}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let port = std::fs::read_to_string(dir.run().join("gateway.port")).expect("a port").trim().parse().expect("a number");
        let world = World { dir, root, port, generation: std::cell::Cell::new(1), _temp: temp };
        while world.ask(get("/")).await.status != 200 {
            assert!(Instant::now() < limit, "the index does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        test(world).await;
    });
}

impl World {
    /// Gives [`Who::User`] this policy and an MFA device.
    pub async fn user_with_device(&self, document: &str, device: wire::identity::Device) {
        let generation = self.generation.get() + 1;
        self.generation.set(generation);
        let mut parts = identities(generation, Some(document)).parts;
        let user = parts.iter_mut().flat_map(|p| &mut p.entities).find(|e| e.name == "user").expect("the user");
        user.devices.push(device);
        let push = gateway::identity::testing::sealed(generation, Vec::new(), parts);
        let control = Client::new(&self.identity("control-plane"), self.dir.socket("gateway"));
        control.call::<PushIdentity>(&push, Duration::from_secs(5)).await.expect("the gateway takes the device");
    }
}

/// Both accounts' root users, and the user with its document.
fn identities(generation: u64, user: Option<&str>) -> IdentityPush {
    let credentials = |who: Who| who.credentials().expect("a key");
    let keys = [Who::Main, Who::Alt, Who::User].map(credentials);
    let rows = [(MAIN_ACCOUNT, "", ""), (ALT_ACCOUNT, "", ""), (MAIN_ACCOUNT, "user", user.unwrap_or_default())];
    let rows: Vec<_> = rows
        .iter()
        .zip(&keys)
        .filter(|((_, name, _), _)| name.is_empty() || user.is_some())
        .map(|((account, name, document), key)| (*account, *name, key.access_key.as_str(), key.secret_key.as_str(), *document))
        .collect();
    gateway::identity::testing::push(generation, &rows)
}

/// A request to be. Path and query are as they go over the wire.
#[derive(Debug, Clone)]
pub struct Req {
    pub method: &'static str,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub who: Who,
    pub presigned: Option<u64>,
}

fn request(method: &'static str, target: impl Into<String>) -> Req {
    let target = target.into();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Req {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        who: Who::Main,
        presigned: None,
    }
}

pub fn get(target: impl Into<String>) -> Req {
    request("GET", target)
}

pub fn head(target: impl Into<String>) -> Req {
    request("HEAD", target)
}

pub fn delete(target: impl Into<String>) -> Req {
    request("DELETE", target)
}

pub fn options(target: impl Into<String>) -> Req {
    request("OPTIONS", target)
}

pub fn put(target: impl Into<String>, body: impl Into<Vec<u8>>) -> Req {
    Req { body: body.into(), ..request("PUT", target) }
}

pub fn post(target: impl Into<String>, body: impl Into<Vec<u8>>) -> Req {
    Req { body: body.into(), ..request("POST", target) }
}

impl Req {
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn by(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    /// Signed in the query, for so many seconds.
    pub fn presigned(mut self, seconds: u64) -> Self {
        self.presigned = Some(seconds);
        self
    }

    /// With the body's Content-MD5, which some operations insist on.
    pub fn md5(self) -> Self {
        let md5 = Checksum::of(Algorithm::Md5, &self.body).to_base64();
        self.with("content-md5", md5)
    }

    /// As it goes over the wire to `host`.
    pub fn bytes(&self, host: &str) -> Vec<u8> {
        let given: Vec<(&str, &str)> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let host = given.iter().find(|(n, _)| *n == "host").map_or(host, |(_, v)| v);
        let mut headers = vec![("host", host)];
        headers.extend(given.iter().copied().filter(|(n, _)| *n != "host"));
        let http = HttpRequest { method: self.method, path: &self.path, query: &self.query, headers: &headers };
        let (mut query, mut added) = (self.query.clone(), Vec::new());
        let now = SystemClock::new().wall();
        match (self.who.credentials(), self.presigned) {
            (None, _) => {}
            (Some(who), Some(seconds)) => {
                let signed = HttpRequest { headers: &headers[..1], ..http };
                query = presign(&signed, &who, REGION, "s3", now, seconds);
            }
            (Some(who), None) => added = sign(&http, BodyHash::of(&self.body), &who, REGION, "s3", now),
        }
        let target = if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) };
        let mut out = format!("{} {target} HTTP/1.1\r\nconnection: close\r\n", self.method);
        if !self.body.is_empty() || matches!(self.method, "PUT" | "POST") {
            out.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        for (name, value) in headers.iter().copied().chain(added.iter().map(|(n, v)| (*n, v.as_str()))) {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut out = format!("{out}\r\n").into_bytes();
        out.extend_from_slice(&self.body);
        out
    }
}

#[derive(Debug)]
pub struct Res {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Res {
    pub fn parse(raw: &[u8]) -> Self {
        let end = raw.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(raw.len());
        let head = String::from_utf8_lossy(&raw[..end]);
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|l| l.split(' ').nth(1)).and_then(|s| s.parse().ok()).unwrap_or(0);
        let pairs = lines.filter_map(|l| l.split_once(':'));
        let headers = pairs.map(|(n, v)| (n.trim().to_ascii_lowercase(), v.trim().to_owned())).collect();
        Self { status, headers, body: raw.get(end + 4..).unwrap_or_default().to_vec() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The text of the first element of this name; empty: there is none.
    pub fn tag(&self, name: &str) -> String {
        self.tags(name).into_iter().next().unwrap_or_default()
    }

    pub fn tags(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let pieces = text.split(&format!("<{name}>")).skip(1).map(str::to_owned).collect::<Vec<_>>();
        let end = format!("</{name}>");
        pieces.iter().filter_map(|p| p.split_once(&end)).map(|(inside, _)| inside.to_owned()).collect()
    }

    /// The code of an error.
    pub fn code(&self) -> String {
        if self.status < 300 && !self.text().contains("<Error>") { String::new() } else { self.tag("Code") }
    }
}

impl World {
    pub fn identity(&self, process: &str) -> Identity {
        Identity::open(&self.dir, process).expect("an identity")
    }

    /// Gives [`Who::User`] this policy, in place of the one before.
    pub async fn user(&self, document: &str) {
        let generation = self.generation.get() + 1;
        self.generation.set(generation);
        let control = Client::new(&self.identity("control-plane"), self.dir.socket("gateway"));
        let push = identities(generation, Some(document));
        control.call::<PushIdentity>(&push, Duration::from_secs(5)).await.expect("the gateway takes the policy");
    }

    pub async fn ask(&self, request: Req) -> Res {
        Res::parse(&self.raw(&request.bytes(&format!("127.0.0.1:{}", self.port))).await)
    }

    /// Asks and wants success.
    pub async fn done(&self, request: Req) -> Res {
        let what = format!("{} {}?{}", request.method, request.path, request.query);
        let reply = self.ask(request).await;
        assert!((200..300).contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
        reply
    }

    /// The whole answer to raw bytes.
    pub async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let exchange = async {
            let mut s = TcpStream::connect(("127.0.0.1", self.port)).await.expect("the gateway listens");
            // The gateway may have answered and closed before all was sent.
            let _ = s.write_all(bytes).await;
            let mut out = Vec::new();
            let _ = s.read_to_end(&mut out).await;
            out
        };
        tokio::time::timeout(ANSWER_TIMEOUT, exchange).await.expect("an answer or a closed connection")
    }

    /// Rows of name, request, status, error code (empty: none). All are asked before the wrong ones are told.
    pub async fn table(&self, rows: Vec<(&str, Req, u16, &str)>) {
        let mut wrong = Vec::new();
        for (name, request, status, code) in rows {
            let reply = self.ask(request).await;
            let bodiless = reply.body.is_empty();
            if reply.status != status || (reply.code() != code && !bodiless) || (bodiless && status < 300 && !code.is_empty()) {
                wrong.push(format!("{name}: wanted {status} {code}, got {} {}", reply.status, reply.text()));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// An upload's id.
pub async fn start_upload(w: &World, target: &str, with: &[(&str, &str)]) -> String {
    let mut request = post(format!("{target}?uploads"), "");
    for (name, value) in with {
        request = request.with(name, *value);
    }
    w.done(request).await.tag("UploadId")
}

/// The document that completes an upload.
pub fn complete_xml(parts: &[(u32, &str)]) -> String {
    let one = |(n, etag): &(u32, &str)| format!("<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>");
    format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.iter().map(one).collect::<String>())
}
