//! What holds whatever is done: random requests, then everything is taken down.

use super::*;
use crate::ec2::testing::call;
use crate::rows::{
    Address, EgressOnlyGateway, InternetGateway, PublicIp, RouteRow, RouteRowTarget, RouteTable, RulePeer, SecurityGroup, TagSet,
    Vpc,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// An operation; the numbers pick among what there is, or say sizes and blocks.
#[derive(Debug, Clone)]
enum Step {
    CreateVpc(u8),
    CreateSubnet(u8, u8, u8),
    CreateGroup(u8),
    Authorize(u8, u8, u8),
    CreateTable(u8),
    Associate(u8, u8),
    ReplaceAssociation(u8, u8),
    Disassociate(u8),
    CreateGateway,
    Attach(u8, u8),
    Detach(u8),
    Route(u8, u8),
    RouteToInstance(u8, u8),
    Allocate,
    AssociateAddress(u8, u8),
    DisassociateAddress(u8),
    Release(u8),
    MapPublic(u8),
    Launch(u8),
    BlockOfVpc(u8),
    DropBlockOfVpc(u8),
    BlockOfSubnet(u8, u8),
    DropBlockOfSubnet(u8),
    AssignOnCreation(u8),
    Assign6(u8, u8),
    Unassign6(u8),
    EgressOnly(u8),
    RouteEgressOnly(u8, u8),
    RouteSubnet6(u8, u8),
    DeleteEgressOnly(u8),
    Terminate(u8),
    DeleteVpc(u8),
    DeleteSubnet(u8),
    DeleteGroup(u8),
    DeleteTable(u8),
    DeleteGateway(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let n = any::<u8>();
    prop_oneof![
        2 => n.prop_map(Step::CreateVpc),
        4 => (n, n, n).prop_map(|(a, b, c)| Step::CreateSubnet(a, b, c)),
        3 => n.prop_map(Step::CreateGroup),
        3 => (n, n, n).prop_map(|(a, b, c)| Step::Authorize(a, b, c)),
        3 => n.prop_map(Step::CreateTable),
        3 => (n, n).prop_map(|(a, b)| Step::Associate(a, b)),
        2 => (n, n).prop_map(|(a, b)| Step::ReplaceAssociation(a, b)),
        1 => n.prop_map(Step::Disassociate),
        2 => Just(Step::CreateGateway),
        3 => (n, n).prop_map(|(a, b)| Step::Attach(a, b)),
        1 => n.prop_map(Step::Detach),
        3 => (n, n).prop_map(|(a, b)| Step::Route(a, b)),
        2 => (n, n).prop_map(|(a, b)| Step::RouteToInstance(a, b)),
        4 => Just(Step::Allocate),
        6 => (n, n).prop_map(|(a, b)| Step::AssociateAddress(a, b)),
        1 => n.prop_map(Step::DisassociateAddress),
        1 => n.prop_map(Step::Release),
        3 => n.prop_map(Step::MapPublic),
        6 => n.prop_map(Step::Launch),
        4 => n.prop_map(Step::BlockOfVpc),
        1 => n.prop_map(Step::DropBlockOfVpc),
        5 => (n, n).prop_map(|(a, b)| Step::BlockOfSubnet(a, b)),
        1 => n.prop_map(Step::DropBlockOfSubnet),
        3 => n.prop_map(Step::AssignOnCreation),
        4 => (n, n).prop_map(|(a, b)| Step::Assign6(a, b)),
        1 => n.prop_map(Step::Unassign6),
        2 => n.prop_map(Step::EgressOnly),
        3 => (n, n).prop_map(|(a, b)| Step::RouteEgressOnly(a, b)),
        2 => (n, n).prop_map(|(a, b)| Step::RouteSubnet6(a, b)),
        1 => n.prop_map(Step::DeleteEgressOnly),
        2 => n.prop_map(Step::Terminate),
        1 => n.prop_map(Step::DeleteVpc),
        1 => n.prop_map(Step::DeleteSubnet),
        1 => n.prop_map(Step::DeleteGroup),
        1 => n.prop_map(Step::DeleteTable),
        1 => n.prop_map(Step::DeleteGateway),
    ]
}

fn pick<T: crate::db::Row>(h: &Harness, n: u8) -> String {
    let all: Vec<_> = h.db.all::<T>().map(|r| r.id()).collect();
    if all.is_empty() { "none".to_owned() } else { all[n as usize % all.len()].clone() }
}

fn associations(h: &Harness) -> Vec<String> {
    h.db.all::<RouteTable>().flat_map(|t| t.associations.iter().map(|a| a.id.to_string()).collect::<Vec<_>>()).collect()
}

/// Does it; errors are part of the game, the invariants are not.
fn apply(h: &mut Harness, step: &Step) {
    let (action, parameters) = match *step {
        Step::CreateVpc(n) => ("CreateVpc", format!("CidrBlock=10.{n}.0.0/{}", 16 + n % 8)),
        Step::CreateSubnet(vpc, block, size) => {
            let Some(vpc) = h.db.get::<Vpc>(&h.caller.account, pick::<Vpc>(h, vpc)) else { return };
            let [a, b, ..] = vpc.cidr.first().octets();
            ("CreateSubnet", format!("VpcId={}&CidrBlock={a}.{b}.{}.{block}/{}", vpc.id, block % 4, 22 + size % 7))
        }
        Step::CreateGroup(vpc) => {
            ("CreateSecurityGroup", format!("VpcId={}&GroupName=g{vpc}&GroupDescription=x", pick::<Vpc>(h, vpc)))
        }
        Step::Authorize(group, peer, port) => {
            let (group, peer) = (pick::<SecurityGroup>(h, group), pick::<SecurityGroup>(h, peer));
            let permission = format!("IpProtocol=tcp&IpPermissions.1.FromPort={port}&IpPermissions.1.ToPort=255");
            let request = format!("GroupId={group}&IpPermissions.1.{permission}&IpPermissions.1.Groups.1.GroupId={peer}");
            ("AuthorizeSecurityGroupIngress", request)
        }
        Step::CreateTable(vpc) => ("CreateRouteTable", format!("VpcId={}", pick::<Vpc>(h, vpc))),
        Step::Associate(table, subnet) => {
            let (table, subnet) = (pick::<RouteTable>(h, table), pick::<Subnet>(h, subnet));
            ("AssociateRouteTable", format!("RouteTableId={table}&SubnetId={subnet}"))
        }
        Step::ReplaceAssociation(n, table) => {
            let all = associations(h);
            let Some(id) = all.get(n as usize % all.len().max(1)) else { return };
            ("ReplaceRouteTableAssociation", format!("AssociationId={id}&RouteTableId={}", pick::<RouteTable>(h, table)))
        }
        Step::Disassociate(n) => {
            let all = associations(h);
            let Some(id) = all.get(n as usize % all.len().max(1)) else { return };
            ("DisassociateRouteTable", format!("AssociationId={id}"))
        }
        Step::CreateGateway => ("CreateInternetGateway", String::new()),
        Step::Attach(gateway, vpc) => {
            let (gateway, vpc) = (pick::<InternetGateway>(h, gateway), pick::<Vpc>(h, vpc));
            ("AttachInternetGateway", format!("InternetGatewayId={gateway}&VpcId={vpc}"))
        }
        Step::Detach(n) => {
            let Some(gateway) = h.db.get::<InternetGateway>(&h.caller.account, pick::<InternetGateway>(h, n)) else { return };
            let Some(vpc) = gateway.vpc else { return };
            ("DetachInternetGateway", format!("InternetGatewayId={}&VpcId={vpc}", gateway.id))
        }
        Step::Route(table, gateway) => {
            let (table, gateway) = (pick::<RouteTable>(h, table), pick::<InternetGateway>(h, gateway));
            ("CreateRoute", format!("RouteTableId={table}&DestinationCidrBlock=0.0.0.0/0&GatewayId={gateway}"))
        }
        Step::RouteToInstance(table, instance) => {
            let (table, instance) = (pick::<RouteTable>(h, table), pick::<Instance>(h, instance));
            ("CreateRoute", format!("RouteTableId={table}&DestinationCidrBlock=8.0.0.0/8&InstanceId={instance}"))
        }
        Step::Allocate => ("AllocateAddress", String::new()),
        Step::AssociateAddress(address, instance) => {
            let (address, instance) = (pick::<Address>(h, address), pick::<Instance>(h, instance));
            ("AssociateAddress", format!("AllocationId={address}&InstanceId={instance}"))
        }
        Step::DisassociateAddress(n) => {
            let Some(address) = h.db.get::<Address>(&h.caller.account, pick::<Address>(h, n)) else { return };
            ("DisassociateAddress", format!("PublicIp={}", address.public_ip))
        }
        Step::Release(n) => ("ReleaseAddress", format!("AllocationId={}", pick::<Address>(h, n))),
        Step::MapPublic(n) => {
            ("ModifySubnetAttribute", format!("SubnetId={}&MapPublicIpOnLaunch.Value={}", pick::<Subnet>(h, n), n % 2 == 0))
        }
        Step::Launch(n) => {
            let subnet = pick::<Subnet>(h, n);
            // Small pools and subnets fill up; run_instance is for the rest.
            let full = h.db.all::<PublicIp>().count() >= 30;
            let room =
                h.db.get::<Subnet>(&h.caller.account, &subnet)
                    .is_some_and(|s| s.cidr.size() > 5 + h.db.all::<Interface>().filter(|i| i.subnet == s.id).count() as u64);
            if room && !full {
                run_instance(h, &subnet);
            }
            return;
        }
        Step::BlockOfVpc(n) => ("AssociateVpcCidrBlock", format!("VpcId={}&AmazonProvidedIpv6CidrBlock=true", pick::<Vpc>(h, n))),
        Step::DropBlockOfVpc(n) => {
            let all: Vec<_> = h.db.all::<Vpc>().flat_map(|v| v.ipv6.clone()).collect();
            let Some(block) = all.get(n as usize % all.len().max(1)) else { return };
            ("DisassociateVpcCidrBlock", format!("AssociationId={}", block.association))
        }
        Step::BlockOfSubnet(subnet, n) => {
            let Some(subnet) = h.db.get::<Subnet>(&h.caller.account, pick::<Subnet>(h, subnet)) else { return };
            let vpc = h.db.get::<Vpc>(&subnet.account, subnet.vpc).unwrap();
            let Some(block) = vpc.ipv6.first() else { return };
            let block = block.cidr.subnet(64, u128::from(n % 8)).unwrap();
            ("AssociateSubnetCidrBlock", format!("SubnetId={}&Ipv6CidrBlock={block}", subnet.id))
        }
        Step::DropBlockOfSubnet(n) => {
            let all: Vec<_> = h.db.all::<Subnet>().filter_map(|s| s.ipv6.clone()).collect();
            let Some(block) = all.get(n as usize % all.len().max(1)) else { return };
            ("DisassociateSubnetCidrBlock", format!("AssociationId={}", block.association))
        }
        Step::AssignOnCreation(n) => {
            let request = format!("SubnetId={}&AssignIpv6AddressOnCreation.Value={}", pick::<Subnet>(h, n), n % 3 != 0);
            ("ModifySubnetAttribute", request)
        }
        Step::Assign6(n, low) => {
            let Some(i) = h.db.get::<Interface>(&h.caller.account, pick::<Interface>(h, n)) else { return };
            let block = h.db.get::<Subnet>(&i.account, i.subnet).and_then(|s| s.ipv6.clone());
            let wanted = match block {
                // Few, so that they meet.
                Some(block) if low % 2 == 0 => format!("Ipv6Addresses.1={}{}", block.cidr.first(), low % 16),
                _ => "Ipv6AddressCount=1".to_owned(),
            };
            ("AssignIpv6Addresses", format!("NetworkInterfaceId={}&{wanted}", i.id))
        }
        Step::Unassign6(n) => {
            let all: Vec<_> = h.db.all::<Interface>().filter(|i| !i.ipv6.is_empty()).collect();
            let Some(i) = all.get(n as usize % all.len().max(1)) else { return };
            ("UnassignIpv6Addresses", format!("NetworkInterfaceId={}&Ipv6Addresses.1={}", i.id, i.ipv6[0]))
        }
        Step::EgressOnly(n) => ("CreateEgressOnlyInternetGateway", format!("VpcId={}", pick::<Vpc>(h, n))),
        Step::RouteEgressOnly(table, gateway) => {
            let (table, gateway) = (pick::<RouteTable>(h, table), pick::<EgressOnlyGateway>(h, gateway));
            let to = format!("DestinationIpv6CidrBlock=::/0&EgressOnlyInternetGatewayId={gateway}");
            ("CreateRoute", format!("RouteTableId={table}&{to}"))
        }
        Step::RouteSubnet6(table, interface) => {
            let Some(i) = h.db.get::<Interface>(&h.caller.account, pick::<Interface>(h, interface)) else { return };
            let Some(block) = h.db.get::<Subnet>(&i.account, i.subnet).and_then(|s| s.ipv6.clone()) else { return };
            let to = format!("DestinationIpv6CidrBlock={}&NetworkInterfaceId={}", block.cidr, i.id);
            ("CreateRoute", format!("RouteTableId={}&{to}", pick::<RouteTable>(h, table)))
        }
        Step::DeleteEgressOnly(n) => {
            let id = pick::<EgressOnlyGateway>(h, n);
            ("DeleteEgressOnlyInternetGateway", format!("EgressOnlyInternetGatewayId={id}"))
        }
        Step::Terminate(n) => {
            let Some(instance) = h.db.get::<Instance>(&h.caller.account, pick::<Instance>(h, n)) else { return };
            terminate(h, instance.id, instance.interfaces[0]);
            return;
        }
        Step::DeleteVpc(n) => ("DeleteVpc", format!("VpcId={}", pick::<Vpc>(h, n))),
        Step::DeleteSubnet(n) => ("DeleteSubnet", format!("SubnetId={}", pick::<Subnet>(h, n))),
        Step::DeleteGroup(n) => ("DeleteSecurityGroup", format!("GroupId={}", pick::<SecurityGroup>(h, n))),
        Step::DeleteTable(n) => ("DeleteRouteTable", format!("RouteTableId={}", pick::<RouteTable>(h, n))),
        Step::DeleteGateway(n) => ("DeleteInternetGateway", format!("InternetGatewayId={}", pick::<InternetGateway>(h, n))),
    };
    if let Err(e) = call(h, action, &parameters) {
        assert!(e.status < 500 || e.is("InsufficientAddressCapacity"), "{action} {parameters}: {e}");
    }
}

fn check(h: &Harness) {
    let db = &h.db;
    let account = &h.caller.account;
    let vpcs: Vec<_> = db.all::<Vpc>().collect();
    let subnets: Vec<_> = db.all::<Subnet>().collect();
    for (n, s) in subnets.iter().enumerate() {
        let vpc = db.get::<Vpc>(account, s.vpc).expect("a subnet's VPC");
        assert!(vpc.cidr.contains_cidr(s.cidr) && s.cidr.is_canonical());
        assert!(!subnets[n + 1..].iter().any(|o| o.vpc == s.vpc && o.cidr.overlaps(s.cidr)), "overlap");
        assert!(s.ipv6.is_some() || !s.assign_ipv6);
        if let Some(block) = s.ipv6.as_ref().map(|c| c.cidr) {
            assert!(block.prefix_len() == 64 && block.is_canonical() && vpc.cidrs6().iter().any(|c| c.contains_cidr(block)));
            // Those of other VPCs too: blocks of VPCs do not meet.
            assert!(!subnets[n + 1..].iter().any(|o| o.ipv6.as_ref().is_some_and(|o| o.cidr.overlaps(block))), "overlap");
        }
    }
    assert_eq!(vpcs.iter().map(|v| v.vni.get()).collect::<BTreeSet<_>>().len(), vpcs.len());
    let blocks: Vec<_> = vpcs.iter().flat_map(|v| v.cidrs6()).collect();
    assert!(blocks.iter().all(|b| h.settings.ipv6_pool.contains_cidr(*b) && b.prefix_len() == 56));
    assert_eq!(blocks.iter().collect::<BTreeSet<_>>().len(), blocks.len(), "a block is given twice");
    for v in &vpcs {
        assert_eq!(db.get::<SecurityGroup>(account, v.default_security_group).map(|g| g.vpc), Some(v.id));
        let mains: Vec<_> =
            db.all::<RouteTable>().filter(|t| t.vpc == v.id && t.associations.iter().any(|a| a.subnet.is_none())).collect();
        assert_eq!(mains.iter().map(|t| t.id).collect::<Vec<_>>(), [v.main_route_table]);
    }
    let mut routed = BTreeSet::new();
    for t in db.all::<RouteTable>() {
        assert!(db.get::<Vpc>(account, t.vpc).is_some());
        let vpc = db.get::<Vpc>(account, t.vpc).unwrap();
        let local = t.routes.iter().filter(|r| r.target == RouteRowTarget::Local).map(|r| r.destination);
        assert_eq!(local.collect::<BTreeSet<_>>(), vpc.blocks().into_iter().collect(), "local routes are the VPC's blocks");
        let only_six = |r: &RouteRow| !matches!(r.target, RouteRowTarget::EgressOnly(_)) || r.destination.is_v6();
        assert!(t.routes.iter().all(only_six));
        assert_eq!(t.routes.iter().map(|r| r.destination).collect::<BTreeSet<_>>().len(), t.routes.len());
        for s in t.associations.iter().filter_map(|a| a.subnet) {
            assert_eq!(db.get::<Subnet>(account, s).map(|s| s.vpc), Some(t.vpc));
            assert!(routed.insert(s), "a subnet has two tables");
        }
    }
    let attached: Vec<_> = db.all::<InternetGateway>().filter_map(|g| g.vpc).collect();
    assert!(attached.iter().all(|v| db.get::<Vpc>(account, v).is_some()));
    assert_eq!(attached.iter().collect::<BTreeSet<_>>().len(), attached.len(), "two gateways on a VPC");
    for g in db.all::<SecurityGroup>() {
        assert!(db.get::<Vpc>(account, g.vpc).is_some());
        for r in &g.rules {
            if let RulePeer::Group(peer) = r.peer {
                assert_eq!(db.get::<SecurityGroup>(account, peer).map(|p| p.vpc), Some(g.vpc));
            }
        }
    }
    let (mut private, mut private6) = (BTreeSet::new(), BTreeSet::new());
    let only: Vec<_> = db.all::<EgressOnlyGateway>().map(|g| g.vpc).collect();
    assert!(only.iter().all(|v| db.get::<Vpc>(account, v).is_some()));
    assert_eq!(only.iter().collect::<BTreeSet<_>>().len(), only.len(), "two egress-only gateways on a VPC");
    let mut macs = BTreeSet::new();
    let mut public = BTreeSet::new();
    for i in db.all::<Interface>() {
        let subnet = db.get::<Subnet>(account, i.subnet).expect("an interface's subnet");
        assert_eq!(subnet.vpc, i.vpc);
        assert!(i.ipv4.iter().all(|ip| subnet.cidr.contains(*ip) && private.insert((i.vpc, *ip))), "address given twice");
        let six = subnet.ipv6.as_ref().map(|c| c.cidr);
        assert!(i.ipv6.iter().all(|ip| six.is_some_and(|c| c.contains(*ip) && c.last() != *ip) && ip.to_bits() as u64 >= 4));
        assert!(i.ipv6.iter().all(|ip| private6.insert(*ip)), "address given twice");
        assert!(macs.insert((i.vpc, i.mac)));
        assert!(i.groups.iter().all(|g| db.get::<SecurityGroup>(account, g).is_some_and(|g| g.vpc == i.vpc)));
        if let Some(ip) = i.auto_public_ip {
            assert!(public.insert(ip.to_string()), "public address given twice");
        }
    }
    let mut taken = BTreeSet::new();
    for a in db.all::<Address>() {
        assert!(public.insert(a.public_ip.to_string()), "public address given twice");
        if let Some(x) = &a.association {
            let interface = db.get::<Interface>(account, x.interface).expect("an association's interface");
            assert!(interface.ipv4.contains(&x.private_ip) && taken.insert(x.private_ip.to_string() + &x.interface.to_string()));
            assert!(interface.auto_public_ip.is_none());
            assert!(attached.contains(&interface.vpc));
        }
    }
    assert_eq!(public, db.all::<PublicIp>().map(|p| p.ip.to_string()).collect());
}

fn take_down(h: &mut Harness) {
    for i in h.db.all::<Instance>().collect::<Vec<_>>() {
        terminate(h, i.id, i.interfaces[0]);
    }
    for a in h.db.all::<Address>().collect::<Vec<_>>() {
        ok(h, "ReleaseAddress", &format!("AllocationId={}", a.allocation));
    }
    for g in h.db.all::<InternetGateway>().collect::<Vec<_>>() {
        if let Some(vpc) = g.vpc {
            ok(h, "DetachInternetGateway", &format!("InternetGatewayId={}&VpcId={vpc}", g.id));
        }
        ok(h, "DeleteInternetGateway", &format!("InternetGatewayId={}", g.id));
    }
    for g in h.db.all::<EgressOnlyGateway>().collect::<Vec<_>>() {
        ok(h, "DeleteEgressOnlyInternetGateway", &format!("EgressOnlyInternetGatewayId={}", g.id));
    }
    for s in h.db.all::<Subnet>().collect::<Vec<_>>() {
        ok(h, "DeleteSubnet", &format!("SubnetId={}", s.id));
    }
    for t in h.db.all::<RouteTable>().collect::<Vec<_>>() {
        if t.associations.is_empty() {
            ok(h, "DeleteRouteTable", &format!("RouteTableId={}", t.id));
        }
    }
    for g in h.db.all::<SecurityGroup>().collect::<Vec<_>>() {
        for r in g.rules.iter().filter(|r| !r.egress) {
            ok(h, "RevokeSecurityGroupIngress", &format!("GroupId={}&SecurityGroupRuleId.1={}", g.id, r.id));
        }
    }
    for g in h.db.all::<SecurityGroup>().filter(|g| g.name != "default").collect::<Vec<_>>() {
        ok(h, "DeleteSecurityGroup", &format!("GroupId={}", g.id));
    }
    for v in h.db.all::<Vpc>().collect::<Vec<_>>() {
        ok(h, "DeleteVpc", &format!("VpcId={}", v.id));
    }
    let left = h.db.all::<RouteTable>().count()
        + h.db.all::<SecurityGroup>().count()
        + h.db.all::<PublicIp>().count()
        + h.db.all::<Interface>().count()
        + h.db.all::<TagSet>().count();
    assert_eq!(left, 0, "rows are left behind");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn random_requests_keep_the_rows_in_order(steps in prop::collection::vec(step(), 1..160)) {
        let mut w = world();
        for step in &steps {
            apply(&mut w.h, step);
            check(&w.h);
        }
        take_down(&mut w.h);
    }
}
