//! The load: signed URLs over kept connections, as fast as the answers come.

use crate::servers::Server;
use aws_protocol::sigv4::{Credentials, HttpRequest, presign};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Put,
    /// Of the keys that a Put of the same size made.
    Get {
        keys: u64,
    },
    /// Seven GETs to three PUTs.
    Mixed {
        keys: u64,
    },
    /// A page of 1,000.
    List,
}

#[derive(Debug, Default)]
pub struct Cell {
    pub latencies: Vec<u32>,
    pub bytes: u64,
    pub failed: u64,
    pub took: Duration,
    pub cpu: Duration,
    pub keys: u64,
}

impl Cell {
    /// Milliseconds.
    pub fn quantile(&self, q: f64) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let at = ((sorted.len() as f64 * q) as usize).min(sorted.len().saturating_sub(1));
        sorted.get(at).map_or(0.0, |us| f64::from(*us) / 1000.0)
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

pub fn run(server: &Server, op: Op, size: usize, conns: usize, time: Duration) -> Cell {
    let body: Arc<Vec<u8>> = Arc::new(noise(size));
    let next = Arc::new(AtomicU64::new(0));
    let cpu = server.cpu();
    let begin = Instant::now();
    let mut cell = runtime().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..conns {
            let (target, body, next) = (server.target(), body.clone(), next.clone());
            tasks.spawn(async move { connection(target, op, &body, &next, n as u64, begin + time).await });
        }
        let mut all = Cell::default();
        while let Some(one) = tasks.join_next().await {
            let one = one.expect("a connection's task");
            all.latencies.extend(one.latencies);
            all.bytes += one.bytes;
            all.failed += one.failed;
        }
        all
    });
    cell.took = begin.elapsed();
    cell.cpu = server.cpu().saturating_sub(cpu);
    cell.keys = next.load(Ordering::Relaxed);
    cell
}

/// `count` small objects under `list/`.
pub fn fill(server: &Server, count: u64) {
    let next = Arc::new(AtomicU64::new(0));
    runtime().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let (target, next) = (server.target(), next.clone());
            tasks.spawn(async move {
                let mut c = Connection::open(&target).await;
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return;
                    }
                    c.exchange("PUT", &format!("/{}/list/{n:08}", target.bucket), "", b"x").await.expect("filled");
                }
            });
        }
        while tasks.join_next().await.is_some() {}
    });
}

#[derive(Clone)]
pub struct Target {
    pub address: String,
    pub bucket: String,
    pub region: String,
    pub who: Credentials,
}

async fn connection(target: Target, op: Op, body: &[u8], next: &AtomicU64, seed: u64, end: Instant) -> Cell {
    let mut cell = Cell::default();
    let mut c = Connection::open(&target).await;
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let key = |n: u64| format!("/{}/s{}/{n:08}", target.bucket, body.len());
    while Instant::now() < end {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let draw = random >> 33;
        let begin = Instant::now();
        let outcome = match op {
            Op::Put => c.exchange("PUT", &key(next.fetch_add(1, Ordering::Relaxed)), "", body).await,
            Op::Get { keys } => c.exchange("GET", &key(draw % keys), "", b"").await,
            Op::Mixed { keys } if draw % 10 < 7 => c.exchange("GET", &key((draw / 16) % keys), "", b"").await,
            Op::Mixed { keys } => c.exchange("PUT", &key((draw / 16) % keys), "", body).await,
            Op::List => c.exchange("GET", &format!("/{}", target.bucket), "list-type=2&max-keys=1000&prefix=list%2F", b"").await,
        };
        match outcome {
            Ok(bytes) => {
                cell.latencies.push(begin.elapsed().as_micros() as u32);
                cell.bytes += bytes;
            }
            Err(_) => {
                cell.failed += 1;
                c = Connection::open(&target).await;
            }
        }
    }
    cell
}

struct Connection {
    stream: BufReader<TcpStream>,
    target: Target,
    sink: Vec<u8>,
}

impl Connection {
    async fn open(target: &Target) -> Self {
        let stream = TcpStream::connect(&target.address).await.expect("the server listens");
        stream.set_nodelay(true).expect("nodelay");
        Self { stream: BufReader::with_capacity(64 << 10, stream), target: target.clone(), sink: vec![0; 256 << 10] }
    }

    /// One request; the bytes of the body that went up or came down.
    async fn exchange(&mut self, method: &str, path: &str, query: &str, body: &[u8]) -> std::io::Result<u64> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("now").as_millis() as u64;
        let headers = [("host", self.target.address.as_str())];
        let request = HttpRequest { method, path, query, headers: &headers };
        let query = presign(&request, &self.target.who, &self.target.region, "s3", types::TimestampMs(now), 900);
        let length = if method == "PUT" { format!("content-length: {}\r\n", body.len()) } else { String::new() };
        let head = format!("{method} {path}?{query} HTTP/1.1\r\nhost: {}\r\n{length}\r\n", self.target.address);
        if body.len() < 16 << 10 {
            self.stream.get_mut().write_all(&[head.as_bytes(), body].concat()).await?;
        } else {
            self.stream.get_mut().write_all(head.as_bytes()).await?;
            self.stream.get_mut().write_all(body).await?;
        }
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        let good = line.split(' ').nth(1).is_some_and(|s| s.starts_with('2'));
        let (mut length, mut chunked) = (0u64, false);
        loop {
            line.clear();
            if self.stream.read_line(&mut line).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let lower = line.to_ascii_lowercase();
            match lower.trim().split_once(':') {
                Some(("content-length", v)) => length = v.trim().parse().unwrap_or(0),
                Some(("transfer-encoding", v)) => chunked = v.contains("chunked"),
                None => break,
                _ => {}
            }
        }
        let mut received = 0;
        if chunked {
            loop {
                line.clear();
                self.stream.read_line(&mut line).await?;
                let size = u64::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
                self.skip(size + 2).await?;
                received += size;
                if size == 0 {
                    break;
                }
            }
        } else {
            self.skip(length).await?;
            received = length;
        }
        if good { Ok(received.max(body.len() as u64)) } else { Err(std::io::Error::other("refused")) }
    }

    async fn skip(&mut self, mut bytes: u64) -> std::io::Result<()> {
        while bytes > 0 {
            let want = self.sink.len().min(usize::try_from(bytes).unwrap_or(usize::MAX));
            let n = self.stream.read(&mut self.sink[..want]).await?;
            if n == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            bytes -= n as u64;
        }
        Ok(())
    }
}

fn noise(size: usize) -> Vec<u8> {
    let mut x = 0x1234_5678_9abc_def1u64;
    let mut out = Vec::with_capacity(size + 8);
    while out.len() < size {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        out.extend_from_slice(&x.to_le_bytes());
    }
    out.truncate(size);
    out
}
