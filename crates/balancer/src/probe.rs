//! Active health checks: a task for each target that waits until a check is due, makes it, and tells the target's health.

use crate::body::RequestBody;
use crate::health::Reason;
use crate::pool::LocalExecutor;
use crate::state::Shared;
use crate::stream::{Kill, connect};
use crate::target::{Group, Target};
use crate::tls;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::client::conn::{http1, http2};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue, TE, USER_AGENT};
use hyper::{Method, Request, Uri, Version};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use wire::balancer::{HealthCheck, HealthProtocol, ProtocolVersion};

/// A check reads this much of an answer, no more.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Checks a target until it is deregistered. `group`: the ARN, for its settings may change.
pub async fn keep_checking(shared: Rc<Shared>, group: String, target: Rc<Target>) {
    while !target.retired.get() {
        let now = shared.now().us;
        let due = target.health.borrow().due_us;
        let Some(of) = shared.group(&group) else { return };
        // A group that nobody uses is not checked, as AWS's are not; a change of that is seen within a second.
        let idle = !of.spec().health_check.enabled || !of.compiled.used;
        if idle || now < due {
            let wait = if idle { Duration::from_secs(1) } else { Duration::from_micros(due - now) };
            let _ = tokio::time::timeout(wait, target.check_now.notified()).await;
            continue;
        }
        let result = check(&of, &target).await;
        if target.retired.get() {
            return;
        }
        let failed = result.is_err();
        let now = shared.now();
        let changed = {
            let (mut health, mut rng) = (target.health.borrow_mut(), shared.rng.borrow_mut());
            health.checked(result, &of.spec().health_check, now.us, now.unix_ms, &mut *rng)
        };
        if failed {
            shared.count("checks-failed");
        }
        if changed {
            let standing = target.health.borrow().standing;
            tracing::info!(group = %group, target = %target.address, ?standing, "health changed");
            // The group may have been replaced while the check ran.
            if let Some(of) = shared.group(&group) {
                of.recount();
            }
        }
    }
}

/// One check.
async fn check(group: &Group, target: &Target) -> Result<(), Reason> {
    let spec = &group.spec().health_check;
    let address = SocketAddr::new(target.address.ip(), spec.port.unwrap_or(target.address.port()));
    let timeout = Duration::from_secs(u64::from(spec.timeout_seconds));
    tokio::time::timeout(timeout, ask(group, spec, address)).await.unwrap_or(Err(Reason::Timeout))
}

async fn ask(group: &Group, spec: &HealthCheck, address: SocketAddr) -> Result<(), Reason> {
    let broken = |e: &dyn std::error::Error| Reason::Connection(e.to_string());
    let tls = match (spec.protocol, &group.compiled.tls) {
        (HealthProtocol::Https, _) | (HealthProtocol::Grpc, Some(_)) => {
            Some(tls::client(speaks_h2(group, spec)).map_err(|e| broken(&e))?)
        }
        _ => None,
    };
    let h2 = speaks_h2(group, spec);
    let stream = connect(&group.dialer, address, tls, h2, Arc::new(Kill::default())).await.map_err(|e| broken(&e))?;
    if spec.protocol == HealthProtocol::Tcp {
        return Ok(());
    }
    let request = request(spec, address, h2).ok_or(Reason::Connection("the path is no path".to_owned()))?;
    let io = TokioIo::new(stream);
    let answer = if h2 {
        let (mut sender, connection) = http2::handshake(LocalExecutor, io).await.map_err(|e| broken(&e))?;
        let task = tokio::task::spawn_local(connection);
        let answer = sender.send_request(request).await.map_err(|e| broken(&e));
        let read = read(answer, spec).await;
        task.abort();
        read
    } else {
        let (mut sender, connection) = http1::handshake(io).await.map_err(|e| broken(&e))?;
        let task = tokio::task::spawn_local(connection);
        let answer = sender.send_request(request).await.map_err(|e| broken(&e));
        let read = read(answer, spec).await;
        task.abort();
        read
    };
    let code = answer?;
    match group.compiled.matcher.passes(code) {
        true => Ok(()),
        false if spec.protocol == HealthProtocol::Grpc => Err(Reason::Grpc(code)),
        false => Err(Reason::Status(code as u16)),
    }
}

fn speaks_h2(group: &Group, spec: &HealthCheck) -> bool {
    spec.protocol == HealthProtocol::Grpc || group.spec().version != ProtocolVersion::Http1
}

fn request(spec: &HealthCheck, address: SocketAddr, h2: bool) -> Option<Request<RequestBody>> {
    let mut request = Request::new(RequestBody::Empty);
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static("ELB-HealthChecker/2.0"));
    if spec.protocol == HealthProtocol::Grpc {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert(TE, HeaderValue::from_static("trailers"));
        // An empty message: not compressed, length 0.
        *request.body_mut() = RequestBody::Kept(Bytes::from_static(&[0; 5]));
        *request.method_mut() = Method::POST;
    }
    if h2 {
        let scheme = if spec.protocol == HealthProtocol::Https { "https" } else { "http" };
        let uri = Uri::builder().scheme(scheme).authority(address.to_string()).path_and_query(spec.path.as_str());
        *request.uri_mut() = uri.build().ok()?;
        *request.version_mut() = Version::HTTP_2;
    } else {
        request.headers_mut().insert(HOST, HeaderValue::from_str(&address.to_string()).ok()?);
        *request.uri_mut() = spec.path.parse().ok()?;
    }
    Some(request)
}

/// The answer's code: HTTP's, or gRPC's from the trailers (or the head, where there is no body).
async fn read(answer: Result<hyper::Response<hyper::body::Incoming>, Reason>, spec: &HealthCheck) -> Result<u32, Reason> {
    let answer = answer?;
    let status = answer.status().as_u16();
    if spec.protocol != HealthProtocol::Grpc {
        return Ok(u32::from(status));
    }
    if status != 200 {
        return Err(Reason::Status(status));
    }
    let in_head = grpc_status(answer.headers());
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
    let body = body.map_err(|e| Reason::Connection(e.to_string()))?;
    let code = in_head.or_else(|| body.trailers().and_then(grpc_status));
    code.ok_or_else(|| Reason::Connection("no gRPC status".to_owned()))
}

fn grpc_status(headers: &HeaderMap) -> Option<u32> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}
