//! The canonical request, the string to sign, and the signature itself.

use super::{ALGORITHM, HttpRequest};
use aws_lc_rs::hmac;

/// S3 signs the path as sent; every other service signs it normalised and encoded once more.
pub fn path(raw: &str, service: &str) -> String {
    if service == "s3" {
        return if raw.is_empty() { "/".to_owned() } else { raw.to_owned() };
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in raw.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out = String::from("/");
    encode_into(&parts.join("/"), true, &mut out);
    if !parts.is_empty() && (raw.ends_with('/') || raw.ends_with("/.") || raw.ends_with("/..")) {
        out.push('/');
    }
    out
}

/// S3's path for a client that signs it otherwise encoded than it sends it: decoded, and encoded in the one canonical way. Both
/// spellings name the same key.
pub fn recoded_s3_path(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    encode_bytes(&decode_with(raw, false), true, &mut out);
    out
}

/// The query, encoded in the one canonical way and sorted; `except` is left out (a presigned URL's own signature).
pub fn query(raw: &str, except: &str) -> String {
    let mut pairs: Vec<(String, String)> = raw
        .split('&')
        .filter(|p| !p.is_empty())
        .map(|p| p.split_once('=').unwrap_or((p, "")))
        .map(|(k, v)| (recode(k), recode(v)))
        .filter(|(k, _)| except.is_empty() || k != except)
        .collect();
    pairs.sort();
    pairs.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&")
}

/// Values of a query parameter, percent-decoded.
pub fn query_values<'a>(raw: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    raw.split('&')
        .map(|p| p.split_once('=').unwrap_or((p, "")))
        .filter(move |(k, _)| decode(k) == name.as_bytes())
        .map(|(_, v)| String::from_utf8_lossy(&decode(v)).into_owned())
}

/// Names and values, decoded, in order.
pub fn query_pairs(raw: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let text = |s: &str| String::from_utf8_lossy(&decode(s)).into_owned();
    raw.split('&').map(|p| p.split_once('=').unwrap_or((p, ""))).map(move |(n, v)| (text(n), text(v)))
}

/// A name or value percent-decoded; what is not a proper escape stands for itself. A plus is a space, as it is to the form
/// parser: read otherwise here, `%2B` could be swapped for `+` under a good signature.
fn decode(s: &str) -> Vec<u8> {
    decode_with(s, true)
}

fn decode_with(s: &str, plus: bool) -> Vec<u8> {
    let bytes = s.as_bytes();
    let hex = |b: Option<&u8>| b.and_then(|b| (*b as char).to_digit(16)).map(|d| d as u8);
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match (bytes[i], hex(bytes.get(i + 1)), hex(bytes.get(i + 2))) {
            (b'%', Some(a), Some(b)) => {
                out.push(a << 4 | b);
                i += 3;
            }
            (b, _, _) => {
                out.push(if plus && b == b'+' { b' ' } else { b });
                i += 1;
            }
        }
    }
    out
}

fn recode(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    encode_bytes(&decode(s), false, &mut out);
    out
}

fn encode_into(s: &str, keep_slash: bool, out: &mut String) {
    encode_bytes(s.as_bytes(), keep_slash, out);
}

pub fn encode_bytes(bytes: &[u8], keep_slash: bool, out: &mut String) {
    for &b in bytes {
        let plain = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') || (keep_slash && b == b'/');
        if plain {
            out.push(b as char);
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
}

/// What is hashed into the string to sign. `signed` names headers in lower case, sorted; those that are absent count as empty.
pub fn request(r: &HttpRequest<'_>, path: &str, signed: &[&str], query: &str, payload: &str) -> String {
    let mut headers = String::new();
    for name in signed {
        let values: Vec<String> =
            r.header_values(name).map(|v| v.split_ascii_whitespace().collect::<Vec<_>>().join(" ")).collect();
        headers.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    format!("{}\n{}\n{query}\n{headers}\n{}\n{payload}", r.method, path, signed.join(";"))
}

/// The parts of a credential scope, and the time, all as text.
pub struct Scope<'a> {
    pub time: &'a str,
    pub date: &'a str,
    pub region: &'a str,
    pub service: &'a str,
}

impl Scope<'_> {
    pub fn text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// The key that signs everything of one day, region and service.
pub fn signing_key(secret: &str, scope: &Scope<'_>) -> hmac::Key {
    let mut key = mac(format!("AWS4{secret}").as_bytes(), scope.date);
    for part in [scope.region, scope.service, "aws4_request"] {
        key = mac(key.as_ref(), part);
    }
    hmac::Key::new(hmac::HMAC_SHA256, key.as_ref())
}

/// The signature, 64 hexadecimal digits.
pub fn signature(key: &hmac::Key, scope: &Scope<'_>, canonical_request: &str) -> String {
    let hash = hex::encode(super::BodyHash::of(canonical_request.as_bytes()).0);
    sign_text(key, &format!("{ALGORITHM}\n{}\n{}\n{hash}", scope.time, scope.text()))
}

/// The signature of any text, 64 hexadecimal digits.
pub fn sign_text(key: &hmac::Key, text: &str) -> String {
    hex::encode(hmac::sign(key, text.as_bytes()).as_ref())
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}
