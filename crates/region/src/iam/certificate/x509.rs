//! As much of X.509 (RFC 5280) and PEM (RFC 7468) as an upload needs: who issued whom, until when, and for which key.

use crate::ec2::compute::keys::encode::{der, der_read};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use types::TimestampMs;
use zeroize::Zeroizing;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// AlgorithmIdentifier of an RSA key; of EC keys on P-256 and P-384.
const RSA: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const P256: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
];
const P384: &[u8] = &[0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];

/// The blocks of a PEM text: label and contents. None: it is not PEM.
pub fn pem(text: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (label, after) = rest.strip_prefix("-----BEGIN ")?.split_once("-----")?;
        let end = format!("-----END {label}-----");
        let (body, after) = after.split_once(&end)?;
        out.push((label.to_owned(), B64.decode(body.split_ascii_whitespace().collect::<String>()).ok()?));
        rest = after.trim_start();
    }
    Some(out)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub serial: Vec<u8>,
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
    pub not_before: TimestampMs,
    pub not_after: TimestampMs,
    /// The subject's key: a PKCS #1 key or an EC point.
    pub key: Vec<u8>,
    /// The contents of the list of extensions; empty if there is none.
    pub extensions: Vec<u8>,
}

/// Steps over one element of any kind: its tag, its contents, and what follows.
pub fn any(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let tag = *input.first()?;
    let (content, rest) = der_read(tag, input)?;
    Some((tag, content, rest))
}

pub fn parse(der: &[u8]) -> Option<Certificate> {
    let (certificate, after) = der_read(SEQUENCE, der)?;
    let (tbs, _) = der_read(SEQUENCE, certificate)?;
    let tbs = if tbs.first() == Some(&VERSION) { der_read(VERSION, tbs)?.1 } else { tbs };
    let (serial, rest) = der_read(INTEGER, tbs)?;
    let (_algorithm, rest) = der_read(SEQUENCE, rest)?;
    let (issuer, rest) = der_read(SEQUENCE, rest)?;
    let (validity, rest) = der_read(SEQUENCE, rest)?;
    let (subject, rest) = der_read(SEQUENCE, rest)?;
    let (spki, more) = der_read(SEQUENCE, rest)?;
    let extensions = extensions(more).unwrap_or_default().to_vec();
    let (_algorithm, bits) = der_read(SEQUENCE, spki)?;
    let (bits, _) = der_read(BIT_STRING, bits)?;
    let (tag, before, rest) = any(validity)?;
    let not_before = time(tag, before)?;
    let (tag, end, _) = any(rest)?;
    let not_after = time(tag, end)?;
    after.is_empty().then_some(())?;
    Some(Certificate {
        serial: serial.to_vec(),
        issuer: issuer.to_vec(),
        subject: subject.to_vec(),
        not_before,
        not_after,
        key: bits.strip_prefix(&[0])?.to_vec(),
        extensions,
    })
}

/// What follows the key: unique identifiers that nobody has any more, then the extensions.
fn extensions(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (tag, content, after) = any(rest)?;
        if tag == EXTENSIONS {
            return Some(der_read(SEQUENCE, content)?.0);
        }
        rest = after;
    }
}

/// `YYMMDDhhmmssZ` (before 2050) or `YYYYMMDDhhmmssZ`. Before 1970 counts as 1970.
fn time(tag: u8, text: &[u8]) -> Option<TimestampMs> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    if rest.len() != 10 || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let two = |i: usize| rest[i..i + 2].parse::<i8>().ok();
    let at = jiff::civil::DateTime::new(year, two(0)?, two(2)?, two(4)?, two(6)?, two(8)?, 0).ok()?;
    let ms = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond();
    Some(TimestampMs(u64::try_from(ms).unwrap_or(0)))
}

/// The public half of a private key: RSA (PKCS #1, PKCS #8) or EC on P-256 or P-384 (SEC 1, PKCS #8). None: it is no such key.
pub fn public_of(label: &str, der: &[u8]) -> Option<Vec<u8>> {
    let rsa = match label {
        "RSA PRIVATE KEY" => rsa::KeyPair::from_der(der).ok(),
        "PRIVATE KEY" => rsa::KeyPair::from_pkcs8(der).ok(),
        "EC PRIVATE KEY" => None,
        _ => return None,
    };
    if let Some(key) = rsa {
        return Some(key.public_key().as_ref().to_vec());
    }
    [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING]
        .into_iter()
        .find_map(|curve| EcdsaKeyPair::from_private_key_der(curve, der).ok())
        .map(|key| key.public_key().as_ref().to_vec())
}

/// A private key's PKCS #8 form (RFC 5958), whatever PEM it came in. None: it is no key of the kinds above.
pub fn pkcs8_of(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (label, block) = pem(text)?.into_iter().find(|(label, _)| label != "EC PARAMETERS")?;
    let block = Zeroizing::new(block);
    let algorithm = match label.as_str() {
        "PRIVATE KEY" => return Some(block),
        "RSA PRIVATE KEY" => RSA,
        _ => match public_of(&label, &block)?.len() {
            65 => P256,
            97 => P384,
            _ => return None,
        },
    };
    let key = Zeroizing::new(der(OCTET_STRING, &block));
    let body = Zeroizing::new([&[INTEGER, 1, 0], algorithm, &key].concat());
    Some(Zeroizing::new(der(SEQUENCE, &body)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PEM: &str = include_str!("../tests/data/rsa.pem");

    #[test]
    fn a_certificate() {
        let blocks = pem(&format!("{PEM}\n{PEM}")).unwrap();
        assert_eq!((blocks.len(), blocks[0].0.as_str()), (2, "CERTIFICATE"));
        let c = parse(&blocks[0].1).unwrap();
        assert!(c.not_before < c.not_after && c.issuer != c.subject);
        assert!(pem("nonsense").is_none() && pem("-----BEGIN X-----\nAA==\n-----END Y-----").is_none());
    }

    #[test]
    fn times() {
        for (tag, text, want) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "490101000000Z", Some(2_493_072_000_000)),
            (UTC_TIME, "500101000000Z", Some(0)),
            (GENERALIZED_TIME, "19700101000001Z", Some(1000)),
            (GENERALIZED_TIME, "19701301000001Z", None),
            (GENERALIZED_TIME, "1970010100000Z", None),
            (UTC_TIME, "7001010000", None),
            (UTC_TIME, "7001010000\u{e4}Z", None),
            (INTEGER, "700101000000Z", None),
        ] {
            assert_eq!(time(tag, text.as_bytes()), want.map(TimestampMs), "{text}");
        }
    }

    proptest! {
        /// Whatever is uploaded, the answer is a refusal at worst.
        #[test]
        fn nothing_panics(at in 0_usize..700, byte: u8, cut in 0_usize..700, text in ".{0,200}") {
            let der = pem(PEM).unwrap().remove(0).1;
            let mut torn = der.clone();
            if let Some(b) = torn.get_mut(at) {
                *b = byte;
            }
            parse(&torn);
            parse(der.get(..cut).unwrap_or(&der));
            pem(&text);
            pem(&format!("-----BEGIN {text}"));
            time(UTC_TIME, text.as_bytes());
            time(GENERALIZED_TIME, text.as_bytes());
        }
    }
}
