//! The data planes' RPC: many calls at once over one unix socket, binary heads and payloads, no copies beyond the socket's,
//! and not even those for payloads of calls and answers in memory that the client lends ([`crate::shared`]).
//!
//! Beside [`crate::rpc`] (JSON, one call a connection at a time) because object data is another matter: a call here costs a
//! few microseconds and carries up to a few MiB. The peers are authenticated in the same way, but what follows the handshake is
//! left to the kernel or goes through TLS, as the server has it ([`Frames`]): what is not lent, then. Replies come in any order.
//!
//! ```text
//!  first:  u8 1 with a descriptor of the memory that the client lends to be read, 2 with that of what is to be written,
//!          neither, or both; then 0                                                  (frames outside TLS only)
//!  frame:  u32 length of the rest | u64 call id | u8 kind | u32 head length | head | payload      (little endian)
//!  kind:   0 call, 1 answer, 2 refusal (the head is "code\nmessage"),
//!          3 call whose payload is lent: instead of it u64 offset in that memory | u32 length,
//!          4 call without a payload, with room for the answer's: instead of it u64 offset in the memory to be written | u32 length,
//!          5 answer whose payload was laid down in that room: u64 offset | u32 length
//! ```
//! What is lent is the client's again with the answer: a handler keeps nothing of a payload or a room beyond its answer.

use crate::descriptors::{receive_byte, send_byte};
use crate::rpc::RpcError;
use crate::shared::{Arena, Lender, Room, Slot, View};
use crate::tls::{Caller, Frames, Identity, Peer, Stream};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, Interest};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Head and payload of one frame together.
pub const FRAME_BYTES_MAX: usize = 8 << 20;
/// Calls that wait in one client's queue to be written.
const QUEUE_FRAMES_MAX: usize = 64;
/// Calls of one connection that a server works on at once; further ones wait in the socket.
const CALLS_MAX: u32 = 256;
/// Their payloads together.
const CALL_BYTES_MAX: u32 = 64 << 20;
const CONNECTIONS_MAX: usize = 64;
const READ_BUFFER_BYTES: usize = 32 << 10;
const FIXED_BYTES: usize = 13;

const KIND_CALL: u8 = 0;
const KIND_ANSWER: u8 = 1;
const KIND_REFUSAL: u8 = 2;
const KIND_LENT_CALL: u8 = 3;
const KIND_ROOM_CALL: u8 = 4;
const KIND_LENT_ANSWER: u8 = 5;
/// What the bytes before the frames say.
const GREETING_END: u8 = 0;
const GREETING_LENT: u8 = 1;
const GREETING_ROOMS: u8 = 2;
/// Where a lent payload is.
const PLACE_BYTES: usize = 12;

/// A head and a payload, in either direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parcel {
    pub head: Bytes,
    pub payload: Bytes,
}

struct Frame {
    id: u64,
    kind: u8,
    parcel: Parcel,
}

// ---------------------------------------------------------------------------------------------------------- client

/// Calls one role. Cheap to clone; one connection, made when first needed and again when it is lost.
#[derive(Clone)]
pub struct BulkClient {
    me: Identity,
    socket: Arc<PathBuf>,
    role: Arc<str>,
    /// Of calls' payloads, and of room for answers'.
    lender: Option<Lender>,
    rooms: Option<Lender>,
    connection: Arc<tokio::sync::Mutex<Option<Arc<Connection>>>>,
}

struct Connection {
    out: mpsc::Sender<Frame>,
    waiting: Mutex<HashMap<u64, Waiting>>,
    /// What payloads may be lent of, and rooms.
    lent: [Option<Arc<Arena>>; 2],
    closed: AtomicBool,
    next: AtomicU64,
    /// Of the leaf that it was made with.
    turn: i64,
}

struct Waiting {
    /// None: the caller has given up, and only what was lent waits.
    answer: Option<oneshot::Sender<Result<Parcel, RpcError>>>,
    lent: Option<Bytes>,
    room: Option<Slot>,
}

impl Waiting {
    fn lends(&self) -> bool {
        self.lent.is_some() || self.room.is_some()
    }
}

impl std::fmt::Debug for BulkClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BulkClient({})", self.role)
    }
}

impl BulkClient {
    /// Calls as `me` the process whose socket it is: `run/storage-a1.sock` must be answered by `storage-a1`.
    pub fn new(me: &Identity, socket: impl Into<PathBuf>) -> Self {
        let socket = socket.into();
        let role = socket.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        Self {
            me: me.clone(),
            socket: Arc::new(socket),
            role: role.into(),
            lender: None,
            rooms: None,
            connection: Arc::default(),
        }
    }

    /// One whose payloads are lent if they are the lender's; others go through the socket.
    pub fn lending(self, lender: Lender) -> Self {
        Self { lender: Some(lender), ..self }
    }

    /// One that takes answers to [`BulkClient::call_with_room`] in the lender's slots.
    pub fn with_rooms(self, rooms: Lender) -> Self {
        Self { rooms: Some(rooms), ..self }
    }

    pub fn role(&self) -> &str {
        &self.role
    }

    /// One call, answered within `timeout` or failed. A tokio runtime with I/O and time must be running.
    pub async fn call(&self, call: Parcel, timeout: Duration) -> Result<Parcel, RpcError> {
        self.call_by(call, None, timeout).await
    }

    /// The same of a call without a payload; the answer's need not go through the socket, while there is room.
    pub async fn call_with_room(&self, head: Bytes, timeout: Duration) -> Result<Parcel, RpcError> {
        let room = self.rooms.as_ref().and_then(Lender::room);
        self.call_by(Parcel { head, payload: Bytes::new() }, room, timeout).await
    }

    async fn call_by(&self, call: Parcel, room: Option<Slot>, timeout: Duration) -> Result<Parcel, RpcError> {
        match tokio::time::timeout(timeout, self.exchange(call, room)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.unknown(format!("it took longer than {timeout:?}"))),
        }
    }

    fn unknown(&self, cause: String) -> RpcError {
        RpcError::Unknown { role: self.role.to_string(), cause }
    }

    async fn exchange(&self, call: Parcel, room: Option<Slot>) -> Result<Parcel, RpcError> {
        let size = call.head.len() + call.payload.len();
        if size > FRAME_BYTES_MAX {
            return Err(RpcError::remote("too-large", format!("a call of {size} bytes; at most {FRAME_BYTES_MAX}")));
        }
        let connection = self.connected().await?;
        let id = connection.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        // A room of an arena that was retired meanwhile is none.
        let room = room.filter(|room| connection.lent[1].as_ref().is_some_and(|arena| room.is_of(arena)));
        let (frame, lent) = connection.frame(id, call, room.as_ref());
        locked(&connection.waiting).insert(id, Waiting { answer: Some(answer), lent, room });
        // A caller that gives up leaves nothing behind but what it has lent.
        let mut forget = Forget { connection: &connection, id, sent: false };
        forget.sent = connection.out.send(frame).await.is_ok();
        if !forget.sent || connection.is_closed() {
            return Err(self.unknown("the connection was lost".to_owned()));
        }
        answered.await.unwrap_or_else(|_| Err(self.unknown("the connection was lost".to_owned())))
    }

    async fn connected(&self) -> Result<Arc<Connection>, RpcError> {
        let mut held = self.connection.lock().await;
        let turn = self.me.turn();
        // A connection with another arena, or of before our leaf was renewed, answers its calls and goes.
        let is_current = |arena: &Option<Arc<Arena>>| arena.as_ref().is_none_or(|a| !a.is_retired());
        let good = |c: &&Arc<Connection>| !c.is_closed() && c.turn == turn && c.lent.iter().all(is_current);
        if let Some(connection) = held.as_ref().filter(good) {
            return Ok(connection.clone());
        }
        let stream = self.me.connect(&self.socket).await.map_err(|e| e.for_role(&self.role))?;
        let connection = match stream.frames {
            Frames::Tls => {
                let (read, write) = tokio::io::split(stream.tls);
                self.run(read, write, [None, None], turn)
            }
            Frames::Kernel => {
                let lent = [&self.lender, &self.rooms].map(|lender| lender.as_ref().and_then(Lender::arena));
                let socket = stream.into_socket();
                greet(&socket, &lent)
                    .await
                    .map_err(|e| RpcError::Unreachable { role: self.role.to_string(), cause: e.to_string() })?;
                let (read, write) = socket.into_split();
                self.run(read, write, lent, turn)
            }
        };
        *held = Some(connection.clone());
        Ok(connection)
    }

    fn run<R, W>(&self, read: R, mut write: W, lent: [Option<Arc<Arena>>; 2], turn: i64) -> Arc<Connection>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (out, mut queue) = mpsc::channel::<Frame>(QUEUE_FRAMES_MAX);
        let (closed, next) = (AtomicBool::new(false), AtomicU64::new(1));
        let connection = Arc::new(Connection { out, waiting: Mutex::default(), lent, closed, next, turn });
        // Neither task keeps the connection alive: with its last client the queue closes, the writer ends and shuts its side
        // down, and the server hangs up on the reader.
        let (reader, writer) = (Arc::downgrade(&connection), Arc::downgrade(&connection));
        let role = self.role.to_string();
        tokio::spawn(async move {
            let mut read = BufReader::with_capacity(READ_BUFFER_BYTES, read);
            while let Ok(Some(frame)) = read_frame(&mut read).await {
                let Some(connection) = reader.upgrade() else { break };
                let waiting = locked(&connection.waiting).remove(&frame.id);
                if let Some(Waiting { answer: Some(answer), lent, room }) = waiting {
                    // Given back before the caller goes on.
                    drop(lent);
                    let _ = answer.send(outcome_of(frame, room, &role));
                }
            }
            if let Some(connection) = reader.upgrade() {
                connection.close();
            }
        });
        tokio::spawn(async move {
            while let Some(frame) = queue.recv().await {
                if write_frame(&mut write, frame).await.is_err() {
                    break;
                }
            }
            // Halves of a TLS stream do not close it when they are dropped one by one.
            let _ = write.shutdown().await;
            if let Some(connection) = writer.upgrade() {
                connection.close();
            }
        });
        connection
    }
}

impl Connection {
    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Everyone who waits learns that the outcome is unknown.
    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let mut waiting = locked(&self.waiting);
        // Nobody will say any more when the server is done with it.
        let [arena, rooms] = &self.lent;
        if let Some(arena) = arena.as_ref().filter(|_| waiting.values().any(|w| w.lent.is_some())) {
            arena.retire();
        }
        if let Some(arena) = rooms.as_ref().filter(|_| waiting.values().any(|w| w.room.is_some())) {
            arena.retire();
        }
        waiting.clear();
    }

    /// A call's frame, and what is lent with it.
    fn frame(&self, id: u64, call: Parcel, room: Option<&Slot>) -> (Frame, Option<Bytes>) {
        if let Some((offset, bytes)) = room.map(Slot::place) {
            let parcel = Parcel { head: call.head, payload: place_to_bytes(offset, bytes) };
            return (Frame { id, kind: KIND_ROOM_CALL, parcel }, None);
        }
        let offset = self.lent[0].as_ref().and_then(|a| a.offset_of(&call.payload)).filter(|_| !call.payload.is_empty());
        let Some(offset) = offset else { return (Frame { id, kind: KIND_CALL, parcel: call }, None) };
        let parcel = Parcel { head: call.head, payload: place_to_bytes(offset, call.payload.len() as u32) };
        (Frame { id, kind: KIND_LENT_CALL, parcel }, Some(call.payload))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

/// Says what is lent.
async fn greet(stream: &UnixStream, [calls, rooms]: &[Option<Arc<Arena>>; 2]) -> io::Result<()> {
    let lent = [(GREETING_LENT, calls), (GREETING_ROOMS, rooms)];
    let lent = lent.into_iter().filter_map(|(byte, arena)| Some((byte, Some(arena.as_ref()?.as_raw_fd()))));
    for (byte, fd) in lent.chain([(GREETING_END, None)]) {
        loop {
            stream.writable().await?;
            match stream.try_io(Interest::WRITABLE, || send_byte(stream.as_raw_fd(), byte, fd)) {
                Ok(()) => break,
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(e) => return Err(e),
            }
        }
    }
    Ok(())
}

struct Forget<'a> {
    connection: &'a Connection,
    id: u64,
    /// Into the queue.
    sent: bool,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        let mut waiting = locked(&self.connection.waiting);
        match waiting.get_mut(&self.id) {
            Some(w) if self.sent && w.lends() => w.answer = None,
            _ => drop(waiting.remove(&self.id)),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

fn outcome_of(frame: Frame, room: Option<Slot>, role: &str) -> Result<Parcel, RpcError> {
    match frame.kind {
        KIND_ANSWER => Ok(frame.parcel),
        KIND_LENT_ANSWER => {
            let place = place_of(frame.parcel.payload).ok();
            let payload = room.zip(place).and_then(|(room, (offset, bytes))| room.filled(offset, bytes));
            let stray =
                || RpcError::Unknown { role: role.to_owned(), cause: "its answer lies in no room of the call".to_owned() };
            Ok(Parcel { head: frame.parcel.head, payload: payload.ok_or_else(stray)? })
        }
        KIND_REFUSAL => {
            let text = String::from_utf8_lossy(&frame.parcel.head);
            let (code, message) = text.split_once('\n').unwrap_or((&text, ""));
            Err(RpcError::remote(code, message))
        }
        kind => Err(RpcError::Unknown { role: role.to_owned(), cause: format!("its answer is of the kind {kind}") }),
    }
}

// ---------------------------------------------------------------------------------------------------------- server

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
    let (read, write) = socket.into_split();
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

// ---------------------------------------------------------------------------------------------------------- frames

fn place_to_bytes(offset: u64, bytes: u32) -> Bytes {
    let mut place = BytesMut::with_capacity(PLACE_BYTES);
    place.put_u64_le(offset);
    place.put_u32_le(bytes);
    place.freeze()
}

fn place_of(mut place: Bytes) -> io::Result<(u64, u32)> {
    if place.len() != PLACE_BYTES {
        return Err(io::Error::other("a lent payload without its place"));
    }
    Ok((place.get_u64_le(), place.get_u32_le()))
}

/// None: the peer closed between frames.
async fn read_frame(read: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Frame>> {
    let length = match read.read_u32_le().await {
        Ok(length) => length as usize,
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e),
    };
    if !(FIXED_BYTES..=FIXED_BYTES + FRAME_BYTES_MAX).contains(&length) {
        return Err(io::Error::other(format!("a frame of {length} bytes")));
    }
    let mut body = BytesMut::with_capacity(length).limit(length);
    while body.has_remaining_mut() {
        if read.read_buf(&mut body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let mut body = body.into_inner().freeze();
    let (id, kind, head) = (body.get_u64_le(), body.get_u8(), body.get_u32_le() as usize);
    if head > body.len() {
        return Err(io::Error::other("a head longer than its frame"));
    }
    let head = body.split_to(head);
    Ok(Some(Frame { id, kind, parcel: Parcel { head, payload: body } }))
}

async fn write_frame(write: &mut (impl AsyncWriteExt + Unpin), frame: Frame) -> io::Result<()> {
    let Frame { id, kind, parcel: Parcel { head, payload } } = frame;
    let mut start = BytesMut::with_capacity(4 + FIXED_BYTES + head.len());
    start.put_u32_le((FIXED_BYTES + head.len() + payload.len()) as u32);
    start.put_u64_le(id);
    start.put_u8(kind);
    start.put_u32_le(head.len() as u32);
    start.put_slice(&head);
    write.write_all_buf(&mut start.chain(payload)).await?;
    write.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::tls::Role;
    use crate::{DataDir, SystemClock};

    /// A client's identity and a server's.
    fn ends(dir: &tempfile::TempDir, frames: Frames) -> (Identity, Identity) {
        let dir = DataDir::new(dir.path());
        crate::tls::testing::issue(&dir, ["gateway", "storage-a1"]);
        let open = |process| Identity::open_with(&dir, process, frames, Arc::new(SystemClock::new())).unwrap();
        (open("gateway"), open("storage-a1"))
    }

    async fn serve_gateway<F, Fut>(listener: UnixListener, me: Identity, handler: F)
    where
        F: Fn(Parcel) -> Fut + 'static,
        Fut: Future<Output = Result<Parcel, RpcError>> + 'static,
    {
        serve(listener, me, &[Role::Gateway.any()], move |_, call| handler(call)).await;
    }

    fn parcel(head: &str, payload: Vec<u8>) -> Parcel {
        Parcel { head: Bytes::from(head.to_owned()), payload: payload.into() }
    }

    #[tokio::test]
    async fn calls_overtake_each_other_and_a_lost_server_is_found_again() {
        for frames in [Frames::Kernel, Frames::Tls] {
            calls_overtake(frames).await;
        }
    }

    async fn calls_overtake(frames: Frames) {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("storage-a1.sock");
        let (me, server) = ends(&dir, frames);
        let client = BulkClient::new(&me, &socket);
        let second = Duration::from_secs(5);
        assert!(matches!(client.call(Parcel::default(), second).await, Err(RpcError::Unreachable { .. })));
        let (open, gate) = tokio::sync::watch::channel(false);
        let handler = move |call: Parcel| {
            let mut gate = gate.clone();
            async move {
                match &call.head[..] {
                    b"wait" => drop(gate.wait_for(|open| *open).await),
                    b"no" => return Err(RpcError::remote("refused", "not this")),
                    _ => {}
                }
                Ok(Parcel { head: call.head, payload: call.payload.iter().rev().copied().collect() })
            }
        };
        tokio::task::LocalSet::new()
            .run_until(async move {
                let serving =
                    tokio::task::spawn_local(serve_gateway(crate::rpc::bind(&socket).unwrap(), server.clone(), handler.clone()));
                let slow = tokio::task::spawn_local({
                    let client = client.clone();
                    async move { client.call(parcel("wait", vec![1, 2]), second).await }
                });
                let big: Vec<u8> = (0..3 << 20).map(|i| i as u8).collect();
                let answer = client.call(parcel("x", big.clone()), second).await.unwrap();
                assert!(answer.payload.iter().eq(big.iter().rev()));
                assert_eq!(client.call(parcel("no", vec![]), second).await.unwrap_err().code(), "refused");
                let late = client.call(parcel("wait", vec![]), Duration::from_millis(20)).await.unwrap_err();
                assert!(!late.is_definite());
                assert!(!slow.is_finished());
                open.send(true).unwrap();
                assert_eq!(slow.await.unwrap().unwrap().payload[..], [2, 1]);
                let too_big = client.call(parcel("x", vec![0; FRAME_BYTES_MAX + 1]), second).await.unwrap_err();
                assert_eq!(too_big.code(), "too-large");
                serving.abort();
                let _ = serving.await;
                let listener = crate::rpc::bind(&socket).unwrap();
                // The connection's own task still runs: calls go on over it, and a new client finds the new server.
                tokio::task::spawn_local(serve_gateway(listener, server, handler));
                let other = BulkClient::new(&me, &socket);
                assert_eq!(other.call(parcel("x", vec![7]), second).await.unwrap().payload[..], [7]);
            })
            .await;
    }

    #[tokio::test]
    async fn clients_that_go_leave_no_connection() {
        for frames in [Frames::Kernel, Frames::Tls] {
            clients_go(frames).await;
        }
    }

    async fn clients_go(frames: Frames) {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("storage-a1.sock");
        let (me, server) = ends(&dir, frames);
        tokio::task::LocalSet::new()
            .run_until(async move {
                tokio::task::spawn_local(serve_gateway(
                    crate::rpc::bind(&socket).unwrap(),
                    server,
                    |call| async move { Ok(call) },
                ));
                // More than a server has places for; each must be given back.
                for n in 0..3 * CONNECTIONS_MAX {
                    let client = BulkClient::new(&me, &socket);
                    let answer = client.call(parcel("x", vec![n as u8]), Duration::from_secs(5)).await.unwrap();
                    assert_eq!(answer.payload[..], [n as u8]);
                }
            })
            .await;
    }

    #[tokio::test]
    async fn payloads_are_lent_until_they_are_answered() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("storage-a1.sock");
        let (me, server) = ends(&dir, Frames::Kernel);
        let second = Duration::from_secs(5);
        let lender = Lender::new(1 << 20, 1);
        let client = BulkClient::new(&me, &socket).lending(lender.clone());
        let (open, gate) = tokio::sync::watch::channel(0);
        let handler = move |call: Parcel| {
            let mut gate = gate.clone();
            async move {
                let wanted: i32 = if call.head.is_empty() { 0 } else { 1 };
                drop(gate.wait_for(|open| *open >= wanted).await);
                Ok(Parcel { head: call.head, payload: call.payload.iter().rev().copied().collect() })
            }
        };
        let lent =
            |head: &'static [u8], bytes: &[u8]| Parcel { head: Bytes::from_static(head), payload: lender.copy(bytes).unwrap() };
        tokio::task::LocalSet::new()
            .run_until(async {
                let serving = tokio::task::spawn_local(serve_gateway(crate::rpc::bind(&socket).unwrap(), server, handler));
                let big: Vec<u8> = (0..1 << 20).map(|i| (i / 3) as u8).collect();
                for _ in 0..3 {
                    let answer = client.call(lent(b"", &big), second).await.unwrap();
                    assert!(answer.payload.iter().eq(big.iter().rev()));
                }
                // Given up, and still lent: until the answer comes after all.
                let late = client.call(lent(b"wait", &big), Duration::from_millis(20)).await;
                assert!(!late.unwrap_err().is_definite());
                assert_eq!(lender.copy(b"x"), None);
                let copied = client.call(parcel("", vec![1, 2]), second).await.unwrap();
                assert_eq!(copied.payload[..], [2, 1], "what is not the lender's goes through the socket");
                open.send(1).unwrap();
                while lender.copy(b"x").is_none() {
                    tokio::task::yield_now().await;
                }
                assert_eq!(client.call(lent(b"wait", b"ab"), second).await.unwrap().payload[..], b"ba"[..]);
                // The connection is lost while something is lent: that memory is left alone for ever.
                open.send(0).unwrap();
                let before = lender.arena().unwrap();
                let late = client.call(lent(b"wait", &big), Duration::from_millis(20)).await;
                assert!(late.is_err());
                drop((client, serving.abort()));
                while !before.is_retired() {
                    tokio::task::yield_now().await;
                }
                assert!(before.offset_of(&lender.copy(b"new").unwrap()).is_none());
            })
            .await;
    }

    #[tokio::test]
    async fn answers_are_laid_down_where_the_client_has_room() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("storage-a1.sock");
        let (me, server) = ends(&dir, Frames::Kernel);
        let second = Duration::from_secs(5);
        let rooms = Lender::new(1 << 20, 2);
        let client = BulkClient::new(&me, &socket).with_rooms(rooms.clone());
        let (open, gate) = tokio::sync::watch::channel(false);
        let handler = move |_: Rc<Peer>, call: Parcel, room: Option<Room>| {
            let mut gate = gate.clone();
            async move {
                let Some(mut room) = room else { return Ok(Parcel { payload: Bytes::from_static(b"sent"), head: call.head }) };
                match &call.head[..] {
                    b"no" => return Err(RpcError::remote("refused", "not this")),
                    b"elsewhere" => return Ok(Parcel { payload: Bytes::from_static(b"sent"), head: call.head }),
                    b"wait" => drop(gate.wait_for(|open| *open).await),
                    _ => {}
                }
                room.memory().iter_mut().enumerate().for_each(|(n, b)| *b = (n / 3) as u8);
                Ok(Parcel { payload: room.freeze(3..1 << 20), head: call.head })
            }
        };
        let head = Bytes::from_static;
        tokio::task::LocalSet::new()
            .run_until(async {
                let listener = crate::rpc::bind(&socket).unwrap();
                let server = tokio::task::spawn_local(async move {
                    serve_with_rooms(listener, server, &[Role::Gateway.any()], handler).await;
                });
                let first = client.call_with_room(head(b"a"), second).await.unwrap();
                assert!(
                    first.payload.iter().enumerate().all(|(n, b)| *b == ((n + 3) / 3) as u8)
                        && first.payload.len() == (1 << 20) - 3
                );
                assert_eq!(client.call(parcel("x", vec![]), second).await.unwrap().payload, b"sent"[..]);
                assert_eq!(client.call_with_room(head(b"elsewhere"), second).await.unwrap().payload, b"sent"[..]);
                assert_eq!(client.call_with_room(head(b"no"), second).await.unwrap_err().code(), "refused");
                let other = client.call_with_room(head(b"a"), second).await.unwrap();
                assert!(first.payload == other.payload && first.payload.as_ptr() != other.payload.as_ptr());
                assert_eq!(client.call_with_room(head(b"a"), second).await.unwrap().payload, b"sent"[..], "no room is left");
                drop((first, other));
                // Given up: the room is the server's until it answers.
                for _ in 0..2 {
                    assert!(client.call_with_room(head(b"wait"), Duration::from_millis(20)).await.is_err());
                }
                assert!(rooms.room().is_none());
                open.send(true).unwrap();
                while rooms.room().is_none() {
                    tokio::task::yield_now().await;
                }
                open.send(false).unwrap();
                // The connection is lost: nobody looks at that room again.
                let before = rooms.arena().unwrap();
                assert!(client.call_with_room(head(b"wait"), Duration::from_millis(20)).await.is_err());
                drop((client, server.abort()));
                while !before.is_retired() {
                    tokio::task::yield_now().await;
                }
                assert!(!rooms.room().unwrap().is_of(&before));
            })
            .await;
    }

    #[tokio::test]
    async fn nonsense_ends_the_connection_only() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("storage-a1.sock");
        let (me, server) = ends(&dir, Frames::Kernel);
        tokio::task::LocalSet::new()
            .run_until(async move {
                tokio::task::spawn_local(serve_gateway(
                    crate::rpc::bind(&socket).unwrap(),
                    server,
                    |call| async move { Ok(call) },
                ));
                // A strange greeting; a descriptor promised; a length; a head behind its frame; an empty frame; nothing is lent.
                let lent = [&[0, 25, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3][..], &[0; 16]].concat();
                let room = [&[0, 25, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4][..], &[0; 16]].concat();
                let bads: [&[u8]; 8] = [
                    &[0xff; 64],
                    &[1; 64],
                    &[0, 0xff, 0xff, 0xff, 0xff],
                    &[0, 13, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0],
                    &[0, 0, 0, 0, 0],
                    &[2, 0],
                    &lent,
                    &room,
                ];
                for bad in bads {
                    let mut stream = me.connect(&socket).await.unwrap().into_socket();
                    stream.write_all(bad).await.unwrap();
                    let mut rest = Vec::new();
                    let _ = stream.read_to_end(&mut rest).await;
                    assert!(rest.is_empty());
                }
                let client = BulkClient::new(&me, &socket);
                let answer = client.call(parcel("still", vec![1]), Duration::from_secs(5)).await.unwrap();
                assert_eq!(&answer.head[..], b"still");
            })
            .await;
    }
}
