//! Known answers from AWS's documentation, and what must be refused. Against botocore's signer: `tests/golden.rs`.

use super::*;
use crate::Protocol;
use proptest::prelude::*;

pub(super) const NOW: TimestampMs = TimestampMs(1_440_938_160_000); // 20150830T123600Z
pub(super) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

pub(super) fn who() -> Credentials {
    Credentials { access_key: "AKIDEXAMPLE".into(), secret_key: SECRET.into(), session_token: None }
}

fn secret(key: &str) -> Option<String> {
    (key == "AKIDEXAMPLE").then(|| SECRET.to_owned())
}

fn verify(r: &HttpRequest<'_>, body: &[u8], now: TimestampMs) -> Result<Verified, AuthError> {
    Claim::parse(r)?.verify(r, BodyHash::of(body), now, secret)
}

/// A signed request: method, path, query, headers (with the added ones).
struct Signed {
    method: &'static str,
    path: &'static str,
    query: String,
    headers: Vec<(String, String)>,
}

impl Signed {
    fn check(&self, body: &[u8], now: TimestampMs) -> Result<Verified, AuthError> {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        verify(&HttpRequest { method: self.method, path: self.path, query: &self.query, headers: &headers }, body, now)
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(n, _)| n != name);
        self.headers.push((name.into(), value.into()));
    }

    fn get(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
}

fn signed(body: &[u8]) -> Signed {
    let headers = [("host", "127.0.0.1:4566"), ("content-type", "application/x-www-form-urlencoded")];
    let r = HttpRequest { method: "POST", path: "/", query: "", headers: &headers };
    let added = sign(&r, BodyHash::of(body), &who(), "us-east-1", "ec2", NOW);
    let headers = headers.iter().map(|(n, v)| (n.to_string(), v.to_string()));
    let headers = headers.chain(added.into_iter().map(|(n, v)| (n.to_owned(), v))).collect();
    Signed { method: "POST", path: "/", query: String::new(), headers }
}

fn presigned(expires_s: u64) -> Signed {
    let headers = [("host", "127.0.0.1:4566")];
    let r = HttpRequest { method: "GET", path: "/", query: "Action=DescribeVpcs&Version=2016-11-15", headers: &headers };
    let query = presign(&r, &who(), "eu-west-1", "ec2", NOW, expires_s);
    Signed { method: "GET", path: "/", query, headers: vec![("host".into(), "127.0.0.1:4566".into())] }
}

/// The examples of AWS's published test suite (service "service", 20150830T123600Z).
#[test]
fn published_test_suite() {
    let date = ("x-amz-date", "20150830T123600Z");
    let host = ("host", "example.amazonaws.com");
    let v = [host, date];
    let spaces = [host, ("my-header1", " value1"), ("my-header2", " \"a   b   c\""), date];
    let twice = [host, ("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1"), date];
    type Case<'a> = (&'a str, &'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);
    let cases: &[Case] = &[
        ("get-vanilla", "GET", "/", "", &v, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "get-vanilla-query-order-key-case",
            "GET",
            "/",
            "Param2=value2&Param1=value1",
            &v,
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        ("get-utf8", "GET", "/\u{1234}", "", &v, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        (
            "get-relative-relative",
            "GET",
            "/example1/example2/../..",
            "",
            &v,
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        ("get-slashes", "GET", "//example//", "", &v, "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        ("get-header-value-trim", "GET", "/", "", &spaces, "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        ("get-header-key-duplicate", "GET", "/", "", &twice, "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        ("post-vanilla", "POST", "/", "", &v, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ];
    let empty = hex::encode(BodyHash::of(b"").0);
    let scope = canonical::Scope { time: "20150830T123600Z", date: "20150830", region: "us-east-1", service: "service" };
    for (name, method, path, query, headers, wanted) in cases {
        let r = HttpRequest { method, path, query, headers };
        let mut names: Vec<&str> = headers.iter().map(|(n, _)| *n).collect();
        names.dedup();
        let request = canonical::request(&r, &canonical::path(path, "service"), &names, &canonical::query(query, ""), &empty);
        assert_eq!(canonical::signature(&canonical::signing_key(SECRET, &scope), &scope, &request), *wanted, "{name}\n{request}");
    }
}

/// From "Authenticating Requests (AWS Signature Version 4)" of the S3 documentation.
#[test]
fn documented_s3_examples() {
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let host = ("host", "examplebucket.s3.amazonaws.com");
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let auth = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
        SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
        Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    let headers = [
        host,
        ("Range", "bytes=0-9"),
        ("x-amz-content-sha256", empty),
        ("x-amz-date", "20130524T000000Z"),
        ("Authorization", auth),
    ];
    let at = parse_time("20130524T000000Z").unwrap();
    let get = HttpRequest { method: "GET", path: "/test.txt", query: "", headers: &headers };
    let ok = Claim::parse(&get).unwrap().verify(&get, BodyHash::of(b""), at, |_| Some(secret.into())).unwrap();
    assert_eq!((ok.access_key.as_str(), ok.service.as_str(), ok.presigned), ("AKIAIOSFODNN7EXAMPLE", "s3", false));

    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let get = HttpRequest { method: "GET", path: "/test.txt", query, headers: &[host] };
    let claim = || Claim::parse(&get).unwrap();
    assert!(claim().verify(&get, BodyHash::of(b"any"), at, |_| Some(secret.into())).unwrap().presigned);
    let late = TimestampMs(at.0 + 86_400_001);
    let e = claim().verify(&get, BodyHash::of(b""), late, |_| Some(secret.into())).unwrap_err();
    assert!(matches!(e, AuthError::Expired { .. }), "{e:?}");
}

#[test]
fn own_signatures_verify() {
    let ok = signed(b"Action=DescribeVpcs").check(b"Action=DescribeVpcs", NOW).unwrap();
    assert_eq!((ok.access_key.as_str(), ok.region.as_str(), ok.service.as_str()), ("AKIDEXAMPLE", "us-east-1", "ec2"));
    assert_eq!((ok.signed_at, ok.session_token, ok.presigned), (NOW, None, false));
    assert!(presigned(60).check(b"", NOW).unwrap().presigned);
}

#[test]
fn tampering_is_refused() {
    let mismatch = Err(AuthError::SignatureMismatch);
    assert_eq!(signed(b"a").check(b"b", NOW), mismatch, "body");
    let with = |change: fn(&mut Signed)| {
        let mut s = signed(b"a");
        change(&mut s);
        s.check(b"a", NOW)
    };
    assert_eq!(with(|s| s.method = "GET"), mismatch);
    assert_eq!(with(|s| s.path = "/x"), mismatch);
    assert_eq!(with(|s| s.query = "x=y".into()), mismatch);
    assert_eq!(with(|s| s.set("host", "other:4566")), mismatch);
    assert_eq!(with(|s| s.set("x-amz-date", "20150830T123700Z")), mismatch);
    assert_eq!(
        with(|s| {
            let a = s.get("authorization").replace("us-east-1", "us-east-2");
            s.set("authorization", &a)
        }),
        mismatch
    );
    assert_eq!(
        with(|s| {
            let a = s.get("authorization").replace("AKIDEXAMPLE", "AKIDOTHER");
            s.set("authorization", &a)
        }),
        Err(AuthError::UnknownKey)
    );
    let unsigned = with(|s| s.set("x-amz-target", "AmazonSSM.GetParameter"));
    assert!(matches!(&unsigned, Err(AuthError::HeaderNotSigned(name)) if name == "x-amz-target"), "{unsigned:?}");
    let hostless = with(|s| {
        let a = s.get("authorization").replace(";host", "");
        s.set("authorization", &a)
    });
    assert!(matches!(&hostless, Err(AuthError::Incomplete(why)) if why.contains("Host")), "{hostless:?}");
    assert_eq!(with(|s| s.set("x-amz-content-sha256", "UNSIGNED-PAYLOAD")), Err(AuthError::BodyMismatch), "only S3 may");

    let mut p = presigned(60);
    p.query = p.query.replace("DescribeVpcs", "DeleteVpc");
    assert_eq!(p.check(b"", NOW), mismatch);
    let mut p = presigned(60);
    p.query = p.query.replace("X-Amz-Expires=60", "X-Amz-Expires=600");
    assert_eq!(p.check(b"", NOW), mismatch);
    assert_eq!(presigned(60).check(b"a body", NOW), mismatch);

    let headers = [("host", "h")];
    let plus = HttpRequest { method: "GET", path: "/", query: "Name=a%2Bb", headers: &headers };
    let query = presign(&plus, &who(), "us-east-1", "ec2", NOW, 60);
    let swapped = query.replace("a%2Bb", "a+b");
    assert!(verify(&HttpRequest { query: &query, ..plus }, b"", NOW).is_ok());
    assert_eq!(verify(&HttpRequest { query: &swapped, ..plus }, b"", NOW), mismatch);
}

#[test]
fn clocks() {
    let s = signed(b"");
    let limit = SKEW_MS_MAX;
    assert!(s.check(b"", TimestampMs(NOW.0 + limit)).is_ok() && s.check(b"", TimestampMs(NOW.0 - limit)).is_ok());
    for now in [NOW.0 + limit + 1, NOW.0 - limit - 1] {
        let e = s.check(b"", TimestampMs(now)).unwrap_err();
        assert_eq!(e, AuthError::Skewed { signed_at: NOW, now: TimestampMs(now) });
        assert_eq!(e.to_aws(Protocol::Ec2).code, "RequestExpired");
        assert_eq!(e.to_aws(Protocol::Query).code, "SignatureDoesNotMatch");
    }
    let e = AuthError::Skewed { signed_at: NOW, now: TimestampMs(NOW.0 + 3_600_000) }.to_aws(Protocol::Json11);
    assert_eq!(
        e.message,
        "Signature expired: 20150830T123600Z is now earlier than 20150830T132100Z (20150830T133600Z - 15 min.)"
    );
    assert_eq!((e.code.as_ref(), e.status), ("InvalidSignatureException", 400));

    let p = presigned(3600);
    assert!(p.check(b"", TimestampMs(NOW.0 + 3_600_000)).is_ok());
    assert!(matches!(p.check(b"", TimestampMs(NOW.0 + 3_600_001)), Err(AuthError::Expired { .. })));
    assert!(matches!(p.check(b"", TimestampMs(NOW.0 - limit - 1)), Err(AuthError::Skewed { .. })));
    assert!(presigned(EXPIRES_S_MAX).check(b"", NOW).is_ok());
    assert!(matches!(presigned(0).check(b"", NOW), Err(AuthError::Expired { .. })));
    assert!(matches!(presigned(EXPIRES_S_MAX + 1).check(b"", NOW), Err(AuthError::Incomplete(_))));
}

#[test]
fn malformed_heads() {
    let host = ("host", "h");
    let date = ("x-amz-date", "20150830T123600Z");
    let cred = "Credential=AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request";
    let sig = format!("Signature={}", "0".repeat(64));
    let bad = [
        "Basic dXNlcjpwYXNz".to_owned(),
        "AWS4-HMAC-SHA256".to_owned(),
        format!("AWS4-HMAC-SHA256 {cred}, {sig}"),
        format!("AWS4-HMAC-SHA256 {cred}, SignedHeaders=host;x-amz-date"),
        format!("AWS4-HMAC-SHA256 SignedHeaders=host, {sig}"),
        format!("AWS4-HMAC-SHA256 {cred}, {cred}, SignedHeaders=host, {sig}"),
        format!("AWS4-HMAC-SHA256 {cred}, SignedHeaders=x-amz-date;host, {sig}"),
        format!("AWS4-HMAC-SHA256 {cred}, SignedHeaders=Host, {sig}"),
        format!("AWS4-HMAC-SHA256 {cred}, SignedHeaders=host, Signature=0"),
        format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ec2, SignedHeaders=host, {sig}"),
        format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150831/us-east-1/ec2/aws4_request, SignedHeaders=host, {sig}"),
        format!("AWS4-HMAC-SHA256 Credential=/20150830/us-east-1/ec2/aws4_request, SignedHeaders=host, {sig}"),
        format!("AWS4-ECDSA-P256-SHA256 {cred}, SignedHeaders=host, {sig}"),
    ];
    for auth in &bad {
        let r = HttpRequest { method: "GET", path: "/", query: "", headers: &[host, date, ("authorization", auth)] };
        assert!(matches!(Claim::parse(&r), Err(AuthError::Incomplete(_))), "{auth}");
    }
    let empty = HttpRequest { method: "GET", path: "/", query: "", headers: &[host, date, ("authorization", " ")] };
    assert!(matches!(Claim::parse(&empty), Err(AuthError::Missing)));
    let good = format!("AWS4-HMAC-SHA256 {cred},SignedHeaders=host;x-amz-date,{sig}");
    for headers in [
        vec![host, ("authorization", &good)],
        vec![host, ("x-amz-date", "2015-08-30T12:36:00Z"), ("authorization", &good)],
        vec![host, ("x-amz-date", "20151330T123600Z"), ("authorization", &good)],
        vec![host, date, ("authorization", &good), ("authorization", &good)],
    ] {
        let r = HttpRequest { method: "GET", path: "/", query: "", headers: &headers };
        assert!(matches!(Claim::parse(&r), Err(AuthError::Incomplete(_))), "{headers:?}");
    }
    let r = HttpRequest {
        method: "GET",
        path: "/",
        query: "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        headers: &[host, ("authorization", &good)],
    };
    assert!(matches!(Claim::parse(&r), Err(AuthError::Incomplete(_))));
    let r = HttpRequest { method: "GET", path: "/", query: "", headers: &[host] };
    assert_eq!(Claim::parse(&r), Err(AuthError::Missing));
}

#[test]
fn the_codes_of_each_family() {
    let table: [(AuthError, [(&str, u16); 3]); 4] = [
        (
            AuthError::Missing,
            [
                ("MissingAuthenticationToken", 403),
                ("MissingAuthenticationToken", 403),
                ("MissingAuthenticationTokenException", 400),
            ],
        ),
        (AuthError::UnknownKey, [("AuthFailure", 401), ("InvalidClientTokenId", 403), ("UnrecognizedClientException", 400)]),
        (
            AuthError::SignatureMismatch,
            [("AuthFailure", 401), ("SignatureDoesNotMatch", 403), ("InvalidSignatureException", 400)],
        ),
        (
            AuthError::Incomplete("x".into()),
            [("IncompleteSignature", 400), ("IncompleteSignature", 400), ("IncompleteSignatureException", 400)],
        ),
    ];
    for (e, wanted) in table {
        let got = [Protocol::Ec2, Protocol::Query, Protocol::Json11].map(|p| e.to_aws(p));
        assert_eq!(got.each_ref().map(|e| (e.code.as_ref(), e.status)), wanted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// What the fuzz target does: no input makes the verifier panic, and none verifies.
    #[test]
    fn any_head_is_refused_without_a_panic(
        auth in "(AWS4-HMAC-SHA256 )?(Credential=[A-Z]{0,9}/20150830/[a-z0-9-]{0,9}/ec2/aws4_request, ?)?(SignedHeaders=[a-z;-]{0,20}, ?)?(Signature=[0-9a-f]{0,64})?.{0,20}",
        date in "([0-9T]{0,15}Z|20150830T123600Z|\\PC{0,30})",
        path in "\\PC{0,30}",
        query in "(X-Amz-Algorithm=AWS4-HMAC-SHA256&)?(X-Amz-Date=[0-9TZ]{0,16}&)?\\PC{0,60}",
    ) {
        crate::fuzz::sigv4(&auth, &date, &path, &query);
    }

    #[test]
    fn what_is_signed_verifies(path in "/[ -~]{0,30}", query in "([a-zA-Z0-9%+=&./~_-]{0,20})", body in any::<Vec<u8>>(), s3 in any::<bool>()) {
        prop_assume!(!path.contains(['?', '#']) && !query.contains("X-Amz"));
        let service = if s3 { "s3" } else { "ec2" };
        let headers = [("host", "h")];
        let r = HttpRequest { method: "PUT", path: &path, query: &query, headers: &headers };
        let added = sign(&r, BodyHash::of(&body), &who(), "us-east-1", service, NOW);
        let all: Vec<(&str, &str)> = headers.iter().copied().chain(added.iter().map(|(n, v)| (*n, v.as_str()))).collect();
        let with_headers = HttpRequest { headers: &all, ..r };
        prop_assert!(verify(&with_headers, &body, NOW).is_ok());
        let query = presign(&r, &who(), "us-east-1", service, NOW, 60);
        let with_query = HttpRequest { query: &query, ..r };
        prop_assert!(verify(&with_query, b"", NOW).is_ok());
    }
}
