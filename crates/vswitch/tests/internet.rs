//! Public addresses: translation one to one, between instances, to and from the edge.

mod common;
use common::*;
use types::Vni;
use vswitch::DropReason;

use Verdict::*;

const INTERNET: u32 = 1;

#[test]
fn outbound() {
    let mut w = World::new(net());
    assert_eq!(Vni::INTERNET.get(), INTERNET);
    // (row, from, to, expected)
    let rows = [
        ("outside, by the edge", "a", OUTSIDE, Sent(EDGE, INTERNET)),
        ("no public address", "b", OUTSIDE, Drop(DropReason::NoPublicAddress)),
        ("in the pool, nobody's", "a", "198.18.9.9", Drop(DropReason::PublicAddressUnowned)),
        ("another instance's, other host", "x", "198.18.0.5", Deliver("a")),
        ("another VPC's", "a", "198.18.0.15", Deliver("x")),
        ("its own", "a", "198.18.0.5", Deliver("a")),
    ];
    for _ in 0..2 {
        for (row, from, to, expected) in rows {
            for frame in [w.tcp(from, to, (1, 80), "S"), w.udp(from, to, (1, 2), b"odd"), w.ping(from, to, 4)] {
                let out = w.expect(row, from, &frame, expected);
                let got = match &out {
                    Out::Sent(_, d) => &d[8..],
                    Out::Delivered(_, f) => f,
                    _ => continue,
                };
                assert_checksums(got);
                let public = w.net.nic(from).public.unwrap();
                let seen = match expected {
                    Deliver(name) => w.net.nic(name).ip(),
                    _ => ip(to),
                };
                assert_eq!(addresses(got), (public, seen), "{row}");
            }
        }
    }
    w.net.internet.edge = None;
    w.apply();
    w.expect("no edge", "a", &w.udp("a", OUTSIDE, (1, 2), b""), Drop(DropReason::NoEdge));
}

#[test]
fn between_hosts_by_public_addresses_the_rules_see_the_public_one() {
    let mut w = World::new(net());
    let only = types::Ipv4Cidr::new(ip("198.18.0.5"), 32).unwrap();
    w.net.vpcs[0].security_groups[4].rules =
        vec![rule(wire::net::Direction::Ingress, wire::net::ProtocolMatch::All, wire::net::PeerMatch::Cidr(only))];
    w.net.nic_mut("c").groups = vec![group(5)];
    w.apply();
    let out = w.expect("a to c's public", "a", &w.udp("a", "198.18.0.7", (9, 10), b"hi"), Deliver("c"));
    assert_eq!(addresses(out.frame()), (ip("198.18.0.5"), ip("10.0.2.7")));
    assert_checksums(out.frame());
    let out = w.expect("and back", "c", &w.udp("c", "198.18.0.5", (10, 9), b"ho"), Deliver("a"));
    assert_eq!(addresses(out.frame()), (ip("198.18.0.7"), ip("10.0.1.5")));
    assert_checksums(out.frame());
    w.expect(
        "the private address is another peer",
        "a",
        &w.udp("a", "10.0.2.7", (9, 10), b"hi"),
        Drop(DropReason::SecurityGroupIngress),
    );
    w.expect("another public address", "x", &w.udp("x", "198.18.0.7", (9, 10), b"hi"), Drop(DropReason::SecurityGroupIngress));
}

fn from_outside(to: &str, ports: (u16, u16), flags: &str) -> Vec<u8> {
    let mac = types::MacAddr([2, 9, 9, 9, 9, 9]);
    encapsulate(INTERNET, vswitch::ROUTER_MAC, &tcp(mac, ip(OUTSIDE), ip(to), ports, flags))
}

#[test]
fn inbound_from_the_edge() {
    let mut w = World::new(net());
    let out = w.receive(HOST2, EDGE, &from_outside("198.18.0.7", (5000, 80), "S"));
    assert_eq!(out.verdict(), Deliver("c"));
    assert_eq!(addresses(out.frame()), (ip(OUTSIDE), ip("10.0.2.7")));
    assert_checksums(out.frame());
    let out = w.expect("the answer", "c", &w.tcp("c", OUTSIDE, (80, 5000), "SA"), Sent(EDGE, INTERNET));
    assert_eq!(addresses(&out.frame()[8..]), (ip("198.18.0.7"), ip(OUTSIDE)));
    assert_checksums(&out.frame()[8..]);
    // (row, host, destination, port, expected)
    let rows = [
        ("a port that no rule opens", HOST2, "198.18.0.7", 81, DropReason::SecurityGroupIngress),
        ("an address of another host", HOST2, "198.18.0.5", 80, DropReason::NoSuchPort),
        ("nobody's", HOST2, "198.18.3.3", 80, DropReason::NoSuchPort),
        ("a private address", HOST2, "10.0.2.7", 80, DropReason::NoSuchPort),
    ];
    for (row, host, to, port, reason) in rows {
        assert_eq!(w.receive(host, EDGE, &from_outside(to, (5001, port), "S")).verdict(), Drop(reason), "{row}");
    }
}

#[test]
fn established_to_the_internet_survives_only_while_the_address_is_its_own() {
    let mut w = World::new(net());
    w.expect("out", "a", &w.udp("a", OUTSIDE, (1, 2), b""), Sent(EDGE, INTERNET));
    w.net.nic_mut("a").public = None;
    w.apply();
    w.expect("released", "a", &w.udp("a", OUTSIDE, (1, 2), b""), Drop(DropReason::NoPublicAddress));
    w.net.nic_mut("a").public = Some(ip("198.18.0.99"));
    w.apply();
    let out = w.expect("another", "a", &w.udp("a", OUTSIDE, (1, 2), b""), Sent(EDGE, INTERNET));
    assert_eq!(addresses(&out.frame()[8..]).0, ip("198.18.0.99"));
}

/// An ICMP error from `src` to `dst` that quotes the first bytes of `about`.
fn error(mac: types::MacAddr, src: &str, dst: &str, kind: u8, code: u8, about: &[u8]) -> Vec<u8> {
    let quote = &about[14..about.len().min(14 + 28)];
    let mut icmp = vec![kind, code, 0, 0, 0, 0, 0, 0];
    icmp.extend_from_slice(quote);
    let sum = vswitch::build::checksum(0, &icmp);
    icmp[2..4].copy_from_slice(&sum.to_be_bytes());
    let mut h =
        etherparse::Ipv4Header::new(icmp.len() as u16, 64, etherparse::IpNumber::ICMP, ip(src).octets(), ip(dst).octets())
            .unwrap();
    h.header_checksum = h.calc_header_checksum();
    raw_ip(mac, h, &icmp)
}

/// Source and destination of the packet quoted in an ICMP error; its header checksum is right.
fn quoted(frame: &[u8]) -> (std::net::Ipv4Addr, std::net::Ipv4Addr) {
    let (h, _) = etherparse::Ipv4Header::from_slice(&frame[42..]).unwrap();
    assert_eq!(h.calc_header_checksum(), h.header_checksum, "quoted checksum");
    (h.source.into(), h.destination.into())
}

#[test]
fn icmp_errors_about_a_flow_pass_and_are_translated_inside() {
    let mut w = World::new(net());
    w.net.nic_mut("a").groups = vec![group(2)];
    w.apply();
    let mac = types::MacAddr([2, 9, 9, 9, 9, 9]);
    let sent = w.expect("out", "a", &w.udp("a", OUTSIDE, (77, 33434), b""), Sent(EDGE, INTERNET));
    let on_the_wire = &sent.frame()[8..];
    // A router that nobody has heard of says the time is exceeded.
    let exceeded = error(mac, "192.0.2.1", "198.18.0.5", 11, 0, on_the_wire);
    let out = w.receive(HOST1, EDGE, &encapsulate(INTERNET, mac, &exceeded));
    assert_eq!(out.verdict(), Deliver("a"));
    assert_checksums(out.frame());
    assert_eq!(addresses(out.frame()), (ip("192.0.2.1"), ip("10.0.1.5")));
    assert_eq!(quoted(out.frame()), (ip("10.0.1.5"), ip(OUTSIDE)));
    // About a flow that never was.
    let mut other = on_the_wire.to_vec();
    other[35] ^= 1;
    let out = w.receive(HOST1, EDGE, &encapsulate(INTERNET, mac, &error(mac, "192.0.2.1", "198.18.0.5", 11, 0, &other)));
    assert_eq!(out.verdict(), Drop(DropReason::IcmpUnrelated));

    // The other way: c refuses a port to an outsider.
    w.net.nic_mut("c").groups = vec![group(1)];
    w.apply();
    let asked = udp(mac, ip(OUTSIDE), ip("198.18.0.7"), (5, 6), b"");
    let got = w.receive(HOST2, EDGE, &encapsulate(INTERNET, mac, &asked));
    w.net.nic_mut("c").groups = vec![group(4)];
    w.apply();
    let (c, _) = w.eth("c");
    let out = w.expect("unreachable", "c", &error(c, "10.0.2.7", OUTSIDE, 3, 3, got.frame()), Sent(EDGE, INTERNET));
    let f = &out.frame()[8..];
    assert_checksums(f);
    assert_eq!((addresses(f).0, quoted(f)), (ip("198.18.0.7"), (ip(OUTSIDE), ip("198.18.0.7"))));
    let mut unasked = got.frame().to_vec();
    unasked[37] ^= 1;
    w.expect("about nothing", "c", &error(c, "10.0.2.7", OUTSIDE, 3, 3, &unasked), Drop(DropReason::IcmpUnrelated));
}

#[test]
fn the_internet_gateway_carries_1500_bytes() {
    let mut w = World::new(net());
    let mut big = w.udp("a", OUTSIDE, (1, 2), &[0; 2000]);
    big[20] = 0x40;
    let out = w.expect("DF", "a", &big, Deliver("a"));
    assert_eq!(u16::from_be_bytes([out.frame()[40], out.frame()[41]]), 1500);
    let within = w.udp("a", OUTSIDE, (1, 2), &[0; 1472]);
    w.expect("1500", "a", &within, Sent(EDGE, INTERNET));
}

#[test]
fn fragments_through_translation() {
    let mut w = World::new(net());
    for (i, piece) in fragments(&w.udp("a", OUTSIDE, (7, 8), &[7; 4000]), 1480).iter().enumerate() {
        let out = w.expect(&format!("piece {i}"), "a", piece, Sent(EDGE, INTERNET));
        assert_eq!(addresses(&out.frame()[8..]).0, ip("198.18.0.5"));
        let (h, _) = etherparse::Ipv4Header::from_slice(&out.frame()[22..]).unwrap();
        assert_eq!(h.calc_header_checksum(), h.header_checksum);
        assert_eq!(out.frame()[8 + 34 + 8..], piece[34 + 8..], "only the first piece's UDP header changes");
    }
}
