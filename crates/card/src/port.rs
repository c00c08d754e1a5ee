//! A port's attachment: the socket the VMM (or a sandbox's monitor) connects to, its connection, and the device behind it.
//!
//! The newest connection wins: a VMM that was restarted need not wait until its predecessor's socket is noticed dead.
//! A connection that breaks the protocol is closed; the VMM (`reconnect=1`) comes again and starts afresh.

use crate::device::NetDevice;
use crate::frames::FrameSocket;
use crate::heir::{Fds, HeirError};
use crate::poller::{Poller, Token};
use crate::vhost_user::backend::{Backend, BackendError, BackendState};
use crate::vhost_user::message::{QUEUES, Reply, Request};
use crate::vhost_user::socket::{Connection, SocketError};
use platform::process::ProcessId;
use platform::{Rng, SystemRng};
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// Messages of one connection handled before others get their turn.
const MESSAGES_PER_TURN: usize = 32;
const ACCEPTS_PER_TURN: usize = 4;

#[derive(Debug, thiserror::Error)]
pub enum PortError {
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error(transparent)]
    Backend(#[from] BackendError),
    #[error("cannot watch a descriptor")]
    Watch(#[source] io::Error),
}

/// What an heir is told of an attachment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttachmentState {
    connected: bool,
    frames: bool,
    backend: BackendState,
    protocol_errors: u64,
}

#[derive(Debug)]
pub struct Attachment {
    slot: u32,
    path: PathBuf,
    listener: UnixListener,
    connection: Option<Connection>,
    pub device: NetDevice,
    /// Connections closed because of what they sent.
    pub protocol_errors: u64,
}

impl Attachment {
    /// Listens at `path` (replacing what a dead predecessor left), for the port in `slot`.
    pub fn listen(slot: u32, path: &Path, poller: &Poller) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        poller.add(listener.as_raw_fd(), Token::Listener(slot))?;
        let device = NetDevice::default();
        Ok(Self { slot, path: path.to_owned(), listener, connection: None, device, protocol_errors: 0 })
    }

    pub fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// For an heir, with descriptors in the order of the fields.
    pub fn pack(&self, fds: &mut Vec<OwnedFd>) -> io::Result<AttachmentState> {
        fds.push(self.listener.as_fd().try_clone_to_owned()?);
        let connection = self.connection.as_ref().and_then(Connection::try_clone_fd).transpose()?;
        let connected = connection.is_some();
        fds.extend(connection);
        let frames = self.device.frames.as_ref().filter(|_| connected).map(FrameSocket::try_clone_fd).transpose()?;
        let has_frames = frames.is_some();
        fds.extend(frames);
        let backend = if connected { self.device.backend.pack(fds)? } else { Backend::new().pack(fds)? };
        Ok(AttachmentState { connected, frames: has_frames, backend, protocol_errors: self.protocol_errors })
    }

    /// For a card that comes when this one was killed: the connection, if nothing about it is unsettled and its driver is up.
    pub fn settled(&self, fds: &mut Vec<OwnedFd>) -> io::Result<Option<BackendState>> {
        let fd = self.connection.as_ref().filter(|_| self.device.backend.usable()).and_then(Connection::try_clone_fd);
        fds.extend(fd.transpose()?);
        if fds.is_empty() { Ok(None) } else { self.device.backend.pack(fds).map(Some) }
    }

    /// Goes on with a killed card's connection; says whose it is, as [`Self::accept`] does.
    pub fn resume(&mut self, state: BackendState, fds: Vec<OwnedFd>, poller: &Poller) -> Result<u64, HeirError> {
        let mut fds = Fds::new(fds);
        let connection = Connection::new(fds.take()?.into())?;
        let backend = Backend::resume(state, &mut fds)?;
        fds.end()?;
        let guest = guest(&connection);
        poller.add(connection.fd(), Token::Control(self.slot))?;
        (self.connection, self.device.backend) = (Some(connection), backend);
        self.watch_kicks(poller)?;
        Ok(guest)
    }

    fn watch_kicks(&self, poller: &Poller) -> io::Result<()> {
        let mut kicks = (0..QUEUES).filter_map(|ring| self.device.backend.kick(ring));
        kicks.try_for_each(|kick| poller.add_edge(kick.as_raw_fd(), Token::Kick(self.slot)))
    }

    /// Goes on with another card's sockets and rings.
    pub fn adopt(slot: u32, path: &Path, state: AttachmentState, fds: &mut Fds, poller: &Poller) -> Result<Self, HeirError> {
        let listener = UnixListener::from(fds.take()?);
        poller.add(listener.as_raw_fd(), Token::Listener(slot))?;
        let connection = fds.take_if(state.connected)?.map(|fd| Connection::new(fd.into())).transpose()?;
        if let Some(c) = &connection {
            poller.add(c.fd(), Token::Control(slot))?;
        }
        let mut device = NetDevice::default();
        if let Some(fd) = fds.take_if(state.frames)? {
            device.frames = Some(watch(FrameSocket::new(fd)?, slot, poller)?);
        }
        device.backend = Backend::adopt(state.backend, fds)?;
        let attachment =
            Self { slot, path: path.to_owned(), listener, connection, device, protocol_errors: state.protocol_errors };
        attachment.watch_kicks(poller)?;
        Ok(attachment)
    }

    /// Takes the newest connection, and says by a number who made it: the same one for the same process, also when a killed
    /// card's successor asks. Another process is another guest.
    pub fn accept(&mut self, poller: &Poller) -> Option<u64> {
        let mut accepted = None;
        for _ in 0..ACCEPTS_PER_TURN {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a front end");
                    break;
                }
            };
            self.disconnect(poller);
            let connected = Connection::new(stream).and_then(|c| {
                poller.add(c.fd(), Token::Control(self.slot))?;
                Ok(c)
            });
            match connected {
                Ok(c) => {
                    accepted = Some(guest(&c));
                    self.connection = Some(c);
                }
                Err(error) => tracing::warn!(%error, "cannot take a front end's connection"),
            }
        }
        accepted
    }

    /// Handles what the front end sent. True when a ring may have become usable.
    pub fn serve(&mut self, poller: &Poller) -> bool {
        let mut rings_changed = false;
        for _ in 0..MESSAGES_PER_TURN {
            match self.serve_one(poller) {
                Ok(None) => break,
                Ok(Some(changed)) => rings_changed |= changed,
                Err(PortError::Socket(SocketError::Closed)) => {
                    self.disconnect(poller);
                    break;
                }
                Err(error) => {
                    tracing::warn!(port = %self.path.display(), error = &error as &dyn std::error::Error, "front end disconnected");
                    self.protocol_errors += 1;
                    self.disconnect(poller);
                    break;
                }
            }
        }
        rings_changed
    }

    fn serve_one(&mut self, poller: &Poller) -> Result<Option<bool>, PortError> {
        let Some(connection) = &mut self.connection else { return Ok(None) };
        let Some(message) = connection.receive()? else { return Ok(None) };
        if message.request == Request::AttachFrames {
            let fd = message.fds.into_iter().next().ok_or(BackendError::NotFrames)?;
            let socket = FrameSocket::new(fd).map_err(|_| BackendError::NotFrames)?;
            self.detach(poller);
            self.device.frames = Some(watch(socket, self.slot, poller).map_err(PortError::Watch)?);
            return Ok(Some(true));
        }
        let (request, need_reply) = (message.header.request, message.header.need_reply);
        let outcome = self.device.backend.handle(message.request, message.fds);
        // An acknowledgement says "refused" before the connection is closed, so that the VMM logs the reason's place.
        let acknowledge = need_reply && self.device.backend.acknowledges();
        let done = match outcome {
            Ok(done) => done,
            Err(e) => {
                if acknowledge {
                    connection.reply(request, Reply::Word(1))?;
                }
                return Err(e.into());
            }
        };
        retire(poller, done.retired_kicks);
        if let Some(kick) = done.new_kick.and_then(|ring| self.device.backend.kick(ring)) {
            poller.add_edge(kick.as_raw_fd(), Token::Kick(self.slot)).map_err(PortError::Watch)?;
        }
        match done.reply {
            Some(reply) => connection.reply(request, reply)?,
            None if acknowledge => connection.reply(request, Reply::Word(0))?,
            None => {}
        }
        Ok(Some(done.rings_changed))
    }

    /// Forgets the front end; its memory is unmapped.
    pub fn disconnect(&mut self, poller: &Poller) {
        let Some(connection) = self.connection.take() else { return };
        poller.remove(connection.fd());
        connection.shut();
        self.detach(poller);
    }

    /// Rings and descriptors of the guest's are let go of.
    fn detach(&mut self, poller: &Poller) {
        if let Some(socket) = self.device.frames.take() {
            poller.remove(socket.fd());
        }
        for ring in 0..QUEUES {
            if let Some(kick) = self.device.backend.kick(ring) {
                poller.remove(kick.as_raw_fd());
            }
        }
        self.device.backend = Backend::new();
    }

    /// Stops listening and removes the socket.
    pub fn close(mut self, poller: &Poller) {
        self.disconnect(poller);
        poller.remove(self.listener.as_raw_fd());
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Of the VMM at the other end. One that cannot be told (it has ended) is like no other.
fn guest(connection: &Connection) -> u64 {
    match connection.peer_pid().ok().and_then(ProcessId::of) {
        // A pid has up to 22 bits; ticks of a hundredth of a second since boot.
        Some(id) => id.start_ticks << 22 | u64::from(id.pid),
        None => SystemRng::new().u64() | 1,
    }
}

fn watch(socket: FrameSocket, slot: u32, poller: &Poller) -> io::Result<FrameSocket> {
    poller.add_edge(socket.fd(), Token::Kick(slot))?;
    Ok(socket)
}

fn retire(poller: &Poller, kicks: Vec<OwnedFd>) {
    for kick in kicks {
        poller.remove(kick.as_raw_fd());
    }
}
