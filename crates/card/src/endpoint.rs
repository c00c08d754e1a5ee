//! Guests' TCP connections to the services that gateway endpoints lead to: taken in by the port's stack and handed on, with
//! who comes, to the process that serves them ([`platform::handover`]).
//!
//! ```text
//!  guest ── SYN ──► door (listening) ── established ──► a pair of sockets ── one end ──► role ── handover ──► gateway
//!                                                        └─ other end ── crate::forward's client ── the stack
//! ```
//! Only HTTP's port has doors: the gateway speaks no TLS, so port 443 is answered with a reset.

use crate::stack::Stack;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::State;
use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;
use wire::card::Handed;
use wire::net::{NetConfig, PortConfig, RouteTarget};

pub const HTTP_PORT: u16 = 80;
/// Connections of one port that are open or being opened. More are answered with a reset.
pub const CONNECTIONS_MAX: usize = 64;
/// All ports together: each takes three descriptors of the card.
pub const HANDED_MAX: usize = 256;
/// Waiting for the role to take them; what finds no room is reset.
pub const QUEUE_MAX: usize = 64;
/// Each direction's window.
pub const BUFFER_BYTES: usize = 65_536;
/// So many handshakes may begin before the thread comes back.
const LISTENING: usize = 4;
/// Listening and half open, of all addresses.
const DOORS_MAX: usize = 16;

/// Ethernet, IP without options (others do not get here), TCP.
const TCP_FLAGS_AT: usize = 14 + 20 + 13;
const SYN: u8 = 2;
const ACK: u8 = 16;

/// To the role: whose connection, and its bytes.
pub type Queue = tokio::sync::mpsc::Sender<(Handed, UnixStream)>;

/// Where one port's guest may come in.
#[derive(Debug, Default)]
pub struct Doors {
    doors: Vec<(SocketHandle, Ipv4Addr)>,
    /// Connections that came in and are not over.
    pub handed: usize,
    /// Connections that were reset as there were too many.
    pub full: u64,
}

impl Doors {
    /// A frame for the service at `address` is about to come in.
    pub fn knock(&mut self, stack: &mut Stack, address: Ipv4Addr, frame: &[u8]) {
        self.open(stack, address);
        let begins = frame.get(TCP_FLAGS_AT).is_some_and(|flags| flags & (SYN | ACK) == SYN);
        let listens = self.doors.iter().any(|d| d.1 == address && stack.state(d.0) == State::Listen);
        self.full += u64::from(begins && !listens);
    }

    /// Sees to it that sockets listen at the service's address, while there may be more connections.
    pub fn open(&mut self, stack: &mut Stack, address: Ipv4Addr) {
        let listening = |stack: &Stack, d: &(SocketHandle, Ipv4Addr)| d.1 == address && stack.state(d.0) == State::Listen;
        let mut missing = LISTENING - self.doors.iter().filter(|d| listening(stack, d)).count().min(LISTENING);
        while missing > 0 && self.doors.len() < DOORS_MAX && self.doors.len() + self.handed < CONNECTIONS_MAX {
            self.doors.push((stack.listen((address, HTTP_PORT), BUFFER_BYTES, BUFFER_BYTES), address));
            missing -= 1;
        }
    }

    /// The connections that have come in since the last time, now counted as handed. Their doors are replaced.
    pub fn entered(&mut self, stack: &mut Stack) -> Vec<(SocketHandle, Ipv4Addr)> {
        let (mut entered, mut closed) = (Vec::new(), Vec::new());
        self.doors.retain(|&(handle, address)| match stack.state(handle) {
            State::Listen | State::SynReceived => true,
            State::Closed => {
                closed.push((handle, address));
                false
            }
            _ => {
                entered.push((handle, address));
                false
            }
        });
        for &(handle, _) in &closed {
            stack.remove(handle);
        }
        self.handed += entered.len();
        for &(_, address) in closed.iter().chain(&entered) {
            self.open(stack, address);
        }
        entered
    }
}

/// What is said of a connection from `source` to the service at `address`. `None`: no route of the port leads there by an
/// endpoint (any more).
pub fn word(config: &NetConfig, port: &PortConfig, source: (Ipv4Addr, u16), address: Ipv4Addr) -> Option<Handed> {
    let vpc = config.vpcs.iter().find(|v| v.id == port.vpc)?;
    let table = vpc.route_tables.iter().find(|t| t.id == port.route_table)?;
    let routes = table.routes.iter().filter(|r| r.destination.contains(address));
    let RouteTarget::Endpoint(id) = routes.max_by_key(|r| r.destination.prefix_len())?.target else { return None };
    let endpoint = vpc.endpoints.iter().find(|e| e.id == id)?;
    Some(Handed {
        service: endpoint.service.clone(),
        source: source.0,
        source_port: source.1,
        vpc: vpc.id,
        endpoint: id,
        policy: endpoint.policy.clone(),
    })
}
