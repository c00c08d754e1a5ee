//! Grants: what a principal may do with one key besides what policies say, and only with certain encryption contexts.
//!
//! Source: Developer Guide, "Grants in AWS KMS"; API Reference, CreateGrant and GrantConstraints.

use crate::context::EncryptionContext;
use iam::{Principal, PrincipalKind};
use wire::kms::{Grant, KeySpec, KeyUsage};

/// The operations that a grant on a key of this kind can allow; "you cannot create a grant for an operation that the KMS key
/// doesn't support".
pub fn operations(spec: KeySpec, usage: KeyUsage) -> &'static [&'static str] {
    match usage {
        KeyUsage::EncryptDecrypt if spec == KeySpec::Symmetric => &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
            "CreateGrant",
            "RetireGrant",
            "DescribeKey",
        ],
        KeyUsage::EncryptDecrypt => {
            &["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "CreateGrant", "RetireGrant", "DescribeKey", "GetPublicKey"]
        }
        KeyUsage::SignVerify => &["Sign", "Verify", "GetPublicKey", "CreateGrant", "RetireGrant", "DescribeKey"],
        KeyUsage::GenerateVerifyMac => &["GenerateMac", "VerifyMac", "CreateGrant", "RetireGrant", "DescribeKey"],
        KeyUsage::KeyAgreement => &["DeriveSharedSecret", "GetPublicKey", "CreateGrant", "RetireGrant", "DescribeKey"],
    }
}

/// Every operation that some grant can allow.
pub fn is_operation(name: &str) -> bool {
    KeySpec::ALL.into_iter().any(|s| crate::spec::usages(s).iter().any(|u| operations(s, *u).contains(&name)))
}

/// Operations that have an encryption context, to which constraints apply. "Grant constraints are not applied to other
/// operations, such as DescribeKey or RetireGrant."
pub fn has_context(operation: &str) -> bool {
    matches!(
        operation,
        "Decrypt"
            | "Encrypt"
            | "GenerateDataKey"
            | "GenerateDataKeyWithoutPlaintext"
            | "GenerateDataKeyPair"
            | "GenerateDataKeyPairWithoutPlaintext"
            | "ReEncryptFrom"
            | "ReEncryptTo"
    )
}

/// Whether `who` is the principal that a grant names: a user, a role (and its sessions), one session, an account, a service.
pub fn names(arn: &str, who: &Principal) -> bool {
    if arn == who.arn {
        return !arn.is_empty();
    }
    match &who.kind {
        PrincipalKind::RoleSession { role_arn, .. } if arn == role_arn => return true,
        PrincipalKind::Anonymous | PrincipalKind::Service | PrincipalKind::Federated => return false,
        _ => {}
    }
    who.account.as_ref().is_some_and(|a| arn == a.as_str() || arn == format!("arn:aws:iam::{a}:root"))
}

/// Whether the grant lets `who` do `operation` with this encryption context.
pub fn permits(grant: &Grant, who: &Principal, operation: &str, context: &EncryptionContext) -> bool {
    grant.operations.iter().any(|o| o == operation)
        && names(&grant.grantee, who)
        && (!has_context(operation) || fits(grant, context))
}

fn fits(grant: &Grant, context: &EncryptionContext) -> bool {
    let subset = grant.context_subset.as_ref().is_none_or(|want| want.iter().all(|(k, v)| context.get(k) == Some(v)));
    subset && grant.context_equals.as_ref().is_none_or(|want| want == context)
}

/// "The operations in the new grant must be a subset of the parent grant's", and the constraints as strict: whether `child`
/// may be made by the holder of `parent` (Developer Guide, "Granting CreateGrant permission").
pub fn covers(parent: &Grant, child: &Grant) -> bool {
    let narrower = child.operations.iter().all(|o| o == "RetireGrant" || parent.operations.contains(o));
    let subset = match (&parent.context_subset, &child.context_subset, &child.context_equals) {
        (None, ..) => true,
        (Some(p), Some(c), _) | (Some(p), None, Some(c)) => p.iter().all(|(k, v)| c.get(k) == Some(v)),
        (Some(_), None, None) => false,
    };
    narrower && subset && parent.context_equals.as_ref().is_none_or(|p| child.context_equals.as_ref() == Some(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(operations: &[&str]) -> Grant {
        Grant {
            id: "g".into(),
            token: "t".into(),
            grantee: "arn:aws:iam::111122223333:user/ann".into(),
            retiring: None,
            operations: operations.iter().map(|o| (*o).to_owned()).collect(),
            context_subset: None,
            context_equals: None,
        }
    }

    fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_grant_is_for_its_principal_operations_and_contexts() {
        let account = "111122223333".parse().unwrap();
        let ann = Principal::user(&account, "/", "ann", "AIDA1");
        let bob = Principal::user(&account, "/", "bob", "AIDA2");
        let (none, a, ab) = (context(&[]), context(&[("a", "1")]), context(&[("a", "1"), ("b", "2")]));
        let plain = grant(&["Decrypt", "DescribeKey"]);
        let subset = Grant { context_subset: Some(a.clone()), ..plain.clone() };
        let equals = Grant { context_equals: Some(a.clone()), ..plain.clone() };
        for (grant, who, operation, context, permitted) in [
            (&plain, &ann, "Decrypt", &none, true),
            (&plain, &ann, "Encrypt", &none, false),
            (&plain, &bob, "Decrypt", &none, false),
            (&subset, &ann, "Decrypt", &none, false),
            (&subset, &ann, "Decrypt", &a, true),
            (&subset, &ann, "Decrypt", &ab, true),
            (&equals, &ann, "Decrypt", &ab, false),
            (&equals, &ann, "Decrypt", &a, true),
            (&equals, &ann, "DescribeKey", &none, true),
        ] {
            assert_eq!(permits(grant, who, operation, context), permitted, "{operation} {context:?}");
        }
        assert!(!permits(&Grant { grantee: String::new(), ..plain }, &Principal::anonymous(), "Decrypt", &none));
    }

    #[test]
    fn roles_sessions_and_accounts_can_be_named() {
        let account = "111122223333".parse().unwrap();
        let session = Principal::role_session(&account, "/p/", "r", "AROA1", "s");
        for (arn, named) in [
            ("arn:aws:iam::111122223333:role/p/r", true),
            ("arn:aws:sts::111122223333:assumed-role/r/s", true),
            ("arn:aws:sts::111122223333:assumed-role/r/t", false),
            ("arn:aws:iam::111122223333:root", true),
            ("arn:aws:iam::999922223333:root", false),
        ] {
            assert_eq!(names(arn, &session), named, "{arn}");
        }
        assert!(names("ec2.amazonaws.com", &Principal::service("ec2.amazonaws.com")));
    }

    #[test]
    fn a_grant_passed_on_is_never_wider() {
        let parent = Grant { context_subset: Some(context(&[("a", "1")])), ..grant(&["CreateGrant", "Decrypt"]) };
        let child = |operations: &[&str], subset: Option<&[(&str, &str)]>| Grant {
            context_subset: subset.map(context),
            ..grant(operations)
        };
        assert!(covers(&parent, &child(&["Decrypt", "RetireGrant"], Some(&[("a", "1"), ("b", "2")]))));
        assert!(!covers(&parent, &child(&["Encrypt"], Some(&[("a", "1")]))));
        assert!(!covers(&parent, &child(&["Decrypt"], None)));
        let equals = Grant { context_equals: Some(context(&[("a", "1")])), ..child(&["Decrypt"], None) };
        assert!(covers(&parent, &equals) && covers(&equals, &equals) && !covers(&equals, &parent));
    }

    #[test]
    fn every_listed_operation_is_known() {
        assert!(is_operation("ReEncryptFrom") && is_operation("DeriveSharedSecret") && !is_operation("CreateKey"));
    }
}
