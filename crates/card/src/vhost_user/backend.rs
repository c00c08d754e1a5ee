//! The state of one vhost-user connection: features, guest memory, the two rings.
//!
//! ```text
//!            SET_VRING_KICK (memory, size, addresses known)       SET_VRING_ENABLE 1
//!  stopped ───────────────────────────────────────────► started ───────────────────► usable
//!     ▲                                                    │ ▲                          │
//!     └──────────────── GET_VRING_BASE ────────────────────┘ └── SET_VRING_ENABLE 0 ────┘
//! ```
//! Enabling may come first, even before SET_FEATURES (QEMU 7.2 does so).

use super::memory::{GuestMem, MemoryError};
use super::message::{QUEUES, RegionSpec, Reply, Request, RingAddrs, feature, protocol_feature};
use super::ring::{Ring, RingError, RingState};
use crate::heir::{Fds, HeirError};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// Receive: to the guest.
pub const RX: usize = 0;
/// Transmit: from the guest.
pub const TX: usize = 1;

#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    #[error("features {0:#x} were not offered")]
    Features(u64),
    #[error(transparent)]
    Memory(#[from] MemoryError),
    #[error("ring {ring}: its addresses are not in guest memory")]
    RingAddress { ring: usize },
    #[error("ring {ring} was started without memory, size and addresses")]
    NotConfigured { ring: usize },
    #[error("ring {ring} cannot be started")]
    Ring { ring: usize, source: RingError },
    #[error("the descriptor for a notification is not an eventfd")]
    NotEventFd,
    #[error("the descriptor for frames is neither a TAP's nor a packet socket")]
    NotFrames,
}

/// What the caller must do after a request.
#[derive(Debug, Default)]
pub struct Handled {
    pub reply: Option<Reply>,
    /// Kick descriptors that must leave the poll set *before* they are closed: the front end holds the same open file.
    pub retired_kicks: Vec<OwnedFd>,
    /// A ring whose kick descriptor is new.
    pub new_kick: Option<usize>,
    /// Rings may have become usable: look at them once without waiting for a kick.
    pub rings_changed: bool,
}

#[derive(Debug, Default)]
pub struct Vring {
    size: u16,
    base: u16,
    addrs: Option<RingAddrs>,
    kick: Option<OwnedFd>,
    call: Option<File>,
    err: Option<OwnedFd>,
    enabled: bool,
    state: Option<RingState>,
}

/// What an heir is told of a connection; its descriptors go beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackendState {
    features: u64,
    protocol_features: u64,
    regions: Vec<RegionSpec>,
    rings: Vec<VringState>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct VringState {
    size: u16,
    base: u16,
    addrs: Option<RingAddrs>,
    kick: bool,
    call: bool,
    err: bool,
    enabled: bool,
    /// Of a running ring.
    signalled_used: Option<u16>,
}

#[derive(Debug)]
pub struct Backend {
    features: u64,
    protocol_features: u64,
    memory: Option<GuestMem>,
    vrings: [Vring; QUEUES],
}

impl Default for Backend {
    fn default() -> Self {
        Self { features: 0, protocol_features: 0, memory: None, vrings: std::array::from_fn(|_| Vring::default()) }
    }
}

impl Backend {
    pub fn new() -> Self {
        Self::default()
    }

    /// The front end asked for acknowledgements of requests that have no reply of their own.
    pub fn acknowledges(&self) -> bool {
        self.protocol_features & protocol_feature::REPLY_ACK != 0
    }

    pub fn mergeable(&self) -> bool {
        self.features & feature::MRG_RXBUF != 0
    }

    pub fn kick(&self, ring: usize) -> Option<&OwnedFd> {
        self.vrings[ring].kick.as_ref()
    }

    /// Both rings can carry frames: the driver is up.
    pub fn usable(&self) -> bool {
        self.memory.is_some() && self.vrings.iter().all(|v| v.enabled && v.state.is_some())
    }

    /// The ring for one batch; `None` while it is not usable.
    pub fn ring(&mut self, ring: usize) -> Option<Result<Ring<'_>, RingError>> {
        let memory = self.memory.as_ref()?;
        let v = &mut self.vrings[ring];
        if !v.enabled {
            return None;
        }
        Some(Ring::open(memory, v.state.as_mut()?))
    }

    pub fn memory(&self) -> Option<&GuestMem> {
        self.memory.as_ref()
    }

    /// Memory and ring together, for a caller that copies while it walks.
    pub fn ring_and_memory(&mut self, ring: usize) -> Option<(Result<Ring<'_>, RingError>, &GuestMem)> {
        let memory = self.memory.as_ref()?;
        let v = &mut self.vrings[ring];
        if !v.enabled {
            return None;
        }
        Some((Ring::open(memory, v.state.as_mut()?), memory))
    }

    /// A ring that broke the rules rests until the driver starts it again.
    pub fn stop_ring(&mut self, ring: usize) {
        self.vrings[ring].state = None;
    }

    /// Interrupts the driver. An eventfd that is full (nobody reads it) has its interrupt pending already. (The front end
    /// shares the descriptor's O_NONBLOCK: a VMM that was taken over could clear it and fill the counter to hold the
    /// thread here. Nothing in the kernel lets a writer prevent that.)
    pub fn signal(&self, ring: usize) {
        if let Some(call) = &self.vrings[ring].call {
            let _ = (&*call).write(&1u64.to_ne_bytes());
        }
    }

    pub fn handle(&mut self, request: Request, fds: Vec<OwnedFd>) -> Result<Handled, BackendError> {
        let mut fds = fds.into_iter();
        let mut done = Handled::default();
        match request {
            Request::GetFeatures => done.reply = Some(Reply::Word(feature::OFFERED)),
            Request::SetFeatures(f) => {
                if f & !feature::OFFERED != 0 {
                    return Err(BackendError::Features(f));
                }
                self.features = f;
                // Without the protocol features there is no SET_VRING_ENABLE: rings are enabled from the start.
                if f & feature::PROTOCOL_FEATURES == 0 {
                    self.vrings.iter_mut().for_each(|v| v.enabled = true);
                }
                for v in &mut self.vrings {
                    if let Some(s) = &mut v.state {
                        s.event_idx = f & feature::EVENT_IDX != 0;
                    }
                }
            }
            Request::GetProtocolFeatures => done.reply = Some(Reply::Word(protocol_feature::OFFERED)),
            Request::SetProtocolFeatures(f) => {
                if f & !protocol_feature::OFFERED != 0 {
                    return Err(BackendError::Features(f));
                }
                self.protocol_features = f;
            }
            Request::SetOwner => {}
            // Not for rings: whoever holds the port takes it.
            Request::AttachFrames => return Err(BackendError::NotFrames),
            Request::ResetOwner => self.vrings.iter_mut().for_each(|v| v.enabled = false),
            Request::GetQueueNum => done.reply = Some(Reply::Word(1)),
            Request::GetMaxMemSlots => done.reply = Some(Reply::Word(super::message::REGIONS_MAX as u64)),
            Request::SetMemTable(regions) => {
                let memory = GuestMem::map(regions, fds.by_ref().collect())?;
                // Running rings move to the new mapping; one that is no longer inside it stops.
                for v in &mut self.vrings {
                    let moved = v.state.take().and_then(|s| relocate(&memory, v.addrs.as_ref()?, s));
                    v.state = moved;
                }
                self.memory = Some(memory);
                done.rings_changed = true;
            }
            Request::SetVringNum { index, size } => self.vrings[index].size = size,
            Request::SetVringAddr(a) => {
                self.vrings[a.index].addrs = Some(a);
                if let (Some(memory), Some(s)) = (&self.memory, self.vrings[a.index].state.take()) {
                    let moved = relocate(memory, &a, s).ok_or(BackendError::RingAddress { ring: a.index })?;
                    self.vrings[a.index].state = Some(moved);
                }
            }
            Request::SetVringBase { index, base } => self.vrings[index].base = base,
            Request::GetVringBase { index } => {
                let v = &mut self.vrings[index];
                if let Some(s) = v.state.take() {
                    v.base = s.next_avail;
                }
                done.retired_kicks.extend(v.kick.take());
                v.call = None;
                done.reply = Some(Reply::VringState { index: index as u32, num: u32::from(v.base) });
            }
            Request::SetVringKick { index } => {
                done.retired_kicks.extend(self.vrings[index].kick.take());
                self.vrings[index].kick = fds.next();
                if let Some(kick) = &self.vrings[index].kick {
                    require_eventfd(kick)?;
                }
                self.start(index)?;
                done.new_kick = Some(index);
                done.rings_changed = true;
            }
            Request::SetVringCall { index, .. } => {
                self.vrings[index].call = fds.next().map(nonblocking_eventfd).transpose()?.map(File::from);
                // Whatever the driver missed meanwhile.
                self.signal(index);
            }
            Request::SetVringErr { index, .. } => self.vrings[index].err = fds.next(),
            Request::SetVringEnable { index, enable } => {
                self.vrings[index].enabled = enable;
                done.rings_changed = true;
            }
        }
        Ok(done)
    }

    /// For an heir: what was agreed on, with descriptors in the order of regions and of rings (kick, call, error).
    pub fn pack(&self, fds: &mut Vec<OwnedFd>) -> std::io::Result<BackendState> {
        let mut regions = Vec::new();
        if let Some(memory) = &self.memory {
            let (specs, files) = memory.parts()?;
            regions.extend_from_slice(specs);
            fds.extend(files);
        }
        let mut rings = Vec::new();
        for v in &self.vrings {
            // A ring that rests until the driver starts it again comes with another kick then.
            let kick = v.kick.as_ref().filter(|_| v.state.is_some());
            let call = v.call.as_ref().map(|f| f.as_fd());
            for fd in [kick.map(|k| k.as_fd()), call, v.err.as_ref().map(|e| e.as_fd())].into_iter().flatten() {
                fds.push(fd.try_clone_to_owned()?);
            }
            rings.push(VringState {
                size: v.size,
                base: v.state.as_ref().map_or(v.base, |s| s.next_avail),
                addrs: v.addrs,
                kick: kick.is_some(),
                call: v.call.is_some(),
                err: v.err.is_some(),
                enabled: v.enabled,
                signalled_used: v.state.as_ref().map(|s| s.signalled_used),
            });
        }
        Ok(BackendState { features: self.features, protocol_features: self.protocol_features, regions, rings })
    }

    /// Goes on with what another card agreed on. Reads the rings' indices, and changes nothing in the guest's memory.
    pub fn adopt(state: BackendState, fds: &mut Fds) -> Result<Self, HeirError> {
        Self::go_on(state, fds, false)
    }

    /// Goes on with what a killed card had agreed on: each ring at its used index ([`crate::keeping`] says why). Interrupts both,
    /// as nobody knows of which frames the driver was told.
    pub fn resume(state: BackendState, fds: &mut Fds) -> Result<Self, HeirError> {
        let backend = Self::go_on(state, fds, true)?;
        (0..QUEUES).for_each(|ring| backend.signal(ring));
        Ok(backend)
    }

    fn go_on(state: BackendState, fds: &mut Fds, at_used: bool) -> Result<Self, HeirError> {
        let mut backend = Self { features: state.features, protocol_features: state.protocol_features, ..Self::default() };
        if !state.regions.is_empty() {
            let files = state.regions.iter().map(|_| fds.take()).collect::<Result<Vec<_>, _>>()?;
            backend.memory = Some(GuestMem::map(state.regions, files).map_err(BackendError::from)?);
        }
        for (ring, r) in state.rings.into_iter().enumerate().take(QUEUES) {
            let (kick, call, err) = (fds.take_if(r.kick)?, fds.take_if(r.call)?, fds.take_if(r.err)?);
            kick.as_ref().map_or(Ok(()), require_eventfd)?;
            let call = call.map(nonblocking_eventfd).transpose()?.map(File::from);
            let running = r.signalled_used.filter(|_| r.size.is_power_of_two());
            let state = match (&backend.memory, &r.addrs, running) {
                (Some(memory), Some(addrs), Some(signalled_used)) => {
                    let blank = backend.blank(r.size, r.base);
                    let mut state = relocate(memory, addrs, blank).ok_or(BackendError::RingAddress { ring })?;
                    let error = |source| BackendError::Ring { ring, source };
                    state.next_used = state.published(memory).map_err(error)?;
                    (state.next_avail, state.signalled_used) =
                        if at_used { (state.next_used, state.next_used) } else { (r.base, signalled_used) };
                    Ring::open(memory, &mut state).map_err(error)?;
                    Some(state)
                }
                (_, _, None) => None,
                _ => return Err(BackendError::NotConfigured { ring }.into()),
            };
            backend.vrings[ring] =
                Vring { size: r.size, base: r.base, addrs: r.addrs, kick, call, err, enabled: r.enabled, state };
        }
        Ok(backend)
    }

    fn blank(&self, size: u16, next_avail: u16) -> RingState {
        RingState {
            size,
            event_idx: self.features & feature::EVENT_IDX != 0,
            descriptors: 0,
            available: 0,
            used: 0,
            next_avail,
            next_used: 0,
            signalled_used: 0,
        }
    }

    fn start(&mut self, ring: usize) -> Result<(), BackendError> {
        let v = &self.vrings[ring];
        if v.state.is_some() {
            return Ok(());
        }
        let (Some(memory), Some(addrs), true) = (&self.memory, &v.addrs, v.size > 0) else {
            return Err(BackendError::NotConfigured { ring });
        };
        if self.features & feature::VERSION_1 == 0 {
            tracing::warn!(ring, "the guest's network device is a legacy one (force-legacy=false is missing): no link");
            return Ok(());
        }
        let blank = self.blank(v.size, v.base);
        let mut state = relocate(memory, addrs, blank).ok_or(BackendError::RingAddress { ring })?;
        let begin = |state: &mut RingState| {
            state.next_used = state.published(memory)?;
            state.signalled_used = state.next_used;
            let mut r = Ring::open(memory, state)?;
            r.refuse_kicks()?;
            if ring == TX {
                r.ask_for_kick()?;
            }
            Ok(())
        };
        begin(&mut state).map_err(|source| BackendError::Ring { ring, source })?;
        self.vrings[ring].state = Some(state);
        Ok(())
    }
}

/// The ring's state with its table addresses taken from `addrs`.
fn relocate(memory: &GuestMem, addrs: &RingAddrs, state: RingState) -> Option<RingState> {
    let n = u64::from(state.size);
    Some(RingState {
        descriptors: memory.guest_addr(addrs.descriptors, 16 * n)?,
        available: memory.guest_addr(addrs.available, 6 + 2 * n)?,
        used: memory.guest_addr(addrs.used, 6 + 8 * n)?,
        ..state
    })
}

/// Only an eventfd is taken for a notification: writing to anything else could block or have other effects.
fn require_eventfd(fd: &OwnedFd) -> Result<(), BackendError> {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd()));
    match link {
        Ok(target) if target.as_os_str() == "anon_inode:[eventfd]" => Ok(()),
        _ => Err(BackendError::NotEventFd),
    }
}

/// An eventfd that is written to must never block the card's thread.
fn nonblocking_eventfd(fd: OwnedFd) -> Result<OwnedFd, BackendError> {
    require_eventfd(&fd)?;
    // SAFETY: fcntl on an owned descriptor with integer arguments only.
    let ok = unsafe {
        let flags = libc::fcntl(fd.as_raw_fd(), libc::F_GETFL);
        flags >= 0 && libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) >= 0
    };
    if ok { Ok(fd) } else { Err(BackendError::NotEventFd) }
}
