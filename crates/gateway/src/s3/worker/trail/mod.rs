//! Trails: the audit trail's events into buckets, as CloudTrail delivers them.
//!
//! ```text
//!  control plane ── trails ──► ledger ─┐
//!  audit trail (files) ── collect ─────┴─► select ─► gzip ─► bucket (its policy asked each time) ─► state
//!                                                 └─ every hour ─► digest, signed, chained to the one before
//! ```
//! Every event is in one file: a file's name and its events are written down before it is written ([`state`]), so a crash
//! writes the same file again. What the audit trail gave up before it was delivered is counted and told by GetTrailStatus.

mod collect;
pub(super) mod file;
mod key;
mod select;
mod state;

use super::{Failure, Worker};
use crate::s3::access::{self, Service};
use crate::s3::ask::arn;
use crate::s3::bucket::Bucket;
use collect::{Upto, collect};
use file::{LogFile, Period, Previous};
use key::Signer;
use platform::ledger::Accepted;
use platform::rpc::RpcError;
use platform::{Ledger, LedgerError, Rng, Settings};
use state::{Pending, State};
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use types::TimestampMs;
use wire::Applied;
use wire::trail::{BucketQuestion, BucketVerdict, DigestKey, Trail, TrailSnapshot, TrailStatus};

const SERVICE: &str = "cloudtrail.amazonaws.com";
/// Trails of one snapshot: five an account.
const TRAILS_MAX: usize = 100_000;
/// The gateway makes its trail durable every second; what is younger than this is left for the next file.
const SETTLE_MS: u64 = 5_000;
/// Files of a trail in one round: others wait.
const FILES_PER_ROUND: usize = 20;
/// A digest is written before its hour when it has so many files.
const DIGEST_FILES_MAX: usize = 1_000;
/// Between two rounds while there is something to do for which the object store was not there.
const RETRY: Duration = Duration::from_secs(2);

pub struct Trails {
    ledger: RefCell<Ledger<TrailSnapshot>>,
    known: RefCell<Vec<Rc<Trail>>>,
    /// What was pushed has trails that are gone or new.
    changed: Cell<bool>,
    /// The audit trail's directory.
    audit: PathBuf,
    dir: PathBuf,
    signer: tokio::sync::OnceCell<Signer>,
    deliver_every: Duration,
    digest_every_ms: u64,
}

impl Trails {
    pub fn open(dir: &platform::DataDir, settings: &Settings) -> Result<Self, LedgerError> {
        let (ledger, held) = Ledger::open(&dir.trails_ledger())?;
        if let Some(problem) = &ledger.problem {
            tracing::error!(problem, "the trails must be pushed again");
        }
        let known = held.map_or_else(Vec::new, |h: TrailSnapshot| h.trails.into_iter().map(Rc::new).collect());
        Ok(Self {
            ledger: RefCell::new(ledger),
            known: RefCell::new(known),
            changed: Cell::new(false),
            audit: dir.audit(),
            dir: dir.trails(),
            signer: tokio::sync::OnceCell::new(),
            deliver_every: Duration::from_secs(settings.audit.deliver_seconds.max(1).into()),
            digest_every_ms: u64::from(settings.audit.digest_seconds.max(1)) * 1000,
        })
    }

    pub fn accept(&self, snapshot: TrailSnapshot) -> Result<Applied, RpcError> {
        if snapshot.format != wire::FORMAT {
            return Err(RpcError::remote("format", format!("format {} is not known here", snapshot.format)));
        }
        if snapshot.trails.len() > TRAILS_MAX {
            return Err(RpcError::remote("too-many-trails", format!("more than {TRAILS_MAX} trails")));
        }
        let generation = snapshot.generation;
        if self.ledger.borrow_mut().accept(generation, &snapshot)? == Accepted::Same {
            return Ok(Applied { generation });
        }
        *self.known.borrow_mut() = snapshot.trails.into_iter().map(Rc::new).collect();
        self.changed.set(true);
        Ok(Applied { generation })
    }
}

/// What came of one step.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// There is nothing more to deliver now.
    Done,
    /// There may be.
    More,
}

impl Worker {
    pub(super) async fn deliver_trails(self: &Rc<Self>) {
        loop {
            if self.trails.changed.take() {
                let known: std::collections::HashSet<String> = self.trails.known.borrow().iter().map(|t| t.id.clone()).collect();
                let dir = self.trails.dir.clone();
                let kept = spawn_blocking(move || state::keep(&dir, |id| known.contains(id))).await;
                if !matches!(kept, Ok(Ok(()))) {
                    tracing::warn!(?kept, "what is left of a deleted trail cannot be removed");
                }
            }
            let trails = self.trails.known.borrow().clone();
            let mut pause = self.trails.deliver_every;
            for trail in trails {
                if let Err(Failure::Later(why)) = self.deliver_trail(&trail).await {
                    tracing::debug!(trail = trail.arn, why, "a trail waits");
                    pause = pause.min(RETRY);
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// All that is due of one trail. A refusal is in its status, and tried again the next time.
    pub(super) async fn deliver_trail(&self, trail: &Rc<Trail>) -> Result<(), Failure> {
        let mut state = self.state_of(trail).await?;
        for _ in 0..FILES_PER_ROUND {
            let step = match state.pending.clone() {
                Some(Pending::Log { key, upto }) => {
                    let outcome = self.write_log(trail, &mut state, &key, upto).await;
                    self.note(trail, &mut state, outcome, false).await?
                }
                Some(Pending::Digest { key, end }) => {
                    let outcome = self.write_digest(trail, &mut state, &key, end).await;
                    self.note(trail, &mut state, outcome, true).await?
                }
                None => self.next(trail, &mut state).await?,
            };
            if step == Step::Done {
                break;
            }
        }
        Ok(())
    }

    async fn state_of(&self, trail: &Rc<Trail>) -> Result<State, Failure> {
        let (dir, audit, trail) = (self.trails.dir.clone(), self.trails.audit.clone(), (**trail).clone());
        beside(move || match State::load(&dir, &trail.id)? {
            Some(state) => Ok(state),
            None => Ok(State::new(&trail.id, collect::begin(&audit, &trail)?)),
        })
        .await
    }

    async fn save(&self, state: &State) -> Result<(), Failure> {
        let (dir, state) = (self.trails.dir.clone(), state.clone());
        beside(move || state.save(&dir)).await
    }

    /// What to write next, if anything, written down.
    async fn next(&self, trail: &Rc<Trail>, state: &mut State) -> Result<Step, Failure> {
        let now = self.now();
        let second = TimestampMs(now.0 / 1000 * 1000);
        match (trail.validation, state.digested) {
            (true, None) => state.digested = Some(second),
            (false, Some(_)) => (state.digested, state.previous, state.files) = (None, None, Vec::new()),
            _ => {}
        }
        if let Some(since) = state.digested
            && second.0 > since.0
            && (second.0 - since.0 >= self.trails.digest_every_ms || state.files.len() >= DIGEST_FILES_MAX)
            && (trail.is_logging() || !state.files.is_empty())
        {
            let key = file::digest_key(trail, &self.s3.region, second);
            state.pending = Some(Pending::Digest { key, end: second });
            self.save(state).await?;
            return Ok(Step::More);
        }
        let (audit, wanted, at) = (self.trails.audit.clone(), (**trail).clone(), state.at);
        let until = TimestampMs(now.0.saturating_sub(SETTLE_MS));
        let (found, upto) = beside(move || collect(&audit, &wanted, at, Upto::Time(until))).await?;
        state.status.gaps += found.gone;
        self.count_many("trails/gone-lines", found.gone);
        if found.events.is_empty() {
            if upto != state.at {
                state.at = upto;
                self.save(state).await?;
            }
            return Ok(if found.is_full { Step::More } else { Step::Done });
        }
        let unique = unique(&mut *self.s3.rng.borrow_mut());
        let key = file::log_key(trail, &self.s3.region, now, &unique);
        state.pending = Some(Pending::Log { key, upto });
        self.save(state).await?;
        Ok(Step::More)
    }

    async fn write_log(&self, trail: &Trail, state: &mut State, key: &str, upto: state::Positions) -> Result<(), Failure> {
        let (audit, wanted, at) = (self.trails.audit.clone(), trail.clone(), state.at);
        let (found, _) = beside(move || collect(&audit, &wanted, at, Upto::Line(upto))).await?;
        if !found.events.is_empty() {
            let bucket = self.trail_bucket(trail, key).await?;
            let text = file::records(&found.events);
            let hash = file::hash(&text);
            self.write_gzip(&bucket, key, text, &[]).await?;
            self.count("trails/files");
            self.count_many("trails/events", found.events.len() as u64);
            state.status.delivered = Some(self.now());
            if state.digested.is_some() {
                let bucket = trail.bucket.clone();
                state.files.push(LogFile { bucket, key: key.to_owned(), hash, oldest: found.oldest, newest: found.newest });
            }
        }
        state.at = upto;
        Ok(())
    }

    async fn write_digest(&self, trail: &Trail, state: &mut State, key: &str, end: TimestampMs) -> Result<(), Failure> {
        let signer = self.signer().await?;
        let bucket = self.trail_bucket(trail, key).await?;
        let period = Period { start: state.digested.unwrap_or(end), end };
        let fingerprint = &signer.public.fingerprint;
        let text = file::digest_text(trail, key, &period, &state.files, state.previous.as_ref(), fingerprint);
        let to_sign = file::signing_text(&trail.bucket, key, end, &text, state.previous.as_ref());
        let signature = signer.sign(&to_sign).ok_or_else(|| Failure::Later("the digest cannot be signed".into()))?;
        let hash = file::hash(&text);
        self.write_gzip(&bucket, key, text, &[("signature", &signature), ("signature-algorithm", "SHA256withRSA")]).await?;
        self.count("trails/digests");
        state.previous = Some(Previous { bucket: trail.bucket.clone(), key: key.to_owned(), hash, signature });
        state.files.clear();
        state.digested = Some(end);
        Ok(())
    }

    /// Writes down what came of an object.
    async fn note(&self, trail: &Trail, state: &mut State, outcome: Result<(), Failure>, digest: bool) -> Result<Step, Failure> {
        let now = self.now();
        let error = match outcome {
            Ok(()) => {
                state.pending = None;
                None
            }
            Err(Failure::Refused(why)) => {
                self.count("trails/refused");
                tracing::debug!(trail = trail.arn, why, "a trail cannot be delivered");
                Some(error_name(why))
            }
            Err(later) => return Err(later),
        };
        let step = if error.is_none() { Step::More } else { Step::Done };
        let status = &mut state.status;
        if digest {
            status.digest_delivered = if error.is_none() { Some(now) } else { status.digest_delivered };
            status.digest_error = error.map(str::to_owned);
        } else {
            (status.attempted, status.error) = (Some(now), error.map(str::to_owned));
        }
        self.save(state).await?;
        Ok(step)
    }

    /// The bucket, if CloudTrail may write this into it now.
    async fn trail_bucket(&self, trail: &Trail, key: &str) -> Result<Bucket, Failure> {
        let bucket = self.bucket_of(&trail.bucket).await?;
        let ask = self.ask(&trail.bucket, key, &trail.account, None);
        let service = Service { name: SERVICE, source_arn: &trail.arn, source_account: trail.account.as_str() };
        if access::allows_service(&bucket, &ask, &service, "s3:PutObject", &arn(&trail.bucket, Some(key))) {
            Ok(bucket)
        } else {
            Err(Failure::Refused("denied"))
        }
    }

    async fn write_gzip(&self, bucket: &Bucket, key: &str, text: String, metadata: &[(&str, &str)]) -> Result<(), Failure> {
        let body = beside(move || file::gzip(&text)).await?;
        let mut writing = self.write_object(bucket).await?;
        writing.write(body.into()).await?;
        let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
        writing.finish_with(key, &headers, metadata).await.map(drop)
    }

    /// Whether CloudTrail may write where a trail is to deliver: as CreateTrail asks.
    pub(super) async fn check_trail_bucket(&self, asked: &BucketQuestion) -> BucketVerdict {
        let bucket = match self.bucket_of(&asked.bucket).await {
            Ok(bucket) => bucket,
            Err(Failure::Refused(_)) => return BucketVerdict::NoSuchBucket,
            Err(Failure::Later(_)) => return BucketVerdict::Unknown,
        };
        let prefix = if asked.prefix.is_empty() { String::new() } else { format!("{}/", asked.prefix) };
        let key = format!("{prefix}AWSLogs/{}/CloudTrail/", asked.account);
        let ask = self.ask(&asked.bucket, &key, &asked.account, None);
        let service = Service { name: SERVICE, source_arn: &asked.arn, source_account: asked.account.as_str() };
        let may = |action, key: Option<&str>| access::allows_service(&bucket, &ask, &service, action, &arn(&asked.bucket, key));
        if may("s3:GetBucketAcl", None) && may("s3:PutObject", Some(&key)) {
            BucketVerdict::Writable
        } else {
            BucketVerdict::Denied
        }
    }

    /// A trail that was never delivered has nothing to tell.
    pub(super) async fn trail_status(&self, id: String) -> Result<TrailStatus, RpcError> {
        let dir = self.trails.dir.clone();
        let plain = id.bytes().all(|b| b.is_ascii_hexdigit());
        let state = beside(move || if plain { State::load(&dir, &id) } else { Ok(None) }).await;
        let state = state.map_err(|e| RpcError::remote("trail", e.to_string()))?;
        Ok(state.map_or_else(TrailStatus::default, |s| s.status))
    }

    pub(super) async fn digest_key(&self) -> Result<DigestKey, RpcError> {
        self.signer().await.map(|s| s.public.clone()).map_err(|e| RpcError::remote("digest-key", e.to_string()))
    }

    /// Made at its first use.
    async fn signer(&self) -> Result<&Signer, Failure> {
        let (dir, now) = (self.trails.dir.clone(), self.now());
        self.trails.signer.get_or_try_init(|| async { key::open(&dir, self.s3.keys(), now).map_err(later) }).await
    }
}

/// As GetTrailStatus calls S3's errors.
fn error_name(why: &'static str) -> &'static str {
    match why {
        "no-bucket" => "NoSuchBucket",
        _ => "AccessDenied",
    }
}

/// 16 letters and digits.
fn unique(rng: &mut impl Rng) -> String {
    const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    (0..16).map(|_| char::from(LETTERS[(rng.u64() % 36) as usize])).collect()
}

fn later(e: std::io::Error) -> Failure {
    Failure::Later(e.to_string())
}

/// Work with files, beside the event loop.
pub(super) async fn beside<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, Failure> {
    spawn_blocking(work).await.map_err(|e| Failure::Later(e.to_string()))?.map_err(later)
}
