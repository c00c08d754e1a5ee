//! The elements of the language, a row for each sentence of the IAM User Guide ("JSON policy elements": Action, Resource,
//! Condition, Condition operators, Multivalued keys, Variables).

use iam::{Context, Effect, Policy, PolicyKind, Principal, Request};
use types::TimestampMs;

fn user() -> Principal {
    Principal::user(&"111122223333".parse().unwrap(), "/", "ann", "AIDAANN4567890123456")
}

fn decide(policy: &str, action: &str, resource: &str, context: &Context) -> Effect {
    let policy = Policy::parse(policy, PolicyKind::Identity).unwrap_or_else(|e| panic!("{e}: {policy}"));
    policy.decide(&Request { principal: &user(), action, resource, resource_account: None, context })
}

fn statement(version: &str, effect: &str, rest: &str) -> String {
    format!(r#"{{"Version":"{version}","Statement":[{{"Effect":"{effect}",{rest}}}]}}"#)
}

#[test]
fn actions() {
    for (element, action, want) in [
        (r#""Action":"*""#, "s3:GetObject", true),
        (r#""Action":"*:*""#, "s3:GetObject", true),
        (r#""Action":"s3:*""#, "s3:GetObject", true),
        (r#""Action":"s3:*""#, "s3express:GetObject", false),
        (r#""Action":"s3:Get*""#, "s3:GetObject", true),
        (r#""Action":"s3:Get*""#, "s3:PutObject", false),
        (r#""Action":"s3:*Object""#, "s3:GetObject", true),
        (r#""Action":"s3:*Object""#, "s3:GetObjectAcl", false),
        (r#""Action":"s3:?etObject""#, "s3:GetObject", true),
        (r#""Action":"s3:?etObject""#, "s3:etObject", false),
        (r#""Action":"S3:GETOBJECT""#, "s3:GetObject", true),
        (r#""Action":"s3:getobject""#, "S3:GetObject", true),
        (r#""Action":["ec2:Run*","s3:GetObject"]"#, "s3:GetObject", true),
        (r#""Action":"iam:*AccessKey*""#, "iam:CreateAccessKey", true),
        (r#""NotAction":"s3:*""#, "s3:GetObject", false),
        (r#""NotAction":"s3:*""#, "ec2:RunInstances", true),
        (r#""NotAction":["s3:Get*","ec2:*"]"#, "s3:PutObject", true),
        (r#""NotAction":"*""#, "s3:PutObject", false),
    ] {
        let policy = statement("2012-10-17", "Allow", &format!(r#"{element},"Resource":"*""#));
        let got = decide(&policy, action, "*", &Context::new());
        assert_eq!(got == Effect::Allow(0), want, "{element} {action}");
    }
}

#[test]
fn resources() {
    for (element, resource, want) in [
        (r#""Resource":"*""#, "arn:aws:s3:::b", true),
        (r#""Resource":"*""#, "*", true),
        (r#""Resource":"arn:aws:s3:::b""#, "*", false),
        (r#""Resource":"arn:aws:s3:::b/*""#, "arn:aws:s3:::b/k", true),
        (r#""Resource":"arn:aws:s3:::b/*""#, "arn:aws:s3:::b/a/b:c/d", true),
        (r#""Resource":"arn:aws:s3:::b/*""#, "arn:aws:s3:::b", false),
        (r#""Resource":"arn:aws:s3:::b/*""#, "arn:aws:s3:::B/k", false),
        (r#""Resource":"arn:aws:s3:::b*""#, "arn:aws:s3:::b/k", true),
        (r#""Resource":"arn:aws:s3:::?/k""#, "arn:aws:s3:::b/k", true),
        (r#""Resource":"arn:aws:s3:::?/k""#, "arn:aws:s3:::ü/k", true),
        (r#""Resource":"arn:aws:s3:::*log*""#, "arn:aws:s3:::carlossalazar-logs/x", true),
        (r#""Resource":"arn:aws:ec2:*:*:instance/*""#, "arn:aws:ec2:us-east-1:111122223333:instance/i-1", true),
        (r#""Resource":"arn:aws:ec2:us-*-1:*:instance/*""#, "arn:aws:ec2:us-east-2:111122223333:instance/i-1", false),
        // "matches elements between colons": a star does not reach over one, except in the last part.
        (r#""Resource":"arn:aws:x:*:1111:finance/*""#, "arn:aws:x:us-east-2:9999:store/abc:1111:finance/d", false),
        (r#""Resource":"arn:aws:x:*:9999:*:1111:finance/*""#, "arn:aws:x:us-east-2:9999:store/abc:1111:finance/d", true),
        (r#""Resource":"arn:*:s3:::b""#, "arn:aws-cn:s3:::b", true),
        (r#""Resource":"arn:aws:s3*""#, "arn:aws:s3:::b/k", true),
        (r#""Resource":["arn:aws:s3:::a","arn:aws:s3:::b"]"#, "arn:aws:s3:::b", true),
        (r#""Resource":"arn:aws:s3:::a**b""#, "arn:aws:s3:::ab", true),
        (r#""Resource":"arn:aws:s3:::*a*b*c""#, "arn:aws:s3:::xaybzbc", true),
        (r#""Resource":"arn:aws:s3:::*a*b*c""#, "arn:aws:s3:::xaybzbcd", false),
        (r#""NotResource":"arn:aws:s3:::b/*""#, "arn:aws:s3:::b/k", false),
        (r#""NotResource":"arn:aws:s3:::b/*""#, "arn:aws:s3:::c/k", true),
        (r#""NotResource":"arn:aws:s3:::b/*""#, "*", true),
        (r#""NotResource":["arn:aws:s3:::b/*","arn:aws:s3:::c/*"]"#, "arn:aws:s3:::c/k", false),
    ] {
        let policy = statement("2012-10-17", "Allow", &format!(r#""Action":"*",{element}"#));
        let got = decide(&policy, "s3:GetObject", resource, &Context::new());
        assert_eq!(got == Effect::Allow(0), want, "{element} {resource}");
    }
}

/// What callers check names and resources with.
#[test]
fn matching_without_a_policy() {
    for (pattern, text, parts, plain) in [
        ("arn:aws:s3:::b*", "arn:aws:s3:::bucket/k", true, true),
        ("arn:aws:*/k", "arn:aws:s3:::bucket/k", false, true),
        ("arn:aws:s3:::b?", "arn:aws:s3:::bu", true, true),
        ("b*t", "bucket", false, true),
        ("bucket", "Bucket", false, false),
        ("*", "", true, true),
        ("", "", false, true),
        ("?", "", false, false),
    ] {
        assert_eq!((iam::arn::matches(pattern, text), iam::arn::text_matches(pattern, text)), (parts, plain), "{pattern} {text}");
    }
}

/// Whether a Condition holds; the context is `key=value`, several values of a key separated by `|`, `key=` one empty value.
fn holds(condition: &str, context: &str) -> bool {
    let policy = statement("2012-10-17", "Allow", &format!(r#""Action":"*","Resource":"*","Condition":{condition}"#));
    let mut c = Context::new();
    for pair in context.split_whitespace() {
        let (key, values) = pair.split_once('=').unwrap();
        c.set_many(key, values.split('|'));
    }
    decide(&policy, "s3:GetObject", "*", &c) == Effect::Allow(0)
}

fn conditions(rows: &[(&str, &str, bool)]) {
    for (condition, context, want) in rows {
        assert_eq!(holds(condition, context), *want, "{condition} with {context:?}");
    }
}

#[test]
fn strings() {
    conditions(&[
        (r#"{"StringEquals":{"k":"a"}}"#, "k=a", true),
        (r#"{"StringEquals":{"k":"a"}}"#, "k=A", false),
        (r#"{"StringEquals":{"k":"a*"}}"#, "k=ab", false),
        (r#"{"StringEquals":{"k":"a*"}}"#, "k=a*", true),
        (r#"{"StringEquals":{"k":["a","b"]}}"#, "k=b", true),
        (r#"{"StringEquals":{"K":"a"}}"#, "k=a", true),
        (r#"{"StringEquals":{"k":"a"}}"#, "K=a", true),
        (r#"{"StringEquals":{"k":"a"}}"#, "", false),
        (r#"{"StringNotEquals":{"k":"a"}}"#, "k=a", false),
        (r#"{"StringNotEquals":{"k":"a"}}"#, "k=b", true),
        (r#"{"StringNotEquals":{"k":["a","b"]}}"#, "k=b", false),
        (r#"{"StringNotEquals":{"k":"a"}}"#, "", true),
        (r#"{"StringEqualsIgnoreCase":{"k":"JohnDoe"}}"#, "k=johndoe", true),
        (r#"{"StringEqualsIgnoreCase":{"k":"Ünal"}}"#, "k=üNAL", true),
        (r#"{"StringNotEqualsIgnoreCase":{"k":"JohnDoe"}}"#, "k=johndoe", false),
        (r#"{"StringLike":{"k":"a*"}}"#, "k=ab", true),
        (r#"{"StringLike":{"k":"a*"}}"#, "k=Ab", false),
        (r#"{"StringLike":{"k":"a?c"}}"#, "k=abc", true),
        (r#"{"StringLike":{"k":"a?c"}}"#, "k=ac", false),
        (r#"{"StringLike":{"k":["","home/"]}}"#, "k=", true),
        (r#"{"StringLike":{"k":"arn:aws:x:*:1111:f/*"}}"#, "k=arn:aws:x:us-east-2:9:s/a:1111:f/d", true),
        (r#"{"StringNotLike":{"k":"a*"}}"#, "k=ab", false),
        (r#"{"StringNotLike":{"k":"a*"}}"#, "", true),
    ]);
}

#[test]
fn numbers_dates_and_booleans() {
    conditions(&[
        (r#"{"NumericEquals":{"k":"10"}}"#, "k=10.0", true),
        (r#"{"NumericEquals":{"k":10}}"#, "k=10", true),
        (r#"{"NumericEquals":{"k":["1","2"]}}"#, "k=2", true),
        (r#"{"NumericNotEquals":{"k":"10"}}"#, "k=10", false),
        (r#"{"NumericNotEquals":{"k":"10"}}"#, "", true),
        (r#"{"NumericLessThan":{"k":"10"}}"#, "k=9.5", true),
        (r#"{"NumericLessThan":{"k":"10"}}"#, "k=10", false),
        (r#"{"NumericLessThanEquals":{"k":"10"}}"#, "k=10", true),
        (r#"{"NumericGreaterThan":{"k":"10"}}"#, "k=10", false),
        (r#"{"NumericGreaterThanEquals":{"k":"10"}}"#, "k=10", true),
        (r#"{"NumericLessThan":{"k":"10"}}"#, "k=few", false),
        (r#"{"NumericLessThan":{"k":"10"}}"#, "", false),
        (r#"{"DateGreaterThan":{"k":"2020-01-01T00:00:01Z"}}"#, "k=2020-01-01T00:00:02Z", true),
        (r#"{"DateGreaterThan":{"k":"2020-01-01T00:00:01Z"}}"#, "k=2020-01-01T01:00:00+01:00", false),
        (r#"{"DateLessThan":{"k":"2020-06"}}"#, "k=2020-05-31T23:59:59.999Z", true),
        (r#"{"DateLessThanEquals":{"k":"1577836801"}}"#, "k=2020-01-01T00:00:01Z", true),
        (r#"{"DateEquals":{"k":"2020-01-01"}}"#, "k=1577836800", true),
        (r#"{"DateNotEquals":{"k":"2020-01-01"}}"#, "k=1577836800", false),
        (r#"{"DateGreaterThanEquals":{"k":"2020"}}"#, "k=2020-01-01T00:00:00Z", true),
        (r#"{"DateLessThan":{"k":"2020"}}"#, "", false),
        (r#"{"Bool":{"k":"true"}}"#, "k=true", true),
        (r#"{"Bool":{"k":true}}"#, "k=true", true),
        (r#"{"Bool":{"k":"True"}}"#, "k=true", true),
        (r#"{"Bool":{"k":"false"}}"#, "k=true", false),
        (r#"{"Bool":{"k":"false"}}"#, "", false),
        (r#"{"BoolIfExists":{"k":"false"}}"#, "", true),
        (r#"{"BinaryEquals":{"k":"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}"#, "k=QmluYXJ5VmFsdWVJbkJhc2U2NA==", true),
        (r#"{"BinaryEquals":{"k":"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}"#, "k=QmluYXJ5VmFsdWU=", false),
    ]);
}

#[test]
fn addresses_and_arns() {
    let like = r#"{"ArnLike":{"k":"arn:aws:sns:*:111122223333:t*"}}"#;
    conditions(&[
        (r#"{"IpAddress":{"k":"203.0.113.0/24"}}"#, "k=203.0.113.7", true),
        (r#"{"IpAddress":{"k":"203.0.113.0/24"}}"#, "k=203.0.114.7", false),
        (r#"{"IpAddress":{"k":["203.0.113.0/24","2001:DB8:1234:5678::/64"]}}"#, "k=2001:db8:1234:5678::1", true),
        (r#"{"IpAddress":{"k":"203.0.113.7"}}"#, "k=203.0.113.7", true),
        (r#"{"IpAddress":{"k":"203.0.113.0/24"}}"#, "", false),
        (r#"{"NotIpAddress":{"k":"203.0.113.0/24"}}"#, "k=203.0.113.7", false),
        (r#"{"NotIpAddress":{"k":["203.0.113.0/24","10.0.0.0/8"]}}"#, "k=10.1.1.1", false),
        (r#"{"NotIpAddress":{"k":"203.0.113.0/24"}}"#, "", true),
        (like, "k=arn:aws:sns:us-east-1:111122223333:topic", true),
        (like, "k=arn:aws:sns:us-east-1:999999999999:topic", false),
        (like, "k=arn:aws:sns:us-east-1:999:x:111122223333:topic", false),
        (like, "k=topic", false),
        // "The ArnEquals and ArnLike condition operators behave identically."
        (r#"{"ArnEquals":{"k":"arn:aws:sns:*:111122223333:t*"}}"#, "k=arn:aws:sns:us-east-1:111122223333:topic", true),
        (r#"{"ArnNotEquals":{"k":"arn:aws:sns:*:*:t*"}}"#, "k=arn:aws:sns:us-east-1:111122223333:topic", false),
        (r#"{"ArnNotLike":{"k":"arn:aws:sns:*:*:t*"}}"#, "", true),
    ]);
}

#[test]
fn existence() {
    conditions(&[
        (r#"{"Null":{"k":"true"}}"#, "", true),
        (r#"{"Null":{"k":"true"}}"#, "k=a", false),
        (r#"{"Null":{"k":"false"}}"#, "k=a", true),
        (r#"{"Null":{"k":false}}"#, "", false),
        (r#"{"StringEqualsIfExists":{"k":"a"}}"#, "", true),
        (r#"{"StringEqualsIfExists":{"k":"a"}}"#, "k=b", false),
        (r#"{"StringNotEqualsIfExists":{"k":"a"}}"#, "", true),
        (r#"{"NumericLessThanIfExists":{"k":"1"}}"#, "", true),
        // "Other condition elements in the statement can still result in a nonmatch."
        (r#"{"StringLikeIfExists":{"k":"t2.*"},"Bool":{"mfa":"true"}}"#, "", false),
        (r#"{"StringLikeIfExists":{"k":"t2.*"},"Bool":{"mfa":"true"}}"#, "mfa=true", true),
    ]);
}

#[test]
fn several_conditions_keys_and_values() {
    let and = r#"{"StringEquals":{"a":["1","2"],"b":"3"},"NumericLessThan":{"c":"9"}}"#;
    let all = r#"{"ForAllValues:StringEquals":{"k":["ID","Message","Tags"]}}"#;
    let any = r#"{"ForAnyValue:StringEquals":{"k":["ID","PostDateTime"]}}"#;
    conditions(&[
        (and, "a=2 b=3 c=1", true),
        (and, "a=3 b=3 c=1", false),
        (and, "a=1 b=4 c=1", false),
        (and, "a=1 b=3 c=9", false),
        (all, "k=Message|Tags|ID", true),
        (all, "k=Message|UserName", false),
        (all, "", true),
        (all, "k=", true),
        (any, "k=PostDateTime|Message", true),
        (any, "k=UserName", false),
        (any, "", false),
        (any, "k=", false),
        (r#"{"ForAnyValue:StringEquals":{"k":""}}"#, "k=", false),
        (r#"{"ForAllValues:StringNotEquals":{"k":["a","b"]}}"#, "k=c|d", true),
        (r#"{"ForAllValues:StringNotEquals":{"k":["a","b"]}}"#, "k=c|b", false),
        (r#"{"ForAnyValue:StringNotEquals":{"k":["a","b"]}}"#, "k=c|b", true),
        (r#"{"ForAnyValue:StringNotEquals":{"k":["a","b"]}}"#, "k=a|b", false),
        (r#"{"ForAnyValue:StringNotEquals":{"k":["a","b"]}}"#, "", false),
        (r#"{"ForAnyValue:StringLikeIfExists":{"k":"a*"}}"#, "", true),
        (r#"{"ForAllValues:NumericLessThan":{"k":"10"}}"#, "k=1|9", true),
        (r#"{"ForAllValues:NumericLessThan":{"k":"10"}}"#, "k=1|10", false),
        (r#"{}"#, "", true),
        (r#"{"StringEquals":{"k":[]}}"#, "k=a", false),
    ]);
}

#[test]
fn variables() {
    let rows = [
        // version, element, resource, context, effect, applies
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${aws:username}/*""#, "arn:aws:s3:::b/ann/k", true),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${AWS:UserName}/*""#, "arn:aws:s3:::b/ann/k", true),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${aws:username}/*""#, "arn:aws:s3:::b/bob/k", false),
        ("2008-10-17", r#""Resource":"arn:aws:s3:::b/${aws:username}/*""#, "arn:aws:s3:::b/ann/k", false),
        ("2008-10-17", r#""Resource":"arn:aws:s3:::b/${aws:username}/*""#, "arn:aws:s3:::b/${aws:username}/k", true),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::${aws:PrincipalTag/team}""#, "arn:aws:s3:::red", true),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${no:such, 'all'}""#, "arn:aws:s3:::b/all", true),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${aws:username, 'all'}""#, "arn:aws:s3:::b/ann", true),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${no:such}""#, "arn:aws:s3:::b/", false),
        ("2012-10-17", r#""Resource":["arn:aws:s3:::b/${no:such}","arn:aws:s3:::b/k"]"#, "arn:aws:s3:::b/k", true),
        ("2012-10-17", r#""NotResource":"arn:aws:s3:::b/${no:such}""#, "arn:aws:s3:::b/k", false),
        // Several values are no value.
        ("2012-10-17", r#""Resource":"arn:aws:s3:::${many}""#, "arn:aws:s3:::m1", false),
        // Special characters stand for themselves; so does what a value holds.
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${*}""#, "arn:aws:s3:::b/*", true),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${*}""#, "arn:aws:s3:::b/k", false),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/a${?}c""#, "arn:aws:s3:::b/a?c", true),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/a${?}c""#, "arn:aws:s3:::b/abc", false),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${$}{x}""#, "arn:aws:s3:::b/${x}", true),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${star}""#, "arn:aws:s3:::b/k", false),
        ("2012-10-17", r#""Resource":"arn:aws:s3:::b/${star}""#, "arn:aws:s3:::b/*", true),
        (
            "2012-10-17",
            r#""Resource":"arn:aws:sqs:us-east-2:*:${aws:username}-queue""#,
            "arn:aws:sqs:us-east-2:1:ann-queue",
            true,
        ),
    ];
    let mut context = Context::of(&user());
    context.set("aws:PrincipalTag/Team", "red");
    context.set("star", "*");
    context.set_many("many", ["m1", "m2"]);
    for (version, element, resource, want) in rows {
        let policy = statement(version, "Allow", &format!(r#""Action":"*",{element}"#));
        let got = decide(&policy, "s3:GetObject", resource, &context);
        assert_eq!(got == Effect::Allow(0), want, "{version} {element} {resource}");
    }
    conditions(&[
        (r#"{"StringEquals":{"k":"${aws:username}"}}"#, "k=ann aws:username=ann", true),
        (r#"{"StringEquals":{"k":"${aws:username}"}}"#, "k=ann", false),
        (r#"{"StringEqualsIgnoreCase":{"k":"X${u}"}}"#, "k=xann u=ANN", true),
        (r#"{"StringLike":{"k":"home/${u}/*"}}"#, "k=home/ann/x u=ann", true),
        (r#"{"StringNotEquals":{"k":"${u}"}}"#, "k=a u=b", true),
        (r#"{"StringNotEquals":{"k":"${u}"}}"#, "k=a", false),
        (r#"{"StringNotEqualsIfExists":{"k":"${u}"}}"#, "", true),
        (r#"{"ArnLike":{"k":"arn:aws:iam::*:user/${u}"}}"#, "k=arn:aws:iam::1:user/ann u=ann", true),
        (r#"{"Bool":{"k":"${u}"}}"#, "k=true u=TRUE", true),
    ]);
}

/// A value that is missing does not grant, and does not free from a Deny that speaks of all others.
#[test]
fn an_unresolved_variable_fails_closed() {
    let context = Context::new();
    for (effect, element, want) in [
        ("Deny", r#""NotResource":"arn:aws:s3:::b/${no:such}/*""#, Effect::Deny(0)),
        ("Allow", r#""NotResource":"arn:aws:s3:::b/${no:such}/*""#, Effect::Silent),
        ("Deny", r#""Resource":"*","Condition":{"StringNotEquals":{"k":"${no:such}"}}"#, Effect::Deny(0)),
        ("Allow", r#""Resource":"*","Condition":{"StringNotLike":{"k":"${no:such}"}}"#, Effect::Silent),
        ("Deny", r#""Resource":"arn:aws:s3:::b/${no:such}""#, Effect::Silent),
    ] {
        let mut context = context.clone();
        context.set("k", "v");
        let policy = statement("2012-10-17", effect, &format!(r#""Action":"*",{element}"#));
        assert_eq!(decide(&policy, "s3:GetObject", "arn:aws:s3:::b/k", &context), want, "{effect} {element}");
    }
}

/// "Principal key values", and the time.
#[test]
fn what_the_context_says_of_the_principal() {
    let account = "111122223333".parse().unwrap();
    let session = Principal::role_session(&account, "/ops/", "r", "AROAR456789012345678", "s");
    let role = "arn:aws:iam::111122223333:role/ops/r";
    for (who, key, want) in [
        (user(), "aws:username", Some("ann")),
        (user(), "aws:userid", Some("AIDAANN4567890123456")),
        (user(), "aws:PrincipalType", Some("User")),
        (user(), "aws:PrincipalArn", Some("arn:aws:iam::111122223333:user/ann")),
        (session.clone(), "aws:username", None),
        (session.clone(), "aws:userid", Some("AROAR456789012345678:s")),
        (session.clone(), "aws:PrincipalType", Some("AssumedRole")),
        (session, "aws:PrincipalArn", Some(role)),
        (Principal::root(&account), "aws:userid", Some("111122223333")),
        (Principal::root(&account), "aws:PrincipalType", Some("Account")),
        (Principal::root(&account), "aws:username", None),
        (Principal::federated_user(&account, &user().arn, "bob"), "aws:userid", Some("111122223333:bob")),
        (Principal::anonymous(), "aws:PrincipalType", Some("Anonymous")),
        (Principal::anonymous(), "aws:PrincipalAccount", None),
        (Principal::service("s3.amazonaws.com"), "aws:PrincipalServiceName", Some("s3.amazonaws.com")),
        (Principal::service("s3.amazonaws.com"), "aws:PrincipalIsAWSService", Some("true")),
    ] {
        let got = Context::of(&who);
        assert_eq!(got.get(key).first().map(String::as_str), want, "{} {key}", who.arn);
    }
    let mut c = Context::new();
    c.set_time(TimestampMs(1_577_836_801_000));
    assert_eq!((&c.get("aws:CurrentTime")[0][..], &c.get("aws:EpochTime")[0][..]), ("2020-01-01T00:00:01Z", "1577836801"));
}
