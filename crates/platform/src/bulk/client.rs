//! The calling side: one connection, on which calls overtake each other.

use super::*;
use crate::descriptors::send_byte;
use crate::quiet;
use crate::rpc::RpcError;
use crate::shared::{Arena, Lender, Slot};
use crate::tls::{Frames, Identity};
use std::collections::HashMap;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncWrite, BufReader, Interest};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};

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
                let unreachable = |e: io::Error| RpcError::Unreachable { role: self.role.to_string(), cause: e.to_string() };
                greet(&socket, &lent).await.map_err(unreachable)?;
                let (read, write) = quiet::split(socket).map_err(unreachable)?;
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
