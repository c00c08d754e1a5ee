//! ICMP (RFC 792) that the subnet's gateway sends: echo replies, and "fragmentation needed" (RFC 1191).

use super::Answer;
use crate::build::{self, Datagram};
use crate::config::PortTable;
use crate::drop::DropReason;
use crate::parse::{ETHERNET_BYTES, ICMP, IP_BYTES, L4, Packet};
use types::MacAddr;

/// Answers an echo request to the gateway.
pub(crate) fn echo(table: &PortTable, packet: &Packet, frame: &[u8], out: &mut Vec<u8>) -> Result<Answer, DropReason> {
    let request = frame.get(L4..).ok_or(DropReason::L4Malformed)?;
    let to = Datagram { to_mac: table.mac, source: packet.destination, destination: packet.source, protocol: ICMP };
    build::ipv4_frame(out, to, request.len());
    out[L4..].copy_from_slice(request);
    out[L4] = 0;
    build::finish_icmp(out);
    Ok(Answer::Echo)
}

/// Tells the sender, from the router `from`, the largest packet that the path takes.
pub(crate) fn too_big(
    to_mac: MacAddr,
    from: u32,
    packet: &Packet,
    frame: &[u8],
    mtu: u16,
    out: &mut Vec<u8>,
) -> Result<Answer, DropReason> {
    let quote = frame.get(ETHERNET_BYTES..ETHERNET_BYTES + IP_BYTES + 8).ok_or(DropReason::OverMtu)?;
    let to = Datagram { to_mac, source: from, destination: packet.source, protocol: ICMP };
    build::ipv4_frame(out, to, 8 + quote.len());
    out[L4] = 3;
    out[L4 + 1] = 4;
    out[L4 + 6..L4 + 8].copy_from_slice(&mtu.to_be_bytes());
    out[L4 + 8..].copy_from_slice(quote);
    build::finish_icmp(out);
    Ok(Answer::TooBig)
}
