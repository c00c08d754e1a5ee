//! Why a request is not who it says it is, and how each family of services words that.

use super::format_time;
use crate::{AwsError, Protocol};
use types::TimestampMs;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("the request is not signed")]
    Missing,
    #[error("{0}")]
    Incomplete(String),
    #[error("the access key is not known")]
    UnknownKey,
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
                    Self::Incomplete(_) => "IncompleteSignatureException",
                    Self::UnknownKey => "UnrecognizedClientException",
                    _ => "InvalidSignatureException",
                };
                (code, message, 400)
            }
        };
        AwsError::new(code, message).with_status(status)
    }

    fn ec2(&self) -> (&'static str, String, u16) {
        match self {
            Self::UnknownKey | Self::SignatureMismatch | Self::BodyMismatch => ("AuthFailure", NOT_VALIDATED.into(), 401),
            Self::Skewed { .. } | Self::Expired { .. } => ("RequestExpired", self.clock_sentence(), 400),
            Self::Missing | Self::Incomplete(_) => self.query(),
        }
    }

    fn query(&self) -> (&'static str, String, u16) {
        match self {
            Self::Missing => ("MissingAuthenticationToken", "Request is missing Authentication Token".into(), 403),
            Self::Incomplete(why) => ("IncompleteSignature", why.clone(), 400),
            Self::UnknownKey => ("InvalidClientTokenId", NO_TOKEN.into(), 403),
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
