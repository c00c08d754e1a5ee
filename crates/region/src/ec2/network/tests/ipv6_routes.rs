//! IPv6 on its way: egress-only gateways, routes, quotas, peerings and transit gateways, and the documents that come of them.

use super::errors::check;
use super::ipv6::{FIRST, Six, addresses, row, six};
use super::*;
use crate::compile::{cell_config, edge_config};
use crate::ec2::testing::texts;
use crate::rows::{Interface, PrefixList, RouteTable, Vpc};
use std::net::Ipv6Addr;
use types::{Generation, Ipv6Cidr};
use wire::cell::CellConfig;
use wire::net::{Direction, PeerMatch, ProtocolMatch, RouteTarget, TransitTarget, VpcConfig};

fn config(w: &World) -> CellConfig {
    cell_config(&w.h.db, &w.h.settings, &"a1".parse().unwrap(), Generation(1))
}

fn own(w: &World) -> VpcConfig {
    config(w).vpcs.into_iter().find(|v| v.id.to_string() == w.vpc).unwrap()
}

#[test]
fn egress_only_gateways() {
    let Six { mut w, .. } = six();
    let tags = "TagSpecification.1.ResourceType=egress-only-internet-gateway&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b";
    let xml = w.ok("CreateEgressOnlyInternetGateway", &format!("VpcId={{vpc}}&ClientToken=t&{tags}"));
    let id = text(&xml, "egressOnlyInternetGatewayId");
    assert!(id.starts_with("eigw-") && text(&xml, "state") == "attached" && text(&xml, "clientToken") == "t", "{xml}");
    assert_eq!(
        text(
            &w.ok("CreateEgressOnlyInternetGateway", &format!("VpcId={{vpc}}&ClientToken=t&{tags}")),
            "egressOnlyInternetGatewayId"
        ),
        id
    );
    for (filter, value, count) in [("tag:a", "b", 1), ("tag:a", "c", 0), ("attachment.vpc-id", "vpc-*", 1), ("tag-key", "a", 1)] {
        let xml = w.ok("DescribeEgressOnlyInternetGateways", &format!("Filter.1.Name={filter}&Filter.1.Value.1={value}"));
        assert_eq!(texts(&xml, "egressOnlyInternetGatewayId").len(), count, "{filter}={value}");
    }
    w.ok("CreateTags", &format!("ResourceId.1={id}&Tag.1.Key=n&Tag.1.Value=m"));
    let xml = w.ok("DescribeTags", "Filter.1.Name=resource-type&Filter.1.Value.1=egress-only-internet-gateway");
    assert_eq!(texts(&xml, "key"), ["a", "n"]);
    let other = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let foreign = text(&w.ok("CreateEgressOnlyInternetGateway", &format!("VpcId={other}")), "egressOnlyInternetGatewayId");
    let to = |destination: &str, target: &str| format!("RouteTableId={{rtb}}&{destination}&{target}");
    let (six, four) = ("DestinationIpv6CidrBlock=::/0", "DestinationCidrBlock=0.0.0.0/0");
    let eigw = format!("EgressOnlyInternetGatewayId={id}");
    let route = |w: &World| {
        let table = crate::ec2::network::route_table::to_wire(&w.h.db, &row::<RouteTable>(w, &w.table));
        table.routes6.iter().find(|r| r.destination == Ipv6Cidr::ALL).map(|r| r.target)
    };
    check(
        &mut w,
        &[
            ("CreateEgressOnlyInternetGateway", "", "MissingParameter"),
            ("CreateEgressOnlyInternetGateway", "VpcId={vpc}", "InvalidParameterValue"),
            ("CreateEgressOnlyInternetGateway", "VpcId=vpc-00000000000000000", "InvalidVpcID.NotFound"),
            (
                "DeleteEgressOnlyInternetGateway",
                "EgressOnlyInternetGatewayId=eigw-00000000000000000",
                "InvalidEgressOnlyInternetGatewayId.NotFound",
            ),
            ("DeleteEgressOnlyInternetGateway", "EgressOnlyInternetGatewayId=x", "InvalidEgressOnlyInternetGatewayId.Malformed"),
            ("DeleteEgressOnlyInternetGateway", "", "MissingParameter"),
            (
                "DescribeEgressOnlyInternetGateways",
                "EgressOnlyInternetGatewayId.1=eigw-00000000000000000",
                "InvalidEgressOnlyInternetGatewayId.NotFound",
            ),
            ("CreateRoute", &to(four, &eigw), "InvalidParameterValue"),
            ("CreateRoute", &to(six, &format!("EgressOnlyInternetGatewayId={foreign}")), "InvalidParameterValue"),
            (
                "CreateRoute",
                &to(six, "EgressOnlyInternetGatewayId=eigw-00000000000000000"),
                "InvalidEgressOnlyInternetGatewayId.NotFound",
            ),
            ("CreateRoute", &to(six, &format!("{eigw}&GatewayId={{igw}}")), "InvalidParameterCombination"),
            ("CreateRoute", &to(&format!("{six}&{four}"), &eigw), "InvalidParameterCombination"),
            ("CreateRoute", &to("DestinationIpv6CidrBlock=0.0.0.0/0", &eigw), "InvalidParameterValue"),
            ("CreateRoute", &to("DestinationCidrBlock=::/0", "GatewayId={igw}"), "InvalidParameterValue"),
            ("CreateRoute", &format!("RouteTableId={{rtb}}&{eigw}"), "MissingParameter"),
            ("CreateRoute", &to(six, ""), "MissingParameter"),
            ("ReplaceRoute", &to(six, &eigw), "InvalidParameterValue"),
            ("DeleteRoute", &to(six, ""), "InvalidRoute.NotFound"),
            ("DeleteVpc", &format!("VpcId={other}"), "DependencyViolation"),
        ],
    );
    w.ok("CreateRoute", &to(six, &eigw));
    assert_eq!(route(&w), Some(RouteTarget::EgressOnlyInternetGateway));
    let xml = w.ok("DescribeRouteTables", &format!("Filter.1.Name=route.egress-only-internet-gateway-id&Filter.1.Value.1={id}"));
    assert!(
        xml.contains(&format!("<destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock><egressOnlyInternetGatewayId>{id}<")),
        "{xml}"
    );
    check(&mut w, &[("CreateRoute", &to(six, "GatewayId={igw}"), "RouteAlreadyExists")]);
    w.ok("ReplaceRoute", &to(six, "GatewayId={igw}"));
    assert_eq!(route(&w), Some(RouteTarget::InternetGateway));
    w.ok("ReplaceRoute", &to(six, &eigw));
    assert!(w.ok("DeleteEgressOnlyInternetGateway", &eigw).contains("<returnCode>true</returnCode>"));
    assert_eq!(route(&w), Some(RouteTarget::Blackhole));
    assert!(w.ok("DescribeRouteTables", "RouteTableId.1={rtb}").contains("<state>blackhole</state>"));
    w.ok("DeleteRoute", &to(six, ""));
    assert_eq!(route(&w), None);
    w.ok("DeleteEgressOnlyInternetGateway", &format!("EgressOnlyInternetGatewayId={foreign}"));
    w.ok("DeleteVpc", &format!("VpcId={other}"));
}

#[test]
fn routes_inside_the_vpc_and_of_one_family_only() {
    let Six { mut w, .. } = six();
    let subnet = w.subnet.clone();
    let (_, eni) = run_instance(&mut w.h, &subnet);
    let nat = w.ok("CreateNatGateway", "SubnetId={subnet}&ConnectivityType=private");
    let nat = text(&nat, "natGatewayId");
    let list = w.ok("CreateManagedPrefixList", "PrefixListName=six&MaxEntries=3&AddressFamily=IPv6&Entry.1.Cidr=2001:db8:a::/48");
    let list = text(&list, "prefixListId");
    let to = |destination: &str, target: &str| format!("RouteTableId={{rtb}}&{destination}&{target}");
    let inner = |block: &str| to(&format!("DestinationIpv6CidrBlock={block}"), &format!("NetworkInterfaceId={eni}"));
    check(
        &mut w,
        &[
            (
                "CreateRoute",
                &to("DestinationIpv6CidrBlock=64:ff9b::/96", &format!("NatGatewayId={nat}")),
                "InvalidParameterValue",
            ),
            (
                "CreateRoute",
                &to(&format!("DestinationPrefixListId={list}"), &format!("NatGatewayId={nat}")),
                "InvalidParameterValue",
            ),
            ("CreateRoute", &inner("2001:db8:5c00:5::/64"), "InvalidParameterValue"),
            ("CreateRoute", &to("DestinationIpv6CidrBlock=2001:db8:5c00::/64", "GatewayId={igw}"), "InvalidParameterValue"),
            ("ReplaceRoute", &inner(FIRST), "InvalidParameterValue"),
            ("DeleteRoute", &to(&format!("DestinationIpv6CidrBlock={FIRST}"), ""), "InvalidParameterValue"),
            ("CreateRoute", &to(&format!("DestinationIpv6CidrBlock={FIRST}"), "GatewayId={igw}"), "RouteAlreadyExists"),
        ],
    );
    w.ok("CreateRoute", &inner("2001:db8:5c00::/64"));
    w.ok("CreateRoute", &to("DestinationIpv6CidrBlock=2001:db8:b::1/48", "GatewayId={igw}"));
    w.ok("CreateRoute", &to(&format!("DestinationPrefixListId={list}"), &format!("NetworkInterfaceId={eni}")));
    let table = own(&w).route_tables.into_iter().find(|t| t.id.to_string() == w.table).unwrap();
    let routes: Vec<_> = table.routes6.iter().map(|r| (r.destination.to_string(), r.target)).collect();
    let want = [
        (FIRST, RouteTarget::Local),
        ("2001:db8:5c00::/64", RouteTarget::Interface(eni)),
        ("2001:db8:b::/48", RouteTarget::InternetGateway),
        ("2001:db8:a::/48", RouteTarget::Interface(eni)),
    ];
    assert_eq!(routes, want.map(|(d, t)| (d.to_owned(), t)));
    assert_eq!(table.routes.len(), 1);
}

#[test]
fn quotas_count_each_family_by_itself() {
    let Six { mut w, .. } = six();
    let quota = |default: u64| serde_json::from_str(&format!(r#"{{"default": {default}}}"#)).unwrap();
    let quotas = &mut w.h.settings.limits.quotas;
    for (id, value) in [("vpc/L-93826ACB", 2), ("vpc/L-0EA8095F", 2), ("vpc/L-2AEEBF1A", 1)] {
        quotas.insert(id.into(), quota(value));
    }
    let acl = text(&w.ok("CreateNetworkAcl", "VpcId={vpc}"), "networkAclId");
    let entry =
        |n: u8, block: &str| format!("NetworkAclId={acl}&RuleNumber={n}&Protocol=-1&RuleAction=allow&Egress=false&{block}");
    let rule = |peer: &str| format!("GroupId={{sg}}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.{peer}");
    let route = |to: &str| format!("RouteTableId={{rtb}}&{to}&GatewayId={{igw}}");
    // Each table has a local route of each family already.
    for to in ["DestinationCidrBlock=8.0.0.0/8", "DestinationIpv6CidrBlock=2001:db8:8::/48"] {
        w.ok("CreateRoute", &route(to));
    }
    let ingress = "AuthorizeSecurityGroupIngress";
    w.ok(ingress, &rule("IpRanges.1.CidrIp=8.0.0.0/8"));
    w.ok(ingress, &rule("Ipv6Ranges.1.CidrIpv6=2001:db8::/32"));
    w.ok(ingress, &rule("Groups.1.GroupId={sg}"));
    w.ok("CreateNetworkAclEntry", &entry(1, "CidrBlock=0.0.0.0/0"));
    w.ok("CreateNetworkAclEntry", &entry(2, "Ipv6CidrBlock=::/0"));
    check(
        &mut w,
        &[
            ("CreateRoute", &route("DestinationCidrBlock=9.0.0.0/8"), "RouteLimitExceeded"),
            ("CreateRoute", &route("DestinationIpv6CidrBlock=::/0"), "RouteLimitExceeded"),
            (ingress, &rule("IpRanges.1.CidrIp=9.0.0.0/8"), "RulesPerSecurityGroupLimitExceeded"),
            (ingress, &rule("Ipv6Ranges.1.CidrIpv6=::/0"), "RulesPerSecurityGroupLimitExceeded"),
            ("CreateNetworkAclEntry", &entry(3, "CidrBlock=0.0.0.0/0"), "NetworkAclEntryLimitExceeded"),
            ("CreateNetworkAclEntry", &entry(3, "Ipv6CidrBlock=::/0"), "NetworkAclEntryLimitExceeded"),
            ("CreateNetworkAclEntry", &entry(2, "CidrBlock=0.0.0.0/0"), "NetworkAclEntryAlreadyExists"),
        ],
    );
}

/// The same in a peering, a transit gateway, a prefix list and the documents.
#[test]
fn the_documents_have_both_families() {
    let Six { mut w, .. } = six();
    let subnet = w.subnet.clone();
    w.ok("ModifySubnetAttribute", "SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true");
    let (instance, eni) = run_instance(&mut w.h, &subnet);
    let ip = addresses(&w, &eni.to_string())[0];
    let list = w.ok("CreateManagedPrefixList", "PrefixListName=six&MaxEntries=3&AddressFamily=IPv6&Entry.1.Cidr=2001:db8:a::/48");
    assert!(list.contains("<addressFamily>IPv6</addressFamily>"), "{list}");
    let list = text(&list, "prefixListId");
    assert!(row::<PrefixList>(&w, &list).ipv6);
    let by_list = format!("GroupId={{sg}}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.PrefixListIds.1.PrefixListId={list}");
    w.ok("AuthorizeSecurityGroupIngress", &by_list);
    w.ok(
        "CreateNetworkAclEntry",
        &format!(
            "NetworkAclId={}&RuleNumber=7&Protocol=icmpv6&RuleAction=deny&Egress=false&Ipv6CidrBlock=2001:db8:c::/48&Icmp.Type=128&Icmp.Code=-1",
            row::<Vpc>(&w, &w.vpc).default_network_acl
        ),
    );
    let vpc = own(&w);
    assert_eq!((vpc.cidrs6.iter().map(|c| c.to_string()).collect::<Vec<_>>(), vpc.open6), (vec![FIRST.to_owned()], true));
    assert_eq!(vpc.interfaces.iter().map(|n| n.ipv6.clone()).collect::<Vec<_>>(), [vec![ip]]);
    let group = vpc.security_groups.iter().find(|g| g.id.to_string() == w.group).unwrap();
    let peer = PeerMatch::PrefixList(list.parse().unwrap());
    assert!(group.rules6.iter().any(|r| r.peer == peer) && group.rules.len() == 1 && group.rules6.len() == 2, "{group:?}");
    assert_eq!(vpc.prefix_lists[0].entries6.iter().map(|c| c.to_string()).collect::<Vec<_>>(), ["2001:db8:a::/48"]);
    assert!(vpc.prefix_lists[0].entries.is_empty());
    let acl = &vpc.network_acls[0];
    let entries: Vec<_> = acl.entries6.iter().map(|e| (e.number, e.direction, e.allow, e.protocol)).collect();
    let want = [
        (7, Direction::Ingress, false, ProtocolMatch::Icmp { kind: Some(128), code: None }),
        (101, Direction::Ingress, true, ProtocolMatch::All),
        (101, Direction::Egress, true, ProtocolMatch::All),
    ];
    assert_eq!((entries, acl.entries.len()), (want.to_vec(), 2));

    let document = config(&w);
    let port = &document.instances[0].ports[0];
    let block: Ipv6Cidr = "2001:db8:5c00::/64".parse().unwrap();
    assert_eq!((port.ipv6.clone(), port.subnet_cidr6), (vec![ip], Some(block)));
    let metadata = port.metadata.as_ref().unwrap();
    assert_eq!((&metadata.ipv6, metadata.subnet_cidr6, &metadata.vpc_cidrs6), (&vec![ip], Some(block), &vpc.cidrs6));

    // Addresses are reached from outside where a route leads there.
    let known = |w: &World| config(w).internet.addresses6.iter().map(|a| a.address).collect::<Vec<_>>();
    assert_eq!((document.internet.pool6, known(&w)), (Some(w.h.settings.ipv6_pool), vec![]));
    w.ok("AssociateRouteTable", "RouteTableId={rtb}&SubnetId={subnet}");
    let eigw = text(&w.ok("CreateEgressOnlyInternetGateway", "VpcId={vpc}"), "egressOnlyInternetGatewayId");
    w.ok("CreateRoute", "RouteTableId={rtb}&DestinationCidrBlock=0.0.0.0/0&GatewayId={igw}");
    assert_eq!(known(&w), Vec::<Ipv6Addr>::new());
    w.ok("CreateRoute", &format!("RouteTableId={{rtb}}&DestinationIpv6CidrBlock=::/0&EgressOnlyInternetGatewayId={eigw}"));
    assert_eq!(known(&w), [ip]);
    w.ok("ReplaceRoute", "RouteTableId={rtb}&DestinationIpv6CidrBlock=::/0&GatewayId={igw}");
    assert_eq!(known(&w), [ip]);
    w.ok("DetachInternetGateway", "InternetGatewayId={igw}&VpcId={vpc}");
    assert_eq!((known(&w), own(&w).open6), (vec![], false));
    assert!(edge_config(&w.h.db, &w.h.settings, Generation(1)).addresses.is_empty());
    terminate(&mut w.h, instance, eni);
    assert!(known(&w).is_empty());
}

/// The edge: who has an address, so that nobody else sends from it; and which ports it listens on.
#[test]
fn the_edge_is_told_who_may_come_in() {
    let Six { mut w, .. } = six();
    let subnet = w.subnet.clone();
    w.ok("ModifySubnetAttribute", "SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true");
    let (instance, eni) = run_instance(&mut w.h, &subnet);
    let (eni, instance) = (eni.to_string(), instance.to_string());
    let ip = addresses(&w, &eni)[0];
    let group = row::<Interface>(&w, &eni).groups[0].to_string();
    let allow = |w: &mut World, protocol: &str, from: i32, to: i32, peer: &str| {
        let permission =
            format!("IpPermissions.1.IpProtocol={protocol}&IpPermissions.1.FromPort={from}&IpPermissions.1.ToPort={to}");
        w.ok("AuthorizeSecurityGroupIngress", &format!("GroupId={group}&{permission}&IpPermissions.1.{peer}"));
    };
    allow(&mut w, "tcp", 80, 81, "Ipv6Ranges.1.CidrIpv6=::/0");
    allow(&mut w, "udp", 53, 53, "Ipv6Ranges.1.CidrIpv6=3fff::/20");
    // Not from where the edge's clients seem to be, by the other family, or too many to listen on.
    allow(&mut w, "tcp", 82, 82, "Ipv6Ranges.1.CidrIpv6=2001:db8::/32");
    allow(&mut w, "tcp", 83, 83, "IpRanges.1.CidrIp=0.0.0.0/0");
    allow(&mut w, "tcp", 1000, 2000, "Ipv6Ranges.1.CidrIpv6=::/0");
    let told = |w: &World| edge_config(&w.h.db, &w.h.settings, Generation(1));
    assert_eq!((told(&w).pool6, told(&w).addresses6), (Some(w.h.settings.ipv6_pool), vec![]), "no route leads outside");

    let eigw = text(&w.ok("CreateEgressOnlyInternetGateway", "VpcId={vpc}"), "egressOnlyInternetGatewayId");
    let to = |destination: &str, target: &str| format!("RouteTableId={{rtb}}&DestinationIpv6CidrBlock={destination}&{target}");
    let (egress_only, internet) = (format!("EgressOnlyInternetGatewayId={eigw}"), "GatewayId={igw}");
    w.ok("AssociateRouteTable", "RouteTableId={rtb}&SubnetId={subnet}");
    let both = (vec![80, 81], vec![53]);
    let rows = [
        ("egress only", "CreateRoute", "::/0", egress_only.as_str(), (vec![], vec![])),
        ("some of it by an internet gateway", "CreateRoute", "2001:db8:8::/48", internet, (vec![], vec![])),
        ("where the edge's clients are", "CreateRoute", "3fff::/20", internet, both.clone()),
        ("and back", "ReplaceRoute", "3fff::/20", egress_only.as_str(), (vec![], vec![])),
        ("all of it, but for those", "ReplaceRoute", "::/0", internet, (vec![], vec![])),
        ("all of it", "ReplaceRoute", "3fff::/20", internet, both),
    ];
    for (row, call, destination, target, ports) in rows {
        w.ok(call, &to(destination, target));
        let [a] = &told(&w).addresses6[..] else { panic!("{row}: {:?}", told(&w)) };
        assert_eq!((a.public, a.instance.map(|i| i.to_string())), (ip, Some(instance.clone())), "{row}");
        assert_eq!((a.tcp_ports.clone(), a.udp_ports.clone()), ports, "{row}");
        let hosts = config(&w).internet.addresses6;
        assert!(hosts.iter().map(|h| (h.address, h.underlay)).eq([(ip, a.underlay)]), "{row}: hosts know the same");
    }
    w.ok("DetachInternetGateway", "InternetGatewayId={igw}&VpcId={vpc}");
    assert!(told(&w).addresses6.is_empty(), "a blackhole leads nowhere");
}

#[test]
fn peers_and_transit_gateways_carry_it() {
    let Six { mut w, .. } = six();
    let subnet = w.subnet.clone();
    run_instance(&mut w.h, &subnet);
    let xml = w.ok("CreateVpc", "CidrBlock=10.7.0.0/16&AmazonProvidedIpv6CidrBlock=true");
    let (other, block) = (text(&xml, "vpcId"), text(&xml, "ipv6CidrBlock"));
    let far = w.ok("CreateSubnet", &format!("VpcId={other}&CidrBlock=10.7.1.0/24&AvailabilityZone=us-east-1a"));
    let far = text(&far, "subnetId");
    let pcx = text(&w.ok("CreateVpcPeeringConnection", &format!("VpcId={{vpc}}&PeerVpcId={other}")), "vpcPeeringConnectionId");
    let xml = w.ok("AcceptVpcPeeringConnection", &format!("VpcPeeringConnectionId={pcx}"));
    assert_eq!(texts(&xml, "ipv6CidrBlock"), [block.as_str(), FIRST]);
    let to = |destination: &str, target: &str| format!("RouteTableId={{rtb}}&DestinationIpv6CidrBlock={destination}&{target}");
    w.ok("CreateRoute", &to(&block, &format!("VpcPeeringConnectionId={pcx}")));
    let gateway = text(&w.ok("CreateTransitGateway", ""), "transitGatewayId");
    let attach = |w: &mut World, vpc: &str, subnet: &str| {
        let request = format!("TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}&Options.Ipv6Support=enable");
        let xml = w.ok("CreateTransitGatewayVpcAttachment", &request);
        assert_eq!(text(&xml, "ipv6Support"), "enable");
        text(&xml, "transitGatewayAttachmentId")
    };
    let vpc = w.vpc.clone();
    let ours = attach(&mut w, &vpc, &subnet);
    let theirs = attach(&mut w, &other, &far);
    w.ok("CreateRoute", &to("2001:db8::/32", &format!("TransitGatewayId={gateway}")));
    let targets = |w: &World| {
        let table = own(w).route_tables.into_iter().find(|t| t.id.to_string() == w.table).unwrap();
        table.routes6.iter().map(|r| r.target).collect::<Vec<_>>()
    };
    let (id, tgw) = (pcx.parse().unwrap(), gateway.parse().unwrap());
    assert_eq!(targets(&w), [RouteTarget::Local, RouteTarget::Peering(id), RouteTarget::TransitGateway(tgw)]);
    let found = |w: &World| {
        let transit = own(w).transit.remove(0);
        (transit.routes.len(), transit.routes6.iter().map(|r| (r.destination.to_string(), r.target)).collect::<Vec<_>>())
    };
    assert_eq!(found(&w).1.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), [FIRST, &block]);
    let table = text(&w.ok("DescribeTransitGateways", ""), "associationDefaultRouteTableId");
    let route = |cidr: &str, to: &str| format!("TransitGatewayRouteTableId={table}&DestinationCidrBlock={cidr}&{to}");
    w.ok("CreateTransitGatewayRoute", &route("2001:db8:f::/48", "Blackhole=true"));
    w.ok("CreateTransitGatewayRoute", &route("2001:db8:e::/48", &format!("TransitGatewayAttachmentId={theirs}")));
    check(&mut w, &[("CreateTransitGatewayRoute", &route("2001:db8:f::1/48", "Blackhole=true"), "RouteAlreadyExists")]);
    let search = |w: &mut World, filter: &str, value: &str| {
        let request = format!("TransitGatewayRouteTableId={table}&Filter.1.Name={filter}&Filter.1.Value.1={value}");
        texts(&w.ok("SearchTransitGatewayRoutes", &request), "destinationCidrBlock")
    };
    assert_eq!(search(&mut w, "route-search.longest-prefix-match", "2001:db8:f::9/128"), ["2001:db8:f::/48"]);
    assert_eq!(search(&mut w, "route-search.subnet-of-match", "2001:db8::/32").len(), 4);
    assert_eq!(search(&mut w, "route-search.subnet-of-match", "0.0.0.0/0").len(), 2);
    // Who does not carry IPv6 is not told of it, and is not reached by it.
    let switch = |w: &mut World, id: &str, to: &str| {
        w.ok("ModifyTransitGatewayVpcAttachment", &format!("TransitGatewayAttachmentId={id}&Options.Ipv6Support={to}"));
    };
    switch(&mut w, &theirs, "disable");
    let blackholes: Vec<bool> = found(&w).1.iter().map(|f| f.1 == TransitTarget::Blackhole).collect();
    assert_eq!((found(&w).0, blackholes), (2, vec![true, true, false]), "{:?}", found(&w));
    switch(&mut w, &ours, "disable");
    assert_eq!(found(&w), (2, vec![]));
    // What a peering told stays when the VPC goes.
    for a in [&ours, &theirs] {
        w.ok("DeleteTransitGatewayVpcAttachment", &format!("TransitGatewayAttachmentId={a}"));
    }
    w.ok("DeleteVpcPeeringConnection", &format!("VpcPeeringConnectionId={pcx}"));
    w.ok("DeleteSubnet", &format!("SubnetId={far}"));
    w.ok("DeleteVpc", &format!("VpcId={other}"));
    let xml = w.ok("DescribeVpcPeeringConnections", "");
    assert_eq!(texts(&xml, "ipv6CidrBlock"), [block.as_str(), FIRST]);
    assert_eq!(targets(&w), [RouteTarget::Local, RouteTarget::Blackhole, RouteTarget::Blackhole]);
}
