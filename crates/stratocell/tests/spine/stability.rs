//! Static stability: what goes on with the control plane, the cells and the host agents dead, and what comes back.

use crate::harness::{Cloud, wait_for};
use crate::walk::{BOOT, SECOND, id, public_vpc};
use std::process::Output;
use std::time::Instant;

fn ok(out: &Output) -> bool {
    out.status.success()
}

#[test]
fn guest_networks_go_on_without_controllers_and_a_host_comes_back_alone() {
    let c = Cloud::up();
    let (_, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let run = c.must(&format!(
        "ec2 run-instances --image-id ami-micro --instance-type t3.nano --count 2 --subnet-id {subnet} --security-group-ids {group} --key-name k"
    ));
    let ids = [id(&run, "/Instances/0/InstanceId").to_owned(), id(&run, "/Instances/1/InstanceId").to_owned()];
    let private = [id(&run, "/Instances/0/PrivateIpAddress").to_owned(), id(&run, "/Instances/1/PrivateIpAddress").to_owned()];
    c.must(&format!("ec2 wait instance-running --instance-ids {} {}", ids[0], ids[1]));
    for i in &ids {
        wait_for("ssh", BOOT, || ok(&c.ssh(i, &key, "true")).then_some(()));
    }
    let guests = c.guests();
    assert_eq!(guests.len(), 2);

    // Region, cell and both hosts' agents die, in this order, and stay down.
    c.ok(&["fault", "inject", "control-plane", "kill"]);
    c.ok(&["fault", "inject", "cell/a1", "kill"]);
    for cell in ["b1", "c1"] {
        c.ok(&["fault", "inject", &format!("cell/{cell}"), "kill"]);
    }
    for host in ["a1-h1", "a1-h2"] {
        c.ok(&["fault", "inject", &format!("process/agent-{host}"), "kill"]);
    }

    // Pings, new TCP connections, a DHCP renewal and metadata go on.
    let check = |what: &str, command: &str| {
        let out = c.ssh(&ids[1], &key, command);
        assert!(ok(&out), "{what} while the controllers are dead: {}", String::from_utf8_lossy(&out.stdout));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    check("ping", &format!("ping -c 3 -W 2 {}", private[0]));
    check("a new TCP connection", &format!("nc -w 3 {} 22 </dev/null | grep -q SSH", private[0]));
    check("a DHCP lease", "udhcpc -n -q -t 3 -i eth0 -s /bin/true");
    let metadata = check(
        "metadata",
        r#"T=$(printf 'PUT /latest/api/token HTTP/1.0\r\nHost: m\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n' | nc -w 3 169.254.169.254 80 | tail -n 1);
           wget -q -O - --header "X-aws-ec2-metadata-token: $T" http://169.254.169.254/latest/meta-data/instance-id"#,
    );
    assert!(metadata.contains(&ids[1]), "{metadata}");

    // A launch fails within 5 s, and says that it may be tried again.
    let start = Instant::now();
    let failed = c.aws(&format!("ec2 run-instances --image-id ami-micro --instance-type t3.nano --subnet-id {subnet}"));
    let failed = failed.expect_err("no launch without a control plane");
    assert!(start.elapsed() < 8 * SECOND, "{:?}", start.elapsed());
    assert!(["Unavailable", "ServiceUnavailable", "InternalError"].contains(&failed.code.as_str()), "{}", failed.text);

    // A host fails whole, and comes back from its own ledgers with the same guest and network.
    let host = (1..=2)
        .map(|n| format!("a1-h{n}"))
        .find(|h| c.dir().join("hosts").join(h).join("instances").join(&ids[0]).exists())
        .expect("its host");
    c.ok(&["fault", "inject", &format!("host/{host}"), "kill"]);
    wait_for("the guest to die with its host", 5 * SECOND, || (c.guests().len() == 1).then_some(()));
    c.ok(&["fault", "heal", &format!("host/{host}")]);
    c.ok(&["fault", "heal", &format!("process/agent-{host}")]);
    wait_for("the guest to come back", BOOT, || {
        ok(&c.ssh(&ids[1], &key, &format!("ping -c 1 -W 1 {}", private[0]))).then_some(())
    });

    // Healed: a launch works, nothing was lost or doubled.
    c.ok(&["fault", "heal"]);
    c.ok(&["ready", "--timeout", "30"]);
    let again = wait_for("a launch after healing", 30 * SECOND, || {
        c.aws(&format!("ec2 run-instances --image-id ami-micro --instance-type t3.nano --subnet-id {subnet}")).ok()
    });
    let third = id(&again, "/Instances/0/InstanceId").to_owned();
    c.must(&format!("ec2 wait instance-running --instance-ids {} {} {third}", ids[0], ids[1]));
    let all = c.must("ec2 describe-instances --filters Name=instance-state-name,Values=running");
    let running: usize =
        all["Reservations"].as_array().expect("reservations").iter().map(|r| r["Instances"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!((running, c.guests().len()), (3, 3));
}
