//! Listens on 127.0.0.1 (and ::1 where there is one), with limits on connections and heads; serves the control socket.

use crate::audit::Audit;
use crate::forward::Region;
use crate::handle::{Counters, Gateway};
use crate::identity::Identities;
use crate::kms::Keys;
use crate::limits::{Limits, Quotas, Seats, UnknownRate};
use crate::s3::S3;
use crate::through::Through;
use hyper::body::Incoming;
use hyper::{Request, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use platform::rpc::{self, Client, Router};
use platform::settings::{Settings, SettingsError};
use platform::tls::{Identity, Role, WATCHERS};
use platform::{Clock, DataDir, LedgerError, SystemClock, SystemRng, disk, handover};
use std::cell::RefCell;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use wire::api::{GetGatewayStatus, ReadObject};
use wire::card::Handed;
use wire::identity::PushIdentity;
use wire::kms::PushKeys;
use wire::quota::PushQuotas;

/// What is read at once of a connection; the largest head that gets as far as being refused.
const BUFFER_BYTES_MAX: usize = 256 << 10;
const HEADERS_MAX: usize = 100;
/// A head must arrive within this time; an idle connection is closed after it.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for connections that come when half of all are taken: those that send nothing keep nobody else out for long.
const HEAD_TIMEOUT_BUSY: Duration = Duration::from_secs(5);
/// Connections at once, with those that were told to leave and have not yet; further ones wait in the backlog.
const CONNECTIONS_MAX: usize = Seats::MAX + 256;
/// A connection that was told to leave may finish its request within this time.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("cannot open the credentials' ledger")]
    Ledger(#[from] LedgerError),
    #[error("cannot prove who this is")]
    Identity(#[from] platform::tls::TlsError),
    #[error(transparent)]
    Rate(#[from] UnknownRate),
    #[error("cannot listen on port {port}")]
    Listen { port: u16, source: std::io::Error },
    #[error("cannot read or make the key of the object store")]
    ObjectKey(#[source] std::io::Error),
    #[error("cannot open the audit trail")]
    Audit(#[source] std::io::Error),
    #[error("cannot make the control socket")]
    Control(#[source] std::io::Error),
    #[error("cannot write down the port")]
    PortFile(#[source] std::io::Error),
}

/// Runs the gateway until the process ends. Needs a `LocalSet`.
pub async fn run(dir: DataDir) -> Result<(), GatewayError> {
    let settings = Settings::load(&dir)?;
    let keys = Rc::new(Keys::open(&dir, &settings, "gateway")?);
    let me = Identity::open(&dir, "gateway")?;
    let region = Client::new(&me, dir.socket("control-plane"));
    let quotas = Rc::new(Quotas::open(&dir)?);
    let limits = Limits::new(&settings.limits, quotas.clone())?;
    let s3 = Rc::new(S3::new(&me, &settings, keys.clone(), Some(quotas.clone())).map_err(GatewayError::ObjectKey)?);
    let clock = SystemClock::new();
    let audit = Audit::open(&dir, settings.region.as_str(), settings.audit.mib_max).map_err(GatewayError::Audit)?;
    let audit = Rc::new(audit);
    let gateway = Rc::new(Gateway {
        region_name: settings.region.to_string(),
        identities: RefCell::new(Identities::open(&dir, keys.root(), clock.monotonic_us())?),
        keys: keys.clone(),
        region: Region::new(region),
        limits,
        clock,
        rng: RefCell::new(SystemRng::new()),
        s3: s3.clone(),
        counters: RefCell::new(Counters::default()),
        audit: audit.clone(),
    });
    gateway.s3.know_accounts(gateway.identities.borrow().accounts());
    let (v4, v6, port) = listen(&dir, settings.port).await?;
    disk::write_atomic(&port_file(&dir), format!("{port}\n").as_bytes()).map_err(GatewayError::PortFile)?;
    let control = rpc::bind(&dir.socket("gateway")).map_err(GatewayError::Control)?;
    let socket = dir.endpoint_socket();
    socket.parent().map_or(Ok(()), disk::create_private_dir).map_err(GatewayError::Control)?;
    let endpoints = rpc::bind(&socket).map_err(GatewayError::Control)?;
    let (status, push, read) = (gateway.clone(), gateway.clone(), gateway.clone());
    let region = [Role::ControlPlane.any()];
    let router = Router::new()
        .on::<GetGatewayStatus, _, _>(&WATCHERS, move |_| std::future::ready(Ok(status.status())))
        .on::<PushIdentity, _, _>(&region, move |snapshot| {
            let outcome = push.identities.borrow_mut().accept(snapshot, push.clock.monotonic_us());
            push.s3.know_accounts(push.identities.borrow().accounts());
            std::future::ready(outcome)
        })
        .on::<ReadObject, _, _>(&region, move |asked| {
            let gateway = read.clone();
            async move { gateway.read_object(asked).await }
        })
        .on::<PushKeys, _, _>(&region, move |snapshot| std::future::ready(keys.accept(snapshot)))
        .on::<PushQuotas, _, _>(&region, move |snapshot| std::future::ready(quotas.accept(snapshot)));
    tokio::task::spawn_local(rpc::serve(control, me.clone(), router));
    tokio::task::spawn_local(serve_endpoints(endpoints, me.clone(), gateway.clone()));
    tokio::task::spawn_local(audit.clone().keep_syncing());
    tokio::task::spawn_local(audit.keep_reporting(Client::new(&me, dir.socket("control-plane"))));
    tokio::task::spawn_local(async move { s3.access_log.keep_spooling().await });
    tracing::info!(port, ipv6 = v6.is_some(), "gateway ready");
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    if let Some(v6) = v6 {
        tokio::task::spawn_local(accept(v6, gateway.clone(), permits.clone()));
    }
    accept(v4, gateway, permits).await;
    Ok(())
}

fn port_file(dir: &DataDir) -> std::path::PathBuf {
    dir.run().join("gateway.port")
}

/// With port 0 the port of the last time is preferred: clients hold its URL across a restart.
async fn listen(dir: &DataDir, wanted: u16) -> Result<(TcpListener, Option<TcpListener>, u16), GatewayError> {
    let last = std::fs::read_to_string(port_file(dir)).ok().and_then(|t| t.trim().parse().ok());
    let bind = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let v4 = match (wanted, last) {
        (0, Some(last)) => match bind(last).await {
            Ok(listener) => Ok(listener),
            Err(_) => bind(0).await,
        },
        (port, _) => bind(port).await,
    };
    let failed = |source| GatewayError::Listen { port: wanted, source };
    let v4 = v4.map_err(failed)?;
    let port = v4.local_addr().map_err(failed)?.port();
    // A machine without IPv6, or with the port in use there, is served on IPv4 alone.
    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
    Ok((v4, v6, port))
}

async fn accept(listener: TcpListener, gateway: Rc<Gateway>, permits: Arc<Semaphore>) {
    loop {
        let permit = permits.clone().acquire_owned().await;
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(e) => {
                tracing::warn!(error = %e, "accept failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let busy = permits.available_permits() < CONNECTIONS_MAX / 2;
        let head_timeout = if busy { HEAD_TIMEOUT_BUSY } else { HEAD_TIMEOUT };
        let gateway = gateway.clone();
        tokio::task::spawn_local(async move {
            let _permit = permit;
            converse(gateway, stream, plain_ip(from), None, head_timeout).await;
        });
    }
}

/// What guests send through their VPCs' endpoints. Only cards say who that is.
async fn serve_endpoints(listener: UnixListener, me: Identity, gateway: Rc<Gateway>) {
    let cards = [Role::Card.any()];
    handover::serve(listener, me, &cards, move |_, handed: Handed, bytes| {
        let gateway = gateway.clone();
        async move {
            let through = Rc::new(Through::new(&handed));
            converse(gateway, bytes, handed.source.into(), Some(through), HEAD_TIMEOUT_BUSY).await;
        }
    })
    .await;
}

/// One connection, to its end.
async fn converse(
    gateway: Rc<Gateway>,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    from: IpAddr,
    through: Option<Rc<Through>>,
    head_timeout: Duration,
) {
    let seat = Rc::new(gateway.limits.seats.sit());
    let (asked, requests) = (seat.clone(), gateway.clone());
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let (gateway, seat, through) = (requests.clone(), asked.clone(), through.clone());
        // A request's future is large; a connection that waits for one does not carry its place.
        Box::pin(async move {
            seat.busy(true);
            let reply = gateway.handle(request, from, through, &seat).await;
            seat.busy(false);
            Ok::<_, Infallible>(reply)
        })
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_timeout)
            .max_buf_size(BUFFER_BYTES_MAX)
            .max_headers(HEADERS_MAX)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = seat.evicted() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(LEAVE_TIMEOUT, &mut connection).await.unwrap_or(Ok(()))
        }
    };
    // A client that goes away, or that speaks no HTTP, is its own affair: hyper answered what could be answered.
    if let Err(e) = ended {
        gateway.unanswered(&e);
    }
}

fn plain_ip(from: SocketAddr) -> IpAddr {
    from.ip().to_canonical()
}
