//! The control plane's process: serves the gateway, hears the cells, commits, and wakes the pusher.
//!
//! One thread. Operations run synchronously over the rows; what they changed is submitted to the store's writer thread and
//! answered when durable. A commit that fails ends the process: memory may then differ from the disk, and start-up is
//! recovery.

use crate::context::{Answer, Ctx, OpError, Question, ReplayRng, Who};
use crate::db::{Db, LoadError};
use crate::directory::Cut;
use crate::ec2::compute::recover;
use crate::ec2::compute::spot;
use crate::ec2::network::{nat_router, network_acl};
use crate::iam::identity::{self, Identities};
use crate::kms::material::{MaterialAnswer, MaterialRequest};
use crate::placed::Delivered;
use crate::rows::{self, Instance};
use crate::sealed::{self, Stored};
use crate::sts::{instance, oidc};
use crate::{account, audit, cells, dispatch, elb, observe, places, push, quota};
use ::iam::caller::Circumstances;
use ::kms::RootKey;
use aws_protocol::{AwsError, Form, HttpReply};
use platform::rpc::{self, Client, Router, RpcError};
use platform::settings::SettingsError;
use platform::tls::{Identity, Role, WATCHERS};
use platform::{Clock, DataDir, Settings, SystemClock, root_key};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::{Committer, CommitterOptions, Mutation, SqliteOptions, SqliteStore, Store, Version};
use tokio::sync::{Notify, watch};
use types::CellId;
use wire::api::{ApiProtocol, ApiReply, ApiRequest, InstanceSummary, Principal, RegionStatus, RouterSummary};
use wire::cell::{CellReport, ClaimReply, HoldRef, RunRef};
use wire::identity::{PrincipalKind, Trace};

/// A question that is not answered in this time ends the request with a retryable error (the gateway gives up at 5 s).
const ASK_TIMEOUT: Duration = Duration::from_millis(3000);
/// Questions of one request: an operation that asks more is broken.
const ASKS_MAX: usize = 64;
/// A gateway that has not taken the keys within this time is not waited for.
const KEYS_KNOWN_TIMEOUT: Duration = Duration::from_millis(500);
/// New spot requests are looked at this often, those that found no room each tenth time.
const SPOT_EVERY: Duration = Duration::from_secs(1);
const SPOT_AGAIN_TURNS: u64 = 10;
/// Between two sweeps of what is over its time.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("cannot prove who this is")]
    Identity(#[from] platform::tls::TlsError),
    #[error("the region's store cannot be opened")]
    Store(#[from] store::Error),
    #[error("a stored row cannot be read")]
    Row(#[from] LoadError),
    #[error("{0}")]
    Bootstrap(String),
    #[error("cannot listen")]
    Listen(#[source] std::io::Error),
    #[error("the settings name a quota that there is not: {0}")]
    Quota(String),
    #[error("KMS's root key, {path}: {reason}")]
    RootKey { path: std::path::PathBuf, reason: String },
}

pub struct Service {
    pub(crate) settings: Settings,
    pub(crate) dir: DataDir,
    pub(crate) me: Identity,
    pub(crate) db: RefCell<Db>,
    pub(crate) committer: Committer,
    pub(crate) identities: RefCell<Identities>,
    /// What directories are pushed.
    pub(crate) directory: RefCell<Cut>,
    pub(crate) changed: Notify,
    /// There may be instances to recover.
    recoveries: Notify,
    root: Arc<RootKey>,
    /// The store's version whose keys the gateway has.
    pub(crate) keys_delivered: watch::Sender<u64>,
    pub(crate) cells: HashMap<CellId, Client>,
    s3_worker: Client,
    gateway: Client,
    /// Reports of this process's life, newest a cell.
    reports: RefCell<BTreeMap<CellId, CellReport>>,
    /// What each cell was given of this process.
    pub(crate) delivered: RefCell<BTreeMap<CellId, Delivered>>,
    clock: SystemClock,
    table: dispatch::Table,
    /// Commits submitted and not yet durable: reads wait for them.
    pending: Cell<usize>,
}

/// Runs the control plane until the process ends. Needs a `LocalSet`.
pub async fn run(dir: DataDir) -> Result<(), RunError> {
    let settings = Settings::load(&dir)?;
    if let Some(name) = quota::unknown_setting(&settings) {
        return Err(RunError::Quota(name.to_owned()));
    }
    let service = Rc::new(Service::open(dir, settings)?);
    service.bootstrap().await?;
    let listener = rpc::bind(&service.dir.socket("control-plane")).map_err(RunError::Listen)?;
    tokio::task::spawn_local(push::run(service.clone()));
    tokio::task::spawn_local(service.clone().sweep());
    tokio::task::spawn_local(service.clone().recover());
    tokio::task::spawn_local(service.clone().fulfil_spot());
    tracing::info!("control plane ready");
    tokio::select! {
        () = rpc::serve(listener, service.me.clone(), service.clone().router()) => Ok(()),
        error = service.committer.failed() => Err(RunError::Store(error)),
    }
}

impl Service {
    fn open(dir: DataDir, settings: Settings) -> Result<Self, RunError> {
        let path = dir.store("control-plane");
        if let Some(parent) = path.parent() {
            platform::disk::create_private_dir(parent).map_err(RunError::Listen)?;
        }
        let mut store = SqliteStore::open(&path, SqliteOptions { cache_kib: 1024, ..SqliteOptions::durable() })?;
        let epoch = store.acquire("control-plane")?;
        let failed = |e: root_key::OpenError| RunError::RootKey { path: dir.kms_key(), reason: e.to_string() };
        let root = Arc::new(root_key::open(&dir, &settings, RootKey::parse).map_err(failed)?);
        let mut db = Db::default();
        let (mut failed, mut bare) = (None, Vec::new());
        store::for_prefix(&store, b"", |entry| {
            let loaded = match sealed::open(&root, &entry.key, &entry.value) {
                Stored::Plain(value) => db.load(&entry.key, value).map_err(RunError::from),
                Stored::Sealed(value) => db.load(&entry.key, &value).map_err(RunError::from),
                Stored::Bare(value) => {
                    bare.push((entry.key.clone(), value.to_vec()));
                    db.load(&entry.key, value).map_err(RunError::from)
                }
                Stored::Wrong => Err(not_the_root_key(&dir)),
            };
            if let Err(e) = loaded {
                failed.get_or_insert(e);
            }
        })?;
        if let Some(e) = failed {
            return Err(e);
        }
        opens_keys(&dir, &root, &db)?;
        if !bare.is_empty() {
            let count = bare.len();
            let sealed: Result<Vec<_>, _> =
                bare.into_iter().map(|(key, value)| Ok(Mutation::put(key.clone(), sealed::seal(&root, &key, value)?))).collect();
            let sealed = sealed.map_err(|e: ::kms::Refused| RunError::Bootstrap(format!("secrets cannot be sealed: {e}")))?;
            store.commit(epoch, &[], &sealed)?;
            store.scrub()?;
            tracing::info!(count, "rows with secrets of before they were sealed are sealed now");
        }
        let me = Identity::open(&dir, "control-plane")?;
        let cells = settings.cells.iter().map(|c| (c.id.clone(), Client::new(&me, dir.cell_socket(&c.id)))).collect();
        Ok(Self {
            directory: RefCell::new(Cut::new(settings.large_vpcs.whole_max)),
            settings,
            s3_worker: Client::new(&me, dir.socket("s3-worker")),
            gateway: Client::new(&me, dir.socket("gateway")),
            dir,
            me,
            db: RefCell::new(db),
            committer: Committer::spawn(store, epoch, CommitterOptions::usual())?,
            identities: RefCell::new(Identities::new(root.clone())),
            changed: Notify::new(),
            recoveries: Notify::new(),
            root,
            keys_delivered: watch::Sender::new(0),
            cells,
            reports: RefCell::default(),
            delivered: RefCell::default(),
            clock: SystemClock::new(),
            table: crate::operations(),
            pending: Cell::new(0),
        })
    }

    /// The first account on a new store; and one commit at each start, so that documents compiled by this process never
    /// carry a generation that an earlier one gave to other contents.
    async fn bootstrap(&self) -> Result<(), RunError> {
        {
            let mut db = self.db.borrow_mut();
            let starts = db.get::<rows::Counter>(&crate::db::system_account(), "starts").map_or(0, |c| c.value);
            db.put(rows::Counter { name: "starts".into(), value: starts + 1 });
            let (now, mut rng) = (self.clock.wall(), platform::SystemRng::new());
            cells::assign_all(&mut db, &self.settings, platform::Rng::u64(&mut rng));
            identity::rotate_session_keys(&mut db, now, &mut rng);
            instance::refresh_all(&mut db, now, &self.settings, &mut rng);
            quota::settle(&mut db, &self.settings, now);
            network_acl::ensure_default_acls(&mut db);
            for account in db.all::<rows::Account>().collect::<Vec<_>>() {
                account::ensure_admin(&mut db, &account.id, account.created, || crate::iam::unique_id("AIDA", &mut rng));
            }
        }
        self.commit().await?;
        if self.db.borrow().get::<rows::Account>(&self.settings.account, &self.settings.account).is_none() {
            let root = platform::settings::RootCredentials::load(&self.dir)?;
            let create = account::NewAccount {
                id: root.account.clone(),
                name: "default".into(),
                access_key: root.access_key,
                secret_key: root.secret_key,
            };
            self.create_account(create).await.map_err(|e| RunError::Bootstrap(e.to_string()))?;
        }
        Ok(())
    }

    fn router(self: Rc<Self>) -> Router {
        let (a, b, c, d, e, f) = (self.clone(), self.clone(), self.clone(), self.clone(), self.clone(), self.clone());
        let (g, h, i, j) = (self.clone(), self.clone(), self.clone(), self);
        let operator = [Role::Operator.any()];
        Router::new()
            .on::<wire::api::Api, _, _>(&[Role::Gateway.any()], move |r| {
                let s = a.clone();
                async move { Ok(s.api(r).await) }
            })
            .on_from::<wire::api::ReportCell, _, _>(&[Role::Cell.any()], move |peer, r| {
                let s = b.clone();
                async move {
                    if peer.id != r.cell.as_str() {
                        return Err(RpcError::remote("not-permitted", format!("{peer} may not report of {}", r.cell)));
                    }
                    s.report(r).await
                }
            })
            .on::<wire::api::CreateAccount, _, _>(&operator, move |r| {
                let s = c.clone();
                async move {
                    let create = account::NewAccount::random(r.name, r.account, &mut platform::SystemRng::new());
                    s.create_account(create).await.map_err(|e| RpcError::remote(&e.code, e.message))
                }
            })
            .on::<wire::api::SetOidcKeys, _, _>(&operator, move |r| {
                let s = f.clone();
                async move {
                    let outcome = oidc::set_keys(&mut s.db.borrow_mut(), s.clock.wall(), &r.issuer, r.jwks);
                    let usable = outcome.map_err(|e| RpcError::remote(&e.code, e.message))?;
                    s.commit().await.map_err(|e| RpcError::remote("store", e.to_string()))?;
                    Ok(wire::api::OidcKeysReply { usable })
                }
            })
            .on::<wire::api::GetRegionStatus, _, _>(&WATCHERS, move |_| {
                let s = d.clone();
                async move { Ok(s.status()) }
            })
            .on::<wire::api::SetZone, _, _>(&operator, move |r| {
                let s = j.clone();
                async move {
                    let outcome = crate::zones::set(&mut s.db.borrow_mut(), &s.settings, s.clock.wall(), r);
                    let known = |zones| RpcError::remote("no-such-zone", format!("there is no such zone: there are {zones}"));
                    let reply = outcome.map_err(known)?;
                    s.commit().await.map_err(|e| RpcError::remote("store", e.to_string()))?;
                    Ok(reply)
                }
            })
            .on::<wire::trace::FindPlaces, _, _>(&operator, move |query| {
                let s = i.clone();
                async move { Ok(places::find(&s.db.borrow(), &s.settings, &query)) }
            })
            .on::<wire::audit::ReportAudit, _, _>(&[Role::Gateway.any()], move |r| {
                let s = g.clone();
                async move {
                    audit::note(&mut s.db.borrow_mut(), r, &s.settings.region);
                    s.commit().await.map_err(|e| RpcError::remote("store", e.to_string()))?;
                    Ok(wire::Empty {})
                }
            })
            .on::<wire::audit::GetAuditHeads, _, _>(&operator, move |_| {
                let s = h.clone();
                async move { Ok(audit::heads(&s.db.borrow())) }
            })
            .on::<wire::kms::EnsureKey, _, _>(&[Role::Gateway.any(), Role::S3Worker.any()], move |r| {
                let s = e.clone();
                async move { s.ensure_key(r).await }
            })
    }

    /// Submits what the rows changed and returns when it is durable. A failure ends the process.
    pub(crate) async fn commit(&self) -> Result<Option<Version>, store::Error> {
        let mutations = self.db.borrow_mut().take_mutations();
        if mutations.is_empty() {
            // What was read must not be taken back by a crash.
            if self.pending.get() > 0 {
                self.committer.read(|_| Ok(()))?.await?;
            }
            return Ok(None);
        }
        let mutations = mutations
            .into_iter()
            .map(|(key, value)| match value {
                Some(value) => {
                    let value = sealed::seal(&self.root, &key, value).unwrap_or_else(|e| {
                        tracing::error!(error = %e, "a row cannot be sealed: the control plane ends");
                        std::process::abort();
                    });
                    Mutation::Put { key, value }
                }
                None => Mutation::Delete { key },
            })
            .collect();
        self.pending.set(self.pending.get() + 1);
        let outcome = match self.committer.submit(Vec::new(), mutations) {
            Ok(ticket) => ticket.await,
            Err(e) => Err(e),
        };
        self.pending.set(self.pending.get() - 1);
        let version = outcome.unwrap_or_else(|e| {
            tracing::error!(error = %e, "a commit failed: the control plane ends, to start again from what is durable");
            std::process::abort();
        });
        self.identities.borrow_mut().refresh(&mut self.db.borrow_mut());
        self.changed.notify_one();
        Ok(Some(version))
    }

    /// One API request, whole.
    async fn api(&self, request: ApiRequest) -> ApiReply {
        let mut traces = Vec::new();
        let reply = match self.execute(&request, &mut traces).await {
            Ok(reply) => reply,
            Err(error) => {
                tracing::debug!(request = request.request_id, code = %error.code, "refused");
                aws_protocol::error_reply(&request.service, &request.request_id, &error)
            }
        };
        ApiReply {
            status: reply.status,
            content_type: reply.content_type.to_owned(),
            headers: reply.headers.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            body: reply.body,
            traces,
        }
    }

    async fn execute(&self, request: &ApiRequest, traces: &mut Vec<Trace>) -> Result<HttpReply, AwsError> {
        let form = match request.protocol {
            ApiProtocol::Form => Form::parse(request.body.as_bytes())?,
            ApiProtocol::Json11 => Form::default(),
        };
        let now = self.clock.wall();
        let bundle = {
            let mut identities = self.identities.borrow_mut();
            identities.refresh(&mut self.db.borrow_mut());
            identities.directory().bundle(&request.principal)
        };
        // Deleted since the gateway was told.
        let bundle = bundle.ok_or_else(|| {
            AwsError::new("InvalidClientTokenId", "The security token included in the request is invalid.").with_status(403)
        })?;
        let at = Circumstances {
            now,
            source_ip: &request.source_ip,
            user_agent: &request.user_agent,
            region: self.settings.region.as_str(),
            through: None,
        };
        let who = Who { caller: &request.principal, bundle: &bundle, at };
        let (reply, version) = self
            .run(who, &request.request_id, |ctx| {
                let outcome = match request.protocol {
                    ApiProtocol::Form => dispatch::run_form(&self.table, ctx, &request.service, &form),
                    ApiProtocol::Json11 => {
                        let target = request.target.as_deref().unwrap_or_default();
                        dispatch::run_json(&self.table, ctx, &request.service, target, request.body.as_bytes())
                    }
                };
                *traces = std::mem::take(&mut ctx.traces);
                if let PrincipalKind::RoleSession { .. } = ctx.caller.kind {
                    let (role, region) = (ctx.caller.entity_id(), ctx.settings.region.as_str());
                    crate::iam::role::note_use(ctx.db, &ctx.caller.account, role, ctx.now, region);
                }
                outcome
            })
            .await?;
        if request.service == "kms" {
            self.until_keys_are_known(version).await;
        }
        Ok(reply)
    }

    /// Runs an operation, as often as it asks something, and commits what it changed: the store's version with that, if it
    /// changed anything.
    async fn run<T>(
        &self,
        who: Who<'_>,
        request_id: &str,
        mut operation: impl FnMut(&mut Ctx) -> Result<T, OpError>,
    ) -> Result<(T, Option<Version>), AwsError> {
        let mut rng = ReplayRng::new();
        let mut answers: Vec<(Question, Answer)> = Vec::new();
        loop {
            rng.rewind();
            let outcome = {
                let mut db = self.db.borrow_mut();
                let mut ctx = Ctx::new(&mut db, who, who.at.now, &self.settings, request_id, &mut rng, &answers);
                let outcome = operation(&mut ctx);
                if outcome.is_err() {
                    db.rollback();
                }
                outcome
            };
            match outcome {
                Ok(reply) => {
                    self.give_back_unused(&answers);
                    let version = self.commit().await.map_err(|e| AwsError::unavailable(e.to_string()))?;
                    return Ok((reply, version));
                }
                Err(OpError::Aws(error)) => {
                    self.give_back_unused(&answers);
                    return Err(error);
                }
                Err(OpError::Ask(question)) if answers.len() < ASKS_MAX => {
                    let answer = self.answer(&question).await;
                    answers.push((*question, answer));
                }
                Err(OpError::Ask(_)) => {
                    self.give_back_unused(&answers);
                    return Err(AwsError::internal("The request needed more answers than it may ask for; please try again."));
                }
            }
        }
    }

    /// Whoever made a key may use it at once: waits, not for long, until the gateway has been told of a change.
    async fn until_keys_are_known(&self, version: Option<Version>) {
        let Some(version) = version else { return };
        let mut delivered = self.keys_delivered.subscribe();
        // A gateway that is away will be told when it is back.
        let _ = tokio::time::timeout(KEYS_KNOWN_TIMEOUT, delivered.wait_for(|v| *v >= version.0)).await;
    }

    /// The key of a service in an account.
    async fn ensure_key(&self, request: wire::kms::EnsureKeyRequest) -> Result<wire::kms::EnsureKeyReply, RpcError> {
        let refused = |e: AwsError| RpcError::remote(&e.code, e.message);
        let service = crate::kms::managed::SERVICES.into_iter().find(|s| *s == request.service);
        let service = service.ok_or_else(|| RpcError::remote("unknown-service", "this service has no key of its own"))?;
        if self.db.borrow().get::<rows::Account>(&request.account, &request.account).is_none() {
            return Err(RpcError::remote("unknown-account", "there is no such account"));
        }
        let principal = Principal::root(request.account);
        let bundle = ::iam::Bundle::of(::iam::caller::principal(&principal));
        let who = Who { caller: &principal, bundle: &bundle, at: self.at_home() };
        let (key, version) =
            self.run(who, "ensure-key", |ctx| crate::kms::managed::ensure(ctx, service)).await.map_err(refused)?;
        self.until_keys_are_known(version).await;
        Ok(wire::kms::EnsureKeyReply { arn: key.arn.clone() })
    }

    /// Where the region's own requests come from.
    fn at_home(&self) -> Circumstances<'_> {
        Circumstances {
            now: self.clock.wall(),
            source_ip: "127.0.0.1",
            user_agent: "",
            region: self.settings.region.as_str(),
            through: None,
        }
    }

    /// Making material is work of up to seconds: beside the event loop.
    async fn make(&self, request: MaterialRequest) -> Option<MaterialAnswer> {
        let root = self.root.clone();
        tokio::task::spawn_blocking(move || crate::kms::material::work(&root, &request)).await.ok()
    }

    async fn rotate_keys(&self, now: types::TimestampMs) {
        let due = crate::kms::due(&self.db.borrow(), now);
        for (account, id, request) in due {
            if let Some(MaterialAnswer::Made(made)) = self.make(request).await {
                crate::kms::rotated(&mut self.db.borrow_mut(), now, &account, &id, made);
                // A failed commit has ended the process.
                let _ = self.commit().await;
            }
        }
    }

    async fn answer(&self, question: &Question) -> Answer {
        let worker = &self.s3_worker;
        match question {
            Question::Claim { cell, request } => self.db.borrow_mut().cells.sent(cell, request.size, request.instances.len()),
            Question::Reserve { cell, request } => self.db.borrow_mut().cells.sent(cell, request.size, request.count as usize),
            _ => {}
        }
        let (asked, outcome) = match question {
            Question::Cells(wanted) => return Answer::Cells(self.db.borrow_mut().cells.order(wanted, self.clock.wall())),
            Question::TrailBucket(request) => {
                ("s3-worker", worker.call::<wire::trail::CheckTrailBucket>(request, ASK_TIMEOUT).await.map(Answer::TrailBucket))
            }
            Question::TrailStatus(id) => {
                ("s3-worker", worker.call::<wire::trail::GetTrailStatus>(id, ASK_TIMEOUT).await.map(Answer::TrailStatus))
            }
            Question::DigestKey => {
                let answer = worker.call::<wire::trail::GetDigestKey>(&wire::Empty {}, ASK_TIMEOUT).await;
                ("s3-worker", answer.map(Answer::DigestKey))
            }
            Question::FlowLogBucket(request) => {
                let answer = worker.call::<wire::flow::CheckFlowLogBucket>(request, ASK_TIMEOUT).await;
                ("s3-worker", answer.map(Answer::FlowLogBucket))
            }
            Question::BalancerLogBucket(request) => {
                let answer = worker.call::<wire::balancer::CheckBalancerLogBucket>(request, ASK_TIMEOUT).await;
                ("s3-worker", answer.map(Answer::BalancerLogBucket))
            }
            Question::Object(request) => {
                ("gateway", self.gateway.call::<wire::api::ReadObject>(request, ASK_TIMEOUT).await.map(Answer::Object))
            }
            Question::FlowLogErrors(ids) => {
                let answer = worker.call::<wire::flow::GetFlowLogErrors>(ids, ASK_TIMEOUT).await;
                ("s3-worker", answer.map(Answer::FlowLogErrors))
            }
            Question::Material(request) => {
                let answer = self.make(request.clone()).await.map(Answer::Material);
                return answer.unwrap_or_else(|| Answer::Unavailable("the key material could not be made".into()));
            }
            Question::Seal(request) => {
                let sealed = crate::acm::seal::work(&self.root, request).map(Answer::Sealed);
                return sealed.unwrap_or_else(|e| Answer::Unavailable(e.to_string()));
            }
            Question::PasswordHash(request) => {
                let request = request.clone();
                let hash = tokio::task::spawn_blocking(move || crate::iam::login::work(&request)).await;
                return hash.map_or_else(|e| Answer::Unavailable(e.to_string()), Answer::PasswordHash);
            }
            Question::Claim { cell, request } => (
                cell.as_str(),
                match self.cells.get(cell) {
                    Some(client) => client.call::<wire::cell::Claim>(request, ASK_TIMEOUT).await.map(Answer::Claim),
                    None => Err(RpcError::remote("unknown-cell", "there is no such cell")),
                },
            ),
            Question::Reserve { cell, request } => (
                cell.as_str(),
                match self.cells.get(cell) {
                    Some(client) => client.call::<wire::cell::Reserve>(request, ASK_TIMEOUT).await.map(Answer::Reserve),
                    None => Err(RpcError::remote("unknown-cell", "there is no such cell")),
                },
            ),
            Question::Allocate { cell, request } => (
                cell.as_str(),
                match self.cells.get(cell) {
                    Some(client) => client.call::<wire::cell::Allocate>(request, ASK_TIMEOUT).await.map(Answer::Allocate),
                    None => Err(RpcError::remote("unknown-cell", "there is no such cell")),
                },
            ),
            Question::EndRun { cell, run } => (
                cell.as_str(),
                match self.cells.get(cell) {
                    Some(client) => client.call::<wire::cell::EndRun>(run, ASK_TIMEOUT).await.map(|_| Answer::Ended),
                    None => Err(RpcError::remote("unknown-cell", "there is no such cell")),
                },
            ),
            Question::Console { cell, request } => (
                cell.as_str(),
                match self.cells.get(cell) {
                    Some(client) => client.call::<wire::cell::Console>(request, ASK_TIMEOUT).await.map(Answer::Console),
                    None => Err(RpcError::remote("unknown-cell", "there is no such cell")),
                },
            ),
        };
        outcome.unwrap_or_else(|e| {
            tracing::warn!(asked, error = %e, "no answer");
            Answer::Unavailable(format!("{asked}: {e}"))
        })
    }

    /// Room that was claimed and that no row uses goes back at once (it would go back by itself when the hold ends).
    fn give_back_unused(&self, answers: &[(Question, Answer)]) {
        for (question, answer) in answers {
            let (Question::Claim { cell, .. }, Answer::Claim(ClaimReply::Placed(placed))) = (question, answer) else { continue };
            let db = self.db.borrow();
            let unused: Vec<_> = placed
                .iter()
                .filter(|p| !db.all::<Instance>().any(|i| i.id == p.instance && i.hold == p.hold))
                .map(|p| HoldRef { instance: p.instance, hold: p.hold })
                .collect();
            if let Some(client) = self.cells.get(cell).filter(|_| !unused.is_empty()).cloned() {
                tokio::task::spawn_local(async move {
                    // Best effort: the hold's end is the guarantee.
                    let _ = client.call::<wire::cell::Unclaim>(&unused, ASK_TIMEOUT).await;
                });
            }
        }
    }

    async fn report(&self, report: CellReport) -> Result<wire::Applied, RpcError> {
        let generation = report.applied;
        {
            let (mut db, mut reports, mut delivered) =
                (self.db.borrow_mut(), self.reports.borrow_mut(), self.delivered.borrow_mut());
            let now = self.clock.wall();
            observe::cell(&mut db, now, &report);
            let delivered = delivered.entry(report.cell.clone()).or_default();
            delivered.hear(&report);
            nat_router::settle(&mut db, now, &report, delivered);
            db.balancers.hear(&report);
            db.cells.hear(&report, now);
            let silent = db.cells.impaired(now);
            db.balancers.silent(&silent);
            elb::place::settle(&mut db, now, &report, delivered);
            elb::network::settle(&mut db, &self.settings);
            elb::settle_targets(&mut db, now);
            reports.insert(report.cell.clone(), report);
            nat_router::place(&mut db, &self.settings, &reports);
            elb::place::place(&mut db, &self.settings, &reports);
            if !recover::due(&db, &reports).is_empty() {
                self.recoveries.notify_one();
            }
        }
        self.commit().await.map_err(|e| RpcError::remote("store", e.to_string()))?;
        Ok(wire::Applied { generation })
    }

    /// Places again what hosts that are off have run.
    async fn recover(self: Rc<Self>) {
        // What was said of those that wait, so that it is said once.
        let mut told: BTreeMap<RunRef, String> = BTreeMap::new();
        loop {
            self.recoveries.notified().await;
            let due = recover::due(&self.db.borrow(), &self.reports.borrow());
            told.retain(|run, _| due.iter().any(|(_, d)| d == run));
            for (account, run) in due {
                let principal = Principal::root(account);
                let bundle = ::iam::Bundle::of(::iam::caller::principal(&principal));
                let who = Who { caller: &principal, bundle: &bundle, at: self.at_home() };
                // It is due still when the next report comes.
                if let Err(e) = self.run(who, "auto-recovery", |ctx| recover::recover(ctx, &run)).await
                    && told.get(&run) != Some(&e.message)
                {
                    tracing::warn!(instance = %run.instance, host = %run.host, code = %e.code, error = e.message, "not recovered yet");
                    told.insert(run, e.message);
                }
            }
        }
    }

    async fn create_account(&self, new: account::NewAccount) -> Result<wire::api::AccountCredentials, AwsError> {
        let principal = Principal::root(new.id.clone());
        let bundle = ::iam::Bundle::of(::iam::caller::principal(&principal));
        let who = Who { caller: &principal, bundle: &bundle, at: self.at_home() };
        let (id, mut new) = (new.id.clone(), Some(new));
        let outcome = self
            .run(who, "create-account", |ctx| match new.take() {
                Some(new) => account::create(ctx, new),
                None => Err(AwsError::internal("making an account asks nobody").into()),
            })
            .await;
        let mut db = self.db.borrow_mut();
        if outcome.is_err() && db.get::<rows::Account>(&id, &id).is_none() {
            db.cells.forget(&id);
        }
        Ok(outcome?.0)
    }

    fn status(&self) -> RegionStatus {
        let db = self.db.borrow();
        let instances = db
            .all::<Instance>()
            .map(|i| {
                let nic = i.interfaces.first().and_then(|id| db.get::<rows::Interface>(&i.account, id));
                InstanceSummary {
                    account: i.account.clone(),
                    instance: i.id,
                    interface: nic.as_ref().map(|n| n.id),
                    state: i.state.name().to_owned(),
                    host: Some(i.host.clone()),
                    private_ip: nic.as_ref().and_then(|n| n.ipv4.first().copied()),
                    public_ip: nic.as_ref().and_then(|n| crate::ec2::network::address::public_ip_of(&db, n)),
                    name: crate::filter::tags_of(&db, &i.account, &i.id.to_string()).get("Name").cloned(),
                    volume: Some(i.root_volume),
                    cell_why: i.cell_why.clone(),
                    placed_why: i.placed_why.clone(),
                    interrupted: spot::story(&db, &i),
                }
            })
            .collect();
        RegionStatus {
            accounts: db.all::<rows::Account>().map(|a| (a.id.clone(), a.name.clone())).collect(),
            cells: self.reports.borrow().values().cloned().collect(),
            instances,
            impaired: crate::zones::impaired(&db),
            impaired_cells: db.cells.impaired(self.clock.wall()),
            routers: routers(&db),
            balancers: elb::names::summaries(&db, &self.settings),
        }
    }

    /// Launches what spot requests ask for, as far as there is room.
    async fn fulfil_spot(self: Rc<Self>) {
        for turn in 0u64.. {
            tokio::time::sleep(SPOT_EVERY).await;
            let due = spot::due(&self.db.borrow(), self.clock.wall(), turn.is_multiple_of(SPOT_AGAIN_TURNS));
            for (account, id) in due {
                let principal = Principal::root(account);
                let bundle = ::iam::Bundle::of(::iam::caller::principal(&principal));
                let who = Who { caller: &principal, bundle: &bundle, at: self.at_home() };
                if let Err(e) = self.run(who, "spot", |ctx| spot::fulfil(ctx, id)).await {
                    tracing::warn!(request = %id, error = %e, "a spot request could not be looked at");
                }
            }
        }
    }

    async fn sweep(self: Rc<Self>) {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            let now = self.clock.wall();
            {
                let mut db = self.db.borrow_mut();
                dispatch::forget_old_tokens(&mut db, now);
                observe::forget(&mut db, now);
                identity::rotate_session_keys(&mut db, now, &mut platform::SystemRng::new());
                instance::refresh_all(&mut db, now, &self.settings, &mut platform::SystemRng::new());
                crate::elb::turn_ticket_keys(&mut db, now, &self.root, &mut platform::SystemRng::new());
                crate::kms::forget(&mut db, now);
                quota::forget(&mut db, now);
            }
            self.rotate_keys(now).await;
            // A failed commit has ended the process.
            let _ = self.commit().await;
        }
    }
}

/// Of all accounts.
fn routers(db: &Db) -> Vec<RouterSummary> {
    let nodes = db.all::<rows::BalancerNode>().filter_map(|n| {
        let name = db.get::<rows::LoadBalancer>(&n.account, &n.balancer).map_or_else(|| n.balancer.clone(), |b| b.name.clone());
        let host = n.place.as_ref()?.host.clone();
        Some(RouterSummary { account: n.account.clone(), name: format!("load balancer {name}"), host })
    });
    let gateways = db.all::<rows::NatGateway>().filter(|g| g.state.is_wanted()).filter_map(|g| {
        Some(RouterSummary { account: g.account.clone(), name: g.id.to_string(), host: g.place.as_ref()?.host.clone() })
    });
    nodes.chain(gateways).collect()
}

/// The root key must be the one that sealed the keys that there are.
fn opens_keys(dir: &DataDir, root: &RootKey, db: &Db) -> Result<(), RunError> {
    let sealed = db.all::<rows::KmsKey>().find_map(|k| Some((k.clone(), k.materials.first()?.clone())));
    match sealed {
        Some((key, m)) if root.open_material(&key.arn, m.generation, key.spec, &m.sealed).is_none() => Err(not_the_root_key(dir)),
        _ => Ok(()),
    }
}

fn not_the_root_key(dir: &DataDir) -> RunError {
    let reason = "it is not the one that sealed the keys of this data directory: put back the one that was".into();
    RunError::RootKey { path: dir.kms_key(), reason }
}
