//! The card's thread: one epoll over every port's vhost-user socket and rings, the underlay socket, the forwarder's
//! clients and the commands of the async side; between them the switch.
//!
//! Nothing here waits for anything but epoll. A turn handles what is ready in bounded pieces: 64 frames a port, 64
//! datagrams, 32 messages a connection; what is left over is taken in the next turn, in which the others come first.

mod flows;
mod hand_over;
mod keep;
mod services;
mod status;
mod terminators;
mod trace;

use crate::device::Limits;
use crate::endpoint;
use crate::forward::Client;
use crate::heir::HeirError;
use crate::imds::token::Tokens;
use crate::keeping::Keeping;
use crate::poller::{Poller, Token};
use crate::slot::{Outlet, Slot, has_guest};
use crate::terminator::Terminators;
use crate::underlay::{BATCH, Inbox};
pub use flows::BATCHES_MAX as FLOW_BATCHES_MAX;
use flows::Flows;
pub use hand_over::Prospect;
use platform::links::Links;
use platform::{Clock, Rng, SystemClock, SystemRng};
use std::collections::HashMap;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;
use types::{Generation, InterfaceId};
use vmm_sys_util::eventfd::{EFD_CLOEXEC, EFD_NONBLOCK, EventFd};
use vswitch::maglev::Tables;
use vswitch::{FrameBuf, KeptWords, PortIndex, Switch};
use wire::card::CardStatus;
use wire::flow::FlowLine;
use wire::net::NetConfig;
use wire::trace::{FlowsRequest, HostTable, TraceReply, TraceRequest};

/// Room for a frame of the largest MTU (9,001 bytes and the Ethernet header) and for VXLAN in front of it.
const FRAME_BYTES_MAX: usize = 9216;
const COMMANDS_MAX: usize = 32;
/// Housekeeping: idle flows, sockets that could not be bound.
const TICK_MS: u64 = 1000;

#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error("the card's thread is busy")]
    Busy,
    #[error("the card's thread has ended")]
    Gone,
    #[error("{0}")]
    Config(#[from] vswitch::ConfigError),
}

enum Command {
    Configure(Arc<NetConfig>, Tables, oneshot::Sender<Result<(), WorkerError>>),
    Status(oneshot::Sender<CardStatus>),
    Trace(TraceRequest, oneshot::Sender<Option<TraceReply>>),
    Flows(FlowsRequest, oneshot::Sender<Option<HostTable>>),
    Prospect(oneshot::Sender<Option<Prospect>>),
    HandOver(UnixStream, Generation, oneshot::Sender<Result<(), HeirError>>),
    Stop,
}

/// What the worker does after the commands.
enum Next {
    GoOn,
    /// Ends, and takes its sockets along.
    Close,
    /// Another one goes on with all of it.
    Leave,
}

pub struct WorkerOptions {
    /// Where the VMM of an interface connects.
    pub port_socket: Box<dyn Fn(InterfaceId) -> PathBuf + Send>,
    /// Where the process behind an interface's terminator takes its connections.
    pub balancer_socket: Box<dyn Fn(InterfaceId) -> PathBuf + Send>,
    pub forward_socket: PathBuf,
    pub tokens: Tokens,
    /// Batches of flow records; what finds the queue full is skipped, and the next line of its interface says so.
    pub flows: SyncSender<Vec<FlowLine>>,
    /// Takes guests' connections to services.
    pub handed: endpoint::Queue,
    /// What outlives the process. Read at the first configuration, unless another card's place is taken.
    pub kept: Option<KeptWords>,
    /// Faults of the links to other hosts.
    pub links: Option<Links>,
    /// Where guests' connections are laid down, and what the last life has left there.
    pub keeping: Keeping,
}

/// The async side's end. Dropping it ends the thread.
pub struct WorkerHandle {
    commands: SyncSender<Command>,
    /// Of the last configuration: the next one takes from it what is the same.
    tables: Mutex<Tables>,
    wake: EventFd,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl WorkerHandle {
    pub fn spawn(options: WorkerOptions) -> io::Result<Self> {
        let (commands, receiver) = sync_channel(COMMANDS_MAX);
        let wake = EventFd::new(EFD_NONBLOCK | EFD_CLOEXEC)?;
        let forward = listen_private(&options.forward_socket)?;
        let switch = Switch::new(vswitch::Options::new(SystemRng::new().u64()));
        let mut worker = Worker::new(options, receiver, wake.try_clone()?, forward, switch)?;
        let thread = std::thread::Builder::new().name("card".to_owned()).spawn(move || worker.run())?;
        Ok(Self { commands, tables: Mutex::default(), wake, thread: Some(thread) })
    }

    /// Takes the place of the card at the other end of `stream`; returns with it when packets are this one's. The other one
    /// has ended when the stream has.
    ///
    /// # Errors
    /// See [`HeirError`]; the other one goes on.
    pub async fn take_over(options: WorkerOptions, stream: UnixStream) -> Result<(Self, UnixStream), HeirError> {
        let (commands, receiver) = sync_channel(COMMANDS_MAX);
        let wake = EventFd::new(EFD_NONBLOCK | EFD_CLOEXEC)?;
        let waker = wake.try_clone()?;
        let (done, outcome) = oneshot::channel();
        let begin = move || match Worker::take_over(options, receiver, waker, stream) {
            Ok((mut worker, stream)) => {
                let _ = done.send(Ok(stream));
                worker.run();
            }
            Err(e) => drop(done.send(Err(e))),
        };
        let thread = std::thread::Builder::new().name("card".to_owned()).spawn(begin)?;
        let stream = outcome.await.map_err(|_| HeirError::Thread)??;
        Ok((Self { commands, tables: Mutex::default(), wake, thread: Some(thread) }, stream))
    }

    /// What an heir needs beforehand. `None`: there is no configuration yet.
    pub async fn prospect(&self) -> Result<Option<Prospect>, WorkerError> {
        let (tx, rx) = oneshot::channel();
        self.send(Command::Prospect(tx))?;
        rx.await.map_err(|_| WorkerError::Gone)
    }

    /// Leaves everything to the heir at the other end, which has compiled that generation. After an error the card goes on.
    pub async fn hand_over(&self, stream: UnixStream, compiled: Generation) -> Result<(), HeirError> {
        let (tx, rx) = oneshot::channel();
        self.send(Command::HandOver(stream, compiled, tx)).map_err(|_| HeirError::Thread)?;
        rx.await.map_err(|_| HeirError::Thread)?
    }

    /// Puts a configuration in force; after an error the old one stays.
    pub async fn configure(&self, config: NetConfig) -> Result<(), WorkerError> {
        let (tx, rx) = oneshot::channel();
        // Here, so that packets do not wait for it.
        let tables = {
            let mut held = self.tables.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *held = Tables::prepare(&config, &held);
            held.clone()
        };
        self.send(Command::Configure(Arc::new(config), tables, tx))?;
        rx.await.map_err(|_| WorkerError::Gone)?
    }

    pub async fn status(&self) -> Result<CardStatus, WorkerError> {
        let (tx, rx) = oneshot::channel();
        self.send(Command::Status(tx))?;
        rx.await.map_err(|_| WorkerError::Gone)
    }

    /// What would become of a packet. `None`: the interface is not on this host.
    pub async fn trace(&self, request: TraceRequest) -> Result<Option<TraceReply>, WorkerError> {
        let (tx, rx) = oneshot::channel();
        self.send(Command::Trace(request, tx))?;
        rx.await.map_err(|_| WorkerError::Gone)
    }

    /// The table in force. `None`: the interface is not on this host.
    pub async fn flows(&self, request: FlowsRequest) -> Result<Option<HostTable>, WorkerError> {
        let (tx, rx) = oneshot::channel();
        self.send(Command::Flows(request, tx))?;
        rx.await.map_err(|_| WorkerError::Gone)
    }

    fn send(&self, command: Command) -> Result<(), WorkerError> {
        self.commands.try_send(command).map_err(|e| match e {
            TrySendError::Full(_) => WorkerError::Busy,
            TrySendError::Disconnected(_) => WorkerError::Gone,
        })?;
        // A full counter is a wake-up that is pending already.
        let _ = self.wake.write(1);
        Ok(())
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        // With a full queue the thread is awake and sees the closed channel after it.
        let _ = self.commands.try_send(Command::Stop);
        let (closed, _) = sync_channel(1);
        self.commands = closed;
        let _ = self.wake.write(1);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    options: WorkerOptions,
    commands: Receiver<Command>,
    wake: EventFd,
    poller: Poller,
    clock: SystemClock,
    switch: Switch,
    config: Option<Arc<NetConfig>>,
    out: Outlet,
    /// Frames of terminators wait.
    terminators_ready: bool,
    terminated: Vec<(PortIndex, Vec<u8>)>,
    forward: UnixListener,
    clients: HashMap<u32, Client>,
    next_client: u32,
    forward_refused: u64,
    endpoint_refused: u64,
    frames: Vec<FrameBuf>,
    scratch: FrameBuf,
    inbox: Inbox,
    tick_ms: u64,
    first_port: usize,
    flows: Flows,
    /// The switch's time is that of the card whose place was taken: so much later than this one's clock.
    ahead_ms: u64,
}

impl Worker {
    fn new(
        options: WorkerOptions,
        commands: Receiver<Command>,
        wake: EventFd,
        forward: UnixListener,
        switch: Switch,
    ) -> io::Result<Self> {
        let poller = Poller::new()?;
        poller.add(wake.as_raw_fd(), Token::Wake)?;
        poller.add(forward.as_raw_fd(), Token::ForwardListener)?;
        let terminators = Terminators::new()?;
        poller.add(terminators.fd(), Token::Terminators)?;
        Ok(Self {
            ahead_ms: 0,
            flows: Flows::new(options.flows.clone()),
            options,
            commands,
            wake,
            poller,
            clock: SystemClock::new(),
            switch,
            config: None,
            out: Outlet { slots: Vec::new(), terminators, underlay: None, underlay_down: 0, now_ms: 0 },
            terminators_ready: false,
            terminated: Vec::new(),
            forward,
            clients: HashMap::new(),
            next_client: 0,
            forward_refused: 0,
            endpoint_refused: 0,
            frames: (0..BATCH).map(|_| FrameBuf::new(FRAME_BYTES_MAX)).collect(),
            scratch: FrameBuf::new(FRAME_BYTES_MAX),
            inbox: Inbox::default(),
            tick_ms: 0,
            first_port: 0,
        })
    }

    fn now_ms(&self) -> u64 {
        self.clock.monotonic_us() / 1000 + self.ahead_ms
    }

    fn run(&mut self) {
        let mut ready = Vec::new();
        loop {
            let timeout = self.timeout_ms();
            if let Err(error) = self.poller.wait(timeout, &mut ready) {
                tracing::error!(%error, "epoll failed; the card's thread ends");
                break;
            }
            let mut datagrams = false;
            for &token in &ready {
                match token {
                    Token::Wake => match self.run_commands() {
                        Next::GoOn => {}
                        Next::Close => return self.close(),
                        Next::Leave => return,
                    },
                    Token::Underlay => datagrams = true,
                    Token::Listener(n) => self.accept_front_end(n),
                    Token::Control(n) => self.hear(n),
                    Token::Kick(n) => self.with_slot(n, |slot, _| slot.transmit = true),
                    Token::Terminators => self.terminators_ready = true,
                    Token::ForwardListener => self.accept_clients(),
                    Token::ForwardClient(n) => self.client_ready(n),
                }
            }
            if datagrams {
                self.receive_datagrams();
            }
            self.transmit();
            self.transmit_terminated();
            self.resolve_due();
            self.run_services();
            self.flush();
            self.tick();
        }
    }

    /// A VMM connects. Another one's guest begins without the connections that the last had.
    fn accept_front_end(&mut self, n: u32) {
        self.unsettle(n);
        let Some(Some(slot)) = self.out.slots.get_mut(n as usize) else { return };
        if let Some(guest) = slot.attachment.accept(&self.poller) {
            slot.frames_before = self.switch.port_stats(PortIndex(n)).map_or(0, |s| s.tx_frames);
            self.switch.attach(PortIndex(n), guest);
        }
        self.keep(n);
    }

    fn with_slot(&mut self, n: u32, f: impl FnOnce(&mut Slot, &Poller)) {
        if let Some(Some(slot)) = self.out.slots.get_mut(n as usize) {
            f(slot, &self.poller);
        }
    }

    /// Until something is due.
    fn timeout_ms(&self) -> i32 {
        if self.terminators_ready {
            return 0;
        }
        let now = self.now_ms();
        let mut due = (self.tick_ms + TICK_MS).min(self.switch.resolve_due_ms().unwrap_or(u64::MAX));
        for slot in self.out.slots.iter().flatten() {
            if slot.has_frames(now) || slot.services_wake {
                return 0;
            }
            due = due.min(slot.held_until_ms.filter(|_| slot.transmit).unwrap_or(u64::MAX));
            due = due.min(slot.services_due_ms.unwrap_or(u64::MAX));
        }
        due = due.min(self.out.underlay.as_ref().and_then(|u| u.due_ms()).unwrap_or(u64::MAX));
        for client in self.clients.values() {
            due = due.min(client.due_ms().unwrap_or(u64::MAX));
        }
        due.saturating_sub(now).min(TICK_MS) as i32
    }

    // ------------------------------------------------------------------------------------------------------ packets

    /// Its share of each port that has frames, beginning with another port each time. What exceeds a guest's rate stays in its
    /// ring, where it costs nobody anything.
    fn transmit(&mut self) {
        let now_ms = self.now_ms();
        self.out.now_ms = now_ms;
        let ports = self.out.slots.len();
        self.first_port = if ports == 0 { 0 } else { (self.first_port + 1) % ports };
        for i in 0..ports {
            let n = (self.first_port + i) % ports;
            let Some(slot) = self.out.slots[n].as_mut().filter(|s| s.has_frames(now_ms)) else { continue };
            if !slot.share.begin() {
                continue;
            }
            let port = PortIndex(n as u32);
            let device = &mut slot.attachment.device;
            let limits = Limits { share: &mut slot.share, rate: self.switch.allowance(port, now_ms) };
            let mut taken = device.take_frames(&mut self.frames, limits);
            slot.held_until_ms = taken.waits.and_then(|bytes| self.switch.allowed_ms(port, bytes, now_ms));
            if taken.waits.is_some() && taken.frames == 0 && slot.held_until_ms.is_none() {
                // Longer than the rate will ever let through: the switch drops it.
                taken = device.take_frames(&mut self.frames[..1], Limits { share: &mut slot.share, rate: None });
            }
            slot.transmit = taken.more;
            let slow = self.switch.slow_frames();
            for frame in &mut self.frames[..taken.frames] {
                self.switch.from_port(port, frame, now_ms, &mut self.out);
            }
            if let Some(slot) = &mut self.out.slots[n] {
                slot.share.took_slow(self.switch.slow_frames() - slow);
                slot.share.end();
            }
        }
    }

    fn receive_datagrams(&mut self) {
        let now_ms = self.now_ms();
        let Some(underlay) = &self.out.underlay else { return };
        self.inbox.receive(underlay);
        self.out.now_ms = now_ms;
        for (source, datagram) in self.inbox.datagrams() {
            if self.out.underlay.as_mut().is_some_and(|u| u.is_cut(source)) {
                continue;
            }
            // One that does not fit leaves the buffer empty and is dropped as malformed.
            self.scratch.set(datagram);
            self.switch.from_underlay(source, &mut self.scratch, now_ms, &mut self.out);
        }
    }

    /// Questions to directories that are to be asked again.
    fn resolve_due(&mut self) {
        let now_ms = self.now_ms();
        if self.switch.resolve_due_ms().is_none_or(|due| now_ms < due) {
            return;
        }
        self.out.now_ms = now_ms;
        self.switch.resolve_due(now_ms, &mut self.out);
    }

    /// Datagrams and interrupts of this turn.
    fn flush(&mut self) {
        let now_ms = self.now_ms();
        if let Some(underlay) = &mut self.out.underlay {
            underlay.release(now_ms);
            underlay.flush();
        }
        self.out.terminators.flush();
        for slot in self.out.slots.iter_mut().flatten() {
            if std::mem::take(&mut slot.delivered) {
                slot.attachment.device.flush();
            }
        }
    }

    // ----------------------------------------------------------------------------------------------- configuration

    fn run_commands(&mut self) -> Next {
        let _ = self.wake.read();
        loop {
            match self.commands.try_recv() {
                Ok(Command::Configure(config, tables, reply)) => {
                    let result = self.configure(config, tables);
                    let _ = reply.send(result.map_err(WorkerError::from));
                }
                Ok(Command::Status(reply)) => drop(reply.send(self.status())),
                Ok(Command::Trace(request, reply)) => drop(reply.send(self.trace(&request))),
                Ok(Command::Flows(request, reply)) => drop(reply.send(self.switch.host_table(&request))),
                Ok(Command::Prospect(reply)) => drop(reply.send(self.prospect())),
                Ok(Command::HandOver(stream, compiled, reply)) => {
                    let outcome = self.leave_to(&stream, compiled);
                    let left = outcome.is_ok();
                    let _ = reply.send(outcome);
                    if left {
                        return Next::Leave;
                    }
                }
                Ok(Command::Stop) | Err(std::sync::mpsc::TryRecvError::Disconnected) => return Next::Close,
                Err(std::sync::mpsc::TryRecvError::Empty) => return Next::GoOn,
            }
        }
    }

    fn configure(&mut self, config: Arc<NetConfig>, tables: Tables) -> Result<(), vswitch::ConfigError> {
        let now_ms = self.now_ms();
        self.switch.configure_with(&config, tables, now_ms)?;
        if let Some(words) = self.options.kept.take() {
            let recovered = self.switch.recover(&words, now_ms);
            tracing::info!(recovered, "connections of an earlier life go on");
            self.switch.keep_in(words);
        }
        self.log_flows(now_ms);
        self.flows.follow(&config, now_ms);
        self.config = Some(config);
        self.apply();
        Ok(())
    }

    /// Brings sockets and slots to what the configuration says. What cannot be done now is tried again every tick.
    fn apply(&mut self) {
        let Some(config) = self.config.clone() else { return };
        if self.out.underlay.as_ref().is_some_and(|u| u.address() != config.underlay)
            && let Some(u) = self.out.underlay.take()
        {
            self.poller.remove(u.fd());
        }
        if self.out.underlay.is_none() {
            let bound = self.open_underlay(config.underlay).and_then(|u| {
                self.poller.add(u.fd(), Token::Underlay)?;
                Ok(u)
            });
            match bound {
                Ok(u) => self.out.underlay = Some(u),
                Err(error) => tracing::warn!(address = %config.underlay, %error, "cannot bind the underlay socket"),
            }
        }
        let place: HashMap<InterfaceId, usize> = config.ports.iter().enumerate().map(|(at, p)| (p.id, at)).collect();
        let wanted: Vec<(PortIndex, InterfaceId)> = self.switch.ports().collect();
        let size = wanted.iter().map(|(i, _)| i.0 as usize + 1).max().unwrap_or(0);
        for n in 0..self.out.slots.len() {
            let guest = |id| place.get(id).is_some_and(|&at| has_guest(&config.ports[at]));
            let stays = wanted
                .iter()
                .any(|(i, id)| i.0 as usize == n && guest(id) && self.out.slots[n].as_ref().is_some_and(|s| s.id == *id));
            if !stays && let Some(slot) = self.out.slots[n].take() {
                slot.attachment.close(&self.poller);
                self.clients.retain(|_, c| c.slot() != Some(n as u32));
            }
        }
        self.out.slots.resize_with(size, || None);
        self.apply_terminators(&config);
        for (index, id) in wanted {
            // Nothing is attached to a port without a guest.
            let Some(&at) = place.get(&id).filter(|&&at| has_guest(&config.ports[at])) else { continue };
            let n = index.0 as usize;
            match &mut self.out.slots[n] {
                // Clients hold handles into the stack: they must not outlive it.
                Some(slot) => {
                    if slot.reconfigure(config.clone(), at) {
                        self.clients.retain(|_, c| c.slot() != Some(index.0));
                    }
                }
                None => match self.attach(index, id) {
                    Ok((attachment, resumed)) => {
                        let mut slot = Slot::new(id, attachment, config.clone(), at);
                        // What came in meanwhile made no kick that this one hears.
                        slot.transmit = resumed;
                        self.out.slots[n] = Some(slot);
                    }
                    Err(error) => tracing::warn!(port = %id, %error, "cannot listen for the port's VMM"),
                },
            }
        }
        self.keep_all();
    }

    fn tick(&mut self) {
        let now_ms = self.now_ms();
        if now_ms < self.tick_ms + TICK_MS {
            return;
        }
        self.tick_ms = now_ms;
        if let (Some(links), Some(underlay)) = (&self.options.links, &mut self.out.underlay) {
            underlay.set_faults(&links.addresses());
        }
        let tenth = (self.switch.entries() / 10).clamp(64, 50_000);
        self.switch.expire(now_ms, tenth);
        self.out.now_ms = now_ms;
        self.switch.advertise(now_ms, &mut self.out);
        self.log_flows(now_ms);
        let ports = self.config.as_ref().map_or(0, |c| c.ports.iter().filter(|p| p.nat.is_none()).count());
        let there = self.out.slots.iter().flatten().count() + self.out.terminators.count();
        if self.config.is_some() && (self.out.underlay.is_none() || there < ports) {
            self.apply();
        } else if self.config.is_some() {
            self.keep_all();
        }
    }

    fn close(&mut self) {
        for slot in self.out.slots.iter_mut().filter_map(Option::take) {
            slot.attachment.close(&self.poller);
        }
        self.options.keeping.forget_others(|_| false);
        let _ = platform::disk::remove_file(&self.options.forward_socket);
    }
}

/// A listening unix socket, 0600, in place of one that a dead predecessor left.
fn listen_private(path: &Path) -> io::Result<UnixListener> {
    platform::disk::remove_file(path)?;
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
