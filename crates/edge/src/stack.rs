//! One TCP connection's own TCP/IP stack: packets in, packets out, bytes at the other end. No sockets of the system, no clock.
//!
//! A stack a connection, not one for all: finding the connection of a packet is a look into the edge's flow table instead of a
//! walk over all sockets, each has exactly the outside address that its guest talks to, and none disturbs another.

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{HardwareAddress, IpCidr};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// Each way, each connection.
pub const BUFFER_BYTES: usize = 64 << 10;
/// Room for the link and VXLAN headers in front of every packet that is handed to `send`.
pub const HEADROOM: usize = vswitch::vxlan::HEADER_BYTES + vswitch::parse::ETHERNET_BYTES;
/// A peer that acknowledges nothing for this long is gone.
const DEAD_AFTER: Duration = Duration::from_secs(120);
const KEEP_ALIVE: Duration = Duration::from_secs(45);

pub struct Stack {
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    received: VecDeque<Box<[u8]>>,
    scratch: Vec<u8>,
}

impl Stack {
    fn new(own: IpAddr, seed: u64, now: Instant) -> Self {
        let mut received = VecDeque::new();
        let mut scratch = Vec::new();
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = seed;
        let mut device = Wire { received: &mut received, scratch: &mut scratch, send: &mut |_: &mut [u8]| {} };
        let mut interface = Interface::new(config, &mut device, now);
        interface.update_ip_addrs(|addresses| {
            // A new list has room for one.
            let _ = addresses.push(IpCidr::new(own.into(), if own.is_ipv4() { 32 } else { 128 }));
        });
        let mut socket =
            tcp::Socket::new(tcp::SocketBuffer::new(vec![0; BUFFER_BYTES]), tcp::SocketBuffer::new(vec![0; BUFFER_BYTES]));
        socket.set_nagle_enabled(false);
        // Packets are taken in by the batch and acknowledged by the batch. Delayed, the last odd segment of a window would
        // stand still between this side's delay and the other's Nagle.
        socket.set_ack_delay(None);
        let mut sockets = SocketSet::new(Vec::with_capacity(1));
        let handle = sockets.add(socket);
        Self { interface, sockets, handle, received, scratch }
    }

    /// A connection from `local`, an outside address, to `remote`, a guest's public one of its family; given up after `timeout`.
    pub fn connect(local: SocketAddr, remote: SocketAddr, timeout: Duration, seed: u64, now: Instant) -> Option<Self> {
        let mut stack = Self::new(local.ip(), seed, now);
        let socket = stack.sockets.get_mut::<tcp::Socket>(stack.handle);
        socket.set_timeout(Some(timeout));
        socket.connect(stack.interface.context(), remote, local).ok()?;
        Some(stack)
    }

    /// Waits for a guest's SYN to `local`, an outside address.
    pub fn listen(local: SocketAddr, seed: u64, now: Instant) -> Option<Self> {
        let mut stack = Self::new(local.ip(), seed, now);
        stack.socket().listen(local).ok()?;
        Some(stack)
    }

    /// Answers everything with RST.
    pub fn refuse(local: SocketAddr, seed: u64, now: Instant) -> Self {
        Self::new(local.ip(), seed, now)
    }

    /// A packet from the guest, taken in by the next [`Stack::poll`].
    pub fn feed(&mut self, packet: Box<[u8]>) {
        self.received.push_back(packet);
    }

    /// Takes in what was fed, and sends what is due: `send` gets [`HEADROOM`] and a packet.
    pub fn poll(&mut self, now: Instant, send: &mut dyn FnMut(&mut [u8])) {
        let mut device = Wire { received: &mut self.received, scratch: &mut self.scratch, send };
        self.interface.poll(now, &mut device, &mut self.sockets);
    }

    /// How long `poll` can wait when nothing comes.
    pub fn poll_delay(&mut self, now: Instant) -> Option<Duration> {
        self.interface.poll_delay(now, &self.sockets)
    }

    pub fn socket(&mut self) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(self.handle)
    }

    /// Sets the timers of a connection that stands.
    pub fn established(&mut self) {
        let socket = self.socket();
        socket.set_timeout(Some(DEAD_AFTER));
        socket.set_keep_alive(Some(KEEP_ALIVE));
    }
}

/// smoltcp's view of the wire, for one poll.
struct Wire<'a> {
    received: &'a mut VecDeque<Box<[u8]>>,
    scratch: &'a mut Vec<u8>,
    send: &'a mut dyn FnMut(&mut [u8]),
}

struct Received(Box<[u8]>);

struct Sent<'a> {
    scratch: &'a mut Vec<u8>,
    send: &'a mut dyn FnMut(&mut [u8]),
}

impl RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Sent<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        self.scratch.resize(HEADROOM + len, 0);
        let result = f(&mut self.scratch[HEADROOM..]);
        (self.send)(self.scratch);
        result
    }
}

impl Device for Wire<'_> {
    type RxToken<'b>
        = Received
    where
        Self: 'b;
    type TxToken<'b>
        = Sent<'b>
    where
        Self: 'b;

    fn receive(&mut self, _: Instant) -> Option<(Received, Sent<'_>)> {
        let packet = self.received.pop_front()?;
        Some((Received(packet), Sent { scratch: self.scratch, send: self.send }))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sent<'_>> {
        Some(Sent { scratch: self.scratch, send: self.send })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut c = DeviceCapabilities::default();
        c.medium = Medium::Ip;
        c.max_transmission_unit = usize::from(vswitch::INTERNET_MTU);
        c
    }
}
