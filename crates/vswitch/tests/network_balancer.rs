//! Network load balancers: there and back, connections that stay, timeouts, health, rules, what they quote.

mod common;
use Verdict::*;
use common::*;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use types::*;
use vswitch::DropReason as R;
use vswitch::*;
use wire::net::*;

const PUBLIC: &str = "198.18.0.99";
const NODE: &str = "10.0.3.9";
const CLIENT: &str = "203.0.113.20";

fn target(address: &str, port: u16) -> NetworkTarget {
    NetworkTarget { address: ip(address), port, weight: 1, state: TargetState::Healthy }
}

fn listener(protocol: Transport, port: u16, targets: Vec<NetworkTarget>) -> NetworkListener {
    let idle_seconds = if protocol == Transport::Tcp { 350 } else { 120 };
    NetworkListener {
        protocol,
        port,
        idle_seconds,
        by_client: false,
        keeps_client: true,
        ends_removed: false,
        ends_unhealthy: true,
        targets,
    }
}

/// `net()` with a node n on `host`: TCP 80 and UDP 53 go to c (host 2) and d (host 2) at 8080. All are in group 1.
fn with_node(host: Ipv4Addr) -> Net {
    let mut n = net();
    let mut node = in_subnet(nic("n", host, 0, NODE, &[]), "10.0.3.0/24");
    node.public = Some(ip(PUBLIC));
    node.metadata = false;
    n.nics.push(node);
    for name in ["a", "b", "c", "d"] {
        n.nic_mut(name).groups = vec![group(1)];
    }
    let targets = || vec![target("10.0.2.7", 8080), target("10.0.2.8", 8080)];
    let listeners = vec![listener(Transport::Tcp, 80, targets()), listener(Transport::Udp, 53, targets())];
    let interface = n.nic("n").id();
    n.vpcs[0].balancers = vec![NetworkBalancer { interface, seed: [5, 6], listeners }];
    n
}

fn listeners(w: &mut World) -> &mut Vec<NetworkListener> {
    &mut w.net.vpcs[0].balancers[0].listeners
}

fn ports(frame: &[u8]) -> (u16, u16) {
    (u16::from_be_bytes([frame[34], frame[35]]), u16::from_be_bytes([frame[36], frame[37]]))
}

fn outside_mac() -> MacAddr {
    MacAddr([2, 9, 9, 9, 9, 9])
}

fn from_edge(w: &mut World, frame: &[u8]) -> Out {
    let host = w.net.nic("n").host;
    w.receive(host, EDGE, &encapsulate(1, ROUTER_MAC, frame))
}

/// A segment of a client outside, through the edge.
fn outside(w: &mut World, port: u16, flags: &str) -> Out {
    from_edge(w, &tcp(outside_mac(), ip(CLIENT), ip(PUBLIC), (port, 80), flags))
}

fn who(out: &Out) -> &'static str {
    match out {
        Out::Delivered(name, _) => name,
        other => panic!("not delivered: {other:?}"),
    }
}

/// The answer of whoever got the frame.
fn answer(w: &mut World, name: &'static str, got: &[u8], flags: &str) -> Out {
    let ((source, destination), (from, to)) = (addresses(got), ports(got));
    let frame = if got[23] == 6 {
        tcp(w.eth(name).0, destination, source, (to, from), flags)
    } else {
        udp(w.eth(name).0, destination, source, (to, from), b"answer")
    };
    w.send(name, &frame)
}

fn stats(w: &World) -> NatStats {
    w.switches[&w.net.nic("n").host].nat_stats(w.index("n")).unwrap()
}

#[test]
fn there_and_back_for_clients_inside_and_outside_on_every_host() {
    for host in [HOST1, HOST2] {
        let mut w = World::new(with_node(host));
        let mut seen = BTreeSet::new();
        for client in ["a", "b"] {
            for port in 4000..4016 {
                let row = format!("{client}, port {port}, node on {host}");
                let out = w.send(client, &w.tcp(client, NODE, (port, 80), "S"));
                let name = who(&out);
                seen.insert(name);
                assert_checksums(out.frame());
                assert_eq!(addresses(out.frame()), (w.eth(client).1, w.eth(name).1), "{row}: the client's own address");
                assert_eq!(ports(out.frame()), (port, 8080), "{row}");
                assert_eq!(out.frame()[22], 64, "{row}: it is no hop");
                let back = answer(&mut w, name, out.frame(), "SA");
                assert_eq!(back.verdict(), Deliver(client), "{row}");
                assert_checksums(back.frame());
                assert_eq!((addresses(back.frame()), ports(back.frame())), ((ip(NODE), w.eth(client).1), (80, port)), "{row}");
                let again = w.send(client, &w.tcp(client, NODE, (port, 80), "A"));
                assert_eq!(again.verdict(), Deliver(name), "{row}: the same target");
            }
        }
        for port in 5000..5016 {
            let out = outside(&mut w, port, "S");
            let name = who(&out);
            seen.insert(name);
            assert_checksums(out.frame());
            assert_eq!((addresses(out.frame()), ports(out.frame())), ((ip(CLIENT), w.eth(name).1), (port, 8080)));
            let back = answer(&mut w, name, out.frame(), "SA");
            assert_eq!(back.verdict(), Sent(EDGE, 1), "by the node, not by the target's own public address");
            assert_checksums(&back.frame()[8..]);
            assert_eq!((addresses(&back.frame()[8..]), ports(&back.frame()[8..])), ((ip(PUBLIC), ip(CLIENT)), (80, port)));
            assert_eq!(outside(&mut w, port, "A").verdict(), Deliver(name));
            assert_eq!(answer(&mut w, name, out.frame(), "A").verdict(), Sent(EDGE, 1), "by the flow's own action");
        }
        assert_eq!(seen, BTreeSet::from(["c", "d"]), "both get some");
        let s = stats(&w);
        assert_eq!((s.active_connection_count, s.connection_established_count), (48, 48));

        let out = w.send("a", &w.udp("a", NODE, (4000, 53), b"odd"));
        assert_checksums(out.frame());
        let back = answer(&mut w, who(&out), out.frame(), "");
        assert_eq!((back.verdict(), addresses(back.frame()).0, ports(back.frame())), (Deliver("a"), ip(NODE), (53, 4000)));
        assert_checksums(back.frame());
    }
}

#[test]
fn a_target_that_is_on_the_nodes_host_and_one_that_is_not() {
    let mut w = World::new(with_node(HOST1));
    listeners(&mut w)[0].targets = vec![target("10.0.1.6", 8080), target("10.0.2.8", 8080)];
    w.apply();
    let mut seen = BTreeMap::new();
    for port in 4000..4032 {
        let out = outside(&mut w, port, "S");
        let name = who(&out);
        assert_eq!(answer(&mut w, name, out.frame(), "SA").verdict(), Sent(EDGE, 1), "{name}");
        *seen.entry(name).or_insert(0) += 1;
        let out = w.send("a", &w.tcp("a", NODE, (port, 80), "S"));
        assert_eq!(answer(&mut w, who(&out), out.frame(), "SA").verdict(), Deliver("a"));
    }
    assert!(seen["b"] > 4 && seen["d"] > 4, "{seen:?}");
    // The client is the target.
    let mut own = 0;
    for port in 4000..4032 {
        match w.send("b", &w.tcp("b", NODE, (port, 80), "S")).verdict() {
            Drop(R::Hairpin) => own += 1,
            other => assert_eq!(other, Deliver("d")),
        }
    }
    assert!(own > 0, "as with AWS when client addresses are kept");
}

#[test]
fn connections_stay_through_a_thousand_changes() {
    let mut w = World::new(with_node(HOST1));
    let all: Vec<NetworkTarget> = (0..20).map(|i| target("10.0.2.8", 9000 + i)).collect();
    // d is a target by twenty ports, so that one guest stands for many.
    listeners(&mut w)[0].targets.clone_from(&all);
    w.apply();
    let to = |out: &Out| ports(out.frame()).1;
    let mut flows: Vec<(u16, u16)> = Vec::new();
    for port in 10_000..20_000 {
        let out = outside(&mut w, port, "S");
        answer(&mut w, "d", out.frame(), "SA");
        flows.push((port, to(&out)));
    }
    let (mut moved, mut checked) = (0, 0);
    for change in 0..1000u32 {
        // One that is away comes back, another one goes.
        let gone = change as usize % all.len();
        listeners(&mut w)[0].targets = all.iter().enumerate().filter(|(i, _)| *i != gone).map(|(_, t)| t.clone()).collect();
        w.apply();
        for k in 0..10 {
            let (port, had) = flows[(change as usize * 10 + k) % flows.len()];
            moved += usize::from(to(&outside(&mut w, port, "A")) != had);
            checked += 1;
        }
    }
    assert_eq!((moved, checked), (0, 10_000));
    let lost = flows.iter().filter(|(port, had)| to(&outside(&mut w, *port, "A")) != *had).count();
    assert_eq!(lost, 0, "of all, at the end");
}

#[test]
fn health_and_draining() {
    use TargetState::*;
    let mut w = World::new(with_node(HOST1));
    // (client's port, its target)
    let open = |w: &mut World, port: u16| {
        let out = outside(w, port, "S");
        answer(w, who(&out), out.frame(), "SA");
        who(&out)
    };
    let first: BTreeMap<u16, &str> = (4000..4016).map(|p| (p, open(&mut w, p))).collect();
    let (c, d) = (*first.iter().find(|(_, n)| **n == "c").unwrap().0, *first.iter().find(|(_, n)| **n == "d").unwrap().0);
    let set = |w: &mut World, states: [TargetState; 2]| {
        let targets = &mut listeners(w)[0].targets;
        (targets[0].state, targets[1].state) = (states[0], states[1]);
        w.apply();
    };
    set(&mut w, [Draining, Healthy]);
    assert!((5000..5016).all(|p| open(&mut w, p) == "d"), "nothing new for who drains");
    assert_eq!(outside(&mut w, c, "A").verdict(), Deliver("c"), "what it has goes on");
    // Its delay has ended.
    let both = listeners(&mut w)[0].targets.clone();
    listeners(&mut w)[0].targets = vec![both[1].clone()];
    w.apply();
    assert_eq!(outside(&mut w, c, "A").verdict(), Deliver("c"), "also then");
    listeners(&mut w)[0].ends_removed = true;
    w.apply();
    let reset = outside(&mut w, c, "A");
    assert_eq!(reset.verdict(), Sent(EDGE, 1), "unless they are to end");
    let frame = &reset.frame()[8..];
    assert_checksums(frame);
    assert_eq!((addresses(frame), ports(frame), frame[47]), ((ip(PUBLIC), ip(CLIENT)), (80, c), 0x04), "RST");
    let late = tcp(w.eth("c").0, w.eth("c").1, ip(CLIENT), (8080, c), "A");
    let reset = w.send("c", &late);
    assert_eq!((reset.verdict(), addresses(reset.frame()).0, reset.frame()[47]), (Deliver("c"), ip(CLIENT), 0x04), "both sides");

    listeners(&mut w)[0].targets = both;
    listeners(&mut w)[0].ends_removed = false;
    set(&mut w, [Healthy, Unhealthy]);
    assert!((6000..6016).all(|p| open(&mut w, p) == "c"));
    assert_eq!(outside(&mut w, d, "A").verdict(), Sent(EDGE, 1), "unhealthy: its connections end");
    set(&mut w, [Unhealthy, Unhealthy]);
    let seen: BTreeSet<&str> = (7000..7032).map(|p| open(&mut w, p)).collect();
    assert_eq!(seen, BTreeSet::from(["c", "d"]), "all are unhealthy: all are used");
    listeners(&mut w)[0].ends_unhealthy = false;
    set(&mut w, [Healthy, Unhealthy]);
    let d = *first.iter().filter(|(p, n)| **n == "d" && **p != d).map(|(p, _)| p).next().unwrap();
    assert_eq!(outside(&mut w, d, "A").verdict(), Deliver("d"), "unless they are not to end");
    listeners(&mut w)[0].targets.clear();
    w.apply();
    assert_eq!(outside(&mut w, 8000, "S").verdict(), Drop(R::BalancerNoTarget));
}

#[test]
fn idle_timeouts() {
    let mut w = World::new(with_node(HOST1));
    listeners(&mut w)[0].idle_seconds = 60 * 60;
    w.apply();
    let out = outside(&mut w, 4000, "S");
    let name = who(&out);
    answer(&mut w, name, out.frame(), "SA");
    w.now_ms += 3_599_000;
    assert_eq!(outside(&mut w, 4000, "A").verdict(), Deliver(name), "just in time");
    listeners(&mut w)[0].idle_seconds = 350;
    w.apply();
    assert_eq!(outside(&mut w, 4000, "A").verdict(), Deliver(name));
    w.now_ms += 350_000;
    let reset = outside(&mut w, 4000, "A");
    assert_eq!((reset.verdict(), reset.frame()[8 + 47]), (Sent(EDGE, 1), 0x04), "RST");
    let late = answer(&mut w, name, out.frame(), "A");
    assert_eq!((late.verdict(), late.frame()[47]), (Deliver(name), 0x04), "to the target too");
    assert_eq!(stats(&w).idle_timeout_count, 1);

    // UDP: the same client finds its target for 120 s.
    let mut n = 0;
    let ask = |w: &mut World| from_edge(w, &udp(outside_mac(), ip(CLIENT), ip(PUBLIC), (4000, 53), b"q"));
    let target = who(&ask(&mut w));
    let other = if target == "c" { 1 } else { 0 };
    let both = listeners(&mut w)[1].targets.clone();
    listeners(&mut w)[1].targets = vec![both[other].clone()];
    w.apply();
    for _ in 0..4 {
        w.now_ms += 100_000;
        assert_eq!(who(&ask(&mut w)), target, "it stays while it is used");
        n += 1;
    }
    w.now_ms += 120_000;
    assert_ne!(who(&ask(&mut w)), target, "another begins after {n}");
}

#[test]
fn rules_of_the_node_and_of_its_targets() {
    let mut w = World::new(with_node(HOST1));
    // Group 9: the node's; in from one network, out to anywhere. Group 10: in from members of group 9.
    use Direction::*;
    let tcp_to = |port| ProtocolMatch::Tcp { from: port, to: port };
    let network = PeerMatch::Cidr(cidr("203.0.113.0/24"));
    let member = PeerMatch::Group(group(9));
    w.net.vpcs[0].security_groups.extend([
        SecurityGroupConfig {
            id: group(9),
            rules: vec![rule(Ingress, tcp_to(80), network), rule(Egress, tcp_to(8080), anywhere())],
            rules6: vec![],
        },
        SecurityGroupConfig { id: group(10), rules: vec![rule(Ingress, tcp_to(8080), member)], rules6: vec![] },
    ]);
    w.net.nic_mut("n").groups = vec![group(9)];
    for name in ["c", "d"] {
        w.net.nic_mut(name).groups = vec![group(10)];
    }
    w.apply();
    let out = outside(&mut w, 4000, "S");
    let name = who(&out);
    assert_eq!(answer(&mut w, name, out.frame(), "SA").verdict(), Sent(EDGE, 1));
    let other = tcp(outside_mac(), ip("198.51.100.7"), ip(PUBLIC), (4000, 80), "S");
    assert_eq!(from_edge(&mut w, &other).verdict(), Drop(R::SecurityGroupIngress), "the node's own rules");
    w.expect(
        "a client that the node's rules do not name",
        "a",
        &w.tcp("a", NODE, (4000, 80), "S"),
        Drop(R::SecurityGroupIngress),
    );
    w.expect("not by the node", "a", &w.tcp("a", "10.0.2.7", (4000, 8080), "S"), Drop(R::SecurityGroupIngress));
    // A target that names nobody; a client's address is as good.
    w.net.nic_mut("c").groups = vec![group(5)];
    w.net.nic_mut("d").groups = vec![group(5)];
    w.apply();
    assert_eq!(outside(&mut w, 4001, "S").verdict(), Drop(R::SecurityGroupIngress), "the target's rules");
    assert_eq!(outside(&mut w, 4000, "A").verdict(), Deliver(name), "a connection goes on, as in EC2");
    listeners(&mut w)[0].targets.iter_mut().for_each(|t| t.port = 8081);
    w.apply();
    assert_eq!(outside(&mut w, 4002, "S").verdict(), Drop(R::SecurityGroupEgress), "what the node may send");
    // The node's subnet.
    w.net.vpcs[0].network_acls = vec![acl(7, &[(100, Direction::Ingress, false, tcp_to(80), "0.0.0.0/0")])];
    w.net.nic_mut("n").acl = Some(7);
    w.apply();
    assert_eq!(outside(&mut w, 4003, "S").verdict(), Drop(R::NetworkAclIngress));
}

#[test]
fn nobody_is_a_node_who_is_none() {
    let mut w = World::new(with_node(HOST1));
    let n_mac = w.eth("n").0;
    // A host that claims to forward for the node.
    let frame = tcp(n_mac, ip(CLIENT), ip("10.0.2.7"), (4000, 8080), "S");
    w.net.nics.push(nic("e", Ipv4Addr::new(127, 77, 0, 9), 0, "10.0.1.9", &[1]));
    w.apply();
    let forged = encapsulate(5000, w.eth("c").0, &frame);
    assert_eq!(w.receive(HOST2, Ipv4Addr::new(127, 77, 0, 9), &forged).verdict(), Drop(R::InnerSourceSpoofed));
    // A guest that sends with the node's link address.
    w.expect("its link address", "a", &tcp(n_mac, w.eth("a").1, ip("10.0.2.7"), (1, 8080), "S"), Drop(R::SourceMacSpoofed));
    // From the node's host without the node's link address.
    let bare = encapsulate(5000, w.eth("c").0, &tcp(outside_mac(), ip(CLIENT), ip("10.0.2.7"), (4000, 8080), "S"));
    assert_eq!(w.receive(HOST2, HOST1, &bare).verdict(), Drop(R::InnerSourceSpoofed));
    assert_eq!(outside(&mut w, 4000, "A").verdict(), Sent(EDGE, 1), "no connection: a reset");
    let stray = udp(w.eth("c").0, w.eth("c").1, ip(CLIENT), (8080, 4000), b"");
    w.expect("a target that was asked nothing goes its own way", "c", &stray, Sent(EDGE, 1));
    w.expect("no listener", "a", &w.tcp("a", NODE, (1, 81), "S"), Deliver("n"));
}

#[test]
fn a_connection_that_the_target_could_not_tell_from_another() {
    let mut w = World::new(with_node(HOST1));
    listeners(&mut w).push(listener(Transport::Tcp, 81, vec![target("10.0.2.7", 8080)]));
    listeners(&mut w)[0].targets = vec![target("10.0.2.7", 8080), target("10.0.2.8", 8080)];
    w.apply();
    // By one listener and then by the other, with the same port of the client.
    let first = w.send("a", &w.tcp("a", NODE, (4000, 81), "S"));
    assert_eq!(who(&first), "c");
    answer(&mut w, "c", first.frame(), "SA");
    w.expect("the other target is free", "a", &w.tcp("a", NODE, (4000, 80), "S"), Deliver("d"));
    listeners(&mut w)[0].targets.pop();
    w.apply();
    let second = w.send("b", &w.tcp("b", NODE, (4000, 81), "S"));
    answer(&mut w, "c", second.frame(), "SA");
    w.expect("there is no other", "b", &w.tcp("b", NODE, (4000, 80), "S"), Drop(R::BalancerCollision));
    // Directly, while a connection by the node has the same addresses.
    let direct = w.tcp("b", "10.0.2.7", (4000, 8080), "S");
    let (same, _) = (w.net.nic("b").host == w.net.nic("n").host, ());
    assert!(same, "b's packets come by the same path, directly and by the node");
    w.net.nic_mut("n").host = HOST2;
    w.apply();
    w.expect("by another path", "b", &direct, Drop(R::BalancerCollision));
    // Over, it begins anew, and directly.
    answer(&mut w, "c", second.frame(), "R");
    w.expect("after a reset", "b", &direct, Deliver("c"));
    w.expect("its answer", "c", &w.tcp("c", "10.0.1.6", (8080, 4000), "SA"), Deliver("b"));
}

#[test]
fn icmp_errors_go_where_the_connection_goes() {
    let mut w = World::new(with_node(HOST1));
    let out = outside(&mut w, 4000, "S");
    let name = who(&out);
    let back = answer(&mut w, name, out.frame(), "SA");
    // A router outside says that the answer was too big: the target is told about what it sent.
    let error = icmp_error(outside_mac(), ip("192.0.2.77"), ip(PUBLIC), &back.frame()[8..]);
    let told = from_edge(&mut w, &error);
    assert_eq!(told.verdict(), Deliver(name));
    let frame = told.frame();
    assert_checksums(frame);
    assert_eq!(addresses(frame), (ip("192.0.2.77"), w.eth(name).1));
    assert_eq!(frame[42 + 12..42 + 20], [w.eth(name).1.octets(), ip(CLIENT).octets()].concat(), "the quote's addresses");
    assert_eq!(frame[42 + 20..42 + 24], [8080u16.to_be_bytes(), 4000u16.to_be_bytes()].concat(), "and ports");
    assert_eq!(vswitch::build::checksum(0, &frame[42..62]), 0, "its header's checksum");
    // The target says that its port is closed: the client is told about the node's.
    let closed = icmp_error(w.eth(name).0, w.eth(name).1, ip(CLIENT), out.frame());
    let told = w.send(name, &closed);
    assert_eq!(told.verdict(), Sent(EDGE, 1));
    let frame = &told.frame()[8..];
    assert_checksums(frame);
    assert_eq!(addresses(frame), (ip(PUBLIC), ip(CLIENT)));
    assert_eq!(frame[42 + 12..42 + 20], [ip(CLIENT).octets(), ip(PUBLIC).octets()].concat());
    assert_eq!(frame[42 + 20..42 + 24], [4000u16.to_be_bytes(), 80u16.to_be_bytes()].concat());
    // One about nothing goes to the process behind, which is asked as any guest's port.
    let stray = icmp_error(outside_mac(), ip("192.0.2.77"), ip(PUBLIC), &tcp(outside_mac(), ip(PUBLIC), ip(CLIENT), (1, 2), "S"));
    assert_eq!(from_edge(&mut w, &stray).verdict(), Deliver("n"));
    let echo = from_edge(&mut w, &ping(outside_mac(), ip(CLIENT), ip(PUBLIC), 1));
    assert_eq!(echo.verdict(), Deliver("n"));
}

fn icmp_error(mac: MacAddr, from: Ipv4Addr, to: Ipv4Addr, about: &[u8]) -> Vec<u8> {
    let mut icmp = vec![3, 3, 0, 0, 0, 0, 0, 0];
    icmp.extend_from_slice(&about[14..42]);
    let sum = vswitch::build::checksum(0, &icmp);
    icmp[2..4].copy_from_slice(&sum.to_be_bytes());
    let mut header =
        etherparse::Ipv4Header::new(icmp.len() as u16, 64, etherparse::IpNumber::ICMP, from.octets(), to.octets()).unwrap();
    header.header_checksum = header.calc_header_checksum();
    raw_ip(mac, header, &icmp)
}

#[test]
fn fragments_of_udp_follow_their_first() {
    let mut w = World::new(with_node(HOST1));
    let whole = w.udp("a", NODE, (4000, 53), &[7; 3000]);
    let pieces = fragments(&whole, 1000);
    let mut names = BTreeSet::new();
    for (i, piece) in pieces.iter().enumerate() {
        let out = w.send("a", piece);
        names.insert(who(&out));
        assert_eq!(addresses(out.frame()).0, w.eth("a").1);
        assert_eq!(addresses(out.frame()).1, w.eth(who(&out)).1, "piece {i}");
    }
    assert!(pieces.len() > 2 && names.len() == 1, "{names:?}");
    let name = names.pop_first().unwrap();
    let (mac, from) = w.eth(name);
    for piece in fragments(&udp(mac, from, w.eth("a").1, (8080, 4000), &[8; 3000]), 1000) {
        let out = w.send(name, &piece);
        assert_eq!((out.verdict(), addresses(out.frame()).0), (Deliver("a"), ip(NODE)));
    }
    let mut w = World::new(with_node(HOST1));
    assert_eq!(w.send("a", &pieces[1]).verdict(), Drop(R::FragmentUnknown));
}

#[test]
fn by_the_client_alone() {
    let mut w = World::new(with_node(HOST1));
    listeners(&mut w)[0].by_client = true;
    w.apply();
    let first = who(&outside(&mut w, 4000, "S"));
    assert!((4001..4032).all(|port| who(&outside(&mut w, port, "S")) == first));
    let others: BTreeSet<&str> = (1..32u8)
        .map(|n| who(&from_edge(&mut w, &tcp(outside_mac(), Ipv4Addr::new(203, 0, 113, 100 + n), ip(PUBLIC), (1, 80), "S"))))
        .collect();
    assert_eq!(others.len(), 2);
}

#[test]
fn a_full_table_turns_new_connections_away() {
    let mut net = with_node(HOST1);
    net.vpcs[0].balancers[0].listeners[0].targets = vec![target("10.0.2.8", 8080)];
    let mut w = World::new(net);
    let options = Options { nat_entries_max: 64, ..Options::new(7) };
    w.switches.insert(HOST1, Switch::new(options));
    w.apply();
    for port in 4000..4064 {
        let out = outside(&mut w, port, "S");
        answer(&mut w, who(&out), out.frame(), "SA");
    }
    assert_eq!(outside(&mut w, 5000, "S").verdict(), Drop(R::BalancerTableFull));
    assert!((4000..4064).all(|port| outside(&mut w, port, "A").verdict() == Deliver("d")), "those that are there go on");
    outside(&mut w, 4000, "R");
    assert_eq!(outside(&mut w, 5000, "S").verdict(), Deliver("d"), "one that is over gives way");
    assert_eq!(outside(&mut w, 5001, "S").verdict(), Deliver("d"), "and one that was not answered");
}

#[test]
fn connections_outlive_the_card() {
    let mut w = World::new(with_node(HOST1));
    let words = vswitch_words();
    for (host, words) in [HOST1, HOST2].into_iter().zip(&words) {
        w.switches.get_mut(&host).unwrap().keep_in(words.clone());
    }
    let before: Vec<(u16, &str)> = (4000..4032)
        .map(|port| {
            let out = outside(&mut w, port, "S");
            answer(&mut w, who(&out), out.frame(), "SA");
            (port, who(&out))
        })
        .collect();
    // A third target, which would take a third of them.
    listeners(&mut w)[0].targets.push(target("10.0.1.6", 8080));
    let stays = |w: &mut World, row: &str| {
        for &(port, name) in &before {
            // The target first: its card knows the way back.
            let late = tcp(w.eth(name).0, w.eth(name).1, ip(CLIENT), (8080, port), "A");
            let out = w.send(name, &late);
            assert_eq!(
                (out.verdict(), addresses(&out.frame()[8..]).0),
                (Sent(EDGE, 1), ip(PUBLIC)),
                "{row}: {name}, port {port}"
            );
            assert_eq!(outside(w, port, "A").verdict(), Deliver(name), "{row}: port {port}");
        }
    };
    w.apply();
    stays(&mut w, "a change");
    // Handed over.
    for host in [HOST1, HOST2] {
        let old = &w.switches[&host];
        let state = old.export();
        let mut heir = Switch::new(Options::new(old.seed()));
        heir.configure(&w.net.config(host), 0).unwrap();
        let heir = heir.import(&state).unwrap();
        assert_eq!(heir.export(), state);
        w.switches.insert(host, heir);
    }
    stays(&mut w, "handed over");
    // Killed: read from what outlives it (the heirs were not told to keep, so what the first life left is there).
    for (host, words) in [HOST1, HOST2].into_iter().zip(&words) {
        let mut next = Switch::new(Options::new(7));
        next.configure(&w.net.config(host), w.now_ms).unwrap();
        assert!(next.recover(words, w.now_ms) > 0);
        w.switches.insert(host, next);
    }
    stays(&mut w, "killed");
    // The way back goes with the flow.
    w.now_ms += 600_000_000;
    let now = w.now_ms;
    for host in [HOST1, HOST2] {
        let switch = w.switches.get_mut(&host).unwrap();
        for _ in 0..8 {
            switch.expire(now, 10_000);
        }
        assert_eq!((host, switch.entries()), (host, 0));
    }
}

struct Words(Vec<std::sync::atomic::AtomicU64>);

impl AsRef<[std::sync::atomic::AtomicU64]> for Words {
    fn as_ref(&self) -> &[std::sync::atomic::AtomicU64] {
        &self.0
    }
}

fn vswitch_words() -> [KeptWords; 2] {
    let words = || std::sync::Arc::new(Words((0..kept_bytes(64) / 8).map(|_| 0.into()).collect())) as KeptWords;
    [words(), words()]
}

#[test]
fn a_listener_that_hides_its_clients() {
    for host in [HOST1, HOST2] {
        let mut w = World::new(with_node(host));
        listeners(&mut w)[0].keeps_client = false;
        listeners(&mut w)[0].targets = vec![target("10.0.1.6", 8080), target("10.0.2.8", 8080)];
        w.apply();
        let mut seen = BTreeSet::new();
        for port in 4000..4032 {
            let row = format!("port {port}, node on {host}");
            for client in ["a", "b"] {
                let out = w.send(client, &w.tcp(client, NODE, (port, 80), "S"));
                let name = who(&out);
                assert_checksums(out.frame());
                assert_eq!(addresses(out.frame()), (ip(NODE), w.eth(name).1), "{row}: {client}, who may be the target itself");
                let alias = ports(out.frame()).0;
                assert!((1024..49_152).contains(&alias) && ![80, 53].contains(&alias), "{row}: {alias}");
                assert!(seen.insert((name, alias)), "{row}: no other connection to {name} has {alias}");
                let back = answer(&mut w, name, out.frame(), "SA");
                assert_eq!(back.verdict(), Deliver(client), "{row}");
                assert_checksums(back.frame());
                assert_eq!((addresses(back.frame()), ports(back.frame())), ((ip(NODE), w.eth(client).1), (80, port)), "{row}");
            }
            let out = outside(&mut w, port, "S");
            let name = who(&out);
            assert!(seen.insert((name, ports(out.frame()).0)), "{row}");
            let back = answer(&mut w, name, out.frame(), "SA");
            assert_eq!((back.verdict(), addresses(&back.frame()[8..])), (Sent(EDGE, 1), (ip(PUBLIC), ip(CLIENT))), "{row}");
            assert_checksums(&back.frame()[8..]);
            // What is quoted is what its reader has sent.
            let told = from_edge(&mut w, &icmp_error(outside_mac(), ip("192.0.2.77"), ip(PUBLIC), &back.frame()[8..]));
            let frame = told.frame();
            assert_checksums(frame);
            assert_eq!((told.verdict(), addresses(frame)), (Deliver(name), (ip(NODE), w.eth(name).1)), "{row}");
            assert_eq!(frame[42 + 12..42 + 20], [w.eth(name).1.octets(), ip(NODE).octets()].concat(), "{row}");
            assert_eq!(frame[42 + 20..42 + 24], [8080u16.to_be_bytes(), ports(out.frame()).0.to_be_bytes()].concat(), "{row}");
            let told = w.send(name, &icmp_error(w.eth(name).0, w.eth(name).1, ip(NODE), out.frame()));
            let frame = &told.frame()[8..];
            assert_checksums(frame);
            assert_eq!((told.verdict(), addresses(frame)), (Sent(EDGE, 1), (ip(PUBLIC), ip(CLIENT))), "{row}");
            assert_eq!(frame[42 + 12..42 + 20], [ip(CLIENT).octets(), ip(PUBLIC).octets()].concat(), "{row}");
            assert_eq!(frame[42 + 20..42 + 24], [port.to_be_bytes(), 80u16.to_be_bytes()].concat(), "{row}");
        }
        let probe = Probe {
            source: "10.0.1.5".parse().unwrap(),
            destination: NODE.parse().unwrap(),
            protocol: 6,
            source_port: 4000,
            destination_port: 80,
        };
        let steps = follow(&w, "a", probe, None);
        assert!(matches!(steps.last(), Some(Step::Delivered { packet, .. }) if packet.source == probe.destination), "{steps:?}");
        // Handed over.
        let old = &w.switches[&host];
        let state = old.export();
        let mut heir = Switch::new(Options::new(old.seed()));
        heir.configure(&w.net.config(host), 0).unwrap();
        let heir = heir.import(&state).unwrap();
        w.switches.insert(host, heir);
        for &(name, alias) in &seen {
            let late = tcp(w.eth(name).0, w.eth(name).1, ip(NODE), (8080, alias), "A");
            assert!(matches!(w.send(name, &late).verdict(), Deliver("a" | "b") | Sent(EDGE, 1)), "{name}, {alias}");
        }
    }
}

#[test]
fn nodes_that_lead_to_each_other_end() {
    let mut w = World::new(with_node(HOST1));
    let mut other = in_subnet(nic("m", HOST1, 0, "10.0.3.10", &[]), "10.0.3.0/24");
    other.metadata = false;
    w.net.nics.push(other);
    listeners(&mut w)[0].targets = vec![target("10.0.3.10", 80)];
    let interface = w.net.nic("m").id();
    let back = listener(Transport::Tcp, 80, vec![target(NODE, 80)]);
    w.net.vpcs[0].balancers.push(NetworkBalancer { interface, seed: [1, 1], listeners: vec![back] });
    w.apply();
    let out = w.send("a", &w.tcp("a", NODE, (4000, 80), "S"));
    assert!(matches!(out.verdict(), Drop(R::NatLoop | R::BalancerCollision)), "{out:?}");
}

#[test]
fn a_trace_tells_what_happens() {
    for host in [HOST1, HOST2] {
        let mut w = World::new(with_node(host));
        for port in 4000..4008 {
            let source_port = port;
            let probe = Probe {
                source: "10.0.1.5".parse().unwrap(),
                destination: NODE.parse().unwrap(),
                protocol: 6,
                source_port,
                destination_port: 80,
            };
            let steps = follow(&w, "a", probe, None);
            let Some(Step::Delivered { interface, packet }) = steps.last() else { panic!("{steps:?}") };
            let told = w.net.nics.iter().find(|n| n.id() == *interface).unwrap().name;
            let out = w.send("a", &w.tcp("a", NODE, (port, 80), "S"));
            assert_eq!((who(&out), ports(out.frame())), (told, (port, packet.destination_port)));
            let Some((node, target)) = steps.iter().find_map(|s| match s {
                Step::Balanced { interface, target, port: 8080 } => Some((*interface, *target)),
                _ => None,
            }) else {
                panic!("{steps:?}")
            };
            assert_eq!((node, target), (w.net.nic("n").id(), w.eth(told).1));
            // Its answer.
            let translation = wire::trace::Translation { interface: node, inside: ip(NODE), inside_port: 80, outside: target };
            let connections = ["a", told].map(|name| wire::trace::Connection {
                interface: w.net.nic(name).id(),
                source: probe.source,
                destination: if name == "a" { probe.destination } else { target.into() },
            });
            let passed = wire::trace::Passed { connections: connections.to_vec(), translations: vec![translation] };
            let back = Probe {
                source: target.into(),
                destination: probe.source,
                protocol: 6,
                source_port: 8080,
                destination_port: port,
            };
            let steps = follow(&w, told, back, Some(passed));
            let Some(Step::Delivered { interface, packet }) = steps.last() else { panic!("{steps:?}") };
            assert_eq!(*interface, w.net.nic("a").id());
            assert_eq!((packet.source, packet.source_port), (NODE.parse().unwrap(), 80));
            assert!(steps.iter().any(|s| matches!(s, Step::BalancedBack { .. })), "{steps:?}");
        }
    }
}

/// A trace over all hosts.
fn follow(w: &World, from: &str, probe: Probe, passed: Option<wire::trace::Passed>) -> Vec<Step> {
    let mut host = w.net.nic(from).host;
    let at = w.index(from);
    let mut steps = match &passed {
        None => w.switches[&host].trace(at, &probe),
        Some(passed) => w.switches[&host].trace_answer(at, &probe, passed),
    };
    while let Some(Step::Sent { underlay, vni, interface: Some(interface), packet }) = steps.last().cloned() {
        let from = std::mem::replace(&mut host, underlay);
        let switch = &w.switches[&host];
        let port = switch.port(interface).unwrap();
        steps.extend(match &passed {
            None => switch.trace_arrival(port, from, vni, &packet),
            Some(passed) => switch.trace_answer_arrival(port, from, vni, &packet, passed),
        });
    }
    steps
}
