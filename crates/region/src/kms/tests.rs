//! Management of keys through the real dispatcher: states, policies, aliases, grants, rotation, import, pages.

use super::material::work;
use crate::context::{Answer, Ctx, OpError, Question, ReplayRng};
use crate::db::Db;
use crate::dispatch::{self, Table};
use crate::ec2::testing::{harness, principal};
use ::iam::Bundle;
use ::kms::RootKey;
use aws_protocol::AwsError;
use platform::Settings;
use serde_json::{Value, json};
use std::sync::LazyLock;
use types::{Generation, TimestampMs};
use wire::api::Principal;
use wire::identity::PrincipalKind;
use wire::kms::{KeySnapshot, KeySpec};

const DAY: u64 = super::rows::DAY_MS;
const A: &str = "123456789012";
const B: &str = "999900001111";

static ROOT: LazyLock<RootKey> = LazyLock::new(|| RootKey::generate().unwrap());

struct Region {
    db: Db,
    settings: Settings,
    now: TimestampMs,
    table: Table,
}

fn region() -> Region {
    let h = harness();
    Region { db: Db::default(), settings: h.settings, now: h.now, table: crate::operations() }
}

/// A user without any policy.
fn user(account: &str, name: &str) -> Principal {
    Principal {
        account: account.parse().unwrap(),
        arn: format!("arn:aws:iam::{account}:user/{name}"),
        user_id: format!("AIDA{name}"),
        kind: PrincipalKind::User { name: name.into() },
        session: None,
    }
}

impl Region {
    fn with<T>(&mut self, who: &Principal, mut f: impl FnMut(&Table, &mut Ctx) -> Result<T, OpError>) -> Result<T, AwsError> {
        let bundle = Bundle::of(::iam::caller::principal(who));
        let mut rng = ReplayRng::new();
        let mut answers: Vec<(Question, Answer)> = Vec::new();
        loop {
            rng.rewind();
            let mut at = crate::context::testing::who(who, &bundle);
            at.at.now = self.now;
            let mut ctx = Ctx::new(&mut self.db, at, self.now, &self.settings, "req-1", &mut rng, &answers);
            match f(&self.table, &mut ctx) {
                Ok(done) => {
                    self.db.take_mutations();
                    return Ok(done);
                }
                Err(OpError::Aws(e)) => {
                    self.db.rollback();
                    return Err(e);
                }
                Err(OpError::Ask(question)) => {
                    self.db.rollback();
                    let Question::Material(request) = &*question else { panic!("{question:?}") };
                    answers.push((*question.clone(), Answer::Material(work(&ROOT, request))));
                }
            }
        }
    }

    fn call(&mut self, who: &Principal, operation: &str, body: Value) -> Result<Value, AwsError> {
        let text = body.to_string();
        let target = format!("TrentService.{operation}");
        let reply = self.with(who, |table, ctx| dispatch::run_json(table, ctx, "kms", &target, text.as_bytes()))?;
        Ok(if reply.body.is_empty() { Value::Null } else { serde_json::from_str(&reply.body).unwrap() })
    }

    fn ok(&mut self, operation: &str, body: Value) -> Value {
        self.call(&principal(A), operation, body.clone()).unwrap_or_else(|e| panic!("{operation} {body}: {e}"))
    }

    fn code(&mut self, operation: &str, body: Value) -> String {
        let outcome = self.call(&principal(A), operation, body.clone());
        outcome.map_or_else(|e| e.code.into_owned(), |reply| panic!("{operation} {body} gave {reply}"))
    }

    fn key(&mut self, body: Value) -> String {
        text(&self.ok("CreateKey", body)["KeyMetadata"]["KeyId"])
    }

    fn state(&mut self, id: &str) -> String {
        text(&self.ok("DescribeKey", json!({"KeyId": id}))["KeyMetadata"]["KeyState"])
    }

    fn forget(&mut self, now: TimestampMs) {
        super::forget(&mut self.db, now);
        self.db.take_mutations();
    }

    fn snapshot(&self) -> KeySnapshot {
        super::snapshot::compile(&self.db, Generation(1))
    }
}

fn text(v: &Value) -> String {
    v.as_str().unwrap_or_else(|| panic!("{v} is no text")).to_owned()
}

#[test]
fn a_key_says_what_it_is_and_its_material_is_sealed() {
    let mut r = region();
    let made = r.ok("CreateKey", json!({"Description": "d", "Tags": [{"TagKey": "t", "TagValue": "v"}]}));
    let m = &made["KeyMetadata"];
    let id = text(&m["KeyId"]);
    assert_eq!(m["Arn"], format!("arn:aws:kms:us-east-1:{A}:key/{id}"));
    for (member, value) in [
        ("AWSAccountId", json!(A)),
        ("Description", json!("d")),
        ("Enabled", json!(true)),
        ("KeyState", json!("Enabled")),
        ("KeyUsage", json!("ENCRYPT_DECRYPT")),
        ("KeySpec", json!("SYMMETRIC_DEFAULT")),
        ("CustomerMasterKeySpec", json!("SYMMETRIC_DEFAULT")),
        ("EncryptionAlgorithms", json!(["SYMMETRIC_DEFAULT"])),
        ("KeyManager", json!("CUSTOMER")),
        ("Origin", json!("AWS_KMS")),
        ("MultiRegion", json!(false)),
    ] {
        assert_eq!(m[member], value, "{member}");
    }
    assert_eq!(r.ok("DescribeKey", json!({"KeyId": m["Arn"]}))["KeyMetadata"], *m);
    let snapshot = r.snapshot();
    let key = &snapshot.keys[0];
    let sealed = &key.materials[0];
    assert!(ROOT.open_material(&key.arn, 1, KeySpec::Symmetric, &sealed.sealed).is_some());
    assert_eq!(key.tags["t"], "v");
    assert_eq!(m["CurrentKeyMaterialId"], sealed.id);
}

#[test]
fn every_spec_is_made_and_wrong_pairs_are_refused() {
    let mut r = region();
    for (spec, usage) in [
        ("RSA_2048", "SIGN_VERIFY"),
        ("ECC_NIST_P256", "SIGN_VERIFY"),
        ("ECC_NIST_P521", "KEY_AGREEMENT"),
        ("ECC_SECG_P256K1", "SIGN_VERIFY"),
        ("HMAC_224", "GENERATE_VERIFY_MAC"),
    ] {
        let made = r.ok("CreateKey", json!({"KeySpec": spec, "KeyUsage": usage}));
        assert_eq!(made["KeyMetadata"]["KeySpec"], spec);
        assert_eq!(made["KeyMetadata"]["KeyUsage"], usage);
    }
    for (body, code) in [
        (json!({"KeySpec": "RSA_2048"}), "ValidationException"),
        (json!({"KeySpec": "RSA_2048", "KeyUsage": "GENERATE_VERIFY_MAC"}), "ValidationException"),
        (json!({"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "KEY_AGREEMENT"}), "ValidationException"),
        (json!({"KeySpec": "DES"}), "ValidationException"),
        (json!({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}), "UnsupportedOperationException"),
        (json!({"MultiRegion": true}), "UnsupportedOperationException"),
        (json!({"Origin": "AWS_CLOUDHSM"}), "UnsupportedOperationException"),
        (json!({"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}), "TagException"),
        (json!({"Policy": "{"}), "MalformedPolicyDocumentException"),
        (json!({"CustomKeyStoreId": "cks-1"}), "UnsupportedOperation"),
    ] {
        assert_eq!(r.code("CreateKey", body.clone()), code, "{body}");
    }
}

#[test]
fn states_change_as_documented() {
    let mut r = region();
    let id = r.key(json!({}));
    let of = json!({"KeyId": id});
    r.ok("DisableKey", of.clone());
    assert_eq!(r.state(&id), "Disabled");
    assert_eq!(r.code("EnableKeyRotation", of.clone()), "DisabledException");
    assert_eq!(r.code("RotateKeyOnDemand", of.clone()), "DisabledException");
    r.ok("EnableKey", of.clone());
    assert_eq!(r.code("CancelKeyDeletion", of.clone()), "KMSInvalidStateException");
    assert_eq!(r.code("ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 6})), "ValidationException");
    let reply = r.ok("ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7}));
    assert_eq!(reply["KeyState"], "PendingDeletion");
    for operation in ["ScheduleKeyDeletion", "EnableKey", "DisableKey", "EnableKeyRotation"] {
        assert_eq!(r.code(operation, of.clone()), "KMSInvalidStateException", "{operation}");
    }
    assert_eq!(r.code("CreateAlias", json!({"AliasName": "alias/x", "TargetKeyId": id})), "KMSInvalidStateException");
    r.ok("CancelKeyDeletion", of.clone());
    assert_eq!(r.state(&id), "Disabled");
    r.ok("CreateAlias", json!({"AliasName": "alias/x", "TargetKeyId": id}));
    r.ok("ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7}));
    r.forget(TimestampMs(r.now.0 + 7 * DAY - 1));
    assert_eq!(r.state(&id), "PendingDeletion");
    r.forget(TimestampMs(r.now.0 + 7 * DAY));
    assert_eq!(r.code("DescribeKey", of), "NotFoundException");
    assert_eq!(r.ok("ListAliases", json!({}))["Aliases"], json!([]));
}

#[test]
fn keys_are_found_by_each_of_their_names_and_by_no_other() {
    let mut r = region();
    let id = r.key(json!({}));
    r.ok("CreateAlias", json!({"AliasName": "alias/mine", "TargetKeyId": id}));
    for name in [id.clone(), "alias/mine".into(), format!("arn:aws:kms:us-east-1:{A}:alias/mine")] {
        assert_eq!(r.ok("DescribeKey", json!({"KeyId": name}))["KeyMetadata"]["KeyId"], id, "{name}");
    }
    for (name, code) in [
        ("alias/other", "NotFoundException"),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", "NotFoundException"),
        ("nonsense", "NotFoundException"),
        ("arn:aws:kms:us-east-1:x:key/y", "InvalidArnException"),
        ("arn:aws:kms:eu-west-1:123456789012:alias/mine", "InvalidArnException"),
        ("arn:aws:kms:us-east-1:999900001111:alias/mine", "AccessDeniedException"),
    ] {
        assert_eq!(r.code("DescribeKey", json!({"KeyId": name})), code, "{name}");
    }
    assert_eq!(r.code("EnableKey", json!({"KeyId": "alias/mine"})), "NotFoundException", "an alias is not for management");
    assert_eq!(r.code("CreateAlias", json!({"AliasName": "alias/mine", "TargetKeyId": id})), "AlreadyExistsException");
    assert_eq!(r.code("CreateAlias", json!({"AliasName": "mine", "TargetKeyId": id})), "InvalidAliasNameException");
    assert_eq!(r.code("CreateAlias", json!({"AliasName": "alias/aws/x", "TargetKeyId": id})), "NotAuthorizedException");
    let other = r.key(json!({}));
    r.ok("UpdateAlias", json!({"AliasName": "alias/mine", "TargetKeyId": other}));
    assert_eq!(r.ok("DescribeKey", json!({"KeyId": "alias/mine"}))["KeyMetadata"]["KeyId"], other);
    let mac = r.key(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    assert_eq!(r.code("UpdateAlias", json!({"AliasName": "alias/mine", "TargetKeyId": mac})), "ValidationException");
    r.ok("DeleteAlias", json!({"AliasName": "alias/mine"}));
    assert_eq!(r.code("DeleteAlias", json!({"AliasName": "alias/mine"})), "NotFoundException");
}

#[test]
fn pages_cover_all_keys_and_markers_are_checked() {
    let mut r = region();
    let mut made: Vec<String> = (0..7).map(|_| r.key(json!({}))).collect();
    made.sort();
    let (mut seen, mut marker) = (Vec::new(), Value::Null);
    loop {
        let mut body = json!({"Limit": 3});
        if !marker.is_null() {
            body["Marker"] = marker;
        }
        let page = r.ok("ListKeys", body);
        seen.extend(page["Keys"].as_array().unwrap().iter().map(|k| text(&k["KeyId"])));
        if page["Truncated"] == false {
            break;
        }
        marker = page["NextMarker"].clone();
    }
    assert_eq!(seen, made);
    assert_eq!(r.code("ListKeys", json!({"Marker": "?"})), "InvalidMarkerException");
    assert_eq!(r.code("ListKeys", json!({"Limit": 1001})), "ValidationException");
    assert_eq!(r.code("ListKeys", json!({"Limit": 0})), "ValidationException");
}

#[test]
fn policies_decide_who_manages_a_key() {
    let mut r = region();
    let id = r.key(json!({}));
    let ann = user(A, "ann");
    let of = json!({"KeyId": id});
    let denied = r.call(&ann, "DescribeKey", of.clone()).unwrap_err();
    assert_eq!(denied.code, "AccessDeniedException");
    assert!(denied.message.contains("is not authorized to perform: kms:DescribeKey on resource: arn:aws:kms:"), "{denied}");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{A}:root")}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{A}:user/ann")}, "Action": "kms:DescribeKey", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{B}:root")}, "Action": ["kms:DescribeKey", "kms:EnableKey"], "Resource": "*"},
    ]})
    .to_string();
    r.ok("PutKeyPolicy", json!({"KeyId": id, "PolicyName": "default", "Policy": policy}));
    assert_eq!(r.ok("GetKeyPolicy", of.clone())["Policy"], policy);
    assert_eq!(r.ok("ListKeyPolicies", of.clone())["PolicyNames"], json!(["default"]));
    r.call(&ann, "DescribeKey", of.clone()).unwrap();
    assert_eq!(r.call(&ann, "DisableKey", of.clone()).unwrap_err().code, "AccessDeniedException");
    // Another account's root user: by ARN, and only what works across accounts.
    let arn = json!({"KeyId": format!("arn:aws:kms:us-east-1:{A}:key/{id}")});
    r.call(&principal(B), "DescribeKey", arn.clone()).unwrap();
    assert_eq!(r.call(&principal(B), "DescribeKey", of.clone()).unwrap_err().code, "NotFoundException");
    assert_eq!(r.call(&principal(B), "EnableKey", arn.clone()).unwrap_err().code, "AccessDeniedException");
    assert_eq!(r.call(&principal(B), "ListGrants", arn).unwrap_err().code, "AccessDeniedException");
    // Nobody shuts himself out by mistake.
    let closed = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{A}:user/ann")}, "Action": "kms:*", "Resource": "*"}]})
    .to_string();
    assert_eq!(r.code("PutKeyPolicy", json!({"KeyId": id, "Policy": closed})), "MalformedPolicyDocumentException");
    r.ok("PutKeyPolicy", json!({"KeyId": id, "Policy": closed, "BypassPolicyLockoutSafetyCheck": true}));
    assert_eq!(r.code("DescribeKey", of.clone()), "AccessDeniedException", "not even the root user");
    r.call(&ann, "EnableKey", of).unwrap();
    assert_eq!(r.call(&ann, "CreateKey", json!({})).unwrap_err().code, "AccessDeniedException");
    assert_eq!(r.call(&ann, "ListKeys", json!({})).unwrap_err().code, "AccessDeniedException");
}

#[test]
fn grants_are_made_listed_passed_on_and_taken_back() {
    let mut r = region();
    let id = r.key(json!({}));
    let (ann, bob) = (user(A, "ann"), user(A, "bob"));
    let grant = |operations: Value, to: &Principal| json!({"KeyId": id, "GranteePrincipal": to.arn, "Operations": operations, "RetiringPrincipal": bob.arn});
    let first = r.ok("CreateGrant", grant(json!(["CreateGrant", "Decrypt", "DescribeKey"]), &ann));
    r.call(&ann, "DescribeKey", json!({"KeyId": id})).unwrap();
    r.call(&ann, "CreateGrant", grant(json!(["Decrypt"]), &bob)).unwrap();
    assert_eq!(r.call(&ann, "CreateGrant", grant(json!(["Encrypt"]), &bob)).unwrap_err().code, "AccessDeniedException");
    let mut named = grant(json!(["Encrypt"]), &ann);
    named["Name"] = json!("n");
    let again = r.ok("CreateGrant", named.clone());
    assert_eq!(r.ok("CreateGrant", named), again, "the same name and parameters are the same grant");
    let listed = r.ok("ListGrants", json!({"KeyId": id}));
    assert_eq!(listed["Grants"].as_array().unwrap().len(), 3);
    assert_eq!(r.ok("ListGrants", json!({"KeyId": id, "GranteePrincipal": bob.arn}))["Grants"].as_array().unwrap().len(), 1);
    assert_eq!(r.ok("ListRetirableGrants", json!({"RetiringPrincipal": bob.arn}))["Grants"].as_array().unwrap().len(), 3);
    assert_eq!(
        r.code("ListRetirableGrants", json!({"RetiringPrincipal": "arn:aws:iam::999900001111:user/x"})),
        "InvalidArnException"
    );
    for (body, code) in [
        (json!({"KeyId": id, "GranteePrincipal": "x", "Operations": ["Decrypt"]}), "InvalidArnException"),
        (json!({"KeyId": id, "GranteePrincipal": ann.arn, "Operations": ["Sign"]}), "ValidationException"),
        (json!({"KeyId": id, "GranteePrincipal": ann.arn, "Operations": ["Fly"]}), "ValidationException"),
        (
            json!({"KeyId": id, "GranteePrincipal": ann.arn, "Operations": ["Decrypt"], "DryRun": true}),
            "DryRunOperationException",
        ),
        (
            json!({"KeyId": id, "GranteePrincipal": ann.arn, "Operations": ["Decrypt"],
            "Constraints": {"EncryptionContextSubset": {"a": "b"}, "EncryptionContextEquals": {"a": "b"}}}),
            "ValidationException",
        ),
    ] {
        assert_eq!(r.code("CreateGrant", body.clone()), code, "{body}");
    }
    // Retired by whoever was named for it, with the token alone; revoked by the key's administrators.
    let token = json!({"GrantToken": first["GrantToken"]});
    assert_eq!(r.call(&user(A, "eve"), "RetireGrant", token.clone()).unwrap_err().code, "AccessDeniedException");
    r.call(&bob, "RetireGrant", token.clone()).unwrap();
    assert_eq!(r.call(&bob, "RetireGrant", token).unwrap_err().code, "InvalidGrantTokenException");
    assert_eq!(r.call(&ann, "DescribeKey", json!({"KeyId": id})).unwrap_err().code, "AccessDeniedException");
    r.ok("RevokeGrant", json!({"KeyId": id, "GrantId": again["GrantId"]}));
    assert_eq!(r.code("RevokeGrant", json!({"KeyId": id, "GrantId": again["GrantId"]})), "NotFoundException");
    assert_eq!(r.snapshot().keys[0].grants.len(), 1);
}

#[test]
fn rotation_adds_material_and_keeps_the_old() {
    let mut r = region();
    let id = r.key(json!({}));
    let of = json!({"KeyId": id});
    assert_eq!(r.ok("GetKeyRotationStatus", of.clone())["KeyRotationEnabled"], false);
    assert_eq!(r.code("EnableKeyRotation", json!({"KeyId": id, "RotationPeriodInDays": 89})), "ValidationException");
    r.ok("EnableKeyRotation", json!({"KeyId": id, "RotationPeriodInDays": 90}));
    let status = r.ok("GetKeyRotationStatus", of.clone());
    assert_eq!((&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]), (&json!(true), &json!(90)));
    r.ok("RotateKeyOnDemand", of.clone());
    let later = TimestampMs(r.now.0 + 90 * DAY);
    assert!(super::due(&r.db, TimestampMs(later.0 - 1)).is_empty());
    let due = super::due(&r.db, later);
    let (account, key, request) = &due[0];
    let super::material::MaterialAnswer::Made(made) = work(&ROOT, request) else { panic!("not made") };
    super::rotated(&mut r.db, later, account, key, made.clone());
    super::rotated(&mut r.db, later, account, key, made);
    assert!(super::due(&r.db, later).is_empty());
    let rotations = r.ok("ListKeyRotations", of.clone());
    let kinds: Vec<String> = rotations["Rotations"].as_array().unwrap().iter().map(|x| text(&x["RotationType"])).collect();
    assert_eq!(kinds, ["ON_DEMAND", "AUTOMATIC"]);
    let key = r.snapshot().keys.remove(0);
    assert_eq!(key.current, 3);
    for m in &key.materials {
        assert!(ROOT.open_material(&key.arn, m.generation, key.spec, &m.sealed).is_some());
    }
    r.ok("DisableKeyRotation", of.clone());
    assert_eq!(r.ok("GetKeyRotationStatus", of)["KeyRotationEnabled"], false);
    let mac = r.key(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    for operation in ["EnableKeyRotation", "RotateKeyOnDemand", "GetKeyRotationStatus"] {
        assert_eq!(r.code(operation, json!({"KeyId": mac})), "UnsupportedOperationException", "{operation}");
    }
    for _ in 1..25 {
        r.ok("RotateKeyOnDemand", json!({"KeyId": id}));
    }
    assert_eq!(r.code("RotateKeyOnDemand", json!({"KeyId": id})), "LimitExceededException");
}

#[test]
fn imported_material_comes_goes_and_comes_back() {
    use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
    use base64::{Engine, engine::general_purpose::STANDARD};
    let mut r = region();
    let id = r.key(json!({"Origin": "EXTERNAL"}));
    assert_eq!(r.state(&id), "PendingImport");
    let parameters = json!({"KeyId": id, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    let given = r.ok("GetParametersForImport", parameters);
    let public = STANDARD.decode(text(&given["PublicKey"])).unwrap();
    let public = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&public).unwrap()).unwrap();
    let wrap = |bytes: &[u8]| {
        let mut out = vec![0; public.ciphertext_size()];
        public.encrypt(&OAEP_SHA256_MGF1SHA256, bytes, &mut out, None).unwrap();
        STANDARD.encode(out)
    };
    let import = |bytes: &[u8]| json!({"KeyId": id, "ImportToken": given["ImportToken"], "EncryptedKeyMaterial": wrap(bytes), "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
    assert_eq!(r.code("ImportKeyMaterial", import(&[1; 31])), "IncorrectKeyMaterialException");
    r.ok("ImportKeyMaterial", import(&[1; 32]));
    assert_eq!(r.state(&id), "Enabled");
    let key = r.snapshot().keys.remove(0);
    let opened = ROOT.open_material(&key.arn, 1, key.spec, &key.materials[0].sealed).unwrap();
    assert_eq!(opened.expose(), [1; 32]);
    r.ok("DeleteImportedKeyMaterial", json!({"KeyId": id}));
    assert_eq!(r.state(&id), "PendingImport");
    assert!(r.snapshot().keys[0].materials.is_empty());
    assert_eq!(r.code("ImportKeyMaterial", import(&[2; 32])), "IncorrectKeyMaterialException", "other material than before");
    let mut expiring = import(&[1; 32]);
    expiring["ExpirationModel"] = json!("KEY_MATERIAL_EXPIRES");
    assert_eq!(r.code("ImportKeyMaterial", expiring.clone()), "ValidationException");
    expiring["ValidTo"] = json!(r.now.0 / 1000 + 3600);
    r.ok("ImportKeyMaterial", expiring);
    assert_eq!(r.state(&id), "Enabled");
    r.now = TimestampMs(r.now.0 + 3_600_000);
    assert_eq!(r.state(&id), "PendingImport");
    r.forget(r.now);
    assert!(r.snapshot().keys[0].materials.is_empty());
    r.now = TimestampMs(r.now.0 + DAY);
    assert_eq!(r.code("ImportKeyMaterial", import(&[1; 32])), "ExpiredImportTokenException");
    let other = r.key(json!({"Origin": "EXTERNAL"}));
    let mut body = import(&[1; 32]);
    body["KeyId"] = json!(other);
    assert_eq!(r.code("ImportKeyMaterial", body), "InvalidImportTokenException");
    let own = r.key(json!({}));
    assert_eq!(r.code("DeleteImportedKeyMaterial", json!({"KeyId": own})), "UnsupportedOperationException");
}

#[test]
fn tags_are_kept_and_a_services_key_is_made_when_first_named() {
    let mut r = region();
    let id = r.key(json!({}));
    r.ok("TagResource", json!({"KeyId": id, "Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]}));
    r.ok("UntagResource", json!({"KeyId": id, "TagKeys": ["a"]}));
    assert_eq!(r.ok("ListResourceTags", json!({"KeyId": id}))["Tags"], json!([{"TagKey": "b", "TagValue": "2"}]));
    assert_eq!(r.code("TagResource", json!({"KeyId": id, "Tags": [{"TagKey": "aws:a", "TagValue": ""}]})), "TagException");
    let described = r.ok("DescribeKey", json!({"KeyId": "alias/aws/s3"}));
    assert_eq!(described["KeyMetadata"]["KeyManager"], "AWS");
    assert_eq!(r.ok("DescribeKey", json!({"KeyId": "alias/aws/s3"})), described);
    let managed = json!({"KeyId": described["KeyMetadata"]["KeyId"]});
    assert_eq!(r.code("ScheduleKeyDeletion", managed.clone()), "AccessDeniedException");
    assert_eq!(r.code("DisableKey", managed.clone()), "AccessDeniedException");
    assert_eq!(r.ok("GetKeyRotationStatus", managed)["KeyRotationEnabled"], true);
    assert_eq!(r.code("ReplicateKey", json!({"KeyId": id, "ReplicaRegion": "eu-west-1"})), "UnsupportedOperationException");
    assert_eq!(
        r.code("UpdatePrimaryRegion", json!({"KeyId": id, "PrimaryRegion": "eu-west-1"})),
        "UnsupportedOperationException"
    );
}

/// Beyond the quotas of aliases and grants; with room the same requests are granted.
#[test]
fn a_key_has_so_many_aliases_and_grants() {
    use crate::quota::table::{ALIASES_PER_KEY, GRANTS_PER_KEY};
    let mut r = region();
    let key = r.key(json!({}));
    let whom = format!("arn:aws:iam::{A}:user/ann");
    let rows = [
        (ALIASES_PER_KEY, "CreateAlias", "AliasName", ["alias/a", "alias/b", "alias/c"]),
        (GRANTS_PER_KEY, "CreateGrant", "Name", ["a", "b", "c"]),
    ];
    for (quota, operation, name, [first, second, third]) in rows {
        let body = |value: &str| match operation {
            "CreateAlias" => json!({"TargetKeyId": key, name: value}),
            _ => json!({"KeyId": key, "GranteePrincipal": whom, "Operations": ["Encrypt"], name: value}),
        };
        let two = platform::settings::QuotaSettings { default: Some(2), max: None };
        r.settings.limits.quotas.insert(quota.id.into(), two);
        r.ok(operation, body(first));
        r.ok(operation, body(second));
        assert_eq!(r.code(operation, body(third)), "LimitExceededException", "{}", quota.id);
        r.settings.limits.quotas.clear();
        r.ok(operation, body(third));
    }
}
