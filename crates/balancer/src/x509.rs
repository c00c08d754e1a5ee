//! What targets and logs are told of a client's certificate: names, serial number, validity (RFC 5280), as text (RFC 4514).

use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use std::fmt::Write;

const INTEGER: u8 = 0x02;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Hexadecimal, upper case.
    pub serial: String,
    pub issuer: String,
    pub subject: String,
    /// `2023-09-21T01:50:17Z`, both.
    pub not_before: String,
    pub not_after: String,
}

impl Leaf {
    /// `NotBefore=2023-09-21T01:50:17Z;NotAfter=2024-09-20T01:50:17Z`
    pub fn validity(&self) -> String {
        format!("NotBefore={};NotAfter={}", self.not_before, self.not_after)
    }

    /// None: it is no certificate.
    pub fn parse(der: &[u8]) -> Option<Self> {
        let (certificate, _) = expect(SEQUENCE, der)?;
        let (tbs, _) = expect(SEQUENCE, certificate)?;
        let tbs = expect(VERSION, tbs).map_or(tbs, |(_, rest)| rest);
        let (serial, rest) = expect(INTEGER, tbs)?;
        let (_algorithm, rest) = expect(SEQUENCE, rest)?;
        let (issuer, rest) = expect(SEQUENCE, rest)?;
        let (validity, rest) = expect(SEQUENCE, rest)?;
        let (subject, _) = expect(SEQUENCE, rest)?;
        let (tag, before, after) = any(validity)?;
        let not_before = time(tag, before)?;
        let (tag, end, _) = any(after)?;
        let serial = if serial.len() > 1 { serial.strip_prefix(&[0]).unwrap_or(serial) } else { serial };
        Some(Self {
            serial: serial.iter().map(|b| format!("{b:02X}")).collect(),
            issuer: name(issuer)?,
            subject: name(subject)?,
            not_before,
            not_after: time(tag, end)?,
        })
    }
}

/// One element: its tag, its contents, what follows (X.690, definite lengths).
fn any(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = input.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((tag, content, rest))
}

fn expect(wanted: u8, input: &[u8]) -> Option<(&[u8], &[u8])> {
    any(input).filter(|(tag, ..)| *tag == wanted).map(|(_, content, rest)| (content, rest))
}

/// `YYMMDDhhmmssZ` (before 2050) or `YYYYMMDDhhmmssZ`.
fn time(tag: u8, text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok().filter(|t| t.is_ascii())?.strip_suffix('Z')?;
    let full = match tag {
        UTC_TIME if text.len() == 12 => format!("{}{text}", if text < "50" { "20" } else { "19" }),
        GENERALIZED_TIME if text.len() == 14 => text.to_owned(),
        _ => return None,
    };
    full.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
    let [year, month, day, hour, minute, second] = [0..4, 4..6, 6..8, 8..10, 10..12, 12..14].map(|r| &full[r]);
    Some(format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// 2.5.4.x by their short names (RFC 4519).
const ATTRIBUTES: [(u8, &str); 7] = [(3, "CN"), (6, "C"), (7, "L"), (8, "ST"), (9, "STREET"), (10, "O"), (11, "OU")];

/// The last attribute first, as RFC 4514 has it.
fn name(mut rest: &[u8]) -> Option<String> {
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (set, after) = expect(SET, rest)?;
        rest = after;
        let (pair, _) = expect(SEQUENCE, set)?;
        let (oid, value) = expect(OID, pair)?;
        let (_, text, _) = any(value)?;
        let short = |last: &u8| ATTRIBUTES.iter().find(|(n, _)| n == last).map(|(_, word)| (*word).to_owned());
        let word = match oid {
            [0x55, 0x04, last] => short(last),
            _ => None,
        };
        let word = word.or_else(|| dotted(oid))?;
        parts.push(format!("{word}={}", escaped(&String::from_utf8_lossy(text))));
    }
    parts.reverse();
    Some(parts.join(","))
}

fn dotted(oid: &[u8]) -> Option<String> {
    let first = *oid.first()?;
    let mut out = format!("{}.{}", (first / 40).min(2), if first < 80 { first % 40 } else { first - 80 });
    let mut n: u64 = 0;
    for byte in &oid[1..] {
        n = n.checked_mul(128)? | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            let _ = write!(out, ".{n}");
            n = 0;
        }
    }
    Some(out)
}

/// Nothing that would end a value, a field of a log or a header.
fn escaped(value: &str) -> String {
    let mut out = String::new();
    for (i, c) in value.chars().enumerate() {
        match c {
            ',' | '+' | '<' | '>' | ';' | '=' => out.extend(['\\', c]),
            '#' | ' ' if i == 0 => out.extend(['\\', c]),
            '"' | '\\' | '\0'..='\x1f' | '\x7f'.. => {
                let mut bytes = [0; 4];
                for b in c.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(out, "\\{b:02X}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// As AWS puts certificates into headers: PEM, with everything but `+=/` and unreserved characters percent-encoded.
pub fn encoded_pem(certificates: &[impl AsRef<[u8]>]) -> String {
    let mut out = String::new();
    for der in certificates {
        let pem = pem(der.as_ref());
        for b in pem.bytes() {
            match b {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' | b'=' | b'/' => {
                    out.push(char::from(b))
                }
                b => {
                    let _ = write!(out, "%{b:02X}");
                }
            }
        }
    }
    out
}

fn pem(der: &[u8]) -> String {
    let text = B64.encode(der);
    let mut out = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in text.as_bytes().chunks(64) {
        out.push_str(std::str::from_utf8(line).unwrap_or_default());
        out.push('\n');
    }
    out.push_str("-----END CERTIFICATE-----\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01]).unwrap(), "1.2.840.113549.1.9.1");
        assert_eq!(escaped(" a,b=\"c\"\nd\u{e9}#"), "\\ a\\,b\\=\\22c\\22\\0Ad\\C3\\A9#");
        assert_eq!(time(UTC_TIME, b"491231235959Z").unwrap(), "2049-12-31T23:59:59Z");
        assert_eq!(time(UTC_TIME, b"500101000000Z").unwrap(), "1950-01-01T00:00:00Z");
        assert_eq!(time(GENERALIZED_TIME, b"20500101000000Z").unwrap(), "2050-01-01T00:00:00Z");
        assert_eq!(
            encoded_pem(&[&[1, 2, 3, 4][..]]),
            "-----BEGIN%20CERTIFICATE-----%0AAQIDBA==%0A-----END%20CERTIFICATE-----%0A"
        );
        for cut in [&b""[..], &[0x30], &[0x30, 0x82, 0xff], &[0x30, 0x03, 0x30, 0x01, 0x02]] {
            assert_eq!(Leaf::parse(cut), None);
        }
    }
}
