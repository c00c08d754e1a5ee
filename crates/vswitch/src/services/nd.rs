//! Neighbour discovery (RFC 4861) as the router of a link with one guest on it: every address of the subnet is at the router's
//! link address, as with ARP, and the router tells the guest its subnet and to ask DHCPv6 for addresses.
//!
//! A guest's own announcements change nothing here and reach nobody. What it claims in them is checked all the same, so that
//! an attempt at another's address is counted as one.

use super::Answer;
use crate::build::{self, Datagram6, L4_6};
use crate::config::PortTable;
use crate::drop::DropReason;
use crate::ip::Ip;
use crate::parse::{ETHERNET_BYTES, ICMP6, Packet};
use crate::{METADATA_ADDRESS6, RESOLVER_ADDRESS6, ROUTER_ADDRESS6, ROUTER_MAC};
use types::MacAddr;

pub const ROUTER_SOLICITATION: u8 = 133;
pub const ROUTER_ADVERTISEMENT: u8 = 134;
pub const NEIGHBOR_SOLICITATION: u8 = 135;
pub const NEIGHBOR_ADVERTISEMENT: u8 = 136;
pub const REDIRECT: u8 = 137;

/// All nodes of the link.
const ALL_NODES: u128 = 0xff02 << 112 | 1;
const ALL_NODES_MAC: MacAddr = MacAddr([0x33, 0x33, 0, 0, 0, 1]);
/// ff02::1:ff00:0/104
const SOLICITED_NODE: u128 = 0xff02 << 112 | 0x1_ff00_0000;

const SOURCE_LINK: u8 = 1;
const TARGET_LINK: u8 = 2;
const PREFIX: u8 = 3;
const MTU: u8 = 5;

/// An advertised router is used for so long; it is advertised anew well before.
const ROUTER_LIFETIME_SECONDS: u16 = 1800;
const PREFIX_LIFETIME_SECONDS: u32 = 86_400;
/// RFC 4861, section 6.2.1: MaxRtrAdvInterval's default.
pub const ADVERTISE_MS: u64 = 600_000;

/// The link address of an option of this kind; `Err`: the options are not what options are.
fn link_option(mut options: &[u8], kind: u8) -> Result<Option<[u8; 6]>, DropReason> {
    let mut found = None;
    while let Some(&[of, units]) = options.first_chunk() {
        let bytes = usize::from(units) * 8;
        if bytes == 0 || bytes > options.len() {
            return Err(DropReason::NeighborMalformed);
        }
        if of == kind {
            found = options[2..bytes].first_chunk().copied();
        }
        options = &options[bytes..];
    }
    if options.is_empty() { Ok(found) } else { Err(DropReason::NeighborMalformed) }
}

/// A message of neighbour discovery: fixed part (with the target, where it has one) and options, when all that RFC 4861
/// asks of every one of them holds.
fn body<'a, const FIXED: usize>(frame: &'a [u8], packet: &Packet<u128>) -> Result<(&'a [u8; FIXED], &'a [u8]), DropReason> {
    let l4 = usize::from(packet.chain.l4);
    let sound =
        frame.get(ETHERNET_BYTES + 7) == Some(&255) && packet.ports.icmp_code() == 0 && build::checksum6(frame, l4, ICMP6) == 0;
    let message = frame.get(l4..).filter(|_| sound).ok_or(DropReason::NeighborMalformed)?;
    message.split_first_chunk().ok_or(DropReason::NeighborMalformed)
}

fn target(fixed: &[u8; 24]) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&fixed[8..]);
    u128::from_be_bytes(bytes)
}

/// What the guest may call itself on the link.
fn is_own(table: &PortTable, address: u128) -> bool {
    table.has_link_address(address)
}

/// Addresses of the router itself.
pub(crate) fn is_router(table: &PortTable, address: u128) -> bool {
    address == u128::from(ROUTER_ADDRESS6) || table.v6.subnet.is_some_and(|s| u128::from(s.first()) == address)
}

pub(crate) fn answer(table: &PortTable, packet: &Packet<u128>, frame: &[u8], out: &mut Vec<u8>) -> Result<Answer, DropReason> {
    match packet.ports.icmp_type() {
        ROUTER_SOLICITATION => {
            let (_, options) = body::<8>(frame, packet)?;
            let link = link_option(options, SOURCE_LINK)?;
            match (packet.source, link) {
                (0, Some(_)) => return Err(DropReason::NeighborMalformed),
                (0, None) => {}
                (source, link) if !is_own(table, source) || link.is_some_and(|m| m != table.mac.0) => {
                    return Err(DropReason::NeighborSpoofed);
                }
                _ => {}
            }
            advertise(table, packet.source, out);
            Ok(Answer::Router)
        }
        NEIGHBOR_SOLICITATION => neighbor(table, packet, frame, out),
        NEIGHBOR_ADVERTISEMENT => {
            let (fixed, options) = body::<24>(frame, packet)?;
            let link = link_option(options, TARGET_LINK)?;
            let honest = is_own(table, packet.source)
                && is_own(table, target(fixed))
                && fixed[4] & 0x80 == 0
                && link.is_none_or(|m| m == table.mac.0);
            Err(if honest { DropReason::NeighborIgnored } else { DropReason::AdvertisementSpoofed })
        }
        _ => Err(DropReason::AdvertisementSpoofed),
    }
}

fn neighbor(table: &PortTable, packet: &Packet<u128>, frame: &[u8], out: &mut Vec<u8>) -> Result<Answer, DropReason> {
    let (fixed, options) = body::<24>(frame, packet)?;
    let (target, link) = (target(fixed), link_option(options, SOURCE_LINK)?);
    // Section 7.1.1: who asks whether an address is free has none yet, and asks those who might have it.
    let probes = packet.source == 0;
    if target.is_multicast() || probes && (link.is_some() || packet.destination != SOLICITED_NODE | target & 0xff_ffff) {
        return Err(DropReason::NeighborMalformed);
    }
    if !probes && (!is_own(table, packet.source) || link.is_some_and(|m| m != table.mac.0)) {
        return Err(DropReason::NeighborSpoofed);
    }
    let router = is_router(table, target);
    let service = [METADATA_ADDRESS6, RESOLVER_ADDRESS6].map(u128::from).contains(&target);
    let in_subnet = table.v6.subnet.is_some_and(|s| s.contains(target.into()));
    if is_own(table, target) || !(router || service || in_subnet) {
        return Err(DropReason::NeighborIgnored);
    }
    let (to, to_mac) = if probes { (ALL_NODES, ALL_NODES_MAC) } else { (packet.source, table.mac) };
    message(out, to, to_mac, 32);
    let na = &mut out[L4_6..];
    na[0] = NEIGHBOR_ADVERTISEMENT;
    // Router, solicited, override: a proxy does not override (section 7.2.8).
    na[4] = if router { 0x80 | 0x20 } else { 0 } | if probes { 0 } else { 0x40 };
    na[8..24].copy_from_slice(&target.to_be_bytes());
    na[24..26].copy_from_slice(&[TARGET_LINK, 1]);
    na[26..32].copy_from_slice(&ROUTER_MAC.0);
    build::finish_icmp6(out);
    Ok(Answer::Neighbor)
}

/// Writes a router advertisement to `to`, or to all nodes (`to` 0): addresses are managed (DHCPv6), the subnet is on the link, no
/// address is made of it.
pub(crate) fn advertise(table: &PortTable, to: u128, out: &mut Vec<u8>) {
    let (to, to_mac) = if to == 0 { (ALL_NODES, ALL_NODES_MAC) } else { (to, table.mac) };
    message(out, to, to_mac, 16 + 8 + 8 + 32);
    let ra = &mut out[L4_6..];
    ra[0] = ROUTER_ADVERTISEMENT;
    ra[4] = 64;
    ra[5] = 0x80;
    ra[6..8].copy_from_slice(&ROUTER_LIFETIME_SECONDS.to_be_bytes());
    ra[16..18].copy_from_slice(&[SOURCE_LINK, 1]);
    ra[18..24].copy_from_slice(&ROUTER_MAC.0);
    ra[24..26].copy_from_slice(&[MTU, 1]);
    ra[28..32].copy_from_slice(&u32::from(table.mtu).to_be_bytes());
    if let Some(subnet) = table.v6.subnet {
        let on_link = 0x80;
        ra[32..36].copy_from_slice(&[PREFIX, 4, subnet.prefix_len(), on_link]);
        ra[36..40].copy_from_slice(&PREFIX_LIFETIME_SECONDS.to_be_bytes());
        ra[40..44].copy_from_slice(&PREFIX_LIFETIME_SECONDS.to_be_bytes());
        ra[48..64].copy_from_slice(&subnet.first().octets());
    }
    build::finish_icmp6(out);
}

fn message(out: &mut Vec<u8>, destination: u128, to_mac: MacAddr, bytes: usize) {
    let to = Datagram6 { to_mac, source: ROUTER_ADDRESS6.into(), destination, protocol: ICMP6, hop_limit: 255 };
    build::ipv6_frame(out, to, bytes);
}
