//! The policy simulator: what `iam::evaluate` would decide, without doing it, and by which statements.

mod documents;
mod scan;

use super::{check, document, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use ::iam::{Context, Decision, DenyReason, Effect, Policy, PolicyKind, PolicySet, Principal, Request, evaluate};
use aws_protocol::{AwsError, iam as api};
use documents::{Document, Subject};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::AccountId;

/// Actions times resources of one request.
const PAIRS_MAX: usize = 10_000;
/// What the simulator knows of a value's type: whether there may be several.
const TYPES: &str =
    "string, stringList, numeric, numericList, boolean, booleanList, ip, ipList, binary, binaryList, date, dateList";

pub fn register(table: &mut Table) {
    serve(table, custom);
    serve(table, principal);
    serve(table, custom_keys);
    serve(table, principal_keys);
}

/// What is asked, whichever of the two operations asks it.
struct Question<'a> {
    actions: &'a Option<Vec<String>>,
    resources: &'a Option<Vec<String>>,
    resource_policy: &'a Option<String>,
    resource_owner: &'a Option<String>,
    caller_arn: &'a Option<String>,
    entries: &'a Option<Vec<api::ContextEntry>>,
    handling: &'a Option<String>,
    marker: &'a Option<String>,
    max_items: Option<i32>,
}

macro_rules! question {
    ($r:ident) => {
        Question {
            actions: &$r.action_names,
            resources: &$r.resource_arns,
            resource_policy: &$r.resource_policy,
            resource_owner: &$r.resource_owner,
            caller_arn: &$r.caller_arn,
            entries: &$r.context_entries,
            handling: &$r.resource_handling_option,
            marker: &$r.marker,
            max_items: $r.max_items,
        }
    };
}

fn custom(ctx: &mut Ctx, r: Authorized<api::SimulateCustomPolicyRequest>) -> OpResult<api::SimulatePolicyResponse> {
    let identity = Document::inputs("PolicyInputList", &r.policy_input_list)?;
    let boundary = Document::boundary(&r.permissions_boundary_policy_input_list)?;
    let subject = Subject { identity, boundary, principal: None, tags: BTreeMap::new() };
    simulate(ctx, subject, &question!(r))
}

fn principal(ctx: &mut Ctx, r: Authorized<api::SimulatePrincipalPolicyRequest>) -> OpResult<api::SimulatePolicyResponse> {
    let mut subject = Subject::of(ctx, &r.policy_source_arn)?;
    subject.identity.extend(Document::inputs("PolicyInputList", &r.policy_input_list)?);
    if let Some(boundary) = Document::boundary(&r.permissions_boundary_policy_input_list)? {
        subject.boundary = Some(boundary);
    }
    simulate(ctx, subject, &question!(r))
}

fn action(name: &String) -> Result<&String, AwsError> {
    check::length("actionNames", name, 3..=128)?;
    let two = name.split_once(':').filter(|(service, action)| !service.is_empty() && !action.is_empty() && !action.contains(':'));
    two.map(|_| name).ok_or_else(|| check::invalid_input(format!("Invalid Entity Action: {name}")))
}

/// The account that an ARN names.
fn owner(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|a| !a.is_empty() && *a != "*")
}

/// Who is simulated: the principal, its condition keys.
fn asker(ctx: &Ctx, subject: &Subject, q: &Question) -> Result<(Principal, Context), AwsError> {
    let named = match q.caller_arn {
        None => None,
        Some(_) => {
            let arn = check::arn("callerArn", q.caller_arn)?;
            let caller = documents::principal_of(ctx, arn).filter(|_| arn.contains(":user/"));
            Some(caller.ok_or_else(|| check::invalid_input(format!("Invalid Entity Arn: {arn} is not the ARN of a user.")))?)
        }
    };
    let named = named.or_else(|| subject.principal.clone());
    if named.is_none() && q.resource_policy.is_some() {
        return Err(check::invalid_input("CallerArn must be given with ResourcePolicy when the policies are of no user."));
    }
    let mut context = named.as_ref().map(Context::of).unwrap_or_default();
    context.set_time(ctx.now);
    for (key, value) in &subject.tags {
        context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    for entry in q.entries.iter().flatten() {
        let (name, kind) = (check::text(&entry.context_key_name), check::text(&entry.context_key_type));
        check::length("contextKeyName", name, 5..=256)?;
        if !TYPES.split(", ").any(|t| t == kind) {
            return Err(check::one_of("contextKeyType", kind, TYPES));
        }
        let values = entry.context_key_values.clone().unwrap_or_default();
        if !kind.ends_with("List") && values.len() != 1 {
            return Err(check::invalid_input(format!("The context key {name} of type {kind} must have one value.")));
        }
        context.set_many(name, values);
    }
    let nobody = || Principal::user(&ctx.caller.account, "/", "simulated", "");
    Ok((named.unwrap_or_else(nobody), context))
}

fn simulate(ctx: &Ctx, subject: Subject, q: &Question) -> OpResult<api::SimulatePolicyResponse> {
    if q.handling.is_some() {
        // It would have the simulator check that a scenario's resources are all named.
        return Err(AwsError::unsupported_operation(
            "ResourceHandlingOption is not supported by this region: name the resources that matter in ResourceArns.",
        )
        .into());
    }
    let actions = q.actions.iter().flatten().map(action).collect::<Result<Vec<_>, _>>()?;
    let any = vec!["*".to_owned()];
    let resources = q.resources.as_ref().filter(|list| !list.is_empty()).unwrap_or(&any);
    for arn in resources {
        check::length("resourceArns", arn, 1..=2048)?;
        if arn != "*" && !arn.starts_with("arn:") {
            return Err(check::invalid_input(format!("Invalid Entity Arn: {arn}")).into());
        }
    }
    if actions.len() * resources.len() > PAIRS_MAX {
        return Err(check::invalid_input(format!("More than {PAIRS_MAX} pairs of actions and resources.")).into());
    }
    let owner_given = match q.resource_owner {
        None => None,
        Some(text) => {
            let id: Option<AccountId> = owner(text).unwrap_or(text).parse().ok();
            Some(id.ok_or_else(|| check::invalid_input(format!("Invalid resource owner: {text}")))?)
        }
    };
    let resource_policy = match q.resource_policy {
        None => None,
        Some(text) => {
            Some(Document::new("ResourcePolicy".into(), "Resource Policy", text, PolicyKind::Resource, "resourcePolicy")?)
        }
    };
    let (principal, context) = asker(ctx, &subject, q)?;
    let simulation = Simulation { subject: &subject, resource_policy, principal, context, owner: owner_given };
    let pairs = actions.iter().flat_map(|a| resources.iter().map(move |r| (*a, r))).enumerate();
    let page = check::page(pairs, q.marker, q.max_items, |(i, _)| format!("{i:08}"))?;
    let page = page.map(|(_, (action, resource))| simulation.ask(action, resource));
    Ok(api::SimulatePolicyResponse { evaluation_results: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

struct Simulation<'a> {
    subject: &'a Subject,
    resource_policy: Option<Document>,
    principal: Principal,
    context: Context,
    owner: Option<AccountId>,
}

fn named(decision: Decision) -> String {
    match decision {
        Decision::Allow { .. } => "allowed",
        Decision::Deny(DenyReason::Explicit { .. }) => "explicitDeny",
        Decision::Deny(DenyReason::Implicit(_)) => "implicitDeny",
    }
    .to_owned()
}

impl Simulation<'_> {
    fn ask(&self, action: &str, resource: &str) -> api::EvaluationResult {
        let resource_account = self.owner.as_ref().map(AccountId::as_str).or_else(|| owner(resource));
        let request = Request { principal: &self.principal, action, resource, resource_account, context: &self.context };
        let identity: Vec<Arc<Policy>> = self.subject.identity.iter().map(|d| d.policy.clone()).collect();
        let boundary = self.subject.boundary.as_ref().map(|d| &*d.policy);
        let set = PolicySet {
            identity: &identity,
            boundary,
            resource: self.resource_policy.as_ref().map(|d| &*d.policy),
            ..PolicySet::default()
        };
        let decision = evaluate(&set, &request);
        let wants_deny = matches!(decision, Decision::Deny(DenyReason::Explicit { .. }));
        let documents = self.subject.identity.iter().chain(&self.resource_policy);
        // Of a boundary, its denials only: its permissions grant nothing.
        let documents = documents.chain(self.subject.boundary.iter().filter(|_| wants_deny));
        let matched: Vec<_> = match decision {
            Decision::Deny(DenyReason::Implicit(_)) => Vec::new(),
            _ => documents.flat_map(|d| d.matched(&request, wants_deny)).collect(),
        };
        let boundary_detail = boundary.map(|b| api::PermissionsBoundaryDecisionDetail {
            allowed_by_permissions_boundary: Some(matches!(b.decide(&request), Effect::Allow(_))),
        });
        let cross = resource_account.is_some_and(|a| self.principal.account.as_ref().is_some_and(|own| own.as_str() != a));
        let details = (cross && self.resource_policy.is_some()).then(|| self.details(&identity, &request));
        let missing = self.missing();
        api::EvaluationResult {
            eval_action_name: Some(action.to_owned()),
            eval_decision: Some(named(decision)),
            eval_decision_details: details.clone(),
            eval_resource_name: Some(resource.to_owned()),
            matched_statements: Some(matched.clone()),
            missing_context_values: Some(missing.clone()),
            permissions_boundary_decision_detail: boundary_detail.clone(),
            resource_specific_results: (resource != "*").then(|| {
                vec![api::ResourceSpecificResult {
                    eval_decision_details: details,
                    eval_resource_decision: Some(named(decision)),
                    eval_resource_name: Some(resource.to_owned()),
                    matched_statements: Some(matched),
                    missing_context_values: Some(missing),
                    permissions_boundary_decision_detail: boundary_detail,
                }]
            }),
            ..Default::default()
        }
    }

    /// "the cross-account evaluation decision": what each side says by itself.
    fn details(&self, identity: &[Arc<Policy>], request: &Request) -> BTreeMap<String, String> {
        let own = Request { resource_account: None, ..*request };
        let by_identity = evaluate(&PolicySet { identity, ..PolicySet::default() }, &own);
        let by_resource = match self.resource_policy.as_ref().map(|d| d.policy.decide(request)) {
            Some(Effect::Allow(_)) => "allowed",
            Some(Effect::Deny(_)) => "explicitDeny",
            Some(Effect::Silent) | None => "implicitDeny",
        };
        BTreeMap::from([("IAM Policy".into(), named(by_identity)), ("Resource Policy".into(), by_resource.into())])
    }

    fn missing(&self) -> Vec<String> {
        let mut keys = Vec::new();
        let all = self.subject.identity.iter().chain(&self.subject.boundary).chain(&self.resource_policy);
        all.for_each(|d| scan::context_keys(&d.text, &mut keys));
        keys.retain(|k| self.context.get(k).is_empty());
        keys
    }
}

fn custom_keys(
    _: &mut Ctx,
    r: Authorized<api::GetContextKeysForCustomPolicyRequest>,
) -> OpResult<api::GetContextKeysForPolicyResponse> {
    keys(&Document::inputs("PolicyInputList", &r.policy_input_list)?)
}

fn principal_keys(
    ctx: &mut Ctx,
    r: Authorized<api::GetContextKeysForPrincipalPolicyRequest>,
) -> OpResult<api::GetContextKeysForPolicyResponse> {
    let mut subject = Subject::of(ctx, &r.policy_source_arn)?;
    subject.identity.extend(Document::inputs("PolicyInputList", &r.policy_input_list)?);
    keys(&subject.identity)
}

fn keys(documents: &[Document]) -> OpResult<api::GetContextKeysForPolicyResponse> {
    let mut out = Vec::new();
    documents.iter().for_each(|d| scan::context_keys(&d.text, &mut out));
    Ok(api::GetContextKeysForPolicyResponse { context_key_names: Some(out) })
}
