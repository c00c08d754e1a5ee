//! A target as the balancer knows it, and its group: health, breaker, load, connections. Lives on through new documents as
//! long as it is registered, and then until it is drained.

use crate::anomaly::{self, Record};
use crate::breaker::Breaker;
use crate::clock::Now;
use crate::compile::{GroupSpec, token};
use crate::health::{Health, Standing};
use crate::histogram::Histogram;
use crate::pool::{Pool, Way};
use crate::retry::Budget;
use crate::select::{Field, Picker, key, warmed};
use crate::shed::CoDel;
use crate::transport::Dialer;
use platform::Rng;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use wire::balancer as wb;

#[derive(Debug)]
pub struct Target {
    /// As it was registered first; its weight may have changed since.
    pub spec: wb::Target,
    pub address: SocketAddr,
    /// What a stickiness cookie says for it: opaque, the same on every node.
    pub token: String,
    /// The same, for consistent hashing.
    id: u64,
    record: Cell<Record>,
    pub health: RefCell<Health>,
    pub breaker: RefCell<Breaker>,
    pub times: RefCell<Histogram>,
    pub in_flight: Cell<u32>,
    pub requests: Cell<u64>,
    pub pool: Pool,
    /// It was demoted: a check is due at once.
    pub check_now: Notify,
    /// Not registered any more.
    pub retired: Cell<bool>,
}

impl Target {
    fn new(group: &GroupSpec, spec: &wb::Target, now: Now) -> Self {
        let own = (&group.spec.arn, &spec.id, spec.port);
        Self {
            address: SocketAddr::new(spec.address, spec.port),
            token: token(&format!("{}|{}|{}", own.0, own.1, own.2)),
            id: key(&own),
            record: Cell::default(),
            health: RefCell::new(Health::new(now.us, now.unix_ms)),
            breaker: RefCell::default(),
            times: RefCell::default(),
            in_flight: Cell::new(0),
            requests: Cell::new(0),
            pool: Pool::default(),
            check_now: Notify::new(),
            retired: Cell::new(false),
            spec: spec.clone(),
        }
    }
}

/// What a group learns while it runs; kept by ARN.
#[derive(Debug, Default)]
pub struct GroupLive {
    pub picker: RefCell<Picker>,
    pub budget: RefCell<Budget>,
    pub codel: RefCell<CoDel>,
    /// Requests that wait for a place.
    pub waiting: Cell<u32>,
    /// A request has ended somewhere in the group.
    pub freed: Notify,
}

#[derive(Debug)]
pub struct Group {
    pub compiled: Rc<GroupSpec>,
    pub targets: Vec<Rc<Target>>,
    /// Those of this process's zone, or all: what requests are sent to.
    in_use: Vec<Rc<Target>>,
    /// How targets are reached.
    pub dialer: Dialer,
    /// Theirs.
    weights: Vec<u32>,
    pub live: Rc<GroupLive>,
    uniform: bool,
    /// How many of `in_use` are healthy; kept up to date by whoever changes a standing.
    healthy: Cell<usize>,
}

/// Who gets a request.
#[derive(Debug)]
pub enum Choice {
    Target(Rc<Target>),
    /// All that could are at their limits.
    Full,
    /// All that could have their breakers open.
    Broken,
    /// There is nobody, or all were tried.
    Nobody,
}

impl Group {
    /// `zone`: where only targets of that zone are to be used.
    pub fn new(compiled: Rc<GroupSpec>, old: Option<&Group>, zone: Option<&str>, dialer: Dialer, now: Now) -> Self {
        let (protocol, version) = (compiled.spec.protocol, compiled.spec.version);
        let same_way = old.filter(|o| o.spec().protocol == protocol && o.spec().version == version);
        let kept = |t: &wb::Target| {
            let same = |o: &&Rc<Target>| o.spec.id == t.id && o.address == SocketAddr::new(t.address, t.port);
            same_way?.targets.iter().find(same).cloned()
        };
        let make = |t: &wb::Target| kept(t).unwrap_or_else(|| Rc::new(Target::new(&compiled, t, now)));
        let targets: Vec<Rc<Target>> = compiled.spec.targets.iter().map(make).collect();
        let here = compiled.spec.targets.iter().zip(&targets).filter(|(t, _)| zone.is_none() || t.zone.as_deref() == zone);
        let (weights, in_use): (Vec<u32>, Vec<_>) = here.map(|(t, target)| (t.weight, target.clone())).unzip();
        let uniform = weights.windows(2).all(|w| w[0] == w[1]);
        let live = old.map_or_else(Rc::default, |o| o.live.clone());
        let group = Self { compiled, targets, in_use, dialer, weights, live, uniform, healthy: Cell::new(0) };
        group.recount();
        group
    }

    /// How its targets are reached.
    pub fn way(&self, target: &Target) -> Way {
        let timeout = Duration::from_millis(u64::from(self.spec().resilience.connect_timeout_ms));
        Way { dialer: self.dialer.clone(), address: target.address, tls: self.compiled.tls.clone(), timeout }
    }

    pub fn speaks_h2(&self) -> bool {
        self.spec().version != wb::ProtocolVersion::Http1
    }

    pub fn spec(&self) -> &wb::TargetGroup {
        &self.compiled.spec
    }

    /// Health has changed somewhere.
    pub fn recount(&self) {
        self.healthy.set(self.in_use.iter().filter(|t| self.is_healthy(t)).count());
        self.live.freed.notify_waiters();
    }

    /// Once a second: targets are judged against each other.
    pub fn judge_anomalies(&self) {
        let (of, mut records): (Vec<_>, Vec<_>) =
            self.in_use.iter().filter(|t| self.is_healthy(t)).map(|t| (t, t.record.get())).unzip();
        anomaly::judge(&mut records);
        of.into_iter().zip(records).for_each(|(t, r)| t.record.set(r));
    }

    /// Weights follow from what targets' requests came to.
    fn mitigates(&self) -> bool {
        self.spec().anomaly_mitigation && self.spec().algorithm == wb::Algorithm::WeightedRandom
    }

    fn is_healthy(&self, target: &Target) -> bool {
        !self.spec().health_check.enabled || target.health.borrow().standing == Standing::Healthy
    }

    /// All are used because none is healthy.
    pub fn fail_open(&self) -> bool {
        self.healthy.get() == 0 && !self.in_use.is_empty()
    }

    /// May one more be demoted by what its requests say? Never more than the configured share at once.
    pub fn may_demote(&self) -> bool {
        let out = self.targets.iter().filter(|t| t.health.borrow().standing == Standing::Demoted).count();
        let standing = self.targets.iter().filter(|t| t.health.borrow().standing == Standing::Healthy).count() + out;
        (out + 1) * 100 <= standing * self.spec().health_check.passive_share_max_percent as usize
    }

    /// Chooses: the sticky one when it may, else by the algorithm, never one of `tried`.
    pub fn choose(&self, sticky: Option<&str>, client: IpAddr, tried: &[Rc<Target>], now_us: u64, rng: &mut dyn Rng) -> Choice {
        let view = View { group: self, tried, now_us, open: self.fail_open() };
        let bound = sticky.and_then(|token| self.in_use.iter().position(|t| t.token == token));
        if let Some(i) = bound.filter(|i| view.eligible(*i)) {
            return Choice::Target(self.in_use[i].clone());
        }
        let algorithm = self.spec().algorithm;
        let client = if algorithm == wb::Algorithm::ConsistentHash { key(&client) } else { 0 };
        if let Some(i) = self.live.picker.borrow_mut().pick(algorithm, &view, client, rng) {
            return Choice::Target(self.in_use[i].clone());
        }
        let usable = || (0..self.in_use.len()).filter(|i| view.usable(*i));
        match (usable().next(), usable().any(|i| view.intact(i))) {
            (None, _) => Choice::Nobody,
            (Some(_), true) => Choice::Full,
            (Some(_), false) => Choice::Broken,
        }
    }
}

impl Target {
    fn state(&self, group: &Group) -> wb::TargetState {
        if !group.compiled.used {
            return wb::TargetState::Unused;
        }
        if !group.spec().health_check.enabled {
            return wb::TargetState::Unavailable;
        }
        match self.health.borrow().standing {
            Standing::Initial => wb::TargetState::Initial,
            Standing::Healthy => wb::TargetState::Healthy,
            Standing::Demoted | Standing::Unhealthy => wb::TargetState::Unhealthy,
        }
    }

    pub fn status_as(&self, state: wb::TargetState, now: Now, since_unix_ms: u64) -> wb::TargetStatus {
        let (health, times) = (self.health.borrow(), self.times.borrow());
        let own = |reason: &str, description: &str| (Some(reason.to_owned()), Some(description.to_owned()));
        let (reason, description) = match state {
            wb::TargetState::Healthy => (None, None),
            wb::TargetState::Initial => own("Elb.RegistrationInProgress", "Target registration is in progress"),
            wb::TargetState::Unused => {
                own("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")
            }
            wb::TargetState::Draining => own("Target.DeregistrationInProgress", "Target deregistration is in progress"),
            wb::TargetState::Unavailable => own("Target.HealthCheckDisabled", "Health checks are not enabled"),
            wb::TargetState::Unhealthy => {
                (health.reason.as_ref().map(|r| r.code().to_owned()), health.reason.as_ref().map(|r| r.sentence()))
            }
        };
        wb::TargetStatus {
            id: self.spec.id.clone(),
            address: self.spec.address,
            port: self.spec.port,
            zone: self.spec.zone.clone(),
            state,
            reason,
            description,
            since_unix_ms,
            in_flight: self.in_flight.get(),
            requests: self.requests.get(),
            p50_us: times.percentile(50),
            p99_us: times.percentile(99),
            breaker: self.breaker.borrow().state(now.us),
            anomalous: self.record.get().is_anomalous(),
            mitigated: false,
        }
    }
}

impl Group {
    pub fn status(&self, now: Now) -> wb::TargetGroupStatus {
        let one = |t: &Rc<Target>| {
            let since = t.health.borrow().since_unix_ms;
            let mitigated = self.mitigates() && t.record.get().share() < anomaly::WHOLE;
            wb::TargetStatus { mitigated, ..t.status_as(t.state(self), now, since) }
        };
        let targets = self.targets.iter().map(one).collect();
        wb::TargetGroupStatus { arn: self.spec().arn.clone(), fail_open: self.fail_open(), targets }
    }
}

struct View<'a> {
    group: &'a Group,
    tried: &'a [Rc<Target>],
    now_us: u64,
    open: bool,
}

impl View<'_> {
    fn usable(&self, i: usize) -> bool {
        let t = &self.group.in_use[i];
        (self.open || self.group.is_healthy(t)) && !self.tried.iter().any(|x| Rc::ptr_eq(x, t))
    }

    fn intact(&self, i: usize) -> bool {
        self.group.in_use[i].breaker.borrow().allows(&self.group.spec().resilience, self.now_us)
    }

    fn has_room(&self, i: usize) -> bool {
        let (r, in_flight) = (&self.group.spec().resilience, self.group.in_use[i].in_flight.get());
        let own_connection = self.group.spec().version == wb::ProtocolVersion::Http1;
        in_flight < r.requests_max && !(own_connection && in_flight >= r.connections_max)
    }
}

impl Field for View<'_> {
    fn len(&self) -> usize {
        self.group.in_use.len()
    }

    fn eligible(&self, i: usize) -> bool {
        self.usable(i) && self.has_room(i) && self.intact(i)
    }

    fn weight(&self, i: usize) -> u32 {
        let t = &self.group.in_use[i];
        let share = if self.group.mitigates() { t.record.get().share() } else { anomaly::WHOLE };
        let milli = self.group.weights[i] * share;
        let slow = self.group.spec().slow_start_seconds;
        match t.health.borrow().healthy_us {
            Some(since) if slow > 0 => warmed(milli, self.now_us.saturating_sub(since), slow),
            _ => milli,
        }
    }

    fn load(&self, i: usize) -> u32 {
        self.group.in_use[i].in_flight.get()
    }

    fn uniform(&self) -> bool {
        self.group.uniform && self.group.spec().slow_start_seconds == 0
    }

    fn id(&self, i: usize) -> u64 {
        self.group.in_use[i].id
    }
}

/// A request's place at a target, from the choice to the answer's last byte.
#[derive(Debug)]
pub struct Lease {
    pub target: Rc<Target>,
    pub group: Rc<Group>,
    told: Cell<bool>,
}

impl Lease {
    pub fn new(target: Rc<Target>, group: Rc<Group>, now_us: u64) -> Self {
        target.in_flight.set(target.in_flight.get() + 1);
        target.requests.set(target.requests.get() + 1);
        target.breaker.borrow_mut().sent(now_us);
        Self { target, group, told: Cell::new(false) }
    }

    /// How it went: `Ok(status)` or a failure. True: the target was demoted.
    pub fn tell(&self, status: Option<u16>, now: Now) -> bool {
        self.told.set(true);
        let spec = self.group.spec();
        let error = status.is_none_or(|s| matches!(s, 502..=504));
        self.target.breaker.borrow_mut().done(Some(error), &spec.resilience, now.us);
        let failed = status.is_none_or(|s| s >= 500);
        let mut record = self.target.record.get();
        record.tell(failed);
        self.target.record.set(record);
        // The share is counted only when it matters.
        let allowed = failed && self.group.may_demote();
        let demoted = self.target.health.borrow_mut().observed(failed, allowed, &spec.health_check, now.us, now.unix_ms);
        if demoted {
            self.group.recount();
            self.target.check_now.notify_one();
        }
        demoted
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.told.get() {
            self.target.breaker.borrow_mut().done(None, &self.group.spec().resilience, 0);
        }
        self.target.in_flight.set(self.target.in_flight.get() - 1);
        if self.group.live.waiting.get() > 0 {
            self.group.live.freed.notify_one();
        }
    }
}
