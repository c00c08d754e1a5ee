//! The network and the clock: calls that are late, lost, answered in vain, sent twice or cut off, as the seed says.
//!
//! A call is a parcel, as on the real connections, so that what is sent is packed and read. Each is written into the trace.

use bytes::Bytes;
use objectstore::data::Nodes;
use objectstore::index::IndexServer;
use objectstore::message::{NodeAnswer, NodeCall, pack, unpack};
use platform::bulk::Parcel;
use platform::rpc::RpcError;
use platform::{Clock, Rng, SeededRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use types::TimestampMs;

/// Calls that wait for one process.
const INBOX_MAX: usize = 10_000;
/// Longer than any caller waits.
const FOR_EVER: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Node(usize),
    Index(usize),
    Gateway(usize),
}

/// A call as it arrives.
pub struct Letter {
    pub parcel: Parcel,
    pub answer: oneshot::Sender<Result<Parcel, RpcError>>,
}

/// Chances per thousand calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub lost: u64,
    pub answer_lost: u64,
    pub twice: u64,
    /// Takes up to seconds.
    pub late: u64,
}

#[derive(Clone)]
pub struct Net {
    state: Arc<Mutex<State>>,
    pub start: Instant,
}

struct State {
    rng: SeededRng,
    weather: Weather,
    cut: BTreeSet<(Place, Place)>,
    slow_ms: BTreeMap<Place, u64>,
    inboxes: BTreeMap<Place, mpsc::Sender<Letter>>,
    /// When the last call arrives that is under way.
    last: BTreeMap<(Place, Place), Instant>,
    trace: Trace,
}

/// All that happened, in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    pub hash: u64,
    pub events: u64,
}

/// What one process has of the network. A process that has died sends nothing more.
#[derive(Clone)]
pub struct Endpoint {
    net: Net,
    pub me: Place,
    alive: Arc<AtomicBool>,
}

struct Plan {
    lost: bool,
    arrives: Instant,
    /// None: the answer is lost.
    back: Option<Duration>,
    twice: Option<Duration>,
}

impl Trace {
    fn note(&mut self, bytes: &[u8]) {
        self.events += 1;
        for b in bytes {
            self.hash = (self.hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Net {
    pub fn new(rng: SeededRng) -> Self {
        let trace = Trace { hash: 0xcbf2_9ce4_8422_2325, events: 0 };
        let state = State {
            rng,
            weather: Weather::default(),
            cut: BTreeSet::new(),
            slow_ms: BTreeMap::new(),
            inboxes: BTreeMap::new(),
            last: BTreeMap::new(),
            trace,
        };
        Self { state: Arc::new(Mutex::new(state)), start: Instant::now() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn now_ms(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    /// Writes into the trace; `SIM_TRACE` shows it.
    pub fn note(&self, what: &str) {
        let line = format!("{:>8} {what}", self.now_ms());
        if std::env::var_os("SIM_TRACE").is_some() {
            eprintln!("{line}");
        }
        self.state().trace.note(line.as_bytes());
    }

    pub fn trace(&self) -> Trace {
        self.state().trace
    }

    pub fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    pub fn set_slow(&self, place: Place, ms: u64) {
        self.state().slow_ms.insert(place, ms);
    }

    /// One direction.
    pub fn cut(&self, from: Place, to: Place) {
        self.state().cut.insert((from, to));
    }

    pub fn is_cut(&self, from: Place, to: Place) -> bool {
        self.state().cut.contains(&(from, to))
    }

    pub fn mend(&self, is_mended: impl Fn(Place, Place) -> bool) {
        self.state().cut.retain(|(a, b)| !is_mended(*a, *b));
    }

    /// All is well from now on.
    pub fn heal(&self) {
        let mut state = self.state();
        state.cut.clear();
        state.slow_ms.clear();
        state.weather = Weather::default();
    }

    /// A process begins to listen.
    pub fn listen(&self, me: Place) -> (Endpoint, mpsc::Receiver<Letter>) {
        let (sender, inbox) = mpsc::channel(INBOX_MAX);
        self.state().inboxes.insert(me, sender);
        (Endpoint { net: self.clone(), me, alive: Arc::new(AtomicBool::new(true)) }, inbox)
    }

    fn plan(&self, from: Place, to: Place) -> Plan {
        let mut state = self.state();
        let State { rng, weather, cut, slow_ms, last, .. } = &mut *state;
        let slow = [from, to].iter().map(|p| slow_ms.get(p).copied().unwrap_or(0)).sum::<u64>();
        let mut delay = |late: u64| {
            let ms = match rng.below(1000) {
                n if n < late => 500 + rng.below(8_000),
                n if n < 30 => 20 + rng.below(100),
                n if n < 300 => 1 + rng.below(4),
                _ => 1,
            };
            let slow = if slow > 0 { rng.below(2 * slow) } else { 0 };
            Duration::from_millis(ms + slow)
        };
        let (there, back, again) = (delay(weather.late), delay(weather.late), delay(500));
        let mut is = |permille: u64| rng.below(1000) < permille;
        let lost = is(weather.lost) || cut.contains(&(from, to));
        let (answer_lost, twice) = (is(weather.answer_lost), is(weather.twice));
        // An index process is called over one connection, which keeps the order and never sends twice: that a late call is
        // not overtaken by its repetition is what its client builds on. Storage nodes' calls mean the same in any order.
        let in_order = matches!(to, Place::Index(_));
        let mut arrives = Instant::now() + there;
        if in_order {
            let last = last.entry((from, to)).or_insert(arrives);
            arrives = arrives.max(*last);
            *last = arrives;
        }
        Plan { lost, arrives, back: (!answer_lost).then_some(back), twice: (twice && !in_order).then_some(again) }
    }
}

impl Endpoint {
    /// The process is gone.
    pub fn close(&self) {
        self.alive.store(false, Ordering::Relaxed);
        self.net.state().inboxes.remove(&self.me);
    }

    pub async fn call(&self, to: Place, parcel: Parcel, wait: Duration) -> Result<Parcel, RpcError> {
        let role = || format!("{to:?}");
        let unknown = |cause: &str| RpcError::Unknown { role: role(), cause: cause.to_owned() };
        if !self.alive.load(Ordering::Relaxed) {
            return Err(RpcError::Unreachable { role: role(), cause: "the caller is dead".to_owned() });
        }
        let plan = self.net.plan(self.me, to);
        if plan.lost {
            sleep(wait).await;
            return Err(unknown("lost"));
        }
        let (answer, answered) = oneshot::channel();
        let (net, me) = (self.net.clone(), self.me);
        if let Some(again) = plan.twice {
            let copy = net.clone().deliver(me, to, parcel.clone(), plan.arrives + again, None, None);
            tokio::spawn(copy);
        }
        tokio::spawn(net.deliver(me, to, parcel, plan.arrives, plan.back, Some(answer)));
        match timeout(wait, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(unknown("the connection was lost")),
            Err(_) => Err(unknown("timed out")),
        }
    }
}

impl Net {
    async fn deliver(
        self,
        from: Place,
        to: Place,
        parcel: Parcel,
        arrives: Instant,
        back: Option<Duration>,
        caller: Option<oneshot::Sender<Result<Parcel, RpcError>>>,
    ) {
        sleep_until(arrives).await;
        if self.is_cut(from, to) {
            sleep(FOR_EVER).await;
            return;
        }
        let inbox = self.state().inboxes.get(&to).cloned();
        let what = format!("{from:?} > {to:?} {:x} {}", crc(&parcel.head), parcel.payload.len());
        let (answer, answered) = oneshot::channel();
        let sent = inbox.is_some_and(|inbox| inbox.try_send(Letter { parcel, answer }).is_ok());
        self.note(&format!("{what} {}", if sent { "" } else { "nobody" }));
        let outcome = match sent {
            true => match answered.await {
                Ok(outcome) => outcome,
                // It died meanwhile.
                Err(_) => return,
            },
            false => Err(RpcError::Unreachable { role: format!("{to:?}"), cause: "nobody listens".to_owned() }),
        };
        self.note(&match &outcome {
            Ok(p) => format!("{from:?} < {to:?} {:x} {}", crc(&p.head), p.payload.len()),
            Err(e) => format!("{from:?} < {to:?} {e}"),
        });
        match back.filter(|_| !self.is_cut(to, from)) {
            Some(back) => {
                sleep(back).await;
                // The caller may have given up.
                let _ = caller.map(|c| c.send(outcome));
            }
            None => sleep(FOR_EVER).await,
        }
    }
}

pub fn crc(bytes: &[u8]) -> u64 {
    objectstore::node::format::crc(bytes)
}

/// The storage nodes, as one process reaches them.
#[derive(Clone)]
pub struct SimNodes(pub Endpoint);

impl Nodes for SimNodes {
    async fn call(&self, node: usize, call: NodeCall, payload: Bytes, wait: Duration) -> Result<(NodeAnswer, Bytes), RpcError> {
        let answer = self.0.call(Place::Node(node), pack(&call, payload)?, wait).await?;
        Ok((unpack(&answer)?, answer.payload))
    }
}

/// One index process, as another process reaches it.
pub struct SimServer(pub Endpoint, pub Place);

impl IndexServer for SimServer {
    async fn call(&self, call: Parcel, wait: Duration) -> Result<Parcel, RpcError> {
        self.0.call(self.1, call, wait).await
    }
}

/// A process's clock: the same for all, but for what it is wrong by.
#[derive(Debug)]
pub struct VirtualClock {
    pub start: Instant,
    pub ahead_ms: u64,
}

impl Clock for VirtualClock {
    fn wall(&self) -> TimestampMs {
        TimestampMs(1_767_225_600_000 + self.ahead_ms + self.start.elapsed().as_millis() as u64)
    }

    fn monotonic_us(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }
}
