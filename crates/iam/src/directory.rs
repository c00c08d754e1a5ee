//! All users and roles with the documents that bear on them, from the pushed parts; and the one question of authorisation.
//!
//! The region and the gateway each hold one, made from the same parts, so they decide alike. Not here: what a request needs
//! (actions, resources, condition keys of services), who signed it, and the parts' way to whoever holds them.

use crate::caller::{self, Circumstances, Facts};
use crate::context::Context;
use crate::evaluate::{Decision, DenyReason, PolicySet, Rule, Source, evaluate};
use crate::policy::{Policy, PolicyKind, Request};
use crate::principal::Principal;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use types::AccountId;
use wire::identity::{Attached, Device, EntityKind, Key, Part, Principal as Caller, PrincipalKind as CallerKind, Trace};

/// A user, a role or a root user, its documents compiled.
#[derive(Debug)]
pub struct Identity {
    pub account: AccountId,
    pub id: String,
    pub arn: String,
    pub name: String,
    pub kind: EntityKind,
    pub tags: BTreeMap<String, String>,
    /// In the order of `names`.
    pub policies: Vec<Arc<Policy>>,
    pub names: Vec<String>,
    pub boundary: Option<(String, Arc<Policy>)>,
    /// That its documents mention: see [`Policy::keys`].
    condition_keys: Box<[Arc<str>]>,
    /// A document could not be read: nothing is allowed, as it might have denied.
    pub broken: bool,
    pub keys: Vec<Key>,
    pub devices: Vec<Device>,
}

#[derive(Debug, Default)]
pub struct Directory {
    /// By unique id.
    identities: HashMap<String, Arc<Identity>>,
    /// To the unique id of its owner.
    keys: HashMap<String, String>,
    /// What each part holds, to take it out again.
    parts: HashMap<String, Vec<String>>,
    /// Each text is compiled once, however many use it.
    compiled: HashMap<Arc<str>, Option<Arc<Policy>>>,
    /// The same of sessions' documents, by what the session holds: a text or the ARN of a managed policy.
    session_policies: RefCell<HashMap<String, Option<Arc<Policy>>>>,
}

/// Documents of sessions that are kept compiled; beyond that all are forgotten. About 10 MB.
const SESSION_POLICIES_MAX: usize = 1024;

impl Directory {
    /// Takes a part in, in place of the one of that name.
    pub fn put(&mut self, part: Part) {
        self.take_out(&part.name);
        let documents: Vec<_> = part.documents.iter().map(|text| self.compile(text)).collect();
        let mut ids = Vec::with_capacity(part.entities.len());
        for entity in part.entities {
            let mut broken = false;
            let mut policy = |a: &Attached| {
                let found = documents.get(a.document).cloned().flatten();
                broken |= found.is_none();
                found
            };
            let (mut policies, mut names) = (Vec::new(), Vec::new());
            for attached in &entity.policies {
                if let Some(p) = policy(attached) {
                    policies.push(p);
                    names.push(attached.name.clone());
                }
            }
            let boundary = entity.boundary.as_ref().and_then(|a| Some((a.name.clone(), policy(a)?)));
            for key in &entity.keys {
                self.keys.insert(key.access_key.clone(), entity.id.clone());
            }
            let documents = policies.iter().chain(boundary.iter().map(|(_, p)| p));
            let condition_keys: BTreeSet<Arc<str>> = documents.flat_map(|p| p.keys()).cloned().collect();
            ids.push(entity.id.clone());
            let identity = Identity {
                account: part.account.clone(),
                id: entity.id.clone(),
                arn: entity.arn,
                name: entity.name,
                kind: entity.kind,
                tags: entity.tags,
                policies,
                names,
                boundary,
                condition_keys: condition_keys.into_iter().collect(),
                broken,
                keys: entity.keys,
                devices: entity.devices,
            };
            self.identities.insert(entity.id, Arc::new(identity));
        }
        self.parts.insert(part.name, ids);
    }

    /// Forgets all parts but these.
    pub fn keep(&mut self, names: &std::collections::HashSet<&str>) {
        let gone: Vec<String> = self.parts.keys().filter(|n| !names.contains(n.as_str())).cloned().collect();
        gone.iter().for_each(|name| self.take_out(name));
        self.compiled.retain(|_, p| p.as_ref().is_some_and(|p| Arc::strong_count(p) > 1));
    }

    fn take_out(&mut self, name: &str) {
        for id in self.parts.remove(name).into_iter().flatten() {
            let Some(identity) = self.identities.remove(&id) else { continue };
            for key in &identity.keys {
                // It may be another's by now.
                if self.keys.get(&key.access_key) == Some(&id) {
                    self.keys.remove(&key.access_key);
                }
            }
        }
    }

    fn compile(&mut self, text: &Arc<str>) -> Option<Arc<Policy>> {
        if let Some(known) = self.compiled.get(text) {
            return known.clone();
        }
        let policy = Policy::parse(text, PolicyKind::Identity).ok().map(Arc::new);
        self.compiled.insert(text.clone(), policy.clone());
        policy
    }

    /// A document of a session, compiled when the session is first seen. None: it cannot be read.
    fn session_policy(&self, text: &str) -> Option<Arc<Policy>> {
        let mut known = self.session_policies.borrow_mut();
        if let Some(policy) = known.get(text) {
            return policy.clone();
        }
        let document = if text.starts_with("arn:") { crate::managed::find(text).map_or("", |p| p.document) } else { text };
        let policy = Policy::parse(document, PolicyKind::Identity).ok().map(Arc::new);
        if known.len() >= SESSION_POLICIES_MAX {
            known.clear();
        }
        known.insert(text.to_owned(), policy.clone());
        policy
    }

    pub fn get(&self, id: &str) -> Option<&Arc<Identity>> {
        self.identities.get(id)
    }

    /// Who holds a long-lived key, and the key; also one that is switched off.
    pub fn key(&self, access_key: &str) -> Option<(&Arc<Identity>, &Key)> {
        let identity = self.identities.get(self.keys.get(access_key)?)?;
        Some((identity, identity.keys.iter().find(|k| k.access_key == access_key)?))
    }

    /// Of every entity; an account comes more than once.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.identities.values().map(|i| &i.account)
    }

    pub fn len(&self) -> usize {
        self.identities.len()
    }

    pub fn is_empty(&self) -> bool {
        self.identities.is_empty()
    }

    /// A caller with temporary credentials as it is called now. None: the user or role is gone.
    pub fn current(&self, caller: Caller) -> Option<Caller> {
        let identity = self.identities.get(caller.entity_id());
        match &caller.kind {
            CallerKind::Root => Some(caller),
            CallerKind::User { .. } => Some(Caller { session: caller.session, ..identity?.caller()? }),
            CallerKind::RoleSession { .. } => identity.is_some_and(|i| i.kind == EntityKind::Role).then_some(caller),
            CallerKind::FederatedUser { user_id, .. } => {
                (identity.is_some() || user_id == caller.account.as_str()).then_some(caller)
            }
            CallerKind::Anonymous => None,
        }
    }

    /// What bears on a caller's requests. None: the user or role is gone, and with it every permission.
    pub fn bundle(&self, caller: &Caller) -> Option<Bundle> {
        let identity = match self.identities.get(caller.entity_id()) {
            Some(identity) => Some(identity.clone()),
            // A root user, and whom it federated, needs no documents; nobody has any.
            None if caller.entity_id() == caller.account.as_str() || caller.kind == CallerKind::Anonymous => None,
            None => return None,
        };
        let mut broken = identity.as_ref().is_some_and(|i| i.broken);
        let session = caller.session.as_ref().filter(|s| !s.policies.is_empty()).map(|s| {
            let compiled = s.policies.iter().filter_map(|text| {
                let policy = self.session_policy(text);
                broken |= policy.is_none();
                policy
            });
            compiled.collect()
        });
        Some(Bundle { principal: caller::principal(caller), identity, session, broken })
    }
}

impl Identity {
    /// The caller that a long-lived key of this identity stands for. None for roles, which have no keys.
    pub fn caller(&self) -> Option<Caller> {
        let kind = match self.kind {
            EntityKind::Root => CallerKind::Root,
            EntityKind::User => CallerKind::User { name: self.name.clone() },
            EntityKind::Role => return None,
        };
        Some(Caller { account: self.account.clone(), arn: self.arn.clone(), user_id: self.id.clone(), kind, session: None })
    }
}

/// What bears on one caller's requests; good for as long as the request lasts.
#[derive(Debug)]
pub struct Bundle {
    pub principal: Principal,
    /// None for a root user that has no keys.
    pub identity: Option<Arc<Identity>>,
    session: Option<Vec<Arc<Policy>>>,
    broken: bool,
}

/// One question: may the caller do this to that?
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub action: &'a str,
    pub resource: &'a str,
    /// None: the caller's own.
    pub resource_account: Option<&'a str>,
    pub resource_policy: Option<&'a Policy>,
    pub rule: Rule,
    pub context: &'a Context,
}

impl Bundle {
    /// A caller with no documents: of nobody, of services, and in tests of root users.
    pub fn of(principal: Principal) -> Self {
        Self { principal, identity: None, session: None, broken: false }
    }

    /// A document that bears on the caller cannot be read: whatever would allow something must not, as it might have denied.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The global condition keys of this caller's request; `caller` is none where nobody signed.
    pub fn context<'c>(&self, caller: impl Into<Option<&'c Caller>>, at: &Circumstances) -> Context {
        self.facts(caller.into(), at).all()
    }

    /// The keys of the request that bear on the decision, and no others: those that a document of the caller's or `resource`'s
    /// mentions. `own` sets those that are the service's; it is given each name in lower case.
    pub fn context_for(
        &self,
        caller: Option<&Caller>,
        at: &Circumstances,
        resource: Option<&Policy>,
        mut own: impl FnMut(&str, &mut Context),
    ) -> Context {
        let mut context = Context::new();
        let facts = self.facts(caller, at);
        let of_identity = self.identity.as_ref().map_or(&[][..], |i| &i.condition_keys);
        let of_session = self.session.iter().flatten().flat_map(|p| p.keys());
        for key in of_identity.iter().chain(of_session).chain(resource.iter().flat_map(|p| p.keys())) {
            if context.lower(key).is_empty() {
                facts.fill(key, &mut context);
                own(key, &mut context);
            }
        }
        context
    }

    fn facts<'a>(&'a self, caller: Option<&'a Caller>, at: &'a Circumstances<'a>) -> Facts<'a> {
        let tags = self.identity.as_ref().map_or(&caller::UNTAGGED, |i| &i.tags);
        Facts { principal: &self.principal, caller, tags, at }
    }

    pub fn decide(&self, asked: &Asked) -> Decision {
        if self.broken {
            return Decision::Deny(DenyReason::Implicit(crate::evaluate::Gate::NoAllow));
        }
        let request = Request {
            principal: &self.principal,
            action: asked.action,
            resource: asked.resource,
            resource_account: asked.resource_account,
            context: asked.context,
        };
        evaluate(&self.set(asked), &request)
    }

    fn set<'a>(&'a self, asked: &Asked<'a>) -> PolicySet<'a> {
        PolicySet {
            identity: self.identity.as_ref().map_or(&[], |i| &i.policies),
            boundary: self.identity.as_ref().and_then(|i| i.boundary.as_ref()).map(|(_, p)| &**p),
            session: self.session.as_deref(),
            resource: asked.resource_policy,
            resource_rule: asked.rule,
            organisation: &[],
        }
    }

    /// A decision in words, for the audit trail.
    pub fn trace(&self, asked: &Asked, decision: Decision) -> Trace {
        let sid = decision.statement().filter(|(source, _)| *source == Source::Resource);
        let sid = sid.and_then(|(_, n)| asked.resource_policy?.statements().nth(n)?.sid());
        let because = self.because(asked.action, sid, decision);
        Trace { action: asked.action.into(), resource: asked.resource.into(), allowed: decision.is_allowed(), because }
    }

    /// What made a decision. `sid`: of the resource policy's statement, if that was it.
    pub fn because(&self, action: &str, sid: Option<&str>, decision: Decision) -> String {
        let by = |source: Source, statement: usize| {
            let identity = self.identity.as_deref();
            let (name, policy) = match source {
                Source::Identity(i) => (identity.and_then(|e| e.names.get(i)), identity.and_then(|e| e.policies.get(i))),
                Source::Boundary => identity.and_then(|e| e.boundary.as_ref()).map(|(name, p)| (name, p)).unzip(),
                Source::Session(i) => (None, self.session.as_ref().and_then(|s| s.get(i))),
                Source::Resource | Source::Organisation { .. } => (None, None),
            };
            let sid = policy.and_then(|p| p.statements().nth(statement)?.sid()).or(sid);
            let (sid, name) = (sid.map(|s| format!(" ({s})")), name.map(|n| format!(" {n}")));
            let (sid, name) = (sid.unwrap_or_default(), name.unwrap_or_default());
            format!("{}{name}, statement {}{sid}", source.name(), statement + 1)
        };
        match decision {
            Decision::Allow { by: Some((source, statement)) } => by(source, statement),
            Decision::Allow { by: None } => "the account's root user may do everything".to_owned(),
            Decision::Deny(DenyReason::Explicit { source, statement }) => format!("explicit deny in {}", by(source, statement)),
            Decision::Deny(_) if self.broken => "a policy that bears on the caller cannot be read".to_owned(),
            Decision::Deny(reason) => reason.message(action).to_string(),
        }
    }

    /// AWS's sentence about a refusal.
    pub fn refusal(&self, asked: &Asked, reason: DenyReason) -> String {
        let (who, action, resource) = (&self.principal.arn, asked.action, asked.resource);
        let why = reason.message(action);
        // EC2 names no resource where there is none.
        if resource == "*" && action.starts_with("ec2:") {
            return format!("User: {who} is not authorized to perform: {action} {why}");
        }
        format!("User: {who} is not authorized to perform: {action} on resource: {resource} {why}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::TimestampMs;
    use wire::identity::Entity;

    const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}}"#;

    fn part(name: &str, entities: &[(&str, &str, &[usize])]) -> Part {
        let entities = entities.iter().map(|(id, key, documents)| Entity {
            id: (*id).into(),
            arn: format!("arn:aws:iam::111111111111:user/{id}"),
            name: (*id).into(),
            kind: EntityKind::User,
            tags: BTreeMap::new(),
            policies: documents.iter().map(|d| Attached { name: format!("p{d}"), document: *d }).collect(),
            boundary: None,
            keys: vec![Key { access_key: (*key).into(), secret_key: "s".into(), sealed: Default::default(), active: true }],
            devices: Vec::new(),
        });
        Part {
            name: name.into(),
            account: "111111111111".parse().unwrap(),
            entities: entities.collect(),
            documents: vec![ALLOW.into(), "{".into()],
        }
    }

    fn says(d: &Directory, key: &str) -> Option<(bool, String)> {
        let caller = d.key(key)?.0.caller()?;
        let bundle = d.bundle(&caller)?;
        let at =
            Circumstances { now: TimestampMs(0), source_ip: "127.0.0.1", user_agent: "", region: "us-east-1", through: None };
        let context = bundle.context(&caller, &at);
        let asked = Asked {
            action: "ec2:DescribeVpcs",
            resource: "*",
            resource_account: None,
            resource_policy: None,
            rule: Rule::Optional,
            context: &context,
        };
        let decision = bundle.decide(&asked);
        Some((decision.is_allowed(), bundle.trace(&asked, decision).because))
    }
    #[test]
    fn parts_come_change_and_go() {
        let mut d = Directory::default();
        d.put(part("111111111111.0", &[("AIDA1", "K1", &[0]), ("AIDA2", "K2", &[])]));
        d.put(part("111111111111.1", &[("AIDA3", "K3", &[0, 1])]));
        assert_eq!(says(&d, "K1"), Some((true, "identity-based policy p0, statement 1 (All)".into())));
        assert!(!says(&d, "K2").unwrap().0);
        assert_eq!(says(&d, "K3"), Some((false, "a policy that bears on the caller cannot be read".into())), "fails closed");
        d.put(part("111111111111.0", &[("AIDA1", "K4", &[])]));
        assert!(says(&d, "K1").is_none() && says(&d, "K2").is_none());
        assert!(!says(&d, "K4").unwrap().0);
        d.keep(&["111111111111.1"].into_iter().collect());
        assert!(says(&d, "K4").is_none() && says(&d, "K3").is_some());
    }
}
