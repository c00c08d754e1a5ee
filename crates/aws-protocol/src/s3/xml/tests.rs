//! What is accepted and what is not. Against botocore's serialiser and parser: `tests/golden`.

use super::*;
use crate::s3::*;

fn code<T: Shape + std::fmt::Debug>(root: &str, body: &str) -> String {
    decode_xml::<T>(&[root], body.as_bytes()).expect_err(body).code.into_owned()
}

#[test]
fn a_payload_is_read() {
    let body = "<?xml version=\"1.0\"?>\n<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n <Object><Key> a&amp;b </Key></Object>\n\
        <Object><Key>c</Key><VersionId>v</VersionId><LastModifiedTime>Thu, 01 Jan 2026 00:00:00 GMT</LastModifiedTime></Object> <Quiet>true</Quiet></Delete>";
    let d: Delete = decode_xml(&["Delete"], body.as_bytes()).unwrap();
    let objects = d.objects.unwrap();
    assert_eq!((objects.len(), d.quiet), (2, Some(true)));
    assert_eq!((objects[0].key.as_deref(), objects[1].version_id.as_deref()), (Some(" a&b "), Some("v")));
    assert_eq!(objects[1].last_modified_time, Some(TimestampMs(1_767_225_600_000)));

    let acl = "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
        xsi:type=\"Group\"><URI>u</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>";
    let policy: AccessControlPolicy = decode_xml(&["AccessControlPolicy"], acl.as_bytes()).unwrap();
    let grant = &policy.grants.unwrap()[0];
    assert_eq!(grant.permission.as_deref(), Some("READ"));
    assert_eq!(grant.grantee.as_ref().unwrap().r#type.as_deref(), Some("Group"));

    let empty: NotificationConfiguration = decode_xml(&["NotificationConfiguration"], b"<NotificationConfiguration/>").unwrap();
    assert_eq!(empty, NotificationConfiguration::default());
    let tags: Tagging = decode_xml(&["Tagging"], b"<Tagging><TagSet/></Tagging>").unwrap();
    assert_eq!(tags.tag_set, Some(vec![]));
}

#[test]
fn what_the_schema_refuses() {
    let tagging = |inner: &str| code::<Tagging>("Tagging", &format!("<Tagging>{inner}</Tagging>"));
    for inner in [
        "",
        "text",
        "<TagSet/><TagSet/>",
        "<TagSet/><Other/>",
        "<TagSet><Other/></TagSet>",
        "<TagSet>x<Tag><Key>k</Key><Value>v</Value></Tag></TagSet>",
        "<TagSet><Tag><Key>k</Key></Tag></TagSet>",
        "<TagSet><Tag><Key>k</Key><Value>v</Value><Value>w</Value></Tag></TagSet>",
        "<TagSet><Tag><Key>k</Key><Value>v</Value><More/></Tag></TagSet>",
        "<TagSet><Tag><Key><b/></Key><Value>v</Value></Tag></TagSet>",
    ] {
        assert_eq!(tagging(inner), "MalformedXML", "{inner}");
    }
    assert_eq!(code::<Tagging>("Tagging", " \n"), "MissingRequestBodyError");
    assert_eq!(code::<Tagging>("Tagging", "<Taggings><TagSet/></Taggings>"), "MalformedXML");
    let versioning = |status: &str| format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    for (status, good) in [("Enabled", true), ("Suspended", true), ("enabled", false), ("Off", false), ("", false)] {
        let read = decode_xml::<VersioningConfiguration>(&["VersioningConfiguration"], versioning(status).as_bytes());
        assert_eq!(read.is_ok(), good, "{status}");
    }
    let acl = "<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>x</ID></Grantee></Grant></AccessControlList></AccessControlPolicy>";
    assert_eq!(code::<AccessControlPolicy>("AccessControlPolicy", acl), "MalformedACLError", "a grantee needs a type");
    let part = |n: &str| {
        let body = format!("<CompleteMultipartUpload><Part><PartNumber>{n}</PartNumber></Part></CompleteMultipartUpload>");
        decode_xml::<CompletedMultipartUpload>(&["CompleteMultipartUpload"], body.as_bytes())
            .map(|u| u.parts.unwrap()[0].part_number)
    };
    assert_eq!(part(" 7\n").unwrap(), Some(7));
    for n in ["", "x", "1.5", "2147483648"] {
        assert!(part(n).is_err(), "{n}");
    }
}

#[test]
fn times() {
    for (text, ms) in [
        ("2026-01-01T00:00:00Z", Some(1_767_225_600_000)),
        ("2026-01-01T00:00:00.500+00:00", Some(1_767_225_600_500)),
        ("2026-01-01T00:00:00", Some(1_767_225_600_000)),
        ("2026-01-01", Some(1_767_225_600_000)),
        ("1", None),
        ("", None),
        ("2026-13-01", None),
    ] {
        let body = format!("<Retention><RetainUntilDate>{text}</RetainUntilDate></Retention>");
        let read = decode_xml::<ObjectLockRetention>(&["Retention"], body.as_bytes());
        assert_eq!(read.ok().map(|r| r.retain_until_date.unwrap().0), ms, "{text}");
    }
}

#[test]
fn replies() {
    let out = ListObjectsV2Output {
        is_truncated: Some(false),
        contents: Some(vec![
            Object { key: Some("a<".into()), last_modified: Some(TimestampMs(1_767_225_600_000)), ..Default::default() },
            Object { key: Some("b".into()), ..Default::default() },
        ]),
        common_prefixes: Some(vec![]),
        prefix: Some(String::new()),
        ..Default::default()
    };
    assert_eq!(
        encode_xml("ListBucketResult", &out),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>false</IsTruncated>\
         <Contents><Key>a&lt;</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents><Contents><Key>b</Key></Contents><Prefix/></ListBucketResult>"
    );
    assert!(encode_xml("Tagging", &Tagging::default()).ends_with("<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>"));
    let grantee = Grantee { r#type: Some("CanonicalUser".into()), id: Some("x".into()), ..Default::default() };
    let policy = GetBucketAclOutput {
        grants: Some(vec![Grant { grantee: Some(grantee), permission: Some("FULL_CONTROL".into()) }]),
        ..Default::default()
    };
    assert!(encode_xml("AccessControlPolicy", &policy).contains(
        "<AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>x</ID></Grantee>\
         <Permission>FULL_CONTROL</Permission></Grant></AccessControlList>"
    ));
}
