//! Wrong input through the real CLI: AWS's code, a sentence that helps, nothing half made.

use crate::harness::Cloud;
use crate::walk::id;

#[test]
fn wrong_input_is_refused_to_the_letter() {
    let c = Cloud::up();
    let vpc = c.must("ec2 create-vpc --cidr-block 10.0.0.0/16");
    let vpc = id(&vpc, "/Vpc/VpcId").to_owned();
    c.must(&format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.0.0/24"));
    let before = c.must("ec2 describe-subnets");
    for (call, code) in [
        ("ec2 create-vpc --cidr-block 10.0.0.0/8", "InvalidVpc.Range"),
        ("ec2 create-vpc --cidr-block 10.0.0.0/33", "InvalidParameterValue"),
        (&*format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.0.128/25"), "InvalidSubnet.Conflict"),
        (&format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.1.0.0/24"), "InvalidSubnet.Range"),
        ("ec2 create-subnet --vpc-id vpc-0123456789abcdef0 --cidr-block 10.1.0.0/24", "InvalidVpcID.NotFound"),
        (&format!("ec2 delete-vpc --vpc-id {vpc}"), "DependencyViolation"),
        ("ec2 describe-instances --instance-ids i-0123456789abcdef0", "InvalidInstanceID.NotFound"),
        ("ec2 describe-instances --instance-ids nonsense", "InvalidInstanceID.Malformed"),
        ("ec2 describe-vpcs --filters Name=colour,Values=red", "InvalidParameterValue"),
        ("ec2 run-instances --image-id ami-0123456789abcdef0 --instance-type t3.nano", "InvalidAMIID.NotFound"),
        ("ec2 run-instances --image-id ami-micro --instance-type t9.huge", "InvalidParameterValue"),
        ("ec2 run-instances --image-id ami-micro --instance-type t3.nano --key-name none", "InvalidKeyPair.NotFound"),
        (
            "ec2 run-instances --image-id ami-micro --instance-type t3.nano --hibernation-options Configured=true",
            "UnsupportedOperation",
        ),
        ("ec2 run-instances --image-id ami-micro --instance-type t3.nano --dry-run", "DryRunOperation"),
        ("ec2 create-vpc --cidr-block 10.9.0.0/16 --dry-run", "DryRunOperation"),
    ] {
        match c.aws(call) {
            Ok(v) => panic!("aws {call} was accepted: {v}"),
            Err(e) => assert_eq!(e.code, code, "aws {call}: {}", e.text),
        }
    }
    assert_eq!(c.must("ec2 describe-subnets"), before, "nothing half made");
    assert_eq!(c.must("ec2 describe-instances")["Reservations"].as_array().map(Vec::len), Some(0));

    // The quota of VPCs.
    let mut last = None;
    for i in 1..8 {
        if let Err(e) = c.aws(&format!("ec2 create-vpc --cidr-block 10.{i}.0.0/16")) {
            last = Some(e);
            break;
        }
    }
    assert_eq!(last.expect("a quota").code, "VpcLimitExceeded");

    // Another account sees none of it, and a wrong secret nothing at all.
    let other = c.account("other");
    let args = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let seen = c.aws_as(&other, args("ec2 describe-vpcs")).expect("its own VPCs");
    assert!(!seen.to_string().contains(&vpc), "accounts are apart");
    let mut wrong = other.clone();
    wrong.insert("AWS_SECRET_ACCESS_KEY".into(), "x".repeat(40));
    let refused = c.aws_as(&wrong, args("sts get-caller-identity")).expect_err("a wrong secret");
    assert_eq!(refused.code, "SignatureDoesNotMatch", "{}", refused.text);
}
