//! The UDP socket to the other hosts: VXLAN datagrams in batches, one system call a batch.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, RawFd};
use vswitch::FrameBuf;
use vswitch::vxlan::UDP_PORT;

/// Datagrams in one system call.
pub const BATCH: usize = 64;
const SOCKET_BUFFER_BYTES: usize = 4 << 20;

pub struct Underlay {
    socket: socket2::Socket,
    address: Ipv4Addr,
    queue: Vec<(Ipv4Addr, Vec<u8>)>,
    queued: usize,
    /// The kernel took no more, or the other host's card is not there.
    pub send_drops: u64,
    pub sent: u64,
    pub received: u64,
}

impl Underlay {
    pub fn bind(address: Ipv4Addr) -> io::Result<Self> {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
        socket.set_nonblocking(true)?;
        // As much as the system allows; bursts of a whole batch of 9 KiB frames must fit.
        let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
        let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
        socket.bind(&SocketAddrV4::new(address, UDP_PORT).into())?;
        let queue = (0..BATCH).map(|_| (Ipv4Addr::UNSPECIFIED, Vec::new())).collect();
        Ok(Self { socket, address, queue, queued: 0, send_drops: 0, sent: 0, received: 0 })
    }

    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    pub fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Takes a datagram for the next batch; a full batch is sent at once.
    pub fn queue(&mut self, to: Ipv4Addr, datagram: &[u8]) {
        if self.queued == BATCH {
            self.flush();
        }
        let (address, bytes) = &mut self.queue[self.queued];
        *address = to;
        bytes.clear();
        bytes.extend_from_slice(datagram);
        self.queued += 1;
    }

    /// Sends what is queued. Never waits: what the kernel does not take is dropped and counted.
    pub fn flush(&mut self) {
        let n = std::mem::take(&mut self.queued);
        if n == 0 {
            return;
        }
        let mut addresses = [sockaddr(Ipv4Addr::UNSPECIFIED); BATCH];
        // SAFETY: all-zero iovec and mmsghdr are valid values.
        let (mut iovs, mut messages): ([libc::iovec; BATCH], [libc::mmsghdr; BATCH]) = unsafe { std::mem::zeroed() };
        for i in 0..n {
            let (to, bytes) = &mut self.queue[i];
            addresses[i] = sockaddr(*to);
            iovs[i] = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
            let m = &mut messages[i].msg_hdr;
            m.msg_name = (&raw mut addresses[i]).cast();
            m.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
            m.msg_iov = &raw mut iovs[i];
            m.msg_iovlen = 1;
        }
        let mut at = 0;
        while at < n {
            // SAFETY: messages[at..n] point to addresses, iovecs and buffers that live across the call.
            let sent =
                unsafe { libc::sendmmsg(self.socket.as_raw_fd(), &raw mut messages[at], (n - at) as u32, libc::MSG_DONTWAIT) };
            if sent > 0 {
                self.sent += sent as u64;
                at += sent as usize;
                continue;
            }
            match io::Error::last_os_error().kind() {
                io::ErrorKind::Interrupted => {}
                // No room: the rest of the batch is lost.
                io::ErrorKind::WouldBlock => {
                    self.send_drops += (n - at) as u64;
                    return;
                }
                // This one's fault (unreachable, too long, or an earlier one's ICMP error): go on with the next.
                _ => {
                    self.send_drops += 1;
                    at += 1;
                }
            }
        }
    }

    /// Fills up to [`BATCH`] buffers; `sources[i]` is where the i-th came from. Zero: nothing there now.
    pub fn receive(&mut self, frames: &mut [FrameBuf], sources: &mut Vec<Ipv4Addr>) -> usize {
        sources.clear();
        let n = frames.len().min(BATCH);
        let mut addresses = [sockaddr(Ipv4Addr::UNSPECIFIED); BATCH];
        // SAFETY: all-zero iovec and mmsghdr are valid values.
        let (mut iovs, mut messages): ([libc::iovec; BATCH], [libc::mmsghdr; BATCH]) = unsafe { std::mem::zeroed() };
        for (i, frame) in frames.iter_mut().take(n).enumerate() {
            let space = frame.space();
            iovs[i] = libc::iovec { iov_base: space.as_mut_ptr().cast(), iov_len: space.len() };
            let m = &mut messages[i].msg_hdr;
            m.msg_name = (&raw mut addresses[i]).cast();
            m.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
            m.msg_iov = &raw mut iovs[i];
            m.msg_iovlen = 1;
        }
        // SAFETY: the first `n` messages point to addresses, iovecs and frame buffers that live across the call.
        let got = unsafe {
            libc::recvmmsg(self.socket.as_raw_fd(), messages.as_mut_ptr(), n as u32, libc::MSG_DONTWAIT, std::ptr::null_mut())
        };
        // An error here is "nothing there" or an ICMP error for something sent before: neither stops the card.
        let got = usize::try_from(got).unwrap_or(0);
        for i in 0..got {
            // A datagram longer than the buffer is not one of ours: an empty frame is dropped as malformed.
            let whole = messages[i].msg_hdr.msg_flags & libc::MSG_TRUNC == 0;
            frames[i].set_len(if whole { messages[i].msg_len as usize } else { 0 });
            sources.push(Ipv4Addr::from(u32::from_be(addresses[i].sin_addr.s_addr)));
        }
        self.received += got as u64;
        got
    }
}

fn sockaddr(ip: Ipv4Addr) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: UDP_PORT.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(ip).to_be() },
        sin_zero: [0; 8],
    }
}
