//! The answering side.

use super::*;
use crate::descriptors::receive_byte;
use crate::quiet;
use crate::rpc::RpcError;
use crate::shared::{Room, View};
use crate::tls::{Caller, Frames, Identity, Peer, Stream};
use std::future::Future;
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::sync::Arc;
use tokio::io::{AsyncWrite, BufReader, Interest};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc};

/// Calls of one connection that a server works on at once; further ones wait in the socket.
const CALLS_MAX: u32 = 256;
/// Their payloads together.
const CALL_BYTES_MAX: u32 = 64 << 20;
pub(super) const CONNECTIONS_MAX: usize = 64;

/// Serves `callers` for ever as `me`, with `handler`, which runs on the role's own thread. Must run inside a
/// `tokio::task::LocalSet`.
pub async fn serve<F, Fut>(listener: UnixListener, me: Identity, callers: &[Caller], handler: F)
where
    F: Fn(Rc<Peer>, Parcel) -> Fut + 'static,
    Fut: Future<Output = Result<Parcel, RpcError>> + 'static,
{
    serve_with_rooms(listener, me, callers, move |peer, call, _| handler(peer, call)).await;
}

/// The same; the handler is told where the client would have the answer's payload laid down, if anywhere. One that does so
/// answers with that part of the room ([`Room::freeze`]).
pub async fn serve_with_rooms<F, Fut>(listener: UnixListener, me: Identity, callers: &[Caller], handler: F)
where
    F: Fn(Rc<Peer>, Parcel, Option<Room>) -> Fut + 'static,
    Fut: Future<Output = Result<Parcel, RpcError>> + 'static,
{
    let handler = Rc::new(handler);
    let callers: Rc<[Caller]> = callers.into();
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Some((stream, permit)) = crate::rpc::accept_own(&listener, &permits).await else { continue };
        let (me, callers, handler) = (me.clone(), callers.clone(), handler.clone());
        tokio::task::spawn_local(async move {
            let _permit = permit;
            let Some(accepted) = me.accept(stream, &callers, me.frames()).await else { return };
            let served = serve_connection(accepted.stream, Rc::new(accepted.peer), handler);
            // A peer that goes away, or that sends nonsense, is its own affair. One whose leaf is over comes with the next.
            let _ = tokio::time::timeout(accepted.left, served).await;
        });
    }
}

async fn serve_connection<F, Fut>(stream: Stream, peer: Rc<Peer>, handler: Rc<F>) -> io::Result<()>
where
    F: Fn(Rc<Peer>, Parcel, Option<Room>) -> Fut + 'static,
    Fut: Future<Output = Result<Parcel, RpcError>> + 'static,
{
    if stream.frames == Frames::Tls {
        let (read, write) = tokio::io::split(stream.tls);
        return answer_calls(read, write, [None, None], peer, handler).await;
    }
    let socket = stream.into_socket();
    let Some(views) = greeted(&socket).await? else { return Ok(()) };
    let (read, write) = quiet::split(socket)?;
    answer_calls(read, write, views, peer, handler).await
}

async fn answer_calls<R, W, F, Fut>(
    read: R,
    mut write: W,
    [view, rooms]: [Option<Arc<View>>; 2],
    peer: Rc<Peer>,
    handler: Rc<F>,
) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + 'static,
    F: Fn(Rc<Peer>, Parcel, Option<Room>) -> Fut + 'static,
    Fut: Future<Output = Result<Parcel, RpcError>> + 'static,
{
    let mut read = BufReader::with_capacity(READ_BUFFER_BYTES, read);
    let (out, mut queue) = mpsc::channel::<Frame>(QUEUE_FRAMES_MAX);
    let calls = Arc::new(Semaphore::new(CALLS_MAX as usize));
    let bytes = Arc::new(Semaphore::new(CALL_BYTES_MAX as usize));
    tokio::task::spawn_local(async move {
        while let Some(frame) = queue.recv().await {
            if write_frame(&mut write, frame).await.is_err() {
                break;
            }
        }
        let _ = write.shutdown().await;
    });
    while let Some(Frame { id, kind, mut parcel }) = read_frame(&mut read).await? {
        let mut room = None;
        match (kind, &view, &rooms) {
            (KIND_CALL, ..) => {}
            (KIND_LENT_CALL, Some(view), _) => parcel.payload = lent(view, parcel.payload)?,
            (KIND_ROOM_CALL, _, Some(rooms)) => {
                let (offset, bytes) = place_of(std::mem::take(&mut parcel.payload))?;
                let nowhere = || io::Error::other(format!("{bytes} bytes of room at {offset}, where there is none"));
                room = Some(rooms.room(offset, bytes).ok_or_else(nowhere)?);
            }
            _ => return Err(io::Error::other(format!("a call of the kind {kind}"))),
        }
        let rooms = rooms.clone().filter(|_| room.is_some());
        let size = (parcel.head.len() + parcel.payload.len()) as u32;
        let call = calls.clone().acquire_owned().await.map_err(io::Error::other)?;
        let held = bytes.clone().acquire_many_owned(size).await.map_err(io::Error::other)?;
        let (handler, out, peer) = (handler.clone(), out.clone(), peer.clone());
        tokio::task::spawn_local(async move {
            let answer = match handler(peer, parcel, room).await {
                Ok(parcel) => answer(id, parcel, rooms.as_deref()),
                Err(e) => {
                    let (code, message) = match e {
                        RpcError::Remote { code, message } => (code, message),
                        other => (other.code().to_owned(), other.to_string()),
                    };
                    let head = Bytes::from(format!("{code}\n{message}"));
                    Frame { id, kind: KIND_REFUSAL, parcel: Parcel { head, payload: Bytes::new() } }
                }
            };
            let _ = out.send(answer).await;
            drop((call, held));
        });
    }
    Ok(())
}

/// An answer's frame; `rooms`: where the call's room is.
fn answer(id: u64, parcel: Parcel, rooms: Option<&View>) -> Frame {
    match rooms.and_then(|rooms| rooms.offset_of(&parcel.payload)) {
        Some(offset) => {
            let payload = place_to_bytes(offset, parcel.payload.len() as u32);
            Frame { id, kind: KIND_LENT_ANSWER, parcel: Parcel { head: parcel.head, payload } }
        }
        None => Frame { id, kind: KIND_ANSWER, parcel },
    }
}

/// What the client lends to be read, and to be written. None outside: it hung up.
async fn greeted(stream: &UnixStream) -> io::Result<Option<[Option<Arc<View>>; 2]>> {
    let mut views = [None, None];
    loop {
        stream.readable().await?;
        match stream.try_io(Interest::READABLE, || receive_byte(stream.as_raw_fd())) {
            Ok(None) => return Ok(None),
            Ok(Some((GREETING_END, None))) => return Ok(Some(views)),
            Ok(Some((GREETING_LENT, Some(fd)))) if views[0].is_none() => views[0] = Some(View::open(fd, false)?),
            Ok(Some((GREETING_ROOMS, Some(fd)))) if views[1].is_none() => views[1] = Some(View::open(fd, true)?),
            Ok(Some(_)) => return Err(io::Error::other("a strange greeting")),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(e) => return Err(e),
        }
    }
}

fn lent(view: &Arc<View>, place: Bytes) -> io::Result<Bytes> {
    let (offset, bytes) = place_of(place)?;
    let payload = view.bytes(offset, bytes).filter(|b| b.len() <= FRAME_BYTES_MAX);
    payload.ok_or_else(|| io::Error::other(format!("{bytes} lent bytes at {offset}, where nothing is lent")))
}
