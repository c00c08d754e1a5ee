//! A DHCPv6 client (RFC 8415): solicit, request, renew, rebind. Messages are pure; `network6` owns the loop.

use std::net::Ipv6Addr;
use std::time::Duration;

/// What a server granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub addresses: Vec<Ipv6Addr>,
    pub dns: Vec<Ipv6Addr>,
    /// The server's DUID.
    pub server: Vec<u8>,
    pub t1: Duration,
    pub t2: Duration,
    pub duration: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Solicit = 1,
    Request = 3,
    Renew = 5,
    Rebind = 6,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Advertise,
    Reply,
}

const CLIENT_ID: u16 = 1;
const SERVER_ID: u16 = 2;
const IA_NA: u16 = 3;
const IA_ADDRESS: u16 = 5;
const OPTIONS_ASKED: u16 = 6;
const ELAPSED: u16 = 8;
const RAPID_COMMIT: u16 = 14;
const DNS_SERVERS: u16 = 23;
const IAID: [u8; 4] = [0, 0, 0, 1];

/// DUID-LL (section 11.4).
fn client_id(mac: [u8; 6]) -> Vec<u8> {
    [&[0, 3, 0, 1], &mac[..]].concat()
}

fn put(m: &mut Vec<u8>, code: u16, value: &[u8]) {
    m.extend_from_slice(&code.to_be_bytes());
    m.extend_from_slice(&(value.len() as u16).to_be_bytes());
    m.extend_from_slice(value);
}

/// A message of a transaction (three bytes of `xid`). `lease`: what is asked for, or held.
pub fn message(kind: Kind, mac: [u8; 6], xid: u32, lease: Option<&Lease>) -> Vec<u8> {
    let mut m = xid.to_be_bytes().to_vec();
    m[0] = kind as u8;
    put(&mut m, CLIENT_ID, &client_id(mac));
    if let (Kind::Request | Kind::Renew, Some(lease)) = (kind, lease) {
        put(&mut m, SERVER_ID, &lease.server);
    }
    if kind == Kind::Solicit {
        put(&mut m, RAPID_COMMIT, &[]);
    }
    put(&mut m, ELAPSED, &[0, 0]);
    put(&mut m, OPTIONS_ASKED, &DNS_SERVERS.to_be_bytes());
    let mut ia = [&IAID[..], &[0; 8]].concat();
    for address in lease.iter().flat_map(|l| &l.addresses) {
        put(&mut ia, IA_ADDRESS, &[&address.octets()[..], &[0; 8]].concat());
    }
    put(&mut m, IA_NA, &ia);
    m
}

/// All of a message's options; `None`: they are cut.
fn options(mut rest: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        let (value, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes([head[2], head[3]])))?;
        all.push((u16::from_be_bytes([head[0], head[1]]), value));
        rest = tail;
    }
    Some(all)
}

fn seconds(bytes: &[u8]) -> Option<Duration> {
    Some(Duration::from_secs(u32::from_be_bytes(bytes.try_into().ok()?).into()))
}

fn address(bytes: &[u8]) -> Option<Ipv6Addr> {
    <[u8; 16]>::try_from(bytes).ok().map(Ipv6Addr::from)
}

/// Reads an answer to (mac, xid) that grants an address. Anything else gives `None`.
pub fn parse(m: &[u8], mac: [u8; 6], xid: u32) -> Option<(Answer, Lease)> {
    let (head, rest) = m.split_first_chunk::<4>()?;
    let answer = match head[0] {
        2 => Answer::Advertise,
        7 => Answer::Reply,
        _ => return None,
    };
    if head[1..] != xid.to_be_bytes()[1..] {
        return None;
    }
    let all = options(rest)?;
    let of = |code| all.iter().find(|(c, _)| *c == code).map(|(_, v)| *v);
    if of(CLIENT_ID)? != client_id(mac) {
        return None;
    }
    let ia = of(IA_NA).filter(|ia| ia.get(..4) == Some(&IAID))?;
    let (mut t1, mut t2) = (seconds(ia.get(4..8)?)?, seconds(ia.get(8..12)?)?);
    let (mut addresses, mut duration) = (Vec::new(), Duration::MAX);
    for (code, value) in options(&ia[12..])? {
        // A lifetime of 0 takes an address away.
        if code == IA_ADDRESS
            && let valid = seconds(value.get(20..24)?)?
            && !valid.is_zero()
        {
            addresses.push(address(&value[..16])?);
            duration = duration.min(valid.max(Duration::from_secs(10)));
        }
    }
    if addresses.is_empty() {
        return None;
    }
    // Section 14.2: what the server leaves to the client.
    if t1.is_zero() || t1 > duration {
        t1 = duration / 2;
    }
    if t2 < t1 || t2 > duration {
        t2 = duration / 5 * 4;
    }
    let dns = of(DNS_SERVERS).map_or(Vec::new(), |v| v.chunks_exact(16).filter_map(address).take(2).collect());
    Some((answer, Lease { addresses, dns, server: of(SERVER_ID)?.to_vec(), t1, t2, duration }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: [u8; 6] = [6, 0, 0, 0, 0, 1];

    fn answer(kind: u8, lifetimes: &[u32]) -> Vec<u8> {
        let mut m = vec![kind, 1, 2, 3];
        put(&mut m, SERVER_ID, &[0, 3, 0, 1, 9, 9, 9, 9, 9, 9]);
        put(&mut m, CLIENT_ID, &client_id(MAC));
        let mut ia = [&IAID[..], &1800u32.to_be_bytes(), &2880u32.to_be_bytes()].concat();
        for (n, t) in lifetimes.iter().enumerate() {
            let a: Ipv6Addr = format!("2001:db8::{n}").parse().unwrap();
            put(&mut ia, IA_ADDRESS, &[&a.octets()[..], &t.to_be_bytes(), &t.to_be_bytes()].concat());
        }
        put(&mut m, IA_NA, &ia);
        put(&mut m, DNS_SERVERS, &"fd00:ec2::253".parse::<Ipv6Addr>().unwrap().octets());
        m
    }

    #[test]
    fn reads_what_is_granted() {
        let (kind, lease) = parse(&answer(7, &[3600, 0, 3600]), MAC, 0x10203).unwrap();
        let granted: Vec<String> = lease.addresses.iter().map(|a| a.to_string()).collect();
        assert_eq!((kind, granted), (Answer::Reply, vec!["2001:db8::".to_owned(), "2001:db8::2".to_owned()]));
        assert_eq!((lease.t1.as_secs(), lease.t2.as_secs(), lease.duration.as_secs()), (1800, 2880, 3600));
        assert_eq!((lease.dns.len(), lease.server.len()), (1, 10));
        let renewal = message(Kind::Renew, MAC, 7, Some(&lease));
        let all = options(&renewal[4..]).unwrap();
        assert!(all.contains(&(SERVER_ID, &lease.server)) && !all.iter().any(|(c, _)| *c == RAPID_COMMIT));
        let rebind = message(Kind::Rebind, MAC, 7, Some(&lease));
        assert!(!options(&rebind[4..]).unwrap().iter().any(|(c, _)| *c == SERVER_ID));
    }

    #[test]
    fn refuses_what_is_not_an_answer_to_us() {
        let good = answer(7, &[3600]);
        assert!(parse(&good, MAC, 0xff01_0203).is_some(), "the transaction has three bytes");
        assert!(parse(&good, MAC, 0x10204).is_none() && parse(&good, [0; 6], 0x10203).is_none());
        assert!(parse(&answer(3, &[3600]), MAC, 0x10203).is_none() && parse(&answer(7, &[]), MAC, 0x10203).is_none());
        assert!(parse(&answer(7, &[0]), MAC, 0x10203).is_none());
        for len in 0..good.len() {
            // Cut anywhere: no panic, and never another address.
            if let Some((_, lease)) = parse(&good[..len], MAC, 0x10203) {
                assert_eq!(lease.addresses, parse(&good, MAC, 0x10203).unwrap().1.addresses);
            }
        }
    }
}
