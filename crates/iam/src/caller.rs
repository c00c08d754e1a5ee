//! A caller, as a gateway proved it, in the policy language's terms: the principal and the condition keys that follow from it.

use crate::context::Context;
use crate::principal::{Principal, PrincipalKind, canonical_user_id};
use std::collections::BTreeMap;
use types::TimestampMs;
use wire::identity::{Principal as Caller, PrincipalKind as CallerKind};

pub fn principal(caller: &Caller) -> Principal {
    if caller.kind == CallerKind::Anonymous {
        return Principal::anonymous();
    }
    let kind = match &caller.kind {
        CallerKind::Root => PrincipalKind::Root,
        CallerKind::User { name } => PrincipalKind::User { name: name.clone() },
        CallerKind::RoleSession { role_arn, session_name } => {
            PrincipalKind::RoleSession { role_arn: role_arn.clone(), session_name: session_name.clone() }
        }
        CallerKind::FederatedUser { user_arn, .. } => PrincipalKind::FederatedUser { user_arn: user_arn.clone() },
        CallerKind::Anonymous => PrincipalKind::Anonymous,
    };
    Principal {
        account: Some(caller.account.clone()),
        arn: caller.arn.clone(),
        user_id: caller.user_id.clone(),
        canonical_id: canonical_user_id(&caller.account),
        kind,
    }
}

/// Where a request comes from and when.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub now: TimestampMs,
    pub source_ip: &'a str,
    pub user_agent: &'a str,
    /// The region that is asked: `aws:RequestedRegion`.
    pub region: &'a str,
}

/// The global keys of a request. `tags` are of the user or role. Source: "AWS global condition context keys", IAM User Guide.
pub fn context(principal: &Principal, caller: &Caller, tags: &BTreeMap<String, String>, at: &Circumstances) -> Context {
    let mut c = of_request(principal, at);
    for (key, value) in tags {
        c.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    // "This key is only included for temporary credentials": a long-lived key has neither value.
    if let Some(session) = &caller.session {
        c.set("aws:MultiFactorAuthPresent", if session.mfa_at.is_some() { "true" } else { "false" });
        if let Some(at_ms) = session.mfa_at {
            c.set("aws:MultiFactorAuthAge", (at.now.0.saturating_sub(at_ms.0) / 1000).to_string());
        }
        c.set_instant("aws:TokenIssueTime", session.issued);
        if let Some(identity) = &session.source_identity {
            c.set("aws:SourceIdentity", identity.as_str());
        }
        if let Some(provider) = &session.provider {
            c.set("aws:FederatedProvider", provider.as_str());
        }
        if let Some(instance) = &session.instance {
            c.set("ec2:SourceInstanceARN", instance.as_str());
            c.set("ec2:RoleDelivery", "2.0");
        }
        // "Session tags override" those of the role with the same key.
        for (key, value) in &session.tags {
            c.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
    }
    c
}

/// The same of a request that nobody signed.
pub fn anonymous(at: &Circumstances) -> Context {
    of_request(&Principal::anonymous(), at)
}

fn of_request(principal: &Principal, at: &Circumstances) -> Context {
    let mut c = Context::of(principal);
    c.set_time(at.now);
    c.set("aws:SourceIp", at.source_ip);
    c.set("aws:SecureTransport", "false");
    c.set("aws:RequestedRegion", at.region);
    c.set("aws:ViaAWSService", "false");
    if !at.user_agent.is_empty() {
        c.set("aws:UserAgent", at.user_agent);
    }
    c
}
