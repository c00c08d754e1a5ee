//! Framing and smuggling: what the target receives is exactly what the rules decided on, whatever bytes came.
//!
//! The target is a reader of its own, stricter than the RFCs: it takes nothing on trust, so what it cannot read is a finding.

mod cases;
#[path = "../common/mod.rs"]
mod common;

use cases::CASES;
use common::*;
use proptest::prelude::*;
use serde_json::json;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Requests as the strict target read them, or what it could not read.
type Seen = Rc<RefCell<Vec<Result<String, String>>>>;

async fn strict_target() -> (SocketAddr, Seen) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, seen) = (listener.local_addr().unwrap(), Seen::default());
    let all = seen.clone();
    tokio::task::spawn_local(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let seen = all.clone();
            tokio::task::spawn_local(async move {
                let mut connection = Connection { stream, buffer: Vec::new() };
                // An end in the middle is no request: the balancer broke it off.
                while let Some(read) = connection.request().await {
                    let failed = read.is_err();
                    seen.borrow_mut().push(read);
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                    if failed || connection.stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, seen)
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// At least so many bytes; None: the end.
    async fn fill(&mut self, enough: impl Fn(&[u8]) -> Option<usize>) -> Option<usize> {
        loop {
            if let Some(n) = enough(&self.buffer) {
                return Some(n);
            }
            let mut more = [0; 4096];
            match self.stream.read(&mut more).await {
                Ok(n) if n > 0 => self.buffer.extend_from_slice(&more[..n]),
                _ => return None,
            }
        }
    }

    async fn line(&mut self) -> Option<String> {
        let at = self.fill(|b| b.windows(2).position(|w| w == b"\r\n")).await?;
        let line: Vec<u8> = self.buffer.drain(..at + 2).collect();
        Some(String::from_utf8_lossy(&line[..at]).into_owned())
    }

    async fn bytes(&mut self, n: usize) -> Option<Vec<u8>> {
        self.fill(|b| (b.len() >= n).then_some(n)).await?;
        Some(self.buffer.drain(..n).collect())
    }

    async fn request(&mut self) -> Option<Result<String, String>> {
        let start = self.line().await?;
        let mut fields: Vec<(String, String)> = Vec::new();
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(": ") else { return Some(Err(format!("{start}: field {line:?}"))) };
            if line.contains(['\n', '\r', '\0'])
                || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_!#$%&'*+.^`|~".contains(&b))
            {
                return Some(Err(format!("{start}: field {line:?}")));
            }
            fields.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let all = |name: &str| fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect::<Vec<_>>();
        let parts: Vec<&str> = start.split(' ').collect();
        let (hosts, lengths, encodings) = (all("host"), all("content-length"), all("transfer-encoding"));
        let hop = ["connection", "keep-alive", "upgrade", "te", "expect", "http2-settings", "proxy-connection"];
        let odd = parts.len() != 3
            || parts[2] != "HTTP/1.1"
            || hosts.len() != 1
            || lengths.len() + encodings.len() > 1
            || fields.iter().any(|(n, _)| {
                hop.contains(&n.as_str()) || ["contentlength", "transferencoding"].contains(&n.replace(['_', '.'], "").as_str())
            });
        if odd {
            return Some(Err(format!("{start}: {fields:?}")));
        }
        let body = match (lengths.first(), encodings.first()) {
            (Some(n), _) => match n.parse() {
                Ok(n) => self.bytes(n).await?,
                Err(_) => return Some(Err(format!("{start}: length {n:?}"))),
            },
            (None, Some(&"chunked")) => match self.chunks().await? {
                Ok(body) => body,
                Err(e) => return Some(Err(format!("{start}: {e}"))),
            },
            (None, Some(e)) => return Some(Err(format!("{start}: encoding {e:?}"))),
            (None, None) => Vec::new(),
        };
        Some(Ok(format!("{} {} {} {}", parts[0], parts[1], hosts[0], String::from_utf8_lossy(&body))))
    }

    async fn chunks(&mut self) -> Option<Result<Vec<u8>, String>> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let Ok(size) = usize::from_str_radix(&line, 16) else { return Some(Err(format!("chunk size {line:?}"))) };
            if size == 0 {
                let end = self.line().await?;
                return Some(if end.is_empty() { Ok(body) } else { Err(format!("trailer {end:?}")) });
            }
            body.extend(self.bytes(size).await?);
            if self.bytes(2).await? != b"\r\n" {
                return Some(Err("chunk without its end".to_owned()));
            }
        }
    }
}

fn guarded(target: SocketAddr) -> serde_json::Value {
    let mut d = document(vec![json!({"id": "1", "address": "127.0.0.1", "port": target.port()})]);
    d["target_groups"][0]["health_check"]["enabled"] = json!(false);
    d["target_groups"][0]["resilience"] = json!({"response_retries": 0, "breaker_requests_min": 100000});
    d["listeners"][0]["rules"] = json!([{"arn": "r", "priority": 1, "conditions": [{"field": "path-pattern", "values": ["/admin*"]}],
        "action": {"type": "fixed-response", "status": 403}}]);
    d
}

/// Statuses of the answers in a connection's bytes.
fn statuses(bytes: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(bytes);
    text.match_indices("HTTP/1.").map(|(i, _)| text[i + 9..i + 12].parse().unwrap()).collect()
}

#[test]
fn every_case() {
    run(async {
        let (target, seen) = strict_target().await;
        let (balancer, address) = start(&guarded(target));
        let mut findings = Vec::new();
        for case in CASES {
            seen.borrow_mut().clear();
            let answer = raw(address, case.bytes.as_bytes(), Duration::from_millis(150)).await;
            let mut got = statuses(&answer);
            if got.is_empty() {
                got.push(0);
            }
            let reached: Vec<String> =
                seen.borrow().iter().map(|s| s.clone().unwrap_or_else(|e| format!("UNREADABLE {e}"))).collect();
            // A body that turned out to be no body: the connection ends, with or without word of it.
            let broken_off = case.client == [0] && got.iter().all(|s| matches!(s, 0 | 400 | 408 | 502));
            if !(got == case.client || broken_off) || reached != case.target {
                findings.push(format!(
                    "{}: client {got:?} for {:?}, target {reached:?} for {:?}",
                    case.name, case.client, case.target
                ));
            }
        }
        assert!(CASES.len() >= 100, "{} cases", CASES.len());
        assert!(
            findings.is_empty(),
            "{}\n{} of {} cases; {:?}",
            findings.join("\n"),
            findings.len(),
            CASES.len(),
            balancer.status().counters
        );
    });
}

/// Pieces that requests, good and bad, are made of.
const PIECES: &[&str] = &[
    "GET / HTTP/1.1\r\n",
    "POST /p HTTP/1.1\r\n",
    "GET /admin HTTP/1.1\r\n",
    "Host: a\r\n",
    "Host: a\r\n\r\n",
    "\r\n",
    "\n",
    "\r",
    " ",
    "Content-Length: 5\r\n",
    "Content-Length: 40\r\n",
    "Content-Length: 0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding:\tchunked\r\n",
    "transfer_encoding: chunked\r\n",
    "hello",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "5;x\r\nhello\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive, content-length\r\n",
    "Upgrade: h2c\r\n",
    "Expect: 100-continue\r\n",
    "X: \u{0}\r\n",
    "X: 1\r\n",
    " folded\r\n",
    "HTTP/1.0\r\n",
    "x",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    /// Whatever is put together: the target reads whole requests, none for /admin, and no more than the client got answers for.
    #[test]
    fn any_bytes(parts in proptest::collection::vec(proptest::collection::vec(0..PIECES.len(), 1..14), 8)) {
        run(async move {
            let (target, seen) = strict_target().await;
            let (_balancer, address) = start(&guarded(target));
            for part in parts {
                seen.borrow_mut().clear();
                let bytes: String = part.iter().map(|i| PIECES[*i]).collect();
                let answer = raw(address, bytes.as_bytes(), Duration::from_millis(10)).await;
                for read in seen.borrow().iter() {
                    match read {
                        Ok(request) => assert!(!request.contains(" /admin "), "{bytes:?} -> {request}"),
                        Err(e) => panic!("{bytes:?} -> {e}"),
                    }
                }
                let answers = statuses(&answer).len();
                assert!(seen.borrow().len() <= answers + 1, "{bytes:?}: {:?} for {answers} answers", seen.borrow());
            }
        });
    }
}
