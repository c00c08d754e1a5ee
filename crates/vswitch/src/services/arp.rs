//! Proxy ARP (RFC 826, RFC 1027): every address of the subnet is at the router's link address.

use super::Answer;
use crate::config::{PortTable, VpcTable};
use crate::drop::DropReason;
use crate::parse::ETHERTYPE_ARP;
use crate::{METADATA_ADDRESS, RESOLVER_ADDRESS, ROUTER_MAC};

const REQUEST: u16 = 1;
const REPLY: u16 = 2;
const FRAME_BYTES: usize = 42;

struct Arp {
    operation: u16,
    sender_mac: [u8; 6],
    sender: u32,
    target: u32,
}

fn parse(frame: &[u8]) -> Option<Arp> {
    let f: &[u8; FRAME_BYTES] = frame.first_chunk()?;
    if f[14..20] != [0, 1, 8, 0, 6, 4] {
        return None;
    }
    let word = |at: usize| u32::from_be_bytes([f[at], f[at + 1], f[at + 2], f[at + 3]]);
    Some(Arp {
        operation: u16::from_be_bytes([f[20], f[21]]),
        sender_mac: [f[22], f[23], f[24], f[25], f[26], f[27]],
        sender: word(28),
        target: word(38),
    })
}

/// The guest uses one of its addresses.
pub(crate) fn sender_is(table: &PortTable, frame: &[u8]) -> bool {
    parse(frame).is_some_and(|a| a.sender_mac == table.mac.0 && table.v4.has_address(a.sender))
}

pub(crate) fn answer(vpc: &VpcTable, table: &PortTable, frame: &[u8], out: &mut Vec<u8>) -> Result<Answer, DropReason> {
    let arp = parse(frame).ok_or(DropReason::ArpMalformed)?;
    // A probe (RFC 5227) has no sender address.
    if arp.sender_mac != table.mac.0 || arp.sender != 0 && !table.v4.has_address(arp.sender) {
        return Err(DropReason::ArpSpoofed);
    }
    let service = [METADATA_ADDRESS, RESOLVER_ADDRESS].contains(&arp.target.into()) || arp.target == vpc.resolver;
    let usable = table.subnet.contains(arp.target.into())
        && arp.target != u32::from(table.subnet.first())
        && arp.target != u32::from(table.subnet.last());
    if arp.operation != REQUEST || table.v4.has_address(arp.target) || !(usable || service) {
        return Err(if matches!(arp.operation, REQUEST | REPLY) { DropReason::ArpIgnored } else { DropReason::ArpMalformed });
    }
    out.clear();
    out.extend_from_slice(&table.mac.0);
    out.extend_from_slice(&ROUTER_MAC.0);
    out.extend_from_slice(&ETHERTYPE_ARP.to_be_bytes());
    out.extend_from_slice(&[0, 1, 8, 0, 6, 4, 0, REPLY as u8]);
    out.extend_from_slice(&ROUTER_MAC.0);
    out.extend_from_slice(&arp.target.to_be_bytes());
    out.extend_from_slice(&table.mac.0);
    out.extend_from_slice(&arp.sender.to_be_bytes());
    Ok(Answer::Arp)
}
