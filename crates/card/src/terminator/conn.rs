//! One connection between a TCP socket of the stack and the process behind the port.
//!
//! ```text
//!  Opening ── handshake done, handed to the process ──► Streaming ── both ends closed ──► gone
//!  Dialing ── the target accepts, `Ok` is said ──────────┘   └── a reset, or the process is gone ──► reset ──► gone
//!     └── refused, no answer: the reason is said ──► gone
//! ```
//! Each direction ends on its own. After a peer's reset the process's stream is closed without the end of input before it:
//! a hang-up that it did not make tells it a reset from an end.

use smoltcp::socket::tcp::{Socket, State};
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use wire::card::ForwardReply;

/// From the first segment to the last of the handshake, in either direction.
pub const OPEN_MS: u64 = 10_000;
/// A peer that does not end after the process has gone (as FIN-WAIT-2 in Linux).
const LINGER_MS: u64 = 60_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Opening,
    Dialing,
    Streaming,
}

#[derive(Debug)]
pub struct Conn {
    pub stage: Stage,
    /// `None`: not handed yet, or both sides have ended.
    stream: Option<UnixStream>,
    pub readable: bool,
    pub writable: bool,
    /// The process has closed its end whole.
    pub hung: bool,
    process_done: bool,
    peer_done: bool,
    pub deadline_ms: Option<u64>,
    pub serial: u64,
}

/// What is to be done with a connection after [`Conn::pump`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// True: the socket has something new to say.
    Stay(bool),
    /// The handshake is done: hand it to the process.
    Hand,
    /// Reset it, then forget it.
    Abort,
    Gone,
}

impl Conn {
    pub fn opening(serial: u64, now_ms: u64) -> Self {
        Self {
            stage: Stage::Opening,
            stream: None,
            readable: false,
            writable: false,
            hung: false,
            process_done: false,
            peer_done: false,
            deadline_ms: Some(now_ms + OPEN_MS),
            serial,
        }
    }

    pub fn dialing(serial: u64, stream: UnixStream, now_ms: u64) -> Self {
        Self { stage: Stage::Dialing, stream: Some(stream), ..Self::opening(serial, now_ms) }
    }

    /// This end of the process's stream.
    pub fn fd(&self) -> Option<RawFd> {
        self.stream.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// The process has it from now on; `near` is this end of its stream.
    pub fn handed(&mut self, near: UnixStream) {
        self.stream = Some(near);
        self.begin();
    }

    fn begin(&mut self) {
        self.stage = Stage::Streaming;
        self.deadline_ms = None;
        (self.readable, self.writable) = (true, true);
    }

    /// The dialling process is told; a reply fits into an empty socket.
    fn say(&mut self, reply: &ForwardReply) {
        let mut line = serde_json::to_vec(reply).unwrap_or_default();
        line.push(b'\n');
        if let Some(stream) = &mut self.stream {
            let _ = stream.write_all(&line);
        }
    }

    /// It is not dialled.
    pub fn refuse(&mut self, reason: &str) {
        self.say(&ForwardReply::Error(reason.to_owned()));
    }

    /// Its time is over.
    pub fn expire(&mut self) {
        if self.stage == Stage::Dialing {
            self.say(&ForwardReply::Error("no answer in time".to_owned()));
        }
    }

    /// Moves bytes as far as they go.
    pub fn pump(&mut self, socket: &mut Socket<'static>, now_ms: u64) -> Outcome {
        match (self.stage, socket.state()) {
            (Stage::Opening, State::Established | State::CloseWait) => return Outcome::Hand,
            (Stage::Opening, State::Listen | State::SynReceived) => return Outcome::Stay(false),
            (Stage::Opening, _) => return Outcome::Gone,
            (Stage::Dialing, _) if self.hung => return Outcome::Abort,
            (Stage::Dialing, State::SynSent | State::SynReceived) => return Outcome::Stay(false),
            (Stage::Dialing, State::Closed) => {
                self.say(&ForwardReply::Error("connection refused".to_owned()));
                return Outcome::Gone;
            }
            (Stage::Dialing, _) => {
                self.say(&ForwardReply::Ok);
                self.begin();
            }
            (Stage::Streaming, _) => {}
        }
        let Some(moved) = self.exchange(socket) else { return Outcome::Abort };
        if !self.peer_done && !socket.may_recv() && socket.state() != State::Closed {
            self.peer_done = true;
            if let Some(stream) = &self.stream {
                let _ = stream.shutdown(Shutdown::Write);
            }
        }
        if self.process_done && self.peer_done {
            self.stream = None;
        } else if self.hung && self.process_done && self.deadline_ms.is_none() {
            self.deadline_ms = Some(now_ms + LINGER_MS);
        }
        match socket.state() {
            // TIME-WAIT is not kept: a peer whose last FIN was not acknowledged gets a reset, when it has ended anyway.
            State::Closed | State::TimeWait => Outcome::Gone,
            _ => Outcome::Stay(moved),
        }
    }

    /// Whether anything has moved. `None`: one side is gone, and the other is to be reset.
    fn exchange(&mut self, socket: &mut Socket<'static>) -> Option<bool> {
        let Some(stream) = &mut self.stream else { return Some(false) };
        let mut moved = false;
        while self.readable && !self.process_done && socket.can_send() {
            let got = socket.send(|room| match stream.read(room) {
                Ok(n) => (n, Ok(n)),
                Err(e) => (0, Err(e.kind())),
            });
            match got {
                Ok(Ok(0)) => {
                    self.process_done = true;
                    socket.close();
                    moved = true;
                }
                Ok(Ok(_)) => moved = true,
                Ok(Err(ErrorKind::WouldBlock)) => self.readable = false,
                Ok(Err(ErrorKind::Interrupted)) => {}
                Ok(Err(_)) | Err(_) => return None,
            }
        }
        while self.writable && socket.can_recv() {
            let put = socket.recv(|bytes| match stream.write(bytes) {
                Ok(n) => (n, Ok(())),
                Err(e) => (0, Err(e.kind())),
            });
            match put {
                Ok(Ok(())) => moved = true,
                Ok(Err(ErrorKind::WouldBlock)) => self.writable = false,
                Ok(Err(ErrorKind::Interrupted)) => {}
                Ok(Err(_)) | Err(_) => return None,
            }
        }
        Some(moved)
    }
}
