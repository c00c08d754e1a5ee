//! An identity provider for tests: the metadata and the responses of a company.

use super::signature::DS;
use super::xml;
use super::{CANONICAL, SAML};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use types::TimestampMs;

pub const ISSUER: &str = "https://idp.example.com/saml";
const CERTIFICATE: &str = include_str!("../iam/tests/data/rsa.pem");
const KEY: &str = include_str!("../iam/tests/data/rsa.key");

/// Signed by the certificate of [`metadata`].
pub fn metadata() -> String {
    let certificate = CERTIFICATE.lines().filter(|l| !l.starts_with('-')).collect::<Vec<_>>().join("\n");
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" xmlns:ds=\"{DS}\" entityID=\"{ISSUER}\" validUntil=\"2036-01-01T00:00:00Z\"><md:IDPSSODescriptor><md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor></md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

pub fn instant(at: u64) -> String {
    jiff::Timestamp::from_millisecond(at as i64).unwrap().to_string()
}

pub fn attribute(name: &str, values: &[&str]) -> String {
    let values = values.iter().map(|v| format!("<AttributeValue>{v}</AttributeValue>")).collect::<String>();
    format!("<Attribute Name=\"https://aws.amazon.com/SAML/Attributes/{name}\">{values}</Attribute>")
}

/// An assertion with these attributes, not signed: `SIGNATURE` marks the place.
pub fn assertion(now: TimestampMs, attributes: &str) -> String {
    let (begin, end, at) = (instant(now.0 - 60_000), instant(now.0 + 300_000), instant(now.0));
    format!(
        "<Assertion xmlns=\"{SAML}\" ID=\"_a\" Version=\"2.0\" IssueInstant=\"{at}\"><Issuer>{ISSUER}</Issuer>SIGNATURE<Subject><NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">ann@example.com</NameID><SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><SubjectConfirmationData Recipient=\"https://signin.aws.amazon.com/saml\" NotOnOrAfter=\"{end}\"></SubjectConfirmationData></SubjectConfirmation></Subject><Conditions NotBefore=\"{begin}\" NotOnOrAfter=\"{end}\"><AudienceRestriction><Audience>urn:amazon:webservices</Audience></AudienceRestriction></Conditions><AuthnStatement AuthnInstant=\"{at}\"></AuthnStatement><AttributeStatement>{attributes}</AttributeStatement></Assertion>"
    )
}

/// The response around an assertion, which is signed on the way.
pub fn response(assertion: &str) -> String {
    let signed = sign(assertion);
    format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\"><samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{signed}</samlp:Response>"
    )
}

fn sign(text: &str) -> String {
    let plain = text.replace("SIGNATURE", "");
    let element = xml::parse(&plain, CANONICAL).unwrap();
    let sum = STANDARD.encode(digest(&SHA256, element.canonical(&[], None).as_bytes()));
    let id = element.attribute("ID").unwrap();
    let info = format!(
        "<SignedInfo xmlns=\"{DS}\"><CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></CanonicalizationMethod><SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></SignatureMethod><Reference URI=\"#{id}\"><Transforms><Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></Transform><Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></Transform></Transforms><DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod><DigestValue>{sum}</DigestValue></Reference></SignedInfo>"
    );
    let der = KEY.lines().filter(|l| !l.starts_with('-')).collect::<String>();
    let key = KeyPair::from_der(&STANDARD.decode(der).unwrap()).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), info.as_bytes(), &mut signature).unwrap();
    let value = STANDARD.encode(signature);
    text.replace("SIGNATURE", &format!("<Signature xmlns=\"{DS}\">{info}<SignatureValue>{value}</SignatureValue></Signature>"))
}
