//! RPC between the roles: HTTP/1.1 in mutual TLS over a unix socket, JSON bodies, one POST a call.
//!
//! Both ends prove who they are ([`crate::tls`]), and each method names who may call it. Below that the socket is 0600 in a
//! 0700 directory, and a connection from another user (SO_PEERCRED) is refused. Methods are types ([`wire::Method`]); an
//! unknown method, an oversized body or a handler that takes too long is an error, never a hang. A failed call says whether
//! the request may have had its effect ([`RpcError::is_definite`]).

use crate::links::{LinkFault, SLOW_DELAY};
use crate::tls::{Caller, Frames, Identity, Peer, Refusal, Role};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use wire::Method;
use wire::supervisor::GetRefusals;

/// The largest request or reply.
pub const BODY_BYTES_MAX: usize = 64 << 20;
/// Connections that one server serves at once; further ones wait in the socket's backlog.
pub const CONNECTIONS_MAX: usize = 1024;
/// Idle connections that a client keeps.
const IDLE_MAX: usize = 32;

#[derive(Debug, Clone, thiserror::Error)]
pub enum RpcError {
    /// The request was not sent: nothing happened.
    #[error("{role} cannot be reached ({cause})")]
    Unreachable { role: String, cause: String },
    /// One of the two ends does not believe the other, or does not serve it: nothing happened.
    #[error("no trust between us and {role} ({cause})")]
    Untrusted { role: String, cause: String },
    /// The request was sent and no answer came: it may have happened.
    #[error("no answer from {role} ({cause})")]
    Unknown { role: String, cause: String },
    /// The peer refused or failed; `code` is a word for programs.
    #[error("{message} ({code})")]
    Remote { code: String, message: String },
}

impl RpcError {
    pub fn remote(code: &str, message: impl Into<String>) -> Self {
        Self::Remote { code: code.to_owned(), message: message.into() }
    }

    /// The request certainly had no effect, or the peer said why it failed.
    pub fn is_definite(&self) -> bool {
        !matches!(self, Self::Unknown { .. })
    }

    pub fn code(&self) -> &str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Untrusted { .. } => "untrusted",
            Self::Unknown { .. } => "unknown",
            Self::Remote { code, .. } => code,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Failure {
    code: String,
    message: String,
}

// ---------------------------------------------------------------------------------------------------------- client

/// Calls one role. Cheap to clone; keeps idle connections.
#[derive(Clone)]
pub struct Client {
    me: Identity,
    socket: Arc<PathBuf>,
    role: Arc<str>,
    idle: Arc<Mutex<Vec<Idle>>>,
}

type Sender = hyper::client::conn::http1::SendRequest<Full<Bytes>>;

struct Idle {
    sender: Sender,
    /// Of the leaf that it was made with.
    turn: i64,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.role)
    }
}

impl Client {
    /// Calls as `me` the process whose socket it is: `run/cell-a1.sock` must be answered by `cell-a1`.
    pub fn new(me: &Identity, socket: impl Into<PathBuf>) -> Self {
        let socket = socket.into();
        let role = socket.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        Self { me: me.clone(), socket: Arc::new(socket), role: role.into(), idle: Arc::default() }
    }

    /// One call, answered within `timeout` or failed. A tokio runtime with I/O and time must be running.
    pub async fn call<M: Method>(&self, request: &M::Request, timeout: Duration) -> Result<M::Reply, RpcError> {
        let body =
            serde_json::to_vec(request).map_err(|e| RpcError::Remote { code: "encode".to_owned(), message: e.to_string() })?;
        let reply = match tokio::time::timeout(timeout, self.exchange(M::NAME, Bytes::from(body))).await {
            Ok(reply) => reply?,
            Err(_) => return Err(self.unknown(format!("{} took longer than {timeout:?}", M::NAME))),
        };
        serde_json::from_slice(&reply).map_err(|e| self.unknown(format!("its answer to {} cannot be read: {e}", M::NAME)))
    }

    fn unknown(&self, cause: String) -> RpcError {
        RpcError::Unknown { role: self.role.to_string(), cause }
    }

    async fn exchange(&self, method: &str, body: Bytes) -> Result<Bytes, RpcError> {
        match self.me.links().to(&self.role) {
            None => {}
            Some(LinkFault::Slow) => tokio::time::sleep(SLOW_DELAY).await,
            // No answer and no refusal: what is sent there is lost, and the caller's time runs out.
            Some(LinkFault::Partition) => std::future::pending().await,
        }
        let (mut sender, turn) = self.connection().await?;
        let request = Request::post(format!("/{method}"))
            .header("host", "stratocell")
            .body(Full::new(body))
            .map_err(|e| RpcError::Remote { code: "encode".to_owned(), message: e.to_string() })?;
        let response = sender.send_request(request).await.map_err(|e| self.unknown(e.to_string()))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), BODY_BYTES_MAX)
            .collect()
            .await
            .map_err(|e| self.unknown(e.to_string()))?
            .to_bytes();
        let mut idle = self.idle.lock().unwrap_or_else(|e| e.into_inner());
        if idle.len() < IDLE_MAX {
            idle.push(Idle { sender, turn });
        }
        drop(idle);
        if status == StatusCode::OK {
            return Ok(body);
        }
        match serde_json::from_slice::<Failure>(&body) {
            Ok(r) => Err(RpcError::Remote { code: r.code, message: r.message }),
            Err(_) => Err(self.unknown(format!("HTTP status {status}"))),
        }
    }

    /// An idle connection that is still good, or a new one. A connection that the peer closed is never used: its request
    /// could have been lost with an unknown outcome. Nor is one of before our leaf was renewed.
    async fn connection(&self) -> Result<(Sender, i64), RpcError> {
        let turn = self.me.turn();
        loop {
            let Some(mut idle) = self.idle.lock().unwrap_or_else(|e| e.into_inner()).pop() else { break };
            if idle.turn == turn && !idle.sender.is_closed() && idle.sender.ready().await.is_ok() {
                return Ok((idle.sender, turn));
            }
        }
        let stream = self.me.connect(&self.socket).await.map_err(|e| e.for_role(&self.role))?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream.tls))
            .await
            .map_err(|e| RpcError::Unreachable { role: self.role.to_string(), cause: e.to_string() })?;
        tokio::spawn(connection);
        Ok((sender, turn))
    }
}

// ---------------------------------------------------------------------------------------------------------- server

type Handler = Rc<dyn Fn(Rc<Peer>, Bytes) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, RpcError>>>>>;

/// The methods that a role serves, each with who may call it. Handlers run on the role's own thread (`LocalSet`), so they may
/// hold `Rc` and `RefCell`.
#[derive(Default, Clone)]
pub struct Router {
    methods: Rc<HashMap<&'static str, (Vec<Caller>, Handler)>>,
}

impl Router {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn on<M: Method, F, Fut>(self, callers: &[Caller], handler: F) -> Self
    where
        F: Fn(M::Request) -> Fut + 'static,
        Fut: Future<Output = Result<M::Reply, RpcError>> + 'static,
    {
        self.on_from::<M, _, _>(callers, move |_, request| handler(request))
    }

    /// For a handler that wants to know who calls.
    pub fn on_from<M: Method, F, Fut>(mut self, callers: &[Caller], handler: F) -> Self
    where
        F: Fn(Rc<Peer>, M::Request) -> Fut + 'static,
        Fut: Future<Output = Result<M::Reply, RpcError>> + 'static,
    {
        let handler = Rc::new(handler);
        let boxed: Handler = Rc::new(move |peer, body: Bytes| {
            let handler = handler.clone();
            Box::pin(async move {
                let request =
                    serde_json::from_slice(&body).map_err(|e| RpcError::remote("bad-request", format!("{}: {e}", M::NAME)))?;
                let reply = handler(peer, request).await?;
                serde_json::to_vec(&reply).map_err(|e| RpcError::remote("encode", e.to_string()))
            })
        });
        Rc::make_mut(&mut self.methods).insert(M::NAME, (callers.to_vec(), boxed));
        self
    }

    /// Whoever may call any of the methods may connect.
    fn callers(&self) -> Vec<Caller> {
        let mut all: Vec<Caller> = Vec::new();
        for caller in self.methods.values().flat_map(|(callers, _)| callers) {
            if !all.contains(caller) {
                all.push(caller.clone());
            }
        }
        all
    }
}

/// Binds the socket: 0600, replacing one that a dead predecessor left.
pub fn bind(socket: &Path) -> std::io::Result<UnixListener> {
    crate::disk::remove_file(socket)?;
    let listener = UnixListener::bind(socket)?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Whether our own user (or root) is at the other end of a unix socket.
pub(crate) fn is_own(socket: std::os::fd::RawFd) -> std::io::Result<()> {
    let mut peer = libc::ucred { pid: 0, uid: libc::uid_t::MAX, gid: 0 };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: getsockopt writes at most `length` bytes to the live `peer`.
    let r = unsafe { libc::getsockopt(socket, libc::SOL_SOCKET, libc::SO_PEERCRED, (&raw mut peer).cast(), &mut length) };
    if r != 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: geteuid cannot fail and touches no memory.
    let own_uid = unsafe { libc::geteuid() };
    match peer.uid == own_uid || peer.uid == 0 {
        true => Ok(()),
        false => Err(std::io::ErrorKind::PermissionDenied.into()),
    }
}

/// The next connection of our own user; others are refused. None: it failed, and the caller tries again.
pub(crate) async fn accept_own(
    listener: &UnixListener,
    permits: &Arc<tokio::sync::Semaphore>,
) -> Option<(UnixStream, tokio::sync::OwnedSemaphorePermit)> {
    // SAFETY: geteuid cannot fail and touches no memory.
    let own_uid = unsafe { libc::geteuid() };
    let permit = permits.clone().acquire_owned().await.ok()?;
    let stream = match listener.accept().await {
        Ok((stream, _)) => stream,
        Err(e) => {
            tracing::warn!(error = %e, "accept failed");
            tokio::time::sleep(Duration::from_millis(50)).await;
            return None;
        }
    };
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == own_uid || peer.uid() == 0 => Some((stream, permit)),
        peer => {
            tracing::warn!(?peer, "connection of another user refused");
            None
        }
    }
}

/// Serves for ever as `me`, and tells the operator what was refused. Must run inside a `tokio::task::LocalSet`.
pub async fn serve(listener: UnixListener, me: Identity, router: Router) {
    let own = me.clone();
    let router = router.on::<GetRefusals, _, _>(&[Role::Operator.any()], move |_| {
        let counts = own.refused().into_iter().filter(|(_, n)| *n > 0).map(|(why, n)| (why.name().to_owned(), n));
        std::future::ready(Ok(counts.collect()))
    });
    let permits = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
    let callers: Rc<[Caller]> = router.callers().into();
    loop {
        let Some((stream, permit)) = accept_own(&listener, &permits).await else { continue };
        let (me, router, callers) = (me.clone(), router.clone(), callers.clone());
        tokio::task::spawn_local(async move {
            let _permit = permit;
            let Some(accepted) = me.accept(stream, &callers, Frames::Tls).await else { return };
            let peer = Rc::new(accepted.peer);
            let service = hyper::service::service_fn(move |request| answer(me.clone(), router.clone(), peer.clone(), request));
            let io = TokioIo::new(accepted.stream.tls);
            let mut connection = std::pin::pin!(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
            // A peer that goes away is its own affair.
            tokio::select! {
                _ = &mut connection => return,
                () = tokio::time::sleep(accepted.left) => {}
            }
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        });
    }
}

async fn answer(
    me: Identity,
    router: Router,
    peer: Rc<Peer>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let outcome = async {
        let name = request.uri().path().trim_start_matches('/').to_owned();
        let (callers, handler) = router
            .methods
            .get(name.as_str())
            .ok_or_else(|| RpcError::remote("unknown-method", format!("{name} is not served here")))?;
        if !callers.iter().any(|c| c.is(&peer)) {
            me.refuse(Refusal::Role, peer.process(), &name);
            return Err(RpcError::remote("not-permitted", format!("{name} is not for {peer}")));
        }
        let body = Limited::new(request.into_body(), BODY_BYTES_MAX)
            .collect()
            .await
            .map_err(|e| RpcError::remote("bad-request", e.to_string()))?
            .to_bytes();
        handler(peer, body).await
    }
    .await;
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(e) => {
            let (code, message) = match e {
                RpcError::Remote { code, message } => (code, message),
                other => (other.code().to_owned(), other.to_string()),
            };
            (StatusCode::UNPROCESSABLE_ENTITY, serde_json::to_vec(&Failure { code, message }).unwrap_or_default())
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    wire::method!(Double, "test/Double", u32 => u32);
    wire::method!(Missing, "test/Missing", u32 => u32);

    #[tokio::test]
    async fn calls_are_answered_refused_and_timed_out() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("gateway.sock");
        let identity = |process| crate::tls::testing::identity(&dir, process);
        let client = Client::new(&identity("control-plane"), &socket);
        let second = Duration::from_secs(1);
        assert!(matches!(client.call::<Double>(&1, second).await, Err(RpcError::Unreachable { .. })));
        let router = Router::new().on::<Double, _, _>(&[Role::ControlPlane.any()], |n| async move {
            match n {
                0 => Err(RpcError::remote("zero", "no zeros")),
                1 => std::future::pending().await,
                n => Ok(n * 2),
            }
        });
        let listener = bind(&socket).unwrap();
        tokio::task::LocalSet::new()
            .run_until(async move {
                tokio::task::spawn_local(serve(listener, identity("gateway"), router));
                for n in 2..20 {
                    assert_eq!(client.call::<Double>(&n, second).await.unwrap(), n * 2);
                }
                assert_eq!(client.call::<Double>(&0, second).await.unwrap_err().code(), "zero");
                assert_eq!(client.call::<Missing>(&0, second).await.unwrap_err().code(), "unknown-method");
                let late = client.call::<Double>(&1, Duration::from_millis(30)).await.unwrap_err();
                assert!(!late.is_definite());
                // What is not for a caller is counted, and the operator is told.
                let refused = client.call::<GetRefusals>(&wire::Empty {}, second).await.unwrap_err();
                assert_eq!(refused.code(), "not-permitted");
                let stranger = Client::new(&identity("edge"), &socket).call::<Double>(&2, second).await.unwrap_err();
                assert!(matches!(stranger, RpcError::Untrusted { .. }), "{stranger}");
                let operator = Client::new(&identity("operator"), &socket);
                let told = operator.call::<GetRefusals>(&wire::Empty {}, second).await.unwrap();
                assert_eq!(told, [("role".to_owned(), 2)].into());
            })
            .await;
    }
}
