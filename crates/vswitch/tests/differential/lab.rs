//! Real switches, one a host, joined by an underlay in memory; guests that answer and route; an edge that answers from outside.

use crate::generate::{EDGE, Network, underlay};
use crate::verdict::{End, L4, Packet, TTL, Tcp, Why, dropped};
use crate::{six, views};
use etherparse::{IpNumber, Ipv6HeaderSlice, PacketBuilder, SlicedPacket, TcpSlice, TransportSlice};
use std::collections::{BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use types::*;
use vswitch::*;
use wire::directory::{Answer, Holder, Message};
use wire::net::{NetConfig, routers};

/// Of two, the first never answers.
const DIRECTORIES: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 0, 8, 1), Ipv4Addr::new(127, 0, 8, 2)];

pub struct Lab {
    pub net: Network,
    /// VPCs are large: hosts ask for what they need to know.
    asks: bool,
    /// (host, VNI, address)
    asked: BTreeSet<(usize, Vni, IpAddr)>,
    pub switches: Vec<Switch>,
    generation: u64,
    now_ms: u64,
}

#[derive(Default)]
struct Out {
    delivered: Vec<(PortIndex, Vec<u8>)>,
    underlay: Vec<(Ipv4Addr, Vec<u8>)>,
    local: Vec<(PortIndex, Vec<u8>)>,
}

impl Sink for Out {
    fn deliver(&mut self, port: PortIndex, frame: &[u8]) {
        self.delivered.push((port, frame.to_vec()));
    }
    fn underlay(&mut self, to: Ipv4Addr, datagram: &[u8], _entropy: u16) {
        self.underlay.push((to, datagram.to_vec()));
    }
    fn local(&mut self, port: PortIndex, frame: &[u8]) {
        self.local.push((port, frame.to_vec()));
    }
}

enum Event {
    Guest { of: InterfaceId, packet: Packet, ttl: u8 },
    Service { to: InterfaceId, packet: Packet },
    Datagram { to: usize, from: Ipv4Addr, bytes: Vec<u8> },
}

impl Lab {
    pub fn new(net: Network, asks: bool) -> Result<Self, ConfigError> {
        let switches = (0..net.hosts).map(|h| Switch::new(Options::new(h as u64))).collect();
        let mut lab = Self { net, asks, asked: BTreeSet::new(), switches, generation: 0, now_ms: 1000 };
        lab.configure()?;
        Ok(lab)
    }

    pub fn change(&mut self, net: Network) -> Result<(), ConfigError> {
        self.net = net;
        self.configure()
    }

    fn configure(&mut self) -> Result<(), ConfigError> {
        self.generation += 1;
        for (host, switch) in self.switches.iter_mut().enumerate() {
            let config = self.net.config(host, self.generation);
            switch.configure(&if self.asks { asking(config) } else { config }, self.now_ms)?;
        }
        // What changed is told to who asked before.
        for (host, vni, address) in self.asked.clone() {
            let mut out = Out::default();
            self.tell(host, vni, address, &mut out);
            assert!(out.delivered.is_empty() && out.underlay.is_empty() && out.local.is_empty());
        }
        Ok(())
    }

    /// A directory's datagram to a host.
    fn tell(&mut self, host: usize, vni: Vni, address: IpAddr, out: &mut Out) {
        let Some(vpc) = self.net.vpcs.iter().find(|v| v.vni == vni).map(|v| v.id) else { return };
        let holder = self.net.ports.iter().find(|i| i.port.vpc == vpc && views::has(&i.port, address));
        let holder = holder.map(|i| Holder {
            interface: i.port.id,
            mac: i.port.mac,
            underlay: i.host.map(underlay),
            groups: i.port.groups.clone(),
        });
        let answer = Answer { vni, address, version: Generation(self.generation), lease_ms: 60_000, holder };
        let mut datagram = vxlan::header(Vni::DIRECTORY).to_vec();
        datagram.extend(Message::Answer(answer).encode());
        self.switches[host].from_underlay(DIRECTORIES[1], &mut FrameBuf::from_slice(&datagram), self.now_ms, out);
    }

    /// Answers what a host asks, until it has no more questions.
    fn answer(&mut self, host: usize, out: &mut Out) -> Result<(), String> {
        for _ in 0..100 {
            let Some(at) = out.underlay.iter().position(|(to, _)| DIRECTORIES.contains(to)) else { return Ok(()) };
            let (to, bytes) = out.underlay.remove(at);
            if vxlan::parse(&bytes) != Some(Vni::DIRECTORY) {
                return Err("another packet to a directory".into());
            }
            let message = Message::decode(&bytes[vxlan::HEADER_BYTES..]);
            let Some(Message::Query { vni, address }) = message else { return Err(format!("{message:?} to a directory")) };
            if to == DIRECTORIES[0] {
                self.now_ms = self.switches[host].resolve_due_ms().ok_or("nothing is due")?.max(self.now_ms);
                self.switches[host].resolve_due(self.now_ms, out);
                continue;
            }
            self.asked.insert((host, vni, address));
            self.tell(host, vni, address, out);
        }
        Err("it asks and asks".into())
    }

    pub fn guest_sends(&mut self, of: InterfaceId, packet: Packet) -> Result<End, String> {
        self.run(Event::Guest { of, packet, ttl: TTL })
    }

    /// From the edge, to the host that owns the address (or to any: one that nobody owns).
    pub fn outside_sends(&mut self, packet: Packet) -> Result<End, String> {
        let four = self.net.ports.iter().find(|i| i.port.public.iter().any(|m| packet.dst == m.public)).and_then(|i| i.host);
        let six = six::outside(&self.net).into_iter().find(|(_, a, _)| packet.dst == *a).map(|(_, _, host)| host);
        let owner = four.or(six);
        let mut bytes = vxlan::header(Vni::INTERNET).to_vec();
        bytes.extend(frame(MacAddr([2, 9, 9, 9, 9, 9]), packet, TTL));
        self.run(Event::Datagram { to: owner.unwrap_or(0), from: EDGE, bytes })
    }

    /// From a service that an endpoint leads to.
    pub fn service_sends(&mut self, to: InterfaceId, packet: Packet) -> Result<End, String> {
        self.run(Event::Service { to, packet })
    }

    fn run(&mut self, first: Event) -> Result<End, String> {
        self.now_ms += 1;
        let mut queue = VecDeque::from([first]);
        while let Some(event) = queue.pop_front() {
            let mut out = Out::default();
            let (host, asked) = match &event {
                Event::Guest { of, .. } => (self.host(*of)?, Some(*of)),
                Event::Service { to, .. } => (self.host(*to)?, None),
                Event::Datagram { to, .. } => (*to, None),
            };
            let before = self.counts(host);
            let now = self.now_ms;
            let mut sent = None;
            match event {
                Event::Guest { of, packet, ttl } => {
                    let mac = self.net.ports.iter().find(|i| i.port.id == of).map(|i| i.port.mac).ok_or("no such guest")?;
                    let bytes = frame(mac, packet, ttl);
                    sent = Some(packet);
                    let port = self.switches[host].port(of).ok_or("no such port")?;
                    self.switches[host].from_port(port, &mut FrameBuf::from_slice(&bytes), now, &mut out);
                }
                Event::Service { to, packet } => {
                    let port = self.switches[host].port(to).ok_or("no such port")?;
                    let bytes = frame(ROUTER_MAC, packet, TTL);
                    self.switches[host].from_service(port, &mut FrameBuf::from_slice(&bytes), now, &mut out);
                }
                Event::Datagram { from, bytes, .. } => {
                    self.switches[host].from_underlay(from, &mut FrameBuf::from_slice(&bytes), now, &mut out);
                }
            }
            self.answer(host, &mut out)?;
            let drops = self.new_drops(host, &before);
            let ends = out.delivered.len() + out.underlay.len() + out.local.len() + drops.len();
            if ends != 1 {
                return Err(format!("{ends} ends of one packet: {drops:?} {:?}", out.delivered));
            }
            if let Some(&(reason, at)) = drops.first() {
                return Ok(dropped(why(reason), at));
            }
            if out.local.pop().is_some() {
                return Ok(End::Service { of: asked.ok_or("a service for a datagram")? });
            }
            if let Some((to, bytes)) = out.underlay.pop() {
                if to == EDGE {
                    let (packet, ..) = read(&bytes[vxlan::HEADER_BYTES..])?;
                    let vni = vxlan::parse(&bytes).ok_or("no VXLAN")?;
                    return if vni == Vni::INTERNET { Ok(End::Outside(packet)) } else { Err(format!("{vni:?} to the edge")) };
                }
                let to = (0..self.net.hosts).find(|h| underlay(*h) == to && *h != host).ok_or(format!("sent to {to}"))?;
                queue.push_back(Event::Datagram { to, from: underlay(host), bytes });
                continue;
            }
            let (port, bytes) = out.delivered.pop().ok_or("nothing")?;
            let id = self.switches[host].ports().find(|(p, _)| *p == port).map(|(_, id)| id).ok_or("no port")?;
            let (packet, ttl) = read(&bytes)?;
            if asked == Some(id) && sent.is_some_and(|s| packet == s.reply() && matches!(packet.l4, L4::Udp { from: 53, .. })) {
                return Ok(End::Service { of: id });
            }
            let y = &self.net.ports.iter().find(|i| i.port.id == id).ok_or("no interface")?.port;
            if link(&bytes) != Some(y.mac) {
                return Err(format!("{id} got a frame for {:?}", link(&bytes)));
            }
            if views::has(y, packet.dst) {
                return Ok(End::Delivered { to: id, packet });
            }
            // A guest that routes.
            if ttl == 1 {
                return Ok(dropped(Why::TtlExpired, Some(id)));
            }
            queue.push_back(Event::Guest { of: id, packet, ttl: ttl - 1 });
        }
        Err("nothing came of it".into())
    }

    fn host(&self, of: InterfaceId) -> Result<usize, String> {
        self.net.ports.iter().find(|i| i.port.id == of).and_then(|i| i.host).ok_or(format!("{of} is on no host"))
    }

    fn counts(&self, host: usize) -> (DropCounts, Vec<(InterfaceId, DropCounts)>) {
        let s = &self.switches[host];
        let ports = s.ports().filter_map(|(p, id)| Some((id, s.port_stats(p)?.drops.clone())));
        (s.drops().clone(), ports.collect())
    }

    /// What was dropped since, and at which port.
    fn new_drops(
        &self,
        host: usize,
        (all, ports): &(DropCounts, Vec<(InterfaceId, DropCounts)>),
    ) -> Vec<(DropReason, Option<InterfaceId>)> {
        let s = &self.switches[host];
        let mut found = vec![];
        for (reason, n) in s.drops().iter() {
            for _ in all.get(reason)..n {
                let at = ports.iter().find(|(id, old)| {
                    let now = s.port(*id).and_then(|p| s.port_stats(p));
                    now.is_some_and(|now| now.drops.get(reason) > old.get(reason))
                });
                found.push((reason, at.map(|(id, _)| *id)));
            }
        }
        found
    }
}

/// The document of a host when every VPC of it is large.
fn asking(mut config: NetConfig) -> NetConfig {
    for v in &mut config.vpcs {
        let named = routers(&v.route_tables);
        let ports = &config.ports;
        v.interfaces.retain(|i| named.contains(&i.id) || ports.iter().any(|p| p.id == i.id));
        v.directories = DIRECTORIES.into();
    }
    config
}

pub fn why(reason: DropReason) -> Why {
    match reason.name() {
        "source-ip-spoofed" => Why::SourceCheck,
        "security-group-egress" => Why::GroupEgress,
        "security-group-ingress" => Why::GroupIngress,
        "network-acl-egress" => Why::AclEgress,
        "network-acl-ingress" => Why::AclIngress,
        "no-route" => Why::NoRoute,
        "blackhole" => Why::Blackhole,
        "hairpin" => Why::Hairpin,
        "no-such-destination" => Why::NoSuchDestination,
        "destination-not-placed" => Why::NotPlaced,
        "destination-not-port" => Why::DestinationCheck,
        "no-public-address" => Why::NoPublicAddress,
        "public-address-unowned" | "no-such-port" => Why::PublicUnowned,
        "overlapping-source" => Why::OverlappingSource,
        "beyond-transit" => Why::Beyond,
        "transit-no-route" => Why::NoRoute,
        "transit-blackhole" => Why::Blackhole,
        "nat-no-entry" => Why::NatUnasked,
        "nat-protocol" => Why::NatProtocol,
        "ttl-expired" => Why::TtlExpired,
        "egress-only" => Why::EgressOnly,
        "ipv6" => Why::NoIpv6,
        "endpoint-protocol" | "endpoint-not-own" | "metadata-disabled" | "to-resolver" | "dns-disabled" | "link-local" => {
            Why::Service
        }
        other => Why::Engine(other),
    }
}

fn link(frame: &[u8]) -> Option<MacAddr> {
    frame.first_chunk::<6>().map(|m| MacAddr(*m))
}

fn frame(mac: MacAddr, p: Packet, ttl: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let b = PacketBuilder::ethernet2(mac.0, ROUTER_MAC.0);
    let b = match (p.src, p.dst) {
        (IpAddr::V4(a), IpAddr::V4(b4)) => b.ipv4(a.octets(), b4.octets(), ttl),
        (IpAddr::V6(a), IpAddr::V6(b6)) => b.ipv6(a.octets(), b6.octets(), ttl),
        other => panic!("{other:?}"),
    };
    let payload: &[u8] = b"differential";
    match p.l4 {
        L4::Tcp { from, to, tcp } => {
            let b = b.tcp(from, to, 1, 1000);
            let b = match tcp {
                Tcp::Syn => b.syn(),
                Tcp::SynAck => b.syn().ack(1),
                Tcp::Ack => b.ack(1),
                Tcp::Reset => b.rst(),
            };
            b.write(&mut out, payload)
        }
        L4::Udp { from, to: 53 } => b.udp(from, 53).write(&mut out, DNS_QUERY),
        L4::Udp { from, to } => b.udp(from, to).write(&mut out, payload),
        L4::Echo { id, request } if p.is_six() => {
            let b = if request { b.icmpv6_echo_request(id, 1) } else { b.icmpv6_echo_reply(id, 1) };
            b.write(&mut out, payload)
        }
        L4::Echo { id, request: true } => b.icmpv4_echo_request(id, 1).write(&mut out, payload),
        L4::Echo { id, request: false } => b.icmpv4_echo_reply(id, 1).write(&mut out, payload),
        L4::Other(n) => b.write(&mut out, IpNumber(n), payload),
    }
    .unwrap();
    out
}

/// `instance-data.` A
const DNS_QUERY: &[u8] = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x0dinstance-data\x00\x00\x01\x00\x01";

/// The packet and its TTL. All checksums must be right.
fn read(frame: &[u8]) -> Result<(Packet, u8), String> {
    let parsed = SlicedPacket::from_ethernet(frame).map_err(|e| e.to_string())?;
    let h = match &parsed.net {
        Some(etherparse::NetSlice::Ipv4(v4)) => v4.header(),
        Some(etherparse::NetSlice::Ipv6(v6)) => return read6(v6.header(), &parsed.transport),
        _ => return Err("no IP".into()),
    };
    let mut good = h.to_header().calc_header_checksum() == h.header_checksum();
    let l4 = match &parsed.transport {
        Some(TransportSlice::Tcp(t)) => {
            good &= t.calc_checksum_ipv4(h.source(), h.destination()).is_ok_and(|c| c == t.checksum());
            L4::Tcp { from: t.source_port(), to: t.destination_port(), tcp: kind(t)? }
        }
        Some(TransportSlice::Udp(u)) => {
            let c = u.to_header().calc_checksum_ipv4_raw(h.source(), h.destination(), u.payload());
            good &= c.is_ok_and(|c| c == u.checksum());
            L4::Udp { from: u.source_port(), to: u.destination_port() }
        }
        Some(TransportSlice::Icmpv4(i)) => {
            good &= i.icmp_type().calc_checksum(i.payload()) == i.checksum();
            match i.icmp_type() {
                etherparse::Icmpv4Type::EchoRequest(e) => L4::Echo { id: e.id, request: true },
                etherparse::Icmpv4Type::EchoReply(e) => L4::Echo { id: e.id, request: false },
                other => return Err(format!("ICMP {other:?}")),
            }
        }
        _ => L4::Other(h.protocol().0),
    };
    if !good {
        return Err("a checksum is wrong".into());
    }
    Ok((Packet { src: h.source_addr().into(), dst: h.destination_addr().into(), l4 }, h.ttl()))
}

fn kind(t: &TcpSlice<'_>) -> Result<Tcp, String> {
    Ok(match (t.syn(), t.ack(), t.rst()) {
        (true, false, false) => Tcp::Syn,
        (true, true, false) => Tcp::SynAck,
        (false, true, false) => Tcp::Ack,
        (false, _, true) => Tcp::Reset,
        other => return Err(format!("TCP {other:?}")),
    })
}

fn read6(h: Ipv6HeaderSlice<'_>, transport: &Option<TransportSlice<'_>>) -> Result<(Packet, u8), String> {
    let (source, destination) = (h.source(), h.destination());
    let (l4, good) = match transport {
        Some(TransportSlice::Tcp(t)) => {
            let sum = t.to_header().calc_checksum_ipv6_raw(source, destination, t.payload());
            let l4 = L4::Tcp { from: t.source_port(), to: t.destination_port(), tcp: kind(t)? };
            (l4, sum.is_ok_and(|c| c == t.checksum()))
        }
        Some(TransportSlice::Udp(u)) => {
            let sum = u.to_header().calc_checksum_ipv6_raw(source, destination, u.payload());
            (L4::Udp { from: u.source_port(), to: u.destination_port() }, sum.is_ok_and(|c| c == u.checksum()))
        }
        Some(TransportSlice::Icmpv6(i)) => {
            let l4 = match i.icmp_type() {
                etherparse::Icmpv6Type::EchoRequest(e) => L4::Echo { id: e.id, request: true },
                etherparse::Icmpv6Type::EchoReply(e) => L4::Echo { id: e.id, request: false },
                other => return Err(format!("ICMPv6 {other:?}")),
            };
            (l4, i.icmp_type().calc_checksum(source, destination, i.payload()).is_ok_and(|c| c == i.checksum()))
        }
        _ => (L4::Other(h.next_header().0), true),
    };
    if !good {
        return Err("a checksum is wrong".into());
    }
    Ok((Packet { src: h.source_addr().into(), dst: h.destination_addr().into(), l4 }, h.hop_limit()))
}
