//! Whole cards: the role with its RPC, ledger and thread, guests on top, VXLAN between.

use card::testing::{Front, FrontOptions, Guest, TestGuest, net_config};
use card::{CardOptions, run};
use platform::rpc::{Client, RpcError};
use platform::tls::{Identity, testing};
use platform::{DataDir, Rng, SystemRng};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};
use types::{Generation, HostId};
use wire::card::{CardStatus, GetCardStatus, PushNetConfig};
use wire::flow::{FlowLine, FlowPosition, FlowReply, FlowRequest, FlowWhat, TakeFlowRecords};
use wire::net::{Direction, NetConfig};

const WAIT: Duration = Duration::from_secs(10);
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// A loopback address that no other test uses.
fn loopback() -> Ipv4Addr {
    let r = SystemRng::new().u64().to_le_bytes();
    Ipv4Addr::new(127, 100 + r[0] % 100, r[1], 1 + r[2] % 250)
}

/// A card role on a thread of its own.
struct Card {
    host: HostId,
    dir: DataDir,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Card {
    fn start(dir: &Path, host: &str) -> Self {
        let options = CardOptions { host: host.parse().unwrap(), data_dir: DataDir::new(dir), kept: None };
        let (host, dir) = (options.host.clone(), options.data_dir.clone());
        testing::issue(&dir, [format!("card-{host}").as_str(), format!("agent-{host}").as_str(), "s3-worker"]);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime().block_on(tokio::task::LocalSet::new().run_until(async move {
                tokio::select! {
                    ended = run(options) => ended.unwrap(),
                    _ = stopped => {}
                }
            }));
        });
        let card = Self { host, dir, stop: Some(stop), thread: Some(thread) };
        let end = Instant::now() + WAIT;
        while UnixStream::connect(card.dir.card_socket(&card.host)).is_err() {
            assert!(Instant::now() < end, "the card did not come up");
            std::thread::sleep(Duration::from_millis(2));
        }
        card
    }

    fn client(&self) -> Client {
        let agent = Identity::open(&self.dir, &format!("agent-{}", self.host)).unwrap();
        Client::new(&agent, self.dir.card_socket(&self.host))
    }

    fn push(&self, config: &NetConfig) -> Result<Generation, RpcError> {
        let client = self.client();
        runtime().block_on(client.call::<PushNetConfig>(config, WAIT)).map(|a| a.generation)
    }

    fn status(&self) -> CardStatus {
        let client = self.client();
        runtime().block_on(client.call::<GetCardStatus>(&wire::Empty {}, WAIT)).unwrap()
    }

    fn take(&self, at: Option<&FlowPosition>) -> FlowReply {
        let client = Client::new(&Identity::open(&self.dir, "s3-worker").unwrap(), self.dir.card_socket(&self.host));
        let request = FlowRequest { at: at.cloned(), kept: at.cloned(), bytes_max: 1 << 20 };
        runtime().block_on(client.call::<TakeFlowRecords>(&request, WAIT)).unwrap()
    }

    fn guest(&self, g: &TestGuest) -> Guest {
        let front = Front::connect(&self.dir.port_socket(&g.interface()), FrontOptions::default()).unwrap();
        Guest::new(front, g.mac(), g.ip())
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Polls until `done` is true.
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + WAIT;
    while !done() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_micros(200));
    }
}

struct Pair {
    _dir: tempfile::TempDir,
    cards: [Card; 2],
    guests: Vec<TestGuest>,
    underlay: [Ipv4Addr; 2],
}

/// Two hosts; guest 0 of VPC 1 on the first, guest 1 of VPC 1 and guest 0 of VPC 2 (the same address!) on the second.
fn pair() -> Pair {
    let dir = tempfile::tempdir().unwrap();
    let underlay = [loopback(), loopback()];
    let guests = vec![
        TestGuest { vpc: 1, n: 0, underlay: underlay[0] },
        TestGuest { vpc: 1, n: 1, underlay: underlay[1] },
        TestGuest { vpc: 2, n: 0, underlay: underlay[1] },
    ];
    let cards = [Card::start(dir.path(), "a1-h1"), Card::start(dir.path(), "a1-h2")];
    for (card, underlay) in cards.iter().zip(underlay) {
        let config = net_config(&card.host, 1, underlay, &guests);
        assert_eq!(card.push(&config).unwrap(), Generation(1));
    }
    Pair { _dir: dir, cards, guests, underlay }
}

#[test]
fn guests_talk_tcp_and_udp_through_vxlan() {
    let p = pair();
    let (mut a, mut b) = (p.cards[0].guest(&p.guests[0]), p.cards[1].guest(&p.guests[1]));
    let server = b.listen(7);
    let client = a.connect(p.guests[1].ip(), 7);
    let message: Vec<u8> = (0..200_000u32).map(|i| i as u8).collect();
    let (mut sent, mut echoed, mut got) = (0, 0, Vec::new());
    until("the echo over TCP", || {
        a.poll();
        b.poll();
        let s = b.tcp(server);
        if s.can_recv() && s.send_capacity() - s.send_queue() > 20_000 {
            let bytes = s.recv(|x| (x.len().min(20_000), x[..x.len().min(20_000)].to_vec())).unwrap();
            echoed += s.send_slice(&bytes).unwrap();
        }
        let c = a.tcp(client);
        if c.can_send() {
            sent += c.send_slice(&message[sent..]).unwrap();
        }
        if c.can_recv() {
            got.extend(c.recv(|x| (x.len(), x.to_vec())).unwrap());
        }
        got.len() == message.len()
    });
    assert_eq!((got, echoed), (message, 200_000));

    let (from, to) = (a.bind_udp(5000), b.bind_udp(5001));
    let jumbo = vec![7u8; 8900];
    a.udp(from).send_slice(&jumbo, (p.guests[1].ip(), 5001)).unwrap();
    let mut datagram = None;
    until("a jumbo datagram", || {
        a.poll();
        b.poll();
        datagram = b.udp(to).recv().ok().map(|(bytes, meta)| (bytes.to_vec(), meta.endpoint));
        datagram.is_some()
    });
    assert_eq!(datagram.unwrap(), (jumbo, (p.guests[0].ip(), 5000).into()));

    let status = p.cards[1].status();
    assert!(status.generation == Generation(1) && status.flows > 0);
    let port = status.ports.iter().find(|s| s.id == p.guests[1].interface()).unwrap();
    assert!(port.link_up && port.tx_frames > 10 && port.rx_frames > 10 && port.guest_seen_ms_ago.is_some(), "{port:?}");
    let other = status.ports.iter().find(|s| s.id == p.guests[2].interface()).unwrap();
    assert!(!other.link_up && other.rx_frames == 0 && other.guest_seen_ms_ago.is_none(), "{other:?}");
}

#[test]
fn flow_records_are_spooled_once_and_survive_the_card() {
    let mut p = pair();
    let g = p.guests[1];
    let mut config = net_config(&p.cards[1].host, 2, p.underlay[1], &p.guests);
    let port = config.ports.iter_mut().find(|port| port.id == g.interface()).unwrap();
    port.flow_log_seconds = Some(600);
    let (vpc, subnet) = (port.vpc, port.subnet);
    p.cards[1].push(&config).unwrap();
    assert_eq!(p.cards[1].take(None).lines, [] as [&str; 0]);
    let (mut a, mut b) = (p.cards[0].guest(&p.guests[0]), p.cards[1].guest(&g));
    let (from, to) = (a.bind_udp(5000), b.bind_udp(5001));
    a.udp(from).send_slice(&[7; 100], (g.ip(), 5001)).unwrap();
    until("a datagram", || {
        a.poll();
        b.poll();
        b.udp(to).recv().is_ok()
    });
    // The port goes, and leaves what it counted.
    config.generation = Generation(3);
    config.ports.retain(|port| port.id != g.interface());
    p.cards[1].push(&config).unwrap();
    let mut taken = None;
    until("its records", || {
        let reply = p.cards[1].take(None);
        let done = !reply.lines.is_empty();
        taken = Some(reply);
        done
    });
    let taken = taken.unwrap();
    let lines: Vec<FlowLine> = taken.lines.iter().map(|l| l.parse().unwrap()).collect();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    let FlowWhat::Flow(sums) = &line.what else { panic!("{line:?}") };
    assert_eq!((line.interface, line.vpc, line.subnet, line.instance), (g.interface(), vpc, subnet, Some(g.instance())));
    assert_eq!((line.address, sums.source, sums.destination), (g.ip().into(), p.guests[0].ip().into(), g.ip().into()));
    assert_eq!((sums.source_port, sums.destination_port, sums.protocol, sums.packets, sums.bytes), (5000, 5001, 17, 1, 128));
    assert!(sums.accepted && sums.direction == Direction::Ingress && sums.path.is_none(), "{sums:?}");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    assert!(line.first_ms <= line.last_ms && now.abs_diff(line.last_ms) < 600_000, "{line:?}");

    // Nobody but who delivers them may take them.
    let agent = p.cards[1].client();
    let request = FlowRequest { at: None, kept: None, bytes_max: 1 };
    let refused = runtime().block_on(agent.call::<TakeFlowRecords>(&request, WAIT)).unwrap_err();
    assert!(refused.is_definite(), "{refused}");

    let Card { host, dir, .. } = &p.cards[1];
    let (host, dir) = (host.clone(), dir.root().to_owned());
    drop(p.cards[1].stop.take());
    p.cards[1].thread.take().unwrap().join().unwrap();
    let again = Card::start(&dir, host.as_str());
    assert_eq!(again.take(None), taken);
    assert_eq!(again.take(Some(&taken.next)).lines, [] as [&str; 0]);
}

#[test]
fn the_same_address_in_another_vpc_is_another_world() {
    let p = pair();
    let mut stranger = p.cards[1].guest(&p.guests[2]);
    let mut b = p.cards[1].guest(&p.guests[1]);
    b.listen(7);
    // On the same host, the target's address exists only in the other VPC.
    let handle = stranger.connect(p.guests[1].ip(), 7);
    until("the refusal is counted", || {
        stranger.poll();
        b.poll();
        p.cards[1].status().drops.contains_key("no-such-destination")
            || p.cards[1].status().ports.iter().any(|s| s.drops.contains_key("arp-ignored"))
    });
    assert!(!stranger.tcp(handle).may_send());
}

#[test]
fn dhcp_gives_the_address_and_marks_the_guest_configured() {
    let p = pair();
    let g = &p.guests[0];
    let mut front = Front::connect(&p.cards[0].dir.port_socket(&g.interface()), FrontOptions::default()).unwrap();
    let mut exchange = |kind: u8, extra: &[u8]| {
        let mut bootp = vec![0u8; 240];
        bootp[..4].copy_from_slice(&[1, 1, 6, 0]);
        bootp[4..8].copy_from_slice(&[1, 2, 3, 4]);
        bootp[28..34].copy_from_slice(&g.mac().0);
        bootp[236..240].copy_from_slice(&[99, 130, 83, 99]);
        bootp.extend_from_slice(&[53, 1, kind]);
        bootp.extend_from_slice(extra);
        bootp.push(255);
        let mut frame = Vec::new();
        etherparse::PacketBuilder::ethernet2(g.mac().0, [255; 6])
            .ipv4([0; 4], [255; 4], 64)
            .udp(68, 67)
            .write(&mut frame, &bootp)
            .unwrap();
        assert!(front.send(&frame));
        let reply = front.receive(WAIT).expect("an answer");
        reply[42..].to_vec()
    };
    let offer = exchange(1, &[]);
    assert_eq!((&offer[16..20], offer[242]), (&g.ip().octets()[..], 2));
    let mut wanted = vec![50, 4];
    wanted.extend_from_slice(&g.ip().octets());
    wanted.extend_from_slice(&[54, 4]);
    let server = offer.windows(2).position(|w| w == [54, 4]).unwrap();
    wanted.extend_from_slice(&offer[server + 2..server + 6]);
    let ack = exchange(3, &wanted);
    assert_eq!((&ack[16..20], ack[242]), (&g.ip().octets()[..], 5));
    assert!(p.cards[0].status().ports.iter().any(|s| s.id == g.interface() && s.guest_configured));
}

fn http(guest: &mut Guest, request: &str) -> (u16, String) {
    let request = format!("{request}\r\n");
    let answer = guest.exchange(METADATA, 80, request.as_bytes(), WAIT).expect("the metadata service answers");
    let answer = String::from_utf8(answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status line");
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

#[test]
fn the_metadata_service_answers_its_own_guest() {
    let p = pair();
    let mut a = p.cards[0].guest(&p.guests[0]);
    let close = "Connection: close\r\n";
    assert_eq!(http(&mut a, &format!("GET /latest/meta-data/ HTTP/1.1\r\n{close}")).0, 401);
    let put = |extra: &str| format!("PUT /latest/api/token HTTP/1.1\r\n{extra}{close}");
    let ttl = "X-aws-ec2-metadata-token-ttl-seconds: 60\r\n";
    assert_eq!(http(&mut a, &put("")).0, 400);
    assert_eq!(http(&mut a, &put("X-aws-ec2-metadata-token-ttl-seconds: 21601\r\n")).0, 400);
    assert_eq!(http(&mut a, &put(&format!("{ttl}X-Forwarded-For: 1.2.3.4\r\n"))).0, 403);
    let (status, token) = http(&mut a, &put(ttl));
    assert_eq!(status, 200);
    let get = |path: &str, token: &str| format!("GET {path} HTTP/1.1\r\nX-aws-ec2-metadata-token: {token}\r\n{close}");
    assert_eq!(http(&mut a, &get("/latest/meta-data/instance-id", "AAAA")).0, 401);
    for (path, wanted) in [
        ("/2021-03-23/meta-data/instance-id", p.guests[0].instance().to_string()),
        ("/latest/meta-data/local-ipv4", "10.0.0.10".to_owned()),
        ("/1.0/meta-data/public-keys/", "0=test".to_owned()),
        ("/latest/user-data", "#!/bin/sh\necho hello\n".to_owned()),
        ("/latest/", "dynamic/\nmeta-data/\nuser-data".to_owned()),
    ] {
        assert_eq!(http(&mut a, &get(path, &token)), (200, wanted), "{path}");
    }
    assert_eq!(http(&mut a, &get("/latest/meta-data/public-ipv4", &token)).0, 404);
    // A token of one instance is nothing to another; nor is another instance's metadata reachable.
    let mut b = p.cards[1].guest(&p.guests[1]);
    assert_eq!(http(&mut b, &get("/latest/meta-data/instance-id", &token)).0, 401);
    // Pipelined and byte by byte are the same to it; garbage is refused.
    let two =
        format!("{}\r\n{}\r\n", get("/latest/meta-data/mac", &token).replace(close, ""), get("/latest/meta-data/ami-id", &token));
    let answer = a.exchange(METADATA, 80, two.as_bytes(), WAIT).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains(&p.guests[0].mac().to_string()) && answer.ends_with("ami-0123456789abcdef0"), "{answer}");
    assert_eq!(http(&mut a, "NONSENSE\r\n").0, 400);
    let status = p.cards[0].status();
    assert!(status.ports.iter().any(|s| s.id == p.guests[0].interface() && s.metadata_requests >= 12));
}

#[test]
fn a_tokens_packets_get_no_farther_than_the_hop_limit() {
    let p = pair();
    let mut a = p.cards[0].guest(&p.guests[0]);
    // (request, time to live of the answer): the limit holds for the token's answer, not for what it opens.
    let ttl = "X-aws-ec2-metadata-token-ttl-seconds: 60\r\n";
    for (request, wanted) in
        [(format!("PUT /latest/api/token HTTP/1.1\r\n{ttl}\r\n"), 1), ("GET /latest/meta-data/ HTTP/1.1\r\n\r\n".to_owned(), 64)]
    {
        let handle = a.connect(METADATA, 80);
        until("the connection", || {
            a.poll();
            a.tcp(handle).may_send()
        });
        a.tcp(handle).send_slice(request.as_bytes()).unwrap();
        a.poll();
        let answer = a.front.0.receive_where(WAIT, |frame| frame.windows(5).any(|w| w == b"HTTP/"));
        assert_eq!(answer.expect("an answer")[22], wanted, "{request}");
        a.tcp(handle).abort();
        a.poll();
    }
}

#[test]
fn a_new_vmm_on_a_port_is_a_new_guest() {
    let p = pair();
    let id = p.guests[0].interface();
    let seen =
        || p.cards[0].status().ports.iter().find(|s| s.id == id).map(|s| (s.link_up, s.guest_seen_ms_ago.is_some())).unwrap();
    let mut a = p.cards[0].guest(&p.guests[0]);
    a.connect(METADATA, 80);
    until("the first guest is seen", || {
        a.poll();
        seen() == (true, true)
    });
    let second = p.cards[0].guest(&p.guests[0]);
    until("the second is not yet", || seen() == (true, false));
    drop(second);
    until("the link goes down with it", || seen() == (false, false));
}

#[test]
fn a_restarted_card_comes_back_from_its_ledger() {
    let mut p = pair();
    let (mut a, mut b) = (p.cards[0].guest(&p.guests[0]), p.cards[1].guest(&p.guests[1]));
    let ttl = "PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\nConnection: close\r\n";
    let (_, token) = http(&mut a, ttl);
    let dir = p.cards[0].dir.root().to_owned();
    let [first, second] = p.cards;
    drop(first);
    p.cards = [Card::start(&dir, "a1-h1"), second];
    // Nobody pushes anything. The VMM connects again, the guest notices nothing.
    until("the port's socket is back", || a.front.0.reconnect().is_ok());
    let (from, to) = (a.bind_udp(5000), b.bind_udp(5001));
    until("packets flow again", || {
        let _ = a.udp(from).send_slice(b"hello", (p.guests[1].ip(), 5001));
        a.poll();
        b.poll();
        b.udp(to).recv().is_ok()
    });
    let request = format!("GET /latest/meta-data/mac HTTP/1.1\r\nX-aws-ec2-metadata-token: {token}\r\nConnection: close\r\n");
    assert_eq!(http(&mut a, &request), (200, p.guests[0].mac().to_string()), "the token outlives the card");
    assert_eq!(p.cards[0].status().generation, Generation(1));
}

#[test]
fn generations_only_grow_and_bad_configurations_change_nothing() {
    let p = pair();
    let card = &p.cards[0];
    let config = |generation| net_config(&card.host, generation, p.underlay[0], &p.guests);
    assert_eq!(card.push(&config(3)).unwrap(), Generation(3));
    assert_eq!(card.push(&config(3)).unwrap(), Generation(3), "the same again is no error");
    assert_eq!(card.push(&config(2)).unwrap_err().code(), "stale-generation");
    let mut other = config(3);
    other.ports[0].mtu = 1500;
    assert_eq!(card.push(&other).unwrap_err().code(), "conflicting-generation");
    let mut bad = config(4);
    bad.ports[0].vpc = types::VpcId::from_random(99);
    assert_eq!(card.push(&bad).unwrap_err().code(), "bad-config");
    let mut wrong = config(4);
    wrong.host = "a1-h9".parse().unwrap();
    assert_eq!(card.push(&wrong).unwrap_err().code(), "wrong-host");
    assert_eq!(card.status().generation, Generation(3));
    // A port that is taken away takes its socket and its guest's link with it.
    let mut front = Front::connect(&card.dir.port_socket(&p.guests[0].interface()), FrontOptions::default()).unwrap();
    let empty = net_config(&card.host, 4, p.underlay[0], &p.guests[1..]);
    assert_eq!(card.push(&empty).unwrap(), Generation(4));
    assert!(front.is_closed(WAIT) && card.status().ports.is_empty());
    assert!(!card.dir.port_socket(&p.guests[0].interface()).exists());
}

#[test]
fn a_stream_is_forwarded_to_the_guest() {
    let p = pair();
    let mut a = p.cards[0].guest(&p.guests[0]);
    let server = a.listen(22);
    let open = |id: &str, port: u16| {
        let mut s = UnixStream::connect(p.cards[0].dir.card_forward_socket(&p.cards[0].host)).unwrap();
        s.set_read_timeout(Some(WAIT)).unwrap();
        s.write_all(format!("{{\"interface\":\"{id}\",\"port\":{port}}}\n").as_bytes()).unwrap();
        s
    };
    let line = |s: &UnixStream| {
        let mut line = String::new();
        BufReader::new(s).read_line(&mut line).unwrap();
        line
    };
    let id = p.guests[0].interface().to_string();
    assert!(line(&open("eni-00000000000000099", 22)).contains("error"), "an unknown interface");
    let mut garbage = UnixStream::connect(p.cards[0].dir.card_forward_socket(&p.cards[0].host)).unwrap();
    garbage.write_all(b"hello\n").unwrap();
    assert!(line(&garbage).contains("error"));
    assert!(line(&open(&p.guests[1].interface().to_string(), 22)).contains("error"), "another host's");

    let stream = open(&id, 22);
    let (mut reader, mut writer) = (stream.try_clone().unwrap(), stream);
    let message: Vec<u8> = (0..1_000_000u32).map(|i| (i >> 3) as u8).collect();
    let sent = message.clone();
    let writing = std::thread::spawn(move || {
        writer.write_all(&sent).unwrap();
        writer.shutdown(std::net::Shutdown::Write).unwrap();
    });
    let reading = std::thread::spawn(move || {
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        all
    });
    // The guest echoes until the client's end comes, then ends too.
    let mut pending: Vec<u8> = Vec::new();
    until("the echo", || {
        a.poll();
        let s = a.tcp(server);
        if s.can_recv() && pending.len() < 100_000 {
            pending.extend(s.recv(|x| (x.len(), x.to_vec())).unwrap());
        }
        if s.can_send() && !pending.is_empty() {
            let n = s.send_slice(&pending).unwrap();
            pending.drain(..n);
        }
        if s.state() == smoltcp::socket::tcp::State::CloseWait && !s.may_recv() && pending.is_empty() {
            s.close();
        }
        reading.is_finished()
    });
    writing.join().unwrap();
    let all = reading.join().unwrap();
    let (reply, echoed) = all.split_at(all.iter().position(|b| *b == b'\n').unwrap() + 1);
    assert_eq!((reply, echoed.len()), (&b"\"ok\"\n"[..], message.len()));
    assert!(echoed == message);
    // Nobody listens there: refused at once, by the guest's reset.
    let mut refused = open(&id, 23);
    let mut text = String::new();
    let reading = std::thread::spawn(move || refused.read_to_string(&mut text).map(|_| text));
    until("the refusal", || {
        a.poll();
        reading.is_finished()
    });
    assert!(reading.join().unwrap().unwrap().contains("refused"));
}

#[test]
fn datagrams_of_strangers_are_dropped_and_counted() {
    let p = pair();
    let socket = std::net::UdpSocket::bind((loopback(), 0)).unwrap();
    let mut datagram = vec![8, 0, 0, 0, 0, 0x10, 1, 0];
    datagram.extend_from_slice(&[0; 60]);
    socket.send_to(&datagram, (p.underlay[0], 4789)).unwrap();
    until("the drop is counted", || p.cards[0].status().drops.get("unknown-underlay-source") == Some(&1));
}
