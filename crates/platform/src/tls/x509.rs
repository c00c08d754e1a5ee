//! The little of X.509 (RFC 5280) that an authority of our own needs: it writes certificates of one shape, Ed25519 (RFC 8410),
//! and reads when one of them is valid. Whether one is to be believed is `webpki`'s affair, and what it rejects was made wrong.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jiff::Timestamp;
use jiff::fmt::strtime::parse;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// Explicit, context-specific.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// Of a GeneralName.
const DNS_NAME: u8 = 0x82;

const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const EXT_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// From the first to the last second, since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub from_s: i64,
    pub to_s: i64,
}

/// What a certificate is for.
pub enum Purpose<'a> {
    /// Signs others, which sign none.
    Authority,
    /// Both ends of a connection, by this DNS name.
    Leaf { name: &'a str },
}

/// A certificate of `subject_key` in DER, signed by `signer`.
///
/// # Errors
/// A time outside 1950 to 9999, or no random numbers.
pub fn certificate(
    issuer: &str,
    subject: &str,
    subject_key: &[u8],
    purpose: &Purpose<'_>,
    validity: Validity,
    signer: &Ed25519KeyPair,
) -> Result<Vec<u8>, String> {
    let mut serial = [0; 16];
    aws_lc_rs::rand::SecureRandom::fill(&SystemRandom::new(), &mut serial).map_err(|_| "no random numbers".to_owned())?;
    // Positive and of full length.
    serial[0] = serial[0] & 0x7f | 0x40;
    let algorithm = tlv(SEQUENCE, &[&tlv(OID, &[ED25519])]);
    let key = tlv(SEQUENCE, &[&algorithm, &tlv(BIT_STRING, &[&[0], subject_key])]);
    let body = tlv(
        SEQUENCE,
        &[
            &tlv(VERSION, &[&tlv(INTEGER, &[&[2]])]),
            &tlv(INTEGER, &[&serial]),
            &algorithm,
            &name(issuer),
            &tlv(SEQUENCE, &[&time(validity.from_s)?, &time(validity.to_s)?]),
            &name(subject),
            &key,
            &tlv(EXTENSIONS, &[&tlv(SEQUENCE, &[&extensions(purpose)])]),
        ],
    );
    let signature = signer.sign(&body);
    Ok(tlv(SEQUENCE, &[&body, &algorithm, &tlv(BIT_STRING, &[&[0], signature.as_ref()])]))
}

/// The public half.
pub fn public_key(pair: &Ed25519KeyPair) -> &[u8] {
    pair.public_key().as_ref()
}

fn extensions(purpose: &Purpose<'_>) -> Vec<u8> {
    let yes = tlv(BOOLEAN, &[&[0xff]]);
    let critical = |oid, value: &[u8]| tlv(SEQUENCE, &[&tlv(OID, &[oid]), &yes, &tlv(OCTET_STRING, &[value])]);
    match purpose {
        Purpose::Authority => [
            // CA, with a path length of 0; keyCertSign.
            critical(BASIC_CONSTRAINTS, &tlv(SEQUENCE, &[&yes, &tlv(INTEGER, &[&[0]])])),
            critical(KEY_USAGE, &tlv(BIT_STRING, &[&[2, 0x04]])),
        ]
        .concat(),
        Purpose::Leaf { name } => [
            critical(KEY_USAGE, &tlv(BIT_STRING, &[&[7, 0x80]])),
            critical(EXT_KEY_USAGE, &tlv(SEQUENCE, &[&tlv(OID, &[SERVER_AUTH]), &tlv(OID, &[CLIENT_AUTH])])),
            critical(SUBJECT_ALT_NAME, &tlv(SEQUENCE, &[&tlv(DNS_NAME, &[name.as_bytes()])])),
        ]
        .concat(),
    }
}

fn name(common: &str) -> Vec<u8> {
    let pair = tlv(SEQUENCE, &[&tlv(OID, &[COMMON_NAME]), &tlv(UTF8_STRING, &[common.as_bytes()])]);
    tlv(SEQUENCE, &[&tlv(SET, &[&pair])])
}

/// Until 2049 the short form, later the long one (RFC 5280, 4.1.2.5).
fn time(at_s: i64) -> Result<Vec<u8>, String> {
    let at = Timestamp::from_second(at_s).map_err(|e| e.to_string())?;
    let long = at.strftime("%Y%m%d%H%M%SZ").to_string();
    match long.split_at_checked(4).and_then(|(year, _)| year.parse().ok()) {
        Some(1950..=2049) => Ok(tlv(UTC_TIME, &[&long.as_bytes()[2..]])),
        Some(2050..=9999) => Ok(tlv(GENERALIZED_TIME, &[long.as_bytes()])),
        _ => Err(format!("a certificate cannot name the time {at}")),
    }
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|p| p.len()).sum();
    let mut out = vec![tag];
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0xff => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    parts.iter().for_each(|p| out.extend_from_slice(p));
    out
}

// ---------------------------------------------------------------------------------------------------------- reading

/// When a certificate is valid. None: it is no certificate of the shape that is made here.
pub fn validity(der: &[u8]) -> Option<Validity> {
    let (certificate, _) = take(der, SEQUENCE)?;
    let (body, _) = take(certificate, SEQUENCE)?;
    let (_, rest) = take(body, VERSION)?;
    let (_, rest) = take(rest, INTEGER)?;
    let (_, rest) = take(rest, SEQUENCE)?;
    let (_, rest) = take(rest, SEQUENCE)?;
    let (times, _) = take(rest, SEQUENCE)?;
    let (from_s, rest) = take_time(times)?;
    let (to_s, _) = take_time(rest)?;
    Some(Validity { from_s, to_s })
}

fn take(from: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (head, rest) = from.split_at_checked(2)?;
    if head[0] != tag {
        return None;
    }
    let (length, rest) = match head[1] {
        n @ 0..=0x7f => (usize::from(n), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(*rest.first()?) << 8 | usize::from(*rest.get(1)?), &rest[2..]),
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn take_time(from: &[u8]) -> Option<(i64, &[u8])> {
    let (text, rest) = match take(from, UTC_TIME) {
        // Below 50 of this century, else of the last.
        Some((short, rest)) => {
            let century = if *short.first()? < b'5' { b"20" } else { b"19" };
            ([&century[..], short].concat(), rest)
        }
        None => take(from, GENERALIZED_TIME).map(|(long, rest)| (long.to_vec(), rest))?,
    };
    let text = String::from_utf8(text).ok()?;
    let at = parse("%Y%m%d%H%M%S", text.strip_suffix('Z')?).ok()?.to_datetime().ok()?;
    Some((at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let pair = Ed25519KeyPair::generate().unwrap();
        let day = 86_400;
        let y2050 = 2_524_608_000;
        for validity in [(0, 1), (1_764_115_200, 1_764_115_200 + day), (y2050 - 1, y2050), (y2050, 253_370_764_799)] {
            let validity = Validity { from_s: validity.0, to_s: validity.1 };
            let leaf = Purpose::Leaf { name: "gateway.us-east-1.stratocell" };
            let der = certificate("issuer", "subject", public_key(&pair), &leaf, validity, &pair).unwrap();
            assert_eq!(super::validity(&der), Some(validity));
            for cut in 0..der.len().min(100) {
                assert_eq!(super::validity(&der[..cut]), None, "{cut}");
            }
        }
        let never = Validity { from_s: 0, to_s: 300_000_000_000 };
        assert!(certificate("i", "s", public_key(&pair), &Purpose::Authority, never, &pair).is_err());
    }
}
