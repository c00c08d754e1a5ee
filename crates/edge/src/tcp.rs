//! TCP between a socket of this machine and a guest, byte by byte: each side has its own connection, the edge pumps.
//!
//! ```text
//! inbound:  client ─ alias listener ─ accept ─ Stack::connect ─▶ guest      refused or timed out: the client is reset
//! outbound: guest ─ SYN (kept) ─ connect to the outside ─ Stack::listen, SYN fed      refused: RST, unreachable: ICMP
//! ```
//!
//! Half-close and resets are passed on in both directions.

use crate::drops::Drop;
use crate::edge::{Edge, FlowGuard};
use crate::flows::{Flow, FlowKey, QUEUE_PACKETS_MAX};
use crate::inner::Kind;
use crate::packet::{self, Unreachable};
use crate::stack::Stack;
use crate::table::Service;
use smoltcp::socket::tcp::{RecvError, State};
use socket2::{SockRef, TcpKeepalive};
use std::io::ErrorKind;
use std::net::{IpAddr, Shutdown};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Both sides had said all.
    Done,
    /// One side broke off, or the public address is gone; the other was told.
    Broken,
    /// It never stood: the guest refused.
    Refused,
    TimedOut,
}

/// Accepts for one alias port until the task is aborted. Connections live on.
pub async fn listen(edge: Rc<Edge>, service: Service, listener: TcpListener) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(e) => {
                tracing::warn!(error = %e, public = %service.public, port = service.port, "accept failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(permit) = edge.inbound.clone().try_acquire_owned() else {
            edge.drops.count(Drop::ConnectionsMax);
            reset(&stream);
            continue;
        };
        let edge = edge.clone();
        tokio::task::spawn_local(async move {
            inbound(edge, service.public, service.port, stream).await;
            std::mem::drop(permit);
        });
    }
}

async fn inbound(edge: Rc<Edge>, public: IpAddr, port: u16, stream: TcpStream) {
    let (queue, mut packets) = mpsc::channel(QUEUE_PACKETS_MAX);
    let key = {
        let mut flows = edge.flows.borrow_mut();
        let Some(key) = flows.allocate(Kind::Tcp, public, port) else {
            edge.drops.count(Drop::ConnectionsMax);
            return reset(&stream);
        };
        flows.insert(key, Flow::Tcp(queue));
        key
    };
    let _guard = FlowGuard { edge: edge.clone(), key };
    let timeout = smoltcp::time::Duration::from(CONNECT_TIMEOUT);
    let Some(stack) = Stack::connect(key.outside(), key.guest(), timeout, edge.random(), edge.now()) else {
        return reset(&stream);
    };
    let end = pump(&edge, stack, &stream, &mut packets).await;
    match end {
        End::Done => {}
        End::Broken => reset(&stream),
        End::Refused | End::TimedOut => {
            edge.drops.count(if end == End::Refused { Drop::ConnectRefused } else { Drop::ConnectTimeout });
            tracing::debug!(%public, port, ?end, "no connection to the instance");
            reset(&stream);
        }
    }
}

/// A guest's SYN to the outside.
pub fn open_outbound(edge: Rc<Edge>, key: FlowKey, syn: &[u8]) -> Result<(), Drop> {
    let permit = edge.outbound.clone().try_acquire_owned().map_err(|_| Drop::ConnectionsMax)?;
    let (queue, packets) = mpsc::channel(QUEUE_PACKETS_MAX);
    edge.flows.borrow_mut().insert(key, Flow::Tcp(queue)).ok_or(Drop::FlowsMax)?;
    let syn: Box<[u8]> = syn.into();
    tokio::task::spawn_local(async move {
        let _guard = FlowGuard { edge: edge.clone(), key };
        outbound(edge, key, syn, packets).await;
        std::mem::drop(permit);
    });
    Ok(())
}

async fn outbound(edge: Rc<Edge>, key: FlowKey, syn: Box<[u8]>, mut packets: mpsc::Receiver<Box<[u8]>>) {
    let stream = match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(key.outside())).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(e)) if e.kind() == ErrorKind::ConnectionRefused => {
            edge.drops.count(Drop::ConnectRefused);
            let mut stack = Stack::refuse(key.outside(), edge.random(), edge.now());
            stack.feed(syn);
            return edge.poll(&mut stack);
        }
        Ok(Err(e)) => {
            let Some(why) = Unreachable::of(&e) else {
                tracing::debug!(error = %e, to = %key.outside(), "an outbound connection failed");
                return edge.drops.count(Drop::SocketFailed);
            };
            edge.drops.count(Drop::ConnectRefused);
            let mut error = packet::unreachable(wire::edge::outside(key.public), key.public, why, &syn);
            return edge.send(&mut error);
        }
        // As on any network: nothing, and the guest's own timeout.
        Err(_) => return edge.drops.count(Drop::ConnectTimeout),
    };
    // What came meanwhile can only be repetitions of the SYN.
    while packets.try_recv().is_ok() {}
    let Some(mut stack) = Stack::listen(key.outside(), edge.random(), edge.now()) else { return reset(&stream) };
    stack.feed(syn);
    if pump(&edge, stack, &stream, &mut packets).await != End::Done {
        reset(&stream);
    }
}

/// Closes with RST.
fn reset(stream: &TcpStream) {
    // The close that follows sends what this asks for; a socket that refuses is closed in the usual way.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

/// Small writes at once; and a peer that is gone is noticed, though nothing is read from it any more.
fn prepare(stream: &TcpStream) {
    let probes = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(20));
    // Without either the connection works, less well.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(stream).set_tcp_keepalive(&probes);
}

/// Carries bytes both ways until the connection has ended on both sides.
async fn pump(edge: &Edge, mut stack: Stack, stream: &TcpStream, packets: &mut mpsc::Receiver<Box<[u8]>>) -> End {
    prepare(stream);
    let give_up = Instant::now() + CONNECT_TIMEOUT;
    let (mut established, mut stream_done, mut closed, mut guest_done) = (false, false, false, false);
    let mut timer = pin!(tokio::time::sleep(Duration::ZERO));
    loop {
        edge.poll(&mut stack);
        if !established && stack.socket().may_send() {
            established = true;
            stack.established();
        }
        let socket = stack.socket();
        let mut moved = false;
        let mut broken = false;
        if established {
            while socket.can_recv() {
                let written = socket.recv(|bytes| match stream.try_write(bytes) {
                    Ok(n) => (n, Ok(n)),
                    Err(e) => (0, Err(e)),
                });
                match written {
                    Ok(Ok(n)) => moved |= n > 0,
                    Ok(Err(e)) if e.kind() == ErrorKind::WouldBlock => break,
                    Ok(Err(_)) | Err(_) => {
                        broken = true;
                        break;
                    }
                }
            }
            if !guest_done && matches!(socket.recv(|_| (0, ())), Err(RecvError::Finished)) {
                guest_done = true;
                let _ = SockRef::from(stream).shutdown(Shutdown::Write);
            }
            while !stream_done && socket.can_send() {
                let read = socket.send(|space| match stream.try_read(space) {
                    Ok(n) => (n, Ok(n)),
                    Err(e) => (0, Err(e)),
                });
                match read {
                    Ok(Ok(0)) => stream_done = true,
                    Ok(Ok(_)) => moved = true,
                    Ok(Err(e)) if e.kind() == ErrorKind::WouldBlock => break,
                    Ok(Err(_)) | Err(_) => {
                        broken = true;
                        break;
                    }
                }
            }
        }
        // The FIN goes when all before it is acknowledged: smoltcp's LAST-ACK ignores window updates, so data that still waits
        // for one would stand until a timeout.
        if stream_done && !closed && socket.send_queue() == 0 {
            closed = true;
            socket.close();
            moved = true;
        }
        if stream_done && !matches!(stream.take_error(), Ok(None)) {
            broken = true;
        }
        if broken {
            socket.abort();
            edge.poll(&mut stack);
            return End::Broken;
        }
        if moved {
            edge.poll(&mut stack);
        }
        let socket = stack.socket();
        match socket.state() {
            State::Closed | State::TimeWait if guest_done && closed => return End::Done,
            State::Closed if established => return End::Broken,
            State::Closed => return if Instant::now() >= give_up { End::TimedOut } else { End::Refused },
            _ if !established && Instant::now() >= give_up => {
                socket.abort();
                edge.poll(&mut stack);
                return End::TimedOut;
            }
            _ => {}
        }
        let mut interest = None;
        let mut want = |i: Interest| interest = Some(interest.map_or(i, |old: Interest| old | i));
        if established && !stream_done && socket.can_send() {
            want(Interest::READABLE);
        }
        if established && socket.can_recv() {
            want(Interest::WRITABLE);
        }
        if stream_done && !guest_done {
            want(Interest::ERROR);
        }
        let delay = stack.poll_delay(edge.now()).map_or(Duration::from_secs(60), Duration::from);
        let mut wake = Instant::now() + delay;
        if !established {
            wake = wake.min(give_up);
        }
        timer.as_mut().reset(wake);
        tokio::select! {
            packet = packets.recv() => match packet {
                Some(packet) => {
                    stack.feed(packet);
                    while let Ok(more) = packets.try_recv() {
                        stack.feed(more);
                    }
                }
                // The public address is gone, or the edge ends.
                None => {
                    stack.socket().abort();
                    edge.poll(&mut stack);
                    return End::Broken;
                }
            },
            _ = stream.ready(interest.unwrap_or(Interest::READABLE)), if interest.is_some() => {}
            () = &mut timer => {}
        }
    }
}
