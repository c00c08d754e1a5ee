//! Capacity reservations: their operations, and which instances run in their slots.

use crate::context::Question;
use crate::ec2::compute::testing::{World, text, texts};
use crate::rows::{CapacityReservation, Instance, QuotaValue};
use wire::host::VmState;

const MICRO: &str = "InstanceType=t3.micro&InstancePlatform=Linux/UNIX&AvailabilityZone=us-east-1a";

fn made(w: &mut World, parameters: &str) -> String {
    text(&w.ok("CreateCapacityReservation", &format!("{MICRO}&{parameters}")), "capacityReservationId")
}

/// In all, free, state.
fn shown(w: &mut World, id: &str) -> (String, String, String) {
    let x = w.ok("DescribeCapacityReservations", &format!("CapacityReservationId.1={id}"));
    (text(&x, "totalInstanceCount"), text(&x, "availableInstanceCount"), text(&x, "state"))
}

fn is(total: &str, free: &str, state: &str) -> (String, String, String) {
    (total.into(), free.into(), state.into())
}

/// Into it, and nowhere else.
fn target(id: &str) -> String {
    format!("CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId={id}")
}

/// A launch of one that is refused.
fn refused(w: &mut World, kind: &str, rest: &str) -> String {
    w.code("RunInstances", &format!("ImageId=ami-micro&InstanceType={kind}&MinCount=1&MaxCount=1&{rest}"))
}

#[test]
fn what_is_asked_wrongly() {
    let mut w = World::new();
    let id = made(&mut w, "InstanceCount=1");
    let gone = made(&mut w, "InstanceCount=1");
    w.ok("CancelCapacityReservation", &format!("CapacityReservationId={gone}"));
    let create = |rest: &str| ("CreateCapacityReservation", format!("{MICRO}&{rest}"));
    let on = |action, id: &str, rest: &str| (action, format!("CapacityReservationId={id}{rest}"));
    let none = "cr-0123456789abcdef0";
    for ((action, parameters), code) in [
        (create(""), "MissingParameter"),
        (create("InstanceCount=0"), "InvalidParameterValue"),
        (create("InstanceCount=1001"), "InvalidParameterValue"),
        (create("InstanceCount=1&Tenancy=dedicated"), "UnsupportedOperation"),
        (create("InstanceCount=1&AvailabilityZoneId=use1-az1"), "InvalidParameterCombination"),
        (create("InstanceCount=1&EndDateType=limited"), "MissingParameter"),
        (create("InstanceCount=1&EndDateType=unlimited&EndDate=2030-01-01T00:00:00Z"), "InvalidParameterCombination"),
        (create("InstanceCount=1&EndDate=2020-01-01T00:00:00Z"), "InvalidParameterValue"),
        (create("InstanceCount=1&InstanceMatchCriteria=near"), "InvalidParameterValue"),
        (create("InstanceCount=1&OutpostArn=x"), "UnsupportedOperation"),
        (create("InstanceCount=50"), "InsufficientInstanceCapacity"),
        (
            ("CreateCapacityReservation", "InstancePlatform=Windows&InstanceType=t3.micro&InstanceCount=1".into()),
            "UnsupportedOperation",
        ),
        (
            ("CreateCapacityReservation", "InstancePlatform=Linux/UNIX&InstanceType=t3.micro&InstanceCount=1".into()),
            "MissingParameter",
        ),
        (
            ("CreateCapacityReservation", "InstancePlatform=Linux/UNIX&InstanceType=t9.x&InstanceCount=1".into()),
            "InvalidParameterValue",
        ),
        (on("CancelCapacityReservation", none, ""), "InvalidCapacityReservationId.NotFound"),
        (on("CancelCapacityReservation", "cr-1", ""), "InvalidCapacityReservationId.Malformed"),
        (on("CancelCapacityReservation", &gone, ""), "InvalidCapacityReservationState"),
        (on("ModifyCapacityReservation", &gone, "&InstanceCount=2"), "InvalidCapacityReservationState"),
        (on("ModifyCapacityReservation", &id, "&InstanceCount=0"), "InvalidParameterValue"),
        (on("ModifyCapacityReservation", &id, "&InstanceCount=100"), "InsufficientInstanceCapacity"),
        (on("GetCapacityReservationUsage", none, ""), "InvalidCapacityReservationId.NotFound"),
    ] {
        assert_eq!(w.code(action, &parameters), code, "{action} {parameters}");
    }
    let specification = "CapacityReservationSpecification.CapacityReservation";
    for (kind, rest, code) in [
        ("t3.micro", target(none), "InvalidCapacityReservationId.NotFound"),
        ("t3.micro", target(&gone), "InvalidCapacityReservationState"),
        ("t3.small", target(&id), "InvalidParameterValue"),
        ("t3.micro", format!("{}&{specification}Preference=open", target(&id)), "InvalidParameterCombination"),
        ("t3.micro", format!("{specification}Preference=maybe"), "InvalidParameterValue"),
        ("t3.micro", format!("{specification}Preference=capacity-reservations-only"), "UnsupportedOperation"),
        ("t3.micro", format!("{specification}Target.CapacityReservationResourceGroupArn=arn"), "UnsupportedOperation"),
    ] {
        let rest = format!("Placement.AvailabilityZone=us-east-1a&{rest}");
        assert_eq!(refused(&mut w, kind, &rest), code, "{kind} {rest}");
    }
    assert_eq!(shown(&mut w, &id), is("1", "1", "active"));
}

#[test]
fn open_ones_are_used_by_what_matches_and_targeted_ones_by_who_names_them() {
    let mut w = World::new();
    let open = made(
        &mut w,
        "InstanceCount=2&TagSpecifications.1.ResourceType=capacity-reservation&TagSpecifications.1.Tag.1.Key=k&TagSpecifications.1.Tag.1.Value=v",
    );
    let targeted = made(&mut w, "InstanceCount=1&InstanceMatchCriteria=targeted");
    let slot_of = |w: &World, id: &str| w.row(id).slot_of.map(|c| c.to_string());
    let a = "Placement.AvailabilityZone=us-east-1a";
    let launch = |w: &mut World, rest: &str| w.launch(1, &format!("{a}&{rest}")).remove(0);
    let first = launch(&mut w, "");
    let small = format!("ImageId=ami-micro&InstanceType=t3.small&MinCount=1&MaxCount=1&{a}");
    let other = text(&w.ok("RunInstances", &small), "instanceId");
    let none = launch(&mut w, "CapacityReservationSpecification.CapacityReservationPreference=none");
    assert_eq!((slot_of(&w, &first), slot_of(&w, &other), slot_of(&w, &none)), (Some(open.clone()), None, None));
    let named = launch(&mut w, &target(&targeted));
    assert_eq!(slot_of(&w, &named), Some(targeted.clone()));
    assert_eq!(refused(&mut w, "t3.micro", &format!("{a}&{}", target(&targeted))), "ReservationCapacityExceeded");
    let seen = w.ok("DescribeInstances", &format!("InstanceId.1={named}"));
    assert_eq!(texts(&seen, "capacityReservationId"), [targeted.as_str(), targeted.as_str()]);
    // The third finds no slot and goes elsewhere.
    let (second, third) = (launch(&mut w, ""), launch(&mut w, ""));
    assert_eq!((slot_of(&w, &second), slot_of(&w, &third)), (Some(open.clone()), None));
    assert_eq!((shown(&mut w, &open), shown(&mut w, &targeted)), (is("2", "0", "active"), is("1", "0", "active")));
    let usage = w.ok("GetCapacityReservationUsage", &format!("CapacityReservationId={open}"));
    assert_eq!((text(&usage, "usedInstanceCount"), text(&usage, "availableInstanceCount")), ("2".into(), "0".into()));
    // It keeps its slot until it has stopped.
    w.see(&first, VmState::Running);
    w.ok("StopInstances", &format!("InstanceId.1={first}"));
    assert_eq!(shown(&mut w, &open).1, "0");
    w.see(&first, VmState::Stopped { by_guest: false });
    assert_eq!((slot_of(&w, &first), shown(&mut w, &open).1.as_str()), (None, "1"));
    let host = w.row(&first).host.clone();
    let slot = wire::host::Capacity { vcpus: 2, memory_mib: 1024, disk_gib: 0 };
    w.slots.get_mut(&open.parse().unwrap()).unwrap().push((host, slot));
    w.ok("StartInstances", &format!("InstanceId.1={first}"));
    assert_eq!((slot_of(&w, &first), shown(&mut w, &open).1.as_str()), (Some(open.clone()), "0"));
    // What the cells are told.
    let cell = w.db.get::<CapacityReservation>(&w.caller.account, &open).unwrap().cell.clone();
    let document = crate::compile::cell_config(&w.db, &w.settings, &cell, types::Generation(1));
    let of_it = |id: &str| document.reservations.iter().find(|r| r.id.to_string() == id).map(|r| r.slots.len());
    assert_eq!(of_it(&open), Some(2));
    assert_eq!(document.instances.iter().filter(|i| i.reservation.is_some_and(|r| r.to_string() == open)).count(), 2);
    // Fewer than are used, no; cancelled, its instances go on.
    assert_eq!(
        w.code("ModifyCapacityReservation", &format!("CapacityReservationId={open}&InstanceCount=1")),
        "InvalidParameterValue"
    );
    w.ok("CancelCapacityReservation", &format!("CapacityReservationId={open}"));
    assert_eq!((shown(&mut w, &open), slot_of(&w, &second), w.state(&second)), (is("2", "0", "cancelled"), None, "pending"));
    let found = w.ok(
        "DescribeCapacityReservations",
        "Filter.1.Name=tag:k&Filter.1.Value.1=v&Filter.2.Name=state&Filter.2.Value.1=cancelled",
    );
    assert_eq!(texts(&found, "capacityReservationId"), [open.as_str()]);
}

#[test]
fn they_grow_shrink_and_end() {
    let mut w = World::new();
    let id = made(&mut w, "InstanceCount=1&EndDate=2026-01-01T01:00:00Z");
    let modify = |w: &mut World, rest: &str| w.ok("ModifyCapacityReservation", &format!("CapacityReservationId={id}&{rest}"));
    modify(&mut w, "InstanceCount=3");
    assert_eq!(shown(&mut w, &id), is("3", "3", "active"));
    let row = w.db.get::<CapacityReservation>(&w.caller.account, &id).unwrap();
    match w.asked.last() {
        Some(Question::Reserve { request, .. }) => assert_eq!((request.count, request.known < row.hold), (2, true)),
        other => panic!("{other:?}"),
    }
    let member = w.launch(1, &target(&id)).remove(0);
    assert_eq!(w.row(&member).az.as_str(), "us-east-1a", "the reservation says where");
    modify(&mut w, "InstanceCount=2&InstanceMatchCriteria=targeted");
    let row = w.db.get::<CapacityReservation>(&w.caller.account, &id).unwrap();
    assert_eq!((shown(&mut w, &id), row.open), (is("2", "1", "active"), false));
    assert!(row.slots.contains(&w.row(&member).host), "slots that are used stay");
    crate::observe::forget(&mut w.db, types::TimestampMs(w.now.0 + 1000));
    assert_eq!(shown(&mut w, &id).2, "active");
    let end = row.end.unwrap();
    crate::observe::forget(&mut w.db, end);
    assert_eq!((shown(&mut w, &id), w.row(&member).slot_of), (is("2", "0", "expired"), None));
    assert!(w.db.list::<Instance>(&w.caller.account).count() == 1);
    crate::observe::forget(&mut w.db, types::TimestampMs(end.0 + 3_600_000));
    assert_eq!(
        w.code("GetCapacityReservationUsage", &format!("CapacityReservationId={id}")),
        "InvalidCapacityReservationId.NotFound"
    );
}

#[test]
fn reserved_vcpus_count_once_whether_they_are_used_or_not() {
    let mut w = World::new();
    let account = w.caller.account.clone();
    w.db.put(QuotaValue { account, quota: "ec2/L-1216C47A".into(), value: 6 });
    w.db.take_mutations();
    let id = made(&mut w, "InstanceCount=2");
    let a = "Placement.AvailabilityZone=us-east-1a";
    w.launch(2, a);
    assert_eq!(shown(&mut w, &id).1, "0");
    w.launch(1, a);
    assert_eq!(refused(&mut w, "t3.micro", a), "VcpuLimitExceeded");
    assert_eq!(w.code("CreateCapacityReservation", &format!("{MICRO}&InstanceCount=1")), "VcpuLimitExceeded");
}
