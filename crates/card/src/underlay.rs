//! The UDP socket to the other hosts: VXLAN datagrams in batches, one system call a batch.

use platform::links::{LinkFault, SLOW_DELAY, SLOW_LOSS};
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use vswitch::vxlan::UDP_PORT;

/// Datagrams in one system call.
pub const BATCH: usize = 64;
const SOCKET_BUFFER_BYTES: usize = 4 << 20;
/// What one segmented send may carry: an IP packet's most, less headers.
const SEGMENTED_BYTES_MAX: usize = 65_000;
const INBOX_BUFFERS: usize = 16;
const INBOX_BUFFER_BYTES: usize = 65_536;
const CONTROL_BYTES: usize = 64;
/// On slow links: more are lost.
const DELAYED_MAX: usize = 4096;

#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; CONTROL_BYTES]);

pub struct Underlay {
    socket: socket2::Socket,
    address: Ipv4Addr,
    queue: Vec<(Ipv4Addr, Vec<u8>)>,
    queued: usize,
    /// The kernel took no more, or the other host's card is not there.
    pub send_drops: u64,
    pub sent: u64,
    segmentation: bool,
    /// Hosts that are not reached well, for tests of what depends on them.
    faults: Vec<(Ipv4Addr, LinkFault)>,
    /// Datagrams on slow links: when they go, to whom.
    delayed: VecDeque<(u64, Ipv4Addr, Vec<u8>)>,
    slowed: u64,
    /// Lost on broken links, coming and going.
    pub fault_drops: u64,
}

impl Underlay {
    pub fn bind(address: Ipv4Addr) -> io::Result<Self> {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
        socket.set_nonblocking(true)?;
        // As much as the system allows; bursts of a whole batch of 9 KiB frames must fit.
        let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
        let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
        set_gro(&socket);
        socket.bind(&SocketAddrV4::new(address, UDP_PORT).into())?;
        Ok(Self::of(address, socket))
    }

    /// The socket of a card that hands over, with what waits in it.
    pub fn adopt(address: Ipv4Addr, socket: OwnedFd) -> Self {
        Self::of(address, socket.into())
    }

    fn of(address: Ipv4Addr, socket: socket2::Socket) -> Self {
        let queue = (0..BATCH).map(|_| (Ipv4Addr::UNSPECIFIED, Vec::new())).collect();
        Self {
            socket,
            address,
            queue,
            queued: 0,
            send_drops: 0,
            sent: 0,
            segmentation: true,
            faults: Vec::new(),
            delayed: VecDeque::new(),
            slowed: 0,
            fault_drops: 0,
        }
    }

    pub fn try_clone_fd(&self) -> io::Result<OwnedFd> {
        Ok(self.socket.try_clone()?.into())
    }

    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    pub fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// The faults of links from now on. What waits on a slow one goes out at its time.
    pub fn set_faults(&mut self, faults: &[(Ipv4Addr, LinkFault)]) {
        if self.faults != faults {
            tracing::info!(?faults, "links to other hosts");
            self.faults = faults.to_vec();
        }
    }

    fn fault(&self, other: Ipv4Addr) -> Option<LinkFault> {
        self.faults.iter().filter(|(address, _)| *address == other).map(|(_, fault)| *fault).max()
    }

    /// Whether what comes from there is lost, which is counted.
    pub fn is_cut(&mut self, from: Ipv4Addr) -> bool {
        let cut = !self.faults.is_empty() && self.fault(from) == Some(LinkFault::Partition);
        self.fault_drops += u64::from(cut);
        cut
    }

    /// [`Self::queue`], over a link that may be broken.
    pub fn send_to(&mut self, to: Ipv4Addr, datagram: &[u8], now_ms: u64) {
        if self.faults.is_empty() {
            return self.queue(to, datagram);
        }
        match self.fault(to) {
            None => self.queue(to, datagram),
            Some(LinkFault::Partition) => self.fault_drops += 1,
            Some(LinkFault::Slow) => {
                self.slowed += 1;
                if self.slowed.is_multiple_of(SLOW_LOSS) || self.delayed.len() >= DELAYED_MAX {
                    self.fault_drops += 1;
                } else {
                    self.delayed.push_back((now_ms + SLOW_DELAY.as_millis() as u64, to, datagram.to_vec()));
                }
            }
        }
    }

    /// When the next delayed datagram goes.
    pub fn due_ms(&self) -> Option<u64> {
        self.delayed.front().map(|(due, ..)| *due)
    }

    /// Queues the delayed ones whose time has come.
    pub fn release(&mut self, now_ms: u64) {
        while self.due_ms().is_some_and(|due| due <= now_ms)
            && let Some((_, to, datagram)) = self.delayed.pop_front()
        {
            self.queue(to, &datagram);
        }
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
    /// Neighbours of one size to one host leave as one piece that the kernel cuts up (UDP_SEGMENT) or, on one machine,
    /// hands over whole: the cost of a pass through its UDP stack is shared by up to 64 frames.
    pub fn flush(&mut self) {
        let n = std::mem::take(&mut self.queued);
        if n == 0 {
            return;
        }
        let mut groups = [(0usize, 0usize); BATCH];
        let mut count = 0;
        let mut at = 0;
        while at < n {
            let size = if self.segmentation { group(&self.queue[at..n]) } else { 1 };
            groups[count] = (at, size);
            count += 1;
            at += size;
        }
        if let Some(start) = self.send(&groups[..count]) {
            // A device or path that cannot segment: each on its own from now on.
            tracing::info!("the underlay cannot send segmented batches");
            self.segmentation = false;
            for (i, g) in groups[..n - start].iter_mut().enumerate() {
                *g = (start + i, 1);
            }
            self.send(&groups[..n - start]);
        }
    }

    /// Sends groups of (first, how many) datagrams; returns where the first group begins that was refused for being one.
    fn send(&mut self, groups: &[(usize, usize)]) -> Option<usize> {
        let n = groups.len();
        let mut addresses = [sockaddr(Ipv4Addr::UNSPECIFIED); BATCH];
        let mut controls = [Control([0; CONTROL_BYTES]); BATCH];
        // SAFETY: all-zero iovec and mmsghdr are valid values.
        let (mut iovs, mut messages): ([libc::iovec; BATCH], [libc::mmsghdr; BATCH]) = unsafe { std::mem::zeroed() };
        for (iov, (_, bytes)) in iovs.iter_mut().zip(&mut self.queue) {
            *iov = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
        }
        for (i, &(start, size)) in groups.iter().enumerate() {
            addresses[i] = sockaddr(self.queue[start].0);
            let m = &mut messages[i].msg_hdr;
            m.msg_name = (&raw mut addresses[i]).cast();
            m.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
            m.msg_iov = &raw mut iovs[start];
            m.msg_iovlen = size as _;
            if size > 1 {
                let segment = self.queue[start].1.len() as u16;
                m.msg_control = (&raw mut controls[i]).cast();
                // SAFETY: CMSG_SPACE and CMSG_LEN only compute; CONTROL_BYTES holds one header and two bytes, so
                // CMSG_FIRSTHDR points into this message's control buffer.
                unsafe {
                    m.msg_controllen = libc::CMSG_SPACE(2) as _;
                    let c = libc::CMSG_FIRSTHDR(m);
                    (*c).cmsg_level = libc::SOL_UDP;
                    (*c).cmsg_type = libc::UDP_SEGMENT;
                    (*c).cmsg_len = libc::CMSG_LEN(2) as _;
                    libc::CMSG_DATA(c).cast::<u16>().write_unaligned(segment);
                }
            }
        }
        let mut at = 0;
        while at < n {
            // SAFETY: messages[at..n] point to addresses, iovecs, controls and buffers that live across the call.
            let sent =
                unsafe { libc::sendmmsg(self.socket.as_raw_fd(), &raw mut messages[at], (n - at) as u32, libc::MSG_DONTWAIT) };
            if sent > 0 {
                let done = &groups[at..at + sent as usize];
                self.sent += done.iter().map(|(_, size)| *size as u64).sum::<u64>();
                at += sent as usize;
                continue;
            }
            let error = io::Error::last_os_error();
            match (error.kind(), error.raw_os_error()) {
                (io::ErrorKind::Interrupted, _) => {}
                // No room: the rest of the batch is lost.
                (io::ErrorKind::WouldBlock, _) => {
                    self.send_drops += groups[at..].iter().map(|(_, size)| *size as u64).sum::<u64>();
                    return None;
                }
                (_, Some(libc::EINVAL | libc::EIO | libc::EMSGSIZE | libc::EOPNOTSUPP)) if groups[at].1 > 1 => {
                    return Some(groups[at].0);
                }
                // This one's fault (unreachable, too long, or an earlier one's ICMP error): go on with the next.
                _ => {
                    self.send_drops += groups[at].1 as u64;
                    at += 1;
                }
            }
        }
        None
    }
}

/// How many datagrams from the first on may leave as one: same host, same size, only the last may be shorter.
fn group(queue: &[(Ipv4Addr, Vec<u8>)]) -> usize {
    let (to, first) = &queue[0];
    let mut total = 0;
    for (i, (address, bytes)) in queue.iter().enumerate() {
        total += bytes.len();
        if address != to || bytes.len() > first.len() || bytes.is_empty() || total > SEGMENTED_BYTES_MAX {
            return i.max(1);
        }
        if bytes.len() < first.len() {
            return i + 1;
        }
    }
    queue.len()
}

/// Datagrams as they come in: several in one buffer when the kernel did not cut them up (UDP_GRO).
pub struct Inbox {
    buffers: Vec<Box<[u8]>>,
    /// (buffer, its length, length of a datagram in it, sender)
    filled: Vec<(usize, usize, usize, Ipv4Addr)>,
    pub received: u64,
    /// Longer than any datagram of ours can be.
    pub truncated: u64,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            buffers: (0..INBOX_BUFFERS).map(|_| vec![0; INBOX_BUFFER_BYTES].into_boxed_slice()).collect(),
            filled: Vec::with_capacity(INBOX_BUFFERS),
            received: 0,
            truncated: 0,
        }
    }
}

impl Inbox {
    /// Takes what is there, up to the number of buffers; see [`Self::datagrams`].
    pub fn receive(&mut self, underlay: &Underlay) {
        self.filled.clear();
        let mut addresses = [sockaddr(Ipv4Addr::UNSPECIFIED); INBOX_BUFFERS];
        let mut controls = [Control([0; CONTROL_BYTES]); INBOX_BUFFERS];
        // SAFETY: all-zero iovec and mmsghdr are valid values.
        let (mut iovs, mut messages): ([libc::iovec; INBOX_BUFFERS], [libc::mmsghdr; INBOX_BUFFERS]) =
            unsafe { std::mem::zeroed() };
        for (i, buffer) in self.buffers.iter_mut().enumerate() {
            iovs[i] = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
            let m = &mut messages[i].msg_hdr;
            m.msg_name = (&raw mut addresses[i]).cast();
            m.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
            m.msg_iov = &raw mut iovs[i];
            m.msg_iovlen = 1;
            m.msg_control = (&raw mut controls[i]).cast();
            m.msg_controllen = CONTROL_BYTES as _;
        }
        // SAFETY: the messages point to addresses, iovecs, controls and buffers that live across the call.
        let got = unsafe {
            libc::recvmmsg(underlay.fd(), messages.as_mut_ptr(), INBOX_BUFFERS as u32, libc::MSG_DONTWAIT, std::ptr::null_mut())
        };
        // An error here is "nothing there" or an ICMP error for something sent before: neither stops the card.
        for (i, message) in messages.iter().enumerate().take(usize::try_from(got).unwrap_or(0)) {
            let length = message.msg_len as usize;
            if message.msg_hdr.msg_flags & libc::MSG_TRUNC != 0 || length == 0 {
                self.truncated += 1;
                continue;
            }
            let segment = segment_bytes(&message.msg_hdr).filter(|s| *s > 0).unwrap_or(length);
            self.received += length.div_ceil(segment) as u64;
            self.filled.push((i, length, segment, Ipv4Addr::from(u32::from_be(addresses[i].sin_addr.s_addr))));
        }
    }

    pub fn datagrams(&self) -> impl Iterator<Item = (Ipv4Addr, &[u8])> {
        self.filled
            .iter()
            .flat_map(|&(i, length, segment, from)| self.buffers[i][..length].chunks(segment).map(move |d| (from, d)))
    }
}

/// The UDP_GRO control message: the size of the datagrams that were left together.
fn segment_bytes(message: &libc::msghdr) -> Option<usize> {
    // SAFETY: the kernel filled the control buffer up to msg_controllen and the CMSG macros stay within it; the value
    // of UDP_GRO is an int.
    unsafe {
        let mut c = libc::CMSG_FIRSTHDR(message);
        while !c.is_null() {
            if (*c).cmsg_level == libc::SOL_UDP && (*c).cmsg_type == libc::UDP_GRO {
                return usize::try_from(libc::CMSG_DATA(c).cast::<libc::c_int>().read_unaligned()).ok();
            }
            c = libc::CMSG_NXTHDR(message, c);
        }
    }
    None
}

/// Lets the kernel leave datagrams together. Without it (before Linux 5.0) they come one by one.
fn set_gro(socket: &socket2::Socket) {
    let on: libc::c_int = 1;
    // SAFETY: the option's value is an int that lives across the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_UDP,
            libc::UDP_GRO,
            (&raw const on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result < 0 {
        tracing::info!("the underlay cannot receive segmented batches");
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

#[cfg(test)]
mod tests {
    use super::*;
    use platform::{Rng, SystemRng};

    fn loopback() -> Underlay {
        let r = SystemRng::new().u64().to_le_bytes();
        Underlay::bind(Ipv4Addr::new(127, 200 + r[0] % 50, r[1], 1 + r[2] % 250)).unwrap()
    }

    #[test]
    fn only_neighbours_of_one_size_to_one_host_leave_together() {
        let (a, b) = (Ipv4Addr::new(127, 0, 0, 1), Ipv4Addr::new(127, 0, 0, 2));
        for (name, queue, wanted) in [
            ("one", vec![(a, 10)], 1),
            ("equal", vec![(a, 10), (a, 10), (a, 10)], 3),
            ("another host", vec![(a, 10), (b, 10)], 1),
            ("a longer one", vec![(a, 10), (a, 10), (a, 11)], 2),
            ("a shorter one ends it", vec![(a, 10), (a, 9), (a, 10)], 2),
            ("too much", vec![(a, 30_000), (a, 30_000), (a, 30_000)], 2),
            ("an empty one", vec![(a, 10), (a, 0)], 1),
        ] {
            let queue: Vec<_> = queue.into_iter().map(|(to, n)| (to, vec![0; n])).collect();
            assert_eq!(group(&queue), wanted, "{name}");
        }
    }

    #[test]
    fn broken_links_lose_and_delay() {
        let (mut a, b) = (loopback(), loopback());
        let to = b.address();
        a.send_to(to, b"x", 0);
        assert_eq!((a.queued, a.due_ms()), (1, None));
        a.set_faults(&[(to, LinkFault::Slow)]);
        (0..40).for_each(|n| a.send_to(to, b"x", n));
        assert_eq!((a.queued, a.due_ms(), a.fault_drops), (1, Some(200), 2), "one of twenty is lost");
        a.release(200);
        assert_eq!((a.queued, a.due_ms()), (2, Some(201)));
        assert!(!a.is_cut(to));
        a.set_faults(&[(to, LinkFault::Slow), (to, LinkFault::Partition)]);
        a.send_to(to, b"x", 300);
        a.send_to(a.address(), b"x", 300);
        assert!(a.is_cut(to) && !a.is_cut(a.address()));
        assert_eq!((a.queued, a.fault_drops), (3, 4));
        a.set_faults(&[]);
        (0..5000).for_each(|_| a.release(999));
        assert_eq!((a.due_ms(), a.sent + a.queued as u64, a.send_drops), (None, 40, 0), "what was on its way arrives");
    }

    #[test]
    fn batches_arrive_as_they_were_queued() {
        for segmentation in [true, false] {
            let (mut a, b) = (loopback(), loopback());
            a.segmentation = segmentation;
            let sizes = [100, 100, 100, 60, 9000, 9000, 9000, 9000, 9000, 9000, 9000, 9000, 50, 50, 22];
            for (n, size) in sizes.iter().enumerate() {
                a.queue(b.address(), &vec![n as u8; *size]);
            }
            a.flush();
            assert_eq!((a.sent, a.send_drops, a.segmentation), (sizes.len() as u64, 0, segmentation));
            let (mut inbox, mut got) = (Inbox::default(), Vec::new());
            while got.len() < sizes.len() {
                inbox.receive(&b);
                got.extend(inbox.datagrams().map(|(from, d)| (from, d.to_vec())));
            }
            for (n, (from, d)) in got.iter().enumerate() {
                assert_eq!((*from, d), (a.address(), &vec![n as u8; sizes[n]]));
            }
            assert_eq!(inbox.received, sizes.len() as u64);
        }
    }
}
