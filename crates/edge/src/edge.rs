//! What all parts of the edge share, and the packet path: datagrams of hosts in, to the flow they belong to; packets out, to the
//! host that owns their destination.

use crate::alias::Listeners;
use crate::drops::{Drop, Drops};
use crate::flows::{FLOWS_MAX, Flow, FlowKey, Flows};
use crate::packet;
use crate::stack::{HEADROOM, Stack};
use crate::table::Table;
use crate::tun::Tun;
use crate::{echo, tcp, udp};
use platform::{Rng, SystemRng};
use smoltcp::time::Instant;
use std::cell::{Cell, OnceCell, RefCell};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::rc::Rc;
use std::sync::Arc;
use tokio::net::UdpSocket;
use tokio::sync::Semaphore;
use types::Vni;
use vswitch::parse::{ETHERNET_BYTES, ETHERTYPE_IPV4, ICMP, Packet, TCP, UDP};
use vswitch::{INTERNET_MTU, ROUTER_MAC, parse, vxlan};
use wire::edge::{HOST_ROUTE, OUTSIDE};

/// TCP connections in each of the two directions.
pub const CONNECTIONS_MAX: usize = 1024;
/// Datagrams that are taken in before others get their turn.
const BATCH_MAX: usize = 64;

pub struct Edge {
    pub own_underlay: Ipv4Addr,
    pub underlay: UdpSocket,
    pub table: RefCell<Table>,
    pub flows: RefCell<Flows>,
    pub listeners: RefCell<Listeners>,
    pub drops: Drops,
    pub tun: OnceCell<Tun>,
    /// Sentences about what does not work here, besides those of the listeners.
    pub problems: RefCell<Vec<String>>,
    pub inbound: Arc<Semaphore>,
    pub outbound: Arc<Semaphore>,
    rng: RefCell<SystemRng>,
    fragment_id: Cell<u16>,
    start: std::time::Instant,
}

impl Edge {
    pub fn new(own_underlay: Ipv4Addr, underlay: UdpSocket, table: Table) -> Self {
        let mut rng = SystemRng::new();
        Self {
            own_underlay,
            underlay,
            table: RefCell::new(table),
            flows: RefCell::new(Flows::new(rng.u64())),
            listeners: RefCell::default(),
            drops: Drops::new(),
            tun: OnceCell::new(),
            problems: RefCell::default(),
            inbound: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            outbound: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            fragment_id: Cell::new(rng.u64() as u16),
            rng: RefCell::new(rng),
            start: std::time::Instant::now(),
        }
    }

    pub fn now(&self) -> Instant {
        Instant::from_micros(self.start.elapsed().as_micros() as i64)
    }

    pub fn random(&self) -> u64 {
        self.rng.borrow_mut().u64()
    }

    pub fn connections(&self) -> usize {
        2 * CONNECTIONS_MAX - self.inbound.available_permits() - self.outbound.available_permits()
    }

    /// A sentence for the status, once.
    pub fn problem(&self, sentence: String) {
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&sentence) {
            tracing::warn!("{sentence}");
            problems.push(sentence);
        }
    }

    /// Sends a packet, made with [`HEADROOM`] in front, to the host that owns its destination.
    pub fn send(&self, datagram: &mut [u8]) {
        if let Err(reason) = self.try_send(datagram) {
            self.drops.count(reason);
        }
    }

    /// The same, in fragments when it is longer than the internet carries.
    pub fn send_long(&self, mut datagram: Vec<u8>) {
        let mtu = usize::from(INTERNET_MTU);
        if datagram.len() <= HEADROOM + mtu {
            return self.send(&mut datagram);
        }
        self.fragment_id.set(self.fragment_id.get().wrapping_add(1));
        packet::fragments(&datagram, mtu, self.fragment_id.get()).iter_mut().for_each(|f| self.send(f));
    }

    fn try_send(&self, datagram: &mut [u8]) -> Result<(), Drop> {
        let (_, to) = datagram.get(HEADROOM..).and_then(packet::addresses).ok_or(Drop::PacketMalformed)?;
        let owner = self.table.borrow().owner(to).ok_or(Drop::NoOwner)?;
        let (header, frame) = datagram.split_at_mut(vxlan::HEADER_BYTES);
        header.copy_from_slice(&vxlan::header(Vni::INTERNET));
        frame[..6].copy_from_slice(&ROUTER_MAC.0);
        frame[6..12].copy_from_slice(&ROUTER_MAC.0);
        frame[12..14].copy_from_slice(&ETHERTYPE_IPV4.to_be_bytes());
        let to = SocketAddr::from((owner, vxlan::UDP_PORT));
        self.underlay.try_send_to(datagram, to).map(drop).map_err(|_| Drop::SendFailed)
    }

    /// Lets a connection's stack do what is due.
    pub fn poll(&self, stack: &mut Stack) {
        stack.poll(self.now(), &mut |datagram| self.send(datagram));
    }

    /// Takes in datagrams of hosts, for ever.
    pub async fn receive(self: Rc<Self>) {
        let mut buffer = vec![0; 1 << 16];
        loop {
            if let Err(e) = self.underlay.readable().await {
                tracing::error!(error = %e, "the underlay socket failed");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            for _ in 0..BATCH_MAX {
                match self.underlay.try_recv_from(&mut buffer) {
                    Ok((len, SocketAddr::V4(from))) => self.clone().take(*from.ip(), &buffer[..len]),
                    Ok(_) => {}
                    Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => break,
                    // An error that an earlier datagram met; the socket stands.
                    Err(_) => {}
                }
            }
            tokio::task::yield_now().await;
        }
    }

    fn take(self: Rc<Self>, from: Ipv4Addr, datagram: &[u8]) {
        if let Err(reason) = self.clone().try_take(from, datagram) {
            self.drops.count(reason);
        }
    }

    fn try_take(self: Rc<Self>, from: Ipv4Addr, datagram: &[u8]) -> Result<(), Drop> {
        if !self.table.borrow().is_host(from) {
            return Err(Drop::UnknownUnderlaySource);
        }
        if vxlan::parse(datagram).ok_or(Drop::VxlanMalformed)? != Vni::INTERNET {
            return Err(Drop::UnknownVni);
        }
        let frame = &datagram[vxlan::HEADER_BYTES..];
        if parse::ethertype(frame) != Some(ETHERTYPE_IPV4) {
            return Err(Drop::Ethertype);
        }
        let packet = parse::ipv4(frame).map_err(|_| Drop::PacketMalformed)?;
        let ip = &frame[ETHERNET_BYTES..ETHERNET_BYTES + usize::from(packet.total_bytes)];
        let (source, destination) = (Ipv4Addr::from(packet.source), Ipv4Addr::from(packet.destination));
        if self.table.borrow().owner(source) != Some(from) {
            return Err(Drop::SourceNotOwned);
        }
        if destination == HOST_ROUTE
            && let Some(tun) = self.tun.get()
        {
            return tun.write(ip);
        }
        if packet.is_fragment() {
            return Err(Drop::Fragment);
        }
        if destination != OUTSIDE {
            self.table.borrow().outbound(destination)?;
        }
        if packet.is_icmp_error() {
            return Err(Drop::IcmpError);
        }
        if packet.protocol != TCP && !packet::checksum_matches(ip) {
            return Err(Drop::Checksum);
        }
        let outside_port = if packet.protocol == ICMP { 0 } else { packet.ports.destination };
        let key = FlowKey {
            protocol: packet.protocol,
            public: source,
            public_port: packet.ports.source,
            outside: destination,
            outside_port,
        };
        let flow = self.flows.borrow().get(&key).cloned();
        match flow {
            Some(Flow::Tcp(queue)) => queue.try_send(ip.into()).map_err(|_| Drop::QueueFull),
            Some(Flow::UdpIn(flow)) => flow.take(payload(ip)),
            Some(Flow::UdpOut(flow)) => flow.take(&self, ip),
            Some(Flow::Echo(flow)) => flow.take(ip),
            None if destination == OUTSIDE => Err(Drop::NoFlow),
            None => self.open(key, packet, ip),
        }
    }

    /// A packet to the outside that begins something.
    fn open(self: Rc<Self>, key: FlowKey, packet: Packet, ip: &[u8]) -> Result<(), Drop> {
        let fair = match packet.protocol {
            TCP => self.flows.borrow().is_fair(&key, CONNECTIONS_MAX - self.outbound.available_permits(), CONNECTIONS_MAX),
            _ => self.flows.borrow().is_fair(&key, self.flows.borrow().datagram_flows(), FLOWS_MAX),
        };
        if !fair {
            return Err(if packet.protocol == TCP { Drop::ConnectionsMax } else { Drop::FlowsMax });
        }
        match packet.protocol {
            TCP if packet.ports.flags & (parse::TCP_SYN | parse::TCP_ACK | parse::TCP_RST) == parse::TCP_SYN => {
                tcp::open_outbound(self, key, ip)
            }
            // Of a connection that a former process carried: its guest shall know.
            TCP if packet.ports.flags & parse::TCP_RST == 0 => {
                let mut rst = packet::reset(ip).ok_or(Drop::PacketMalformed)?;
                self.send(&mut rst);
                Err(Drop::NoFlow)
            }
            TCP => Err(Drop::NoFlow),
            UDP => udp::open_outbound(self, key, ip),
            ICMP if packet.ports.icmp_type() == 8 => echo::open(self, key, ip),
            _ => Err(Drop::Protocol),
        }
    }
}

/// What a whole UDP packet carries.
pub fn payload(ip: &[u8]) -> &[u8] {
    let length = usize::from(u16::from_be_bytes([ip[24], ip[25]]));
    &ip[28..(20 + length).clamp(28, ip.len())]
}

/// Removes its flow when the connection or its task ends.
pub struct FlowGuard {
    pub edge: Rc<Edge>,
    pub key: FlowKey,
}

impl std::ops::Drop for FlowGuard {
    fn drop(&mut self) {
        self.edge.flows.borrow_mut().remove(&self.key);
    }
}

pub fn outside(key: &FlowKey) -> SocketAddrV4 {
    SocketAddrV4::new(key.outside, key.outside_port)
}

pub fn guest(key: &FlowKey) -> SocketAddrV4 {
    SocketAddrV4::new(key.public, key.public_port)
}
