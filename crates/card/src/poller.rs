//! epoll with the worker's own names for what is watched.
//!
//! Kick descriptors are watched edge-triggered and never read: each write by the VMM is an edge, no system call is
//! spent on draining, and a VMM cannot make a read block. They must be removed before they are closed, as the VMM holds
//! the same open file.

use std::io;
use std::os::fd::RawFd;
use vmm_sys_util::epoll::{ControlOperation, Epoll, EpollEvent, EventSet};

const EVENTS_MAX: usize = 128;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A command from the async side.
    Wake,
    Underlay,
    /// A VMM connects to the port in this slot.
    Listener(u32),
    /// A VMM's messages.
    Control(u32),
    /// A guest put frames into the transmit ring, or its kernel into the descriptor.
    Kick(u32),
    ForwardListener,
    /// A client of the forwarder, by its number.
    ForwardClient(u32),
    /// A terminator's thread has frames for the switch.
    Terminators,
}

impl Token {
    fn encode(self) -> u64 {
        let (kind, n) = match self {
            Self::Wake => (0, 0),
            Self::Underlay => (1, 0),
            Self::Listener(n) => (2, n),
            Self::Control(n) => (3, n),
            Self::Kick(n) => (4, n),
            Self::ForwardListener => (5, 0),
            Self::ForwardClient(n) => (6, n),
            Self::Terminators => (7, 0),
        };
        kind << 32 | u64::from(n)
    }

    fn decode(v: u64) -> Option<Self> {
        let n = v as u32;
        Some(match v >> 32 {
            0 => Self::Wake,
            1 => Self::Underlay,
            2 => Self::Listener(n),
            3 => Self::Control(n),
            4 => Self::Kick(n),
            5 => Self::ForwardListener,
            6 => Self::ForwardClient(n),
            7 => Self::Terminators,
            _ => return None,
        })
    }
}

#[derive(Debug)]
pub struct Poller {
    epoll: Epoll,
}

impl Poller {
    pub fn new() -> io::Result<Self> {
        Ok(Self { epoll: Epoll::new()? })
    }

    pub fn add(&self, fd: RawFd, token: Token) -> io::Result<()> {
        self.control(ControlOperation::Add, fd, EventSet::IN, token)
    }

    pub fn add_edge(&self, fd: RawFd, token: Token) -> io::Result<()> {
        self.control(ControlOperation::Add, fd, EventSet::IN | EventSet::EDGE_TRIGGERED, token)
    }

    /// Watches for input and output as wanted; with neither, only for the peer's end.
    pub fn rearm(&self, fd: RawFd, token: Token, input: bool, output: bool) -> io::Result<()> {
        let mut set = EventSet::empty();
        set.set(EventSet::IN, input);
        set.set(EventSet::OUT, output);
        self.control(ControlOperation::Modify, fd, set, token)
    }

    fn control(&self, op: ControlOperation, fd: RawFd, set: EventSet, token: Token) -> io::Result<()> {
        self.epoll.ctl(op, fd, EpollEvent::new(set, token.encode()))
    }

    /// Fails when the descriptor was not watched, which is no matter.
    pub fn remove(&self, fd: RawFd) {
        let _ = self.epoll.ctl(ControlOperation::Delete, fd, EpollEvent::default());
    }

    /// Waits up to `timeout_ms` (-1: for ever) and lists what is ready.
    pub fn wait(&self, timeout_ms: i32, ready: &mut Vec<Token>) -> io::Result<()> {
        ready.clear();
        let mut events = [EpollEvent::default(); EVENTS_MAX];
        let n = match self.epoll.wait(timeout_ms, &mut events) {
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => 0,
            Err(e) => return Err(e),
        };
        ready.extend(events[..n].iter().filter_map(|e| Token::decode(e.data())));
        Ok(())
    }
}
