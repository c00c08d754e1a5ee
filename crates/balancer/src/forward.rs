//! Sending a request to a target of its group: choosing, waiting for a place, trying again.

use crate::body::{RequestBody, Upload};
use crate::conn::ConnState;
use crate::log::Entry;
use crate::pool::{ConnectError, H1};
use crate::proxy::{Context, Wish};
use crate::reply;
use crate::retry::{self, Failure, Tries};
use crate::state::{Shared, Snapshot};
use crate::target::{Choice, Group, Lease, Target};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

/// A request that got no place within this time gets 503.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

/// How it went.
pub enum Outcome {
    Answer(Response<Incoming>, Option<H1>, Lease),
    /// The balancer's own answer, and why.
    Own(Response<Bytes>, &'static str),
    ClientStalled,
}

/// A body that is short, of a request that may be sent twice, is read first; others stream.
///
/// # Errors
/// The client's side broke.
pub async fn prepare(body: Incoming, method: &Method, replay_bytes_max: u32, upgrade: bool) -> hyper::Result<RequestBody> {
    if body.is_end_stream() || upgrade {
        return Ok(RequestBody::Empty);
    }
    let short = body.size_hint().upper().is_some_and(|n| n <= u64::from(replay_bytes_max));
    if short && retry::idempotent(method) {
        return Ok(RequestBody::Kept(body.collect().await?.to_bytes()));
    }
    Ok(RequestBody::Streamed(body, Rc::new(Upload::default())))
}

/// Counts a request among those that wait for a target, whatever ends the wait.
struct Waits<'a>(&'a ConnState);

impl<'a> Waits<'a> {
    fn new(state: &'a ConnState) -> Self {
        state.wait_begins();
        Self(state)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.wait_ends();
    }
}

/// Sends a request until it is answered or nothing more may be tried.
#[expect(clippy::too_many_arguments, reason = "each is a part of the one request")]
pub async fn send(
    cx: &Context,
    snapshot: &Snapshot,
    group: &Rc<Group>,
    parts: Parts,
    host: &str,
    body: RequestBody,
    wish: &Wish,
    sticky: Option<String>,
    entry: &mut Entry,
) -> Outcome {
    let _waits = Waits::new(&cx.state);
    let (shared, spec) = (&cx.shared, group.spec());
    let replayable = retry::idempotent(&parts.method) && !matches!(body, RequestBody::Streamed(..)) && wish.upgrade.is_none();
    group.live.budget.borrow_mut().request(&spec.resilience);
    let idle = u64::from(snapshot.config.attributes.idle_timeout_seconds) * 1000;
    let patience = Duration::from_millis(spec.resilience.response_timeout_ms.map_or(idle, u64::from));
    // What is needed to make the request again.
    let spare = replayable.then(|| (parts.clone(), kept(&body)));
    let mut next = Some((parts, body));
    let (mut tries, mut tried) = (Tries::default(), Vec::new());
    loop {
        let target = match place(cx, snapshot, group, sticky.as_deref(), &tried).await {
            Ok(target) => target,
            Err(own) => return own,
        };
        let lease = Lease::new(target.clone(), group.clone(), shared.now().us);
        entry.target = Some(target.address);
        let again = || spare.as_ref().map(|(p, b)| (p.clone(), RequestBody::Kept(b.clone())));
        let Some((parts, body)) = next.take().or_else(again) else {
            return Outcome::Own(reply::page(StatusCode::BAD_GATEWAY), "request-spent");
        };
        let upload = if let RequestBody::Streamed(_, upload) = &body { Some(upload.clone()) } else { None };
        let request = address(parts, body, host, group, &target, snapshot, wish);
        let sent_us = shared.now().us;
        entry.sent_us.get_or_insert(sent_us);
        let failure = match attempt(shared, group, &target, request, upload.as_deref(), wish, tries.patience(patience)).await {
            Attempt::Answer(answer, h1) => {
                let now = shared.now();
                let status = answer.status().as_u16();
                entry.answered_us = Some(now.us);
                entry.target_status = Some(status);
                target.times.borrow_mut().record(now.us - sent_us, now.us);
                if lease.tell(Some(status), now) {
                    shared.count("targets-demoted");
                }
                if !matches!(status, 502..=504) || !replayable {
                    return Outcome::Answer(answer, h1, lease);
                }
                match retry_after(shared, group, &mut tries, Failure::Status, replayable) {
                    None => return Outcome::Answer(answer, h1, lease),
                    Some(wait) => {
                        drop((answer, h1, lease));
                        tried.push(target);
                        tokio::time::sleep(wait).await;
                        continue;
                    }
                }
            }
            Attempt::Stalled => return Outcome::ClientStalled,
            Attempt::Failed(failure, request) => {
                next = request.map(|r| r.into_parts());
                failure
            }
        };
        // A connection that was kept too long says nothing of its target; the others do.
        if failure != Failure::Stale && lease.tell(None, shared.now()) {
            shared.count("targets-demoted");
        }
        drop(lease);
        let unsent = next.is_some();
        let Some(wait) = retry_after(shared, group, &mut tries, failure, replayable).filter(|_| unsent || replayable) else {
            return gave_up(failure);
        };
        if failure != Failure::Stale {
            tried.push(target);
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}

fn kept(body: &RequestBody) -> Bytes {
    if let RequestBody::Kept(bytes) = body { bytes.clone() } else { Bytes::new() }
}

fn gave_up(failure: Failure) -> Outcome {
    match failure {
        Failure::Connect => Outcome::Own(reply::page(StatusCode::BAD_GATEWAY), "TargetConnectionError"),
        Failure::Stale | Failure::Broken | Failure::Status => {
            Outcome::Own(reply::page(StatusCode::BAD_GATEWAY), "TargetConnectionClosed")
        }
        Failure::Timeout => Outcome::Own(reply::page(StatusCode::GATEWAY_TIMEOUT), "TargetResponseTimeout"),
    }
}

/// May it be tried again, and when? Takes from the budget.
fn retry_after(shared: &Shared, group: &Group, tries: &mut Tries, failure: Failure, replayable: bool) -> Option<Duration> {
    let wait = tries.next(failure, replayable, &group.spec().resilience, &mut *shared.rng.borrow_mut())?;
    if group.live.budget.borrow_mut().take(shared.now().us) {
        shared.count(match failure {
            Failure::Connect => "retries-connect",
            Failure::Stale => "retries-stale",
            Failure::Broken => "retries-broken",
            Failure::Timeout => "retries-timeout",
            Failure::Status => "retries-status",
        });
        Some(wait)
    } else {
        shared.count("retries-over-budget");
        None
    }
}

/// A target with a place for the request: at once, or after waiting in the group's queue.
async fn place(
    cx: &Context,
    snapshot: &Snapshot,
    group: &Group,
    sticky: Option<&str>,
    tried: &[Rc<Target>],
) -> Result<Rc<Target>, Outcome> {
    let (shared, live, shedding) = (&cx.shared, &group.live, &snapshot.config.attributes.shedding);
    let busy = || reply::busy(shedding.retry_after_seconds);
    let client = cx.facts.origin.client.ip();
    let choose = || group.choose(sticky, client, tried, shared.now().us, &mut *shared.rng.borrow_mut());
    let began = shared.now().us;
    // Who comes while others wait does not overtake them.
    let mut choice = if live.waiting.get() > 0 { Choice::Full } else { choose() };
    let mut queued: Option<Queued<'_>> = None;
    loop {
        match choice {
            Choice::Target(target) => {
                let now = shared.now().us;
                let waited = if queued.is_some() { now - began } else { 0 };
                if live.codel.borrow_mut().shed(waited, now, shedding) {
                    drop(queued);
                    live.freed.notify_one();
                    return Err(Outcome::Own(busy(), "shed-by-delay"));
                }
                return Ok(target);
            }
            Choice::Nobody if tried.is_empty() => return Err(Outcome::Own(busy(), "no-targets")),
            Choice::Nobody => return Err(Outcome::Own(reply::page(StatusCode::BAD_GATEWAY), "TargetConnectionError")),
            Choice::Broken => return Err(Outcome::Own(busy(), "breakers-open")),
            Choice::Full => {}
        }
        if queued.is_none() {
            if live.waiting.get() >= shedding.queue_max {
                return Err(Outcome::Own(busy(), "queue-full"));
            }
            queued = Some(Queued::new(&live.waiting));
        }
        let left = QUEUE_TIMEOUT.saturating_sub(Duration::from_micros(shared.now().us - began));
        if tokio::time::timeout(left, live.freed.notified()).await.is_err() {
            return Err(Outcome::Own(busy(), "queue-timeout"));
        }
        choice = choose();
    }
}

struct Queued<'a>(&'a std::cell::Cell<u32>);

impl<'a> Queued<'a> {
    fn new(count: &'a std::cell::Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Writes a request out for one target: version, target form, Host, framing.
fn address(
    mut parts: Parts,
    body: RequestBody,
    host: &str,
    group: &Group,
    target: &Target,
    snapshot: &Snapshot,
    wish: &Wish,
) -> Request<RequestBody> {
    let own_name = || target.address.to_string();
    let host = if host.is_empty() || !snapshot.config.attributes.preserve_host_header { own_name() } else { host.to_owned() };
    let path = parts.uri.path_and_query().cloned();
    if group.speaks_h2() {
        let scheme = if group.compiled.tls.is_some() { "https" } else { "http" };
        let path = path.map_or_else(|| "/".to_owned(), |p| p.to_string());
        let uri = Uri::builder().scheme(scheme).authority(host).path_and_query(path).build();
        parts.uri = uri.unwrap_or_default();
        parts.headers.remove(header::HOST);
        parts.version = Version::HTTP_2;
    } else {
        parts.uri = path.map(Uri::from).unwrap_or_default();
        if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(host)) {
            parts.headers.insert(header::HOST, value);
        }
        parts.version = Version::HTTP_11;
        if body.size_hint().exact().is_none() {
            // hyper would leave out the body of a GET whose length is not known.
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        if let Some((protocol, _)) = &wish.upgrade {
            parts.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            parts.headers.insert(header::UPGRADE, protocol.clone());
        }
    }
    parts.extensions.clear();
    Request::from_parts(parts, body)
}

enum Attempt {
    Answer(Response<Incoming>, Option<H1>),
    /// With the request when it was not sent.
    Failed(Failure, Option<Request<RequestBody>>),
    /// The client did not go on with its body.
    Stalled,
}

async fn attempt(
    shared: &Shared,
    group: &Group,
    target: &Target,
    request: Request<RequestBody>,
    upload: Option<&Upload>,
    wish: &Wish,
    patience: Duration,
) -> Attempt {
    let way = group.way(target);
    let no_connection = |e: &ConnectError| {
        tracing::debug!(target = %target.address, error = %e, "no connection");
        Failure::Connect
    };
    if group.speaks_h2() {
        let mut sender = match target.pool.h2(&way, &shared.ticks).await {
            Ok(sender) => sender,
            Err(e) => return Attempt::Failed(no_connection(&e), Some(request)),
        };
        return match patient(sender.try_send_request(request), upload, patience).await {
            Waited::Done(Ok(answer)) => Attempt::Answer(answer, None),
            Waited::Done(Err(mut e)) => failed(e.take_message()),
            Waited::Timeout => Attempt::Failed(Failure::Timeout, None),
            Waited::Stalled => Attempt::Stalled,
        };
    }
    let kept = if wish.upgrade.is_some() { None } else { target.pool.take() };
    let mut h1 = match kept {
        Some(h1) => h1,
        None => match target.pool.open_h1(&way, wish.upgrade.is_some()).await {
            Ok(h1) => h1,
            Err(e) => return Attempt::Failed(no_connection(&e), Some(request)),
        },
    };
    let waited = patient(h1.exchange(request), upload, patience).await;
    match waited {
        Waited::Done(Ok(answer)) => Attempt::Answer(answer, Some(h1)),
        Waited::Done(Err(mut e)) => failed(e.take_message()),
        Waited::Timeout => Attempt::Failed(Failure::Timeout, None),
        Waited::Stalled => Attempt::Stalled,
    }
}

fn failed(unsent: Option<Request<RequestBody>>) -> Attempt {
    let failure = if unsent.is_some() { Failure::Stale } else { Failure::Broken };
    Attempt::Failed(failure, unsent)
}

enum Waited<T> {
    Done(T),
    Timeout,
    Stalled,
}

/// Waits for an answer's head, from the request's last byte; while the body still comes, for the client's next bytes.
async fn patient<F: Future>(future: F, upload: Option<&Upload>, patience: Duration) -> Waited<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut seen = 0;
    let mut was_ended = upload.is_none();
    loop {
        if let Ok(done) = tokio::time::timeout(patience, &mut future).await {
            return if upload.is_some_and(|u| u.failed.get()) { Waited::Stalled } else { Waited::Done(done) };
        }
        let Some(upload) = upload else { return Waited::Timeout };
        let (bytes, ended) = (upload.bytes.get(), upload.ended.get());
        if was_ended {
            return Waited::Timeout;
        }
        if !ended && bytes == seen {
            return Waited::Stalled;
        }
        (seen, was_ended) = (bytes, ended);
    }
}
