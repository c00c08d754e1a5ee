//! Automatic recovery: what moves, what it keeps, what it asks, and when nothing happens.

use crate::context::Question;
use crate::ec2::compute::recover;
use crate::ec2::compute::testing::{World, text};
use ::types::{CellId, HostId, TimestampMs};
use aws_protocol::AwsError;
use std::collections::BTreeMap;
use wire::cell::{CellReport, HostHealth, HostSummary, RunRef};
use wire::host::{Capacity, VmState};

const A: &str = "Placement.AvailabilityZone=us-east-1a";

fn run_of(w: &World, id: &str) -> RunRef {
    let row = w.row(id);
    RunRef { instance: row.id, host: row.host.clone(), boot: row.boot }
}

fn recover(w: &mut World, run: &RunRef) -> Result<(), AwsError> {
    w.try_operate(|ctx| recover::recover(ctx, run))
}

/// A cell's word that a host is off, and of runs that are over.
fn reports(cell: &str, host: &HostId, off: bool, ended_runs: Vec<RunRef>) -> BTreeMap<CellId, CellReport> {
    let summary = HostSummary {
        host: host.clone(),
        underlay: [127, 1, 0, 1].into(),
        health: HostHealth::Silent,
        capacity: Capacity::default(),
        free: Capacity::default(),
        applied: Default::default(),
        card_applied: Default::default(),
        wanted: Default::default(),
        acceleration: String::new(),
        problems: Vec::new(),
        off,
    };
    let cell: CellId = cell.parse().unwrap();
    let report = CellReport {
        format: wire::FORMAT,
        cell: cell.clone(),
        az: "us-east-1a".parse().unwrap(),
        applied: Default::default(),
        hosts: vec![summary],
        instances: Vec::new(),
        balancers: Vec::new(),
        ended_runs,
        room: None,
        dedicated_hosts_refused: Vec::new(),
        spot_price: None,
        notices: Vec::new(),
    };
    BTreeMap::from([(cell, report)])
}

fn running(w: &mut World, more: &str) -> String {
    let id = w.launch(1, &format!("{A}&{more}")).remove(0);
    w.see(&id, VmState::Running);
    id
}

/// The host dies, is confirmed off, and has no room in the arithmetic of the tests any more.
fn lose(w: &mut World, host: &HostId) {
    w.off.insert(host.clone());
    w.settings.cells.iter_mut().flat_map(|c| &mut c.hosts).filter(|h| h.id == *host).for_each(|h| h.vcpus = 0);
}

#[test]
fn an_instance_of_a_host_that_is_off_moves_with_all_that_it_is() {
    let mut w = World::new();
    let id = running(&mut w, "");
    let (before, run) = (w.row(&id), run_of(&w, &id));
    assert!(recover::due(&w.db, &reports("a1", &run.host, false, vec![])).is_empty());
    let status = |w: &mut World| w.ok("DescribeInstanceStatus", &format!("InstanceId.1={id}"));
    assert!(!status(&mut w).contains("<eventsSet>"));
    lose(&mut w, &run.host);
    let due = recover::due(&w.db, &reports("a1", &run.host, true, vec![]));
    assert_eq!(due, [(before.account.clone(), run.clone())]);
    recover(&mut w, &run).unwrap();

    let row = w.row(&id);
    assert_ne!((&row.host, &row.cell), (&before.host, &before.cell), "another cell of the zone has room");
    assert_eq!((row.az.as_str(), row.boot, w.state(&id)), ("us-east-1a", before.boot + 1, "running"));
    assert_eq!((&row.interfaces, row.root_volume, row.launched), (&before.interfaces, before.root_volume, before.launched));
    assert_eq!(row.disk_on, std::slice::from_ref(&before.host));
    let claims = w.asked.iter().filter(|q| matches!(q, Question::Claim { request, .. } if request.again)).count();
    assert!(claims > 0 && matches!(w.asked.last(), Some(Question::EndRun { run: r, .. }) if *r == run), "the room first");
    // Both cells keep what it has on its disk, until it was seen to run.
    let moved = |w: &World, cell: &str| {
        let cell = cell.parse().unwrap();
        crate::compile::cell_config(&w.db, &w.settings, &cell, Default::default()).moved_disks
    };
    let new_cell = row.cell.to_string();
    assert_eq!((moved(&w, "a1").len(), moved(&w, &new_cell).len(), moved(&w, "b1").len()), (1, 1, 0));

    // The system's check fails until then, also while its new host is heard.
    w.now = TimestampMs(w.now.0 + 1000);
    w.see(&id, VmState::Starting);
    assert!(!w.row(&id).host_reports);
    let told = status(&mut w);
    assert!(told.contains("<code>instance-reboot</code>") && !told.contains("[Completed]"), "{told}");
    assert!(told.contains("<systemStatus><details><item><impairedSince>"), "{told}");
    w.see(&id, VmState::Running);
    let told = status(&mut w);
    assert!(told.contains("[Completed] ") && !told.contains("impairedSince"), "{told}");
    let by = |w: &mut World, filter: &str| text(&w.ok("DescribeInstanceStatus", filter), "instanceId");
    assert_eq!(by(&mut w, "Filter.1.Name=event.code&Filter.1.Value.1=instance-reboot"), id);
    let row = w.row(&id);
    assert!(row.host_reports && row.disk_on.is_empty() && row.recovered.as_ref().is_some_and(|r| r.running == Some(w.now)));
    assert_eq!((moved(&w, "a1").len(), moved(&w, &new_cell).len()), (0, 0));
    // Said again, or late: nothing.
    recover(&mut w, &run).unwrap();
    assert_eq!(w.row(&id), row);
}

#[test]
fn nothing_moves_without_the_word_or_the_room() {
    let mut w = World::new();
    let id = running(&mut w, "");
    let (before, run) = (w.row(&id), run_of(&w, &id));
    // It came back before its run was said to be over.
    assert!(recover(&mut w, &run).unwrap_err().message.contains("not confirmed off"));
    assert_eq!(w.row(&id), before);
    // No room anywhere in its zone, whatever there is in others.
    let hosts: Vec<HostId> =
        w.settings.cells.iter().filter(|c| c.az.as_str() == "us-east-1a").flat_map(|c| &c.hosts).map(|h| h.id.clone()).collect();
    hosts.iter().for_each(|h| lose(&mut w, h));
    assert_eq!(recover(&mut w, &run).unwrap_err().code, "InsufficientInstanceCapacity");
    assert_eq!(w.row(&id), before);
    // A run that was said to be over is followed up, whether its host is off still or not.
    assert_eq!(recover::due(&w.db, &reports("a1", &run.host, false, vec![run.clone()])).len(), 1);
    // A user's stop comes first.
    w.ok("StopInstances", &format!("InstanceId.1={id}"));
    assert!(recover::due(&w.db, &reports("a1", &run.host, true, vec![run.clone()])).is_empty());
    recover(&mut w, &run).unwrap();
    assert_eq!(w.row(&id).host, before.host);
}

#[test]
fn a_launch_that_was_never_seen_to_run_begins_anew() {
    let mut w = World::new();
    let id = w.launch(1, A).remove(0);
    let run = run_of(&w, &id);
    lose(&mut w, &run.host);
    recover(&mut w, &run).unwrap();
    let row = w.row(&id);
    assert!(row.disk_on.is_empty() && row.boot == 2 && row.host != run.host);
    // The second host fails before it has the disk of one that did run: it may be on either.
    w.see(&id, VmState::Running);
    let second = run_of(&w, &id);
    lose(&mut w, &second.host);
    recover(&mut w, &second).unwrap();
    let third = run_of(&w, &id);
    lose(&mut w, &third.host);
    w.settings.cells[0].hosts[0].vcpus = 8;
    recover(&mut w, &third).unwrap();
    assert_eq!(w.row(&id).disk_on, [second.host, third.host]);
}

#[test]
fn spread_groups_hold_and_the_member_is_not_in_its_own_way() {
    let mut w = World::new();
    w.ok("CreatePlacementGroup", "GroupName=s&Strategy=spread");
    let into = format!("{A}&Placement.GroupName=s");
    let members: Vec<String> = (0..2).map(|_| running(&mut w, "Placement.GroupName=s")).collect();
    assert!(w.call("RunInstances", &format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount=1&MaxCount=1&{into}")).is_ok());
    let run = run_of(&w, &members[0]);
    lose(&mut w, &run.host);
    // Three hosts, three members: there is none without one of the group.
    assert_eq!(recover(&mut w, &run).unwrap_err().code, "InsufficientInstanceCapacity");
    w.see(&members[1], VmState::Running);
    w.ok("TerminateInstances", &format!("InstanceId.1={}", members[1]));
    let free = w.row(&members[1]).host.clone();
    w.see(&members[1], VmState::Gone);
    recover(&mut w, &run).unwrap();
    assert_eq!(w.row(&members[0]).host, free);
}

#[test]
fn recovery_can_be_disabled() {
    let mut w = World::new();
    let id = running(&mut w, "MaintenanceOptions.AutoRecovery=disabled");
    let (off, one) = (reports("a1", &w.row(&id).host, true, vec![]), format!("InstanceId={id}"));
    let shown = |w: &mut World| text(&w.ok("DescribeInstances", &format!("InstanceId.1={id}")), "autoRecovery");
    assert_eq!((shown(&mut w).as_str(), recover::due(&w.db, &off).len()), ("disabled", 0));
    let set = |w: &mut World, to: &str| w.call("ModifyInstanceMaintenanceOptions", &format!("{one}&AutoRecovery={to}"));
    assert_eq!(text(&set(&mut w, "default").unwrap(), "autoRecovery"), "default");
    assert_eq!((shown(&mut w).as_str(), recover::due(&w.db, &off).len()), ("default", 1));
    assert_eq!(set(&mut w, "sometimes").unwrap_err().code, "InvalidParameterValue");
    assert_eq!(w.code("ModifyInstanceMaintenanceOptions", &one), "MissingParameter");
    assert_eq!(w.code("ModifyInstanceMaintenanceOptions", &format!("{one}&RebootMigration=default")), "UnsupportedOperation");
    w.ok("TerminateInstances", &format!("InstanceId.1={id}"));
    assert_eq!(set(&mut w, "default").unwrap_err().code, "IncorrectInstanceState");
}
