//! From a guest to the outside, and `--host-route`. The outside is an address in a network namespace of the test's own, so
//! that nothing leaves the machine.

use crate::cloud::{BOUND, Options, POOL6, TestEdge, until};
use crate::guest::{Gateway6, Guest, IcmpError, OWN6, PRIVATE};
use crate::namespace::{self, ip};
use platform::{Rng, SeededRng};
use smoltcp::socket::icmp;
use smoltcp::socket::tcp::{RecvError, State};
use smoltcp::wire::{Icmpv4Packet, Icmpv4Repr, Icmpv6Packet, Icmpv6Repr};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};

/// TEST-NET-3.
const DESTINATION: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
/// TEST-NET-1: in the namespace there is no way to it.
const UNREACHABLE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// The same of IPv6: outside of the pool.
const DESTINATION6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 9);
const UNREACHABLE6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xfffe, 0, 0, 0, 0, 1);

/// Of one family: what is there, what is not, and the guest's own address.
struct Outside {
    destination: IpAddr,
    unreachable: IpAddr,
    guest: IpAddr,
    /// The type and code of ICMP that say "no route" and "no such port".
    no_route: (u8, u8),
    no_port: (u8, u8),
}

fn families() -> [Outside; 2] {
    let four = Outside {
        destination: DESTINATION.into(),
        unreachable: UNREACHABLE.into(),
        guest: PRIVATE.into(),
        no_route: (3, 0),
        no_port: (3, 3),
    };
    let six = Outside {
        destination: DESTINATION6.into(),
        unreachable: UNREACHABLE6.into(),
        guest: OWN6.into(),
        no_route: (1, 0),
        no_port: (1, 4),
    };
    [four, six]
}

struct Cloud {
    edge: TestEdge,
    public: Ipv4Addr,
    underlay: Ipv4Addr,
    guest: Guest,
}

fn cloud(host_route: bool) -> Cloud {
    with(host_route, Gateway6::Internet)
}

fn with(host_route: bool, gateway6: Gateway6) -> Cloud {
    let edge = TestEdge::start(Options { host_route, ..Options::default() });
    let public = edge.pool.nth(9).unwrap();
    let underlay = edge.others[0];
    let guest = Guest::with(underlay, edge.underlay, edge.pool, public, gateway6);
    edge.push(&edge.config(1, &[(public, underlay, &[], &[])])).unwrap();
    Cloud { edge, public, underlay, guest }
}

fn add_destination() {
    ip(&format!("addr add {DESTINATION}/32 dev lo"));
    ip(&format!("addr add {DESTINATION6}/128 dev lo nodad"));
}

#[test]
fn tcp_to_the_outside() {
    namespace::run("outbound::tcp_to_the_outside", || {
        add_destination();
        for of in families() {
            tcp_to(&of);
        }
    });
}

fn tcp_to(of: &Outside) {
    // An egress-only gateway is a way outside as good as the other.
    let Cloud { edge, mut guest, .. } = with(false, Gateway6::EgressOnly);
    let listener = TcpListener::bind((of.destination, 8080)).unwrap();
    let server = std::thread::spawn(move || {
        // Reads to the end, then sends all back: half-close in both directions.
        let (mut stream, _) = listener.accept().unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        stream.write_all(&all).unwrap();
    });
    let sent: Vec<u8> = (0..1_000_000u32).map(|n| (n * 7) as u8).collect();
    let (mut at, mut received) = (0, Vec::new());
    let h = guest.connect((of.destination, 8080), 40_000);
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

    let refused = guest.connect((of.destination, 8081), 40_001);
    guest.until("the refusal", |g| g.tcp(refused).state() == State::Closed);
    assert_eq!(edge.drops("connect-refused"), 1);

    let h = guest.connect((of.unreachable, 80), 40_002);
    guest.until("the destination is unreachable", |_| edge.drops("connect-refused") >= 2);
    assert_eq!(guest.tcp(h).state(), State::SynSent, "an ICMP error is a hint, not an end");
    guest.until("the error", |g| !g.errors().is_empty());
    let about = ((of.guest, 40_002).into(), (of.unreachable, 80).into());
    let (from, (kind, code)) = (wire::edge::outside(of.guest), of.no_route);
    assert_eq!(guest.errors(), [IcmpError { from, kind, code, about }]);

    // A connection that no edge knows (any more) is reset.
    let listener = TcpListener::bind((of.destination, 8082)).unwrap();
    let h = guest.connect((of.destination, 8082), 40_003);
    guest.until("it stands", |g| g.tcp(h).state() == State::Established);
    let (accepted, _) = listener.accept().unwrap();
    let mut edge = edge;
    edge.restart();
    guest.tcp(h).send_slice(b"still there?").unwrap();
    guest.until("the reset", |g| g.tcp(h).state() == State::Closed);
    assert_eq!(edge.drops("no-flow"), 1);
    drop(accepted);
}

#[test]
fn udp_to_the_outside() {
    namespace::run("outbound::udp_to_the_outside", || {
        add_destination();
        for of in families() {
            udp_to(&of);
        }
    });
}

fn udp_to(of: &Outside) {
    let Cloud { edge, mut guest, .. } = cloud(false);
    let server = UdpSocket::bind((of.destination, 5353)).unwrap();
    server.set_read_timeout(Some(BOUND)).unwrap();
    let h = guest.add_udp(40_000);
    guest.udp(h).send_slice(b"question", (of.destination, 5353)).unwrap();
    let asked = std::thread::spawn(move || {
        let mut bytes = [0; 100];
        let (n, from) = server.recv_from(&mut bytes).unwrap();
        assert_eq!(&bytes[..n], b"question");
        server.send_to(b"answer", from).unwrap();
    });
    guest.until("the answer", |g| g.udp(h).can_recv());
    asked.join().unwrap();
    let (bytes, meta) = guest.udp(h).recv().unwrap();
    assert_eq!((bytes, meta.endpoint), (&b"answer"[..], SocketAddr::from((of.destination, 5353)).into()));

    guest.udp(h).send_slice(b"anybody?", (of.destination, 5354)).unwrap();
    guest.until("the error", |g| !g.errors().is_empty());
    let about = ((of.guest, 40_000).into(), (of.destination, 5354).into());
    let (from, (kind, code)) = (of.destination, of.no_port);
    assert_eq!(guest.errors(), [IcmpError { from, kind, code, about }]);
    assert_eq!(edge.status().drops.len(), 0, "{:?}", edge.status().drops);
}

/// Nothing longer than the internet carries leaves a guest: its host says so, and its stack makes smaller ones.
#[test]
fn too_big_for_the_outside() {
    namespace::run("outbound::too_big_for_the_outside", || {
        add_destination();
        let Cloud { edge, mut guest, .. } = cloud(false);
        let server = UdpSocket::bind((DESTINATION6, 5353)).unwrap();
        server.set_read_timeout(Some(BOUND)).unwrap();
        for (payload, fits) in [(1453, false), (1452, true)] {
            let to = vswitch::build::Datagram6 {
                to_mac: vswitch::ROUTER_MAC,
                source: OWN6.into(),
                destination: DESTINATION6.into(),
                protocol: vswitch::parse::UDP,
                hop_limit: 64,
            };
            let mut frame = Vec::new();
            vswitch::build::ipv6_frame(&mut frame, to, 8 + payload);
            frame[6..12].copy_from_slice(&crate::guest::MAC.0);
            vswitch::build::finish_udp6(&mut frame, 40_000, 5353);
            guest.send_frame(frame);
            if fits {
                guest.until("it is sent", |_| edge.status().drops.is_empty() && received(&server) == Some(payload));
            } else {
                guest.until("the error", |g| !g.errors().is_empty());
                assert_eq!((guest.errors()[0].kind, guest.errors()[0].code), (2, 0), "packet too big");
                assert_eq!(guest.drops(), []);
            }
        }
        assert_eq!(guest.errors().len(), 1);
    });
}

/// How much came, if anything did.
fn received(socket: &UdpSocket) -> Option<usize> {
    socket.set_nonblocking(true).unwrap();
    socket.recv(&mut [0; 2000]).ok()
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
            for of in families() {
                let h = guest.add_icmp(icmp::Endpoint::Ident(identifier));
                guest.ping(h, of.destination, identifier, 3, b"0123456789");
                guest.until("the echo", |g| g.icmp(h).can_recv());
                let (message, from) = guest.icmp(h).recv().unwrap();
                assert_eq!(from, of.destination.into());
                assert_eq!(echo_reply(message, &of), (identifier, 3, b"0123456789".to_vec()), "{ping_sockets}");
                guest.remove(h);
            }
        }
        assert_eq!(edge.status().problems, Vec::<String>::new());
        assert_eq!(edge.status().drops.len(), 0, "{:?}", edge.status().drops);
    });
}

/// (identifier, number, data); the stack has verified the checksum.
fn echo_reply(message: &[u8], of: &Outside) -> (u16, u16, Vec<u8>) {
    if of.destination.is_ipv4() {
        let reply = Icmpv4Repr::parse(&Icmpv4Packet::new_checked(message).unwrap(), &Default::default()).unwrap();
        let Icmpv4Repr::EchoReply { ident, seq_no, data } = reply else { panic!("{reply:?}") };
        return (ident, seq_no, data.to_vec());
    }
    let packet = Icmpv6Packet::new_checked(message).unwrap();
    let reply = Icmpv6Repr::parse(&DESTINATION6, &OWN6, &packet, &Default::default()).unwrap();
    let Icmpv6Repr::EchoReply { ident, seq_no, data } = reply else { panic!("{reply:?}") };
    (ident, seq_no, data.to_vec())
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
            if n % 2 == 1 {
                let six = garbage6(&mut random, protocol);
                as_host.send_to(&six, (edge.underlay, 4789)).unwrap();
            }
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
        until("nothing is left of the segments", || edge.status().connections == 0);
        for of in families() {
            let listener = TcpListener::bind((of.destination, 8080)).unwrap();
            let h = guest.connect((of.destination, 8080), 40_000);
            guest.until("it stands", |g| g.tcp(h).state() == State::Established);
            drop(listener);
        }
    });
}

fn garbage6(random: &mut SeededRng, protocol: u8) -> Vec<u8> {
    let protocol = if protocol == 1 { 58 } else { protocol };
    let destination = [DESTINATION6, UNREACHABLE6, wire::edge::OUTSIDE6][random.below(3) as usize];
    let d = vswitch::build::Datagram6 {
        to_mac: vswitch::ROUTER_MAC,
        source: OWN6.into(),
        destination: destination.into(),
        protocol,
        hop_limit: 1,
    };
    let mut frame = Vec::new();
    vswitch::build::ipv6_frame(&mut frame, d, random.below(64) as usize);
    frame[54..].iter_mut().for_each(|b| *b = random.u64() as u8);
    match protocol {
        58 => vswitch::build::finish_icmp6(&mut frame),
        17 => vswitch::build::finish_udp6(&mut frame, random.u64() as u16, random.u64() as u16),
        6 if frame.len() >= 74 => (frame[66], frame[67]) = (5 << 4, 2),
        // Extension headers of any kind, and what is in them.
        _ => frame[20] = [0, 43, 44, 60, 135, 59, 6, 17][random.below(8) as usize],
    }
    if random.below(3) == 0 {
        let at = random.below(frame.len() as u64) as usize;
        frame[at] = random.u64() as u8;
    }
    let mut datagram = vswitch::vxlan::header(types::Vni::INTERNET).to_vec();
    datagram.extend_from_slice(&frame);
    datagram
}

#[test]
fn the_host_route_carries_everything_and_goes_with_the_process() {
    namespace::run("outbound::the_host_route_carries_everything_and_goes_with_the_process", || {
        let Cloud { edge, public, guest, .. } = cloud(true);
        let status = edge.status();
        let device = status.host_route.unwrap_or_else(|| panic!("no device: {:?}", status.problems));
        assert!(ip(&format!("link show dev {device}")).contains("mtu 1500"));
        assert!(ip("route").contains(&edge.pool.to_string()));
        assert!(ip("-6 route").contains(POOL6), "{:?}", status.problems);
        let serving = guest.serve();
        for public in [IpAddr::from(public), OWN6.into()] {
            let mut stream = TcpStream::connect_timeout(&SocketAddr::from((public, 7)), BOUND).unwrap();
            stream.set_read_timeout(Some(BOUND)).unwrap();
            let sent: Vec<u8> = (0..100_000u32).map(|n| (n * 3) as u8).collect();
            stream.write_all(&sent).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let mut received = Vec::new();
            stream.read_to_end(&mut received).unwrap();
            assert!(received == sent, "{} bytes came back from {public}", received.len());
            let socket = UdpSocket::bind(if public.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }).unwrap();
            socket.set_read_timeout(Some(BOUND)).unwrap();
            socket.send_to(b"hello", (public, 7)).unwrap();
            let mut answer = [0; 10];
            assert_eq!(socket.recv_from(&mut answer).unwrap(), (5, (public, 7).into()));
        }
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
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
