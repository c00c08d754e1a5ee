//! File descriptors beside bytes over a unix socket (SCM_RIGHTS), as they go from process to process.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// Of one message.
pub const DESCRIPTORS_MAX: usize = 16;

/// A header, 16 descriptors, and alignment.
#[repr(C, align(8))]
struct Control([u8; 128]);

/// recvmsg with SCM_RIGHTS. Descriptors that come are appended to `fds`. 0: the peer hung up.
///
/// # Errors
/// As the system says; more descriptors came than a message may carry (the kernel has closed the rest).
pub fn receive(socket: RawFd, buf: &mut [u8], fds: &mut Vec<OwnedFd>) -> io::Result<usize> {
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

/// sendmsg with SCM_RIGHTS. Sends all of `buf`, which must be short. Does not block on a socket that does not.
///
/// # Errors
/// As the system says; not all of it was sent; there are more than [`DESCRIPTORS_MAX`].
pub fn send(socket: RawFd, buf: &[u8], fds: &[RawFd]) -> io::Result<()> {
    let mut control = Control([0; 128]);
    let mut iov = libc::iovec { iov_base: buf.as_ptr().cast_mut().cast(), iov_len: buf.len() };
    // SAFETY: an all-zero msghdr is a valid value.
    let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
    msg.msg_iov = &mut iov;
    msg.msg_iovlen = 1;
    let data_bytes = size_of_val(fds);
    if fds.len() > DESCRIPTORS_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "more file descriptors than a message may carry"));
    }
    if !fds.is_empty() {
        // SAFETY: CMSG_SPACE only computes; 16 descriptors at most, as was checked, fit into `control`.
        let space = unsafe { libc::CMSG_SPACE(data_bytes as u32) } as usize;
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

/// Sends one byte, and with it a descriptor.
///
/// # Errors
/// As [`send`].
pub fn send_byte(socket: RawFd, byte: u8, fd: Option<RawFd>) -> io::Result<()> {
    send(socket, &[byte], fd.as_slice())
}

/// The byte and the descriptor that came with it; none: the peer hung up.
///
/// # Errors
/// As [`receive`].
pub fn receive_byte(socket: RawFd) -> io::Result<Option<(u8, Option<OwnedFd>)>> {
    let (mut byte, mut fds) = ([0], Vec::new());
    let n = receive(socket, &mut byte, &mut fds)?;
    Ok((n == 1).then(|| (byte[0], fds.into_iter().next())))
}

/// Two ends of a connection that carries whole messages in order. Neither blocks.
///
/// # Errors
/// As the system says.
pub fn message_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let kind = libc::SOCK_SEQPACKET | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    let mut ends = [0; 2];
    // SAFETY: writes two descriptors into the array that is given.
    if unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both are new and owned by nobody else.
    Ok(unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) })
}

/// Whether a descriptor is an end of [`message_pair`].
pub fn carries_messages(fd: RawFd) -> bool {
    let (mut kind, mut length) = (0i32, size_of::<i32>() as libc::socklen_t);
    // SAFETY: the option's value is an int, which lives across the call and has the stated length.
    let r = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_TYPE, (&raw mut kind).cast(), &mut length) };
    r == 0 && kind == libc::SOCK_SEQPACKET
}

/// Waits until a descriptor can be read, or has been hung up; false after `wait_ms`.
///
/// # Errors
/// As the system says.
pub fn wait_readable(fd: RawFd, wait_ms: i32) -> io::Result<bool> {
    let mut one = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one pollfd that lives across the call.
    match unsafe { libc::poll(&mut one, 1, wait_ms) } {
        n if n < 0 => Err(io::Error::last_os_error()),
        n => Ok(n > 0),
    }
}
