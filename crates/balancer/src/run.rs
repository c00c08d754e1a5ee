//! A balancer's life: the first document, reloads, handing over, the end.

use crate::admin;
use crate::compile::{self, ConfigError};
use crate::conn::Verdict;
use crate::logs::Logs;
use crate::probe;
use crate::server::{self, Listening};
use crate::spool::Spool;
use crate::state::Shared;
use crate::transport::Dialer;
use crate::{clock, tls::Unseal};
use platform::disk;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use wire::balancer::{BalancerConfig, BalancerStatus, ListenerStatus};

/// A client that is idle when its process goes gets this long to be told by an answer.
const RETIRE: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum BalancerError {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} is no balancer's document")]
    Parse { path: PathBuf, source: serde_json::Error },
    #[error("the document is refused: {0}")]
    Refused(#[from] ConfigError),
    #[error("the document is refused: listener {arn} cannot listen")]
    Listen { arn: String, source: std::io::Error },
    #[error("the document is refused: generation {offered} is older than {held}, or another of the same number")]
    Generation { offered: types::Generation, held: types::Generation },
    #[error("cannot make the control socket")]
    Control(#[source] std::io::Error),
    #[error(transparent)]
    TakeOver(#[from] admin::AdminError),
    #[error("another process serves this node")]
    Served,
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
}

/// How `stratocell lb` is started.
#[derive(Debug, Clone)]
pub struct Options {
    pub config: PathBuf,
    /// The control socket; none: no status, no handing over.
    pub control: Option<PathBuf>,
    /// Takes the listening sockets of the balancer whose control socket `control` is, which then ends by itself.
    pub take_over: bool,
    /// Where the last good document is kept; none: it is not kept.
    pub state_dir: Option<PathBuf>,
    /// Requests under way at the end may go on for so long.
    pub drain: Duration,
}

/// A running balancer, for its own process and for tests. Needs a `LocalSet`.
#[derive(Debug, Clone)]
pub struct Balancer {
    pub(crate) shared: Rc<Shared>,
    pub(crate) listening: Rc<Listening>,
    pub(crate) handed_over: Rc<Notify>,
}

impl Balancer {
    /// Starts the sweeper and the log's writer. Nothing listens before the first document.
    #[expect(clippy::new_without_default, reason = "starts tasks")]
    pub fn new() -> Self {
        Self::with(Dialer::System, None)
    }

    /// A balancer whose connections a card ends and opens, at the interface that `dialer` names: they come by
    /// [`Balancer::enter`]. `spool`: where logs for buckets go.
    pub fn with(dialer: Dialer, spool: Option<Spool>) -> Self {
        let listening = Listening::new(!matches!(dialer, Dialer::System));
        let shared = Rc::new(Shared::new(dialer, Logs::new(spool)));
        let sweeper = Rc::downgrade(&shared);
        tokio::task::spawn_local(async move {
            let mut interval = tokio::time::interval(clock::TICK);
            interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                interval.tick().await;
                let Some(shared) = sweeper.upgrade() else { return };
                shared.sweep();
            }
        });
        let log = shared.clone();
        tokio::task::spawn_local(async move {
            loop {
                log.logs.due().await;
                log.logs.write_out(&log, false).await;
            }
        });
        Self { shared, listening: Rc::new(listening), handed_over: Rc::default() }
    }

    /// Takes a connection that a card has taken in from `client` for `local`.
    pub fn enter(&self, stream: UnixStream, client: SocketAddr, local: SocketAddr) {
        server::enter(&self.shared, stream, client, local);
    }

    /// Takes listening sockets of another process: used for the same addresses before new ones are made.
    pub fn inherit(&self, sockets: Vec<(SocketAddr, std::net::TcpListener)>) {
        self.listening.inherit(sockets);
    }

    /// Makes a document the one that holds, whole or not at all.
    ///
    /// # Errors
    /// What is wrong with it, or a port that cannot be had; the old one holds then, and the status says so.
    pub fn apply(&self, config: BalancerConfig, unseal: Unseal<'_>) -> Result<(), BalancerError> {
        self.try_apply(config, unseal).inspect_err(|e| self.note(e))
    }

    /// The status tells why a document was refused, until a good one comes.
    fn note(&self, e: &BalancerError) {
        self.shared.count("documents-refused");
        let cause = std::error::Error::source(e).map(|s| format!(": {s}")).unwrap_or_default();
        *self.shared.refused.borrow_mut() = Some(format!("{e}{cause}"));
    }

    fn try_apply(&self, config: BalancerConfig, unseal: Unseal<'_>) -> Result<(), BalancerError> {
        let old = self.shared.snapshot();
        let compiled = compile::compile(&config, unseal, &old.listeners)?;
        let sockets = self.listening.prepare(&config).map_err(|(arn, source)| BalancerError::Listen { arn, source })?;
        for (group, target) in self.shared.replace(config, compiled) {
            tokio::task::spawn_local(probe::keep_checking(self.shared.clone(), group, target));
        }
        self.listening.switch(&self.shared, sockets);
        if let Some(farewell) = self.shared.farewell(&old) {
            tokio::task::spawn_local(farewell.keep(self.shared.clone()));
        }
        Ok(())
    }

    /// As [`Balancer::apply`], for a pushed document: an older one is refused, and so is another one of the same generation.
    ///
    /// # Errors
    /// As [`Balancer::apply`].
    pub fn accept(&self, config: BalancerConfig, unseal: Unseal<'_>) -> Result<(), BalancerError> {
        let held = self.shared.snapshot();
        let (offered, held_generation) = (config.generation, held.config.generation);
        if offered == held_generation && held.config == config {
            return Ok(());
        }
        if offered <= held_generation {
            return Err(BalancerError::Generation { offered, held: held_generation });
        }
        self.apply(config, unseal)
    }

    /// Until another process has taken over.
    pub async fn handed_over(&self) {
        self.handed_over.notified().await;
    }

    pub fn status(&self) -> BalancerStatus {
        let mut listeners = self.listening.status();
        if self.listening.at_card {
            let arns = self.shared.snapshot().config.listeners.iter().map(|l| l.arn.clone()).collect::<Vec<_>>();
            listeners.extend(arns.into_iter().map(|arn| ListenerStatus { arn, addresses: Vec::new(), problem: None }));
        }
        self.shared.status(listeners)
    }

    /// Writes what the logs hold.
    pub async fn flush_log(&self) {
        self.shared.logs.write_out(&self.shared, false).await;
    }

    /// Ends: no new connections, the next answer of each connection is its last, then the idle ones, then all.
    pub async fn drain(&self, limit: Duration) {
        self.listening.stop();
        self.shared.judge(Verdict::Retire, None);
        let began = tokio::time::Instant::now();
        for (until, verdict) in [(RETIRE.min(limit), Verdict::Leave), (limit, Verdict::Abort)] {
            while self.shared.open.get() > 0 && began.elapsed() < until {
                // Connections that were being set up are told too.
                self.shared.judge(Verdict::Retire, None);
                let _ = tokio::time::timeout(clock::TICK, self.shared.room.notified()).await;
            }
            self.shared.judge(verdict, None);
        }
        self.shared.logs.write_out(&self.shared, true).await;
    }
}

pub(crate) fn read(path: &Path) -> Result<BalancerConfig, BalancerError> {
    let text = std::fs::read(path).map_err(|source| BalancerError::Read { path: path.to_owned(), source })?;
    serde_json::from_slice(&text).map_err(|source| BalancerError::Parse { path: path.to_owned(), source })
}

/// Runs a balancer from a file until SIGTERM or SIGINT, or until another has taken over. SIGHUP reads the file again; a bad
/// one changes nothing. When the file is bad at the start, the last good one is used. Needs a `LocalSet`.
///
/// # Errors
/// No document can be had, or its ports.
pub async fn run(options: Options) -> Result<(), BalancerError> {
    let balancer = Balancer::new();
    let mut old = None;
    if let (true, Some(control)) = (options.take_over, &options.control) {
        let (sockets, held) = admin::take_over(control).await?;
        balancer.inherit(sockets);
        old = Some(held);
    }
    let good = options.state_dir.as_ref().map(|d| d.join("balancer.last-good.json"));
    let load = || {
        let config = read(&options.config).inspect_err(|e| balancer.note(e))?;
        balancer.apply(config, None)
    };
    if let Err(e) = load() {
        let Some(last) = good.as_deref().filter(|p| p.exists()) else { return Err(e) };
        balancer.apply(read(last)?, None)?;
        balancer.note(&e);
        tracing::warn!(path = %last.display(), "the document was refused; the last good one is used");
    }
    keep(&balancer, good.as_deref());
    if let Some(control) = &options.control {
        admin::serve_control(control, balancer.clone()).map_err(BalancerError::Control)?;
    }
    // The old process stops only now that this one accepts.
    if let Some(old) = old {
        old.replace();
    }
    for l in balancer.status().listeners {
        tracing::info!(listener = l.arn, addresses = ?l.addresses, "listening");
    }
    let signals = |kind| signal(kind).map_err(BalancerError::Signals);
    let (mut term, mut int, mut hup) =
        (signals(SignalKind::terminate())?, signals(SignalKind::interrupt())?, signals(SignalKind::hangup())?);
    loop {
        tokio::select! {
            _ = term.recv() => break,
            _ = int.recv() => break,
            () = balancer.handed_over() => break,
            _ = hup.recv() => match load() {
                Ok(()) => keep(&balancer, good.as_deref()),
                Err(error) => tracing::error!(%error, "the document is refused; the old one holds"),
            }
        }
    }
    balancer.drain(options.drain).await;
    Ok(())
}

/// The last good document outlives the process.
fn keep(balancer: &Balancer, path: Option<&Path>) {
    let Some(path) = path else { return };
    let config = &balancer.shared.snapshot().config;
    let text = serde_json::to_vec(config).unwrap_or_default();
    if let Err(error) = disk::write_atomic(path, &text) {
        tracing::warn!(path = %path.display(), %error, "the document could not be kept");
    }
}
