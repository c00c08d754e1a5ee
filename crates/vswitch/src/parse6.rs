//! Reads IPv6 (RFC 8200) and its extension headers out of untrusted frames, as `parse` reads IPv4. Bounds-checked, no allocation.
//!
//! Hop-by-hop options (first only), routing headers that have nothing left to route, destination options and one fragment
//! header are walked; any other extension header, or more than [`EXTENSIONS_MAX`], ends the packet. An atomic fragment
//! (RFC 6946) is a whole packet.

use crate::drop::DropReason;
use crate::parse::{ETHERNET_BYTES, Packet, Ports, be16, ports};

pub const IP6_BYTES: usize = 40;
/// RFC 8200, section 4.1 has at most six in a packet that is as it should be.
const EXTENSIONS_MAX: usize = 6;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION_OPTIONS: u8 = 60;
/// Mobility, HIP, Shim6, and the two for experiments: what they do to a packet is not known here.
const OTHER_EXTENSIONS: [u8; 5] = [135, 139, 140, 253, 254];

/// Where the parts of an IPv6 packet begin, from the start of its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain {
    /// The transport header; of a later fragment, its part of the datagram.
    pub l4: u16,
    /// What is behind the fragment header; 0: there is none.
    pub part: u16,
}

struct Walked {
    protocol: u8,
    /// From the start of the IPv6 header.
    l4: usize,
    part: usize,
    id: u32,
    more_fragments: bool,
    /// In units of 8 bytes.
    offset: u16,
}

fn address(b: &[u8; IP6_BYTES], at: usize) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&b[at..at + 16]);
    u128::from_be_bytes(bytes)
}

/// `ip`: from the IPv6 header on.
fn walk(ip: &[u8]) -> Result<Walked, DropReason> {
    let mut w = Walked { protocol: ip[6], l4: IP6_BYTES, part: 0, id: 0, more_fragments: false, offset: 0 };
    // RFC 7112: a first fragment holds the whole chain.
    let cut = |w: &Walked| if w.more_fragments { DropReason::FragmentTiny } else { DropReason::IpMalformed };
    for n in 0..=EXTENSIONS_MAX {
        match w.protocol {
            HOP_BY_HOP if n != 0 => return Err(DropReason::ExtensionHeader),
            FRAGMENT if w.part != 0 => return Err(DropReason::ExtensionHeader),
            FRAGMENT => {
                let h: &[u8; 8] = ip.get(w.l4..).and_then(|b| b.first_chunk()).ok_or(DropReason::IpMalformed)?;
                let field = be16(h, 2);
                (w.offset, w.more_fragments) = (field >> 3, field & 1 != 0);
                w.id = u32::from_be_bytes([h[4], h[5], h[6], h[7]]);
                w.l4 += 8;
                w.part = w.l4;
                w.protocol = h[0];
                if w.offset != 0 {
                    return Ok(w);
                }
            }
            HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS => {
                let h: &[u8; 4] = ip.get(w.l4..).and_then(|b| b.first_chunk()).ok_or_else(|| cut(&w))?;
                // A packet that is to go on elsewhere from its destination: RFC 5095, and its kin.
                if w.protocol == ROUTING && h[3] != 0 {
                    return Err(DropReason::IpOptions);
                }
                w.protocol = h[0];
                w.l4 += 8 * (1 + usize::from(h[1]));
                if w.l4 > ip.len() {
                    return Err(cut(&w));
                }
            }
            p if OTHER_EXTENSIONS.contains(&p) => return Err(DropReason::ExtensionHeader),
            _ => return Ok(w),
        }
    }
    Err(DropReason::ExtensionHeader)
}

/// The IPv6 packet of a frame, from its Ethernet header on.
#[inline]
pub fn ipv6(frame: &[u8]) -> Result<Packet<u128>, DropReason> {
    let h: &[u8; IP6_BYTES] = frame.get(ETHERNET_BYTES..).and_then(|b| b.first_chunk()).ok_or(DropReason::IpMalformed)?;
    let total = IP6_BYTES + usize::from(be16(h, 4));
    // A payload length of 0 with something behind it is a jumbogram (RFC 2675), which no link here carries; a hop limit of 0
    // is not sent.
    if h[0] >> 4 != 6 || h[7] == 0 || total > usize::from(u16::MAX) || ETHERNET_BYTES + total > frame.len() {
        return Err(DropReason::IpMalformed);
    }
    let ip = &frame[ETHERNET_BYTES..ETHERNET_BYTES + total];
    let w = walk(ip)?;
    let mut packet = Packet {
        source: address(h, 8),
        destination: address(h, 24),
        protocol: w.protocol,
        total_bytes: total as u16,
        id: w.id,
        dont_fragment: true,
        more_fragments: w.more_fragments,
        fragment_offset: w.offset,
        ports: Ports::default(),
        chain: Chain { l4: (ETHERNET_BYTES + w.l4) as u16, part: if w.part == 0 { 0 } else { (ETHERNET_BYTES + w.part) as u16 } },
    };
    if packet.is_fragment() {
        // RFC 8200, section 4.5: a part that is not the last is of whole units; none ends beyond 65,535 bytes.
        let part = total - w.part;
        if part == 0 || w.more_fragments && !part.is_multiple_of(8) || usize::from(w.offset) * 8 + part > 65_535 {
            return Err(DropReason::IpMalformed);
        }
    }
    if packet.is_first() {
        packet.ports = ports::<u128>(packet.protocol, &ip[w.l4..], !w.more_fragments).ok_or(if w.more_fragments {
            DropReason::FragmentTiny
        } else {
            DropReason::L4Malformed
        })?;
    }
    Ok(packet)
}

/// The packet that an ICMPv6 error quotes: as much of it as fits (RFC 4443), at least up to the ports. Its length is not
/// checked against what is there.
pub fn quoted6(frame: &[u8], error: &Packet<u128>) -> Option<Packet<u128>> {
    let ip = frame.get(usize::from(error.chain.l4) + 8..)?;
    let h: &[u8; IP6_BYTES] = ip.first_chunk()?;
    let w = walk(ip).ok().filter(|w| h[0] >> 4 == 6 && w.offset == 0)?;
    let l4: &[u8; 8] = ip.get(w.l4..)?.first_chunk()?;
    let ports = match w.protocol {
        crate::parse::TCP | crate::parse::UDP => Ports { source: be16(l4, 0), destination: be16(l4, 2), flags: 0 },
        crate::parse::ICMP6 => Ports { source: be16(l4, 4), destination: be16(l4, 0), flags: 0 },
        _ => Ports::default(),
    };
    Some(Packet {
        source: address(h, 8),
        destination: address(h, 24),
        protocol: w.protocol,
        total_bytes: be16(h, 4).saturating_add(IP6_BYTES as u16),
        id: w.id,
        dont_fragment: true,
        more_fragments: w.more_fragments,
        fragment_offset: 0,
        ports,
        chain: Chain::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{ICMP6, TCP, UDP};

    /// Extension headers as (number, bytes after the first), then `last` and its bytes.
    fn packet(chain: &[(u8, &[u8])], last: u8, body: &[u8]) -> Vec<u8> {
        let mut frame = vec![0; ETHERNET_BYTES];
        frame.extend_from_slice(&[0x60, 0, 0, 0, 0, 0, 0, 64]);
        frame.extend_from_slice(&[0x20; 16]);
        frame.extend_from_slice(&[0x21; 16]);
        let numbers = chain.iter().map(|c| c.0).chain([last]);
        let next: Vec<u8> = numbers.collect();
        frame[ETHERNET_BYTES + 6] = next[0];
        for (i, (_, bytes)) in chain.iter().enumerate() {
            frame.push(next[i + 1]);
            frame.extend_from_slice(bytes);
        }
        frame.extend_from_slice(body);
        let payload = (frame.len() - ETHERNET_BYTES - IP6_BYTES) as u16;
        frame[ETHERNET_BYTES + 4..ETHERNET_BYTES + 6].copy_from_slice(&payload.to_be_bytes());
        frame
    }

    const PAD: &[u8] = &[0, 1, 4, 0, 0, 0, 0];
    const UDP8: &[u8] = &[0, 1, 0, 2, 0, 8, 0, 0];

    #[test]
    fn extension_headers() {
        let (hop, opts, routing0): (u8, u8, &[u8]) = (0, 60, &[0, 0, 0, 0, 0, 0, 0]);
        let source_route: &[u8] = &[2, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
        let long: &[u8] = &[200, 1, 4, 0, 0, 0, 0];
        let atomic: &[u8] = &[0, 0, 0, 0, 0, 0, 9];
        let (first, later): (&[u8], &[u8]) = (&[0, 0, 1, 0, 0, 0, 9], &[0, 0, 9, 0, 0, 0, 9]);
        use DropReason as R;
        // (extension headers, last, its bytes, what is read: transport at, or why not)
        type Row<'a> = (&'a str, &'a [(u8, &'a [u8])], u8, &'a [u8], Result<u16, R>);
        let rows: &[Row] = &[
            ("none", &[], UDP, UDP8, Ok(54)),
            ("hop-by-hop", &[(hop, PAD)], UDP, UDP8, Ok(62)),
            ("all of them", &[(hop, PAD), (opts, PAD), (43, routing0), (opts, PAD)], UDP, UDP8, Ok(86)),
            ("hop-by-hop not first", &[(opts, PAD), (hop, PAD)], UDP, UDP8, Err(R::ExtensionHeader)),
            ("a source route", &[(43, source_route)], UDP, UDP8, Err(R::IpOptions)),
            ("too many", &[(opts, PAD); 7], UDP, UDP8, Err(R::ExtensionHeader)),
            ("six", &[(opts, PAD); 6], UDP, UDP8, Ok(102)),
            ("mobility", &[(opts, PAD)], 135, UDP8, Err(R::ExtensionHeader)),
            ("longer than the packet", &[(opts, long)], UDP, UDP8, Err(R::IpMalformed)),
            ("an end in the middle", &[], opts, &[17, 0], Err(R::IpMalformed)),
            ("no next header", &[], 59, &[], Ok(54)),
            ("an atomic fragment", &[(44, atomic)], UDP, UDP8, Ok(62)),
            ("an atomic fragment with too little", &[(44, atomic)], TCP, UDP8, Err(R::L4Malformed)),
            ("a first fragment", &[(44, first)], UDP, UDP8, Ok(62)),
            ("a first fragment without its transport", &[(44, first)], TCP, UDP8, Err(R::FragmentTiny)),
            ("a first fragment with half its chain", &[(44, first), (opts, long)], UDP, UDP8, Err(R::FragmentTiny)),
            ("a first fragment not of whole units", &[(44, first)], UDP, &[0, 1, 0, 2, 0, 9, 0, 0, 7], Err(R::IpMalformed)),
            ("a later fragment", &[(44, later)], UDP, UDP8, Ok(62)),
            ("two fragment headers", &[(44, atomic), (44, atomic)], UDP, UDP8, Err(R::ExtensionHeader)),
            ("short ICMPv6", &[], ICMP6, &[128, 0, 0, 0], Err(R::L4Malformed)),
        ];
        for (name, chain, last, body, expected) in rows {
            assert_eq!(ipv6(&packet(chain, *last, body)).map(|p| p.chain.l4), *expected, "{name}");
        }
        let whole = packet(&[(hop, PAD)], UDP, UDP8);
        assert!((0..whole.len()).all(|n| ipv6(&whole[..n]).is_err()), "every cut is noticed");
        let read = ipv6(&packet(&[(44, atomic)], UDP, UDP8)).unwrap();
        assert!(!read.is_fragment() && read.ports.destination == 2, "RFC 6946");
        let read = ipv6(&packet(&[(44, later)], UDP, UDP8)).unwrap();
        assert_eq!((read.fragment_offset, read.more_fragments, read.id), (1, true, 9));
    }
}
