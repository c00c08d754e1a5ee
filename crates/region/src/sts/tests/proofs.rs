//! Whoever proves more than a signature: a code of an MFA device, a token of an identity provider.

use super::*;
use crate::iam::rows::MfaDevice;
use crate::rows::OidcProvider;
use crate::sts::oidc;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// RFC 6238 with the device's usual numbers.
fn code(seed: &[u8], now: TimestampMs) -> String {
    let step = (now.0 / 30_000).to_be_bytes();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed), &step);
    let at = usize::from(tag.as_ref()[19] & 0xf);
    let number = tag.as_ref()[at..at + 4].iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[test]
fn a_code_of_the_users_own_device() {
    let mut w = World::new();
    let alice = w.user(A, "alice", "");
    let bob = w.user(A, "bob", "");
    let everybody = r#"{"AWS":["arn:aws:iam::111111111111:user/alice","arn:aws:iam::111111111111:user/bob"]}"#;
    let condition =
        r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}"#;
    let arn = w.role(A, "app", &trust(everybody, condition), &allow("\"ec2:*\"", "*"));
    let seed = *b"12345678901234567890";
    w.h.db.put(MfaDevice {
        account: account(A),
        name: "alice".into(),
        path: "/".into(),
        seed: hex::encode(seed),
        created: w.h.now,
        tags: Default::default(),
        enabled: Some((alice.user_id.clone(), w.h.now)),
        drift_steps: 0,
        used_step: 0,
    });
    let proof = |w: &World| format!("SerialNumber=arn:aws:iam::{A}:mfa/alice&TokenCode={}", code(&seed, w.h.now));
    let given = proof(&w);
    assert!(
        w.sts(&bob, "AssumeRole", &assume(&arn, &given)).unwrap_err().message.starts_with("MultiFactorAuthentication failed")
    );
    let session = w.sts(&alice, "AssumeRole", &assume(&arn, &given)).unwrap();
    assert!(w.open(&session).session.as_ref().unwrap().mfa_at.is_none(), "a role's session does not say so");
    assert!(w.sts(&alice, "AssumeRole", &assume(&arn, &given)).unwrap_err().is("AccessDenied"), "a code is good once");
    w.h.now = TimestampMs(w.h.now.0 + 60_000);
    let given = proof(&w);
    let xml = w.sts(&alice, "GetSessionToken", &given).unwrap();
    let own = w.open(&xml);
    assert_eq!(own.session.as_ref().unwrap().mfa_at, Some(w.h.now));
    // With such a session the code need not be given again.
    assert!(w.sts(&own, "AssumeRole", &assume(&arn, "")).is_ok());
    w.h.now = TimestampMs(w.h.now.0 + 1);
    let without = w.sts(&alice, "GetSessionToken", "").unwrap();
    let without = w.open(&without);
    assert!(w.sts(&without, "AssumeRole", &assume(&arn, "")).unwrap_err().is("AccessDenied"));
}

struct Provider {
    key: EcdsaKeyPair,
    jwks: String,
}

fn text_of(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = key.public_key().as_ref();
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": text_of(&point[1..33]), "y": text_of(&point[33..]) });
        let jwks = json!({ "keys": [jwk] }).to_string();
        Self { key, jwks }
    }

    fn token(&self, claims: &Value) -> String {
        let head = json!({ "alg": "ES256", "kid": "1" }).to_string();
        let signed = format!("{}.{}", text_of(head.as_bytes()), text_of(claims.to_string().as_bytes()));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", text_of(signature.as_ref()))
    }
}

const ISSUER: &str = "https://id.example.com/tenant";

#[test]
fn the_bearer_of_a_providers_token() {
    let mut w = World::new();
    let nobody = Principal::anonymous(account("000000000000"));
    let p = Provider::new();
    w.h.db.put(OidcProvider {
        account: account(A),
        url: "id.example.com/tenant".into(),
        clients: vec!["app".into()],
        thumbprints: Vec::new(),
        created: w.h.now,
        tags: Default::default(),
    });
    let federated = r#"{"Federated":"arn:aws:iam::111111111111:oidc-provider/id.example.com/tenant"}"#;
    let condition = r#"{"StringEquals":{"id.example.com/tenant:sub":"ci","id.example.com/tenant:aud":"app"},"ForAnyValue:StringEquals":{"id.example.com/tenant:amr":"mfa"}}"#;
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{federated},"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession"],"Condition":{condition}}}}}"#
    );
    let arn = w.role(A, "deploy", &document, &allow("\"ec2:*\"", "*"));
    let now = w.h.now.0 / 1000;
    let claims = json!({ "iss": ISSUER, "sub": "ci", "aud": "app", "iat": now, "exp": now + 300, "amr": ["pwd", "mfa"],
        "https://aws.amazon.com/tags": { "principal_tags": { "repo": ["x"] }, "transitive_tag_keys": ["repo"] } });
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    let request = |token: &str| format!("RoleArn={arn}&RoleSessionName=job&WebIdentityToken={token}");
    let operation = "AssumeRoleWithWebIdentity";
    let e = w.sts(&nobody, operation, &request(&p.token(&claims))).unwrap_err();
    assert!(e.is("InvalidIdentityToken") && e.message.contains("Couldn't retrieve verification key"), "{e}");
    assert!(oidc::set_keys(&mut w.h.db, w.h.now, ISSUER, Some("{}".into())).unwrap_err().is("InvalidInput"));
    assert_eq!(oidc::set_keys(&mut w.h.db, w.h.now, ISSUER, Some(p.jwks.clone())).unwrap(), 1);

    let xml = w.sts(&nobody, operation, &request(&p.token(&claims))).unwrap();
    let provider = format!("arn:aws:iam::{A}:oidc-provider/id.example.com/tenant");
    assert_eq!((text(&xml, "Provider"), text(&xml, "Audience")), (provider.clone(), "app".into()));
    assert_eq!(text(&xml, "SubjectFromWebIdentityToken"), "ci");
    let caller = w.open(&xml);
    let session = caller.session.clone().unwrap();
    assert_eq!((session.provider.as_deref(), session.tags["repo"].as_str()), (Some(provider.as_str()), "x"));
    assert!(w.call(&caller, "ec2", "DescribeVpcs", "").is_ok());

    let mut other = p.token(&claims).into_bytes();
    let end = other.len() - 10;
    other[end] = if other[end] == b'A' { b'B' } else { b'A' };
    let rows = [
        ("a changed signature", String::from_utf8(other).unwrap(), "InvalidIdentityToken", 400),
        ("another's key", Provider::new().token(&claims), "InvalidIdentityToken", 400),
        ("no token", "abcd".into(), "InvalidIdentityToken", 400),
        ("expired", p.token(&with("exp", json!(now - 300))), "ExpiredTokenException", 400),
        ("not begun", p.token(&with("nbf", json!(now + 301))), "InvalidIdentityToken", 400),
        ("for another client", p.token(&with("aud", json!("other"))), "InvalidIdentityToken", 400),
        (
            "by a provider that is not registered",
            p.token(&with("iss", json!("https://id.example.com"))),
            "InvalidIdentityToken",
            400,
        ),
        ("not by https", p.token(&with("iss", json!("http://id.example.com/tenant"))), "InvalidIdentityToken", 400),
        ("another subject", p.token(&with("sub", json!("dev"))), "AccessDenied", 403),
        ("another proof", p.token(&with("amr", json!(["pwd"]))), "AccessDenied", 403),
        (
            "a source identity that is not trusted",
            p.token(&with("https://aws.amazon.com/source_identity", json!("ab"))),
            "AccessDenied",
            403,
        ),
    ];
    for (what, token, code, status) in rows {
        let e = w.sts(&nobody, operation, &request(&token)).unwrap_err();
        assert_eq!((e.code.as_ref(), e.status), (code, status), "{what}: {e}");
    }
    // Nothing else is nobody's to ask.
    assert!(w.call(&nobody, "ec2", "DescribeVpcs", "").unwrap_err().is("UnauthorizedOperation"));
    assert_eq!(oidc::set_keys(&mut w.h.db, w.h.now, ISSUER, None).unwrap(), 0);
    w.h.db.take_mutations();
    assert!(w.sts(&nobody, operation, &request(&p.token(&claims))).unwrap_err().is("InvalidIdentityToken"));
}
