//! Calling the index: finds the leader of the right shard, waits through a change of it, and applies every change exactly once.
//!
//! A call may have been applied wherever its answer is missing. So it stays with that shard, whoever leads it, until that
//! answers, or says that it has the place no more: what it had applied before it would know still. Only then it goes elsewhere.
//!
//! What happens to a change whose answer is lost: it is sent again, to whoever leads now, as the same request. If it was
//! applied, the index knows it and answers as it did then; if not, it is applied now.
//!
//! | change | known by |
//! |---|---|
//! | Put with a blob, PutPart with a blob | the blob's row: a blob is written once |
//! | CompleteUpload | the row of what the upload became, with the same parts |
//! | AckEvents | doing it twice is doing it once |
//! | all others | the caller's slot: the row of its last change, with the answer |
//!
//! A call that went without an answer for [`GIVE_UP`] ends as unknown; the index refuses requests that are older than
//! [`super::core::CALL_AGE_MS_MAX`], so none is applied after what it names has been collected.

use super::leader::{Asked, Peers};
use super::map::{Map, Number, Spot};
use super::serve::UNKNOWN;
use crate::message::{
    Address, IndexAnswer, IndexCall, IndexError, IndexFrame, IndexRequest, Pong, Whither, pack, unpack, unpack_result,
};
use bytes::Bytes;
use platform::bulk::{BulkClient, Parcel};
use platform::rpc::RpcError;
use platform::tls::Identity;
use platform::{Clock, Rng, SystemClock, SystemRng};
use std::future::{Future, poll_fn};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Changes of one client under way at once, of those that need a slot; further ones wait.
const SLOTS: u16 = 256;
/// How long the first attempt waits for an answer; the next ones twice as long each.
const ATTEMPT: Duration = Duration::from_millis(1000);
const ATTEMPT_MAX: Duration = Duration::from_secs(4);
/// How long a process may take to say what it leads.
const PING: Duration = Duration::from_millis(150);
/// How old a list of the shards may be.
pub const SHARDS_AGE: Duration = Duration::from_secs(1);
/// While nobody leads, or a bucket is frozen.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a call waits for somebody who leads.
pub const TAKE_OVER: Duration = Duration::from_secs(4);
/// How long a call whose answer is missing is sent again.
pub const GIVE_UP: Duration = Duration::from_secs(10);

/// How a call ended without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("{0}")]
    Refused(#[from] IndexError),
    /// Nobody leads. Nothing happened.
    #[error("the index does not answer: {0}")]
    Unavailable(String),
    /// It may have happened, or may happen still.
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
}

/// An index process as its clients see it. A call that is dropped may still have happened.
pub trait IndexServer: Send + Sync + 'static {
    fn call(&self, call: Parcel, timeout: Duration) -> impl Future<Output = Result<Parcel, RpcError>> + Send;
}

impl IndexServer for BulkClient {
    async fn call(&self, call: Parcel, timeout: Duration) -> Result<Parcel, RpcError> {
        BulkClient::call(self, call, timeout).await
    }
}

/// Cheap to clone; clones share connections and slots.
pub struct IndexClient<C = BulkClient> {
    inner: Arc<Inner<C>>,
}

impl<C> Clone for IndexClient<C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

struct Inner<C> {
    servers: Vec<C>,
    /// Who leads what, as they said when they were asked last.
    map: Mutex<Map<usize>>,
    /// How often they were asked.
    asked: AtomicU64,
    asking: tokio::sync::Mutex<()>,
    /// When the list of shards was last asked for.
    listed: Mutex<Option<Instant>>,
    caller: u128,
    /// Slots that are free, with the number of the last change made with each.
    slots: Mutex<Vec<(u16, u64)>>,
    permits: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
}

/// A slot in use; free again when dropped.
struct Slot<'a, C> {
    inner: &'a Inner<C>,
    slot: u16,
    number: u64,
    _permit: OwnedSemaphorePermit,
}

impl<C> Drop for Slot<'_, C> {
    fn drop(&mut self) {
        self.inner.slots().push((self.slot, self.number));
    }
}

impl<C> Inner<C> {
    fn slots(&self) -> MutexGuard<'_, Vec<(u16, u64)>> {
        self.slots.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn map(&self) -> MutexGuard<'_, Map<usize>> {
        self.map.lock().unwrap_or_else(|e| e.into_inner())
    }

    async fn slot(&self) -> Option<Slot<'_, C>> {
        let _permit = self.permits.clone().acquire_owned().await.ok()?;
        let (slot, number) = self.slots().pop()?;
        Some(Slot { inner: self, slot, number: number + 1, _permit })
    }
}

impl IndexClient {
    /// `sockets`: of all index processes, in their order, called as `me`.
    pub fn new(me: &Identity, sockets: impl IntoIterator<Item = PathBuf>) -> Self {
        let servers = sockets.into_iter().map(|socket| BulkClient::new(me, socket)).collect();
        Self::over(servers, SystemRng::new().u128(), Arc::new(SystemClock::new()))
    }
}

impl<C: IndexServer> IndexClient<C> {
    /// `caller`: no two clients ever have the same.
    pub fn over(servers: Vec<C>, caller: u128, clock: Arc<dyn Clock>) -> Self {
        let inner = Inner {
            servers,
            map: Mutex::default(),
            asked: AtomicU64::new(0),
            asking: tokio::sync::Mutex::default(),
            listed: Mutex::default(),
            caller,
            slots: Mutex::new((0..SLOTS).rev().map(|slot| (slot, 0)).collect()),
            permits: Arc::new(Semaphore::new(SLOTS.into())),
            clock,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Needs a runtime with I/O and time.
    pub async fn call(&self, call: IndexCall) -> Result<IndexAnswer, CallError> {
        match call.whither() {
            Whither::At(spot) => self.at(spot, call).await,
            Whither::Shard(number) => self.send(To::Shard(number), call).await,
            Whither::Items => self.items(call).await,
            Whither::Along => self.along(call).await,
        }
    }

    async fn at(&self, spot: Spot, call: IndexCall) -> Result<IndexAnswer, CallError> {
        let opens = matches!(call, IndexCall::OpenSession { .. });
        let answer = self.send(To::Spot(spot), call).await?;
        if let (true, IndexAnswer::Session { closed: Some(closed), .. }) = (opens, &answer) {
            // Nothing of it will be named any more when this is answered. Should it fail: when its orphans are looked for.
            self.along(IndexCall::CloseSessions { sessions: vec![*closed] }).await?;
        }
        Ok(answer)
    }

    /// The shards there are, as far as they are led; one that is new is among them after [`SHARDS_AGE`].
    pub async fn shards(&self) -> Vec<Number> {
        let now = Instant::now();
        let due = {
            let mut listed = self.inner.listed.lock().unwrap_or_else(|e| e.into_inner());
            let due = listed.is_none_or(|at| now.duration_since(at) >= SHARDS_AGE);
            if due {
                *listed = Some(now);
            }
            due
        };
        if due {
            self.ask_all(self.inner.asked.load(Ordering::Relaxed)).await;
        }
        self.inner.map().numbers().collect()
    }

    /// One shard's part of the answer, and where it goes on.
    pub(super) async fn part(&self, call: IndexCall, at: Spot) -> Result<(IndexAnswer, Option<Spot>), CallError> {
        Ok(match self.send(To::Spot(at), call).await? {
            IndexAnswer::Part { answer, next } => (*answer, Some(next)),
            answer => (answer, None),
        })
    }

    /// What is about one place, or one shard.
    async fn send(&self, to: To, call: IndexCall) -> Result<IndexAnswer, CallError> {
        let inner = &*self.inner;
        let needs_slot = call.is_change() && !call.is_known_by_its_rows();
        let held = if needs_slot { inner.slot().await } else { None };
        let (slot, number) = held.as_ref().map_or((0, 0), |s| (s.slot, s.number));
        let (changes, divisible) = (call.is_change(), call.whither() == Whither::Items);
        let (caller, first_sent) = (inner.caller, inner.clock.wall());
        let at = if let To::Spot(spot) = &to { spot.clone() } else { Spot::FIRST };
        let mut request = IndexRequest { caller, slot, number, first_sent, to: Address { at, ..Address::default() }, call };
        let began = Instant::now();
        let mut wait = ATTEMPT;
        // Once an attempt may have had its effect, only an answer of the same shard ends the doubt.
        let mut doubt: Option<(Number, String)> = None;
        for tried in 0.. {
            let asked = inner.asked.load(Ordering::Relaxed);
            let route = {
                let map = inner.map();
                let found = match (&doubt, &to) {
                    (Some((shard, _)), _) if changes => map.shard(*shard),
                    (_, To::Shard(shard)) => map.shard(*shard),
                    (_, To::Spot(spot)) => map.at(spot),
                };
                found.map(|(server, led)| (server, led.extent.number, led.epoch))
            };
            let cause = match route.and_then(|route| Some((inner.servers.get(route.0)?, route))) {
                None => "nobody leads".to_owned(),
                Some((server, (_, shard, epoch))) => {
                    (request.to.shard, request.to.epoch) = (shard, epoch);
                    let frame = IndexFrame::Call(Box::new(request));
                    let parcel = pack(&frame, Bytes::new()).map_err(|e| IndexError::Invalid(e.to_string()))?;
                    let IndexFrame::Call(back) = frame else { return Err(CallError::Unavailable("no call".to_owned())) };
                    request = *back;
                    match server.call(parcel, wait).await {
                        Ok(answer) => match unpack_result(&answer) {
                            Ok(Err(IndexError::NotLeader)) => "nobody leads".to_owned(),
                            Ok(Err(IndexError::Moved)) => {
                                doubt = None;
                                if divisible {
                                    self.ask_all(asked).await;
                                    return Err(IndexError::Moved.into());
                                }
                                "nobody has this place".to_owned()
                            }
                            Ok(Err(IndexError::Frozen)) => "the bucket is being changed".to_owned(),
                            Ok(outcome) => return outcome.map_err(CallError::Refused),
                            Err(e) => return Err(CallError::Unknown(e.to_string())),
                        },
                        Err(RpcError::Unreachable { cause, .. } | RpcError::Untrusted { cause, .. }) => cause,
                        Err(RpcError::Remote { code, message }) if code != UNKNOWN => {
                            return Err(IndexError::Invalid(format!("{message} ({code})")).into());
                        }
                        Err(e) => {
                            doubt = Some((shard, e.to_string()));
                            wait = (2 * wait).min(ATTEMPT_MAX);
                            e.to_string()
                        }
                    }
                }
            };
            let patience = if doubt.is_some() { GIVE_UP } else { TAKE_OVER };
            if began.elapsed() >= patience {
                return Err(doubt.map_or(CallError::Unavailable(cause), |(_, cause)| CallError::Unknown(cause)));
            }
            self.ask_all(asked).await;
            if tried > 0 {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Err(CallError::Unavailable("it was tried too often".to_owned()))
    }

    /// Asks every process what it leads, unless somebody has done so since there were `asked` askings.
    async fn ask_all(&self, asked: u64) {
        let inner = &*self.inner;
        let _asking = inner.asking.lock().await;
        if inner.asked.load(Ordering::Relaxed) != asked {
            return;
        }
        let Ok(ping) = pack(&IndexFrame::Ping, Bytes::new()) else { return };
        let mut asking: Vec<_> = inner.servers.iter().map(|s| Some(Box::pin(s.call(ping.clone(), PING)))).collect();
        poll_fn(|context| {
            for (server, slot) in asking.iter_mut().enumerate() {
                if let Some(answer) = slot
                    && let Poll::Ready(answer) = answer.as_mut().poll(context)
                {
                    *slot = None;
                    let pong = answer.and_then(|a| unpack::<Pong>(&a)).unwrap_or_default();
                    inner.map().tell(server, pong.leads);
                }
            }
            if asking.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        inner.asked.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks one process to lead a shard that nobody leads. False: it does not.
    pub(super) async fn hand_over(&self, server: usize, shard: Number) -> bool {
        let Some(server) = self.inner.servers.get(server) else { return false };
        let Ok(frame) = pack(&IndexFrame::Take { shard }, Bytes::new()) else { return false };
        let answer = server.call(frame, ATTEMPT).await.and_then(|a| unpack::<Pong>(&a));
        answer.is_ok_and(|pong| pong.leads.iter().any(|led| led.extent.number == shard))
    }

    pub(super) fn servers(&self) -> usize {
        self.inner.servers.len()
    }

    pub(super) fn shard_of(&self, spot: &Spot) -> Option<Number> {
        self.inner.map().at(spot).map(|(_, led)| led.extent.number)
    }
}

/// Whom a call is for.
enum To {
    Spot(Spot),
    Shard(Number),
}

impl<C: IndexServer> Peers for IndexClient<C> {
    fn ask(&self, at: Spot, call: IndexCall) -> Asked<'_, (IndexAnswer, Option<Spot>)> {
        Box::pin(self.part(call, at))
    }

    fn call(&self, call: IndexCall) -> Asked<'_, IndexAnswer> {
        Box::pin(self.call(call))
    }
}
