//! What a certificate says of itself, for people: names, serial number, kind of key. RFC 5280; attribute names of RFC 4514.

use crate::ec2::compute::keys::encode::der_read;
use crate::iam::certificate::x509::{Certificate, any};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
/// `[2] IA5String` of GeneralName: a DNS name.
const DNS_NAME: u8 = 0x82;
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// 2.5.4.x
const ATTRIBUTES: [(u8, &str); 7] = [(3, "CN"), (6, "C"), (7, "L"), (8, "ST"), (10, "O"), (11, "OU"), (5, "SERIALNUMBER")];

/// The attributes of a name, in its order; those without a short name are left out.
pub fn attributes(name: &[u8]) -> Vec<(&'static str, String)> {
    let (mut rest, mut out) = (name, Vec::new());
    while let Some((set, after)) = der_read(SET, rest) {
        rest = after;
        let attribute = || {
            let (pair, _) = der_read(SEQUENCE, set)?;
            let (oid, value) = der_read(OID, pair)?;
            let (_, text, _) = any(value)?;
            let [0x55, 0x04, last] = oid else { return None };
            let word = ATTRIBUTES.iter().find(|(n, _)| n == last)?.1;
            Some((word, String::from_utf8_lossy(text).into_owned()))
        };
        out.extend(attribute());
    }
    out
}

/// `C=US,O=Example,CN=example.com`
pub fn text(name: &[u8]) -> String {
    attributes(name).iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",")
}

/// The DNS names of the extension subjectAltName.
pub fn alternatives(c: &Certificate) -> Vec<String> {
    let (mut rest, mut out) = (c.extensions.as_slice(), Vec::new());
    while let Some((extension, after)) = der_read(SEQUENCE, rest) {
        rest = after;
        let Some((oid, value)) = der_read(OID, extension) else { continue };
        let value = der_read(BOOLEAN, value).map_or(value, |(_, v)| v);
        let names = der_read(OCTET_STRING, value).and_then(|(v, _)| Some(der_read(SEQUENCE, v)?.0));
        let Some(mut names) = names.filter(|_| oid == SUBJECT_ALT_NAME) else { continue };
        while let Some((tag, text, after)) = any(names) {
            names = after;
            if tag == DNS_NAME {
                out.push(String::from_utf8_lossy(text).into_owned());
            }
        }
    }
    out
}

/// The name that it is listed by: the common name, else the first alternative.
pub fn domain(c: &Certificate) -> String {
    let common = attributes(&c.subject).into_iter().rev().find(|(k, _)| *k == "CN").map(|(_, v)| v);
    common.or_else(|| alternatives(c).into_iter().next()).unwrap_or_default()
}

/// `0a:1b:…`
pub fn serial(c: &Certificate) -> String {
    c.serial.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":")
}

/// ACM's word: `RSA_2048`, `EC_prime256v1`.
pub fn key_algorithm(c: &Certificate) -> String {
    let modulus = || {
        let (key, _) = der_read(SEQUENCE, &c.key)?;
        let (n, _) = der_read(INTEGER, key)?;
        Some(n.iter().skip_while(|b| **b == 0).count() * 8)
    };
    match (c.key.first(), c.key.len()) {
        (Some(4), 65) => "EC_prime256v1".to_owned(),
        (Some(4), 97) => "EC_secp384r1".to_owned(),
        (Some(4), _) => "EC_secp521r1".to_owned(),
        _ => format!("RSA_{}", modulus().unwrap_or_default()),
    }
}
