//! The API through the real dispatcher, and that what it says is what is enforced.

use super::table::{self, ALL, SERVICES};
use super::{forget, settle, snapshot, unknown_setting};
use crate::context::OpError;
use crate::dispatch;
use crate::ec2::testing::{Harness, call, harness, ok, principal, with_ctx};
use aws_protocol::AwsError;
use platform::settings::QuotaSettings;
use serde_json::{Value, json};
use types::{Generation, TimestampMs};

fn ask(h: &mut Harness, action: &str, body: Value) -> Result<Value, AwsError> {
    let table = crate::operations();
    let target = format!("ServiceQuotasV20190624.{action}");
    let outcome = with_ctx(h, |ctx| dispatch::run_json(&table, ctx, "servicequotas", &target, body.to_string().as_bytes()));
    match outcome {
        Ok(reply) => {
            h.db.take_mutations();
            Ok(serde_json::from_str(&reply.body).unwrap())
        }
        Err(OpError::Aws(e)) => {
            h.db.rollback();
            Err(e)
        }
        Err(OpError::Ask(q)) => panic!("{action} asks {q:?}"),
    }
}

fn code(h: &mut Harness, action: &str, body: Value) -> String {
    ask(h, action, body).expect_err(action).code.into_owned()
}

fn vpcs(more: Value) -> Value {
    let mut body = json!({"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn value(h: &mut Harness, body: Value) -> f64 {
    ask(h, "GetServiceQuota", body).unwrap()["Quota"]["Value"].as_f64().unwrap()
}

/// How many more VPCs the account can have; as many as the answer are made.
fn make_vpcs(h: &mut Harness) -> usize {
    for n in 0.. {
        match call(h, "CreateVpc", "CidrBlock=10.0.0.0/16") {
            Ok(_) => {}
            Err(e) if e.code == "VpcLimitExceeded" => return n,
            Err(e) => panic!("{e}"),
        }
    }
    0
}

#[test]
fn an_increase_up_to_the_maximum_is_in_effect_with_the_answer() {
    let mut h = harness();
    assert_eq!(make_vpcs(&mut h), 5);
    let reply = ask(&mut h, "RequestServiceQuotaIncrease", vpcs(json!({"DesiredValue": 8}))).unwrap();
    let asked = &reply["RequestedQuota"];
    assert_eq!((&asked["Status"], &asked["DesiredValue"]), (&json!("APPROVED"), &json!(8.0)));
    assert_eq!(asked["QuotaArn"], "arn:aws:servicequotas:us-east-1:123456789012:vpc/L-F678F1CE");
    assert_eq!(value(&mut h, vpcs(json!({}))), 8.0);
    assert_eq!(make_vpcs(&mut h), 3);
    // The others' is what it was.
    let default = ask(&mut h, "GetAWSDefaultServiceQuota", vpcs(json!({}))).unwrap();
    assert_eq!(
        (&default["Quota"]["Value"], &default["Quota"]["QuotaArn"]),
        (&json!(5.0), &json!("arn:aws:servicequotas:us-east-1::vpc/L-F678F1CE"))
    );
    h.caller = principal("999900001111");
    assert_eq!(make_vpcs(&mut h), 5);
}

#[test]
fn beyond_the_maximum_it_waits_until_the_operator_raises_it() {
    let mut h = harness();
    h.settings.limits.quotas.insert("vpc/L-F678F1CE".into(), QuotaSettings { default: Some(2), max: Some(6) });
    assert_eq!(make_vpcs(&mut h), 2);
    let refused = vpcs(json!({"DesiredValue": 7, "SupportCaseAllowed": false}));
    let refused = ask(&mut h, "RequestServiceQuotaIncrease", refused).unwrap();
    assert_eq!(refused["RequestedQuota"]["Status"], "NOT_APPROVED");
    let reply = ask(&mut h, "RequestServiceQuotaIncrease", vpcs(json!({"DesiredValue": 7}))).unwrap();
    assert_eq!(reply["RequestedQuota"]["Status"], "PENDING");
    let id = reply["RequestedQuota"]["Id"].clone();
    assert_eq!(code(&mut h, "RequestServiceQuotaIncrease", vpcs(json!({"DesiredValue": 4}))), "ResourceAlreadyExistsException");
    settle(&mut h.db, &h.settings, h.now);
    assert_eq!(make_vpcs(&mut h), 0);
    h.settings.limits.quotas.insert("vpc/L-F678F1CE".into(), QuotaSettings { default: Some(2), max: Some(7) });
    settle(&mut h.db, &h.settings, TimestampMs(h.now.0 + 5));
    assert_eq!(make_vpcs(&mut h), 5);
    let reply = ask(&mut h, "GetRequestedServiceQuotaChange", json!({"RequestId": id})).unwrap();
    assert_eq!(reply["RequestedQuota"]["Status"], "APPROVED");
    // A request is kept for as long as AWS keeps it.
    let listed = |h: &mut Harness| {
        let reply = ask(h, "ListRequestedServiceQuotaChangeHistory", json!({"ServiceCode": "vpc"})).unwrap();
        reply["RequestedQuotas"].as_array().unwrap().len()
    };
    assert_eq!(listed(&mut h), 2);
    forget(&mut h.db, TimestampMs(h.now.0 + super::HISTORY_MS));
    assert_eq!(listed(&mut h), 2);
    forget(&mut h.db, TimestampMs(h.now.0 + super::HISTORY_MS + 10));
    assert_eq!(listed(&mut h), 0);
}

#[test]
fn refusals() {
    let mut h = harness();
    let increase = "RequestServiceQuotaIncrease";
    for (action, body, want) in [
        ("GetServiceQuota", json!({"ServiceCode": "vpc", "QuotaCode": "L-00000000"}), "NoSuchResourceException"),
        ("GetServiceQuota", json!({"ServiceCode": "rds", "QuotaCode": "L-F678F1CE"}), "NoSuchResourceException"),
        ("GetServiceQuota", vpcs(json!({"ContextId": "*"})), "UnsupportedOperation"),
        ("ListServiceQuotas", json!({"ServiceCode": "rds"}), "NoSuchResourceException"),
        ("ListServiceQuotas", json!({"ServiceCode": "vpc", "MaxResults": 101}), "IllegalArgumentException"),
        ("ListServiceQuotas", json!({"ServiceCode": "vpc", "NextToken": "x"}), "InvalidPaginationTokenException"),
        ("ListServiceQuotas", json!({"ServiceCode": "vpc", "QuotaAppliedAtLevel": "HERE"}), "IllegalArgumentException"),
        ("ListRequestedServiceQuotaChangeHistory", json!({"Status": "GONE"}), "IllegalArgumentException"),
        ("GetRequestedServiceQuotaChange", json!({"RequestId": "0"}), "NoSuchResourceException"),
        (increase, vpcs(json!({"DesiredValue": 5})), "IllegalArgumentException"),
        (increase, vpcs(json!({"DesiredValue": 5.5})), "IllegalArgumentException"),
        (increase, vpcs(json!({"DesiredValue": -1})), "IllegalArgumentException"),
        (increase, vpcs(json!({"DesiredValue": 1e300})), "IllegalArgumentException"),
        (increase, json!({"ServiceCode": "iam", "QuotaCode": "L-F55AF5E4", "DesiredValue": 6000}), "IllegalArgumentException"),
    ] {
        assert_eq!(code(&mut h, action, body.clone()), want, "{action} {body}");
    }
}

#[test]
fn every_quota_is_listed_once_over_pages() {
    let mut h = harness();
    let services = ask(&mut h, "ListServices", json!({})).unwrap();
    let mut seen = Vec::new();
    for service in services["Services"].as_array().unwrap() {
        for list in ["ListServiceQuotas", "ListAWSDefaultServiceQuotas"] {
            let mut token = Value::Null;
            loop {
                let mut body = json!({"ServiceCode": service["ServiceCode"], "MaxResults": 2});
                if !token.is_null() {
                    body["NextToken"] = token;
                }
                let page = ask(&mut h, list, body).unwrap();
                let quotas = page["Quotas"].as_array().unwrap();
                assert!(quotas.len() <= 2);
                seen.extend(
                    quotas.iter().map(|q| format!("{}/{}", q["ServiceCode"].as_str().unwrap(), q["QuotaCode"].as_str().unwrap())),
                );
                token = page["NextToken"].clone();
                if token.is_null() {
                    break;
                }
            }
        }
    }
    seen.sort();
    let mut all: Vec<_> = ALL.iter().flat_map(|q| [q.id.to_owned(), q.id.to_owned()]).collect();
    all.sort();
    assert_eq!((seen, services["Services"].as_array().unwrap().len()), (all, SERVICES.len()));
    let none = ask(&mut h, "ListServiceQuotas", json!({"ServiceCode": "vpc", "QuotaAppliedAtLevel": "RESOURCE"})).unwrap();
    assert_eq!(none["Quotas"], json!([]));
}

/// Each quota of nothing at all, and the operation that goes beyond it.
#[test]
fn what_is_listed_is_enforced() {
    let mut h = harness();
    ok(&mut h, "CreateDefaultVpc", "");
    let vpc = crate::ec2::testing::text(&ok(&mut h, "CreateVpc", "CidrBlock=10.0.0.0/16"), "vpcId");
    let group = ok(&mut h, "CreateSecurityGroup", &format!("VpcId={vpc}&GroupName=g&GroupDescription=g"));
    let group = crate::ec2::testing::text(&group, "groupId");
    let routes = crate::ec2::testing::text(&ok(&mut h, "CreateRouteTable", &format!("VpcId={vpc}")), "routeTableId");
    let rule = format!(
        "GroupId={group}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=1&IpPermissions.1.ToPort=1&IpPermissions.1.IpRanges.1.CidrIp=1.2.3.4/32"
    );
    let rows = [
        (table::ADDRESSES, "AllocateAddress", String::new(), "AddressLimitExceeded"),
        (table::VPCS, "CreateVpc", "CidrBlock=10.1.0.0/16".into(), "VpcLimitExceeded"),
        (table::SUBNETS_PER_VPC, "CreateSubnet", format!("VpcId={vpc}&CidrBlock=10.0.2.0/24"), "SubnetLimitExceeded"),
        (table::ROUTE_TABLES_PER_VPC, "CreateRouteTable", format!("VpcId={vpc}"), "RouteTableLimitExceeded"),
        (
            table::ROUTES_PER_TABLE,
            "CreateRoute",
            format!("RouteTableId={routes}&DestinationCidrBlock=1.0.0.0/8&GatewayId={{igw}}"),
            "RouteLimitExceeded",
        ),
        (table::INTERNET_GATEWAYS, "CreateInternetGateway", String::new(), "InternetGatewayLimitExceeded"),
        (
            table::SECURITY_GROUPS,
            "CreateSecurityGroup",
            format!("VpcId={vpc}&GroupName=h&GroupDescription=h"),
            "SecurityGroupLimitExceeded",
        ),
        (table::RULES_PER_SECURITY_GROUP, "AuthorizeSecurityGroupIngress", rule, "RulesPerSecurityGroupLimitExceeded"),
    ];
    let subnet = ok(&mut h, "CreateSubnet", &format!("VpcId={vpc}&CidrBlock=10.0.9.0/24"));
    let subnet = crate::ec2::testing::text(&subnet, "subnetId");
    let interface = (table::INTERFACES, "CreateNetworkInterface", format!("SubnetId={subnet}"), "NetworkInterfaceLimitExceeded");
    let igw = crate::ec2::testing::text(&ok(&mut h, "CreateInternetGateway", ""), "internetGatewayId");
    ok(&mut h, "AttachInternetGateway", &format!("InternetGatewayId={igw}&VpcId={vpc}"));
    for (quota, action, parameters, want) in rows.into_iter().chain([interface]) {
        let parameters = parameters.replace("{igw}", &igw);
        h.settings.limits.quotas.insert(quota.id.into(), QuotaSettings { default: Some(0), max: None });
        let refused = call(&mut h, action, &parameters).expect_err(quota.id);
        assert_eq!(refused.code, want, "{}", quota.id);
        h.settings.limits.quotas.clear();
        ok(&mut h, action, &parameters);
    }
}

#[test]
fn the_gateway_is_told_what_it_enforces() {
    let mut h = harness();
    ask(&mut h, "RequestServiceQuotaIncrease", vpcs(json!({"DesiredValue": 8}))).unwrap();
    let rsa = json!({"ServiceCode": "kms", "QuotaCode": "L-2AC98190", "DesiredValue": 5000});
    ask(&mut h, "RequestServiceQuotaIncrease", rsa).unwrap();
    h.settings.limits.quotas.insert("s3/L-DC2B2D3D".into(), QuotaSettings { default: Some(3), max: None });
    let told = snapshot(&h.db, &h.settings, Generation(7));
    let (own, other) = (h.caller.account.clone(), "999900001111".parse().unwrap());
    assert_eq!((told.accounts.len(), told.accounts[&own].len()), (1, 1));
    assert_eq!(told.value(&own, wire::quota::KMS_RSA_PER_SECOND), 5000);
    assert_eq!(told.value(&other, wire::quota::KMS_RSA_PER_SECOND), 1000);
    assert_eq!(told.value(&other, wire::quota::S3_BUCKETS), 3);
    assert_eq!(unknown_setting(&h.settings), None);
    h.settings.limits.quotas.insert("vpc/L-0".into(), QuotaSettings::default());
    assert_eq!(unknown_setting(&h.settings), Some("vpc/L-0"));
}

#[test]
fn so_is_what_is_listed_of_iam_and_kms() {
    let mut h = harness();
    let table = crate::operations();
    let iam = |h: &mut Harness, form: &str| {
        let form = aws_protocol::Form::parse(format!("{form}&Version=2010-05-08").as_bytes()).unwrap();
        match with_ctx(h, |ctx| dispatch::run_form(&table, ctx, "iam", &form)) {
            Ok(_) => "",
            Err(OpError::Aws(e)) if e.code == "LimitExceeded" => "LimitExceeded",
            Err(e) => panic!("{form:?}: {e:?}"),
        }
    };
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    let attach = "PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess";
    assert_eq!(iam(&mut h, &format!("Action=CreateRole&RoleName=r0&AssumeRolePolicyDocument={trust}")), "");
    assert_eq!(iam(&mut h, "Action=CreateUser&UserName=u0"), "");
    assert_eq!(iam(&mut h, "Action=CreateGroup&GroupName=g0"), "");
    h.db.take_mutations();
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let escaped = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let metadata = escaped(&crate::saml::testing::metadata());
    let (body, key) = (include_str!("../iam/tests/data/ec.pem"), include_str!("../iam/tests/data/ec.key"));
    let certificate = format!("CertificateBody={}&PrivateKey={}", escaped(body), escaped(key));
    // 2027: the certificate is of the end of 2026.
    h.now = TimestampMs(1_800_000_000_000);
    for (quota, form) in [
        (table::USERS, "Action=CreateUser&UserName=u".to_owned()),
        (table::GROUPS, "Action=CreateGroup&GroupName=g".into()),
        (table::ROLES, format!("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument={trust}")),
        (table::TRUST_POLICY_CHARS, format!("Action=UpdateAssumeRolePolicy&RoleName=r0&PolicyDocument={trust}")),
        (table::POLICIES, format!("Action=CreatePolicy&PolicyName=p&PolicyDocument={document}")),
        (table::INSTANCE_PROFILES, "Action=CreateInstanceProfile&InstanceProfileName=i".into()),
        (table::OIDC_PROVIDERS, "Action=CreateOpenIDConnectProvider&Url=https://a.example&ClientIDList.member.1=x".into()),
        (table::SAML_PROVIDERS, format!("Action=CreateSAMLProvider&Name=s&SAMLMetadataDocument={metadata}")),
        (table::SERVER_CERTIFICATES, format!("Action=UploadServerCertificate&ServerCertificateName=c&{certificate}")),
        (table::POLICIES_PER_USER, format!("Action=AttachUserPolicy&UserName=u0&{attach}")),
        (table::POLICIES_PER_GROUP, format!("Action=AttachGroupPolicy&GroupName=g0&{attach}")),
        (table::POLICIES_PER_ROLE, format!("Action=AttachRolePolicy&RoleName=r0&{attach}")),
    ] {
        h.settings.limits.quotas.insert(quota.id.into(), QuotaSettings { default: Some(0), max: None });
        assert_eq!(iam(&mut h, &form), "LimitExceeded", "{}", quota.id);
        h.db.rollback();
        h.settings.limits.quotas.clear();
        assert_eq!(iam(&mut h, &form), "", "{}", quota.id);
        h.db.take_mutations();
    }
    // Of keys' aliases and grants: `kms::tests`.
    h.settings.limits.quotas.insert(table::KMS_KEYS.id.into(), QuotaSettings { default: Some(0), max: None });
    let outcome = with_ctx(&mut h, |ctx| dispatch::run_json(&table, ctx, "kms", "TrentService.CreateKey", b"{}"));
    assert!(matches!(&outcome, Err(OpError::Aws(e)) if e.code == "LimitExceededException"), "{outcome:?}");
}
