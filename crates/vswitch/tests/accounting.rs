//! Rates, the bound of all flow tables together, flow records, and traces that say what packets do.

mod common;
use Verdict::*;
use common::six::*;
use common::*;
use proptest::prelude::*;
use types::*;
use vswitch::DropReason as R;
use vswitch::*;
use wire::net::*;

const ALL: ProtocolMatch = ProtocolMatch::All;

#[test]
fn a_port_sends_and_receives_what_its_buckets_hold() {
    let mut n = net();
    // A frame of `udp(.., [0; 58])` has 100 bytes.
    n.nic_mut("a").rate =
        Some(RateLimit { bytes_per_second: 1000, burst_bytes: 300, packets_per_second: 100, burst_packets: 100 });
    let mut w = World::new(n);
    let out = w.udp("a", "10.0.2.8", (1, 2), &[0; 58]);
    assert_eq!(out.len(), 100);
    for _ in 0..3 {
        w.expect("within the burst", "a", &out, Deliver("d"));
    }
    w.expect("beyond it", "a", &out, Drop(R::RateLimited));
    w.now_ms += 99;
    w.expect("not yet", "a", &out, Drop(R::RateLimited));
    w.now_ms += 1;
    w.expect("a tenth of a second fills 100 bytes", "a", &out, Deliver("d"));
    // The other direction has its own bucket.
    let back = w.udp("d", "10.0.1.5", (2, 1), &[0; 58]);
    for _ in 0..3 {
        w.expect("within the burst", "d", &back, Deliver("a"));
    }
    w.expect("beyond it", "d", &back, Drop(R::RateLimited));
    let stats = w.stats("a");
    assert_eq!(stats.drops.get(R::RateLimited), 3);
    w.expect("others are not limited", "b", &w.udp("b", "10.0.2.8", (1, 2), &[0; 58]), Deliver("d"));
    w.apply();
    w.expect("a new configuration does not fill the bucket", "a", &out, Drop(R::RateLimited));
}

#[test]
fn the_ports_of_an_instance_share_its_buckets() {
    let mut n = net();
    let limit = RateLimit { bytes_per_second: 1000, burst_bytes: 300, packets_per_second: 100, burst_packets: 100 };
    let of = |i: u128| Some(InstanceId::from_random(i));
    // a and b are one instance's, x another's; c has its own.
    for (name, rate_of) in [("a", of(1)), ("b", of(1)), ("x", of(2)), ("c", None)] {
        let nic = n.nic_mut(name);
        (nic.rate, nic.rate_of, nic.groups) = (Some(limit), rate_of, vec![group(1)]);
    }
    let mut w = World::new(n);
    for (what, from, to, passes) in [
        ("the instance sends 100 bytes of its 300", "a", "d", true),
        ("another port of it 100 more", "b", "d", true),
        ("and the rest", "a", "d", true),
        ("then none of them has any", "a", "d", false),
        ("none of them", "b", "d", false),
        ("another instance has its own", "x", "y", true),
        ("an interface has its own", "c", "d", true),
    ] {
        let frame = w.udp(from, &w.net.nic(to).ip().to_string(), (1, 2), &[0; 58]);
        w.expect(what, from, &frame, if passes { Deliver(to) } else { Drop(R::RateLimited) });
    }
    assert_eq!((w.stats("a").drops.get(R::RateLimited), w.stats("b").drops.get(R::RateLimited)), (1, 1));
    // Towards the guest they share others.
    for (what, to, passes) in [("a takes 200", "a", true), ("so", "a", true), ("b 100", "b", true), ("that is all", "b", false)] {
        let frame = w.udp("d", &w.net.nic(to).ip().to_string(), (2, 1), &[0; 58]);
        w.expect(what, "d", &frame, if passes { Deliver(to) } else { Drop(R::RateLimited) });
    }
    w.apply();
    let (of_a, of_b) = (w.udp("a", "10.0.2.8", (1, 2), &[0; 58]), w.udp("b", "10.0.2.8", (1, 2), &[0; 58]));
    w.expect("a new configuration fills nothing", "b", &of_b, Drop(R::RateLimited));
    // One that leaves the instance has buckets of its own, as a new one has.
    w.net.nic_mut("b").rate_of = None;
    w.apply();
    w.expect("it is another's", "b", &of_b, Deliver("d"));
    w.expect("the instance's are as they were", "a", &of_a, Drop(R::RateLimited));
    // An instance has one rate.
    let b = w.net.nic("b").id();
    w.net.nic_mut("b").rate_of = of(1);
    w.net.nic_mut("b").rate = Some(RateLimit { burst_bytes: 301, ..limit });
    let refused = w.switches.get_mut(&HOST1).unwrap().configure(&w.net.config(HOST1), w.now_ms);
    assert_eq!(refused, Err(ConfigError::RateOfInstance { port: b }));
}

#[test]
fn a_switch_says_what_a_guests_rate_lets_through_and_when() {
    let mut n = net();
    n.nic_mut("a").rate = Some(RateLimit { bytes_per_second: 1000, burst_bytes: 300, packets_per_second: 10, burst_packets: 2 });
    let mut w = World::new(n);
    let (a, b, now) = (w.index("a"), w.index("b"), w.now_ms);
    let frame = w.udp("a", "10.0.2.8", (1, 2), &[0; 58]);
    let s = w.switches.get_mut(&HOST1).unwrap();
    assert_eq!((s.allowance(b, now), s.allowed_ms(b, 9000, now)), (None, Some(now)), "not limited");
    assert_eq!(s.allowance(a, now), Some((2, 300)));
    let mut out = Recorder::default();
    for _ in 0..2 {
        assert_eq!(s.allowed_ms(a, 100, now), Some(now));
        s.from_port(a, &mut FrameBuf::from_slice(&frame), now, &mut out);
    }
    assert_eq!(s.allowance(a, now), Some((0, 100)));
    for (bytes, ms) in [(100, Some(100)), (200, Some(100)), (250, Some(150)), (301, None)] {
        assert_eq!(s.allowed_ms(a, bytes, now), ms.map(|ms| now + ms), "{bytes} bytes");
    }
    assert_eq!(s.allowance(a, now + 99), Some((0, 199)));
    assert_eq!(s.allowance(a, now + 100), Some((1, 200)));
    assert_eq!(s.port_stats(a).unwrap().drops.get(R::RateLimited), 0);
}

/// Ports a, b, x of one switch that has room for 60 flows in all.
fn crowded() -> (Net, Switch, [PortIndex; 3]) {
    let mut n = net();
    n.nic_mut("b").groups = vec![group(1)];
    let mut s = Switch::new(Options { flows_max: 60, ..Options::new(3) });
    s.configure(&n.config(HOST1), 0).unwrap();
    let ports = ["a", "b", "x"].map(|name| s.port(n.nic(name).id()).unwrap());
    (n, s, ports)
}

#[test]
fn one_port_that_fills_the_card_takes_nothing_from_the_others() {
    let (n, mut s, [a, b, x]) = crowded();
    let mut sink = Recorder::default();
    let frame = |name: &str, source: u16| udp(n.nic(name).mac, n.nic(name).ip(), ip("10.0.2.7"), (source, 9), b"");
    let mut send = |s: &mut Switch, port, name: &str, source: u16, now| {
        s.from_port(port, &mut FrameBuf::from_slice(&frame(name, source)), now, &mut sink);
    };
    for i in 0..10 {
        send(&mut s, b, "b", 1000 + i, 1000);
    }
    for i in 0..500 {
        send(&mut s, a, "a", 1000 + i, 1001 + u64::from(i));
    }
    let of = |s: &Switch, p| s.port_flows(p).count();
    assert_eq!((of(&s, a), of(&s, b), s.flows()), (50, 10, 60), "a pushes out its own");
    assert!(s.port_flows(a).all(|f| f.local_port >= 1450), "the longest idle first");
    for i in 0..20 {
        send(&mut s, x, "x", 1000 + i, 2000);
    }
    assert_eq!((of(&s, a), of(&s, b), of(&s, x), s.flows()), (30, 10, 20, 60), "who has less than its share finds room");
    for i in 0..100 {
        send(&mut s, b, "b", 5000 + i, 2001 + u64::from(i));
    }
    assert_eq!((of(&s, a), of(&s, b), of(&s, x)), (20, 20, 20));
    assert_eq!(s.drops().total(), 0);
    s.expire(1_000_000, 1000);
    assert_eq!(s.flows(), 0);
    s.forget_flows(a);
    assert_eq!(s.flows(), 0);
}

fn drain(w: &mut World, host: std::net::Ipv4Addr) -> Vec<FlowRecord> {
    let mut records = Vec::new();
    let now = w.now_ms;
    w.switches.get_mut(&host).unwrap().drain_flow_records(now, &mut |r| records.push(r));
    records.sort_by_key(|r| (!r.accepted, r.direction, r.source_port, r.destination_port));
    records
}

#[test]
fn flow_records_say_what_passed_what_did_not_and_why() {
    let mut n = net();
    let web = SecurityGroupRuleId::from_random(80);
    n.vpcs[0].security_groups[1].rules[0].id = web;
    n.vpcs[0].network_acls = vec![acl(
        2,
        &[
            (10, Direction::Ingress, false, ProtocolMatch::Tcp { from: 80, to: 80 }, "10.0.1.6/32"),
            (20, Direction::Ingress, true, ALL, "0.0.0.0/0"),
            (30, Direction::Egress, true, ProtocolMatch::Tcp { from: 1024, to: 65535 }, "0.0.0.0/0"),
        ],
    )];
    let c = n.nic_mut("c");
    c.acl = Some(2);
    c.log_seconds = Some(60);
    let acl_id = NetworkAclId::from_random(2);
    let mut w = World::new(n);
    assert_eq!(drain(&mut w, HOST2), [], "nothing yet");
    for (flags, back) in [("S", "SA"), ("A", "A"), ("FA", "FA")] {
        w.expect("to c", "a", &w.tcp("a", "10.0.2.7", (5000, 80), flags), Deliver("c"));
        w.now_ms += 10;
        w.expect("from c", "c", &w.tcp("c", "10.0.1.5", (80, 5000), back), Deliver("a"));
        w.now_ms += 10;
    }
    for _ in 0..3 {
        w.expect("by the ACL", "b", &w.tcp("b", "10.0.2.7", (5000, 80), "S"), Drop(R::NetworkAclIngress));
        w.expect("by the group", "a", &w.tcp("a", "10.0.2.7", (5001, 81), "S"), Drop(R::SecurityGroupIngress));
        w.expect("outward by the ACL", "c", &w.udp("c", "10.0.1.5", (7, 53), b""), Drop(R::NetworkAclEgress));
    }
    w.expect("no route is no REJECT", "c", &w.tcp("c", "192.168.66.1", (7, 8000), "S"), Drop(R::Blackhole));
    w.now_ms = 61_100;
    let records = drain(&mut w, HOST2);
    let c = w.net.nic("c").id();
    let (a, b, own) = (any_ip("10.0.1.5"), any_ip("10.0.1.6"), any_ip("10.0.2.7"));
    let line = |r: &FlowRecord| {
        (r.direction, (r.source, r.source_port), (r.destination, r.destination_port), r.packets, r.accepted, r.rule, r.acl)
    };
    use Direction::{Egress, Ingress};
    let egress = w.net.vpcs[0].security_groups[1].rules[1].id;
    assert_eq!(
        records.iter().map(line).collect::<Vec<_>>(),
        [
            (Ingress, (a, 5000), (own, 80), 3, true, Some(web), Some((acl_id, Some(20)))),
            (Egress, (own, 80), (a, 5000), 3, true, Some(web), Some((acl_id, Some(30)))),
            (Ingress, (b, 5000), (own, 80), 3, false, Some(web), Some((acl_id, Some(10)))),
            (Ingress, (a, 5001), (own, 81), 3, false, None, Some((acl_id, Some(20)))),
            (Egress, (own, 7), (a, 53), 3, false, Some(egress), Some((acl_id, None))),
        ]
    );
    assert!(records.iter().all(|r| r.interface == c && r.protocol == if r.destination_port == 53 { 17 } else { 6 }));
    assert_eq!(records[1].tcp_flags, 0x13, "who answers is known by ACK with SYN");
    let first = &records[0];
    assert_eq!((first.first_ms, first.last_ms, first.tcp_flags, first.bytes), (1000, 1040, 0x03, 3 * 44));
    w.now_ms += 60_000;
    assert_eq!(drain(&mut w, HOST2), [], "each packet is in one record");
    w.expect("another", "a", &w.tcp("a", "10.0.2.7", (6000, 80), "S"), Deliver("c"));
    w.now_ms += 60_000;
    assert_eq!(drain(&mut w, HOST2).len(), 1, "of a flow that expired in between or not");
    w.expect("and one", "a", &w.tcp("a", "10.0.2.7", (6001, 80), "S"), Deliver("c"));
    w.net.nics.retain(|n| n.name != "c");
    w.apply();
    assert_eq!(drain(&mut w, HOST2).len(), 1, "a port that goes leaves its records");
    assert_eq!(drain(&mut w, HOST2), []);
}

/// Of IPv6 with who is outside: both ways, and what no group lets in.
#[test]
fn flow_records_name_who_is_outside_by_ipv6() {
    let mut n = net6();
    n.nic_mut("c").log_seconds = Some(60);
    let mut w = World::new(n);
    let (c, outside) = (w.ip6("c"), ip6(OUTSIDE6));
    let by_edge = |port, flags| encapsulate(1, ROUTER_MAC, &tcp6(ROUTER_MAC, outside, c, (9, port), flags));
    assert_eq!(w.receive(HOST2, EDGE, &by_edge(80, "S")).verdict(), Deliver("c"));
    w.expect("the answer", "c", &w.tcp6("c", outside, (80, 9), "SA"), Sent(EDGE, 1));
    assert_eq!(w.receive(HOST2, EDGE, &by_edge(81, "S")).verdict(), Drop(R::SecurityGroupIngress));
    w.now_ms += 61_000;
    let records = drain(&mut w, HOST2);
    let line = |r: &FlowRecord| (r.direction, (r.source, r.source_port), (r.destination, r.destination_port), r.accepted);
    use Direction::{Egress, Ingress};
    let (c, outside) = (c.into(), outside.into());
    assert_eq!(
        records.iter().map(line).collect::<Vec<_>>(),
        [(Ingress, (outside, 9), (c, 80), true), (Egress, (c, 80), (outside, 9), true), (Ingress, (outside, 9), (c, 81), false),]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Over any sequence of packets, ends and intervals the records add up to what was counted.
    #[test]
    fn records_lose_no_packet(steps in prop::collection::vec((0u16..30, any::<bool>(), 0u64..40_000), 1..120)) {
        let mut n = net();
        n.nic_mut("d").log_seconds = Some(60);
        let mut w = World::new(n);
        let (mut sent, mut told) = ([0u64; 2], [0u64; 2]);
        let mut records = Vec::new();
        for (port, denied, pause) in steps {
            w.now_ms += pause;
            // Group 5 lets nothing in: a change of groups turns what follows away.
            let groups = vec![group(if denied { 5 } else { 1 })];
            if w.net.nic("d").groups != groups {
                w.net.nic_mut("d").groups = groups;
                w.apply();
            }
            let frame = w.udp("a", "10.0.2.8", (port, 9), b"");
            match w.send("a", &frame).verdict() {
                Deliver("d") => sent[1] += 1,
                Drop(R::SecurityGroupIngress) => sent[0] += 1,
                other => prop_assert!(false, "{:?}", other),
            }
            let now = w.now_ms;
            let s = w.switches.get_mut(&HOST2).unwrap();
            s.expire(now, 7);
            records.extend(drain(&mut w, HOST2));
        }
        for _ in 0..2 {
            w.now_ms += 60_000;
            records.extend(drain(&mut w, HOST2));
        }
        for r in &records {
            told[usize::from(r.accepted)] += r.packets;
            prop_assert!(r.last_ms - r.first_ms <= 100_000);
        }
        prop_assert_eq!(sent, told);
    }

    /// A trace ends as the first packet of a connection does, whatever the network says, and changes nothing.
    #[test]
    fn a_trace_ends_as_the_packet_does(
        entries in prop::collection::vec((1u16..100, any::<bool>(), any::<bool>(), 0usize..4, 0usize..4), 0..8),
        groups in prop::collection::vec(1u128..6, 2),
        probes in prop::collection::vec((0usize..4, 0usize..9, 0u8..3, 0usize..3), 1..20),
    ) {
        let protocols = [ALL, ProtocolMatch::Tcp { from: 80, to: 443 }, ProtocolMatch::Udp { from: 0, to: 65535 }, ProtocolMatch::Icmp { kind: None, code: None }];
        let cidrs = ["0.0.0.0/0", "10.0.1.0/24", "10.0.2.8/32", "203.0.113.0/24"];
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(n, inward, allow, p, c)| {
                (n, if inward { Direction::Ingress } else { Direction::Egress }, allow, protocols[p], cidrs[c])
            })
            .collect();
        let mut n = net();
        n.nics.push(in_subnet(nat_gateway("n", HOST2, 0, "10.0.3.9", Some("198.18.0.99"), 1), "10.0.3.0/24"));
        let nat = RouteTarget::NatGateway(n.nic("n").id());
        n.vpcs[0].route_tables.push(table(3, &[("10.0.0.0/16", RouteTarget::Local), ("0.0.0.0/0", nat)]));
        n.vpcs[0].network_acls = vec![acl(1, &entries)];
        n.nic_mut("b").table = 3;
        n.nic_mut("d").table = 3;
        for (name, g) in [("a", 0), ("d", 1)] {
            n.nic_mut(name).acl = Some(1);
            n.nic_mut(name).groups = vec![group(groups[g])];
        }
        let mut w = World::new(n);
        for (from, to, protocol, port) in probes {
            let from = ["a", "b", "c", "d"][from];
            let to = ["10.0.1.5", "10.0.1.6", "10.0.2.7", "10.0.2.8", "10.0.9.9", "192.168.66.1", "198.18.0.5", OUTSIDE, "10.0.0.2"][to];
            let ports = (4000, [80, 53, 9999][port]);
            let (number, frame, subject) = match protocol {
                0 => (6, w.tcp(from, to, ports, "S"), ports),
                1 => (17, w.udp(from, to, ports, b"x"), ports),
                _ => (1, w.ping(from, to, 4000), (4000, 0x0800)),
            };
            let probe = Probe {
                source: w.net.nic(from).ip().into(),
                destination: any_ip(to),
                protocol: number,
                source_port: subject.0,
                destination_port: subject.1,
            };
            // Fresh switches: no flow of an earlier probe lets the packet through.
            w = World::new(w.net.clone());
            let mut host = w.net.nic(from).host;
            let before = (w.switches[&host].drops().clone(), w.switches[&host].flows());
            let mut steps = w.switches[&host].trace(w.index(from), &probe);
            prop_assert_eq!(&before, &(w.switches[&host].drops().clone(), w.switches[&host].flows()));
            while let Some(Step::Sent { underlay, vni, interface, packet }) = steps.last().cloned() {
                let Some(s) = w.switches.get(&underlay) else { break };
                let port = match interface {
                    Some(id) => s.port(id).unwrap(),
                    None => w.index(w.net.nics.iter().find(|n| n.public.map(std::net::IpAddr::V4) == Some(packet.destination)).unwrap().name),
                };
                steps = s.trace_arrival(port, host, vni, &packet);
                host = underlay;
            }
            let real = w.send(from, &frame).verdict();
            let name = |id: InterfaceId| w.net.nics.iter().find(|n| n.id() == id).unwrap().name;
            match (steps.last().unwrap(), real) {
                (Step::Delivered { interface, .. }, Deliver(to)) => prop_assert_eq!(name(*interface), to),
                (Step::Dropped(reason), Drop(real)) => prop_assert_eq!(*reason, real),
                (Step::Sent { underlay, vni, .. }, Sent(to, real)) => prop_assert_eq!((*underlay, *vni), (to, real)),
                (Step::Service { .. }, Drop(R::DnsMalformed) | Deliver(_)) => prop_assert_eq!(to, "10.0.0.2"),
                (traced, real) => prop_assert!(false, "{:?} but {:?}", traced, real),
            }
        }
    }
}

#[test]
fn a_trace_names_what_decides() {
    let mut n = net();
    n.nics.push(in_subnet(nat_gateway("n", HOST1, 0, "10.0.3.9", Some("198.18.0.99"), 1), "10.0.3.0/24"));
    let nat = RouteTarget::NatGateway(n.nic("n").id());
    n.vpcs[0].route_tables.push(table(3, &[("10.0.0.0/16", RouteTarget::Local), ("0.0.0.0/0", nat)]));
    n.vpcs[0].network_acls = vec![acl(1, &[(100, Direction::Egress, true, ALL, "0.0.0.0/0")])];
    n.nic_mut("b").table = 3;
    n.nic_mut("b").acl = Some(1);
    let w = World::new(n);
    let probe =
        Probe { source: any_ip("10.0.1.6"), destination: any_ip(OUTSIDE), protocol: 6, source_port: 4000, destination_port: 443 };
    let steps = w.switches[&HOST1].trace(w.index("b"), &probe);
    let (b, n) = (w.net.nic("b").id(), w.net.nic("n").id());
    let route = |t: u128, at: usize| {
        let table = w.net.vpcs[0].route_tables.iter().find(|r| r.id == RouteTableId::from_random(t)).unwrap();
        let route = &table.routes[at];
        Step::Route { table: table.id, route: Route { destination: route.destination.into(), target: route.target } }
    };
    let packet = Probe { source: any_ip("198.18.0.99"), ..probe };
    assert_eq!(
        steps,
        [
            Step::SecurityGroups { interface: b, direction: Direction::Egress, rule: Some(SecurityGroupRuleId::from_random(1)) },
            Step::NetworkAcl {
                interface: b,
                acl: NetworkAclId::from_random(1),
                direction: Direction::Egress,
                entry: Some(100),
                allow: true
            },
            route(3, 1),
            Step::Nat { gateway: NatGatewayId::from_random(1), interface: n, source: ip("10.0.3.9") },
            route(1, 1),
            Step::PublicAddress { private: ip("10.0.3.9"), public: ip("198.18.0.99"), direction: Direction::Egress },
            Step::Sent { underlay: EDGE, vni: 1, interface: None, packet },
        ]
    );
}
