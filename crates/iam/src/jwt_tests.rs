//! Web identities: tokens of both kinds of keys, every bit of one changed, times and required claims.

use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::json;

const NOW: TimestampMs = TimestampMs(1_800_000_000_000);

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

struct Provider {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    jwks: String,
}

fn provider() -> Provider {
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    // RFC 8017: a sequence of two integers, 2048 bits and 65537.
    let der = rsa.public_key().as_ref();
    let (n, e) = (&der[9..265], &der[der.len() - 3..]);
    let point = ec.public_key().as_ref();
    let jwks = json!({ "keys": [
        { "kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256", "n": text(n), "e": text(e) },
        { "kty": "EC", "kid": "e", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..]) },
        { "kty": "oct", "kid": "o", "k": "c2VjcmV0" },
    ]});
    Provider { rsa, ec, jwks: jwks.to_string() }
}

fn claims() -> Value {
    let now = NOW.0 / 1000;
    json!({ "iss": "https://id.example", "sub": "alice", "aud": "app", "iat": now, "exp": now + 600, "amr": ["mfa"] })
}

impl Provider {
    fn sign(&self, head: Value, claims: &Value) -> String {
        let signed = format!("{}.{}", text(head.to_string().as_bytes()), text(claims.to_string().as_bytes()));
        let rng = SystemRandom::new();
        let signature = if head["kid"] == "e" {
            self.ec.sign(&rng, signed.as_bytes()).unwrap().as_ref().to_vec()
        } else {
            let mut out = vec![0; self.rsa.public_modulus_len()];
            self.rsa.sign(&RSA_PKCS1_SHA256, &rng, signed.as_bytes(), &mut out).unwrap();
            out
        };
        format!("{signed}.{}", text(&signature))
    }

    fn check(&self, token: &str) -> Result<Claims, JwtError> {
        Unproven::parse(token)?.prove(&self.jwks, NOW)
    }
}

#[test]
fn both_kinds_of_keys_and_nothing_else() {
    let p = provider();
    assert_eq!(usable_keys(&p.jwks), Some(2));
    for head in [json!({"alg": "RS256", "kid": "r"}), json!({"alg": "ES256", "kid": "e"}), json!({"alg": "RS256"})] {
        let c = p.check(&p.sign(head, &claims())).unwrap();
        assert_eq!(
            (c.issuer.as_str(), c.subject.as_str(), &c.audiences[..]),
            ("https://id.example", "alice", &["app".to_owned()][..])
        );
        assert_eq!(c.methods, ["mfa"]);
    }
    for (head, wanted) in [
        (json!({"alg": "none", "kid": "r"}), JwtError::Algorithm),
        (json!({"alg": "HS256", "kid": "o"}), JwtError::Algorithm),
        (json!({"kid": "r"}), JwtError::Algorithm),
        // The key is for RS256 alone; an EC key for no RSA signature.
        (json!({"alg": "RS512", "kid": "r"}), JwtError::UnknownKey),
        (json!({"alg": "RS256", "kid": "e"}), JwtError::UnknownKey),
        (json!({"alg": "RS256", "kid": "other"}), JwtError::UnknownKey),
    ] {
        assert_eq!(p.check(&p.sign(head.clone(), &claims())), Err(wanted), "{head}");
    }
    let token = p.sign(json!({"alg": "RS256", "kid": "r", "crit": ["exp"]}), &claims());
    assert!(matches!(p.check(&token), Err(JwtError::Malformed(_))));
    let other = provider();
    assert_eq!(other.check(&p.sign(json!({"alg": "ES256", "kid": "e"}), &claims())), Err(JwtError::Signature));
}

#[test]
fn every_flipped_bit_is_refused() {
    let p = provider();
    let token = p.sign(json!({"alg": "ES256", "kid": "e"}), &claims());
    assert!(p.check(&token).is_ok());
    for at in 0..token.len() {
        for bit in 0..8 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(p.check(&changed).is_err(), "byte {at}, bit {bit}");
            }
        }
    }
    for end in 0..token.len() {
        assert!(p.check(&token[..end]).is_err(), "{end}");
    }
}

#[test]
fn times_and_required_claims() {
    let p = provider();
    let now = NOW.0 / 1000;
    let with = |name: &str, value: Value| {
        let mut c = claims();
        if value.is_null() {
            c.as_object_mut().unwrap().remove(name);
        } else {
            c[name] = value;
        }
        p.check(&p.sign(json!({"alg": "ES256", "kid": "e"}), &c)).map(|_| ())
    };
    let rows = [
        ("exp", json!(now - SKEW_S_MAX + 1), true),
        ("exp", json!(now - SKEW_S_MAX), false),
        ("exp", json!(now as f64 + 0.5), true),
        ("exp", json!("tomorrow"), false),
        ("exp", json!(-1), false),
        ("exp", Value::Null, false),
        ("nbf", json!(now + SKEW_S_MAX), true),
        ("nbf", json!(now + SKEW_S_MAX + 1), false),
        ("nbf", json!("x"), false),
        ("iat", json!(now + SKEW_S_MAX + 1), false),
        ("iat", Value::Null, false),
        ("sub", Value::Null, false),
        ("sub", json!(""), false),
        ("iss", Value::Null, false),
        ("aud", Value::Null, false),
        ("aud", json!(["a", "b"]), true),
    ];
    for (name, value, good) in rows {
        assert_eq!(with(name, value.clone()).is_ok(), good, "{name} {value}");
    }
}
