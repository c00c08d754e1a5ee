//! The card as a process: takes the pushed configuration, keeps it on disk, tells its status.
//!
//! A card that is started again while every controller is dead comes back from its ledger with the same ports. One that is
//! started while another of its name runs takes that one's place, or fails ([`crate::heir`]).

use crate::endpoint;
use crate::flow_spool::{Spool, SpoolLimits};
use crate::heir::{self, HeirError};
use crate::imds::token::{KEY_BYTES, Tokens};
use crate::keeping::Keeping;
use crate::worker::{FLOW_BATCHES_MAX, WorkerError, WorkerHandle, WorkerOptions};
use platform::keeper::Kept;
use platform::links::Links;
use platform::memory::Words;
use platform::rpc::{self, Router, RpcError};
use platform::tls::{Caller, Identity, Role};
use platform::{DataDir, Ledger, LedgerError, Rng, SystemRng, disk, handover};
use std::cell::RefCell;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use types::HostId;
use vswitch::KeptWords;
use wire::Applied;
use wire::card::{GetCardStatus, Handed, PushNetConfig};
use wire::flow::{FlowLine, FlowReply, FlowRequest, TakeFlowRecords};
use wire::net::NetConfig;
use wire::trace::{GetFlows, PASSED_MAX, Trace};

#[derive(Debug)]
pub struct CardOptions {
    pub host: HostId,
    pub data_dir: DataDir,
    /// What outlives the process (memory of [`KEPT_BYTES`]): guests stay connected to the next life of one that was killed, and
    /// their tracked connections go on. `None`: VMMs connect again, and flows begin anew, where the rules allow it.
    pub kept: Option<Kept>,
}

/// For two million flows, beside NAT gateways' translations (as four flows each are): address space until it is used.
pub const KEPT_BYTES: usize = vswitch::kept_bytes(8192);
/// How long the card whose place was taken may need to write what it had.
const BOOKS_MAX: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum CardError {
    #[error("cannot prepare {path}")]
    Prepare { path: std::path::PathBuf, source: io::Error },
    #[error("cannot open the card's ledger")]
    Ledger(#[from] LedgerError),
    #[error("cannot prove who this is")]
    Identity(#[from] platform::tls::TlsError),
    #[error("cannot start the card's thread")]
    Worker(#[source] io::Error),
    #[error("cannot map the memory that outlives the card")]
    Kept(#[source] io::Error),
    #[error("cannot take the place of the card that runs, which goes on")]
    TakeOver(#[from] HeirError),
    #[error("cannot talk to the card that runs, which goes on")]
    Reach(#[from] RpcError),
    #[error("cannot listen for commands")]
    Listen(#[source] io::Error),
}

/// Serves until the future is dropped, which ends the thread and removes the ports' sockets; or until another card has taken
/// this one's place, with `Ok`. Must run inside a `tokio::task::LocalSet`.
pub async fn run(options: CardOptions) -> Result<(), CardError> {
    let dir = &options.data_dir;
    let heir_socket = dir.card_heir_socket(&options.host);
    let heirs = heir_socket.parent().map(Path::to_owned).unwrap_or_default();
    for path in [dir.run(), dir.host_run(&options.host), dir.host(&options.host), heirs] {
        disk::create_private_dir(&path).map_err(|source| CardError::Prepare { path, source })?;
    }
    let me = Identity::open(dir, &format!("card-{}", options.host))?;
    let key_path = dir.card_ledger(&options.host).with_file_name("imds.key");
    let key = token_key(&key_path).map_err(|source| CardError::Prepare { path: key_path, source })?;
    let (flows, batches) = std::sync::mpsc::sync_channel(FLOW_BATCHES_MAX);
    let (sockets, doors, own) = (dir.clone(), dir.clone(), options.host.clone());
    let (handed, queue) = tokio::sync::mpsc::channel(endpoint::QUEUE_MAX);
    tokio::task::spawn_local(hand_on(me.clone(), dir.endpoint_socket(), queue));
    let (kept, keeping) = match options.kept {
        Some(kept) => (Some(Words::map(&kept.memory).map_err(CardError::Kept)?), Keeping::new(kept.place, kept.found)),
        None => (None, Keeping::default()),
    };
    let worker_options = WorkerOptions {
        port_socket: Box::new(move |id| sockets.port_socket(&id)),
        balancer_socket: Box::new(move |id| doors.balancer_socket(&own, &id)),
        forward_socket: dir.card_forward_socket(&options.host),
        tokens: Tokens::new(&key),
        flows,
        handed,
        kept: kept.map(|words| Arc::new(words) as KeptWords),
        keeping,
        links: Some(Links::new(dir, me.me().process())),
    };
    let (worker, began) = match handover::reach(&me, &heir_socket).await? {
        Some(stream) => {
            let (worker, stream) = WorkerHandle::take_over(worker_options, stream).await?;
            // Packets go on; ledger and spool are the other one's until it has ended.
            ended(stream).await;
            (worker, true)
        }
        None => (WorkerHandle::spawn(worker_options).map_err(CardError::Worker)?, false),
    };
    let (ledger, held) = Ledger::<NetConfig>::open(&dir.card_ledger(&options.host))?;
    if let Some(problem) = &ledger.problem {
        tracing::error!("{problem}");
    }
    let flows_dir = dir.flows(&options.host);
    let spool = Spool::open(&flows_dir, SpoolLimits::default(), SystemRng::new().u64())
        .map_err(|source| CardError::Prepare { path: flows_dir, source })?;
    let spool = Arc::new(Mutex::new(spool));
    let written = spool.clone();
    let writer = std::thread::Builder::new()
        .name("flows".into())
        .spawn(move || write_flows(&batches, &written))
        .map_err(CardError::Worker)?;
    if let Some(config) = held.filter(|_| !began) {
        let generation = config.generation;
        match worker.configure(config).await {
            Ok(()) => tracing::info!(%generation, "back from the ledger"),
            Err(error) => tracing::error!(%error, %generation, "the ledger's configuration cannot be used"),
        }
    }
    let worker = Rc::new(worker);
    let ledger = Rc::new(RefCell::new(ledger));
    let pushed = worker.clone();
    // One push at a time: compiling one configuration must not overtake the ledger's order of another.
    let order = Rc::new(tokio::sync::Mutex::new(()));
    let host = options.host.clone();
    let agent = Role::Agent.only(&host);
    let told = spool.clone();
    let operator = Role::Operator.any();
    let (tracer, lister, leaving) = (worker.clone(), worker.clone(), worker.clone());
    let (doorkeeper, same_card) = (me.clone(), Role::Card.only(&host));
    let router = Router::new()
        .on::<PushNetConfig, _, _>(std::slice::from_ref(&agent), move |config| {
            let (worker, ledger, order, host) = (pushed.clone(), ledger.clone(), order.clone(), host.clone());
            async move {
                let _turn = order.lock().await;
                accept(&worker, &ledger, &host, config).await
            }
        })
        .on::<Trace, _, _>(&[agent.clone(), operator.clone()], move |request| {
            let worker = tracer.clone();
            async move {
                if request.answer.as_ref().is_some_and(|a| a.connections.len().max(a.translations.len()) > PASSED_MAX) {
                    return Err(RpcError::remote("too-many", format!("it passed more than {PASSED_MAX}")));
                }
                worker.trace(request).await.map_err(worker_error)?.ok_or_else(not_here)
            }
        })
        .on::<GetFlows, _, _>(&[agent.clone(), operator.clone()], move |request| {
            let worker = lister.clone();
            async move { worker.flows(request).await.map_err(worker_error)?.ok_or_else(not_here) }
        })
        .on::<GetCardStatus, _, _>(&[agent, operator, Role::Supervisor.any()], move |_| {
            let worker = worker.clone();
            let spool = told.clone();
            async move {
                let mut status = worker.status().await.map_err(worker_error)?;
                let lost = beside(spool, |spool| Ok(spool.lost)).await?;
                if lost > 0 {
                    status.drops.insert("flow-records-lost".into(), lost);
                }
                Ok(status)
            }
        })
        .on::<TakeFlowRecords, _, _>(&[Role::S3Worker.any()], move |asked: FlowRequest| {
            let spool = spool.clone();
            async move { beside(spool, move |spool| -> io::Result<FlowReply> { spool.take(&asked) }).await }
        });
    let listener = rpc::bind(&dir.card_socket(&options.host)).map_err(CardError::Listen)?;
    let heirs = rpc::bind(&heir_socket).map_err(CardError::Listen)?;
    let stream = tokio::select! {
        () = rpc::serve(listener, me, router) => return Ok(()),
        stream = wait_for_heir(&heirs, &doorkeeper, &same_card, &leaving) => stream,
    };
    // The thread has ended, and with it the queue's only sender: what it had is written, then the heir may look at it.
    let _ = tokio::task::spawn_blocking(move || writer.join()).await;
    drop(stream);
    Ok(())
}

/// Returns when another card has taken the place of this one; the stream's end tells it that this one has ended.
async fn wait_for_heir(heirs: &tokio::net::UnixListener, me: &Identity, card: &Caller, worker: &WorkerHandle) -> UnixStream {
    loop {
        let Some(stream) = handover::reached(heirs, me, std::slice::from_ref(card)).await else { continue };
        match leave(stream, worker).await {
            Ok(stream) => return stream,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "another card cannot take this one's place");
            }
        }
    }
}

async fn leave(stream: UnixStream, worker: &WorkerHandle) -> Result<UnixStream, HeirError> {
    let prospect = worker.prospect().await.map_err(|_| HeirError::Thread)?.ok_or(HeirError::Nothing)?;
    let compiled = prospect.config.generation;
    let prepared = tokio::task::spawn_blocking(move || {
        heir::prepare(&stream, &serde_json::to_vec(&prospect)?)?;
        Ok::<_, HeirError>(stream)
    });
    let stream = prepared.await.map_err(|_| HeirError::Thread)??;
    worker.hand_over(stream.try_clone()?, compiled).await?;
    Ok(stream)
}

/// Waits until the other end is closed, within reason.
async fn ended(stream: UnixStream) {
    let waiting = tokio::task::spawn_blocking(move || {
        let _ = stream.set_read_timeout(Some(BOOKS_MAX));
        std::io::Read::read(&mut &stream, &mut [0])
    });
    if !matches!(waiting.await, Ok(Ok(0))) {
        tracing::error!("the card whose place was taken does not end; its last records may be missing");
    }
}

/// Until the card's thread is gone.
fn write_flows(batches: &std::sync::mpsc::Receiver<Vec<FlowLine>>, spool: &Mutex<Spool>) {
    while let Ok(lines) = batches.recv() {
        let mut spool = hold(spool);
        if let Err(error) = spool.append(&lines) {
            spool.lost += lines.len() as u64;
            tracing::error!(%error, lines = lines.len(), "flow records cannot be written");
        }
    }
}

/// A spool whose holder has panicked is as good as after a crash.
fn hold(spool: &Mutex<Spool>) -> MutexGuard<'_, Spool> {
    spool.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Work with the spool's files, beside the event loop.
async fn beside<T: Send + 'static>(
    spool: Arc<Mutex<Spool>>,
    work: impl FnOnce(&mut Spool) -> io::Result<T> + Send + 'static,
) -> Result<T, RpcError> {
    let outcome = tokio::task::spawn_blocking(move || work(&mut hold(&spool))).await;
    let failed = |e: &dyn std::fmt::Display| RpcError::remote("flow-spool", e.to_string());
    outcome.map_err(|e| failed(&e))?.map_err(|e| failed(&e))
}

/// Carries guests' connections to the gateway until the worker has ended. One that cannot be handed on is closed.
async fn hand_on(me: Identity, socket: PathBuf, mut queue: Receiver<(Handed, UnixStream)>) {
    while let Some((word, stream)) = queue.recv().await {
        let (me, socket) = (me.clone(), socket.clone());
        tokio::task::spawn_local(async move {
            let Ok(stream) = tokio::net::UnixStream::from_std(stream) else { return };
            if let Err(error) = handover::carry(&me, &socket, &word, stream).await {
                tracing::warn!(%error, service = word.service, endpoint = %word.endpoint, "cannot hand a connection on");
            }
        });
    }
}

/// Compiled first, then durable, then acknowledged: what is acknowledged is in force and survives a restart.
async fn accept(
    worker: &WorkerHandle,
    ledger: &RefCell<Ledger<NetConfig>>,
    host: &HostId,
    config: NetConfig,
) -> Result<Applied, RpcError> {
    let generation = config.generation;
    if config.host != *host {
        return Err(RpcError::remote("wrong-host", format!("this is {host}, the configuration is for {}", config.host)));
    }
    // What the ledger holds already or refuses (older, or other contents) does not reach the switch.
    if ledger.borrow().generation().is_some_and(|held| generation <= held) {
        ledger.borrow_mut().accept(generation, &config)?;
        if worker.status().await.map_err(worker_error)?.generation == generation {
            return Ok(Applied { generation });
        }
    }
    worker.configure(config.clone()).await.map_err(worker_error)?;
    ledger.borrow_mut().accept(generation, &config)?;
    Ok(Applied { generation })
}

fn not_here() -> RpcError {
    RpcError::remote("not-here", "the interface is not on this host".to_owned())
}

fn worker_error(e: WorkerError) -> RpcError {
    let code = match &e {
        WorkerError::Busy => "busy",
        WorkerError::Gone => "gone",
        WorkerError::Config(_) => "bad-config",
    };
    RpcError::remote(code, e.to_string())
}

/// The host's key for metadata tokens; made at first start.
fn token_key(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    match std::fs::read(path) {
        Ok(bytes) => {
            if let Ok(key) = bytes.try_into() {
                return Ok(key);
            }
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    let mut rng = SystemRng::new();
    let mut key = [0; KEY_BYTES];
    for chunk in key.chunks_exact_mut(8) {
        chunk.copy_from_slice(&rng.u64().to_le_bytes());
    }
    disk::write_atomic(path, &key)?;
    Ok(key)
}
