//! Reads the packets that hosts and the machine hand in: of either family, as what the edge asks of them. Pure.

use crate::drops::Drop;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use vswitch::build::checksum;
use vswitch::parse::{self, ETHERNET_BYTES, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ICMP, ICMP6, IP_BYTES, Ports, TCP, UDP};
use vswitch::parse6::{self, IP6_BYTES};

/// Of which protocol a packet is, whatever its family calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Tcp,
    Udp,
    Icmp,
    Other,
}

#[derive(Debug, Clone, Copy)]
pub struct Inner {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub kind: Kind,
    /// As [`Ports`] of the switch has them.
    pub ports: Ports,
    pub is_fragment: bool,
    pub is_icmp_error: bool,
    /// The IP header included.
    bytes: usize,
    /// Where the transport's header is in the packet.
    l4: usize,
}

/// The packet of a frame.
pub fn read(frame: &[u8]) -> Result<Inner, Drop> {
    match parse::ethertype(frame) {
        Some(ETHERTYPE_IPV4) => {
            let p = parse::ipv4(frame).map_err(|_| Drop::PacketMalformed)?;
            Ok(Inner {
                source: Ipv4Addr::from(p.source).into(),
                destination: Ipv4Addr::from(p.destination).into(),
                kind: kind(p.protocol, ICMP),
                ports: p.ports,
                is_fragment: p.is_fragment(),
                is_icmp_error: p.is_icmp_error(),
                bytes: p.total_bytes.into(),
                l4: IP_BYTES,
            })
        }
        Some(ETHERTYPE_IPV6) => {
            let p = parse6::ipv6(frame).map_err(|_| Drop::PacketMalformed)?;
            Ok(Inner {
                source: Ipv6Addr::from(p.source).into(),
                destination: Ipv6Addr::from(p.destination).into(),
                kind: kind(p.protocol, ICMP6),
                ports: p.ports,
                is_fragment: p.is_fragment(),
                is_icmp_error: p.is_icmp_error(),
                bytes: p.total_bytes.into(),
                l4: usize::from(p.chain.l4) - ETHERNET_BYTES,
            })
        }
        _ => Err(Drop::Ethertype),
    }
}

/// Writes the ethertype of the packet that is in a frame.
pub fn set_ethertype(frame: &mut [u8]) {
    if let Some((header, [first, ..])) = frame.split_first_chunk_mut::<ETHERNET_BYTES>() {
        let ethertype = if *first >> 4 == 6 { ETHERTYPE_IPV6 } else { ETHERTYPE_IPV4 };
        header[12..].copy_from_slice(&ethertype.to_be_bytes());
    }
}

fn kind(protocol: u8, icmp: u8) -> Kind {
    match protocol {
        TCP => Kind::Tcp,
        UDP => Kind::Udp,
        p if p == icmp => Kind::Icmp,
        _ => Kind::Other,
    }
}

impl Inner {
    /// The whole packet, out of the frame that it was read from.
    pub fn packet<'a>(&self, frame: &'a [u8]) -> &'a [u8] {
        &frame[ETHERNET_BYTES..ETHERNET_BYTES + self.bytes]
    }

    /// The same without extension headers, which nobody here asks for: the transport's header follows the IP header.
    pub fn plain<'a>(&self, packet: &'a [u8]) -> Cow<'a, [u8]> {
        if !self.source.is_ipv6() || self.l4 == IP6_BYTES {
            return packet.into();
        }
        let mut out = packet[..IP6_BYTES].to_vec();
        out.extend_from_slice(&packet[self.l4..]);
        let payload = (self.bytes - self.l4) as u16;
        out[4..6].copy_from_slice(&payload.to_be_bytes());
        out[6] = match self.kind {
            Kind::Tcp => TCP,
            Kind::Udp => UDP,
            Kind::Icmp => ICMP6,
            // "No next header": it is dropped for what it is.
            Kind::Other => 59,
        };
        out.into()
    }
}

/// Source and destination of a packet.
pub fn addresses(ip: &[u8]) -> Option<(IpAddr, IpAddr)> {
    if ip.first()? >> 4 == 4 {
        let a: &[u8; 8] = ip.get(12..)?.first_chunk()?;
        return Some((Ipv4Addr::new(a[0], a[1], a[2], a[3]).into(), Ipv4Addr::new(a[4], a[5], a[6], a[7]).into()));
    }
    let six = |at: usize| ip.get(at..)?.first_chunk::<16>().map(|a| IpAddr::from(*a));
    Some((six(8)?, six(24)?))
}

/// What is behind the IP header of a plain packet.
pub fn l4(ip: &[u8]) -> &[u8] {
    ip.get(l4_at(ip)..).unwrap_or_default()
}

pub fn l4_at(ip: &[u8]) -> usize {
    if ip.first().is_some_and(|b| b >> 4 == 6) { IP6_BYTES } else { IP_BYTES }
}

/// What a plain UDP packet carries.
pub fn payload(ip: &[u8]) -> &[u8] {
    let udp = l4(ip);
    let length = udp.get(4..6).map_or(0, |l| usize::from(u16::from_be_bytes([l[0], l[1]])));
    udp.get(8..length.clamp(8, udp.len().max(8))).unwrap_or_default()
}

/// The sum of the pseudo header of TCP, UDP and ICMPv6 (RFC 8200, section 8.1).
pub fn pseudo(source: IpAddr, destination: IpAddr, protocol: u8, len: usize) -> u32 {
    let words = |bytes: &[u8]| bytes.chunks_exact(2).map(|w| u32::from(u16::from_be_bytes([w[0], w[1]]))).sum::<u32>();
    let of = |a: IpAddr| match a {
        IpAddr::V4(a) => words(&a.octets()),
        IpAddr::V6(a) => words(&a.octets()),
    };
    of(source) + of(destination) + u32::from(protocol) + len as u32
}

/// Whether the checksum of a plain UDP or ICMP packet matches; over IPv6 there always is one. (TCP's is verified by the stack.)
pub fn checksum_matches(ip: &[u8], kind: Kind) -> bool {
    let (Some((source, destination)), l4) = (addresses(ip), l4(ip)) else { return false };
    let with_pseudo = |protocol| checksum(pseudo(source, destination, protocol, l4.len()), l4) == 0;
    match (kind, source.is_ipv4()) {
        (Kind::Udp, four) if l4.get(6..8) == Some(&[0, 0]) => four,
        (Kind::Udp, _) => with_pseudo(UDP),
        (Kind::Icmp, true) => checksum(0, l4) == 0,
        (Kind::Icmp, false) => with_pseudo(ICMP6),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vswitch::build::{Datagram6, finish_udp6, ipv6_frame};

    /// A UDP datagram with a header of destination options before it.
    fn with_options(payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        let d = Datagram6 {
            to_mac: vswitch::ROUTER_MAC,
            source: 0x20 << 120 | 5,
            destination: 0x20 << 120 | 6,
            protocol: UDP,
            hop_limit: 9,
        };
        ipv6_frame(&mut frame, d, 8 + payload.len());
        frame[ETHERNET_BYTES + IP6_BYTES + 8..].copy_from_slice(payload);
        finish_udp6(&mut frame, 1000, 53);
        let at = ETHERNET_BYTES + IP6_BYTES;
        frame.splice(at..at, [UDP, 0, 1, 4, 0, 0, 0, 0]);
        frame[ETHERNET_BYTES + 6] = 60;
        let len = (frame.len() - at) as u16;
        frame[ETHERNET_BYTES + 4..][..2].copy_from_slice(&len.to_be_bytes());
        frame
    }

    #[test]
    fn extension_headers_are_left_out() {
        let frame = with_options(b"hello");
        let inner = read(&frame).unwrap();
        assert_eq!((inner.kind, inner.ports.source, inner.ports.destination), (Kind::Udp, 1000, 53));
        let plain = inner.plain(inner.packet(&frame)).into_owned();
        assert_eq!((plain.len(), plain[6], payload(&plain)), (IP6_BYTES + 13, UDP, &b"hello"[..]));
        assert!(checksum_matches(&plain, Kind::Udp), "the pseudo header has none of them");
        assert_eq!(addresses(&plain), Some(("2000::5".parse().unwrap(), "2000::6".parse().unwrap())));
        let mut bad = plain.clone();
        *bad.last_mut().unwrap() ^= 1;
        assert!(!checksum_matches(&bad, Kind::Udp));
    }

    #[test]
    fn ipv6_has_a_checksum_always_and_icmp_of_its_own() {
        let mut frame = with_options(b"");
        let udp = frame.len() - 8;
        frame[udp + 6..].fill(0);
        let inner = read(&frame).unwrap();
        assert!(!checksum_matches(&inner.plain(inner.packet(&frame)), Kind::Udp));
        for (protocol, kind) in [(ICMP6, Kind::Icmp), (ICMP, Kind::Other), (59, Kind::Other)] {
            let mut frame = Vec::new();
            let d = Datagram6 { to_mac: vswitch::ROUTER_MAC, source: 5, destination: 6, protocol, hop_limit: 1 };
            ipv6_frame(&mut frame, d, 8);
            assert_eq!(read(&frame).unwrap().kind, kind, "{protocol}");
        }
    }
}
