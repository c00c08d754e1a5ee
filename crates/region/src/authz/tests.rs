//! Resource-level permissions and condition keys on real rows, through the real dispatcher.

use crate::context::{Ctx, OpError, ReplayRng, testing};
use crate::dispatch;
use crate::ec2::testing::{Harness, harness, ok, text};
use ::iam::{Bundle, Directory};
use aws_protocol::{AwsError, Form};
use std::sync::Arc;
use wire::identity::{Attached, Entity, EntityKind, Part, Principal};

pub(super) const ACCOUNT: &str = "123456789012";
/// Codes that mean "you may not".
pub(super) const DENIALS: [&str; 3] = ["UnauthorizedOperation", "AccessDenied", "AccessDeniedException"];

/// The user `walker` with one inline policy of these statements.
pub(super) fn user(statements: &str) -> (Principal, Bundle) {
    let mut directory = Directory::default();
    let document: Arc<str> = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#).into();
    ::iam::Policy::parse(&document, ::iam::PolicyKind::Identity).unwrap_or_else(|e| panic!("{document}: {e:?}"));
    let entity = Entity {
        id: "AIDAWALKER".into(),
        arn: format!("arn:aws:iam::{ACCOUNT}:user/walker"),
        name: "walker".into(),
        kind: EntityKind::User,
        tags: [("team".to_owned(), "blue".to_owned())].into(),
        policies: vec![Attached { name: "p".into(), document: 0 }],
        boundary: None,
        keys: Vec::new(),
        devices: Vec::new(),
    };
    let account = ACCOUNT.parse().unwrap();
    directory.put(Part { name: "p".into(), account, entities: vec![entity], documents: vec![document] });
    let caller = directory.get("AIDAWALKER").and_then(|i| i.caller()).unwrap();
    let bundle = directory.bundle(&caller).unwrap();
    (caller, bundle)
}

type Outcome = Option<Result<String, AwsError>>;

/// Nothing of what it changes is kept. None: it went as far as to ask a cell.
pub(super) fn run(h: &mut Harness, who: &(Principal, Bundle), service: &str, action: &str, body: &str) -> Outcome {
    let outcome = attempt(h, who, service, action, body);
    h.db.rollback();
    outcome
}

/// Must succeed, and is kept.
pub(super) fn keep(h: &mut Harness, who: &(Principal, Bundle), service: &str, action: &str, body: &str) -> String {
    let outcome = attempt(h, who, service, action, body);
    h.db.take_mutations();
    outcome.unwrap_or_else(|| panic!("{action} asks a cell")).unwrap_or_else(|e| panic!("{action}: {e}"))
}

fn attempt(h: &mut Harness, who: &(Principal, Bundle), service: &str, action: &str, body: &str) -> Outcome {
    let (mut rng, table) = (ReplayRng::new(), crate::operations());
    let who = testing::who(&who.0, &who.1);
    let mut ctx = Ctx::new(&mut h.db, who, h.now, &h.settings, "req-1", &mut rng, &h.answers);
    let outcome = if body.starts_with('{') {
        dispatch::run_json(&table, &mut ctx, service, &format!("T.{action}"), body.as_bytes())
    } else {
        let form = Form::parse(format!("Action={action}&Version=1&{body}").as_bytes()).unwrap();
        dispatch::run_form(&table, &mut ctx, service, &form)
    };
    let traced = ctx.traces.iter().all(|t| t.allowed);
    match outcome {
        Ok(reply) => {
            assert!(traced, "{action} went on after a No");
            Some(Ok(reply.body))
        }
        Err(OpError::Aws(e)) => Some(Err(e)),
        Err(OpError::Ask(_)) => None,
    }
}

pub(super) fn denied(h: &mut Harness, who: &(Principal, Bundle), service: &str, action: &str, body: &str) -> bool {
    matches!(run(h, who, service, action, body), Some(Err(e)) if DENIALS.contains(&e.code.as_ref()))
}

struct World {
    h: Harness,
    vpc: String,
    subnets: Vec<String>,
    group: String,
}

/// The default VPC; the group `web` with the tag team=blue; the elastic address and the key `k`.
fn world() -> World {
    let mut h = harness();
    let vpc = text(&ok(&mut h, "CreateDefaultVpc", ""), "vpcId");
    let reply = ok(&mut h, "DescribeSubnets", "");
    let subnets = crate::ec2::testing::texts(&reply, "subnetId");
    let group = text(
        &ok(
            &mut h,
            "CreateSecurityGroup",
            "GroupName=web&GroupDescription=d&TagSpecification.1.ResourceType=security-group&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value=blue",
        ),
        "groupId",
    );
    ok(&mut h, "CreateKeyPair", "KeyName=k&KeyType=ed25519");
    World { h, vpc, subnets, group }
}

fn allow(action: &str, resource: &str, condition: &str) -> String {
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{{{condition}}}"#) };
    format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"{condition}}}"#)
}

fn deny(action: &str, resource: &str, condition: &str) -> String {
    allow(action, resource, condition).replace("Allow", "Deny")
}

const ARN: &str = "arn:aws:ec2:us-east-1:123456789012:";
const LAUNCH: &str = "ImageId=ami-micro&InstanceType=t3.micro&MinCount=1&MaxCount=1";

#[test]
fn resources_and_condition_keys_of_ec2() {
    let World { mut h, vpc, subnets, group } = world();
    let (a, b) = (subnets[0].as_str(), subnets[1].as_str());
    let all = allow("ec2:*", "*", "");
    let tagged = "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value=blue";
    let but_instances = format!(
        r#"{{"Effect":"Allow","Action":"ec2:RunInstances","NotResource":"{ARN}instance/*"}},{}"#,
        allow(
            "ec2:RunInstances",
            &format!("{ARN}instance/*"),
            r#""StringEquals":{"aws:RequestTag/team":"blue"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}"#
        )
    );
    let creation = allow("ec2:CreateTags", &format!("{ARN}instance/*"), r#""StringEquals":{"ec2:CreateAction":"RunInstances"}"#);
    let launch_in = |subnet: &str| format!("{LAUNCH}&SubnetId={subnet}");
    let rows: Vec<(&str, String, &str, String, bool)> = vec![
        ("everything", all.clone(), "RunInstances", LAUNCH.into(), true),
        ("nothing", allow("ec2:Describe*", "*", ""), "RunInstances", LAUNCH.into(), false),
        // Each resource of a launch is asked.
        (
            "no image",
            format!("{all},{}", deny("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/*", "")),
            "RunInstances",
            LAUNCH.into(),
            false,
        ),
        (
            "no volume",
            format!("{all},{}", deny("ec2:RunInstances", &format!("{ARN}volume/*"), "")),
            "RunInstances",
            LAUNCH.into(),
            false,
        ),
        (
            "no interface",
            format!("{all},{}", deny("ec2:RunInstances", &format!("{ARN}network-interface/*"), "")),
            "RunInstances",
            LAUNCH.into(),
            false,
        ),
        (
            "no group",
            format!("{all},{}", deny("ec2:RunInstances", &format!("{ARN}security-group/*"), "")),
            "RunInstances",
            LAUNCH.into(),
            false,
        ),
        (
            "no key, none named",
            format!("{all},{}", deny("ec2:RunInstances", &format!("{ARN}key-pair/*"), "")),
            "RunInstances",
            LAUNCH.into(),
            true,
        ),
        (
            "no key",
            format!("{all},{}", deny("ec2:RunInstances", &format!("{ARN}key-pair/k"), "")),
            "RunInstances",
            format!("{LAUNCH}&KeyName=k"),
            false,
        ),
        // The subnets that it may come to be in.
        (
            "this subnet",
            format!("{all},{}", deny("ec2:RunInstances", &format!("{ARN}subnet/{a}"), "")),
            "RunInstances",
            launch_in(a),
            false,
        ),
        (
            "another subnet",
            format!("{all},{}", deny("ec2:RunInstances", &format!("{ARN}subnet/{a}"), "")),
            "RunInstances",
            launch_in(b),
            true,
        ),
        (
            "any subnet",
            format!("{all},{}", deny("ec2:RunInstances", &format!("{ARN}subnet/{a}"), "")),
            "RunInstances",
            LAUNCH.into(),
            false,
        ),
        (
            "interface's subnet",
            format!("{all},{}", deny("ec2:RunInstances", "*", &format!(r#""ArnEquals":{{"ec2:Subnet":"{ARN}subnet/{a}"}}"#))),
            "RunInstances",
            launch_in(a),
            false,
        ),
        (
            "interface's vpc",
            format!(
                "{all},{}",
                deny(
                    "ec2:RunInstances",
                    &format!("{ARN}network-interface/*"),
                    &format!(r#""ArnNotEquals":{{"ec2:Vpc":"{ARN}vpc/{vpc}"}}"#)
                )
            ),
            "RunInstances",
            launch_in(a),
            true,
        ),
        (
            "type",
            format!(
                "{all},{}",
                deny("ec2:RunInstances", &format!("{ARN}instance/*"), r#""StringNotEquals":{"ec2:InstanceType":"t3.micro"}"#)
            ),
            "RunInstances",
            LAUNCH.into(),
            true,
        ),
        (
            "wrong type",
            format!(
                "{all},{}",
                deny("ec2:RunInstances", &format!("{ARN}instance/*"), r#""StringNotEquals":{"ec2:InstanceType":"t3.nano"}"#)
            ),
            "RunInstances",
            LAUNCH.into(),
            false,
        ),
        (
            "tokens required",
            format!(
                "{all},{}",
                deny(
                    "ec2:RunInstances",
                    &format!("{ARN}instance/*"),
                    r#""StringNotEquals":{"ec2:MetadataHttpTokens":"required"}"#
                )
            ),
            "RunInstances",
            LAUNCH.into(),
            false,
        ),
        (
            "tokens required, and are",
            format!(
                "{all},{}",
                deny(
                    "ec2:RunInstances",
                    &format!("{ARN}instance/*"),
                    r#""StringNotEquals":{"ec2:MetadataHttpTokens":"required"}"#
                )
            ),
            "RunInstances",
            format!("{LAUNCH}&MetadataOptions.HttpTokens=required"),
            true,
        ),
        (
            "volume size",
            format!(
                "{all},{}",
                deny("ec2:RunInstances", &format!("{ARN}volume/*"), r#""NumericGreaterThan":{"ec2:VolumeSize":"10"}"#)
            ),
            "RunInstances",
            format!("{LAUNCH}&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.VolumeSize=11"),
            false,
        ),
        (
            "region",
            format!("{all},{}", deny("ec2:*", "*", r#""StringNotEquals":{"aws:RequestedRegion":"us-east-1"}"#)),
            "RunInstances",
            LAUNCH.into(),
            true,
        ),
        // Tags at creation.
        ("tag missing", but_instances.clone(), "RunInstances", LAUNCH.into(), false),
        ("tag given, may not tag", but_instances.clone(), "RunInstances", format!("{LAUNCH}&{tagged}"), false),
        ("tag given, may tag", format!("{but_instances},{creation}"), "RunInstances", format!("{LAUNCH}&{tagged}"), true),
        (
            "a further tag",
            format!("{but_instances},{creation}"),
            "RunInstances",
            format!("{LAUNCH}&{tagged}&TagSpecification.1.Tag.2.Key=x&TagSpecification.1.Tag.2.Value=y"),
            false,
        ),
        (
            "tags only at creation",
            creation.clone(),
            "CreateTags",
            "ResourceId.1=i-0123456789abcdef0&Tag.1.Key=team&Tag.1.Value=blue".into(),
            false,
        ),
        // Tags of what exists.
        (
            "own team's group",
            allow("ec2:*", "*", r#""StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}"#),
            "DeleteSecurityGroup",
            format!("GroupId={group}"),
            true,
        ),
        (
            "own team's group, by name",
            allow("ec2:*", "*", r#""StringEquals":{"ec2:ResourceTag/team":"blue"}"#),
            "DeleteSecurityGroup",
            "GroupName=web".into(),
            true,
        ),
        (
            "not tagged",
            allow("ec2:*", "*", r#""StringEquals":{"ec2:ResourceTag/team":"blue"}"#),
            "DeleteSubnet",
            format!("SubnetId={a}"),
            false,
        ),
        (
            "group by arn",
            allow("ec2:AuthorizeSecurityGroupIngress", &format!("{ARN}security-group/{group}"), ""),
            "AuthorizeSecurityGroupIngress",
            format!("GroupId={group}&IpProtocol=tcp&FromPort=1&ToPort=1&CidrIp=10.0.0.0/8"),
            true,
        ),
        (
            "group of a vpc",
            allow("ec2:AuthorizeSecurityGroupIngress", "*", &format!(r#""ArnEquals":{{"ec2:Vpc":"{ARN}vpc/{vpc}"}}"#)),
            "AuthorizeSecurityGroupIngress",
            format!("GroupId={group}&IpProtocol=tcp&FromPort=1&ToPort=1&CidrIp=10.0.0.0/8"),
            true,
        ),
        (
            "tag keys",
            allow("ec2:CreateTags", "*", r#""ForAllValues:StringEquals":{"aws:TagKeys":["a"]}"#),
            "CreateTags",
            format!("ResourceId.1={group}&Tag.1.Key=a&Tag.1.Value=1"),
            true,
        ),
        (
            "other tag keys",
            allow("ec2:CreateTags", "*", r#""ForAllValues:StringEquals":{"aws:TagKeys":["a"]}"#),
            "CreateTags",
            format!("ResourceId.1={group}&Tag.1.Key=b&Tag.1.Value=1"),
            false,
        ),
        (
            "one of two resources",
            allow("ec2:CreateTags", &format!("{ARN}security-group/*"), ""),
            "CreateTags",
            format!("ResourceId.1={group}&ResourceId.2={a}&Tag.1.Key=b&Tag.1.Value=1"),
            false,
        ),
        ("key by id", allow("ec2:DeleteKeyPair", &format!("{ARN}key-pair/k"), ""), "DeleteKeyPair", "KeyName=k".into(), true),
        (
            "attribute",
            allow(
                "ec2:ModifyVpcAttribute",
                "*",
                r#""StringEquals":{"ec2:Attribute":"EnableDnsSupport","ec2:Attribute/EnableDnsSupport":"true"}"#,
            ),
            "ModifyVpcAttribute",
            format!("VpcId={vpc}&EnableDnsSupport.Value=true"),
            true,
        ),
        (
            "attribute's value",
            allow("ec2:ModifyVpcAttribute", "*", r#""StringEquals":{"ec2:Attribute/EnableDnsSupport":"true"}"#),
            "ModifyVpcAttribute",
            format!("VpcId={vpc}&EnableDnsSupport.Value=false"),
            false,
        ),
        // Lists have no resources.
        (
            "list on a resource",
            allow("ec2:DescribeInstances", &format!("{ARN}instance/*"), ""),
            "DescribeInstances",
            String::new(),
            false,
        ),
        ("list", allow("ec2:DescribeInstances", "*", ""), "DescribeInstances", String::new(), true),
    ];
    for (name, statements, action, body, want) in rows {
        let outcome = run(&mut h, &user(&statements), "ec2", action, &body);
        match (&outcome, want) {
            (None | Some(Ok(_)), true) => {}
            (Some(Err(e)), false) if e.is("UnauthorizedOperation") => {}
            _ => panic!("{name}: {outcome:?}"),
        }
    }
}

#[test]
fn only_who_may_ask_learns_what_exists() {
    let World { mut h, .. } = world();
    let body = "InstanceId.1=i-0123456789abcdef0";
    let mut code = |statements: &str, body: &str| match run(&mut h, &user(statements), "ec2", "TerminateInstances", body) {
        Some(Err(e)) => e,
        other => panic!("{other:?}"),
    };
    let e = code(&allow("ec2:Describe*", "*", ""), body);
    assert_eq!((e.code.as_ref(), e.status), ("UnauthorizedOperation", 403));
    assert_eq!(
        e.message,
        "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/walker is not authorized to \
         perform: ec2:TerminateInstances on resource: arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0 because \
         no identity-based policy allows the ec2:TerminateInstances action"
    );
    assert_eq!(code(&allow("ec2:TerminateInstances", &format!("{ARN}instance/*"), ""), body).code, "InvalidInstanceID.NotFound");
    let e = code(&format!("{},{}", allow("*", "*", ""), deny("ec2:T*", "*", "")), body);
    assert!(e.message.ends_with("with an explicit deny in an identity-based policy"), "{}", e.message);
    // A dry run says whether one may.
    let mut dry = |statements: &str| code(statements, &format!("{body}&DryRun=true")).code.into_owned();
    assert_eq!(dry(&allow("ec2:Describe*", "*", "")), "UnauthorizedOperation");
}

/// A remembered reply is not given to somebody who may not ask for it.
#[test]
fn client_tokens_are_no_way_around() {
    let World { mut h, .. } = world();
    let one = &user(&allow("ec2:*", "*", ""));
    let (action, body) = ("CreateRouteTable", text(&ok(&mut h, "DescribeVpcs", ""), "vpcId"));
    let body = format!("VpcId={body}&ClientToken=t1");
    let reply = keep(&mut h, one, "ec2", action, &body);
    assert_eq!(run(&mut h, one, "ec2", action, &body).unwrap().unwrap(), reply, "it is remembered");
    assert!(denied(&mut h, &user(&allow("ec2:Describe*", "*", "")), "ec2", action, &body));
}

#[test]
fn resources_and_condition_keys_of_iam() {
    let mut h = harness();
    let root = crate::ec2::testing::principal(ACCOUNT);
    let root = (root.clone(), Bundle::of(::iam::caller::principal(&root)));
    ok(&mut h, "CreateDefaultVpc", "");
    let trust = "AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
    for (action, body) in [
        ("CreateUser", "UserName=ann&Path=/team/&Tags.member.1.Key=team&Tags.member.1.Value=blue"),
        ("CreateUser", "UserName=bob"),
        ("CreateRole", &format!("RoleName=web&Path=/app/&{trust}")),
        ("CreateInstanceProfile", "InstanceProfileName=web"),
        ("AddRoleToInstanceProfile", "InstanceProfileName=web&RoleName=web"),
    ] {
        keep(&mut h, &root, "iam", action, body);
    }
    const IAM: &str = "arn:aws:iam::123456789012:";
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let all = allow("*", "*", "");
    let boundary = allow("iam:CreateUser", "*", &format!(r#""ArnEquals":{{"iam:PermissionsBoundary":"{read_only}"}}"#));
    let attach = allow("iam:AttachUserPolicy", "*", &format!(r#""ArnEquals":{{"iam:PolicyARN":"{read_only}"}}"#));
    let launch = format!("{LAUNCH}&IamInstanceProfile.Name=web");
    let ec2 = allow("ec2:*", "*", "");
    let pass = |condition: &str| format!("{ec2},{}", allow("iam:PassRole", &format!("{IAM}role/app/web"), condition));
    let rows: Vec<(&str, String, &str, &str, String, bool)> = vec![
        ("by path", allow("iam:GetUser", &format!("{IAM}user/team/*"), ""), "iam", "GetUser", "UserName=ann".into(), true),
        ("another path", allow("iam:GetUser", &format!("{IAM}user/team/*"), ""), "iam", "GetUser", "UserName=bob".into(), false),
        ("without case", allow("iam:GetUser", &format!("{IAM}user/team/ann"), ""), "iam", "GetUser", "UserName=ANN".into(), true),
        (
            "a new path",
            allow("iam:CreateUser", &format!("{IAM}user/team/*"), ""),
            "iam",
            "CreateUser",
            "UserName=eve&Path=/team/".into(),
            true,
        ),
        (
            "a new path elsewhere",
            allow("iam:CreateUser", &format!("{IAM}user/team/*"), ""),
            "iam",
            "CreateUser",
            "UserName=eve".into(),
            false,
        ),
        (
            "moved away",
            allow("iam:UpdateUser", &format!("{IAM}user/team/*"), ""),
            "iam",
            "UpdateUser",
            "UserName=ann&NewPath=/".into(),
            false,
        ),
        (
            "renamed",
            allow("iam:UpdateUser", &format!("{IAM}user/team/*"), ""),
            "iam",
            "UpdateUser",
            "UserName=ann&NewUserName=anna".into(),
            true,
        ),
        (
            "oneself",
            allow("iam:ListAccessKeys", &format!("{IAM}user/${{aws:username}}"), ""),
            "iam",
            "ListAccessKeys",
            String::new(),
            true,
        ),
        (
            "somebody else",
            allow("iam:ListAccessKeys", &format!("{IAM}user/${{aws:username}}"), ""),
            "iam",
            "ListAccessKeys",
            "UserName=bob".into(),
            false,
        ),
        ("a list by path", allow("iam:ListUsers", &format!("{IAM}user/*"), ""), "iam", "ListUsers", String::new(), true),
        (
            "tagged",
            allow("iam:DeleteUser", "*", r#""StringEquals":{"iam:ResourceTag/team":"${aws:PrincipalTag/team}"}"#),
            "iam",
            "GetUser",
            "UserName=ann".into(),
            false,
        ),
        (
            "tagged, this action",
            allow("iam:TagUser", "*", r#""StringEquals":{"iam:ResourceTag/team":"${aws:PrincipalTag/team}"}"#),
            "iam",
            "TagUser",
            "UserName=ann&Tags.member.1.Key=a&Tags.member.1.Value=1".into(),
            true,
        ),
        (
            "not tagged",
            allow("iam:TagUser", "*", r#""StringEquals":{"aws:ResourceTag/team":"blue"}"#),
            "iam",
            "TagUser",
            "UserName=bob&Tags.member.1.Key=a&Tags.member.1.Value=1".into(),
            false,
        ),
        (
            "tag keys",
            allow("iam:UntagUser", "*", r#""ForAllValues:StringEquals":{"aws:TagKeys":["a"]}"#),
            "iam",
            "UntagUser",
            "UserName=ann&TagKeys.member.1=team".into(),
            false,
        ),
        ("boundary", boundary.clone(), "iam", "CreateUser", format!("UserName=eve&PermissionsBoundary={read_only}"), true),
        ("no boundary", boundary.clone(), "iam", "CreateUser", "UserName=eve".into(), false),
        ("policy", attach.clone(), "iam", "AttachUserPolicy", format!("UserName=bob&PolicyArn={read_only}"), true),
        (
            "another policy",
            attach,
            "iam",
            "AttachUserPolicy",
            "UserName=bob&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess".into(),
            false,
        ),
        (
            "service-linked",
            allow(
                "iam:CreateServiceLinkedRole",
                &format!("{IAM}role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot*"),
                r#""StringLike":{"iam:AWSServiceName":"spot.amazonaws.com"}"#,
            ),
            "iam",
            "CreateServiceLinkedRole",
            "AWSServiceName=spot.amazonaws.com".into(),
            true,
        ),
        // Passing a role.
        ("launch with a role", all.clone(), "ec2", "RunInstances", launch.clone(), true),
        ("may not pass it", ec2.clone(), "ec2", "RunInstances", launch.clone(), false),
        ("may pass it", pass(""), "ec2", "RunInstances", launch.clone(), true),
        (
            "to this service",
            pass(r#""StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#),
            "ec2",
            "RunInstances",
            launch.clone(),
            true,
        ),
        (
            "to another",
            pass(r#""StringEquals":{"iam:PassedToService":"ecs.amazonaws.com"}"#),
            "ec2",
            "RunInstances",
            launch.clone(),
            false,
        ),
        (
            "which profile",
            format!(
                "{all},{}",
                deny(
                    "ec2:RunInstances",
                    &format!("{ARN}instance/*"),
                    &format!(r#""ArnEquals":{{"ec2:InstanceProfile":"{IAM}instance-profile/web"}}"#)
                )
            ),
            "ec2",
            "RunInstances",
            launch,
            false,
        ),
        (
            "into a profile",
            allow("iam:AddRoleToInstanceProfile", "*", ""),
            "iam",
            "AddRoleToInstanceProfile",
            "InstanceProfileName=web&RoleName=web".into(),
            false,
        ),
        // Other services.
        (
            "parameter",
            allow("ssm:GetParameter", "arn:aws:ssm:us-east-1::parameter/aws/service/*", ""),
            "ssm",
            "GetParameter",
            r#"{"Name":"/aws/service/stratocell/micro/latest"}"#.into(),
            true,
        ),
        (
            "one's own parameter",
            allow("ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/a/b", ""),
            "ssm",
            "GetParameter",
            r#"{"Name":"/a/b:3"}"#.into(),
            true,
        ),
        (
            "every parameter",
            allow("ssm:GetParameters", "arn:aws:ssm:us-east-1:123456789012:parameter/a/*", ""),
            "ssm",
            "GetParameters",
            r#"{"Names":["/a/b","/c"]}"#.into(),
            false,
        ),
        ("who am I", deny("*", "*", ""), "sts", "GetCallerIdentity", String::new(), true),
    ];
    for (name, statements, service, action, body, want) in rows {
        let outcome = run(&mut h, &user(&statements), service, action, &body);
        let let_in = !matches!(&outcome, Some(Err(e)) if DENIALS.contains(&e.code.as_ref()));
        assert_eq!(let_in, want, "{name}: {outcome:?}");
    }
}

/// A launch is asked about with what its template says, and a template cannot be had around.
#[test]
fn a_launch_from_a_template() {
    let World { mut h, .. } = world();
    let made = ok(
        &mut h,
        "CreateLaunchTemplate",
        "LaunchTemplateName=web&LaunchTemplateData.ImageId=ami-micro&LaunchTemplateData.InstanceType=t3.small",
    );
    let id = text(&made, "launchTemplateId");
    let all = allow("*", "*", "");
    let only_small =
        deny("ec2:RunInstances", &format!("{ARN}instance/*"), r#""StringNotEquals":{"ec2:InstanceType":"t3.small"}"#);
    let as_it_says = deny("ec2:RunInstances", "*", r#""Bool":{"ec2:IsLaunchTemplateResource":"false"}"#);
    let from_web = allow(
        "ec2:RunInstances",
        "*",
        &format!(
            r#""ArnLike":{{"ec2:LaunchTemplate":"{ARN}launch-template/{id}"}},"Bool":{{"ec2:IsLaunchTemplateResource":"true"}}"#
        ),
    );
    let by_name = "MinCount=1&MaxCount=1&LaunchTemplate.LaunchTemplateName=web";
    let fleet = "Type=instant&TargetCapacitySpecification.TotalTargetCapacity=1\
        &TargetCapacitySpecification.DefaultTargetCapacityType=on-demand\
        &LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName=web\
        &LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=1";
    let only_fleets = allow("ec2:CreateFleet", "*", "");
    for (name, statements, action, body, may) in [
        ("the type is the template's", format!("{all},{only_small}"), "RunInstances", by_name.to_owned(), true),
        (
            "the type is another one",
            format!("{all},{only_small}"),
            "RunInstances",
            format!("{by_name}&InstanceType=t3.micro"),
            false,
        ),
        ("as it says", format!("{all},{as_it_says}"), "RunInstances", by_name.to_owned(), true),
        ("another image", format!("{all},{as_it_says}"), "RunInstances", format!("{by_name}&ImageId=ami-micro"), false),
        ("without it", format!("{all},{as_it_says}"), "RunInstances", LAUNCH.to_owned(), false),
        ("this template", from_web.clone(), "RunInstances", by_name.to_owned(), true),
        ("user data beside it", from_web.clone(), "RunInstances", format!("{by_name}&UserData=aGk="), false),
        ("no template", from_web, "RunInstances", LAUNCH.to_owned(), false),
        ("may make fleets, not run instances", only_fleets.clone(), "CreateFleet", fleet.to_owned(), false),
        ("may do both", format!("{only_fleets},{}", allow("ec2:RunInstances", "*", "")), "CreateFleet", fleet.to_owned(), true),
    ] {
        assert_eq!(denied(&mut h, &user(&statements), "ec2", action, &body), !may, "{name}");
    }
}
