//! What the fuzz targets run: any bytes, from a guest and from the underlay, at a configured switch; and the properties
//! that must hold whatever they are.
//!
//! Called by the property tests of this crate and by `fuzz/`; nothing else.

use crate::build::{self, Datagram, Datagram6};
use crate::parse::{self, ICMP, L4, TCP, UDP};
use crate::{FrameBuf, Options, PortIndex, Probe, ROUTER_MAC, Sink, Step, Switch, vxlan};
use std::net::{Ipv4Addr, Ipv6Addr};
use types::{
    Generation, HostId, InterfaceId, Ipv4Cidr, Ipv6Cidr, MacAddr, NatGatewayId, NetworkAclId, PeeringId, RouteTableId,
    SecurityGroupId, SecurityGroupRuleId, SubnetId, TransitGatewayId, Vni, VpcEndpointId, VpcId,
};
use wire::net::*;

const HERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);
const THERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const EDGE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
const RESOLVER: u32 = 0x0a00_0002;
const FRAMES_MAX: usize = 32;
const UDP_BYTES: usize = 8;
/// Where clients find DHCPv6 servers.
const SERVERS6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);

/// The guests: 0 and 1 here in the first VPC, 2 here in the second with the address of 0, 3 elsewhere in the first; 4 is the
/// first VPC's NAT gateway, by which 1 goes out; 5 here and 6 elsewhere in a third VPC, which the first is peered with and
/// which has a transit gateway to the first.
const GUESTS: [(u32, u8, Ipv4Addr); 7] =
    [(0, 10, HERE), (0, 11, HERE), (1, 10, HERE), (0, 12, THERE), (0, 13, HERE), (2, 10, HERE), (2, 11, THERE)];
const NAT: usize = 4;
const SERVICE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);

fn address(host: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, host)
}

fn own(guest: usize) -> Ipv4Addr {
    let (vpc, host, _) = GUESTS[guest];
    if vpc == 2 { Ipv4Addr::new(10, 2, 0, host) } else { address(host) }
}

fn block(vpc: u32) -> Ipv4Cidr {
    cidr(if vpc == 2 { Ipv4Addr::new(10, 2, 0, 0) } else { address(0) }, 16)
}

fn mac(guest: usize) -> MacAddr {
    MacAddr([6, 0, 0, 0, 0, guest as u8])
}

fn public(guest: usize) -> Ipv4Addr {
    Ipv4Addr::new(198, 18, 0, guest as u8)
}

fn cidr(network: Ipv4Addr, len: u8) -> Ipv4Cidr {
    Ipv4Cidr::new(network, len).unwrap_or(Ipv4Cidr::ALL)
}

fn interface(guest: usize) -> InterfaceId {
    InterfaceId::from_random(guest as u128 + 1)
}

fn acl_entries() -> Vec<NetworkAclEntry> {
    let entry = |number, direction, allow, protocol| NetworkAclEntry { number, direction, allow, protocol, cidr: Ipv4Cidr::ALL };
    vec![
        entry(10, Direction::Ingress, false, ProtocolMatch::Udp { from: 7, to: 99 }),
        entry(11, Direction::Egress, false, ProtocolMatch::Icmp { kind: Some(13), code: None }),
        entry(100, Direction::Ingress, true, ProtocolMatch::All),
        entry(100, Direction::Egress, true, ProtocolMatch::All),
    ]
}

fn acl_entries6() -> Vec<NetworkAclEntry<Ipv6Cidr>> {
    let six = |e: NetworkAclEntry| NetworkAclEntry {
        number: e.number,
        direction: e.direction,
        allow: e.allow,
        protocol: e.protocol,
        cidr: Ipv6Cidr::ALL,
    };
    acl_entries().into_iter().map(six).collect()
}

/// The first and the third VPC have IPv6 too: a block and an internet gateway, or only the way out.
fn block6(vpc: u32) -> Option<Ipv6Cidr> {
    let network = Ipv6Addr::new(0x2001, 0xdb8, 0, (vpc as u16) << 8, 0, 0, 0, 0);
    Ipv6Cidr::new(network, 56).filter(|_| vpc != 1)
}

fn own6(guest: usize) -> Option<Ipv6Addr> {
    let block = block6(GUESTS[guest].0).filter(|_| guest != NAT)?;
    Some((u128::from(block.first()) | u128::from(GUESTS[guest].1)).into())
}

fn rules6() -> Vec<SecurityRule<Ipv6Cidr>> {
    let id = SecurityGroupRuleId::from_random(1);
    let rule = |direction, protocol| SecurityRule { id, direction, protocol, peer: PeerMatch::Cidr(Ipv6Cidr::ALL) };
    vec![
        rule(Direction::Ingress, ProtocolMatch::Udp { from: 0, to: 40_000 }),
        rule(Direction::Ingress, ProtocolMatch::Icmp { kind: None, code: None }),
        rule(Direction::Egress, ProtocolMatch::All),
    ]
}

fn routes6(vpc: u32) -> Vec<Route<Ipv6Cidr>> {
    let out = if vpc == 0 { RouteTarget::InternetGateway } else { RouteTarget::EgressOnlyInternetGateway };
    let peer = RouteTarget::Peering(PeeringId::from_random(1));
    let routes = [(block6(vpc), RouteTarget::Local), (block6(2 - vpc.min(2)), peer), (Some(Ipv6Cidr::ALL), out)];
    routes.into_iter().filter_map(|(c, target)| Some(Route { destination: c?, target })).collect()
}

fn config() -> NetConfig {
    let rule = |direction, protocol| SecurityRule {
        id: SecurityGroupRuleId::from_random(1),
        direction,
        protocol,
        peer: PeerMatch::Cidr(Ipv4Cidr::ALL),
    };
    let group = SecurityGroupId::from_random(1);
    let inward = [ProtocolMatch::Udp { from: 0, to: 40_000 }, ProtocolMatch::Icmp { kind: None, code: None }];
    let mut rules: Vec<_> = inward.into_iter().map(|p| rule(Direction::Ingress, p)).collect();
    rules.push(rule(Direction::Egress, ProtocolMatch::All));
    let all = |vpc: u32| GUESTS.iter().enumerate().filter(move |(_, g)| g.0 == vpc);
    let vpc = |n: u32| VpcConfig {
        balancers: Vec::new(),
        cidrs6: block6(n).into_iter().collect(),
        open6: n == 0,
        id: VpcId::from_random(u128::from(n)),
        vni: Vni::try_from(Vni::FIRST_VPC.get() + n).unwrap_or(Vni::MAX),
        cidrs: vec![block(n)],
        dns_support: true,
        dns_hostnames: true,
        domain: "ec2.internal".to_owned(),
        interfaces: all(n)
            .map(|(i, g)| InterfaceEntry {
                ipv6: own6(i).into_iter().collect(),
                id: interface(i),
                mac: mac(i),
                ipv4: vec![own(i)],
                groups: if i == NAT { Vec::new() } else { vec![group] },
                underlay: Some(g.2),
            })
            .collect(),
        directories: Vec::new(),
        security_groups: vec![SecurityGroupConfig { rules6: rules6(), id: group, rules: rules.clone() }],
        network_acls: vec![NetworkAclConfig {
            entries6: acl_entries6(),
            id: NetworkAclId::from_random(1),
            entries: acl_entries(),
        }],
        prefix_lists: Vec::new(),
        peerings: match n {
            0 => vec![PeeringConfig { id: PeeringId::from_random(1), peer: VpcId::from_random(2) }],
            2 => vec![PeeringConfig { id: PeeringId::from_random(1), peer: VpcId::from_random(0) }],
            _ => Vec::new(),
        },
        transit: vec![TransitConfig {
            routes6: Vec::new(),
            id: TransitGatewayId::from_random(1),
            routes: vec![TransitRoute {
                destination: Ipv4Cidr::ALL,
                target: TransitTarget::Vpc { vpc: VpcId::from_random(0), table: RouteTableId::from_random(2) },
            }],
        }]
        .into_iter()
        .filter(|_| n == 2)
        .collect(),
        endpoints: vec![EndpointConfig { id: VpcEndpointId::from_random(1), service: "s3".to_owned(), policy: None }],
        route_tables: [(1, RouteTarget::InternetGateway), (2, RouteTarget::NatGateway(interface(NAT)))]
            .into_iter()
            .map(|(id, out)| RouteTableConfig {
                routes6: routes6(n),
                id: RouteTableId::from_random(id),
                routes: vec![
                    Route { destination: block(n), target: RouteTarget::Local },
                    Route { destination: cidr(SERVICE, 32), target: RouteTarget::Endpoint(VpcEndpointId::from_random(1)) },
                    Route { destination: block(2 - n.min(2)), target: RouteTarget::Peering(PeeringId::from_random(1)) },
                    Route {
                        destination: Ipv4Cidr::ALL,
                        target: if n == 2 { RouteTarget::TransitGateway(TransitGatewayId::from_random(1)) } else { out },
                    },
                ],
            })
            .collect(),
    };
    let port = |(i, g): (usize, &(u32, u8, Ipv4Addr))| PortConfig {
        terminator: None,
        ipv6: own6(i).into_iter().collect(),
        subnet_cidr6: own6(i).and_then(|_| block6(g.0)?.subnet(64, 0)),
        id: interface(i),
        vpc: VpcId::from_random(u128::from(g.0)),
        subnet: SubnetId::from_random(1),
        // The NAT gateway is in a subnet of its own.
        subnet_cidr: cidr(own(i), if i == NAT { 32 } else { 29 }),
        mac: mac(i),
        ipv4: vec![own(i)],
        public: vec![PublicMapping { private: own(i), public: public(i) }],
        groups: if i == NAT { Vec::new() } else { vec![group] },
        route_table: RouteTableId::from_random(if i == 1 { 2 } else { 1 }),
        // One guest that may route for others.
        source_dest_check: i != 1,
        network_acl: (i % 2 == 0).then_some(NetworkAclId::from_random(1)),
        nat: (i == NAT).then_some(NatConfig { id: NatGatewayId::from_random(1), private: false }),
        rate: (i == 2).then_some(RateLimit {
            bytes_per_second: 1000,
            burst_bytes: 2000,
            packets_per_second: 10,
            burst_packets: 8,
        }),
        rate_of: None,
        flow_log_seconds: (i < 2).then_some(60),
        mtu: 9001,
        dhcp: DhcpConfig {
            hostname: format!("ip-10-0-0-{}", g.1),
            domain: "ec2.internal".to_owned(),
            dns_servers: vec![RESOLVER.into()],
            lease_seconds: 3600,
        },
        metadata: None,
    };
    NetConfig {
        format: wire::FORMAT,
        host: "a1-h1".parse().unwrap_or_else(|_| -> HostId { unreachable!("a host's name") }),
        generation: Generation(1),
        underlay: HERE,
        vpcs: vec![vpc(0), vpc(1), vpc(2)],
        ports: GUESTS.iter().enumerate().filter(|(_, g)| g.2 == HERE).map(port).collect(),
        names: vec![NameConfig { name: "web-1.elb.example".to_owned(), addresses: vec![SERVICE, RESOLVER.into()] }],
        services: vec![ServiceConfig { name: "s3".to_owned(), domain: "s3.example".to_owned(), addresses: vec![SERVICE] }],
        internet: InternetConfig {
            addresses6: (0..GUESTS.len())
                .filter_map(|i| Some(PublicAddress { address: own6(i)?, underlay: GUESTS[i].2 }))
                .collect(),
            pool6: Ipv6Cidr::new(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 40),
            pool: Some(cidr(Ipv4Addr::new(198, 18, 0, 0), 15)),
            addresses: (0..GUESTS.len()).map(|i| PublicAddress { address: public(i), underlay: GUESTS[i].2 }).collect(),
            edge: Some(EDGE),
        },
    }
}

/// The switch, and the ports of the guests 0, 1, 2 and 5.
fn switch() -> (Switch, [PortIndex; 4]) {
    let mut switch = Switch::new(Options { seed: 7, flows_per_port_max: 64, flows_max: 128, peers_max: 16, nat_entries_max: 32 });
    switch.configure(&config(), 0).expect("a good configuration");
    let port = |guest| switch.port(interface(guest)).expect("a configured port");
    let ports = [port(0), port(1), port(2), port(5)];
    (switch, ports)
}

/// What came out, counted and checked.
#[derive(Default)]
struct Checked {
    delivered: Vec<(PortIndex, Vec<u8>)>,
    underlay: usize,
    local: usize,
}

impl Checked {
    fn count(&self) -> u64 {
        (self.delivered.len() + self.underlay + self.local) as u64
    }
}

impl Sink for Checked {
    fn deliver(&mut self, port: PortIndex, frame: &[u8]) {
        assert!(frame.len() >= 14 && frame.len() <= 14 + 9001, "a frame of {} bytes for a guest", frame.len());
        assert_eq!(frame[6..12], ROUTER_MAC.0, "only the router is a guest's neighbour");
        self.delivered.push((port, frame.to_vec()));
    }

    fn underlay(&mut self, to: Ipv4Addr, datagram: &[u8], _: u16) {
        assert!(to == THERE || to == EDGE, "a datagram for {to}");
        assert!(vxlan::parse(datagram).is_some_and(|vni| vni.get() <= Vni::FIRST_VPC.get() + 2));
        self.underlay += 1;
    }

    fn local(&mut self, _: PortIndex, _: &[u8]) {
        self.local += 1;
    }
}

/// A script of frames: each is one byte of kind, one of length, and its bytes. Every frame ends in exactly one place, none
/// crosses from one VPC to another that it is not connected to, except through the internet gateway; a trace ends once; and
/// the tables keep their bounds.
pub fn frames(script: &[u8]) {
    let (mut switch, ports) = switch();
    let mut buffer = FrameBuf::new(9216);
    let mut rest = script;
    for n in 0..FRAMES_MAX as u64 {
        let [kind, length, tail @ ..] = rest else { break };
        let (bytes, tail) = tail.split_at(usize::from(*length).min(tail.len()));
        rest = tail;
        let port = usize::from(kind & 0x3);
        let guest = [0, 1, 2, 5][port];
        let mut frame = match kind >> 2 & 0x3 {
            0 => bytes.to_vec(),
            protocol => dressed(guest, [0, UDP, TCP, ICMP][usize::from(protocol)], bytes),
        };
        let now_ms = n * 1000 * u64::from(kind >> 6);
        let mut out = Checked::default();
        let drops = |s: &Switch| s.drops().iter().map(|(_, n)| n).sum::<u64>();
        let before = drops(&switch);
        if kind & 0x10 == 0 {
            buffer.set(&frame);
            let port = ports[port];
            switch.from_port(port, &mut buffer, now_ms, &mut out);
            // The second VPC is connected to none.
            let alone = |p: PortIndex| p == ports[2];
            for (to, frame) in &out.delivered {
                let outside = frame.len() < 34 || frame[26] == 198;
                assert!(!alone(*to) || frame[12..14] != [0x86, 0xdd], "IPv6 to a guest that has none");
                assert!(alone(*to) == alone(port) || outside, "a frame crossed between VPCs");
            }
        } else {
            if kind & 0x20 == 0 {
                let vni = Vni::try_from(Vni::FIRST_VPC.get() + u32::from(kind >> 6 & 1)).unwrap_or(Vni::INTERNET);
                frame.splice(..0, vxlan::header(vni));
            }
            buffer.set(&frame);
            let source = [THERE, EDGE, HERE, Ipv4Addr::new(127, 0, 0, 99)][port];
            switch.from_underlay(source, &mut buffer, now_ms, &mut out);
        }
        assert_eq!(out.count() + drops(&switch) - before, 1, "a packet ends in one place");
        traced(&switch, ports[port], bytes);
        switch.expire(now_ms, 8);
        let counted = switch.ports().map(|(p, _)| switch.port_flows(p).count() as u64).sum::<u64>();
        assert_eq!(switch.flows(), counted, "the count of all flows");
        assert!(counted <= 128);
        switch.drain_flow_records(now_ms, &mut |r| assert!(r.packets > 0, "a record of nothing"));
    }
    let nat = switch.port(interface(NAT)).and_then(|p| switch.nat_stats(p)).expect("a NAT gateway");
    assert!(nat.translations <= 32 && nat.active_connection_count <= nat.translations);
}

fn traced(switch: &Switch, port: PortIndex, bytes: &[u8]) {
    let Some((head, _)) = bytes.split_first_chunk::<13>() else { return };
    let word = |at: usize| Ipv4Addr::new(head[at], head[at + 1], head[at + 2], head[at + 3]);
    let short = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
    let probe = Probe {
        source: word(0).into(),
        destination: word(4).into(),
        protocol: head[8],
        source_port: short(9),
        destination_port: short(11),
    };
    let probes = [probe, Probe { source: own(1).into(), destination: destination(head[0]).into(), ..probe }];
    for probe in probes {
        let steps = switch.trace(port, &probe);
        let is_end =
            |s: &&Step| matches!(s, Step::Delivered { .. } | Step::Sent { .. } | Step::Service { .. } | Step::Dropped(_));
        assert_eq!(steps.iter().filter(is_end).count(), 1);
        assert!(steps.last().is_some_and(|s| is_end(&s)), "the end is the last");
    }
}

/// `bytes` as a packet that a guest could send: the first is the destination's choice, the rest the transport's.
fn dressed(guest: usize, protocol: u8, bytes: &[u8]) -> Vec<u8> {
    let (choice, body) = bytes.split_first().unwrap_or((&0, &[]));
    if let (128.., Some(_)) = (choice, own6(guest)) {
        return packet6(guest, protocol, destination6(guest, *choice), body);
    }
    let destination = destination(*choice);
    packet(guest, protocol, destination, body)
}

fn destination(choice: u8) -> Ipv4Addr {
    match choice % 16 {
        n @ 0..=6 => own(usize::from(n)),
        7 => Ipv4Addr::new(169, 254, 169, 254),
        8 => address(1),
        9..=12 => public(usize::from(choice / 16 % 7)),
        13 => SERVICE,
        _ => Ipv4Addr::new(203, 0, 113, choice),
    }
}

fn destination6(guest: usize, choice: u8) -> Ipv6Addr {
    match choice % 16 {
        n @ 0..=6 => own6(usize::from(n)).unwrap_or(crate::ROUTER_ADDRESS6),
        7 => crate::METADATA_ADDRESS6,
        8 => crate::RESOLVER_ADDRESS6,
        9 => block6(GUESTS[guest].0).map_or(Ipv6Addr::LOCALHOST, |c| c.first()),
        10 => SERVERS6,
        11 => Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00, 11),
        n => Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, n.into()),
    }
}

/// The body of a packet without a protocol begins with its number: extension headers.
fn packet6(guest: usize, protocol: u8, destination: Ipv6Addr, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let link = destination.is_multicast() || destination == crate::ROUTER_ADDRESS6;
    let own = own6(guest).filter(|_| !link).unwrap_or(crate::link_local(mac(guest)));
    let (number, body) = body.split_first().filter(|_| protocol == 0).map_or((protocol, body), |(n, rest)| (*n, rest));
    let protocol = if number == ICMP { parse::ICMP6 } else { number };
    let datagram =
        Datagram6 { to_mac: ROUTER_MAC, source: own.into(), destination: destination.into(), protocol, hop_limit: 255 };
    build::ipv6_frame(&mut frame, datagram, body.len());
    frame[6..12].copy_from_slice(&mac(guest).0);
    frame[build::L4_6..].copy_from_slice(body);
    if protocol == parse::ICMP6 {
        build::finish_icmp6(&mut frame);
    }
    frame
}

fn packet(guest: usize, protocol: u8, destination: Ipv4Addr, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let source = own(guest).into();
    let datagram = Datagram { to_mac: ROUTER_MAC, source, destination: destination.into(), protocol };
    build::ipv4_frame(&mut frame, datagram, body.len());
    frame[6..12].copy_from_slice(&mac(guest).0);
    frame[L4..].copy_from_slice(body);
    frame
}

/// Asks a service over UDP; its answer, which only the one who asked may get.
fn ask(destination: Ipv4Addr, ports: (u16, u16), message: &[u8]) -> Option<Vec<u8>> {
    let (mut switch, guests) = switch();
    let mut body = vec![0; UDP_BYTES];
    body.extend_from_slice(&message[..message.len().min(1400)]);
    let mut frame = packet(0, UDP, destination, &body);
    build::finish_udp(&mut frame, ports.0, ports.1);
    let mut out = Checked::default();
    switch.from_port(guests[0], &mut FrameBuf::from_slice(&frame), 0, &mut out);
    assert!(out.underlay == 0 && out.local == 0 && out.delivered.len() <= 1);
    let (port, answer) = out.delivered.pop()?;
    assert!(port == guests[0] && answer.len() >= L4 + UDP_BYTES);
    let udp_bytes = usize::from(u16::from_be_bytes([answer[L4 + 4], answer[L4 + 5]]));
    assert_eq!(udp_bytes, answer.len() - L4, "the length in the header is the answer's");
    Some(answer[L4 + UDP_BYTES..].to_vec())
}

/// A message to the DHCP server: what it answers is for that client and offers its own address or none.
pub fn dhcp(message: &[u8]) {
    let Some(answer) = ask(Ipv4Addr::BROADCAST, (68, 67), message) else { return };
    assert_eq!((answer[0], &answer[4..8]), (2, &message[4..8]), "a reply to this transaction");
    let offered = Ipv4Addr::new(answer[16], answer[17], answer[18], answer[19]);
    assert!(offered.is_unspecified() || offered == address(GUESTS[0].1));
    assert!(answer.len() >= 300, "no shorter than RFC 1542 lets it be");
}

/// Any bytes as an IPv6 packet: what is read lies within them, and every part begins where the one before it ends.
pub fn parse6(bytes: &[u8]) {
    let mut frame = vec![0; parse::ETHERNET_BYTES];
    frame.extend_from_slice(bytes);
    let Ok(p) = crate::parse6::ipv6(&frame) else { return };
    let (l4, part) = (usize::from(p.chain.l4), usize::from(p.chain.part));
    let end = parse::ETHERNET_BYTES + usize::from(p.total_bytes);
    assert!(build::L4_6 <= l4 && l4 <= end && end <= frame.len());
    assert!(part == 0 || build::L4_6 + 8 <= part && part <= l4);
    assert!(part != 0 || !p.is_fragment(), "a fragment has a header of its own");
    let _ = crate::parse6::quoted6(&frame, &p);
}

/// A message to the DHCPv6 server: what it answers is for that client and gives its own addresses or none.
pub fn dhcp6(message: &[u8]) {
    let (mut switch, guests) = switch();
    let mut body = vec![0; UDP_BYTES];
    body.extend_from_slice(&message[..message.len().min(1400)]);
    let mut frame = packet6(0, UDP, SERVERS6, &body);
    build::finish_udp6(&mut frame, 546, 547);
    let mut out = Checked::default();
    switch.from_port(guests[0], &mut FrameBuf::from_slice(&frame), 0, &mut out);
    assert!(out.underlay == 0 && out.local == 0 && out.delivered.len() <= 1);
    let Some((port, answer)) = out.delivered.pop() else { return };
    let sent = &answer[build::L4_6 + UDP_BYTES..];
    assert!(port == guests[0] && matches!(sent[0], 2 | 7) && sent[1..4] == message[1..4], "an answer to this transaction");
    assert_eq!(build::checksum6(&answer, build::L4_6, UDP), 0);
}

/// A message to the resolver: what it answers is a response to this question, within what UDP carries without EDNS.
pub fn dns(message: &[u8]) {
    let Some(answer) = ask(RESOLVER.into(), (5353, 53), message) else { return };
    assert_eq!(answer[..2], message[..2], "the identifier");
    assert!(answer[2] & 0x80 != 0, "a response");
    assert!(answer.len() <= 512);
}
