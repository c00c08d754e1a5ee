//! Users, groups, roles and instance profiles: their life, their names, what keeps them from going.

use super::*;

#[test]
fn a_users_life() {
    let mut r = region();
    let made = r
        .ok("CreateUser", &[("UserName", "Alice"), ("Path", "/team/"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")]);
    assert_eq!(text(&made, "Arn"), "arn:aws:iam::123456789012:user/team/Alice");
    assert!(text(&made, "UserId").starts_with("AIDA") && text(&made, "UserId").len() == 21);
    assert_eq!(text(&r.ok("GetUser", &[("UserName", "alice")]), "Key"), "k");
    r.ok("TagUser", &[("UserName", "Alice"), ("Tags.member.1.Key", "K"), ("Tags.member.1.Value", "w")]);
    assert_eq!(texts(&r.ok("ListUserTags", &[("UserName", "Alice")]), "Value"), ["w"]);
    r.ok("UntagUser", &[("UserName", "Alice"), ("TagKeys.member.1", "k")]);
    assert!(texts(&r.ok("ListUserTags", &[("UserName", "Alice")]), "Value").is_empty());
    r.user("bob");
    assert_eq!(texts(&r.ok("ListUsers", &[("PathPrefix", "/team/")]), "UserName"), ["Alice"]);
    let page = r.ok("ListUsers", &[("MaxItems", "1")]);
    assert_eq!((text(&page, "UserName"), text(&page, "IsTruncated")), ("Alice".into(), "true".into()));
    let marker = text(&page, "Marker");
    let page = r.ok("ListUsers", &[("MaxItems", "1"), ("Marker", &marker)]);
    assert_eq!((text(&page, "UserName"), text(&page, "IsTruncated")), ("bob".into(), "false".into()));
    r.must_refuse(&[
        ("CreateUser", &[("UserName", "ALICE")], "EntityAlreadyExists", 409),
        ("CreateUser", &[("UserName", "a b")], "ValidationError", 400),
        ("CreateUser", &[("UserName", "x"), ("Path", "nope")], "ValidationError", 400),
        ("UpdateUser", &[("UserName", "bob"), ("NewUserName", "alice")], "EntityAlreadyExists", 409),
        ("GetUser", &[("UserName", "nobody")], "NoSuchEntity", 404),
        ("ListUsers", &[("MaxItems", "0")], "ValidationError", 400),
        ("CreateUser", &[("UserName", "x"), ("PermissionsBoundary", "arn:aws:iam::aws:policy/Nonsense")], "NoSuchEntity", 404),
    ]);
    assert_eq!(r.refused("GetUser", &[("UserName", "nobody")]).message, "The user with name nobody cannot be found.");
    r.ok("DeleteUser", &[("UserName", "bob")]);
    r.must_refuse(&[("DeleteUser", &[("UserName", "bob")], "NoSuchEntity", 404)]);
}

/// What hangs on a user follows a new name.
#[test]
fn renaming() {
    let mut r = region();
    r.user("alice");
    r.ok("CreateGroup", &[("GroupName", "Devs")]);
    r.ok("AddUserToGroup", &[("GroupName", "devs"), ("UserName", "ALICE")]);
    r.ok("PutGroupPolicy", &[("GroupName", "Devs"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]);
    let key = text(&r.ok("CreateAccessKey", &[("UserName", "alice")]), "AccessKeyId");
    r.ok("CreateLoginProfile", &[("UserName", "alice"), ("Password", "Correct-horse-1")]);
    assert!(r.may("alice", "ec2:RunInstances"));
    r.ok("UpdateUser", &[("UserName", "alice"), ("NewUserName", "Carol"), ("NewPath", "/x/")]);
    assert!(r.may("carol", "ec2:RunInstances"));
    assert_eq!(r.key(&key).unwrap().user, "Carol");
    assert_eq!(texts(&r.ok("ListGroupsForUser", &[("UserName", "carol")]), "GroupName"), ["Devs"]);
    assert_eq!(texts(&r.ok("GetGroup", &[("GroupName", "devs")]), "UserName"), ["Carol"]);
    assert_eq!(text(&r.ok("GetLoginProfile", &[("UserName", "carol")]), "UserName"), "Carol");
    r.must_refuse(&[("GetUser", &[("UserName", "alice")], "NoSuchEntity", 404)]);
    r.ok("UpdateGroup", &[("GroupName", "Devs"), ("NewGroupName", "Ops")]);
    assert!(r.may("carol", "ec2:RunInstances"));
    r.ok("RemoveUserFromGroup", &[("GroupName", "ops"), ("UserName", "carol")]);
    assert!(!r.may("carol", "ec2:RunInstances"));
    r.must_refuse(&[("RemoveUserFromGroup", &[("GroupName", "ops"), ("UserName", "carol")], "NoSuchEntity", 404)]);
}

/// A user goes only when nothing hangs on it, and AWS's sentence says what does.
#[test]
fn deletion_conflicts() {
    let mut r = region();
    r.user("a");
    r.ok("CreateGroup", &[("GroupName", "g")]);
    r.role("ro");
    r.ok("CreateInstanceProfile", &[("InstanceProfileName", "p")]);
    let key = text(&r.ok("CreateAccessKey", &[("UserName", "a")]), "AccessKeyId");
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let named = [("UserName", "a")];
    let steps: &[(&str, Pairs, &str)] = &[
        ("DeleteAccessKey", &[("UserName", "a"), ("AccessKeyId", &key)], "must delete access keys first"),
        ("RemoveUserFromGroup", &[("UserName", "a"), ("GroupName", "g")], "must remove users from group first"),
        ("DetachUserPolicy", &[("UserName", "a"), ("PolicyArn", admin)], "must detach all policies first"),
        ("DeleteUserPolicy", &[("UserName", "a"), ("PolicyName", "p")], "must delete policies first"),
        ("DeleteLoginProfile", &[("UserName", "a")], "must delete login profile first"),
    ];
    r.ok("AddUserToGroup", &[("UserName", "a"), ("GroupName", "g")]);
    r.ok("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", admin)]);
    r.ok("PutUserPolicy", &[("UserName", "a"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]);
    r.ok("CreateLoginProfile", &[("UserName", "a"), ("Password", "Correct-horse-1")]);
    r.must_refuse(&[("DeleteGroup", &[("GroupName", "g")], "DeleteConflict", 409)]);
    for (remedy, pairs, sentence) in steps {
        let e = r.refused("DeleteUser", &named);
        assert_eq!((e.code.as_ref(), e.status), ("DeleteConflict", 409));
        assert_eq!(e.message, format!("Cannot delete entity, {sentence}."));
        r.ok(remedy, pairs);
    }
    r.ok("DeleteUser", &named);
    r.ok("AttachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", admin)]);
    r.must_refuse(&[("DeleteGroup", &[("GroupName", "g")], "DeleteConflict", 409)]);
    r.ok("DetachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", admin)]);
    r.ok("DeleteGroup", &[("GroupName", "g")]);
    r.ok("AddRoleToInstanceProfile", &[("InstanceProfileName", "p"), ("RoleName", "ro")]);
    r.must_refuse(&[
        ("AddRoleToInstanceProfile", &[("InstanceProfileName", "p"), ("RoleName", "ro")], "LimitExceeded", 409),
        ("DeleteRole", &[("RoleName", "ro")], "DeleteConflict", 409),
        ("DeleteInstanceProfile", &[("InstanceProfileName", "p")], "DeleteConflict", 409),
        ("CreateInstanceProfile", &[("InstanceProfileName", "P")], "EntityAlreadyExists", 409),
    ]);
    assert_eq!(texts(&r.ok("ListInstanceProfilesForRole", &[("RoleName", "RO")]), "InstanceProfileName"), ["p"]);
    r.ok("RemoveRoleFromInstanceProfile", &[("InstanceProfileName", "p"), ("RoleName", "ro")]);
    r.ok("DeleteInstanceProfile", &[("InstanceProfileName", "p")]);
    r.ok("DeleteRole", &[("RoleName", "ro")]);
}

#[test]
fn quotas() {
    let mut r = region();
    r.user("a");
    for n in 0..10 {
        let name = format!("g{n}");
        r.ok("CreateGroup", &[("GroupName", &name)]);
        r.ok("AddUserToGroup", &[("GroupName", &name), ("UserName", "a")]);
        let doc = ALLOW_ALL;
        r.ok("CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", doc)]);
        r.ok("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", &format!("arn:aws:iam::{ACCOUNT}:policy/{name}"))]);
    }
    r.ok("CreateGroup", &[("GroupName", "g10")]);
    r.ok("CreateAccessKey", &[("UserName", "a")]);
    r.ok("CreateAccessKey", &[("UserName", "a")]);
    // Attached already.
    r.ok("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", &format!("arn:aws:iam::{ACCOUNT}:policy/g3"))]);
    let long = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{}"}}]}}"#,
        "x".repeat(2_000)
    );
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    r.must_refuse(&[
        ("AddUserToGroup", &[("GroupName", "g10"), ("UserName", "a")], "LimitExceeded", 409),
        ("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", admin)], "LimitExceeded", 409),
        ("CreateAccessKey", &[("UserName", "a")], "LimitExceeded", 409),
        ("PutUserPolicy", &[("UserName", "a"), ("PolicyName", "p"), ("PolicyDocument", &long)], "LimitExceeded", 409),
    ]);
    assert_eq!(r.refused("CreateAccessKey", &[("UserName", "a")]).message, "Cannot exceed quota for AccessKeysPerUser: 2");
    r.ok("PutGroupPolicy", &[("GroupName", "g1"), ("PolicyName", "p"), ("PolicyDocument", &long)]);
    let tags: Vec<(String, String)> = (1..=50)
        .flat_map(|n| [(format!("Tags.member.{n}.Key"), format!("k{n}")), (format!("Tags.member.{n}.Value"), "v".into())])
        .collect();
    let mut pairs: Vec<(&str, &str)> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    pairs.push(("UserName", "a"));
    r.ok("TagUser", &pairs);
    r.must_refuse(&[(
        "TagUser",
        &[("UserName", "a"), ("Tags.member.1.Key", "more"), ("Tags.member.1.Value", "v")],
        "LimitExceeded",
        409,
    )]);
}

#[test]
fn roles_and_trust() {
    let mut r = region();
    r.user("alice");
    let alice = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    let trust = |who: &str| {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{who},"Action":"sts:AssumeRole"}}]}}"#)
    };
    let of = |arn: &str| trust(&format!(r#"{{"AWS":"{arn}"}}"#));
    let created =
        r.ok("CreateRole", &[("RoleName", "R"), ("AssumeRolePolicyDocument", &of(&alice)), ("MaxSessionDuration", "7200")]);
    assert_eq!(text(&created, "Arn"), format!("arn:aws:iam::{ACCOUNT}:role/R"));
    for (document, right) in [
        (of(&format!("arn:aws:iam::{ACCOUNT}:root")), true),
        (of(ACCOUNT), true),
        (of("arn:aws:iam::999999999999:root"), false),
        (of(&format!("arn:aws:iam::{ACCOUNT}:user/nobody")), false),
        (of(&format!("arn:aws:iam::{ACCOUNT}:user/other/alice")), false),
        (of(&format!("arn:aws:iam::{ACCOUNT}:role/R")), true),
        (of(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/R/s")), true),
        (of(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/none/s")), false),
        (of("AIDAAAAAAAAAAAAAAAAAA"), false),
        (trust(r#"{"Service":"ec2.amazonaws.com"}"#), true),
        (trust(r#"{"Service":"ec2.example.com"}"#), false),
        (trust(r#""*""#), true),
        (ALLOW_ALL.to_owned(), false),
        ("{".to_owned(), false),
    ] {
        let outcome = r.call("UpdateAssumeRolePolicy", &[("RoleName", "R"), ("PolicyDocument", &document)]);
        match outcome {
            Ok(_) => assert!(right, "{document}"),
            Err(e) => assert!(!right && e.is("MalformedPolicyDocument"), "{document} {e}"),
        }
    }
    r.must_refuse(&[
        ("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST_EC2)], "EntityAlreadyExists", 409),
        (
            "CreateRole",
            &[("RoleName", "x"), ("AssumeRolePolicyDocument", TRUST_EC2), ("MaxSessionDuration", "60")],
            "ValidationError",
            400,
        ),
        (
            "CreateRole",
            &[("RoleName", "x"), ("AssumeRolePolicyDocument", TRUST_EC2), ("Path", "/aws-service-role/x/")],
            "ValidationError",
            400,
        ),
        ("UpdateRole", &[("RoleName", "R"), ("MaxSessionDuration", "43201")], "ValidationError", 400),
        ("GetRole", &[("RoleName", "none")], "NoSuchEntity", 404),
    ]);
    r.ok("UpdateRole", &[("RoleName", "R"), ("Description", "d"), ("MaxSessionDuration", "43200")]);
    r.ok("UpdateRoleDescription", &[("RoleName", "R"), ("Description", "e")]);
    let got = r.ok("GetRole", &[("RoleName", "R")]);
    assert_eq!((text(&got, "Description"), text(&got, "MaxSessionDuration")), ("e".into(), "43200".into()));
}

/// A role that trusted a user does not trust a new user of its name: the document then holds the unique id.
#[test]
fn trust_ends_with_the_entity() {
    let mut r = region();
    r.user("alice");
    r.role("mid");
    let id = text(&r.ok("GetUser", &[("UserName", "alice")]), "UserId");
    let role_id = text(&r.ok("GetRole", &[("RoleName", "mid")]), "RoleId");
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":["arn:aws:iam::{ACCOUNT}:user/alice","arn:aws:iam::{ACCOUNT}:role/mid"]}},"Action":"sts:AssumeRole"}}}}"#
    );
    r.ok("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", &trust)]);
    let document = |r: &mut Region| text(&r.ok("GetRole", &[("RoleName", "r")]), "AssumeRolePolicyDocument");
    assert_eq!(document(&mut r), super::super::check::url_encoded(&trust));
    r.ok("UpdateUser", &[("UserName", "alice"), ("NewPath", "/moved/")]);
    assert!(document(&mut r).contains("user%2Fmoved%2Falice"));
    r.ok("DeleteUser", &[("UserName", "alice")]);
    r.ok("DeleteRole", &[("RoleName", "mid")]);
    r.ok("CreateUser", &[("UserName", "alice"), ("Path", "/moved/")]);
    r.role("mid");
    let after = document(&mut r);
    assert!(after.contains(&id) && after.contains(&role_id) && !after.contains("alice") && !after.contains("mid"), "{after}");
}

#[test]
fn service_linked_roles() {
    let mut r = region();
    let name = "AWSServiceRoleForAutoScaling";
    let made = r.ok("CreateServiceLinkedRole", &[("AWSServiceName", "autoscaling.amazonaws.com")]);
    assert_eq!(text(&made, "RoleName"), name);
    assert_eq!(text(&made, "Path"), "/aws-service-role/autoscaling.amazonaws.com/");
    r.must_refuse(&[
        ("CreateServiceLinkedRole", &[("AWSServiceName", "autoscaling.amazonaws.com")], "InvalidInput", 400),
        ("CreateServiceLinkedRole", &[("AWSServiceName", "nonsense.amazonaws.com")], "InvalidInput", 400),
        ("CreateServiceLinkedRole", &[("AWSServiceName", "spot.amazonaws.com"), ("CustomSuffix", "x")], "InvalidInput", 400),
        ("DeleteRole", &[("RoleName", name)], "UnmodifiableEntity", 400),
        ("PutRolePolicy", &[("RoleName", name), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)], "UnmodifiableEntity", 400),
        ("UpdateAssumeRolePolicy", &[("RoleName", name), ("PolicyDocument", TRUST_EC2)], "UnmodifiableEntity", 400),
        ("TagRole", &[("RoleName", name), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")], "UnmodifiableEntity", 400),
    ]);
    r.ok("CreateServiceLinkedRole", &[("AWSServiceName", "autoscaling.amazonaws.com"), ("CustomSuffix", "two")]);
    let attached = r.ok("ListAttachedRolePolicies", &[("RoleName", name)]);
    assert_eq!(texts(&attached, "PolicyName"), ["AutoScalingServiceRolePolicy"]);
    let task = text(&r.ok("DeleteServiceLinkedRole", &[("RoleName", name)]), "DeletionTaskId");
    assert_eq!(text(&r.ok("GetServiceLinkedRoleDeletionStatus", &[("DeletionTaskId", &task)]), "Status"), "SUCCEEDED");
    r.must_refuse(&[("GetRole", &[("RoleName", name)], "NoSuchEntity", 404)]);
    r.role("mine");
    r.must_refuse(&[
        (
            "AttachRolePolicy",
            &[("RoleName", "mine"), ("PolicyArn", "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy")],
            "PolicyNotAttachable",
            400,
        ),
        ("DeleteServiceLinkedRole", &[("RoleName", "mine")], "NoSuchEntity", 404),
    ]);
}

#[test]
fn the_account() {
    let mut r = region();
    r.must_refuse(&[
        ("CreateAccountAlias", &[("AccountAlias", "a--b")], "ValidationError", 400),
        ("CreateAccountAlias", &[("AccountAlias", "Ab-c")], "ValidationError", 400),
        ("DeleteAccountAlias", &[("AccountAlias", "abc")], "NoSuchEntity", 404),
    ]);
    r.ok("CreateAccountAlias", &[("AccountAlias", "one")]);
    r.ok("CreateAccountAlias", &[("AccountAlias", "two")]);
    assert!(r.ok("ListAccountAliases", &[]).contains("<AccountAliases><member>two</member></AccountAliases>"));
    let other = "222222222222";
    let id: types::AccountId = other.parse().unwrap();
    r.db.put(Account { id, name: "other".into(), created: r.now, shard_salt: 0 });
    r.caller = principal(other);
    r.must_refuse(&[("CreateAccountAlias", &[("AccountAlias", "two")], "EntityAlreadyExists", 409)]);
    r.caller = principal(ACCOUNT);
    r.ok("DeleteAccountAlias", &[("AccountAlias", "two")]);
    r.user("a");
    let summary = r.ok("GetAccountSummary", &[]);
    assert!(summary.contains("<entry><key>Users</key><value>1</value></entry>"), "{summary}");
    for list in ["ListSigningCertificates", "ListMFADevices", "ListSSHPublicKeys", "ListServiceSpecificCredentials"] {
        assert_eq!(text(&r.ok(list, &[("UserName", "a")]), "IsTruncated"), "false");
        r.must_refuse(&[(list, &[("UserName", "nobody")], "NoSuchEntity", 404)]);
    }
    r.ok("CreateGroup", &[("GroupName", "g")]);
    r.ok("AttachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")]);
    r.role("ro");
    let all = r.ok("GetAccountAuthorizationDetails", &[]);
    assert!(
        all.contains("<UserName>a</UserName>")
            && all.contains("<RoleName>ro</RoleName>")
            && all.contains("policy/ReadOnlyAccess")
    );
    let users = r.ok("GetAccountAuthorizationDetails", &[("Filter.member.1", "User")]);
    assert!(!users.contains("<RoleName>") && !users.contains("<GroupName>g"));
    let (mut marker, mut pages) = (None::<String>, Vec::new());
    loop {
        let mut pairs = vec![("MaxItems", "1")];
        if let Some(m) = &marker {
            pairs.push(("Marker", m));
        }
        let page = r.ok("GetAccountAuthorizationDetails", &pairs);
        marker = texts(&page, "Marker").pop();
        pages.push(page);
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(pages.len(), 4);
}
