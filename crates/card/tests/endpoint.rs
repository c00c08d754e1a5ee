//! Guests' connections to a service that an endpoint leads to: handed on with who comes, bounded, and nobody else's.

use card::testing::{Front, FrontOptions, Guest, TestGuest, net_config};
use card::{CardOptions, endpoint, run};
use platform::rpc::{self, Client};
use platform::tls::{Identity, Role, testing};
use platform::{DataDir, Rng, SystemRng, handover};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::LocalSet;
use types::{Ipv4Cidr, VpcEndpointId, VpcId};
use wire::card::{CardStatus, GetCardStatus, Handed, PushNetConfig};
use wire::net::{EndpointConfig, NetConfig, Route, RouteTarget, ServiceConfig};

const WAIT: Duration = Duration::from_secs(20);
const S3: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
const HOST: &str = "a1-h1";
const BODY: usize = 300_000;

/// The card and, when asked for, who serves what it hands on, each on a thread of its own; both end when this is dropped.
struct Threads(Vec<(tokio::sync::oneshot::Sender<()>, std::thread::JoinHandle<()>)>);

impl Threads {
    fn spawn<F: Future<Output = ()>>(&mut self, what: impl FnOnce() -> F + Send + 'static) {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime().block_on(LocalSet::new().run_until(async move {
                tokio::select! {
                    () = what() => {}
                    _ = stopped => {}
                }
            }));
        });
        self.0.push((stop, thread));
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        for (stop, thread) in self.0.drain(..) {
            drop(stop);
            let _ = thread.join();
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn agent(dir: &DataDir) -> Client {
    Client::new(&Identity::open(dir, &format!("agent-{HOST}")).unwrap(), dir.card_socket(&HOST.parse().unwrap()))
}

fn start(path: &Path, config: &NetConfig) -> Threads {
    let dir = DataDir::new(path);
    testing::issue(&dir, [format!("card-{HOST}").as_str(), format!("agent-{HOST}").as_str(), "gateway"]);
    let mut threads = Threads(Vec::new());
    let options = CardOptions { host: HOST.parse().unwrap(), data_dir: dir.clone(), kept: None };
    threads.spawn(move || async move { run(options).await.unwrap() });
    let end = Instant::now() + WAIT;
    while runtime().block_on(agent(&dir).call::<PushNetConfig>(config, WAIT)).is_err() {
        assert!(Instant::now() < end, "the card did not come up");
        std::thread::sleep(Duration::from_millis(5));
    }
    threads
}

/// As the gateway: answers with what was said of the connection and with what the guest sent, whole.
fn serve(threads: &mut Threads, path: &Path) {
    let dir = DataDir::new(path);
    std::fs::create_dir_all(dir.endpoint_socket().parent().unwrap()).unwrap();
    let (up, is_up) = std::sync::mpsc::channel();
    threads.spawn(move || async move {
        let listener = rpc::bind(&dir.endpoint_socket()).unwrap();
        up.send(()).unwrap();
        let me = Identity::open(&dir, "gateway").unwrap();
        handover::serve(listener, me, &[Role::Card.any()], |peer, word: Handed, mut bytes| async move {
            let mut body = vec![0; BODY];
            if bytes.read_exact(&mut body).await.is_ok() {
                let line = format!("{peer} {}\n", serde_json::to_string(&word).unwrap());
                bytes.write_all(line.as_bytes()).await.unwrap();
                bytes.write_all(&body).await.unwrap();
                bytes.shutdown().await.unwrap();
            }
        })
        .await;
    });
    is_up.recv().unwrap();
}

/// Guest 0 of VPC 1, which has an endpoint, and of VPC 2, which has none.
fn network() -> (NetConfig, [TestGuest; 2]) {
    let r = SystemRng::new().u64().to_le_bytes();
    let underlay = Ipv4Addr::new(127, 100 + r[0] % 100, r[1], 1 + r[2] % 250);
    let guests = [1, 2].map(|vpc| TestGuest { vpc, n: 0, underlay });
    let mut config = net_config(&HOST.parse().unwrap(), 1, underlay, &guests);
    let id = VpcEndpointId::from_random(7);
    config.services = vec![ServiceConfig { name: "s3".into(), domain: "s3.us-east-1.amazonaws.com".into(), addresses: vec![S3] }];
    let vpc = config.vpcs.iter_mut().find(|v| v.id == VpcId::from_random(1)).unwrap();
    vpc.endpoints = vec![EndpointConfig { id, service: "s3".into(), policy: Some("{}".into()) }];
    let destination = Ipv4Cidr::new(S3, 32).unwrap();
    vpc.route_tables[0].routes.push(Route { destination, target: RouteTarget::Endpoint(id) });
    (config, guests)
}

fn guest(path: &Path, g: &TestGuest) -> Guest {
    let front = Front::connect(&DataDir::new(path).port_socket(&g.interface()), FrontOptions::default()).unwrap();
    Guest::new(front, g.mac(), g.ip())
}

fn status(path: &Path) -> CardStatus {
    runtime().block_on(agent(&DataDir::new(path)).call::<GetCardStatus>(&wire::Empty {}, WAIT)).unwrap()
}

#[test]
fn connections_are_handed_on_with_who_comes() {
    let dir = tempfile::tempdir().unwrap();
    let (config, guests) = network();
    let mut threads = start(dir.path(), &config);
    serve(&mut threads, dir.path());
    let mut a = guest(dir.path(), &guests[0]);
    let body: Vec<u8> = (0..BODY as u32).map(|i| (i * 7) as u8).collect();
    for _ in 0..3 {
        let got = a.exchange(S3, 80, &body, WAIT).expect("an answer");
        let line = got.iter().position(|b| *b == b'\n').expect("a line");
        let said = String::from_utf8(got[..line].to_vec()).unwrap();
        let (peer, word) = said.split_once(' ').unwrap();
        let word: Handed = serde_json::from_str(word).unwrap();
        assert_eq!(peer, format!("card-{HOST}"));
        assert_eq!(
            (word.source, word.vpc, word.endpoint),
            (guests[0].ip(), VpcId::from_random(1), VpcEndpointId::from_random(7))
        );
        assert_eq!((word.service.as_str(), word.policy.as_deref()), ("s3", Some("{}")));
        assert!(got[line + 1..] == body[..], "the bytes came back whole");
    }
    // Nothing speaks TLS there, and the metadata service is not where the service is nor the other way round.
    assert_eq!(a.exchange(S3, 443, b"x", WAIT), None, "reset");
    let metadata = a.exchange(METADATA, 80, b"GET / HTTP/1.0\r\n\r\n", WAIT).expect("the metadata service's answer");
    assert!(metadata.starts_with(b"HTTP/1.1 401"), "{}", String::from_utf8_lossy(&metadata));
    // A VPC without an endpoint has no way there.
    let mut b = guest(dir.path(), &guests[1]);
    let end = Instant::now() + WAIT;
    b.connect(S3, 80);
    while !status(dir.path()).drops.contains_key("no-route") {
        assert!(Instant::now() < end, "{:?}", status(dir.path()).drops);
        b.poll();
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_port_has_so_many_connections_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let (config, guests) = network();
    let mut threads = start(dir.path(), &config);
    serve(&mut threads, dir.path());
    let mut a = guest(dir.path(), &guests[0]);
    let mut handles = Vec::new();
    let end = Instant::now() + WAIT;
    while !status(dir.path()).drops.contains_key("endpoint-full") {
        assert!(Instant::now() < end, "{} connections, {:?}", handles.len(), status(dir.path()).drops);
        if handles.len() < 2 * endpoint::CONNECTIONS_MAX {
            handles.push(a.connect(S3, 80));
        }
        a.poll();
    }
    let open = handles.iter().filter(|h| a.tcp(**h).may_send()).count();
    assert!((1..=endpoint::CONNECTIONS_MAX).contains(&open), "{open}");
    // One that ends makes room.
    for handle in &handles {
        a.tcp(*handle).abort();
    }
    let body = vec![1; BODY];
    let answered = |a: &mut Guest| a.exchange(S3, 80, &body, WAIT).is_some_and(|got| got.len() > BODY);
    while !answered(&mut a) {
        assert!(Instant::now() < end + WAIT, "room again");
    }
}

#[test]
fn with_nobody_to_serve_the_connection_ends() {
    let dir = tempfile::tempdir().unwrap();
    let (config, guests) = network();
    let _threads = start(dir.path(), &config);
    let mut a = guest(dir.path(), &guests[0]);
    let got = a.exchange(S3, 80, b"GET / HTTP/1.0\r\n\r\n", WAIT);
    assert!(got.as_ref().is_none_or(Vec::is_empty), "{got:?}");
}
