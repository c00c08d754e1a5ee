//! A port whose guest has no rings but a kernel: frames through a descriptor, one system call each. A TAP's, or a packet socket
//! on the far one of a pair of virtual cards; a sandbox's monitor sends it ([`crate::vhost_user::message::Request::AttachFrames`]).
//!
//! No offload is on at either, so a frame is whole and has its checksums, as in a ring.

use crate::device::{DeviceCounters, Limits, Taken};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use vswitch::FrameBuf;

/// The device of TAPs (Documentation/admin-guide/devices.txt: misc 10, tun 200).
const TUN: (u32, u32) = (10, 200);

#[derive(Debug)]
pub struct FrameSocket {
    file: File,
    /// Read, and more than the rate let through.
    held: Option<Vec<u8>>,
}

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
        if set { Ok(Self { file, held: None }) } else { Err(io::Error::last_os_error()) }
    }

    pub fn fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    pub fn try_clone_fd(&self) -> io::Result<OwnedFd> {
        self.file.as_fd().try_clone_to_owned()
    }

    /// From the guest. It tells once when frames come: what is not taken now (`more`) makes no sound.
    pub fn take(&mut self, frames: &mut [FrameBuf], mut limits: Limits<'_>, counters: &mut DeviceCounters) -> Taken {
        let mut taken = Taken { frames: 0, more: true, waits: None };
        for _ in 0..frames.len() {
            if !limits.share.has_some() {
                break;
            }
            let frame = &mut frames[taken.frames];
            let len = match self.next(frame) {
                Ok(Some(len)) => len,
                Ok(None) => {
                    counters.drop_tx_malformed += 1;
                    limits.share.took(frame.capacity());
                    continue;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                // Nothing more; or the guest has taken the card down, or it is gone: the next frame tells.
                Err(_) => {
                    taken.more = false;
                    break;
                }
            };
            if let Some((packets_left, bytes_left)) = &mut limits.rate {
                if *packets_left == 0 || *bytes_left < len as u64 {
                    // Its length is known when it is read, so it waits here, and the others in the guest's queue.
                    self.held = Some(frame.as_slice().to_vec());
                    taken.waits = Some(len);
                    break;
                }
                (*packets_left, *bytes_left) = (*packets_left - 1, *bytes_left - len as u64);
            }
            limits.share.took(len);
            taken.frames += 1;
        }
        taken
    }

    /// `None`: it was as long as the buffer, so the rest of it was cut off.
    fn next(&mut self, frame: &mut FrameBuf) -> io::Result<Option<usize>> {
        if let Some(held) = self.held.take() {
            return Ok(frame.set(&held).then_some(held.len()));
        }
        let space = frame.space();
        let room = space.len();
        let len = self.file.read(space)?;
        frame.set_len(len);
        Ok((len > 0 && len < room).then_some(len))
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
        match self.file.write(frame) {
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
    use crate::share::Share;
    use std::os::unix::net::UnixDatagram;

    /// A pair of datagram sockets keeps frames apart as a packet socket does.
    fn pair() -> (FrameSocket, UnixDatagram) {
        let (near, far) = UnixDatagram::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        far.set_nonblocking(true).unwrap();
        (FrameSocket { file: File::from(OwnedFd::from(near)), held: None }, far)
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
        let mut take = |frames: &mut [FrameBuf], rate| {
            let mut share = Share::default();
            share.begin();
            let taken = socket.take(frames, Limits { share: &mut share, rate }, &mut counters);
            (taken, counters.drop_tx_malformed)
        };
        let taken = |frames, more, waits| Taken { frames, more, waits };
        // What exceeds a rate is there the next time, and is the first then.
        assert_eq!(take(&mut frames, Some((2, 1000))).0, taken(2, true, Some(60)));
        assert_eq!(take(&mut frames, Some((9, 59))).0, taken(0, true, Some(60)));
        assert_eq!((frames[0].as_slice()[0], frames[1].as_slice()[0]), (2, 1));
        assert_eq!(take(&mut frames[..1], None).0, taken(1, true, None));
        assert_eq!(frames[0].as_slice()[0], 2);
        assert_eq!(take(&mut frames, None), (taken(3, true, None), 1));
        assert_eq!((frames[0].as_slice()[0], frames[2].as_slice()[0], frames[2].as_slice().len()), (3, 5, 60));
        assert_eq!(take(&mut frames, None), (taken(1, false, None), 1));
        assert_eq!((frames[0].as_slice()[0], frames[0].as_slice().len()), (7, 61));
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
