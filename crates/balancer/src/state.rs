//! What the whole process shares: the snapshot that holds now, counters, connections, targets that drain.
//!
//! One thread, so no locks: a snapshot is taken by cloning a pointer, and replaced by setting it.

use crate::clock::{Now, Ticks, Wall};
use crate::compile::{Compiled, Listener};
use crate::conn::{ConnState, Verdict};
use crate::logs::Logs;
use crate::target::{Group, Target};
use crate::transport::Dialer;
use platform::{Rng, SeededRng, SystemRng};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use wire::balancer as wb;
use wire::balancer::BalancerConfig;

/// One document, compiled, with the groups' living parts.
#[derive(Debug)]
pub struct Snapshot {
    pub config: BalancerConfig,
    pub listeners: Vec<Rc<Listener>>,
    pub groups: Vec<Rc<Group>>,
}

/// A target that is registered no more and still has requests.
#[derive(Debug)]
struct Draining {
    target: Rc<Target>,
    group: String,
    until_us: u64,
    since_unix_ms: u64,
}

/// Connections that are to end.
#[derive(Debug)]
pub struct Farewell {
    connections: Vec<Weak<ConnState>>,
    limit: Duration,
}

impl Farewell {
    /// Ends those that are left when the time is over.
    pub async fn keep(self, shared: Rc<Shared>) {
        tokio::time::sleep(self.limit).await;
        for c in self.connections.iter().filter_map(Weak::upgrade) {
            if c.judge(Verdict::Abort) {
                shared.count("drains-forced");
            }
        }
    }
}

/// See [`Shared::seat`].
#[derive(Debug)]
pub struct Seat(Rc<Shared>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
        self.0.room.notify_one();
    }
}

#[derive(Debug)]
pub struct Shared {
    pub dialer: Dialer,
    clock: Wall,
    pub ticks: Ticks,
    /// For choices and trace ids; never for keys.
    pub rng: RefCell<SeededRng>,
    snapshot: RefCell<Rc<Snapshot>>,
    counters: RefCell<BTreeMap<&'static str, u64>>,
    pub logs: Logs,
    pub requests: Cell<u64>,
    connections: RefCell<Vec<(Weak<ConnState>, Rc<str>)>>,
    pub open: Cell<u32>,
    /// Whose provider is being asked.
    pub sign_ins: Cell<u32>,
    /// A connection has ended.
    pub room: Notify,
    draining: RefCell<Vec<Draining>>,
    pub refused: RefCell<Option<String>>,
}

impl Shared {
    /// Empty: until the first document, nothing listens.
    pub fn new(dialer: Dialer, logs: Logs) -> Self {
        let nothing = BalancerConfig {
            format: wire::FORMAT,
            generation: types::Generation(0),
            name: String::new(),
            zone: None,
            attributes: wb::Attributes::default(),
            certificates: Vec::new(),
            ticket_keys: Vec::new(),
            listeners: Vec::new(),
            target_groups: Vec::new(),
        };
        Self {
            dialer,
            clock: Wall::new(),
            ticks: Ticks::default(),
            rng: RefCell::new(SeededRng::new(SystemRng::new().u64())),
            snapshot: RefCell::new(Rc::new(Snapshot { config: nothing, listeners: Vec::new(), groups: Vec::new() })),
            counters: RefCell::default(),
            logs,
            requests: Cell::new(0),
            connections: RefCell::default(),
            open: Cell::new(0),
            sign_ins: Cell::new(0),
            room: Notify::new(),
            draining: RefCell::default(),
            refused: RefCell::new(None),
        }
    }

    pub fn now(&self) -> Now {
        self.clock.now()
    }

    pub fn snapshot(&self) -> Rc<Snapshot> {
        self.snapshot.borrow().clone()
    }

    pub fn count(&self, reason: &'static str) {
        *self.counters.borrow_mut().entry(reason).or_default() += 1;
    }

    /// The group as it is now.
    pub fn group(&self, arn: &str) -> Option<Rc<Group>> {
        self.snapshot.borrow().groups.iter().find(|g| g.spec().arn == arn).cloned()
    }

    /// Makes a compiled document the one that holds. Returns the targets that are new, with their groups.
    pub fn replace(&self, config: BalancerConfig, compiled: Compiled) -> Vec<(String, Rc<Target>)> {
        let (old, now) = (self.snapshot(), self.now());
        let zone = if config.attributes.cross_zone { None } else { config.zone.as_deref() };
        let before = |arn: &str| old.groups.iter().find(|g| g.spec().arn == arn);
        let make = |spec: Rc<crate::compile::GroupSpec>| {
            let old = before(&spec.spec.arn).map(|g| &**g);
            Rc::new(Group::new(spec.clone(), old, zone, self.dialer.clone(), now))
        };
        let groups: Vec<Rc<Group>> = compiled.groups.into_iter().map(make).collect();
        let all = |groups: &[Rc<Group>]| -> Vec<(String, Rc<Target>)> {
            groups.iter().flat_map(|g| g.targets.iter().map(|t| (g.spec().arn.clone(), t.clone()))).collect()
        };
        let (was, is) = (all(&old.groups), all(&groups));
        let within = |list: &[(String, Rc<Target>)], t: &Rc<Target>| list.iter().any(|(_, x)| Rc::ptr_eq(x, t));
        for (group, target) in was.iter().filter(|(_, t)| !within(&is, t)) {
            let delay = before(group).map_or(0, |g| g.spec().deregistration_delay_seconds);
            self.retire(group, target, delay, now);
        }
        let fresh = is.iter().filter(|(_, t)| !within(&was, t)).cloned().collect();
        let snapshot = Snapshot { config, listeners: compiled.listeners, groups };
        *self.snapshot.borrow_mut() = Rc::new(snapshot);
        *self.refused.borrow_mut() = None;
        fresh
    }

    fn retire(&self, group: &str, target: &Rc<Target>, delay_seconds: u32, now: Now) {
        target.retired.set(true);
        target.check_now.notify_one();
        target.pool.close();
        if target.in_flight.get() > 0 {
            self.draining.borrow_mut().push(Draining {
                target: target.clone(),
                group: group.to_owned(),
                until_us: now.us + u64::from(delay_seconds) * 1_000_000,
                since_unix_ms: now.unix_ms,
            });
        }
    }

    /// A connection's name in the logs.
    pub fn trace(&self) -> u128 {
        let mut rng = self.rng.borrow_mut();
        u128::from(rng.u64()) << 64 | u128::from(rng.u64())
    }

    /// A place among the open connections, which counts until it is dropped.
    pub fn seat(self: &Rc<Self>) -> Seat {
        self.open.set(self.open.get() + 1);
        Seat(self.clone())
    }

    pub fn joined(&self, state: &Arc<ConnState>, listener: Rc<str>) {
        self.connections.borrow_mut().push((Arc::downgrade(state), listener));
    }

    /// Connections of listeners that the document has no more: the idle ones close now, the others when what is under way has
    /// ended, and all when `limit` is over. None: no listener is gone.
    pub fn farewell(&self, old: &Snapshot) -> Option<Farewell> {
        let now = self.snapshot();
        let is_gone =
            |arn: &str| old.listeners.iter().any(|l| l.spec.arn == arn) && !now.listeners.iter().any(|l| l.spec.arn == arn);
        let connections = self.connections.borrow();
        let left: Vec<_> = connections.iter().filter(|(_, arn)| is_gone(arn)).filter_map(|(c, _)| c.upgrade()).collect();
        left.iter().for_each(|c| {
            c.judge(Verdict::Leave);
        });
        let seconds = old.groups.iter().map(|g| g.spec().deregistration_delay_seconds).max().unwrap_or(0);
        let connections = left.iter().map(Arc::downgrade).collect::<Vec<_>>();
        (!connections.is_empty()).then(|| Farewell { connections, limit: Duration::from_secs(u64::from(seconds)) })
    }

    /// A verdict for every connection, or for those of one listener.
    pub fn judge(&self, verdict: Verdict, listener: Option<&str>) {
        let connections = self.connections.borrow();
        let of = connections.iter().filter(|(_, l)| listener.is_none_or(|wanted| **l == *wanted));
        of.filter_map(|(c, _)| c.upgrade()).for_each(|c| {
            c.judge(verdict);
        });
    }

    /// Once a tick: what is idle or too old, what drains, what is kept.
    pub fn sweep(&self) {
        self.ticks.advance(1);
        self.clock.adjust();
        let snapshot = self.snapshot();
        let attributes = &snapshot.config.attributes;
        let mut verdicts = Vec::new();
        self.connections.borrow_mut().retain(|(c, _)| {
            let Some(c) = c.upgrade() else { return false };
            if let Some(due) = c.due(attributes) {
                verdicts.push((c, due));
            }
            true
        });
        for (c, (verdict, why)) in verdicts {
            if c.judge(verdict) {
                self.count(why);
            }
        }
        let now = self.now();
        self.draining.borrow_mut().retain(|d| {
            let over = d.target.in_flight.get() == 0;
            if !over && now.us >= d.until_us {
                self.count("drains-forced");
                d.target.pool.kill();
                return false;
            }
            !over
        });
        if self.ticks.now().is_multiple_of(4) {
            for group in &snapshot.groups {
                let spec = &group.spec().resilience;
                group.judge_anomalies();
                group.targets.iter().for_each(|t| t.pool.sweep(spec, &self.ticks, t.in_flight.get()));
            }
        }
    }

    /// Everything that `lb status` tells. `listeners`: where they listen.
    pub fn status(&self, listeners: Vec<wb::ListenerStatus>) -> wb::BalancerStatus {
        let (snapshot, now) = (self.snapshot(), self.now());
        let mut target_groups: Vec<wb::TargetGroupStatus> = snapshot.groups.iter().map(|g| g.status(now)).collect();
        for d in self.draining.borrow().iter() {
            let status = d.target.status_as(wb::TargetState::Draining, now, d.since_unix_ms);
            match target_groups.iter_mut().find(|g| g.arn == d.group) {
                Some(group) => group.targets.push(status),
                None => {
                    target_groups.push(wb::TargetGroupStatus { arn: d.group.clone(), fail_open: false, targets: vec![status] })
                }
            }
        }
        let mut counters: BTreeMap<String, u64> = self.counters.borrow().iter().map(|(k, v)| ((*k).to_owned(), *v)).collect();
        for (what, count) in [("log-lines-lost", self.logs.lost.get()), ("log-files-lost", self.logs.lost_files())] {
            if count > 0 {
                counters.insert(what.to_owned(), count);
            }
        }
        wb::BalancerStatus {
            name: snapshot.config.name.clone(),
            generation: snapshot.config.generation,
            listeners,
            target_groups,
            connections: u64::from(self.open.get()),
            requests: self.requests.get(),
            counters,
            refused: self.refused.borrow().clone(),
            oidc_keys: snapshot.listeners.iter().flat_map(|l| l.sign_ins().map(crate::oidc::Oidc::public_key)).collect(),
        }
    }
}
