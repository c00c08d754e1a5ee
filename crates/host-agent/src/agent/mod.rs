//! The host agent's role: keeps the virtual machines of one host as its ledger says, with or without the controllers
//! above it. One thread; calls to the VMM go to the blocking pool.
//!
//! ```text
//! cell --PushHostConfig--> ledger --> config --> one task an instance: look, decide, write, act, look ... (drive)
//!                                        \-----> card: push on change, poll its status                   (card)
//! cell <--HostReport------ what the tasks and the card say                                               (report)
//! ```
//! It starts from its ledger and its instances' state files alone, adopts the guests that still run, and waits for
//! nobody. No guest dies with it.

mod balancer_logs;
mod balancers;
mod card;
mod console;
mod decide;
mod drive;
mod product;
mod report;
mod state;
pub mod vmm;

pub use balancers::DRAIN as BALANCER_DRAIN;

use platform::process::ProcessId;
use platform::rpc::{self, Router, RpcError};
use platform::settings::SettingsError;
use platform::tls::{Identity, Role, WATCHERS};
use platform::{Clock, DataDir, Ledger, LedgerError, Rng, Settings, SystemClock, SystemRng};
use state::Persisted;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};
use types::{CellId, HostId, InstanceId, InterfaceId};
use vmm::{Place, Seen, Vmm};
use wire::Applied;
use wire::host::{AgentStatus, Capacity, HostConfig, InstanceConfig};

/// Images and disks made, and VMMs started, at once.
const STARTS_MAX: usize = 2;
/// Looks at guests at once.
const LOOKS_MAX: usize = 8;
/// Of one host's document.
const INSTANCES_MAX: usize = 4096;

#[derive(Debug, Clone)]
pub struct AgentOptions {
    pub dir: DataDir,
    pub host: HostId,
    /// What runs a load balancer's node: started with `role balancer-HOST-INTERFACE --data-dir DIR`.
    pub program: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("host {0} is not in this data directory's settings")]
    UnknownHost(HostId),
    #[error("cannot prove who this is")]
    Identity(#[from] platform::tls::TlsError),
    #[error("the host's ledger cannot be opened")]
    Ledger(#[from] LedgerError),
    #[error("the host's instances cannot be read")]
    Instances(#[source] std::io::Error),
    #[error("cannot listen")]
    Listen(#[source] std::io::Error),
}

/// What is known of one instance here.
struct Instance {
    /// `None`: it has no directory.
    persisted: Option<Persisted>,
    /// `None`: not looked at since the agent started.
    seen: Option<Seen>,
    /// When its network was last well (wall clock).
    well_ms: u64,
    problem: Option<String>,
    wake: Rc<Notify>,
}

impl Instance {
    fn new(persisted: Option<Persisted>) -> Self {
        Self { persisted, seen: None, well_ms: 0, problem: None, wake: Rc::default() }
    }
}

struct Agent {
    dir: DataDir,
    program: PathBuf,
    balancers: RefCell<BTreeMap<InterfaceId, balancers::Node>>,
    host: HostId,
    me: Identity,
    cell: CellId,
    capacity: Capacity,
    incarnation: u64,
    started_ms: u64,
    clock: SystemClock,
    vmm: Arc<dyn Vmm>,
    ledger: RefCell<Ledger<HostConfig>>,
    config: RefCell<Option<HostConfig>>,
    instances: RefCell<BTreeMap<InstanceId, Instance>>,
    card: RefCell<card::CardView>,
    acceleration: RefCell<String>,
    /// Host-wide sentences by what they are about.
    problems: RefCell<BTreeMap<&'static str, String>>,
    /// What this machine lacks for guests.
    degraded: RefCell<Vec<String>>,
    sequence: Cell<u64>,
    cell_reachable: Cell<bool>,
    wake_card: Notify,
    wake_report: Notify,
    wake_balancers: Notify,
    starts: Semaphore,
    looks: Semaphore,
}

/// Runs the agent until the process ends. Needs a `LocalSet`.
pub async fn run(options: AgentOptions) -> Result<(), RunError> {
    let vmm = Arc::new(product::Hypervisors::new(&options.dir));
    run_with(options, vmm).await
}

/// Runs the agent with the given VMM until the process ends. Needs a `LocalSet`.
pub async fn run_with(options: AgentOptions, vmm: Arc<dyn Vmm>) -> Result<(), RunError> {
    let AgentOptions { dir, host, program } = options;
    let settings = Settings::load(&dir)?;
    let (cell, own) = settings.host(&host).ok_or_else(|| RunError::UnknownHost(host.clone()))?;
    let capacity = Capacity { vcpus: own.vcpus, memory_mib: own.memory_mib, disk_gib: own.disk_gib };
    platform::disk::create_private_dir(&dir.instances(&host)).map_err(RunError::Instances)?;
    let (ledger, config) = Ledger::open(&dir.host_ledger(&host))?;
    let mut problems = BTreeMap::new();
    if let Some(problem) = &ledger.problem {
        tracing::error!(problem, "the ledger was damaged; guests are left as they are until the cell's document comes");
        problems.insert("ledger", problem.clone());
    }
    let lives = |id| vmm.observe(&place(&dir, &host, id)) != Seen::NotRunning;
    let found = state::scan(&dir, &host, lives).map_err(RunError::Instances)?;
    let clock = SystemClock::new();
    let agent = Rc::new(Agent {
        me: Identity::open(&dir, &format!("agent-{host}"))?,
        cell: cell.id.clone(),
        capacity,
        incarnation: SystemRng::new().u64(),
        started_ms: clock.wall().0,
        clock,
        vmm,
        ledger: RefCell::new(ledger),
        config: RefCell::new(config),
        instances: RefCell::default(),
        card: RefCell::default(),
        acceleration: RefCell::default(),
        problems: RefCell::new(problems),
        degraded: RefCell::default(),
        sequence: Cell::new(0),
        cell_reachable: Cell::new(false),
        wake_card: Notify::new(),
        wake_report: Notify::new(),
        wake_balancers: Notify::new(),
        program,
        balancers: RefCell::default(),
        starts: Semaphore::new(STARTS_MAX),
        looks: Semaphore::new(LOOKS_MAX),
        dir,
        host,
    });
    let listener = rpc::bind(&agent.dir.agent_socket(&agent.host)).map_err(RunError::Listen)?;
    tracing::info!(host = %agent.host, instances = found.len(), "host agent ready");
    // A set of its own: the tasks end with this future.
    tokio::task::LocalSet::new()
        .run_until(async move {
            for (id, persisted) in found {
                agent.clone().adopt(id, Some(persisted));
            }
            agent.clone().adopt_configured();
            tokio::task::spawn_local(agent.clone().feed_card());
            tokio::task::spawn_local(agent.clone().feed_cell());
            tokio::task::spawn_local(agent.clone().keep_balancers());
            tokio::task::spawn_local(agent.clone().learn_acceleration());
            rpc::serve(listener, agent.me.clone(), agent.router()).await;
        })
        .await;
    Ok(())
}

fn place(dir: &DataDir, host: &HostId, id: InstanceId) -> Place {
    Place { id, dir: dir.instance(host, &id), console_socket: dir.console_socket(&id), qmp_socket: dir.qmp_socket(&id) }
}

impl Agent {
    fn place(&self, id: InstanceId) -> Place {
        place(&self.dir, &self.host, id)
    }

    fn desired(&self) -> BTreeMap<InstanceId, InstanceConfig> {
        self.config.borrow().iter().flat_map(|c| &c.instances).map(|i| (i.id, i.clone())).collect()
    }

    fn desired_of(&self, id: InstanceId) -> Option<InstanceConfig> {
        self.config.borrow().iter().flat_map(|c| &c.instances).find(|i| i.id == id).cloned()
    }

    /// Starts an instance's task, unless it has one.
    fn adopt(self: Rc<Self>, id: InstanceId, persisted: Option<Persisted>) {
        if !self.instances.borrow().contains_key(&id) {
            self.instances.borrow_mut().insert(id, Instance::new(persisted));
            tokio::task::spawn_local(self.drive(id));
        }
    }

    fn adopt_configured(self: Rc<Self>) {
        let ids: Vec<InstanceId> = self.config.borrow().iter().flat_map(|c| &c.instances).map(|i| i.id).collect();
        for id in ids {
            self.clone().adopt(id, None);
        }
        self.wake_instances();
    }

    fn wake_instances(&self) {
        self.instances.borrow().values().for_each(|i| i.wake.notify_one());
    }

    async fn learn_acceleration(self: Rc<Self>) {
        let vmm = self.vmm.clone();
        if let Ok(found) = tokio::task::spawn_blocking(move || vmm.acceleration()).await {
            *self.acceleration.borrow_mut() = found.name;
            *self.degraded.borrow_mut() = found.problems;
            self.wake_report.notify_one();
        }
    }

    fn router(self: Rc<Self>) -> Router {
        let (a, b, c, d) = (self.clone(), self.clone(), self.clone(), self.clone());
        let cell = [Role::Cell.only(&self.cell)];
        Router::new()
            .on::<wire::host::PushHostConfig, _, _>(&cell, move |r| {
                let s = a.clone();
                async move {
                    let applied = s.configure(r)?;
                    s.adopt_configured();
                    Ok(applied)
                }
            })
            .on::<wire::host::Console, _, _>(&cell, move |r| {
                let dir = b.dir.instance(&b.host, &r.instance);
                async move { console::read(dir, r).await }
            })
            .on::<wire::balancer::TakeBalancerLog, _, _>(&[Role::S3Worker.any()], move |r| {
                let (nodes, left) = (d.dir.balancers(&d.host), d.dir.balancer_logs(&d.host));
                async move {
                    let taken = tokio::task::spawn_blocking(move || balancer_logs::take(&nodes, &left, &r)).await;
                    let taken = taken.map_err(std::io::Error::other).and_then(|r| r);
                    taken.map_err(|e| RpcError::remote("log-files", e.to_string()))
                }
            })
            .on::<wire::host::GetAgentStatus, _, _>(&WATCHERS, move |_| {
                let s = c.clone();
                async move { Ok(AgentStatus { report: s.report(s.sequence.get()), cell_reachable: s.cell_reachable.get() }) }
            })
    }

    /// Takes a document; durable when it returns.
    fn configure(&self, config: HostConfig) -> Result<Applied, RpcError> {
        let generation = config.generation;
        if config.format != wire::FORMAT || config.net.format != wire::FORMAT {
            return Err(RpcError::remote("format", format!("format {} is not known here", config.format)));
        }
        let ids: BTreeSet<InstanceId> = config.instances.iter().map(|i| i.id).collect();
        let nodes: BTreeSet<InterfaceId> = config.balancers.iter().map(|b| b.interface).collect();
        let fault = if config.host != self.host || config.net.host != self.host {
            Some("the document is for another host")
        } else if config.net.generation != generation {
            Some("the network part has another generation")
        } else if ids.len() != config.instances.len() {
            Some("an instance is named twice")
        } else if ids.len() > INSTANCES_MAX {
            Some("there are too many instances")
        } else if nodes.len() != config.balancers.len() {
            Some("a load balancer's node is named twice")
        } else if nodes.len() > balancers::BALANCERS_MAX {
            Some("there are too many load balancers' nodes")
        } else {
            None
        };
        if let Some(fault) = fault {
            return Err(RpcError::remote("bad-config", fault));
        }
        let accepted = self.ledger.borrow_mut().accept(generation, &config);
        match accepted {
            Ok(_) => {}
            Err(e @ (LedgerError::Stale { .. } | LedgerError::Conflict(_))) => return Err(e.into()),
            Err(e) => {
                self.problems.borrow_mut().insert("ledger", format!("the host's ledger cannot be written: {e}"));
                return Err(e.into());
            }
        }
        self.problems.borrow_mut().remove("ledger");
        let same = self.config.borrow().as_ref().is_some_and(|c| c.generation == generation);
        *self.config.borrow_mut() = Some(config);
        if !same {
            self.wake_card.notify_one();
            self.wake_balancers.notify_one();
            self.wake_report.notify_one();
        }
        Ok(Applied { generation })
    }
}

/// A process that is gone, noticed without asking the VMM.
fn is_gone(process: Option<ProcessId>) -> bool {
    process.is_some_and(|p| !p.is_alive())
}
