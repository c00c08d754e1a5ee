//! The directory: one process a zone that knows who has which address of the large VPCs, and answers cards that ask.
//!
//! ```text
//!  control plane ── parts that changed ──▶ disk ──▶ core ──▶ told unasked: who asked before
//!  cards ────────── query (UDP) ─────────────────▶ core ──▶ answer, with a lease
//! ```
//!
//! It calls nobody, and starts from its disk: with the control plane dead it answers what was last pushed. A part is written
//! under the name of its contents before the head that names it is in force. With one directory dead, cards ask another
//! zone's. Decisions are in [`core`]; docs/decisions/0014-large-vpcs.md says why it is as it is.

pub mod core;
mod disk;

use crate::core::{Directory, FOLLOWERS_MAX};
use crate::disk::Parts;
use platform::rpc::{self, Router, RpcError};
use platform::settings::SettingsError;
use platform::tls::{Identity, Role, WATCHERS};
use platform::{Clock, DataDir, LedgerError, Settings, SystemClock};
use socket2::{Domain, Socket, Type};
use std::cell::RefCell;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use tokio::net::UdpSocket;
use types::Vni;
use vswitch::vxlan;
use wire::directory::{DirectoryApplied, DirectoryPush, DirectoryStatus, GetDirectoryStatus, Message, PushDirectory};

/// For bursts of queries; the system may give less.
const SOCKET_BUFFER_BYTES: usize = 4 << 20;
/// Queries that are taken before others get their turn.
const BATCH_MAX: usize = 64;
/// A query is far shorter.
const DATAGRAM_BYTES_MAX: usize = 2048;

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("directory {0} is not in this data directory's settings")]
    Unknown(String),
    #[error("the directory's ledger cannot be opened")]
    Ledger(#[from] LedgerError),
    #[error("cannot prove who this is")]
    Identity(#[from] platform::tls::TlsError),
    #[error("the underlay address {0} cannot be used")]
    Underlay(Ipv4Addr, #[source] io::Error),
    #[error("cannot listen")]
    Listen(#[source] io::Error),
}

struct State {
    core: RefCell<Directory>,
    parts: RefCell<Parts>,
    socket: UdpSocket,
    clock: SystemClock,
}

/// Runs directory `id` until the process ends. Needs a `LocalSet`.
pub async fn run(dir: DataDir, id: String) -> Result<(), RunError> {
    let settings = Settings::load(&dir)?;
    let own = settings.large_vpcs.directories.iter().find(|d| d.id == id).ok_or_else(|| RunError::Unknown(id.clone()))?.underlay;
    let me = Identity::open(&dir, &format!("directory-{id}"))?;
    let hosts = settings.cells.iter().flat_map(|c| c.hosts.iter().map(|h| h.underlay));
    let mut core = Directory::new(hosts, FOLLOWERS_MAX);
    let (parts, held) = Parts::open(&dir, &id)?;
    core.put(held, &parts.vpcs(), 0);
    let socket = bind(own).map_err(|e| RunError::Underlay(own, e))?;
    let listener = rpc::bind(&dir.socket(&format!("directory-{id}"))).map_err(RunError::Listen)?;
    let state = Rc::new(State { core: RefCell::new(core), parts: RefCell::new(parts), socket, clock: SystemClock::new() });
    tokio::task::spawn_local(state.clone().answer());
    tracing::info!(underlay = %own, entries = state.core.borrow().entries(), "directory ready");
    rpc::serve(listener, me, router(state)).await;
    Ok(())
}

fn bind(own: Ipv4Addr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    // What the system grants is enough to work.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((own, vxlan::UDP_PORT)).into())?;
    UdpSocket::from_std(socket.into())
}

impl State {
    fn now_ms(&self) -> u64 {
        self.clock.monotonic_us() / 1000
    }

    /// Takes queries, for ever.
    async fn answer(self: Rc<Self>) {
        let mut buffer = [0; DATAGRAM_BYTES_MAX];
        loop {
            if let Err(e) = self.socket.readable().await {
                tracing::error!(error = %e, "the underlay socket failed");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            for _ in 0..BATCH_MAX {
                match self.socket.try_recv_from(&mut buffer) {
                    Ok((len, SocketAddr::V4(from))) => self.take(*from.ip(), &buffer[..len]),
                    Ok(_) => {}
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                    // An error that an earlier datagram met; the socket stands.
                    Err(_) => {}
                }
            }
            tokio::task::yield_now().await;
        }
    }

    fn take(&self, from: Ipv4Addr, datagram: &[u8]) {
        if vxlan::parse(datagram) != Some(Vni::DIRECTORY) {
            return;
        }
        let Some(Message::Query { vni, address }) = Message::decode(&datagram[vxlan::HEADER_BYTES..]) else { return };
        if let Ok(answer) = self.core.borrow_mut().query(from, vni, address, self.now_ms()) {
            self.send(from, &Message::Answer(answer));
        }
    }

    /// What the system does not take is lost: cards ask again, and leases end.
    fn send(&self, to: Ipv4Addr, message: &Message) {
        let mut datagram = vxlan::header(Vni::DIRECTORY).to_vec();
        datagram.extend_from_slice(&message.encode());
        let _ = self.socket.try_send_to(&datagram, SocketAddr::from((to, vxlan::UDP_PORT)));
    }

    fn accept(&self, push: DirectoryPush) -> Result<DirectoryApplied, RpcError> {
        let generation = push.generation;
        let accepted = self.parts.borrow_mut().accept(push)?;
        match accepted {
            Err(missing) => Ok(DirectoryApplied { generation, missing }),
            Ok(parts) => {
                let vpcs = self.parts.borrow().vpcs();
                let messages = self.core.borrow_mut().put(parts, &vpcs, self.now_ms());
                messages.iter().for_each(|(to, message)| self.send(*to, message));
                Ok(DirectoryApplied { generation, missing: Vec::new() })
            }
        }
    }

    fn status(&self) -> DirectoryStatus {
        let (core, parts) = (self.core.borrow(), self.parts.borrow());
        DirectoryStatus {
            generation: parts.generation(),
            vpcs: core.vpcs() as u64,
            entries: core.entries() as u64,
            followers: core.followers() as u64,
            queries: core.counts.queries,
            negative: core.counts.negative,
            refused: core.counts.refused,
            told: core.counts.told,
            followers_dropped: core.counts.followers_dropped,
            problems: parts.problems.clone(),
        }
    }
}

fn router(state: Rc<State>) -> Router {
    let for_status = state.clone();
    Router::new()
        .on::<PushDirectory, _, _>(&[Role::ControlPlane.any()], move |push| {
            let outcome = state.accept(push);
            async move { outcome }
        })
        .on::<GetDirectoryStatus, _, _>(&WATCHERS, move |_| {
            let status = for_status.status();
            async move { Ok(status) }
        })
}
