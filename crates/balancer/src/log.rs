//! The access log: a line in AWS's format for each request, written when its answer has ended.
//!
//! Lines are gathered and appended once a second or at 64 KiB, off the request's way; when the disk cannot follow, lines
//! beyond 8 MiB are dropped and counted. <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html>

use crate::body::Upload;
use crate::conn::ConnState;
use crate::inspect::Class;
use crate::state::Shared;
use hyper::header::HeaderValue;
use hyper::{Method, Uri, Version};
use std::cell::{Cell, RefCell};
use std::fmt::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

const FLUSH_BYTES: usize = 64 << 10;
const HELD_BYTES_MAX: usize = 8 << 20;

/// Lines that wait to be written.
#[derive(Debug, Default)]
pub struct AccessLog {
    lines: RefCell<String>,
    full: Notify,
    pub lost: Cell<u64>,
}

impl AccessLog {
    fn push(&self, write: impl FnOnce(&mut String) -> fmt::Result) {
        let mut lines = self.lines.borrow_mut();
        if lines.len() > HELD_BYTES_MAX {
            self.lost.set(self.lost.get() + 1);
            return;
        }
        let before = lines.len();
        let _ = write(&mut lines);
        if before < FLUSH_BYTES && lines.len() >= FLUSH_BYTES {
            self.full.notify_one();
        }
    }

    /// Appends what has gathered, for ever. `path`: where to, now.
    pub async fn keep_writing(&self, path: impl Fn() -> Option<PathBuf>) {
        loop {
            let _ = tokio::time::timeout(Duration::from_secs(1), self.full.notified()).await;
            self.write_out(path()).await;
        }
    }

    pub async fn write_out(&self, path: Option<PathBuf>) {
        let lines = std::mem::take(&mut *self.lines.borrow_mut());
        let Some(path) = path.filter(|_| !lines.is_empty()) else { return };
        let count = lines.bytes().filter(|b| *b == b'\n').count() as u64;
        let written = tokio::task::spawn_blocking(move || append(&path, lines.as_bytes())).await;
        if !matches!(written, Ok(Ok(()))) {
            self.lost.set(self.lost.get() + count);
            tracing::warn!(lines = count, "access log lines could not be written");
        }
    }
}

fn append(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    std::fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(bytes)
}

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
        writeln!(out, "\"{class}\" \"{why}\"")
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.conn.end();
        if self.shared.snapshot().config.attributes.access_log.is_some() {
            self.shared.log.push(|out| self.line(out));
        }
    }
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
