//! The signature of a browser form: of its policy document alone, not of a request.

use super::canonical::{self, Scope};
use super::payload::same_signature;
use super::{ALGORITHM, AuthError, SKEW_MS_MAX, Verified, parse_time};
use crate::error::clip;
use aws_lc_rs::hmac;
use base64::Engine;
use types::TimestampMs;

/// The fields of a form that sign it.
#[derive(Debug, Clone, Copy)]
pub struct SignedPolicy<'a> {
    pub algorithm: &'a str,
    pub credential: &'a str,
    pub date: &'a str,
    pub signature: &'a str,
    /// As it came: the base64 text is what is signed.
    pub policy: &'a str,
}

impl SignedPolicy<'_> {
    /// Whether the policy was signed for S3 in `region`. That it is still good is for the policy itself to say.
    pub fn verify(
        &self,
        region: &str,
        now: TimestampMs,
        session_token: Option<String>,
        secret_of: impl FnOnce(&str) -> Option<String>,
    ) -> Result<Verified, AuthError> {
        let incomplete = |why: String| Err(AuthError::Incomplete(why));
        if self.algorithm != ALGORITHM {
            return incomplete(format!("X-Amz-Algorithm only supports \"{ALGORITHM}\""));
        }
        let mut parts = self.credential.rsplitn(5, '/');
        let (Some("aws4_request"), Some(service), Some(signed_region), Some(date), Some(key)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return incomplete(format!("Error parsing the X-Amz-Credential parameter: '{}'", clip(self.credential)));
        };
        if service != "s3" {
            return Err(AuthError::Service { signed: service.to_owned(), expected: "s3" });
        }
        if signed_region != region {
            return Err(AuthError::Region { signed: signed_region.to_owned(), expected: region.to_owned() });
        }
        let Some(signed_at) = parse_time(self.date).filter(|_| self.date.get(..8) == Some(date)) else {
            return incomplete(
                "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\", of the credential's day".into(),
            );
        };
        if signed_at.0.saturating_sub(now.0) > SKEW_MS_MAX {
            return Err(AuthError::Skewed { signed_at, now });
        }
        let secret = secret_of(key).ok_or(AuthError::UnknownKey)?;
        let scope = Scope { time: self.date, date, region, service };
        let ours = canonical::sign_text(&canonical::signing_key(&secret, &scope), self.policy);
        if !same_signature(&ours, self.signature.as_bytes()) {
            return Err(AuthError::SignatureMismatch);
        }
        Ok(Verified {
            access_key: key.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            session_token,
            signed_at,
            presigned: false,
        })
    }
}

/// Whether `signature` is version 2's of a policy: base64 of its HMAC-SHA1.
pub fn policy_signed_v2(secret: &str, policy: &str, signature: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    let ours = base64::engine::general_purpose::STANDARD.encode(hmac::sign(&key, policy.as_bytes()).as_ref());
    same_signature(&ours, signature.as_bytes())
}
