//! Certificates through the real dispatcher.

use crate::context::{Answer, Ctx, OpError, Question, ReplayRng, testing};
use crate::dispatch;
use crate::ec2::testing::{Harness, harness};
use crate::iam::certificate::x509;
use crate::rows::AcmCertificate;
use aws_protocol::AwsError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use kms::RootKey;
use serde_json::{Value, json};
use types::TimestampMs;

const CA: &str = include_str!("../iam/tests/data/ca.pem");
const EC: (&str, &str) = (include_str!("../iam/tests/data/ec.pem"), include_str!("../iam/tests/data/ec.key"));
const RSA: (&str, &str) = (include_str!("../iam/tests/data/rsa.pem"), include_str!("../iam/tests/data/rsa.key"));

/// Of 2126, with alternative names, by itself.
const SAN: (&str, &str) = (include_str!("data/san.pem"), include_str!("data/san.key"));
/// The test's certificates are of 2026.
const LATER: TimestampMs = TimestampMs(1_800_000_000_000);

struct Region {
    h: Harness,
    root: RootKey,
}

fn region() -> Region {
    let mut h = harness();
    h.now = LATER;
    Region { h, root: RootKey::generate().unwrap() }
}

impl Region {
    /// Seals what is asked to be sealed, as the service does.
    fn ask(&mut self, action: &str, body: Value) -> Result<Value, AwsError> {
        let (table, mut rng, mut answers) = (crate::operations(), ReplayRng::new(), Vec::new());
        let bundle = ::iam::Bundle::of(::iam::caller::principal(&self.h.caller));
        let target = format!("CertificateManager.{action}");
        for _ in 0..2 {
            rng.rewind();
            let h = &mut self.h;
            let who = testing::who(&h.caller, &bundle);
            let mut ctx = Ctx::new(&mut h.db, who, h.now, &h.settings, "req-1", &mut rng, &answers);
            let outcome = dispatch::run_json(&table, &mut ctx, "acm", &target, body.to_string().as_bytes());
            match outcome {
                Ok(reply) => {
                    h.db.take_mutations();
                    return Ok(serde_json::from_str(&reply.body).unwrap_or_default());
                }
                Err(OpError::Aws(e)) => {
                    h.db.rollback();
                    return Err(e);
                }
                Err(OpError::Ask(question)) => {
                    h.db.rollback();
                    let Question::Seal(request) = &*question else { panic!("{question:?}") };
                    assert!(!format!("{question:?}").contains("BEGIN"), "a secret shows");
                    let sealed = super::seal::work(&self.root, request).unwrap();
                    answers.push((*question, Answer::Sealed(sealed)));
                }
            }
        }
        panic!("{action} asks again and again")
    }

    fn ok(&mut self, action: &str, body: Value) -> Value {
        self.ask(action, body).unwrap_or_else(|e| panic!("{action}: {e}"))
    }

    fn code(&mut self, action: &str, body: Value) -> String {
        self.ask(action, body).expect_err(action).code.into_owned()
    }

    fn import(&mut self, pair: (&str, &str), chain: Option<&str>) -> String {
        self.ok("ImportCertificate", body(pair, chain))["CertificateArn"].as_str().unwrap().to_owned()
    }
}

fn body(pair: (&str, &str), chain: Option<&str>) -> Value {
    let mut body = json!({"Certificate": B64.encode(pair.0), "PrivateKey": B64.encode(pair.1)});
    if let Some(chain) = chain {
        body["CertificateChain"] = B64.encode(chain).into();
    }
    body
}

#[test]
fn imported_described_and_its_key_opened_by_whoever_has_the_root_key() {
    let mut r = region();
    for (pair, chain, algorithm, domain) in [
        (RSA, Some(CA), "RSA_2048", "rsa.example"),
        (EC, Some(CA), "EC_prime256v1", "ec.example"),
        (SAN, None, "EC_prime256v1", "example.com"),
    ] {
        let arn = r.import(pair, chain);
        assert!(arn.starts_with("arn:aws:acm:us-east-1:123456789012:certificate/"), "{arn}");
        let c = r.ok("DescribeCertificate", json!({"CertificateArn": arn}))["Certificate"].clone();
        assert_eq!((&c["KeyAlgorithm"], &c["DomainName"]), (&json!(algorithm), &json!(domain)), "{c}");
        assert_eq!((&c["Status"], &c["Type"], &c["InUseBy"]), (&json!("ISSUED"), &json!("IMPORTED"), &json!([])));
        let got = r.ok("GetCertificate", json!({"CertificateArn": arn}));
        assert_eq!(got["Certificate"], pair.0);
        let row = r.h.db.all::<AcmCertificate>().find(|c| c.arn(&r.h.settings) == arn).unwrap();
        let key = r.root.open(&wire::balancer::certificate_purpose(&arn), &row.sealed_key).unwrap();
        let text = std::str::from_utf8(&key).unwrap();
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        let (label, der) = x509::pem(text).unwrap().remove(0);
        assert_eq!(x509::public_of(&label, &der).unwrap(), x509::parse(&x509::pem(pair.0).unwrap()[0].1).unwrap().key);
        assert!(r.root.open(&wire::balancer::certificate_purpose("another"), &row.sealed_key).is_none());
        assert!(!serde_json::to_string(&*row).unwrap().contains("PRIVATE"));
        assert_eq!(x509::pem(&row.full_chain()).unwrap().len(), if chain.is_some() { 2 } else { 1 });
    }
    let arn = r.import(SAN, None);
    let c = r.ok("DescribeCertificate", json!({"CertificateArn": arn}))["Certificate"].clone();
    assert_eq!(c["SubjectAlternativeNames"], json!(["example.com", "*.example.com"]));
    assert_eq!((&c["Subject"], &c["Issuer"]), (&json!("C=DE,O=Example,CN=example.com"), &json!("Example")));
    // Another in its place.
    let mut again = body(EC, Some(CA));
    again["CertificateArn"] = arn.clone().into();
    assert_eq!(r.ok("ImportCertificate", again)["CertificateArn"], arn);
    let c = r.ok("DescribeCertificate", json!({"CertificateArn": arn}))["Certificate"].clone();
    assert_eq!(c["DomainName"], "ec.example");
    // By default lists have RSA only, as AWS's.
    let listed = |r: &mut Region, body: Value| r.ok("ListCertificates", body)["CertificateSummaryList"].as_array().unwrap().len();
    assert_eq!(listed(&mut r, json!({})), 1);
    assert_eq!(listed(&mut r, json!({"Includes": {"keyTypes": ["EC_prime256v1"]}})), 3);
    assert_eq!(listed(&mut r, json!({"CertificateStatuses": ["EXPIRED"]})), 0);
    let page = json!({"Includes": {"keyTypes": ["EC_prime256v1"]}, "MaxItems": 2});
    let first = r.ok("ListCertificates", page);
    let rest = json!({"Includes": {"keyTypes": ["EC_prime256v1"]}, "MaxItems": 2, "NextToken": first["NextToken"]});
    assert_eq!(listed(&mut r, rest), 1);
    // Tags.
    r.ok("AddTagsToCertificate", json!({"CertificateArn": arn, "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b"}]}));
    r.ok("RemoveTagsFromCertificate", json!({"CertificateArn": arn, "Tags": [{"Key": "a", "Value": "2"}, {"Key": "b"}]}));
    let tags = r.ok("ListTagsForCertificate", json!({"CertificateArn": arn}));
    assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "1"}]));
    r.ok("DeleteCertificate", json!({"CertificateArn": arn}));
    assert_eq!(r.code("DescribeCertificate", json!({"CertificateArn": arn})), "ResourceNotFoundException");
}

#[test]
fn refusals() {
    let mut r = region();
    let import = "ImportCertificate";
    let arn = r.import(RSA, Some(CA));
    let with = |mut body: Value, key: &str, value: Value| {
        body[key] = value;
        body
    };
    for (action, body, want) in [
        (import, body((RSA.0, EC.1), Some(CA)), "ValidationException"),
        (import, body((RSA.0, "nonsense"), None), "ValidationException"),
        (import, body((RSA.1, RSA.1), None), "ValidationException"),
        (import, body(RSA, Some(SAN.0)), "ValidationException"),
        (import, with(body(RSA, None), "CertificateArn", json!("x")), "InvalidArnException"),
        (import, with(body(RSA, None), "CertificateArn", json!(format!("{arn}0"))), "ResourceNotFoundException"),
        (import, with(with(body(RSA, None), "CertificateArn", json!(arn)), "Tags", json!([{"Key": "a"}])), "ValidationException"),
        (import, with(body(RSA, None), "Tags", json!([{"Key": "aws:a"}])), "InvalidTagException"),
        ("DescribeCertificate", json!({"CertificateArn": "x"}), "InvalidArnException"),
        ("ListCertificates", json!({"MaxItems": 0}), "ValidationException"),
        ("ListCertificates", json!({"SortBy": "CREATED_AT"}), "ValidationException"),
        ("ListCertificates", json!({"Includes": {"managedBy": "CLOUDFRONT"}}), "UnsupportedOperation"),
        ("RequestCertificate", json!({"DomainName": "example.com"}), "UnknownOperationException"),
    ] {
        assert_eq!(r.code(action, body.clone()), want, "{action} {body}");
    }
    r.h.now = TimestampMs(1_700_000_000_000);
    assert_eq!(r.code(import, body(RSA, None)), "ValidationException", "it is not valid yet");
    r.h.now = LATER;
    let quota = platform::settings::QuotaSettings { default: Some(1), max: None };
    r.h.settings.limits.quotas.insert("acm/L-D2CB7DE9".into(), quota);
    assert_eq!(r.code(import, body(RSA, None)), "LimitExceededException");
    r.h.caller = crate::ec2::testing::principal("999900001111");
    assert_eq!(r.code("GetCertificate", json!({"CertificateArn": arn})), "ResourceNotFoundException");
}
