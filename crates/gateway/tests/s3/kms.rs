//! SSE-KMS: objects under keys of KMS, as pushed; what becomes of them when a key is switched off; who may.

use crate::world::{ALT_ACCOUNT, MAIN_ACCOUNT, REGION, Who, World, complete_xml, get, head, post, put, start_upload, with_world};
use ::kms::Material;
use base64::Engine;
use platform::rpc::{self, Client, Router};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use types::{AccountId, Generation};
use wire::kms::{Alias, EnsureKey, EnsureKeyReply, Key, KeySnapshot, KeySpec, KeyState, KeyUsage, PushKeys, SealedMaterial};

const SSE: &str = "x-amz-server-side-encryption";
const KEY_ID: &str = "x-amz-server-side-encryption-aws-kms-key-id";

/// Keys as the control plane would push them.
struct Pushed {
    control: Client,
    snapshot: RefCell<KeySnapshot>,
    pushes: Cell<u64>,
}

impl Pushed {
    fn new(w: &World) -> Self {
        let snapshot = KeySnapshot { format: wire::FORMAT, generation: Generation(0), keys: Vec::new(), aliases: Vec::new() };
        Self {
            control: Client::new(&w.identity("control-plane"), w.dir.socket("gateway")),
            snapshot: RefCell::new(snapshot),
            pushes: Cell::new(0),
        }
    }

    fn add(&self, w: &World, account: &str, n: u8, spec: KeySpec, policy: Option<String>) -> String {
        let account: AccountId = account.parse().expect("an account");
        let id = ::kms::blob::uuid(&[n; 16]);
        let arn = format!("arn:aws:kms:{REGION}:{account}:key/{id}");
        let material = Material::generate(spec).expect("material");
        let sealed = w.root.seal_material(&arn, 1, &material).expect("sealed");
        self.snapshot.borrow_mut().keys.push(Key {
            policy: policy.unwrap_or_else(|| ::kms::access::default_policy(&account)),
            account,
            id,
            arn: arn.clone(),
            spec,
            usage: ::kms::spec::usages(spec)[0],
            state: KeyState::Enabled,
            origin: "AWS_KMS".into(),
            tags: Default::default(),
            current: 1,
            materials: vec![SealedMaterial {
                generation: 1,
                id: material.id(&arn),
                sealed: sealed.into(),
                public: Default::default(),
            }],
            valid_to: None,
            grants: Vec::new(),
        });
        arn
    }

    async fn push(&self) {
        self.pushes.set(self.pushes.get() + 1);
        let snapshot = KeySnapshot { generation: Generation(self.pushes.get()), ..self.snapshot.borrow().clone() };
        self.control.call::<PushKeys>(&snapshot, Duration::from_secs(5)).await.expect("the gateway takes the keys");
    }

    async fn set(&self, arn: &str, state: KeyState) {
        self.snapshot.borrow_mut().keys.iter_mut().find(|k| k.arn == arn).expect("the key").state = state;
        self.push().await;
    }
}

fn sealed_put(target: &str, body: impl Into<Vec<u8>>, key: &str) -> crate::world::Req {
    put(target, body).with(SSE, "aws:kms").with(KEY_ID, key)
}

#[test]
fn objects_are_readable_while_their_key_is_enabled() {
    with_world(false, |w| async move {
        let keys = Pushed::new(&w);
        let arn = keys.add(&w, MAIN_ACCOUNT, 1, KeySpec::Symmetric, None);
        let mac = keys.add(&w, MAIN_ACCOUNT, 2, KeySpec::Hmac256, None);
        keys.snapshot.borrow_mut().aliases.push(Alias {
            account: MAIN_ACCOUNT.parse().expect("an account"),
            name: "alias/mine".into(),
            key: ::kms::blob::uuid(&[1; 16]),
        });
        keys.push().await;
        w.done(put("/vault", "")).await;
        let large: Vec<u8> = (0..3_000_000u32).map(|i| (i * 7) as u8).collect();
        let made = w.done(sealed_put("/vault/large", large.clone(), &arn)).await;
        assert_eq!((made.header(SSE), made.header(KEY_ID)), ("aws:kms", arn.as_str()));
        w.done(sealed_put("/vault/small", "secret", "alias/mine")).await;
        w.done(sealed_put("/vault/empty", "", &arn)).await;
        let context = base64::engine::general_purpose::STANDARD.encode(r#"{"team":"red"}"#);
        w.done(sealed_put("/vault/context", "with", &arn).with("x-amz-server-side-encryption-context", context)).await;
        let shared =
            |k: &str, body: &str| sealed_put(k, body, &arn).with("x-amz-server-side-encryption-bucket-key-enabled", "true");
        let one = w.done(shared("/vault/b1", "first")).await;
        assert_eq!(one.header("x-amz-server-side-encryption-bucket-key-enabled"), "true");
        w.done(shared("/vault/b2", "second")).await;
        let id = start_upload(&w, "/vault/parts", &[(SSE, "aws:kms"), (KEY_ID, &arn)]).await;
        let part = w.done(put(format!("/vault/parts?partNumber=1&uploadId={id}"), "a part")).await;
        let etag = part.header("etag").to_owned();
        w.done(post(format!("/vault/parts?uploadId={id}"), complete_xml(&[(1, &etag)]))).await;
        w.done(put("/vault/copy", "").with("x-amz-copy-source", "/vault/large").with(SSE, "aws:kms").with(KEY_ID, &arn)).await;
        w.done(put("/vault/freed", "").with("x-amz-copy-source", "/vault/small")).await;

        let all: [(&str, &[u8]); 8] = [
            ("large", &large),
            ("small", b"secret"),
            ("empty", b""),
            ("context", b"with"),
            ("b1", b"first"),
            ("b2", b"second"),
            ("parts", b"a part"),
            ("copy", &large),
        ];
        for (name, body) in all {
            let reply = w.done(get(format!("/vault/{name}"))).await;
            assert!(reply.body == body, "{name}");
            assert_eq!(reply.header(KEY_ID), arn, "{name}");
        }
        assert_eq!(w.done(get("/vault/large").with("range", "bytes=2000000-2000003")).await.body, &large[2_000_000..2_000_004]);
        assert_eq!(w.done(get("/vault/freed")).await.header(SSE), "AES256");

        for (state, code) in [
            (KeyState::Disabled, "KMS.DisabledException"),
            (KeyState::PendingDeletion, "KMS.KMSInvalidStateException"),
            (KeyState::PendingImport, "KMS.KMSInvalidStateException"),
        ] {
            keys.set(&arn, state).await;
            let mut rows: Vec<_> = all.iter().map(|(n, _)| ("read", get(format!("/vault/{n}")), 400, code)).collect();
            rows.push(("write", sealed_put("/vault/x", "x", &arn), 400, code));
            rows.push(("copy", put("/vault/x", "").with("x-amz-copy-source", "/vault/small"), 400, code));
            rows.push(("head", head("/vault/small"), 200, ""));
            rows.push(("what is not under it", get("/vault/freed"), 200, ""));
            w.table(rows).await;
        }
        keys.set(&arn, KeyState::Enabled).await;
        for (name, body) in all {
            assert!(w.done(get(format!("/vault/{name}"))).await.body == body, "{name} again");
        }
        w.table(vec![
            ("unknown", sealed_put("/vault/x", "", "1234abcd-12ab-34cd-56ef-1234567890ab"), 400, "KMS.NotFoundException"),
            ("of another kind", sealed_put("/vault/x", "", &mac), 400, "KMS.InvalidKeyUsageException"),
            ("of nobody", get("/vault/small").by(Who::Nobody), 403, "AccessDenied"),
            ("two layers", put("/vault/x", "").with(SSE, "aws:kms:dsse"), 501, "NotImplemented"),
        ])
        .await;
        keys.snapshot.borrow_mut().keys.retain(|k| k.arn != arn);
        keys.push().await;
        w.table(vec![("after its end", get("/vault/small"), 400, "KMS.NotFoundException")]).await;
    });
}

#[test]
fn the_keys_policy_decides_besides_the_buckets() {
    with_world(false, |w| async move {
        let keys = Pushed::new(&w);
        let arn = keys.add(&w, MAIN_ACCOUNT, 1, KeySpec::Symmetric, None);
        let theirs = keys.add(&w, ALT_ACCOUNT, 2, KeySpec::Symmetric, None);
        let allow = |action: &str, condition: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Principal":{{"AWS":"{MAIN_ACCOUNT}"}},"Action":"kms:*","Resource":"*"}},
                {{"Effect":"Allow","Principal":{{"AWS":"{ALT_ACCOUNT}"}},"Action":"{action}","Resource":"*","Condition":{{{condition}}}}}]}}"#
            )
        };
        keys.push().await;
        w.done(put("/shared", "")).await;
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ALT_ACCOUNT}"}},"Action":"s3:*","Resource":"arn:aws:s3:::shared/*"}}]}}"#
        );
        w.done(put("/shared?policy", policy)).await;
        w.done(sealed_put("/shared/k", "secret", &arn)).await;
        w.table(vec![
            ("bucket alone", get("/shared/k").by(Who::Alt), 403, "AccessDenied"),
            ("another's key", sealed_put("/shared/x", "x", &theirs), 403, "AccessDenied"),
            ("one's own key", sealed_put("/shared/own", "x", &theirs).by(Who::Alt), 200, ""),
        ])
        .await;
        let with_policy = async |policy: String| {
            keys.snapshot.borrow_mut().keys[0].policy = policy;
            keys.push().await;
        };
        let via = |service: &str| format!(r#""StringEquals":{{"kms:ViaService":"{service}.{REGION}.amazonaws.com"}}"#);
        with_policy(allow("kms:Decrypt", &via("ec2"))).await;
        w.table(vec![("through another service", get("/shared/k").by(Who::Alt), 403, "AccessDenied")]).await;
        with_policy(allow("kms:Decrypt", &via("s3"))).await;
        w.table(vec![
            ("through S3", get("/shared/k").by(Who::Alt), 200, ""),
            ("but not written", sealed_put("/shared/y", "x", &arn).by(Who::Alt), 403, "AccessDenied"),
        ])
        .await;
        let bound = r#""StringEquals":{"kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::shared/other"}"#;
        with_policy(allow("kms:Decrypt", bound)).await;
        w.table(vec![("bound to another object", get("/shared/k").by(Who::Alt), 403, "AccessDenied")]).await;
    });
}

#[test]
fn a_buckets_default_and_the_accounts_own_key() {
    with_world(false, |w| async move {
        w.done(put("/box", "")).await;
        let rule = |inside: &str| {
            format!(
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>{inside}</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
            )
        };
        w.done(put("/box?encryption", rule("")).md5()).await;
        w.table(vec![("its key cannot be made now", put("/box/k", "x"), 503, "ServiceUnavailable")]).await;
        // The control plane makes the key when it is asked, pushes it, and answers.
        let keys = Rc::new(Pushed::new(&w));
        let policy = ::kms::access::service_policy(&MAIN_ACCOUNT.parse().expect("an account"), REGION, "s3");
        let arn = keys.add(&w, MAIN_ACCOUNT, 3, KeySpec::Symmetric, Some(policy));
        keys.snapshot.borrow_mut().aliases.push(Alias {
            account: MAIN_ACCOUNT.parse().expect("an account"),
            name: "alias/aws/s3".into(),
            key: ::kms::blob::uuid(&[3; 16]),
        });
        let (asked, made) = (Rc::new(Cell::new(0)), arn.clone());
        let (count, pusher) = (asked.clone(), keys.clone());
        let router = Router::new().on::<EnsureKey, _, _>(&[platform::tls::Role::Gateway.any()], move |_| {
            count.set(count.get() + 1);
            let (pusher, arn) = (pusher.clone(), made.clone());
            async move {
                pusher.push().await;
                Ok(EnsureKeyReply { arn })
            }
        });
        let listener = rpc::bind(&w.dir.socket("control-plane")).expect("a socket");
        let control = tokio::task::spawn_local(rpc::serve(listener, w.identity("control-plane"), router));
        let made = w.done(put("/box/k", "secret")).await;
        assert_eq!((made.header(SSE), made.header(KEY_ID)), ("aws:kms", arn.as_str()));
        assert_eq!(made.header("x-amz-server-side-encryption-bucket-key-enabled"), "true");
        // From now on no control plane is needed.
        control.abort();
        w.done(put("/box/l", "more").with(SSE, "aws:kms")).await;
        assert_eq!(w.done(get("/box/k")).await.text(), "secret");
        assert_eq!(w.done(get("/box/l")).await.text(), "more");
        assert_eq!(asked.get(), 1);
        let named = keys.add(&w, MAIN_ACCOUNT, 4, KeySpec::Symmetric, None);
        keys.push().await;
        w.done(put("/box?encryption", rule(&format!("<KMSMasterKeyID>{named}</KMSMasterKeyID>"))).md5()).await;
        assert_eq!(w.done(put("/box/n", "named")).await.header(KEY_ID), named);
        assert_eq!(w.done(get("/box/n")).await.text(), "named");
        let (usage, plain) = (KeyUsage::EncryptDecrypt, w.done(put("/box/p", "plain").with(SSE, "AES256")).await);
        assert_eq!((plain.header(SSE), keys.snapshot.borrow().keys[0].usage), ("AES256", usage));
    });
}
