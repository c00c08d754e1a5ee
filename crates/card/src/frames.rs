//! A port whose guest has no rings but a kernel: frames through a descriptor, one system call each. A TAP's, or a packet socket
//! on the far one of a pair of virtual cards; a sandbox's monitor sends it ([`crate::vhost_user::message::Request::AttachFrames`]).
//!
//! No offload is on at either, so a frame is whole and has its checksums, as in a ring.

use crate::device::{DeviceCounters, Taken};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use vswitch::FrameBuf;

/// The device of TAPs (Documentation/admin-guide/devices.txt: misc 10, tun 200).
const TUN: (u32, u32) = (10, 200);

#[derive(Debug)]
pub struct FrameSocket(File);

impl FrameSocket {
    /// # Errors
    /// `InvalidInput`: it is neither. Reading from something else could hold the card's thread.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        let file = File::from(fd);
        let meta = file.metadata()?;
        let is_tap = meta.file_type().is_char_device() && meta.rdev() == libc::makedev(TUN.0, TUN.1);
        let is_packet_socket = meta.file_type().is_socket() && domain(&file)? == libc::AF_PACKET;
        if !is_tap && !is_packet_socket {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // SAFETY: fcntl on an owned descriptor with integer arguments only.
        let set = unsafe {
            let flags = libc::fcntl(file.as_raw_fd(), libc::F_GETFL);
            flags >= 0 && libc::fcntl(file.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) >= 0
        };
        if set { Ok(Self(file)) } else { Err(io::Error::last_os_error()) }
    }

    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    pub fn try_clone_fd(&self) -> io::Result<OwnedFd> {
        self.0.as_fd().try_clone_to_owned()
    }

    /// From the guest. It tells once when frames come: what is not taken now (`more`) makes no sound.
    pub fn take(&mut self, frames: &mut [FrameBuf], counters: &mut DeviceCounters) -> Taken {
        let mut taken = Taken { frames: 0, more: true };
        for _ in 0..frames.len() {
            let frame = &mut frames[taken.frames];
            let space = frame.space();
            let room = space.len();
            match self.0.read(space) {
                // As long as the buffer: the rest of it was cut off.
                Ok(len) if len > 0 && len < room => {
                    frame.set_len(len);
                    taken.frames += 1;
                }
                Ok(_) => counters.drop_tx_malformed += 1,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // Nothing more; or the guest has taken the card down, or it is gone: the next frame tells.
                Err(_) => {
                    taken.more = false;
                    break;
                }
            }
        }
        taken
    }

    /// To the guest.
    pub fn put(&mut self, frame: &[&[u8]], counters: &mut DeviceCounters) {
        let whole;
        let frame = match frame {
            [one] => *one,
            pieces => {
                whole = pieces.concat();
                &whole
            }
        };
        match self.0.write(frame) {
            Ok(_) => {
                counters.delivered_frames += 1;
                counters.delivered_bytes += frame.len() as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock || e.raw_os_error() == Some(libc::ENOBUFS) => {
                counters.drop_rx_ring_full += 1;
            }
            Err(e) if e.raw_os_error() == Some(libc::EMSGSIZE) => counters.drop_rx_too_long += 1,
            // EIO, ENETDOWN: the guest has not brought it up.
            Err(_) => counters.drop_link_down += 1,
        }
    }
}

fn domain(socket: &File) -> io::Result<i32> {
    let mut value: libc::c_int = 0;
    let mut bytes = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the option's value is an int, which lives across the call and has the stated length.
    let result =
        unsafe { libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_DOMAIN, (&raw mut value).cast(), &mut bytes) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixDatagram;

    /// A pair of datagram sockets keeps frames apart as a packet socket does.
    fn pair() -> (FrameSocket, UnixDatagram) {
        let (near, far) = UnixDatagram::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        far.set_nonblocking(true).unwrap();
        (FrameSocket(File::from(OwnedFd::from(near))), far)
    }

    #[test]
    fn frames_come_in_batches_until_there_are_none() {
        let (mut socket, far) = pair();
        let mut frames: Vec<FrameBuf> = (0..4).map(|_| FrameBuf::new(100)).collect();
        let mut counters = DeviceCounters::default();
        for n in 0..6u8 {
            far.send(&[n; 60]).unwrap();
        }
        // Longer than the buffer, and so cut off; then one that is not.
        far.send(&[9; 200]).unwrap();
        far.send(&[7; 61]).unwrap();
        assert_eq!(socket.take(&mut frames, &mut counters), Taken { frames: 4, more: true });
        assert_eq!((frames[3].as_slice()[0], frames[3].as_slice().len()), (3, 60));
        assert_eq!(socket.take(&mut frames, &mut counters), Taken { frames: 3, more: true });
        assert_eq!((counters.drop_tx_malformed, frames[2].as_slice()[0]), (1, 7));
        assert_eq!(socket.take(&mut frames, &mut counters), Taken { frames: 0, more: false });
    }

    #[test]
    fn a_guest_that_does_not_take_frames_is_not_waited_for() {
        let (mut socket, far) = pair();
        let mut counters = DeviceCounters::default();
        socket.put(&[&[1; 14], &[2; 46]], &mut counters);
        let mut got = [0; 100];
        assert_eq!(far.recv(&mut got).unwrap(), 60);
        assert_eq!((got[13], got[14]), (1, 2));
        while counters.drop_rx_ring_full == 0 {
            socket.put(&[&[3; 1000]], &mut counters);
        }
        drop(far);
        socket.put(&[&[3; 60]], &mut counters);
        assert_eq!(counters.drop_link_down, 1);
    }

    #[test]
    fn only_taps_and_packet_sockets_are_taken() {
        let (near, _far) = UnixDatagram::pair().unwrap();
        let others: [OwnedFd; 3] =
            [near.into(), File::open("/dev/null").unwrap().into(), platform::memory::create().unwrap().into()];
        for fd in others {
            assert_eq!(FrameSocket::new(fd).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }
}
