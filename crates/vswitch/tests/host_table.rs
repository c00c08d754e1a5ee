//! The host's table as people see it: what was decided for connections, and what would decide.

mod common;
use Verdict::*;
use common::*;
use vswitch::DropReason as R;
use wire::net::Direction;
use wire::trace::{FlowsRequest, Target};

const EVERYTHING: FlowsRequest = FlowsRequest { interface: None, rows_max: 1000 };

#[test]
fn the_table_tells_what_happened_and_what_is_cut() {
    let mut w = World::new(net());
    let request = w.tcp("a", "10.0.2.8", (4000, 80), "S");
    w.expect("to another host", "a", &request, Deliver("d"));
    w.expect("its answer", "d", &w.tcp("d", "10.0.1.5", (80, 4000), "SA"), Deliver("a"));
    w.expect("to nobody", "a", &w.tcp("a", "10.0.9.9", (4000, 80), "S"), Drop(R::NoSuchDestination));
    w.now_ms += 2500;
    w.switches.get_mut(&HOST1).unwrap().expire(w.now_ms, 0);
    let host = &w.switches[&HOST1];
    let table = host.host_table(&EVERYTHING).unwrap();
    let (a, d) = (w.net.nic("a"), w.net.nic("d"));

    let flow = table.flows.iter().find(|f| f.interface == a.id()).expect("the connection");
    assert_eq!((flow.local, flow.local_port, flow.remote, flow.remote_port), (a.ip().into(), 4000, d.ip().into(), 80));
    assert_eq!((flow.state.as_str(), flow.initiator), ("established", Direction::Egress));
    assert_eq!((flow.out_packets, flow.in_packets), (1, 1));
    assert!(matches!(flow.target, Target::Encap { underlay, .. } if underlay == d.host), "{flow:?}");
    assert_eq!((table.flows_total, table.flows.len() as u64), (host.flows(), host.flows()));
    assert!(table.flow_bytes > 0 && table.policies_total > 0 && table.routes_total > 0 && !table.arp.is_empty());
    assert!(table.drops.contains(&("no-such-destination".to_owned(), 1)), "{:?}", table.drops);

    let target = |n: &Nic| table.members.iter().find(|m| m.address == n.ip() && m.vni == flow_vni(flow)).map(|m| m.target);
    assert_eq!(target(a), Some(Target::Deliver(a.id())));
    assert!(matches!(target(d), Some(Target::Encap { underlay, .. }) if underlay == d.host));

    // Cut to what is asked for, and the counts say so; another interface's rows are not this one's.
    let cut = host.host_table(&FlowsRequest { rows_max: 1, ..EVERYTHING }).unwrap();
    assert_eq!((cut.members.len(), cut.policies.len(), cut.routes.len()), (1, 1, 1));
    assert_eq!((cut.members_total, cut.policies_total), (table.members_total, table.policies_total));
    let of_a = host.host_table(&FlowsRequest { interface: Some(a.id()), ..EVERYTHING }).unwrap();
    assert!(of_a.policies.iter().all(|p| p.interface == a.id()) && of_a.policies_total < table.policies_total);
    assert_eq!(of_a.arp.len(), 1);
    assert_eq!(host.host_table(&FlowsRequest { interface: Some(d.id()), ..EVERYTHING }), None, "on another host");
}

fn flow_vni(flow: &wire::trace::FlowRow) -> u32 {
    match flow.target {
        Target::Encap { vni, .. } => vni,
        other => panic!("{other:?}"),
    }
}

#[test]
fn translations_of_a_nat_gateway_are_rows() {
    use wire::net::RouteTarget;
    let mut n = net();
    n.nics.push(in_subnet(nat_gateway("n", HOST1, 0, "10.0.3.9", Some("198.18.0.99"), 1), "10.0.3.0/24"));
    let nat = RouteTarget::NatGateway(n.nic("n").id());
    n.vpcs[0].route_tables.push(table(3, &[("10.0.0.0/16", RouteTarget::Local), ("0.0.0.0/0", nat)]));
    n.nic_mut("b").table = 3;
    let mut w = World::new(n);
    let request = w.udp("b", OUTSIDE, (4000, 53), b"x");
    w.send("b", &request);
    let rows = w.switches[&HOST1].host_table(&EVERYTHING).unwrap();
    assert_eq!((rows.translations_total, rows.translations.len()), (1, 1));
    let row = &rows.translations[0];
    assert_eq!((row.inside, row.inside_port, row.outside), (ip("10.0.1.6"), 4000, ip("10.0.3.9")));
    assert_eq!((row.remote, row.remote_port, row.protocol, row.answered), (ip(OUTSIDE), 53, 17, false));
}
