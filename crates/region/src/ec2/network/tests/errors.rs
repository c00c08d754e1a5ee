//! Each error that can be had, by its exact code.

use super::super::quota;
use super::*;
use crate::context::OpError;
use crate::ec2::testing::{call, principal};
use crate::rows::{Counter, InstanceState, RouteRow, RouteRowTarget, RouteTable, SecurityGroup};
use types::{Ipv4Cidr, RouteTableId};

pub(super) fn check(w: &mut World, rows: &[(&str, &str, &str)]) {
    for (action, parameters, code) in rows {
        let parameters = w.fill(parameters);
        let before = snapshot(&w.h);
        match call(&mut w.h, action, &parameters) {
            Ok(xml) => panic!("{action} {parameters}: no {code} but {xml}"),
            Err(e) => assert_eq!(e.code, *code, "{action} {parameters}: {}", e.message),
        }
        assert_eq!(before, snapshot(&w.h), "{action} {parameters} changed rows");
    }
}

/// All subnets and interfaces, to see that a failed request changed none.
fn snapshot(h: &Harness) -> String {
    format!("{:?}{:?}", h.db.all::<Subnet>().collect::<Vec<_>>(), h.db.all::<Interface>().collect::<Vec<_>>())
}

#[test]
fn vpcs() {
    let mut w = world();
    check(
        &mut w,
        &[
            ("CreateVpc", "", "MissingParameter"),
            ("CreateVpc", "CidrBlock=ten", "InvalidParameterValue"),
            ("CreateVpc", "CidrBlock=10.0.0.0/15", "InvalidVpc.Range"),
            ("CreateVpc", "CidrBlock=10.0.0.0/29", "InvalidVpc.Range"),
            ("CreateVpc", "CidrBlock=127.0.0.0/16", "InvalidVpc.Range"),
            ("CreateVpc", "CidrBlock=198.18.0.0/16", "InvalidVpc.Range"),
            ("CreateVpc", "CidrBlock=10.1.0.0/16&InstanceTenancy=host", "InvalidParameterValue"),
            ("CreateVpc", "CidrBlock=10.1.0.0/16&InstanceTenancy=odd", "InvalidParameterValue"),
            ("CreateVpc", "CidrBlock=10.1.0.0/16&Ipv6Pool=x", "UnsupportedOperation"),
            (
                "CreateVpc",
                "CidrBlock=10.1.0.0/16&TagSpecification.1.ResourceType=subnet&TagSpecification.1.Tag.1.Key=a",
                "InvalidParameterValue",
            ),
            ("CreateVpc", "CidrBlock=10.1.0.0/16&DryRun=true", "DryRunOperation"),
            ("DeleteVpc", "VpcId=vpc-00000000000000000", "InvalidVpcID.NotFound"),
            ("DeleteVpc", "VpcId=nonsense", "InvalidVpcID.Malformed"),
            ("DeleteVpc", "VpcId={vpc}", "DependencyViolation"),
            ("DescribeVpcs", "VpcId.1=vpc-00000000000000000", "InvalidVpcID.NotFound"),
            ("DescribeVpcs", "VpcId.1={vpc}&MaxResults=5", "InvalidParameterCombination"),
            ("DescribeVpcs", "Filter.1.Name=colour&Filter.1.Value.1=red", "InvalidParameterValue"),
            ("DescribeVpcs", "NextToken=junk!", "InvalidNextToken"),
            ("DescribeVpcAttribute", "VpcId={vpc}&Attribute=enableMagic", "InvalidParameterValue"),
            ("DescribeVpcAttribute", "VpcId={vpc}", "MissingParameter"),
            ("ModifyVpcAttribute", "VpcId={vpc}", "InvalidParameterCombination"),
            (
                "ModifyVpcAttribute",
                "VpcId={vpc}&EnableDnsSupport.Value=true&EnableDnsHostnames.Value=true",
                "InvalidParameterCombination",
            ),
            ("DescribeNetworkAcls", "NetworkAclId.1=acl-00000000000000000", "InvalidNetworkAclID.NotFound"),
            ("DescribeNetworkAcls", "NetworkAclId.1=x", "InvalidNetworkAclId.Malformed"),
            ("DescribeDhcpOptions", "DhcpOptionsId.1=dopt-00000000000000000", "InvalidDhcpOptionID.NotFound"),
            ("DescribeDhcpOptions", "DhcpOptionsId.1=x", "InvalidDhcpOptionsId.Malformed"),
            ("DescribeVpcClassicLink", "VpcId.1=vpc-00000000000000000", "InvalidVpcID.NotFound"),
            ("CreateDefaultSubnet", "AvailabilityZone=us-east-1a", "DefaultVpcDoesNotExist"),
        ],
    );
    for n in 1..5 {
        w.ok("CreateVpc", &format!("CidrBlock=10.{n}.0.0/16"));
    }
    check(&mut w, &[("CreateVpc", "CidrBlock=10.9.0.0/16", "VpcLimitExceeded"), ("CreateDefaultVpc", "", "VpcLimitExceeded")]);
}

#[test]
fn default_vpcs() {
    let mut w = world();
    w.ok("CreateDefaultVpc", "");
    check(
        &mut w,
        &[
            ("CreateDefaultVpc", "", "DefaultVpcAlreadyExists"),
            ("CreateDefaultSubnet", "AvailabilityZone=us-east-1a", "DefaultSubnetAlreadyExistsInAvailabilityZone"),
            ("CreateDefaultSubnet", "AvailabilityZone=us-east-1z", "InvalidParameterValue"),
            ("CreateDefaultSubnet", "", "MissingParameter"),
        ],
    );
}

#[test]
fn subnets() {
    let mut w = world();
    check(
        &mut w,
        &[
            ("CreateSubnet", "VpcId={vpc}", "MissingParameter"),
            ("CreateSubnet", "CidrBlock=10.0.2.0/24", "MissingParameter"),
            ("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.1.128/25", "InvalidSubnet.Conflict"),
            ("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.0.0/16", "InvalidSubnet.Conflict"),
            ("CreateSubnet", "VpcId={vpc}&CidrBlock=10.1.0.0/24", "InvalidSubnet.Range"),
            ("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.2.0/29", "InvalidSubnet.Range"),
            ("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.0.0/15", "InvalidSubnet.Range"),
            ("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.2.0", "InvalidParameterValue"),
            ("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.2.0/24&AvailabilityZone=us-east-1z", "InvalidParameterValue"),
            ("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.2.0/24&AvailabilityZoneId=use1-az9", "InvalidParameterValue"),
            ("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.2.0/24&Ipv6Native=true", "UnsupportedOperation"),
            ("CreateSubnet", "VpcId=vpc-00000000000000000&CidrBlock=10.0.2.0/24", "InvalidVpcID.NotFound"),
            ("DeleteSubnet", "SubnetId=subnet-00000000000000000", "InvalidSubnetID.NotFound"),
            ("DeleteSubnet", "SubnetId=x", "InvalidSubnetID.Malformed"),
            ("DescribeSubnets", "SubnetId.1=subnet-00000000000000000", "InvalidSubnetID.NotFound"),
            ("ModifySubnetAttribute", "SubnetId={subnet}", "InvalidParameterCombination"),
            (
                "ModifySubnetAttribute",
                "SubnetId={subnet}&MapPublicIpOnLaunch.Value=true&PrivateDnsHostnameTypeOnLaunch=ip-name",
                "InvalidParameterCombination",
            ),
            ("ModifySubnetAttribute", "SubnetId={subnet}&PrivateDnsHostnameTypeOnLaunch=odd", "InvalidParameterValue"),
            ("ModifySubnetAttribute", "SubnetId={subnet}&EnableDns64.Value=true", "UnsupportedOperation"),
        ],
    );
    let subnet = w.subnet.clone();
    run_instance(&mut w.h, &subnet);
    check(&mut w, &[("DeleteSubnet", "SubnetId={subnet}", "DependencyViolation")]);
}

#[test]
fn subnet_limit() {
    let mut w = world();
    for n in 1..200 {
        w.ok("CreateSubnet", &format!("VpcId={{vpc}}&CidrBlock=10.0.{}.{}/28", 2 + n / 16, n % 16 * 16));
    }
    check(&mut w, &[("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.200.0/24", "SubnetLimitExceeded")]);
}

#[test]
fn security_groups() {
    let mut w = world();
    let other = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let far = w.ok("CreateSecurityGroup", &format!("VpcId={other}&GroupName=far&GroupDescription=x"));
    let far = text(&far, "groupId");
    let refer = format!("GroupId={{sg}}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={far}");
    let web = |protocol: &str, from: &str, to: &str, cidr: &str| {
        format!(
            "GroupId={{sg}}&IpPermissions.1.IpProtocol={protocol}&IpPermissions.1.FromPort={from}&IpPermissions.1.ToPort={to}\
             &IpPermissions.1.IpRanges.1.CidrIp={cidr}"
        )
    };
    w.ok("AuthorizeSecurityGroupIngress", &web("tcp", "80", "80", "0.0.0.0/0"));
    let authorize = "AuthorizeSecurityGroupIngress";
    let default = w.ok(
        "DescribeSecurityGroups",
        "Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}&Filter.2.Name=group-name&Filter.2.Value.1=default",
    );
    let default = format!("GroupId={}", text(&default, "groupId"));
    check(
        &mut w,
        &[
            ("CreateSecurityGroup", "VpcId={vpc}&GroupName=a", "MissingParameter"),
            ("CreateSecurityGroup", "VpcId={vpc}&GroupName=web&GroupDescription=x", "InvalidGroup.Duplicate"),
            ("CreateSecurityGroup", "VpcId={vpc}&GroupName=default&GroupDescription=x", "InvalidParameterValue"),
            ("CreateSecurityGroup", "VpcId={vpc}&GroupName=sg-a&GroupDescription=x", "InvalidParameterValue"),
            ("CreateSecurityGroup", "VpcId={vpc}&GroupName=%C3%A9&GroupDescription=x", "InvalidParameterValue"),
            ("CreateSecurityGroup", "GroupName=a&GroupDescription=x", "VPCIdNotSpecified"),
            ("DeleteSecurityGroup", "GroupId=sg-00000000000000000", "InvalidGroup.NotFound"),
            ("DeleteSecurityGroup", "GroupId=x", "InvalidGroupId.Malformed"),
            ("DeleteSecurityGroup", "", "MissingParameter"),
            ("DeleteSecurityGroup", &default, "CannotDelete"),
            ("DescribeSecurityGroups", "GroupId.1=sg-00000000000000000", "InvalidGroup.NotFound"),
            (authorize, &web("tcp", "80", "80", "0.0.0.0/0"), "InvalidPermission.Duplicate"),
            (authorize, &web("6", "80", "80", "1.2.3.4/0"), "InvalidPermission.Duplicate"),
            (authorize, &web("tcp", "90", "80", "0.0.0.0/0"), "InvalidParameterValue"),
            (authorize, &web("tcp", "-1", "-1", "0.0.0.0/0"), "InvalidParameterValue"),
            (authorize, &web("tcp", "1", "65536", "0.0.0.0/0"), "InvalidParameterValue"),
            (authorize, &web("icmp", "-1", "3", "0.0.0.0/0"), "InvalidParameterValue"),
            (authorize, &web("256", "1", "1", "0.0.0.0/0"), "InvalidParameterValue"),
            (authorize, &web("tcp", "1", "1", "1.2.3.4"), "InvalidParameterValue"),
            (authorize, "GroupId={sg}", "MissingParameter"),
            (authorize, "GroupId={sg}&IpPermissions.1.IpProtocol=-1", "MissingParameter"),
            (authorize, "GroupId={sg}&IpProtocol=tcp&CidrIp=1.2.3.4/32", "InvalidParameterValue"),
            (authorize, "GroupId={sg}&IpPermissions.1.IpRanges.1.CidrIp=1.2.3.4/32", "InvalidParameterValue"),
            (
                authorize,
                "GroupId={sg}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.PrefixListIds.1.PrefixListId=pl-1",
                "InvalidPrefixListId.Malformed",
            ),
            (
                authorize,
                "GroupId={sg}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId=sg-00000000000000000",
                "InvalidGroup.NotFound",
            ),
            (authorize, &refer, "InvalidGroup.NotFound"),
            (
                authorize,
                "GroupId={sg}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=1.0.0.0/8\
                 &IpPermissions.1.IpRanges.2.CidrIp=1.0.0.0/8",
                "InvalidParameterValue",
            ),
            ("AuthorizeSecurityGroupEgress", &web("-1", "0", "0", "0.0.0.0/0"), "InvalidPermission.Duplicate"),
            ("AuthorizeSecurityGroupEgress", "GroupId={sg}&IpProtocol=tcp&CidrIp=1.2.3.4/32", "UnsupportedOperation"),
            ("RevokeSecurityGroupIngress", &web("tcp", "81", "81", "0.0.0.0/0"), "InvalidPermission.NotFound"),
            (
                "RevokeSecurityGroupEgress",
                "GroupId={sg}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=::/0",
                "InvalidPermission.NotFound",
            ),
            (
                "RevokeSecurityGroupIngress",
                "GroupId={sg}&SecurityGroupRuleId.1=sgr-00000000000000000",
                "InvalidSecurityGroupRuleId.NotFound",
            ),
            ("RevokeSecurityGroupIngress", "GroupId={sg}&SecurityGroupRuleId.1=x", "InvalidSecurityGroupRuleId.Malformed"),
            ("DescribeSecurityGroupRules", "SecurityGroupRuleId.1=sgr-00000000000000000", "InvalidSecurityGroupRuleId.NotFound"),
            (
                "ModifySecurityGroupRules",
                "GroupId={sg}&SecurityGroupRule.1.SecurityGroupRuleId=sgr-00000000000000000",
                "InvalidSecurityGroupRuleId.NotFound",
            ),
            ("UpdateSecurityGroupRuleDescriptionsIngress", "GroupId={sg}", "MissingParameter"),
            ("UpdateSecurityGroupRuleDescriptionsIngress", &web("tcp", "81", "81", "0.0.0.0/0"), "InvalidPermission.NotFound"),
        ],
    );
    // Not while members or rules refer to it.
    let instance = with_ctx(&mut w.h, |ctx| ctx.new_id(InstanceId::from_random));
    let groups = vec![w.group.parse().unwrap()];
    let wanted = NewInterface { groups, ..spec(&w.h, &w.subnet, instance) };
    let member = launch(&mut w.h, wanted).unwrap();
    check(&mut w, &[("DeleteSecurityGroup", "GroupId={sg}", "DependencyViolation")]);
    terminate(&mut w.h, instance, member.id);
    let second = text(&w.ok("CreateSecurityGroup", "VpcId={vpc}&GroupName=b&GroupDescription=x"), "groupId");
    w.ok(authorize, &format!("GroupId={second}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={{sg}}"));
    check(&mut w, &[("DeleteSecurityGroup", "GroupId={sg}", "DependencyViolation")]);
    w.ok("DeleteSecurityGroup", &format!("GroupId={second}"));
    w.ok("DeleteSecurityGroup", "GroupId={sg}");
}

#[test]
fn quotas_of_many() {
    let mut w = world();
    let account = w.h.caller.account.clone();
    let group = (*w.h.db.get::<SecurityGroup>(&account, &w.group).unwrap()).clone();
    let table = (*w.h.db.get::<RouteTable>(&account, &w.table).unwrap()).clone();
    let existing = w.h.db.all::<SecurityGroup>().count();
    for n in existing..quota::SECURITY_GROUPS.default as usize {
        let id = SecurityGroupId::from_random(n as u128);
        w.h.db.put(SecurityGroup { id, name: format!("g{n}"), ..group.clone() });
    }
    for n in 2..quota::ROUTE_TABLES_PER_VPC.default as usize {
        w.h.db.put(RouteTable { id: RouteTableId::from_random(n as u128), ..table.clone() });
    }
    w.h.db.update::<RouteTable>(&account, table.id, |t| {
        for n in t.routes.len()..quota::ROUTES_PER_TABLE.default as usize {
            let destination = Ipv4Cidr::new((0x0800_0000 + n as u32).into(), 32).unwrap();
            t.routes.push(RouteRow { destination: destination.into(), target: RouteRowTarget::Local });
        }
    });
    w.h.db.put(Counter { name: "vni".to_owned(), value: 1 << 24 });
    w.h.db.take_mutations();
    check(
        &mut w,
        &[
            ("CreateSecurityGroup", "VpcId={vpc}&GroupName=more&GroupDescription=x", "SecurityGroupLimitExceeded"),
            ("CreateRouteTable", "VpcId={vpc}", "RouteTableLimitExceeded"),
            ("CreateRoute", "RouteTableId={rtb}&DestinationCidrBlock=0.0.0.0/0&GatewayId={igw}", "RouteLimitExceeded"),
            ("CreateVpc", "CidrBlock=10.9.0.0/16", "InternalError"),
        ],
    );
}

#[test]
fn rule_limit() {
    let mut w = world();
    for n in 0..60 {
        w.ok("AuthorizeSecurityGroupIngress", &format!("GroupId={{sg}}&IpProtocol=tcp&FromPort={n}&ToPort={n}&CidrIp=0.0.0.0/0"));
    }
    let more = "GroupId={sg}&IpProtocol=udp&FromPort=1&ToPort=1&CidrIp=0.0.0.0/0";
    check(&mut w, &[("AuthorizeSecurityGroupIngress", more, "RulesPerSecurityGroupLimitExceeded")]);
}

#[test]
fn route_tables() {
    let mut w = world();
    let main = text(&w.ok("DescribeRouteTables", "Filter.1.Name=association.main&Filter.1.Value.1=true"), "routeTableId");
    let main_association = text(&w.ok("DescribeRouteTables", &format!("RouteTableId.1={main}")), "routeTableAssociationId");
    let other = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let far = text(&w.ok("CreateRouteTable", &format!("VpcId={other}")), "routeTableId");
    let association = text(&w.ok("AssociateRouteTable", "RouteTableId={rtb}&SubnetId={subnet}"), "associationId");
    w.ok("CreateRoute", "RouteTableId={rtb}&DestinationCidrBlock=0.0.0.0/0&GatewayId={igw}");
    let second = text(&w.ok("CreateInternetGateway", ""), "internetGatewayId");
    let route = "RouteTableId={rtb}&DestinationCidrBlock=8.0.0.0/8";
    check(
        &mut w,
        &[
            ("CreateRouteTable", "VpcId=vpc-00000000000000000", "InvalidVpcID.NotFound"),
            ("DeleteRouteTable", "RouteTableId=rtb-00000000000000000", "InvalidRouteTableID.NotFound"),
            ("DeleteRouteTable", "RouteTableId=x", "InvalidRouteTableId.Malformed"),
            ("DeleteRouteTable", "RouteTableId={rtb}", "DependencyViolation"),
            ("DeleteRouteTable", &format!("RouteTableId={main}"), "DependencyViolation"),
            ("DescribeRouteTables", "RouteTableId.1=rtb-00000000000000000", "InvalidRouteTableID.NotFound"),
            ("AssociateRouteTable", &format!("RouteTableId={far}&SubnetId={{subnet}}"), "InvalidParameterValue"),
            ("AssociateRouteTable", &format!("RouteTableId={main}&SubnetId={{subnet}}"), "Resource.AlreadyAssociated"),
            ("AssociateRouteTable", "RouteTableId={rtb}", "MissingParameter"),
            ("AssociateRouteTable", "RouteTableId={rtb}&GatewayId={igw}", "UnsupportedOperation"),
            ("DisassociateRouteTable", "AssociationId=rtbassoc-00000000000000000", "InvalidAssociationID.NotFound"),
            ("DisassociateRouteTable", &format!("AssociationId={main_association}"), "InvalidParameterValue"),
            ("ReplaceRouteTableAssociation", &format!("AssociationId={association}&RouteTableId={far}"), "InvalidParameterValue"),
            ("CreateRoute", route, "MissingParameter"),
            ("CreateRoute", "RouteTableId={rtb}&GatewayId={igw}", "MissingParameter"),
            (
                "CreateRoute",
                &format!("RouteTableId={{rtb}}&DestinationCidrBlock=0.0.0.0/0&GatewayId={second}"),
                "InvalidParameterValue",
            ),
            ("CreateRoute", &format!("{route}&GatewayId={second}"), "InvalidParameterValue"),
            ("CreateRoute", &format!("{route}&GatewayId=igw-00000000000000000"), "InvalidGatewayID.NotFound"),
            ("CreateRoute", &format!("{route}&GatewayId=vgw-00000000000000000"), "UnsupportedOperation"),
            ("CreateRoute", &format!("{route}&NatGatewayId=nat-00000000000000000"), "InvalidNatGatewayID.NotFound"),
            ("CreateRoute", &format!("{route}&NetworkInterfaceId=eni-00000000000000000"), "InvalidNetworkInterfaceID.NotFound"),
            ("CreateRoute", &format!("{route}&InstanceId=i-00000000000000000"), "InvalidInstanceID.NotFound"),
            ("CreateRoute", "RouteTableId={rtb}&DestinationCidrBlock=x&GatewayId={igw}", "InvalidParameterValue"),
            ("CreateRoute", "RouteTableId={rtb}&DestinationCidrBlock=10.0.0.0/16&GatewayId={igw}", "RouteAlreadyExists"),
            ("CreateRoute", "RouteTableId={rtb}&DestinationCidrBlock=10.0.1.0/24&GatewayId={igw}", "InvalidParameterValue"),
            ("ReplaceRoute", &format!("{route}&GatewayId={{igw}}"), "InvalidParameterValue"),
            ("ReplaceRoute", "RouteTableId={rtb}&DestinationCidrBlock=10.0.0.0/16&GatewayId={igw}", "InvalidParameterValue"),
            ("DeleteRoute", route, "InvalidRoute.NotFound"),
            ("DeleteRoute", "RouteTableId={rtb}&DestinationCidrBlock=10.0.0.0/16", "InvalidParameterValue"),
        ],
    );
    let subnet = w.subnet.clone();
    let (instance, _) = run_instance(&mut w.h, &subnet);
    w.ok("CreateRoute", &format!("{route}&InstanceId={instance}"));
    check(
        &mut w,
        &[
            ("CreateRoute", &format!("{route}&GatewayId={{igw}}"), "RouteAlreadyExists"),
            ("CreateRoute", &format!("{route}&InstanceId={instance}"), "RouteAlreadyExists"),
        ],
    );
}

#[test]
fn gateways_and_addresses() {
    let mut w = world();
    let second = text(&w.ok("CreateInternetGateway", ""), "internetGatewayId");
    let elastic = text(&w.ok("AllocateAddress", "Domain=vpc"), "allocationId");
    let subnet = w.subnet.clone();
    let (instance, interface) = run_instance(&mut w.h, &subnet);
    let associate = format!("AllocationId={elastic}&InstanceId={instance}");
    check(
        &mut w,
        &[
            ("AttachInternetGateway", &format!("InternetGatewayId={second}&VpcId={{vpc}}"), "InvalidParameterValue"),
            ("AttachInternetGateway", "InternetGatewayId={igw}&VpcId={vpc}", "Resource.AlreadyAssociated"),
            ("AttachInternetGateway", "InternetGatewayId=igw-00000000000000000&VpcId={vpc}", "InvalidInternetGatewayID.NotFound"),
            ("DetachInternetGateway", &format!("InternetGatewayId={second}&VpcId={{vpc}}"), "Gateway.NotAttached"),
            ("DeleteInternetGateway", "InternetGatewayId={igw}", "DependencyViolation"),
            ("DeleteInternetGateway", "InternetGatewayId=x", "InvalidInternetGatewayId.Malformed"),
            ("DescribeInternetGateways", "InternetGatewayId.1=igw-00000000000000000", "InvalidInternetGatewayID.NotFound"),
            ("DescribeNetworkInterfaces", "NetworkInterfaceId.1=eni-00000000000000000", "InvalidNetworkInterfaceID.NotFound"),
            ("DescribeNetworkInterfaces", "NetworkInterfaceId.1=x", "InvalidNetworkInterfaceId.Malformed"),
            ("AllocateAddress", "Domain=standard", "InvalidParameterValue"),
            ("AllocateAddress", "NetworkBorderGroup=mars", "InvalidParameterValue"),
            ("AllocateAddress", "Address=198.18.0.9", "UnsupportedOperation"),
            (
                "AssociateAddress",
                &format!("AllocationId=eipalloc-00000000000000000&InstanceId={instance}"),
                "InvalidAllocationID.NotFound",
            ),
            ("AssociateAddress", &format!("AllocationId={elastic}&InstanceId=i-00000000000000000"), "InvalidInstanceID.NotFound"),
            ("AssociateAddress", &format!("AllocationId={elastic}"), "MissingParameter"),
            ("AssociateAddress", &format!("{associate}&NetworkInterfaceId={interface}"), "InvalidParameterCombination"),
            ("AssociateAddress", &format!("{associate}&PrivateIpAddress=10.0.1.1"), "InvalidParameterValue"),
            ("DisassociateAddress", "AssociationId=eipassoc-00000000000000000", "InvalidAssociationID.NotFound"),
            ("DisassociateAddress", "", "MissingParameter"),
            ("ReleaseAddress", "AllocationId=eipalloc-00000000000000000", "InvalidAllocationID.NotFound"),
            ("ReleaseAddress", "PublicIp=1.2.3.4", "InvalidAddress.NotFound"),
            ("DescribeAddresses", "AllocationId.1=eipalloc-00000000000000000", "InvalidAllocationID.NotFound"),
            ("DescribeAddresses", "PublicIp.1=1.2.3.4", "InvalidAddress.NotFound"),
            ("DescribeAddressesAttribute", "AllocationId.1=eipalloc-0", "InvalidAllocationID.NotFound"),
        ],
    );
    w.ok("AssociateAddress", &associate);
    let (another, _) = run_instance(&mut w.h, &subnet);
    let taken = format!("AllocationId={elastic}&InstanceId={another}&AllowReassociation=false");
    check(
        &mut w,
        &[
            ("AssociateAddress", &taken, "Resource.AlreadyAssociated"),
            ("ReleaseAddress", &format!("AllocationId={elastic}"), "InvalidIPAddress.InUse"),
            ("DetachInternetGateway", "InternetGatewayId={igw}&VpcId={vpc}", "DependencyViolation"),
        ],
    );
    let account = w.h.caller.account.clone();
    w.h.db.update::<Instance>(&account, another, |i| i.state = InstanceState::ShuttingDown);
    w.h.db.take_mutations();
    let ending = format!("AllocationId={elastic}&InstanceId={another}");
    check(&mut w, &[("AssociateAddress", &ending, "InvalidInstanceID")]);
    for _ in 1..5 {
        w.ok("AllocateAddress", "");
    }
    check(&mut w, &[("AllocateAddress", "", "AddressLimitExceeded")]);
    for _ in 2..5 {
        w.ok("CreateInternetGateway", "");
    }
    check(&mut w, &[("CreateInternetGateway", "", "InternetGatewayLimitExceeded")]);
}

#[test]
fn addresses_need_a_gateway() {
    let mut w = world();
    w.ok("DetachInternetGateway", "InternetGatewayId={igw}&VpcId={vpc}");
    let elastic = text(&w.ok("AllocateAddress", ""), "allocationId");
    let subnet = w.subnet.clone();
    let (instance, _) = run_instance(&mut w.h, &subnet);
    let associate = format!("AllocationId={elastic}&InstanceId={instance}");
    check(&mut w, &[("AssociateAddress", &associate, "Gateway.NotAttached")]);
}

#[test]
fn launching() {
    let mut w = world();
    let small = text(&w.ok("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.2.0/28"), "subnetId");
    let other = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let far = w.ok("CreateSecurityGroup", &format!("VpcId={other}&GroupName=far&GroupDescription=x"));
    let far: SecurityGroupId = text(&far, "groupId").parse().unwrap();
    let id = InstanceId::from_random(7);
    let base = spec(&w.h, &small, id);
    let at = |ip: &str| NewInterface { addresses: super::at(ip), ..base.clone() };
    let in_groups = |groups: Vec<SecurityGroupId>| NewInterface { groups, ..base.clone() };
    launch(&mut w.h, at("10.0.2.9")).unwrap();
    let cases = [
        (at("10.0.2.9"), "InvalidIPAddress.InUse", "Address 10.0.2.9 is in use."),
        (at("10.0.2.3"), "InvalidParameterValue", "Address 10.0.2.3 is in subnet's reserved address range"),
        (at("10.0.2.15"), "InvalidParameterValue", "Address 10.0.2.15 is in subnet's reserved address range"),
        (at("10.0.3.4"), "InvalidParameterValue", "Address 10.0.3.4 does not fall within the subnet's address range"),
        (in_groups(vec![far]), "InvalidParameter", "belong to different networks"),
        (in_groups(vec![SecurityGroupId::from_random(0)]), "InvalidGroup.NotFound", "does not exist"),
    ];
    for (wanted, code, sentence) in cases {
        let Err(OpError::Aws(e)) = launch(&mut w.h, wanted) else { panic!("no {code}") };
        assert!(e.is(code) && e.message.contains(sentence), "{e}");
    }
    for _ in 0..10 {
        launch(&mut w.h, base.clone()).unwrap();
    }
    let Err(OpError::Aws(e)) = launch(&mut w.h, base.clone()) else { panic!("the subnet has 11 addresses") };
    assert!(e.is("InsufficientFreeAddressesInSubnet"), "{e}");
}

#[test]
fn where_to_launch() {
    let mut w = world();
    let subnet = w.subnet.clone();
    let find = |w: &mut World, subnet: Option<&str>, az: Option<&str>| {
        with_ctx(&mut w.h, |ctx| super::super::find_launch_subnet(ctx, subnet, az)).map_err(|e| match e {
            OpError::Aws(e) => e.code.into_owned(),
            OpError::Ask(_) => String::new(),
        })
    };
    assert_eq!(find(&mut w, None, None).unwrap_err(), "VPCIdNotSpecified");
    assert_eq!(find(&mut w, None, Some("us-east-1z")).unwrap_err(), "InvalidParameterValue");
    assert_eq!(find(&mut w, Some("subnet-00000000000000000"), None).unwrap_err(), "InvalidSubnetID.NotFound");
    assert_eq!(find(&mut w, Some(&subnet), Some("us-east-1b")).unwrap_err(), "InvalidParameterValue");
    assert_eq!(find(&mut w, Some(&subnet), Some("us-east-1a")).unwrap().id.to_string(), subnet);
    w.ok("CreateDefaultVpc", "");
    let b = find(&mut w, None, Some("us-east-1b")).unwrap();
    assert_eq!(b.az.as_str(), "us-east-1b");
    w.ok("DeleteSubnet", &format!("SubnetId={}", b.id));
    assert_eq!(find(&mut w, None, Some("us-east-1b")).unwrap_err(), "MissingInput");
    let a = find(&mut w, None, None).unwrap();
    assert_eq!(a.az.as_str(), "us-east-1a");
    w.ok("DeleteSubnet", &format!("SubnetId={}", a.id));
    assert_eq!(find(&mut w, None, None).unwrap_err(), "MissingInput");
}

#[test]
fn other_accounts_see_nothing() {
    let mut w = world();
    w.h.caller = principal("210987654321");
    check(
        &mut w,
        &[
            ("DeleteVpc", "VpcId={vpc}", "InvalidVpcID.NotFound"),
            ("DescribeSubnets", "SubnetId.1={subnet}", "InvalidSubnetID.NotFound"),
            ("DeleteSecurityGroup", "GroupId={sg}", "InvalidGroup.NotFound"),
            ("DeleteRouteTable", "RouteTableId={rtb}", "InvalidRouteTableID.NotFound"),
            ("DeleteInternetGateway", "InternetGatewayId={igw}", "InvalidInternetGatewayID.NotFound"),
        ],
    );
    assert!(w.ok("DescribeVpcs", "").contains("<vpcSet/>"));
}
