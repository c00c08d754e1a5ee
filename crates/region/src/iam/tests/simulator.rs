//! The policy simulator.

use super::*;

fn decisions(reply: &str) -> Vec<(String, String, String)> {
    let (actions, resources, decisions) =
        (texts(reply, "EvalActionName"), texts(reply, "EvalResourceName"), texts(reply, "EvalDecision"));
    // Each pair comes again in its specific result, where it has one.
    let mut once: Vec<String> = Vec::new();
    resources.into_iter().for_each(|r| {
        if once.last() != Some(&r) || r == "*" {
            once.push(r);
        }
    });
    actions.into_iter().zip(once).zip(decisions).map(|((a, r), d)| (a, r, d)).collect()
}

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::a/*"},
    {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"},
    {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*",
     "Condition": {"StringEquals": {"ec2:Region": "${aws:PrincipalTag/Region}"}}}
  ]
}"#;

#[test]
fn custom_policies() {
    let mut r = region();
    let ask = |r: &mut Region, more: &[(&str, &str)]| {
        let base: [(&str, &str); 1] = [("PolicyInputList.member.1", POLICY)];
        r.ok("SimulateCustomPolicy", &[&base[..], more].concat())
    };
    let reply = ask(
        &mut r,
        &[
            ("ActionNames.member.1", "s3:GetObject"),
            ("ActionNames.member.2", "s3:DeleteObject"),
            ("ActionNames.member.3", "s3:ListAllMyBuckets"),
            ("ResourceArns.member.1", "arn:aws:s3:::a/k"),
            ("ResourceArns.member.2", "arn:aws:s3:::b/k"),
        ],
    );
    let got: Vec<String> = decisions(&reply).into_iter().map(|(a, r, d)| format!("{a} {r} {d}")).collect();
    assert_eq!(
        got,
        [
            "s3:GetObject arn:aws:s3:::a/k allowed",
            "s3:GetObject arn:aws:s3:::b/k implicitDeny",
            "s3:DeleteObject arn:aws:s3:::a/k explicitDeny",
            "s3:DeleteObject arn:aws:s3:::b/k explicitDeny",
            "s3:ListAllMyBuckets arn:aws:s3:::a/k allowed",
            "s3:ListAllMyBuckets arn:aws:s3:::b/k implicitDeny",
        ]
    );
    let denied = ask(&mut r, &[("ActionNames.member.1", "s3:DeleteObject")]);
    assert_eq!((text(&denied, "SourcePolicyId"), text(&denied, "Line")), ("PolicyInputList.1".into(), "5".into()));
    assert_eq!(texts(&denied, "SourcePolicyId").len(), 1);
    let missing = ask(&mut r, &[("ActionNames.member.1", "ec2:RunInstances")]);
    assert_eq!(text(&missing, "EvalDecision"), "implicitDeny");
    assert!(
        missing.contains("<MissingContextValues><member>aws:PrincipalTag/Region</member><member>ec2:Region</member>"),
        "{missing}"
    );
    let entry = |n: u8, name: &'static str| {
        let key = |what: &str| format!("ContextEntries.member.{n}.{what}");
        [(key("ContextKeyName"), name), (key("ContextKeyType"), "string"), (key("ContextKeyValues.member.1"), "us-east-1")]
    };
    let entries = [entry(1, "ec2:Region"), entry(2, "aws:PrincipalTag/Region")].concat();
    let mut pairs: Vec<(&str, &str)> = entries.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    pairs.push(("ActionNames.member.1", "ec2:RunInstances"));
    let given = ask(&mut r, &pairs);
    assert_eq!(text(&given, "EvalDecision"), "allowed");
    assert!(texts(&given, "MissingContextValues").iter().all(String::is_empty));
    pairs.push((
        "PermissionsBoundaryPolicyInputList.member.1",
        r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#,
    ));
    let bounded = ask(&mut r, &pairs);
    assert_eq!(
        (text(&bounded, "EvalDecision"), text(&bounded, "AllowedByPermissionsBoundary")),
        ("implicitDeny".into(), "false".into())
    );
    let page = ask(&mut r, &[("ActionNames.member.1", "a:b"), ("ActionNames.member.2", "a:c"), ("MaxItems", "1")]);
    assert_eq!(texts(&page, "EvalActionName"), ["a:b"]);
    let marker = text(&page, "Marker");
    let page = ask(&mut r, &[("ActionNames.member.1", "a:b"), ("ActionNames.member.2", "a:c"), ("Marker", &marker)]);
    assert_eq!(texts(&page, "EvalActionName"), ["a:c"]);
    let keys = r.ok("GetContextKeysForCustomPolicy", &[("PolicyInputList.member.1", POLICY)]);
    assert!(keys.contains("<member>aws:PrincipalTag/Region</member><member>ec2:Region</member>"), "{keys}");
    let base = ("PolicyInputList.member.1", POLICY);
    r.must_refuse(&[
        ("SimulateCustomPolicy", &[base, ("ActionNames.member.1", "nonsense")], "InvalidInput", 400),
        ("SimulateCustomPolicy", &[("PolicyInputList.member.1", "{}"), ("ActionNames.member.1", "a:b")], "InvalidInput", 400),
        (
            "SimulateCustomPolicy",
            &[base, ("ActionNames.member.1", "a:b"), ("ResourceHandlingOption", "EC2-VPC")],
            "UnsupportedOperation",
            400,
        ),
        (
            "SimulateCustomPolicy",
            &[
                base,
                ("ActionNames.member.1", "a:b"),
                (
                    "ResourcePolicy",
                    r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b"}}"#,
                ),
            ],
            "InvalidInput",
            400,
        ),
    ]);
}

#[test]
fn principals_policies() {
    let mut r = region();
    r.ok("CreateUser", &[("UserName", "a"), ("Tags.member.1.Key", "Region"), ("Tags.member.1.Value", "us-east-1")]);
    r.ok("CreateGroup", &[("GroupName", "g")]);
    r.ok("AddUserToGroup", &[("GroupName", "g"), ("UserName", "a")]);
    r.ok("PutGroupPolicy", &[("GroupName", "g"), ("PolicyName", "p"), ("PolicyDocument", POLICY)]);
    r.ok("AttachUserPolicy", &[("UserName", "a"), ("PolicyArn", "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")]);
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/a");
    let source = ("PolicySourceArn", arn.as_str());
    for (action, decision, by) in [
        ("ec2:DescribeInstances", "allowed", "AmazonEC2ReadOnlyAccess"),
        ("s3:DeleteObject", "explicitDeny", "group_g_p"),
        ("iam:CreateUser", "implicitDeny", ""),
    ] {
        let reply = r.ok("SimulatePrincipalPolicy", &[source, ("ActionNames.member.1", action)]);
        assert_eq!(text(&reply, "EvalDecision"), decision, "{action}");
        assert_eq!(texts(&reply, "SourcePolicyId").first().map_or("", |s| s), by, "{action}");
    }
    let with_region = [
        source,
        ("ActionNames.member.1", "ec2:RunInstances"),
        ("ContextEntries.member.1.ContextKeyName", "ec2:Region"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "us-east-1"),
    ];
    assert_eq!(text(&r.ok("SimulatePrincipalPolicy", &with_region), "EvalDecision"), "allowed");
    // A bucket policy that names the user is enough.
    let bucket = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{arn}"}},"Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}}}}"#
    );
    let reply = r.ok(
        "SimulatePrincipalPolicy",
        &[
            source,
            ("ActionNames.member.1", "s3:PutObject"),
            ("ResourceArns.member.1", "arn:aws:s3:::b/k"),
            ("ResourcePolicy", &bucket),
        ],
    );
    assert_eq!((text(&reply, "EvalDecision"), text(&reply, "SourcePolicyType")), ("allowed".into(), "Resource Policy".into()));
    let group = format!("arn:aws:iam::{ACCOUNT}:group/g");
    let keys = r.ok("GetContextKeysForPrincipalPolicy", &[("PolicySourceArn", &group)]);
    assert!(keys.contains("ec2:Region"));
    r.role("ro");
    let role = format!("arn:aws:iam::{ACCOUNT}:role/ro");
    let reply = r.ok("SimulatePrincipalPolicy", &[("PolicySourceArn", &role), ("ActionNames.member.1", "ec2:RunInstances")]);
    assert_eq!(text(&reply, "EvalDecision"), "implicitDeny");
    let none = format!("arn:aws:iam::{ACCOUNT}:user/none");
    r.must_refuse(&[(
        "SimulatePrincipalPolicy",
        &[("PolicySourceArn", &none), ("ActionNames.member.1", "a:b")],
        "NoSuchEntity",
        404,
    )]);
}
