//! The documentation's example, and forms one step away from a good one.

use super::*;

const NOW: TimestampMs = TimestampMs(1_451_347_200_000); // 2015-12-29T00:00:00Z
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

fn secret(key: &str) -> Option<String> {
    (key == KEY).then(|| SECRET.to_owned())
}

/// From "Example: Browser-based upload using HTTP POST (Using AWS Signature Version 4)".
#[test]
fn documented_example() {
    let document = "{ \"expiration\": \"2015-12-30T12:00:00.000Z\",\r\n  \"conditions\": [\r\n    {\"bucket\": \"sigv4examplebucket\"},\r\n    \
        [\"starts-with\", \"$key\", \"user/user1/\"],\r\n    {\"acl\": \"public-read\"},\r\n    \
        {\"success_action_redirect\": \"http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html\"},\r\n    \
        [\"starts-with\", \"$Content-Type\", \"image/\"],\r\n    {\"x-amz-meta-uuid\": \"14365123651274\"},\r\n    \
        {\"x-amz-server-side-encryption\": \"AES256\"},\r\n    [\"starts-with\", \"$x-amz-meta-tag\", \"\"],\r\n\r\n    \
        {\"x-amz-credential\": \"AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request\"},\r\n    \
        {\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"},\r\n    {\"x-amz-date\": \"20151229T000000Z\" }\r\n  ]\r\n}";
    let fields = [
        ("key", "user/user1/${filename}"),
        ("acl", "public-read"),
        ("success_action_redirect", "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"),
        ("Content-Type", "image/jpeg"),
        ("x-amz-meta-uuid", "14365123651274"),
        ("x-amz-server-side-encryption", "AES256"),
        ("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"),
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Date", "20151229T000000Z"),
        ("x-amz-meta-tag", ""),
        ("Policy", &STANDARD.encode(document)),
        ("X-Amz-Signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"),
    ];
    let form = form(&fields, "flower.jpg");
    assert_eq!(form.get("key"), Some("user/user1/flower.jpg"));
    let ok = authorize(&form, "sigv4examplebucket", "us-east-1", NOW, Versions::OnlyV4, secret).unwrap().unwrap();
    assert_eq!((ok.signer.access_key.as_str(), ok.length), (KEY, LengthRange { min: 0, max: u64::MAX }));
    let other = authorize(&form, "other", "us-east-1", NOW, Versions::OnlyV4, secret).unwrap_err();
    assert_eq!(
        other.message,
        "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$bucket\", \"sigv4examplebucket\"]"
    );
}

fn form(fields: &[(&str, &str)], file: &str) -> PostForm {
    let fields: Vec<_> = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    PostForm::new(&fields, &File { name: Some(file.to_owned()), content_type: None }).unwrap()
}

/// Signs `document` in the old way, which needs fewer fields, and judges.
fn judge(document: &str, more: &[(&str, &str)]) -> Result<LengthRange, AwsError> {
    let encoded = STANDARD.encode(document);
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes());
    let signature = STANDARD.encode(aws_lc_rs::hmac::sign(&key, encoded.as_bytes()).as_ref());
    let mut fields = vec![("AWSAccessKeyId", KEY), ("signature", &signature), ("policy", &encoded)];
    if !more.iter().any(|(n, _)| n.eq_ignore_ascii_case("key")) {
        fields.push(("key", "foo.txt"));
    }
    fields.extend(more);
    let form = form(&fields, "f");
    authorize(&form, "bkt", "us-east-1", NOW, Versions::V2AndV4, secret).map(|a| a.unwrap().length)
}

fn document(conditions: &str) -> String {
    format!(
        "{{\"expiration\": \"2015-12-30T12:00:00Z\", \"conditions\": [{{\"bucket\": \"bkt\"}}, [\"starts-with\", \"$key\", \"foo\"]{conditions}]}}"
    )
}

#[test]
fn conditions() {
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>);
    #[rustfmt::skip]
    let rows: &[Row<'_>] = &[
        ("", &[], None),
        ("", &[("x-ignore-foo", "bar")], None),
        ("", &[("kEy", "foo/x")], None),
        ("", &[("key", "fo")], Some("Policy Condition failed: [\"starts-with\", \"$key\", \"foo\"]")),
        ("", &[("acl", "private")], Some("Extra input fields: acl")),
        (", {\"acl\": \"private\"}", &[("aCl", "private")], None),
        (", {\"aCl\": \"private\"}", &[("acl", "Private")], Some("Policy Condition failed: [\"eq\", \"$acl\", \"private\"]")),
        (", {\"acl\": \"private\"}", &[], Some("Policy Condition failed: [\"eq\", \"$acl\", \"private\"]")),
        (", [\"eq\", \"$acl\", \"private\"]", &[("acl", "private")], None),
        (", [\"StArTs-WiTh\", \"$x-amz-meta-A\", \"\"]", &[("x-amz-meta-a", "anything")], None),
        (", [\"starts-with\", \"$Content-Type\", \"image/\"]", &[("content-type", "image/png, image/gif")], None),
        (", [\"starts-with\", \"$Content-Type\", \"image/\"]", &[("content-type", "image/png,text/html")], Some("Policy Condition failed: [\"starts-with\", \"$content-type\", \"image/\"]")),
        (", [\"eq\", \"$tagging\", \"\\$x \\\\$ \\u00e9\"]", &[("tagging", "$x \\$ é")], None),
    ];
    for (more, fields, wanted) in rows {
        let got = judge(&document(more), fields);
        let wanted = wanted.map(|w| ("AccessDenied", 403, format!("Invalid according to Policy: {w}")));
        assert_eq!(
            got.err().map(|e| (e.code.into_owned(), e.status, e.message)),
            wanted.map(|(c, s, m)| (c.to_owned(), s, m)),
            "{more} {fields:?}"
        );
    }
    let no_bucket = "{\"expiration\": \"2015-12-30T12:00:00Z\", \"conditions\": [[\"starts-with\", \"$key\", \"foo\"]]}";
    assert_eq!(judge(no_bucket, &[]).unwrap_err().message, "Invalid according to Policy: Extra input fields: bucket");
    let expired = document("").replace("2015-12-30T12", "2015-12-28T12");
    assert_eq!(judge(&expired, &[]).unwrap_err().message, "Invalid according to Policy: Policy expired.");
}

#[test]
fn lengths() {
    let range = judge(&document(", [\"content-length-range\", 2, \"10\"], [\"content-length-range\", 1, 9]"), &[]).unwrap();
    assert_eq!(range, LengthRange { min: 2, max: 9 });
    for (len, code) in [(1, Some("EntityTooSmall")), (2, None), (9, None), (10, Some("EntityTooLarge"))] {
        assert_eq!(range.check(len).err().map(|e| e.code.into_owned()).as_deref(), code, "{len}");
    }
}

#[test]
fn documents_that_are_none() {
    let good = document("");
    let with = |from: &str, to: &str| good.replace(from, to);
    for document in [
        "".to_owned(),
        "{".to_owned(),
        "[]".to_owned(),
        with("expiration", "EXPIRATION"),
        with("conditions", "CONDITIONS"),
        with("\"expiration\": \"2015-12-30T12:00:00Z\", ", ""),
        with("2015-12-30T12:00:00Z", "2015-12-30 12:00:00+00:00"),
        with("2015-12-30T12:00:00Z", "soon"),
        with("\"2015-12-30T12:00:00Z\"", "1451477000"),
        "{\"expiration\": \"2015-12-30T12:00:00Z\"}".to_owned(),
        "{\"expiration\": \"2015-12-30T12:00:00Z\", \"conditions\": {}}".to_owned(),
        document(", {}"),
        document(", {\"a\": \"b\", \"c\": \"d\"}"),
        document(", {\"a\": 1}"),
        document(", 1"),
        document(", []"),
        document(", [\"eq\", \"$a\"]"),
        document(", [\"eq\", \"a\", \"b\"]"),
        document(", [\"eq\", \"$a\", 1]"),
        document(", [\"ends-with\", \"$a\", \"b\"]"),
        document(", [\"content-length-range\", 0]"),
        document(", [\"content-length-range\", -1, 0]"),
        document(", [\"content-length-range\", 0, \"x\"]"),
    ] {
        let e = judge(&document, &[]).unwrap_err();
        assert_eq!((e.code.as_ref(), e.status), ("InvalidPolicyDocument", 400), "{document}");
    }
    assert!(Policy::parse("!").unwrap_err().is("InvalidPolicyDocument"));
    assert!(Policy::parse(&STANDARD.encode(b"\xff")).unwrap_err().is("InvalidPolicyDocument"));
}

#[test]
fn signatures() {
    let encoded = STANDARD.encode(document(", {\"x-amz-credential\": \"c\"}"));
    let credential = "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request";
    let good = [
        ("key", "foo"),
        ("policy", encoded.as_str()),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", credential),
        ("x-amz-date", "20151229T000000Z"),
        ("x-amz-signature", "00"),
    ];
    let code = |replaced: &str, with: Option<&str>| {
        let fields: Vec<(&str, &str)> =
            good.iter().filter_map(|(n, v)| if *n == replaced { with.map(|w| (*n, w)) } else { Some((*n, *v)) }).collect();
        authorize(&form(&fields, "f"), "bkt", "us-east-1", NOW, Versions::OnlyV4, secret).unwrap_err().code.into_owned()
    };
    for (replaced, with, wanted) in [
        ("", None, "SignatureDoesNotMatch"),
        ("policy", None, "InvalidArgument"),
        ("x-amz-algorithm", None, "InvalidArgument"),
        ("x-amz-algorithm", Some("AWS4"), "InvalidArgument"),
        ("x-amz-credential", None, "InvalidArgument"),
        ("x-amz-credential", Some("x"), "InvalidArgument"),
        ("x-amz-credential", Some("NOBODY/20151229/us-east-1/s3/aws4_request"), "InvalidAccessKeyId"),
        (
            "x-amz-credential",
            Some("AKIAIOSFODNN7EXAMPLE/20151229/eu-west-1/s3/aws4_request"),
            "AuthorizationQueryParametersError",
        ),
        (
            "x-amz-credential",
            Some("AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/ec2/aws4_request"),
            "AuthorizationQueryParametersError",
        ),
        ("x-amz-credential", Some("AKIAIOSFODNN7EXAMPLE/20151228/us-east-1/s3/aws4_request"), "InvalidArgument"),
        ("x-amz-date", Some("20160101T000000Z"), "InvalidArgument"),
        ("x-amz-date", None, "InvalidArgument"),
        ("x-amz-signature", None, "InvalidArgument"),
    ] {
        assert_eq!(code(replaced, with), wanted, "{replaced} {with:?}");
    }

    let anonymous = authorize(&form(&[("key", "foo"), ("acl", "x")], "f"), "bkt", "us-east-1", NOW, Versions::OnlyV4, secret);
    assert_eq!(anonymous, Ok(None));
    let old = [("key", "foo"), ("policy", encoded.as_str()), ("AWSAccessKeyId", KEY), ("signature", "x")];
    for (versions, wanted) in [(Versions::OnlyV4, "InvalidRequest"), (Versions::V2AndV4, "SignatureDoesNotMatch")] {
        assert!(authorize(&form(&old, "f"), "bkt", "us-east-1", NOW, versions, secret).unwrap_err().is(wanted));
    }
    let e = authorize(&form(&[old[0], old[1], ("AWSAccessKeyId", "x"), old[3]], "f"), "bkt", "r", NOW, Versions::V2AndV4, secret);
    assert!(e.unwrap_err().is("InvalidAccessKeyId"));
}

#[test]
fn keys() {
    let file = File { name: Some("a b".into()), content_type: None };
    assert!(PostForm::new(&[], &file).unwrap_err().message.starts_with("Bucket POST must contain a field named 'key'."));
    assert!(PostForm::new(&[("key".into(), String::new())], &file).unwrap_err().is("UserKeyMustBeSpecified"));
    let fields = [("Key".to_owned(), "${filename}/${filename}".to_owned()), ("policy".to_owned(), "${filename}".to_owned())];
    let form = PostForm::new(&fields, &file).unwrap();
    assert_eq!((form.get("key"), form.get("policy")), (Some("a b/a b"), Some("${filename}")));
}
