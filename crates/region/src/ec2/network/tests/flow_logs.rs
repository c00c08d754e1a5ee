//! Flow logs: what is refused and how, and what cards and the s3-worker are told.

use super::{World, run_instance, world};
use crate::context::{Answer, Question};
use crate::ec2::network::flow_log;
use crate::ec2::testing::{call, ok, text, texts};
use crate::rows::{FlowLog, Interface};
use types::Generation;
use wire::flow::{FlowResource, Traffic};
use wire::trail::{BucketQuestion, BucketVerdict};

const TO_S3: &str = "LogDestinationType=s3&TrafficType=ALL";

/// A world in which the bucket's policy says so.
fn with_bucket(bucket: &str, prefix: &str, verdict: BucketVerdict) -> World {
    let mut w = world();
    let account = w.h.caller.account.clone();
    let arn = format!("arn:aws:logs:us-east-1:{account}:*");
    let question = BucketQuestion { account, arn, bucket: bucket.into(), prefix: prefix.into() };
    w.h.answers.push((Question::FlowLogBucket(question), Answer::FlowLogBucket(verdict)));
    w
}

#[test]
fn made_shown_and_deleted() {
    let mut w = with_bucket("logs", "net", BucketVerdict::Writable);
    let (_, eni) = run_instance(&mut w.h, &w.subnet.clone());
    let seconds = |w: &World| {
        let n = w.h.db.get::<Interface>(&w.h.caller.account, eni).unwrap();
        flow_log::seconds(&w.h.db, &n)
    };
    assert_eq!(seconds(&w), None);
    let to = "LogDestination=arn:aws:s3:::logs/net/";
    let tags = "TagSpecification.1.ResourceType=vpc-flow-log&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v";
    let all = format!("ResourceType=VPC&ResourceId.1={{vpc}}&{TO_S3}&{to}&{tags}");
    let reply = w.ok("CreateFlowLogs", &all);
    let vpc_log = text(&reply, "item");
    assert_eq!(seconds(&w), Some(600));
    let format = "LogFormat=%24%7Bvpc-id%7D+%24%7Btraffic-path%7D";
    let own = format!(
        "ResourceType=NetworkInterface&ResourceId.1={eni}&LogDestinationType=s3&TrafficType=REJECT&{to}&{format}\
         &MaxAggregationInterval=60&DestinationOptions.HiveCompatiblePartitions=true&DestinationOptions.PerHourPartition=true"
    );
    let own_log = text(&w.ok("CreateFlowLogs", &own), "item");
    assert_eq!(seconds(&w), Some(60), "the shortest");

    let snapshot = flow_log::compile(&w.h.db, &w.h.settings, Generation(3));
    assert_eq!((snapshot.logs.len(), snapshot.zones.len(), snapshot.services.len()), (2, 2, 2));
    let log = snapshot.logs.iter().find(|l| l.id.to_string() == own_log).unwrap();
    assert_eq!((log.resource, log.traffic), (FlowResource::Interface(eni), Traffic::Reject));
    assert_eq!((log.bucket.as_str(), log.prefix.as_str(), log.hive, log.per_hour), ("logs", "net", true, true));
    assert_eq!(log.fields, ["vpc-id", "traffic-path"]);

    // The same again, and a third on the VPC.
    let again = w.ok("CreateFlowLogs", &all);
    assert_eq!(text(&again, "code"), "FlowLogAlreadyExists");
    w.ok("CreateFlowLogs", &all.replace("ALL", "ACCEPT"));
    let third = w.ok("CreateFlowLogs", &all.replace("ALL", "REJECT"));
    assert_eq!(text(&third, "code"), "FlowLogsLimitExceeded");
    let mixed = all.replace("ResourceId.1={vpc}", "ResourceId.1=vpc-0123456789abcdef0");
    assert_eq!(text(&w.ok("CreateFlowLogs", &mixed), "code"), "InvalidVpcID.NotFound");

    let ids: Vec<_> = w.h.db.list::<FlowLog>(&w.h.caller.account).map(|l| l.id).collect();
    let broken = [(own_log.parse().unwrap(), "Access error".to_owned())].into();
    w.h.answers.push((Question::FlowLogErrors(ids), Answer::FlowLogErrors(broken)));
    let shown = w.ok("DescribeFlowLogs", &format!("FlowLogId.1={vpc_log}"));
    for (element, value) in [
        ("deliverLogsStatus", "SUCCESS"),
        ("flowLogStatus", "ACTIVE"),
        ("logDestination", "arn:aws:s3:::logs/net/"),
        ("logDestinationType", "s3"),
        ("maxAggregationInterval", "600"),
        ("resourceId", &w.vpc),
        ("trafficType", "ALL"),
        ("fileFormat", "plain-text"),
        ("key", "k"),
    ] {
        assert_eq!(text(&shown, element), value, "{element}");
    }
    assert!(text(&shown, "logFormat").starts_with("${version} ${account-id}"));
    let failed = w.ok("DescribeFlowLogs", "Filter.1.Name=deliver-log-status&Filter.1.Value.1=FAILED");
    assert_eq!(texts(&failed, "flowLogId"), [own_log.as_str()]);
    assert_eq!(text(&failed, "deliverLogsErrorMessage"), "Access error");

    let missing = "fl-0123456789abcdef0";
    let e = call(&mut w.h, "DeleteFlowLogs", &format!("FlowLogId.1={own_log}&FlowLogId.2={missing}")).unwrap_err();
    assert_eq!(e.code, "InvalidFlowLogId.NotFound");
    assert!(e.message.ends_with(&format!("[TotalCount: 1] {missing}")), "{}", e.message);
    assert_eq!(seconds(&w), Some(60), "none or all");
    ok(&mut w.h, "DeleteFlowLogs", &format!("FlowLogId.1={own_log}"));
    assert_eq!(seconds(&w), Some(600));
}

#[test]
fn a_bucket_that_does_not_let_them_in() {
    for (verdict, message) in [
        (BucketVerdict::NoSuchBucket, "LogDestination: logs does not exist."),
        (BucketVerdict::Denied, "Access Denied for LogDestination: logs. Please check LogDestination permission."),
    ] {
        let mut w = with_bucket("logs", "", verdict);
        let request = format!("ResourceType=VPC&ResourceId.1={{vpc}}&{TO_S3}&LogDestination=arn:aws:s3:::logs");
        let reply = w.ok("CreateFlowLogs", &request);
        assert_eq!((text(&reply, "code"), text(&reply, "message")), ("400".to_owned(), message.to_owned()));
        assert_eq!(text(&reply, "resourceId"), w.vpc);
        assert_eq!(w.h.db.list::<FlowLog>(&w.h.caller.account).count(), 0);
    }
    let mut w = with_bucket("logs", "", BucketVerdict::Unknown);
    let request = format!("ResourceType=VPC&ResourceId.1={}&{TO_S3}&LogDestination=arn:aws:s3:::logs", w.vpc);
    assert_eq!(call(&mut w.h, "CreateFlowLogs", &request).unwrap_err().code, "Unavailable");
}

#[test]
fn refused_by_name() {
    let mut w = with_bucket("logs", "", BucketVerdict::Writable);
    let good = format!("ResourceType=VPC&ResourceId.1={}&{TO_S3}&LogDestination=arn:aws:s3:::logs", w.vpc);
    for (request, code) in [
        (good.replace("ResourceType=VPC", "ResourceType=TransitGateway"), "UnsupportedOperation"),
        (good.replace("ResourceType=VPC", "ResourceType=Vpc"), "InvalidParameterValue"),
        (good.replace("ResourceType=VPC&", ""), "MissingParameter"),
        (good.replace("TrafficType=ALL", "TrafficType=SOME"), "InvalidParameterValue"),
        (good.replace("&TrafficType=ALL", ""), "MissingParameter"),
        (good.replace("Type=s3", "Type=cloud-watch-logs"), "UnsupportedOperation"),
        (good.replace("Type=s3", "Type=kinesis-data-firehose"), "UnsupportedOperation"),
        (format!("{good}&LogGroupName=g"), "InvalidParameter"),
        (format!("{good}&DeliverLogsPermissionArn=arn:aws:iam::123456789012:role/r"), "InvalidParameter"),
        (format!("{good}&DeliverCrossAccountRole=arn:aws:iam::123456789012:role/r"), "UnsupportedOperation"),
        (format!("{good}&LogFormat=%24%7Breject-reason%7D"), "InvalidParameter"),
        (format!("{good}&MaxAggregationInterval=61"), "InvalidParameterValue"),
        (format!("{good}&DestinationOptions.FileFormat=parquet"), "UnsupportedOperation"),
    ] {
        assert_eq!(call(&mut w.h, "CreateFlowLogs", &request).unwrap_err().code, code, "{request}");
    }
    for (action, request, code) in [
        ("DescribeFlowLogs", "FlowLogId.1=fl-0123456789abcdef0", "InvalidFlowLogId.NotFound"),
        ("DescribeFlowLogs", "FlowLogId.1=x", "InvalidFlowLogId.Malformed"),
        ("DeleteFlowLogs", "", "MissingParameter"),
    ] {
        assert_eq!(call(&mut w.h, action, request).unwrap_err().code, code, "{action}");
    }
}
