//! DHCP (RFC 2131, 2132) for one client with one address: stateless, answered from the port's configuration.
//!
//! The server's address is the subnet's gateway. A client that asks for another address is refused (NAK), so that it comes
//! back for the right one.

use super::Answer;
use crate::build::{self, Datagram};
use crate::config::PortTable;
use crate::drop::DropReason;
use crate::parse::{L4, UDP};
use types::MacAddr;

const UDP_BYTES: usize = 8;
/// Fixed part up to and with the magic cookie.
const FIXED_BYTES: usize = 240;
const MAGIC: [u8; 4] = [99, 130, 83, 99];
/// Clients may drop shorter messages (RFC 1542, section 2.1).
const MESSAGE_BYTES_MIN: usize = 300;

const DISCOVER: u8 = 1;
const OFFER: u8 = 2;
const REQUEST: u8 = 3;
const ACK: u8 = 5;
const NAK: u8 = 6;
const INFORM: u8 = 8;

struct Request<'a> {
    fixed: &'a [u8; FIXED_BYTES],
    kind: u8,
    requested: Option<u32>,
    server: Option<u32>,
    client_address: u32,
    broadcast: bool,
}

fn parse<'a>(table: &PortTable, frame: &'a [u8]) -> Option<Request<'a>> {
    let message = frame.get(L4 + UDP_BYTES..)?;
    let fixed: &[u8; FIXED_BYTES] = message.first_chunk()?;
    // BOOTREQUEST, Ethernet, not through a relay, of this port's card.
    if fixed[..3] != [1, 1, 6] || fixed[24..28] != [0; 4] || fixed[28..34] != table.mac.0 || fixed[236..] != MAGIC {
        return None;
    }
    let word = |b: &[u8]| Some(u32::from_be_bytes(*b.first_chunk::<4>().filter(|_| b.len() == 4)?));
    let mut request = Request {
        fixed,
        kind: 0,
        requested: None,
        server: None,
        client_address: word(&fixed[12..16])?,
        broadcast: fixed[10] & 0x80 != 0,
    };
    let mut rest = &message[FIXED_BYTES..];
    while let [code, tail @ ..] = rest {
        match code {
            0 => rest = tail,
            255 => break,
            _ => {
                let (&len, tail) = tail.split_first()?;
                let (value, tail) = tail.split_at_checked(usize::from(len))?;
                match code {
                    50 => request.requested = Some(word(value)?),
                    53 => request.kind = *value.first().filter(|_| value.len() == 1)?,
                    54 => request.server = Some(word(value)?),
                    _ => {}
                }
                rest = tail;
            }
        }
    }
    Some(request)
}

pub(crate) fn answer(table: &PortTable, frame: &[u8], out: &mut Vec<u8>) -> Result<Answer, DropReason> {
    let request = parse(table, frame).ok_or(DropReason::DhcpMalformed)?;
    let own = *table.v4.addresses.first().ok_or(DropReason::DhcpIgnored)?;
    let kind = match request.kind {
        DISCOVER => OFFER,
        REQUEST => {
            // Selecting and rebooting name the address in option 50, renewing and rebinding in ciaddr.
            let wanted = request.requested.unwrap_or(request.client_address);
            match request.server {
                Some(server) if server != table.gateway => return Err(DropReason::DhcpIgnored),
                _ if wanted == own => ACK,
                _ => NAK,
            }
        }
        INFORM => ACK,
        _ => return Err(DropReason::DhcpIgnored),
    };
    let inform = request.kind == INFORM;
    let mut options = Vec::with_capacity(128);
    let mut option = |code: u8, value: &[u8]| {
        let value = &value[..value.len().min(255)];
        options.extend_from_slice(&[code, value.len() as u8]);
        options.extend_from_slice(value);
    };
    option(53, &[kind]);
    option(54, &table.gateway.to_be_bytes());
    if kind != NAK {
        if !inform {
            let lease = table.lease_seconds;
            option(51, &lease.to_be_bytes());
            option(58, &(lease / 2).to_be_bytes());
            option(59, &(lease / 8 * 7).to_be_bytes());
        }
        option(1, &table.subnet.netmask().octets());
        option(28, &table.subnet.last().octets());
        option(3, &table.gateway.to_be_bytes());
        let servers: Vec<u8> = table.dns_servers.iter().take(8).flat_map(|a| a.octets()).collect();
        if !servers.is_empty() {
            option(6, &servers);
        }
        if !table.hostname.is_empty() {
            option(12, table.hostname.as_bytes());
        }
        if !table.dhcp_domain.is_empty() {
            option(15, table.dhcp_domain.as_bytes());
        }
        option(26, &table.mtu.to_be_bytes());
    }
    options.push(255);

    // RFC 2131, section 4.1: to the client's address when it has one, else by the flag; a NAK always to all.
    let (destination, to_mac) = if kind == NAK {
        (u32::MAX, MacAddr::BROADCAST)
    } else if request.client_address == own {
        (own, table.mac)
    } else if request.broadcast || inform {
        (u32::MAX, MacAddr::BROADCAST)
    } else {
        (own, table.mac)
    };
    let message_bytes = (FIXED_BYTES + options.len()).max(MESSAGE_BYTES_MIN);
    build::ipv4_frame(out, Datagram { to_mac, source: table.gateway, destination, protocol: UDP }, UDP_BYTES + message_bytes);
    let message = &mut out[L4 + UDP_BYTES..];
    message[..3].copy_from_slice(&[2, 1, 6]);
    message[4..8].copy_from_slice(&request.fixed[4..8]);
    message[10..12].copy_from_slice(&request.fixed[10..12]);
    if kind != NAK {
        message[12..16].copy_from_slice(&request.fixed[12..16]);
        if !inform {
            message[16..20].copy_from_slice(&own.to_be_bytes());
        }
        message[20..24].copy_from_slice(&table.gateway.to_be_bytes());
    }
    message[28..44].copy_from_slice(&request.fixed[28..44]);
    message[236..240].copy_from_slice(&MAGIC);
    message[FIXED_BYTES..FIXED_BYTES + options.len()].copy_from_slice(&options);
    build::finish_udp(out, 67, 68);
    Ok(match kind {
        OFFER => Answer::DhcpOffer,
        ACK => Answer::DhcpAck,
        _ => Answer::DhcpNak,
    })
}
