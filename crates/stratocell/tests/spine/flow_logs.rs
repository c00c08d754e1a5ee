//! A VPC's flow log in a bucket, by the AWS CLI and with real guests: what was let in, and what was not.

use crate::harness::{Cloud, wait_for};
use crate::walk::{BOOT, id, public_vpc};
use serde_json::{Value, json};
use std::process::Command;

const FORMAT: &str = "${version} ${interface-id} ${instance-id} ${srcaddr} ${dstaddr} ${dstport} ${protocol} ${action} \
                      ${log-status} ${flow-direction} ${traffic-path} ${vpc-id} ${az-id}";
const SERVER: &str = "#!/bin/sh\nmkdir -p /www\necho hello > /www/index.html\nhttpd -p 80 -h /www\nhttpd -p 81 -h /www\n";

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Lines of all files below a prefix, and the names of the files.
fn delivered(c: &Cloud, prefix: &str) -> (Vec<String>, Vec<String>) {
    let listed = c.must(&format!("s3api list-objects-v2 --bucket flow-logs --prefix {prefix}"));
    let keys: Vec<String> = listed["Contents"].as_array().into_iter().flatten().map(|o| id(o, "/Key").to_owned()).collect();
    let mut lines = Vec::new();
    for key in &keys {
        let file = c.write("flows.gz", "");
        c.must(&format!("s3api get-object --bucket flow-logs --key {key} {}", file.display()));
        let out = Command::new("gzip").args(["-dc".as_ref(), file.as_os_str()]).output().expect("gzip");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let mut of_file = text.lines();
        assert_eq!(of_file.next().map(words), Some(words(&FORMAT.replace("${", "").replace('}', ""))));
        lines.extend(of_file.map(str::to_owned));
    }
    (lines, keys)
}

#[test]
fn guest_traffic_is_in_the_flow_log_of_its_vpc() {
    let c = Cloud::up_with(&["--azs", "1", "--hosts-per-cell", "2", "--flow-log-deliver", "1"]);
    let account = id(&c.must("sts get-caller-identity"), "/Account").to_owned();
    let (vpc, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    c.must("s3api create-bucket --bucket flow-logs");
    let create = |what: &str| {
        let mut args = words(&format!(
            "ec2 create-flow-logs --resource-type VPC --resource-ids {vpc} --traffic-type ALL --log-destination-type s3 \
             --log-destination arn:aws:s3:::{what} --max-aggregation-interval 60 --log-format"
        ));
        args.push(FORMAT.split_whitespace().collect::<Vec<_>>().join(" "));
        c.aws_as(&c.own_env(), args).unwrap_or_else(|e| panic!("{}", e.text))
    };
    let message = |v: &Value| id(v, "/Unsuccessful/0/Error/Message").to_owned();
    assert_eq!(message(&create("no-such-bucket")), "LogDestination: no-such-bucket does not exist.");
    let denied = "Access Denied for LogDestination: flow-logs. Please check LogDestination permission.";
    assert_eq!(message(&create("flow-logs")), denied);
    let service = json!({"Service": "delivery.logs.amazonaws.com"});
    let own = json!({"StringEquals": {"aws:SourceAccount": account}});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::flow-logs", "Condition": own},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::flow-logs/AWSLogs/{account}/*"), "Condition": own}
    ]});
    let policy = c.write("policy.json", &policy.to_string());
    c.must(&format!("s3api put-bucket-policy --bucket flow-logs --policy file://{}", policy.display()));
    let log = id(&create("flow-logs"), "/FlowLogIds/0").to_owned();

    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let image = c.must("ec2 describe-images --owners amazon");
    let image = id(&image, "/Images/0/ImageId");
    let script = c.write("user-data.sh", SERVER);
    let run = c.must(&format!(
        "ec2 run-instances --image-id {image} --instance-type t3.nano --count 2 --subnet-id {subnet} --security-group-ids {group} \
         --key-name k --user-data file://{}",
        script.display()
    ));
    let ids = [0, 1].map(|n| id(&run, &format!("/Instances/{n}/InstanceId")).to_owned());
    let addresses = [0, 1].map(|n| id(&run, &format!("/Instances/{n}/PrivateIpAddress")).to_owned());
    c.must(&format!("ec2 wait instance-running --instance-ids {} {}", ids[0], ids[1]));
    let fetch = |port: u16| {
        let out = c.ssh(&ids[1], &key, &format!("timeout 5 wget -q -O - http://{}:{port}/", addresses[0]));
        String::from_utf8_lossy(&out.stdout).contains("hello")
    };
    wait_for("a page", BOOT, || fetch(80).then_some(()));
    assert!(!fetch(81), "no rule lets it in");
    // Interfaces that go leave what they have counted: nobody has to wait for the interval's end.
    c.must(&format!("ec2 terminate-instances --instance-ids {} {}", ids[0], ids[1]));
    let prefix = format!("AWSLogs/{account}/vpcflowlogs/us-east-1/");
    let (server, client) = (&addresses[0], &addresses[1]);
    let wanted = [
        format!("{} {client} {server} 80 6 ACCEPT OK ingress - {vpc} use1-az1", ids[0]),
        format!("{} {client} {server} 81 6 REJECT OK ingress - {vpc} use1-az1", ids[0]),
        format!("{} {client} {server} 80 6 ACCEPT OK egress 1 {vpc} use1-az1", ids[1]),
        format!("{} {client} {server} 81 6 ACCEPT OK egress 1 {vpc} use1-az1", ids[1]),
    ];
    let keys = wait_for("the records", BOOT, || {
        let (lines, keys) = delivered(&c, &prefix);
        wanted.iter().all(|w| lines.iter().any(|l| l.starts_with("5 eni-") && l.ends_with(w))).then_some(keys)
    });
    let name = format!("/{account}_vpcflowlogs_us-east-1_{log}_");
    assert!(keys.iter().all(|k| k.contains(&name) && k.ends_with(".log.gz")), "{keys:?}");
    let shown = c.must(&format!("ec2 describe-flow-logs --flow-log-ids {log}"));
    assert_eq!(id(&shown, "/FlowLogs/0/DeliverLogsStatus"), "SUCCESS");

    // What the operator sees names the rule, too.
    let hosts = ["a1-h1", "a1-h2"].map(|h| c.ok(&["logs", "--flows", h, "-n", "100000"]));
    let has = |words: &[&str]| {
        hosts.iter().flat_map(|t| t.lines()).any(|l| words.iter().all(|w| l.split(' ').any(|have| have.starts_with(w))))
    };
    assert!(has(&[&ids[0], "ACCEPT", client, "80", "sgr-"]) && has(&[&ids[0], "REJECT", client, "81"]), "{hosts:?}");
    c.must(&format!("ec2 delete-flow-logs --flow-log-ids {log}"));
    assert_eq!(c.must("ec2 describe-flow-logs")["FlowLogs"].as_array().map(Vec::len), Some(0));
}
