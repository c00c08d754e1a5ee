//! Guests and hosts that lie across VPCs: over a transit gateway, by a NAT gateway, in the name of an endpoint's service.

mod common;
use common::*;
use types::*;
use vswitch::{DropReason as R, ROUTER_MAC};
use wire::net::*;

use Verdict::*;

const SERVICE: &str = "52.216.0.1";

/// VPCs 0 (a, b on host 1, c, d on host 2), 2 (p on host 1, q on host 2) and 3 (NAT gateway n on host 2, the way out of all)
/// on a transit gateway; VPC 1 (x on host 1, y on host 2, the same addresses as in 0) on nothing.
fn hub() -> Net {
    let gateway = TransitGatewayId::from_random(1);
    let mut n = net();
    n.vpcs.push(vpc_at(2, 7000, "10.2.0.0/16"));
    n.vpcs.push(vpc_at(3, 8000, "10.3.0.0/16"));
    n.nics.push(in_subnet(nic("p", HOST1, 2, "10.2.1.5", &[1]), "10.2.1.0/24"));
    n.nics.push(in_subnet(nic("q", HOST2, 2, "10.2.1.6", &[1]), "10.2.1.0/24"));
    n.nics.push(in_subnet(nat_gateway("n", HOST2, 3, "10.3.1.9", Some("198.18.0.99"), 2), "10.3.1.0/24"));
    let to = |c: &str, vpc: u128| TransitRoute {
        destination: cidr(c),
        target: TransitTarget::Vpc { vpc: VpcId::from_random(vpc), table: RouteTableId::from_random(1) },
    };
    let routes = vec![to("10.0.0.0/16", 0), to("10.2.0.0/16", 2), to("0.0.0.0/0", 3)];
    for v in [0, 2, 3] {
        n.vpcs[v].transit = vec![TransitConfig { routes6: Vec::new(), id: gateway, routes: routes.clone() }];
    }
    let through = RouteTarget::TransitGateway(gateway);
    n.vpcs[0].route_tables[0] = table(1, &[("10.0.0.0/16", RouteTarget::Local), ("0.0.0.0/0", through)]);
    n.vpcs[2].route_tables[0] = table(1, &[("10.2.0.0/16", RouteTarget::Local), ("0.0.0.0/0", through)]);
    let nat = RouteTarget::NatGateway(n.nic("n").id());
    n.vpcs[3].route_tables = vec![
        table(1, &[("10.3.0.0/16", RouteTarget::Local), ("0.0.0.0/0", nat)]),
        table(2, &[("10.3.0.0/16", RouteTarget::Local), ("10.0.0.0/14", through), ("0.0.0.0/0", RouteTarget::InternetGateway)]),
    ];
    n.services = vec![ServiceConfig { name: "s3".into(), domain: "s3.test".into(), addresses: vec![ip(SERVICE)] }];
    n
}

/// A UDP packet in the name of `source`, as a host would put it on `vni` for the interface with the link address `to`.
fn forged(vni: u32, to: MacAddr, source: &str, destination: &str) -> Vec<u8> {
    encapsulate(vni, to, &udp(MacAddr([6, 9, 9, 9, 9, 9]), ip(source), ip(destination), (1, 2), b"forged"))
}

#[test]
fn a_host_that_forges_over_transit() {
    let mut w = World::new(hub());
    let mac = |w: &World, name: &str| w.eth(name).0;
    let (q, y, n) = (mac(&w, "q"), mac(&w, "y"), mac(&w, "n"));
    // (row, underlay source, VNI, to, inner source, inner destination, verdict): what host 2 makes of it.
    let rows = [
        ("an attached VPC's member at its host", HOST1, 7000, q, "10.0.1.5", "10.2.1.6", Deliver("q")),
        ("its own VPC's, at its host", HOST1, 7000, q, "10.2.1.5", "10.2.1.6", Deliver("q")),
        ("an attached VPC's member elsewhere", HOST1, 7000, q, "10.0.2.8", "10.2.1.6", Drop(R::InnerSourceSpoofed)),
        ("the receiver itself", HOST1, 7000, q, "10.2.1.6", "10.2.1.6", Drop(R::InnerSourceSpoofed)),
        ("the NAT gateway elsewhere", HOST1, 7000, q, "10.3.1.9", "10.2.1.6", Drop(R::InnerSourceSpoofed)),
        ("nobody of an attached VPC", HOST1, 7000, q, "10.0.9.9", "10.2.1.6", Drop(R::InnerSourceSpoofed)),
        ("outside, by a host with no gateway", HOST1, 7000, q, OUTSIDE, "10.2.1.6", Drop(R::InnerSourceSpoofed)),
        ("a public address", HOST1, 7000, q, "198.18.0.5", "10.2.1.6", Drop(R::InnerSourceSpoofed)),
        ("the endpoint's service", HOST1, 7000, q, SERVICE, "10.2.1.6", Drop(R::InnerSourceSpoofed)),
        ("the metadata service", HOST1, 7000, q, "169.254.169.254", "10.2.1.6", Drop(R::InnerSourceSpoofed)),
        ("for another interface than it says", HOST1, 7000, q, "10.0.1.5", "10.2.1.5", Drop(R::DestinationNotPort)),
        ("on the sender's VNI", HOST1, 5000, q, "10.0.1.5", "10.2.1.6", Drop(R::NoSuchPort)),
        ("on the hub's VNI", HOST1, 8000, q, "10.0.1.5", "10.2.1.6", Drop(R::NoSuchPort)),
        ("into a VPC that is not attached", HOST1, 6000, y, "10.2.1.5", "10.0.2.7", Drop(R::InnerSourceSpoofed)),
        ("on a VNI that is nobody's", HOST1, 9000, q, "10.0.1.5", "10.2.1.6", Drop(R::UnknownVni)),
        ("by a stranger", STRANGER, 7000, q, "10.0.1.5", "10.2.1.6", Drop(R::UnknownUnderlaySource)),
        ("by the edge", EDGE, 7000, q, "10.0.1.5", "10.2.1.6", Drop(R::VniNotOfSender)),
        ("out, for its own", HOST1, 8000, n, "10.2.1.5", OUTSIDE, Sent(EDGE, 1)),
        ("out, in another's name", HOST1, 8000, n, "10.2.1.6", OUTSIDE, Drop(R::InnerSourceSpoofed)),
        ("out, in nobody's name", HOST1, 8000, n, "10.2.9.9", OUTSIDE, Drop(R::InnerSourceSpoofed)),
        ("out, in outside's name", HOST1, 8000, n, "203.0.113.66", OUTSIDE, Drop(R::InnerSourceSpoofed)),
        ("out, by a stranger", STRANGER, 8000, n, "10.2.1.5", OUTSIDE, Drop(R::UnknownUnderlaySource)),
        ("in, as if it had been asked", HOST1, 8000, n, "10.2.1.5", "10.3.1.9", Drop(R::NatNoEntry)),
    ];
    for (row, from, vni, to, source, destination, verdict) in rows {
        let before = w.switches[&HOST2].drops().total();
        assert_eq!(w.receive(HOST2, from, &forged(vni, to, source, destination)).verdict(), verdict, "{row}");
        let drops = w.switches[&HOST2].drops().total() - before;
        assert_eq!(drops, u64::from(matches!(verdict, Drop(_))), "{row}: counted");
    }
    // From the internet nobody has an address of the VPC, nor of one that is attached.
    let c_public = "198.18.0.7";
    for source in ["10.0.1.5", "10.2.1.5", "10.3.1.9"] {
        let datagram = forged(1, ROUTER_MAC, source, c_public);
        assert_eq!(w.receive(HOST2, EDGE, &datagram).verdict(), Drop(R::InnerSourceSpoofed), "{source} from outside");
    }
    // Detached: what was genuine is a lie from now on, also on a flow that was let in.
    w.net.vpcs[0].transit.clear();
    w.net.vpcs[2].transit[0].routes.retain(|r| r.destination != cidr("10.0.0.0/16"));
    w.net.vpcs[3].transit[0].routes.retain(|r| r.destination != cidr("10.0.0.0/16"));
    w.net.vpcs[0].route_tables[0].routes.truncate(1);
    w.apply();
    let once_good = forged(7000, q, "10.0.1.5", "10.2.1.6");
    assert_eq!(w.receive(HOST2, HOST1, &once_good).verdict(), Drop(R::InnerSourceSpoofed), "detached");
    w.expect("nor is there a way", "a", &w.udp("a", "10.2.1.6", (1, 2), b""), Drop(R::NoRoute));
}

#[test]
fn a_guest_that_lies_across_vpcs() {
    let mut w = World::new(hub());
    let a = w.eth("a").0;
    let rows = [
        ("as a neighbour, to another VPC", "10.0.1.6", "10.2.1.6"),
        ("as the far VPC's member", "10.2.1.5", "10.2.1.6"),
        ("as a third VPC's gateway", "10.3.1.9", "10.2.1.6"),
        ("as outside, to another VPC", OUTSIDE, "10.2.1.6"),
        ("as the service", SERVICE, "10.0.1.6"),
        ("as another, out by the NAT gateway", "10.2.1.5", OUTSIDE),
    ];
    for (row, source, destination) in rows {
        w.expect(row, "a", &udp(a, ip(source), ip(destination), (1, 2), b""), Drop(R::SourceIpSpoofed));
    }
    // With the check off it may send for others, but not bring an address into the VPC that has it.
    w.net.nic_mut("a").check = false;
    w.apply();
    let back = udp(a, ip("10.2.1.5"), ip("10.2.1.6"), (1, 2), b"");
    w.expect("the far VPC's own address", "a", &back, Drop(R::OverlappingSource));
    let third = udp(a, ip("10.77.0.1"), ip("10.2.1.6"), (1, 2), b"");
    w.expect("no route names it as a router", "a", &third, Drop(R::InnerSourceSpoofed));
    let hub_out = udp(a, ip("10.77.0.1"), ip(OUTSIDE), (1, 2), b"");
    w.expect("nor does the NAT gateway take it", "a", &hub_out, Drop(R::InnerSourceSpoofed));
}

#[test]
fn the_way_in_by_a_nat_gateway() {
    let mut w = World::new(hub());
    let out = w.expect("q asks", "q", &w.udp("q", OUTSIDE, (4000, 53), b""), Sent(EDGE, 1));
    let port = u16::from_be_bytes([out.frame()[8 + 34], out.frame()[8 + 35]]);
    let mac = MacAddr([2, 9, 9, 9, 9, 9]);
    // All ports but the one, all kinds but the one: nothing.
    let mut refused = 0;
    for guess in (1024..=u16::MAX).step_by(7).filter(|g| *g != port) {
        let frame = udp(mac, ip(OUTSIDE), ip("198.18.0.99"), (53, guess), b"");
        assert_eq!(w.receive(HOST2, EDGE, &encapsulate(1, ROUTER_MAC, &frame)).verdict(), Drop(R::NatNoEntry), "{guess}");
        refused += 1;
    }
    for flags in ["S", "SA", "A", "R", "FA"] {
        let frame = tcp(mac, ip(OUTSIDE), ip("198.18.0.99"), (53, port), flags);
        assert_eq!(w.receive(HOST2, EDGE, &encapsulate(1, ROUTER_MAC, &frame)).verdict(), Drop(R::NatNoEntry), "{flags}");
        refused += 1;
    }
    let frame = ping(mac, ip(OUTSIDE), ip("198.18.0.99"), port);
    assert_eq!(w.receive(HOST2, EDGE, &encapsulate(1, ROUTER_MAC, &frame)).verdict(), Drop(R::NatNoEntry), "echo");
    assert_eq!(w.stats("n").drops.get(R::NatNoEntry), refused + 1);
    let answer = udp(mac, ip(OUTSIDE), ip("198.18.0.99"), (53, port), b"");
    let back = w.receive(HOST2, EDGE, &encapsulate(1, ROUTER_MAC, &answer));
    assert_eq!(back.verdict(), Deliver("q"), "the one");
    // The same answer by a tenant's host, in outside's name.
    let lie = encapsulate(1, ROUTER_MAC, &answer);
    assert_eq!(w.receive(HOST2, HOST1, &lie).verdict(), Drop(R::InnerSourceSpoofed), "a host in outside's name");
}
