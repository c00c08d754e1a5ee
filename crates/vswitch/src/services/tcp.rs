//! TCP's RST (RFC 9293, section 3.10.7.1), in the name of who was sent to.

use crate::build::{self, Datagram};
use crate::drop::DropReason;
use crate::parse::{ETHERNET_BYTES, IP_BYTES, L4, Packet, TCP, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN};
use types::MacAddr;

const TCP_BYTES: usize = 20;

/// Answers a segment of a connection that is not known; a RST is answered with nothing.
pub(crate) fn reset(to_mac: MacAddr, packet: &Packet, frame: &[u8], out: &mut Vec<u8>) -> Result<(), DropReason> {
    let segment: &[u8; TCP_BYTES] = frame.get(L4..).and_then(|s| s.first_chunk()).ok_or(DropReason::L4Malformed)?;
    let flags = packet.ports.flags;
    if flags & TCP_RST != 0 {
        return Err(DropReason::NatNoEntry);
    }
    build::ipv4_frame(out, Datagram { to_mac, source: packet.destination, destination: packet.source, protocol: TCP }, TCP_BYTES);
    let payload = usize::from(packet.total_bytes).saturating_sub(IP_BYTES + usize::from(segment[12] >> 4) * 4) as u32;
    let length = payload + u32::from(flags & TCP_SYN != 0) + u32::from(flags & TCP_FIN != 0);
    let sequence = u32::from_be_bytes([segment[4], segment[5], segment[6], segment[7]]);
    let answer = &mut out[L4..];
    answer[..2].copy_from_slice(&packet.ports.destination.to_be_bytes());
    answer[2..4].copy_from_slice(&packet.ports.source.to_be_bytes());
    if flags & TCP_ACK != 0 {
        answer[4..8].copy_from_slice(&segment[8..12]);
        answer[13] = TCP_RST;
    } else {
        answer[8..12].copy_from_slice(&sequence.wrapping_add(length).to_be_bytes());
        answer[13] = TCP_RST | TCP_ACK;
    }
    answer[12] = 5 << 4;
    let pseudo: u32 = out[ETHERNET_BYTES + 12..L4].chunks_exact(2).map(|w| u32::from(u16::from_be_bytes([w[0], w[1]]))).sum();
    let sum = build::checksum(pseudo + u32::from(TCP) + TCP_BYTES as u32, &out[L4..]);
    out[L4 + 16..L4 + 18].copy_from_slice(&sum.to_be_bytes());
    Ok(())
}
