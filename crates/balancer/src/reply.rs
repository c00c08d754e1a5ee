//! What the balancer answers itself: redirects, fixed responses, error pages.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER, SERVER};
use hyper::{Response, StatusCode};

/// As AWS's balancer signs its own answers.
const SERVER_NAME: HeaderValue = HeaderValue::from_static("awselb/2.0");

/// A part of a redirect's text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Protocol,
    Host,
    Port,
    Path,
    Query,
}

#[derive(Debug, Clone)]
pub struct Redirect {
    status: StatusCode,
    protocol: Vec<Piece>,
    host: Vec<Piece>,
    port: Vec<Piece>,
    path: Vec<Piece>,
    query: Vec<Piece>,
}

/// The parts of a request that a redirect may keep.
#[derive(Debug, Clone, Copy)]
pub struct Original<'a> {
    /// `HTTP` or `HTTPS`
    pub protocol: &'a str,
    pub host: &'a str,
    pub port: u16,
    /// With the leading `/`.
    pub path: &'a str,
    pub query: &'a str,
}

impl Redirect {
    /// `parts`: protocol, host, port, path, query.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn compile(parts: [Option<&str>; 5], status: u16) -> Result<Self, String> {
        let defaults = ["#{protocol}", "#{host}", "#{port}", "/#{path}", "#{query}"];
        let texts: [&str; 5] = std::array::from_fn(|i| parts[i].unwrap_or(defaults[i]));
        if texts[..4] == defaults[..4] && texts[4] == defaults[4] {
            return Err("a redirect changes the protocol, host, port, path or query, or it would go round".to_owned());
        }
        if !matches!(texts[0], "#{protocol}" | "HTTP" | "HTTPS") {
            return Err(format!("a redirect's protocol is HTTP, HTTPS or #{{protocol}}, not \"{}\"", texts[0]));
        }
        if texts[2] != "#{port}" && !texts[2].parse::<u16>().is_ok_and(|p| p > 0) {
            return Err(format!("a redirect's port is 1 to 65535 or #{{port}}, not \"{}\"", texts[2]));
        }
        if !texts[3].starts_with('/') {
            return Err("a redirect's path begins with /".to_owned());
        }
        if texts.iter().any(|t| t.len() > 128 || t.bytes().any(|b| !b.is_ascii_graphic())) {
            return Err("a redirect's parts are at most 128 printable characters each".to_owned());
        }
        let status = match status {
            301 => StatusCode::MOVED_PERMANENTLY,
            302 => StatusCode::FOUND,
            other => return Err(format!("a redirect's status is 301 or 302, not {other}")),
        };
        let [protocol, host, port, path, query] = texts.map(pieces);
        Ok(Self { status, protocol: protocol?, host: host?, port: port?, path: path?, query: query? })
    }

    pub fn location(&self, o: &Original<'_>) -> String {
        let protocol = expand(&self.protocol, o).to_ascii_lowercase();
        let mut out = format!("{protocol}://{}:{}{}", expand(&self.host, o), expand(&self.port, o), expand(&self.path, o));
        let query = expand(&self.query, o);
        if !query.is_empty() {
            out.push('?');
            out.push_str(&query);
        }
        out
    }

    pub fn answer(&self, location: &str) -> Response<Bytes> {
        let mut answer = page(self.status);
        match HeaderValue::from_str(location) {
            Ok(value) => {
                answer.headers_mut().insert(LOCATION, value);
                answer
            }
            Err(_) => page(StatusCode::BAD_REQUEST),
        }
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("#{") {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            out.push(Piece::Text(before.to_owned()));
        }
        let (name, after) = from[2..].split_once('}').ok_or_else(|| format!("\"{text}\": a keyword has no end"))?;
        out.push(match name {
            "protocol" => Piece::Protocol,
            "host" => Piece::Host,
            "port" => Piece::Port,
            "path" => Piece::Path,
            "query" => Piece::Query,
            other => return Err(format!("\"#{{{other}}}\" is no keyword")),
        });
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest.to_owned()));
    }
    Ok(out)
}

fn expand(pieces: &[Piece], o: &Original<'_>) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Protocol => out.push_str(o.protocol),
            Piece::Host => out.push_str(o.host),
            Piece::Port => out.push_str(&o.port.to_string()),
            Piece::Path => out.push_str(o.path.strip_prefix('/').unwrap_or(o.path)),
            Piece::Query => out.push_str(o.query),
        }
    }
    out
}

#[derive(Debug, Clone)]
pub struct Fixed {
    status: StatusCode,
    content_type: Option<HeaderValue>,
    body: Bytes,
}

impl Fixed {
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn compile(status: u16, content_type: Option<&str>, body: Option<&str>) -> Result<Self, String> {
        if !matches!(status / 100, 2 | 4 | 5) {
            return Err(format!("a fixed response's status is 2xx, 4xx or 5xx, not {status}"));
        }
        let types = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
        let content_type = match content_type {
            Some(t) if types.contains(&t) => HeaderValue::from_str(t).ok(),
            Some(t) => return Err(format!("\"{t}\" is no content type of a fixed response")),
            None => None,
        };
        let body = body.unwrap_or_default();
        if body.len() > 1024 {
            return Err(format!("a fixed response's body has at most 1024 bytes, not {}", body.len()));
        }
        let status = StatusCode::from_u16(status).map_err(|e| e.to_string())?;
        Ok(Self { status, content_type, body: Bytes::copy_from_slice(body.as_bytes()) })
    }

    pub fn answer(&self) -> Response<Bytes> {
        let mut answer = Response::new(self.body.clone());
        *answer.status_mut() = self.status;
        answer.headers_mut().insert(SERVER, SERVER_NAME);
        if let Some(t) = &self.content_type {
            answer.headers_mut().insert(CONTENT_TYPE, t.clone());
        }
        answer
    }
}

/// An error page in AWS's form.
pub fn page(status: StatusCode) -> Response<Bytes> {
    let title = match status.as_u16() {
        463 => "463".to_owned(),
        464 => "464".to_owned(),
        503 => "503 Service Temporarily Unavailable".to_owned(),
        504 => "504 Gateway Time-out".to_owned(),
        _ => status.to_string(),
    };
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(SERVER, SERVER_NAME);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    answer
}

/// 503 that says when to come again.
pub fn busy(retry_after_seconds: u32) -> Response<Bytes> {
    let mut answer = page(StatusCode::SERVICE_UNAVAILABLE);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after_seconds));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGINAL: Original<'_> = Original { protocol: "HTTP", host: "a.example", port: 80, path: "/x/y", query: "q=1" };

    #[test]
    fn locations() {
        for (name, parts, expected) in [
            ("to https", [Some("HTTPS"), None, Some("443"), None, None], "https://a.example:443/x/y?q=1"),
            (
                "all of it",
                [None, Some("b.#{host}"), None, Some("/n/#{path}"), Some("old=#{port}")],
                "http://b.a.example:80/n/x/y?old=80",
            ),
            ("no query", [None, None, None, None, Some("")], "http://a.example:80/x/y"),
        ] {
            assert_eq!(Redirect::compile(parts, 301).unwrap().location(&ORIGINAL), expected, "{name}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (parts, status) in [
            ([None; 5], 301),
            ([Some("ftp"), None, None, None, None], 301),
            ([Some("HTTPS"), None, Some("0"), None, None], 301),
            ([Some("HTTPS"), None, None, Some("x"), None], 301),
            ([Some("HTTPS"), None, None, Some("/#{nothing}"), None], 301),
            ([Some("HTTPS"), None, None, Some("/#{path"), None], 301),
            ([Some("HTTPS"), None, None, Some("/a\r\nb"), None], 301),
            ([Some("HTTPS"), None, None, None, None], 307),
        ] {
            assert!(Redirect::compile(parts, status).is_err(), "{parts:?} {status}");
        }
        assert!(Fixed::compile(301, None, None).is_err() && Fixed::compile(200, Some("x/y"), None).is_err());
        assert!(Fixed::compile(200, None, Some(&"x".repeat(1025))).is_err() && Fixed::compile(404, None, Some("no")).is_ok());
    }
}
