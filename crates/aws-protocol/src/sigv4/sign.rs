//! The signer's side: for the product's own command line, and for tests.

use super::canonical::{self, Scope};
use super::{ALGORITHM, BodyHash, HttpRequest, UNSIGNED_PAYLOAD, format_time};
use std::fmt;
use types::TimestampMs;

#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key: String,
    pub secret_key: String,
    pub session_token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// The headers to add to a request so that it is signed. `r` must have a `host` header; all its headers get signed.
pub fn sign(
    r: &HttpRequest<'_>,
    body: BodyHash,
    who: &Credentials,
    region: &str,
    service: &str,
    now: TimestampMs,
) -> Vec<(&'static str, String)> {
    let time = format_time(now);
    let payload = hex::encode(body.0);
    let mut added = vec![("x-amz-date", time.clone())];
    if service == "s3" {
        added.push(("x-amz-content-sha256", payload.clone()));
    }
    if let Some(token) = &who.session_token {
        added.push(("x-amz-security-token", token.clone()));
    }
    let headers: Vec<(&str, &str)> = r.headers.iter().copied().chain(added.iter().map(|(n, v)| (*n, v.as_str()))).collect();
    let signed = header_names(&headers);
    let names: Vec<&str> = signed.iter().map(String::as_str).collect();
    let with = HttpRequest { headers: &headers, ..*r };
    let scope = Scope { time: &time, date: &time[..8], region, service };
    let request =
        canonical::request(&with, &canonical::path(with.path, service), &names, &canonical::query(r.query, ""), &payload);
    let signature = canonical::signature(&canonical::signing_key(&who.secret_key, &scope), &scope, &request);
    let (key, scope, names) = (&who.access_key, scope.text(), names.join(";"));
    added.push(("authorization", format!("{ALGORITHM} Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}")));
    added
}

/// The query of a presigned URL: `r`'s own query and the signature. Its body must be empty, S3's may be anything.
pub fn presign(r: &HttpRequest<'_>, who: &Credentials, region: &str, service: &str, now: TimestampMs, expires_s: u64) -> String {
    let time = format_time(now);
    let scope = Scope { time: &time, date: &time[..8], region, service };
    let signed = header_names(r.headers);
    let names: Vec<&str> = signed.iter().map(String::as_str).collect();
    let credential = format!("{}/{}", who.access_key, scope.text());
    let expires = expires_s.to_string();
    let joined = names.join(";");
    let mut params = vec![
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", &credential),
        ("X-Amz-Date", &time),
        ("X-Amz-Expires", &expires),
        ("X-Amz-SignedHeaders", &joined),
    ];
    if let Some(token) = &who.session_token {
        params.push(("X-Amz-Security-Token", token));
    }
    let mut query = r.query.to_owned();
    for (name, value) in params {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        canonical::encode_bytes(value.as_bytes(), false, &mut query);
    }
    let payload = if service == "s3" { UNSIGNED_PAYLOAD.to_owned() } else { hex::encode(BodyHash::of(b"").0) };
    let request = canonical::request(r, &canonical::path(r.path, service), &names, &canonical::query(&query, ""), &payload);
    let signature = canonical::signature(&canonical::signing_key(&who.secret_key, &scope), &scope, &request);
    format!("{query}&X-Amz-Signature={signature}")
}

fn header_names(headers: &[(&str, &str)]) -> Vec<String> {
    let mut names: Vec<String> = headers.iter().map(|(n, _)| n.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    names
}
