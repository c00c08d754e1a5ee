//! Packets between instances: same host, other host, security groups, connections that outlive their rules.

mod common;
use common::*;
use vswitch::{DropReason, ROUTER_MAC};
use wire::net::*;

use Verdict::*;

#[test]
fn same_host_and_other_host() {
    let mut w = World::new(net());
    // (row, from, to address, protocol, expected)
    let rows: &[(&str, &str, &str, &str, Verdict)] = &[
        ("same host", "a", "10.0.1.6", "tcp80", Deliver("b")),
        ("other host", "a", "10.0.2.8", "udp", Deliver("d")),
        ("other host, refused there", "a", "10.0.2.7", "udp", Drop(DropReason::SecurityGroupIngress)),
        ("other host, allowed there", "a", "10.0.2.7", "tcp80", Deliver("c")),
        ("ping", "a", "10.0.2.8", "ping", Deliver("d")),
        ("no such address", "a", "10.0.1.77", "ping", Drop(DropReason::NoSuchDestination)),
        ("the other VPC's own", "x", "10.0.2.7", "udp", Deliver("y")),
        ("an address of the other VPC only", "x", "10.0.1.6", "tcp80", Drop(DropReason::NoSuchDestination)),
        ("blackhole", "a", "192.168.66.1", "udp", Drop(DropReason::Blackhole)),
        ("martian", "a", "127.0.0.1", "udp", Drop(DropReason::MartianDestination)),
        ("itself", "a", "10.0.1.5", "udp", Drop(DropReason::Hairpin)),
    ];
    for _ in 0..2 {
        for &(row, from, to, what, expected) in rows {
            let frame = match what {
                "tcp80" => w.tcp(from, to, (4000, 80), "S"),
                "ping" => w.ping(from, to, 9),
                _ => w.udp(from, to, (4000, 5000), b"hello"),
            };
            let out = w.expect(row, from, &frame, expected);
            if let Out::Delivered(to, got) = &out {
                assert_eq!(link(got), (ROUTER_MAC.0, w.net.nic(to).mac.0), "{row}");
                assert_eq!(got[14..], frame[14..], "{row}: inside a VPC nothing of the packet changes, the TTL neither");
                assert_checksums(got);
            }
        }
    }
}

#[test]
fn vxlan_header_is_rfc_7348() {
    let mut w = World::new(net());
    w.switches.remove(&HOST2);
    let frame = w.udp("a", "10.0.2.8", (1, 2), b"x");
    let out = w.expect("encapsulated", "a", &frame, Sent(HOST2, 5000));
    let d = out.frame();
    assert_eq!(d[..8], [8, 0, 0, 0, 0, 0x13, 0x88, 0]);
    assert_eq!(link(&d[8..]), (w.net.nic("a").mac.0, w.net.nic("d").mac.0));
    assert_eq!(d[22..], frame[14..]);
    // Padding of a short frame stays behind.
    let mut padded = frame.clone();
    padded.resize(60, 0);
    let out = w.expect("padded", "a", &padded, Sent(HOST2, 5000));
    assert_eq!(out.frame().len(), 8 + frame.len());
}

#[test]
fn groups_are_stateful() {
    let mut w = World::new(net());
    w.net.nic_mut("d").groups = vec![group(4)];
    w.apply();
    let at_d = "10.0.2.8";
    // d lets in echo only and lets out TCP 443 only.
    w.expect("echo in", "a", &w.ping("a", at_d, 3), Deliver("d"));
    let reply = w.pong(&w.ping("a", at_d, 3));
    let mut reply = reply;
    reply[6..12].copy_from_slice(&w.net.nic("d").mac.0);
    w.expect("echo reply out without a rule", "d", &reply, Deliver("a"));
    w.expect("own echo out", "d", &w.ping("d", "10.0.1.5", 3), Drop(DropReason::SecurityGroupEgress));
    w.expect("own echo, another id", "d", &w.ping("d", "10.0.1.5", 4), Drop(DropReason::SecurityGroupEgress));
    w.expect("tcp 22 in", "a", &w.tcp("a", at_d, (9, 22), "S"), Drop(DropReason::SecurityGroupIngress));
    w.expect("tcp 443 out", "d", &w.tcp("d", "10.0.1.5", (5000, 443), "S"), Deliver("a"));
    w.expect("its answer in", "a", &w.tcp("a", at_d, (443, 5000), "SA"), Deliver("d"));
    w.expect("not from another port", "a", &w.tcp("a", at_d, (444, 5000), "SA"), Drop(DropReason::SecurityGroupIngress));
    w.expect("tcp 444 out", "d", &w.tcp("d", "10.0.1.5", (5000, 444), "S"), Drop(DropReason::SecurityGroupEgress));
}

#[test]
fn several_groups_are_a_union_and_groups_name_members() {
    let mut w = World::new(net());
    w.net.nic_mut("b").groups = vec![group(5)];
    w.net.nic_mut("d").groups = vec![group(2), group(3)];
    w.apply();
    w.expect("no rule at all", "b", &w.udp("b", "10.0.2.8", (1, 2), b""), Drop(DropReason::SecurityGroupEgress));
    w.expect("from the first group", "a", &w.tcp("a", "10.0.2.8", (1, 80), "S"), Deliver("d"));
    w.expect("not a member", "a", &w.udp("a", "10.0.2.8", (1, 2), b""), Drop(DropReason::SecurityGroupIngress));
    w.net.nic_mut("a").groups.push(group(3));
    w.apply();
    w.expect("a member", "a", &w.udp("a", "10.0.2.8", (1, 2), b""), Deliver("d"));
}

#[test]
fn same_host_passes_both_checks() {
    let mut w = World::new(net());
    w.expect("b lets in 80 only", "a", &w.tcp("a", "10.0.1.6", (1, 81), "S"), Drop(DropReason::SecurityGroupIngress));
    assert_eq!(w.stats("b").drops.get(DropReason::SecurityGroupIngress), 1, "counted at the receiver");
    assert_eq!(w.stats("a").drops.total(), 0);
}

#[test]
fn a_removed_rule_stops_new_connections_at_once_and_keeps_established_ones() {
    let mut w = World::new(net());
    let to = "10.0.2.7";
    // One connection that is answered, one that is not yet, one UDP exchange that is not allowed anyway.
    w.expect("syn", "a", &w.tcp("a", to, (1000, 80), "S"), Deliver("c"));
    w.expect("syn ack", "c", &w.tcp("c", "10.0.1.5", (80, 1000), "SA"), Deliver("a"));
    w.expect("ack", "a", &w.tcp("a", to, (1000, 80), "A"), Deliver("c"));
    w.expect("half open", "a", &w.tcp("a", to, (1001, 80), "S"), Deliver("c"));
    w.net.nic_mut("c").groups = vec![group(5)];
    w.apply();
    for _ in 0..3 {
        w.expect("goes on", "a", &w.tcp("a", to, (1000, 80), "A"), Deliver("c"));
        w.expect("both ways", "c", &w.tcp("c", "10.0.1.5", (80, 1000), "A"), Deliver("a"));
        w.expect("a new one", "a", &w.tcp("a", to, (1002, 80), "S"), Drop(DropReason::SecurityGroupIngress));
        w.expect("half open is not established", "a", &w.tcp("a", to, (1001, 80), "S"), Drop(DropReason::SecurityGroupIngress));
    }
    // It ends, and its ports are no way back in.
    w.expect("fin", "a", &w.tcp("a", to, (1000, 80), "FA"), Deliver("c"));
    w.expect("fin", "c", &w.tcp("c", "10.0.1.5", (80, 1000), "FA"), Deliver("a"));
    w.expect("last ack", "a", &w.tcp("a", to, (1000, 80), "A"), Deliver("c"));
    w.expect("same ports again", "a", &w.tcp("a", to, (1000, 80), "S"), Drop(DropReason::SecurityGroupIngress));
}

#[test]
fn a_reset_connection_begins_anew_only_by_the_rules() {
    let mut w = World::new(net());
    let to = "10.0.2.7";
    w.expect("syn", "a", &w.tcp("a", to, (1000, 80), "S"), Deliver("c"));
    w.expect("rst", "c", &w.tcp("c", "10.0.1.5", (80, 1000), "RA"), Deliver("a"));
    w.expect("allowed again", "a", &w.tcp("a", to, (1000, 80), "S"), Deliver("c"));
    w.expect("rst", "c", &w.tcp("c", "10.0.1.5", (80, 1000), "RA"), Deliver("a"));
    w.net.nic_mut("c").groups = vec![group(5)];
    w.apply();
    w.expect("rule is gone", "a", &w.tcp("a", to, (1000, 80), "S"), Drop(DropReason::SecurityGroupIngress));
}

#[test]
fn a_moved_interface_is_followed_and_a_removed_port_is_gone() {
    let mut w = World::new(net());
    w.expect("there", "a", &w.udp("a", "10.0.2.8", (1, 2), b""), Deliver("d"));
    w.net.nic_mut("d").host = HOST1;
    w.apply();
    w.expect("here now", "a", &w.udp("a", "10.0.2.8", (1, 2), b""), Deliver("d"));
    assert_eq!(w.net.nic("d").host, HOST1);
    let index = w.index("d");
    w.net.nics.retain(|n| n.name != "d");
    w.apply();
    w.expect("gone", "a", &w.udp("a", "10.0.2.8", (1, 2), b""), Drop(DropReason::NoSuchDestination));
    let mut sink = Recorder::default();
    let switch = w.switches.get_mut(&HOST1).unwrap();
    switch.from_port(index, &mut vswitch::FrameBuf::from_slice(&[0; 60]), 0, &mut sink);
    assert_eq!(switch.drops().get(DropReason::UnknownPort), 1);
}

/// 0.0.0.0/0 by way of d, an instance that routes.
fn with_router() -> World {
    let mut n = net();
    let router = n.nic("d").id();
    n.vpcs[0].route_tables.push(RouteTableConfig {
        routes6: Vec::new(),
        id: types::RouteTableId::from_random(2),
        routes: vec![
            Route { destination: cidr("10.0.0.0/16"), target: RouteTarget::Local },
            Route { destination: cidr("0.0.0.0/0"), target: RouteTarget::Interface(router) },
        ],
    });
    n.nic_mut("b").table = 2;
    World::new(n)
}

#[test]
fn an_instance_that_routes() {
    let mut w = with_router();
    let out = w.udp("b", OUTSIDE, (5, 53), b"");
    w.expect("checked: not its address", "b", &out, Drop(DropReason::DestinationNotPort));
    let (mac, _) = w.eth("d");
    let back = udp(mac, ip(OUTSIDE), ip("10.0.1.6"), (53, 5), b"");
    w.expect("checked: not its source", "d", &back, Drop(DropReason::SourceIpSpoofed));
    w.net.nic_mut("d").check = false;
    w.apply();
    w.expect("to the router", "b", &out, Deliver("d"));
    w.expect("and back", "d", &back, Deliver("b"));
    w.expect(
        "no martian source",
        "d",
        &udp(mac, ip("127.0.0.1"), ip("10.0.1.6"), (5, 5), b""),
        Drop(DropReason::SourceIpSpoofed),
    );
}

#[test]
fn mtu() {
    let mut w = World::new(net());
    w.net.nic_mut("a").mtu = 1500;
    w.apply();
    let big = w.udp("a", "10.0.2.8", (1, 2), &[0; 1600]);
    let mut may_fragment = big.clone();
    may_fragment[20] = 0;
    w.expect("may be fragmented: the guest should have", "a", &may_fragment, Drop(DropReason::OverMtu));
    let mut dont = big.clone();
    dont[20] = 0x40;
    let out = w.expect("DF", "a", &dont, Deliver("a"));
    let f = out.frame();
    assert_checksums(f);
    assert_eq!((f[34], f[35], u16::from_be_bytes([f[40], f[41]])), (3, 4, 1500));
    assert_eq!(addresses(f), (ip(GATEWAY), ip("10.0.1.5")));
    assert_eq!(f[42..70], dont[14..42], "quotes the packet");
    let jumbo = w.udp("b", "10.0.1.5", (1, 2), &[0; 1600]);
    let out = w.send("b", &jumbo);
    assert_eq!(
        out.verdict(),
        if jumbo[20] & 0x40 != 0 { Deliver("b") } else { Drop(DropReason::OverMtu) },
        "smaller port on the same host"
    );
}

#[test]
fn fragments_follow_their_first() {
    let mut w = World::new(net());
    let whole = w.udp("a", "10.0.2.8", (7, 8), &[7; 4000]);
    let pieces = fragments(&whole, 1480);
    assert_eq!(pieces.len(), 3);
    w.expect("later before first", "a", &pieces[1], Drop(DropReason::FragmentUnknown));
    for (i, p) in pieces.iter().enumerate() {
        w.expect(&format!("piece {i}"), "a", p, Deliver("d"));
    }
    // What the rules refuse is refused in pieces too.
    let refused = fragments(&w.udp("a", "10.0.2.7", (7, 8), &[7; 4000]), 1480);
    w.expect("first refused", "a", &refused[0], Drop(DropReason::SecurityGroupIngress));
    w.expect("so the rest", "a", &refused[1], Drop(DropReason::FragmentUnknown));
}

#[test]
fn a_full_flow_table_keeps_live_connections() {
    let mut n = net();
    n.nics.retain(|n| n.name == "a" || n.name == "b");
    let mut options = vswitch::Options::new(1);
    options.flows_per_port_max = 64;
    let mut w = World::new(n);
    w.switches.insert(HOST1, vswitch::Switch::new(options));
    w.apply();
    for port in 0..64 {
        w.expect("syn", "a", &w.tcp("a", "10.0.1.6", (port, 80), "S"), Deliver("b"));
        w.expect("syn ack", "b", &w.tcp("b", "10.0.1.5", (80, port), "SA"), Deliver("a"));
    }
    w.expect("full of live ones", "a", &w.tcp("a", "10.0.1.6", (99, 80), "S"), Drop(DropReason::FlowTableFull));
    w.expect("one ends", "a", &w.tcp("a", "10.0.1.6", (5, 80), "R"), Deliver("b"));
    w.expect("and gives way", "a", &w.tcp("a", "10.0.1.6", (99, 80), "S"), Deliver("b"));
    w.expect("the others stay", "a", &w.tcp("a", "10.0.1.6", (6, 80), "A"), Deliver("b"));
    assert_eq!(w.stats("a").flows_evicted, 1);
    assert_eq!(w.switches[&HOST1].flows(), 128);
    w.now_ms += 432_001 * 1000;
    let now = w.now_ms;
    w.switches.get_mut(&HOST1).unwrap().expire(now, 1000);
    assert_eq!(w.switches[&HOST1].flows(), 0);
}
