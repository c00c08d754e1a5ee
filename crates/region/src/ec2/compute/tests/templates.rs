//! Launch templates: versions, what a launch takes from them, fleets.

use crate::ec2::compute::testing::{World, text, texts};

const MICRO: &str = "LaunchTemplateData.ImageId=ami-micro&LaunchTemplateData.InstanceType=t3.micro";

fn world() -> (World, String) {
    let mut w = World::new();
    let made = w.ok("CreateLaunchTemplate", &format!("LaunchTemplateName=web&VersionDescription=first&{MICRO}"));
    assert_eq!((text(&made, "latestVersionNumber").as_str(), text(&made, "defaultVersionNumber").as_str()), ("1", "1"));
    let id = text(&made, "launchTemplateId");
    (w, id)
}

fn tags(w: &mut World, id: &str) -> Vec<(String, String)> {
    let xml = w.ok("DescribeTags", &format!("Filter.1.Name=resource-id&Filter.1.Value.1={id}"));
    texts(&xml, "key").into_iter().zip(texts(&xml, "value")).collect()
}

#[test]
fn errors() {
    let (mut w, id) = world();
    let version = |v: &str| format!("LaunchTemplateId={id}&LaunchTemplateVersion.1={v}");
    for (action, parameters, code) in [
        ("CreateLaunchTemplate", format!("LaunchTemplateName=web&{MICRO}"), "InvalidLaunchTemplateName.AlreadyExistsException"),
        ("CreateLaunchTemplate", format!("LaunchTemplateName=w!&{MICRO}"), "InvalidLaunchTemplateName.MalformedException"),
        ("CreateLaunchTemplate", "LaunchTemplateName=other".into(), "MissingParameter"),
        ("CreateLaunchTemplate", "LaunchTemplateName=other&LaunchTemplateData.KernelId=aki-1".into(), "UnsupportedOperation"),
        ("CreateLaunchTemplate", "LaunchTemplateName=other&LaunchTemplateData.UserData=%25".into(), "InvalidParameterValue"),
        (
            "CreateLaunchTemplate",
            "LaunchTemplateName=other&LaunchTemplateData.TagSpecification.1.ResourceType=vpc".into(),
            "UnsupportedOperation",
        ),
        ("DescribeLaunchTemplates", "LaunchTemplateName.1=none".into(), "InvalidLaunchTemplateName.NotFoundException"),
        ("DescribeLaunchTemplates", "LaunchTemplateId.1=lt-0123456789abcdef0".into(), "InvalidLaunchTemplateId.NotFound"),
        ("DescribeLaunchTemplates", "LaunchTemplateId.1=lt-x".into(), "InvalidLaunchTemplateId.Malformed"),
        ("DescribeLaunchTemplateVersions", version("9"), "InvalidLaunchTemplateId.VersionNotFound"),
        ("DescribeLaunchTemplateVersions", version("newest"), "InvalidParameterValue"),
        ("DescribeLaunchTemplateVersions", "LaunchTemplateVersion.1=1".into(), "MissingParameter"),
        ("ModifyLaunchTemplate", format!("LaunchTemplateId={id}&SetDefaultVersion=2"), "InvalidLaunchTemplateId.VersionNotFound"),
        ("DeleteLaunchTemplate", format!("LaunchTemplateId={id}&LaunchTemplateName=web"), "InvalidParameterCombination"),
        ("DeleteLaunchTemplate", String::new(), "MissingParameter"),
        (
            "RunInstances",
            "MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateName=no1".into(),
            "InvalidLaunchTemplateName.NotFoundException",
        ),
        (
            "RunInstances",
            format!("MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateId={id}&LaunchTemplate.Version=7"),
            "InvalidLaunchTemplateId.VersionNotFound",
        ),
        ("GetLaunchTemplateData", "InstanceId=i-0123456789abcdef0".into(), "InvalidInstanceID.NotFound"),
    ] {
        assert_eq!(w.code(action, &parameters), code, "{action} {parameters}");
    }
}

#[test]
fn versions_are_made_from_each_other_and_deleted() {
    let (mut w, id) = world();
    let second = "LaunchTemplateName=web&SourceVersion=1&LaunchTemplateData.InstanceType=t3.small&LaunchTemplateData.Monitoring.Enabled=true";
    let made = w.ok("CreateLaunchTemplateVersion", second);
    let shown =
        (text(&made, "imageId"), text(&made, "instanceType"), text(&made, "versionNumber"), text(&made, "defaultVersion"));
    assert_eq!(shown, ("ami-micro".into(), "t3.small".into(), "2".into(), "false".into()));
    w.ok("CreateLaunchTemplateVersion", "LaunchTemplateName=web&LaunchTemplateData.KeyName=none");
    w.ok("ModifyLaunchTemplate", "LaunchTemplateName=web&SetDefaultVersion=2");
    let numbers = |w: &mut World, more: &str| texts(&w.ok("DescribeLaunchTemplateVersions", more), "versionNumber").join(" ");
    let of = |more: &str| format!("LaunchTemplateId={id}&{more}");
    for (parameters, want) in [
        (of(""), "3 2 1"),
        (of("LaunchTemplateVersion.1=$Latest&LaunchTemplateVersion.2=$Default"), "3 2"),
        (of("MinVersion=2"), "3 2"),
        (of("MaxVersion=$Default"), "2 1"),
        (of("Filter.1.Name=instance-type&Filter.1.Value.1=t3.*"), "2 1"),
        (of("Filter.1.Name=is-default-version&Filter.1.Value.1=true"), "2"),
        ("LaunchTemplateVersion.1=$Default".into(), "2"),
    ] {
        assert_eq!(numbers(&mut w, &parameters), want, "{parameters}");
    }
    let page = w.ok("DescribeLaunchTemplateVersions", &of("MaxResults=2"));
    let token = text(&page, "nextToken");
    assert_eq!(numbers(&mut w, &of(&format!("MaxResults=2&NextToken={token}"))), "1");
    let named = "LaunchTemplateVersion.1=3&LaunchTemplateVersion.2=2&LaunchTemplateVersion.3=9";
    let gone = w.ok("DeleteLaunchTemplateVersions", &of(named));
    assert_eq!(texts(&gone, "code"), ["unexpectedError", "launchTemplateVersionDoesNotExist"]);
    assert_eq!(numbers(&mut w, &of("")), "2 1");
    let again = w.ok("CreateLaunchTemplateVersion", &of(MICRO));
    assert_eq!(text(&again, "versionNumber"), "4", "a number is not given twice");
    w.ok("DeleteLaunchTemplate", "LaunchTemplateName=web");
    assert!(texts(&w.ok("DescribeLaunchTemplates", ""), "launchTemplateId").is_empty());
    assert_eq!(w.code("DescribeLaunchTemplateVersions", &of("")), "InvalidLaunchTemplateId.NotFound");
}

#[test]
fn a_launch_takes_what_it_does_not_say() {
    let mut w = World::new();
    let tag = |n: u8, key: &str, value: &str| {
        format!(
            "&LaunchTemplateData.TagSpecification.1.Tag.{n}.Key={key}&LaunchTemplateData.TagSpecification.1.Tag.{n}.Value={value}"
        )
    };
    let data = format!(
        "LaunchTemplateName=web&{MICRO}&LaunchTemplateData.UserData=aGk=&LaunchTemplateData.MetadataOptions.HttpTokens=required\
         &LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit=3&LaunchTemplateData.Placement.AvailabilityZone=us-east-1b\
         &LaunchTemplateData.BlockDeviceMapping.1.DeviceName=/dev/xvda&LaunchTemplateData.BlockDeviceMapping.1.Ebs.VolumeSize=9\
         &LaunchTemplateData.TagSpecification.1.ResourceType=instance{}{}&TagSpecification.1.ResourceType=launch-template\
         &TagSpecification.1.Tag.1.Key=of&TagSpecification.1.Tag.1.Value=it",
        tag(1, "Name", "web"),
        tag(2, "team", "a")
    );
    let id = text(&w.ok("CreateLaunchTemplate", &data), "launchTemplateId");
    assert_eq!(tags(&mut w, &id), [("of".into(), "it".into())]);
    let reply = w.ok(
        "RunInstances",
        "MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateName=web&InstanceType=t3.small&MetadataOptions.HttpTokens=optional\
         &TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value=b",
    );
    let row = w.row(&text(&reply, "instanceId"));
    assert_eq!((row.instance_type.as_str(), row.az.as_str(), row.user_data.as_deref()), ("t3.small", "us-east-1b", Some("aGk=")));
    assert_eq!((row.metadata.tokens_required, row.metadata.hop_limit, row.root_disk_gib), (false, 3, 9));
    let want =
        [("Name", "web"), ("aws:ec2launchtemplate:id", id.as_str()), ("aws:ec2launchtemplate:version", "1"), ("team", "b")];
    assert_eq!(tags(&mut w, &row.id.to_string()), want.map(|(k, v)| (k.to_owned(), v.to_owned())));
    // What GetLaunchTemplateData says makes an instance like it.
    let data = w.ok("GetLaunchTemplateData", &format!("InstanceId={}", row.id));
    for (element, value) in [("instanceType", "t3.small"), ("volumeSize", "9"), ("userData", "aGk="), ("httpTokens", "optional")]
    {
        assert_eq!(text(&data, element), value);
    }
    assert!(!data.contains("aws:ec2launchtemplate"));
}

fn fleet(capacity: u32, more: &str) -> String {
    format!(
        "Type=instant&TargetCapacitySpecification.TotalTargetCapacity={capacity}\
         &TargetCapacitySpecification.DefaultTargetCapacityType=on-demand\
         &LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName=web\
         &LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=$Latest&{more}"
    )
}

fn overrides(n: u8, kind: &str, zone: &str) -> String {
    let under = format!("LaunchTemplateConfigs.1.Overrides.{n}");
    format!("&{under}.InstanceType={kind}&{under}.AvailabilityZone={zone}")
}

#[test]
fn a_fleet_fills_up_and_tells_what_it_could_not() {
    let (mut w, _) = world();
    // Four t3.micro fit in us-east-1b; the t3.2xlarge of 32 GiB fits nowhere.
    let pools = overrides(1, "t3.2xlarge", "us-east-1a") + &overrides(2, "t3.micro", "us-east-1b");
    let reply = w.ok("CreateFleet", &fleet(6, &(pools.clone() + "&LaunchTemplateConfigs.1.Overrides.1.Priority=0")));
    assert_eq!(texts(&reply, "errorCode"), ["InsufficientInstanceCapacity"]);
    let ids = texts(&reply, "item").len();
    assert!(ids > 0);
    let launched = w.ok("DescribeInstances", "");
    assert_eq!(texts(&launched, "amiLaunchIndex").len(), 4);
    let id = text(&launched, "instanceId");
    assert!(tags(&mut w, &id).contains(&("aws:ec2:fleet-id".into(), text(&reply, "fleetId"))));
    // Nothing of what failed is left: no interface without an instance.
    assert_eq!(texts(&w.ok("DescribeNetworkInterfaces", ""), "sourceDestCheck").len(), 4);
    for (parameters, code) in [
        (fleet(1, "").replace("instant", "maintain"), "UnsupportedOperation"),
        (fleet(1, "").replace("on-demand", "spot"), "UnsupportedOperation"),
        (fleet(0, ""), "InvalidParameterValue"),
        (fleet(1, "").replace("=web", "=none"), "InvalidLaunchTemplateName.NotFoundException"),
        (fleet(1, "OnDemandOptions.AllocationStrategy=best"), "InvalidParameterValue"),
        (fleet(1, "SpotOptions.AllocationStrategy=lowest-price"), "UnsupportedOperation"),
    ] {
        assert_eq!(w.code("CreateFleet", &parameters), code, "{parameters}");
    }
}
