//! Nanoseconds a decision, one core: `cargo bench -p iam`. Targets: 2 µs with 10 policies, 20 µs with 100. Best of seven
//! rounds. The policies are of the kinds that people attach: a service's reader or administrator, a home directory by user
//! name, a tag condition, a Deny without TLS; three statements each. The allowing one is the last, so that all are read.

use iam::{BUCKET_POLICY_BYTES_MAX, Context, Policy, PolicyKind, PolicySet, Principal, Request, evaluate};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const ROUNDS: usize = 7;
const ASKED_PER_ROUND: u32 = 20_000;

fn attached(n: usize) -> Vec<Arc<Policy>> {
    let others = ["ec2", "iam", "kms", "sqs", "dynamodb", "s3"];
    let mut out: Vec<String> = (0..n - 1)
        .map(|i| {
            let service = others[i % others.len()];
            format!(
                r#"{{"Version":"2012-10-17","Statement":[
                {{"Sid":"Read","Effect":"Allow","Action":["{service}:Describe*","{service}:List*","{service}:GetItem"],
                  "Resource":["arn:aws:{service}:*:111122223333:team{i}/*","arn:aws:{service}:*:111122223333:team{i}-logs/*"]}},
                {{"Sid":"Own","Effect":"Allow","Action":"{service}:*","Resource":"arn:aws:{service}:::team{i}/${{aws:username}}/*",
                  "Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"team{i}"}},"IpAddress":{{"aws:SourceIp":"10.{}.0.0/16"}}}}}},
                {{"Sid":"Tls","Effect":"Deny","Action":"{service}:*","Resource":"*","Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}
                ]}}"#,
                i % 256
            )
        })
        .collect();
    out.push(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*",
            "Resource":"arn:aws:s3:::data/home/${aws:username}/*"}}"#
            .into(),
    );
    out.iter().map(|text| Arc::new(Policy::parse(text, PolicyKind::Identity).unwrap())).collect()
}

fn context(principal: &Principal) -> Context {
    let mut c = Context::of(principal);
    c.set("aws:SourceIp", "203.0.113.9");
    c.set("aws:SecureTransport", "true");
    c.set("aws:UserAgent", "aws-cli/2");
    c.set("aws:PrincipalTag/team", "team7");
    c.set("s3:authType", "REST-HEADER");
    c.set("s3:signatureversion", "AWS4-HMAC-SHA256");
    c.set_time(types::TimestampMs(1_700_000_000_000));
    c
}

fn best_ns(mut once: impl FnMut()) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..ASKED_PER_ROUND).for_each(|_| once());
            start.elapsed().as_nanos() as f64 / f64::from(ASKED_PER_ROUND)
        })
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    let account = "111122223333".parse().unwrap();
    let principal = Principal::user(&account, "/", "ann", "AIDAANN4567890123456");
    let bucket = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"],
         "Condition":{"Bool":{"aws:SecureTransport":"false"}}},
        {"Sid":"Partner","Effect":"Allow","Principal":{"AWS":["444455556666","arn:aws:iam::777788889999:role/reader"]},
         "Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/shared/*"]}]}"#;
    let bucket = Policy::parse_within(bucket, PolicyKind::Resource, BUCKET_POLICY_BYTES_MAX).unwrap();
    let keys = context(&principal);
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::data/home/ann/2026/11/report.pdf",
        resource_account: Some("111122223333"),
        context: &keys,
    };
    let mut late = false;
    for (n, target_ns) in [(1, 2_000.0), (10, 2_000.0), (100, 20_000.0)] {
        let identity = attached(n);
        let set = PolicySet { identity: &identity, resource: Some(&bucket), ..PolicySet::default() };
        assert!(evaluate(&set, &request).is_allowed());
        let ns = best_ns(|| {
            black_box(evaluate(black_box(&set), black_box(&request)));
        });
        println!("evaluate, {n} identity policies and a bucket policy: {ns:.0} ns (target {target_ns:.0})");
        late |= ns > target_ns;
    }
    // A bucket policy made to be slow: 18 KiB of patterns that almost match a key of 1 KiB at every place.
    let pattern = format!("\"arn:aws:s3:::data/*{}b*\"", "a?".repeat(250));
    let hostile = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":[{}]}}}}"#,
        vec![pattern; 34].join(",")
    );
    let hostile = Policy::parse_within(&hostile, PolicyKind::Resource, BUCKET_POLICY_BYTES_MAX).unwrap();
    let resource = format!("arn:aws:s3:::data/{}", "a".repeat(1024));
    let start = Instant::now();
    black_box(hostile.decide(&Request { resource: &resource, ..request }));
    println!("the slowest bucket policy known: {} us", start.elapsed().as_micros());
    let ns = best_ns(|| {
        black_box(context(black_box(&principal)));
    });
    println!("fill a context of 14 keys: {ns:.0} ns");
    assert!(!late, "slower than the target");
}
