//! Failures that an operator plans, and cells that fail alone: what is struck, who takes over, what is rebuilt. Times are
//! printed and never judged.

use crate::harness::{Cloud, wait_for};
use crate::walk::{BOOT, SECOND, id};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Instant;

const RUN: &str = "ec2 run-instances --image-id ami-micro --instance-type t3.nano";

fn array<'a>(v: &'a Value, path: &str) -> &'a [Value] {
    v.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[test]
fn a_fault_is_planned_ends_by_itself_and_is_told() {
    let c = Cloud::up_with(&["--azs", "2"]);
    assert!(c.json(&["fault", "report", "--json"]).is_null());
    let plan = c.json(&["fault", "inject", "az/us-east-1a", "kill", "--plan", "--json"]);
    assert!(array(&plan, "/processes").contains(&"cell-a1".into()) && plan["region_known"] == true, "{plan}");
    assert_eq!(array(&plan, "/hosts").len(), 2, "{plan}");
    assert_eq!(c.json(&["fault", "list", "--json"]), Value::Array(vec![]), "a plan strikes nothing");

    c.ok(&["fault", "inject", "host/a1-h1", "kill", "--for", "6s"]);
    let listed = c.json(&["fault", "list", "--json"]);
    assert!(listed[0]["until_ms"].as_u64() > listed[0]["since_ms"].as_u64(), "{listed}");
    wait_for("the fault's end", BOOT, || array(&c.json(&["fault", "list", "--json"]), "").is_empty().then_some(()));
    let report = wait_for("all to be well", BOOT, || {
        let report = c.json(&["fault", "report", "--json"]);
        report["ended_ms"].is_u64().then_some(report)
    });
    assert_eq!(report["recovered"], true, "{report}");
    let struck: Vec<&str> = array(&report, "/processes_struck").iter().filter_map(Value::as_str).collect();
    assert!(struck.contains(&"agent-a1-h1") && struck.contains(&"card-a1-h1"), "{report}");
    assert!(report.pointer("/hosts_away_ms/a1-h1").is_some(), "{report}");
    let text = c.ok(&["fault", "report"]);
    println!("{text}");
    assert!(text.contains("host/a1-h1 kill healed: its time was over") && text.contains("All was well again"), "{text}");
}

#[test]
fn an_impaired_zone_takes_no_launches() {
    let c = Cloud::up_with(&["--azs", "2"]);
    c.ok(&["az", "impair", "us-east-1a"]);
    assert!(c.ok(&["status"]).contains("us-east-1a  impaired"));
    let failed = c.aws(&format!("{RUN} --placement AvailabilityZone=us-east-1a")).expect_err("none there");
    assert!(failed.code == "InsufficientInstanceCapacity" && failed.text.contains("us-east-1b"), "{}", failed.text);
    let zones = c.must("ec2 describe-availability-zones --filters Name=state,Values=impaired");
    assert_eq!(id(&zones, "/AvailabilityZones/0/ZoneName"), "us-east-1a");
    assert_eq!(c.run(&["az", "impair", "us-east-1f"]).status.code(), Some(1));
    // It outlives the control plane.
    c.ok(&["fault", "inject", "control-plane", "kill"]);
    c.ok(&["fault", "heal"]);
    c.ok(&["ready", "--timeout", "30"]);
    wait_for("the zone to be impaired still", 30 * SECOND, || {
        c.json(&["status", "--json"]).pointer("/zones/0/impaired").filter(|i| **i == true).map(drop)
    });
    c.ok(&["az", "restore", "us-east-1a"]);
    assert!(!c.ok(&["status"]).contains("impaired"));
}

/// vCPUs free on the hosts of the first cell, by its own word.
fn free(c: &Cloud) -> Option<u64> {
    let tree = c.json(&["status", "--json"]);
    array(&tree, "/zones/0/cells/0/hosts").iter().map(|h| h["vcpus_free"].as_u64()).sum()
}

fn running(c: &Cloud) -> BTreeSet<String> {
    let all = c.must("ec2 describe-instances --filters Name=instance-state-name,Values=running");
    let of = |r: &Value| array(r, "/Instances").iter().map(|i| id(i, "/InstanceId").to_owned()).collect::<Vec<_>>();
    array(&all, "/Reservations").iter().flat_map(of).collect()
}

#[test]
fn guest_cells_fail_alone_and_a_lost_store_is_rebuilt() {
    let c = Cloud::up_with(&["--azs", "2"]);
    let all = free(&c).expect("the cell answers");
    let there = format!("{RUN} --placement AvailabilityZone=us-east-1a");
    let first = id(&c.must(&there), "/Instances/0/InstanceId").to_owned();
    c.must(&format!("ec2 wait instance-running --instance-ids {first}"));
    let used = wait_for("its room to be taken", BOOT, || free(&c).map(|f| all - f).filter(|u| *u > 0));

    // Held down: who leaves the zone open is served by the other cell.
    c.ok(&["fault", "inject", "cell/a1", "kill"]);
    let start = Instant::now();
    let second = wait_for("the other cell to take over", BOOT, || c.aws(RUN).ok());
    println!("a launch while cell a1 is down: accepted after {:?}", start.elapsed());
    assert_eq!(id(&second, "/Instances/0/Placement/AvailabilityZone"), "us-east-1b");
    let second = id(&second, "/Instances/0/InstanceId").to_owned();
    c.must(&format!("ec2 wait instance-running --instance-ids {second}"));
    let guests: BTreeSet<u32> = c.guests().into_iter().collect();
    assert_eq!(guests.len(), 2);
    let same = |c: &Cloud| c.guests().into_iter().collect::<BTreeSet<u32>>();

    // Its memory is lost, and the region is dead: what its hosts say is all there is.
    c.ok(&["fault", "inject", "control-plane", "kill"]);
    let lost: Vec<_> = std::fs::read_dir(c.dir().join("store"))
        .expect("stores")
        .flatten()
        .filter(|f| f.file_name().to_string_lossy().starts_with("cell-a1."))
        .collect();
    assert!(lost.len() >= 2, "its store and its ledger");
    lost.iter().for_each(|f| std::fs::remove_file(f.path()).expect("removed"));
    let start = Instant::now();
    c.ok(&["fault", "heal", "cell/a1"]);
    wait_for("the cell to know from its hosts what is taken", BOOT, || free(&c).filter(|f| *f == all - used).map(drop));
    println!("cell a1 without its store: knows what its hosts hold after {:?}", start.elapsed());
    assert_eq!(same(&c), guests, "the guest there went on, and nothing was doubled");

    // With the region again: the same instances, and new ones beside them.
    c.ok(&["fault", "heal"]);
    c.ok(&["ready", "--timeout", "60"]);
    c.must(&format!("ec2 wait instance-running --instance-ids {first} {second}"));
    let third = wait_for("a launch in the rebuilt cell", BOOT, || c.aws(&there).ok());
    let third = id(&third, "/Instances/0/InstanceId").to_owned();
    c.must(&format!("ec2 wait instance-running --instance-ids {third}"));
    assert_eq!(running(&c), BTreeSet::from([first, second, third]));
    assert!(same(&c).is_superset(&guests), "they are the guests that they were");
    wait_for("room for both to be taken", BOOT, || free(&c).filter(|f| *f == all - 2 * used).map(drop));

    // Killed once: the supervisor's next one has its place.
    let kill = |cell: &str| {
        let pid = c.pids()[cell];
        assert!(std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs").success());
        pid
    };
    let start = Instant::now();
    let before = kill("cell-a1");
    wait_for("its successor to answer with all that is taken", BOOT, || {
        let successor = c.pids().get("cell-a1").is_some_and(|p| *p != before);
        free(&c).filter(|f| successor && *f == all - 2 * used).map(drop)
    });
    println!("cell a1 killed: its successor has the whole picture after {:?}", start.elapsed());
    assert_eq!(c.guests().len(), 3);

    // Under a load of launches that leave the zone open, each cell dies in turn: none is refused.
    for cell in ["cell-a1", "cell-b1"] {
        std::thread::scope(|s| {
            let launch = s.spawn(|| {
                let start = Instant::now();
                (c.aws(RUN), start.elapsed())
            });
            kill(cell);
            let (launched, took) = launch.join().expect("it ends");
            assert!(launched.is_ok(), "{cell} died: {launched:?}");
            println!("a launch while {cell} is killed: accepted after {took:?}");
        });
    }
    wait_for("the launched to run", BOOT, || (running(&c).len() == 5 && c.guests().len() == 5).then_some(()));
}
