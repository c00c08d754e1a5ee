//! An identity provider's metadata (SAML 2.0 Metadata, section 2.3): who it is, until when, and the keys that it signs with.

use super::signature::DS;
use super::xml::{self, Element, Limits};
use crate::iam::certificate::x509;
use aws_lc_rs::signature::RsaParameters;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use types::TimestampMs;

const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// CreateSAMLProvider takes up to 10,000,000 characters.
const LIMITS: Limits = Limits { bytes_max: 40_000_000, elements_max: 100_000, depth_max: 64 };
/// Of one provider: two while it changes them, and some more.
const KEYS_MAX: usize = 16;
const RSA_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// `entityID`: the issuer of its assertions.
    pub entity_id: String,
    /// `validUntil` of the descriptor.
    pub valid_until: Option<TimestampMs>,
    /// PKCS #1, of RSA with 2048 bits or more. Dates of the certificates do not count, as in AWS.
    pub keys: Vec<Vec<u8>>,
}

/// None: it is not an identity provider's metadata with a key that can prove an assertion here.
pub fn parse(text: &str) -> Option<Metadata> {
    let root = xml::parse(text, LIMITS).filter(|r| r.is(MD, "EntityDescriptor"))?;
    let entity_id = root.attribute("entityID").filter(|id| !id.is_empty())?.to_owned();
    let valid_until = match root.attribute("validUntil") {
        Some(given) => Some(instant(given)?),
        None => None,
    };
    let mut keys = Vec::new();
    let descriptors = root.all(MD, "IDPSSODescriptor").flat_map(|d| d.all(MD, "KeyDescriptor"));
    for descriptor in descriptors.filter(|d| d.attribute("use").is_none_or(|u| u == "signing")) {
        descriptor.walk(&mut |e| keys.extend(e.is(DS, "X509Certificate").then(|| key(e)).flatten()));
    }
    keys.sort();
    keys.dedup();
    (1..=KEYS_MAX).contains(&keys.len()).then_some(Metadata { entity_id, valid_until, keys })
}

fn key(certificate: &Element) -> Option<Vec<u8>> {
    let der = STANDARD.decode(certificate.text()?.split_ascii_whitespace().collect::<String>()).ok()?;
    let key = x509::parse(&der)?.key;
    RsaParameters::public_modulus_len(&key).is_ok_and(|bits| RSA_BITS.contains(&bits)).then_some(key)
}

/// `xs:dateTime` with a zone, as SAML has it (SAML 2.0 Core, section 1.3.3). Before 1970 it is none.
pub fn instant(text: &str) -> Option<TimestampMs> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(TimestampMs(u64::try_from(at.as_millisecond()).ok()?))
}
