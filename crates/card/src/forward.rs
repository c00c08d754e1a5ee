//! Streams between this machine and a guest, for `stratocell ssh`, `forward` and the edge.
//!
//! A client connects to the card's forward socket and sends one line, a `wire::card::ForwardRequest`; the card opens a
//! TCP connection to that guest from 169.254.169.254 (service traffic, outside security groups), answers with one line
//! of `ForwardReply` and passes bytes both ways, each direction closing on its own.
//!
//! ```text
//!  Asking ── line ──► Connecting ── guest accepts ──► Streaming ── both ends closed ──► gone
//!     └── bad line, unknown port, refused, timeout ──► Refusing (the error is sent) ─────┘
//! ```

use crate::poller::{Poller, Token};
use crate::stack::Stack;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::State as TcpState;
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use wire::card::{ForwardReply, ForwardRequest};

pub const CLIENTS_MAX: usize = 256;
/// Each direction's window.
pub const BUFFER_BYTES: usize = 65_536;
const LINE_BYTES_MAX: usize = 512;
/// From the client's connection to the guest's answer.
const OPEN_MS: u64 = 10_000;

#[derive(Debug)]
enum State {
    Asking(Vec<u8>),
    Connecting { slot: u32, handle: SocketHandle },
    Streaming { slot: u32, handle: SocketHandle, client_done: bool, guest_done: bool },
    Refusing,
}

#[derive(Debug)]
pub struct Client {
    number: u32,
    stream: UnixStream,
    state: State,
    /// A line (or the rest of it) to be sent before anything else.
    line: Vec<u8>,
    /// What is watched: input, output. `None`: not in the poll set.
    watched: Option<(bool, bool)>,
    deadline_ms: u64,
    /// A guest's connection to a service, not one to a guest.
    pub handed: bool,
}

impl Client {
    pub fn new(number: u32, stream: UnixStream, poller: &Poller, now_ms: u64) -> std::io::Result<Self> {
        stream.set_nonblocking(true)?;
        poller.add(stream.as_raw_fd(), Token::ForwardClient(number))?;
        let deadline_ms = now_ms + OPEN_MS;
        Ok(Self {
            number,
            stream,
            state: State::Asking(Vec::new()),
            line: Vec::new(),
            watched: Some((true, false)),
            deadline_ms,
            handed: false,
        })
    }

    /// The other way round: a guest has connected to a service, whose end of it is at the other end of `stream`.
    pub fn of_guest(number: u32, stream: UnixStream, poller: &Poller, slot: u32, handle: SocketHandle) -> std::io::Result<Self> {
        let client = Self::new(number, stream, poller, 0)?;
        let state = State::Streaming { slot, handle, client_done: false, guest_done: false };
        Ok(Self { state, handed: true, ..client })
    }

    /// Somebody else goes on with its stream.
    pub fn into_stream(mut self, poller: &Poller) -> UnixStream {
        self.watch(poller, false, false);
        self.stream
    }

    /// The port that this client's stream runs over.
    pub fn slot(&self) -> Option<u32> {
        match self.state {
            State::Connecting { slot, .. } | State::Streaming { slot, .. } => Some(slot),
            State::Asking(_) | State::Refusing => None,
        }
    }

    pub fn due_ms(&self) -> Option<u64> {
        (!matches!(self.state, State::Streaming { .. })).then_some(self.deadline_ms)
    }

    /// The request, once its line is whole. `Err` is the sentence for the client, or empty when it has gone.
    pub fn request(&mut self) -> Result<Option<ForwardRequest>, String> {
        let State::Asking(line) = &mut self.state else { return Ok(None) };
        // Looked at first: what follows the line belongs to the guest.
        let mut ahead = [0u8; LINE_BYTES_MAX];
        let seen = match peek(&self.stream, &mut ahead) {
            Ok(0) => return Err(String::new()),
            Ok(n) => &ahead[..n],
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Ok(None),
            Err(_) => return Err(String::new()),
        };
        let end = seen.iter().position(|b| *b == b'\n');
        let mut taken = vec![0; end.map_or(seen.len(), |at| at + 1)];
        self.stream.read_exact(&mut taken).map_err(|_| String::new())?;
        line.extend_from_slice(&taken);
        if line.len() > LINE_BYTES_MAX {
            return Err("the request line is too long".to_owned());
        }
        if end.is_none() {
            return Ok(None);
        }
        serde_json::from_slice(line).map(Some).map_err(|e| format!("the request line cannot be read: {e}"))
    }

    pub fn connecting(&mut self, slot: u32, handle: SocketHandle) {
        self.state = State::Connecting { slot, handle };
    }

    /// Ends with an error line.
    pub fn refuse(&mut self, reason: &str) {
        self.state = State::Refusing;
        self.line = reply_line(&ForwardReply::Error(reason.to_owned()));
    }

    /// Whether it waited too long for its guest; if so it is refused. Its socket must be removed by the caller first.
    pub fn is_late(&self, now_ms: u64) -> bool {
        !matches!(self.state, State::Streaming { .. }) && now_ms >= self.deadline_ms
    }

    pub fn handle(&self) -> Option<SocketHandle> {
        match self.state {
            State::Connecting { handle, .. } | State::Streaming { handle, .. } => Some(handle),
            State::Asking(_) | State::Refusing => None,
        }
    }

    /// Moves bytes as far as they go. False: this client is finished; its TCP socket was aborted or closed and the
    /// caller removes it when the stack is done with it.
    pub fn pump(&mut self, stack: Option<&mut Stack>, poller: &Poller) -> bool {
        let (alive, input, output) = self.advance(stack);
        if alive {
            self.watch(poller, input, output)
        } else {
            self.watch(poller, false, false);
            false
        }
    }

    /// (go on, wants input, wants output)
    fn advance(&mut self, stack: Option<&mut Stack>) -> (bool, bool, bool) {
        if let (State::Connecting { slot, handle }, Some(stack)) = (&self.state, &stack) {
            let (slot, handle) = (*slot, *handle);
            match stack.state(handle) {
                TcpState::SynSent | TcpState::SynReceived => {}
                TcpState::Closed => self.refuse("the guest refused the connection or did not answer"),
                _ => {
                    self.state = State::Streaming { slot, handle, client_done: false, guest_done: false };
                    self.line = reply_line(&ForwardReply::Ok);
                }
            }
        }
        while !self.line.is_empty() {
            match self.stream.write(&self.line) {
                Ok(n) => drop(self.line.drain(..n)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return (true, false, true),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => return (self.abort(stack), false, false),
            }
        }
        let stream = &mut self.stream;
        match &mut self.state {
            State::Asking(_) => (true, true, false),
            State::Refusing => (false, false, false),
            State::Connecting { .. } => (true, false, false),
            State::Streaming { handle, client_done, guest_done, .. } => {
                let Some(stack) = stack else { return (false, false, false) };
                let socket = stack.tcp(*handle);
                let mut failed = false;
                while !*client_done && socket.can_send() && !failed {
                    let got = socket.send(|room| match stream.read(room) {
                        Ok(n) => (n, Ok(n)),
                        Err(e) => (0, Err(e)),
                    });
                    match got {
                        Ok(Ok(0)) => {
                            *client_done = true;
                            socket.close();
                        }
                        Ok(Ok(_)) => {}
                        Ok(Err(e)) if e.kind() == ErrorKind::WouldBlock => break,
                        Ok(Err(e)) if e.kind() == ErrorKind::Interrupted => {}
                        Ok(Err(_)) | Err(_) => failed = true,
                    }
                }
                let mut blocked = false;
                while socket.can_recv() && !blocked && !failed {
                    let put = socket.recv(|bytes| match stream.write(bytes) {
                        Ok(n) => (n, Ok(n)),
                        Err(e) => (0, Err(e)),
                    });
                    match put {
                        Ok(Ok(_)) => {}
                        Ok(Err(e)) if e.kind() == ErrorKind::WouldBlock => blocked = true,
                        Ok(Err(e)) if e.kind() == ErrorKind::Interrupted => {}
                        Ok(Err(_)) | Err(_) => failed = true,
                    }
                }
                if failed {
                    socket.abort();
                    return (false, false, false);
                }
                if !*guest_done && !socket.may_recv() && !socket.can_recv() {
                    *guest_done = true;
                    let _ = stream.shutdown(Shutdown::Write);
                }
                if *guest_done && (*client_done || !socket.is_active()) {
                    return (false, false, false);
                }
                (true, !*client_done && socket.can_send(), blocked)
            }
        }
    }

    fn abort(&mut self, stack: Option<&mut Stack>) -> bool {
        if let (Some(handle), Some(stack)) = (self.handle(), stack) {
            stack.tcp(handle).abort();
        }
        false
    }

    /// A descriptor with nothing to wait for leaves the poll set: epoll reports a hang-up whatever is asked for.
    fn watch(&mut self, poller: &Poller, input: bool, output: bool) -> bool {
        let wanted = (input || output).then_some((input, output));
        if wanted == self.watched {
            return true;
        }
        let (fd, token) = (self.stream.as_raw_fd(), Token::ForwardClient(self.number));
        let done = match (self.watched, wanted) {
            (_, None) => {
                poller.remove(fd);
                Ok(())
            }
            (Some(_), Some((i, o))) => poller.rearm(fd, token, i, o),
            (None, Some((i, o))) => poller.add(fd, token).and_then(|()| poller.rearm(fd, token, i, o)),
        };
        self.watched = wanted;
        done.is_ok()
    }
}

fn peek(stream: &UnixStream, into: &mut [u8]) -> std::io::Result<usize> {
    // SAFETY: recv writes at most `into.len()` bytes to the live buffer.
    let n = unsafe { libc::recv(stream.as_raw_fd(), into.as_mut_ptr().cast(), into.len(), libc::MSG_PEEK) };
    usize::try_from(n).map_err(|_| std::io::Error::last_os_error())
}

fn reply_line(reply: &ForwardReply) -> Vec<u8> {
    let mut line = serde_json::to_vec(reply).unwrap_or_default();
    line.push(b'\n');
    line
}
