//! Every operation of KMS that the gateway serves: denied to a user without policies, not denied to one with exactly the
//! documented action on the key, denied with every other action.

use super::tests::{A, World, arn, id, world};
use super::*;
use ::iam::{Bundle, Directory, catalog};
use serde_json::{Value, json};
use wire::identity::Principal;
use wire::kms::{KeySpec, KeyUsage};

/// The user `walker` with one statement of this element and action on `resource`.
fn walker(element: &str, action: &str, resource: &str) -> (Principal, Bundle) {
    let document =
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","{element}":{action},"Resource":"{resource}"}}}}"#);
    let mut directory = Directory::default();
    let push = crate::identity::testing::push(1, &[(A, "walker", "AKIAWALKER", "secret", &document)]);
    push.parts.into_iter().for_each(|part| directory.put(part));
    let caller = directory.key("AKIAWALKER").and_then(|(identity, _)| identity.caller()).unwrap();
    let bundle = directory.bundle(&caller).unwrap();
    (caller, bundle)
}

async fn is_denied(w: &World, who: &(Principal, Bundle), action: &str, body: &Value) -> bool {
    let outcome = w.call_with(&who.0, &who.1, action, body.clone()).await;
    outcome.is_err_and(|e| e.is("AccessDeniedException"))
}

#[tokio::test]
async fn each_operation_asks_for_its_action_on_the_key_and_nothing_else() {
    let w = world().with(1, KeySpec::Symmetric, KeyUsage::EncryptDecrypt);
    let blob = w.ok("Encrypt", json!({"KeyId": id(1), "Plaintext": "AAAA"})).await["CiphertextBlob"].clone();
    let mut walked = 0;
    for operation in aws_protocol::kms::SERVICE.operations.iter().filter(|o| is_local(o.name)) {
        let name = operation.name;
        let mut body = json!({});
        let key = ["KeyId", "SourceKeyId", "DestinationKeyId"].into_iter().filter(|k| operation.members.contains(k));
        key.for_each(|k| body[k] = json!(id(1)));
        if operation.members.contains(&"CiphertextBlob") {
            body["CiphertextBlob"] = blob.clone();
        }
        for member in operation.required.iter().filter(|m| !m.ends_with("KeyId") && **m != "CiphertextBlob") {
            body[*member] = match *member {
                "KeyPairSpec" => json!("ECC_NIST_P256"),
                "MacAlgorithm" => json!("HMAC_SHA_256"),
                "SigningAlgorithm" => json!("ECDSA_SHA_256"),
                "KeyAgreementAlgorithm" => json!("ECDH"),
                _ => json!("AAAA"),
            };
        }
        let needs = catalog::find("kms", name).unwrap_or_else(|| panic!("{name} has no row")).needs;
        let actions: Vec<&str> = needs.iter().map(|n| n.action).collect();
        let resource = if name == "GenerateRandom" { "*".to_owned() } else { arn(1) };
        if name == "GenerateRandom" {
            body["NumberOfBytes"] = json!(8);
        }
        assert!(is_denied(&w, &walker("Action", "\"none:None\"", "*"), name, &body).await, "{name} without a policy");
        let exact = walker("Action", &json!(actions).to_string(), &resource);
        assert!(!is_denied(&w, &exact, name, &body).await, "{name} {body} with {actions:?} on {resource}");
        for action in &actions {
            let but = walker("NotAction", &json!(action).to_string(), "*");
            assert!(is_denied(&w, &but, name, &body).await, "{name} without {action}");
            let elsewhere = walker("Action", &json!(actions).to_string(), &arn(2));
            assert!(is_denied(&w, &elsewhere, name, &body).await, "{name} on another key");
        }
        walked += 1;
    }
    assert_eq!(walked, 14);
}
