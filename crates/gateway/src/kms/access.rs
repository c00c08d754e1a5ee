//! From KeyId to a key that the caller may use now.

use super::ring::{Entry, Keys, Missing, state};
use ::kms::EncryptionContext;
use ::kms::access::{Use, describe, describe_context, may};
use aws_protocol::{AwsError, kms_errors};
use iam::Bundle;
use iam::caller::Circumstances;
use std::cell::RefCell;
use std::rc::Rc;
use wire::identity::{Principal, Trace};
use wire::kms::{KeyState, KeyUsage};

/// Who wants to use a key, and whether a service asks in his name.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub principal: &'a Principal,
    pub bundle: &'a Bundle,
    pub at: Circumstances<'a>,
    /// `s3`: kms:ViaService.
    pub via: Option<&'a str>,
    /// Where decisions are noted, for the audit trail.
    pub traces: Option<&'a RefCell<Vec<Trace>>>,
}

/// What is to be done.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// `kms:Encrypt`
    pub action: &'a str,
    /// As the request names the key.
    pub asked: &'a str,
    pub encryption_context: &'a EncryptionContext,
    /// Condition keys of the operation.
    pub more: &'a [(&'a str, &'a str)],
}

pub(super) static NO_CONTEXT: EncryptionContext = EncryptionContext::new();

/// Counts no more tokens than AWS takes.
const GRANT_TOKENS_MAX: usize = 10;

/// Tokens of grants that are not known yet, or never will be. Grants are in force here as soon as they are known, so a
/// token adds nothing to a grant that is.
pub fn check_tokens(keys: &Keys, tokens: Option<&Vec<String>>) -> Result<(), AwsError> {
    let tokens = tokens.map(Vec::as_slice).unwrap_or_default();
    if tokens.len() > GRANT_TOKENS_MAX {
        return Err(kms_errors::validation(format!("GrantTokens has at most {GRANT_TOKENS_MAX} items.")));
    }
    if tokens.iter().all(|t| keys.knows_token(t)) { Ok(()) } else { Err(kms_errors::invalid_grant_token()) }
}

impl Caller<'_> {
    /// The key, if the caller may do this with it. Its state is looked at after that.
    pub fn find(&self, keys: &Keys, wanted: &Wanted) -> Result<Rc<Entry>, AwsError> {
        match keys.find(&self.principal.account, wanted.asked) {
            Ok(entry) => self.allow(&entry, wanted).map(|()| entry),
            Err(Missing::Sure(e)) => Err(e),
            Err(Missing::Hidden) => Err(kms_errors::access_denied_unseen(&self.principal.arn, wanted.action)),
        }
    }

    pub fn allow(&self, entry: &Entry, wanted: &Wanted) -> Result<(), AwsError> {
        let denied = || kms_errors::access_denied_unseen(&self.principal.arn, wanted.action);
        let policy = entry.policy.as_deref().ok_or_else(denied)?;
        let mut context = self.bundle.context(self.principal, &self.at);
        let aliases: Vec<&str> = entry.aliases.iter().map(String::as_str).collect();
        describe(&mut context, &entry.key, Some(&self.principal.account), wanted.asked, &aliases);
        describe_context(&mut context, wanted.encryption_context);
        if let Some(service) = self.via {
            context.set("kms:ViaService", format!("{service}.{}.amazonaws.com", self.at.region));
            context.set("aws:ViaAWSService", "true");
        }
        for (name, value) in wanted.more {
            context.set(name, *value);
        }
        let wanted = Use {
            action: wanted.action,
            key: &entry.key,
            policy,
            encryption_context: wanted.encryption_context,
            context: &context,
        };
        let (outcome, trace) = may(self.bundle, &wanted);
        tracing::trace!(action = trace.action, key = trace.resource, allowed = trace.allowed, because = trace.because, "judged");
        if let Some(traces) = self.traces {
            traces.borrow_mut().push(trace);
        }
        outcome.map(|_| ()).map_err(kms_errors::access_denied)
    }

    /// Refuses keys that are not in use, or for something else. `operation` is for the sentence.
    pub fn ready(&self, entry: &Entry, usage: KeyUsage, operation: &str) -> Result<(), AwsError> {
        let key = &entry.key;
        match state(key, self.at.now) {
            KeyState::Enabled => {}
            KeyState::Disabled => return Err(kms_errors::disabled(&key.arn)),
            KeyState::PendingDeletion => return Err(kms_errors::invalid_state(&key.arn, "is pending deletion")),
            KeyState::PendingImport => return Err(kms_errors::invalid_state(&key.arn, "is pending import")),
        }
        if key.usage != usage {
            return Err(kms_errors::wrong_usage(&key.arn, key.usage.name(), operation));
        }
        Ok(())
    }
}
