//! Bodies on their way: a request's towards its target, an answer's towards its client.

use crate::clock::Ticks;
use crate::log::Entry;
use crate::pool::H1;
use crate::target::Lease;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// How far a request's body has come.
#[derive(Debug, Default)]
pub struct Upload {
    pub bytes: Cell<u64>,
    pub ended: Cell<bool>,
    /// The client's side broke.
    pub failed: Cell<bool>,
}

/// What is sent to a target.
#[derive(Debug)]
pub enum RequestBody {
    Empty,
    /// At hand, to be sent again if need be.
    Kept(Bytes),
    /// As it comes from the client.
    Streamed(Incoming, Rc<Upload>),
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Kept(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Self::Empty;
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Self::Streamed(incoming, upload) => {
                let polled = Pin::new(&mut *incoming).poll_frame(cx);
                match &polled {
                    Poll::Ready(Some(Ok(frame))) => {
                        let more = frame.data_ref().map_or(0, Bytes::len) as u64;
                        upload.bytes.set(upload.bytes.get() + more);
                        // hyper asks no further where the length was known.
                        upload.ended.set(incoming.is_end_stream());
                    }
                    Poll::Ready(Some(Err(_))) => upload.failed.set(true),
                    Poll::Ready(None) => upload.ended.set(true),
                    Poll::Pending => {}
                }
                polled
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Kept(bytes) => bytes.is_empty(),
            Self::Streamed(incoming, _) => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Kept(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Streamed(incoming, _) => incoming.size_hint(),
        }
    }
}

/// An answer's body from a target, with the place that the request holds there.
#[derive(Debug)]
pub struct TargetBody {
    pub incoming: Incoming,
    /// None: HTTP/2, or given back already.
    pub h1: Option<H1>,
    pub lease: Lease,
    pub clock: Ticks,
    /// May the connection be used again?
    pub reuse: bool,
}

impl TargetBody {
    /// The answer has been read to its end.
    fn give_back(&mut self) {
        if let Some(h1) = self.h1.take().filter(|_| self.reuse) {
            self.lease.target.pool.put(h1, &self.lease.group.spec().resilience, &self.clock);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut polled = Pin::new(&mut self.incoming).poll_frame(cx);
        if polled.is_pending()
            && let Some(h1) = &mut self.h1
        {
            h1.drive(cx);
            polled = Pin::new(&mut self.incoming).poll_frame(cx);
        }
        if matches!(polled, Poll::Ready(None)) {
            self.give_back();
        }
        polled
    }
}

impl Drop for TargetBody {
    fn drop(&mut self) {
        if self.h1.is_some() && self.incoming.is_end_stream() {
            if let Some(h1) = &mut self.h1 {
                h1.drive(&mut Context::from_waker(Waker::noop()));
            }
            self.give_back();
        }
    }
}

/// What a client gets; its end, whatever it is, ends the request.
#[derive(Debug)]
pub struct ReplyBody {
    kind: Kind,
    /// None: a tunnel's task tells how it ended.
    entry: Option<Box<Entry>>,
}

#[derive(Debug)]
enum Kind {
    Own(Bytes),
    Target(TargetBody),
}

impl ReplyBody {
    pub fn own(bytes: Bytes, entry: Option<Box<Entry>>) -> Self {
        Self { kind: Kind::Own(bytes), entry }
    }

    pub fn target(body: TargetBody, entry: Box<Entry>) -> Self {
        Self { kind: Kind::Target(body), entry: Some(entry) }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        let polled = match &mut this.kind {
            Kind::Own(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Kind::Target(body) => body.poll(cx),
        };
        match (&polled, &mut this.entry) {
            (Poll::Ready(Some(Ok(frame))), Some(entry)) => entry.sent_bytes += frame.data_ref().map_or(0, Bytes::len) as u64,
            (Poll::Ready(Some(Err(_))), Some(entry)) => {
                entry.error_reason = "TargetConnectionClosed";
                entry.shared.count("answers-broken");
            }
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Own(bytes) => bytes.is_empty(),
            Kind::Target(body) => body.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Own(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Target(body) => body.incoming.size_hint(),
        }
    }
}
