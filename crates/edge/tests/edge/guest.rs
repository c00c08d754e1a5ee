//! A host with one guest: the real [`vswitch::Switch`] on its own underlay address, and a smoltcp stack as the guest's kernel.
//! It has addresses of both families.

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::{icmp, tcp, udp};
use smoltcp::time::Instant as StackInstant;
use smoltcp::wire::{EthernetAddress, HardwareAddress, Icmpv4Packet, Icmpv4Repr, Icmpv6Packet, Icmpv6Repr, IpCidr};
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use types::{
    Generation, InterfaceId, Ipv4Cidr, Ipv6Cidr, MacAddr, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcId,
};
use vswitch::{FrameBuf, PortIndex, Sink, Switch, parse, parse6};
use wire::net::*;

use crate::cloud::POOL6;

pub const PRIVATE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 5);
const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
/// Of the region's pool, as everything of IPv6 is: nothing translates it.
pub const OWN6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x5c00, 0x700, 0, 0, 0, 5);
const GATEWAY6: Ipv6Addr = vswitch::ROUTER_ADDRESS6;
pub const MAC: MacAddr = MacAddr([6, 0, 0, 0, 0, 5]);
const BUFFER_BYTES: usize = 256 << 10;

pub struct Guest {
    socket: UdpSocket,
    switch: Switch,
    port: PortIndex,
    interface: Interface,
    sockets: SocketSet<'static>,
    queues: Queues,
    start: Instant,
    frame: FrameBuf,
}

#[derive(Default)]
struct Queues {
    received: VecDeque<Vec<u8>>,
    sent: VecDeque<Vec<u8>>,
    errors: Vec<IcmpError>,
}

/// An ICMP error as it came to the guest. (smoltcp's own matching wants the whole datagram quoted, not RFC 792's 8 bytes.)
#[derive(Debug, PartialEq, Eq)]
pub struct IcmpError {
    pub from: IpAddr,
    pub kind: u8,
    pub code: u8,
    /// The quoted source and destination, with their ports.
    pub about: (SocketAddr, SocketAddr),
}

/// What a guest is allowed to, and how it leads outside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Gateway6 {
    Internet,
    EgressOnly,
}

impl Guest {
    pub fn new(underlay: Ipv4Addr, edge: Ipv4Addr, pool: Ipv4Cidr, public: Ipv4Addr) -> Self {
        Self::with(underlay, edge, pool, public, Gateway6::Internet)
    }

    pub fn with(underlay: Ipv4Addr, edge: Ipv4Addr, pool: Ipv4Cidr, public: Ipv4Addr, gateway6: Gateway6) -> Self {
        let socket = UdpSocket::bind((underlay, vswitch::vxlan::UDP_PORT)).unwrap();
        let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(4 << 20);
        socket.set_nonblocking(true).unwrap();
        let mut switch = Switch::new(vswitch::Options::new(1));
        let id = InterfaceId::from_random(1);
        switch.configure(&net_config(underlay, edge, pool, public, gateway6, id), 0).unwrap();
        let port = switch.port(id).unwrap();
        let mut queues = Queues::default();
        let mut interface =
            Interface::new(Config::new(HardwareAddress::Ethernet(EthernetAddress(MAC.0))), &mut queues, StackInstant::ZERO);
        interface.update_ip_addrs(|a| {
            a.push(IpCidr::new(PRIVATE.into(), 24)).unwrap();
            // As DHCPv6 gives it: what else is on the link is the router's to know.
            a.push(IpCidr::new(OWN6.into(), 128)).unwrap();
        });
        interface.routes_mut().add_default_ipv4_route(GATEWAY).unwrap();
        interface.routes_mut().add_default_ipv6_route(GATEWAY6).unwrap();
        let (sockets, frame) = (SocketSet::new(Vec::new()), FrameBuf::new(65_536));
        let mut guest = Self { socket, switch, port, interface, sockets, queues, start: Instant::now(), frame };
        guest.find_gateway();
        guest
    }

    /// Fills the neighbour cache: smoltcp drops what it would send before, and a second passes until the next try.
    fn find_gateway(&mut self) {
        for gateway in [IpAddr::from(GATEWAY), GATEWAY6.into()] {
            let h = self.add_icmp(icmp::Endpoint::Ident(1));
            self.ping(h, gateway, 1, 1, b"");
            self.until("the gateway answers", |g| g.icmp(h).can_recv());
            self.sockets.remove(h);
        }
    }

    /// Asks for an echo.
    pub fn ping(&mut self, handle: SocketHandle, to: IpAddr, ident: u16, seq_no: u16, data: &[u8]) {
        match to {
            IpAddr::V4(_) => {
                let request = Icmpv4Repr::EchoRequest { ident, seq_no, data };
                let space = self.icmp(handle).send(request.buffer_len(), to.into()).unwrap();
                request.emit(&mut Icmpv4Packet::new_unchecked(space), &Default::default());
            }
            // The stack fills in the checksum.
            IpAddr::V6(to) => {
                let request = Icmpv6Repr::EchoRequest { ident, seq_no, data };
                let space = self.icmp(handle).send(request.buffer_len(), to.into()).unwrap();
                request.emit(&OWN6, &to, &mut Icmpv6Packet::new_unchecked(space), &Default::default());
            }
        }
    }

    /// A frame of the guest's own making.
    pub fn send_frame(&mut self, frame: Vec<u8>) {
        self.queues.sent.push_back(frame);
    }

    /// Everything that can be done now; waits up to a millisecond when there is nothing.
    pub fn step(&mut self) {
        let now_ms = self.start.elapsed().as_millis() as u64;
        let mut busy = false;
        for _ in 0..64 {
            let Ok((len, SocketAddr::V4(from))) = self.socket.recv_from(self.frame.space()) else { break };
            busy = true;
            self.frame.set_len(len);
            let mut out = Out { socket: &self.socket, queues: &mut self.queues };
            self.switch.from_underlay(*from.ip(), &mut self.frame, now_ms, &mut out);
        }
        let now = StackInstant::from_micros(self.start.elapsed().as_micros() as i64);
        self.interface.poll(now, &mut self.queues, &mut self.sockets);
        while let Some(sent) = self.queues.sent.pop_front() {
            busy = true;
            self.frame.set(&sent);
            let mut out = Out { socket: &self.socket, queues: &mut self.queues };
            self.switch.from_port(self.port, &mut self.frame, now_ms, &mut out);
        }
        if !busy && self.queues.received.is_empty() {
            let mut fd = libc::pollfd { fd: self.socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // SAFETY: one valid pollfd, which lives through the call.
            unsafe { libc::poll(&mut fd, 1, 1) };
        }
    }

    /// Steps until the condition holds.
    pub fn until(&mut self, what: &str, mut condition: impl FnMut(&mut Self) -> bool) {
        let end = Instant::now() + crate::cloud::BOUND;
        while !condition(self) {
            assert!(Instant::now() < end, "waited too long: {what}; drops of the switch: {:?}", self.drops());
            self.step();
        }
    }

    pub fn drops(&self) -> Vec<(&'static str, u64)> {
        self.switch.drops().iter().map(|(r, n)| (r.name(), n)).collect()
    }

    pub fn errors(&self) -> &[IcmpError] {
        &self.queues.errors
    }

    pub fn tcp(&mut self, handle: SocketHandle) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(handle)
    }

    pub fn udp(&mut self, handle: SocketHandle) -> &mut udp::Socket<'static> {
        self.sockets.get_mut(handle)
    }

    pub fn icmp(&mut self, handle: SocketHandle) -> &mut icmp::Socket<'static> {
        self.sockets.get_mut(handle)
    }

    pub fn remove(&mut self, handle: SocketHandle) {
        self.sockets.remove(handle);
    }

    pub fn add_tcp(&mut self) -> SocketHandle {
        let buffer = || tcp::SocketBuffer::new(vec![0; BUFFER_BYTES]);
        self.sockets.add(tcp::Socket::new(buffer(), buffer()))
    }

    pub fn connect(&mut self, to: impl Into<SocketAddr>, from: u16) -> SocketHandle {
        let handle = self.add_tcp();
        let socket = self.sockets.get_mut::<tcp::Socket>(handle);
        socket.connect(self.interface.context(), to.into(), from).unwrap();
        handle
    }

    pub fn add_udp(&mut self, port: u16) -> SocketHandle {
        let buffer = || udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 64], vec![0; 65_536]);
        let mut socket = udp::Socket::new(buffer(), buffer());
        socket.bind(port).unwrap();
        self.sockets.add(socket)
    }

    pub fn add_icmp(&mut self, endpoint: icmp::Endpoint) -> SocketHandle {
        let buffer = || icmp::PacketBuffer::new(vec![icmp::PacketMetadata::EMPTY; 16], vec![0; 16_384]);
        let mut socket = icmp::Socket::new(buffer(), buffer());
        socket.bind(endpoint).unwrap();
        self.sockets.add(socket)
    }

    /// Serves in a thread until the returned value is dropped.
    pub fn serve(mut self) -> Serving {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        // It listens when this returns.
        let mut services = Services::new(&mut self);
        services.step(&mut self);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                self.step();
                services.step(&mut self);
            }
        });
        Serving { stop, thread: Some(thread) }
    }
}

pub struct Serving {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// TCP 7: echo. TCP 9: reads to the end, then says how much it was. TCP 80: one HTTP answer. TCP 6: resets after the first
/// byte. TCP 5: never closes. UDP 7: echo.
struct Services {
    tcp: Vec<(u16, SocketHandle, u64)>,
    udp: SocketHandle,
}

impl Services {
    fn new(guest: &mut Guest) -> Self {
        // Four sockets a port: so many connections at once.
        let ports = [5, 6, 7, 9, 80].into_iter().flat_map(|p| [p; 4]);
        Self { tcp: ports.map(|p| (p, guest.add_tcp(), 0)).collect(), udp: guest.add_udp(7) }
    }

    fn step(&mut self, guest: &mut Guest) {
        for (port, handle, count) in &mut self.tcp {
            let socket = guest.tcp(*handle);
            if !socket.is_open() {
                *count = 0;
                socket.listen(*port).unwrap();
            }
            match *port {
                7 => {
                    while socket.can_recv() && socket.can_send() {
                        let room = socket.send_capacity() - socket.send_queue();
                        let mut bytes = vec![0; room.min(65_536)];
                        let n = socket.recv_slice(&mut bytes).unwrap();
                        assert_eq!(socket.send_slice(&bytes[..n]).unwrap(), n);
                    }
                    // All sent before the end is said: smoltcp ignores window updates after that.
                    if socket.state() == tcp::State::CloseWait && !socket.can_recv() && socket.send_queue() == 0 {
                        socket.close();
                    }
                }
                9 => {
                    while socket.can_recv() {
                        *count += socket.recv(|b| (b.len(), b.len())).unwrap() as u64;
                    }
                    if socket.state() == tcp::State::CloseWait {
                        socket.send_slice(format!("{count} bytes").as_bytes()).unwrap();
                        socket.close();
                    }
                }
                80 => {
                    let asked = socket.can_recv() && socket.recv(|b| (b.len(), b.ends_with(b"\r\n\r\n"))).unwrap();
                    if asked {
                        socket.send_slice(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").unwrap();
                        socket.close();
                    }
                }
                5 => {}
                _ => {
                    if socket.can_recv() {
                        socket.abort();
                    }
                }
            }
        }
        let socket = guest.udp(self.udp);
        while socket.can_recv() && socket.can_send() {
            let (bytes, from) = socket.recv().map(|(b, m)| (b.to_vec(), m.endpoint)).unwrap();
            socket.send_slice(&bytes, from).unwrap();
        }
    }
}

struct Out<'a> {
    socket: &'a UdpSocket,
    queues: &'a mut Queues,
}

impl Sink for Out<'_> {
    fn deliver(&mut self, _: PortIndex, frame: &[u8]) {
        self.queues.errors.extend(icmp_error(frame));
        self.queues.received.push_back(frame.to_vec());
    }

    fn underlay(&mut self, to: Ipv4Addr, datagram: &[u8], _: u16) {
        let _ = self.socket.send_to(datagram, (to, vswitch::vxlan::UDP_PORT));
    }

    fn local(&mut self, _: PortIndex, _: &[u8]) {}
}

fn icmp_error(frame: &[u8]) -> Option<IcmpError> {
    let (kind, code, from, quoted) = match parse::ipv4(frame) {
        Ok(p) if p.is_icmp_error() => {
            let q = parse::quoted(frame)?;
            let at = |a: u32, port| SocketAddr::from((Ipv4Addr::from(a), port));
            let about = (at(q.source, q.ports.source), at(q.destination, q.ports.destination));
            (p.ports.icmp_type(), p.ports.icmp_code(), Ipv4Addr::from(p.source).into(), about)
        }
        Ok(_) => return None,
        Err(_) => {
            let p = parse6::ipv6(frame).ok().filter(|p| p.is_icmp_error())?;
            let q = parse6::quoted6(frame, &p)?;
            let at = |a: u128, port| SocketAddr::from((Ipv6Addr::from(a), port));
            let about = (at(q.source, q.ports.source), at(q.destination, q.ports.destination));
            (p.ports.icmp_type(), p.ports.icmp_code(), Ipv6Addr::from(p.source).into(), about)
        }
    };
    Some(IcmpError { from, kind, code, about: quoted })
}

struct Received(Vec<u8>);
struct Sent<'a>(&'a mut VecDeque<Vec<u8>>);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Sent<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; len];
        let result = f(&mut frame);
        self.0.push_back(frame);
        result
    }
}

impl Device for Queues {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sent<'a>;

    fn receive(&mut self, _: StackInstant) -> Option<(Received, Sent<'_>)> {
        Some((Received(self.received.pop_front()?), Sent(&mut self.sent)))
    }

    fn transmit(&mut self, _: StackInstant) -> Option<Sent<'_>> {
        Some(Sent(&mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut c = DeviceCapabilities::default();
        c.medium = Medium::Ethernet;
        c.max_transmission_unit = 1514;
        c
    }
}

/// One VPC, one interface with a public address, groups that allow everything, a default route to the internet gateway.
fn net_config(
    underlay: Ipv4Addr,
    edge: Ipv4Addr,
    pool: Ipv4Cidr,
    public: Ipv4Addr,
    gateway6: Gateway6,
    id: InterfaceId,
) -> NetConfig {
    let (vpc, group, table) = (VpcId::from_random(1), SecurityGroupId::from_random(1), RouteTableId::from_random(1));
    let cidr: Ipv4Cidr = "10.0.0.0/16".parse().unwrap();
    let cidr6: Ipv6Cidr = "2001:db8:5c00:700::/56".parse().unwrap();
    let rule = |n, direction| SecurityRule {
        id: SecurityGroupRuleId::from_random(n),
        direction,
        protocol: ProtocolMatch::All,
        peer: PeerMatch::Cidr(Ipv4Cidr::ALL),
    };
    let rule6 = |n, direction| SecurityRule {
        id: SecurityGroupRuleId::from_random(n),
        direction,
        protocol: ProtocolMatch::All,
        peer: PeerMatch::Cidr(Ipv6Cidr::ALL),
    };
    let target6 = match gateway6 {
        Gateway6::Internet => RouteTarget::InternetGateway,
        Gateway6::EgressOnly => RouteTarget::EgressOnlyInternetGateway,
    };
    NetConfig {
        format: wire::FORMAT,
        host: "a1-h1".parse().unwrap(),
        generation: Generation(1),
        underlay,
        vpcs: vec![VpcConfig {
            cidrs6: vec![cidr6],
            open6: gateway6 == Gateway6::Internet,
            id: vpc,
            vni: types::Vni::FIRST_VPC,
            cidrs: vec![cidr],
            dns_support: true,
            dns_hostnames: true,
            domain: "ec2.internal".to_owned(),
            interfaces: vec![InterfaceEntry {
                ipv6: vec![OWN6],
                id,
                mac: MAC,
                ipv4: vec![PRIVATE],
                groups: vec![group],
                underlay: Some(underlay),
            }],
            directories: Vec::new(),
            security_groups: vec![SecurityGroupConfig {
                rules6: vec![rule6(3, Direction::Ingress), rule6(4, Direction::Egress)],
                id: group,
                rules: vec![rule(1, Direction::Ingress), rule(2, Direction::Egress)],
            }],
            network_acls: Vec::new(),
            prefix_lists: Vec::new(),
            peerings: Vec::new(),
            transit: Vec::new(),
            balancers: Vec::new(),
            endpoints: Vec::new(),
            route_tables: vec![RouteTableConfig {
                routes6: vec![
                    Route { destination: cidr6, target: RouteTarget::Local },
                    Route { destination: Ipv6Cidr::ALL, target: target6 },
                ],
                id: table,
                routes: vec![
                    Route { destination: cidr, target: RouteTarget::Local },
                    Route { destination: Ipv4Cidr::ALL, target: RouteTarget::InternetGateway },
                ],
            }],
        }],
        ports: vec![PortConfig {
            terminator: None,
            ipv6: vec![OWN6],
            subnet_cidr6: Some("2001:db8:5c00:700::/64".parse().unwrap()),
            id,
            vpc,
            subnet: SubnetId::from_random(1),
            subnet_cidr: "10.0.0.0/24".parse().unwrap(),
            mac: MAC,
            ipv4: vec![PRIVATE],
            public: vec![PublicMapping { private: PRIVATE, public }],
            groups: vec![group],
            route_table: table,
            source_dest_check: true,
            network_acl: None,
            nat: None,
            rate: None,
            rate_of: None,
            flow_log_seconds: None,
            mtu: 9001,
            dhcp: DhcpConfig {
                hostname: "ip-10-0-0-5".to_owned(),
                domain: "ec2.internal".to_owned(),
                dns_servers: Vec::new(),
                lease_seconds: 3600,
            },
            metadata: None,
        }],
        services: Vec::new(),
        names: Vec::new(),
        internet: InternetConfig {
            addresses6: vec![PublicAddress { address: OWN6, underlay }],
            pool6: Some(POOL6.parse().unwrap()),
            pool: Some(pool),
            addresses: vec![PublicAddress { address: public, underlay }],
            edge: Some(edge),
        },
    }
}
