//! From a guest to the outside, and `--host-route`. The outside is an address in a network namespace of the test's own, so
//! that nothing leaves the machine.

use crate::cloud::{BOUND, Options, TestEdge, random_underlay, until};
use crate::guest::{Guest, IcmpError, PRIVATE};
use crate::namespace::{self, ip};
use platform::{Rng, SeededRng};
use smoltcp::socket::icmp;
use smoltcp::socket::tcp::{RecvError, State};
use smoltcp::wire::{Icmpv4Packet, Icmpv4Repr};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};

/// TEST-NET-3.
const DESTINATION: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
/// TEST-NET-1: in the namespace there is no way to it.
const UNREACHABLE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

struct Cloud {
    edge: TestEdge,
    public: Ipv4Addr,
    underlay: Ipv4Addr,
    guest: Guest,
}

fn cloud(host_route: bool) -> Cloud {
    let edge = TestEdge::start(Options { host_route, ..Options::default() });
    let public = edge.pool.nth(9).unwrap();
    let underlay = random_underlay();
    let guest = Guest::new(underlay, edge.underlay, edge.pool, public);
    edge.push(&edge.config(1, &[(public, underlay, &[], &[])])).unwrap();
    Cloud { edge, public, underlay, guest }
}

fn add_destination() {
    ip(&format!("addr add {DESTINATION}/32 dev lo"));
}

#[test]
fn tcp_to_the_outside() {
    namespace::run("outbound::tcp_to_the_outside", || {
        add_destination();
        let Cloud { edge, mut guest, .. } = cloud(false);
        let listener = TcpListener::bind((DESTINATION, 8080)).unwrap();
        let server = std::thread::spawn(move || {
            // Reads to the end, then sends all back: half-close in both directions.
            let (mut stream, _) = listener.accept().unwrap();
            let mut all = Vec::new();
            stream.read_to_end(&mut all).unwrap();
            stream.write_all(&all).unwrap();
        });
        let sent: Vec<u8> = (0..1_000_000u32).map(|n| (n * 7) as u8).collect();
        let (mut at, mut received) = (0, Vec::new());
        let h = guest.connect((DESTINATION, 8080), 40_000);
        guest.until("all is sent and has come back", |g| {
            let s = g.tcp(h);
            if at < sent.len() && s.can_send() {
                at += s.send_slice(&sent[at..]).unwrap();
                if at == sent.len() {
                    s.close();
                }
            }
            while s.can_recv() {
                s.recv(|b| (b.len(), received.extend_from_slice(b))).unwrap();
            }
            at == sent.len() && s.recv(|_| (0, ())) == Err(RecvError::Finished)
        });
        assert!(received == sent, "{} bytes came back", received.len());
        server.join().unwrap();
        guest.until("the connection is gone", |_| edge.status().connections == 0);

        let refused = guest.connect((DESTINATION, 8081), 40_001);
        guest.until("the refusal", |g| g.tcp(refused).state() == State::Closed);
        assert_eq!(edge.drops("connect-refused"), 1);

        let h = guest.connect((UNREACHABLE, 80), 40_002);
        guest.until("the destination is unreachable", |_| edge.drops("connect-refused") >= 2);
        assert_eq!(guest.tcp(h).state(), State::SynSent, "an ICMP error is a hint, not an end");
        guest.until("the error", |g| !g.errors().is_empty());
        let about = ((PRIVATE, 40_002), (UNREACHABLE, 80));
        assert_eq!(guest.errors(), [IcmpError { from: wire::edge::OUTSIDE, kind: 3, code: 0, about }]);

        // A connection that no edge knows (any more) is reset.
        let listener = TcpListener::bind((DESTINATION, 8082)).unwrap();
        let h = guest.connect((DESTINATION, 8082), 40_003);
        guest.until("it stands", |g| g.tcp(h).state() == State::Established);
        let (accepted, _) = listener.accept().unwrap();
        let mut edge = edge;
        edge.restart();
        guest.tcp(h).send_slice(b"still there?").unwrap();
        guest.until("the reset", |g| g.tcp(h).state() == State::Closed);
        assert_eq!(edge.drops("no-flow"), 1);
        drop(accepted);
    });
}

#[test]
fn udp_to_the_outside() {
    namespace::run("outbound::udp_to_the_outside", || {
        add_destination();
        let Cloud { edge, mut guest, .. } = cloud(false);
        let server = UdpSocket::bind((DESTINATION, 5353)).unwrap();
        server.set_read_timeout(Some(BOUND)).unwrap();
        let h = guest.add_udp(40_000);
        guest.udp(h).send_slice(b"question", (DESTINATION, 5353)).unwrap();
        let asked = std::thread::spawn(move || {
            let mut bytes = [0; 100];
            let (n, from) = server.recv_from(&mut bytes).unwrap();
            assert_eq!(&bytes[..n], b"question");
            server.send_to(b"answer", from).unwrap();
        });
        guest.until("the answer", |g| g.udp(h).can_recv());
        asked.join().unwrap();
        let (bytes, meta) = guest.udp(h).recv().unwrap();
        assert_eq!((bytes, meta.endpoint), (&b"answer"[..], (DESTINATION, 5353).into()));

        guest.udp(h).send_slice(b"anybody?", (DESTINATION, 5354)).unwrap();
        guest.until("the error", |g| !g.errors().is_empty());
        let about = ((PRIVATE, 40_000), (DESTINATION, 5354));
        assert_eq!(guest.errors(), [IcmpError { from: DESTINATION, kind: 3, code: 3, about }]);
        assert_eq!(edge.status().drops.len(), 0, "{:?}", edge.status().drops);
    });
}

#[test]
fn echo_to_the_outside() {
    namespace::run("outbound::echo_to_the_outside", || {
        add_destination();
        let Cloud { edge, mut guest, .. } = cloud(false);
        // A new namespace has no ping sockets: raw ones are used, which its root may have. Then ping sockets.
        for (identifier, ping_sockets) in [(77, false), (78, true)] {
            if ping_sockets {
                std::fs::write("/proc/sys/net/ipv4/ping_group_range", "0\t0").unwrap();
            }
            let h = guest.add_icmp(icmp::Endpoint::Ident(identifier));
            let request = Icmpv4Repr::EchoRequest { ident: identifier, seq_no: 3, data: b"0123456789" };
            let space = guest.icmp(h).send(request.buffer_len(), DESTINATION.into()).unwrap();
            request.emit(&mut Icmpv4Packet::new_unchecked(space), &Default::default());
            guest.until("the echo", |g| g.icmp(h).can_recv());
            let (message, from) = guest.icmp(h).recv().unwrap();
            assert_eq!(from, DESTINATION.into());
            let reply = Icmpv4Repr::parse(&Icmpv4Packet::new_checked(message).unwrap(), &Default::default()).unwrap();
            assert_eq!(reply, Icmpv4Repr::EchoReply { ident: identifier, seq_no: 3, data: b"0123456789" }, "{ping_sockets}");
        }
        assert_eq!(edge.status().problems, Vec::<String>::new());
    });
}

#[test]
fn garbage_of_a_host_does_no_harm() {
    namespace::run("outbound::garbage_of_a_host_does_no_harm", || {
        add_destination();
        let Cloud { edge, public, mut guest, underlay } = cloud(false);
        let as_host = UdpSocket::bind((underlay, 0)).unwrap();
        let mut random = SeededRng::new(7);
        for n in 0..30_000u32 {
            let protocol = [1, 6, 17, 17, 2][random.below(5) as usize];
            let destination = [DESTINATION, UNREACHABLE, wire::edge::OUTSIDE][random.below(3) as usize];
            let d = vswitch::build::Datagram {
                to_mac: vswitch::ROUTER_MAC,
                source: public.into(),
                destination: destination.into(),
                protocol,
            };
            let mut frame = Vec::new();
            vswitch::build::ipv4_frame(&mut frame, d, random.below(64) as usize);
            frame[34..].iter_mut().for_each(|b| *b = random.u64() as u8);
            match protocol {
                1 => vswitch::build::finish_icmp(&mut frame),
                17 => vswitch::build::finish_udp(&mut frame, random.u64() as u16, random.u64() as u16),
                // Half of the segments are SYNs of a proper length.
                _ if n % 2 == 0 && frame.len() >= 54 => (frame[46], frame[47]) = (5 << 4, 2),
                _ => {}
            }
            let mut datagram = vswitch::vxlan::header(types::Vni::INTERNET).to_vec();
            datagram.extend_from_slice(&frame);
            if n % 3 == 0 {
                let at = random.below(datagram.len() as u64) as usize;
                datagram[at] = random.u64() as u8;
                datagram.truncate(random.below(100) as usize + 1);
            }
            as_host.send_to(&datagram, (edge.underlay, 4789)).unwrap();
            if n % 256 == 0 {
                // What the kernel drops for want of room is not tested.
                edge.status();
            }
        }
        let drops = edge.status().drops;
        assert!(drops.len() > 10 && edge.status().connections <= 1024, "{drops:?}");
        let listener = TcpListener::bind((DESTINATION, 8080)).unwrap();
        until("nothing is left of the segments", || edge.status().connections == 0);
        let h = guest.connect((DESTINATION, 8080), 40_000);
        guest.until("it stands", |g| g.tcp(h).state() == State::Established);
        drop(listener);
    });
}

#[test]
fn the_host_route_carries_everything_and_goes_with_the_process() {
    namespace::run("outbound::the_host_route_carries_everything_and_goes_with_the_process", || {
        let Cloud { edge, public, guest, .. } = cloud(true);
        let status = edge.status();
        let device = status.host_route.unwrap_or_else(|| panic!("no device: {:?}", status.problems));
        assert!(ip(&format!("link show dev {device}")).contains("mtu 1500"));
        assert!(ip("route").contains(&edge.pool.to_string()));
        let serving = guest.serve();
        let mut stream = TcpStream::connect_timeout(&SocketAddr::from((public, 7)), BOUND).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        let sent: Vec<u8> = (0..100_000u32).map(|n| (n * 3) as u8).collect();
        stream.write_all(&sent).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).unwrap();
        assert!(received == sent, "{} bytes came back", received.len());
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        socket.set_read_timeout(Some(BOUND)).unwrap();
        socket.send_to(b"hello", (public, 7)).unwrap();
        let mut answer = [0; 10];
        assert_eq!(socket.recv_from(&mut answer).unwrap(), (5, (public, 7).into()));
        // Nobody's address: dropped, not sent anywhere.
        socket.send_to(b"hello", (edge.pool.nth(77).unwrap(), 7)).unwrap();
        until("the drop", || edge.drops("no-owner") == 1);
        drop(serving);
        drop(edge);
        until("the device is gone", || !ip("link").contains(&device));
    });
}

#[test]
fn without_the_right_to_it_the_host_route_is_a_problem_and_no_more() {
    namespace::run("outbound::without_the_right_to_it_the_host_route_is_a_problem_and_no_more", || {
        namespace::give_up(namespace::NET_ADMIN);
        let Cloud { edge, .. } = cloud(true);
        let status = edge.status();
        assert_eq!(status.host_route, None);
        assert!(matches!(&status.problems[..], [p] if p.starts_with("--host-route: ")), "{:?}", status.problems);
    });
}
