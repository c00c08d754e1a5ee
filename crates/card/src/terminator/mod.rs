//! Ports that a process stands behind ([`wire::net::TerminatorConfig`]): TCP ends here, in a stack of the port's own.
//!
//! ```text
//!  switch ── lane ──► table (smoltcp) ── conn ── a pair of sockets ── far end passed to ──► the process
//!         ◄── lane ──                      └──────────── ForwardRequest { to } ◄──────────── the process
//! ```
//! Each port has a thread ([`thread`]), so that a busy balancer takes neither the switch's time nor another one's. What it
//! sends passes the switch as a guest's frames do: source check, groups, ACLs, routes, NAT, counters. Connections end with
//! the card, and are not handed to its successor; who goes on with one gets a reset.

mod conn;
mod lane;
mod table;
mod thread;

use lane::{Bell, Lane};
use platform::{Rng, SystemRng};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use table::Table;
use thread::Runner;
use types::InterfaceId;
use vmm_sys_util::epoll::Epoll;
use vswitch::PortIndex;
use wire::net::PortConfig;

/// Of one port, in both directions. More are answered with a reset, or refused.
pub const CONNECTIONS_MAX: usize = 4096;
/// Of all ports: each takes a descriptor of the card.
pub const CARD_CONNECTIONS_MAX: usize = 12_288;
/// Of one port: handshakes that are not done. The oldest gives way.
pub const HALF_OPEN_MAX: usize = 512;
/// Connections to be opened that wait for the thread.
const COMMANDS_MAX: usize = 256;
/// Frames of one port that the switch takes in one turn.
const FRAMES_PER_TURN: usize = 64;

#[derive(Debug)]
enum Command {
    Listen(Vec<u16>),
    Dial(UnixStream, (Ipv4Addr, u16)),
}

/// Why a connection or a frame was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Full,
    HalfOpen,
    Nobody,
    Busy,
    Descriptors,
}

const REASONS: [(Reason, &str); 5] = [
    (Reason::Full, "terminator-full"),
    (Reason::HalfOpen, "terminator-half-open"),
    (Reason::Nobody, "terminator-no-process"),
    (Reason::Busy, "terminator-process-busy"),
    (Reason::Descriptors, "terminator-descriptors"),
];

/// Between the card's thread and the port's.
#[derive(Debug)]
struct Shared {
    to_stack: Lane,
    to_switch: Lane,
    bell: Bell,
    switch_bell: Arc<Bell>,
    commands: Mutex<VecDeque<Command>>,
    stop: AtomicBool,
    counts: [AtomicU64; REASONS.len()],
    open: AtomicUsize,
    /// Connections of all ports.
    all: Arc<AtomicUsize>,
}

impl Shared {
    fn count(&self, reason: Reason) {
        self.counts[reason as usize].fetch_add(1, Relaxed);
    }

    fn take_commands(&self) -> VecDeque<Command> {
        std::mem::take(&mut *self.commands.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One port's, as the card's thread sees it.
#[derive(Debug)]
struct Terminator {
    config: PortConfig,
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
    /// Frames were delivered since the bell was last rung.
    delivered: bool,
}

impl Terminator {
    fn spawn(config: &PortConfig, door: PathBuf, switch_bell: Arc<Bell>, all: Arc<AtomicUsize>) -> io::Result<Self> {
        let none = || io::Error::new(io::ErrorKind::InvalidInput, "the port has no address");
        let address = *config.ipv4.first().ok_or_else(none)?;
        let shared = Arc::new(Shared {
            to_stack: Lane::default(),
            to_switch: Lane::default(),
            bell: Bell::new()?,
            switch_bell,
            commands: Mutex::default(),
            stop: AtomicBool::new(false),
            counts: Default::default(),
            open: AtomicUsize::new(0),
            all,
        });
        let mut runner = Runner {
            interface: config.id,
            address,
            table: Table::new(address, config.mac, config.mtu, SystemRng::new().u64()),
            epoll: Epoll::new()?,
            shared: shared.clone(),
            listen: listen(config),
            door,
            process: None,
            began: Instant::now(),
            opening: VecDeque::new(),
            half_open: 0,
            serial: 0,
            tick_ms: 0,
            frames: Vec::new(),
        };
        runner.watch_bell()?;
        let thread = std::thread::Builder::new().name("terminator".to_owned()).spawn(move || runner.run())?;
        Ok(Self { config: config.clone(), shared, thread: Some(thread), delivered: false })
    }

    fn listen(&self, ports: Vec<u16>) {
        self.shared.commands.lock().unwrap_or_else(PoisonError::into_inner).push_back(Command::Listen(ports));
        self.shared.bell.ring();
    }

    /// Gives the stream back when too many wait.
    fn dial(&self, stream: UnixStream, to: (Ipv4Addr, u16)) -> Result<(), UnixStream> {
        let mut commands = self.shared.commands.lock().unwrap_or_else(PoisonError::into_inner);
        if commands.len() >= COMMANDS_MAX {
            return Err(stream);
        }
        commands.push_back(Command::Dial(stream, to));
        self.shared.bell.ring();
        Ok(())
    }

    /// Whether its connections can go on under another configuration.
    fn fits(&self, config: &PortConfig) -> bool {
        let key = |c: &PortConfig| (c.id, c.vpc, c.mac, c.mtu, c.ipv4.clone());
        key(&self.config) == key(config)
    }
}

impl Drop for Terminator {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
        self.shared.bell.ring();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen(config: &PortConfig) -> Vec<u16> {
    config.terminator.iter().flat_map(|t| t.listen.iter().copied()).collect()
}

/// All of the card's.
#[derive(Debug)]
pub struct Terminators {
    ports: BTreeMap<u32, Terminator>,
    bell: Arc<Bell>,
    all: Arc<AtomicUsize>,
    frames: Vec<Vec<u8>>,
}

impl Terminators {
    pub fn new() -> io::Result<Self> {
        Ok(Self { ports: BTreeMap::new(), bell: Arc::new(Bell::new()?), all: Arc::default(), frames: Vec::new() })
    }

    /// Readable when a port has frames for the switch.
    pub fn fd(&self) -> RawFd {
        self.bell.fd()
    }

    /// Brings threads to what the configuration says. Returns how many could not be started; they are tried again.
    pub fn apply<'a>(
        &mut self,
        wanted: impl Iterator<Item = (PortIndex, &'a PortConfig)>,
        door: &dyn Fn(InterfaceId) -> PathBuf,
    ) -> usize {
        let wanted: BTreeMap<u32, &PortConfig> = wanted.map(|(index, config)| (index.0, config)).collect();
        self.ports.retain(|n, t| wanted.get(n).is_some_and(|config| t.fits(config)));
        let mut failed = 0;
        for (n, config) in wanted {
            if let Some(t) = self.ports.get_mut(&n) {
                if listen(&t.config) != listen(config) {
                    t.listen(listen(config));
                }
                t.config = config.clone();
                continue;
            }
            match Terminator::spawn(config, door(config.id), self.bell.clone(), self.all.clone()) {
                Ok(t) => drop(self.ports.insert(n, t)),
                Err(error) => {
                    failed += 1;
                    tracing::warn!(port = %config.id, %error, "cannot end connections");
                }
            }
        }
        failed
    }

    /// How many ports have one.
    pub fn count(&self) -> usize {
        self.ports.len()
    }

    pub fn has(&self, port: PortIndex) -> bool {
        self.ports.contains_key(&port.0)
    }

    /// A frame from the switch.
    pub fn deliver(&mut self, port: PortIndex, frame: &[u8]) {
        if let Some(t) = self.ports.get_mut(&port.0) {
            t.shared.to_stack.push(frame);
            t.delivered = true;
        }
    }

    /// Tells the threads of what was delivered.
    pub fn flush(&mut self) {
        for t in self.ports.values_mut() {
            if std::mem::take(&mut t.delivered) {
                t.shared.bell.ring();
            }
        }
    }

    /// Before frames are taken.
    pub fn heard(&self) {
        self.bell.heard();
    }

    /// A batch of frames of each port for the switch. True: there are more.
    pub fn take(&mut self, frames: &mut Vec<(PortIndex, Vec<u8>)>) -> bool {
        let mut more = false;
        for (n, t) in &self.ports {
            let (rest, waits) = t.shared.to_switch.take(&mut self.frames, FRAMES_PER_TURN);
            more |= rest;
            if waits {
                t.shared.bell.ring();
            }
            frames.extend(self.frames.drain(..).map(|frame| (PortIndex(*n), frame)));
        }
        more
    }

    /// Opens a connection for the process, which is told the outcome on `stream`.
    ///
    /// # Errors
    /// The sentence for the process, and its stream.
    pub fn dial(&self, port: PortIndex, stream: UnixStream, to: IpAddr, to_port: u16) -> Result<(), (String, UnixStream)> {
        let Some(t) = self.ports.get(&port.0) else {
            return Err(("nothing ends connections at that interface".to_owned(), stream));
        };
        let IpAddr::V4(to) = to else {
            return Err((format!("{to} is not an IPv4 address"), stream));
        };
        t.dial(stream, (to, to_port)).map_err(|stream| ("too many connections are being opened".to_owned(), stream))
    }

    /// A port's drops by name.
    pub fn drops(&self, port: PortIndex) -> Vec<(&'static str, u64)> {
        let Some(t) = self.ports.get(&port.0) else { return Vec::new() };
        let mut drops: Vec<_> = REASONS.iter().map(|(r, name)| (*name, t.shared.counts[*r as usize].load(Relaxed))).collect();
        drops.push(("terminator-queue", t.shared.to_stack.dropped.load(Relaxed)));
        drops.retain(|d| d.1 > 0);
        drops
    }
}
