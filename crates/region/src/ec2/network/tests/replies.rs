//! What replies say, and what operations do to what others show.

use super::super::{
    assign_auto_public_ip, public_ip_of, release_auto_public_ip, resolve_groups, route_table, route_table_of, security_group,
};
use super::*;
use crate::ec2::testing::{call, texts};
use crate::rows::{InstanceState, RouteTable, SecurityGroup};
use wire::net::{Direction, PeerMatch, ProtocolMatch, RouteTarget};

/// The caller's row of that id.
fn row<T: crate::db::Row>(h: &Harness, id: impl ToString) -> std::rc::Rc<T> {
    h.db.get::<T>(&h.caller.account, id).unwrap()
}

#[test]
fn a_vpc_comes_with_its_parts_and_goes_with_them() {
    let mut h = harness();
    let xml = ok(
        &mut h,
        "CreateVpc",
        "CidrBlock=10.0.3.4/16&AmazonProvidedIpv6CidrBlock=false&TagSpecification.1.ResourceType=vpc\
         &TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=main",
    );
    for part in [
        "<cidrBlock>10.0.0.0/16</cidrBlock>",
        "<isDefault>false</isDefault>",
        "<state>available</state>",
        "<ownerId>123456789012</ownerId>",
        "<instanceTenancy>default</instanceTenancy>",
        "<ipv6CidrBlockAssociationSet/>",
        "<tagSet><item><key>Name</key><value>main</value></item></tagSet>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let vpc = text(&xml, "vpcId");
    let of = format!("Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    assert!(ok(&mut h, "DescribeVpcs", "Filter.1.Name=tag:Name&Filter.1.Value.1=ma*").contains(&vpc));
    assert!(!ok(&mut h, "DescribeVpcs", "Filter.1.Name=isDefault&Filter.1.Value.1=true").contains(&vpc));
    // What Terraform reads after creating one.
    for (attribute, want) in
        [("enableDnsHostnames", false), ("enableDnsSupport", true), ("enableNetworkAddressUsageMetrics", false)]
    {
        let xml = ok(&mut h, "DescribeVpcAttribute", &format!("VpcId={vpc}&Attribute={attribute}"));
        assert!(xml.contains(&format!("<{attribute}><value>{want}</value></{attribute}>")), "{xml}");
    }
    ok(&mut h, "ModifyVpcAttribute", &format!("VpcId={vpc}&EnableDnsHostnames.Value=true"));
    let xml = ok(&mut h, "DescribeVpcAttribute", &format!("VpcId={vpc}&Attribute=enableDnsHostnames"));
    assert!(xml.contains("<value>true</value>"));
    let xml = ok(&mut h, "DescribeNetworkAcls", &format!("{of}&Filter.2.Name=default&Filter.2.Value.1=true"));
    assert_eq!(texts(&xml, "networkAclId").len(), 1);
    let xml = ok(&mut h, "DescribeRouteTables", &format!("{of}&Filter.2.Name=association.main&Filter.2.Value.1=true"));
    assert!(xml.contains("<gatewayId>local</gatewayId><origin>CreateRouteTable</origin><state>active</state>"), "{xml}");
    let xml = ok(&mut h, "DescribeSecurityGroups", &format!("{of}&Filter.2.Name=group-name&Filter.2.Value.1=default"));
    let group = text(&xml, "groupId");
    assert!(
        xml.contains(&format!("<groups><item><groupId>{group}</groupId><userId>123456789012</userId></item></groups>")),
        "{xml}"
    );
    let xml = ok(&mut h, "DescribeDhcpOptions", "");
    assert!(xml.contains("<value>AmazonProvidedDNS</value>") && xml.contains("<value>ec2.internal</value>"));
    assert_eq!(text(&xml, "dhcpOptionsId"), text(&ok(&mut h, "DescribeVpcs", ""), "dhcpOptionsId"));
    assert!(ok(&mut h, "DescribeVpcClassicLink", &format!("VpcId.1={vpc}")).contains("<vpcSet/>"));
    ok(&mut h, "DeleteVpc", &format!("VpcId={vpc}"));
    assert_eq!(h.db.all::<RouteTable>().count() + h.db.all::<SecurityGroup>().count(), 0);
    assert_eq!(h.db.all::<crate::rows::TagSet>().count(), 0);
}

#[test]
fn network_identifiers_are_not_used_again() {
    let mut h = harness();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let vpc = text(&ok(&mut h, "CreateVpc", "CidrBlock=10.0.0.0/16"), "vpcId");
        assert!(seen.insert(row::<crate::rows::Vpc>(&h, &vpc).vni.get()));
        ok(&mut h, "DeleteVpc", &format!("VpcId={vpc}"));
    }
    assert_eq!(seen.first(), Some(&types::Vni::FIRST_VPC.get()));
}

#[test]
fn the_default_vpc_can_be_launched_into() {
    let mut h = harness();
    let xml = ok(&mut h, "CreateDefaultVpc", "");
    assert!(xml.contains("<cidrBlock>172.31.0.0/16</cidrBlock>") && xml.contains("<isDefault>true</isDefault>"));
    let xml = ok(&mut h, "DescribeSubnets", "Filter.1.Name=default-for-az&Filter.1.Value.1=true");
    let mut cidrs = texts(&xml, "cidrBlock");
    cidrs.sort();
    assert_eq!(cidrs, ["172.31.0.0/20", "172.31.16.0/20"]);
    assert_eq!(texts(&xml, "availableIpAddressCount"), ["4091", "4091"]);
    let mut zones = texts(&xml, "availabilityZoneId");
    zones.sort();
    assert_eq!(zones, ["use1-az1", "use1-az2"]);
    let xml = ok(&mut h, "DescribeRouteTables", "");
    assert!(xml.contains("<destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-"), "{xml}");
    let subnet = with_ctx(&mut h, |ctx| super::super::find_launch_subnet(ctx, None, None)).unwrap();
    let (_, interface) = run_instance(&mut h, &subnet.id.to_string());
    let interface = row::<Interface>(&h, interface);
    assert!(public_ip_of(&h.db, &interface).is_some());
    // One that was deleted can be had again.
    let b = text(&ok(&mut h, "DescribeSubnets", "Filter.1.Name=availability-zone&Filter.1.Value.1=us-east-1b"), "subnetId");
    let emptied = if b == subnet.id.to_string() { "us-east-1a" } else { "us-east-1b" };
    let xml = ok(&mut h, "DescribeSubnets", &format!("Filter.1.Name=availability-zone&Filter.1.Value.1={emptied}"));
    ok(&mut h, "DeleteSubnet", &format!("SubnetId={}", text(&xml, "subnetId")));
    let again = ok(&mut h, "CreateDefaultSubnet", &format!("AvailabilityZone={emptied}"));
    assert_eq!(text(&again, "cidrBlock"), text(&xml, "cidrBlock"));
    assert!(again.contains("<mapPublicIpOnLaunch>true</mapPublicIpOnLaunch>"));
}

#[test]
fn subnets_count_their_addresses_and_keep_their_attributes() {
    let mut w = world();
    let xml = w.ok("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.2.7/28&AvailabilityZoneId=use1-az2");
    assert!(
        xml.contains("<cidrBlock>10.0.2.0/28</cidrBlock>") && xml.contains("<availabilityZone>us-east-1b</availabilityZone>")
    );
    assert_eq!(text(&xml, "availableIpAddressCount"), "11");
    let id = text(&xml, "subnetId");
    let (instance, interface) = run_instance(&mut w.h, &id);
    let describe = format!("SubnetId.1={id}");
    assert_eq!(text(&w.ok("DescribeSubnets", &describe), "availableIpAddressCount"), "10");
    terminate(&mut w.h, instance, interface);
    assert_eq!(text(&w.ok("DescribeSubnets", &describe), "availableIpAddressCount"), "11");
    let modify = format!("SubnetId={id}");
    w.ok("ModifySubnetAttribute", &format!("{modify}&MapPublicIpOnLaunch.Value=true"));
    w.ok("ModifySubnetAttribute", &format!("{modify}&PrivateDnsHostnameTypeOnLaunch=resource-name"));
    w.ok("ModifySubnetAttribute", &format!("{modify}&EnableResourceNameDnsARecordOnLaunch.Value=true"));
    w.ok("ModifySubnetAttribute", &format!("{modify}&EnableDns64.Value=false"));
    let xml = w.ok("DescribeSubnets", &describe);
    for part in [
        "<mapPublicIpOnLaunch>true</mapPublicIpOnLaunch>",
        "<hostnameType>resource-name</hostnameType>",
        "<enableResourceNameDnsARecord>true</enableResourceNameDnsARecord>",
        "<enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    // The zone with the fewest subnets is chosen where none is named.
    let zones: Vec<_> = (3..5)
        .map(|n| text(&w.ok("CreateSubnet", &format!("VpcId={{vpc}}&CidrBlock=10.0.{n}.0/24")), "availabilityZone"))
        .collect();
    assert_ne!(zones[0], zones[1]);
}

#[test]
fn describe_pages() {
    let mut w = world();
    for n in 2..9 {
        w.ok("CreateSubnet", &format!("VpcId={{vpc}}&CidrBlock=10.0.{n}.0/24"));
    }
    let first = w.ok("DescribeSubnets", "MaxResults=5");
    let second = w.ok("DescribeSubnets", &format!("MaxResults=5&NextToken={}", text(&first, "nextToken")));
    let mut ids = texts(&first, "subnetId");
    assert_eq!(ids.len(), 5);
    ids.extend(texts(&second, "subnetId"));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 8);
    assert!(!second.contains("<nextToken>"));
}

#[test]
fn rules_come_and_go() {
    let mut w = world();
    let group = w.group.clone();
    let xml = w.ok(
        "AuthorizeSecurityGroupIngress",
        "GroupId={sg}&IpPermissions.1.IpProtocol=6&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=443\
         &IpPermissions.1.IpRanges.1.CidrIp=10.1.2.3/8&IpPermissions.1.IpRanges.1.Description=in\
         &IpPermissions.1.Ipv6Ranges.1.CidrIpv6=2001:DB8::1/32&IpPermissions.1.Groups.1.GroupName=web\
         &IpPermissions.2.IpProtocol=-1&IpPermissions.2.FromPort=0&IpPermissions.2.ToPort=0\
         &IpPermissions.2.Groups.1.GroupId={sg}&IpPermissions.2.Groups.1.UserId=123456789012\
         &TagSpecification.1.ResourceType=security-group-rule&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v",
    );
    let ids = texts(&xml, "securityGroupRuleId");
    assert_eq!(ids.len(), 4, "{xml}");
    assert!(xml.contains("<return>true</return>") && xml.contains("<cidrIpv4>10.0.0.0/8</cidrIpv4>"), "{xml}");
    assert!(xml.contains("<cidrIpv6>2001:db8::/32</cidrIpv6>") && xml.contains("<key>k</key>"), "{xml}");
    assert!(
        xml.contains(&format!("<securityGroupRuleArn>arn:aws:ec2:us-east-1:123456789012:security-group-rule/{}", ids[0])),
        "{xml}"
    );
    let xml = w.ok("DescribeSecurityGroups", "GroupId.1={sg}");
    assert!(
        xml.contains(
            "<item><fromPort>80</fromPort><ipProtocol>tcp</ipProtocol><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp>\
             <description>in</description></item></ipRanges>"
        ),
        "{xml}"
    );
    assert!(xml.contains("<prefixListIds/>"), "{xml}");
    let xml = w.ok("DescribeSecurityGroupRules", "Filter.1.Name=group-id&Filter.1.Value.1={sg}");
    assert_eq!(texts(&xml, "securityGroupRuleId").len(), 5);
    let xml = w.ok("DescribeSecurityGroups", "Filter.1.Name=ip-permission.cidr&Filter.1.Value.1=10.0.0.0/8");
    assert_eq!(text(&xml, "groupId"), group);
    // Terraform sends ports with protocol -1 when it takes the default egress rule away.
    let all = "GroupId={sg}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.FromPort=0&IpPermissions.1.ToPort=0";
    let xml = w.ok("RevokeSecurityGroupEgress", &format!("{all}&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0"));
    assert!(xml.contains("<unknownIpPermissionSet/>") && xml.contains("<revokedSecurityGroupRuleSet><item>"), "{xml}");
    let modify = format!("GroupId={{sg}}&SecurityGroupRule.1.SecurityGroupRuleId={}", ids[0]);
    let rule = "SecurityGroupRule.1.SecurityGroupRule";
    w.ok(
        "ModifySecurityGroupRules",
        &format!("{modify}&{rule}.IpProtocol=udp&{rule}.FromPort=53&{rule}.ToPort=53&{rule}.CidrIpv4=10.9.0.0/16"),
    );
    let xml = w.ok("DescribeSecurityGroupRules", &format!("SecurityGroupRuleId.1={}", ids[0]));
    assert!(
        xml.contains("<ipProtocol>udp</ipProtocol>") && xml.contains("<toPort>53</toPort>") && !xml.contains("<description>")
    );
    w.ok(
        "UpdateSecurityGroupRuleDescriptionsIngress",
        "GroupId={sg}&IpPermissions.1.IpProtocol=udp&IpPermissions.1.FromPort=53&IpPermissions.1.ToPort=53\
         &IpPermissions.1.IpRanges.1.CidrIp=10.9.0.0/16&IpPermissions.1.IpRanges.1.Description=names",
    );
    assert!(w.ok("DescribeSecurityGroupRules", &format!("SecurityGroupRuleId.1={}", ids[0])).contains("<description>names<"));
    for id in &ids {
        w.ok("RevokeSecurityGroupIngress", &format!("GroupId={{sg}}&SecurityGroupRuleId.1={id}"));
    }
    let xml = w.ok("DescribeSecurityGroups", "GroupId.1={sg}");
    assert!(xml.contains("<ipPermissions/>") && xml.contains("<ipPermissionsEgress/>"), "{xml}");
    assert_eq!(w.h.db.all::<crate::rows::TagSet>().count(), 0);
}

#[test]
fn the_default_vpc_tells_rules_that_were_not_there() {
    let mut h = harness();
    ok(&mut h, "CreateDefaultVpc", "");
    ok(&mut h, "CreateSecurityGroup", "GroupName=a&GroupDescription=x");
    ok(&mut h, "AuthorizeSecurityGroupIngress", "GroupName=a&IpProtocol=tcp&FromPort=22&ToPort=22&CidrIp=0.0.0.0/0");
    ok(&mut h, "AuthorizeSecurityGroupIngress", "GroupName=a&SourceSecurityGroupName=default");
    let xml = ok(&mut h, "RevokeSecurityGroupIngress", "GroupName=a&IpProtocol=tcp&FromPort=23&ToPort=23&CidrIp=0.0.0.0/0");
    assert!(xml.contains("<unknownIpPermissionSet><item><fromPort>23</fromPort>"), "{xml}");
    assert_eq!(texts(&ok(&mut h, "DescribeSecurityGroups", "GroupName.1=a"), "fromPort"), ["22"]);
    assert!(call(&mut h, "DescribeSecurityGroups", "GroupName.1=b").unwrap_err().is("InvalidGroup.NotFound"));
}

#[test]
fn rules_as_the_switch_gets_them() {
    let mut w = world();
    let authorize = |w: &mut World, rest: &str| {
        let id = text(&w.ok("AuthorizeSecurityGroupIngress", &format!("GroupId={{sg}}&{rest}")), "securityGroupRuleId");
        let group = security_group::to_wire(&w.h.db, &row::<SecurityGroup>(&w.h, &w.group));
        let four = group.rules.into_iter().find(|r| r.id.to_string() == id);
        let six = group.rules6.into_iter().find(|r| r.id.to_string() == id);
        (four.map(|r| (r.protocol, r.peer, r.direction)), six.map(|r| (r.protocol, r.peer, r.direction)))
    };
    let any = PeerMatch::Cidr(types::Ipv4Cidr::ALL);
    for (rest, want) in [
        ("IpProtocol=tcp&FromPort=22&ToPort=23", ProtocolMatch::Tcp { from: 22, to: 23 }),
        ("IpProtocol=17&FromPort=0&ToPort=65535", ProtocolMatch::Udp { from: 0, to: 65535 }),
        ("IpProtocol=icmp&FromPort=-1&ToPort=-1", ProtocolMatch::Icmp { kind: None, code: None }),
        ("IpProtocol=1&FromPort=8&ToPort=-1", ProtocolMatch::Icmp { kind: Some(8), code: None }),
        ("IpProtocol=icmp&FromPort=3&ToPort=4", ProtocolMatch::Icmp { kind: Some(3), code: Some(4) }),
        ("IpProtocol=50", ProtocolMatch::Other(50)),
        ("IpProtocol=all&FromPort=5&ToPort=5", ProtocolMatch::All),
    ] {
        let rules = authorize(&mut w, &format!("{rest}&CidrIp=0.0.0.0/0"));
        assert_eq!(rules, (Some((want, any.clone(), Direction::Ingress)), None), "{rest}");
    }
    let any = PeerMatch::Cidr(types::Ipv6Cidr::ALL);
    for (rest, want) in [
        ("IpProtocol=-1", Some(ProtocolMatch::All)),
        ("IpProtocol=6&IpPermissions.1.FromPort=1&IpPermissions.1.ToPort=2", Some(ProtocolMatch::Tcp { from: 1, to: 2 })),
        ("IpProtocol=58", Some(ProtocolMatch::Icmp { kind: None, code: None })),
        (
            "IpProtocol=icmpv6&IpPermissions.1.FromPort=128&IpPermissions.1.ToPort=0",
            Some(ProtocolMatch::Icmp { kind: Some(128), code: Some(0) }),
        ),
        ("IpProtocol=50", Some(ProtocolMatch::Other(50))),
        // The other family's.
        ("IpProtocol=icmp", None),
    ] {
        let rules = authorize(&mut w, &format!("IpPermissions.1.{rest}&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=::/0"));
        assert_eq!(rules, (None, want.map(|p| (p, any.clone(), Direction::Ingress))), "{rest}");
    }
    let id: SecurityGroupId = w.group.parse().unwrap();
    for (protocol, four, six) in [("-1", true, true), ("50", true, true), ("icmp", true, false), ("icmpv6", false, true)] {
        let rest = format!("IpPermissions.1.IpProtocol={protocol}&IpPermissions.1.Groups.1.GroupId={id}");
        let rules = authorize(&mut w, &rest);
        assert_eq!((rules.0.is_some(), rules.1.is_some()), (four, six), "{protocol}");
        assert!(rules.0.is_none_or(|r| r.1 == PeerMatch::Group(id)) && rules.1.is_none_or(|r| r.1 == PeerMatch::Group(id)));
    }
}

#[test]
fn routes_follow_their_targets() {
    let mut w = world();
    let subnet = row::<Subnet>(&w.h, &w.subnet);
    let main = route_table_of(&w.h.db, &subnet);
    w.ok("CreateRoute", "RouteTableId={rtb}&DestinationCidrBlock=0.0.0.0/0&GatewayId={igw}");
    let xml = w.ok("AssociateRouteTable", "RouteTableId={rtb}&SubnetId={subnet}");
    assert!(xml.contains("<associationState><state>associated</state></associationState>"), "{xml}");
    let association = text(&xml, "associationId");
    assert_eq!(text(&w.ok("AssociateRouteTable", "RouteTableId={rtb}&SubnetId={subnet}"), "associationId"), association);
    let own = route_table_of(&w.h.db, &subnet);
    assert_eq!(own.id.to_string(), w.table);
    let targets = |w: &World| -> Vec<RouteTarget> {
        let table = row::<RouteTable>(&w.h, &w.table);
        route_table::to_wire(&w.h.db, &table).routes.into_iter().map(|r| r.target).collect()
    };
    assert_eq!(targets(&w), [RouteTarget::Local, RouteTarget::InternetGateway]);
    w.ok("DetachInternetGateway", "InternetGatewayId={igw}&VpcId={vpc}");
    assert_eq!(targets(&w), [RouteTarget::Local, RouteTarget::Blackhole]);
    assert!(w.ok("DescribeRouteTables", "Filter.1.Name=route.state&Filter.1.Value.1=blackhole").contains(&w.table));
    w.ok("DeleteInternetGateway", "InternetGatewayId={igw}");
    assert_eq!(targets(&w), [RouteTarget::Local, RouteTarget::Blackhole]);
    let subnet_id = w.subnet.clone();
    let (instance, interface) = run_instance(&mut w.h, &subnet_id);
    w.ok("ReplaceRoute", &format!("RouteTableId={{rtb}}&DestinationCidrBlock=0.0.0.0/0&InstanceId={instance}"));
    assert_eq!(targets(&w)[1], RouteTarget::Interface(interface));
    let xml = w.ok("DescribeRouteTables", "RouteTableId.1={rtb}");
    assert!(xml.contains(&format!("<instanceId>{instance}</instanceId>")) && xml.contains("<state>active</state>"));
    let account = w.h.caller.account.clone();
    w.h.db.update::<Instance>(&account, instance, |i| i.state = InstanceState::Stopped);
    assert_eq!(targets(&w)[1], RouteTarget::Blackhole);
    terminate(&mut w.h, instance, interface);
    assert_eq!(targets(&w)[1], RouteTarget::Blackhole);
    w.ok("DeleteRoute", "RouteTableId={rtb}&DestinationCidrBlock=0.0.0.0/0");
    // To the main table and back, then the main association itself.
    let moved = w.ok("ReplaceRouteTableAssociation", &format!("AssociationId={association}&RouteTableId={}", main.id));
    assert_eq!(route_table_of(&w.h.db, &subnet).id, main.id);
    w.ok("DisassociateRouteTable", &format!("AssociationId={}", text(&moved, "newAssociationId")));
    let of_main = main.associations[0].id;
    w.ok("ReplaceRouteTableAssociation", &format!("AssociationId={of_main}&RouteTableId={{rtb}}"));
    assert_eq!(route_table_of(&w.h.db, &subnet).id.to_string(), w.table);
    w.ok("DeleteRouteTable", &format!("RouteTableId={}", main.id));
    w.ok("DeleteSubnet", "SubnetId={subnet}");
    w.ok("DeleteSecurityGroup", "GroupId={sg}");
    w.ok("DeleteVpc", "VpcId={vpc}");
    assert_eq!(w.h.db.all::<RouteTable>().count(), 0);
}

#[test]
fn addresses_move_between_interfaces() {
    let mut w = world();
    w.ok("ModifySubnetAttribute", "SubnetId={subnet}&MapPublicIpOnLaunch.Value=true");
    let subnet = w.subnet.clone();
    let (first, first_interface) = run_instance(&mut w.h, &subnet);
    let (second, second_interface) = run_instance(&mut w.h, &subnet);
    let public = |w: &World, id| public_ip_of(&w.h.db, &row::<Interface>(&w.h, id)).map(|ip| ip.to_string());
    let automatic = public(&w, first_interface).unwrap();
    let xml = w.ok("AllocateAddress", "Domain=vpc");
    let (elastic, ip) = (text(&xml, "allocationId"), text(&xml, "publicIp"));
    assert_ne!(automatic, ip);
    let associate = format!("AllocationId={elastic}&InstanceId={first}");
    let association = text(&w.ok("AssociateAddress", &associate), "associationId");
    assert_eq!(text(&w.ok("AssociateAddress", &associate), "associationId"), association);
    assert_eq!(public(&w, first_interface).as_deref(), Some(ip.as_str()));
    assert_eq!(row::<Interface>(&w.h, first_interface).auto_public_ip, None);
    let xml = w.ok("DescribeAddresses", &format!("AllocationId.1={elastic}"));
    assert_eq!(text(&xml, "instanceId"), first.to_string());
    assert_eq!(text(&xml, "privateIpAddress"), row::<Interface>(&w.h, first_interface).ipv4[0].to_string());
    let xml = w.ok("DescribeNetworkInterfaces", &format!("Filter.1.Name=association.public-ip&Filter.1.Value.1={ip}"));
    assert_eq!(texts(&xml, "networkInterfaceId"), [first_interface.to_string()]);
    assert!(xml.contains("<status>in-use</status>") && xml.contains("<ipv6AddressesSet/>"), "{xml}");
    // It moves; the first instance has an automatic one again.
    w.ok("AssociateAddress", &format!("AllocationId={elastic}&NetworkInterfaceId={second_interface}"));
    assert!(public(&w, first_interface).is_some_and(|now| now != ip));
    assert_eq!(public(&w, second_interface).as_deref(), Some(ip.as_str()));
    let association = text(&w.ok("DescribeAddresses", ""), "associationId");
    w.ok("DisassociateAddress", &format!("AssociationId={association}"));
    assert!(public(&w, second_interface).is_some_and(|now| now != ip));
    w.ok("ReleaseAddress", &format!("PublicIp={ip}"));
    assert!(w.ok("DescribeAddresses", "").contains("<addressesSet/>"));
    // Stop and start.
    let interface = row::<Interface>(&w.h, second_interface);
    release_auto_public_ip(&mut w.h.db, &interface);
    assert_eq!(public(&w, second_interface), None);
    with_ctx(&mut w.h, |ctx| assign_auto_public_ip(ctx, second_interface)).unwrap().unwrap();
    assert!(public(&w, second_interface).is_some());
    terminate(&mut w.h, first, first_interface);
    terminate(&mut w.h, second, second_interface);
    assert_eq!(w.h.db.all::<crate::rows::PublicIp>().count(), 0);
    w.ok("DetachInternetGateway", "InternetGatewayId={igw}&VpcId={vpc}");
}

#[test]
fn the_pool_ends() {
    let mut w = world();
    w.ok("ModifySubnetAttribute", "SubnetId={subnet}&MapPublicIpOnLaunch.Value=true");
    let subnet = w.subnet.clone();
    let id = InstanceId::from_random(1);
    let mut given = std::collections::BTreeSet::new();
    for _ in 0..30 {
        let wanted = spec(&w.h, &subnet, id);
        assert!(given.insert(launch(&mut w.h, wanted).unwrap().auto_public_ip.unwrap()));
    }
    let wanted = spec(&w.h, &subnet, id);
    let Err(crate::context::OpError::Aws(e)) = launch(&mut w.h, wanted) else { panic!("32 addresses, two unusable") };
    assert!(e.is("InsufficientAddressCapacity"), "{e}");
    assert!(!given.iter().any(|ip| [0, 31].contains(&ip.octets()[3])));
}

#[test]
fn an_elastic_address_can_be_lost_with_an_empty_pool() {
    let mut w = world();
    w.ok("ModifySubnetAttribute", "SubnetId={subnet}&MapPublicIpOnLaunch.Value=true");
    let subnet = w.subnet.clone();
    let (instance, interface) = run_instance(&mut w.h, &subnet);
    let elastic = text(&w.ok("AllocateAddress", ""), "allocationId");
    let associate = format!("AllocationId={elastic}&InstanceId={instance}");
    let association = text(&w.ok("AssociateAddress", &associate), "associationId");
    for _ in 0..29 {
        let wanted = spec(&w.h, &subnet, InstanceId::from_random(1));
        launch(&mut w.h, wanted).unwrap();
    }
    w.ok("DisassociateAddress", &format!("AssociationId={association}"));
    assert_eq!(public_ip_of(&w.h.db, &row::<Interface>(&w.h, interface)), None);
}

#[test]
fn interfaces_as_launched() {
    let mut w = world();
    let subnet = w.subnet.clone();
    let id = InstanceId::from_random(1);
    let group: SecurityGroupId = w.group.parse().unwrap();
    let wanted = NewInterface {
        groups: vec![group, group],
        associate_public_ip: true,
        addresses: at("10.0.1.77"),
        description: "front".to_owned(),
        ..spec(&w.h, &subnet, id)
    };
    let interface = launch(&mut w.h, wanted).unwrap();
    assert_eq!(interface.groups, [group]);
    assert!(interface.auto_public_ip.is_some() && interface.mac.0[0] == 6);
    let xml = w.ok(
        "DescribeNetworkInterfaces",
        "Filter.1.Name=group-id&Filter.1.Value.1={sg}&Filter.2.Name=attachment.instance-id&Filter.2.Value.1=i-*",
    );
    for part in [
        "<description>front</description>",
        "<privateIpAddress>10.0.1.77</privateIpAddress>",
        "<ipOwnerId>amazon</ipOwnerId>",
        "<groupName>web</groupName>",
        "<interfaceType>interface</interfaceType>",
        "<deviceIndex>0</deviceIndex>",
        "<tagSet/>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let plain = spec(&w.h, &subnet, id);
    let by_default = launch(&mut w.h, plain).unwrap();
    let vpc = row::<crate::rows::Vpc>(&w.h, &w.vpc);
    assert_eq!((by_default.groups, by_default.auto_public_ip), (vec![vpc.default_security_group], None));
    let names = ["web".to_owned()];
    let resolved = with_ctx(&mut w.h, |ctx| resolve_groups(ctx, vpc.id, &[group.to_string()], &names)).unwrap();
    assert_eq!(resolved, [group, group]);
}

#[test]
fn created_once_for_a_client_token() {
    let mut w = world();
    let first = text(&w.ok("CreateRouteTable", "VpcId={vpc}&ClientToken=a"), "routeTableId");
    let second = text(&w.ok("CreateRouteTable", "VpcId={vpc}&ClientToken=a"), "routeTableId");
    assert_eq!(first, second);
}

/// Each parameter that is said to have its effect is one that the model has.
#[test]
fn supported_parameters_exist() {
    for entry in crate::operations().entries() {
        for p in entry.parameters.iter().filter(|_| entry.operation.service.name == "ec2") {
            let known = match p.strip_suffix(".*") {
                Some(prefix) => entry.operation.members.iter().any(|m| m.starts_with(&format!("{prefix}."))),
                None => entry.operation.has_member(p),
            };
            assert!(known, "{} has no {p}", entry.operation.name);
        }
    }
}
