//! Load balancers: resource-level permissions, tags and the service's own condition keys, through the real dispatcher.

use super::tests::{denied, keep, run, user};
use crate::ec2::testing::{Harness, harness, ok, principal, text, texts};

const SERVICE: &str = "elasticloadbalancing";

fn allow(action: &str, resource: &str, condition: &str) -> String {
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{{{condition}}}"#) };
    format!(r#"{{"Effect":"Allow","Action":"elasticloadbalancing:{action}","Resource":"{resource}"{condition}}}"#)
}

/// The default VPC's subnets, and an application load balancer with the tag team=blue.
fn world() -> (Harness, Vec<String>, String) {
    let mut h = harness();
    ok(&mut h, "CreateDefaultVpc", "");
    let subnets = texts(&ok(&mut h, "DescribeSubnets", ""), "subnetId");
    let root = principal(super::tests::ACCOUNT);
    let root = (root.clone(), ::iam::Bundle::of(::iam::caller::principal(&root)));
    let create = format!(
        "Name=web&Subnets.member.1={}&Subnets.member.2={}&Tags.member.1.Key=team&Tags.member.1.Value=blue",
        subnets[0], subnets[1]
    );
    let reply = keep(&mut h, &root, SERVICE, "CreateLoadBalancer", &create);
    (h, subnets, text(&reply, "LoadBalancerArn"))
}

#[test]
fn names_tags_and_settings_decide() {
    let (mut h, subnets, lb) = world();
    let blue = r#""StringEquals":{"aws:ResourceTag/team":"blue"}"#;
    let own = r#""StringEquals":{"elasticloadbalancing:ResourceTag/team":"red"}"#;
    let https = r#""StringEquals":{"elasticloadbalancing:ListenerProtocol":"HTTPS"}"#;
    let internal = r#""StringEquals":{"elasticloadbalancing:Scheme":"internal"}"#;
    let first = format!(r#""ForAllValues:StringEquals":{{"elasticloadbalancing:Subnet":"{}"}}"#, subnets[0]);
    let app = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/*";
    let net = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/*";
    let named = format!("LoadBalancerArn={lb}");
    let listener = |protocol: &str| format!("{named}&Protocol={protocol}&Port=80");
    let create = "Name=new&Subnets.member.1=subnet-1";
    let two = format!("{named}&Subnets.member.1={}&Subnets.member.2={}", subnets[0], subnets[1]);
    for (action, body, statement, may) in [
        ("DeleteLoadBalancer", named.clone(), allow("*", app, ""), true),
        ("DeleteLoadBalancer", named.clone(), allow("*", net, ""), false),
        ("DeleteLoadBalancer", named.clone(), allow("*", "*", blue), true),
        ("DeleteLoadBalancer", named.clone(), allow("*", "*", own), false),
        ("CreateListener", listener("HTTPS"), allow("CreateListener", app, https), true),
        ("CreateListener", listener("HTTP"), allow("CreateListener", app, https), false),
        ("CreateLoadBalancer", format!("{create}&Scheme=internal"), allow("*", "*", internal), true),
        ("CreateLoadBalancer", create.to_owned(), allow("*", "*", internal), false),
        ("CreateLoadBalancer", create.to_owned(), allow("*", app, ""), false),
        ("CreateLoadBalancer", format!("{create}&Type=network"), allow("*", net, ""), true),
        ("SetSubnets", two.clone(), allow("*", "*", &first), false),
        ("SetSubnets", format!("{named}&Subnets.member.1={}", subnets[0]), allow("*", "*", &first), true),
        ("DescribeLoadBalancers", String::new(), allow("DescribeLoadBalancers", "*", ""), true),
        ("DescribeLoadBalancers", String::new(), allow("DescribeLoadBalancers", app, ""), false),
    ] {
        let who = user(&statement);
        assert_eq!(!denied(&mut h, &who, SERVICE, action, &body), may, "{action} {body} with {statement}");
    }
}

#[test]
fn tags_at_creation_are_asked_for_by_themselves() {
    let (mut h, _, lb) = world();
    let body = format!("LoadBalancerArn={lb}&Protocol=HTTP&Port=80&Tags.member.1.Key=team&Tags.member.1.Value=blue");
    let create = allow("CreateListener", "*", "");
    let tag = |resource: &str, made: &str| {
        let condition =
            format!(r#""StringEquals":{{"elasticloadbalancing:CreateAction":"{made}","aws:RequestTag/team":"blue"}}"#);
        format!("{create},{}", allow("AddTags", resource, &condition))
    };
    let below = format!("{}/*", lb.replace(":loadbalancer/", ":listener/"));
    for (statements, may) in [
        (create.clone(), false),
        (tag(&below, "CreateListener"), true),
        (tag(&below, "CreateRule"), false),
        (tag(&lb, "CreateListener"), false),
    ] {
        assert_eq!(!denied(&mut h, &user(&statements), SERVICE, "CreateListener", &body), may, "{statements}");
    }
    // Later, on the resource itself.
    let later = format!("ResourceArns.member.1={lb}&Tags.member.1.Key=a&Tags.member.1.Value=1");
    assert!(matches!(run(&mut h, &user(&allow("AddTags", &lb, "")), SERVICE, "AddTags", &later), Some(Ok(_))));
}

#[test]
fn the_first_load_balancer_takes_leave_to_make_the_services_role() {
    let (mut h, subnets, _) = world();
    let create = format!("Name=two&Scheme=internal&Subnets.member.1={}&Subnets.member.2={}", subnets[0], subnets[1]);
    let elb = allow("*", "*", "");
    assert!(matches!(run(&mut h, &user(&elb), SERVICE, "CreateLoadBalancer", &create), Some(Ok(_))), "the role is there");
    let account = super::tests::ACCOUNT.parse().unwrap();
    h.db.delete::<crate::rows::Role>(&account, "awsserviceroleforelasticloadbalancing");
    h.db.take_mutations();
    assert!(denied(&mut h, &user(&elb), SERVICE, "CreateLoadBalancer", &create));
    let role = r#"{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*","Condition":{"StringEquals":{"iam:AWSServiceName":"elasticloadbalancing.amazonaws.com"}}}"#;
    let both = user(&format!("{elb},{role}"));
    assert!(matches!(run(&mut h, &both, SERVICE, "CreateLoadBalancer", &create), Some(Ok(_))));
}
