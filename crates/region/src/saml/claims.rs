//! What a proven assertion says: of whom, for whom, until when, and its attributes.

use super::metadata::instant;
use super::{Metadata, REDEEM_MS_MAX, SAML, SamlError, invalid};
use crate::saml::xml::Element;
use std::collections::BTreeMap;
use types::TimestampMs;

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const NAMES: &str = "https://aws.amazon.com/SAML/Attributes/";
const FORMATS: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
const AUDIENCES: [&str; 2] = ["urn:amazon:webservices", "https://signin.aws.amazon.com/saml"];

/// Attributes that trust policies may ask for, by their names in assertions: "Mapping SAML attributes to AWS trust policy
/// context keys" (IAM User Guide). Those of eduPerson and eduOrg may have several values.
const KEYS: [(&str, &str); 31] = [
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "saml:edupersonaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "saml:edupersonnickname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "saml:edupersonorgdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "saml:edupersonorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "saml:edupersonprimaryaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:edupersonprincipalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "saml:edupersonentitlement"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "saml:edupersonprimaryorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "saml:edupersonscopedaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "saml:edupersontargetedid"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "saml:edupersonassurance"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "saml:eduorghomepageuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "saml:eduorgidentityauthnpolicyuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "saml:eduorglegalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "saml:eduorgsuperioruri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "saml:eduorgwhitepagesuri"),
    ("urn:oid:2.5.4.3", "saml:cn"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "saml:name"),
    ("http://schemas.xmlsoap.org/claims/CommonName", "saml:commonname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "saml:givenname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "saml:surname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "saml:mail"),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "saml:primarygroupsid"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/privatepersonalidentifier", "saml:uid"),
    ("2.5.4.3", "saml:commonname"),
    ("2.5.4.4", "saml:surname"),
    ("2.5.4.42", "saml:givenname"),
    ("2.5.4.45", "saml:x500uniqueidentifier"),
    ("0.9.2342.19200300.100.1.1", "saml:uid"),
    ("0.9.2342.19200300.100.1.3", "saml:mail"),
    ("0.9.2342.19200300.100.1.45", "saml:organizationstatus"),
];

/// What a provider says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    pub issuer: String,
    pub subject: String,
    /// `persistent`, `transient`, or the whole URI of another format.
    pub subject_type: String,
    /// `Recipient` of the confirmation, which AWS shows and `saml:aud` compares.
    pub recipient: String,
    /// `SessionNotOnOrAfter`, the earliest.
    pub session_ends: Option<TimestampMs>,
    /// Pairs of a role's and a provider's ARN.
    pub roles: Vec<(String, String)>,
    pub session_name: String,
    pub session_s: Option<i32>,
    pub source_identity: Option<String>,
    pub tags: Vec<(String, String)>,
    pub transitive: Vec<String>,
    /// Condition keys, with their values.
    pub keys: BTreeMap<&'static str, Vec<String>>,
}

/// Of an assertion that was signed.
pub(super) fn read(assertion: &Element, metadata: &Metadata, now: TimestampMs) -> Result<Claims, SamlError> {
    let issuer = assertion.only(SAML, "Issuer").and_then(Element::text);
    if issuer != Some(metadata.entity_id.as_str()) {
        return Err(SamlError::Invalid("Issuer not present in specified provider"));
    }
    let issued = invalid(assertion.attribute("IssueInstant").and_then(instant), "IssueInstant of the assertion is no time")?;
    if now.0 > issued.0 + REDEEM_MS_MAX {
        return Err(SamlError::Expired("Token must be redeemed within 5 minutes of issuance"));
    }
    if issued.0 > now.0 + REDEEM_MS_MAX {
        return Err(SamlError::Invalid("The assertion was issued in the future"));
    }
    let conditions = invalid(assertion.only(SAML, "Conditions"), "The assertion has no Conditions")?;
    in_time(conditions, now)?;
    for_us(conditions)?;
    let subject = invalid(assertion.only(SAML, "Subject"), "The assertion has no Subject")?;
    let recipient = confirmed(subject, now)?;
    let name = invalid(subject.only(SAML, "NameID"), "NameID of the subject is missing")?;
    let id = invalid(name.text().filter(|t| !t.is_empty()), "NameID of the subject is empty")?.to_owned();
    let format = name.attribute("Format").unwrap_or("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
    let mut session_ends = None::<TimestampMs>;
    for given in assertion.all(SAML, "AuthnStatement").filter_map(|s| s.attribute("SessionNotOnOrAfter")) {
        let at = invalid(instant(given), "SessionNotOnOrAfter is no time")?;
        session_ends = Some(session_ends.map_or(at, |other| other.min(at)));
    }
    if session_ends.is_some_and(|end| end <= now) {
        return Err(SamlError::Expired("The identity provider's session has ended"));
    }
    let said = attributes(assertion)?;
    let one = |name: &str| match said.get(format!("{NAMES}{name}").as_str()).map(Vec::as_slice) {
        None => Ok(None),
        Some([value]) => Ok(Some(*value)),
        Some(_) => Err(SamlError::Invalid("An attribute that must have one value has none or several")),
    };
    let session_name = invalid(one("RoleSessionName")?, "RoleSessionName is required in AuthnResponse")?.to_owned();
    let session_s = one("SessionDuration")?.map(|s| s.parse::<i32>().ok().filter(|s| (900..=43_200).contains(s)));
    let session_s = session_s.map(|s| invalid(s, "SessionDuration must be from 900 to 43200 seconds")).transpose()?;
    let source_identity = one("SourceIdentity")?.map(str::to_owned);
    let values = |name: &str| said.get(format!("{NAMES}{name}").as_str()).into_iter().flatten();
    let pair = |value: &&str| {
        let (a, b) = value.split_once(',')?;
        let (role, provider) = if a.contains(":role/") { (a, b) } else { (b, a) };
        Some((role.trim().to_owned(), provider.trim().to_owned()))
    };
    let roles = values("Role").map(pair).collect::<Option<Vec<_>>>();
    let roles = invalid(roles, "A value of the attribute Role is no pair of a role's and a provider's ARN")?;
    let mut tags = Vec::new();
    for (name, values) in &said {
        let Some(key) = name.strip_prefix(NAMES).and_then(|n| n.strip_prefix("PrincipalTag:")) else { continue };
        let [value] = values[..] else { return Err(SamlError::Invalid("A PrincipalTag must have one value")) };
        tags.push((key.to_owned(), value.to_owned()));
    }
    let transitive = values("TransitiveTagKeys").map(|v| (*v).to_owned()).collect();
    let mut keys = BTreeMap::<_, Vec<String>>::new();
    for (name, key) in KEYS {
        if let Some(values) = said.get(name) {
            keys.entry(key).or_default().extend(values.iter().map(|v| (*v).to_owned()));
        }
    }
    Ok(Claims {
        issuer: metadata.entity_id.clone(),
        subject: id,
        subject_type: format.strip_prefix(FORMATS).unwrap_or(format).to_owned(),
        recipient,
        session_ends,
        roles,
        session_name,
        session_s,
        source_identity,
        tags,
        transitive,
        keys,
    })
}

/// `NotBefore` and `NotOnOrAfter` of conditions or a confirmation, those that there are.
fn in_time(element: &Element, now: TimestampMs) -> Result<(), SamlError> {
    let time = |name| element.attribute(name).map(|t| invalid(instant(t), "NotBefore or NotOnOrAfter is no time")).transpose();
    if time("NotOnOrAfter")?.is_some_and(|end| end <= now) {
        return Err(SamlError::Expired("The SAML assertion has expired"));
    }
    if time("NotBefore")?.is_some_and(|begin| begin.0 > now.0 + REDEEM_MS_MAX) {
        return Err(SamlError::Invalid("The SAML assertion is not valid yet"));
    }
    Ok(())
}

/// Every restriction names AWS, and there is one; conditions of other kinds are not understood (SAML 2.0 Core, 2.5.1).
fn for_us(conditions: &Element) -> Result<(), SamlError> {
    let mut restricted = false;
    for condition in conditions.elements() {
        match condition.local.as_str() {
            "AudienceRestriction" if condition.namespace == SAML => {
                let mut named = condition.all(SAML, "Audience").filter_map(Element::text);
                if !named.any(|a| AUDIENCES.contains(&a)) {
                    return Err(SamlError::Invalid("Response does not contain the required audience."));
                }
                restricted = true;
            }
            // Both hold: an assertion is used at once, and never handed on.
            "OneTimeUse" | "ProxyRestriction" if condition.namespace == SAML => {}
            _ => return Err(SamlError::Invalid("The assertion has a condition that is not understood")),
        }
    }
    invalid(restricted.then_some(()), "Response does not contain the required audience.")
}

/// The recipient of the confirmation: "exactly one SubjectConfirmation element with a SubjectConfirmationData element that
/// includes both the NotOnOrAfter attribute and a Recipient attribute".
fn confirmed(subject: &Element, now: TimestampMs) -> Result<String, SamlError> {
    let confirmation = subject.only(SAML, "SubjectConfirmation").filter(|c| c.attribute("Method") == Some(BEARER));
    let data = confirmation.and_then(|c| c.only(SAML, "SubjectConfirmationData"));
    let data = invalid(data, "The assertion must have one SubjectConfirmation, of a bearer, with its data")?;
    let recipient = data.attribute("Recipient").filter(|r| is_sign_in(r));
    let recipient = invalid(recipient, "Recipient of the subject's confirmation is not AWS's sign-in")?;
    invalid(data.attribute("NotOnOrAfter"), "SubjectConfirmationData has no NotOnOrAfter")?;
    in_time(data, now)?;
    Ok(recipient.to_owned())
}

/// `https://signin.aws.amazon.com/saml`, also `…/static/saml`, or a region's: `https://eu-west-1.signin.aws.amazon.com/saml`.
fn is_sign_in(recipient: &str) -> bool {
    let path = ["/static/saml", "/saml"].into_iter().find_map(|end| recipient.strip_suffix(end));
    let host = path.and_then(|r| r.strip_prefix("https://")?.strip_suffix("signin.aws.amazon.com"));
    let Some(host) = host else { return false };
    let region = host.strip_suffix('.').unwrap_or_default();
    let label = !region.is_empty() && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    host.is_empty() || label
}

/// Names and values of the attributes; one name twice has the values of both.
fn attributes(assertion: &Element) -> Result<BTreeMap<&str, Vec<&str>>, SamlError> {
    let mut out = BTreeMap::<_, Vec<_>>::new();
    for attribute in assertion.all(SAML, "AttributeStatement").flat_map(|s| s.all(SAML, "Attribute")) {
        let name = invalid(attribute.attribute("Name"), "An attribute has no name")?;
        let values = attribute.all(SAML, "AttributeValue").map(Element::text);
        // Values that are elements are of providers' own kinds; AWS's are texts.
        let values: Option<Vec<_>> = if name.starts_with(NAMES) { values.collect() } else { Some(values.flatten().collect()) };
        out.entry(name).or_default().extend(invalid(values, "A value of an AWS attribute is not a text")?);
    }
    Ok(out)
}
