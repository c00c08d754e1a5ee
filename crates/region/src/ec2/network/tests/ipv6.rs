//! IPv6: blocks of VPCs and subnets, what comes with them, and addresses of interfaces.

use super::errors::check;
use super::*;
use crate::ec2::network::block::Block;
use crate::ec2::testing::{call, texts};
use crate::rows::{NetworkAcl, RouteTable, SecurityGroup, Vpc};
use std::net::Ipv6Addr;
use types::Ipv6Cidr;

/// The world's VPC with the pool's first block, its subnet with the block's first /64.
pub(super) struct Six {
    pub(super) w: World,
    /// Of the VPC's and the subnet's block.
    pub(super) vpc_association: String,
    pub(super) subnet_association: String,
}

pub(super) const FIRST: &str = "2001:db8:5c00::/56";

pub(super) fn six() -> Six {
    let mut w = world();
    let xml = w.ok("AssociateVpcCidrBlock", "VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true");
    assert_eq!((text(&xml, "ipv6CidrBlock"), text(&xml, "state")), (FIRST.to_owned(), "associating".to_owned()));
    let vpc_association = text(&xml, "associationId");
    let xml = w.ok("AssociateSubnetCidrBlock", "SubnetId={subnet}&Ipv6CidrBlock=2001:db8:5c00::/64");
    assert_eq!((text(&xml, "subnetId"), text(&xml, "state")), (w.subnet.clone(), "associating".to_owned()));
    let subnet_association = text(&xml, "associationId");
    Six { w, vpc_association, subnet_association }
}

pub(super) fn row<R: crate::db::Row>(w: &World, id: &str) -> std::rc::Rc<R> {
    w.h.db.get::<R>(&w.h.caller.account, id).unwrap()
}

fn interface(w: &mut World, more: &str) -> String {
    text(&w.ok("CreateNetworkInterface", &format!("SubnetId={{subnet}}&{more}")), "networkInterfaceId")
}

pub(super) fn addresses(w: &World, id: &str) -> Vec<Ipv6Addr> {
    row::<Interface>(w, id).ipv6.clone()
}

#[test]
fn blocks_are_shown_and_found() {
    let Six { mut w, vpc_association, subnet_association } = six();
    let xml = w.ok("DescribeVpcs", "VpcId.1={vpc}");
    for part in [
        format!("<associationId>{vpc_association}</associationId>"),
        format!("<ipv6CidrBlock>{FIRST}</ipv6CidrBlock>"),
        "<ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState>".to_owned(),
        "<ipv6Pool>Amazon</ipv6Pool>".to_owned(),
        "<networkBorderGroup>us-east-1</networkBorderGroup>".to_owned(),
    ] {
        assert!(xml.contains(&part), "{part} in {xml}");
    }
    let xml = w.ok("DescribeSubnets", "SubnetId.1={subnet}");
    assert!(xml.contains("<ipv6CidrBlock>2001:db8:5c00::/64</ipv6CidrBlock>") && xml.contains(&subnet_association), "{xml}");
    assert!(xml.contains("<assignIpv6AddressOnCreation>false</assignIpv6AddressOnCreation>"), "{xml}");
    w.ok("ModifySubnetAttribute", "SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true");
    let id = interface(&mut w, "Ipv6Addresses.1.Ipv6Address=2001:db8:5c00::abc");
    for (action, filter, value, want) in [
        ("DescribeVpcs", "ipv6-cidr-block-association.ipv6-cidr-block", FIRST, &w.vpc),
        ("DescribeVpcs", "ipv6-cidr-block-association.association-id", &vpc_association, &w.vpc),
        ("DescribeVpcs", "ipv6-cidr-block-association.ipv6-pool", "Amazon", &w.vpc),
        ("DescribeVpcs", "ipv6-cidr-block-association.state", "associated", &w.vpc),
        ("DescribeSubnets", "ipv6-cidr-block-association.ipv6-cidr-block", "2001:db8:5c00::/64", &w.subnet),
        ("DescribeSubnets", "ipv6-cidr-block-association.association-id", &subnet_association, &w.subnet),
        ("DescribeSubnets", "ipv6-cidr-block-association.state", "associated", &w.subnet),
        ("DescribeNetworkInterfaces", "ipv6-addresses.ipv6-address", "2001:db8:5c00::abc", &id),
        ("DescribeRouteTables", "route.destination-ipv6-cidr-block", FIRST, &w.table),
        ("DescribeNetworkAcls", "entry.ipv6-cidr", "::/0", &w.vpc),
    ] {
        for (value, there) in [(value, true), ("other", false)] {
            let xml = ok(&mut w.h, action, &format!("Filter.1.Name={filter}&Filter.1.Value.1={value}"));
            assert_eq!(xml.contains(&format!(">{want}<")), there, "{filter}={value}: {xml}");
        }
    }
    let xml = w.ok("DescribeNetworkInterfaces", &format!("NetworkInterfaceId.1={id}"));
    let item = "<ipv6AddressesSet><item><ipv6Address>2001:db8:5c00::abc</ipv6Address><isPrimaryIpv6>false</isPrimaryIpv6></item>";
    assert!(xml.contains(item), "{xml}");
}

#[test]
fn blocks_of_the_pool_belong_to_one_vpc_and_are_given_again_last() {
    let mut w = world();
    let limits = &mut w.h.settings.limits.quotas;
    limits.insert("vpc/L-F678F1CE".into(), serde_json::from_str(r#"{"default": 30}"#).unwrap());
    let create = |w: &mut World, n: u8| {
        let request =
            format!("CidrBlock=10.{n}.0.0/16&AmazonProvidedIpv6CidrBlock=true&Ipv6CidrBlockNetworkBorderGroup=us-east-1");
        call(&mut w.h, "CreateVpc", &request).map(|xml| (text(&xml, "vpcId"), text(&xml, "ipv6CidrBlock")))
    };
    let made: Vec<(String, String)> = (1..=16).map(|n| create(&mut w, n).unwrap()).collect();
    let pool = w.h.settings.ipv6_pool;
    let mut blocks: Vec<Ipv6Cidr> = made.iter().map(|(_, block)| block.parse().unwrap()).collect();
    assert!(blocks.iter().all(|b| pool.contains_cidr(*b) && b.prefix_len() == 56));
    blocks.sort();
    blocks.dedup();
    assert_eq!(blocks.len(), 16);
    let e = create(&mut w, 17).unwrap_err();
    assert_eq!((e.code.as_ref(), e.status), ("InsufficientAddressCapacity", 503));
    w.ok("DeleteVpc", &format!("VpcId={}", made[3].0));
    w.ok("DeleteVpc", &format!("VpcId={}", made[1].0));
    // The search goes on behind the last one.
    assert_eq!(create(&mut w, 18).unwrap().1, made[1].1);
    assert_eq!(create(&mut w, 19).unwrap().1, made[3].1);
    // Another account's VPC has none of them either.
    w.h.caller = crate::ec2::testing::principal("210987654321");
    assert!(create(&mut w, 20).is_err());
}

/// A route of before leads to a block that was a peer's: it is not given to this VPC.
#[test]
fn a_block_that_is_routed_elsewhere_is_not_given() {
    let mut w = world();
    w.ok("CreateRoute", "RouteTableId={rtb}&DestinationIpv6CidrBlock=2001:db8:5c00:12::/64&GatewayId={igw}");
    let xml = w.ok("AssociateVpcCidrBlock", "VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true");
    assert_eq!(text(&xml, "ipv6CidrBlock"), "2001:db8:5c00:100::/56");
}

#[test]
fn misuse_of_blocks() {
    let Six { mut w, vpc_association, subnet_association } = six();
    let six = |block: &str| format!("SubnetId={{subnet}}&Ipv6CidrBlock={block}");
    let subnet = |block: &str| format!("VpcId={{vpc}}&CidrBlock=10.0.2.0/24&Ipv6CidrBlock={block}");
    let id = format!("AssociationId={subnet_association}");
    let eni = interface(&mut w, "Ipv6AddressCount=1");
    let (create, associate) = ("CreateSubnet", "AssociateSubnetCidrBlock");
    check(
        &mut w,
        &[
            ("CreateVpc", "CidrBlock=10.1.0.0/16&Ipv6CidrBlockNetworkBorderGroup=us-east-1", "InvalidParameterCombination"),
            (
                "CreateVpc",
                "CidrBlock=10.1.0.0/16&AmazonProvidedIpv6CidrBlock=true&Ipv6CidrBlockNetworkBorderGroup=mars-1",
                "InvalidParameterValue",
            ),
            ("CreateVpc", "CidrBlock=10.1.0.0/16&Ipv6CidrBlock=2001:db8::/56&Ipv6Pool=x", "UnsupportedOperation"),
            ("CreateVpc", "CidrBlock=10.1.0.0/16&Ipv6IpamPoolId=x", "UnsupportedOperation"),
            ("AssociateVpcCidrBlock", "VpcId={vpc}&AmazonProvidedIpv6CidrBlock=false", "MissingParameter"),
            (
                "AssociateVpcCidrBlock",
                "VpcId={vpc}&CidrBlock=10.2.0.0/24&AmazonProvidedIpv6CidrBlock=true",
                "InvalidParameterCombination",
            ),
            ("AssociateVpcCidrBlock", "VpcId=vpc-00000000000000000&AmazonProvidedIpv6CidrBlock=true", "InvalidVpcID.NotFound"),
            ("DisassociateVpcCidrBlock", &format!("AssociationId={vpc_association}"), "InvalidCidrBlock.InUse"),
            (create, &subnet("2001:db8:5c00::/64"), "InvalidSubnet.Conflict"),
            (create, &subnet("2001:db8:5c00:100::/64"), "InvalidSubnet.Range"),
            (create, &subnet("2001:db8:5c00:1::/60"), "InvalidParameterValue"),
            (create, &subnet("2001:db8:5c00:1::"), "InvalidParameterValue"),
            (create, "VpcId={vpc}&Ipv6CidrBlock=2001:db8:5c00:1::/64&Ipv6Native=true", "UnsupportedOperation"),
            (create, "VpcId={vpc}&CidrBlock=10.0.2.0/24&Ipv6IpamPoolId=x", "UnsupportedOperation"),
            ("CreateDefaultSubnet", "AvailabilityZone=us-east-1a&Ipv6Native=true", "UnsupportedOperation"),
            (associate, &six("2001:db8:5c00:1::/64"), "CidrLimitExceeded"),
            (associate, &six("2001:db8:5d00::/64"), "InvalidSubnet.Range"),
            (associate, "SubnetId={subnet}", "MissingParameter"),
            (associate, "SubnetId={subnet}&Ipv6NetmaskLength=64", "UnsupportedOperation"),
            (associate, "SubnetId=subnet-00000000000000000&Ipv6CidrBlock=::/64", "InvalidSubnetID.NotFound"),
            ("DisassociateSubnetCidrBlock", &id, "InvalidCidrBlock.InUse"),
            ("DisassociateSubnetCidrBlock", "", "MissingParameter"),
            (
                "DisassociateSubnetCidrBlock",
                "AssociationId=subnet-cidr-assoc-00000000000000000",
                "InvalidSubnetCidrBlockAssociationID.NotFound",
            ),
            ("DisassociateSubnetCidrBlock", "AssociationId=x", "InvalidSubnetCidrBlockAssociationId.Malformed"),
            ("ModifySubnetAttribute", "SubnetId={subnet}&EnableDns64.Value=true", "UnsupportedOperation"),
            (
                "ModifySubnetAttribute",
                "SubnetId={subnet}&EnableResourceNameDnsAAAARecordOnLaunch.Value=true",
                "UnsupportedOperation",
            ),
            (
                "ModifySubnetAttribute",
                "SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true&MapPublicIpOnLaunch.Value=true",
                "InvalidParameterCombination",
            ),
        ],
    );
    w.ok("DeleteNetworkInterface", &format!("NetworkInterfaceId={eni}"));
    w.ok("ModifySubnetAttribute", "SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true");
    check(&mut w, &[("DisassociateSubnetCidrBlock", &id, "InvalidCidrBlock.InUse")]);
    w.ok("ModifySubnetAttribute", "SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=false");
    assert_eq!(text(&w.ok("DisassociateSubnetCidrBlock", &id), "state"), "disassociating");
    check(
        &mut w,
        &[
            ("DisassociateSubnetCidrBlock", &id, "InvalidSubnetCidrBlockAssociationID.NotFound"),
            ("ModifySubnetAttribute", "SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true", "InvalidParameterValue"),
        ],
    );
    let xml = w.ok("DisassociateVpcCidrBlock", &format!("AssociationId={vpc_association}"));
    assert!(xml.contains(&format!("<ipv6CidrBlock>{FIRST}</ipv6CidrBlock>")), "{xml}");
    assert!(w.h.db.all::<RouteTable>().all(|t| t.routes.iter().all(|r| !r.destination.is_v6())), "local routes go with it");
    for _ in 0..5 {
        w.ok("AssociateVpcCidrBlock", "VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true");
    }
    check(&mut w, &[("AssociateVpcCidrBlock", "VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true", "CidrLimitExceeded")]);
    // Host bits are cleared, as of IPv4 blocks.
    let block = row::<Vpc>(&w, &w.vpc).ipv6[4].cidr.subnet(64, 7).unwrap();
    let given = format!("{}f/64", block.first());
    let xml = w.ok("CreateSubnet", &subnet(&given));
    assert_eq!(text(&xml, "ipv6CidrBlock"), block.to_string());
}

/// What a VPC has gets IPv6 with its block, unless somebody has changed it.
#[test]
fn defaults_come_with_the_block() {
    let mut w = world();
    let acl = row::<Vpc>(&w, &w.vpc).default_network_acl.to_string();
    let changed = text(&w.ok("CreateSecurityGroup", "VpcId={vpc}&GroupName=changed&GroupDescription=x"), "groupId");
    let open = "IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0";
    w.ok("RevokeSecurityGroupEgress", &format!("GroupId={changed}&{open}"));
    let entry = "RuleNumber=90&Protocol=-1&RuleAction=deny&Egress=true&CidrBlock=10.9.0.0/16";
    w.ok("CreateNetworkAclEntry", &format!("NetworkAclId={acl}&{entry}"));
    let xml = w.ok("DescribeNetworkAcls", &format!("NetworkAclId.1={acl}"));
    assert!(!xml.contains("ipv6CidrBlock") && !xml.contains("32768"), "{xml}");

    w.ok("AssociateVpcCidrBlock", "VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true");
    let has_six = |w: &World, id: &str| {
        let group = row::<SecurityGroup>(w, id);
        let rules = group.rules.iter().filter(|r| r.egress);
        rules.filter(|r| r.peer == crate::rows::RulePeer::Ipv6(Ipv6Cidr::ALL) && r.protocol == "-1").count()
    };
    let default = row::<Vpc>(&w, &w.vpc).default_security_group.to_string();
    assert_eq!([&w.group, &default, &changed].map(|g| has_six(&w, g)), [1, 1, 0]);
    let new = text(&w.ok("CreateSecurityGroup", "VpcId={vpc}&GroupName=new&GroupDescription=x"), "groupId");
    assert_eq!(has_six(&w, &new), 1);
    let entries = |w: &World| -> Vec<(bool, u16, Block)> {
        row::<NetworkAcl>(w, &acl).entries.iter().map(|e| (e.egress, e.number, e.cidr)).collect()
    };
    let block = |text: &str| text.parse::<Block>().unwrap();
    let all = [
        (false, 100, block("0.0.0.0/0")),
        (false, 101, block("::/0")),
        (true, 90, block("10.9.0.0/16")),
        (true, 100, block("0.0.0.0/0")),
    ];
    assert_eq!(entries(&w), all, "only the direction that nobody changed");
    let xml = w.ok("DescribeNetworkAcls", &format!("NetworkAclId.1={acl}"));
    assert_eq!(texts(&xml, "ruleNumber"), ["90", "100", "32767", "32768", "100", "101", "32767", "32768"]);
    assert_eq!(texts(&xml, "ipv6CidrBlock"), ["::/0"; 3]);
    // A second block changes nothing more.
    w.ok("AssociateVpcCidrBlock", "VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true");
    assert_eq!((entries(&w).len(), has_six(&w, &new)), (4, 1));
    let xml = w.ok("CreateRouteTable", "VpcId={vpc}");
    assert_eq!(texts(&xml, "destinationIpv6CidrBlock"), [FIRST, "2001:db8:5c00:100::/56"]);
    assert_eq!(texts(&xml, "gatewayId"), ["local"; 3]);
}

#[test]
fn addresses_come_and_go() {
    let Six { mut w, .. } = six();
    let block: Ipv6Cidr = "2001:db8:5c00::/64".parse().unwrap();
    let none = interface(&mut w, "");
    assert!(addresses(&w, &none).is_empty());
    let two = interface(&mut w, "Ipv6AddressCount=2");
    let given = addresses(&w, &two);
    assert!(given.len() == 2 && given[0] != given[1] && given.iter().all(|ip| block.contains(*ip)));
    w.ok("ModifySubnetAttribute", "SubnetId={subnet}&AssignIpv6AddressOnCreation.Value=true");
    for (more, count) in
        [("", 1), ("Ipv6AddressCount=0", 0), ("Ipv6AddressCount=3", 3), ("Ipv6Addresses.1.Ipv6Address=2001:db8:5c00::9", 1)]
    {
        let id = interface(&mut w, more);
        assert_eq!(addresses(&w, &id).len(), count, "{more}");
    }
    let xml = w.ok("AssignIpv6Addresses", &format!("NetworkInterfaceId={none}&Ipv6AddressCount=2"));
    let assigned = addresses(&w, &none);
    assert_eq!(
        texts(&xml[xml.find("<assignedIpv6Addresses>").unwrap()..], "item"),
        assigned.iter().map(|ip| ip.to_string()).collect::<Vec<_>>()
    );
    // One that it has and a new one.
    let both = format!("NetworkInterfaceId={none}&Ipv6Addresses.1={}&Ipv6Addresses.2=2001:DB8:5c00:0::77", assigned[0]);
    w.ok("AssignIpv6Addresses", &both);
    assert_eq!(addresses(&w, &none)[2].to_string(), "2001:db8:5c00::77");
    let gone = format!("NetworkInterfaceId={none}&Ipv6Addresses.1={}&Ipv6Addresses.2={}", assigned[0], assigned[1]);
    assert!(w.ok("UnassignIpv6Addresses", &gone).contains("<unassignedIpv6Addresses><item>"));
    assert_eq!(addresses(&w, &none).len(), 1);
    let named = |ip: &str| format!("NetworkInterfaceId={two}&Ipv6Addresses.1={ip}");
    let new = |more: &str| format!("SubnetId={{subnet}}&{more}");
    let (assign, unassign, create) = ("AssignIpv6Addresses", "UnassignIpv6Addresses", "CreateNetworkInterface");
    check(
        &mut w,
        &[
            (assign, &named("2001:db8:5c00::77"), "InvalidIPAddress.InUse"),
            (assign, &named("2001:db8:5c00::3"), "InvalidParameterValue"),
            (assign, &named("2001:db8:5c00:0:ffff:ffff:ffff:ffff"), "InvalidParameterValue"),
            (assign, &named("2001:db8:5c00:1::9"), "InvalidParameterValue"),
            (assign, &named("10.0.1.9"), "InvalidParameterValue"),
            (assign, &format!("{}&Ipv6AddressCount=1", named("2001:db8:5c00::9")), "InvalidParameterCombination"),
            (assign, &format!("NetworkInterfaceId={two}"), "MissingParameter"),
            (assign, &format!("NetworkInterfaceId={two}&Ipv6AddressCount=0"), "InvalidParameterValue"),
            (assign, &format!("NetworkInterfaceId={two}&Ipv6AddressCount=49"), "PrivateIpAddressLimitExceeded"),
            (assign, &format!("NetworkInterfaceId={two}&Ipv6PrefixCount=1"), "UnsupportedOperation"),
            (assign, "NetworkInterfaceId=eni-00000000000000000&Ipv6AddressCount=1", "InvalidNetworkInterfaceID.NotFound"),
            (assign, "Ipv6AddressCount=1", "MissingParameter"),
            (unassign, &named("2001:db8:5c00::77"), "InvalidParameterValue"),
            (unassign, &format!("NetworkInterfaceId={two}"), "MissingParameter"),
            (create, &new("Ipv6AddressCount=-1"), "InvalidParameterValue"),
            (create, &new("Ipv6AddressCount=51"), "PrivateIpAddressLimitExceeded"),
            (create, &new("Ipv6AddressCount=1&Ipv6Addresses.1.Ipv6Address=2001:db8:5c00::8"), "InvalidParameterCombination"),
            (create, &new("Ipv6Addresses.1.Ipv6Address=2001:db8:5c00::77"), "InvalidIPAddress.InUse"),
            (create, &new("Ipv6Addresses.1.Ipv6Address=x"), "InvalidParameterValue"),
            (
                create,
                &new("Ipv6Addresses.1.Ipv6Address=2001:db8:5c00::8&Ipv6Addresses.2.Ipv6Address=2001:db8:5c00::8"),
                "InvalidParameterValue",
            ),
            (create, &new("Ipv6Addresses.1.IsPrimaryIpv6=true"), "UnsupportedOperation"),
        ],
    );
}
