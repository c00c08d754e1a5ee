//! The lines of the access log, one a request when its answer has ended, and of the connection log, one a connection, in AWS's
//! formats. <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html>,
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html>

use crate::body::Upload;
use crate::conn::ConnState;
use crate::inspect::Class;
use crate::logs;
use crate::mutual::Shown;
use crate::state::Shared;
use hyper::header::HeaderValue;
use hyper::{Method, Uri, Version};
use std::fmt::{self, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

/// What is told of one request. Dropped when the answer has ended, or the client has gone.
#[derive(Debug)]
pub struct Entry {
    pub shared: Rc<Shared>,
    pub conn: Arc<ConnState>,
    pub facts: Rc<ConnFacts>,
    pub started_us: u64,
    pub sent_us: Option<u64>,
    pub answered_us: Option<u64>,
    pub method: Method,
    pub uri: Uri,
    pub host: Option<HeaderValue>,
    pub user_agent: Option<HeaderValue>,
    pub version: Version,
    pub head_bytes: u64,
    pub upload: Option<Rc<Upload>>,
    pub sent_bytes: u64,
    /// What the client got; None: it went away before.
    pub status: Option<u16>,
    pub target: Option<SocketAddr>,
    pub target_status: Option<u16>,
    pub group: Option<Rc<crate::target::Group>>,
    pub trace: Option<HeaderValue>,
    /// None: no rule was asked (-1); Some(0): the default.
    pub priority: Option<u32>,
    pub action: &'static str,
    pub redirect: Option<String>,
    pub error_reason: &'static str,
    pub class: Class,
    pub kind: Kind,
}

/// The request's type, AWS's first field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    WebSocket,
    Grpc,
}

/// What is the same for all requests of a connection.
#[derive(Debug)]
pub struct ConnFacts {
    pub listener: Rc<str>,
    pub origin: crate::headers::Origin,
    /// (suite, version), as AWS writes them.
    pub tls: Option<(String, String)>,
    pub sni: Option<String>,
    pub certificate: Option<String>,
    /// Of a client that was asked for its certificate.
    pub shown: Shown,
    /// In both logs: which requests came by which connection.
    pub trace: u128,
}

impl ConnFacts {
    /// Of one without TLS, or with none yet.
    pub fn plain(listener: Rc<str>, origin: crate::headers::Origin, trace: u128) -> Self {
        Self { listener, origin, tls: None, sni: None, certificate: None, shown: Shown::default(), trace }
    }

    /// The connection log's line. `verified`: what became of the client's certificate.
    pub fn line(&self, out: &mut String, now_ms: u64, handshake_us: u64, verified: &str) -> fmt::Result {
        time(out, now_ms)?;
        write!(out, " {} {} {} ", self.origin.client.ip(), self.origin.client.port(), self.origin.local.port())?;
        match &self.tls {
            Some((suite, version)) => {
                write!(out, "{version} {suite} {}.{:03} ", handshake_us / 1_000_000, handshake_us % 1_000_000 / 1000)?;
            }
            None => out.push_str("- - - "),
        }
        match &self.shown.leaf {
            // RFC 4514 leaves no quotes.
            Some(leaf) => write!(out, "\"{}\" {} {} ", leaf.subject, leaf.validity(), leaf.serial)?,
            None => out.push_str("\"-\" - - "),
        }
        writeln!(out, "{verified} TID_{:032x}", self.trace)
    }
}

impl Entry {
    fn line(&self, out: &mut String) -> fmt::Result {
        let now = self.shared.now();
        let snapshot = self.shared.snapshot();
        let secure = self.facts.tls.is_some();
        let kind = match (self.kind, secure, self.version) {
            (Kind::WebSocket, false, _) => "ws",
            (Kind::WebSocket, true, _) => "wss",
            (Kind::Grpc, true, _) => "grpcs",
            (_, true, Version::HTTP_2) => "h2",
            (_, true, _) => "https",
            (_, false, _) => "http",
        };
        let created_ms = now.unix_ms.saturating_sub(now.us.saturating_sub(self.started_us) / 1000);
        write!(out, "{kind} ")?;
        time(out, now.unix_ms)?;
        write!(out, " {} {} ", snapshot.config.name, self.facts.origin.client)?;
        match self.target {
            Some(t) => write!(out, "{t} ")?,
            None => out.push_str("- "),
        }
        let span = |out: &mut String, from: Option<u64>, to: Option<u64>| match (from, to) {
            (Some(from), Some(to)) => {
                let us = to.saturating_sub(from);
                write!(out, "{}.{:03} ", us / 1_000_000, us % 1_000_000 / 1000)
            }
            _ => out.write_str("-1 "),
        };
        span(out, Some(self.started_us), self.sent_us)?;
        span(out, self.sent_us, self.answered_us)?;
        span(out, self.answered_us, self.answered_us.map(|_| now.us))?;
        write!(out, "{} ", self.status.unwrap_or(460))?;
        match self.target_status {
            Some(s) => write!(out, "{s} ")?,
            None => out.push_str("- "),
        }
        let received = self.head_bytes + self.upload.as_ref().map_or(0, |u| u.bytes.get());
        write!(out, "{received} {} ", self.sent_bytes)?;
        let scheme = if secure { "https" } else { "http" };
        let host = self.host.as_ref().and_then(|h| h.to_str().ok()).unwrap_or("-");
        let host = crate::inspect::without_port(host);
        let version = match self.version {
            Version::HTTP_2 => "HTTP/2.0",
            Version::HTTP_10 => "HTTP/1.0",
            _ => "HTTP/1.1",
        };
        let path = self.uri.path_and_query().map_or("/", |p| p.as_str());
        write!(out, "\"{} {scheme}://", self.method)?;
        quoted(out, host.as_bytes());
        write!(out, ":{}", self.facts.origin.local.port())?;
        quoted(out, path.as_bytes());
        write!(out, " {version}\" \"")?;
        quoted(out, self.user_agent.as_ref().map_or(&b"-"[..], HeaderValue::as_bytes));
        out.push_str("\" ");
        match &self.facts.tls {
            Some((suite, version)) => write!(out, "{suite} {version} ")?,
            None => out.push_str("- - "),
        }
        write!(out, "{} \"", self.group.as_ref().map_or("-", |g| g.spec().arn.as_str()))?;
        quoted(out, self.trace.as_ref().map_or(&b"-"[..], HeaderValue::as_bytes));
        out.push_str("\" \"");
        quoted(out, self.facts.sni.as_deref().unwrap_or("-").as_bytes());
        write!(out, "\" \"{}\" ", self.facts.certificate.as_deref().unwrap_or("-"))?;
        match self.priority {
            Some(p) => write!(out, "{p} ")?,
            None => out.push_str("-1 "),
        }
        time(out, created_ms)?;
        write!(out, " \"{}\" \"", self.action)?;
        quoted(out, self.redirect.as_deref().unwrap_or("-").as_bytes());
        write!(out, "\" \"{}\" ", self.error_reason)?;
        match self.target {
            Some(t) => write!(out, "\"{t}\" ")?,
            None => out.push_str("\"-\" "),
        }
        match self.target_status {
            Some(s) => write!(out, "\"{s}\" ")?,
            None => out.push_str("\"-\" "),
        }
        let (class, why) = self.class.names();
        // The last three are of transforms, which there are none of.
        writeln!(out, "\"{class}\" \"{why}\" TID_{:032x} \"-\" \"-\" \"-\"", self.facts.trace)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.conn.end();
        if logs::wants(logs::Kind::Access, &self.shared.snapshot().config.attributes) {
            self.shared.logs.push(logs::Kind::Access, |out| self.line(out));
        }
    }
}

/// As [`time`].
pub fn stamp(unix_ms: u64) -> String {
    let mut out = String::with_capacity(27);
    let _ = time(&mut out, unix_ms);
    out
}

/// `2018-07-02T22:23:00.186641Z`
fn time(out: &mut String, unix_ms: u64) -> fmt::Result {
    // Civil from days (Hinnant): a line's time must not cost more than the line.
    let (days, ms) = (unix_ms / 86_400_000, unix_ms % 86_400_000);
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    let s = ms / 1000;
    write!(out, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}000Z", s / 3600, s / 60 % 60, s % 60, ms % 1000)
}

/// What a client chose must not end the field, nor the line.
fn quoted(out: &mut String, bytes: &[u8]) {
    if bytes.iter().all(|b| matches!(b, 0x20..=0x7e) && !matches!(b, b'"' | b'\\')) {
        out.push_str(std::str::from_utf8(bytes).unwrap_or("-"));
        return;
    }
    for &b in bytes {
        match b {
            b'"' | b'\\' | 0..0x20 | 0x7f.. => {
                let _ = write!(out, "\\x{b:02x}");
            }
            b => out.push(char::from(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_quotes() {
        for (ms, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000000Z"),
            (1_798_761_599_999, "2026-12-31T23:59:59.999000Z"),
        ] {
            let mut out = String::new();
            time(&mut out, ms).unwrap();
            assert_eq!(out, expected);
        }
        let mut out = String::new();
        quoted(&mut out, b"a\"b\\c\nd\xff");
        assert_eq!(out, r"a\x22b\x5cc\x0ad\xff");
    }
}
