//! JSON Web Tokens of identity providers: signed with RSA or ECDSA by a key of the provider's set, in time.
//! RFC 7515 (JWS), 7517 (JWK), 7518 (algorithms), 7519 (claims). Pure.
//!
//! What is refused beyond a wrong signature: any algorithm but RS256/384/512, ES256 and ES384 (so also `none` and those of
//! shared keys), a key for another algorithm than the header's, RSA below 2048 bits, critical extensions, anything but
//! three parts of unpadded base64url. Whom a token is for and what its subject may is the caller's to judge.

use aws_lc_rs::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use types::TimestampMs;

/// `WebIdentityToken`: 4 to 20,000 characters (STS API Reference, AssumeRoleWithWebIdentity).
pub const CHARS_MAX: usize = 20_000;
/// A provider's keys, bytes of JSON and how many of them: Google has two, AWS's limit is 100.
pub const JWKS_BYTES_MAX: usize = 100 << 10;
pub const KEYS_MAX: usize = 100;
/// Clocks of providers may be off by so much, either way (AWS: five minutes).
pub const SKEW_S_MAX: u64 = 300;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("{0}")]
    Malformed(&'static str),
    #[error("the algorithm is not one of RS256, RS384, RS512, ES256 and ES384")]
    Algorithm,
    #[error("no key of the provider is the one that signed")]
    UnknownKey,
    #[error("the signature is not of the provider's key")]
    Signature,
    #[error("the token ended at {until_s}, now it is {now_s} (seconds since 1970)")]
    Expired { until_s: u64, now_s: u64 },
    #[error("the token begins at {from_s}, now it is {now_s} (seconds since 1970)")]
    NotYet { from_s: u64, now_s: u64 },
}

/// A token taken apart: nothing in it is proven.
#[derive(Debug, Clone, PartialEq)]
pub struct Unproven<'a> {
    /// `iss`: whose keys to ask.
    pub issuer: String,
    algorithm: &'static Algorithm,
    key_id: Option<String>,
    signed: &'a str,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

/// What a provider says of a user.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    pub issuer: String,
    pub subject: String,
    /// `aud`, one or more.
    pub audiences: Vec<String>,
    /// `azp`
    pub authorized_party: Option<String>,
    /// `amr`: how the user proved who it is.
    pub methods: Vec<String>,
    pub expires_s: u64,
    /// All claims.
    pub all: Map<String, Value>,
}

struct Algorithm {
    name: &'static str,
    kind: Kind,
}

enum Kind {
    Rsa(&'static signature::RsaParameters),
    Ec { curve: &'static str, coordinate_bytes: usize, algorithm: &'static signature::EcdsaVerificationAlgorithm },
}

static ALGORITHMS: [Algorithm; 5] = [
    Algorithm { name: "RS256", kind: Kind::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256) },
    Algorithm { name: "RS384", kind: Kind::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384) },
    Algorithm { name: "RS512", kind: Kind::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512) },
    Algorithm {
        name: "ES256",
        kind: Kind::Ec { curve: "P-256", coordinate_bytes: 32, algorithm: &signature::ECDSA_P256_SHA256_FIXED },
    },
    Algorithm {
        name: "ES384",
        kind: Kind::Ec { curve: "P-384", coordinate_bytes: 48, algorithm: &signature::ECDSA_P384_SHA384_FIXED },
    },
];

impl PartialEq for Algorithm {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn object(part: &str, what: &'static str) -> Result<Map<String, Value>, JwtError> {
    let json = bytes(part).ok_or(JwtError::Malformed(what))?;
    serde_json::from_slice(&json).map_err(|_| JwtError::Malformed(what))
}

impl<'a> Unproven<'a> {
    /// # Errors
    /// `Malformed`, `Algorithm`.
    pub fn parse(token: &'a str) -> Result<Self, JwtError> {
        if token.len() > CHARS_MAX {
            return Err(JwtError::Malformed("The token is too long"));
        }
        let malformed =
            JwtError::Malformed("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
        let (signed, last) = token.rsplit_once('.').ok_or(malformed.clone())?;
        let (head, body) = signed.split_once('.').ok_or(malformed.clone())?;
        if body.contains('.') {
            return Err(malformed);
        }
        let header = object(head, "The token's header is not JSON")?;
        let claims = object(body, "The token's claims are not JSON")?;
        let text = |map: &Map<String, Value>, name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(JwtError::Malformed("The token's header has extensions that are not understood"));
        }
        let named = text(&header, "alg").ok_or(JwtError::Algorithm)?;
        let algorithm = ALGORITHMS.iter().find(|a| a.name == named).ok_or(JwtError::Algorithm)?;
        let issuer = text(&claims, "iss").ok_or(JwtError::Malformed("Missing a required claim: iss"))?;
        let signature = bytes(last).ok_or(JwtError::Malformed("The token's signature is not base64url"))?;
        Ok(Self { issuer, algorithm, key_id: text(&header, "kid"), signed, signature, claims })
    }

    /// Proves it with the provider's keys, a JWK set, and against the time.
    ///
    /// # Errors
    /// `UnknownKey`, `Signature`, `Expired`, `NotYet`; `Malformed` where a claim that must be there is not.
    pub fn prove(self, jwks: &str, now: TimestampMs) -> Result<Claims, JwtError> {
        let keys = keys(jwks).ok_or(JwtError::Malformed("The provider's keys are not a JWK set"))?;
        let mut fitting = keys.iter().filter(|k| self.fits(k)).peekable();
        fitting.peek().ok_or(JwtError::UnknownKey)?;
        if !fitting.any(|key| self.signed_by(key)) {
            return Err(JwtError::Signature);
        }
        self.claims(now.0 / 1000)
    }

    fn fits(&self, key: &Value) -> bool {
        let is = |name: &str, wanted: &str| key.get(name).and_then(Value::as_str).is_none_or(|v| v == wanted);
        let kind = match &self.algorithm.kind {
            Kind::Rsa(_) => key["kty"] == "RSA",
            Kind::Ec { curve, .. } => key["kty"] == "EC" && key["crv"] == *curve,
        };
        kind && is("alg", self.algorithm.name)
            && is("use", "sig")
            && self.key_id.as_ref().is_none_or(|id| key.get("kid").and_then(Value::as_str) == Some(id))
    }

    fn signed_by(&self, key: &Value) -> bool {
        let part = |name: &str| key.get(name).and_then(Value::as_str).and_then(bytes);
        let message = self.signed.as_bytes();
        match &self.algorithm.kind {
            Kind::Rsa(parameters) => {
                let (Some(n), Some(e)) = (part("n"), part("e")) else { return false };
                RsaPublicKeyComponents { n, e }.verify(parameters, message, &self.signature).is_ok()
            }
            Kind::Ec { coordinate_bytes, algorithm, .. } => {
                let (Some(x), Some(y)) = (part("x"), part("y")) else { return false };
                if x.len() != *coordinate_bytes || y.len() != *coordinate_bytes {
                    return false;
                }
                // SEC 1: an uncompressed point.
                let point = [&[4][..], &x, &y].concat();
                let algorithm: &'static dyn VerificationAlgorithm = *algorithm;
                UnparsedPublicKey::new(algorithm, point).verify(message, &self.signature).is_ok()
            }
        }
    }

    fn claims(self, now_s: u64) -> Result<Claims, JwtError> {
        let all = self.claims;
        // RFC 7519: NumericDate, which may have a fraction.
        let time = |name: &str| all.get(name).and_then(Value::as_f64).filter(|t| (0.0..4e12).contains(t)).map(|t| t as u64);
        let until_s = time("exp").ok_or(JwtError::Malformed("Missing a required claim: exp"))?;
        let issued_s = time("iat").ok_or(JwtError::Malformed("Missing a required claim: iat"))?;
        let from_s = time("nbf").map_or(issued_s, |nbf| nbf.max(issued_s));
        if all.contains_key("nbf") && time("nbf").is_none() {
            return Err(JwtError::Malformed("The claim nbf is not a time"));
        }
        if until_s + SKEW_S_MAX <= now_s {
            return Err(JwtError::Expired { until_s, now_s });
        }
        if from_s > now_s + SKEW_S_MAX {
            return Err(JwtError::NotYet { from_s, now_s });
        }
        let subject = all.get("sub").and_then(Value::as_str).filter(|s| !s.is_empty());
        let subject = subject.ok_or(JwtError::Malformed("Missing a required claim: sub"))?.to_owned();
        let audiences = strings(all.get("aud"));
        let authorized_party = all.get("azp").and_then(Value::as_str).map(str::to_owned);
        if audiences.is_empty() && authorized_party.is_none() {
            return Err(JwtError::Malformed("Missing a required claim: aud"));
        }
        let methods = strings(all.get("amr"));
        Ok(Claims { issuer: self.issuer, subject, audiences, authorized_party, methods, expires_s: until_s, all })
    }
}

/// A text, or the texts of a list.
pub fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

fn keys(jwks: &str) -> Option<Vec<Value>> {
    let within = (jwks.len() <= JWKS_BYTES_MAX).then_some(jwks)?;
    match serde_json::from_str::<Map<String, Value>>(within).ok()?.remove("keys")? {
        Value::Array(keys) if keys.len() <= KEYS_MAX => Some(keys),
        _ => None,
    }
}

/// How many keys of a JWK set could sign a token here; `None`: it is no such set.
pub fn usable_keys(jwks: &str) -> Option<usize> {
    let usable = |k: &&Value| match k["kty"].as_str() {
        Some("RSA") => k["n"].is_string() && k["e"].is_string(),
        Some("EC") => matches!(k["crv"].as_str(), Some("P-256" | "P-384")) && k["x"].is_string() && k["y"].is_string(),
        _ => false,
    };
    Some(keys(jwks)?.iter().filter(usable).count())
}

#[cfg(test)]
#[path = "jwt_tests.rs"]
mod tests;
