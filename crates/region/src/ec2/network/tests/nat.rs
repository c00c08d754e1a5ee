//! NAT gateways: from the request over the report of a host to the document, and back to nothing.

use super::super::{nat_gateway, nat_router};
use super::errors::check;
use super::*;
use crate::compile::{cell_config, edge_config};
use crate::ec2::testing::texts;
use crate::placed::Delivered;
use crate::rows::{NatGateway, NatState};
use std::collections::BTreeMap;
use types::{CellId, Generation, TimestampMs};
use wire::cell::{CellConfig, CellReport, HostHealth, HostSummary};
use wire::host::Capacity;
use wire::net::RouteTarget;

fn cell() -> CellId {
    "a1".parse().unwrap()
}

fn host(name: &str, health: HostHealth, (card_applied, wanted): (u64, u64)) -> HostSummary {
    let capacity = Capacity { vcpus: 8, memory_mib: 8192, disk_gib: 100 };
    HostSummary {
        host: name.parse().unwrap(),
        underlay: format!("127.1.1.{}", name.trim_start_matches("a1-h")).parse().unwrap(),
        health,
        capacity,
        free: capacity,
        applied: Generation(card_applied),
        card_applied: Generation(card_applied),
        wanted: Generation(wanted),
        acceleration: "tcg".into(),
        problems: Vec::new(),
        off: false,
    }
}

fn report(applied: u64, hosts: Vec<HostSummary>) -> CellReport {
    CellReport {
        dedicated_hosts_refused: Vec::new(),
        spot_price: None,
        notices: Vec::new(),
        balancers: Vec::new(),
        ended_runs: Vec::new(),
        room: None,
        format: wire::FORMAT,
        cell: cell(),
        az: "us-east-1a".parse().unwrap(),
        applied: Generation(applied),
        hosts,
        instances: Vec::new(),
    }
}

fn config(w: &World, generation: u64) -> CellConfig {
    cell_config(&w.h.db, &w.h.settings, &cell(), Generation(generation))
}

/// What the service does with a report.
fn hear(w: &mut World, delivered: &mut Delivered, report: &CellReport) {
    delivered.hear(report);
    nat_router::settle(&mut w.h.db, w.h.now, report, delivered);
    let reports = BTreeMap::from([(cell(), report.clone())]);
    nat_router::place(&mut w.h.db, &w.h.settings, &reports);
    w.h.db.take_mutations();
}

fn address(w: &mut World) -> String {
    text(&w.ok("AllocateAddress", ""), "allocationId")
}

fn create(w: &mut World, rest: &str) -> String {
    text(&w.ok("CreateNatGateway", &format!("SubnetId={{subnet}}&{rest}")), "natGatewayId")
}

fn state(w: &mut World, id: &str) -> String {
    text(&w.ok("DescribeNatGateways", &format!("NatGatewayId.1={id}")), "state")
}

#[test]
fn it_is_available_when_a_card_has_it_and_deleted_when_none_has() {
    let mut w = world();
    let eip = address(&mut w);
    let id = create(&mut w, &format!("AllocationId={eip}&ClientToken=t1"));
    assert_eq!(create(&mut w, &format!("AllocationId={eip}&ClientToken=t1")), id);
    w.ok("CreateRoute", &format!("RouteTableId={{rtb}}&DestinationCidrBlock=0.0.0.0/0&NatGatewayId={id}"));
    let mut delivered = Delivered::default();
    assert!(config(&w, 1).routers.is_empty(), "it has no host yet");
    // A host that is silent gets nothing.
    hear(&mut w, &mut delivered, &report(1, vec![host("a1-h1", HostHealth::Silent, (1, 1))]));
    assert!(config(&w, 1).routers.is_empty());
    let healthy = |n| host("a1-h1", HostHealth::Healthy, n);
    hear(&mut w, &mut delivered, &report(1, vec![healthy((1, 1))]));
    let document = config(&w, 2);
    let [router] = document.routers.as_slice() else { panic!("{:?}", document.routers) };
    let nat = router.port.nat.unwrap();
    assert_eq!((router.host.as_str(), nat.id.to_string(), nat.private), ("a1-h1", id.clone(), false));
    assert_eq!(router.port.public.len(), 1);
    assert!(router.port.groups.is_empty() && router.port.metadata.is_none() && !router.port.source_dest_check);
    // Its public address is on that host, its interface in the VPC, the route leads to it.
    let underlay = "127.1.1.1".parse().unwrap();
    assert_eq!(document.internet.addresses.iter().map(|a| a.underlay).collect::<Vec<_>>(), [underlay]);
    let vpc = &document.vpcs[0];
    let entry = vpc.interfaces.iter().find(|i| i.id == router.port.id).unwrap();
    assert_eq!((entry.underlay, &entry.ipv4), (Some(underlay), &router.port.ipv4));
    let routes = vpc.route_tables.iter().flat_map(|t| &t.routes);
    assert!(routes.clone().any(|r| r.target == RouteTarget::NatGateway(router.port.id)));
    assert_eq!(edge_config(&w.h.db, &w.h.settings, Generation(2)).addresses.len(), 1);
    // Pending until the card holds that document, and the report is not one of before.
    delivered.note(&document);
    hear(&mut w, &mut delivered, &report(1, vec![healthy((1, 1))]));
    hear(&mut w, &mut delivered, &report(2, vec![healthy((1, 1))]));
    hear(&mut w, &mut delivered, &report(2, vec![healthy((1, 2))]));
    assert_eq!(state(&mut w, &id), "pending");
    hear(&mut w, &mut delivered, &report(2, vec![healthy((2, 2))]));
    assert_eq!(state(&mut w, &id), "available");
    let xml = w.ok("DescribeNatGateways", "Filter.1.Name=state&Filter.1.Value.1=available");
    for part in [&format!("<allocationId>{eip}</allocationId>"), "<connectivityType>public</connectivityType>"] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let xml = w.ok("DescribeNetworkInterfaces", &format!("Filter.1.Name=attachment.nat-gateway-id&Filter.1.Value.1={id}"));
    for part in [
        "<interfaceType>nat_gateway</interfaceType>",
        "<requesterManaged>true</requesterManaged>",
        "<status>in-use</status>",
        &format!("<description>Interface for NAT Gateway {id}</description>"),
        "<groupSet/>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    check(
        &mut w,
        &[
            ("DeleteSubnet", "SubnetId={subnet}", "DependencyViolation"),
            ("DetachInternetGateway", "InternetGatewayId={igw}&VpcId={vpc}", "DependencyViolation"),
            ("ReleaseAddress", &format!("AllocationId={eip}"), "InvalidIPAddress.InUse"),
            ("DisassociateAddress", &format!("AssociationId={}", text(&xml, "associationId")), "AuthFailure"),
        ],
    );
    // Deletion: out of the document at once, `deleting` until the card has dropped it.
    w.ok("DeleteNatGateway", &format!("NatGatewayId={id}"));
    assert_eq!(state(&mut w, &id), "deleting");
    assert!(w.ok("DescribeRouteTables", "RouteTableId.1={rtb}").contains("<state>blackhole</state>"));
    let document = config(&w, 3);
    assert!(document.routers.is_empty());
    hear(&mut w, &mut delivered, &report(2, vec![healthy((2, 2))]));
    assert_eq!(state(&mut w, &id), "deleting");
    delivered.note(&document);
    hear(&mut w, &mut delivered, &report(3, vec![healthy((2, 3))]));
    hear(&mut w, &mut delivered, &report(3, vec![healthy((2, 3))]));
    assert_eq!(state(&mut w, &id), "deleting");
    hear(&mut w, &mut delivered, &report(3, vec![healthy((3, 3))]));
    assert_eq!(state(&mut w, &id), "deleted");
    assert!(w.ok("DescribeNetworkInterfaces", "").contains("<networkInterfaceSet/>"));
    w.ok("ReleaseAddress", &format!("AllocationId={eip}"));
    check(&mut w, &[("DeleteNatGateway", &format!("NatGatewayId={id}"), "NatGatewayNotFound")]);
    nat_gateway::forget_ended(&mut w.h.db, TimestampMs(w.h.now.0 + 3_599_999));
    assert_eq!(state(&mut w, &id), "deleted");
    nat_gateway::forget_ended(&mut w.h.db, TimestampMs(w.h.now.0 + 3_600_000));
    check(&mut w, &[("DescribeNatGateways", &format!("NatGatewayId.1={id}"), "NatGatewayNotFound")]);
}

#[test]
fn it_moves_when_its_host_is_silent_and_only_then() {
    let mut w = world();
    let id = create(&mut w, "ConnectivityType=private");
    let mut delivered = Delivered::default();
    let place = |w: &World| {
        let g = w.h.db.get::<NatGateway>(&w.h.caller.account, &id).unwrap();
        g.place.clone().map(|p| p.host.to_string())
    };
    let hosts = |one, two| vec![host("a1-h1", one, (1, 1)), host("a1-h2", two, (1, 1))];
    use HostHealth::{Healthy, Silent, Unknown};
    hear(&mut w, &mut delivered, &report(1, hosts(Healthy, Healthy)));
    let first = place(&w).unwrap();
    let flip = |a, b| if first == "a1-h1" { hosts(a, b) } else { hosts(b, a) };
    hear(&mut w, &mut delivered, &report(1, flip(Unknown, Healthy)));
    assert_eq!(place(&w).unwrap(), first, "a controller that has just started knows nothing");
    hear(&mut w, &mut delivered, &report(1, flip(Silent, Silent)));
    assert_eq!(place(&w).unwrap(), first, "there is no better one");
    hear(&mut w, &mut delivered, &report(1, flip(Silent, Healthy)));
    let second = place(&w).unwrap();
    assert_ne!(second, first);
    assert_eq!(config(&w, 1).routers[0].host.as_str(), second);
    hear(&mut w, &mut delivered, &report(1, flip(Healthy, Healthy)));
    assert_eq!(place(&w).unwrap(), second, "it does not go back: that would break its connections");
}

#[test]
fn many_gateways_spread_over_the_hosts() {
    let mut w = world();
    let mut delivered = Delivered::default();
    let names: Vec<String> = (1..9).map(|n| format!("a1-h{n}")).collect();
    for _ in 0..5 {
        create(&mut w, "ConnectivityType=private");
    }
    hear(&mut w, &mut delivered, &report(1, names.iter().map(|n| host(n, HostHealth::Healthy, (1, 1))).collect()));
    let hosts: std::collections::BTreeSet<_> = config(&w, 1).routers.into_iter().map(|r| r.host).collect();
    assert!(hosts.len() > 1, "{hosts:?}");
}

#[test]
fn failures_show_in_the_description() {
    let mut w = world();
    let used = address(&mut w);
    create(&mut w, &format!("AllocationId={used}"));
    let again = create(&mut w, &format!("AllocationId={used}"));
    let xml = w.ok("DescribeNatGateways", &format!("NatGatewayId.1={again}"));
    assert!(
        xml.contains("<failureCode>Resource.AlreadyAssociated</failureCode>") && xml.contains("<state>failed</state>"),
        "{xml}"
    );
    let vpc = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let subnet = w.ok("CreateSubnet", &format!("VpcId={vpc}&CidrBlock=10.7.0.0/28&AvailabilityZone=us-east-1a"));
    let subnet = text(&subnet, "subnetId");
    let free = address(&mut w);
    let xml = w.ok("CreateNatGateway", &format!("SubnetId={subnet}&AllocationId={free}"));
    assert_eq!(text(&xml, "state"), "pending");
    let xml = w.ok("DescribeNatGateways", &format!("NatGatewayId.1={}", text(&xml, "natGatewayId")));
    assert_eq!(text(&xml, "failureMessage"), format!("Network {vpc} has no Internet gateway attached"));
    // The address was not taken.
    w.ok("ReleaseAddress", &format!("AllocationId={free}"));
    // 11 addresses: eight, and no room for another eight.
    let many = format!("SubnetId={subnet}&ConnectivityType=private&SecondaryPrivateIpAddressCount=7");
    let xml = w.ok("CreateNatGateway", &many);
    assert_eq!(texts(&xml, "privateIp").len(), 8);
    let second = text(&w.ok("CreateNatGateway", &many), "natGatewayId");
    let xml = w.ok("DescribeNatGateways", &format!("NatGatewayId.1={second}"));
    assert_eq!(text(&xml, "failureCode"), "InsufficientFreeAddressesInSubnet");
    w.ok("DeleteNatGateway", &format!("NatGatewayId={second}"));
    assert_eq!(state(&mut w, &second), "deleted");
    assert!(w.h.db.all::<NatGateway>().any(|g| g.state == NatState::Failed));
}

#[test]
fn secondary_addresses() {
    let mut w = world();
    let (one, two) = (address(&mut w), address(&mut w));
    let id = create(
        &mut w,
        &format!(
            "AllocationId={one}&PrivateIpAddress=10.0.1.10&SecondaryAllocationId.1={two}&SecondaryPrivateIpAddress.1=10.0.1.11"
        ),
    );
    let xml = w.ok("DescribeNatGateways", &format!("NatGatewayId.1={id}"));
    assert_eq!(texts(&xml, "privateIp"), ["10.0.1.10", "10.0.1.11"]);
    assert_eq!(texts(&xml, "isPrimary"), ["true", "false"]);
    assert_eq!(texts(&xml, "allocationId"), [one, two]);
}

#[test]
fn misuse() {
    let mut w = world();
    let (one, two) = (address(&mut w), address(&mut w));
    let public = format!("SubnetId={{subnet}}&AllocationId={one}");
    let private = "SubnetId={subnet}&ConnectivityType=private";
    let create_action = "CreateNatGateway";
    check(
        &mut w,
        &[
            (create_action, "SubnetId={subnet}", "MissingParameter"),
            (create_action, &format!("AllocationId={one}"), "MissingParameter"),
            (create_action, "SubnetId=subnet-00000000000000000&ConnectivityType=private", "InvalidSubnetID.NotFound"),
            (create_action, "SubnetId={subnet}&AllocationId=eipalloc-00000000000000000", "InvalidAllocationID.NotFound"),
            (create_action, "SubnetId={subnet}&ConnectivityType=odd", "InvalidParameterValue"),
            (create_action, &format!("{private}&AllocationId={one}"), "InvalidParameterCombination"),
            (create_action, &format!("{private}&PrivateIpAddress=10.0.2.9"), "InvalidParameterValue"),
            (create_action, &format!("{private}&PrivateIpAddress=10.0.1.1"), "InvalidParameterValue"),
            (
                create_action,
                &format!("{private}&PrivateIpAddress=10.0.1.9&SecondaryPrivateIpAddress.1=10.0.1.9"),
                "InvalidIPAddress.InUse",
            ),
            (create_action, &format!("{private}&SecondaryPrivateIpAddressCount=0"), "InvalidParameterValue"),
            (create_action, &format!("{private}&SecondaryPrivateIpAddressCount=8"), "PrivateIpAddressLimitExceeded"),
            (
                create_action,
                &format!("{private}&SecondaryPrivateIpAddressCount=1&SecondaryPrivateIpAddress.1=10.0.1.9"),
                "InvalidParameterCombination",
            ),
            (create_action, &format!("{public}&SecondaryPrivateIpAddressCount=1"), "InvalidParameterCombination"),
            (create_action, &format!("{public}&SecondaryAllocationId.1={one}"), "InvalidParameterValue"),
            (
                create_action,
                &format!(
                    "{public}&SecondaryAllocationId.1={two}&SecondaryPrivateIpAddress.1=10.0.1.8&SecondaryPrivateIpAddress.2=10.0.1.9"
                ),
                "InvalidParameterCombination",
            ),
            (create_action, &format!("{public}&AvailabilityMode=regional"), "UnsupportedOperation"),
            ("DeleteNatGateway", "NatGatewayId=nat-00000000000000000", "NatGatewayNotFound"),
            ("DeleteNatGateway", "NatGatewayId=x", "NatGatewayMalformed"),
            ("DescribeNatGateways", "Filter.1.Name=odd&Filter.1.Value.1=x", "InvalidParameterValue"),
        ],
    );
    let other = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let far = text(&w.ok("CreateRouteTable", &format!("VpcId={other}")), "routeTableId");
    let id = create(&mut w, "ConnectivityType=private");
    let route = format!("RouteTableId={far}&DestinationCidrBlock=0.0.0.0/0&NatGatewayId={id}");
    check(&mut w, &[("CreateRoute", &route, "InvalidParameterValue")]);
    for _ in 0..4 {
        create(&mut w, "ConnectivityType=private");
    }
    check(&mut w, &[(create_action, private, "NatGatewayLimitExceeded")]);
}
