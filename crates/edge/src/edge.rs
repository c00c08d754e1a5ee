//! What all parts of the edge share, and the packet path: datagrams of hosts in, to the flow they belong to; packets out, to the
//! host that owns their destination.

use crate::alias::Listeners;
use crate::drops::{Drop, Drops};
use crate::flows::{FLOWS_MAX, Flow, FlowKey, Flows};
use crate::inner::{self, Inner, Kind, payload};
use crate::packet;
use crate::stack::{HEADROOM, Stack};
use crate::table::Table;
use crate::tun::Tun;
use crate::{echo, tcp, udp};
use platform::{Rng, SystemRng};
use smoltcp::time::Instant;
use std::cell::{Cell, OnceCell, RefCell};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use tokio::net::UdpSocket;
use tokio::sync::Semaphore;
use types::Vni;
use vswitch::{INTERNET_MTU, ROUTER_MAC, parse, vxlan};
use wire::edge::{HOST_ROUTE, HOST_ROUTE6, outside};

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
    fragment_id: Cell<u32>,
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
            fragment_id: Cell::new(rng.u64() as u32),
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
        let (_, to) = datagram.get(HEADROOM..).and_then(inner::addresses).ok_or(Drop::PacketMalformed)?;
        let owner = self.table.borrow().owner(to).ok_or(Drop::NoOwner)?;
        let (header, frame) = datagram.split_at_mut(vxlan::HEADER_BYTES);
        header.copy_from_slice(&vxlan::header(Vni::INTERNET));
        frame[..6].copy_from_slice(&ROUTER_MAC.0);
        frame[6..12].copy_from_slice(&ROUTER_MAC.0);
        inner::set_ethertype(frame);
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
        let packet = inner::read(frame)?;
        let ip = packet.packet(frame);
        let (source, destination) = (packet.source, packet.destination);
        if self.table.borrow().owner(source) != Some(from) {
            return Err(Drop::SourceNotOwned);
        }
        if [IpAddr::from(HOST_ROUTE), HOST_ROUTE6.into()].contains(&destination)
            && let Some(tun) = self.tun.get()
        {
            return tun.write(ip);
        }
        if packet.is_fragment {
            return Err(Drop::Fragment);
        }
        let inbound = destination == outside(source);
        if !inbound {
            self.table.borrow().outbound(destination)?;
        }
        if packet.is_icmp_error {
            return Err(Drop::IcmpError);
        }
        let ip = packet.plain(ip);
        if !inner::checksum_matches(&ip, packet.kind) {
            return Err(Drop::Checksum);
        }
        let key = FlowKey {
            kind: packet.kind,
            public: source,
            public_port: packet.ports.source,
            outside: destination,
            outside_port: if packet.kind == Kind::Icmp { 0 } else { packet.ports.destination },
        };
        let flow = self.flows.borrow().get(&key).cloned();
        match flow {
            Some(Flow::Tcp(queue)) => queue.try_send(ip.into()).map_err(|_| Drop::QueueFull),
            Some(Flow::UdpIn(flow)) => flow.take(payload(&ip)),
            Some(Flow::UdpOut(flow)) => flow.take(&self, &ip),
            Some(Flow::Echo(flow)) => flow.take(&ip),
            None if inbound => Err(Drop::NoFlow),
            None => self.open(key, &packet, &ip),
        }
    }

    /// A packet to the outside that begins something.
    fn open(self: Rc<Self>, key: FlowKey, packet: &Inner, ip: &[u8]) -> Result<(), Drop> {
        let tcp = packet.kind == Kind::Tcp;
        let (in_use, max) = match tcp {
            true => (CONNECTIONS_MAX - self.outbound.available_permits(), CONNECTIONS_MAX),
            false => (self.flows.borrow().datagram_flows(), FLOWS_MAX),
        };
        let table = self.table.borrow();
        let fair = self.flows.borrow().is_fair(&key, |a| table.same_owner(a, key.public), in_use, max);
        std::mem::drop(table);
        if !fair {
            return Err(if tcp { Drop::ConnectionsMax } else { Drop::FlowsMax });
        }
        match packet.kind {
            Kind::Tcp if packet.ports.flags & (parse::TCP_SYN | parse::TCP_ACK | parse::TCP_RST) == parse::TCP_SYN => {
                tcp::open_outbound(self, key, ip)
            }
            // Of a connection that a former process carried: its guest shall know.
            Kind::Tcp if packet.ports.flags & parse::TCP_RST == 0 => {
                let mut rst = packet::reset(ip).ok_or(Drop::PacketMalformed)?;
                self.send(&mut rst);
                Err(Drop::NoFlow)
            }
            Kind::Tcp => Err(Drop::NoFlow),
            Kind::Udp => udp::open_outbound(self, key, ip),
            Kind::Icmp => echo::open(self, key, ip),
            Kind::Other => Err(Drop::Protocol),
        }
    }
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
