//! CloudTrail's LookupEvents, from the trail's own files: it answers with the control plane dead.
//!
//! Management events of the caller's account, newest first. Source: "LookupEvents", CloudTrail API Reference.

use super::chain::Kind;
use super::{Audit, MANAGEMENT, search};
use crate::answer::{Envelope, own};
use crate::handle::Slot;
use aws_protocol::cloudtrail::{Event, LookupEventsRequest, LookupEventsResponse, Resource};
use aws_protocol::{AwsError, Protocol, decode_json, encode, error_reply};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iam::caller::Circumstances;
use iam::{Asked, Bundle, Decision, Rule};
use serde_json::Value;
use std::ops::ControlFlow;
use std::path::Path;
use types::TimestampMs;
use wire::api::{ApiReply, Principal};

/// Requests at once: each reads files of the trail.
const LOOKUPS_MAX: usize = 4;
/// AWS: of one page.
const PAGE_EVENTS_MAX: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    EventId,
    EventName,
    ReadOnly,
    Username,
    ResourceType,
    ResourceName,
    EventSource,
    AccessKeyId,
}

const KEYS: [(&str, Key); 8] = [
    ("EventId", Key::EventId),
    ("EventName", Key::EventName),
    ("ReadOnly", Key::ReadOnly),
    ("Username", Key::Username),
    ("ResourceType", Key::ResourceType),
    ("ResourceName", Key::ResourceName),
    ("EventSource", Key::EventSource),
    ("AccessKeyId", Key::AccessKeyId),
];

impl Audit {
    /// Serves LookupEvents.
    pub async fn look_up(
        &self,
        principal: &Principal,
        bundle: &Bundle,
        at: Circumstances<'_>,
        request_id: &str,
        body: &str,
    ) -> ApiReply {
        let context = bundle.context(principal, &at);
        let asked = Asked {
            action: "cloudtrail:LookupEvents",
            resource: "*",
            resource_account: None,
            resource_policy: None,
            rule: Rule::Optional,
            context: &context,
        };
        let decision = bundle.decide(&asked);
        let outcome = match decision {
            Decision::Deny(reason) => Err(AwsError::new("AccessDeniedException", bundle.refusal(&asked, reason))),
            Decision::Allow { .. } => self.events(principal.account.as_str(), body).await,
        };
        let reply = match outcome {
            Ok(found) => encode::<LookupEventsRequest>(request_id, &found),
            Err(e) => error_reply("cloudtrail", request_id, &e),
        };
        own(reply, vec![bundle.trace(&asked, decision)])
    }

    async fn events(&self, account: &str, body: &str) -> Result<LookupEventsResponse, AwsError> {
        let request: LookupEventsRequest = decode_json(body.as_bytes())?;
        let query = Query::new(account, &request)?;
        let json = Envelope::Api(Protocol::Json11);
        let _slot = Slot::take(&self.lookups, LOOKUPS_MAX).ok_or_else(|| json.throttled())?;
        let dir = self.dir.join(MANAGEMENT);
        match tokio::task::spawn_blocking(move || query.run(&dir)).await {
            Ok(Ok(found)) => Ok(found),
            outcome => {
                tracing::error!(?outcome, "the audit trail cannot be read");
                Err(json.internal("The audit trail cannot be read."))
            }
        }
    }
}

/// A request that was understood.
#[derive(Debug, Clone)]
struct Query {
    account: String,
    wanted: Option<(Key, String)>,
    since: Option<TimestampMs>,
    until: Option<TimestampMs>,
    max: usize,
    below: u64,
    /// What the token of a next page must have been made for.
    same: String,
}

impl Query {
    fn new(account: &str, request: &LookupEventsRequest) -> Result<Self, AwsError> {
        let max = match request.max_results {
            None => PAGE_EVENTS_MAX,
            Some(n) => usize::try_from(n).ok().filter(|n| (1..=PAGE_EVENTS_MAX).contains(n)).ok_or_else(|| {
                AwsError::new("InvalidMaxResultsException", format!("MaxResults must be from 1 to {PAGE_EVENTS_MAX}."))
            })?,
        };
        if let Some(category) = &request.event_category {
            let sentence = format!("There are no events of the category {category}: leave it out for management events.");
            return Err(AwsError::new("InvalidEventCategoryException", sentence));
        }
        let (since, until) = (request.start_time, request.end_time);
        if since.zip(until).is_some_and(|(since, until)| since > until) {
            return Err(AwsError::new("InvalidTimeRangeException", "The start time is after the end time."));
        }
        let bad = |why: &str| AwsError::new("InvalidLookupAttributesException", why.to_owned());
        let wanted = match request.lookup_attributes.as_deref() {
            None | Some([]) => None,
            Some([one]) => {
                let name = one.attribute_key.as_deref().unwrap_or_default();
                let key = KEYS.iter().find(|(n, _)| *n == name).ok_or_else(|| bad("The attribute key is not a known one."))?;
                let value = one.attribute_value.clone().filter(|v| !v.is_empty());
                Some((key.1, value.ok_or_else(|| bad("The attribute has no value."))?))
            }
            Some(_) => return Err(bad("You can look events up by one attribute.")),
        };
        let same = super::chain::hash(format!("{account}/{wanted:?}/{since:?}/{until:?}").as_bytes())[..16].to_owned();
        let below = match &request.next_token {
            None => u64::MAX,
            Some(token) => below_of(token, &same)
                .ok_or_else(|| AwsError::new("InvalidNextTokenException", "The token is not of this request."))?,
        };
        Ok(Self { account: account.to_owned(), wanted, since, until, max, below, same })
    }

    /// Blocking.
    fn run(&self, dir: &Path) -> std::io::Result<LookupEventsResponse> {
        let mut events = Vec::new();
        let mut next = None;
        search::newest_first(dir, self.below, self.since, |head, line| {
            let at = TimestampMs(head.at_ms);
            let in_time = self.since.is_none_or(|s| s <= at) && self.until.is_none_or(|u| at <= u);
            if head.kind != Kind::Management || !in_time || head.text("a") != Some(&self.account) {
                return ControlFlow::Continue(());
            }
            let Some(event) = self.event(line, at) else { return ControlFlow::Continue(()) };
            if events.len() == self.max {
                next = Some(URL_SAFE_NO_PAD.encode(format!("{}/{}", head.sequence + 1, self.same)));
                return ControlFlow::Break(());
            }
            events.push(event);
            ControlFlow::Continue(())
        })?;
        Ok(LookupEventsResponse { events: Some(events), next_token: next })
    }

    /// The line's event, if it is one that is wanted.
    fn event(&self, line: &[u8], at: TimestampMs) -> Option<Event> {
        let mut line: Value = serde_json::from_slice(line).ok()?;
        let event = line["e"].take();
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let session = || text("/userIdentity/arn").and_then(|arn| Some(arn.rsplit_once('/')?.1.to_owned()));
        let root = || (event.pointer("/userIdentity/type")? == "Root").then(|| "root".to_owned());
        let read_only = event["readOnly"].as_bool().unwrap_or(false).to_string();
        let resources: Vec<Resource> = event["resources"].as_array().into_iter().flatten().filter_map(resource).collect();
        let out = Event {
            access_key_id: text("/userIdentity/accessKeyId"),
            event_id: text("/eventID"),
            event_name: text("/eventName"),
            event_source: text("/eventSource"),
            event_time: Some(TimestampMs(at.0 / 1000 * 1000)),
            read_only: Some(read_only),
            username: text("/userIdentity/userName").or_else(root).or_else(session),
            resources: Some(resources),
            cloud_trail_event: None,
        };
        let is = |field: &Option<String>, value: &str| field.as_deref() == Some(value);
        let any = |of: fn(&Resource) -> &Option<String>, v: &str| out.resources.iter().flatten().any(|r| is(of(r), v));
        let fits = self.wanted.as_ref().is_none_or(|(key, v)| match key {
            Key::EventId => is(&out.event_id, v),
            Key::EventName => is(&out.event_name, v),
            Key::ReadOnly => is(&out.read_only, v),
            Key::Username => is(&out.username, v),
            Key::EventSource => is(&out.event_source, v),
            Key::AccessKeyId => is(&out.access_key_id, v),
            Key::ResourceType => any(|r| &r.resource_type, v),
            Key::ResourceName => any(|r| &r.resource_name, v),
        });
        fits.then(|| Event { cloud_trail_event: Some(event.to_string()), ..out })
    }
}

/// What AWS calls a resource's name is the ARN's last part.
fn resource(value: &Value) -> Option<Resource> {
    let arn = value["ARN"].as_str()?;
    let name = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let name = if arn.starts_with("arn:aws:s3:") { name } else { name.rsplit(['/', ':']).next().unwrap_or(name) };
    let kind = value["type"].as_str().map(str::to_owned);
    Some(Resource { resource_name: Some(name.to_owned()), resource_type: kind })
}

fn below_of(token: &str, same: &str) -> Option<u64> {
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (below, of) = plain.split_once('/')?;
    (of == same).then(|| below.parse().ok())?
}
