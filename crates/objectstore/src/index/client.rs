//! Calling the index: finds the leader, waits through a change of it, and applies every change exactly once.
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

use super::role::UNKNOWN;
use crate::message::{IndexAnswer, IndexCall, IndexError, IndexFrame, IndexRequest, pack, unpack_result};
use bytes::Bytes;
use platform::bulk::{BulkClient, Parcel};
use platform::rpc::RpcError;
use platform::{Clock, Rng, SystemClock, SystemRng};
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Changes of one client under way at once, of those that need a slot; further ones wait.
const SLOTS: u16 = 256;
/// How long the first attempt waits for an answer; the next ones twice as long each.
const ATTEMPT: Duration = Duration::from_millis(1000);
const ATTEMPT_MAX: Duration = Duration::from_secs(4);
/// While nobody leads.
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
    /// Who led last.
    leader: AtomicUsize,
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
    fn slots(&self) -> std::sync::MutexGuard<'_, Vec<(u16, u64)>> {
        self.slots.lock().unwrap_or_else(|e| e.into_inner())
    }

    async fn slot(&self) -> Option<Slot<'_, C>> {
        let _permit = self.permits.clone().acquire_owned().await.ok()?;
        let (slot, number) = self.slots().pop()?;
        Some(Slot { inner: self, slot, number: number + 1, _permit })
    }
}

impl IndexClient {
    /// `sockets`: of all index processes, in their order.
    pub fn new(sockets: impl IntoIterator<Item = PathBuf>) -> Self {
        let servers = sockets.into_iter().map(BulkClient::new).collect();
        Self::over(servers, SystemRng::new().u128(), Arc::new(SystemClock::new()))
    }
}

impl<C: IndexServer> IndexClient<C> {
    /// `caller`: no two clients ever have the same.
    pub fn over(servers: Vec<C>, caller: u128, clock: Arc<dyn Clock>) -> Self {
        let inner = Inner {
            servers,
            leader: AtomicUsize::new(0),
            caller,
            slots: Mutex::new((0..SLOTS).rev().map(|slot| (slot, 0)).collect()),
            permits: Arc::new(Semaphore::new(SLOTS.into())),
            clock,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Needs a runtime with I/O and time.
    pub async fn call(&self, call: IndexCall) -> Result<IndexAnswer, CallError> {
        let inner = &*self.inner;
        let needs_slot = call.is_change() && !call.is_known_by_its_rows();
        let held = if needs_slot { inner.slot().await } else { None };
        let (slot, number) = held.as_ref().map_or((0, 0), |s| (s.slot, s.number));
        let request = IndexRequest { caller: inner.caller, slot, number, first_sent: inner.clock.wall(), call };
        let parcel = pack(&IndexFrame::Call(Box::new(request)), Bytes::new()).map_err(|e| IndexError::Invalid(e.to_string()))?;
        let began = Instant::now();
        let (mut wait, mut at) = (ATTEMPT, inner.leader.load(Ordering::Relaxed));
        // Once an attempt may have had its effect, only an answer ends the doubt.
        let mut doubt: Option<String> = None;
        let mut tried = 0;
        loop {
            let server = inner.servers.get(at).ok_or_else(|| CallError::Unavailable("no server is known".to_owned()))?;
            let cause = match server.call(parcel.clone(), wait).await {
                Ok(answer) => match unpack_result(&answer) {
                    Ok(Err(IndexError::NotLeader)) => "nobody leads".to_owned(),
                    Ok(outcome) => {
                        inner.leader.store(at, Ordering::Relaxed);
                        return outcome.map_err(CallError::Refused);
                    }
                    Err(e) => return Err(CallError::Unknown(e.to_string())),
                },
                Err(RpcError::Unreachable { cause, .. }) => cause,
                Err(RpcError::Remote { code, message }) if code != UNKNOWN => {
                    return Err(IndexError::Invalid(format!("{message} ({code})")).into());
                }
                Err(e) => {
                    doubt = Some(e.to_string());
                    wait = (2 * wait).min(ATTEMPT_MAX);
                    e.to_string()
                }
            };
            let patience = if doubt.is_some() { GIVE_UP } else { TAKE_OVER };
            if began.elapsed() >= patience {
                return Err(doubt.map_or(CallError::Unavailable(cause), CallError::Unknown));
            }
            at = (at + 1) % inner.servers.len();
            tried += 1;
            if tried % inner.servers.len() == 0 {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
