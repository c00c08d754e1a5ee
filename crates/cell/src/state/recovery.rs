//! Hosts that have failed, and runs on them that are over. The rule itself is [`scheduler::cell::Fence`].

use super::{Cell, Change};
use types::{Generation, HostId, InstanceId, TimestampMs};
use wire::cell::{CellInstance, RunRef};
use wire::host::Desired;

/// A host is given up when five reports are missing. It loses nothing by that alone: whoever can switch it off is asked.
pub const FAILED_AFTER_MS: u64 = 5_500;

/// Why a run cannot be said to be over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotEnded {
    #[error("{0} is not confirmed off")]
    NotOff(HostId),
    #[error("{} does not run on {} as boot {}, by the newest document", .0.instance, .0.host, .0.boot)]
    OtherRun(RunRef),
}

impl NotEnded {
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOff(_) => "not-off",
            Self::OtherRun(_) => "other-run",
        }
    }
}

impl Cell {
    /// Hosts that were not heard for long, and of which nobody has said yet that they are off.
    pub fn failed(&mut self, now: TimestampMs) -> Vec<HostId> {
        let since = self.watched_since.get_or_insert(now).0;
        let failed = |at: TimestampMs| now.0.saturating_sub(at.0.max(since)) > FAILED_AFTER_MS;
        self.hosts.iter().filter(|(_, h)| failed(h.reported) && !h.fence.is_off()).map(|(id, _)| id.clone()).collect()
    }

    /// Whether it is given no documents, because it was given up and not heard since.
    pub fn is_given_up(&self, host: &HostId) -> bool {
        self.hosts.get(host).is_some_and(|h| h.fence.ordered().is_some())
    }

    /// Gives the host up: the number by which to ask whether it is off. `new` is one that no document of the host has.
    pub fn give_up(&mut self, host: &HostId, new: Generation) -> Option<Generation> {
        let h = self.hosts.get_mut(host)?;
        let number = Generation(h.fence.order(|| new.0));
        self.books.close(host, h.reported);
        Some(number)
    }

    /// The number that the host was asked for by cannot be used.
    pub fn withdraw(&mut self, host: &HostId) {
        if let Some(h) = self.hosts.get_mut(host) {
            h.fence.withdraw();
        }
    }

    /// Whoever can switch it off says that it is off. True: that is news.
    pub fn confirm_off(&mut self, host: &HostId, number: Generation) -> bool {
        self.hosts.get_mut(host).is_some_and(|h| h.fence.confirm(number.0))
    }

    /// Says that a run is over for good; what it returns must be durable before it is told. Idempotent.
    ///
    /// # Errors
    /// See [`NotEnded`].
    pub fn end_run(&mut self, run: &RunRef) -> Result<Change, NotEnded> {
        let wanted = self.wanted(run.instance);
        let is_it = |i: &CellInstance| i.host == run.host && i.config.boot == run.boot && i.config.desired == Desired::Running;
        if !wanted.is_some_and(is_it) {
            return Err(NotEnded::OtherRun(run.clone()));
        }
        if self.ended.get(&run.instance) == Some(run) {
            return Ok(Change::default());
        }
        if !self.hosts.get(&run.host).is_some_and(|h| h.fence.is_off()) {
            return Err(NotEnded::NotOff(run.host.clone()));
        }
        self.ended.insert(run.instance, run.clone());
        Ok(Change { ended: vec![run.clone()], ..Change::default() })
    }

    /// Whether the document wants a run that is over.
    pub fn is_ended(&self, i: &CellInstance) -> bool {
        let is_it = |r: &RunRef| r.host == i.host && r.boot == i.config.boot && i.config.desired == Desired::Running;
        self.ended.get(&i.config.id).is_some_and(is_it)
    }

    /// Forgets those that the document wants no more.
    pub(super) fn settle_ended(&mut self) -> Vec<InstanceId> {
        let stands = |r: &&RunRef| self.wanted(r.instance).is_some_and(|i| self.is_ended(i));
        let over: Vec<InstanceId> = self.ended.values().filter(|r| !stands(r)).map(|r| r.instance).collect();
        over.iter().for_each(|i| drop(self.ended.remove(i)));
        over
    }
}
