//! Neighbour discovery, router advertisements, DHCPv6, and the services at their addresses of IPv6; and guests that lie in them.

mod common;
use common::six::*;
use common::*;
use std::net::Ipv6Addr;
use types::MacAddr;
use vswitch::{DropReason as R, ROUTER_MAC};

use Verdict::*;

const NS: u8 = 135;
const NA: u8 = 136;

fn solicited(target: Ipv6Addr) -> Ipv6Addr {
    let o = target.octets();
    format!("ff02::1:ff{:02x}:{:02x}{:02x}", o[13], o[14], o[15]).parse().unwrap()
}

/// Flags or reserved, target, and an option with a link address.
fn neighbor(flags: u8, target: Ipv6Addr, option: Option<(u8, MacAddr)>) -> Vec<u8> {
    let mut rest = vec![flags, 0, 0, 0];
    rest.extend_from_slice(&target.octets());
    if let Some((kind, mac)) = option {
        rest.extend_from_slice(&[kind, 1]);
        rest.extend_from_slice(&mac.0);
    }
    rest
}

fn ns(mac: MacAddr, src: Ipv6Addr, target: Ipv6Addr, link: Option<MacAddr>) -> Vec<u8> {
    icmp6(mac, src, solicited(target), 255, NS, 0, &neighbor(0, target, link.map(|m| (1, m))))
}

#[test]
fn neighbours() {
    let mut w = World::new(net6());
    let n = w.net.nic("a").clone();
    let (mac, own, link) = (n.mac, n.ip6(), n.link());
    // (row, target, answered, as a router)
    let rows = [
        ("router", ROUTER, true, true),
        ("router's address in the subnet", "2001:db8:0:101::", true, true),
        ("a peer", "2001:db8:0:101::1:6", true, false),
        ("an address nobody has", "2001:db8:0:101::99", true, false),
        ("metadata", "fd00:ec2::254", true, false),
        ("resolver", "fd00:ec2::253", true, false),
        ("another subnet", "2001:db8:0:102::2:7", false, false),
        ("another's link-local address", "fe80::9", false, false),
        ("outside", OUTSIDE6, false, false),
        ("its own address", "2001:db8:0:101::1:5", false, false),
    ];
    for (row, target, answered, router) in rows {
        let target = ip6(target);
        for source in [own, link, ip6("::")] {
            let option = (!source.is_unspecified()).then_some(mac);
            let verdict = if answered { Deliver("a") } else { Drop(R::NeighborIgnored) };
            let out = w.expect(row, "a", &ns(mac, source, target, option), verdict);
            if !answered {
                continue;
            }
            let f = out.frame();
            let to = if source.is_unspecified() { ip6(ALL_NODES) } else { source };
            assert_eq!(check6(f), (ip6(ROUTER), to), "{row}");
            assert_eq!((f[21], f[54], f[55]), (255, NA, 0), "{row}");
            let solicited = if source.is_unspecified() { 0 } else { 0x40 };
            assert_eq!(f[58], solicited | if router { 0xa0 } else { 0 }, "{row}: flags");
            assert_eq!((&f[62..78], &f[78..86]), (&target.octets()[..], &[&[2, 1], &ROUTER_MAC.0[..]].concat()[..]), "{row}");
            let to_mac = if source.is_unspecified() { [0x33, 0x33, 0, 0, 0, 1] } else { mac.0 };
            assert_eq!(common::link(f), (ROUTER_MAC.0, to_mac), "{row}");
        }
    }
    assert!(w.stats("a").guest_configured && w.stats("a").neighbor_replies == 18);
    let unicast = icmp6(mac, own, ip6(ROUTER), 255, NS, 0, &neighbor(0, ip6(ROUTER), None));
    w.expect("is the router still there", "a", &unicast, Deliver("a"));
    let announced = icmp6(mac, own, ip6(ALL_NODES), 255, NA, 0, &neighbor(0x20, own, Some((2, mac))));
    w.expect("its own announcement", "a", &announced, Drop(R::NeighborIgnored));
    w.expect("a probe of its own address", "a", &ns(mac, ip6("::"), link, None), Drop(R::NeighborIgnored));
}

#[test]
fn a_guest_that_lies_in_discovery() {
    let mut w = World::new(net6());
    let n = w.net.nic("a").clone();
    let (mac, own, link) = (n.mac, n.ip6(), n.link());
    let b = w.net.nic("b").clone();
    let (router, all) = (ip6(ROUTER), ip6(ALL_NODES));
    let na = |src, dst, flags, target, link| icmp6(mac, src, dst, 255, NA, 0, &neighbor(flags, target, Some((2, link))));
    let ra = |src, dst| icmp6(mac, src, dst, 255, 134, 0, &[64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
    let with = |mut f: Vec<u8>, at: usize, byte: u8| {
        f[at] = byte;
        f
    };
    let good = ns(mac, own, router, Some(mac));
    let dhcp = |src, ports, dst| udp6(mac, src, dst, ports, &[1, 1, 2, 3]);
    let rows: Vec<(&str, Vec<u8>, R)> = vec![
        ("asks with a peer's address", ns(mac, b.ip6(), router, Some(mac)), R::NeighborSpoofed),
        ("asks as the router", ns(mac, router, b.ip6(), Some(mac)), R::NeighborSpoofed),
        ("asks with a peer's link address", ns(mac, own, router, Some(b.mac)), R::NeighborSpoofed),
        ("asks with another's link-local address", ns(mac, b.link(), router, Some(mac)), R::NeighborSpoofed),
        ("announces a peer's address", na(own, all, 0x20, b.ip6(), mac), R::AdvertisementSpoofed),
        ("announces a peer's address to it", na(own, b.ip6(), 0x60, own, b.mac), R::AdvertisementSpoofed),
        ("announces the router", na(own, all, 0xa0, router, mac), R::AdvertisementSpoofed),
        ("announces from the router", na(router, all, 0x20, own, mac), R::AdvertisementSpoofed),
        ("announces itself as a router", na(link, all, 0xa0, link, mac), R::AdvertisementSpoofed),
        ("advertises itself as a router", ra(link, all), R::AdvertisementSpoofed),
        ("advertises to a peer", ra(own, b.ip6()), R::AdvertisementSpoofed),
        ("advertises to another host", ra(own, w.ip6("d")), R::AdvertisementSpoofed),
        ("redirects", icmp6(mac, link, b.ip6(), 255, 137, 0, &[0; 36]), R::AdvertisementSpoofed),
        ("asks a peer elsewhere", icmp6(mac, own, w.ip6("d"), 64, NS, 0, &neighbor(0, own, None)), R::NeighborMalformed),
        ("from beyond a router", with(good.clone(), 21, 254), R::NeighborMalformed),
        ("wrong checksum", with(good.clone(), 57, !good[57]), R::NeighborMalformed),
        ("a code", icmp6(mac, own, router, 255, NS, 1, &neighbor(0, router, None)), R::NeighborMalformed),
        ("cut", icmp6(mac, own, router, 255, NS, 0, &neighbor(0, router, None)[..12]), R::NeighborMalformed),
        (
            "an option of no length",
            icmp6(mac, own, router, 255, NS, 0, &[&neighbor(0, router, None)[..], &[1, 0, 0, 0, 0, 0, 0, 0]].concat()),
            R::NeighborMalformed,
        ),
        (
            "an option beyond the end",
            icmp6(mac, own, router, 255, NS, 0, &[&neighbor(0, router, None)[..], &[1, 2, 0, 0, 0, 0, 0, 0]].concat()),
            R::NeighborMalformed,
        ),
        ("a multicast target", icmp6(mac, own, all, 255, NS, 0, &neighbor(0, all, None)), R::NeighborMalformed),
        ("a probe with a link address", ns(mac, ip6("::"), b.ip6(), Some(mac)), R::NeighborMalformed),
        ("a probe to one", icmp6(mac, ip6("::"), router, 255, NS, 0, &neighbor(0, router, None)), R::NeighborMalformed),
        ("in fragments", fragments6(&good, 16)[0].clone(), R::FragmentToService),
        ("router solicitation as a peer", icmp6(mac, b.link(), ip6("ff02::2"), 255, 133, 0, &[0; 4]), R::NeighborSpoofed),
        (
            "of multicast groups",
            extended(&icmp6(mac, link, ip6("ff02::16"), 1, 143, 0, &[0; 24]), &[(0, &[0, 5, 2, 0, 0, 1, 0])]),
            R::MulticastListener,
        ),
        ("mDNS", udp6(mac, link, ip6("ff02::fb"), (5353, 5353), b""), R::Multicast),
        ("mDNS as a peer", udp6(mac, b.link(), ip6("ff02::fb"), (5353, 5353), b""), R::SourceIpSpoofed),
        ("from nowhere", udp6(mac, ip6("::"), b.ip6(), (1, 2), b""), R::SourceIpSpoofed),
        ("another's address", udp6(mac, b.ip6(), w.ip6("d"), (1, 2), b""), R::SourceIpSpoofed),
        ("its link-local address to a peer", udp6(mac, link, b.ip6(), (1, 2), b""), R::SourceIpSpoofed),
        ("to a peer's link-local address", udp6(mac, own, b.link(), (1, 2), b""), R::LinkLocal),
        ("the router's address as source", udp6(mac, ip6("2001:db8:0:101::"), b.ip6(), (1, 2), b""), R::SourceIpSpoofed),
        ("metadata's as source", udp6(mac, ip6("fd00:ec2::254"), b.ip6(), (1, 2), b""), R::SourceIpSpoofed),
        ("a DHCPv6 server's answer", dhcp(own, (547, 546), b.ip6()), R::DhcpServerSpoofed),
        ("and to all", dhcp(link, (547, 546), all), R::DhcpServerSpoofed),
        ("DHCPv6 as a peer", dhcp(b.link(), (546, 547), ip6(SERVERS)), R::SourceIpSpoofed),
        ("DHCPv6 not by the link", dhcp(own, (546, 547), ip6(SERVERS)), R::SourceIpSpoofed),
        ("DHCPv6 to the router itself", dhcp(link, (546, 547), router), R::LinkLocal),
        ("another's link address", ns(b.mac, own, router, None), R::SourceMacSpoofed),
    ];
    let count = rows.len() as u64;
    for (row, frame, reason) in rows {
        w.expect(row, "a", &frame, Drop(reason));
    }
    assert_eq!(w.stats("a").drops.total(), count);
    assert_eq!((w.stats("a").rx_frames, w.stats("b").rx_frames, w.stats("d").rx_frames), (0, 0, 0));
    // What another host lets through does not arrive either.
    let d = w.net.nic("d").clone();
    let late = encapsulate(5000, d.mac, &icmp6(mac, own, d.ip6(), 255, 134, 0, &[64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(w.receive(HOST2, HOST1, &late).verdict(), Drop(R::AdvertisementSpoofed));
}

#[test]
fn the_router_is_advertised() {
    let mut w = World::new(net6());
    let n = w.net.nic("a").clone();
    let rs = |src, option: &[u8]| icmp6(n.mac, src, ip6("ff02::2"), 255, 133, 0, &[&[0; 4], option].concat());
    let own_link = [&[1, 1], &n.mac.0[..]].concat();
    for (source, option, to) in [(ip6("::"), &[][..], ip6(ALL_NODES)), (n.link(), &own_link, n.link())] {
        let out = w.expect("asked", "a", &rs(source, option), Deliver("a"));
        let f = out.frame();
        assert_eq!(check6(f), (ip6(ROUTER), to));
        assert_eq!((f[21], &f[54..56], &f[58..62]), (255, &[134, 0][..], &[64, 0x80, 7, 8][..]), "managed; 1800 s");
        assert_eq!(f[70..78], *[&[1, 1], &ROUTER_MAC.0[..]].concat());
        assert_eq!((f[78], f[79], &f[82..86]), (5, 1, &9001u32.to_be_bytes()[..]), "MTU");
        assert_eq!(f[86..90], [3, 4, 64, 0x80], "on the link; no address is made of it");
        assert_eq!((&f[102..118], f.len()), (&ip6("2001:db8:0:101::").octets()[..], 118));
    }
    w.expect("no address, a link address", "a", &rs(ip6("::"), &own_link), Drop(R::NeighborMalformed));
    // Not asked: to guests that are there, each ten minutes.
    let heard = |w: &mut World| {
        let mut out = Recorder::default();
        let now = w.now_ms;
        w.switches.get_mut(&HOST1).unwrap().advertise(now, &mut out);
        out.delivered.iter().map(|(p, _)| *p).collect::<Vec<_>>()
    };
    let (a, b) = (w.index("a"), w.index("b"));
    assert_eq!(heard(&mut w), []);
    w.send("b", &w.udp("b", "10.0.1.5", (1, 2), b""));
    assert_eq!(heard(&mut w), [b], "its first sign of life");
    w.now_ms += 600_000;
    assert_eq!(heard(&mut w), [a, b]);
    assert_eq!(heard(&mut w), []);
    assert_eq!(w.stats("a").router_advertisements, 3);
}

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), &(value.len() as u16).to_be_bytes(), value].concat()
}

const CLIENT_ID: &[u8] = &[0, 3, 0, 1, 6, 0, 0, 0, 1, 5];
const SERVER_ID: &[u8] = &[0, 3, 0, 1, 2, 0x53, 0x54, 0x52, 0, 1];

fn ia(code: u16, iaid: u8, addresses: &[&str]) -> Vec<u8> {
    let mut value = vec![0, 0, 0, iaid];
    if code != 4 {
        value.extend_from_slice(&[0; 8]);
    }
    for a in addresses {
        value.extend(option(5, &[&ip6(a).octets()[..], &[0; 8]].concat()));
    }
    option(code, &value)
}

/// What an IA of an answer holds: (address, lifetime), or a status.
fn held(value: &[u8], fixed: usize) -> (Vec<(Ipv6Addr, u32)>, Option<u16>) {
    let (mut addresses, mut status) = (vec![], None);
    for (code, value) in options(&value[fixed..]) {
        match code {
            5 => {
                let octets: [u8; 16] = value[..16].try_into().unwrap();
                addresses.push((octets.into(), u32::from_be_bytes(value[20..24].try_into().unwrap())));
            }
            13 => status = Some(u16::from_be_bytes([value[0], value[1]])),
            other => panic!("option {other}"),
        }
    }
    (addresses, status)
}

fn options(mut rest: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut all = vec![];
    while !rest.is_empty() {
        let len = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        all.push((u16::from_be_bytes([rest[0], rest[1]]), rest[4..4 + len].to_vec()));
        rest = &rest[4 + len..];
    }
    all
}

#[test]
fn dhcp6() {
    let mut n = net6();
    n.nic_mut("a").ipv6.push(ip6("2001:db8:0:101::aa"));
    let mut w = World::new(n);
    let nic = w.net.nic("a").clone();
    let (first, second) = ("2001:db8:0:101::1:5", "2001:db8:0:101::aa");
    let (client, server) = (option(1, CLIENT_ID), option(2, SERVER_ID));
    let other = option(2, &[0, 3, 0, 1, 9, 9, 9, 9, 9, 9]);
    let (rapid, asked) = (option(14, &[]), option(6, &[0, 23, 0, 24]));
    let both: &[(&str, u32)] = &[(first, 3600), (second, 3600)];
    let gone = [(first, 3600), (second, 3600), ("2001:db8:0:101::bb", 0)];
    let (na, empty) = (ia(3, 1, &[]), Vec::new());
    // (row, kind, options, answer: its kind, what its first IA has, its status)
    type Row<'a> = (&'a str, u8, Vec<&'a Vec<u8>>, Result<(u8, &'a [(&'a str, u32)], Option<u16>), R>);
    let (stale, right, odd) = (ia(3, 1, &["2001:db8:0:101::bb"]), ia(3, 1, &[first]), ia(3, 1, &["2001:db8:9::1"]));
    let rows: Vec<Row> = vec![
        ("solicit", 1, vec![&client, &na], Ok((2, both, None))),
        ("solicit, rapid commit", 1, vec![&client, &rapid, &na], Ok((7, both, None))),
        ("solicit to a server", 1, vec![&client, &server, &na], Err(R::DhcpIgnored)),
        ("solicit of nobody", 1, vec![&na], Err(R::DhcpIgnored)),
        ("request", 3, vec![&client, &server, &na], Ok((7, both, None))),
        ("request to another", 3, vec![&client, &other, &na], Err(R::DhcpIgnored)),
        ("request to nobody", 3, vec![&client, &na], Err(R::DhcpIgnored)),
        ("renew", 5, vec![&client, &server, &right], Ok((7, both, None))),
        ("renew of what it has no more", 5, vec![&client, &server, &stale], Ok((7, &gone, None))),
        ("rebind", 6, vec![&client, &right], Ok((7, both, None))),
        ("rebind to a server", 6, vec![&client, &server, &right], Err(R::DhcpIgnored)),
        ("confirm", 4, vec![&client, &right], Ok((7, &[], Some(0)))),
        ("confirm on another link", 4, vec![&client, &odd], Ok((7, &[], Some(4)))),
        ("confirm of nothing", 4, vec![&client, &na], Err(R::DhcpIgnored)),
        ("release", 8, vec![&client, &server, &right], Ok((7, &[], Some(0)))),
        ("decline", 9, vec![&client, &server, &right], Ok((7, &[], Some(0)))),
        ("information request", 11, vec![&asked], Ok((7, &[], None))),
        ("information request with an IA", 11, vec![&na], Err(R::DhcpIgnored)),
        ("an advertisement", 2, vec![&client, &server, &na], Err(R::DhcpIgnored)),
        ("relayed", 12, vec![&client], Err(R::DhcpIgnored)),
        ("two clients", 1, vec![&client, &client], Err(R::DhcpMalformed)),
        ("nothing", 0, vec![&empty], Err(R::DhcpIgnored)),
    ];
    for (row, kind, parts, expected) in rows {
        let mut message = vec![kind, 7, 8, 9];
        parts.iter().for_each(|p| message.extend_from_slice(p));
        let frame = udp6(nic.mac, nic.link(), ip6(SERVERS), (546, 547), &message);
        let verdict = expected.map_or_else(Drop, |_| Deliver("a"));
        let out = w.expect(row, "a", &frame, verdict);
        let Ok((answer, addresses, status)) = expected else { continue };
        let f = out.frame();
        assert_eq!(check6(f), (ip6(ROUTER), nic.link()), "{row}");
        assert_eq!((&f[54..58], &f[62..66]), (&[2, 35, 2, 34][..], &[answer, 7, 8, 9][..]), "{row}");
        let found = options(&f[66..]);
        let of = |code| found.iter().find(|(c, _)| *c == code).map(|(_, v)| v.as_slice());
        assert_eq!(of(2), Some(SERVER_ID), "{row}");
        assert_eq!(of(1).is_some(), parts.contains(&&client), "{row}");
        assert_eq!(of(14).is_some(), kind == 1 && answer == 7, "{row}: rapid commit");
        assert_eq!(of(13).map(|v| u16::from(v[1])), status, "{row}: status");
        let expected: Vec<(Ipv6Addr, u32)> = addresses.iter().map(|(a, t)| (ip6(a), *t)).collect();
        assert_eq!(of(3).map_or(vec![], |v| held(v, 12).0), expected, "{row}: addresses");
        if let Some(v) = of(3) {
            assert_eq!(v[4..12], [0, 0, 7, 8, 0, 0, 0xb, 0x40], "{row}: T1 1800 s, T2 2880 s");
        }
        let wanted = parts.contains(&&asked);
        assert_eq!(of(23), wanted.then_some(&ip6("fd00:ec2::253").octets()[..]), "{row}: resolver");
        assert_eq!(of(24), wanted.then_some(&b"\x03ec2\x08internal\x00"[..]), "{row}: domain");
    }
    // Only the first IA_NA is given anything.
    let message = [&[1, 7, 8, 9][..], &client, &na, &ia(3, 2, &[]), &ia(4, 3, &[]), &ia(25, 4, &[])].concat();
    let out = w.expect("many", "a", &udp6(nic.mac, nic.link(), ip6(SERVERS), (546, 547), &message), Deliver("a"));
    let found: Vec<_> = options(&out.frame()[66..])
        .into_iter()
        .filter(|(c, _)| matches!(c, 3 | 4 | 25))
        .map(|(c, v)| (c, v[3], held(&v, if c == 4 { 4 } else { 12 })))
        .map(|(c, iaid, (addresses, status))| (c, iaid, addresses.len(), status))
        .collect();
    assert_eq!(found, [(3, 1, 2, None), (3, 2, 0, Some(2)), (4, 3, 0, Some(2)), (25, 4, 0, Some(6))]);
    for n in 0..message.len() {
        let cut = udp6(nic.mac, nic.link(), ip6(SERVERS), (546, 547), &message[..n]);
        assert!(!matches!(w.send("a", &cut).verdict(), Local(_) | Sent(..)), "cut at {n}");
    }
}

#[test]
fn services() {
    let mut w = World::new(net6());
    let metadata = ip6("fd00:ec2::254");
    w.expect("metadata", "a", &w.tcp6("a", metadata, (1, 80), "S"), Local("a"));
    w.expect("metadata is TCP", "a", &w.udp6("a", metadata, (1, 80), b""), Drop(R::LinkLocal));
    w.net.nic_mut("b").metadata = false;
    w.apply();
    w.expect("none", "b", &w.tcp6("b", metadata, (1, 80), "S"), Drop(R::MetadataDisabled));
    let router = ip6("2001:db8:0:101::");
    let out = w.expect("ping of the router", "a", &w.ping6("a", router, 5), Deliver("a"));
    assert_eq!((check6(out.frame()), out.frame()[54]), ((router, w.ip6("a")), 129));
    w.expect("nothing else is there", "a", &w.udp6("a", router, (1, 2), b""), Drop(R::ToGateway));
    let question = b"\x01\x02\x01\0\0\x01\0\0\0\0\0\0\x0bip-10-0-2-7\x03ec2\x08internal\0\0\x1c\0\x01";
    let out = w.expect("AAAA", "a", &w.udp6("a", ip6("fd00:ec2::253"), (5353, 53), question), Deliver("a"));
    let f = out.frame();
    assert_eq!(check6(f), (ip6("fd00:ec2::253"), w.ip6("a")));
    assert_eq!((&f[f.len() - 16..], f[65] & 15), (&w.ip6("c").octets()[..], 0));
    let out = w.expect("by IPv4 too", "a", &w.udp("a", "10.0.0.2", (5353, 53), question), Deliver("a"));
    assert_eq!(out.frame()[out.frame().len() - 16..], w.ip6("c").octets());
    w.expect("not by TCP", "a", &w.tcp6("a", ip6("fd00:ec2::253"), (1, 53), "S"), Drop(R::ToResolver));
}
