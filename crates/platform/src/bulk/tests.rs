//! Both sides over real sockets.

use super::server::CONNECTIONS_MAX;
use super::*;
use crate::rpc::RpcError;
use crate::shared::{Lender, Room};
use crate::tls::{Frames, Identity, Peer, Role};
use crate::{DataDir, SystemClock};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;

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
            tokio::task::spawn_local(serve_gateway(crate::rpc::bind(&socket).unwrap(), server, |call| async move { Ok(call) }));
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
async fn answers_are_laid_down_where_the_client_has_room() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("storage-a1.sock");
    let (me, server) = ends(&dir, Frames::Kernel);
    let second = Duration::from_secs(5);
    let rooms = Lender::new(1 << 20, 2);
    let client = BulkClient::new(&me, &socket).with_rooms(rooms.clone());
    let (open, gate) = tokio::sync::watch::channel(false);
    let handler = move |_: Rc<Peer>, call: Parcel, room: Option<Room>| {
        let mut gate = gate.clone();
        async move {
            let Some(mut room) = room else { return Ok(Parcel { payload: Bytes::from_static(b"sent"), head: call.head }) };
            match &call.head[..] {
                b"no" => return Err(RpcError::remote("refused", "not this")),
                b"elsewhere" => return Ok(Parcel { payload: Bytes::from_static(b"sent"), head: call.head }),
                b"wait" => drop(gate.wait_for(|open| *open).await),
                _ => {}
            }
            room.memory().iter_mut().enumerate().for_each(|(n, b)| *b = (n / 3) as u8);
            Ok(Parcel { payload: room.freeze(3..1 << 20), head: call.head })
        }
    };
    let head = Bytes::from_static;
    tokio::task::LocalSet::new()
        .run_until(async {
            let listener = crate::rpc::bind(&socket).unwrap();
            let server = tokio::task::spawn_local(async move {
                serve_with_rooms(listener, server, &[Role::Gateway.any()], handler).await;
            });
            let first = client.call_with_room(head(b"a"), second).await.unwrap();
            assert!(
                first.payload.iter().enumerate().all(|(n, b)| *b == ((n + 3) / 3) as u8) && first.payload.len() == (1 << 20) - 3
            );
            assert_eq!(client.call(parcel("x", vec![]), second).await.unwrap().payload, b"sent"[..]);
            assert_eq!(client.call_with_room(head(b"elsewhere"), second).await.unwrap().payload, b"sent"[..]);
            assert_eq!(client.call_with_room(head(b"no"), second).await.unwrap_err().code(), "refused");
            let other = client.call_with_room(head(b"a"), second).await.unwrap();
            assert!(first.payload == other.payload && first.payload.as_ptr() != other.payload.as_ptr());
            assert_eq!(client.call_with_room(head(b"a"), second).await.unwrap().payload, b"sent"[..], "no room is left");
            drop((first, other));
            // Given up: the room is the server's until it answers.
            for _ in 0..2 {
                assert!(client.call_with_room(head(b"wait"), Duration::from_millis(20)).await.is_err());
            }
            assert!(rooms.room().is_none());
            open.send(true).unwrap();
            while rooms.room().is_none() {
                tokio::task::yield_now().await;
            }
            open.send(false).unwrap();
            // The connection is lost: nobody looks at that room again.
            let before = rooms.arena().unwrap();
            assert!(client.call_with_room(head(b"wait"), Duration::from_millis(20)).await.is_err());
            drop((client, server.abort()));
            while !before.is_retired() {
                tokio::task::yield_now().await;
            }
            assert!(!rooms.room().unwrap().is_of(&before));
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
            tokio::task::spawn_local(serve_gateway(crate::rpc::bind(&socket).unwrap(), server, |call| async move { Ok(call) }));
            // A strange greeting; a descriptor promised; a length; a head behind its frame; an empty frame; nothing is lent.
            let lent = [&[0, 25, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3][..], &[0; 16]].concat();
            let room = [&[0, 25, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4][..], &[0; 16]].concat();
            let bads: [&[u8]; 8] = [
                &[0xff; 64],
                &[1; 64],
                &[0, 0xff, 0xff, 0xff, 0xff],
                &[0, 13, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0],
                &[0, 0, 0, 0, 0],
                &[2, 0],
                &lent,
                &room,
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
