//! ICMPv6 (RFC 4443) that the router sends: echo replies, and "packet too big".

use super::Answer;
use crate::build::{self, Datagram6, L4_6};
use crate::config::PortTable;
use crate::drop::DropReason;
use crate::parse::{ETHERNET_BYTES, ICMP6, Packet};
use crate::parse6::IP6_BYTES;

const ECHO_REPLY: u8 = 129;
const PACKET_TOO_BIG: u8 = 2;
/// An error is no longer than what every link carries (section 2.4).
const ERROR_BYTES_MAX: usize = 1280;

/// Answers an echo request to the router.
pub(crate) fn echo(table: &PortTable, packet: &Packet<u128>, frame: &[u8], out: &mut Vec<u8>) -> Result<Answer, DropReason> {
    let request = frame.get(usize::from(packet.chain.l4)..).ok_or(DropReason::L4Malformed)?;
    let (source, destination) = (packet.destination, packet.source);
    build::ipv6_frame(out, Datagram6 { to_mac: table.mac, source, destination, protocol: ICMP6, hop_limit: 64 }, request.len());
    out[L4_6..].copy_from_slice(request);
    out[L4_6] = ECHO_REPLY;
    build::finish_icmp6(out);
    Ok(Answer::Echo)
}

/// Tells the guest, from the router, the largest packet that the path takes.
pub(crate) fn too_big(
    table: &PortTable,
    packet: &Packet<u128>,
    frame: &[u8],
    mtu: u16,
    out: &mut Vec<u8>,
) -> Result<Answer, DropReason> {
    let source = table.v6.subnet.map(|s| u128::from(s.first())).ok_or(DropReason::OverMtu)?;
    let quote = frame.get(ETHERNET_BYTES..).ok_or(DropReason::OverMtu)?;
    let quote = &quote[..quote.len().min(ERROR_BYTES_MAX - IP6_BYTES - 8)];
    let to = Datagram6 { to_mac: table.mac, source, destination: packet.source, protocol: ICMP6, hop_limit: 64 };
    build::ipv6_frame(out, to, 8 + quote.len());
    out[L4_6] = PACKET_TOO_BIG;
    out[L4_6 + 4..L4_6 + 8].copy_from_slice(&u32::from(mtu).to_be_bytes());
    out[L4_6 + 8..].copy_from_slice(quote);
    build::finish_icmp6(out);
    Ok(Answer::TooBig)
}
