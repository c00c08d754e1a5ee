//! Heads of requests to S3: how the body is bound, and S3's own answers.

use super::tests::{NOW, SECRET, who};
use super::*;

fn verify(r: &HttpRequest<'_>, now: TimestampMs) -> Result<VerifiedHead, AuthError> {
    Claim::parse(r)?.verify_head(r, "us-east-1", now, |key| (key == "AKIDEXAMPLE").then(|| SECRET.to_owned()))
}

/// Signs for S3 with the payload line as given (`None`: the empty body's hash), then checks what `change` makes of the request.
fn signed(
    path: &str,
    declared: Option<&str>,
    region: &str,
    change: impl Fn(&mut Vec<(String, String)>),
) -> Result<VerifiedHead, AwsErrorAt> {
    let time = format_time(NOW);
    let empty = hex::encode(BodyHash::of(b"").0);
    let declared = declared.unwrap_or(&empty);
    let headers = [("host", "b.localhost"), ("x-amz-content-sha256", declared), ("x-amz-date", time.as_str())];
    let names = ["host", "x-amz-content-sha256", "x-amz-date"];
    let scope = canonical::Scope { time: &time, date: &time[..8], region, service: "s3" };
    let r = HttpRequest { method: "PUT", path, query: "", headers: &headers };
    let request = canonical::request(&r, &canonical::path(path, "s3"), &names, "", declared);
    let signature = canonical::signature(&canonical::signing_key(SECRET, &scope), &scope, &request);
    let authorization =
        format!("{ALGORITHM} Credential=AKIDEXAMPLE/{}, SignedHeaders={}, Signature={signature}", scope.text(), names.join(";"));
    let mut all: Vec<(String, String)> = headers.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    all.push(("authorization".into(), authorization));
    change(&mut all);
    at(path, "", &all, NOW)
}

type Change<'a> = &'a dyn Fn(&mut Vec<(String, String)>);

/// Code, status and message that S3 answers.
type AwsErrorAt = (String, u16, String);

fn at(path: &str, query: &str, headers: &[(String, String)], now: TimestampMs) -> Result<VerifiedHead, AwsErrorAt> {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let r = HttpRequest { method: "PUT", path, query, headers: &headers };
    verify(&r, now).map_err(|e| e.to_s3(&r)).map_err(|e| (e.code.to_string(), e.status, e.message))
}

fn set(name: &'static str, value: &'static str) -> impl Fn(&mut Vec<(String, String)>) {
    move |headers| {
        headers.retain(|(n, _)| n != name);
        headers.push((name.into(), value.into()));
    }
}

#[test]
fn the_payload_is_bound_as_declared() {
    let empty = PayloadKind::Sha256(BodyHash::of(b"").0);
    for (declared, kind) in [
        (None, empty),
        (Some("UNSIGNED-PAYLOAD"), PayloadKind::Unsigned),
        (Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), PayloadKind::StreamingSigned { trailer: false }),
        (Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), PayloadKind::StreamingSigned { trailer: true }),
        (Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), PayloadKind::StreamingUnsignedTrailer),
    ] {
        let head = signed("/k", declared, "us-east-1", |_| ()).unwrap();
        assert_eq!(head.payload, kind);
        assert_eq!(head.payload.is_chunked(), declared.is_some_and(|d| d.starts_with("STREAMING")));
        // Whatever else the header says later, it is no longer what was signed.
        let e = signed("/k", declared, "us-east-1", |h| h[1].1 = hex::encode([7; 32])).unwrap_err();
        assert_eq!((e.0.as_str(), e.1), ("SignatureDoesNotMatch", 403));
    }
    for bad in ["", "abc", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "unsigned-payload", &"A".repeat(64), &"a".repeat(63)] {
        assert_eq!(signed("/k", Some(bad), "us-east-1", |_| ()).unwrap_err().0, "InvalidArgument", "{bad}");
    }
}

#[test]
fn answers_of_s3() {
    let case = |change: Change<'_>| {
        let (code, status, message) = signed("/k", None, "us-east-1", change).unwrap_err();
        (code, status, message)
    };
    let authorization = |from: &'static str, to: &'static str| {
        move |h: &mut Vec<(String, String)>| h.iter_mut().for_each(|(_, v)| *v = v.replace(from, to))
    };
    let remove = |name: &'static str| move |h: &mut Vec<(String, String)>| h.retain(|(n, _)| n != name);
    let rows: &[(Change<'_>, &str, u16, &str)] = &[
        (&remove("authorization"), "AccessDenied", 403, "Access Denied"),
        (
            &remove("x-amz-content-sha256"),
            "AuthorizationHeaderMalformed",
            400,
            "The authorization header is malformed; 'x-amz-content-sha256' is a",
        ),
        (&authorization("AKIDEXAMPLE", "AKIDOTHER"), "InvalidAccessKeyId", 403, "The AWS Access Key Id"),
        (
            &authorization("Signature=", "Signature=0"),
            "AuthorizationHeaderMalformed",
            400,
            "The authorization header is malformed; Signature must be",
        ),
        (&set("x-amz-acl", "private"), "AccessDenied", 403, "There were headers present"),
        (&set("host", "c.localhost"), "SignatureDoesNotMatch", 403, "The request signature we calculated"),
        (
            &set("authorization", "AWS AKID:c2ln"),
            "InvalidRequest",
            400,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ),
        (&set("authorization", "Basic eDp5"), "InvalidArgument", 400, "Unsupported Authorization Type"),
        (
            &authorization("/s3/", "/ec2/"),
            "AuthorizationHeaderMalformed",
            400,
            "The authorization header is malformed; incorrect service \"ec2\".",
        ),
        (
            &authorization("us-east-1", "eu-west-1"),
            "AuthorizationHeaderMalformed",
            400,
            "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'",
        ),
    ];
    for (change, code, status, message) in rows {
        let got = case(change);
        assert_eq!((got.0.as_str(), got.1), (*code, *status), "{message}");
        assert!(got.2.starts_with(message), "{}", got.2);
    }
    let headers = [
        ("host", "h"),
        ("x-amz-date", "20150830T123600Z"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000",
        ),
    ];
    let r = HttpRequest { method: "GET", path: "/", query: "", headers: &headers };
    let e = verify(&r, NOW).unwrap_err().to_s3(&r);
    assert_eq!(
        (e.code.as_ref(), e.message.as_str()),
        ("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    );
    let skewed = verify(&r, TimestampMs(NOW.0 + SKEW_MS_MAX + 1)).unwrap_err().to_s3(&r);
    assert_eq!((skewed.code.as_ref(), skewed.status), ("RequestTimeTooSkewed", 403));
    assert_eq!(skewed.detail("RequestTime"), Some("20150830T123600Z"));
    let region = AuthError::Region { signed: "x".into(), expected: "y".into() }.to_s3(&r);
    assert_eq!(region.detail("Region"), Some("y"));
}

#[test]
fn presigned() {
    let headers = [("host", "b.localhost")];
    let r = HttpRequest { method: "PUT", path: "/k", query: "x-id=PutObject", headers: &headers };
    let query = presign(&r, &who(), "us-east-1", "s3", NOW, 60);
    let check = |query: &str, now: u64| {
        let r = HttpRequest { query, ..r };
        verify(&r, TimestampMs(now)).map_err(|e| e.to_s3(&r))
    };
    let head = check(&query, NOW.0 + 60_000).unwrap();
    assert!(head.payload == PayloadKind::Unsigned && head.signer.presigned);
    let code = |query: &str, now: u64| {
        let e = check(query, now).unwrap_err();
        (e.code.to_string(), e.status, e.message)
    };
    let denied = |message: &str| ("AccessDenied".to_owned(), 403, message.to_owned());
    assert_eq!(code(&query, NOW.0 + 60_001), denied("Request has expired"));
    assert_eq!(code(&query, NOW.0 - SKEW_MS_MAX - 1), denied("Request is not valid yet"));
    let bad = |query: &str| code(query, NOW.0).0;
    for (from, to) in [
        ("&X-Amz-Expires=60", ""),
        ("X-Amz-Expires=60", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=60", "X-Amz-Expires=-7"),
        ("&X-Amz-Date=20150830T123600Z", ""),
        ("&X-Amz-Algorithm=AWS4-HMAC-SHA256", ""),
        ("us-east-1", "eu-west-1"),
        ("%2Fs3%2F", "%2Fiam%2F"),
        ("X-Amz-SignedHeaders=host", ""),
    ] {
        assert!(query.contains(from), "{from}");
        assert_eq!(bad(&query.replace(from, to)), "AuthorizationQueryParametersError", "{from} {to}");
    }
    assert_eq!(bad(&query.replace("PutObject", "GetObject")), "SignatureDoesNotMatch");
    assert_eq!(bad("AWSAccessKeyId=A&Expires=1&Signature=c2ln"), "InvalidRequest");
    assert_eq!(bad(""), "AccessDenied");
}

#[test]
fn a_path_may_be_signed_in_canonical_encoding() {
    let check = |signed_path: &str, sent: &str| {
        let headers = [("host", "b.localhost")];
        let r = HttpRequest { method: "GET", path: signed_path, query: "", headers: &headers };
        let query = presign(&r, &who(), "us-east-1", "s3", NOW, 60);
        verify(&HttpRequest { path: sent, query: &query, ..r }, NOW).is_ok()
    };
    for (signed_path, sent, good) in [
        ("/a%20b/c%28d%29", "/a%20b/c(d)", true),
        ("/a%2Bb", "/a+b", true),
        ("/a+b", "/a+b", true),
        ("/%C3%A9", "/%c3%a9", true),
        ("/a/../b", "/b", false),
        ("/a//b", "/a/b", false),
        ("/a%20b", "/a+b", false),
    ] {
        assert_eq!(check(signed_path, sent), good, "{signed_path} {sent}");
    }
}
