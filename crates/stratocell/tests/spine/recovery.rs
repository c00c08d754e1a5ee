//! A host dies for good: what ran there answers from another host, as the same instance, and never twice. Times are printed
//! and never judged.

use crate::harness::{Cloud, processes_naming, wait_for};
use crate::walk::{BOOT, id, public_vpc};
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

/// The hosts with a directory of the instance.
fn hosts_of(c: &Cloud, instance: &str) -> Vec<String> {
    let hosts = std::fs::read_dir(c.dir().join("hosts")).expect("hosts").flatten();
    let has = hosts.filter(|h| h.path().join("instances").join(instance).exists());
    has.map(|h| h.file_name().to_string_lossy().into_owned()).collect()
}

/// Monitors and machines of an instance.
fn copies(c: &Cloud, instance: &str) -> usize {
    let is_vmm = |line: &str| line.contains("stratocell-sandbox guest=") || line.contains("qemu-system");
    processes_naming(&c.dir().to_string_lossy()).iter().filter(|(_, l)| is_vmm(l) && l.contains(instance)).count()
}

fn described(c: &Cloud, instance: &str) -> Value {
    c.must(&format!("ec2 describe-instances --instance-ids {instance}"))["Reservations"][0]["Instances"][0].clone()
}

fn ask(c: &Cloud, guest: &str, key: &Path, command: &str) -> Option<String> {
    let out = c.ssh(guest, key, command);
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// What stays of an instance when its host goes.
fn identity(i: &Value) -> Vec<String> {
    let at = |path: &str| id(i, path).to_owned();
    vec![
        at("/InstanceId"),
        at("/State/Name"),
        at("/PrivateIpAddress"),
        at("/PublicIpAddress"),
        at("/NetworkInterfaces/0/NetworkInterfaceId"),
        at("/NetworkInterfaces/0/MacAddress"),
        at("/BlockDeviceMappings/0/Ebs/VolumeId"),
        at("/LaunchTime"),
    ]
}

#[test]
fn a_killed_hosts_instance_answers_from_another_host() {
    let c = Cloud::up_with(&["--azs", "1", "--hosts-per-cell", "3"]);
    let (_, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let run = c.must(&format!(
        "ec2 run-instances --image-id ami-micro --instance-type sb1.nano --count 2 --subnet-id {subnet} \
         --security-group-ids {group} --key-name k --associate-public-ip-address"
    ));
    let (one, two) = (id(&run, "/Instances/0/InstanceId").to_owned(), id(&run, "/Instances/1/InstanceId").to_owned());
    c.must(&format!("ec2 wait instance-status-ok --instance-ids {one} {two}"));
    let before = identity(&described(&c, &one));
    let address = before[2].clone();
    wait_for("a file on its disk", BOOT, || ask(&c, &one, &key, "echo kept > /root/file && sync && cat /root/file"));
    wait_for("the pair to talk", BOOT, || ask(&c, &two, &key, &format!("ping -c 1 -W 2 {address}")));
    let [from] = &hosts_of(&c, &one)[..] else { panic!("on one host") };

    let start = Instant::now();
    c.ok(&["fault", "inject", &format!("host/{from}"), "kill"]);
    println!("host {from} and all that ran there is gone after {:?}", start.elapsed());
    assert_eq!(copies(&c, &one), 0);
    wait_for("the address to answer again", BOOT, || ask(&c, &two, &key, &format!("ping -c 1 -W 2 {address}")));
    println!("the same address answers from another host after {:?}", start.elapsed());
    let kept = wait_for("ssh to it", BOOT, || ask(&c, &one, &key, "cat /root/file"));
    assert_eq!(kept, "kept", "its disk came along");
    let to = hosts_of(&c, &one);
    assert!(to.len() == 1 && to[0] != *from, "{from} to {to:?}");
    assert_eq!(identity(&described(&c, &one)), before);
    assert!(c.console(&one).contains(&format!("recovered from host {from}")), "{}", c.console(&one));
    c.must(&format!("ec2 wait instance-status-ok --instance-ids {one}"));
    let status = c.must(&format!("ec2 describe-instance-status --instance-ids {one}"));
    assert!(id(&status, "/InstanceStatuses/0/Events/0/Description").starts_with("[Completed]"), "{status}");
    assert_eq!((copies(&c, &one), copies(&c, &two)), (1, 1));

    // The old host comes back empty, and takes instances again.
    let monitor = processes_naming(&format!("guest={one}"));
    c.ok(&["fault", "heal"]);
    c.ok(&["ready", "--timeout", "60"]);
    let host_is_well = || {
        let tree = c.json(&["status", "--json"]);
        let hosts = tree.pointer("/zones/0/cells/0/hosts")?.as_array()?.clone();
        hosts.iter().all(|h| h["health"] == "healthy").then_some(())
    };
    wait_for("all hosts to be healthy", BOOT, host_is_well);
    // Instances of one launch keep apart: one for each host that takes any.
    wait_for("an instance there", BOOT, || {
        let run =
            c.must(&format!("ec2 run-instances --image-id ami-micro --instance-type sb1.nano --count 3 --subnet-id {subnet}"));
        let new: Vec<String> = (0..3).map(|n| id(&run, &format!("/Instances/{n}/InstanceId")).to_owned()).collect();
        c.must(&format!("ec2 wait instance-running --instance-ids {}", new.join(" ")));
        let there = new.iter().any(|i| hosts_of(&c, i) == [from.as_str()]);
        c.must(&format!("ec2 terminate-instances --instance-ids {}", new.join(" ")));
        there.then_some(())
    });
    assert_eq!(hosts_of(&c, &one), to, "no second copy, and nothing moved back");
    assert_eq!(processes_naming(&format!("guest={one}")), monitor, "it went on as it was");
    assert_eq!(identity(&described(&c, &one)), before);
}

#[test]
fn guest_a_machine_moves_and_one_that_may_not_waits() {
    let c = Cloud::up_with(&["--azs", "1"]);
    let launch = |what: &str| {
        let run = c.must(&format!("ec2 run-instances --image-id ami-micro --instance-type {what}"));
        id(&run, "/Instances/0/InstanceId").to_owned()
    };
    let moves = launch("t3.nano");
    c.must(&format!("ec2 wait instance-status-ok --instance-ids {moves}"));
    let before = identity(&described(&c, &moves));
    let [from] = &hosts_of(&c, &moves)[..] else { panic!("on one host") };
    let stays = launch("sb1.nano --maintenance-options AutoRecovery=disabled");
    c.must(&format!("ec2 wait instance-running --instance-ids {stays}"));
    let stays_on = hosts_of(&c, &stays);
    let start = Instant::now();
    c.ok(&["fault", "inject", &format!("host/{from}"), "kill"]);
    wait_for("the machine on the other host", BOOT, || {
        (copies(&c, &moves) == 1 && hosts_of(&c, &moves) != [from.as_str()]).then_some(())
    });
    println!("a machine of a killed host is started on another one after {:?}", start.elapsed());
    c.must(&format!("ec2 wait instance-status-ok --instance-ids {moves}"));
    println!("and is well after {:?}", start.elapsed());
    assert_eq!(identity(&described(&c, &moves)), before);
    c.ok(&["fault", "heal"]);
    c.ok(&["ready", "--timeout", "60"]);
    wait_for("both to run", BOOT, || (copies(&c, &moves) == 1 && copies(&c, &stays) == 1).then_some(()));
    assert_eq!(hosts_of(&c, &stays), stays_on, "it waited for its host");
}
