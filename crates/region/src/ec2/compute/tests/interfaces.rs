//! Interfaces of their own: made, attached, detached, launched with, left behind.

use super::super::testing::{World, text, texts};
use crate::compile;
use crate::rows::{Address, AttachmentStatus, Instance, Interface};
use ::types::Generation;
use std::collections::BTreeSet;
use std::rc::Rc;
use wire::host::VmState;

const LAUNCH: &str = "ImageId=ami-micro&MinCount=1&MaxCount=1&InstanceType";

fn subnets(w: &mut World) -> Vec<String> {
    texts(&w.ok("DescribeSubnets", "Filter.1.Name=availability-zone&Filter.1.Value.1=us-east-1a"), "subnetId")
}

/// Subnets of the default VPC: in us-east-1a, another there, in us-east-1b.
fn world() -> (World, [String; 3]) {
    let mut w = World::new();
    let a = subnets(&mut w).remove(0);
    let b = texts(&w.ok("DescribeSubnets", "Filter.1.Name=availability-zone&Filter.1.Value.1=us-east-1b"), "subnetId").remove(0);
    let vpc = text(&w.ok("DescribeVpcs", ""), "vpcId");
    let request = format!("VpcId={vpc}&CidrBlock=172.31.200.0/24&AvailabilityZone=us-east-1a");
    let second = text(&w.ok("CreateSubnet", &request), "subnetId");
    (w, [a, second, b])
}

fn create(w: &mut World, subnet: &str, more: &str) -> String {
    text(&w.ok("CreateNetworkInterface", &format!("SubnetId={subnet}&{more}")), "networkInterfaceId")
}

fn interface(w: &World, id: &str) -> Rc<Interface> {
    w.db.get::<Interface>(&w.caller.account, id).unwrap()
}

fn run(w: &mut World, subnet: &str, kind: &str) -> String {
    let id = text(&w.ok("RunInstances", &format!("{LAUNCH}={kind}&SubnetId={subnet}")), "instanceId");
    w.see(&id, VmState::Running);
    id
}

fn attach(w: &mut World, eni: &str, instance: &str, index: u32) -> String {
    let request = format!("NetworkInterfaceId={eni}&InstanceId={instance}&DeviceIndex={index}");
    text(&w.ok("AttachNetworkInterface", &request), "attachmentId")
}

#[test]
fn created_described_and_deleted() {
    let (mut w, [_, subnet, _]) = world();
    let tags =
        "TagSpecification.1.ResourceType=network-interface&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b";
    let reply = w.ok(
        "CreateNetworkInterface",
        &format!("SubnetId={subnet}&Description=spare&PrivateIpAddress=172.31.200.9&SecondaryPrivateIpAddressCount=2&{tags}"),
    );
    for part in ["<description>spare</description>", "<status>available</status>", "<key>a</key>", "<primary>false</primary>"] {
        assert!(reply.contains(part), "{part} in {reply}");
    }
    assert!(!reply.contains("<attachment>"), "{reply}");
    let id = text(&reply, "networkInterfaceId");
    assert_eq!((interface(&w, &id).ipv4.len(), interface(&w, &id).ipv4[0].to_string()), (3, "172.31.200.9".into()));
    let named = "PrivateIpAddresses.1.PrivateIpAddress=172.31.200.20&PrivateIpAddresses.2.PrivateIpAddress=172.31.200.10&PrivateIpAddresses.2.Primary=true";
    let other = create(&mut w, &subnet, named);
    assert_eq!(
        interface(&w, &other).ipv4.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["172.31.200.10", "172.31.200.20"]
    );
    let rows = [
        ("PrivateIpAddress=172.31.200.9".to_owned(), "InvalidIPAddress.InUse"),
        ("PrivateIpAddress=172.31.200.2".to_owned(), "InvalidParameterValue"),
        ("PrivateIpAddress=10.0.0.9".to_owned(), "InvalidParameterValue"),
        ("PrivateIpAddress=x".to_owned(), "InvalidParameterValue"),
        ("SecurityGroupId.1=sg-00000000000000000".to_owned(), "InvalidGroup.NotFound"),
        ("SecondaryPrivateIpAddressCount=50".to_owned(), "PrivateIpAddressLimitExceeded"),
        ("SecondaryPrivateIpAddressCount=-1".to_owned(), "InvalidParameterValue"),
        (format!("{named}&PrivateIpAddress=172.31.200.11"), "InvalidParameterCombination"),
        (format!("{named}&SecondaryPrivateIpAddressCount=1"), "InvalidParameterCombination"),
        ("Ipv6AddressCount=1".to_owned(), "InvalidParameterValue"),
        ("Ipv6PrefixCount=1".to_owned(), "UnsupportedOperation"),
        ("EnablePrimaryIpv6=true".to_owned(), "UnsupportedOperation"),
    ];
    for (parameters, code) in rows {
        assert_eq!(w.code("CreateNetworkInterface", &format!("SubnetId={subnet}&{parameters}")), code, "{parameters}");
    }
    w.ok("DeleteNetworkInterface", &format!("NetworkInterfaceId={id}"));
    assert_eq!(w.code("DeleteNetworkInterface", &format!("NetworkInterfaceId={id}")), "InvalidNetworkInterfaceID.NotFound");
    assert!(w.ok("DescribeTags", "").contains("<tagSet/>"));
}

#[test]
fn attached_to_a_running_instance_when_its_machine_has_it() {
    let (mut w, [subnet, second, far]) = world();
    let id = run(&mut w, &subnet, "t3.small");
    let eni = create(&mut w, &second, "");
    let attachment = attach(&mut w, &eni, &id, 2);
    let shown = w.ok("DescribeNetworkInterfaces", &format!("NetworkInterfaceId.1={eni}"));
    assert!(shown.contains("<status>attaching</status>") && shown.contains("<status>in-use</status>"), "{shown}");
    assert!(shown.contains("<deleteOnTermination>false</deleteOnTermination>"));
    assert_eq!(w.row(&id).interfaces.len(), 2);
    // An older report does not have it.
    let mut report = w.report(&id, VmState::Running);
    report.interfaces.pop();
    w.observe(&report);
    assert_eq!(interface(&w, &eni).attachment.as_ref().unwrap().status, AttachmentStatus::Attaching);
    w.see(&id, VmState::Running);
    assert_eq!(interface(&w, &eni).attachment.as_ref().unwrap().status, AttachmentStatus::Attached);

    let (spare, other_zone) = (create(&mut w, &second, ""), create(&mut w, &far, ""));
    let wide = create(&mut w, &second, "SecondaryPrivateIpAddressCount=4");
    let pending = text(&w.ok("RunInstances", &format!("{LAUNCH}=t3.small&SubnetId={subnet}")), "instanceId");
    let rows = [
        (format!("NetworkInterfaceId={eni}&InstanceId={id}&DeviceIndex=1"), "InvalidNetworkInterface.InUse"),
        (format!("NetworkInterfaceId={spare}&InstanceId={id}&DeviceIndex=2"), "InvalidParameterValue"),
        (format!("NetworkInterfaceId={spare}&InstanceId={id}&DeviceIndex=0"), "InvalidParameterValue"),
        (format!("NetworkInterfaceId={spare}&InstanceId={id}&DeviceIndex=32"), "InvalidParameterValue"),
        (format!("NetworkInterfaceId={other_zone}&InstanceId={id}&DeviceIndex=1"), "InvalidParameterCombination"),
        (format!("NetworkInterfaceId={wide}&InstanceId={id}&DeviceIndex=1"), "PrivateIpAddressLimitExceeded"),
        (format!("NetworkInterfaceId={spare}&InstanceId={pending}&DeviceIndex=1"), "IncorrectState"),
        (format!("NetworkInterfaceId={spare}&InstanceId=i-00000000000000000&DeviceIndex=1"), "InvalidInstanceID.NotFound"),
        (format!("NetworkInterfaceId=eni-00000000000000000&InstanceId={id}&DeviceIndex=1"), "InvalidNetworkInterfaceID.NotFound"),
        (format!("NetworkInterfaceId={spare}&InstanceId={id}&DeviceIndex=1&NetworkCardIndex=1"), "InvalidParameterValue"),
    ];
    for (parameters, code) in rows {
        assert_eq!(w.code("AttachNetworkInterface", &parameters), code, "{parameters}");
    }
    attach(&mut w, &spare, &id, 1);
    let last = create(&mut w, &second, "");
    let e = w.call("AttachNetworkInterface", &format!("NetworkInterfaceId={last}&InstanceId={id}&DeviceIndex=3")).unwrap_err();
    assert_eq!(
        (e.code.as_ref(), e.message.as_str()),
        ("AttachmentLimitExceeded", "Interface count 4 exceeds the limit for t3.small")
    );
    // By device index, whatever came first.
    assert_eq!(w.row(&id).interfaces[1].to_string(), spare);
    assert_eq!(w.code("DeleteNetworkInterface", &format!("NetworkInterfaceId={eni}")), "InvalidParameterValue");

    // Which interface does an operation on the instance mean?
    for (action, parameters) in [
        ("ModifyInstanceAttribute", "SourceDestCheck.Value=false"),
        ("ModifyInstanceAttribute", "GroupId.1={sg}"),
        ("AssociateAddress", "AllocationId={eip}"),
    ] {
        let eip = text(&w.ok("AllocateAddress", ""), "allocationId");
        let group = w.db.get::<Interface>(&w.caller.account, &eni).unwrap().groups[0].to_string();
        let request = format!("InstanceId={id}&{}", parameters.replace("{sg}", &group).replace("{eip}", &eip));
        assert_eq!(w.code(action, &request), "InvalidInstanceID", "{request}");
    }

    // Away again: when the machine has lost it.
    w.see(&id, VmState::Running);
    w.ok("DetachNetworkInterface", &format!("AttachmentId={attachment}"));
    w.ok("DetachNetworkInterface", &format!("AttachmentId={attachment}&Force=true"));
    assert!(w.ok("DescribeNetworkInterfaces", &format!("NetworkInterfaceId.1={eni}")).contains("<status>detaching</status>"));
    assert_eq!(w.code("DeleteNetworkInterface", &format!("NetworkInterfaceId={eni}")), "InvalidParameterValue");
    let mut before = w.report(&id, VmState::Running);
    before.interfaces.push(eni.parse().unwrap());
    w.observe(&before);
    assert!(interface(&w, &eni).attachment.is_some());
    w.see(&id, VmState::Running);
    assert!(interface(&w, &eni).attachment.is_none());
    assert_eq!(w.row(&id).interfaces.len(), 2);
    assert_eq!(w.code("DetachNetworkInterface", &format!("AttachmentId={attachment}")), "InvalidAttachmentID.NotFound");
    let primary = interface(&w, &w.row(&id).interfaces[0].to_string());
    let primary = primary.attachment.as_ref().unwrap().id;
    assert_eq!(w.code("DetachNetworkInterface", &format!("AttachmentId={primary}")), "OperationNotPermitted");
    w.ok("DeleteNetworkInterface", &format!("NetworkInterfaceId={eni}"));
}

#[test]
fn a_stopped_instance_gets_and_loses_them_at_once() {
    let (mut w, [subnet, second, _]) = world();
    let id = run(&mut w, &subnet, "t3.micro");
    let eni = create(&mut w, &second, "");
    let attachment = attach(&mut w, &eni, &id, 1);
    w.ok("StopInstances", &format!("InstanceId.1={id}"));
    assert_eq!(interface(&w, &eni).attachment.as_ref().unwrap().status, AttachmentStatus::Attaching);
    w.see(&id, VmState::Stopped { by_guest: false });
    assert_eq!(interface(&w, &eni).attachment.as_ref().unwrap().status, AttachmentStatus::Attached);
    // With two interfaces it gets no automatic public address any more.
    w.ok("StartInstances", &format!("InstanceId.1={id}"));
    assert!(w.db.list::<Interface>(&w.caller.account).all(|i| i.auto_public_ip.is_none()));
    w.see(&id, VmState::Running);
    w.ok("StopInstances", &format!("InstanceId.1={id}"));
    w.see(&id, VmState::Stopped { by_guest: false });
    assert_eq!(
        w.code("ModifyInstanceAttribute", &format!("InstanceId={id}&InstanceType.Value=t9.huge")),
        "InvalidParameterValue"
    );
    w.ok("DetachNetworkInterface", &format!("AttachmentId={attachment}"));
    assert!(interface(&w, &eni).attachment.is_none());
    w.ok("StartInstances", &format!("InstanceId.1={id}"));
    assert!(w.db.list::<Interface>(&w.caller.account).any(|i| i.auto_public_ip.is_some()));
    // A type that allows fewer is refused while they are there.
    let big = run(&mut w, &subnet, "t3.small");
    for n in 1..3 {
        let eni = create(&mut w, &second, "SecondaryPrivateIpAddressCount=1");
        attach(&mut w, &eni, &big, n);
    }
    w.ok("StopInstances", &format!("InstanceId.1={big}"));
    w.see(&big, VmState::Stopped { by_guest: false });
    let smaller = format!("InstanceId={big}&InstanceType.Value=t3.micro");
    assert_eq!(w.code("ModifyInstanceAttribute", &smaller), "AttachmentLimitExceeded");
}

#[test]
fn launches_with_several_interfaces() {
    let (mut w, [subnet, second, far]) = world();
    let kept = create(&mut w, &second, "Description=kept");
    let request = format!(
        "{LAUNCH}=t3.small&NetworkInterface.1.DeviceIndex=1&NetworkInterface.1.NetworkInterfaceId={kept}\
         &NetworkInterface.2.DeviceIndex=0&NetworkInterface.2.SubnetId={subnet}&NetworkInterface.2.SecondaryPrivateIpAddressCount=2\
         &NetworkInterface.3.DeviceIndex=2&NetworkInterface.3.SubnetId={second}&NetworkInterface.3.PrivateIpAddress=172.31.200.77\
         &NetworkInterface.3.DeleteOnTermination=false\
         &TagSpecification.1.ResourceType=network-interface&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b"
    );
    let reply = w.ok("RunInstances", &request);
    let id = text(&reply, "instanceId");
    assert_eq!(texts(&reply, "deviceIndex"), ["0", "1", "2"]);
    let row = w.row(&id);
    let [a, b, c] = [0, 1, 2].map(|n| interface(&w, &row.interfaces[n].to_string()));
    assert_eq!((a.ipv4.len(), b.id.to_string(), c.ipv4[0].to_string()), (3, kept.clone(), "172.31.200.77".to_owned()));
    // The subnet gives public addresses, but not to one of several interfaces.
    assert!([&a, &b, &c].iter().all(|i| i.auto_public_ip.is_none()));
    assert!(w.ok("DescribeTags", "").matches("<resourceType>network-interface</resourceType>").count() == 2);
    let one = |more: &str| format!("{LAUNCH}=t3.micro&NetworkInterface.1.DeviceIndex=0&{more}");
    let free = create(&mut w, &second, "");
    let two = format!("NetworkInterface.1.SubnetId={subnet}&NetworkInterface.2.SubnetId={second}&NetworkInterface.2.DeviceIndex");
    let rows = [
        (one(&format!("NetworkInterface.1.NetworkInterfaceId={kept}")), "InvalidNetworkInterface.InUse"),
        (one("NetworkInterface.1.NetworkInterfaceId=eni-00000000000000000"), "InvalidNetworkInterfaceID.NotFound"),
        (
            one(&format!("NetworkInterface.1.NetworkInterfaceId={free}&NetworkInterface.1.SubnetId={second}")),
            "InvalidParameterCombination",
        ),
        (
            one(&format!("NetworkInterface.1.NetworkInterfaceId={free}&NetworkInterface.1.AssociatePublicIpAddress=true")),
            "InvalidParameterCombination",
        ),
        (
            one(&format!("NetworkInterface.1.NetworkInterfaceId={free}")).replace("MaxCount=1", "MaxCount=2"),
            "InvalidParameterCombination",
        ),
        (one("NetworkInterface.1.SecondaryPrivateIpAddressCount=2"), "PrivateIpAddressLimitExceeded"),
        (one(&format!("{two}=0")), "InvalidParameterValue"),
        (one(&format!("{two}=1&NetworkInterface.1.AssociatePublicIpAddress=true")), "InvalidParameterCombination"),
        (
            one(&format!("{two}=1&NetworkInterface.2.SubnetId={far}")
                .replace(&format!("2.SubnetId={second}&"), "2.Description=x&")),
            "InvalidParameterCombination",
        ),
        (
            one(&format!("{two}=1&NetworkInterface.3.DeviceIndex=2&NetworkInterface.3.SubnetId={second}")),
            "AttachmentLimitExceeded",
        ),
        (one("").replace("DeviceIndex=0", "DeviceIndex=1"), "InvalidParameterValue"),
        (one("SubnetId=subnet-00000000000000000"), "InvalidParameterCombination"),
    ];
    for (parameters, code) in rows {
        assert_eq!(w.code("RunInstances", &parameters), code, "{parameters}");
    }
    assert!(interface(&w, &free).attachment.is_none());

    // What stays when the instance goes.
    w.see(&id, VmState::Running);
    w.ok("TerminateInstances", &format!("InstanceId.1={id}"));
    w.see(&id, VmState::Gone);
    let left: Vec<String> = w.db.list::<Interface>(&w.caller.account).map(|i| i.id.to_string()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(left.contains(&kept) && left.contains(&c.id.to_string()) && left.contains(&free));
    assert!(w.db.list::<Interface>(&w.caller.account).all(|i| i.attachment.is_none()));
    // And it may be launched with again.
    let again = text(&w.ok("RunInstances", &one(&format!("NetworkInterface.1.NetworkInterfaceId={kept}"))), "instanceId");
    assert_eq!(w.db.get::<Instance>(&w.caller.account, &again).unwrap().interfaces[0].to_string(), kept);
}

#[test]
fn secondary_addresses_come_go_and_move_with_their_elastic_ones() {
    let (mut w, [subnet, second, _]) = world();
    let id = run(&mut w, &subnet, "t3.small");
    let (one, two) = (create(&mut w, &second, ""), create(&mut w, &second, ""));
    attach(&mut w, &one, &id, 1);
    let reply = w.ok("AssignPrivateIpAddresses", &format!("NetworkInterfaceId={one}&PrivateIpAddress.1=172.31.200.50"));
    assert!(reply.contains("<privateIpAddress>172.31.200.50</privateIpAddress>"), "{reply}");
    w.ok("AssignPrivateIpAddresses", &format!("NetworkInterfaceId={one}&SecondaryPrivateIpAddressCount=2"));
    assert_eq!(interface(&w, &one).ipv4.len(), 4);
    let address = text(&w.ok("AllocateAddress", ""), "allocationId");
    w.ok("AssociateAddress", &format!("AllocationId={address}&NetworkInterfaceId={one}&PrivateIpAddress=172.31.200.50"));
    let primary = interface(&w, &two).ipv4[0];
    let rows = [
        (
            "AssignPrivateIpAddresses",
            format!("NetworkInterfaceId={one}&SecondaryPrivateIpAddressCount=1"),
            "PrivateIpAddressLimitExceeded",
        ),
        (
            "AssignPrivateIpAddresses",
            format!("NetworkInterfaceId={two}&PrivateIpAddress.1=172.31.200.50"),
            "InvalidParameterValue",
        ),
        (
            "AssignPrivateIpAddresses",
            format!("NetworkInterfaceId={one}&PrivateIpAddress.1={primary}&AllowReassignment=true"),
            "PrivateIpAddressLimitExceeded",
        ),
        ("AssignPrivateIpAddresses", format!("NetworkInterfaceId={two}"), "MissingParameter"),
        (
            "AssignPrivateIpAddresses",
            format!("NetworkInterfaceId={two}&PrivateIpAddress.1=172.31.201.1"),
            "InvalidParameterValue",
        ),
        ("UnassignPrivateIpAddresses", format!("NetworkInterfaceId={two}&PrivateIpAddress.1={primary}"), "InvalidParameterValue"),
        (
            "UnassignPrivateIpAddresses",
            format!("NetworkInterfaceId={two}&PrivateIpAddress.1=172.31.200.50"),
            "InvalidParameterValue",
        ),
        ("ReleaseAddress", format!("AllocationId={address}"), "InvalidIPAddress.InUse"),
    ];
    for (action, parameters, code) in rows {
        assert_eq!(w.code(action, &parameters), code, "{action} {parameters}");
    }
    w.ok(
        "AssignPrivateIpAddresses",
        &format!("NetworkInterfaceId={two}&PrivateIpAddress.1=172.31.200.50&AllowReassignment=true"),
    );
    assert_eq!((interface(&w, &one).ipv4.len(), interface(&w, &two).ipv4.len()), (3, 2));
    let row = w.db.get::<Address>(&w.caller.account, &address).unwrap();
    assert_eq!(row.association.as_ref().unwrap().interface.to_string(), two);
    let message = format!("NetworkInterfaceId={one}&PrivateIpAddress.1={primary}&AllowReassignment=true");
    assert_eq!(w.code("AssignPrivateIpAddresses", &message), "InvalidParameterValue");
    w.ok("UnassignPrivateIpAddresses", &format!("NetworkInterfaceId={two}&PrivateIpAddress.1=172.31.200.50"));
    assert!(w.db.get::<Address>(&w.caller.account, &address).unwrap().association.is_none());
}

#[test]
fn what_hosts_and_the_edge_are_told() {
    let (mut w, [subnet, second, _]) = world();
    let id = run(&mut w, &subnet, "t3.small");
    let eni = create(&mut w, &second, "SecondaryPrivateIpAddressCount=1");
    let attachment = attach(&mut w, &eni, &id, 2);
    let secondary = interface(&w, &eni).ipv4[1];
    let address = w.ok("AllocateAddress", "");
    let (allocation, public) = (text(&address, "allocationId"), text(&address, "publicIp"));
    w.ok("AssociateAddress", &format!("AllocationId={allocation}&NetworkInterfaceId={eni}&PrivateIpAddress={secondary}"));
    let cell = w.row(&id).cell.clone();
    let told = |w: &World| compile::cell_config(&w.db, &w.settings, &cell, Generation(1)).instances.remove(0);
    let here = told(&w);
    assert_eq!((here.config.interfaces.len(), here.config.interfaces_max), (2, 3));
    let port = here.ports.iter().find(|p| p.id.to_string() == eni).unwrap();
    assert_eq!(port.metadata.as_ref().unwrap().device_number, 2);
    assert_eq!((port.ipv4.len(), port.public[0].private, port.public[0].public.to_string()), (2, secondary, public.clone()));
    // t3.small: 0.128 Gbit/s, for a while 5.
    let rate = port.rate.unwrap();
    assert_eq!((rate.bytes_per_second, rate.burst_bytes), (16_000_000, (625_000_000 - 16_000_000) * 300));
    assert_eq!(rate.packets_per_second, 500_000);
    // The instance's, not each interface's.
    let of: BTreeSet<_> = here.ports.iter().map(|p| (p.rate_of.map(|i| i.to_string()), p.rate.unwrap().burst_bytes)).collect();
    assert_eq!(of.into_iter().collect::<Vec<_>>(), [(Some(id.clone()), rate.burst_bytes)]);
    let edge = |w: &World| compile::edge_config(&w.db, &w.settings, Generation(1)).addresses;
    assert!(edge(&w).iter().any(|a| a.public.to_string() == public && a.instance.is_some()));
    w.ok("DetachNetworkInterface", &format!("AttachmentId={attachment}"));
    assert_eq!((told(&w).config.interfaces.len(), told(&w).ports.len()), (1, 1));
    assert!(edge(&w).iter().all(|a| a.public.to_string() != public));
}

#[test]
fn attributes_one_at_a_time() {
    let (mut w, [subnet, second, _]) = world();
    let id = run(&mut w, &subnet, "t3.micro");
    let eni = create(&mut w, &second, "");
    let attachment = attach(&mut w, &eni, &id, 1);
    let of = format!("NetworkInterfaceId={eni}");
    let vpc = text(&w.ok("DescribeVpcs", ""), "vpcId");
    let group = text(&w.ok("CreateSecurityGroup", &format!("VpcId={vpc}&GroupName=g&GroupDescription=d")), "groupId");
    for change in [
        "Description.Value=other".to_owned(),
        "SourceDestCheck.Value=false".to_owned(),
        format!("SecurityGroupId.1={group}"),
        format!("Attachment.AttachmentId={attachment}&Attachment.DeleteOnTermination=true"),
    ] {
        w.ok("ModifyNetworkInterfaceAttribute", &format!("{of}&{change}"));
    }
    for (attribute, part) in [
        ("description", "<description><value>other</value>".to_owned()),
        ("sourceDestCheck", "<sourceDestCheck><value>false</value>".to_owned()),
        ("groupSet", format!("<groupId>{group}</groupId>")),
        ("attachment", "<deleteOnTermination>true</deleteOnTermination>".to_owned()),
        ("associatePublicIpAddress", "<associatePublicIpAddress>false</associatePublicIpAddress>".to_owned()),
    ] {
        let reply = w.ok("DescribeNetworkInterfaceAttribute", &format!("{of}&Attribute={attribute}"));
        assert!(reply.contains(&part), "{part} in {reply}");
    }
    w.ok("ResetNetworkInterfaceAttribute", &format!("{of}&SourceDestCheck=true"));
    assert!(interface(&w, &eni).source_dest_check);
    let rows = [
        ("ModifyNetworkInterfaceAttribute", String::new(), "InvalidParameterCombination"),
        (
            "ModifyNetworkInterfaceAttribute",
            "Description.Value=x&SourceDestCheck.Value=true".to_owned(),
            "InvalidParameterCombination",
        ),
        (
            "ModifyNetworkInterfaceAttribute",
            "Attachment.AttachmentId=eni-attach-00000000000000000&Attachment.DeleteOnTermination=true".to_owned(),
            "InvalidAttachmentID.NotFound",
        ),
        ("ModifyNetworkInterfaceAttribute", format!("Attachment.AttachmentId={attachment}"), "MissingParameter"),
        ("ModifyNetworkInterfaceAttribute", "EnablePrimaryIpv6=true".to_owned(), "UnsupportedOperation"),
        ("DescribeNetworkInterfaceAttribute", "Attribute=colour".to_owned(), "InvalidParameterValue"),
        ("DescribeNetworkInterfaceAttribute", String::new(), "MissingParameter"),
        ("ResetNetworkInterfaceAttribute", String::new(), "InvalidParameterCombination"),
    ];
    for (action, parameters, code) in rows {
        assert_eq!(w.code(action, &format!("{of}&{parameters}")), code, "{action} {parameters}");
    }
    // It was told to go with its instance.
    w.ok("TerminateInstances", &format!("InstanceId.1={id}"));
    w.see(&id, VmState::Gone);
    assert_eq!(w.code("DescribeNetworkInterfaces", &format!("NetworkInterfaceId.1={eni}")), "InvalidNetworkInterfaceID.NotFound");
    let address = text(&w.ok("AllocateAddress", ""), "allocationId");
    let name = format!("AllocationId={address}&DomainName=a.example");
    assert_eq!(w.code("ModifyAddressAttribute", &name), "UnsupportedOperation");
    w.ok("ResetAddressAttribute", &format!("AllocationId={address}&Attribute=domain-name"));
}
