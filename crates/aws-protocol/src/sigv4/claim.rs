//! What a request claims about its signer, and the check of it.

use super::canonical::{self, Scope};
use super::payload::same_signature;
use super::{ALGORITHM, AuthError, BodyHash, EXPIRES_S_DEFAULT, EXPIRES_S_MAX, HttpRequest, SKEW_MS_MAX};
use super::{ChunkSigner, PayloadKind, UNSIGNED_PAYLOAD, Verified, VerifiedHead, format_time, parse_time};
use crate::error::clip;
use aws_lc_rs::hmac;
use types::TimestampMs;

const SIGNED_HEADERS_MAX: usize = 100;

/// A request's signature, taken apart but not checked: nothing in it is to be believed, only used to word an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub access_key: String,
    pub region: String,
    pub service: String,
    pub signed_at: TimestampMs,
    pub session_token: Option<String>,
    /// Lower case, sorted.
    signed_headers: Vec<String>,
    signature: String,
    /// The life of a presigned URL; `None` when signed in headers.
    expires_s: Option<u64>,
}

fn incomplete<T>(why: impl Into<String>) -> Result<T, AuthError> {
    Err(AuthError::Incomplete(why.into()))
}

impl Claim {
    pub fn parse(r: &HttpRequest<'_>) -> Result<Self, AuthError> {
        let mut algorithms = canonical::query_values(r.query, "X-Amz-Algorithm");
        match (r.header("authorization").filter(|a| !a.trim().is_empty()), algorithms.next()) {
            (None, None) => {
                let has = |name: &str| canonical::query_values(r.query, name).next().is_some();
                if has("AWSAccessKeyId") && has("Signature") {
                    return Err(AuthError::Version2);
                }
                // Not taken for a request without a signer, whom S3 lets in to what is public.
                if has("X-Amz-Signature") || has("X-Amz-Credential") {
                    return incomplete("AWS query-string parameters must include 'X-Amz-Algorithm'.");
                }
                Err(AuthError::Missing)
            }
            (Some(header), None) => Self::from_headers(r, header),
            (None, Some(algorithm)) => Self::from_query(r, &algorithm),
            (Some(_), Some(_)) => incomplete("The request is signed both in a header and in the query; only one is allowed."),
        }
    }

    fn from_headers(r: &HttpRequest<'_>, authorization: &str) -> Result<Self, AuthError> {
        if r.header_values("authorization").nth(1).is_some() {
            return incomplete("There is more than one Authorization header.");
        }
        let (algorithm, fields) = authorization.trim().split_once(' ').unwrap_or((authorization, ""));
        if algorithm == "AWS" {
            return Err(AuthError::Version2);
        }
        check_algorithm(algorithm)?;
        let field = |name: &str| {
            let mut values = fields.split(',').filter_map(|f| f.trim().strip_prefix(name)?.strip_prefix('='));
            match (values.next(), values.next()) {
                (Some(v), None) => Ok(v.trim()),
                (None, _) => incomplete(format!("Authorization header requires '{name}' parameter.")),
                (Some(_), Some(_)) => incomplete(format!("Authorization header has '{name}' more than once.")),
            }
        };
        let (time, source) = match (r.header("x-amz-date"), r.header("date")) {
            (Some(v), _) => (parse_time(v.trim()), "x-amz-date"),
            (None, Some(v)) => (parse_time(v.trim()).or_else(|| parse_http_date(v.trim())), "date"),
            (None, None) => {
                return incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
            }
        };
        let Some(signed_at) = time else {
            return incomplete(format!("The {source} header is not a time such as 20260101T000000Z."));
        };
        let token = r.header("x-amz-security-token").map(str::to_owned);
        Self::new(field("Credential")?, field("SignedHeaders")?, field("Signature")?, signed_at, token, None)
    }

    fn from_query(r: &HttpRequest<'_>, algorithm: &str) -> Result<Self, AuthError> {
        check_algorithm(algorithm)?;
        let optional = |name: &str| {
            let mut values = canonical::query_values(r.query, name);
            match (values.next(), values.next()) {
                (Some(_), Some(_)) => incomplete(format!("The query has '{name}' more than once.")),
                (v, _) => Ok(v),
            }
        };
        let required = |name: &str| match optional(name)? {
            Some(v) => Ok(v),
            None => incomplete(format!("AWS query-string parameters must include '{name}'.")),
        };
        optional("X-Amz-Algorithm")?;
        let Some(signed_at) = parse_time(&required("X-Amz-Date")?) else {
            return incomplete("X-Amz-Date is not a time such as 20260101T000000Z.");
        };
        let expires_s = match optional("X-Amz-Expires")? {
            None => EXPIRES_S_DEFAULT,
            Some(v) => match v.parse() {
                Ok(s @ 0..=EXPIRES_S_MAX) if v.bytes().all(|b| b.is_ascii_digit()) => s,
                _ => return incomplete(format!("X-Amz-Expires must be a number of seconds from 0 to {EXPIRES_S_MAX}.")),
            },
        };
        let (credential, headers) = (required("X-Amz-Credential")?, required("X-Amz-SignedHeaders")?);
        let token = optional("X-Amz-Security-Token")?;
        Self::new(&credential, &headers, &required("X-Amz-Signature")?, signed_at, token, Some(expires_s))
    }

    fn new(
        credential: &str,
        headers: &str,
        signature: &str,
        signed_at: TimestampMs,
        session_token: Option<String>,
        expires_s: Option<u64>,
    ) -> Result<Self, AuthError> {
        // From the right: an access key id could hold a slash, the scope cannot.
        let mut parts = credential.rsplitn(5, '/');
        let (Some("aws4_request"), Some(service), Some(region), Some(date), Some(key)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return incomplete(
                "Credential must have exactly 5 slash-delimited elements: keyid/date/region/service/aws4_request.",
            );
        };
        if [key, region, service].iter().any(|s| s.is_empty() || s.len() > 128) {
            return incomplete("Credential has an empty or overlong element.");
        }
        if date != &format_time(signed_at)[..8] {
            return incomplete(format!("Date in Credential scope does not match the date of the request: '{}'.", clip(date)));
        }
        let signed_headers: Vec<String> = headers.split(';').map(str::to_owned).collect();
        let sorted = signed_headers.is_sorted_by(|a, b| a < b);
        let lower = signed_headers.iter().all(|h| !h.is_empty() && !h.bytes().any(|b| b.is_ascii_uppercase()));
        if !sorted || !lower || signed_headers.len() > SIGNED_HEADERS_MAX {
            return incomplete("SignedHeaders must be names in lower case, sorted, separated by semicolons.");
        }
        if signature.len() != 64 || !signature.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return incomplete("Signature must be 64 hexadecimal digits.");
        }
        Ok(Self {
            access_key: key.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_at,
            session_token,
            signed_headers,
            signature: signature.to_owned(),
            expires_s,
        })
    }

    /// Proves the claim, or says why it does not hold. `body` is the hash of the body as received. `secret_of` finds the secret
    /// of an access key.
    pub fn verify(
        self,
        r: &HttpRequest<'_>,
        body: BodyHash,
        now: TimestampMs,
        secret_of: impl FnOnce(&str) -> Option<String>,
    ) -> Result<Verified, AuthError> {
        self.check_time(now)?;
        self.check_signed_headers(r)?;
        let payload = self.payload(r, body)?;
        let secret = secret_of(&self.access_key).ok_or(AuthError::UnknownKey)?;
        self.check_signature(r, &payload, &secret)?;
        Ok(self.verified())
    }

    /// Checks the head of a request to S3 before its body is there; the body is then held against [`VerifiedHead::payload`].
    /// `region` is the one that the signature must be for.
    ///
    /// # Errors
    /// Those of `verify`; and `Region`, `Service`, `PayloadMissing`, `PayloadInvalid`.
    pub fn verify_head(
        self,
        r: &HttpRequest<'_>,
        region: &str,
        now: TimestampMs,
        secret_of: impl FnOnce(&str) -> Option<String>,
    ) -> Result<VerifiedHead, AuthError> {
        if self.service != "s3" {
            return Err(AuthError::Service { signed: self.service, expected: "s3" });
        }
        if self.region != region {
            return Err(AuthError::Region { signed: self.region, expected: region.to_owned() });
        }
        if self.expires_s.is_some() && canonical::query_values(r.query, "X-Amz-Expires").next().is_none() {
            return incomplete("AWS query-string parameters must include 'X-Amz-Expires'.");
        }
        self.check_time(now)?;
        self.check_signed_headers(r)?;
        let in_query = canonical::query_values(r.query, "X-Amz-Content-Sha256").next();
        let declared = match (r.header("x-amz-content-sha256").map(str::trim), &in_query, self.expires_s) {
            (Some(declared), ..) => declared,
            (None, Some(declared), Some(_)) => declared,
            (None, None, Some(_)) => UNSIGNED_PAYLOAD,
            (None, _, None) => return Err(AuthError::PayloadMissing),
        };
        let payload = PayloadKind::parse(declared).ok_or_else(|| AuthError::PayloadInvalid(declared.to_owned()))?;
        let secret = secret_of(&self.access_key).ok_or(AuthError::UnknownKey)?;
        let key = self.check_signature(r, declared, &secret)?;
        let time = format_time(self.signed_at);
        let scope = self.scope(&time).text();
        let chain = ChunkSigner::new(key, time, scope, self.signature.clone());
        Ok(VerifiedHead { signer: self.verified(), payload, chain })
    }

    fn scope<'a>(&'a self, time: &'a str) -> Scope<'a> {
        Scope { time, date: &time[..8], region: &self.region, service: &self.service }
    }

    /// In constant time as to the signature. Gives the key that it was made with.
    fn check_signature(&self, r: &HttpRequest<'_>, payload: &str, secret: &str) -> Result<hmac::Key, AuthError> {
        let except = if self.expires_s.is_some() { "X-Amz-Signature" } else { "" };
        let signed: Vec<&str> = self.signed_headers.iter().map(String::as_str).collect();
        let query = canonical::query(r.query, except);
        let time = format_time(self.signed_at);
        let scope = self.scope(&time);
        let key = canonical::signing_key(secret, &scope);
        let matches = |path: &str| {
            let ours = canonical::signature(&key, &scope, &canonical::request(r, path, &signed, &query, payload));
            same_signature(&ours, self.signature.as_bytes())
        };
        let good = matches(&canonical::path(r.path, &self.service))
            || (self.service == "s3" && matches(&canonical::recoded_s3_path(r.path)));
        if good { Ok(key) } else { Err(AuthError::SignatureMismatch) }
    }

    fn verified(self) -> Verified {
        Verified {
            access_key: self.access_key,
            region: self.region,
            service: self.service,
            session_token: self.session_token,
            signed_at: self.signed_at,
            presigned: self.expires_s.is_some(),
        }
    }

    fn check_time(&self, now: TimestampMs) -> Result<(), AuthError> {
        let signed_at = self.signed_at;
        let (ahead, behind) = (signed_at.0.saturating_sub(now.0), now.0.saturating_sub(signed_at.0));
        match self.expires_s {
            _ if ahead > SKEW_MS_MAX => Err(AuthError::Skewed { signed_at, now }),
            None if behind > SKEW_MS_MAX => Err(AuthError::Skewed { signed_at, now }),
            // A life of no seconds is over at once.
            Some(s) if s == 0 || behind > s * 1000 => Err(AuthError::Expired { until: TimestampMs(signed_at.0 + s * 1000), now }),
            _ => Ok(()),
        }
    }

    /// What a service acts on must be signed: the host, every `x-amz-` header, the time.
    fn check_signed_headers(&self, r: &HttpRequest<'_>) -> Result<(), AuthError> {
        let is_signed = |name: &str| self.signed_headers.iter().any(|h| h.eq_ignore_ascii_case(name));
        if !is_signed("host") {
            return incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }
        let unsigned = r.headers.iter().map(|(n, _)| *n).find(|n| {
            let ours = n.get(..6).is_some_and(|p| p.eq_ignore_ascii_case("x-amz-"));
            // The hash binds itself: it is checked against the body and is part of what is signed.
            ours && !n.eq_ignore_ascii_case("x-amz-content-sha256") && !is_signed(n)
        });
        if let Some(name) = unsigned {
            return Err(AuthError::HeaderNotSigned(clip(&name.to_ascii_lowercase()).into_owned()));
        }
        if self.expires_s.is_none() && r.header("x-amz-date").is_none() && !is_signed("date") {
            return incomplete("'Date' must be a 'SignedHeader' in the AWS Authorization.");
        }
        match self.signed_headers.iter().find(|h| r.header(h).is_none()) {
            Some(absent) => incomplete(format!("'{}' is a 'SignedHeader' but not a header of the request.", clip(absent))),
            None => Ok(()),
        }
    }

    /// The canonical request's last line. Only S3 may leave the body unsigned; elsewhere the body would be anyone's.
    fn payload(&self, r: &HttpRequest<'_>, body: BodyHash) -> Result<String, AuthError> {
        let actual = hex::encode(body.0);
        let declared = r.header("x-amz-content-sha256");
        match declared {
            Some(UNSIGNED_PAYLOAD) if self.service == "s3" => Ok(UNSIGNED_PAYLOAD.to_owned()),
            None if self.service == "s3" && self.expires_s.is_some() => Ok(UNSIGNED_PAYLOAD.to_owned()),
            Some(hash) if hash != actual => Err(AuthError::BodyMismatch),
            _ => Ok(actual),
        }
    }
}

fn check_algorithm(algorithm: &str) -> Result<(), AuthError> {
    match algorithm {
        ALGORITHM => Ok(()),
        other => incomplete(format!("Unsupported AWS 'algorithm': '{}'.", clip(other))),
    }
}

pub(super) fn parse_http_date(s: &str) -> Option<TimestampMs> {
    // Nobody relies on the name of the day, and some clients have it wrong.
    let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let t = parser.parse_timestamp(s).ok()?;
    u64::try_from(t.as_millisecond()).ok().map(TimestampMs)
}
