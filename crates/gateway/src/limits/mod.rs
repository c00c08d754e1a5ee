//! What keeps one client from taking everything: rates, places, connections, and the pace of refusals.
//!
//! ```text
//!  connection ── seats      all taken: the holder with the most gives one up
//!      │
//!      ├─ bodies            places while a request is read and proven, by the account that it claims
//!      ├─ throttle          AWS's token buckets, of the proven account (rates)
//!      ├─ calls / objects   places while it is worked on; beyond its share a request waits in its account's queue
//!      └─ pace              refusals beyond a number a second go out late, then with the connection
//! ```
//! Everything is by [`Holder`]: an account, or all who have not shown that they have one.

mod gate;
mod pace;
mod pool;
mod quotas;
mod rates;
mod seats;
mod throttle;

pub use gate::{Gate, Pass};
pub use pool::Holder;
pub use quotas::Quotas;
pub use rates::{Charges, UnknownRate};
pub use seats::{Seat, Seats};

use pace::{Pace, Pacer};
use platform::settings::LimitSettings;
use rates::Rates;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use throttle::Throttle;
use types::AccountId;
use wire::api::{CallCounters, Load};
use wire::identity::{Principal, PrincipalKind};

/// Requests whose bodies are being read, before anybody knows whether they are genuine.
const BODIES_MAX: usize = 512;
/// API calls that are being worked on at once, those of one account that wait, and for how long (the rest of a client's five
/// seconds is the control plane's).
const CALLS_MAX: usize = 128;
const CALLS_QUEUE_MAX: usize = 256;
const CALLS_PATIENCE: Duration = Duration::from_millis(400);
/// The same for S3.
const OBJECTS_MAX: usize = 256;
const OBJECTS_QUEUE_MAX: usize = 512;
const OBJECTS_PATIENCE: Duration = Duration::from_secs(5);
/// Objects that are on their way out.
const STREAMS_MAX: usize = 768;
const STREAMS_QUEUE_MAX: usize = 512;
/// Accounts that are counted one by one; further ones together as `others`.
const COUNTED_MAX: usize = 1000;

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Admitted,
    /// It came more often than its rate allows.
    Throttled,
    /// Its account had no place left.
    Crowded,
}

pub struct Limits {
    pub seats: Seats,
    pub bodies: Gate,
    pub calls: Gate,
    pub objects: Gate,
    pub streams: Gate,
    pub quotas: Rc<Quotas>,
    rates: Rates,
    throttle: RefCell<Throttle>,
    pacer: RefCell<Pacer>,
    tally: RefCell<BTreeMap<String, BTreeMap<String, CallCounters>>>,
    late: Cell<u64>,
    closed: Cell<u64>,
}

impl Holder {
    pub fn of(principal: &Principal) -> Self {
        match principal.kind {
            PrincipalKind::Anonymous => Self::Nobody,
            _ => Self::Account(principal.account.clone()),
        }
    }
}

impl Limits {
    /// # Errors
    /// When the settings give rates of what there is not.
    pub fn new(settings: &LimitSettings, quotas: Rc<Quotas>) -> Result<Self, UnknownRate> {
        Ok(Self {
            seats: Seats::new(Seats::MAX),
            bodies: Gate::new(BODIES_MAX, 0, Duration::ZERO),
            calls: Gate::new(CALLS_MAX, CALLS_QUEUE_MAX, CALLS_PATIENCE),
            objects: Gate::new(OBJECTS_MAX, OBJECTS_QUEUE_MAX, OBJECTS_PATIENCE),
            streams: Gate::new(STREAMS_MAX, STREAMS_QUEUE_MAX, OBJECTS_PATIENCE),
            quotas,
            rates: Rates::new(settings)?,
            throttle: RefCell::default(),
            pacer: RefCell::default(),
            tally: RefCell::default(),
            late: Cell::new(0),
            closed: Cell::new(0),
        })
    }

    pub fn call(&self, account: &AccountId, service: &str, action: &str, body: &str) -> Charges {
        self.rates.of_call(account, &self.quotas.held(), service, action, body)
    }

    pub fn object(&self, account: &AccountId, method: &str) -> Charges {
        self.rates.of_object(account, &self.quotas.held(), method)
    }

    /// Whether the account's rates allow it.
    pub fn admit(&self, account: &AccountId, charges: &Charges, now_us: u64) -> bool {
        let outcome = self.throttle.borrow_mut().admit(account, charges.iter().flatten(), now_us);
        if let Err(number) = outcome {
            tracing::debug!(%account, rate = self.rates.name(number), "throttled");
        }
        outcome.is_ok()
    }

    /// Waits until a refusal may go out; true: the connection is to end with it.
    pub async fn pace(&self, holder: &Holder, now_us: u64) -> bool {
        let pace = self.pacer.borrow_mut().refuse(holder, now_us);
        match pace {
            Pace::AtOnce => false,
            Pace::Close => {
                self.closed.set(self.closed.get() + 1);
                true
            }
            Pace::After(wait_us) => {
                self.late.set(self.late.get() + 1);
                tokio::time::sleep(Duration::from_micros(wait_us)).await;
                false
            }
        }
    }

    /// `class`: `ec2/read`.
    pub fn count(&self, holder: &Holder, class: &str, fate: Fate) {
        let mut tally = self.tally.borrow_mut();
        let name = match holder {
            Holder::Nobody => "nobody",
            Holder::Account(id) if tally.len() < COUNTED_MAX || tally.contains_key(id.as_str()) => id.as_str(),
            Holder::Account(_) => "others",
        };
        let classes = match tally.get_mut(name) {
            Some(classes) => classes,
            None => tally.entry(name.to_owned()).or_default(),
        };
        let counters = match classes.get_mut(class) {
            Some(counters) => counters,
            None => classes.entry(class.to_owned()).or_default(),
        };
        *match fate {
            Fate::Admitted => &mut counters.admitted,
            Fate::Throttled => &mut counters.throttled,
            Fate::Crowded => &mut counters.crowded,
        } += 1;
    }

    pub fn tally(&self) -> BTreeMap<String, BTreeMap<String, CallCounters>> {
        self.tally.borrow().clone()
    }

    pub fn load(&self) -> Load {
        let (calls, calls_waiting) = self.calls.load();
        let (objects, objects_waiting) = self.objects.load();
        let (connections, connections_evicted) = self.seats.load();
        Load {
            connections: connections as u64,
            connections_evicted,
            bodies: self.bodies.load().0 as u64,
            calls: calls as u64,
            calls_waiting: calls_waiting as u64,
            objects: objects as u64,
            objects_waiting: objects_waiting as u64,
            streams: self.streams.load().0 as u64,
            refusals_late: self.late.get(),
            refusals_closed: self.closed.get(),
        }
    }
}
