//! Halves of a unix socket that wake their thread only when there is something to do.
//!
//! The kernel says "writable" of a unix stream each time its peer has read (`unix_write_space`), also to those who never
//! waited for it. A reactor that listens for both directions is woken once more by every message that it sends: at a dozen
//! messages an object that is a tenth of all CPU. Here nobody listens for "writable" until a write has found the socket full.

use std::io::{self, IoSlice, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

pub(crate) struct ReadHalf(AsyncFd<Arc<Socket>>);

pub(crate) struct WriteHalf {
    socket: Arc<Socket>,
    /// Another descriptor of the socket, while it is full.
    full: Option<AsyncFd<UnixStream>>,
}

struct Socket(UnixStream);

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// What was read from `socket` before stays read: nothing of it is lost.
pub(crate) fn split(socket: tokio::net::UnixStream) -> io::Result<(ReadHalf, WriteHalf)> {
    let socket = Arc::new(Socket(socket.into_std()?));
    Ok((ReadHalf(listen(socket.clone(), Interest::READABLE)?), WriteHalf { socket, full: None }))
}

fn listen<T: AsRawFd>(socket: T, interest: Interest) -> io::Result<AsyncFd<T>> {
    // SAFETY: of the two that are given, `Arc<Socket>` and `UnixStream`, each owns one open descriptor, the same until it is dropped.
    Ok(unsafe { AsyncFd::register_with_interest(socket, interest) }?)
}

/// As `Read::read`, into memory that need not be initialised.
fn receive(socket: &UnixStream, room: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
    // SAFETY: the pointer and the length are those of one slice, borrowed for the call.
    let n = unsafe { libc::recv(socket.as_raw_fd(), room.as_mut_ptr().cast(), room.len(), 0) };
    usize::try_from(n).map_err(|_| io::Error::last_os_error())
}

impl AsyncRead for ReadHalf {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.0.poll_read_ready(cx))?;
            // SAFETY: `receive` only writes to it.
            let room = unsafe { buf.unfilled_mut() };
            let length = room.len();
            match receive(&guard.get_inner().0, room) {
                Ok(n) => {
                    // Fewer than there was room for: the socket is empty, and its next byte is news (edge-triggered).
                    if n > 0 && n < length {
                        guard.clear_ready();
                    }
                    // SAFETY: that many were written.
                    unsafe { buf.assume_init(n) };
                    buf.advance(n);
                    return Poll::Ready(Ok(()));
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => guard.clear_ready(),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
    }
}

impl WriteHalf {
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&mut &UnixStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match write(&mut &self.socket.0) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    if self.full.is_none() {
                        self.full = Some(listen(self.socket.0.try_clone()?, Interest::WRITABLE)?);
                    }
                    if let Some(full) = &self.full {
                        ready!(full.poll_write_ready(cx))?.clear_ready();
                    }
                }
                done => {
                    self.full = None;
                    return Poll::Ready(done);
                }
            }
        }
    }
}

impl AsyncWrite for WriteHalf {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(cx, |socket| socket.write(buf))
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.poll(cx, |socket| socket.write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.socket.0.shutdown(Shutdown::Write))
    }
}

impl Drop for WriteHalf {
    /// The peer learns that nothing more comes, although our reader holds the socket.
    fn drop(&mut self) {
        let _ = self.socket.0.shutdown(Shutdown::Write);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn pair() -> ((ReadHalf, WriteHalf), (ReadHalf, WriteHalf)) {
        let (near, far) = tokio::net::UnixStream::pair().unwrap();
        (split(near).unwrap(), split(far).unwrap())
    }

    #[tokio::test]
    async fn more_than_the_socket_holds_arrives_whole_and_in_order() {
        let ((_, mut write), (mut read, _far)) = pair();
        let sent: Vec<u8> = (0..8u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let expected = sent.clone();
        let writer = tokio::spawn(async move {
            write.write_all(&sent).await.unwrap();
            assert!(write.full.is_none(), "still listens for room");
            write.shutdown().await.unwrap();
        });
        let mut got = Vec::new();
        read.read_to_end(&mut got).await.unwrap();
        writer.await.unwrap();
        assert!(got == expected, "{} bytes of {}", got.len(), expected.len());
    }

    #[tokio::test]
    async fn a_full_socket_waits_and_a_gone_peer_is_an_error() {
        let ((_, mut write), (read, far)) = pair();
        let block = vec![0u8; 4 << 20];
        let waits = tokio::time::timeout(Duration::from_millis(20), write.write_all(&block)).await;
        assert!(waits.is_err() && write.full.is_some(), "nobody reads");
        drop((read, far));
        assert!(write.write_all(&block).await.is_err());
    }

    #[tokio::test]
    async fn short_messages_each_way_and_then_the_end() {
        let ((mut read, mut write), (mut far_read, mut far_write)) = pair();
        for n in 0..1_000u32 {
            write.write_all(&n.to_le_bytes()).await.unwrap();
            assert_eq!(far_read.read_u32_le().await.unwrap(), n);
            far_write.write_all(&n.to_le_bytes()).await.unwrap();
            assert_eq!(read.read_u32_le().await.unwrap(), n);
        }
        drop((write, read));
        assert_eq!(far_read.read(&mut [0; 8]).await.unwrap(), 0, "closed");
    }
}
