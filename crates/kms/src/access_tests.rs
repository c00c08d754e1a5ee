//! Who may use a key: rows of (who, which policies, what, verdict).

use super::*;
use iam::PolicyKind;
use std::sync::Arc;
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

fn identity(actions: &str, effect: &str) -> Vec<Arc<Policy>> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{actions}","Resource":"*"}}]}}"#);
    vec![Arc::new(Policy::parse(&text, PolicyKind::Identity).unwrap())]
}

struct Case {
    principal: Principal,
    policy: String,
    identity: Vec<Arc<Policy>>,
    grants: Vec<Grant>,
    context: EncryptionContext,
    via: Option<&'static str>,
}

impl Case {
    fn ask(&self) -> bool {
        let key = key(self.grants.clone());
        let policy = Policy::parse(&self.policy, PolicyKind::Resource).unwrap();
        let mut context = Context::of(&self.principal);
        describe(&mut context, &key, self.principal.account.as_ref(), "alias/mine", &["alias/mine"]);
        describe_context(&mut context, &self.context);
        if let Some(via) = self.via {
            context.set("kms:ViaService", via);
        }
        let wanted = Use {
            principal: &self.principal,
            action: "kms:Decrypt",
            key: &key,
            policy: &policy,
            encryption_context: &self.context,
            context: &context,
        };
        may(&wanted, &PolicySet { identity: &self.identity, ..Default::default() }).is_ok()
    }
}

fn case(who: &str) -> Case {
    let own = "111122223333".parse().unwrap();
    let other = "999900001111".parse().unwrap();
    Case {
        principal: match who {
            "root" => Principal::root(&own),
            "stranger" => Principal::user(&other, "/", "eve", "AIDA9"),
            name => Principal::user(&own, "/", name, "AIDA1"),
        },
        policy: default_policy(&own),
        identity: Vec::new(),
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
    assert!(Case { identity: identity("kms:Decrypt", "Allow"), ..case("ann") }.ask());
    assert!(!Case { identity: identity("kms:Encrypt", "Allow"), ..case("ann") }.ask());
    assert!(!Case { identity: identity("kms:*", "Allow"), ..case("stranger") }.ask());
}

#[test]
fn a_key_policy_that_does_not_allow_leaves_no_other_way_but_a_grant() {
    let closed = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"kms:*","Resource":"*"}]}"#;
    let of = |who| Case { policy: closed.into(), identity: identity("kms:*", "Allow"), ..case(who) };
    assert!(of("bob").ask());
    assert!(!of("ann").ask());
    assert!(!of("root").ask());
    let granted = grant_to("arn:aws:iam::111122223333:user/ann");
    assert!(Case { grants: granted.clone(), ..of("ann") }.ask());
    assert!(Case { grants: granted.clone(), identity: Vec::new(), ..of("ann") }.ask());
    assert!(!Case { grants: granted, identity: identity("kms:Decrypt", "Deny"), ..of("ann") }.ask());
}

#[test]
fn another_account_needs_both_or_a_grant() {
    let shared = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"999900001111"},"Action":"kms:Decrypt","Resource":"*"}]}"#;
    let of = |identity| Case { policy: shared.into(), identity, ..case("stranger") };
    assert!(of(identity("kms:Decrypt", "Allow")).ask());
    assert!(!of(Vec::new()).ask());
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
