//! Packets that the edge itself writes: UDP, echo replies, ICMP errors, resets, and fragments of what is too long; of either
//! family. Pure.
//!
//! Every packet is made with [`HEADROOM`] in front for the link and VXLAN headers. The two addresses of a packet are of one
//! family.

use crate::inner::{addresses, l4, l4_at, pseudo};
use crate::stack::HEADROOM;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use vswitch::build::checksum;
use vswitch::parse::{ICMP, ICMP6, IP_BYTES, TCP, UDP};
use vswitch::parse6::IP6_BYTES;

const UDP_HEADER_BYTES: usize = 8;
/// The most that a UDP datagram holds: over IPv6, whose length does not count its own header.
pub const UDP_PAYLOAD_BYTES_MAX: usize = 65_535 - UDP_HEADER_BYTES;
/// What an ICMP error quotes: the IP header and 8 bytes (RFC 792) ...
const QUOTE_BYTES: usize = IP_BYTES + 8;
/// ... or as much as makes it no longer than what every link carries (RFC 4443, section 2.4).
const QUOTE6_BYTES: usize = 1280 - IP6_BYTES - 8;
const HOP_LIMIT: u8 = 64;
/// The extension header of a fragment (RFC 8200, section 4.5), and its number.
const FRAGMENT6_BYTES: usize = 8;
const FRAGMENT6: u8 = 44;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    Net,
    Host,
    Port,
}

impl Unreachable {
    /// Of what the system says of a destination. Where it has no IPv6 at all, there is no way to one.
    pub fn of(e: &io::Error) -> Option<Self> {
        match e.kind() {
            io::ErrorKind::NetworkUnreachable => Some(Self::Net),
            io::ErrorKind::HostUnreachable => Some(Self::Host),
            _ if e.raw_os_error() == Some(libc::EAFNOSUPPORT) => Some(Self::Net),
            _ => None,
        }
    }

    /// The type and code of ICMP (RFC 792), or of ICMPv6 (RFC 4443, section 3.1).
    fn numbers(self, four: bool) -> [u8; 2] {
        match (self, four) {
            (Self::Net, true) => [3, 0],
            (Self::Host, true) => [3, 1],
            (Self::Port, true) => [3, 3],
            (Self::Net, false) => [1, 0],
            (Self::Host, false) => [1, 3],
            (Self::Port, false) => [1, 4],
        }
    }
}

/// An IP header around `l4`, whose checksums are already in place.
fn around(source: IpAddr, destination: IpAddr, protocol: u8, l4: &[&[u8]]) -> Vec<u8> {
    let payload: usize = l4.iter().map(|p| p.len()).sum();
    let mut out = Vec::with_capacity(HEADROOM + IP6_BYTES + payload);
    out.resize(HEADROOM, 0);
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            out.extend_from_slice(&[0x45, 0]);
            out.extend_from_slice(&((IP_BYTES + payload) as u16).to_be_bytes());
            out.extend_from_slice(&[0, 0, 0x40, 0, HOP_LIMIT, protocol, 0, 0]);
            out.extend_from_slice(&source.octets());
            out.extend_from_slice(&destination.octets());
            finish_header(&mut out[HEADROOM..]);
        }
        (source, destination) => {
            out.extend_from_slice(&[0x60, 0, 0, 0]);
            out.extend_from_slice(&(payload as u16).to_be_bytes());
            out.extend_from_slice(&[protocol, HOP_LIMIT]);
            out.extend_from_slice(&six(source).octets());
            out.extend_from_slice(&six(destination).octets());
        }
    }
    l4.iter().for_each(|p| out.extend_from_slice(p));
    out
}

/// An IPv4 address among those of IPv6 is one that goes nowhere.
fn six(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(a) => a.to_ipv6_mapped(),
        IpAddr::V6(a) => a,
    }
}

fn finish_header(ip: &mut [u8]) {
    ip[10..12].fill(0);
    let sum = checksum(0, &ip[..IP_BYTES]);
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
}

/// `payload` is at most [`UDP_PAYLOAD_BYTES_MAX`].
pub fn udp(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let len = UDP_HEADER_BYTES + payload.len();
    let mut out = around(from.ip(), to.ip(), UDP, &[&[0; UDP_HEADER_BYTES], payload]);
    let at = HEADROOM + l4_at(&out[HEADROOM..]);
    let l4 = &mut out[at..];
    l4[0..2].copy_from_slice(&from.port().to_be_bytes());
    l4[2..4].copy_from_slice(&to.port().to_be_bytes());
    l4[4..6].copy_from_slice(&(len as u16).to_be_bytes());
    let sum = match checksum(pseudo(from.ip(), to.ip(), UDP, len), l4) {
        0 => 0xffff,
        sum => sum,
    };
    l4[6..8].copy_from_slice(&sum.to_be_bytes());
    out
}

/// An ICMP message of which all but the checksum is in place.
pub fn icmp(from: IpAddr, to: IpAddr, message: &[u8]) -> Vec<u8> {
    let (protocol, sum) = if from.is_ipv4() { (ICMP, 0) } else { (ICMP6, pseudo(from, to, ICMP6, message.len())) };
    let mut out = around(from, to, protocol, &[message]);
    let at = HEADROOM + l4_at(&out[HEADROOM..]);
    if let Some(l4) = out.get_mut(at..).filter(|m| m.len() >= 4) {
        l4[2..4].fill(0);
        let sum = checksum(sum, l4);
        l4[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    out
}

/// Destination unreachable, about a packet that the guest `to` sent.
pub fn unreachable(from: IpAddr, to: IpAddr, why: Unreachable, about: &[u8]) -> Vec<u8> {
    let [kind, code] = why.numbers(to.is_ipv4());
    let mut message = vec![kind, code, 0, 0, 0, 0, 0, 0];
    message.extend_from_slice(quote(about));
    icmp(from, to, &message)
}

/// The beginning of a packet, as an ICMP error quotes it.
pub fn quote(ip: &[u8]) -> &[u8] {
    let max = if l4_at(ip) == IP6_BYTES { QUOTE6_BYTES } else { QUOTE_BYTES };
    &ip[..ip.len().min(max)]
}

/// The answer to a segment of no connection (RFC 9293, 3.10.7.1); `ip` is a whole plain TCP packet that was parsed before.
pub fn reset(ip: &[u8]) -> Option<Vec<u8>> {
    let segment: &[u8; 20] = l4(ip).first_chunk()?;
    let (source, destination) = addresses(ip)?;
    let (syn, ack, fin) = (segment[13] & 2 != 0, segment[13] & 16 != 0, segment[13] & 1 != 0);
    let mut rst = [0; 20];
    rst[0..2].copy_from_slice(&segment[2..4]);
    rst[2..4].copy_from_slice(&segment[0..2]);
    rst[12] = 5 << 4;
    if ack {
        rst[4..8].copy_from_slice(&segment[8..12]);
        rst[13] = 4;
    } else {
        let payload = l4(ip).len().checked_sub(usize::from(segment[12] >> 4) * 4)?;
        let number = u32::from_be_bytes([segment[4], segment[5], segment[6], segment[7]]);
        let next = number.wrapping_add(payload as u32 + u32::from(syn) + u32::from(fin));
        rst[8..12].copy_from_slice(&next.to_be_bytes());
        rst[13] = 4 | 16;
    }
    let sum = checksum(pseudo(destination, source, TCP, 20), &rst);
    rst[16..18].copy_from_slice(&sum.to_be_bytes());
    Some(around(destination, source, TCP, &[&rst]))
}

/// The packet in pieces of at most `mtu` bytes (RFC 791; RFC 8200, section 4.5), each with [`HEADROOM`]; `id` tells its pieces
/// from others'.
pub fn fragments(packet: &[u8], mtu: usize, id: u32) -> Vec<Vec<u8>> {
    let ip = &packet[HEADROOM..];
    let four = l4_at(ip) == IP_BYTES;
    let header = if four { IP_BYTES } else { IP6_BYTES + FRAGMENT6_BYTES };
    let step = (mtu - header) & !7;
    let payload = l4(ip);
    let pieces = payload.chunks(step).enumerate().map(|(i, piece)| {
        let mut out = packet[..HEADROOM + l4_at(ip)].to_vec();
        let (units, more) = ((i * step / 8) as u16, (i + 1) * step < payload.len());
        let bytes = (header + piece.len()) as u16;
        let ip = &mut out[HEADROOM..];
        if four {
            ip[2..4].copy_from_slice(&bytes.to_be_bytes());
            ip[4..6].copy_from_slice(&(id as u16).to_be_bytes());
            ip[6..8].copy_from_slice(&(units | if more { 0x2000 } else { 0 }).to_be_bytes());
            finish_header(ip);
        } else {
            ip[4..6].copy_from_slice(&(bytes - IP6_BYTES as u16).to_be_bytes());
            let protocol = std::mem::replace(&mut ip[6], FRAGMENT6);
            out.extend_from_slice(&[protocol, 0]);
            out.extend_from_slice(&(units << 3 | u16::from(more)).to_be_bytes());
            out.extend_from_slice(&id.to_be_bytes());
        }
        out.extend_from_slice(piece);
        out
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inner::{Kind, checksum_matches, payload, read, set_ethertype};
    use vswitch::{parse, parse6};

    /// (from, to) of each family.
    const PAIRS: [[&str; 2]; 2] = [["198.51.100.1:40000", "198.18.0.5:53"], ["[3fff:fff::1]:40000", "[2001:db8:5c00::5]:53"]];

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    /// With its link header, as the edge sends it.
    fn frame(packet: &[u8]) -> Vec<u8> {
        let mut frame = packet[vswitch::vxlan::HEADER_BYTES..].to_vec();
        set_ethertype(&mut frame);
        frame
    }

    #[test]
    fn what_is_written_can_be_read() {
        for [from, to] in PAIRS {
            let packet = udp(at(from), at(to), b"hello");
            let p = read(&frame(&packet)).unwrap();
            assert_eq!((p.kind, p.ports.source, p.ports.destination), (Kind::Udp, 40000, 53));
            assert_eq!((p.source, p.destination), (at(from).ip(), at(to).ip()));
            assert!(checksum_matches(&packet[HEADROOM..], Kind::Udp) && payload(&packet[HEADROOM..]) == b"hello");
            let mut bad = packet.clone();
            *bad.last_mut().unwrap() ^= 1;
            assert!(!checksum_matches(&bad[HEADROOM..], Kind::Udp));
            let error = unreachable(at(from).ip(), at(to).ip(), Unreachable::Port, &packet[HEADROOM..]);
            let e = read(&frame(&error)).unwrap();
            assert!(e.is_icmp_error && checksum_matches(&error[HEADROOM..], Kind::Icmp));
            let quoted = match from.starts_with('[') {
                false => parse::quoted(&frame(&error)).unwrap().ports,
                true => parse6::quoted6(&frame(&error), &parse6::ipv6(&frame(&error)).unwrap()).unwrap().ports,
            };
            assert_eq!((quoted.source, quoted.destination), (40000, 53));
        }
    }

    #[test]
    fn errors_quote_what_their_family_has_room_for() {
        for ([from, to], bytes) in PAIRS.into_iter().zip([IP_BYTES + 8 + IP_BYTES + 8, 1280]) {
            let packet = udp(at(from), at(to), &[7; 1400]);
            let error = unreachable(at(from).ip(), at(to).ip(), Unreachable::Net, &packet[HEADROOM..]);
            assert_eq!(error.len() - HEADROOM, bytes, "{from}");
        }
    }

    #[test]
    fn pieces_make_up_the_whole() {
        let payload: Vec<u8> = (0..5000u32).map(|n| n as u8).collect();
        for [from, to] in PAIRS {
            let packet = udp(at(from), at(to), &payload);
            let pieces = fragments(&packet, 1500, 77);
            assert_eq!(pieces.len(), 4);
            let mut together = Vec::new();
            for (i, piece) in pieces.iter().enumerate() {
                assert!(piece.len() <= HEADROOM + 1500);
                let (id, offset, more, at) = if from.starts_with('[') {
                    let p = parse6::ipv6(&frame(piece)).unwrap();
                    (p.id, p.fragment_offset, p.more_fragments, IP6_BYTES + FRAGMENT6_BYTES)
                } else {
                    let p = parse::ipv4(&frame(piece)).unwrap();
                    (p.id, p.fragment_offset, p.more_fragments, IP_BYTES)
                };
                assert_eq!((id, usize::from(offset) * 8, more), (77, together.len(), i < 3));
                together.extend_from_slice(&piece[HEADROOM + at..]);
            }
            assert_eq!(together, l4(&packet[HEADROOM..]));
        }
    }

    #[test]
    fn a_syn_is_reset_with_an_acknowledgement() {
        for [to, from] in PAIRS {
            let mut segment = [0; 20];
            segment[..4].copy_from_slice(&[0x12, 0x34, 0, 80]);
            segment[4..8].copy_from_slice(&7u32.to_be_bytes());
            segment[12..14].copy_from_slice(&[5 << 4, 2]);
            let syn = around(at(from).ip(), at(to).ip(), TCP, &[&segment]);
            let rst = reset(&syn[HEADROOM..]).unwrap();
            let p = read(&frame(&rst)).unwrap();
            assert_eq!((p.ports.source, p.ports.destination, p.ports.flags), (80, 0x1234, 0x14));
            assert_eq!((p.source, p.destination), (at(to).ip(), at(from).ip()));
            let l4 = l4(&rst[HEADROOM..]);
            assert_eq!(l4[8..12], 8u32.to_be_bytes());
            assert_eq!(checksum(pseudo(p.source, p.destination, TCP, 20), l4), 0);
        }
    }
}
