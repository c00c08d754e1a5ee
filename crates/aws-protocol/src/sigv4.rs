//! AWS Signature Version 4: verifying requests (signed in headers, or presigned in the query) and signing them.
//!
//! Pure functions of the request's head, its body's hash, the time and a key lookup. Two steps, because the gateway must know
//! for which service a request is before it can word an error:
//!
//! ```text
//!  HttpRequest --Claim::parse--> Claim (access key, region, service: not proven)
//!  Claim ------verify----------> Verified
//!  Claim ------verify_head-----> VerifiedHead         S3: the body comes later, and says how it is bound
//! ```
//!
//! What is refused beyond a wrong signature: a clock 15 minutes off, a presigned URL that has expired or claims to live for
//! more than 7 days, an unsigned `host` or `x-amz-*` header, a body other than the one that was signed, credentials given
//! twice. [`AuthError::to_aws`] picks the code that each family of services uses, [`AuthError::to_s3`] S3's own.

mod canonical;
mod claim;
mod error;
pub(crate) mod payload;
mod policy;
#[cfg(test)]
mod s3_tests;
mod sign;
#[cfg(test)]
mod tests;
pub mod v2;

pub use claim::Claim;
pub use error::AuthError;
pub use payload::{ChunkSigner, PayloadKind, VerifiedHead};
pub use policy::{SignedPolicy, policy_signed_v2};
pub use sign::{Credentials, presign, sign};

use types::TimestampMs;

/// How far a signer's clock may be off, either way.
pub const SKEW_MS_MAX: u64 = 15 * 60 * 1000;
/// The longest life of a presigned URL: 7 days.
pub const EXPIRES_S_MAX: u64 = 604_800;
/// The life of a presigned URL that does not say: as long as the clock may be off.
const EXPIRES_S_DEFAULT: u64 = 900;
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The head of a request as it came: the path and the query still percent-encoded, header names in any case.
#[derive(Debug, Clone, Copy)]
pub struct HttpRequest<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// Without the `?`.
    pub query: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
}

/// Who signed. `session_token` is as sent: whether it fits the key and is still good is for the caller to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub access_key: String,
    pub region: String,
    pub service: String,
    pub session_token: Option<String>,
    pub signed_at: TimestampMs,
    pub presigned: bool,
}

/// The body, as far as the signature is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyHash(pub [u8; 32]);

impl BodyHash {
    pub fn of(body: &[u8]) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
        let mut out = [0; 32];
        out.copy_from_slice(digest.as_ref());
        Self(out)
    }
}

impl HttpRequest<'_> {
    /// All values of a header, in order.
    pub(crate) fn header_values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| *v)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header_values(name).next()
    }
}

/// `20260101T000000Z`, the only spelling of time in signatures.
fn format_time(t: TimestampMs) -> String {
    let ms = i64::try_from(t.0).unwrap_or(i64::MAX);
    let t = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MAX);
    t.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn parse_time(s: &str) -> Option<TimestampMs> {
    let shape = s.bytes().enumerate().all(|(i, b)| match i {
        8 => b == b'T',
        15 => b == b'Z',
        _ => b.is_ascii_digit(),
    });
    if s.len() != 16 || !shape {
        return None;
    }
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", s).ok()?;
    let t = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    u64::try_from(t.as_millisecond()).ok().map(TimestampMs)
}
