//! UDP between sockets of this machine and guests.
//!
//! Inbound, an alias's socket serves all clients of a port: each client address is a flow with its own port at
//! [`wire::edge::outside`]. Outbound, each of a guest's flows has a connected socket, so that the system tells of refusals.

use crate::drops::Drop;
use crate::edge::{Edge, FlowGuard};
use crate::flows::{Flow, FlowKey};
use crate::inner::{Kind, payload};
use crate::packet::{self, UDP_PAYLOAD_BYTES_MAX, Unreachable};
use crate::table::Service;
use socket2::SockRef;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::Instant;

/// A flow that nothing has used for this long is forgotten.
pub const IDLE: Duration = Duration::from_secs(60);
/// How many client addresses a listener may hold before it looks which are idle.
const SWEEP_FROM: usize = 64;

/// Sends now or not at all: past the runtime, which holds a socket that it has not yet watched for not writable.
fn send(socket: &UdpSocket, payload: &[u8], to: Option<SocketAddr>) -> io::Result<()> {
    let socket = SockRef::from(socket);
    match to {
        Some(to) => socket.send_to(payload, &to.into()),
        None => socket.send(payload),
    }
    .map(drop)
}

/// One client of an alias's socket.
pub struct UdpIn {
    pub service: Service,
    key: FlowKey,
    socket: Rc<UdpSocket>,
    client: SocketAddr,
    used: Cell<Instant>,
}

impl UdpIn {
    pub fn take(&self, payload: &[u8]) -> Result<(), Drop> {
        self.used.set(Instant::now());
        send(&self.socket, payload, Some(self.client)).map_err(|_| Drop::SendFailed)
    }

    pub fn is_idle(&self) -> bool {
        self.used.get().elapsed() >= IDLE
    }
}

/// Serves one alias port until the task is aborted.
pub async fn listen(edge: Rc<Edge>, service: Service, socket: Rc<UdpSocket>) {
    let mut clients: HashMap<SocketAddr, Rc<UdpIn>> = HashMap::new();
    let mut sweep_at = SWEEP_FROM;
    let mut buffer = vec![0; UDP_PAYLOAD_BYTES_MAX];
    loop {
        let (len, client) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            Err(e) => {
                tracing::debug!(error = %e, "a client's socket refused an earlier datagram");
                tokio::task::yield_now().await;
                continue;
            }
        };
        if clients.len() >= sweep_at {
            clients.retain(|_, f| !f.is_idle());
            sweep_at = SWEEP_FROM.max(2 * clients.len());
        }
        // The flow of a client that was idle is gone from the table: a new one begins.
        let known = clients.get(&client).filter(|f| edge.flows.borrow().get(&f.key).is_some()).cloned();
        let flow = match known.map_or_else(|| begin(&edge, service, &socket, client), Ok) {
            Ok(flow) => flow,
            Err(reason) => {
                edge.drops.count(reason);
                continue;
            }
        };
        flow.used.set(Instant::now());
        edge.send_long(packet::udp(flow.key.outside(), flow.key.guest(), &buffer[..len]));
        clients.insert(client, flow);
    }
}

fn begin(edge: &Edge, service: Service, socket: &Rc<UdpSocket>, client: SocketAddr) -> Result<Rc<UdpIn>, Drop> {
    let mut flows = edge.flows.borrow_mut();
    let key = flows.allocate(Kind::Udp, service.public, service.port).ok_or(Drop::FlowsMax)?;
    let flow = Rc::new(UdpIn { service, key, socket: socket.clone(), client, used: Cell::new(Instant::now()) });
    flows.insert(key, Flow::UdpIn(flow.clone())).ok_or(Drop::FlowsMax)?;
    Ok(flow)
}

/// A guest's flow to the outside.
pub struct UdpOut {
    key: FlowKey,
    socket: UdpSocket,
    used: Cell<Instant>,
    /// The last packet's beginning, for errors about it.
    last: RefCell<Vec<u8>>,
}

pub fn open_outbound(edge: Rc<Edge>, key: FlowKey, ip: &[u8]) -> Result<(), Drop> {
    let socket = match connected(key.outside()) {
        Ok(socket) => socket,
        Err(e) => {
            if let Some(why) = Unreachable::of(&e) {
                edge.send(&mut packet::unreachable(wire::edge::outside(key.public), key.public, why, ip));
            }
            tracing::debug!(error = %e, to = %key.outside(), "no socket for an outbound flow");
            return Err(Drop::SocketFailed);
        }
    };
    let flow = Rc::new(UdpOut { key, socket, used: Cell::new(Instant::now()), last: RefCell::default() });
    edge.flows.borrow_mut().insert(key, Flow::UdpOut(flow.clone())).ok_or(Drop::FlowsMax)?;
    let guard = FlowGuard { edge: edge.clone(), key };
    let sent = flow.take(&edge, ip);
    tokio::task::spawn_local(async move { flow.serve(&guard.edge).await });
    sent
}

fn connected(to: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = std::net::UdpSocket::bind((any, 0))?;
    socket.connect(to)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

impl UdpOut {
    pub fn take(&self, edge: &Edge, ip: &[u8]) -> Result<(), Drop> {
        self.used.set(Instant::now());
        let sent = match send(&self.socket, payload(ip), None) {
            // The error is an earlier datagram's, and is told once.
            Err(e) if e.kind() == ErrorKind::ConnectionRefused => {
                self.refused(edge);
                send(&self.socket, payload(ip), None)
            }
            sent => sent,
        };
        let mut last = self.last.borrow_mut();
        last.clear();
        last.extend_from_slice(packet::quote(ip));
        sent.map_err(|_| Drop::SendFailed)
    }

    fn refused(&self, edge: &Edge) {
        edge.send(&mut packet::unreachable(self.key.outside, self.key.public, Unreachable::Port, &self.last.borrow()));
    }

    /// Brings answers to the guest until the flow is idle.
    async fn serve(&self, edge: &Edge) {
        let mut buffer = vec![0; UDP_PAYLOAD_BYTES_MAX];
        loop {
            match tokio::time::timeout_at(self.used.get() + IDLE, self.socket.recv(&mut buffer)).await {
                Ok(Ok(len)) => {
                    self.used.set(Instant::now());
                    edge.send_long(packet::udp(self.key.outside(), self.key.guest(), &buffer[..len]));
                }
                Ok(Err(e)) if e.kind() == ErrorKind::ConnectionRefused => self.refused(edge),
                Ok(Err(e)) => {
                    tracing::debug!(error = %e, to = %self.key.outside(), "an outbound flow failed");
                    return;
                }
                Err(_) if self.used.get().elapsed() >= IDLE => return,
                Err(_) => {}
            }
        }
    }
}
