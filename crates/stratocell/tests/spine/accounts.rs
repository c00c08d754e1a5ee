//! Two accounts with the same CIDR and the same private addresses: neither ever sees a packet of the other.

use crate::harness::{Cloud, wait_for};
use crate::walk::{BOOT, id};
use std::collections::BTreeMap;

type Env = BTreeMap<String, String>;

fn call(c: &Cloud, env: &Env, args: &str) -> serde_json::Value {
    let args = args.split_whitespace().map(str::to_owned).collect();
    c.aws_as(env, args).unwrap_or_else(|e| panic!("{}\n{}", e.text, c.last_logs()))
}

/// A VPC 10.0.0.0/16 of the account, open inside; its subnet.
fn network(c: &Cloud, env: &Env) -> (String, String) {
    let vpc = call(c, env, "ec2 create-vpc --cidr-block 10.0.0.0/16");
    let vpc = id(&vpc, "/Vpc/VpcId").to_owned();
    let subnet =
        call(c, env, &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24 --availability-zone us-east-1a"));
    let groups =
        call(c, env, &format!("ec2 describe-security-groups --filters Name=vpc-id,Values={vpc} Name=group-name,Values=default"));
    let group = id(&groups, "/SecurityGroups/0/GroupId");
    call(c, env, &format!("ec2 authorize-security-group-ingress --group-id {group} --protocol all --cidr 0.0.0.0/0"));
    (vpc, id(&subnet, "/Subnet/SubnetId").to_owned())
}

fn launch(c: &Cloud, env: &Env, subnet: &str, address: &str, page: &str) -> String {
    let script = c.write(
        &format!("{page}.sh"),
        &format!(
            "#!/bin/sh\nmkdir -p /www\necho {page} > /www/index.html\nhttpd -p 80 -h /www\necho page-is-up > /dev/console\n"
        ),
    );
    let run = call(
        c,
        env,
        &format!(
            "ec2 run-instances --image-id ami-micro --instance-type t3.nano --subnet-id {subnet} --private-ip-address {address} \
             --key-name k --user-data file://{}",
            script.display()
        ),
    );
    id(&run, "/Instances/0/InstanceId").to_owned()
}

#[test]
fn guest_accounts_with_the_same_addresses_never_meet() {
    let c = Cloud::up();
    let (a, b) = (c.account("a"), c.account("b"));
    let key = call(&c, &b, "ec2 create-key-pair --key-name k --key-type ed25519");
    let b_key = c.write("b.pem", id(&key, "/KeyMaterial"));
    let key = call(&c, &a, "ec2 create-key-pair --key-name k --key-type rsa");
    let a_key = c.write("a.pem", id(&key, "/KeyMaterial"));
    let ((_, a_net), (_, b_net)) = (network(&c, &a), network(&c, &b));
    let a10 = launch(&c, &a, &a_net, "10.0.1.10", "page-of-a");
    let b10 = launch(&c, &b, &b_net, "10.0.1.10", "page-of-b");
    let b20 = launch(&c, &b, &b_net, "10.0.1.20", "page-of-b20");
    for i in [&a10, &b10, &b20] {
        wait_for("the pages", BOOT, || c.console(i).contains("page-is-up").then_some(()));
    }
    // B's second guest meets B's first, and not A's of the same address.
    let page = wait_for("b's page", BOOT, || {
        let out = c.ssh(&b20, &b_key, "timeout 3 wget -q -O - http://10.0.1.10/");
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    });
    assert_eq!(page.trim(), "page-of-b");
    // A's guest (RSA key) cannot reach what only B has.
    wait_for("ssh to a", BOOT, || c.ssh(&a10, &a_key, "true").status.success().then_some(()));
    for probe in ["ping -c 2 -W 1 10.0.1.20", "timeout 2 wget -q -O - http://10.0.1.20/"] {
        assert!(!c.ssh(&a10, &a_key, probe).status.success(), "{probe} from another account");
    }
    // Nor does the key of one open the other.
    assert!(!c.ssh(&a10, &b_key, "true").status.success());
    // And the API shows each its own.
    let seen = call(&c, &a, "ec2 describe-instances");
    assert!(seen.to_string().contains(&a10) && !seen.to_string().contains(&b10));
}
