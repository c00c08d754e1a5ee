//! The routing table, row by row.

use super::*;

const FORM: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=x");
const COPY: (&str, &str) = ("X-Amz-Copy-Source", "/b/k");

fn routed(method: &str, target: &str, headers: &[(&str, &str)], host: &str) -> Result<Route, AwsError> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    route(&HttpRequest { method, path, query, headers }, Some(host), DEFAULT)
}

const DEFAULT: &[&str] = crate::s3::DEFAULT_BASE_HOSTS;

#[test]
fn operations() {
    #[rustfmt::skip]
    let rows: &[(&str, &str, Operation)] = &[
        ("GET", "/", ListBuckets),
        ("GET", "/?max-buckets=5&x-id=ListBuckets", ListBuckets),
        ("PUT", "/bkt", CreateBucket),
        ("PUT", "/bkt/", CreateBucket),
        ("PUT", "/bkt?x-id=CreateBucket", CreateBucket),
        ("HEAD", "/bkt", HeadBucket),
        ("DELETE", "/bkt", DeleteBucket),
        ("GET", "/bkt", ListObjects),
        ("GET", "/bkt/?prefix=a&delimiter=/", ListObjects),
        ("GET", "/bkt?list-type=1", ListObjects),
        ("GET", "/bkt?list-type=2&prefix=acl", ListObjectsV2),
        ("GET", "/bkt?versions&prefix=x", ListObjectVersions),
        ("GET", "/bkt?uploads", ListMultipartUploads),
        ("POST", "/bkt?delete", DeleteObjects),
        ("POST", "/bkt?delete=", DeleteObjects),
        ("GET", "/bkt?acl", GetBucketAcl),
        ("PUT", "/bkt?acl", PutBucketAcl),
        ("GET", "/bkt?policy", GetBucketPolicy),
        ("PUT", "/bkt?policy", PutBucketPolicy),
        ("DELETE", "/bkt?policy", DeleteBucketPolicy),
        ("GET", "/bkt?policyStatus", GetBucketPolicyStatus),
        ("GET", "/bkt?cors", GetBucketCors),
        ("PUT", "/bkt?cors", PutBucketCors),
        ("DELETE", "/bkt?cors", DeleteBucketCors),
        ("GET", "/bkt?website", GetBucketWebsite),
        ("PUT", "/bkt?website", PutBucketWebsite),
        ("DELETE", "/bkt?website", DeleteBucketWebsite),
        ("GET", "/bkt?tagging", GetBucketTagging),
        ("PUT", "/bkt?tagging", PutBucketTagging),
        ("DELETE", "/bkt?tagging", DeleteBucketTagging),
        ("GET", "/bkt?versioning", GetBucketVersioning),
        ("PUT", "/bkt?versioning", PutBucketVersioning),
        ("GET", "/bkt?location", GetBucketLocation),
        ("GET", "/bkt?lifecycle", GetBucketLifecycleConfiguration),
        ("PUT", "/bkt?lifecycle", PutBucketLifecycleConfiguration),
        ("DELETE", "/bkt?lifecycle", DeleteBucketLifecycle),
        ("GET", "/bkt?encryption", GetBucketEncryption),
        ("PUT", "/bkt?encryption", PutBucketEncryption),
        ("DELETE", "/bkt?encryption", DeleteBucketEncryption),
        ("GET", "/bkt?object-lock", GetObjectLockConfiguration),
        ("PUT", "/bkt?object-lock", PutObjectLockConfiguration),
        ("GET", "/bkt?publicAccessBlock", GetPublicAccessBlock),
        ("PUT", "/bkt?publicAccessBlock", PutPublicAccessBlock),
        ("DELETE", "/bkt?publicAccessBlock", DeletePublicAccessBlock),
        ("GET", "/bkt?ownershipControls", GetBucketOwnershipControls),
        ("PUT", "/bkt?ownershipControls", PutBucketOwnershipControls),
        ("DELETE", "/bkt?ownershipControls", DeleteBucketOwnershipControls),
        ("GET", "/bkt?logging", GetBucketLogging),
        ("PUT", "/bkt?logging", PutBucketLogging),
        ("GET", "/bkt?notification", GetBucketNotificationConfiguration),
        ("PUT", "/bkt?notification", PutBucketNotificationConfiguration),
        ("GET", "/bkt?replication", GetBucketReplication),
        ("PUT", "/bkt?replication", PutBucketReplication),
        ("DELETE", "/bkt?replication", DeleteBucketReplication),
        ("GET", "/bkt?requestPayment", GetBucketRequestPayment),
        ("PUT", "/bkt?requestPayment", PutBucketRequestPayment),
        ("GET", "/bkt?accelerate", GetBucketAccelerateConfiguration),
        ("PUT", "/bkt?accelerate", PutBucketAccelerateConfiguration),
        ("GET", "/bkt?inventory&id=1", GetBucketInventoryConfiguration),
        ("GET", "/bkt?inventory", ListBucketInventoryConfigurations),
        ("PUT", "/bkt?inventory&id=1", PutBucketInventoryConfiguration),
        ("DELETE", "/bkt?inventory&id=1", DeleteBucketInventoryConfiguration),
        ("GET", "/bkt?analytics&id=1", GetBucketAnalyticsConfiguration),
        ("GET", "/bkt?analytics", ListBucketAnalyticsConfigurations),
        ("PUT", "/bkt?analytics&id=1", PutBucketAnalyticsConfiguration),
        ("DELETE", "/bkt?analytics&id=1", DeleteBucketAnalyticsConfiguration),
        ("GET", "/bkt?metrics&id=1", GetBucketMetricsConfiguration),
        ("GET", "/bkt?metrics", ListBucketMetricsConfigurations),
        ("PUT", "/bkt?metrics&id=1", PutBucketMetricsConfiguration),
        ("DELETE", "/bkt?metrics&id=1", DeleteBucketMetricsConfiguration),
        ("GET", "/bkt?intelligent-tiering&id=1", GetBucketIntelligentTieringConfiguration),
        ("GET", "/bkt?intelligent-tiering", ListBucketIntelligentTieringConfigurations),
        ("PUT", "/bkt?intelligent-tiering&id=1", PutBucketIntelligentTieringConfiguration),
        ("DELETE", "/bkt?intelligent-tiering&id=1", DeleteBucketIntelligentTieringConfiguration),
        ("GET", "/bkt?session", CreateSession),
        ("GET", "/bkt?abac", GetBucketAbac),
        ("POST", "/bkt?metadataTable", CreateBucketMetadataTableConfiguration),
        ("PUT", "/bkt?metadataJournalTable", UpdateBucketMetadataJournalTableConfiguration),
        ("OPTIONS", "/bkt", CorsPreflight),
        ("OPTIONS", "/bkt/a/key?acl", CorsPreflight),
        ("GET", "/bkt/key", GetObject),
        ("GET", "/bkt/key?versionId=3&response-content-type=x&partNumber=2", GetObject),
        ("GET", "/bkt/key?x-id=GetObject&X-Amz-Signature=0", GetObject),
        ("HEAD", "/bkt/key", HeadObject),
        ("HEAD", "/bkt/key?partNumber=1", HeadObject),
        ("PUT", "/bkt/key", PutObject),
        ("PUT", "/bkt/key?x-id=PutObject", PutObject),
        ("PUT", "/bkt/key?partNumber=1&uploadId=u", UploadPart),
        ("DELETE", "/bkt/key", DeleteObject),
        ("DELETE", "/bkt/key?versionId=null", DeleteObject),
        ("DELETE", "/bkt/key?uploadId=u", AbortMultipartUpload),
        ("DELETE", "/bkt/key?tagging", DeleteObjectTagging),
        ("POST", "/bkt/key?uploads", CreateMultipartUpload),
        ("POST", "/bkt/key?uploadId=u", CompleteMultipartUpload),
        ("POST", "/bkt/key?restore&versionId=v", RestoreObject),
        ("POST", "/bkt/key?select&select-type=2", SelectObjectContent),
        ("GET", "/bkt/key?uploadId=u&part-number-marker=3", ListParts),
        ("GET", "/bkt/key?acl", GetObjectAcl),
        ("PUT", "/bkt/key?acl&versionId=v", PutObjectAcl),
        ("GET", "/bkt/key?tagging", GetObjectTagging),
        ("PUT", "/bkt/key?tagging", PutObjectTagging),
        ("GET", "/bkt/key?retention", GetObjectRetention),
        ("PUT", "/bkt/key?retention", PutObjectRetention),
        ("GET", "/bkt/key?legal-hold", GetObjectLegalHold),
        ("PUT", "/bkt/key?legal-hold", PutObjectLegalHold),
        ("GET", "/bkt/key?attributes", GetObjectAttributes),
        ("GET", "/bkt/key?torrent", GetObjectTorrent),
        ("PUT", "/bkt/key?renameObject", RenameObject),
        ("PUT", "/bkt/key?encryption", UpdateObjectEncryption),
        ("POST", "/WriteGetObjectResponse", WriteGetObjectResponse),
    ];
    for (method, target, wanted) in rows {
        let r = routed(method, target, &[], "localhost:4566").unwrap_or_else(|e| panic!("{method} {target}: {e}"));
        assert_eq!(r.operation, *wanted, "{method} {target}");
        let has_key = target.starts_with("/bkt/") && !target.starts_with("/bkt/?") && target.len() > 5;
        assert_eq!(r.key.is_some(), has_key && r.operation != CorsPreflight, "{method} {target}");
    }
    for (method, target, header, wanted) in [
        ("PUT", "/bkt/key", COPY, CopyObject),
        ("PUT", "/bkt/key?partNumber=1&uploadId=u", COPY, UploadPartCopy),
        ("PUT", "/bkt", COPY, CreateBucket),
        ("POST", "/bkt", FORM, PostObject),
        ("POST", "/bkt/", ("content-type", "Multipart/Form-Data;boundary=y"), PostObject),
    ] {
        assert_eq!(routed(method, target, &[header], "localhost").unwrap().operation, wanted, "{method} {target} {header:?}");
    }
    let mut reached: Vec<Operation> = rows.iter().map(|r| r.2).chain([CopyObject, UploadPartCopy, PostObject]).collect();
    reached.sort();
    reached.dedup();
    let missed: Vec<_> = Operation::ALL.iter().filter(|o| !reached.contains(o)).map(|o| o.name()).collect();
    // The rest of two families of which each has a row above.
    assert!(missed.iter().all(|n| n.contains("Metadata") || n.contains("Abac")), "{missed:?}");
}

#[test]
fn refusals() {
    let long = format!("/bkt/{}", "%C3%A9".repeat(513));
    #[rustfmt::skip]
    let rows: &[(&str, &str, &str, u16)] = &[
        ("POST", "/", "MethodNotAllowed", 405),
        ("PUT", "/", "MethodNotAllowed", 405),
        ("HEAD", "/", "MethodNotAllowed", 405),
        ("OPTIONS", "/", "MethodNotAllowed", 405),
        ("PATCH", "/bkt", "MethodNotAllowed", 405),
        ("TRACE", "/bkt/key", "MethodNotAllowed", 405),
        ("get", "/bkt", "MethodNotAllowed", 405),
        ("POST", "/bkt/key", "MethodNotAllowed", 405),
        ("DELETE", "/bkt?acl", "MethodNotAllowed", 405),
        ("DELETE", "/bkt/key?acl", "MethodNotAllowed", 405),
        ("PUT", "/bkt?location", "MethodNotAllowed", 405),
        ("PUT", "/bkt?policyStatus", "MethodNotAllowed", 405),
        ("DELETE", "/bkt?versioning", "MethodNotAllowed", 405),
        ("DELETE", "/bkt?notification", "MethodNotAllowed", 405),
        ("GET", "/bkt?delete", "MethodNotAllowed", 405),
        ("POST", "/bkt?acl", "MethodNotAllowed", 405),
        ("HEAD", "/bkt?acl", "MethodNotAllowed", 405),
        ("HEAD", "/bkt/key?tagging", "MethodNotAllowed", 405),
        ("GET", "/bkt/key?uploads", "MethodNotAllowed", 405),
        ("PUT", "/bkt/key?attributes", "MethodNotAllowed", 405),
        ("PUT", "/bkt/key?policy", "InvalidArgument", 400),
        ("PUT", "/bkt/key?versioning", "InvalidArgument", 400),
        ("POST", "/bkt/key?delete", "InvalidArgument", 400),
        ("GET", "/bkt?retention", "InvalidArgument", 400),
        ("GET", "/bkt?acl&policy", "InvalidArgument", 400),
        ("PUT", "/bkt/key?acl&tagging", "InvalidArgument", 400),
        ("GET", "/bkt?list-type=3", "InvalidArgument", 400),
        ("PUT", "/bkt/key?partNumber=1", "InvalidArgument", 400),
        ("PUT", "/bkt/key?uploadId=u", "InvalidArgument", 400),
        ("POST", "/bkt", "PreconditionFailed", 412),
        ("GET", "/bk", "InvalidBucketName", 400),
        ("PUT", "/Bucket", "InvalidBucketName", 400),
        ("GET", "/a_b_c/key", "InvalidBucketName", 400),
        ("GET", "//key", "InvalidBucketName", 400),
        ("PUT", "/bk%2Ft", "InvalidBucketName", 400),
        ("GET", "/192.168.5.4", "InvalidBucketName", 400),
        ("GET", "bkt/key", "InvalidURI", 400),
        ("OPTIONS", "*", "InvalidURI", 400),
        ("GET", "/bkt/%", "InvalidURI", 400),
        ("GET", "/bkt/%zz", "InvalidURI", 400),
        ("GET", "/bkt/%ff", "InvalidURI", 400),
        ("GET", "/%c3/key", "InvalidURI", 400),
        ("GET", "/bkt?prefix=%ff", "InvalidURI", 400),
        ("PUT", &long, "KeyTooLongError", 400),
    ];
    for (method, target, code, status) in rows {
        let e = routed(method, target, &[], "localhost:4566").map(|r| r.operation).expect_err(target);
        assert_eq!((e.code.as_ref(), e.status), (*code, *status), "{method} {target}");
    }
    let e = routed("PUT", "/bkt/key?policy", &[], "localhost").unwrap_err();
    assert_eq!(e.message, "There is no such thing as the ?policy sub-resource for a key");
}

#[test]
fn keys_and_buckets() {
    let longest = "%C3%A9".repeat(512);
    let longest_decoded = "é".repeat(512);
    #[rustfmt::skip]
    let rows: &[(&str, &str, Option<&str>, Option<&str>)] = &[
        ("localhost", "/bkt/a/b", Some("bkt"), Some("a/b")),
        ("localhost", "/bkt/a%2Fb", Some("bkt"), Some("a/b")),
        ("localhost", "/bkt/../x", Some("bkt"), Some("../x")),
        ("localhost", "/bkt/a/../../b", Some("bkt"), Some("a/../../b")),
        ("localhost", "/bkt/.", Some("bkt"), Some(".")),
        ("localhost", "/bkt//", Some("bkt"), Some("/")),
        ("localhost", "/bkt//a//", Some("bkt"), Some("/a//")),
        ("localhost", "/bkt/dir/", Some("bkt"), Some("dir/")),
        ("localhost", "/bkt/a+b", Some("bkt"), Some("a+b")),
        ("localhost", "/bkt/a%2Bb%20c", Some("bkt"), Some("a+b c")),
        ("localhost", "/bkt/%252F", Some("bkt"), Some("%2F")),
        ("localhost", "/bkt/%E2%82%AC\u{20ac}", Some("bkt"), Some("€€")),
        ("localhost", "/bkt/%00%0A%7F", Some("bkt"), Some("\0\n\u{7f}")),
        ("localhost", "/b%6Bt/k", Some("bkt"), Some("k")),
        ("localhost", &format!("/bkt/{longest}"), Some("bkt"), Some(&longest_decoded)),
        ("bkt.localhost:4566", "/", Some("bkt"), None),
        ("bkt.localhost:4566", "", None, None),
        ("bkt.localhost:4566", "/a/b", Some("bkt"), Some("a/b")),
        ("bkt.localhost:4566", "//a", Some("bkt"), Some("/a")),
        ("a.b.s3.localhost", "/k", Some("a.b"), Some("k")),
        ("bkt.s3.eu-west-1.amazonaws.com", "/bkt/k", Some("bkt"), Some("bkt/k")),
        ("s3.eu-west-1.amazonaws.com", "/bkt/k", Some("bkt"), Some("k")),
        ("127.0.0.1:4566", "/bkt/k", Some("bkt"), Some("k")),
        ("elsewhere", "/bkt/k", Some("bkt"), Some("k")),
    ];
    for (host, target, bucket, key) in rows {
        match routed("GET", target, &[], host) {
            Ok(r) => assert_eq!((r.bucket.as_deref(), r.key.as_deref()), (*bucket, *key), "{host} {target}"),
            Err(e) => assert!(e.is("InvalidURI") && target.is_empty(), "{host} {target}: {e}"),
        }
    }
    let r = routed("GET", "/", &[], "bkt.localhost").unwrap();
    assert!(r.operation == ListObjects && r.virtual_hosted);
    let no_host = HttpRequest { method: "GET", path: "/bkt/k", query: "", headers: &[] };
    assert_eq!(route(&no_host, None, DEFAULT).unwrap().bucket.as_deref(), Some("bkt"));
}

#[test]
fn websites() {
    for (method, path, key, operation) in [("GET", "/", "", GetObject), ("HEAD", "/a/", "a/", HeadObject)] {
        let r = routed(method, path, &[], "bkt.s3-website.localhost:4566").unwrap();
        assert!(r.website && r.operation == operation && r.key.as_deref() == Some(key), "{r:?}");
    }
    assert_eq!(routed("GET", "/x?acl", &[], "bkt.s3-website.localhost").unwrap().operation, GetObject);
    assert!(routed("PUT", "/x", &[], "bkt.s3-website.localhost").unwrap_err().is("MethodNotAllowed"));
}

#[test]
fn bucket_names() {
    let (l63, l64) = ("a".repeat(63), "a".repeat(64));
    for (name, good, new) in [
        ("abc", true, true),
        ("0bc", true, true),
        ("my.bucket-1", true, true),
        ("a.-b", false, false),
        ("a-.b", false, false),
        (l63.as_str(), true, true),
        (l64.as_str(), false, false),
        ("ab", false, false),
        ("", false, false),
        ("Abc", false, false),
        ("a_b", false, false),
        ("a b", false, false),
        ("-abc", false, false),
        ("abc-", false, false),
        (".abc", false, false),
        ("abc.", false, false),
        ("a..b", false, false),
        ("10.0.0.1", false, false),
        ("999.999.999.999", false, false),
        ("10.0.0", true, true),
        ("bücket", false, false),
        ("xn--abc", true, false),
        ("sthree-abc", true, false),
        ("amzn-s3-demo-bucket", true, false),
        ("abc-s3alias", true, false),
        ("abc--ol-s3", true, false),
        ("abc.mrap", true, false),
        ("abc--use1-az4--x-s3", true, false),
    ] {
        assert_eq!(validate_bucket_name(name).is_ok(), good, "{name}");
        assert_eq!(validate_new_bucket_name(name).is_ok(), new, "{name}");
    }
}
