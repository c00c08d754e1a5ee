//! Placement groups: their operations, and what the cells are asked for.

use crate::context::Question;
use crate::ec2::compute::testing::{World, text, texts};
use wire::cell::{ClaimRequest, GroupStrategy};
use wire::host::VmState;

fn last_claim(w: &World) -> ClaimRequest {
    match w.asked.last() {
        Some(Question::Claim { request, .. }) => request.clone(),
        other => panic!("{other:?}"),
    }
}

const A: &str = "Placement.AvailabilityZone=us-east-1a";

#[test]
fn groups_are_made_shown_and_deleted() {
    let mut w = World::new();
    for (parameters, want) in [
        ("GroupName=c&Strategy=cluster", ("cluster", "", "")),
        ("GroupName=s&Strategy=spread", ("spread", "rack", "")),
        ("GroupName=h&Strategy=spread&SpreadLevel=host", ("spread", "host", "")),
        ("GroupName=p&Strategy=partition&PartitionCount=3", ("partition", "", "3")),
        ("GroupName=p2&Strategy=partition", ("partition", "", "2")),
    ] {
        let made = w.ok("CreatePlacementGroup", parameters);
        let maybe = |name| texts(&made, name).concat();
        assert_eq!(
            (maybe("strategy"), maybe("spreadLevel"), maybe("partitionCount")),
            (want.0.into(), want.1.into(), want.2.into())
        );
    }
    for (action, parameters, code) in [
        ("CreatePlacementGroup", "GroupName=c&Strategy=spread", "InvalidPlacementGroup.Duplicate"),
        ("CreatePlacementGroup", "GroupName=x&Strategy=near", "InvalidParameterValue"),
        ("CreatePlacementGroup", "GroupName=x&Strategy=spread&PartitionCount=2", "InvalidParameterCombination"),
        ("CreatePlacementGroup", "GroupName=x&Strategy=partition&PartitionCount=8", "InvalidParameterValue"),
        ("CreatePlacementGroup", "GroupName=x&Strategy=partition&SpreadLevel=host", "InvalidParameterCombination"),
        ("CreatePlacementGroup", "GroupName=x&LinkedGroupId=pg-1", "UnsupportedOperation"),
        ("CreatePlacementGroup", "Strategy=cluster", "MissingParameter"),
        ("DeletePlacementGroup", "GroupName=x", "InvalidPlacementGroup.Unknown"),
        ("DescribePlacementGroups", "GroupName.1=x", "InvalidPlacementGroup.Unknown"),
        ("DescribePlacementGroups", "GroupId.1=pg-0123456789abcdef0", "InvalidPlacementGroup.Unknown"),
    ] {
        assert_eq!(w.code(action, parameters), code, "{action} {parameters}");
    }
    let found = w.ok("DescribePlacementGroups", "Filter.1.Name=strategy&Filter.1.Value.1=spread");
    assert_eq!(texts(&found, "groupName").len(), 2);
    w.ok("DeletePlacementGroup", "GroupName=h");
    assert_eq!(texts(&w.ok("DescribePlacementGroups", ""), "groupName").len(), 4);
}

#[test]
fn launches_that_do_not_go_with_their_group() {
    let mut w = World::new();
    w.ok("CreatePlacementGroup", "GroupName=c&Strategy=cluster");
    w.ok("CreatePlacementGroup", "GroupName=p&Strategy=partition&PartitionCount=3");
    for (parameters, code) in [
        ("Placement.GroupName=none", "InvalidPlacementGroup.Unknown"),
        ("Placement.GroupId=pg-0123456789abcdef0", "InvalidPlacementGroup.Unknown"),
        // Burstable types are not for clusters.
        ("Placement.GroupName=c", "InvalidParameterCombination"),
        ("Placement.GroupName=p&Placement.PartitionNumber=4", "InvalidParameterValue"),
        ("Placement.PartitionNumber=1", "InvalidParameterCombination"),
    ] {
        let launch = format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount=1&MaxCount=1&{parameters}");
        assert_eq!(w.code("RunInstances", &launch), code, "{parameters}");
    }
}

#[test]
fn a_spread_group_takes_a_rack_each_or_fails() {
    let mut w = World::new();
    w.ok("CreatePlacementGroup", "GroupName=s&Strategy=spread");
    let spread = format!("Placement.GroupName=s&{A}");
    // Cell a1 has one host: two go to a2, which has two.
    let pair = w.launch(2, &spread);
    assert_ne!(w.row(&pair[0]).host, w.row(&pair[1]).host);
    assert_eq!(w.row(&pair[0]).cell.as_str(), "a2");
    let third = w.launch(1, &spread);
    assert_eq!(w.row(&third[0]).cell.as_str(), "a1");
    assert_eq!(last_claim(&w).group.unwrap().members.len(), 2, "the cell is told of instances in other cells");
    let launch = format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount=1&MaxCount=1&{spread}");
    assert_eq!(w.code("RunInstances", &launch), "InsufficientInstanceCapacity");
    let many = format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount=5&MaxCount=5&{spread}");
    assert_eq!(w.code("RunInstances", &many), "InsufficientInstanceCapacity", "at most seven in a zone");
    let shown = w.ok("DescribeInstances", "Filter.1.Name=placement-group-name&Filter.1.Value.1=s");
    assert_eq!(texts(&shown, "amiLaunchIndex").len(), 3);
    let topology = w.ok("DescribeInstanceTopology", "GroupName.1=s");
    let nodes = texts(&topology, "networkNodeSet");
    assert_eq!((texts(&topology, "instanceId").len(), nodes.len()), (3, 3));
    let racks: std::collections::BTreeSet<_> = nodes.iter().collect();
    assert_eq!(racks.len(), 3, "no two are in one rack: {topology}");
    // In use until its instances are gone.
    assert_eq!(w.code("DeletePlacementGroup", "GroupName=s"), "InvalidPlacementGroup.InUse");
    for id in pair.iter().chain(&third) {
        w.ok("TerminateInstances", &format!("InstanceId.1={id}"));
        w.see(id, VmState::Gone);
    }
    w.ok("DeletePlacementGroup", "GroupName=s");
}

#[test]
fn a_cluster_stays_in_its_cell_and_partitions_are_kept() {
    let mut w = World::new();
    w.ok("CreatePlacementGroup", "GroupName=c&Strategy=cluster");
    let launch = |n: u32, more: &str| format!("ImageId=ami-micro&InstanceType=m5.large&MinCount={n}&MaxCount={n}&{more}");
    let first = w.ok("RunInstances", &launch(1, &format!("Placement.GroupName=c&{A}")));
    let cell = w.row(&text(&first, "instanceId")).cell.clone();
    // a1 has room for one more of 8 GiB, and not for two: the group goes nowhere else.
    assert_eq!(cell.as_str(), "a1");
    assert_eq!(w.code("RunInstances", &launch(2, &format!("Placement.GroupName=c&{A}"))), "InsufficientInstanceCapacity");
    let b = "Placement.GroupName=c&Placement.AvailabilityZone=us-east-1b";
    assert_eq!(w.code("RunInstances", &launch(1, b)), "InsufficientInstanceCapacity");
    let id = text(&w.ok("CreatePlacementGroup", "GroupName=p&Strategy=partition&PartitionCount=3"), "groupId");
    let one = w.launch(1, &format!("Placement.GroupId={id}&Placement.PartitionNumber=2&{A}"));
    let claimed = last_claim(&w).group.unwrap();
    assert_eq!((claimed.strategy, claimed.partition), (GroupStrategy::Partition { count: 3 }, Some(2)));
    let shown = w.ok("DescribeInstances", &format!("InstanceId.1={}", one[0]));
    assert_eq!(
        (text(&shown, "partitionNumber"), text(&shown, "groupId").starts_with("pg-") || shown.contains(&id)),
        ("2".into(), true)
    );
}
