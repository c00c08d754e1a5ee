//! A vhost-user connection: whole messages with their file descriptors out of a non-blocking stream socket.
//!
//! Reads exactly one message at a time (header, then body), so that descriptors stay with the message they came with.
//! The sender's bytes are bounded by [`BODY_BYTES_MAX`], its descriptors by [`FDS_MAX`].

use super::message::{FDS_MAX, HEADER_BYTES, Header, ProtocolError, Reply, Request};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
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
        let result = receive_with_fds(self.stream.as_raw_fd(), &mut self.bytes[have..], &mut self.fds);
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

/// recvmsg with SCM_RIGHTS. Descriptors that come are appended to `fds`; more than fit are closed by the kernel and are
/// an error.
pub fn receive_with_fds(socket: RawFd, buf: &mut [u8], fds: &mut Vec<OwnedFd>) -> io::Result<usize> {
    #[repr(C, align(8))]
    struct Control([u8; 128]);
    let mut control = Control([0; 128]);
    let mut iov = libc::iovec { iov_base: buf.as_mut_ptr().cast(), iov_len: buf.len() };
    // SAFETY: an all-zero msghdr is a valid value (null pointers, zero lengths).
    let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
    msg.msg_iov = &mut iov;
    msg.msg_iovlen = 1;
    msg.msg_control = control.0.as_mut_ptr().cast();
    msg.msg_controllen = control.0.len() as _;
    // SAFETY: `msg` points to `iov` and `control`, which live across the call and have the stated lengths.
    let n = unsafe { libc::recvmsg(socket, &mut msg, libc::MSG_CMSG_CLOEXEC) };
    if n < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel filled `control` up to msg_controllen; the CMSG macros stay within it. Each SCM_RIGHTS
    // descriptor is new in this process and owned by nobody else.
    unsafe {
        let mut c = libc::CMSG_FIRSTHDR(&msg);
        while !c.is_null() {
            if (*c).cmsg_level == libc::SOL_SOCKET && (*c).cmsg_type == libc::SCM_RIGHTS {
                let count = ((*c).cmsg_len as usize - libc::CMSG_LEN(0) as usize) / size_of::<RawFd>();
                let data = libc::CMSG_DATA(c).cast::<RawFd>();
                for i in 0..count {
                    fds.push(OwnedFd::from_raw_fd(data.add(i).read_unaligned()));
                }
            }
            c = libc::CMSG_NXTHDR(&msg, c);
        }
    }
    if msg.msg_flags & libc::MSG_CTRUNC != 0 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "more file descriptors than a message may carry"));
    }
    Ok(n as usize)
}

/// sendmsg with SCM_RIGHTS. Sends all of `buf`, which must be short.
pub fn send_with_fds(socket: RawFd, buf: &[u8], fds: &[RawFd]) -> io::Result<()> {
    #[repr(C, align(8))]
    struct Control([u8; 128]);
    let mut control = Control([0; 128]);
    let mut iov = libc::iovec { iov_base: buf.as_ptr().cast_mut().cast(), iov_len: buf.len() };
    // SAFETY: an all-zero msghdr is a valid value.
    let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
    msg.msg_iov = &mut iov;
    msg.msg_iovlen = 1;
    let data_bytes = size_of_val(fds);
    if !fds.is_empty() {
        // SAFETY: CMSG_SPACE only computes; 16 descriptors at most fit into `control`, which is asserted.
        let space = unsafe { libc::CMSG_SPACE(data_bytes as u32) } as usize;
        assert!(space <= control.0.len());
        msg.msg_control = control.0.as_mut_ptr().cast();
        msg.msg_controllen = space as _;
        // SAFETY: the control buffer holds one header and `data_bytes` of data, checked above.
        unsafe {
            let c = libc::CMSG_FIRSTHDR(&msg);
            (*c).cmsg_level = libc::SOL_SOCKET;
            (*c).cmsg_type = libc::SCM_RIGHTS;
            (*c).cmsg_len = libc::CMSG_LEN(data_bytes as u32) as _;
            std::ptr::copy_nonoverlapping(fds.as_ptr().cast::<u8>(), libc::CMSG_DATA(c), data_bytes);
        }
    }
    // SAFETY: `msg` points to live buffers of the stated lengths.
    let n = unsafe { libc::sendmsg(socket, &msg, libc::MSG_NOSIGNAL) };
    match n {
        n if n < 0 => Err(io::Error::last_os_error()),
        n if (n as usize) < buf.len() => Err(io::Error::from(io::ErrorKind::WriteZero)),
        _ => Ok(()),
    }
}
