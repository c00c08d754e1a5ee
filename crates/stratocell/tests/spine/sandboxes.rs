//! Sandbox instances: launched, connected, restricted, stopped and ended as virtual machines are, by the same calls.

use crate::harness::{Cloud, processes_naming, wait_for};
use crate::walk::{BOOT, SECOND, id, public_vpc};
use std::path::Path;
use std::process::Command;

const USER_DATA: &str = "#!/bin/sh\nmkdir -p /www\necho \"hello from $(hostname)\" > /www/index.html\nhttpd -p 80 -h /www\necho user-data-ran > /dev/console\n";

fn monitors(c: &Cloud) -> Vec<u32> {
    let all = processes_naming(&c.dir().to_string_lossy());
    all.into_iter().filter(|(_, line)| line.contains("stratocell-sandbox guest=")).map(|(pid, _)| pid).collect()
}

/// What a command inside prints, as soon as it succeeds.
fn ask(c: &Cloud, guest: &str, key: &Path, command: &str) -> String {
    let mut last = String::new();
    let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        wait_for(command, BOOT, || {
            let out = c.ssh(guest, key, command);
            last = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
            out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
        })
    }));
    answer.unwrap_or_else(|_| panic!("{command}: {last}\n{}\n{}", c.console(guest), c.last_logs()))
}

#[test]
fn sandboxes_are_instances_like_others() {
    let c = Cloud::up_with(&["--azs", "1", "--hosts-per-cell", "2"]);
    let (_, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let image = c.must("ec2 describe-images --owners amazon");
    let image = id(&image, "/Images/0/ImageId");
    let script = c.write("user-data.sh", USER_DATA);
    let run = c.must(&format!(
        "ec2 run-instances --image-id {image} --instance-type sb1.nano --count 2 --subnet-id {subnet} --security-group-ids {group} \
         --key-name k --user-data file://{}",
        script.display()
    ));
    let of = |n: usize, field: &str| id(&run, &format!("/Instances/{n}/{field}")).to_owned();
    let (one, two, address) = (of(0, "InstanceId"), of(1, "InstanceId"), of(0, "PrivateIpAddress"));
    assert_eq!(of(0, "Hypervisor"), "sandbox");
    c.must(&format!("ec2 wait instance-status-ok --instance-ids {one} {two}"));
    assert!(c.guests().is_empty() && monitors(&c).len() == 2, "no virtual machine is there, two monitors are");
    for i in [&one, &two] {
        wait_for("user data", BOOT, || c.console(i).contains("user-data-ran").then_some(()));
        let output = c.must(&format!("ec2 get-console-output --instance-id {i} --latest"));
        assert!(id(&output, "/Output").contains("stratocell: ready in"), "{output}");
    }

    // Over the overlay, from host to host: echo, a page; names; the metadata.
    let hosts = std::fs::read_dir(c.dir().join("hosts")).expect("hosts").flatten();
    let with_guest = hosts.filter(|h| std::fs::read_dir(h.path().join("instances")).is_ok_and(|d| d.count() == 1)).count();
    assert_eq!(with_guest, 2, "the pair sits on two hosts");
    ask(&c, &two, &key, &format!("ping -c 2 -W 2 {address}"));
    let page = ask(&c, &two, &key, &format!("wget -q -O - http://{address}/"));
    assert_eq!(page, format!("hello from ip-{}.ec2.internal", address.replace('.', "-")));
    let name = format!("ip-{}.ec2.internal", address.replace('.', "-"));
    assert!(ask(&c, &two, &key, &format!("nslookup {name}")).contains(&address));
    let metadata = "T=$(printf 'PUT /latest/api/token HTTP/1.0\\r\\nX-aws-ec2-metadata-token-ttl-seconds: 60\\r\\n\\r\\n' \
                    | nc 169.254.169.254 80 | tail -n 1); \
                    wget -q -O - --header \"X-aws-ec2-metadata-token: $T\" http://169.254.169.254/latest/meta-data/instance-id";
    assert_eq!(ask(&c, &two, &key, metadata), two);
    // Its own machine, as far as it can see.
    assert_eq!(ask(&c, &two, &key, "ls /sys/class/net | tr '\\n' ' '"), "eth0 lo");
    assert_eq!(ask(&c, &two, &key, "mount -t tmpfs t /mnt 2>/dev/null || echo refused"), "refused");

    // Its card is a port as any other: a group's rule that goes, a card that is replaced, and one that is killed.
    c.must(&format!("ec2 revoke-security-group-ingress --group-id {group} --protocol tcp --port 80 --cidr 0.0.0.0/0"));
    let closed = format!("timeout 2 wget -q -O - http://{address}/ && exit 1; echo closed");
    assert_eq!(ask(&c, &two, &key, &closed), "closed");
    let card = || c.pids()["card-a1-h1"];
    let before = card();
    c.ok(&["card", "upgrade", "a1-h1"]);
    assert_ne!(card(), before);
    let ping = format!("ping -c 1 -W 2 {address}");
    ask(&c, &two, &key, &ping);
    let killed = Command::new("kill").args(["-9", &card().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    ask(&c, &two, &key, &ping);

    // A reboot, a crash, a stop and a start: its files stay.
    ask(&c, &one, &key, "echo 1 > /root/file");
    let ready = |n: usize| wait_for("ready", BOOT, || (c.console(&one).matches("ready in").count() == n).then_some(()));
    c.must(&format!("ec2 reboot-instances --instance-ids {one}"));
    ready(2);
    assert_eq!(ask(&c, &one, &key, "cat /root/file"), "1");
    for pid in monitors(&c) {
        assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs").success());
    }
    ready(3);
    c.must(&format!("ec2 stop-instances --instance-ids {one}"));
    c.must(&format!("ec2 wait instance-stopped --instance-ids {one}"));
    wait_for("one monitor", 20 * SECOND, || (monitors(&c).len() == 1).then_some(()));
    c.must(&format!("ec2 start-instances --instance-ids {one}"));
    ready(4);
    assert_eq!(ask(&c, &one, &key, "cat /root/file; id -un"), "1\nroot");

    c.must(&format!("ec2 terminate-instances --instance-ids {one} {two}"));
    c.must(&format!("ec2 wait instance-terminated --instance-ids {one} {two}"));
    assert!(monitors(&c).is_empty(), "nothing is left of them");
}
