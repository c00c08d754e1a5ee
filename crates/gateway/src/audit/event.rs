//! One call as a CloudTrail record, version 1.11. Written straight into the line: this is on the way of every request.
//!
//! Source: "CloudTrail record contents" and "CloudTrail userIdentity element", CloudTrail User Guide.

use std::fmt::Write;
use types::TimestampMs;
use wire::identity::{Principal, PrincipalKind, Trace};

/// Of a name, a message or an agent.
const TEXT_CHARS_MAX: usize = 1_024;
/// Of one event.
const RESOURCES_MAX: usize = 10;
const TRACES_MAX: usize = 32;

/// Whoever called.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    Proven {
        principal: &'a Principal,
        access_key: &'a str,
    },
    /// As the owner of a resource is told of a caller of another account.
    Foreign(&'a Principal),
    /// Nobody signed, and nobody had to.
    Anonymous,
    /// A token of an identity provider was shown instead of a signature.
    WebIdentity,
    /// An assertion of one, likewise.
    Saml,
    /// Not proven; the access key as it was claimed.
    Unproven(Option<&'a str>),
}

impl Caller<'_> {
    /// Whoever calls an operation that nobody signs.
    pub fn bearer(action: &str) -> Self {
        if action == "AssumeRoleWithSAML" { Self::Saml } else { Self::WebIdentity }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    pub caller: Caller<'a>,
    pub at: TimestampMs,
    /// `ec2`
    pub service: &'a str,
    /// `RunInstances`; empty: it could not be read.
    pub name: &'a str,
    pub region: &'a str,
    pub source_ip: &'a str,
    pub user_agent: &'a str,
    /// Code and message.
    pub error: Option<(&'a str, &'a str)>,
    /// JSON texts.
    pub request_parameters: Option<&'a str>,
    pub response_elements: Option<&'a str>,
    pub additional: Option<&'a str>,
    /// As the client has it.
    pub request_id: &'a str,
    pub event_id: &'a str,
    pub read_only: bool,
    /// An object's, not the management's.
    pub data: bool,
    /// (ARN, the account it is of, type), each empty where unknown.
    pub resources: &'a [(&'a str, &'a str, &'a str)],
    /// Whose trail it is in. Empty: only the operator's.
    pub account: &'a str,
    /// The same in the trails of all accounts that the call is told to; empty: it is told to one.
    pub shared_event_id: &'a str,
    pub traces: &'a [Trace],
}

impl Event<'_> {
    /// The members of the trail's line, each led by a comma.
    pub fn write(&self, out: &mut String) {
        let o = out;
        o.push_str(",\"a\":\"");
        o.push_str(self.account);
        o.push_str("\",\"id\":\"");
        o.push_str(self.request_id);
        o.push_str("\",\"e\":{\"eventVersion\":\"1.11\",\"userIdentity\":");
        self.identity(o);
        o.push_str(",\"eventTime\":\"");
        time(self.at, o);
        o.push_str("\",\"eventSource\":\"");
        o.push_str(self.service);
        o.push_str(".amazonaws.com\"");
        member("eventName", if self.name.is_empty() { "Unknown" } else { self.name }, o);
        member("awsRegion", self.region, o);
        member("sourceIPAddress", self.source_ip, o);
        member("userAgent", self.user_agent, o);
        if let Some((code, message)) = self.error {
            member("errorCode", code, o);
            member("errorMessage", message, o);
        }
        o.push_str(",\"requestParameters\":");
        o.push_str(self.request_parameters.unwrap_or("null"));
        o.push_str(",\"responseElements\":");
        o.push_str(self.response_elements.unwrap_or("null"));
        if let Some(more) = self.additional {
            o.push_str(",\"additionalEventData\":");
            o.push_str(more);
        }
        member("requestID", self.request_id, o);
        member("eventID", self.event_id, o);
        o.push_str(if self.read_only { ",\"readOnly\":true" } else { ",\"readOnly\":false" });
        self.write_resources(o);
        o.push_str(",\"eventType\":\"AwsApiCall\",\"managementEvent\":");
        o.push_str(if self.data { "false" } else { "true" });
        member("recipientAccountId", self.account, o);
        if !self.shared_event_id.is_empty() {
            member("sharedEventID", self.shared_event_id, o);
        }
        o.push_str(if self.data { ",\"eventCategory\":\"Data\"}" } else { ",\"eventCategory\":\"Management\"}" });
        self.write_traces(o);
    }

    fn write_resources(&self, o: &mut String) {
        if self.resources.is_empty() {
            return;
        }
        o.push_str(",\"resources\":[");
        for (n, (arn, account, kind)) in self.resources.iter().take(RESOURCES_MAX).enumerate() {
            o.push_str(if n > 0 { ",{\"ARN\":" } else { "{\"ARN\":" });
            text(arn, o);
            if !account.is_empty() {
                member("accountId", account, o);
            }
            if !kind.is_empty() {
                member("type", kind, o);
            }
            o.push('}');
        }
        o.push(']');
    }

    /// Beside the event: CloudTrail has no place for it.
    fn write_traces(&self, o: &mut String) {
        if self.traces.is_empty() {
            return;
        }
        o.push_str(",\"d\":[");
        for (n, t) in self.traces.iter().take(TRACES_MAX).enumerate() {
            o.push_str(if n > 0 { ",{\"action\":" } else { "{\"action\":" });
            text(&t.action, o);
            member("resource", &t.resource, o);
            o.push_str(if t.allowed { ",\"allowed\":true" } else { ",\"allowed\":false" });
            member("because", &t.because, o);
            o.push('}');
        }
        o.push(']');
    }

    fn identity(&self, o: &mut String) {
        let (p, access_key) = match self.caller {
            Caller::Proven { principal, access_key } => (principal, access_key),
            Caller::Foreign(p) => {
                o.push_str("{\"type\":\"AWSAccount\"");
                member("principalId", &p.user_id, o);
                member("accountId", p.account.as_str(), o);
                o.push('}');
                return;
            }
            Caller::Anonymous => {
                o.push_str("{\"type\":\"AWSAccount\",\"principalId\":\"\",\"accountId\":\"ANONYMOUS_PRINCIPAL\"}");
                return;
            }
            Caller::WebIdentity | Caller::Saml => {
                let saml = matches!(self.caller, Caller::Saml);
                o.push_str(if saml { "{\"type\":\"SAMLUser\"}" } else { "{\"type\":\"WebIdentityUser\"}" });
                return;
            }
            Caller::Unproven(key) => {
                o.push_str("{\"type\":\"Unknown\"");
                if let Some(key) = key {
                    member("accessKeyId", key, o);
                }
                o.push('}');
                return;
            }
        };
        let kind = match &p.kind {
            PrincipalKind::Root => "Root",
            PrincipalKind::User { .. } => "IAMUser",
            PrincipalKind::RoleSession { .. } => "AssumedRole",
            PrincipalKind::FederatedUser { .. } => "FederatedUser",
            PrincipalKind::Anonymous => "Unknown",
        };
        o.push_str("{\"type\":\"");
        o.push_str(kind);
        o.push('"');
        member("principalId", &p.user_id, o);
        member("arn", &p.arn, o);
        member("accountId", p.account.as_str(), o);
        member("accessKeyId", access_key, o);
        if let PrincipalKind::User { name } = &p.kind {
            member("userName", name, o);
        }
        if let Some(session) = &p.session {
            o.push_str(",\"sessionContext\":{");
            let issuer = match &p.kind {
                PrincipalKind::RoleSession { role_arn, .. } => Some(("Role", p.entity_id(), role_arn.as_str())),
                PrincipalKind::FederatedUser { user_arn, user_id } => {
                    let kind = if user_arn.ends_with(":root") { "Root" } else { "IAMUser" };
                    Some((kind, user_id.as_str(), user_arn.as_str()))
                }
                _ => None,
            };
            if let Some((kind, id, arn)) = issuer {
                o.push_str("\"sessionIssuer\":{\"type\":\"");
                o.push_str(kind);
                o.push('"');
                member("principalId", id, o);
                member("arn", arn, o);
                member("accountId", p.account.as_str(), o);
                if let Some((_, name)) = arn.rsplit_once('/') {
                    member("userName", name, o);
                }
                o.push_str("},");
            }
            if let Some(provider) = &session.provider {
                o.push_str("\"webIdFederationData\":{\"federatedProvider\":");
                text(provider, o);
                o.push_str(",\"attributes\":{}},");
            }
            if let Some(source) = &session.source_identity {
                o.push_str("\"sourceIdentity\":");
                text(source, o);
                o.push(',');
            }
            if session.instance.is_some() {
                o.push_str("\"ec2RoleDelivery\":\"2.0\",");
            }
            o.push_str("\"attributes\":{\"creationDate\":\"");
            time(session.issued, o);
            o.push_str("\",\"mfaAuthenticated\":");
            o.push_str(if session.mfa_at.is_some() { "\"true\"}}" } else { "\"false\"}}" });
        }
        o.push('}');
    }
}

/// `2023-11-14T22:13:20Z`
pub fn time(at: TimestampMs, out: &mut String) {
    aws_protocol::write_timestamp(at, out);
    out.truncate(out.len() - ".000Z".len());
    out.push('Z');
}

pub fn member(name: &str, value: &str, out: &mut String) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
    text(value, out);
}

/// A JSON string, cut where it is too long.
pub fn text(value: &str, out: &mut String) {
    let value = if value.len() > TEXT_CHARS_MAX {
        let end = (0..=TEXT_CHARS_MAX).rev().find(|n| value.is_char_boundary(*n)).unwrap_or(0);
        &value[..end]
    } else {
        value
    };
    out.push('"');
    if value.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.push_str(value);
    } else {
        for c in value.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                c if u32::from(c) < 0x20 => {
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
    }
    out.push('"');
}

/// CloudTrail's `readOnly`, by the operation's name.
pub fn is_read_only(service: &str, name: &str) -> bool {
    const VERBS: [&str; 8] = ["Get", "List", "Describe", "Head", "Lookup", "Decode", "Simulate", "Select"];
    let of_service = match service {
        "kms" => ["Encrypt", "Decrypt", "ReEncrypt", "Generate", "Sign", "Verify"].iter().any(|v| name.starts_with(v)),
        "sts" => name.starts_with("AssumeRole"),
        _ => false,
    };
    of_service || VERBS.iter().any(|v| name.starts_with(v))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::sync::Arc;
    use wire::identity::Session;

    fn written<'a>(caller: Caller<'a>, change: impl FnOnce(&mut Event<'a>)) -> Value {
        let mut event = Event {
            caller,
            at: TimestampMs(1_700_000_000_123),
            service: "ec2",
            name: "RunInstances",
            region: "us-east-1",
            source_ip: "127.0.0.1",
            user_agent: "agent \"x\"\n",
            error: None,
            request_parameters: Some("{\"a\":1}"),
            response_elements: None,
            additional: None,
            request_id: "r-1",
            event_id: "e-1",
            read_only: false,
            data: false,
            resources: &[("arn:aws:ec2:us-east-1:1:instance/i-1", "1", "")],
            account: "123456789012",
            shared_event_id: "",
            traces: &[],
        };
        change(&mut event);
        let mut out = String::from("{\"n\":1");
        event.write(&mut out);
        out.push('}');
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"))
    }

    #[test]
    fn a_call_of_a_user() {
        let mut p = Principal::root("123456789012".parse().unwrap());
        p.kind = PrincipalKind::User { name: "ann".into() };
        let trace = Trace { action: "ec2:RunInstances".into(), resource: "*".into(), allowed: false, because: "no".into() };
        let traces = [trace];
        let caller = Caller::Proven { principal: &p, access_key: "AKIA1" };
        let line = written(caller, |e| {
            e.error = Some(("AccessDenied", "no"));
            e.traces = &traces;
        });
        let event = &line["e"];
        assert_eq!(
            event["userIdentity"],
            serde_json::json!({"type": "IAMUser", "principalId": "123456789012", "arn": "arn:aws:iam::123456789012:root",
                "accountId": "123456789012", "accessKeyId": "AKIA1", "userName": "ann"})
        );
        for (name, value) in [
            ("eventVersion", "1.11"),
            ("eventTime", "2023-11-14T22:13:20Z"),
            ("eventSource", "ec2.amazonaws.com"),
            ("userAgent", "agent \"x\"\n"),
            ("errorCode", "AccessDenied"),
            ("eventType", "AwsApiCall"),
            ("recipientAccountId", "123456789012"),
            ("eventCategory", "Management"),
        ] {
            assert_eq!(event[name], value, "{name}");
        }
        assert_eq!((&event["readOnly"], &event["managementEvent"]), (&Value::from(false), &Value::from(true)));
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(line["d"][0]["because"], "no");
        assert_eq!((&line["a"], &line["id"]), (&Value::from("123456789012"), &Value::from("r-1")));
    }

    #[test]
    fn a_call_of_a_role() {
        let p = Principal {
            account: "123456789012".parse().unwrap(),
            arn: "arn:aws:sts::123456789012:assumed-role/r/s".into(),
            user_id: "AROA1:s".into(),
            kind: PrincipalKind::RoleSession { role_arn: "arn:aws:iam::123456789012:role/p/r".into(), session_name: "s".into() },
            session: Some(Arc::new(Session {
                issued: TimestampMs(1_700_000_000_000),
                mfa_at: Some(TimestampMs(1)),
                source_identity: Some("ann".into()),
                ..Session::default()
            })),
        };
        let line = written(Caller::Proven { principal: &p, access_key: "ASIA1" }, |_| {});
        let context = &line["e"]["userIdentity"]["sessionContext"];
        assert_eq!(
            *context,
            serde_json::json!({
                "sessionIssuer": {"type": "Role", "principalId": "AROA1", "arn": "arn:aws:iam::123456789012:role/p/r",
                    "accountId": "123456789012", "userName": "r"},
                "sourceIdentity": "ann",
                "attributes": {"creationDate": "2023-11-14T22:13:20Z", "mfaAuthenticated": "true"}
            })
        );
    }

    #[test]
    fn callers_that_nobody_proved() {
        assert_eq!(written(Caller::Anonymous, |_| {})["e"]["userIdentity"]["accountId"], "ANONYMOUS_PRINCIPAL");
        assert_eq!(written(Caller::Unproven(Some("AK\"1")), |_| {})["e"]["userIdentity"]["accessKeyId"], "AK\"1");
        let p = Principal::root("999900001111".parse().unwrap());
        let told = written(Caller::Foreign(&p), |e| e.shared_event_id = "s-1");
        let identity = serde_json::json!({"type": "AWSAccount", "principalId": "999900001111", "accountId": "999900001111"});
        assert_eq!((&told["e"]["userIdentity"], &told["e"]["sharedEventID"]), (&identity, &Value::from("s-1")));
        for (action, kind) in [("AssumeRoleWithWebIdentity", "WebIdentityUser"), ("AssumeRoleWithSAML", "SAMLUser")] {
            assert_eq!(written(Caller::bearer(action), |_| {})["e"]["userIdentity"]["type"], kind);
        }
    }

    #[test]
    fn reads() {
        for (service, name, read) in [
            ("ec2", "DescribeVpcs", true),
            ("ec2", "RunInstances", false),
            ("kms", "GenerateDataKey", true),
            ("iam", "GenerateCredentialReport", false),
            ("sts", "AssumeRole", true),
            ("cloudtrail", "LookupEvents", true),
        ] {
            assert_eq!(is_read_only(service, name), read, "{name}");
        }
    }
}
