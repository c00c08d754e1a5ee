//! Trails through the real dispatcher: names, buckets, selectors, logging, tags, and what is pushed of them.

use super::compile;
use crate::context::{Answer, Ctx, OpError, Question, ReplayRng};
use crate::db::Db;
use crate::dispatch::{self, Table};
use crate::ec2::testing::{harness, principal};
use ::iam::Bundle;
use platform::Settings;
use serde_json::{Value, json};
use types::{Generation, TimestampMs};
use wire::trail::{BucketVerdict, Selectors, Span, TrailStatus};

const A: &str = "123456789012";

struct Region {
    db: Db,
    settings: Settings,
    now: TimestampMs,
    table: Table,
    bucket: BucketVerdict,
    /// Buckets that were asked about, with the prefix.
    asked: Vec<(String, String)>,
}

fn region() -> Region {
    let h = harness();
    let table = crate::operations();
    Region { db: Db::default(), settings: h.settings, now: h.now, table, bucket: BucketVerdict::Writable, asked: Vec::new() }
}

impl Region {
    /// As the account's root user; an error is its code.
    fn call(&mut self, operation: &str, body: Value) -> Result<Value, String> {
        let who = principal(A);
        let bundle = Bundle::of(::iam::caller::principal(&who));
        let mut rng = ReplayRng::new();
        let mut answers: Vec<(Question, Answer)> = Vec::new();
        let bytes = serde_json::to_vec(&body).unwrap();
        loop {
            rng.rewind();
            let mut at = crate::context::testing::who(&who, &bundle);
            at.at.now = self.now;
            let mut ctx = Ctx::new(&mut self.db, at, self.now, &self.settings, "req-1", &mut rng, &answers);
            match dispatch::run_json(&self.table, &mut ctx, "cloudtrail", operation, &bytes) {
                Ok(reply) => {
                    self.db.take_mutations();
                    return Ok(serde_json::from_str(&reply.body).unwrap_or_default());
                }
                Err(e) => {
                    self.db.rollback();
                    let question = match e {
                        OpError::Aws(e) => return Err(e.code.to_string()),
                        OpError::Ask(question) => *question,
                    };
                    let answer = match &question {
                        Question::TrailBucket(q) => {
                            self.asked.push((q.bucket.clone(), q.prefix.clone()));
                            Answer::TrailBucket(self.bucket)
                        }
                        Question::TrailStatus(_) => Answer::TrailStatus(TrailStatus {
                            attempted: Some(TimestampMs(1_700_000_000_000)),
                            error: Some("AccessDenied".into()),
                            ..TrailStatus::default()
                        }),
                        other => panic!("{other:?}"),
                    };
                    answers.push((question, answer));
                }
            }
        }
    }

    fn ok(&mut self, operation: &str, body: Value) -> Value {
        self.call(operation, body.clone()).unwrap_or_else(|e| panic!("{operation} {body}: {e}"))
    }

    fn refused(&mut self, operation: &str, body: Value) -> String {
        self.call(operation, body.clone()).err().unwrap_or_else(|| panic!("{operation} {body} was not refused"))
    }
}

fn create(name: &str) -> Value {
    json!({"Name": name, "S3BucketName": "logs"})
}

#[test]
fn a_trail_is_made_shown_changed_and_deleted() {
    let mut r = region();
    let arn = format!("arn:aws:cloudtrail:us-east-1:{A}:trail/t-1");
    let made =
        r.ok("CreateTrail", json!({"Name": "t-1", "S3BucketName": "logs", "S3KeyPrefix": "p/", "EnableLogFileValidation": true}));
    assert_eq!((&made["TrailARN"], &made["S3KeyPrefix"]), (&json!(arn), &json!("p")));
    assert_eq!(made["IncludeGlobalServiceEvents"], true);
    assert_eq!(r.asked, [("logs".to_owned(), "p".to_owned())]);
    for name in ["t-1", arn.as_str()] {
        assert_eq!(r.ok("GetTrail", json!({"Name": name}))["Trail"]["LogFileValidationEnabled"], true);
    }
    r.ok("UpdateTrail", json!({"Name": "t-1", "S3BucketName": "other", "EnableLogFileValidation": false}));
    assert_eq!(r.asked.len(), 2);
    let shown = r.ok("DescribeTrails", json!({"trailNameList": ["t-1", "none"]}));
    assert_eq!(shown["trailList"].as_array().unwrap().len(), 1);
    assert_eq!(shown["trailList"][0]["S3BucketName"], "other");
    assert_eq!(r.ok("ListTrails", json!({}))["Trails"][0]["TrailARN"], json!(arn));
    r.ok("DeleteTrail", json!({"Name": arn}));
    assert_eq!(r.refused("GetTrail", json!({"Name": "t-1"})), "TrailNotFoundException");
}

#[test]
fn what_cannot_be_made() {
    let mut r = region();
    for (body, code) in [
        (create("ab"), "InvalidTrailNameException"),
        (create("a b"), "InvalidTrailNameException"),
        (create("-ab"), "InvalidTrailNameException"),
        (create("ab-"), "InvalidTrailNameException"),
        (create("a-_b"), "InvalidTrailNameException"),
        (create("10.0.0.1"), "InvalidTrailNameException"),
        (create(&"a".repeat(129)), "InvalidTrailNameException"),
        (json!({"Name": "abc", "S3BucketName": "Logs"}), "InvalidS3BucketNameException"),
        (json!({"Name": "abc", "S3BucketName": "logs", "S3KeyPrefix": "x".repeat(201)}), "InvalidS3PrefixException"),
        (json!({"Name": "abc", "S3BucketName": "logs", "IsOrganizationTrail": true}), "OrganizationsNotInUseException"),
        (
            json!({"Name": "abc", "S3BucketName": "logs", "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": false}),
            "InvalidParameterCombinationException",
        ),
        (json!({"Name": "abc", "S3BucketName": "logs", "SnsTopicName": "x"}), "UnsupportedOperation"),
        (json!({"Name": "abc", "S3BucketName": "logs", "KmsKeyId": "x"}), "UnsupportedOperation"),
        (json!({"Name": "abc", "S3BucketName": "logs", "CloudWatchLogsRoleArn": "x"}), "UnsupportedOperation"),
    ] {
        assert_eq!(r.refused("CreateTrail", body.clone()), code, "{body}");
    }
    r.bucket = BucketVerdict::NoSuchBucket;
    assert_eq!(r.refused("CreateTrail", create("abc")), "S3BucketDoesNotExistException");
    r.bucket = BucketVerdict::Denied;
    assert_eq!(r.refused("CreateTrail", create("abc")), "InsufficientS3BucketPolicyException");
    r.bucket = BucketVerdict::Writable;
    r.ok("CreateTrail", create("abc"));
    assert_eq!(r.refused("CreateTrail", create("abc")), "TrailAlreadyExistsException");
    (1..5).for_each(|n| drop(r.ok("CreateTrail", create(&format!("abc{n}")))));
    assert_eq!(r.refused("CreateTrail", create("abc5")), "MaximumNumberOfTrailsExceededException");
    for name in ["arn:aws:cloudtrail:us-east-1:123456789012:bucket/x", "arn:aws:s3:::x"] {
        assert_eq!(r.refused("GetTrail", json!({"Name": name})), "CloudTrailARNInvalidException");
    }
    let elsewhere = "arn:aws:cloudtrail:us-east-1:999900001111:trail/abc";
    assert_eq!(r.refused("GetTrail", json!({"Name": elsewhere})), "TrailNotFoundException");
}

#[test]
fn times_of_logging() {
    let mut r = region();
    r.ok("CreateTrail", create("abc"));
    let pushed = |r: &Region| compile(&r.db, &r.settings, Generation(1)).trails;
    assert!(pushed(&r).is_empty());
    let name = json!({"Name": "abc"});
    let begun = r.now;
    r.ok("StartLogging", name.clone());
    r.ok("StartLogging", name.clone());
    assert_eq!(pushed(&r)[0].spans, [Span { from: begun, to: None }]);
    let status = r.ok("GetTrailStatus", name.clone());
    assert_eq!((&status["IsLogging"], &status["LatestDeliveryError"]), (&json!(true), &json!("AccessDenied")));
    assert_eq!(status["LatestDeliveryAttemptTime"], "2023-11-14T22:13:20Z");
    assert_eq!(status["LatestDeliveryAttemptSucceeded"], "");
    r.now.0 += 10;
    r.ok("StopLogging", name.clone());
    assert_eq!(r.ok("GetTrailStatus", name.clone())["IsLogging"], false);
    let trail = pushed(&r).remove(0);
    assert_eq!(trail.spans, [Span { from: begun, to: Some(r.now) }]);
    assert!(trail.covers(begun) && !trail.covers(r.now) && !trail.is_logging());
    for _ in 0..20 {
        r.now.0 += 10;
        r.ok("StartLogging", name.clone());
        r.now.0 += 10;
        r.ok("StopLogging", name.clone());
    }
    assert_eq!(pushed(&r)[0].spans.len(), 16);
}

#[test]
fn selectors() {
    let mut r = region();
    r.ok("CreateTrail", create("abc"));
    let default = r.ok("GetEventSelectors", json!({"TrailName": "abc"}));
    assert_eq!(default["EventSelectors"][0]["ReadWriteType"], "All");
    let mut put = |body: Value| {
        let mut all = json!({"TrailName": "abc"});
        all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        r.call("PutEventSelectors", all)
    };
    let data = |kind: &str, value: &str| json!({"EventSelectors": [{"DataResources": [{"Type": kind, "Values": [value]}]}]});
    let field = |fields: Value| json!({"AdvancedEventSelectors": [{"FieldSelectors": fields}]});
    let category = |c: &str| json!({"Field": "eventCategory", "Equals": [c]});
    let objects = json!({"Field": "resources.type", "Equals": ["AWS::S3::Object"]});
    for bad in [
        json!({}),
        json!({"EventSelectors": []}),
        json!({"EventSelectors": [{"ReadWriteType": "Some"}]}),
        json!({"EventSelectors": [{"ExcludeManagementEventSources": ["ec2.amazonaws.com"]}]}),
        data("AWS::Lambda::Function", "arn:aws:lambda"),
        data("AWS::S3::Object", "arn:aws:s3:::bucket"),
        field(json!([])),
        field(json!([category("Insight")])),
        field(json!([category("Data")])),
        field(json!([category("Management"), objects])),
        field(json!([category("Management"), {"Field": "readOnly", "Equals": ["yes"]}])),
        field(json!([category("Management"), {"Field": "eventName"}])),
        field(json!([category("Data"), {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]}])),
    ] {
        assert_eq!(put(bad.clone()).err().as_deref(), Some("InvalidEventSelectorsException"), "{bad}");
    }
    for good in [
        data("AWS::S3::Object", "arn:aws:s3"),
        data("AWS::S3::Object", "arn:aws:s3:::bucket/"),
        field(json!([category("Data"), objects, {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::b/"]}])),
    ] {
        put(good.clone()).unwrap_or_else(|e| panic!("{good}: {e}"));
    }
    let shown = r.ok("GetEventSelectors", json!({"TrailName": "abc"}));
    assert_eq!(shown["AdvancedEventSelectors"][0]["FieldSelectors"][2]["StartsWith"][0], "arn:aws:s3:::b/");
    r.ok("StartLogging", json!({"Name": "abc"}));
    assert!(matches!(&compile(&r.db, &r.settings, Generation(1)).trails[0].selectors, Selectors::Advanced(s) if s.len() == 1));
}

#[test]
fn tags_are_kept() {
    let mut r = region();
    let mut body = create("abc");
    body["TagsList"] = json!([{"Key": "a", "Value": "1"}]);
    let arn = r.ok("CreateTrail", body)["TrailARN"].clone();
    r.ok("AddTags", json!({"ResourceId": arn, "TagsList": [{"Key": "b", "Value": "2"}]}));
    r.ok("RemoveTags", json!({"ResourceId": arn, "TagsList": [{"Key": "a"}]}));
    let listed = r.ok("ListTags", json!({"ResourceIdList": [arn]}));
    assert_eq!(listed["ResourceTagList"][0]["TagsList"], json!([{"Key": "b", "Value": "2"}]));
    assert_eq!(r.refused("ListTags", json!({"ResourceIdList": ["abc"]})), "CloudTrailARNInvalidException");
    let aws = json!({"ResourceId": arn, "TagsList": [{"Key": "aws:x"}]});
    assert_eq!(r.refused("AddTags", aws), "InvalidTagParameterException");
}
