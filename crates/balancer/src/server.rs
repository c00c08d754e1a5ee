//! Listening sockets and clients' connections.

use crate::conn::{ConnState, Verdict, Watched};
use crate::headers::Origin;
use crate::log::ConnFacts;
use crate::logs;
use crate::mutual::{self, Shown};
use crate::pool::LocalExecutor;
use crate::proxy::{self, Context};
use crate::state::Shared;
use crate::transport::{Passed, Plain};
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Socket, Type};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use wire::balancer::{self as wb, BalancerConfig, MutualAuthentication};

const BACKLOG: i32 = 4096;
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// What is read of a head. AWS's limit of 64 K is held by `inspect`, which can answer; beyond this the parser ends it.
const HEAD_BYTES_MAX: usize = 96 << 10;
const BUFFER_BYTES_MAX: usize = 128 << 10;

/// Where a socket stands in the document. With port 0, by its listener.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    ip: IpAddr,
    port: u16,
    by: String,
}

#[derive(Debug)]
pub struct Bound {
    /// Whose it is; a new document may give it to another.
    arn: RefCell<Rc<str>>,
    pub address: SocketAddr,
    pub socket: std::net::TcpListener,
    accepting: RefCell<Option<AbortHandle>>,
}

/// The sockets of the document that holds.
#[derive(Debug, Default)]
pub struct Listening {
    bound: RefCell<BTreeMap<Place, Rc<Bound>>>,
    /// From another process that hands over: used before new ones are made.
    inherited: RefCell<Vec<(SocketAddr, std::net::TcpListener)>>,
    /// A card listens: no socket is this process's.
    pub at_card: bool,
}

impl Listening {
    pub fn new(at_card: bool) -> Self {
        Self { at_card, ..Self::default() }
    }

    pub fn inherit(&self, sockets: Vec<(SocketAddr, std::net::TcpListener)>) {
        *self.inherited.borrow_mut() = sockets;
    }

    /// Opens what a document needs and is not open yet. Nothing accepts before [`Listening::switch`].
    ///
    /// # Errors
    /// (the listener, why its port cannot be had): nothing has changed then.
    pub fn prepare(&self, config: &BalancerConfig) -> Result<BTreeMap<Place, Rc<Bound>>, (String, io::Error)> {
        let mut out = BTreeMap::new();
        if self.at_card {
            return Ok(out);
        }
        for l in &config.listeners {
            let any = [IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
            let ips = if l.addresses.is_empty() { &any[..] } else { &l.addresses };
            for &ip in ips {
                let by = if l.port == 0 { l.arn.clone() } else { String::new() };
                let place = Place { ip, port: l.port, by };
                let arn: Rc<str> = l.arn.as_str().into();
                let bound = match self.bound.borrow().get(&place) {
                    Some(open) => open.clone(),
                    None => Rc::new(self.open(ip, l.port, arn).map_err(|e| (l.arn.clone(), e))?),
                };
                out.insert(place, bound);
            }
        }
        Ok(out)
    }

    fn open(&self, ip: IpAddr, port: u16, arn: Rc<str>) -> io::Result<Bound> {
        let wanted = SocketAddr::new(ip, port);
        let mut inherited = self.inherited.borrow_mut();
        let found = inherited.iter().position(|(a, _)| *a == wanted || (port == 0 && a.ip() == ip));
        let socket = match found {
            Some(i) => inherited.swap_remove(i).1,
            None => bind(wanted)?,
        };
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        Ok(Bound { arn: RefCell::new(arn), address, socket, accepting: RefCell::new(None) })
    }

    /// Accepts on the sockets of the document that holds from now on, and closes the others.
    pub fn switch(&self, shared: &Rc<Shared>, next: BTreeMap<Place, Rc<Bound>>) {
        self.inherited.borrow_mut().clear();
        let config = &shared.snapshot().config;
        for l in &config.listeners {
            let own = |p: &&Place| p.port == l.port && (p.by == l.arn || p.by.is_empty());
            for (_, bound) in next.iter().filter(|(p, _)| own(p) && (l.addresses.is_empty() || l.addresses.contains(&p.ip))) {
                *bound.arn.borrow_mut() = l.arn.as_str().into();
            }
        }
        for bound in next.values().filter(|b| b.accepting.borrow().is_none()) {
            let task = tokio::task::spawn_local(accept(shared.clone(), bound.clone()));
            *bound.accepting.borrow_mut() = Some(task.abort_handle());
        }
        let old = std::mem::replace(&mut *self.bound.borrow_mut(), next);
        let bound = self.bound.borrow();
        for (_, gone) in old.into_iter().filter(|(p, _)| !bound.contains_key(p)) {
            gone.stop();
            shared.judge(Verdict::Retire, Some(&**gone.arn.borrow()));
        }
    }

    /// No new connections any more; the sockets stay with whoever has them too.
    pub fn stop(&self) {
        self.bound.borrow().values().for_each(|b| b.stop());
    }

    pub fn bound(&self) -> Vec<Rc<Bound>> {
        self.bound.borrow().values().cloned().collect()
    }

    pub fn status(&self) -> Vec<wb::ListenerStatus> {
        let mut out: BTreeMap<String, Vec<SocketAddr>> = BTreeMap::new();
        for b in self.bound.borrow().values() {
            out.entry(b.arn.borrow().to_string()).or_default().push(b.address);
        }
        out.into_iter().map(|(arn, addresses)| wb::ListenerStatus { arn, addresses, problem: None }).collect()
    }
}

impl Bound {
    fn stop(&self) {
        if let Some(task) = self.accepting.borrow_mut().take() {
            task.abort();
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    match bind_exactly(address) {
        // A machine without IPv6.
        Err(e) if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && e.raw_os_error() == Some(libc::EAFNOSUPPORT) => {
            bind_exactly(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port()))
        }
        other => other,
    }
}

fn bind_exactly(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(address.ip() != IpAddr::V6(Ipv6Addr::UNSPECIFIED))?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

async fn accept(shared: Rc<Shared>, bound: Rc<Bound>) {
    let listener = match bound.socket.try_clone().and_then(TcpListener::from_std) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(address = %bound.address, %error, "cannot accept"),
    };
    loop {
        while shared.open.get() >= shared.snapshot().config.attributes.connections_max {
            shared.count("connections-at-limit");
            shared.room.notified().await;
        }
        match listener.accept().await {
            Ok((stream, client)) => {
                let _ = stream.set_nodelay(true);
                let Ok(local) = stream.local_addr() else { continue };
                let arn = bound.arn.borrow().clone();
                tokio::task::spawn_local(converse(shared.clone(), arn, Plain::Tcp(stream), client, local));
            }
            Err(error) => {
                shared.count("accept-failed");
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// A connection that a card has taken in. Closed at once where the document has no listener, or there are too many.
pub fn enter(shared: &Rc<Shared>, stream: UnixStream, client: SocketAddr, local: SocketAddr) {
    let snapshot = shared.snapshot();
    if shared.open.get() >= snapshot.config.attributes.connections_max {
        return shared.count("connections-at-limit");
    }
    let of = |l: &&Rc<crate::compile::Listener>| {
        l.spec.port == local.port() && (l.spec.addresses.is_empty() || l.spec.addresses.contains(&local.ip()))
    };
    let Some(listener) = snapshot.listeners.iter().find(of) else {
        return shared.count("connections-without-listener");
    };
    let arn = listener.spec.arn.as_str().into();
    tokio::task::spawn_local(converse(shared.clone(), arn, Plain::Card(Passed::new(stream)), client, local));
}

/// One connection, to its end.
async fn converse(shared: Rc<Shared>, arn: Rc<str>, stream: Plain, client: SocketAddr, local: SocketAddr) {
    let state = Arc::new(ConnState::new(shared.ticks.clone()));
    let _seat = shared.seat();
    shared.joined(&state, arn.clone());
    let snapshot = shared.snapshot();
    let Some(listener) = snapshot.listeners.iter().find(|l| *l.spec.arn == *arn) else { return };
    let local = SocketAddr::new(local.ip().to_canonical(), local.port());
    let attributes = &snapshot.config.attributes;
    let Some(tls) = listener.tls.clone() else {
        let origin = Origin::new(client, local, None, attributes);
        let facts = ConnFacts::plain(arn, origin, shared.trace());
        log_connection(&shared, &facts, 0, "-");
        let cx = Rc::new(Context { shared: shared.clone(), state, facts: Rc::new(facts) });
        drop(snapshot);
        return speak_h1(cx, stream).await;
    };
    let began_us = shared.now().us;
    let handshake = TlsAcceptor::from(tls.config.clone()).accept(stream);
    let refused = |why: &str| {
        let facts = ConnFacts::plain(arn.clone(), Origin::new(client, local, None, attributes), shared.trace());
        log_connection(&shared, &facts, 0, why);
    };
    let stream = match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(%client, %error, "TLS handshake failed");
            refused(mutual::reason(&error));
            return shared.count("tls-handshake-failed");
        }
        Err(_) => {
            refused("Failed:UnmappedConnectionError");
            return shared.count("tls-handshake-timeout");
        }
    };
    let session = stream.get_ref().1;
    let suite = session.negotiated_cipher_suite().map(|s| cipher_name(&format!("{:?}", s.suite()))).unwrap_or_default();
    let version = match session.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "TLSv1.2",
    };
    if session.handshake_kind() == Some(rustls::HandshakeKind::Resumed) {
        shared.count("tls-resumed");
    }
    let h2 = session.alpn_protocol() == Some(b"h2");
    let sni = session.server_name().map(str::to_owned);
    let certificate = Some(tls.certificate(sni.as_deref()).to_owned());
    let value = |t: &str| HeaderValue::from_str(t).unwrap_or(HeaderValue::from_static("-"));
    let origin = Origin::new(client, local, Some((value(version), value(&suite))), attributes);
    let tls = Some((suite, version.to_owned()));
    let mode = listener.spec.tls.as_ref().and_then(|t| t.mutual_authentication.as_ref());
    let shown = mode.map(|m| Shown::new(m, session.peer_certificates().unwrap_or_default())).unwrap_or_default();
    let facts = ConnFacts { listener: arn, origin, tls, sni, certificate, shown, trace: shared.trace() };
    let verified = if matches!(mode, Some(MutualAuthentication::Verify { .. })) { "Success" } else { "-" };
    log_connection(&shared, &facts, shared.now().us - began_us, verified);
    let streams = attributes.http2_streams_max;
    let cx = Rc::new(Context { shared: shared.clone(), state, facts: Rc::new(facts) });
    drop(snapshot);
    if h2 { speak_h2(cx, stream, streams).await } else { speak_h1(cx, stream).await }
}

fn log_connection(shared: &Shared, facts: &ConnFacts, handshake_us: u64, verified: &str) {
    if logs::wants(logs::Kind::Connection, &shared.snapshot().config.attributes) {
        let now_ms = shared.now().unix_ms;
        shared.logs.push(logs::Kind::Connection, |out| facts.line(out, now_ms, handshake_us, verified));
    }
}

/// rustls's `TLS13_AES_128_GCM_SHA256` as AWS and OpenSSL write it.
fn cipher_name(rustls: &str) -> String {
    match rustls.strip_prefix("TLS13_") {
        Some(rest) => format!("TLS_{rest}"),
        None => rustls.trim_start_matches("TLS_").replace("_WITH_", "-").replace("AES_", "AES").replace('_', "-"),
    }
}

async fn speak_h1(cx: Rc<Context>, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let io = TokioIo::new(Watched::new(stream, cx.state.clone()));
    let state = cx.state.clone();
    let shared = cx.shared.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let cx = cx.clone();
        // A request's future is large; an idle connection does not carry its place.
        Box::pin(async move { Ok::<_, Infallible>(proxy::serve(cx, request).await) })
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(BUFFER_BYTES_MAX)
            .serve_connection(io, service)
            .with_upgrades()
    );
    let mut leaving = false;
    let ended = std::future::poll_fn(|cx| {
        match state.verdict(cx) {
            Verdict::Abort => return Poll::Ready(None),
            Verdict::Leave if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            Verdict::Leave | Verdict::Stay | Verdict::Retire => {}
        }
        connection.as_mut().poll(cx).map(Some)
    })
    .await;
    if let Some(Err(error)) = ended {
        shared.count(if error.is_parse() || error.is_parse_too_large() { "heads-refused" } else { "clients-gone" });
        tracing::debug!(%error, "a client's connection ended");
    }
}

async fn speak_h2(cx: Rc<Context>, stream: impl AsyncRead + AsyncWrite + Unpin + 'static, streams_max: u32) {
    cx.state.speaks_h2();
    let io = TokioIo::new(Watched::new(stream, cx.state.clone()));
    let (state, shared) = (cx.state.clone(), cx.shared.clone());
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let cx = cx.clone();
        Box::pin(async move { Ok::<_, Infallible>(proxy::serve(cx, request).await) })
    });
    let mut connection = pin!(
        http2::Builder::new(LocalExecutor)
            .timer(TokioTimer::new())
            .enable_connect_protocol()
            .max_concurrent_streams(streams_max)
            .max_header_list_size(HEAD_BYTES_MAX as u32)
            .initial_stream_window_size(256 << 10)
            .initial_connection_window_size(1 << 20)
            .max_send_buf_size(256 << 10)
            .serve_connection(io, service)
    );
    let mut leaving = false;
    let ended = std::future::poll_fn(|cx| {
        match state.verdict(cx) {
            Verdict::Abort => return Poll::Ready(None),
            Verdict::Leave | Verdict::Retire if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            Verdict::Leave | Verdict::Stay | Verdict::Retire => {}
        }
        connection.as_mut().poll(cx).map(Some)
    })
    .await;
    if let Some(Err(error)) = ended {
        shared.count("clients-gone");
        tracing::debug!(%error, "a client's connection ended");
    }
}
