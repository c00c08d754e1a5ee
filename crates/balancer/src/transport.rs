//! Streams and where they come from: the system's TCP, or a card that ends TCP for this process (`card::terminator`).
//!
//! ```text
//!  client ── card ── [`Plain::Card`] ── server            pool, probe ── [`Dialer::Card`] ── card ── target
//! ```
//! A card closes a stream without an end of input before it when the peer has reset the connection: the hang-up that this
//! side did not make is told as an error, so that half an answer is not taken for a whole one.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use types::InterfaceId;
use wire::card::{ForwardReply, ForwardRequest};

/// A card's reply is shorter.
const REPLY_BYTES_MAX: u64 = 1024;

/// How targets are reached.
#[derive(Debug, Clone, Default)]
pub enum Dialer {
    #[default]
    System,
    /// Through the forward socket of the card that `interface` is at.
    Card { socket: Rc<Path>, interface: InterfaceId },
}

impl Dialer {
    /// # Errors
    /// As the system or the card says: refused, no answer, no room.
    pub async fn dial(&self, to: SocketAddr) -> io::Result<Plain> {
        match self {
            Self::System => {
                let stream = TcpStream::connect(to).await?;
                stream.set_nodelay(true)?;
                Ok(Plain::Tcp(stream))
            }
            Self::Card { socket, interface } => ask(socket, *interface, to).await,
        }
    }
}

async fn ask(socket: &Path, interface: InterfaceId, to: SocketAddr) -> io::Result<Plain> {
    let mut stream = UnixStream::connect(socket).await?;
    let request = ForwardRequest { interface, port: to.port(), to: Some(to.ip()) };
    let mut line = serde_json::to_vec(&request)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    // The target may speak first; the card sends its line alone, and then what the target sends.
    let mut reader = BufReader::with_capacity(1, stream).take(REPLY_BYTES_MAX);
    let mut reply = Vec::new();
    reader.read_until(b'\n', &mut reply).await?;
    match serde_json::from_slice(&reply)? {
        ForwardReply::Ok => Ok(Plain::Card(Passed::new(reader.into_inner().into_inner()))),
        ForwardReply::Error(e) if e == "connection refused" => Err(io::ErrorKind::ConnectionRefused.into()),
        ForwardReply::Error(e) => Err(io::Error::other(e)),
    }
}

/// One end of a connection that a card carries.
#[derive(Debug)]
pub struct Passed {
    stream: UnixStream,
    /// This side has ended.
    shut: bool,
}

impl Passed {
    pub fn new(stream: UnixStream) -> Self {
        Self { stream, shut: false }
    }

    /// The other side has closed all of it.
    fn is_hung(&self) -> bool {
        let mut asked = libc::pollfd { fd: self.stream.as_raw_fd(), events: 0, revents: 0 };
        // SAFETY: poll reads and writes the one live pollfd and does not wait.
        unsafe { libc::poll(&mut asked, 1, 0) == 1 && asked.revents & libc::POLLHUP != 0 }
    }
}

/// A stream without TLS.
#[derive(Debug)]
pub enum Plain {
    Tcp(TcpStream),
    Card(Passed),
}

impl AsyncRead for Plain {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(s) => Pin::new(s).poll_read(cx, buf),
            Self::Card(c) => {
                let (before, room) = (buf.filled().len(), buf.remaining());
                ready!(Pin::new(&mut c.stream).poll_read(cx, buf))?;
                if room > 0 && buf.filled().len() == before && !c.shut && c.is_hung() {
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl AsyncWrite for Plain {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Tcp(s) => Pin::new(s).poll_write(cx, buf),
            Self::Card(c) => Pin::new(&mut c.stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Tcp(s) => Pin::new(s).poll_write_vectored(cx, bufs),
            Self::Card(c) => Pin::new(&mut c.stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(s) => s.is_write_vectored(),
            Self::Card(c) => c.stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(s) => Pin::new(s).poll_flush(cx),
            Self::Card(c) => Pin::new(&mut c.stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(s) => Pin::new(s).poll_shutdown(cx),
            Self::Card(c) => {
                c.shut = true;
                Pin::new(&mut c.stream).poll_shutdown(cx)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hang_up_is_an_error_and_an_end_is_not() {
        let (mut near, far) = UnixStream::pair().unwrap();
        let mut passed = Plain::Card(Passed::new(far));
        near.write_all(b"all").await.unwrap();
        near.shutdown().await.unwrap();
        let mut got = String::new();
        passed.read_to_string(&mut got).await.unwrap();
        assert_eq!(got, "all");
        drop(near);
        assert_eq!(passed.read(&mut [0; 8]).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        // After this side has ended, a hang-up is the end.
        let (near, far) = UnixStream::pair().unwrap();
        let mut passed = Plain::Card(Passed::new(far));
        passed.shutdown().await.unwrap();
        drop(near);
        assert_eq!(passed.read(&mut [0; 8]).await.unwrap(), 0);
    }
}
