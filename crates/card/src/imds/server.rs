//! The metadata service's TCP side: connections of one port's stack, each at one request at a time.

use super::http::{self, HEAD_BYTES_MAX, Method, Parsed, Response};
use super::respond;
use super::token::Tokens;
use crate::stack::Stack;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp;
use smoltcp::wire::IpAddress;
use vswitch::{METADATA_ADDRESS, METADATA_ADDRESS6};
use wire::net::PortConfig;

const HTTP_PORT: u16 = 80;
/// Open connections of one guest, the listening one included. More must wait: their SYN is answered with a reset.
const CONNECTIONS_MAX: usize = 16;
const RX_BYTES: usize = 4096;
const TX_BYTES: usize = 16_384;
const IDLE_MS: u64 = 30_000;
/// What one connection may have sent ahead: a head and the next one's beginning.
const INPUT_BYTES_MAX: usize = 2 * HEAD_BYTES_MAX;

#[derive(Debug)]
struct Connection {
    handle: SocketHandle,
    input: Vec<u8>,
    output: Vec<u8>,
    sent: usize,
    close: bool,
    active_ms: u64,
}

#[derive(Debug, Default)]
pub struct Server {
    connections: Vec<Connection>,
    /// A guest has come by IPv6.
    six: bool,
    pub requests: u64,
    /// Answers that were not 200.
    pub refusals: u64,
}

impl Server {
    /// Lets every connection get on. `ports`: the host's, and which of them this is. Call after `stack.poll`, and poll again afterwards to send what was written.
    pub fn serve(&mut self, stack: &mut Stack, ports: (&[PortConfig], usize), tokens: &Tokens, now_s: u64, now_ms: u64) {
        for c in &mut self.connections {
            while c.advance(stack, now_ms, |request| {
                self.requests += 1;
                let response = respond(request, ports, tokens, now_s);
                self.refusals += u64::from(response.status != 200);
                response
            }) {}
        }
        self.connections.retain(|c| {
            let open = stack.tcp(c.handle).is_open();
            if !open {
                stack.remove(c.handle);
            }
            open
        });
        self.open(stack, false, now_ms);
    }

    /// Sees to it that one socket listens; `six`: for IPv6.
    pub fn open(&mut self, stack: &mut Stack, six: bool, now_ms: u64) {
        self.six |= six;
        self.open_at(stack, METADATA_ADDRESS.into(), now_ms);
        if self.six {
            self.open_at(stack, METADATA_ADDRESS6.into(), now_ms);
        }
    }

    fn open_at(&mut self, stack: &mut Stack, at: IpAddress, now_ms: u64) {
        let listening = self.connections.iter().any(|c| {
            let socket = stack.tcp(c.handle);
            socket.is_listening() && socket.listen_endpoint().addr == Some(at)
        });
        if !listening && self.connections.len() < CONNECTIONS_MAX {
            let handle = stack.listen((at, HTTP_PORT), RX_BYTES, TX_BYTES);
            self.connections.push(Connection {
                handle,
                input: Vec::new(),
                output: Vec::new(),
                sent: 0,
                close: false,
                active_ms: now_ms,
            });
        }
    }

    /// The earliest time at which an idle connection is closed.
    pub fn due_ms(&self, stack: &mut Stack) -> Option<u64> {
        self.connections.iter().filter(|c| !stack.tcp(c.handle).is_listening()).map(|c| c.active_ms + IDLE_MS).min()
    }
}

impl Connection {
    /// One step; true when there may be another at once.
    fn advance(&mut self, stack: &mut Stack, now_ms: u64, mut answer: impl FnMut(&http::Request<'_>) -> Response) -> bool {
        let socket = stack.tcp(self.handle);
        if socket.is_listening() || !socket.is_open() {
            self.active_ms = now_ms;
            return false;
        }
        while socket.can_recv() && self.input.len() < INPUT_BYTES_MAX {
            let room = INPUT_BYTES_MAX - self.input.len();
            let input = &mut self.input;
            let taken = socket.recv(|bytes| {
                let n = bytes.len().min(room);
                input.extend_from_slice(&bytes[..n]);
                (n, n)
            });
            if taken.is_err() {
                break;
            }
            self.active_ms = now_ms;
        }
        if self.sent < self.output.len() {
            let n = socket.send_slice(&self.output[self.sent..]).unwrap_or(0);
            self.sent += n;
            if n > 0 {
                self.active_ms = now_ms;
            }
            return n > 0;
        }
        if self.close {
            socket.close();
            return false;
        }
        let refused = match http::parse(&self.input) {
            Parsed::Incomplete => {
                // The guest said all it had to say. (Before the handshake is over nothing can be received either.)
                if socket.state() == tcp::State::CloseWait {
                    socket.close();
                } else if now_ms >= self.active_ms + IDLE_MS {
                    socket.abort();
                }
                return false;
            }
            Parsed::Request { request, consumed } => {
                let response = answer(&request);
                if let Some((_, hop_limit)) = response.token {
                    // The token's packets must not get farther than the instance; the connection keeps the limit,
                    // as they may be sent again.
                    socket.set_hop_limit(Some(hop_limit));
                }
                self.output = response.encode(request.keep_alive, request.method != Method::Head);
                self.close = !request.keep_alive;
                self.input.drain(..consumed);
                None
            }
            Parsed::Refused(status) => Some(status),
        };
        if let Some(status) = refused {
            self.output = Response::error(status).encode(false, true);
            self.close = true;
            self.input.clear();
        }
        self.sent = 0;
        true
    }
}
