//! The cell controller's process: RPC in, documents and reports out, one thread.

mod power;

use crate::compile;
use crate::state::{Cell, Change, Hold, HostHold, Kept, Notice, Price, Refused, RefusedHost, SlotHold};
use platform::rpc::{self, Client, Router, RpcError};
use platform::settings::SettingsError;
use platform::tls::{Identity, Role, WATCHERS};
use platform::{Clock, DataDir, Ledger, LedgerError, Settings, SystemClock};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use store::{Committer, CommitterOptions, Mutation, SqliteOptions, SqliteStore, Store, StoreRead};
use tokio::sync::Notify;
use types::{CellId, Generation, HostId, InstanceId};
use wire::Applied;
use wire::cell::{CellConfig, CellReport, RunRef};
use wire::host::HostConfig;

const CALL_TIMEOUT: Duration = Duration::from_secs(2);
/// Documents are sent again after this time even when nothing has changed.
const RESEND_EVERY: Duration = Duration::from_secs(5);
/// A host that does not answer is tried again after this time.
const RETRY_EVERY: Duration = Duration::from_millis(250);
/// Reports go to the region at least this often.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Notices of spot instances end within this time of theirs.
const TICK: Duration = Duration::from_millis(500);
/// Changes within this time go out together.
const GATHER: Duration = Duration::from_millis(2);

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("cell {0} is not in this data directory's settings")]
    UnknownCell(CellId),
    #[error("cannot prove who this is")]
    Identity(#[from] platform::tls::TlsError),
    #[error("the cell's store cannot be opened")]
    Store(#[from] store::Error),
    #[error("the cell's ledger cannot be opened")]
    Ledger(#[from] LedgerError),
    #[error("a stored row cannot be read: {0}")]
    Row(String),
    #[error("the system gives no random numbers")]
    NoRandomness,
    #[error("cannot listen")]
    Listen(#[source] std::io::Error),
}

/// In a store that was in use before.
const MADE: &[u8] = b"made";

/// Per host: the generation last given out and what it stood for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Issued {
    generation: Generation,
    /// SHA-256 of the document with generation 0.
    digest: String,
}

struct Controller {
    dir: DataDir,
    me: Identity,
    cell: RefCell<Cell>,
    ledger: RefCell<Ledger<CellConfig>>,
    issued: RefCell<BTreeMap<HostId, Issued>>,
    committer: Committer,
    clock: SystemClock,
    /// Random: whose word on room is whose.
    run: u64,
    /// One a host, and one for the reporter.
    wake_hosts: Vec<(HostId, Rc<Notify>)>,
    wake_report: Notify,
}

/// Runs the controller until the process ends. Needs a `LocalSet`.
pub async fn run(dir: DataDir, id: CellId) -> Result<(), RunError> {
    let settings = Settings::load(&dir)?;
    let cell = settings.cell(&id).cloned().ok_or_else(|| RunError::UnknownCell(id.clone()))?;
    let process = format!("cell-{id}");
    let me = Identity::open(&dir, &process)?;
    let path = dir.store(&process);
    if let Some(parent) = path.parent() {
        platform::disk::create_private_dir(parent).map_err(RunError::Listen)?;
    }
    let mut store = SqliteStore::open(&path, SqliteOptions { cache_kib: 256, ..SqliteOptions::durable() })?;
    let epoch = store.acquire(&process)?;
    let issued = load::<Issued>(&store, "issued/")?;
    let clock = SystemClock::new();
    let is_new = issued.is_empty() && store.get(MADE)?.is_none();
    let kept = Kept {
        holds: load::<Hold>(&store, "hold/")?.into_values().collect(),
        refused: load::<Refused>(&store, "refused/")?.into_values().collect(),
        slots: load::<SlotHold>(&store, "slots/")?.into_values().collect(),
        ended: load::<RunRef>(&store, "ended/")?.into_values().collect(),
        hosts: load::<HostHold>(&store, "host/")?.into_values().collect(),
        hosts_refused: load::<RefusedHost>(&store, "refused-host/")?.into_values().collect(),
        notices: load::<Notice>(&store, "notice/")?.into_values().collect(),
        prices: load::<Price>(&store, "price/")?.into_values().collect(),
        new_at: is_new.then(|| clock.wall()),
    };
    let issued = issued.into_iter().filter_map(|(k, v)| Some((k.parse().ok()?, v))).collect();
    let (ledger, config) = Ledger::open(&dir.cell_ledger(&id))?;
    if let Some(problem) = &ledger.problem {
        tracing::error!(problem, "the ledger was damaged; waiting for the region's document");
    }
    let controller = Rc::new(Controller {
        cell: RefCell::new(Cell::new(cell.clone(), config, kept, number()?)),
        ledger: RefCell::new(ledger),
        issued: RefCell::new(issued),
        committer: Committer::spawn(store, epoch, CommitterOptions::usual())?,
        clock,
        run: number()?,
        wake_hosts: cell.hosts.iter().map(|h| (h.id.clone(), Rc::default())).collect(),
        wake_report: Notify::new(),
        dir,
        me,
    });
    if is_new {
        controller.commit(vec![Mutation::Put { key: MADE.to_vec(), value: Vec::new() }]).await;
    }
    let listener = rpc::bind(&controller.dir.cell_socket(&id)).map_err(RunError::Listen)?;
    for (host, wake) in &controller.wake_hosts {
        tokio::task::spawn_local(controller.clone().feed_host(host.clone(), wake.clone()));
    }
    tokio::task::spawn_local(controller.clone().feed_region());
    tokio::task::spawn_local(controller.clone().watch_hosts());
    tokio::task::spawn_local(controller.clone().tick());
    tracing::info!(cell = %id, "cell controller ready");
    tokio::select! {
        () = rpc::serve(listener, controller.me.clone(), controller.clone().router()) => Ok(()),
        error = controller.committer.failed() => Err(RunError::Store(error)),
    }
}

/// The first hold's number, or a run's.
fn number() -> Result<u64, RunError> {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| RunError::NoRandomness)?;
    Ok(u64::from_le_bytes(bytes))
}

fn load<T: serde::de::DeserializeOwned>(store: &SqliteStore, prefix: &str) -> Result<BTreeMap<String, T>, RunError> {
    let mut out = BTreeMap::new();
    let mut bad = None;
    store::for_prefix(store, prefix.as_bytes(), |entry| {
        let key = String::from_utf8_lossy(&entry.key[prefix.len()..]).into_owned();
        match serde_json::from_slice(&entry.value) {
            Ok(v) => drop(out.insert(key, v)),
            Err(e) => bad = Some(format!("{prefix}{key}: {e}")),
        }
    })?;
    bad.map_or(Ok(out), |b| Err(RunError::Row(b)))
}

fn put(key: String, value: &impl Serialize) -> Mutation {
    // Rows are maps of strings and numbers.
    Mutation::Put { key: key.into_bytes(), value: serde_json::to_vec(value).unwrap_or_default() }
}

impl Controller {
    fn router(self: Rc<Self>) -> Router {
        let (a, b, c, d, e, f) = (self.clone(), self.clone(), self.clone(), self.clone(), self.clone(), self.clone());
        let (g, h, ended) = (self.clone(), self.clone(), self.clone());
        let region = [Role::ControlPlane.any()];
        let hosts: Vec<_> = self.wake_hosts.iter().map(|(host, _)| Role::Agent.only(host)).collect();
        Router::new()
            .on::<wire::cell::PushCellConfig, _, _>(&region, move |r| {
                let s = a.clone();
                async move { s.configure(r).await }
            })
            .on::<wire::cell::Claim, _, _>(&region, move |r| {
                let s = b.clone();
                async move {
                    let decided = s.cell.borrow_mut().claim(&r, s.clock.wall());
                    let (reply, change) = decided.map_err(|e| RpcError::remote("not-ready", e.to_string()))?;
                    let told: Vec<_> = change.notices.iter().map(|n| n.instance).collect();
                    s.keep(change).await;
                    s.tell(&told);
                    Ok(reply)
                }
            })
            .on::<wire::cell::Reserve, _, _>(&region, move |r| {
                let s = g.clone();
                async move {
                    let decided = s.cell.borrow_mut().reserve(&r, s.clock.wall());
                    let (reply, change) = decided.map_err(|e| RpcError::remote("not-ready", e.to_string()))?;
                    s.keep(change).await;
                    Ok(reply)
                }
            })
            .on::<wire::cell::EndRun, _, _>(&region, move |r| {
                let s = ended.clone();
                async move {
                    let over = s.cell.borrow_mut().end_run(&r);
                    s.keep(over.map_err(|e| RpcError::remote(e.code(), e.to_string()))?).await;
                    Ok(wire::Empty {})
                }
            })
            .on::<wire::cell::Allocate, _, _>(&region, move |r| {
                let s = h.clone();
                async move {
                    let decided = s.cell.borrow_mut().allocate(&r, s.clock.wall());
                    let (reply, change) = decided.map_err(|e| RpcError::remote("not-ready", e.to_string()))?;
                    s.keep(change).await;
                    Ok(reply)
                }
            })
            .on::<wire::cell::Unclaim, _, _>(&region, move |r| {
                let s = c.clone();
                async move {
                    let over = s.cell.borrow_mut().unclaim(&r);
                    s.keep(Change { over, ..Change::default() }).await;
                    Ok(wire::Empty {})
                }
            })
            .on_from::<wire::cell::ReportHost, _, _>(&hosts, move |peer, r| {
                let s = d.clone();
                async move {
                    if peer.id != r.host.as_str() {
                        return Err(RpcError::remote("not-permitted", format!("{peer} may not report of {}", r.host)));
                    }
                    let (host, applied) = (r.host.clone(), r.applied);
                    if s.cell.borrow_mut().hear(r, s.clock.wall()) {
                        s.wake_report.notify_one();
                        // A host that is behind, or that has something nobody wants, hears at once.
                        s.wake(&host);
                    }
                    Ok(Applied { generation: applied })
                }
            })
            .on::<wire::cell::Console, _, _>(&region, move |r| {
                let s = e.clone();
                async move {
                    let host = s.cell.borrow().host_of(r.instance);
                    let host =
                        host.ok_or_else(|| RpcError::remote("no-such-instance", "the instance is on no host of this cell"))?;
                    Client::new(&s.me, s.dir.agent_socket(&host)).call::<wire::host::Console>(&r, CALL_TIMEOUT).await
                }
            })
            .on::<wire::cell::GetCellStatus, _, _>(&WATCHERS, move |_| {
                let s = f.clone();
                async move { Ok(s.cell.borrow().report(s.clock.wall())) }
            })
    }

    async fn configure(&self, config: CellConfig) -> Result<Applied, RpcError> {
        if config.format != wire::FORMAT {
            return Err(RpcError::remote("format", format!("format {} is not known here", config.format)));
        }
        let generation = config.generation;
        let refused = self.cell.borrow_mut().review(&config, self.clock.wall());
        // Before the document: a controller that dies in between must not take for granted what it has in its ledger.
        self.keep(refused).await;
        self.ledger.borrow_mut().accept(generation, &config)?;
        let over = self.cell.borrow_mut().configure(config, self.clock.wall());
        self.keep(over).await;
        self.wake_hosts.iter().for_each(|(_, w)| w.notify_one());
        Ok(Applied { generation })
    }

    async fn keep(&self, change: Change) {
        let delete = |kind: &str, i: &dyn std::fmt::Display| Mutation::delete(format!("{kind}/{i}").into_bytes());
        let mut mutations: Vec<Mutation> = change.over.iter().map(|i| delete("hold", i)).collect();
        mutations.extend(change.held.iter().map(|h| put(format!("hold/{}", h.instance), h)));
        mutations.extend(change.settled.iter().map(|i| delete("refused", i)));
        mutations.extend(change.refused.iter().map(|r| put(format!("refused/{}", r.instance), r)));
        mutations.extend(change.slots_over.iter().map(|i| delete("slots", i)));
        mutations.extend(change.slots.iter().map(|s| put(format!("slots/{}", s.id), s)));
        mutations.extend(change.ended_over.iter().map(|i| delete("ended", i)));
        mutations.extend(change.ended.iter().map(|r| put(format!("ended/{}", r.instance), r)));
        mutations.extend(change.hosts_over.iter().map(|i| delete("host", i)));
        mutations.extend(change.hosts.iter().map(|h| put(format!("host/{}", h.id), h)));
        mutations.extend(change.hosts_settled.iter().map(|i| delete("refused-host", i)));
        mutations.extend(change.hosts_refused.iter().map(|r| put(format!("refused-host/{}", r.id), r)));
        mutations.extend(change.notices_over.iter().map(|i| delete("notice", i)));
        mutations.extend(change.notices.iter().map(|n| put(format!("notice/{}", n.instance), n)));
        mutations.extend(change.prices.iter().map(|p| put(format!("price/{}", p.class), p)));
        self.commit(mutations).await;
    }

    /// Durable when it returns. Memory is ahead of the disk meanwhile, so a failure ends the process.
    async fn commit(&self, mutations: Vec<Mutation>) {
        if mutations.is_empty() {
            return;
        }
        let outcome = match self.committer.submit(Vec::new(), mutations) {
            Ok(ticket) => ticket.await,
            Err(e) => Err(e),
        };
        if let Err(e) = outcome {
            tracing::error!(error = %e, "a commit failed: the controller ends, to start again from what is durable");
            std::process::abort();
        }
    }

    /// Spot instances that have a notice hear of it, and the region.
    fn tell(&self, instances: &[InstanceId]) {
        let hosts: Vec<HostId> = instances.iter().filter_map(|i| self.cell.borrow().host_of(*i)).collect();
        hosts.iter().for_each(|h| self.wake(h));
        if !instances.is_empty() {
            self.wake_report.notify_one();
        }
    }

    async fn tick(self: Rc<Self>) {
        loop {
            tokio::time::sleep(TICK).await;
            let (change, told) = self.cell.borrow_mut().tick(self.clock.wall());
            self.keep(change).await;
            self.tell(&told);
        }
    }

    fn wake(&self, host: &HostId) {
        self.wake_hosts.iter().filter(|(h, _)| h == host).for_each(|(_, w)| w.notify_one());
    }

    /// Keeps one host's document current.
    async fn feed_host(self: Rc<Self>, host: HostId, wake: Rc<Notify>) {
        let client = Client::new(&self.me, self.dir.agent_socket(&host));
        let mut delivered: Option<(Generation, tokio::time::Instant)> = None;
        loop {
            let mut pause = RETRY_EVERY;
            if let Some(document) = self.issue(&host).await {
                let generation = document.generation;
                let fresh = delivered.is_some_and(|(g, at)| g == generation && at.elapsed() < RESEND_EVERY);
                // A host that says less than it was told has lost its memory: tell it again.
                let behind = self.cell.borrow().applied(&host) < generation;
                if fresh && !behind {
                    pause = RESEND_EVERY;
                } else {
                    match client.call::<wire::host::PushHostConfig>(&document, CALL_TIMEOUT).await {
                        Ok(_) => {
                            delivered = Some((generation, tokio::time::Instant::now()));
                            pause = RESEND_EVERY;
                        }
                        Err(e @ RpcError::Remote { .. }) => {
                            tracing::warn!(%host, %generation, error = %e, "the host refused its document")
                        }
                        Err(e) => tracing::debug!(%host, error = %e, "the host was not reached"),
                    }
                }
            }
            if tokio::time::timeout(pause, wake.notified()).await.is_ok() {
                tokio::time::sleep(GATHER).await;
            }
        }
    }

    /// The host's document with its number: a new one if the contents are new, durable before it is used. A host that
    /// holds a higher number than this controller remembers (the store was lost) is overtaken.
    async fn issue(&self, host: &HostId) -> Option<HostConfig> {
        if self.cell.borrow().is_given_up(host) {
            return None;
        }
        let mut document = compile::host_config(&self.cell.borrow(), host, Generation(0))?;
        let bytes = serde_json::to_vec(&document).ok()?;
        let digest = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes));
        let before = self.issued.borrow().get(host).cloned().unwrap_or_default();
        let held = self.cell.borrow().newest_held(host);
        let now = if before.digest == digest && held <= before.generation {
            before
        } else {
            let next = Issued { generation: before.generation.max(held).next(), digest };
            self.issued.borrow_mut().insert(host.clone(), next.clone());
            self.commit(vec![put(format!("issued/{host}"), &next)]).await;
            next
        };
        self.cell.borrow_mut().set_wanted(host, now.generation);
        document.generation = now.generation;
        document.net.generation = now.generation;
        Some(document)
    }

    async fn feed_region(self: Rc<Self>) {
        let client = Client::new(&self.me, self.dir.socket("control-plane"));
        // Chance decides how much too low the room is told, so it must differ from cell to cell.
        let (mut rng, mut sequence) = (scheduler::Rng::new(self.run), 0);
        loop {
            sequence += 1;
            let now = self.clock.wall();
            let room = self.cell.borrow_mut().room(self.run, sequence, now, &mut rng);
            let report = CellReport { room: Some(room), ..self.cell.borrow().report(now) };
            if let Err(e) = client.call::<wire::api::ReportCell>(&report, CALL_TIMEOUT).await {
                tracing::debug!(error = %e, "the region was not reached");
            }
            if tokio::time::timeout(REPORT_EVERY, self.wake_report.notified()).await.is_ok() {
                tokio::time::sleep(GATHER).await;
            }
        }
    }
}
