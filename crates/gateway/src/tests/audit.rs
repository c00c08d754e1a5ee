//! What the trail tells of calls, and LookupEvents.

use super::*;
use crate::audit::search::{Found, Search, by_request};
use crate::audit::verify;
use serde_json::{Value, json};

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cloudtrail:LookupEvents","Resource":"*"}}"#;

fn found(w: &World, request_id: &str) -> Found {
    match by_request(&w.dir.audit(), request_id).unwrap() {
        Search::Found(found) => *found,
        other => panic!("{request_id}: {other:?}"),
    }
}

/// The id that a reply gives.
fn id_of(reply: &str) -> String {
    let (_, rest) = reply.split_once("x-amzn-requestid: ").unwrap_or_else(|| panic!("{reply}"));
    rest.split_once("\r\n").unwrap().0.to_owned()
}

fn json_call<'a>(service: &'a str, target: &'a str, body: &'a str) -> Call<'a> {
    let headers = vec![("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
    Call { service, headers, ..call(body) }
}

async fn look_up(w: &World, body: Value) -> Result<Value, String> {
    let text = body.to_string();
    let call = json_call("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", &text);
    let reply = w.raw(&call.bytes()).await;
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    if head.starts_with("HTTP/1.1 200") { Ok(body) } else { Err(body["__type"].as_str().unwrap().to_owned()) }
}

/// A region that refuses with a reason and repeats what it was given.
fn refusing(r: &ApiRequest) -> Result<ApiReply, RpcError> {
    let error = aws_protocol::AwsError::new("UnauthorizedOperation", format!("No: {}", r.body)).with_status(403);
    let reply = aws_protocol::error_reply(&r.service, &r.request_id, &error);
    let trace = wire::identity::Trace {
        action: "ec2:RunInstances".into(),
        resource: "arn:aws:ec2:us-east-1:123456789012:instance/*".into(),
        allowed: false,
        because: "no identity-based policy allows the action".into(),
    };
    Ok(crate::answer::own(reply, vec![trace]))
}

fn creating(_: &ApiRequest) -> Result<ApiReply, RpcError> {
    let body = "<R xmlns=\"u\"><CreateAccessKeyResult><AccessKey><UserName>ann</UserName>\
        <SecretAccessKey>marked-in-the-reply</SecretAccessKey></AccessKey></CreateAccessKeyResult>\
        <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></R>";
    Ok(ApiReply { body: body.into(), ..ok(&request())? })
}

fn request() -> ApiRequest {
    serde_json::from_value(
        json!({"request_id": "", "principal": {"account": "123456789012", "arn": "", "user_id": "", "kind": "root",
        "session": null}, "service": "", "access_key": "", "source_ip": "", "protocol": "form", "body": "", "target": null}),
    )
    .unwrap()
}

#[test]
fn a_denied_call_is_in_the_trail_with_its_reason_and_without_its_secrets() {
    with_gateway(Some(refusing), |w| async move {
        let reply = w.raw(&call("Action=RunInstances&Version=2016-11-15&ImageId=ami-1&UserData=marked-secret").bytes()).await;
        assert!(reply.starts_with("HTTP/1.1 403"), "{reply}");
        let found = found(&w, &id_of(&reply));
        let event = &found.event;
        assert_eq!((&event["errorCode"], &event["eventName"]), (&json!("UnauthorizedOperation"), &json!("RunInstances")));
        assert_eq!(event["requestParameters"], json!({"imageId": "ami-1", "userData": "HIDDEN_DUE_TO_SECURITY_REASONS"}));
        assert_eq!((&event["userIdentity"]["type"], &event["userIdentity"]["accessKeyId"]), (&json!("IAMUser"), &json!(KEY)));
        assert_eq!(event["eventSource"], "ec2.amazonaws.com");
        assert_eq!(found.traces[0].because, "no identity-based policy allows the action");
        let trail = std::fs::read_dir(w.dir.audit().join("management")).unwrap();
        let trail = trail.map(|e| std::fs::read_to_string(e.unwrap().path()).unwrap());
        // The region's message repeats the parameters.
        assert!(trail.collect::<String>().matches("marked-secret").count() == 0);
    });
}

#[test]
fn what_a_call_made_is_told_without_its_secrets() {
    with_gateway(Some(creating), |w| async move {
        let call = Call { service: "iam", ..call("Action=CreateAccessKey&Version=2010-05-08&UserName=ann") };
        let found = found(&w, &id_of(&w.raw(&call.bytes()).await));
        let hidden = json!({"accessKey": {"userName": "ann", "secretAccessKey": "HIDDEN_DUE_TO_SECURITY_REASONS"}});
        assert_eq!((&found.event["responseElements"], &found.event["readOnly"]), (&hidden, &json!(false)));
        assert_eq!(found.event.get("errorCode"), None);
    });
}

#[test]
fn what_is_not_proven_is_in_the_trail_and_in_nobodys_account() {
    with_gateway(None, |w| async move {
        let wrong = Call { secret: "another", ..call("Action=DescribeVpcs&Version=2016-11-15") };
        let found_wrong = found(&w, &id_of(&w.raw(&wrong.bytes()).await));
        assert_eq!(found_wrong.event["userIdentity"], json!({"type": "Unknown", "accessKeyId": KEY}));
        assert_eq!(
            (&found_wrong.event["errorCode"], &found_wrong.event["recipientAccountId"]),
            (&json!("AuthFailure"), &json!(""))
        );
        let form = call("Action=DescribeVpcs&Version=2016-11-15");
        let dead = found(&w, &id_of(&w.raw(&form.bytes()).await));
        assert_eq!(dead.event["errorCode"], "Unavailable");
        // Floods are counted and not written, so that they push nothing out.
        for _ in 0..150 {
            w.raw(&wrong.bytes()).await;
        }
        let status = w.status().await;
        let s = verify(&w.dir.audit(), &[]).unwrap().unwrap().management;
        assert_eq!((s.events + status.audit.skipped, status.audit.lost), (152, 0));
    });
}

#[test]
fn events_are_looked_up_with_the_control_plane_dead() {
    with_gateway(None, |w| async move {
        // No policy allows it.
        assert_eq!(look_up(&w, json!({})).await.unwrap_err(), "AccessDeniedException");
        let rows = [("123456789012", KEY, KEY, SECRET, POLICY), ("210987654321", "b", "AKIAB", "other", POLICY)];
        let push = crate::identity::testing::push(9, &rows);
        w.control.call::<PushIdentity>(&push, Duration::from_secs(5)).await.unwrap();
        for n in 0..5 {
            w.raw(&call(&format!("Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-{n}")).bytes()).await;
        }
        let other = Call { key: "AKIAB", secret: "other", ..call("Action=DescribeVpcs&Version=2016-11-15") };
        w.raw(&other.bytes()).await;

        let wanted = |more: Value| {
            let mut body = json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "DescribeVpcs"}]});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let all = look_up(&w, wanted(json!({}))).await.unwrap();
        let vpcs = |reply: &Value| -> Vec<String> {
            let events = reply["Events"].as_array().unwrap().iter();
            let event = |e: &Value| serde_json::from_str::<Value>(e["CloudTrailEvent"].as_str().unwrap()).unwrap();
            events.map(|e| event(e)["requestParameters"]["vpcId"][0].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(vpcs(&all), ["vpc-4", "vpc-3", "vpc-2", "vpc-1", "vpc-0"]);
        assert_eq!((&all["Events"][0]["ReadOnly"], &all["Events"][0]["Username"]), (&json!("true"), &json!(KEY)));
        // In pages, while more comes.
        let (mut token, mut paged) = (None, Vec::new());
        loop {
            let mut body = wanted(json!({"MaxResults": 2}));
            if let Some(token) = token {
                body["NextToken"] = token;
            }
            let page = look_up(&w, body).await.unwrap();
            w.raw(&call("Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-later").bytes()).await;
            paged.extend(vpcs(&page));
            match page.get("NextToken") {
                Some(t) => token = Some(t.clone()),
                None => break,
            }
        }
        assert_eq!(paged, vpcs(&all));

        let id = all["Events"][2]["EventId"].clone();
        let one = look_up(&w, json!({"LookupAttributes": [{"AttributeKey": "EventId", "AttributeValue": id}]})).await.unwrap();
        assert_eq!(vpcs(&one), ["vpc-2"]);
        let future = (now().0 / 1000 + 3_600) as f64;
        assert_eq!(look_up(&w, json!({"StartTime": future})).await.unwrap()["Events"], json!([]));
        for (body, code) in [
            (json!({"MaxResults": 51}), "InvalidMaxResultsException"),
            (json!({"StartTime": 10, "EndTime": 5}), "InvalidTimeRangeException"),
            (json!({"NextToken": "bm9uc2Vuc2U"}), "InvalidNextTokenException"),
            (json!({"EventCategory": "insight"}), "InvalidEventCategoryException"),
            (json!({"LookupAttributes": [{"AttributeKey": "No", "AttributeValue": "x"}]}), "InvalidLookupAttributesException"),
        ] {
            assert_eq!(look_up(&w, body).await.unwrap_err(), code);
        }
    });
}
