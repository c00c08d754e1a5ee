//! The UDP socket to the other hosts: VXLAN datagrams in batches, one system call a batch.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, RawFd};
use vswitch::FrameBuf;
use vswitch::vxlan::UDP_PORT;

/// Datagrams in one system call.
pub const BATCH: usize = 64;
const SOCKET_BUFFER_BYTES: usize = 4 << 20;
/// What an IPv4 packet holds beside its headers. The kernel's bound on segments of one message is BATCH or more.
const MESSAGE_BYTES_MAX: usize = 65_535 - 20 - 8;
/// One control message with a u16 in it, aligned.
const CONTROL_BYTES: usize = 24;

/// Aligned as a `cmsghdr` must be.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; CONTROL_BYTES]);

pub struct Underlay {
    socket: socket2::Socket,
    address: Ipv4Addr,
    queue: Vec<(Ipv4Addr, Vec<u8>)>,
    queued: usize,
    /// Longer datagrams than this are not sent as parts of one message: the kernel refused.
    segment_bytes_max: usize,
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
        Ok(Self { socket, address, queue, queued: 0, segment_bytes_max: usize::MAX, send_drops: 0, sent: 0, received: 0 })
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
    ///
    /// Datagrams of one size to one host go as one message that the kernel cuts up behind the socket (UDP_SEGMENT): it is
    /// routed once, and the other card, when it is on this machine, is woken once and not for every datagram.
    pub fn flush(&mut self) {
        let n = std::mem::take(&mut self.queued);
        let mut from = 0;
        while from < n {
            from = self.send_some(from, n);
        }
    }

    /// One system call for the queue from `from` to `n`; where to go on.
    fn send_some(&mut self, from: usize, n: usize) -> usize {
        let mut addresses = [sockaddr(Ipv4Addr::UNSPECIFIED); BATCH];
        let mut ends = [0; BATCH];
        let mut controls = [Control([0; CONTROL_BYTES]); BATCH];
        // SAFETY: all-zero iovec and mmsghdr are valid values.
        let (mut iovs, mut messages): ([libc::iovec; BATCH], [libc::mmsghdr; BATCH]) = unsafe { std::mem::zeroed() };
        for (iov, (_, bytes)) in iovs.iter_mut().zip(&self.queue).take(n).skip(from) {
            *iov = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        }
        let (mut at, mut count) = (from, 0);
        while at < n {
            let end = self.run_end(at, n);
            addresses[count] = sockaddr(self.queue[at].0);
            let m = &mut messages[count].msg_hdr;
            m.msg_name = (&raw mut addresses[count]).cast();
            m.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
            m.msg_iov = &raw mut iovs[at];
            m.msg_iovlen = (end - at) as _;
            if end - at > 1 {
                m.msg_control = controls[count].0.as_mut_ptr().cast();
                m.msg_controllen = CONTROL_BYTES as _;
                let segment = self.queue[at].1.len() as u16;
                // SAFETY: the control buffer has room for one header and the two bytes, and the alignment of a header.
                unsafe {
                    let c = libc::CMSG_FIRSTHDR(m);
                    (*c).cmsg_level = libc::SOL_UDP;
                    (*c).cmsg_type = libc::UDP_SEGMENT;
                    (*c).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as u32) as _;
                    libc::CMSG_DATA(c).cast::<u16>().write_unaligned(segment);
                }
            }
            (ends[count], at, count) = (end, end, count + 1);
        }
        // SAFETY: the first `count` messages point to addresses, iovecs, control and queue buffers that live across the call.
        let sent = unsafe { libc::sendmmsg(self.socket.as_raw_fd(), messages.as_mut_ptr(), count as u32, libc::MSG_DONTWAIT) };
        if sent > 0 {
            let end = ends[sent as usize - 1];
            self.sent += (end - from) as u64;
            return end;
        }
        match io::Error::last_os_error().raw_os_error() {
            Some(libc::EINTR) => from,
            // No room: the rest of the batch is lost.
            Some(libc::EAGAIN) => {
                self.send_drops += (n - from) as u64;
                n
            }
            // A run that the kernel will not cut up (longer than the device's MTU, no checksum offload): one by one from now on.
            Some(libc::EINVAL | libc::EMSGSIZE | libc::EIO | libc::EOPNOTSUPP) if ends[0] - from > 1 => {
                self.segment_bytes_max = self.queue[from].1.len().saturating_sub(1);
                from
            }
            // This one's fault (unreachable, too long, or an earlier one's ICMP error): go on with the next.
            _ => {
                self.send_drops += 1;
                from + 1
            }
        }
    }

    /// The end of the run of datagrams from `at` that can go as one message: to one host, of one size but for a shorter last.
    fn run_end(&self, at: usize, n: usize) -> usize {
        let (to, first) = &self.queue[at];
        let (segment, mut total) = (first.len(), first.len());
        if segment == 0 || segment > self.segment_bytes_max {
            return at + 1;
        }
        for (i, (address, bytes)) in self.queue[..n].iter().enumerate().skip(at + 1) {
            total += bytes.len();
            if address != to || bytes.is_empty() || bytes.len() > segment || total > MESSAGE_BYTES_MAX {
                return i;
            }
            if bytes.len() < segment {
                return i + 1;
            }
        }
        n
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
