//! Writes headers: checksums, and the frames that the services answer with.

use crate::ROUTER_MAC;
use crate::parse::{ETHERNET_BYTES, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ICMP6, IP_BYTES, L4, UDP};
use crate::parse6::IP6_BYTES;
use types::MacAddr;

/// The Internet checksum (RFC 1071) of `bytes`, begun from `sum`.
pub fn checksum(sum: u32, bytes: &[u8]) -> u16 {
    let mut sum = u64::from(sum);
    let mut words = bytes.chunks_exact(2);
    for w in &mut words {
        sum += u64::from(u16::from_be_bytes([w[0], w[1]]));
    }
    if let [last] = words.remainder() {
        sum += u64::from(*last) << 8;
    }
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// The checksum after a 32-bit field it covers changed from `old` to `new` (RFC 1624, equation 3).
pub fn adjust(checksum: u16, old: u32, new: u32) -> u16 {
    let mut sum = u32::from(!checksum) + (!old >> 16) + (!old & 0xffff) + (new >> 16) + (new & 0xffff);
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// An IPv4 datagram to write.
#[derive(Debug, Clone, Copy)]
pub struct Datagram {
    pub to_mac: MacAddr,
    pub source: u32,
    pub destination: u32,
    pub protocol: u8,
}

/// Writes Ethernet and IPv4 headers around `l4_bytes` of transport data, which are left zero for the caller to fill in.
pub fn ipv4_frame(out: &mut Vec<u8>, d: Datagram, l4_bytes: usize) {
    out.clear();
    out.resize(L4 + l4_bytes, 0);
    out[..6].copy_from_slice(&d.to_mac.0);
    out[6..12].copy_from_slice(&ROUTER_MAC.0);
    out[12..14].copy_from_slice(&ETHERTYPE_IPV4.to_be_bytes());
    let ip = &mut out[ETHERNET_BYTES..L4];
    ip[0] = 0x45;
    ip[2..4].copy_from_slice(&((IP_BYTES + l4_bytes) as u16).to_be_bytes());
    ip[6] = 0x40;
    ip[8] = 64;
    ip[9] = d.protocol;
    ip[12..16].copy_from_slice(&d.source.to_be_bytes());
    ip[16..20].copy_from_slice(&d.destination.to_be_bytes());
    let sum = checksum(0, ip);
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
}

/// Fills the UDP header (ports, length, checksum) of a frame made by [`ipv4_frame`] whose payload is in place.
pub fn finish_udp(frame: &mut [u8], source_port: u16, destination_port: u16) {
    let Some((head, udp)) = frame.split_at_mut_checked(L4) else { return };
    if udp.len() < 8 {
        return;
    }
    let len = udp.len() as u16;
    udp[0..2].copy_from_slice(&source_port.to_be_bytes());
    udp[2..4].copy_from_slice(&destination_port.to_be_bytes());
    udp[4..6].copy_from_slice(&len.to_be_bytes());
    udp[6..8].fill(0);
    let pseudo = head[26..34].chunks_exact(2).map(|w| u32::from(u16::from_be_bytes([w[0], w[1]]))).sum::<u32>();
    let sum = match checksum(pseudo + u32::from(UDP) + u32::from(len), udp) {
        0 => 0xffff,
        sum => sum,
    };
    udp[6..8].copy_from_slice(&sum.to_be_bytes());
}

/// Fills the ICMP checksum of a frame whose ICMP message is in place.
pub fn finish_icmp(frame: &mut [u8]) {
    let Some(icmp) = frame.get_mut(L4..).filter(|i| i.len() >= 8) else { return };
    icmp[2..4].fill(0);
    let sum = checksum(0, icmp);
    icmp[2..4].copy_from_slice(&sum.to_be_bytes());
}

/// Where the transport header begins in a frame of [`ipv6_frame`].
pub const L4_6: usize = ETHERNET_BYTES + IP6_BYTES;

/// An IPv6 packet to write.
#[derive(Debug, Clone, Copy)]
pub struct Datagram6 {
    pub to_mac: MacAddr,
    pub source: u128,
    pub destination: u128,
    pub protocol: u8,
    /// 255 where the receiver asks for it: what has crossed no router.
    pub hop_limit: u8,
}

/// Writes Ethernet and IPv6 headers around `l4_bytes` of transport data, which are left zero for the caller to fill in.
pub fn ipv6_frame(out: &mut Vec<u8>, d: Datagram6, l4_bytes: usize) {
    out.clear();
    out.resize(L4_6 + l4_bytes, 0);
    out[..6].copy_from_slice(&d.to_mac.0);
    out[6..12].copy_from_slice(&ROUTER_MAC.0);
    out[12..14].copy_from_slice(&ETHERTYPE_IPV6.to_be_bytes());
    let ip = &mut out[ETHERNET_BYTES..L4_6];
    ip[0] = 0x60;
    ip[4..6].copy_from_slice(&(l4_bytes as u16).to_be_bytes());
    ip[6] = d.protocol;
    ip[7] = d.hop_limit;
    ip[8..24].copy_from_slice(&d.source.to_be_bytes());
    ip[24..].copy_from_slice(&d.destination.to_be_bytes());
}

/// The checksum of the transport data from `l4` on, with IPv6's pseudo header (RFC 8200, section 8.1).
pub fn checksum6(frame: &[u8], l4: usize, protocol: u8) -> u16 {
    let (Some(addresses), Some(data)) = (frame.get(ETHERNET_BYTES + 8..L4_6), frame.get(l4..)) else { return 0 };
    let words = addresses.chunks_exact(2).map(|w| u32::from(u16::from_be_bytes([w[0], w[1]])));
    checksum(words.sum::<u32>() + data.len() as u32 + u32::from(protocol), data)
}

/// [`finish_udp`] for a frame made by [`ipv6_frame`].
pub fn finish_udp6(frame: &mut [u8], source_port: u16, destination_port: u16) {
    let Some(udp) = frame.get_mut(L4_6..).filter(|u| u.len() >= 8) else { return };
    let len = udp.len() as u16;
    udp[0..2].copy_from_slice(&source_port.to_be_bytes());
    udp[2..4].copy_from_slice(&destination_port.to_be_bytes());
    udp[4..6].copy_from_slice(&len.to_be_bytes());
    udp[6..8].fill(0);
    let sum = match checksum6(frame, L4_6, UDP) {
        0 => 0xffff,
        sum => sum,
    };
    frame[L4_6 + 6..L4_6 + 8].copy_from_slice(&sum.to_be_bytes());
}

/// [`finish_icmp`] for a frame made by [`ipv6_frame`].
pub fn finish_icmp6(frame: &mut [u8]) {
    let Some(icmp) = frame.get_mut(L4_6..).filter(|i| i.len() >= 8) else { return };
    icmp[2..4].fill(0);
    let sum = checksum6(frame, L4_6, ICMP6);
    frame[L4_6 + 2..L4_6 + 4].copy_from_slice(&sum.to_be_bytes());
}
