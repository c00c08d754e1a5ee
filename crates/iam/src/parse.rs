//! From the text of a document to a [`Policy`]. Source: "Grammar of the IAM JSON policy language".

use crate::action::ActionSet;
use crate::arn::ArnPattern;
use crate::condition;
use crate::error::PolicyError;
use crate::json::{self, Json};
use crate::policy::{Listed, Policy, PolicyKind, Statement, StatementEffect, Version};
use crate::principals::PrincipalSet;
use std::collections::HashSet;

pub fn policy(text: &str, kind: PolicyKind) -> Result<Policy, PolicyError> {
    let Json::Object(elements) = json::read(text)? else { return Err(PolicyError::FirstByte) };
    let mut version = Version::V2008;
    let mut id = None;
    let mut block = None;
    for (name, value) in elements {
        match (name.as_str(), value) {
            ("Version", Json::String(v)) if v == "2012-10-17" => version = Version::V2012,
            ("Version", Json::String(v)) if v == "2008-10-17" => version = Version::V2008,
            ("Version", _) => return Err(PolicyError::Version),
            ("Id", Json::String(v)) => id = Some(v.into()),
            ("Id", _) => return Err(PolicyError::Shape { element: "Id", wanted: "a string" }),
            ("Statement", value) => block = Some(value),
            _ => return Err(PolicyError::UnknownElement(name)),
        }
    }
    let block = match block {
        Some(Json::Array(list)) if !list.is_empty() => list,
        Some(one @ Json::Object(_)) => vec![one],
        Some(Json::Array(_)) => return Err(PolicyError::EmptyStatement),
        None => return Err(PolicyError::Missing("Statement")),
        Some(_) => return Err(PolicyError::Shape { element: "Statement", wanted: "an object or a list of them" }),
    };
    let statements = block.into_iter().map(|s| statement(s, kind, version)).collect::<Result<Vec<_>, _>>()?;
    // "Some services require this value to be unique"; S3 does not.
    let unique = kind != PolicyKind::Resource;
    let mut sids = HashSet::new();
    for sid in statements.iter().filter_map(Statement::sid).filter(|_| unique) {
        if !sids.insert(sid) {
            return Err(PolicyError::SidTwice(sid.into()));
        }
    }
    Ok(Policy::new(kind, version, id, statements))
}

/// The elements of a statement as found, before they are checked against each other.
#[derive(Default)]
struct Elements {
    sid: Option<Box<str>>,
    effect: Option<StatementEffect>,
    principal: Option<Json>,
    not_principal: Option<Json>,
    action: Option<Vec<String>>,
    not_action: Option<Vec<String>>,
    resource: Option<Vec<String>>,
    not_resource: Option<Vec<String>>,
    condition: Option<Json>,
}

fn elements(value: Json, kind: PolicyKind) -> Result<Elements, PolicyError> {
    let wanted = PolicyError::Shape { element: "Statement", wanted: "an object or a list of them" };
    let Json::Object(list) = value else { return Err(wanted) };
    let mut e = Elements::default();
    for (name, value) in list {
        match name.as_str() {
            "Sid" => e.sid = sid(value, kind)?,
            "Effect" => e.effect = Some(effect(value)?),
            "Principal" => e.principal = Some(value),
            "NotPrincipal" => e.not_principal = Some(value),
            "Action" => e.action = Some(strings(value, "Action")?),
            "NotAction" => e.not_action = Some(strings(value, "NotAction")?),
            "Resource" => e.resource = Some(strings(value, "Resource")?),
            "NotResource" => e.not_resource = Some(strings(value, "NotResource")?),
            "Condition" => e.condition = Some(value),
            _ => return Err(PolicyError::UnknownElement(name)),
        }
    }
    Ok(e)
}

fn statement(value: Json, kind: PolicyKind, version: Version) -> Result<Statement, PolicyError> {
    let e = elements(value, kind)?;
    let variables = version == Version::V2012;
    let effect = e.effect.ok_or(PolicyError::Missing("Effect"))?;
    let principals = match (one_of(e.principal, e.not_principal, "Principal")?, kind) {
        (Some(_), PolicyKind::Identity) => return Err(PolicyError::PrincipalInIdentity),
        (None, PolicyKind::Identity) => None,
        (None, _) => return Err(PolicyError::Missing("Principal")),
        (Some((not, value)), _) => {
            Some(Listed { not, list: PrincipalSet::read(&value, if not { "NotPrincipal" } else { "Principal" })? })
        }
    };
    let (not, action_texts) = one_of(e.action, e.not_action, "Action")?.ok_or(PolicyError::Missing("Action"))?;
    let actions = Listed { not, list: ActionSet::read(&action_texts)? };
    let sts = |a: &String| a.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("sts:"));
    if kind == PolicyKind::Trust && (not || !action_texts.iter().all(sts)) {
        return Err(PolicyError::TrustAction);
    }
    let (resources, resource_texts) = match (one_of(e.resource, e.not_resource, "Resource")?, kind) {
        (Some(_), PolicyKind::Trust) => return Err(PolicyError::Prohibited("Resource")),
        (None, PolicyKind::Trust) => (None, Vec::new()),
        (None, _) => return Err(PolicyError::Missing("Resource")),
        (Some((not, texts)), _) => {
            let list = texts.iter().map(|t| ArnPattern::parse(t, variables)).collect::<Result<_, _>>()?;
            (Some(Listed { not, list }), texts)
        }
    };
    let conditions = e.condition.map_or(Ok(Vec::new()), |c| condition::read(&c, variables))?;
    Ok(Statement { sid: e.sid, effect, principals, actions, resources, conditions, action_texts, resource_texts })
}

/// The element or its Not form (then true), not both.
fn one_of<T>(plain: Option<T>, not: Option<T>, name: &'static str) -> Result<Option<(bool, T)>, PolicyError> {
    match (plain, not) {
        (Some(_), Some(_)) => Err(PolicyError::Both(name)),
        (Some(v), None) => Ok(Some((false, v))),
        (None, Some(v)) => Ok(Some((true, v))),
        (None, None) => Ok(None),
    }
}

/// An empty Sid is none. "For IAM policies, basic alphanumeric characters are the only allowed characters"; other services
/// allow more.
fn sid(value: Json, kind: PolicyKind) -> Result<Option<Box<str>>, PolicyError> {
    match value {
        Json::String(s) if s.is_empty() => Ok(None),
        Json::String(s) if kind != PolicyKind::Resource && !s.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Err(PolicyError::SidLetters(s.chars().take(200).collect()))
        }
        Json::String(s) => Ok(Some(s.into())),
        _ => Err(PolicyError::Shape { element: "Sid", wanted: "a string" }),
    }
}

fn effect(value: Json) -> Result<StatementEffect, PolicyError> {
    match value {
        Json::String(s) if s == "Allow" => Ok(StatementEffect::Allow),
        Json::String(s) if s == "Deny" => Ok(StatementEffect::Deny),
        Json::String(s) => Err(PolicyError::Effect(s.chars().take(200).collect())),
        _ => Err(PolicyError::Shape { element: "Effect", wanted: "a string" }),
    }
}

/// A string or a list of at least one.
fn strings(value: Json, element: &'static str) -> Result<Vec<String>, PolicyError> {
    let list = match value {
        Json::String(s) => vec![s],
        Json::Array(list) if !list.is_empty() => list
            .into_iter()
            .map(|v| if let Json::String(s) = v { Some(s) } else { None })
            .collect::<Option<_>>()
            .ok_or(PolicyError::Shape { element, wanted: "a string or a list of strings" })?,
        _ => return Err(PolicyError::Shape { element, wanted: "a string or a list of strings" }),
    };
    Ok(list)
}
