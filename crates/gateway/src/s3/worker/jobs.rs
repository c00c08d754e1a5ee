//! The lanes at work: each has a task that does its jobs in order and waits by itself.
//!
//! ```text
//!  put ─► Lane (disk) ─► task: next jobs ─► webhook with retries | replication, several at once | restoration when it is due
//!                             └─ done (disk) ─► idle for a while and empty: the lane goes
//! ```

use super::deliver;
use super::lane::{self, Lane, Put};
use super::pump::Routed;
use super::{Failure, PAUSE, Worker};
use crate::s3::lifecycle::due;
use objectstore::message::{Found, IndexAnswer, IndexCall, VersionChange};
use objectstore::record::{EventRecord, Restore};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{JoinSet, spawn_blocking, spawn_local};

/// Further lanes are not opened: their jobs are dropped.
const LANES_MAX: usize = 1_000;
/// An empty lane goes after this.
const IDLE: Duration = Duration::from_secs(60);
/// Webhook messages between two notes of how far the lane is.
const WEBHOOKS_PER_NOTE: usize = 16;
/// Copies of one lane at once. Versions find their order by themselves.
const COPIES_AT_ONCE: usize = 8;
const COPY_ATTEMPTS_MAX: u32 = 6;
const RESTORES_AT_ONCE: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Job {
    Webhook { url: String, body: String },
    Replicate { event: EventRecord },
    Restore { event: EventRecord, due_ms: u64 },
}

pub(super) struct LaneTask {
    name: String,
    /// None while it is worked on beside the thread.
    lane: RefCell<Option<Lane>>,
    one_at_a_time: tokio::sync::Mutex<()>,
    more: Notify,
    backlog: Cell<u64>,
}

impl LaneTask {
    pub fn backlog_bytes(&self) -> u64 {
        self.backlog.get()
    }

    /// Does something with the lane beside the thread.
    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Lane) -> io::Result<T> + Send + 'static) -> io::Result<T> {
        let _alone = self.one_at_a_time.lock().await;
        let mut lane = self.lane.borrow_mut().take().ok_or_else(|| io::Error::other("the lane is gone"))?;
        let worked = spawn_blocking(move || {
            let outcome = work(&mut lane);
            (lane, outcome)
        });
        let (lane, outcome) = worked.await.map_err(io::Error::other)?;
        self.backlog.set(lane.backlog_bytes());
        *self.lane.borrow_mut() = Some(lane);
        outcome
    }
}

impl Worker {
    fn lanes_dir(&self) -> std::path::PathBuf {
        self.dir.s3_worker().join("lanes")
    }

    /// Lanes that a predecessor left go on.
    pub(super) async fn reopen_lanes(self: &Rc<Self>) {
        let dir = self.lanes_dir();
        let names = spawn_blocking(move || lane::lanes(&dir)).await.map_err(io::Error::other).and_then(|r| r);
        for name in names.unwrap_or_default() {
            if let Err(error) = self.lane(&name).await {
                tracing::error!(%error, lane = name, "a lane cannot be opened");
            }
        }
    }

    /// None: there are too many.
    async fn lane(self: &Rc<Self>, name: &str) -> io::Result<Option<Rc<LaneTask>>> {
        if let Some(lane) = self.lanes.borrow().get(name) {
            return Ok(Some(lane.clone()));
        }
        if self.lanes.borrow().len() >= LANES_MAX {
            return Ok(None);
        }
        let (dir, of) = (self.lanes_dir(), name.to_owned());
        let lane = spawn_blocking(move || Lane::open(&dir, &of)).await.map_err(io::Error::other)??;
        let task = Rc::new(LaneTask {
            name: name.to_owned(),
            backlog: Cell::new(lane.backlog_bytes()),
            lane: RefCell::new(Some(lane)),
            one_at_a_time: tokio::sync::Mutex::default(),
            more: Notify::new(),
        });
        self.lanes.borrow_mut().insert(name.to_owned(), task.clone());
        spawn_local(self.clone().run_lane(task.clone()));
        Ok(Some(task))
    }

    /// Durable when it is answered. Only the pump puts things down, so no lane goes meanwhile.
    pub(super) async fn put_down(self: &Rc<Self>, routed: Routed) -> Result<(), Failure> {
        let failed = |e: io::Error| Failure::Later(e.to_string());
        for ((account, name), lines) in routed.queues {
            let queues = self.dir.queues();
            let count = lines.len() as u64;
            let done = spawn_blocking(move || deliver::append(&queues, &account, &name, &lines)).await;
            let lost = done.map_err(io::Error::other).and_then(|r| r).map_err(failed)?;
            self.count_many("queue/delivered", count);
            self.count_many("queue/rotated-away", u64::from(lost));
        }
        for (name, jobs) in routed.lanes {
            let put = match self.lane(&name).await.map_err(failed)? {
                None => Put::Full,
                Some(lane) => {
                    let all = jobs.clone();
                    let put = lane.with(move |lane| lane.put(&all)).await.map_err(failed)?;
                    lane.more.notify_one();
                    put
                }
            };
            if put == Put::Full {
                tracing::warn!(lane = name, jobs = jobs.len(), "a lane is full: dropped");
                self.count_many("lanes/dropped", jobs.len() as u64);
                for job in jobs {
                    if let Job::Replicate { event } = job {
                        self.set_replication(&event, "FAILED").await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn run_lane(self: Rc<Self>, task: Rc<LaneTask>) {
        let max = match task.name.split('-').next() {
            Some("replicate") => COPIES_AT_ONCE,
            Some("restore") => RESTORES_AT_ONCE,
            _ => WEBHOOKS_PER_NOTE,
        };
        loop {
            let more = task.more.notified();
            let next: io::Result<(Vec<Job>, u64)> = task.with(move |lane| lane.next(max)).await;
            match next {
                Ok((jobs, at)) if !jobs.is_empty() => {
                    self.do_jobs(jobs).await;
                    if let Err(error) = task.with(move |lane| lane.done(at)).await {
                        // They are done again.
                        tracing::error!(%error, lane = task.name, "a lane's position cannot be kept");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                Ok(_) => {
                    let idle = tokio::time::timeout(IDLE, more).await.is_err();
                    if idle && self.close(&task) {
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, lane = task.name, "a lane cannot be read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Removes the lane unless something was put down or is being.
    fn close(&self, task: &Rc<LaneTask>) -> bool {
        let mut held = task.lane.borrow_mut();
        if task.one_at_a_time.try_lock().is_err() || held.as_ref().is_none_or(|l| l.backlog_bytes() > 0) {
            return false;
        }
        self.lanes.borrow_mut().remove(&task.name);
        if let Some(Err(error)) = held.take().map(Lane::remove) {
            tracing::warn!(%error, lane = task.name, "an empty lane cannot be removed");
        }
        true
    }

    async fn do_jobs(self: &Rc<Self>, jobs: Vec<Job>) {
        let mut copies = JoinSet::new();
        for job in jobs {
            match job {
                Job::Webhook { url, body } => self.post(&url, body).await,
                Job::Restore { event, due_ms } => self.restore(&event, due_ms).await,
                Job::Replicate { event } => {
                    let worker = self.clone();
                    copies.spawn_local(async move { worker.replicate_with_patience(&event).await });
                }
            }
        }
        while copies.join_next().await.is_some() {}
    }

    // -------------------------------------------------------------------------------------------------- webhooks

    async fn post(&self, url: &str, body: String) {
        let options = self.options.webhook;
        let mut wait = options.backoff;
        for attempt in 1..=options.attempts_max {
            match deliver::post(url, body.clone(), options.timeout).await {
                Ok(()) => return self.count("webhook/delivered"),
                Err(error) if attempt == options.attempts_max => {
                    tracing::warn!(%error, url, "an event could not be delivered: dropped");
                    return self.count("webhook/dropped");
                }
                Err(error) => {
                    tracing::debug!(%error, url, attempt, "an event could not be delivered yet");
                    self.count("webhook/retried");
                    tokio::time::sleep(wait).await;
                    wait *= 4;
                }
            }
        }
    }

    // ---------------------------------------------------------------------------------------------- restorations

    /// Waits until it is due; what comes behind is due later.
    async fn restore(&self, event: &EventRecord, due_ms: u64) {
        let wait = due_ms.saturating_sub(self.now().0);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        loop {
            match self.restore_now(event).await {
                Ok(what) => return self.count(what),
                Err(Failure::Refused(why)) => return self.count(&format!("restore/skipped-{why}")),
                Err(Failure::Later(why)) => {
                    tracing::debug!(why, "a restoration waits");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn restore_now(&self, event: &EventRecord) -> Result<&'static str, Failure> {
        let (bucket, key, version) = (event.bucket.clone(), event.key.clone(), event.version);
        let call = IndexCall::Lookup { bucket: bucket.clone(), known: 0, key: key.clone(), version };
        let IndexAnswer::Lookup { found: Found::Version { record, .. }, .. } = self.call(call).await? else {
            return Err(Failure::Refused("gone"));
        };
        let Some(from) = record.object.restore.clone().filter(|r| r.until.is_none()) else {
            return Err(Failure::Refused("done"));
        };
        let until = due(self.now(), from.days as i32, self.s3.day_ms);
        let to = Some(Restore { until: Some(until), ..from.clone() });
        let change = VersionChange::Restore { from: Some(from), to };
        let cause = self.cause("ObjectRestore:Completed");
        self.call(IndexCall::Change { bucket, key, version, change, cause }).await?;
        Ok("restore/completed")
    }

    // ----------------------------------------------------------------------------------------------- replication

    async fn replicate_with_patience(self: Rc<Self>, event: &EventRecord) {
        let mut wait = PAUSE;
        for attempt in 1..=COPY_ATTEMPTS_MAX {
            match self.replicate(event).await {
                Ok(what) => return self.count(what),
                Err(Failure::Refused(why)) => return self.count(&format!("replicate/skipped-{why}")),
                Err(Failure::Later(why)) => {
                    tracing::debug!(why, attempt, key = event.key, "a replication waits");
                    self.count("replicate/retried");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
            }
        }
        self.count("replicate/given-up");
        if let Err(error) = self.set_replication(event, "FAILED").await {
            tracing::warn!(%error, key = event.key, "a replication's failure cannot be noted");
        }
    }

    /// Also when the object is gone meanwhile.
    pub(super) async fn set_replication(&self, event: &EventRecord, status: &str) -> Result<(), Failure> {
        let call = IndexCall::Change {
            bucket: event.bucket.clone(),
            key: event.key.clone(),
            version: event.version,
            change: VersionChange::Replication(Some(status.to_owned())),
            cause: Default::default(),
        };
        match self.call(call).await {
            Ok(_) | Err(Failure::Refused(_)) => Ok(()),
            Err(e) => Err(e),
        }
    }
}
