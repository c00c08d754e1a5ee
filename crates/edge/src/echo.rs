//! ICMP and ICMPv6 echo from guests to the outside, by the system's ping sockets (or raw ones, where only those are allowed).
//!
//! A ping socket's identifier is the kernel's choice, a raw one's is ours: either way the guest's is put back into the answer.

use crate::drops::Drop;
use crate::edge::{Edge, FlowGuard};
use crate::flows::{Flow, FlowKey};
use crate::inner::l4;
use crate::packet;
use crate::udp::IDLE;
use socket2::{Domain, Protocol, Socket, Type};
use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;

/// The types of an echo request and its reply (RFC 792; RFC 4443, section 4).
const ECHO: [u8; 2] = [8, 0];
const ECHO6: [u8; 2] = [128, 129];
const HEADER_BYTES: usize = 8;

/// One guest's identifier and destination.
pub struct Echo {
    key: FlowKey,
    socket: AsyncFd<Socket>,
    /// The identifier on the wire; `None`: a ping socket, where the kernel writes it.
    raw: Option<u16>,
    used: Cell<Instant>,
}

pub fn open(edge: Rc<Edge>, key: FlowKey, ip: &[u8]) -> Result<(), Drop> {
    request(&key, ip)?;
    let (socket, raw) = match socket(key.outside) {
        Ok((socket, false)) => (socket, None),
        Ok((socket, true)) => (socket, Some(edge.random() as u16)),
        Err(e) => {
            edge.problem(format!(
                "instances cannot ping the outside: no ping socket ({e}); sysctl net.ipv4.ping_group_range=\"0 2147483647\" allows it"
            ));
            return Err(Drop::SocketFailed);
        }
    };
    let connected = (|| {
        socket.set_nonblocking(true)?;
        socket.connect(&SocketAddr::from((key.outside, 0)).into())?;
        // SAFETY: a `Socket` keeps its descriptor open, and the same, until `AsyncFd` drops it, after deregistering.
        unsafe { AsyncFd::register(socket) }.map_err(io::Error::from)
    })();
    let socket = connected.map_err(|_: io::Error| Drop::SocketFailed)?;
    let flow = Rc::new(Echo { key, socket, raw, used: Cell::new(Instant::now()) });
    edge.flows.borrow_mut().insert(key, Flow::Echo(flow.clone())).ok_or(Drop::FlowsMax)?;
    let guard = FlowGuard { edge, key };
    let sent = flow.take(ip);
    tokio::task::spawn_local(async move { flow.serve(&guard.edge).await });
    sent
}

/// A socket, and whether it is a raw one.
fn socket(to: IpAddr) -> io::Result<(Socket, bool)> {
    let (domain, protocol) = if to.is_ipv4() { (Domain::IPV4, Protocol::ICMPV4) } else { (Domain::IPV6, Protocol::ICMPV6) };
    match Socket::new(domain, Type::DGRAM, Some(protocol)) {
        Ok(socket) => Ok((socket, false)),
        Err(refused) => match Socket::new(domain, Type::RAW, Some(protocol)) {
            Ok(socket) => {
                tracing::info!(error = %refused, "no ping sockets (net.ipv4.ping_group_range): a raw socket is used instead");
                Ok((socket, true))
            }
            Err(_) => Err(refused),
        },
    }
}

fn types(key: &FlowKey) -> [u8; 2] {
    if key.outside.is_ipv4() { ECHO } else { ECHO6 }
}

/// The message of a plain packet, which has to be an echo request.
fn request<'a>(key: &FlowKey, ip: &'a [u8]) -> Result<&'a [u8], Drop> {
    Some(l4(ip)).filter(|m| m.len() >= HEADER_BYTES && m[0] == types(key)[0]).ok_or(Drop::Protocol)
}

impl Echo {
    /// A whole plain packet.
    pub fn take(&self, ip: &[u8]) -> Result<(), Drop> {
        let mut message = request(&self.key, ip)?.to_vec();
        self.used.set(Instant::now());
        if let Some(identifier) = self.raw {
            message[4..6].copy_from_slice(&identifier.to_be_bytes());
        }
        // Over IPv6 the kernel writes it: its pseudo header has the machine's address.
        message[2..4].fill(0);
        let sum = vswitch::build::checksum(0, &message);
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        self.socket.get_ref().write(&message).map(drop).map_err(|_| Drop::SendFailed)
    }

    /// Brings answers to the guest until the flow is idle.
    async fn serve(&self, edge: &Edge) {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let len = match tokio::time::timeout_at(self.used.get() + IDLE, self.socket.readable()).await {
                Ok(Ok(mut ready)) => match ready.try_io(|s| s.get_ref().read(&mut buffer)) {
                    Ok(Ok(len)) => len,
                    // An error that an earlier request met (unreachable): as if no answer came.
                    Ok(Err(_)) | Err(_) => continue,
                },
                Ok(Err(_)) => return,
                Err(_) if self.used.get().elapsed() >= IDLE => return,
                Err(_) => continue,
            };
            if let Some(message) = self.reply(&mut buffer[..len]) {
                self.used.set(Instant::now());
                message[4..6].copy_from_slice(&self.key.public_port.to_be_bytes());
                edge.send_long(packet::icmp(self.key.outside, self.key.public, message));
            }
        }
    }

    /// The ICMP message, when it is an answer to this flow. Before it a raw socket of IPv4 gives the packet's header.
    fn reply<'a>(&self, received: &'a mut [u8]) -> Option<&'a mut [u8]> {
        let message = match self.raw {
            Some(_) if self.key.outside.is_ipv4() => {
                let header = usize::from(received.first()? & 15) * 4;
                received.get_mut(header..)?
            }
            _ => received,
        };
        if message.len() < HEADER_BYTES || message[0] != types(&self.key)[1] {
            return None;
        }
        let identifier = u16::from_be_bytes([message[4], message[5]]);
        self.raw.is_none_or(|own| own == identifier).then_some(message)
    }
}
