//! Policies as people write them, after the examples of the IAM and S3 user guides, with what those say happens.

use iam::{Context, Policy, PolicyKind, PolicySet, Principal, Request, Rule, evaluate};
use std::sync::Arc;

const ACCOUNT: &str = "123456789012";

struct World {
    who: Principal,
    identity: Vec<Arc<Policy>>,
    boundary: Option<Policy>,
    resource: Option<Policy>,
    owner: &'static str,
}

fn user(name: &str) -> Principal {
    Principal::user(&ACCOUNT.parse().unwrap(), "/", name, "AIDAEXAMPLE123456789")
}

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#)
}

fn world(who: Principal, identity: &str, resource: &str) -> World {
    let parse = |text: &str, kind| Policy::parse(&document(text), kind).unwrap();
    World {
        who,
        identity: (!identity.is_empty()).then(|| Arc::new(parse(identity, PolicyKind::Identity))).into_iter().collect(),
        boundary: None,
        resource: (!resource.is_empty()).then(|| parse(resource, PolicyKind::Resource)),
        owner: ACCOUNT,
    }
}

impl World {
    fn may(&self, action: &str, resource: &str, keys: &[(&str, &str)]) -> bool {
        let mut context = Context::of(&self.who);
        for (key, values) in keys {
            context.set_many(key, values.split('|'));
        }
        let set = PolicySet {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            resource: self.resource.as_ref(),
            ..PolicySet::default()
        };
        let request = Request { principal: &self.who, action, resource, resource_account: Some(self.owner), context: &context };
        evaluate(&set, &request).is_allowed()
    }
}

/// "Example identity-based and resource-based policy evaluation".
#[test]
fn carlos_and_the_logs() {
    let identity = r#"[
        {"Sid":"AllowS3ListRead","Effect":"Allow","Action":["s3:GetBucketLocation","s3:ListAllMyBuckets"],"Resource":"arn:aws:s3:::*"},
        {"Sid":"AllowS3Self","Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::carlossalazar/*","arn:aws:s3:::carlossalazar"]},
        {"Sid":"DenyS3Logs","Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*log*"}]"#;
    let bucket = r#"[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/carlossalazar"},"Action":"s3:*",
        "Resource":["arn:aws:s3:::carlossalazar/*","arn:aws:s3:::carlossalazar"]}]"#;
    let w = world(user("carlossalazar"), identity, bucket);
    assert!(!w.may("s3:PutObject", "arn:aws:s3:::carlossalazar-logs/f", &[]));
    assert!(w.may("s3:PutObject", "arn:aws:s3:::carlossalazar/f", &[]));
    assert!(!w.may("s3:PutObject", "arn:aws:s3:::carlossalazar/catalog", &[]));
    assert!(!w.may("s3:PutObject", "arn:aws:s3:::other/f", &[]));
    assert!(world(user("carlossalazar"), "", bucket).may("s3:PutObject", "arn:aws:s3:::carlossalazar/f", &[]));
}

/// "Permissions boundaries for IAM entities".
#[test]
fn shirley_cannot_create_users() {
    let identity = r#"{"Effect":"Allow","Action":["iam:CreateUser","s3:GetObject"],"Resource":"*"}"#;
    let boundary = r#"[{"Effect":"Allow","Action":["s3:*","cloudwatch:*","ec2:*"],"Resource":"*"}]"#;
    let mut w = world(user("ShirleyRodriguez"), identity, "");
    assert!(w.may("iam:CreateUser", "arn:aws:iam::123456789012:user/x", &[]));
    w.boundary = Some(Policy::parse(&document(boundary), PolicyKind::Identity).unwrap());
    assert!(!w.may("iam:CreateUser", "arn:aws:iam::123456789012:user/x", &[]));
    assert!(w.may("s3:GetObject", "arn:aws:s3:::b/k", &[]) && !w.may("s3:PutObject", "arn:aws:s3:::b/k", &[]));
}

/// "String condition operators": a home directory for each user.
#[test]
fn home_directories() {
    let identity = r#"[
        {"Effect":"Allow","Action":["s3:ListAllMyBuckets","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::*"},
        {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::data",
         "Condition":{"StringLike":{"s3:prefix":["","home/","home/${aws:username}/"]}}},
        {"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::data/home/${aws:username}","arn:aws:s3:::data/home/${aws:username}/*"]}]"#;
    let w = world(user("ann"), identity, "");
    for (action, resource, prefix, want) in [
        ("s3:ListBucket", "arn:aws:s3:::data", "", true),
        ("s3:ListBucket", "arn:aws:s3:::data", "home/ann/", true),
        ("s3:ListBucket", "arn:aws:s3:::data", "home/bob/", false),
        ("s3:PutObject", "arn:aws:s3:::data/home/ann/x", "", true),
        ("s3:PutObject", "arn:aws:s3:::data/home/bob/x", "", false),
        ("s3:PutObject", "arn:aws:s3:::data/home/annie/x", "", false),
    ] {
        assert_eq!(w.may(action, resource, &[("s3:prefix", prefix)]), want, "{action} {resource} {prefix}");
    }
    assert!(!w.may("s3:ListBucket", "arn:aws:s3:::data", &[]));
}

/// "The Deny that spares one": `aws:PrincipalArn` in place of NotPrincipal.
#[test]
fn everybody_but_one_is_denied() {
    let bucket = r#"[{"Effect":"Deny","Action":"s3:*","Principal":"*","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b"],
        "Condition":{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/ann"}}}]"#;
    let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    assert!(world(user("ann"), all, bucket).may("s3:GetObject", "arn:aws:s3:::b/k", &[]));
    assert!(!world(user("bob"), all, bucket).may("s3:GetObject", "arn:aws:s3:::b/k", &[]));
    let root = Principal::root(&ACCOUNT.parse().unwrap());
    assert!(!world(root, "", bucket).may("s3:GetObject", "arn:aws:s3:::b/k", &[]));
    assert!(!world(Principal::anonymous(), "", bucket).may("s3:GetObject", "arn:aws:s3:::b/k", &[]));
}

/// S3: a public site, TLS only, and uploads of another account that give the owner full control.
#[test]
fn bucket_policies() {
    let bucket = r#"[
        {"Sid":"PublicRead","Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"arn:aws:s3:::site/*"},
        {"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::site/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
        {"Sid":"Uploads","Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::site/up/*",
         "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]"#;
    let (tls, plain) = (("aws:SecureTransport", "true"), ("aws:SecureTransport", "false"));
    let anonymous = world(Principal::anonymous(), "", bucket);
    assert!(anonymous.may("s3:GetObject", "arn:aws:s3:::site/index.html", &[tls]));
    assert!(!anonymous.may("s3:GetObject", "arn:aws:s3:::site/index.html", &[plain]));
    assert!(!anonymous.may("s3:PutObject", "arn:aws:s3:::site/up/x", &[tls]));
    assert!(!anonymous.may("s3:ListBucket", "arn:aws:s3:::site", &[tls]));
    let all = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    let stranger = Principal::user(&"444455556666".parse().unwrap(), "/", "eve", "AIDAEVE4567890123456");
    let full = ("s3:x-amz-acl", "bucket-owner-full-control");
    let w = world(stranger.clone(), all, bucket);
    assert!(w.may("s3:PutObject", "arn:aws:s3:::site/up/x", &[tls, full]));
    assert!(!w.may("s3:PutObject", "arn:aws:s3:::site/up/x", &[tls]));
    assert!(!w.may("s3:PutObject", "arn:aws:s3:::site/x", &[tls, full]));
    assert!(!world(stranger, "", bucket).may("s3:PutObject", "arn:aws:s3:::site/up/x", &[tls, full]));
}

/// "IfExists", "Null", set operators and ARN operators, as the guide uses them.
#[test]
fn conditions_of_other_services() {
    let launch = r#"{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*","Condition":{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*"]}}}"#;
    let w = world(user("ann"), launch, "");
    let instance = "arn:aws:ec2:us-east-1:123456789012:instance/*";
    assert!(w.may("ec2:RunInstances", instance, &[("ec2:InstanceType", "t2.micro")]));
    assert!(!w.may("ec2:RunInstances", instance, &[("ec2:InstanceType", "m5.large")]));
    assert!(w.may("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-1", &[]));

    let own = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"Null":{"aws:TokenIssueTime":"true"}}}"#;
    let w = world(user("ann"), own, "");
    assert!(w.may("ec2:StopInstances", instance, &[]));
    assert!(!w.may("ec2:StopInstances", instance, &[("aws:TokenIssueTime", "2026-01-01T00:00:00Z")]));

    let table = r#"[
        {"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:*:table/Thread",
         "Condition":{"ForAllValues:StringEquals":{"dynamodb:Attributes":["ID","Message","Tags","PostDateTime"]}}},
        {"Effect":"Deny","Action":"dynamodb:PutItem","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"dynamodb:Attributes":["ID","PostDateTime"]}}}]"#;
    let w = world(user("ann"), table, "");
    let thread = "arn:aws:dynamodb:us-east-1:123456789012:table/Thread";
    assert!(w.may("dynamodb:GetItem", thread, &[("dynamodb:Attributes", "ID|Message|Tags")]));
    assert!(!w.may("dynamodb:GetItem", thread, &[("dynamodb:Attributes", "ID|UserName")]));
    assert!(!w.may("dynamodb:PutItem", thread, &[("dynamodb:Attributes", "Message|PostDateTime")]));
    assert!(w.may("dynamodb:PutItem", thread, &[("dynamodb:Attributes", "Message")]));

    let queue = r#"{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"SQS:SendMessage",
        "Resource":"arn:aws:sqs:us-east-1:123456789012:q","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:123456789012:t"}}}"#;
    let w = world(Principal::service("sns.amazonaws.com"), "", queue);
    let q = "arn:aws:sqs:us-east-1:123456789012:q";
    assert!(w.may("sqs:SendMessage", q, &[("aws:SourceArn", "arn:aws:sns:us-east-1:123456789012:t")]));
    assert!(!w.may("sqs:SendMessage", q, &[("aws:SourceArn", "arn:aws:sns:us-east-1:444455556666:t")]));
    assert!(!w.may("sqs:SendMessage", q, &[]));
}

/// Trust policies: another account with an external id, a service, a provider's identity.
#[test]
fn who_may_assume_a_role() {
    let trust = document(
        r#"[
        {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"444455556666"},"Condition":{"StringEquals":{"sts:ExternalId":"12345"}}},
        {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com","AWS":"arn:aws:iam::123456789012:user/ann"}},
        {"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"accounts.google.com"},
         "Condition":{"StringEquals":{"accounts.google.com:aud":"app"}}}]"#,
    );
    let assume = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/*"}"#;
    let stranger = |name| Principal::user(&"444455556666".parse().unwrap(), "/", name, "AIDAEVE4567890123456");
    let id = ("sts:ExternalId", "12345");
    let google = || Principal::federated("accounts.google.com", "u");
    for (who, identity, action, keys, want) in [
        (stranger("eve"), assume, "sts:AssumeRole", vec![id], true),
        (stranger("eve"), "", "sts:AssumeRole", vec![id], false),
        (stranger("eve"), assume, "sts:AssumeRole", vec![("sts:ExternalId", "54321")], false),
        (stranger("eve"), assume, "sts:AssumeRole", vec![], false),
        (user("ann"), "", "sts:AssumeRole", vec![], true),
        (user("bob"), assume, "sts:AssumeRole", vec![], false),
        (Principal::service("ec2.amazonaws.com"), "", "sts:AssumeRole", vec![], true),
        (Principal::service("ecs.amazonaws.com"), "", "sts:AssumeRole", vec![], false),
        (google(), "", "sts:AssumeRoleWithWebIdentity", vec![("accounts.google.com:aud", "app")], true),
        (google(), "", "sts:AssumeRoleWithWebIdentity", vec![("accounts.google.com:aud", "other")], false),
        (google(), "", "sts:AssumeRole", vec![("accounts.google.com:aud", "app")], false),
    ] {
        let w = world(who, identity, "");
        let mut context = Context::of(&w.who);
        keys.iter().for_each(|(k, v)| context.set(k, *v));
        let trust = Policy::parse(&trust, PolicyKind::Trust).unwrap();
        let set =
            PolicySet { identity: &w.identity, resource: Some(&trust), resource_rule: Rule::Required, ..PolicySet::default() };
        let request = Request {
            principal: &w.who,
            action,
            resource: "arn:aws:iam::123456789012:role/r",
            resource_account: Some(ACCOUNT),
            context: &context,
        };
        assert_eq!(evaluate(&set, &request).is_allowed(), want, "{} {action} {keys:?}", w.who.arn);
    }
}
