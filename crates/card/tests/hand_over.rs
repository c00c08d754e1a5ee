//! Cards as processes that are replaced or killed while guests talk: no connection ends, and whoever fails to take a card's
//! place leaves it as it was. The pauses are printed, not judged.

use card::heir::{Heir, HeirError};
use card::testing::{Front, FrontOptions, Guest, TestGuest, net_config};
use card::{CardOptions, KEPT_BYTES, run};
use platform::keeper::{Keeper, Kept};
use platform::rpc::Client;
use platform::tls::{Identity, testing};
use platform::{DataDir, Rng, SystemRng, handover};
use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use types::{Generation, SecurityGroupId, SecurityGroupRuleId};
use wire::card::{CardStatus, GetCardStatus, PushNetConfig};
use wire::net::{Direction, NetConfig, PeerMatch, ProtocolMatch, SecurityGroupConfig, SecurityRule};

const WAIT: Duration = Duration::from_secs(20);
const HOST: &str = "a1-h1";
/// Names the data directory to the process that is to be a card.
const CARD_DIR: &str = "CARD_TEST_DIR";

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + WAIT;
    while !done() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// Is this the process that a test has started as a card? Then it is one until its place is taken.
fn is_card() -> bool {
    let Some(dir) = std::env::var_os(CARD_DIR) else { return false };
    let kept = Kept::of_stdin().unwrap();
    let options = CardOptions { host: HOST.parse().unwrap(), data_dir: DataDir::new(Path::new(&dir)), kept };
    runtime().block_on(tokio::task::LocalSet::new().run_until(async move { run(options).await.unwrap() }));
    true
}

/// Ends what is left when the test ends.
struct Process(Child, Option<JoinHandle<()>>);

impl Process {
    /// All that it had said has been heard.
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        if let Some(attending) = self.1.take() {
            attending.join().unwrap();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

struct World {
    temp: tempfile::TempDir,
    keeper: Arc<Keeper>,
    underlay: Ipv4Addr,
    guests: Vec<TestGuest>,
}

impl World {
    /// Two guests of one host; the first may begin connections and takes none, the second the other way round.
    fn new() -> Self {
        let r = SystemRng::new().u64().to_le_bytes();
        let underlay = Ipv4Addr::new(127, 100 + r[0] % 100, r[1], 1 + r[2] % 250);
        let temp = tempfile::tempdir().unwrap();
        testing::issue(&DataDir::new(temp.path()), [format!("card-{HOST}").as_str(), format!("agent-{HOST}").as_str()]);
        let guests = (0..2).map(|n| TestGuest { vpc: 1, n, underlay }).collect();
        Self { temp, keeper: Keeper::new(KEPT_BYTES).unwrap(), underlay, guests }
    }

    fn dir(&self) -> DataDir {
        DataDir::new(self.temp.path())
    }

    /// This very test, as a card.
    fn start(&self, test: &str, keeps: bool) -> Process {
        let (stdin, attending) = if keeps { self.begin() } else { (Stdio::null(), None) };
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture"]).env(CARD_DIR, self.temp.path()).stdin(stdin).stdout(Stdio::null());
        Process(command.spawn().unwrap(), attending)
    }

    fn begin(&self) -> (Stdio, Option<JoinHandle<()>>) {
        let (keeper, (told, stdin)) = (self.keeper.clone(), mpsc::channel());
        let attending = std::thread::spawn(move || {
            runtime().block_on(async move {
                let (theirs, life) = keeper.begin().unwrap();
                told.send(theirs).unwrap();
                life.attend().await;
            });
        });
        (stdin.recv().unwrap().into(), Some(attending))
    }

    /// Both guests' connections and the underlay socket are where a next life finds them.
    fn all_is_laid_down(&self) {
        until("all is laid down", || self.keeper.entries() == 3);
    }

    fn config(&self, generation: u64) -> NetConfig {
        let mut config = net_config(&HOST.parse().unwrap(), generation, self.underlay, &self.guests);
        let group = |n: u128, direction| SecurityGroupConfig {
            rules6: Vec::new(),
            id: SecurityGroupId::from_random(n),
            rules: vec![SecurityRule {
                id: SecurityGroupRuleId::from_random(n),
                direction,
                protocol: ProtocolMatch::All,
                peer: PeerMatch::Cidr(types::Ipv4Cidr::ALL),
            }],
        };
        config.vpcs[0].security_groups = vec![group(11, Direction::Egress), group(12, Direction::Ingress)];
        for (port, n) in config.ports.iter_mut().zip([11, 12]) {
            port.groups = vec![SecurityGroupId::from_random(n)];
        }
        for (interface, port) in config.vpcs[0].interfaces.iter_mut().zip(&config.ports) {
            interface.groups = port.groups.clone();
        }
        config
    }

    fn client(&self) -> Client {
        let agent = Identity::open(&self.dir(), &format!("agent-{HOST}")).unwrap();
        Client::new(&agent, self.dir().card_socket(&HOST.parse().unwrap()))
    }

    fn push(&self, generation: u64) {
        let (client, config) = (self.client(), self.config(generation));
        until("the configuration is taken", || {
            runtime().block_on(client.call::<PushNetConfig>(&config, WAIT)).is_ok_and(|a| a.generation == Generation(generation))
        });
    }

    fn status(&self) -> CardStatus {
        let (client, mut status) = (self.client(), None);
        until("the card answers", || {
            status = runtime().block_on(client.call::<GetCardStatus>(&wire::Empty {}, WAIT)).ok();
            status.is_some()
        });
        status.unwrap()
    }

    fn guest(&self, n: usize) -> Guest {
        let (g, mut front) = (&self.guests[n], None);
        let socket = self.dir().port_socket(&g.interface());
        until("the port's socket", || {
            front = Front::connect(&socket, FrontOptions::default()).ok();
            front.is_some()
        });
        Guest::new(front.unwrap(), g.mac(), g.ip())
    }
}

/// The second guest sends without end over a connection that the first has made; the first only acknowledges. So nothing but
/// the tracked connection lets it pass.
struct Stream {
    guests: [Guest; 2],
    handles: [smoltcp::iface::SocketHandle; 2],
    sending: bool,
    sent: u64,
    got: u64,
    last: Instant,
    pause_max: Duration,
}

impl Stream {
    fn new(w: &World) -> Self {
        let mut guests = [w.guest(0), w.guest(1)];
        let handles = [guests[0].connect(w.guests[1].ip(), 7), guests[1].listen(7)];
        // The listener is told second, and listens before the first packet comes.
        let mut stream =
            Self { guests, handles, sending: true, sent: 0, got: 0, last: Instant::now(), pause_max: Duration::ZERO };
        stream.run_until("the connection carries", |s| s.got > 100_000);
        stream.pause_max = Duration::ZERO;
        stream
    }

    /// Some more of it. Every byte is what its place says.
    fn step(&mut self) {
        self.guests.iter_mut().for_each(Guest::poll);
        let [a, b] = &mut self.guests;
        let to = b.tcp(self.handles[1]);
        if self.sending && to.can_send() {
            let piece: Vec<u8> = (self.sent..self.sent + 4000).map(|n| (n % 251) as u8).collect();
            self.sent += to.send_slice(&piece).unwrap() as u64;
        }
        let from = a.tcp(self.handles[0]);
        if from.can_recv() {
            let bytes = from.recv(|b| (b.len(), b.to_vec())).unwrap();
            for byte in &bytes {
                assert_eq!(*byte, (self.got % 251) as u8, "at {}", self.got);
                self.got += 1;
            }
            self.pause_max = self.pause_max.max(self.last.elapsed());
            self.last = Instant::now();
        }
        assert!(from.is_active() || self.got == 0, "the connection ended after {} bytes", self.got);
    }

    fn run_until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let end = Instant::now() + WAIT;
        while !done(self) {
            assert!(Instant::now() < end, "{what}: {} bytes", self.got);
            self.step();
        }
    }

    /// Until all that was sent is acknowledged: then neither side says anything by itself.
    fn fall_silent(&mut self) {
        self.sending = false;
        self.run_until("all is acknowledged", |s| s.guests[1].tcp(s.handles[1]).send_queue() == 0);
        self.sending = true;
    }

    fn stays_connected(&mut self) {
        for guest in &mut self.guests {
            assert!(!guest.front.0.is_closed(Duration::from_millis(1)), "the VMM notices nothing");
        }
    }

    /// As QEMU does, which looks once a second.
    fn connect_again(&mut self) {
        for guest in &mut self.guests {
            assert!(guest.front.0.is_closed(WAIT));
            until("the VMM connects again", || guest.front.0.reconnect().is_ok());
        }
    }

    fn run_on(&mut self) {
        let goal = self.got + 300_000;
        self.run_until("the stream goes on", |s| s.got >= goal);
    }
}

fn port<'a>(status: &'a CardStatus, g: &TestGuest) -> &'a wire::card::PortStatus {
    status.ports.iter().find(|p| p.id == g.interface()).unwrap()
}

#[test]
fn a_card_is_replaced_under_traffic() {
    if is_card() {
        return;
    }
    let w = World::new();
    let start = || w.start("a_card_is_replaced_under_traffic", true);
    let mut card = start();
    w.push(1);
    let mut stream = Stream::new(&w);
    let mut pauses = Vec::new();
    for round in 0..5 {
        stream.run_on();
        let before = w.status();
        stream.pause_max = Duration::ZERO;
        let heir = start();
        // It leaves by itself, with success: its place is taken.
        let mut left = None;
        stream.run_until("the card leaves", |_| {
            left = card.0.try_wait().unwrap();
            left.is_some()
        });
        assert!(left.unwrap().success());
        card = heir;
        stream.run_on();
        pauses.push(stream.pause_max);
        stream.stays_connected();
        let after = w.status();
        assert_eq!((after.generation, after.flows), (before.generation, before.flows), "round {round}");
        for g in &w.guests {
            let (b, a) = (port(&before, g), port(&after, g));
            assert!(a.tx_frames > b.tx_frames && a.rx_bytes > b.rx_bytes && a.link_up, "counters go on: {b:?} {a:?}");
            assert!(b.drops.iter().all(|(name, n)| a.drops.get(name) >= Some(n)), "{b:?} {a:?}");
        }
    }
    println!("the longest pauses of the stream while the card was replaced: {pauses:?}");
    // It is a card like any: takes a configuration, and its guests' connections and its ledger's outlive it.
    w.push(2);
    w.all_is_laid_down();
    card.kill();
    let _card = start();
    stream.run_on();
    stream.stays_connected();
    assert_eq!(w.status().generation, Generation(2));
}

#[test]
fn a_vmm_does_not_notice_that_its_card_was_killed() {
    if is_card() {
        return;
    }
    let w = World::new();
    let start = || w.start("a_vmm_does_not_notice_that_its_card_was_killed", true);
    let mut card = start();
    w.push(1);
    let mut stream = Stream::new(&w);
    let mut pauses = Vec::new();
    for round in 0..5 {
        stream.run_on();
        w.all_is_laid_down();
        if round == 4 {
            stream.fall_silent();
        }
        (stream.pause_max, stream.last) = (Duration::ZERO, Instant::now());
        card.kill();
        card = start();
        stream.run_on();
        stream.stays_connected();
        pauses.push(stream.pause_max);
    }
    println!("the longest pauses of the stream when the card was killed, one after the other: {pauses:?}");

    // A message that the card has begun to read cannot be read by another life: the VMM connects again.
    stream.guests[0].front.0.send_raw(5, 1, 40, &[0; 8], &[]).unwrap();
    until("what is unsettled is not laid down", || w.keeper.entries() == 2);
    stream.run_on();
    card.kill();
    card = start();
    assert!(stream.guests[0].front.0.is_closed(WAIT));
    until("the VMM connects again", || stream.guests[0].front.0.reconnect().is_ok());
    stream.run_on();
    assert!(!stream.guests[1].front.0.is_closed(Duration::from_millis(1)));

    // One whose VMM is gone is forgotten, and so is its memory.
    w.all_is_laid_down();
    card.kill();
    let Stream { guests: [gone, _there], .. } = stream;
    drop(gone);
    let _card = start();
    until("it is forgotten", || w.keeper.entries() == 2);
    until("its link is down", || !port(&w.status(), &w.guests[0]).link_up);
    assert!(port(&w.status(), &w.guests[1]).link_up);
}

#[test]
fn a_killed_cards_connections_go_on() {
    if is_card() {
        return;
    }
    for keeps in [true, false] {
        let w = World::new();
        let start = || w.start("a_killed_cards_connections_go_on", keeps);
        let mut card = start();
        w.push(1);
        let mut stream = Stream::new(&w);
        let mut pauses = Vec::new();
        for round in 0..3 {
            stream.run_on();
            // Under way, or when only the sender can go on: nothing of the other's makes the flow anew.
            if round == 2 || !keeps {
                stream.fall_silent();
            }
            (stream.pause_max, stream.last) = (Duration::ZERO, Instant::now());
            card.kill();
            w.keeper.clear();
            card = start();
            stream.connect_again();
            if !keeps {
                // What this test is about: nothing says that the sender may send.
                until("its packets are dropped", || {
                    stream.step();
                    port(&w.status(), &w.guests[1]).drops.contains_key("security-group-egress")
                });
                let at = stream.got;
                for _ in 0..1000 {
                    stream.step();
                }
                assert_eq!(stream.got, at);
                break;
            }
            stream.run_on();
            pauses.push(stream.pause_max);
        }
        if keeps {
            println!("the longest pauses of the stream when the card was killed, but for the VMM's second: {pauses:?}");
        }
    }
}

/// A card on a thread.
struct Card {
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<bool>>,
}

impl Card {
    fn start(w: &World) -> Self {
        let options = CardOptions { host: HOST.parse().unwrap(), data_dir: w.dir(), kept: None };
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime().block_on(tokio::task::LocalSet::new().run_until(async move {
                tokio::select! {
                    ended = run(options) => ended.is_ok(),
                    _ = stopped => false,
                }
            }))
        });
        Self { stop: Some(stop), thread: Some(thread) }
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

#[test]
fn whoever_fails_to_take_its_place_leaves_the_card_as_it_was() {
    let w = World::new();
    let reach = |process: &str| {
        let me = Identity::open(&w.dir(), process).unwrap();
        runtime().block_on(handover::reach(&me, &w.dir().card_heir_socket(&HOST.parse().unwrap())))
    };
    let card = format!("card-{HOST}");
    assert!(reach(&card).unwrap().is_none(), "nobody there");
    let mut running = Card::start(&w);
    let connect = || -> UnixStream {
        let mut stream = None;
        until("the heirs' socket", || {
            stream = reach(&card).unwrap();
            stream.is_some()
        });
        stream.unwrap()
    };
    // Before there is a configuration there is nothing to take over.
    assert!(matches!(Heir::begin(connect()), Err(HeirError::Io(_))));
    w.push(1);
    let mut stream = Stream::new(&w);
    // Only a card of this name.
    assert!(reach(&format!("agent-{HOST}")).is_err());
    // At each word something goes wrong.
    drop(connect());
    assert!(matches!(Heir::begin_as(connect(), 0), Err(HeirError::Format(card::heir::FORMAT))));
    stream.run_on();
    let (heir, prospect) = Heir::begin(connect()).unwrap();
    assert!(prospect.bytes.starts_with(b"{\"seed\":"));
    drop(heir);
    stream.run_on();
    let (heir, _) = Heir::begin(connect()).unwrap();
    let state = heir.prepared().unwrap();
    assert!(state.fds.len() > 10 && state.bytes.len() > 500);
    drop((heir, state));
    stream.run_on();
    // The configuration changes while the heir compiles the old one.
    let (heir, _) = Heir::begin(connect()).unwrap();
    w.push(2);
    assert!(matches!(heir.prepared(), Err(HeirError::Io(_))));
    drop(heir);
    stream.run_on();
    let status = w.status();
    assert_eq!(status.generation, Generation(2));
    // Then one that does it right, to the end.
    let (heir, _) = Heir::begin(connect()).unwrap();
    let _state = heir.prepared().unwrap();
    heir.ready().unwrap();
    let mut left = heir.into_stream();
    left.set_read_timeout(Some(WAIT)).unwrap();
    assert_eq!(std::io::Read::read(&mut left, &mut [0]).unwrap(), 0, "it says by its end that it has ended");
    assert!(running.thread.take().unwrap().join().unwrap(), "with success");
}
