//! Which documents are policies: the grammar's rules, a row each; and which bucket policies are public.

use iam::{DOCUMENT_BYTES_MAX, Policy, PolicyError, PolicyKind, quota_chars};

fn text(edit: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{edit}}}]}}"#)
}

const BODY: &str = r#""Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*""#;

#[test]
fn refused() {
    use PolicyError as E;
    let s = |t: &str| t.to_owned();
    let with = |extra: &str| text(&format!("{BODY},{extra}"));
    let condition = |c: &str| with(&format!(r#""Condition":{c}"#));
    let operator = |o: &str| condition(&format!(r#"{{"{o}":{{"k":"1"}}}}"#));
    let value = |o: &str, v: &str| condition(&format!(r#"{{"{o}":{{"k":"{v}"}}}}"#));
    let action = |a: &str| text(&format!(r#""Effect":"Allow","Action":{a},"Resource":"*""#));
    let resource = |r: &str| text(&format!(r#""Effect":"Allow","Action":"s3:*","Resource":{r}"#));
    let bad = |o: &str, v: &str| E::ConditionValue { operator: o.into(), value: v.into() };
    let rows: Vec<(String, E)> = vec![
        (s(""), E::FirstByte),
        (s("[]"), E::FirstByte),
        (s("\u{feff}{}"), E::FirstByte),
        (s("{}"), E::Missing("Statement")),
        (s(r#"{"Statement":[]}"#), E::EmptyStatement),
        (format!(r#"{{"Version":"2012-10-18","Statement":{{{BODY}}}}}"#), E::Version),
        (format!(r#"{{"Version":20121017,"Statement":{{{BODY}}}}}"#), E::Version),
        (format!(r#"{{"version":"2012-10-17","Statement":{{{BODY}}}}}"#), E::UnknownElement("version".into())),
        (with(r#""Comment":"x""#), E::UnknownElement("Comment".into())),
        (text(r#""Action":"s3:*","Resource":"*""#), E::Missing("Effect")),
        (text(r#""Effect":"allow","Action":"s3:*","Resource":"*""#), E::Effect("allow".into())),
        (text(r#""Effect":"Allow","Resource":"*""#), E::Missing("Action")),
        (text(r#""Effect":"Allow","Action":"s3:*""#), E::Missing("Resource")),
        (with(r#""NotAction":"s3:*""#), E::Both("Action")),
        (with(r#""NotResource":"*""#), E::Both("Resource")),
        (with(r#""Principal":"*""#), E::PrincipalInIdentity),
        (with(r#""NotPrincipal":"*""#), E::PrincipalInIdentity),
        (with(r#""Sid":"a b""#), E::SidLetters("a b".into())),
        (format!(r#"{{"Statement":[{{"Sid":"a",{BODY}}},{{"Sid":"a",{BODY}}}]}}"#), E::SidTwice("a".into())),
        (action(r#""GetObject""#), E::ActionVendor("GetObject".into())),
        (action(r#""s3:""#), E::ActionVendor("s3:".into())),
        (action(r#""s3:a:b""#), E::ActionColons("s3:a:b".into())),
        (action(r#""s*:Get""#), E::Vendor("s*".into())),
        (action(r#""*:Get""#), E::Vendor("*".into())),
        (action(r#""""#), E::ActionVendor(String::new())),
        (resource(r#""b/*""#), E::Resource("b/*".into())),
        (resource(r#""arn:aws:s3::b""#), E::Resource("arn:aws:s3::b".into())),
        (resource(r#""""#), E::Resource(String::new())),
        (resource(r#""arn:aws:s3:::b/${aws:username""#), E::Variable("arn:aws:s3:::b/${aws:username".into())),
        (resource(r#""arn:aws:s3:::b/${}""#), E::Variable("arn:aws:s3:::b/${}".into())),
        (resource(r#""arn:aws:s3:::${a, b}""#), E::Variable("arn:aws:s3:::${a, b}".into())),
        (operator("StringEqual"), E::Operator("StringEqual".into())),
        (operator("stringEquals"), E::Operator("stringEquals".into())),
        (operator("NullIfExists"), E::Operator("NullIfExists".into())),
        (operator("ForAllValues:Null"), E::Operator("ForAllValues:Null".into())),
        (operator("ForSome:StringEquals"), E::Operator("ForSome:StringEquals".into())),
        (operator("StringEqualsIfExistsIfExists"), E::Operator("StringEqualsIfExistsIfExists".into())),
        (value("NumericEquals", "ten"), bad("NumericEquals", "ten")),
        (value("DateLessThan", "01/01/2020"), bad("DateLessThan", "01/01/2020")),
        (value("Bool", "yes"), bad("Bool", "yes")),
        (value("Null", "maybe"), bad("Null", "maybe")),
        (value("BinaryEquals", "not base64!"), bad("BinaryEquals", "not base64!")),
        (value("IpAddress", "10.0.0.0/33"), bad("IpAddress", "10.0.0.0/33")),
        (value("NotIpAddress", "${aws:SourceIp}"), bad("NotIpAddress", "${aws:SourceIp}")),
        (value("ArnLike", "topic"), E::Resource("topic".into())),
        (condition(r#"{"StringEquals":{"":"1"}}"#), E::ConditionKey(String::new())),
    ];
    for (text, want) in rows {
        assert_eq!(Policy::parse(&text, PolicyKind::Identity).err(), Some(want), "{text}");
    }
    // The shape of things, and JSON itself.
    for text in [
        s("{"),
        s("{}x"),
        format!(r#"{{"Statement":[{{{BODY},"Effect":"Deny"}}]}}"#),
        format!(r#"{{"Id":"a","Id":"b","Statement":{{{BODY}}}}}"#),
        s(r#"{"Statement":"Allow"}"#),
        s(r#"{"Statement":[1]}"#),
        format!(r#"{{"Id":7,"Statement":{{{BODY}}}}}"#),
        action("[]"),
        action("7"),
        action(r#"["s3:*",7]"#),
        resource("{}"),
        with(r#""Condition":[]"#),
        with(r#""Condition":{"StringEquals":"x"}"#),
        with(r#""Condition":{"StringEquals":{"k":null}}"#),
        with(r#""Condition":{"StringEquals":{"k":[["x"]]}}"#),
        with(r#""Sid":7"#),
        format!("{}{}{}", r#"{"Id":"#, "[".repeat(10_000), "]".repeat(10_000)),
    ] {
        let error = Policy::parse(&text, PolicyKind::Identity).expect_err(&text);
        assert!(matches!(error, E::Json(_) | E::Shape { .. }), "{error} {text}");
    }
    let long = with(&format!(r#""Condition":{{"StringEquals":{{"k":"{}"}}}}"#, "x".repeat(DOCUMENT_BYTES_MAX)));
    let too_long = E::TooLong { max_bytes: DOCUMENT_BYTES_MAX };
    assert_eq!(Policy::parse(&long, PolicyKind::Identity).err(), Some(too_long));
    let too_long = E::TooLong { max_bytes: 10 };
    assert_eq!(Policy::parse_within(&with(r#""Sid":"a""#), PolicyKind::Identity, 10).err(), Some(too_long));
}

#[test]
fn principals() {
    let id64 = "7".repeat(64);
    let canonical = format!(r#"{{"CanonicalUser":"{id64}"}}"#);
    for (principal, right) in [
        (r#""*""#, true),
        (r#"{"AWS":"*"}"#, true),
        (r#"{"AWS":"123456789012"}"#, true),
        (r#"{"AWS":["arn:aws:iam::123456789012:root","999999999999"],"Service":"ec2.amazonaws.com"}"#, true),
        (r#"{"AWS":"arn:aws:iam::123456789012:user/path/ann"}"#, true),
        (r#"{"AWS":"arn:aws-cn:iam::123456789012:role/r"}"#, true),
        (r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/r/s"}"#, true),
        (r#"{"AWS":"arn:aws:sts::123456789012:federated-user/u"}"#, true),
        (r#"{"AWS":"AIDAANN4567890123456"}"#, true),
        (&canonical, true),
        (r#"{"Service":["a.amazonaws.com","b.amazonaws.com"]}"#, true),
        (r#"{"Federated":"arn:aws:iam::123456789012:saml-provider/p"}"#, true),
        (r#"{"Federated":"accounts.google.com"}"#, true),
        (r#""123456789012""#, false),
        (r#""arn:aws:iam::123456789012:root""#, false),
        (r#"{"AWS":"12345678901"}"#, false),
        (r#"{"AWS":"arn:aws:iam::123456789012:user/*"}"#, false),
        (r#"{"AWS":"arn:aws:iam::*:root"}"#, false),
        (r#"{"AWS":"arn:aws:iam::123456789012:group/g"}"#, false),
        (r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/r"}"#, false),
        (r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/r/*"}"#, false),
        (r#"{"AWS":"arn:aws:s3:::b"}"#, false),
        (r#"{"AWS":"ann"}"#, false),
        (r#"{"AWS":[]}"#, false),
        (r#"{"AWS":[7]}"#, false),
        (r#"{"AWS":{}}"#, false),
        (r#"{"CanonicalUser":"abc"}"#, false),
        (r#"{"Service":"*"}"#, false),
        (r#"{"Federated":"*"}"#, false),
        (r#"{"aws":"*"}"#, false),
        ("{}", false),
        ("[]", false),
        ("7", false),
    ] {
        for element in ["Principal", "NotPrincipal"] {
            let document = text(&format!(r#"{BODY},"{element}":{principal}"#));
            assert_eq!(Policy::parse(&document, PolicyKind::Resource).is_ok(), right, "{document}");
        }
    }
    let none = Policy::parse(&text(BODY), PolicyKind::Resource).err();
    assert_eq!(none, Some(PolicyError::Missing("Principal")));
    let trust = r#""Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}"#;
    assert!(Policy::parse(&text(trust), PolicyKind::Trust).is_ok());
    let prohibited = Policy::parse(&text(&format!(r#"{trust},"Resource":"*""#)), PolicyKind::Trust).err();
    assert_eq!(prohibited, Some(PolicyError::Prohibited("Resource")));
    for action in [r#""Action":"*""#, r#""Action":["sts:AssumeRole","s3:*"]"#, r#""NotAction":"sts:AssumeRole""#] {
        let other = format!(r#""Effect":"Allow",{action},"Principal":"*""#);
        assert_eq!(Policy::parse(&text(&other), PolicyKind::Trust).err(), Some(PolicyError::TrustAction), "{other}");
    }
}

/// The sentences that S3 and IAM answer with.
#[test]
fn messages() {
    let s3 = |edit: &str| Policy::parse(&text(edit), PolicyKind::Resource).unwrap_err().s3_message();
    let iam = |edit: &str| Policy::parse(&text(edit), PolicyKind::Identity).unwrap_err().iam_message();
    let everybody = r#""Principal":"*""#;
    let condition = |c: &str| format!(r#"{BODY},{everybody},"Condition":{c}"#);
    for (got, want) in [
        (s3(r#"x"#), "Policies must be valid JSON and the first byte must be '{'"),
        (s3(BODY), "Missing required field Principal"),
        (s3(&format!(r#"{BODY},"Principal":{{"AWS":"ann"}}"#)), "Invalid principal in policy"),
        (s3(&format!(r#""Effect":"Permit",{everybody}"#)), "Invalid effect: Permit"),
        (s3(&format!(r#""Effect":"Deny",{everybody},"Action":"Get","Resource":"*""#)), "Policy has invalid action"),
        (s3(&format!(r#""Effect":"Deny",{everybody},"Action":"s3:*","Resource":"b""#)), "Policy has invalid resource"),
        (s3(&condition(r#"{"Same":{"k":"v"}}"#)), "Invalid Condition type : Same"),
        (s3(&condition(r#"{"IpAddress":{"aws:SourceIp":"123"}}"#)), "Invalid IP address in Conditions"),
        (iam(r#"x"#), "Syntax errors in policy."),
        (iam(r#""Effect":"allow""#), "Syntax errors in policy."),
        (iam(r#""Effect":"Allow","Resource":"*""#), "Policy statement must contain actions."),
        (iam(r#""Effect":"Allow","Action":"s3:*""#), "Policy statement must contain resources."),
        (iam(r#""Effect":"Allow","Action":"s3:*","Resource":"b""#), r#"Resource b must be in ARN format or "*"."#),
        (iam(&format!("{BODY},{everybody}")), "Policy document should not specify a principal"),
    ] {
        assert_eq!(got, want);
    }
}

#[test]
fn accepted() {
    let document = format!(
        r#" {{"Statement":{{"Sid":"A 1",{BODY},"Principal":"*","Condition":{{"Bool":{{"aws:SecureTransport":false}}}}}},"Id":"x y"}}"#
    );
    let policy = Policy::parse(&document, PolicyKind::Resource).unwrap();
    let statement = policy.statements().next().unwrap();
    assert_eq!((policy.id(), policy.version(), statement.sid()), (Some("x y"), iam::Version::V2008, Some("A 1")));
    assert_eq!(statement.actions(), (false, &["s3:*".to_owned()][..]));
    assert_eq!(statement.resources(), (false, &["arn:aws:s3:::b/*".to_owned()][..]));
    assert_eq!(statement.condition_keys().collect::<Vec<_>>(), ["aws:securetransport"]);
    assert_eq!(quota_chars("{ \"a\":\n\t1 }"), 7);
    assert!(statement.covers_action("S3:getobject") && !statement.covers_action("ec2:RunInstances"));
    // S3 takes a Sid twice.
    let twice = format!(r#"{{"Statement":[{{"Sid":"a",{BODY},"Principal":"*"}},{{"Sid":"a",{BODY},"Principal":"*"}}]}}"#);
    assert_eq!(Policy::parse(&twice, PolicyKind::Resource).unwrap().statements().len(), 2);
    // Two statements without a Sid, and with empty ones.
    let twice = format!(r#"{{"Statement":[{{"Sid":"",{BODY}}},{{"Sid":"",{BODY}}},{{{BODY}}}]}}"#);
    assert_eq!(Policy::parse(&twice, PolicyKind::Identity).unwrap().statements().len(), 3);
}

/// S3 User Guide, "The meaning of 'public'".
#[test]
fn public() {
    let aws = r#"{"AWS":"arn:aws:iam::123456789012:user/ann"}"#;
    let rows = [
        ("Principal", r#""*""#, "{}", true),
        ("Principal", r#"{"AWS":"*"}"#, "{}", true),
        ("Principal", r#"{"Federated":"graph.facebook.com"}"#, "{}", true),
        ("Principal", aws, "{}", false),
        ("Principal", r#"{"Service":"cloudtrail.amazonaws.com"}"#, "{}", false),
        ("Principal", r#"{"AWS":["123456789012","*"]}"#, "{}", true),
        ("NotPrincipal", aws, "{}", true),
        ("Principal", r#""*""#, r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#, true),
        ("Principal", r#""*""#, r#"{"StringLike":{"aws:SourceVpc":"vpc-91237329"}}"#, false),
        ("Principal", r#""*""#, r#"{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}"#, false),
        ("Principal", r#""*""#, r#"{"StringEquals":{"aws:SourceVpc":["vpc-1","${aws:SourceVpc}"]}}"#, true),
        ("Principal", r#""*""#, r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-91237329"}}"#, true),
        ("Principal", r#""*""#, r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-91237329"}}"#, true),
        ("Principal", r#""*""#, r#"{"ForAllValues:StringEquals":{"aws:SourceVpce":"vpce-1"}}"#, true),
        ("Principal", r#""*""#, r#"{"ForAnyValue:StringEquals":{"aws:SourceVpce":"vpce-1"}}"#, false),
        ("Principal", r#""*""#, r#"{"StringEquals":{"AWS:SOURCEACCOUNT":"123456789012"}}"#, false),
        ("Principal", r#""*""#, r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:1:t"}}"#, false),
        ("Principal", r#""*""#, r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:1:*"}}"#, true),
        ("Principal", r#""*""#, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}}"#, false),
        ("Principal", r#""*""#, r#"{"StringEquals":{"aws:userid":"AIDAANN4567890123456"}}"#, false),
        ("Principal", r#""*""#, r#"{"StringLike":{"aws:userid":"AROAR456789012345678:*"}}"#, true),
        ("Principal", r#""*""#, r#"{"StringEquals":{"aws:userid":"AROAR456789012345678:s"}}"#, true),
        ("Principal", r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, false),
        ("Principal", r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}"#, true),
        ("Principal", r#""*""#, r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","11.0.0.0/7"]}}"#, true),
        ("Principal", r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, false),
        ("Principal", r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}"#, false),
        ("Principal", r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"2001::/16"}}"#, true),
        ("Principal", r#""*""#, r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, true),
        ("Principal", r#""*""#, r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/24"}}"#, true),
        ("Principal", r#""*""#, r#"{"StringEquals":{"aws:Referer":"https://example.com/"}}"#, true),
        ("Principal", r#""*""#, r#"{"Bool":{"aws:SecureTransport":"true"}}"#, true),
        (
            "Principal",
            r#""*""#,
            r#"{"StringEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:r:1:key/1"}}"#,
            false,
        ),
        ("Principal", r#""*""#, r#"{"StringEquals":{"s3:DataAccessPointAccount":"123456789012"}}"#, false),
        (
            "Principal",
            r#""*""#,
            r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}"#,
            false,
        ),
        (
            "Principal",
            r#""*""#,
            r#"{"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}"#,
            false,
        ),
        ("Principal", r#""*""#, r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:*:accesspoint/*"}}"#, true),
        (
            "Principal",
            r#""*""#,
            r#"{"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:12345678901?:accesspoint/a"}}"#,
            true,
        ),
        // All conditions must hold, so that one is enough.
        ("Principal", r#""*""#, r#"{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#, false),
    ];
    for (element, principal, condition, want) in rows {
        let document = text(&format!(r#"{BODY},"{element}":{principal},"Condition":{condition}"#));
        assert_eq!(Policy::parse(&document, PolicyKind::Resource).unwrap().is_public(), want, "{document}");
    }
    // A Deny grants nothing; one public statement makes the policy public.
    let deny = r#""Effect":"Deny","Action":"s3:*","Resource":"*","Principal":"*""#;
    assert!(!Policy::parse(&text(deny), PolicyKind::Resource).unwrap().is_public());
    let mixed = format!(r#"{{"Statement":[{{{BODY},"Principal":{aws}}},{{{BODY},"Principal":"*"}}]}}"#);
    assert!(Policy::parse(&mixed, PolicyKind::Resource).unwrap().is_public());
}
