//! DHCPv6 (RFC 8415) for one client: stateless, answered from the port's configuration, to and from link-local addresses.
//!
//! The client's first IA_NA gets all of the port's addresses; every other identity association nothing. The lease is always
//! the same, so that what a client releases or declines is its own to give back, and is there for it when it asks again.

use super::Answer;
use crate::build::{self, Datagram6, L4_6};
use crate::config::{PortTable, VpcTable};
use crate::drop::DropReason;
use crate::parse::{Packet, UDP};
use crate::{RESOLVER_ADDRESS6, ROUTER_ADDRESS6, ROUTER_MAC};

pub const SERVER: u16 = 547;
pub const CLIENT: u16 = 546;
/// ff02::1:2, where clients find servers.
pub const ALL_SERVERS: u128 = 0xff02 << 112 | 0x1_0002;

const UDP_BYTES: usize = 8;
/// RFC 8415, section 11.1: a DUID is at most 130 bytes.
const DUID_BYTES_MAX: usize = 130;
/// Identity associations of one message, and addresses of one.
const ASSOCIATIONS_MAX: usize = 8;
const LISTED_MAX: usize = 32;

const SOLICIT: u8 = 1;
const ADVERTISE: u8 = 2;
const REQUEST: u8 = 3;
const CONFIRM: u8 = 4;
const RENEW: u8 = 5;
const REBIND: u8 = 6;
const REPLY: u8 = 7;
const RELEASE: u8 = 8;
const DECLINE: u8 = 9;
const INFORMATION: u8 = 11;

const CLIENT_ID: u16 = 1;
const SERVER_ID: u16 = 2;
const IA_NA: u16 = 3;
const IA_TA: u16 = 4;
const IA_ADDRESS: u16 = 5;
const OPTIONS_ASKED: u16 = 6;
const STATUS: u16 = 13;
const RAPID_COMMIT: u16 = 14;
const DNS_SERVERS: u16 = 23;
const DOMAINS: u16 = 24;
const IA_PD: u16 = 25;

const NO_ADDRESSES: u16 = 2;
const NOT_ON_LINK: u16 = 4;
const NO_PREFIXES: u16 = 6;

/// DUID-LL (section 11.4) of the router.
fn server_id() -> [u8; 10] {
    let [a, b, c, d, e, f] = ROUTER_MAC.0;
    [0, 3, 0, 1, a, b, c, d, e, f]
}

#[derive(Default)]
struct Request<'a> {
    kind: u8,
    transaction: [u8; 3],
    client: Option<&'a [u8]>,
    server: Option<&'a [u8]>,
    rapid: bool,
    asked: Vec<u16>,
    /// (kind, IAID, addresses)
    associations: Vec<(u16, [u8; 4], Vec<u128>)>,
}

/// (code, value), or `None` where the options are cut.
fn options(mut rest: &[u8]) -> impl Iterator<Item = Option<(u16, &[u8])>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let read = rest.split_first_chunk::<4>().and_then(|(h, tail)| {
            let (value, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes([h[2], h[3]])))?;
            Some(((u16::from_be_bytes([h[0], h[1]]), value), tail))
        });
        rest = read.map_or(&[], |(_, tail)| tail);
        Some(read.map(|(option, _)| option))
    })
}

fn parse(message: &[u8]) -> Option<Request<'_>> {
    let (&[kind, a, b, c], rest) = message.split_first_chunk()?;
    let mut request = Request { kind, transaction: [a, b, c], ..Request::default() };
    for option in options(rest) {
        let (code, value) = option?;
        match code {
            CLIENT_ID | SERVER_ID => {
                let id = (3..=DUID_BYTES_MAX).contains(&value.len()).then_some(value)?;
                let known = if code == CLIENT_ID { &mut request.client } else { &mut request.server };
                if known.replace(id).is_some() {
                    return None;
                }
            }
            RAPID_COMMIT => request.rapid = true,
            OPTIONS_ASKED => request.asked = value.chunks_exact(2).map(|w| u16::from_be_bytes([w[0], w[1]])).collect(),
            IA_NA | IA_TA | IA_PD => {
                let (iaid, rest) = value.split_first_chunk::<4>()?;
                let rest = if code == IA_TA { rest } else { rest.get(8..)? };
                let mut listed = Vec::new();
                for option in options(rest) {
                    if let (IA_ADDRESS, value) = option? {
                        let address: &[u8; 16] = value.first_chunk().filter(|_| value.len() >= 24)?;
                        listed.push(u128::from_be_bytes(*address));
                    }
                }
                if request.associations.len() >= ASSOCIATIONS_MAX || listed.len() > LISTED_MAX {
                    return None;
                }
                request.associations.push((code, *iaid, listed));
            }
            _ => {}
        }
    }
    Some(request)
}

fn put(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(&(value.len() as u16).to_be_bytes());
    out.extend_from_slice(value);
}

fn put_address(out: &mut Vec<u8>, address: u128, lifetime_seconds: u32) {
    let mut value = address.to_be_bytes().to_vec();
    value.extend_from_slice(&lifetime_seconds.to_be_bytes());
    value.extend_from_slice(&lifetime_seconds.to_be_bytes());
    put(out, IA_ADDRESS, &value);
}

/// The identity associations of an answer; true: there is an address among them.
fn put_associations(table: &PortTable, request: &Request<'_>, out: &mut Vec<u8>) -> bool {
    let lease = table.lease_seconds;
    let mut given = false;
    for (code, iaid, listed) in &request.associations {
        let mut value = iaid.to_vec();
        let own = *code == IA_NA && !given && !table.v6.addresses.is_empty();
        if *code != IA_TA {
            // T1 and T2 (section 21.4): half the lease, and four fifths of it.
            let times = if own { [lease / 2, lease / 5 * 4] } else { [0; 2] };
            times.iter().for_each(|t| value.extend_from_slice(&t.to_be_bytes()));
        }
        if own {
            given = true;
            table.v6.addresses.iter().for_each(|&a| put_address(&mut value, a, lease));
            // What it holds and has no more (section 18.3.4).
            let gone = listed.iter().filter(|a| !table.v6.has_address(**a));
            gone.for_each(|&a| put_address(&mut value, a, 0));
        } else {
            let status = if *code == IA_PD { NO_PREFIXES } else { NO_ADDRESSES };
            put(&mut value, STATUS, &status.to_be_bytes());
        }
        put(out, *code, &value);
    }
    given
}

fn domains(domain: &str) -> Vec<u8> {
    super::dns::encode_name(domain)
}

/// Answers a message that came from the client's link-local address to [`ALL_SERVERS`].
pub(crate) fn answer(
    vpc: &VpcTable,
    table: &PortTable,
    packet: &Packet<u128>,
    frame: &[u8],
    out: &mut Vec<u8>,
) -> Result<Answer, DropReason> {
    let message = frame.get(usize::from(packet.chain.l4) + UDP_BYTES..).ok_or(DropReason::DhcpMalformed)?;
    let request = parse(message).ok_or(DropReason::DhcpMalformed)?;
    let ours = request.server.map(|id| id == server_id());
    // Section 16: which messages name a server, which a client.
    let wanted = match request.kind {
        SOLICIT | CONFIRM | REBIND => ours.is_none() && request.client.is_some(),
        REQUEST | RENEW | RELEASE | DECLINE => ours == Some(true) && request.client.is_some(),
        INFORMATION => ours != Some(false) && request.associations.is_empty(),
        _ => false,
    };
    if !wanted {
        return Err(DropReason::DhcpIgnored);
    }
    let mut body = vec![if request.kind == SOLICIT && !request.rapid { ADVERTISE } else { REPLY }];
    body.extend_from_slice(&request.transaction);
    put(&mut body, SERVER_ID, &server_id());
    if let Some(id) = request.client {
        put(&mut body, CLIENT_ID, id);
    }
    let mut given = false;
    match request.kind {
        SOLICIT | REQUEST | RENEW | REBIND => {
            if request.kind == SOLICIT && request.rapid {
                put(&mut body, RAPID_COMMIT, &[]);
            }
            given = put_associations(table, &request, &mut body);
        }
        CONFIRM => {
            let mut listed = request.associations.iter().flat_map(|(_, _, listed)| listed).peekable();
            listed.peek().ok_or(DropReason::DhcpIgnored)?;
            let fits = listed.all(|&a| table.v6.subnet.is_some_and(|s| s.contains(a.into())));
            put(&mut body, STATUS, &if fits { 0 } else { NOT_ON_LINK }.to_be_bytes());
        }
        RELEASE | DECLINE => put(&mut body, STATUS, &[0, 0]),
        _ => {}
    }
    if !matches!(request.kind, CONFIRM | RELEASE | DECLINE) {
        // The VPC's own resolver, unless the DHCP options name others, which are of IPv4.
        let resolver = vpc.dns_support && table.dns_servers.iter().any(|&a| u32::from(a) == vpc.resolver);
        if request.asked.contains(&DNS_SERVERS) && resolver {
            put(&mut body, DNS_SERVERS, &RESOLVER_ADDRESS6.octets());
        }
        if request.asked.contains(&DOMAINS) && !table.dhcp_domain.is_empty() {
            put(&mut body, DOMAINS, &domains(&table.dhcp_domain));
        }
    }
    let to =
        Datagram6 { to_mac: table.mac, source: ROUTER_ADDRESS6.into(), destination: packet.source, protocol: UDP, hop_limit: 64 };
    build::ipv6_frame(out, to, UDP_BYTES + body.len());
    out[L4_6 + UDP_BYTES..].copy_from_slice(&body);
    build::finish_udp6(out, SERVER, CLIENT);
    Ok(if body[0] == REPLY && given { Answer::DhcpAck } else { Answer::DhcpOffer })
}
