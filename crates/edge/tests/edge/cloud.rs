//! A small cloud for the edge's tests: an edge in a thread, and hosts that are the real switch with one guest behind it.
//!
//! All on loopback: random aliases, random underlay addresses, so that tests may run at once and twice at once.

use crate::namespace;
use platform::rpc::{Client, RpcError};
use platform::tls::{Identity, testing};
use platform::{DataDir, Rng, Settings, SystemRng};
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};
use types::{Generation, Ipv4Cidr};
use wire::Empty;
use wire::edge::{EdgeAddress, EdgeConfig, EdgeStatus, GetEdgeStatus, PushEdgeConfig};

pub const POOL6: &str = "2001:db8:5c00::/40";

/// How long anything may take that is not itself a timeout.
pub const BOUND: Duration = Duration::from_secs(20);

/// Held as long as its block is in use, so that no other test of this machine takes the same.
pub struct Claim(#[expect(dead_code, reason = "held, not used")] UdpSocket);

/// A block that nobody claims by a socket on `port` of the address that `of` gives for its number.
fn claim(blocks: u64, port: u16, of: impl Fn(u32) -> Ipv4Addr) -> (u32, Claim) {
    let mut rng = SystemRng::new();
    let free = (0..10_000).map(|_| rng.below(blocks) as u32).find_map(|n| Some((n, UdpSocket::bind((of(n), port)).ok()?)));
    let (n, socket) = free.expect("a block that no other test uses");
    (n, Claim(socket))
}

/// Four addresses of 127.64.0.0/10: the edge's, then those of hosts and strangers.
fn underlays() -> ([Ipv4Addr; 4], Claim) {
    let of = |n: u32| Ipv4Addr::from(0x7f40_0000 | n << 8 | 1);
    let (n, claim) = claim(1 << 14, 4788, of);
    ([0, 1, 2, 3].map(|i| Ipv4Addr::from(u32::from(of(n)) + i)), claim)
}

/// A /24 of 198.18.0.0/15, claimed as `up` does.
fn pool() -> (Ipv4Cidr, Claim) {
    let of = |n: u32| Ipv4Cidr::new(Ipv4Addr::from(0xc612_0000 | n << 8), 24).unwrap();
    let (n, claim) = claim(512, vswitch::vxlan::UDP_PORT, |n| alias(of(n).last()));
    (of(n), claim)
}

pub fn alias(public: Ipv4Addr) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(public) & 0x00ff_ffff | 0x7f00_0000)
}

#[derive(Clone, Copy, Default)]
pub struct Options {
    pub host_route: bool,
    /// The edge's thread gives up the right to low ports, as if it were not root's.
    pub unprivileged_ports: bool,
}

pub struct TestEdge {
    home: tempfile::TempDir,
    pub underlay: Ipv4Addr,
    /// Of hosts, and of who is none.
    pub others: [Ipv4Addr; 3],
    pub pool: Ipv4Cidr,
    _claims: [Claim; 2],
    options: Options,
    running: Option<(tokio::sync::oneshot::Sender<()>, std::thread::JoinHandle<()>)>,
}

impl TestEdge {
    pub fn start(options: Options) -> Self {
        let home = tempfile::Builder::new().prefix("edge").tempdir().unwrap();
        let (([underlay, others @ ..], a), (pool, b)) = (underlays(), pool());
        let mut edge = Self { home, underlay, others, pool, _claims: [a, b], options, running: None };
        platform::disk::create_private_dir(&edge.dir().run()).unwrap();
        let settings = Settings {
            storage: Vec::new(),
            large_vpcs: Default::default(),
            shards: Default::default(),
            s3: Default::default(),
            audit: Default::default(),
            format: 1,
            region: "us-east-1".parse().unwrap(),
            port: 0,
            cells: Vec::new(),
            edge_underlay: edge.underlay,
            public_pool: edge.pool,
            ipv6_pool: POOL6.parse().unwrap(),
            account: "123456789012".parse().unwrap(),
            bulk_frames: Default::default(),
            host_route: options.host_route,
            kms_passphrase_file: None,
            limits: Default::default(),
        };
        settings.save(&edge.dir()).unwrap();
        testing::issue(&edge.dir(), ["edge", "control-plane", "operator"]);
        edge.run();
        edge
    }

    fn dir(&self) -> DataDir {
        DataDir::new(self.home.path())
    }

    fn run(&mut self) {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (dir, options) = (self.dir(), self.options);
        let thread = std::thread::spawn(move || {
            if options.unprivileged_ports {
                namespace::give_up(namespace::NET_BIND_SERVICE);
            }
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            tokio::task::LocalSet::new().block_on(&runtime, async move {
                tokio::select! {
                    ended = edge::run(dir) => panic!("the edge ended: {ended:?}"),
                    _ = stopped => {}
                }
            });
        });
        self.running = Some((stop, thread));
        until("the edge answers", || self.try_status().is_ok());
    }

    pub fn restart(&mut self) {
        self.stop();
        self.run();
    }

    fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }

    pub fn push(&self, config: &EdgeConfig) -> Result<(), RpcError> {
        self.call("control-plane", |c| async move { c.call::<PushEdgeConfig>(config, BOUND).await }).map(|_| ())
    }

    pub fn try_status(&self) -> Result<EdgeStatus, RpcError> {
        self.call("operator", |c| async move { c.call::<GetEdgeStatus>(&Empty {}, BOUND).await })
    }

    pub fn status(&self) -> EdgeStatus {
        self.try_status().unwrap()
    }

    pub fn drops(&self, reason: &str) -> u64 {
        self.status().drops.get(reason).copied().unwrap_or(0)
    }

    fn call<T, F: Future<Output = T>>(&self, caller: &str, f: impl FnOnce(Client) -> F) -> T {
        let caller = Identity::open(&self.dir(), caller).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(f(Client::new(&caller, self.dir().socket("edge"))))
    }

    /// A configuration with these public addresses: (address, owner, TCP ports, UDP ports).
    pub fn config(&self, generation: u64, addresses: &[(Ipv4Addr, Ipv4Addr, &[u16], &[u16])]) -> EdgeConfig {
        let address = |a: &(Ipv4Addr, Ipv4Addr, &[u16], &[u16])| EdgeAddress {
            public: a.0,
            underlay: a.1,
            instance: None,
            tcp_ports: a.2.to_vec(),
            udp_ports: a.3.to_vec(),
        };
        let mut hosts: Vec<Ipv4Addr> = addresses.iter().map(|a| a.1).collect();
        hosts.dedup();
        let address6 = |a: &(Ipv4Addr, Ipv4Addr, &[u16], &[u16])| EdgeAddress {
            public: crate::guest::OWN6,
            underlay: a.1,
            instance: None,
            tcp_ports: a.2.to_vec(),
            udp_ports: a.3.to_vec(),
        };
        EdgeConfig {
            pool6: Some(POOL6.parse().unwrap()),
            // One guest has it.
            addresses6: addresses.iter().take(1).map(address6).collect(),
            format: wire::FORMAT,
            generation: Generation(generation),
            pool: self.pool,
            addresses: addresses.iter().map(address).collect(),
            hosts,
        }
    }

    /// Where a port of a public address is listened on.
    pub fn listening(&self, public: impl Into<IpAddr>, port: u16) -> std::net::SocketAddr {
        let public = public.into();
        let status = self.status();
        let a = status.aliases.iter().find(|a| a.public == public).unwrap_or_else(|| panic!("no alias of {public}: {status:?}"));
        match public {
            IpAddr::V4(public) => assert_eq!(a.alias, alias(public)),
            // 127.20.7.x, for 127.18.7.x.
            IpAddr::V6(_) => assert_eq!(u32::from(a.alias) >> 8, (u32::from(alias(self.pool.first())) + 0x0002_0000) >> 8),
        }
        let (_, at) = a.tcp.iter().chain(&a.udp).find(|(p, _)| *p == port).unwrap_or_else(|| panic!("no {port}: {status:?}"));
        (a.alias, *at).into()
    }
}

impl Drop for TestEdge {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits for a condition, with a bound.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + BOUND;
    while !condition() {
        assert!(Instant::now() < end, "waited too long: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
