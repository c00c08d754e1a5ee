//! Trails into buckets: what is in the files, that each event is in one of them, digests, and buckets that will not have them.

use crate::world::*;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use platform::rpc::Client;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::io::Read;
use std::time::{Duration, Instant};
use types::{Generation, TimestampMs};
use wire::trail::*;

const PATIENCE: Duration = Duration::from_secs(60);
const CALL: Duration = Duration::from_secs(10);

fn arn() -> String {
    format!("arn:aws:cloudtrail:{REGION}:{MAIN_ACCOUNT}:trail/t1")
}

/// As the CloudTrail User Guide has it ("Amazon S3 bucket policy for CloudTrail").
fn policy(bucket: &str) -> String {
    let of_trail = json!({"aws:SourceArn": arn()});
    let owned = json!({"aws:SourceArn": arn(), "s3:x-amz-acl": "bucket-owner-full-control"});
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{bucket}"),
            "Condition": {"StringEquals": of_trail}},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{bucket}/p/AWSLogs/{MAIN_ACCOUNT}/*"), "Condition": {"StringEquals": owned}}
    ]})
    .to_string()
}

struct Deliverer {
    client: Client,
    run: tokio::task::JoinHandle<Result<(), gateway::worker::WorkerError>>,
}

impl Deliverer {
    async fn start(w: &World) -> Self {
        let run = tokio::task::spawn_local(gateway::worker::run(w.dir.clone()));
        let [client, operator] =
            ["control-plane", "operator"].map(|process| Client::new(&w.identity(process), w.dir.socket("s3-worker")));
        let limit = Instant::now() + PATIENCE;
        while operator.call::<wire::api::GetS3WorkerStatus>(&wire::Empty {}, CALL).await.is_err() {
            assert!(Instant::now() < limit && !run.is_finished(), "the worker does not start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Self { client, run }
    }

    async fn push(&self, generation: u64, objects: &str) {
        let all = BasicSelector {
            read_write: ReadWrite::All,
            management: true,
            exclude_sources: Vec::new(),
            objects: vec![objects.to_owned()],
        };
        let trail = Trail {
            id: "0123456789abcdef0123456789abcdef".into(),
            account: MAIN_ACCOUNT.parse().unwrap(),
            name: "t1".into(),
            arn: arn(),
            bucket: "logs".into(),
            prefix: "p".into(),
            validation: true,
            global_events: true,
            selectors: Selectors::Basic(vec![all]),
            spans: vec![Span { from: TimestampMs(0), to: None }],
        };
        let snapshot = TrailSnapshot { format: wire::FORMAT, generation: Generation(generation), trails: vec![trail] };
        self.client.call::<PushTrails>(&snapshot, CALL).await.expect("the trail is taken");
    }

    async fn may(&self, bucket: &str, prefix: &str, arn: &str) -> BucketVerdict {
        let (arn, bucket, prefix) = (arn.to_owned(), bucket.to_owned(), prefix.to_owned());
        let question = BucketQuestion { account: MAIN_ACCOUNT.parse().unwrap(), arn, bucket, prefix };
        self.client.call::<CheckTrailBucket>(&question, CALL).await.expect("a verdict")
    }

    async fn status(&self) -> TrailStatus {
        let id = "0123456789abcdef0123456789abcdef".to_owned();
        self.client.call::<GetTrailStatus>(&id, CALL).await.expect("a status")
    }
}

fn with_trails<F: Future<Output = ()>>(digest_seconds: u32, test: impl FnOnce(World) -> F) {
    let audit = json!({"mib_max": 128, "deliver_seconds": 1, "digest_seconds": digest_seconds});
    with_audit(json!({}), audit, test);
}

fn gunzip(body: &[u8]) -> String {
    let mut out = String::new();
    flate2::read::GzDecoder::new(body).read_to_string(&mut out).expect("gzip");
    out
}

/// Names under a folder of the trail's.
async fn files(w: &World, folder: &str) -> Vec<String> {
    let prefix = format!("p/AWSLogs/{MAIN_ACCOUNT}/{folder}/");
    w.done(get(format!("/logs?list-type=2&prefix={prefix}"))).await.tags("Key")
}

/// Events by id, from all files. Fails when one is in two files.
async fn events(w: &World) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for key in files(w, "CloudTrail").await {
        let file = w.done(get(format!("/logs/{key}"))).await;
        assert_eq!((file.header("content-type"), file.header("content-encoding")), ("application/json", "gzip"));
        let records: Value = serde_json::from_str(&gunzip(&file.body)).expect("JSON");
        for event in records["Records"].as_array().expect("records") {
            let id = event["eventID"].as_str().expect("an id").to_owned();
            assert!(out.insert(id, event.clone()).is_none(), "an event twice");
        }
    }
    out
}

async fn until_delivered(w: &World, wanted: &[(&str, &str)]) -> BTreeMap<String, Value> {
    let limit = Instant::now() + PATIENCE;
    loop {
        let all = events(w).await;
        let has = |(name, key): &(&str, &str)| {
            all.values().any(|e| e["eventName"] == *name && (key.is_empty() || e["requestParameters"]["key"] == *key))
        };
        if wanted.iter().all(has) {
            return all;
        }
        assert!(Instant::now() < limit, "not delivered: {wanted:?}, but {all:#?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[test]
fn each_event_that_is_wanted_is_in_one_file_whatever_happens_to_the_worker() {
    with_trails(3_600, |w| async move {
        for bucket in ["logs", "seen", "other"] {
            w.done(put(format!("/{bucket}"), "")).await;
        }
        w.done(put("/logs?policy", policy("logs"))).await;
        let d = Deliverer::start(&w).await;
        d.push(1, "arn:aws:s3:::seen/").await;
        w.done(put("/seen/a", "x")).await;
        w.done(put("/other/b", "x")).await;
        w.ask(get("/seen/none").by(Who::Nobody)).await;
        let all = until_delivered(&w, &[("CreateBucket", ""), ("PutObject", "a"), ("GetObject", "none")]).await;
        assert!(all.values().all(|e| e["requestParameters"]["key"] != "b"), "not of this bucket");
        assert!(all.values().all(|e| e["recipientAccountId"] == MAIN_ACCOUNT));
        let name = files(&w, "CloudTrail").await.remove(0);
        assert!(name.contains(&format!("/{MAIN_ACCOUNT}_CloudTrail_{REGION}_")) && name.ends_with(".json.gz"), "{name}");
        let status = d.status().await;
        assert!(status.delivered.is_some() && status.error.is_none() && status.gaps == 0, "{status:?}");
        // It dies in the middle of things, again and again, and goes on from its ledger.
        d.run.abort();
        for n in 0..6 {
            w.done(put(format!("/seen/n{n}"), "x")).await;
            let d = Deliverer::start(&w).await;
            tokio::time::sleep(Duration::from_millis(150 * n)).await;
            d.run.abort();
            let _ = d.run.await;
        }
        let d = Deliverer::start(&w).await;
        until_delivered(&w, &[("PutObject", "n0"), ("PutObject", "n3"), ("PutObject", "n5")]).await;
        d.run.abort();
    });
}

#[test]
fn a_bucket_has_what_its_policy_allows() {
    with_trails(3_600, |w| async move {
        w.done(put("/logs", "")).await;
        let d = Deliverer::start(&w).await;
        assert_eq!(d.may("none", "p", &arn()).await, BucketVerdict::NoSuchBucket);
        assert_eq!(d.may("logs", "p", &arn()).await, BucketVerdict::Denied);
        d.push(1, "arn:aws:s3").await;
        let limit = Instant::now() + PATIENCE;
        while d.status().await.error.as_deref() != Some("AccessDenied") {
            assert!(Instant::now() < limit, "{:?}", d.status().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(files(&w, "CloudTrail").await, [] as [&str; 0]);
        w.done(put("/logs?policy", policy("logs"))).await;
        assert_eq!(d.may("logs", "p", &arn()).await, BucketVerdict::Writable);
        assert_eq!(d.may("logs", "", &arn()).await, BucketVerdict::Denied);
        assert_eq!(d.may("logs", "p", &arn().replace("t1", "t2")).await, BucketVerdict::Denied);
        until_delivered(&w, &[("CreateBucket", ""), ("PutBucketPolicy", "")]).await;
        assert_eq!(d.status().await.error, None);
        d.run.abort();
    });
}

#[test]
fn digests_are_signed_and_chained_and_name_every_file() {
    with_trails(2, |w| async move {
        w.done(put("/logs", "")).await;
        w.done(put("/logs?policy", policy("logs"))).await;
        let d = Deliverer::start(&w).await;
        d.push(1, "arn:aws:s3:::seen/").await;
        let key = d.client.call::<GetDigestKey>(&wire::Empty {}, CALL).await.expect("a key");
        let limit = Instant::now() + PATIENCE;
        // A digest after the one that names the first file.
        let digests = loop {
            let mut found = Vec::new();
            for key in files(&w, "CloudTrail-Digest").await {
                let file = w.done(get(format!("/logs/{key}"))).await;
                let text = gunzip(&file.body);
                let digest: Value = serde_json::from_str(&text).expect("JSON");
                found.push((key, file, text, digest));
            }
            let names = |d: &Value| !d["logFiles"].as_array().expect("files").is_empty();
            if found.iter().position(|(_, _, _, d)| names(d)).is_some_and(|at| at + 1 < found.len()) {
                break found;
            }
            assert!(Instant::now() < limit, "no digests");
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        d.run.abort();
        let hash = |text: &str| hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()));
        let mut before: Option<(String, String, String)> = None;
        let mut named = Vec::new();
        for (name, file, text, digest) in &digests {
            let signature = file.header("x-amz-meta-signature").to_owned();
            assert_eq!(
                (&digest["digestS3Object"], &digest["digestPublicKeyFingerprint"]),
                (&json!(name), &json!(key.fingerprint))
            );
            let last = before.as_ref().map_or("null", |(_, _, signature)| signature);
            let signed = format!("{}\nlogs/{name}\n{}\n{last}", digest["digestEndTime"].as_str().unwrap(), hash(text));
            let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public.0.as_slice());
            public.verify(signed.as_bytes(), &hex::decode(&signature).unwrap()).expect("the signature holds");
            if let Some((key, hash, signature)) = &before {
                let told = ["previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature"].map(|m| &digest[m]);
                assert_eq!(told, [&json!(key), &json!(hash), &json!(signature)]);
            }
            for log in digest["logFiles"].as_array().unwrap() {
                let at = log["s3Object"].as_str().unwrap().to_owned();
                let file = w.done(get(format!("/logs/{at}"))).await;
                assert_eq!(log["hashValue"], json!(hash(&gunzip(&file.body))));
                named.push(at);
            }
            before = Some((name.clone(), hash(text), signature));
        }
        assert!(!named.is_empty());
        let stored = std::fs::read_to_string(w.dir.trails().join("digest.key")).expect("the key's file");
        assert!(!stored.contains("PRIVATE") && stored.contains("sealed"));
    });
}
