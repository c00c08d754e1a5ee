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
    /// None: not through a VPC's endpoint.
    pub through: Option<Through<'a>>,
}

/// The VPC endpoint that a request came through, from an address of the VPC.
#[derive(Debug, Clone, Copy)]
pub struct Through<'a> {
    pub vpc: &'a str,
    pub endpoint: &'a str,
}

/// A caller and its request: where the values of the global condition keys come from. Source: "AWS global condition context
/// keys", IAM User Guide.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    pub principal: &'a Principal,
    /// None: nobody signed.
    pub caller: Option<&'a Caller>,
    /// Of the user or role.
    pub tags: &'a BTreeMap<String, String>,
    pub at: &'a Circumstances<'a>,
}

/// All but those of principal tags.
const KEYS: [&str; 22] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpcsourceip",
];
const INSTANCE_KEYS: [&str; 2] = ["ec2:roledelivery", "ec2:sourceinstancearn"];
const PRINCIPAL_TAG: &str = "aws:principaltag/";

impl Facts<'_> {
    /// Every key that has a value.
    pub fn all(&self) -> Context {
        let mut c = Context::new();
        for key in KEYS.iter().chain(&INSTANCE_KEYS) {
            self.fill(key, &mut c);
        }
        let session = self.caller.and_then(|c| c.session.as_ref());
        for key in self.tags.keys().chain(session.iter().flat_map(|s| s.tags.keys())) {
            self.fill(&format!("{PRINCIPAL_TAG}{}", key.to_ascii_lowercase()), &mut c);
        }
        c
    }

    /// Sets the key, lower case, if it has a value here.
    pub fn fill(&self, key: &str, c: &mut Context) {
        let at = self.at;
        let session = self.caller.and_then(|c| c.session.as_ref());
        match key {
            "aws:currenttime" => c.set_instant(key, at.now),
            "aws:epochtime" => c.set(key, (at.now.0 / 1000).to_string()),
            // "If the requester's host is an EC2 instance that uses a VPC endpoint, aws:SourceIp is not available."
            "aws:sourceip" if at.through.is_none() => c.set(key, at.source_ip),
            "aws:vpcsourceip" if at.through.is_some() => c.set(key, at.source_ip),
            "aws:sourcevpc" => at.through.iter().for_each(|t| c.set(key, t.vpc)),
            "aws:sourcevpce" => at.through.iter().for_each(|t| c.set(key, t.endpoint)),
            "aws:securetransport" | "aws:viaawsservice" => c.set(key, "false"),
            "aws:requestedregion" => c.set(key, at.region),
            "aws:useragent" if !at.user_agent.is_empty() => c.set(key, at.user_agent),
            _ if c.fill_of(self.principal, key) => {}
            // "This key is only included for temporary credentials": a long-lived key has neither value.
            _ if let Some(session) = session => match key {
                "aws:multifactorauthpresent" => c.set(key, if session.mfa_at.is_some() { "true" } else { "false" }),
                "aws:multifactorauthage" => {
                    if let Some(since) = session.mfa_at {
                        c.set(key, (at.now.0.saturating_sub(since.0) / 1000).to_string());
                    }
                }
                "aws:tokenissuetime" => c.set_instant(key, session.issued),
                "aws:sourceidentity" => session.source_identity.iter().for_each(|v| c.set(key, v.as_str())),
                "aws:federatedprovider" => session.provider.iter().for_each(|v| c.set(key, v.as_str())),
                "ec2:sourceinstancearn" => session.instance.iter().for_each(|v| c.set(key, v.as_str())),
                "ec2:roledelivery" if session.instance.is_some() => c.set(key, "2.0"),
                _ => self.fill_tag(key, c),
            },
            _ => self.fill_tag(key, c),
        }
    }

    fn fill_tag(&self, key: &str, c: &mut Context) {
        let Some(name) = key.strip_prefix(PRINCIPAL_TAG) else { return };
        let session = self.caller.and_then(|c| c.session.as_ref());
        // "Session tags override" those of the role with the same key.
        let tags = self.tags.iter().chain(session.iter().flat_map(|s| &s.tags));
        if let Some((_, value)) = tags.rev().find(|(k, _)| k.eq_ignore_ascii_case(name)) {
            c.set(key, value.as_str());
        }
    }
}

/// No tags.
pub(crate) static UNTAGGED: BTreeMap<String, String> = BTreeMap::new();

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use wire::identity::Session;

    /// A key that is filled alone has the value that it has among all, and no key is missing from the list of all.
    #[test]
    fn keys_are_the_same_alone_and_together() {
        let account = "111122223333".parse().unwrap();
        let session = Session {
            issued: TimestampMs(1_000),
            expires: TimestampMs(9_000_000),
            policies: Vec::new(),
            tags: [("Team".to_owned(), "of the session".to_owned())].into(),
            transitive: Vec::new(),
            mfa_at: Some(TimestampMs(2_000)),
            source_identity: Some("ann".into()),
            provider: Some("accounts.google.com".into()),
            chained: false,
            instance: Some("arn:aws:ec2:us-east-1:111122223333:instance/i-1".into()),
        };
        let mut caller = Caller {
            account,
            arn: "arn:aws:sts::111122223333:assumed-role/r/s".into(),
            user_id: "AROAR:s".into(),
            kind: CallerKind::RoleSession { role_arn: "arn:aws:iam::111122223333:role/r".into(), session_name: "s".into() },
            session: Some(Arc::new(session)),
        };
        let tags = [("team".to_owned(), "of the role".to_owned()), ("cost".to_owned(), "7".to_owned())].into();
        let at = Circumstances {
            now: TimestampMs(5_000),
            source_ip: "10.0.0.1",
            user_agent: "cli",
            region: "us-east-1",
            through: None,
        };
        for session in [true, false] {
            if !session {
                caller.session = None;
            }
            let principal = principal(&caller);
            let facts = Facts { principal: &principal, caller: Some(&caller), tags: &tags, at: &at };
            let all = facts.all();
            assert_eq!(all.iter().count(), if session { 21 } else { 14 });
            for (key, values) in all.iter() {
                let mut alone = Context::new();
                facts.fill(key, &mut alone);
                assert_eq!(alone.get(key), values, "{key}");
                assert!(crate::catalog::is_known_key("ec2", key), "{key} is not in the catalogue");
            }
            let team = if session { "of the session" } else { "of the role" };
            assert_eq!(all.get("aws:PrincipalTag/team"), [team]);
            assert_eq!(all.get("aws:PrincipalArn"), ["arn:aws:iam::111122223333:role/r"]);
        }
    }
}
