//! Connections to one target: made, kept, handed out, closed.
//!
//! An HTTP/1 connection has no task: whoever uses it drives it (hyper's connection future lies beside its sender), so a
//! request and its answer run in the client's task without a wake-up in between. Kept ones lie still; whether the target has
//! closed one is seen when it is taken, and by the sweeper. HTTP/2 connections are shared and have a task each.

use crate::body::RequestBody;
use crate::clock::{Ticks, ticks};
use crate::stream::{Kill, TargetStream, connect};
use crate::transport::Dialer;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ClientConfig;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use wire::balancer::Resilience;

/// AWS: response headers of 32 K.
const HEAD_BYTES_MAX: usize = 32 << 10;
const BUFFER_BYTES_MAX: usize = 64 << 10;

#[derive(Debug, Default)]
pub struct Pool {
    idle: RefCell<Vec<H1>>,
    /// With the tick of its last use.
    h2: RefCell<Option<(http2::SendRequest<RequestBody>, u32)>>,
    /// One connects, the others wait for what it makes.
    connecting: tokio::sync::Mutex<()>,
    /// All that are open, to close them when the target's time is over.
    open: RefCell<Vec<Weak<Kill>>>,
    closed: Cell<bool>,
}

/// How a group's targets are reached.
#[derive(Debug, Clone)]
pub struct Way {
    pub dialer: Dialer,
    pub address: SocketAddr,
    pub tls: Option<Arc<ClientConfig>>,
    pub timeout: Duration,
}

/// No connection could be had.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("no connection within the time")]
    Timeout,
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
}

enum Driver {
    Plain(Box<http1::Connection<TokioIo<TargetStream>, RequestBody>>),
    Upgrading(Pin<Box<dyn Future<Output = hyper::Result<()>>>>),
    Ended,
}

/// One HTTP/1 connection, and what drives it.
pub struct H1 {
    sender: http1::SendRequest<RequestBody>,
    driver: Driver,
    /// Kept since this tick.
    since: u32,
    pub reused: bool,
}

impl std::fmt::Debug for H1 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("H1").field("since", &self.since).finish_non_exhaustive()
    }
}

impl H1 {
    /// Lets the connection go on.
    pub fn drive(&mut self, cx: &mut Context<'_>) {
        let ended = match &mut self.driver {
            Driver::Plain(c) => Pin::new(&mut **c).poll(cx).is_ready(),
            Driver::Upgrading(c) => c.as_mut().poll(cx).is_ready(),
            Driver::Ended => false,
        };
        if ended {
            self.driver = Driver::Ended;
        }
    }

    /// Open, and free for a request?
    fn is_free(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !matches!(self.driver, Driver::Ended) && self.sender.is_ready()
    }

    /// Sends a request and drives the connection until the answer's head is there.
    pub async fn exchange(
        &mut self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<RequestBody>>> {
        let mut reply = std::pin::pin!(self.sender.try_send_request(request));
        let driver = &mut self.driver;
        std::future::poll_fn(|cx| {
            let ended = match driver {
                Driver::Plain(c) => Pin::new(&mut **c).poll(cx).is_ready(),
                Driver::Upgrading(c) => c.as_mut().poll(cx).is_ready(),
                Driver::Ended => false,
            };
            if ended {
                *driver = Driver::Ended;
            }
            reply.as_mut().poll(cx)
        })
        .await
    }

    /// Drives it to its end: after an upgrade, hyper hands its bytes over then.
    pub async fn finish(mut self) {
        std::future::poll_fn(|cx| {
            self.drive(cx);
            if matches!(self.driver, Driver::Ended) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

impl Pool {
    /// One that is kept and still open.
    pub fn take(&self) -> Option<H1> {
        loop {
            let mut h1 = self.idle.borrow_mut().pop()?;
            if h1.is_free() {
                h1.reused = true;
                return Some(h1);
            }
        }
    }

    /// A new HTTP/1 connection; `upgrade`: its bytes may be handed over after an answer of 101.
    ///
    /// # Errors
    /// There is none to be had.
    pub async fn open_h1(&self, way: &Way, upgrade: bool) -> Result<H1, ConnectError> {
        let stream = self.stream(way, false).await?;
        let (sender, connection) = http1::Builder::new()
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(BUFFER_BYTES_MAX)
            .handshake(TokioIo::new(stream))
            .await?;
        let driver = match upgrade {
            true => Driver::Upgrading(Box::pin(connection.with_upgrades())),
            false => Driver::Plain(Box::new(connection)),
        };
        Ok(H1 { sender, driver, since: 0, reused: false })
    }

    /// Keeps a connection whose answer has been read to its end, if it can be used again.
    pub fn put(&self, mut h1: H1, spec: &Resilience, clock: &Ticks) {
        if self.closed.get() || !h1.is_free() || self.idle.borrow().len() >= spec.idle_connections_max as usize {
            return;
        }
        h1.since = clock.now();
        self.idle.borrow_mut().push(h1);
    }

    /// The shared HTTP/2 connection, made when there is none.
    ///
    /// # Errors
    /// There is none to be had.
    pub async fn h2(&self, way: &Way, clock: &Ticks) -> Result<http2::SendRequest<RequestBody>, ConnectError> {
        if let Some(sender) = self.live_h2(clock) {
            return Ok(sender);
        }
        let _turn = self.connecting.lock().await;
        if let Some(sender) = self.live_h2(clock) {
            return Ok(sender);
        }
        let stream = self.stream(way, true).await?;
        let (sender, connection) = http2::Builder::new(LocalExecutor)
            .timer(TokioTimer::new())
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(4 << 20)
            .max_header_list_size(HEAD_BYTES_MAX as u32)
            .keep_alive_interval(Duration::from_secs(20))
            .handshake(TokioIo::new(stream))
            .await?;
        tokio::task::spawn_local(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a target's HTTP/2 connection ended");
            }
        });
        *self.h2.borrow_mut() = Some((sender.clone(), clock.now()));
        Ok(sender)
    }

    fn live_h2(&self, clock: &Ticks) -> Option<http2::SendRequest<RequestBody>> {
        let mut h2 = self.h2.borrow_mut();
        let (sender, used) = h2.as_mut().filter(|(s, _)| !s.is_closed() && s.is_ready())?;
        *used = clock.now();
        Some(sender.clone())
    }

    async fn stream(&self, way: &Way, h2: bool) -> Result<TargetStream, ConnectError> {
        let kill = Arc::new(Kill::default());
        let opened =
            tokio::time::timeout(way.timeout, connect(&way.dialer, way.address, way.tls.clone(), h2, kill.clone())).await;
        let stream = opened.map_err(|_| ConnectError::Timeout)??;
        let mut open = self.open.borrow_mut();
        if open.len() == open.capacity() {
            open.retain(|k| k.strong_count() > 0);
        }
        open.push(Arc::downgrade(&kill));
        Ok(stream)
    }

    /// Closes what was kept too long or was closed by the target. `in_flight`: requests, for the shared connection.
    pub fn sweep(&self, spec: &Resilience, clock: &Ticks, in_flight: u32) {
        let (now, keep) = (clock.now(), ticks(u64::from(spec.idle_connection_seconds) * 1000));
        let mut idle = std::mem::take(&mut *self.idle.borrow_mut());
        idle.retain_mut(|h1| now.saturating_sub(h1.since) <= keep && h1.is_free());
        idle.append(&mut self.idle.borrow_mut());
        *self.idle.borrow_mut() = idle;
        let mut h2 = self.h2.borrow_mut();
        if h2.as_ref().is_some_and(|(s, used)| s.is_closed() || (in_flight == 0 && now.saturating_sub(*used) > keep)) {
            *h2 = None;
        }
    }

    /// Nothing is kept any more; what is in use goes on.
    pub fn close(&self) {
        self.closed.set(true);
        self.idle.borrow_mut().clear();
        *self.h2.borrow_mut() = None;
    }

    /// Breaks what is still in use.
    pub fn kill(&self) {
        self.close();
        self.open.borrow().iter().filter_map(Weak::upgrade).for_each(|k| k.kill());
    }
}

/// Runs hyper's tasks beside the others of this thread.
#[derive(Debug, Clone, Copy)]
pub struct LocalExecutor;

impl<F: Future + 'static> hyper::rt::Executor<F> for LocalExecutor {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}
