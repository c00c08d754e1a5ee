//! 100,000 principals: how large the pushed directory is, how long a whole push and one change take on their way from the
//! rows to a gateway that has them durably. `cargo bench -p stratocell --bench identity`; `BENCH_PRINCIPALS` for other sizes.
//!
//! Users in groups of 100, ten managed policies of the account in use, a key each, every tenth principal a role.

use gateway::identity::{Identities, Moment};
use platform::DataDir;
use region::db::Db;
use region::iam::identity::Identities as Compiled;
use region::rows::{AccessKey, Group, ManagedPolicy, Role, User};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;
use types::{AccountId, Generation, TimestampMs};
use wire::identity::{IdentityHead, IdentityPush, Part};

const POLICIES: usize = 10;
const GROUP: usize = 100;
const NOW: Moment = Moment { wall: TimestampMs(0), monotonic_us: 0 };

fn document(n: usize) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Own{n}","Effect":"Allow","Action":["s3:Get*","s3:Put*"],"Resource":"arn:aws:s3:::team{n}/${{aws:username}}/*"}},{{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*","Condition":{{"StringEquals":{{"aws:RequestedRegion":"us-east-1"}}}}}}]}}"#
    )
}

fn fill(db: &mut Db, account: &AccountId, principals: usize) {
    let created = TimestampMs(0);
    for n in 0..POLICIES {
        db.put(ManagedPolicy {
            account: account.clone(),
            id: format!("ANPA{n:017}"),
            name: format!("policy{n}"),
            path: "/".into(),
            description: None,
            created,
            updated: created,
            tags: Default::default(),
            default_version: 1,
            versions: vec![region::iam::rows::PolicyVersion { number: 1, document: document(n), created }],
            next_version: 2,
        });
    }
    let policy = |n: usize| format!("arn:aws:iam::{account}:policy/policy{}", n % POLICIES);
    for n in 0..principals {
        if n % 10 == 9 {
            db.put(Role {
                account: account.clone(),
                id: format!("AROA{n:017}"),
                name: format!("role{n}"),
                path: "/".into(),
                created,
                description: None,
                max_session_s: 3600,
                trust: "{}".into(),
                tags: Default::default(),
                boundary: None,
                inline: Default::default(),
                attached: vec![policy(n)],
                service: None,
            });
            continue;
        }
        let name = format!("user{n}");
        db.put(User {
            account: account.clone(),
            id: format!("AIDA{n:017}"),
            name: name.clone(),
            path: "/".into(),
            created,
            tags: [("team".to_owned(), format!("t{}", n % 50))].into_iter().collect(),
            boundary: None,
            inline: Default::default(),
            attached: Vec::new(),
        });
        db.put(AccessKey {
            account: account.clone(),
            access_key: format!("AKIA{n:016}"),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            user: name,
            created,
            active: true,
        });
    }
    for g in 0..principals / GROUP {
        let members = (g * GROUP..(g + 1) * GROUP).filter(|n| n % 10 != 9).map(|n| format!("user{n}")).collect();
        db.put(Group {
            account: account.clone(),
            id: format!("AGPA{g:017}"),
            name: format!("group{g}"),
            path: "/".into(),
            created,
            inline: Default::default(),
            attached: vec![policy(g), policy(g + 3)],
            members,
        });
    }
    db.take_mutations();
}

/// Sends what is missing until nothing is; gives the bytes as they go over the wire.
fn push(compiled: &Compiled, gateway: &mut Identities, head: &IdentityHead, mut parts: Vec<Part>) -> usize {
    let mut bytes = 0;
    loop {
        // Encoded and read back, as on the way.
        let text = serde_json::to_vec(&IdentityPush { head: head.clone(), parts }).expect("it encodes");
        bytes += text.len();
        let applied = gateway.accept(serde_json::from_slice(&text).expect("it is read"), 0).expect("it is accepted");
        if applied.missing.is_empty() {
            return bytes;
        }
        parts = applied.missing.iter().take(64).filter_map(|n| compiled.part(n)).map(|p| (*p).clone()).collect();
    }
}

fn rss_mib() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|p| p.parse::<f64>().ok()).unwrap_or(0.0) * 4096.0 / 1048576.0
}

/// The same each time: what the region seals the gateway opens.
fn root() -> kms::RootKey {
    kms::RootKey::parse(&format!("stratocell-kms-key 1 plain {}", "07".repeat(32)), None).expect("a root key")
}

fn main() {
    let principals = std::env::var("BENCH_PRINCIPALS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let account: AccountId = "123456789012".parse().expect("an account");
    let temp = tempfile::tempdir().expect("a directory");
    let (mut db, mut compiled) = (Db::default(), Compiled::new(Arc::new(root())));
    fill(&mut db, &account, principals);

    let start = Instant::now();
    compiled.refresh(&mut db);
    let compile = start.elapsed();
    let before = rss_mib();
    let mut gateway = Identities::open(&DataDir::new(temp.path()), Some(Rc::new(root())), 0).expect("it opens");
    let mut head = IdentityHead { generation: Generation(1), ..compiled.head(&db) };
    let start = Instant::now();
    let bytes = push(&compiled, &mut gateway, &head, Vec::new());
    let whole = start.elapsed();
    println!("{principals} principals, {} parts", head.parts.len());
    println!("rows to parts and the region's own directory   {:8.0} ms", compile.as_secs_f64() * 1e3);
    println!(
        "whole push, durable at the gateway             {:8.0} ms  {:.1} MiB",
        whole.as_secs_f64() * 1e3,
        bytes as f64 / 1048576.0
    );
    println!("the gateway's directory in memory              {:8.1} MiB", rss_mib() - before);

    let mut times: Vec<(f64, usize)> = (0..20)
        .map(|n| {
            let victim = format!("AKIA{:016}", n * 100 + 1);
            let start = Instant::now();
            db.update::<AccessKey>(&account, &victim, |k| k.active = false);
            db.take_mutations();
            let old: std::collections::HashMap<_, _> = head.parts.iter().map(|p| (p.name.clone(), p.digest.clone())).collect();
            compiled.refresh(&mut db);
            head = IdentityHead { generation: Generation(head.generation.0 + 1), ..compiled.head(&db) };
            let changed = head.parts.iter().filter(|p| old.get(&p.name) != Some(&p.digest));
            let parts = changed.filter_map(|p| compiled.part(&p.name)).map(|p| (*p).clone()).collect();
            let bytes = push(&compiled, &mut gateway, &head, parts);
            assert!(gateway.find(&victim, None, NOW).is_none(), "a key that was switched off still works");
            (start.elapsed().as_secs_f64() * 1e3, bytes)
        })
        .collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    println!(
        "one key switched off, until it is durable there {:7.1} ms  {:.0} KiB (median of 20)",
        times[10].0,
        times[10].1 as f64 / 1024.0
    );

    let start = Instant::now();
    drop(gateway);
    let again = Identities::open(&DataDir::new(temp.path()), Some(Rc::new(root())), 0).expect("it opens");
    println!("a gateway starts with it                       {:8.0} ms", start.elapsed().as_secs_f64() * 1e3);
    assert!(again.find("AKIA0000000000000002", None, NOW).is_some());
}
