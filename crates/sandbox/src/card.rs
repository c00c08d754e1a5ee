//! The sandbox's network cards: a TAP in its network namespace, whose other end, a descriptor, the host's card process gets.

use crate::spec::CardSpec;
use crate::sys::{self, Aligned};
use crate::veth;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;

const O_NONBLOCK: i32 = 0o4000;
const TUNSETIFF: u64 = 0x4004_54ca;
const SIOCSIFMTU: u64 = 0x8922;
const SIOCSIFHWADDR: u64 = 0x8924;
const SIOCGIFFLAGS: u64 = 0x8913;
const SIOCSIFFLAGS: u64 = 0x8914;
const SIOCGIFINDEX: u64 = 0x8933;

/// To the card's port, instead of vhost-user's first message: version 1, no body, one descriptor that carries frames.
const ATTACH_FRAMES: u32 = 0x5343_0001;

/// `struct ifreq`: the name, then a union of 24 bytes.
pub fn request(name: &str, data: &[u8]) -> Aligned<40> {
    let mut r = [0; 40];
    let len = name.len().min(15);
    r[..len].copy_from_slice(&name.as_bytes()[..len]);
    r[16..16 + data.len()].copy_from_slice(data);
    Aligned(r)
}

pub fn index(socket: &OwnedFd, name: &str) -> io::Result<i32> {
    let mut r = request(name, &[]);
    sys::control(socket, SIOCGIFINDEX, &mut r)?;
    Ok(i32::from_ne_bytes([r.0[16], r.0[17], r.0[18], r.0[19]]))
}

pub fn up(socket: &OwnedFd, name: &str) -> io::Result<()> {
    let mut r = request(name, &[]);
    sys::control(socket, SIOCGIFFLAGS, &mut r)?;
    r.0[16] |= 1;
    sys::control(socket, SIOCSIFFLAGS, &mut r).map(drop)
}

/// Makes a card called `name` in the network namespace where we are. Frames go in and out of the descriptor.
pub fn make(name: &str, spec: &CardSpec, packet_socket: bool) -> io::Result<OwnedFd> {
    let device = if packet_socket { veth::make(name)? } else { tap(name)? };
    let socket = sys::open_socket(2, 2, 0)?;
    // sa_family ARPHRD_ETHER, then the address.
    let address = [&1u16.to_ne_bytes()[..], &spec.mac].concat();
    sys::control(&socket, SIOCSIFHWADDR, &mut request(name, &address))?;
    sys::control(&socket, SIOCSIFMTU, &mut request(name, &i32::from(spec.mtu).to_ne_bytes()))?;
    Ok(device)
}

fn tap(name: &str) -> io::Result<OwnedFd> {
    let file = File::options().read(true).write(true).custom_flags(O_NONBLOCK).open("/dev/net/tun")?;
    // IFF_TAP | IFF_NO_PI: frames as they are. No offload is on before TUNSETOFFLOAD.
    sys::control(&file, TUNSETIFF, &mut request(name, &0x1002u16.to_ne_bytes()))?;
    Ok(file.into())
}

/// A card and its connection to the host's card process.
#[derive(Debug)]
pub struct Card {
    pub spec: CardSpec,
    /// `ethN`
    pub number: usize,
    device: OwnedFd,
    pub connection: Option<UnixStream>,
}

impl Card {
    pub fn new(spec: CardSpec, number: usize, device: OwnedFd) -> Self {
        let mut card = Self { spec, number, device, connection: None };
        card.connect();
        card
    }

    /// Hands the descriptor over, if the card process is there. It is asked again until it is.
    pub fn connect(&mut self) {
        let connected = UnixStream::connect(&self.spec.socket).and_then(|stream| {
            stream.set_nonblocking(true)?;
            let header = [ATTACH_FRAMES, 1, 0].map(u32::to_le_bytes).concat();
            sys::send_with_fds(&stream, &header, &[self.device.as_raw_fd()])?;
            Ok(stream)
        });
        self.connection = connected.ok();
    }

    /// The card process said something, which it never does, or has ended, which it does.
    pub fn heard(&mut self) {
        let Some(stream) = &mut self.connection else { return };
        match io::Read::read(stream, &mut [0; 64]) {
            Ok(1..) => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => self.connection = None,
        }
    }
}
