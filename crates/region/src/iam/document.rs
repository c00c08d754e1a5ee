//! Policy documents as requests bring them: parsed, within their quota, and in trust policies naming only who exists.
//!
//! A trust policy names users and roles by ARN, yet means the entity, not the name: "If you delete the user and then recreate
//! it, the new user is not trusted" (IAM User Guide, "Principal"). So when an entity goes, its ARN in the trust policies of
//! all roles becomes its unique id, which is what AWS shows then too; and a new name or path is followed.

use super::check;
use super::rows::{Role, User};
use crate::context::Ctx;
use crate::db::Db;
use crate::quota::table as quota;
use crate::rows::Account;
use ::iam::{Policy, PolicyKind, PrincipalName, quota_chars};
use aws_protocol::AwsError;
use serde_json::Value;
use types::AccountId;

pub fn malformed(message: impl Into<String>) -> AwsError {
    AwsError::new("MalformedPolicyDocument", message)
}

pub fn parse(field: &str, text: &str, kind: PolicyKind) -> Result<Policy, AwsError> {
    check::length(field, text, 1..=::iam::DOCUMENT_BYTES_MAX)?;
    if !text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}')) {
        return Err(check::validation(format!(
            "The specified value for {field} is invalid. It must contain only printable ASCII characters."
        )));
    }
    Policy::parse(text, kind).map_err(|e| malformed(e.iam_message()))
}

/// A policy of a user, group or role, or a managed one.
pub fn identity(field: &str, text: &str) -> Result<(), AwsError> {
    parse(field, text, PolicyKind::Identity).map(|_| ())
}

/// Who may assume a role.
pub fn trust(ctx: &Ctx, field: &str, text: &str) -> Result<(), AwsError> {
    let db = &*ctx.db;
    let policy = parse(field, text, PolicyKind::Trust)?;
    let max = ctx.quota(&quota::TRUST_POLICY_CHARS);
    if quota_chars(text) > max {
        return Err(check::limit(format!("Cannot exceed quota for ACLSizePerRole: {max}")));
    }
    for statement in policy.statements() {
        for named in statement.principals().1 {
            let (kind, value, there) = match named {
                PrincipalName::Everybody => continue,
                PrincipalName::Account(id) => ("AWS", id, account(db, id).is_some()),
                PrincipalName::Arn(arn) => ("AWS", arn, arn_exists(db, arn)),
                PrincipalName::UniqueId(id) => ("AWS", id, has_id(db, id)),
                PrincipalName::CanonicalUser(id) => ("CanonicalUser", id, false),
                PrincipalName::Service(name) => ("SERVICE", name, is_service(name)),
                // Providers may come later than the roles that trust them.
                PrincipalName::Federated(_) => continue,
            };
            if !there {
                return Err(malformed(format!("Invalid principal in policy: \"{kind}\":\"{value}\"")));
            }
        }
    }
    Ok(())
}

fn account(db: &Db, id: &str) -> Option<AccountId> {
    let id: AccountId = id.parse().ok()?;
    db.get::<Account>(&id, &id).map(|a| a.id.clone())
}

fn has_id(db: &Db, id: &str) -> bool {
    db.all::<User>().any(|u| u.id == id) || db.all::<Role>().any(|r| r.id == id)
}

fn is_service(name: &str) -> bool {
    let Some(host) = name.strip_suffix(".amazonaws.com") else { return false };
    !host.is_empty() && host.split('.').all(|l| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

fn arn_exists(db: &Db, arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (Some(service), _, Some(id), Some(resource)) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Some(account) = account(db, id) else { return false };
    let name = super::name_of_arn(arn).to_lowercase();
    match resource.split('/').next() {
        Some("root") => true,
        Some("user") => db.get::<User>(&account, name).is_some_and(|u| u.arn() == arn),
        Some("role") => db.get::<Role>(&account, name).is_some_and(|r| r.arn() == arn),
        // `assumed-role/ROLE/SESSION`: sessions come and go, the role must be there.
        Some("assumed-role") if service == "sts" => {
            resource.split('/').nth(1).is_some_and(|role| db.get::<Role>(&account, role.to_lowercase()).is_some())
        }
        Some("federated-user") => service == "sts",
        _ => false,
    }
}

/// An entity is named otherwise from now on, or by its unique id as it is gone: in every trust policy of the region.
pub fn rename_principal(db: &mut Db, old: &str, new: &str) {
    // A text without escapes holds the ARN as it is.
    let suspects: Vec<_> = db.all::<Role>().filter(|r| r.trust.contains(old) || r.trust.contains('\\')).collect();
    for role in suspects {
        let Ok(mut document) = serde_json::from_str::<Value>(&role.trust) else { continue };
        if rename_in(&mut document, old, new) {
            let text = document.to_string();
            db.update::<Role>(&role.account, role.name.to_lowercase(), |r| r.trust = text);
        }
    }
}

fn rename_in(document: &mut Value, old: &str, new: &str) -> bool {
    fn names(value: &mut Value, old: &str, new: &str) -> bool {
        match value {
            Value::String(s) if s == old => {
                new.clone_into(s);
                true
            }
            Value::Array(list) => list.iter_mut().fold(false, |hit, v| names(v, old, new) | hit),
            Value::Object(map) => map.values_mut().fold(false, |hit, v| names(v, old, new) | hit),
            _ => false,
        }
    }
    let statements = match document.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let mut hit = false;
    for statement in statements {
        for element in ["Principal", "NotPrincipal"] {
            hit |= statement.get_mut(element).is_some_and(|v| names(v, old, new));
        }
    }
    hit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_principals_are_renamed() {
        let arn = "arn:aws:iam::111111111111:user/a";
        let text = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":["{arn}","{arn}b"]}},"Action":"sts:AssumeRole",
               "Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{arn}"}}}}}}]}}"#
        );
        let mut document: Value = serde_json::from_str(&text).unwrap();
        assert!(rename_in(&mut document, arn, "AIDAX"));
        let statement = &document["Statement"][0];
        assert_eq!(statement["Principal"]["AWS"], serde_json::json!(["AIDAX", format!("{arn}b")]));
        assert_eq!(statement["Condition"]["ArnEquals"]["aws:PrincipalArn"], arn);
        assert!(!rename_in(&mut document, arn, "AIDAX"));
    }

    #[test]
    fn services() {
        for (name, right) in
            [("ec2.amazonaws.com", true), ("a.b.amazonaws.com", true), ("amazonaws.com", false), ("ec2.example.com", false)]
        {
            assert_eq!(is_service(name), right, "{name}");
        }
    }
}
