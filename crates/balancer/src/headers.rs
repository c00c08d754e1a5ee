//! What is taken from and put into the headers between a client and a target.
//!
//! Hop-by-hop fields end here (RFC 9110 7.6.1): those of a list, and those that `Connection` names. Forwarding fields are
//! put in after that, so that a client cannot have them removed.

use crate::rules::Facts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use hyper::Version;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use platform::Rng;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use wire::balancer::{Attributes, XffMode};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
pub const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const TLS_VERSION: HeaderName = HeaderName::from_static("x-amzn-tls-version");
const TLS_CIPHER: HeaderName = HeaderName::from_static("x-amzn-tls-cipher-suite");

/// `expect`: hyper has answered 100 to the client itself.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::EXPECT,
    HeaderName::from_static("http2-settings"),
];

/// Removes what was meant for this hop. `TE: trailers` stays where the client could mean it, for gRPC needs it.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if let Some(named) = headers.get(header::CONNECTION) {
        // The usual ones name fields that are removed anyway.
        let usual = [&b"keep-alive"[..], b"close", b"upgrade", b"Upgrade", b"Keep-Alive", b"Close"].contains(&named.as_bytes());
        if !usual || headers.get_all(header::CONNECTION).iter().nth(1).is_some() {
            let values: Vec<HeaderValue> = headers.get_all(header::CONNECTION).iter().cloned().collect();
            for name in values.iter().flat_map(|v| v.as_bytes().split(|b| *b == b',')) {
                let Ok(name) = HeaderName::from_bytes(name.trim_ascii()) else { continue };
                // Framing and routing were read already; who sends them stays bound to them.
                if ![header::HOST, header::CONTENT_LENGTH].contains(&name) && name != header::TE {
                    headers.remove(name);
                }
            }
        }
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
    if let Some(te) = headers.get(header::TE) {
        let trailers = te.as_bytes().split(|b| *b == b',').any(|t| t.trim_ascii().eq_ignore_ascii_case(b"trailers"));
        headers.remove(header::TE);
        if trailers {
            headers.insert(header::TE, HeaderValue::from_static("trailers"));
        }
    }
}

/// HTTP/2 clients may divide their cookies (RFC 9113 8.2.3); a target gets one field.
pub fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(header::COOKIE).iter().nth(1).is_none() {
        return;
    }
    let joined = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b"; "[..]);
    if let Ok(value) = HeaderValue::from_bytes(&joined) {
        headers.insert(header::COOKIE, value);
    }
}

/// Who asked, by what way.
#[derive(Debug, Clone)]
pub struct Origin {
    pub client: SocketAddr,
    pub local: SocketAddr,
    /// (version, cipher suite) of an HTTPS listener.
    pub tls: Option<(HeaderValue, HeaderValue)>,
    /// Made once a connection: the client's address, and with its port when that is wanted.
    pub address: HeaderValue,
    pub port: HeaderValue,
}

impl Origin {
    pub fn new(client: SocketAddr, local: SocketAddr, tls: Option<(HeaderValue, HeaderValue)>, a: &Attributes) -> Self {
        let client = SocketAddr::new(client.ip().to_canonical(), client.port());
        let text = match (a.xff_client_port, client.ip()) {
            (true, _) => client.to_string(),
            (false, IpAddr::V4(ip)) => ip.to_string(),
            (false, IpAddr::V6(ip)) => ip.to_string(),
        };
        let value = |t: &str| HeaderValue::from_str(t).unwrap_or(HeaderValue::from_static("unknown"));
        Self { client, local, tls, address: value(&text), port: HeaderValue::from(local.port()) }
    }

    /// Puts in what tells a target about its client. Returns the trace id as it is sent on.
    pub fn forward(&self, headers: &mut HeaderMap, a: &Attributes, unix_s: u64, rng: &mut dyn Rng) -> HeaderValue {
        match a.xff_header_processing {
            XffMode::Append => {
                let value = match headers.get(FOR) {
                    None => self.address.clone(),
                    Some(_) => {
                        let all = headers.get_all(FOR).iter().chain(std::iter::once(&self.address));
                        let all = all.map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b", "[..]);
                        HeaderValue::from_bytes(&all).unwrap_or_else(|_| self.address.clone())
                    }
                };
                headers.insert(FOR, value);
            }
            XffMode::Preserve => {}
            XffMode::Remove => {
                headers.remove(FOR);
            }
        }
        headers.insert(PROTO, HeaderValue::from_static(if self.tls.is_some() { "https" } else { "http" }));
        headers.insert(PORT, self.port.clone());
        headers.remove(TLS_VERSION);
        headers.remove(TLS_CIPHER);
        if let Some((version, cipher)) = self.tls.as_ref().filter(|_| a.tls_version_and_cipher_headers) {
            headers.insert(TLS_VERSION, version.clone());
            headers.insert(TLS_CIPHER, cipher.clone());
        }
        let id = trace_id(headers.get(TRACE_ID), unix_s, rng);
        headers.insert(TRACE_ID, id.clone());
        id
    }
}

/// AWS: a request without one gets a Root; one with a Root keeps it and gets a Self before it.
fn trace_id(given: Option<&HeaderValue>, unix_s: u64, rng: &mut dyn Rng) -> HeaderValue {
    let given = given.and_then(|v| v.to_str().ok()).filter(|v| v.contains("Root=") && v.len() <= 512);
    let mut text = String::with_capacity(36 + given.map_or(0, str::len));
    let kind = if given.is_some() { "Self" } else { "Root" };
    let _ = write!(text, "{kind}=1-{:08x}-{:08x}{:016x}", unix_s as u32, rng.u64() as u32, rng.u64());
    if let Some(given) = given {
        for part in given.split(';').filter(|p| !p.trim_start().starts_with("Self=")) {
            text.push(';');
            text.push_str(part);
        }
    }
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("-"))
}

/// AWS: names of letters, digits and hyphens only.
pub fn drop_invalid(headers: &mut HeaderMap) {
    let invalid = |n: &&HeaderName| !n.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let names: Vec<HeaderName> = headers.keys().filter(invalid).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// The value of a cookie of a request.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().split_once('=').filter(|(n, _)| *n == name)).map(|(_, v)| v)
}

/// Does an answer set the cookie?
pub fn sets_cookie(headers: &HeaderMap, name: &str) -> bool {
    let set = |v: &HeaderValue| v.to_str().ok().and_then(|v| v.split_once('=')).is_some_and(|(n, _)| n.trim() == name);
    headers.get_all(header::SET_COOKIE).iter().any(set)
}

/// A WebSocket or another upgrade by HTTP/1.1: the protocol asked for.
pub fn upgrade(version: Version, headers: &HeaderMap) -> Option<HeaderValue> {
    let names = headers.get_all(header::CONNECTION).iter().flat_map(|v| v.as_bytes().split(|b| *b == b','));
    let wanted = names.map(<[u8]>::trim_ascii).any(|n| n.eq_ignore_ascii_case(b"upgrade"));
    headers
        .get(header::UPGRADE)
        .filter(|v| wanted && version == Version::HTTP_11 && !v.as_bytes().eq_ignore_ascii_case(b"h2c"))
        .cloned()
}

/// A WebSocket over HTTP/2 (RFC 8441) becomes what it is over HTTP/1.1: a GET that asks for an upgrade. True: it was one.
pub fn bootstrap(parts: &mut hyper::http::request::Parts, rng: &mut dyn Rng) -> bool {
    let protocol = parts.extensions.remove::<hyper::ext::Protocol>();
    let asked = protocol.is_some_and(|p| p.as_str().eq_ignore_ascii_case("websocket"));
    if !asked || parts.version != Version::HTTP_2 || parts.method != hyper::Method::CONNECT {
        return false;
    }
    parts.method = hyper::Method::GET;
    // RFC 6455, 4.1: sixteen bytes; the HTTP/2 client sends none, and is not told the answer to it.
    let nonce = [rng.u64().to_be_bytes(), rng.u64().to_be_bytes()].concat();
    let value = HeaderValue::from_str(&B64.encode(nonce)).unwrap_or(HeaderValue::from_static(""));
    parts.headers.insert(header::SEC_WEBSOCKET_KEY, value);
    true
}

/// Bytes of a head as HTTP/1 text, for the access log.
pub fn text_bytes(headers: &HeaderMap) -> u64 {
    headers.iter().map(|(n, v)| (n.as_str().len() + v.len() + 4) as u64).sum()
}

/// Facts for the rules.
pub fn facts<'a>(uri: &'a hyper::Uri, host: &'a str, method: &'a str, headers: &'a HeaderMap, source: IpAddr) -> Facts<'a> {
    Facts {
        host: crate::inspect::without_port(host),
        path: uri.path(),
        query: uri.query().unwrap_or(""),
        method,
        headers,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::SeededRng;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn hop_by_hop_ends_here() {
        let mut h = HeaderMap::new();
        for (n, v) in [
            ("connection", "keep-alive, X-Secret"),
            ("connection", "x-other , host, content-length"),
            ("x-secret", "1"),
            ("x-other", "1"),
            ("host", "a"),
            ("content-length", "0"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "x"),
            ("upgrade", "h2c"),
            ("http2-settings", "x"),
            ("te", "gzip, Trailers;q=1, trailers"),
            ("x-stays", "1"),
        ] {
            h.append(n, HeaderValue::from_static(v));
        }
        strip_hop_by_hop(&mut h);
        assert_eq!(h, map(&[("host", "a"), ("content-length", "0"), ("te", "trailers"), ("x-stays", "1")]));
    }

    #[test]
    fn forwarding_fields() {
        let (rng, mut a) = (&mut SeededRng::new(1), Attributes::default());
        let origin = Origin::new(([192, 0, 2, 1], 5).into(), ([10, 0, 0, 1], 443).into(), None, &a);
        let mut h = map(&[("x-forwarded-for", "9.9.9.9"), ("x-amzn-tls-version", "forged"), ("x-forwarded-proto", "forged")]);
        let id = origin.forward(&mut h, &a, 0x6789_abcd, rng);
        assert_eq!(
            (h[&FOR].to_str().unwrap(), h[&PROTO].to_str().unwrap(), h[&PORT].to_str().unwrap()),
            ("9.9.9.9, 192.0.2.1", "http", "443")
        );
        assert!(!h.contains_key(TLS_VERSION) && id.to_str().unwrap().starts_with("Root=1-6789abcd-") && id.len() == 40, "{id:?}");
        let mut h = map(&[("x-amzn-trace-id", "Root=1-2-3;Self=1-4-5;Sampled=1")]);
        let id = origin.forward(&mut h, &a, 1, rng);
        assert!(
            id.to_str().unwrap().ends_with(";Root=1-2-3;Sampled=1") && id.to_str().unwrap().starts_with("Self=1-00000001-"),
            "{id:?}"
        );
        a.xff_header_processing = XffMode::Remove;
        let mut h = map(&[("x-forwarded-for", "9.9.9.9")]);
        origin.forward(&mut h, &a, 1, rng);
        assert!(!h.contains_key(FOR));
    }

    #[test]
    fn cookies() {
        let mut h = HeaderMap::new();
        h.append("cookie", HeaderValue::from_static("a=1; AWSALB=x"));
        h.append("cookie", HeaderValue::from_static("b=2"));
        join_cookies(&mut h);
        assert_eq!(
            (cookie(&h, "AWSALB"), cookie(&h, "b"), cookie(&h, "c"), h.get_all("cookie").iter().count()),
            (Some("x"), Some("2"), None, 1)
        );
        assert!(
            sets_cookie(&map(&[("set-cookie", "app=1; Path=/")]), "app") && !sets_cookie(&map(&[("set-cookie", "ap=1")]), "app")
        );
    }
}
