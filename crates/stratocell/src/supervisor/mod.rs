//! Keeps the processes of one data directory alive, and holds down those that a fault strikes.
//!
//! It owns the directory (a lock on it, held for life), so there is one supervisor a directory; a successor ends what a
//! killed predecessor left and starts anew. VMs are not its children: their host agents start and re-adopt them. Only a
//! shutdown or a fault ends a VM here, by the identity in its pid file. What was injected survives in `faults.json`.

mod child;
mod disks;
mod lock;
mod power;
mod programs;
mod rehearsal;
mod rollouts;

pub use child::rotate;
pub use lock::DirLock;
pub use programs::OWN_PROGRAM;
pub use rehearsal::read as read_timeline;
pub use rollouts::read as read_rollouts;

use crate::faults::{self, FaultError, Hold, Holds, Kind};
use crate::machine;
use crate::procfs::{self, Found};
use crate::roles;
use crate::timeline::By;
use child::{Child, Source};
use platform::rpc::{self, Client, Router, RpcError};
use platform::tls::{Authority, LEAF_LIFE, Role};
use platform::{Clock, DataDir, Identity, Settings, SystemClock, SystemRng, disk, links};
use rehearsal::Rehearsal;
use rollouts::Rolling;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use types::HostId;
use wire::Empty;
use wire::rollout::{AbortRollout, ApproveRollout, GetRollouts, StartRollout};
use wire::supervisor::*;

/// The supervisor's own name among the sockets and logs.
pub const NAME: &str = "supervisor";
/// How long a role may take to end when asked.
const STOP_GRACE: Duration = Duration::from_secs(3);
/// Faults at once.
const FAULTS_MAX: usize = 256;
/// A fault that heals by itself does so within a week.
const FAULT_SECONDS_MAX: u64 = 7 * 86_400;
const LOG_LOOK_INTERVAL: Duration = Duration::from_secs(15);

pub struct Supervisor {
    dir: DataDir,
    me: Identity,
    settings: Settings,
    children: Vec<Rc<Child>>,
    /// In the settings' order.
    cells: Vec<Client>,
    names: Vec<String>,
    faults: RefCell<Vec<FaultStatus>>,
    rehearsal: RefCell<Rehearsal>,
    rolling: Rolling,
    /// A timeline was opened.
    watching: Notify,
    /// The faults' times have changed.
    timed: Notify,
    /// One change of the faults, or upgrade, at a time: their effects take a while.
    changing: tokio::sync::Mutex<()>,
    degraded: RefCell<Vec<String>>,
    transport: Transport,
    started_ms: u64,
    /// Was ready once since the last process ended.
    served: Cell<bool>,
    shutdown: Notify,
}

impl Supervisor {
    /// Ends what a predecessor left, starts the processes and the control socket. The caller holds the directory's lock
    /// and runs a `LocalSet`.
    pub async fn start(dir: DataDir, settings: Settings) -> io::Result<Rc<Self>> {
        roles::allow_many_files();
        // Load balancers' nodes are host agents', as VMs are.
        let mut left = procfs::roles(&dir);
        left.retain(|p| !p.name.starts_with(crate::balancer_node::PREFIX));
        if !left.is_empty() {
            tracing::warn!(count = left.len(), "ending the processes of a predecessor");
            procfs::end(&left, libc::SIGKILL, Duration::from_secs(2)).await;
        }
        let names: Vec<String> = roles::processes(&settings).into_iter().map(|(name, _)| name).collect();
        let faults = load_faults(&dir);
        let holds = faults::holds(&faults, &settings, &names);
        let (me, transport) = certify(&dir, &settings, &names)?;
        let rolling = Rolling::resume(&dir, SystemClock::new().wall().0).await?;
        let children = roles::processes(&settings)
            .into_iter()
            .map(|(name, kind)| {
                let (hold, program) = (holds.processes.get(&name).copied(), rolling.program_of(&name));
                Child::new(name, kind, me.clone(), hold, &rolling.programs, program)
            })
            .collect();
        let listener = rpc::bind(&dir.socket(NAME))?;
        let rehearsal = RefCell::new(Rehearsal::resume(&dir, SystemClock::new().wall().0));
        let supervisor = Rc::new(Self {
            rehearsal,
            rolling,
            watching: Notify::new(),
            timed: Notify::new(),
            degraded: RefCell::new(machine::degraded(&settings)),
            cells: settings.cells.iter().map(|c| Client::new(&me, dir.cell_socket(&c.id))).collect(),
            dir,
            me: me.clone(),
            settings,
            children,
            names,
            faults: RefCell::new(faults),
            changing: tokio::sync::Mutex::new(()),
            transport,
            started_ms: SystemClock::new().wall().0,
            served: Cell::new(false),
            shutdown: Notify::new(),
        });
        break_links(&supervisor.dir, &holds)?;
        disks::fill(&supervisor.dir, &supervisor.settings, &holds.full_disks);
        supervisor.strike_vms(&Holds::default(), &holds).await;
        // A predecessor that died while it healed a pause may have left VMs standing still.
        for host in supervisor.settings.cells.iter().flat_map(|c| &c.hosts).filter(|h| !holds.vm_hosts.contains_key(&h.id)) {
            signal_all(&procfs::vms_of_host(&supervisor.dir, &host.id), libc::SIGCONT);
        }
        for child in &supervisor.children {
            tokio::task::spawn_local(child.clone().keep());
        }
        tokio::task::spawn_local(rpc::serve(listener, me, supervisor.router()));
        tokio::task::spawn_local(supervisor.clone().look_after_logs());
        tokio::task::spawn_local(supervisor.clone().watch_rehearsals());
        tokio::task::spawn_local(supervisor.clone().heal_in_time());
        tokio::task::spawn_local(supervisor.clone().keep_rollouts());
        Ok(supervisor)
    }

    fn router(self: &Rc<Self>) -> Router {
        let (status, inject, heal, stop, upgrade) = (self.clone(), self.clone(), self.clone(), self.clone(), self.clone());
        let power = self.clone();
        let operator = [Role::Operator.any()];
        Router::new()
            .on::<GetSupervisorStatus, _, _>(&operator, move |_| {
                let s = status.clone();
                async move { Ok(s.status().await) }
            })
            .on::<InjectFault, _, _>(&operator, move |request| {
                let s = inject.clone();
                async move { s.inject(request).await }
            })
            .on::<HealFault, _, _>(&operator, move |target| {
                let s = heal.clone();
                async move { s.heal(target).await }
            })
            .on::<UpgradeCard, _, _>(&operator, move |request| {
                let s = upgrade.clone();
                async move { s.upgrade(request).await }
            })
            .on_from::<ConfirmOff, _, _>(&[Role::Cell.any()], move |cell, question| {
                let s = power.clone();
                async move { s.confirm_off(&cell.id, question).await }
            })
            .on::<StartRollout, _, _>(&operator, self.then(Self::start_rollout))
            .on::<GetRollouts, _, _>(&operator, self.then(|s, Empty {}| async move { Ok(s.rollouts()) }))
            .on::<ApproveRollout, _, _>(&operator, self.then(|s, Empty {}| async move { s.approve_rollout() }))
            .on::<AbortRollout, _, _>(&operator, self.then(|s, Empty {}| async move { s.abort_rollout() }))
            .on::<Shutdown, _, _>(&operator, move |_| {
                stop.shutdown.notify_one();
                std::future::ready(Ok(Empty {}))
            })
    }

    /// A handler that has the supervisor.
    fn then<Q, F: Future, H: Fn(Rc<Self>, Q) -> F>(self: &Rc<Self>, handle: H) -> impl Fn(Q) -> F + use<Q, F, H> {
        let supervisor = self.clone();
        move |request| handle(supervisor.clone(), request)
    }

    /// Returns when a shutdown was asked for over the socket.
    pub async fn asked_to_stop(&self) {
        self.shutdown.notified().await;
    }

    pub async fn status(&self) -> SupervisorStatus {
        let port = machine::gateway_port(&self.dir).unwrap_or(self.settings.port);
        let faults = self.faults.borrow().clone();
        let ready = self.children.iter().all(|c| c.settled()) && (self.served.get() || self.serves(port).await);
        self.served.set(ready);
        SupervisorStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            started_ms: self.started_ms,
            ready,
            endpoint: format!("http://127.0.0.1:{port}"),
            processes: self.children.iter().map(|c| c.status()).collect(),
            faults,
            degraded: self.degraded.borrow().clone(),
            transport: self.transport.clone(),
        }
    }

    /// Whether a request would be served: the gateway has the credentials (unless it or the control plane is held) and each
    /// cell has heard of its hosts (unless they are held).
    async fn serves(&self, port: u16) -> bool {
        let runs = |name: &str| self.children.iter().any(|c| c.name == name && !c.held());
        if runs("gateway") {
            let path = if runs("control-plane") { "/readyz" } else { "/healthz" };
            if !machine::http_ok(port, path).await {
                return false;
            }
        }
        let cells = self.settings.cells.iter().zip(&self.cells);
        for (_, client) in cells.filter(|(c, _)| runs(&format!("cell-{}", c.id))) {
            let Ok(report) = client.call::<wire::cell::GetCellStatus>(&Empty {}, Duration::from_millis(500)).await else {
                return false;
            };
            let unheard = |h: &wire::cell::HostSummary| h.health == wire::cell::HostHealth::Unknown;
            if report.hosts.iter().any(|h| unheard(h) && runs(&format!("agent-{}", h.host))) {
                return false;
            }
        }
        true
    }

    /// A process that cannot start at all: the sentence to give up with.
    pub fn hopeless(&self) -> Option<(String, String)> {
        // What a rollout has to do with is judged, and taken back, by it.
        self.children.iter().filter(|c| !self.rolling.is_updated(&c.name)).find_map(|c| {
            let (deaths, cause) = c.hopeless()?;
            Some((c.name.clone(), format!("{} died {deaths} times without having answered ({cause})", c.name)))
        })
    }

    pub fn log_of(&self, process: &str) -> std::path::PathBuf {
        self.dir.log(process)
    }

    /// Not while faults change: what a successor is must be clear.
    async fn upgrade(&self, request: UpgradeRequest) -> Result<Upgraded, RpcError> {
        let name = format!("card-{}", request.host);
        let child = self.children.iter().find(|c| c.name == name).ok_or_else(|| {
            RpcError::remote("no-such-host", format!("there is no host \"{}\": see `stratocell status`", request.host))
        })?;
        let _changing = self.changing.lock().await;
        if self.rolling.is_active() {
            return Err(RpcError::remote(
                "rollout",
                "a rollout is under way, which says what each card runs: see `stratocell rollout status`",
            ));
        }
        let version = programs::version(&request.program).await.unwrap_or_else(|_| "unknown".to_owned());
        child.upgrade(Source::File(request.program, version)).await.map_err(|sentence| RpcError::remote("not-upgraded", sentence))
    }

    // ------------------------------------------------------------------------------------------------------ faults

    async fn inject(&self, request: FaultRequest) -> Result<FaultStatus, RpcError> {
        let refuse = |e: FaultError| RpcError::remote(e.code(), e.to_string());
        let (kind, blast) = faults::check(&request.target, &request.kind, &self.settings, &self.names).map_err(refuse)?;
        let _changing = self.changing.lock().await;
        let mut wanted = self.faults.borrow().clone();
        let since_ms = SystemClock::new().wall().0;
        let until_ms = request.for_s.map(|s| since_ms.saturating_add(s.min(FAULT_SECONDS_MAX) * 1000));
        if let Some(same) = wanted.iter_mut().find(|f| f.target == request.target && f.kind == request.kind) {
            if until_ms.is_some() {
                same.until_ms = until_ms;
            }
            let same = same.clone();
            self.change_faults(wanted).await?;
            return Ok(same);
        }
        if wanted.len() >= FAULTS_MAX {
            return Err(RpcError::remote("too-many-faults", format!("{FAULTS_MAX} faults at once are the limit: heal some")));
        }
        let fault = FaultStatus { target: request.target, kind: request.kind, since_ms, until_ms };
        wanted.push(fault.clone());
        self.before_fault().await;
        let hosts = blast.vm_hosts.iter().cloned().collect();
        let hold = if let Kind::Hold(hold) = kind { Some(hold) } else { None };
        self.note_injected(&fault, blast.processes.len(), hosts, hold);
        self.change_faults(wanted).await?;
        if kind == Kind::Corrupt {
            for disk in &blast.disks {
                disks::corrupt(&self.dir.storage(disk), &mut SystemRng::new())
                    .map_err(|e| RpcError::remote("disk", format!("storage node {disk}: {e}")))?;
            }
        }
        Ok(fault)
    }

    async fn heal(&self, target: Option<String>) -> Result<Vec<FaultStatus>, RpcError> {
        let healed = self.heal_those(|f| target.as_ref().is_none_or(|t| *t == f.target), By::Operator).await?;
        match target.filter(|_| healed.is_empty()) {
            Some(target) => {
                Err(RpcError::remote("no-such-fault", format!("there is no fault on {target}: see `stratocell fault list`")))
            }
            None => Ok(healed),
        }
    }

    async fn heal_those(&self, which: impl Fn(&FaultStatus) -> bool, by: By) -> Result<Vec<FaultStatus>, RpcError> {
        let _changing = self.changing.lock().await;
        let (healed, left): (Vec<_>, Vec<_>) = self.faults.borrow().clone().into_iter().partition(which);
        if !healed.is_empty() {
            self.change_faults(left).await?;
            self.note_healed(&healed, by);
        }
        Ok(healed)
    }

    /// Writes the faults down, then makes them true; returns when the killed are gone.
    async fn change_faults(&self, wanted: Vec<FaultStatus>) -> Result<(), RpcError> {
        let before = faults::holds(&self.faults.borrow(), &self.settings, &self.names);
        let after = faults::holds(&wanted, &self.settings, &self.names);
        serde_json::to_vec_pretty(&wanted)
            .map_err(io::Error::other)
            .and_then(|bytes| disk::write_atomic(&self.dir.faults(), &bytes))
            .map_err(|e| RpcError::remote("disk", format!("the fault cannot be written down: {e}")))?;
        *self.faults.borrow_mut() = wanted;
        self.timed.notify_one();
        // What is to die while others of the blast live must not be seen recovering: all at once, then wait.
        let (mut dying, mut pausing) = (Vec::new(), Vec::new());
        for child in &self.children {
            let hold = after.processes.get(&child.name).copied();
            match (hold, child.id()) {
                (Some(Hold::Kill), Some(id)) => dying.push(Found { name: child.name.clone(), id }),
                (Some(Hold::Pause), Some(id)) => pausing.push(Found { name: child.name.clone(), id }),
                _ => {}
            }
            child.set_hold(hold);
        }
        if before.links != after.links {
            break_links(&self.dir, &after).map_err(|e| RpcError::remote("disk", format!("the links cannot be changed: {e}")))?;
        }
        disks::fill(&self.dir, &self.settings, &after.full_disks);
        procfs::gone(&dying, Duration::from_secs(5)).await;
        procfs::standing(&pausing, Duration::from_secs(5)).await;
        self.strike_vms(&before, &after).await;
        Ok(())
    }

    /// Kills, stops or continues the VMs of hosts. Their agents are held by the same fault, so no VM starts meanwhile.
    async fn strike_vms(&self, before: &Holds, after: &Holds) {
        let hosts: std::collections::BTreeSet<&HostId> = before.vm_hosts.keys().chain(after.vm_hosts.keys()).collect();
        for host in hosts {
            let vms = procfs::vms_of_host(&self.dir, host);
            match (before.vm_hosts.get(host), after.vm_hosts.get(host)) {
                (b, a) if b == a => {}
                (_, Some(Hold::Kill)) => {
                    procfs::end(&procfs::of_host(&self.dir, host), libc::SIGKILL, Duration::from_secs(5)).await;
                }
                (_, Some(Hold::Pause)) => {
                    signal_all(&vms, libc::SIGSTOP);
                    procfs::standing(&vms, Duration::from_secs(5)).await;
                }
                (Some(Hold::Pause), None) => signal_all(&vms, libc::SIGCONT),
                (_, None) => {}
            }
        }
    }

    // ---------------------------------------------------------------------------------------------------- shutdown

    /// Stops the roles in the reverse order of start; VMs go when their agents are gone, before their cards.
    pub async fn stop(&self) {
        let _changing = self.changing.lock().await;
        for child in &self.children {
            child.stop();
        }
        let mut vms_stopped = false;
        for kind in roles::KINDS.iter().rev() {
            // A host's agent would bring its VMs back, and its card serves them to the end.
            if kind.name == "card" && !vms_stopped {
                self.stop_vms().await;
                vms_stopped = true;
            }
            let stage: Vec<Found> = self
                .children
                .iter()
                .filter(|c| c.kind.name == kind.name)
                .filter_map(|c| Some(Found { name: c.name.clone(), id: c.id()? }))
                .collect();
            procfs::end(&stage, libc::SIGTERM, STOP_GRACE).await;
        }
        if !vms_stopped {
            self.stop_vms().await;
        }
    }

    async fn stop_vms(&self) {
        procfs::end(&procfs::vms(&self.dir), libc::SIGTERM, STOP_GRACE).await;
    }

    async fn look_after_logs(self: Rc<Self>) {
        loop {
            tokio::time::sleep(LOG_LOOK_INTERVAL).await;
            for name in self.names.iter().map(String::as_str).chain([NAME]) {
                if let Err(e) = rotate(&self.dir.log(name)) {
                    tracing::warn!(name, error = %e, "log not set aside");
                }
            }
        }
    }
}

/// Gives every process its certificate, as long as this one runs; the supervisor's own
/// identity, and what is in force.
fn certify(dir: &DataDir, settings: &Settings, names: &[String]) -> io::Result<(Identity, Transport)> {
    let authority = Authority::open(dir, settings.region.as_str(), LEAF_LIFE, Arc::new(SystemClock::new()))?;
    let own = [NAME, Role::Operator.name()].map(str::to_owned);
    let all: Vec<String> = names.iter().cloned().chain(own).collect();
    authority.issue(all.iter().map(String::as_str))?;
    let me = Identity::open(dir, NAME).map_err(io::Error::other)?;
    let transport =
        Transport { authority: authority.fingerprint()?, leaf_life_s: LEAF_LIFE.as_secs(), bulk_frames: me.frames().to_string() };
    tokio::task::spawn_local(authority.keep_renewing(all));
    Ok((me, transport))
}

fn signal_all(processes: &[Found], signal: i32) {
    for p in processes {
        if let Err(e) = p.id.signal(signal) {
            tracing::warn!(process = p.name, signal, error = %e, "signal failed");
        }
    }
}

fn break_links(dir: &DataDir, holds: &Holds) -> io::Result<()> {
    links::write(dir, &holds.links.iter().cloned().collect::<Vec<_>>())
}

fn load_faults(dir: &DataDir) -> Vec<FaultStatus> {
    match std::fs::read(dir.faults()) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|e| {
            tracing::error!(error = %e, "faults.json cannot be read: no faults are held");
            Vec::new()
        }),
        Err(_) => Vec::new(),
    }
}
