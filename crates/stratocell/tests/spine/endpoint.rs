//! A guest reads an object through its VPC's S3 endpoint, which others may not, and no longer when the endpoint's policy says so.

use crate::harness::{Cloud, http_get, wait_for};
use crate::walk::{BOOT, SECOND, id};
use std::path::Path;

fn file(path: &Path) -> String {
    format!("file://{}", path.display())
}

#[test]
fn guest_reads_an_object_through_the_endpoint() {
    let c = Cloud::up_with(&["--azs", "1", "--hosts-per-cell", "1"]);
    let vpc = id(&c.must("ec2 create-vpc --cidr-block 10.0.0.0/16"), "/Vpc/VpcId").to_owned();
    let subnet =
        id(&c.must(&format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24")), "/Subnet/SubnetId").to_owned();
    let tables = c.must(&format!("ec2 describe-route-tables --filters Name=vpc-id,Values={vpc}"));
    let table = id(&tables, "/RouteTables/0/RouteTableId");
    let region = c.env("AWS_REGION").to_owned();
    let service = format!("com.amazonaws.{region}.s3");
    let endpoint = c.must(&format!("ec2 create-vpc-endpoint --vpc-id {vpc} --service-name {service} --route-table-ids {table}"));
    let endpoint = id(&endpoint, "/VpcEndpoint/VpcEndpointId").to_owned();

    // No internet gateway, no NAT gateway: the endpoint is the only way, and the only one that the bucket believes.
    c.must("s3api create-bucket --bucket within");
    let object = c.write("object", "read-through-the-endpoint\n");
    c.must(&format!("s3api put-object --bucket within --key k --body {}", object.display()));
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
           "Resource":"arn:aws:s3:::within/*","Condition":{{"StringEquals":{{"aws:SourceVpc":"{vpc}","aws:SourceVpce":"{endpoint}"}},
           "IpAddress":{{"aws:VpcSourceIp":"10.0.1.0/24"}},"Null":{{"aws:SourceIp":"true"}}}}}}]}}"#
    );
    let policy = c.write("bucket.json", &policy);
    c.must(&format!("s3api put-bucket-policy --bucket within --policy {}", file(&policy)));

    let ask = format!("timeout 5 wget -q -O - http://within.s3.{region}.amazonaws.com/k 2>&1 | tail -n 1");
    let script = format!("#!/bin/sh\nwhile true; do echo \"s3 says $({ask})\" > /dev/console; sleep 1; done &\n");
    let script = c.write("user-data.sh", &script);
    let image = c.must("ec2 describe-images --owners amazon");
    let image = id(&image, "/Images/0/ImageId");
    let run = c.must(&format!(
        "ec2 run-instances --image-id {image} --instance-type t3.nano --subnet-id {subnet} --user-data {}",
        file(&script)
    ));
    let guest = id(&run, "/Instances/0/InstanceId").to_owned();
    wait_for("the object in the guest", BOOT, || c.console(&guest).contains("s3 says read-through-the-endpoint").then_some(()));
    let name = format!("s3.{region}.amazonaws.com:80");
    crate::reach::expect(&c, &[&guest, &name], true, &[&endpoint, "a service of the host answers"]);
    crate::reach::expect(&c, &[&guest, "198.51.100.1", "--protocol", "icmp"], false, &["endpoint-protocol"]);

    // From here it is nobody's.
    let gateway = c.env("AWS_ENDPOINT_URL").trim_start_matches("http://").to_owned();
    let (host, port) = gateway.rsplit_once(':').expect("a port");
    let here = crate::lifecycle::http_status(&format!("{host}:{port}"), "/within/k");
    assert_eq!(here, Some(403), "{:?}", http_get(&gateway));

    // What the endpoint's policy does not allow does not pass it.
    let other = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"}]}"#;
    let other = c.write("endpoint.json", other);
    c.must(&format!("ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --policy-document {}", file(&other)));
    let shown = c.must(&format!("ec2 describe-vpc-endpoints --vpc-endpoint-ids {endpoint}"));
    assert!(id(&shown, "/VpcEndpoints/0/PolicyDocument").contains("arn:aws:s3:::other/*"), "{shown}");
    let last = || c.console(&guest).lines().rev().find(|l| l.contains("s3 says")).unwrap_or_default().to_owned();
    wait_for("the refusal in the guest", 60 * SECOND, || last().contains("403").then_some(()));
    c.must(&format!("ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --reset-policy"));
    wait_for("the object again", 60 * SECOND, || last().contains("read-through-the-endpoint").then_some(()));
}
