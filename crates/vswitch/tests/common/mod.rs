//! A small world for the tests: hosts with a switch each, two VPCs with the same CIDR, an edge; packets made by etherparse,
//! an encoder that shares nothing with the engine.
#![allow(dead_code)]

pub mod six;

use etherparse::{Ethernet2Slice, PacketBuilder, SlicedPacket};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use types::*;
use vswitch::*;
use wire::net::*;

pub const HOST1: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
pub const HOST2: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 2);
pub const EDGE: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 9);
pub const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 7, 7);
pub const GATEWAY: &str = "10.0.1.1";
pub const OUTSIDE: &str = "203.0.113.9";

pub fn any_ip(text: &str) -> std::net::IpAddr {
    text.parse().unwrap()
}

pub fn ip(s: &str) -> Ipv4Addr {
    s.parse().unwrap()
}

pub fn cidr(s: &str) -> Ipv4Cidr {
    s.parse().unwrap()
}

pub fn group(n: u128) -> SecurityGroupId {
    SecurityGroupId::from_random(n)
}

#[derive(Debug, Clone)]
pub struct Nic {
    pub name: &'static str,
    pub host: Ipv4Addr,
    pub vpc: usize,
    pub subnet: &'static str,
    pub addresses: Vec<Ipv4Addr>,
    pub ipv6: Vec<Ipv6Addr>,
    pub subnet6: Option<&'static str>,
    pub mac: MacAddr,
    pub public: Option<Ipv4Addr>,
    pub groups: Vec<SecurityGroupId>,
    pub check: bool,
    pub mtu: u16,
    pub table: u128,
    pub metadata: bool,
    pub acl: Option<u128>,
    /// A NAT gateway; true: private.
    pub nat: Option<bool>,
    pub rate: Option<RateLimit>,
    pub rate_of: Option<InstanceId>,
    pub log_seconds: Option<u16>,
}

impl Nic {
    pub fn id(&self) -> InterfaceId {
        InterfaceId::from_random(
            u64::from_be_bytes([0, 0, self.mac.0[0], self.mac.0[1], self.mac.0[2], self.mac.0[3], self.mac.0[4], self.mac.0[5]])
                .into(),
        )
    }

    pub fn ip(&self) -> Ipv4Addr {
        self.addresses[0]
    }
}

#[derive(Debug, Clone)]
pub struct Net {
    pub nics: Vec<Nic>,
    pub vpcs: Vec<VpcConfig>,
    pub internet: InternetConfig,
    pub services: Vec<ServiceConfig>,
    pub names: Vec<NameConfig>,
    pub generation: u64,
}

pub fn rule(direction: Direction, protocol: ProtocolMatch, peer: PeerMatch) -> SecurityRule {
    SecurityRule { id: SecurityGroupRuleId::from_random(1), direction, protocol, peer }
}

pub fn anywhere() -> PeerMatch {
    PeerMatch::Cidr(Ipv4Cidr::ALL)
}

/// Group 1: everything. Group 2: TCP 80 in from anywhere, everything out. Group 3: everything in from members of group 3,
/// everything out. Group 4: ICMP echo in from anywhere; TCP 443 out. Group 5: nothing.
pub fn groups() -> Vec<SecurityGroupConfig> {
    use Direction::*;
    let all = ProtocolMatch::All;
    vec![
        SecurityGroupConfig {
            rules6: Vec::new(),
            id: group(1),
            rules: vec![rule(Ingress, all, anywhere()), rule(Egress, all, anywhere())],
        },
        SecurityGroupConfig {
            rules6: Vec::new(),
            id: group(2),
            rules: vec![rule(Ingress, ProtocolMatch::Tcp { from: 80, to: 80 }, anywhere()), rule(Egress, all, anywhere())],
        },
        SecurityGroupConfig {
            rules6: Vec::new(),
            id: group(3),
            rules: vec![rule(Ingress, all, PeerMatch::Group(group(3))), rule(Egress, all, anywhere())],
        },
        SecurityGroupConfig {
            rules6: Vec::new(),
            id: group(4),
            rules: vec![
                rule(Ingress, ProtocolMatch::Icmp { kind: Some(8), code: None }, anywhere()),
                rule(Egress, ProtocolMatch::Tcp { from: 443, to: 443 }, anywhere()),
            ],
        },
        SecurityGroupConfig { rules6: Vec::new(), id: group(5), rules: vec![] },
    ]
}

pub fn vpc(n: usize, vni: u32) -> VpcConfig {
    vpc_at(n, vni, "10.0.0.0/16")
}

pub fn vpc_at(n: usize, vni: u32, block: &str) -> VpcConfig {
    VpcConfig {
        balancers: Vec::new(),
        cidrs6: Vec::new(),
        open6: false,
        id: VpcId::from_random(n as u128),
        vni: Vni::try_from(vni).unwrap(),
        cidrs: vec![cidr(block)],
        dns_support: true,
        dns_hostnames: true,
        domain: "ec2.internal".into(),
        interfaces: vec![],
        directories: Vec::new(),
        security_groups: groups(),
        network_acls: Vec::new(),
        prefix_lists: Vec::new(),
        peerings: Vec::new(),
        transit: Vec::new(),
        endpoints: Vec::new(),
        route_tables: vec![RouteTableConfig {
            routes6: Vec::new(),
            id: RouteTableId::from_random(1),
            routes: vec![
                Route { destination: cidr(block), target: RouteTarget::Local },
                Route { destination: cidr("0.0.0.0/0"), target: RouteTarget::InternetGateway },
                Route { destination: cidr("192.168.66.0/24"), target: RouteTarget::Blackhole },
            ],
        }],
    }
}

pub fn nic(name: &'static str, host: Ipv4Addr, vpc: usize, address: &str, groups: &[u128]) -> Nic {
    let address = ip(address);
    let [_, _, c, d] = address.octets();
    let subnet = if c == 1 { "10.0.1.0/24" } else { "10.0.2.0/24" };
    Nic {
        name,
        host,
        vpc,
        subnet,
        addresses: vec![address],
        ipv6: vec![],
        subnet6: None,
        mac: MacAddr([6, vpc as u8, 0, 0, c, d]),
        public: None,
        groups: groups.iter().map(|g| group(*g)).collect(),
        check: true,
        mtu: 9001,
        table: 1,
        metadata: true,
        acl: None,
        nat: None,
        rate: None,
        rate_of: None,
        log_seconds: None,
    }
}

/// A NAT gateway's interface; with a public address it is a public one.
pub fn nat_gateway(name: &'static str, host: Ipv4Addr, vpc: usize, address: &str, public: Option<&str>, table: u128) -> Nic {
    let mut n = nic(name, host, vpc, address, &[]);
    n.public = public.map(ip);
    n.nat = Some(public.is_none());
    n.table = table;
    n.metadata = false;
    n.check = false;
    n
}

pub fn in_subnet(mut nic: Nic, subnet: &'static str) -> Nic {
    nic.subnet = subnet;
    nic
}

pub fn acl(n: u128, entries: &[(u16, Direction, bool, ProtocolMatch, &str)]) -> NetworkAclConfig {
    let entries = entries
        .iter()
        .map(|&(number, direction, allow, protocol, c)| NetworkAclEntry { number, direction, allow, protocol, cidr: cidr(c) })
        .collect();
    NetworkAclConfig { entries6: Vec::new(), id: NetworkAclId::from_random(n), entries }
}

pub fn table(n: u128, routes: &[(&str, RouteTarget)]) -> RouteTableConfig {
    let routes = routes.iter().map(|&(c, target)| Route { destination: cidr(c), target }).collect();
    RouteTableConfig { routes6: Vec::new(), id: RouteTableId::from_random(n), routes }
}

/// VPC 0: a, b on host 1, c, d on host 2. VPC 1 has the same CIDR and the same addresses: x (= a's) on host 1, y (= c's) on
/// host 2.
pub fn net() -> Net {
    let with_public = |mut n: Nic, p: &str| {
        n.public = Some(ip(p));
        n
    };
    Net {
        nics: vec![
            with_public(nic("a", HOST1, 0, "10.0.1.5", &[1]), "198.18.0.5"),
            nic("b", HOST1, 0, "10.0.1.6", &[2]),
            with_public(nic("c", HOST2, 0, "10.0.2.7", &[2]), "198.18.0.7"),
            nic("d", HOST2, 0, "10.0.2.8", &[1]),
            with_public(nic("x", HOST1, 1, "10.0.1.5", &[1]), "198.18.0.15"),
            nic("y", HOST2, 1, "10.0.2.7", &[1]),
        ],
        vpcs: vec![vpc(0, 5000), vpc(1, 6000)],
        internet: InternetConfig {
            addresses6: Vec::new(),
            pool6: None,
            pool: Some(cidr("198.18.0.0/15")),
            addresses: vec![],
            edge: Some(EDGE),
        },
        services: vec![],
        names: vec![],
        generation: 1,
    }
}

impl Net {
    pub fn nic(&self, name: &str) -> &Nic {
        self.nics.iter().find(|n| n.name == name).unwrap()
    }

    pub fn nic_mut(&mut self, name: &str) -> &mut Nic {
        self.nics.iter_mut().find(|n| n.name == name).unwrap()
    }

    /// What the control plane would push to `host`.
    pub fn config(&self, host: Ipv4Addr) -> NetConfig {
        let mut vpcs = self.vpcs.clone();
        for (i, v) in vpcs.iter_mut().enumerate() {
            v.interfaces = self
                .nics
                .iter()
                .filter(|n| n.vpc == i)
                .map(|n| InterfaceEntry {
                    ipv6: n.ipv6.clone(),
                    id: n.id(),
                    mac: n.mac,
                    ipv4: n.addresses.clone(),
                    groups: n.groups.clone(),
                    underlay: Some(n.host),
                })
                .collect();
        }
        let here = |i: usize| self.nics.iter().any(|n| n.host == host && n.vpc == i);
        let ports = self.nics.iter().filter(|n| n.host == host).map(|n| self.port(n)).collect();
        let reached = |v: &VpcConfig| {
            let transit = self.vpcs.iter().enumerate().filter(|(i, _)| here(*i)).any(|(_, o)| {
                o.transit
                    .iter()
                    .flat_map(|t| &t.routes)
                    .any(|r| matches!(r.target, TransitTarget::Vpc { vpc, .. } if vpc == v.id))
            });
            let peered = self.vpcs.iter().enumerate().any(|(i, o)| here(i) && o.peerings.iter().any(|p| p.peer == v.id));
            transit || peered
        };
        let vpcs = vpcs.into_iter().enumerate().filter(|(i, v)| here(*i) || reached(v)).map(|(_, v)| v).collect();
        let mut internet = self.internet.clone();
        internet.addresses.extend(self.nics.iter().filter_map(|n| Some(PublicAddress { address: n.public?, underlay: n.host })));
        NetConfig {
            format: wire::FORMAT,
            host: "host-1".parse().unwrap(),
            generation: Generation(self.generation),
            underlay: host,
            vpcs,
            ports,
            services: self.services.clone(),
            names: self.names.clone(),
            internet,
        }
    }

    fn port(&self, n: &Nic) -> PortConfig {
        let [a, b, c, d] = n.ip().octets();
        PortConfig {
            terminator: None,
            ipv6: n.ipv6.clone(),
            subnet_cidr6: n.subnet6.map(|c| c.parse().unwrap()),
            id: n.id(),
            vpc: self.vpcs[n.vpc].id,
            subnet: SubnetId::from_random(1),
            subnet_cidr: cidr(n.subnet),
            mac: n.mac,
            ipv4: n.addresses.clone(),
            public: n.public.map(|public| PublicMapping { private: n.ip(), public }).into_iter().collect(),
            groups: n.groups.clone(),
            route_table: RouteTableId::from_random(n.table),
            source_dest_check: n.check,
            network_acl: n.acl.map(NetworkAclId::from_random),
            nat: n.nat.map(|private| NatConfig { id: NatGatewayId::from_random(1), private }),
            rate: n.rate,
            rate_of: n.rate_of,
            flow_log_seconds: n.log_seconds,
            mtu: n.mtu,
            dhcp: DhcpConfig {
                hostname: format!("ip-{a}-{b}-{c}-{d}"),
                domain: "ec2.internal".into(),
                dns_servers: vec![ip("10.0.0.2")],
                lease_seconds: 3600,
            },
            metadata: n.metadata.then(metadata),
        }
    }
}

fn metadata() -> MetadataConfig {
    MetadataConfig {
        ipv6: Vec::new(),
        subnet_cidr6: None,
        vpc_cidrs6: Vec::new(),
        instance: InstanceId::from_random(1),
        device_number: 0,
        reservation: "r-1".into(),
        account: "123456789012".into(),
        image: "ami-1".into(),
        instance_type: "t3.micro".into(),
        region: "us-east-1".into(),
        availability_zone: "us-east-1a".into(),
        availability_zone_id: "use1-az1".into(),
        local_hostname: "ip-10-0-1-5.ec2.internal".into(),
        public_hostname: None,
        public_ipv4: None,
        launch_index: 0,
        launch_time_ms: 0,
        security_groups: vec![],
        vpc_cidrs: vec![],
        public_keys: vec![],
        user_data: None,
        tokens_required: true,
        hop_limit: 1,
        enabled: true,
        tags: None,
        spot: None,
        profile: None,
    }
}

/// What came out of one packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    Delivered(&'static str, Vec<u8>),
    /// To a host that has no switch here: the edge.
    Sent(Ipv4Addr, Vec<u8>),
    Local(&'static str, Vec<u8>),
    Dropped(Ipv4Addr, DropReason),
}

impl Out {
    pub fn frame(&self) -> &[u8] {
        match self {
            Out::Delivered(_, f) | Out::Sent(_, f) | Out::Local(_, f) => f,
            Out::Dropped(..) => panic!("dropped: {self:?}"),
        }
    }

    /// The verdict without the bytes.
    pub fn verdict(&self) -> Verdict {
        match self {
            Out::Delivered(n, _) => Verdict::Deliver(n),
            Out::Sent(to, d) => Verdict::Sent(*to, vxlan::parse(d).unwrap().get()),
            Out::Local(n, _) => Verdict::Local(n),
            Out::Dropped(_, r) => Verdict::Drop(*r),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Deliver(&'static str),
    Sent(Ipv4Addr, u32),
    Local(&'static str),
    Drop(DropReason),
}

#[derive(Default)]
pub struct Recorder {
    pub delivered: Vec<(PortIndex, Vec<u8>)>,
    pub underlay: Vec<(Ipv4Addr, Vec<u8>, u16)>,
    pub local: Vec<(PortIndex, Vec<u8>)>,
}

impl Sink for Recorder {
    fn deliver(&mut self, port: PortIndex, frame: &[u8]) {
        self.delivered.push((port, frame.to_vec()));
    }
    fn underlay(&mut self, to: Ipv4Addr, datagram: &[u8], entropy: u16) {
        self.underlay.push((to, datagram.to_vec(), entropy));
    }
    fn local(&mut self, port: PortIndex, frame: &[u8]) {
        self.local.push((port, frame.to_vec()));
    }
}

pub struct World {
    pub net: Net,
    pub switches: BTreeMap<Ipv4Addr, Switch>,
    pub now_ms: u64,
}

impl World {
    pub fn new(net: Net) -> Self {
        let switches = [HOST1, HOST2].map(|h| (h, Switch::new(Options::new(7)))).into();
        let mut w = Self { net, switches, now_ms: 1000 };
        w.apply();
        w
    }

    /// Pushes the configuration to all hosts.
    pub fn apply(&mut self) {
        self.net.generation += 1;
        for (host, switch) in &mut self.switches {
            switch.configure(&self.net.config(*host), self.now_ms).unwrap();
        }
    }

    pub fn index(&self, name: &str) -> PortIndex {
        let nic = self.net.nic(name);
        self.switches[&nic.host].port(nic.id()).unwrap()
    }

    pub fn stats(&self, name: &str) -> PortStats {
        self.switches[&self.net.nic(name).host].port_stats(self.index(name)).unwrap().clone()
    }

    fn name_at(&self, host: Ipv4Addr, port: PortIndex) -> &'static str {
        let (_, id) = self.switches[&host].ports().find(|(p, _)| *p == port).unwrap();
        self.net.nics.iter().find(|n| n.id() == id).unwrap().name
    }

    /// A frame from a guest, followed to its end. Every packet has exactly one.
    pub fn send(&mut self, from: &str, frame: &[u8]) -> Out {
        let (host, port) = (self.net.nic(from).host, self.index(from));
        self.run(host, |s, now, sink| s.from_port(port, &mut FrameBuf::from_slice(frame), now, sink))
    }

    /// A datagram to `host` from `source`, followed to its end.
    pub fn receive(&mut self, host: Ipv4Addr, source: Ipv4Addr, datagram: &[u8]) -> Out {
        self.run(host, |s, now, sink| s.from_underlay(source, &mut FrameBuf::from_slice(datagram), now, sink))
    }

    fn run(&mut self, host: Ipv4Addr, f: impl FnOnce(&mut Switch, u64, &mut Recorder)) -> Out {
        let mut sink = Recorder::default();
        let now = self.now_ms;
        let switch = self.switches.get_mut(&host).unwrap();
        let before = switch.drops().clone();
        f(switch, now, &mut sink);
        let dropped: Vec<DropReason> =
            switch.drops().iter().flat_map(|(r, n)| std::iter::repeat_n(r, (n - before.get(r)) as usize)).collect();
        let ends = sink.delivered.len() + sink.underlay.len() + sink.local.len() + dropped.len();
        assert_eq!(ends, 1, "one packet, one end: {:?} {:?} {:?} {dropped:?}", sink.delivered, sink.underlay, sink.local);
        if let Some(reason) = dropped.first() {
            return Out::Dropped(host, *reason);
        }
        if let Some((port, frame)) = sink.delivered.pop() {
            return Out::Delivered(self.name_at(host, port), frame);
        }
        if let Some((port, frame)) = sink.local.pop() {
            return Out::Local(self.name_at(host, port), frame);
        }
        let (to, datagram, _) = sink.underlay.pop().unwrap();
        if self.switches.contains_key(&to) { self.receive(to, host, &datagram) } else { Out::Sent(to, datagram) }
    }

    pub fn expect(&mut self, row: &str, from: &str, frame: &[u8], verdict: Verdict) -> Out {
        let out = self.send(from, frame);
        assert_eq!(out.verdict(), verdict, "row: {row}");
        out
    }

    // Frames as the guest `from` would send them.

    pub fn eth(&self, from: &str) -> (MacAddr, Ipv4Addr) {
        let n = self.net.nic(from);
        (n.mac, n.ip())
    }

    pub fn tcp(&self, from: &str, to: &str, ports: (u16, u16), flags: &str) -> Vec<u8> {
        let (mac, src) = self.eth(from);
        tcp(mac, src, ip(to), ports, flags)
    }

    pub fn udp(&self, from: &str, to: &str, ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
        let (mac, src) = self.eth(from);
        udp(mac, src, ip(to), ports, payload)
    }

    pub fn ping(&self, from: &str, to: &str, id: u16) -> Vec<u8> {
        let (mac, src) = self.eth(from);
        ping(mac, src, ip(to), id)
    }

    /// The answer of a guest to an echo request that it was given.
    pub fn pong(&self, request: &[u8]) -> Vec<u8> {
        let p = SlicedPacket::from_ethernet(request).unwrap();
        let (src, dst) = addresses(request);
        let Some(etherparse::TransportSlice::Icmpv4(icmp)) = p.transport else { panic!("no ICMP") };
        let etherparse::Icmpv4Type::EchoRequest(echo) = icmp.icmp_type() else { panic!("no request") };
        let mac: [u8; 6] = request[..6].try_into().unwrap();
        build(
            PacketBuilder::ethernet2(mac, ROUTER_MAC.0).ipv4(dst.octets(), src.octets(), 64).icmpv4_echo_reply(echo.id, echo.seq),
            icmp.payload(),
        )
    }
}

pub fn build<T>(b: etherparse::PacketBuilderStep<T>, payload: &[u8]) -> Vec<u8>
where
    etherparse::PacketBuilderStep<T>: Write,
{
    b.write_to(payload)
}

/// The builder steps that can write a packet.
pub trait Write {
    fn write_to(self, payload: &[u8]) -> Vec<u8>;
}

macro_rules! write_steps {
    ($($t:ty),*) => {$(
        impl Write for etherparse::PacketBuilderStep<$t> {
            fn write_to(self, payload: &[u8]) -> Vec<u8> {
                let mut out = Vec::new();
                self.write(&mut out, payload).unwrap();
                out
            }
        }
    )*};
}
write_steps!(etherparse::TcpHeader, etherparse::UdpHeader, etherparse::Icmpv4Header, etherparse::Icmpv6Header);

pub fn tcp(mac: MacAddr, src: Ipv4Addr, dst: Ipv4Addr, ports: (u16, u16), flags: &str) -> Vec<u8> {
    let mut b = PacketBuilder::ethernet2(mac.0, ROUTER_MAC.0).ipv4(src.octets(), dst.octets(), 64).tcp(ports.0, ports.1, 1, 1000);
    for f in flags.chars() {
        b = match f {
            'S' => b.syn(),
            'A' => b.ack(1),
            'F' => b.fin(),
            'R' => b.rst(),
            _ => b,
        };
    }
    build(b, b"data")
}

pub fn udp(mac: MacAddr, src: Ipv4Addr, dst: Ipv4Addr, ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    build(PacketBuilder::ethernet2(mac.0, ROUTER_MAC.0).ipv4(src.octets(), dst.octets(), 64).udp(ports.0, ports.1), payload)
}

pub fn ping(mac: MacAddr, src: Ipv4Addr, dst: Ipv4Addr, id: u16) -> Vec<u8> {
    build(PacketBuilder::ethernet2(mac.0, ROUTER_MAC.0).ipv4(src.octets(), dst.octets(), 64).icmpv4_echo_request(id, 1), b"ping")
}

/// An IPv4 frame with a header as given and any payload.
pub fn raw_ip(mac: MacAddr, header: etherparse::Ipv4Header, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    etherparse::Ethernet2Header { destination: ROUTER_MAC.0, source: mac.0, ether_type: etherparse::EtherType::IPV4 }
        .write(&mut out)
        .unwrap();
    header.write(&mut out).unwrap();
    out.extend_from_slice(payload);
    out
}

/// Cuts an IPv4 frame into fragments of `unit_bytes` (a multiple of 8) of payload.
pub fn fragments(frame: &[u8], unit_bytes: usize) -> Vec<Vec<u8>> {
    let mac = MacAddr(frame[6..12].try_into().unwrap());
    let (mut header, rest) = etherparse::Ipv4Header::from_slice(&frame[14..]).unwrap();
    header.dont_fragment = false;
    header.identification = 77;
    let payload = &rest[..usize::from(header.payload_len().unwrap())];
    let last = payload.len().div_ceil(unit_bytes) - 1;
    payload
        .chunks(unit_bytes)
        .enumerate()
        .map(|(i, piece)| {
            let mut h = header.clone();
            h.fragment_offset = etherparse::IpFragOffset::try_new((i * unit_bytes / 8) as u16).unwrap();
            h.more_fragments = i != last;
            h.set_payload_len(piece.len()).unwrap();
            h.header_checksum = h.calc_header_checksum();
            raw_ip(mac, h, piece)
        })
        .collect()
}

pub fn arp(mac: MacAddr, operation: u16, sender_mac: MacAddr, sender: &str, target: &str) -> Vec<u8> {
    let mut f = vec![0xff; 6];
    f.extend_from_slice(&mac.0);
    f.extend_from_slice(&[8, 6, 0, 1, 8, 0, 6, 4]);
    f.extend_from_slice(&operation.to_be_bytes());
    f.extend_from_slice(&sender_mac.0);
    f.extend_from_slice(&ip(sender).octets());
    f.extend_from_slice(&[0; 6]);
    f.extend_from_slice(&ip(target).octets());
    f.resize(60, 0);
    f
}

pub fn encapsulate(vni: u32, to: MacAddr, frame: &[u8]) -> Vec<u8> {
    let mut d = vxlan::header(Vni::try_from(vni).unwrap()).to_vec();
    d.extend_from_slice(&to.0);
    d.extend_from_slice(&frame[6..]);
    d
}

/// Source and destination of an IPv4 frame.
pub fn addresses(frame: &[u8]) -> (Ipv4Addr, Ipv4Addr) {
    let p = SlicedPacket::from_ethernet(frame).unwrap();
    let Some(etherparse::NetSlice::Ipv4(v4)) = p.net else { panic!("not IPv4") };
    (v4.header().source_addr(), v4.header().destination_addr())
}

/// Every checksum of the packet is right, by etherparse's reckoning.
pub fn assert_checksums(frame: &[u8]) {
    let p = SlicedPacket::from_ethernet(frame).unwrap();
    let Some(etherparse::NetSlice::Ipv4(v4)) = &p.net else { panic!("not IPv4") };
    assert_eq!(v4.header().to_header().calc_header_checksum(), v4.header().header_checksum(), "IP checksum");
    let h = v4.header();
    match p.transport {
        Some(etherparse::TransportSlice::Tcp(t)) => {
            assert_eq!(t.calc_checksum_ipv4(h.source(), h.destination()).unwrap(), t.checksum(), "TCP checksum");
        }
        Some(etherparse::TransportSlice::Udp(u)) => {
            let want = u.to_header().calc_checksum_ipv4_raw(h.source(), h.destination(), u.payload()).unwrap();
            assert_eq!(want, u.checksum(), "UDP checksum");
        }
        Some(etherparse::TransportSlice::Icmpv4(i)) => {
            assert_eq!(i.icmp_type().calc_checksum(i.payload()), i.checksum(), "ICMP checksum");
        }
        _ => {}
    }
}

pub fn link(frame: &[u8]) -> ([u8; 6], [u8; 6]) {
    let e = Ethernet2Slice::from_slice_without_fcs(frame).unwrap();
    (e.source(), e.destination())
}
