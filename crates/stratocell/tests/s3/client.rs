//! A small S3 client over one kept connection that tells apart what happened, what did not, and what may have.
//!
//! No retries: each call is one request. Blocking, one client a thread.

use aws_protocol::sigv4::{BodyHash, Credentials, HttpRequest, sign};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use types::TimestampMs;

pub const REGION: &str = "us-east-1";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longer than any wait within the gateway.
const REPLY_TIMEOUT: Duration = Duration::from_secs(25);
const HEAD_BYTES_MAX: usize = 64 << 10;

#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone)]
pub enum Failure {
    /// Nothing happened: a status of 4xx or 503, or the request was never sent.
    Refused { status: u16, code: String },
    /// It may have happened, or may still: the connection was lost, or any other 5xx.
    Unknown(String),
}

impl Failure {
    pub fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }

    /// Why there was no success, in a word.
    pub fn cause(&self) -> &str {
        match self {
            Self::Refused { code, .. } | Self::Unknown(code) => code,
        }
    }

    /// Would a client try again?
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status == 0 || *status == 503,
            Self::Unknown(_) => true,
        }
    }
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_default().trim_matches('"').to_owned()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The error's code, or the status where there is no body.
    pub fn code(&self) -> String {
        tag(&self.text(), "Code").unwrap_or_else(|| self.status.to_string())
    }
}

/// What the first `<name>` holds.
pub fn tag(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.replace("&quot;", "\"").replace("&#34;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

/// What each `<name>` holds, in order.
pub fn tags<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0)).collect()
}

pub struct Client {
    port_file: PathBuf,
    who: Credentials,
    connection: Option<BufReader<TcpStream>>,
}

/// A request to be signed: the path and the query as they are before encoding.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a [(&'a str, &'a str)],
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
}

impl Client {
    pub fn new(port_file: PathBuf, access_key: &str, secret_key: &str) -> Self {
        let who = Credentials { access_key: access_key.to_owned(), secret_key: secret_key.to_owned(), session_token: None };
        Self { port_file, who, connection: None }
    }

    /// Another one with a connection of its own.
    pub fn another(&self) -> Self {
        Self { port_file: self.port_file.clone(), who: self.who.clone(), connection: None }
    }

    pub fn address(&self) -> Option<SocketAddr> {
        let port = std::fs::read_to_string(&self.port_file).ok()?.trim().parse().ok()?;
        Some((Ipv4Addr::LOCALHOST, port).into())
    }

    /// The bytes of a signed request: its head. `hash`: of the body, as it is claimed.
    pub fn head(&self, r: Request<'_>, length: usize, hash: BodyHash) -> Vec<u8> {
        let path = encode(r.path, true);
        let query: Vec<String> = r.query.iter().map(|(n, v)| format!("{}={}", encode(n, false), encode(v, false))).collect();
        let query = query.join("&");
        let host = self.address().map_or_else(|| "127.0.0.1".to_owned(), |a| a.to_string());
        let mut headers = vec![("host", host.as_str())];
        headers.extend(r.headers);
        let request = HttpRequest { method: r.method, path: &path, query: &query, headers: &headers };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let added = sign(&request, hash, &self.who, REGION, "s3", TimestampMs(now.as_millis() as u64));
        let mark = if query.is_empty() { "" } else { "?" };
        let mut head = format!("{} {path}{mark}{query} HTTP/1.1\r\n", r.method);
        for (name, value) in headers.iter().copied().chain(added.iter().map(|(n, v)| (*n, v.as_str()))) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "content-length: {length}\r\n\r\n");
        head.into_bytes()
    }

    /// One request, one outcome: any status below 400 is a reply.
    pub fn call(&mut self, r: Request<'_>) -> Result<Reply, Failure> {
        let reply = self.exchange(r)?;
        match reply.status {
            ..400 => Ok(reply),
            400..500 | 503 => Err(Failure::Refused { status: reply.status, code: reply.code() }),
            _ => Err(Failure::Unknown(format!("{} {}", reply.status, reply.code()))),
        }
    }

    /// The reply whatever its status.
    pub fn exchange(&mut self, r: Request<'_>) -> Result<Reply, Failure> {
        let head = self.head(r, r.body.len(), BodyHash::of(r.body));
        self.ensure().map_err(|e| Failure::Refused { status: 0, code: format!("connect: {e}") })?;
        let Some(connection) = &mut self.connection else { return Err(Failure::Unknown("no connection".to_owned())) };
        let outcome = send(connection.get_mut(), &head, r.body).and_then(|()| read_reply(connection, r.method == "HEAD"));
        match outcome {
            Ok((reply, keep)) => {
                if !keep {
                    self.connection = None;
                }
                Ok(reply)
            }
            Err(e) => {
                self.connection = None;
                Err(Failure::Unknown(e.to_string()))
            }
        }
    }

    /// A connection that the other side has not closed.
    fn ensure(&mut self) -> std::io::Result<()> {
        if let Some(c) = &self.connection {
            let stream = c.get_ref();
            stream.set_nonblocking(true)?;
            let closed = !matches!(stream.peek(&mut [0; 1]), Err(e) if e.kind() == ErrorKind::WouldBlock);
            stream.set_nonblocking(false)?;
            if !closed {
                return Ok(());
            }
        }
        self.connection = None;
        let address = self.address().ok_or(ErrorKind::NotConnected)?;
        self.connection = Some(BufReader::new(connect(address)?));
        Ok(())
    }

    // ------------------------------------------------------------------------------------------------ operations

    pub fn get(&mut self, path: &str) -> Result<Reply, Failure> {
        self.call(Request { method: "GET", path, query: &[], headers: &[], body: b"" })
    }

    pub fn put(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Reply, Failure> {
        self.call(Request { method: "PUT", path, query: &[], headers, body })
    }

    pub fn delete(&mut self, path: &str) -> Result<Reply, Failure> {
        self.call(Request { method: "DELETE", path, query: &[], headers: &[], body: b"" })
    }

    pub fn query(&mut self, method: &str, path: &str, query: &[(&str, &str)], body: &[u8]) -> Result<Reply, Failure> {
        self.call(Request { method, path, query, headers: &[], body })
    }

    /// One multipart upload of these parts: its id and the parts' etags, before it is completed.
    pub fn parts(&mut self, path: &str, parts: &[&[u8]]) -> Result<(String, Vec<String>), Failure> {
        let made = self.query("POST", path, &[("uploads", "")], b"")?;
        let id = tag(&made.text(), "UploadId").ok_or_else(|| Failure::Unknown("no upload id".to_owned()))?;
        let mut etags = Vec::new();
        for (n, part) in parts.iter().enumerate() {
            let number = (n + 1).to_string();
            etags.push(self.query("PUT", path, &[("partNumber", &number), ("uploadId", &id)], part)?.etag());
        }
        Ok((id, etags))
    }

    pub fn complete(&mut self, path: &str, upload: &str, etags: &[String], headers: &[(&str, &str)]) -> Result<Reply, Failure> {
        let body = complete_body(etags.iter().enumerate().map(|(n, e)| (n + 1, e.as_str())));
        let query = &[("uploadId", upload)];
        let reply = self.call(Request { method: "POST", path, query, headers, body: body.as_bytes() })?;
        // The status goes out before the work is done; the body has the last word.
        match tag(&reply.text(), "Code") {
            Some(code) if code == "InternalError" => Err(Failure::Unknown(code)),
            Some(code) => Err(Failure::Refused { status: 200, code }),
            None => Ok(reply),
        }
    }

    /// All of a listing, in pages of `page` keys: (key, etag, size).
    pub fn list(&mut self, bucket: &str, prefix: &str, page: u32) -> Result<Vec<(String, String, u64)>, Failure> {
        let (mut all, mut token) = (Vec::new(), None::<String>);
        let (path, page) = (format!("/{bucket}"), page.to_string());
        loop {
            let mut query = vec![("list-type", "2"), ("max-keys", page.as_str()), ("prefix", prefix)];
            query.extend(token.as_deref().map(|t| ("continuation-token", t)));
            let reply = self.query("GET", &path, &query, b"")?.text();
            for entry in tags(&reply, "Contents") {
                let of = |name| tag(entry, name).unwrap_or_default();
                all.push((of("Key"), of("ETag").trim_matches('"').to_owned(), of("Size").parse().unwrap_or(u64::MAX)));
            }
            token = tag(&reply, "NextContinuationToken");
            if token.is_none() {
                return Ok(all);
            }
        }
    }
}

pub fn complete_body<'a>(parts: impl Iterator<Item = (usize, &'a str)>) -> String {
    let mut body = "<CompleteMultipartUpload>".to_owned();
    for (number, etag) in parts {
        let _ = write!(body, "<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    }
    body + "</CompleteMultipartUpload>"
}

pub fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(REPLY_TIMEOUT))?;
    stream.set_write_timeout(Some(REPLY_TIMEOUT))?;
    Ok(stream)
}

fn send(stream: &mut TcpStream, head: &[u8], body: &[u8]) -> std::io::Result<()> {
    let mut all = Vec::with_capacity(head.len() + body.len());
    all.extend_from_slice(head);
    all.extend_from_slice(body);
    stream.write_all(&all)
}

/// A reply, and whether the connection can be used again.
pub fn read_reply(stream: &mut BufReader<TcpStream>, is_head: bool) -> std::io::Result<(Reply, bool)> {
    let bad = |what: &str| std::io::Error::new(ErrorKind::InvalidData, what.to_owned());
    let mut read = 0;
    let mut line = || {
        let mut text = Vec::new();
        if stream.by_ref().take((HEAD_BYTES_MAX - read) as u64).read_until(b'\n', &mut text)? == 0 {
            return Err(std::io::Error::from(ErrorKind::UnexpectedEof));
        }
        read += text.len();
        Ok(String::from_utf8_lossy(&text).trim_end().to_owned())
    };
    let status: u16 = line()?.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| bad("no status"))?;
    let mut headers = Vec::new();
    loop {
        let text = line()?;
        let Some((name, value)) = text.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let of = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let keep = of("connection").is_none_or(|v| !v.eq_ignore_ascii_case("close"));
    let mut body = Vec::new();
    if is_head || status == 204 || status == 304 {
    } else if of("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        loop {
            let mut size = String::new();
            stream.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(|_| bad("no chunk size"))?;
            let at = body.len();
            body.resize(at + size + 2, 0);
            stream.read_exact(&mut body[at..])?;
            body.truncate(at + size);
            if size == 0 {
                break;
            }
        }
    } else {
        let length: usize = of("content-length").and_then(|v| v.parse().ok()).ok_or_else(|| bad("no length"))?;
        body.resize(length, 0);
        stream.read_exact(&mut body)?;
    }
    Ok((Reply { status, headers, body }, keep))
}

fn encode(text: &str, keep_slashes: bool) -> String {
    let mut out = String::new();
    for &b in text.as_bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') || (keep_slashes && b == b'/') {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}
