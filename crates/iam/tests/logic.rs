//! The evaluation logic, a row for each sentence of the IAM User Guide ("Policy evaluation logic", "Cross-account policy
//! evaluation logic", "Permissions boundaries", "AWS JSON policy elements: Principal").

use iam::{
    Context, Decision, DenyReason, Effect, Gate, Policy, PolicyKind, PolicySet, Principal, Request, Rule, Source,
    canonical_user_id, evaluate,
};
use std::sync::Arc;

const HOME: &str = "111122223333";
const OTHER: &str = "444455556666";
const OBJECT: &str = "arn:aws:s3:::b/k";

fn identity(effect: &str) -> Arc<Policy> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"s3:*","Resource":"*"}}}}"#);
    Arc::new(Policy::parse(&text, PolicyKind::Identity).unwrap())
}

fn bucket(effect: &str, principal: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":
            {{"Effect":"{effect}","Principal":{principal},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}}}}"#
    );
    Policy::parse(&text, PolicyKind::Resource).unwrap()
}

fn aws(name: &str) -> String {
    format!(r#"{{"AWS":"{name}"}}"#)
}

fn root() -> Principal {
    Principal::root(&HOME.parse().unwrap())
}

fn user() -> Principal {
    Principal::user(&HOME.parse().unwrap(), "/eng/", "ann", "AIDAANN4567890123456")
}

fn session() -> Principal {
    Principal::role_session(&HOME.parse().unwrap(), "/ops/", "r", "AROAR456789012345678", "s")
}

fn federated() -> Principal {
    Principal::federated_user(&HOME.parse().unwrap(), &user().arn, "bob")
}

/// What each document says: `+` allows, `-` denies, `0` says nothing, a space is none.
struct Row {
    sentence: &'static str,
    who: Principal,
    /// Organisation, identity, boundary, session.
    documents: &'static str,
    /// Effect and Principal of the bucket's policy; an empty effect is none.
    resource: (&'static str, String),
    owner: &'static str,
    want: Result<(), DenyReason>,
}

fn row(
    sentence: &'static str,
    who: Principal,
    documents: &'static str,
    resource: (&'static str, String),
    owner: &'static str,
    want: Result<(), DenyReason>,
) -> Row {
    Row { sentence, who, documents, resource, owner, want }
}

fn said(sign: char) -> Option<Arc<Policy>> {
    match sign {
        '+' => Some(identity("Allow")),
        '-' => Some(identity("Deny")),
        '0' => {
            let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
            Some(Arc::new(Policy::parse(text, PolicyKind::Identity).unwrap()))
        }
        ' ' => None,
        other => panic!("{other}"),
    }
}

fn decide(row: &Row, rule: Rule) -> Decision {
    let mut signs = row.documents.chars().map(said);
    let mut next = || signs.next().expect("four signs");
    let organisation: Vec<Vec<_>> = next().map(|p| vec![p]).into_iter().collect();
    let identity: Vec<_> = next().into_iter().collect();
    let boundary = next();
    let session: Option<Vec<_>> = next().map(|p| vec![p]);
    let (effect, principal) = &row.resource;
    let resource = (!effect.is_empty()).then(|| bucket(effect, principal));
    let set = PolicySet {
        identity: &identity,
        boundary: boundary.as_deref(),
        session: session.as_deref(),
        resource: resource.as_ref(),
        resource_rule: rule,
        organisation: &organisation,
    };
    let context = Context::of(&row.who);
    let request = Request {
        principal: &row.who,
        action: "s3:GetObject",
        resource: OBJECT,
        resource_account: Some(row.owner),
        context: &context,
    };
    evaluate(&set, &request)
}

fn check(rows: Vec<Row>, rule: Rule) {
    for r in rows {
        let got = match decide(&r, rule) {
            Decision::Allow { .. } => Ok(()),
            Decision::Deny(reason) => Err(reason),
        };
        assert_eq!(got, r.want, "{} ({:?} {:?} {:?})", r.sentence, r.who.arn, r.documents, r.resource);
    }
}

fn implicit(gate: Gate) -> Result<(), DenyReason> {
    Err(DenyReason::Implicit(gate))
}

fn explicit(source: Source) -> Result<(), DenyReason> {
    Err(DenyReason::Explicit { source, statement: 0 })
}

fn none() -> (&'static str, String) {
    ("", String::new())
}

fn allow(principal: String) -> (&'static str, String) {
    ("Allow", principal)
}

#[test]
fn within_one_account() {
    let account = || allow(aws(HOME));
    let everybody = || allow(r#""*""#.into());
    let role = || allow(aws("arn:aws:iam::111122223333:role/ops/r"));
    let the_session = || allow(aws(&session().arn));
    let the_user = || allow(aws(&user().arn));
    let boundary = Gate::Boundary;
    check(
        vec![
            row("by default all requests are implicitly denied", user(), "    ", none(), HOME, implicit(Gate::NoAllow)),
            row("with the exception of the root user", root(), "    ", none(), HOME, Ok(())),
            row("an explicit allow in an identity policy", user(), " +  ", none(), HOME, Ok(())),
            row("or a resource policy overrides this default", user(), "    ", the_user(), HOME, Ok(())),
            row("a boundary might override with an implicit deny", user(), " +0 ", none(), HOME, implicit(boundary)),
            row("so might an SCP", user(), "0+  ", none(), HOME, implicit(Gate::Organisation)),
            row("so might a session policy", session(), " + 0", none(), HOME, implicit(Gate::Session)),
            row("all three allow", session(), "++++", none(), HOME, Ok(())),
            row("a boundary grants nothing", user(), "  + ", none(), HOME, implicit(Gate::NoAllow)),
            row("nor does an SCP", user(), "+   ", none(), HOME, implicit(Gate::NoAllow)),
            row("nor a session policy", session(), "   +", none(), HOME, implicit(Gate::NoAllow)),
            row("the SCP maximum applies to root", root(), "0   ", none(), HOME, implicit(Gate::Organisation)),
            // An explicit deny in any policy overrides any allows.
            row("SCP", user(), "-+  ", the_user(), HOME, explicit(Source::Organisation { level: 0, policy: 0 })),
            row("identity", user(), " -  ", the_user(), HOME, explicit(Source::Identity(0))),
            row("boundary", user(), " +- ", the_user(), HOME, explicit(Source::Boundary)),
            row("session", session(), " + -", the_session(), HOME, explicit(Source::Session(0))),
            row("resource", user(), " +  ", ("Deny", aws(&user().arn)), HOME, explicit(Source::Resource)),
            row("resource, the account", user(), " +  ", ("Deny", aws(HOME)), HOME, explicit(Source::Resource)),
            row("resource, the role", session(), " +  ", ("Deny", role().1), HOME, explicit(Source::Resource)),
            row("even for root", root(), "    ", ("Deny", r#""*""#.into()), HOME, explicit(Source::Resource)),
            // Resource-based policies and implicit denies in other policy types (same account), the table.
            row("user ARN: not limited by boundary", user(), " 00 ", the_user(), HOME, Ok(())),
            row("but by the SCP", user(), "000 ", the_user(), HOME, implicit(Gate::Organisation)),
            row("role ARN: not limited by identity", session(), " 0  ", role(), HOME, Ok(())),
            row("limited by a boundary", session(), " 00 ", role(), HOME, implicit(Gate::Boundary)),
            row("limited by a session policy", session(), " 0+0", role(), HOME, implicit(Gate::Session)),
            row("both allow", session(), " 0++", role(), HOME, Ok(())),
            row("session ARN: not limited", session(), " 000", the_session(), HOME, Ok(())),
            row("federated user, session ARN", federated(), " 000", allow(aws(&federated().arn)), HOME, Ok(())),
            row("the user who federated: limited", federated(), " 0 0", the_user(), HOME, implicit(Gate::Session)),
            row("by the boundary too", federated(), " 00+", the_user(), HOME, implicit(Gate::Boundary)),
            row("and allowed by both", federated(), " 0++", the_user(), HOME, Ok(())),
            row("a federated user without session policy", federated(), " +  ", none(), HOME, implicit(Gate::Session)),
            row("with one that allows", federated(), " + +", none(), HOME, Ok(())),
            row("root ARN for root", root(), "    ", account(), HOME, Ok(())),
            // Everybody: "For IAM users and role principals within your account, no other permissions are required."
            row("everybody, user", user(), " 00 ", everybody(), HOME, Ok(())),
            row("everybody, session", session(), " 000", everybody(), HOME, Ok(())),
            // The account: "This delegates authority to the account."
            row("the account alone does not grant", user(), " 0  ", account(), HOME, implicit(Gate::NoAllow)),
            row("identity decides", user(), " +  ", account(), HOME, Ok(())),
            row("and the boundary limits", session(), " +0 ", account(), HOME, implicit(Gate::Boundary)),
            row("somebody else named", user(), " 0  ", role(), HOME, implicit(Gate::NoAllow)),
            row("by unique id", user(), "    ", allow(aws("AIDAANN4567890123456")), HOME, Ok(())),
            row("role by unique id", session(), "    ", allow(aws("AROAR456789012345678")), HOME, Ok(())),
        ],
        Rule::Optional,
    );
}

#[test]
fn the_resource_policy_must_allow() {
    let account = || allow(aws(HOME));
    check(
        vec![
            row("identity alone is not enough", user(), " +  ", none(), HOME, implicit(Gate::Resource)),
            row("nor for root", root(), "    ", none(), HOME, implicit(Gate::Resource)),
            row("the account and identity", user(), " +  ", account(), HOME, Ok(())),
            row("the account alone", user(), " 0  ", account(), HOME, implicit(Gate::NoAllow)),
            row("the account, root", root(), "    ", account(), HOME, Ok(())),
            row("the user", user(), "    ", allow(aws(&user().arn)), HOME, Ok(())),
        ],
        Rule::Required,
    );
}

#[test]
fn across_accounts() {
    let everybody = || allow(r#""*""#.into());
    let the_user = || allow(aws(&user().arn));
    check(
        vec![
            row("identity alone", user(), " +  ", none(), OTHER, implicit(Gate::Resource)),
            row("resource alone", user(), " 0  ", the_user(), OTHER, implicit(Gate::NoAllow)),
            row("both", user(), " +  ", the_user(), OTHER, Ok(())),
            row("the account", user(), " +  ", allow(aws(HOME)), OTHER, Ok(())),
            row("the wrong account", user(), " +  ", allow(aws(OTHER)), OTHER, implicit(Gate::Resource)),
            row("everybody and identity", user(), " +  ", everybody(), OTHER, Ok(())),
            row("everybody alone", user(), " 0  ", everybody(), OTHER, implicit(Gate::NoAllow)),
            row("boundary limits", user(), " +0 ", the_user(), OTHER, implicit(Gate::Boundary)),
            row("session limits", session(), " + 0", allow(aws(&session().arn)), OTHER, implicit(Gate::Session)),
            row("the role", session(), " +++", allow(aws("arn:aws:iam::111122223333:role/ops/r")), OTHER, Ok(())),
            row("the SCP of the caller", user(), "0+  ", the_user(), OTHER, implicit(Gate::Organisation)),
            row("root of another account", root(), "    ", none(), OTHER, implicit(Gate::Resource)),
            row("and named", root(), "    ", allow(aws(HOME)), OTHER, Ok(())),
        ],
        Rule::Optional,
    );
}

#[test]
fn those_without_an_account() {
    let anonymous = Principal::anonymous;
    let service = || Principal::service("logging.s3.amazonaws.com");
    let provider = || Principal::federated("accounts.google.com", "someone");
    let resource = Gate::Resource;
    let named = r#"{"Service":["logging.s3.amazonaws.com","x.amazonaws.com"]}"#;
    check(
        vec![
            row("anonymous", anonymous(), "    ", none(), OTHER, implicit(resource)),
            row("everybody", anonymous(), "    ", allow(r#""*""#.into()), OTHER, Ok(())),
            row("AWS everybody", anonymous(), "    ", allow(aws("*")), OTHER, Ok(())),
            row("a denied service", service(), "    ", ("Deny", r#""*""#.into()), OTHER, explicit(Source::Resource)),
            row("an account", anonymous(), "    ", allow(aws(OTHER)), OTHER, implicit(resource)),
            row("a service", service(), "    ", allow(named.into()), OTHER, Ok(())),
            row(
                "another service",
                service(),
                "    ",
                allow(r#"{"Service":"x.amazonaws.com"}"#.into()),
                OTHER,
                implicit(resource),
            ),
            row("a provider", provider(), "    ", allow(r#"{"Federated":"accounts.google.com"}"#.into()), OTHER, Ok(())),
            row("not as AWS", provider(), "    ", allow(named.into()), OTHER, implicit(resource)),
        ],
        Rule::Optional,
    );
}

/// "The SCP at every level must allow": a service control policy list for each of root, unit, account.
#[test]
fn every_level_of_the_organisation_allows() {
    let (yes, no) = (said('+').unwrap(), said('0').unwrap());
    let who = user();
    let context = Context::of(&who);
    let request =
        Request { principal: &who, action: "s3:GetObject", resource: OBJECT, resource_account: None, context: &context };
    let identity = [identity("Allow")];
    for (levels, want) in [
        (vec![vec![yes.clone()], vec![yes.clone()]], true),
        (vec![vec![yes.clone()], vec![no.clone()]], false),
        (vec![vec![no.clone(), yes.clone()], vec![yes.clone()]], true),
        (vec![vec![], vec![yes]], false),
    ] {
        let set = PolicySet { identity: &identity, organisation: &levels, ..PolicySet::default() };
        assert_eq!(evaluate(&set, &request).is_allowed(), want);
    }
}

/// "When you use NotPrincipal with Deny, you must also specify the account ARN of the not-denied principal."
#[test]
fn not_principal() {
    let bob =
        |names: &[&str]| format!(r#"{{"AWS":[{}]}}"#, names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(","));
    let (u, s, r) = (user().arn, session().arn, "arn:aws:iam::111122223333:role/ops/r");
    let account = "arn:aws:iam::111122223333:root";
    for (effect, names, who, want) in [
        ("Deny", bob(&[&u, account]), user(), Effect::Silent),
        ("Deny", bob(&[&u]), user(), Effect::Deny(0)),
        ("Deny", bob(&[account]), user(), Effect::Deny(0)),
        ("Deny", bob(&[account]), root(), Effect::Silent),
        ("Deny", bob(&[&s, r, account]), session(), Effect::Silent),
        ("Deny", bob(&[&s, account]), session(), Effect::Deny(0)),
        ("Deny", bob(&[&s, r]), session(), Effect::Deny(0)),
        ("Deny", bob(&[&u, account]), Principal::anonymous(), Effect::Deny(0)),
        ("Allow", bob(&[&u]), user(), Effect::Silent),
        ("Allow", bob(&[account]), user(), Effect::Silent),
        ("Allow", bob(&[&u]), session(), Effect::Allow(0)),
        ("Allow", bob(&[&u]), Principal::anonymous(), Effect::Allow(0)),
    ] {
        let text = format!(r#"{{"Statement":[{{"Effect":"{effect}","NotPrincipal":{names},"Action":"s3:*","Resource":"*"}}]}}"#);
        let policy = Policy::parse(&text, PolicyKind::Resource).unwrap();
        let context = Context::of(&who);
        let request =
            Request { principal: &who, action: "s3:GetObject", resource: OBJECT, resource_account: None, context: &context };
        assert_eq!(policy.decide(&request), want, "{text} {}", who.arn);
    }
}

/// S3: "CanonicalUser" is the account by another name.
#[test]
fn canonical_user() {
    let id = canonical_user_id(&HOME.parse().unwrap());
    assert!(id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()));
    // It stands in stored ACLs and policies: it may never change.
    assert_eq!(id, "c4c204e00a267cafde3b3d916ea0092e5bcbbe4459646b3d96229a8577b30db2");
    assert_ne!(id, canonical_user_id(&OTHER.parse().unwrap()));
    let policy = bucket("Allow", &format!(r#"{{"CanonicalUser":"{id}"}}"#));
    let identity = [identity("Allow")];
    let stranger = Principal::user(&"999999999999".parse().unwrap(), "/", "ann", "AIDAANN4567890123456");
    for (who, identity, want) in [
        (user(), &identity[..], true),
        (user(), &[], false),
        (stranger, &identity[..], false),
        (root(), &[], true),
        (Principal::anonymous(), &[], false),
    ] {
        let context = Context::of(&who);
        let request = Request {
            principal: &who,
            action: "s3:GetObject",
            resource: OBJECT,
            resource_account: Some(OTHER),
            context: &context,
        };
        let set = PolicySet { identity, resource: Some(&policy), ..PolicySet::default() };
        assert_eq!(evaluate(&set, &request).is_allowed(), want, "{}", who.arn);
    }
}

#[test]
fn a_decision_names_its_statement_and_says_why() {
    let text = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"},
        {"Sid":"NoLogs","Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::logs/*"}]}"#;
    let identity = [Arc::new(Policy::parse(text, PolicyKind::Identity).unwrap())];
    let set = PolicySet { identity: &identity, ..PolicySet::default() };
    let who = user();
    let context = Context::of(&who);
    let ask = |action, resource| {
        evaluate(&set, &Request { principal: &who, action, resource, resource_account: None, context: &context })
    };
    assert_eq!(ask("s3:GetObject", OBJECT), Decision::Allow { by: Some((Source::Identity(0), 0)) });
    let Decision::Deny(reason) = ask("s3:GetObject", "arn:aws:s3:::logs/1") else { panic!() };
    let DenyReason::Explicit { source, statement } = reason else { panic!() };
    assert_eq!(set.policy(source).unwrap().statements().nth(statement).unwrap().sid(), Some("NoLogs"));
    assert_eq!(reason.message("s3:GetObject").to_string(), "with an explicit deny in an identity-based policy");
    let Decision::Deny(reason) = ask("s3:PutObject", OBJECT) else { panic!() };
    let text = reason.message("s3:PutObject").to_string();
    assert_eq!(text, "because no identity-based policy allows the s3:PutObject action");
}
