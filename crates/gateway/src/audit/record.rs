//! From what the gateway knows of a call to its line in the trail.

use super::event::{Caller, Event, is_read_only, member, text};
use super::redact::{BYTES_MAX, Redacted};
use super::{Audit, Line, xml};
use crate::s3::ask::{Ask, Identity, arn};
use crate::s3::bucket::Bucket;
use aws_protocol::s3::Operation;
use aws_protocol::{AwsError, SERVICES};
use platform::Clock;
use serde_json::Value;
use std::fmt::Write;
use std::net::IpAddr;
use wire::api::{ApiProtocol, ApiReply};
use wire::identity::{Principal, PrincipalKind};

/// Accounts besides the caller's that one call is told to.
const OWNERS_MAX: usize = 10;
/// Of the name of an operation that a request gives.
const NAME_BYTES_MAX: usize = 64;

/// A call of a service other than S3, as far as it is known.
#[derive(Debug, Default)]
pub struct Call {
    pub principal: Option<Principal>,
    /// As claimed, before it is proven.
    pub access_key: Option<String>,
    service: &'static str,
    action: String,
    parameters: Redacted,
}

impl Call {
    /// What a request says of itself. `action`: as it came.
    pub fn claimed(access_key: Option<&str>, service: Option<&str>, action: &str) -> Self {
        let known = SERVICES.iter().find(|s| Some(s.name) == service).map_or("unknown", |s| s.name);
        let mut out = Self { access_key: access_key.map(str::to_owned), service: known, ..Self::default() };
        out.name(action);
        out
    }

    fn name(&mut self, action: &str) {
        let plain = action.len() <= NAME_BYTES_MAX && action.bytes().all(|b| b.is_ascii_alphanumeric());
        self.action = if plain { action.to_owned() } else { String::new() };
    }

    /// What a proven request asks for.
    pub fn asks(&mut self, service: &str, action: &str, protocol: ApiProtocol, body: &str) {
        self.service = SERVICES.iter().find(|s| s.name == service).map_or("unknown", |s| s.name);
        self.name(action);
        self.parameters = match protocol {
            ApiProtocol::Form => Redacted::form(service, body),
            ApiProtocol::Json11 => Redacted::json(service, body),
        };
    }

    /// Nobody signs some requests: they belong to the account of the role that is asked for.
    fn role_account(&self) -> &str {
        let role = self.parameters.value.as_ref().and_then(|p| p["roleArn"].as_str()).unwrap_or_default();
        let account = role.split(':').nth(4).unwrap_or_default();
        if is_account(account) { account } else { "" }
    }
}

/// What came of a call.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    Answered(&'a ApiReply),
    /// The counter's word, and what the client is told.
    Refused(&'static str, &'a AwsError),
}

/// Where a call came from.
#[derive(Debug, Clone, Copy)]
pub struct From<'a> {
    pub ip: IpAddr,
    pub user_agent: &'a str,
    /// As the client has it.
    pub request_id: &'a str,
}

/// A call of S3 that was answered.
#[derive(Default)]
pub struct ObjectCall<'a> {
    pub ask: Option<&'a Ask>,
    pub access_key: Option<&'a str>,
    pub bucket: Option<&'a Bucket>,
    pub error: Option<&'a AwsError>,
    pub bytes_in: Option<u64>,
    pub bytes_out: Option<u64>,
    pub host_id: &'a str,
}

impl Audit {
    /// The call's line; none: it is not in the trail, which counts it.
    pub fn call(&self, call: &Call, from: From, outcome: Outcome) -> Option<Line> {
        let too_often = matches!(outcome, Outcome::Refused("throttled" | "overload", _));
        if (call.principal.is_none() || too_often) && !self.admits_refusal() {
            return None;
        }
        let at = self.clock.wall();
        let access_key = call.access_key.as_deref().unwrap_or_default();
        let (caller, account) = match &call.principal {
            Some(p) if p.kind == PrincipalKind::Anonymous => (Caller::bearer(&call.action), call.role_account()),
            Some(p) => {
                self.uses.borrow_mut().note(p, access_key, call.service, at);
                (Caller::Proven { principal: p, access_key }, p.account.as_str())
            }
            None => (Caller::Unproven(call.access_key.as_deref()), ""),
        };
        let read_only = is_read_only(call.service, &call.action);
        let (error, response) = match outcome {
            Outcome::Refused(_, e) => (Some((e.code.to_string(), e.message.to_string())), None),
            Outcome::Answered(reply) if reply.status >= 400 => (Some(error_of(reply)), None),
            Outcome::Answered(_) if read_only => (None, None),
            Outcome::Answered(reply) => (None, response(call.service, reply)),
        };
        let error = error.map(|(code, message)| (code, call.parameters.scrub(&message)));
        let mut traces = match outcome {
            Outcome::Answered(reply) => reply.traces.clone(),
            Outcome::Refused(..) => Vec::new(),
        };
        for trace in &mut traces {
            trace.resource = call.parameters.scrub(&trace.resource);
        }
        let mut resources: Vec<(&str, &str, &str)> = Vec::new();
        for trace in traces.iter().filter(|t| t.resource.starts_with("arn:") && !t.resource.contains('*')) {
            let owner = trace.resource.split(':').nth(4).unwrap_or_default();
            let resource = (trace.resource.as_str(), owner, "");
            if !resources.contains(&resource) {
                resources.push(resource);
            }
        }
        let mut owners: Vec<&str> = resources.iter().map(|(_, owner, _)| *owner).collect();
        owners.sort_unstable();
        owners.dedup();
        let refused = error.as_ref().is_some_and(|(code, _)| is_refusal(code));
        owners.retain(|owner| !refused && is_account(owner) && *owner != account);
        let (source_ip, event_id) = (from.ip.to_string(), self.event_id());
        let parameters = call.parameters.value.as_ref().map(Value::to_string);
        self.add_with_owners(
            &owners,
            &Event {
                caller,
                at,
                service: call.service,
                name: &call.action,
                region: &self.region,
                source_ip: &source_ip,
                user_agent: from.user_agent,
                error: error.as_ref().map(|(code, message)| (code.as_str(), message.as_str())),
                request_parameters: parameters.as_deref(),
                response_elements: response.as_deref(),
                additional: None,
                request_id: from.request_id,
                event_id: &event_id,
                read_only,
                data: false,
                resources: &resources,
                account,
                shared_event_id: "",
                traces: &traces,
            },
        )
    }

    /// The same for S3.
    pub fn object(&self, call: &ObjectCall, from: From) -> Option<Line> {
        let owner = call.bucket.map_or("", |b| b.record.owner.as_str());
        let nobodys = match call.ask.map(|a| &a.who) {
            Some(Identity::User(_)) => false,
            Some(Identity::Anonymous) => owner.is_empty(),
            None => true,
        };
        if nobodys && !self.admits_refusal() {
            return None;
        }
        let at = self.clock.wall();
        let access_key = call.access_key.unwrap_or_default();
        let caller = match call.ask.map(|a| &a.who) {
            Some(Identity::User(user)) => {
                self.uses.borrow_mut().note(&user.caller, access_key, "s3", at);
                Caller::Proven { principal: &user.caller, access_key }
            }
            Some(Identity::Anonymous) => Caller::Anonymous,
            None => Caller::Unproven(call.access_key),
        };
        let account = match caller {
            Caller::Proven { principal, .. } => principal.account.as_str(),
            Caller::Anonymous => owner,
            _ => "",
        };
        let (name, data) = call.ask.map_or(("", false), |a| (event_name(a.op), is_data(a.op)));
        let parameters = call.ask.map(parameters);
        let additional = additional(call);
        let trace = call.ask.and_then(Ask::trace);
        let bucket_arn = call.ask.filter(|a| !a.bucket.is_empty()).map(|a| arn(&a.bucket, None));
        let key_arn = call.ask.filter(|a| !a.key.is_empty()).map(|a| arn(&a.bucket, Some(&a.key)));
        let owners = [owner];
        let mut resources = [("", "", ""); 2];
        let mut count = 0;
        for (arn, account, kind) in [(&key_arn, "", "AWS::S3::Object"), (&bucket_arn, owner, "AWS::S3::Bucket")] {
            if let Some(arn) = arn {
                resources[count] = (arn.as_str(), account, kind);
                count += 1;
            }
        }
        let told = is_account(owner) && owner != account && !call.error.is_some_and(|e| is_refusal(&e.code));
        let (source_ip, event_id) = (from.ip.to_string(), self.event_id());
        self.add_with_owners(
            if told { &owners } else { &[] },
            &Event {
                caller,
                at,
                service: "s3",
                name,
                region: &self.region,
                source_ip: &source_ip,
                user_agent: from.user_agent,
                error: call.error.map(|e| (&*e.code, &*e.message)),
                request_parameters: parameters.as_deref(),
                response_elements: None,
                additional: Some(&additional),
                request_id: from.request_id,
                event_id: &event_id,
                read_only: is_read_only("s3", name),
                data,
                resources: &resources[..count],
                account,
                shared_event_id: "",
                traces: trace.as_slice(),
            },
        )
    }
}

impl Audit {
    /// The caller's line, and before it one for each account of `owners`: who looks for a request finds the caller's first.
    /// Only of callers that were proven: others are in no account's trail but the owner's.
    fn add_with_owners(&self, owners: &[&str], event: &Event) -> Option<Line> {
        let Caller::Proven { principal, .. } = event.caller else { return self.add(event) };
        if owners.is_empty() {
            return self.add(event);
        }
        let shared = self.event_id();
        let event = Event { shared_event_id: &shared, ..*event };
        for owner in owners.iter().take(OWNERS_MAX) {
            let event_id = self.event_id();
            let caller = Caller::Foreign(principal);
            self.add(&Event { caller, account: owner, event_id: &event_id, traces: &[], ..event });
        }
        self.add(&event)
    }
}

/// Calls that were not allowed are told to their caller's account only.
fn is_refusal(code: &str) -> bool {
    code.starts_with("AccessDenied") || code == "UnauthorizedOperation"
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The code and message of an error reply.
fn error_of(reply: &ApiReply) -> (String, String) {
    let header = reply.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("x-amzn-errortype"));
    if let Some((_, code)) = header {
        let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        return (code.clone(), body["message"].as_str().unwrap_or_default().to_owned());
    }
    let text = |name| xml::text_of(&reply.body, name).unwrap_or_default();
    (text("Code"), text("Message"))
}

fn response(service: &str, reply: &ApiReply) -> Option<String> {
    // A reply that is longer than what may be written is not even looked at.
    if reply.body.len() > 4 * BYTES_MAX {
        return Some("{\"omitted\":\"too long\"}".to_owned());
    }
    let redacted = if reply.content_type.contains("json") {
        Redacted::json(service, &reply.body)
    } else {
        Redacted::xml(service, &reply.body)
    };
    redacted.value.map(|v| v.to_string())
}

/// Parameters in the query that may be written down: none of a presigned URL's.
const QUERY: [&str; 15] = [
    "versionId",
    "uploadId",
    "partNumber",
    "prefix",
    "delimiter",
    "max-keys",
    "list-type",
    "marker",
    "start-after",
    "key-marker",
    "version-id-marker",
    "max-uploads",
    "encoding-type",
    "id",
    "fetch-owner",
];
/// Headers that may be written down: no key, no token, no signature, nothing of the users' own.
const HEADERS: [&str; 14] = [
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-object-ownership",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-object-lock-legal-hold",
    "x-amz-bypass-governance-retention",
    "x-amz-request-payer",
    "x-amz-mp-object-size",
    "range",
];

fn parameters(ask: &Ask) -> String {
    let mut out = String::with_capacity(256);
    out.push_str("{\"bucketName\":");
    text(&ask.bucket, &mut out);
    if let Some(host) = ask.header("host") {
        member("Host", host, &mut out);
    }
    if !ask.key.is_empty() {
        member("key", &ask.key, &mut out);
    }
    if !ask.query.is_empty() {
        for name in QUERY {
            if let Some(value) = ask.params.get(name) {
                member(name, value, &mut out);
            }
        }
    }
    for (name, value) in &ask.headers {
        let name = name.as_str();
        if (name.starts_with("x-amz-") || name == "range")
            && HEADERS.contains(&name)
            && let Ok(value) = value.to_str()
        {
            member(name, value, &mut out);
        }
    }
    out.push('}');
    out
}

fn additional(call: &ObjectCall) -> String {
    let method = match call.ask.map(|a| (&a.who, a.presigned)) {
        Some((Identity::User(_), true)) => ",\"AuthenticationMethod\":\"QueryString\",\"SignatureVersion\":\"SigV4\"",
        Some((Identity::User(_), false)) => ",\"AuthenticationMethod\":\"AuthHeader\",\"SignatureVersion\":\"SigV4\"",
        _ => "",
    };
    let mut out = String::with_capacity(192);
    let _ = write!(
        out,
        "{{\"bytesTransferredIn\":{},\"bytesTransferredOut\":{}{method}",
        call.bytes_in.unwrap_or(0),
        call.bytes_out.unwrap_or(0)
    );
    member("x-amz-id-2", call.host_id, &mut out);
    out.push('}');
    out
}

/// CloudTrail's name where it is not the API's.
fn event_name(op: Operation) -> &'static str {
    use Operation::*;
    match op {
        ListObjectsV2 => "ListObjects",
        GetBucketLifecycleConfiguration => "GetBucketLifecycle",
        PutBucketLifecycleConfiguration => "PutBucketLifecycle",
        GetBucketNotificationConfiguration => "GetBucketNotification",
        PutBucketNotificationConfiguration => "PutBucketNotification",
        op => op.name(),
    }
}

/// "Amazon S3 CloudTrail events: object-level API operations", S3 User Guide.
fn is_data(op: Operation) -> bool {
    use Operation::*;
    matches!(
        op,
        AbortMultipartUpload
            | CompleteMultipartUpload
            | CopyObject
            | CorsPreflight
            | CreateMultipartUpload
            | DeleteObject
            | DeleteObjectTagging
            | DeleteObjects
            | GetObject
            | GetObjectAcl
            | GetObjectAttributes
            | GetObjectLegalHold
            | GetObjectRetention
            | GetObjectTagging
            | GetObjectTorrent
            | HeadBucket
            | HeadObject
            | ListMultipartUploads
            | ListObjectVersions
            | ListObjects
            | ListObjectsV2
            | ListParts
            | PostObject
            | PutObject
            | PutObjectAcl
            | PutObjectLegalHold
            | PutObjectRetention
            | PutObjectTagging
            | RestoreObject
            | SelectObjectContent
            | UploadPart
            | UploadPartCopy
    )
}
