//! The control socket: one word a connection. `status` is answered with JSON; `take-over` hands the listening sockets to a
//! new process and, once that says it accepts, makes this one end.
//!
//! ```text
//!  new process                       old process
//!    "take-over\n"    ───────────►
//!                     ◄───────────   a line of JSON: the addresses, then a byte with a descriptor for each
//!    (accepts on them)
//!    a byte           ───────────►   stops accepting, drains, ends (without the byte: goes on)
//! ```
//! The socket is for its owner alone (0600), so who can reach it could send signals as well.

use crate::run::Balancer;
use platform::descriptors::{receive_byte, send_byte};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as StdStream;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::AbortHandle;
use wire::balancer::BalancerStatus;

const TIMEOUT: Duration = Duration::from_secs(10);
const WORD_BYTES_MAX: u64 = 64;
/// A new process that does not come up within this time is given up.
const TAKE_OVER_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("no balancer answers at {path}")]
    Unreachable { path: String, source: io::Error },
    #[error("the balancer's answer cannot be read: {0}")]
    Answer(String),
}

/// Makes the control socket anew: a process that is gone leaves its name behind.
///
/// # Errors
/// As the system says.
fn bind(path: &Path) -> io::Result<UnixListener> {
    // Beside it and renamed over it: a process that hands over keeps its own until the end.
    let beside = path.with_extension("new");
    let _ = std::fs::remove_file(&beside);
    let listener = UnixListener::bind(&beside)?;
    std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&beside, path)?;
    Ok(listener)
}

/// Answers at a control socket until the task is ended.
///
/// # Errors
/// The socket cannot be made.
pub fn serve_control(path: &Path, balancer: Balancer) -> io::Result<AbortHandle> {
    let listener = bind(path)?;
    Ok(tokio::task::spawn_local(serve(listener, balancer)).abort_handle())
}

async fn serve(listener: UnixListener, balancer: Balancer) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let balancer = balancer.clone();
                tokio::task::spawn_local(async move {
                    if let Err(error) = answer(stream, balancer).await {
                        tracing::debug!(%error, "a control connection broke");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn answer(stream: UnixStream, balancer: Balancer) -> io::Result<()> {
    let mut reader = BufReader::new(stream).take(WORD_BYTES_MAX);
    let mut word = String::new();
    tokio::time::timeout(TIMEOUT, reader.read_line(&mut word)).await??;
    let mut stream = reader.into_inner().into_inner();
    match word.trim() {
        "status" => {
            let text = serde_json::to_vec(&balancer.status()).map_err(io::Error::other)?;
            stream.write_all(&text).await
        }
        "take-over" => hand_over(stream, &balancer).await,
        _ => stream.write_all(b"{\"error\":\"the words are status and take-over\"}").await,
    }
}

async fn hand_over(mut stream: UnixStream, balancer: &Balancer) -> io::Result<()> {
    let bound = balancer.listening.bound();
    let addresses: Vec<SocketAddr> = bound.iter().map(|b| b.address).collect();
    let mut line = serde_json::to_vec(&addresses).map_err(io::Error::other)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    for b in &bound {
        stream.writable().await?;
        send_byte(stream.as_raw_fd(), b'l', Some(b.socket.as_raw_fd()))?;
    }
    // The new one says that it accepts before it hangs up; one that only hangs up has failed, and this one goes on.
    let mut said = [0];
    let ready = tokio::time::timeout(TAKE_OVER_TIMEOUT, stream.read(&mut said)).await;
    if matches!(ready, Ok(Ok(1))) {
        tracing::info!("another process has the listening sockets; this one drains");
        balancer.handed_over.notify_one();
    }
    Ok(())
}

/// The process that handed over, still accepting.
#[derive(Debug)]
pub struct Predecessor(StdStream);

impl Predecessor {
    /// Tells it that this one accepts now: it drains and ends. Dropped without that, it goes on as before.
    pub fn replace(mut self) {
        // When it is gone already, there is nobody to tell.
        let _ = self.0.write_all(b"r");
    }
}

/// Asks for the listening sockets. The old process goes on accepting until [`Predecessor::replace`].
///
/// # Errors
/// Nobody answers, or not in this way.
pub async fn take_over(path: &Path) -> Result<(Vec<(SocketAddr, std::net::TcpListener)>, Predecessor), AdminError> {
    let path = path.to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        let unreachable = |source| AdminError::Unreachable { path: path.display().to_string(), source };
        let mut stream = StdStream::connect(&path).map_err(unreachable)?;
        stream.set_read_timeout(Some(TIMEOUT)).map_err(unreachable)?;
        receive_sockets(&mut stream).map(|sockets| (sockets, stream)).map_err(|e| AdminError::Answer(e.to_string()))
    });
    let (sockets, stream) = asked.await.map_err(|e| AdminError::Answer(e.to_string()))??;
    Ok((sockets, Predecessor(stream)))
}

fn receive_sockets(stream: &mut StdStream) -> io::Result<Vec<(SocketAddr, std::net::TcpListener)>> {
    stream.write_all(b"take-over\n")?;
    let mut line = Vec::new();
    let mut byte = [0];
    // Byte by byte: a descriptor comes with the byte that it was sent with.
    while stream.read(&mut byte)? == 1 && byte[0] != b'\n' && line.len() < 64 << 10 {
        line.push(byte[0]);
    }
    let addresses: Vec<SocketAddr> = serde_json::from_slice(&line).map_err(io::Error::other)?;
    let one = |address| match receive_byte(stream.as_raw_fd())? {
        Some((_, Some(fd))) => Ok((address, std::net::TcpListener::from(fd))),
        _ => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a socket is missing")),
    };
    addresses.into_iter().map(one).collect()
}

/// What the balancer at a control socket sees.
///
/// # Errors
/// Nobody answers, or not in this way.
pub fn ask_status(path: &Path) -> Result<BalancerStatus, AdminError> {
    let unreachable = |source| AdminError::Unreachable { path: path.display().to_string(), source };
    let mut stream = StdStream::connect(path).map_err(unreachable)?;
    stream.set_read_timeout(Some(TIMEOUT)).map_err(unreachable)?;
    stream.write_all(b"status\n").map_err(unreachable)?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text).map_err(unreachable)?;
    serde_json::from_slice(&text).map_err(|e| AdminError::Answer(e.to_string()))
}
