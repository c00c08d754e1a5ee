//! An event as its hearers get it: the JSON of "Event message structure", S3 User Guide. Pure.

use super::super::ask::arn;
use super::super::notify::url_encoded;
use super::super::ranges::timestamp;
use iam::canonical_user_id;
use objectstore::record::{EventRecord, Restore};
use serde_json::{Value, json};
use types::{AccountId, TimestampMs};

/// Made by the index when a configuration is new.
pub const TEST: &str = "s3:TestEvent";

/// What the message says beside the event.
pub struct Context<'a> {
    pub region: &'a str,
    /// The bucket's.
    pub owner: &'a AccountId,
    /// Of the configuration that the event fits.
    pub configuration: &'a str,
    pub restore: Option<&'a Restore>,
    pub storage_class: &'a str,
}

fn iso(at: TimestampMs) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub fn message(event: &EventRecord, context: &Context<'_>) -> String {
    let cause = &event.cause;
    let removed = cause.event.starts_with("ObjectRemoved:") || cause.event.starts_with("LifecycleExpiration:");
    let mut object = json!({
        "key": url_encoded(&event.key),
        "sequencer": format!("{:018X}", event.seq),
    });
    if let Value::Object(fields) = &mut object {
        if !removed {
            fields.insert("size".to_owned(), event.bytes.into());
            fields.insert("eTag".to_owned(), event.etag.as_str().into());
        }
        if let Some(version) = event.version {
            fields.insert("versionId".to_owned(), version.to_string().into());
        }
    }
    let created_or_removed = cause.event.starts_with("ObjectCreated:") || cause.event.starts_with("ObjectRemoved:");
    let principal = if cause.principal.is_empty() { "s3.amazonaws.com" } else { cause.principal.as_str() };
    let source = if cause.source_ip.is_empty() { "127.0.0.1" } else { cause.source_ip.as_str() };
    let mut record = json!({
        "eventVersion": if created_or_removed { "2.1" } else { "2.3" },
        "eventSource": "aws:s3",
        "awsRegion": context.region,
        "eventTime": iso(event.at),
        "eventName": cause.event,
        "userIdentity": { "principalId": principal },
        "requestParameters": { "sourceIPAddress": source },
        "responseElements": { "x-amz-request-id": cause.request_id, "x-amz-id-2": host_id(&cause.request_id) },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": context.configuration,
            "bucket": {
                "name": event.bucket,
                "ownerIdentity": { "principalId": canonical_user_id(context.owner) },
                "arn": arn(&event.bucket, None),
            },
            "object": object,
        },
    });
    if let (Some(until), Value::Object(fields)) = (context.restore.and_then(|r| r.until), &mut record)
        && cause.event == "ObjectRestore:Completed"
    {
        let data = json!({ "restoreEventData": {
            "lifecycleRestorationExpiryTime": iso(until),
            "lifecycleRestoreStorageClass": context.storage_class,
        }});
        fields.insert("glacierEventData".to_owned(), data);
    }
    json!({ "Records": [record] }).to_string()
}

/// What a new configuration's destinations get first.
pub fn test_message(event: &EventRecord) -> String {
    let request = format!("{:016X}", event.seq);
    json!({
        "Service": "Amazon S3",
        "Event": TEST,
        "Time": iso(event.at),
        "Bucket": event.bucket,
        "RequestId": request,
        "HostId": host_id(&request),
    })
    .to_string()
}

fn host_id(request_id: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(request_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use objectstore::record::{Cause, VersionId};

    fn event(name: &str, version: Option<VersionId>) -> EventRecord {
        EventRecord {
            seq: 0xabc,
            bucket: "bkt".into(),
            key: "a/b c".into(),
            version,
            bytes: 7,
            etag: "e".into(),
            at: TimestampMs(1_700_000_000_123),
            cause: Cause {
                event: name.into(),
                request_id: "REQ".into(),
                principal: "AWS:AIDA".into(),
                source_ip: "127.0.0.9".into(),
            },
        }
    }

    #[test]
    fn messages_say_what_happened() {
        let owner = "123456789012".parse().unwrap();
        let restore = Restore { requested: TimestampMs(1), days: 1, tier: "Bulk".into(), until: Some(TimestampMs(86_400_000)) };
        let context = Context {
            region: "us-east-1",
            owner: &owner,
            configuration: "cfg",
            restore: Some(&restore),
            storage_class: "GLACIER",
        };
        let of =
            |e: &EventRecord| -> Value { serde_json::from_str::<Value>(&message(e, &context)).unwrap()["Records"][0].clone() };
        let put = of(&event("ObjectCreated:Put", Some(VersionId::Null)));
        for (pointer, wanted) in [
            ("/eventVersion", json!("2.1")),
            ("/eventSource", json!("aws:s3")),
            ("/awsRegion", json!("us-east-1")),
            ("/eventTime", json!("2023-11-14T22:13:20.123Z")),
            ("/eventName", json!("ObjectCreated:Put")),
            ("/userIdentity/principalId", json!("AWS:AIDA")),
            ("/requestParameters/sourceIPAddress", json!("127.0.0.9")),
            ("/responseElements/x-amz-request-id", json!("REQ")),
            ("/s3/configurationId", json!("cfg")),
            ("/s3/bucket/arn", json!("arn:aws:s3:::bkt")),
            ("/s3/object/key", json!("a/b+c")),
            ("/s3/object/size", json!(7)),
            ("/s3/object/versionId", json!("null")),
            ("/s3/object/sequencer", json!("000000000000000ABC")),
        ] {
            assert_eq!(put.pointer(pointer), Some(&wanted), "{pointer}");
        }
        let gone = of(&event("ObjectRemoved:Delete", None));
        assert_eq!((gone.pointer("/s3/object/size"), gone.pointer("/s3/object/versionId")), (None, None));
        let restored = of(&event("ObjectRestore:Completed", None));
        assert_eq!(restored["eventVersion"], "2.3");
        let data = &restored["glacierEventData"]["restoreEventData"];
        assert_eq!(data["lifecycleRestorationExpiryTime"], "1970-01-02T00:00:00.000Z");
        let test: Value = serde_json::from_str(&test_message(&event(TEST, None))).unwrap();
        assert_eq!((test["Event"].as_str(), test["Bucket"].as_str()), (Some("s3:TestEvent"), Some("bkt")));
    }
}
