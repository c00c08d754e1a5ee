//! The role on the product's VMM: a real guest without a network card is launched, outlives its agent, is rebooted,
//! stopped, started again and terminated.

use host_agent::agent::{AgentOptions, run};
use platform::rpc::Client;
use platform::settings::{CellSettings, HostSettings};
use platform::{DataDir, Settings};
use std::time::{Duration, Instant};
use types::{Generation, HostId, InstanceId};
use wire::host::{ConsoleRequest, Desired, GuestShutdown, HostConfig, InstanceConfig, InstanceReport, VmState};
use wire::net::{InternetConfig, NetConfig};

/// Making the image and booting under emulation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

struct World {
    dir: DataDir,
    host: HostId,
    client: Client,
    watcher: Client,
    config: HostConfig,
}

/// A test that fails leaves no guest.
impl Drop for World {
    fn drop(&mut self) {
        for entry in std::fs::read_dir(self.dir.instances(&self.host)).into_iter().flatten().flatten() {
            if let Some(process) = platform::process::ProcessId::read_file(&entry.path().join("qemu.pid")) {
                let _ = process.signal(9);
            }
        }
    }
}

impl World {
    fn agent(&self) -> tokio::task::JoinHandle<()> {
        let options = AgentOptions { dir: self.dir.clone(), host: self.host.clone(), program: "/bin/false".into() };
        tokio::task::spawn_local(async { run(options).await.unwrap() })
    }

    async fn push(&mut self) {
        self.config.generation = self.config.generation.next();
        self.config.net.generation = self.config.generation;
        let start = Instant::now();
        while let Err(e) = self.client.call::<wire::host::PushHostConfig>(&self.config, Duration::from_secs(5)).await {
            assert!(start.elapsed() < PATIENCE && !matches!(e, platform::rpc::RpcError::Remote { .. }), "{e}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn until(&self, what: &str, done: impl Fn(&InstanceReport, &str) -> bool) -> InstanceReport {
        let start = Instant::now();
        let second = Duration::from_secs(5);
        loop {
            let status = self.watcher.call::<wire::host::GetAgentStatus>(&wire::Empty {}, second).await;
            let ask = ConsoleRequest { instance: self.config.instances[0].id, bytes_max: u64::MAX };
            let console = self.client.call::<wire::host::Console>(&ask, second).await.map(|c| c.text).unwrap_or_default();
            if let Ok(status) = &status
                && let Some(i) = status.report.instances.first()
                && done(i, &console)
            {
                return i.clone();
            }
            let failed = status.iter().flat_map(|s| &s.report.instances).any(|i| matches!(i.state, VmState::Failed { .. }));
            assert!(start.elapsed() < PATIENCE && !failed, "waited in vain for {what}: {status:?}\n{console}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn boots(console: &str) -> usize {
    console.matches("stratocell: ready").count()
}

#[tokio::test]
async fn guest_of_the_role() {
    let tmp = tempfile::Builder::new().prefix("role").tempdir_in("/tmp").unwrap();
    let dir = DataDir::new(tmp.path());
    let host: HostId = "a1-h1".parse().unwrap();
    let cell: types::CellId = "a1".parse().unwrap();
    platform::disk::create_private_dir(&dir.run()).unwrap();
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
    settings.save(&dir).unwrap();
    platform::tls::testing::issue(&dir, ["agent-a1-h1"]);
    let cell_identity = platform::tls::testing::identity(tmp.path(), "cell-a1");
    let id = InstanceId::from_random(u128::from(std::process::id()));
    let instance = InstanceConfig {
        id,
        desired: Desired::Running,
        image: "micro".to_owned(),
        vcpus: 1,
        memory_mib: 256,
        root_disk_gib: 2,
        interfaces: vec![],
        interfaces_max: 2,
        boot: 1,
        reboot: 0,
        on_guest_shutdown: GuestShutdown::Stop,
        isolation: Default::default(),
    };
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
    let instances = vec![instance];
    let config = HostConfig {
        balancers: Vec::new(),
        moved_disks: Vec::new(),
        format: wire::FORMAT,
        host: host.clone(),
        cell,
        generation: Generation(0),
        instances,
        net,
    };
    let watcher = Client::new(&platform::tls::testing::identity(tmp.path(), "operator"), dir.agent_socket(&host));
    let mut w = World { client: Client::new(&cell_identity, dir.agent_socket(&host)), watcher, dir, host, config };
    tokio::task::LocalSet::new()
        .run_until(async move {
            let agent = w.agent();
            w.push().await;
            let first = w.until("ready", |i, c| i.state == VmState::Running && boots(c) == 1).await;
            let now = platform::Clock::wall(&platform::SystemClock::new()).0;
            assert!(first.started_ms.abs_diff(now) < PATIENCE.as_millis() as u64);

            agent.abort();
            let _ = agent.await;
            let agent = w.agent();
            let adopted = w.until("adoption", |i, _| i.state == VmState::Running).await;
            assert_eq!(adopted.pid, first.pid);

            w.config.instances[0].reboot = 1;
            w.push().await;
            let rebooted = w.until("the second boot", |i, c| i.reboot == 1 && boots(c) == 2).await;
            assert_eq!(rebooted.pid, first.pid);

            w.config.instances[0].desired = Desired::Stopped;
            w.push().await;
            w.until("stopped", |i, _| i.state == VmState::Stopped { by_guest: false }).await;

            w.config.instances[0].desired = Desired::Running;
            w.config.instances[0].boot = 2;
            w.push().await;
            let second = w.until("the third boot", |i, c| i.boot == 2 && i.state == VmState::Running && boots(c) == 3).await;
            assert_ne!(second.pid, first.pid);

            w.config.instances[0].desired = Desired::Terminated;
            w.push().await;
            w.until("gone", |i, _| i.state == VmState::Gone).await;
            assert!(platform::process::ProcessId::of(second.pid.unwrap()).is_none());
            assert!(!w.dir.instance(&w.host, &id).exists() && !w.dir.qmp_socket(&id).exists());
            agent.abort();
        })
        .await;
}
