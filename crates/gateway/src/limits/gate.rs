//! [`Pool`] with waiting: a request comes in with a pass, or is told to come back later.

use super::pool::{Arrival, Holder, Pool, Ticket};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::oneshot;

#[derive(Clone)]
pub struct Gate(Rc<Inner>);

struct Inner {
    pool: RefCell<Pool>,
    waiting: RefCell<HashMap<Ticket, oneshot::Sender<()>>>,
    /// How long a request waits for its place.
    patience: Duration,
}

/// A place, given back when dropped.
pub struct Pass {
    inner: Rc<Inner>,
    holder: Holder,
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Pass").field(&self.holder).finish()
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.inner.leave(&self.holder);
    }
}

impl Inner {
    fn leave(&self, holder: &Holder) {
        let admitted = self.pool.borrow_mut().leave(holder);
        for ticket in admitted {
            if let Some(waker) = self.waiting.borrow_mut().remove(&ticket) {
                // Who is gone by now gives the place back as it goes.
                let _ = waker.send(());
            }
        }
    }
}

/// A request in the queue; however it ends, its place in there does too.
struct Waiting<'a> {
    inner: &'a Rc<Inner>,
    holder: &'a Holder,
    ticket: Option<Ticket>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        self.inner.waiting.borrow_mut().remove(&ticket);
        let waited = self.inner.pool.borrow_mut().give_up(self.holder, ticket);
        if !waited {
            self.inner.leave(self.holder);
        }
    }
}

impl Gate {
    /// `queue_max`: of one holder.
    pub fn new(places_max: usize, queue_max: usize, patience: Duration) -> Self {
        let pool = RefCell::new(Pool::new(places_max, queue_max));
        Self(Rc::new(Inner { pool, waiting: RefCell::default(), patience }))
    }

    /// None: the holder has as many requests here as it can have now.
    pub async fn enter(&self, holder: &Holder) -> Option<Pass> {
        let arrival = self.0.pool.borrow_mut().arrive(holder);
        match arrival {
            Arrival::Admitted => {}
            Arrival::Refused => return None,
            Arrival::Queued(ticket) => {
                let (waker, turn) = oneshot::channel();
                self.0.waiting.borrow_mut().insert(ticket, waker);
                let mut waiting = Waiting { inner: &self.0, holder, ticket: Some(ticket) };
                tokio::time::timeout(self.0.patience, turn).await.ok()?.ok()?;
                waiting.ticket = None;
            }
        }
        Some(Pass { inner: self.0.clone(), holder: holder.clone() })
    }

    /// (places taken, requests that wait)
    pub fn load(&self) -> (usize, usize) {
        self.0.pool.borrow().load()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, test);
    }

    fn comes(gate: &Gate) -> tokio::task::JoinHandle<Option<Pass>> {
        let gate = gate.clone();
        tokio::task::spawn_local(async move { gate.enter(&Holder::Nobody).await })
    }

    async fn until(gate: &Gate, load: (usize, usize)) {
        while gate.load() != load {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn who_waits_gets_the_place_of_who_leaves() {
        run(async {
            let gate = Gate::new(2, 2, LONG);
            let pass = gate.enter(&Holder::Nobody).await.unwrap();
            let (first, second) = (comes(&gate), comes(&gate));
            until(&gate, (1, 2)).await;
            assert!(comes(&gate).await.unwrap().is_none(), "the queue is full");
            first.abort();
            assert!(first.await.is_err());
            assert_eq!(gate.load(), (1, 1));
            drop(pass);
            let pass = second.await.unwrap();
            assert_eq!(gate.load(), (1, 0));
            drop(pass);
            assert_eq!(gate.load(), (0, 0));
        });
    }

    #[test]
    fn who_waits_too_long_is_told_so_and_leaves_nothing_behind() {
        run(async {
            let gate = Gate::new(2, 2, Duration::from_millis(1));
            let _pass = gate.enter(&Holder::Nobody).await.unwrap();
            assert!(gate.enter(&Holder::Nobody).await.is_none());
            assert_eq!(gate.load(), (1, 0));
        });
    }

    #[test]
    fn a_place_given_to_who_has_just_gone_is_not_lost() {
        run(async {
            let gate = Gate::new(2, 2, LONG);
            let pass = gate.enter(&Holder::Nobody).await.unwrap();
            let task = comes(&gate);
            until(&gate, (1, 1)).await;
            // Admitted, but ended before it could see that.
            drop(pass);
            task.abort();
            assert!(task.await.is_err());
            assert_eq!(gate.load(), (0, 0));
        });
    }
}
