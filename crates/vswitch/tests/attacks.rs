//! Guests and hosts that lie. Each row is dropped for the reason it should be, and nobody else sees it.

mod common;
use common::*;
use etherparse::{IpFragOffset, IpNumber, Ipv4Header};
use types::MacAddr;
use vswitch::{DropReason, ROUTER_MAC};

use DropReason as R;
use Verdict::*;

#[test]
fn a_guest_that_lies() {
    let mut w = World::new(net());
    let (mac, own) = w.eth("a");
    let b_mac = w.eth("b").0;
    let peer = ip("10.0.1.6");
    let header = |payload: usize| {
        let mut h = Ipv4Header::new(payload as u16, 64, IpNumber::UDP, own.octets(), ip("10.0.2.8").octets()).unwrap();
        h.header_checksum = h.calc_header_checksum();
        h
    };
    let good = udp(mac, own, peer, (1, 2), b"");
    let with = |at: usize, bytes: &[u8]| {
        let mut f = good.clone();
        f[at..at + bytes.len()].copy_from_slice(bytes);
        f
    };
    let broadcast_to = |dst: &str, ports| {
        let mut f = udp(mac, own, ip(dst), ports, b"");
        f[..6].fill(0xff);
        f
    };
    let rows: Vec<(&str, Vec<u8>, DropReason)> = vec![
        ("another's link address", udp(b_mac, own, peer, (1, 2), b""), R::SourceMacSpoofed),
        ("another's address", udp(mac, peer, ip("10.0.2.8"), (1, 2), b""), R::SourceIpSpoofed),
        ("the gateway's address", udp(mac, ip(GATEWAY), ip("10.0.2.8"), (1, 2), b""), R::SourceIpSpoofed),
        ("no address, not DHCP", udp(mac, ip("0.0.0.0"), peer, (1, 2), b""), R::SourceIpSpoofed),
        ("its public address", udp(mac, ip("198.18.0.5"), peer, (1, 2), b""), R::SourceIpSpoofed),
        ("metadata for another", tcp(mac, peer, ip("169.254.169.254"), (1, 80), "S"), R::SourceIpSpoofed),
        ("metadata's own address", tcp(mac, ip("169.254.169.254"), peer, (80, 1), "SA"), R::SourceIpSpoofed),
        ("ARP: another's address", arp(mac, 1, mac, "10.0.1.6", "10.0.1.1"), R::ArpSpoofed),
        ("ARP: the gateway announced", arp(mac, 2, mac, "10.0.1.1", "10.0.1.1"), R::ArpSpoofed),
        ("ARP: another's link address inside", arp(mac, 2, b_mac, "10.0.1.5", "10.0.1.6"), R::ArpSpoofed),
        ("ARP: another's link address outside", arp(b_mac, 1, mac, "10.0.1.5", "10.0.1.6"), R::SourceMacSpoofed),
        ("DHCP server's offer to all", broadcast_to("255.255.255.255", (67, 68)), R::DhcpServerSpoofed),
        ("DHCP server's offer to one", udp(mac, own, peer, (67, 68), b""), R::DhcpServerSpoofed),
        ("broadcast", broadcast_to("255.255.255.255", (5, 5)), R::Broadcast),
        ("subnet broadcast", broadcast_to("10.0.1.255", (5, 5)), R::Broadcast),
        ("broadcast frame, unicast packet", broadcast_to("10.0.1.6", (5, 5)), R::Multicast),
        ("multicast", udp(mac, own, ip("224.0.0.251"), (5353, 5353), b""), R::Multicast),
        ("multicast frame", with(0, &[1, 0, 0x5e, 0, 0, 1]), R::Multicast),
        ("IPv6", with(12, &[0x86, 0xdd]), R::Ipv6),
        ("VLAN tag", with(12, &[0x81, 0x00]), R::Ethertype),
        ("LLDP", with(12, &[0x88, 0xcc]), R::Ethertype),
        ("runt", good[..13].to_vec(), R::RuntFrame),
        ("no IP header", good[..30].to_vec(), R::IpMalformed),
        ("IP version 6 in an IPv4 frame", with(14, &[0x65]), R::IpMalformed),
        ("IP header too short", with(14, &[0x44]), R::IpMalformed),
        ("IP options", with(14, &[0x46]), R::IpOptions),
        ("total length beyond the frame", with(16, &[0x10, 0]), R::IpMalformed),
        ("total length below the header", with(16, &[0, 19]), R::IpMalformed),
        ("TTL 0", with(22, &[0]), R::IpMalformed),
        ("reserved flag", with(20, &[0x80]), R::IpMalformed),
        ("UDP header cut", with(16, &[0, 24]), R::L4Malformed),
        ("UDP length below its header", with(38, &[0, 7]), R::L4Malformed),
        (
            "TCP data offset beyond",
            {
                let mut f = tcp(mac, own, peer, (1, 2), "S");
                f[46] = 0xf0;
                f
            },
            R::L4Malformed,
        ),
        (
            "TCP data offset too small",
            {
                let mut f = tcp(mac, own, peer, (1, 2), "S");
                f[46] = 0x40;
                f
            },
            R::L4Malformed,
        ),
        (
            "tiny first fragment",
            {
                let mut h = header(8);
                h.protocol = IpNumber::TCP;
                h.more_fragments = true;
                raw_ip(mac, h, &[0; 8])
            },
            R::FragmentTiny,
        ),
        (
            "fragment of no whole units",
            {
                let mut h = header(9);
                h.more_fragments = true;
                raw_ip(mac, h, &[0; 9])
            },
            R::IpMalformed,
        ),
        (
            "ping of death",
            {
                let mut h = header(100);
                h.fragment_offset = IpFragOffset::try_new(8189).unwrap();
                raw_ip(mac, h, &[0; 100])
            },
            R::IpMalformed,
        ),
        (
            "later fragment alone",
            {
                let mut h = header(100);
                h.fragment_offset = IpFragOffset::try_new(100).unwrap();
                raw_ip(mac, h, &[0; 100])
            },
            R::FragmentUnknown,
        ),
        (
            "fragment to metadata",
            fragments(&udp(mac, own, ip("169.254.169.254"), (1, 80), &[0; 64]), 24)[0].clone(),
            R::FragmentToService,
        ),
    ];
    for (row, frame, reason) in rows {
        w.expect(row, "a", &frame, Drop(reason));
        assert!(w.stats("a").drops.get(reason) > 0, "{row}: counted at the port");
    }
    // A guest may send VXLAN: it is UDP like any other, to an address in its own VPC.
    let inner = encapsulate(6000, w.eth("x").0, &udp(mac, ip("10.0.2.7"), ip("10.0.1.5"), (1, 2), b""));
    w.expect("VXLAN in UDP", "a", &w.udp("a", "10.0.2.8", (4789, 4789), &inner), Deliver("d"));
    w.expect("to a host's address", "a", &w.udp("a", "127.0.1.1", (4789, 4789), &inner), Drop(R::MartianDestination));
}

#[test]
fn overlapping_fragments() {
    let mut w = World::new(net());
    let (mac, own) = w.eth("a");
    let piece = |offset_units: u16, more: bool, payload: &[u8]| {
        let mut h = Ipv4Header::new(payload.len() as u16, 64, IpNumber::TCP, own.octets(), ip("10.0.2.7").octets()).unwrap();
        h.identification = 5;
        h.fragment_offset = IpFragOffset::try_new(offset_units).unwrap();
        h.more_fragments = more;
        raw_ip(mac, h, payload)
    };
    let whole = tcp(mac, own, ip("10.0.2.7"), (1, 80), "S");
    let mut start = whole[34..].to_vec();
    start.resize(32, 0);
    w.expect("first, to an open port", "a", &piece(0, true, &start), Deliver("c"));
    w.expect("a second one rewrites the port", "a", &piece(0, true, &start), Drop(R::FragmentOverlap));
    w.expect("poisoned from there", "a", &piece(4, false, &[0; 8]), Drop(R::FragmentOverlap));
    w.now_ms += 31_000;
    w.expect("first again", "a", &piece(0, true, &start), Deliver("c"));
    w.expect("one that reaches back (RFC 3128)", "a", &piece(1, false, &[0; 64]), Drop(R::FragmentOverlap));
    w.now_ms += 31_000;
    w.expect("first again", "a", &piece(0, true, &start), Deliver("c"));
    w.expect("in order", "a", &piece(8, true, &[0; 32]), Deliver("c"));
    w.expect("fills the gap", "a", &piece(4, true, &[0; 32]), Deliver("c"));
    w.expect("the last", "a", &piece(12, false, &[0; 5]), Deliver("c"));
}

#[test]
fn a_host_or_stranger_that_lies() {
    let mut w = World::new(net());
    let d_mac = w.eth("d").0;
    let a_mac = w.eth("a").0;
    let genuine = udp(a_mac, ip("10.0.1.5"), ip("10.0.2.8"), (1, 2), b"");
    let outside = udp(a_mac, ip(OUTSIDE), ip("198.18.0.7"), (1, 80), b"");
    // (row, underlay source, datagram, reason)
    let mut no_flag = encapsulate(5000, d_mac, &genuine);
    no_flag[0] = 0;
    let spoof = |src: &str| udp(a_mac, ip(src), ip("10.0.2.8"), (1, 2), b"");
    let pub_spoof = |src: &str| encapsulate(1, ROUTER_MAC, &tcp(a_mac, ip(src), ip("198.18.0.7"), (1, 80), "S"));
    let mut v6 = genuine.clone();
    v6[12..14].copy_from_slice(&[0x86, 0xdd]);
    let rows = [
        ("from a stranger", STRANGER, encapsulate(5000, d_mac, &genuine), R::UnknownUnderlaySource),
        ("from a stranger, no such VNI", STRANGER, encapsulate(7777, d_mac, &genuine), R::UnknownUnderlaySource),
        ("from itself", HOST2, encapsulate(5000, d_mac, &genuine), R::UnknownUnderlaySource),
        ("VNI that is not here", HOST1, encapsulate(7777, d_mac, &genuine), R::UnknownVni),
        ("reserved VNI", HOST1, encapsulate(3, d_mac, &genuine), R::UnknownVni),
        ("directories' VNI", HOST1, encapsulate(2, d_mac, &genuine), R::DirectoryMessage),
        ("edge on a tenant's VNI", EDGE, encapsulate(5000, d_mac, &genuine), R::VniNotOfSender),
        ("another tenant's VNI, our link address", HOST1, encapsulate(6000, d_mac, &genuine), R::NoSuchPort),
        ("inner source of another host", HOST1, encapsulate(5000, d_mac, &spoof("10.0.2.7")), R::InnerSourceSpoofed),
        ("inner source of nobody", HOST1, encapsulate(5000, d_mac, &spoof("10.0.9.9")), R::InnerSourceSpoofed),
        (
            "inner destination elsewhere",
            HOST1,
            encapsulate(5000, d_mac, &udp(a_mac, ip("10.0.1.5"), ip("10.0.1.6"), (1, 2), b"")),
            R::DestinationNotPort,
        ),
        ("link address of another host's port", HOST1, encapsulate(5000, w.eth("b").0, &genuine), R::NoSuchPort),
        ("no VNI flag", HOST1, no_flag, R::VxlanMalformed),
        (
            "VNI 0",
            HOST1,
            {
                let mut d = encapsulate(5000, d_mac, &genuine);
                d[4..7].fill(0);
                d
            },
            R::VxlanMalformed,
        ),
        ("cut", HOST1, encapsulate(5000, d_mac, &genuine)[..20].to_vec(), R::VxlanMalformed),
        ("cut inside", HOST1, encapsulate(5000, d_mac, &genuine)[..40].to_vec(), R::IpMalformed),
        ("IPv4 that says it is IPv6", HOST1, encapsulate(5000, d_mac, &v6), R::IpMalformed),
        ("inner ARP", HOST1, encapsulate(5000, d_mac, &arp(a_mac, 2, a_mac, "10.0.2.1", "10.0.2.8")), R::Ethertype),
        ("from outside, not by the edge", HOST1, encapsulate(1, ROUTER_MAC, &outside), R::InnerSourceSpoofed),
        ("a public address of another host", EDGE, pub_spoof("198.18.0.5"), R::InnerSourceSpoofed),
        ("a public address of this host", EDGE, pub_spoof("198.18.0.7"), R::InnerSourceSpoofed),
        ("from outside with the VPC's address", EDGE, pub_spoof("10.0.1.5"), R::InnerSourceSpoofed),
    ];
    for (row, source, datagram, reason) in rows {
        assert_eq!(w.receive(HOST2, source, &datagram).verdict(), Drop(reason), "{row}");
    }
    // The same packets from the right sender pass; and a flow that is known by one path does not open another.
    assert_eq!(w.receive(HOST2, HOST1, &encapsulate(5000, d_mac, &genuine)).verdict(), Deliver("d"));
    assert_eq!(w.receive(HOST2, STRANGER, &encapsulate(5000, d_mac, &genuine)).verdict(), Drop(R::UnknownUnderlaySource));
    assert_eq!(w.receive(HOST2, EDGE, &encapsulate(5000, d_mac, &genuine)).verdict(), Drop(R::VniNotOfSender));
}

#[test]
fn a_known_host_that_has_no_interface_of_the_vpc() {
    let mut n = net();
    // Host 2 keeps only tenant 1's y; host 1 keeps both tenants.
    n.nics.retain(|n| n.name != "c" && n.name != "d");
    let mut w = World::new(n);
    let forged = udp(w.eth("y").0, ip("10.0.2.7"), ip("10.0.1.5"), (1, 2), b"");
    let a_mac = w.eth("a").0;
    assert_eq!(w.receive(HOST1, HOST2, &encapsulate(5000, a_mac, &forged)).verdict(), Drop(R::VniNotOfSender));
    assert_eq!(
        w.receive(HOST1, HOST2, &encapsulate(1, ROUTER_MAC, &udp(a_mac, ip(OUTSIDE), ip("198.18.0.5"), (1, 2), b""))).verdict(),
        Drop(R::VniNotOfSender)
    );
}

#[test]
fn a_ping_out_does_not_open_a_ping_in() {
    let mut w = World::new(net());
    w.net.nic_mut("b").groups = vec![group(2)];
    w.apply();
    w.expect("out", "b", &w.ping("b", "10.0.1.5", 42), Deliver("a"));
    w.expect("in, with the same id", "a", &w.ping("a", "10.0.1.6", 42), Drop(R::SecurityGroupIngress));
    let mac = MacAddr(w.eth("a").0.0);
    let answer = build(
        etherparse::PacketBuilder::ethernet2(mac.0, ROUTER_MAC.0).ipv4([10, 0, 1, 5], [10, 0, 1, 6], 64).icmpv4_echo_reply(42, 1),
        b"",
    );
    w.expect("the answer", "a", &answer, Deliver("b"));
}
