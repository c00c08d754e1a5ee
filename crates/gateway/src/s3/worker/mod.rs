//! What S3 does in the background, as a process of its own: lifecycle, events, replication, restorations, inventories and the
//! delivery of access logs, trails and flow logs. It never asks the control plane.
//!
//! ```text
//!  index ── events ──► pump ──► queues on disk
//!                       └─────► lanes ──► webhooks, replication, restorations      (durable, one slow one holds up no other)
//!  index ── listings ─► sweep (lifecycle), inventory
//!  spool ─────────────► ship (access logs)
//!  audit trail ───────► trail (CloudTrail's files)
//!  cards ─────────────► flow_logs
//! ```
//! Every job is idempotent and is found again after a crash: events are acknowledged when they are in their lanes, sweeps see
//! what is still due, an inventory is done when its manifest is there. Nothing of it is waited for by the front.

mod balancer_logs;
mod copy;
mod deliver;
mod event;
mod flow_logs;
mod inventory;
mod jobs;
mod lane;
mod pace;
mod pump;
mod put;
mod ship;
mod sweep;
mod trail;

use super::S3;
use super::ask::{Ask, Identity, User};
use super::bucket::{Bucket, document};
use crate::kms::Keys;
use aws_protocol::AwsError;
use aws_protocol::s3::{Operation, Params, errors};
use balancer_logs::BalancerLogs;
use deliver::WebhookOptions;
use flow_logs::FlowLogs;
use objectstore::index::CallError;
use objectstore::message::{IndexAnswer, IndexCall, IndexError};
use objectstore::record::{BucketRecord, Cause, VersionedBucket};
use objectstore::rows::BadRow;
use pace::Pace;
use platform::rpc::{self, Router};
use platform::settings::{Settings, SettingsError};
use platform::tls::{Role, WATCHERS};
use platform::{Clock, DataDir, Rng};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;
use trail::Trails;
use types::{AccountId, TimestampMs};
use wire::api::{GetS3WorkerStatus, Principal, S3WorkerStatus};

/// Buckets of one page.
const BUCKETS_PER_CALL: u32 = 200;
/// Keys and versions of one page.
const VERSIONS_PER_CALL: u32 = 500;
/// A pass over all buckets begins so often at most.
const PASS_MAX: Duration = Duration::from_secs(60);
/// How long to wait when the index or the nodes do not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// So much of the work is done a second, that the front does not feel it.
const PAGES_PER_SECOND: u32 = 20;
const CHANGES_PER_SECOND: u32 = 500;
const COPIED_BYTES_PER_SECOND: u32 = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("cannot read or make the key of the object store")]
    ObjectKey(#[source] std::io::Error),
    #[error("cannot open a ledger")]
    Ledger(#[from] platform::LedgerError),
    #[error("cannot prove who this is")]
    Identity(#[from] platform::tls::TlsError),
    #[error("cannot make the control socket")]
    Control(#[source] std::io::Error),
}

/// What tests make shorter.
#[derive(Debug, Clone, Copy)]
pub struct WorkerOptions {
    pub restore_delay: Duration,
    /// Between two looks for events when there were none.
    pub poll: Duration,
    pub webhook: WebhookOptions,
}

pub struct Worker {
    s3: Rc<S3>,
    dir: DataDir,
    options: WorkerOptions,
    counters: RefCell<BTreeMap<String, u64>>,
    /// By shard of the index.
    events_upto: RefCell<BTreeMap<u32, u64>>,
    lanes: RefCell<HashMap<String, Rc<jobs::LaneTask>>>,
    trails: Rc<Trails>,
    flow_logs: Rc<FlowLogs>,
    balancer_logs: BalancerLogs,
    pages: Pace,
    changes: Pace,
    copied: Pace,
}

/// Why a piece of work came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Definite: what it was about is gone, changed or not allowed.
    #[error("{0}")]
    Refused(&'static str),
    /// Try again.
    #[error("{0}")]
    Later(String),
}

impl From<BadRow> for Failure {
    fn from(e: BadRow) -> Self {
        Self::Later(e.to_string())
    }
}

impl From<CallError> for Failure {
    fn from(e: CallError) -> Self {
        match e {
            CallError::Refused(
                IndexError::Busy(_) | IndexError::SessionClosed | IndexError::NotLeader | IndexError::Moved | IndexError::Frozen,
            ) => Self::Later(e.to_string()),
            CallError::Refused(IndexError::Locked) => Self::Refused("locked"),
            CallError::Refused(IndexError::DataChanged | IndexError::PreconditionFailed) => Self::Refused("changed"),
            CallError::Refused(IndexError::NoSuchBucket) => Self::Refused("no-bucket"),
            CallError::Refused(IndexError::NoSuchKey | IndexError::NoSuchVersion | IndexError::DeleteMarker) => {
                Self::Refused("gone")
            }
            CallError::Refused(_) => Self::Refused("refused"),
            CallError::Unavailable(why) | CallError::Unknown(why) => Self::Later(why),
        }
    }
}

impl From<AwsError> for Failure {
    fn from(e: AwsError) -> Self {
        match e.status {
            500.. => Self::Later(e.to_string()),
            _ if e.is("NoSuchBucket") => Self::Refused("no-bucket"),
            _ if e.is("NoSuchKey") || e.is("NoSuchVersion") => Self::Refused("gone"),
            _ if e.is("AccessDenied") => Self::Refused("denied"),
            _ => Self::Refused("refused"),
        }
    }
}

/// Runs the worker until the process ends. Needs a `LocalSet`.
///
/// # Errors
/// The settings, the key or the control socket.
pub async fn run(dir: DataDir) -> Result<(), WorkerError> {
    let settings = Settings::load(&dir)?;
    let me = platform::Identity::open(&dir, "s3-worker")?;
    let keys = Rc::new(Keys::open(&dir, &settings, "s3-worker")?);
    let s3 = Rc::new(S3::new(&me, &settings, keys.clone(), None).map_err(WorkerError::ObjectKey)?);
    let options = WorkerOptions {
        restore_delay: Duration::from_secs(settings.s3.restore_seconds.into()),
        poll: Duration::from_millis(250),
        webhook: WebhookOptions::default(),
    };
    let trails = Rc::new(Trails::open(&dir, &settings)?);
    let flow_logs = Rc::new(FlowLogs::open(&me, &dir, &settings)?);
    let balancer_logs = BalancerLogs::new(&me, &dir, &settings);
    let worker = Rc::new(Worker::new(s3, dir.clone(), trails.clone(), flow_logs.clone(), balancer_logs, options));
    let control = rpc::bind(&dir.socket("s3-worker")).map_err(WorkerError::Control)?;
    let [status, a, b, c, d, e] = std::array::from_fn(|_| worker.clone());
    let errors = flow_logs.clone();
    let control_plane = &[Role::ControlPlane.any()];
    let router = Router::new()
        .on::<GetS3WorkerStatus, _, _>(&WATCHERS, move |_| std::future::ready(Ok(status.status())))
        .on::<wire::kms::PushKeys, _, _>(control_plane, move |snapshot| std::future::ready(keys.accept(snapshot)))
        .on::<wire::trail::PushTrails, _, _>(control_plane, move |snapshot| std::future::ready(trails.accept(snapshot)))
        .on::<wire::trail::CheckTrailBucket, _, _>(control_plane, move |asked| {
            let worker = a.clone();
            async move { Ok(worker.check_trail_bucket(&asked).await) }
        })
        .on::<wire::trail::GetTrailStatus, _, _>(control_plane, move |id| {
            let worker = b.clone();
            async move { worker.trail_status(id).await }
        })
        .on::<wire::trail::GetDigestKey, _, _>(control_plane, move |_| {
            let worker = c.clone();
            async move { worker.digest_key().await }
        })
        .on::<wire::flow::PushFlowLogs, _, _>(control_plane, move |snapshot| std::future::ready(flow_logs.accept(snapshot)))
        .on::<wire::flow::CheckFlowLogBucket, _, _>(control_plane, move |asked| {
            let worker = d.clone();
            async move { Ok(worker.check_flow_log_bucket(&asked).await) }
        })
        .on::<wire::balancer::CheckBalancerLogBucket, _, _>(control_plane, move |asked| {
            let worker = e.clone();
            async move { Ok(worker.check_balancer_log_bucket(asked).await) }
        })
        .on::<wire::flow::GetFlowLogErrors, _, _>(control_plane, move |ids| std::future::ready(Ok(errors.errors_of(&ids))));
    tokio::task::spawn_local(rpc::serve(control, me, router));
    tracing::info!("s3-worker ready");
    worker.work().await;
    Ok(())
}

impl Worker {
    pub(crate) fn new(
        s3: Rc<S3>,
        dir: DataDir,
        trails: Rc<Trails>,
        flow_logs: Rc<FlowLogs>,
        balancer_logs: BalancerLogs,
        options: WorkerOptions,
    ) -> Self {
        Self {
            s3,
            dir,
            options,
            counters: RefCell::default(),
            events_upto: RefCell::default(),
            lanes: RefCell::default(),
            trails,
            flow_logs,
            balancer_logs,
            pages: Pace::new(PAGES_PER_SECOND),
            changes: Pace::new(CHANGES_PER_SECOND),
            copied: Pace::new(COPIED_BYTES_PER_SECOND),
        }
    }

    /// Does everything there is to do, for ever.
    pub(crate) async fn work(self: Rc<Self>) {
        tokio::join!(
            self.pump_events(),
            self.sweep_buckets(),
            self.take_inventories(),
            self.ship_logs(),
            self.deliver_trails(),
            self.deliver_flow_logs(),
            self.deliver_balancer_logs()
        );
    }

    fn status(&self) -> S3WorkerStatus {
        S3WorkerStatus {
            events_upto: self.events_upto.borrow().values().copied().max().unwrap_or(0),
            backlog_bytes: self.lanes.borrow().values().map(|l| l.backlog_bytes()).sum(),
            counters: self.counters.borrow().clone(),
        }
    }

    fn count(&self, what: &str) {
        self.count_many(what, 1);
    }

    fn count_many(&self, what: &str, n: u64) {
        if n > 0 {
            *self.counters.borrow_mut().entry(what.to_owned()).or_default() += n;
        }
    }

    fn now(&self) -> TimestampMs {
        self.s3.clock.wall()
    }

    /// Between two passes over all buckets.
    fn pass(&self) -> Duration {
        Duration::from_millis(self.s3.day_ms).min(PASS_MAX)
    }

    async fn call(&self, call: IndexCall) -> Result<IndexAnswer, Failure> {
        let outcome = self.s3.index.call(call).await;
        if let Err(CallError::Refused(IndexError::SessionClosed)) = outcome {
            *self.s3.session.borrow_mut() = None;
        }
        outcome.map_err(Failure::from)
    }

    async fn bucket_of(&self, name: &str) -> Result<Bucket, Failure> {
        match self.call(IndexCall::GetBucket { name: name.to_owned() }).await? {
            IndexAnswer::Bucket(bucket) => Ok(Bucket::new(bucket)),
            _ => Err(Failure::Later("not a bucket".to_owned())),
        }
    }

    /// Buckets behind `after` that have a document whose name begins so, and where to go on.
    async fn buckets_with(&self, after: String, name: &str) -> Result<(Vec<Bucket>, Option<String>), Failure> {
        self.pages.take(1).await;
        match self.call(IndexCall::AllBuckets { after, limit: BUCKETS_PER_CALL }).await? {
            IndexAnswer::Buckets { buckets, next } => {
                let has =
                    |b: &BucketRecord| b.documents.range(name.to_owned()..).next().is_some_and(|(n, _)| n.starts_with(name));
                let of = |bucket| Bucket::new(VersionedBucket { version: 0, bucket });
                Ok((buckets.into_iter().filter(has).map(of).collect(), next))
            }
            _ => Err(Failure::Later("not buckets".to_owned())),
        }
    }

    fn cause(&self, event: &str) -> Cause {
        let request_id = format!("{:016X}", self.s3.rng.borrow_mut().u64());
        Cause { event: event.to_owned(), request_id, principal: "s3.amazonaws.com".to_owned(), source_ip: "127.0.0.1".to_owned() }
    }

    /// A request of our own, in the name of an account.
    fn ask(&self, bucket: &str, key: &str, account: &AccountId, arn: Option<&str>) -> Ask {
        let mut caller = Principal::root(account.clone());
        if let Some(arn) = arn {
            caller.arn = arn.to_owned();
        }
        let id = format!("{:016X}", self.s3.rng.borrow_mut().u64());
        Ask {
            host_id: id.clone(),
            id,
            op: Operation::GetObject,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            params: Params::default(),
            method: hyper::Method::GET,
            path: String::new(),
            query: String::new(),
            headers: hyper::HeaderMap::new(),
            who: Identity::User(Rc::new(User::bare(caller))),
            from: IpAddr::V4(Ipv4Addr::LOCALHOST),
            through: None,
            region: self.s3.region.clone(),
            now: self.now(),
            presigned: false,
            signed_at: None,
            website: false,
            decided: Default::default(),
        }
    }
}

fn later() -> Failure {
    Failure::from(errors::internal_error())
}

/// The bucket that an ARN names.
fn bucket_of_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:aws:s3:::")
}

/// The document that sweeps are about.
const LIFECYCLE: &str = document::LIFECYCLE;
