//! A vhost-user connection: whole messages with their file descriptors out of a non-blocking stream socket.
//!
//! Reads exactly one message at a time (header, then body), so that descriptors stay with the message they came with.
//! The sender's bytes are bounded by [`BODY_BYTES_MAX`], its descriptors by [`FDS_MAX`].

use super::message::{FDS_MAX, HEADER_BYTES, Header, ProtocolError, Reply, Request};
use platform::descriptors;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    #[error("the front end closed the connection")]
    Closed,
    #[error("cannot receive")]
    Receive(#[source] io::Error),
    #[error("cannot reply")]
    Reply(#[source] io::Error),
    #[error("more than 8 file descriptors with one message")]
    Descriptors,
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

/// A message as received.
#[derive(Debug)]
pub struct Received {
    pub header: Header,
    pub request: Request,
    pub fds: Vec<OwnedFd>,
}

#[derive(Debug)]
pub struct Connection {
    stream: UnixStream,
    header: Option<Header>,
    bytes: Vec<u8>,
    fds: Vec<OwnedFd>,
}

impl Connection {
    pub fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self { stream, header: None, bytes: Vec::with_capacity(HEADER_BYTES), fds: Vec::new() })
    }

    /// For an heir. `None`: in the middle of a message, which nobody could go on with.
    pub fn try_clone_fd(&self) -> Option<io::Result<OwnedFd>> {
        let between = self.header.is_none() && self.bytes.is_empty() && self.fds.is_empty();
        between.then(|| self.stream.try_clone().map(OwnedFd::from))
    }

    /// Ends it at both ends, whoever else has its descriptor.
    pub fn shut(&self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }

    /// The process at the other end, as the kernel says.
    pub fn peer_pid(&self) -> io::Result<u32> {
        let mut peer = libc::ucred { pid: 0, uid: 0, gid: 0 };
        let mut bytes = size_of::<libc::ucred>() as libc::socklen_t;
        // SAFETY: the option's value is a ucred, which lives across the call and has the stated length.
        let result = unsafe {
            libc::getsockopt(self.stream.as_raw_fd(), libc::SOL_SOCKET, libc::SO_PEERCRED, (&raw mut peer).cast(), &mut bytes)
        };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(peer.pid.unsigned_abs()) }
    }

    pub fn fd(&self) -> RawFd {
        self.stream.as_raw_fd()
    }

    /// The next whole message, or `None` when the rest of it has not come yet.
    pub fn receive(&mut self) -> Result<Option<Received>, SocketError> {
        loop {
            let wanted = match &self.header {
                None => HEADER_BYTES,
                Some(h) => h.body_bytes,
            };
            while self.bytes.len() < wanted {
                if !self.fill(wanted)? {
                    return Ok(None);
                }
            }
            match self.header.take() {
                None => {
                    self.header = Some(Header::parse(&self.bytes)?);
                    self.bytes.clear();
                }
                Some(header) => {
                    let fds = std::mem::take(&mut self.fds);
                    let request = Request::parse(header, &self.bytes, fds.len())?;
                    self.bytes.clear();
                    return Ok(Some(Received { header, request, fds }));
                }
            }
        }
    }

    /// Reads up to `wanted` bytes in all; false when nothing is there now.
    fn fill(&mut self, wanted: usize) -> Result<bool, SocketError> {
        let have = self.bytes.len();
        self.bytes.resize(wanted, 0);
        let result = descriptors::receive(self.stream.as_raw_fd(), &mut self.bytes[have..], &mut self.fds);
        let got = match &result {
            Ok(n) => *n,
            Err(_) => 0,
        };
        self.bytes.truncate(have + got);
        match result {
            Ok(0) => Err(SocketError::Closed),
            Ok(_) if self.fds.len() > FDS_MAX => Err(SocketError::Descriptors),
            Ok(_) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => Ok(true),
            Err(e) => Err(SocketError::Receive(e)),
        }
    }

    /// A reply is 20 bytes; a front end whose socket cannot take them does not read and loses the connection.
    pub fn reply(&mut self, request: u32, reply: Reply) -> Result<(), SocketError> {
        self.stream.write_all(&reply.encode(request)).map_err(SocketError::Reply)
    }
}
