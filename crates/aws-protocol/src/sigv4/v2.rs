//! Signature Version 2 of S3: what older libraries sign with, and what the AWS CLI 1 and boto3 still presign with by default
//! in us-east-1. HMAC-SHA1; the region and the body are not signed.
//! Source: "Authenticating Requests (AWS Signature Version 2)", Amazon S3 API Reference.

use super::payload::same_signature;
use super::{AuthError, HttpRequest, SKEW_MS_MAX, Verified, canonical, claim, parse_time};
use aws_lc_rs::hmac;
use base64::Engine;
use types::TimestampMs;

/// Parameters that are part of the resource, sorted.
const SIGNED: [&str; 33] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "encryption",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
    "object-lock",
];
const NO_DATE: AuthError = AuthError::Version2Incomplete("AWS authentication requires a valid Date or x-amz-date header");
const NO_EXPIRES: AuthError =
    AuthError::Version2Incomplete("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
const BAD_EXPIRES: AuthError = AuthError::Version2Incomplete("Invalid date (should be seconds since epoch)");
/// The longest life of a URL, here as with version 4.
const LIFE_MS_MAX: u64 = super::EXPIRES_S_MAX * 1000;

/// Checks a request signed in the header `Authorization: AWS key:signature`, or presigned. `bucket`: of a virtual host.
///
/// # Errors
/// `Missing` (it is not of this version), `Incomplete`, `UnknownKey`, `SignatureMismatch`, `Skewed`, `Expired`.
pub fn verify(
    r: &HttpRequest<'_>,
    bucket: Option<&str>,
    now: TimestampMs,
    secret_of: impl FnOnce(&str) -> Option<String>,
) -> Result<Verified, AuthError> {
    let query = |name: &'static str| canonical::query_values(r.query, name).next();
    let incomplete = |why: &str| AuthError::Incomplete(why.to_owned());
    let header = r.header("authorization").map(str::trim).and_then(|h| h.strip_prefix("AWS "));
    let (key, signature, date, signed_at, presigned) = match header {
        Some(pair) => {
            let (key, signature) =
                pair.trim().rsplit_once(':').ok_or_else(|| incomplete("AWS authorization header is invalid."))?;
            let amz = r.header("x-amz-date").map(str::trim);
            let date = r.header("date").map(str::trim);
            let text = amz.or(date).ok_or(NO_DATE)?;
            let at = parse_time(text).or_else(|| claim::parse_http_date(text)).ok_or(NO_DATE)?;
            if at.0.abs_diff(now.0) > SKEW_MS_MAX {
                return Err(AuthError::Skewed { signed_at: at, now });
            }
            // With x-amz-date among the headers the date's own place is empty.
            let date = if amz.is_some() { "" } else { date.unwrap_or("") };
            (key.to_owned(), signature.to_owned(), date.to_owned(), at, false)
        }
        None => {
            let (Some(key), Some(signature)) = (query("AWSAccessKeyId"), query("Signature")) else {
                return Err(AuthError::Missing);
            };
            let expires = query("Expires").ok_or(NO_EXPIRES)?;
            let seconds: u64 = expires.parse().map_err(|_| BAD_EXPIRES)?;
            let until = TimestampMs(seconds.saturating_mul(1000));
            if until <= now {
                return Err(AuthError::Expired { until, now });
            }
            if until.0 - now.0 > LIFE_MS_MAX {
                return Err(incomplete("Expires must be less than a week in the future"));
            }
            (key, signature, expires, now, true)
        }
    };
    let secret = secret_of(&key).ok_or(AuthError::UnknownKey)?;
    let text = format!(
        "{}\n{}\n{}\n{date}\n{}",
        r.method,
        r.header("content-md5").unwrap_or("").trim(),
        r.header("content-type").unwrap_or("").trim(),
        amz_headers(r, presigned)
    );
    let secret = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    let signs = |path: &str| {
        let mac = hmac::sign(&secret, format!("{text}{}", resource(r, path, bucket)).as_bytes());
        same_signature(&base64::engine::general_purpose::STANDARD.encode(mac.as_ref()), signature.as_bytes())
    };
    // The resource of a bucket in the path ends in a slash, whether the path does or not; some clients sign what they send.
    let path = if r.path.is_empty() { "/" } else { r.path };
    let bare = bucket.is_none() && path.len() > 1 && path.rfind('/') == Some(0);
    if !(signs(path) || (bare && signs(&format!("{path}/")))) {
        return Err(AuthError::SignatureMismatch);
    }
    let session_token = session_token(r);
    Ok(Verified { access_key: key, region: String::new(), service: "s3".to_owned(), session_token, signed_at, presigned })
}

/// What the request names as its session token; proven only by [`verify`], of which it is a part.
pub fn session_token(r: &HttpRequest<'_>) -> Option<String> {
    let query = || canonical::query_values(r.query, "x-amz-security-token").next();
    r.header("x-amz-security-token").map(str::to_owned).or_else(query)
}

/// `x-amz-*` in lower case, sorted, values of one name joined, a line each. A presigned URL has them in its query, such as its
/// session token.
fn amz_headers(r: &HttpRequest<'_>, presigned: bool) -> String {
    let in_headers = r.headers.iter().map(|(n, v)| (n.to_ascii_lowercase(), v.trim().to_owned()));
    let in_query = canonical::query_pairs(r.query).filter(|_| presigned).map(|(n, v)| (n.to_ascii_lowercase(), v));
    let mut all: Vec<(String, String)> = in_headers.chain(in_query).filter(|(n, _)| n.starts_with("x-amz-")).collect();
    // Stable: values of one name stay in order.
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let line = |of: &[(String, String)]| {
        let values: Vec<&str> = of.iter().map(|(_, v)| v.as_str()).collect();
        format!("{}:{}\n", of[0].0, values.join(","))
    };
    all.chunk_by(|a, b| a.0 == b.0).map(line).collect()
}

/// The bucket of the host, the path as sent, and the parameters that name a sub-resource or change the reply.
fn resource(r: &HttpRequest<'_>, path: &str, bucket: Option<&str>) -> String {
    let mut out = bucket.map(|b| format!("/{b}")).unwrap_or_default();
    out.push_str(path);
    let mut pairs: Vec<(&str, Option<String>)> = r
        .query
        .split('&')
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').map_or((pair, None), |(n, v)| (n, Some(v)));
            let decoded = |v: &str| {
                if name.starts_with("response-") {
                    canonical::query_values(r.query, name).next().unwrap_or_default()
                } else {
                    v.to_owned()
                }
            };
            SIGNED.contains(&name).then(|| (name, value.filter(|v| !v.is_empty()).map(decoded)))
        })
        .collect();
    pairs.sort();
    for (n, (name, value)) in pairs.into_iter().enumerate() {
        out.push(if n == 0 { '?' } else { '&' });
        out.push_str(name);
        if let Some(value) = value {
            out.push('=');
            out.push_str(&value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys and requests of AWS's documentation.
    const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn check(
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        bucket: Option<&str>,
        now_s: u64,
    ) -> Result<(), AuthError> {
        let r = HttpRequest { method, path, query, headers };
        verify(&r, bucket, TimestampMs(now_s * 1000), |k| (k == KEY).then(|| SECRET.to_owned())).map(|_| ())
    }

    /// Made with botocore.
    #[test]
    fn a_session_token_in_the_query_is_signed() {
        let path = "/johnsmith/photos/puppy.jpg";
        let query = |token: &str| {
            format!(
                "AWSAccessKeyId={KEY}&Signature=K2AP91wHUYKIhdiGjOlPmzt9y%2Bc%3D&x-amz-security-token={token}&Expires=1175139620"
            )
        };
        let now = 1_175_139_000;
        assert_eq!(check("GET", path, &query("to%2Bken%2F%3D%3D"), &[], None, now), Ok(()));
        for other in ["to%2Bken%2F%3D", "other", "to%2Bken%2F%3D%3D&x-amz-security-token=x", "to%2Bken%2F%3D%3D&X-Amz-Acl=y"] {
            assert_eq!(check("GET", path, &query(other), &[], None, now), Err(AuthError::SignatureMismatch), "{other}");
        }
    }

    #[test]
    fn the_documented_examples() {
        let auth = |s: &str| format!("AWS {KEY}:{s}");
        let at = 1_175_024_202;
        let get = [("authorization", auth("bWq2s1WEIj+Ydj0vQ697zp+IXMU=")), ("date", "Tue, 27 Mar 2007 19:36:42 +0000".into())];
        let get: Vec<(&str, &str)> = get.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(check("GET", "/photos/puppy.jpg", "", &get, Some("johnsmith"), at), Ok(()));
        assert_eq!(check("PUT", "/photos/puppy.jpg", "", &get, Some("johnsmith"), at), Err(AuthError::SignatureMismatch));
        assert!(matches!(
            check("GET", "/photos/puppy.jpg", "", &get, Some("johnsmith"), at + 3600),
            Err(AuthError::Skewed { .. })
        ));
        let acl = [("authorization", auth("c2WLPFtWHVgbEmeEG93a4cG37dM=")), ("date", "Tue, 27 Mar 2007 19:44:46 +0000".into())];
        let acl: Vec<(&str, &str)> = acl.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(check("GET", "/", "acl", &acl, Some("johnsmith"), at), Ok(()));
        assert_eq!(check("GET", "/", "", &acl, Some("johnsmith"), at), Err(AuthError::SignatureMismatch));
        let url = format!("AWSAccessKeyId={KEY}&Expires=1175139620&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D");
        let outcome = check("GET", "/photos/puppy.jpg", &url, &[], Some("johnsmith"), at);
        assert_eq!(outcome, Ok(()));
        assert!(matches!(
            check("GET", "/photos/puppy.jpg", &url, &[], Some("johnsmith"), 1_175_139_621),
            Err(AuthError::Expired { .. })
        ));
        assert_eq!(check("GET", "/other", &url, &[], Some("johnsmith"), at), Err(AuthError::SignatureMismatch));
        assert_eq!(
            check("GET", "/photos/puppy.jpg", &url.replace(KEY, "OTHER"), &[], Some("johnsmith"), at),
            Err(AuthError::UnknownKey)
        );
    }

    #[test]
    fn a_bucket_in_the_path_is_signed_with_its_slash() {
        let at = 1_175_024_202;
        let date = "Tue, 27 Mar 2007 19:36:42 GMT";
        let signed = |resource: &str, path: &str, query: &str| {
            let text = format!("GET\n\n\n{date}\n{resource}");
            let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes()), text.as_bytes());
            let signature = base64::engine::general_purpose::STANDARD.encode(mac.as_ref());
            let authorization = format!("AWS {KEY}:{signature}");
            check("GET", path, query, &[("authorization", &authorization), ("date", date)], None, at)
        };
        for (resource, path, query, good) in [
            ("/b/", "/b", "", true),
            ("/b/", "/b/", "", true),
            ("/b", "/b", "", true),
            ("/b/?acl", "/b", "acl", true),
            ("/", "/", "", true),
            ("/b/k", "/b/k", "", true),
            ("/b", "/b/", "", false),
            ("/b/k/", "/b/k", "", false),
            ("/b/", "/b", "acl", false),
        ] {
            assert_eq!(signed(resource, path, query).is_ok(), good, "{resource} {path} {query}");
        }
    }

    #[test]
    fn dates_that_are_none_and_dates_far_away() {
        let check_at = |date: &str| {
            let authorization = format!("AWS {KEY}:c2ln");
            let headers = [("authorization", authorization.as_str()), ("x-amz-date", date)];
            let r = HttpRequest { method: "PUT", path: "/b/k", query: "", headers: &headers };
            let outcome = verify(&r, None, TimestampMs(1_764_000_000_000), |_| Some(SECRET.to_owned()));
            let e = outcome.expect_err("the signature is nonsense").to_s3(&r);
            (e.status, e.code.to_string())
        };
        for (date, code) in [
            ("Bad Date", "AccessDenied"),
            ("", "AccessDenied"),
            ("Tue, 07 Jul 1950 21:53:04 GMT", "AccessDenied"),
            // The days of the week are wrong, which nobody minds.
            ("Tue, 07 Jul 2010 21:53:04 GMT", "RequestTimeTooSkewed"),
            ("Tue, 07 Jul 2030 21:53:04 GMT", "RequestTimeTooSkewed"),
            ("Tue, 07 Jul 9999 21:53:04 GMT", "RequestTimeTooSkewed"),
            ("Mon, 24 Nov 2025 16:00:00 GMT", "SignatureDoesNotMatch"),
        ] {
            assert_eq!(check_at(date), (403, code.to_owned()), "{date}");
        }
    }
}
