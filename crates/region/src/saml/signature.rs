//! Enveloped XML signatures (<https://www.w3.org/TR/xmldsig-core1/>) of one element by its ID, with RSA and SHA-2.
//!
//! What a signature proves is the canonical text of its element and nothing else, so that text is what is handed back, read
//! again: whoever reads on cannot reach anything that was not signed. Refused: every other algorithm (SHA-1 too), every other
//! transform, more than one reference, a reference to any but the signature's own parent. Keys come from the caller; what a
//! signature says of its key (`KeyInfo`) is not looked at.

use super::xml::{self, Element, Limits};
use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::signature::{self as rsa, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// RSA below 2048 bits is refused, as for web identities.
const SIGNATURES: [(&str, &rsa::RsaParameters); 3] = [
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", &rsa::RSA_PKCS1_2048_8192_SHA256),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", &rsa::RSA_PKCS1_2048_8192_SHA384),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", &rsa::RSA_PKCS1_2048_8192_SHA512),
];
const DIGESTS: [(&str, &digest::Algorithm); 3] = [
    ("http://www.w3.org/2001/04/xmlenc#sha256", &digest::SHA256),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", &digest::SHA384),
    ("http://www.w3.org/2001/04/xmlenc#sha512", &digest::SHA512),
];

/// The element as its signature child signed it, without that child. None: it is not signed by one of `keys` (PKCS #1).
/// The caller has seen to it that no ID of the document is there twice.
pub fn proven(element: &Element, keys: &[Vec<u8>], limits: Limits) -> Option<Element> {
    let signature = element.only(DS, "Signature")?;
    let signed_info = signature.only(DS, "SignedInfo")?;
    let method = signed_info.only(DS, "CanonicalizationMethod")?;
    let signed_info = signed_info.canonical(&inclusive(method)?, None);
    let value = base64(signature.only(DS, "SignatureValue")?)?;
    // From here on only what was signed is read.
    let signed = xml::parse(&signed_info, limits)?;
    let algorithm = signed.only(DS, "SignatureMethod")?;
    let (_, parameters) = SIGNATURES.iter().find(|(name, _)| algorithm.attribute("Algorithm") == Some(name))?;
    let good = |key: &Vec<u8>| UnparsedPublicKey::new(*parameters, key).verify(signed_info.as_bytes(), &value).is_ok();
    if !keys.iter().any(good) {
        return None;
    }
    let reference = signed.only(DS, "Reference")?;
    let id = element.attribute("ID").filter(|id| !id.is_empty())?;
    if reference.attribute("URI")?.strip_prefix('#')? != id {
        return None;
    }
    let transforms: Vec<_> = reference.only(DS, "Transforms")?.elements().collect();
    let [enveloped, exclusive] = transforms[..] else { return None };
    let plain = enveloped.is(DS, "Transform") && enveloped.elements().next().is_none();
    if !plain || enveloped.attribute("Algorithm") != Some(ENVELOPED) || !exclusive.is(DS, "Transform") {
        return None;
    }
    let canonical = element.canonical(&inclusive(exclusive)?, Some(signature));
    let named = reference.only(DS, "DigestMethod")?.attribute("Algorithm")?;
    let (_, algorithm) = DIGESTS.iter().find(|(name, _)| *name == named)?;
    if digest(algorithm, canonical.as_bytes()).as_ref() != base64(reference.only(DS, "DigestValue")?)? {
        return None;
    }
    xml::parse(&canonical, limits)
}

/// The prefixes that a use of exclusive canonicalisation treats inclusively. None: it is another algorithm.
fn inclusive(method: &Element) -> Option<Vec<&str>> {
    let children: Vec<_> = method.elements().collect();
    let list = match children[..] {
        [] => "",
        [only] if only.is(EXCLUSIVE, "InclusiveNamespaces") => only.attribute("PrefixList")?,
        _ => return None,
    };
    (method.attribute("Algorithm") == Some(EXCLUSIVE)).then(|| list.split_ascii_whitespace().collect())
}

fn base64(element: &Element) -> Option<Vec<u8>> {
    STANDARD.decode(element.text()?.split_ascii_whitespace().collect::<String>()).ok()
}
