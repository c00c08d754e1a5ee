//! The first walk of a new user: a VPC, two guests on two hosts, a page over the overlay, the outside, a rule removed.

use crate::harness::{Cloud, http_get, wait_for};
use serde_json::Value;
use std::time::Duration;

pub const SECOND: Duration = Duration::from_secs(1);
/// Software emulation on a shared machine: generous, and only a bound.
pub const BOOT: Duration = Duration::from_secs(120);

const USER_DATA: &str = "#!/bin/sh\nmkdir -p /www\necho \"hello from $(hostname)\" > /www/index.html\nhttpd -p 80 -h /www\necho user-data-ran > /dev/console\n";

pub fn id<'a>(v: &'a Value, path: &str) -> &'a str {
    v.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("{path} in {v}"))
}

/// A VPC with everything that a public instance needs: (vpc, subnet, group).
pub fn public_vpc(c: &Cloud, cidr: &str, subnet_cidr: &str) -> (String, String, String) {
    let vpc = id(&c.must(&format!("ec2 create-vpc --cidr-block {cidr}")), "/Vpc/VpcId").to_owned();
    let subnet =
        id(&c.must(&format!("ec2 create-subnet --vpc-id {vpc} --cidr-block {subnet_cidr}")), "/Subnet/SubnetId").to_owned();
    let igw = id(&c.must("ec2 create-internet-gateway"), "/InternetGateway/InternetGatewayId").to_owned();
    c.must(&format!("ec2 attach-internet-gateway --internet-gateway-id {igw} --vpc-id {vpc}"));
    let tables =
        c.must(&format!("ec2 describe-route-tables --filters Name=vpc-id,Values={vpc} Name=association.main,Values=true"));
    let table = id(&tables, "/RouteTables/0/RouteTableId");
    c.must(&format!("ec2 create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --gateway-id {igw}"));
    let group = id(&c.must(&format!("ec2 create-security-group --group-name web --description web --vpc-id {vpc}")), "/GroupId")
        .to_owned();
    for rule in ["--protocol tcp --port 22", "--protocol tcp --port 80", "--protocol icmp --port -1"] {
        c.must(&format!("ec2 authorize-security-group-ingress --group-id {group} {rule} --cidr 0.0.0.0/0"));
    }
    (vpc, subnet, group)
}

#[test]
fn guest_two_instances_talk_and_the_outside_reaches_them() {
    let c = Cloud::up();
    let (_, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let image = c.must("ec2 describe-images --owners amazon");
    let image = id(&image, "/Images/0/ImageId");
    let script = c.write("user-data.sh", USER_DATA);
    let run = c.must(&format!(
        "ec2 run-instances --image-id {image} --instance-type t3.nano --count 2 --subnet-id {subnet} --security-group-ids {group} \
         --key-name k --associate-public-ip-address --user-data file://{}",
        script.display()
    ));
    let ids = [id(&run, "/Instances/0/InstanceId").to_owned(), id(&run, "/Instances/1/InstanceId").to_owned()];
    c.must(&format!("ec2 wait instance-running --instance-ids {} {}", ids[0], ids[1]));
    let described = c.must(&format!("ec2 describe-instances --instance-ids {} {}", ids[0], ids[1]));
    let instances: Vec<Value> = described["Reservations"][0]["Instances"].as_array().expect("two").clone();
    assert_eq!(instances.len(), 2);
    let by_id = |i: &str| instances.iter().find(|x| x["InstanceId"] == i).expect("described");
    let private: Vec<String> = ids.iter().map(|i| id(by_id(i), "/PrivateIpAddress").to_owned()).collect();
    let public: Vec<String> = ids.iter().map(|i| id(by_id(i), "/PublicIpAddress").to_owned()).collect();

    // Each on a host of its own.
    let hosts = std::fs::read_dir(c.dir().join("hosts")).expect("hosts").flatten();
    let with_guest = hosts.filter(|h| std::fs::read_dir(h.path().join("instances")).is_ok_and(|d| d.count() == 1)).count();
    assert_eq!(with_guest, 2, "the pair sits on two hosts");

    // The serial console has the kernel's lines and the user data's.
    for i in &ids {
        wait_for("user data", BOOT, || c.console(i).contains("user-data-ran").then_some(()));
        let output = c.must(&format!("ec2 get-console-output --instance-id {i} --latest"));
        assert!(id(&output, "/Output").contains("Linux version"), "{output}");
    }

    // The second fetches a page from the first, over the overlay.
    let page = wait_for("ssh to the second guest", BOOT, || {
        let out = c.ssh(&ids[1], &key, &format!("wget -q -O - http://{}/", private[0]));
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    });
    assert!(page.contains("hello from ip-10-0-1-"), "{page}");
    let ping = c.ssh(&ids[1], &key, &format!("ping -c 2 -W 2 {}", private[0]));
    assert!(ping.status.success(), "{}", String::from_utf8_lossy(&ping.stdout));

    // What `reach` says beforehand is what happened, and the host's table has the connection.
    let to_first = format!("{}:80", ids[0]);
    crate::reach::expect(&c, &[&ids[1], &to_first], true, &["security group rule sgr-"]);
    let tables = ["a1-h1", "a1-h2"].map(|h| c.ok(&["flows", h])).concat();
    assert!(tables.contains(&format!("{}:80", private[0])) && tables.contains("\n200 "), "{tables}");

    // From this machine, to the public address's loopback alias, with no privilege.
    let alias = public[0].replacen("198.", "127.", 1);
    let port = alias_port(&c, &public[0], 80);
    let page = wait_for("the alias", 20 * SECOND, || http_get(&format!("{alias}:{port}")));
    assert!(page.contains("hello from"), "{page}");

    // The rule goes; new connections stop within a second.
    c.must(&format!("ec2 revoke-security-group-ingress --group-id {group} --protocol tcp --port 80 --cidr 0.0.0.0/0"));
    std::thread::sleep(SECOND);
    assert_eq!(http_get(&format!("{alias}:{port}")), None, "port 80 is closed");
    let out = c.ssh(&ids[1], &key, &format!("timeout 3 wget -q -O - http://{}/", private[0]));
    assert!(!out.status.success(), "port 80 is closed inside too");
    crate::reach::expect(&c, &[&ids[1], &to_first], false, &["(security-group-ingress)"]);

    // Terminated: processes, disks and addresses are gone.
    c.must(&format!("ec2 terminate-instances --instance-ids {} {}", ids[0], ids[1]));
    c.must(&format!("ec2 wait instance-terminated --instance-ids {} {}", ids[0], ids[1]));
    assert!(c.guests().is_empty(), "no guest process is left");
}

/// The port on which the alias of a public address answers for an instance's port.
pub fn alias_port(c: &Cloud, public: &str, port: u64) -> u64 {
    wait_for("the alias to listen", 10 * SECOND, || {
        let status = c.json(&["status", "--json"]);
        let aliases = status.pointer("/edge/aliases")?.as_array()?.clone();
        let alias = aliases.iter().find(|a| a["public"] == public)?.clone();
        let pair = alias["tcp"].as_array()?.iter().find(|p| p[0] == port)?.clone();
        pair[1].as_u64()
    })
}
