//! Is a request what it seems to be? Limits, and the places where two servers could read one request differently. Pure.
//!
//! hyper's parser has refused already: two lengths that differ, a length that is no number, `Transfer-Encoding` that does not
//! end in `chunked` or comes with HTTP/1.0, folded lines, spaces before colons, control characters, bad methods and targets.
//! Where both `Transfer-Encoding` and `Content-Length` came, it has dropped the length and closes the connection after the
//! answer. What it lets pass is mended here. Classes and reasons are AWS's (access log fields 27 and 28).

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Version};
use wire::balancer::DesyncMitigation;

/// AWS: request headers of 64 K.
const HEAD_BYTES_MAX: u64 = 64 << 10;
/// AWS: request line 16 K, one header 16 K.
pub const LINE_BYTES_MAX: usize = 16 << 10;
/// AWS: 463 when X-Forwarded-For names more.
const FORWARDED_MAX: usize = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Compliant,
    Acceptable(&'static str),
    Ambiguous(&'static str),
    Severe(&'static str),
}

impl Class {
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Compliant => ("-", "-"),
            Self::Acceptable(why) => ("Acceptable", why),
            Self::Ambiguous(why) => ("Ambiguous", why),
            Self::Severe(why) => ("Severe", why),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// To be forwarded; `close`: the connections on both sides end with this request.
    Forward {
        class: Class,
        close: bool,
        host: String,
    },
    Refuse {
        class: Class,
        status: StatusCode,
        reason: &'static str,
    },
}

fn refuse(status: u16, class: Class, reason: &'static str) -> Seen {
    Seen::Refuse { class, status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), reason }
}

/// Judges a request and removes from it what only confuses. `head_bytes`: of its head as HTTP/1 text.
pub fn inspect(parts: &mut Parts, head_bytes: u64, mode: DesyncMitigation) -> Seen {
    if parts.method == Method::CONNECT {
        return refuse(400, Class::Severe("BadMethod"), "connect");
    }
    if parts.method == Method::TRACE {
        return refuse(405, Class::Compliant, "trace");
    }
    let target = parts.uri.path_and_query().map_or(0, |p| p.as_str().len());
    if target + parts.method.as_str().len() > LINE_BYTES_MAX {
        return refuse(414, Class::Compliant, "request-line-too-long");
    }
    if head_bytes > HEAD_BYTES_MAX {
        return refuse(431, Class::Compliant, "head-too-long");
    }
    let mut forwarded = 0;
    for (name, value) in &parts.headers {
        if name.as_str().len() + value.len() > LINE_BYTES_MAX {
            return refuse(400, Class::Compliant, "header-too-long");
        }
        if name == "x-forwarded-for" {
            forwarded += 1 + value.as_bytes().iter().filter(|b| **b == b',').count();
        }
    }
    if forwarded > FORWARDED_MAX {
        return refuse(463, Class::Compliant, "x-forwarded-for-too-long");
    }
    if !is_target(parts) {
        return refuse(400, Class::Severe("BadUri"), "target");
    }
    let mut class = Class::Compliant;
    let mut close = false;
    if let Some(seen) = transfer_encoding(&parts.headers) {
        return seen;
    }
    let host = match host(parts, &mut class, &mut close) {
        Ok(host) => host,
        Err(seen) => return seen,
    };
    let suspicious: Vec<HeaderName> = parts.headers.keys().filter(|n| is_suspicious(n.as_str())).cloned().collect();
    for name in suspicious {
        parts.headers.remove(name);
        (class, close) = (Class::Ambiguous("SuspiciousHeader"), true);
    }
    if parts.version == Version::HTTP_2 {
        // Frames say where a request ends: nothing to be confused about.
        close = false;
    } else if class == Class::Compliant && matches!(parts.method, Method::GET | Method::HEAD) {
        class = bodies_of_get(&parts.headers, &mut close);
    }
    if class == Class::Compliant && parts.headers.values().any(|v| v.as_bytes().iter().any(|b| *b >= 0x80)) {
        class = Class::Acceptable("NonCompliantHeader");
    }
    Seen::Forward { class, close: close && mode != DesyncMitigation::Monitor, host }
}

/// A path, or an http(s) address; `*` for OPTIONS. A host alone is CONNECT's form (RFC 9112 3.2.3): rules would see no path.
fn is_target(parts: &Parts) -> bool {
    let known = parts.uri.scheme_str().is_some_and(|s| matches!(s, "http" | "https"));
    let form = known || parts.uri.authority().is_none();
    let path = parts.uri.path();
    form && (path.starts_with('/') || (path == "*" && parts.method == Method::OPTIONS))
}

/// Only `chunked`, once: everything else is an encoding that this balancer does not have, or a trick.
fn transfer_encoding(headers: &HeaderMap) -> Option<Seen> {
    let mut values = headers.get_all(header::TRANSFER_ENCODING).iter();
    let first = values.next()?;
    if values.next().is_some() {
        return Some(refuse(400, Class::Severe("MultipleTransferEncoding"), "transfer-encoding-twice"));
    }
    match first.as_bytes().eq_ignore_ascii_case(b"chunked") {
        true => None,
        false => Some(refuse(501, Class::Severe("BadTransferEncoding"), "transfer-encoding")),
    }
}

fn bodies_of_get(headers: &HeaderMap, close: &mut bool) -> Class {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        *close = true;
        return Class::Ambiguous("UndefinedTransferEncodingSemantics");
    }
    match headers.get(header::CONTENT_LENGTH).map(HeaderValue::as_bytes) {
        Some(b"0") => Class::Acceptable("GetHeadZeroContentLength"),
        Some(_) => {
            *close = true;
            Class::Ambiguous("UndefinedContentLengthSemantics")
        }
        None => Class::Compliant,
    }
}

/// The one host of a request. An absolute target (or `:authority`) wins over the field, as RFC 9112 3.2.2 demands.
fn host(parts: &Parts, class: &mut Class, close: &mut bool) -> Result<String, Seen> {
    let mut fields = parts.headers.get_all(header::HOST).iter();
    let field = fields.next();
    if fields.next().is_some() {
        return Err(refuse(400, Class::Severe("BadHeader"), "host-twice"));
    }
    let field = match field.map(|v| v.to_str()) {
        Some(Ok(text)) => Some(text),
        Some(Err(_)) => return Err(refuse(400, Class::Severe("BadHeader"), "host")),
        None => None,
    };
    let host = match (parts.uri.authority(), field) {
        (Some(authority), field) => {
            if field.is_some_and(|f| !f.eq_ignore_ascii_case(authority.as_str())) {
                if parts.version == Version::HTTP_2 {
                    // RFC 9113 8.3.1: malformed.
                    return Err(refuse(400, Class::Severe("BadHeader"), "host-and-authority"));
                }
                (*class, *close) = (Class::Ambiguous("AmbiguousUri"), true);
            }
            authority.as_str()
        }
        (None, Some(field)) => field,
        // RFC 9112 3.2: 400. HTTP/1.0 had no Host.
        (None, None) if parts.version == Version::HTTP_10 => return Ok(String::new()),
        (None, None) => return Err(refuse(400, Class::Severe("BadHeader"), "no-host")),
    };
    if is_host(host) { Ok(host.to_owned()) } else { Err(refuse(400, Class::Severe("BadHeader"), "host")) }
}

/// RFC 3986's host and port, without userinfo and percent signs.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[') {
        Some(v6) => match v6.split_once(']') {
            Some((v6, rest)) if v6.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", rest),
            _ => return false,
        },
        None => text.split_once(':').map_or((text, ""), |(name, _)| (name, &text[name.len()..])),
    };
    let name_ok = !name.is_empty()
        && name.len() <= 255
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+;=".contains(&b));
    let port_ok = port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.is_empty() || p.parse::<u16>().is_ok());
    name_ok && port_ok
}

/// Names that some server may take for a length or an encoding (`content_length`, `transfer.encoding`).
fn is_suspicious(name: &str) -> bool {
    // Real ones have 14 and 17 characters; this is asked for every header.
    if !matches!(name.len(), 13..=19) || name == "content-length" || name == "transfer-encoding" {
        return false;
    }
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    plain == "contentlength" || plain == "transferencoding"
}

/// The host without its port.
pub fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(at) if !host[at..].contains(']') => &host[..at],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn parts(method: &str, uri: &str, version: Version, headers: &[(&str, &str)]) -> Parts {
        let mut b = Request::builder().method(method).uri(uri).version(version);
        for (n, v) in headers {
            b = b.header(*n, *v);
        }
        b.body(()).unwrap().into_parts().0
    }

    #[test]
    fn verdicts() {
        let long = "x".repeat(LINE_BYTES_MAX);
        let many = vec!["1.1.1.1"; 31].join(",");
        let v1 = Version::HTTP_11;
        let ok = Some((Class::Compliant, false));
        let ambiguous = |why| Some((Class::Ambiguous(why), true));
        for (name, given, forward, status) in [
            ("plain", parts("GET", "/", v1, &[("host", "a")]), ok, 0),
            ("host with port", parts("GET", "/", v1, &[("host", "a.b-c:8080")]), ok, 0),
            ("v6 host", parts("GET", "/", v1, &[("host", "[::1]:80")]), ok, 0),
            ("no host", parts("GET", "/", v1, &[]), None, 400),
            ("no host, 1.0", parts("GET", "/", Version::HTTP_10, &[]), ok, 0),
            ("two hosts", parts("GET", "/", v1, &[("host", "a"), ("host", "a")]), None, 400),
            ("empty host", parts("GET", "/", v1, &[("host", "")]), None, 400),
            ("host with a path", parts("GET", "/", v1, &[("host", "a/b")]), None, 400),
            ("host with a user", parts("GET", "/", v1, &[("host", "u@a")]), None, 400),
            ("host list", parts("GET", "/", v1, &[("host", "a, b")]), None, 400),
            ("bad port", parts("GET", "/", v1, &[("host", "a:99999")]), None, 400),
            ("absolute target", parts("GET", "http://a/x", v1, &[("host", "a")]), ok, 0),
            ("absolute target, other host", parts("GET", "http://a/x", v1, &[("host", "b")]), ambiguous("AmbiguousUri"), 0),
            ("authority and host", parts("GET", "http://a/x", Version::HTTP_2, &[("host", "b")]), None, 400),
            ("connect", parts("CONNECT", "a:1", v1, &[("host", "a")]), None, 400),
            ("trace", parts("TRACE", "/", v1, &[("host", "a")]), None, 405),
            ("chunked", parts("POST", "/", v1, &[("host", "a"), ("transfer-encoding", "Chunked")]), ok, 0),
            (
                "identity, chunked",
                parts("POST", "/", v1, &[("host", "a"), ("transfer-encoding", "identity, chunked")]),
                None,
                501,
            ),
            ("gzip, chunked", parts("POST", "/", v1, &[("host", "a"), ("transfer-encoding", "gzip, chunked")]), None, 501),
            (
                "chunked twice",
                parts("POST", "/", v1, &[("host", "a"), ("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")]),
                None,
                400,
            ),
            (
                "get with length",
                parts("GET", "/", v1, &[("host", "a"), ("content-length", "3")]),
                ambiguous("UndefinedContentLengthSemantics"),
                0,
            ),
            ("underscore", parts("POST", "/", v1, &[("host", "a"), ("content_length", "3")]), ambiguous("SuspiciousHeader"), 0),
            ("long header", parts("GET", "/", v1, &[("host", "a"), ("x", &long)]), None, 400),
            ("long line", parts("GET", &format!("/{long}"), v1, &[("host", "a")]), None, 414),
            ("forwarded often", parts("GET", "/", v1, &[("host", "a"), ("x-forwarded-for", &many)]), None, 463),
        ] {
            let mut given = given;
            match (inspect(&mut given, 100, DesyncMitigation::Defensive), forward) {
                (Seen::Forward { class, close, .. }, Some(expected)) => assert_eq!((class, close), expected, "{name}"),
                (Seen::Refuse { status: got, .. }, None) => assert_eq!(got.as_u16(), status, "{name}"),
                (seen, _) => panic!("{name}: {seen:?}"),
            }
            assert!(!given.headers.contains_key("content_length"), "{name}");
        }
        assert_eq!(
            [without_port("a:1"), without_port("a"), without_port("[::1]:8"), without_port("[::1]")],
            ["a", "a", "[::1]", "[::1]"]
        );
    }
}
