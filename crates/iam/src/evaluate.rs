//! All documents that bear on a request, together: AWS's policy evaluation logic.
//!
//! Source: IAM User Guide, "Determining whether a request is allowed or denied within an account" and "Cross-account policy
//! evaluation logic". Which documents bear on a request is the caller's to know. Called by the gateway and the region.
//!
//! ```text
//! explicit Deny anywhere? ── yes ─► Deny
//!   no ▼
//! anonymous, service, provider's user: the resource policy alone decides
//!   else ▼
//! organisation: each level allows? ── no ─► Deny
//!   yes ▼
//! same account                                   another account
//!   root user: Allow                               resource policy allows, and
//!   named directly by the resource policy: Allow   (identity policies, boundary, session policies) all allow
//!   its role named: boundary and session allow?
//!   (identity policies) and boundary and session allow?
//! ```

use crate::policy::{Policy, Question, Request, Verdict};
use crate::principal::PrincipalKind;
use crate::principals::Level;
use std::fmt;
use std::sync::Arc;

/// The documents of one request. Empty by default: nothing allows.
#[derive(Debug, Clone, Copy, Default)]
pub struct PolicySet<'a> {
    /// Inline and managed policies of the user and its groups, or of the role.
    pub identity: &'a [Arc<Policy>],
    /// The permissions boundary of the user or role.
    pub boundary: Option<&'a Policy>,
    /// The session policies, where any were passed.
    pub session: Option<&'a [Arc<Policy>]>,
    /// The policy on the resource.
    pub resource: Option<&'a Policy>,
    pub resource_rule: Rule,
    /// Service control policies, a list for each level from the root to the account. None of them for accounts that no
    /// organisation limits, and for service-linked roles.
    pub organisation: &'a [Vec<Arc<Policy>>],
}

/// What the policy on the resource is to its own account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rule {
    /// Identity policies of the account are enough: most resources.
    #[default]
    Optional,
    /// It must allow: "IAM role trust policies and KMS key policies are exceptions to this logic, because they must
    /// explicitly allow access for principals". Naming the account hands the decision to identity policies.
    Required,
}

/// Which document, by its place in the [`PolicySet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Identity(usize),
    Boundary,
    Session(usize),
    Resource,
    Organisation { level: usize, policy: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// By this statement, number in its document; none for the rights of a root user.
    Allow {
        by: Option<(Source, usize)>,
    },
    Deny(DenyReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenyReason {
    /// A Deny statement, number in its document.
    Explicit { source: Source, statement: usize },
    /// No Allow where one was needed.
    Implicit(Gate),
}

/// Where the Allow was missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Neither identity policies nor, in the same account, the resource policy.
    NoAllow,
    Boundary,
    Session,
    Organisation,
    /// The resource's policy, where that must allow: for other accounts, and by [`Rule::Required`].
    Resource,
}

impl Decision {
    /// The statement that decided, where one did: number in its document.
    pub fn statement(&self) -> Option<(Source, usize)> {
        match *self {
            Decision::Allow { by } => by,
            Decision::Deny(DenyReason::Explicit { source, statement }) => Some((source, statement)),
            Decision::Deny(DenyReason::Implicit(_)) => None,
        }
    }

    pub fn is_allowed(&self) -> bool {
        matches!(self, Decision::Allow { .. })
    }
}

impl Source {
    /// As AWS's messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Source::Identity(_) => "identity-based policy",
            Source::Boundary => "permissions boundary",
            Source::Session(_) => "session policy",
            Source::Resource => "resource-based policy",
            Source::Organisation { .. } => "service control policy",
        }
    }
}

impl DenyReason {
    /// The end of AWS's message: `User: ARN is not authorized to perform: ACTION on resource: ARN …`
    /// (IAM User Guide, "Troubleshoot access denied error messages").
    pub fn message(self, action: &str) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            let policy = match self {
                DenyReason::Explicit { source, .. } => {
                    let name = source.name();
                    let article = if name.starts_with('i') { "an" } else { "a" };
                    return write!(f, "with an explicit deny in {article} {name}");
                }
                DenyReason::Implicit(Gate::NoAllow) => "identity-based policy",
                DenyReason::Implicit(Gate::Boundary) => "permissions boundary",
                DenyReason::Implicit(Gate::Session) => "session policy",
                DenyReason::Implicit(Gate::Organisation) => "service control policy",
                DenyReason::Implicit(Gate::Resource) => "resource-based policy",
            };
            write!(f, "because no {policy} allows the {action} action")
        })
    }
}

impl<'a> PolicySet<'a> {
    pub fn policy(&self, source: Source) -> Option<&'a Policy> {
        match source {
            Source::Identity(i) => self.identity.get(i).map(|p| &**p),
            Source::Boundary => self.boundary,
            Source::Session(i) => self.session?.get(i).map(|p| &**p),
            Source::Resource => self.resource,
            Source::Organisation { level, policy } => self.organisation.get(level)?.get(policy).map(|p| &**p),
        }
    }
}

/// The first Allow of a list, or the first Deny.
fn ask(list: &[Arc<Policy>], question: &Question) -> Result<Option<(usize, usize)>, (usize, usize)> {
    let mut allow = None;
    for (i, policy) in list.iter().enumerate() {
        match policy.verdict(question) {
            Verdict { deny: Some(s), .. } => return Err((i, s)),
            Verdict { allow: Some((s, _)), .. } if allow.is_none() => allow = Some((i, s)),
            Verdict { .. } => {}
        }
    }
    Ok(allow)
}

/// Decides one request.
pub fn evaluate(set: &PolicySet, request: &Request) -> Decision {
    match weigh(set, &Question::new(request)) {
        Ok(by) => Decision::Allow { by },
        Err(reason) => Decision::Deny(reason),
    }
}

fn weigh(set: &PolicySet, question: &Question) -> Result<Option<(Source, usize)>, DenyReason> {
    let explicit = |source| move |statement| DenyReason::Explicit { source, statement };
    let implicit = |gate| Err(DenyReason::Implicit(gate));
    let principal = question.request.principal;

    // Every document is asked before any is believed: a Deny anywhere wins.
    let mut organisation_allows = true;
    for (level, list) in set.organisation.iter().enumerate() {
        let allow = ask(list, question).map_err(|(policy, s)| explicit(Source::Organisation { level, policy })(s))?;
        organisation_allows &= allow.is_some();
    }
    let mut resource = None;
    if let Some(policy) = set.resource {
        let verdict = policy.verdict(question);
        verdict.deny.map_or(Ok(()), |s| Err(explicit(Source::Resource)(s)))?;
        resource = verdict.allow;
    }
    let identity = ask(set.identity, question).map_err(|(i, s)| explicit(Source::Identity(i))(s))?;
    let mut boundary_allows = true;
    if let Some(policy) = set.boundary {
        let verdict = policy.verdict(question);
        verdict.deny.map_or(Ok(()), |s| Err(explicit(Source::Boundary)(s)))?;
        boundary_allows = verdict.allow.is_some();
    }
    // "If there is no session policy, the code checks whether the principal is a role session. … Otherwise, the request is
    // implicitly denied": a federated user has what the session policy gives.
    let mut session_allows = !matches!(principal.kind, PrincipalKind::FederatedUser { .. });
    if let Some(list) = set.session {
        session_allows = ask(list, question).map_err(|(i, s)| explicit(Source::Session(i))(s))?.is_some();
    }

    let by_resource = resource.map(|(statement, _)| (Source::Resource, statement));
    let Some(account) = &principal.account else {
        return if by_resource.is_some() { Ok(by_resource) } else { implicit(Gate::Resource) };
    };
    if !organisation_allows {
        return implicit(Gate::Organisation);
    }
    let limits = || {
        if !boundary_allows {
            Err(DenyReason::Implicit(Gate::Boundary))
        } else if !session_allows {
            Err(DenyReason::Implicit(Gate::Session))
        } else {
            Ok(())
        }
    };
    let same_account = question.request.resource_account.is_none_or(|owner| owner == account.as_str());
    let level = resource.map(|(_, level)| level);
    if same_account && level == Some(Level::Direct) {
        return Ok(by_resource);
    }
    if same_account && level == Some(Level::Limited) {
        limits()?;
        return Ok(by_resource);
    }
    let by_identity = match identity {
        Some((i, statement)) => Some((Source::Identity(i), statement)),
        None if principal.acts_as_root() => None,
        None => return implicit(Gate::NoAllow),
    };
    limits()?;
    let resource_must_allow = !same_account || set.resource_rule == Rule::Required;
    if resource_must_allow && level.is_none() {
        return implicit(Gate::Resource);
    }
    Ok(by_identity)
}
