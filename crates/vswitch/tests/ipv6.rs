//! IPv6 from port to port, to other hosts, outside and back; what is too big; fragments.

mod common;
use common::six::*;
use common::*;
use vswitch::{DropReason as R, ROUTER_MAC};
use wire::net::RouteTarget;

use Verdict::*;

#[test]
fn within_a_vpc_and_between_hosts() {
    let mut w = World::new(net6());
    let (a, b, c, d) = (w.ip6("a"), w.ip6("b"), w.ip6("c"), w.ip6("d"));
    // (row, from, packet, verdict)
    w.expect("same host", "a", &w.tcp6("a", b, (1, 80), "S"), Deliver("b"));
    w.expect("not by its group", "a", &w.tcp6("a", b, (1, 81), "S"), Drop(R::SecurityGroupIngress));
    w.expect("another host", "a", &w.tcp6("a", c, (1, 80), "S"), Deliver("c"));
    w.expect("its answer", "c", &w.tcp6("c", a, (80, 1), "SA"), Deliver("a"));
    w.expect("goes on", "a", &w.tcp6("a", c, (1, 80), "A"), Deliver("c"));
    w.expect("UDP", "a", &w.udp6("a", d, (5, 6), b"x"), Deliver("d"));
    let out = w.expect("ping", "a", &w.ping6("a", d, 7), Deliver("d"));
    assert_eq!(check6(out.frame()), (a, d));
    w.expect("a ping does not open the other way", "c", &w.ping6("c", b, 7), Drop(R::SecurityGroupIngress));
    w.expect("pong", "d", &icmp6(w.eth("d").0, d, a, 64, 129, 0, &[0, 7, 0, 1, 1]), Deliver("a"));
    w.expect("nobody", "a", &w.udp6("a", ip6("2001:db8:0:101::77"), (5, 6), b"x"), Drop(R::NoSuchDestination));
    w.expect("blackhole", "a", &w.udp6("a", ip6("2001:db8:dead::1"), (5, 6), b"x"), Drop(R::Blackhole));
    w.expect("loopback", "a", &w.udp6("a", ip6("::1"), (5, 6), b"x"), Drop(R::MartianDestination));
    w.expect("IPv4 in IPv6's clothes", "a", &w.udp6("a", ip6("::ffff:10.0.1.6"), (5, 6), b"x"), Drop(R::MartianDestination));
    let row = w.switches[&HOST1].port_flows(w.index("a")).find(|f| f.remote == c && f.protocol == 6).unwrap();
    assert_eq!((row.local_port, row.out_packets, row.in_packets), (1, 2, 1));
    // IPv4 beside it is another network.
    w.expect("IPv4", "a", &w.tcp("a", "10.0.2.7", (1, 80), "S"), Deliver("c"));
}

#[test]
fn groups_by_reference_hold_for_both() {
    let mut n = net6();
    for name in ["a", "d"] {
        n.nic_mut(name).groups = vec![group(3)];
    }
    let mut w = World::new(n);
    w.expect("a member", "a", &w.tcp6("a", w.ip6("d"), (1, 9), "S"), Deliver("d"));
    w.expect("no member", "b", &w.tcp6("b", w.ip6("d"), (1, 9), "S"), Drop(R::SecurityGroupIngress));
}

#[test]
fn acls_judge_at_the_subnets_edge() {
    let mut n = net6();
    n.vpcs[0].network_acls = vec![acl(1, &[])];
    let entry = |number, direction, allow, protocol, cidr: &str| wire::net::NetworkAclEntry {
        number,
        direction,
        allow,
        protocol,
        cidr: cidr.parse().unwrap(),
    };
    use wire::net::{Direction::*, ProtocolMatch as P};
    n.vpcs[0].network_acls[0].entries6 = vec![
        entry(10, Ingress, false, P::Icmp { kind: Some(128), code: None }, "2001:db8:0:101::1:5/128"),
        entry(20, Ingress, true, P::All, "::/0"),
        entry(20, Egress, true, P::Tcp { from: 0, to: 65_535 }, "2001:db8::/32"),
    ];
    n.nic_mut("d").acl = Some(1);
    let mut w = World::new(n);
    let (a, d) = (w.ip6("a"), w.ip6("d"));
    w.expect("echo", "a", &w.ping6("a", d, 1), Drop(R::NetworkAclIngress));
    w.expect("TCP in", "a", &w.tcp6("a", d, (1, 2), "S"), Deliver("d"));
    w.expect("TCP out", "d", &w.tcp6("d", a, (2, 1), "SA"), Deliver("a"));
    w.expect("UDP out", "d", &w.udp6("d", a, (2, 1), b""), Drop(R::NetworkAclEgress));
    w.expect("IPv4 is judged by its own list", "a", &w.tcp("a", "10.0.2.8", (1, 2), "S"), Drop(R::NetworkAclIngress));
}

#[test]
fn outside_and_back() {
    let mut w = World::new(net6());
    let (a, x, outside) = (w.ip6("a"), w.ip6("x"), ip6(OUTSIDE6));
    let in_by = |src, dst, ports, flags| encapsulate(1, ROUTER_MAC, &tcp6(ROUTER_MAC, src, dst, ports, flags));
    let out = w.expect("out by the internet gateway", "a", &w.tcp6("a", outside, (1, 443), "S"), Sent(EDGE, 1));
    assert_eq!(check6(&out.frame()[8..]), (a, outside), "nothing is translated");
    assert_eq!(w.receive(HOST1, EDGE, &in_by(outside, a, (443, 1), "SA")).verdict(), Deliver("a"));
    assert_eq!(w.receive(HOST1, EDGE, &in_by(outside, a, (9, 22), "S")).verdict(), Deliver("a"), "open");
    w.expect("egress only: out", "x", &w.tcp6("x", outside, (1, 443), "S"), Sent(EDGE, 1));
    assert_eq!(w.receive(HOST1, EDGE, &in_by(outside, x, (443, 1), "SA")).verdict(), Deliver("x"), "what was asked for");
    assert_eq!(w.receive(HOST1, EDGE, &in_by(outside, x, (9, 22), "S")).verdict(), Drop(R::EgressOnly));
    let error = |to, quoted: &[u8]| {
        let mut rest = vec![0, 0, 5, 0];
        rest.extend_from_slice(&quoted[14..]);
        encapsulate(1, ROUTER_MAC, &icmp6(ROUTER_MAC, ip6("2001:db8:fffe::1"), to, 64, 2, 0, &rest))
    };
    assert_eq!(w.receive(HOST1, EDGE, &error(x, &w.tcp6("x", outside, (1, 443), "A"))).verdict(), Deliver("x"), "related");
    assert_eq!(w.receive(HOST1, EDGE, &error(x, &w.tcp6("x", outside, (2, 443), "A"))).verdict(), Drop(R::IcmpUnrelated));
    // Another VPC's address is reached as anyone outside reaches it.
    let c = w.ip6("c");
    w.expect("to an open VPC", "x", &w.tcp6("x", c, (1, 80), "S"), Deliver("c"));
    w.expect("and back", "c", &w.tcp6("c", x, (80, 1), "SA"), Deliver("x"));
    w.expect("to one that is not", "c", &w.tcp6("c", x, (7, 80), "S"), Drop(R::EgressOnly));
    w.expect("nobody's of the pool", "a", &w.tcp6("a", ip6("2001:db8:0:999::1"), (1, 2), "S"), Drop(R::PublicAddressUnowned));
    // The gateway goes away: what nobody answered yet ends, what was answered goes on.
    assert_eq!(w.receive(HOST1, EDGE, &in_by(outside, a, (10, 22), "S")).verdict(), Deliver("a"));
    w.expect("answered", "a", &w.tcp6("a", outside, (22, 9), "SA"), Sent(EDGE, 1));
    w.net.vpcs[0].open6 = false;
    w.apply();
    assert_eq!(w.receive(HOST1, EDGE, &in_by(outside, a, (9, 22), "A")).verdict(), Deliver("a"));
    assert_eq!(w.receive(HOST1, EDGE, &in_by(outside, a, (10, 22), "A")).verdict(), Drop(R::EgressOnly));
    // No way outside.
    w.net.internet.addresses6.retain(|o| o.address != a);
    w.apply();
    w.expect("no way outside", "a", &w.tcp6("a", outside, (3, 443), "S"), Drop(R::NoPublicAddress));
    assert_eq!(w.receive(HOST1, EDGE, &in_by(outside, a, (443, 3), "SA")).verdict(), Drop(R::NoSuchPort));
}

#[test]
fn too_big_is_told_and_never_cut() {
    let mut n = net6();
    n.nic_mut("b").mtu = 1400;
    let mut w = World::new(n);
    for (row, to, mtu) in [("to a port", w.ip6("b"), 1400u32), ("outside", ip6(OUTSIDE6), 1500)] {
        let out = w.expect(row, "a", &w.udp6("a", to, (1, 2), &[0; 1600]), Deliver("a"));
        let f = out.frame();
        assert_eq!(check6(f), (ip6("2001:db8:0:101::"), w.ip6("a")));
        assert_eq!((f[54], f[55], &f[58..62]), (2, 0, &mtu.to_be_bytes()[..]), "{row}");
        assert_eq!((f.len(), &f[62 + 24..62 + 40]), (14 + 1280, &to.octets()[..]), "the packet, as much as fits");
    }
    w.expect("jumbo inside", "a", &w.udp6("a", w.ip6("d"), (1, 2), &[0; 8000]), Deliver("d"));
    assert_eq!(w.stats("a").too_big_replies, 2);
}

#[test]
fn fragments() {
    let mut w = World::new(net6());
    let whole = w.udp6("a", w.ip6("c"), (1, 80), &[7; 3000]);
    w.expect("not by its group", "a", &fragments6(&whole, 1000)[0], Drop(R::SecurityGroupIngress));
    let whole = w.udp6("a", w.ip6("d"), (1, 2), &[7; 3000]);
    let pieces = fragments6(&whole, 1000);
    w.expect("a later one first", "a", &pieces[1], Drop(R::FragmentUnknown));
    for (i, piece) in pieces.iter().enumerate() {
        w.expect(&format!("piece {i}"), "a", piece, Deliver("d"));
    }
    w.expect("one that overlaps", "a", &pieces[1], Drop(R::FragmentOverlap));
    w.expect("then all of it", "a", &pieces[3], Drop(R::FragmentOverlap));
    let short = w.udp6("a", w.ip6("d"), (1, 2), b"x");
    w.expect("an atomic one", "a", &extended(&short, &[(44, &[0, 0, 0, 0, 0, 0, 77])]), Deliver("d"));
    w.expect(
        "extension headers",
        "a",
        &extended(&short, &[(0, &[0, 1, 4, 0, 0, 0, 0]), (60, &[0, 1, 4, 0, 0, 0, 0])]),
        Deliver("d"),
    );
    w.expect("a source route", "a", &extended(&short, &[(43, &[0, 2, 1, 0, 0, 0, 0])]), Drop(R::IpOptions));
    w.expect("headers without end", "a", &extended(&short, &[(60, &[0, 1, 4, 0, 0, 0, 0][..]); 7]), Drop(R::ExtensionHeader));
    w.expect("Shim6", "a", &extended(&short, &[(140, &[0, 1, 4, 0, 0, 0, 0])]), Drop(R::ExtensionHeader));
    // The later fragments of a datagram say what the first one's chain said, whatever number they have.
    let mut odd = fragments6(&w.udp6("a", w.ip6("d"), (1, 2), &[7; 3000]), 1000);
    odd.iter_mut().for_each(|f| f[61] = 78);
    odd[1][54] = 6;
    w.expect("first", "a", &odd[0], Deliver("d"));
    w.expect("of another number", "a", &odd[1], Deliver("d"));
}

#[test]
fn peering_and_routers() {
    let mut n = net6();
    let id = types::PeeringId::from_random(1);
    for (v, other) in [(0, 1), (1, 0)] {
        let peer = n.vpcs[other].id;
        n.vpcs[v].peerings = vec![wire::net::PeeringConfig { id, peer }];
        let block = n.vpcs[other].cidrs6[0];
        n.vpcs[v].route_tables[0].routes6.push(wire::net::Route { destination: block, target: RouteTarget::Peering(id) });
    }
    let mut w = World::new(n);
    w.expect("a peer, not from outside", "a", &w.tcp6("a", w.ip6("y"), (1, 2), "S"), Deliver("y"));
    w.expect("and back", "y", &w.tcp6("y", w.ip6("a"), (2, 1), "SA"), Deliver("a"));
    // b routes for others: what it passes on has others' addresses, but none of a link or of a host's services.
    w.net.nic_mut("b").check = false;
    w.apply();
    let b = w.eth("b").0;
    w.expect("for another", "b", &tcp6(b, w.ip6("a"), w.ip6("d"), (5, 6), "S"), Deliver("d"));
    for own in ["fe80::1", "fd00:ec2::254", "ff02::1", "::1"] {
        w.expect(own, "b", &tcp6(b, ip6(own), w.ip6("d"), (5, 6), "S"), Drop(R::SourceIpSpoofed));
    }
}

#[test]
fn what_a_port_without_ipv6_does_with_it() {
    let mut n = net6();
    (n.nic_mut("b").subnet6, n.nic_mut("b").ipv6, n.nic_mut("b").check) = (None, vec![], false);
    let mut w = World::new(n);
    let (b, a) = (w.eth("b").0, w.ip6("a"));
    w.expect("out", "b", &udp6(b, ip6("2001:db8:0:101::1:6"), a, (1, 2), b""), Drop(R::Ipv6));
    let forged = encapsulate(5000, b, &udp6(w.eth("d").0, w.ip6("d"), a, (1, 2), b""));
    assert_eq!(w.receive(HOST1, HOST2, &forged).verdict(), Drop(R::Ipv6));
}
