//! Attacks that take more than one packet: overlapping and flooding fragments, connection state, the metadata service through
//! a hop, poisoned neighbours, rogue DHCP servers, storms, broken VXLAN. Nothing passes, and every drop has its reason.

mod common;
use common::*;
use etherparse::{IpFragOffset, IpNumber, Ipv4Header};
use types::{MacAddr, Vni};
use vswitch::{DropReason, ROUTER_MAC};
use wire::net::{Route, RouteTarget};

use DropReason as R;
use Verdict::*;

const METADATA: &str = "169.254.169.254";

/// A fragment of a datagram of `protocol`; `offset` in units of 8 bytes.
fn piece(from: (MacAddr, &str), to: &str, id: u16, protocol: IpNumber, at: (u16, bool), payload: &[u8]) -> Vec<u8> {
    let mut h = Ipv4Header::new(payload.len() as u16, 64, protocol, ip(from.1).octets(), ip(to).octets()).unwrap();
    h.identification = id;
    h.fragment_offset = IpFragOffset::try_new(at.0).unwrap();
    h.more_fragments = at.1;
    h.header_checksum = h.calc_header_checksum();
    raw_ip(from.0, h, payload)
}

#[test]
fn fragments_that_overlap_in_every_way() {
    let mut w = World::new(net());
    let mac = w.eth("a").0;
    let start = udp(mac, ip("10.0.1.5"), ip("10.0.2.8"), (7, 8), &[0; 24])[34..].to_vec();
    assert_eq!(start.len(), 32);
    // (row, offset in units, more, length): each after a first fragment of units 0..=3 and a second of units 8..=11.
    let rows = [
        ("the first one again", 0, true, 32),
        ("shorter, with other ports", 0, true, 16),
        ("teardrop: wholly inside", 1, false, 8),
        ("begins in the first", 3, true, 16),
        ("ends in the second", 6, true, 24),
        ("over both", 0, true, 96),
        ("the second one again", 8, true, 32),
        ("one unit of the second", 11, false, 3),
    ];
    for (n, (row, offset, more, length)) in rows.into_iter().enumerate() {
        let id = 100 + n as u16;
        let p = |at, payload: &[u8]| piece((mac, "10.0.1.5"), "10.0.2.8", id, IpNumber::UDP, at, payload);
        w.expect(row, "a", &p((0, true), &start), Deliver("d"));
        w.expect(row, "a", &p((8, true), &[0; 32]), Deliver("d"));
        w.expect(row, "a", &p((offset, more), &vec![9; length]), Drop(R::FragmentOverlap));
        w.expect("what would have fitted", "a", &p((4, true), &[0; 32]), Drop(R::FragmentOverlap));
    }
    // The same by a host that lies: the receiving card judges for itself.
    let d_mac = w.eth("d").0;
    let p = |at, payload: &[u8]| encapsulate(5000, d_mac, &piece((mac, "10.0.1.5"), "10.0.2.8", 200, IpNumber::UDP, at, payload));
    assert_eq!(w.receive(HOST2, HOST1, &p((0, true), &start)).verdict(), Deliver("d"));
    assert_eq!(w.receive(HOST2, HOST1, &p((2, true), &start)).verdict(), Drop(R::FragmentOverlap));
    // Somebody else's pieces do not complete it.
    let b_mac = w.eth("b").0;
    w.expect("first", "a", &piece((mac, "10.0.1.5"), "10.0.2.8", 201, IpNumber::UDP, (0, true), &start), Deliver("d"));
    let foreign = piece((b_mac, "10.0.1.6"), "10.0.2.8", 201, IpNumber::UDP, (4, false), &[0; 8]);
    w.expect("another sender, the same id", "b", &foreign, Drop(R::FragmentUnknown));
    let other = piece((mac, "10.0.1.5"), "10.0.2.8", 201, IpNumber::TCP, (4, false), &[0; 8]);
    w.expect("another protocol, the same id", "a", &other, Drop(R::FragmentUnknown));
}

#[test]
fn a_flood_of_fragments_harms_only_its_sender() {
    let mut w = World::new(net());
    let (a, b) = (w.eth("a").0, w.eth("b").0);
    let first = |mac, src: &str, id| {
        let start = udp(mac, ip(src), ip("10.0.2.8"), (7, 8), &[0; 24])[34..].to_vec();
        piece((mac, src), "10.0.2.8", id, IpNumber::UDP, (0, true), &start)
    };
    let later = |mac, src, id, unit| piece((mac, src), "10.0.2.8", id, IpNumber::UDP, (unit, true), &[0; 8]);
    w.expect("b begins", "b", &first(b, "10.0.1.6", 1), Deliver("d"));
    for id in 0..65 {
        // The flooded receiver forgets as well: the flood is told apart from others only at its own port.
        let out = w.send("a", &first(a, "10.0.1.5", id));
        assert_eq!(out.verdict(), Deliver("d"));
    }
    w.expect("pushed out by its own flood", "a", &later(a, "10.0.1.5", 0, 4), Drop(R::FragmentUnknown));
    for unit in 4..67 {
        w.expect("small pieces", "a", &later(a, "10.0.1.5", 64, unit), Deliver("d"));
    }
    w.expect("too many of them", "a", &later(a, "10.0.1.5", 64, 67), Drop(R::FragmentOverlap));
    assert_eq!(w.stats("b").drops.total(), 0);
}

#[test]
fn connection_state_lets_nobody_in() {
    let mut w = World::new(net());
    // b may be reached on TCP 80 only; it may speak to all.
    let b = "10.0.1.6";
    for flags in ["", "A", "SA", "F", "FA", "R", "RA", "SF", "SR", "SFRA"] {
        w.expect(&format!("{flags:?} to a closed port"), "a", &w.tcp("a", b, (5000, 4000), flags), Drop(R::SecurityGroupIngress));
    }
    // What b began and nobody answered is not a way in.
    w.expect("b opens", "b", &w.tcp("b", "10.0.1.5", (4000, 5000), "S"), Deliver("a"));
    w.expect("a SYN is no answer", "a", &w.tcp("a", b, (5000, 4000), "S"), Drop(R::SecurityGroupIngress));
    w.expect("from another port", "a", &w.tcp("a", b, (5001, 4000), "SA"), Drop(R::SecurityGroupIngress));
    w.expect("to another port", "a", &w.tcp("a", b, (5000, 4001), "SA"), Drop(R::SecurityGroupIngress));
    let blind = w.tcp("d", b, (5000, 4000), "SA");
    w.expect("from another address", "d", &blind, Drop(R::SecurityGroupIngress));
    w.expect("the answer", "a", &w.tcp("a", b, (5000, 4000), "SA"), Deliver("b"));
    // A reset by somebody else: neither a guest nor a host may speak for a.
    let (d_mac, b_mac) = (w.eth("d").0, w.eth("b").0);
    let reset = |mac| tcp(mac, ip("10.0.1.5"), ip(b), (5000, 4000), "R");
    w.expect("a guest's forged reset", "d", &reset(d_mac), Drop(R::SourceIpSpoofed));
    let forged = encapsulate(5000, b_mac, &reset(d_mac));
    assert_eq!(w.receive(HOST1, HOST2, &forged).verdict(), Drop(R::InnerSourceSpoofed), "a host's");
    w.expect("it lives", "a", &w.tcp("a", b, (5000, 4000), "A"), Deliver("b"));
    // Both close; the pair of ports is not an open door afterwards.
    w.expect("FIN", "b", &w.tcp("b", "10.0.1.5", (4000, 5000), "FA"), Deliver("a"));
    w.expect("FIN", "a", &w.tcp("a", b, (5000, 4000), "FA"), Deliver("b"));
    w.expect("a new SYN on it", "a", &w.tcp("a", b, (5000, 4000), "S"), Drop(R::SecurityGroupIngress));
    w.expect("b opens anew", "b", &w.tcp("b", "10.0.1.5", (4000, 5000), "S"), Deliver("a"));
    w.expect("reset", "a", &w.tcp("a", b, (5000, 4000), "RA"), Deliver("b"));
    w.expect("a SYN after a reset", "a", &w.tcp("a", b, (5000, 4000), "S"), Drop(R::SecurityGroupIngress));
    w.now_ms += 11_000;
    w.expect("nor later anything else", "a", &w.tcp("a", b, (5000, 4000), "A"), Drop(R::SecurityGroupIngress));
}

/// Windows are not tracked (README): a segment whose sequence number is absurd goes to the guest, whose TCP drops it. That it
/// does is not the switch's doing, so this says it as it is.
#[test]
fn segments_out_of_the_window_are_the_guests_to_drop() {
    let mut w = World::new(net());
    w.expect("open", "b", &w.tcp("b", "10.0.1.5", (4000, 5000), "S"), Deliver("a"));
    w.expect("answer", "a", &w.tcp("a", "10.0.1.6", (5000, 4000), "SA"), Deliver("b"));
    let (mac, src) = w.eth("a");
    let wild = build(
        etherparse::PacketBuilder::ethernet2(mac.0, ROUTER_MAC.0)
            .ipv4(src.octets(), [10, 0, 1, 6], 64)
            .tcp(5000, 4000, !0, 1)
            .ack(7),
        b"",
    );
    w.expect("out of the window", "a", &wild, Deliver("b"));
}

#[test]
fn an_unasked_echo_reply_is_no_echo_request() {
    let mut w = World::new(net());
    // Group 4: echo requests in.
    w.net.nic_mut("b").groups = vec![group(4)];
    w.apply();
    w.expect("a ping", "a", &w.ping("a", "10.0.1.6", 1), Deliver("b"));
    let mac = w.eth("a").0;
    let unasked = build(
        etherparse::PacketBuilder::ethernet2(mac.0, ROUTER_MAC.0).ipv4([10, 0, 1, 5], [10, 0, 1, 6], 64).icmpv4_echo_reply(9, 1),
        b"out",
    );
    w.expect("an answer to nothing", "a", &unasked, Drop(R::SecurityGroupIngress));
}

#[test]
fn metadata_through_a_hop() {
    let mut n = net();
    n.nic_mut("d").check = false;
    let d = n.nic("d").id();
    // Routes do not lead it away from the card, whatever they say.
    for destination in ["169.254.169.254/32", "169.254.0.0/16"] {
        let route = Route { destination: cidr(destination), target: RouteTarget::Interface(d) };
        n.vpcs[0].route_tables[0].routes.insert(0, route);
    }
    let mut w = World::new(n);
    let request = |mac, src: &str| tcp(mac, ip(src), ip(METADATA), (40_000, 80), "S");
    let (a_mac, d_mac) = (w.eth("a").0, w.eth("d").0);
    w.expect("its own, not the route's", "a", &request(a_mac, "10.0.1.5"), Local("a"));
    w.expect("a router for itself", "d", &request(d_mac, "10.0.2.8"), Local("d"));
    // (row, who sends, frame, reason)
    let rows = [
        ("a router for another instance", "d", request(d_mac, "10.0.1.5"), R::SourceIpSpoofed),
        ("a router for another network", "d", request(d_mac, "172.31.0.9"), R::SourceIpSpoofed),
        ("a router for outside", "d", request(d_mac, OUTSIDE), R::SourceIpSpoofed),
        ("a router as the service", "d", tcp(d_mac, ip(METADATA), ip("10.0.1.5"), (80, 40_000), "SA"), R::SourceIpSpoofed),
        ("a neighbour of the service", "a", tcp(a_mac, ip("10.0.1.5"), ip("169.254.169.250"), (1, 80), "S"), R::LinkLocal),
        ("not TCP", "a", udp(a_mac, ip("10.0.1.5"), ip(METADATA), (1, 80), b""), R::LinkLocal),
    ];
    for (row, from, frame, reason) in rows {
        w.expect(row, from, &frame, Drop(reason));
    }
    // By the underlay: the service is at no port.
    let to_c = encapsulate(5000, w.eth("c").0, &request(a_mac, "10.0.1.5"));
    assert_eq!(w.receive(HOST2, HOST1, &to_c).verdict(), Drop(R::DestinationNotPort), "asked of a guest");
    let from_it = encapsulate(5000, w.eth("c").0, &tcp(a_mac, ip(METADATA), ip("10.0.2.7"), (80, 40_000), "SA"));
    assert_eq!(w.receive(HOST2, HOST1, &from_it).verdict(), Drop(R::InnerSourceSpoofed), "a host as the service");
    let outside = encapsulate(Vni::INTERNET.get(), ROUTER_MAC, &tcp(a_mac, ip(OUTSIDE), ip(METADATA), (1, 80), "S"));
    assert_eq!(w.receive(HOST1, EDGE, &outside).verdict(), Drop(R::NoSuchPort), "from outside");
}

fn v6(mac: MacAddr, to: [u8; 6], next: u8, payload: &[u8]) -> Vec<u8> {
    let mut f = to.to_vec();
    f.extend_from_slice(&mac.0);
    f.extend_from_slice(&[0x86, 0xdd, 0x60, 0, 0, 0]);
    f.extend_from_slice(&(payload.len() as u16).to_be_bytes());
    f.extend_from_slice(&[next, 255]);
    f.extend_from_slice(&[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    f.extend_from_slice(&[0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    f.extend_from_slice(payload);
    f
}

#[test]
fn poisoned_neighbours() {
    let mut w = World::new(net());
    let mac = w.eth("a").0;
    let b_mac = w.eth("b").0;
    let nodes = [0x33, 0x33, 0, 0, 0, 1];
    let icmp6 = |kind: u8| v6(mac, nodes, 58, &[kind, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
    let mut inverse = arp(mac, 8, mac, "10.0.1.5", "10.0.1.6");
    inverse[38..42].fill(0);
    let mut rarp = arp(mac, 3, mac, "10.0.1.5", "10.0.1.6");
    rarp[12..14].copy_from_slice(&[0x80, 0x35]);
    let mut token_ring = arp(mac, 2, mac, "10.0.1.5", "10.0.1.6");
    token_ring[15] = 6;
    let rows = [
        ("announces b", arp(mac, 2, mac, "10.0.1.6", "10.0.1.6"), R::ArpSpoofed),
        ("asks as b", arp(mac, 1, mac, "10.0.1.6", "10.0.1.1"), R::ArpSpoofed),
        ("announces the resolver", arp(mac, 2, mac, "10.0.0.2", "10.0.0.2"), R::ArpSpoofed),
        ("announces the metadata service", arp(mac, 2, mac, METADATA, METADATA), R::ArpSpoofed),
        ("announces an address that is free", arp(mac, 1, mac, "10.0.1.77", "10.0.1.77"), R::ArpSpoofed),
        ("announces its own address at b's", arp(mac, 2, b_mac, "10.0.1.5", "10.0.1.5"), R::ArpSpoofed),
        ("an answer that nobody asked for", arp(mac, 2, mac, "10.0.1.5", "10.0.1.6"), R::ArpIgnored),
        ("an address of another subnet", arp(mac, 1, mac, "10.0.1.5", "10.0.2.7"), R::ArpIgnored),
        ("inverse ARP", inverse, R::ArpMalformed),
        ("RARP", rarp, R::Ethertype),
        ("ARP of another link", token_ring, R::ArpMalformed),
        ("ND: router advertisement", icmp6(134), R::Ipv6),
        ("ND: neighbour solicitation", icmp6(135), R::Ipv6),
        ("ND: neighbour advertisement", icmp6(136), R::Ipv6),
        ("ND: redirect", icmp6(137), R::Ipv6),
        ("MLD", icmp6(131), R::Ipv6),
    ];
    for (row, frame, reason) in rows {
        let before = w.stats("a").drops.get(reason);
        w.expect(row, "a", &frame, Drop(reason));
        assert_eq!(w.stats("a").drops.get(reason), before + 1, "{row}");
    }
    assert_eq!(w.stats("b").rx_frames, 0, "nobody else has heard any of it");
    // And a learns nothing but the router, of b as of all.
    let answer = w.expect("who has b", "a", &arp(mac, 1, mac, "10.0.1.5", "10.0.1.6"), Deliver("a"));
    assert_eq!(link(answer.frame()), (ROUTER_MAC.0, mac.0));
    let still = w.expect("b is still b's", "b", &w.tcp("b", "10.0.1.5", (1, 2), "S"), Deliver("a"));
    assert_eq!(addresses(still.frame()).0, ip("10.0.1.6"));
}

/// A BOOTP message; `op` 1 asks, 2 answers.
fn dhcp(op: u8, kind: u8, hardware: MacAddr, relay: [u8; 4]) -> Vec<u8> {
    let mut m = vec![0; 240];
    m[..3].copy_from_slice(&[op, 1, 6]);
    m[24..28].copy_from_slice(&relay);
    m[28..34].copy_from_slice(&hardware.0);
    m[236..].copy_from_slice(&[99, 130, 83, 99]);
    m.extend_from_slice(&[53, 1, kind, 255]);
    m
}

#[test]
fn rogue_dhcp() {
    let mut w = World::new(net());
    let (mac, own) = w.eth("a");
    let b_mac = w.eth("b").0;
    let all = |src: &str, ports, m: &[u8]| {
        let mut f = udp(mac, ip(src), ip("255.255.255.255"), ports, m);
        f[..6].fill(0xff);
        f
    };
    let offer = dhcp(2, 2, b_mac, [0; 4]);
    let to_b = |src, m: &[u8]| udp(mac, src, ip("10.0.1.6"), (67, 68), m);
    let rows = [
        ("an offer to all", all("10.0.1.5", (67, 68), &offer), R::DhcpServerSpoofed),
        ("an offer to b", to_b(own, &offer), R::DhcpServerSpoofed),
        ("an ACK to b", to_b(own, &dhcp(2, 5, b_mac, [0; 4])), R::DhcpServerSpoofed),
        ("a NAK as the gateway", to_b(ip(GATEWAY), &dhcp(2, 6, b_mac, [0; 4])), R::DhcpServerSpoofed),
        ("an offer to b's link address", with_destination(to_b(own, &offer), b_mac), R::DhcpServerSpoofed),
        ("asks for b's card", all("0.0.0.0", (68, 67), &dhcp(1, 1, b_mac, [0; 4])), R::DhcpMalformed),
        ("asks as a relay", all("10.0.1.5", (68, 67), &dhcp(1, 1, mac, [10, 0, 1, 5])), R::DhcpMalformed),
        ("answers as if asked", all("10.0.1.5", (68, 67), &dhcp(2, 5, mac, [0; 4])), R::DhcpMalformed),
        ("asks with b's address", all("10.0.1.6", (68, 67), &dhcp(1, 1, mac, [0; 4])), R::SourceIpSpoofed),
        ("releases b's lease", all("10.0.1.6", (68, 67), &dhcp(1, 7, b_mac, [0; 4])), R::SourceIpSpoofed),
        ("a relay's broadcast", all("10.0.1.5", (67, 67), &dhcp(1, 1, b_mac, [10, 0, 1, 5])), R::Broadcast),
        ("DHCPv6", v6(mac, [0x33, 0x33, 0, 1, 0, 2], 17, &[2, 34, 2, 35, 0, 12, 0, 0, 7, 0, 0, 1]), R::Ipv6),
    ];
    for (row, frame, reason) in rows {
        w.expect(row, "a", &frame, Drop(reason));
    }
    assert_eq!(w.stats("b").rx_frames, 0);
    // A host that answers in the gateway's name.
    let forged = encapsulate(5000, b_mac, &udp(mac, ip(GATEWAY), ip("10.0.1.6"), (67, 68), &offer));
    assert_eq!(w.receive(HOST1, HOST2, &forged).verdict(), Drop(R::InnerSourceSpoofed));
    // Starvation: a thousand clients behind one card get no address at all, and its own client still gets its own.
    for n in 0..1000u16 {
        let [x, y] = n.to_be_bytes();
        let many = all("0.0.0.0", (68, 67), &dhcp(1, 1, MacAddr([2, 7, 7, 7, x, y]), [0; 4]));
        w.expect("starvation", "a", &many, Drop(R::DhcpMalformed));
    }
    w.expect("its own", "a", &all("0.0.0.0", (68, 67), &dhcp(1, 1, mac, [0; 4])), Deliver("a"));
}

fn with_destination(mut frame: Vec<u8>, to: MacAddr) -> Vec<u8> {
    frame[..6].copy_from_slice(&to.0);
    frame
}

#[test]
fn storms_go_nowhere() {
    let mut w = World::new(net());
    let (mac, own) = w.eth("a");
    let broadcast = |dst: &str| with_destination(udp(mac, own, ip(dst), (9, 9), b"storm"), MacAddr::BROADCAST);
    let kinds = [
        (broadcast("255.255.255.255"), R::Broadcast),
        (broadcast("10.0.1.255"), R::Broadcast),
        (broadcast("10.0.1.6"), R::Multicast),
        (with_destination(udp(mac, own, ip("239.1.2.3"), (9, 9), b""), MacAddr([1, 0, 0x5e, 1, 2, 3])), R::Multicast),
        (udp(mac, own, ip("10.0.2.255"), (9, 9), b""), R::NoSuchDestination),
    ];
    const EACH: u64 = 4000;
    for (frame, reason) in &kinds {
        let before = w.stats("a").drops.get(*reason);
        for _ in 0..EACH {
            w.expect("storm", "a", frame, Drop(*reason));
        }
        assert_eq!(w.stats("a").drops.get(*reason), before + EACH);
    }
    // ARP for the whole subnet is answered to the one that asks, and to nobody else.
    for n in 2..250 {
        if n != 5 {
            let target = format!("10.0.1.{n}");
            w.expect("scan", "a", &arp(mac, 1, mac, "10.0.1.5", &target), Deliver("a"));
        }
    }
    for name in ["b", "c", "d", "x", "y"] {
        let s = w.stats(name);
        assert_eq!((s.rx_frames, s.drops.total()), (0, 0), "{name}");
    }
    assert_eq!(w.switches[&HOST1].flows() + w.switches[&HOST2].flows(), 0, "a storm is no flow");
    // A datagram to a subnet's broadcast address from a host that lies.
    let lie = encapsulate(5000, w.eth("d").0, &udp(mac, own, ip("10.0.2.255"), (9, 9), b""));
    assert_eq!(w.receive(HOST2, HOST1, &lie).verdict(), Drop(R::DestinationNotPort));
    let flooded = encapsulate(5000, MacAddr::BROADCAST, &udp(mac, own, ip("10.0.2.8"), (9, 9), b""));
    assert_eq!(w.receive(HOST2, HOST1, &flooded).verdict(), Drop(R::NoSuchPort));
}

#[test]
fn malformed_vxlan() {
    let mut w = World::new(net());
    let d_mac = w.eth("d").0;
    let good = encapsulate(5000, d_mac, &w.udp("a", "10.0.2.8", (1, 2), b"inner"));
    let with = |at: usize, bytes: &[u8]| {
        let mut d = good.clone();
        d[at..at + bytes.len()].copy_from_slice(bytes);
        d
    };
    let tagged = {
        let mut d = good[..20].to_vec();
        d.extend_from_slice(&[0x81, 0, 0, 5]);
        d.extend_from_slice(&good[20..]);
        d
    };
    let nested = encapsulate(5000, d_mac, &good);
    let rows = [
        ("empty", vec![], R::VxlanMalformed),
        ("half a header", good[..4].to_vec(), R::VxlanMalformed),
        ("a header and no frame", good[..8].to_vec(), R::VxlanMalformed),
        ("a frame of 13 bytes", good[..21].to_vec(), R::VxlanMalformed),
        ("no VNI", with(0, &[0]), R::VxlanMalformed),
        ("every flag but the VNI's", with(0, &[0xf7]), R::VxlanMalformed),
        ("VNI 0", with(4, &[0, 0, 0]), R::VxlanMalformed),
        ("the last VNI", with(4, &[0xff, 0xff, 0xff]), R::UnknownVni),
        ("an Ethernet header and nothing", good[..22].to_vec(), R::IpMalformed),
        ("half an IP header", good[..32].to_vec(), R::IpMalformed),
        ("longer inside than outside", with(8 + 16, &[0xff, 0xff]), R::IpMalformed),
        ("IP version 0", with(8 + 14, &[0x05]), R::IpMalformed),
        ("inner TTL 0", with(8 + 22, &[0]), R::IpMalformed),
        ("inner options", with(8 + 14, &[0x46]), R::IpOptions),
        ("UDP longer than its packet", with(8 + 38, &[0xff, 0xff]), R::L4Malformed),
        ("an inner VLAN tag", tagged, R::Ethertype),
        ("VXLAN in VXLAN without UDP", nested, R::Ethertype),
        ("to all", with(8, &[0xff; 6]), R::NoSuchPort),
        ("to a group", with(8, &[1, 0, 0x5e, 0, 0, 1]), R::NoSuchPort),
        ("to the router", with(8, &ROUTER_MAC.0), R::NoSuchPort),
    ];
    let before = w.switches[&HOST2].drops().total();
    let count = rows.len() as u64;
    for (row, datagram, reason) in rows {
        assert_eq!(w.receive(HOST2, HOST1, &datagram).verdict(), Drop(reason), "{row}");
    }
    assert_eq!(w.switches[&HOST2].drops().total(), before + count, "each is counted");
    assert_eq!(w.stats("d").rx_frames, 0);
    // Reserved bits are ignored on receipt (RFC 7348).
    let reserved = with(0, &[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(w.receive(HOST2, HOST1, &reserved).verdict(), Deliver("d"));
}
