//! After an answer of 101 (WebSocket): bytes both ways, until either side ends, nothing moves, or the target's time is over.

use crate::body::ReplyBody;
use crate::conn::Verdict;
use crate::headers;
use crate::log::Entry;
use crate::pool::H1;
use crate::target::Lease;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Response, StatusCode, Version};
use hyper_util::rt::TokioIo;
use std::task::Poll;
use tokio::io::AsyncWriteExt;

/// Marks the answer that opens a tunnel.
#[derive(Debug, Clone)]
pub struct Open;

/// Hands the 101 on (to a client of HTTP/2 it is a 200, RFC 8441) and carries what follows.
pub fn start(
    mut answer: Response<Incoming>,
    protocol: HeaderValue,
    client: OnUpgrade,
    h1: H1,
    lease: Lease,
    entry: Box<Entry>,
) -> Response<ReplyBody> {
    let target = hyper::upgrade::on(&mut answer);
    let chosen = answer.headers().get(UPGRADE).cloned().unwrap_or(protocol);
    headers::strip_hop_by_hop(answer.headers_mut());
    if entry.version == Version::HTTP_2 {
        *answer.status_mut() = StatusCode::OK;
        answer.headers_mut().remove(SEC_WEBSOCKET_ACCEPT);
    } else {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
        answer.headers_mut().insert(UPGRADE, chosen);
    }
    *answer.version_mut() = entry.version;
    let (mut parts, _) = answer.into_parts();
    parts.extensions.insert(Open);
    // The connection's own ends with the upgrade.
    let seat = entry.shared.seat();
    tokio::task::spawn_local(async move {
        h1.finish().await;
        if let (Ok(target), Ok(client)) = (target.await, client.await) {
            carry(client, target, &entry).await;
        }
        drop((lease, entry, seat));
    });
    Response::from_parts(parts, ReplyBody::own(Bytes::new(), None))
}

async fn carry(client: Upgraded, target: Upgraded, entry: &Entry) {
    let (mut client, mut target) = (TokioIo::new(client), TokioIo::new(target));
    // The connection's task has ended with the upgrade: the sweeper's verdict is heard here.
    let over = std::future::poll_fn(|cx| match entry.conn.verdict(cx) {
        Verdict::Abort => Poll::Ready(()),
        Verdict::Stay | Verdict::Retire | Verdict::Leave => Poll::Pending,
    });
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut target) => {}
        () = over => {}
    }
    let _ = client.shutdown().await;
}
