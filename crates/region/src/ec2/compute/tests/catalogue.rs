//! What does not change: regions, types, images, parameters; key pairs and tags.

use super::super::testing::{World, text, texts};
use base64::Engine;

#[test]
fn region_zones_and_account() {
    let mut w = World::new();
    assert_eq!(texts(&w.ok("DescribeRegions", ""), "regionName"), ["us-east-1"]);
    let zones = w.ok("DescribeAvailabilityZones", "");
    assert_eq!(texts(&zones, "zoneName"), ["us-east-1a", "us-east-1b"]);
    assert_eq!(texts(&zones, "zoneId"), ["use1-az1", "use1-az2"]);
    let one = w.ok("DescribeAvailabilityZones", "Filter.1.Name=zone-id&Filter.1.Value.1=use1-az2");
    assert_eq!(texts(&one, "zoneName"), ["us-east-1b"]);
    assert_eq!(w.code("DescribeAvailabilityZones", "ZoneName.1=us-east-1z"), "InvalidParameterValue");
    assert_eq!(w.code("DescribeRegions", "RegionName.1=mars-1"), "InvalidParameterValue");
    assert_eq!(texts(&w.ok("DescribeAccountAttributes", "AttributeName.1=supported-platforms"), "attributeValue"), ["VPC"]);
    let me = w.ok("GetCallerIdentity", "");
    assert_eq!(text(&me, "Arn"), "arn:aws:iam::123456789012:root");
}

#[test]
fn instance_types() {
    let mut w = World::new();
    let t3 = w.ok("DescribeInstanceTypes", "InstanceType.1=t3.micro");
    for (element, want) in [
        ("defaultVCpus", "2"),
        ("sizeInMiB", "1024"),
        ("maximumNetworkInterfaces", "2"),
        ("ipv4AddressesPerInterface", "2"),
        ("burstablePerformanceSupported", "true"),
        ("networkPerformance", "Up to 5 Gigabit"),
        ("hypervisor", "nitro"),
    ] {
        assert_eq!(text(&t3, element), want, "{element}");
    }
    assert_eq!(w.code("DescribeInstanceTypes", "InstanceType.1=t9.huge"), "InvalidInstanceType");
    let burst = "Filter.1.Name=burstable-performance-supported&Filter.1.Value.1=true&Filter.2.Name=memory-info.size-in-mib&Filter.2.Value.1=1024";
    assert_eq!(texts(&w.ok("DescribeInstanceTypes", burst), "instanceType"), ["t2.micro", "t3.micro", "t3a.micro"]);
    let here = "LocationType=availability-zone&Filter.1.Name=instance-type&Filter.1.Value.1=c5.large";
    assert_eq!(texts(&w.ok("DescribeInstanceTypeOfferings", here), "location"), ["us-east-1a", "us-east-1b"]);
    let page = w.ok("DescribeInstanceTypes", "MaxResults=5");
    assert_eq!(texts(&page, "burstablePerformanceSupported").len(), 5);
    assert!(!text(&page, "nextToken").is_empty());
}

#[test]
fn images_and_parameters() {
    let mut w = World::new();
    let image = w.ok("DescribeImages", "Owner.1=amazon&Filter.1.Name=name&Filter.1.Value.1=stratocell-micro-*");
    let id = text(&image, "imageId");
    assert_eq!(text(&image, "imageOwnerAlias"), "amazon");
    assert_eq!(texts(&w.ok("DescribeImages", "Owner.1=self"), "imageId"), Vec::<String>::new());
    assert_eq!(texts(&w.ok("DescribeImages", "ImageId.1=ami-micro"), "imageId"), [id.as_str()]);
    assert_eq!(w.code("DescribeImages", "ImageId.1=ami-0123456789abcdef0"), "InvalidAMIID.NotFound");
    assert_eq!(w.code("DescribeImages", "ImageId.1=micro"), "InvalidAMIID.Malformed");

    let path = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let got = w.json("AmazonSSM.GetParameter", &format!(r#"{{"Name":"{path}"}}"#)).unwrap();
    assert!(got.contains(&format!("\"Value\":\"{id}\"")), "{got}");
    let many = w.json("AmazonSSM.GetParameters", &format!(r#"{{"Names":["{path}","/no/such"]}}"#)).unwrap();
    assert!(many.contains(r#""InvalidParameters":["/no/such"]"#) && many.contains(&id), "{many}");
    assert!(w.json("AmazonSSM.GetParameter", r#"{"Name":"/no/such"}"#).is_err_and(|e| e.is("ParameterNotFound")));
    assert!(w.json("AmazonSSM.GetParameters", r#"{"Names":[]}"#).is_err_and(|e| e.is("ValidationException")));
}

#[test]
fn key_pairs() {
    let mut w = World::new();
    let made = w.ok("CreateKeyPair", "KeyName=a&KeyType=ed25519&TagSpecification.1.ResourceType=key-pair&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v");
    assert!(text(&made, "keyMaterial").starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"));
    let stored = w.db.list::<crate::rows::KeyPair>(&w.caller.account).map(|k| format!("{k:?}")).collect::<String>();
    assert!(!stored.contains("PRIVATE"), "{stored}");
    assert_eq!(w.code("CreateKeyPair", "KeyName=a"), "InvalidKeyPair.Duplicate");
    assert_eq!(w.code("CreateKeyPair", "KeyName=b&KeyFormat=ppk"), "UnsupportedOperation");
    assert_eq!(w.code("CreateKeyPair", "KeyName=b&KeyType=dsa"), "InvalidParameterValue");
    assert_eq!(w.code("CreateKeyPair", "KeyName=b&DryRun=true"), "DryRunOperation");

    let shown = w.ok("DescribeKeyPairs", "IncludePublicKey=true");
    assert_eq!(texts(&shown, "keyName"), ["a"]);
    let line = text(&shown, "publicKey");
    let blob = base64::engine::general_purpose::URL_SAFE.encode(&line).replace('-', "%2B").replace('_', "%2F");
    let imported = w.ok("ImportKeyPair", &format!("KeyName=b&PublicKeyMaterial={blob}"));
    assert_eq!(text(&imported, "keyFingerprint"), text(&made, "keyFingerprint"));
    assert_eq!(w.code("ImportKeyPair", "KeyName=c&PublicKeyMaterial=bm9uc2Vuc2U="), "InvalidKey.Format");

    assert_eq!(w.code("DescribeKeyPairs", "KeyName.1=zz"), "InvalidKeyPair.NotFound");
    assert_eq!(texts(&w.ok("DescribeKeyPairs", "Filter.1.Name=tag:k&Filter.1.Value.1=v"), "keyName"), ["a"]);
    w.ok("DeleteKeyPair", &format!("KeyPairId={}", text(&made, "keyPairId")));
    w.ok("DeleteKeyPair", "KeyName=b");
    w.ok("DeleteKeyPair", "KeyName=b");
    assert_eq!(texts(&w.ok("DescribeKeyPairs", ""), "keyName"), Vec::<String>::new());
    assert!(w.db.list::<crate::rows::TagSet>(&w.caller.account).next().is_none());
}

#[test]
fn tags_on_every_kind() {
    let mut w = World::new();
    let id = w.launch(1, "").remove(0);
    let row = w.row(&id);
    let vpc = w.db.get::<crate::rows::Vpc>(&w.caller.account, row.vpc).unwrap();
    let group = vpc.default_security_group.to_string();
    let rule = w.db.get::<crate::rows::SecurityGroup>(&w.caller.account, &group).unwrap().rules[0].id.to_string();
    let all = [
        id.clone(),
        row.root_volume.to_string(),
        row.interfaces[0].to_string(),
        vpc.id.to_string(),
        row.subnet.to_string(),
        group,
        rule,
        vpc.main_route_table.to_string(),
        vpc.default_network_acl.to_string(),
        vpc.dhcp_options.unwrap().to_string(),
        row.image.clone(),
    ];
    for resource in &all {
        w.ok("CreateTags", &format!("ResourceId.1={resource}&Tag.1.Key=k&Tag.1.Value=v"));
    }
    let kinds: std::collections::BTreeSet<_> =
        texts(&w.ok("DescribeTags", "Filter.1.Name=key&Filter.1.Value.1=k"), "resourceType").into_iter().collect();
    assert_eq!(kinds.len(), all.len());
    w.ok("DeleteTags", &format!("ResourceId.1={id}&Tag.1.Key=k&Tag.1.Value=other"));
    assert!(w.ok("DescribeTags", &format!("Filter.1.Name=resource-id&Filter.1.Value.1={id}")).contains("<key>k</key>"));
    w.ok("DeleteTags", &format!("ResourceId.1={id}&ResourceId.2={}&Tag.1.Key=k", row.subnet));
    assert_eq!(texts(&w.ok("DescribeTags", ""), "resourceId").len(), all.len() - 2);

    for (resource, code) in [
        ("i-0123456789abcdef0", "InvalidInstanceID.NotFound"),
        ("vpc-0123456789abcdef0", "InvalidVpcID.NotFound"),
        ("subnet-0123456789abcdef0", "InvalidSubnetID.NotFound"),
        ("sg-0123456789abcdef0", "InvalidGroup.NotFound"),
        ("vol-0123456789abcdef0", "InvalidVolume.NotFound"),
        ("eni-0123456789abcdef0", "InvalidNetworkInterfaceID.NotFound"),
        ("eipalloc-0123456789abcdef0", "InvalidAllocationID.NotFound"),
        ("nonsense", "InvalidID"),
    ] {
        assert_eq!(w.code("CreateTags", &format!("ResourceId.1={resource}&Tag.1.Key=k&Tag.1.Value=v")), code);
    }
    assert_eq!(w.code("CreateTags", &format!("ResourceId.1={id}&Tag.1.Key=aws:x&Tag.1.Value=v")), "InvalidParameterValue");
}
