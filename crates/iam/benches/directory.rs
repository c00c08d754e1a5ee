//! What identities cost: `cargo bench -p iam --bench directory`. One core, best of seven rounds.
//!
//! The whole authorisation of an object request (from the access key to the decision: who it is, what bears on it, which
//! condition keys, evaluation), targets 2 µs for an administrator, 5 and 20 µs with 10 and 100 policies of the service; compiling of documents; a directory of 100,000 users.

use iam::caller::Circumstances;
use iam::{Asked, Directory, Policy, PolicyKind, Rule};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use types::TimestampMs;
use wire::identity::{Attached, Entity, EntityKind, Key, Part};

const ROUNDS: usize = 7;
const ASKED_PER_ROUND: u32 = 20_000;
const PRINCIPALS: usize = 100_000;
const ENTITIES_A_PART: usize = 256;
const ADMINISTRATOR: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Three statements with two conditions and a variable.
fn usual(i: usize) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Sid":"Read","Effect":"Allow","Action":["ec2:Describe*","s3:List*"],"Resource":"*"}},
        {{"Sid":"Own","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::team{i}/${{aws:username}}/*",
          "Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"team{i}"}},"IpAddress":{{"aws:SourceIp":"10.{}.0.0/16"}}}}}},
        {{"Sid":"Tls","Effect":"Deny","Action":"kms:*","Resource":"*","Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}]}}"#,
        i % 256
    )
}

fn user(i: usize, policies: Vec<Attached>) -> Entity {
    Entity {
        id: format!("AIDA{i:017}"),
        arn: format!("arn:aws:iam::111122223333:user/team/user-{i}"),
        name: format!("user-{i}"),
        kind: EntityKind::User,
        tags: BTreeMap::from([("team".to_owned(), format!("team{}", i % 100)), ("cost-center".to_owned(), "1234".to_owned())]),
        policies,
        boundary: None,
        keys: vec![Key { access_key: access_key(i), secret_key: format!("{i:040}"), sealed: Default::default(), active: true }],
        devices: Vec::new(),
    }
}

fn access_key(i: usize) -> String {
    format!("AKIA{i:016}")
}

/// `texts`: attached to each of the users.
fn part(number: usize, users: std::ops::Range<usize>, texts: Vec<String>) -> Part {
    let attached: Vec<Attached> = (0..texts.len())
        .map(|document| Attached { name: format!("arn:aws:iam::111122223333:policy/p{document}"), document })
        .collect();
    Part {
        name: format!("111122223333.{number}"),
        account: "111122223333".parse().unwrap(),
        entities: users.map(|i| user(i, attached.clone())).collect(),
        documents: texts.into_iter().map(Arc::from).collect(),
    }
}

fn best_ns(times: u32, mut once: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        (0..times).for_each(|_| once());
        start.elapsed().as_nanos() as f64 / f64::from(times)
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

/// As a gateway authorises a GET.
fn authorise(directory: &Directory, key: &str, at: &Circumstances) -> bool {
    let Some((identity, _)) = directory.key(key) else { return false };
    let Some(caller) = identity.caller() else { return false };
    let Some(bundle) = directory.bundle(&caller) else { return false };
    let context = bundle.context_for(Some(&caller), at, None, |key, context| {
        if key == "aws:resourceaccount" {
            context.set(key, "111122223333");
        }
    });
    let resource = format!("arn:aws:s3:::{}/{}", "data", "home/user-0/2026/11/report.pdf");
    let asked = Asked {
        action: "s3:GetObject",
        resource: &resource,
        resource_account: Some("111122223333"),
        resource_policy: None,
        rule: Rule::Optional,
        context: &context,
    };
    bundle.decide(&asked).is_allowed()
}

fn resident_bytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|p| p.parse::<usize>().ok()).unwrap_or_default() * 4096
}

fn main() {
    let at = Circumstances {
        now: TimestampMs(1_700_000_000_000),
        source_ip: "203.0.113.9",
        user_agent: "aws-cli/2",
        region: "us-east-1",
        through: None,
    };
    let with_usual = |n: usize| (0..n).map(usual).chain([ADMINISTRATOR.to_owned()]).collect::<Vec<_>>();
    let mut late = false;
    for (name, texts, target_ns) in [
        ("an administrator", with_usual(0), 2_000.0),
        ("10 policies", with_usual(9), 5_000.0),
        ("100 policies", with_usual(99), 20_000.0),
    ] {
        let mut directory = Directory::default();
        directory.put(part(0, 0..1, texts));
        let key = access_key(0);
        assert!(authorise(&directory, &key, &at));
        let ns = best_ns(ASKED_PER_ROUND, || {
            black_box(authorise(black_box(&directory), black_box(&key), &at));
        });
        println!("authorise a GET, {name}: {ns:.0} ns (target {target_ns:.0})");
        late |= ns > target_ns;
        let caller = directory.key(&key).unwrap().0.caller().unwrap();
        let ns = best_ns(ASKED_PER_ROUND, || drop(black_box(directory.bundle(black_box(&caller)))));
        println!("  of which the bundle: {ns:.0} ns");
        let bundle = directory.bundle(&caller).unwrap();
        let ns = best_ns(ASKED_PER_ROUND, || drop(black_box(bundle.context_for(Some(&caller), &at, None, |_, _| {}))));
        println!("  of which the condition keys: {ns:.0} ns");
    }
    let text = usual(7);
    let ns = best_ns(2_000, || drop(black_box(Policy::parse(black_box(&text), PolicyKind::Identity))));
    println!("compile a document of {} bytes, 3 statements: {ns:.0} ns", text.len());
    let statement = text.split_once(r#""Statement":["#).map(|(_, rest)| rest.trim_end_matches("]}")).unwrap();
    let long: Vec<String> = (0..12).map(|i| statement.replace("\"Sid\":\"", &format!("\"Sid\":\"S{i}"))).collect();
    let long = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, long.join(","));
    let ns = best_ns(500, || {
        black_box(Policy::parse(black_box(&long), PolicyKind::Identity)).unwrap();
    });
    println!("compile a document of {} bytes, 36 statements: {ns:.0} ns", long.len());
    directory_of_many(&at);
    assert!(!late, "slower than the target");
}

/// Three managed policies for everybody, one inline policy for every part.
fn directory_of_many(at: &Circumstances) {
    let parts: Vec<Part> = (0..PRINCIPALS.div_ceil(ENTITIES_A_PART))
        .map(|n| {
            let users = n * ENTITIES_A_PART..PRINCIPALS.min((n + 1) * ENTITIES_A_PART);
            part(n, users, vec![usual(1), usual(2), ADMINISTRATOR.into(), usual(1000 + n)])
        })
        .collect();
    let sizes: Vec<usize> = parts.iter().map(|p| serde_json::to_vec(p).map_or(0, |t| t.len())).collect();
    let total: usize = sizes.iter().sum();
    println!(
        "{PRINCIPALS} users: {} parts, {:.1} MB of JSON, {} KB a part at most",
        parts.len(),
        total as f64 / 1e6,
        sizes.iter().max().unwrap_or(&0) / 1000
    );
    let one = parts[0].clone();
    let before = resident_bytes();
    let mut directory = Directory::default();
    let start = Instant::now();
    for part in parts.iter().cloned() {
        directory.put(part);
    }
    let elapsed = start.elapsed();
    println!(
        "  put: {:.0} ms in all, {:.0} us a part; memory {:.0} MB, {} bytes a user",
        elapsed.as_secs_f64() * 1e3,
        elapsed.as_secs_f64() * 1e6 / parts.len() as f64,
        resident_bytes().saturating_sub(before) as f64 / 1e6,
        resident_bytes().saturating_sub(before) / PRINCIPALS
    );
    let ns = best_ns(50, || directory.put(one.clone()));
    println!("  put a part again: {:.0} us", ns / 1e3);
    let key = access_key(PRINCIPALS / 2);
    let ns = best_ns(ASKED_PER_ROUND, || {
        black_box(authorise(black_box(&directory), black_box(&key), at));
    });
    println!("  authorise a GET by one of them: {ns:.0} ns");
    assert_eq!(directory.len(), PRINCIPALS);
}
