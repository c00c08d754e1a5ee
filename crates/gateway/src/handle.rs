//! One request from its head to its reply.

use crate::answer::{Envelope, Reply, finish, own, plain, relay};
use crate::audit::{self, Audit};
use crate::classify::{Asked, Call, action_of, classify};
use crate::forward::{self, Region};
use crate::identity::{Identities, Lookup, Moment};
use crate::kms::{self, Keys};
use crate::limits::{Fate, Holder, Limits, Seat};
use crate::s3::S3;
use crate::s3::ask::User;
use crate::s3::front::{Head, Served, is_for_s3, latin};
use crate::through::Through;
use aws_protocol::sigv4::{AuthError, BodyHash, Claim, HttpRequest};
use aws_protocol::{AwsError, Protocol, SERVICES, error_reply};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::Request;
use hyper::body::{Body, Bytes, Incoming};
use iam::caller::Circumstances;
use platform::{Clock, Rng, SystemClock, SystemRng};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;
use types::AccountId;
use wire::api::{ApiReply, ApiRequest, GatewayStatus, Principal};

/// The largest body of an API request (objects are another matter).
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// The request line and headers of one request.
const HEAD_BYTES_MAX: usize = 32 << 10;
/// What is kept of a client's name for itself.
const USER_AGENT_CHARS_MAX: usize = 512;
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// A longer body makes a request to S3 an upload, which has places of its own.
const UPLOAD_BYTES_MIN: u64 = 16 << 10;

pub struct Gateway {
    pub region_name: String,
    pub identities: RefCell<Identities>,
    pub keys: Rc<Keys>,
    pub region: Region,
    pub limits: Limits,
    pub clock: SystemClock,
    pub rng: RefCell<SystemRng>,
    pub s3: Rc<S3>,
    pub counters: RefCell<Counters>,
    pub audit: Rc<Audit>,
}

#[derive(Debug, Default)]
pub struct Counters {
    requests: u64,
    region_unreachable: u64,
    /// By reason.
    refused: BTreeMap<String, u64>,
    s3_requests: u64,
    kms_requests: u64,
}

/// A refusal: the counter's word and what the client is told.
type Refusal = (&'static str, AwsError);

/// What a proven request is.
struct Proven {
    principal: Principal,
    access_key: String,
    service: String,
    call: Call,
}

impl Gateway {
    pub fn status(&self) -> GatewayStatus {
        let c = self.counters.borrow();
        GatewayStatus {
            credentials: self.identities.borrow().generation().unwrap_or_default(),
            requests: c.requests,
            denied: c.refused.get("denied").copied().unwrap_or(0),
            region_unreachable: c.region_unreachable,
            refused: c.refused.clone(),
            s3_requests: c.s3_requests,
            keys: self.keys.generation().unwrap_or_default(),
            kms_requests: c.kms_requests,
            kms_unsealings: self.keys.unsealings(),
            audit: self.audit.status(),
            accounts: self.limits.tally(),
            load: self.limits.load(),
        }
    }

    pub async fn handle(&self, request: Request<Incoming>, from: IpAddr, through: Option<Rc<Through>>, seat: &Seat) -> Reply {
        let request_id = uuid(self.rng.borrow_mut().u128());
        let word = |status, text: &'static str| finish(plain(status, "text/plain", text), &request_id);
        match request.uri().path() {
            _ if through.is_some() => {}
            "/healthz" => return word(200, "ok\n"),
            // Ready to tell users apart; whether the control plane lives is its own matter.
            "/readyz" if self.identities.borrow().generation().is_some() => return word(200, "ok\n"),
            "/readyz" => return word(503, "the control plane has not sent the credentials yet\n"),
            _ => {}
        }
        self.counters.borrow_mut().requests += 1;
        let (head, body) = request.into_parts();
        let size: usize = head.headers.iter().map(|(n, v)| n.as_str().len() + v.len() + 4).sum();
        if size + head.uri.path().len() > HEAD_BYTES_MAX {
            self.count("head-too-long");
            let mut reply = word(431, "the request's head is too long\n");
            reply.headers_mut().insert(hyper::header::CONNECTION, hyper::header::HeaderValue::from_static("close"));
            return reply;
        }
        let texts = latin(&head.headers);
        let headers: Vec<(&str, &str)> = texts.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let http = HttpRequest {
            method: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query().unwrap_or(""),
            headers: &headers,
        };
        let claim = Claim::parse(&http);
        let host = header(&headers, "host").or(head.uri.host());
        if through.is_some() || is_for_s3(&claim, &head.method, http.path, http.query, host, header(&headers, "authorization")) {
            return Box::pin(self.object_request(head, body, claim, (from, through), request_id, seat)).await;
        }
        let service = claim.as_ref().ok().map(|c| c.service.as_str());
        let (target, access_key) = (header(&headers, "x-amz-target"), claim.as_ref().ok().map(|c| c.access_key.as_str()));
        let envelope = Envelope::guess(service, header(&headers, "content-type"), target);
        let action = target.map_or_else(|| action_of(http.query), |t| t.rsplit('.').next().unwrap_or_default());
        let mut call = audit::Call::claimed(access_key, service, action);
        let user_agent = header(&headers, "user-agent").unwrap_or_default();
        let seen = audit::From { ip: from, user_agent, request_id: &request_id };
        let outcome = self.work(&http, claim, envelope, body, &seen, &mut call).await;
        let holder = call.principal.as_ref().map_or(Holder::Nobody, Holder::of);
        seat.belongs_to(&holder);
        let line = match &outcome {
            Ok(reply) => self.audit.call(&call, seen, audit::Outcome::Answered(reply)),
            Err((reason, error)) => self.audit.call(&call, seen, audit::Outcome::Refused(reason, error)),
        };
        self.audit.written(line).await;
        match outcome {
            Ok(reply) => relay(&request_id, reply),
            Err(refusal) => self.refuse(envelope, &request_id, refusal, &holder).await,
        }
    }

    async fn object_request(
        &self,
        parts: hyper::http::request::Parts,
        body: Incoming,
        claim: Result<Claim, AuthError>,
        (from, through): (IpAddr, Option<Rc<Through>>),
        request_id: String,
        seat: &Seat,
    ) -> Reply {
        self.counters.borrow_mut().s3_requests += 1;
        let access_key = claim.as_ref().ok().map(|c| c.access_key.clone());
        let class = if matches!(parts.method.as_str(), "GET" | "HEAD" | "OPTIONS") { "s3/read" } else { "s3/write" };
        let method = parts.method.clone();
        let claimed = self.claimed(&claim);
        let is_upload = body.size_hint().exact().is_none_or(|bytes| bytes > UPLOAD_BYTES_MIN);
        let gate = if is_upload { &self.limits.uploads } else { &self.limits.objects };
        let Some(place) = gate.enter(&claimed).await else {
            self.limits.count(&claimed, class, Fate::Crowded);
            let error = Envelope::S3.throttled();
            let call = audit::ObjectCall { access_key: access_key.as_deref(), error: Some(&error), ..Default::default() };
            let line = self.audit.object(&call, audit::From { ip: from, user_agent: "", request_id: &request_id });
            self.audit.written(line).await;
            return self.refuse(Envelope::S3, &request_id, ("overload", error), &claimed).await;
        };
        let find = |key: &str, token: Option<&str>| {
            let identities = self.identities.borrow();
            let (secret, caller) = identities.find(key, token, self.moment())?;
            let user = caller.and_then(|caller| {
                let bundle = identities.bundle(&caller).ok_or(AuthError::TokenInvalid)?;
                Ok(Rc::new(User { caller, bundle }))
            });
            Some((secret, user))
        };
        // S3's ids are 16 upper-case letters and digits.
        let id = request_id.replace('-', "")[..16].to_ascii_uppercase();
        let admit = |account: &AccountId| {
            self.limits.admit(account, &self.limits.object(account, method.as_str()), self.clock.monotonic_us())
        };
        let mut served = Box::pin(self.s3.serve(Head { parts, request_id: id, from, through }, body, claim, &find, &admit)).await;
        drop(place);
        let holder = served.ask.as_ref().map_or(Holder::Nobody, |ask| ask.who.holder());
        seat.belongs_to(&holder);
        let fate = if served.throttled { Fate::Throttled } else { Fate::Admitted };
        self.limits.count(&holder, class, fate);
        if served.reply.body().is_stream() {
            match self.limits.streams.enter(&holder).await {
                Some(place) => served.reply.body_mut().keep(place),
                None => self.s3.crowded(&mut served, &method),
            }
        }
        let call = audit::ObjectCall {
            ask: served.ask.as_ref(),
            access_key: access_key.as_deref(),
            bucket: served.bucket.as_deref(),
            error: served.error.as_ref(),
            bytes_in: served.bytes_in,
            bytes_out: served.reply.body().size_hint().exact(),
            host_id: &served.host_id,
        };
        let seen = audit::From { ip: from, user_agent: &served.agent, request_id: &served.request_id };
        self.audit.written(self.audit.object(&call, seen)).await;
        let Served { mut reply, error, throttled, ask, .. } = served;
        if let Some(e) = error {
            *self.counters.borrow_mut().refused.entry(format!("s3/{}", e.code)).or_default() += 1;
            tracing::debug!(request_id, code = %e.code, "refused");
            if throttled || ask.is_none() {
                self.pace(&mut reply, &holder).await;
            }
        }
        reply
    }

    async fn refuse(&self, envelope: Envelope, request_id: &str, (reason, error): Refusal, holder: &Holder) -> Reply {
        self.count(reason);
        tracing::debug!(request_id, reason, code = %error.code, "refused");
        let mut reply = envelope.error(request_id, &error);
        if *holder == Holder::Nobody || matches!(reason, "throttled" | "overload") {
            self.pace(&mut reply, holder).await;
        }
        reply
    }

    /// Refusals that no work was done for do not go out faster than a number a second.
    async fn pace(&self, reply: &mut Reply, holder: &Holder) {
        if self.limits.pace(holder, self.clock.monotonic_us()).await {
            reply.headers_mut().insert(hyper::header::CONNECTION, hyper::header::HeaderValue::from_static("close"));
        }
    }

    /// Whose request it is by its own word: the account of the key that it names.
    fn claimed(&self, claim: &Result<Claim, AuthError>) -> Holder {
        let Ok(claim) = claim else { return Holder::Nobody };
        let found = self.identities.borrow().find(&claim.access_key, claim.session_token.as_deref(), self.moment());
        match found {
            Some((_, Ok(principal))) => Holder::of(&principal),
            _ => Holder::Nobody,
        }
    }

    async fn work(
        &self,
        http: &HttpRequest<'_>,
        claim: Result<Claim, AuthError>,
        envelope: Envelope,
        body: Incoming,
        seen: &audit::From<'_>,
        noted: &mut audit::Call,
    ) -> Result<ApiReply, Refusal> {
        let request_id = seen.request_id;
        let claimed = self.claimed(&claim);
        let crowded = |holder: &Holder, error: AwsError| match holder {
            Holder::Account(_) => ("overload", error),
            Holder::Nobody => ("overload", envelope.unavailable("Too many requests are being worked on. Try again.")),
        };
        let place = self.limits.bodies.enter(&claimed).await.ok_or_else(|| crowded(&claimed, envelope.throttled()))?;
        let proven = match claim {
            Ok(claim) => {
                let body = read_body(body, envelope).await?;
                self.prove(http, claim, envelope, &body, noted)?
            }
            Err(AuthError::Missing) if envelope == Envelope::Api(Protocol::Query) => {
                let body = read_body(body, envelope).await?;
                let nobody = unsigned(http, &body);
                let nobody = nobody.ok_or_else(|| ("denied", AuthError::Missing.to_aws(envelope.protocol())))?;
                noted.principal = Some(nobody.principal.clone());
                nobody
            }
            // A claim that cannot be read needs no body.
            Err(e) => return Err(("denied", e.to_aws(envelope.protocol()))),
        };
        noted.asks(&proven.service, &proven.call.action, proven.call.protocol, &proven.call.body);
        drop(place);
        let Proven { principal, access_key, service, call } = proven;
        let holder = Holder::of(&principal);
        let counted = format!("{service}/{}", call.class.name());
        let charges = self.limits.call(&principal.account, &service, &call.action, &call.body);
        if !self.limits.admit(&principal.account, &charges, self.clock.monotonic_us()) {
            self.limits.count(&holder, &counted, Fate::Throttled);
            return Err(("throttled", envelope.throttled_by(&service)));
        }
        let place = self.limits.calls.enter(&holder).await;
        self.limits.count(&holder, &counted, if place.is_some() { Fate::Admitted } else { Fate::Crowded });
        let _place = place.ok_or_else(|| crowded(&holder, envelope.throttled_by(&service)))?;
        let (class, action) = (call.class, call.action);
        let source_ip = seen.ip.to_string();
        let user_agent: String = seen.user_agent.chars().take(USER_AGENT_CHARS_MAX).collect();
        if service == "kms" && kms::is_local(&action) {
            let now = self.clock.wall();
            let at =
                Circumstances { now, source_ip: &source_ip, user_agent: &user_agent, region: &self.region_name, through: None };
            return self.use_key(&principal, at, request_id, &action, &call.body).await;
        }
        if service == "cloudtrail" && action == "LookupEvents" {
            let at = Circumstances {
                now: self.clock.wall(),
                source_ip: &source_ip,
                user_agent: &user_agent,
                region: &self.region_name,
                through: None,
            };
            let bundle = self.identities.borrow().bundle(&principal);
            let bundle = bundle.ok_or_else(|| ("denied", AuthError::UnknownKey.to_aws(Protocol::Json11)))?;
            let reply = self.audit.look_up(&principal, &bundle, at, request_id, &call.body).await;
            if reply.status >= 400 {
                self.count("lookup");
            }
            return Ok(reply);
        }
        let request = ApiRequest {
            request_id: request_id.to_owned(),
            principal,
            service,
            access_key,
            source_ip,
            user_agent,
            protocol: call.protocol,
            body: call.body,
            target: call.target,
        };
        match self.region.ask(&request).await {
            Ok(reply) => {
                tracing::debug!(request_id, action, account = %request.principal.account, status = reply.status, "answered");
                Ok(reply)
            }
            Err(e) => {
                self.counters.borrow_mut().region_unreachable += 1;
                tracing::warn!(request_id, action, error = %e, "no answer from the control plane");
                Err(("no-answer", forward::failure(envelope, class, &e)))
            }
        }
    }

    /// Cryptography with KMS's keys, done here.
    async fn use_key(
        &self,
        principal: &Principal,
        at: Circumstances<'_>,
        request_id: &str,
        action: &str,
        body: &str,
    ) -> Result<ApiReply, Refusal> {
        self.counters.borrow_mut().kms_requests += 1;
        let bundle = self.identities.borrow().bundle(principal);
        let bundle = bundle.ok_or_else(|| ("denied", AuthError::UnknownKey.to_aws(Protocol::Json11)))?;
        let traces = RefCell::default();
        let caller = kms::Caller { principal, bundle: &bundle, at, via: None, traces: Some(&traces) };
        let reply = match kms::serve(&kms::Ask { keys: &self.keys, caller, request_id, body }, action).await {
            Ok(reply) => {
                tracing::debug!(request_id, action, account = %principal.account, "answered");
                reply
            }
            Err(e) => {
                let reason = if e.is("AccessDeniedException") { "denied" } else { "kms" };
                self.count(reason);
                tracing::debug!(request_id, reason, code = %e.code, "refused");
                error_reply("kms", request_id, &e)
            }
        };
        Ok(own(reply, traces.into_inner()))
    }

    /// A connection that ended in the middle of a request's head, or with none.
    pub fn unanswered(&self, e: &hyper::Error) {
        if e.is_parse_too_large() {
            self.count("head-too-long");
        } else if e.is_parse() {
            self.count("no-http");
        } else if e.is_timeout() {
            self.count("slow");
        }
    }

    fn count(&self, reason: &str) {
        *self.counters.borrow_mut().refused.entry(reason.to_owned()).or_default() += 1;
    }

    /// Who asks for what. Nothing of the request is believed before the signature has been checked.
    fn prove(
        &self,
        http: &HttpRequest<'_>,
        claim: Claim,
        envelope: Envelope,
        body: &[u8],
        noted: &mut audit::Call,
    ) -> Result<Proven, Refusal> {
        let denied = |e: AuthError| ("denied", e.to_aws(envelope.protocol()));
        let at = self.moment();
        let find = |key: &str, token: Option<&str>| self.identities.borrow().find(key, token, at);
        let mut lookup = Lookup::new(&find, claim.session_token.clone());
        let verified = claim.verify(http, BodyHash::of(body), at.wall, |key| lookup.secret(key));
        let (verified, principal) = lookup.whose(verified).map_err(denied)?;
        noted.principal = Some(principal.clone());
        if verified.region != self.region_name {
            let sentence = format!("Credential should be scoped to a valid region, not '{}'. ", clip(&verified.region));
            let error = match envelope.protocol() {
                Protocol::Ec2 => AwsError::new("AuthFailure", sentence).with_status(401),
                Protocol::Query => AwsError::new("SignatureDoesNotMatch", sentence).with_status(403),
                Protocol::Json11 => AwsError::new("InvalidSignatureException", sentence),
            };
            return Err(("denied", error));
        }
        let Some(service) = SERVICES.iter().find(|s| s.name == verified.service) else {
            let known: Vec<&str> = SERVICES.iter().map(|s| s.name).collect();
            let sentence =
                format!("The service {} is not part of this version, which has {}.", clip(&verified.service), known.join(", "));
            let code = if envelope.protocol() == Protocol::Json11 { "UnknownOperationException" } else { "InvalidAction" };
            return Err(("unknown-service", AwsError::new(code, sentence)));
        };
        let call = classify(service.protocol, &asked(http, body)).map_err(|e| ("malformed", e))?;
        Ok(Proven { principal, access_key: verified.access_key, service: verified.service, call })
    }

    fn moment(&self) -> Moment {
        Moment { wall: self.clock.wall(), monotonic_us: self.clock.monotonic_us() }
    }
}

fn asked<'a>(http: &HttpRequest<'a>, body: &'a [u8]) -> Asked<'a> {
    Asked {
        method: http.method,
        path: http.path,
        query: http.query,
        content_type: header(http.headers, "content-type"),
        target: header(http.headers, "x-amz-target"),
        body,
    }
}

/// Operations that prove their callers by what they carry: nobody signs them ("You do not need AWS credentials to call
/// them", STS API Reference).
const UNSIGNED: [&str; 2] = ["AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"];

fn unsigned(http: &HttpRequest<'_>, body: &[u8]) -> Option<Proven> {
    let call = classify(Protocol::Query, &asked(http, body)).ok().filter(|c| UNSIGNED.contains(&c.action.as_str()))?;
    let nobody = Principal::anonymous("000000000000".parse().ok()?);
    Some(Proven { principal: nobody, access_key: String::new(), service: "sts".to_owned(), call })
}

async fn read_body(body: Incoming, envelope: Envelope) -> Result<Bytes, Refusal> {
    let too_large = || {
        let error =
            AwsError::new("RequestEntityTooLarge", format!("The body is larger than {BODY_BYTES_MAX} bytes.")).with_status(413);
        ("too-large", error)
    };
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, BODY_BYTES_MAX).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(e)) if e.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(("malformed", envelope.malformed("The body ended before its length."))),
        Err(_) => Err(("slow", AwsError::new("RequestTimeout", "The body did not arrive in time.").with_status(408))),
    }
}

/// A place among the requests in flight, given back when dropped.
pub struct Slot<'a>(&'a Cell<usize>);

impl<'a> Slot<'a> {
    pub fn take(count: &'a Cell<usize>, max: usize) -> Option<Self> {
        if count.get() >= max {
            return None;
        }
        count.set(count.get() + 1);
        Some(Self(count))
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

fn header<'a>(headers: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| *v)
}

fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

/// RFC 9562, version 4.
pub fn uuid(random: u128) -> String {
    let r = (random & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let h = format!("{r:032x}");
    format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
}
