//! Every operation that is served: denied to a user without policies, not denied to one with exactly the documented action on
//! the documented resource, denied to one with every other action; and every operation of the model has a row.

use super::tests::{ACCOUNT, DENIALS, denied, keep, run, user};
use crate::ec2::testing::{Harness, harness, ok};
use ::iam::catalog::{self, Judged, Need, On, Row, When};
use aws_protocol::{Operation, Protocol};

#[test]
fn every_operation_of_the_model_has_a_row() {
    let mut seen = 0;
    for operation in aws_protocol::SERVICES.iter().flat_map(|s| s.operations) {
        let row = catalog::find(operation.service.name, operation.name);
        let row = row.unwrap_or_else(|| panic!("{}:{} has no row", operation.service.name, operation.name));
        for need in row.needs {
            for parameter in need.on().flat_map(|on| on.parameters().collect::<Vec<_>>()) {
                let top = parameter.split('.').next().unwrap();
                let known = match operation.service.protocol {
                    Protocol::Json11 => {
                        operation.members.is_empty() || operation.members.iter().any(|m| m.split('.').next() == Some(top))
                    }
                    _ => operation.has_member(parameter),
                };
                assert!(known, "{} has no parameter {parameter}", operation.name);
            }
        }
        seen += 1;
    }
    for operation in aws_protocol::s3::Operation::ALL {
        assert!(catalog::find("s3", operation.name()).is_some(), "s3:{} has no row", operation.name());
        seen += 1;
    }
    assert_eq!(seen, catalog::rows().count(), "a row is of no operation");
}

/// What is put where a parameter names a resource.
fn name_of(h: &Names, on: &On, parameter: &str) -> String {
    let balancing = |kind| catalog::arn("elasticloadbalancing", kind, "us-east-1", ACCOUNT, "app/x1/1/2/3");
    match (on.kind, parameter) {
        ("any", "ResourceArns.member.N") => balancing("loadbalancer"),
        ("loadbalancer" | "listener" | "listener-rule" | "targetgroup", p) if p.ends_with("Arn") => balancing(on.kind),
        ("certificate", _) => catalog::arn("acm", on.kind, "us-east-1", ACCOUNT, "x1"),
        ("any", "ResourceId.N") => "i-0123456789abcdef0".into(),
        ("any", _) => format!("arn:aws:iam::{ACCOUNT}:user/u1"),
        ("key", _) => h.key.clone(),
        ("alias", _) => "alias/a1".into(),
        (_, p) if p.ends_with("Arn") && p != "IamInstanceProfile.Arn" => {
            catalog::arn("iam", on.kind, "us-east-1", ACCOUNT, "/x1").replace("provider//", "provider/")
        }
        (_, "PathPrefix") => "/x1/".into(),
        (_, "Url") => "https://x1".into(),
        (_, "DeletionTaskId") => "task/aws-service-role/x1/r1/1".into(),
        _ => "x1".into(),
    }
}

struct Names {
    /// A KMS key that exists.
    key: String,
}

/// The parameters that name a request's resources, in the protocol's form; of alternatives the first.
fn body(h: &Names, operation: &Operation, row: &Row) -> String {
    let mut given: Vec<(String, String)> = Vec::new();
    for on in row.needs.iter().filter(|n| n.when == When::Always).flat_map(Need::on) {
        if let Some(parameter) = on.parameters().next().filter(|_| !on.optional) {
            let path = parameter.split('.').map(|p| if p == "N" { "1" } else { p }).collect::<Vec<_>>().join(".");
            if given.iter().all(|(p, _)| *p != path) {
                given.push((path, name_of(h, &on, parameter)));
            }
        }
    }
    if operation.service.protocol == Protocol::Json11 {
        let mut object = serde_json::Map::new();
        for (path, value) in given {
            match path.strip_suffix(".1") {
                Some(list) => object.insert(list.into(), serde_json::json!([value])),
                None => object.insert(path, value.into()),
            };
        }
        // Operations that ask inside are decoded, and their words checked, first.
        for name in operation.required.iter().filter(|_| row.judged == Judged::Inside) {
            object.entry(*name).or_insert_with(|| plausible(name));
        }
        return serde_json::Value::Object(object).to_string();
    }
    // AssumeRole asks inside, too.
    given.extend((row.operation == "AssumeRole").then(|| ("RoleSessionName".to_owned(), "walker".to_owned())));
    given.iter().map(|(p, v)| format!("{p}={v}")).collect::<Vec<_>>().join("&")
}

fn plausible(member: &str) -> serde_json::Value {
    match member {
        "GranteePrincipal" | "RetiringPrincipal" => format!("arn:aws:iam::{ACCOUNT}:root").into(),
        "GrantId" => "0".repeat(64).into(),
        "Operations" => serde_json::json!(["Decrypt"]),
        "Policy" => "{}".into(),
        "PrimaryRegion" | "ReplicaRegion" => "us-west-2".into(),
        "TagKeys" => serde_json::json!(["a"]),
        "Tags" => serde_json::json!([{"TagKey": "a", "TagValue": "1"}]),
        "WrappingAlgorithm" => "RSAES_OAEP_SHA_256".into(),
        "WrappingKeySpec" => "RSA_2048".into(),
        _ => "AAAA".into(),
    }
}

/// The documented resource, as a policy names it.
fn resource(h: &Names, row: &Row, need: &Need, on: &On) -> Option<String> {
    let service = need.action.split(':').next().unwrap();
    let arn = |name: &str| Some(catalog::arn(service, on.kind, "us-east-1", ACCOUNT, name));
    let Some(parameter) = on.parameters().next() else {
        return match (on.kind, row.operation) {
            ("*", _) => Some("*".into()),
            ("user", _) => Some(format!("arn:aws:iam::{ACCOUNT}:user/walker")),
            _ => arn("*"),
        };
    };
    if on.optional {
        return None;
    }
    let name = name_of(h, on, parameter);
    match (service, on.kind) {
        ("ec2", "any") => Some(catalog::arn("ec2", "instance", "us-east-1", ACCOUNT, &name)),
        _ if name.starts_with("arn:") => Some(name),
        // Launches into the default VPC's subnets and group.
        ("ec2", "subnet" | "security-group") if row.operation == "RunInstances" => arn("*"),
        ("elasticloadbalancing", "loadbalancer") => arn("app/x1/*"),
        ("elasticloadbalancing", "targetgroup") => arn("x1/*"),
        ("iam", "user") if parameter == "AccessKeyId" => arn("/*"),
        ("iam", "role") if parameter == "AWSServiceName" => arn("/aws-service-role/x1/AWSServiceRoleFor*"),
        ("iam", "role") if parameter == "DeletionTaskId" => arn("/aws-service-role/x1/r1"),
        ("iam", "oidc-provider") => arn("x1"),
        ("iam", "saml-provider") => arn("x1"),
        ("iam", _) if parameter == "PathPrefix" => arn("/x1/"),
        ("iam", _) => arn("/x1"),
        ("servicequotas", _) => arn("x1/*"),
        _ => arn(&name),
    }
}

fn statement(effect: &str, action_element: &str, action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"{effect}","{action_element}":"{action}","Resource":"{resource}"}}"#)
}

/// The default VPC, a key and its alias, a role that trusts the account.
fn prepared() -> (Harness, Names) {
    let mut h = harness();
    ok(&mut h, "CreateDefaultVpc", "");
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"sts:AssumeRole"}}}}"#
    );
    h.db.put(crate::rows::Role {
        account: ACCOUNT.parse().unwrap(),
        id: "AROAX1".into(),
        name: "x1".into(),
        path: "/".into(),
        created: h.now,
        description: None,
        max_session_s: 3600,
        trust,
        tags: Default::default(),
        boundary: None,
        inline: Default::default(),
        attached: Vec::new(),
        service: None,
    });
    let root = crate::ec2::testing::principal(ACCOUNT);
    let root = (root.clone(), ::iam::Bundle::of(::iam::caller::principal(&root)));
    let mut make = |action: &str, body: String| {
        let reply = keep(&mut h, &root, "kms", action, &body);
        let reply: serde_json::Value = serde_json::from_str(&reply).unwrap_or_default();
        reply["KeyMetadata"]["KeyId"].as_str().map(str::to_owned)
    };
    let key = make("CreateKey", r#"{"Origin":"EXTERNAL"}"#.into()).unwrap();
    make("CreateAlias", format!(r#"{{"AliasName":"alias/a1","TargetKeyId":"{key}"}}"#));
    (h, Names { key })
}

#[test]
fn each_served_operation_asks_for_its_action_on_its_resource_and_nothing_else() {
    let (mut h, names) = prepared();
    let table = crate::operations();
    let mut walked = 0;
    for entry in table.entries() {
        let (service, name) = (entry.operation.service.name, entry.operation.name);
        let row = catalog::find(service, name).unwrap();
        let body = body(&names, entry.operation, row);
        if row.judged == Judged::Never {
            let outcome = run(&mut h, &user(&statement("Deny", "Action", "*", "*")), service, name, &body);
            assert!(!matches!(&outcome, Some(Err(e)) if DENIALS.contains(&e.code.as_ref())), "{service}:{name} {outcome:?}");
            continue;
        }
        if ["AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"].contains(&row.operation) {
            // Whoever asks has no policies; `sts::tests` has whom the role's trust policy lets in.
            continue;
        }
        if row.needs.iter().all(|n| n.when != When::Always) {
            // RetireGrant: the grant gives the right.
            continue;
        }
        walked += 1;
        // Nothing allowed: the protocol's own code.
        let outcome = run(&mut h, &user(&statement("Allow", "Action", "none:None", "*")), service, name, &body);
        let want = match entry.operation.service.protocol {
            Protocol::Ec2 => "UnauthorizedOperation",
            Protocol::Query => "AccessDenied",
            Protocol::Json11 => "AccessDeniedException",
        };
        assert!(matches!(&outcome, Some(Err(e)) if e.code == want), "{service}:{name} {body} without a policy: {outcome:?}");
        // Exactly what is documented.
        let needs = row.needs.iter().filter(|n| n.when == When::Always);
        let exact: Vec<String> = needs
            .clone()
            .flat_map(|need| {
                need.on()
                    .filter_map(|on| Some(statement("Allow", "Action", need.action, &resource(&names, row, need, &on)?)))
                    .collect::<Vec<_>>()
            })
            .collect();
        let outcome = run(&mut h, &user(&exact.join(",")), service, name, &body);
        assert!(
            !matches!(&outcome, Some(Err(e)) if DENIALS.contains(&e.code.as_ref())),
            "{service}:{name} {body} with {exact:?}: {outcome:?}"
        );
        // Everything but that, and the action on another resource.
        for need in needs.filter(|n| n.on().any(|on| !on.optional)) {
            let but = statement("Allow", "NotAction", need.action, "*");
            assert!(denied(&mut h, &user(&but), service, name, &body), "{service}:{name} without {}", need.action);
            if need.on().any(|on| on.kind != "*" && !on.optional) {
                let elsewhere = statement("Allow", "Action", need.action, "arn:aws:none:us-east-1:123456789012:none/x");
                let all = format!("{but},{elsewhere}");
                assert!(denied(&mut h, &user(&all), service, name, &body), "{service}:{name} on another resource");
            }
        }
    }
    assert!(walked > 100, "only {walked} operations were walked");
}
