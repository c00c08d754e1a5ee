//! Who may use a key: rows of (who, which policies, what, verdict).

use super::*;
use iam::{Directory, PolicyKind};
use wire::identity::{Attached, Entity, EntityKind, Part, Principal as Caller, PrincipalKind};
use wire::kms::{KeySpec, KeyState, KeyUsage};

const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn key(grants: Vec<Grant>) -> Key {
    Key {
        account: "111122223333".parse().unwrap(),
        id: "1234abcd-12ab-34cd-56ef-1234567890ab".into(),
        arn: ARN.into(),
        spec: KeySpec::Symmetric,
        usage: KeyUsage::EncryptDecrypt,
        state: KeyState::Enabled,
        origin: "AWS_KMS".into(),
        policy: String::new(),
        tags: [("team".to_owned(), "red".to_owned())].into(),
        current: 1,
        materials: Vec::new(),
        valid_to: None,
        grants,
    }
}

fn document(actions: &str, effect: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{actions}","Resource":"*"}}]}}"#)
}

struct Case {
    caller: Caller,
    policy: String,
    identity: Option<String>,
    grants: Vec<Grant>,
    context: EncryptionContext,
    via: Option<&'static str>,
}

/// What bears on a caller who is a user with one document, or a root user.
fn bundle(caller: &Caller, document: Option<&String>) -> Bundle {
    let PrincipalKind::User { name } = &caller.kind else { return Bundle::of(iam::caller::principal(caller)) };
    let mut directory = Directory::default();
    directory.put(Part {
        name: "part".into(),
        account: caller.account.clone(),
        entities: vec![Entity {
            id: caller.user_id.clone(),
            arn: caller.arn.clone(),
            name: name.clone(),
            kind: EntityKind::User,
            tags: Default::default(),
            policies: document.iter().map(|_| Attached { name: "own".into(), document: 0 }).collect(),
            boundary: None,
            keys: Vec::new(),
            devices: Vec::new(),
        }],
        documents: document.iter().map(|d| d.as_str().into()).collect(),
    });
    directory.bundle(caller).unwrap()
}

impl Case {
    fn ask(&self) -> bool {
        let key = key(self.grants.clone());
        let policy = Policy::parse(&self.policy, PolicyKind::Resource).unwrap();
        let bundle = bundle(&self.caller, self.identity.as_ref());
        let mut context = Context::of(&bundle.principal);
        describe(&mut context, &key, Some(&self.caller.account), "alias/mine", &["alias/mine"]);
        describe_context(&mut context, &self.context);
        if let Some(via) = self.via {
            context.set("kms:ViaService", via);
        }
        let wanted =
            Use { action: "kms:Decrypt", key: &key, policy: &policy, encryption_context: &self.context, context: &context };
        let (outcome, trace) = may(&bundle, &wanted);
        assert_eq!(outcome.is_ok(), trace.allowed);
        outcome.is_ok()
    }
}

fn case(who: &str) -> Case {
    let (account, kind) = match who {
        "stranger" => ("999900001111", PrincipalKind::User { name: "eve".into() }),
        "root" => ("111122223333", PrincipalKind::Root),
        name => ("111122223333", PrincipalKind::User { name: name.into() }),
    };
    let name = if let PrincipalKind::User { name } = &kind { format!("user/{name}") } else { "root".into() };
    Case {
        caller: Caller {
            account: account.parse().unwrap(),
            arn: format!("arn:aws:iam::{account}:{name}"),
            user_id: "AIDA1".into(),
            kind,
            session: None,
        },
        policy: default_policy(&"111122223333".parse().unwrap()),
        identity: None,
        grants: Vec::new(),
        context: EncryptionContext::new(),
        via: None,
    }
}

fn grant_to(arn: &str) -> Vec<Grant> {
    vec![Grant {
        id: "g".into(),
        token: "t".into(),
        grantee: arn.into(),
        retiring: None,
        operations: vec!["Decrypt".into()],
        context_subset: None,
        context_equals: None,
    }]
}

#[test]
fn the_default_policy_hands_the_decision_to_the_account() {
    assert!(case("root").ask());
    assert!(!case("ann").ask());
    assert!(Case { identity: Some(document("kms:Decrypt", "Allow")), ..case("ann") }.ask());
    assert!(!Case { identity: Some(document("kms:Encrypt", "Allow")), ..case("ann") }.ask());
    assert!(!Case { identity: Some(document("kms:*", "Allow")), ..case("stranger") }.ask());
}

#[test]
fn a_key_policy_that_does_not_allow_leaves_no_other_way_but_a_grant() {
    let closed = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"kms:*","Resource":"*"}]}"#;
    let of = |who| Case { policy: closed.into(), identity: Some(document("kms:*", "Allow")), ..case(who) };
    assert!(of("bob").ask());
    assert!(!of("ann").ask());
    assert!(!of("root").ask());
    let granted = grant_to("arn:aws:iam::111122223333:user/ann");
    assert!(Case { grants: granted.clone(), ..of("ann") }.ask());
    assert!(Case { grants: granted.clone(), identity: None, ..of("ann") }.ask());
    assert!(!Case { grants: granted, identity: Some(document("kms:Decrypt", "Deny")), ..of("ann") }.ask());
}

#[test]
fn another_account_needs_both_or_a_grant() {
    let shared = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"999900001111"},"Action":"kms:Decrypt","Resource":"*"}]}"#;
    let of = |identity: Option<String>| Case { policy: shared.into(), identity, ..case("stranger") };
    assert!(of(Some(document("kms:Decrypt", "Allow"))).ask());
    assert!(!of(None).ask());
    assert!(Case { grants: grant_to("arn:aws:iam::999900001111:user/eve"), ..case("stranger") }.ask());
}

#[test]
fn a_services_key_is_for_the_account_through_the_service() {
    let policy = service_policy(&"111122223333".parse().unwrap(), "us-east-1", "s3");
    let of = |who, via| Case { policy: policy.clone(), via, ..case(who) };
    assert!(of("ann", Some("s3.us-east-1.amazonaws.com")).ask());
    assert!(!of("ann", None).ask());
    assert!(!of("ann", Some("ec2.us-east-1.amazonaws.com")).ask());
    assert!(!of("stranger", Some("s3.us-east-1.amazonaws.com")).ask());
}

#[test]
fn conditions_see_the_key_and_the_encryption_context() {
    for (condition, holds) in [
        (r#"{"StringEquals":{"kms:EncryptionContext:app":"x"}}"#, true),
        (r#"{"StringEquals":{"kms:EncryptionContext:app":"y"}}"#, false),
        (r#"{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["app","b"]}}"#, true),
        (r#"{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["b"]}}"#, false),
        (
            r#"{"StringEquals":{"kms:KeySpec":"SYMMETRIC_DEFAULT","kms:KeyUsage":"ENCRYPT_DECRYPT","kms:KeyOrigin":"AWS_KMS"}}"#,
            true,
        ),
        (r#"{"StringEquals":{"kms:CallerAccount":"111122223333","aws:ResourceTag/team":"red"}}"#, true),
        (r#"{"StringEquals":{"aws:ResourceTag/team":"blue"}}"#, false),
        (
            r#"{"StringEquals":{"kms:RequestAlias":"alias/mine"},"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/m*"}}"#,
            true,
        ),
        (r#"{"StringEquals":{"kms:RequestAlias":"alias/other"}}"#, false),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:user/ann"}},"Action":"kms:Decrypt","Resource":"*","Condition":{condition}}}]}}"#
        );
        let context = [("app".to_owned(), "x".to_owned())].into();
        assert_eq!(Case { policy, context, ..case("ann") }.ask(), holds, "{condition}");
    }
}
