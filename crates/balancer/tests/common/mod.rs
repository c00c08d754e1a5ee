//! What the balancer's tests share: targets in this process, a balancer in front of them, clients that speak raw bytes.
#![allow(dead_code)]

use balancer::Balancer;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use wire::balancer::{BalancerConfig, BalancerStatus, TargetState, TargetStatus};

/// Nothing here takes longer; a test that waits for something waits so long for it.
pub const BOUND: Duration = Duration::from_secs(30);

/// Runs a test on one thread, as the balancer runs.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        tokio::time::timeout(Duration::from_secs(120), test).await.expect("the test hangs");
    });
}

/// Until a condition holds.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let end = tokio::time::Instant::now() + BOUND;
    while !condition() {
        assert!(tokio::time::Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// How a target answers.
#[derive(Default)]
pub struct Manners {
    /// Status of every answer but checks'.
    pub status: Cell<u16>,
    /// Status of answers to `/health`.
    pub health: Cell<u16>,
    /// Answers wait while this is true.
    pub hold: Cell<bool>,
    pub seen: RefCell<Vec<(String, BTreeMap<String, String>)>>,
    pub requests: Cell<u64>,
    pub connections: Cell<u64>,
    pub cookie: RefCell<Option<String>>,
}

pub struct Target {
    pub address: SocketAddr,
    pub manners: Rc<Manners>,
    tasks: Rc<RefCell<Vec<AbortHandle>>>,
}

impl Target {
    /// An HTTP/1 server that says who it is and what it was asked: its name, a space, the body.
    pub async fn start(name: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(name, listener)
    }

    pub async fn start_at(name: &'static str, address: SocketAddr) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        Self::serve(name, socket.listen(1024).unwrap())
    }

    fn serve(name: &'static str, listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let manners = Rc::new(Manners::default());
        manners.status.set(200);
        manners.health.set(200);
        let tasks: Rc<RefCell<Vec<AbortHandle>>> = Rc::default();
        let (m, t) = (manners.clone(), tasks.clone());
        let accept = tokio::task::spawn_local(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                m.connections.set(m.connections.get() + 1);
                let m = m.clone();
                let service = service_fn(move |request| answer(name, m.clone(), request));
                let task = tokio::task::spawn_local(async move {
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
                t.borrow_mut().push(task.abort_handle());
            }
        });
        tasks.borrow_mut().push(accept.abort_handle());
        Self { address, manners, tasks }
    }

    /// As `kill -9`: the port refuses, connections break.
    pub fn kill(&self) {
        self.tasks.borrow_mut().drain(..).for_each(|t| t.abort());
    }

    pub fn json(&self, id: &str) -> Value {
        json!({"id": id, "address": self.address.ip(), "port": self.address.port()})
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn answer(name: &'static str, m: Rc<Manners>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path() == "/health" {
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = m.health.get().try_into().unwrap();
        return Ok(answer);
    }
    m.requests.set(m.requests.get() + 1);
    let line = format!("{} {}", request.method(), request.uri());
    let text = |v: &hyper::header::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
    let headers = request.headers().iter().map(|(n, v)| (n.to_string(), text(v))).collect();
    m.seen.borrow_mut().push((line, headers));
    let body = request.into_body().collect().await.map(|b| b.to_bytes()).unwrap_or_default();
    while m.hold.get() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut answer = Response::new(Full::from([name.as_bytes(), b" ", &body].concat()));
    *answer.status_mut() = m.status.get().try_into().unwrap();
    if let Some(cookie) = &*m.cookie.borrow() {
        answer.headers_mut().insert("set-cookie", cookie.parse().unwrap());
    }
    Ok(answer)
}

/// A document with one HTTP listener on any port and a group `g` of these targets, checked at `/health` every five seconds.
pub fn document(targets: Vec<Value>) -> Value {
    json!({
        "format": 1, "generation": 1, "name": "app/test/0123456789abcdef",
        "listeners": [{"arn": "l", "protocol": "HTTP", "addresses": ["127.0.0.1"], "port": 0,
            "default_action": {"type": "forward", "groups": [{"group": "g"}]}}],
        "target_groups": [{"arn": "g", "protocol": "HTTP", "targets": targets,
            "health_check": {"path": "/health", "interval_seconds": 5, "timeout_seconds": 2, "healthy_threshold": 2, "unhealthy_threshold": 2}}]
    })
}

pub fn parse(document: &Value) -> BalancerConfig {
    serde_json::from_value(document.clone()).unwrap()
}

/// A balancer with a document, and where it listens.
pub fn start(document: &Value) -> (Balancer, SocketAddr) {
    let balancer = Balancer::new();
    balancer.apply(parse(document), None).unwrap();
    let address = balancer.status().listeners[0].addresses[0];
    (balancer, address)
}

pub fn targets(status: &BalancerStatus) -> Vec<TargetStatus> {
    status.target_groups.iter().flat_map(|g| g.targets.clone()).collect()
}

pub async fn all_healthy(balancer: &Balancer) {
    until("all targets are healthy", || targets(&balancer.status()).iter().all(|t| t.state == TargetState::Healthy)).await;
}

/// Sends bytes and reads until the other side ends or nothing comes for a while.
pub async fn raw(address: SocketAddr, bytes: &[u8], quiet: Duration) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The other side may end before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut out = Vec::new();
    let mut buffer = [0; 16 << 10];
    while let Ok(Ok(n)) = tokio::time::timeout(quiet, stream.read(&mut buffer)).await {
        if n == 0 {
            break;
        }
        out.extend_from_slice(&buffer[..n]);
    }
    out
}

/// A client with one kept connection.
pub struct Client {
    sender: hyper::client::conn::http1::SendRequest<Full<Bytes>>,
}

pub type Answer = (u16, hyper::HeaderMap, String);

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::task::spawn_local(connection);
        Self { sender }
    }

    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, hyper::Error> {
        let answer = self.sender.send_request(request).await?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok((parts.status.as_u16(), parts.headers, String::from_utf8_lossy(&body).into_owned()))
    }

    pub async fn is_open(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }
}

pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Full<Bytes>> {
    let mut b = Request::builder().method(method).uri(path).header("host", "a.example");
    for (n, v) in headers {
        b = b.header(*n, *v);
    }
    b.body(Full::from(body.to_owned())).unwrap()
}

/// One request on a connection of its own.
pub async fn ask(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    Client::connect(address).await.send(request(method, path, headers, body)).await.unwrap()
}

pub async fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, &[], "").await
}

/// Sends GETs over kept connections until told to stop; connects again when an answer says close. Returns (good, bad).
pub async fn load(address: SocketAddr, clients: usize, stop: Rc<Cell<bool>>) -> (u64, Vec<String>) {
    let (good, bad) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(Vec::new())));
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (good, bad, stop) = (good.clone(), bad.clone(), stop.clone());
        tasks.push(tokio::task::spawn_local(async move {
            let mut client = Client::connect(address).await;
            while !stop.get() {
                match client.send(request("GET", "/load", &[], "")).await {
                    Ok((200, headers, _)) => {
                        good.set(good.get() + 1);
                        if headers.get("connection").is_some_and(|c| c == "close") {
                            client = Client::connect(address).await;
                        }
                    }
                    Ok((status, headers, body)) => bad.borrow_mut().push(format!("{status} {headers:?} {body}")),
                    Err(e) => {
                        bad.borrow_mut().push(format!("{e:?}"));
                        client = Client::connect(address).await;
                    }
                }
                tokio::task::yield_now().await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let bad = bad.borrow().clone();
    (good.get(), bad)
}

/// An HTTP/2 server by prior knowledge that answers as gRPC does: the body back, then trailers.
pub async fn grpc_target(status: &'static str) -> (SocketAddr, AbortHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::task::spawn_local(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = service_fn(move |request: Request<Incoming>| async move {
                let te = request.headers().get("te").cloned();
                let collected = request.into_body().collect().await?;
                let mut trailers = hyper::HeaderMap::new();
                trailers.insert("grpc-status", status.parse().unwrap());
                if let Some(sent) = collected.trailers().and_then(|t| t.get("x-sent")) {
                    trailers.insert("x-back", sent.clone());
                }
                let mut answer = Response::new(Full::new(collected.to_bytes()).with_trailers(async move { Some(Ok(trailers)) }));
                answer.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
                if let Some(te) = te {
                    answer.headers_mut().insert("x-te", te);
                }
                Ok::<_, hyper::Error>(answer)
            });
            tokio::task::spawn_local(async move {
                let _ = hyper::server::conn::http2::Builder::new(Local).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (address, task.abort_handle())
}

#[derive(Clone, Copy)]
pub struct Local;

impl<F: Future + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}
