//! A connection of somebody else's, handed on to another process of the region: both sides' leaves, then one word about whose
//! it is, then its bytes, each direction ending on its own.
//!
//! ```text
//!  who hands on                              who serves
//!    handshake (crate::tls) ◄──────────────►   verdict
//!    u16 length, JSON       ───────────────►   the word
//!    bytes                  ◄──────────────►
//! ```
//! Only who is among the server's callers is believed what it says of others.
//!
//! Where both are on one host and of one user, and the server needs no name of its own ([`pass`], [`Passed`]), the
//! connection itself goes over: a byte with the descriptor, then the word, many of them on one stream. Who may open the
//! socket (0600, and the user is checked on both sides) is believed.

use crate::descriptors::{receive_byte, send_byte};
use crate::rpc::{RpcError, accept_own};
use crate::tls::{Caller, ConnectError, Frames, Identity, Peer};
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;

const WORD_BYTES_MAX: usize = 32 << 10;
/// The word follows the handshake at once.
const WORD_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// At once; more wait in the backlog.
const CONNECTIONS_MAX: usize = 1024;

/// A handed connection's bytes.
pub trait Bytes: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Bytes for T {}

/// Hands `local` to the process whose socket it is, with a word about it, and carries its bytes until both sides have ended.
///
/// # Errors
/// The process is not there, or one of the two does not believe the other; nothing was read of `local` then.
pub async fn carry(me: &Identity, socket: &Path, word: &impl Serialize, mut local: UnixStream) -> Result<(), RpcError> {
    let role = socket.file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
    let unreachable = |cause: String| RpcError::Unreachable { role: role.clone(), cause };
    let word = serde_json::to_vec(word).map_err(|e| unreachable(e.to_string()))?;
    let length = u16::try_from(word.len()).ok().filter(|n| usize::from(*n) <= WORD_BYTES_MAX);
    let length = length.ok_or_else(|| unreachable("the word about the connection is too long".to_owned()))?;
    let opened = tokio::time::timeout(CONNECT_TIMEOUT, me.connect(socket)).await;
    let mut stream = opened.map_err(|_| unreachable("no answer".to_owned()))?.map_err(|e| e.for_role(&role))?;
    let head = [&length.to_be_bytes()[..], &word].concat();
    // Once bytes flow, an end is an end, whichever side makes it.
    let _: io::Result<(u64, u64)> = match stream.frames {
        Frames::Tls => match stream.tls.write_all(&head).await {
            Ok(()) => copy_bidirectional(&mut local, &mut stream.tls).await,
            Err(e) => Err(e),
        },
        Frames::Kernel => {
            let mut socket = stream.into_socket();
            match socket.write_all(&head).await {
                Ok(()) => copy_bidirectional(&mut local, &mut socket).await,
                Err(e) => Err(e),
            }
        }
    };
    Ok(())
}

/// Takes connections of `callers` for ever as `me`. Must run inside a `tokio::task::LocalSet`.
pub async fn serve<W, F, Fut>(listener: UnixListener, me: Identity, callers: &[Caller], handler: F)
where
    W: DeserializeOwned,
    F: Fn(Rc<Peer>, W, Box<dyn Bytes>) -> Fut + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let handler = Rc::new(handler);
    let callers: Rc<[Caller]> = callers.into();
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Some((stream, permit)) = accept_own(&listener, &permits).await else { continue };
        let (me, callers, handler) = (me.clone(), callers.clone(), handler.clone());
        tokio::task::spawn_local(async move {
            let _permit = permit;
            let Some(accepted) = me.accept(stream, &callers, me.frames()).await else { return };
            let mut bytes: Box<dyn Bytes> = match accepted.stream.frames {
                Frames::Tls => Box::new(accepted.stream.tls),
                Frames::Kernel => Box::new(accepted.stream.into_socket()),
            };
            let word = match tokio::time::timeout(WORD_TIMEOUT, read_word(&mut bytes)).await {
                Ok(Ok(word)) => word,
                Ok(Err(error)) => {
                    return tracing::warn!(peer = %accepted.peer, %error, "a connection was handed over without a word");
                }
                Err(_) => return tracing::warn!(peer = %accepted.peer, "the word about a connection did not come"),
            };
            handler(Rc::new(accepted.peer), word, bytes).await;
        });
    }
}

/// A connection to the process whose socket it is, to be used without TLS once both know each other: for descriptors. `None`:
/// there is no such process.
///
/// # Errors
/// It is there and does not answer, or one of the two does not believe the other.
pub async fn reach(me: &Identity, socket: &Path) -> Result<Option<std::os::unix::net::UnixStream>, RpcError> {
    let role = socket.file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
    let unreachable = |cause: String| RpcError::Unreachable { role: role.clone(), cause };
    let opened = tokio::time::timeout(CONNECT_TIMEOUT, me.connect(socket)).await;
    let stream = match opened.map_err(|_| unreachable("no answer".to_owned()))? {
        Ok(stream) => stream,
        Err(ConnectError::Io(e)) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(e) => return Err(e.for_role(&role)),
    };
    if stream.frames != Frames::Kernel {
        return Err(unreachable("it sends no descriptors".to_owned()));
    }
    blocking(stream).map(Some).map_err(|e| unreachable(e.to_string()))
}

/// The other end of [`reach`]: the next connection of one of `callers`. None: that was nobody, and the caller tries again.
pub async fn reached(listener: &UnixListener, me: &Identity, callers: &[Caller]) -> Option<std::os::unix::net::UnixStream> {
    let permits = Arc::new(Semaphore::new(1));
    let (stream, _permit) = accept_own(listener, &permits).await?;
    blocking(me.accept(stream, callers, Frames::Kernel).await?.stream).ok()
}

fn blocking(stream: crate::tls::Stream) -> io::Result<std::os::unix::net::UnixStream> {
    let stream = stream.into_socket().into_std()?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// A stream to the process whose socket it is, of our own user, for [`pass`]. It does not block.
///
/// # Errors
/// As the system says; another user's process listens there.
pub fn reach_own(socket: &Path) -> io::Result<std::os::unix::net::UnixStream> {
    let stream = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
    stream.set_nonblocking(true)?;
    stream.connect(&socket2::SockAddr::unix(socket)?)?;
    let stream = std::os::unix::net::UnixStream::from(stream);
    crate::rpc::is_own(stream.as_raw_fd())?;
    Ok(stream)
}

/// Passes a connection and a word about it. After an error the stream is of no use, unless it is [`io::ErrorKind::WouldBlock`]:
/// then nothing was passed.
///
/// # Errors
/// The process is gone, or does not take what was passed before.
pub fn pass(stream: &std::os::unix::net::UnixStream, word: &impl Serialize, connection: &impl AsRawFd) -> io::Result<()> {
    let word = serde_json::to_vec(word)?;
    let length = u16::try_from(word.len()).map_err(io::Error::other)?;
    send_byte(stream.as_raw_fd(), PASSED, Some(connection.as_raw_fd()))?;
    let message = [&length.to_be_bytes()[..], &word].concat();
    match io::Write::write(&mut &*stream, &message) {
        Ok(n) if n == message.len() => Ok(()),
        Ok(_) => Err(io::ErrorKind::WriteZero.into()),
        // The byte has gone.
        Err(e) => Err(io::Error::other(e)),
    }
}

const PASSED: u8 = b'c';

/// Takes what is passed, of any number of streams. Must run inside a `tokio::task::LocalSet`; `each` is called once a connection
/// until the future is dropped.
pub async fn serve_passed<W: DeserializeOwned + 'static>(listener: UnixListener, each: impl Fn(W, UnixStream) + 'static) {
    let each = Rc::new(each);
    let permits = Arc::new(Semaphore::new(PASSERS_MAX));
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        let Some((stream, permit)) = accept_own(&listener, &permits).await else { continue };
        let each = each.clone();
        while tasks.try_join_next().is_some() {}
        tasks.spawn_local(async move {
            let _permit = permit;
            if let Err(error) = take_passed(stream, &*each).await {
                tracing::warn!(%error, "connections are passed in a way that is not understood");
            }
        });
    }
}

/// A card, and the one that takes its place.
const PASSERS_MAX: usize = 4;

async fn take_passed<W: DeserializeOwned>(mut stream: UnixStream, each: &impl Fn(W, UnixStream)) -> io::Result<()> {
    loop {
        stream.readable().await?;
        let fd = match stream.try_io(tokio::io::Interest::READABLE, || receive_byte(stream.as_raw_fd())) {
            Ok(None) => return Ok(()),
            Ok(Some((PASSED, Some(fd)))) => fd,
            Ok(Some(_)) => return Err(io::Error::other("a descriptor is missing")),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => continue,
            Err(e) => return Err(e),
        };
        let length = usize::from(stream.read_u16().await?);
        let mut word = vec![0; length];
        stream.read_exact(&mut word).await?;
        let connection = std::os::unix::net::UnixStream::from(fd);
        connection.set_nonblocking(true)?;
        each(serde_json::from_slice(&word)?, UnixStream::from_std(connection)?);
    }
}

async fn read_word<W: DeserializeOwned>(bytes: &mut Box<dyn Bytes>) -> io::Result<W> {
    let length = usize::from(bytes.read_u16().await?);
    if length > WORD_BYTES_MAX {
        return Err(io::Error::other("the word is too long"));
    }
    let mut word = vec![0; length];
    bytes.read_exact(&mut word).await?;
    Ok(serde_json::from_slice(&word)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{Role, testing};

    async fn say(me: &Identity, socket: &Path) -> Result<String, RpcError> {
        let (mut near, far) = UnixStream::pair().unwrap();
        let word = "whose".to_owned();
        let carried = carry(me, socket, &word, far);
        let talk = async {
            // Where nobody takes it, the other end is gone.
            let mut heard = String::new();
            if near.write_all(b"ping").await.is_ok() && near.shutdown().await.is_ok() {
                let _ = near.read_to_string(&mut heard).await;
            }
            heard
        };
        let (carried, heard) = tokio::join!(carried, talk);
        carried.map(|()| heard)
    }

    #[tokio::test]
    async fn connections_are_passed_with_their_words_in_order() {
        let temp = tempfile::tempdir().unwrap();
        let socket = temp.path().join("door");
        assert!(reach_own(&socket).is_err());
        let listener = crate::rpc::bind(&socket).unwrap();
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let local = tokio::task::LocalSet::new();
        local.spawn_local(serve_passed(listener, move |word: String, stream| told.send((word, stream)).unwrap()));
        local
            .run_until(async {
                let stream = reach_own(&socket).unwrap();
                for n in 0..100 {
                    let (near, far) = UnixStream::pair().unwrap();
                    pass(&stream, &format!("number {n}"), &far).unwrap();
                    drop(far);
                    let (word, mut passed) = heard.recv().await.unwrap();
                    assert_eq!(word, format!("number {n}"));
                    let mut near = near;
                    near.write_all(b"x").await.unwrap();
                    assert_eq!(passed.read_u8().await.unwrap(), b'x');
                }
            })
            .await;
    }

    #[tokio::test]
    async fn the_word_comes_first_and_only_from_who_is_believed() {
        let temp = tempfile::tempdir().unwrap();
        testing::issue(&crate::DataDir::new(temp.path()), ["gateway", "card-a1-h1", "edge"]);
        let identity = |name| testing::identity(temp.path(), name);
        let socket = temp.path().join("gateway.sock");
        let listener = crate::rpc::bind(&socket).unwrap();
        let local = tokio::task::LocalSet::new();
        let gateway = identity("gateway");
        local.spawn_local(async move {
            serve(listener, gateway, &[Role::Card.any()], |peer, word: String, mut bytes| async move {
                let mut heard = String::new();
                bytes.read_to_string(&mut heard).await.unwrap();
                bytes.write_all(format!("{peer} {word} {heard}").as_bytes()).await.unwrap();
                bytes.shutdown().await.unwrap();
            })
            .await;
        });
        local
            .run_until(async {
                let heard = say(&identity("card-a1-h1"), &socket).await.unwrap();
                assert!(heard.contains("card-a1-h1") && heard.ends_with(" whose ping"), "{heard}");
                let refused = say(&identity("edge"), &socket).await.unwrap_err();
                assert!(matches!(refused, RpcError::Untrusted { .. }), "{refused}");
            })
            .await;
    }
}
