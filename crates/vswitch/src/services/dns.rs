//! The VPC's resolver (RFC 1035): `ip-10-0-0-5.<domain>`, the reverse names, the region's services and load balancers, over UDP.
//! Other names get SERVFAIL, so that the guest asks its next server.

use super::Answer;
use crate::build::{self, Datagram, Datagram6, L4_6};
use crate::config::{Fabric, PortTable, ServiceTable, VpcTable};
use crate::drop::DropReason;
use crate::parse::{L4, Packet, UDP};
use crate::{METADATA_ADDRESS, METADATA_ADDRESS6};
use std::net::{Ipv4Addr, Ipv6Addr};

const UDP_BYTES: usize = 8;
const HEADER_BYTES: usize = 12;
/// RFC 1035, section 2.3.4.
const NAME_BYTES_MAX: usize = 255;
const TTL_SECONDS: u32 = 60;
/// Fits into 512 bytes (RFC 1035, section 2.3.4) with the longest name.
const ANSWERS_MAX: usize = 8;

const A: u16 = 1;
const PTR: u16 = 12;
const AAAA: u16 = 28;
const ANY: u16 = 255;
const IN: u16 = 1;

const NO_ERROR: u8 = 0;
const SERVFAIL: u8 = 2;
const NXDOMAIN: u8 = 3;
const NOT_IMPLEMENTED: u8 = 4;

struct Question<'a> {
    /// Lower case, labels joined by dots.
    name: String,
    kind: u16,
    class: u16,
    /// As it came, to repeat it.
    raw: &'a [u8],
}

/// The first question. Compression has no use there and is refused.
fn question(message: &[u8]) -> Option<Question<'_>> {
    let body = message.get(HEADER_BYTES..)?;
    let mut name = String::new();
    let mut at = 0;
    loop {
        let len = usize::from(*body.get(at)?);
        at += 1;
        if len == 0 {
            break;
        }
        if len > 63 || at + len >= NAME_BYTES_MAX {
            return None;
        }
        if !name.is_empty() {
            name.push('.');
        }
        for &byte in body.get(at..at + len)? {
            // A dot within a label would read as two labels.
            name.push(if byte.is_ascii_graphic() && byte != b'.' { byte.to_ascii_lowercase() as char } else { '?' });
        }
        at += len;
    }
    let tail = body.get(at..at + 4)?;
    Some(Question {
        name,
        kind: u16::from_be_bytes([tail[0], tail[1]]),
        class: u16::from_be_bytes([tail[2], tail[3]]),
        raw: &body[..at + 4],
    })
}

enum Found {
    Addresses(Vec<Ipv4Addr>, Option<Ipv6Addr>),
    Name(String),
    /// The name is the VPC's and does not exist.
    Nothing,
    /// Not the VPC's.
    Elsewhere,
}

/// `turn`: which of several addresses comes first.
fn find(fabric: &Fabric, vpc: &VpcTable, name: &str, turn: u16) -> Found {
    if let Some(reverse) = name.strip_suffix(".in-addr.arpa") {
        let Some(address) = reversed(reverse) else { return Found::Elsewhere };
        return if vpc.member(u32::from(address)).is_some() {
            let [a, b, c, d] = address.octets();
            Found::Name(format!("ip-{a}-{b}-{c}-{d}.{}", vpc.domain))
        } else if vpc.v4.cidrs.iter().any(|cidr| cidr.contains(address)) {
            Found::Nothing
        } else {
            Found::Elsewhere
        };
    }
    // The service's name, and every name under it: buckets.
    let under = |s: &&ServiceTable| name.strip_suffix(&*s.domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if let Some(service) = fabric.services.iter().filter(|s| !s.domain.is_empty()).find(under) {
        return Found::Addresses(service.addresses.iter().take(ANSWERS_MAX).map(|&a| a.into()).collect(), None);
    }
    if let Some(addresses) = fabric.names.get(name) {
        let mut addresses: Vec<_> = addresses.iter().take(ANSWERS_MAX).copied().collect();
        let first = usize::from(turn) % addresses.len().max(1);
        addresses.rotate_left(first);
        return Found::Addresses(addresses, None);
    }
    let Some(host) = name.strip_suffix(&*vpc.domain).and_then(|n| n.strip_suffix('.')) else { return Found::Elsewhere };
    if host == "instance-data" {
        return Found::Addresses(vec![METADATA_ADDRESS], Some(METADATA_ADDRESS6));
    }
    match numbered(host) {
        Some(address) if vpc.member(u32::from(address)).is_some() => {
            Found::Addresses(vec![address], vpc.ipv6_of.get(&u32::from(address)).map(|&a| a.into()))
        }
        _ => Found::Nothing,
    }
}

/// `5.0.0.10`
fn reversed(name: &str) -> Option<Ipv4Addr> {
    let mut octets: Vec<&str> = name.split('.').collect();
    octets.reverse();
    octets.join(".").parse().ok()
}

/// `ip-10-0-0-5`
fn numbered(host: &str) -> Option<Ipv4Addr> {
    host.strip_prefix("ip-")?.replace('-', ".").parse().ok()
}

/// The address that a query (a UDP datagram) is about: the answer says whether somebody has it.
pub(crate) fn asked(vpc: &VpcTable, datagram: &[u8]) -> Option<u32> {
    let name = question(datagram.get(UDP_BYTES..)?)?.name;
    let address = match name.strip_suffix(".in-addr.arpa") {
        Some(reverse) => reversed(reverse),
        None => numbered(name.strip_suffix(&*vpc.domain)?.strip_suffix('.')?),
    };
    address.map(u32::from)
}

pub(crate) fn answer(
    fabric: &Fabric,
    table: &PortTable,
    packet: &Packet,
    frame: &[u8],
    out: &mut Vec<u8>,
) -> Result<Answer, DropReason> {
    let (body, answer) = respond(fabric, &fabric.vpcs[table.vpc], frame.get(L4 + UDP_BYTES..))?;
    let to = Datagram { to_mac: table.mac, source: packet.destination, destination: packet.source, protocol: UDP };
    build::ipv4_frame(out, to, UDP_BYTES + body.len());
    out[L4 + UDP_BYTES..].copy_from_slice(&body);
    build::finish_udp(out, 53, packet.ports.source);
    Ok(answer)
}

/// The same over IPv6.
pub(crate) fn answer6(
    fabric: &Fabric,
    table: &PortTable,
    packet: &Packet<u128>,
    frame: &[u8],
    out: &mut Vec<u8>,
) -> Result<Answer, DropReason> {
    let (body, answer) = respond(fabric, &fabric.vpcs[table.vpc], frame.get(usize::from(packet.chain.l4) + UDP_BYTES..))?;
    let (source, destination) = (packet.destination, packet.source);
    let to = Datagram6 { to_mac: table.mac, source, destination, protocol: UDP, hop_limit: 64 };
    build::ipv6_frame(out, to, UDP_BYTES + body.len());
    out[L4_6 + UDP_BYTES..].copy_from_slice(&body);
    build::finish_udp6(out, 53, packet.ports.source);
    Ok(answer)
}

/// The answer to a message: all of what goes into the UDP datagram.
fn respond(fabric: &Fabric, vpc: &VpcTable, message: Option<&[u8]>) -> Result<(Vec<u8>, Answer), DropReason> {
    let message = message.ok_or(DropReason::DnsMalformed)?;
    let header: &[u8; HEADER_BYTES] = message.first_chunk().ok_or(DropReason::DnsMalformed)?;
    // A query with exactly one question; additional records (EDNS) are not looked at.
    if header[2] & 0x80 != 0 || header[4..10] != [0, 1, 0, 0, 0, 0] {
        return Err(DropReason::DnsMalformed);
    }
    let q = question(message).ok_or(DropReason::DnsMalformed)?;
    let mut records: Vec<(u16, Vec<u8>)> = Vec::new();
    let code = if header[2] & 0x78 != 0 {
        NOT_IMPLEMENTED
    } else if q.class != IN {
        SERVFAIL
    } else {
        match find(fabric, vpc, &q.name, u16::from_be_bytes([header[0], header[1]])) {
            Found::Elsewhere => SERVFAIL,
            Found::Nothing => NXDOMAIN,
            Found::Addresses(v4, v6) => {
                if matches!(q.kind, A | ANY) {
                    records.extend(v4.iter().map(|a| (A, a.octets().to_vec())));
                }
                if matches!(q.kind, AAAA | ANY) {
                    records.extend(v6.iter().map(|a| (AAAA, a.octets().to_vec())));
                }
                NO_ERROR
            }
            Found::Name(n) => {
                if matches!(q.kind, PTR | ANY) {
                    records.push((PTR, encode_name(&n)));
                }
                NO_ERROR
            }
        }
    };
    let mut body = Vec::with_capacity(128);
    body.extend_from_slice(&header[..2]);
    // Response, opcode and "recursion desired" as asked; authoritative for the VPC's names; recursion available.
    let authoritative = if matches!(code, NO_ERROR | NXDOMAIN) { 0x04 } else { 0 };
    body.extend_from_slice(&[0x80 | header[2] & 0x79 | authoritative, 0x80 | code]);
    body.extend_from_slice(&[0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
    body.extend_from_slice(q.raw);
    for (kind, data) in records {
        body.extend_from_slice(&[0xc0, HEADER_BYTES as u8]);
        body.extend_from_slice(&kind.to_be_bytes());
        body.extend_from_slice(&IN.to_be_bytes());
        body.extend_from_slice(&TTL_SECONDS.to_be_bytes());
        body.extend_from_slice(&(data.len() as u16).to_be_bytes());
        body.extend_from_slice(&data);
    }
    Ok((body, if matches!(code, NO_ERROR | NXDOMAIN) { Answer::Dns } else { Answer::DnsRefused }))
}

pub(crate) fn encode_name(name: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len() + 2);
    for label in name.split('.').filter(|l| !l.is_empty()) {
        let label = &label.as_bytes()[..label.len().min(63)];
        out.push(label.len() as u8);
        out.extend_from_slice(label);
    }
    out.push(0);
    out
}
