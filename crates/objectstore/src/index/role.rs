//! An index process: a standby that watches the others, or the leader.
//!
//! ```text
//!            nobody leads, and all before me are gone          fenced, or the store failed
//!  standby ------------------------------------------> leader ---------------------------> standby
//! ```
//!
//! The others are asked every 200 ms whether they lead. After five rounds without a leader the first in order of those that
//! answer takes the store; whoever held it is fenced from that moment, whether it is dead, paused or cut off, and learns of
//! it by its next commit, read or round. Two that take it at the same time are a moment's trouble and no danger: the store
//! gives out one epoch after the other. Nobody gives the lead back.
//!
//! A leader that is paused within a transaction holds the file's lock for as long as it is paused. It is named in the store
//! by its process, and killed: on one machine that is the fence of last resort.

use super::collector::{self, BlobDeleter, CollectorOptions, NodeLister};
use super::leader::{Failure, Leader};
use super::{Stop, StoreFile};
use crate::message::{IndexError, IndexFrame, IndexResult, Pong, pack, pack_result, unpack};
use bytes::Bytes;
use platform::bulk::{self, BulkClient, Parcel};
use platform::process::ProcessId;
use platform::rpc::{self, RpcError};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
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
/// A refusal's code: the call may have happened.
pub const UNKNOWN: &str = "unknown";

pub struct IndexOptions {
    /// Of this process, such as `index-a`.
    pub name: String,
    /// All index processes' sockets in order of precedence; the same for every one of them.
    pub sockets: Vec<PathBuf>,
    /// Which of them is this one's.
    pub position: usize,
    pub store: StoreFile,
    pub collector: CollectorOptions,
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

struct Role<N> {
    options: IndexOptions,
    nodes: Rc<N>,
    leader: RefCell<Option<Rc<Leader>>>,
    peers: Vec<(usize, BulkClient)>,
}

/// What a round of questions found.
struct Round {
    leader: bool,
    /// One with a smaller number answers.
    before_me: bool,
    /// Everybody answered or was certainly not there.
    certain: bool,
}

/// Serves until the process ends. `nodes`: where the collector removes what is garbage. Needs a `LocalSet`.
pub async fn run<N: BlobDeleter + NodeLister + 'static>(options: IndexOptions, nodes: N) -> Result<(), RoleError> {
    let role = Role::new(options, nodes)?;
    let listener = rpc::bind(&role.options.sockets[role.options.position]).map_err(RoleError::Listen)?;
    let watch = role.clone().watch();
    tokio::select! {
        () = bulk::serve(listener, move |parcel| role.clone().answer(parcel)) => Ok(()),
        () = watch => Ok(()),
    }
}

impl<N: BlobDeleter + NodeLister + 'static> Role<N> {
    fn new(options: IndexOptions, nodes: N) -> Result<Rc<Self>, RoleError> {
        if options.position >= options.sockets.len() {
            return Err(RoleError::Position(options.position));
        }
        if let Some(parent) = options.store.path.parent() {
            platform::disk::create_private_dir(parent).map_err(RoleError::Directory)?;
        }
        let others = options.sockets.iter().enumerate().filter(|(n, _)| *n != options.position);
        let peers = others.map(|(n, socket)| (n, BulkClient::new(socket))).collect();
        Ok(Rc::new(Self { options, nodes: Rc::new(nodes), leader: RefCell::new(None), peers }))
    }

    fn leader(&self) -> Option<Rc<Leader>> {
        self.leader.borrow().clone()
    }

    async fn answer(self: Rc<Self>, parcel: Parcel) -> Result<Parcel, RpcError> {
        match unpack::<IndexFrame>(&parcel)? {
            IndexFrame::Ping => {
                let pong = self.leader().map_or(Pong::default(), |l| Pong { leader: true, epoch: l.epoch().0 });
                pack(&pong, Bytes::new())
            }
            IndexFrame::Call(request) => {
                let result: IndexResult = match self.leader() {
                    None => Err(IndexError::NotLeader),
                    Some(leader) => match leader.call(*request).await {
                        Ok(answer) => Ok(answer),
                        Err(Failure::Refused(refusal)) => Err(refusal),
                        Err(Failure::Deposed) => {
                            self.step_down(&leader, "another process took the store, or it failed");
                            Err(IndexError::NotLeader)
                        }
                        Err(Failure::Unknown(cause)) => return Err(RpcError::remote(UNKNOWN, cause)),
                    },
                };
                pack_result(result)
            }
        }
    }

    fn step_down(&self, leader: &Rc<Leader>, cause: &str) {
        let mut held = self.leader.borrow_mut();
        if held.as_ref().is_some_and(|l| Rc::ptr_eq(l, leader)) {
            tracing::warn!(index = %self.options.name, epoch = leader.epoch().0, cause, "no longer the leader");
            *held = None;
        }
    }

    async fn watch(self: Rc<Self>) {
        let (mut silent, mut locked, mut first) = (0, 0, true);
        loop {
            if let Some(leader) = self.leader() {
                tokio::select! {
                    error = leader.failed() => self.step_down(&leader, &error.to_string()),
                    () = tokio::time::sleep(ROUND) => match leader.leads_still() {
                        Ok(true) => {}
                        Ok(false) => self.step_down(&leader, "another process took the store"),
                        Err(e) => self.step_down(&leader, &e.to_string()),
                    },
                }
                silent = 0;
                continue;
            }
            let asked = Instant::now();
            let round = self.ask().await;
            silent = if round.leader { 0 } else { silent + 1 };
            // At the very start the first in order need not wait, unless somebody may be leading and paused.
            let at_once = first && self.options.position == 0 && round.certain && !round.leader;
            first = false;
            let patience = SILENT_ROUNDS + if round.before_me { STEP_ROUNDS * self.options.position as u32 } else { 0 };
            if at_once || silent >= patience {
                match self.take() {
                    Ok(()) => {
                        (silent, locked) = (0, 0);
                        continue;
                    }
                    Err(Stop::Store(Error::Locked { .. })) => {
                        locked += 1;
                        if locked > LOCKED_MAX {
                            self.kill_holder();
                        }
                    }
                    Err(error) => tracing::error!(index = %self.options.name, %error, "the store cannot be taken"),
                }
            }
            tokio::time::sleep_until(asked + ROUND).await;
        }
    }

    /// Asks all at once.
    async fn ask(&self) -> Round {
        let mut asked = JoinSet::new();
        for (n, client) in self.peers.clone() {
            asked.spawn_local(async move {
                let call = pack(&IndexFrame::Ping, Bytes::new())?;
                let pong: Pong = unpack(&client.call(call, PING).await?)?;
                Ok::<_, RpcError>((n, pong))
            });
        }
        let mut round = Round { leader: false, before_me: false, certain: true };
        while let Some(outcome) = asked.join_next().await {
            match outcome {
                Ok(Ok((n, pong))) => {
                    round.leader |= pong.leader;
                    round.before_me |= n < self.options.position;
                }
                Ok(Err(RpcError::Unreachable { .. })) => {}
                Ok(Err(_)) | Err(_) => round.certain = false,
            }
        }
        round
    }

    fn take(&self) -> Result<(), Stop> {
        let id = ProcessId::own().map_or_else(String::new, |p| format!("{} {}", p.pid, p.start_ticks));
        let leader = Leader::take(&self.options.store, &format!("{} {id}", self.options.name))?;
        tracing::info!(index = %self.options.name, epoch = leader.epoch().0, "leads the index");
        let leader = Rc::new(leader);
        collector::start(&leader, &self.options.collector, &self.nodes);
        *self.leader.borrow_mut() = Some(leader);
        Ok(())
    }

    /// The process that holds the store's lock is paused or hangs: it is the last owner.
    fn kill_holder(&self) {
        let owner = SqliteReader::open(&self.options.store.path, 64).and_then(|reader| reader.owner());
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
