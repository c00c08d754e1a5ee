//! A DHCP client (RFC 2131): discover, request, renew. Messages and the choice of timers are pure; `network` owns the loop.

use std::net::Ipv4Addr;
use std::time::Duration;

/// What a server granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub address: Ipv4Addr,
    pub mask: Ipv4Addr,
    pub router: Option<Ipv4Addr>,
    pub dns: Vec<Ipv4Addr>,
    pub hostname: Option<String>,
    pub domain: Option<String>,
    pub mtu: Option<u16>,
    pub server: Ipv4Addr,
    pub duration: Duration,
    pub t1: Duration,
    pub t2: Duration,
}

impl Lease {
    pub fn prefix_len(&self) -> u32 {
        u32::from(self.mask).leading_ones()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Offer,
    Ack,
    Nak,
}

const MAGIC: [u8; 4] = [99, 130, 83, 99];
/// Subnet mask, router, DNS, hostname, domain, MTU, lease time, T1, T2.
const WANTED: [u8; 9] = [1, 3, 6, 12, 15, 26, 51, 58, 59];

/// The BOOTP message for a discover (`offer` is `None`) or the request of an offer. `ciaddr` is set when renewing.
pub fn message(mac: [u8; 6], xid: u32, offer: Option<&Lease>, renewing: bool) -> Vec<u8> {
    let mut m = vec![0u8; 240];
    m[..4].copy_from_slice(&[1, 1, 6, 0]);
    m[4..8].copy_from_slice(&xid.to_be_bytes());
    // While we have no address the answer must be broadcast, or the kernel would not show it to everybody.
    if !renewing {
        m[10] = 0x80;
    }
    m[28..34].copy_from_slice(&mac);
    m[236..240].copy_from_slice(&MAGIC);
    m.extend_from_slice(&[53, 1, if offer.is_some() { 3 } else { 1 }]);
    m.extend_from_slice(&[61, 7, 1]);
    m.extend_from_slice(&mac);
    match offer {
        Some(lease) if renewing => m[12..16].copy_from_slice(&lease.address.octets()),
        Some(lease) => {
            m.extend_from_slice(&[50, 4]);
            m.extend_from_slice(&lease.address.octets());
            m.extend_from_slice(&[54, 4]);
            m.extend_from_slice(&lease.server.octets());
        }
        None => {}
    }
    m.extend_from_slice(&[57, 2, 5, 220]);
    m.push(55);
    m.push(WANTED.len() as u8);
    m.extend_from_slice(&WANTED);
    m.push(255);
    // Servers of old expect at least the size of a BOOTP message.
    m.resize(m.len().max(300), 0);
    m
}

/// Reads an answer to (mac, xid). Anything else gives `None`.
pub fn parse(m: &[u8], mac: [u8; 6], xid: u32) -> Option<(Reply, Lease)> {
    if m.first()? != &2 || m.get(4..8)? != xid.to_be_bytes() || m.get(28..34)? != mac || m.get(236..240)? != MAGIC {
        return None;
    }
    let mut lease = Lease {
        address: ip(m.get(16..20)?)?,
        mask: Ipv4Addr::new(255, 255, 255, 0),
        router: None,
        dns: Vec::new(),
        hostname: None,
        domain: None,
        mtu: None,
        server: ip(m.get(20..24)?)?,
        duration: Duration::from_secs(3600),
        t1: Duration::ZERO,
        t2: Duration::ZERO,
    };
    let mut reply = None;
    let mut rest = m.get(240..)?;
    loop {
        match rest {
            [] | [255, ..] => break,
            [0, tail @ ..] => rest = tail,
            [code, len, tail @ ..] => {
                let value = tail.get(..usize::from(*len))?;
                rest = &tail[usize::from(*len)..];
                let seconds = || Some(Duration::from_secs(u32::from_be_bytes(value.try_into().ok()?).into()));
                match code {
                    1 => lease.mask = ip(value)?,
                    3 => lease.router = ip(value.get(..4)?),
                    6 => lease.dns = value.chunks_exact(4).filter_map(ip).take(3).collect(),
                    12 => lease.hostname = name(value),
                    15 => lease.domain = name(value),
                    26 => lease.mtu = value.try_into().ok().map(u16::from_be_bytes).filter(|m| *m >= 576),
                    51 => lease.duration = seconds()?.max(Duration::from_secs(10)),
                    53 => reply = Some(*value.first()?),
                    54 => lease.server = ip(value)?,
                    58 => lease.t1 = seconds()?,
                    59 => lease.t2 = seconds()?,
                    _ => {}
                }
            }
            [_] => return None,
        }
    }
    // RFC 2131 4.4.5: T1 is half the lease, T2 seven eighths, unless the server says otherwise.
    if lease.t1.is_zero() || lease.t1 > lease.duration {
        lease.t1 = lease.duration / 2;
    }
    if lease.t2 < lease.t1 || lease.t2 > lease.duration {
        lease.t2 = lease.duration / 8 * 7;
    }
    let reply = match reply? {
        2 => Reply::Offer,
        5 => Reply::Ack,
        6 => Reply::Nak,
        _ => return None,
    };
    Some((reply, lease))
}

fn ip(bytes: &[u8]) -> Option<Ipv4Addr> {
    <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from)
}

/// A DNS name that may be written into a file and given to the kernel.
fn name(bytes: &[u8]) -> Option<String> {
    let ok = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'.';
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    (!bytes.is_empty() && bytes.len() <= 255 && bytes.iter().all(ok)).then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Wraps a message into UDP 68 -> 67 and IPv4 from nobody to everybody.
pub fn ip_packet(payload: &[u8]) -> Vec<u8> {
    let udp_len = (8 + payload.len()) as u16;
    let mut p = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255];
    p[2..4].copy_from_slice(&(20 + udp_len).to_be_bytes());
    let sum = checksum(&p);
    p[10..12].copy_from_slice(&sum.to_be_bytes());
    for field in [68, 67, udp_len, 0] {
        p.extend_from_slice(&u16::to_be_bytes(field));
    }
    p.extend_from_slice(payload);
    p
}

/// The payload of an IPv4 UDP packet to port 68. Checksums are left to the (virtual) network card.
pub fn udp_payload(packet: &[u8]) -> Option<&[u8]> {
    let header = usize::from(packet.first()? & 15) * 4;
    if packet[0] >> 4 != 4 || packet.get(9)? != &17 || header < 20 {
        return None;
    }
    let udp = packet.get(header..)?;
    (udp.get(2..4)? == 68u16.to_be_bytes()).then(|| udp.get(8..))?
}

fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes.chunks(2).map(|c| u32::from(u16::from_be_bytes([c[0], *c.get(1).unwrap_or(&0)]))).sum();
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: [u8; 6] = [6, 0, 0, 0, 0, 1];

    fn answer(kind: u8, options: &[u8]) -> Vec<u8> {
        let mut m = message(MAC, 7, None, false);
        m[0] = 2;
        m[16..20].copy_from_slice(&[10, 0, 0, 5]);
        m.truncate(240);
        m.extend_from_slice(&[53, 1, kind]);
        m.extend_from_slice(options);
        m.push(255);
        m
    }

    #[test]
    fn reads_an_offer() {
        let options = [
            1, 4, 255, 255, 0, 0, 3, 4, 10, 0, 0, 1, 6, 4, 10, 0, 0, 2, 26, 2, 5, 170, 51, 4, 0, 0, 14, 16, 54, 4, 169, 254, 0,
            1, 12, 4, b'h', b'o', b's', b't',
        ];
        let (reply, lease) = parse(&answer(2, &options), MAC, 7).unwrap();
        assert_eq!((reply, lease.address, lease.prefix_len()), (Reply::Offer, Ipv4Addr::new(10, 0, 0, 5), 16));
        assert_eq!((lease.router, lease.mtu), (Some(Ipv4Addr::new(10, 0, 0, 1)), Some(1450)));
        assert_eq!((lease.duration.as_secs(), lease.t1.as_secs()), (3600, 1800));
        assert_eq!(lease.hostname.as_deref(), Some("host"));
    }

    #[test]
    fn refuses_what_is_not_an_answer_to_us() {
        let good = answer(5, &[]);
        assert!(parse(&good, MAC, 7).is_some());
        assert!(parse(&good, MAC, 8).is_none());
        assert!(parse(&good, [0; 6], 7).is_none());
        assert!(parse(&answer(9, &[]), MAC, 7).is_none());
        for len in 0..good.len() - 1 {
            // Truncated anywhere: no panic, and never another lease than the whole message's.
            if let Some((_, lease)) = parse(&good[..len], MAC, 7) {
                assert_eq!(lease, parse(&good, MAC, 7).unwrap().1);
            }
        }
        assert!(name(b"a;reboot").is_none());
    }

    #[test]
    fn packs_udp() {
        let mut packet = ip_packet(b"hello");
        assert_eq!(checksum(&packet[..20]), 0);
        packet[22..24].copy_from_slice(&68u16.to_be_bytes());
        assert_eq!(udp_payload(&packet), Some(&b"hello"[..]));
        assert_eq!(udp_payload(&packet[..10]), None);
    }
}
