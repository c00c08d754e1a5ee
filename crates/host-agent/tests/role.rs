//! The host agent as a role, with real guests (without network cards) and a card and a cell controller that only record.

use platform::process::ProcessId;
use platform::rpc::{self, Client, Router};
use platform::settings::{CellSettings, HostSettings};
use platform::{DataDir, Settings};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};
use types::{Generation, HostId, InstanceId};
use wire::card::{CardStatus, GetCardStatus, PushNetConfig};
use wire::cell::ReportHost;
use wire::host::*;
use wire::net::{InternetConfig, NetConfig};
use wire::{Applied, Empty};

const PATIENCE: Duration = Duration::from_secs(120);

struct World {
    data: DataDir,
    host: HostId,
    agent: Client,
    reports: Rc<RefCell<Vec<HostReport>>>,
    card_generation: Rc<Cell<Generation>>,
}

/// Ends what the test started, also when it fails.
struct Guard(DataDir, HostId);

impl Drop for Guard {
    fn drop(&mut self) {
        for e in std::fs::read_dir(self.0.instances(&self.1)).into_iter().flatten().flatten() {
            if let Some(p) = ProcessId::read_file(&e.path().join("qemu.pid")) {
                let _ = p.signal(9);
            }
        }
    }
}

impl World {
    fn new(data: DataDir) -> Self {
        let host: HostId = "a1-h1".parse().unwrap();
        let settings = Settings {
            format: 1,
            region: "us-east-1".parse().unwrap(),
            port: 0,
            cells: vec![CellSettings {
                id: "a1".parse().unwrap(),
                az: "us-east-1a".parse().unwrap(),
                hosts: vec![HostSettings {
                    id: host.clone(),
                    underlay: [127, 0, 1, 1].into(),
                    vcpus: 8,
                    memory_mib: 4096,
                    disk_gib: 100,
                }],
            }],
            edge_underlay: [127, 0, 0, 2].into(),
            public_pool: "198.18.0.0/24".parse().unwrap(),
            account: "123456789012".parse().unwrap(),
            host_route: false,
        };
        settings.save(&data).unwrap();
        std::fs::create_dir_all(data.run()).unwrap();
        let agent = Client::new(data.agent_socket(&host));
        Self { data, host, agent, reports: Rc::default(), card_generation: Rc::default() }
    }

    /// The card: remembers the generation it was given.
    fn start_card(&self) -> tokio::task::JoinHandle<()> {
        let (read, write) = (self.card_generation.clone(), self.card_generation.clone());
        let router = Router::new()
            .on::<GetCardStatus, _, _>(move |_| {
                let generation = read.get();
                async move { Ok(CardStatus { generation, flows: 0, ports: vec![], drops: BTreeMap::new() }) }
            })
            .on::<PushNetConfig, _, _>(move |config| {
                write.set(config.generation);
                async move { Ok(Applied { generation: config.generation }) }
            });
        tokio::task::spawn_local(rpc::serve(rpc::bind(&self.data.card_socket(&self.host)).unwrap(), router))
    }

    fn start_cell(&self) -> tokio::task::JoinHandle<()> {
        let reports = self.reports.clone();
        let router = Router::new().on::<ReportHost, _, _>(move |report| {
            let generation = report.applied;
            reports.borrow_mut().push(report);
            async move { Ok(Applied { generation }) }
        });
        tokio::task::spawn_local(rpc::serve(rpc::bind(&self.data.cell_socket(&"a1".parse().unwrap())).unwrap(), router))
    }

    /// An agent on a thread and runtime of its own, so that it can be ended with everything it holds.
    fn start_agent(&self) -> Agent {
        let options = host_agent::agent::AgentOptions { dir: self.data.clone(), host: self.host.clone() };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            tokio::task::LocalSet::new().block_on(&runtime, async {
                tokio::select! {
                    r = host_agent::agent::run(options) => panic!("the agent ended: {r:?}"),
                    _ = stopped => {}
                }
            });
        });
        Agent { stop: Some(stop), thread: Some(thread) }
    }

    async fn push(&self, generation: u64, instances: Vec<InstanceConfig>) -> Result<Applied, rpc::RpcError> {
        let config = HostConfig {
            format: 1,
            host: self.host.clone(),
            cell: "a1".parse().unwrap(),
            generation: Generation(generation),
            instances,
            net: NetConfig {
                format: 1,
                host: self.host.clone(),
                generation: Generation(generation),
                underlay: [127, 0, 1, 1].into(),
                vpcs: vec![],
                ports: vec![],
                internet: InternetConfig { pool: None, addresses: vec![], edge: None },
            },
        };
        self.agent.call::<PushHostConfig>(&config, Duration::from_secs(5)).await
    }

    async fn status(&self) -> Option<HostReport> {
        let status = self.agent.call::<GetAgentStatus>(&Empty {}, Duration::from_secs(5)).await;
        status.ok().map(|s| s.report)
    }

    /// Waits until the instance's report is as wanted.
    async fn until(&self, what: &str, id: InstanceId, done: impl Fn(&InstanceReport) -> bool) -> InstanceReport {
        let start = Instant::now();
        let mut last = None;
        while start.elapsed() < PATIENCE {
            last = self.status().await;
            if let Some(found) = last.iter().flat_map(|r| &r.instances).find(|i| i.id == id && done(i)) {
                println!("{what}: {:?}", start.elapsed());
                return found.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("waited in vain for {what}; last: {last:?}");
    }

    async fn until_console(&self, id: InstanceId, text: &str, times: usize) {
        self.until_text(id, text, |t| t.matches(text).count() >= times).await;
    }

    /// The shell of the `run`th run waits for input.
    async fn until_prompt(&self, id: InstanceId, run: usize) {
        let ready = |t: &str| t.split("stratocell: boot").nth(run).is_some_and(|of_run| of_run.contains("~# "));
        self.until_text(id, "the prompt", ready).await;
    }

    async fn until_text(&self, id: InstanceId, what: &str, done: impl Fn(&str) -> bool) {
        let start = Instant::now();
        let mut last = String::new();
        while start.elapsed() < PATIENCE {
            let request = ConsoleRequest { instance: id, bytes_max: 1 << 20 };
            let reply = self.agent.call::<Console>(&request, Duration::from_secs(5)).await;
            last = reply.map(|r| r.text).unwrap_or(last);
            if done(&last) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("waited in vain for {what:?} on the console, which ends {:?}", last.lines().rev().take(8).collect::<Vec<_>>());
    }
}

struct Agent {
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Agent {
    fn end(mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

fn instance(id: InstanceId, desired: Desired, boot: u64, reboot: u64) -> InstanceConfig {
    InstanceConfig {
        id,
        desired,
        image: "micro".to_owned(),
        vcpus: 1,
        memory_mib: 256,
        root_disk_gib: 2,
        interfaces: vec![],
        boot,
        reboot,
        on_guest_shutdown: GuestShutdown::Stop,
    }
}

#[tokio::test(flavor = "current_thread")]
async fn guests_follow_the_document_and_outlive_the_agent() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new(DataDir::new(dir.path()));
    let _guard = Guard(world.data.clone(), world.host.clone());
    tokio::task::LocalSet::new().run_until(journey(world)).await;
}

async fn journey(world: World) {
    let card = world.start_card();
    let cell = world.start_cell();
    let agent = world.start_agent();
    let id = InstanceId::from_random(u128::from(std::process::id()));
    let start = Instant::now();
    while world.status().await.is_none() {
        assert!(start.elapsed() < PATIENCE, "the agent does not answer");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("agent answers: {:?}", start.elapsed());

    // A launch.
    assert_eq!(world.push(5, vec![instance(id, Desired::Running, 1, 0)]).await.unwrap().generation, Generation(5));
    let first = world.until("running", id, |i| i.state == VmState::Running).await;
    assert_eq!((first.boot, first.size.disk_gib), (1, 2));
    world.until_console(id, "stratocell: ready", 1).await;
    assert_eq!(world.card_generation.get(), Generation(5));
    assert!(world.reports.borrow().iter().any(|r| r.instances.iter().any(|i| i.state == VmState::Running)));

    // Documents out of order, or of another mind, are refused.
    assert_eq!(world.push(4, vec![]).await.unwrap_err().code(), "stale-generation");
    assert_eq!(world.push(5, vec![]).await.unwrap_err().code(), "conflicting-generation");

    // The agent and the cell controller go; the guest stays, and a new agent finds it. The card lost its memory meanwhile.
    agent.end();
    cell.abort();
    world.card_generation.set(Generation(0));
    let pid = first.pid.unwrap();
    assert!(ProcessId::of(pid).is_some());
    let agent = world.start_agent();
    let adopted = world.until("adopted", id, |i| i.state == VmState::Running).await;
    assert_eq!((adopted.pid, adopted.boot), (first.pid, 1));
    // From the kernel's clock ticks, so to some milliseconds.
    assert!(adopted.started_ms.abs_diff(first.started_ms) < 1000);
    let start = Instant::now();
    while world.card_generation.get() != Generation(5) {
        assert!(start.elapsed() < PATIENCE, "the card was not given its document again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    // The guest's process is killed: it comes back from the ledger, the same run, on the same disk.
    ProcessId::of(pid).unwrap().signal(9).unwrap();
    let again = world.until("back after a kill", id, |i| i.state == VmState::Running && i.pid != Some(pid)).await;
    assert_eq!(again.boot, 1);
    world.until_console(id, "stratocell: ready", 2).await;

    // A reboot happens within the process, and is orderly: the guest writes out what it has.
    world.until_prompt(id, 2).await;
    let mut tty = UnixStream::connect(world.data.console_socket(&id)).unwrap();
    tty.write_all(b"echo written-$((40+2)) > /root/late; echo do''ne\n").unwrap();
    world.until_console(id, "\ndone", 1).await;
    drop(tty);
    world.push(6, vec![instance(id, Desired::Running, 1, 1)]).await.unwrap();
    world.until("rebooted", id, |i| i.state == VmState::Running && i.reboot == 1).await;
    world.until_console(id, "stratocell: power off", 1).await;
    world.until_prompt(id, 3).await;

    // The guest switches itself off and stays off, also through a restart of the agent, until it is started.
    let mut tty = UnixStream::connect(world.data.console_socket(&id)).unwrap();
    tty.write_all(b"echo mine > /root/note; poweroff\n").unwrap();
    world.until("off by itself", id, |i| i.state == VmState::Stopped { by_guest: true }).await;
    drop(tty);
    agent.end();
    let agent = world.start_agent();
    world.until("still off", id, |i| i.state == VmState::Stopped { by_guest: true }).await;
    world.push(7, vec![instance(id, Desired::Running, 2, 1)]).await.unwrap();
    world.until("started", id, |i| i.state == VmState::Running && i.boot == 2).await;
    world.until_prompt(id, 4).await;
    let mut tty = UnixStream::connect(world.data.console_socket(&id)).unwrap();
    tty.write_all(b"echo the-note-says-$(cat /root/note)-$(cat /root/late)\n").unwrap();
    world.until_console(id, "the-note-says-mine-written-42", 1).await;
    drop(tty);

    // A stop; then the document forgets the instance, which changes nothing.
    world.push(8, vec![instance(id, Desired::Stopped, 2, 1)]).await.unwrap();
    world.until("stopped", id, |i| i.state == VmState::Stopped { by_guest: false } && i.boot == 2).await;
    world.push(9, vec![]).await.unwrap();
    world.until("unknown but kept", id, |i| matches!(i.state, VmState::Stopped { .. }) && i.size.disk_gib == 2).await;
    assert!(world.data.instance(&world.host, &id).join("root.img").exists());

    // Termination of what runs, with nothing left.
    world.push(10, vec![instance(id, Desired::Running, 3, 1)]).await.unwrap();
    let last = world.until("running", id, |i| i.state == VmState::Running && i.boot == 3).await;
    world.push(11, vec![instance(id, Desired::Terminated, 3, 1)]).await.unwrap();
    world.until("gone", id, |i| i.state == VmState::Gone).await;
    assert!(ProcessId::of(last.pid.unwrap()).is_none());
    assert!(std::fs::read_dir(world.data.instances(&world.host)).unwrap().next().is_none());
    assert!(!world.data.console_socket(&id).exists() && !world.data.qmp_socket(&id).exists());
    agent.end();
    card.abort();
}
