//! A small TCP/IP stack of one port: it owns 169.254.169.254, fd00:ec2::254 and the addresses of services as that guest sees them. No kernel
//! socket is involved.
//!
//! Carries the metadata service, connections that the host's own services open to the guest ([`crate::forward`]) and those
//! of the guest to services ([`crate::endpoint`]).
//! Frames go in from the switch (which checked their source) and come out to be sent through it.

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use vswitch::{METADATA_ADDRESS, METADATA_ADDRESS6};

const ETHERNET_BYTES: usize = 14;
const MTU: usize = 1500;
/// Frames waiting in either direction.
const QUEUE_FRAMES_MAX: usize = 256;
/// A peer that has gone silent in the middle of something is given up after this.
const SILENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Queues {
    /// IP packets.
    input: VecDeque<Vec<u8>>,
    /// Ethernet frames, link addresses left to the switch.
    output: VecDeque<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the host's address has no free port towards this guest")]
    Ports,
    #[error("{0} is not a port that can be connected to")]
    Target(u16),
}

pub struct Stack {
    guest: Ipv4Addr,
    queues: Queues,
    interface: Interface,
    sockets: SocketSet<'static>,
    next_port: u16,
    /// Sockets that nobody uses any more: removed once they are closed.
    retired: Vec<SocketHandle>,
    pub dropped_frames: u64,
}

impl Stack {
    pub fn new(guest: Ipv4Addr, seed: u64, now_ms: u64) -> Self {
        let mut queues = Queues { input: VecDeque::new(), output: VecDeque::new() };
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut queues, Instant::from_millis(now_ms as i64));
        interface.update_ip_addrs(|addresses| {
            // The list has room for two; it was empty.
            let _ = addresses.push(IpCidr::new(IpAddress::Ipv4(METADATA_ADDRESS), 32));
            let _ = addresses.push(IpCidr::new(IpAddress::Ipv6(METADATA_ADDRESS6), 128));
        });
        // Everything is reached over the port: without a next hop there is no way out.
        let _ = interface.routes_mut().add_default_ipv4_route(METADATA_ADDRESS);
        let _ = interface.routes_mut().add_default_ipv6_route(METADATA_ADDRESS6);
        // The switch lets through what is for a service: which addresses those are is its affair.
        interface.set_any_ip(true);
        let next_port = 49_152 + (seed % 16_000) as u16;
        Self { guest, queues, interface, sockets: SocketSet::new(Vec::new()), next_port, retired: Vec::new(), dropped_frames: 0 }
    }

    pub fn guest(&self) -> Ipv4Addr {
        self.guest
    }

    /// A frame from the guest for this stack.
    pub fn input(&mut self, frame: &[u8]) {
        match frame.get(ETHERNET_BYTES..) {
            Some(packet) if self.queues.input.len() < QUEUE_FRAMES_MAX => self.queues.input.push_back(packet.to_vec()),
            _ => self.dropped_frames += 1,
        }
    }

    /// Processes what came in and what is due.
    pub fn poll(&mut self, now_ms: u64) {
        self.interface.poll(Instant::from_millis(now_ms as i64), &mut self.queues, &mut self.sockets);
        let sockets = &mut self.sockets;
        self.retired.retain(|&handle| {
            let open = sockets.get::<tcp::Socket<'_>>(handle).is_open();
            if !open {
                sockets.remove(handle);
            }
            open
        });
    }

    /// The next frame to the guest.
    pub fn output(&mut self) -> Option<Vec<u8>> {
        self.queues.output.pop_front()
    }

    /// When `poll` must be called again though nothing came in.
    pub fn due_ms(&mut self, now_ms: u64) -> Option<u64> {
        if !self.queues.input.is_empty() {
            return Some(now_ms);
        }
        let at = self.interface.poll_at(Instant::from_millis(now_ms as i64), &self.sockets)?;
        Some((at.total_millis().max(0) as u64).max(now_ms))
    }

    pub fn tcp(&mut self, handle: SocketHandle) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(handle)
    }

    /// The guest's end of a connection of IPv4.
    pub fn remote(&self, handle: SocketHandle) -> Option<(Ipv4Addr, u16)> {
        let endpoint = self.sockets.get::<tcp::Socket<'_>>(handle).remote_endpoint()?;
        let IpAddress::Ipv4(address) = endpoint.addr else { return None };
        Some((address, endpoint.port))
    }

    pub fn state(&self, handle: SocketHandle) -> tcp::State {
        self.sockets.get::<tcp::Socket<'_>>(handle).state()
    }

    pub fn listen(&mut self, at: (impl Into<IpAddress>, u16), rx_bytes: usize, tx_bytes: usize) -> SocketHandle {
        let mut socket = new_socket(rx_bytes, tx_bytes);
        // Fails only for port 0 or an open socket.
        let _ = socket.listen((at.0.into(), at.1));
        self.sockets.add(socket)
    }

    /// Begins a connection to the guest's `port`, from 169.254.169.254.
    pub fn connect(&mut self, port: u16, buffer_bytes: usize) -> Result<SocketHandle, OpenError> {
        let in_use: Vec<u16> = self.sockets.iter().filter_map(|(_, s)| local_port(s)).collect();
        let free = (0..16_000u16).map(|_| self.take_port()).find(|p| !in_use.contains(p));
        let mut socket = new_socket(buffer_bytes, buffer_bytes);
        socket
            .connect(self.interface.context(), (self.guest, port), (METADATA_ADDRESS, free.ok_or(OpenError::Ports)?))
            .map_err(|_| OpenError::Target(port))?;
        Ok(self.sockets.add(socket))
    }

    fn take_port(&mut self) -> u16 {
        let port = self.next_port;
        self.next_port = if port >= 65_151 { 49_152 } else { port + 1 };
        port
    }

    /// Lets a connection end by itself: what was sent is still delivered, then the socket goes.
    pub fn retire(&mut self, handle: SocketHandle) {
        self.tcp(handle).close();
        self.retired.push(handle);
    }

    pub fn remove(&mut self, handle: SocketHandle) {
        self.sockets.remove(handle);
    }
}

fn new_socket(rx_bytes: usize, tx_bytes: usize) -> tcp::Socket<'static> {
    let mut socket = tcp::Socket::new(tcp::SocketBuffer::new(vec![0; rx_bytes]), tcp::SocketBuffer::new(vec![0; tx_bytes]));
    socket.set_timeout(Some(SILENCE));
    socket.set_keep_alive(Some(Duration::from_secs(10)));
    socket.set_nagle_enabled(false);
    socket.set_ack_delay(None);
    socket
}

fn local_port(socket: &smoltcp::socket::Socket<'_>) -> Option<u16> {
    match socket {
        smoltcp::socket::Socket::Tcp(s) => s.local_endpoint().map(|e| e.port),
        _ => None,
    }
}

struct Incoming(Vec<u8>);
struct Outgoing<'a>(&'a mut VecDeque<Vec<u8>>);

impl RxToken for Incoming {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; ETHERNET_BYTES + len];
        let result = f(&mut frame[ETHERNET_BYTES..]);
        let is_six = frame.get(ETHERNET_BYTES).is_some_and(|b| b >> 4 == 6);
        frame[12..14].copy_from_slice(if is_six { &[0x86, 0xdd] } else { &[0x08, 0x00] });
        self.0.push_back(frame);
        result
    }
}

impl Device for Queues {
    type RxToken<'a> = Incoming;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Incoming, Outgoing<'_>)> {
        if self.output.len() >= QUEUE_FRAMES_MAX {
            return None;
        }
        Some((Incoming(self.input.pop_front()?), Outgoing(&mut self.output)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Outgoing<'_>> {
        (self.output.len() < QUEUE_FRAMES_MAX).then_some(Outgoing(&mut self.output))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut c = DeviceCapabilities::default();
        c.medium = Medium::Ip;
        c.max_transmission_unit = MTU;
        c
    }
}
