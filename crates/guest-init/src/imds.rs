//! A client of the instance metadata service, version 2 (token first), over plain HTTP/1.1.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::time::{Duration, Instant};

const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(169, 254, 169, 254), 80);
const ANSWER_BYTES_MAX: u64 = 1 << 20;
const TIMEOUT: Duration = Duration::from_secs(2);

pub struct Imds {
    token: String,
}

impl Imds {
    /// Gets a session token, retrying for `patience`: the card may just be restarting.
    pub fn connect(patience: Duration) -> io::Result<Self> {
        let deadline = Instant::now() + patience;
        let mut pause = Duration::from_millis(50);
        loop {
            let header = ("X-aws-ec2-metadata-token-ttl-seconds", "21600");
            match request("PUT", "/latest/api/token", header) {
                Ok((200, body)) => {
                    let token = String::from_utf8_lossy(&body).trim().to_owned();
                    return Ok(Self { token });
                }
                Ok((status, _)) if Instant::now() > deadline => return Err(io::Error::other(format!("token: HTTP {status}"))),
                Err(e) if Instant::now() > deadline => return Err(e),
                _ => {}
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// The value at `/latest/<path>`; `None` when the instance has no such value.
    pub fn get(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let mut result = Err(io::ErrorKind::TimedOut.into());
        for _ in 0..3 {
            result = match request("GET", &format!("/latest/{path}"), ("X-aws-ec2-metadata-token", &self.token)) {
                Ok((200, body)) => return Ok(Some(body)),
                Ok((404, _)) => return Ok(None),
                Ok((status, _)) => Err(io::Error::other(format!("{path}: HTTP {status}"))),
                Err(e) => Err(e),
            };
        }
        result
    }

    pub fn get_text(&self, path: &str) -> Option<String> {
        let body = self.get(path).ok()??;
        Some(String::from_utf8(body).ok()?.trim().to_owned()).filter(|s| !s.is_empty())
    }
}

fn request(method: &str, path: &str, header: (&str, &str)) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect_timeout(&SERVER.into(), TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let (name, value) = header;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\n{name}: {value}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        SERVER.ip()
    );
    stream.write_all(head.as_bytes())?;
    let mut answer = Vec::new();
    let mut chunk = [0u8; 4096];
    loop {
        // A server that keeps the connection open is as good as one that closes it: stop at the end of the body.
        if let Some(whole) = parse(&answer)? {
            return Ok(whole);
        }
        let len = stream.read(&mut chunk)?;
        if len == 0 || (answer.len() + len) as u64 > ANSWER_BYTES_MAX {
            return finish(&answer);
        }
        answer.extend_from_slice(&chunk[..len]);
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// Status, declared length of the body, and the body so far.
type Parts<'a> = (u16, Option<usize>, &'a [u8]);

/// `None` while the head is incomplete.
fn split(answer: &[u8]) -> io::Result<Option<Parts<'_>>> {
    let Some(end) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&answer[..end]).map_err(|_| bad("head is not text"))?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|l| l.split(' ').nth(1)).and_then(|s| s.parse().ok()).ok_or_else(|| bad("no status"))?;
    let length = lines
        .filter_map(|l| l.split_once(':'))
        .find(|(n, _)| n.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, v)| v.trim().parse().ok());
    Ok(Some((status, length, &answer[end + 4..])))
}

fn parse(answer: &[u8]) -> io::Result<Option<(u16, Vec<u8>)>> {
    Ok(match split(answer)? {
        Some((status, Some(length), body)) if body.len() >= length => Some((status, body[..length].to_vec())),
        _ => None,
    })
}

/// The answer when the connection has ended: only one without a declared length is whole.
fn finish(answer: &[u8]) -> io::Result<(u16, Vec<u8>)> {
    match split(answer)? {
        Some((status, None, body)) => Ok((status, body.to_vec())),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_cut_at_their_length() {
        type Row<'a> = (&'a [u8], Option<(u16, &'a [u8])>);
        let rows: [Row; 4] = [
            (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcd", Some((200, b"abc"))),
            (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Some((404, b""))),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", None),
            (b"HTTP/1.1 200 OK\r\nConte", None),
        ];
        for (input, want) in rows {
            assert_eq!(parse(input).unwrap(), want.map(|(s, b)| (s, b.to_vec())));
        }
        assert!(finish(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").is_err());
        assert_eq!(finish(b"HTTP/1.0 200 OK\r\n\r\nabc").unwrap(), (200, b"abc".to_vec()));
        assert!(parse(b"garbage\r\n\r\n").is_err());
    }
}
