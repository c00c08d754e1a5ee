//! A compiled policy document and what it says about one request. Parsing is in `parse`; several documents in `evaluate`.

use crate::action::{ActionName, ActionSet};
use crate::arn::{ArnPattern, ArnText};
use crate::condition::Clause;
use crate::context::Context;
use crate::error::PolicyError;
use crate::pattern::Match;
use crate::principal::Principal;
use crate::principals::{Level, PrincipalName, PrincipalSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where a document stands, which decides what elements it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// On a user, group or role; also boundary, session and organisation policies. No Principal.
    Identity,
    /// On a bucket, key, queue. Principal and Resource.
    Resource,
    /// Who may assume a role. Principal, no Resource.
    Trust,
}

/// The Version element; absent is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`: no policy variables.
    V2008,
    /// `2012-10-17`
    V2012,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementEffect {
    Allow,
    Deny,
}

/// What somebody wants to do.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub principal: &'a Principal,
    /// `s3:GetObject`
    pub action: &'a str,
    /// An ARN, or `*` for actions that have no resource.
    pub resource: &'a str,
    /// Who owns the resource; none when the question does not arise, which counts as the principal's own.
    pub resource_account: Option<&'a str>,
    pub context: &'a Context,
}

/// What one document says: a Deny if any statement denies, else the first that allows. The number is the statement's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow(usize),
    Deny(usize),
    Silent,
}

/// A document, parsed and compiled. Cheap to ask, not to make: keep it behind an `Arc`.
#[derive(Debug)]
pub struct Policy {
    pub(crate) kind: PolicyKind,
    pub(crate) version: Version,
    pub(crate) id: Option<Box<str>>,
    pub(crate) statements: Vec<Statement>,
    /// See [`Policy::keys`].
    pub(crate) keys: Box<[Arc<str>]>,
}

#[derive(Debug)]
pub struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: StatementEffect,
    pub(crate) principals: Option<Listed<PrincipalSet>>,
    pub(crate) actions: Listed<ActionSet>,
    /// None in trust policies: the role itself.
    pub(crate) resources: Option<Listed<Vec<ArnPattern>>>,
    pub(crate) conditions: Vec<Clause>,
    pub(crate) action_texts: Vec<String>,
    pub(crate) resource_texts: Vec<String>,
}

/// An element or its Not form.
#[derive(Debug)]
pub(crate) struct Listed<T> {
    pub not: bool,
    pub list: T,
}

/// A request, prepared once for all documents.
pub(crate) struct Question<'a> {
    pub request: &'a Request<'a>,
    action: ActionName,
    resource: ArnText<'a>,
}

impl<'a> Question<'a> {
    pub fn new(request: &'a Request<'a>) -> Self {
        Self { request, action: ActionName::new(request.action), resource: ArnText::new(request.resource) }
    }
}

/// The outcome of one document, with how directly its best Allow names the requester.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub deny: Option<usize>,
    pub allow: Option<(usize, Level)>,
}

impl Policy {
    pub(crate) fn new(kind: PolicyKind, version: Version, id: Option<Box<str>>, statements: Vec<Statement>) -> Self {
        let keys: BTreeSet<&str> = statements.iter().flat_map(Statement::all_keys).collect();
        let keys = keys.into_iter().map(Arc::from).collect();
        Self { kind, version, id, statements, keys }
    }

    /// Reads a document of at most [`crate::DOCUMENT_BYTES_MAX`].
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Policy, PolicyError> {
        Self::parse_within(text, kind, crate::DOCUMENT_BYTES_MAX)
    }

    /// As `parse`, with a bound in bytes, for example [`crate::BUCKET_POLICY_BYTES_MAX`].
    pub fn parse_within(text: &str, kind: PolicyKind, max_bytes: usize) -> Result<Policy, PolicyError> {
        if text.len() > max_bytes {
            return Err(PolicyError::TooLong { max_bytes });
        }
        crate::parse::policy(text, kind)
    }

    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    pub fn version(&self) -> Version {
        self.version
    }

    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Every condition key that can bear on what it says, in conditions and variables: lower case, in order, each once. A
    /// request's other keys make no difference to it.
    pub fn keys(&self) -> &[Arc<str>] {
        &self.keys
    }

    pub fn statements(&self) -> impl ExactSizeIterator<Item = &Statement> {
        self.statements.iter()
    }

    /// What this document alone says. A resource policy's Allow may still need an identity policy: see [`crate::evaluate`].
    pub fn decide(&self, request: &Request) -> Effect {
        let verdict = self.verdict(&Question::new(request));
        match verdict {
            Verdict { deny: Some(i), .. } => Effect::Deny(i),
            Verdict { allow: Some((i, _)), .. } => Effect::Allow(i),
            Verdict { .. } => Effect::Silent,
        }
    }

    /// Whether S3 calls this bucket policy public: User Guide, "The meaning of 'public'".
    pub fn is_public(&self) -> bool {
        self.statements.iter().any(crate::public::grants_public)
    }

    pub(crate) fn verdict(&self, question: &Question) -> Verdict {
        let mut out = Verdict { deny: None, allow: None };
        for (i, statement) in self.statements.iter().enumerate() {
            let Some(level) = statement.applies(question) else { continue };
            match statement.effect {
                StatementEffect::Deny => return Verdict { deny: Some(i), ..out },
                StatementEffect::Allow if out.allow.is_none_or(|(_, best)| best < level) => out.allow = Some((i, level)),
                StatementEffect::Allow => {}
            }
        }
        out
    }
}

impl Statement {
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    pub fn effect(&self) -> StatementEffect {
        self.effect
    }

    /// The Action or NotAction element as written; true for NotAction.
    pub fn actions(&self) -> (bool, &[String]) {
        (self.actions.not, &self.action_texts)
    }

    /// Whether the Action or NotAction element covers an action, for checks against a service's table of actions.
    pub fn covers_action(&self, action: &str) -> bool {
        self.actions.list.matches(&ActionName::new(action)) != self.actions.not
    }

    /// The Resource or NotResource element as written; true for NotResource. Empty in trust policies.
    pub fn resources(&self) -> (bool, &[String]) {
        (self.resources.as_ref().is_some_and(|r| r.not), &self.resource_texts)
    }

    /// Who is named by Principal or NotPrincipal, for checks that they exist; true for NotPrincipal.
    pub fn principals(&self) -> (bool, impl Iterator<Item = PrincipalName<'_>>) {
        (self.principals.as_ref().is_some_and(|p| p.not), self.principals.iter().flat_map(|p| p.list.names()))
    }

    /// The keys that conditions test, lower case.
    pub fn condition_keys(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|c| &*c.key)
    }

    /// Of conditions and variables, in no order.
    pub(crate) fn all_keys(&self) -> impl Iterator<Item = &str> {
        let resources = self.resources.iter().flat_map(|r| &r.list).flat_map(ArnPattern::variables);
        self.conditions.iter().flat_map(Clause::keys).chain(resources)
    }

    /// None: the statement does not apply.
    fn applies(&self, question: &Question) -> Option<Level> {
        if self.actions.list.matches(&question.action) == self.actions.not {
            return None;
        }
        let context = question.request.context;
        let level = self.level(question.request.principal)?;
        if let Some(resources) = &self.resources {
            let named = Match::any(resources.list.iter().map(|r| r.matches(&question.resource, context)));
            let applies = match named {
                Match::Yes => !resources.not,
                Match::No => resources.not,
                // As for conditions: a missing value never grants.
                Match::Unresolved => resources.not && self.effect == StatementEffect::Deny,
            };
            if !applies {
                return None;
            }
        }
        self.conditions.iter().all(|c| c.holds(context, self.effect)).then_some(level)
    }

    fn level(&self, principal: &Principal) -> Option<Level> {
        match &self.principals {
            None => Some(Level::Direct),
            Some(Listed { not: false, list }) => list.level(principal),
            // An Allow spares whoever is named in any way, a Deny only who is named completely.
            Some(Listed { not: true, list }) => {
                let spared = match self.effect {
                    StatementEffect::Allow => list.level(principal).is_some(),
                    StatementEffect::Deny => list.names_whole_chain(principal),
                };
                (!spared).then_some(Level::Direct)
            }
        }
    }
}

/// Characters of a document as IAM's quotas count them: "IAM doesn't count white space when calculating the size of a policy".
pub fn quota_chars(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
