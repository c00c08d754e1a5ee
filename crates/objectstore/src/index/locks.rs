//! Who may decide at the same time, in the leader's memory: of a key one after the other, of a bucket all or one.
//!
//! Not what makes decisions right (that is the preconditions of their commits), with one exception: a bucket is deleted
//! while nothing else writes into it. It is what keeps a hot key from deciding in vain again and again: who waits here, waits
//! in order. A lock nobody holds is forgotten.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// Entries from which on the dead ones are looked for.
const SWEEP_FROM: usize = 1024;

#[derive(Default)]
pub struct Locks {
    buckets: RefCell<Table<String, RwLock<()>>>,
    keys: RefCell<Table<(String, String), Mutex<()>>>,
}

/// Held for one call.
#[derive(Default)]
pub struct Held {
    _shared: Option<OwnedRwLockReadGuard<()>>,
    _alone: Option<OwnedRwLockWriteGuard<()>>,
    _keys: Vec<OwnedMutexGuard<()>>,
}

struct Table<K, L> {
    locks: HashMap<K, Weak<L>>,
    sweep_at: usize,
}

impl<K, L> Default for Table<K, L> {
    fn default() -> Self {
        Self { locks: HashMap::new(), sweep_at: SWEEP_FROM }
    }
}

impl<K: std::hash::Hash + Eq, L: Default> Table<K, L> {
    fn lock(&mut self, name: K) -> Arc<L> {
        if let Some(lock) = self.locks.get(&name).and_then(Weak::upgrade) {
            return lock;
        }
        if self.locks.len() >= self.sweep_at {
            self.locks.retain(|_, lock| lock.strong_count() > 0);
            self.sweep_at = (2 * self.locks.len()).max(SWEEP_FROM);
        }
        let lock = Arc::new(L::default());
        self.locks.insert(name, Arc::downgrade(&lock));
        lock
    }
}

impl Locks {
    /// The bucket, alone.
    pub async fn alone(&self, bucket: &str) -> Held {
        let lock = self.buckets.borrow_mut().lock(bucket.to_owned());
        Held { _alone: Some(lock.write_owned().await), ..Held::default() }
    }

    /// The bucket, with others; and the keys in it, which are taken in order so that two calls never wait for each other.
    pub async fn keys(&self, bucket: &str, keys: impl IntoIterator<Item = &str>) -> Held {
        let lock = self.buckets.borrow_mut().lock(bucket.to_owned());
        let mut held = Held { _shared: Some(lock.read_owned().await), ..Held::default() };
        let mut keys: Vec<&str> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let lock = self.keys.borrow_mut().lock((bucket.to_owned(), key.to_owned()));
            held._keys.push(lock.lock_owned().await);
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn now<F: Future<Output = Held>>(future: F) -> Option<Held> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(held) => Some(held),
            Poll::Pending => None,
        }
    }

    #[test]
    fn one_at_a_key_and_nobody_beside_a_deletion() {
        let locks = Locks::default();
        let a = now(locks.keys("b", ["x", "y", "x"])).expect("free");
        assert!(now(locks.keys("b", ["y"])).is_none());
        assert!(now(locks.alone("b")).is_none());
        let other = now(locks.keys("b", ["z"])).expect("another key");
        assert!(now(locks.alone("c")).is_some(), "another bucket");
        drop((a, other));
        let alone = now(locks.alone("b")).expect("nobody writes");
        assert!(now(locks.keys("b", [])).is_none());
        drop(alone);
        assert!(now(locks.keys("b", ["y"])).is_some());
    }

    #[test]
    fn locks_that_nobody_holds_are_forgotten() {
        let locks = Locks::default();
        for n in 0..10 * SWEEP_FROM {
            assert!(now(locks.keys("b", [n.to_string().as_str()])).is_some());
        }
        assert!(locks.keys.borrow().locks.len() <= SWEEP_FROM);
    }
}
