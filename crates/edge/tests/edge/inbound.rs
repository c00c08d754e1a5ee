//! From this machine to a guest, through the loopback aliases. The host is the real switch.

use crate::cloud::{BOUND, Options, TestEdge, until};
use crate::guest::{Gateway6, Guest, OWN6, Serving};
use platform::rpc::RpcError;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

/// An edge, and one host with a guest that serves.
struct Cloud {
    edge: TestEdge,
    public: Ipv4Addr,
    underlay: Ipv4Addr,
    host: Option<Serving>,
}

const TCP: &[u16] = &[5, 6, 7, 9, 80, 81];

impl Cloud {
    fn start(options: Options) -> Self {
        let edge = TestEdge::start(options);
        let public = edge.pool.nth(5).unwrap();
        let underlay = edge.others[0];
        let host = Guest::new(underlay, edge.underlay, edge.pool, public).serve();
        edge.push(&edge.config(1, &[(public, underlay, TCP, &[7])])).unwrap();
        Self { edge, public, underlay, host: Some(host) }
    }

    fn usual() -> Self {
        Self::start(Options::default())
    }

    /// Of both families.
    fn publics(&self) -> [IpAddr; 2] {
        [self.public.into(), OWN6.into()]
    }

    fn connect(&self, public: impl Into<IpAddr>, port: u16) -> TcpStream {
        connect(self.edge.listening(public, port))
    }
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(BOUND)).unwrap();
    stream.set_write_timeout(Some(BOUND)).unwrap();
    stream
}

fn read_all(mut stream: &TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    all
}

/// Sends `bytes`, says so, and reads until the guest has said all.
fn exchange(stream: &TcpStream, bytes: &[u8]) -> Vec<u8> {
    std::thread::scope(|s| {
        s.spawn(|| {
            let mut writer = stream;
            writer.write_all(bytes).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
        });
        read_all(stream)
    })
}

fn pattern(len: usize, seed: u32) -> Vec<u8> {
    let mut x = seed | 1;
    let next = |_| {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        x as u8
    };
    (0..len).map(next).collect()
}

#[test]
fn an_http_exchange() {
    let cloud = Cloud::usual();
    for public in cloud.publics() {
        let mut stream = cloud.connect(public, 80);
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        assert!(String::from_utf8(read_all(&stream)).unwrap().ends_with("\r\n\r\nhello"), "{public}");
    }
    until("the connection is gone", || cloud.edge.status().connections == 0);
}

#[test]
fn two_connections_carry_ten_megabytes_both_ways_at_once() {
    let cloud = Cloud::usual();
    let patterns = cloud.publics().into_iter().zip([pattern(10 << 20, 1), pattern(10 << 20, 2)]);
    let begin = Instant::now();
    std::thread::scope(|s| {
        for (public, sent) in patterns {
            let stream = cloud.connect(public, 7);
            s.spawn(move || {
                let received = exchange(&stream, &sent);
                assert!(sent == received, "{} of {} bytes came back as they were sent", received.len(), sent.len());
            });
        }
    });
    let mib = 40.0 / begin.elapsed().as_secs_f64();
    println!(
        "40 MiB through the alias (20 each way, two connections, one of each family): {mib:.0} MiB/s, drops {:?}",
        cloud.edge.status().drops
    );
    until("the connections are gone", || cloud.edge.status().connections == 0);
}

#[test]
fn half_close_lets_the_guest_answer_to_the_end() {
    let cloud = Cloud::usual();
    for public in cloud.publics() {
        assert_eq!(exchange(&cloud.connect(public, 9), &pattern(300_000, 3)), b"300000 bytes", "{public}");
    }
}

#[test]
fn one_way_throughput() {
    let cloud = Cloud::usual();
    let sent = pattern(64 << 20, 4);
    for public in cloud.publics() {
        let begin = Instant::now();
        assert_eq!(exchange(&cloud.connect(public, 9), &sent), format!("{} bytes", sent.len()).as_bytes());
        println!("to the guest at {public}: {:.0} MiB/s", 64.0 / begin.elapsed().as_secs_f64());
    }
}

fn is_reset(stream: &TcpStream) -> bool {
    let mut reader = stream;
    matches!(reader.read(&mut [0; 16]), Err(e) if e.kind() == ErrorKind::ConnectionReset)
}

#[test]
fn refusals_and_resets_reach_the_client() {
    let cloud = Cloud::usual();
    for (refused, public) in cloud.publics().into_iter().enumerate() {
        assert!(is_reset(&cloud.connect(public, 81)), "a port where nobody listens");
        assert_eq!(cloud.edge.drops("connect-refused"), refused as u64 + 1);
        let mut stream = cloud.connect(public, 6);
        stream.write_all(b"x").unwrap();
        assert!(is_reset(&stream), "a connection that the guest breaks off");
    }
    // And the other way: a client that breaks off frees the guest's socket, of which there are four.
    for public in cloud.publics().into_iter().cycle().take(12) {
        let mut stream = cloud.connect(public, 7);
        stream.write_all(b"hello").unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
    // One that had said all before it broke off, of a guest that never says so itself.
    let stream = cloud.connect(cloud.public, 5);
    stream.shutdown(Shutdown::Write).unwrap();
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    until("the connections are gone", || cloud.edge.status().connections == 0);
}

#[test]
fn a_host_that_is_gone_is_a_timeout_and_then_works_again() {
    let mut cloud = Cloud::usual();
    cloud.host = None;
    let begin = Instant::now();
    assert!(is_reset(&cloud.connect(cloud.public, 80)));
    let took = begin.elapsed();
    assert!(took >= Duration::from_secs(9), "{took:?}");
    assert_eq!(cloud.edge.drops("connect-timeout"), 1);
    let host = Guest::new(cloud.underlay, cloud.edge.underlay, cloud.edge.pool, cloud.public).serve();
    assert_eq!(exchange(&cloud.connect(cloud.public, 7), b"again"), b"again");
    drop(host);
}

#[test]
fn a_change_moves_listeners_and_leaves_connections() {
    let mut cloud = Cloud::usual();
    let (at_7, at_9) = (cloud.edge.listening(cloud.public, 7), cloud.edge.listening(cloud.public, 9));
    let mut live = connect(at_7);
    live.write_all(b"one").unwrap();
    live.read_exact(&mut [0; 3]).unwrap();
    let config = |generation, tcp: &[u16]| cloud.edge.config(generation, &[(cloud.public, cloud.underlay, tcp, &[7])]);
    cloud.edge.push(&config(2, &[9, 80])).unwrap();
    until("the port is closed", || TcpStream::connect(at_7).is_err());
    live.write_all(b"two").unwrap();
    let mut two = [0; 3];
    live.read_exact(&mut two).unwrap();
    assert_eq!(&two, b"two");
    assert_eq!(exchange(&connect(at_9), b"12345"), b"5 bytes");
    let at_9_6 = cloud.edge.listening(OWN6, 9);
    assert_eq!(exchange(&connect(at_9_6), b"123456"), b"6 bytes");
    let code = |r: Result<(), RpcError>| r.unwrap_err().code().to_owned();
    assert_eq!(code(cloud.edge.push(&config(1, TCP))), "stale-generation");
    assert_eq!(code(cloud.edge.push(&config(2, TCP))), "conflicting-generation");
    cloud.edge.push(&config(2, &[9, 80])).unwrap();
    // The ledger brings it back; the port is as it was.
    cloud.edge.restart();
    assert_eq!(cloud.edge.status().generation.0, 2);
    assert_eq!(exchange(&connect(at_9), b"123"), b"3 bytes");
    assert_eq!(exchange(&connect(at_9_6), b"1234"), b"4 bytes");
    // Without the address, its connections end.
    let live = [connect(at_9), connect(at_9_6)];
    until("they stand", || cloud.edge.status().connections == 2);
    cloud.edge.push(&cloud.edge.config(3, &[])).unwrap();
    assert!(live.iter().all(is_reset));
    assert!(cloud.edge.status().aliases.is_empty());
}

#[test]
fn a_full_edge_refuses_and_recovers() {
    const CONNECTIONS_MAX: usize = 1024;
    let mut cloud = Cloud::usual();
    let at = cloud.edge.listening(cloud.public, 7);
    cloud.host = None;
    let waiting: Vec<TcpStream> = (0..CONNECTIONS_MAX).map(|_| connect(at)).collect();
    until("all wait", || cloud.edge.status().connections == CONNECTIONS_MAX as u64);
    assert!(is_reset(&connect(at)));
    assert_eq!(cloud.edge.drops("connections-max"), 1);
    // The address goes, its connections end; then it comes back.
    cloud.edge.push(&cloud.edge.config(2, &[])).unwrap();
    assert!(waiting.iter().all(is_reset));
    assert_eq!(cloud.edge.status().connections, 0);
    cloud.edge.push(&cloud.edge.config(3, &[(cloud.public, cloud.underlay, TCP, &[])])).unwrap();
    let host = Guest::new(cloud.underlay, cloud.edge.underlay, cloud.edge.pool, cloud.public).serve();
    assert_eq!(exchange(&connect(at), b"again"), b"again");
    drop(host);
}

#[test]
fn udp_clients_have_their_own_flows() {
    let cloud = Cloud::usual();
    let clients: Vec<UdpSocket> = (0..4).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    for ((i, client), public) in clients.iter().enumerate().zip(cloud.publics().into_iter().cycle()) {
        let at = udp_listening(&cloud, public);
        client.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let asked = format!("client {i}");
        let mut answer = [0; 100];
        until("an answer", || {
            client.send_to(asked.as_bytes(), at).unwrap();
            client.recv_from(&mut answer).is_ok_and(|(n, from)| from == at && answer[..n] == *asked.as_bytes())
        });
    }
}

#[test]
fn low_ports_move_where_the_system_keeps_them() {
    let cloud = Cloud::start(Options { unprivileged_ports: true, ..Options::default() });
    let start: u16 = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap().trim().parse().unwrap();
    let wanted = if start > 7 { 10_007 } else { 7 };
    assert_eq!(cloud.edge.listening(cloud.public, 7).port(), wanted);
    assert_eq!(exchange(&cloud.connect(cloud.public, 7), b"hello"), b"hello");
    let problems = cloud.edge.status().problems;
    assert_eq!(problems.len(), usize::from(start > 7), "{problems:?}");
}

#[test]
fn what_is_not_a_hosts_is_dropped_and_counted() {
    let cloud = Cloud::usual();
    let edge = (cloud.edge.underlay, 4789);
    let stranger = UdpSocket::bind((cloud.edge.others[1], 0)).unwrap();
    let as_host = UdpSocket::bind((cloud.underlay, 0)).unwrap();
    let mut packet = vswitch::vxlan::header(types::Vni::INTERNET).to_vec();
    packet.extend_from_slice(&[0; 12]);
    packet.extend_from_slice(&[8, 0, 0x45]);
    stranger.send_to(&packet, edge).unwrap();
    as_host.send_to(&packet, edge).unwrap();
    as_host.send_to(b"short", edge).unwrap();
    let mut other = packet.clone();
    other[..8].copy_from_slice(&vswitch::vxlan::header(types::Vni::FIRST_VPC));
    as_host.send_to(&other, edge).unwrap();
    // From an address of the pool that this host does not own, and to the edge's own address.
    let mut frame = Vec::new();
    for (source, n) in [(cloud.edge.pool.nth(6).unwrap(), 6), (cloud.public, 5)] {
        let to = vswitch::build::Datagram {
            to_mac: vswitch::ROUTER_MAC,
            source: source.into(),
            destination: wire::edge::OUTSIDE.into(),
            protocol: vswitch::parse::UDP,
        };
        vswitch::build::ipv4_frame(&mut frame, to, 8);
        vswitch::build::finish_udp(&mut frame, 1000 + n, 53);
        as_host.send_to(&on_the_internet(&frame), edge).unwrap();
    }
    for reason in ["unknown-underlay-source", "packet-malformed", "vxlan-malformed", "unknown-vni", "source-not-owned", "no-flow"]
    {
        until(reason, || cloud.edge.drops(reason) == 1);
    }
    assert_eq!(exchange(&cloud.connect(cloud.public, 7), b"still there"), b"still there");
}

fn on_the_internet(frame: &[u8]) -> Vec<u8> {
    [&vswitch::vxlan::header(types::Vni::INTERNET)[..], frame].concat()
}

/// A UDP datagram over IPv6, with these extension headers (number, bytes after the first).
fn six(source: &str, destination: &str, extensions: &[(u8, &[u8])]) -> Vec<u8> {
    let parse = |a: &str| u128::from(a.parse::<Ipv6Addr>().unwrap());
    let to = vswitch::build::Datagram6 {
        to_mac: vswitch::ROUTER_MAC,
        source: parse(source),
        destination: parse(destination),
        protocol: vswitch::parse::UDP,
        hop_limit: 64,
    };
    let mut frame = Vec::new();
    vswitch::build::ipv6_frame(&mut frame, to, 8);
    vswitch::build::finish_udp6(&mut frame, 1000, 53);
    for (number, bytes) in extensions.iter().rev() {
        let next = std::mem::replace(&mut frame[20], *number);
        frame.splice(54..54, [&[next], *bytes].concat());
    }
    let payload = (frame.len() - 54) as u16;
    frame[18..20].copy_from_slice(&payload.to_be_bytes());
    frame
}

#[test]
fn ipv6_of_a_host_goes_from_its_own_addresses_to_the_outside_only() {
    let cloud = Cloud::usual();
    let own = &OWN6.to_string();
    let as_host = UdpSocket::bind((cloud.underlay, 0)).unwrap();
    let to_itself = "::ffff:127.0.0.1";
    let source_route: &[u8] = &[2, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    let mut bad_checksum = six(own, "2001:db8:ffff::9", &[]);
    bad_checksum[61] ^= 1;
    let mut unchecked = six(own, "2001:db8:ffff::9", &[]);
    unchecked[60..62].fill(0);
    let frames: &[(&str, Vec<u8>, &str)] = &[
        ("another's address", six("2001:db8:5c00:700::6", "3fff:fff::1", &[]), "source-not-owned"),
        ("another VPC's", six("2001:db8:5c00:900::5", "2001:db8:ffff::9", &[]), "source-not-owned"),
        ("outside's own", six("3fff:fff::1", own, &[]), "source-not-owned"),
        ("an IPv4 address's clothes", six(&format!("::ffff:{}", cloud.public), "2001:db8:ffff::9", &[]), "source-not-owned"),
        ("a link-local one", six("fe80::1", "2001:db8:ffff::9", &[]), "source-not-owned"),
        ("nobody's", six("::", "2001:db8:ffff::9", &[]), "source-not-owned"),
        ("to this machine", six(own, "::1", &[]), "to-local"),
        ("to its neighbours", six(own, "fe80::1", &[]), "to-local"),
        ("to a metadata service", six(own, "fd00:ec2::254", &[]), "to-local"),
        ("to this machine, by IPv4", six(own, to_itself, &[]), "to-reserved"),
        ("the same by 6to4", six(own, "2002:7f00:1::1", &[]), "to-reserved"),
        ("to everybody", six(own, "ff02::1", &[]), "to-multicast"),
        ("to the pool", six(own, "2001:db8:5c00:900::5", &[]), "to-pool"),
        ("to who did not ask", six(own, "3fff:fff::1", &[]), "no-flow"),
        ("to a device that is not there", six(own, "3fff:fff::2", &[]), "no-host-route"),
        ("behind options", six(own, "::1", &[(60, &[0, 1, 4, 0, 0, 0, 0])]), "to-local"),
        ("a source route", six(own, "2001:db8:ffff::9", &[(43, source_route)]), "packet-malformed"),
        ("a fragment", six(own, "2001:db8:ffff::9", &[(44, &[0, 0, 1, 0, 0, 0, 9])]), "fragment"),
        ("a wrong checksum", bad_checksum, "checksum"),
        ("none", unchecked, "checksum"),
    ];
    for (what, frame, reason) in frames {
        let before = cloud.edge.status().drops;
        as_host.send_to(&on_the_internet(frame), (cloud.edge.underlay, 4789)).unwrap();
        until(what, || cloud.edge.status().drops != before);
        let mut wanted = before;
        *wanted.entry((*reason).to_owned()).or_default() += 1;
        assert_eq!(cloud.edge.status().drops, wanted, "{what}");
    }
    assert_eq!(exchange(&cloud.connect(OWN6, 7), b"still there"), b"still there");
}

#[test]
fn nobody_comes_in_through_an_egress_only_gateway() {
    let edge = TestEdge::start(Options::default());
    let (public, underlay) = (edge.pool.nth(5).unwrap(), edge.others[0]);
    let mut guest = Guest::with(underlay, edge.underlay, edge.pool, public, Gateway6::EgressOnly);
    let h = guest.add_udp(7);
    // As the region tells of it: nothing listens.
    let mut config = edge.config(1, &[(public, underlay, TCP, &[7])]);
    config.addresses6[0].tcp_ports.clear();
    config.addresses6[0].udp_ports.clear();
    edge.push(&config).unwrap();
    assert!(edge.status().aliases.iter().all(|a| a.public.is_ipv4()));
    // Were it told otherwise, the guest's host lets nothing in.
    edge.push(&edge.config(2, &[(public, underlay, TCP, &[7])])).unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"hello", udp_listening_at(&edge, OWN6.into())).unwrap();
    guest.until("the drop", |g| g.drops().contains(&("egress-only", 1)));
    client.send_to(b"hello", udp_listening_at(&edge, public.into())).unwrap();
    guest.until("what comes by IPv4", |g| g.udp(h).can_recv());
    let from = guest.udp(h).recv().unwrap().1.endpoint.addr;
    assert_eq!(from, wire::edge::OUTSIDE.into());
}

fn udp_listening(cloud: &Cloud, public: IpAddr) -> SocketAddr {
    udp_listening_at(&cloud.edge, public)
}

fn udp_listening_at(edge: &TestEdge, public: IpAddr) -> SocketAddr {
    let status = edge.status();
    let a = status.aliases.iter().find(|a| a.public == public).unwrap_or_else(|| panic!("{public}: {status:?}"));
    (a.alias, a.udp[0].1).into()
}
