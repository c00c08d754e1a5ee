//! A host's card replaced and killed while two real guests talk. The pauses are printed, not judged.

use crate::harness::{Cloud, wait_for};
use crate::walk::{BOOT, SECOND, id, public_vpc};
use std::path::Path;

/// Sends without end over the connection that is made to it; the other side only acknowledges.
const SERVER: &str = "#!/bin/sh\n\
    (while :; do { n=0; while echo $n; do n=$((n+1)); usleep 5000; done; } | nc -l -p 9000; done) &\n";

/// What the receiver writes down: its own time at each line, in hundredths of a second, and the line, which is the number of
/// those before it; and whether the connection ended.
fn receiver(server: &str) -> String {
    format!(
        "echo 'tail -f /dev/null | nc {server} 9000 | while read n; do read now x < /proc/uptime; echo $now $n; done > /tmp/got; \
         echo ended > /tmp/ended' > /tmp/receiver; setsid sh /tmp/receiver < /dev/null > /dev/null 2>&1 &"
    )
}

/// Asks the receiver, however often it takes: the way to it is a card's, too.
fn ask(c: &Cloud, guest: &str, key: &Path, command: &str) -> String {
    wait_for(command, BOOT, || {
        let out = c.ssh(guest, key, command);
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    })
}

#[test]
fn guest_connections_outlive_their_hosts_card() {
    let c = Cloud::up_with(&["--azs", "1", "--hosts-per-cell", "1"]);
    let (vpc, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    // The server may send nothing by itself: what it sends belongs to the connection that came in, or is dropped.
    let made = c.must(&format!("ec2 create-security-group --group-name quiet --description quiet --vpc-id {vpc}"));
    let quiet = id(&made, "/GroupId");
    c.must(&format!("ec2 authorize-security-group-ingress --group-id {quiet} --protocol tcp --port 9000 --cidr 10.0.0.0/16"));
    c.must(&format!("ec2 revoke-security-group-egress --group-id {quiet} --protocol -1 --cidr 0.0.0.0/0"));
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let image = c.must("ec2 describe-images --owners amazon");
    let image = id(&image, "/Images/0/ImageId");
    let script = c.write("server.sh", SERVER);
    let run = |group: &str, more: &str| {
        let run = c.must(&format!(
            "ec2 run-instances --image-id {image} --instance-type t3.nano --subnet-id {subnet} --security-group-ids {group} \
             --key-name k {more}"
        ));
        (id(&run, "/Instances/0/InstanceId").to_owned(), id(&run, "/Instances/0/PrivateIpAddress").to_owned())
    };
    let (_, server) = run(quiet, &format!("--user-data file://{}", script.display()));
    let (client, _) = run(&group, "");
    let lines = || ask(&c, &client, &key, "wc -l < /tmp/got").parse::<u64>().expect("a number");
    wait_for("the connection", BOOT, || {
        ask(&c, &client, &key, &receiver(&server));
        std::thread::sleep(3 * SECOND);
        (lines() > 10).then_some(())
    });

    // More lines than before, of the same connection; and the longest time between two of them.
    let goes_on = |what: &str, strike: &dyn Fn()| {
        let before = lines();
        strike();
        wait_for(what, BOOT, || (lines() > before + 100).then_some(()));
        let longest = ask(
            &c,
            &client,
            &key,
            &format!("tail -n +{before} /tmp/got | awk 'NR>1 && $1-p>m {{m=$1-p}} {{p=$1}} END {{print m*1000}}'"),
        );
        println!("{what}: the longest time between two lines is {longest} ms");
        // The first connections may have been tried before the server listened: only the last one's lines are counted.
        let order = ask(&c, &client, &key, "awk '$2!=NR-1 {print NR, $0; exit}' /tmp/got");
        assert_eq!(order, "", "{what}: every line comes once and in order");
        assert_eq!(ask(&c, &client, &key, "ls /tmp/ended 2>/dev/null | wc -l"), "0", "{what}: the connection ended");
    };
    let card = || c.pids()["card-a1-h1"];
    goes_on("nothing happens", &|| {});
    for _ in 0..3 {
        goes_on("the card is replaced", &|| {
            let before = card();
            c.ok(&["card", "upgrade", "a1-h1"]);
            assert_ne!(card(), before);
        });
    }
    let kill = || {
        let before = card();
        let killed = std::process::Command::new("kill").args(["-9", &before.to_string()]).status();
        assert!(killed.expect("kill runs").success());
        // It answers: else it would be killed before it is there.
        wait_for("the card is there again", BOOT, || {
            let ps = c.json(&["ps", "--json"]);
            let it = ps.as_array()?.iter().find(|p| p["name"] == "card-a1-h1")?;
            (it["state"] == "running" && it["pid"] != before).then_some(())
        });
    };
    for _ in 0..5 {
        goes_on("the card is killed", &kill);
    }
    goes_on("the card is killed five times in a row", &|| (0..5).for_each(|_| kill()));

    // A program that is no card leaves the running one as it was.
    goes_on("a wrong program", &|| {
        wait_for("the card answers again", BOOT, || c.run(&["card", "upgrade", "a1-h1"]).status.success().then_some(()));
        let before = card();
        let out = c.run(&["card", "upgrade", "a1-h1", "--program", "/bin/false"]);
        assert_eq!(out.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&out.stderr).contains("the old one goes on"), "{out:?}");
        assert_eq!(card(), before);
    });
    assert_eq!(c.run(&["card", "upgrade", "z9-h9"]).status.code(), Some(1), "no such host");
    assert_eq!(c.json(&["ps", "--json"]).to_string().matches("killed (signal 9)").count(), 1);
}
