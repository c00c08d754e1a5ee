//! RunInstances and what is seen of instances.

use super::super::testing::{World, principal, text, texts};
use crate::context::Question;
use crate::rows::{Instance, Interface, PublicIp, TagSet};
use types::TimestampMs;
use wire::host::VmState;

const RUN: &str = "ImageId=ami-micro&InstanceType=t3.micro&MinCount=1&MaxCount=1";

fn nothing_left(w: &World) -> bool {
    w.db.all::<Instance>().next().is_none()
        && w.db.all::<Interface>().next().is_none()
        && w.db.all::<PublicIp>().next().is_none()
        && w.db.all::<TagSet>().next().is_none()
}

#[test]
fn a_launch_from_request_to_running() {
    let mut w = World::new();
    w.ok("CreateKeyPair", "KeyName=k&KeyType=ed25519");
    let reply = w.ok(
        "RunInstances",
        &format!(
            "{RUN}&KeyName=k&UserData=aGVsbG8%3D&Placement.AvailabilityZone=us-east-1a&MetadataOptions.HttpTokens=required\
             &BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.VolumeSize=4&BlockDeviceMapping.1.Ebs.VolumeType=gp2\
             &TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=web\
             &TagSpecification.2.ResourceType=volume&TagSpecification.2.Tag.1.Key=Name&TagSpecification.2.Tag.1.Value=disk"
        ),
    );
    let id = text(&reply, "instanceId");
    let row = w.row(&id);
    assert_eq!(text(&reply, "name"), "pending");
    let public = text(&reply, "ipAddress");
    assert_eq!(text(&reply, "dnsName"), format!("ec2-{}.compute-1.amazonaws.com", public.replace('.', "-")));
    let private = text(&reply, "privateIpAddress");
    assert_eq!(text(&reply, "privateDnsName"), format!("ip-{}.ec2.internal", private.replace('.', "-")));
    assert_eq!(text(&reply, "httpTokens"), "required");
    match w.asked.as_slice() {
        [Question::Claim { cell, request }] => {
            assert_eq!(cell.as_str(), "a1");
            assert_eq!((request.instances.as_slice(), request.count_min), ([row.id].as_slice(), 1));
            let size = request.size;
            assert_eq!((size.vcpus, size.memory_mib, size.disk_gib), (2, 1024, 4));
            assert_eq!(request.on_host, None);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!((row.host.as_str(), row.boot), ("a1-h1", 1));

    let status = w.ok("DescribeInstanceStatus", &format!("InstanceId.1={id}&IncludeAllInstances=true"));
    assert_eq!(texts(&status, "status")[0], "initializing");
    w.see(&id, VmState::Starting);
    assert_eq!(w.state(&id), "pending");
    let mut report = w.report(&id, VmState::Running);
    report.reachability = wire::host::Reachability::Ok;
    w.observe(&report);
    assert_eq!(w.state(&id), "running");
    let status = w.ok("DescribeInstanceStatus", "Filter.1.Name=instance-status.status&Filter.1.Value.1=ok");
    assert_eq!(texts(&status, "instanceId"), [id.as_str()]);

    let volumes = w.ok("DescribeVolumes", &format!("Filter.1.Name=attachment.instance-id&Filter.1.Value.1={id}"));
    assert_eq!(
        (text(&volumes, "size"), text(&volumes, "volumeType"), text(&volumes, "iops")),
        ("4".into(), "gp2".into(), "100".into())
    );
    assert_eq!(text(&volumes, "value"), "disk");
    let console = w.ok("GetConsoleOutput", &format!("InstanceId={id}&Latest=true"));
    assert_eq!(text(&console, "output"), "Ym9vdGVkCg==");
    let data = w.ok("DescribeInstanceAttribute", &format!("InstanceId={id}&Attribute=userData"));
    assert_eq!(text(&data, "value"), "aGVsbG8=");
    let credits = w.ok("DescribeInstanceCreditSpecifications", &format!("InstanceId.1={id}"));
    assert_eq!(text(&credits, "cpuCredits"), "unlimited");
}

#[test]
fn filters_find_instances() {
    let mut w = World::new();
    let tagged = "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=role&TagSpecification.1.Tag.1.Value=web";
    let web = w.launch(1, tagged).remove(0);
    let other = w.launch(1, "").remove(0);
    w.see(&web, VmState::Running);
    let reply = w.ok("DescribeInstances", &format!("InstanceId.1={web}"));
    let group = text(&reply, "groupId");
    let mine = [
        ("tag:role", "web".to_owned()),
        ("instance-state-name", "running".into()),
        ("instance-state-code", "16".into()),
        ("private-ip-address", text(&reply, "privateIpAddress")),
        ("ip-address", text(&reply, "ipAddress")),
        ("dns-name", text(&reply, "dnsName")),
        ("private-dns-name", text(&reply, "privateDnsName")),
        ("reservation-id", text(&reply, "reservationId")),
        ("network-interface.network-interface-id", text(&reply, "networkInterfaceId")),
        ("network-interface.mac-address", text(&reply, "macAddress")),
        ("network-interface.addresses.private-ip-address", text(&reply, "privateIpAddress")),
        ("network-interface.association.public-ip", text(&reply, "publicIp")),
        ("block-device-mapping.volume-id", text(&reply, "volumeId")),
    ];
    for (name, value) in mine {
        let found = w.ok("DescribeInstances", &format!("Filter.1.Name={name}&Filter.1.Value.1={value}"));
        let reservations = texts(&found, "reservationId").len();
        assert_eq!((reservations, text(&found, "instanceId")), (1, web.clone()), "{name}={value}");
    }
    for (name, value) in
        [("vpc-id", text(&reply, "vpcId")), ("instance.group-id", group), ("availability-zone", "us-east-1?".into())]
    {
        let found = w.ok("DescribeInstances", &format!("Filter.1.Name={name}&Filter.1.Value.1={value}"));
        assert_eq!(texts(&found, "reservationId").len(), 2, "{name}={value}");
    }
    // Every name that is listed is known.
    for name in super::super::describe::FILTERS {
        w.ok("DescribeInstances", &format!("Filter.1.Name={name}&Filter.1.Value.1=nothing"));
    }
    assert_eq!(w.code("DescribeInstances", "Filter.1.Name=colour&Filter.1.Value.1=red"), "InvalidParameterValue");
    assert_eq!(w.code("DescribeInstances", "InstanceId.1=i-0123456789abcdef0"), "InvalidInstanceID.NotFound");
    assert_eq!(w.code("DescribeInstances", "InstanceId.1=x"), "InvalidInstanceID.Malformed");
    assert_eq!(w.code("DescribeInstances", &format!("InstanceId.1={other}&MaxResults=5")), "InvalidParameterCombination");
    // Another account sees nothing.
    w.caller = principal("999999999999");
    assert_eq!(texts(&w.ok("DescribeInstances", ""), "instanceId"), Vec::<String>::new());
    assert_eq!(w.code("TerminateInstances", &format!("InstanceId.1={web}")), "InvalidInstanceID.NotFound");
}

#[test]
fn what_is_refused_leaves_nothing() {
    let big_data = "A".repeat(24_000);
    let rows: Vec<(&str, String, &str)> = vec![
        ("no image", "InstanceType=t3.micro&MinCount=1&MaxCount=1".into(), "MissingParameter"),
        ("no such image", RUN.replace("ami-micro", "ami-0123456789abcdef0"), "InvalidAMIID.NotFound"),
        ("malformed image", RUN.replace("ami-micro", "debian"), "InvalidAMIID.Malformed"),
        ("no such parameter", RUN.replace("ami-micro", "resolve:ssm:/x"), "InvalidParameterValue"),
        ("no such type", RUN.replace("t3.micro", "t3.giant"), "InvalidParameterValue"),
        ("no count", "ImageId=ami-micro&InstanceType=t3.micro&MaxCount=1".into(), "MissingParameter"),
        ("zero", RUN.replace("MinCount=1", "MinCount=0"), "InvalidParameterValue"),
        ("min over max", RUN.replace("MinCount=1", "MinCount=2"), "InvalidParameterCombination"),
        ("too many", RUN.replace("MaxCount=1", "MaxCount=2001"), "InstanceLimitExceeded"),
        ("too many vCPUs", RUN.replace("t3.micro", "m6i.32xlarge").replace("MaxCount=1", "MaxCount=33"), "VcpuLimitExceeded"),
        ("no such subnet", format!("{RUN}&SubnetId=subnet-0123456789abcdef0"), "InvalidSubnetID.NotFound"),
        ("no such group", format!("{RUN}&SecurityGroupId.1=sg-0123456789abcdef0"), "InvalidGroup.NotFound"),
        ("no such group name", format!("{RUN}&SecurityGroup.1=nobody"), "InvalidGroup.NotFound"),
        ("no such key", format!("{RUN}&KeyName=nobody"), "InvalidKeyPair.NotFound"),
        ("no such zone", format!("{RUN}&Placement.AvailabilityZone=us-east-1z"), "InvalidParameterValue"),
        ("no such tenancy", format!("{RUN}&Placement.Tenancy=alone"), "InvalidParameterValue"),
        ("user data is not base64", format!("{RUN}&UserData=%21%21"), "InvalidParameterValue"),
        ("user data too long", format!("{RUN}&UserData={big_data}"), "InvalidParameterValue"),
        ("shutdown behaviour", format!("{RUN}&InstanceInitiatedShutdownBehavior=explode"), "InvalidParameterValue"),
        ("hop limit", format!("{RUN}&MetadataOptions.HttpPutResponseHopLimit=65"), "InvalidParameterValue"),
        ("address outside", format!("{RUN}&PrivateIpAddress=10.99.0.1"), "InvalidParameterValue"),
        ("address is none", format!("{RUN}&PrivateIpAddress=ten"), "InvalidParameterValue"),
        (
            "one address for two",
            format!("{}&PrivateIpAddress=172.31.0.9", RUN.replace("MaxCount=1", "MaxCount=2")),
            "InvalidParameterCombination",
        ),
        (
            "interface and subnet",
            format!("{RUN}&NetworkInterface.1.DeviceIndex=0&SubnetId=subnet-0123456789abcdef0"),
            "InvalidParameterCombination",
        ),
        (
            "two interfaces at one place",
            format!("{RUN}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.2.DeviceIndex=0"),
            "InvalidParameterValue",
        ),
        (
            "second disk",
            format!("{RUN}&BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=1"),
            "UnsupportedOperation",
        ),
        (
            "small disk",
            format!("{RUN}&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.VolumeSize=0"),
            "InvalidBlockDeviceMapping",
        ),
        (
            "io2",
            format!("{RUN}&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.VolumeType=io2"),
            "UnsupportedOperation",
        ),
        ("no such profile", format!("{RUN}&IamInstanceProfile.Name=x"), "InvalidParameterValue"),
        ("capacity block", format!("{RUN}&InstanceMarketOptions.MarketType=capacity-block"), "UnsupportedOperation"),
        (
            "tags of what is not made",
            format!("{RUN}&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b"),
            "InvalidParameterValue",
        ),
        ("no room", RUN.replace("t3.micro", "m5.4xlarge"), "InsufficientInstanceCapacity"),
        ("dry run", format!("{RUN}&DryRun=true"), "DryRunOperation"),
        (
            "credits of a fixed type",
            format!("{}&CreditSpecification.CpuCredits=unlimited", RUN.replace("t3.micro", "c5.large")),
            "InvalidParameterCombination",
        ),
    ];
    let mut w = World::new();
    for (what, parameters, code) in rows {
        assert_eq!(w.code("RunInstances", &parameters), code, "{what}");
        assert!(nothing_left(&w), "{what}");
        assert!(w.claims.is_empty(), "{what}");
    }
    w.silent = true;
    assert_eq!(w.code("RunInstances", RUN), "Unavailable");
    assert!(nothing_left(&w));
}

#[test]
fn a_launch_that_leaves_the_zone_open_goes_where_a_cell_answers() {
    for dark in ["us-east-1a", "us-east-1b"] {
        let mut w = World::new();
        w.silent_zone = Some(dark);
        w.call("RunInstances", RUN).unwrap();
        let row = w.db.all::<Instance>().next().unwrap();
        assert_ne!(row.az.as_str(), dark);
        assert_eq!(w.db.all::<Interface>().count(), 1, "nothing of the failed try is left");
        // Who names the dark zone gets the truth.
        let named = format!("{RUN}&Placement.AvailabilityZone={dark}");
        assert_eq!(w.code("RunInstances", &named), "Unavailable");
    }
}

#[test]
fn an_impaired_zone_takes_no_launches_and_goes_on_with_what_it_has() {
    let mut w = World::new();
    let a = "us-east-1a";
    let there = format!("{RUN}&Placement.AvailabilityZone={a}");
    w.call("RunInstances", &there).unwrap();
    let old = w.db.all::<Instance>().next().unwrap().id;
    w.see(&old.to_string(), VmState::Running);
    let set = |w: &mut World, zone: &str, impaired| {
        let request = wire::api::ZoneRequest { zone: zone.parse().unwrap(), impaired };
        let outcome = crate::zones::set(&mut w.db, &w.settings, w.now, request);
        w.db.take_mutations();
        outcome
    };
    assert_eq!(set(&mut w, "us-east-1f", true).unwrap_err(), "us-east-1a, us-east-1b");
    assert!(set(&mut w, a, true).unwrap().changed);
    assert!(!set(&mut w, a, true).unwrap().changed);
    let asked = w.asked.len();
    for _ in 0..2 {
        w.call("RunInstances", RUN).unwrap();
    }
    assert!(w.db.all::<Instance>().all(|i| i.id == old || i.az.as_str() == "us-east-1b"));
    assert!(w.asked.len() > asked);
    let e = w.call("RunInstances", &there).unwrap_err();
    assert!(e.is("InsufficientInstanceCapacity") && e.message.ends_with("choosing us-east-1b."), "{e}");
    let subnet = w.db.all::<crate::rows::Subnet>().find(|s| s.az.as_str() == a).unwrap().id;
    assert_eq!(w.code("RunInstances", &format!("{RUN}&SubnetId={subnet}")), "InsufficientInstanceCapacity");
    let zones = w.ok("DescribeAvailabilityZones", "Filter.1.Name=state&Filter.1.Value.1=impaired");
    assert_eq!(texts(&zones, "zoneName"), [a]);
    assert_eq!(texts(&zones, "message").len(), 1);
    // What is there starts again: its disk is there.
    w.ok("StopInstances", &format!("InstanceId.1={old}"));
    w.see(&old.to_string(), VmState::Stopped { by_guest: false });
    w.ok("StartInstances", &format!("InstanceId.1={old}"));
    // None left: the sentence names none.
    assert_eq!(set(&mut w, "us-east-1b", true).unwrap().impaired.len(), 2);
    let e = w.call("RunInstances", RUN).unwrap_err();
    assert!(e.is("InsufficientInstanceCapacity") && e.message.ends_with("new instances."), "{e}");
    assert!(set(&mut w, a, false).unwrap().changed);
    w.call("RunInstances", &there).unwrap();
}

#[test]
fn cells_that_do_not_report_are_tried_last() {
    let cells = ["a1", "a2", "b1"].map(|c| c.parse::<types::CellId>().unwrap());
    let named = format!("{RUN}&Placement.AvailabilityZone=us-east-1a");
    // Silent cells, the request, the cells that are asked.
    for (silent, request, asked) in [
        (vec![], named.as_str(), vec!["a1"]),
        (vec!["a1"], named.as_str(), vec!["a2"]),
        (vec!["a1", "a2"], named.as_str(), vec!["a1"]),
        (vec!["a1", "a2"], RUN, vec!["b1"]),
        (vec!["b1"], RUN, vec!["a1"]),
    ] {
        let mut w = World::new();
        for cell in &cells {
            let age = if silent.contains(&cell.as_str()) { scheduler::region::IMPAIRED_AFTER_MS + 1 } else { 0 };
            w.db.cells.hear(&crate::cells::tests::report(cell.as_str(), None, 1, 1), TimestampMs(w.now.0 - age));
        }
        w.call("RunInstances", request).unwrap();
        let claims: Vec<&str> = w
            .asked
            .iter()
            .filter_map(|q| if let Question::Claim { cell, .. } = q { Some(cell.as_str()) } else { None })
            .collect();
        assert_eq!(claims, asked, "{silent:?} {request}");
    }
}

#[test]
fn a_launch_stays_within_its_accounts_shard() {
    let mut w = World::new();
    w.settings.shards.cells_per_account = 1;
    w.db.cells = crate::cells::Cells::of(&w.settings, 1);
    let zone: types::AzName = "us-east-1a".parse().unwrap();
    let shard_of = |w: &mut World, n: u8| {
        let account = format!("{n:012}").parse().unwrap();
        w.db.cells.assign(&account, 0);
        w.db.cells.shard(&account, &zone, w.now)[0].to_string()
    };
    let mine = (1..9).find(|n| shard_of(&mut w, *n) == "a1").unwrap();
    let theirs = (1..9).find(|n| shard_of(&mut w, *n) == "a2").unwrap();
    let run = format!("{RUN}&Placement.AvailabilityZone={zone}");
    for (account, cell, hosts_vcpus) in [(mine, "a1", 8), (theirs, "a2", 16)] {
        w.caller = principal(&format!("{account:012}"));
        w.ok("CreateDefaultVpc", "");
        w.asked.clear();
        for _ in 0..hosts_vcpus / 2 {
            w.ok("RunInstances", &run);
        }
        // Full, whatever the zone's other cell has.
        assert_eq!(w.code("RunInstances", &run), "InsufficientInstanceCapacity");
        let asked = |q: &Question| matches!(q, Question::Claim { cell: c, .. } if c.as_str() == cell);
        assert!(w.asked.iter().all(asked) && w.asked.len() == hosts_vcpus / 2 + 1, "{:?}", w.asked);
        let row = w.db.list::<Instance>(&w.caller.account).next().unwrap();
        assert_eq!((row.cell.as_str(), row.cell_why.split(':').next()), (cell, Some(cell)));
    }
    // Nor does silence lead out of it.
    w.silent = true;
    w.asked.clear();
    assert_eq!(w.code("RunInstances", &run), "Unavailable");
    assert_eq!(w.asked.len(), 1);
}

#[test]
fn launches_go_where_cells_told_of_room() {
    let mut w = World::new();
    let run = format!("{RUN}&Placement.AvailabilityZone=us-east-1a");
    w.db.cells.hear(&crate::cells::tests::report("a1", Some(0), 1, 1), w.now);
    w.db.cells.hear(&crate::cells::tests::report("a2", Some(50), 1, 1), w.now);
    w.ok("RunInstances", &run);
    let row = w.db.all::<Instance>().next().unwrap();
    assert_eq!(row.cell.as_str(), "a2");
    assert!(row.cell_why.ends_with("which told of room for 50; of 1 that told of enough the roomier of two at random"));
    // It told of more than it has: the other one is asked, and the row says so.
    while w.db.all::<Instance>().all(|i| i.cell.as_str() == "a2") {
        w.ok("RunInstances", &run);
    }
    let row = w.db.all::<Instance>().find(|i| i.cell.as_str() == "a1").unwrap();
    assert!(row.cell_why.ends_with("(a2 had none for it)"), "{}", row.cell_why);
    assert_eq!(w.db.all::<Instance>().count(), 9);
}

#[test]
fn as_many_as_there_is_room_for() {
    let mut w = World::new();
    // us-east-1a: a1 has 8 vCPUs, a2 16. 3..20 of two vCPUs: the first cell that has room for three gives four.
    let zone = "ImageId=ami-micro&InstanceType=t3.micro&Placement.AvailabilityZone=us-east-1a";
    let reply = w.ok("RunInstances", &format!("{zone}&MinCount=3&MaxCount=20"));
    assert_eq!(texts(&reply, "amiLaunchIndex"), ["0", "1", "2", "3"]);
    assert_eq!(w.db.all::<Interface>().count(), 4);
    assert_eq!(w.db.all::<PublicIp>().count(), 4);
    // The next cell has more.
    let reply = w.ok("RunInstances", &format!("{zone}&MinCount=8&MaxCount=8"));
    assert_eq!(texts(&reply, "amiLaunchIndex").len(), 8);
    let e = w.call("RunInstances", &format!("{zone}&MinCount=1&MaxCount=1")).unwrap_err();
    assert!(e.is("InsufficientInstanceCapacity") && e.message.contains("vCPUs") && e.message.contains("us-east-1a"), "{e}");
    assert_eq!(w.db.all::<Instance>().count(), 12);
}

#[test]
fn a_client_token_launches_once() {
    let mut w = World::new();
    let first = w.ok("RunInstances", &format!("{RUN}&ClientToken=t1"));
    let again = w.ok("RunInstances", &format!("{RUN}&ClientToken=t1"));
    assert_eq!(text(&first, "instanceId"), text(&again, "instanceId"));
    assert_eq!(w.db.all::<Instance>().count(), 1);
    let other = RUN.replace("t3.micro", "t3.small");
    assert_eq!(w.code("RunInstances", &format!("{other}&ClientToken=t1")), "IdempotentParameterMismatch");
    w.ok("RunInstances", &format!("{RUN}&ClientToken=t2"));
    assert_eq!(w.db.all::<Instance>().count(), 2);
}

#[test]
fn one_interface_as_terraform_writes_it() {
    let mut w = World::new();
    let ip = std::net::Ipv4Addr::new(172, 31, 0, 77);
    let subnet = w.db.all::<crate::rows::Subnet>().find(|s| s.cidr.contains(ip)).unwrap().id;
    let reply = w.ok(
        "RunInstances",
        &format!(
            "{RUN}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId={subnet}\
             &NetworkInterface.1.AssociatePublicIpAddress=false&NetworkInterface.1.PrivateIpAddress=172.31.0.77\
             &NetworkInterface.1.DeleteOnTermination=true&NetworkInterface.1.Description=eth"
        ),
    );
    assert_eq!(text(&reply, "privateIpAddress"), "172.31.0.77");
    assert!(!reply.contains("<ipAddress>") && reply.contains("<dnsName/>"), "{reply}");
}

#[test]
fn short_of_public_addresses_some_are_launched() {
    let mut w = World::new();
    // .1 and .2 of four addresses can be given.
    w.settings.public_pool = "198.18.0.0/30".parse().unwrap();
    let reply = w.ok("RunInstances", &RUN.replace("MaxCount=1", "MaxCount=3"));
    assert_eq!(texts(&reply, "amiLaunchIndex").len(), 2);
    assert_eq!((w.db.all::<Interface>().count(), w.db.all::<PublicIp>().count()), (2, 2));
    assert_eq!(w.code("RunInstances", RUN), "InsufficientAddressCapacity");
    assert_eq!(w.db.all::<Interface>().count(), 2);
}

#[test]
fn a_sandbox_is_called_one_keeps_no_core_and_stays_one() {
    let mut w = World::new();
    let types = w.ok(
        "DescribeInstanceTypes",
        "Filter.1.Name=hypervisor&Filter.1.Value.1=sandbox&Filter.2.Name=bare-metal&Filter.2.Value.1=false",
    );
    assert_eq!(texts(&types, "instanceType").len(), 6);
    assert!(types.contains("<item>sandbox</item>") && !types.contains("hvm") && !types.contains("bios"), "{types}");
    let reply = w.ok("RunInstances", "ImageId=ami-micro&InstanceType=sb1.nano&MinCount=2&MaxCount=2");
    let ids = texts(&reply, "instanceId");
    assert_eq!(
        (texts(&reply, "hypervisor"), text(&reply, "virtualizationType")),
        (vec!["sandbox".to_owned(); 2], "sandbox".to_owned())
    );
    match w.asked.as_slice() {
        [Question::Claim { request, .. }] => assert_eq!((request.size.vcpus, request.size.memory_mib), (0, 16)),
        other => panic!("{other:?}"),
    }
    w.ok("RunInstances", RUN);
    for (filter, n) in [("hypervisor", 2), ("virtualization-type", 2)] {
        let found = w.ok("DescribeInstances", &format!("Filter.1.Name={filter}&Filter.1.Value.1=sandbox"));
        assert_eq!(texts(&found, "instanceId").len(), n, "{filter}");
    }
    let cell = "a1".parse().unwrap();
    let told = crate::compile::cell_config(&w.db, &w.settings, &cell, ::types::Generation(1));
    let sandboxes = told.instances.iter().filter(|i| i.config.isolation == wire::host::Isolation::Sandbox);
    assert_eq!(sandboxes.filter(|i| i.config.size().vcpus == 0 && i.config.vcpus == 1).count(), 2);

    w.see(&ids[0], VmState::Running);
    w.ok("StopInstances", &format!("InstanceId.1={}", ids[0]));
    w.see(&ids[0], VmState::Stopped { by_guest: false });
    let change = |to: &str| format!("InstanceId={}&InstanceType.Value={to}", ids[0]);
    assert_eq!(w.code("ModifyInstanceAttribute", &change("t3.micro")), "InvalidInstanceAttributeValue");
    w.ok("ModifyInstanceAttribute", &change("sb1.small"));
}
