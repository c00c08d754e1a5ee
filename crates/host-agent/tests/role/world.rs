//! One host's surroundings: a data directory, a card and a cell controller that are played by the test, and the agent in
//! a process of its own, so that it can be killed as processes are.

use platform::process::ProcessId;
use platform::rpc::{self, Client, Router, RpcError};
use platform::settings::{CellSettings, HostSettings};
use platform::tls::{Identity, Role, testing};
use platform::{DataDir, Rng, Settings, SystemRng};
use std::cell::RefCell;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use types::{Generation, HostId, InstanceId, InterfaceId};
use wire::card::{CardStatus, PortStatus};
use wire::host::{
    AgentStatus, Capacity, Desired, GuestShutdown, HostConfig, HostReport, InstanceConfig, InstanceReport, VmState,
};
use wire::net::{DhcpConfig, InternetConfig, NetConfig, PortConfig};
use wire::{Applied, Empty};

pub const DIR_VARIABLE: &str = "ROLE_TEST_DIR";
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub struct Card {
    pub net: Option<NetConfig>,
    pub pushes: u32,
    pub configured: bool,
}

#[derive(Default)]
pub struct Heard {
    pub last: Option<HostReport>,
    pub incarnations: Vec<u64>,
}

pub struct World {
    tmp: tempfile::TempDir,
    pub dir: DataDir,
    pub host: HostId,
    pub config: HostConfig,
    pub card: Rc<RefCell<Card>>,
    pub heard: Rc<RefCell<Heard>>,
    card_task: Option<JoinHandle<()>>,
    cell_task: Option<JoinHandle<()>>,
    agent: Option<Child>,
}

pub fn port_of(id: InstanceId) -> InterfaceId {
    id.to_string().replacen("i-", "eni-", 1).parse().unwrap()
}

fn port(id: InterfaceId) -> PortConfig {
    PortConfig {
        terminator: None,
        ipv6: Vec::new(),
        subnet_cidr6: None,
        id,
        vpc: types::VpcId::from_random(1),
        subnet: types::SubnetId::from_random(1),
        subnet_cidr: "10.0.0.0/24".parse().unwrap(),
        mac: types::MacAddr::from_random(7),
        ipv4: vec![[10, 0, 0, 5].into()],
        public: vec![],
        groups: vec![],
        route_table: types::RouteTableId::from_random(1),
        source_dest_check: true,
        network_acl: None,
        nat: None,
        rate: None,
        rate_of: None,
        flow_log_seconds: None,
        mtu: 1500,
        dhcp: DhcpConfig { hostname: String::new(), domain: String::new(), dns_servers: vec![], lease_seconds: 60 },
        metadata: None,
    }
}

impl World {
    pub fn new() -> Self {
        let tmp = tempfile::Builder::new().prefix("role").tempdir_in("/tmp").unwrap();
        let dir = DataDir::new(tmp.path());
        let host: HostId = "a1-h1".parse().unwrap();
        let cell: types::CellId = "a1".parse().unwrap();
        let underlay = [127, 0, 0, 2].into();
        let settings = Settings {
            storage: Vec::new(),
            large_vpcs: Default::default(),
            shards: Default::default(),
            s3: Default::default(),
            audit: Default::default(),
            format: 1,
            region: "us-east-1".parse().unwrap(),
            port: 0,
            cells: vec![CellSettings {
                id: cell.clone(),
                az: "us-east-1a".parse().unwrap(),
                hosts: vec![HostSettings { id: host.clone(), underlay, vcpus: 4, memory_mib: 4096, disk_gib: 64, rack: None }],
            }],
            edge_underlay: [127, 0, 0, 3].into(),
            public_pool: "198.18.0.0/24".parse().unwrap(),
            ipv6_pool: "2001:db8:5c00::/40".parse().unwrap(),
            account: "123456789012".parse().unwrap(),
            bulk_frames: Default::default(),
            host_route: false,
            kms_passphrase_file: None,
            limits: Default::default(),
        };
        platform::disk::create_private_dir(&dir.run()).unwrap();
        settings.save(&dir).unwrap();
        testing::issue(&dir, ["agent-a1-h1", "card-a1-h1", "cell-a1", "operator"]);
        let net = NetConfig {
            format: wire::FORMAT,
            host: host.clone(),
            generation: Generation(0),
            underlay,
            vpcs: vec![],
            ports: vec![],
            services: Vec::new(),
            names: Vec::new(),
            internet: InternetConfig { addresses6: Vec::new(), pool6: None, pool: None, addresses: vec![], edge: None },
        };
        let config = HostConfig {
            balancers: Vec::new(),
            moved_disks: Vec::new(),
            format: wire::FORMAT,
            host: host.clone(),
            cell,
            generation: Generation(0),
            instances: vec![],
            net,
        };
        let (card, heard) = <(Rc<RefCell<Card>>, Rc<RefCell<Heard>>)>::default();
        let mut world = Self { tmp, dir, host, config, card, heard, card_task: None, cell_task: None, agent: None };
        world.start_card();
        world.start_cell();
        world.start_agent();
        world
    }

    pub fn start_card(&mut self) {
        let (a, b) = (self.card.clone(), self.card.clone());
        let agent = [Role::Agent.only(&self.host)];
        let router = Router::new()
            .on::<wire::card::PushNetConfig, _, _>(&agent, move |net| {
                let card = a.clone();
                async move {
                    let generation = net.generation;
                    let mut card = card.borrow_mut();
                    card.pushes += 1;
                    card.net = Some(net);
                    Ok(Applied { generation })
                }
            })
            .on::<wire::card::GetCardStatus, _, _>(&agent, move |_| {
                let status = status(&b.borrow());
                async move { Ok(status) }
            });
        let listener = rpc::bind(&self.dir.card_socket(&self.host)).unwrap();
        self.card_task = Some(tokio::task::spawn_local(serve_alone(listener, self.identity("card-a1-h1"), router)));
    }

    /// As a killed process: its memory, its socket and its connections are gone.
    pub fn kill_card(&mut self) {
        self.card_task.take().unwrap().abort();
        std::fs::remove_file(self.dir.card_socket(&self.host)).unwrap();
        *self.card.borrow_mut() = Card::default();
    }

    pub fn start_cell(&mut self) {
        let heard = self.heard.clone();
        let agent = [Role::Agent.only(&self.host)];
        let router = Router::new().on::<wire::cell::ReportHost, _, _>(&agent, move |report| {
            let heard = heard.clone();
            async move {
                let generation = report.applied;
                let mut heard = heard.borrow_mut();
                if let Some(last) = heard.last.as_ref().filter(|l| l.incarnation == report.incarnation) {
                    assert!(last.sequence < report.sequence);
                }
                if !heard.incarnations.contains(&report.incarnation) {
                    heard.incarnations.push(report.incarnation);
                }
                heard.last = Some(report);
                Ok(Applied { generation })
            }
        });
        let listener = rpc::bind(&self.dir.cell_socket(&self.config.cell)).unwrap();
        self.cell_task = Some(tokio::task::spawn_local(serve_alone(listener, self.identity("cell-a1"), router)));
    }

    pub fn kill_cell(&mut self) {
        self.cell_task.take().unwrap().abort();
        std::fs::remove_file(self.dir.cell_socket(&self.config.cell)).unwrap();
    }

    pub fn start_agent(&mut self) {
        // The next reports are those of the new agent.
        self.heard.borrow_mut().last = None;
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "agent_process", "--nocapture"])
            .env(DIR_VARIABLE, self.tmp.path())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        self.agent = Some(child);
    }

    pub fn kill_agent(&mut self) {
        let mut agent = self.agent.take().unwrap();
        agent.kill().unwrap();
        agent.wait().unwrap();
        self.heard.borrow_mut().last = None;
    }

    fn identity(&self, process: &str) -> Identity {
        Identity::open(&self.dir, process).unwrap()
    }

    pub fn client(&self) -> Client {
        Client::new(&self.identity("cell-a1"), self.dir.agent_socket(&self.host))
    }

    pub async fn until(&self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !done(self) {
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for {what}; last report: {:?}; journal:\n{}",
                self.heard.borrow().last,
                self.journal()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Sends the present configuration as a new generation.
    pub async fn push(&mut self) {
        self.config.generation = self.config.generation.next();
        self.config.net.generation = self.config.generation;
        let running = self.config.instances.iter().filter(|i| i.desired == Desired::Running);
        self.config.net.ports = running.flat_map(|i| &i.interfaces).map(|i| port(*i)).collect();
        self.push_same().await.unwrap();
    }

    pub async fn push_same(&self) -> Result<Applied, RpcError> {
        let client = self.client();
        let start = Instant::now();
        loop {
            match client.call::<wire::host::PushHostConfig>(&self.config, Duration::from_secs(2)).await {
                Err(RpcError::Unreachable { .. } | RpcError::Unknown { .. }) if start.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                other => return other,
            }
        }
    }

    /// What the agent says of itself, as soon as it is there.
    pub async fn status(&self) -> AgentStatus {
        let client = Client::new(&self.identity("operator"), self.dir.agent_socket(&self.host));
        let start = Instant::now();
        loop {
            match client.call::<wire::host::GetAgentStatus>(&Empty {}, Duration::from_secs(5)).await {
                Err(_) if start.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(10)).await,
                other => return other.unwrap(),
            }
        }
    }

    pub fn add(&mut self) -> InstanceId {
        let id = InstanceId::from_random(SystemRng::new().u128());
        self.config.instances.push(InstanceConfig {
            id,
            desired: Desired::Running,
            image: "micro".to_owned(),
            vcpus: 1,
            memory_mib: 128,
            root_disk_gib: 2,
            interfaces: vec![port_of(id)],
            interfaces_max: 2,
            boot: 1,
            reboot: 0,
            on_guest_shutdown: GuestShutdown::Stop,
            isolation: Default::default(),
        });
        id
    }

    pub fn want(&mut self, id: InstanceId) -> &mut InstanceConfig {
        self.config.instances.iter_mut().find(|i| i.id == id).unwrap()
    }

    pub fn report(&self, id: InstanceId) -> Option<InstanceReport> {
        self.heard.borrow().last.as_ref()?.instances.iter().find(|i| i.id == id).cloned()
    }

    pub fn is(&self, id: InstanceId, state: &VmState) -> bool {
        self.report(id).is_some_and(|r| r.state == *state)
    }

    pub fn file(&self, id: InstanceId, name: &str) -> std::path::PathBuf {
        self.dir.instance(&self.host, &id).join(name)
    }

    pub fn journal(&self) -> String {
        std::fs::read_to_string(self.tmp.path().join("journal")).unwrap_or_default()
    }

    pub fn count(&self, word: &str, id: InstanceId) -> usize {
        self.journal().lines().filter(|l| l.starts_with(&format!("{word} {id}"))).count()
    }

    /// Guests' processes that were ever started and still live.
    pub fn processes(&self) -> Vec<ProcessId> {
        let started = self.journal();
        let started = started.lines().filter_map(|l| serde_json::from_str(l.strip_prefix("start ")?.split_once(' ')?.1).ok());
        started.filter(|p: &ProcessId| p.is_alive()).collect()
    }

    pub fn directories(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.instances(&self.host)).unwrap();
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    pub fn size() -> Capacity {
        Capacity { vcpus: 1, memory_mib: 128, disk_gib: 2 }
    }

    pub fn hang(&self, point: Option<&str>) {
        let (hang, hung) = (self.tmp.path().join("hang"), self.tmp.path().join("hung"));
        platform::disk::remove_file(&hung).unwrap();
        match point {
            Some(point) => platform::disk::write_atomic(&hang, point.as_bytes()).unwrap(),
            None => platform::disk::remove_file(&hang).unwrap(),
        }
    }

    pub fn hangs(&self) -> bool {
        self.tmp.path().join("hung").exists()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(mut agent) = self.agent.take() {
            let _ = agent.kill();
            let _ = agent.wait();
        }
        let nodes = std::fs::read_dir(self.dir.balancers(&self.host)).into_iter().flatten().flatten();
        let nodes: Vec<_> = nodes.filter_map(|n| ProcessId::read_file(&n.path().join("lb.pid"))).collect();
        for p in self.processes().into_iter().chain(nodes) {
            let _ = p.signal(libc::SIGKILL);
        }
    }
}

/// As [`rpc::serve`], but its connections end with it.
async fn serve_alone(listener: tokio::net::UnixListener, me: Identity, router: Router) {
    tokio::task::LocalSet::new().run_until(rpc::serve(listener, me, router)).await;
}

fn status(card: &Card) -> CardStatus {
    let ports = card.net.iter().flat_map(|n| &n.ports).map(|p| PortStatus {
        id: p.id,
        link_up: true,
        tx_frames: 0,
        tx_bytes: 0,
        rx_frames: 0,
        rx_bytes: 0,
        drops: Default::default(),
        guest_seen_ms_ago: None,
        guest_configured: card.configured,
        metadata_requests: 0,
        nat: Default::default(),
    });
    CardStatus {
        resolver: Default::default(),
        generation: card.net.as_ref().map_or(Generation(0), |n| n.generation),
        flows: 0,
        ports: ports.collect(),
        drops: Default::default(),
    }
}
