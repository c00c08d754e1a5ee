//! Index processes: the real leader, decisions and collector over `store::sim`, and an election that a partition or a pause fools.

use super::net::{Endpoint, Letter, Place, SimNodes, VirtualClock};
use super::world::World;
use objectstore::data::{DataClient, DataOptions};
use objectstore::index::collector::{self, CollectorOptions};
use objectstore::index::leader::{Failure, Leader};
use objectstore::index::role::UNKNOWN;
use objectstore::index::shard::Shard;
use objectstore::message::{IndexError, IndexFrame, IndexResult, Pong, pack, pack_result, unpack};
use objectstore::offload::Offload;
use platform::bulk::Parcel;
use platform::rpc::RpcError;
use platform::{Rng, SeededRng};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::sim::SimStore;
use store::writer::CommitterStats;
use store::{Epoch, Error, Mutation, Outcome, Precondition, Proposal, Store, StoreRead, Submission, Version};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep, sleep_until};

/// As the role does it.
const ROUND: Duration = Duration::from_millis(200);
const SILENT_ROUNDS: u32 = 5;
const QUEUE_MAX: usize = 4096;

pub fn collecting() -> CollectorOptions {
    CollectorOptions { orphan_round: Duration::from_secs(10), ..CollectorOptions::usual() }
}

/// Of one process; lives as long as the world.
pub struct Slot {
    running: Option<(oneshot::Sender<()>, Endpoint)>,
    pub leads: Rc<Cell<bool>>,
    /// It does nothing before that, as if it were paused.
    pub frozen: Rc<Cell<Instant>>,
}

impl Slot {
    pub fn new() -> Self {
        Self { running: None, leads: Rc::default(), frozen: Rc::new(Cell::new(Instant::now())) }
    }

    pub fn is_up(&self) -> bool {
        self.running.is_some()
    }
}

struct Job {
    submission: Submission,
    answer: oneshot::Sender<Result<Version, Error>>,
}

/// A leader's hold on the store in memory. Commits take a while, in which others may take it.
struct SimShard {
    store: Rc<RefCell<SimStore>>,
    epoch: Epoch,
    queue: mpsc::Sender<Job>,
    failed: watch::Receiver<Option<Error>>,
}

impl SimShard {
    fn take(world: &World, owner: &str, frozen: Rc<Cell<Instant>>) -> Result<Self, Error> {
        let mut store = world.store.open();
        let epoch = store.acquire(owner)?;
        let store = Rc::new(RefCell::new(store));
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let (fail, failed) = watch::channel(None);
        let rng = SeededRng::new(world.rng.borrow_mut().u64());
        spawn_local(write(store.clone(), epoch, jobs, fail, rng, frozen));
        Ok(Self { store, epoch, queue, failed })
    }
}

/// The committer, as a task.
async fn write(
    store: Rc<RefCell<SimStore>>,
    epoch: Epoch,
    mut jobs: mpsc::Receiver<Job>,
    fail: watch::Sender<Option<Error>>,
    mut rng: SeededRng,
    frozen: Rc<Cell<Instant>>,
) {
    while let Some(first) = jobs.recv().await {
        sleep(Duration::from_millis(1 + rng.below(4))).await;
        sleep_until(frozen.get()).await;
        let mut batch = vec![first];
        while let Ok(job) = jobs.try_recv() {
            batch.push(job);
        }
        let proposals: Vec<Proposal<'_>> =
            batch.iter().map(|j| Proposal { pre: &j.submission.pre, muts: &j.submission.muts }).collect();
        let outcome = store.borrow_mut().commit_batch(epoch, &proposals);
        match outcome {
            Ok(results) => batch.into_iter().zip(results).for_each(|(job, result)| drop(job.answer.send(result))),
            Err(error) => {
                batch.into_iter().for_each(|job| drop(job.answer.send(Err(error.clone()))));
                if !matches!(error, Error::DiskFull) {
                    while let Ok(job) = jobs.try_recv() {
                        drop(job.answer.send(Err(Error::Stopped)));
                    }
                    fail.send_replace(Some(error));
                    return;
                }
            }
        }
    }
}

impl Shard for SimShard {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn submit(
        &self,
        pre: Vec<Precondition>,
        muts: Vec<Mutation>,
    ) -> Result<impl Future<Output = Result<Version, Error>> + 'static, Error> {
        let submission = Submission { pre, muts };
        Proposal { pre: &submission.pre, muts: &submission.muts }.check_limits()?;
        let (answer, ticket) = oneshot::channel();
        self.queue.try_send(Job { submission, answer }).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Stopped,
        })?;
        let lost = || Error::Io { operation: "commit", outcome: Outcome::Unknown, source: Arc::from(Box::from("no answer")) };
        Ok(async move { ticket.await.unwrap_or_else(|_| Err(lost())) })
    }

    async fn failed(&self) -> Error {
        let mut failed = self.failed.clone();
        match failed.wait_for(Option::is_some).await {
            Ok(e) => e.clone().unwrap_or(Error::Stopped),
            Err(_) => Error::Stopped,
        }
    }

    fn snapshot<T>(&self, f: impl FnOnce(&dyn StoreRead) -> T) -> Result<T, Error> {
        Ok(f(&*self.store.borrow()))
    }

    async fn listing<T: Send + 'static>(&self, f: impl FnOnce(&dyn StoreRead) -> T + Send + 'static) -> Result<T, Error> {
        sleep(Duration::from_millis(1)).await;
        self.snapshot(f)
    }

    fn stats(&self) -> CommitterStats {
        CommitterStats::default()
    }
}

struct Process {
    world: Rc<World>,
    me: usize,
    endpoint: Endpoint,
    leader: RefCell<Option<Rc<Leader<SimShard>>>>,
    leads: Rc<Cell<bool>>,
    frozen: Rc<Cell<Instant>>,
}

pub fn start(world: &Rc<World>, me: usize) {
    let mut slots = world.index.borrow_mut();
    let slot = &mut slots[me];
    if slot.running.is_some() {
        return;
    }
    let (endpoint, inbox) = world.net.listen(Place::Index(me));
    let (kill, killed) = oneshot::channel::<()>();
    slot.running = Some((kill, endpoint.clone()));
    slot.frozen.set(Instant::now());
    let (leads, frozen) = (slot.leads.clone(), slot.frozen.clone());
    let process = Rc::new(Process { world: world.clone(), me, endpoint, leader: RefCell::new(None), leads, frozen });
    spawn_local(async move {
        let tasks = LocalSet::new();
        let run = async {
            tokio::select! {
                biased;
                _ = killed => {}
                () = process.clone().serve(inbox) => {}
                () = process.clone().watch() => {}
            }
        };
        tasks.run_until(run).await;
        process.leads.set(false);
    });
}

pub fn kill(world: &World, me: usize) {
    if let Some((kill, endpoint)) = world.index.borrow_mut()[me].running.take() {
        world.net.note(&format!("index {me} is killed"));
        endpoint.close();
        let _ = kill.send(());
    }
}

impl Process {
    async fn serve(self: Rc<Self>, mut inbox: mpsc::Receiver<Letter>) {
        while let Some(Letter { parcel, answer }) = inbox.recv().await {
            let this = self.clone();
            spawn_local(async move {
                sleep_until(this.frozen.get()).await;
                let outcome = this.answer(parcel).await;
                sleep_until(this.frozen.get()).await;
                drop(answer.send(outcome));
            });
        }
        std::future::pending().await
    }

    /// As the role does it.
    async fn answer(&self, parcel: Parcel) -> Result<Parcel, RpcError> {
        let leader = self.leader.borrow().clone();
        match unpack::<IndexFrame>(&parcel)? {
            IndexFrame::Ping => {
                pack(&Pong { leader: leader.is_some(), epoch: leader.map_or(0, |l| l.epoch().0) }, Default::default())
            }
            IndexFrame::Call(request) => {
                let result: IndexResult = match leader {
                    None => Err(IndexError::NotLeader),
                    Some(leader) => match leader.call(*request).await {
                        Ok(answer) => Ok(answer),
                        Err(Failure::Refused(refusal)) => Err(refusal),
                        Err(Failure::Deposed) => {
                            self.step_down(&leader);
                            Err(IndexError::NotLeader)
                        }
                        Err(Failure::Unknown(cause)) => return Err(RpcError::remote(UNKNOWN, cause)),
                    },
                };
                pack_result(result)
            }
        }
    }

    fn step_down(&self, leader: &Rc<Leader<SimShard>>) {
        let mut held = self.leader.borrow_mut();
        if held.as_ref().is_some_and(|l| Rc::ptr_eq(l, leader)) {
            self.world.net.note(&format!("index {} leads no longer", self.me));
            self.world.count("leaders deposed");
            *held = None;
            self.leads.set(false);
        }
    }

    async fn watch(self: Rc<Self>) {
        let mut silent = 0;
        loop {
            sleep_until(self.frozen.get()).await;
            let leader = self.leader.borrow().clone();
            if let Some(leader) = leader {
                tokio::select! {
                    biased;
                    _ = leader.failed() => self.step_down(&leader),
                    () = sleep(ROUND) => {
                        // One that is cut off learns of it late: by its next call.
                        if !self.is_alone() && !matches!(leader.leads_still(), Ok(true)) {
                            self.step_down(&leader);
                        }
                    }
                }
                silent = 0;
                continue;
            }
            silent = if self.sees_a_leader() { 0 } else { silent + 1 };
            if silent >= SILENT_ROUNDS + self.me as u32 {
                self.take();
                silent = 0;
            }
            sleep(ROUND).await;
        }
    }

    fn others(&self) -> impl Iterator<Item = usize> {
        let (me, all) = (self.me, self.world.index.borrow().len());
        (0..all).filter(move |n| *n != me)
    }

    fn reaches(&self, other: usize) -> bool {
        let (a, b) = (Place::Index(self.me), Place::Index(other));
        !self.world.net.is_cut(a, b) && !self.world.net.is_cut(b, a)
    }

    fn is_alone(&self) -> bool {
        self.others().all(|n| !self.reaches(n))
    }

    fn sees_a_leader(&self) -> bool {
        let now = Instant::now();
        let answers = |n: usize| self.world.index.borrow()[n].frozen.get() <= now && self.world.index.borrow()[n].leads.get();
        self.others().any(|n| self.reaches(n) && answers(n))
    }

    fn take(&self) {
        let clock = Arc::new(VirtualClock { start: self.world.net.start, ahead_ms: self.world.ahead_ms(Place::Index(self.me)) });
        let rng = SeededRng::new(self.world.rng.borrow_mut().u64());
        let shard = match SimShard::take(&self.world, &format!("index-{}", self.me), self.frozen.clone()) {
            Ok(shard) => shard,
            Err(e) => return self.world.net.note(&format!("index {} cannot take the store: {e}", self.me)),
        };
        if self.world.index.borrow().iter().any(|s| s.leads.get()) {
            self.world.count("second leaders");
        }
        let Ok(leader) = Leader::over(shard, Box::new(rng), clock) else { return };
        self.world.net.note(&format!("index {} leads, epoch {}", self.me, leader.epoch().0));
        self.world.count("leaders");
        let leader = Rc::new(leader);
        let options = DataOptions { offload: Offload::Inline, ..DataOptions::default() };
        let nodes = DataClient::new(self.world.topology.clone(), SimNodes(self.endpoint.clone()), options);
        collector::start(&leader, &collecting(), &Rc::new(nodes));
        *self.leader.borrow_mut() = Some(leader);
        self.leads.set(true);
    }
}
