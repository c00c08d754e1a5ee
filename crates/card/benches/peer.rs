//! The same load as `throughput` on somebody else's switch: between two interfaces in two network namespaces, through
//! AF_PACKET sockets with `sendmmsg` and `recvmmsg`, 64 frames a call. Run by `scripts/bench.sh`, which makes the namespaces:
//!
//! `peer LABEL FROM-NETNS TO-NETNS SOURCE-MAC TARGET-MAC ANSWER-MAC SOURCE-IP TARGET-IP [PID of the switch]`, the interface being eth0.

mod load;

use load::{Addresses, CASES, Ends, SwitchThreads};
use std::error::Error;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

const BATCH: usize = 64;
const FRAME_BYTES_MAX: usize = 9216;
const SOCKET_BUFFER_BYTES: libc::c_int = 16 << 20;
/// What the script gives the far end in place of its interface's own.
const SINK_MAC: [u8; 6] = [2, 0, 0, 0, 0, 0x99];
const INTERFACE: &std::ffi::CStr = c"eth0";

struct Sockets {
    from: OwnedFd,
    to: OwnedFd,
    buffers: Vec<[u8; FRAME_BYTES_MAX]>,
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// A packet socket on eth0 of a named namespace, made on a thread that enters the namespace.
fn socket_in(netns: &str, protocol: u16) -> io::Result<OwnedFd> {
    let namespace = File::open(format!("/run/netns/{netns}"))?;
    let made = std::thread::spawn(move || -> io::Result<OwnedFd> {
        // SAFETY: setns, socket, setsockopt and bind get valid descriptors and structures that live across the call; the
        // new socket is owned by nobody else.
        unsafe {
            check(libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET))?;
            let fd = OwnedFd::from_raw_fd(check(libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0))?);
            let set = |level, name, value: libc::c_int| {
                let size = size_of::<libc::c_int>() as u32;
                check(libc::setsockopt(fd.as_raw_fd(), level, name, (&raw const value).cast(), size))
            };
            set(libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, SOCKET_BUFFER_BYTES)?;
            set(libc::SOL_SOCKET, libc::SO_SNDBUFFORCE, SOCKET_BUFFER_BYTES)?;
            // Straight to the driver, as a switch of its own would send.
            set(libc::SOL_PACKET, libc::PACKET_QDISC_BYPASS, 1)?;
            let mut address: libc::sockaddr_ll = std::mem::zeroed();
            address.sll_family = libc::AF_PACKET as u16;
            address.sll_protocol = protocol.to_be();
            address.sll_ifindex = libc::if_nametoindex(INTERFACE.as_ptr()) as i32;
            if address.sll_ifindex == 0 {
                return Err(io::Error::last_os_error());
            }
            check(libc::bind(fd.as_raw_fd(), (&raw const address).cast(), size_of::<libc::sockaddr_ll>() as u32))?;
            Ok(fd)
        }
    });
    made.join().unwrap_or_else(|_| Err(io::Error::other("the thread that enters the namespace ended")))
}

fn send_on(socket: &OwnedFd, frames: &[Vec<u8>]) -> usize {
    // SAFETY: all-zero iovec and mmsghdr are valid values.
    let (mut iovs, mut messages): ([libc::iovec; BATCH], [libc::mmsghdr; BATCH]) = unsafe { std::mem::zeroed() };
    let n = frames.len().min(BATCH);
    for (i, frame) in frames[..n].iter().enumerate() {
        iovs[i] = libc::iovec { iov_base: frame.as_ptr().cast_mut().cast(), iov_len: frame.len() };
        messages[i].msg_hdr.msg_iov = &raw mut iovs[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    if n == 0 {
        return 0;
    }
    // SAFETY: the first `n` messages point to iovecs and frames that live across the call.
    let sent = unsafe { libc::sendmmsg(socket.as_raw_fd(), messages.as_mut_ptr(), n as u32, libc::MSG_DONTWAIT) };
    usize::try_from(sent).unwrap_or(0)
}

impl Ends for Sockets {
    fn send(&mut self, frames: &[Vec<u8>]) -> usize {
        send_on(&self.from, frames)
    }

    fn answer(&mut self, frames: &[Vec<u8>]) -> usize {
        send_on(&self.to, frames)
    }

    fn receive(&mut self) -> u64 {
        // SAFETY: all-zero iovec and mmsghdr are valid values.
        let (mut iovs, mut messages): ([libc::iovec; BATCH], [libc::mmsghdr; BATCH]) = unsafe { std::mem::zeroed() };
        for (i, buffer) in self.buffers.iter_mut().enumerate() {
            iovs[i] = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
            messages[i].msg_hdr.msg_iov = &raw mut iovs[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
        // SAFETY: the messages point to iovecs and buffers that live across the call.
        let got = unsafe {
            libc::recvmmsg(self.to.as_raw_fd(), messages.as_mut_ptr(), BATCH as u32, libc::MSG_DONTWAIT, std::ptr::null_mut())
        };
        u64::try_from(got).unwrap_or(0)
    }
}

fn mac(text: &str) -> Result<[u8; 6], Box<dyn Error>> {
    let bytes: Result<Vec<u8>, _> = text.split(':').map(|b| u8::from_str_radix(b, 16)).collect();
    bytes?.try_into().map_err(|_| format!("{text} is no link address").into())
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let [label, from, to, source_mac, target_mac, answer_mac, source, target, pid @ ..] = &args[..] else {
        println!("peer: run by scripts/bench.sh, which makes the network namespaces that it needs");
        return Ok(());
    };
    let ip = |text: &str| text.parse::<std::net::Ipv4Addr>().map(|ip| ip.octets());
    let addresses = Addresses {
        source_mac: mac(source_mac)?,
        target_mac: mac(target_mac)?,
        far_mac: SINK_MAC,
        answer_mac: mac(answer_mac)?,
        source: ip(source)?,
        target: ip(target)?,
    };
    let switch = pid.first().map(|p| p.parse()).transpose()?.map(|pid| SwitchThreads { pid, name: None });
    load::header();
    for case in CASES {
        // IPv4 only: what the namespaces say by themselves is not counted. Protocol 0 receives nothing.
        let mut ends = Sockets {
            from: socket_in(from, 0)?,
            to: socket_in(to, libc::ETH_P_IP as u16)?,
            buffers: vec![[0; FRAME_BYTES_MAX]; BATCH],
        };
        load::run(label, case, &addresses, &mut ends, switch.as_ref());
    }
    Ok(())
}
