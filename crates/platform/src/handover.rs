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

use crate::rpc::{RpcError, accept_own};
use crate::tls::{Caller, ConnectError, Frames, Identity, Peer};
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;
use std::io;
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
