//! The shards that one index process leads: taking them, answering for them, splitting them.
//!
//! ```text
//!  a split:  intent ─► store made ─► rows copied, others write ─► caught up ─► nobody writes: the rest ─► cut over ─► handed on
//!            └────────────── a crash: the next leader removes what was made ─────────────┘ one commit └─ the child is whole
//! ```
//!
//! Who is to lead what is not decided here: [`super::role`]. A shard is known by its parent, so whoever takes a shard gets to
//! know its children, and all are known to somebody as long as shard 0 is.

use super::client::{IndexClient, IndexServer};
use super::collector::{self, BlobDeleter, CollectorOptions, NodeLister};
use super::core;
use super::leader::{Failure, Leader, Peers};
use super::map::{Extent, Number, Spot};
use super::shard::{Shard, Stores};
use super::{SplitOptions, Stop};
use crate::message::{
    IndexAnswer, IndexCall, IndexError, IndexFrame, IndexRequest, IndexResult, Pong, pack, pack_result, unpack,
};
use bytes::Bytes;
use platform::bulk::Parcel;
use platform::rpc::RpcError;
use platform::{Clock, Rng};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::Mutation;

/// A refusal's code: the call may have happened.
pub const UNKNOWN: &str = "unknown";
/// Mutations of one commit of a copy, and their bytes.
const COPY_MUTATIONS_MAX: usize = 2000;
const COPY_BYTES_MAX: usize = 4 << 20;
/// Keys that may be left to copy while nobody writes.
const LEFT_MAX: usize = 64;
/// How long nobody may write before a split is given up.
const CLOSED_MAX: Duration = Duration::from_secs(2);
/// Rounds of catching up; the shard is too busy to be split if that is not enough.
const ROUNDS_MAX: usize = 100;

/// What a process needs to lead shards.
pub struct Serving<T: Stores, C, N> {
    /// `index-a`, and what else is to be known of an owner.
    pub name: String,
    /// In the order of all index processes.
    pub position: usize,
    pub stores: T,
    pub peers: IndexClient<C>,
    pub nodes: Rc<N>,
    pub collector: CollectorOptions,
    pub split: SplitOptions,
    pub clock: Arc<dyn Clock>,
    /// A leader's dice.
    pub dice: Box<dyn Fn() -> Box<dyn Rng>>,
    pub state: State<T::Shard>,
}

pub struct State<S> {
    leaders: RefCell<BTreeMap<Number, Rc<Leader<S>>>>,
    known: RefCell<BTreeSet<Number>>,
    splitting: RefCell<BTreeSet<Number>>,
    pub splits: Cell<u64>,
    pub splits_failed: Cell<u64>,
}

impl<S> Default for State<S> {
    fn default() -> Self {
        Self {
            leaders: RefCell::default(),
            known: RefCell::new([0].into()),
            splitting: RefCell::default(),
            splits: Cell::default(),
            splits_failed: Cell::default(),
        }
    }
}

fn add(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}

impl<T: Stores, C: IndexServer, N: BlobDeleter + NodeLister + 'static> Serving<T, C, N> {
    pub fn leader(&self, number: Number) -> Option<Rc<Leader<T::Shard>>> {
        self.state.leaders.borrow().get(&number).cloned()
    }

    pub fn leads(&self) -> Vec<Number> {
        self.state.leaders.borrow().keys().copied().collect()
    }

    pub fn known(&self) -> Vec<Number> {
        self.state.known.borrow().iter().copied().collect()
    }

    pub fn hear(&self, known: &[Number]) {
        self.state.known.borrow_mut().extend(known);
    }

    /// Which process is to lead a shard, of those that can; the next are those behind it.
    pub fn rank(&self, number: Number) -> usize {
        self.rank_of(self.position, number)
    }

    pub fn rank_of(&self, position: usize, number: Number) -> usize {
        let processes = self.peers.servers().max(1);
        (position + processes - number as usize % processes) % processes
    }

    pub async fn answer(self: &Rc<Self>, parcel: Parcel) -> Result<Parcel, RpcError> {
        self.carry_out(unpack(&parcel)?).await
    }

    pub async fn carry_out(self: &Rc<Self>, frame: IndexFrame) -> Result<Parcel, RpcError> {
        match frame {
            IndexFrame::Ping => pack(&self.pong(), Bytes::new()),
            IndexFrame::Take { shard } => {
                if self.leader(shard).is_none()
                    && let Err(error) = self.take(shard)
                {
                    tracing::warn!(index = %self.name, shard, %error, "a new shard cannot be taken");
                }
                pack(&self.pong(), Bytes::new())
            }
            IndexFrame::Call(request) => pack_result(self.call(*request).await?),
        }
    }

    fn pong(&self) -> Pong {
        let leads: Vec<_> = self.state.leaders.borrow().values().map(|l| l.led()).collect();
        let first = leads.iter().find(|led| led.extent.number == 0);
        Pong { leader: first.is_some(), epoch: first.map_or(0, |led| led.epoch), known: self.known(), leads }
    }

    async fn call(self: &Rc<Self>, request: IndexRequest) -> Result<IndexResult, RpcError> {
        let (shard, epoch) = (request.to.shard, request.to.epoch);
        let Some(leader) = self.leader(shard).filter(|l| l.epoch().0 == epoch) else {
            return Ok(Err(IndexError::NotLeader));
        };
        let outcome = match request.call {
            IndexCall::Split { at, .. } => self.split(shard, at).await.map(|_| IndexAnswer::Done),
            _ => leader.call(request).await,
        };
        match outcome {
            Ok(mut answer) => {
                // Of this process: told with its first shard.
                if self.leads().first() == Some(&shard)
                    && let Some(status) = answer.status_mut()
                {
                    let counts = [("splits", &self.state.splits), ("splits_failed", &self.state.splits_failed)];
                    status.counters.extend(counts.map(|(name, n)| (name.to_owned(), n.get())));
                }
                Ok(Ok(answer))
            }
            Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
            Err(Failure::Deposed) => {
                self.step_down(&leader, "another process took the store, or it failed");
                Ok(Err(IndexError::NotLeader))
            }
            Err(Failure::Shared) => Ok(Err(IndexError::Busy("the bucket is in several shards".to_owned()))),
            Err(Failure::Unknown(cause)) => Err(RpcError::remote(UNKNOWN, cause)),
        }
    }

    /// False: it led no longer anyhow.
    pub fn step_down(&self, leader: &Rc<Leader<T::Shard>>, cause: &str) -> bool {
        let number = leader.extent().number;
        let mut leaders = self.state.leaders.borrow_mut();
        let held = leaders.get(&number).is_some_and(|l| Rc::ptr_eq(l, leader));
        if held {
            tracing::warn!(index = %self.name, shard = number, epoch = leader.epoch().0, cause, "leads a shard no longer");
            leaders.remove(&number);
        }
        held
    }

    /// Takes a shard; whoever led it before is fenced.
    pub fn take(self: &Rc<Self>, number: Number) -> Result<(), Stop> {
        let shard = self.stores.take(number, &self.name)?;
        self.lead(shard)
    }

    fn lead(self: &Rc<Self>, shard: T::Shard) -> Result<(), Stop> {
        let peers: Rc<dyn Peers> = Rc::new(self.peers.clone());
        let children = shard.snapshot(core::children)??;
        let leader = Rc::new(Leader::over(shard, (self.dice)(), self.clock.clone(), Some(peers))?);
        let number = leader.extent().number;
        self.hear(&[number]);
        for child in &children {
            if child.given.is_some() {
                self.hear(&[child.extent.number]);
            }
        }
        tracing::info!(index = %self.name, shard = number, epoch = leader.epoch().0, "leads a shard");
        collector::start(&leader, &self.collector, &self.nodes);
        self.state.leaders.borrow_mut().insert(number, leader.clone());
        let this = self.clone();
        tokio::task::spawn_local(async move {
            for child in children.into_iter().filter(|c| c.given.is_none()) {
                this.give_up(&leader, &child.extent).await;
            }
            drop(leader);
            if number == 0 {
                this.begin().await;
            }
            this.watch_size(number).await;
        });
        Ok(())
    }

    /// An empty index gets its first shards: they share the places equally.
    async fn begin(self: &Rc<Self>) {
        let shards = u64::from(self.split.first_shards.max(1));
        for n in (1..shards).rev() {
            let Some(leader) = self.leader(0) else { return };
            let at = Spot { hash: (u64::MAX / shards) * n, key: String::new() };
            if !leader.extent().has(&at) || !leader.snapshot(core::is_new).unwrap_or(false) {
                continue;
            }
            if let Err(error) = self.split(0, Some(at)).await {
                tracing::warn!(index = %self.name, %error, "the first shards are not made yet");
            }
        }
    }

    /// Splits the shard whenever it is too large, as long as it is led here.
    async fn watch_size(self: &Rc<Self>, number: Number) {
        loop {
            tokio::time::sleep(self.split.look).await;
            let Some(leader) = self.leader(number) else { return };
            let large = leader.used_bytes().is_ok_and(|bytes| bytes > self.split.bytes_max);
            // What was given before is still among the bytes.
            let whole = leader.snapshot(core::children).is_ok_and(|c| c.iter().all(|c| c.cleaned));
            if large && whole && !self.state.splitting.borrow().contains(&number) {
                match self.split(number, None).await {
                    Ok(_) | Err(Failure::Deposed) => {}
                    Err(error) => tracing::info!(index = %self.name, shard = number, %error, "the shard is not split"),
                }
            }
        }
    }

    /// Gives the upper part of a shard to a new one, from `at` on or from its middle.
    pub async fn split(self: &Rc<Self>, number: Number, at: Option<Spot>) -> Result<Number, Failure> {
        let leader = self.leader(number).ok_or(Failure::Deposed)?;
        if !self.state.splitting.borrow_mut().insert(number) {
            return Err(IndexError::Busy("the shard is being split".to_owned()).into());
        }
        let split = Splitting { state: &self.state, leader: &leader };
        let outcome = self.split_now(&leader, at).await;
        drop(split);
        add(if outcome.is_ok() { &self.state.splits } else { &self.state.splits_failed });
        let child = outcome?;
        self.hear(&[child]);
        let to = child as usize % self.peers.servers().max(1);
        let handed = to != self.position && self.peers.hand_over(to, child).await;
        if !handed && self.leader(child).is_none() {
            self.take(child).map_err(|e| Failure::Unknown(e.to_string()))?;
        }
        Ok(child)
    }

    async fn split_now(self: &Rc<Self>, leader: &Rc<Leader<T::Shard>>, at: Option<Spot>) -> Result<Number, Failure> {
        let nothing = || Failure::Refused(IndexError::Invalid("no place where this shard could be split".to_owned()));
        let at = match at {
            Some(at) => at,
            None => leader.listing(core::middle).await?.ok_or_else(nothing)?,
        };
        if leader.extent().behind(&at, 0).is_none() {
            return Err(nothing());
        }
        let (child, shard) = self.stores.create(&self.name).map_err(|e| Failure::Unknown(e.to_string()))?;
        let extent = leader.extent().behind(&at, child).ok_or_else(nothing)?;
        tracing::info!(index = %self.name, shard = leader.extent().number, child, "splits");
        let made = async {
            leader.commit(|store, rng| core::intend(store, &extent, leader.now(), rng)).await?;
            self.copy(leader, &shard, &extent).await
        };
        let outcome = made.await;
        leader.track_no_more();
        drop(shard);
        if let Err(error) = outcome {
            // Only one that leads still knows that the child got nothing.
            if leader.leads_still().unwrap_or(false) && leader.extent().end != Some(at) {
                self.give_up(leader, &extent).await;
            }
            return Err(error);
        }
        Ok(child)
    }

    /// A child that was to be made and got nothing.
    async fn give_up(&self, leader: &Leader<T::Shard>, extent: &Extent) {
        let number = extent.number;
        // Read after whatever was queued: it may have got everything after all.
        if leader.barrier(number).await.is_err() {
            return;
        }
        let children = leader.snapshot(core::children).unwrap_or_default();
        if !children.iter().any(|c| c.extent == *extent && c.given.is_none()) {
            return;
        }
        if let Err(error) = self.stores.discard(extent, &self.name) {
            return tracing::warn!(index = %self.name, shard = number, %error, "half a shard stays for now");
        }
        if let Err(error) = leader.commit(|store, rng| core::forget_child(store, number, leader.now(), rng)).await {
            tracing::warn!(index = %self.name, shard = number, %error, "half a shard stays in the books for now");
        }
    }

    async fn copy(&self, leader: &Leader<T::Shard>, to: &T::Shard, extent: &Extent) -> Result<(), Failure> {
        let stop = |e: Stop| Failure::Unknown(e.to_string());
        let number = extent.number;
        put(to, vec![core::adopt(extent).map_err(stop)?]).await?;
        let from = Arc::new(core::Move { extent: extent.clone() });
        let mut copied = core::Copied::default();
        leader.track();
        leader.barrier(number).await?;
        let (first, ranges) = leader.snapshot(|store| from.begin(store, leader.now()))?;
        put(to, first).await?;
        for (mut start, end) in ranges {
            loop {
                let (from, now, range) = (from.clone(), leader.now(), (start, end.clone()));
                let mut seen = std::mem::take(&mut copied);
                let page = leader.listing(move |store| {
                    let page = from.page(store, &mut seen, (&range.0, &range.1), now)?;
                    Ok((page, seen))
                });
                let ((rows, next), seen) = page.await?;
                copied = seen;
                put(to, rows).await?;
                match next {
                    Some(next) => start = next,
                    None => break,
                }
            }
        }
        for round in 0.. {
            let last = leader.touched_count() <= LEFT_MAX;
            if round > ROUNDS_MAX {
                return Err(IndexError::Busy("the shard changes too fast to be split".to_owned()).into());
            }
            let closed = last.then(|| leader.close());
            let caught_up = async {
                leader.barrier(number).await?;
                let touched = leader.take_touched();
                let rows = leader
                    .snapshot(|store| to.snapshot(|there| from.catch_up(store, there, &mut copied, &touched, leader.now()))?)?;
                put(to, rows).await
            };
            if closed.is_none() {
                caught_up.await?;
                continue;
            }
            let slow = |_| IndexError::Busy("the new shard's store is too slow".to_owned());
            tokio::time::timeout(CLOSED_MAX, caught_up).await.map_err(slow)??;
            return leader.cut_over(number).await;
        }
        Ok(())
    }
}

struct Splitting<'a, S: Shard> {
    state: &'a State<S>,
    leader: &'a Leader<S>,
}

impl<S: Shard> Drop for Splitting<'_, S> {
    fn drop(&mut self) {
        self.leader.track_no_more();
        self.state.splitting.borrow_mut().remove(&self.leader.extent().number);
    }
}

/// Durable when it returns.
async fn put<S: Shard>(to: &S, rows: Vec<Mutation>) -> Result<(), Failure> {
    let failed = |e: store::Error| Failure::Unknown(format!("the new shard's store: {e}"));
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for row in rows {
        bytes += if let Mutation::Put { key, value } = &row { key.len() + value.len() } else { 0 };
        batch.push(row);
        if batch.len() >= COPY_MUTATIONS_MAX || bytes >= COPY_BYTES_MAX {
            to.submit(Vec::new(), std::mem::take(&mut batch)).map_err(failed)?.await.map_err(failed)?;
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        to.submit(Vec::new(), batch).map_err(failed)?.await.map_err(failed)?;
    }
    Ok(())
}
