//! Two ways out for events: a POST to a webhook, and a line in a queue's file.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use platform::disk;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpStream;

/// A queue's file; at this size it becomes `NAME.jsonl.1`, and what was that before is gone.
pub const QUEUE_BYTES_MAX: u64 = 64 << 20;
/// Of an answer that nobody reads.
const ANSWER_BYTES_MAX: usize = 64 << 10;

#[derive(Debug, Clone, Copy)]
pub struct WebhookOptions {
    /// Connection, request and answer.
    pub timeout: Duration,
    pub attempts_max: u32,
    /// Before the second attempt; four times as long each time.
    pub backoff: Duration,
}

impl Default for WebhookOptions {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(5), attempts_max: 5, backoff: Duration::from_millis(200) }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("{0} is no http address")]
    Address(String),
    #[error("it took longer than {0:?}")]
    Late(Duration),
    #[error("it cannot be reached")]
    Connect(#[source] io::Error),
    #[error("the connection failed")]
    Http(#[from] hyper::Error),
    #[error("it answered {0}")]
    Status(u16),
}

/// One attempt. Any 2xx is an acceptance.
pub async fn post(url: &str, body: String, timeout: Duration) -> Result<(), PostError> {
    tokio::time::timeout(timeout, post_now(url, body)).await.unwrap_or(Err(PostError::Late(timeout)))
}

async fn post_now(url: &str, body: String) -> Result<(), PostError> {
    let bad = || PostError::Address(url.to_owned());
    let uri: hyper::Uri = url.parse().map_err(|_| bad())?;
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http")).ok_or_else(bad)?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await.map_err(PostError::Connect)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::task::spawn_local(async move {
        // Its end is told to the sender.
        let _ = connection.await;
    });
    let request = Request::post(uri.path_and_query().map_or("/", |p| p.as_str()))
        .header("host", authority.as_str())
        .header("content-type", "application/json")
        .header("user-agent", "stratocell-s3")
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| bad())?;
    let outcome = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        // Read so that the peer is not cut off within its answer; what it says does not matter.
        let _ = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        if status.is_success() { Ok(()) } else { Err(PostError::Status(status.as_u16())) }
    }
    .await;
    connection.abort();
    outcome
}

/// Appends lines to a queue, durably. True: the file before the last was given up for it. Blocking.
pub fn append(queues: &Path, account: &str, name: &str, lines: &[String]) -> io::Result<bool> {
    append_within(queues, account, name, lines, QUEUE_BYTES_MAX)
}

fn append_within(queues: &Path, account: &str, name: &str, lines: &[String], bytes_max: u64) -> io::Result<bool> {
    let dir = queues.join(account);
    disk::create_private_dir(queues)?;
    disk::create_private_dir(&dir)?;
    let path = dir.join(format!("{name}.jsonl"));
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    let held = std::fs::metadata(&path).map_or(0, |m| m.len());
    let mut lost = false;
    if held > 0 && held + text.len() as u64 > bytes_max {
        let old = dir.join(format!("{name}.jsonl.1"));
        lost = old.exists();
        std::fs::rename(&path, &old)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
    // Behind a line that a crash cut short, begin a new one.
    if !ends_with_newline(&path)? {
        text.insert(0, '\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    disk::sync_dir(&dir)?;
    Ok(lost)
}

fn ends_with_newline(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut last = [b'\n'];
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    Ok(last == [b'\n'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn queues_are_appended_and_rotated() {
        let temp = tempfile::tempdir().unwrap();
        let queues = temp.path().join("queues");
        let put = |n: u32| append_within(&queues, "123456789012", "q", &[format!("{{\"n\":{n}}}")], 20).unwrap();
        assert_eq!([put(1), put(2), put(3), put(4), put(5)], [false, false, false, false, true]);
        let dir = queues.join("123456789012");
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
        assert_eq!((read("q.jsonl").as_str(), read("q.jsonl.1").as_str()), ("{\"n\":5}\n", "{\"n\":3}\n{\"n\":4}\n"));
        let mode = std::fs::metadata(dir.join("q.jsonl")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(dir.join("q.jsonl"), "{\"cut").unwrap();
        put(6);
        assert_eq!(read("q.jsonl"), "{\"cut\n{\"n\":6}\n");
    }

    #[tokio::test]
    async fn addresses_that_are_none() {
        for url in ["https://x/", "file:///etc/passwd", "x", "http://"] {
            assert!(matches!(post(url, String::new(), Duration::from_secs(1)).await, Err(PostError::Address(_))), "{url}");
        }
    }
}
