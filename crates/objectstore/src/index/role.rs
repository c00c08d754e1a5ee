//! An index process: of each shard a standby that watches the others, or the leader.
//!
//! ```text
//!            nobody leads, and all before me are gone          fenced, or the store failed
//!  standby ------------------------------------------> leader ---------------------------> standby
//! ```
//!
//! The others are asked every 200 ms what they lead. After five rounds without a leader of a shard the first in its order of
//! those that answer takes its store; whoever held it is fenced from that moment, whether it is dead, paused or cut off, and
//! learns of it by its next commit, read or round. The order begins at another process for each shard, so they are spread. Two that take it at the same time are a moment's trouble and no danger: the store
//! gives out one epoch after the other. Nobody gives the lead back.
//!
//! A leader that is paused within a transaction holds the file's lock for as long as it is paused. It is named in the store
//! by its process, and killed: on one machine that is the fence of last resort.

use super::client::IndexClient;
use super::collector::{BlobDeleter, CollectorOptions, NodeLister};
use super::map::Number;
use super::serve::Serving;
use super::shard::SqliteStores;
use super::{SplitOptions, Stop, StoreFile};
use crate::message::{IndexFrame, Pong, pack, unpack};
use crate::permits;
use bytes::Bytes;
use platform::bulk::{self, BulkClient, Parcel};
use platform::process::ProcessId;
use platform::rpc::{self, RpcError};
use platform::tls::{Identity, Peer};
use platform::{SystemClock, SystemRng};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::{Error, SqliteReader};
use tokio::task::JoinSet;
use tokio::time::Instant;

const ROUND: Duration = Duration::from_millis(200);
/// How long an answer to a ping may take.
const PING: Duration = Duration::from_millis(150);
/// Rounds without a leader before the first in order takes the store.
const SILENT_ROUNDS: u32 = 5;
/// After so many more a process takes it although one before it answers: that one cannot, it seems.
const STEP_ROUNDS: u32 = 10;
/// Failures to take the store, because another process is within a transaction, before that is killed.
const LOCKED_MAX: u32 = 2;

pub struct IndexOptions {
    /// Of this process, such as `index-a`.
    pub identity: Identity,
    /// All index processes' sockets in order of precedence; the same for every one of them.
    pub sockets: Vec<PathBuf>,
    /// Which of them is this one's.
    pub position: usize,
    pub store: StoreFile,
    pub collector: CollectorOptions,
    pub split: SplitOptions,
}

#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    #[error("there is no socket at position {0}")]
    Position(usize),
    #[error("cannot listen")]
    Listen(#[source] std::io::Error),
    #[error("cannot make the store's directory")]
    Directory(#[source] std::io::Error),
}

type Process<N> = Serving<SqliteStores, BulkClient, N>;

/// Serves until the process ends. `nodes`: where the collector removes what is garbage. Needs a `LocalSet`.
pub async fn run<N: BlobDeleter + NodeLister + 'static>(options: IndexOptions, nodes: N) -> Result<(), RoleError> {
    let socket = options.sockets.get(options.position).ok_or(RoleError::Position(options.position))?;
    if let Some(parent) = options.store.path.parent() {
        platform::disk::create_private_dir(parent).map_err(RoleError::Directory)?;
    }
    let listener = rpc::bind(socket).map_err(RoleError::Listen)?;
    let others = options.sockets.iter().enumerate().filter(|(n, _)| *n != options.position);
    let others = others.map(|(n, socket)| (n, BulkClient::new(&options.identity, socket))).collect();
    let id = ProcessId::own().map_or_else(String::new, |p| format!("{} {}", p.pid, p.start_ticks));
    let process = Rc::new(Serving {
        name: format!("{} {id}", options.identity.me()),
        position: options.position,
        stores: SqliteStores(options.store.clone()),
        peers: IndexClient::new(&options.identity, options.sockets),
        nodes: Rc::new(nodes),
        collector: options.collector,
        split: options.split,
        clock: Arc::new(SystemClock::new()),
        dice: Box::new(|| Box::new(SystemRng::new())),
        state: Default::default(),
    });
    let watch =
        Watch { process: process.clone(), store: options.store, others, silent: BTreeMap::new(), locked: BTreeMap::new() };
    let handler = move |peer: Rc<Peer>, parcel: Parcel| {
        let process = process.clone();
        async move {
            let frame = unpack(&parcel)?;
            permits::index(&peer, &frame)?;
            process.carry_out(frame).await
        }
    };
    tokio::select! {
        () = bulk::serve(listener, options.identity, &permits::INDEX_CALLERS, handler) => Ok(()),
        () = watch.run() => Ok(()),
    }
}

/// What a round of questions found.
struct Round {
    /// Led by others.
    led: BTreeSet<Number>,
    /// Positions of those who answer.
    answer: Vec<usize>,
    /// Everybody answered or was certainly not there.
    certain: bool,
}

struct Watch<N> {
    process: Rc<Process<N>>,
    store: StoreFile,
    others: Vec<(usize, BulkClient)>,
    /// By shard: rounds in which nobody led it.
    silent: BTreeMap<Number, u32>,
    locked: BTreeMap<Number, u32>,
}

impl<N: BlobDeleter + NodeLister + 'static> Watch<N> {
    async fn run(mut self) {
        loop {
            let asked = Instant::now();
            self.look_at_own();
            let round = self.ask().await;
            for number in self.process.known() {
                if self.process.leader(number).is_some() {
                    self.silent.insert(number, 0);
                } else {
                    self.look_at(number, &round);
                }
            }
            tokio::select! {
                () = tokio::time::sleep_until(asked + ROUND) => {}
                () = self.any_fails() => {}
            }
        }
    }

    /// Does another process have one of ours?
    fn look_at_own(&self) {
        for leader in self.process.leads().into_iter().filter_map(|n| self.process.leader(n)) {
            match leader.leads_still() {
                Ok(true) => {}
                Ok(false) => drop(self.process.step_down(&leader, "another process took the store")),
                Err(e) => drop(self.process.step_down(&leader, &e.to_string())),
            }
        }
    }

    async fn any_fails(&self) {
        let mut failing = JoinSet::new();
        for leader in self.process.leads().into_iter().filter_map(|n| self.process.leader(n)) {
            failing.spawn_local(async move {
                let error = leader.failed().await;
                (leader, error)
            });
        }
        match failing.join_next().await {
            Some(Ok((leader, error))) => drop(self.process.step_down(&leader, &error.to_string())),
            _ => std::future::pending().await,
        }
    }

    fn look_at(&mut self, number: Number, round: &Round) {
        let rank = self.process.rank(number);
        let first = !self.silent.contains_key(&number);
        let silent = self.silent.entry(number).or_default();
        *silent = if round.led.contains(&number) { 0 } else { *silent + 1 };
        // One that was never seen led is taken by the first in order at once, unless somebody may be leading and paused.
        let at_once = first && rank == 0 && round.certain && *silent > 0;
        let before_me = round.answer.iter().any(|at| self.process.rank_of(*at, number) < rank);
        let patience = SILENT_ROUNDS + if before_me { STEP_ROUNDS * rank as u32 } else { 0 };
        if !at_once && *silent < patience {
            return;
        }
        match self.process.take(number) {
            Ok(()) => {
                *silent = 0;
                self.locked.insert(number, 0);
            }
            Err(Stop::Store(Error::Locked { .. })) => {
                let locked = self.locked.entry(number).or_default();
                *locked += 1;
                if *locked > LOCKED_MAX {
                    self.kill_holder(number);
                }
            }
            Err(error) => tracing::error!(index = %self.process.name, shard = number, %error, "the shard cannot be taken"),
        }
    }

    /// Asks all at once.
    async fn ask(&self) -> Round {
        let mut asked = JoinSet::new();
        for (n, client) in self.others.clone() {
            asked.spawn_local(async move {
                let call = pack(&IndexFrame::Ping, Bytes::new())?;
                let pong: Pong = unpack(&client.call(call, PING).await?)?;
                Ok::<_, RpcError>((n, pong))
            });
        }
        let mut round = Round { led: BTreeSet::new(), answer: Vec::new(), certain: true };
        while let Some(outcome) = asked.join_next().await {
            match outcome {
                Ok(Ok((n, pong))) => {
                    round.led.extend(pong.leads.iter().map(|led| led.extent.number));
                    round.answer.push(n);
                    self.process.hear(&pong.known);
                }
                Ok(Err(RpcError::Unreachable { .. })) => {}
                Ok(Err(_)) | Err(_) => round.certain = false,
            }
        }
        round
    }

    /// The process that holds the store's lock is paused or hangs: it is the last owner.
    fn kill_holder(&self, number: Number) {
        let owner = SqliteReader::open(&self.store.numbered(number).path, 64).and_then(|reader| reader.owner());
        let Ok(owner) = owner else { return };
        let mut words = owner.rsplit(' ').map(str::parse::<u64>);
        let (Some(Ok(start_ticks)), Some(Ok(pid))) = (words.next(), words.next()) else { return };
        let holder = ProcessId { pid: pid as u32, start_ticks };
        if holder.pid == std::process::id() {
            return;
        }
        tracing::warn!(owner, "holds the store within a transaction and does not answer: killed");
        if let Err(error) = holder.signal(9) {
            tracing::error!(%error, owner, "cannot be killed");
        }
    }
}
