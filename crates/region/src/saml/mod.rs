//! SAML 2.0 responses of identity providers: proven by a key of the provider's metadata, in time, for AWS's sign-in. Pure.
//!
//! ```text
//!  base64 ─► xml (a tree) ─► shape: one Response, one Assertion, signatures only where they are looked at
//!         ─► signature::proven (what was signed, read again) ─► claims
//! ```
//!
//! Either the assertion or the response around it is signed, or both; each signature that is there must be good. After that
//! only what was signed is read, but for a response's own status, which can only refuse. Encrypted assertions are refused:
//! nothing here has a key for them. Sources: SAML 2.0 Core and Profiles (OASIS, 2005), section 4.1.4 of the latter; IAM User
//! Guide, "Configure SAML assertions for the authentication response".

mod claims;
pub mod metadata;
mod signature;
mod xml;

pub use claims::Claims;
pub use metadata::Metadata;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use signature::DS;
use std::collections::BTreeSet;
use types::TimestampMs;
use xml::{Element, Limits};

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// `SAMLAssertion`: 4 to 100,000 characters (STS API Reference, AssumeRoleWithSAML).
pub const CHARS_MAX: usize = 100_000;
const LIMITS: Limits = Limits { bytes_max: CHARS_MAX, elements_max: 5_000, depth_max: 32 };
/// The canonical text may be longer than what was sent: `>` becomes four characters.
const CANONICAL: Limits = Limits { bytes_max: 8 * CHARS_MAX, ..LIMITS };
/// "Token must be redeemed within 5 minutes of issuance"; also how far a provider's clock may be ahead.
const REDEEM_MS_MAX: u64 = 300_000;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    #[error("{0}")]
    Invalid(&'static str),
    #[error("{0}")]
    Expired(&'static str),
    #[error("The identity provider says that authentication failed.")]
    Rejected,
}

fn invalid<T>(found: Option<T>, otherwise: &'static str) -> Result<T, SamlError> {
    found.ok_or(SamlError::Invalid(otherwise))
}

/// What the provider of `metadata` says in `response`, base64.
///
/// # Errors
/// Any [`SamlError`].
pub fn prove(response: &str, metadata: &Metadata, now: TimestampMs) -> Result<Claims, SamlError> {
    const UNREADABLE: &str = "Invalid base64 SAMLResponse: it must be a SAML 2.0 Response of at most 100,000 characters";
    if response.len() > CHARS_MAX {
        return Err(SamlError::Invalid(UNREADABLE));
    }
    let text = STANDARD.decode(response.split_ascii_whitespace().collect::<String>()).ok();
    let text = invalid(text.and_then(|bytes| String::from_utf8(bytes).ok()), UNREADABLE)?;
    prove_text(&text, metadata, now)
}

/// The same of the document itself.
pub(crate) fn prove_text(text: &str, metadata: &Metadata, now: TimestampMs) -> Result<Claims, SamlError> {
    const SIGNATURE: SamlError = SamlError::Invalid("Response signature invalid");
    let response = invalid(xml::parse(text, LIMITS), "Could not parse the SAML response")?;
    let assertion = invalid(shape(&response), "It is not a SAML 2.0 Response with one Assertion that is not encrypted")?;
    let status = response.only(SAMLP, "Status").and_then(|s| s.only(SAMLP, "StatusCode"));
    if status.and_then(|s| s.attribute("Value")) != Some(SUCCESS) {
        return Err(SamlError::Rejected);
    }
    let signed = |e: &Element| e.elements().any(|c| c.is(DS, "Signature"));
    let proven = |e| signature::proven(e, &metadata.keys, CANONICAL).ok_or(SIGNATURE);
    let of_response = signed(&response).then(|| proven(&response)).transpose()?;
    let of_assertion = signed(assertion).then(|| proven(assertion)).transpose()?;
    match (of_response, of_assertion) {
        (_, Some(assertion)) => claims::read(&assertion, metadata, now),
        (Some(response), None) => claims::read(invalid(shape(&response), "Response signature invalid")?, metadata, now),
        (None, None) => Err(SIGNATURE),
    }
}

/// The only assertion of a response. None where there is anything that another reader could take for it, a signature that
/// is not the response's or the assertion's own, or an ID twice.
fn shape(response: &Element) -> Option<&Element> {
    let assertion = response.is(SAMLP, "Response").then(|| response.only(SAML, "Assertion")).flatten()?;
    let (mut ids, mut again) = (BTreeSet::new(), false);
    let (mut assertions, mut responses, mut signatures, mut encrypted) = (0, 0, 0, 0);
    response.walk(&mut |e| {
        for id in e.attributes.iter().filter(|a| a.local.eq_ignore_ascii_case("id")) {
            again |= !ids.insert(&id.value);
        }
        // By name alone: a reader that does not look at namespaces sees no other one either.
        assertions += usize::from(e.local == "Assertion");
        responses += usize::from(e.local == "Response");
        signatures += usize::from(e.local == "Signature");
        encrypted += usize::from(e.local.starts_with("Encrypted"));
    });
    let own = [response, assertion].map(|e| e.all(DS, "Signature").count()).iter().sum::<usize>();
    let version = [response, assertion].iter().all(|e| e.attribute("Version") == Some("2.0"));
    let one = assertions == 1 && responses == 1 && encrypted == 0;
    (one && version && !again && signatures == own).then_some(assertion)
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
