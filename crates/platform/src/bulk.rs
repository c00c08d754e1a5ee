//! The data planes' RPC: many calls at once over one unix socket, binary heads and payloads, no copies beyond the socket's,
//! and not even those for payloads in memory that the client lends ([`crate::shared`]).
//!
//! Beside [`crate::rpc`] (JSON, one call a connection at a time) because object data is another matter: a call here costs a
//! few microseconds and carries up to a few MiB. The peers are authenticated in the same way, but what follows the handshake is
//! left to the kernel or goes through TLS, as the server has it ([`Frames`]): what is not lent, then. Replies come in any order.
//!
//! ```text
//!  first:  u8 0, or 1 with a descriptor of the memory that the client lends           (frames outside TLS only)
//!  frame:  u32 length of the rest | u64 call id | u8 kind | u32 head length | head | payload      (little endian)
//!  kind:   0 call, 1 answer, 2 refusal (the head is "code\nmessage"),
//!          3 call whose payload is lent: instead of it u64 offset in that memory | u32 length
//! ```
//! What is lent is the client's again with the answer: a handler keeps nothing of a payload beyond its answer.

use crate::rpc::RpcError;
use crate::shared::{Arena, Lender, View, receive_byte, send_byte};
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
    lender: Option<Lender>,
    connection: Arc<tokio::sync::Mutex<Option<Arc<Connection>>>>,
}

struct Connection {
    out: mpsc::Sender<Frame>,
    waiting: Mutex<HashMap<u64, Waiting>>,
    /// What payloads may be lent of.
    arena: Option<Arc<Arena>>,
    closed: AtomicBool,
    next: AtomicU64,
    /// Of the leaf that it was made with.
    turn: i64,
}

struct Waiting {
    /// None: the caller has given up, and only what was lent waits.
    answer: Option<oneshot::Sender<Result<Parcel, RpcError>>>,
    lent: Option<Bytes>,
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
        Self { me: me.clone(), socket: Arc::new(socket), role: role.into(), lender: None, connection: Arc::default() }
    }

    /// One whose payloads are lent if they are the lender's; others go through the socket.
    pub fn lending(self, lender: Lender) -> Self {
        Self { lender: Some(lender), ..self }
    }

    pub fn role(&self) -> &str {
        &self.role
    }

    /// One call, answered within `timeout` or failed. A tokio runtime with I/O and time must be running.
    pub async fn call(&self, call: Parcel, timeout: Duration) -> Result<Parcel, RpcError> {
        match tokio::time::timeout(timeout, self.exchange(call)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.unknown(format!("it took longer than {timeout:?}"))),
        }
    }

    fn unknown(&self, cause: String) -> RpcError {
        RpcError::Unknown { role: self.role.to_string(), cause }
    }

    async fn exchange(&self, call: Parcel) -> Result<Parcel, RpcError> {
        let size = call.head.len() + call.payload.len();
        if size > FRAME_BYTES_MAX {
            return Err(RpcError::remote("too-large", format!("a call of {size} bytes; at most {FRAME_BYTES_MAX}")));
        }
        let connection = self.connected().await?;
        let id = connection.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        let (frame, lent) = connection.frame(id, call);
        locked(&connection.waiting).insert(id, Waiting { answer: Some(answer), lent });
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
        let good = |c: &&Arc<Connection>| !c.is_closed() && c.turn == turn && c.arena.as_ref().is_none_or(|a| !a.is_retired());
        if let Some(connection) = held.as_ref().filter(good) {
            return Ok(connection.clone());
        }
        let stream = self.me.connect(&self.socket).await.map_err(|e| e.for_role(&self.role))?;
        let connection = match stream.frames {
            Frames::Tls => {
                let (read, write) = tokio::io::split(stream.tls);
                self.run(read, write, None, turn)
            }
            Frames::Kernel => {
                let arena = self.lender.as_ref().and_then(Lender::arena);
                let socket = stream.into_socket();
                greet(&socket, arena.as_deref())
                    .await
                    .map_err(|e| RpcError::Unreachable { role: self.role.to_string(), cause: e.to_string() })?;
                let (read, write) = socket.into_split();
                self.run(read, write, arena, turn)
            }
        };
        *held = Some(connection.clone());
        Ok(connection)
    }

    fn run<R, W>(&self, read: R, mut write: W, arena: Option<Arc<Arena>>, turn: i64) -> Arc<Connection>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (out, mut queue) = mpsc::channel::<Frame>(QUEUE_FRAMES_MAX);
        let (closed, next) = (AtomicBool::new(false), AtomicU64::new(1));
        let connection = Arc::new(Connection { out, waiting: Mutex::default(), arena, closed, next, turn });
        // Neither task keeps the connection alive: with its last client the queue closes, the writer ends and shuts its side
        // down, and the server hangs up on the reader.
        let (reader, writer) = (Arc::downgrade(&connection), Arc::downgrade(&connection));
        let role = self.role.to_string();
        tokio::spawn(async move {
            let mut read = BufReader::with_capacity(READ_BUFFER_BYTES, read);
            while let Ok(Some(frame)) = read_frame(&mut read).await {
                let Some(connection) = reader.upgrade() else { break };
                let waiting = locked(&connection.waiting).remove(&frame.id);
                if let Some(Waiting { answer: Some(answer), lent }) = waiting {
                    // Given back before the caller goes on.
                    drop(lent);
                    let _ = answer.send(outcome_of(frame, &role));
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
        if let Some(arena) = self.arena.as_ref().filter(|_| waiting.values().any(|w| w.lent.is_some())) {
            arena.retire();
        }
        waiting.clear();
    }

    /// A call's frame, and what is lent with it.
    fn frame(&self, id: u64, call: Parcel) -> (Frame, Option<Bytes>) {
        let offset = self.arena.as_ref().and_then(|a| a.offset_of(&call.payload)).filter(|_| !call.payload.is_empty());
        let Some(offset) = offset else { return (Frame { id, kind: KIND_CALL, parcel: call }, None) };
        let mut place = BytesMut::with_capacity(PLACE_BYTES);
        place.put_u64_le(offset);
        place.put_u32_le(call.payload.len() as u32);
        let parcel = Parcel { head: call.head, payload: place.freeze() };
        (Frame { id, kind: KIND_LENT_CALL, parcel }, Some(call.payload))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

/// Says what is lent.
async fn greet(stream: &UnixStream, arena: Option<&Arena>) -> io::Result<()> {
    loop {
        stream.writable().await?;
        let (byte, fd) = (u8::from(arena.is_some()), arena.map(AsRawFd::as_raw_fd));
        match stream.try_io(Interest::WRITABLE, || send_byte(stream.as_raw_fd(), byte, fd)) {
            Ok(()) => return Ok(()),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(e) => return Err(e),
        }
    }
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
            Some(w) if self.sent && w.lent.is_some() => w.answer = None,
            _ => drop(waiting.remove(&self.id)),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

fn outcome_of(frame: Frame, role: &str) -> Result<Parcel, RpcError> {
    match frame.kind {
        KIND_ANSWER => Ok(frame.parcel),
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
    F: Fn(Rc<Peer>, Parcel) -> Fut + 'static,
    Fut: Future<Output = Result<Parcel, RpcError>> + 'static,
{
    if stream.frames == Frames::Tls {
        let (read, write) = tokio::io::split(stream.tls);
        return answer_calls(read, write, None, peer, handler).await;
    }
    let socket = stream.into_socket();
    let Some(view) = greeted(&socket).await? else { return Ok(()) };
    let (read, write) = socket.into_split();
    answer_calls(read, write, view, peer, handler).await
}

async fn answer_calls<R, W, F, Fut>(
    read: R,
    mut write: W,
    view: Option<Arc<View>>,
    peer: Rc<Peer>,
    handler: Rc<F>,
) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + 'static,
    F: Fn(Rc<Peer>, Parcel) -> Fut + 'static,
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
        match (kind, &view) {
            (KIND_CALL, _) => {}
            (KIND_LENT_CALL, Some(view)) => parcel.payload = lent(view, parcel.payload)?,
            _ => return Err(io::Error::other(format!("a call of the kind {kind}"))),
        }
        let size = (parcel.head.len() + parcel.payload.len()) as u32;
        let call = calls.clone().acquire_owned().await.map_err(io::Error::other)?;
        let room = bytes.clone().acquire_many_owned(size).await.map_err(io::Error::other)?;
        let (handler, out, peer) = (handler.clone(), out.clone(), peer.clone());
        tokio::task::spawn_local(async move {
            let answer = match handler(peer, parcel).await {
                Ok(parcel) => Frame { id, kind: KIND_ANSWER, parcel },
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
            drop((call, room));
        });
    }
    Ok(())
}

/// What the client lends. None outside: it hung up.
async fn greeted(stream: &UnixStream) -> io::Result<Option<Option<Arc<View>>>> {
    loop {
        stream.readable().await?;
        match stream.try_io(Interest::READABLE, || receive_byte(stream.as_raw_fd())) {
            Ok(None) => return Ok(None),
            Ok(Some((0, None))) => return Ok(Some(None)),
            Ok(Some((1, Some(fd)))) => return Ok(Some(Some(View::open(fd)?))),
            Ok(Some(_)) => return Err(io::Error::other("a strange greeting")),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(e) => return Err(e),
        }
    }
}

fn lent(view: &Arc<View>, mut place: Bytes) -> io::Result<Bytes> {
    if place.len() != PLACE_BYTES {
        return Err(io::Error::other("a lent payload without its place"));
    }
    let (offset, bytes) = (place.get_u64_le(), place.get_u32_le());
    let payload = view.bytes(offset, bytes).filter(|b| b.len() <= FRAME_BYTES_MAX);
    payload.ok_or_else(|| io::Error::other(format!("{bytes} lent bytes at {offset}, where nothing is lent")))
}

// ---------------------------------------------------------------------------------------------------------- frames

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
                let bads: [&[u8]; 6] = [
                    &[0xff; 64],
                    &[1; 64],
                    &[0, 0xff, 0xff, 0xff, 0xff],
                    &[0, 13, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0],
                    &[0, 0, 0, 0, 0],
                    &lent,
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
