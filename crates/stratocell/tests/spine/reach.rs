//! `stratocell reach` and `flows`: what decides about packets, asked of the cards. The guests need not run for it: they are
//! held still as soon as they are there. What real packets do is compared in `walk`.

use crate::harness::{Cloud, wait_for};
use crate::walk::{SECOND, id, public_vpc};
use std::process::Command;

/// TEST-NET-3 (RFC 5737): nothing is sent to it.
const OUTSIDE: &str = "203.0.113.9";

/// What `reach` says, as soon as it is what is expected: changes are pushed to the hosts a moment after the call.
pub fn expect(c: &Cloud, args: &[&str], reachable: bool, words: &[&str]) {
    let mut last = String::new();
    let fits = || {
        let out = c.run(&[&["reach"], args].concat());
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        last = format!("{text}{}", String::from_utf8_lossy(&out.stderr));
        let verdict = text.lines().last().unwrap_or_default();
        let code = if reachable { 0 } else { 1 };
        let said = if reachable { verdict == "reachable" } else { verdict.starts_with("not reachable: ") };
        (out.status.code() == Some(code) && said && words.iter().all(|w| text.contains(w))).then_some(())
    };
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wait_for("the verdict", 20 * SECOND, fits)));
    assert!(outcome.is_ok(), "reach {args:?}, reachable {reachable}, {words:?}:\n{last}\n{}", c.last_logs());
}

fn launch(c: &Cloud, subnet: &str, group: &str, count: usize) -> Vec<(String, String)> {
    let image = c.must("ec2 describe-images --owners amazon");
    let image = id(&image, "/Images/0/ImageId");
    let public = if count > 1 { "--associate-public-ip-address" } else { "--no-associate-public-ip-address" };
    let run = c.must(&format!(
        "ec2 run-instances --image-id {image} --instance-type t3.nano --count {count} --subnet-id {subnet} \
         --security-group-ids {group} {public}"
    ));
    let made: Vec<(String, String)> = (0..count)
        .map(|n| {
            let of = |field: &str| id(&run, &format!("/Instances/{n}/{field}")).to_owned();
            (of("InstanceId"), of("PrivateIpAddress"))
        })
        .collect();
    let mut held = Vec::new();
    wait_for("the guests", 60 * SECOND, || {
        for pid in c.guests() {
            if !held.contains(&pid) {
                let stopped = Command::new("kill").args(["-STOP", &pid.to_string()]).status().expect("kill runs");
                held.extend(stopped.success().then_some(pid));
            }
        }
        (held.len() >= count).then_some(())
    });
    made
}

#[test]
fn reach_names_what_decides() {
    let c = Cloud::up_with(&["--azs", "1", "--hosts-per-cell", "2"]);
    let (vpc, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    let main = format!("ec2 describe-route-tables --filters Name=vpc-id,Values={vpc} Name=association.main,Values=true");
    let main = id(&c.must(&main), "/RouteTables/0/RouteTableId").to_owned();
    let inner = id(&c.must(&format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.2.0/24")), "/Subnet/SubnetId").to_owned();
    let table = id(&c.must(&format!("ec2 create-route-table --vpc-id {vpc}")), "/RouteTable/RouteTableId").to_owned();
    c.must(&format!("ec2 associate-route-table --route-table-id {table} --subnet-id {inner}"));
    let pair = launch(&c, &subnet, &group, 2);
    let ((a, _), (b, b_address)) = (&pair[0], &pair[1]);
    let (p, _) = &launch(&c, &inner, &group, 1)[0];

    // Within a subnet: groups and the local route, no ACL.
    let to_b = format!("{b}:22");
    expect(&c, &[a, &to_b], true, &["security group rule sgr-", "10.0.0.0/16", "local", "to the guest of eni-"]);
    expect(&c, &[a, b], true, &["icmp echo", "icmp echo reply"]);
    expect(&c, &[a, &format!("{b_address}:81")], false, &["no security group rule lets it in", "(security-group-ingress)"]);
    expect(&c, &[a, &to_b, "--protocol", "udp"], false, &["security-group-ingress"]);
    expect(&c, &[a, "10.0.1.250:22"], false, &["no interface has the address 10.0.1.250 (no-such-destination)"]);
    let json = c.json(&["reach", a, &to_b, "--json"]);
    assert_eq!((&json["reachable"], &json["why"]), (&serde_json::json!(true), &serde_json::Value::Null), "{json}");
    assert!(json["back"].as_array().is_some_and(|steps| !steps.is_empty()), "{json}");

    // Into another subnet: its ACL lets the request in and the answer not out.
    let acl = id(&c.must(&format!("ec2 create-network-acl --vpc-id {vpc}")), "/NetworkAcl/NetworkAclId").to_owned();
    let entry = |way: &str, number: u16, ports: &str| {
        c.must(&format!(
            "ec2 create-network-acl-entry --network-acl-id {acl} --{way} --rule-number {number} --protocol 6 --port-range {ports} \
             --cidr-block 0.0.0.0/0 --rule-action allow"
        ))
    };
    entry("ingress", 100, "From=0,To=65535");
    let acls = c.must(&format!("ec2 describe-network-acls --filters Name=association.subnet-id,Values={inner}"));
    let associations = acls["NetworkAcls"][0]["Associations"].as_array().expect("associations").clone();
    let old = associations.iter().find(|x| x["SubnetId"] == inner.as_str()).expect("the subnet's");
    let old = id(old, "/NetworkAclAssociationId");
    c.must(&format!("ec2 replace-network-acl-association --association-id {old} --network-acl-id {acl}"));
    let to_p = format!("{p}:22");
    let denied = ["entry 100 of acl-", "the answer does not come back: entry * of acl-", "(network-acl-egress)"];
    expect(&c, &[a, &to_p], false, &denied);
    entry("egress", 110, "From=1024,To=65535");
    expect(&c, &[a, &to_p], true, &["entry 110 of acl-"]);
    expect(&c, &[a, &to_p, "--source-port", "1000"], false, &["(network-acl-egress)"]);

    // Outward: no route, an internet gateway, a NAT gateway, and what is left of its route without it.
    let out = format!("{OUTSIDE}:443");
    expect(&c, &[p, &out], false, &["entry * of acl-", "(network-acl-egress)"]);
    entry("egress", 120, "From=443,To=443");
    expect(&c, &[p, &out], false, &["has no route to 203.0.113.9 (no-route)"]);
    expect(&c, &[a, &out], true, &["0.0.0.0/0", "internet gateway", "the internet gateway puts 198."]);
    let allocation = id(&c.must("ec2 allocate-address --domain vpc"), "/AllocationId").to_owned();
    let nat = c.must(&format!("ec2 create-nat-gateway --subnet-id {subnet} --allocation-id {allocation}"));
    let nat = id(&nat, "/NatGateway/NatGatewayId").to_owned();
    c.must(&format!("ec2 wait nat-gateway-available --nat-gateway-ids {nat}"));
    c.must(&format!("ec2 create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id {nat}"));
    let knows = format!("{nat} (eni-");
    expect(&c, &[p, &out], true, &[&knows, "sends it on as 10.0.1.", "knows the connection", "the internet gateway puts"]);
    c.must(&format!("ec2 delete-nat-gateway --nat-gateway-id {nat}"));
    expect(&c, &[p, &out], false, &["blackhole (blackhole)"]);

    // A service, through its endpoint.
    let name = format!("com.amazonaws.{}.s3", c.env("AWS_REGION"));
    c.must(&format!("ec2 create-vpc-endpoint --vpc-id {vpc} --service-name {name} --route-table-ids {main}"));
    expect(&c, &[a, "s3:80"], true, &["vpce-", "a service of the host answers"]);

    // Another VPC: the request needs a route there, the answer one back.
    let far = id(&c.must("ec2 create-vpc --cidr-block 10.1.0.0/16"), "/Vpc/VpcId").to_owned();
    let far_subnet = c.must(&format!("ec2 create-subnet --vpc-id {far} --cidr-block 10.1.1.0/24"));
    let far_subnet = id(&far_subnet, "/Subnet/SubnetId").to_owned();
    let far_group = c.must(&format!("ec2 create-security-group --group-name far --description far --vpc-id {far}"));
    let far_group = id(&far_group, "/GroupId").to_owned();
    c.must(&format!("ec2 authorize-security-group-ingress --group-id {far_group} --protocol tcp --port 22 --cidr 10.0.0.0/16"));
    let (q, _) = &launch(&c, &far_subnet, &far_group, 1)[0];
    let to_q = format!("{q}:22");
    expect(&c, &[a, &to_q], false, &["it leaves to the internet"]);
    let peering = c.must(&format!("ec2 create-vpc-peering-connection --vpc-id {vpc} --peer-vpc-id {far}"));
    let peering = id(&peering, "/VpcPeeringConnection/VpcPeeringConnectionId").to_owned();
    c.must(&format!("ec2 accept-vpc-peering-connection --vpc-peering-connection-id {peering}"));
    let route = |table: &str, to: &str| {
        c.must(&format!(
            "ec2 create-route --route-table-id {table} --destination-cidr-block {to} --vpc-peering-connection-id {peering}"
        ))
    };
    route(&main, "10.1.0.0/16");
    let one_way = format!("10.1.0.0/16 of {main}: {peering}");
    expect(&c, &[a, &to_q], false, &[&one_way, "the answer does not come back: the route table has no route"]);
    let tables = c.must(&format!("ec2 describe-route-tables --filters Name=vpc-id,Values={far}"));
    let far_table = id(&tables, "/RouteTables/0/RouteTableId");
    route(far_table, "10.0.0.0/16");
    expect(&c, &[a, &to_q], true, &[&one_way, "10.0.0.0/16"]);
    // The same address in two VPCs must be told apart; a source's VPC may be named.
    expect(&c, &[&format!("{vpc}/{b_address}"), &to_q], true, &[&peering]);

    // The hosts' tables, in the order of their priorities.
    let hosts = ["a1-h1", "a1-h2"].map(|h| c.ok(&["flows", h]));
    for text in &hosts {
        let priorities: Vec<u8> = text.lines().filter_map(|l| l.split(' ').next()?.parse().ok()).collect();
        assert!(priorities.is_sorted_by(|x, y| x >= y), "{text}");
        for kind in [150, 100, 90, 50, 10] {
            assert!(priorities.contains(&kind), "{kind} in\n{text}");
        }
    }
    let both = hosts.concat();
    for words in ["encap vxlan", "deliver eni-", "allow; sgr-", "internet gateway", &peering, "arp"] {
        assert!(both.contains(words), "{words} in\n{both}");
    }
    let one = c.json(&["flows", "a1-h1", "--rows", "1", "--json"]);
    assert_eq!(one["members"].as_array().map(Vec::len), Some(1), "{one}");
    assert!(one["members_total"].as_u64().is_some_and(|n| n >= 4), "{one}");

    // What cannot be asked.
    for (args, word) in [
        (vec!["reach", "i-0123456789abcdef0", b], "nowhere"),
        (vec!["reach", a, "tape:80"], "no service"),
        (vec!["reach", a, b, "--protocol", "tcp"], "need a port"),
        (vec!["flows", "z9-h9"], "there is no host z9-h9"),
    ] {
        let refused = c.run(&args);
        let text = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(2) && text.contains(word), "{args:?}: {text}");
    }
}
