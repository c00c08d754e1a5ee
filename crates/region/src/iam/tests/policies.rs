//! Managed policies and their versions, attachment, boundaries, and that all of it reaches the directory.

use super::*;

fn document(action: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#)
}

#[test]
fn versions() {
    let mut r = region();
    r.user("a");
    let made = r.ok("CreatePolicy", &[("PolicyName", "P"), ("Path", "/x/"), ("PolicyDocument", &document("ec2:RunInstances"))]);
    let arn = text(&made, "Arn");
    assert_eq!(arn, format!("arn:aws:iam::{ACCOUNT}:policy/x/P"));
    assert_eq!((text(&made, "DefaultVersionId"), text(&made, "AttachmentCount")), ("v1".into(), "0".into()));
    r.ok("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", &arn)]);
    assert!(r.may("a", "ec2:RunInstances") && !r.may("a", "s3:GetObject"));
    let version = |r: &mut Region, action: &str, default: &str| {
        let doc = document(action);
        text(
            &r.ok("CreatePolicyVersion", &[("PolicyArn", &arn), ("PolicyDocument", &doc), ("SetAsDefault", default)]),
            "VersionId",
        )
    };
    assert_eq!(version(&mut r, "s3:GetObject", "false"), "v2");
    assert!(r.may("a", "ec2:RunInstances"));
    r.ok("SetDefaultPolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v2")]);
    assert!(!r.may("a", "ec2:RunInstances") && r.may("a", "s3:GetObject"));
    assert_eq!(version(&mut r, "sts:AssumeRole", "true"), "v3");
    assert!(r.may("a", "sts:AssumeRole") && !r.may("a", "s3:GetObject"));
    version(&mut r, "a:b", "false");
    version(&mut r, "a:b", "false");
    assert_eq!(texts(&r.ok("ListPolicyVersions", &[("PolicyArn", &arn)]), "VersionId"), ["v5", "v4", "v3", "v2", "v1"]);
    let doc = document("a:b");
    r.must_refuse(&[
        ("CreatePolicyVersion", &[("PolicyArn", &arn), ("PolicyDocument", &doc)], "LimitExceeded", 409),
        ("DeletePolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v3")], "DeleteConflict", 409),
        ("DeletePolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v9")], "NoSuchEntity", 404),
        ("DeletePolicyVersion", &[("PolicyArn", &arn), ("VersionId", "3")], "ValidationError", 400),
        ("DeletePolicy", &[("PolicyArn", &arn)], "DeleteConflict", 409),
    ]);
    r.ok("DeletePolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v5")]);
    // Numbers are not used again.
    assert_eq!(version(&mut r, "a:b", "false"), "v6");
    let got = r.ok("GetPolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v1")]);
    assert!(text(&got, "Document").starts_with("%7B%22Version%22%3A%222012-10-17%22"));
    r.ok("DetachUserPolicy", &[("UserName", "a"), ("PolicyArn", &arn)]);
    assert!(!r.may("a", "sts:AssumeRole"));
    r.must_refuse(&[
        ("DetachUserPolicy", &[("UserName", "a"), ("PolicyArn", &arn)], "NoSuchEntity", 404),
        ("DeletePolicy", &[("PolicyArn", &arn)], "DeleteConflict", 409),
    ]);
    for v in ["v1", "v2", "v4", "v6"] {
        r.ok("DeletePolicyVersion", &[("PolicyArn", &arn), ("VersionId", v)]);
    }
    r.ok("DeletePolicy", &[("PolicyArn", &arn)]);
    r.must_refuse(&[("GetPolicy", &[("PolicyArn", &arn)], "NoSuchEntity", 404)]);
}

#[test]
fn lists_and_use() {
    let mut r = region();
    r.user("a");
    r.role("ro");
    let own = text(&r.ok("CreatePolicy", &[("PolicyName", "Own"), ("PolicyDocument", ALLOW_ALL)]), "Arn");
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    r.ok("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", admin)]);
    r.ok("PutRolePermissionsBoundary", &[("RoleName", "ro"), ("PermissionsBoundary", &own)]);
    let names = |r: &mut Region, pairs: &[(&str, &str)]| texts(&r.ok("ListPolicies", pairs), "PolicyName");
    assert_eq!(names(&mut r, &[("Scope", "Local")]), ["Own"]);
    assert!(names(&mut r, &[("Scope", "AWS")]).len() > 30);
    assert_eq!(names(&mut r, &[("OnlyAttached", "true")]), ["AdministratorAccess", "Own"]);
    assert_eq!(names(&mut r, &[("PolicyUsageFilter", "PermissionsBoundary")]), ["Own"]);
    assert_eq!(names(&mut r, &[("PolicyUsageFilter", "PermissionsPolicy")]), ["AdministratorAccess"]);
    assert_eq!(names(&mut r, &[("PathPrefix", "/job-function/")]), ["ViewOnlyAccess"]);
    let entities = r.ok("ListEntitiesForPolicy", &[("PolicyArn", &own)]);
    assert_eq!((texts(&entities, "RoleName"), texts(&entities, "UserName")), (vec!["ro".to_owned()], vec![]));
    let entities = r.ok("ListEntitiesForPolicy", &[("PolicyArn", admin), ("EntityFilter", "Role")]);
    assert!(texts(&entities, "UserName").is_empty());
    assert_eq!(text(&r.ok("GetPolicy", &[("PolicyArn", &own)]), "PermissionsBoundaryUsageCount"), "1");
    r.must_refuse(&[
        ("DeletePolicy", &[("PolicyArn", &own)], "DeleteConflict", 409),
        ("DeletePolicy", &[("PolicyArn", admin)], "AccessDenied", 403),
        ("ListPolicies", &[("Scope", "Mine")], "ValidationError", 400),
        ("CreatePolicy", &[("PolicyName", "own"), ("PolicyDocument", ALLOW_ALL)], "EntityAlreadyExists", 409),
        ("CreatePolicy", &[("PolicyName", "x"), ("PolicyDocument", "{}")], "MalformedPolicyDocument", 400),
        ("CreatePolicy", &[("PolicyName", "x"), ("PolicyDocument", TRUST_EC2)], "MalformedPolicyDocument", 400),
        ("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", "arn:aws:iam::aws:policy/None")], "NoSuchEntity", 404),
        ("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", "this-is-not-an-arn-at-all")], "InvalidInput", 400),
    ]);
    let chars = "x".repeat(6_200);
    let long = format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{chars}"}}]}}"#);
    r.must_refuse(&[("CreatePolicy", &[("PolicyName", "x"), ("PolicyDocument", &long)], "LimitExceeded", 409)]);
    r.ok("TagPolicy", &[("PolicyArn", &own), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")]);
    assert_eq!(texts(&r.ok("ListPolicyTags", &[("PolicyArn", &own)]), "Key"), ["k"]);
    r.ok("UntagPolicy", &[("PolicyArn", &own), ("TagKeys.member.1", "k")]);
}

#[test]
fn inline_policies_of_all_three() {
    let mut r = region();
    r.user("n");
    r.ok("CreateGroup", &[("GroupName", "n")]);
    r.role("n");
    for (kind, plural) in [("User", "UserPolicies"), ("Group", "GroupPolicies"), ("Role", "RolePolicies")] {
        let name = format!("{kind}Name");
        let named = (name.as_str(), "n");
        let put = format!("Put{kind}Policy");
        r.ok(&put, &[named, ("PolicyName", "two"), ("PolicyDocument", ALLOW_ALL)]);
        r.ok(&put, &[named, ("PolicyName", "one"), ("PolicyDocument", ALLOW_ALL)]);
        let names = r.ok(&format!("List{plural}"), &[named]);
        assert!(names.contains("<PolicyNames><member>one</member><member>two</member></PolicyNames>"), "{names}");
        let got = r.ok(&format!("Get{kind}Policy"), &[named, ("PolicyName", "one")]);
        assert_eq!((text(&got, &name), text(&got, "PolicyName")), ("n".into(), "one".into()));
        r.ok(&format!("Delete{kind}Policy"), &[named, ("PolicyName", "one")]);
        let e = r.refused(&format!("Get{kind}Policy"), &[named, ("PolicyName", "one")]);
        assert_eq!(e.message, format!("The {} policy with name one cannot be found.", kind.to_lowercase()));
        let attached = format!("ListAttached{plural}");
        r.ok(&format!("Attach{kind}Policy"), &[named, ("PolicyArn", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")]);
        assert_eq!(texts(&r.ok(&attached, &[named]), "PolicyName"), ["ViewOnlyAccess"]);
        assert!(texts(&r.ok(&attached, &[named, ("PathPrefix", "/other/")]), "PolicyName").is_empty());
        r.must_refuse(&[(&put, &[named, ("PolicyName", "x"), ("PolicyDocument", "{\"a\":1}")], "MalformedPolicyDocument", 400)]);
    }
}

#[test]
fn boundaries() {
    let mut r = region();
    let bound = text(&r.ok("CreatePolicy", &[("PolicyName", "B"), ("PolicyDocument", &document("ec2:*"))]), "Arn");
    r.ok("CreateUser", &[("UserName", "a"), ("PermissionsBoundary", &bound)]);
    r.ok("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess")]);
    assert!(r.may("a", "ec2:RunInstances") && !r.may("a", "s3:GetObject"));
    assert_eq!(text(&r.ok("GetUser", &[("UserName", "a")]), "PermissionsBoundaryArn"), bound);
    r.ok("DeleteUserPermissionsBoundary", &[("UserName", "a")]);
    assert!(r.may("a", "s3:GetObject"));
    r.must_refuse(&[
        ("DeleteUserPermissionsBoundary", &[("UserName", "a")], "NoSuchEntity", 404),
        (
            "PutUserPermissionsBoundary",
            &[("UserName", "a"), ("PermissionsBoundary", "arn:aws:iam::aws:policy/None")],
            "NoSuchEntity",
            404,
        ),
    ]);
    r.ok("PutUserPermissionsBoundary", &[("UserName", "a"), ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess")]);
    assert!(!r.may("a", "ec2:RunInstances") && r.may("a", "ec2:DescribeInstances"));
}
