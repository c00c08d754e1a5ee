//! A guest with a TCP/IP stack of its own on top of a [`Front`]: what runs in the VM, without the VM.

use super::Front;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::{tcp, udp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpAddress, IpCidr};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant as StdInstant};
use types::MacAddr;

const MTU: usize = 9001;

pub struct Guest {
    pub front: FrontDevice,
    interface: Interface,
    sockets: SocketSet<'static>,
    start: StdInstant,
    next_port: u16,
}

impl Guest {
    /// Configured by hand with an address in 10.0.0.0/24 and the gateway 10.0.0.1.
    pub fn new(front: Front, mac: MacAddr, ip: Ipv4Addr) -> Self {
        let mut front = FrontDevice(front);
        let mut config = Config::new(HardwareAddress::Ethernet(EthernetAddress(mac.0)));
        config.random_seed = u64::from(u32::from(ip));
        let mut interface = Interface::new(config, &mut front, Instant::from_millis(0));
        interface.update_ip_addrs(|a| {
            let _ = a.push(IpCidr::new(IpAddress::Ipv4(ip), 24));
        });
        let _ = interface.routes_mut().add_default_ipv4_route(Ipv4Addr::new(10, 0, 0, 1));
        Self { front, interface, sockets: SocketSet::new(Vec::new()), start: StdInstant::now(), next_port: 40_000 }
    }

    pub fn poll(&mut self) {
        let now = Instant::from_millis(self.start.elapsed().as_millis() as i64);
        self.interface.poll(now, &mut self.front, &mut self.sockets);
    }

    pub fn tcp(&mut self, handle: SocketHandle) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(handle)
    }

    pub fn udp(&mut self, handle: SocketHandle) -> &mut udp::Socket<'static> {
        self.sockets.get_mut(handle)
    }

    fn add_tcp(&mut self) -> SocketHandle {
        let buffer = || tcp::SocketBuffer::new(vec![0; 65_535]);
        self.sockets.add(tcp::Socket::new(buffer(), buffer()))
    }

    pub fn connect(&mut self, to: Ipv4Addr, port: u16) -> SocketHandle {
        let handle = self.add_tcp();
        self.next_port += 1;
        let local = self.next_port;
        let socket = self.sockets.get_mut::<tcp::Socket<'_>>(handle);
        socket.connect(self.interface.context(), (to, port), local).expect("a free socket and a valid address");
        handle
    }

    pub fn listen(&mut self, port: u16) -> SocketHandle {
        let handle = self.add_tcp();
        self.tcp(handle).listen(port).expect("a free socket");
        handle
    }

    pub fn bind_udp(&mut self, port: u16) -> SocketHandle {
        let buffer = || udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 16], vec![0; 65_535]);
        let handle = self.sockets.add(udp::Socket::new(buffer(), buffer()));
        self.udp(handle).bind(port).expect("a free socket");
        handle
    }

    /// Sends `request` over a new TCP connection and returns everything until the peer closes; `None` when it does not
    /// connect or end within `timeout`.
    pub fn exchange(&mut self, to: Ipv4Addr, port: u16, request: &[u8], timeout: Duration) -> Option<Vec<u8>> {
        let handle = self.connect(to, port);
        let (end, mut sent, mut got) = (StdInstant::now() + timeout, 0, Vec::new());
        let outcome = loop {
            self.poll();
            let socket = self.tcp(handle);
            if socket.can_send() && sent < request.len() {
                sent += socket.send_slice(&request[sent..]).unwrap_or(0);
            }
            while socket.can_recv() {
                let taken = socket.recv(|b| (b.len(), b.to_vec()));
                got.extend(taken.unwrap_or_default());
            }
            if !socket.is_open() || (sent == request.len() && !socket.may_recv() && socket.may_send()) {
                let connected = sent == request.len();
                socket.close();
                self.poll();
                break connected.then_some(got);
            }
            if StdInstant::now() > end {
                break None;
            }
            std::thread::sleep(Duration::from_micros(200));
        };
        self.sockets.remove(handle);
        outcome
    }
}

/// The front end as a smoltcp device.
pub struct FrontDevice(pub Front);

pub struct Incoming(Vec<u8>);
pub struct Outgoing<'a>(&'a mut Front);

impl RxToken for Incoming {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; len];
        let result = f(&mut frame);
        self.0.send(&frame);
        result
    }
}

impl Device for FrontDevice {
    type RxToken<'a> = Incoming;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Incoming, Outgoing<'_>)> {
        let frame = self.0.try_receive()?;
        Some((Incoming(frame), Outgoing(&mut self.0)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Outgoing<'_>> {
        Some(Outgoing(&mut self.0))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut c = DeviceCapabilities::default();
        c.medium = Medium::Ethernet;
        c.max_transmission_unit = MTU + 14;
        c
    }
}
