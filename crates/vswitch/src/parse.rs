//! Reads Ethernet, IPv4 and the first bytes of TCP, UDP and ICMP out of untrusted frames. Bounds-checked, no allocation.
//!
//! IP options are refused, so that in every packet that goes on the transport header is at [`L4`].

use crate::drop::DropReason;
use crate::ip::{IcmpKind, Ip};

pub const ETHERNET_BYTES: usize = 14;
pub const IP_BYTES: usize = 20;
/// Where the transport header begins in a frame.
pub const L4: usize = ETHERNET_BYTES + IP_BYTES;

pub const ETHERTYPE_IPV4: u16 = 0x0800;
pub const ETHERTYPE_ARP: u16 = 0x0806;
pub const ETHERTYPE_IPV6: u16 = 0x86dd;

pub const ICMP: u8 = 1;
pub const ICMP6: u8 = 58;
pub const TCP: u8 = 6;
pub const UDP: u8 = 17;

pub const TCP_FIN: u8 = 0x01;
pub const TCP_SYN: u8 = 0x02;
pub const TCP_RST: u8 = 0x04;
pub const TCP_ACK: u8 = 0x10;

/// What the layers need to know of a packet: of IPv4 (`u32`), or IPv6 (`u128`). Addresses are host-order numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<A: Ip = u32> {
    pub source: A,
    pub destination: A,
    pub protocol: u8,
    /// IP header included.
    pub total_bytes: u16,
    /// Of a fragment's datagram.
    pub id: u32,
    pub dont_fragment: bool,
    pub more_fragments: bool,
    /// In units of 8 bytes.
    pub fragment_offset: u16,
    pub ports: Ports,
    /// Where its parts begin: of IPv4 they are where they always are.
    pub chain: A::Chain,
}

/// The transport's part; of a later fragment it is what the first one had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ports {
    /// TCP and UDP; the identifier of an ICMP query; else 0.
    pub source: u16,
    /// TCP and UDP; type and code of ICMP; else 0.
    pub destination: u16,
    /// TCP's flags; 0 otherwise.
    pub flags: u8,
}

impl Ports {
    pub fn icmp_type(self) -> u8 {
        (self.destination >> 8) as u8
    }

    pub fn icmp_code(self) -> u8 {
        self.destination as u8
    }
}

impl<A: Ip> Packet<A> {
    pub fn is_fragment(&self) -> bool {
        self.more_fragments | (self.fragment_offset != 0)
    }

    pub fn is_first(&self) -> bool {
        self.fragment_offset == 0
    }

    /// IP header and extension headers included: how much of it is not what fragments share out.
    pub fn unfragmented_bytes(&self) -> u16 {
        A::unfragmented_bytes(self.chain)
    }

    /// It belongs to the flow it quotes.
    #[inline]
    pub fn is_icmp_error(&self) -> bool {
        self.protocol == A::ICMP && self.is_first() && A::icmp_kind(self.ports.icmp_type()) == IcmpKind::Error
    }
}

pub(crate) fn be16(b: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([b[at], b[at + 1]])
}

fn be32(b: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]])
}

/// The frame's ethertype; `None` when it is shorter than a header.
#[inline]
pub fn ethertype(frame: &[u8]) -> Option<u16> {
    frame.first_chunk::<ETHERNET_BYTES>().map(|h| u16::from_be_bytes([h[12], h[13]]))
}

/// The IPv4 packet of a frame, from its Ethernet header on. The header's checksum is not verified: rewrites adjust it by
/// difference, so a wrong one stays wrong and the receiver drops the packet.
#[inline(always)]
pub fn ipv4(frame: &[u8]) -> Result<Packet, DropReason> {
    let h: &[u8; L4] = frame.first_chunk().ok_or(DropReason::IpMalformed)?;
    if h[14] != 0x45 {
        let options = h[14] >> 4 == 4 && h[14] & 15 > 5;
        return Err(if options { DropReason::IpOptions } else { DropReason::IpMalformed });
    }
    let total_bytes = be16(h, 16);
    let end = ETHERNET_BYTES + usize::from(total_bytes);
    // A TTL of 0 is never sent (RFC 1122, section 3.2.1.7).
    if usize::from(total_bytes) < IP_BYTES || end > frame.len() || h[22] == 0 {
        return Err(DropReason::IpMalformed);
    }
    let fragment = be16(h, 20);
    let mut packet = Packet {
        source: be32(h, 26),
        destination: be32(h, 30),
        protocol: h[23],
        total_bytes,
        id: be16(h, 18).into(),
        dont_fragment: fragment & 0x4000 != 0,
        more_fragments: fragment & 0x2000 != 0,
        fragment_offset: fragment & 0x1fff,
        ports: Ports::default(),
        chain: (),
    };
    // The reserved bit; a fragment that is not the last and not of whole units; one that ends beyond 65,535 bytes.
    let payload = usize::from(total_bytes) - IP_BYTES;
    if fragment & 0x8000 != 0
        || (packet.more_fragments && (payload == 0 || !payload.is_multiple_of(8)))
        || usize::from(packet.fragment_offset) * 8 + payload > 65_515
    {
        return Err(DropReason::IpMalformed);
    }
    if packet.is_first() {
        packet.ports = ports::<u32>(packet.protocol, &frame[L4..end], !packet.more_fragments)
            .ok_or(if packet.more_fragments { DropReason::FragmentTiny } else { DropReason::L4Malformed })?;
    }
    Ok(packet)
}

#[inline(always)]
pub(crate) fn ports<A: Ip>(protocol: u8, l4: &[u8], whole: bool) -> Option<Ports> {
    match protocol {
        TCP => {
            let h: &[u8; 20] = l4.first_chunk()?;
            let header = usize::from(h[12] >> 4) * 4;
            (20..=l4.len()).contains(&header).then(|| Ports { source: be16(h, 0), destination: be16(h, 2), flags: h[13] })
        }
        UDP => {
            let h: &[u8; 8] = l4.first_chunk()?;
            let length = usize::from(be16(h, 4));
            (length >= 8 && (length <= l4.len() || !whole)).then(|| Ports {
                source: be16(h, 0),
                destination: be16(h, 2),
                flags: 0,
            })
        }
        icmp if icmp == A::ICMP => {
            let h: &[u8; 8] = l4.first_chunk()?;
            let query = matches!(A::icmp_kind(h[0]), IcmpKind::Query | IcmpKind::Answer(_));
            Some(Ports { source: if query { be16(h, 4) } else { 0 }, destination: be16(h, 0), flags: 0 })
        }
        _ => Some(Ports::default()),
    }
}

/// The packet that an ICMP error quotes: at least its IP header and 8 bytes (RFC 792). The quote may be cut, so lengths are
/// not checked against it.
pub fn quoted(frame: &[u8]) -> Option<Packet> {
    let q: &[u8; IP_BYTES + 8] = frame.get(L4 + 8..)?.first_chunk()?;
    let fragment = be16(q, 6);
    if q[0] != 0x45 || fragment & 0x1fff != 0 {
        return None;
    }
    let ports = match q[9] {
        TCP | UDP => Ports { source: be16(q, 20), destination: be16(q, 22), flags: 0 },
        ICMP => Ports { source: be16(q, 24), destination: be16(q, 20), flags: 0 },
        _ => Ports::default(),
    };
    Some(Packet {
        source: be32(q, 12),
        destination: be32(q, 16),
        protocol: q[9],
        total_bytes: be16(q, 2),
        id: be16(q, 4).into(),
        dont_fragment: fragment & 0x4000 != 0,
        more_fragments: fragment & 0x2000 != 0,
        fragment_offset: 0,
        ports,
        chain: (),
    })
}
