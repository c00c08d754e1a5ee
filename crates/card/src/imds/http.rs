//! As much HTTP/1.1 (RFC 9112) as a metadata service needs: request heads of bounded size, small bodies that are
//! skipped, keep-alive and pipelining. Pure; a fuzz target.

/// A head longer than this is refused (431). EC2 tokens and cloud-init's headers are far below.
pub const HEAD_BYTES_MAX: usize = 8192;
/// No request has a meaningful body.
const BODY_BYTES_MAX: usize = 1024;
const HEADERS_MAX: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Put,
    Other,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Request<'a> {
    pub method: Method,
    /// With the query, without scheme and authority.
    pub path: &'a str,
    pub keep_alive: bool,
    /// X-aws-ec2-metadata-token
    pub token: Option<&'a str>,
    /// X-aws-ec2-metadata-token-ttl-seconds
    pub token_ttl: Option<&'a str>,
    pub forwarded_for: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Parsed<'a> {
    /// The rest has not come yet.
    Incomplete,
    Request {
        request: Request<'a>,
        /// Head and body: where the next request begins.
        consumed: usize,
    },
    /// To be answered with this status and a closed connection.
    Refused(u16),
}

pub fn parse(bytes: &[u8]) -> Parsed<'_> {
    let window = &bytes[..bytes.len().min(HEAD_BYTES_MAX)];
    let Some(end) = window.windows(4).position(|w| w == b"\r\n\r\n") else {
        return if bytes.len() >= HEAD_BYTES_MAX { Parsed::Refused(431) } else { Parsed::Incomplete };
    };
    let Ok(head) = std::str::from_utf8(&bytes[..end]) else { return Parsed::Refused(400) };
    match parse_head(head) {
        Err(status) => Parsed::Refused(status),
        Ok((_, body)) if bytes.len() < end + 4 + body => Parsed::Incomplete,
        Ok((request, body)) => Parsed::Request { request, consumed: end + 4 + body },
    }
}

/// The request and its body's length.
fn parse_head(head: &str) -> Result<(Request<'_>, usize), u16> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return Err(400);
    };
    let keep_alive_default = match version {
        "HTTP/1.1" => true,
        "HTTP/1.0" => false,
        _ => return Err(505),
    };
    let path = match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |i| &rest[i..]),
        None => target,
    };
    if !path.starts_with('/') || path.bytes().any(|b| b.is_ascii_control()) {
        return Err(400);
    }
    let method = match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "PUT" => Method::Put,
        m if !m.is_empty() && m.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') => Method::Other,
        _ => return Err(400),
    };
    let mut r = Request { method, path, keep_alive: keep_alive_default, token: None, token_ttl: None, forwarded_for: false };
    let mut body = None;
    for (n, line) in lines.enumerate() {
        // A name with a blank in it (or before the colon) is how requests are smuggled.
        let (name, value) = line.split_once(':').filter(|(n, _)| !n.is_empty() && !n.contains([' ', '\t'])).ok_or(400u16)?;
        if n >= HEADERS_MAX {
            return Err(431);
        }
        let value = value.trim_matches([' ', '\t']);
        let once = |slot: &mut Option<&_>| slot.is_some().then_some(400u16).map_or(Ok(()), Err);
        match name.to_ascii_lowercase().as_str() {
            "x-aws-ec2-metadata-token" => {
                once(&mut r.token)?;
                r.token = Some(value);
            }
            "x-aws-ec2-metadata-token-ttl-seconds" => {
                once(&mut r.token_ttl)?;
                r.token_ttl = Some(value);
            }
            "x-forwarded-for" => r.forwarded_for = true,
            "connection" if value.eq_ignore_ascii_case("close") => r.keep_alive = false,
            "connection" if value.eq_ignore_ascii_case("keep-alive") => r.keep_alive = true,
            "content-length" => {
                let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                let length = value.parse::<usize>().ok().filter(|_| digits).ok_or(400u16)?;
                if length > BODY_BYTES_MAX {
                    return Err(413);
                }
                if body.replace(length).is_some_and(|before| before != length) {
                    return Err(400);
                }
            }
            "transfer-encoding" => return Err(501),
            _ => {}
        }
    }
    Ok((r, body.unwrap_or(0)))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub body: Vec<u8>,
    /// For the token's own answer: its lifetime, and the hop limit of the packets that carry it.
    pub token: Option<(u32, u8)>,
}

impl Response {
    pub fn ok(body: Vec<u8>) -> Self {
        Self { status: 200, body, token: None }
    }

    pub fn token(token: String, ttl_seconds: u32, hop_limit: u8) -> Self {
        Self { status: 200, body: token.into_bytes(), token: Some((ttl_seconds, hop_limit)) }
    }

    /// The body is a page like EC2's: tools show its title.
    pub fn error(status: u16) -> Self {
        let reason = reason(status);
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\">\n <head>\n  \
             <title>{status} - {reason}</title>\n </head>\n <body>\n  <h1>{status} - {reason}</h1>\n </body>\n</html>\n"
        );
        Self { status, body: body.into_bytes(), token: None }
    }

    pub fn encode(&self, keep_alive: bool, with_body: bool) -> Vec<u8> {
        let kind = if self.status == 200 { "text/plain" } else { "text/html" };
        let connection = if keep_alive { "keep-alive" } else { "close" };
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nServer: EC2ws\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: {connection}\r\n",
            self.status,
            reason(self.status),
            self.body.len()
        );
        if let Some((ttl, _)) = self.token {
            head.push_str(&format!("X-Aws-Ec2-Metadata-Token-Ttl-Seconds: {ttl}\r\n"));
        }
        head.push_str("\r\n");
        let mut out = head.into_bytes();
        if with_body {
            out.extend_from_slice(&self.body);
        }
        out
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn heads_are_read_or_refused() {
        let full = b"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-AWS-EC2-Metadata-Token-TTL-Seconds:  60 \r\nContent-Length: 2\r\n\r\nabGET";
        let Parsed::Request { request, consumed } = parse(full) else { panic!() };
        assert_eq!((request.method, request.path, request.token_ttl), (Method::Put, "/latest/api/token", Some("60")));
        assert_eq!(&full[consumed..], b"GET");
        for cut in 0..full.len() - 3 {
            assert_eq!(parse(&full[..cut]), Parsed::Incomplete, "{cut}");
        }
        let Parsed::Request { request, .. } = parse(b"GET http://169.254.169.254/latest HTTP/1.0\r\n\r\n") else { panic!() };
        assert_eq!((request.path, request.keep_alive), ("/latest", false));
        for (status, bad) in [
            (400, "GET  / HTTP/1.1\r\n\r\n"),
            (400, "GET latest HTTP/1.1\r\n\r\n"),
            (505, "GET / HTTP/2.0\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nA : b\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nfolded\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            (413, "GET / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n"),
            (501, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nX-aws-ec2-metadata-token: a\r\nX-aws-ec2-metadata-token: b\r\n\r\n"),
        ] {
            assert_eq!(parse(bad.as_bytes()), Parsed::Refused(status), "{bad}");
        }
        assert_eq!(parse(&[b'a'; HEAD_BYTES_MAX]), Parsed::Refused(431));
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
            let _ = parse(&[b"GET / HTTP/1.1\r\n", &bytes[..], b"\r\n\r\n"].concat());
        }
    }
}
