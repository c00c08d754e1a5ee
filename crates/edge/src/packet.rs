//! Packets that the edge itself writes: UDP, echo replies, ICMP errors, resets, and fragments of what is too long. Pure.
//!
//! Every packet is made with [`HEADROOM`] in front for the link and VXLAN headers.

use crate::stack::HEADROOM;
use std::net::{Ipv4Addr, SocketAddrV4};
use vswitch::build::checksum;
use vswitch::parse::{ICMP, IP_BYTES, TCP, UDP};

const UDP_HEADER_BYTES: usize = 8;
/// The most that a UDP datagram over IPv4 holds.
pub const UDP_PAYLOAD_BYTES_MAX: usize = 65_535 - IP_BYTES - UDP_HEADER_BYTES;
/// What an ICMP error quotes: the IP header and 8 bytes (RFC 792).
pub const QUOTE_BYTES: usize = IP_BYTES + 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    Net = 0,
    Host = 1,
    Port = 3,
}

/// An IPv4 header around `l4`, whose checksums are already in place.
fn ipv4(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, l4: &[&[u8]]) -> Vec<u8> {
    let total: usize = IP_BYTES + l4.iter().map(|p| p.len()).sum::<usize>();
    let mut out = Vec::with_capacity(HEADROOM + total);
    out.resize(HEADROOM, 0);
    out.extend_from_slice(&[0x45, 0]);
    out.extend_from_slice(&(total as u16).to_be_bytes());
    out.extend_from_slice(&[0, 0, 0x40, 0, 64, protocol, 0, 0]);
    out.extend_from_slice(&source.octets());
    out.extend_from_slice(&destination.octets());
    finish_header(&mut out[HEADROOM..]);
    l4.iter().for_each(|p| out.extend_from_slice(p));
    out
}

fn finish_header(ip: &mut [u8]) {
    ip[10..12].fill(0);
    let sum = checksum(0, &ip[..IP_BYTES]);
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
}

/// The sum of the pseudo header of TCP and UDP.
fn pseudo(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, len: usize) -> u32 {
    let words = |a: Ipv4Addr| (u32::from(a) >> 16) + (u32::from(a) & 0xffff);
    words(source) + words(destination) + u32::from(protocol) + len as u32
}

/// `payload` is at most [`UDP_PAYLOAD_BYTES_MAX`].
pub fn udp(from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) -> Vec<u8> {
    let len = UDP_HEADER_BYTES + payload.len();
    let mut out = ipv4(*from.ip(), *to.ip(), UDP, &[&[0; UDP_HEADER_BYTES], payload]);
    let l4 = &mut out[HEADROOM + IP_BYTES..];
    l4[0..2].copy_from_slice(&from.port().to_be_bytes());
    l4[2..4].copy_from_slice(&to.port().to_be_bytes());
    l4[4..6].copy_from_slice(&(len as u16).to_be_bytes());
    let sum = match checksum(pseudo(*from.ip(), *to.ip(), UDP, len), l4) {
        0 => 0xffff,
        sum => sum,
    };
    l4[6..8].copy_from_slice(&sum.to_be_bytes());
    out
}

/// An ICMP message of which all but the checksum is in place.
pub fn icmp(from: Ipv4Addr, to: Ipv4Addr, message: &[u8]) -> Vec<u8> {
    let mut out = ipv4(from, to, ICMP, &[message]);
    if let Some(l4) = out.get_mut(HEADROOM + IP_BYTES..).filter(|m| m.len() >= 4) {
        l4[2..4].fill(0);
        let sum = checksum(0, l4);
        l4[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    out
}

/// Destination unreachable, about a packet that the guest `to` sent.
pub fn unreachable(from: Ipv4Addr, to: Ipv4Addr, why: Unreachable, about: &[u8; QUOTE_BYTES]) -> Vec<u8> {
    let mut message = vec![3, why as u8, 0, 0, 0, 0, 0, 0];
    message.extend_from_slice(about);
    icmp(from, to, &message)
}

/// The beginning of a packet, as an ICMP error quotes it.
pub fn quote(ip: &[u8]) -> [u8; QUOTE_BYTES] {
    let mut q = [0; QUOTE_BYTES];
    let n = ip.len().min(QUOTE_BYTES);
    q[..n].copy_from_slice(&ip[..n]);
    q
}

/// The answer to a segment of no connection (RFC 9293, 3.10.7.1); `ip` is a whole TCP packet that was parsed before.
pub fn reset(ip: &[u8]) -> Option<Vec<u8>> {
    let segment: &[u8; 20] = ip.get(IP_BYTES..)?.first_chunk()?;
    let (source, destination) = addresses(ip)?;
    let (syn, ack, fin) = (segment[13] & 2 != 0, segment[13] & 16 != 0, segment[13] & 1 != 0);
    let mut l4 = [0; 20];
    l4[0..2].copy_from_slice(&segment[2..4]);
    l4[2..4].copy_from_slice(&segment[0..2]);
    l4[12] = 5 << 4;
    if ack {
        l4[4..8].copy_from_slice(&segment[8..12]);
        l4[13] = 4;
    } else {
        let payload = ip.len().checked_sub(IP_BYTES + usize::from(segment[12] >> 4) * 4)?;
        let number = u32::from_be_bytes([segment[4], segment[5], segment[6], segment[7]]);
        let next = number.wrapping_add(payload as u32 + u32::from(syn) + u32::from(fin));
        l4[8..12].copy_from_slice(&next.to_be_bytes());
        l4[13] = 4 | 16;
    }
    let sum = checksum(pseudo(destination, source, TCP, 20), &l4);
    l4[16..18].copy_from_slice(&sum.to_be_bytes());
    Some(ipv4(destination, source, TCP, &[&l4]))
}

/// Source and destination.
pub fn addresses(ip: &[u8]) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let a: &[u8; 8] = ip.get(12..)?.first_chunk()?;
    Some((Ipv4Addr::new(a[0], a[1], a[2], a[3]), Ipv4Addr::new(a[4], a[5], a[6], a[7])))
}

/// Whether the checksum of a whole UDP or ICMP packet matches. (TCP's is verified by the stack.)
pub fn checksum_matches(ip: &[u8]) -> bool {
    let (Some((source, destination)), Some(l4)) = (addresses(ip), ip.get(IP_BYTES..)) else { return false };
    match ip[9] {
        UDP => l4.get(6..8) == Some(&[0, 0]) || checksum(pseudo(source, destination, UDP, l4.len()), l4) == 0,
        ICMP => checksum(0, l4) == 0,
        _ => true,
    }
}

/// The packet in pieces of at most `mtu` bytes (RFC 791), each with [`HEADROOM`]; `id` tells its pieces from others'.
pub fn fragments(packet: &[u8], mtu: usize, id: u16) -> Vec<Vec<u8>> {
    let ip = &packet[HEADROOM..];
    let step = (mtu - IP_BYTES) & !7;
    let payload = &ip[IP_BYTES..];
    let pieces = payload.chunks(step).enumerate().map(|(i, piece)| {
        let mut out = packet[..HEADROOM + IP_BYTES].to_vec();
        let header = &mut out[HEADROOM..];
        let more = (i + 1) * step < payload.len();
        let flags = (i * step / 8) as u16 | if more { 0x2000 } else { 0 };
        header[2..4].copy_from_slice(&((IP_BYTES + piece.len()) as u16).to_be_bytes());
        header[4..6].copy_from_slice(&id.to_be_bytes());
        header[6..8].copy_from_slice(&flags.to_be_bytes());
        finish_header(header);
        out.extend_from_slice(piece);
        out
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vswitch::parse;

    fn at(address: &str) -> SocketAddrV4 {
        address.parse().unwrap()
    }

    #[test]
    fn what_is_written_can_be_read() {
        let packet = udp(at("198.51.100.1:40000"), at("198.18.0.5:53"), b"hello");
        let p = parse::ipv4(&packet[vswitch::vxlan::HEADER_BYTES..]).unwrap();
        assert_eq!((p.protocol, p.ports.source, p.ports.destination, p.total_bytes), (UDP, 40000, 53, 33));
        assert!(checksum_matches(&packet[HEADROOM..]));
        let mut bad = packet.clone();
        *bad.last_mut().unwrap() ^= 1;
        assert!(!checksum_matches(&bad[HEADROOM..]));
        let error =
            unreachable(*at("198.51.100.1:0").ip(), *at("198.18.0.5:0").ip(), Unreachable::Port, &quote(&packet[HEADROOM..]));
        let frame = &error[vswitch::vxlan::HEADER_BYTES..];
        assert!(parse::ipv4(frame).unwrap().is_icmp_error() && checksum_matches(&error[HEADROOM..]));
        assert_eq!(parse::quoted(frame).unwrap().ports.destination, 53);
    }

    #[test]
    fn pieces_make_up_the_whole() {
        let payload: Vec<u8> = (0..5000u32).map(|n| n as u8).collect();
        let packet = udp(at("198.51.100.1:40000"), at("198.18.0.5:53"), &payload);
        let pieces = fragments(&packet, 1500, 77);
        assert_eq!(pieces.len(), 4);
        let mut together = Vec::new();
        for (i, piece) in pieces.iter().enumerate() {
            let p = parse::ipv4(&piece[vswitch::vxlan::HEADER_BYTES..]).unwrap();
            assert_eq!((p.id, usize::from(p.fragment_offset) * 8, p.more_fragments), (77, together.len(), i < 3));
            together.extend_from_slice(&piece[HEADROOM + IP_BYTES..]);
        }
        assert_eq!(together, packet[HEADROOM + IP_BYTES..]);
    }

    #[test]
    fn a_syn_is_reset_with_an_acknowledgement() {
        let mut syn = vec![0; 40];
        syn[..20].copy_from_slice(&ipv4(*at("198.18.0.5:0").ip(), *at("203.0.113.1:0").ip(), TCP, &[&[0; 20]])[HEADROOM..][..20]);
        syn[20..24].copy_from_slice(&[0x12, 0x34, 0, 80]);
        syn[24..28].copy_from_slice(&7u32.to_be_bytes());
        syn[32] = 5 << 4;
        syn[33] = 2;
        let rst = reset(&syn).unwrap();
        let p = parse::ipv4(&rst[vswitch::vxlan::HEADER_BYTES..]).unwrap();
        assert_eq!((p.ports.source, p.ports.destination, p.ports.flags), (80, 0x1234, 0x14));
        assert_eq!(rst[HEADROOM + 28..HEADROOM + 32], 8u32.to_be_bytes());
    }
}
