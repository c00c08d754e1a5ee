//! May this be done with this key? Key policy, identity policies and grants together, and the condition keys of KMS.
//!
//! Source: Developer Guide, "Troubleshooting key access" (the order of the checks) and "Condition keys for AWS KMS".

use crate::context::EncryptionContext;
use crate::grant;
use iam::{Asked, Bundle, Context, Decision, DenyReason, Gate, Policy, Rule};
use types::AccountId;
use wire::identity::Trace;
use wire::kms::{Grant, Key};

/// How the caller came to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed<'a> {
    ByPolicy,
    ByGrant(&'a Grant),
}

/// One use of a key, for the question whether it may be.
#[derive(Debug, Clone, Copy)]
pub struct Use<'a> {
    /// `kms:Decrypt`
    pub action: &'a str,
    pub key: &'a Key,
    pub policy: &'a Policy,
    /// Of operations that have one; else empty.
    pub encryption_context: &'a EncryptionContext,
    /// The condition keys, [`describe`]d.
    pub context: &'a Context,
}

/// The key policy must allow, or hand the decision to the account's policies; a grant does as well, unless a policy denies.
/// Else AWS's sentence. The trace is for the audit.
pub fn may<'a>(caller: &Bundle, wanted: &Use<'a>) -> (Result<Allowed<'a>, String>, Trace) {
    let asked = Asked {
        action: wanted.action,
        resource: &wanted.key.arn,
        resource_account: Some(wanted.key.account.as_str()),
        resource_policy: Some(wanted.policy),
        rule: Rule::Required,
        context: wanted.context,
    };
    let decision = caller.decide(&asked);
    let mut trace = caller.trace(&asked, decision);
    let reason = match decision {
        Decision::Allow { .. } => return (Ok(Allowed::ByPolicy), trace),
        Decision::Deny(reason) => reason,
    };
    // A grant is an Allow where none was found, of policies that can all be read; it lifts no limit.
    let missing = matches!(reason, DenyReason::Implicit(Gate::NoAllow | Gate::Resource)) && !caller.is_broken();
    let operation = wanted.action.strip_prefix("kms:").unwrap_or(wanted.action);
    let mut grants = wanted.key.grants.iter().filter(|_| missing);
    match grants.find(|g| grant::permits(g, &caller.principal, operation, wanted.encryption_context)) {
        Some(grant) => {
            trace.allowed = true;
            trace.because = format!("grant {}", grant.id);
            (Ok(Allowed::ByGrant(grant)), trace)
        }
        None => (Err(caller.refusal(&asked, reason)), trace),
    }
}

/// Adds the condition keys that follow from the key and from how it was named: `kms:KeySpec`, `kms:KeyUsage`,
/// `kms:KeyOrigin`, `kms:CallerAccount`, `kms:MultiRegion`, `kms:RequestAlias`, `kms:ResourceAliases`, `aws:ResourceTag/*`,
/// `aws:ResourceAccount`.
pub fn describe(context: &mut Context, key: &Key, caller: Option<&AccountId>, asked: &str, aliases: &[&str]) {
    context.set("kms:KeySpec", key.spec.name());
    context.set("kms:KeyUsage", key.usage.name());
    context.set("kms:KeyOrigin", key.origin.as_str());
    context.set("kms:MultiRegion", "false");
    context.set("aws:ResourceAccount", key.account.as_str());
    if let Some(caller) = caller {
        context.set("kms:CallerAccount", caller.as_str());
    }
    if let Some(at) = asked.find("alias/") {
        context.set("kms:RequestAlias", &asked[at..]);
    }
    if !aliases.is_empty() {
        context.set_many("kms:ResourceAliases", aliases.iter().copied());
    }
    for (tag, value) in &key.tags {
        context.set(&format!("aws:ResourceTag/{tag}"), value.as_str());
    }
}

/// Adds `kms:EncryptionContext:*` and `kms:EncryptionContextKeys`.
pub fn describe_context(context: &mut Context, encryption: &EncryptionContext) {
    for (name, value) in encryption {
        context.set(&format!("kms:EncryptionContext:{name}"), value.as_str());
    }
    if !encryption.is_empty() {
        context.set_many("kms:EncryptionContextKeys", encryption.keys().map(String::as_str));
    }
}

/// What a key has that was made without a policy: the account, and through it its IAM policies, may do everything.
pub fn default_policy(account: &AccountId) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// The policy of a service's own key: whoever may use the service in the account may use the key through it.
pub fn service_policy(account: &AccountId, region: &str, service: &str) -> String {
    let via = if service == "ebs" { "ec2" } else { service };
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{service}-1",
  "Statement" : [ {{
    "Sid" : "Allow access through {service} for all principals in the account that are authorized to use {service}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{via}.{region}.amazonaws.com"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{account}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*" ],
    "Resource" : "*"
  }} ]
}}"#
    )
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
