//! One request: judged, matched with the rules, answered or forwarded.
//!
//! The snapshot that holds when a request comes decides over it to its end, whatever is pushed meanwhile.

use crate::body::{ReplyBody, RequestBody, TargetBody, Upload};
use crate::compile::{Act, Forward};
use crate::conn::ConnState;
use crate::forward::{self, Outcome};
use crate::headers;
use crate::inspect::{self, Class, Seen};
use crate::log::{ConnFacts, Entry, Kind};
use crate::oidc;
use crate::reply::{self, Original};
use crate::state::{Shared, Snapshot};
use crate::sticky;
use crate::target::Group;
use crate::tunnel;
use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, StatusCode, Version};
use std::rc::Rc;
use std::sync::Arc;
use wire::balancer::ProtocolVersion;

/// What a connection's requests need.
#[derive(Debug)]
pub struct Context {
    pub shared: Rc<Shared>,
    pub state: Arc<ConnState>,
    pub facts: Rc<ConnFacts>,
}

/// What a request wants of its target beside an answer.
#[derive(Debug, Default)]
pub struct Wish {
    pub upgrade: Option<(HeaderValue, OnUpgrade)>,
    /// Both connections end with it.
    pub close: bool,
}

/// Answers a request. Never fails: what goes wrong is an answer too.
pub async fn serve(cx: Rc<Context>, request: Request<Incoming>) -> Response<ReplyBody> {
    let (mut parts, body) = request.into_parts();
    let bootstrap = headers::bootstrap(&mut parts, &mut *cx.shared.rng.borrow_mut());
    let answer = judge(cx, parts, body, bootstrap).await;
    // To a client of HTTP/2 any success would be a tunnel.
    if bootstrap && answer.status().is_success() && answer.extensions().get::<tunnel::Open>().is_none() {
        let (parts, bytes) = reply::page(StatusCode::BAD_GATEWAY).into_parts();
        return Response::from_parts(parts, ReplyBody::own(bytes, None));
    }
    answer
}

async fn judge(cx: Rc<Context>, mut parts: hyper::http::request::Parts, body: Incoming, bootstrap: bool) -> Response<ReplyBody> {
    let snapshot = cx.shared.snapshot();
    let mut entry = begin(&cx, &parts);
    let seen = inspect::inspect(&mut parts, entry.head_bytes, snapshot.config.attributes.desync_mitigation);
    let (host, mut close) = match seen {
        Seen::Forward { class, close, host } => {
            entry.class = class;
            (host, close)
        }
        Seen::Refuse { class, status, reason } => {
            entry.class = class;
            cx.shared.count(reason);
            // What follows in the connection may be anything.
            return own(entry, reply::page(status), true);
        }
    };
    close |= cx.state.is_leaving();
    let Some(listener) = snapshot.listeners.iter().find(|l| l.spec.arn == *cx.facts.listener) else {
        cx.shared.count("listener-gone");
        return own(entry, reply::busy(1), true);
    };
    let origin = &cx.facts.origin;
    let facts = headers::facts(&parts.uri, &host, parts.method.as_str(), &parts.headers, origin.client.ip());
    let (mut act, priority) = listener.decide(&facts);
    let now_s = cx.shared.now().unix_ms / 1000;
    if facts.path == oidc::CALLBACK && listener.sign_ins().next().is_some() {
        entry.action = "authenticate";
        let all: Vec<&oidc::Oidc> = listener.sign_ins().collect();
        let (answer, what) = Box::pin(oidc::callback(&cx.shared, &all, &parts.headers, facts.query, now_s)).await;
        cx.shared.count(what);
        return own(entry, answer, close);
    }
    entry.priority = Some(priority.unwrap_or(0));
    let mut signed = None;
    if let Act::Oidc(oidc) = act {
        let target = parts.uri.path_and_query().map_or("/", |p| p.as_str());
        match oidc.judge(&parts.headers, &host, target, now_s) {
            oidc::Verdict::Go(session) => signed = Some((oidc, session)),
            oidc::Verdict::Answer(answer, what) => {
                entry.action = "authenticate";
                cx.shared.count(what);
                return own(entry, answer, close);
            }
        }
        act = &oidc.then;
    }
    match act {
        // Compiling refuses one within another.
        Act::Oidc(_) => own(entry, reply::page(StatusCode::INTERNAL_SERVER_ERROR), true),
        Act::Fixed(fixed) => {
            entry.action = "fixed-response";
            own(entry, fixed.answer(), close)
        }
        Act::Redirect(redirect) => {
            entry.action = "redirect";
            let protocol = if origin.tls.is_some() { "HTTPS" } else { "HTTP" };
            let original =
                Original { protocol, host: facts.host, port: origin.local.port(), path: facts.path, query: facts.query };
            let location = redirect.location(&original);
            let answer = redirect.answer(&location);
            entry.redirect = Some(location);
            own(entry, answer, close)
        }
        Act::Forward(action) => {
            entry.action = if signed.is_some() { "authenticate,forward" } else { "forward" };
            match signed {
                Some((oidc, session)) => oidc.tell(session.as_deref(), &snapshot.config.name, &mut parts.headers),
                None if listener.sign_ins().next().is_some() => oidc::strip(&mut parts.headers),
                None => {}
            }
            let protocol = if bootstrap {
                Some(HeaderValue::from_static("websocket"))
            } else {
                headers::upgrade(parts.version, &parts.headers)
            };
            let wish = match protocol {
                Some(protocol) => Wish { upgrade: parts.extensions.remove().map(|on| (protocol, on)), close },
                None => Wish { upgrade: None, close },
            };
            pass_on(&cx, &snapshot, action, parts, host, body, wish, entry).await
        }
    }
}

fn begin(cx: &Context, parts: &hyper::http::request::Parts) -> Box<Entry> {
    cx.state.begin();
    cx.shared.requests.set(cx.shared.requests.get() + 1);
    let line = parts.method.as_str().len() + parts.uri.path().len() + parts.uri.query().map_or(0, |q| q.len() + 1) + 12;
    Box::new(Entry {
        shared: cx.shared.clone(),
        conn: cx.state.clone(),
        facts: cx.facts.clone(),
        started_us: cx.shared.now().us,
        sent_us: None,
        answered_us: None,
        method: parts.method.clone(),
        uri: parts.uri.clone(),
        host: parts.headers.get(header::HOST).cloned(),
        user_agent: parts.headers.get(header::USER_AGENT).cloned(),
        version: parts.version,
        head_bytes: line as u64 + headers::text_bytes(&parts.headers),
        upload: None,
        sent_bytes: 0,
        status: None,
        target: None,
        target_status: None,
        group: None,
        trace: None,
        priority: None,
        action: "-",
        redirect: None,
        error_reason: "-",
        class: Class::Compliant,
        kind: Kind::Plain,
    })
}

/// The balancer's own answer.
fn own(mut entry: Box<Entry>, answer: Response<Bytes>, close: bool) -> Response<ReplyBody> {
    let (mut parts, bytes) = answer.into_parts();
    entry.status = Some(parts.status.as_u16());
    finish(&mut parts, &mut entry, close);
    Response::from_parts(parts, ReplyBody::own(bytes, Some(entry)))
}

fn finish(parts: &mut hyper::http::response::Parts, entry: &mut Entry, close: bool) {
    if entry.version != Version::HTTP_2 && (close || entry.conn.is_leaving()) {
        parts.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    entry.sent_bytes += 15 + headers::text_bytes(&parts.headers);
}

#[expect(clippy::too_many_arguments, reason = "each is a part of the one request")]
async fn pass_on(
    cx: &Context,
    snapshot: &Rc<Snapshot>,
    action: &Forward,
    mut parts: hyper::http::request::Parts,
    host: String,
    body: Incoming,
    mut wish: Wish,
    mut entry: Box<Entry>,
) -> Response<ReplyBody> {
    let shared = &cx.shared;
    let now = shared.now();
    let sticky_group = action.stickiness_seconds.and_then(|_| sticky::group(&parts.headers, now.unix_ms));
    let Some(group) = choose_group(snapshot, action, sticky_group, shared) else {
        shared.count("no-group-has-weight");
        return own(entry, reply::busy(1), wish.close);
    };
    entry.group = Some(group.clone());
    let tunnel = entry.version == Version::HTTP_2 && wish.upgrade.is_some();
    if let Some(status) = incompatible(&group, &parts, tunnel, &mut entry) {
        shared.count("protocol-version");
        return own(entry, reply::page(status), wish.close);
    }
    let sticky_target = group.spec().stickiness.as_ref().and_then(|s| sticky::target(s, &parts.headers, now.unix_ms));
    let attributes = &snapshot.config.attributes;
    headers::strip_hop_by_hop(&mut parts.headers);
    if parts.version == Version::HTTP_2 {
        headers::join_cookies(&mut parts.headers);
    }
    if attributes.drop_invalid_header_fields {
        headers::drop_invalid(&mut parts.headers);
    }
    cx.facts.shown.put_into(&mut parts.headers);
    let id = cx.facts.origin.forward(&mut parts.headers, attributes, now.unix_ms / 1000, &mut *shared.rng.borrow_mut());
    entry.trace = Some(id);
    if wish.upgrade.is_some() && group.speaks_h2() {
        wish.upgrade = None;
    }
    let body = match forward::prepare(body, &parts.method, attributes.replay_bytes_max, wish.upgrade.is_some()).await {
        Ok(body) => body,
        Err(_) => {
            shared.count("client-body-broken");
            return own(entry, reply::page(StatusCode::BAD_REQUEST), true);
        }
    };
    if let RequestBody::Streamed(_, upload) = &body {
        entry.upload = Some(upload.clone());
    } else {
        let upload = Upload::default();
        upload.bytes.set(body.size_hint().exact().unwrap_or(0));
        entry.upload = Some(Rc::new(upload));
    }
    let sent = forward::send(cx, snapshot, &group, parts, &host, body, &wish, sticky_target, &mut entry).await;
    let (mut answer, h1, lease) = match sent {
        Outcome::Answer(answer, h1, lease) => (answer, h1, lease),
        Outcome::Own(answer, why) => {
            shared.count(why);
            entry.error_reason = why;
            return own(entry, answer, wish.close);
        }
        Outcome::ClientStalled => {
            shared.count("client-stalled");
            return own(entry, reply::page(StatusCode::REQUEST_TIMEOUT), true);
        }
    };
    entry.status = Some(answer.status().as_u16());
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return match (wish.upgrade, h1) {
            (Some((protocol, client)), Some(h1)) => {
                entry.kind = Kind::WebSocket;
                tunnel::start(answer, protocol, client, h1, lease, entry)
            }
            _ => {
                shared.count("upgrade-not-asked-for");
                own(entry, reply::page(StatusCode::BAD_GATEWAY), wish.close)
            }
        };
    }
    let app_sets = group.compiled.app_cookie.as_deref().is_some_and(|name| headers::sets_cookie(answer.headers(), name));
    headers::strip_hop_by_hop(answer.headers_mut());
    let now_ms = now.unix_ms;
    if let Some(s) = &group.spec().stickiness {
        sticky::set_target(s, &lease.target, app_sets, now_ms, answer.headers_mut());
    }
    if let Some(seconds) = action.stickiness_seconds {
        sticky::set_group(&group.compiled.token, seconds, now_ms, answer.headers_mut());
    }
    *answer.version_mut() = entry.version;
    let (mut parts, incoming) = answer.into_parts();
    finish(&mut parts, &mut entry, wish.close);
    let body = TargetBody { incoming, h1, lease, clock: shared.ticks.clone(), reuse: !wish.close };
    Response::from_parts(parts, ReplyBody::target(body, entry))
}

/// By the client's cookie, else by weight.
fn choose_group(snapshot: &Snapshot, action: &Forward, sticky: Option<&str>, shared: &Shared) -> Option<Rc<Group>> {
    let group = |i: usize| snapshot.groups[i].clone();
    if let [(only, weight)] = action.groups[..] {
        return (weight > 0).then(|| group(only));
    }
    let known = |token: &str| action.groups.iter().find(|(i, _)| snapshot.groups[*i].compiled.token == token);
    if let Some((i, _)) = sticky.and_then(known) {
        return Some(group(*i));
    }
    let total: u64 = action.groups.iter().map(|(_, w)| u64::from(*w)).sum();
    if total == 0 {
        return None;
    }
    let mut ticket = platform::Rng::below(&mut *shared.rng.borrow_mut(), total);
    action.groups.iter().find_map(|(i, weight)| match ticket.checked_sub(u64::from(*weight)) {
        Some(rest) => {
            ticket = rest;
            None
        }
        None => Some(group(*i)),
    })
}

/// AWS's 464: what a client speaks and what the group speaks do not go together.
fn incompatible(group: &Group, parts: &hyper::http::request::Parts, tunnel: bool, entry: &mut Entry) -> Option<StatusCode> {
    let grpc = parts.headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/grpc"));
    if grpc {
        entry.kind = Kind::Grpc;
    }
    let h2 = parts.version == Version::HTTP_2;
    let bad = match group.spec().version {
        ProtocolVersion::Http1 => grpc,
        // A WebSocket is carried to an HTTP/1.1 target only.
        _ if tunnel => true,
        ProtocolVersion::Http2 => !h2,
        ProtocolVersion::Grpc => !h2 || parts.method != hyper::Method::POST,
    };
    bad.then(|| StatusCode::from_u16(464).unwrap_or(StatusCode::BAD_REQUEST))
}
