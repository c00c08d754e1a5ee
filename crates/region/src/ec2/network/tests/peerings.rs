//! Peerings within and across accounts, routes over them, groups named across them; further CIDR blocks; DHCP options.

use super::super::peering;
use super::errors::check;
use super::*;
use crate::compile::cell_config;
use crate::ec2::testing::{principal, texts};
use types::{Generation, TimestampMs};
use wire::cell::CellConfig;
use wire::net::{PeerMatch, RouteTarget};

const OTHER: &str = "222233334444";

fn config(w: &World) -> CellConfig {
    cell_config(&w.h.db, &w.h.settings, &"a1".parse().unwrap(), Generation(1))
}

/// As the other account.
fn theirs<T>(w: &mut World, f: impl FnOnce(&mut World) -> T) -> T {
    let own = std::mem::replace(&mut w.h.caller, principal(OTHER));
    let out = f(w);
    w.h.caller = own;
    out
}

fn their_vpc(w: &mut World, cidr: &str) -> String {
    theirs(w, |w| text(&w.ok("CreateVpc", &format!("CidrBlock={cidr}")), "vpcId"))
}

fn request(w: &mut World, peer: &str) -> String {
    let xml = w.ok("CreateVpcPeeringConnection", &format!("VpcId={{vpc}}&PeerVpcId={peer}&PeerOwnerId={OTHER}"));
    assert!(xml.contains("<code>initiating-request</code>"), "{xml}");
    text(&xml, "vpcPeeringConnectionId")
}

fn status(w: &mut World, id: &str) -> String {
    text(&w.ok("DescribeVpcPeeringConnections", &format!("VpcPeeringConnectionId.1={id}")), "code")
}

fn named(id: &str) -> String {
    format!("VpcPeeringConnectionId={id}")
}

#[test]
fn across_accounts_from_request_to_packets_to_deletion() {
    let mut w = world();
    let subnet = w.subnet.clone();
    run_instance(&mut w.h, &subnet);
    let peer = their_vpc(&mut w, "10.7.0.0/16");
    let id = request(&mut w, &peer);
    assert_eq!(status(&mut w, &id), "pending-acceptance");
    let xml = w.ok("DescribeVpcPeeringConnections", "");
    assert!(!xml.contains("10.7.0.0/16"), "the requester learns the peer's blocks when it accepts: {xml}");
    w.ok("CreateRoute", &format!("RouteTableId={{rtb}}&DestinationCidrBlock=10.7.0.0/16&{}", named(&id)));
    let target = |w: &World| {
        let routes = config(w).vpcs.into_iter().flat_map(|v| v.route_tables).flat_map(|t| t.routes);
        routes.filter(|r| r.destination.to_string() == "10.7.0.0/16" && r.target != RouteTarget::Local).map(|r| r.target).next()
    };
    assert_eq!(target(&w), Some(RouteTarget::Blackhole));
    assert_eq!(config(&w).vpcs.len(), 1);
    check(&mut w, &[("AcceptVpcPeeringConnection", &named(&id), "OperationNotPermitted")]);
    let group = theirs(&mut w, |w| {
        let xml = w.ok("AcceptVpcPeeringConnection", &named(&id));
        assert!(xml.contains("<code>active</code>"), "{xml}");
        let xml = w.ok("CreateSecurityGroup", &format!("VpcId={peer}&GroupName=db&GroupDescription=x"));
        check(
            w,
            &[
                ("AcceptVpcPeeringConnection", &named(&id), "InvalidStateTransition"),
                ("RejectVpcPeeringConnection", &named(&id), "InvalidStateTransition"),
                ("DeleteVpc", &format!("VpcId={peer}"), "DependencyViolation"),
            ],
        );
        text(&xml, "groupId")
    });
    assert_eq!(status(&mut w, &id), "active");
    assert!(w.ok("DescribeVpcPeeringConnections", "").contains("<cidrBlock>10.7.0.0/16</cidrBlock>"));
    assert_eq!(target(&w), Some(RouteTarget::Peering(id.parse().unwrap())));
    // A rule may name the peer's group, with its owner.
    let rule = format!("GroupId={{sg}}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={group}");
    let with_owner = format!("{rule}&IpPermissions.1.Groups.1.UserId={OTHER}");
    check(&mut w, &[("AuthorizeSecurityGroupIngress", &rule, "InvalidGroup.NotFound")]);
    let xml = w.ok("AuthorizeSecurityGroupIngress", &with_owner);
    assert_eq!((text(&xml, "peeringStatus"), text(&xml, "userId")), ("active".into(), OTHER.into()));
    let document = config(&w);
    assert_eq!(document.vpcs.len(), 2, "the peer is told too");
    let own = document.vpcs.iter().find(|v| v.id.to_string() == w.vpc).unwrap();
    assert_eq!((own.peerings[0].id.to_string(), own.peerings[0].peer.to_string()), (id.clone(), peer.clone()));
    let rules = |d: &CellConfig| {
        let groups = d.vpcs.iter().flat_map(|v| &v.security_groups).filter(|g| g.id.to_string() == w.group);
        groups.flat_map(|g| &g.rules).filter(|r| matches!(r.peer, PeerMatch::Group(_))).count()
    };
    assert_eq!(rules(&document), 1);
    theirs(&mut w, |w| {
        let xml = w.ok("DescribeSecurityGroupReferences", &format!("GroupId.1={group}"));
        assert_eq!(text(&xml, "referencingVpcId"), w.vpc);
        assert!(w.ok("GetSecurityGroupsForVpc", &format!("VpcId={peer}")).contains(&group));
        w.ok("DeleteVpcPeeringConnection", &named(&id));
    });
    let xml = w.ok("DescribeVpcPeeringConnections", &format!("VpcPeeringConnectionId.1={id}"));
    assert!(xml.contains(&format!("<message>Deleted by {OTHER}</message>")), "{xml}");
    assert_eq!(target(&w), Some(RouteTarget::Blackhole));
    let document = config(&w);
    let groups = document.vpcs.iter().flat_map(|v| &v.security_groups).filter(|g| g.id.to_string() == w.group);
    assert_eq!(groups.flat_map(|g| &g.rules).filter(|r| matches!(r.peer, PeerMatch::Group(_))).count(), 0);
    let xml = w.ok("DescribeStaleSecurityGroups", "VpcId={vpc}");
    assert_eq!((text(&xml, "groupName"), text(&xml, "peeringStatus")), ("web".into(), "deleted".into()));
    // A stale rule can be revoked.
    w.ok("RevokeSecurityGroupIngress", &with_owner);
    assert!(!w.ok("DescribeStaleSecurityGroups", "VpcId={vpc}").contains("<groupId>"));
    peering::forget_ended(&mut w.h.db, TimestampMs(w.h.now.0 + 2 * 3600 * 1000));
    check(
        &mut w,
        &[("DescribeVpcPeeringConnections", &format!("VpcPeeringConnectionId.1={id}"), "InvalidVpcPeeringConnectionID.NotFound")],
    );
}

#[test]
fn requests_end_in_other_ways() {
    let mut w = world();
    let overlapping = their_vpc(&mut w, "10.0.128.0/20");
    let failed = request(&mut w, &overlapping);
    assert_eq!(status(&mut w, &failed), "failed");
    let nowhere = request(&mut w, "vpc-00000000000000000");
    assert_eq!(status(&mut w, &nowhere), "failed");
    let peer = their_vpc(&mut w, "10.7.0.0/16");
    let rejected = request(&mut w, &peer);
    check(
        &mut w,
        &[
            (
                "CreateVpcPeeringConnection",
                &format!("VpcId={{vpc}}&PeerVpcId={peer}&PeerOwnerId={OTHER}"),
                "VpcPeeringConnectionAlreadyExists",
            ),
            ("RejectVpcPeeringConnection", &named(&rejected), "OperationNotPermitted"),
            ("ModifyVpcPeeringConnectionOptions", &named(&rejected), "OperationNotPermitted"),
        ],
    );
    theirs(&mut w, |w| {
        check(w, &[("DeleteVpcPeeringConnection", &named(&rejected), "OperationNotPermitted")]);
        w.ok("RejectVpcPeeringConnection", &named(&rejected));
    });
    assert_eq!(status(&mut w, &rejected), "rejected");
    let expired = request(&mut w, &peer);
    w.h.now = TimestampMs(w.h.now.0 + 7 * 24 * 3600 * 1000);
    assert_eq!(status(&mut w, &expired), "expired");
    theirs(&mut w, |w| check(w, &[("AcceptVpcPeeringConnection", &named(&expired), "InvalidStateTransition")]));
    peering::forget_ended(&mut w.h.db, w.h.now);
    assert_eq!(status(&mut w, &expired), "expired");
    check(
        &mut w,
        &[
            ("DeleteVpcPeeringConnection", &named(&expired), "InvalidStateTransition"),
            ("AcceptVpcPeeringConnection", &named("pcx-00000000000000000"), "InvalidVpcPeeringConnectionID.NotFound"),
            ("AcceptVpcPeeringConnection", &named("x"), "InvalidVpcPeeringConnectionId.Malformed"),
            ("CreateVpcPeeringConnection", "VpcId={vpc}&PeerVpcId={vpc}", "InvalidParameterValue"),
            ("CreateVpcPeeringConnection", "VpcId={vpc}", "MissingParameter"),
            ("CreateVpcPeeringConnection", "VpcId={vpc}&PeerVpcId=vpc-00000000000000000", "InvalidVpcID.NotFound"),
            ("CreateVpcPeeringConnection", &format!("VpcId={{vpc}}&PeerVpcId={peer}&PeerOwnerId=x"), "InvalidParameterValue"),
            (
                "CreateVpcPeeringConnection",
                &format!("VpcId={{vpc}}&PeerVpcId={peer}&PeerOwnerId={OTHER}&PeerRegion=eu-west-1"),
                "UnsupportedOperation",
            ),
        ],
    );
    // A VPC that is deleted takes the request for it along.
    let pending = request(&mut w, &peer);
    theirs(&mut w, |w| w.ok("DeleteVpc", &format!("VpcId={peer}")));
    assert_eq!(status(&mut w, &pending), "failed");
}

#[test]
fn options_can_only_be_off() {
    let mut w = world();
    let peer = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let id = text(&w.ok("CreateVpcPeeringConnection", &format!("VpcId={{vpc}}&PeerVpcId={peer}")), "vpcPeeringConnectionId");
    w.ok("AcceptVpcPeeringConnection", &named(&id));
    let option = |v| format!("{}&RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc={v}", named(&id));
    let xml = w.ok("ModifyVpcPeeringConnectionOptions", &option(false));
    assert!(xml.contains("<requesterPeeringConnectionOptions>") && !xml.contains("<accepterPeering"), "{xml}");
    check(&mut w, &[("ModifyVpcPeeringConnectionOptions", &option(true), "UnsupportedOperation")]);
}

#[test]
fn further_blocks() {
    let mut w = world();
    let add = |cidr: &str| format!("VpcId={{vpc}}&CidrBlock={cidr}");
    let xml = w.ok("AssociateVpcCidrBlock", &add("100.64.0.0/20"));
    let id = text(&xml, "associationId");
    assert_eq!(text(&xml, "state"), "associating");
    assert!(w.ok("DescribeVpcs", "VpcId.1={vpc}").contains("<cidrBlock>100.64.0.0/20</cidrBlock>"));
    let subnet = w.ok("CreateSubnet", "VpcId={vpc}&CidrBlock=100.64.1.0/24&AvailabilityZone=us-east-1a");
    let subnet = text(&subnet, "subnetId");
    run_instance(&mut w.h, &subnet);
    let document = config(&w);
    let vpc = &document.vpcs[0];
    assert_eq!(vpc.cidrs.iter().map(|c| c.to_string()).collect::<Vec<_>>(), ["10.0.0.0/16", "100.64.0.0/20"]);
    for table in &vpc.route_tables {
        assert_eq!(table.routes.iter().filter(|r| r.target == RouteTarget::Local).count(), 2, "{table:?}");
    }
    assert_eq!(document.instances[0].ports[0].metadata.as_ref().unwrap().vpc_cidrs.len(), 2);
    let table = text(&w.ok("CreateRouteTable", "VpcId={vpc}"), "routeTableId");
    assert!(w.ok("DescribeRouteTables", &format!("RouteTableId.1={table}")).contains("100.64.0.0/20"));
    w.ok("CreateRoute", "RouteTableId={rtb}&DestinationCidrBlock=10.3.0.0/24&GatewayId={igw}");
    let peer = text(&w.ok("CreateVpc", "CidrBlock=10.9.0.0/16"), "vpcId");
    let pcx = text(&w.ok("CreateVpcPeeringConnection", &format!("VpcId={{vpc}}&PeerVpcId={peer}")), "vpcPeeringConnectionId");
    w.ok("AcceptVpcPeeringConnection", &named(&pcx));
    let primary = text(&w.ok("DescribeVpcs", "VpcId.1={vpc}"), "associationId");
    let gone = |id: &str| format!("AssociationId={id}");
    check(
        &mut w,
        &[
            ("AssociateVpcCidrBlock", &add("10.0.4.0/24"), "CidrConflict"),
            ("AssociateVpcCidrBlock", &add("10.3.0.0/16"), "CidrConflict"),
            ("AssociateVpcCidrBlock", &add("10.9.4.0/24"), "CidrConflict"),
            ("AssociateVpcCidrBlock", &add("192.168.0.0/16"), "InvalidVpc.Range"),
            ("AssociateVpcCidrBlock", &add("172.16.0.0/16"), "InvalidVpc.Range"),
            ("AssociateVpcCidrBlock", &add("10.4.0.0/29"), "InvalidVpc.Range"),
            ("AssociateVpcCidrBlock", &add("x"), "InvalidParameterValue"),
            ("AssociateVpcCidrBlock", "VpcId={vpc}", "MissingParameter"),
            ("DisassociateVpcCidrBlock", &gone(&primary), "OperationNotPermitted"),
            ("DisassociateVpcCidrBlock", &gone(&id), "DependencyViolation"),
            ("DisassociateVpcCidrBlock", &gone("vpc-cidr-assoc-00000000000000000"), "InvalidVpcCidrBlockAssociationID.NotFound"),
        ],
    );
    // Inside a route to elsewhere is allowed.
    let inner = text(&w.ok("AssociateVpcCidrBlock", &add("10.3.0.0/25")), "associationId");
    w.ok("AssociateVpcCidrBlock", &add("10.4.0.0/24"));
    w.ok("AssociateVpcCidrBlock", &add("10.5.0.0/24"));
    check(&mut w, &[("AssociateVpcCidrBlock", &add("10.6.0.0/24"), "CidrLimitExceeded")]);
    w.ok("DisassociateVpcCidrBlock", &gone(&inner));
    assert!(!w.ok("DescribeVpcs", "VpcId.1={vpc}").contains("10.3.0.0/25"));
    assert!(!w.ok("DescribeRouteTables", "").contains("10.3.0.0/25"));
}

#[test]
fn dhcp_options() {
    let mut w = world();
    let subnet = w.subnet.clone();
    run_instance(&mut w.h, &subnet);
    let told = |w: &World| {
        let dhcp = config(w).instances[0].ports[0].dhcp.clone();
        (dhcp.domain, dhcp.dns_servers.iter().map(|s| s.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(told(&w), ("ec2.internal".into(), vec!["10.0.0.2".to_owned()]));
    let xml = w.ok(
        "CreateDhcpOptions",
        "DhcpConfiguration.1.Key=domain-name&DhcpConfiguration.1.Value.1=corp.example\
         &DhcpConfiguration.2.Key=domain-name-servers&DhcpConfiguration.2.Value.1=10.2.5.1&DhcpConfiguration.2.Value.2=AmazonProvidedDNS",
    );
    let id = text(&xml, "dhcpOptionsId");
    w.ok("AssociateDhcpOptions", &format!("DhcpOptionsId={id}&VpcId={{vpc}}"));
    assert_eq!(told(&w), ("corp.example".into(), vec!["10.2.5.1".to_owned(), "10.0.0.2".to_owned()]));
    assert_eq!(texts(&w.ok("DescribeDhcpOptions", ""), "dhcpOptionsId").len(), 2);
    let default = text(&w.ok("DescribeDhcpOptions", "Filter.1.Name=value&Filter.1.Value.1=ec2.internal"), "dhcpOptionsId");
    let one = |key: &str, value: &str| format!("DhcpConfiguration.1.Key={key}&DhcpConfiguration.1.Value.1={value}");
    check(
        &mut w,
        &[
            ("DeleteDhcpOptions", &format!("DhcpOptionsId={id}"), "DependencyViolation"),
            ("DeleteDhcpOptions", &format!("DhcpOptionsId={default}"), "DependencyViolation"),
            ("DeleteDhcpOptions", "DhcpOptionsId=dopt-00000000000000000", "InvalidDhcpOptionID.NotFound"),
            ("AssociateDhcpOptions", "DhcpOptionsId=dopt-00000000000000000&VpcId={vpc}", "InvalidDhcpOptionID.NotFound"),
            ("CreateDhcpOptions", "", "MissingParameter"),
            ("CreateDhcpOptions", &one("ntp-servers", "10.0.0.1"), "UnsupportedOperation"),
            ("CreateDhcpOptions", &one("netbios-node-type", "2"), "UnsupportedOperation"),
            ("CreateDhcpOptions", &one("odd", "2"), "InvalidParameterValue"),
            ("CreateDhcpOptions", &one("domain-name-servers", "resolver"), "InvalidParameterValue"),
            (
                "CreateDhcpOptions",
                &one("domain-name-servers", "1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5"),
                "InvalidParameterValue",
            ),
            ("CreateDhcpOptions", &one("domain-name", ""), "MissingParameter"),
        ],
    );
    w.ok("AssociateDhcpOptions", "DhcpOptionsId=default&VpcId={vpc}");
    assert_eq!(told(&w), (String::new(), Vec::new()));
    assert_eq!(text(&w.ok("DescribeVpcs", "VpcId.1={vpc}"), "dhcpOptionsId"), "default");
    w.ok("DeleteDhcpOptions", &format!("DhcpOptionsId={id}"));
    w.ok("AssociateDhcpOptions", &format!("DhcpOptionsId={default}&VpcId={{vpc}}"));
    assert_eq!(told(&w).0, "ec2.internal");
}
