//! NAT gateways: translation there and back, exhaustion, timeouts, ACLs, hairpin, loops.

mod common;
use Verdict::*;
use common::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use types::*;
use vswitch::DropReason as R;
use vswitch::*;
use wire::net::*;

const PUBLIC: &str = "198.18.0.99";

/// `net()` with a NAT gateway n (10.0.3.9, on `host`) whose subnet leads to the internet gateway; b (host 1) and d (host 2)
/// go out by it.
fn with_gateway(host: Ipv4Addr) -> Net {
    let mut n = net();
    n.nics.push(in_subnet(nat_gateway("n", host, 0, "10.0.3.9", Some(PUBLIC), 1), "10.0.3.0/24"));
    let to = RouteTarget::NatGateway(n.nic("n").id());
    n.vpcs[0].route_tables.push(table(3, &[("10.0.0.0/16", RouteTarget::Local), ("0.0.0.0/0", to)]));
    for name in ["b", "d"] {
        n.nic_mut(name).table = 3;
        n.nic_mut(name).groups = vec![group(1)];
    }
    n
}

fn port_at(frame: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([frame[at], frame[at + 1]])
}

fn outside_mac() -> MacAddr {
    MacAddr([2, 9, 9, 9, 9, 9])
}

fn from_edge(w: &mut World, host: Ipv4Addr, frame: &[u8]) -> Out {
    w.receive(host, EDGE, &encapsulate(1, ROUTER_MAC, frame))
}

fn stats(w: &World) -> NatStats {
    w.switches[&w.net.nic("n").host].nat_stats(w.index("n")).unwrap()
}

#[test]
fn there_and_back_from_this_host_and_another() {
    for host in [HOST1, HOST2] {
        let mut w = World::new(with_gateway(host));
        for round in 0..2 {
            for (name, private) in [("b", "10.0.1.6"), ("d", "10.0.2.8")] {
                let out = w.expect("TCP", name, &w.tcp(name, OUTSIDE, (4000, 443), "S"), Sent(EDGE, 1));
                let sent = out.frame()[8..].to_vec();
                assert_checksums(&sent);
                assert_eq!(addresses(&sent), (ip(PUBLIC), ip(OUTSIDE)));
                assert_eq!(sent[22], 63, "it is a hop");
                let port = port_at(&sent, 34);
                assert!(port >= 1024);
                let answer = tcp(outside_mac(), ip(OUTSIDE), ip(PUBLIC), (443, port), "SA");
                let back = from_edge(&mut w, host, &answer);
                assert_eq!(back.verdict(), Deliver(name));
                assert_checksums(back.frame());
                assert_eq!((addresses(back.frame()), port_at(back.frame(), 36)), ((ip(OUTSIDE), ip(private)), 4000));

                let out = w.expect("UDP", name, &w.udp(name, OUTSIDE, (4000, 53), b"odd"), Sent(EDGE, 1));
                assert_checksums(&out.frame()[8..]);
                let port = port_at(&out.frame()[8..], 34);
                let back = from_edge(&mut w, host, &udp(outside_mac(), ip(OUTSIDE), ip(PUBLIC), (53, port), b"ab"));
                assert_eq!((back.verdict(), port_at(back.frame(), 36)), (Deliver(name), 4000));
                assert_checksums(back.frame());

                let out = w.expect("echo", name, &w.ping(name, OUTSIDE, 77), Sent(EDGE, 1));
                let mut request = out.frame()[8..].to_vec();
                assert_checksums(&request);
                request[6..12].copy_from_slice(&outside_mac().0);
                let answer = w.pong(&request);
                let back = from_edge(&mut w, host, &answer);
                assert_eq!((back.verdict(), port_at(back.frame(), 38)), (Deliver(name), 77));
                assert_checksums(back.frame());
            }
            let s = stats(&w);
            assert_eq!((s.translations, s.active_connection_count), (6, 2), "round {round}: the same translations");
        }
        let s = stats(&w);
        assert_eq!((s.connection_attempt_count, s.connection_established_count), (2, 2));
        assert_eq!((s.packets_in_from_source, s.packets_out_to_destination), (12, 12));
        assert_eq!((s.packets_in_from_destination, s.packets_out_to_source), (12, 12));
        assert_eq!((s.packets_drop_count, s.bytes_in_from_source), (0, s.bytes_out_to_destination));
    }
}

#[test]
fn nothing_comes_in_that_did_not_go_out() {
    let mut w = World::new(with_gateway(HOST1));
    let out = w.expect("out", "d", &w.udp("d", OUTSIDE, (4000, 53), b""), Sent(EDGE, 1));
    let port = port_at(&out.frame()[8..], 34);
    let other = ip("203.0.113.10");
    // (row, source, ports)
    let rows = [
        ("another source", other, (53, port)),
        ("another source port", ip(OUTSIDE), (54, port)),
        ("another port", ip(OUTSIDE), (53, port ^ 1)),
    ];
    for (row, source, ports) in rows {
        let frame = udp(outside_mac(), source, ip(PUBLIC), ports, b"");
        assert_eq!(from_edge(&mut w, HOST1, &frame).verdict(), Drop(R::NatNoEntry), "{row}");
    }
    let frame = tcp(outside_mac(), ip(OUTSIDE), ip(PUBLIC), (53, port), "S");
    assert_eq!(from_edge(&mut w, HOST1, &frame).verdict(), Drop(R::NatNoEntry), "another protocol");
    let frame = ping(outside_mac(), ip(OUTSIDE), ip(PUBLIC), 1);
    assert_eq!(from_edge(&mut w, HOST1, &frame).verdict(), Drop(R::NatNoEntry), "echo");
    let spoofed = udp(outside_mac(), ip("10.0.2.8"), ip(PUBLIC), (53, port), b"");
    assert_eq!(from_edge(&mut w, HOST1, &spoofed).verdict(), Drop(R::InnerSourceSpoofed), "with an address of the VPC");
    w.expect("from inside, to its private address", "b", &w.tcp("b", "10.0.3.9", (1, 80), "S"), Drop(R::NatNoEntry));
    assert_eq!(stats(&w).packets_drop_count, 7);
    // A host that lies about who sends.
    let n_mac = w.eth("n").0;
    let forged = encapsulate(5000, n_mac, &udp(outside_mac(), ip("10.0.1.6"), ip(OUTSIDE), (1, 53), b""));
    assert_eq!(w.receive(HOST1, HOST2, &forged).verdict(), Drop(R::InnerSourceSpoofed));
    let forged = encapsulate(5000, n_mac, &udp(outside_mac(), ip("10.0.2.8"), ip(OUTSIDE), (4000, 53), b""));
    assert_eq!(w.receive(HOST1, STRANGER, &forged).verdict(), Drop(R::UnknownUnderlaySource), "by another path than the flow's");
}

#[test]
fn idle_for_350_seconds_then_a_reset_for_who_goes_on() {
    let mut w = World::new(with_gateway(HOST1));
    let out = w.expect("SYN", "d", &w.tcp("d", OUTSIDE, (4000, 443), "S"), Sent(EDGE, 1));
    let port = port_at(&out.frame()[8..], 34);
    let answer = tcp(outside_mac(), ip(OUTSIDE), ip(PUBLIC), (443, port), "SA");
    assert_eq!(from_edge(&mut w, HOST1, &answer).verdict(), Deliver("d"));
    w.now_ms += 349_000;
    w.expect("just in time", "d", &w.tcp("d", OUTSIDE, (4000, 443), "A"), Sent(EDGE, 1));
    w.now_ms += 350_000;
    let reset = w.expect("too late", "d", &w.tcp("d", OUTSIDE, (4000, 443), "A"), Deliver("d"));
    assert_checksums(reset.frame());
    assert_eq!(addresses(reset.frame()), (ip(OUTSIDE), ip("10.0.2.8")));
    assert_eq!((port_at(reset.frame(), 34), port_at(reset.frame(), 36), reset.frame()[47]), (443, 4000, 0x04), "RST");
    assert_eq!(from_edge(&mut w, HOST1, &answer).verdict(), Drop(R::NatNoEntry));
    assert_eq!((stats(&w).idle_timeout_count, stats(&w).active_connection_count), (1, 0));
    w.expect("a RST is not answered", "d", &w.tcp("d", OUTSIDE, (4001, 443), "R"), Drop(R::NatNoEntry));

    // A connection that was closed is no timeout, and its ports may begin another.
    w.expect("SYN", "d", &w.tcp("d", OUTSIDE, (4002, 443), "S"), Sent(EDGE, 1));
    w.expect("RST", "d", &w.tcp("d", OUTSIDE, (4002, 443), "RA"), Sent(EDGE, 1));
    w.expect("SYN again", "d", &w.tcp("d", OUTSIDE, (4002, 443), "S"), Sent(EDGE, 1));
    assert_eq!(stats(&w).active_connection_count, 1);
    w.now_ms += 61_000;
    let now = w.now_ms;
    w.switches.get_mut(&HOST1).unwrap().expire(now, 10_000);
    assert_eq!((stats(&w).idle_timeout_count, stats(&w).active_connection_count), (1, 0));
}

#[test]
fn icmp_errors_are_translated_with_what_they_quote() {
    let mut w = World::new(with_gateway(HOST1));
    let router = ip("192.0.2.77");
    for (row, request, code) in [
        ("UDP", w.udp("d", OUTSIDE, (4000, 53), b"12345678"), 3),
        ("TCP", w.tcp("d", OUTSIDE, (4000, 443), "S"), 1),
        ("echo", w.ping("d", OUTSIDE, 77), 1),
    ] {
        let out = w.expect(row, "d", &request, Sent(EDGE, 1));
        let sent = out.frame()[8..].to_vec();
        let back = from_edge(&mut w, HOST1, &error(outside_mac(), router, ip(PUBLIC), code, &sent));
        assert_eq!(back.verdict(), Deliver("d"), "{row}");
        let frame = back.frame();
        assert_checksums(frame);
        assert_eq!(addresses(frame), (router, ip("10.0.2.8")));
        // The quote is what d sent, its IP checksum right; only the TTL is a hop less.
        let (quote, original) = (&frame[42..], &request[14..]);
        assert_eq!(quote[12..20], original[12..20], "{row}: addresses");
        let ports = if row == "echo" { 24..26 } else { 20..24 };
        assert_eq!(quote[ports.clone()], original[ports], "{row}: ports");
        assert_eq!(vswitch::build::checksum(0, &quote[..20]), 0, "{row}: the quoted header's checksum");
    }
    // The other way: d says that the port is closed to which an answer came.
    let out = w.expect("UDP", "d", &w.udp("d", OUTSIDE, (4000, 53), b"12345678"), Sent(EDGE, 1));
    let port = port_at(&out.frame()[8..], 34);
    let answer = from_edge(&mut w, HOST1, &udp(outside_mac(), ip(OUTSIDE), ip(PUBLIC), (53, port), b"12345678"));
    let closed = error(w.eth("d").0, ip("10.0.2.8"), ip(OUTSIDE), 3, answer.frame());
    let out = w.expect("port unreachable", "d", &closed, Sent(EDGE, 1));
    let sent = &out.frame()[8..];
    assert_checksums(sent);
    assert_eq!(addresses(sent), (ip(PUBLIC), ip(OUTSIDE)));
    assert_eq!(sent[42 + 16..42 + 20], ip(PUBLIC).octets());
    assert_eq!(port_at(sent, 42 + 22), port);
    // One about nothing.
    let stray = error(outside_mac(), router, ip(PUBLIC), 1, &tcp(outside_mac(), ip(PUBLIC), ip(OUTSIDE), (1, 2), "S"));
    assert_eq!(from_edge(&mut w, HOST1, &stray).verdict(), Drop(R::NatNoEntry));
}

fn error(mac: MacAddr, from: Ipv4Addr, to: Ipv4Addr, code: u8, about: &[u8]) -> Vec<u8> {
    let mut icmp = vec![3, code, 0, 0, 0, 0, 0, 0];
    icmp.extend_from_slice(&about[14..42]);
    let sum = vswitch::build::checksum(0, &icmp);
    icmp[2..4].copy_from_slice(&sum.to_be_bytes());
    let mut header =
        etherparse::Ipv4Header::new(icmp.len() as u16, 64, etherparse::IpNumber::ICMP, from.octets(), to.octets()).unwrap();
    header.header_checksum = header.calc_header_checksum();
    raw_ip(mac, header, &icmp)
}

#[test]
fn fragments_of_udp_only() {
    let mut w = World::new(with_gateway(HOST1));
    let mut port = 0;
    for (i, piece) in fragments(&w.udp("d", OUTSIDE, (4000, 53), &[7; 3000]), 1480).iter().enumerate() {
        let out = w.expect("UDP", "d", piece, Sent(EDGE, 1));
        assert_eq!(addresses(&out.frame()[8..]), (ip(PUBLIC), ip(OUTSIDE)));
        if i == 0 {
            port = port_at(&out.frame()[8..], 34);
        }
    }
    for piece in fragments(&udp(outside_mac(), ip(OUTSIDE), ip(PUBLIC), (53, port), &[8; 3000]), 1480) {
        let back = from_edge(&mut w, HOST1, &piece);
        assert_eq!((back.verdict(), addresses(back.frame()).1), (Deliver("d"), ip("10.0.2.8")));
    }
    let mut first = w.tcp("d", OUTSIDE, (4000, 443), "S");
    first[20] |= 0x20;
    w.expect("TCP", "d", &first, Drop(R::NatFragment));
    let first = fragments(&w.ping("d", OUTSIDE, 5), 8).remove(0);
    w.expect("ICMP", "d", &first, Drop(R::NatFragment));
}

#[test]
fn hairpin_to_public_addresses_of_the_region() {
    let mut w = World::new(with_gateway(HOST1));
    let out = w.expect("a's public address", "d", &w.tcp("d", "198.18.0.5", (4000, 80), "S"), Deliver("a"));
    assert_checksums(out.frame());
    assert_eq!(addresses(out.frame()), (ip(PUBLIC), ip("10.0.1.5")));
    let port = port_at(out.frame(), 34);
    let back = w.expect("the answer", "a", &w.tcp("a", PUBLIC, (80, port), "SA"), Deliver("d"));
    assert_checksums(back.frame());
    assert_eq!((addresses(back.frame()), port_at(back.frame(), 36)), ((ip("198.18.0.5"), ip("10.0.2.8")), 4000));
    w.expect("its own public address", "d", &w.tcp("d", PUBLIC, (4000, 80), "S"), Drop(R::NatNoEntry));
    w.expect("nobody's", "d", &w.tcp("d", "198.18.9.9", (4000, 80), "S"), Drop(R::PublicAddressUnowned));
}

#[test]
fn the_acl_of_its_subnet_judges_all_four_crossings() {
    use Direction::*;
    let tcp80 = ProtocolMatch::Tcp { from: 80, to: 80 };
    let high = ProtocolMatch::Tcp { from: 1024, to: 65535 };
    // What a subnet with a NAT gateway needs for one destination port; without each of them something stops.
    let needed = [
        (10, Ingress, true, tcp80, "10.0.0.0/16"),
        (20, Egress, true, tcp80, "0.0.0.0/0"),
        (30, Ingress, true, high, "203.0.113.0/24"),
        (40, Egress, true, high, "10.0.2.0/24"),
    ];
    for missing in 0..=needed.len() {
        let entries: Vec<_> = needed.iter().enumerate().filter(|(i, _)| *i != missing).map(|(_, e)| *e).collect();
        let mut n = with_gateway(HOST1);
        n.vpcs[0].network_acls = vec![acl(1, &entries)];
        n.nic_mut("n").acl = Some(1);
        let mut w = World::new(n);
        let request = w.tcp("d", OUTSIDE, (4000, 80), "S");
        let out = w.send("d", &request);
        match missing {
            0 => assert_eq!(out.verdict(), Drop(R::NetworkAclIngress)),
            1 => assert_eq!(out.verdict(), Drop(R::NetworkAclEgress)),
            _ => {
                assert_eq!(out.verdict(), Sent(EDGE, 1));
                let port = port_at(&out.frame()[8..], 34);
                let answer = tcp(outside_mac(), ip(OUTSIDE), ip(PUBLIC), (80, port), "SA");
                let back = from_edge(&mut w, HOST1, &answer).verdict();
                let expected = [Drop(R::NetworkAclIngress), Drop(R::NetworkAclEgress), Deliver("d")][missing - 2];
                assert_eq!(back, expected);
            }
        }
        assert_eq!(stats(&w).active_connection_count, u64::from(missing > 1), "a denied packet takes no port");
    }
}

#[test]
fn a_packet_too_big_for_the_internet_is_answered() {
    let mut w = World::new(with_gateway(HOST1));
    let (mac, own) = w.eth("d");
    let mut big = udp(mac, own, ip(OUTSIDE), (4000, 53), &[1; 3000]);
    big[20] |= 0x40;
    let sum = vswitch::build::checksum(0, &[&big[14..24], &[0, 0], &big[26..34]].concat());
    big[24..26].copy_from_slice(&sum.to_be_bytes());
    let told = w.expect("fragmentation needed", "d", &big, Deliver("d"));
    assert_checksums(told.frame());
    assert_eq!(addresses(told.frame()), (ip("10.0.3.9"), own));
    assert_eq!((told.frame()[34], told.frame()[35], port_at(told.frame(), 40)), (3, 4, 1500));
    assert_eq!(stats(&w).active_connection_count, 0);
}

/// VPCs 0 and 2 with a transit gateway; b goes there by a private NAT gateway.
#[test]
fn a_private_gateway_translates_within_the_network() {
    let gateway = TransitGatewayId::from_random(1);
    let mut n = with_gateway(HOST2);
    n.nic_mut("n").public = None;
    n.nic_mut("n").nat = Some(true);
    n.nic_mut("n").table = 4;
    n.vpcs.push(vpc_at(2, 7000, "10.2.0.0/16"));
    n.nics.push(in_subnet(nic("p", HOST1, 2, "10.2.1.5", &[1]), "10.2.1.0/24"));
    let to = |c: &str, vpc: u128| TransitRoute {
        destination: cidr(c),
        target: TransitTarget::Vpc { vpc: VpcId::from_random(vpc), table: RouteTableId::from_random(1) },
    };
    for v in [0, 2] {
        n.vpcs[v].transit =
            vec![TransitConfig { routes6: Vec::new(), id: gateway, routes: vec![to("10.0.0.0/16", 0), to("10.2.0.0/16", 2)] }];
    }
    let (local, through) = (RouteTarget::Local, RouteTarget::TransitGateway(gateway));
    n.vpcs[0].route_tables.push(table(4, &[("10.0.0.0/16", local), ("0.0.0.0/0", through)]));
    n.vpcs[2].route_tables = vec![table(1, &[("10.2.0.0/16", local), ("10.0.0.0/16", through)])];
    let mut w = World::new(n);
    let out = w.expect("through transit", "b", &w.tcp("b", "10.2.1.5", (4000, 80), "S"), Deliver("p"));
    assert_checksums(out.frame());
    assert_eq!(addresses(out.frame()), (ip("10.0.3.9"), ip("10.2.1.5")));
    let port = port_at(out.frame(), 34);
    let back = w.expect("and back", "p", &w.tcp("p", "10.0.3.9", (80, port), "SA"), Deliver("b"));
    assert_eq!((addresses(back.frame()), port_at(back.frame(), 36)), ((ip("10.2.1.5"), ip("10.0.1.6")), 4000));
    w.expect("the internet is not there", "b", &w.tcp("b", OUTSIDE, (1, 80), "S"), Drop(R::TransitNoRoute));
}

#[test]
fn gateways_that_lead_to_each_other_end_the_packet() {
    for hosts in [[HOST1, HOST1], [HOST1, HOST2]] {
        let mut n = net();
        for (name, address, host, own) in [("n", "10.0.3.9", hosts[0], 4), ("m", "10.0.4.9", hosts[1], 3)] {
            let subnet = if name == "n" { "10.0.3.0/24" } else { "10.0.4.0/24" };
            n.nics.push(in_subnet(nat_gateway(name, host, 0, address, None, own), subnet));
        }
        let to = |n: &Net, name: &str| RouteTarget::NatGateway(n.nic(name).id());
        let (to_n, to_m) = (to(&n, "n"), to(&n, "m"));
        n.vpcs[0].route_tables.push(table(3, &[("10.0.0.0/16", RouteTarget::Local), ("0.0.0.0/0", to_n)]));
        n.vpcs[0].route_tables.push(table(4, &[("10.0.0.0/16", RouteTarget::Local), ("0.0.0.0/0", to_m)]));
        n.nic_mut("a").table = 3;
        let mut w = World::new(n);
        let expected = if hosts[0] == hosts[1] { R::NatLoop } else { R::TtlExpired };
        w.expect("a loop", "a", &w.udp("a", OUTSIDE, (1, 53), b""), Drop(expected));
    }
}

#[test]
fn ports_run_out_for_one_destination_and_not_for_another() {
    let mut w = World::new(with_gateway(HOST1));
    let (port, n) = (w.index("b"), w.index("n"));
    let s = w.switches.get_mut(&HOST1).unwrap();
    let mut sink = Recorder::default();
    let mut seen = BTreeSet::new();
    let (mac, own) = (w.net.nic("b").mac, w.net.nic("b").ip());
    let total = NAT_PORTS_PER_DESTINATION + 100;
    for i in 0..total {
        let frame = udp(mac, own, ip(OUTSIDE), ((i % 60_000) as u16 + 1000, 53), b"");
        s.from_port(port, &mut FrameBuf::from_slice(&frame), 1000, &mut sink);
        for (_, datagram, _) in sink.underlay.drain(..) {
            assert!(seen.insert(port_at(&datagram[8..], 34)), "a port is given twice");
        }
    }
    assert_eq!(seen.len(), NAT_PORTS_PER_DESTINATION as usize);
    assert!(seen.iter().all(|p| *p >= 1024));
    let stats = s.nat_stats(n).unwrap();
    assert_eq!((stats.error_port_allocation, stats.packets_drop_count), (100, 100));
    assert_eq!(s.port_stats(n).unwrap().drops.get(R::NatPortsExhausted), 100);
    let other = udp(mac, own, ip(OUTSIDE), (1000, 54), b"");
    s.from_port(port, &mut FrameBuf::from_slice(&other), 1000, &mut sink);
    assert_eq!(sink.underlay.len(), 1, "another port of the same host is another destination");
}

#[test]
fn in_a_full_table_the_longest_idle_gives_way() {
    let net = with_gateway(HOST1);
    let mut s = Switch::new(Options { nat_entries_max: 8, ..Options::new(1) });
    s.configure(&net.config(HOST1), 0).unwrap();
    let (port, n) = (s.port(net.nic("b").id()).unwrap(), s.port(net.nic("n").id()).unwrap());
    let (mac, own) = (net.nic("b").mac, net.nic("b").ip());
    let mut sink = Recorder::default();
    let mut send = |s: &mut Switch, source: u16, now: u64| {
        s.from_port(port, &mut FrameBuf::from_slice(&udp(mac, own, ip(OUTSIDE), (source, 53), b"")), now, &mut sink);
        port_at(&sink.underlay.pop().unwrap().1[8..], 34)
    };
    let first: Vec<u16> = (0..8).map(|i| send(&mut s, 5000 + i, 1000 + u64::from(i))).collect();
    assert_eq!(send(&mut s, 5000, 2000), first[0], "used again");
    send(&mut s, 6000, 2001);
    assert_eq!(s.nat_stats(n).unwrap().translations, 8);
    let back = |s: &mut Switch, nat_port: u16| {
        let answer = udp(outside_mac(), ip(OUTSIDE), ip(PUBLIC), (53, nat_port), b"");
        let mut sink = Recorder::default();
        s.from_underlay(EDGE, &mut FrameBuf::from_slice(&encapsulate(1, ROUTER_MAC, &answer)), 2002, &mut sink);
        sink.delivered.len()
    };
    assert_eq!((back(&mut s, first[1]), back(&mut s, first[0]), back(&mut s, first[2])), (0, 1, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever goes out comes back to who sent it, no two share an outside, and a foreigner's packet never gets in.
    #[test]
    fn translations_are_one_to_one(
        steps in prop::collection::vec((0usize..2, 0u16..20, 0u8..3, any::<bool>(), 0u64..200), 1..80),
    ) {
        let mut w = World::new(with_gateway(HOST2));
        let mut owners: BTreeMap<(u8, u16), (usize, u16)> = BTreeMap::new();
        let names = ["b", "d"];
        for (who, source, remote, is_tcp, pause) in steps {
            w.now_ms += pause;
            let to = format!("203.0.113.{}", remote + 1);
            let ports = (3000 + source, 80);
            let frame = if is_tcp { w.tcp(names[who], &to, ports, "S") } else { w.udp(names[who], &to, ports, b"x") };
            let out = w.send(names[who], &frame);
            prop_assert_eq!(out.verdict(), Sent(EDGE, 1));
            let port = port_at(&out.frame()[8..], 34);
            let key = (remote * 2 + u8::from(is_tcp), port);
            let owner = *owners.entry(key).or_insert((who, ports.0));
            prop_assert_eq!(owner, (who, ports.0), "an outside port has one owner towards one destination");
            let answer = if is_tcp {
                tcp(outside_mac(), ip(&to), ip(PUBLIC), (80, port), "SA")
            } else {
                udp(outside_mac(), ip(&to), ip(PUBLIC), (80, port), b"y")
            };
            let back = from_edge(&mut w, HOST2, &answer);
            prop_assert_eq!(back.verdict(), Deliver(names[who]));
            prop_assert_eq!(port_at(back.frame(), 36), ports.0);
            let stranger = udp(outside_mac(), ip("203.0.113.200"), ip(PUBLIC), (80, port), b"y");
            prop_assert_eq!(from_edge(&mut w, HOST2, &stranger).verdict(), Drop(R::NatNoEntry));
        }
    }
}
