//! Start, stop, reboot, terminate, attributes, and what cells report.

use super::super::testing::{World, text, texts};
use crate::context::Question;
use crate::rows::{Address, Instance, Interface, PublicIp, TagSet};
use wire::host::{Reachability, VmState};

fn running(w: &mut World) -> String {
    let id = w.launch(1, "").remove(0);
    w.see(&id, VmState::Running);
    assert_eq!(w.state(&id), "running");
    id
}

const STOPPED: VmState = VmState::Stopped { by_guest: false };
const BY_GUEST: VmState = VmState::Stopped { by_guest: true };

#[test]
fn stop_and_start_on_the_same_host_with_a_new_public_address() {
    let mut w = World::new();
    let id = running(&mut w);
    let before = text(&w.ok("DescribeInstances", ""), "ipAddress");
    let host = w.row(&id).host.clone();
    let reply = w.ok("StopInstances", &format!("InstanceId.1={id}"));
    assert_eq!(texts(&reply, "name"), ["stopping", "running"]);
    assert_eq!(w.code("StartInstances", &format!("InstanceId.1={id}")), "IncorrectInstanceState");
    w.see(&id, STOPPED);
    let shown = w.ok("DescribeInstances", "");
    assert!(!shown.contains("<ipAddress>"), "{shown}");
    assert!(text(&shown, "reason").starts_with("User initiated (2026-01-01 00:00:00 GMT)"), "{shown}");
    assert!(shown.contains("<code>Client.UserInitiatedShutdown</code>"));
    assert_eq!(w.db.all::<PublicIp>().count(), 0);
    assert_eq!(w.ok("StopInstances", &format!("InstanceId.1={id}")).matches("<name>stopped</name>").count(), 2);

    w.asked.clear();
    let reply = w.ok("StartInstances", &format!("InstanceId.1={id}"));
    assert_eq!(texts(&reply, "name"), ["pending", "stopped"]);
    match w.asked.as_slice() {
        [Question::Claim { request, .. }] => assert_eq!(request.on_host.as_ref(), Some(&host)),
        other => panic!("{other:?}"),
    }
    assert_eq!(w.row(&id).boot, 2);
    assert_ne!(text(&w.ok("DescribeInstances", ""), "ipAddress"), before);
    // A report of the first run says nothing of the second.
    let mut old = w.report(&id, VmState::Running);
    old.boot = 1;
    w.observe(&old);
    assert_eq!(w.state(&id), "pending");
    w.see(&id, VmState::Running);
    assert_eq!(w.state(&id), "running");
}

#[test]
fn a_start_needs_room_where_the_disk_is() {
    let mut w = World::new();
    let ids = w.launch(1, "Placement.AvailabilityZone=us-east-1b");
    w.see(&ids[0], VmState::Running);
    w.ok("StopInstances", &format!("InstanceId.1={}", ids[0]));
    w.see(&ids[0], STOPPED);
    // b1 has one host of 8 vCPUs: fill it.
    w.launch(4, "Placement.AvailabilityZone=us-east-1b");
    assert_eq!(w.code("StartInstances", &format!("InstanceId.1={}", ids[0])), "InsufficientInstanceCapacity");
    assert_eq!((w.state(&ids[0]), w.row(&ids[0]).boot), ("stopped", 1));
    assert_eq!(w.db.all::<PublicIp>().count(), 4);
    w.silent = true;
    assert_eq!(w.code("StartInstances", &format!("InstanceId.1={}", ids[0])), "Unavailable");
}

#[test]
fn termination_keeps_the_interface_until_the_host_says_gone() {
    let mut w = World::new();
    let id = running(&mut w);
    w.ok("AllocateAddress", "");
    let address = w.db.all::<Address>().next().unwrap().allocation;
    w.ok("AssociateAddress", &format!("AllocationId={address}&InstanceId={id}"));
    assert_eq!(texts(&w.ok("TerminateInstances", &format!("InstanceId.1={id}")), "name"), ["shutting-down", "running"]);
    assert_eq!(w.db.all::<Interface>().count(), 1);
    w.see(&id, VmState::Running);
    assert_eq!(w.state(&id), "shutting-down");
    w.see(&id, VmState::Gone);
    w.see(&id, VmState::Gone);
    assert_eq!(w.state(&id), "terminated");
    assert_eq!(w.db.all::<Interface>().count(), 0);
    assert!(w.db.all::<Address>().next().unwrap().association.is_none());
    let shown = w.ok("DescribeInstances", "");
    assert!(shown.contains("<name>terminated</name>") && !shown.contains("<vpcId>") && !shown.contains("<privateIpAddress>"));
    assert_eq!(texts(&w.ok("TerminateInstances", &format!("InstanceId.1={id}")), "name"), ["terminated", "terminated"]);
    assert_eq!(w.code("StopInstances", &format!("InstanceId.1={id}")), "IncorrectInstanceState");
    assert_eq!(w.code("StartInstances", &format!("InstanceId.1={id}")), "IncorrectInstanceState");
    w.ok("RebootInstances", &format!("InstanceId.1={id}"));
    assert_eq!(texts(&w.ok("DescribeVolumes", ""), "volumeId"), Vec::<String>::new());

    w.now.0 += 3_599_999;
    super::super::forget_terminated(&mut w.db, w.now);
    assert_eq!(w.db.all::<Instance>().count(), 1);
    w.now.0 += 1;
    super::super::forget_terminated(&mut w.db, w.now);
    assert_eq!((w.db.all::<Instance>().count(), w.db.all::<TagSet>().count()), (0, 0));
    assert_eq!(w.code("DescribeInstances", &format!("InstanceId.1={id}")), "InvalidInstanceID.NotFound");
}

#[test]
fn the_guest_switches_itself_off() {
    let mut w = World::new();
    let keeps = running(&mut w);
    w.see(&keeps, BY_GUEST);
    assert_eq!(w.state(&keeps), "stopped");
    assert_eq!(w.row(&keeps).state_reason.as_ref().unwrap().code, "Client.InstanceInitiatedShutdown");
    let ends = w.launch(1, "InstanceInitiatedShutdownBehavior=terminate").remove(0);
    w.see(&ends, VmState::Running);
    w.see(&ends, STOPPED);
    assert_eq!(w.state(&ends), "running", "it died and is being started again");
    w.see(&ends, BY_GUEST);
    assert_eq!(w.state(&ends), "shutting-down");
    w.see(&ends, VmState::Gone);
    assert_eq!(w.state(&ends), "terminated");
}

#[test]
fn a_failed_launch_ends_and_a_failed_start_keeps_the_disk() {
    let mut w = World::new();
    let failed = |reason: &str| VmState::Failed { reason: reason.to_owned() };
    let id = w.launch(1, "").remove(0);
    w.see(&id, failed("no such image"));
    assert_eq!(w.state(&id), "shutting-down");
    w.see(&id, VmState::Gone);
    assert_eq!(w.state(&id), "terminated");
    let reason = w.row(&id).state_reason.clone().unwrap();
    assert_eq!((reason.code.as_str(), reason.message.as_str()), ("Server.InternalError", "Server.InternalError: no such image"));

    // Its room was promised for a time that ended before the cell heard of it.
    let late = w.launch(1, "").remove(0);
    let refused = w.report(&late, failed("no room"));
    w.observe(&wire::cell::CellInstanceReport { no_room: true, ..refused });
    assert_eq!(w.row(&late).state_reason.as_ref().unwrap().code, "Server.InsufficientInstanceCapacity");
    w.see(&late, VmState::Gone);

    let id = running(&mut w);
    w.see(&id, failed("qemu ended"));
    assert_eq!(w.state(&id), "stopped");
    w.ok("StartInstances", &format!("InstanceId.1={id}"));
    let mut old = w.report(&id, failed("qemu ended"));
    old.boot -= 1;
    w.observe(&old);
    assert_eq!(w.state(&id), "pending");
}

#[test]
fn protections_and_wrong_states() {
    let mut w = World::new();
    let id = w.launch(1, "DisableApiTermination=true&DisableApiStop=true").remove(0);
    let one = format!("InstanceId.1={id}");
    assert_eq!(w.code("StopInstances", &one), "IncorrectInstanceState");
    assert_eq!(w.code("RebootInstances", &one), "IncorrectInstanceState");
    w.see(&id, VmState::Running);
    assert_eq!(w.code("StopInstances", &one), "OperationNotPermitted");
    assert_eq!(w.code("TerminateInstances", &one), "OperationNotPermitted");
    assert_eq!(w.code("StopInstances", &format!("{one}&Hibernate=true")), "UnsupportedHibernationConfiguration");
    assert_eq!(w.code("TerminateInstances", ""), "MissingParameter");
    // All or nothing.
    let free = running(&mut w);
    assert_eq!(w.code("TerminateInstances", &format!("InstanceId.1={free}&InstanceId.2={id}")), "OperationNotPermitted");
    assert_eq!(w.state(&free), "running");
    w.ok("ModifyInstanceAttribute", &format!("InstanceId={id}&DisableApiTermination.Value=false"));
    w.ok("ModifyInstanceAttribute", &format!("InstanceId={id}&Attribute=disableApiStop&Value=false"));
    assert_eq!(w.code("TerminateInstances", &format!("{one}&DryRun=true")), "DryRunOperation");
    assert_eq!(w.state(&id), "running");
    w.ok("TerminateInstances", &one);
}

#[test]
fn attributes() {
    let mut w = World::new();
    let id = running(&mut w);
    let modify = |w: &mut World, what: &str| {
        w.call("ModifyInstanceAttribute", &format!("InstanceId={id}&{what}")).map_err(|e| e.code.into_owned())
    };
    let wrong = |code: &str| Err(code.to_owned());
    assert_eq!(modify(&mut w, "InstanceType.Value=t3.small"), wrong("IncorrectInstanceState"));
    assert_eq!(modify(&mut w, "UserData.Value=aGk="), wrong("IncorrectInstanceState"));
    assert_eq!(modify(&mut w, "InstanceInitiatedShutdownBehavior.Value=x"), wrong("InvalidParameterValue"));
    assert_eq!(modify(&mut w, ""), wrong("InvalidParameterCombination"));
    assert_eq!(modify(&mut w, "DisableApiStop.Value=true&SourceDestCheck.Value=false"), wrong("InvalidParameterCombination"));
    assert_eq!(modify(&mut w, "EbsOptimized.Value=true"), wrong("UnsupportedOperation"));
    assert_eq!(modify(&mut w, "GroupId.1=sg-0123456789abcdef0"), wrong("InvalidGroup.NotFound"));
    modify(&mut w, "SourceDestCheck.Value=false").unwrap();
    assert!(w.db.all::<Interface>().all(|i| !i.source_dest_check));
    let vpc = w.row(&id).vpc;
    let group = text(&w.ok("CreateSecurityGroup", &format!("GroupName=g&GroupDescription=g&VpcId={vpc}")), "groupId");
    modify(&mut w, &format!("GroupId.1={group}")).unwrap();
    assert_eq!(texts(&w.ok("DescribeInstanceAttribute", &format!("InstanceId={id}&Attribute=groupSet")), "groupId"), [group]);
    w.ok("StopInstances", &format!("InstanceId.1={id}"));
    w.see(&id, STOPPED);
    modify(&mut w, "InstanceType.Value=c5.large").unwrap();
    modify(&mut w, "UserData.Value=aGk%3D").unwrap();
    assert_eq!(w.code("DescribeInstanceCreditSpecifications", &format!("InstanceId.1={id}")), "InvalidInstanceID.NotSupported");
    w.ok("StartInstances", &format!("InstanceId.1={id}"));
    assert_eq!(w.claims[&w.row(&id).id].1.memory_mib, 4096);
    for name in [
        "instanceType",
        "kernel",
        "ramdisk",
        "rootDeviceName",
        "blockDeviceMapping",
        "ebsOptimized",
        "enaSupport",
        "productCodes",
        "enclaveOptions",
        "sriovNetSupport",
    ] {
        w.ok("DescribeInstanceAttribute", &format!("InstanceId={id}&Attribute={name}"));
    }
    assert_eq!(w.code("DescribeInstanceAttribute", &format!("InstanceId={id}&Attribute=colour")), "InvalidParameterValue");
    let options =
        w.ok("ModifyInstanceMetadataOptions", &format!("InstanceId={id}&HttpTokens=required&HttpPutResponseHopLimit=2"));
    assert_eq!((text(&options, "httpTokens"), text(&options, "httpPutResponseHopLimit")), ("required".into(), "2".into()));
    assert_eq!(
        w.code("ModifyInstanceMetadataOptions", &format!("InstanceId={id}&HttpProtocolIpv6=enabled")),
        "UnsupportedOperation"
    );
}

#[test]
fn status_checks_follow_reports() {
    let mut w = World::new();
    let id = running(&mut w);
    let statuses = |w: &mut World| {
        let reply = w.ok("DescribeInstanceStatus", "");
        let of = |part: &str| texts(&text(&reply, part), "status").pop().unwrap();
        (of("systemStatus"), of("instanceStatus"))
    };
    assert_eq!(statuses(&mut w), ("ok".into(), "initializing".into()));
    let mut report = w.report(&id, VmState::Running);
    report.reachability = Reachability::Ok;
    w.observe(&report);
    assert_eq!(statuses(&mut w), ("ok".into(), "ok".into()));
    w.ok("RebootInstances", &format!("InstanceId.1={id}"));
    assert_eq!(w.row(&id).reboot, 1);
    w.observe(&report);
    assert_eq!(statuses(&mut w), ("ok".into(), "initializing".into()), "the report is of before the reboot");
    report.reboot = 1;
    report.reachability = Reachability::Impaired;
    report.current = false;
    w.observe(&report);
    assert_eq!(statuses(&mut w), ("impaired".into(), "impaired".into()));
    report.host = "b1-h1".parse().unwrap();
    report.state = VmState::Gone;
    w.observe(&report);
    assert_eq!(w.state(&id), "running", "another host's word");
}
