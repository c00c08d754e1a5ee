//! The world of the tests with IPv6, and packets of it by etherparse.

use super::*;
use etherparse::{NetSlice, TransportSlice};

pub const ROUTER: &str = "fe80::53:54ff:fe52:1";
pub const OUTSIDE6: &str = "2001:db8:ffff::9";
pub const ALL_NODES: &str = "ff02::1";
pub const SERVERS: &str = "ff02::1:2";

pub fn ip6(s: &str) -> Ipv6Addr {
    s.parse().unwrap()
}

pub fn route6(c: &str, target: RouteTarget) -> Route<Ipv6Cidr> {
    Route { destination: c.parse().unwrap(), target }
}

/// The same rules for IPv6.
pub fn rules6(group: &SecurityGroupConfig) -> Vec<SecurityRule<Ipv6Cidr>> {
    let peer = |p: &PeerMatch| match p {
        PeerMatch::Cidr(_) => PeerMatch::Cidr(Ipv6Cidr::ALL),
        PeerMatch::Group(g) => PeerMatch::Group(*g),
        PeerMatch::PrefixList(l) => PeerMatch::PrefixList(*l),
    };
    let protocol = |p| match p {
        ProtocolMatch::Icmp { kind: Some(8), code } => ProtocolMatch::Icmp { kind: Some(128), code },
        p => p,
    };
    let six =
        |r: &SecurityRule| SecurityRule { id: r.id, direction: r.direction, protocol: protocol(r.protocol), peer: peer(&r.peer) };
    group.rules.iter().map(six).collect()
}

/// `net()` with IPv6: VPC 0 has 2001:db8:0:100::/56 and an internet gateway, VPC 1 has 2001:db8:0:200::/56 and goes out
/// only. Each interface has 10.0.1.5's ::1:5 in its subnet's block, and a way outside.
pub fn net6() -> Net {
    let mut n = net();
    n.internet.pool6 = Some("2001:db8::/40".parse().unwrap());
    for (v, out) in [(0, RouteTarget::InternetGateway), (1, RouteTarget::EgressOnlyInternetGateway)] {
        let vpc = &mut n.vpcs[v];
        let block = ["2001:db8:0:100::/56", "2001:db8:0:200::/56"][v];
        vpc.cidrs6 = vec![block.parse().unwrap()];
        vpc.open6 = v == 0;
        vpc.security_groups.iter_mut().for_each(|g| g.rules6 = rules6(g));
        vpc.route_tables[0].routes6 =
            vec![route6(block, RouteTarget::Local), route6("::/0", out), route6("2001:db8:dead::/48", RouteTarget::Blackhole)];
    }
    for nic in &mut n.nics {
        let [_, _, c, d] = nic.ip().octets();
        let subnets = [["2001:db8:0:101::/64", "2001:db8:0:102::/64"], ["2001:db8:0:201::/64", "2001:db8:0:202::/64"]];
        let subnet = subnets[nic.vpc][usize::from(c - 1)];
        nic.subnet6 = Some(subnet);
        nic.ipv6 = vec![subnet.replace("::/64", &format!("::{c}:{d}")).parse().unwrap()];
    }
    let owned = |n: &Nic| PublicAddress { address: n.ipv6[0], underlay: n.host };
    n.internet.addresses6 = n.nics.iter().map(owned).collect();
    n
}

impl Nic {
    pub fn ip6(&self) -> Ipv6Addr {
        self.ipv6[0]
    }

    pub fn link(&self) -> Ipv6Addr {
        link_local(self.mac)
    }
}

/// A packet from `from`'s own address.
impl World {
    pub fn tcp6(&self, from: &str, to: Ipv6Addr, ports: (u16, u16), flags: &str) -> Vec<u8> {
        let n = self.net.nic(from);
        tcp6(n.mac, n.ip6(), to, ports, flags)
    }

    pub fn udp6(&self, from: &str, to: Ipv6Addr, ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
        let n = self.net.nic(from);
        udp6(n.mac, n.ip6(), to, ports, payload)
    }

    pub fn ping6(&self, from: &str, to: Ipv6Addr, id: u16) -> Vec<u8> {
        let n = self.net.nic(from);
        icmp6(n.mac, n.ip6(), to, 64, 128, 0, &[&id.to_be_bytes()[..], &[0, 1], b"ping"].concat())
    }

    pub fn ip6(&self, of: &str) -> Ipv6Addr {
        self.net.nic(of).ip6()
    }
}

/// Where a packet to `to` goes on the link.
fn link_of(to: Ipv6Addr) -> [u8; 6] {
    let o = to.octets();
    if to.is_multicast() { [0x33, 0x33, o[12], o[13], o[14], o[15]] } else { ROUTER_MAC.0 }
}

fn to(mac: MacAddr, src: Ipv6Addr, dst: Ipv6Addr) -> etherparse::PacketBuilderStep<etherparse::IpHeaders> {
    PacketBuilder::ethernet2(mac.0, link_of(dst)).ipv6(src.octets(), dst.octets(), 64)
}

pub fn tcp6(mac: MacAddr, src: Ipv6Addr, dst: Ipv6Addr, ports: (u16, u16), flags: &str) -> Vec<u8> {
    let mut b = to(mac, src, dst).tcp(ports.0, ports.1, 1, 1000);
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

pub fn udp6(mac: MacAddr, src: Ipv6Addr, dst: Ipv6Addr, ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    build(to(mac, src, dst).udp(ports.0, ports.1), payload)
}

/// `rest`: after type, code and checksum.
pub fn icmp6(mac: MacAddr, src: Ipv6Addr, dst: Ipv6Addr, hops: u8, kind: u8, code: u8, rest: &[u8]) -> Vec<u8> {
    let b = PacketBuilder::ethernet2(mac.0, link_of(dst)).ipv6(src.octets(), dst.octets(), hops);
    build(b.icmpv6_raw(kind, code, rest[..4].try_into().unwrap()), &rest[4..])
}

/// Puts extension headers, as (number, all bytes after the first), in front of a packet's transport.
pub fn extended(frame: &[u8], chain: &[(u8, &[u8])]) -> Vec<u8> {
    let mut f = frame[..54].to_vec();
    let mut next = 20;
    for (number, bytes) in chain {
        let last = std::mem::replace(&mut f[next], *number);
        next = f.len();
        f.push(last);
        f.extend_from_slice(bytes);
    }
    f.extend_from_slice(&frame[54..]);
    let payload = (f.len() - 54) as u16;
    f[18..20].copy_from_slice(&payload.to_be_bytes());
    f
}

/// Cuts a packet into fragments of `unit_bytes` (a multiple of 8).
pub fn fragments6(frame: &[u8], unit_bytes: usize) -> Vec<Vec<u8>> {
    let payload = &frame[54..];
    let last = payload.len().div_ceil(unit_bytes) - 1;
    let piece = |(i, piece): (usize, &[u8])| {
        let field = ((i * unit_bytes) as u16 | u16::from(i != last)).to_be_bytes();
        extended(&[&frame[..54], piece].concat(), &[(44, &[0, field[0], field[1], 0, 0, 0, 77])])
    };
    payload.chunks(unit_bytes).enumerate().map(piece).collect()
}

/// Every checksum is right, by etherparse's reckoning; and who sends to whom.
pub fn check6(frame: &[u8]) -> (Ipv6Addr, Ipv6Addr) {
    let p = SlicedPacket::from_ethernet(frame).unwrap();
    let Some(NetSlice::Ipv6(v6)) = &p.net else { panic!("not IPv6") };
    let h = v6.header();
    let (source, destination) = (h.source(), h.destination());
    match &p.transport {
        Some(TransportSlice::Tcp(t)) => {
            assert_eq!(t.to_header().calc_checksum_ipv6_raw(source, destination, t.payload()).unwrap(), t.checksum());
        }
        Some(TransportSlice::Udp(u)) => {
            assert_eq!(u.to_header().calc_checksum_ipv6_raw(source, destination, u.payload()).unwrap(), u.checksum());
        }
        Some(TransportSlice::Icmpv6(i)) => {
            assert_eq!(i.icmp_type().calc_checksum(source, destination, i.payload()).unwrap(), i.checksum());
        }
        _ => panic!("no transport"),
    }
    (source.into(), destination.into())
}
