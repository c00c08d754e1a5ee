//! The edge: the process between this machine and the cloud's public addresses.
//!
//! Towards the hosts it is one more VXLAN endpoint: packets with public addresses on [`types::Vni::INTERNET`]. Towards the
//! machine it is an ordinary program with sockets: a loopback alias for every public address (127.18.x.y for 198.18.x.y, one of
//! 127.20.0.0/15 for an address of IPv6), and connections in the stead of guests that go outside. In between is a TCP/IP stack of its own, so that it needs neither root
//! nor a namespace (docs/decisions/0003-edge-in-userspace.md).
//!
//! ```text
//! client ── 127.18.x.y:port ─┐ listeners (alias)          stack, flows         ┌─ VXLAN ─ host ─ guest 198.18.x.y
//! outside ── sockets ────────┤ tcp, udp, echo ─────────── edge (packet path) ──┤
//! --host-route ── TUN ───────┘ tun                                             └─ VXLAN ─ host ─ guest
//! ```
//!
//! Everything is one thread. The configuration is pushed by the region and kept in a ledger: the edge starts from it when
//! nobody else is up, and calls nobody.

mod alias;
mod drops;
mod echo;
mod edge;
mod flows;
mod inner;
mod packet;
mod stack;
mod table;
mod tcp;
mod tun;
mod udp;

use crate::edge::Edge;
use crate::flows::Flow;
use crate::table::Table;
use platform::rpc::{self, Router, RpcError};
use platform::settings::SettingsError;
use platform::tls::{Identity, Role, WATCHERS};
use platform::{DataDir, Ledger, LedgerError, Settings};
use socket2::{Domain, Socket, Type};
use std::cell::RefCell;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use tokio::net::UdpSocket;
use wire::Applied;
use wire::edge::{EdgeConfig, EdgeStatus, GetEdgeStatus, PushEdgeConfig};

/// Idle flows are looked for, and sockets that could not be opened are tried again, this often.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(2);
/// For bursts of many connections at once; the system may give less.
const SOCKET_BUFFER_BYTES: usize = 4 << 20;

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("the edge's ledger cannot be opened")]
    Ledger(#[from] LedgerError),
    #[error("cannot prove who this is")]
    Identity(#[from] platform::tls::TlsError),
    #[error("the underlay address {0} cannot be used")]
    Underlay(Ipv4Addr, #[source] io::Error),
    #[error("cannot listen")]
    Listen(#[source] io::Error),
}

/// Runs the edge until the process ends. Needs a `LocalSet`.
pub async fn run(dir: DataDir) -> Result<(), RunError> {
    let settings = Settings::load(&dir)?;
    let me = Identity::open(&dir, "edge")?;
    let own = settings.edge_underlay;
    let underlay = bind_underlay(own).map_err(|e| RunError::Underlay(own, e))?;
    let (ledger, config) = Ledger::<EdgeConfig>::open(&dir.edge_ledger())?;
    let table = match &config {
        Some(config) => Table::compile(config, own, None),
        None => Table::empty(settings.public_pool, settings.ipv6_pool, own),
    };
    let edge = Rc::new(Edge::new(own, underlay, table));
    if let Some(problem) = &ledger.problem {
        edge.problem(problem.clone());
    }
    if let Err(e) = allow_many_files() {
        tracing::debug!(error = %e, "the limit of open files stays as it is");
    }
    if settings.host_route {
        match tun::create(settings.public_pool).await {
            Ok(tun) => {
                tracing::info!(device = tun.name, pool = %settings.public_pool, "host route");
                if let Err(e) = tun.add_ipv6(settings.ipv6_pool).await {
                    edge.problem(format!("--host-route, of IPv6: {e}; the loopback aliases work without it"));
                }
                let _ = edge.tun.set(tun);
                tokio::task::spawn_local(tun::serve(edge.clone()));
            }
            Err(e) => edge.problem(format!("--host-route: {e}; the loopback aliases work without it")),
        }
    }
    let listener = rpc::bind(&dir.socket("edge")).map_err(RunError::Listen)?;
    alias::reconcile(&edge);
    tokio::task::spawn_local(edge.clone().receive());
    tokio::task::spawn_local(housekeeping(edge.clone()));
    tracing::info!(underlay = %own, "edge ready");
    rpc::serve(listener, me, router(edge, ledger)).await;
    Ok(())
}

fn bind_underlay(own: Ipv4Addr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    // What the system grants is enough to work.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((own, vswitch::vxlan::UDP_PORT)).into())?;
    UdpSocket::from_std(socket.into())
}

/// Every connection is a descriptor, and the usual limit is lower than [`edge::CONNECTIONS_MAX`] wants.
fn allow_many_files() -> io::Result<()> {
    let wanted: libc::rlim_t = 16_384;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: getrlimit writes one `rlimit`, which `limit` is.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    if limit.rlim_cur < wanted {
        limit.rlim_cur = wanted.min(limit.rlim_max);
        // SAFETY: setrlimit reads one `rlimit`, which `limit` is.
        if unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

async fn housekeeping(edge: Rc<Edge>) {
    loop {
        tokio::time::sleep(HOUSEKEEPING_EVERY).await;
        alias::reconcile(&edge);
        edge.flows.borrow_mut().retain(|_, f| !matches!(f, Flow::UdpIn(u) if u.is_idle()));
    }
}

fn router(edge: Rc<Edge>, ledger: Ledger<EdgeConfig>) -> Router {
    let ledger = Rc::new(RefCell::new(ledger));
    let for_status = edge.clone();
    Router::new()
        .on::<PushEdgeConfig, _, _>(&[Role::ControlPlane.any()], move |config| {
            let outcome = configure(&edge, &ledger, config);
            async move { outcome }
        })
        .on::<GetEdgeStatus, _, _>(&WATCHERS, move |_| {
            let status = status(&for_status);
            async move { Ok(status) }
        })
}

fn configure(edge: &Rc<Edge>, ledger: &RefCell<Ledger<EdgeConfig>>, config: EdgeConfig) -> Result<Applied, RpcError> {
    if config.format != wire::FORMAT {
        return Err(RpcError::remote("format", format!("format {} is not known here", config.format)));
    }
    let generation = config.generation;
    ledger.borrow_mut().accept(generation, &config)?;
    let table = Table::compile(&config, edge.own_underlay, Some(&edge.table.borrow()));
    // Of an address that is gone, the connections end: closing their queue tells them.
    edge.flows.borrow_mut().retain(|key, _| table.owner(key.public).is_some());
    *edge.table.borrow_mut() = table;
    alias::reconcile(edge);
    Ok(Applied { generation })
}

fn status(edge: &Edge) -> EdgeStatus {
    let listeners = edge.listeners.borrow();
    let mut problems = edge.problems.borrow().clone();
    problems.extend(listeners.problems());
    EdgeStatus {
        generation: edge.table.borrow().generation,
        aliases: listeners.report(&edge.table.borrow()),
        host_route: edge.tun.get().map(|t| t.name.clone()),
        connections: edge.connections() as u64,
        drops: edge.drops.report(),
        problems,
    }
}
