//! Index processes: real leaders, decisions, splits and collector over `store::sim`, and an election that a partition or a pause
//! fools.

use super::net::{Endpoint, Letter, Place, SimNodes, SimServer, VirtualClock};
use super::world::{INDEXES, World};
use objectstore::data::{DataClient, DataOptions};
use objectstore::index::collector::CollectorOptions;
use objectstore::index::map::{Extent, Number};
use objectstore::index::serve::Serving;
use objectstore::index::shard::{Shard, Stores};
use objectstore::index::{IndexClient, SplitOptions, Stop, core};
use objectstore::offload::Offload;
use platform::{Rng, SeededRng};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::sim::{SimDisk, SimStore};
use store::writer::CommitterStats;
use store::{Epoch, Error, Mutation, Outcome, Precondition, Proposal, Store, StoreRead, Submission, Version, for_prefix};
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
    pub leads: Rc<RefCell<BTreeSet<Number>>>,
    /// All shards that it has heard of.
    pub known: Rc<RefCell<BTreeSet<Number>>>,
    /// It does nothing before that, as if it were paused.
    pub frozen: Rc<Cell<Instant>>,
}

impl Slot {
    pub fn new() -> Self {
        Self { running: None, leads: Rc::default(), known: Rc::default(), frozen: Rc::new(Cell::new(Instant::now())) }
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
    fn take(world: &World, disk: &SimDisk, owner: &str, frozen: Rc<Cell<Instant>>) -> Result<Self, Error> {
        let mut store = disk.open();
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

    fn used_bytes(&self) -> Result<u64, Error> {
        let mut bytes = 0;
        for_prefix(&*self.store.borrow(), &[], |e| bytes += e.key.len() + e.value.len())?;
        Ok(bytes as u64)
    }
}

/// The stores of all shards, on disks that survive. Numbers as files would have them.
struct SimStores {
    world: Rc<World>,
    frozen: Rc<Cell<Instant>>,
}

impl Stores for SimStores {
    type Shard = SimShard;

    fn take(&self, number: Number, owner: &str) -> Result<SimShard, Stop> {
        let Some(disk) = self.world.disk(number) else { return Err(Stop::Damaged(format!("shard {number} is lost"))) };
        let shard = SimShard::take(&self.world, &disk, owner, self.frozen.clone())?;
        match core::extent(&*shard.store.borrow())?.number {
            found if found == number => {}
            found => return Err(Stop::Damaged(format!("shard {number} is {found}"))),
        }
        Ok(shard)
    }

    fn create(&self, owner: &str) -> Result<(Number, SimShard), Stop> {
        let (number, disk) = self.world.new_disk();
        Ok((number, SimShard::take(&self.world, &disk, owner, self.frozen.clone())?))
    }

    fn discard(&self, extent: &Extent, owner: &str) -> Result<(), Stop> {
        let Some(disk) = self.world.disk(extent.number) else { return Ok(()) };
        let mut store = disk.open();
        store.acquire(owner)?;
        if core::extent(&store)? == *extent {
            self.world.count("half shards discarded");
            self.world.remove_disk(extent.number);
        }
        Ok(())
    }
}

type SimServing = Serving<SimStores, SimServer, DataClient<SimNodes>>;

struct Process {
    world: Rc<World>,
    me: usize,
    serving: Rc<SimServing>,
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
    let (leads, known, frozen) = (slot.leads.clone(), slot.known.clone(), slot.frozen.clone());
    let clock = Arc::new(VirtualClock { start: world.net.start, ahead_ms: world.ahead_ms(Place::Index(me)) });
    let servers = (0..INDEXES).map(|n| SimServer(endpoint.clone(), Place::Index(n))).collect();
    let options = DataOptions { offload: Offload::Inline, ..DataOptions::default() };
    let dice = world.clone();
    let serving = Rc::new(Serving {
        name: format!("index-{me}"),
        position: me,
        stores: SimStores { world: world.clone(), frozen: frozen.clone() },
        peers: IndexClient::over(servers, world.rng.borrow_mut().u128(), clock.clone()),
        nodes: Rc::new(DataClient::new(world.topology.clone(), SimNodes(endpoint), options)),
        collector: collecting(),
        split: SplitOptions { first_shards: world.profile.first_shards, bytes_max: 12_000, look: Duration::from_secs(2) },
        clock,
        dice: Box::new(move || Box::new(SeededRng::new(dice.rng.borrow_mut().u64()))),
        state: Default::default(),
    });
    let process = Rc::new(Process { world: world.clone(), me, serving, frozen });
    spawn_local(async move {
        let tasks = LocalSet::new();
        let run = async {
            tokio::select! {
                biased;
                _ = killed => {}
                () = process.clone().serve(inbox) => {}
                () = process.clone().watch(&leads, &known) => {}
            }
        };
        tasks.run_until(run).await;
        leads.borrow_mut().clear();
        let splits = process.serving.state.splits.get();
        process.world.count_many("splits", splits);
        process.world.count_many("splits failed", process.serving.state.splits_failed.get());
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
                let outcome = this.serving.answer(parcel).await;
                sleep_until(this.frozen.get()).await;
                drop(answer.send(outcome));
            });
        }
        std::future::pending().await
    }

    async fn watch(self: Rc<Self>, leads: &RefCell<BTreeSet<Number>>, known: &RefCell<BTreeSet<Number>>) {
        let mut silent: BTreeMap<Number, u32> = BTreeMap::new();
        loop {
            sleep_until(self.frozen.get()).await;
            for number in self.serving.leads() {
                let Some(leader) = self.serving.leader(number) else { continue };
                // One that is cut off learns of it late: by its next call.
                if leader.has_failed() || (!self.is_alone() && !matches!(leader.leads_still(), Ok(true))) {
                    self.serving.step_down(&leader, "it is another's");
                }
            }
            self.hear();
            for number in self.serving.known() {
                if self.serving.leader(number).is_some() {
                    silent.insert(number, 0);
                    continue;
                }
                let rounds = silent.entry(number).or_default();
                *rounds = if self.is_led(number) { 0 } else { *rounds + 1 };
                if *rounds >= SILENT_ROUNDS + self.serving.rank(number) as u32 {
                    *rounds = 0;
                    self.take(number);
                }
            }
            let now: BTreeSet<Number> = self.serving.leads().into_iter().collect();
            let lost = leads.borrow().difference(&now).count() as u64;
            if lost > 0 {
                self.world.net.note(&format!("index {} leads {lost} shards no longer", self.me));
                self.world.count_many("leaders deposed", lost);
            }
            *leads.borrow_mut() = now;
            known.borrow_mut().extend(self.serving.known());
            sleep(ROUND).await;
        }
    }

    fn others(&self) -> impl Iterator<Item = usize> {
        let (me, all) = (self.me, self.world.index.borrow().len());
        (0..all).filter(move |n| *n != me)
    }

    fn reaches(&self, other: usize) -> bool {
        let (a, b) = (Place::Index(self.me), Place::Index(other));
        let now = Instant::now();
        !self.world.net.is_cut(a, b) && !self.world.net.is_cut(b, a) && self.world.index.borrow()[other].frozen.get() <= now
    }

    fn is_alone(&self) -> bool {
        self.others().all(|n| !self.reaches(n))
    }

    fn hear(&self) {
        for other in self.others().filter(|n| self.reaches(*n)) {
            let known: Vec<Number> = self.world.index.borrow()[other].known.borrow().iter().copied().collect();
            self.serving.hear(&known);
        }
    }

    fn is_led(&self, number: Number) -> bool {
        self.others().any(|n| self.reaches(n) && self.world.index.borrow()[n].leads.borrow().contains(&number))
    }

    fn take(&self, number: Number) {
        if let Err(e) = self.serving.take(number) {
            return self.world.net.note(&format!("index {} cannot take shard {number}: {e}", self.me));
        }
        if self.world.index.borrow().iter().any(|s| s.leads.borrow().contains(&number)) {
            self.world.count("second leaders");
        }
        self.world.net.note(&format!("index {} leads shard {number}", self.me));
        self.world.count("leaders");
    }
}
