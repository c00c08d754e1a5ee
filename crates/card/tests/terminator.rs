//! A process behind a port: guests' connections come to it, and it opens connections to guests; rules hold as for a guest.

use card::testing::{Front, FrontOptions, Guest, TestGuest, net_config};
use card::{CardOptions, run};
use platform::rpc::{self, Client};
use platform::tls::{Identity, testing};
use platform::{DataDir, Rng, SystemRng, handover};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::UnixStream;
use tokio::task::LocalSet;
use types::{HostId, SecurityGroupId, SecurityGroupRuleId};
use wire::card::{CardStatus, Entered, ForwardReply, ForwardRequest, GetCardStatus, PushNetConfig};
use wire::net::{Direction, NetConfig, PeerMatch, ProtocolMatch, SecurityGroupConfig, SecurityRule, TerminatorConfig};

const WAIT: Duration = Duration::from_secs(30);
const HOST: &str = "a1-h1";
const BODY: usize = 700_000;
/// Carried on to the target guest's [`TARGET`].
const PROXY: u16 = 80;
/// Answered with what the process was told, then what was sent.
const ECHO: u16 = 81;
/// Never read.
const STUCK: u16 = 82;
const TARGET: u16 = 9000;

struct Thread(Option<(tokio::sync::oneshot::Sender<()>, std::thread::JoinHandle<()>)>);

impl Thread {
    fn spawn<F: Future<Output = ()>>(what: impl FnOnce() -> F + Send + 'static) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime().block_on(LocalSet::new().run_until(async move {
                tokio::select! {
                    () = what() => {}
                    _ = stopped => {}
                }
            }));
        });
        Self(Some((stop, thread)))
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn host() -> HostId {
    HOST.parse().unwrap()
}

struct World {
    dir: tempfile::TempDir,
    guests: [TestGuest; 3],
    config: NetConfig,
    card: Option<Thread>,
}

impl World {
    /// Guest 0 is the client, guest 1 the target, the third port the process's.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let r = SystemRng::new().u64().to_le_bytes();
        let underlay = Ipv4Addr::new(127, 100 + r[0] % 100, r[1], 1 + r[2] % 250);
        let guests = [0, 1, 2].map(|n| TestGuest { vpc: 1, n, underlay });
        let mut config = net_config(&host(), 1, underlay, &guests);
        config.ports[2].metadata = None;
        config.ports[2].terminator = Some(TerminatorConfig { listen: vec![PROXY, ECHO, STUCK] });
        testing::issue(&DataDir::new(dir.path()), [format!("card-{HOST}").as_str(), format!("agent-{HOST}").as_str()]);
        Self { dir, guests, config, card: None }
    }

    fn start(&mut self) {
        let options = CardOptions { host: host(), data_dir: self.data_dir(), kept: None };
        self.card = Some(Thread::spawn(move || async move { run(options).await.unwrap() }));
        self.push();
    }

    fn push(&self) {
        let end = Instant::now() + WAIT;
        while runtime().block_on(self.agent().call::<PushNetConfig>(&self.config, WAIT)).is_err() {
            assert!(Instant::now() < end, "the card did not take its configuration");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn data_dir(&self) -> DataDir {
        DataDir::new(self.dir.path())
    }

    fn agent(&self) -> Client {
        Client::new(&Identity::open(&self.data_dir(), &format!("agent-{HOST}")).unwrap(), self.data_dir().card_socket(&host()))
    }

    fn guest(&self, n: usize) -> Guest {
        let g = &self.guests[n];
        let front = Front::connect(&self.data_dir().port_socket(&g.interface()), FrontOptions::default()).unwrap();
        Guest::new(front, g.mac(), g.ip())
    }

    fn node(&self) -> Ipv4Addr {
        self.guests[2].ip()
    }

    fn status(&self) -> CardStatus {
        runtime().block_on(self.agent().call::<GetCardStatus>(&wire::Empty {}, WAIT)).unwrap()
    }

    fn drops(&self, name: &str) -> u64 {
        let status = self.status();
        let port = status.ports.iter().find(|p| p.id == self.guests[2].interface()).unwrap();
        port.drops.get(name).copied().unwrap_or(0)
    }

    /// The process behind the port. Dropping it closes its connections, as killing it does.
    fn process(&self) -> Thread {
        let (door, forward) =
            (self.data_dir().balancer_socket(&host(), &self.guests[2].interface()), self.data_dir().card_forward_socket(&host()));
        let target = self.guests[1].ip();
        std::fs::create_dir_all(door.parent().unwrap()).unwrap();
        let (up, is_up) = std::sync::mpsc::channel();
        let thread = Thread::spawn(move || async move {
            let listener = rpc::bind(&door).unwrap();
            up.send(()).unwrap();
            let stuck = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
            handover::serve_passed(listener, move |word: Entered, stream| {
                let (forward, stuck) = (forward.clone(), stuck.clone());
                tokio::task::spawn_local(async move {
                    match word.local.port() {
                        PROXY => proxy(&forward, word, stream, target.into()).await,
                        ECHO => echo(word, stream).await,
                        _ => stuck.borrow_mut().push(stream),
                    }
                });
            })
            .await;
        });
        is_up.recv().unwrap();
        thread
    }
}

async fn proxy(forward: &Path, word: Entered, mut client: UnixStream, to: IpAddr) {
    if let Ok(mut target) = dial(forward, word, to, TARGET).await {
        let _ = copy_bidirectional(&mut client, &mut target).await;
    }
}

async fn echo(word: Entered, mut client: UnixStream) {
    let mut body = vec![0; BODY];
    if client.read_exact(&mut body).await.is_ok() {
        let _ = client.write_all(format!("{} {}\n", word.remote, word.local).as_bytes()).await;
        let _ = client.write_all(&body).await;
    }
}

async fn dial(forward: &Path, word: Entered, to: IpAddr, port: u16) -> Result<UnixStream, String> {
    let mut stream = UnixStream::connect(forward).await.map_err(|e| e.to_string())?;
    let request = ForwardRequest { interface: word.interface, port, to: Some(to) };
    let line = [serde_json::to_vec(&request).unwrap(), vec![b'\n']].concat();
    stream.write_all(&line).await.map_err(|e| e.to_string())?;
    let mut reader = BufReader::with_capacity(1, stream);
    let mut reply = String::new();
    reader.read_line(&mut reply).await.map_err(|e| e.to_string())?;
    match serde_json::from_str(&reply).map_err(|e| format!("{reply:?}: {e}"))? {
        ForwardReply::Ok => Ok(reader.into_inner()),
        ForwardReply::Error(e) => Err(e),
    }
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + WAIT;
    while !done() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_micros(100));
    }
}

fn body() -> Vec<u8> {
    (0..BODY as u32).map(|i| (i * 7 + i / 256) as u8).collect()
}

#[test]
fn bytes_go_through_to_a_target_and_back_and_each_side_ends_on_its_own() {
    let mut w = World::new();
    w.start();
    let _process = w.process();
    let (mut client, mut target) = (w.guest(0), w.guest(1));
    for _ in 0..2 {
        let served = target.listen(TARGET);
        let handle = client.connect(w.node(), PROXY);
        let (body, mut sent, mut seen, mut answered, mut got) = (body(), 0, Vec::new(), 0, Vec::new());
        until("the answer", || {
            client.poll();
            target.poll();
            let socket = client.tcp(handle);
            if socket.can_send() && sent < body.len() {
                sent += socket.send_slice(&body[sent..]).unwrap();
                if sent == body.len() {
                    socket.close();
                }
            }
            while socket.can_recv() {
                got.extend(socket.recv(|b| (b.len(), b.to_vec())).unwrap());
            }
            let ended = sent == body.len() && !socket.may_recv() && !socket.can_recv();
            let socket = target.tcp(served);
            while socket.can_recv() {
                seen.extend(socket.recv(|b| (b.len(), b.to_vec())).unwrap());
            }
            // It answers only when the client's end has come through.
            if seen.len() == body.len() && !socket.may_recv() && socket.can_send() {
                answered += socket.send_slice(&body[answered..]).unwrap();
                if answered == body.len() {
                    socket.close();
                }
            }
            ended
        });
        assert!(seen == body && got == body, "{} {}", seen.len(), got.len());
    }
    // What the process is told, and what is not listened at.
    let got = exchange(&mut client, w.node(), ECHO).expect("an echo");
    let line = got.iter().position(|b| *b == b'\n').unwrap();
    let said = String::from_utf8(got[..line].to_vec()).unwrap();
    let (remote, local) = said.split_once(' ').unwrap();
    assert_eq!(remote.parse::<SocketAddr>().unwrap().ip(), IpAddr::V4(w.guests[0].ip()));
    assert_eq!(local, SocketAddr::new(w.node().into(), ECHO).to_string());
    assert!(got[line + 1..] == body());
    assert_eq!(exchange(&mut client, w.node(), 7777), None, "reset");
    assert_eq!(w.drops("terminator-queue"), 0);
}

/// The body sent, everything that came back; none: not connected, or reset.
fn exchange(client: &mut Guest, to: Ipv4Addr, port: u16) -> Option<Vec<u8>> {
    client.exchange(to, port, &body(), WAIT)
}

#[test]
fn a_targets_reset_and_refusal_come_through() {
    let mut w = World::new();
    w.start();
    let _process = w.process();
    let (mut client, mut target) = (w.guest(0), w.guest(1));
    let poll_both = |client: &mut Guest, target: &mut Guest| {
        client.poll();
        target.poll();
    };
    // Nobody listens: the dial is refused, the process hangs up.
    let handle = client.connect(w.node(), PROXY);
    until("the end", || {
        poll_both(&mut client, &mut target);
        let socket = client.tcp(handle);
        !socket.may_recv() && !matches!(socket.state(), smoltcp::socket::tcp::State::SynSent)
    });
    let forward = w.data_dir().card_forward_socket(&host());
    let word = |w: &World| Entered {
        interface: w.guests[2].interface(),
        remote: "10.0.0.1:1".parse().unwrap(),
        local: "10.0.0.1:1".parse().unwrap(),
    };
    let ask = |w: &World, to: IpAddr, port| {
        let (forward, word) = (forward.clone(), word(w));
        std::thread::spawn(move || {
            runtime().block_on(async { dial(&forward, word, to, port).await.map(|s| s.into_std().unwrap()) })
        })
    };
    let asked = ask(&w, w.guests[1].ip().into(), TARGET);
    until("a refusal", || {
        poll_both(&mut client, &mut target);
        asked.is_finished()
    });
    assert_eq!(asked.join().unwrap().unwrap_err(), "connection refused");
    let asked = ask(&w, "2001:db8::1".parse().unwrap(), TARGET);
    assert!(asked.join().unwrap().unwrap_err().contains("IPv4"));
    // A reset is a hang-up without an end before it.
    let served = target.listen(TARGET);
    let asked = ask(&w, w.guests[1].ip().into(), TARGET);
    until("a connection", || {
        poll_both(&mut client, &mut target);
        asked.is_finished()
    });
    let stream = asked.join().unwrap().unwrap();
    target.tcp(served).abort();
    let hung = |stream: &std::os::unix::net::UnixStream| {
        let mut p = libc::pollfd { fd: std::os::fd::AsRawFd::as_raw_fd(stream), events: 0, revents: 0 };
        // SAFETY: poll reads and writes the one live pollfd.
        unsafe { libc::poll(&mut p, 1, 0) };
        p.revents & libc::POLLHUP != 0
    };
    until("the hang-up", || {
        poll_both(&mut client, &mut target);
        hung(&stream)
    });
}

#[test]
fn groups_hold_for_what_comes_in_and_for_what_goes_out() {
    let mut w = World::new();
    let group = SecurityGroupId::from_random(77);
    let rule = |n, direction, port| SecurityRule {
        id: SecurityGroupRuleId::from_random(n),
        direction,
        protocol: ProtocolMatch::Tcp { from: port, to: port },
        peer: PeerMatch::Cidr(types::Ipv4Cidr::ALL),
    };
    let rules = vec![rule(1, Direction::Ingress, PROXY), rule(2, Direction::Egress, TARGET + 1)];
    w.config.vpcs[0].security_groups.push(SecurityGroupConfig { id: group, rules, rules6: Vec::new() });
    w.config.ports[2].groups = vec![group];
    w.start();
    let _process = w.process();
    let mut client = w.guest(0);
    client.connect(w.node(), ECHO);
    until("refused on the way in", || {
        client.poll();
        w.drops("security-group-ingress") > 0
    });
    assert_eq!(w.drops("security-group-egress"), 0);
    let handle = client.connect(w.node(), PROXY);
    until("refused on the way out", || {
        client.poll();
        w.drops("security-group-egress") > 0
    });
    assert!(client.tcp(handle).may_send(), "what is allowed was let in");
}

#[test]
fn a_reader_that_is_slow_makes_its_sender_wait() {
    let mut w = World::new();
    w.start();
    let _process = w.process();
    let mut client = w.guest(0);
    let handle = client.connect(w.node(), STUCK);
    let (mut sent, mut still) = (0, Instant::now());
    let chunk = vec![5; 65_536];
    until("it waits", || {
        client.poll();
        let socket = client.tcp(handle);
        let n = if socket.can_send() { socket.send_slice(&chunk).unwrap() } else { 0 };
        if n > 0 {
            (sent, still) = (sent + n, Instant::now());
        }
        sent > 0 && still.elapsed() > Duration::from_millis(500)
    });
    // The guest's own buffer, the stack's, and the socket pair's.
    assert!((100_000..2_000_000).contains(&sent), "{sent}");
}

#[test]
fn a_process_or_a_card_that_is_killed_takes_its_connections_along_and_the_next_one_serves() {
    let mut w = World::new();
    w.start();
    let mut client = w.guest(0);
    assert_eq!(exchange(&mut client, w.node(), ECHO).filter(|got| !got.is_empty()), None, "no process, a reset");
    assert!(w.drops("terminator-no-process") > 0);
    let process = w.process();
    assert!(exchange(&mut client, w.node(), ECHO).is_some_and(|got| got.len() > BODY));
    let open = |client: &mut Guest, w: &World| {
        let handle = client.connect(w.node(), STUCK);
        until("a connection", || {
            client.poll();
            client.tcp(handle).may_send()
        });
        client.tcp(handle).send_slice(b"hello").unwrap();
        handle
    };
    let handle = open(&mut client, &w);
    // Long enough for the bytes to be there unread: then the end is a reset.
    until("it is sent", || {
        client.poll();
        client.tcp(handle).send_queue() == 0
    });
    drop(process);
    until("the end", || {
        client.poll();
        !client.tcp(handle).may_recv()
    });
    let _process = w.process();
    assert!(exchange(&mut client, w.node(), ECHO).is_some_and(|got| got.len() > BODY));
    // The card goes: its successor knows nothing of the connection, and says so.
    let handle = open(&mut client, &w);
    drop(w.card.take());
    w.start();
    let mut again = w.guest(0);
    std::mem::swap(&mut client.front, &mut again.front);
    client.tcp(handle).send_slice(b"is anybody there?").unwrap();
    until("a reset", || {
        client.poll();
        !client.tcp(handle).is_open()
    });
    let got = exchange(&mut client, w.node(), ECHO);
    assert!(got.is_some_and(|got| got.len() > BODY));
}

#[test]
fn what_is_listened_at_changes_under_open_connections() {
    let mut w = World::new();
    w.start();
    let _process = w.process();
    let mut client = w.guest(0);
    let handle = client.connect(w.node(), STUCK);
    until("a connection", || {
        client.poll();
        client.tcp(handle).may_send()
    });
    w.config.generation.0 += 1;
    w.config.ports[2].terminator = Some(TerminatorConfig { listen: vec![ECHO] });
    w.push();
    until("no more", || exchange(&mut client, w.node(), PROXY).is_none());
    assert!(exchange(&mut client, w.node(), ECHO).is_some_and(|got| got.len() > BODY));
    assert!(client.tcp(handle).may_send(), "it goes on");
}

/// A first segment from `from`, port `port`, checksums complete.
fn syn(from: &TestGuest, to: &TestGuest, port: u16, to_port: u16) -> Vec<u8> {
    let builder = etherparse::PacketBuilder::ethernet2(from.mac().0, vswitch::ROUTER_MAC.0)
        .ipv4(from.ip().octets(), to.ip().octets(), 64)
        .tcp(port, to_port, u32::from(port), 8192)
        .syn();
    let mut frame = Vec::new();
    builder.write(&mut frame, &[]).unwrap();
    frame
}

#[test]
fn handshakes_that_are_never_finished_give_way_to_those_that_are() {
    let mut w = World::new();
    w.start();
    let _process = w.process();
    let mut flood = Front::connect(&w.data_dir().port_socket(&w.guests[1].interface()), FrontOptions::default()).unwrap();
    let (from, to) = (w.guests[1], w.guests[2]);
    for port in 0..2 * card::terminator::HALF_OPEN_MAX as u16 {
        assert!(flood.send(&syn(&from, &to, 1024 + port, ECHO)));
        while flood.try_receive().is_some() {}
    }
    until("the oldest give way", || w.drops("terminator-half-open") > 0);
    let mut client = w.guest(0);
    assert!(exchange(&mut client, w.node(), ECHO).is_some_and(|got| got.len() > BODY));
}

#[test]
fn a_port_has_so_many_connections_and_no_more() {
    let mut files = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: getrlimit writes the one live `rlimit`, setrlimit reads it. Both ends of each connection are in this process.
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut files);
        files.rlim_cur = files.rlim_max.min(16_384);
        libc::setrlimit(libc::RLIMIT_NOFILE, &files);
    }
    let mut w = World::new();
    w.start();
    let _process = w.process();
    let most = card::terminator::CONNECTIONS_MAX;
    let mut front = Front::connect(&w.data_dir().port_socket(&w.guests[1].interface()), FrontOptions::default()).unwrap();
    let (from, to) = (w.guests[1], w.guests[2]);
    let (mut next, mut open, mut refused) = (0u16, 0, 0);
    // Handshakes by hand, some at a time: what is answered is acknowledged. A process that is late, or a ring that is, loses
    // some before the limit.
    until("the limit", || {
        for _ in 0..64 {
            if usize::from(next) < 8 * most {
                assert!(front.send(&syn(&from, &to, 1024 + next, STUCK)));
                next += 1;
            }
        }
        let end = Instant::now() + Duration::from_millis(20);
        while let Some(frame) = front.receive(end.saturating_duration_since(Instant::now())) {
            let Ok(p) = etherparse::SlicedPacket::from_ethernet(&frame) else { continue };
            let Some(etherparse::TransportSlice::Tcp(tcp)) = p.transport else { continue };
            if tcp.rst() {
                refused += 1;
            } else if tcp.syn() {
                let builder = etherparse::PacketBuilder::ethernet2(from.mac().0, vswitch::ROUTER_MAC.0)
                    .ipv4(from.ip().octets(), to.ip().octets(), 64)
                    .tcp(tcp.destination_port(), STUCK, tcp.acknowledgment_number(), 8192)
                    .ack(tcp.sequence_number().wrapping_add(1));
                let mut ack = Vec::new();
                builder.write(&mut ack, &[]).unwrap();
                assert!(front.send(&ack));
                open += 1;
            }
        }
        w.drops("terminator-full") > 0
    });
    assert!(open >= most, "{open} open, {refused} refused: {:?}", w.status().drops);
}
