//! The thread of one port's stack: frames from and to the switch, bytes from and to the process.

use super::conn::{Conn, Outcome, Stage};
use super::table::{Ends, Table, Verdict};
use super::{CARD_CONNECTIONS_MAX, CONNECTIONS_MAX, Command, HALF_OPEN_MAX, Reason, Shared};
use platform::handover;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;
use types::InterfaceId;
use vmm_sys_util::epoll::{ControlOperation, Epoll, EpollEvent, EventSet};
use wire::card::Entered;

const TICK_MS: u64 = 1000;
const EVENTS_MAX: usize = 256;
/// Frames, and connections, of one turn.
const TURN: usize = 256;
const BELL: u64 = u64::MAX;

pub(super) struct Runner {
    pub interface: InterfaceId,
    pub address: Ipv4Addr,
    pub table: Table<Conn>,
    pub epoll: Epoll,
    pub shared: Arc<Shared>,
    pub listen: Vec<u16>,
    /// Where the process takes its connections.
    pub door: PathBuf,
    pub process: Option<UnixStream>,
    pub began: Instant,
    /// Half open ones, oldest first: (place, serial); some are over.
    pub opening: VecDeque<(u32, u64)>,
    pub half_open: usize,
    pub serial: u64,
    pub tick_ms: u64,
    pub frames: Vec<Vec<u8>>,
}

impl Runner {
    pub fn watch_bell(&self) -> io::Result<()> {
        self.epoll.ctl(ControlOperation::Add, self.shared.bell.fd(), EpollEvent::new(EventSet::IN, BELL))
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    pub fn run(&mut self) {
        let mut events = [EpollEvent::default(); EVENTS_MAX];
        let mut again = false;
        while !self.shared.stop.load(Relaxed) {
            let n = match self.epoll.wait(if again { 0 } else { self.timeout_ms() }, &mut events) {
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => 0,
                Err(error) => return tracing::error!(%error, "epoll failed; a terminator's thread ends"),
            };
            for event in &events[..n] {
                match event.data() {
                    BELL => self.shared.bell.heard(),
                    n => self.stream_event(n as u32, event.event_set()),
                }
            }
            let now_ms = self.now_ms();
            self.run_commands(now_ms);
            again = self.take_frames(now_ms);
            self.table.wake_due(now_ms);
            for _ in 0..TURN {
                let Some(n) = self.table.next_ready() else { break };
                self.serve(n, now_ms);
            }
            self.send();
            again |= self.table.has_ready() && self.table.output().is_empty();
            self.tick(now_ms);
        }
    }

    fn timeout_ms(&self) -> i32 {
        let now = self.now_ms();
        let due = self.table.due_ms().unwrap_or(u64::MAX).min(self.tick_ms + TICK_MS);
        due.saturating_sub(now).min(TICK_MS) as i32
    }

    fn stream_event(&mut self, n: u32, set: EventSet) {
        let Some(entry) = self.table.get(n) else { return };
        let hung = set.intersects(EventSet::HANG_UP | EventSet::ERROR);
        entry.of.hung |= hung;
        entry.of.readable |= hung || set.intersects(EventSet::IN | EventSet::READ_HANG_UP);
        entry.of.writable |= hung || set.contains(EventSet::OUT);
        self.table.wake(n);
    }

    fn run_commands(&mut self, now_ms: u64) {
        for command in self.shared.take_commands() {
            match command {
                Command::Listen(ports) => self.listen = ports,
                Command::Dial(stream, to) => {
                    self.serial += 1;
                    let conn = Conn::dialing(self.serial, stream, now_ms);
                    if let Err((reason, mut conn)) = self.dial(conn, to, now_ms) {
                        conn.refuse(reason);
                    }
                }
            }
        }
    }

    fn dial(&mut self, conn: Conn, to: (Ipv4Addr, u16), now_ms: u64) -> Result<(), (&'static str, Conn)> {
        if self.is_full() {
            self.shared.count(Reason::Full);
            return Err(("the port has as many connections as it may", conn));
        }
        let fd = conn.fd();
        let unreachable = |conn| ("that address and port cannot be connected to, or no port is free towards them", conn);
        let n = self.table.connect(self.address, to, conn).map_err(unreachable)?;
        self.shared.all.fetch_add(1, Relaxed);
        if fd.is_some_and(|fd| self.watch(n, fd).is_err()) {
            self.shared.count(Reason::Descriptors);
            self.abort(n, now_ms);
        }
        Ok(())
    }

    /// True: there are more.
    fn take_frames(&mut self, now_ms: u64) -> bool {
        // Frames must leave before more may come: what does not fit into the lane is dropped, as by a network card.
        if !self.table.output().is_empty() {
            return false;
        }
        while self.half_open >= HALF_OPEN_MAX && self.evict(now_ms) {}
        let mut frames = std::mem::take(&mut self.frames);
        let (more, _) = self.shared.to_stack.take(&mut frames, TURN);
        let (mut open, shared) = (self.table.len(), self.shared.clone());
        for frame in frames.drain(..) {
            let (listen, half_open, opening, serial) = (&self.listen, &mut self.half_open, &mut self.opening, &mut self.serial);
            let mut judge = |ends: &Ends| {
                if !listen.contains(&ends.1.1) {
                    return Verdict::Refuse;
                }
                if open >= CONNECTIONS_MAX || shared.all.load(Relaxed) >= CARD_CONNECTIONS_MAX {
                    shared.count(Reason::Full);
                    return Verdict::Refuse;
                }
                if *half_open >= HALF_OPEN_MAX {
                    shared.count(Reason::HalfOpen);
                    return Verdict::Ignore;
                }
                (open, *half_open, *serial) = (open + 1, *half_open + 1, *serial + 1);
                shared.all.fetch_add(1, Relaxed);
                Verdict::Open(Conn::opening(*serial, now_ms))
            };
            if let Some(n) = self.table.input(frame, now_ms, &mut judge) {
                opening.push_back((n, *serial));
            }
        }
        self.frames = frames;
        more
    }

    /// The half-open connection that is oldest gives way to others. False: there is none.
    fn evict(&mut self, now_ms: u64) -> bool {
        while let Some((n, serial)) = self.opening.pop_front() {
            if self.table.get(n).is_some_and(|e| e.of.serial == serial && e.of.stage == Stage::Opening) {
                self.shared.count(Reason::HalfOpen);
                self.abort(n, now_ms);
                return true;
            }
        }
        false
    }

    fn is_full(&self) -> bool {
        self.table.len() >= CONNECTIONS_MAX || self.shared.all.load(Relaxed) >= CARD_CONNECTIONS_MAX
    }

    fn serve(&mut self, n: u32, now_ms: u64) {
        self.table.poll(n, now_ms);
        let mut outcome = self.pump(n, now_ms);
        if outcome == Outcome::Hand {
            outcome = match self.hand(n) {
                Ok(()) => self.pump(n, now_ms),
                Err((reason, cause)) => {
                    tracing::debug!(interface = %self.interface, %cause, "a connection cannot be handed on");
                    self.shared.count(reason);
                    Outcome::Abort
                }
            };
        }
        match outcome {
            Outcome::Stay(false) | Outcome::Hand => {}
            Outcome::Stay(true) => self.table.poll(n, now_ms),
            Outcome::Abort => self.abort(n, now_ms),
            Outcome::Gone => self.forget(n),
        }
    }

    fn pump(&mut self, n: u32, now_ms: u64) -> Outcome {
        let Some(entry) = self.table.get(n) else { return Outcome::Gone };
        let (socket, conn) = entry.both();
        conn.pump(socket, now_ms)
    }

    /// Gives a new connection to the process.
    fn hand(&mut self, n: u32) -> Result<(), (Reason, io::Error)> {
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        let (remote, local) = self.table.get(n).ok_or((Reason::Nobody, gone()))?.ends;
        let at = |(address, port): (Ipv4Addr, u16)| SocketAddr::new(IpAddr::V4(address), port);
        let word = Entered { interface: self.interface, remote: at(remote), local: at(local) };
        let (near, far) = UnixStream::pair().map_err(|e| (Reason::Descriptors, e))?;
        near.set_nonblocking(true).map_err(|e| (Reason::Descriptors, e))?;
        // One that was killed leaves a stream that fails; its successor is at the same place.
        let known = self.process.take();
        let passed = known.ok_or_else(gone).and_then(|process| {
            handover::pass(&process, &word, &far)?;
            Ok(process)
        });
        let process = match passed {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Err((Reason::Busy, e)),
            Ok(process) => process,
            Err(_) => {
                let process = handover::reach_own(&self.door).map_err(|e| (Reason::Nobody, e))?;
                handover::pass(&process, &word, &far).map_err(|e| (Reason::Nobody, e))?;
                process
            }
        };
        self.process = Some(process);
        self.watch(n, near.as_raw_fd()).map_err(|e| (Reason::Descriptors, e))?;
        self.half_open -= 1;
        if let Some(entry) = self.table.get(n) {
            entry.of.handed(near);
        }
        Ok(())
    }

    fn watch(&self, n: u32, fd: RawFd) -> io::Result<()> {
        let set = EventSet::IN | EventSet::OUT | EventSet::READ_HANG_UP | EventSet::EDGE_TRIGGERED;
        self.epoll.ctl(ControlOperation::Add, fd, EpollEvent::new(set, u64::from(n)))
    }

    fn abort(&mut self, n: u32, now_ms: u64) {
        if let Some(entry) = self.table.get(n) {
            entry.socket().abort();
        }
        self.table.poll(n, now_ms);
        self.forget(n);
    }

    fn forget(&mut self, n: u32) {
        if let Some(conn) = self.table.remove(n) {
            self.half_open -= usize::from(conn.stage == Stage::Opening);
            self.shared.all.fetch_sub(1, Relaxed);
        }
    }

    fn send(&mut self) {
        let output = self.table.output();
        let before = output.len();
        self.shared.to_switch.fill(output);
        if output.len() < before {
            self.shared.switch_bell.ring();
        }
    }

    fn tick(&mut self, now_ms: u64) {
        if now_ms < self.tick_ms + TICK_MS {
            return;
        }
        self.tick_ms = now_ms;
        for n in self.table.late(|c| c.deadline_ms.is_some_and(|at| at <= now_ms)) {
            if let Some(entry) = self.table.get(n) {
                entry.of.expire();
            }
            self.abort(n, now_ms);
        }
        self.shared.open.store(self.table.len(), Relaxed);
        self.send();
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.shared.all.fetch_sub(self.table.len(), Relaxed);
    }
}
