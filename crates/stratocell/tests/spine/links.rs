//! Links that are broken by a fault: what is cut stays cut until the heal, and what does not need the link goes on.

use crate::harness::{Cloud, wait_for};
use crate::walk::{BOOT, id, public_vpc};
use serde_json::Value;

#[test]
fn cut_links_part_what_needs_them_and_nothing_else() {
    let mut c = Cloud::up_with(&["--azs", "1", "--cells-per-az", "1", "--hosts-per-cell", "2"]);
    let (_, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let image = c.must("ec2 describe-images --owners amazon");
    let image = id(&image, "/Images/0/ImageId");
    let launch = format!(
        "ec2 run-instances --image-id {image} --instance-type sb1.nano --subnet-id {subnet} --security-group-ids {group} --key-name k"
    );
    let run = c.must(&format!("{launch} --count 2"));
    let of = |n: usize, field: &str| id(&run, &format!("/Instances/{n}/{field}")).to_owned();
    let (one, two, address) = (of(0, "InstanceId"), of(1, "InstanceId"), of(0, "PrivateIpAddress"));
    c.must(&format!("ec2 wait instance-running --instance-ids {one} {two}"));
    let pings = |c: &Cloud| {
        let out = c.ssh(&two, &key, &format!("ping -c 1 -W 2 {address} > /dev/null && echo there || echo lost"));
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    };
    let until = |c: &Cloud, word: &str| wait_for(word, BOOT, || (pings(c) == word).then_some(()));
    until(&c, "there");

    // Between the hosts: planned, cut, seen in the counters, outlives a killed supervisor's successor, healed.
    let link = "link/a1-h1~a1-h2";
    let plan = c.json(&["fault", "inject", link, "partition", "--plan", "--json"]);
    let lose = |host: &str| plan["separated"][host].as_array().map(Vec::len);
    assert_eq!((lose("a1-h1"), lose("a1-h2")), (Some(1), Some(1)), "{plan}");
    until(&c, "there");
    c.ok(&["fault", "inject", link, "partition"]);
    until(&c, "lost");
    let told = wait_for("the drops to be told", BOOT, || {
        let table = c.ok(&["flows", "a1-h1"]);
        table.contains("link-fault").then_some(table)
    });
    assert!(told.contains("link-fault"));
    assert_eq!(c.json(&["fault", "list", "--json"])[0]["kind"], "partition");
    c.ok(&["card", "upgrade", "a1-h2"]);
    until(&c, "lost");
    c.ok(&["fault", "heal", link]);
    until(&c, "there");
    c.ok(&["fault", "inject", link, "slow", "--for", "300s"]);
    wait_for("slow echoes", BOOT, || {
        let out = c.ssh(&two, &key, &format!("ping -c 3 -W 3 {address}"));
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        // Both ways: 400 ms at least, however slow the machine is.
        let slow = |l: &str| {
            l.split_once("time=").and_then(|(_, t)| t.split(' ').next()?.parse::<f64>().ok()).is_some_and(|t| t >= 400.0)
        };
        text.lines().any(slow).then_some(())
    });
    c.ok(&["fault", "heal"]);

    // Between a host and its cell: the cell loses sight of it, its guests lose nothing.
    let health = |c: &Cloud| -> Vec<Value> {
        let tree = c.json(&["fault", "report", "--json"]);
        tree["hosts_away_ms"].as_object().map(|o| o.keys().map(|k| Value::from(k.as_str())).collect()).unwrap_or_default()
    };
    c.ok(&["fault", "inject", "link/a1-h1~a1", "partition"]);
    wait_for("the cell to lose sight of the host", BOOT, || health(&c).contains(&"a1-h1".into()).then_some(()));
    until(&c, "there");
    let third = c.must(&launch);
    let third = id(&third, "/Instances/0/InstanceId");
    c.must(&format!("ec2 wait instance-running --instance-ids {third}"));
    c.ok(&["fault", "heal"]);
    c.ok(&["ready", "--timeout", "60"]);

    // Between cell and region: no launches there, and guests go on; a supervisor's successor keeps the fault.
    c.ok(&["fault", "inject", "link/a1~region", "partition"]);
    wait_for("launches to be refused", BOOT, || c.aws(&launch).is_err().then_some(()));
    until(&c, "there");
    c.ok(&["down"]);
    c.start(&[]);
    assert!(c.aws(&launch).is_err(), "the fault is still in force");
    c.ok(&["fault", "heal"]);
    wait_for("launches", BOOT, || c.aws(&launch).ok().map(drop));
    assert!(!c.run(&["fault", "inject", "link/a1-h1~a1", "kill"]).status.success());
    assert!(!c.run(&["fault", "inject", "host/a1-h1", "partition"]).status.success());
}
