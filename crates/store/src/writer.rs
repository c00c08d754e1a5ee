//! Group commit: a thread that owns a shard's store and makes many submissions durable with one fsync.
//!
//! ```text
//!  submit -> bounded queue -> writer thread: take all that wait -> one transaction -> durable -> answer each ticket
//! ```
//!
//! While a batch is being written, the next one gathers in the queue, so the batches grow with the load and a lone
//! submission never waits for company. Submissions are applied in the order in which they were queued, each is atomic by
//! itself, and a failed precondition fails only its own.
//!
//! After an error that leaves doubt (or a lost fence) the thread ends: the owner's memory may differ from the disk, so
//! the owner process is expected to abort and read the truth at its next start. [`Committer::failed`] tells it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

use crate::{Epoch, Error, Mutation, Outcome, Precondition, Proposal, Result, Store, StoreRead, Version};

#[derive(Clone, Debug)]
pub struct CommitterOptions {
    /// Submissions that wait; more are refused with [`Error::Busy`].
    pub queue_submissions_max: usize,
    /// Their keys and values together.
    pub queue_bytes_max: usize,
    pub batch_submissions_max: usize,
    /// A batch ends behind the submission that takes it over this size.
    pub batch_bytes_max: usize,
}

impl CommitterOptions {
    pub fn usual() -> Self {
        Self { queue_submissions_max: 4096, queue_bytes_max: 64 << 20, batch_submissions_max: 256, batch_bytes_max: 4 << 20 }
    }
}

/// One commit, owned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submission {
    pub pre: Vec<Precondition>,
    pub muts: Vec<Mutation>,
}

impl Submission {
    fn proposal(&self) -> Proposal<'_> {
        Proposal { pre: &self.pre, muts: &self.muts }
    }
}

/// The answer to come. Await it, or [`Ticket::wait`] in a thread. Dropping it does not take the submission back.
#[must_use = "a submission may fail"]
pub struct Ticket<T = Version>(oneshot::Receiver<Result<T>>);

impl<T> Ticket<T> {
    /// Blocks the thread; not inside of an async runtime.
    pub fn wait(self) -> Result<T> {
        self.0.blocking_recv().unwrap_or_else(|_| Err(lost()))
    }
}

impl<T> Future for Ticket<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|answer| answer.unwrap_or_else(|_| Err(lost())))
    }
}

/// The thread ended without an answer, which only a panic does.
fn lost() -> Error {
    Error::io("commit", Outcome::Unknown, "the writer thread ended without an answer")
}

/// Counters since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommitterStats {
    /// Transactions, successful or not.
    pub batches: u64,
    pub committed: u64,
    /// Submissions that failed: preconditions, limits, a full disk, ...
    pub failed: u64,
    /// Refused with [`Error::Busy`].
    pub refused: u64,
    pub batch_submissions_peak: u64,
}

/// A handle on the writer thread; clones share it. The thread ends, and closes the store, with the last handle.
#[derive(Clone)]
pub struct Committer {
    inner: Arc<Inner>,
}

struct Inner {
    /// None only while dropping.
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    state: watch::Receiver<State>,
    shared: Arc<Shared>,
    queue_bytes_max: usize,
}

#[derive(Default)]
struct Shared {
    queued_bytes: AtomicUsize,
    batches: AtomicU64,
    committed: AtomicU64,
    failed: AtomicU64,
    refused: AtomicU64,
    peak: AtomicU64,
}

#[derive(Clone)]
struct State {
    durable: Version,
    failed: Option<Error>,
}

enum Job {
    Commit { submission: Submission, bytes: usize, answer: oneshot::Sender<Result<Version>> },
    Read(ReadJob),
}

type ReadJob = Box<dyn FnOnce(&dyn StoreRead) + Send>;

impl Committer {
    /// `epoch` is what [`Store::acquire`] gave.
    pub fn spawn(store: impl Store + 'static, epoch: Epoch, options: CommitterOptions) -> Result<Self> {
        let (queue, jobs) = sync_channel(options.queue_submissions_max);
        let (state, state_seen) = watch::channel(State { durable: store.version()?, failed: None });
        let shared = Arc::new(Shared::default());
        let queue_bytes_max = options.queue_bytes_max;
        let writer = Writer { store, epoch, options, jobs, state, shared: Arc::clone(&shared) };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .stack_size(512 << 10)
            .spawn(move || writer.run())
            .map_err(|e| Error::io("spawn the writer", Outcome::Definite, e))?;
        let inner = Inner { queue: Some(queue), thread: Some(thread), state: state_seen, shared, queue_bytes_max };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Queues a commit; never blocks. The order of calls is the order of versions. Errors are definite:
    /// [`Error::Busy`], [`Error::Stopped`], [`Error::TooLarge`].
    pub fn submit(&self, pre: Vec<Precondition>, muts: Vec<Mutation>) -> Result<Ticket> {
        let submission = Submission { pre, muts };
        submission.proposal().check_limits()?;
        let bytes = submission.proposal().bytes();
        let shared = &self.inner.shared;
        if shared.queued_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > self.inner.queue_bytes_max {
            shared.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            shared.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Error::Busy);
        }
        let (answer, ticket) = oneshot::channel();
        self.send(Job::Commit { submission, bytes, answer }).inspect_err(|_| {
            shared.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
        })?;
        Ok(Ticket(ticket))
    }

    /// Runs `f` on the store, behind everything queued so far. Keep it short: commits wait meanwhile.
    pub fn read<T: Send + 'static>(&self, f: impl FnOnce(&dyn StoreRead) -> Result<T> + Send + 'static) -> Result<Ticket<T>> {
        let (answer, ticket) = oneshot::channel();
        // The caller may have gone meanwhile, which is its own affair.
        self.send(Job::Read(Box::new(move |store| drop(answer.send(f(store))))))?;
        Ok(Ticket(ticket))
    }

    /// The version of the last durable commit.
    pub fn durable(&self) -> Version {
        self.inner.state.borrow().durable
    }

    /// Returns when `version` is durable. A subscriber of the change feed waits for the version behind its last.
    pub async fn wait_durable(&self, version: Version) -> Result<()> {
        let mut state = self.inner.state.clone();
        let seen = state.wait_for(|s| s.durable >= version || s.failed.is_some()).await.map_err(|_| Error::Stopped)?;
        match &seen.failed {
            Some(error) if seen.durable < version => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Returns when the committer can no longer commit, with the reason. The owner then ends its process.
    pub async fn failed(&self) -> Error {
        let mut state = self.inner.state.clone();
        let seen = state.wait_for(|s| s.failed.is_some()).await;
        seen.ok().and_then(|s| s.failed.clone()).unwrap_or(Error::Stopped)
    }

    pub fn stats(&self) -> CommitterStats {
        let shared = &self.inner.shared;
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CommitterStats {
            batches: load(&shared.batches),
            committed: load(&shared.committed),
            failed: load(&shared.failed),
            refused: load(&shared.refused),
            batch_submissions_peak: load(&shared.peak),
        }
    }

    fn send(&self, job: Job) -> Result<()> {
        let queue = self.inner.queue.as_ref().ok_or(Error::Stopped)?;
        queue.try_send(job).map_err(|e| match e {
            TrySendError::Full(_) => {
                self.inner.shared.refused.fetch_add(1, Ordering::Relaxed);
                Error::Busy
            }
            TrySendError::Disconnected(_) => Error::Stopped,
        })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // The last handle may go with a job, in the writer thread itself.
            if thread.thread().id() != std::thread::current().id() {
                drop(thread.join());
            }
        }
    }
}

struct Writer<S> {
    store: S,
    epoch: Epoch,
    options: CommitterOptions,
    jobs: Receiver<Job>,
    state: watch::Sender<State>,
    shared: Arc<Shared>,
}

impl<S: Store> Writer<S> {
    fn run(mut self) {
        while let Ok(first) = self.jobs.recv() {
            let (batch, read) = self.gather(first);
            if let Err(error) = self.write(batch) {
                tracing::error!(%error, "the store failed; this writer ends");
                self.state.send_modify(|s| s.failed = Some(error));
                break;
            }
            if let Some(read) = read {
                read(&self.store);
            }
        }
        for job in self.jobs.try_iter() {
            if let Job::Commit { answer, .. } = job {
                drop(answer.send(Err(Error::Stopped)));
            }
        }
    }

    /// What waits, up to the limits of a batch; a read ends it, because it must see what was queued before it.
    fn gather(&self, first: Job) -> (Vec<Queued>, Option<ReadJob>) {
        let mut batch = Vec::new();
        let mut batch_bytes = 0;
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Read(read) => return (batch, Some(read)),
                Job::Commit { submission, bytes, answer } => {
                    batch_bytes += bytes;
                    batch.push(Queued { submission, bytes, answer });
                }
            }
            let full = batch.len() >= self.options.batch_submissions_max || batch_bytes >= self.options.batch_bytes_max;
            next = if full { None } else { self.jobs.try_recv().ok() };
        }
        (batch, None)
    }

    /// An error is one that ends the writer; everyone has been answered in any case.
    fn write(&mut self, batch: Vec<Queued>) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let proposals: Vec<Proposal<'_>> = batch.iter().map(|queued| queued.submission.proposal()).collect();
        let result = self.store.commit_batch(self.epoch, &proposals);
        let add = |counter: &AtomicU64, n: usize| counter.fetch_add(n as u64, Ordering::Relaxed);
        add(&self.shared.batches, 1);
        self.shared.peak.fetch_max(batch.len() as u64, Ordering::Relaxed);
        self.shared.queued_bytes.fetch_sub(batch.iter().map(|queued| queued.bytes).sum(), Ordering::Relaxed);
        match result {
            Ok(results) => {
                assert_eq!(results.len(), batch.len(), "one result for each submission");
                if let Some(newest) = results.iter().filter_map(|r| r.as_ref().ok()).max().copied() {
                    self.state.send_modify(|s| s.durable = s.durable.max(newest));
                }
                let committed = results.iter().filter(|r| r.is_ok()).count();
                add(&self.shared.committed, committed);
                add(&self.shared.failed, results.len() - committed);
                batch.into_iter().zip(results).for_each(|(queued, result)| drop(queued.answer.send(result)));
                Ok(())
            }
            Err(error) => {
                add(&self.shared.failed, batch.len());
                batch.into_iter().for_each(|queued| drop(queued.answer.send(Err(error.clone()))));
                // A full disk may be emptied, and nothing has happened; everything else is the end.
                if matches!(error, Error::DiskFull) { Ok(()) } else { Err(error) }
            }
        }
    }
}

struct Queued {
    submission: Submission,
    bytes: usize,
    answer: oneshot::Sender<Result<Version>>,
}

#[cfg(test)]
mod tests;
