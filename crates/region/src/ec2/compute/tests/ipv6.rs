//! Instances with IPv6 addresses: launched with them, shown, and their types' limits.

use super::super::testing::{World, text, texts};
use crate::compile::cell_config;
use crate::rows::Interface;
use ::types::Generation;
use std::rc::Rc;

const LAUNCH: &str = "ImageId=ami-micro&MinCount=1&MaxCount=1&InstanceType";

/// A subnet of the default VPC with the block 2001:db8:5c00:1::/64, and one without.
fn world() -> (World, String, String) {
    let mut w = World::new();
    let vpc = text(&w.ok("DescribeVpcs", ""), "vpcId");
    w.ok("AssociateVpcCidrBlock", &format!("VpcId={vpc}&AmazonProvidedIpv6CidrBlock=true"));
    let request = format!("VpcId={vpc}&CidrBlock=172.31.200.0/24&AvailabilityZone=us-east-1a&Ipv6CidrBlock=2001:db8:5c00:1::/64");
    let six = text(&w.ok("CreateSubnet", &request), "subnetId");
    let filter = "Filter.1.Name=default-for-az&Filter.1.Value.1=true&Filter.2.Name=availability-zone&Filter.2.Value.1=us-east-1a";
    let four = text(&w.ok("DescribeSubnets", filter), "subnetId");
    (w, six, four)
}

fn interfaces(w: &World, instance: &str) -> Vec<Rc<Interface>> {
    let ids = w.row(instance).interfaces.clone();
    ids.iter().map(|id| w.db.get::<Interface>(&w.caller.account, id).unwrap()).collect()
}

#[test]
fn launched_with_addresses() {
    let (mut w, six, _) = world();
    let nic =
        |rest: &str| format!("NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={six}&NetworkInterface.1.{rest}");
    for (more, count) in [
        (format!("SubnetId={six}"), 0),
        (format!("SubnetId={six}&Ipv6AddressCount=2"), 2),
        (format!("SubnetId={six}&Ipv6Address.1.Ipv6Address=2001:db8:5c00:1::a"), 1),
        (nic("Ipv6AddressCount=1"), 1),
        (nic("Ipv6Addresses.1.Ipv6Address=2001:db8:5c00:1::b"), 1),
    ] {
        let xml = w.ok("RunInstances", &format!("{LAUNCH}=t3.micro&{more}"));
        let id = text(&xml, "instanceId");
        let has = interfaces(&w, &id)[0].ipv6.clone();
        assert_eq!(has.len(), count, "{more}");
        // In the instance and in its interface; the first one once more by itself.
        let shown: Vec<String> = has.iter().map(|ip| ip.to_string()).collect();
        let in_list = texts(&xml, "ipv6Address");
        assert_eq!(in_list.len(), count + usize::from(count > 0), "{xml}");
        assert!(shown.iter().all(|ip| in_list.contains(ip)), "{xml}");
        for ip in &shown {
            for filter in ["ipv6-address", "network-interface.ipv6-addresses.ipv6-address"] {
                let xml = w.ok("DescribeInstances", &format!("Filter.1.Name={filter}&Filter.1.Value.1={ip}"));
                assert_eq!(texts(&xml, "instanceId").first(), Some(&id), "{filter}");
            }
        }
        let document = cell_config(&w.db, &w.settings, &w.row(&id).cell, Generation(1));
        let port = &document.instances.iter().find(|i| i.config.id.to_string() == id).unwrap().ports[0];
        assert_eq!((&port.ipv6, &port.metadata.as_ref().unwrap().ipv6), (&has, &has));
    }
    w.ok("ModifySubnetAttribute", &format!("SubnetId={six}&AssignIpv6AddressOnCreation.Value=true"));
    let xml = w.ok("RunInstances", &format!("ImageId=ami-micro&MinCount=2&MaxCount=2&InstanceType=t3.micro&SubnetId={six}"));
    let ids = texts(&xml, "instanceId").into_iter().filter(|i| i.starts_with("i-"));
    let all: Vec<_> = ids.flat_map(|i| interfaces(&w, &i)[0].ipv6.clone()).collect();
    assert!(all.len() == 2 && all[0] != all[1], "{all:?}");
}

#[test]
fn misuse_and_limits() {
    let (mut w, six, four) = world();
    let eni = format!("SubnetId={six}&Ipv6AddressCount=5");
    let eni = text(&w.ok("CreateNetworkInterface", &eni), "networkInterfaceId");
    let (here, there) = (format!("SubnetId={six}"), format!("SubnetId={four}"));
    let nic = "NetworkInterface.1.DeviceIndex=0";
    let named = "Ipv6Address.1.Ipv6Address=2001:db8:5c00:1::a";
    for (more, code) in [
        (format!("{there}&Ipv6AddressCount=1"), "InvalidParameterValue"),
        (format!("{there}&{named}"), "InvalidParameterValue"),
        (format!("{here}&{named}&Ipv6AddressCount=1"), "InvalidParameterCombination"),
        (format!("{here}&Ipv6Address.1.Ipv6Address=2001:db8:5c00:1::1"), "InvalidParameterValue"),
        (format!("{here}&Ipv6AddressCount=-1"), "InvalidParameterValue"),
        // t3.micro: 2 an interface.
        (format!("{here}&Ipv6AddressCount=3"), "PrivateIpAddressLimitExceeded"),
        (format!("{nic}&NetworkInterface.1.SubnetId={six}&Ipv6AddressCount=1"), "InvalidParameterCombination"),
        (format!("{nic}&NetworkInterface.1.NetworkInterfaceId={eni}"), "PrivateIpAddressLimitExceeded"),
        (
            format!("{nic}&NetworkInterface.1.NetworkInterfaceId={eni}&NetworkInterface.1.Ipv6AddressCount=1"),
            "InvalidParameterCombination",
        ),
        (format!("{nic}&NetworkInterface.1.SubnetId={six}&NetworkInterface.1.PrimaryIpv6=true"), "UnsupportedOperation"),
        (format!("{nic}&NetworkInterface.1.SubnetId={six}&NetworkInterface.1.Ipv6PrefixCount=1"), "UnsupportedOperation"),
        (format!("{here}&EnablePrimaryIpv6=true"), "UnsupportedOperation"),
    ] {
        assert_eq!(w.code("RunInstances", &format!("{LAUNCH}=t3.micro&{more}")), code, "{more}");
    }
    let many = format!("ImageId=ami-micro&MinCount=2&MaxCount=2&InstanceType=t3.micro&{here}&{named}");
    assert_eq!(w.code("RunInstances", &many), "InvalidParameterCombination");
    let id = text(&w.ok("RunInstances", &format!("{LAUNCH}=t3.micro&{here}&{named}")), "instanceId");
    assert_eq!(w.code("RunInstances", &format!("{LAUNCH}=t3.micro&{here}&{named}")), "InvalidIPAddress.InUse");
    let own = interfaces(&w, &id)[0].id;
    assert_eq!(
        w.code("AssignIpv6Addresses", &format!("NetworkInterfaceId={own}&Ipv6AddressCount=2")),
        "PrivateIpAddressLimitExceeded"
    );
    w.ok("AssignIpv6Addresses", &format!("NetworkInterfaceId={own}&Ipv6AddressCount=1"));
    assert_eq!(
        w.code("ModifyInstanceMetadataOptions", &format!("InstanceId={id}&HttpProtocolIpv6=enabled")),
        "UnsupportedOperation"
    );
    let types = w.ok("DescribeInstanceTypes", "InstanceType.1=t3.micro");
    assert!(types.contains("<ipv6AddressesPerInterface>2</ipv6AddressesPerInterface><ipv6Supported>true<"), "{types}");
}
