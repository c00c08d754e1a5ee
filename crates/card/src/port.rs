//! A port's attachment: the socket the VMM connects to, its connection, and the device behind it.
//!
//! The newest connection wins: a VMM that was restarted need not wait until its predecessor's socket is noticed dead.
//! A connection that breaks the protocol is closed; the VMM (`reconnect=1`) comes again and starts afresh.

use crate::device::NetDevice;
use crate::poller::{Poller, Token};
use crate::vhost_user::backend::{Backend, BackendError};
use crate::vhost_user::message::{QUEUES, Reply};
use crate::vhost_user::socket::{Connection, SocketError};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
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
    #[error("cannot watch a kick descriptor")]
    Watch(#[source] io::Error),
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

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the newest connection. True when there is one: what was known of the guest before is of another.
    pub fn accept(&mut self, poller: &Poller) -> bool {
        let mut accepted = false;
        for _ in 0..ACCEPTS_PER_TURN {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a front end");
                    break;
                }
            };
            accepted = true;
            self.disconnect(poller);
            let connected = Connection::new(stream).and_then(|c| {
                poller.add(c.fd(), Token::Control(self.slot))?;
                Ok(c)
            });
            match connected {
                Ok(c) => self.connection = Some(c),
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

fn retire(poller: &Poller, kicks: Vec<OwnedFd>) {
    for kick in kicks {
        poller.remove(kick.as_raw_fd());
    }
}
