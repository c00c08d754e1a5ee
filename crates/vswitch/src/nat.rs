//! Rewrites addresses and ports of a packet in place, with the checksums that cover it (RFC 1624: by difference, so a checksum that
//! was wrong stays wrong).

use crate::build::adjust;
use crate::parse::{ICMP, IP_BYTES, L4, Packet, TCP, UDP};

/// Offsets of the two addresses in a frame.
const SOURCE: usize = 26;
const DESTINATION: usize = 30;

pub(crate) fn rewrite_source(frame: &mut [u8], packet: &mut Packet, new: u32) {
    rewrite(frame, packet, SOURCE, packet.source, new);
    packet.source = new;
}

pub(crate) fn rewrite_destination(frame: &mut [u8], packet: &mut Packet, new: u32) {
    rewrite(frame, packet, DESTINATION, packet.destination, new);
    packet.destination = new;
}

fn rewrite(frame: &mut [u8], packet: &Packet, at: usize, old: u32, new: u32) {
    if frame.len() < L4 {
        return;
    }
    frame[at..at + 4].copy_from_slice(&new.to_be_bytes());
    adjust_at(frame, 24, old, new);
    if !packet.is_first() {
        return;
    }
    // The pseudo header of TCP and UDP covers the addresses.
    match packet.protocol {
        TCP => adjust_at(frame, L4 + 16, old, new),
        UDP if frame.get(L4 + 6..L4 + 8).is_some_and(|c| c != [0, 0]) => {
            adjust_at(frame, L4 + 6, old, new);
            if frame[L4 + 6..L4 + 8] == [0, 0] {
                frame[L4 + 6..L4 + 8].fill(0xff);
            }
        }
        _ => {}
    }
}

fn adjust_at(frame: &mut [u8], at: usize, old: u32, new: u32) {
    if let Some(field) = frame.get_mut(at..at + 2) {
        let sum = adjust(u16::from_be_bytes([field[0], field[1]]), old, new);
        field.copy_from_slice(&sum.to_be_bytes());
    }
}

/// The packet quoted in an ICMP error: its source (`true`) or destination becomes `new`. The quoted header's own checksum
/// takes up the change, so the sum over the ICMP message stays the same.
pub(crate) fn rewrite_quoted(frame: &mut [u8], source: bool, new: u32) {
    let ip = L4 + 8;
    let at = ip + if source { 12 } else { 16 };
    if frame.len() < ip + IP_BYTES {
        return;
    }
    let old = u32::from_be_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]);
    frame[at..at + 4].copy_from_slice(&new.to_be_bytes());
    adjust_at(frame, ip + 10, old, new);
}

/// The source (`true`) or destination port of TCP and UDP, or the identifier of an ICMP query, becomes `new`.
pub(crate) fn rewrite_port(frame: &mut [u8], packet: &mut Packet, source: bool, new: u16) {
    if !packet.is_first() {
        return;
    }
    let (at, sum) = match packet.protocol {
        TCP => (if source { 0 } else { 2 }, 16),
        UDP => (if source { 0 } else { 2 }, 6),
        _ => (4, 2),
    };
    let Some(old) = replace16(frame, L4 + at, new) else { return };
    let unused = packet.protocol == UDP && frame.get(L4 + sum..L4 + sum + 2).is_some_and(|c| c == [0, 0]);
    if !unused {
        adjust_at(frame, L4 + sum, old.into(), new.into());
        if packet.protocol == UDP && frame[L4 + sum..L4 + sum + 2] == [0, 0] {
            frame[L4 + sum..L4 + sum + 2].fill(0xff);
        }
    }
    if source || packet.protocol == ICMP { packet.ports.source = new } else { packet.ports.destination = new }
}

/// The same in the packet that an ICMP error quotes, which has at least 8 bytes of its transport header.
pub(crate) fn rewrite_quoted_port(frame: &mut [u8], protocol: u8, source: bool, new: u16) {
    let l4 = L4 + 8 + IP_BYTES;
    let at = match (protocol, source) {
        (TCP | UDP, true) => 0,
        (TCP | UDP, false) => 2,
        _ => 4,
    };
    let Some(old) = replace16(frame, l4 + at, new) else { return };
    // Of a quoted query the checksum is there and takes up the change; else the error's own must.
    let sum = if matches!(protocol, TCP | UDP) { L4 + 2 } else { l4 + 2 };
    adjust_at(frame, sum, old.into(), new.into());
}

fn replace16(frame: &mut [u8], at: usize, new: u16) -> Option<u16> {
    let field = frame.get_mut(at..at + 2)?;
    let old = u16::from_be_bytes([field[0], field[1]]);
    field.copy_from_slice(&new.to_be_bytes());
    Some(old)
}

/// One hop less to live; false: this was the last.
pub(crate) fn decrement_ttl(frame: &mut [u8]) -> bool {
    let Some(&[ttl, protocol]) = frame.get(22..24) else { return false };
    if ttl <= 1 {
        return false;
    }
    frame[22] = ttl - 1;
    adjust_at(frame, 24, u16::from_be_bytes([ttl, protocol]).into(), u16::from_be_bytes([ttl - 1, protocol]).into());
    true
}
