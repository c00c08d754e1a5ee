//! Why a request is not who it says it is, and how each family of services words that.

use super::{Claim, HttpRequest, canonical, format_time};
use crate::error::clip;
use crate::s3::errors;
use crate::{AwsError, Protocol, xml};
use types::TimestampMs;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("the request is not signed")]
    Missing,
    #[error("{0}")]
    Incomplete(String),
    /// Signed with version 2 and lacking what that needs.
    #[error("{0}")]
    Version2Incomplete(&'static str),
    #[error("the request is signed with version 2, which is not supported")]
    Version2,
    #[error("The header '{0}' must be a 'SignedHeader' in the AWS Authorization.")]
    HeaderNotSigned(String),
    #[error("signed for the region {signed}, not for {expected}")]
    Region { signed: String, expected: String },
    #[error("signed for the service {signed}, not for {expected}")]
    Service { signed: String, expected: &'static str },
    #[error("the header x-amz-content-sha256 is missing")]
    PayloadMissing,
    #[error("x-amz-content-sha256 is {0}")]
    PayloadInvalid(String),
    #[error("the access key is not known")]
    UnknownKey,
    #[error("the session token is not one for the access key")]
    TokenInvalid,
    #[error("the session token has expired")]
    TokenExpired,
    #[error("the signature is not the one calculated here")]
    SignatureMismatch,
    #[error("the body is not the one that was signed")]
    BodyMismatch,
    #[error("signed at {signed_at:?}, too far from {now:?}")]
    Skewed { signed_at: TimestampMs, now: TimestampMs },
    #[error("presigned until {until:?}, now it is {now:?}")]
    Expired { until: TimestampMs, now: TimestampMs },
}

const NOT_VALIDATED: &str = "AWS was not able to validate the provided access credentials";
const NO_TOKEN: &str = "The security token included in the request is invalid.";
const TOKEN_EXPIRED: &str = "The security token included in the request is expired";
const NO_MATCH: &str = "The request signature we calculated does not match the signature you provided. \
    Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

impl AuthError {
    /// The answer, in the code and status that services of a protocol use.
    pub fn to_aws(&self, protocol: Protocol) -> AwsError {
        let (code, message, status) = match protocol {
            Protocol::Ec2 => self.ec2(),
            Protocol::Query => self.query(),
            Protocol::Json11 => {
                let (_, message, _) = self.query();
                let code = match self {
                    Self::Missing => "MissingAuthenticationTokenException",
                    Self::Incomplete(_) | Self::Version2 | Self::Version2Incomplete(_) | Self::HeaderNotSigned(_) => {
                        "IncompleteSignatureException"
                    }
                    Self::UnknownKey | Self::TokenInvalid => "UnrecognizedClientException",
                    Self::TokenExpired => "ExpiredTokenException",
                    _ => "InvalidSignatureException",
                };
                (code, message, 400)
            }
        };
        AwsError::new(code, message).with_status(status)
    }

    /// The answer of S3 to `r`. Source: "Error responses", Amazon S3 API Reference.
    pub fn to_s3(&self, r: &HttpRequest<'_>) -> AwsError {
        let presigned = r.header("authorization").is_none();
        let malformed = |message: String| {
            if presigned {
                errors::authorization_query_parameters(message)
            } else {
                errors::authorization_header_malformed(message)
            }
        };
        let credential =
            if presigned { "Error parsing the X-Amz-Credential parameter" } else { "The authorization header is malformed" };
        match self {
            Self::Missing => errors::access_denied(),
            Self::Version2 => errors::invalid_request(
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            ),
            Self::Version2Incomplete(why) => errors::access_denied_because(*why),
            Self::Incomplete(_) if !presigned && canonical::query_values(r.query, "X-Amz-Algorithm").next().is_some() => {
                errors::invalid_argument(
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
                    "Authorization",
                    r.header("authorization").unwrap_or_default(),
                )
            }
            Self::Incomplete(why) => match r.header("authorization").map(str::trim) {
                Some(other) if !presigned && !other.starts_with("AWS4-") => {
                    errors::invalid_argument("Unsupported Authorization Type", "Authorization", other)
                }
                Some(_) => malformed(format!("{credential}; {why}")),
                None => malformed(why.clone()),
            },
            Self::HeaderNotSigned(name) => {
                errors::access_denied_because("There were headers present in the request which were not signed")
                    .with("HeadersNotSigned", name)
            }
            Self::Region { signed, expected } => {
                malformed(format!("{credential}; the region '{}' is wrong; expecting '{expected}'", clip(signed)))
                    .with("Region", expected)
            }
            Self::Service { signed, expected } => malformed(format!(
                "{credential}; incorrect service \"{}\". This endpoint belongs to \"{expected}\".",
                clip(signed)
            )),
            Self::PayloadMissing => errors::missing_header("x-amz-content-sha256"),
            Self::PayloadInvalid(value) => errors::invalid_argument(
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, \
                 STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
                "x-amz-content-sha256",
                value,
            ),
            Self::UnknownKey => errors::invalid_access_key_id(claimed_key(r)),
            Self::TokenInvalid => errors::invalid_token(),
            Self::TokenExpired => errors::expired_token(),
            Self::SignatureMismatch => errors::signature_does_not_match().with("AWSAccessKeyId", claimed_key(r)),
            Self::BodyMismatch => AwsError::new(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            Self::Skewed { signed_at, now } if presigned && signed_at > now => {
                errors::access_denied_because("Request is not valid yet").with("ServerTime", xml::format_timestamp(*now))
            }
            Self::Skewed { signed_at, now } => {
                errors::request_time_too_skewed(format_time(*signed_at), xml::format_timestamp(*now), super::SKEW_MS_MAX)
            }
            Self::Expired { until, now } => errors::access_denied_because("Request has expired")
                .with("Expires", xml::format_timestamp(*until))
                .with("ServerTime", xml::format_timestamp(*now)),
        }
    }

    fn ec2(&self) -> (&'static str, String, u16) {
        match self {
            Self::UnknownKey | Self::TokenInvalid | Self::SignatureMismatch | Self::BodyMismatch => {
                ("AuthFailure", NOT_VALIDATED.into(), 401)
            }
            Self::TokenExpired => ("RequestExpired", "Request has expired.".into(), 400),
            Self::Skewed { .. } | Self::Expired { .. } => ("RequestExpired", self.clock_sentence(), 400),
            _ => self.query(),
        }
    }

    fn query(&self) -> (&'static str, String, u16) {
        match self {
            Self::Missing => ("MissingAuthenticationToken", "Request is missing Authentication Token".into(), 403),
            Self::Incomplete(why) => ("IncompleteSignature", why.clone(), 400),
            Self::Version2
            | Self::Version2Incomplete(_)
            | Self::HeaderNotSigned(_)
            | Self::Region { .. }
            | Self::Service { .. } => ("IncompleteSignature", self.to_string(), 400),
            Self::PayloadMissing | Self::PayloadInvalid(_) => ("IncompleteSignature", self.to_string(), 400),
            Self::UnknownKey | Self::TokenInvalid => ("InvalidClientTokenId", NO_TOKEN.into(), 403),
            Self::TokenExpired => ("ExpiredToken", TOKEN_EXPIRED.into(), 403),
            Self::SignatureMismatch | Self::BodyMismatch => ("SignatureDoesNotMatch", NO_MATCH.into(), 403),
            Self::Skewed { .. } | Self::Expired { .. } => ("SignatureDoesNotMatch", self.clock_sentence(), 403),
        }
    }

    fn clock_sentence(&self) -> String {
        let at = |t: TimestampMs| format_time(t);
        match self {
            Self::Skewed { signed_at, now } if signed_at < now => {
                let limit = TimestampMs(now.0 - super::SKEW_MS_MAX);
                format!("Signature expired: {} is now earlier than {} ({} - 15 min.)", at(*signed_at), at(limit), at(*now))
            }
            Self::Skewed { signed_at, now } => {
                let limit = TimestampMs(now.0 + super::SKEW_MS_MAX);
                format!(
                    "Signature not yet current: {} is still later than {} ({} + 15 min.)",
                    at(*signed_at),
                    at(limit),
                    at(*now)
                )
            }
            Self::Expired { until, now } => {
                format!("Request has expired: it was valid until {}, now it is {}", at(*until), at(*now))
            }
            other => other.to_string(),
        }
    }
}

/// The access key that a request names; it need not exist.
fn claimed_key(r: &HttpRequest<'_>) -> String {
    Claim::parse(r).map_or(String::new(), |c| clip(&c.access_key).into_owned())
}
