//! Network ACLs, peerings, transit gateways, endpoints: rows of (what, from, packet, verdict).

mod common;
use Verdict::*;
use common::*;
use types::*;
use vswitch::DropReason as R;
use wire::net::*;

const ALL: ProtocolMatch = ProtocolMatch::All;

fn tcp_port(port: u16) -> ProtocolMatch {
    ProtocolMatch::Tcp { from: port, to: port }
}

/// `net()` with an ACL for each subnet of VPC 0: a, b are in 10.0.1.0/24 (ACL 1), c, d in 10.0.2.0/24 (ACL 2).
fn with_acls(one: &[(u16, Direction, bool, ProtocolMatch, &str)], two: &[(u16, Direction, bool, ProtocolMatch, &str)]) -> World {
    let mut n = net();
    n.vpcs[0].network_acls = vec![acl(1, one), acl(2, two)];
    for (name, id) in [("a", 1), ("b", 1), ("c", 2), ("d", 2)] {
        n.nic_mut(name).acl = Some(id);
        n.nic_mut(name).groups = vec![group(1)];
    }
    World::new(n)
}

#[test]
fn an_acl_judges_both_directions_at_both_edges_and_knows_no_connections() {
    use Direction::*;
    let open = [(100, Ingress, true, ALL, "0.0.0.0/0"), (100, Egress, true, ALL, "0.0.0.0/0")];
    let web = [
        (90, Ingress, false, ALL, "10.0.1.6/32"),
        (100, Ingress, true, tcp_port(80), "10.0.0.0/16"),
        (100, Egress, true, ProtocolMatch::Tcp { from: 1024, to: 65535 }, "10.0.0.0/16"),
    ];
    let mut w = with_acls(&open, &web);
    for _ in 0..2 {
        w.expect("allowed", "a", &w.tcp("a", "10.0.2.8", (5000, 80), "S"), Deliver("d"));
        w.expect("the answer, to a high port", "d", &w.tcp("d", "10.0.1.5", (80, 5000), "SA"), Deliver("a"));
        w.expect("another port", "a", &w.tcp("a", "10.0.2.8", (5000, 81), "S"), Drop(R::NetworkAclIngress));
        w.expect("another protocol", "a", &w.udp("a", "10.0.2.8", (5000, 80), b""), Drop(R::NetworkAclIngress));
        w.expect("denied by a lower number", "b", &w.tcp("b", "10.0.2.8", (5000, 80), "S"), Drop(R::NetworkAclIngress));
        w.expect("within the subnet nothing is judged", "c", &w.udp("c", "10.0.2.8", (1, 9), b""), Deliver("d"));
        w.expect("gets there", "a", &w.tcp("a", "10.0.2.8", (500, 80), "S"), Deliver("d"));
        w.expect("but its answer goes to a low port", "d", &w.tcp("d", "10.0.1.5", (80, 500), "SA"), Drop(R::NetworkAclEgress));
        w.expect("out of it", "d", &w.ping("d", "10.0.1.5", 1), Drop(R::NetworkAclEgress));
        w.expect("the resolver", "d", &w.udp("d", "10.0.0.2", (1, 53), b"junk"), Drop(R::DnsMalformed));
        w.expect("the metadata service", "d", &w.tcp("d", "169.254.169.254", (1, 80), "S"), Local("d"));
        w.expect("its gateway", "d", &w.ping("d", "10.0.2.1", 1), Deliver("d"));
    }
}

#[test]
fn a_changed_acl_ends_established_connections_at_once() {
    use Direction::*;
    let open = [(100, Ingress, true, ALL, "0.0.0.0/0"), (100, Egress, true, ALL, "0.0.0.0/0")];
    let mut w = with_acls(&open, &open);
    let (out, back) = (w.tcp("a", "10.0.2.8", (5000, 22), "S"), w.tcp("d", "10.0.1.5", (22, 5000), "SA"));
    let on = w.tcp("a", "10.0.2.8", (5000, 22), "A");
    w.expect("SYN", "a", &out, Deliver("d"));
    w.expect("SYN ACK", "d", &back, Deliver("a"));
    w.expect("goes on", "a", &on, Deliver("d"));
    w.net.vpcs[0].network_acls[1].entries.insert(
        0,
        NetworkAclEntry { number: 1, direction: Ingress, allow: false, protocol: tcp_port(22), cidr: cidr("10.0.1.0/24") },
    );
    w.apply();
    w.expect("not any more", "a", &on, Drop(R::NetworkAclIngress));
    w.expect("the other direction is not denied", "d", &w.tcp("d", "10.0.1.5", (22, 5000), "A"), Deliver("a"));
}

#[test]
fn an_acl_judges_fragments_by_their_first_and_icmp_errors_by_their_type() {
    use Direction::*;
    let open = [(100, Ingress, true, ALL, "0.0.0.0/0"), (100, Egress, true, ALL, "0.0.0.0/0")];
    let no_dns = [
        (10, Ingress, false, ProtocolMatch::Udp { from: 53, to: 53 }, "0.0.0.0/0"),
        (11, Ingress, false, ProtocolMatch::Icmp { kind: Some(3), code: Some(1) }, "0.0.0.0/0"),
        (100, Ingress, true, ALL, "0.0.0.0/0"),
        (100, Egress, true, ALL, "0.0.0.0/0"),
    ];
    let mut w = with_acls(&open, &no_dns);
    for piece in fragments(&w.udp("a", "10.0.2.8", (9, 53), &[7; 3000]), 1480) {
        w.expect("no fragment of it", "a", &piece, Drop(R::NetworkAclIngress));
    }
    w.now_ms += 60_000;
    for piece in fragments(&w.udp("a", "10.0.2.8", (9, 54), &[7; 3000]), 1480) {
        w.expect("all fragments of it", "a", &piece, Deliver("d"));
    }
    let request = w.udp("d", "10.0.1.5", (7, 99), b"x");
    w.expect("a request", "d", &request, Deliver("a"));
    let error = |code| icmp_error(&w, "a", "10.0.2.8", 3, code, &request);
    let (host, port) = (error(1), error(3));
    w.expect("host unreachable is denied", "a", &host, Drop(R::NetworkAclIngress));
    w.expect("port unreachable is not", "a", &port, Deliver("d"));
}

fn icmp_error(w: &World, from: &str, to: &str, kind: u8, code: u8, about: &[u8]) -> Vec<u8> {
    let (mac, source) = w.eth(from);
    let mut icmp = vec![kind, code, 0, 0, 0, 0, 0, 0];
    icmp.extend_from_slice(&about[14..42]);
    let sum = vswitch::build::checksum(0, &icmp);
    icmp[2..4].copy_from_slice(&sum.to_be_bytes());
    let header =
        etherparse::Ipv4Header::new(icmp.len() as u16, 64, etherparse::IpNumber::ICMP, source.octets(), ip(to).octets()).unwrap();
    raw_ip(mac, header, &icmp)
}

/// VPC 0 (10.0/16: a, b on host 1, c, d on host 2), VPC 2 (10.2/16: p on host 1, q on host 2), VPC 3 (10.3/16: r on host 2).
/// 0 and 2 are peered, 2 and 3 are peered; 0 has routes to both by its peering.
fn peered() -> Net {
    let peering = |n: u128, peer: u128| PeeringConfig { id: PeeringId::from_random(n), peer: VpcId::from_random(peer) };
    let mut n = net();
    n.vpcs.push(vpc_at(2, 7000, "10.2.0.0/16"));
    n.vpcs.push(vpc_at(3, 8000, "10.3.0.0/16"));
    n.nics.push(in_subnet(nic("p", HOST1, 2, "10.2.1.5", &[1]), "10.2.1.0/24"));
    n.nics.push(in_subnet(nic("q", HOST2, 2, "10.2.1.6", &[1]), "10.2.1.0/24"));
    n.nics.push(in_subnet(nic("r", HOST2, 3, "10.3.1.5", &[1]), "10.3.1.0/24"));
    n.vpcs[0].peerings = vec![peering(1, 2)];
    n.vpcs[2].peerings = vec![peering(1, 0), peering(2, 3)];
    n.vpcs[3].peerings = vec![peering(2, 2)];
    let route = |c: &str, n: u128| Route { destination: cidr(c), target: RouteTarget::Peering(PeeringId::from_random(n)) };
    n.vpcs[0].route_tables[0].routes.extend([route("10.2.0.0/16", 1), route("10.3.0.0/16", 1), route("10.9.0.0/16", 99)]);
    n.vpcs[2].route_tables[0].routes.extend([route("10.0.0.0/16", 1), route("10.3.0.0/16", 2)]);
    n.vpcs[3].route_tables[0].routes.push(route("10.2.0.0/16", 2));
    n
}

#[test]
fn a_peering_carries_both_ways_and_no_further() {
    let mut w = World::new(peered());
    for _ in 0..2 {
        w.expect("same host", "a", &w.udp("a", "10.2.1.5", (1, 2), b""), Deliver("p"));
        w.expect("other host", "a", &w.udp("a", "10.2.1.6", (1, 2), b""), Deliver("q"));
        w.expect("the answer", "q", &w.udp("q", "10.0.1.5", (2, 1), b""), Deliver("a"));
        w.expect("from the other side", "q", &w.tcp("q", "10.0.2.8", (1, 22), "S"), Deliver("d"));
        w.expect("nobody there", "a", &w.udp("a", "10.2.9.9", (1, 2), b""), Drop(R::NoSuchDestination));
        w.expect("the peer's peer", "a", &w.udp("a", "10.3.1.5", (1, 2), b""), Drop(R::NoSuchDestination));
        w.expect("a peering that is not active", "a", &w.udp("a", "10.9.1.5", (1, 2), b""), Drop(R::Blackhole));
        w.expect("no route back", "r", &w.udp("r", "10.0.1.5", (1, 2), b""), Drop(R::NoPublicAddress));
        w.expect("the neighbours' peering", "q", &w.udp("q", "10.3.1.5", (1, 2), b""), Deliver("r"));
    }
    w.net.nic_mut("a").check = false;
    w.apply();
    let (mac, _) = w.eth("a");
    let through = udp(mac, ip("10.77.0.1"), ip("10.2.1.6"), (1, 2), b"");
    w.expect("a router's packets do not cross", "a", &through, Drop(R::BeyondPeering));
    let claims = udp(mac, ip("10.2.1.5"), ip("10.2.1.6"), (1, 2), b"");
    w.expect("nor with the peer's own address", "a", &claims, Drop(R::BeyondPeering));
    w.net.vpcs[0].peerings.clear();
    w.net.vpcs[2].peerings.remove(0);
    w.apply();
    w.expect("deleted", "b", &w.udp("b", "10.2.1.6", (1, 2), b""), Drop(R::Blackhole));
}

#[test]
fn a_rule_may_name_a_group_of_a_peer() {
    let mut w = World::new(peered());
    // Group 33 exists in VPC 2 only; q is in it, p is not.
    w.net.vpcs[2].security_groups.push(SecurityGroupConfig { rules6: Vec::new(), id: group(33), rules: vec![] });
    w.net.nic_mut("q").groups.push(group(33));
    w.net.vpcs[0].security_groups[4].rules =
        vec![rule(Direction::Ingress, ALL, PeerMatch::Group(group(33))), rule(Direction::Egress, ALL, anywhere())];
    w.net.nic_mut("d").groups = vec![group(5)];
    w.apply();
    w.expect("a member", "q", &w.udp("q", "10.0.2.8", (1, 2), b""), Deliver("d"));
    w.expect("not a member", "p", &w.udp("p", "10.0.2.8", (1, 2), b""), Drop(R::SecurityGroupIngress));
    // From outside with the address of a member of the peer's group.
    let forged =
        encapsulate(1, vswitch::ROUTER_MAC, &udp(MacAddr([2, 0, 0, 0, 0, 1]), ip("10.2.1.6"), ip("198.18.0.7"), (1, 2), b""));
    assert_eq!(w.receive(HOST2, EDGE, &forged).verdict(), Drop(R::InnerSourceSpoofed));
}

#[test]
fn a_host_that_forges_across_a_peering() {
    let mut w = World::new(peered());
    let (d_mac, a_mac) = (w.eth("d").0, w.eth("a").0);
    let to_d = |source: &str| encapsulate(5000, d_mac, &udp(a_mac, ip(source), ip("10.0.2.8"), (1, 2), b""));
    // (row, underlay source, inner source, verdict)
    let rows = [
        ("a peer's member at its host", HOST1, "10.2.1.5", Deliver("d")),
        ("a peer's member at another host", HOST1, "10.2.1.6", Drop(R::InnerSourceSpoofed)),
        ("the peer's peer", HOST1, "10.3.1.5", Drop(R::InnerSourceSpoofed)),
        ("nobody", HOST1, "10.2.9.9", Drop(R::InnerSourceSpoofed)),
        ("a stranger", STRANGER, "10.2.1.5", Drop(R::UnknownUnderlaySource)),
        ("the edge", EDGE, "10.2.1.5", Drop(R::VniNotOfSender)),
    ];
    for (row, from, source, verdict) in rows {
        assert_eq!(w.receive(HOST2, from, &to_d(source)).verdict(), verdict, "{row}");
    }
    let to_y = encapsulate(6000, w.eth("y").0, &udp(a_mac, ip("10.2.1.5"), ip("10.0.2.7"), (1, 2), b""));
    assert_eq!(w.receive(HOST2, HOST1, &to_y).verdict(), Drop(R::InnerSourceSpoofed), "a VPC that has no peering");
}

/// VPCs 0, 2 and 3 on one transit gateway; 3 is the one with a NAT gateway and the way out. 2 and 3 have routes to all.
fn hub() -> Net {
    let gateway = TransitGatewayId::from_random(1);
    let mut n = net();
    n.vpcs.push(vpc_at(2, 7000, "10.2.0.0/16"));
    n.vpcs.push(vpc_at(3, 8000, "10.3.0.0/16"));
    n.nics.push(in_subnet(nic("p", HOST1, 2, "10.2.1.5", &[1]), "10.2.1.0/24"));
    n.nics.push(in_subnet(nic("q", HOST2, 2, "10.2.1.6", &[1]), "10.2.1.0/24"));
    n.nics.push(in_subnet(nat_gateway("n", HOST2, 3, "10.3.1.9", Some("198.18.0.99"), 2), "10.3.1.0/24"));
    let to = |c: &str, vpc: u128, table: u128| TransitRoute {
        destination: cidr(c),
        target: TransitTarget::Vpc { vpc: VpcId::from_random(vpc), table: RouteTableId::from_random(table) },
    };
    let routes = vec![
        to("10.0.0.0/16", 0, 1),
        to("10.2.0.0/16", 2, 1),
        to("0.0.0.0/0", 3, 1),
        TransitRoute { destination: cidr("10.2.66.0/24"), target: TransitTarget::Blackhole },
    ];
    for v in [0, 2, 3] {
        n.vpcs[v].transit = vec![TransitConfig { routes6: Vec::new(), id: gateway, routes: routes.clone() }];
    }
    let through = RouteTarget::TransitGateway(gateway);
    n.vpcs[0].route_tables[0] = table(1, &[("10.0.0.0/16", RouteTarget::Local), ("0.0.0.0/0", through)]);
    n.vpcs[2].route_tables[0] = table(1, &[("10.2.0.0/16", RouteTarget::Local), ("0.0.0.0/0", through)]);
    let nat = n.nic("n").id();
    n.vpcs[3].route_tables = vec![
        table(1, &[("10.3.0.0/16", RouteTarget::Local), ("0.0.0.0/0", RouteTarget::NatGateway(nat)), ("10.99.0.0/16", through)]),
        table(2, &[("10.3.0.0/16", RouteTarget::Local), ("10.0.0.0/14", through), ("0.0.0.0/0", RouteTarget::InternetGateway)]),
    ];
    n
}

#[test]
fn a_transit_gateway_carries_one_hop() {
    let mut w = World::new(hub());
    for _ in 0..2 {
        w.expect("same host", "a", &w.udp("a", "10.2.1.5", (1, 2), b""), Deliver("p"));
        w.expect("other host", "a", &w.udp("a", "10.2.1.6", (1, 2), b""), Deliver("q"));
        w.expect("the answer", "q", &w.udp("q", "10.0.1.5", (2, 1), b""), Deliver("a"));
        w.expect("a blackhole in its table", "a", &w.udp("a", "10.2.66.1", (1, 2), b""), Drop(R::TransitBlackhole));
        w.expect("nobody there", "a", &w.udp("a", "10.2.9.9", (1, 2), b""), Drop(R::NoSuchDestination));
        w.expect("back into transit", "a", &w.udp("a", "10.99.0.1", (1, 2), b""), Drop(R::BeyondTransit));
        w.expect("another VPC's that is not attached", "x", &w.udp("x", "10.2.1.5", (1, 2), b""), Sent(EDGE, 1));
    }
    w.net.nic_mut("a").check = false;
    w.apply();
    let forged = udp(w.eth("a").0, ip("10.2.1.5"), ip("10.2.1.6"), (1, 2), b"");
    w.expect("with an address of the far VPC", "a", &forged, Drop(R::OverlappingSource));
    let far = w.net.vpcs[3].route_tables[0].routes.len();
    w.net.vpcs[3].route_tables[0].routes[far - 2].target = RouteTarget::InternetGateway;
    w.apply();
    w.expect("the far VPC's internet gateway", "a", &w.udp("a", OUTSIDE, (1, 2), b""), Drop(R::BeyondTransit));
}

#[test]
fn out_through_the_nat_gateway_of_a_hub() {
    let mut w = World::new(hub());
    let out = w.expect("a, by the hub's gateway", "a", &w.tcp("a", OUTSIDE, (4000, 443), "S"), Sent(EDGE, 1));
    let sent = &out.frame()[8..];
    assert_checksums(sent);
    assert_eq!(addresses(sent), (ip("198.18.0.99"), ip(OUTSIDE)));
    let port = u16::from_be_bytes([sent[34], sent[35]]);
    let answer = tcp(MacAddr([2, 0, 0, 0, 0, 1]), ip(OUTSIDE), ip("198.18.0.99"), (443, port), "SA");
    let back = w.receive(HOST2, EDGE, &encapsulate(1, vswitch::ROUTER_MAC, &answer));
    assert_eq!(back.verdict(), Deliver("a"));
    assert_checksums(back.frame());
    assert_eq!(addresses(back.frame()), (ip(OUTSIDE), ip("10.0.1.5")));
    assert_eq!(u16::from_be_bytes([back.frame()[36], back.frame()[37]]), 4000);
}

#[test]
fn a_gateway_endpoint_leads_to_the_card() {
    let mut n = net();
    n.services = vec![ServiceConfig {
        name: "s3".into(),
        domain: "s3.us-east-1.amazonaws.com".into(),
        addresses: vec![ip("52.216.0.1"), ip("52.216.0.2")],
    }];
    let endpoint = VpcEndpointId::from_random(1);
    n.vpcs[0].endpoints = vec![EndpointConfig { id: endpoint, service: "s3".into(), policy: None }];
    let target = RouteTarget::Endpoint(endpoint);
    n.vpcs[0].route_tables[0]
        .routes
        .extend([Route { destination: cidr("52.216.0.1/32"), target }, Route { destination: cidr("52.216.0.3/32"), target }]);
    n.nic_mut("b").groups = vec![group(4)];
    let mut w = World::new(n);
    let syn = w.tcp("a", "52.216.0.1", (4000, 80), "S");
    for _ in 0..2 {
        w.expect("by the card", "a", &syn, Local("a"));
        w.expect("not TCP", "a", &w.udp("a", "52.216.0.1", (1, 2), b""), Drop(R::EndpointProtocol));
        w.expect("no route", "a", &w.tcp("a", "52.216.0.2", (1, 80), "S"), Sent(EDGE, 1));
        w.expect("not the service's", "a", &w.tcp("a", "52.216.0.3", (1, 80), "S"), Drop(R::NoSuchDestination));
        w.expect("rules allow 443 only", "b", &w.tcp("b", "52.216.0.1", (1, 80), "S"), Drop(R::SecurityGroupEgress));
        w.expect("which is allowed", "b", &w.tcp("b", "52.216.0.1", (1, 443), "S"), Local("b"));
    }
    // What the card answers comes back by the flow, and only by it.
    let answer = |w: &mut World, name: &str, ports| {
        let mut sink = Recorder::default();
        let (port, to) = (w.index(name), w.eth(name).1);
        let frame = tcp(MacAddr([0; 6]), ip("52.216.0.1"), to, ports, "SA");
        let s = w.switches.get_mut(&HOST1).unwrap();
        s.from_service(port, &mut vswitch::FrameBuf::from_slice(&frame), 1000, &mut sink);
        sink.delivered.len()
    };
    assert_eq!(answer(&mut w, "b", (443, 1)), 1);
    assert_eq!(answer(&mut w, "b", (443, 7)), 0, "b's group lets nothing in");
    assert_eq!(w.stats("b").drops.get(R::SecurityGroupIngress), 1);
}

#[test]
fn what_a_new_configuration_may_not_say() {
    let refused = |edit: &dyn Fn(&mut NetConfig)| {
        let mut config = net().config(HOST1);
        edit(&mut config);
        vswitch::Switch::new(vswitch::Options::new(1)).configure(&config, 0).unwrap_err()
    };
    let port = net().nic("a").id();
    let absent = NetworkAclId::from_random(9);
    use vswitch::ConfigError as E;
    assert_eq!(refused(&|c| c.ports[0].network_acl = Some(absent)), E::UnknownNetworkAcl { port, acl: absent });
    assert_eq!(refused(&|c| c.ports[0].flow_log_seconds = Some(61)), E::FlowLogInterval { port, seconds: 61 });
    let nat = NatConfig { id: NatGatewayId::from_random(1), private: true };
    assert_eq!(refused(&|c| c.ports[0].nat = Some(nat)), E::NatPort { port });
    let service = ServiceConfig { name: "s3".into(), domain: "s3".into(), addresses: vec![ip("10.0.9.9")] };
    assert_eq!(
        refused(&|c| c.services = vec![service.clone()]),
        E::ServiceAddress { service: "s3".into(), address: ip("10.0.9.9") }
    );
}
