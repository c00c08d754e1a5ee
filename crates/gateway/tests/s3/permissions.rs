//! Every operation of S3 that is served: denied to a user without policies, allowed by exactly the documented actions on the
//! documented resource, denied with every action but one of them. And what requests need beside that.

use crate::world::{Req, Res, Who, delete, get, head, post, put, with_settings};
use aws_protocol::s3::Operation;
use iam::catalog;

const BUCKET: &str = "arn:aws:s3:::perm-bucket";
const KEY: &str = "arn:aws:s3:::perm-bucket/key";

/// Operations that this product answers with NotImplemented, whoever asks.
fn is_refused(op: Operation) -> bool {
    use Operation::*;
    let name = op.name();
    matches!(
        op,
        CreateSession
            | GetBucketAbac
            | PutBucketAbac
            | GetObjectTorrent
            | RenameObject
            | SelectObjectContent
            | UpdateObjectEncryption
            | WriteGetObjectResponse
    ) || ["Metadata", "Analytics", "IntelligentTiering", "Metrics"].iter().any(|part| name.contains(part))
}

/// An operation, a request of it, and the actions with resources that it needs.
type Case = (Operation, Req, Vec<(&'static str, &'static str)>);

fn requests(w: &Made) -> Vec<Case> {
    use Operation::*;
    let b = |s: &str| format!("/perm-bucket{s}");
    let tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>";
    let far = "2999-01-01T00:00:00Z";
    let upload = format!("/perm-bucket/upload?uploadId={}", w.upload);
    let bucket = |op, req, action| (op, req, vec![(action, BUCKET)]);
    let object = |op, req, action| (op, req, vec![(action, KEY)]);
    vec![
        (ListBuckets, get("/"), vec![("s3:ListAllMyBuckets", "*")]),
        (CreateBucket, put("/perm-new", ""), vec![("s3:CreateBucket", "arn:aws:s3:::perm-new")]),
        bucket(HeadBucket, head(b("")), "s3:ListBucket"),
        bucket(ListObjects, get(b("")), "s3:ListBucket"),
        bucket(ListObjectsV2, get(b("?list-type=2")), "s3:ListBucket"),
        bucket(ListObjectVersions, get(b("?versions")), "s3:ListBucketVersions"),
        bucket(ListMultipartUploads, get(b("?uploads")), "s3:ListBucketMultipartUploads"),
        bucket(GetBucketLocation, get(b("?location")), "s3:GetBucketLocation"),
        bucket(GetBucketAccelerateConfiguration, get(b("?accelerate")), "s3:GetAccelerateConfiguration"),
        bucket(PutBucketAccelerateConfiguration, put(b("?accelerate"), "<x/>"), "s3:PutAccelerateConfiguration"),
        bucket(GetBucketAcl, get(b("?acl")), "s3:GetBucketAcl"),
        bucket(PutBucketAcl, put(b("?acl"), "").with("x-amz-acl", "private"), "s3:PutBucketAcl"),
        bucket(GetBucketCors, get(b("?cors")), "s3:GetBucketCORS"),
        bucket(PutBucketCors, put(b("?cors"), "<x/>").md5(), "s3:PutBucketCORS"),
        bucket(DeleteBucketCors, delete(b("?cors")), "s3:PutBucketCORS"),
        bucket(GetBucketEncryption, get(b("?encryption")), "s3:GetEncryptionConfiguration"),
        bucket(PutBucketEncryption, put(b("?encryption"), "<x/>").md5(), "s3:PutEncryptionConfiguration"),
        bucket(DeleteBucketEncryption, delete(b("?encryption")), "s3:PutEncryptionConfiguration"),
        bucket(GetBucketInventoryConfiguration, get(b("?inventory&id=x")), "s3:GetInventoryConfiguration"),
        bucket(ListBucketInventoryConfigurations, get(b("?inventory")), "s3:GetInventoryConfiguration"),
        bucket(PutBucketInventoryConfiguration, put(b("?inventory&id=x"), "<x/>"), "s3:PutInventoryConfiguration"),
        bucket(DeleteBucketInventoryConfiguration, delete(b("?inventory&id=x")), "s3:PutInventoryConfiguration"),
        bucket(GetBucketLifecycleConfiguration, get(b("?lifecycle")), "s3:GetLifecycleConfiguration"),
        bucket(PutBucketLifecycleConfiguration, put(b("?lifecycle"), "<x/>").md5(), "s3:PutLifecycleConfiguration"),
        bucket(DeleteBucketLifecycle, delete(b("?lifecycle")), "s3:PutLifecycleConfiguration"),
        bucket(GetBucketLogging, get(b("?logging")), "s3:GetBucketLogging"),
        bucket(PutBucketLogging, put(b("?logging"), "<x/>").md5(), "s3:PutBucketLogging"),
        bucket(GetBucketNotificationConfiguration, get(b("?notification")), "s3:GetBucketNotification"),
        bucket(PutBucketNotificationConfiguration, put(b("?notification"), "<x/>"), "s3:PutBucketNotification"),
        bucket(GetBucketOwnershipControls, get(b("?ownershipControls")), "s3:GetBucketOwnershipControls"),
        bucket(PutBucketOwnershipControls, put(b("?ownershipControls"), "<x/>").md5(), "s3:PutBucketOwnershipControls"),
        bucket(DeleteBucketOwnershipControls, delete(b("?ownershipControls")), "s3:PutBucketOwnershipControls"),
        bucket(GetBucketPolicy, get(b("?policy")), "s3:GetBucketPolicy"),
        bucket(PutBucketPolicy, put(b("?policy"), "{}").md5(), "s3:PutBucketPolicy"),
        bucket(DeleteBucketPolicy, delete(b("?policy")), "s3:DeleteBucketPolicy"),
        bucket(GetBucketPolicyStatus, get(b("?policyStatus")), "s3:GetBucketPolicyStatus"),
        bucket(GetBucketReplication, get(b("?replication")), "s3:GetReplicationConfiguration"),
        bucket(PutBucketReplication, put(b("?replication"), "<x/>").md5(), "s3:PutReplicationConfiguration"),
        bucket(DeleteBucketReplication, delete(b("?replication")), "s3:PutReplicationConfiguration"),
        bucket(GetBucketRequestPayment, get(b("?requestPayment")), "s3:GetBucketRequestPayment"),
        bucket(PutBucketRequestPayment, put(b("?requestPayment"), "<x/>").md5(), "s3:PutBucketRequestPayment"),
        bucket(GetBucketTagging, get(b("?tagging")), "s3:GetBucketTagging"),
        bucket(PutBucketTagging, put(b("?tagging"), tagging).md5(), "s3:PutBucketTagging"),
        bucket(DeleteBucketTagging, delete(b("?tagging")), "s3:PutBucketTagging"),
        bucket(GetBucketVersioning, get(b("?versioning")), "s3:GetBucketVersioning"),
        bucket(PutBucketVersioning, put(b("?versioning"), "<x/>").md5(), "s3:PutBucketVersioning"),
        bucket(GetBucketWebsite, get(b("?website")), "s3:GetBucketWebsite"),
        bucket(PutBucketWebsite, put(b("?website"), "<x/>").md5(), "s3:PutBucketWebsite"),
        bucket(DeleteBucketWebsite, delete(b("?website")), "s3:DeleteBucketWebsite"),
        bucket(GetObjectLockConfiguration, get(b("?object-lock")), "s3:GetBucketObjectLockConfiguration"),
        bucket(PutObjectLockConfiguration, put(b("?object-lock"), "<x/>").md5(), "s3:PutBucketObjectLockConfiguration"),
        bucket(GetPublicAccessBlock, get(b("?publicAccessBlock")), "s3:GetBucketPublicAccessBlock"),
        bucket(PutPublicAccessBlock, put(b("?publicAccessBlock"), "<x/>").md5(), "s3:PutBucketPublicAccessBlock"),
        bucket(DeletePublicAccessBlock, delete(b("?publicAccessBlock")), "s3:PutBucketPublicAccessBlock"),
        object(GetObject, get(b("/key")), "s3:GetObject"),
        object(GetObject, get(b(&format!("/key?versionId={}", w.version))), "s3:GetObjectVersion"),
        object(HeadObject, head(b("/key")), "s3:GetObject"),
        object(HeadObject, head(b(&format!("/key?versionId={}", w.version))), "s3:GetObjectVersion"),
        // What is not there is told to those who may list it, as with ACLs.
        (GetObject, get(b("/none")), vec![("s3:ListBucket", BUCKET)]),
        (
            GetObjectAttributes,
            get(b("/key?attributes")).with("x-amz-object-attributes", "ETag"),
            vec![("s3:GetObject", KEY), ("s3:GetObjectAttributes", KEY)],
        ),
        (
            GetObjectAttributes,
            get(b(&format!("/key?attributes&versionId={}", w.version))).with("x-amz-object-attributes", "ETag"),
            vec![("s3:GetObjectVersion", KEY), ("s3:GetObjectVersionAttributes", KEY)],
        ),
        object(GetObjectAcl, get(b("/key?acl")), "s3:GetObjectAcl"),
        object(GetObjectAcl, get(b(&format!("/key?acl&versionId={}", w.version))), "s3:GetObjectVersionAcl"),
        object(PutObjectAcl, put(b("/key?acl"), "").with("x-amz-acl", "private"), "s3:PutObjectAcl"),
        object(GetObjectLegalHold, get(b("/key?legal-hold")), "s3:GetObjectLegalHold"),
        object(
            PutObjectLegalHold,
            put(b("/key?legal-hold"), "<LegalHold><Status>OFF</Status></LegalHold>").md5(),
            "s3:PutObjectLegalHold",
        ),
        object(GetObjectRetention, get(b("/key?retention")), "s3:GetObjectRetention"),
        object(PutObjectRetention, put(b("/key?retention"), "<Retention/>").md5(), "s3:PutObjectRetention"),
        (
            PutObjectRetention,
            put(b("/key?retention"), "<Retention/>").md5().with("x-amz-bypass-governance-retention", "true"),
            vec![("s3:PutObjectRetention", KEY), ("s3:BypassGovernanceRetention", KEY)],
        ),
        object(GetObjectTagging, get(b("/key?tagging")), "s3:GetObjectTagging"),
        object(GetObjectTagging, get(b(&format!("/key?tagging&versionId={}", w.version))), "s3:GetObjectVersionTagging"),
        object(PutObjectTagging, put(b("/key?tagging"), tagging).md5(), "s3:PutObjectTagging"),
        object(
            PutObjectTagging,
            put(b(&format!("/key?tagging&versionId={}", w.version)), tagging).md5(),
            "s3:PutObjectVersionTagging",
        ),
        object(DeleteObjectTagging, delete(b("/key?tagging")), "s3:DeleteObjectTagging"),
        object(DeleteObjectTagging, delete(b(&format!("/key?tagging&versionId={}", w.version))), "s3:DeleteObjectVersionTagging"),
        (PutObject, put(b("/new"), "x"), vec![("s3:PutObject", "arn:aws:s3:::perm-bucket/new")]),
        (
            PutObject,
            put(b("/new"), "x")
                .with("x-amz-acl", "private")
                .with("x-amz-tagging", "a=1")
                .with("x-amz-object-lock-mode", "GOVERNANCE")
                .with("x-amz-object-lock-retain-until-date", far)
                .with("x-amz-object-lock-legal-hold", "OFF")
                .md5(),
            ["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectRetention", "s3:PutObjectLegalHold"]
                .map(|a| (a, "arn:aws:s3:::perm-bucket/new"))
                .to_vec(),
        ),
        (CreateMultipartUpload, post(b("/new?uploads"), ""), vec![("s3:PutObject", "arn:aws:s3:::perm-bucket/new")]),
        (UploadPart, put(format!("{upload}&partNumber=1"), "x"), vec![("s3:PutObject", "arn:aws:s3:::perm-bucket/upload")]),
        (
            UploadPartCopy,
            put(format!("{upload}&partNumber=2"), "").with("x-amz-copy-source", "/perm-bucket/key"),
            vec![("s3:PutObject", "arn:aws:s3:::perm-bucket/upload"), ("s3:GetObject", KEY)],
        ),
        (ListParts, get(upload.clone()), vec![("s3:ListMultipartUploadParts", "arn:aws:s3:::perm-bucket/upload")]),
        (CompleteMultipartUpload, post(upload.clone(), "<x/>"), vec![("s3:PutObject", "arn:aws:s3:::perm-bucket/upload")]),
        (
            CopyObject,
            put(b("/copy"), "").with("x-amz-copy-source", "/perm-bucket/key"),
            vec![("s3:PutObject", "arn:aws:s3:::perm-bucket/copy"), ("s3:GetObject", KEY)],
        ),
        (
            CopyObject,
            put(b("/copy"), "").with("x-amz-copy-source", "/perm-bucket/tagged"),
            vec![
                ("s3:PutObject", "arn:aws:s3:::perm-bucket/copy"),
                ("s3:PutObjectTagging", "arn:aws:s3:::perm-bucket/copy"),
                ("s3:GetObject", "arn:aws:s3:::perm-bucket/tagged"),
                ("s3:GetObjectTagging", "arn:aws:s3:::perm-bucket/tagged"),
            ],
        ),
        (
            RestoreObject,
            post(b("/key?restore"), "<RestoreRequest><Days>1</Days></RestoreRequest>"),
            vec![("s3:RestoreObject", KEY)],
        ),
        (AbortMultipartUpload, delete(upload), vec![("s3:AbortMultipartUpload", "arn:aws:s3:::perm-bucket/upload")]),
        (DeleteObject, delete(b("/gone")), vec![("s3:DeleteObject", "arn:aws:s3:::perm-bucket/gone")]),
        (DeleteObject, delete(b(&format!("/key?versionId={}", w.version))), vec![("s3:DeleteObjectVersion", KEY)]),
        bucket(DeleteBucket, delete(b("")), "s3:DeleteBucket"),
    ]
}

struct Made {
    upload: String,
    version: String,
}

fn policy(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn allow(element: &str, action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","{element}":"{action}","Resource":"{resource}"}}"#)
}

/// A reply that says "you may not".
fn is_denial(r: &Res) -> bool {
    r.status == 403 && (r.body.is_empty() || r.text().contains("<Code>AccessDenied</Code>"))
}

#[test]
fn each_operation_asks_for_its_actions_and_nothing_else() {
    with_settings(serde_json::json!({}), |w| async move {
        w.done(put("/perm-bucket", "").with("x-amz-bucket-object-lock-enabled", "true")).await;
        let version = w.done(put("/perm-bucket/key", "x")).await.header("x-amz-version-id").to_owned();
        w.done(put("/perm-bucket/tagged", "x").with("x-amz-tagging", "a=1")).await;
        let upload = w.done(post("/perm-bucket/upload?uploads", "")).await.tag("UploadId");
        let made = Made { upload, version };
        let all = requests(&made);
        for op in Operation::ALL {
            let separately = [Operation::DeleteObjects, Operation::PostObject, Operation::CorsPreflight];
            let here = all.iter().any(|(o, ..)| o == op);
            assert!(here || is_refused(*op) || separately.contains(op), "{} is not asked", op.name());
            assert!(!(here && is_refused(*op)), "{}", op.name());
        }
        for (op, req, needs) in all {
            let (name, req) = (op.name(), req.by(Who::User));
            let documented = catalog::find("s3", name).unwrap().needs;
            assert!(needs.iter().all(|(action, _)| documented.iter().any(|n| n.action == *action)), "{name}");
            w.user(&policy(&[allow("Action", "none:None", "*")])).await;
            let r = w.ask(req.clone()).await;
            assert!(is_denial(&r), "{name} {needs:?} without a policy: {} {}", r.status, r.text());
            for (action, _) in &needs {
                w.user(&policy(&[allow("NotAction", action, "*")])).await;
                let r = w.ask(req.clone()).await;
                assert!(is_denial(&r), "{name} without {action}: {} {}", r.status, r.text());
                let elsewhere = [allow("NotAction", action, "*"), allow("Action", action, "arn:aws:s3:::another")];
                w.user(&policy(&elsewhere)).await;
                let r = w.ask(req.clone()).await;
                assert!(is_denial(&r), "{name} with {action} elsewhere: {} {}", r.status, r.text());
            }
            let exact: Vec<String> = needs.iter().map(|(action, resource)| allow("Action", action, resource)).collect();
            w.user(&policy(&exact)).await;
            let r = w.ask(req.clone()).await;
            assert!(!is_denial(&r), "{name} with {needs:?}: {} {}", r.status, r.text());
        }
    });
}

#[test]
fn what_a_bucket_begins_with_takes_its_own_permissions() {
    with_settings(serde_json::json!({}), |w| async move {
        let rows: Vec<(&str, Req, &[&str])> = vec![
            ("private", put("/begins-a", "").with("x-amz-acl", "private"), &[]),
            ("an ACL", put("/begins-b", "").with("x-amz-acl", "public-read"), &["s3:PutBucketAcl"]),
            (
                "lock",
                put("/begins-c", "").with("x-amz-bucket-object-lock-enabled", "true"),
                &["s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"],
            ),
            (
                "ownership",
                put("/begins-d", "").with("x-amz-object-ownership", "ObjectWriter"),
                &["s3:PutBucketOwnershipControls"],
            ),
        ];
        for (name, req, more) in rows {
            let req = req.by(Who::User);
            for left_out in more {
                w.user(&policy(&[allow("NotAction", left_out, "*")])).await;
                assert!(is_denial(&w.ask(req.clone()).await), "{name} without {left_out}");
            }
            let mut exact = vec![allow("Action", "s3:CreateBucket", "*")];
            exact.extend(more.iter().map(|a| allow("Action", a, "*")));
            w.user(&policy(&exact)).await;
            let r = w.ask(req).await;
            assert_eq!(r.status, 200, "{name}: {}", r.text());
        }
    });
}

#[test]
fn one_delete_of_many_is_judged_key_by_key() {
    with_settings(serde_json::json!({}), |w| async move {
        w.done(put("/perm-bucket", "")).await;
        w.done(put("/perm-bucket/a", "x")).await;
        w.user(&policy(&[allow("Action", "s3:DeleteObject", "arn:aws:s3:::perm-bucket/a")])).await;
        let body = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";
        let r = w.ask(post("/perm-bucket?delete", body).md5().by(Who::User)).await;
        assert_eq!(
            (r.status, r.tag("Deleted").contains("<Key>a</Key>"), r.tags("Code")),
            (200, true, vec!["AccessDenied".to_owned()])
        );
    });
}

/// (name, condition, request, whether it is let in)
type Row = (&'static str, &'static str, Req, bool);

#[test]
fn condition_keys_have_the_values_of_the_request() {
    with_settings(serde_json::json!({}), |w| async move {
        w.done(put("/perm-bucket", "").with("x-amz-bucket-object-lock-enabled", "true")).await;
        w.done(put("/perm-bucket/key", "x").with("x-amz-tagging", "stage=live")).await;
        let key = || get("/perm-bucket/key");
        let new = || put("/perm-bucket/new", "x");
        let rows: Vec<Row> = vec![
            ("prefix", r#""StringEquals":{"s3:prefix":"a/"}"#, get("/perm-bucket?prefix=a/"), true),
            ("another prefix", r#""StringEquals":{"s3:prefix":"a/"}"#, get("/perm-bucket?prefix=b/"), false),
            ("no prefix", r#""StringEquals":{"s3:prefix":"a/"}"#, get("/perm-bucket"), false),
            ("delimiter", r#""StringEquals":{"s3:delimiter":"/"}"#, get("/perm-bucket?delimiter=/"), true),
            ("max-keys", r#""NumericLessThanEquals":{"s3:max-keys":"10"}"#, get("/perm-bucket?max-keys=10"), true),
            ("too many keys", r#""NumericLessThanEquals":{"s3:max-keys":"10"}"#, get("/perm-bucket?max-keys=11"), false),
            ("header signature", r#""StringEquals":{"s3:authType":"REST-HEADER"}"#, key(), true),
            ("query signature", r#""StringEquals":{"s3:authType":"REST-QUERY-STRING"}"#, key().presigned(60), true),
            ("header, query wanted", r#""StringEquals":{"s3:authType":"REST-QUERY-STRING"}"#, key(), false),
            ("signature version", r#""StringEquals":{"s3:signatureversion":"AWS4-HMAC-SHA256"}"#, key(), true),
            ("signature age", r#""NumericLessThan":{"s3:signatureAge":"600000"}"#, key().presigned(60), true),
            ("existing tag", r#""StringEquals":{"s3:ExistingObjectTag/stage":"live"}"#, key(), true),
            ("another tag", r#""StringEquals":{"s3:ExistingObjectTag/stage":"test"}"#, key(), false),
            ("request tag", r#""StringEquals":{"s3:RequestObjectTag/a":"1"}"#, new().with("x-amz-tagging", "a=1"), true),
            (
                "tag keys",
                r#""ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["a"]}"#,
                new().with("x-amz-tagging", "a=1&b=2"),
                false,
            ),
            (
                "storage class",
                r#""StringEquals":{"s3:x-amz-storage-class":"STANDARD_IA"}"#,
                new().with("x-amz-storage-class", "STANDARD_IA"),
                true,
            ),
            ("encryption", r#""StringEquals":{"s3:x-amz-server-side-encryption":"AES256"}"#, new(), false),
            (
                "encryption asked for",
                r#""StringEquals":{"s3:x-amz-server-side-encryption":"AES256"}"#,
                new().with("x-amz-server-side-encryption", "AES256"),
                true,
            ),
            ("acl", r#""StringEquals":{"s3:x-amz-acl":"private"}"#, new().with("x-amz-acl", "private"), true),
            (
                "copy source",
                r#""StringLike":{"s3:x-amz-copy-source":"*/key"}"#,
                put("/perm-bucket/c", "").with("x-amz-copy-source", "/perm-bucket/key"),
                true,
            ),
            ("conditional writes", r#""Null":{"s3:if-none-match":"false"}"#, new(), false),
            (
                "a conditional write",
                r#""Null":{"s3:if-none-match":"false"}"#,
                put("/perm-bucket/once", "x").with("if-none-match", "*"),
                true,
            ),
            ("creation", r#""Bool":{"s3:ObjectCreationOperation":"true"}"#, new(), true),
            (
                "part of a creation",
                r#""Bool":{"s3:ObjectCreationOperation":"true"}"#,
                post("/perm-bucket/new?uploads", ""),
                false,
            ),
            (
                "retention, days",
                r#""NumericLessThanEquals":{"s3:object-lock-remaining-retention-days":"10"}"#,
                put(
                    "/perm-bucket/key?retention",
                    "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2999-01-01T00:00:00Z</RetainUntilDate></Retention>",
                )
                .md5(),
                false,
            ),
            (
                "retention, mode",
                r#""StringEquals":{"s3:object-lock-mode":"GOVERNANCE"}"#,
                put(
                    "/perm-bucket/key?retention",
                    "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2999-01-01T00:00:00Z</RetainUntilDate></Retention>",
                )
                .md5(),
                true,
            ),
            (
                "hold",
                r#""StringEquals":{"s3:object-lock-legal-hold":"ON"}"#,
                put("/perm-bucket/key?legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>").md5(),
                false,
            ),
            (
                "owner",
                r#""StringEquals":{"aws:ResourceAccount":"123456789012","s3:ResourceAccount":"123456789012"}"#,
                key(),
                true,
            ),
            ("address", r#""IpAddress":{"aws:SourceIp":"127.0.0.0/8"}"#, key(), true),
            ("user agent", r#""StringLike":{"aws:UserAgent":"cli*"}"#, key().with("user-agent", "cli/1"), true),
            ("referer", r#""StringLike":{"aws:Referer":"https://a/*"}"#, key().with("referer", "https://b/"), false),
            ("name", r#""StringEquals":{"aws:username":"user"}"#, key(), true),
            ("time", r#""DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#, key(), true),
            ("tls", r#""Bool":{"aws:SecureTransport":"true"}"#, key(), false),
            ("location", r#""StringEquals":{"s3:LocationConstraint":"eu-west-1"}"#, put("/perm-new", ""), false),
        ];
        for (name, condition, req, want) in rows {
            let statement = format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{{condition}}}}}"#);
            w.user(&policy(&[statement])).await;
            let r = w.ask(req.by(Who::User)).await;
            assert_eq!(!is_denial(&r), want, "{name}: {} {}", r.status, r.text());
        }
    });
}
