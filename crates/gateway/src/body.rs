//! Reply bodies: whole, or an object's bytes as they come from the storage nodes.

use crate::limits::Pass;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Pieces that wait between a reader and a client that is slower.
const PIECES_MAX: usize = 2;

#[derive(Debug)]
pub enum ReplyBody {
    /// None once it was sent.
    Whole(Option<Bytes>),
    Stream {
        pieces: mpsc::Receiver<io::Result<Bytes>>,
        bytes_left: u64,
        /// The place that it takes while it goes out.
        pass: Option<Pass>,
    },
    /// A HEAD's: no bytes, but a length.
    Head { bytes: u64 },
}

impl ReplyBody {
    pub fn empty() -> Self {
        Self::Whole(None)
    }

    /// A body of exactly `bytes` that is written into the sender. A sender dropped early, or an error, cuts the
    /// connection, so that the client knows.
    pub fn stream(bytes: u64) -> (mpsc::Sender<io::Result<Bytes>>, Self) {
        let (sender, pieces) = mpsc::channel(PIECES_MAX);
        (sender, Self::Stream { pieces, bytes_left: bytes, pass: None })
    }

    pub fn is_stream(&self) -> bool {
        matches!(self, Self::Stream { .. })
    }

    /// Keeps a place until all of it is sent or its receiver is gone.
    pub fn keep(&mut self, place: Pass) {
        if let Self::Stream { pass, .. } = self {
            *pass = Some(place);
        }
    }
}

impl From<Bytes> for ReplyBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|b| !b.is_empty()))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            Self::Head { .. } => Poll::Ready(None),
            Self::Stream { bytes_left: 0, .. } => Poll::Ready(None),
            Self::Stream { pieces, bytes_left, .. } => pieces.poll_recv(cx).map(|piece| {
                let short = || Err(io::Error::other("the object's bytes ended early"));
                Some(piece.unwrap_or_else(short).and_then(|piece| {
                    *bytes_left = bytes_left.checked_sub(piece.len() as u64).ok_or_else(|| io::Error::other("too many bytes"))?;
                    Ok(Frame::data(piece))
                }))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None) | Self::Head { .. } | Self::Stream { bytes_left: 0, .. })
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Stream { bytes_left, .. } => SizeHint::with_exact(*bytes_left),
            Self::Head { bytes } => SizeHint::with_exact(*bytes),
        }
    }
}
