//! Dedicated hosts and tenancy: the operations, where launches go, and that rows never put together who may not be.

use crate::context::Question;
use crate::ec2::compute::testing::{World, principal, text, texts};
use crate::rows::{DedicatedHost, QuotaValue, Vpc};
use wire::cell::Tenancy;
use wire::host::VmState;

const A: &str = "AvailabilityZone=us-east-1a";
const M5: &str = "ImageId=ami-micro&InstanceType=m5.large&MinCount=1&MaxCount=1";

fn allocated(w: &mut World, rest: &str) -> Vec<String> {
    let x = w.ok("AllocateHosts", &format!("{A}&{rest}"));
    texts(&x, "item")
}

fn shown(w: &mut World, id: &str) -> String {
    w.ok("DescribeHosts", &format!("HostId.1={id}"))
}

fn run(w: &mut World, rest: &str) -> String {
    text(&w.ok("RunInstances", &format!("{M5}&{rest}")), "instanceId")
}

fn row(w: &World, id: &str) -> std::rc::Rc<DedicatedHost> {
    w.db.get::<DedicatedHost>(&w.caller.account, id).unwrap()
}

#[test]
fn what_is_asked_wrongly() {
    let mut w = World::new();
    let id = allocated(&mut w, "InstanceType=m5.large").remove(0);
    let gone = allocated(&mut w, "InstanceType=m5.large").remove(0);
    w.ok("ReleaseHosts", &format!("HostId.1={gone}"));
    let plain = w.launch(1, "Placement.AvailabilityZone=us-east-1b").remove(0);
    let none = "h-0123456789abcdef0";
    let allocate = |rest: &str| ("AllocateHosts", rest.to_owned());
    let launch = |rest: &str| ("RunInstances", format!("{M5}&{rest}"));
    let place = |rest: &str| ("ModifyInstancePlacement", format!("InstanceId={plain}&{rest}"));
    for ((action, parameters), code) in [
        allocate("InstanceType=m5.large").with("MissingParameter"),
        allocate(A).with("MissingParameter"),
        allocate(&format!("{A}&InstanceType=m5.large&InstanceFamily=m5")).with("InvalidParameterCombination"),
        allocate(&format!("{A}&InstanceType=m9.large")).with("InvalidParameterValue"),
        allocate(&format!("{A}&InstanceFamily=m9")).with("InvalidParameterValue"),
        allocate(&format!("{A}&InstanceType=t2.micro")).with("InvalidHostConfiguration"),
        allocate(&format!("{A}&InstanceType=m5.large&Quantity=0")).with("InvalidParameterValue"),
        allocate(&format!("{A}&InstanceType=m5.large&Quantity=2")).with("HostLimitExceeded"),
        allocate(&format!("{A}&InstanceType=m5.large&HostRecovery=on")).with("UnsupportedOperation"),
        allocate(&format!("{A}&InstanceType=m5.large&HostMaintenance=on")).with("UnsupportedOperation"),
        allocate(&format!("{A}&InstanceType=m5.large&AutoPlacement=yes")).with("InvalidParameterValue"),
        allocate(&format!("{A}&InstanceType=m5.large&OutpostArn=x")).with("UnsupportedOperation"),
        allocate("AvailabilityZone=us-east-1b&InstanceType=m5.large").with("InsufficientHostCapacity"),
        ("DescribeHosts", format!("HostId.1={none}")).with("InvalidHostID.NotFound"),
        ("DescribeHosts", "HostId.1=h-1".into()).with("InvalidHostID.Malformed"),
        ("ReleaseHosts", "HostId.1=h-1".into()).with("InvalidHostID.Malformed"),
        ("ModifyHosts", format!("HostId.1={id}&HostRecovery=on")).with("UnsupportedOperation"),
        launch("Placement.HostId=h-1").with("InvalidHostID.Malformed"),
        launch(&format!("Placement.HostId={none}")).with("InvalidHostID.NotFound"),
        launch(&format!("Placement.HostId={gone}")).with("InvalidHostState"),
        launch(&format!("Placement.HostId={id}&Placement.Tenancy=default")).with("InvalidParameterCombination"),
        launch("Placement.Affinity=host").with("InvalidParameterCombination"),
        launch(&format!("Placement.HostId={id}&InstanceMarketOptions.MarketType=spot")).with("InvalidParameterCombination"),
        launch("Placement.Affinity=near").with("InvalidParameterValue"),
        launch(&format!("Placement.HostId={id}&Placement.AvailabilityZone=us-east-1b")).with("IncompatibleHostRequirements"),
        launch("Placement.Tenancy=host&Placement.AvailabilityZone=us-east-1b").with("IncompatibleHostRequirements"),
        launch("Placement.HostResourceGroupArn=arn").with("UnsupportedOperation"),
        ("RunInstances", format!("ImageId=ami-micro&InstanceType=m5.xlarge&MinCount=1&MaxCount=1&Placement.HostId={id}"))
            .with("IncompatibleHostRequirements"),
        place("Affinity=host").with("IncorrectInstanceState"),
    ] {
        assert_eq!(w.code(action, &parameters), code, "{action} {parameters}");
    }
    w.see(&plain, VmState::Running);
    w.ok("StopInstances", &format!("InstanceId.1={plain}"));
    w.see(&plain, VmState::Stopped { by_guest: false });
    for ((action, parameters), code) in [
        place("Tenancy=dedicated").with("InvalidTenancy"),
        place("Tenancy=host").with("InvalidTenancy"),
        place("Affinity=host").with("InvalidParameterCombination"),
        place(&format!("HostId={id}")).with("InvalidParameterCombination"),
    ] {
        assert_eq!(w.code(action, &parameters), code, "{action} {parameters}");
    }
    let x = w.ok("ReleaseHosts", &format!("HostId.1={none}&HostId.2={gone}"));
    assert_eq!(texts(&x, "code"), ["Client.InvalidHostID.NotFound", "Client.InvalidHostState"]);
    let x = w.ok("ModifyHosts", &format!("HostId.1={id}&HostId.2={gone}&InstanceFamily=c5"));
    assert_eq!(texts(&x, "code"), ["Client.InvalidHostConfiguration", "Client.InvalidHostState"]);
}

trait With {
    fn with(self, code: &'static str) -> (Self, &'static str)
    where
        Self: Sized,
    {
        (self, code)
    }
}

impl With for (&'static str, String) {}

#[test]
fn a_host_is_allocated_used_changed_and_released() {
    let mut w = World::new();
    let tags = "TagSpecification.1.ResourceType=dedicated-host&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v";
    let ids = allocated(&mut w, &format!("InstanceFamily=m5&Quantity=2&AutoPlacement=off&ClientToken=once&{tags}"));
    assert_eq!(ids.len(), 2, "{ids:?}");
    assert_eq!(allocated(&mut w, &format!("InstanceFamily=m5&Quantity=2&AutoPlacement=off&ClientToken=once&{tags}")), ids);
    let (id, other) = (ids[0].as_str(), ids[1].as_str());
    assert!(row(&w, id).host != row(&w, other).host && row(&w, id).cell.as_str() == "a2", "a1 has one host only");
    let x = shown(&mut w, id);
    for (element, value) in [
        ("state", "available"),
        ("autoPlacement", "off"),
        ("allowsMultipleInstanceTypes", "on"),
        ("hostRecovery", "off"),
        ("clientToken", "once"),
        ("totalVCpus", "8"),
        ("cores", "4"),
        ("availableVCpus", "8"),
        ("instanceFamily", "m5"),
        ("availabilityZone", "us-east-1a"),
        ("ownerId", "123456789012"),
    ] {
        assert_eq!(text(&x, element), value, "{element} in {x}");
    }
    // Of m5.large: 16 GiB, 8 each.
    assert!(
        x.contains(
            "<availableCapacity>2</availableCapacity><instanceType>m5.large</instanceType><totalCapacity>2</totalCapacity>"
        ),
        "{x}"
    );
    // Without a host by name there is none: auto-placement is off.
    assert_eq!(w.code("RunInstances", &format!("{M5}&Placement.Tenancy=host")), "IncompatibleHostRequirements");
    let i = run(&mut w, &format!("Placement.HostId={id}&Placement.Affinity=host"));
    assert_eq!((w.row(&i).host.clone(), w.row(&i).az.as_str()), (row(&w, id).host.clone(), "us-east-1a"), "the host says where");
    let seen = w.ok("DescribeInstances", &format!("Filter.1.Name=host-id&Filter.1.Value.1={id}&Filter.2.Name=tenancy&Filter.2.Value.1=host&Filter.3.Name=affinity&Filter.3.Value.1=host"));
    assert_eq!(
        (text(&seen, "hostId"), text(&seen, "tenancy"), text(&seen, "affinity")),
        (id.to_owned(), "host".into(), "host".into())
    );
    let x = shown(&mut w, id);
    assert_eq!((text(&x, "instanceId"), text(&x, "availableVCpus")), (i.clone(), "6".into()));
    let second = run(&mut w, &format!("Placement.HostId={id}"));
    assert_eq!(w.code("RunInstances", &format!("{M5}&Placement.HostId={id}")), "InsufficientCapacityOnHost");
    // Shared ones never come to it, though the other host of the cell is full of nothing.
    let shared = run(&mut w, "Placement.AvailabilityZone=us-east-1a");
    assert_eq!(w.row(&shared).cell.as_str(), "a1");
    let full = w.code("RunInstances", &format!("ImageId=ami-micro&InstanceType=m5.xlarge&MinCount=1&MaxCount=1&Placement.{A}"));
    assert_eq!(full, "InsufficientInstanceCapacity");
    // Auto-placement, and one type only.
    w.ok("ModifyHosts", &format!("HostId.1={other}&AutoPlacement=on&InstanceType=m5.large"));
    assert_eq!(text(&shown(&mut w, other), "allowsMultipleInstanceTypes"), "off");
    let auto = run(&mut w, "Placement.Tenancy=host");
    assert_eq!((w.row(&auto).host.clone(), w.row(&auto).affinity), (row(&w, other).host.clone(), false));
    let x = w.ok("ModifyHosts", &format!("HostId.1={other}&InstanceType=m5.xlarge"));
    assert_eq!(text(&x, "code"), "Client.InvalidHostConfiguration", "it has an m5.large");
    // What the cell is told.
    let document = crate::compile::cell_config(&w.db, &w.settings, &row(&w, id).cell, types::Generation(1));
    assert_eq!(document.dedicated_hosts.len(), 2);
    let own = Tenancy::Host(w.caller.account.clone());
    assert!(document.instances.len() == 3 && document.instances.iter().all(|c| c.tenancy == own));
    // Released when nobody runs there; a stopped instance does not start again without it.
    let x = w.ok("ReleaseHosts", &format!("HostId.1={id}"));
    assert_eq!((text(&x, "code"), text(&x, "resourceId")), ("Client.InvalidHost.Occupied".into(), id.to_owned()));
    for instance in [&i, &second] {
        w.see(instance, VmState::Running);
        w.ok("StopInstances", &format!("InstanceId.1={instance}"));
        w.see(instance, VmState::Stopped { by_guest: false });
    }
    let start = format!("InstanceId.1={i}");
    w.ok("ModifyInstancePlacement", &format!("InstanceId={i}&Affinity=default&HostId={id}"));
    assert!(!w.row(&i).affinity);
    assert_eq!(w.code("ModifyInstancePlacement", &format!("InstanceId={i}&HostId={other}")), "UnsupportedOperation");
    assert_eq!(w.code("ModifyInstancePlacement", &format!("InstanceId={i}&Tenancy=dedicated")), "UnsupportedOperation");
    assert_eq!(w.code("ModifyInstancePlacement", &format!("InstanceId={i}&Tenancy=default")), "InvalidTenancy");
    w.ok("StartInstances", &start);
    match w.asked.last() {
        Some(Question::Claim { request, .. }) => {
            assert_eq!((&request.tenancy, request.dedicated_hosts.as_slice()), (&own, &[row(&w, id).host.clone()][..]));
        }
        other => panic!("{other:?}"),
    }
    w.see(&i, VmState::Running);
    w.ok("StopInstances", &start);
    w.see(&i, VmState::Stopped { by_guest: false });
    let x = w.ok("ReleaseHosts", &format!("HostId.1={id}"));
    assert!(x.contains(&format!("<successful><item>{id}</item></successful>")), "{x}");
    assert_eq!(text(&shown(&mut w, id), "state"), "released");
    assert_eq!(w.code("StartInstances", &start), "IncompatibleHostRequirements");
    w.ok("ModifyInstancePlacement", &format!("InstanceId={i}&Tenancy=dedicated"));
    assert_eq!(w.row(&i).tenancy.name(), "dedicated");
    let found = w.ok("DescribeHosts", "Filter.1.Name=tag:k&Filter.1.Value.1=v&Filter.2.Name=state&Filter.2.Value.1=available");
    assert_eq!(texts(&found, "hostId"), [other]);
    crate::observe::forget(&mut w.db, types::TimestampMs(w.now.0 + 3_600_000));
    assert_eq!(w.code("DescribeHosts", &format!("HostId.1={id}")), "InvalidHostID.NotFound");
}

#[test]
fn hosts_of_a_zone_may_be_of_several_cells_and_what_a_cell_refuses_has_failed() {
    let mut w = World::new();
    let account = w.caller.account.clone();
    w.db.put(QuotaValue { account, quota: "ec2/L-8B7BF662".into(), value: 10 });
    w.db.take_mutations();
    let four = w.call("AllocateHosts", &format!("{A}&InstanceType=m5.large&Quantity=4")).unwrap_err();
    assert!(four.is("InsufficientHostCapacity") && four.message.contains("empty hosts"), "{four}");
    assert!(w.kept.is_empty(), "nothing is held by what failed");
    let ids = allocated(&mut w, "InstanceType=m5.large&Quantity=3");
    let mut cells: Vec<String> = ids.iter().map(|id| row(&w, id).cell.to_string()).collect();
    cells.sort();
    assert_eq!(cells, ["a1", "a2", "a2"]);
    let refused = wire::cell::CellReport {
        ended_runs: Vec::new(),
        dedicated_hosts_refused: vec![row(&w, &ids[0]).id],
        format: wire::FORMAT,
        cell: row(&w, &ids[0]).cell.clone(),
        az: "us-east-1a".parse().unwrap(),
        applied: types::Generation(1),
        hosts: Vec::new(),
        instances: Vec::new(),
        balancers: Vec::new(),
        room: None,
        spot_price: None,
        notices: Vec::new(),
    };
    crate::observe::cell(&mut w.db, w.now, &refused);
    assert_eq!(text(&shown(&mut w, &ids[0]), "state"), "permanent-failure");
    assert_eq!(w.code("RunInstances", &format!("{M5}&Placement.HostId={}", ids[0])), "InvalidHostState");
    w.ok("ReleaseHosts", &format!("HostId.1={}", ids[0]));
    assert_eq!(text(&shown(&mut w, &ids[0]), "state"), "released-permanent-failure");
}

#[test]
fn dedicated_tenancy_is_the_launchs_or_the_vpcs() {
    let mut w = World::new();
    let mine = run(&mut w, "Placement.Tenancy=dedicated&Placement.AvailabilityZone=us-east-1a");
    let seen = w.ok("DescribeInstances", &format!("InstanceId.1={mine}"));
    assert_eq!(text(&seen, "tenancy"), "dedicated");
    let shared = run(&mut w, "Placement.AvailabilityZone=us-east-1a");
    assert_ne!(w.row(&shared).host, w.row(&mine).host);
    let again = run(&mut w, "Placement.Tenancy=dedicated&Placement.AvailabilityZone=us-east-1a");
    assert_eq!(w.row(&again).host, w.row(&mine).host);
    // The VPC makes it so.
    let vpc = text(&w.ok("CreateVpc", "CidrBlock=10.9.0.0/16&InstanceTenancy=dedicated"), "vpcId");
    let subnet = text(&w.ok("CreateSubnet", &format!("VpcId={vpc}&CidrBlock=10.9.1.0/24&{A}")), "subnetId");
    let inside = run(&mut w, &format!("SubnetId={subnet}"));
    assert_eq!(w.row(&inside).tenancy.name(), "dedicated");
    assert_eq!(w.code("ModifyVpcTenancy", &format!("VpcId={vpc}&InstanceTenancy=dedicated")), "InvalidParameterValue");
    w.ok("ModifyVpcTenancy", &format!("VpcId={vpc}&InstanceTenancy=default"));
    assert_eq!(w.db.get::<Vpc>(&w.caller.account, &vpc).unwrap().tenancy, "default");
    assert_eq!(w.code("ModifyVpcTenancy", &format!("VpcId={vpc}&InstanceTenancy=default")), "InvalidTenancy");
    // It uses no reservation of another tenancy.
    let reserve = "InstanceType=m5.large&InstancePlatform=Linux/UNIX&InstanceCount=1&AvailabilityZone=us-east-1b";
    let cr = text(&w.ok("CreateCapacityReservation", reserve), "capacityReservationId");
    let target = format!("CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId={cr}");
    assert_eq!(w.code("RunInstances", &format!("{M5}&Placement.Tenancy=dedicated&{target}")), "InvalidParameterValue");
}

/// A cell that has lost what it promised gives a host twice: the rows do not take it.
#[test]
fn rows_never_have_together_who_may_not_be() {
    let mut w = World::new();
    let b = "Placement.AvailabilityZone=us-east-1b";
    let mine = run(&mut w, &format!("Placement.Tenancy=dedicated&{b}"));
    w.claims.clear();
    w.tenants.clear();
    w.caller = principal("210987654321");
    w.ok("CreateDefaultVpc", "");
    for rest in [format!("Placement.Tenancy=dedicated&{b}"), b.to_owned()] {
        let e = w.call("RunInstances", &format!("{M5}&{rest}")).unwrap_err();
        assert!(e.is("Unavailable") && e.message.contains("given to others"), "{e}");
        w.claims.clear();
        w.tenants.clear();
    }
    let allocate = "AllocateHosts";
    let e = w.call(allocate, "AvailabilityZone=us-east-1b&InstanceType=m5.large").unwrap_err();
    assert!(e.is("Unavailable"), "{e}");
    w.kept.clear();
    w.caller = principal("123456789012");
    w.see(&mine, VmState::Running);
    w.ok("TerminateInstances", &format!("InstanceId.1={mine}"));
    w.see(&mine, VmState::Gone);
    w.caller = principal("210987654321");
    w.ok(allocate, "AvailabilityZone=us-east-1b&InstanceType=m5.large");
    w.kept.clear();
    let e = w.call("RunInstances", &format!("{M5}&{b}")).unwrap_err();
    assert!(e.is("Unavailable"), "{e}");
}

#[test]
fn templates_and_fleets_carry_the_tenancy() {
    let mut w = World::new();
    let id = allocated(&mut w, "InstanceType=m5.large").remove(0);
    let data = "LaunchTemplateData.ImageId=ami-micro&LaunchTemplateData.InstanceType=m5.large";
    w.ok(
        "CreateLaunchTemplate",
        &format!(
            "LaunchTemplateName=on-host&{data}&LaunchTemplateData.Placement.HostId={id}&LaunchTemplateData.Placement.Tenancy=host"
        ),
    );
    w.ok("CreateLaunchTemplate", &format!("LaunchTemplateName=plain&{data}"));
    let i = text(&w.ok("RunInstances", "LaunchTemplate.LaunchTemplateName=on-host&MinCount=1&MaxCount=1"), "instanceId");
    assert_eq!((w.row(&i).tenancy.name(), &w.row(&i).host), ("host", &row(&w, &id).host));
    let fleet = |overrides: &str| {
        format!(
            "Type=instant&TargetCapacitySpecification.TotalTargetCapacity=1&TargetCapacitySpecification.DefaultTargetCapacityType=on-demand&LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName=plain&LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=1&LaunchTemplateConfigs.1.Overrides.1.Placement.{overrides}"
        )
    };
    let x = w.ok("CreateFleet", &fleet("Tenancy=dedicated"));
    let i = texts(&x, "item").into_iter().find(|t| t.starts_with("i-")).unwrap();
    assert_eq!(w.row(&i).tenancy.name(), "dedicated");
    let x = w.ok("CreateFleet", &fleet(&format!("HostId={id}")));
    let i = texts(&x, "item").into_iter().find(|t| t.starts_with("i-")).unwrap();
    assert_eq!(w.row(&i).host, row(&w, &id).host);
    assert_eq!(w.code("CreateFleet", &fleet("HostResourceGroupArn=arn")), "UnsupportedOperation");
    let data = w.ok("GetLaunchTemplateData", &format!("InstanceId={i}"));
    assert_eq!(text(&data, "tenancy"), "host");
}
