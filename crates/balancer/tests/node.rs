//! A node behind a card: a client guest, the balancer, a target guest, and between them nothing but the switch.

use balancer::{NodeOptions, run_node};
use card::testing::{Front, FrontOptions, Guest, TestGuest, net_config};
use card::{CardOptions, run};
use platform::rpc::Client;
use platform::tls::{Identity, testing};
use platform::{DataDir, Rng, SystemRng};
use smoltcp::iface::SocketHandle;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;
use types::HostId;
use wire::balancer::{BalancerConfig, BalancerStatus, TargetState};
use wire::card::PushNetConfig;
use wire::net::TerminatorConfig;

const WAIT: Duration = Duration::from_secs(60);
const HOST: &str = "a1-h1";

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

/// Answers requests on port 8080 with how many it has had, keeping connections open; checks are not counted.
struct Target {
    guest: Guest,
    listening: Vec<(SocketHandle, Vec<u8>)>,
    requests: usize,
}

impl Target {
    fn poll(&mut self) {
        self.guest.poll();
        while self.listening.iter().filter(|(h, _)| self.guest.tcp(*h).state() == smoltcp::socket::tcp::State::Listen).count() < 2
        {
            let handle = self.guest.listen(8080);
            self.listening.push((handle, Vec::new()));
        }
        for (handle, head) in &mut self.listening {
            let socket = self.guest.tcp(*handle);
            while socket.can_recv() {
                head.extend(socket.recv(|b| (b.len(), b.to_vec())).unwrap());
            }
            if head.ends_with(b"\r\n\r\n") && socket.can_send() {
                let body = if head.starts_with(b"GET /health") {
                    "well".to_owned()
                } else {
                    self.requests += 1;
                    let text = String::from_utf8_lossy(head).to_lowercase();
                    let forwarded = text.lines().find_map(|l| l.strip_prefix("x-forwarded-for: ")).unwrap_or("nobody").to_owned();
                    format!("request {} of {forwarded}", self.requests)
                };
                head.clear();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                assert_eq!(socket.send_slice(answer.as_bytes()).unwrap(), answer.len());
            }
            if !socket.may_recv() && socket.may_send() {
                socket.close();
            }
        }
        self.guest.poll();
    }
}

#[test]
fn a_request_goes_from_guest_to_guest() {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::new(temp.path());
    let r = SystemRng::new().u64().to_le_bytes();
    let underlay = Ipv4Addr::new(127, 100 + r[0] % 100, r[1], 1 + r[2] % 250);
    let guests = [0, 1, 2].map(|n| TestGuest { vpc: 1, n, underlay });
    let mut net = net_config(&host(), 1, underlay, &guests);
    net.ports[2].metadata = None;
    net.ports[2].terminator = Some(TerminatorConfig { listen: vec![80] });
    testing::issue(&dir, [format!("card-{HOST}").as_str(), format!("agent-{HOST}").as_str()]);
    let options = CardOptions { host: host(), data_dir: dir.clone(), kept: None };
    let _card = Thread::spawn(move || async move { run(options).await.unwrap() });
    let agent = Client::new(&Identity::open(&dir, &format!("agent-{HOST}")).unwrap(), dir.card_socket(&host()));
    let end = Instant::now() + WAIT;
    while runtime().block_on(agent.call::<PushNetConfig>(&net, WAIT)).is_err() {
        assert!(Instant::now() < end, "the card did not come up");
        std::thread::sleep(Duration::from_millis(5));
    }

    let node = guests[2];
    let document: BalancerConfig = serde_json::from_value(serde_json::json!({
        "format": wire::FORMAT, "generation": 1, "name": "app/a/1",
        "listeners": [{"arn": "l", "protocol": "HTTP", "port": 80, "default_action": {"type": "forward", "groups": [{"group": "g"}]}}],
        "target_groups": [{"arn": "g", "protocol": "HTTP",
            "targets": [{"id": "t", "address": guests[1].ip(), "port": 8080}],
            "health_check": {"path": "/health", "interval_seconds": 5, "timeout_seconds": 2, "healthy_threshold": 2, "unhealthy_threshold": 2}}],
    }))
    .unwrap();
    let own = dir.balancer(&host(), &node.interface());
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("config.json"), serde_json::to_vec(&document).unwrap()).unwrap();
    let options = NodeOptions {
        interface: node.interface(),
        dir: own.clone(),
        door: dir.balancer_socket(&host(), &node.interface()),
        control: dir.balancer_control(&host(), &node.interface()),
        forward: dir.card_forward_socket(&host()),
        drain: Duration::from_secs(1),
    };
    let again = options.clone();
    let _process = Thread::spawn(move || async move { run_node(options, None).await.unwrap() });
    let control = again.control.clone();
    let status = || balancer::ask_status(&control).ok();

    let guest = |n: usize| {
        let g = &guests[n];
        let front = Front::connect(&dir.port_socket(&g.interface()), FrontOptions::default()).unwrap();
        Guest::new(front, g.mac(), g.ip())
    };
    let mut client = guest(0);
    let mut target = Target { guest: guest(1), listening: Vec::new(), requests: 0 };
    let healthy = |s: &BalancerStatus| s.target_groups[0].targets[0].state == TargetState::Healthy;
    while !status().is_some_and(|s| healthy(&s)) {
        assert!(Instant::now() < end, "the target is never healthy: {:?}", status());
        for _ in 0..50 {
            target.poll();
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    // Two requests on one connection.
    let handle = client.connect(node.ip(), 80);
    for n in 1..=2 {
        let (mut sent, mut got) = (false, Vec::new());
        let wanted = format!("request {n} of {}", guests[0].ip());
        while !String::from_utf8_lossy(&got).ends_with(&wanted) {
            assert!(Instant::now() < end, "{}", String::from_utf8_lossy(&got));
            client.poll();
            target.poll();
            let socket = client.tcp(handle);
            if !sent && socket.can_send() {
                socket.send_slice(b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n").unwrap();
                sent = true;
            }
            while socket.can_recv() {
                got.extend(socket.recv(|b| (b.len(), b.to_vec())).unwrap());
            }
        }
        assert!(got.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&got));
    }
    let seen = status().unwrap();
    assert_eq!((seen.requests, seen.connections, seen.listeners.len()), (2, 1, 1));
    // There is one process of a node.
    let refused = runtime().block_on(LocalSet::new().run_until(run_node(again, None))).unwrap_err();
    assert_eq!(refused.to_string(), "another process serves this node");
    assert!(own.join("lb.pid").exists());
}
