//! Cryptography as requests have it: round trips, exact errors, grants, rotation, states; and the ledger.

use super::*;
use ::kms::{Material, RootKey};
use iam::Bundle;
use iam::caller::Circumstances;
use platform::DataDir;
use serde_json::{Value, json};
use types::{Generation, TimestampMs};
use wire::identity::{Principal, PrincipalKind};
use wire::kms::{Alias, Grant, Key, KeySnapshot, KeySpec, KeyState, KeyUsage, SealedMaterial};

pub(super) const A: &str = "123456789012";
const B: &str = "999900001111";

pub(super) struct World {
    _temp: tempfile::TempDir,
    dir: DataDir,
    root: RootKey,
    keys: Rc<Keys>,
    snapshot: KeySnapshot,
}

fn settings() -> platform::Settings {
    serde_json::from_value(json!({
        "format": 1, "region": "us-east-1", "port": 0, "cells": [], "edge_underlay": "127.64.0.1",
        "public_pool": "198.18.0.0/24", "account": A,
    }))
    .unwrap()
}

pub(super) fn id(n: u8) -> String {
    ::kms::blob::uuid(&[n; 16])
}

pub(super) fn arn(n: u8) -> String {
    format!("arn:aws:kms:us-east-1:{A}:key/{}", id(n))
}

fn user(account: &str, name: &str) -> Principal {
    Principal {
        account: account.parse().unwrap(),
        arn: format!("arn:aws:iam::{account}:user/{name}"),
        user_id: format!("AIDA{name}"),
        kind: PrincipalKind::User { name: name.into() },
        session: None,
    }
}

fn root() -> Principal {
    Principal::root(A.parse().unwrap())
}

pub(super) fn world() -> World {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::new(temp.path());
    let root = RootKey::generate().unwrap();
    platform::root_key::create(&dir, &root.to_file(None).unwrap()).unwrap();
    let keys = Rc::new(Keys::open(&dir, &settings(), "test").unwrap());
    let snapshot = KeySnapshot { format: wire::FORMAT, generation: Generation(0), keys: Vec::new(), aliases: Vec::new() };
    World { _temp: temp, dir, root, keys, snapshot }
}

impl World {
    /// A key with the id `n`.
    pub(super) fn with(mut self, n: u8, spec: KeySpec, usage: KeyUsage) -> Self {
        let account: types::AccountId = A.parse().unwrap();
        let key = Key {
            policy: ::kms::access::default_policy(&account),
            account,
            id: id(n),
            arn: arn(n),
            spec,
            usage,
            state: KeyState::Enabled,
            origin: "AWS_KMS".into(),
            tags: Default::default(),
            current: 0,
            materials: Vec::new(),
            valid_to: None,
            grants: Vec::new(),
        };
        self.snapshot.keys.push(key);
        self.rotate(n);
        self
    }

    fn key(&mut self, n: u8) -> &mut Key {
        self.snapshot.keys.iter_mut().find(|k| k.id == id(n)).unwrap()
    }

    fn rotate(&mut self, n: u8) {
        let (arn, generation, spec) = (arn(n), self.key(n).current + 1, self.key(n).spec);
        let material = Material::generate(spec).unwrap();
        let sealed = SealedMaterial {
            generation,
            id: material.id(&arn),
            sealed: self.root.seal_material(&arn, generation, &material).unwrap().into(),
            public: material.public_key().unwrap().into(),
        };
        let key = self.key(n);
        key.current = generation;
        key.materials.push(sealed);
        self.push();
    }

    fn push(&mut self) {
        self.snapshot.generation = Generation(self.snapshot.generation.0 + 1);
        self.keys.accept(self.snapshot.clone()).unwrap();
    }

    async fn call(&self, who: &Principal, action: &str, body: Value) -> Result<Value, AwsError> {
        self.call_with(who, &Bundle::of(iam::caller::principal(who)), action, body).await
    }

    pub(super) async fn call_with(&self, who: &Principal, bundle: &Bundle, action: &str, body: Value) -> Result<Value, AwsError> {
        let at =
            Circumstances { now: TimestampMs(1000), source_ip: "127.0.0.1", user_agent: "", region: "us-east-1", through: None };
        let caller = Caller { principal: who, bundle, at, via: None, traces: None };
        let body = body.to_string();
        let ask = Ask { keys: &self.keys, caller, request_id: "r", body: &body };
        assert!(is_local(action));
        serve(&ask, action).await.map(|reply| serde_json::from_str(&reply.body).unwrap())
    }

    pub(super) async fn ok(&self, action: &str, body: Value) -> Value {
        self.call(&root(), action, body.clone()).await.unwrap_or_else(|e| panic!("{action} {body}: {e}"))
    }

    async fn code(&self, action: &str, body: Value) -> String {
        let outcome = self.call(&root(), action, body.clone()).await;
        outcome.map_or_else(|e| e.code.into_owned(), |reply| panic!("{action} {body} gave {reply}"))
    }
}

const PLAIN: &str = "c2VjcmV0";

#[tokio::test]
async fn what_was_encrypted_opens_by_itself_and_after_rotations() {
    let mut w =
        world().with(1, KeySpec::Symmetric, KeyUsage::EncryptDecrypt).with(2, KeySpec::Symmetric, KeyUsage::EncryptDecrypt);
    w.snapshot.aliases.push(Alias { account: A.parse().unwrap(), name: "alias/one".into(), key: id(1) });
    w.push();
    let context = json!({"a": "1", "b": ""});
    let sealed = w.ok("Encrypt", json!({"KeyId": "alias/one", "Plaintext": PLAIN, "EncryptionContext": context})).await;
    assert_eq!(sealed["KeyId"], arn(1));
    assert_eq!(sealed["EncryptionAlgorithm"], "SYMMETRIC_DEFAULT");
    let blob = &sealed["CiphertextBlob"];
    w.rotate(1);
    let opened = w.ok("Decrypt", json!({"CiphertextBlob": blob, "EncryptionContext": context})).await;
    assert_eq!((&opened["Plaintext"], &opened["KeyId"]), (&json!(PLAIN), &json!(arn(1))));
    let anew =
        w.ok("ReEncrypt", json!({"CiphertextBlob": blob, "SourceEncryptionContext": context, "DestinationKeyId": id(1)})).await;
    assert_ne!(anew["SourceKeyMaterialId"], anew["DestinationKeyMaterialId"]);
    let moved = w.ok("ReEncrypt", json!({"CiphertextBlob": anew["CiphertextBlob"], "DestinationKeyId": arn(2)})).await;
    assert_eq!((&moved["SourceKeyId"], &moved["KeyId"]), (&json!(arn(1)), &json!(arn(2))));
    assert_eq!(w.ok("Decrypt", json!({"CiphertextBlob": moved["CiphertextBlob"], "KeyId": id(2)})).await["Plaintext"], PLAIN);
    for (body, code) in [
        (json!({"CiphertextBlob": blob}), "InvalidCiphertextException"),
        (json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "2", "b": ""}}), "InvalidCiphertextException"),
        (json!({"CiphertextBlob": "AAAA"}), "InvalidCiphertextException"),
        (json!({"CiphertextBlob": ""}), "ValidationException"),
        (json!({"CiphertextBlob": blob, "EncryptionContext": context, "KeyId": id(2)}), "IncorrectKeyException"),
        (json!({"CiphertextBlob": blob, "EncryptionContext": context, "KeyId": "alias/none"}), "NotFoundException"),
        (json!({"CiphertextBlob": blob, "EncryptionContext": context, "DryRun": true}), "DryRunOperationException"),
        (json!({"CiphertextBlob": blob, "GrantTokens": ["x"]}), "InvalidGrantTokenException"),
        (json!({"CiphertextBlob": blob, "Recipient": {"KeyEncryptionAlgorithm": "x"}}), "UnsupportedOperationException"),
    ] {
        assert_eq!(w.code("Decrypt", body.clone()).await, code, "{body}");
    }
    for (body, code) in [
        (json!({"KeyId": id(9), "Plaintext": PLAIN}), "NotFoundException"),
        (json!({"KeyId": "nonsense", "Plaintext": PLAIN}), "NotFoundException"),
        (json!({"KeyId": "arn:aws:kms:us-east-1:x:key/y", "Plaintext": PLAIN}), "InvalidArnException"),
        (json!({"KeyId": id(1), "Plaintext": ""}), "ValidationException"),
        (json!({"KeyId": id(1), "Plaintext": PLAIN, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}), "InvalidKeyUsageException"),
        (json!({"Plaintext": PLAIN}), "ValidationException"),
    ] {
        assert_eq!(w.code("Encrypt", body.clone()).await, code, "{body}");
    }
}

#[tokio::test]
async fn a_key_that_is_off_says_so() {
    let mut w = world().with(1, KeySpec::Symmetric, KeyUsage::EncryptDecrypt);
    let blob = w.ok("Encrypt", json!({"KeyId": id(1), "Plaintext": PLAIN})).await["CiphertextBlob"].clone();
    for (state, code) in [
        (KeyState::Disabled, "DisabledException"),
        (KeyState::PendingDeletion, "KMSInvalidStateException"),
        (KeyState::PendingImport, "KMSInvalidStateException"),
    ] {
        w.key(1).state = state;
        w.push();
        assert_eq!(w.code("Decrypt", json!({"CiphertextBlob": blob})).await, code);
        assert_eq!(w.code("GenerateDataKey", json!({"KeyId": id(1), "KeySpec": "AES_256"})).await, code);
    }
    w.key(1).state = KeyState::Enabled;
    w.push();
    assert_eq!(w.ok("Decrypt", json!({"CiphertextBlob": blob})).await["Plaintext"], PLAIN);
    w.key(1).valid_to = Some(TimestampMs(1000));
    w.push();
    assert_eq!(
        w.code("Decrypt", json!({"CiphertextBlob": blob})).await,
        "KMSInvalidStateException",
        "the material's time is over"
    );
    w.snapshot.keys.clear();
    w.push();
    assert_eq!(w.code("Decrypt", json!({"CiphertextBlob": blob})).await, "AccessDeniedException", "the key is gone");
}

#[tokio::test]
async fn data_keys_open_to_what_they_were() {
    let w = world().with(1, KeySpec::Symmetric, KeyUsage::EncryptDecrypt).with(2, KeySpec::Hmac256, KeyUsage::GenerateVerifyMac);
    for (body, bytes) in
        [(json!({"KeySpec": "AES_256"}), 32), (json!({"KeySpec": "AES_128"}), 16), (json!({"NumberOfBytes": 1024}), 1024)]
    {
        let mut body = body;
        body["KeyId"] = json!(id(1));
        let made = w.ok("GenerateDataKey", body.clone()).await;
        let plain = made["Plaintext"].as_str().unwrap();
        assert_eq!(plain.trim_end_matches('=').len(), (bytes * 8usize).div_ceil(6), "{body}");
        assert_eq!(w.ok("Decrypt", json!({"CiphertextBlob": made["CiphertextBlob"]})).await["Plaintext"], plain);
        let without = w.ok("GenerateDataKeyWithoutPlaintext", body).await;
        assert!(without.get("Plaintext").is_none());
        w.ok("Decrypt", json!({"CiphertextBlob": without["CiphertextBlob"]})).await;
    }
    let pair = w.ok("GenerateDataKeyPair", json!({"KeyId": id(1), "KeyPairSpec": "ECC_NIST_P256"})).await;
    let opened = w.ok("Decrypt", json!({"CiphertextBlob": pair["PrivateKeyCiphertextBlob"]})).await;
    assert_eq!(opened["Plaintext"], pair["PrivateKeyPlaintext"]);
    let without = w.ok("GenerateDataKeyPairWithoutPlaintext", json!({"KeyId": id(1), "KeyPairSpec": "ECC_NIST_P384"})).await;
    assert!(without.get("PrivateKeyPlaintext").is_none() && without["PublicKey"].is_string());
    for (body, code) in [
        (json!({"KeyId": id(1)}), "ValidationException"),
        (json!({"KeyId": id(1), "KeySpec": "AES_256", "NumberOfBytes": 32}), "ValidationException"),
        (json!({"KeyId": id(1), "NumberOfBytes": 1025}), "ValidationException"),
        (json!({"KeyId": id(1), "KeySpec": "AES_512"}), "ValidationException"),
        (json!({"KeyId": id(2), "KeySpec": "AES_256"}), "InvalidKeyUsageException"),
    ] {
        assert_eq!(w.code("GenerateDataKey", body.clone()).await, code, "{body}");
    }
    let random = w.ok("GenerateRandom", json!({"NumberOfBytes": 24})).await;
    assert_eq!(random["Plaintext"].as_str().unwrap().len(), 32);
    assert_eq!(w.code("GenerateRandom", json!({"NumberOfBytes": 0})).await, "ValidationException");
    assert_eq!(
        w.call(&user(A, "ann"), "GenerateRandom", json!({"NumberOfBytes": 1})).await.unwrap_err().code,
        "AccessDeniedException"
    );
}

#[tokio::test]
async fn signatures_and_macs_are_checked() {
    let w = world()
        .with(1, KeySpec::Rsa2048, KeyUsage::SignVerify)
        .with(2, KeySpec::P384, KeyUsage::SignVerify)
        .with(3, KeySpec::Hmac384, KeyUsage::GenerateVerifyMac)
        .with(4, KeySpec::Rsa2048, KeyUsage::EncryptDecrypt);
    for (key, algorithm) in [(1, "RSASSA_PSS_SHA_256"), (1, "RSASSA_PKCS1_V1_5_SHA_512"), (2, "ECDSA_SHA_384")] {
        let of = |message: &str| json!({"KeyId": id(key), "Message": message, "SigningAlgorithm": algorithm});
        let signature = w.ok("Sign", of(PLAIN)).await["Signature"].clone();
        let mut verify = of(PLAIN);
        verify["Signature"] = signature.clone();
        assert_eq!(w.ok("Verify", verify).await["SignatureValid"], true);
        let mut other = of("b3RoZXI=");
        other["Signature"] = signature;
        assert_eq!(w.code("Verify", other).await, "KMSInvalidSignatureException");
        let mut digest = of(PLAIN);
        digest["MessageType"] = json!("DIGEST");
        assert_eq!(w.code("Sign", digest).await, "ValidationException");
    }
    for (key, algorithm, code) in [
        (1, "ECDSA_SHA_256", "InvalidKeyUsageException"),
        (2, "ECDSA_SHA_256", "InvalidKeyUsageException"),
        (3, "ECDSA_SHA_256", "InvalidKeyUsageException"),
        (4, "RSASSA_PSS_SHA_256", "InvalidKeyUsageException"),
        (1, "MD5", "ValidationException"),
    ] {
        let body = json!({"KeyId": id(key), "Message": PLAIN, "SigningAlgorithm": algorithm});
        assert_eq!(w.code("Sign", body).await, code, "{key} {algorithm}");
    }
    let public = w.ok("GetPublicKey", json!({"KeyId": id(1)})).await;
    assert_eq!(public["SigningAlgorithms"].as_array().unwrap().len(), 6);
    assert!(public["PublicKey"].as_str().unwrap().starts_with("MIIBI"), "SubjectPublicKeyInfo");
    assert_eq!(w.code("GetPublicKey", json!({"KeyId": id(3)})).await, "UnsupportedOperationException");
    let of = |message: &str| json!({"KeyId": id(3), "Message": message, "MacAlgorithm": "HMAC_SHA_384"});
    let mac = w.ok("GenerateMac", of(PLAIN)).await["Mac"].clone();
    let mut verify = of(PLAIN);
    verify["Mac"] = mac.clone();
    assert_eq!(w.ok("VerifyMac", verify).await["MacValid"], true);
    let mut other = of("b3RoZXI=");
    other["Mac"] = mac;
    assert_eq!(w.code("VerifyMac", other).await, "KMSInvalidMacException");
    assert_eq!(
        w.code("GenerateMac", json!({"KeyId": id(3), "Message": PLAIN, "MacAlgorithm": "HMAC_SHA_256"})).await,
        "InvalidKeyUsageException"
    );
    let rsa = json!({"KeyId": id(4), "Plaintext": PLAIN, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    let blob = w.ok("Encrypt", rsa).await["CiphertextBlob"].clone();
    let open = json!({"KeyId": id(4), "CiphertextBlob": blob, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    assert_eq!(w.ok("Decrypt", open).await["Plaintext"], PLAIN);
    assert_eq!(
        w.code("Decrypt", json!({"CiphertextBlob": blob, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"})).await,
        "ValidationException"
    );
}

#[tokio::test]
async fn two_keys_agree() {
    let w = world().with(1, KeySpec::P256, KeyUsage::KeyAgreement).with(2, KeySpec::P256, KeyUsage::KeyAgreement);
    let mut secrets = Vec::new();
    for (own, peer) in [(1, 2), (2, 1)] {
        let public = w.ok("GetPublicKey", json!({"KeyId": id(peer)})).await["PublicKey"].clone();
        let body = json!({"KeyId": id(own), "KeyAgreementAlgorithm": "ECDH", "PublicKey": public});
        secrets.push(w.ok("DeriveSharedSecret", body).await["SharedSecret"].clone());
    }
    assert!(secrets[0].is_string() && secrets[0] == secrets[1]);
    let bad = json!({"KeyId": id(1), "KeyAgreementAlgorithm": "ECDH", "PublicKey": "AAAA"});
    assert_eq!(w.code("DeriveSharedSecret", bad).await, "ValidationException");
}

#[tokio::test]
async fn strangers_and_users_need_a_policy_or_a_grant() {
    let mut w = world().with(1, KeySpec::Symmetric, KeyUsage::EncryptDecrypt);
    let (ann, eve) = (user(A, "ann"), user(B, "eve"));
    let blob =
        w.ok("Encrypt", json!({"KeyId": id(1), "Plaintext": PLAIN, "EncryptionContext": {"a": "1"}})).await["CiphertextBlob"]
            .clone();
    let open = json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "1"}});
    for who in [&ann, &eve] {
        assert_eq!(w.call(who, "Decrypt", open.clone()).await.unwrap_err().code, "AccessDeniedException");
    }
    assert_eq!(
        w.call(&eve, "Encrypt", json!({"KeyId": arn(1), "Plaintext": PLAIN})).await.unwrap_err().code,
        "AccessDeniedException"
    );
    assert_eq!(w.call(&eve, "Encrypt", json!({"KeyId": id(1), "Plaintext": PLAIN})).await.unwrap_err().code, "NotFoundException");
    for (n, who) in [&ann, &eve].into_iter().enumerate() {
        w.key(1).grants.push(Grant {
            id: format!("g{n}"),
            token: format!("t{n}"),
            grantee: who.arn.clone(),
            retiring: None,
            operations: vec!["Decrypt".into()],
            context_subset: Some([("a".to_owned(), "1".to_owned())].into()),
            context_equals: None,
        });
    }
    w.push();
    for who in [&ann, &eve] {
        assert_eq!(w.call(who, "Decrypt", open.clone()).await.unwrap()["Plaintext"], PLAIN);
        let mut with_token = open.clone();
        with_token["GrantTokens"] = json!(["t0"]);
        w.call(who, "Decrypt", with_token).await.unwrap();
        assert_eq!(w.call(who, "Decrypt", json!({"CiphertextBlob": blob})).await.unwrap_err().code, "AccessDeniedException");
    }
}

#[tokio::test]
async fn keys_come_back_from_the_ledger_and_older_ones_are_refused() {
    let mut w = world().with(1, KeySpec::Symmetric, KeyUsage::EncryptDecrypt);
    let blob = w.ok("Encrypt", json!({"KeyId": id(1), "Plaintext": PLAIN})).await["CiphertextBlob"].clone();
    assert_eq!(w.keys.unsealings(), 1);
    w.ok("Decrypt", json!({"CiphertextBlob": blob})).await;
    assert_eq!(w.keys.unsealings(), 1, "unsealed once, used often");
    w.keys = Rc::new(Keys::open(&w.dir, &settings(), "test").unwrap());
    assert_eq!(w.ok("Decrypt", json!({"CiphertextBlob": blob})).await["Plaintext"], PLAIN);
    let old = KeySnapshot { generation: Generation(0), ..w.snapshot.clone() };
    assert!(w.keys.accept(old).is_err());
    // Without the root key all goes on but the use of keys; what is on disk holds no material in the clear.
    std::fs::remove_file(w.dir.kms_key()).unwrap();
    w.keys = Rc::new(Keys::open(&w.dir, &settings(), "test").unwrap());
    assert_eq!(w.code("Decrypt", json!({"CiphertextBlob": blob})).await, "KMSInternalException");
    w.ok("GenerateRandom", json!({"NumberOfBytes": 1})).await;
    let material = &w.snapshot.keys[0].materials[0];
    let plain = w.root.open_material(&arn(1), 1, KeySpec::Symmetric, &material.sealed).unwrap();
    let ledger = std::fs::read_to_string(w.dir.kms_ledger("test")).unwrap();
    assert!(ledger.contains(&hex::encode(&*material.sealed)) && !ledger.contains(&hex::encode(plain.expose())));
}
