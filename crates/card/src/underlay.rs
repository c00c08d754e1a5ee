//! The UDP socket to the other hosts: VXLAN datagrams in batches, one system call a batch.

use std::collections::VecDeque;
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
/// Messages in one receiving system call, each of up to 64 KiB of datagrams.
const MESSAGES: usize = 16;
const MESSAGE_BUFFER_BYTES: usize = 1 << 16;
/// One control message with a u16 or an int in it, aligned.
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
    inbox: Inbox,
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
        // Where the kernel cannot put datagrams together, each comes alone.
        let _ = set_gro(&socket);
        socket.bind(&SocketAddrV4::new(address, UDP_PORT).into())?;
        let queue = (0..BATCH).map(|_| (Ipv4Addr::UNSPECIFIED, Vec::new())).collect();
        Ok(Self { socket, address, queue, queued: 0, segment_bytes_max: usize::MAX, inbox: Inbox::new(), send_drops: 0, sent: 0, received: 0 })
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

    /// Datagrams that were received and not handed out yet: no event will tell of them.
    pub fn pending(&self) -> bool {
        !self.inbox.ready.is_empty()
    }

    /// Fills up to [`BATCH`] buffers with one system call at most; `sources[i]` is where the i-th came from. Zero: nothing
    /// there now.
    pub fn receive(&mut self, frames: &mut [FrameBuf], sources: &mut Vec<Ipv4Addr>) -> usize {
        sources.clear();
        if !self.pending() {
            self.inbox.fill(&self.socket);
        }
        for frame in frames.iter_mut().take(BATCH) {
            let Some((source, datagram)) = self.inbox.next() else { break };
            // A datagram longer than the buffer is not one of ours: an empty frame is dropped as malformed.
            frame.set(datagram);
            sources.push(source);
        }
        self.received += sources.len() as u64;
        sources.len()
    }
}

/// What one system call received: messages, each of one or more datagrams of one size from one host (UDP_GRO).
struct Inbox {
    buffers: Vec<u8>,
    ready: VecDeque<Message>,
}

struct Message {
    source: Ipv4Addr,
    /// In `Inbox::buffers`.
    at: usize,
    end: usize,
    segment: usize,
}

impl Inbox {
    fn new() -> Self {
        // Pages that no message reaches are never touched.
        Self { buffers: vec![0; MESSAGES * MESSAGE_BUFFER_BYTES], ready: VecDeque::with_capacity(MESSAGES) }
    }

    fn next(&mut self) -> Option<(Ipv4Addr, &[u8])> {
        let m = self.ready.front_mut()?;
        let (source, at) = (m.source, m.at);
        let end = m.end.min(at + m.segment);
        m.at = end;
        if end == m.end {
            self.ready.pop_front();
        }
        Some((source, &self.buffers[at..end]))
    }

    fn fill(&mut self, socket: &socket2::Socket) {
        let mut addresses = [sockaddr(Ipv4Addr::UNSPECIFIED); MESSAGES];
        let mut controls = [Control([0; CONTROL_BYTES]); MESSAGES];
        // SAFETY: all-zero iovec and mmsghdr are valid values.
        let (mut iovs, mut messages): ([libc::iovec; MESSAGES], [libc::mmsghdr; MESSAGES]) = unsafe { std::mem::zeroed() };
        for (i, buffer) in self.buffers.chunks_exact_mut(MESSAGE_BUFFER_BYTES).enumerate() {
            iovs[i] = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
            let m = &mut messages[i].msg_hdr;
            m.msg_name = (&raw mut addresses[i]).cast();
            m.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
            m.msg_iov = &raw mut iovs[i];
            m.msg_iovlen = 1;
            m.msg_control = controls[i].0.as_mut_ptr().cast();
            m.msg_controllen = CONTROL_BYTES as _;
        }
        // SAFETY: the messages point to addresses, iovecs, control and message buffers that live across the call.
        let got = unsafe {
            libc::recvmmsg(socket.as_raw_fd(), messages.as_mut_ptr(), MESSAGES as u32, libc::MSG_DONTWAIT, std::ptr::null_mut())
        };
        // An error here is "nothing there" or an ICMP error for something sent before: neither stops the card.
        for (i, message) in messages.iter().enumerate().take(usize::try_from(got).unwrap_or(0)) {
            let at = i * MESSAGE_BUFFER_BYTES;
            let bytes = (message.msg_len as usize).min(MESSAGE_BUFFER_BYTES);
            let source = Ipv4Addr::from(u32::from_be(addresses[i].sin_addr.s_addr));
            let segment = segment_bytes(&message.msg_hdr).unwrap_or(bytes).max(1);
            self.ready.push_back(Message { source, at, end: at + bytes, segment });
        }
    }
}

/// The size of the datagrams that the kernel put together into this message.
fn segment_bytes(header: &libc::msghdr) -> Option<usize> {
    // SAFETY: the kernel filled the control buffer up to msg_controllen; the macros stay within it.
    unsafe {
        let c = libc::CMSG_FIRSTHDR(header);
        let is_segment = !c.is_null() && (*c).cmsg_level == libc::SOL_UDP && (*c).cmsg_type == libc::UDP_GRO;
        let bytes = is_segment.then(|| libc::CMSG_DATA(c).cast::<libc::c_int>().read_unaligned());
        bytes.and_then(|b| usize::try_from(b).ok())
    }
}

fn set_gro(socket: &socket2::Socket) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the option's value is an int that lives across the call.
    let r = unsafe {
        let size = size_of::<libc::c_int>() as u32;
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_GRO, (&raw const on).cast(), size)
    };
    if r < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn sockaddr(ip: Ipv4Addr) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: UDP_PORT.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(ip).to_be() },
        sin_zero: [0; 8],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_of_any_sizes_arrive_whole_and_in_order() {
        let n = std::process::id().to_le_bytes();
        let address = |last| Ipv4Addr::new(127, 80 + n[1] % 16, n[0], last);
        let mut sender = Underlay::bind(address(1)).unwrap();
        let mut receivers = [2, 3].map(|last| Underlay::bind(address(last)).unwrap());
        // Runs with a shorter and with a longer end, another host in between, an empty one, more than one message holds.
        let mut sizes: Vec<(usize, usize)> = [(0, 100), (0, 100), (0, 40), (0, 100), (1, 100), (0, 100), (0, 0), (0, 200), (0, 9000)].into();
        sizes.extend([(1, 9000); 20]);
        sizes.extend([(0, 72); 100]);
        let datagrams: Vec<(usize, Vec<u8>)> =
            sizes.iter().enumerate().map(|(i, (to, bytes))| (*to, (0..*bytes).map(|b| (i + b) as u8).collect())).collect();
        for (to, bytes) in &datagrams {
            sender.queue(address(2 + *to as u8), bytes);
        }
        sender.flush();
        assert_eq!((sender.sent, sender.send_drops), (datagrams.len() as u64, 0));
        let mut frames: Vec<_> = (0..BATCH).map(|_| FrameBuf::new(9216)).collect();
        let mut sources = Vec::new();
        for (to, receiver) in receivers.iter_mut().enumerate() {
            let mut got = Vec::new();
            loop {
                let n = receiver.receive(&mut frames, &mut sources);
                assert!(sources.iter().all(|s| *s == address(1)) && sources.len() == n);
                got.extend(frames[..n].iter().map(|f| f.as_slice().to_vec()));
                if n == 0 {
                    break;
                }
            }
            let wanted: Vec<_> = datagrams.iter().filter(|d| d.0 == to).map(|d| d.1.clone()).collect();
            assert_eq!(got, wanted, "receiver {to}");
        }
    }
}
