//! The S3 front: authenticated requests in, the index and the storage nodes behind it. It needs no control plane: keys come
//! from the pushed snapshot, buckets and their policies from the index.
//!
//! ```text
//!  head ─► route ─► claim ─► who (or nobody) ─► operation ─► bucket, policy, ACL ─► index / data ─► reply
//! ```
//!
//! * [`ask`]: a request. [`access`], [`acl`]: may they. [`bucket`]: a bucket's record understood. [`config`]: its documents.
//! * [`read`], [`write`], [`multipart`], [`remove`], [`small`], [`list`], [`buckets`], [`post`]: the operations.
//! * [`upload`], [`digest`], [`seal`], [`sse`]: bodies and their keys. [`cors`], [`website`]: browsers.
//! * [`front`]: HTTP's side of it all. [`worker`]: what happens in the background; [`lifecycle`], [`notify`],
//!   [`replicate`], [`restore`], [`access_log`]: its decisions.

pub mod access;
mod access_log;
pub mod acl;
pub mod ask;
pub mod bucket;
mod buckets;
mod config;
mod cors;
mod digest;
pub mod front;
pub mod headers;
mod keys;
pub mod lifecycle;
mod list;
mod md5;
mod mfa;
mod multipart;
pub mod notify;
mod objects;
mod on_behalf;
mod post;
pub mod ranges;
pub mod read;
mod remove;
pub mod replicate;
mod restore;
pub mod seal;
mod small;
mod sse;
mod upload;
mod website;
pub mod worker;
mod write;

use crate::answer::{Reply, plain};
use crate::body::ReplyBody;
use crate::kms::Keys;
use crate::limits::Quotas;
use acl::Directory;
use ask::Ask;
use aws_protocol::AwsError;
use aws_protocol::s3::errors;
use bucket::Bucket;
use objectstore::data::{BlobReader, BlobWriter, BulkNodes, DataClient, DataOptions, ReadError, WriteError};
use objectstore::index::{CallError, IndexClient};
use objectstore::layout::{Node, Topology};
use objectstore::message::{IndexAnswer, IndexCall, IndexError};
use objectstore::record::{BlobRef, BucketRecord, VersionId, VersionedBucket};
use objectstore::{BlobId, Layout, SessionId};
use platform::{Settings, SystemClock, SystemRng};
use seal::SealingKey;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

pub type Reader = BlobReader<BulkNodes>;
pub type Writer = BlobWriter<BulkNodes>;

/// Buckets whose records are kept; beyond that all are forgotten and asked for again.
const CACHED_BUCKETS_MAX: usize = 10_000;
/// A session is closed when the one after the next opens (see [`S3::session`]), so writes may take this long at least.
const SESSION_LIFE: Duration = Duration::from_secs(3600);
/// Names under which sessions are opened in turn.
const SESSION_TURNS: u32 = 4;
/// Times that a change of a bucket's record, or what was decided by it, is tried again because another's change was faster.
const UPDATES_MAX: u32 = 20;
/// Removals of abandoned blobs under way; further ones are left to the collector.
const DISCARDS_MAX: usize = 64;

pub struct S3 {
    pub region: String,
    pub(crate) index: IndexClient,
    pub(crate) data: DataClient<BulkNodes>,
    /// The layout of infrequent classes.
    coded: Layout,
    key: Rc<SealingKey>,
    /// KMS's.
    keys: Rc<Keys>,
    /// Codes of MFA devices.
    codes: mfa::Codes,
    /// None where no buckets are made.
    quotas: Option<Rc<Quotas>>,
    /// Makes a service's own key when there is none yet.
    control: platform::rpc::Client,
    rng: RefCell<SystemRng>,
    clock: SystemClock,
    buckets: RefCell<HashMap<String, Rc<Bucket>>>,
    session: RefCell<Option<Session>>,
    opening: tokio::sync::Mutex<()>,
    /// Changes of buckets' records wait for each other here, or they would only spoil each other's versions.
    updating: tokio::sync::Mutex<()>,
    /// Which process this is: the owner of its sessions.
    owner: String,
    discards: Cell<usize>,
    /// Bodies under way.
    uploads: upload::Crowd,
    hashing: digest::Hashing,
    /// Accounts by canonical user id, for ACLs.
    accounts: RefCell<BTreeMap<String, String>>,
    /// What new buckets get when their maker does not say; none: ACLs count, as before April 2023.
    default_ownership: Option<String>,
    block_public_access: bool,
    /// A day of lifecycle rules.
    pub(crate) day_ms: u64,
    /// Records of requests to buckets with logging; the gateway's alone.
    pub(crate) access_log: access_log::AccessLog,
}

#[derive(Clone, Copy)]
struct Session {
    id: SessionId,
    turn: u32,
    opened: std::time::Instant,
    next: u32,
}

impl S3 {
    /// `me` owns its sessions. Needs no server to be up yet.
    pub fn new(
        me: &platform::Identity,
        settings: &Settings,
        keys: Rc<Keys>,
        quotas: Option<Rc<Quotas>>,
    ) -> std::io::Result<Self> {
        let dir = me.dir();
        let topology = topology(settings);
        let sockets = topology.nodes().iter().map(|n| dir.storage_socket(&n.id)).collect();
        let coded = Layout::erasure(&topology);
        let mut rng = SystemRng::new();
        Ok(Self {
            region: settings.region.to_string(),
            index: IndexClient::new(me, settings.index_nodes().into_iter().map(|(n, _)| dir.index_socket(&n))),
            data: DataClient::new(Arc::new(topology), BulkNodes::new(me, sockets), DataOptions::default()),
            coded,
            key: Rc::new(SealingKey::open(dir, &mut rng)?),
            keys,
            codes: mfa::Codes::open(dir.gateway_codes()),
            quotas,
            control: platform::rpc::Client::new(me, dir.socket("control-plane")),
            rng: RefCell::new(rng),
            clock: SystemClock::new(),
            buckets: RefCell::default(),
            session: RefCell::default(),
            opening: tokio::sync::Mutex::default(),
            updating: tokio::sync::Mutex::default(),
            owner: me.me().process().to_owned(),
            discards: Cell::new(0),
            uploads: upload::Crowd::default(),
            hashing: digest::Hashing::default(),
            accounts: RefCell::default(),
            default_ownership: settings.s3.aws_defaults.then(|| "BucketOwnerEnforced".to_owned()),
            block_public_access: settings.s3.aws_defaults,
            day_ms: u64::from(settings.s3.lifecycle_day_seconds.max(1)) * 1000,
            access_log: access_log::AccessLog::new(dir.access_logs()),
        })
    }

    /// The accounts that ACLs may name.
    pub fn know_accounts<'a>(&self, accounts: impl Iterator<Item = &'a types::AccountId>) {
        *self.accounts.borrow_mut() = accounts.map(|a| (iam::canonical_user_id(a), a.to_string())).collect();
    }

    /// KMS's keys, and the root key.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    // ----------------------------------------------------------------------------------------------- the index

    pub(crate) async fn index(&self, ask: &Ask, call: IndexCall) -> Result<IndexAnswer, AwsError> {
        let version = ask.version().ok().flatten();
        self.index_of(ask, call, &ask.bucket, &ask.key, version).await
    }

    /// The same, about another bucket and key than the request's.
    async fn index_of(
        &self,
        ask: &Ask,
        call: IndexCall,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
    ) -> Result<IndexAnswer, AwsError> {
        // The way over shards and leaders is a large future, and every operation goes it several times.
        Box::pin(self.index.call(call)).await.map_err(|e| self.index_failed(e, ask, bucket, key, version))
    }

    fn index_failed(&self, e: CallError, ask: &Ask, bucket: &str, key: &str, version: Option<VersionId>) -> AwsError {
        match e {
            CallError::Refused(IndexError::NoSuchBucket) => {
                self.forget(bucket);
                errors::no_such_bucket(bucket)
            }
            CallError::Refused(e) => {
                if matches!(e, IndexError::SessionClosed) {
                    *self.session.borrow_mut() = None;
                }
                index_error(&e, ask, key, version)
            }
            CallError::Unavailable(why) => {
                tracing::warn!(why, "the index cannot be reached");
                errors::service_unavailable()
            }
            CallError::Unknown(why) => {
                tracing::warn!(why, "no answer from the index");
                errors::internal_error()
            }
        }
    }

    /// The same, if the request's bucket is still of the version that the call names; none: it is not, and nothing happened.
    pub(crate) async fn index_if_unchanged(&self, ask: &Ask, call: IndexCall) -> Result<Option<IndexAnswer>, AwsError> {
        match self.index.call(call).await {
            Ok(answer) => Ok(Some(answer)),
            Err(CallError::Refused(IndexError::BucketChanged)) => Ok(None),
            Err(e) => Err(self.index_failed(e, ask, &ask.bucket, &ask.key, ask.version().ok().flatten())),
        }
    }

    /// The request's bucket, as of now.
    pub(crate) async fn bucket(&self, ask: &Ask) -> Result<Rc<Bucket>, AwsError> {
        self.bucket_named(ask, &ask.bucket).await
    }

    pub(crate) async fn bucket_named(&self, ask: &Ask, name: &str) -> Result<Rc<Bucket>, AwsError> {
        let call = IndexCall::GetBucket { name: name.to_owned() };
        match self.index_of(ask, call, name, "", None).await? {
            IndexAnswer::Bucket(bucket) => Ok(self.remember(bucket)),
            _ => Err(errors::internal_error()),
        }
    }

    /// What `work` makes of the request's bucket as it was known last, without asking for it. Only for calls that the index
    /// carries out if the bucket is still of this version. A refusal is given by the bucket as of now.
    pub(crate) async fn by_known_bucket<T>(
        &self,
        ask: &Ask,
        work: impl AsyncFn(&Bucket) -> Result<T, AwsError>,
    ) -> Result<(Rc<Bucket>, T), AwsError> {
        let known = self.cached(&ask.bucket);
        let refused = match &known {
            None => None,
            Some(bucket) => match work(bucket).await {
                Ok(made) => return Ok((bucket.clone(), made)),
                Err(e) => Some(e),
            },
        };
        let bucket = self.bucket(ask).await?;
        match refused {
            Some(e) if known.is_some_and(|known| Rc::ptr_eq(&known, &bucket)) => Err(e),
            _ => work(&bucket).await.map(|made| (bucket.clone(), made)),
        }
    }

    fn cached(&self, name: &str) -> Option<Rc<Bucket>> {
        self.buckets.borrow().get(name).cloned()
    }

    fn remember(&self, fresh: VersionedBucket) -> Rc<Bucket> {
        let mut buckets = self.buckets.borrow_mut();
        if let Some(known) =
            buckets.get(&fresh.bucket.name).filter(|b| b.version == fresh.version && b.record.id == fresh.bucket.id)
        {
            return known.clone();
        }
        if buckets.len() >= CACHED_BUCKETS_MAX {
            buckets.clear();
        }
        let bucket = Rc::new(Bucket::new(fresh));
        buckets.insert(bucket.record.name.clone(), bucket.clone());
        bucket
    }

    fn forget(&self, name: &str) {
        self.buckets.borrow_mut().remove(name);
    }

    /// Changes the bucket's record; `change` may run more than once.
    pub(crate) async fn update_bucket(
        &self,
        ask: &Ask,
        mut change: impl FnMut(&mut BucketRecord) -> Result<(), AwsError>,
    ) -> Result<(), AwsError> {
        let _one_changes = self.updating.lock().await;
        for _ in 0..UPDATES_MAX {
            let current = self.bucket(ask).await?;
            let mut record = current.record.clone();
            change(&mut record)?;
            let call = IndexCall::UpdateBucket { version: current.version, bucket: record };
            match self.index.call(call).await {
                Ok(IndexAnswer::Bucket(fresh)) => {
                    self.remember(fresh);
                    return Ok(());
                }
                Ok(_) => return Ok(()),
                Err(CallError::Refused(IndexError::BucketChanged)) => {}
                Err(CallError::Refused(e)) => return Err(index_error(&e, ask, "", None)),
                Err(CallError::Unavailable(_)) => return Err(errors::service_unavailable()),
                Err(CallError::Unknown(_)) => return Err(errors::internal_error()),
            }
        }
        Err(errors::operation_aborted())
    }

    // ------------------------------------------------------------------------------------- sessions and blobs

    /// The session that writes belong to now; opened when there is none, and anew every hour. Sessions take turns under
    /// [`SESSION_TURNS`] names: opening one closes the one that had its name before, so a write has hours to finish.
    pub(crate) async fn session(&self) -> Result<SessionId, AwsError> {
        let current = || self.session.borrow().filter(|s| s.opened.elapsed() < SESSION_LIFE && s.next < u32::MAX);
        if let Some(session) = current() {
            return Ok(session.id);
        }
        let _one_opens = self.opening.lock().await;
        if let Some(session) = current() {
            return Ok(session.id);
        }
        let turn = self.session.borrow().map_or(0, |s| (s.turn + 1) % SESSION_TURNS);
        let owner = format!("{}/{turn}", self.owner);
        match self.index.call(IndexCall::OpenSession { owner }).await {
            Ok(IndexAnswer::Session { id, .. }) => {
                *self.session.borrow_mut() = Some(Session { id, turn, opened: std::time::Instant::now(), next: 0 });
                Ok(id)
            }
            Ok(_) => Err(errors::internal_error()),
            Err(e) => {
                tracing::warn!(error = %e, "no session can be opened");
                Err(errors::service_unavailable())
            }
        }
    }

    /// The name of a blob that nobody has written.
    async fn new_blob(&self) -> Result<BlobId, AwsError> {
        let id = self.session().await?;
        match &mut *self.session.borrow_mut() {
            Some(session) if session.id == id => {
                session.next += 1;
                Ok(BlobId { session: id, number: session.next })
            }
            _ => Err(errors::service_unavailable()),
        }
    }

    /// Removes a blob that will not be used, soon; if that fails, the collector finds it when its session is closed.
    fn discard(self: &Rc<Self>, blob: BlobRef) {
        if self.discards.get() >= DISCARDS_MAX {
            return;
        }
        self.discards.set(self.discards.get() + 1);
        let s3 = self.clone();
        tokio::task::spawn_local(async move {
            if let Err(error) = s3.data.delete(&blob).await {
                tracing::debug!(blob = %blob.id, %error, "left to the collector");
            }
            s3.discards.set(s3.discards.get() - 1);
        });
    }

    fn display_name_of(&self, canonical: &str) -> Option<String> {
        self.accounts.borrow().get(canonical).cloned()
    }
}

impl Directory for S3 {
    fn knows(&self, canonical: &str) -> bool {
        self.accounts.borrow().contains_key(canonical)
    }

    fn display_name(&self, canonical: &str) -> Option<String> {
        self.display_name_of(canonical)
    }
}

/// The storage nodes of a region.
pub fn topology(settings: &Settings) -> Topology {
    Topology::new(settings.storage.iter().map(|s| Node { id: s.id.clone(), az: s.az.clone() }).collect())
}

/// A refusal of the index in S3's words.
fn index_error(e: &IndexError, ask: &Ask, key: &str, version: Option<VersionId>) -> AwsError {
    match e {
        IndexError::NoSuchBucket => errors::no_such_bucket(&ask.bucket),
        IndexError::BucketExists { owner } if ask.who.account() == Some(owner) => {
            errors::bucket_already_owned_by_you(&ask.bucket)
        }
        IndexError::BucketExists { .. } => errors::bucket_already_exists(&ask.bucket),
        IndexError::BucketNotEmpty => errors::bucket_not_empty(&ask.bucket),
        IndexError::BucketChanged | IndexError::DataChanged => errors::operation_aborted(),
        IndexError::NoSuchKey => errors::no_such_key(key),
        IndexError::NoSuchVersion => errors::no_such_version(key, version.map(|v| v.to_string()).unwrap_or_default()),
        IndexError::DeleteMarker => errors::version_is_delete_marker(ask.method.as_str()),
        IndexError::NoSuchUpload => errors::no_such_upload(ask.params.get("uploadId").unwrap_or("")),
        IndexError::InvalidPart(part) => errors::invalid_part(ask.params.get("uploadId").unwrap_or(""), part, ""),
        IndexError::PreconditionFailed => {
            let header = if ask.filled("if-none-match").is_some() { "If-None-Match" } else { "If-Match" };
            errors::precondition_failed(header)
        }
        IndexError::Locked => errors::access_denied_because("Access Denied because object protected by object lock."),
        IndexError::TooMany { what, .. } if what == "buckets" => errors::too_many_buckets(),
        IndexError::TooMany { .. } | IndexError::Busy(_) => errors::slow_down(),
        IndexError::SessionClosed | IndexError::NotLeader | IndexError::Moved | IndexError::Frozen => {
            errors::service_unavailable()
        }
        IndexError::Invalid(why) => errors::invalid_request(why.clone()),
    }
}

fn read_error(e: &ReadError) -> AwsError {
    match e {
        ReadError::Unavailable { .. } => errors::slow_down(),
        ReadError::Missing { .. } | ReadError::Corrupt { .. } => errors::internal_error(),
    }
}

fn write_error(e: &WriteError) -> AwsError {
    match e {
        WriteError::Unavailable { .. } => errors::slow_down(),
        WriteError::Full { .. } => errors::insufficient_storage(),
        WriteError::Conflict { .. } => errors::internal_error(),
    }
}

pub(crate) fn xml_reply(status: u16, body: String) -> Reply {
    plain(status, "application/xml", body)
}

pub(crate) fn empty_reply(status: u16) -> Reply {
    let mut reply = Reply::new(ReplyBody::empty());
    *reply.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    reply.headers_mut().insert(hyper::header::SERVER, hyper::header::HeaderValue::from_static("stratocell"));
    reply
}
