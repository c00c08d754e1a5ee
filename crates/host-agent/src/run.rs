//! The host agent as a process: its RPC socket, its ledger, and four loops on one thread.
//!
//! ```text
//!  cell ── PushConfig ─► ledger ─┬─► card loop       pushes NetConfig: on change, on a timer, after a restart of the card
//!                                └─► reconcile loop  guests (blocking thread)
//!  cell ◄─ HostReport ── report loop ◄── what the others found true
//!                        machine loop: image and acceleration, once, at the first need
//! ```
//! None of them needs the cell or the region: the ledger is enough to come back with.

use crate::hypervisor::qemu::Qemu;
use crate::reconcile::{Inputs, Machine, Outcome, Reconciler, sentence};
use crate::{accel, console, image};
use platform::ledger::{Accepted, LedgerError};
use platform::rpc::{self, Client, Router, RpcError};
use platform::{Clock, DataDir, Ledger, Rng, Settings, SystemClock, SystemRng};
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use types::{CellId, Generation, HostId};
use wire::card::{CardStatus, GetCardStatus, PushNetConfig};
use wire::cell::ReportHost;
use wire::host::{
    AgentStatus, Capacity, Console, ConsoleReply, ConsoleRequest, Desired, GetAgentStatus, HostConfig, HostReport, PushHostConfig,
};
use wire::{Applied, Empty, FORMAT};

/// A console request gets at most this much.
const CONSOLE_BYTES_MAX: u64 = 1 << 20;
/// While something is on its way, and else.
const PASS_SOON: Duration = Duration::from_millis(50);
const PASS_PERIOD: Duration = Duration::from_secs(1);
const REPORT_PERIOD: Duration = Duration::from_secs(1);
const REPORT_BACKOFF_MAX: Duration = Duration::from_secs(5);
const CARD_POLL: Duration = Duration::from_millis(500);
/// The card gets the whole document again this often, changed or not.
const CARD_PUSH_PERIOD_POLLS: u32 = 60;
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// Nobody needs the image in the first moments of a region; then it is made before it is needed.
const MACHINE_DELAY: Duration = Duration::from_secs(3);
const MACHINE_RETRY: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub struct AgentOptions {
    pub data_dir: DataDir,
    pub host: HostId,
}

#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error("settings")]
    Settings(#[from] platform::settings::SettingsError),
    #[error("there is no host {0} in this region")]
    UnknownHost(HostId),
    #[error("the ledger")]
    Ledger(#[from] LedgerError),
    #[error("cannot use {path}")]
    Io { path: PathBuf, source: std::io::Error },
}

/// What the loops share. One thread: borrows are short and never held across an await.
struct Shared {
    data: DataDir,
    host: HostId,
    capacity: Capacity,
    incarnation: u64,
    clock: SystemClock,
    ledger: RefCell<Ledger<HostConfig>>,
    config: RefCell<Option<Arc<HostConfig>>>,
    card: RefCell<Option<CardStatus>>,
    card_problem: RefCell<Option<String>>,
    machine: RefCell<Arc<Machine>>,
    outcome: RefCell<Option<Outcome>>,
    sequence: Cell<u64>,
    cell_reachable: Cell<bool>,
    wake_pass: Notify,
    wake_card: Notify,
    wake_report: Notify,
    wake_machine: Notify,
}

/// Runs until it fails. Must be called inside a `tokio::task::LocalSet`.
pub async fn run(options: AgentOptions) -> Result<(), AgentError> {
    let AgentOptions { data_dir: data, host } = options;
    let settings = Settings::load(&data)?;
    let (cell, own) = settings.host(&host).ok_or_else(|| AgentError::UnknownHost(host.clone()))?;
    let cell = cell.id.clone();
    for dir in [data.host(&host), data.instances(&host), data.run()] {
        platform::disk::create_private_dir(&dir).map_err(|source| AgentError::Io { path: dir, source })?;
    }
    let (ledger, held) = Ledger::<HostConfig>::open(&data.host_ledger(&host))?;
    if let Some(c) = &held {
        tracing::info!(generation = %c.generation, instances = c.instances.len(), "back from the ledger");
    }
    let socket = data.agent_socket(&host);
    let listener = rpc::bind(&socket).map_err(|source| AgentError::Io { path: socket, source })?;
    let shared = Rc::new(Shared {
        capacity: Capacity { vcpus: own.vcpus, memory_mib: own.memory_mib, disk_gib: own.disk_gib },
        incarnation: SystemRng::new().u64(),
        clock: SystemClock::new(),
        ledger: RefCell::new(ledger),
        config: RefCell::new(held.map(Arc::new)),
        card: RefCell::default(),
        card_problem: RefCell::default(),
        machine: RefCell::new(Arc::new(Machine::Pending)),
        outcome: RefCell::default(),
        sequence: Cell::new(0),
        cell_reachable: Cell::new(false),
        wake_pass: Notify::new(),
        wake_card: Notify::new(),
        wake_report: Notify::new(),
        wake_machine: Notify::new(),
        data,
        host,
    });
    if shared.wants_guests() {
        shared.wake_machine.notify_one();
    }
    tokio::task::spawn_local(rpc::serve(listener, router(&shared)));
    tokio::task::spawn_local(card_loop(shared.clone()));
    tokio::task::spawn_local(report_loop(shared.clone(), cell));
    tokio::task::spawn_local(machine_loop(shared.clone()));
    reconcile_loop(shared).await;
    Ok(())
}

fn router(shared: &Rc<Shared>) -> Router {
    let (push, console, status) = (shared.clone(), shared.clone(), shared.clone());
    Router::new()
        .on::<PushHostConfig, _, _>(move |config| {
            let result = push.accept(config);
            async move { result }
        })
        .on::<Console, _, _>(move |request| {
            let result = console.console(&request);
            async move { result }
        })
        .on::<GetAgentStatus, _, _>(move |_| {
            let report = status.report(false);
            let cell_reachable = status.cell_reachable.get();
            async move { Ok(AgentStatus { report, cell_reachable }) }
        })
}

impl Shared {
    fn accept(&self, config: HostConfig) -> Result<Applied, RpcError> {
        if config.format != FORMAT {
            return Err(RpcError::remote("unknown-format", format!("this agent reads format {FORMAT}, not {}", config.format)));
        }
        if config.host != self.host {
            return Err(RpcError::remote("wrong-host", format!("this is {}, not {}", self.host, config.host)));
        }
        let generation = config.generation;
        match self.ledger.borrow_mut().accept(generation, &config) {
            Ok(Accepted::Same) => {}
            Ok(Accepted::New) => {
                *self.config.borrow_mut() = Some(Arc::new(config));
                if self.wants_guests() {
                    self.wake_machine.notify_one();
                }
                self.wake_card.notify_one();
                self.wake_pass.notify_one();
            }
            Err(e) => {
                let code = match &e {
                    LedgerError::Stale { .. } => "stale-generation",
                    LedgerError::Conflict(_) => "generation-conflict",
                    LedgerError::Write { .. } | LedgerError::Read { .. } | LedgerError::Encode(_) => "ledger",
                };
                tracing::warn!(error = sentence(&e), "a configuration is refused");
                return Err(RpcError::remote(code, sentence(&e)));
            }
        }
        Ok(Applied { generation })
    }

    fn wants_guests(&self) -> bool {
        self.config.borrow().iter().flat_map(|c| &c.instances).any(|i| i.desired == Desired::Running)
    }

    fn console(&self, request: &ConsoleRequest) -> Result<ConsoleReply, RpcError> {
        let dir = self.data.instance(&self.host, &request.instance);
        if !dir.is_dir() {
            return Err(RpcError::remote("unknown-instance", format!("{} is not on {}", request.instance, self.host)));
        }
        let (bytes, updated_ms) = console::tail(&dir.join("console.log"), request.bytes_max.min(CONSOLE_BYTES_MAX))
            .map_err(|e| RpcError::remote("console", e.to_string()))?;
        Ok(ConsoleReply { text: String::from_utf8_lossy(&bytes).into_owned(), updated_ms })
    }

    /// What is true now. `next`: for sending, under a new sequence number.
    fn report(&self, next: bool) -> HostReport {
        if next {
            self.sequence.set(self.sequence.get() + 1);
        }
        let outcome = self.outcome.borrow();
        let machine = self.machine.borrow().clone();
        let mut problems: Vec<String> = self.ledger.borrow().problem.iter().cloned().collect();
        problems.extend(self.card_problem.borrow().clone());
        problems.extend(outcome.iter().flat_map(|o| o.problems.iter().cloned()));
        let acceleration = match &*machine {
            Machine::Ready(both) => {
                let probe = &both.1;
                if probe.acceleration == crate::hypervisor::Acceleration::Tcg {
                    problems.push(format!("guests run under software emulation: {}", probe.reason));
                }
                if !probe.sandbox {
                    problems.push("QEMU's system call filter does not work here: guests run without it".to_owned());
                }
                probe.acceleration.as_str().to_owned()
            }
            Machine::Pending => "not probed yet".to_owned(),
            Machine::Impossible(reason) => {
                problems.push(format!("no guest can run: {reason}"));
                "none".to_owned()
            }
        };
        HostReport {
            format: FORMAT,
            host: self.host.clone(),
            incarnation: self.incarnation,
            sequence: self.sequence.get(),
            applied: self.ledger.borrow().generation().unwrap_or_default(),
            card_applied: self.card.borrow().as_ref().map_or(Generation(0), |c| c.generation),
            capacity: self.capacity,
            instances: outcome.as_ref().map(|o| o.instances.clone()).unwrap_or_default(),
            acceleration,
            problems,
        }
    }
}

/// Makes the image and finds the acceleration: at the first need, or a moment after the start, whichever is first.
async fn machine_loop(shared: Rc<Shared>) {
    let _ = tokio::time::timeout(MACHINE_DELAY, shared.wake_machine.notified()).await;
    loop {
        let images = shared.data.images();
        let found = tokio::task::spawn_blocking(move || {
            let image = image::ensure(&images, "micro").map_err(|e| sentence(&e))?;
            let probe = accel::probe(&image, &images.join("acceleration.json")).map_err(|e| format!("acceleration probe: {e}"))?;
            Ok::<_, String>((image, probe))
        })
        .await;
        let machine = match found {
            Ok(Ok(both)) => Machine::Ready(Box::new(both)),
            Ok(Err(reason)) => Machine::Impossible(reason),
            Err(e) => Machine::Impossible(e.to_string()),
        };
        let ready = matches!(machine, Machine::Ready(_));
        *shared.machine.borrow_mut() = Arc::new(machine);
        shared.wake_pass.notify_one();
        shared.wake_report.notify_one();
        if ready {
            return;
        }
        // The user may be installing what is missing.
        tokio::time::sleep(MACHINE_RETRY).await;
    }
}

async fn reconcile_loop(shared: Rc<Shared>) {
    let mut reconciler = Reconciler::new(shared.data.clone(), shared.host.clone(), Box::new(Qemu::new(false)));
    let mut sandboxed = false;
    loop {
        let (config, card, machine) =
            (shared.config.borrow().clone(), shared.card.borrow().clone(), shared.machine.borrow().clone());
        if let Machine::Ready(both) = &*machine
            && both.1.sandbox
            && !sandboxed
        {
            reconciler.set_sandbox(true);
            sandboxed = true;
        }
        let (now, wall_ms) = (shared.clock.monotonic_us() / 1000, shared.clock.wall().0);
        let worked = tokio::task::spawn_blocking(move || {
            let inputs = Inputs { config: config.as_deref(), card: card.as_ref(), machine: &machine, now, wall_ms };
            let outcome = reconciler.pass(&inputs);
            (reconciler, outcome)
        })
        .await;
        let outcome = match worked {
            Ok((back, outcome)) => {
                reconciler = back;
                outcome
            }
            // A bug: the supervisor starts us again, and the guests do not notice.
            Err(e) => {
                tracing::error!(error = %e, "a pass over the instances failed");
                return;
            }
        };
        let busy = outcome.busy;
        let changed = shared.outcome.borrow().as_ref().is_none_or(|o| o.instances != outcome.instances || o.problems != outcome.problems);
        *shared.outcome.borrow_mut() = Some(outcome);
        if changed {
            shared.wake_report.notify_one();
        }
        let pause = if busy { PASS_SOON } else { PASS_PERIOD };
        let _ = tokio::time::timeout(pause, shared.wake_pass.notified()).await;
    }
}

/// Keeps the card's document current, and this agent's view of the card.
async fn card_loop(shared: Rc<Shared>) {
    let client = Client::new(shared.data.card_socket(&shared.host));
    let mut polls = 0;
    loop {
        let status = client.call::<GetCardStatus>(&Empty {}, CALL_TIMEOUT).await;
        let config = shared.config.borrow().clone();
        let mut problem = None;
        match status {
            Ok(status) => {
                let held = status.generation;
                *shared.card.borrow_mut() = Some(status);
                polls += 1;
                if let Some(c) = config.filter(|c| held != c.net.generation || polls >= CARD_PUSH_PERIOD_POLLS) {
                    polls = 0;
                    match client.call::<PushNetConfig>(&c.net, CALL_TIMEOUT).await {
                        Ok(applied) => {
                            if let Some(card) = shared.card.borrow_mut().as_mut() {
                                card.generation = applied.generation;
                            }
                            if held != applied.generation {
                                shared.wake_pass.notify_one();
                                shared.wake_report.notify_one();
                            }
                        }
                        Err(e) => problem = Some(format!("the card does not take its configuration: {e}")),
                    }
                }
            }
            Err(e) => {
                *shared.card.borrow_mut() = None;
                problem = Some(format!("the card does not answer: {e}"));
            }
        }
        let changed = *shared.card_problem.borrow() != problem;
        if changed {
            if let Some(problem) = &problem {
                tracing::warn!(problem, "card");
            }
            *shared.card_problem.borrow_mut() = problem;
            shared.wake_report.notify_one();
        }
        let _ = tokio::time::timeout(CARD_POLL, shared.wake_card.notified()).await;
    }
}

/// Tells the cell controller what is true, on every change and once a second. A controller that is down is no problem of ours.
async fn report_loop(shared: Rc<Shared>, cell: CellId) {
    let client = Client::new(shared.data.cell_socket(&cell));
    let mut backoff = REPORT_PERIOD;
    loop {
        // Before the first pass nothing is known, and an empty list would say that nothing is here.
        if shared.outcome.borrow().is_some() {
            let sent = client.call::<ReportHost>(&shared.report(true), CALL_TIMEOUT).await;
            if shared.cell_reachable.replace(sent.is_ok()) != sent.is_ok() {
                match &sent {
                    Ok(_) => tracing::info!("the cell controller is heard again"),
                    Err(error) => tracing::warn!(%error, "the cell controller does not take reports"),
                }
            }
            backoff = if sent.is_ok() { REPORT_PERIOD } else { (backoff * 2).min(REPORT_BACKOFF_MAX) };
        }
        let woken = tokio::time::timeout(backoff, shared.wake_report.notified()).await.is_ok();
        if woken && !shared.cell_reachable.get() {
            // Changes do not make a dead controller answer sooner.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
