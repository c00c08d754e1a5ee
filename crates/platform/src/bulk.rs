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

mod client;
mod server;
#[cfg(test)]
mod tests;

pub use client::BulkClient;
pub use server::{serve, serve_with_rooms};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

/// Head and payload of one frame together.
pub const FRAME_BYTES_MAX: usize = 8 << 20;
/// Frames that wait in one queue to be written.
const QUEUE_FRAMES_MAX: usize = 64;
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
